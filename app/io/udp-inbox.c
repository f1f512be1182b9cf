/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/io/udp-inbox.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>

#ifndef UDP_GRO
#define UDP_GRO 104
#endif

#define CONTROL_BYTES 64
/* The longest that the kernel hands over in one piece; only what is used of it becomes memory. */
#define PIECE_BYTES 65536

struct AppUdpInbox {
  int fd; /* (borrowed) */
  struct mmsghdr messages[APP_UDP_MESSAGES];
  struct iovec iov[APP_UDP_MESSAGES];
  struct sockaddr_storage from[APP_UDP_MESSAGES];
  _Alignas(struct cmsghdr) uint8_t control[APP_UDP_MESSAGES][CONTROL_BYTES];
  size_t used; /* messages that the kernel wrote to last time */
  uint8_t bytes[APP_UDP_MESSAGES][PIECE_BYTES];
};

static void
ready_message (AppUdpInbox *inbox, size_t i) {
  inbox->messages[i].msg_hdr.msg_namelen = sizeof inbox->from[i];
  inbox->messages[i].msg_hdr.msg_controllen = CONTROL_BYTES;
}

AppUdpInbox *
app_udp_inbox_new (int fd) {
  AppUdpInbox *inbox = g_new0 (AppUdpInbox, 1);
  inbox->fd = fd;
  for (size_t i = 0; i < APP_UDP_MESSAGES; i++) {
    inbox->iov[i] = (struct iovec){.iov_base = inbox->bytes[i], .iov_len = PIECE_BYTES};
    inbox->messages[i].msg_hdr = (struct msghdr){.msg_name = &inbox->from[i],
                                                 .msg_iov = &inbox->iov[i],
                                                 .msg_iovlen = 1,
                                                 .msg_control = inbox->control[i]};
    ready_message (inbox, i);
  }
  const int on = 1; /* without it each datagram comes by itself, as on older kernels */
  (void)!setsockopt (fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
  return inbox;
}

void
app_udp_inbox_free (AppUdpInbox *inbox) {
  g_free (inbox);
}

RtmfpAddress
app_udp_from_sockaddr (const struct sockaddr_storage *storage) {
  if (storage->ss_family == AF_INET) {
    const struct sockaddr_in *in = (const struct sockaddr_in *)storage;
    const uint8_t *ip = (const uint8_t *)&in->sin_addr;
    return rtmfp_address_ipv4 (ip[0], ip[1], ip[2], ip[3], ntohs (in->sin_port));
  }
  const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)storage;
  return rtmfp_address_ipv6 (in6->sin6_addr.s6_addr, ntohs (in6->sin6_port));
}

/* What the kernel says beside the bytes: the ECN bits, and where one piece is to be cut. */
static void
read_control (struct msghdr *message, uint8_t *ecn, size_t *segment) {
  for (struct cmsghdr *c = CMSG_FIRSTHDR (message); c != NULL; c = CMSG_NXTHDR (message, c)) {
    int value = 0;
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_TOS) {
      *ecn = *(const uint8_t *)CMSG_DATA (c) & 3;
    } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_TCLASS) {
      memcpy (&value, CMSG_DATA (c), sizeof value);
      *ecn = (uint8_t)(value & 3);
    } else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
      memcpy (&value, CMSG_DATA (c), sizeof value);
      *segment = value > 0 ? (size_t)value : *segment;
    }
  }
}

static void
cut (AppUdpInbox *inbox, size_t i, AppUdpBatch *batch) {
  struct msghdr *message = &inbox->messages[i].msg_hdr;
  const size_t size = inbox->messages[i].msg_len;
  uint8_t ecn = 0;
  size_t segment = size;
  read_control (message, &ecn, &segment);
  const RtmfpAddress from = app_udp_from_sockaddr (&inbox->from[i]);
  for (size_t at = 0; at < size && batch->count < APP_UDP_BATCH; at += segment) {
    const size_t left = size - at;
    batch->items[batch->count++] = (AppUdpDatagram){.bytes = inbox->bytes[i] + at,
                                                    .size = left < segment ? left : segment,
                                                    .from = from,
                                                    .ecn = ecn};
  }
}

size_t
app_udp_inbox_receive (AppUdpInbox *inbox, AppUdpBatch *batch) {
  for (size_t i = 0; i < inbox->used; i++) {
    ready_message (inbox, i);
  }
  const int got = recvmmsg (inbox->fd, inbox->messages, APP_UDP_MESSAGES, MSG_DONTWAIT, NULL);
  inbox->used = got > 0 ? (size_t)got : 0;
  batch->count = 0;
  batch->is_full = inbox->used == APP_UDP_MESSAGES;
  for (size_t i = 0; i < inbox->used; i++) {
    if ((inbox->messages[i].msg_hdr.msg_flags & MSG_TRUNC) == 0) {
      cut (inbox, i, batch);
    }
  }
  return batch->count;
}

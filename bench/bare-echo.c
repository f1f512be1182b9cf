/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench/bare-echo.h"

#include "bench/report.h"
#include "core/crypto/protection.h"

#include <arpa/inet.h>
#include <glib.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_BYTES = 2048, DEADLINE_NS = 30000000, OTHER_BYTES = 50, OTHERS_PAUSE_US = 200 };

typedef struct {
  BareEcho kind;
  size_t count;
  int fd;
  struct sockaddr_storage near, far;
  socklen_t address_size;
  RtmfpCipher *cipher; /* (owned) */
  RtmfpProtection protection;
  size_t size; /* of what stands in bytes */
  uint8_t bytes[BUFFER_BYTES], sealed[BUFFER_BYTES];
} End;

unsigned
bench_echo_pause_us (size_t i) {
  return 2500 + (unsigned)(i * 7919 % 5000);
}

static void
set_loopback (End *end) {
  if (end->kind == BARE_ECHO_BLOCKING) {
    struct sockaddr_in *in = (struct sockaddr_in *)&end->near;
    in->sin_family = AF_INET;
    in->sin_addr.s_addr = htonl (INADDR_LOOPBACK);
    end->address_size = sizeof *in;
    return;
  }
  struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&end->near;
  in6->sin6_family = AF_INET6;
  BENCH_MUST (inet_pton (AF_INET6, "::ffff:127.0.0.1", &in6->sin6_addr) == 1);
  end->address_size = sizeof *in6;
}

static void
start (End *end, BareEcho kind, size_t count) {
  const RtmfpSessionKeys keys = {.hmac_send_bytes = 16,
                                 .hmac_receive_bytes = 16,
                                 .sends_sequence = true,
                                 .receives_sequence = true};
  *end = (End){.kind = kind, .count = count, .cipher = rtmfp_cipher_new ()};
  rtmfp_protection_init (&end->protection, &keys, end->cipher);
  set_loopback (end);
  end->fd = socket (end->near.ss_family, SOCK_DGRAM, 0);
  socklen_t size = end->address_size;
  BENCH_MUST (bind (end->fd, (const struct sockaddr *)&end->near, size) == 0 &&
              getsockname (end->fd, (struct sockaddr *)&end->near, &size) == 0);
}

static void
join (End *end, const End *far_end) {
  end->far = far_end->near;
  if (end->kind == BARE_ECHO_BLOCKING) {
    BENCH_MUST (connect (end->fd, (const struct sockaddr *)&end->far, end->address_size) == 0);
  }
}

static void
stop (End *end) {
  close (end->fd);
  rtmfp_protection_clear (&end->protection);
  rtmfp_cipher_free (end->cipher);
}

static size_t
take_one (const End *end, uint8_t *bytes) {
  struct pollfd waits = {.fd = end->fd, .events = POLLIN};
  const struct timespec deadline = {.tv_nsec = DEADLINE_NS};
  struct sockaddr_storage from;
  struct iovec iov = {.iov_base = bytes, .iov_len = BUFFER_BYTES};
  struct mmsghdr message = {
      .msg_hdr = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &iov, .msg_iovlen = 1}};
  if (end->kind == BARE_ECHO_BLOCKING) {
    const ssize_t size = recv (end->fd, bytes, BUFFER_BYTES, 0);
    BENCH_MUST (size > 0);
    return (size_t)size;
  }
  while (ppoll (&waits, 1, &deadline, NULL) != 1) {
  }
  BENCH_MUST (recvmmsg (end->fd, &message, 1, MSG_DONTWAIT, NULL) == 1);
  return message.msg_len;
}

static void
receive (End *end) {
  RtmfpBytes packet;
  if (end->kind != BARE_ECHO_SEALED_LOOP) {
    end->size = take_one (end, end->bytes);
    return;
  }
  const size_t size = take_one (end, end->sealed);
  BENCH_MUST (rtmfp_protection_open (&end->protection, rtmfp_bytes (end->sealed, size), end->bytes,
                                     &packet) == RTMFP_OK);
  memmove (end->bytes, packet.data, BENCH_ECHO_BYTES); /* the rest is padding */
  end->size = BENCH_ECHO_BYTES;
}

static void
give_one (const End *end, uint8_t *bytes, size_t size) {
  struct iovec iov = {.iov_base = bytes, .iov_len = size};
  struct sockaddr_storage to = end->far;
  struct mmsghdr message = {
      .msg_hdr = {
          .msg_name = &to, .msg_namelen = end->address_size, .msg_iov = &iov, .msg_iovlen = 1}};
  if (end->kind == BARE_ECHO_BLOCKING) {
    BENCH_MUST (send (end->fd, bytes, size, 0) == (ssize_t)size);
  } else {
    BENCH_MUST (sendmmsg (end->fd, &message, 1, 0) == 1);
  }
}

static void
reply (End *end) {
  if (end->kind != BARE_ECHO_SEALED_LOOP) {
    give_one (end, end->bytes, end->size);
    return;
  }
  size_t size;
  memcpy (end->sealed + rtmfp_protection_head_bytes (&end->protection), end->bytes, end->size);
  BENCH_MUST (rtmfp_protection_seal (&end->protection, 7, end->sealed, BUFFER_BYTES, end->size,
                                     &size) == RTMFP_OK);
  give_one (end, end->sealed, size);
}

static gpointer
answer (gpointer user) {
  End *end = user;
  for (size_t i = 0; i < end->count; i++) {
    do {
      receive (end);
    } while (end->size == OTHER_BYTES);
    reply (end);
  }
  return NULL;
}

typedef struct {
  const End *to;
  unsigned a_second;
  gint quits; /* atomic */
} Others;

static gpointer
send_others (gpointer user) {
  Others *others = user;
  const uint8_t bytes[OTHER_BYTES] = {0};
  const int fd = socket (others->to->near.ss_family, SOCK_DGRAM, 0);
  const double started = bench_wall_seconds ();
  unsigned sent = 0;
  while (g_atomic_int_get (&others->quits) == 0) {
    const double due = (bench_wall_seconds () - started) * others->a_second;
    for (; sent < due; sent++) {
      BENCH_MUST (sendto (fd, bytes, sizeof bytes, 0, (const struct sockaddr *)&others->to->near,
                          others->to->address_size) == OTHER_BYTES);
    }
    g_usleep (OTHERS_PAUSE_US);
  }
  close (fd);
  return NULL;
}

void
bench_bare_echo (BareEcho kind, double *us, size_t count, unsigned others_a_second) {
  static End asker, answerer;
  Others others = {.to = &answerer, .a_second = others_a_second};
  start (&asker, kind, count);
  start (&answerer, kind, count);
  join (&asker, &answerer);
  join (&answerer, &asker);
  asker.size = BENCH_ECHO_BYTES;
  GThread *thread = g_thread_new ("answer", answer, &answerer);
  GThread *third = others_a_second > 0 ? g_thread_new ("others", send_others, &others) : NULL;
  for (size_t i = 0; i < count; i++) {
    g_usleep (bench_echo_pause_us (i));
    const double started = bench_wall_seconds ();
    reply (&asker);
    receive (&asker);
    us[i] = (bench_wall_seconds () - started) * 1e6;
  }
  g_thread_join (thread);
  g_atomic_int_set (&others.quits, 1);
  if (third != NULL) {
    g_thread_join (third);
  }
  stop (&asker);
  stop (&answerer);
}

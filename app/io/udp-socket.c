/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One dual-stack socket and its sendmmsg; datagrams of one burst to one address go out
 * as one message that the kernel cuts (UDP_SEGMENT). */
#include "app/io/udp-socket.h"

#include "app/io/udp-inbox.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET_BUFFER_BYTES (1024 * 1024)
#define CONTROL_BYTES 64
#define QUEUE 32 /* datagrams that wait to be sent */
#define IPV6_MTU_ANYWHERE 1280

struct AppUdpSocket {
  int fd;
  bool ipv6; /* AF_INET6 with mapped IPv4; false where the kernel has no IPv6 */
  uint16_t port;
  AppUdpInbox *inbox; /* (owned) */
  bool segments;      /* the kernel cuts one message into datagrams of one size (UDP_SEGMENT) */
  /* the batch that waits to be sent: datagrams, and the messages that carry one or several each */
  size_t queued;
  size_t message_count;
  size_t sent; /* of the messages */
  uint8_t out[QUEUE][RTMFP_DATAGRAM_BYTES_MAX];
  struct iovec out_iov[QUEUE];
  uint8_t out_ecn[QUEUE];
  uint8_t out_df[QUEUE]; /* RtmfpDf */
  RtmfpDf df;            /* as the kernel was told; EITHER = its own mind */
  struct sockaddr_storage out_to[QUEUE];
  _Alignas(struct cmsghdr) uint8_t out_control[QUEUE][CONTROL_BYTES];
  struct mmsghdr out_messages[QUEUE];
};

static socklen_t
to_sockaddr (const AppUdpSocket *socket, const RtmfpAddress *address,
             struct sockaddr_storage *storage) {
  memset (storage, 0, sizeof *storage);
  if (!socket->ipv6) {
    struct sockaddr_in *in = (struct sockaddr_in *)storage;
    in->sin_family = AF_INET;
    in->sin_port = htons (address->port);
    memcpy (&in->sin_addr, address->ip, 4);
    return sizeof *in;
  }
  struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)storage;
  in6->sin6_family = AF_INET6;
  in6->sin6_port = htons (address->port);
  if (address->family == RTMFP_ADDRESS_IPV4) {
    in6->sin6_addr.s6_addr[10] = 0xff;
    in6->sin6_addr.s6_addr[11] = 0xff;
    memcpy (in6->sin6_addr.s6_addr + 12, address->ip, 4);
  } else {
    memcpy (in6->sin6_addr.s6_addr, address->ip, 16);
  }
  return sizeof *in6;
}

static void
set_options (int fd, bool ipv6) {
  int on = 1;
  int bytes = SOCKET_BUFFER_BYTES;
  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  setsockopt (fd, IPPROTO_IP, IP_RECVTOS, &on, sizeof on);
  if (ipv6) {
    setsockopt (fd, IPPROTO_IPV6, IPV6_RECVTCLASS, &on, sizeof on);
  }
}

static bool
bind_to (AppUdpSocket *socket, const char *address, uint16_t port, GError **error) {
  RtmfpAddress any = socket->ipv6 ? rtmfp_address_ipv6 ((const uint8_t[16]){0}, port)
                                  : rtmfp_address_ipv4 (0, 0, 0, 0, port);
  if (address != NULL) {
    g_autofree char *text = strchr (address, ':') != NULL
                                ? g_strdup_printf ("[%s]:%u", address, port)
                                : g_strdup_printf ("%s:%u", address, port);
    if (rtmfp_address_parse (text, &any) != RTMFP_OK) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "“%s” is not a numeric address",
                   address);
      return false;
    }
  }
  struct sockaddr_storage storage;
  socklen_t size = to_sockaddr (socket, &any, &storage);
  if (bind (socket->fd, (struct sockaddr *)&storage, size) != 0) {
    int code = errno;
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code),
                 code == EADDRINUSE ? "Another program already uses UDP port %u"
                                    : "Cannot use UDP port %u",
                 port);
    return false;
  }
  size = sizeof storage;
  if (getsockname (socket->fd, (struct sockaddr *)&storage, &size) == 0) {
    socket->port = app_udp_from_sockaddr (&storage).port;
  }
  return true;
}

AppUdpSocket *
app_udp_socket_new (const char *address, uint16_t port, GError **error) {
  AppUdpSocket *self = g_new0 (AppUdpSocket, 1);
  const int flags = SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC;
  self->fd = socket (AF_INET6, flags, 0);
  int off = 0;
  self->ipv6 =
      self->fd >= 0 && setsockopt (self->fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0;
  if (!self->ipv6) {
    if (self->fd >= 0) {
      close (self->fd);
    }
    self->fd = socket (AF_INET, flags, 0);
  }
  if (self->fd < 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Cannot open a UDP socket: %s",
                 g_strerror (errno));
    g_free (self);
    return NULL;
  }
  set_options (self->fd, self->ipv6);
  self->inbox = app_udp_inbox_new (self->fd);
  int none = 0; /* no default size; the answer tells whether the kernel knows the option */
  self->segments = setsockopt (self->fd, IPPROTO_UDP, UDP_SEGMENT, &none, sizeof none) == 0;
  if (!bind_to (self, address, port, error)) {
    app_udp_socket_free (self);
    return NULL;
  }
  return self;
}

void
app_udp_socket_free (AppUdpSocket *socket) {
  if (socket != NULL) {
    close (socket->fd);
    app_udp_inbox_free (socket->inbox);
    g_free (socket);
  }
}

int
app_udp_socket_fd (const AppUdpSocket *socket) {
  return socket->fd;
}

uint16_t
app_udp_socket_port (const AppUdpSocket *socket) {
  return socket->port;
}

size_t
app_udp_socket_receive (AppUdpSocket *socket, AppUdpBatch *batch) {
  return app_udp_inbox_receive (socket->inbox, batch);
}

static void
clear_batch (AppUdpSocket *socket) {
  socket->queued = 0;
  socket->message_count = 0;
  socket->sent = 0;
}

static void
add_control (struct msghdr *message, uint8_t *control, int level, int type, const void *value,
             size_t size) {
  struct cmsghdr *c = (struct cmsghdr *)(void *)(control + message->msg_controllen);
  message->msg_control = control;
  message->msg_controllen += CMSG_SPACE (size);
  c->cmsg_level = level;
  c->cmsg_type = type;
  c->cmsg_len = CMSG_LEN (size);
  memcpy (CMSG_DATA (c), value, size);
}

/* The ECN bits, and where to cut. */
static void
set_control (AppUdpSocket *socket, size_t slot) {
  struct msghdr *message = &socket->out_messages[slot].msg_hdr;
  const size_t first = (size_t)(message->msg_iov - socket->out_iov);
  message->msg_control = NULL;
  message->msg_controllen = 0;
  if (socket->out_ecn[first] != 0) {
    const struct sockaddr_in6 *to = message->msg_name;
    const bool v4 = to->sin6_family == AF_INET || IN6_IS_ADDR_V4MAPPED (&to->sin6_addr);
    const int class = socket->out_ecn[first];
    add_control (message, socket->out_control[slot], v4 ? IPPROTO_IP : IPPROTO_IPV6,
                 v4 ? IP_TOS : IPV6_TCLASS, &class, sizeof class);
  }
  if (message->msg_iovlen > 1) {
    const uint16_t segment = (uint16_t)message->msg_iov[0].iov_len;
    add_control (message, socket->out_control[slot], IPPROTO_UDP, UDP_SEGMENT, &segment,
                 sizeof segment);
  }
}

/* Whether the datagram can be one more segment of the last message: same way, all before it of one
 * size, and it no longer than they. */
static bool
may_join (const AppUdpSocket *socket, const struct sockaddr_storage *to, socklen_t to_size,
          const RtmfpDatagram *datagram) {
  if (!socket->segments || socket->message_count == 0) {
    return false;
  }
  const struct msghdr *last = &socket->out_messages[socket->message_count - 1].msg_hdr;
  const size_t first = (size_t)(last->msg_iov - socket->out_iov);
  const size_t segment = last->msg_iov[0].iov_len;
  return last->msg_iov[last->msg_iovlen - 1].iov_len == segment && datagram->size <= segment &&
         socket->out_ecn[first] == datagram->ecn && socket->out_df[first] == datagram->df &&
         last->msg_namelen == to_size && memcmp (last->msg_name, to, to_size) == 0;
}

bool
app_udp_socket_send (AppUdpSocket *socket, const RtmfpDatagram *to, const uint8_t *bytes) {
  if (to->size > RTMFP_DATAGRAM_BYTES_MAX || to->size == 0 ||
      (!socket->ipv6 && to->to.family != RTMFP_ADDRESS_IPV4)) {
    return true;
  }
  if (socket->queued == QUEUE && !app_udp_socket_flush (socket)) {
    /* the kernel's buffer is full: what waits longest is lost, as on any full queue */
    clear_batch (socket);
  }
  struct sockaddr_storage address;
  const socklen_t address_size = to_sockaddr (socket, &to->to, &address);
  const size_t at = socket->queued++;
  memcpy (socket->out[at], bytes, to->size);
  socket->out_iov[at] = (struct iovec){.iov_base = socket->out[at], .iov_len = to->size};
  socket->out_ecn[at] = to->ecn;
  socket->out_df[at] = to->df;
  if (may_join (socket, &address, address_size, to)) {
    socket->out_messages[socket->message_count - 1].msg_hdr.msg_iovlen++;
    return socket->queued < QUEUE || app_udp_socket_flush (socket);
  }
  const size_t slot = socket->message_count++;
  socket->out_to[slot] = address;
  socket->out_messages[slot].msg_hdr = (struct msghdr){.msg_name = &socket->out_to[slot],
                                                       .msg_namelen = address_size,
                                                       .msg_iov = &socket->out_iov[at],
                                                       .msg_iovlen = 1};
  return socket->queued < QUEUE || app_udp_socket_flush (socket);
}

/* The path or the kernel takes no segments: each datagram of the message by itself, from now on
 * always. */
static void
send_singly (AppUdpSocket *socket, struct msghdr message) {
  const size_t count = message.msg_iovlen;
  message.msg_iovlen = 1;
  message.msg_control = NULL;
  message.msg_controllen = 0;
  for (size_t i = 0; i < count; i++, message.msg_iov++) {
    if (sendmsg (socket->fd, &message, 0) >= 0) {
      socket->segments = false; /* that went, so it is the segments that did not */
    }
  }
}

static RtmfpDf
df_of (const AppUdpSocket *socket, size_t message) {
  return (RtmfpDf)socket->out_df[socket->out_messages[message].msg_hdr.msg_iov - socket->out_iov];
}

/* The kernel knows the bit for a whole socket only. It changes when longer packets begin or end to
 * pass, not with each packet. Without the bit IPv6 is cut here, for any path. */
static void
set_df (AppUdpSocket *socket, RtmfpDf df) {
  socket->df = df;
  const bool on = df == RTMFP_DF_SET;
  const int v4 = on ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT;
  setsockopt (socket->fd, IPPROTO_IP, IP_MTU_DISCOVER, &v4, sizeof v4);
  if (socket->ipv6) {
    const int v6 = on ? IPV6_PMTUDISC_PROBE : IPV6_PMTUDISC_DONT;
    const int mtu = on ? 0 : IPV6_MTU_ANYWHERE; /* 0 = the interface's */
    setsockopt (socket->fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &v6, sizeof v6);
    setsockopt (socket->fd, IPPROTO_IPV6, IPV6_MTU, &mtu, sizeof mtu);
  }
}

/* How many of the next messages may go under one setting of the bit, which is made. */
static size_t
same_df (AppUdpSocket *socket) {
  size_t end = socket->sent;
  RtmfpDf df = RTMFP_DF_EITHER;
  for (; end < socket->message_count; end++) {
    const RtmfpDf wanted = df_of (socket, end);
    if (wanted != RTMFP_DF_EITHER && df != RTMFP_DF_EITHER && wanted != df) {
      break;
    }
    df = wanted != RTMFP_DF_EITHER ? wanted : df;
  }
  if (df != RTMFP_DF_EITHER && df != socket->df) {
    set_df (socket, df);
  }
  return end - socket->sent;
}

bool
app_udp_socket_flush (AppUdpSocket *socket) {
  for (size_t i = socket->sent; i < socket->message_count; i++) {
    set_control (socket, i);
  }
  while (socket->sent < socket->message_count) {
    struct mmsghdr *next = &socket->out_messages[socket->sent];
    int done = sendmmsg (socket->fd, next, (unsigned)same_df (socket), 0);
    if (done > 0) {
      socket->sent += (size_t)done;
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return false;
    } else if (errno != EINTR) {
      if (next->msg_hdr.msg_iovlen > 1) {
        send_singly (socket, next->msg_hdr);
      }
      socket->sent++; /* unreachable, forbidden, too large: this one is lost, the rest goes on */
    }
  }
  clear_batch (socket);
  return true;
}

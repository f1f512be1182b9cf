/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bulk over loopback: one reliable flow with HMAC and sequence numbers between two endpoints on
 * real sockets, against bare UDP that moves as many datagrams of the same sizes with sendmmsg and
 * recvmmsg, once each by itself and once in segments (UDP_SEGMENT) as our own socket does; then
 * with the AEAD, and on a kernel that knows no segments. CPU of both ends together, of all threads,
 * in one run. */
#include "bench/quic.h"
#include "bench/report.h"
#include "bench/socket-end.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MESSAGE_BYTES = 16384, BATCH = 32, WINDOW = 128, SEGMENTS = 32, BUFFER_BYTES = 1 << 20 };

static uint64_t total_messages = 32768; /* 512 MiB */

typedef struct {
  RtmfpId flow;
  uint64_t queued, arrived;
  double started, ended; /* wall */
  double cpu_started, cpu_ended;
} Transfer;

static const uint8_t payload[MESSAGE_BYTES];

static void
send_more (SocketEnd *end, Transfer *transfer) {
  while (transfer->queued < total_messages &&
         rtmfp_endpoint_send (end->endpoint, transfer->flow, rtmfp_bytes (payload, sizeof payload),
                              NULL, bench_now_us (), NULL) == RTMFP_OK) {
    transfer->queued++;
  }
  if (transfer->queued == total_messages) {
    rtmfp_endpoint_close_flow (end->endpoint, transfer->flow, bench_now_us ());
  }
}

static void
on_sender_event (SocketEnd *end, const RtmfpEvent *event, void *user) {
  Transfer *transfer = user;
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("bulk", 4),
                                  .priority = RTMFP_PRIORITY_BULK,
                                  .buffer_bytes = BUFFER_BYTES};
  switch (event->type) {
  case RTMFP_EVENT_SESSION_OPEN:
    transfer->started = bench_wall_seconds ();
    transfer->cpu_started = bench_cpu_seconds ();
    BENCH_MUST (rtmfp_endpoint_open_flow (end->endpoint, event->session, &config,
                                          &transfer->flow) == RTMFP_OK);
    send_more (end, transfer);
    break;
  case RTMFP_EVENT_FLOW_WRITABLE:
    send_more (end, transfer);
    break;
  case RTMFP_EVENT_FLOW_CLOSED:
    transfer->ended = bench_wall_seconds ();
    transfer->cpu_ended = bench_cpu_seconds ();
    socket_end_quit (end);
    break;
  default:
    break;
  }
}

static void
on_receiver_event (SocketEnd *end, const RtmfpEvent *event, void *user) {
  Transfer *transfer = user;
  if (event->type == RTMFP_EVENT_FLOW_NEW) {
    BENCH_MUST (rtmfp_endpoint_accept_flow (end->endpoint, event->flow, RTMFP_ORDER_SEQUENCE,
                                            BUFFER_BYTES, bench_now_us ()) == RTMFP_OK);
  } else if (event->type == RTMFP_EVENT_FLOW_MESSAGE) {
    BENCH_MUST (event->bytes.size == MESSAGE_BYTES);
    transfer->arrived++;
  }
}

/* ---- Bare UDP: data one way, a small reply for each second datagram the other way ---- */

typedef struct {
  int fd;
  size_t bytes; /* of a datagram that this end sends */
  uint64_t count;
  bool segments;
} Bare;

typedef struct {
  struct mmsghdr messages[BATCH];
  struct iovec iov[BATCH];
  uint8_t bytes[BATCH][2048];
  _Alignas(struct cmsghdr) uint8_t control[CMSG_SPACE (sizeof (uint16_t))];
} Batch;

static void
batch_init (Batch *batch, size_t bytes) {
  memset (batch->messages, 0, sizeof batch->messages);
  for (int i = 0; i < BATCH; i++) {
    batch->iov[i] = (struct iovec){.iov_base = batch->bytes[i], .iov_len = bytes};
    batch->messages[i].msg_hdr.msg_iov = &batch->iov[i];
    batch->messages[i].msg_hdr.msg_iovlen = 1;
  }
}

/* So many datagrams in as few messages as may be. Returns: how many messages. */
static unsigned
batch_segments (Batch *batch, unsigned datagrams) {
  const uint16_t segment = (uint16_t)batch->iov[0].iov_len;
  struct cmsghdr *c = (struct cmsghdr *)(void *)batch->control;
  c->cmsg_level = IPPROTO_UDP;
  c->cmsg_type = UDP_SEGMENT;
  c->cmsg_len = CMSG_LEN (sizeof segment);
  memcpy (CMSG_DATA (c), &segment, sizeof segment);
  unsigned count = 0;
  for (unsigned at = 0; at < datagrams; at += SEGMENTS, count++) {
    struct msghdr *message = &batch->messages[count].msg_hdr;
    message->msg_iov = &batch->iov[at];
    message->msg_iovlen = datagrams - at < SEGMENTS ? datagrams - at : SEGMENTS;
    message->msg_control = batch->control;
    message->msg_controllen = sizeof batch->control;
  }
  return count;
}

static bool
wait_readable (int fd, int timeout_ms) {
  struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
  return poll (&poll_fd, 1, timeout_ms) == 1;
}

static gpointer
bare_receive (gpointer user) {
  Bare *bare = user;
  static Batch in, out;
  batch_init (&in, 2048);
  batch_init (&out, bare->bytes);
  uint64_t got = 0, answered = 0;
  while (got < bare->count && wait_readable (bare->fd, 1000)) {
    const int n = recvmmsg (bare->fd, in.messages, BATCH, MSG_DONTWAIT, NULL);
    got += n > 0 ? (uint64_t)n : 0;
    const unsigned replies = (unsigned)(got / 2 - answered);
    const int sent = replies > 0 ? sendmmsg (bare->fd, out.messages, replies, 0) : 0;
    answered += sent > 0 ? (uint64_t)sent : 0;
  }
  return NULL;
}

static void
bare_send (const Bare *bare) {
  static Batch in, out;
  batch_init (&in, 2048);
  batch_init (&out, bare->bytes);
  uint64_t sent = 0, replies = 0;
  while (sent < bare->count) {
    const uint64_t room = 2 * replies + WINDOW - sent;
    unsigned now = (unsigned)(bare->count - sent < BATCH ? bare->count - sent : BATCH);
    if (room >= now) {
      const unsigned messages = bare->segments ? batch_segments (&out, now) : now;
      const int n = sendmmsg (bare->fd, out.messages, messages, 0);
      sent += n == (int)messages ? now : 0;
    } else if (!wait_readable (bare->fd, 20)) {
      replies = sent / 2; /* some were lost */
    }
    const int n = recvmmsg (bare->fd, in.messages, BATCH, MSG_DONTWAIT, NULL);
    replies += n > 0 ? (uint64_t)n : 0;
  }
}

static int
bound_socket (struct sockaddr_in *address) {
  const int fd = socket (AF_INET, SOCK_DGRAM, 0);
  const int bytes = BUFFER_BYTES;
  socklen_t size = sizeof *address;
  *address = (struct sockaddr_in){.sin_family = AF_INET};
  address->sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
  setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
  BENCH_MUST (bind (fd, (const struct sockaddr *)address, size) == 0);
  BENCH_MUST (getsockname (fd, (struct sockaddr *)address, &size) == 0);
  return fd;
}

/* Returns: CPU seconds. */
static double
bare_udp (uint64_t datagrams, size_t data_bytes, size_t reply_bytes, bool segments, double *wall) {
  struct sockaddr_in a, b;
  Bare sender = {
      .fd = bound_socket (&a), .bytes = data_bytes, .count = datagrams, .segments = segments};
  Bare receiver = {.fd = bound_socket (&b), .bytes = reply_bytes, .count = datagrams};
  BENCH_MUST (connect (sender.fd, (const struct sockaddr *)&b, sizeof b) == 0);
  BENCH_MUST (connect (receiver.fd, (const struct sockaddr *)&a, sizeof a) == 0);
  const double started = bench_cpu_seconds (), wall_started = bench_wall_seconds ();
  GThread *thread = g_thread_new ("receive", bare_receive, &receiver);
  bare_send (&sender);
  *wall = bench_wall_seconds () - wall_started;
  g_thread_join (thread);
  const double taken = bench_cpu_seconds () - started;
  close (sender.fd);
  close (receiver.fd);
  return taken;
}

/* ---- The engine ---- */

typedef struct {
  double cpu_s_per_gb, wall_s;
  size_t data_bytes, reply_bytes; /* of a datagram */
  uint64_t data_datagrams, reply_datagrams;
} Result;

static Result
engine (bool aead) {
  SocketEnd sender, receiver;
  Transfer transfer = {0};
  socket_end_start (
      &receiver, &(SocketEndHooks){.event = on_receiver_event, .user = &transfer, .aead = aead}, 0);
  socket_end_start (&sender,
                    &(SocketEndHooks){.event = on_sender_event, .user = &transfer, .aead = aead},
                    receiver.port);
  socket_end_join (&sender);
  socket_end_quit (&receiver);
  socket_end_join (&receiver);
  BENCH_MUST (transfer.arrived == total_messages);
  const AppLoopCounters *out = &sender.counters, *back = &receiver.counters;
  return (Result){.cpu_s_per_gb = (transfer.cpu_ended - transfer.cpu_started) /
                                  ((double)total_messages * MESSAGE_BYTES / 1e9),
                  .wall_s = transfer.ended - transfer.started,
                  .data_bytes = out->bytes_out / out->datagrams_out,
                  .reply_bytes = back->bytes_out / (back->datagrams_out + 1) + 1,
                  .data_datagrams = out->datagrams_out,
                  .reply_datagrams = back->datagrams_out};
}

/* From now on the kernel knows neither UDP_SEGMENT nor UDP_GRO, as one that is old. Returns:
 * whether that could be done. */
static bool
forget_segments (void) {
  struct sock_filter filter[] = {
      BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
      BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, __NR_setsockopt, 0, 3),
      BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, args[1])),
      BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 1),
      BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOPROTOOPT),
      BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog program = {.len = G_N_ELEMENTS (filter), .filter = filter};
  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

int
main (int argc, char **argv) {
  if (argc > 1) {
    total_messages = strtoull (argv[1], NULL, 10);
  }
  const double gb = (double)total_messages * MESSAGE_BYTES / 1e9;
  const Result hmac = engine (false);
  double bare_wall, segments_wall;
  const double bare =
      bare_udp (hmac.data_datagrams, hmac.data_bytes, hmac.reply_bytes, false, &bare_wall) / gb;
  const double segments =
      bare_udp (hmac.data_datagrams, hmac.data_bytes, hmac.reply_bytes, true, &segments_wall) / gb;
  const Result aead = engine (true);
  bench_row ("bulk over loopback, CPU of both ends, HMAC", "s/GB", hmac.cpu_s_per_gb,
             "bare UDP, sendmmsg and recvmmsg", bare);
  bench_row ("bulk over loopback, CPU of both ends, HMAC", "s/GB", hmac.cpu_s_per_gb,
             "bare UDP in segments", segments);
  bench_row ("bulk over loopback, CPU of both ends, AEAD", "s/GB", aead.cpu_s_per_gb,
             "bare UDP, sendmmsg and recvmmsg", bare);
#ifdef BENCH_HAS_NGTCP2
  const uint64_t bytes = total_messages * MESSAGE_BYTES;
  bench_row ("bulk over loopback, CPU of both ends, AEAD", "s/GB", aead.cpu_s_per_gb,
             "ngtcp2 with GnuTLS, AES-128-GCM, a datagram a call",
             bench_quic_bulk (bytes, false) / gb);
  bench_row ("bulk over loopback, CPU of both ends, AEAD", "s/GB", aead.cpu_s_per_gb,
             "the same ngtcp2 in segments", bench_quic_bulk (bytes, true) / gb);
#else
  fprintf (stderr, "bulk: no row of ngtcp2: libngtcp2-dev and libngtcp2-crypto-gnutls-dev were not "
                   "there when this was built\n");
#endif
  if (forget_segments ()) {
    const Result single = engine (false);
    bench_row ("bulk over loopback, CPU of both ends, HMAC, a kernel without segments", "s/GB",
               single.cpu_s_per_gb, "bare UDP, sendmmsg and recvmmsg", bare);
  }
  bench_row ("bulk over loopback, speed", "MB/s", gb * 1e3 / hmac.wall_s,
             "bare UDP, sendmmsg and recvmmsg", gb * 1e3 / bare_wall);
  bench_row ("bulk, size of a data datagram", "bytes", (double)hmac.data_bytes, NULL, 0);
  bench_row ("bulk, data datagrams for each one that comes back", "",
             (double)hmac.data_datagrams / (double)hmac.reply_datagrams, NULL, 0);
  return 0;
}

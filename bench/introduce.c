/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a hello and an introduction cost the server, from its socket to its socket over loopback,
 * one at a time: a hello is answered (one datagram in, one out), or forwarded into the session of
 * whom it asks for and redirected (one in, two out). Against recvmmsg and sendmmsg alone with
 * datagrams of the same sizes to the same sockets, in alternation in one run. CPU of the thread
 * between the arrival and the last datagram out; the clock's own cost is in both. */
#include "app/io/clock.h"
#include "app/io/udp-socket.h"
#include "bench/report.h"
#include "core/crypto/epd.h"
#include "core/crypto/protection.h"
#include "core/wire/constants.h"
#include "core/wire/packet.h"
#include "core/wire/startup-chunk.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 20000, DATAGRAM_MAX = 1472 };

typedef struct {
  RtmfpEndpoint *endpoint;
  AppUdpSocket *socket;
  RtmfpId identity, session; /* session: the last that opened */
  RtmfpFingerprint fingerprint;
  RtmfpId introduces_to; /* hellos go into this session; 0 = none */
  AppUdpBatch batch;
  uint64_t datagrams_out, bytes_out;
} End;

static RtmfpAddress
local (uint16_t port) {
  return rtmfp_address_ipv4 (127, 0, 0, 1, port);
}

static void
end_init (End *end, bool introduces) {
  const RtmfpEndpointConfig config = {.rng = app_clock_rng (), .reports_hellos = introduces};
  const RtmfpIdentityConfig identity = {.groups = RTMFP_GROUP_X25519,
                                        .accepts_ancillary_data = true,
                                        .accept = RTMFP_ACCEPT_ANYONE,
                                        .requires_hmac = true,
                                        .requires_sequence = true,
                                        .offers_hmac = true,
                                        .offers_sequence = true};
  end->endpoint = rtmfp_endpoint_new (&config, app_clock_now_us ());
  end->identity = rtmfp_endpoint_add_identity (end->endpoint, &identity, &end->fingerprint);
  end->socket = app_udp_socket_new (NULL, 0, NULL);
  BENCH_MUST (end->socket != NULL);
}

static void
introduce (End *end, const RtmfpEvent *event) {
  const RtmfpAddress target = local (app_udp_socket_port (end->socket));
  rtmfp_endpoint_redirect (end->endpoint, &event->address, event->interface_id, event->tag, &target,
                           1);
  BENCH_MUST (rtmfp_endpoint_forward_hello (end->endpoint, end->introduces_to, event->bytes,
                                            event->tag, &event->address,
                                            app_clock_now_us ()) == RTMFP_OK);
}

/* What app/io's loop does between two waits. Returns: how many datagrams came. */
static size_t
turn (End *end) {
  uint8_t bytes[RTMFP_DATAGRAM_BYTES_MAX];
  RtmfpDatagram out;
  RtmfpEvent event;
  RtmfpJob *job;
  const size_t count = app_udp_socket_receive (end->socket, &end->batch);
  const int64_t now_us = app_clock_now_us ();
  for (size_t i = 0; i < count; i++) {
    const AppUdpDatagram *in = &end->batch.items[i];
    (void)rtmfp_endpoint_receive (end->endpoint, in->bytes, in->size, 0, &in->from, in->ecn,
                                  now_us);
  }
  rtmfp_endpoint_advance (end->endpoint, now_us);
  while ((job = rtmfp_endpoint_poll_job (end->endpoint)) != NULL) {
    rtmfp_job_run (job);
    rtmfp_endpoint_complete_job (end->endpoint, job, now_us);
  }
  while (rtmfp_endpoint_poll_event (end->endpoint, &event)) {
    if (event.type == RTMFP_EVENT_SESSION_OPEN) {
      end->session = event.session;
    } else if (event.type == RTMFP_EVENT_HELLO) {
      introduce (end, &event);
    }
  }
  while (rtmfp_endpoint_poll_transmit (end->endpoint, now_us, bytes, sizeof bytes, &out)) {
    end->datagrams_out++;
    end->bytes_out += out.size;
    BENCH_MUST (app_udp_socket_send (end->socket, &out, bytes));
  }
  BENCH_MUST (app_udp_socket_flush (end->socket));
  return count;
}

static void
open_session (End *server, End *target) {
  uint8_t bytes[64];
  RtmfpWriter epd = rtmfp_writer (bytes, sizeof bytes);
  BENCH_MUST (rtmfp_epd_write_fingerprint (&epd, &server->fingerprint, rtmfp_bytes (NULL, 0)) ==
              RTMFP_OK);
  const RtmfpAddress candidate = local (app_udp_socket_port (server->socket));
  const RtmfpOpen open = {.identity = target->identity,
                          .epd = rtmfp_bytes (bytes, rtmfp_writer_size (&epd)),
                          .candidates = &candidate,
                          .candidate_count = 1};
  RtmfpId session;
  BENCH_MUST (rtmfp_endpoint_open (target->endpoint, &open, app_clock_now_us (), &session) ==
              RTMFP_OK);
  const double started = bench_wall_seconds ();
  while (server->session == 0 || target->session == 0) {
    BENCH_MUST (bench_wall_seconds () - started < 10);
    turn (target);
    turn (server);
  }
}

/* The datagram of a hello: for whom the fingerprint names, or (NULL) for anybody behind an address
 * as long as the answer: shorter questions of one asker are answered 200 times a second only.
 * Returns: its size. */
static size_t
make_hello (const RtmfpFingerprint *fingerprint, uint8_t *datagram) {
  static const uint8_t tag[16] = {7}, handle[32] = {9};
  static const char uri[] = "rtmfp://example.org/an/application/whose/name/is/long/enough/that/the/"
                            "question/is/not/shorter/than/its/answer/with/the/cookie/and/the/"
                            "certificate/of/the/one/who/answers";
  uint8_t bytes[512];
  RtmfpWriter epd = rtmfp_writer (bytes, sizeof bytes);
  const RtmfpStatus status =
      fingerprint != NULL
          ? rtmfp_epd_write_fingerprint (&epd, fingerprint, rtmfp_bytes (handle, sizeof handle))
          : rtmfp_epd_write_uri (&epd, uri);
  BENCH_MUST (status == RTMFP_OK);
  const RtmfpInitiatorHello hello = {.epd = rtmfp_bytes (bytes, rtmfp_writer_size (&epd)),
                                     .tag = rtmfp_bytes (tag, sizeof tag)};
  const RtmfpPacketHeader header = {.mode = RTMFP_MODE_STARTUP};
  RtmfpCipher *cipher = rtmfp_cipher_new ();
  RtmfpProtection key;
  rtmfp_protection_init_default (&key, cipher);
  const size_t head = rtmfp_protection_head_bytes (&key);
  RtmfpWriter writer = rtmfp_writer (datagram + head, 512);
  size_t size = 0;
  BENCH_MUST (rtmfp_write_packet_header (&writer, &header) == RTMFP_OK &&
              rtmfp_write_initiator_hello (&writer, &hello) == RTMFP_OK &&
              rtmfp_protection_seal (&key, 0, datagram, DATAGRAM_MAX, rtmfp_writer_size (&writer),
                                     &size) == RTMFP_OK);
  rtmfp_protection_clear (&key);
  rtmfp_cipher_free (cipher);
  return size;
}

/* ---- The kernel alone ---- */

static double
thread_seconds (void) {
  struct timespec now;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void
bare_round (int fd, size_t answers, size_t answer_bytes, struct sockaddr_in6 *to) {
  static uint8_t in[2048], out[2][2048];
  struct sockaddr_storage from;
  struct iovec in_iov = {.iov_base = in, .iov_len = sizeof in};
  struct mmsghdr message = {
      .msg_hdr = {
          .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &in_iov, .msg_iovlen = 1}};
  BENCH_MUST (recvmmsg (fd, &message, 1, MSG_DONTWAIT, NULL) == 1);
  for (size_t i = 0; i < answers; i++) {
    struct iovec iov = {.iov_base = out[i], .iov_len = answer_bytes};
    struct mmsghdr answer = {
        .msg_hdr = {
            .msg_name = &to[i], .msg_namelen = sizeof to[i], .msg_iov = &iov, .msg_iovlen = 1}};
    BENCH_MUST (sendmmsg (fd, &answer, 1, 0) == 1);
  }
}

static struct sockaddr_in6
mapped (uint16_t port) {
  struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons (port)};
  to.sin6_addr.s6_addr[10] = to.sin6_addr.s6_addr[11] = 0xff;
  to.sin6_addr.s6_addr[12] = 127;
  to.sin6_addr.s6_addr[15] = 1;
  return to;
}

/* Whatever came to it is thrown away. */
static void
empty (AppUdpSocket *socket, AppUdpBatch *batch) {
  while (app_udp_socket_receive (socket, batch) > 0) {
  }
}

static void
measure (const char *figure, const char *baseline, End *server, End *target,
         const RtmfpFingerprint *asks_for, size_t answers) {
  static AppUdpBatch scratch;
  uint8_t hello[DATAGRAM_MAX];
  static double ours[ROUNDS], bare[ROUNDS];
  AppUdpSocket *asker = app_udp_socket_new (NULL, 0, NULL),
               *alone = app_udp_socket_new (NULL, 0, NULL);
  BENCH_MUST (asker != NULL && alone != NULL);
  RtmfpDatagram to_server = {.to = local (app_udp_socket_port (server->socket)),
                             .size = make_hello (asks_for, hello)};
  RtmfpDatagram to_alone = to_server;
  to_alone.to.port = app_udp_socket_port (alone);
  struct sockaddr_in6 answer_to[2] = {mapped (app_udp_socket_port (asker)),
                                      mapped (app_udp_socket_port (target->socket))};
  server->datagrams_out = server->bytes_out = 0;
  size_t answer_bytes = 256;
  for (size_t i = 0; i < ROUNDS; i++) {
    BENCH_MUST (app_udp_socket_send (asker, &to_server, hello) && app_udp_socket_flush (asker));
    double started = thread_seconds ();
    BENCH_MUST (turn (server) == 1);
    ours[i] = (thread_seconds () - started) * 1e6;
    BENCH_MUST (server->datagrams_out == answers * (i + 1));
    answer_bytes = server->bytes_out / server->datagrams_out;
    BENCH_MUST (app_udp_socket_send (asker, &to_alone, hello) && app_udp_socket_flush (asker));
    started = thread_seconds ();
    bare_round (app_udp_socket_fd (alone), answers, answer_bytes, answer_to);
    bare[i] = (thread_seconds () - started) * 1e6;
    empty (asker, &scratch);
    empty (target->socket, &scratch);
  }
  bench_row (figure, "us", bench_percentile (ours, ROUNDS, 500), baseline,
             bench_percentile (bare, ROUNDS, 500));
  app_udp_socket_free (asker);
  app_udp_socket_free (alone);
}

int
main (void) {
  static End server, target;
  end_init (&server, true);
  end_init (&target, false);
  measure ("a hello, answered", "one recvmmsg, one sendmmsg", &server, &target, NULL, 1);
  open_session (&server, &target);
  server.introduces_to = server.session;
  measure ("an introduction: a hello, forwarded and redirected", "one recvmmsg, two sendmmsg",
           &server, &target, &target.fingerprint, 2);
  End *ends[] = {&server, &target};
  for (int i = 0; i < 2; i++) {
    rtmfp_endpoint_free (ends[i]->endpoint);
    app_udp_socket_free (ends[i]->socket);
  }
  return 0;
}

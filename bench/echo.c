/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 100 bytes there and back in an idle session over loopback, against raw UDP with blocking calls in
 * the same pattern, in one run: pauses of 2.5 to 7.5 ms between, two threads. */
#include "bench/report.h"
#include "bench/socket-end.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SAMPLES = 1500, BYTES = 100 };

typedef struct {
  RtmfpId session;
  RtmfpId flow, back;
  size_t count;
  int64_t sent_us;
  double wall_started;
  double us[SAMPLES];
} Echo;

static const uint8_t payload[BYTES];

static unsigned
pause_us (size_t i) {
  return 2500 + (unsigned)(i * 7919 % 5000);
}

static void
fire (SocketEnd *end, Echo *echo) {
  echo->wall_started = bench_wall_seconds ();
  BENCH_MUST (rtmfp_endpoint_send (end->endpoint, echo->flow, rtmfp_bytes (payload, BYTES), NULL,
                                   bench_now_us (), NULL) == RTMFP_OK);
  app_loop_touch (end->loop);
}

typedef struct {
  SocketEnd *end;
  Echo *echo;
} Later;

static gboolean
on_later (gpointer user) {
  const Later *later = user;
  fire (later->end, later->echo);
  return G_SOURCE_REMOVE;
}

static void
fire_later (SocketEnd *end, Echo *echo) {
  Later *later = g_new (Later, 1);
  *later = (Later){.end = end, .echo = echo};
  GSource *source = g_timeout_source_new (0);
  g_source_set_ready_time (source, bench_now_us () + pause_us (echo->count));
  g_source_set_callback (source, on_later, later, g_free);
  g_source_attach (source, end->context);
  g_source_unref (source);
}

static void
on_asker_event (SocketEnd *end, const RtmfpEvent *event, void *user) {
  Echo *echo = user;
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("echo", 4),
                                  .priority = RTMFP_PRIORITY_IMMEDIATE};
  if (event->type == RTMFP_EVENT_SESSION_OPEN) {
    BENCH_MUST (rtmfp_endpoint_open_flow (end->endpoint, event->session, &config, &echo->flow) ==
                RTMFP_OK);
    fire_later (end, echo);
  } else if (event->type == RTMFP_EVENT_FLOW_NEW) {
    BENCH_MUST (rtmfp_endpoint_accept_flow (end->endpoint, event->flow, RTMFP_ORDER_SEQUENCE, 0,
                                            bench_now_us ()) == RTMFP_OK);
  } else if (event->type == RTMFP_EVENT_FLOW_MESSAGE) {
    echo->us[echo->count++] = (bench_wall_seconds () - echo->wall_started) * 1e6;
    if (echo->count == SAMPLES) {
      socket_end_quit (end);
    } else {
      fire_later (end, echo);
    }
  }
}

static void
on_answerer_event (SocketEnd *end, const RtmfpEvent *event, void *user) {
  Echo *echo = user;
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("back", 4),
                                  .associated = event->flow,
                                  .priority = RTMFP_PRIORITY_IMMEDIATE};
  if (event->type == RTMFP_EVENT_FLOW_NEW) {
    BENCH_MUST (rtmfp_endpoint_accept_flow (end->endpoint, event->flow, RTMFP_ORDER_SEQUENCE, 0,
                                            bench_now_us ()) == RTMFP_OK);
    BENCH_MUST (rtmfp_endpoint_open_flow (end->endpoint, event->session, &config, &echo->back) ==
                RTMFP_OK);
  } else if (event->type == RTMFP_EVENT_FLOW_MESSAGE) {
    BENCH_MUST (rtmfp_endpoint_send (end->endpoint, echo->back, event->bytes, NULL, bench_now_us (),
                                     NULL) == RTMFP_OK);
  }
}

/* ---- Raw UDP ---- */

static gpointer
raw_answer (gpointer user) {
  const int fd = GPOINTER_TO_INT (user);
  uint8_t bytes[2048];
  for (size_t i = 0; i < SAMPLES; i++) {
    const ssize_t size = recv (fd, bytes, sizeof bytes, 0);
    BENCH_MUST (size == BYTES && send (fd, bytes, (size_t)size, 0) == size);
  }
  return NULL;
}

static int
bound_socket (struct sockaddr_in *address) {
  const int fd = socket (AF_INET, SOCK_DGRAM, 0);
  socklen_t size = sizeof *address;
  *address = (struct sockaddr_in){.sin_family = AF_INET};
  address->sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  BENCH_MUST (bind (fd, (const struct sockaddr *)address, size) == 0);
  BENCH_MUST (getsockname (fd, (struct sockaddr *)address, &size) == 0);
  return fd;
}

static void
raw_udp (double *us) {
  struct sockaddr_in a, b;
  const int asker = bound_socket (&a), answerer = bound_socket (&b);
  BENCH_MUST (connect (asker, (const struct sockaddr *)&b, sizeof b) == 0);
  BENCH_MUST (connect (answerer, (const struct sockaddr *)&a, sizeof a) == 0);
  GThread *thread = g_thread_new ("answer", raw_answer, GINT_TO_POINTER (answerer));
  uint8_t bytes[BYTES] = {0};
  for (size_t i = 0; i < SAMPLES; i++) {
    g_usleep (pause_us (i));
    const double started = bench_wall_seconds ();
    BENCH_MUST (send (asker, bytes, BYTES, 0) == BYTES && recv (asker, bytes, BYTES, 0) == BYTES);
    us[i] = (bench_wall_seconds () - started) * 1e6;
  }
  g_thread_join (thread);
  close (asker);
  close (answerer);
}

int
main (void) {
  static Echo asked, answered;
  static double raw[SAMPLES];
  SocketEnd asker, answerer;
  socket_end_start (&answerer, &(SocketEndHooks){.event = on_answerer_event, .user = &answered}, 0);
  socket_end_start (&asker, &(SocketEndHooks){.event = on_asker_event, .user = &asked},
                    answerer.port);
  socket_end_join (&asker);
  socket_end_quit (&answerer);
  socket_end_join (&answerer);
  raw_udp (raw);
  bench_row ("100 bytes there and back, p50", "us", bench_percentile (asked.us, SAMPLES, 500),
             "raw UDP, blocking calls", bench_percentile (raw, SAMPLES, 500));
  bench_row ("100 bytes there and back, p99", "us", bench_percentile (asked.us, SAMPLES, 990),
             "raw UDP, blocking calls", bench_percentile (raw, SAMPLES, 990));
  return 0;
}

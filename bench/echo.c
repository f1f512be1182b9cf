/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 100 bytes there and back in an idle session over loopback, against raw UDP with blocking calls in
 * the same pattern, in one run: pauses of 2.5 to 7.5 ms between, two threads. Beside it the least
 * programs that have an event loop, bare-echo.h. */
#include "bench/bare-echo.h"
#include "bench/report.h"
#include "bench/socket-end.h"

enum { ROUNDS = 4, SAMPLES = 300 };

typedef struct {
  RtmfpId session;
  RtmfpId flow, back;
  size_t count;
  int64_t sent_us;
  double wall_started;
  double *us; /* (borrowed) */
} Echo;

static const uint8_t payload[BENCH_ECHO_BYTES];

static void
fire (SocketEnd *end, Echo *echo) {
  echo->wall_started = bench_wall_seconds ();
  BENCH_MUST (rtmfp_endpoint_send (end->endpoint, echo->flow, rtmfp_bytes (payload, sizeof payload),
                                   NULL, bench_now_us (), NULL) == RTMFP_OK);
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
  g_source_set_ready_time (source, bench_now_us () + bench_echo_pause_us (echo->count));
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

/* The engine, HMAC and sequence numbers or the AEAD. */
static void
engine (bool aead, double *us) {
  static Echo asked, answered;
  SocketEnd asker, answerer;
  asked = (Echo){.us = us};
  answered = (Echo){0};
  socket_end_start (
      &answerer, &(SocketEndHooks){.event = on_answerer_event, .user = &answered, .aead = aead}, 0);
  socket_end_start (&asker,
                    &(SocketEndHooks){.event = on_asker_event, .user = &asked, .aead = aead},
                    answerer.port);
  socket_end_join (&asker);
  socket_end_quit (&answerer);
  socket_end_join (&answerer);
}

enum { HMAC, AEAD, BARE_LOOP, SEALED_LOOP, RAW, WHAT_COUNT };

int
main (void) {
  static double us[WHAT_COUNT][ROUNDS * SAMPLES];
  static const char *const names[] = {"HMAC", "AEAD", "a bare loop of system calls",
                                      "the same, sealed and opened"};
  /* In turn, for the machine is not the same from one second to the next. */
  for (size_t at = 0; at < ROUNDS * SAMPLES; at += SAMPLES) {
    engine (false, us[HMAC] + at);
    engine (true, us[AEAD] + at);
    bench_bare_echo (BARE_ECHO_BLOCKING, us[RAW] + at, SAMPLES, 0);
    bench_bare_echo (BARE_ECHO_LOOP, us[BARE_LOOP] + at, SAMPLES, 0);
    bench_bare_echo (BARE_ECHO_SEALED_LOOP, us[SEALED_LOOP] + at, SAMPLES, 0);
  }
  for (unsigned permille = 500; permille <= 990; permille += 490) {
    const double raw = bench_percentile (us[RAW], ROUNDS * SAMPLES, permille);
    for (int what = 0; what < RAW; what++) {
      char name[96];
      g_snprintf (name, sizeof name, "100 bytes there and back, p%u, %s", permille / 10,
                  names[what]);
      bench_row (name, "us", bench_percentile (us[what], ROUNDS * SAMPLES, permille),
                 "raw UDP, blocking calls", raw);
    }
  }
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a capture costs: messages and their echoes between two endpoints of one process, with the
 * client's capture off, on and drained, and written as lines of JSON, by turns in one run. CPU of
 * both ends together, by datagrams of the captured end. */
#include "bench/pair.h"
#include "bench/report.h"

enum { MESSAGES = 40000, MESSAGE_BYTES = 1000, TURNS = 5 };
typedef enum { OFF, DRAINED, WRITTEN, MODES } Mode;

static const uint8_t payload[MESSAGE_BYTES];

static void
drain (BenchPair *pair, Mode mode) {
  static char line[RTMFP_CAPTURE_LINE_BYTES_MAX];
  RtmfpCaptureEvent event;
  while (rtmfp_endpoint_poll_capture (pair->client, &event)) {
    BENCH_MUST (event.lost_before == 0);
    BENCH_MUST (mode != WRITTEN || rtmfp_capture_write_json (&event, line, sizeof line) > 0);
  }
}

/* Microseconds of CPU a datagram. */
static double
turn (Mode mode) {
  BenchPair pair;
  bench_pair_init (&pair, 1, RTMFP_GROUP_X25519, false);
  bench_pair_open_flow (&pair, bench_pair_open (&pair, 0), 0);
  if (mode != OFF) {
    rtmfp_endpoint_start_capture (pair.client, NULL);
  }
  const uint64_t before = pair.datagrams;
  const double started = bench_cpu_seconds ();
  for (int i = 0; i < MESSAGES; i++) {
    bench_pair_send (&pair, 0, rtmfp_bytes (payload, sizeof payload));
    bench_pair_settle (&pair);
    drain (&pair, mode);
    pair.now_us += 1000;
  }
  const double taken = bench_cpu_seconds () - started;
  const uint64_t datagrams = pair.datagrams - before;
  bench_pair_clear (&pair);
  return 1e6 * taken / (double)datagrams;
}

int
main (void) {
  double us[MODES][TURNS];
  for (int i = 0; i < TURNS; i++) {
    for (Mode mode = OFF; mode < MODES; mode++) {
      us[mode][i] = turn (mode);
    }
  }
  const double off = bench_percentile (us[OFF], TURNS, 500);
  bench_row ("a datagram, captured and drained", "us", bench_percentile (us[DRAINED], TURNS, 500),
             "capture off", off);
  bench_row ("a datagram, captured and written as JSON", "us",
             bench_percentile (us[WRITTEN], TURNS, 500), "capture off", off);
  return 0;
}

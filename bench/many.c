/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Memory of idle sessions, and whether a packet and a timer cost the same however many sessions
 * there are. All with HMAC and sequence numbers, between two endpoints of one process. */
#include "bench/pair.h"
#include "bench/report.h"

#include <stdio.h>

enum { MANY = 10000, FEW = 10, EXCHANGES = 100000, LIMIT_BYTES = 2048 };

static const uint8_t message[100];

static void
open_all (BenchPair *pair, size_t count, RtmfpId *ids) {
  for (uint32_t i = 0; i < count; i++) {
    ids[i] = bench_pair_open (pair, i);
    bench_pair_pass (pair, 5000);
  }
}

/* A message there and back in every session, one session after the other. */
static double
exchange_all (BenchPair *pair, size_t sessions, size_t exchanges) {
  const uint64_t before = pair->messages;
  const double started = bench_cpu_seconds ();
  for (size_t i = 0; i < exchanges; i++) {
    bench_pair_send (pair, (uint32_t)(i % sessions), rtmfp_bytes (message, sizeof message));
    bench_pair_settle (pair);
    if (i % sessions == sessions - 1) {
      bench_pair_pass (pair, 1000);
    }
  }
  const double taken = (bench_cpu_seconds () - started) / (double)exchanges;
  bench_pair_pass (pair, 1000000);
  BENCH_MUST (pair->messages == before + exchanges);
  return taken;
}

/* CPU of one keepalive: a timer, a Ping, its reply. */
static double
keepalive (BenchPair *pair) {
  bench_pair_pass (pair, 31000000);
  const uint64_t datagrams = pair->datagrams;
  const double started = bench_cpu_seconds ();
  bench_pair_pass (pair, 31000000);
  const double taken = bench_cpu_seconds () - started;
  return taken / (double)((pair->datagrams - datagrams) / 2);
}

static double
per_end (const BenchPair *pair, size_t before, size_t sessions) {
  (void)pair;
  return ((double)bench_heap_bytes () - (double)before) / (double)(2 * sessions);
}

static void
measure (size_t sessions, double *exchange_s, double *keepalive_s) {
  static RtmfpId ids[MANY];
  BenchPair pair;
  bench_pair_init (&pair, sessions, RTMFP_GROUP_X25519, false);
  const size_t before = bench_heap_bytes ();
  open_all (&pair, sessions, ids);
  const bool many = sessions == MANY;
  if (many) {
    bench_row ("memory of a session just opened", "bytes", per_end (&pair, before, sessions), NULL,
               0);
    bench_pair_pass (&pair, 8000000);
    bench_row ("memory of an idle session, no flow", "bytes", per_end (&pair, before, sessions),
               "limit", LIMIT_BYTES);
  }
  for (uint32_t i = 0; i < sessions; i++) {
    bench_pair_open_flow (&pair, ids[i], i);
  }
  exchange_all (&pair, sessions, sessions);
  if (many) {
    bench_row ("memory of a session in use, a flow each way", "bytes",
               per_end (&pair, before, sessions), NULL, 0);
    bench_pair_pass (&pair, 8000000);
    bench_row ("memory of an idle session after an exchange, a flow each way", "bytes",
               per_end (&pair, before, sessions), "limit", LIMIT_BYTES);
  }
  *keepalive_s = keepalive (&pair);
  exchange_all (&pair, sessions, EXCHANGES / 4);
  *exchange_s = exchange_all (&pair, sessions, EXCHANGES);
  bench_pair_clear (&pair);
}

int
main (void) {
  double few_exchange, few_keepalive, many_exchange, many_keepalive;
  measure (FEW, &few_exchange, &few_keepalive);
  measure (MANY, &many_exchange, &many_keepalive);
  bench_row ("100 bytes there and back in turn in 10,000 sessions, engine alone", "us",
             many_exchange * 1e6, "in 10 sessions", few_exchange * 1e6);
  bench_row ("a keepalive (timer, Ping, reply) among 10,000 sessions", "us", many_keepalive * 1e6,
             "among 10 sessions", few_keepalive * 1e6);
  return 0;
}

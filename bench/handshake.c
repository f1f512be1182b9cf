/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions opened between two endpoints of one process (all four packets, cookie, certificates,
 * keying, tables) against the Diffie-Hellman operations that one session needs, in one run. CPU of
 * both ends together. What a session costs beyond its identity, which is made before, counts. */
#include "bench/pair.h"
#include "bench/report.h"
#include "core/crypto/group.h"

#include <stdio.h>
#include <sys/random.h>

enum { TURNS = 6 };

static void
fill (void *user, uint8_t *out, size_t size) {
  (void)user;
  BENCH_MUST (getrandom (out, size, 0) == (ssize_t)size);
}

static const RtmfpRng rng = {.fill = fill};

/* Two key pairs and two secrets. */
static double
operations (uint32_t group, size_t count) {
  RtmfpPrivateKey a, b;
  RtmfpPublicKey public_a, public_b;
  RtmfpSharedSecret secret;
  const double started = bench_cpu_seconds ();
  for (size_t i = 0; i < count; i++) {
    rtmfp_group_draw_private_key (group, &rng, &a);
    rtmfp_group_public_key (&a, &public_a);
    rtmfp_group_draw_private_key (group, &rng, &b);
    rtmfp_group_public_key (&b, &public_b);
    BENCH_MUST (rtmfp_group_shared_secret (&a, rtmfp_bytes (public_b.bytes, public_b.size),
                                           &secret) == RTMFP_OK);
    BENCH_MUST (rtmfp_group_shared_secret (&b, rtmfp_bytes (public_a.bytes, public_a.size),
                                           &secret) == RTMFP_OK);
  }
  return (bench_cpu_seconds () - started) / (double)count;
}

static double
sessions (uint32_t group, size_t count) {
  BenchPair pair;
  bench_pair_init (&pair, count, group, false);
  double taken = 0;
  for (size_t i = 0; i < count; i++) {
    const double started = bench_cpu_seconds ();
    bench_pair_open (&pair, (uint32_t)i);
    taken += bench_cpu_seconds () - started;
    bench_pair_pass (&pair, 20000); /* so that no limit on answers to strangers is met */
  }
  bench_pair_clear (&pair);
  return taken / (double)count;
}

static void
run (uint32_t group, size_t count) {
  double ours = 0, alone = 0;
  for (int turn = 0; turn < TURNS; turn++) {
    const double a = sessions (group, count), b = operations (group, count);
    ours = turn == 0 || a < ours ? a : ours;
    alone = turn == 0 || b < alone ? b : alone;
  }
  char name[64];
  snprintf (name, sizeof name, "session opened, group %u, both ends",
            (unsigned)rtmfp_group_id (group));
  bench_row (name, "us", ours * 1e6, "its Diffie-Hellman operations alone", alone * 1e6);
  snprintf (name, sizeof name, "sessions a second and core, group %u, both ends",
            (unsigned)rtmfp_group_id (group));
  bench_row (name, "1/s", 1 / ours, "its Diffie-Hellman operations alone", 1 / alone);
}

int
main (void) {
  run (RTMFP_GROUP_X25519, 1000);
  run (RTMFP_GROUP_14, 100);
  run (RTMFP_GROUP_16, 20);
  return 0;
}

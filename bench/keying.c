/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Key agreements against the Diffie-Hellman operations that they need (two key pairs, two shared
 * secrets), in one run. Both ends have ephemeral keys. Microseconds for both ends together, best of
 * several turns in alternation. */
#include "bench/report.h"
#include "core/crypto/group.h"
#include "core/crypto/keying.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define must(ok) BENCH_MUST (ok)

static void
fill (void *user, uint8_t *out, size_t size) {
  (void)user;
  must (getrandom (out, size, 0) == (ssize_t)size);
}

static const RtmfpRng rng = {.fill = fill};

static void
alone (uint32_t group) {
  RtmfpPrivateKey a, b;
  RtmfpSharedSecret secret;
  rtmfp_group_draw_private_key (group, &rng, &a);
  rtmfp_group_draw_private_key (group, &rng, &b);
  RtmfpKeyPair *pair_a = rtmfp_key_pair_new (&a), *pair_b = rtmfp_key_pair_new (&b);
  const RtmfpPublicKey *public_a = rtmfp_key_pair_public_key (pair_a);
  const RtmfpPublicKey *public_b = rtmfp_key_pair_public_key (pair_b);
  must (rtmfp_key_pair_shared_secret (pair_a, rtmfp_bytes (public_b->bytes, public_b->size),
                                      &secret) == RTMFP_OK);
  must (rtmfp_key_pair_shared_secret (pair_b, rtmfp_bytes (public_a->bytes, public_a->size),
                                      &secret) == RTMFP_OK);
  rtmfp_key_pair_free (pair_a);
  rtmfp_key_pair_free (pair_b);
}

static void
agree (const RtmfpCredentials *near_end, const RtmfpCredentials *far_end) {
  const RtmfpKeyingPolicy policy = {.requires_hmac = true, .requires_sequence = true};
  RtmfpKeying *initiator, *responder;
  RtmfpSessionKeys keys;
  must (rtmfp_keying_new_initiator (near_end, far_end->certificate.bytes, &policy, &rng,
                                    &initiator) == RTMFP_OK);
  rtmfp_keying_run (initiator);
  must (rtmfp_keying_new_responder (far_end, near_end->certificate.bytes,
                                    rtmfp_keying_component (initiator), &policy, &rng,
                                    &responder) == RTMFP_OK);
  rtmfp_keying_run (responder);
  must (rtmfp_keying_keys (responder, &keys) == RTMFP_OK);
  must (rtmfp_keying_take_response (initiator, rtmfp_keying_component (responder)) == RTMFP_OK);
  rtmfp_keying_run (initiator);
  must (rtmfp_keying_keys (initiator, &keys) == RTMFP_OK);
  rtmfp_keying_free (initiator);
  rtmfp_keying_free (responder);
}

static void
keep_best (double *best, double started) {
  double taken = (bench_wall_seconds () - started) * 1e6;
  *best = *best == 0 || taken < *best ? taken : *best;
}

int
main (void) {
  for (unsigned i = 0; i < RTMFP_GROUP_COUNT; i++) {
    const uint32_t group = 1u << i;
    const RtmfpCredentialsOptions options = {.groups = group};
    RtmfpCredentials near_end, far_end;
    must (rtmfp_credentials_init (&near_end, &options, &rng) == RTMFP_OK);
    must (rtmfp_credentials_init (&far_end, &options, &rng) == RTMFP_OK);
    double agreement = 0, operations = 0;
    for (int turn = 0; turn < 60; turn++) {
      double started = bench_wall_seconds ();
      agree (&near_end, &far_end);
      keep_best (&agreement, started);
      started = bench_wall_seconds ();
      alone (group);
      keep_best (&operations, started);
    }
    char name[64];
    snprintf (name, sizeof name, "key agreement, group %u, both ends",
              (unsigned)rtmfp_group_id (group));
    bench_row (name, "us", agreement, "its Diffie-Hellman operations alone", operations);
    rtmfp_credentials_clear (&near_end);
    rtmfp_credentials_clear (&far_end);
  }
  return 0;
}

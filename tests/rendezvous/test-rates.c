/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Buckets empty, fill again, and are bounded in number. */
#include "core/rendezvous/params.h"
#include "core/rendezvous/rates.h"
#include "tests/rendezvous/fixture.h"

#include <glib.h>

static void
test_bucket (void) {
  RtmfpBucket bucket = {0};
  for (int i = 0; i < 3; i++) {
    g_assert_true (rtmfp_bucket_take (&bucket, 3, SECOND, 5 * SECOND));
  }
  g_assert_false (rtmfp_bucket_take (&bucket, 3, SECOND, 5 * SECOND));
  g_assert_false (rtmfp_bucket_take (&bucket, 3, SECOND, 6 * SECOND - 1));
  g_assert_true (rtmfp_bucket_take (&bucket, 3, SECOND, 6 * SECOND));
  g_assert_false (rtmfp_bucket_take (&bucket, 3, SECOND, 6 * SECOND));
  for (int i = 0; i < 3; i++) {
    g_assert_true (rtmfp_bucket_take (&bucket, 3, SECOND, 100 * SECOND));
  }
  g_assert_false (rtmfp_bucket_take (&bucket, 3, SECOND, 100 * SECOND));
}

static void
test_subjects (void) {
  uint64_t state = 1;
  const RtmfpRng rng = fixture_rng (&state);
  AhoyRates rates;
  ahoy_rates_init (&rates, &rng);
  for (int i = 0; i < AHOY_SIGN_IN_BURST; i++) {
    g_assert_true (ahoy_rates_take (&rates, AHOY_RATE_SIGN_IN, rtmfp_bytes ("ann", 3), SECOND));
  }
  g_assert_false (ahoy_rates_take (&rates, AHOY_RATE_SIGN_IN, rtmfp_bytes ("ann", 3), SECOND));
  g_assert_true (ahoy_rates_take (&rates, AHOY_RATE_SIGN_IN, rtmfp_bytes ("bob", 3), SECOND));
  g_assert_true (ahoy_rates_take (&rates, AHOY_RATE_CREATE, rtmfp_bytes ("ann", 3), SECOND));
  ahoy_rates_clear (&rates);
}

/* Each purpose has the burst and the time of params.h. */
static void
test_rules (void) {
  static const struct {
    AhoyRate rate;
    int burst;
    int64_t every_us;
  } rules[] = {
      {AHOY_RATE_SIGN_IN, AHOY_SIGN_IN_BURST, AHOY_SIGN_IN_EVERY_US},
      {AHOY_RATE_SIGN_IN_NAME, AHOY_SIGN_IN_NAME_BURST, AHOY_SIGN_IN_NAME_EVERY_US},
      {AHOY_RATE_SIGN_IN_IP, AHOY_SIGN_IN_IP_BURST, AHOY_SIGN_IN_IP_EVERY_US},
      {AHOY_RATE_CREATE, AHOY_CREATE_BURST, AHOY_CREATE_EVERY_US},
      {AHOY_RATE_REQUEST, AHOY_REQUEST_BURST, AHOY_REQUEST_EVERY_US},
      {AHOY_RATE_REDEEM, AHOY_REDEEM_BURST, AHOY_REDEEM_EVERY_US},
      {AHOY_RATE_OFFER, AHOY_OFFER_BURST, AHOY_OFFER_EVERY_US},
  };
  G_STATIC_ASSERT (G_N_ELEMENTS (rules) == AHOY_RATE_COUNT);
  uint64_t state = 4;
  const RtmfpRng rng = fixture_rng (&state);
  AhoyRates rates;
  ahoy_rates_init (&rates, &rng);
  for (size_t i = 0; i < G_N_ELEMENTS (rules); i++) {
    const RtmfpBytes who = rtmfp_bytes ("ann", 3);
    for (int taken = 0; taken < rules[i].burst; taken++) {
      g_assert_true (ahoy_rates_take (&rates, rules[i].rate, who, SECOND));
    }
    const int64_t back_us = SECOND + rules[i].every_us;
    g_assert_false (ahoy_rates_take (&rates, rules[i].rate, who, back_us - 1));
    g_assert_true (ahoy_rates_take (&rates, rules[i].rate, who, back_us));
  }
  ahoy_rates_clear (&rates);
}

static void
test_bound (void) {
  uint64_t state = 2;
  const RtmfpRng rng = fixture_rng (&state);
  AhoyRates rates;
  ahoy_rates_init (&rates, &rng);
  for (uint32_t i = 0; i < AHOY_BUCKETS_MAX + 100; i++) {
    g_assert_true (ahoy_rates_take (&rates, AHOY_RATE_OFFER, rtmfp_bytes (&i, sizeof i), SECOND));
  }
  g_assert_cmpuint (ahoy_rates_count (&rates), ==, AHOY_BUCKETS_MAX);
  ahoy_rates_clear (&rates);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rendezvous/rates/bucket/empties-and-fills", test_bucket);
  g_test_add_func ("/rendezvous/rates/subjects-do-not-share", test_subjects);
  g_test_add_func ("/rendezvous/rates/each-purpose-has-its-rule", test_rules);
  g_test_add_func ("/rendezvous/rates/forgets-the-oldest-at-the-bound", test_bound);
  return g_test_run ();
}

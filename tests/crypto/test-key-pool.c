/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Key pairs made ahead. */
#include "core/crypto/key-pool.h"
#include "core/crypto/primitives.h"
#include "tests/support/support.h"

#include <glib.h>

static TestRng seeded = {5};

static bool
make_one (RtmfpKeyPool *pool) {
  RtmfpRng rng = test_rng (&seeded);
  RtmfpPrivateKey key;
  if (!rtmfp_key_pool_begin (pool, &rng, &key)) {
    return false;
  }
  rtmfp_key_pool_put (pool, rtmfp_key_pair_new (&key));
  return true;
}

/* None until somebody asked; then as many as wanted, each handed out once. */
static void
test_each_once (void) {
  RtmfpKeyPool pool = {.most = 3};
  RtmfpKeyPair *taken[3];
  g_assert_false (make_one (&pool));
  g_assert_null (rtmfp_key_pool_take (&pool, RTMFP_GROUP_X25519));
  while (make_one (&pool)) {
  }
  g_assert_cmpuint (pool.count, ==, 3);
  for (int i = 0; i < 3; i++) {
    taken[i] = rtmfp_key_pool_take (&pool, RTMFP_GROUP_X25519);
    g_assert_cmpuint (rtmfp_key_pair_group (taken[i]), ==, RTMFP_GROUP_X25519);
    for (int j = 0; j < i; j++) {
      g_assert_false (rtmfp_secret_equal (rtmfp_key_pair_public_key (taken[i])->bytes,
                                          rtmfp_key_pair_public_key (taken[j])->bytes, 32));
    }
  }
  g_assert_null (rtmfp_key_pool_take (&pool, RTMFP_GROUP_X25519));
  g_assert_cmpuint (pool.handed_out, ==, 3);
  for (int i = 0; i < 3; i++) {
    rtmfp_key_pair_free (taken[i]);
  }
  g_assert_true (make_one (&pool));
  rtmfp_key_pool_clear (&pool);
  g_assert_false (make_one (&pool));
}

/* One at a time, so that no handshake waits for more than one. */
static void
test_one_at_a_time (void) {
  RtmfpRng rng = test_rng (&seeded);
  RtmfpKeyPool pool = {.most = 3};
  RtmfpPrivateKey key, other;
  g_assert_null (rtmfp_key_pool_take (&pool, RTMFP_GROUP_X25519));
  g_assert_true (rtmfp_key_pool_begin (&pool, &rng, &key));
  g_assert_false (rtmfp_key_pool_begin (&pool, &rng, &other));
  rtmfp_key_pool_put (&pool, rtmfp_key_pair_new (&key));
  g_assert_true (rtmfp_key_pool_begin (&pool, &rng, &other));
  rtmfp_key_pool_put (&pool, rtmfp_key_pair_new (&other));
  rtmfp_key_pool_clear (&pool);
}

/* Another group is asked for, even while one is being made. */
static void
test_other_group (void) {
  RtmfpRng rng = test_rng (&seeded);
  RtmfpKeyPool pool = {.most = 3};
  RtmfpPrivateKey key;
  g_assert_null (rtmfp_key_pool_take (&pool, RTMFP_GROUP_X25519));
  g_assert_true (make_one (&pool));
  g_assert_true (rtmfp_key_pool_begin (&pool, &rng, &key));
  g_assert_null (rtmfp_key_pool_take (&pool, RTMFP_GROUP_2));
  g_assert_cmpuint (pool.count, ==, 0);
  rtmfp_key_pool_put (&pool, rtmfp_key_pair_new (&key));
  g_assert_cmpuint (pool.count, ==, 0);
  g_assert_true (make_one (&pool));
  RtmfpKeyPair *pair = rtmfp_key_pool_take (&pool, RTMFP_GROUP_2);
  g_assert_cmpuint (rtmfp_key_pair_group (pair), ==, RTMFP_GROUP_2);
  rtmfp_key_pair_free (pair);
  rtmfp_key_pool_clear (&pool);
}

static void
test_bound (void) {
  RtmfpKeyPool pool = {.most = 1000};
  g_assert_null (rtmfp_key_pool_take (&pool, RTMFP_GROUP_X25519));
  while (make_one (&pool)) {
  }
  g_assert_cmpuint (pool.count, ==, RTMFP_KEY_PAIRS_AHEAD_MAX);
  rtmfp_key_pool_clear (&pool);
  g_assert_cmpuint (pool.most, ==, 0);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/key-pool/each-once", test_each_once);
  g_test_add_func ("/crypto/key-pool/one-at-a-time", test_one_at_a_time);
  g_test_add_func ("/crypto/key-pool/other-group", test_other_group);
  g_test_add_func ("/crypto/key-pool/bound", test_bound);
  return g_test_run ();
}

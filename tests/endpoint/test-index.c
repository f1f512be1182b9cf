/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/endpoint/index.h"
#include "tests/support/support.h"

#include <glib.h>

enum { NODES = 300, HASHES = 40 };

/* Newest first, whatever else there is and however large the table grew. */
static void
check_against_order (const RtmfpIndex *index, const RtmfpIndexNode *nodes, const guint *age) {
  for (uint64_t hash = 0; hash < HASHES; hash++) {
    guint expected = 0, found = 0, last = G_MAXUINT;
    for (size_t i = 0; i < NODES; i++) {
      expected += age[i] > 0 && nodes[i].hash == hash * 64;
    }
    const RtmfpIndexNode *node = rtmfp_index_find (index, hash * 64);
    for (; node != NULL; node = rtmfp_index_next (node)) {
      g_assert_cmpuint (node->hash, ==, hash * 64);
      g_assert_cmpuint (age[node - nodes], <, last);
      last = age[node - nodes];
      found++;
    }
    g_assert_cmpuint (found, ==, expected);
    g_assert_cmpuint (rtmfp_index_count (index, hash * 64, 3), ==, MIN (expected, 3));
  }
}

static void
test_against_order (void) {
  TestRng rng = {5};
  RtmfpIndex index = {0};
  static RtmfpIndexNode nodes[NODES];
  static guint age[NODES];
  g_assert_null (rtmfp_index_find (&index, 0));
  for (guint step = 1; step < 3000; step++) {
    const size_t i = test_rng_below (&rng, NODES);
    if (step % 3 == 0) {
      rtmfp_index_remove (&index, &nodes[i]);
      age[i] = 0;
    } else {
      const uint64_t hash = test_rng_below (&rng, HASHES) * 64;
      age[i] = age[i] > 0 && nodes[i].hash == hash ? age[i] : step;
      rtmfp_index_set (&index, &nodes[i], hash);
    }
    if (step % 50 == 0) {
      check_against_order (&index, nodes, age);
    }
  }
  for (size_t i = 0; i < NODES; i++) {
    rtmfp_index_remove (&index, &nodes[i]);
  }
  rtmfp_index_clear (&index);
}

static void
test_seed (void) {
  const RtmfpHashKey one = {{1}}, two = {{2}};
  uint8_t key[RTMFP_INDEX_KEY_SIZE] = {0}, other[RTMFP_INDEX_KEY_SIZE] = {0};
  other[RTMFP_INDEX_KEY_SIZE - 1] = 1;
  g_assert_cmphex (rtmfp_index_hash (&one, key), !=, rtmfp_index_hash (&two, key));
  g_assert_cmphex (rtmfp_index_hash (&one, key), !=, rtmfp_index_hash (&one, other));
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/index/newest-first", test_against_order);
  g_test_add_func ("/endpoint/index/is-seeded", test_seed);
  return g_test_run ();
}

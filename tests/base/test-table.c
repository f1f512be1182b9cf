/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/memory.h"
#include "core/base/table.h"

#include <glib.h>

typedef struct {
  UT_hash_handle hh;
  uint64_t key;
} Item;

/* FNV-1a's own vectors, folded. */
static void
test_hash (void) {
  g_assert_cmphex (rtmfp_table_hash ("", 0), ==, 0x811c9dc5 ^ 0x811c9dc5 >> 15);
  g_assert_cmphex (rtmfp_table_hash ("a", 1), ==, 0xe40c292c ^ 0xe40c292c >> 15);
  g_assert_cmphex (rtmfp_table_hash ("foobar", 6), ==, 0xbf9cf968 ^ 0xbf9cf968 >> 15);
}

/* Ids that differ in few bits spread over the buckets. */
static void
test_spreads (void) {
  enum { COUNT = 20000 };
  Item *table = NULL, *item, *next;
  for (uint64_t i = 0; i < COUNT; i++) {
    item = RTMFP_NEW (Item);
    item->key = UINT64_C (1) << 32 | i;
    HASH_ADD (hh, table, key, sizeof item->key, item);
  }
  for (uint64_t i = 0; i < COUNT; i++) {
    const uint64_t key = UINT64_C (1) << 32 | i;
    HASH_FIND (hh, table, &key, sizeof key, item);
    g_assert_nonnull (item);
    g_assert_cmpuint (item->key, ==, key);
  }
  unsigned longest = 0;
  for (unsigned i = 0; i < table->hh.tbl->num_buckets; i++) {
    longest = MAX (longest, table->hh.tbl->buckets[i].count);
  }
  g_assert_cmpuint (longest, <=, 20);
  HASH_ITER (hh, table, item, next) {
    HASH_DEL (table, item);
    free (item);
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/table/hash", test_hash);
  g_test_add_func ("/base/table/spreads-ids", test_spreads);
  return g_test_run ();
}

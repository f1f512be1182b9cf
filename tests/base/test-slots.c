/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/slots.h"
#include "tests/support/support.h"

#include <glib.h>

static void
test_ids_die (void) {
  RtmfpSlots slots = {0};
  int a, b;
  g_assert_null (rtmfp_slots_get (&slots, 0));
  RtmfpId first = rtmfp_slots_add (&slots, &a);
  g_assert_cmpuint (first, !=, 0);
  g_assert_true (rtmfp_slots_get (&slots, first) == &a);
  rtmfp_slots_remove (&slots, first);
  g_assert_null (rtmfp_slots_get (&slots, first));
  RtmfpId second = rtmfp_slots_add (&slots, &b);
  g_assert_cmpuint ((uint32_t)second, ==, (uint32_t)first); /* the slot is used again */
  g_assert_cmpuint (second, !=, first);
  g_assert_null (rtmfp_slots_get (&slots, first));
  rtmfp_slots_remove (&slots, first); /* a dead id takes nothing away */
  g_assert_true (rtmfp_slots_get (&slots, second) == &b);
  g_assert_cmpuint (slots.used, ==, 1);
  g_assert_null (rtmfp_slots_get (&slots, 0));
  g_assert_null (rtmfp_slots_get (&slots, second + 1));
  g_assert_null (rtmfp_slots_get (&slots, UINT64_MAX));
  rtmfp_slots_clear (&slots);
}

static void
test_generation_is_never_zero (void) {
  RtmfpSlots slots = {0};
  int item;
  RtmfpId id = rtmfp_slots_add (&slots, &item);
  slots.items[0].generation = UINT32_MAX;
  id = (uint64_t)UINT32_MAX << 32 | (uint32_t)id;
  g_assert_true (rtmfp_slots_get (&slots, id) == &item);
  rtmfp_slots_remove (&slots, id);
  id = rtmfp_slots_add (&slots, &item);
  g_assert_cmpuint (id >> 32, ==, 1);
  rtmfp_slots_clear (&slots);
}

static void
test_many (void) {
  enum { ITEMS = 200 };
  TestRng rng = {8};
  RtmfpSlots slots = {0};
  int items[ITEMS];
  RtmfpId ids[ITEMS] = {0};
  uint32_t used = 0;
  for (int step = 0; step < 20000; step++) {
    size_t i = test_rng_below (&rng, ITEMS);
    if (ids[i] == 0) {
      ids[i] = rtmfp_slots_add (&slots, &items[i]);
      used++;
    } else {
      g_assert_true (rtmfp_slots_get (&slots, ids[i]) == &items[i]);
      rtmfp_slots_remove (&slots, ids[i]);
      g_assert_null (rtmfp_slots_get (&slots, ids[i]));
      ids[i] = 0;
      used--;
    }
    g_assert_cmpuint (slots.used, ==, used);
    g_assert_cmpuint (slots.count, <=, ITEMS);
  }
  for (size_t i = 0; i < ITEMS; i++) {
    g_assert_true (ids[i] == 0 || rtmfp_slots_get (&slots, ids[i]) == &items[i]);
  }
  rtmfp_slots_clear (&slots);
}

static void
test_next (void) {
  RtmfpSlots slots = {0};
  int items[5];
  RtmfpId ids[5];
  uint32_t at = 0;
  g_assert_null (rtmfp_slots_next (&slots, &at));
  for (size_t i = 0; i < 5; i++) {
    ids[i] = rtmfp_slots_add (&slots, &items[i]);
  }
  rtmfp_slots_remove (&slots, ids[0]);
  rtmfp_slots_remove (&slots, ids[3]);
  at = 0;
  g_assert_true (rtmfp_slots_next (&slots, &at) == &items[1]);
  rtmfp_slots_remove (&slots, ids[1]); /* the one that was just told */
  g_assert_true (rtmfp_slots_next (&slots, &at) == &items[2]);
  g_assert_true (rtmfp_slots_next (&slots, &at) == &items[4]);
  g_assert_null (rtmfp_slots_next (&slots, &at));
  rtmfp_slots_clear (&slots);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/slots/ids-die", test_ids_die);
  g_test_add_func ("/base/slots/generation-is-never-zero", test_generation_is_never_zero);
  g_test_add_func ("/base/slots/many", test_many);
  g_test_add_func ("/base/slots/next", test_next);
  return g_test_run ();
}

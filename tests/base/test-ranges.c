/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/ranges.h"
#include "tests/support/support.h"

#include <glib.h>

enum { MANY = 1000 };

static void
add (RtmfpRanges *ranges, uint64_t first, uint64_t last) {
  g_assert_cmpint (rtmfp_ranges_add (ranges, first, last, MANY), ==, RTMFP_OK);
}

static void
assert_is (const RtmfpRanges *ranges, const char *expected) {
  GString *text = g_string_new (NULL);
  for (size_t i = 0; i < ranges->count; i++) {
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, i > 0 ? " " : "",
                            ranges->items[i].first, ranges->items[i].last);
  }
  g_assert_cmpstr (text->str, ==, expected);
  g_string_free (text, TRUE);
}

static void
test_merges (void) {
  RtmfpRanges ranges = {0};
  add (&ranges, 10, 12);
  add (&ranges, 20, 20);
  add (&ranges, 14, 15);
  assert_is (&ranges, "10-12 14-15 20-20");
  add (&ranges, 13, 13); /* joins both neighbours */
  assert_is (&ranges, "10-15 20-20");
  add (&ranges, 16, 16);
  add (&ranges, 9, 9);
  assert_is (&ranges, "9-16 20-20");
  add (&ranges, 11, 12); /* inside */
  assert_is (&ranges, "9-16 20-20");
  add (&ranges, 0, 0);
  add (&ranges, 5, 30); /* over all */
  assert_is (&ranges, "0-0 5-30");
  add (&ranges, 1, 4);
  assert_is (&ranges, "0-30");
  rtmfp_ranges_clear (&ranges);
}

static void
test_ends_of_the_numbers (void) {
  RtmfpRanges ranges = {0};
  add (&ranges, UINT64_MAX, UINT64_MAX);
  add (&ranges, 0, 0);
  assert_is (&ranges, "0-0 18446744073709551615-18446744073709551615");
  add (&ranges, UINT64_MAX - 1, UINT64_MAX - 1);
  assert_is (&ranges, "0-0 18446744073709551614-18446744073709551615");
  g_assert_true (rtmfp_ranges_contains (&ranges, UINT64_MAX));
  add (&ranges, 0, UINT64_MAX);
  assert_is (&ranges, "0-18446744073709551615");
  rtmfp_ranges_remove_below (&ranges, UINT64_MAX);
  assert_is (&ranges, "18446744073709551615-18446744073709551615");
  rtmfp_ranges_clear (&ranges);
}

static void
test_limit (void) {
  RtmfpRanges ranges = {0};
  g_assert_cmpint (rtmfp_ranges_add (&ranges, 1, 1, 2), ==, RTMFP_OK);
  g_assert_cmpint (rtmfp_ranges_add (&ranges, 5, 5, 2), ==, RTMFP_OK);
  g_assert_cmpint (rtmfp_ranges_add (&ranges, 9, 9, 2), ==, RTMFP_LIMIT);
  assert_is (&ranges, "1-1 5-5");
  g_assert_cmpint (rtmfp_ranges_add (&ranges, 6, 6, 2), ==, RTMFP_OK); /* needs no more ranges */
  g_assert_cmpint (rtmfp_ranges_add (&ranges, 2, 4, 2), ==, RTMFP_OK);
  g_assert_cmpint (rtmfp_ranges_add (&ranges, 9, 9, 2), ==, RTMFP_OK);
  assert_is (&ranges, "1-6 9-9");
  rtmfp_ranges_clear (&ranges);
}

/* Against a plain array of numbers. */
static void
test_against_an_array (void) {
  enum { NUMBERS = 300 };
  TestRng rng = {3};
  for (int round = 0; round < 300; round++) {
    RtmfpRanges ranges = {0};
    bool present[NUMBERS + 2] = {false};
    for (int step = 0; step < 40; step++) {
      uint64_t first = test_rng_below (&rng, NUMBERS), last = first + test_rng_below (&rng, 12);
      last = last < NUMBERS ? last : NUMBERS - 1;
      if (test_rng_below (&rng, 10) == 0) {
        rtmfp_ranges_remove_below (&ranges, first / 4);
        for (uint64_t i = 0; i < first / 4; i++) {
          present[i] = false;
        }
      } else {
        add (&ranges, first, last);
        for (uint64_t i = first; i <= last; i++) {
          present[i] = true;
        }
      }
      size_t runs = 0;
      for (uint64_t i = 0; i < NUMBERS; i++) {
        runs += present[i] && !present[i + 1];
        g_assert_cmpint (rtmfp_ranges_contains (&ranges, i), ==, present[i]);
      }
      g_assert_cmpuint (ranges.count, ==, runs); /* as few as possible */
      for (uint64_t i = 0; i < NUMBERS; i += 7) {
        size_t at = rtmfp_ranges_find (&ranges, i);
        g_assert_true (at == ranges.count || ranges.items[at].last >= i);
        g_assert_true (at == 0 || ranges.items[at - 1].last < i);
      }
    }
    rtmfp_ranges_clear (&ranges);
  }
}

static void
test_shrink (void) {
  RtmfpRanges ranges = {0};
  rtmfp_ranges_shrink (&ranges);
  g_assert_null (ranges.items);
  add (&ranges, 3, 5);
  g_assert_cmpuint (ranges.capacity, >, 1);
  rtmfp_ranges_shrink (&ranges);
  g_assert_cmpuint (ranges.capacity, ==, 1);
  add (&ranges, 8, 8);
  g_assert_true (rtmfp_ranges_contains (&ranges, 4) && rtmfp_ranges_contains (&ranges, 8));
  rtmfp_ranges_remove_below (&ranges, 9);
  rtmfp_ranges_shrink (&ranges);
  g_assert_null (ranges.items);
  rtmfp_ranges_clear (&ranges);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/ranges/merges-neighbours", test_merges);
  g_test_add_func ("/base/ranges/ends-of-the-numbers", test_ends_of_the_numbers);
  g_test_add_func ("/base/ranges/limit", test_limit);
  g_test_add_func ("/base/ranges/against-an-array", test_against_an_array);
  g_test_add_func ("/base/ranges/shrink", test_shrink);
  return g_test_run ();
}

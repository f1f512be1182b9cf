/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/deadlines.h"
#include "tests/support/support.h"

#include <glib.h>

typedef struct {
  int before;
  RtmfpDeadline timer;
} Owner;

static void
test_one (void) {
  RtmfpDeadlines deadlines = {0};
  Owner owner = {0};
  g_assert_cmpint (rtmfp_deadlines_first (&deadlines), ==, RTMFP_NEVER);
  g_assert_null (rtmfp_deadlines_take_due (&deadlines, INT64_MAX));
  rtmfp_deadlines_set (&deadlines, &owner.timer, RTMFP_NEVER); /* not set: nothing */
  rtmfp_deadlines_set (&deadlines, &owner.timer, 100);
  rtmfp_deadlines_set (&deadlines, &owner.timer, 100);
  g_assert_cmpuint (deadlines.count, ==, 1);
  g_assert_cmpint (rtmfp_deadlines_first (&deadlines), ==, 100);
  g_assert_null (rtmfp_deadlines_take_due (&deadlines, 99));
  RtmfpDeadline *due = rtmfp_deadlines_take_due (&deadlines, 100);
  g_assert_true (due == &owner.timer);
  g_assert_true (RTMFP_OWNER_OF (due, Owner, timer) == &owner);
  g_assert_cmpuint (owner.timer.place, ==, 0);
  g_assert_null (rtmfp_deadlines_take_due (&deadlines, 100));
  rtmfp_deadlines_set (&deadlines, &owner.timer, 100); /* the same time again after it was taken */
  g_assert_cmpint (rtmfp_deadlines_first (&deadlines), ==, 100);
  rtmfp_deadlines_set (&deadlines, &owner.timer, RTMFP_NEVER);
  g_assert_cmpint (rtmfp_deadlines_first (&deadlines), ==, RTMFP_NEVER);
  rtmfp_deadlines_set (&deadlines, &owner.timer, -5);
  g_assert_cmpint (rtmfp_deadlines_first (&deadlines), ==, -5);
  rtmfp_deadlines_clear (&deadlines);
}

/* Against the plain search through all timers. */
static void
test_against_a_search (void) {
  enum { TIMERS = 60 };
  TestRng rng = {1};
  RtmfpDeadlines deadlines = {0};
  RtmfpDeadline timers[TIMERS] = {0};
  int64_t expected[TIMERS];
  for (int i = 0; i < TIMERS; i++) {
    expected[i] = RTMFP_NEVER;
  }
  for (int step = 0; step < 50000; step++) {
    int i = (int)test_rng_below (&rng, TIMERS);
    int64_t at = test_rng_below (&rng, 4) == 0 ? RTMFP_NEVER : (int64_t)test_rng_below (&rng, 200);
    rtmfp_deadlines_set (&deadlines, &timers[i], at);
    expected[i] = at;
    if (test_rng_below (&rng, 8) == 0) {
      int64_t now = (int64_t)test_rng_below (&rng, 60), last = -1;
      RtmfpDeadline *due;
      while ((due = rtmfp_deadlines_take_due (&deadlines, now)) != NULL) {
        g_assert_cmpint (expected[due - timers], ==, due->at_us);
        g_assert_cmpint (due->at_us, >=, last);
        last = due->at_us;
        expected[due - timers] = RTMFP_NEVER;
      }
      for (int j = 0; j < TIMERS; j++) {
        g_assert_cmpint (expected[j], >, now);
      }
    }
    int64_t first = RTMFP_NEVER;
    for (int j = 0; j < TIMERS; j++) {
      first = expected[j] < first ? expected[j] : first;
    }
    g_assert_cmpint (rtmfp_deadlines_first (&deadlines), ==, first);
  }
  rtmfp_deadlines_clear (&deadlines);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/deadlines/one", test_one);
  g_test_add_func ("/base/deadlines/against-a-search", test_against_a_search);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/wheel.h"
#include "tests/support/support.h"

#include <glib.h>

#define S INT64_C (1000000)

static void
test_one (void) {
  RtmfpWheel wheel;
  RtmfpSleeper sleeper = {0};
  rtmfp_wheel_init (&wheel, 1000 * S);
  g_assert_cmpint (rtmfp_wheel_first (&wheel), ==, RTMFP_NEVER);
  g_assert_null (rtmfp_wheel_take_due (&wheel, 1000 * S));
  rtmfp_wheel_set (&wheel, &sleeper, RTMFP_NEVER); /* not set: nothing */
  rtmfp_wheel_set (&wheel, &sleeper, 1030 * S);
  g_assert_cmpint (rtmfp_wheel_first (&wheel), >, 1030 * S - 2 * RTMFP_WHEEL_BUCKET_US);
  g_assert_cmpint (rtmfp_wheel_first (&wheel), <=, 1030 * S);
  g_assert_null (rtmfp_wheel_take_due (&wheel, 1030 * S - 1));
  g_assert_cmpint (rtmfp_wheel_first (&wheel), ==, 1030 * S); /* near, and so exact */
  g_assert_true (rtmfp_wheel_take_due (&wheel, 1030 * S) == &sleeper);
  g_assert_null (rtmfp_wheel_take_due (&wheel, 1030 * S));
  g_assert_cmpint (rtmfp_wheel_first (&wheel), ==, RTMFP_NEVER);
  rtmfp_wheel_set (&wheel, &sleeper, 5); /* long past */
  g_assert_true (rtmfp_wheel_take_due (&wheel, 1030 * S) == &sleeper);
  rtmfp_wheel_clear (&wheel);
}

/* Farther than the wheel is wide: it is looked at on the way, and fires in time. */
static void
test_far (void) {
  RtmfpWheel wheel;
  RtmfpSleeper sleeper = {0};
  rtmfp_wheel_init (&wheel, 0);
  rtmfp_wheel_set (&wheel, &sleeper, 100 * S);
  guint looks = 0;
  while (rtmfp_wheel_take_due (&wheel, rtmfp_wheel_first (&wheel)) == NULL) {
    g_assert_cmpint (rtmfp_wheel_first (&wheel), <=, 100 * S);
    g_assert_cmpuint (++looks, <, 10);
  }
  g_assert_cmpuint (looks, >, 0);
  rtmfp_wheel_clear (&wheel);
}

/* Against the plain search through all: with steps from nothing to several turns of the wheel. */
static void
search (gint64 reach_us, gint64 step_us, guint steps) {
  enum { TIMERS = 60 };
  TestRng rng = {1};
  RtmfpWheel wheel;
  RtmfpSleeper sleepers[TIMERS] = {0};
  gint64 expected[TIMERS], now_us = 77 * S;
  for (guint i = 0; i < TIMERS; i++) {
    expected[i] = RTMFP_NEVER;
  }
  rtmfp_wheel_init (&wheel, now_us);
  for (guint step = 0; step < steps; step++) {
    const guint i = (guint)test_rng_below (&rng, TIMERS);
    const gint64 in_us = (gint64)test_rng_below (&rng, (guint32)reach_us);
    expected[i] = test_rng_below (&rng, 6) == 0 ? RTMFP_NEVER : now_us - 1000 + in_us;
    rtmfp_wheel_set (&wheel, &sleepers[i], expected[i]);
    if (test_rng_below (&rng, 8) == 0) {
      now_us += (gint64)test_rng_below (&rng, (guint32)step_us);
      gint64 last_us = INT64_MIN;
      RtmfpSleeper *due;
      while ((due = rtmfp_wheel_take_due (&wheel, now_us)) != NULL) {
        g_assert_cmpint (expected[due - sleepers], ==, due->deadline.at_us);
        g_assert_cmpint (due->deadline.at_us, >=, last_us);
        last_us = due->deadline.at_us;
        expected[due - sleepers] = RTMFP_NEVER;
      }
      for (guint k = 0; k < TIMERS; k++) {
        g_assert_cmpint (expected[k], >, now_us);
      }
    }
    gint64 first_us = RTMFP_NEVER;
    for (guint k = 0; k < TIMERS; k++) {
      first_us = MIN (expected[k], first_us);
    }
    g_assert_cmpint (rtmfp_wheel_first (&wheel), <=, first_us);
    g_assert_true ((rtmfp_wheel_first (&wheel) == RTMFP_NEVER) == (first_us == RTMFP_NEVER));
  }
  rtmfp_wheel_clear (&wheel);
}

static void
test_against_a_search (void) {
  search (60000, 20000, 50000);
  search (40 * S, S, 50000);
  search (100 * S, 60 * S, 50000);
}

/* Time that is asked for leads to the timer in few steps, however often it moved later before. */
static void
test_few_steps (void) {
  RtmfpWheel wheel;
  RtmfpSleeper sleeper = {0};
  rtmfp_wheel_init (&wheel, 0);
  for (gint64 at_us = S; at_us <= 30 * S; at_us += 10000) {
    rtmfp_wheel_set (&wheel, &sleeper, at_us);
  }
  guint steps = 0;
  while (rtmfp_wheel_take_due (&wheel, rtmfp_wheel_first (&wheel)) == NULL) {
    g_assert_cmpuint (++steps, <, 4);
  }
  rtmfp_wheel_clear (&wheel);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/wheel/one", test_one);
  g_test_add_func ("/base/wheel/far", test_far);
  g_test_add_func ("/base/wheel/against-a-search", test_against_a_search);
  g_test_add_func ("/base/wheel/few-steps", test_few_steps);
  return g_test_run ();
}

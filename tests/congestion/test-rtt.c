/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Round trips and timeouts as RFC 7016 s3.5.2.2 computes them. */
#include "core/congestion/params.h"
#include "core/congestion/rtt.h"

#include <glib.h>

#define MS INT64_C (1000)
#define S INT64_C (1000000)

static void
test_starts_with_three_seconds (void) {
  RtmfpRtt rtt;
  rtmfp_rtt_init (&rtt);
  g_assert_false (rtt.is_measured);
  g_assert_cmpint (rtt.erto_us, ==, 3 * S);
}

static void
test_first_measurement (void) {
  RtmfpRtt rtt;
  rtmfp_rtt_init (&rtt);
  const uint16_t sent = rtmfp_rtt_timestamp (10 * S);
  g_assert_true (rtmfp_rtt_receive_echo (&rtt, sent, 10 * S + 100 * MS));
  g_assert_cmpint (rtt.srtt_us, ==, 100 * MS);
  g_assert_cmpint (rtt.rttvar_us, ==, 50 * MS);
  g_assert_cmpint (rtt.mrto_us, ==, (100 + 4 * 50 + 200) * MS);
  g_assert_cmpint (rtt.erto_us, ==, 500 * MS);
}

static void
test_smooths (void) {
  RtmfpRtt rtt;
  rtmfp_rtt_init (&rtt);
  g_assert_true (rtmfp_rtt_receive_echo (&rtt, rtmfp_rtt_timestamp (10 * S), 10 * S + 100 * MS));
  g_assert_true (rtmfp_rtt_receive_echo (&rtt, rtmfp_rtt_timestamp (11 * S), 11 * S + 180 * MS));
  g_assert_cmpint (rtt.rttvar_us, ==, (3 * 50 + 80) * MS / 4);
  g_assert_cmpint (rtt.srtt_us, ==, (7 * 100 + 180) * MS / 8);
  g_assert_cmpint (rtt.latest_us, ==, 180 * MS);
  g_assert_cmpint (rtt.lowest_us, ==, 100 * MS);
}

static void
test_timeout_is_never_below_250_ms (void) {
  RtmfpRtt rtt;
  rtmfp_rtt_init (&rtt);
  g_assert_true (rtmfp_rtt_receive_echo (&rtt, rtmfp_rtt_timestamp (10 * S), 10 * S));
  g_assert_cmpint (rtt.srtt_us, ==, 0);
  g_assert_cmpint (rtt.erto_us, ==, 250 * MS);
}

static void
test_same_echo_counts_once (void) {
  RtmfpRtt rtt;
  rtmfp_rtt_init (&rtt);
  const uint16_t sent = rtmfp_rtt_timestamp (10 * S);
  g_assert_true (rtmfp_rtt_receive_echo (&rtt, sent, 10 * S + 40 * MS));
  g_assert_false (rtmfp_rtt_receive_echo (&rtt, sent, 10 * S + 400 * MS));
  g_assert_cmpint (rtt.srtt_us, ==, 40 * MS);
}

static void
test_echo_from_the_future_is_discarded (void) {
  RtmfpRtt rtt;
  rtmfp_rtt_init (&rtt);
  g_assert_false (rtmfp_rtt_receive_echo (&rtt, rtmfp_rtt_timestamp (10 * S + 100 * MS), 10 * S));
  g_assert_false (rtt.is_measured);
}

static void
test_wraps_at_65536_ticks (void) {
  RtmfpRtt rtt;
  rtmfp_rtt_init (&rtt);
  const int64_t late = (65536 * 3 - 2) * 4 * MS;
  g_assert_cmpuint (rtmfp_rtt_timestamp (late), ==, 65534);
  g_assert_true (rtmfp_rtt_receive_echo (&rtt, 65534, late + 20 * MS));
  g_assert_cmpint (rtt.srtt_us, ==, 20 * MS);
}

static void
test_echo_adds_the_time_it_waited (void) {
  RtmfpRtt rtt;
  rtmfp_rtt_init (&rtt);
  uint16_t echo = 0;
  g_assert_false (rtmfp_rtt_take_echo (&rtt, 5 * S, &echo));
  rtmfp_rtt_receive_timestamp (&rtt, 65530, 5 * S);
  g_assert_true (rtmfp_rtt_take_echo (&rtt, 5 * S + 43 * MS, &echo));
  g_assert_cmpuint (echo, ==, 4); /* 65530 + 10 modulo 65536 */
  g_assert_false (rtmfp_rtt_take_echo (&rtt, 5 * S + 43 * MS, &echo));
  g_assert_true (rtmfp_rtt_take_echo (&rtt, 5 * S + 44 * MS, &echo));
  g_assert_cmpuint (echo, ==, 5);
}

static void
test_repeated_timestamp_keeps_its_first_time (void) {
  RtmfpRtt rtt;
  rtmfp_rtt_init (&rtt);
  uint16_t echo = 0;
  rtmfp_rtt_receive_timestamp (&rtt, 100, 5 * S);
  rtmfp_rtt_receive_timestamp (&rtt, 100, 5 * S + 40 * MS);
  g_assert_true (rtmfp_rtt_take_echo (&rtt, 5 * S + 40 * MS, &echo));
  g_assert_cmpuint (echo, ==, 110);
}

static void
test_no_echo_after_128_s (void) {
  RtmfpRtt rtt;
  rtmfp_rtt_init (&rtt);
  uint16_t echo = 0;
  rtmfp_rtt_receive_timestamp (&rtt, 100, 5 * S);
  g_assert_true (rtmfp_rtt_take_echo (&rtt, 133 * S, &echo));
  g_assert_false (rtmfp_rtt_take_echo (&rtt, 133 * S + 4 * MS, &echo));
  g_assert_false (rtmfp_rtt_take_echo (&rtt, 134 * S, &echo));
}

static void
test_timestamp_only_when_it_changed (void) {
  RtmfpRtt rtt;
  rtmfp_rtt_init (&rtt);
  uint16_t timestamp = 0;
  g_assert_true (rtmfp_rtt_take_timestamp (&rtt, 8 * S, &timestamp));
  g_assert_cmpuint (timestamp, ==, 2000);
  g_assert_false (rtmfp_rtt_take_timestamp (&rtt, 8 * S + 3 * MS, &timestamp));
  g_assert_true (rtmfp_rtt_take_timestamp (&rtt, 8 * S + 4 * MS, &timestamp));
  g_assert_cmpuint (timestamp, ==, 2001);
}

static void
test_backs_off_to_ten_seconds (void) {
  RtmfpRtt rtt;
  rtmfp_rtt_init (&rtt);
  g_assert_true (rtmfp_rtt_receive_echo (&rtt, rtmfp_rtt_timestamp (10 * S), 10 * S + 100 * MS));
  rtmfp_rtt_back_off (&rtt);
  g_assert_cmpint (rtt.erto_us, ==, 500 * MS * 14142 / 10000);
  for (int i = 0; i < 20; i++) {
    rtmfp_rtt_back_off (&rtt);
  }
  g_assert_cmpint (rtt.erto_us, ==, 10 * S);
  g_assert_cmpint (rtt.erto_us, ==, RTMFP_ERTO_US_MAX);
  /* A new measurement ends the backoff. */
  g_assert_true (rtmfp_rtt_receive_echo (&rtt, rtmfp_rtt_timestamp (20 * S), 20 * S + 100 * MS));
  g_assert_cmpint (rtt.erto_us, <, S);
}

static void
test_cap_yields_to_the_measurement (void) {
  RtmfpRtt rtt;
  rtmfp_rtt_init (&rtt);
  g_assert_true (rtmfp_rtt_receive_echo (&rtt, rtmfp_rtt_timestamp (10 * S), 14 * S));
  g_assert_cmpint (rtt.mrto_us, ==, (4000 + 4 * 2000 + 200) * MS);
  rtmfp_rtt_back_off (&rtt);
  g_assert_cmpint (rtt.erto_us, ==, rtt.mrto_us); /* above ten seconds, as the round trip asks */
}

/* So many seconds with the least round trips that are given, ten samples each. */
static void
live (RtmfpRtt *rtt, const int least_ms[], int seconds, int64_t *now_us) {
  for (int second = 0; second < seconds; second++) {
    for (int i = 0; i < 10; i++, *now_us += 100 * MS) {
      const int64_t sample_us = (least_ms[second] + (i % 3) * 20) * MS;
      g_assert_true (
          rtmfp_rtt_receive_echo (rtt, rtmfp_rtt_timestamp (*now_us), *now_us + sample_us));
    }
  }
}

static void
test_longer_path_is_the_lowest (void) {
  RtmfpRtt rtt;
  int64_t now_us = 10 * S;
  rtmfp_rtt_init (&rtt);
  live (&rtt, (const int[]){40, 44, 40}, 3, &now_us);
  g_assert_cmpint (rtt.lowest_us, ==, 40 * MS);
  live (&rtt, (const int[]){100, 104, 100, 100}, 4, &now_us);
  g_assert_cmpint (rtt.lowest_us, ==, 40 * MS);
  live (&rtt, (const int[]){104, 100}, 2, &now_us);
  g_assert_cmpint (rtt.lowest_us, ==, 100 * MS);
  live (&rtt, (const int[]){40}, 1, &now_us); /* and back at once */
  g_assert_cmpint (rtt.lowest_us, ==, 40 * MS);
}

static void
test_queue_is_not_a_longer_path (void) {
  RtmfpRtt rtt;
  int64_t now_us = 10 * S;
  rtmfp_rtt_init (&rtt);
  live (&rtt, (const int[]){40}, 1, &now_us);
  for (int i = 0; i < 20; i++) { /* it grows, and is drained, and never to the end */
    live (&rtt, (const int[]){60, 72, 84, 96, 60}, 5, &now_us);
    g_assert_cmpint (rtt.lowest_us, ==, 40 * MS);
  }
}

/* Nobody knows, but after minutes. */
static void
test_lowest_is_forgotten (void) {
  RtmfpRtt rtt;
  int64_t now_us = 10 * S;
  rtmfp_rtt_init (&rtt);
  live (&rtt, (const int[]){40}, 1, &now_us);
  for (int i = 0; i < 2 * RTMFP_LOWEST_SECONDS / 2; i++) {
    live (&rtt, (const int[]){60, 84}, 2, &now_us);
  }
  g_assert_cmpint (rtt.lowest_us, ==, 60 * MS);
}

static void
test_few_samples_show_no_longer_path (void) {
  RtmfpRtt rtt;
  int64_t now_us = 10 * S;
  rtmfp_rtt_init (&rtt);
  live (&rtt, (const int[]){40}, 1, &now_us);
  for (int i = 0; i < 40; i++, now_us += S / 4) { /* four a second */
    rtmfp_rtt_receive_echo (&rtt, rtmfp_rtt_timestamp (now_us), now_us + 100 * MS);
  }
  g_assert_cmpint (rtt.lowest_us, ==, 40 * MS);
}

static void
test_new_path_has_its_own_lowest (void) {
  RtmfpRtt rtt;
  int64_t now_us = 10 * S;
  rtmfp_rtt_init (&rtt);
  live (&rtt, (const int[]){40}, 1, &now_us);
  rtmfp_rtt_new_path (&rtt);
  live (&rtt, (const int[]){100}, 1, &now_us);
  g_assert_cmpint (rtt.lowest_us, ==, 100 * MS);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/congestion/rtt/starts-with-three-seconds", test_starts_with_three_seconds);
  g_test_add_func ("/congestion/rtt/first-measurement", test_first_measurement);
  g_test_add_func ("/congestion/rtt/smooths", test_smooths);
  g_test_add_func ("/congestion/rtt/longer-path-is-the-lowest", test_longer_path_is_the_lowest);
  g_test_add_func ("/congestion/rtt/queue-is-not-a-longer-path", test_queue_is_not_a_longer_path);
  g_test_add_func ("/congestion/rtt/lowest-is-forgotten", test_lowest_is_forgotten);
  g_test_add_func ("/congestion/rtt/few-samples-show-no-longer-path",
                   test_few_samples_show_no_longer_path);
  g_test_add_func ("/congestion/rtt/new-path-has-its-own-lowest", test_new_path_has_its_own_lowest);
  g_test_add_func ("/congestion/rtt/timeout-is-never-below-250-ms",
                   test_timeout_is_never_below_250_ms);
  g_test_add_func ("/congestion/rtt/same-echo-counts-once", test_same_echo_counts_once);
  g_test_add_func ("/congestion/rtt/echo-from-the-future-is-discarded",
                   test_echo_from_the_future_is_discarded);
  g_test_add_func ("/congestion/rtt/wraps-at-65536-ticks", test_wraps_at_65536_ticks);
  g_test_add_func ("/congestion/rtt/echo-adds-the-time-it-waited",
                   test_echo_adds_the_time_it_waited);
  g_test_add_func ("/congestion/rtt/repeated-timestamp-keeps-its-first-time",
                   test_repeated_timestamp_keeps_its_first_time);
  g_test_add_func ("/congestion/rtt/no-echo-after-128-s", test_no_echo_after_128_s);
  g_test_add_func ("/congestion/rtt/timestamp-only-when-it-changed",
                   test_timestamp_only_when_it_changed);
  g_test_add_func ("/congestion/rtt/backs-off-to-ten-seconds", test_backs_off_to_ten_seconds);
  g_test_add_func ("/congestion/rtt/cap-yields-to-the-measurement",
                   test_cap_yields_to_the_measurement);
  return g_test_run ();
}

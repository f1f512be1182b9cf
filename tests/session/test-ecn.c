/* SPDX-License-Identifier: Apache-2.0 */
/* Explicit Congestion Notification by itself: what is counted, reported and believed. */
#include "core/session/ecn.h"
#include "core/session/params.h"

#include <glib.h>

static void
test_counts (void) {
  RtmfpEcn ecn = {0};
  rtmfp_ecn_heard (&ecn, RTMFP_ECN_NOT_ECT);
  g_assert_false (ecn.has_news);
  rtmfp_ecn_heard (&ecn, RTMFP_ECN_ECT0);
  rtmfp_ecn_heard (&ecn, RTMFP_ECN_ECT1);
  g_assert_true (ecn.has_news);
  for (int i = 0; i < 300; i++) {
    rtmfp_ecn_heard (&ecn, RTMFP_ECN_CE);
  }
  g_assert_cmpuint (ecn.ect_count, ==, 2);
  g_assert_cmpuint (ecn.ce_count, ==, 300); /* 44 in a report */
  rtmfp_ecn_begin (&ecn);                   /* the session moves: the far side goes on counting */
  g_assert_cmpuint (ecn.ce_count, ==, 300);
}

/* The counter of eight bits goes round; a report that was overtaken says nothing. */
static void
test_reports (void) {
  RtmfpEcn ecn = {0};
  g_assert_false (rtmfp_ecn_report (&ecn, 0));
  g_assert_true (rtmfp_ecn_report (&ecn, 5));
  g_assert_false (rtmfp_ecn_report (&ecn, 5));
  g_assert_false (rtmfp_ecn_report (&ecn, 4));
  g_assert_false (rtmfp_ecn_report (&ecn, (uint8_t)(5 - 32)));
  g_assert_true (rtmfp_ecn_report (&ecn, 200));
  g_assert_true (rtmfp_ecn_report (&ecn, 2)); /* 258 */
  g_assert_cmpuint (ecn.heard_count, ==, 2);
}

static void
test_bleached (void) {
  RtmfpEcn ecn = {0};
  for (int i = 1; i < RTMFP_ECN_SILENT_ACKS; i++) {
    g_assert_cmpuint (rtmfp_ecn_leave (&ecn, 1000, 0), ==, RTMFP_ECN_ECT0);
    rtmfp_ecn_acknowledged (&ecn, false);
  }
  rtmfp_ecn_report (&ecn, 0);
  rtmfp_ecn_acknowledged (&ecn, true); /* one is enough to go on */
  for (int i = 0; i < RTMFP_ECN_SILENT_ACKS; i++) {
    g_assert_cmpuint (rtmfp_ecn_leave (&ecn, 1000, 0), ==, RTMFP_ECN_ECT0);
    rtmfp_ecn_acknowledged (&ecn, false);
  }
  g_assert_cmpuint (rtmfp_ecn_leave (&ecn, 1000, 0), ==, RTMFP_ECN_NOT_ECT);
  rtmfp_ecn_begin (&ecn); /* another path */
  g_assert_cmpuint (rtmfp_ecn_leave (&ecn, 1000, 0), ==, RTMFP_ECN_ECT0);
}

static void
test_swallowed (void) {
  RtmfpEcn ecn = {0};
  for (int i = 0; i < RTMFP_ECN_TRIAL_PACKETS; i++) {
    g_assert_cmpuint (rtmfp_ecn_leave (&ecn, 1000, 0), ==, RTMFP_ECN_ECT0);
  }
  g_assert_cmpuint (rtmfp_ecn_leave (&ecn, 1000, 999), ==, RTMFP_ECN_ECT0);
  g_assert_cmpuint (rtmfp_ecn_leave (&ecn, 1000, 1000), ==, RTMFP_ECN_NOT_ECT);
  /* Once reports have come, silence is an outage and not the marks' fault. */
  ecn = (RtmfpEcn){0};
  rtmfp_ecn_report (&ecn, 0);
  for (int i = 0; i < 100; i++) {
    g_assert_cmpuint (rtmfp_ecn_leave (&ecn, 1000, i * 1000), ==, RTMFP_ECN_ECT0);
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/ecn/counts-what-comes", test_counts);
  g_test_add_func ("/session/ecn/believes-reports-in-order", test_reports);
  g_test_add_func ("/session/ecn/stops-where-marks-are-taken-off", test_bleached);
  g_test_add_func ("/session/ecn/stops-where-marked-packets-vanish", test_swallowed);
  return g_test_run ();
}

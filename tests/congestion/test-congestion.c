/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The congestion window against the figures of RFC 7016 Appendix A. */
#include "core/congestion/congestion.h"
#include "core/congestion/params.h"

#include <glib.h>

#define MS INT64_C (1000)
#define S INT64_C (1000000)

/* One packet that acknowledges acked of outstanding bytes. */
static void
acknowledge (RtmfpCongestion *congestion, size_t outstanding, size_t acked, int64_t now_us) {
  rtmfp_congestion_begin_packet (congestion, outstanding);
  rtmfp_congestion_acknowledge (congestion, acked);
  rtmfp_congestion_end_packet (congestion, INT64_MIN, now_us);
}

static void
lose (RtmfpCongestion *congestion, size_t outstanding, int64_t now_us) {
  rtmfp_congestion_begin_packet (congestion, outstanding);
  rtmfp_congestion_acknowledge (congestion, 1000);
  rtmfp_congestion_nak (congestion);
  rtmfp_congestion_loss (congestion, now_us);
  rtmfp_congestion_end_packet (congestion, INT64_MIN, now_us);
}

static void
test_starts_with_the_initial_window (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 4380);
  g_assert_true (rtmfp_congestion_may_send (&congestion, 4379));
  g_assert_false (rtmfp_congestion_may_send (&congestion, 4380));
}

static void
test_slow_start_doubles (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  acknowledge (&congestion, 4380, 1400, S);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 5780);
}

static void
test_no_packet_adds_more_than_one_segment (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  acknowledge (&congestion, 4380, 4380, S);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 4380 + RTMFP_SMSS_BYTES);
}

/* What was learnt of the path is there after a rest: two windows, one of which rested, do the same
 * from then on. */
static void
test_rest_keeps_what_was_learnt (void) {
  RtmfpCongestion kept, rested;
  RtmfpCongestionRest rest;
  rtmfp_congestion_init (&kept);
  for (int i = 0; i < 4000; i++) { /* into a queue, drains of it, and a loss */
    const int64_t now_us = S + i * 10 * MS;
    rtmfp_congestion_begin_packet (&kept, kept.cwnd_bytes);
    rtmfp_congestion_measure (&kept, (40 + i % 700 / 10) * MS, now_us);
    rtmfp_congestion_acknowledge (&kept, 1460);
    if (i == 2500) {
      rtmfp_congestion_loss (&kept, now_us);
    }
    rtmfp_congestion_end_packet (&kept, INT64_MIN, now_us);
  }
  rtmfp_congestion_rest (&kept, &rest);
  rtmfp_congestion_wake (&rest, &rested);
  for (int i = 0; i < 4000; i++) {
    const int64_t now_us = 60 * S + i * 10 * MS;
    RtmfpCongestion *both[] = {&kept, &rested};
    for (int k = 0; k < 2; k++) {
      rtmfp_congestion_begin_packet (both[k], both[k]->cwnd_bytes);
      rtmfp_congestion_measure (both[k], (40 + i % 900 / 10) * MS, now_us);
      rtmfp_congestion_acknowledge (both[k], 1460);
      rtmfp_congestion_end_packet (both[k], INT64_MIN, now_us);
    }
    g_assert_cmpuint (kept.cwnd_bytes, ==, rested.cwnd_bytes);
    g_assert_cmpuint (kept.ssthresh_bytes, ==, rested.ssthresh_bytes);
    g_assert_true (kept.competes == rested.competes);
  }
}

static void
test_unused_window_does_not_grow (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  acknowledge (&congestion, 4379, 1400, S);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 4380);
}

static void
test_nak_stops_growth (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  rtmfp_congestion_begin_packet (&congestion, 9000);
  rtmfp_congestion_acknowledge (&congestion, 1000);
  rtmfp_congestion_nak (&congestion);
  rtmfp_congestion_end_packet (&congestion, INT64_MIN, S);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 4380);
}

static void
test_loss_halves (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  lose (&congestion, 40000, S);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 20000);
  g_assert_cmpuint (congestion.ssthresh_bytes, ==, 20000);
  lose (&congestion, 2000, S + 1);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, RTMFP_CWND_INIT_BYTES);
}

static void
test_loss_of_a_large_window_costs_one_eighth (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  lose (&congestion, 80000, S);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 70000);
  lose (&congestion, 67200, S + 1);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 33600);
}

static void
test_loss_of_time_critical_data_costs_one_eighth (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  rtmfp_congestion_sent (&congestion, 1460, true, S);
  lose (&congestion, 40000, S + 800 * MS);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 35000);
  lose (&congestion, 40000, S + 801 * MS);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 20000);
}

static void
test_avoidance_adds_one_segment_a_round_trip (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  lose (&congestion, 40000, S);
  const size_t window = congestion.cwnd_bytes;
  for (size_t acked = 0; acked < window; acked += 1000) {
    acknowledge (&congestion, 60000, 1000, S);
  }
  g_assert_cmpuint (congestion.cwnd_bytes, >=, window + 15 * 91);
  g_assert_cmpuint (congestion.cwnd_bytes, <=, window + 16 * 91);
}

static size_t
growth_under_reverse_notification (bool sends_time_critical) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  rtmfp_congestion_receive_reverse (&congestion, S);
  rtmfp_congestion_sent (&congestion, 1460, sends_time_critical, S);
  const size_t window = congestion.cwnd_bytes;
  for (size_t acked = 0; acked < window; acked += 438) {
    acknowledge (&congestion, 60000, 438, S + 800 * MS);
  }
  g_assert_cmpint (congestion.yielded, ==, !sends_time_critical);
  return congestion.cwnd_bytes - window;
}

static void
test_reverse_notification_disables_slow_start (void) {
  g_assert_cmpuint (growth_under_reverse_notification (false), <=, 16 * 24); /* 384 a round trip */
}

static void
test_own_time_critical_data_may_still_start (void) {
  const size_t growth = growth_under_reverse_notification (true);
  g_assert_cmpuint (growth, >, 16 * 24);
  g_assert_cmpuint (growth, <=, 438 * 10 / 4 + 10);
}

static void
test_notification_ends_after_800_ms (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  rtmfp_congestion_receive_reverse (&congestion, S);
  acknowledge (&congestion, 4380, 1400, S + 801 * MS);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 5780);
}

static void
test_time_critical_data_elsewhere_slows_growth (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  rtmfp_congestion_begin_packet (&congestion, 4380);
  rtmfp_congestion_acknowledge (&congestion, 1400);
  rtmfp_congestion_end_packet (&congestion, S, S + 100 * MS);
  g_assert_cmpuint (congestion.cwnd_bytes, <=, 4380 + 6 * 24);
}

static void
test_timeout_without_loss_restarts (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  lose (&congestion, 40000, S);
  rtmfp_congestion_timeout (&congestion, false);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, RTMFP_CWND_INIT_BYTES);
  g_assert_cmpuint (congestion.ssthresh_bytes, ==, 20000);
}

static void
test_timeout_with_loss_leaves_one_segment (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  rtmfp_congestion_timeout (&congestion, true);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 1460);
}

static void
test_six_packets_at_once (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  for (int i = 0; i < RTMFP_BURST_PACKETS_MAX; i++) {
    g_assert_true (rtmfp_congestion_may_send (&congestion, 0));
    rtmfp_congestion_sent (&congestion, 1460, false, S);
  }
  g_assert_false (rtmfp_congestion_may_send (&congestion, 0));
  acknowledge (&congestion, 1000, 0, S);
  g_assert_true (rtmfp_congestion_may_send (&congestion, 0));
  for (int i = 0; i < 6; i++) {
    rtmfp_congestion_sent (&congestion, 1460, false, S);
  }
  rtmfp_congestion_timeout (&congestion, true);
  g_assert_true (rtmfp_congestion_may_send (&congestion, 0));
}

/* A window of 4380 bytes over 100 ms, in slow start at twice its pace: a packet of 1460 takes 16.7
 * ms, and 2 ms of it may be made up for. */
static void
test_packets_are_spread_over_the_round_trip (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  rtmfp_congestion_measure (&congestion, 100 * MS, S);
  rtmfp_congestion_advance (&congestion, S);
  g_assert_cmpint (rtmfp_congestion_deadline (&congestion), ==, INT64_MAX);
  g_assert_true (rtmfp_congestion_may_send (&congestion, 0));
  rtmfp_congestion_sent (&congestion, 1460, false, S);
  g_assert_false (rtmfp_congestion_may_send (&congestion, 0));
  const int64_t next_us = S - RTMFP_PACE_SLACK_US + 100 * MS * 1460 / 8760;
  g_assert_cmpint (rtmfp_congestion_deadline (&congestion), ==, next_us);
  rtmfp_congestion_advance (&congestion, next_us - 1);
  g_assert_false (rtmfp_congestion_may_send (&congestion, 0));
  rtmfp_congestion_advance (&congestion, next_us);
  g_assert_true (rtmfp_congestion_may_send (&congestion, 0));
  g_assert_cmpint (rtmfp_congestion_deadline (&congestion), ==, INT64_MAX);
}

/* What is time critical leaves at once, six packets before the pace and two beyond the window. */
static void
test_time_critical_data_goes_first (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  rtmfp_congestion_measure (&congestion, 100 * MS, S);
  for (int i = 0; i < 6; i++) {
    g_assert_true (rtmfp_congestion_may_send_critical (&congestion, 4380 + 2 * 1460 - 1));
    g_assert_false (rtmfp_congestion_may_send_critical (&congestion, 4380 + 2 * 1460));
    rtmfp_congestion_sent (&congestion, 1460, true, S);
    g_assert_false (rtmfp_congestion_may_send (&congestion, 0));
  }
  rtmfp_congestion_sent (&congestion, 1460, true, S);
  g_assert_false (rtmfp_congestion_may_send_critical (&congestion, 0));
}

/* ---- The queue ---- */

/* A round trip with a full window, in two packets that took rtt_us. */
static void
pass_round (RtmfpCongestion *congestion, int64_t rtt_us, int64_t *now_us) {
  for (int i = 0; i < 2; i++) {
    rtmfp_congestion_begin_packet (congestion, congestion->cwnd_bytes);
    rtmfp_congestion_measure (congestion, rtt_us, *now_us);
    rtmfp_congestion_acknowledge (congestion, 1460);
    rtmfp_congestion_end_packet (congestion, INT64_MIN, *now_us);
    *now_us += rtt_us;
  }
}

static RtmfpCongestion
with_window (size_t bytes, int64_t *now_us) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  pass_round (&congestion, 40 * MS, now_us);
  congestion.cwnd_bytes = congestion.ssthresh_bytes = bytes;
  return congestion;
}

static void
test_a_queue_ends_slow_start (void) {
  int64_t now_us = S;
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  pass_round (&congestion, 40 * MS, &now_us);
  g_assert_cmpuint (congestion.ssthresh_bytes, ==, SIZE_MAX);
  pass_round (&congestion, 44 * MS, &now_us);
  g_assert_cmpuint (congestion.ssthresh_bytes, ==, SIZE_MAX);
  pass_round (&congestion, 45 * MS, &now_us);
  g_assert_cmpuint (congestion.ssthresh_bytes, <=, congestion.cwnd_bytes);
}

/* 40 of 60 ms are the path: a third of the window stands in the queue, and leaves it. */
static void
test_a_standing_queue_is_drained (void) {
  int64_t now_us = S;
  RtmfpCongestion congestion = with_window (60000, &now_us);
  pass_round (&congestion, 55 * MS, &now_us);
  g_assert_cmpuint (congestion.cwnd_bytes, >=, 60000);
  const size_t before = congestion.cwnd_bytes;
  pass_round (&congestion, 60 * MS, &now_us);
  g_assert_cmpuint (congestion.cwnd_bytes, <=, before * 2 / 3);
  g_assert_cmpuint (congestion.cwnd_bytes, >=, before * 2 / 3 / 32 * 31);
  const size_t drained = congestion.cwnd_bytes;
  pass_round (&congestion, 41 * MS, &now_us); /* left before, or just behind */
  pass_round (&congestion, 41 * MS, &now_us);
  pass_round (&congestion, 41 * MS, &now_us);
  g_assert_false (congestion.competes);
  g_assert_cmpuint (congestion.cwnd_bytes, >=, drained);
  g_assert_cmpuint (congestion.cwnd_bytes, <=, drained + 3 * RTMFP_SMSS_BYTES);
}

/* What the far side's clock says when a packet leaves there that is under way for so long. */
static void
hear (RtmfpCongestion *congestion, int64_t way_us, int64_t now_us) {
  const int64_t left_us = now_us - way_us + INT64_C (123456789);
  rtmfp_congestion_hear (congestion, (uint16_t)(left_us / RTMFP_RTT_TICK_US), now_us);
}

static RtmfpCongestion
after_rounds (int64_t way_us, int64_t rtt_us, bool is_told) {
  int64_t now_us = S;
  RtmfpCongestion congestion = with_window (60000, &now_us);
  for (int i = 0; i < 4; i++) {
    hear (&congestion, 20 * MS, now_us);
    pass_round (&congestion, 40 * MS, &now_us);
  }
  for (int i = 0; i < 4; i++) {
    if (is_told) {
      hear (&congestion, way_us, now_us + rtt_us);
    }
    pass_round (&congestion, rtt_us, &now_us);
  }
  return congestion;
}

/* 30 ms more on the way back: what acknowledgements wait for in somebody else's queue. */
static void
test_a_queue_on_the_way_back_is_not_ours (void) {
  const RtmfpCongestion back = after_rounds (50 * MS, 70 * MS, true);
  g_assert_cmpint (back.delay.queue_us, <=, RTMFP_QUEUE_NOISE_US + RTMFP_RTT_TICK_US);
  g_assert_cmpuint (back.cwnd_bytes, >=, 60000);
  const RtmfpCongestion there = after_rounds (20 * MS, 70 * MS, true);
  g_assert_cmpint (there.delay.queue_us, >=, 25 * MS);
  g_assert_cmpuint (there.cwnd_bytes, <, 60000);
  const RtmfpCongestion unknown = after_rounds (50 * MS, 70 * MS, false);
  g_assert_cmpuint (unknown.cwnd_bytes, <, 60000);
}

static void
test_an_overrun_line_leaves_its_share (void) {
  int64_t now_us = S;
  for (int full = 0; full < 2; full++) {
    RtmfpCongestion congestion = with_window (60000, &now_us);
    for (int i = 0; full && i < 12; i++) { /* and is not drained meanwhile: nothing is limited */
      rtmfp_congestion_measure (&congestion, 150 * MS, now_us);
    }
    rtmfp_congestion_sent (&congestion, 1000, true, now_us);
    lose (&congestion, 60000, now_us);
    const size_t share =
        (size_t)(INT64_C (60000) * congestion.delay.base_us / congestion.delay.srtt_us);
    g_assert_true (!full || (share > 15000 && share < 22500));
    g_assert_cmpuint (congestion.cwnd_bytes, ==,
                      full ? share : 60000 - 60000 / RTMFP_CHANCE_LOSS_PART);
  }
}

/* By how much a window grows with time critical data behind so many rounds without a queue. */
static size_t
critical_growth (size_t window, int rounds) {
  int64_t now_us = S;
  RtmfpCongestion congestion = with_window (window, &now_us);
  for (int i = 0; i < rounds; i++) {
    pass_round (&congestion, 40 * MS, &now_us);
  }
  congestion.cwnd_bytes = congestion.ssthresh_bytes = window;
  congestion.acked_accumulator_bytes = 0;
  rtmfp_congestion_sent (&congestion, 1000, true, now_us);
  acknowledge (&congestion, window, 1460, now_us);
  return congestion.cwnd_bytes - window;
}

static void
test_a_small_window_grows_easily (void) {
  g_assert_cmpuint (critical_growth (8000, 5), ==, 1460 / 4);
  g_assert_cmpuint (critical_growth (8000, 1), ==, 1460 / 500 * 24);
  g_assert_cmpuint (critical_growth (14600, 5), ==, 1460 / 912 * 24);
}

static RtmfpCongestion
beside_a_filler (int64_t *now_us) {
  RtmfpCongestion congestion = with_window (60000, now_us);
  for (int i = 0; i < 20 && !congestion.competes; i++) {
    pass_round (&congestion, 90 * MS, now_us);
  }
  return congestion;
}

/* Who fills it whatever we do is not yielded to; and a loss then halves as TCP does. */
static void
test_a_queue_that_never_drains_is_competed_for (void) {
  int64_t now_us = S;
  RtmfpCongestion congestion = beside_a_filler (&now_us);
  g_assert_true (congestion.competes);
  g_assert_cmpuint (congestion.cwnd_bytes, >=, 50000);
  lose (&congestion, 80000, now_us);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 40000);
}

static void
test_an_empty_queue_ends_the_competition (void) {
  int64_t now_us = S;
  RtmfpCongestion congestion = beside_a_filler (&now_us);
  now_us += 11 * S; /* time to look again */
  for (int i = 0; i < 10 && congestion.competes; i++) {
    pass_round (&congestion, congestion.drained_bytes > 0 ? 41 * MS : 90 * MS, &now_us);
  }
  g_assert_false (congestion.competes);
}

static void
test_loss_without_a_queue_costs_one_eighth (void) {
  int64_t now_us = S;
  RtmfpCongestion congestion = with_window (40000, &now_us);
  pass_round (&congestion, 40 * MS, &now_us);
  lose (&congestion, 40000, now_us);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 35000);
  pass_round (&congestion, 48 * MS, &now_us);
  lose (&congestion, 32000, now_us);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 16000);
}

/* Whatever was in use of it; with a queue, as before. */
static void
test_loss_without_a_queue_costs_time_critical_data_less (void) {
  int64_t now_us = S;
  RtmfpCongestion congestion = with_window (40000, &now_us);
  pass_round (&congestion, 40 * MS, &now_us);
  const size_t window = congestion.cwnd_bytes;
  rtmfp_congestion_sent (&congestion, 1460, true, now_us);
  lose (&congestion, 5000, now_us);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, window - window / RTMFP_CHANCE_LOSS_PART);
  pass_round (&congestion, 48 * MS, &now_us);
  rtmfp_congestion_sent (&congestion, 1460, true, now_us);
  lose (&congestion, 32000, now_us);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 28000);
}

static void
test_what_left_before_a_cut_belongs_to_it (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  lose (&congestion, 40000, S);
  lose (&congestion, 30000, S);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 20000);
}

static void
test_congestion_experienced_counts_once_a_round_trip (void) {
  int64_t now_us = S;
  RtmfpCongestion congestion = with_window (40000, &now_us);
  for (int i = 0; i < 2; i++) {
    rtmfp_congestion_begin_packet (&congestion, congestion.cwnd_bytes);
    rtmfp_congestion_on_ce (&congestion, now_us + i * 39 * MS);
    rtmfp_congestion_end_packet (&congestion, INT64_MIN, now_us + i * 39 * MS);
    g_assert_cmpuint (congestion.cwnd_bytes, ==, 20000);
  }
  rtmfp_congestion_begin_packet (&congestion, 20000);
  rtmfp_congestion_on_ce (&congestion, now_us + 41 * MS);
  rtmfp_congestion_end_packet (&congestion, INT64_MIN, now_us + 41 * MS);
  g_assert_cmpuint (congestion.cwnd_bytes, ==, 10000);
}

/* The path grew by 60 ms: what older than half a minute is no longer the base. */
static void
test_a_longer_path_becomes_the_base (void) {
  int64_t now_us = S;
  RtmfpCongestion congestion = with_window (40000, &now_us);
  while (now_us < 45 * S) {
    pass_round (&congestion, 100 * MS, &now_us);
  }
  g_assert_cmpint (congestion.delay.base_us, ==, 100 * MS);
  g_assert_cmpuint (congestion.cwnd_bytes, >=, 40000);
}

static void
test_window_has_a_bound (void) {
  RtmfpCongestion congestion;
  rtmfp_congestion_init (&congestion);
  for (int i = 0; i < 60000; i++) {
    acknowledge (&congestion, SIZE_MAX, 100000, S);
  }
  g_assert_cmpuint (congestion.cwnd_bytes, ==, RTMFP_CWND_BYTES_MAX);
}

/* A path that is known to be longer is no queue, and nobody competes for it. */
static void
test_a_path_that_is_told_to_be_longer (void) {
  RtmfpCongestion congestion;
  int64_t now_us = S;
  rtmfp_congestion_init (&congestion);
  for (int i = 0; i < 200; i++, now_us += 10 * MS) {
    rtmfp_congestion_measure (&congestion, (i < 100 ? 40 : 100) * MS, now_us);
  }
  g_assert_cmpint (congestion.delay.queue_us, ==, 60 * MS);
  congestion.competes = true;
  rtmfp_congestion_longer_path (&congestion, 60 * MS);
  for (int i = 0; i < 20; i++, now_us += 10 * MS) {
    rtmfp_congestion_measure (&congestion, 100 * MS, now_us);
  }
  g_assert_cmpint (congestion.delay.base_us, ==, 100 * MS);
  g_assert_cmpint (congestion.delay.queue_us, ==, 0);
  g_assert_false (congestion.competes);
  rtmfp_congestion_longer_path (&congestion, 60 * MS); /* too much: the next sample says so */
  rtmfp_congestion_measure (&congestion, 100 * MS, now_us);
  g_assert_cmpint (congestion.delay.base_us, ==, 100 * MS);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/congestion/window/starts-with-the-initial-window",
                   test_starts_with_the_initial_window);
  g_test_add_func ("/congestion/window/slow-start-doubles", test_slow_start_doubles);
  g_test_add_func ("/congestion/window/no-packet-adds-more-than-one-segment",
                   test_no_packet_adds_more_than_one_segment);
  g_test_add_func ("/congestion/window/unused-window-does-not-grow",
                   test_unused_window_does_not_grow);
  g_test_add_func ("/congestion/window/nak-stops-growth", test_nak_stops_growth);
  g_test_add_func ("/congestion/window/loss-halves", test_loss_halves);
  g_test_add_func ("/congestion/window/loss-of-a-large-window-costs-one-eighth",
                   test_loss_of_a_large_window_costs_one_eighth);
  g_test_add_func ("/congestion/window/loss-of-time-critical-data-costs-one-eighth",
                   test_loss_of_time_critical_data_costs_one_eighth);
  g_test_add_func ("/congestion/window/avoidance-adds-one-segment-a-round-trip",
                   test_avoidance_adds_one_segment_a_round_trip);
  g_test_add_func ("/congestion/window/reverse-notification-disables-slow-start",
                   test_reverse_notification_disables_slow_start);
  g_test_add_func ("/congestion/window/own-time-critical-data-may-still-start",
                   test_own_time_critical_data_may_still_start);
  g_test_add_func ("/congestion/window/notification-ends-after-800-ms",
                   test_notification_ends_after_800_ms);
  g_test_add_func ("/congestion/window/time-critical-data-elsewhere-slows-growth",
                   test_time_critical_data_elsewhere_slows_growth);
  g_test_add_func ("/congestion/window/timeout-without-loss-restarts",
                   test_timeout_without_loss_restarts);
  g_test_add_func ("/congestion/window/timeout-with-loss-leaves-one-segment",
                   test_timeout_with_loss_leaves_one_segment);
  g_test_add_func ("/congestion/window/six-packets-at-once", test_six_packets_at_once);
  g_test_add_func ("/congestion/pace/packets-are-spread-over-the-round-trip",
                   test_packets_are_spread_over_the_round_trip);
  g_test_add_func ("/congestion/pace/time-critical-data-goes-first",
                   test_time_critical_data_goes_first);
  g_test_add_func ("/congestion/queue/ends-slow-start", test_a_queue_ends_slow_start);
  g_test_add_func ("/congestion/queue/is-drained", test_a_standing_queue_is_drained);
  g_test_add_func ("/congestion/queue/is-competed-for",
                   test_a_queue_that_never_drains_is_competed_for);
  g_test_add_func ("/congestion/queue/empty-ends-the-competition",
                   test_an_empty_queue_ends_the_competition);
  g_test_add_func ("/congestion/queue/without-it-loss-costs-one-eighth",
                   test_loss_without_a_queue_costs_one_eighth);
  g_test_add_func ("/congestion/queue/on-the-way-back", test_a_queue_on_the_way_back_is_not_ours);
  g_test_add_func ("/congestion/queue/small-window", test_a_small_window_grows_easily);
  g_test_add_func ("/congestion/queue/overrun", test_an_overrun_line_leaves_its_share);
  g_test_add_func ("/congestion/queue/without-it-loss-costs-time-critical-data-less",
                   test_loss_without_a_queue_costs_time_critical_data_less);
  g_test_add_func ("/congestion/queue/longer-path-becomes-the-base",
                   test_a_longer_path_becomes_the_base);
  g_test_add_func ("/congestion/queue/path-told-to-be-longer",
                   test_a_path_that_is_told_to_be_longer);
  g_test_add_func ("/congestion/window/what-left-before-a-cut-belongs-to-it",
                   test_what_left_before_a_cut_belongs_to_it);
  g_test_add_func ("/congestion/window/ce-counts-once-a-round-trip",
                   test_congestion_experienced_counts_once_a_round_trip);
  g_test_add_func ("/congestion/rest/keeps-what-was-learnt", test_rest_keeps_what_was_learnt);
  g_test_add_func ("/congestion/window/window-has-a-bound", test_window_has_a_bound);
  return g_test_run ();
}

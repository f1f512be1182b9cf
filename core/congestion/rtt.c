/* SPDX-License-Identifier: Apache-2.0 */
#include "core/congestion/rtt.h"

#include "core/congestion/params.h"

void
rtmfp_rtt_init (RtmfpRtt *rtt) {
  *rtt = (RtmfpRtt){.mrto_us = RTMFP_ERTO_US_MIN, .erto_us = RTMFP_ERTO_INIT_US};
}

uint16_t
rtmfp_rtt_timestamp (int64_t now_us) {
  return (uint16_t)(now_us / RTMFP_RTT_TICK_US);
}

void
rtmfp_rtt_receive_timestamp (RtmfpRtt *rtt, uint16_t timestamp, int64_t now_us) {
  if (rtt->has_ts_rx && rtt->ts_rx == timestamp) {
    return;
  }
  rtt->has_ts_rx = true;
  rtt->ts_rx = timestamp;
  rtt->ts_rx_time_us = now_us;
}

static int64_t
distance (int64_t a, int64_t b) {
  return a > b ? a - b : b - a;
}

static int64_t
longer (int64_t a, int64_t b) {
  return a > b ? a : b;
}

static void
take_measurement (RtmfpRtt *rtt, int64_t sample_us) {
  rtt->latest_us = sample_us;
  if (rtt->is_measured) {
    rtt->rttvar_us = (3 * rtt->rttvar_us + distance (rtt->srtt_us, sample_us)) / 4;
    rtt->srtt_us = (7 * rtt->srtt_us + sample_us) / 8;
    rtt->lowest_us = sample_us < rtt->lowest_us ? sample_us : rtt->lowest_us;
  } else {
    rtt->is_measured = true;
    rtt->srtt_us = sample_us;
    rtt->rttvar_us = sample_us / 2;
    rtt->lowest_us = sample_us;
  }
  rtt->mrto_us = rtt->srtt_us + 4 * rtt->rttvar_us + RTMFP_DELAYED_ACK_US;
  rtt->erto_us = longer (rtt->mrto_us, RTMFP_ERTO_US_MIN);
}

bool
rtmfp_rtt_receive_echo (RtmfpRtt *rtt, uint16_t echo, int64_t now_us) {
  if (rtt->has_ts_echo_rx && rtt->ts_echo_rx == echo) {
    return false;
  }
  rtt->has_ts_echo_rx = true;
  rtt->ts_echo_rx = echo;
  const uint16_t ticks = (uint16_t)(rtmfp_rtt_timestamp (now_us) - echo);
  if (ticks > 32767) {
    return false;
  }
  take_measurement (rtt, ticks * RTMFP_RTT_TICK_US);
  return true;
}

bool
rtmfp_rtt_take_timestamp (RtmfpRtt *rtt, int64_t now_us, uint16_t *timestamp) {
  const uint16_t now_ticks = rtmfp_rtt_timestamp (now_us);
  if (rtt->has_ts_tx && rtt->ts_tx == now_ticks) {
    return false;
  }
  rtt->has_ts_tx = true;
  rtt->ts_tx = now_ticks;
  *timestamp = now_ticks;
  return true;
}

bool
rtmfp_rtt_take_echo (RtmfpRtt *rtt, int64_t now_us, uint16_t *echo) {
  if (!rtt->has_ts_rx) {
    return false;
  }
  const int64_t elapsed_us = now_us - rtt->ts_rx_time_us;
  if (elapsed_us > RTMFP_TIMESTAMP_ECHO_AGE_US) {
    rtt->has_ts_rx = false;
    rtt->has_ts_echo_tx = false;
    return false;
  }
  const uint16_t now_echo = (uint16_t)(rtt->ts_rx + elapsed_us / RTMFP_RTT_TICK_US);
  if (rtt->has_ts_echo_tx && rtt->ts_echo_tx == now_echo) {
    return false;
  }
  rtt->has_ts_echo_tx = true;
  rtt->ts_echo_tx = now_echo;
  *echo = now_echo;
  return true;
}

void
rtmfp_rtt_back_off (RtmfpRtt *rtt) {
  const int64_t backed_us = rtt->erto_us * 14142 / 10000;
  const int64_t capped_us = backed_us < RTMFP_ERTO_US_MAX ? backed_us : RTMFP_ERTO_US_MAX;
  rtt->erto_us = longer (capped_us, rtt->mrto_us);
}

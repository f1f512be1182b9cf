/* SPDX-License-Identifier: Apache-2.0 */
#include "core/congestion/rtt.h"

#include "core/congestion/params.h"

void
rtmfp_rtt_init (RtmfpRtt *rtt) {
  *rtt = (RtmfpRtt){.mrto_us = RTMFP_ERTO_US_MIN, .erto_us = RTMFP_ERTO_INIT_US};
  rtmfp_rtt_new_path (rtt);
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

/* ---- The length of the path ---- */

static int32_t
lower (int32_t a, int32_t b) {
  return a < b ? a : b;
}

void
rtmfp_rtt_new_path (RtmfpRtt *rtt) {
  rtt->second_us = 0;
  rtt->second_least_us = rtt->span_least_us[0] = rtt->span_least_us[1] = INT32_MAX;
  rtt->span_seconds = rtt->level_seconds = rtt->second_samples = 0;
}

/* A queue of ours rises and falls from second to second, for whoever follows it sends less until it
 * is gone; and so does one that TCP fills. A path that grew longer is level from then on. */
static void
end_second (RtmfpRtt *rtt) {
  const int32_t least_us = rtt->second_least_us;
  const bool shows = rtt->second_samples >= RTMFP_LEVEL_SAMPLES;
  if (shows && rtt->level_seconds > 0 &&
      distance (least_us, rtt->level_us) <= RTMFP_LEVEL_BAND_US) {
    rtt->level_us = lower (rtt->level_us, least_us);
    rtt->level_seconds += rtt->level_seconds < UINT8_MAX;
  } else {
    rtt->level_us = least_us;
    rtt->level_seconds = shows;
  }
  if (rtt->level_seconds >= RTMFP_LEVEL_SECONDS &&
      rtt->level_seconds * RTMFP_LEVEL_SECOND_US >= RTMFP_LEVEL_ROUNDS * rtt->srtt_us) {
    rtt->span_least_us[0] = rtt->span_least_us[1] = rtt->level_us;
  }
  if (++rtt->span_seconds >= RTMFP_LOWEST_SECONDS) {
    rtt->span_least_us[1] = rtt->span_least_us[0];
    rtt->span_least_us[0] = INT32_MAX;
    rtt->span_seconds = 0;
  }
  rtt->second_least_us = INT32_MAX;
  rtt->second_samples = 0;
}

static void
find_lowest (RtmfpRtt *rtt, int64_t sample_us, int64_t now_us) {
  if (now_us - rtt->second_us >= RTMFP_LEVEL_SECOND_US) {
    if (rtt->second_samples > 0) {
      end_second (rtt);
    }
    rtt->second_us = now_us;
  }
  rtt->second_samples += rtt->second_samples < UINT8_MAX;
  rtt->second_least_us = lower (rtt->second_least_us, (int32_t)sample_us);
  rtt->span_least_us[0] = lower (rtt->span_least_us[0], rtt->second_least_us);
  rtt->lowest_us = lower (rtt->span_least_us[0], rtt->span_least_us[1]);
}

static void
take_measurement (RtmfpRtt *rtt, int64_t sample_us, int64_t now_us) {
  rtt->latest_us = sample_us;
  if (rtt->is_measured) {
    rtt->rttvar_us = (3 * rtt->rttvar_us + distance (rtt->srtt_us, sample_us)) / 4;
    rtt->srtt_us = (7 * rtt->srtt_us + sample_us) / 8;
  } else {
    rtt->is_measured = true;
    rtt->srtt_us = sample_us;
    rtt->rttvar_us = sample_us / 2;
  }
  find_lowest (rtt, sample_us, now_us);
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
  take_measurement (rtt, ticks * RTMFP_RTT_TICK_US, now_us);
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

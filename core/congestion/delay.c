/* SPDX-License-Identifier: Apache-2.0 */
#include "core/congestion/delay.h"

#include "core/congestion/params.h"

void
rtmfp_delay_init (RtmfpDelay *delay) {
  *delay = (RtmfpDelay){.queue_us = -1, .round_least_us = INT32_MAX};
  for (int i = 0; i < RTMFP_DELAY_WINDOWS; i++) {
    delay->least_us[i] = INT32_MAX;
    delay->way_least_us[i] = INT32_MAX;
  }
}

/* The path may have grown longer: what is older than three windows is forgotten. */
static void
renew_base (RtmfpDelay *delay, int32_t sample_us, int64_t now_us) {
  if (now_us - delay->window_since_us >= RTMFP_DELAY_WINDOW_US) {
    for (int i = RTMFP_DELAY_WINDOWS - 1; i > 0; i--) {
      delay->least_us[i] = delay->least_us[i - 1];
      delay->way_least_us[i] = delay->way_least_us[i - 1];
    }
    delay->least_us[0] = INT32_MAX;
    delay->way_least_us[0] = delay->way_us;
    delay->window_since_us = now_us;
  }
  if (sample_us < delay->least_us[0]) {
    delay->least_us[0] = sample_us;
  }
  delay->base_us = delay->least_us[0];
  for (int i = 1; i < RTMFP_DELAY_WINDOWS; i++) {
    delay->base_us = delay->least_us[i] < delay->base_us ? delay->least_us[i] : delay->base_us;
  }
}

void
rtmfp_delay_hear (RtmfpDelay *delay, uint16_t timestamp, int64_t now_us) {
  const uint16_t ticks = (uint16_t)(now_us / RTMFP_RTT_TICK_US - timestamp);
  if (!delay->has_way) {
    delay->has_way = true;
    delay->way_zero = ticks;
  }
  const int16_t since = (int16_t)(uint16_t)(ticks - delay->way_zero);
  delay->way_us = (int32_t)(since * RTMFP_RTT_TICK_US + now_us % RTMFP_RTT_TICK_US);
  delay->way_heard_us = now_us;
  if (delay->way_us < delay->way_least_us[0]) {
    delay->way_least_us[0] = delay->way_us;
  }
}

/* What stands on the way back, as far as is known for sure: timestamps are rounded down. */
static int32_t
queue_back_us (const RtmfpDelay *delay, int64_t now_us) {
  if (!delay->has_way || now_us - delay->way_heard_us > RTMFP_WAY_STALE_US) {
    return 0;
  }
  int32_t least_us = delay->way_least_us[0];
  for (int i = 1; i < RTMFP_DELAY_WINDOWS; i++) {
    least_us = delay->way_least_us[i] < least_us ? delay->way_least_us[i] : least_us;
  }
  const int32_t queue_us = delay->way_us - least_us - (int32_t)RTMFP_RTT_TICK_US;
  return queue_us > 0 ? queue_us : 0;
}

/* If that is too much, the next sample says so. */
void
rtmfp_delay_lengthen (RtmfpDelay *delay, int64_t more_us) {
  for (int i = 0; i < RTMFP_DELAY_WINDOWS; i++) {
    if (delay->least_us[i] < INT32_MAX / 2 && more_us < INT32_MAX / 2) {
      delay->least_us[i] += (int32_t)more_us;
    }
  }
}

bool
rtmfp_delay_measure (RtmfpDelay *delay, int64_t sample_us, int64_t now_us) {
  const int32_t sample = sample_us < 1 ? 1 : sample_us > INT32_MAX ? INT32_MAX : (int32_t)sample_us;
  delay->srtt_us =
      delay->srtt_us == 0 ? sample : (int32_t)(((int64_t)7 * delay->srtt_us + sample) / 8);
  renew_base (delay, sample, now_us);
  if (delay->round_least_us == INT32_MAX) {
    delay->round_since_us = now_us;
    delay->round_until_us = now_us + sample;
  }
  const int32_t there_us = sample - queue_back_us (delay, now_us);
  delay->round_least_us = there_us < delay->round_least_us ? there_us : delay->round_least_us;
  if (now_us < delay->round_until_us) {
    return false;
  }
  const int32_t queue_us = delay->round_least_us - delay->base_us;
  delay->queue_us = queue_us > 0 ? queue_us : 0;
  delay->round_least_us = INT32_MAX;
  delay->rounds++;
  return true;
}

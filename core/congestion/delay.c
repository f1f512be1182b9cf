/* SPDX-License-Identifier: Apache-2.0 */
#include "core/congestion/delay.h"

#include "core/congestion/params.h"

void
rtmfp_delay_init (RtmfpDelay *delay) {
  *delay = (RtmfpDelay){.queue_us = -1, .round_least_us = INT32_MAX};
  for (int i = 0; i < RTMFP_DELAY_WINDOWS; i++) {
    delay->least_us[i] = INT32_MAX;
  }
}

/* The path may have grown longer: what is older than three windows is forgotten. */
static void
renew_base (RtmfpDelay *delay, int32_t sample_us, int64_t now_us) {
  if (now_us - delay->window_since_us >= RTMFP_DELAY_WINDOW_US) {
    for (int i = RTMFP_DELAY_WINDOWS - 1; i > 0; i--) {
      delay->least_us[i] = delay->least_us[i - 1];
    }
    delay->least_us[0] = INT32_MAX;
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
  delay->round_least_us = sample < delay->round_least_us ? sample : delay->round_least_us;
  if (now_us < delay->round_until_us) {
    return false;
  }
  delay->queue_us = delay->round_least_us - delay->base_us;
  delay->round_least_us = INT32_MAX;
  delay->rounds++;
  return true;
}

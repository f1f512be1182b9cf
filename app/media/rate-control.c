/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/rate-control.h"

#include "app/media/params.h"

#include <glib.h>

void
app_rate_control_init (AppRateControl *control, int most_bps) {
  *control = (AppRateControl){.most_bps = most_bps, .bps = most_bps, .usual_jitter_ms = -1};
}

typedef enum {
  CLEAR,
  NARROW,
  BLOCKED,
} Verdict;

/* Jitter counts when it grows over what this path has: then a queue is filling. */
static Verdict
judge (AppRateControl *control, const AppRateReport *report) {
  if (control->usual_jitter_ms < 0 || report->jitter_ms < control->usual_jitter_ms) {
    control->usual_jitter_ms = report->jitter_ms;
  }
  const int grown_ms = report->jitter_ms - control->usual_jitter_ms;
  control->usual_jitter_ms += grown_ms / 16;
  if (report->video_lost_permille >= APP_RATE_BLOCKED_PERMILLE || report->key_frames_asked >= 3) {
    return BLOCKED;
  }
  if (report->video_lost_permille >= APP_RATE_NARROW_PERMILLE || report->key_frames_asked > 0 ||
      report->audio_lost_permille >= APP_RATE_BLOCKED_PERMILLE || grown_ms >= APP_RATE_GROWN_MS) {
    return NARROW;
  }
  return CLEAR;
}

int
app_rate_control_update (AppRateControl *control, const AppRateReport *report, int64_t now_us) {
  switch (judge (control, report)) {
  case BLOCKED:
    control->bps = control->bps / 10 * 6;
    control->hold_until_us = now_us + APP_RATE_HOLD_US;
    break;
  case NARROW:
    control->bps = control->bps / 10 * 8;
    control->hold_until_us = now_us + APP_RATE_HOLD_US;
    break;
  case CLEAR:
    if (now_us >= control->hold_until_us) {
      control->bps += MAX (control->bps / 16, APP_RATE_STEP_BPS);
    }
    break;
  }
  const int least_bps = MIN (APP_RATE_LEAST_BPS, control->most_bps);
  control->bps = CLAMP (control->bps, least_bps, control->most_bps);
  return control->bps;
}

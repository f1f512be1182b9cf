/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/delay-tracker.h"

#include <glib.h>

static void
move_window (AppDelayTracker *tracker, int64_t transit_us, int64_t arrival_us) {
  if (!tracker->started) {
    tracker->started = true;
    tracker->minimum_us = tracker->old_minimum_us = transit_us;
    tracker->window_start_us = tracker->worst_since_us = arrival_us;
  } else if (arrival_us - tracker->window_start_us >= APP_JITTER_BASE_WINDOW_US) {
    tracker->old_minimum_us = tracker->minimum_us;
    tracker->minimum_us = transit_us;
    tracker->window_start_us = arrival_us;
  }
  tracker->minimum_us = MIN (tracker->minimum_us, transit_us);
}

/* Returns the worst bucket of the last gone_us, and up to twice that. One far above it, soon after
 * such ones were forgotten: they come and go, and are remembered for twice as long. */
static int64_t
watch_worst (AppDelayTracker *tracker, int64_t bucket, int64_t arrival_us) {
  const int64_t forgot_us = arrival_us - tracker->forgot_us; /* ago */
  const int64_t known = MAX (tracker->worst, tracker->old_worst);
  if (tracker->forgot_us != 0 && bucket > known + APP_JITTER_BURST_BUCKETS &&
      forgot_us < APP_JITTER_AGAIN_US) {
    tracker->gone_us = MIN (tracker->gone_us * 2, APP_JITTER_GONE_MOST_US);
  } else if (tracker->gone_us == 0 || forgot_us > 3 * APP_JITTER_AGAIN_US) {
    tracker->gone_us = APP_JITTER_GONE_US;
  }
  if (arrival_us - tracker->worst_since_us >= tracker->gone_us) {
    tracker->old_worst = tracker->worst;
    tracker->worst = bucket;
    tracker->worst_since_us = arrival_us;
  }
  tracker->worst = MAX (tracker->worst, bucket);
  return MAX (tracker->worst, tracker->old_worst);
}

void
app_delay_tracker_add (AppDelayTracker *tracker, int64_t time_us, int64_t arrival_us) {
  const int64_t transit_us = arrival_us - time_us;
  move_window (tracker, transit_us, arrival_us);
  const int64_t delay_us = transit_us - app_delay_tracker_get_base (tracker);
  const int64_t bucket = MIN (delay_us / APP_JITTER_BUCKET_US, APP_JITTER_BUCKETS - 1);
  const int64_t worst = watch_worst (tracker, bucket, arrival_us);
  tracker->total = 0;
  for (int64_t i = 0; i < APP_JITTER_BUCKETS; i++) {
    if (i > worst + APP_JITTER_BURST_BUCKETS && tracker->weight[i] > 0.1) { /* it counted */
      tracker->forgot_us = arrival_us;
    }
    tracker->weight[i] *= i > worst ? APP_JITTER_FORGET_FAST : APP_JITTER_FORGET;
    tracker->weight[i] += i == bucket ? 1 : 0;
    tracker->total += tracker->weight[i];
  }
}

int64_t
app_delay_tracker_get_base (const AppDelayTracker *tracker) {
  return MIN (tracker->minimum_us, tracker->old_minimum_us);
}

int64_t
app_delay_tracker_get_quantile (const AppDelayTracker *tracker, double part) {
  double sum = 0;
  for (int i = 0; i < APP_JITTER_BUCKETS; i++) {
    sum += tracker->weight[i];
    if (sum >= part * tracker->total && sum > 0) {
      return (int64_t)(i + 1) * APP_JITTER_BUCKET_US;
    }
  }
  return tracker->started ? (int64_t)APP_JITTER_BUCKETS * APP_JITTER_BUCKET_US : 0;
}

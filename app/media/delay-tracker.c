/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/delay-tracker.h"

#include <glib.h>

static void
move_window (AppDelayTracker *tracker, int64_t transit_us, int64_t arrival_us) {
  if (!tracker->started) {
    tracker->started = true;
    tracker->minimum_us = tracker->old_minimum_us = transit_us;
    tracker->window_start_us = arrival_us;
  } else if (arrival_us - tracker->window_start_us >= APP_JITTER_BASE_WINDOW_US) {
    tracker->old_minimum_us = tracker->minimum_us;
    tracker->minimum_us = transit_us;
    tracker->window_start_us = arrival_us;
  }
  tracker->minimum_us = MIN (tracker->minimum_us, transit_us);
}

void
app_delay_tracker_add (AppDelayTracker *tracker, int64_t time_us, int64_t arrival_us) {
  const int64_t transit_us = arrival_us - time_us;
  move_window (tracker, transit_us, arrival_us);
  const int64_t delay_us = transit_us - app_delay_tracker_get_base (tracker);
  const int64_t bucket = MIN (delay_us / APP_JITTER_BUCKET_US, APP_JITTER_BUCKETS - 1);
  for (int i = 0; i < APP_JITTER_BUCKETS; i++) {
    tracker->weight[i] *= APP_JITTER_FORGET;
  }
  tracker->weight[bucket] += 1;
  tracker->total = tracker->total * APP_JITTER_FORGET + 1;
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

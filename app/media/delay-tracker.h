/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much later than the fastest a stream's packets arrive: a histogram with forgetting over a
 * moving minimum. Delays that were not seen for seconds, those of a queue that is gone, are
 * forgotten faster. */
#ifndef APP_MEDIA_DELAY_TRACKER_H
#define APP_MEDIA_DELAY_TRACKER_H

#include "app/media/params.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  bool started;
  int64_t minimum_us;     /* of arrival - time in this window */
  int64_t old_minimum_us; /* of the window before */
  int64_t window_start_us;
  int64_t worst, old_worst;        /* bucket, of this period and the one before */
  int64_t worst_since_us, gone_us; /* how long a period is */
  int64_t forgot_us;               /* worse ones for the last time; 0 = never */
  double total;
  double weight[APP_JITTER_BUCKETS];
} AppDelayTracker;

/* A packet stamped time_us (sender's clock) came at arrival_us (ours). */
void app_delay_tracker_add (AppDelayTracker *tracker, int64_t time_us, int64_t arrival_us);

/* arrival - time of the fastest packets: microseconds between the two clocks, only differences of
 * it mean anything. */
int64_t app_delay_tracker_get_base (const AppDelayTracker *tracker);

/* The delay over the base that this part (0..1) of the packets stays within, microseconds. */
int64_t app_delay_tracker_get_quantile (const AppDelayTracker *tracker, double part);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/agent/media-path.h"

#include <string.h>

void
ahoy_incoming_queue_hear (AhoyIncomingQueue *queue, uint32_t timestamp_ms, int64_t now_us) {
  const int64_t way_us = now_us - (int64_t)timestamp_ms * 1000;
  if (queue->heard_us == 0) {
    queue->least_us[0] = queue->least_us[1] = way_us;
    queue->period_us = now_us + AHOY_AGENT_QUEUE_PERIOD_US;
  } else if (now_us >= queue->period_us) {
    queue->least_us[1] = queue->least_us[0];
    queue->least_us[0] = way_us;
    queue->period_us = now_us + AHOY_AGENT_QUEUE_PERIOD_US;
  }
  queue->least_us[0] = way_us < queue->least_us[0] ? way_us : queue->least_us[0];
  const int64_t least_us =
      queue->least_us[0] < queue->least_us[1] ? queue->least_us[0] : queue->least_us[1];
  queue->late_us[queue->turn++ % AHOY_AGENT_PICTURE_DELAYS] = way_us - least_us;
  queue->heard_us = now_us;
}

int64_t
ahoy_incoming_queue_us (const AhoyIncomingQueue *queue, int64_t now_us) {
  if (queue->heard_us == 0 || now_us - queue->heard_us > AHOY_AGENT_QUEUE_STALE_US) {
    return 0;
  }
  int64_t least_us = queue->late_us[0];
  for (size_t i = 1; i < AHOY_AGENT_PICTURE_DELAYS; i++) {
    least_us = queue->late_us[i] < least_us ? queue->late_us[i] : least_us;
  }
  return least_us;
}

static unsigned
level_of (const AhoyLossGauge *gauge) {
  static const uint32_t from_permille[] = {0, AHOY_AGENT_LOSS_SOME_PERMILLE,
                                           AHOY_AGENT_LOSS_MUCH_PERMILLE};
  unsigned level = 0;
  for (unsigned i = 1; i < sizeof from_permille / sizeof from_permille[0]; i++) {
    const uint32_t from = gauge->level >= i ? from_permille[i] * 3 / 4 : from_permille[i];
    level = gauge->lost_permille >= from ? i : level;
  }
  return level;
}

void
ahoy_loss_gauge_hear (AhoyLossGauge *gauge, uint32_t lost_permille, int64_t now_us) {
  const uint32_t most = now_us < gauge->crowded_us ? 0 : 1000;
  const uint32_t lost = lost_permille < most ? lost_permille : most;
  gauge->lost_permille = gauge->is_told ? (3 * gauge->lost_permille + lost) / 4 : lost;
  gauge->is_told = true;
  gauge->level = level_of (gauge);
}

void
ahoy_loss_gauge_see_queue (AhoyLossGauge *gauge, int64_t queue_us, int64_t now_us) {
  if (queue_us >= AHOY_AGENT_CROWD_US) {
    gauge->crowded_us = now_us + AHOY_AGENT_CROWDED_US;
  }
}

unsigned
ahoy_loss_gauge_copies (const AhoyLossGauge *gauge, int64_t now_us) {
  return now_us < gauge->crowded_us ? 0 : gauge->level;
}

unsigned
ahoy_loss_gauge_resend_copies (const AhoyLossGauge *gauge, int64_t now_us) {
  return now_us < gauge->crowded_us || gauge->level == 0 ? 0 : gauge->level + 1;
}

void
ahoy_media_tracker_sent (AhoyMediaTracker *tracker, uint64_t number, size_t bytes, int64_t now_us) {
  if (tracker->count < AHOY_AGENT_PICTURES_MAX) {
    tracker->pictures[tracker->count++] =
        (AhoyPictureOnWay){.number = number, .since_us = now_us, .bytes = bytes};
  }
}

void
ahoy_media_tracker_ended (AhoyMediaTracker *tracker, uint64_t number, bool delivered,
                          int64_t now_us) {
  size_t at = 0;
  while (at < tracker->count && tracker->pictures[at].number != number) {
    at++;
  }
  if (at == tracker->count) {
    return;
  }
  if (delivered) {
    tracker->delays_us[tracker->delivered++ % AHOY_AGENT_PICTURE_DELAYS] =
        now_us - tracker->pictures[at].since_us;
    tracker->delivered_bytes += tracker->pictures[at].bytes;
    tracker->newest = number > tracker->newest ? number : tracker->newest;
  } else {
    tracker->given_up++;
  }
  tracker->count--;
  memmove (&tracker->pictures[at], &tracker->pictures[at + 1],
           (tracker->count - at) * sizeof tracker->pictures[0]);
}

void
ahoy_media_tracker_refused (AhoyMediaTracker *tracker) {
  tracker->given_up++;
}

void
ahoy_media_tracker_tell (const AhoyMediaTracker *tracker, int64_t now_us, AhoyMediaPath *path) {
  path->delivered = tracker->delivered;
  path->delivered_bytes = tracker->delivered_bytes;
  path->given_up = tracker->given_up;
  path->delay_us = tracker->delays_us[0];
  for (size_t i = 1; i < AHOY_AGENT_PICTURE_DELAYS && i < tracker->delivered; i++) {
    if (tracker->delays_us[i] < path->delay_us) {
      path->delay_us = tracker->delays_us[i];
    }
  }
  path->waiting_us = 0;
  path->waiting_bytes = 0;
  for (size_t i = tracker->count; i-- > 0 && tracker->pictures[i].number > tracker->newest;) {
    path->waiting_us = now_us - tracker->pictures[i].since_us;
    path->waiting_bytes += tracker->pictures[i].bytes;
  }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/congestion/drain.h"

#include "core/congestion/params.h"

static size_t
larger (size_t a, size_t b) {
  return a > b ? a : b;
}

static int32_t
noise_us (const RtmfpCongestion *congestion) {
  return congestion_jitter_us (congestion) + congestion->delay.base_us / 16;
}

bool
congestion_has_no_queue (const RtmfpCongestion *congestion) {
  const RtmfpDelay *delay = &congestion->delay;
  return delay->queue_us >= 0 && delay->queue_us <= noise_us (congestion);
}

/* A queue of three packets is none that a slow line could do without. */
static int32_t
target_us (const RtmfpCongestion *congestion) {
  const int64_t packets_us =
      (int64_t)congestion->delay.srtt_us * 3 * RTMFP_SMSS_BYTES / (int64_t)congestion->cwnd_bytes;
  return packets_us <= RTMFP_QUEUE_TARGET_US      ? RTMFP_QUEUE_TARGET_US
         : packets_us < RTMFP_QUEUE_TARGET_US_MAX ? (int32_t)packets_us
                                                  : RTMFP_QUEUE_TARGET_US_MAX;
}

static void
set_window (RtmfpCongestion *congestion, size_t bytes) {
  congestion->cwnd_bytes = larger (bytes, RTMFP_CWND_INIT_BYTES);
  congestion->ssthresh_bytes = congestion->cwnd_bytes;
  congestion->acked_accumulator_bytes = 0;
}

static void
begin_drain (RtmfpCongestion *congestion, int64_t now_us) {
  const RtmfpDelay *delay = &congestion->delay;
  const size_t before = congestion->cwnd_bytes;
  congestion->drained_bytes = before;
  congestion->peak_bytes = larger (congestion->peak_bytes / 16 * 15, before);
  congestion->drain_queue_us = delay->queue_us;
  congestion->watched = 0;
  congestion->lost_in_drain = false;
  congestion->watch_from_us = now_us + delay->base_us + delay->queue_us;
  const size_t share = (size_t)((uint64_t)before * (uint64_t)delay->base_us /
                                (uint64_t)(delay->base_us + delay->queue_us));
  set_window (congestion, larger (share / 32 * 31, before / 16 * 9));
}

/* Whoever yielded lately, and was driven out again, looks more rarely. */
static void
compete (RtmfpCongestion *congestion, int64_t now_us) {
  const bool again = now_us - congestion->yielded_us < RTMFP_DELAY_WINDOW_US;
  const unsigned skips = again ? congestion->skips * 2u + 1 : 0;
  congestion->skips = skips < RTMFP_LOOKS_SKIPPED_MAX ? (uint8_t)skips : RTMFP_LOOKS_SKIPPED_MAX;
  congestion->looks_left = congestion->skips;
  congestion->competes = true;
  congestion->failed_drains = 0;
  congestion->drained_bytes = 0;
  congestion->looked = true;
  if (!again) {
    congestion->most_queue_us = 0;
  }
  set_window (congestion, larger (congestion->peak_bytes, congestion->cwnd_bytes));
}

static void
end_drain (RtmfpCongestion *congestion, bool worked, int64_t now_us) {
  const size_t before = congestion->drained_bytes;
  congestion->drained_bytes = 0;
  if (worked) {
    congestion->failed_drains = 0;
    if (congestion->competes) {
      congestion->competes = false;
      congestion->yielded_us = now_us;
      congestion->peak_bytes = before;
    }
    return;
  }
  if (congestion->competes) {
    /* and what it would have grown by meanwhile */
    set_window (congestion, before + (size_t)(congestion->watched + 1) * RTMFP_SMSS_BYTES);
  } else if (++congestion->failed_drains >= RTMFP_DRAIN_FAILURES_MAX) {
    compete (congestion, now_us);
  }
}

/* A target that others fill whatever we do is not met by what they leave of it: the queue must have
 * fallen, too. While it competes only an empty queue is enough: what others fill falls as well when
 * one yields. */
static void
watch_drain (RtmfpCongestion *congestion, int64_t now_us) {
  const RtmfpDelay *delay = &congestion->delay;
  if (delay->round_since_us < congestion->watch_from_us) {
    return;
  }
  const int32_t most_us = congestion->drain_queue_us / 4 * 3;
  int32_t enough_us = target_us (congestion);
  enough_us = enough_us < most_us ? enough_us : most_us;
  if (congestion->competes) {
    const int32_t eighth_us = congestion->drain_queue_us / 8;
    enough_us = eighth_us > noise_us (congestion) ? eighth_us : noise_us (congestion);
  }
  if (delay->queue_us <= enough_us && !(congestion->competes && congestion->lost_in_drain)) {
    end_drain (congestion, true, now_us);
  } else if (++congestion->watched >= RTMFP_DRAIN_ROUNDS) {
    end_drain (congestion, false, now_us);
  }
}

/* RFC 9406: a queue that grows ends slow start before it runs over. */
static void
end_slow_start (RtmfpCongestion *congestion) {
  const RtmfpDelay *delay = &congestion->delay;
  int32_t most_us = delay->base_us / 8;
  most_us = most_us < RTMFP_SLOW_START_QUEUE_US_MIN ? RTMFP_SLOW_START_QUEUE_US_MIN : most_us;
  most_us = most_us > RTMFP_SLOW_START_QUEUE_US_MAX ? RTMFP_SLOW_START_QUEUE_US_MAX : most_us;
  if (delay->queue_us >= most_us) {
    congestion->ssthresh_bytes = congestion->cwnd_bytes;
  }
}

/* Once between two losses, when the queue has grown to three quarters of what it was at most:
 * others who compete see that in the same round trip, and drain with us. */
static bool
should_look (RtmfpCongestion *congestion, int64_t now_us) {
  const int32_t queue_us = congestion->delay.queue_us;
  congestion->most_queue_us =
      queue_us > congestion->most_queue_us ? queue_us : congestion->most_queue_us;
  /* Right behind a loss the others yield, too. */
  const bool settled = now_us - congestion->decreased_us > 3 * (int64_t)congestion->delay.srtt_us;
  const bool rested = now_us - congestion->watch_from_us > RTMFP_DELAY_WINDOW_US;
  if (!settled || (congestion->looked && !rested) || queue_us <= target_us (congestion) ||
      (int64_t)queue_us * 4 < (int64_t)congestion->most_queue_us * 3) {
    return false;
  }
  congestion->looked = true;
  if (congestion->looks_left > 0) {
    congestion->looks_left--;
    return false;
  }
  return true;
}

/* Each drain leaves an empty queue and a smaller window: somebody takes what we leave. */
static bool
is_driven_out (const RtmfpCongestion *congestion) {
  return !congestion->competes && congestion->cwnd_bytes < congestion->peak_bytes / 5 * 2 &&
         congestion->delay.queue_us > target_us (congestion);
}

/* Rounds that the window did not limit show neither way. */
static void
count_clear_rounds (RtmfpCongestion *congestion, int64_t now_us) {
  if (!congestion_has_no_queue (congestion)) {
    congestion->clear_rounds = 0;
  } else if (congestion->was_limited && congestion->clear_rounds < UINT8_MAX &&
             (congestion->delay.base_us < RTMFP_PACE_RTT_US_MIN ||
              now_us - congestion->counted_us >= RTMFP_CLEAR_ROUND_US_MIN)) {
    congestion->clear_rounds++;
    congestion->counted_us = now_us;
  }
}

void
congestion_end_round (RtmfpCongestion *congestion, int64_t now_us) {
  if (congestion_is_draining (congestion)) {
    watch_drain (congestion, now_us);
    return;
  }
  if (congestion->cwnd_bytes < congestion->ssthresh_bytes) {
    end_slow_start (congestion);
  }
  count_clear_rounds (congestion, now_us);
  if (!congestion->was_limited) {
    return; /* the queue is not ours */
  }
  if (is_driven_out (congestion)) {
    compete (congestion, now_us);
  } else if (congestion->competes ? should_look (congestion, now_us)
                                  : congestion->delay.queue_us > target_us (congestion)) {
    begin_drain (congestion, now_us);
  }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/congestion/congestion.h"

#include "core/congestion/drain.h"
#include "core/congestion/params.h"

#include <string.h>

static size_t
larger (size_t a, size_t b) {
  return a > b ? a : b;
}

static size_t
smaller (size_t a, size_t b) {
  return a < b ? a : b;
}

static bool
is_recent (int64_t then_us, int64_t now_us) {
  return then_us != INT64_MIN && now_us - then_us <= RTMFP_TIME_CRITICAL_US;
}

void
rtmfp_congestion_init (RtmfpCongestion *congestion) {
  *congestion = (RtmfpCongestion){
      .cwnd_bytes = RTMFP_CWND_INIT_BYTES,
      .ssthresh_bytes = SIZE_MAX,
      .decreased_us = INT64_MIN / 2,
      .watch_from_us = INT64_MIN / 2,
      .yielded_us = INT64_MIN / 2,
      .time_critical_sent_us = INT64_MIN,
      .time_critical_reverse_us = INT64_MIN,
      .next_send_us = INT64_MIN / 2,
      .paced_us = INT64_MIN / 2,
  };
  rtmfp_delay_init (&congestion->delay);
}

/* ---- Rest ---- */

static uint32_t
narrow (size_t bytes) {
  return bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
}

void
rtmfp_congestion_rest (const RtmfpCongestion *congestion, RtmfpCongestionRest *rest) {
  const RtmfpDelay *delay = &congestion->delay;
  *rest = (RtmfpCongestionRest){
      .cwnd_bytes = narrow (congestion->cwnd_bytes),
      .ssthresh_bytes = narrow (congestion->ssthresh_bytes),
      .drained_bytes = narrow (congestion->drained_bytes),
      .peak_bytes = narrow (congestion->peak_bytes),
      .srtt_us = delay->srtt_us,
      .base_us = delay->base_us,
      .queue_us = delay->queue_us,
      .round_least_us = delay->round_least_us,
      .round_since_us = delay->round_since_us,
      .acked_accumulator_bytes = narrow (congestion->acked_accumulator_bytes),
      .drain_queue_us = congestion->drain_queue_us,
      .most_queue_us = congestion->most_queue_us,
      .rounds = delay->rounds,
      .window_since_us = delay->window_since_us,
      .watch_from_us = congestion->watch_from_us,
      .yielded_us = congestion->yielded_us,
      .competes = congestion->competes,
      .looked = congestion->looked,
      .lost_in_drain = congestion->lost_in_drain,
      .yielded = congestion->yielded,
      .skips = congestion->skips,
      .looks_left = congestion->looks_left,
      .failed_drains = congestion->failed_drains,
      .clear_rounds = congestion->clear_rounds,
      .watched = congestion->watched,
  };
  memcpy (rest->least_us, delay->least_us, sizeof rest->least_us);
}

static void
wake_delay (const RtmfpCongestionRest *rest, RtmfpDelay *delay) {
  delay->srtt_us = rest->srtt_us;
  delay->base_us = rest->base_us;
  delay->queue_us = rest->queue_us;
  delay->rounds = rest->rounds;
  delay->round_least_us = rest->round_least_us;
  delay->round_since_us = rest->round_since_us;
  delay->round_until_us = rest->round_since_us; /* it is over */
  delay->window_since_us = rest->window_since_us;
  memcpy (delay->least_us, rest->least_us, sizeof delay->least_us);
}

void
rtmfp_congestion_wake (const RtmfpCongestionRest *rest, RtmfpCongestion *congestion) {
  rtmfp_congestion_init (congestion);
  wake_delay (rest, &congestion->delay);
  congestion->cwnd_bytes = rest->cwnd_bytes;
  if (rest->ssthresh_bytes != UINT32_MAX) {
    congestion->ssthresh_bytes = rest->ssthresh_bytes;
  }
  congestion->acked_accumulator_bytes = rest->acked_accumulator_bytes;
  congestion->drained_bytes = rest->drained_bytes;
  congestion->peak_bytes = rest->peak_bytes;
  congestion->drain_queue_us = rest->drain_queue_us;
  congestion->most_queue_us = rest->most_queue_us;
  congestion->watch_from_us = rest->watch_from_us;
  congestion->yielded_us = rest->yielded_us;
  congestion->competes = rest->competes;
  congestion->looked = rest->looked;
  congestion->lost_in_drain = rest->lost_in_drain;
  congestion->yielded = rest->yielded;
  congestion->skips = rest->skips;
  congestion->looks_left = rest->looks_left;
  congestion->failed_drains = rest->failed_drains;
  congestion->clear_rounds = rest->clear_rounds;
  congestion->watched = rest->watched;
}

/* ---- Packets ---- */

void
rtmfp_congestion_begin_packet (RtmfpCongestion *congestion, size_t outstanding_bytes) {
  congestion->any_loss = false;
  congestion->any_naks = false;
  congestion->any_acks = false;
  congestion->any_ce = false;
  congestion->round_ended = false;
  congestion->acked_this_packet_bytes = 0;
  congestion->pre_ack_outstanding_bytes = outstanding_bytes;
}

void
rtmfp_congestion_acknowledge (RtmfpCongestion *congestion, size_t acked_bytes) {
  congestion->any_acks = true;
  congestion->acked_this_packet_bytes += acked_bytes;
  congestion->burst_packets = 0;
}

void
rtmfp_congestion_nak (RtmfpCongestion *congestion) {
  congestion->any_naks = true;
}

void
rtmfp_congestion_loss (RtmfpCongestion *congestion, int64_t sent_us) {
  if (sent_us > congestion->decreased_us) {
    congestion->any_loss = true;
  }
}

void
rtmfp_congestion_on_ce (RtmfpCongestion *congestion, int64_t now_us) {
  if (now_us - congestion->delay.srtt_us > congestion->decreased_us) {
    congestion->any_loss = true;
    congestion->any_ce = true;
  }
}

void
rtmfp_congestion_hear (RtmfpCongestion *congestion, uint16_t timestamp, int64_t now_us) {
  rtmfp_delay_hear (&congestion->delay, timestamp, now_us);
}

void
rtmfp_congestion_measure (RtmfpCongestion *congestion, int64_t rtt_us, int64_t now_us) {
  if (rtmfp_delay_measure (&congestion->delay, rtt_us, now_us)) {
    congestion->round_ended = true;
  }
}

/* Whether what was lost may have been lost for want of room: a queue stood, or nobody knows. Chance
 * also loses packets where no queue stands, on radio above all. */
static bool
is_crowded (const RtmfpCongestion *congestion) {
  const RtmfpDelay *delay = &congestion->delay;
  return congestion->any_ce || congestion->cwnd_bytes < congestion->ssthresh_bytes ||
         !congestion_has_no_queue (congestion) ||
         delay->srtt_us - delay->base_us >
             2 * congestion_jitter_us (congestion) + delay->base_us / 8;
}

/* Whether the queue takes twice as long as the path, and we fill it: the line has become thin, and
 * what is time critical suffers from all that is under way. */
static bool
is_overrun (const RtmfpCongestion *congestion) {
  return !congestion->competes && congestion->delay.srtt_us / 3 > congestion->delay.base_us;
}

/* Deviation: App. A.2 halves the window at any loss, and takes an eighth where data is time
 * critical or the window is large. Here a loss without a queue costs an eighth as well; beside
 * somebody who fills the queue a large window is halved as a small one; and of time critical data
 * in a queue of our own that is twice as long as the path as much is left as the line holds without
 * that queue: a half would be too much again. To time critical data, which
 * seldom fills its window and may grow but slowly, a loss without a queue costs a 32nd, and not
 * what was not in use: else a call would stay at the least window where one packet in twenty gets
 * lost.
 */
static size_t
after_loss (const RtmfpCongestion *congestion, bool time_critical, bool gently) {
  if (time_critical && !congestion->competes && !is_crowded (congestion)) {
    return congestion->cwnd_bytes - congestion->cwnd_bytes / RTMFP_CHANCE_LOSS_PART;
  }
  const size_t before = congestion->pre_ack_outstanding_bytes;
  return gently ? before / 8 * 7 + before % 8 * 7 / 8 : before / 2;
}

/* What of the outstanding the line holds without its queue; of a small window a half. */
static size_t
share_of_line (const RtmfpCongestion *congestion) {
  const size_t before = congestion->pre_ack_outstanding_bytes;
  const size_t share = (size_t)((uint64_t)before * (uint64_t)congestion->delay.base_us /
                                (uint64_t)congestion->delay.srtt_us);
  return larger (share, smaller (before / 2, RTMFP_CWND_INIT_BYTES / 2 * 3));
}

static void
decrease (RtmfpCongestion *congestion, bool time_critical, bool fast_growth, int64_t now_us) {
  const bool scalable = congestion->pre_ack_outstanding_bytes > RTMFP_CWND_SCALABLE_BYTES &&
                        fast_growth && !congestion->competes;
  const bool overrun = time_critical && is_overrun (congestion);
  const bool gently = (time_critical && !overrun) || scalable || !is_crowded (congestion);
  const size_t after =
      overrun ? share_of_line (congestion) : after_loss (congestion, time_critical, gently);
  congestion->decreased_us = now_us;
  congestion->clear_rounds = 0;
  congestion->looked = false;
  if (congestion_is_draining (congestion)) {
    const size_t drained = congestion->drained_bytes;
    congestion->lost_in_drain = true;
    congestion->drained_bytes = gently ? drained / 8 * 7 : drained / 2;
    return;
  }
  congestion->ssthresh_bytes = larger (after, RTMFP_CWND_INIT_BYTES);
  congestion->cwnd_bytes = congestion->ssthresh_bytes;
  congestion->acked_accumulator_bytes = 0;
}

/* Additive increase: step bytes for every threshold bytes that were acknowledged. */
static size_t
increase_by_steps (RtmfpCongestion *congestion, size_t threshold_cap, size_t step) {
  congestion->acked_accumulator_bytes += congestion->acked_this_packet_bytes;
  const size_t threshold = smaller (larger (congestion->cwnd_bytes / 16, 64), threshold_cap);
  const size_t steps = congestion->acked_accumulator_bytes / threshold;
  congestion->acked_accumulator_bytes -= steps * threshold;
  return steps * step;
}

/* On a short path with room for few packets, what is paced finds room where TCP's bursts find none,
 * and many losses would be all TCP sees: growth is by time, not by round trips. */
static size_t
gently (const RtmfpCongestion *congestion, size_t step) {
  const int64_t base_us = congestion->delay.base_us, srtt_us = congestion->delay.srtt_us;
  const bool is_short = base_us >= RTMFP_PACE_RTT_US_MIN && base_us < RTMFP_GROWTH_RTT_US;
  if (congestion->competes || !is_short || srtt_us * 10 > base_us * 16) {
    return step;
  }
  const int64_t shallow = srtt_us * 100 < base_us * 135 ? 2 : 1;
  return larger (step * (size_t)base_us / (size_t)(RTMFP_GROWTH_RTT_US * shallow), 1);
}

/* One segment a round trip, RFC 5681 s3.1; a 16th of it for each 16th of the window. As long as no
 * queue shows, more and more. */
static size_t
growth_step (const RtmfpCongestion *congestion) {
  const size_t clear = congestion->clear_rounds;
  const size_t times = clear > RTMFP_CLEAR_ROUNDS ? 1 + (clear - RTMFP_CLEAR_ROUNDS) / 2 : 1;
  return gently (congestion, smaller (times, RTMFP_CLEAR_STEP_MAX) * (RTMFP_SMSS_BYTES / 16));
}

/* The pace may hold back a little of the window. */
static bool
is_limited (const RtmfpCongestion *congestion) {
  const size_t slack = congestion->delay.srtt_us > 0 ? congestion->cwnd_bytes / 8 : 0;
  return congestion->pre_ack_outstanding_bytes >= congestion->cwnd_bytes - slack;
}

/* A window that anybody may begin with; on a longer path, so much for each 40 ms of it. */
static size_t
easy_bytes (const RtmfpCongestion *congestion) {
  const uint64_t base_us = (uint64_t)congestion->delay.base_us;
  return larger (RTMFP_CWND_EASY_BYTES,
                 (size_t)(RTMFP_CWND_EASY_BYTES * base_us / RTMFP_CWND_EASY_RTT_US));
}

/* With time critical data a small window grows as in slow start where no queue shows: the line was
 * thin, and pictures wait for it to be used again. */
static size_t
increase (RtmfpCongestion *congestion, bool time_critical, bool fast_growth) {
  const bool slow_start = congestion->cwnd_bytes < congestion->ssthresh_bytes;
  if (fast_growth) {
    return slow_start ? congestion->acked_this_packet_bytes
                      : increase_by_steps (congestion, 9600, growth_step (congestion));
  }
  const bool easy = congestion->cwnd_bytes < easy_bytes (congestion) &&
                    congestion->clear_rounds >= RTMFP_CLEAR_ROUNDS_EASY;
  if (time_critical && (slow_start || easy)) {
    return (congestion->acked_this_packet_bytes + 3) / 4;
  }
  congestion->yielded = congestion->yielded || !time_critical;
  return increase_by_steps (congestion, time_critical ? 2400 : 4800, 24);
}

void
rtmfp_congestion_end_packet (RtmfpCongestion *congestion, int64_t others_sent_us, int64_t now_us) {
  const bool time_critical = is_recent (congestion->time_critical_sent_us, now_us);
  const bool fast_growth = !is_recent (congestion->time_critical_reverse_us, now_us) &&
                           !is_recent (others_sent_us, now_us) && !time_critical;
  const bool limited = congestion->any_acks && is_limited (congestion);
  congestion->was_limited = congestion->was_limited || limited;
  if (congestion->any_loss) {
    decrease (congestion, time_critical, fast_growth, now_us);
  } else if (limited && !congestion->any_naks && !congestion_is_draining (congestion)) {
    const size_t more =
        smaller (increase (congestion, time_critical, fast_growth), RTMFP_SMSS_BYTES);
    congestion->cwnd_bytes = smaller (larger (congestion->cwnd_bytes + more, RTMFP_CWND_INIT_BYTES),
                                      RTMFP_CWND_BYTES_MAX);
  }
  if (congestion->round_ended) {
    congestion_end_round (congestion, now_us);
    congestion->round_ended = false;
    congestion->was_limited = false;
  }
}

void
rtmfp_congestion_timeout (RtmfpCongestion *congestion, bool was_loss) {
  congestion->ssthresh_bytes =
      larger (congestion->ssthresh_bytes,
              congestion->cwnd_bytes / 4 * 3 + congestion->cwnd_bytes % 4 * 3 / 4);
  congestion->acked_accumulator_bytes = 0;
  congestion->cwnd_bytes = was_loss ? RTMFP_CWND_TIMEDOUT_BYTES : RTMFP_CWND_INIT_BYTES;
  congestion->burst_packets = 0;
  congestion->next_send_us = INT64_MIN / 2;
  congestion->drained_bytes = 0;
}

void
rtmfp_congestion_longer_path (RtmfpCongestion *congestion, int64_t more_us) {
  rtmfp_delay_lengthen (&congestion->delay, more_us);
  congestion->drained_bytes = 0;
  congestion->competes = false;
  congestion->failed_drains = 0;
}

void
rtmfp_congestion_new_path (RtmfpCongestion *congestion) {
  rtmfp_delay_init (&congestion->delay);
  congestion->drained_bytes = 0;
  congestion->peak_bytes = 0;
  congestion->competes = false;
  congestion->failed_drains = 0;
  congestion->clear_rounds = 0;
}

/* ---- The pace ---- */

static bool
has_pace (const RtmfpCongestion *congestion) {
  return congestion->delay.srtt_us >= RTMFP_PACE_RTT_US_MIN;
}

/* What bytes take at a quarter more than a window a round trip; in slow start at two windows. */
static int64_t
time_of (const RtmfpCongestion *congestion, int64_t bytes) {
  const bool slow_start = congestion->cwnd_bytes < congestion->ssthresh_bytes;
  const int64_t window = (int64_t)congestion->cwnd_bytes * (slow_start ? 8 : 5) / 4;
  return (int64_t)congestion->delay.srtt_us * bytes / window;
}

/* Deviation: s3.5.2.3 SHOULD NOT send more than six packets between acknowledgements. That holds
 * until the round trip is known; then packets are spread over it, and what was not sent in time is
 * caught up with for 2 ms at most (some six packets after a rest). Where packets arrive together
 * they are acknowledged together: one burst would make one acknowledgement, and six packets a round
 * trip would be all there ever is. */
void
rtmfp_congestion_sent (RtmfpCongestion *congestion, size_t bytes, bool time_critical,
                       int64_t now_us) {
  congestion->burst_packets++;
  congestion->paced_us = now_us;
  if (has_pace (congestion)) {
    const bool rested = now_us - congestion->next_send_us > 2 * RTMFP_PACE_SLACK_US;
    const int64_t few_us = time_of (congestion, 4 * RTMFP_SMSS_BYTES);
    const int64_t earliest_us =
        now_us - (rested && few_us < RTMFP_PACE_SLACK_US ? few_us : RTMFP_PACE_SLACK_US);
    const int64_t since_us =
        congestion->next_send_us > earliest_us ? congestion->next_send_us : earliest_us;
    congestion->next_send_us = since_us + time_of (congestion, (int64_t)bytes);
    congestion->burst_us = time_of (congestion, RTMFP_BURST_PACKETS_MAX * RTMFP_SMSS_BYTES);
  }
  if (time_critical) {
    congestion->time_critical_sent_us = now_us;
  }
}

void
rtmfp_congestion_advance (RtmfpCongestion *congestion, int64_t now_us) {
  congestion->paced_us = now_us;
}

int64_t
rtmfp_congestion_deadline (const RtmfpCongestion *congestion) {
  return congestion->next_send_us > congestion->paced_us ? congestion->next_send_us : INT64_MAX;
}

void
rtmfp_congestion_receive_reverse (RtmfpCongestion *congestion, int64_t now_us) {
  congestion->time_critical_reverse_us = now_us;
}

bool
rtmfp_congestion_may_send (const RtmfpCongestion *congestion, size_t outstanding_bytes) {
  return outstanding_bytes < congestion->cwnd_bytes &&
         (has_pace (congestion) ? congestion->next_send_us <= congestion->paced_us
                                : congestion->burst_packets < RTMFP_BURST_PACKETS_MAX);
}

/* Deviation: as if the window were two segments larger: else what is time critical waits for a
 * window that our own bulk has filled. */
bool
rtmfp_congestion_may_send_critical (const RtmfpCongestion *congestion, size_t outstanding_bytes) {
  if (outstanding_bytes >= congestion->cwnd_bytes + 2 * (size_t)RTMFP_SMSS_BYTES) {
    return false;
  }
  return has_pace (congestion)
             ? congestion->next_send_us <= congestion->paced_us + congestion->burst_us
             : congestion->burst_packets < RTMFP_BURST_PACKETS_MAX;
}

bool
rtmfp_congestion_is_time_critical (const RtmfpCongestion *congestion, int64_t now_us) {
  return is_recent (congestion->time_critical_sent_us, now_us);
}

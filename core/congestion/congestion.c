/* SPDX-License-Identifier: Apache-2.0 */
#include "core/congestion/congestion.h"

#include "core/congestion/params.h"

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

static void
end_burst (RtmfpCongestion *congestion) {
  congestion->burst_packets = 0;
  congestion->next_burst_us = INT64_MAX;
}

void
rtmfp_congestion_init (RtmfpCongestion *congestion) {
  *congestion = (RtmfpCongestion){
      .cwnd_bytes = RTMFP_CWND_INIT_BYTES,
      .ssthresh_bytes = SIZE_MAX,
      .next_burst_us = INT64_MAX,
      .decreased_us = INT64_MIN / 2,
      .time_critical_sent_us = INT64_MIN,
      .time_critical_reverse_us = INT64_MIN,
  };
}

void
rtmfp_congestion_begin_packet (RtmfpCongestion *congestion, size_t outstanding_bytes) {
  congestion->any_loss = false;
  congestion->any_naks = false;
  congestion->any_acks = false;
  congestion->acked_this_packet_bytes = 0;
  congestion->pre_ack_outstanding_bytes = outstanding_bytes;
}

void
rtmfp_congestion_acknowledge (RtmfpCongestion *congestion, size_t acked_bytes) {
  congestion->any_acks = true;
  congestion->acked_this_packet_bytes += acked_bytes;
  end_burst (congestion);
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
  if (now_us - congestion->srtt_us > congestion->decreased_us) {
    congestion->any_loss = true;
  }
}

void
rtmfp_congestion_measure (RtmfpCongestion *congestion, int64_t rtt_us, int64_t now_us) {
  (void)now_us;
  congestion->srtt_us = congestion->srtt_us == 0 ? rtt_us : (7 * congestion->srtt_us + rtt_us) / 8;
}

static void
decrease (RtmfpCongestion *congestion, bool time_critical, bool fast_growth, int64_t now_us) {
  const size_t before = congestion->pre_ack_outstanding_bytes;
  const bool gently = time_critical || (before > RTMFP_CWND_SCALABLE_BYTES && fast_growth);
  const size_t after = gently ? before / 8 * 7 + before % 8 * 7 / 8 : before / 2;
  congestion->ssthresh_bytes = larger (after, RTMFP_CWND_INIT_BYTES);
  congestion->cwnd_bytes = congestion->ssthresh_bytes;
  congestion->acked_accumulator_bytes = 0;
  congestion->decreased_us = now_us;
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

static size_t
increase (RtmfpCongestion *congestion, bool time_critical, bool fast_growth) {
  const bool slow_start = congestion->cwnd_bytes < congestion->ssthresh_bytes;
  if (fast_growth) {
    return slow_start ? congestion->acked_this_packet_bytes
                      : increase_by_steps (congestion, 4800, 48);
  }
  if (slow_start && time_critical) {
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
  if (congestion->any_loss) {
    decrease (congestion, time_critical, fast_growth, now_us);
  } else if (congestion->any_acks && !congestion->any_naks &&
             congestion->pre_ack_outstanding_bytes >= congestion->cwnd_bytes) {
    const size_t more =
        smaller (increase (congestion, time_critical, fast_growth), RTMFP_SMSS_BYTES);
    congestion->cwnd_bytes = smaller (larger (congestion->cwnd_bytes + more, RTMFP_CWND_INIT_BYTES),
                                      RTMFP_CWND_BYTES_MAX);
  }
}

void
rtmfp_congestion_timeout (RtmfpCongestion *congestion, bool was_loss) {
  congestion->ssthresh_bytes =
      larger (congestion->ssthresh_bytes,
              congestion->cwnd_bytes / 4 * 3 + congestion->cwnd_bytes % 4 * 3 / 4);
  congestion->acked_accumulator_bytes = 0;
  congestion->cwnd_bytes = was_loss ? RTMFP_CWND_TIMEDOUT_BYTES : RTMFP_CWND_INIT_BYTES;
  end_burst (congestion);
}

/* How long a burst would take if the window were spread evenly over the round trip, less a fifth so
 * that the window and not the pace decides. Deviation: s3.5.2.3 SHOULD NOT send more than six
 * packets between acknowledgements. Where packets arrive together they are acknowledged together,
 * one burst makes one acknowledgement, and six packets a round trip would be all there ever is. */
static int64_t
burst_time_us (const RtmfpCongestion *congestion, int64_t srtt_us) {
  const int64_t burst_bytes = RTMFP_BURST_PACKETS_MAX * RTMFP_SMSS_BYTES;
  const int64_t time_us = srtt_us * burst_bytes / (int64_t)congestion->cwnd_bytes * 4 / 5;
  return time_us > RTMFP_BURST_US_MIN ? time_us : RTMFP_BURST_US_MIN;
}

void
rtmfp_congestion_sent (RtmfpCongestion *congestion, bool time_critical, int64_t srtt_us,
                       int64_t now_us) {
  congestion->burst_packets++;
  if (congestion->burst_packets == RTMFP_BURST_PACKETS_MAX && srtt_us > 0) {
    congestion->next_burst_us = now_us + burst_time_us (congestion, srtt_us);
  }
  if (time_critical) {
    congestion->time_critical_sent_us = now_us;
  }
}

void
rtmfp_congestion_advance (RtmfpCongestion *congestion, int64_t now_us) {
  if (now_us >= congestion->next_burst_us) {
    end_burst (congestion);
  }
}

int64_t
rtmfp_congestion_deadline (const RtmfpCongestion *congestion) {
  return congestion->next_burst_us;
}

void
rtmfp_congestion_receive_reverse (RtmfpCongestion *congestion, int64_t now_us) {
  congestion->time_critical_reverse_us = now_us;
}

bool
rtmfp_congestion_may_send (const RtmfpCongestion *congestion, size_t outstanding_bytes) {
  return outstanding_bytes < congestion->cwnd_bytes &&
         congestion->burst_packets < RTMFP_BURST_PACKETS_MAX;
}

bool
rtmfp_congestion_is_time_critical (const RtmfpCongestion *congestion, int64_t now_us) {
  return is_recent (congestion->time_critical_sent_us, now_us);
}

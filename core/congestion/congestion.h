/* SPDX-License-Identifier: Apache-2.0 */
/* The congestion window of one session: how many bytes of user data may be in flight, and how fast
 * data packets may leave (RFC 7016 s3.5.2, s3.5.2.1, s3.5.2.3, Appendix A).
 *
 * Loss and queueing delay count, see docs/decisions: alone the window keeps the path's queue short;
 * beside somebody who fills it, as TCP does, only loss counts. A small part by itself: the session
 * tells what it saw in each packet, and asks may_send. Another algorithm takes its place by filling
 * the same functions. */
#ifndef RTMFP_CONGESTION_CONGESTION_H
#define RTMFP_CONGESTION_CONGESTION_H

#include "core/congestion/delay.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Embedded; every field is this module's own, read cwnd_bytes freely. */
typedef struct {
  size_t cwnd_bytes;
  size_t ssthresh_bytes; /* SIZE_MAX = infinity */
  size_t acked_accumulator_bytes;
  size_t acked_this_packet_bytes;
  size_t pre_ack_outstanding_bytes;
  bool any_loss, any_naks, any_acks, any_ce; /* in the packet that is being read */
  bool round_ended;                          /* in it */
  bool was_limited;                          /* by the window, in this round */
  int64_t decreased_us; /* when the window was last cut; what left before belongs to that cut */
  RtmfpDelay delay;
  /* The queue: a drain takes our share out of it and looks what is left. */
  bool competes;             /* somebody fills it whatever we do: only loss counts */
  bool looked;               /* since the last loss, whether he still does */
  bool lost_in_drain;        /* in this one */
  uint8_t skips, looks_left; /* looks to let pass, at first and now */
  uint8_t failed_drains;     /* in a row */
  uint8_t clear_rounds;      /* without loss and queue, in a row */
  uint8_t watched;           /* rounds of this drain */
  int32_t drain_queue_us;    /* that stood when it began */
  int32_t most_queue_us;     /* of a round, while competing */
  size_t drained_bytes;      /* the window before; 0 = no drain is under way */
  size_t peak_bytes;         /* the largest window before a drain of late */
  int64_t watch_from_us;
  int64_t counted_us; /* the last clear round */
  int64_t yielded_us; /* when it ceased to compete */
  /* The pace */
  unsigned burst_packets; /* data packets since the last acknowledgement, while there is no pace */
  int64_t next_send_us;   /* when the pace allows the next packet */
  int64_t paced_us;       /* the time of the last call that knew it */
  int64_t burst_us;       /* that six packets take */
  int64_t time_critical_sent_us; /* forward notification sent to this far end; INT64_MIN = never */
  int64_t time_critical_reverse_us; /* reverse notification received; INT64_MIN = never */
  bool yielded; /* since the last clear: growth was slowed by somebody's time critical data */
} RtmfpCongestion;

/* What is worth keeping of a window while nothing is sent or in flight for seconds. */
typedef struct {
  uint32_t cwnd_bytes, ssthresh_bytes, drained_bytes, peak_bytes; /* UINT32_MAX = infinity */
  int32_t srtt_us, base_us, queue_us, least_us[RTMFP_DELAY_WINDOWS];
  int32_t round_least_us, drain_queue_us, most_queue_us;
  uint32_t rounds, acked_accumulator_bytes;
  int64_t round_since_us, window_since_us, watch_from_us, yielded_us;
  bool competes, looked, lost_in_drain, yielded;
  uint8_t skips, looks_left, failed_drains, clear_rounds, watched;
} RtmfpCongestionRest;

void rtmfp_congestion_init (RtmfpCongestion *congestion);

/* To what is kept while nothing is sent, and back. What the last seconds alone speak of is left
 * out: the pace, the last loss, who was time critical. */
void rtmfp_congestion_rest (const RtmfpCongestion *congestion, RtmfpCongestionRest *rest);
void rtmfp_congestion_wake (const RtmfpCongestionRest *rest, RtmfpCongestion *congestion);

/* Before each received packet is read. outstanding_bytes: sum over all sending flows. */
void rtmfp_congestion_begin_packet (RtmfpCongestion *congestion, size_t outstanding_bytes);
/* An acknowledgement chunk was read that newly acknowledged acked_bytes (may be 0). Lifts the burst
 * limit. */
void rtmfp_congestion_acknowledge (RtmfpCongestion *congestion, size_t acked_bytes);
/* Fragments got a negative acknowledgement, or were lost by three of them, in this packet. */
void rtmfp_congestion_nak (RtmfpCongestion *congestion);
/* sent_us: when the newest of the lost fragments left. */
void rtmfp_congestion_loss (RtmfpCongestion *congestion, int64_t sent_us);
/* An ECN report says that a packet met congestion (RFC 3168 s5): as a loss, at most once a round
 * trip. Between begin_packet and end_packet. */
void rtmfp_congestion_on_ce (RtmfpCongestion *congestion, int64_t now_us);
/* A packet with the far side's timestamp came. */
void rtmfp_congestion_hear (RtmfpCongestion *congestion, uint16_t timestamp, int64_t now_us);
/* A fragment that was sent once took so long from leaving to its acknowledgement. */
void rtmfp_congestion_measure (RtmfpCongestion *congestion, int64_t rtt_us, int64_t now_us);
/* After all chunks (Figure 25). others_sent_us: when a Time Critical Forward Notification was last
 * sent on ANY session of this endpoint; INT64_MIN = never. */
void rtmfp_congestion_end_packet (RtmfpCongestion *congestion, int64_t others_sent_us,
                                  int64_t now_us);

/* The timeout alarm fired (Figure 24). was_loss: data was in flight. Lifts the burst limit. */
void rtmfp_congestion_timeout (RtmfpCongestion *congestion, bool was_loss);

/* A packet with bytes of user data chunks leaves. time_critical: its header carries the forward
 * notification. */
void rtmfp_congestion_sent (RtmfpCongestion *congestion, size_t bytes, bool time_critical,
                            int64_t now_us);
/* A packet with the Time Critical Reverse Notification came. */
void rtmfp_congestion_receive_reverse (RtmfpCongestion *congestion, int64_t now_us);
/* The path has become longer by so much. */
void rtmfp_congestion_longer_path (RtmfpCongestion *congestion, int64_t more_us);
/* The path is another one: what was measured of the old says nothing. */
void rtmfp_congestion_new_path (RtmfpCongestion *congestion);

/* Time passes: the pace allows another packet. */
void rtmfp_congestion_advance (RtmfpCongestion *congestion, int64_t now_us);
/* When advance() has something to do; INT64_MAX = never. */
int64_t rtmfp_congestion_deadline (const RtmfpCongestion *congestion);

/* Whether user data may go into the network: window and pace both allow. */
bool rtmfp_congestion_may_send (const RtmfpCongestion *congestion, size_t outstanding_bytes);
/* Time critical data goes before the pace by six packets, and beyond the window by two. */
bool rtmfp_congestion_may_send_critical (const RtmfpCongestion *congestion,
                                         size_t outstanding_bytes);

/* Whether time critical data was sent on this session within the last 800 ms. */
bool rtmfp_congestion_is_time_critical (const RtmfpCongestion *congestion, int64_t now_us);

#endif

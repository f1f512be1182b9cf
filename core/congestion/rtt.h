/* SPDX-License-Identifier: Apache-2.0 */
/* Round trip time and effective retransmission timeout (ERTO) of one session, from the timestamps
 * and timestamp echoes of packet headers (RFC 7016 s3.5.2.2). */
#ifndef RTMFP_CONGESTION_RTT_H
#define RTMFP_CONGESTION_RTT_H

#include <stdbool.h>
#include <stdint.h>

/* Embedded; every field is this module's own, read srtt_us, rttvar_us, latest_us and erto_us
 * freely. */
typedef struct {
  int64_t srtt_us; /* smoothed; meaningful while is_measured */
  int64_t rttvar_us;
  int64_t latest_us; /* last single measurement */
  int64_t lowest_us; /* of a path without queues, as far as is known */
  int64_t mrto_us;   /* measured retransmission timeout */
  int64_t erto_us;   /* effective retransmission timeout, with backoff */
  /* What lowest_us is made of: the least of the second under way, of two spans of 100 s, and of the
   * seconds in a row that are level. */
  int64_t second_us;
  int32_t second_least_us, span_least_us[2], level_us;
  uint8_t span_seconds, level_seconds, second_samples;
  bool is_measured;
  bool has_ts_rx, has_ts_echo_tx, has_ts_tx, has_ts_echo_rx;
  uint16_t ts_rx;      /* last timestamp received */
  uint16_t ts_echo_tx; /* last echo sent */
  uint16_t ts_tx;      /* last timestamp sent */
  uint16_t ts_echo_rx; /* last echo received */
  int64_t ts_rx_time_us;
} RtmfpRtt;

void rtmfp_rtt_init (RtmfpRtt *rtt);

/* The path is another one: what was lowest on the old says nothing. */
void rtmfp_rtt_new_path (RtmfpRtt *rtt);

/* The send timestamp of now_us in 4 ms ticks, modulo 65536. Source: RFC 7016 s2.2.4. */
uint16_t rtmfp_rtt_timestamp (int64_t now_us);

/* A packet with a timestamp came. */
void rtmfp_rtt_receive_timestamp (RtmfpRtt *rtt, uint16_t timestamp, int64_t now_us);

/* A packet with a timestamp echo came. Returns: whether it made a new measurement. */
bool rtmfp_rtt_receive_echo (RtmfpRtt *rtt, uint16_t echo, int64_t now_us);

/* For the header of a packet that is sent now: each says whether the field stands in it (and then
 * remembers it as sent). */
bool rtmfp_rtt_take_timestamp (RtmfpRtt *rtt, int64_t now_us, uint16_t *timestamp);
bool rtmfp_rtt_take_echo (RtmfpRtt *rtt, int64_t now_us, uint16_t *echo);

/* Data was lost by timeout, or a keepalive was not answered: ERTO * 1.4142, at most 10 s but at
 * least the measured one. */
void rtmfp_rtt_back_off (RtmfpRtt *rtt);

#endif

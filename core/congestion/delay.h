/* SPDX-License-Identifier: Apache-2.0 */
/* How long a queue stands on the path of one session: the least time from a fragment's leaving to
 * its acknowledgement in each round trip, over the least of the last half minute (RFC 7016 s3.5.2
 * leaves it open how congestion is seen). */
#ifndef RTMFP_CONGESTION_DELAY_H
#define RTMFP_CONGESTION_DELAY_H

#include <stdbool.h>
#include <stdint.h>

#define RTMFP_DELAY_WINDOWS 3

/* Embedded; read queue_us, base_us and srtt_us freely. */
typedef struct {
  int32_t srtt_us;  /* smoothed, with the time that the far side waits; 0 = not measured */
  int32_t base_us;  /* of an empty path, as far as is known */
  int32_t queue_us; /* that stood through the last round; -1 = not known */
  int32_t least_us[RTMFP_DELAY_WINDOWS]; /* in the last windows of 10 s; INT32_MAX = none */
  int32_t round_least_us;
  int64_t window_since_us;
  int64_t round_since_us;
  int64_t round_until_us;
  uint32_t rounds; /* complete */
  /* The way back, by the far side's timestamps: its length, from one that is not known. */
  int32_t way_us, way_least_us[RTMFP_DELAY_WINDOWS];
  uint16_t way_zero; /* ticks between the two clocks, at the first */
  bool has_way;
  int64_t way_heard_us;
} RtmfpDelay;

void rtmfp_delay_init (RtmfpDelay *delay);
/* A packet that left at timestamp of the far side's clock (RFC 7016 s2.2.4) came. */
void rtmfp_delay_hear (RtmfpDelay *delay, uint16_t timestamp, int64_t now_us);
/* The path has become longer by so much, as is known from elsewhere. */
void rtmfp_delay_lengthen (RtmfpDelay *delay, int64_t more_us);
/* One sample, with what queues on the way back added: that is none of our doing. Returns: whether
 * it ended a round, and queue_us is new. */
bool rtmfp_delay_measure (RtmfpDelay *delay, int64_t sample_us, int64_t now_us);

#endif

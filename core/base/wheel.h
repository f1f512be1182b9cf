/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines of many sleepers: what is due within milliseconds stands in a heap, the rest in a wheel
 * of buckets by time.
 *
 * A heap of 100,000 timers costs a dozen accesses to memory that no cache holds for each timer that
 * fires or moves earlier. Here a timer that fires is taken from one bucket and put at the end of
 * another, and one that moves later stays where it is until its bucket is opened. */
#ifndef RTMFP_BASE_WHEEL_H
#define RTMFP_BASE_WHEEL_H

#include "core/base/deadlines.h"

#define RTMFP_WHEEL_BUCKETS 2048u /* power of two, at most 64 * 64 */
#define RTMFP_WHEEL_BUCKET_US 16384

/* Embedded in what it wakes; zeroed = not set. */
typedef struct {
  RtmfpDeadline deadline; /* in the heap when it has a place there */
  uint32_t index;         /* 1 + where it stands in its bucket; 0 = in none */
} RtmfpSleeper;

typedef struct {
  RtmfpSleeper **items; /* (owned; each borrowed) in no order */
  uint32_t count, capacity;
} RtmfpWheelBucket;

typedef struct {
  RtmfpDeadlines near;       /* all before horizon */
  int64_t horizon;           /* the first bucket that is not open, counted from time 0 */
  RtmfpWheelBucket *buckets; /* (owned) by their number modulo RTMFP_WHEEL_BUCKETS */
  /* Bits of buckets that may hold something, and of words that may have bits. */
  uint64_t occupied[RTMFP_WHEEL_BUCKETS / 64];
  uint64_t occupied_words;
  size_t sleeping; /* in buckets */
} RtmfpWheel;

/* now_us: no time before it matters. */
void rtmfp_wheel_init (RtmfpWheel *wheel, int64_t now_us);
/* The sleepers must not be used with it again unless zeroed. */
void rtmfp_wheel_clear (RtmfpWheel *wheel);

/* Sets or moves it to at_us; RTMFP_NEVER unsets it. */
void rtmfp_wheel_set (RtmfpWheel *wheel, RtmfpSleeper *sleeper, int64_t at_us);

/* When to call take_due(): at the latest when the first is due, at times up to one bucket earlier;
 * RTMFP_NEVER when none is set. */
int64_t rtmfp_wheel_first (const RtmfpWheel *wheel);

/* Unsets and returns the earliest if it is due at now_us; NULL when none is. */
RtmfpSleeper *rtmfp_wheel_take_due (RtmfpWheel *wheel, int64_t now_us);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A heap of deadlines: many timers, one earliest time. Each timer sits inside its owner. */
#ifndef RTMFP_BASE_DEADLINES_H
#define RTMFP_BASE_DEADLINES_H

#include "core/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* "Never", in microseconds. */
#define RTMFP_NEVER INT64_MAX

/* Embedded in what it wakes; zeroed = not set. */
typedef struct {
  int64_t at_us;  /* meaningful while place > 0 */
  uint32_t place; /* 1 + index in the heap; 0 = not set */
} RtmfpDeadline;

/* Timers by time, a binary heap. Zeroed is empty. */
typedef struct {
  RtmfpDeadline **items; /* (owned array of borrowed timers) */
  size_t count;
  size_t capacity;
} RtmfpDeadlines;

/* Frees the heap; the timers themselves must not be used with it again unless zeroed. */
RTMFP_API void rtmfp_deadlines_clear (RtmfpDeadlines *deadlines);

/* Sets or moves the timer to at_us; RTMFP_NEVER unsets it. O(log n). */
RTMFP_API void rtmfp_deadlines_set (RtmfpDeadlines *deadlines, RtmfpDeadline *timer, int64_t at_us);

/* The earliest time of all; RTMFP_NEVER when none is set. */
RTMFP_API int64_t rtmfp_deadlines_first (const RtmfpDeadlines *deadlines);

/* Unsets and returns the earliest timer if it is due at now_us; NULL when none is. */
RTMFP_API RtmfpDeadline *rtmfp_deadlines_take_due (RtmfpDeadlines *deadlines, int64_t now_us);

/* The struct that holds the timer as its member. */
#define RTMFP_OWNER_OF(timer, type, member)                                                        \
  ((type *)(void *)((char *)(timer)-offsetof (type, member)))

#ifdef __cplusplus
}
#endif

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A heap of deadlines: many timers, one earliest time. Each timer sits inside its owner.
 *
 * Most timers are moved later again and again and never fire (keepalive, retransmission). So a
 * timer that moves later stays where it is, under the time that the heap knows, and takes its right
 * place when it comes to the top: moving later touches nothing but the timer. The heap compares
 * times of its own, and so reads no timer to find another's place. */
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

/* The time span_us (0 or more, RTMFP_NEVER = endless) behind at_us; RTMFP_NEVER where no int64_t
 * can tell it. For spans that whoever uses the library chooses. */
static inline int64_t
rtmfp_after (int64_t at_us, int64_t span_us) {
  return span_us > 0 && at_us > RTMFP_NEVER - span_us ? RTMFP_NEVER : at_us + span_us;
}

/* Embedded in what it wakes; zeroed = not set. */
typedef struct {
  int64_t at_us;  /* meaningful while place > 0 */
  uint32_t place; /* 1 + index in the heap; 0 = not set */
  uint32_t mark;  /* free for whoever embeds it */
} RtmfpDeadline;

/* A timer, and the time under which the heap has it. */
typedef struct {
  int64_t at_us;        /* not later than the timer's; of the first: the same */
  RtmfpDeadline *timer; /* (borrowed) */
} RtmfpDeadlineItem;

/* Timers by time, a heap. Zeroed is empty. */
typedef struct {
  RtmfpDeadlineItem *items; /* (owned) each has up to four children */
  size_t count;
  size_t capacity;
} RtmfpDeadlines;

/* Frees the heap; the timers themselves must not be used with it again unless zeroed. */
RTMFP_API void rtmfp_deadlines_clear (RtmfpDeadlines *deadlines);

/* Sets or moves the timer to at_us; RTMFP_NEVER unsets it. O(log n), and O(1)
 * when it moves later. */
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

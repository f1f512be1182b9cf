/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/wheel.h"

#include "core/base/memory.h"
#include "core/base/prefetch.h"

#include <stdlib.h>

#define WORDS (RTMFP_WHEEL_BUCKETS / 64)
#define FIRST_CAPACITY 4
#define FETCHED_AHEAD 12

static int64_t
bucket_of (int64_t at_us) {
  return at_us >= 0 ? at_us / RTMFP_WHEEL_BUCKET_US : -1;
}

static size_t
index_of (int64_t bucket) {
  return (size_t)((uint64_t)bucket & (RTMFP_WHEEL_BUCKETS - 1));
}

void
rtmfp_wheel_init (RtmfpWheel *wheel, int64_t now_us) {
  *wheel = (RtmfpWheel){.horizon = bucket_of (now_us) + 1};
  wheel->buckets =
      (RtmfpWheelBucket *)rtmfp_memory_new (RTMFP_WHEEL_BUCKETS, sizeof (RtmfpWheelBucket));
}

void
rtmfp_wheel_clear (RtmfpWheel *wheel) {
  rtmfp_deadlines_clear (&wheel->near);
  for (size_t i = 0; wheel->buckets != NULL && i < RTMFP_WHEEL_BUCKETS; i++) {
    free (wheel->buckets[i].items);
  }
  free (wheel->buckets);
  *wheel = (RtmfpWheel){0};
}

/* ---- Places ---- */

static void
add (RtmfpWheelBucket *bucket, RtmfpSleeper *sleeper) {
  if (bucket->count == bucket->capacity) {
    bucket->capacity = bucket->capacity == 0 ? FIRST_CAPACITY : bucket->capacity * 2;
    bucket->items = (RtmfpSleeper **)rtmfp_memory_resize (bucket->items, bucket->capacity,
                                                          sizeof (RtmfpSleeper *));
  }
  bucket->items[bucket->count++] = sleeper;
  sleeper->index = bucket->count;
}

/* A bucket that all have left keeps its bit, and its memory, until it is opened. */
static void
leave (RtmfpWheel *wheel, RtmfpSleeper *sleeper) {
  if (sleeper->index > 0) {
    RtmfpWheelBucket *bucket = &wheel->buckets[index_of (sleeper->deadline.mark)];
    RtmfpSleeper *last = bucket->items[--bucket->count];
    bucket->items[sleeper->index - 1] = last;
    last->index = sleeper->index;
    sleeper->index = 0;
    wheel->sleeping--;
  }
  rtmfp_deadlines_set (&wheel->near, &sleeper->deadline, RTMFP_NEVER);
}

/* In a bucket that is not open; what is farther than the wheel is wide in its last one. */
static int64_t
place_of (const RtmfpWheel *wheel, int64_t at_us) {
  const int64_t bucket = bucket_of (at_us), last = wheel->horizon + RTMFP_WHEEL_BUCKETS - 1;
  return bucket < last ? bucket : last;
}

static void
enter (RtmfpWheel *wheel, RtmfpSleeper *sleeper, int64_t at_us) {
  const int64_t bucket = place_of (wheel, at_us);
  if (bucket < wheel->horizon) {
    rtmfp_deadlines_set (&wheel->near, &sleeper->deadline, at_us);
    return;
  }
  const size_t index = index_of (bucket);
  sleeper->deadline.at_us = at_us;
  sleeper->deadline.mark = (uint32_t)bucket;
  add (&wheel->buckets[index], sleeper);
  wheel->occupied[index / 64] |= (uint64_t)1 << index % 64;
  wheel->occupied_words |= (uint64_t)1 << index / 64;
  wheel->sleeping++;
}

/* The first of the heap may have moved behind the horizon. */
static void
settle (RtmfpWheel *wheel) {
  int64_t at_us;
  while ((at_us = rtmfp_deadlines_first (&wheel->near)) != RTMFP_NEVER &&
         bucket_of (at_us) >= wheel->horizon) {
    RtmfpDeadline *first = rtmfp_deadlines_take_due (&wheel->near, at_us);
    enter (wheel, RTMFP_OWNER_OF (first, RtmfpSleeper, deadline), at_us);
  }
}

void
rtmfp_wheel_set (RtmfpWheel *wheel, RtmfpSleeper *sleeper, int64_t at_us) {
  if (at_us == RTMFP_NEVER) {
    leave (wheel, sleeper);
  } else if (sleeper->deadline.place > 0) {
    rtmfp_deadlines_set (&wheel->near, &sleeper->deadline, at_us);
  } else if (sleeper->index == 0) {
    enter (wheel, sleeper, at_us);
  } else if ((int32_t)((uint32_t)place_of (wheel, at_us) - sleeper->deadline.mark) >= 0) {
    sleeper->deadline.at_us = at_us;
  } else {
    leave (wheel, sleeper);
    enter (wheel, sleeper, at_us);
  }
  settle (wheel);
}

/* ---- Time ---- */

static unsigned
lowest_bit (uint64_t bits) {
  return (unsigned)__builtin_ctzll (bits);
}

/* How many buckets behind index from on the first is that may hold something, round the wheel;
 * RTMFP_WHEEL_BUCKETS when none does. */
static size_t
distance (const RtmfpWheel *wheel, size_t from) {
  const size_t word = from / 64;
  const uint64_t here = wheel->occupied[word] >> from % 64;
  if (here != 0) {
    return lowest_bit (here);
  }
  const uint64_t above = word + 1 < WORDS ? wheel->occupied_words >> (word + 1) << (word + 1) : 0;
  const uint64_t words = above != 0 ? above : wheel->occupied_words;
  if (words == 0) {
    return RTMFP_WHEEL_BUCKETS;
  }
  const size_t found = lowest_bit (words);
  const size_t index = found * 64 + lowest_bit (wheel->occupied[found]);
  return (index - from) & (RTMFP_WHEEL_BUCKETS - 1);
}

int64_t
rtmfp_wheel_first (const RtmfpWheel *wheel) {
  const int64_t at_us = rtmfp_deadlines_first (&wheel->near);
  if (at_us != RTMFP_NEVER || wheel->sleeping == 0) {
    return at_us;
  }
  const int64_t bucket = wheel->horizon + (int64_t)distance (wheel, index_of (wheel->horizon));
  return bucket * RTMFP_WHEEL_BUCKET_US;
}

static void
open_bucket (RtmfpWheel *wheel, size_t index) {
  /* Apart, as what is far away may come into the same bucket again. */
  const RtmfpWheelBucket opened = wheel->buckets[index];
  wheel->buckets[index] = (RtmfpWheelBucket){0};
  wheel->occupied[index / 64] &= ~((uint64_t)1 << index % 64);
  if (wheel->occupied[index / 64] == 0) {
    wheel->occupied_words &= ~((uint64_t)1 << index / 64);
  }
  wheel->sleeping -= opened.count;
  for (size_t i = 0; i < opened.count; i++) {
    if (i + FETCHED_AHEAD < opened.count) {
      rtmfp_prefetch (opened.items[i + FETCHED_AHEAD], sizeof (RtmfpSleeper));
    }
    opened.items[i]->index = 0;
    enter (wheel, opened.items[i], opened.items[i]->deadline.at_us);
  }
  free (opened.items);
}

/* Each bucket is opened when its time begins. */
static void
open_due (RtmfpWheel *wheel, int64_t now_us) {
  const int64_t now = bucket_of (now_us);
  while (wheel->horizon <= now) {
    const int64_t next = wheel->horizon + (int64_t)distance (wheel, index_of (wheel->horizon));
    if (wheel->sleeping == 0 || next > now) {
      wheel->horizon = now + 1;
      return;
    }
    wheel->horizon = next + 1;
    open_bucket (wheel, index_of (next));
  }
}

RtmfpSleeper *
rtmfp_wheel_take_due (RtmfpWheel *wheel, int64_t now_us) {
  open_due (wheel, now_us);
  settle (wheel);
  RtmfpDeadline *due = rtmfp_deadlines_take_due (&wheel->near, now_us);
  settle (wheel);
  return due != NULL ? RTMFP_OWNER_OF (due, RtmfpSleeper, deadline) : NULL;
}

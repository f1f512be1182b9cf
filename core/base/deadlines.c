/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/deadlines.h"

#include "core/base/memory.h"

#include <stdlib.h>

void
rtmfp_deadlines_clear (RtmfpDeadlines *deadlines) {
  free (deadlines->items);
  *deadlines = (RtmfpDeadlines){0};
}

static void
place_timer (RtmfpDeadlines *deadlines, size_t at, RtmfpDeadline *timer) {
  deadlines->items[at] = timer;
  timer->place = (uint32_t)at + 1;
}

static void
sift_up (RtmfpDeadlines *deadlines, size_t at, RtmfpDeadline *timer) {
  while (at > 0) {
    size_t parent = (at - 1) / 2;
    if (deadlines->items[parent]->at_us <= timer->at_us) {
      break;
    }
    place_timer (deadlines, at, deadlines->items[parent]);
    at = parent;
  }
  place_timer (deadlines, at, timer);
}

static void
sift_down (RtmfpDeadlines *deadlines, size_t at, RtmfpDeadline *timer) {
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= deadlines->count) {
      break;
    }
    if (child + 1 < deadlines->count &&
        deadlines->items[child + 1]->at_us < deadlines->items[child]->at_us) {
      child++;
    }
    if (timer->at_us <= deadlines->items[child]->at_us) {
      break;
    }
    place_timer (deadlines, at, deadlines->items[child]);
    at = child;
  }
  place_timer (deadlines, at, timer);
}

static void
remove_timer (RtmfpDeadlines *deadlines, RtmfpDeadline *timer) {
  size_t at = timer->place - 1;
  timer->place = 0;
  RtmfpDeadline *last = deadlines->items[--deadlines->count];
  if (last == timer) {
    return;
  }
  last->place = (uint32_t)at + 1;
  sift_up (deadlines, at, last);
  sift_down (deadlines, last->place - 1, last);
}

void
rtmfp_deadlines_set (RtmfpDeadlines *deadlines, RtmfpDeadline *timer, int64_t at_us) {
  if (at_us == RTMFP_NEVER) {
    if (timer->place > 0) {
      remove_timer (deadlines, timer);
    }
    return;
  }
  if (timer->place > 0 && timer->at_us == at_us) {
    return;
  }
  timer->at_us = at_us;
  if (timer->place == 0) {
    if (deadlines->count == deadlines->capacity) {
      deadlines->capacity = deadlines->capacity == 0 ? 16 : deadlines->capacity * 2;
      deadlines->items = (RtmfpDeadline **)rtmfp_memory_resize (
          deadlines->items, deadlines->capacity, sizeof (RtmfpDeadline *));
    }
    deadlines->count++;
    sift_up (deadlines, deadlines->count - 1, timer);
    return;
  }
  sift_up (deadlines, timer->place - 1, timer);
  sift_down (deadlines, timer->place - 1, timer);
}

int64_t
rtmfp_deadlines_first (const RtmfpDeadlines *deadlines) {
  return deadlines->count > 0 ? deadlines->items[0]->at_us : RTMFP_NEVER;
}

RtmfpDeadline *
rtmfp_deadlines_take_due (RtmfpDeadlines *deadlines, int64_t now_us) {
  if (deadlines->count == 0 || deadlines->items[0]->at_us > now_us) {
    return NULL;
  }
  RtmfpDeadline *due = deadlines->items[0];
  remove_timer (deadlines, due);
  return due;
}

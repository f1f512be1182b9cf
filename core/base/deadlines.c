/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/deadlines.h"

#include "core/base/memory.h"

#include <stdlib.h>

#define CHILDREN 4

void
rtmfp_deadlines_clear (RtmfpDeadlines *deadlines) {
  free (deadlines->items);
  *deadlines = (RtmfpDeadlines){0};
}

static void
place_item (RtmfpDeadlines *deadlines, size_t at, RtmfpDeadlineItem item) {
  deadlines->items[at] = item;
  item.timer->place = (uint32_t)at + 1;
}

static void
sift_up (RtmfpDeadlines *deadlines, size_t at, RtmfpDeadlineItem item) {
  while (at > 0) {
    size_t parent = (at - 1) / CHILDREN;
    if (deadlines->items[parent].at_us <= item.at_us) {
      break;
    }
    place_item (deadlines, at, deadlines->items[parent]);
    at = parent;
  }
  place_item (deadlines, at, item);
}

/* The earliest child of at; count when it has none. */
static size_t
first_child (const RtmfpDeadlines *deadlines, size_t at) {
  const size_t begin = CHILDREN * at + 1;
  if (begin >= deadlines->count) {
    return deadlines->count;
  }
  const size_t end = begin + CHILDREN < deadlines->count ? begin + CHILDREN : deadlines->count;
  size_t first = begin;
  for (size_t child = begin + 1; child < end; child++) {
    if (deadlines->items[child].at_us < deadlines->items[first].at_us) {
      first = child;
    }
  }
  return first;
}

static void
sift_down (RtmfpDeadlines *deadlines, size_t at, RtmfpDeadlineItem item) {
  for (;;) {
    size_t child = first_child (deadlines, at);
    if (child == deadlines->count || item.at_us <= deadlines->items[child].at_us) {
      break;
    }
    place_item (deadlines, at, deadlines->items[child]);
    at = child;
  }
  place_item (deadlines, at, item);
}

/* Until the first stands under its own time. */
static void
settle_first (RtmfpDeadlines *deadlines) {
  while (deadlines->count > 0 && deadlines->items[0].at_us < deadlines->items[0].timer->at_us) {
    RtmfpDeadlineItem item = deadlines->items[0];
    item.at_us = item.timer->at_us;
    sift_down (deadlines, 0, item);
  }
}

/* After a crowd. */
static void
shrink (RtmfpDeadlines *deadlines) {
  if (deadlines->capacity > 64 && deadlines->count < deadlines->capacity / 8) {
    deadlines->capacity /= 4;
    deadlines->items = (RtmfpDeadlineItem *)rtmfp_memory_resize (
        deadlines->items, deadlines->capacity, sizeof (RtmfpDeadlineItem));
  }
}

static void
remove_timer (RtmfpDeadlines *deadlines, RtmfpDeadline *timer) {
  size_t at = timer->place - 1;
  timer->place = 0;
  const RtmfpDeadlineItem last = deadlines->items[--deadlines->count];
  if (last.timer != timer) {
    last.timer->place = (uint32_t)at + 1;
    sift_up (deadlines, at, last);
    sift_down (deadlines, last.timer->place - 1, last);
  }
  settle_first (deadlines);
  shrink (deadlines);
}

static void
add_timer (RtmfpDeadlines *deadlines, RtmfpDeadline *timer) {
  if (deadlines->count == deadlines->capacity) {
    deadlines->capacity = deadlines->capacity == 0 ? 4 : deadlines->capacity * 2;
    deadlines->items = (RtmfpDeadlineItem *)rtmfp_memory_resize (
        deadlines->items, deadlines->capacity, sizeof (RtmfpDeadlineItem));
  }
  deadlines->count++;
  sift_up (deadlines, deadlines->count - 1,
           (RtmfpDeadlineItem){.at_us = timer->at_us, .timer = timer});
}

void
rtmfp_deadlines_set (RtmfpDeadlines *deadlines, RtmfpDeadline *timer, int64_t at_us) {
  if (at_us == RTMFP_NEVER) {
    if (timer->place > 0) {
      remove_timer (deadlines, timer);
    }
    return;
  }
  timer->at_us = at_us;
  if (timer->place == 0) {
    add_timer (deadlines, timer);
    return;
  }
  const size_t at = timer->place - 1;
  if (at_us < deadlines->items[at].at_us) {
    sift_up (deadlines, at, (RtmfpDeadlineItem){.at_us = at_us, .timer = timer});
  }
  if (at == 0) {
    settle_first (deadlines);
  }
}

int64_t
rtmfp_deadlines_first (const RtmfpDeadlines *deadlines) {
  return deadlines->count > 0 ? deadlines->items[0].at_us : RTMFP_NEVER;
}

RtmfpDeadline *
rtmfp_deadlines_take_due (RtmfpDeadlines *deadlines, int64_t now_us) {
  if (deadlines->count == 0 || deadlines->items[0].at_us > now_us) {
    return NULL;
  }
  RtmfpDeadline *due = deadlines->items[0].timer;
  remove_timer (deadlines, due);
  return due;
}

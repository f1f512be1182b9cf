/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/ranges.h"

#include "core/base/memory.h"

#include <stdlib.h>
#include <string.h>

void
rtmfp_ranges_clear (RtmfpRanges *ranges) {
  free (ranges->items);
  *ranges = (RtmfpRanges){0};
}

size_t
rtmfp_ranges_find (const RtmfpRanges *ranges, uint64_t number) {
  size_t low = 0, high = ranges->count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (ranges->items[middle].last < number) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

static RtmfpStatus
insert_at (RtmfpRanges *ranges, size_t at, RtmfpRange range, size_t most) {
  if (ranges->count >= most) {
    return RTMFP_LIMIT;
  }
  if (ranges->count == ranges->capacity) {
    ranges->capacity = ranges->capacity == 0 ? 4 : ranges->capacity * 2;
    ranges->items =
        (RtmfpRange *)rtmfp_memory_resize (ranges->items, ranges->capacity, sizeof (RtmfpRange));
  }
  memmove (ranges->items + at + 1, ranges->items + at, (ranges->count - at) * sizeof (RtmfpRange));
  ranges->items[at] = range;
  ranges->count++;
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_ranges_add (RtmfpRanges *ranges, uint64_t first, uint64_t last, size_t most) {
  /* The first range that overlaps or touches: its last >= first - 1. */
  size_t from = rtmfp_ranges_find (ranges, first > 0 ? first - 1 : 0);
  size_t to = from;
  while (to < ranges->count && (last == UINT64_MAX || ranges->items[to].first <= last + 1)) {
    to++;
  }
  if (from == to) {
    return insert_at (ranges, from, (RtmfpRange){first, last}, most);
  }
  RtmfpRange *merged = &ranges->items[from];
  uint64_t merged_last = ranges->items[to - 1].last;
  merged->first = first < merged->first ? first : merged->first;
  merged->last = last > merged_last ? last : merged_last;
  memmove (ranges->items + from + 1, ranges->items + to,
           (ranges->count - to) * sizeof (RtmfpRange));
  ranges->count -= to - from - 1;
  return RTMFP_OK;
}

void
rtmfp_ranges_remove_below (RtmfpRanges *ranges, uint64_t limit) {
  size_t keep = rtmfp_ranges_find (ranges, limit);
  if (keep > 0) {
    memmove (ranges->items, ranges->items + keep, (ranges->count - keep) * sizeof (RtmfpRange));
    ranges->count -= keep;
  }
  if (ranges->count > 0 && ranges->items[0].first < limit) {
    ranges->items[0].first = limit;
  }
}

void
rtmfp_ranges_shrink (RtmfpRanges *ranges) {
  if (ranges->count == 0) {
    rtmfp_ranges_clear (ranges);
  } else if (ranges->count < ranges->capacity) {
    ranges->capacity = ranges->count;
    ranges->items =
        (RtmfpRange *)rtmfp_memory_resize (ranges->items, ranges->capacity, sizeof (RtmfpRange));
  }
}

bool
rtmfp_ranges_contains (const RtmfpRanges *ranges, uint64_t number) {
  size_t at = rtmfp_ranges_find (ranges, number);
  return at < ranges->count && ranges->items[at].first <= number;
}

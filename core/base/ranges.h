/* SPDX-License-Identifier: Apache-2.0 */
/* A sorted set of closed ranges of sequence numbers, with a bound on how many ranges it holds. */
#ifndef RTMFP_BASE_RANGES_H
#define RTMFP_BASE_RANGES_H

#include "core/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t first;
  uint64_t last; /* inclusive, >= first */
} RtmfpRange;

typedef struct {
  RtmfpRange *items; /* (owned) ascending, with at least one number between neighbours */
  size_t count;
  size_t capacity;
} RtmfpRanges;

void rtmfp_ranges_clear (RtmfpRanges *ranges);

/* Adds first..last (first <= last), merging neighbours. most = how many ranges the set may hold.
 * Returns: OK; LIMIT when one more range would be needed than most (nothing is added). */
RTMFP_MUST_USE RtmfpStatus rtmfp_ranges_add (RtmfpRanges *ranges, uint64_t first, uint64_t last,
                                             size_t most);

/* Removes every number below limit. */
void rtmfp_ranges_remove_below (RtmfpRanges *ranges, uint64_t limit);

/* Gives back the memory that it does not need now. */
void rtmfp_ranges_shrink (RtmfpRanges *ranges);

bool rtmfp_ranges_contains (const RtmfpRanges *ranges, uint64_t number);

/* Index of the first range whose last >= number; count when there is none. O(log n). */
size_t rtmfp_ranges_find (const RtmfpRanges *ranges, uint64_t number);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Ids instead of pointers: a table of slots, each id a slot and its generation. */
#ifndef RTMFP_BASE_SLOTS_H
#define RTMFP_BASE_SLOTS_H

#include "core/base/status.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* slot in the low 32 bits, generation (never 0) in the high; 0 is "no id". */
typedef uint64_t RtmfpId;

/* One place of a table. */
typedef struct {
  void *item; /* (borrowed) NULL while free */
  uint32_t generation;
  uint32_t next_free; /* 1 + index; 0 ends the list */
} RtmfpSlot;

/* A table whose ids are not used again. Zeroed is empty. */
typedef struct {
  RtmfpSlot *items; /* (owned) */
  uint32_t count;
  uint32_t capacity;
  uint32_t free_list; /* 1 + index; 0 = none */
  uint32_t used;
} RtmfpSlots;

/* Frees the table, not the items. */
RTMFP_API void rtmfp_slots_clear (RtmfpSlots *slots);

/* Puts item (not NULL, borrowed) into a free slot; returns its id. */
RTMFP_API RtmfpId rtmfp_slots_add (RtmfpSlots *slots, void *item);

/* Another item (not NULL, borrowed) in the place of the one under a living id. */
RTMFP_API void rtmfp_slots_set (RtmfpSlots *slots, RtmfpId id, void *item);

/* The item, or NULL when the id is no longer (or never was) valid. */
RTMFP_API void *rtmfp_slots_get (const RtmfpSlots *slots, RtmfpId id);

/* The first item in a slot from *at on, and moves *at behind it; NULL at the end. Begin at 0; items
 * may come and go in between. */
RTMFP_API void *rtmfp_slots_next (const RtmfpSlots *slots, uint32_t *at);

/* Frees the slot; the id is dead from now on. Does nothing with a dead id. */
RTMFP_API void rtmfp_slots_remove (RtmfpSlots *slots, RtmfpId id);

#ifdef __cplusplus
}
#endif

#endif

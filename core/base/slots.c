/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/slots.h"

#include "core/base/memory.h"

#include <stdlib.h>

void
rtmfp_slots_clear (RtmfpSlots *slots) {
  free (slots->items);
  *slots = (RtmfpSlots){0};
}

static uint32_t
take_free_slot (RtmfpSlots *slots) {
  if (slots->free_list > 0) {
    uint32_t at = slots->free_list - 1;
    slots->free_list = slots->items[at].next_free;
    return at;
  }
  if (slots->count == slots->capacity) {
    slots->capacity = slots->capacity == 0 ? 8 : slots->capacity * 2;
    slots->items =
        (RtmfpSlot *)rtmfp_memory_resize (slots->items, slots->capacity, sizeof (RtmfpSlot));
  }
  slots->items[slots->count] = (RtmfpSlot){.generation = 1};
  return slots->count++;
}

RtmfpId
rtmfp_slots_add (RtmfpSlots *slots, void *item) {
  uint32_t at = take_free_slot (slots);
  slots->items[at].item = item;
  slots->used++;
  return (uint64_t)slots->items[at].generation << 32 | at;
}

static RtmfpSlot *
find_slot (const RtmfpSlots *slots, RtmfpId id) {
  uint32_t at = (uint32_t)id;
  if (at >= slots->count || slots->items[at].item == NULL ||
      slots->items[at].generation != (uint32_t)(id >> 32)) {
    return NULL;
  }
  return &slots->items[at];
}

void
rtmfp_slots_set (RtmfpSlots *slots, RtmfpId id, void *item) {
  RtmfpSlot *slot = find_slot (slots, id);
  if (slot != NULL) {
    slot->item = item;
  }
}

void *
rtmfp_slots_get (const RtmfpSlots *slots, RtmfpId id) {
  RtmfpSlot *slot = find_slot (slots, id);
  return slot != NULL ? slot->item : NULL;
}

void *
rtmfp_slots_next (const RtmfpSlots *slots, uint32_t *at) {
  while (*at < slots->count) {
    void *item = slots->items[(*at)++].item;
    if (item != NULL) {
      return item;
    }
  }
  return NULL;
}

void
rtmfp_slots_remove (RtmfpSlots *slots, RtmfpId id) {
  RtmfpSlot *slot = find_slot (slots, id);
  if (slot == NULL) {
    return;
  }
  slot->item = NULL;
  slot->generation = slot->generation == UINT32_MAX ? 1 : slot->generation + 1;
  slot->next_free = slots->free_list;
  slots->free_list = (uint32_t)id + 1;
  slots->used--;
}

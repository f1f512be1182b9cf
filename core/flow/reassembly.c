/* SPDX-License-Identifier: Apache-2.0 */
#include "core/flow/reassembly.h"

#include "core/base/memory.h"
#include "core/wire/data-chunk.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 4

void
reassembly_init (Reassembly *reassembly) {
  *reassembly = (Reassembly){.first = 1, .end = 1};
}

void
reassembly_clear (Reassembly *reassembly) {
  for (uint64_t number = reassembly->first; number < reassembly->end; number++) {
    free (reassembly_at (reassembly, number)->data);
  }
  free (reassembly->slots);
  *reassembly = (Reassembly){.first = reassembly->first, .end = reassembly->first};
}

void
reassembly_become_quiet (Reassembly *reassembly) {
  if (reassembly->first == reassembly->end) {
    reassembly_clear (reassembly);
  }
}

static void
make_place (Reassembly *reassembly, uint64_t number) {
  const uint64_t needed = number + 1 - reassembly->first;
  if (needed > reassembly->capacity) {
    Reassembly larger = *reassembly;
    larger.capacity = larger.capacity == 0 ? FIRST_CAPACITY : larger.capacity;
    while (larger.capacity < needed) {
      larger.capacity *= 2;
    }
    larger.slots = (Slot *)rtmfp_memory_new (larger.capacity, sizeof (Slot));
    for (uint64_t at = reassembly->first; at < reassembly->end; at++) {
      *reassembly_at (&larger, at) = *reassembly_at (reassembly, at);
    }
    free (reassembly->slots);
    *reassembly = larger;
  }
  if (number >= reassembly->end) {
    reassembly->end = number + 1;
  }
}

static bool
is_held (const Reassembly *reassembly, uint64_t number) {
  return number >= reassembly->first && number < reassembly->end &&
         reassembly_at (reassembly, number)->state == SLOT_HELD;
}

/* Whether a message goes on behind a fragment of this kind, and whether it began before one. */
static bool
goes_on (uint8_t control) {
  return control == RTMFP_FRAGMENT_BEGIN || control == RTMFP_FRAGMENT_MIDDLE;
}

static bool
began_before (uint8_t control) {
  return control == RTMFP_FRAGMENT_END || control == RTMFP_FRAGMENT_MIDDLE;
}

uint64_t
reassembly_hold (Reassembly *reassembly, uint64_t number, uint8_t control, RtmfpBytes data) {
  make_place (reassembly, number);
  Slot *slot = reassembly_at (reassembly, number);
  *slot = (Slot){
      .data = (uint8_t *)rtmfp_memory_copy (data.data, data.size),
      .size = (uint32_t)data.size,
      .state = SLOT_HELD,
      .control = control,
  };
  uint64_t first = number, last = number;
  if (began_before (control) && is_held (reassembly, number - 1) &&
      goes_on (reassembly_at (reassembly, number - 1)->control)) {
    first = reassembly_at (reassembly, number - 1)->other_end;
  }
  if (goes_on (control) && is_held (reassembly, number + 1) &&
      began_before (reassembly_at (reassembly, number + 1)->control)) {
    last = reassembly_at (reassembly, number + 1)->other_end;
  }
  reassembly_at (reassembly, first)->other_end = last;
  reassembly_at (reassembly, last)->other_end = first;
  return first;
}

void
reassembly_mark_delivered (Reassembly *reassembly, uint64_t number) {
  make_place (reassembly, number);
  reassembly_at (reassembly, number)->state = SLOT_DELIVERED;
}

bool
reassembly_is_complete (const Reassembly *reassembly, uint64_t first) {
  const Slot *slot = reassembly_at (reassembly, first);
  if (slot->control == RTMFP_FRAGMENT_WHOLE) {
    return true;
  }
  return slot->control == RTMFP_FRAGMENT_BEGIN &&
         reassembly_at (reassembly, slot->other_end)->control == RTMFP_FRAGMENT_END;
}

size_t
reassembly_run_bytes (const Reassembly *reassembly, uint64_t first, uint64_t *count) {
  const uint64_t last = reassembly_at (reassembly, first)->other_end;
  size_t bytes = 0;
  for (uint64_t number = first; number <= last; number++) {
    bytes += reassembly_at (reassembly, number)->size;
  }
  *count = last - first + 1;
  return bytes;
}

void
reassembly_take (Reassembly *reassembly, uint64_t first, SlotState leave, uint8_t **data,
                 size_t *size) {
  const uint64_t last = reassembly_at (reassembly, first)->other_end;
  Slot *only = reassembly_at (reassembly, first);
  if (first == last) {
    *data = only->data;
    *size = only->size;
    *only = (Slot){.state = (uint8_t)leave};
    return;
  }
  uint64_t count;
  *size = reassembly_run_bytes (reassembly, first, &count);
  *data = *size > 0 ? (uint8_t *)rtmfp_memory_resize (NULL, *size, 1) : NULL;
  size_t at = 0;
  for (uint64_t number = first; number <= last; number++) {
    Slot *slot = reassembly_at (reassembly, number);
    if (slot->size > 0) {
      memcpy (*data + at, slot->data, slot->size);
      at += slot->size;
    }
    free (slot->data);
    *slot = (Slot){.state = (uint8_t)leave};
  }
}

void
reassembly_drop (Reassembly *reassembly, uint64_t first) {
  const uint64_t last = reassembly_at (reassembly, first)->other_end;
  for (uint64_t number = first; number <= last; number++) {
    Slot *slot = reassembly_at (reassembly, number);
    free (slot->data);
    *slot = (Slot){0};
  }
}

void
reassembly_advance (Reassembly *reassembly, uint64_t number) {
  const uint64_t stop = number < reassembly->end ? number : reassembly->end;
  for (uint64_t at = reassembly->first; at < stop; at++) {
    *reassembly_at (reassembly, at) = (Slot){0};
  }
  reassembly->first = number;
  if (reassembly->end < number) {
    reassembly->end = number;
  }
}

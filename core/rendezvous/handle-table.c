/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Handles by their bytes, in a keyed hash table with a heap of their ends. */
#include "core/rendezvous/handle-table.h"

#include "core/base/memory.h"

#include <stdlib.h>
#include <string.h>
#include "core/base/table.h"

#define TAG_BYTES_MAX 64

struct AhoyHandle {
  uint8_t bytes[AHOY_HANDLE_SIZE];
  AhoyIntroduction introduction;
  int64_t until_us;
  bool is_used;
  size_t tag_size;
  uint8_t tag[TAG_BYTES_MAX];
  RtmfpDeadline end;
  UT_hash_handle hh;
};

void
ahoy_handle_table_init (AhoyHandleTable *table, const RtmfpRng *rng) {
  *table = (AhoyHandleTable){0};
  rtmfp_rng_fill (rng, table->key.bytes, sizeof table->key.bytes);
}

static void
drop (AhoyHandleTable *table, AhoyHandle *handle) {
  rtmfp_deadlines_set (&table->deadlines, &handle->end, RTMFP_NEVER);
  HASH_DEL (table->handles, handle);
  free (handle);
}

void
ahoy_handle_table_clear (AhoyHandleTable *table) {
  AhoyHandle *handle, *next;
  HASH_ITER (hh, table->handles, handle, next) {
    drop (table, handle);
  }
  rtmfp_deadlines_clear (&table->deadlines);
}

static unsigned
value_of (const AhoyHandleTable *table, const uint8_t *bytes) {
  return (unsigned)rtmfp_hash (&table->key, rtmfp_bytes (bytes, AHOY_HANDLE_SIZE));
}

static unsigned
count_of (const AhoyHandleTable *table, RtmfpId asker) {
  unsigned count = 0;
  for (const AhoyHandle *handle = table->handles; handle != NULL; handle = handle->hh.next) {
    count += handle->introduction.asker == asker;
  }
  return count;
}

RtmfpStatus
ahoy_handle_table_make (AhoyHandleTable *table, const RtmfpRng *rng,
                        const AhoyIntroduction *introduction, int64_t now_us,
                        uint8_t handle[AHOY_HANDLE_SIZE]) {
  if (count_of (table, introduction->asker) >= AHOY_HANDLES_PER_VISITOR_MAX) {
    return RTMFP_LIMIT;
  }
  AhoyHandle *made = RTMFP_NEW (AhoyHandle);
  rtmfp_rng_fill (rng, made->bytes, sizeof made->bytes);
  made->introduction = *introduction;
  made->until_us = now_us + AHOY_HANDLE_LIFE_US;
  rtmfp_deadlines_set (&table->deadlines, &made->end, made->until_us);
  HASH_ADD_BYHASHVALUE (hh, table->handles, bytes, sizeof made->bytes,
                        value_of (table, made->bytes), made);
  memcpy (handle, made->bytes, sizeof made->bytes);
  return RTMFP_OK;
}

RtmfpStatus
ahoy_handle_table_use (AhoyHandleTable *table, RtmfpBytes handle,
                       const RtmfpFingerprint *fingerprint, RtmfpBytes tag, int64_t now_us,
                       AhoyIntroduction *introduction) {
  if (handle.size != AHOY_HANDLE_SIZE || tag.size > TAG_BYTES_MAX) {
    return RTMFP_STATE;
  }
  AhoyHandle *found;
  HASH_FIND_BYHASHVALUE (hh, table->handles, handle.data, AHOY_HANDLE_SIZE,
                         value_of (table, handle.data), found);
  if (found == NULL || now_us >= found->until_us ||
      memcmp (&found->introduction.fingerprint, fingerprint, sizeof *fingerprint) != 0) {
    return RTMFP_STATE;
  }
  if (found->is_used && !rtmfp_bytes_equal (tag, rtmfp_bytes (found->tag, found->tag_size))) {
    return RTMFP_STATE;
  }
  if (tag.size > 0) {
    memcpy (found->tag, tag.data, tag.size);
  }
  found->tag_size = tag.size;
  found->is_used = true;
  *introduction = found->introduction;
  return RTMFP_OK;
}

void
ahoy_handle_table_forget (AhoyHandleTable *table, RtmfpId session) {
  AhoyHandle *handle, *next;
  HASH_ITER (hh, table->handles, handle, next) {
    if (handle->introduction.asker == session || handle->introduction.target == session) {
      drop (table, handle);
    }
  }
}

void
ahoy_handle_table_advance (AhoyHandleTable *table, int64_t now_us) {
  RtmfpDeadline *due;
  while ((due = rtmfp_deadlines_take_due (&table->deadlines, now_us)) != NULL) {
    drop (table, RTMFP_OWNER_OF (due, AhoyHandle, end));
  }
}

int64_t
ahoy_handle_table_deadline (const AhoyHandleTable *table) {
  return rtmfp_deadlines_first (&table->deadlines);
}

size_t
ahoy_handle_table_count (const AhoyHandleTable *table) {
  return HASH_COUNT (table->handles);
}

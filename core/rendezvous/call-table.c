/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls by id, in a keyed hash table with a heap of their ends. */
#include "core/rendezvous/call-table.h"

#include "core/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* A declined call is remembered for so long. */
#define DECLINED_US (10 * INT64_C (1000000))

void
ahoy_call_table_init (AhoyCallTable *table, const RtmfpRng *rng) {
  *table = (AhoyCallTable){0};
  rtmfp_rng_fill (rng, table->key.bytes, sizeof table->key.bytes);
}

void
ahoy_call_table_clear (AhoyCallTable *table) {
  AhoyTableCall *call, *next;
  HASH_ITER (hh, table->calls, call, next) {
    ahoy_call_table_remove (table, call);
  }
  rtmfp_deadlines_clear (&table->deadlines);
}

static bool
same (const AhoyDeviceId *a, const AhoyDeviceId *b) {
  return memcmp (a, b, sizeof *a) == 0;
}

static unsigned
value_of (const AhoyCallTable *table, const AhoyCallId *id) {
  return (unsigned)rtmfp_hash (&table->key, rtmfp_bytes (id->bytes, sizeof id->bytes));
}

AhoyTableCall *
ahoy_call_table_find (const AhoyCallTable *table, const AhoyCallId *id) {
  AhoyTableCall *call;
  HASH_FIND_BYHASHVALUE (hh, table->calls, id, sizeof *id, value_of (table, id), call);
  return call;
}

bool
ahoy_call_is_caller (const AhoyTableCall *call, const char *user, const AhoyDeviceId *device) {
  return strcmp (call->caller, user) == 0 && same (&call->caller_device, device);
}

/* Calls of one device; an answered one whose end nobody told gives way to a new one. */
static size_t
count_of (AhoyCallTable *table, const char *caller, const AhoyDeviceId *device,
          AhoyTableCall **answered) {
  size_t count = 0;
  *answered = NULL;
  for (AhoyTableCall *call = table->calls; call != NULL; call = call->hh.next) {
    if (ahoy_call_is_caller (call, caller, device)) {
      count++;
      if (*answered == NULL && call->state != AHOY_CALL_RINGS) {
        *answered = call;
      }
    }
  }
  return count;
}

RtmfpStatus
ahoy_call_table_offer (AhoyCallTable *table, const AhoyCallId *id, const char *caller,
                       const AhoyDeviceId *device, const char *callee, int64_t now_us,
                       AhoyTableCall **call) {
  if (ahoy_call_table_find (table, id) != NULL) {
    return RTMFP_STATE;
  }
  AhoyTableCall *answered;
  if (count_of (table, caller, device, &answered) >= AHOY_CALLS_PER_DEVICE_MAX) {
    if (answered == NULL) {
      return RTMFP_LIMIT;
    }
    ahoy_call_table_remove (table, answered);
  }
  if (HASH_COUNT (table->calls) >= AHOY_CALLS_MAX) {
    return RTMFP_LIMIT;
  }
  AhoyTableCall *made = RTMFP_NEW (AhoyTableCall);
  made->id = *id;
  memcpy (made->caller, caller, strlen (caller) + 1);
  memcpy (made->callee, callee, strlen (callee) + 1);
  made->caller_device = *device;
  rtmfp_deadlines_set (&table->deadlines, &made->end, now_us + AHOY_CALL_RING_LIMIT_US);
  HASH_ADD_BYHASHVALUE (hh, table->calls, id, sizeof made->id, value_of (table, id), made);
  *call = made;
  return RTMFP_OK;
}

void
ahoy_call_table_remove (AhoyCallTable *table, AhoyTableCall *call) {
  rtmfp_deadlines_set (&table->deadlines, &call->end, RTMFP_NEVER);
  HASH_DEL (table->calls, call);
  free (call);
}

RtmfpStatus
ahoy_call_ring (AhoyTableCall *call, const AhoyDeviceId *device) {
  if (call->rung_count == AHOY_DEVICES_MAX) {
    return RTMFP_LIMIT;
  }
  call->rung[call->rung_count++] = (AhoyRung){.device = *device};
  return RTMFP_OK;
}

AhoyRung *
ahoy_call_rung (AhoyTableCall *call, const AhoyDeviceId *device) {
  for (size_t i = 0; i < call->rung_count; i++) {
    if (same (&call->rung[i].device, device)) {
      return &call->rung[i];
    }
  }
  return NULL;
}

size_t
ahoy_call_ringing (const AhoyTableCall *call) {
  size_t count = 0;
  for (size_t i = 0; i < call->rung_count; i++) {
    count += call->rung[i].state == AHOY_RUNG_RINGING;
  }
  return count;
}

RtmfpStatus
ahoy_call_table_answer (AhoyCallTable *table, AhoyTableCall *call, const AhoyDeviceId *device,
                        bool accept, int64_t now_us) {
  if (call->state != AHOY_CALL_RINGS) {
    return RTMFP_STATE;
  }
  call->state = accept ? AHOY_CALL_ANSWERED : AHOY_CALL_DECLINED;
  call->answered = *device;
  rtmfp_deadlines_set (&table->deadlines, &call->end, accept ? RTMFP_NEVER : now_us + DECLINED_US);
  return RTMFP_OK;
}

bool
ahoy_call_joins (AhoyTableCall *call, const char *user, const AhoyDeviceId *device,
                 const char *other, const AhoyDeviceId *other_device) {
  const bool asks_caller = ahoy_call_is_caller (call, user, device);
  const char *callee = asks_caller ? other : user;
  const AhoyDeviceId *callee_device = asks_caller ? other_device : device;
  if (!asks_caller && !ahoy_call_is_caller (call, other, other_device)) {
    return false;
  }
  if (strcmp (call->callee, callee) != 0) {
    return false;
  }
  switch (call->state) {
  case AHOY_CALL_RINGS: {
    const AhoyRung *rung = ahoy_call_rung (call, callee_device);
    return rung != NULL && rung->state == AHOY_RUNG_RINGING;
  }
  case AHOY_CALL_ANSWERED:
    return same (&call->answered, callee_device);
  case AHOY_CALL_DECLINED:
    break;
  }
  return false;
}

AhoyTableCall *
ahoy_call_table_take_due (AhoyCallTable *table, int64_t now_us) {
  RtmfpDeadline *due = rtmfp_deadlines_take_due (&table->deadlines, now_us);
  return due == NULL ? NULL : RTMFP_OWNER_OF (due, AhoyTableCall, end);
}

int64_t
ahoy_call_table_deadline (const AhoyCallTable *table) {
  return rtmfp_deadlines_first (&table->deadlines);
}

size_t
ahoy_call_table_count (const AhoyCallTable *table) {
  return HASH_COUNT (table->calls);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calls that ring or were answered: who called from which device, where it rings, and that the
 * first answer wins. Knows no session, sends nothing. */
#ifndef AHOY_RENDEZVOUS_CALL_TABLE_H
#define AHOY_RENDEZVOUS_CALL_TABLE_H

#include "core/base/deadlines.h"
#include "core/base/hash.h"
#include "core/base/rng.h"
#include "core/call/signal.h"
#include "core/rendezvous/store-job.h"

#include "core/base/table.h"

typedef struct {
  uint8_t bytes[AHOY_DEVICE_ID_SIZE];
} AhoyDeviceId;

typedef enum {
  AHOY_RUNG_RINGING,
  AHOY_RUNG_BUSY, /* that device is in another call */
  AHOY_RUNG_GONE, /* disconnected, or told that it is over */
} AhoyRungState;

typedef struct {
  AhoyDeviceId device;
  AhoyRungState state;
} AhoyRung;

typedef enum {
  AHOY_CALL_RINGS,
  AHOY_CALL_ANSWERED,
  AHOY_CALL_DECLINED, /* kept for a while, so that a late answer can be told so */
} AhoyTableCallState;

typedef struct {
  AhoyCallId id;
  AhoyTableCallState state;
  char caller[AHOY_USER_TEXT_SIZE];
  char callee[AHOY_USER_TEXT_SIZE];
  AhoyDeviceId caller_device;
  bool caller_gone;
  AhoyRung rung[AHOY_DEVICES_MAX];
  size_t rung_count;
  AhoyDeviceId answered; /* meaningful once ANSWERED */
  bool answered_gone;
  RtmfpDeadline end;
  UT_hash_handle hh;
} AhoyTableCall;

typedef struct {
  AhoyTableCall *calls; /* (owned) hash table by id */
  RtmfpDeadlines deadlines;
  RtmfpHashKey key;
} AhoyCallTable;

void ahoy_call_table_init (AhoyCallTable *table, const RtmfpRng *rng);
void ahoy_call_table_clear (AhoyCallTable *table);

/* Begins a call without rung devices. call out: (borrowed until removed).
 * Returns: OK; STATE (that id is in use); LIMIT (AHOY_CALLS_MAX, AHOY_CALLS_PER_DEVICE_MAX). */
RTMFP_MUST_USE RtmfpStatus ahoy_call_table_offer (AhoyCallTable *table, const AhoyCallId *id,
                                                  const char *caller, const AhoyDeviceId *device,
                                                  const char *callee, int64_t now_us,
                                                  AhoyTableCall **call);
AhoyTableCall *ahoy_call_table_find (const AhoyCallTable *table, const AhoyCallId *id);
void ahoy_call_table_remove (AhoyCallTable *table, AhoyTableCall *call);

/* One more device of the callee rings. Returns: OK; LIMIT. */
RTMFP_MUST_USE RtmfpStatus ahoy_call_ring (AhoyTableCall *call, const AhoyDeviceId *device);
/* The place of a device that was rung, or NULL. */
AhoyRung *ahoy_call_rung (AhoyTableCall *call, const AhoyDeviceId *device);
/* How many devices still ring. */
size_t ahoy_call_ringing (const AhoyTableCall *call);

/* A rung device accepts or declines; the first wins. The others stay as they are, to be told.
 * Returns: OK; STATE (somebody was first). */
RTMFP_MUST_USE RtmfpStatus ahoy_call_table_answer (AhoyCallTable *table, AhoyTableCall *call,
                                                   const AhoyDeviceId *device, bool accept,
                                                   int64_t now_us);
bool ahoy_call_is_caller (const AhoyTableCall *call, const char *user, const AhoyDeviceId *device);
/* May these two devices be brought together for this call? */
bool ahoy_call_joins (AhoyTableCall *call, const char *user, const AhoyDeviceId *device,
                      const char *other, const AhoyDeviceId *other_device);

/* The next call whose time is over (borrowed; to be removed by the caller), or NULL. */
AhoyTableCall *ahoy_call_table_take_due (AhoyCallTable *table, int64_t now_us);
int64_t ahoy_call_table_deadline (const AhoyCallTable *table);
size_t ahoy_call_table_count (const AhoyCallTable *table);

#endif

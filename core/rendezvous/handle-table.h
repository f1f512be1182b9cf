/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The opaque handles without which nobody is introduced: single use, short-lived, of one asker and
 * one target. */
#ifndef AHOY_RENDEZVOUS_HANDLE_TABLE_H
#define AHOY_RENDEZVOUS_HANDLE_TABLE_H

#include "core/base/bytes.h"
#include "core/base/deadlines.h"
#include "core/base/hash.h"
#include "core/base/rng.h"
#include "core/base/slots.h"
#include "core/endpoint/endpoint.h"
#include "core/rendezvous/params.h"

typedef struct AhoyHandle AhoyHandle;

typedef struct {
  AhoyHandle *handles; /* (owned) hash table */
  RtmfpDeadlines deadlines;
  RtmfpHashKey key;
} AhoyHandleTable;

/* Whom a handle brings together. */
typedef struct {
  RtmfpId asker;
  RtmfpId target;
  RtmfpFingerprint fingerprint; /* of the target */
} AhoyIntroduction;

void ahoy_handle_table_init (AhoyHandleTable *table, const RtmfpRng *rng);
void ahoy_handle_table_clear (AhoyHandleTable *table);

/* handle out: fresh random bytes. Returns: OK; LIMIT (AHOY_HANDLES_PER_VISITOR_MAX of that asker).
 */
RTMFP_MUST_USE RtmfpStatus ahoy_handle_table_make (AhoyHandleTable *table, const RtmfpRng *rng,
                                                   const AhoyIntroduction *introduction,
                                                   int64_t now_us,
                                                   uint8_t handle[AHOY_HANDLE_SIZE]);
/* A hello that shows it. The first tag that comes is the only one that it serves.
 * introduction: out. Returns: OK; STATE (unknown, expired, another fingerprint or tag). */
RTMFP_MUST_USE RtmfpStatus ahoy_handle_table_use (AhoyHandleTable *table, RtmfpBytes handle,
                                                  const RtmfpFingerprint *fingerprint,
                                                  RtmfpBytes tag, int64_t now_us,
                                                  AhoyIntroduction *introduction);
/* A session ended: all handles from it and to it are dead. */
void ahoy_handle_table_forget (AhoyHandleTable *table, RtmfpId session);

void ahoy_handle_table_advance (AhoyHandleTable *table, int64_t now_us);
int64_t ahoy_handle_table_deadline (const AhoyHandleTable *table);
size_t ahoy_handle_table_count (const AhoyHandleTable *table);

#endif

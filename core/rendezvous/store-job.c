/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The life of a request to the store: made, filled, freed. */
#include "core/rendezvous/store-job.h"

#include "core/base/memory.h"
#include "core/crypto/primitives.h"

#include <stdlib.h>
#include <string.h>

AhoyStoreJob *
ahoy_store_job_new (AhoyStoreKind kind, int64_t now_ms) {
  AhoyStoreJob *job = RTMFP_NEW (AhoyStoreJob);
  job->kind = kind;
  job->now_ms = now_ms;
  return job;
}

void
ahoy_store_job_free (AhoyStoreJob *job) {
  if (job == NULL) {
    return;
  }
  for (size_t i = 0; i < job->item_count; i++) {
    rtmfp_buffer_clear (&job->items[i].envelope);
  }
  free (job->items);
  free (job->roster);
  free (job->accounts);
  rtmfp_buffer_clear (&job->envelope);
  free (job);
}

/* Room for one more in an array that doubles; the new place is zeroed. */
static void *
grow (void **array, size_t *count, size_t size) {
  if ((*count & (*count - 1)) == 0) { /* 0, 1, 2, 4 ... */
    *array = rtmfp_memory_resize (*array, *count == 0 ? 1 : *count * 2, size);
  }
  void *place = (char *)*array + *count * size;
  memset (place, 0, size);
  *count += 1;
  return place;
}

AhoyRosterRecord *
ahoy_store_job_add_roster (AhoyStoreJob *job) {
  void *array = job->roster;
  void *place = grow (&array, &job->roster_count, sizeof (AhoyRosterRecord));
  job->roster = array;
  return place;
}

AhoyQueueItem *
ahoy_store_job_add_item (AhoyStoreJob *job) {
  void *array = job->items;
  void *place = grow (&array, &job->item_count, sizeof (AhoyQueueItem));
  job->items = array;
  return place;
}

AhoyAccountRecord *
ahoy_store_job_add_account (AhoyStoreJob *job) {
  void *array = job->accounts;
  void *place = grow (&array, &job->account_count, sizeof (AhoyAccountRecord));
  job->accounts = array;
  return place;
}

void
ahoy_store_token_hash (const uint8_t token[AHOY_INVITE_TOKEN_SIZE], uint8_t hash[AHOY_HASH_SIZE]) {
  rtmfp_sha256 (rtmfp_bytes (token, AHOY_INVITE_TOKEN_SIZE), hash);
}

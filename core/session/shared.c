/* SPDX-License-Identifier: Apache-2.0 */
#include "core/session/shared.h"

#include "core/base/memory.h"
#include "core/congestion/params.h"
#include "core/crypto/primitives.h"

#include <stdlib.h>

void
rtmfp_job_run (RtmfpJob *job) {
  if (job->keying != NULL) {
    rtmfp_keying_run (job->keying);
  } else if (job->pair == NULL) {
    job->pair = rtmfp_key_pair_new (&job->private_key);
  }
}

void
rtmfp_job_free (RtmfpJob *job) {
  if (job != NULL) {
    rtmfp_keying_free (job->keying);
    rtmfp_key_pair_free (job->pair);
    rtmfp_secret_wipe (&job->private_key, sizeof job->private_key);
    free (job);
  }
}

void
rtmfp_shared_init (RtmfpShared *shared, const RtmfpRng *rng, const RtmfpLog *log) {
  shared->rng = *rng;
  shared->log = *log;
  shared->cipher = rtmfp_cipher_new ();
  rtmfp_protection_init_default (&shared->default_key, shared->cipher);
  rtmfp_rng_fill (rng, &shared->mobility_key, sizeof shared->mobility_key);
  STAILQ_INIT (&shared->jobs);
  shared->time_critical_sent_us = INT64_MIN;
}

void
rtmfp_shared_clear (RtmfpShared *shared) {
  while (!STAILQ_EMPTY (&shared->jobs)) {
    RtmfpJob *job = STAILQ_FIRST (&shared->jobs);
    STAILQ_REMOVE_HEAD (&shared->jobs, link);
    rtmfp_job_free (job);
  }
  rtmfp_key_pool_clear (&shared->key_pool);
  rtmfp_slots_clear (&shared->flows);
  rtmfp_capture_free (shared->capture);
  rtmfp_protection_clear (&shared->default_key);
  rtmfp_cipher_free (shared->cipher);
}

void
rtmfp_shared_add_job (RtmfpShared *shared, RtmfpId session, RtmfpKeying *keying) {
  if (rtmfp_keying_wants_pair (keying)) {
    RtmfpKeyPair *pair = rtmfp_key_pool_take (&shared->key_pool, rtmfp_keying_group (keying));
    if (pair != NULL) {
      rtmfp_keying_give_pair (keying, pair);
    }
  }
  RtmfpJob *job = RTMFP_NEW (RtmfpJob);
  job->session = session;
  job->keying = keying;
  STAILQ_INSERT_TAIL (&shared->jobs, job, link);
}

RtmfpJob *
rtmfp_shared_poll_job (RtmfpShared *shared) {
  RtmfpJob *job = STAILQ_FIRST (&shared->jobs);
  if (job != NULL) {
    STAILQ_REMOVE_HEAD (&shared->jobs, link);
    return job;
  }
  RtmfpPrivateKey key;
  if (!rtmfp_key_pool_begin (&shared->key_pool, &shared->rng, &key)) {
    return NULL;
  }
  job = RTMFP_NEW (RtmfpJob);
  job->private_key = key;
  rtmfp_secret_wipe (&key, sizeof key);
  return job;
}

void
rtmfp_shared_note_time_critical (RtmfpShared *shared, RtmfpId session, int64_t now_us) {
  if (shared->time_critical_received[0].session != session) {
    shared->time_critical_received[1] = shared->time_critical_received[0];
    shared->time_critical_received[0].session = session;
  }
  shared->time_critical_received[0].at_us = now_us;
}

bool
rtmfp_shared_others_are_time_critical (const RtmfpShared *shared, RtmfpId session, int64_t now_us) {
  int other = shared->time_critical_received[0].session == session ? 1 : 0;
  return shared->time_critical_received[other].session != 0 &&
         now_us - shared->time_critical_received[other].at_us <= RTMFP_TIME_CRITICAL_US;
}

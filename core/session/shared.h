/* SPDX-License-Identifier: Apache-2.0 */
/* What all sessions of one endpoint have in common. The endpoint owns it; sessions borrow it, and
 * so need not know the endpoint. */
#ifndef RTMFP_SESSION_SHARED_H
#define RTMFP_SESSION_SHARED_H

#include "core/base/hash.h"
#include "core/base/log.h"
#include "core/base/rng.h"
#include "core/crypto/key-pool.h"
#include "core/crypto/keying.h"
#include "core/crypto/protection.h"
#include "core/session/capture-ring.h"
#include "core/session/job.h"
#include "core/session/types.h"

#include <sys/queue.h>

struct RtmfpJob {
  STAILQ_ENTRY (RtmfpJob) link;
  RtmfpId session;     /* 0 = makes a key pair ahead */
  RtmfpKeying *keying; /* (owned) */
  /* making a pair */
  RtmfpPrivateKey private_key;
  RtmfpKeyPair *pair; /* (owned) NULL before the run */
};

typedef STAILQ_HEAD (RtmfpJobs, RtmfpJob) RtmfpJobs;

typedef struct {
  RtmfpRng rng;
  RtmfpLog log;
  RtmfpCipher *cipher;         /* (owned) of all sessions */
  RtmfpProtection default_key; /* RFC 7425 s4.1 */
  RtmfpHashKey mobility_key;   /* MOB_SECRET, RFC 7016 s3.5.4.2 */
  RtmfpSlots flows;            /* ids of the flows of all sessions (RtmfpFlow) */
  RtmfpJobs jobs;              /* waiting to be polled */
  RtmfpKeyPool key_pool;
  uint64_t next_packet_id;       /* of packets sent in fragments */
  int64_t time_critical_sent_us; /* on any session; INT64_MIN = never */
  /* The two sessions that last brought time critical packets, newest first (s3.5.2.1). */
  struct {
    RtmfpId session;
    int64_t at_us;
  } time_critical_received[2];
  bool slow_aes;         /* see RtmfpEndpointConfig */
  RtmfpCapture *capture; /* (owned) NULL = off */
  RtmfpCounters counters;
} RtmfpShared;

/* Zeroed is empty; this draws the keys. rng, log (copied). */
void rtmfp_shared_init (RtmfpShared *shared, const RtmfpRng *rng, const RtmfpLog *log);
void rtmfp_shared_clear (RtmfpShared *shared);

/* Puts keying work into the queue. keying (ownership goes in). */
void rtmfp_shared_add_job (RtmfpShared *shared, RtmfpId session, RtmfpKeying *keying);

/* The next job (owned by the caller), or NULL. When no session waits for one, a key pair is made
 * ahead. */
RtmfpJob *rtmfp_shared_poll_job (RtmfpShared *shared);

/* A time critical packet came in on a session. */
void rtmfp_shared_note_time_critical (RtmfpShared *shared, RtmfpId session, int64_t now_us);

/* Whether sessions other than this one brought time critical packets within 800 ms: its packets
 * then carry the Time Critical Reverse Notification. Source: RFC 7016 s2.2.4, s3.5.2.1. */
bool rtmfp_shared_others_are_time_critical (const RtmfpShared *shared, RtmfpId session,
                                            int64_t now_us);

#endif

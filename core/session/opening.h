/* SPDX-License-Identifier: Apache-2.0 */
/* The initiator's candidates: whom to send hellos to, and when again, RFC 7016 s3.5.1.1.1 and
 * s3.5.1.7. */
#ifndef RTMFP_SESSION_OPENING_H
#define RTMFP_SESSION_OPENING_H

#include "core/base/address.h"
#include "core/base/deadlines.h"
#include "core/session/params.h"

/* When to try again: each interval is at least double the one before and 1.5 s longer. */
typedef struct {
  int64_t next_us;     /* RTMFP_NEVER = not any more */
  int64_t interval_us; /* 0 = never tried */
} RtmfpRetry;

void rtmfp_retry_init (RtmfpRetry *retry, int64_t now_us);

/* Notes one attempt. Returns: whether it was a repetition. */
bool rtmfp_retry_step (RtmfpRetry *retry, int64_t now_us);

typedef struct {
  RtmfpAddress address;
  uint32_t interface_id;
  RtmfpRetry retry;
} RtmfpCandidate;

typedef struct {
  RtmfpCandidate items[RTMFP_CANDIDATES_MAX];
  size_t count;
} RtmfpCandidates;

/* Adds one; a known one changes nothing.
 * Returns: OK; LIMIT (there are RTMFP_CANDIDATES_MAX already). */
RTMFP_MUST_USE RtmfpStatus rtmfp_candidates_add (RtmfpCandidates *candidates,
                                                 const RtmfpAddress *address, uint32_t interface_id,
                                                 int64_t now_us);

bool rtmfp_candidates_contain (const RtmfpCandidates *candidates, const RtmfpAddress *address);

/* The one that is due (borrowed, until the next add), or NULL. The caller steps its retry. */
RtmfpCandidate *rtmfp_candidates_due (RtmfpCandidates *candidates, int64_t now_us);

int64_t rtmfp_candidates_deadline (const RtmfpCandidates *candidates);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/session/opening.h"

void
rtmfp_retry_init (RtmfpRetry *retry, int64_t now_us) {
  *retry = (RtmfpRetry){.next_us = now_us};
}

bool
rtmfp_retry_step (RtmfpRetry *retry, int64_t now_us) {
  bool repeated = retry->interval_us > 0;
  int64_t doubled_us = retry->interval_us * 2;
  int64_t longer_us = retry->interval_us + RTMFP_STARTUP_RETRY_ADD_US;
  if (!repeated) {
    retry->interval_us = RTMFP_STARTUP_RETRY_US;
  } else {
    retry->interval_us = doubled_us > longer_us ? doubled_us : longer_us;
  }
  retry->next_us = now_us + retry->interval_us;
  return repeated;
}

static RtmfpCandidate *
find (RtmfpCandidates *candidates, const RtmfpAddress *address, uint32_t interface_id) {
  for (size_t i = 0; i < candidates->count; i++) {
    RtmfpCandidate *candidate = &candidates->items[i];
    if (candidate->interface_id == interface_id &&
        rtmfp_address_equal (&candidate->address, address)) {
      return candidate;
    }
  }
  return NULL;
}

RtmfpStatus
rtmfp_candidates_add (RtmfpCandidates *candidates, const RtmfpAddress *address,
                      uint32_t interface_id, int64_t now_us) {
  if (find (candidates, address, interface_id) != NULL) {
    return RTMFP_OK;
  }
  if (candidates->count == RTMFP_CANDIDATES_MAX) {
    return RTMFP_LIMIT;
  }
  RtmfpCandidate *candidate = &candidates->items[candidates->count++];
  *candidate = (RtmfpCandidate){.address = *address, .interface_id = interface_id};
  rtmfp_retry_init (&candidate->retry, now_us);
  return RTMFP_OK;
}

bool
rtmfp_candidates_contain (const RtmfpCandidates *candidates, const RtmfpAddress *address) {
  for (size_t i = 0; i < candidates->count; i++) {
    if (rtmfp_address_equal (&candidates->items[i].address, address)) {
      return true;
    }
  }
  return false;
}

RtmfpCandidate *
rtmfp_candidates_due (RtmfpCandidates *candidates, int64_t now_us) {
  for (size_t i = 0; i < candidates->count; i++) {
    if (candidates->items[i].retry.next_us <= now_us) {
      return &candidates->items[i];
    }
  }
  return NULL;
}

int64_t
rtmfp_candidates_deadline (const RtmfpCandidates *candidates) {
  int64_t first_us = RTMFP_NEVER;
  for (size_t i = 0; i < candidates->count; i++) {
    if (candidates->items[i].retry.next_us < first_us) {
      first_us = candidates->items[i].retry.next_us;
    }
  }
  return first_us;
}

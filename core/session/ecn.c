/* SPDX-License-Identifier: Apache-2.0 */
#include "core/session/ecn.h"

#include "core/session/params.h"

void
rtmfp_ecn_begin (RtmfpEcn *ecn) {
  ecn->is_off = false;
  ecn->any_report = false;
  ecn->silent_acks = 0;
  ecn->unproved = 0;
}

void
rtmfp_ecn_heard (RtmfpEcn *ecn, uint8_t bits) {
  if (bits == RTMFP_ECN_NOT_ECT) {
    return;
  }
  ecn->has_news = true;
  ecn->ect_count += bits != RTMFP_ECN_CE;
  ecn->ce_count += bits == RTMFP_ECN_CE;
}

uint8_t
rtmfp_ecn_leave (RtmfpEcn *ecn, int64_t patience_us, int64_t now_us) {
  if (ecn->unproved == 0) {
    ecn->unproved_us = now_us;
  }
  if (!ecn->any_report && ecn->unproved >= RTMFP_ECN_TRIAL_PACKETS &&
      now_us - ecn->unproved_us >= patience_us) {
    ecn->is_off = true;
  }
  if (ecn->is_off) {
    return RTMFP_ECN_NOT_ECT;
  }
  if (ecn->unproved < UINT16_MAX) {
    ecn->unproved++;
  }
  return RTMFP_ECN_ECT0;
}

/* A counter that went back is an older report that was overtaken. */
bool
rtmfp_ecn_report (RtmfpEcn *ecn, uint8_t count) {
  const uint8_t more = (uint8_t)(count - ecn->heard_count);
  ecn->any_report = true;
  if (more == 0 || more >= RTMFP_ECN_REORDER) {
    return false;
  }
  ecn->heard_count = count;
  return true;
}

void
rtmfp_ecn_acknowledged (RtmfpEcn *ecn, bool reported) {
  ecn->unproved = 0;
  if (reported) {
    ecn->silent_acks = 0;
  } else if (!ecn->is_off && ++ecn->silent_acks == RTMFP_ECN_SILENT_ACKS) {
    ecn->is_off = true;
  }
}

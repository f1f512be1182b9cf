/* SPDX-License-Identifier: Apache-2.0 */
#include "core/endpoint/answer-limit.h"

#include "core/base/memory.h"
#include "core/endpoint/params.h"

#include <stdlib.h>

void
rtmfp_answer_limit_clear (RtmfpAnswerLimit *limit) {
  free (limit->full_us);
  limit->full_us = NULL;
}

bool
rtmfp_answer_limit_take (RtmfpAnswerLimit *limit, const RtmfpHashKey *key,
                         const RtmfpAddress *address, size_t question_bytes, size_t answer_bytes,
                         int64_t now_us) {
  if (answer_bytes <= question_bytes) {
    return true;
  }
  if (answer_bytes > question_bytes * RTMFP_ANSWER_FACTOR_MAX) {
    return false;
  }
  if (limit->full_us == NULL) {
    limit->full_us = (int64_t *)rtmfp_memory_new (RTMFP_ANSWER_BUCKETS, sizeof (int64_t));
    for (size_t i = 0; i < RTMFP_ANSWER_BUCKETS; i++) {
      limit->full_us[i] = now_us;
    }
  }
  uint64_t hash = rtmfp_hash (key, rtmfp_bytes (address->ip, sizeof address->ip));
  int64_t *full_us = &limit->full_us[hash % RTMFP_ANSWER_BUCKETS];
  int64_t from_us = *full_us > now_us ? *full_us : now_us;
  if (from_us - now_us > (int64_t)(RTMFP_ANSWER_BURST - 1) * RTMFP_ANSWER_INTERVAL_US) {
    return false;
  }
  *full_us = from_us + RTMFP_ANSWER_INTERVAL_US;
  return true;
}

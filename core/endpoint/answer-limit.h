/* SPDX-License-Identifier: Apache-2.0 */
/* How often an address gets an answer that is longer than its question: so that nobody uses us to
 * flood another. A table of fixed size, so that strangers cost no memory. RFC 7016 s5. */
#ifndef RTMFP_ENDPOINT_ANSWER_LIMIT_H
#define RTMFP_ENDPOINT_ANSWER_LIMIT_H

#include "core/base/address.h"
#include "core/base/hash.h"

typedef struct {
  int64_t *full_us; /* (owned) by bucket: when it will be full again; NULL until the first use */
} RtmfpAnswerLimit;

void rtmfp_answer_limit_clear (RtmfpAnswerLimit *limit);

/* Whether an answer of answer_bytes to a question of question_bytes may go to address now; counts
 * it. */
bool rtmfp_answer_limit_take (RtmfpAnswerLimit *limit, const RtmfpHashKey *key,
                              const RtmfpAddress *address, size_t question_bytes,
                              size_t answer_bytes, int64_t now_us);

#endif

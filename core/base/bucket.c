/* SPDX-License-Identifier: Apache-2.0 */
/* A token bucket as the one time at which it is full again. */
#include "core/base/bucket.h"

bool
rtmfp_bucket_take (RtmfpBucket *bucket, unsigned burst, int64_t every_us, int64_t now_us) {
  const int64_t full_at_us = bucket->full_at_us > now_us ? bucket->full_at_us : now_us;
  if (full_at_us - now_us > (int64_t)(burst - 1) * every_us) {
    return false;
  }
  bucket->full_at_us = full_at_us + every_us;
  return true;
}

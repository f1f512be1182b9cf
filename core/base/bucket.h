/* SPDX-License-Identifier: Apache-2.0 */
/* How often somebody may do something: a token bucket. */
#ifndef RTMFP_BASE_BUCKET_H
#define RTMFP_BASE_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

/* One bucket. Zeroed = never used, full. */
typedef struct {
  int64_t full_at_us; /* when it will be full again */
} RtmfpBucket;

/* Takes one from a bucket of burst (at least 1), where one comes back every every_us. Returns:
 * whether there was one. */
bool rtmfp_bucket_take (RtmfpBucket *bucket, unsigned burst, int64_t every_us, int64_t now_us);

#endif

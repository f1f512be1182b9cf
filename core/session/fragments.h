/* SPDX-License-Identifier: Apache-2.0 */
/* Startup packets that came in pieces: put together again within bounds, RFC 7016 s2.3.1 and s3.4.
 */
#ifndef RTMFP_SESSION_FRAGMENTS_H
#define RTMFP_SESSION_FRAGMENTS_H

#include "core/base/address.h"
#include "core/base/buffer.h"

/* Whose pieces belong together. */
typedef struct {
  RtmfpAddress from;
  uint32_t interface_id;
  uint32_t session_id; /* that the packets were sent to; 0 = startup */
  uint64_t packet_id;
} RtmfpFragmentKey;

typedef struct RtmfpFragmentPacket RtmfpFragmentPacket;

typedef struct {
  RtmfpFragmentPacket *packets; /* (owned) NULL until the first piece came */
  size_t count;
} RtmfpFragments;

void rtmfp_fragments_clear (RtmfpFragments *fragments);

/* One piece: its index, whether more follow, its bytes (copied).
 * Returns: OK with the whole packet in *whole (owned by the caller: clear it), or with an empty
 * *whole while pieces are missing; MALFORMED (empty piece, or it contradicts an earlier one); LIMIT
 * (too many packets, pieces or bytes). Source: RFC 7016 s3.4. */
RTMFP_MUST_USE RtmfpStatus rtmfp_fragments_add (RtmfpFragments *fragments,
                                                const RtmfpFragmentKey *key, uint64_t index,
                                                bool more, RtmfpBytes piece, int64_t now_us,
                                                RtmfpBuffer *whole);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Key pairs made ahead, for the group that was asked for last: a handshake that finds one here has
 * half of its public-key work behind it. RFC 7425 s4.6.1. */
#ifndef RTMFP_CRYPTO_KEY_POOL_H
#define RTMFP_CRYPTO_KEY_POOL_H

#include "core/crypto/group.h"
#include "core/crypto/params.h"

typedef struct {
  RtmfpKeyPair *pairs[RTMFP_KEY_PAIRS_AHEAD_MAX]; /* (owned) */
  size_t count;
  size_t most;    /* how many there should be; 0 = none */
  uint32_t group; /* of all of them; 0 = nobody asked yet */
  bool is_making; /* one is being made */
  uint64_t handed_out;
} RtmfpKeyPool;

/* Wipes and frees; a zeroed pool is fine. */
void rtmfp_key_pool_clear (RtmfpKeyPool *pool);

/* Returns: a pair of that group (owned by the caller, used nowhere else), or NULL. From now on
 * pairs of that group are made. */
RtmfpKeyPair *rtmfp_key_pool_take (RtmfpKeyPool *pool, uint32_t group);

/* Whether another should be made, one at a time; if so its private key is drawn. key out: to be
 * wiped by the caller. What was begun ends in rtmfp_key_pool_put(). */
bool rtmfp_key_pool_begin (RtmfpKeyPool *pool, const RtmfpRng *rng, RtmfpPrivateKey *key);
/* pair (ownership goes in). */
void rtmfp_key_pool_put (RtmfpKeyPool *pool, RtmfpKeyPair *pair);

#endif

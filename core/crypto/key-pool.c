/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/key-pool.h"

static void
drop_all (RtmfpKeyPool *pool) {
  while (pool->count > 0) {
    rtmfp_key_pair_free (pool->pairs[--pool->count]);
  }
}

void
rtmfp_key_pool_clear (RtmfpKeyPool *pool) {
  drop_all (pool);
  *pool = (RtmfpKeyPool){0};
}

RtmfpKeyPair *
rtmfp_key_pool_take (RtmfpKeyPool *pool, uint32_t group) {
  if (pool->group != group) {
    drop_all (pool);
    pool->group = group;
  }
  if (pool->count == 0) {
    return NULL;
  }
  pool->handed_out++;
  return pool->pairs[--pool->count];
}

bool
rtmfp_key_pool_begin (RtmfpKeyPool *pool, const RtmfpRng *rng, RtmfpPrivateKey *key) {
  if (pool->is_making || pool->group == 0 || pool->count >= pool->most ||
      pool->count >= RTMFP_KEY_PAIRS_AHEAD_MAX) {
    return false;
  }
  rtmfp_group_draw_private_key (pool->group, rng, key);
  pool->is_making = true;
  return true;
}

void
rtmfp_key_pool_put (RtmfpKeyPool *pool, RtmfpKeyPair *pair) {
  pool->is_making = false;
  if (rtmfp_key_pair_group (pair) != pool->group || pool->count >= RTMFP_KEY_PAIRS_AHEAD_MAX) {
    rtmfp_key_pair_free (pair); /* another group is asked for by now */
    return;
  }
  pool->pairs[pool->count++] = pair;
}

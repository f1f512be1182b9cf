/* SPDX-License-Identifier: Apache-2.0 */
/* Which sessions share a key that peers choose (an address, a fingerprint): a table with a seeded
 * hash. Its nodes sit inside of what is found, and know the hash alone: two keys of one hash of 64
 * bits do not happen by chance, and nobody outside knows the seed. */
#ifndef RTMFP_ENDPOINT_INDEX_H
#define RTMFP_ENDPOINT_INDEX_H

#include "core/base/hash.h"

#include <stdbool.h>

#include <sys/queue.h>

#define RTMFP_INDEX_KEY_SIZE 40

/* Embedded in what is found; zeroed = in no table. */
typedef struct RtmfpIndexNode {
  LIST_ENTRY (RtmfpIndexNode) link;
  uint64_t hash;
} RtmfpIndexNode;

typedef LIST_HEAD (RtmfpIndexBucket, RtmfpIndexNode) RtmfpIndexBucket;

/* Zeroed = empty. */
typedef struct {
  RtmfpIndexBucket *buckets; /* (owned) */
  size_t capacity;           /* power of two */
  size_t count;
  bool is_sparse; /* two buckets a node: for the one that every packet asks */
} RtmfpIndex;

/* All nodes must have been removed. */
void rtmfp_index_clear (RtmfpIndex *index);

/* The hash of a key of RTMFP_INDEX_KEY_SIZE bytes. */
uint64_t rtmfp_index_hash (const RtmfpHashKey *seed, const uint8_t *key);

/* Puts the node under the hash, moving it from where it was. */
void rtmfp_index_set (RtmfpIndex *index, RtmfpIndexNode *node, uint64_t hash);
void rtmfp_index_remove (RtmfpIndex *index, RtmfpIndexNode *node);

/* Asks for the memory where find() looks first; the node that it looks at first, of whatever hash,
 * or NULL. */
void rtmfp_index_fetch (const RtmfpIndex *index, uint64_t hash);
const RtmfpIndexNode *rtmfp_index_first (const RtmfpIndex *index, uint64_t hash);

/* The newest node under the hash, or NULL; and the one before it. O(1). */
RtmfpIndexNode *rtmfp_index_find (const RtmfpIndex *index, uint64_t hash);
RtmfpIndexNode *rtmfp_index_next (const RtmfpIndexNode *node);
/* How many there are, counted up to most. */
size_t rtmfp_index_count (const RtmfpIndex *index, uint64_t hash, size_t most);

#endif

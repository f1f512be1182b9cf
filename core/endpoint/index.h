/* SPDX-License-Identifier: Apache-2.0 */
/* Which sessions share a key that peers choose (an address, a fingerprint): a table with a seeded
 * hash. */
#ifndef RTMFP_ENDPOINT_INDEX_H
#define RTMFP_ENDPOINT_INDEX_H

#include "core/base/hash.h"

#include <sys/queue.h>

#define RTMFP_INDEX_KEY_SIZE 40

typedef struct RtmfpIndexPlace RtmfpIndexPlace;

/* Embedded in what is found; zeroed = in no table. */
typedef struct RtmfpIndexNode {
  LIST_ENTRY (RtmfpIndexNode) link;
  RtmfpIndexPlace *place;
} RtmfpIndexNode;

typedef struct {
  RtmfpIndexPlace *places; /* (owned) */
  const RtmfpHashKey *key; /* (borrowed) */
} RtmfpIndex;

/* Puts the node under key (RTMFP_INDEX_KEY_SIZE bytes), moving it from where it was. */
void rtmfp_index_set (RtmfpIndex *index, RtmfpIndexNode *node, const uint8_t *key);
void rtmfp_index_remove (RtmfpIndex *index, RtmfpIndexNode *node);

/* The first node under key, or NULL; the others follow by LIST_NEXT (node, link). O(1). */
RtmfpIndexNode *rtmfp_index_find (const RtmfpIndex *index, const uint8_t *key);
size_t rtmfp_index_count (const RtmfpIndex *index, const uint8_t *key);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/endpoint/index.h"

#include "core/base/memory.h"

#include <assert.h>
#include <stdlib.h>

#define FIRST_CAPACITY 16

void
rtmfp_index_clear (RtmfpIndex *index) {
  assert (index->count == 0);
  free (index->buckets);
  *index = (RtmfpIndex){.is_sparse = index->is_sparse};
}

uint64_t
rtmfp_index_hash (const RtmfpHashKey *seed, const uint8_t *key) {
  return rtmfp_hash (seed, rtmfp_bytes (key, RTMFP_INDEX_KEY_SIZE));
}

static RtmfpIndexBucket *
bucket_of (const RtmfpIndex *index, uint64_t hash) {
  return &index->buckets[hash & (index->capacity - 1)];
}

/* Nodes of one hash keep their order. */
static void
grow (RtmfpIndex *index) {
  RtmfpIndex larger = {.capacity = index->capacity == 0 ? FIRST_CAPACITY : index->capacity * 2,
                       .count = index->count,
                       .is_sparse = index->is_sparse};
  larger.buckets =
      (RtmfpIndexBucket *)rtmfp_memory_new (larger.capacity, sizeof (RtmfpIndexBucket));
  for (size_t i = 0; i < index->capacity; i++) {
    RtmfpIndexNode *node = LIST_FIRST (&index->buckets[i]), *last[2] = {NULL, NULL}, *next;
    for (; node != NULL; node = next) {
      next = LIST_NEXT (node, link);
      const size_t upper = (node->hash & index->capacity) != 0;
      if (last[upper] == NULL) {
        LIST_INSERT_HEAD (bucket_of (&larger, node->hash), node, link);
      } else {
        LIST_INSERT_AFTER (last[upper], node, link);
      }
      last[upper] = node;
    }
  }
  free (index->buckets);
  *index = larger;
}

void
rtmfp_index_remove (RtmfpIndex *index, RtmfpIndexNode *node) {
  if (node->link.le_prev != NULL) {
    LIST_REMOVE (node, link);
    node->link.le_prev = NULL;
    index->count--;
  }
}

void
rtmfp_index_set (RtmfpIndex *index, RtmfpIndexNode *node, uint64_t hash) {
  if (node->link.le_prev != NULL && node->hash == hash) {
    return;
  }
  rtmfp_index_remove (index, node);
  if (index->count << index->is_sparse >= index->capacity) {
    grow (index);
  }
  node->hash = hash;
  LIST_INSERT_HEAD (bucket_of (index, hash), node, link);
  index->count++;
}

static RtmfpIndexNode *
first_with (RtmfpIndexNode *node, uint64_t hash) {
  while (node != NULL && node->hash != hash) {
    node = LIST_NEXT (node, link);
  }
  return node;
}

void
rtmfp_index_fetch (const RtmfpIndex *index, uint64_t hash) {
  if (index->capacity > 0) {
    __builtin_prefetch (bucket_of (index, hash));
  }
}

const RtmfpIndexNode *
rtmfp_index_first (const RtmfpIndex *index, uint64_t hash) {
  return index->capacity > 0 ? LIST_FIRST (bucket_of (index, hash)) : NULL;
}

RtmfpIndexNode *
rtmfp_index_find (const RtmfpIndex *index, uint64_t hash) {
  return index->capacity > 0 ? first_with (LIST_FIRST (bucket_of (index, hash)), hash) : NULL;
}

RtmfpIndexNode *
rtmfp_index_next (const RtmfpIndexNode *node) {
  return first_with (LIST_NEXT (node, link), node->hash);
}

size_t
rtmfp_index_count (const RtmfpIndex *index, uint64_t hash, size_t most) {
  size_t count = 0;
  const RtmfpIndexNode *node = rtmfp_index_find (index, hash);
  for (; node != NULL && count < most; node = rtmfp_index_next (node)) {
    count++;
  }
  return count;
}

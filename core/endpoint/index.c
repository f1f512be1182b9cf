/* SPDX-License-Identifier: Apache-2.0 */
#include "core/endpoint/index.h"

#include "core/base/memory.h"

#include <string.h>
#include "core/base/table.h"

struct RtmfpIndexPlace {
  UT_hash_handle hh;
  uint8_t key[RTMFP_INDEX_KEY_SIZE];
  LIST_HEAD (, RtmfpIndexNode) nodes;
  size_t count;
};

static RtmfpIndexPlace *
find_place (const RtmfpIndex *index, const uint8_t *key) {
  RtmfpIndexPlace *place = NULL;
  unsigned hash = (unsigned)rtmfp_hash (index->key, rtmfp_bytes (key, RTMFP_INDEX_KEY_SIZE));
  HASH_FIND_BYHASHVALUE (hh, index->places, key, RTMFP_INDEX_KEY_SIZE, hash, place);
  return place;
}

static RtmfpIndexPlace *
make_place (RtmfpIndex *index, const uint8_t *key) {
  RtmfpIndexPlace *place = RTMFP_NEW (RtmfpIndexPlace);
  unsigned hash = (unsigned)rtmfp_hash (index->key, rtmfp_bytes (key, RTMFP_INDEX_KEY_SIZE));
  memcpy (place->key, key, RTMFP_INDEX_KEY_SIZE);
  LIST_INIT (&place->nodes);
  HASH_ADD_BYHASHVALUE (hh, index->places, key, RTMFP_INDEX_KEY_SIZE, hash, place);
  return place;
}

void
rtmfp_index_remove (RtmfpIndex *index, RtmfpIndexNode *node) {
  RtmfpIndexPlace *place = node->place;
  if (place == NULL) {
    return;
  }
  LIST_REMOVE (node, link);
  node->place = NULL;
  if (--place->count == 0) {
    HASH_DELETE (hh, index->places, place);
    free (place);
  }
}

void
rtmfp_index_set (RtmfpIndex *index, RtmfpIndexNode *node, const uint8_t *key) {
  if (node->place != NULL && memcmp (node->place->key, key, RTMFP_INDEX_KEY_SIZE) == 0) {
    return;
  }
  rtmfp_index_remove (index, node);
  RtmfpIndexPlace *place = find_place (index, key);
  if (place == NULL) {
    place = make_place (index, key);
  }
  LIST_INSERT_HEAD (&place->nodes, node, link);
  node->place = place;
  place->count++;
}

RtmfpIndexNode *
rtmfp_index_find (const RtmfpIndex *index, const uint8_t *key) {
  const RtmfpIndexPlace *place = find_place (index, key);
  return place != NULL ? LIST_FIRST (&place->nodes) : NULL;
}

size_t
rtmfp_index_count (const RtmfpIndex *index, const uint8_t *key) {
  const RtmfpIndexPlace *place = find_place (index, key);
  return place != NULL ? place->count : 0;
}

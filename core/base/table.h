/* SPDX-License-Identifier: Apache-2.0 */
/* uthash as core uses it. Its own hash (FNV-1a) serves keys that we chose; where a peer chooses the
 * keys, hash them with rtmfp_hash() and use the ..._BYHASHVALUE forms. Include this instead of
 * uthash.h: the hash that comes with it falls through switch labels without saying so, which clang
 * refuses. */
#ifndef RTMFP_BASE_TABLE_H
#define RTMFP_BASE_TABLE_H

#include <stddef.h>
#include <stdint.h>

static inline unsigned
rtmfp_table_hash (const void *key, size_t size) {
  const uint8_t *bytes = (const uint8_t *)key;
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < size; i++) {
    hash = (hash ^ bytes[i]) * 16777619u;
  }
  /* uthash takes its buckets from the low bits, which FNV mixes least. */
  return hash ^ hash >> 15;
}

#define HASH_FUNCTION(key, size, hash) ((hash) = rtmfp_table_hash ((key), (size)))

#include <uthash.h>

#endif

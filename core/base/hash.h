/* SPDX-License-Identifier: Apache-2.0 */
/* A keyed hash (SipHash-2-4) for tables whose keys a peer may choose. */
#ifndef RTMFP_BASE_HASH_H
#define RTMFP_BASE_HASH_H

#include "core/base/bytes.h"

typedef struct {
  uint8_t bytes[16];
} RtmfpHashKey;

/* SipHash-2-4 of the bytes under key (Aumasson and Bernstein, 2012). */
uint64_t rtmfp_hash (const RtmfpHashKey *key, RtmfpBytes bytes);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Diffie-Hellman: MODP groups 2, 5, 14, 16 (RFC 7296, RFC 3526) and X25519 (RFC 7748) as IKE
 * group 31. RFC 7425 s4.2 and s4.6.2. All functions are thread safe and slow (40 us to 3 ms). */
#ifndef RTMFP_CRYPTO_GROUP_H
#define RTMFP_CRYPTO_GROUP_H

#include "core/base/bytes.h"
#include "core/base/rng.h"
#include "core/crypto/profile.h"

#define RTMFP_PRIVATE_KEY_SIZE_MAX 48

typedef struct {
  uint32_t group; /* one RTMFP_GROUP_* */
  uint8_t size;   /* bytes used */
  uint8_t bytes[RTMFP_PRIVATE_KEY_SIZE_MAX];
} RtmfpPrivateKey;

typedef struct {
  uint16_t size; /* MODP: shortest encoding of the integer, network order; X25519: 32 */
  uint8_t bytes[RTMFP_PUBLIC_KEY_SIZE_MAX];
} RtmfpPublicKey;

typedef RtmfpPublicKey RtmfpSharedSecret; /* DH_SECRET: as a public key is written */

/* RTMFP_GROUP_* of an IKE group number; 0 when it is not one of ours. */
uint32_t rtmfp_group_from_id (uint64_t id);
/* IKE group number of one RTMFP_GROUP_*. */
uint64_t rtmfp_group_id (uint32_t group);
/* 0 to RTMFP_GROUP_COUNT - 1 of one RTMFP_GROUP_*. */
unsigned rtmfp_group_index (uint32_t group);
/* The one of the set that we prefer; 0 of an empty set. */
uint32_t rtmfp_group_strongest (uint32_t groups);

/* A private key made ready to agree with: its public key, and the cipher library's form of both. It
 * never changes, and may go from thread to thread. */
typedef struct RtmfpKeyPair RtmfpKeyPair;

/* Public-key work. key (copied). Returns: (owned, free with rtmfp_key_pair_free). */
RtmfpKeyPair *rtmfp_key_pair_new (const RtmfpPrivateKey *key);
/* The same of a key whose public key is known (copied); no public-key work. */
RtmfpKeyPair *rtmfp_key_pair_new_known (const RtmfpPrivateKey *key, RtmfpBytes public_key);
/* Wipes and frees; NULL is fine. */
void rtmfp_key_pair_free (RtmfpKeyPair *pair);
uint32_t rtmfp_key_pair_group (const RtmfpKeyPair *pair);
/* (borrowed) */
const RtmfpPublicKey *rtmfp_key_pair_public_key (const RtmfpKeyPair *pair);
/* Public-key work: as rtmfp_group_shared_secret. */
RTMFP_MUST_USE RtmfpStatus rtmfp_key_pair_shared_secret (const RtmfpKeyPair *pair,
                                                         RtmfpBytes far_public_key,
                                                         RtmfpSharedSecret *secret);

/* Draws a private key: fast, no public-key work. */
void rtmfp_group_draw_private_key (uint32_t group, const RtmfpRng *rng, RtmfpPrivateKey *key);

/* Public-key work: the public key of a private one. For several steps with one key take a pair. */
void rtmfp_group_public_key (const RtmfpPrivateKey *key, RtmfpPublicKey *public_key);

/* Whether a far public key is acceptable, RFC 7425 s4.6.2 (for X25519: 32 octets). Fast.
 * Returns: OK; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus rtmfp_group_check_public_key (uint32_t group, RtmfpBytes public_key);

/* Public-key work: the shared secret with the far public key, without leading zero bytes in a MODP
 * group, 32 octets as they are for X25519. Returns: OK; MALFORMED (not acceptable, or an all-zero
 * X25519 secret). */
RTMFP_MUST_USE RtmfpStatus rtmfp_group_shared_secret (const RtmfpPrivateKey *key,
                                                      RtmfpBytes far_public_key,
                                                      RtmfpSharedSecret *secret);

#endif

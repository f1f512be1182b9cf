/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who somebody is to machines: an Ed25519 key pair (RFC 8032) that outlives every session. */
#ifndef AHOY_ACCOUNT_IDENTITY_H
#define AHOY_ACCOUNT_IDENTITY_H

#include "core/base/bytes.h"
#include "core/base/rng.h"

#define AHOY_SEED_SIZE 32
#define AHOY_KEY_SIZE 32
#define AHOY_SIGNATURE_SIZE 64
#define AHOY_HASH_SIZE 32 /* SHA-256 */

/* A public key. This is what is pinned, shown and exchanged; nothing else stands for a person. */
typedef struct {
  uint8_t bytes[AHOY_KEY_SIZE];
} AhoyKey;

typedef struct {
  uint8_t bytes[AHOY_SIGNATURE_SIZE];
} AhoySignature;

/* A key pair by value. Secret: ahoy_identity_clear() when done. */
typedef struct {
  uint8_t seed[AHOY_SEED_SIZE];
  AhoyKey key;
} AhoyIdentity;

/* Makes a fresh key pair from 32 random bytes. */
void ahoy_identity_make (const RtmfpRng *rng, AhoyIdentity *identity);
/* The key pair of a stored seed. */
void ahoy_identity_from_seed (const uint8_t seed[AHOY_SEED_SIZE], AhoyIdentity *identity);
/* Overwrites the secret. */
void ahoy_identity_clear (AhoyIdentity *identity);

/* Signs message (any size). signature: out. Deterministic (RFC 8032). */
void ahoy_identity_sign (const AhoyIdentity *identity, RtmfpBytes message,
                         AhoySignature *signature);

/* Returns: OK; AUTH (not signed by key, or no key at all). */
RTMFP_MUST_USE RtmfpStatus ahoy_key_verify (const AhoyKey *key, RtmfpBytes message,
                                            const AhoySignature *signature);

bool ahoy_key_equal (const AhoyKey *a, const AhoyKey *b);

/* The key as text: 43 characters of base64url without padding (RFC 4648 s5), and its end. */
#define AHOY_KEY_TEXT_SIZE 44
void ahoy_key_format (const AhoyKey *key, char *text);
/* Returns: OK; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus ahoy_key_parse (const char *text, AhoyKey *key);

#endif

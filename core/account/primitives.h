/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few cryptographic functions that accounts are made of; OpenSSL stands behind this file only.
 */
#ifndef AHOY_ACCOUNT_PRIMITIVES_H
#define AHOY_ACCOUNT_PRIMITIVES_H

#include "core/base/bytes.h"

#define AHOY_AEAD_KEY_SIZE 32
#define AHOY_AEAD_NONCE_SIZE 12
#define AHOY_AEAD_TAG_SIZE 16
#define AHOY_X25519_SIZE 32

/* Overwrites secrets so that no compiler leaves it out. */
void ahoy_wipe (void *memory, size_t size);
bool ahoy_equal_secret (const void *a, const void *b, size_t size);

void ahoy_sha256 (RtmfpBytes bytes, uint8_t hash[32]);
void ahoy_sha512 (RtmfpBytes bytes, uint8_t hash[64]);
void ahoy_hmac_sha256 (RtmfpBytes key, RtmfpBytes bytes, uint8_t mac[32]);
/* Only for what others ask for it: TURN (RFC 8489 s14.5). */
void ahoy_hmac_sha1 (RtmfpBytes key, RtmfpBytes bytes, uint8_t mac[20]);
/* RFC 5869. */
void ahoy_hkdf_sha256 (RtmfpBytes secret, RtmfpBytes salt, const char *info, uint8_t *out,
                       size_t size);
/* RFC 7914; the caller has checked the bounds. */
void ahoy_scrypt (RtmfpBytes password, RtmfpBytes salt, uint8_t log2_n, uint8_t r, uint8_t p,
                  uint8_t *out, size_t size);

/* RFC 8032. */
void ahoy_ed25519_public (const uint8_t seed[32], uint8_t key[32]);
void ahoy_ed25519_sign (const uint8_t seed[32], RtmfpBytes message, uint8_t signature[64]);
bool ahoy_ed25519_verify (const uint8_t key[32], RtmfpBytes message, const uint8_t signature[64]);

/* RFC 7748. */
void ahoy_x25519_public (const uint8_t secret[32], uint8_t key[32]);
/* Returns: false when the shared secret would be all zero. */
bool ahoy_x25519_shared (const uint8_t secret[32], const uint8_t key[32], uint8_t shared[32]);
/* The X25519 pair of an Ed25519 pair (RFC 7748 s4.1, RFC 8032 s5.1.5). */
void ahoy_x25519_secret_of_seed (const uint8_t seed[32], uint8_t secret[32]);
/* Returns: false when key is no point that has an image. */
bool ahoy_x25519_public_of_key (const uint8_t key[32], uint8_t public_key[32]);

/* ChaCha20-Poly1305, RFC 8439. out: size + AHOY_AEAD_TAG_SIZE bytes. */
void ahoy_aead_seal (const uint8_t key[32], const uint8_t nonce[12], RtmfpBytes additional,
                     RtmfpBytes plain, uint8_t *out);
/* out: sealed.size - AHOY_AEAD_TAG_SIZE bytes, meaningless on failure.
 * Returns: false when sealed is too short or not authentic. */
bool ahoy_aead_open (const uint8_t key[32], const uint8_t nonce[12], RtmfpBytes additional,
                     RtmfpBytes sealed, uint8_t *out);

#endif

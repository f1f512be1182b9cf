/* SPDX-License-Identifier: Apache-2.0 */
/* SHA-256 by the cipher library's plain functions: a short hash takes half as long as through its
 * wrappers, and only they tell its state between two blocks. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "core/crypto/primitives.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INNER_PAD = 0x36, OUTER_PAD = 0x5c }; /* RFC 2104 s2 */

void
rtmfp_crypto_must (bool ok, const char *what) {
  if (!ok) {
    fprintf (stderr, "the cipher library failed: %s\n", what);
    abort ();
  }
}

void
rtmfp_sha256 (RtmfpBytes bytes, uint8_t digest[32]) {
  SHA256_CTX hash;
  bool done = SHA256_Init (&hash) == 1 && SHA256_Update (&hash, bytes.data, bytes.size) == 1 &&
              SHA256_Final (digest, &hash) == 1;
  rtmfp_crypto_must (done, "SHA-256");
}

/* ---- HMAC, RFC 2104 ---- */

static void
read_padded_key (uint32_t state[8], const uint8_t key[SHA256_CBLOCK], uint8_t pad) {
  uint8_t block[SHA256_CBLOCK];
  SHA256_CTX hash;
  for (size_t i = 0; i < sizeof block; i++) {
    block[i] = key[i] ^ pad;
  }
  rtmfp_crypto_must (SHA256_Init (&hash) == 1, "SHA-256");
  SHA256_Transform (&hash, block);
  memcpy (state, hash.h, sizeof hash.h);
  rtmfp_secret_wipe (&hash, sizeof hash);
  rtmfp_secret_wipe (block, sizeof block);
}

void
rtmfp_hmac_key_init (RtmfpHmacKey *hmac, RtmfpBytes key) {
  uint8_t padded[SHA256_CBLOCK] = {0};
  if (key.size > sizeof padded) {
    rtmfp_sha256 (key, padded);
  } else if (key.size > 0) {
    memcpy (padded, key.data, key.size);
  }
  read_padded_key (hmac->inner, padded, INNER_PAD);
  read_padded_key (hmac->outer, padded, OUTER_PAD);
  rtmfp_secret_wipe (padded, sizeof padded);
}

/* The hash of one block that led to state, and then of bytes. */
static bool
go_on (SHA256_CTX *hash, const uint32_t state[8], const uint8_t *bytes, size_t size,
       uint8_t *digest) {
  if (SHA256_Init (hash) != 1) {
    return false;
  }
  memcpy (hash->h, state, sizeof hash->h);
  hash->Nl = SHA256_CBLOCK * CHAR_BIT;
  return SHA256_Update (hash, bytes, size) == 1 && SHA256_Final (digest, hash) == 1;
}

void
rtmfp_hmac (const RtmfpHmacKey *hmac, RtmfpBytes message, uint8_t digest[32]) {
  SHA256_CTX hash;
  bool done = go_on (&hash, hmac->inner, message.data, message.size, digest) &&
              go_on (&hash, hmac->outer, digest, SHA256_DIGEST_LENGTH, digest);
  rtmfp_crypto_must (done, "HMAC-SHA256");
  rtmfp_secret_wipe (&hash, sizeof hash);
}

void
rtmfp_hmac_sha256 (RtmfpBytes key, RtmfpBytes message, uint8_t digest[32]) {
  RtmfpHmacKey hmac;
  rtmfp_hmac_key_init (&hmac, key);
  rtmfp_hmac (&hmac, message, digest);
  rtmfp_secret_wipe (&hmac, sizeof hmac);
}

bool
rtmfp_secret_equal (const void *a, const void *b, size_t size) {
  return CRYPTO_memcmp (a, b, size) == 0;
}

void
rtmfp_secret_wipe (void *secret, size_t size) {
  OPENSSL_cleanse (secret, size);
}

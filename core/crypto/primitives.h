/* SPDX-License-Identifier: Apache-2.0 */
/* The few operations of OpenSSL that the profile stands on. primitives.c, cipher.c and group.c are
 * the only files of this room that know OpenSSL. */
#ifndef RTMFP_CRYPTO_PRIMITIVES_H
#define RTMFP_CRYPTO_PRIMITIVES_H

#include "core/base/bytes.h"
#include "core/crypto/profile.h"

/* SHA-256 of bytes. digest out: 32 bytes. */
void rtmfp_sha256 (RtmfpBytes bytes, uint8_t digest[32]);

/* What the hash has read of an HMAC's key when a message begins, inside and outside: as secret as
 * the key. RFC 2104 s4. */
typedef struct {
  uint32_t inner[8], outer[8];
} RtmfpHmacKey;

void rtmfp_hmac_key_init (RtmfpHmacKey *hmac, RtmfpBytes key);
/* digest out: 32 bytes; may be the message. */
void rtmfp_hmac (const RtmfpHmacKey *hmac, RtmfpBytes message, uint8_t digest[32]);

/* HMAC-SHA256(key, message), RFC 2104. digest out: 32 bytes; may overlap neither input. */
void rtmfp_hmac_sha256 (RtmfpBytes key, RtmfpBytes message, uint8_t digest[32]);

/* Whether two secrets of the same size are equal, in a time that does not depend on where they
 * differ. */
bool rtmfp_secret_equal (const void *a, const void *b, size_t size);

/* Ends the process with a message unless ok: OpenSSL ran out of memory or lacks what every build of
 * it has. */
void rtmfp_crypto_must (bool ok, const char *what);

/* Overwrites a secret; the compiler does not leave it out. */
void rtmfp_secret_wipe (void *secret, size_t size);

#endif

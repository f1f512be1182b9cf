/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/primitives.h"

#include <assert.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

void
rtmfp_crypto_must (bool ok, const char *what) {
  if (!ok) {
    fprintf (stderr, "the cipher library failed: %s\n", what);
    abort ();
  }
}

void
rtmfp_sha256 (RtmfpBytes bytes, uint8_t digest[32]) {
  int done = EVP_Digest (bytes.data, bytes.size, digest, NULL, EVP_sha256 (), NULL);
  rtmfp_crypto_must (done == 1, "SHA-256");
}

void
rtmfp_hmac_sha256 (RtmfpBytes key, RtmfpBytes message, uint8_t digest[32]) {
  static const uint8_t nothing[1] = {0};
  assert (key.size <= INT_MAX);
  const uint8_t *key_data = key.size > 0 ? key.data : nothing;
  const uint8_t *message_data = message.size > 0 ? message.data : nothing;
  const uint8_t *done =
      HMAC (EVP_sha256 (), key_data, (int)key.size, message_data, message.size, digest, NULL);
  rtmfp_crypto_must (done != NULL, "HMAC-SHA256");
}

bool
rtmfp_secret_equal (const void *a, const void *b, size_t size) {
  return CRYPTO_memcmp (a, b, size) == 0;
}

void
rtmfp_secret_wipe (void *secret, size_t size) {
  OPENSSL_cleanse (secret, size);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The state of SHA-256 between two blocks is only to be had by the cipher library's plain
 * functions, which it would rather have called through its wrappers. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "core/crypto/cipher.h"

#include "core/base/memory.h"
#include "core/crypto/primitives.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

/* A context and whose key it has. */
typedef struct {
  EVP_CIPHER_CTX *context; /* (owned) NULL until needed */
  uint8_t key[RTMFP_CIPHER_KEY_SIZE];
} Keyed;

struct RtmfpCipher {
  Keyed encrypt, decrypt;
  SHA256_CTX hash;
};

static const uint8_t zero_iv[RTMFP_CIPHER_BLOCK_SIZE];

RtmfpCipher *
rtmfp_cipher_new (void) {
  return RTMFP_NEW (RtmfpCipher);
}

void
rtmfp_cipher_free (RtmfpCipher *cipher) {
  if (cipher != NULL) {
    EVP_CIPHER_CTX_free (cipher->encrypt.context);
    EVP_CIPHER_CTX_free (cipher->decrypt.context);
    rtmfp_secret_wipe (cipher, sizeof *cipher);
    free (cipher);
  }
}

static void
make_context (Keyed *keyed, const uint8_t *key, int encrypt) {
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  rtmfp_crypto_must (context != NULL, "cipher context");
  int done = EVP_CipherInit_ex (context, EVP_aes_128_cbc (), NULL, key, zero_iv, encrypt);
  rtmfp_crypto_must (done == 1 && EVP_CIPHER_CTX_set_padding (context, 0) == 1, "AES-128-CBC");
  keyed->context = context;
  memcpy (keyed->key, key, sizeof keyed->key);
}

/* With the key of the packet before, only the IV starts anew. */
static bool
set_key (Keyed *keyed, const uint8_t *key, int encrypt) {
  if (keyed->context == NULL) {
    make_context (keyed, key, encrypt);
    return true;
  }
  const uint8_t *change = NULL;
  if (!rtmfp_secret_equal (keyed->key, key, sizeof keyed->key)) {
    memcpy (keyed->key, key, sizeof keyed->key);
    change = key;
  }
  return EVP_CipherInit_ex (keyed->context, NULL, NULL, change, zero_iv, -1) == 1;
}

static void
run (Keyed *keyed, const uint8_t *key, int encrypt, const uint8_t *in, uint8_t *out, size_t size) {
  int written = 0;
  bool done = size <= INT_MAX && set_key (keyed, key, encrypt) &&
              EVP_CipherUpdate (keyed->context, out, &written, in, (int)size) == 1;
  rtmfp_crypto_must (done && (size_t)written == size, "AES-128-CBC");
}

void
rtmfp_cipher_encrypt (RtmfpCipher *cipher, const uint8_t key[RTMFP_CIPHER_KEY_SIZE],
                      const uint8_t *in, uint8_t *out, size_t size) {
  run (&cipher->encrypt, key, 1, in, out, size);
}

void
rtmfp_cipher_decrypt (RtmfpCipher *cipher, const uint8_t key[RTMFP_CIPHER_KEY_SIZE],
                      const uint8_t *in, uint8_t *out, size_t size) {
  run (&cipher->decrypt, key, 0, in, out, size);
}

/* ---- HMAC, RFC 2104 ---- */

enum { INNER_PAD = 0x36, OUTER_PAD = 0x5c };

static void
read_padded_key (uint32_t state[8], const uint8_t *key, uint8_t pad) {
  uint8_t block[SHA256_CBLOCK];
  memset (block, pad, sizeof block);
  for (size_t i = 0; i < RTMFP_HMAC_SIZE; i++) {
    block[i] ^= key[i];
  }
  SHA256_CTX hash;
  rtmfp_crypto_must (SHA256_Init (&hash) == 1, "SHA-256");
  SHA256_Transform (&hash, block);
  memcpy (state, hash.h, sizeof hash.h);
  rtmfp_secret_wipe (&hash, sizeof hash);
  rtmfp_secret_wipe (block, sizeof block);
}

void
rtmfp_hmac_key_init (RtmfpHmacKey *hmac, const uint8_t key[RTMFP_HMAC_SIZE]) {
  read_padded_key (hmac->inner, key, INNER_PAD);
  read_padded_key (hmac->outer, key, OUTER_PAD);
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
rtmfp_cipher_hmac (RtmfpCipher *cipher, const RtmfpHmacKey *hmac, RtmfpBytes message,
                   uint8_t digest[RTMFP_HMAC_SIZE]) {
  bool done = go_on (&cipher->hash, hmac->inner, message.data, message.size, digest) &&
              go_on (&cipher->hash, hmac->outer, digest, RTMFP_HMAC_SIZE, digest);
  rtmfp_crypto_must (done, "HMAC-SHA256");
}

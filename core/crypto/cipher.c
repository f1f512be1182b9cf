/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/cipher.h"

#include "core/base/memory.h"
#include "core/crypto/primitives.h"

#include <limits.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* A context and whose key it has. */
typedef struct {
  EVP_CIPHER_CTX *context; /* (owned) NULL until needed */
  uint8_t key[RTMFP_AEAD_KEY_SIZE];
} Keyed;

enum { AES_128_GCM, CHACHA20_POLY1305, AEAD_COUNT };

struct RtmfpCipher {
  Keyed encrypt, decrypt;                   /* AES-128-CBC */
  Keyed seal[AEAD_COUNT], open[AEAD_COUNT]; /* AEAD */
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
    for (int i = 0; i < AEAD_COUNT; i++) {
      EVP_CIPHER_CTX_free (cipher->seal[i].context);
      EVP_CIPHER_CTX_free (cipher->open[i].context);
    }
    rtmfp_secret_wipe (cipher, sizeof *cipher);
    free (cipher);
  }
}

static void
make_context (Keyed *keyed, const EVP_CIPHER *kind, const uint8_t *key, size_t key_size,
              int encrypt) {
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  rtmfp_crypto_must (context != NULL, "cipher context");
  rtmfp_crypto_must (EVP_CipherInit_ex (context, kind, NULL, key, NULL, encrypt) == 1, "cipher");
  keyed->context = context;
  memcpy (keyed->key, key, key_size);
}

/* In a time that does not depend on where they differ. size: of whole words. */
static bool
is_same_key (const uint8_t *a, const uint8_t *b, size_t size) {
  uint64_t difference = 0;
  for (size_t i = 0; i < size; i += 8) {
    uint64_t words[2];
    memcpy (&words[0], a + i, 8);
    memcpy (&words[1], b + i, 8);
    difference |= words[0] ^ words[1];
  }
  return difference == 0;
}

/* With the key of the packet before, only the IV starts anew. */
static bool
set_key (Keyed *keyed, const uint8_t *key, size_t key_size, const uint8_t *iv) {
  const uint8_t *change = NULL;
  if (!is_same_key (keyed->key, key, key_size)) {
    memcpy (keyed->key, key, key_size);
    change = key;
  }
  return EVP_CipherInit_ex (keyed->context, NULL, NULL, change, iv, -1) == 1;
}

/* EVP_Cipher() goes straight to the cipher: no padding, no part of a block is kept. */
static void
run (Keyed *keyed, const uint8_t *key, int encrypt, const uint8_t *in, uint8_t *out, size_t size) {
  if (keyed->context == NULL) {
    make_context (keyed, EVP_aes_128_cbc (), key, RTMFP_CIPHER_KEY_SIZE, encrypt);
  }
  bool done = size <= INT_MAX && set_key (keyed, key, RTMFP_CIPHER_KEY_SIZE, zero_iv) &&
              EVP_Cipher (keyed->context, out, in, (unsigned)size) == (int)size;
  rtmfp_crypto_must (done, "AES-128-CBC");
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

/* ---- AEAD ---- */

/* All of a packet but its tag. Both ciphers take nonces of 12 bytes unless told otherwise. */
static EVP_CIPHER_CTX *
run_aead (Keyed keyed[AEAD_COUNT], RtmfpAead aead, int encrypt, const uint8_t *key,
          const uint8_t *nonce, RtmfpBytes additional_data, const uint8_t *in, uint8_t *out,
          size_t size) {
  const bool aes = aead == RTMFP_AEAD_AES_128_GCM;
  const size_t key_size = aes ? RTMFP_CIPHER_KEY_SIZE : RTMFP_AEAD_KEY_SIZE;
  Keyed *of = &keyed[aes ? AES_128_GCM : CHACHA20_POLY1305];
  if (of->context == NULL) {
    make_context (of, aes ? EVP_aes_128_gcm () : EVP_chacha20_poly1305 (), key, key_size, encrypt);
  }
  bool done =
      size <= INT_MAX && set_key (of, key, key_size, nonce) &&
      EVP_Cipher (of->context, NULL, additional_data.data, (unsigned)additional_data.size) >= 0 &&
      EVP_Cipher (of->context, out, in, (unsigned)size) == (int)size;
  rtmfp_crypto_must (done, "AEAD");
  return of->context;
}

void
rtmfp_cipher_seal (RtmfpCipher *cipher, RtmfpAead aead, const uint8_t *key, const uint8_t *nonce,
                   RtmfpBytes additional_data, uint8_t *text, size_t size, uint8_t *tag) {
  EVP_CIPHER_CTX *context =
      run_aead (cipher->seal, aead, 1, key, nonce, additional_data, text, text, size);
  bool done = EVP_Cipher (context, NULL, NULL, 0) >= 0 &&
              EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_GET_TAG, RTMFP_AEAD_TAG_SIZE, tag) == 1;
  rtmfp_crypto_must (done, "AEAD");
}

bool
rtmfp_cipher_open (RtmfpCipher *cipher, RtmfpAead aead, const uint8_t *key, const uint8_t *nonce,
                   RtmfpBytes additional_data, RtmfpBytes sealed, const uint8_t *tag,
                   uint8_t *out) {
  uint8_t expected[RTMFP_AEAD_TAG_SIZE];
  memcpy (expected, tag, sizeof expected);
  EVP_CIPHER_CTX *context =
      run_aead (cipher->open, aead, 0, key, nonce, additional_data, sealed.data, out, sealed.size);
  bool done =
      EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_SET_TAG, RTMFP_AEAD_TAG_SIZE, expected) == 1;
  rtmfp_crypto_must (done, "AEAD");
  return EVP_Cipher (context, NULL, NULL, 0) >= 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/cipher.h"

#include "core/base/memory.h"
#include "core/crypto/primitives.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

struct RtmfpCipher {
  EVP_CIPHER_CTX *encrypt;   /* (owned) NULL until needed, as the others */
  EVP_CIPHER_CTX *decrypt;   /* (owned) */
  EVP_MAC_CTX *hmac_send;    /* (owned) */
  EVP_MAC_CTX *hmac_receive; /* (owned) */
};

static const uint8_t zero_iv[RTMFP_CIPHER_BLOCK_SIZE];

RtmfpCipher *
rtmfp_cipher_new (void) {
  return RTMFP_NEW (RtmfpCipher);
}

void
rtmfp_cipher_free (RtmfpCipher *cipher) {
  if (cipher != NULL) {
    EVP_CIPHER_CTX_free (cipher->encrypt);
    EVP_CIPHER_CTX_free (cipher->decrypt);
    EVP_MAC_CTX_free (cipher->hmac_send);
    EVP_MAC_CTX_free (cipher->hmac_receive);
    free (cipher);
  }
}

static EVP_CIPHER_CTX *
new_cipher_context (const uint8_t *key, int encrypt) {
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  rtmfp_crypto_must (context != NULL, "cipher context");
  int done = EVP_CipherInit_ex (context, EVP_aes_128_cbc (), NULL, key, zero_iv, encrypt);
  rtmfp_crypto_must (done == 1 && EVP_CIPHER_CTX_set_padding (context, 0) == 1, "AES-128-CBC");
  return context;
}

/* Contexts are kept because setting one up costs as much as a packet; only the IV starts anew. */
static void
run_cipher (EVP_CIPHER_CTX *context, const uint8_t *in, uint8_t *out, size_t size) {
  int written = 0;
  bool done = size <= INT_MAX && EVP_CipherInit_ex (context, NULL, NULL, NULL, zero_iv, -1) == 1 &&
              EVP_CipherUpdate (context, out, &written, in, (int)size) == 1;
  rtmfp_crypto_must (done && (size_t)written == size, "AES-128-CBC");
}

void
rtmfp_cipher_encrypt (RtmfpCipher *cipher, const uint8_t key[RTMFP_CIPHER_KEY_SIZE],
                      const uint8_t *in, uint8_t *out, size_t size) {
  if (cipher->encrypt == NULL) {
    cipher->encrypt = new_cipher_context (key, 1);
  }
  run_cipher (cipher->encrypt, in, out, size);
}

void
rtmfp_cipher_decrypt (RtmfpCipher *cipher, const uint8_t key[RTMFP_CIPHER_KEY_SIZE],
                      const uint8_t *in, uint8_t *out, size_t size) {
  if (cipher->decrypt == NULL) {
    cipher->decrypt = new_cipher_context (key, 0);
  }
  run_cipher (cipher->decrypt, in, out, size);
}

static EVP_MAC_CTX *
new_mac_context (const uint8_t *key) {
  EVP_MAC *mac = EVP_MAC_fetch (NULL, "HMAC", NULL);
  EVP_MAC_CTX *context = EVP_MAC_CTX_new (mac);
  EVP_MAC_free (mac);
  char digest[] = "SHA256";
  OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string (OSSL_MAC_PARAM_DIGEST, digest, 0),
                         OSSL_PARAM_construct_end ()};
  bool done = context != NULL && EVP_MAC_init (context, key, RTMFP_HMAC_SIZE, params) == 1;
  rtmfp_crypto_must (done, "HMAC-SHA256");
  return context;
}

static void
run_mac (EVP_MAC_CTX **context, const uint8_t *key, RtmfpBytes message, uint8_t *digest) {
  if (*context == NULL) {
    *context = new_mac_context (key);
  }
  bool done = EVP_MAC_init (*context, NULL, 0, NULL) == 1 &&
              EVP_MAC_update (*context, message.data, message.size) == 1 &&
              EVP_MAC_final (*context, digest, NULL, RTMFP_HMAC_SIZE) == 1;
  rtmfp_crypto_must (done, "HMAC-SHA256");
}

void
rtmfp_cipher_hmac_send (RtmfpCipher *cipher, const uint8_t key[RTMFP_HMAC_SIZE], RtmfpBytes message,
                        uint8_t digest[RTMFP_HMAC_SIZE]) {
  run_mac (&cipher->hmac_send, key, message, digest);
}

void
rtmfp_cipher_hmac_receive (RtmfpCipher *cipher, const uint8_t key[RTMFP_HMAC_SIZE],
                           RtmfpBytes message, uint8_t digest[RTMFP_HMAC_SIZE]) {
  run_mac (&cipher->hmac_receive, key, message, digest);
}

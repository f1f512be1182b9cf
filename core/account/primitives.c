/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few cryptographic functions that accounts are made of, by OpenSSL. A call that fails here
 * with arguments of ours means that the library is unusable: that ends the process. */
#include "core/account/primitives.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
must (bool ok, const char *what) {
  if (!ok) {
    fprintf (stderr, "OpenSSL cannot do %s\n", what);
    abort ();
  }
}

void
ahoy_wipe (void *memory, size_t size) {
  OPENSSL_cleanse (memory, size);
}

bool
ahoy_equal_secret (const void *a, const void *b, size_t size) {
  return CRYPTO_memcmp (a, b, size) == 0;
}

void
ahoy_sha256 (RtmfpBytes bytes, uint8_t hash[32]) {
  must (EVP_Digest (bytes.data, bytes.size, hash, NULL, EVP_sha256 (), NULL) == 1, "SHA-256");
}

void
ahoy_sha512 (RtmfpBytes bytes, uint8_t hash[64]) {
  must (EVP_Digest (bytes.data, bytes.size, hash, NULL, EVP_sha512 (), NULL) == 1, "SHA-512");
}

void
ahoy_hmac_sha256 (RtmfpBytes key, RtmfpBytes bytes, uint8_t mac[32]) {
  unsigned size = 32;
  must (HMAC (EVP_sha256 (), key.data, (int)key.size, bytes.data, bytes.size, mac, &size) != NULL,
        "HMAC");
}

void
ahoy_hmac_sha1 (RtmfpBytes key, RtmfpBytes bytes, uint8_t mac[20]) {
  unsigned size = 20;
  must (HMAC (EVP_sha1 (), key.data, (int)key.size, bytes.data, bytes.size, mac, &size) != NULL,
        "HMAC");
}

static void
derive (const char *name, const OSSL_PARAM *params, uint8_t *out, size_t size) {
  EVP_KDF *kdf = EVP_KDF_fetch (NULL, name, NULL);
  must (kdf != NULL, name);
  EVP_KDF_CTX *context = EVP_KDF_CTX_new (kdf);
  must (context != NULL && EVP_KDF_derive (context, out, size, params) == 1, name);
  EVP_KDF_CTX_free (context);
  EVP_KDF_free (kdf);
}

void
ahoy_hkdf_sha256 (RtmfpBytes secret, RtmfpBytes salt, const char *info, uint8_t *out, size_t size) {
  char digest[] = "SHA256";
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_utf8_string (OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_KEY, (void *)secret.data, secret.size),
      OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_SALT, (void *)salt.data, salt.size),
      OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_INFO, (void *)info, strlen (info)),
      OSSL_PARAM_construct_end (),
  };
  derive ("HKDF", params, out, size);
}

void
ahoy_scrypt (RtmfpBytes password, RtmfpBytes salt, uint8_t log2_n, uint8_t r, uint8_t p,
             uint8_t *out, size_t size) {
  uint8_t none = 0; /* OpenSSL wants an address even for no bytes */
  uint64_t n = UINT64_C (1) << log2_n;
  uint32_t blocks = r;
  uint32_t lanes = p;
  uint64_t memory_bytes = n * r * 128 + UINT64_C (1024) * 1024 * lanes;
  const OSSL_PARAM params[] = {
      OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_PASSWORD,
                                         password.size > 0 ? (void *)password.data : &none,
                                         password.size),
      OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_SALT, (void *)salt.data, salt.size),
      OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_SCRYPT_N, &n),
      OSSL_PARAM_construct_uint32 (OSSL_KDF_PARAM_SCRYPT_R, &blocks),
      OSSL_PARAM_construct_uint32 (OSSL_KDF_PARAM_SCRYPT_P, &lanes),
      OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory_bytes),
      OSSL_PARAM_construct_end (),
  };
  derive ("SCRYPT", params, out, size);
}

static EVP_PKEY *
private_key (int type, const uint8_t bytes[32]) {
  EVP_PKEY *key = EVP_PKEY_new_raw_private_key (type, NULL, bytes, 32);
  must (key != NULL, "private keys");
  return key;
}

static void
public_of (int type, const uint8_t secret[32], uint8_t out[32]) {
  EVP_PKEY *key = private_key (type, secret);
  size_t size = 32;
  must (EVP_PKEY_get_raw_public_key (key, out, &size) == 1 && size == 32, "public keys");
  EVP_PKEY_free (key);
}

void
ahoy_ed25519_public (const uint8_t seed[32], uint8_t key[32]) {
  public_of (EVP_PKEY_ED25519, seed, key);
}

void
ahoy_ed25519_sign (const uint8_t seed[32], RtmfpBytes message, uint8_t signature[64]) {
  EVP_PKEY *key = private_key (EVP_PKEY_ED25519, seed);
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  size_t size = 64;
  must (context != NULL && EVP_DigestSignInit (context, NULL, NULL, NULL, key) == 1 &&
            EVP_DigestSign (context, signature, &size, message.data, message.size) == 1 &&
            size == 64,
        "Ed25519");
  EVP_MD_CTX_free (context);
  EVP_PKEY_free (key);
}

bool
ahoy_ed25519_verify (const uint8_t key[32], RtmfpBytes message, const uint8_t signature[64]) {
  EVP_PKEY *public_key = EVP_PKEY_new_raw_public_key (EVP_PKEY_ED25519, NULL, key, 32);
  if (public_key == NULL) {
    return false;
  }
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  must (context != NULL, "Ed25519");
  bool ok = EVP_DigestVerifyInit (context, NULL, NULL, NULL, public_key) == 1 &&
            EVP_DigestVerify (context, signature, 64, message.data, message.size) == 1;
  EVP_MD_CTX_free (context);
  EVP_PKEY_free (public_key);
  return ok;
}

void
ahoy_x25519_public (const uint8_t secret[32], uint8_t key[32]) {
  public_of (EVP_PKEY_X25519, secret, key);
}

bool
ahoy_x25519_shared (const uint8_t secret[32], const uint8_t key[32], uint8_t shared[32]) {
  EVP_PKEY *near = private_key (EVP_PKEY_X25519, secret);
  EVP_PKEY *far = EVP_PKEY_new_raw_public_key (EVP_PKEY_X25519, NULL, key, 32);
  must (far != NULL, "X25519 keys");
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new (near, NULL);
  must (context != NULL && EVP_PKEY_derive_init (context) == 1, "X25519");
  size_t size = 32;
  uint8_t result[32] = {0};
  bool ok = EVP_PKEY_derive_set_peer (context, far) == 1 &&
            EVP_PKEY_derive (context, result, &size) == 1 && size == 32;
  const uint8_t zeros[32] = {0};
  ok = ok && !ahoy_equal_secret (result, zeros, 32);
  if (ok) {
    memcpy (shared, result, 32);
  }
  ahoy_wipe (result, sizeof result);
  EVP_PKEY_CTX_free (context);
  EVP_PKEY_free (far);
  EVP_PKEY_free (near);
  return ok;
}

void
ahoy_x25519_secret_of_seed (const uint8_t seed[32], uint8_t secret[32]) {
  uint8_t hash[64];
  ahoy_sha512 (rtmfp_bytes (seed, 32), hash);
  hash[0] &= 248;
  hash[31] &= 127;
  hash[31] |= 64;
  memcpy (secret, hash, 32);
  ahoy_wipe (hash, sizeof hash);
}

/* u = (1 + y) / (1 - y) modulo 2^255 - 19. A y off the curve maps to the twist, which X25519 stands
 * (RFC 7748 s7); small orders end in the all-zero secret, which is refused. */
static bool
map_y_to_u (const uint8_t y_bytes[32], uint8_t u_bytes[32]) {
  BN_CTX *context = BN_CTX_new ();
  must (context != NULL, "arithmetic");
  BN_CTX_start (context);
  BIGNUM *prime = BN_CTX_get (context);
  BIGNUM *y = BN_CTX_get (context);
  BIGNUM *above = BN_CTX_get (context);
  BIGNUM *below = BN_CTX_get (context);
  BIGNUM *u = BN_CTX_get (context);
  must (u != NULL && BN_lebin2bn (y_bytes, 32, y) != NULL && BN_one (prime) &&
            BN_lshift (prime, prime, 255) && BN_sub_word (prime, 19),
        "arithmetic");
  bool ok = BN_cmp (y, prime) < 0;
  if (ok) {
    must (BN_one (above) && BN_mod_add (above, above, y, prime, context) && BN_one (below) &&
              BN_mod_sub (below, below, y, prime, context),
          "arithmetic");
    ok = !BN_is_zero (below) && BN_mod_inverse (below, below, prime, context) != NULL;
  }
  if (ok) {
    must (BN_mod_mul (u, above, below, prime, context) && BN_bn2lebinpad (u, u_bytes, 32) == 32,
          "arithmetic");
  }
  BN_CTX_end (context);
  BN_CTX_free (context);
  return ok;
}

bool
ahoy_x25519_public_of_key (const uint8_t key[32], uint8_t public_key[32]) {
  uint8_t y[32];
  memcpy (y, key, 32);
  y[31] &= 127; /* the sign of x has no part in it */
  return map_y_to_u (y, public_key);
}

void
ahoy_aead_seal (const uint8_t key[32], const uint8_t nonce[12], RtmfpBytes additional,
                RtmfpBytes plain, uint8_t *out) {
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  int size = 0;
  must (context != NULL &&
            EVP_EncryptInit_ex2 (context, EVP_chacha20_poly1305 (), key, nonce, NULL) == 1 &&
            EVP_EncryptUpdate (context, NULL, &size, additional.data, (int)additional.size) == 1 &&
            EVP_EncryptUpdate (context, out, &size, plain.data, (int)plain.size) == 1 &&
            EVP_EncryptFinal_ex (context, out + plain.size, &size) == 1 &&
            EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_GET_TAG, AHOY_AEAD_TAG_SIZE,
                                 out + plain.size) == 1,
        "ChaCha20-Poly1305");
  EVP_CIPHER_CTX_free (context);
}

bool
ahoy_aead_open (const uint8_t key[32], const uint8_t nonce[12], RtmfpBytes additional,
                RtmfpBytes sealed, uint8_t *out) {
  if (sealed.size < AHOY_AEAD_TAG_SIZE) {
    return false;
  }
  size_t plain_size = sealed.size - AHOY_AEAD_TAG_SIZE;
  uint8_t tag[AHOY_AEAD_TAG_SIZE];
  memcpy (tag, sealed.data + plain_size, sizeof tag);
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  int size = 0;
  must (context != NULL &&
            EVP_DecryptInit_ex2 (context, EVP_chacha20_poly1305 (), key, nonce, NULL) == 1 &&
            EVP_DecryptUpdate (context, NULL, &size, additional.data, (int)additional.size) == 1 &&
            EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_SET_TAG, AHOY_AEAD_TAG_SIZE, tag) == 1,
        "ChaCha20-Poly1305");
  bool ok = EVP_DecryptUpdate (context, out, &size, sealed.data, (int)plain_size) == 1 &&
            EVP_DecryptFinal_ex (context, out + plain_size, &size) == 1;
  EVP_CIPHER_CTX_free (context);
  return ok;
}

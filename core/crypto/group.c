/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/group.h"

#include "core/base/memory.h"
#include "core/crypto/primitives.h"

#include <assert.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>
#include <string.h>

enum {
  X25519_SIZE = 32,
  ACCEPTABLE_DISTANCE = 16777216, /* 2^24, RFC 7425 s4.6.2 */
  ACCEPTABLE_BITS = 16,
};

/* Private exponents of twice the strength of the group, and no less than 256 bits. */
static const struct {
  uint64_t id;
  uint8_t private_size;
  BIGNUM *(*prime) (BIGNUM *); /* NULL = X25519 */
} groups[RTMFP_GROUP_COUNT] = {
    {2, 32, BN_get_rfc2409_prime_1024},
    {5, 32, BN_get_rfc3526_prime_1536},
    {14, 32, BN_get_rfc3526_prime_2048},
    {16, 48, BN_get_rfc3526_prime_4096},
    {31, X25519_SIZE, NULL},
};

unsigned
rtmfp_group_index (uint32_t group) {
  unsigned index = 0;
  while (index < RTMFP_GROUP_COUNT - 1 && group != 1u << index) {
    index++;
  }
  assert (group == 1u << index);
  return index;
}

uint32_t
rtmfp_group_from_id (uint64_t id) {
  for (unsigned i = 0; i < RTMFP_GROUP_COUNT; i++) {
    if (groups[i].id == id) {
      return 1u << i;
    }
  }
  return 0;
}

uint64_t
rtmfp_group_id (uint32_t group) {
  return groups[rtmfp_group_index (group)].id;
}

/* The bits stand in the order of our preference, and the index of X25519 is the highest. */
uint32_t
rtmfp_group_strongest (uint32_t set) {
  for (unsigned i = RTMFP_GROUP_COUNT; i > 0; i--) {
    if ((set & 1u << (i - 1)) != 0) {
      return 1u << (i - 1);
    }
  }
  return 0;
}

void
rtmfp_group_draw_private_key (uint32_t group, const RtmfpRng *rng, RtmfpPrivateKey *key) {
  unsigned index = rtmfp_group_index (group);
  *key = (RtmfpPrivateKey){.group = group, .size = groups[index].private_size};
  rtmfp_rng_fill (rng, key->bytes, key->size);
  if (groups[index].prime != NULL) {
    key->bytes[0] |= 0x80; /* never a short exponent */
  }
}

struct RtmfpKeyPair {
  RtmfpPrivateKey private_key;
  RtmfpPublicKey public_key;
  EVP_PKEY *x25519; /* (owned) NULL in MODP groups */
};

/* ---- X25519, RFC 7748 ---- */

/* Computes the public key. */
static void
x25519_make (RtmfpKeyPair *pair) {
  size_t size = X25519_SIZE;
  pair->x25519 =
      EVP_PKEY_new_raw_private_key (EVP_PKEY_X25519, NULL, pair->private_key.bytes, size);
  bool done = pair->x25519 != NULL &&
              EVP_PKEY_get_raw_public_key (pair->x25519, pair->public_key.bytes, &size) == 1;
  rtmfp_crypto_must (done && size == X25519_SIZE, "X25519");
  pair->public_key.size = X25519_SIZE;
}

/* The public key is there. */
static void
x25519_load (RtmfpKeyPair *pair) {
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_id (EVP_PKEY_X25519, NULL);
  OSSL_PARAM params[] = {OSSL_PARAM_construct_octet_string (OSSL_PKEY_PARAM_PUB_KEY,
                                                            pair->public_key.bytes, X25519_SIZE),
                         OSSL_PARAM_construct_octet_string (OSSL_PKEY_PARAM_PRIV_KEY,
                                                            pair->private_key.bytes, X25519_SIZE),
                         OSSL_PARAM_construct_end ()};
  bool done = context != NULL && EVP_PKEY_fromdata_init (context) == 1 &&
              EVP_PKEY_fromdata (context, &pair->x25519, EVP_PKEY_KEYPAIR, params) == 1;
  rtmfp_crypto_must (done, "X25519");
  EVP_PKEY_CTX_free (context);
}

static RtmfpStatus
x25519_shared_secret (EVP_PKEY *pkey, RtmfpBytes far_key, RtmfpSharedSecret *secret) {
  EVP_PKEY *peer = EVP_PKEY_new ();
  bool ready = peer != NULL && EVP_PKEY_copy_parameters (peer, pkey) == 1 &&
               EVP_PKEY_set1_encoded_public_key (peer, far_key.data, far_key.size) == 1;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new (pkey, NULL);
  uint8_t result[X25519_SIZE] = {0};
  size_t size = sizeof result;
  rtmfp_crypto_must (ready && context != NULL && EVP_PKEY_derive_init (context) == 1, "X25519");
  /* OpenSSL refuses an all-zero secret itself; the comparison does not lean on that. */
  bool done = EVP_PKEY_derive_set_peer_ex (context, peer, 0) == 1 &&
              EVP_PKEY_derive (context, result, &size) == 1 && size == X25519_SIZE;
  static const uint8_t zero[X25519_SIZE];
  bool usable = done && !rtmfp_secret_equal (result, zero, X25519_SIZE);
  if (usable) {
    memcpy (secret->bytes, result, X25519_SIZE);
    secret->size = X25519_SIZE;
  }
  rtmfp_secret_wipe (result, sizeof result);
  EVP_PKEY_CTX_free (context);
  EVP_PKEY_free (peer);
  return usable ? RTMFP_OK : RTMFP_MALFORMED;
}

/* ---- MODP, RFC 3526 ---- */

/* base^private mod prime, without leading zero bytes. base NULL = the generator 2. */
static void
modp_power (const RtmfpPrivateKey *key, const BIGNUM *base, RtmfpPublicKey *result) {
  BN_CTX *context = BN_CTX_secure_new ();
  BIGNUM *prime = groups[rtmfp_group_index (key->group)].prime (NULL);
  BIGNUM *exponent = BN_secure_new ();
  BIGNUM *two = BN_new ();
  BIGNUM *power = BN_secure_new ();
  bool ready = context != NULL && prime != NULL && exponent != NULL && two != NULL &&
               power != NULL && BN_set_word (two, 2) == 1 &&
               BN_bin2bn (key->bytes, key->size, exponent) != NULL;
  rtmfp_crypto_must (ready, "MODP");
  BN_set_flags (exponent, BN_FLG_CONSTTIME);
  const BIGNUM *of = base != NULL ? base : two;
  bool done = BN_mod_exp_mont_consttime (power, of, exponent, prime, context, NULL) == 1;
  rtmfp_crypto_must (done && BN_num_bytes (power) <= RTMFP_PUBLIC_KEY_SIZE_MAX, "MODP");
  result->size = (uint16_t)BN_bn2bin (power, result->bytes);
  BN_clear_free (power);
  BN_free (two);
  BN_clear_free (exponent);
  BN_free (prime);
  BN_CTX_free (context);
}

static int
count_ones (const uint8_t *bytes, size_t size) {
  int ones = 0;
  for (size_t i = 0; i < size; i++) {
    for (unsigned byte = bytes[i]; byte != 0; byte &= byte - 1) {
      ones++;
    }
  }
  return ones;
}

static bool
modp_is_in_range (unsigned index, const BIGNUM *value) {
  BIGNUM *prime = groups[index].prime (NULL);
  BIGNUM *least = BN_new ();
  bool ready = prime != NULL && least != NULL && BN_set_word (least, ACCEPTABLE_DISTANCE) == 1 &&
               BN_sub_word (prime, ACCEPTABLE_DISTANCE) == 1;
  rtmfp_crypto_must (ready, "MODP");
  bool in_range = BN_cmp (value, least) >= 0 && BN_cmp (value, prime) <= 0;
  BN_free (least);
  BN_free (prime);
  return in_range;
}

static BIGNUM *
modp_read (RtmfpBytes bytes) {
  BIGNUM *value = BN_bin2bn (bytes.data, (int)bytes.size, NULL);
  rtmfp_crypto_must (value != NULL, "MODP");
  return value;
}

/* RFC 7425 s4.6.2. */
static RtmfpStatus
modp_check (unsigned index, RtmfpBytes bytes) {
  /* Leading zeros are no part of the number; more of them than the largest key is long are no key.
   */
  if (bytes.size == 0 || bytes.size > 2 * RTMFP_PUBLIC_KEY_SIZE_MAX) {
    return RTMFP_MALFORMED;
  }
  BIGNUM *value = modp_read (bytes);
  int ones = count_ones (bytes.data, bytes.size);
  int zeros = BN_num_bits (value) - ones;
  bool acceptable =
      ones >= ACCEPTABLE_BITS && zeros >= ACCEPTABLE_BITS && modp_is_in_range (index, value);
  BN_free (value);
  return acceptable ? RTMFP_OK : RTMFP_MALFORMED;
}

/* ---- Both ---- */

RtmfpKeyPair *
rtmfp_key_pair_new (const RtmfpPrivateKey *key) {
  RtmfpKeyPair *pair = RTMFP_NEW (RtmfpKeyPair);
  pair->private_key = *key;
  if (key->group == RTMFP_GROUP_X25519) {
    x25519_make (pair);
  } else {
    modp_power (key, NULL, &pair->public_key);
  }
  return pair;
}

RtmfpKeyPair *
rtmfp_key_pair_new_known (const RtmfpPrivateKey *key, RtmfpBytes public_key) {
  assert (public_key.size <= RTMFP_PUBLIC_KEY_SIZE_MAX);
  RtmfpKeyPair *pair = RTMFP_NEW (RtmfpKeyPair);
  pair->private_key = *key;
  memcpy (pair->public_key.bytes, public_key.data, public_key.size);
  pair->public_key.size = (uint16_t)public_key.size;
  if (key->group == RTMFP_GROUP_X25519) {
    x25519_load (pair);
  }
  return pair;
}

void
rtmfp_key_pair_free (RtmfpKeyPair *pair) {
  if (pair != NULL) {
    EVP_PKEY_free (pair->x25519);
    rtmfp_secret_wipe (pair, sizeof *pair);
    free (pair);
  }
}

uint32_t
rtmfp_key_pair_group (const RtmfpKeyPair *pair) {
  return pair->private_key.group;
}

const RtmfpPublicKey *
rtmfp_key_pair_public_key (const RtmfpKeyPair *pair) {
  return &pair->public_key;
}

RtmfpStatus
rtmfp_group_check_public_key (uint32_t group, RtmfpBytes public_key) {
  if (group == RTMFP_GROUP_X25519) {
    return public_key.size == X25519_SIZE ? RTMFP_OK : RTMFP_MALFORMED;
  }
  return modp_check (rtmfp_group_index (group), public_key);
}

RtmfpStatus
rtmfp_key_pair_shared_secret (const RtmfpKeyPair *pair, RtmfpBytes far_public_key,
                              RtmfpSharedSecret *secret) {
  RtmfpStatus status = rtmfp_group_check_public_key (pair->private_key.group, far_public_key);
  if (status != RTMFP_OK) {
    return status;
  }
  if (pair->x25519 != NULL) {
    return x25519_shared_secret (pair->x25519, far_public_key, secret);
  }
  BIGNUM *base = modp_read (far_public_key);
  modp_power (&pair->private_key, base, secret);
  BN_free (base);
  return RTMFP_OK;
}

void
rtmfp_group_public_key (const RtmfpPrivateKey *key, RtmfpPublicKey *public_key) {
  RtmfpKeyPair *pair = rtmfp_key_pair_new (key);
  *public_key = pair->public_key;
  rtmfp_key_pair_free (pair);
}

RtmfpStatus
rtmfp_group_shared_secret (const RtmfpPrivateKey *key, RtmfpBytes far_public_key,
                           RtmfpSharedSecret *secret) {
  RtmfpKeyPair *pair = rtmfp_key_pair_new (key);
  RtmfpStatus status = rtmfp_key_pair_shared_secret (pair, far_public_key, secret);
  rtmfp_key_pair_free (pair);
  return status;
}

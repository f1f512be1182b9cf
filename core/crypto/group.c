/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/group.h"

#include "core/crypto/primitives.h"

#include <assert.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
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

/* ---- X25519, RFC 7748 ---- */

static EVP_PKEY *
x25519_private (const RtmfpPrivateKey *key) {
  EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key (EVP_PKEY_X25519, NULL, key->bytes, X25519_SIZE);
  rtmfp_crypto_must (pkey != NULL, "X25519");
  return pkey;
}

static void
x25519_public_key (const RtmfpPrivateKey *key, RtmfpPublicKey *public_key) {
  EVP_PKEY *pkey = x25519_private (key);
  size_t size = X25519_SIZE;
  int done = EVP_PKEY_get_raw_public_key (pkey, public_key->bytes, &size);
  EVP_PKEY_free (pkey);
  rtmfp_crypto_must (done == 1 && size == X25519_SIZE, "X25519");
  public_key->size = X25519_SIZE;
}

static RtmfpStatus
x25519_shared_secret (const RtmfpPrivateKey *key, RtmfpBytes far_key, RtmfpSharedSecret *secret) {
  EVP_PKEY *pkey = x25519_private (key);
  EVP_PKEY *peer = EVP_PKEY_new_raw_public_key (EVP_PKEY_X25519, NULL, far_key.data, X25519_SIZE);
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new (pkey, NULL);
  uint8_t result[X25519_SIZE] = {0};
  size_t size = sizeof result;
  rtmfp_crypto_must (peer != NULL && context != NULL && EVP_PKEY_derive_init (context) == 1,
                     "X25519");
  /* OpenSSL refuses an all-zero secret itself; the comparison does not lean on that. */
  bool done = EVP_PKEY_derive_set_peer (context, peer) == 1 &&
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
  EVP_PKEY_free (pkey);
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

void
rtmfp_group_public_key (const RtmfpPrivateKey *key, RtmfpPublicKey *public_key) {
  if (key->group == RTMFP_GROUP_X25519) {
    x25519_public_key (key, public_key);
  } else {
    modp_power (key, NULL, public_key);
  }
}

RtmfpStatus
rtmfp_group_check_public_key (uint32_t group, RtmfpBytes public_key) {
  if (group == RTMFP_GROUP_X25519) {
    return public_key.size == X25519_SIZE ? RTMFP_OK : RTMFP_MALFORMED;
  }
  return modp_check (rtmfp_group_index (group), public_key);
}

RtmfpStatus
rtmfp_group_shared_secret (const RtmfpPrivateKey *key, RtmfpBytes far_public_key,
                           RtmfpSharedSecret *secret) {
  RtmfpStatus status = rtmfp_group_check_public_key (key->group, far_public_key);
  if (status != RTMFP_OK) {
    return status;
  }
  if (key->group == RTMFP_GROUP_X25519) {
    return x25519_shared_secret (key, far_public_key, secret);
  }
  BIGNUM *base = modp_read (far_public_key);
  modp_power (key, base, secret);
  BN_free (base);
  return RTMFP_OK;
}

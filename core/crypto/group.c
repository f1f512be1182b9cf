/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/group.h"

#include "core/base/memory.h"
#include "core/crypto/primitives.h"

#include <assert.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdatomic.h>
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

/* What every operation needs of the cipher library and leaves as it was. To make both anew took as
 * long as the rest of the handshake without the curve. */
typedef struct {
  EVP_PKEY_CTX *loader; /* (owned) makes keys of bytes */
  EVP_PKEY *peer;       /* (owned) takes the far end's public key of each */
} X25519Tools;

/* One set between two operations; threads that have none make their own. */
static _Atomic (X25519Tools *) spare_tools;

static void
free_tools (X25519Tools *tools) {
  EVP_PKEY_CTX_free (tools->loader);
  EVP_PKEY_free (tools->peer);
  free (tools);
}

static X25519Tools *
take_tools (void) {
  X25519Tools *tools = atomic_exchange (&spare_tools, NULL);
  if (tools == NULL) {
    static const uint8_t base_point[X25519_SIZE] = {9};
    tools = RTMFP_NEW (X25519Tools);
    tools->loader = EVP_PKEY_CTX_new_id (EVP_PKEY_X25519, NULL);
    tools->peer = EVP_PKEY_new_raw_public_key (EVP_PKEY_X25519, NULL, base_point, X25519_SIZE);
    rtmfp_crypto_must (tools->loader != NULL && EVP_PKEY_fromdata_init (tools->loader) == 1 &&
                           tools->peer != NULL,
                       "X25519");
  }
  return tools;
}

static void
give_tools_back (X25519Tools *tools) {
  X25519Tools *none = NULL;
  if (!atomic_compare_exchange_strong (&spare_tools, &none, tools)) {
    free_tools (tools);
  }
}

static OSSL_PARAM
key_param (const char *name, uint8_t *bytes) {
  return OSSL_PARAM_construct_octet_string (name, bytes, X25519_SIZE);
}

/* params: the private key, and the public key unless it is to be computed. */
static void
x25519_load (RtmfpKeyPair *pair, OSSL_PARAM *params) {
  X25519Tools *tools = take_tools ();
  rtmfp_crypto_must (
      EVP_PKEY_fromdata (tools->loader, &pair->x25519, EVP_PKEY_KEYPAIR, params) == 1, "X25519");
  give_tools_back (tools);
}

/* Computes the public key. */
static void
x25519_make (RtmfpKeyPair *pair) {
  size_t size = X25519_SIZE;
  OSSL_PARAM params[] = {key_param (OSSL_PKEY_PARAM_PRIV_KEY, pair->private_key.bytes),
                         OSSL_PARAM_construct_end ()};
  x25519_load (pair, params);
  bool done = EVP_PKEY_get_raw_public_key (pair->x25519, pair->public_key.bytes, &size) == 1;
  rtmfp_crypto_must (done && size == X25519_SIZE, "X25519");
  pair->public_key.size = X25519_SIZE;
}

/* The public key is there. */
static void
x25519_load_known (RtmfpKeyPair *pair) {
  OSSL_PARAM params[] = {key_param (OSSL_PKEY_PARAM_PUB_KEY, pair->public_key.bytes),
                         key_param (OSSL_PKEY_PARAM_PRIV_KEY, pair->private_key.bytes),
                         OSSL_PARAM_construct_end ()};
  x25519_load (pair, params);
}

static bool
x25519_derive (EVP_PKEY *pkey, RtmfpBytes far_key, uint8_t result[X25519_SIZE]) {
  X25519Tools *tools = take_tools ();
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new (pkey, NULL);
  size_t size = X25519_SIZE;
  rtmfp_crypto_must (EVP_PKEY_set1_encoded_public_key (tools->peer, far_key.data, far_key.size) ==
                             1 &&
                         context != NULL && EVP_PKEY_derive_init (context) == 1,
                     "X25519");
  bool done = EVP_PKEY_derive_set_peer_ex (context, tools->peer, 0) == 1 &&
              EVP_PKEY_derive (context, result, &size) == 1 && size == X25519_SIZE;
  EVP_PKEY_CTX_free (context);
  give_tools_back (tools);
  return done;
}

/* OpenSSL refuses an all-zero secret itself; the comparison does not lean on that. */
static RtmfpStatus
x25519_shared_secret (EVP_PKEY *pkey, RtmfpBytes far_key, RtmfpSharedSecret *secret) {
  static const uint8_t zero[X25519_SIZE];
  uint8_t result[X25519_SIZE] = {0};
  bool usable =
      x25519_derive (pkey, far_key, result) && !rtmfp_secret_equal (result, zero, X25519_SIZE);
  if (usable) {
    memcpy (secret->bytes, result, X25519_SIZE);
    secret->size = X25519_SIZE;
  }
  rtmfp_secret_wipe (result, sizeof result);
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
    x25519_load_known (pair);
  }
  return pair;
}

void
rtmfp_key_pair_free (RtmfpKeyPair *pair) {
  if (pair != NULL) {
    EVP_PKEY_free (pair->x25519);
    rtmfp_secret_wipe (&pair->private_key, sizeof pair->private_key);
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

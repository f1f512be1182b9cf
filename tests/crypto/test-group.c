/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7425 s4.2 and s4.6.2, RFC 7748 s6.1. */
#include "core/crypto/group.h"
#include "tests/support/support.h"

#include <glib.h>
#include <openssl/bn.h>
#include <string.h>

static RtmfpBytes
public_bytes (const RtmfpPublicKey *key) {
  return rtmfp_bytes (key->bytes, key->size);
}

static const struct {
  uint32_t group;
  uint64_t id;
  size_t size;
} all[] = {{RTMFP_GROUP_2, 2, 128},
           {RTMFP_GROUP_5, 5, 192},
           {RTMFP_GROUP_14, 14, 256},
           {RTMFP_GROUP_16, 16, 512},
           {RTMFP_GROUP_X25519, 31, 32}};

static void
test_names (void) {
  for (unsigned i = 0; i < G_N_ELEMENTS (all); i++) {
    g_assert_cmpuint (rtmfp_group_from_id (all[i].id), ==, all[i].group);
    g_assert_cmpuint (rtmfp_group_id (all[i].group), ==, all[i].id);
    g_assert_cmpuint (rtmfp_group_index (all[i].group), ==, i);
    g_assert_cmpuint (rtmfp_group_strongest (all[i].group), ==, all[i].group);
  }
  g_assert_cmpuint (rtmfp_group_from_id (0), ==, 0);
  g_assert_cmpuint (rtmfp_group_from_id (15), ==, 0);
  g_assert_cmpuint (rtmfp_group_from_id (UINT64_C (0x100000002)), ==, 0);
  g_assert_cmpuint (rtmfp_group_strongest (0), ==, 0);
  g_assert_cmpuint (rtmfp_group_strongest (RTMFP_GROUP_ALL), ==, RTMFP_GROUP_X25519);
  g_assert_cmpuint (rtmfp_group_strongest (RTMFP_GROUP_2 | RTMFP_GROUP_16 | RTMFP_GROUP_5), ==,
                    RTMFP_GROUP_16);
}

static void
test_both_sides_agree (void) {
  TestRng seeded = {1};
  RtmfpRng rng = test_rng (&seeded);
  for (unsigned i = 0; i < G_N_ELEMENTS (all); i++) {
    RtmfpPrivateKey a, b;
    RtmfpPublicKey public_a, public_b;
    RtmfpSharedSecret secret_a, secret_b;
    rtmfp_group_draw_private_key (all[i].group, &rng, &a);
    rtmfp_group_draw_private_key (all[i].group, &rng, &b);
    rtmfp_group_public_key (&a, &public_a);
    rtmfp_group_public_key (&b, &public_b);
    g_assert_cmpuint (public_a.size, <=, all[i].size);
    g_assert_cmpuint (public_a.size, >=, all[i].size - 2);
    g_assert_cmpint (rtmfp_group_shared_secret (&a, public_bytes (&public_b), &secret_a), ==,
                     RTMFP_OK);
    g_assert_cmpint (rtmfp_group_shared_secret (&b, public_bytes (&public_a), &secret_b), ==,
                     RTMFP_OK);
    test_assert_bytes (public_bytes (&secret_a), public_bytes (&secret_b));
    g_assert_cmpuint (secret_a.size, >=, all[i].size - 2);
  }
}

/* A pair made of a private key, or of both keys, agrees as the key does, as often as one likes. */
static void
test_key_pairs (void) {
  TestRng seeded = {3};
  RtmfpRng rng = test_rng (&seeded);
  for (unsigned i = 0; i < G_N_ELEMENTS (all); i++) {
    RtmfpPrivateKey a, b;
    RtmfpPublicKey public_a, public_b;
    RtmfpSharedSecret expected, secret;
    rtmfp_group_draw_private_key (all[i].group, &rng, &a);
    rtmfp_group_draw_private_key (all[i].group, &rng, &b);
    rtmfp_group_public_key (&a, &public_a);
    rtmfp_group_public_key (&b, &public_b);
    g_assert_cmpint (rtmfp_group_shared_secret (&a, public_bytes (&public_b), &expected), ==,
                     RTMFP_OK);
    RtmfpKeyPair *pairs[] = {rtmfp_key_pair_new (&a),
                             rtmfp_key_pair_new_known (&a, public_bytes (&public_a))};
    for (int turn = 0; turn < 4; turn++) {
      const RtmfpKeyPair *pair = pairs[turn % 2];
      g_assert_cmpuint (rtmfp_key_pair_group (pair), ==, all[i].group);
      test_assert_bytes (public_bytes (rtmfp_key_pair_public_key (pair)), public_bytes (&public_a));
      g_assert_cmpint (rtmfp_key_pair_shared_secret (pair, public_bytes (&public_b), &secret), ==,
                       RTMFP_OK);
      test_assert_bytes (public_bytes (&secret), public_bytes (&expected));
      g_assert_cmpint (
          rtmfp_key_pair_shared_secret (pair, rtmfp_bytes (public_b.bytes, 3), &secret), ==,
          RTMFP_MALFORMED);
    }
    rtmfp_key_pair_free (pairs[0]);
    rtmfp_key_pair_free (pairs[1]);
  }
  rtmfp_key_pair_free (NULL);
}

/* The same seed gives the same keys. */
static void
test_repeats (void) {
  TestRng one = {7}, two = {7};
  RtmfpRng first = test_rng (&one), second = test_rng (&two);
  RtmfpPrivateKey a, b;
  rtmfp_group_draw_private_key (RTMFP_GROUP_14, &first, &a);
  rtmfp_group_draw_private_key (RTMFP_GROUP_14, &second, &b);
  test_assert_bytes (rtmfp_bytes (a.bytes, a.size), rtmfp_bytes (b.bytes, b.size));
  g_assert_cmpuint (a.bytes[0] & 0x80, ==, 0x80);
}

static RtmfpPrivateKey
x25519_key (const char *hex) {
  RtmfpBuffer bytes = test_hex (hex);
  RtmfpPrivateKey key = {.group = RTMFP_GROUP_X25519, .size = 32};
  g_assert_cmpuint (bytes.size, ==, 32);
  memcpy (key.bytes, bytes.data, 32);
  rtmfp_buffer_clear (&bytes);
  return key;
}

/* RFC 7748 s6.1. */
static void
test_x25519_vector (void) {
  const RtmfpPrivateKey a =
      x25519_key ("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const RtmfpPrivateKey b =
      x25519_key ("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  RtmfpPublicKey public_a, public_b;
  rtmfp_group_public_key (&a, &public_a);
  rtmfp_group_public_key (&b, &public_b);
  test_assert_hex (public_bytes (&public_a),
                   "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  test_assert_hex (public_bytes (&public_b),
                   "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  RtmfpSharedSecret secret;
  g_assert_cmpint (rtmfp_group_shared_secret (&a, public_bytes (&public_b), &secret), ==, RTMFP_OK);
  test_assert_hex (public_bytes (&secret),
                   "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

/* X25519 secrets stay 32 octets even when the first one is zero. */
static void
test_x25519_is_never_stripped (void) {
  TestRng seeded = {3};
  RtmfpRng rng = test_rng (&seeded);
  RtmfpPrivateKey a, b;
  RtmfpPublicKey public_b;
  RtmfpSharedSecret secret = {.bytes = {1}};
  rtmfp_group_draw_private_key (RTMFP_GROUP_X25519, &rng, &a);
  for (int i = 0; i < 10000 && secret.bytes[0] != 0; i++) {
    rtmfp_group_draw_private_key (RTMFP_GROUP_X25519, &rng, &b);
    rtmfp_group_public_key (&b, &public_b);
    g_assert_cmpint (rtmfp_group_shared_secret (&a, public_bytes (&public_b), &secret), ==,
                     RTMFP_OK);
    g_assert_cmpuint (secret.size, ==, 32);
  }
  g_assert_cmpuint (secret.bytes[0], ==, 0);
}

/* Points of low order give an all-zero secret. */
static void
test_x25519_refuses_the_zero_secret (void) {
  static const char *low_order[] = {
      "0000000000000000000000000000000000000000000000000000000000000000",
      "0100000000000000000000000000000000000000000000000000000000000000",
      "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  };
  const RtmfpPrivateKey a =
      x25519_key ("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  for (unsigned i = 0; i < G_N_ELEMENTS (low_order); i++) {
    RtmfpBuffer point = test_hex (low_order[i]);
    RtmfpSharedSecret secret = {.size = 7};
    g_assert_cmpint (rtmfp_group_shared_secret (&a, rtmfp_buffer_bytes (&point), &secret), ==,
                     RTMFP_MALFORMED);
    g_assert_cmpuint (secret.size, ==, 7);
    rtmfp_buffer_clear (&point);
  }
  const uint8_t bytes[33] = {9};
  for (size_t size = 0; size <= 33; size++) {
    g_assert_cmpint (rtmfp_group_check_public_key (RTMFP_GROUP_X25519, rtmfp_bytes (bytes, size)),
                     ==, size == 32 ? RTMFP_OK : RTMFP_MALFORMED);
  }
}

enum { AGREEING_THREADS = 4, AGREEMENTS = 200 };

/* A thread's own keys with itself: whoever was handed another thread's key gets another secret. */
static gpointer
agree_often (gpointer user) {
  TestRng seeded = {(uint64_t)GPOINTER_TO_INT (user)};
  RtmfpRng rng = test_rng (&seeded);
  for (int i = 0; i < AGREEMENTS; i++) {
    RtmfpPrivateKey a, b;
    RtmfpPublicKey public_a, public_b;
    RtmfpSharedSecret one, other;
    rtmfp_group_draw_private_key (RTMFP_GROUP_X25519, &rng, &a);
    rtmfp_group_draw_private_key (RTMFP_GROUP_X25519, &rng, &b);
    rtmfp_group_public_key (&a, &public_a);
    rtmfp_group_public_key (&b, &public_b);
    g_assert_cmpint (rtmfp_group_shared_secret (&a, public_bytes (&public_b), &one), ==, RTMFP_OK);
    g_assert_cmpint (rtmfp_group_shared_secret (&b, public_bytes (&public_a), &other), ==,
                     RTMFP_OK);
    test_assert_bytes (public_bytes (&one), public_bytes (&other));
  }
  return NULL;
}

static void
test_x25519_serves_many_threads (void) {
  GThread *threads[AGREEING_THREADS];
  for (int i = 0; i < AGREEING_THREADS; i++) {
    threads[i] = g_thread_new ("agree", agree_often, GINT_TO_POINTER (i + 20));
  }
  for (int i = 0; i < AGREEING_THREADS; i++) {
    g_thread_join (threads[i]);
  }
}

/* One secret in 256 begins with a zero byte, which is no part of DH_SECRET. */
static void
test_modp_secret_has_no_leading_zero (void) {
  TestRng seeded = {5};
  RtmfpRng rng = test_rng (&seeded);
  RtmfpPrivateKey a, b;
  RtmfpPublicKey public_b;
  RtmfpSharedSecret secret = {.size = 128};
  rtmfp_group_draw_private_key (RTMFP_GROUP_2, &rng, &a);
  for (int i = 0; i < 10000 && secret.size == 128; i++) {
    rtmfp_group_draw_private_key (RTMFP_GROUP_2, &rng, &b);
    rtmfp_group_public_key (&b, &public_b);
    g_assert_cmpint (rtmfp_group_shared_secret (&a, public_bytes (&public_b), &secret), ==,
                     RTMFP_OK);
    g_assert_cmpuint (secret.bytes[0], !=, 0);
  }
  g_assert_cmpuint (secret.size, <, 128);

  /* By another way: (2^b)^a with the library's own exponentiation, to a fixed width. */
  BN_CTX *context = BN_CTX_new ();
  BIGNUM *prime = BN_get_rfc2409_prime_1024 (NULL);
  BIGNUM *base = BN_bin2bn (public_b.bytes, public_b.size, NULL);
  BIGNUM *exponent = BN_bin2bn (a.bytes, a.size, NULL);
  BIGNUM *power = BN_new ();
  uint8_t padded[128];
  g_assert_cmpint (BN_mod_exp (power, base, exponent, prime, context), ==, 1);
  g_assert_cmpint (BN_bn2binpad (power, padded, sizeof padded), ==, sizeof padded);
  g_assert_cmpuint (padded[0], ==, 0);
  test_assert_bytes (public_bytes (&secret),
                     rtmfp_bytes (padded + sizeof padded - secret.size, secret.size));
  BN_free (power);
  BN_free (exponent);
  BN_free (base);
  BN_free (prime);
  BN_CTX_free (context);
}

static RtmfpStatus
check (uint32_t group, const BIGNUM *value, int leading_zeros) {
  uint8_t bytes[1100] = {0};
  int size = BN_bn2bin (value, bytes + leading_zeros);
  return rtmfp_group_check_public_key (group, rtmfp_bytes (bytes, (size_t)(size + leading_zeros)));
}

static void
test_acceptable_range (void) {
  BIGNUM *(*primes[]) (BIGNUM *) = {BN_get_rfc2409_prime_1024, BN_get_rfc3526_prime_1536,
                                    BN_get_rfc3526_prime_2048, BN_get_rfc3526_prime_4096};
  for (unsigned i = 0; i < G_N_ELEMENTS (primes); i++) {
    const uint32_t group = 1u << i;
    BIGNUM *value = primes[i](NULL);
    g_assert_cmpint (check (group, value, 0), ==, RTMFP_MALFORMED);
    g_assert_cmpint (BN_sub_word (value, 1), ==, 1);
    g_assert_cmpint (check (group, value, 0), ==, RTMFP_MALFORMED);
    g_assert_cmpint (BN_sub_word (value, 16777214), ==, 1);
    g_assert_cmpint (check (group, value, 0), ==, RTMFP_MALFORMED); /* p - 2^24 + 1 */
    g_assert_cmpint (BN_sub_word (value, 1), ==, 1);
    g_assert_cmpint (check (group, value, 0), ==, RTMFP_OK);
    g_assert_cmpint (check (group, value, 7), ==, RTMFP_OK);
    g_assert_cmpint (BN_lshift1 (value, value), ==, 1);
    g_assert_cmpint (check (group, value, 0), ==, RTMFP_MALFORMED);
    BN_free (value);
  }
  uint8_t bytes[2 * RTMFP_PUBLIC_KEY_SIZE_MAX + 1] = {0};
  memset (bytes + sizeof bytes - 8, 0x55, 8);
  g_assert_cmpint (rtmfp_group_check_public_key (RTMFP_GROUP_2, rtmfp_bytes (bytes, 0)), ==,
                   RTMFP_MALFORMED);
  g_assert_cmpint (rtmfp_group_check_public_key (RTMFP_GROUP_2, rtmfp_bytes (bytes, 128)), ==,
                   RTMFP_MALFORMED);
  g_assert_cmpint (
      rtmfp_group_check_public_key (RTMFP_GROUP_2, rtmfp_bytes (bytes + 1, sizeof bytes - 1)), ==,
      RTMFP_OK);
  g_assert_cmpint (rtmfp_group_check_public_key (RTMFP_GROUP_2, rtmfp_bytes (bytes, sizeof bytes)),
                   ==, RTMFP_MALFORMED);
}

static void
assert_check (const char *hex, RtmfpStatus expected) {
  RtmfpBuffer key = test_hex (hex);
  g_assert_cmpint (rtmfp_group_check_public_key (RTMFP_GROUP_14, rtmfp_buffer_bytes (&key)), ==,
                   expected);
  rtmfp_buffer_clear (&key);
}

/* At least 2^24, sixteen ones, and sixteen zeros that do not lead. */
static void
test_acceptable_bits (void) {
  assert_check ("ffffff", RTMFP_MALFORMED);               /* below 2^24 */
  assert_check ("01000000", RTMFP_MALFORMED);             /* a single one */
  assert_check ("ffff0000", RTMFP_OK);                    /* 16 and 16 */
  assert_check ("fffe0000", RTMFP_MALFORMED);             /* 15 ones */
  assert_check ("0000ffff8000", RTMFP_MALFORMED);         /* 15 zeros, others lead */
  assert_check ("ffff8000", RTMFP_MALFORMED);             /* 15 zeros */
  assert_check ("7fff8000", RTMFP_MALFORMED);             /* 15 zeros that do not lead */
  assert_check ("01ffff0000", RTMFP_OK);                  /* 17 and 16 */
  assert_check ("ffffffffffffffffffff", RTMFP_MALFORMED); /* no zero at all */
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/group/names", test_names);
  g_test_add_func ("/crypto/group/both-sides-agree", test_both_sides_agree);
  g_test_add_func ("/crypto/group/key-pairs", test_key_pairs);
  g_test_add_func ("/crypto/group/repeats-with-the-same-seed", test_repeats);
  g_test_add_func ("/crypto/group/x25519/vector", test_x25519_vector);
  g_test_add_func ("/crypto/group/x25519/is-never-stripped", test_x25519_is_never_stripped);
  g_test_add_func ("/crypto/group/x25519/serves-many-threads", test_x25519_serves_many_threads);
  g_test_add_func ("/crypto/group/x25519/refuses-the-zero-secret",
                   test_x25519_refuses_the_zero_secret);
  g_test_add_func ("/crypto/group/modp/secret-has-no-leading-zero",
                   test_modp_secret_has_no_leading_zero);
  g_test_add_func ("/crypto/group/modp/acceptable-range", test_acceptable_range);
  g_test_add_func ("/crypto/group/modp/acceptable-bits", test_acceptable_bits);
  return g_test_run ();
}

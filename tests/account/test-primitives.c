/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The primitives against the vectors of their RFCs, and text forms of bytes. */
#include "core/account/primitives.h"
#include "core/account/text.h"
#include "tests/account/fixture.h"

static void
hkdf_rfc5869 (void) {
  /* Test case 3: no salt and no info (the others have info that is no text). */
  uint8_t secret[22], salt[1], expected[42], out[42];
  memset (secret, 0x0b, sizeof secret);
  fixture_unhex (
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
      expected);
  ahoy_hkdf_sha256 (rtmfp_bytes (secret, 22), rtmfp_bytes (salt, 0), "", out, 42);
  g_assert_cmpmem (out, 42, expected, 42);
}

static void
scrypt_rfc7914 (void) {
  uint8_t expected[64], out[64];
  fixture_unhex ("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                 "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
                 expected);
  ahoy_scrypt (rtmfp_bytes ("pleaseletmein", 13), rtmfp_bytes ("SodiumChloride", 14), 14, 8, 1, out,
               64);
  g_assert_cmpmem (out, 64, expected, 64);
  fixture_unhex ("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                 "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640",
                 expected);
  ahoy_scrypt (rtmfp_bytes ("password", 8), rtmfp_bytes ("NaCl", 4), 10, 8, 16, out, 64);
  g_assert_cmpmem (out, 64, expected, 64);
}

static void
ed25519_rfc8032 (void) {
  uint8_t seed[32], key[32], expected_key[32], signature[64], expected[64];
  fixture_unhex ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", seed);
  fixture_unhex ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", expected_key);
  fixture_unhex ("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                 "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
                 expected);
  ahoy_ed25519_public (seed, key);
  g_assert_cmpmem (key, 32, expected_key, 32);
  ahoy_ed25519_sign (seed, rtmfp_bytes ("\x72", 1), signature);
  g_assert_cmpmem (signature, 64, expected, 64);
  g_assert_true (ahoy_ed25519_verify (key, rtmfp_bytes ("\x72", 1), signature));
  for (size_t i = 0; i < 64; i++) {
    signature[i] ^= 1;
    g_assert_false (ahoy_ed25519_verify (key, rtmfp_bytes ("\x72", 1), signature));
    signature[i] ^= 1;
  }
}

static void
x25519_agrees (void) {
  uint64_t seed = 7;
  uint8_t a[32], b[32], public_a[32], public_b[32], one[32], other[32];
  fixture_fill (&seed, a, 32);
  fixture_fill (&seed, b, 32);
  ahoy_x25519_public (a, public_a);
  ahoy_x25519_public (b, public_b);
  g_assert_true (ahoy_x25519_shared (a, public_b, one));
  g_assert_true (ahoy_x25519_shared (b, public_a, other));
  g_assert_cmpmem (one, 32, other, 32);
  memset (public_a, 0, 32);
  g_assert_false (ahoy_x25519_shared (a, public_a, one)); /* order 1 */
  public_a[0] = 1;
  g_assert_false (ahoy_x25519_shared (a, public_a, one)); /* order 4 */
}

/* Both halves of the map meet: the public key of the mapped secret is the mapped public key. */
static void
x25519_of_ed25519 (void) {
  for (uint64_t seed = 1; seed <= 50; seed++) {
    AhoyIdentity identity = fixture_identity (seed);
    uint8_t secret[32], from_secret[32], from_key[32];
    ahoy_x25519_secret_of_seed (identity.seed, secret);
    ahoy_x25519_public (secret, from_secret);
    g_assert_true (ahoy_x25519_public_of_key (identity.key.bytes, from_key));
    g_assert_cmpmem (from_secret, 32, from_key, 32);
  }
}

/* The vector of libsodium's test/default/ed25519_convert for this seed. */
static void
x25519_of_ed25519_vector (void) {
  uint8_t seed[32], key[32], expected[32], out[32];
  fixture_unhex ("421151a459faeade3d247115f94aedae42318124095afabe4d1451a559faedee", seed);
  ahoy_ed25519_public (seed, key);
  fixture_unhex ("f1814f0e8ff1043d8a44d25babff3cedcae6c22c3edaa48f857ae70de2baae50", expected);
  g_assert_true (ahoy_x25519_public_of_key (key, out));
  g_assert_cmpmem (out, 32, expected, 32);
  fixture_unhex ("8052030376d47112be7f73ed7a019293dd12ad910b654455798b4667d73de166", expected);
  ahoy_x25519_secret_of_seed (seed, out);
  g_assert_cmpmem (out, 32, expected, 32);
}

static void
x25519_refuses_useless_keys (void) {
  uint8_t key[32] = {1}, out[32]; /* y = 1: the neutral element has no image */
  g_assert_false (ahoy_x25519_public_of_key (key, out));
  memset (key, 0xff, 32); /* y >= p */
  g_assert_false (ahoy_x25519_public_of_key (key, out));
}

static void
aead_rfc8439 (void) {
  const char *plain = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip "
                      "for the future, sunscreen would be it.";
  uint8_t key[32], nonce[12], additional[12], tag[16], sealed[130], opened[130];
  fixture_unhex ("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", key);
  fixture_unhex ("070000004041424344454647", nonce);
  fixture_unhex ("50515253c0c1c2c3c4c5c6c7", additional);
  fixture_unhex ("1ae10b594f09e26a7e902ecbd0600691", tag);
  size_t size = strlen (plain);
  ahoy_aead_seal (key, nonce, rtmfp_bytes (additional, 12), rtmfp_bytes (plain, size), sealed);
  g_assert_cmpmem (sealed + size, 16, tag, 16);
  const RtmfpBytes all = rtmfp_bytes (sealed, size + 16);
  g_assert_true (ahoy_aead_open (key, nonce, rtmfp_bytes (additional, 12), all, opened));
  g_assert_cmpmem (opened, size, plain, size);
  for (size_t cut = 0; cut < size + 16; cut++) {
    g_assert_false (ahoy_aead_open (key, nonce, rtmfp_bytes (additional, 12),
                                    rtmfp_bytes (sealed, cut), opened));
  }
  additional[0] ^= 1;
  g_assert_false (ahoy_aead_open (key, nonce, rtmfp_bytes (additional, 12), all, opened));
}

static void
base64url_rfc4648 (void) {
  char text[16];
  ahoy_base64url_write (rtmfp_bytes ("foobar", 6), text);
  g_assert_cmpstr (text, ==, "Zm9vYmFy");
  ahoy_base64url_write (rtmfp_bytes ("fooba", 5), text);
  g_assert_cmpstr (text, ==, "Zm9vYmE");
  ahoy_base64url_write (rtmfp_bytes ("\xff\xfe", 2), text);
  g_assert_cmpstr (text, ==, "__4");
  uint8_t out[6];
  g_assert_cmpint (ahoy_base64url_read ("Zm9vYmE", 7, out, 5), ==, RTMFP_OK);
  g_assert_cmpmem (out, 5, "fooba", 5);
  g_assert_cmpint (ahoy_base64url_read ("Zm9vYmF", 7, out, 5), ==,
                   RTMFP_MALFORMED); /* loose bits */
  g_assert_cmpint (ahoy_base64url_read ("Zm9vYm=", 7, out, 5), ==, RTMFP_MALFORMED);
  g_assert_cmpint (ahoy_base64url_read ("Zm9vYmE", 7, out, 6), ==, RTMFP_MALFORMED);
}

static void
hex (void) {
  uint8_t out[2] = {9, 9};
  char text[5];
  g_assert_cmpint (ahoy_hex_read ("0fA0", out, 2), ==, RTMFP_OK);
  ahoy_hex_write (rtmfp_bytes (out, 2), text);
  g_assert_cmpstr (text, ==, "0fa0");
  g_assert_cmpint (ahoy_hex_read ("0fA", out, 2), ==, RTMFP_MALFORMED);
  g_assert_cmpint (ahoy_hex_read ("0fA00", out, 2), ==, RTMFP_MALFORMED);
  g_assert_cmpint (ahoy_hex_read ("0gA0", out, 2), ==, RTMFP_MALFORMED);
  g_assert_cmpint (ahoy_hex_read ("", out, 2), ==, RTMFP_MALFORMED);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/account/primitives/hkdf-of-rfc5869", hkdf_rfc5869);
  g_test_add_func ("/account/primitives/scrypt-of-rfc7914", scrypt_rfc7914);
  g_test_add_func ("/account/primitives/ed25519-of-rfc8032", ed25519_rfc8032);
  g_test_add_func ("/account/primitives/x25519-agrees-and-refuses-small-orders", x25519_agrees);
  g_test_add_func ("/account/primitives/x25519-of-ed25519-meets-from-both-sides",
                   x25519_of_ed25519);
  g_test_add_func ("/account/primitives/x25519-of-ed25519-vector", x25519_of_ed25519_vector);
  g_test_add_func ("/account/primitives/x25519-refuses-useless-keys", x25519_refuses_useless_keys);
  g_test_add_func ("/account/primitives/aead-of-rfc8439", aead_rfc8439);
  g_test_add_func ("/account/text/base64url-of-rfc4648", base64url_rfc4648);
  g_test_add_func ("/account/text/hexadecimal", hex);
  return g_test_run ();
}

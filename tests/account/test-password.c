/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a password becomes, what is refused, what a server says of unknown names. */
#include "core/account/password.h"
#include "tests/account/fixture.h"

static uint64_t seed = 1;

static AhoyPasswordKeys
derive (const char *password, const AhoyPasswordParams *params) {
  AhoyPasswordKeys keys;
  g_assert_cmpint (ahoy_password_derive (rtmfp_bytes (password, strlen (password)), params, &keys),
                   ==, RTMFP_OK);
  return keys;
}

static void
wraps (void) {
  RtmfpRng rng = fixture_rng (&seed);
  AhoyPasswordParams params, read;
  ahoy_password_params_make (&rng, &params);
  uint8_t bytes[AHOY_PASSWORD_PARAMS_SIZE];
  ahoy_password_params_write (&params, bytes);
  g_assert_cmpint (ahoy_password_params_read (rtmfp_bytes (bytes, sizeof bytes), &read), ==,
                   RTMFP_OK);
  AhoyPasswordKeys keys = derive ("correct horse", &params);
  AhoyPasswordKeys again = derive ("correct horse", &read);
  AhoyPasswordKeys wrong = derive ("correct Horse", &params);
  g_assert_cmpmem (&keys, sizeof keys, &again, sizeof again);
  g_assert_false (ahoy_key_equal (&keys.sign_in.key, &wrong.sign_in.key));
  g_assert_cmpint (memcmp (keys.wrapping_key, keys.sign_in.seed, 32), !=, 0);

  AhoyIdentity ada = fixture_identity (1), opened;
  uint8_t wrapped[AHOY_WRAPPED_SIZE];
  ahoy_password_wrap (&keys, &ada, &rng, wrapped);
  RtmfpBytes all = rtmfp_bytes (wrapped, sizeof wrapped);
  g_assert_cmpint (ahoy_password_unwrap (&again, all, &opened), ==, RTMFP_OK);
  g_assert_cmpmem (&opened, sizeof opened, &ada, sizeof ada);
  g_assert_cmpint (ahoy_password_unwrap (&wrong, all, &opened), ==, RTMFP_AUTH);
  for (size_t size = 0; size < sizeof wrapped; size++) {
    g_assert_cmpint (ahoy_password_unwrap (&keys, rtmfp_bytes (wrapped, size), &opened), ==,
                     RTMFP_MALFORMED);
  }
  for (size_t i = 0; i < sizeof wrapped; i++) {
    wrapped[i] ^= 4;
    g_assert_cmpint (ahoy_password_unwrap (&keys, all, &opened), ==,
                     i == 0 ? RTMFP_UNSUPPORTED : RTMFP_AUTH);
    wrapped[i] ^= 4;
  }
  ahoy_password_params_make (&rng, &read);
  AhoyPasswordKeys salted = derive ("correct horse", &read);
  g_assert_false (ahoy_key_equal (&keys.sign_in.key, &salted.sign_in.key));
  ahoy_password_keys_clear (&keys);
  g_assert_false (ahoy_key_equal (&keys.sign_in.key, &again.sign_in.key));
}

/* A hostile server may ask neither for keys that are cheap to guess nor for all our memory. */
static void
bounds (void) {
  RtmfpRng rng = fixture_rng (&seed);
  AhoyPasswordParams params;
  AhoyPasswordKeys keys;
  ahoy_password_params_make (&rng, &params);
  const struct {
    uint8_t log2_n, r, p;
    RtmfpStatus status;
  } cases[] = {
      {15, 8, 1, RTMFP_OK},
      {AHOY_SCRYPT_LOG2_N_MAX, 8, AHOY_SCRYPT_P_MAX, RTMFP_OK},
      {14, 8, 1, RTMFP_LIMIT},
      {AHOY_SCRYPT_LOG2_N_MAX + 1, 8, 1, RTMFP_LIMIT},
      {255, 8, 1, RTMFP_LIMIT},
      {15, 1, 1, RTMFP_LIMIT},
      {15, 9, 1, RTMFP_LIMIT},
      {15, 8, 0, RTMFP_LIMIT},
      {15, 8, AHOY_SCRYPT_P_MAX + 1, RTMFP_LIMIT},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (cases); i++) {
    params.log2_n = cases[i].log2_n;
    params.r = cases[i].r;
    params.p = cases[i].p;
    uint8_t bytes[AHOY_PASSWORD_PARAMS_SIZE];
    ahoy_password_params_write (&params, bytes);
    AhoyPasswordParams read;
    g_assert_cmpint (ahoy_password_params_check (&params), ==, cases[i].status);
    g_assert_cmpint (ahoy_password_params_read (rtmfp_bytes (bytes, 20), &read), ==,
                     cases[i].status);
    g_assert_cmpint (ahoy_password_params_read (rtmfp_bytes (bytes, 19), &read), ==,
                     RTMFP_MALFORMED);
    bytes[0] = 9;
    g_assert_cmpint (ahoy_password_params_read (rtmfp_bytes (bytes, 20), &read), ==,
                     RTMFP_UNSUPPORTED);
    if (cases[i].status != RTMFP_OK) {
      g_assert_cmpint (ahoy_password_derive (rtmfp_bytes ("x", 1), &params, &keys), ==,
                       RTMFP_LIMIT);
    }
  }
  ahoy_password_params_make (&rng, &params);
  g_autofree char *endless = g_strnfill (AHOY_PASSWORD_BYTES_MAX + 1, 'x');
  g_assert_cmpint (
      ahoy_password_derive (rtmfp_bytes (endless, AHOY_PASSWORD_BYTES_MAX), &params, &keys), ==,
      RTMFP_OK);
  g_assert_cmpint (
      ahoy_password_derive (rtmfp_bytes (endless, AHOY_PASSWORD_BYTES_MAX + 1), &params, &keys), ==,
      RTMFP_LIMIT);
  (void)derive ("", &params);
}

static void
false_salt (void) {
  const uint8_t secret[AHOY_SERVER_SECRET_SIZE] = {1}, another[AHOY_SERVER_SECRET_SIZE] = {2};
  AhoyPasswordParams one, same, bob, elsewhere;
  ahoy_password_params_false (secret, "ada", &one);
  ahoy_password_params_false (secret, "ada", &same);
  ahoy_password_params_false (secret, "bob", &bob);
  ahoy_password_params_false (another, "ada", &elsewhere);
  g_assert_cmpmem (&one, sizeof one, &same, sizeof same);
  g_assert_cmpint (memcmp (one.salt, bob.salt, AHOY_SALT_SIZE), !=, 0);
  g_assert_cmpint (memcmp (one.salt, elsewhere.salt, AHOY_SALT_SIZE), !=, 0);
  g_assert_cmpint (ahoy_password_params_check (&one), ==, RTMFP_OK);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/account/password/wraps-the-identity", wraps);
  g_test_add_func ("/account/password/refuses-weak-and-dear-parameters", bounds);
  g_test_add_func ("/account/password/false-salts-are-stable", false_salt);
  return g_test_run ();
}

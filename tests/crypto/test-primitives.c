/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/crypto/primitives.h"
#include "tests/support/support.h"

#include <glib.h>
#include <string.h>

static void
test_sha256 (void) {
  uint8_t digest[32];
  rtmfp_sha256 (rtmfp_bytes ("abc", 3), digest);
  test_assert_hex (rtmfp_bytes (digest, 32),
                   "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  rtmfp_sha256 (rtmfp_bytes (NULL, 0), digest);
  test_assert_hex (rtmfp_bytes (digest, 32),
                   "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231, test case 2, and an empty key and message. */
static void
test_hmac (void) {
  uint8_t digest[32];
  rtmfp_hmac_sha256 (rtmfp_bytes ("Jefe", 4), rtmfp_bytes ("what do ya want for nothing?", 28),
                     digest);
  test_assert_hex (rtmfp_bytes (digest, 32),
                   "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  rtmfp_hmac_sha256 (rtmfp_bytes (NULL, 0), rtmfp_bytes (NULL, 0), digest);
  test_assert_hex (rtmfp_bytes (digest, 32),
                   "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void
test_secrets (void) {
  uint8_t a[4] = {1, 2, 3, 4}, b[4] = {1, 2, 3, 4};
  g_assert_true (rtmfp_secret_equal (a, b, 4));
  b[3] = 5;
  g_assert_false (rtmfp_secret_equal (a, b, 4));
  g_assert_true (rtmfp_secret_equal (a, b, 3));
  rtmfp_secret_wipe (a, 4);
  test_assert_hex (rtmfp_bytes (a, 4), "00000000");
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/primitives/sha256", test_sha256);
  g_test_add_func ("/crypto/primitives/hmac-sha256", test_hmac);
  g_test_add_func ("/crypto/primitives/compares-and-wipes-secrets", test_secrets);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7425 s4.3.5. */
#include "core/crypto/signature.h"
#include "tests/support/support.h"

#include <glib.h>

#define MAC "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static bool
is_empty (const char *hex) {
  RtmfpBuffer field = test_hex (hex);
  bool result = rtmfp_signature_is_empty (rtmfp_buffer_bytes (&field));
  rtmfp_buffer_clear (&field);
  return result;
}

static void
test_what_counts_as_empty (void) {
  g_assert_true (rtmfp_signature_is_empty (rtmfp_signature_none ()));
  g_assert_true (is_empty (""));
  g_assert_true (is_empty ("58"));
  g_assert_true (is_empty ("5858"));
  g_assert_true (is_empty ("026301 0363"));
  g_assert_true (is_empty ("00"));
  g_assert_false (is_empty ("026301"));
  g_assert_false (is_empty ("211d" MAC));
}

static void
test_passwords (void) {
  RtmfpBuffer field = test_hex ("026301 211d" MAC " 031d0102 231d" MAC "6964");
  RtmfpReader reader = rtmfp_reader (field.data, field.size);
  RtmfpSimplePassword password;
  g_assert_true (rtmfp_signature_next_password (&reader, &password));
  test_assert_hex (rtmfp_bytes (password.hmac, 32), MAC);
  g_assert_cmpuint (password.password_id.size, ==, 0);
  g_assert_true (rtmfp_signature_next_password (&reader, &password));
  test_assert_bytes (password.password_id, rtmfp_bytes ("id", 2));
  g_assert_false (rtmfp_signature_next_password (&reader, &password));
  for (size_t size = 0; size < field.size; size++) {
    uint8_t *exact = g_memdup2 (field.data, size > 0 ? size : 1);
    reader = rtmfp_reader (exact, size);
    bool found = rtmfp_signature_next_password (&reader, &password);
    g_assert_cmpint (found, ==, size == 37 || size == 41);
    g_free (exact);
  }
  rtmfp_buffer_clear (&field);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/signature/what-counts-as-empty", test_what_counts_as_empty);
  g_test_add_func ("/crypto/signature/passwords-at-each-length", test_passwords);
  return g_test_run ();
}

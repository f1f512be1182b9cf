/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7425 s4.3.5.1.1. */
#include "core/crypto/params.h"
#include "core/crypto/signer.h"
#include "tests/support/support.h"

#include <glib.h>
#include <string.h>

#define KNOWN "479bec9fc93fb7410e0d964409e010fb564592384dd1e5c494e2ef388c889129"
#define TEXT(text) rtmfp_bytes (text, strlen (text))

static const RtmfpPassword *
password (const char *id, const char *secret) {
  static RtmfpPassword result;
  result = (RtmfpPassword){.id = TEXT (id), .password = TEXT (secret)};
  return &result;
}

static RtmfpSigner *
new_signer (const RtmfpPassword *signs, size_t sign_count, const RtmfpPassword *known,
            size_t known_count, bool required) {
  RtmfpSigner *signer = NULL;
  const RtmfpSignerOptions options = {signs, sign_count, known, known_count, required};
  g_assert_cmpint (rtmfp_signer_new (&options, &signer), ==, RTMFP_OK);
  return signer;
}

static RtmfpBuffer
sign (const RtmfpSigner *signer, const char *first, const char *second) {
  RtmfpBuffer result = {0};
  rtmfp_signer_sign (signer, TEXT (first), TEXT (second), &result);
  return result;
}

/* The HMAC as another program computes it; the two parts stand one behind the other. */
static void
test_known_answer (void) {
  RtmfpSigner *signer =
      new_signer (password ("key 1", "a long and random secret"), 1, NULL, 0, false);
  RtmfpBuffer field = sign (signer, "first part, ", "second part");
  test_assert_hex (rtmfp_buffer_bytes (&field), "261d" KNOWN "6b65792031");
  rtmfp_buffer_clear (&field);
  RtmfpSigner *copy = rtmfp_signer_copy (signer);
  rtmfp_signer_free (signer);
  field = sign (copy, "", "first part, second part");
  test_assert_hex (rtmfp_buffer_bytes (&field), "261d" KNOWN "6b65792031");
  rtmfp_buffer_clear (&field);
  rtmfp_signer_free (copy);
}

static void
test_nothing_to_sign_with (void) {
  RtmfpSigner *signer = new_signer (NULL, 0, password ("a", "b"), 1, false);
  g_assert_null (signer);
  g_assert_null (rtmfp_signer_copy (signer));
  RtmfpBuffer field = sign (signer, "x", "y");
  test_assert_hex (rtmfp_buffer_bytes (&field), "58");
  g_assert_cmpint (rtmfp_signer_check (signer, TEXT ("x"), TEXT (""), rtmfp_buffer_bytes (&field)),
                   ==, RTMFP_OK);
  rtmfp_buffer_clear (&field);
  signer = new_signer (NULL, 0, password ("a", "b"), 1, true);
  field = sign (signer, "x", "y");
  test_assert_hex (rtmfp_buffer_bytes (&field), "58");
  rtmfp_buffer_clear (&field);
  rtmfp_signer_free (signer);
  rtmfp_signer_free (NULL);
}

/* What was signed with ids and passwords by the one, asked of the other, which knows a, b and the
 * empty id. */
static RtmfpStatus
check (const char *ids, const char *secrets, bool required) {
  const RtmfpPassword known[] = {{TEXT ("a"), TEXT ("secret of a")},
                                 {TEXT ("b"), TEXT ("secret of b")},
                                 {TEXT (""), TEXT ("")}};
  RtmfpPassword signs[8];
  char passwords[8][32];
  size_t count = strlen (ids);
  for (size_t i = 0; i < count; i++) {
    g_snprintf (passwords[i], sizeof passwords[i], "secret of %c", secrets[i]);
    signs[i] = (RtmfpPassword){rtmfp_bytes (&ids[i], 1), TEXT (passwords[i])};
  }
  RtmfpSigner *signer = new_signer (signs, count, NULL, 0, false);
  RtmfpSigner *verifier = new_signer (signs, count, known, 3, required);
  RtmfpBuffer field = sign (signer, "parameters", " of both");
  RtmfpStatus status = rtmfp_signer_check (verifier, TEXT ("parameters"), TEXT (" of both"),
                                           rtmfp_buffer_bytes (&field));
  if (required && status == RTMFP_OK) {
    g_assert_cmpint (rtmfp_signer_check (verifier, TEXT ("Parameters"), TEXT (" of both"),
                                         rtmfp_buffer_bytes (&field)),
                     ==, RTMFP_AUTH);
  }
  rtmfp_buffer_clear (&field);
  rtmfp_signer_free (signer);
  rtmfp_signer_free (verifier);
  return status;
}

static void
test_checks (void) {
  g_assert_cmpint (check ("a", "a", true), ==, RTMFP_OK);
  g_assert_cmpint (check ("b", "b", true), ==, RTMFP_OK);
  g_assert_cmpint (check ("ab", "ab", true), ==, RTMFP_OK);
  g_assert_cmpint (check ("xay", "xay", true), ==,
                   RTMFP_OK); /* ids that nobody knows do not count */
  g_assert_cmpint (check ("x", "x", true), ==, RTMFP_AUTH);
  g_assert_cmpint (check ("x", "a", true), ==, RTMFP_AUTH);
  g_assert_cmpint (check ("a", "b", true), ==, RTMFP_AUTH);
  g_assert_cmpint (check ("ab", "aa", true), ==, RTMFP_AUTH); /* one wrong one spoils it all */
  g_assert_cmpint (check ("ba", "aa", true), ==, RTMFP_AUTH);
  g_assert_cmpint (check ("", "", true), ==, RTMFP_AUTH);
  g_assert_cmpint (check ("", "", false), ==, RTMFP_OK);
  g_assert_cmpint (check ("a", "b", false), ==, RTMFP_OK); /* whoever asks for none takes any */
}

/* Fields of others, where a signature is required; and each changed bit of a true one. */
static void
test_fields (void) {
  RtmfpSigner *signer = new_signer (password ("key 1", "a long and random secret"), 1,
                                    password ("key 1", "a long and random secret"), 1, true);
  static const char *fields[] = {"", "58", "026301", "031d0102", "00", "ff"};
  for (unsigned i = 0; i < G_N_ELEMENTS (fields); i++) {
    RtmfpBuffer field = test_hex (fields[i]);
    g_assert_cmpint (
        rtmfp_signer_check (signer, TEXT ("first"), TEXT (""), rtmfp_buffer_bytes (&field)), ==,
        RTMFP_AUTH);
    rtmfp_buffer_clear (&field);
  }
  RtmfpBuffer field = sign (signer, "first", "");
  for (size_t bit = 0; bit <= field.size * 8; bit++) {
    if (bit < field.size * 8) {
      field.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    g_assert_cmpint (
        rtmfp_signer_check (signer, TEXT ("first"), TEXT (""), rtmfp_buffer_bytes (&field)), ==,
        bit < field.size * 8 ? RTMFP_AUTH : RTMFP_OK);
    if (bit < field.size * 8) {
      field.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
  }
  rtmfp_buffer_clear (&field);
  rtmfp_signer_free (signer);
}

static void
test_bounds (void) {
  static const uint8_t bytes[RTMFP_PASSWORD_BYTES_MAX + 1];
  RtmfpPassword many[RTMFP_PASSWORDS_MAX + 1] = {{{0}, {0}}};
  RtmfpSigner *signer = NULL;
  RtmfpSignerOptions options = {.signs = many, .sign_count = RTMFP_PASSWORDS_MAX + 1};
  g_assert_cmpint (rtmfp_signer_new (&options, &signer), ==, RTMFP_LIMIT);
  options =
      (RtmfpSignerOptions){.known = many, .known_count = RTMFP_PASSWORDS_MAX + 1, .required = true};
  g_assert_cmpint (rtmfp_signer_new (&options, &signer), ==, RTMFP_LIMIT);
  options.known_count = RTMFP_PASSWORDS_MAX;
  many[15].id = rtmfp_bytes (bytes, RTMFP_PASSWORD_ID_BYTES_MAX + 1);
  g_assert_cmpint (rtmfp_signer_new (&options, &signer), ==, RTMFP_LIMIT);
  many[15].id.size--;
  many[15].password = rtmfp_bytes (bytes, RTMFP_PASSWORD_BYTES_MAX + 1);
  g_assert_cmpint (rtmfp_signer_new (&options, &signer), ==, RTMFP_LIMIT);
  g_assert_null (signer);
  many[15].password.size--;
  g_assert_cmpint (rtmfp_signer_new (&options, &signer), ==, RTMFP_OK);
  rtmfp_signer_free (signer);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/signer/known-answer", test_known_answer);
  g_test_add_func ("/crypto/signer/nothing-to-sign-with", test_nothing_to_sign_with);
  g_test_add_func ("/crypto/signer/checks", test_checks);
  g_test_add_func ("/crypto/signer/fields-of-others", test_fields);
  g_test_add_func ("/crypto/signer/bounds", test_bounds);
  return g_test_run ();
}

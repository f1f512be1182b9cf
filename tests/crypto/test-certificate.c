/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7425 s4.3. */
#include "core/crypto/certificate.h"
#include "core/crypto/group.h"
#include "core/crypto/params.h"
#include "core/crypto/primitives.h"
#include "tests/support/support.h"

#include <glib.h>
#include <string.h>

static RtmfpBuffer bytes; /* what the last certificate borrows from */

static RtmfpStatus
read_hex (const char *hex, RtmfpCertificate *certificate) {
  rtmfp_buffer_clear (&bytes);
  test_hex_append (&bytes, hex);
  return rtmfp_certificate_read (rtmfp_buffer_bytes (&bytes), certificate);
}

static void
test_options (void) {
  RtmfpCertificate certificate;
  g_assert_cmpint (
      read_hex ("0500686f7374 010a 021502 02151f 021563 030e0102 0263ff", &certificate), ==,
      RTMFP_OK);
  g_assert_true (certificate.has_hostname);
  test_assert_bytes (certificate.hostname, rtmfp_bytes ("host", 4));
  g_assert_true (certificate.accepts_ancillary);
  g_assert_cmphex (certificate.ephemeral_groups, ==, RTMFP_GROUP_2 | RTMFP_GROUP_X25519);
  g_assert_false (certificate.uses_static_keys);
  test_assert_bytes (certificate.canonical, rtmfp_buffer_bytes (&bytes));

  g_assert_cmpint (read_hex ("051d02aabbcc 041d10dd ee 041d630102", &certificate), ==, RTMFP_OK);
  g_assert_true (certificate.uses_static_keys);
  g_assert_cmphex (certificate.static_groups, ==, RTMFP_GROUP_2 | RTMFP_GROUP_16);
  test_assert_hex (certificate.static_keys[rtmfp_group_index (RTMFP_GROUP_2)], "aabbcc");
  test_assert_hex (certificate.static_keys[rtmfp_group_index (RTMFP_GROUP_16)], "ddee");
  g_assert_cmphex (certificate.ephemeral_groups, ==, 0);
}

/* Only what stands before the first marker counts and is hashed. */
static void
test_canonical_section (void) {
  RtmfpCertificate certificate;
  g_assert_cmpint (read_hex ("021502 030e0102 00 010a 00 0500686f7374 051d02aabbcc", &certificate),
                   ==, RTMFP_OK);
  test_assert_hex (certificate.canonical, "021502 030e0102");
  g_assert_false (certificate.has_hostname || certificate.accepts_ancillary ||
                  certificate.uses_static_keys);
  uint8_t digest[32];
  rtmfp_sha256 (rtmfp_bytes (bytes.data, 7), digest);
  test_assert_bytes (rtmfp_bytes (certificate.fingerprint.bytes, 32), rtmfp_bytes (digest, 32));

  g_assert_cmpint (read_hex ("00 021502", &certificate), ==, RTMFP_OK);
  g_assert_cmpuint (certificate.canonical.size, ==, 0);
  g_assert_cmphex (certificate.ephemeral_groups, ==, 0);
  g_assert_cmpint (read_hex ("", &certificate), ==, RTMFP_OK);
  rtmfp_sha256 (rtmfp_bytes (NULL, 0), digest);
  test_assert_bytes (rtmfp_bytes (certificate.fingerprint.bytes, 32), rtmfp_bytes (digest, 32));
}

static void
test_refuses (void) {
  RtmfpCertificate certificate = {.ephemeral_groups = 99};
  g_assert_cmpint (read_hex ("0500686f7374 02007f", &certificate), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_hex ("051d02aabbcc 051d02aabbcc", &certificate), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_hex ("051d02aabbcc 021502", &certificate), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_hex ("041d63aabb 021502", &certificate), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_hex ("0115", &certificate), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_hex ("021d80", &certificate), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_hex ("021502 030e01", &certificate), ==, RTMFP_TRUNCATED);
  g_assert_cmpint (read_hex ("021502 00 030e01", &certificate), ==, RTMFP_TRUNCATED);
  g_assert_cmpuint (certificate.ephemeral_groups, ==, 99);
}

static void
test_truncated_at_each_length (void) {
  RtmfpCertificate certificate;
  g_assert_cmpint (read_hex ("0500686f7374 010a 021502 801d0e" /* 29 bytes: type and 28 */
                             "000102030405060708090a0b0c0d0e0f101112131415161718191a1b",
                             &certificate),
                   ==, RTMFP_OK);
  for (size_t size = 0; size < bytes.size; size++) {
    uint8_t *exact = g_memdup2 (bytes.data, size > 0 ? size : 1);
    bool between = size == 0 || size == 6 || size == 8 || size == 11;
    g_assert_cmpint (rtmfp_certificate_read (rtmfp_bytes (exact, size), &certificate) == RTMFP_OK,
                     ==, between);
    g_free (exact);
  }
}

static void
test_bounds_its_size (void) {
  static uint8_t zeros[RTMFP_CERTIFICATE_BYTES_MAX + 1];
  RtmfpCertificate certificate;
  g_assert_cmpint (
      rtmfp_certificate_read (rtmfp_bytes (zeros, RTMFP_CERTIFICATE_BYTES_MAX), &certificate), ==,
      RTMFP_OK);
  g_assert_cmpint (
      rtmfp_certificate_read (rtmfp_bytes (zeros, RTMFP_CERTIFICATE_BYTES_MAX + 1), &certificate),
      ==, RTMFP_LIMIT);
}

/* s4.3.6 and s4.3.7. */
static void
test_glare_and_override (void) {
  const RtmfpBytes abc = rtmfp_bytes ("abc", 3), abd = rtmfp_bytes ("abd", 3);
  const RtmfpBytes ab = rtmfp_bytes ("ab", 2), high = rtmfp_bytes ("a\xff", 2);
  g_assert_true (rtmfp_certificate_prevails (abc, abd));
  g_assert_false (rtmfp_certificate_prevails (abd, abc));
  g_assert_true (rtmfp_certificate_prevails (abc, abc));
  g_assert_true (rtmfp_certificate_prevails (ab, abc));
  g_assert_false (rtmfp_certificate_prevails (abc, ab));
  g_assert_true (rtmfp_certificate_prevails (abc, high));
  g_assert_false (rtmfp_certificate_prevails (high, abc));
  g_assert_true (rtmfp_certificate_overrides (abc, abc));
  g_assert_false (rtmfp_certificate_overrides (abc, ab));
  g_assert_false (rtmfp_certificate_overrides (abc, abd));
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/certificate/options", test_options);
  g_test_add_func ("/crypto/certificate/canonical-section", test_canonical_section);
  g_test_add_func ("/crypto/certificate/refuses-what-must-not-be", test_refuses);
  g_test_add_func ("/crypto/certificate/truncated-at-each-length", test_truncated_at_each_length);
  g_test_add_func ("/crypto/certificate/bounds-its-size", test_bounds_its_size);
  g_test_add_func ("/crypto/certificate/glare-and-override", test_glare_and_override);
  int result = g_test_run ();
  rtmfp_buffer_clear (&bytes);
  return result;
}

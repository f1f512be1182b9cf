/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7425 s4.4. */
#include "core/base/registry.h"
#include "core/crypto/epd.h"
#include "core/crypto/params.h"
#include "tests/support/support.h"

#include <glib.h>
#include <string.h>

static RtmfpBuffer bytes; /* what the last discriminator borrows from */

static RtmfpStatus
read_hex (const char *hex, RtmfpEpd *epd) {
  rtmfp_buffer_clear (&bytes);
  test_hex_append (&bytes, hex);
  return rtmfp_epd_read (rtmfp_buffer_bytes (&bytes), epd);
}

#define PRINT "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static RtmfpFingerprint
fingerprint (void) {
  RtmfpFingerprint result;
  for (unsigned i = 0; i < sizeof result.bytes; i++) {
    result.bytes[i] = (uint8_t)i;
  }
  return result;
}

static void
test_canonical (void) {
  const RtmfpFingerprint wanted = fingerprint ();
  uint8_t space[64];
  RtmfpWriter writer = rtmfp_writer (space, 33);
  g_assert_cmpint (rtmfp_epd_write_fingerprint (&writer, &wanted, rtmfp_bytes (NULL, 0)), ==,
                   RTMFP_TRUNCATED);
  g_assert_cmpuint (rtmfp_writer_size (&writer), ==, 0);
  writer = rtmfp_writer (space, sizeof space);
  g_assert_cmpint (rtmfp_epd_write_fingerprint (&writer, &wanted, rtmfp_bytes (NULL, 0)), ==,
                   RTMFP_OK);
  RtmfpBytes written = rtmfp_bytes (space, rtmfp_writer_size (&writer));
  test_assert_hex (written, "210f" PRINT);
  g_assert_true (rtmfp_epd_is_canonical (written));
  g_assert_false (rtmfp_epd_is_canonical (rtmfp_bytes (space, 33)));
  space[1] = 0x0a;
  g_assert_false (rtmfp_epd_is_canonical (written));
  space[1] = 0x0f;
  space[0] = 0x20;
  g_assert_false (rtmfp_epd_is_canonical (written));
}

static void
test_handle (void) {
  const RtmfpFingerprint wanted = fingerprint ();
  uint8_t space[64];
  RtmfpWriter writer = rtmfp_writer (space, sizeof space);
  g_assert_cmpint (rtmfp_epd_write_fingerprint (&writer, &wanted, rtmfp_bytes ("handle", 6)), ==,
                   RTMFP_OK);
  RtmfpBytes written = rtmfp_bytes (space, rtmfp_writer_size (&writer));
  test_assert_hex (written, "210f" PRINT "08d40168616e646c65");
  g_assert_false (rtmfp_epd_is_canonical (written));
  RtmfpEpd epd;
  g_assert_cmpint (rtmfp_epd_read (written, &epd), ==, RTMFP_OK);
  g_assert_true (epd.has_handle && epd.has_fingerprint);
  test_assert_bytes (epd.handle, rtmfp_bytes ("handle", 6));
  g_assert_true (rtmfp_fingerprint_equal (&epd.fingerprint, &wanted));
}

static void
test_uri (void) {
  uint8_t space[64];
  RtmfpWriter writer = rtmfp_writer (space, sizeof space);
  g_assert_cmpint (rtmfp_epd_write_uri (&writer, "rtmfp://host/app"), ==, RTMFP_OK);
  test_assert_hex (rtmfp_bytes (space, rtmfp_writer_size (&writer)),
                   "110a72746d66703a2f2f686f73742f617070");
}

static void
test_refuses (void) {
  RtmfpEpd epd = {.has_handle = true};
  g_assert_cmpint (read_hex ("020061 020061", &epd), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_hex ("020a61 020a61", &epd), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_hex ("210f" PRINT "210f" PRINT, &epd), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_hex ("030f0001", &epd), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_hex ("220f" PRINT "00", &epd), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_hex ("020a61 00", &epd), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_hex ("02d401", &epd), ==, RTMFP_MALFORMED); /* an empty handle */
  g_assert_cmpint (read_hex ("03d40101 03d40101", &epd), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_hex ("0263ff 030a61", &epd), ==, RTMFP_TRUNCATED);
  g_assert_true (epd.has_handle);
  g_assert_cmpint (read_hex ("0263ff 020a61", &epd), ==, RTMFP_OK);
  g_assert_false (epd.has_handle);
}

static void
test_bounds (void) {
  static uint8_t long_text[RTMFP_EPD_BYTES_MAX + 1];
  RtmfpEpd epd;
  g_assert_cmpint (rtmfp_epd_read (rtmfp_bytes (long_text, sizeof long_text), &epd), ==,
                   RTMFP_LIMIT);
  uint8_t space[RTMFP_HANDLE_BYTES_MAX + 16];
  for (size_t size = RTMFP_HANDLE_BYTES_MAX; size <= RTMFP_HANDLE_BYTES_MAX + 1; size++) {
    const RtmfpEpd one = {.has_handle = true, .handle = rtmfp_bytes (long_text, size)};
    RtmfpWriter writer = rtmfp_writer (space, sizeof space);
    g_assert_cmpint (rtmfp_epd_write (&writer, &one), ==, RTMFP_OK);
    g_assert_cmpint (rtmfp_epd_read (rtmfp_bytes (space, rtmfp_writer_size (&writer)), &epd), ==,
                     size <= RTMFP_HANDLE_BYTES_MAX ? RTMFP_OK : RTMFP_LIMIT);
  }
}

static void
test_truncated_at_each_length (void) {
  RtmfpEpd epd;
  g_assert_cmpint (read_hex ("020061 020a62 210f" PRINT "03d40163", &epd), ==, RTMFP_OK);
  for (size_t size = 0; size < bytes.size; size++) {
    uint8_t *exact = g_memdup2 (bytes.data, size > 0 ? size : 1);
    bool between = size == 0 || size == 3 || size == 6 || size == 40;
    g_assert_cmpint (rtmfp_epd_read (rtmfp_bytes (exact, size), &epd) == RTMFP_OK, ==, between);
    g_free (exact);
  }
}

/* Figure 1 of s4.4.3, all combinations. */
static void
test_selection (void) {
  for (unsigned bits = 0; bits < 256; bits++) {
    bool wants_print = bits & 1, print_fits = bits & 2;
    bool wants_host = bits & 4, has_host = bits & 8, host_fits = bits & 16;
    bool wants_data = bits & 32, takes_data = bits & 64, has_handle = bits & 128;
    RtmfpCertificate certificate = {.fingerprint = fingerprint (),
                                    .has_hostname = has_host,
                                    .hostname = rtmfp_bytes (host_fits ? "a" : "b", 1),
                                    .accepts_ancillary = takes_data};
    RtmfpEpd epd = {.has_fingerprint = wants_print,
                    .fingerprint = fingerprint (),
                    .has_hostname = wants_host,
                    .hostname = rtmfp_bytes ("a", 1),
                    .has_ancillary_data = wants_data,
                    .has_handle = has_handle};
    epd.fingerprint.bytes[31] ^= print_fits ? 0 : 1;
    bool expected;
    if (wants_print) {
      expected = print_fits;
    } else {
      expected = (wants_host || wants_data) && (!wants_host || (has_host && host_fits)) &&
                 (!wants_data || takes_data);
    }
    g_assert_cmpint (rtmfp_epd_selects (&epd, &certificate), ==, expected);
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/epd/canonical", test_canonical);
  g_test_add_func ("/crypto/epd/handle", test_handle);
  g_test_add_func ("/crypto/epd/uri", test_uri);
  g_test_add_func ("/crypto/epd/refuses-what-must-not-be", test_refuses);
  g_test_add_func ("/crypto/epd/bounds", test_bounds);
  g_test_add_func ("/crypto/epd/truncated-at-each-length", test_truncated_at_each_length);
  g_test_add_func ("/crypto/epd/selection-as-in-figure-1", test_selection);
  int result = g_test_run ();
  rtmfp_buffer_clear (&bytes);
  return result;
}

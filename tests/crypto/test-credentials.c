/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7425 s4.3. */
#include "core/crypto/credentials.h"
#include "core/crypto/params.h"
#include "tests/support/support.h"

#include <glib.h>
#include <string.h>

static void
test_ephemeral (void) {
  TestRng seeded = {1};
  RtmfpRng rng = test_rng (&seeded);
  RtmfpCredentials one, two;
  const RtmfpCredentialsOptions options = {.groups = RTMFP_GROUP_2 | RTMFP_GROUP_X25519,
                                           .hostname = "example.org",
                                           .accepts_ancillary = true};
  g_assert_cmpint (rtmfp_credentials_init (&one, &options, &rng), ==, RTMFP_OK);
  g_assert_cmpint (rtmfp_credentials_init (&two, &options, &rng), ==, RTMFP_OK);
  g_assert_false (
      rtmfp_fingerprint_equal (&one.certificate.fingerprint, &two.certificate.fingerprint));
  RtmfpReader reader = rtmfp_reader (one.bytes, one.certificate.bytes.size);
  RtmfpBytes head;
  g_assert_cmpint (rtmfp_reader_take (&reader, 23, &head), ==, RTMFP_OK);
  test_assert_hex (head, "0c006578616d706c652e6f7267 010a 02151f 021502 110e");
  g_assert_cmpuint (rtmfp_reader_left (&reader), ==, 16);
  test_assert_bytes (one.certificate.canonical, one.certificate.bytes); /* no marker */
  rtmfp_credentials_clear (&one);
  rtmfp_credentials_clear (&one);
  rtmfp_credentials_clear (&two);
}

/* In the canonical section: the fingerprint covers it. */
static void
test_aeads (void) {
  TestRng seeded = {1};
  RtmfpRng rng = test_rng (&seeded);
  for (uint32_t aeads = 0; aeads <= RTMFP_AEAD_ALL; aeads++) {
    RtmfpCredentials credentials;
    const RtmfpCredentialsOptions options = {
        .groups = RTMFP_GROUP_X25519, .static_keys = (aeads & 1) != 0, .aeads = aeads};
    g_assert_cmpint (rtmfp_credentials_init (&credentials, &options, &rng), ==, RTMFP_OK);
    g_assert_cmphex (credentials.certificate.aeads, ==, aeads);
    test_assert_bytes (credentials.certificate.canonical, credentials.certificate.bytes);
    rtmfp_credentials_clear (&credentials);
  }
  RtmfpCertificate certificate;
  RtmfpBuffer other = test_hex ("04d403c103 02151f"); /* with a bit nobody knows */
  g_assert_cmpint (rtmfp_certificate_read (rtmfp_buffer_bytes (&other), &certificate), ==,
                   RTMFP_OK);
  g_assert_cmphex (certificate.aeads, ==, RTMFP_AEAD_ALL);
  rtmfp_buffer_clear (&other);
  other = test_hex ("03d40380 02151f"); /* somebody else's option */
  g_assert_cmpint (rtmfp_certificate_read (rtmfp_buffer_bytes (&other), &certificate), ==,
                   RTMFP_OK);
  g_assert_cmphex (certificate.aeads, ==, 0);
  rtmfp_buffer_clear (&other);
  other = test_hex ("02151f 00 03d40303"); /* behind the marker nothing counts */
  g_assert_cmpint (rtmfp_certificate_read (rtmfp_buffer_bytes (&other), &certificate), ==,
                   RTMFP_OK);
  g_assert_cmphex (certificate.aeads, ==, 0);
  rtmfp_buffer_clear (&other);
}

static void
test_static (void) {
  TestRng seeded = {1};
  RtmfpRng rng = test_rng (&seeded);
  RtmfpCredentials credentials;
  const RtmfpCredentialsOptions options = {.static_keys = true};
  g_assert_cmpint (rtmfp_credentials_init (&credentials, &options, &rng), ==, RTMFP_OK);
  g_assert_cmphex (credentials.certificate.static_groups, ==, RTMFP_GROUP_ALL);
  g_assert_cmphex (credentials.certificate.ephemeral_groups, ==, 0);
  for (unsigned i = 0; i < RTMFP_GROUP_COUNT; i++) {
    RtmfpPublicKey key;
    rtmfp_group_public_key (&credentials.static_private_keys[i], &key);
    test_assert_bytes (credentials.certificate.static_keys[i], rtmfp_bytes (key.bytes, key.size));
  }
  rtmfp_credentials_clear (&credentials);
  static const RtmfpCredentials zeroed;
  test_assert_bytes (rtmfp_bytes (&credentials, sizeof credentials),
                     rtmfp_bytes (&zeroed, sizeof zeroed));
}

static void
test_bounds_the_hostname (void) {
  TestRng seeded = {1};
  RtmfpRng rng = test_rng (&seeded);
  RtmfpCredentials credentials;
  char name[RTMFP_HOSTNAME_BYTES_MAX + 2];
  memset (name, 'a', sizeof name);
  name[RTMFP_HOSTNAME_BYTES_MAX + 1] = '\0';
  const RtmfpCredentialsOptions options = {.hostname = name};
  g_assert_cmpint (rtmfp_credentials_init (&credentials, &options, &rng), ==, RTMFP_LIMIT);
  name[RTMFP_HOSTNAME_BYTES_MAX] = '\0';
  g_assert_cmpint (rtmfp_credentials_init (&credentials, &options, &rng), ==, RTMFP_OK);
  rtmfp_credentials_clear (&credentials);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/credentials/ephemeral", test_ephemeral);
  g_test_add_func ("/crypto/credentials/aeads", test_aeads);
  g_test_add_func ("/crypto/credentials/static", test_static);
  g_test_add_func ("/crypto/credentials/bounds-the-hostname", test_bounds_the_hostname);
  return g_test_run ();
}

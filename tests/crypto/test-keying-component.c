/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7425 s4.5. */
#include "core/crypto/keying-component.h"
#include "core/crypto/params.h"
#include "core/crypto/profile.h"
#include "tests/support/support.h"

#include <glib.h>
#include <string.h>

static RtmfpBuffer bytes; /* what the last component borrows from */

static RtmfpStatus
read_hex (const char *hex, RtmfpKeyingComponent *component) {
  rtmfp_buffer_clear (&bytes);
  test_hex_append (&bytes, hex);
  return rtmfp_keying_component_read (rtmfp_buffer_bytes (&bytes), component);
}

static void
assert_rewritten (const RtmfpKeyingComponent *component) {
  uint8_t space[64];
  for (size_t room = 0; room < bytes.size; room++) {
    RtmfpWriter writer = rtmfp_writer (space, room);
    g_assert_cmpint (rtmfp_keying_component_write (&writer, component), ==, RTMFP_TRUNCATED);
    g_assert_cmpuint (rtmfp_writer_size (&writer), ==, 0);
  }
  RtmfpWriter writer = rtmfp_writer (space, bytes.size);
  g_assert_cmpint (rtmfp_keying_component_write (&writer, component), ==, RTMFP_OK);
  test_assert_bytes (rtmfp_bytes (space, rtmfp_writer_size (&writer)), rtmfp_buffer_bytes (&bytes));
}

static void
test_both_ways (void) {
  RtmfpKeyingComponent component;
  g_assert_cmpint (read_hex ("021e02 031a0710 050d02aabbcc", &component), ==, RTMFP_OK);
  g_assert_true (component.has_ephemeral_key);
  g_assert_false (component.has_group_select);
  g_assert_cmpuint (component.group_id, ==, 2);
  test_assert_hex (component.ephemeral_key, "aabbcc");
  g_assert_true (component.hmac.sends_always && component.hmac.sends_on_request &&
                 component.hmac.requests);
  g_assert_cmpuint (component.hmac.hmac_bytes, ==, 16);
  g_assert_true (!component.sequence.sends_always && component.sequence.sends_on_request &&
                 !component.sequence.requests);
  assert_rewritten (&component);

  g_assert_cmpint (read_hex ("021e04 031a0100 021d1f 050e01020304", &component), ==, RTMFP_OK);
  g_assert_true (component.has_group_select);
  g_assert_false (component.has_ephemeral_key);
  g_assert_cmpuint (component.group_id, ==, 31);
  test_assert_hex (component.extra_randomness, "01020304");
  assert_rewritten (&component);

  g_assert_cmpint (read_hex ("", &component), ==, RTMFP_OK);
  g_assert_false (component.has_ephemeral_key || component.has_group_select);
  g_assert_cmphex (component.features, ==, 0);
}

/* What the far end reads: with bits that nobody knows yet, and as somebody else's option. */
static void
test_features (void) {
  RtmfpKeyingComponent component;
  g_assert_cmpint (read_hex ("03d40203", &component), ==, RTMFP_OK);
  g_assert_cmphex (component.features, ==, RTMFP_FEATURE_BITMAP_ACKS | RTMFP_FEATURE_ECN_REPORTS);
  assert_rewritten (&component);
  g_assert_cmpint (read_hex ("06d402ffffff02", &component), ==, RTMFP_OK);
  g_assert_cmphex (component.features, ==, 0xfffff82);
  assert_rewritten (&component);
  g_assert_cmpint (read_hex ("02d402", &component), ==, RTMFP_OK);
  g_assert_cmphex (component.features, ==, 0);
  g_assert_cmpint (read_hex ("03d40280", &component), ==, RTMFP_OK);
  g_assert_cmphex (component.features, ==, 0);
}

/* An offer with a preference, a choice, bits nobody knows, and somebody else's option. */
static void
test_aeads (void) {
  RtmfpKeyingComponent component;
  g_assert_cmpint (read_hex ("04d4030302", &component), ==, RTMFP_OK);
  g_assert_cmphex (component.aeads, ==, RTMFP_AEAD_ALL);
  g_assert_cmphex (component.preferred_aead, ==, RTMFP_AEAD_CHACHA20_POLY1305);
  assert_rewritten (&component);
  g_assert_cmpint (read_hex ("03d40301 03d40201", &component), ==, RTMFP_OK);
  g_assert_cmphex (component.aeads, ==, RTMFP_AEAD_AES_128_GCM);
  g_assert_cmphex (component.preferred_aead, ==, 0);
  assert_rewritten (&component);
  g_assert_cmpint (read_hex ("06d40381064410", &component), ==, RTMFP_OK);
  g_assert_cmphex (component.aeads, ==, RTMFP_AEAD_CHACHA20_POLY1305);
  g_assert_cmphex (component.preferred_aead, ==, 0);
  g_assert_cmpint (read_hex ("03d40380", &component), ==, RTMFP_OK);
  g_assert_cmphex (component.aeads, ==, 0);
}

static void
test_refuses (void) {
  RtmfpKeyingComponent component = {.group_id = 99};
  static const char *malformed[] = {
      "030d0201 030d0201", /* two keys */
      "030d0201 021d02",   /* a key and a group select */
      "021d02 021d02",     "021d80", "010d",     "021e02 021e02", "011e",
      "031a0210 031a0210", "021a02", "031a0203", /* 3 bytes */
      "031a0221",                                /* 33 bytes */
      "031a0200",                                /* 0 bytes, yet may send */
      "031a0104",                                /* 4 bytes, yet does not send */
      "041a028210",                              /* 272 bytes */
      "021d02 00",                               /* a marker */
  };
  for (unsigned i = 0; i < G_N_ELEMENTS (malformed); i++) {
    g_assert_cmpint (read_hex (malformed[i], &component), ==, RTMFP_MALFORMED);
  }
  g_assert_cmpint (read_hex ("021d02 040e01", &component), ==, RTMFP_TRUNCATED);
  g_assert_cmpuint (component.group_id, ==, 99);
  g_assert_cmpint (read_hex ("026301 03a00001 031a0204 021ef8", &component), ==, RTMFP_OK);
  g_assert_cmpuint (component.hmac.hmac_bytes, ==, 4);
  g_assert_false (component.sequence.sends_always || component.sequence.requests);
}

static void
test_truncated_at_each_length (void) {
  RtmfpKeyingComponent component;
  g_assert_cmpint (read_hex ("021e02 031a0710 050d02aabbcc 030e0102", &component), ==, RTMFP_OK);
  for (size_t size = 0; size < bytes.size; size++) {
    uint8_t *exact = g_memdup2 (bytes.data, size > 0 ? size : 1);
    bool between = size == 0 || size == 3 || size == 7 || size == 13;
    g_assert_cmpint (rtmfp_keying_component_read (rtmfp_bytes (exact, size), &component) ==
                         RTMFP_OK,
                     ==, between);
    g_free (exact);
  }
}

static void
test_bounds_its_size (void) {
  static uint8_t padded[RTMFP_COMPONENT_BYTES_MAX + 1];
  RtmfpKeyingComponent component;
  padded[0] = 0x87;
  padded[1] = 0x7e; /* 1022 bytes follow */
  padded[2] = 0x63;
  g_assert_cmpint (
      rtmfp_keying_component_read (rtmfp_bytes (padded, RTMFP_COMPONENT_BYTES_MAX), &component), ==,
      RTMFP_OK);
  g_assert_cmpint (
      rtmfp_keying_component_read (rtmfp_bytes (padded, RTMFP_COMPONENT_BYTES_MAX + 1), &component),
      ==, RTMFP_LIMIT);
}

static void
test_negotiation (void) {
  const RtmfpNegotiation never = {0}, always = {.sends_always = true},
                         on_request = {.sends_on_request = true}, asks = {.requests = true};
  g_assert_false (rtmfp_negotiation_sends (&never, &asks));
  g_assert_true (rtmfp_negotiation_sends (&always, &never));
  g_assert_false (rtmfp_negotiation_sends (&on_request, &never));
  g_assert_true (rtmfp_negotiation_sends (&on_request, &asks));
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/keying-component/both-ways", test_both_ways);
  g_test_add_func ("/crypto/keying-component/features", test_features);
  g_test_add_func ("/crypto/keying-component/aeads", test_aeads);
  g_test_add_func ("/crypto/keying-component/refuses-what-must-not-be", test_refuses);
  g_test_add_func ("/crypto/keying-component/truncated-at-each-length",
                   test_truncated_at_each_length);
  g_test_add_func ("/crypto/keying-component/bounds-its-size", test_bounds_its_size);
  g_test_add_func ("/crypto/keying-component/negotiation", test_negotiation);
  int result = g_test_run ();
  rtmfp_buffer_clear (&bytes);
  return result;
}

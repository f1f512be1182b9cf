/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/address.h"

#include <glib.h>
#include <string.h>

static RtmfpAddress
parse (const char *text) {
  RtmfpAddress address;
  g_assert_cmpint (rtmfp_address_parse (text, &address), ==, RTMFP_OK);
  return address;
}

static void
test_texts_both_ways (void) {
  static const char *texts[] = {
      "0.0.0.0:0",
      "192.0.2.1:1935",
      "255.255.255.255:65535",
      "[::]:0",
      "[::1]:5",
      "[1::]:5",
      "[2001:db8::7]:80",
      "[1:2:3:4:5:6:7:8]:9",
      "[1:0:3:4:5:6:7:8]:9",
      "[1::4:5:6:7:8]:9",
      "[1:0:0:2::3]:9",
      "[fe80::1:0:0:1]:9",
  };
  for (unsigned i = 0; i < G_N_ELEMENTS (texts); i++) {
    char text[RTMFP_ADDRESS_TEXT_SIZE];
    const RtmfpAddress address = parse (texts[i]);
    rtmfp_address_format (&address, text);
    g_assert_cmpstr (text, ==, texts[i]);
  }
}

static void
test_other_spellings (void) {
  static const struct {
    const char *text, *meant;
  } cases[] = {
      {"[::ffff:c000:201]:7", "192.0.2.1:7"},
      {"[2001:DB8:0:0:0:0:0:7]:80", "[2001:db8::7]:80"},
      {"[0001:0::]:80", "[1::]:80"},
      {"[1:2:3:4:5:6:7::]:80", "[1:2:3:4:5:6:7:0]:80"},
  };
  for (unsigned i = 0; i < G_N_ELEMENTS (cases); i++) {
    char text[RTMFP_ADDRESS_TEXT_SIZE];
    const RtmfpAddress address = parse (cases[i].text);
    rtmfp_address_format (&address, text);
    g_assert_cmpstr (text, ==, cases[i].meant);
  }
}

static void
test_refuses (void) {
  static const char *texts[] = {
      "",
      "1.2.3.4",
      "1.2.3:5",
      "1.2.3.4.5:6",
      "1.2.3.256:5",
      "1.2.3.4:",
      "1.2.3.4:65536",
      "1.2.3.4:5 ",
      " 1.2.3.4:5",
      "1.2.3.-4:5",
      "1.2.3.+4:5",
      "1..3.4:5",
      "1.2.3.4:0x5",
      "0x1.2.3.4:5",
      "1.2.3.0004:5",
      "[::1]",
      "[::1:5",
      "::1:5",
      "[1:2]:5",
      "[1:2:3:4:5:6:7:8:9]:5",
      "[1::2::3]:5",
      "[1:::2]:5",
      "[:::]:5",
      "[:1::]:5",
      "[1::2:]:5",
      "[:1:2:3:4:5:6:7]:5",
      "[1:2:3:4:5:6:7:]:5",
      "[12345::]:5",
      "[0x1::]:5",
      "[::g]:5",
      "[00001::]:5",
      "[1:2:3:4::5:6:7:8]:5",
      "[::1]5",
      "[]:5",
      "[::1]:5]",
      "host:5",
  };
  for (unsigned i = 0; i < G_N_ELEMENTS (texts); i++) {
    RtmfpAddress address = {.port = 7};
    if (rtmfp_address_parse (texts[i], &address) != RTMFP_MALFORMED || address.port != 7) {
      g_test_message ("%s", texts[i]);
      g_test_fail ();
    }
  }
}

static void
test_identity (void) {
  RtmfpAddress a = parse ("192.0.2.1:5"), b = parse ("192.0.2.1:5"), c = parse ("192.0.2.1:6");
  b.origin = RTMFP_ORIGIN_RELAY;
  g_assert_true (rtmfp_address_equal (&a, &b));
  g_assert_false (rtmfp_address_equal (&a, &c));
  g_assert_true (rtmfp_address_same_ip (&a, &c));
  const RtmfpAddress six = parse ("[c000:201::]:5"); /* the same first four bytes */
  g_assert_false (rtmfp_address_same_ip (&a, &six));
  const uint8_t mapped[16] = {[10] = 0xff, [11] = 0xff, [12] = 192, [14] = 2, [15] = 1};
  const RtmfpAddress unified = rtmfp_address_ipv6 (mapped, 5);
  g_assert_true (rtmfp_address_equal (&a, &unified));
}

static void
test_none_has_a_text (void) {
  const RtmfpAddress none = {0};
  char text[RTMFP_ADDRESS_TEXT_SIZE];
  rtmfp_address_format (&none, text);
  g_assert_cmpstr (text, ==, "none");
}

static void
test_longest_text_fits (void) {
  char text[RTMFP_ADDRESS_TEXT_SIZE];
  uint8_t ip[16];
  memset (ip, 0xff, sizeof ip);
  const RtmfpAddress address = rtmfp_address_ipv6 (ip, 65535);
  rtmfp_address_format (&address, text);
  g_assert_cmpstr (text, ==, "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535");
}

static void
test_private (void) {
  static const char *const inside[] = {"10.0.0.1:1",   "127.0.0.1:1",   "172.16.0.1:1",
                                       "172.31.9.9:1", "192.168.1.1:1", "169.254.3.3:1",
                                       "100.64.0.1:1", "[fd00::1]:1",   "[fe80::1]:1",
                                       "[::1]:1",      "[fc12::9]:1",   "100.127.255.1:1"};
  static const char *const outside[] = {"11.0.0.1:1",      "172.15.0.1:1",  "172.32.0.1:1",
                                        "192.169.1.1:1",   "203.0.113.5:1", "100.128.0.1:1",
                                        "[2001:db8::1]:1", "[fec0::1]:1",   "[::2]:1"};
  RtmfpAddress address;
  for (guint i = 0; i < G_N_ELEMENTS (inside); i++) {
    g_assert_cmpint (rtmfp_address_parse (inside[i], &address), ==, RTMFP_OK);
    g_assert_true (rtmfp_address_is_private (&address));
  }
  for (guint i = 0; i < G_N_ELEMENTS (outside); i++) {
    g_assert_cmpint (rtmfp_address_parse (outside[i], &address), ==, RTMFP_OK);
    g_assert_false (rtmfp_address_is_private (&address));
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/address/texts-both-ways", test_texts_both_ways);
  g_test_add_func ("/base/address/parse/other-spellings", test_other_spellings);
  g_test_add_func ("/base/address/parse/refuses-what-is-no-address", test_refuses);
  g_test_add_func ("/base/address/identity-leaves-out-the-origin", test_identity);
  g_test_add_func ("/base/address/private-ones", test_private);
  g_test_add_func ("/base/address/none-has-a-text", test_none_has_a_text);
  g_test_add_func ("/base/address/longest-text-fits", test_longest_text_fits);
  return g_test_run ();
}

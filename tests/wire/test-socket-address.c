/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7016 s2.1.5. */
#include "core/wire/socket-address.h"
#include "tests/wire/cut.h"

static RtmfpAddress
read_hex (const char *hex) {
  RtmfpBuffer input = test_hex (hex);
  RtmfpReader reader = rtmfp_reader (input.data, input.size);
  RtmfpAddress address = {0};
  g_assert_cmpint (rtmfp_read_socket_address (&reader, &address), ==, RTMFP_OK);
  g_assert_cmpuint (rtmfp_reader_left (&reader), ==, 0);
  rtmfp_buffer_clear (&input);
  return address;
}

static void
assert_text (const RtmfpAddress *address, const char *expected) {
  char text[RTMFP_ADDRESS_TEXT_SIZE];
  rtmfp_address_format (address, text);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_reads (void) {
  RtmfpAddress address = read_hex ("02 c0000201 078f");
  assert_text (&address, "192.0.2.1:1935");
  g_assert_cmpint (address.origin, ==, RTMFP_ORIGIN_OBSERVED);
  address = read_hex ("83 20010db8000000000000000000000007 0050");
  assert_text (&address, "[2001:db8::7]:80");
  g_assert_cmpint (address.origin, ==, RTMFP_ORIGIN_RELAY);
  address = read_hex ("fd 00000000000000000000ffffc0000201 078f");
  assert_text (&address, "192.0.2.1:1935");
  g_assert_cmpint (address.origin, ==, RTMFP_ORIGIN_LOCAL);
}

static bool
read_one (RtmfpBytes bytes) {
  RtmfpReader reader = rtmfp_reader (bytes.data, bytes.size);
  RtmfpAddress address;
  bool done = rtmfp_read_socket_address (&reader, &address) == RTMFP_OK;
  g_assert_true (done || reader.at == bytes.data);
  return done;
}

static void
test_truncated_at_each_length (void) {
  RtmfpBuffer input = test_hex ("02c0000201078f");
  g_assert_cmpuint (test_shortest_readable (rtmfp_buffer_bytes (&input), read_one), ==, 7);
  rtmfp_buffer_clear (&input);
  input = test_hex ("8220010db80000000000000000000000070050");
  g_assert_cmpuint (test_shortest_readable (rtmfp_buffer_bytes (&input), read_one), ==, 19);
  rtmfp_buffer_clear (&input);
}

static RtmfpStatus
write_one (RtmfpWriter *writer, const void *what) {
  return rtmfp_write_socket_address (writer, what);
}

static void
test_writes_whole_or_nothing (void) {
  RtmfpAddress four = rtmfp_address_ipv4 (192, 0, 2, 1, 1935);
  four.origin = RTMFP_ORIGIN_OBSERVED;
  test_write_at_each_room ("02c0000201078f", write_one, &four);
  const uint8_t ip[16] = {0x20, 0x01, 0x0d, 0xb8, [15] = 7};
  RtmfpAddress six = rtmfp_address_ipv6 (ip, 80);
  test_write_at_each_room ("8020010db80000000000000000000000070050", write_one, &six);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/socket-address/reads-both-families-and-origins", test_reads);
  g_test_add_func ("/wire/socket-address/truncated-at-each-length", test_truncated_at_each_length);
  g_test_add_func ("/wire/socket-address/writes-whole-or-nothing", test_writes_whole_or_nothing);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7016 s2.3.1 to s2.3.8. */
#include "core/wire/startup-chunk.h"
#include "tests/wire/cut.h"

#define TEXT(s) rtmfp_bytes (s, strlen (s))

/* One reader and one writer, with the payload that they share. */
#define READ_AND_WRITE(name, type)                                                                 \
  static bool read_##name (RtmfpBytes payload) {                                                   \
    type what;                                                                                     \
    return rtmfp_read_##name (payload, &what) == RTMFP_OK;                                         \
  }                                                                                                \
  static RtmfpStatus write_##name (RtmfpWriter *writer, const void *what) {                        \
    return rtmfp_write_##name (writer, what);                                                      \
  }

READ_AND_WRITE (packet_fragment, RtmfpPacketFragment)
READ_AND_WRITE (initiator_hello, RtmfpInitiatorHello)
READ_AND_WRITE (forwarded_hello, RtmfpForwardedHello)
READ_AND_WRITE (responder_hello, RtmfpResponderHello)
READ_AND_WRITE (redirect, RtmfpRedirect)
READ_AND_WRITE (cookie_change, RtmfpCookieChange)
READ_AND_WRITE (initiator_keying, RtmfpInitiatorKeying)
READ_AND_WRITE (responder_keying, RtmfpResponderKeying)

static size_t
shortest (const char *chunk_hex, bool (*read) (RtmfpBytes payload)) {
  RtmfpBuffer chunk = test_hex (chunk_hex);
  size_t size = test_shortest_readable (rtmfp_bytes (chunk.data + 3, chunk.size - 3), read);
  rtmfp_buffer_clear (&chunk);
  return size;
}

static RtmfpBytes
payload_of (RtmfpBuffer *chunk, const char *hex) {
  *chunk = test_hex (hex);
  return rtmfp_bytes (chunk->data + 3, chunk->size - 3);
}

static void
test_packet_fragment (void) {
  const char *hex = "7f0007 80 8101 02 616263";
  RtmfpBuffer chunk;
  RtmfpPacketFragment fragment;
  g_assert_cmpint (rtmfp_read_packet_fragment (payload_of (&chunk, hex), &fragment), ==, RTMFP_OK);
  g_assert_true (fragment.more_fragments);
  g_assert_cmpuint (fragment.packet_id, ==, 129);
  g_assert_cmpuint (fragment.fragment_number, ==, 2);
  test_assert_bytes (fragment.data, TEXT ("abc"));
  test_write_at_each_room (hex, write_packet_fragment, &fragment);
  g_assert_cmpuint (shortest (hex, read_packet_fragment), ==, 5); /* never empty */
  rtmfp_buffer_clear (&chunk);
}

static void
test_initiator_hello (void) {
  const char *hex = "300008 03 657064 74616721";
  RtmfpBuffer chunk;
  RtmfpInitiatorHello hello;
  g_assert_cmpint (rtmfp_read_initiator_hello (payload_of (&chunk, hex), &hello), ==, RTMFP_OK);
  test_assert_bytes (hello.epd, TEXT ("epd"));
  test_assert_bytes (hello.tag, TEXT ("tag!"));
  test_write_at_each_room (hex, write_initiator_hello, &hello);
  g_assert_cmpuint (shortest (hex, read_initiator_hello), ==, 4);
  rtmfp_buffer_clear (&chunk);
}

static void
test_forwarded_hello (void) {
  const char *hex = "0f000e 03 657064 02 c0000201 078f 746167";
  RtmfpBuffer chunk;
  RtmfpForwardedHello hello;
  g_assert_cmpint (rtmfp_read_forwarded_hello (payload_of (&chunk, hex), &hello), ==, RTMFP_OK);
  const RtmfpAddress address = rtmfp_address_ipv4 (192, 0, 2, 1, 1935);
  test_assert_bytes (hello.epd, TEXT ("epd"));
  g_assert_true (rtmfp_address_equal (&hello.reply_address, &address));
  g_assert_cmpint (hello.reply_address.origin, ==, RTMFP_ORIGIN_OBSERVED);
  test_assert_bytes (hello.tag, TEXT ("tag"));
  test_write_at_each_room (hex, write_forwarded_hello, &hello);
  g_assert_cmpuint (shortest (hex, read_forwarded_hello), ==, 11);
  rtmfp_buffer_clear (&chunk);
}

static void
test_responder_hello (void) {
  const char *hex = "70000d 03 746167 04 636f6f6b 63657274";
  RtmfpBuffer chunk;
  RtmfpResponderHello hello;
  g_assert_cmpint (rtmfp_read_responder_hello (payload_of (&chunk, hex), &hello), ==, RTMFP_OK);
  test_assert_bytes (hello.tag_echo, TEXT ("tag"));
  test_assert_bytes (hello.cookie, TEXT ("cook"));
  test_assert_bytes (hello.certificate, TEXT ("cert"));
  test_write_at_each_room (hex, write_responder_hello, &hello);
  g_assert_cmpuint (shortest (hex, read_responder_hello), ==, 9);
  rtmfp_buffer_clear (&chunk);
}

static void
test_redirect (void) {
  const char *hex = "71001e 03 746167 01 c0000201 078f 80 20010db8000000000000000000000007 0050";
  RtmfpBuffer chunk;
  RtmfpRedirect redirect;
  g_assert_cmpint (rtmfp_read_redirect (payload_of (&chunk, hex), &redirect), ==, RTMFP_OK);
  test_assert_bytes (redirect.tag_echo, TEXT ("tag"));
  g_assert_cmpuint (redirect.address_count, ==, 2);
  g_assert_cmpint (redirect.addresses[0].origin, ==, RTMFP_ORIGIN_LOCAL);
  g_assert_cmpint (redirect.addresses[1].family, ==, RTMFP_ADDRESS_IPV6);
  test_write_at_each_room (hex, write_redirect, &redirect);
  /* A broken address makes the chunk malformed; cut between two it is a shorter list. */
  for (size_t size = 0; size <= 30; size++) {
    bool is_readable = size == 4 || size == 11 || size == 30;
    g_assert_cmpint (read_redirect (rtmfp_bytes (chunk.data + 3, size)), ==, is_readable);
  }
  g_assert_cmpint (rtmfp_read_redirect (rtmfp_bytes (chunk.data + 3, 4), &redirect), ==, RTMFP_OK);
  g_assert_cmpuint (redirect.address_count, ==, 0);
  rtmfp_buffer_clear (&chunk);
}

static void
test_redirect_leaves_out_surplus_addresses (void) {
  RtmfpBuffer payload = {0};
  rtmfp_buffer_append_u8 (&payload, 0);
  for (int i = 0; i < RTMFP_REDIRECT_ADDRESSES_MAX + 1; i++) {
    test_hex_append (&payload, "02c00002");
    rtmfp_buffer_append_u8 (&payload, (uint8_t)i);
    rtmfp_buffer_append_u16 (&payload, 1935);
  }
  RtmfpRedirect redirect;
  g_assert_cmpint (rtmfp_read_redirect (rtmfp_buffer_bytes (&payload), &redirect), ==, RTMFP_OK);
  g_assert_cmpuint (redirect.address_count, ==, RTMFP_REDIRECT_ADDRESSES_MAX);
  g_assert_cmpuint (redirect.addresses[RTMFP_REDIRECT_ADDRESSES_MAX - 1].ip[3], ==,
                    RTMFP_REDIRECT_ADDRESSES_MAX - 1);
  rtmfp_buffer_clear (&payload);
}

static void
test_cookie_change (void) {
  const char *hex = "790007 03 6f6c64 6e6577";
  RtmfpBuffer chunk;
  RtmfpCookieChange change;
  g_assert_cmpint (rtmfp_read_cookie_change (payload_of (&chunk, hex), &change), ==, RTMFP_OK);
  test_assert_bytes (change.old_cookie, TEXT ("old"));
  test_assert_bytes (change.new_cookie, TEXT ("new"));
  test_write_at_each_room (hex, write_cookie_change, &change);
  g_assert_cmpuint (shortest (hex, read_cookie_change), ==, 4);
  rtmfp_buffer_clear (&chunk);
}

static void
test_initiator_keying (void) {
  const char *hex = "380014 02000000 04 636f6f6b 04 63657274 04 736b6963 58";
  RtmfpBuffer chunk;
  RtmfpInitiatorKeying keying;
  g_assert_cmpint (rtmfp_read_initiator_keying (payload_of (&chunk, hex), &keying), ==, RTMFP_OK);
  g_assert_cmphex (keying.session_id, ==, 0x02000000);
  test_assert_bytes (keying.cookie_echo, TEXT ("cook"));
  test_assert_bytes (keying.certificate, TEXT ("cert"));
  test_assert_bytes (keying.component, TEXT ("skic"));
  test_assert_bytes (keying.signature, TEXT ("X"));
  test_assert_bytes (keying.signed_parameters, rtmfp_bytes (chunk.data + 3, 19));
  test_write_at_each_room (hex, write_initiator_keying, &keying);
  g_assert_cmpuint (shortest (hex, read_initiator_keying), ==, 19);
  rtmfp_buffer_clear (&chunk);
}

static void
test_responder_keying (void) {
  const char *hex = "78000a 02000000 04 736b7263 58";
  RtmfpBuffer chunk;
  RtmfpResponderKeying keying;
  g_assert_cmpint (rtmfp_read_responder_keying (payload_of (&chunk, hex), &keying), ==, RTMFP_OK);
  g_assert_cmphex (keying.session_id, ==, 0x02000000);
  test_assert_bytes (keying.component, TEXT ("skrc"));
  test_assert_bytes (keying.signature, TEXT ("X"));
  test_assert_bytes (keying.signed_parameters, rtmfp_bytes (chunk.data + 3, 9));
  test_write_at_each_room (hex, write_responder_keying, &keying);
  g_assert_cmpuint (shortest (hex, read_responder_keying), ==, 9);
  rtmfp_buffer_clear (&chunk);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/startup-chunk/packet-fragment", test_packet_fragment);
  g_test_add_func ("/wire/startup-chunk/initiator-hello", test_initiator_hello);
  g_test_add_func ("/wire/startup-chunk/forwarded-hello", test_forwarded_hello);
  g_test_add_func ("/wire/startup-chunk/responder-hello", test_responder_hello);
  g_test_add_func ("/wire/startup-chunk/redirect", test_redirect);
  g_test_add_func ("/wire/startup-chunk/redirect-leaves-out-surplus-addresses",
                   test_redirect_leaves_out_surplus_addresses);
  g_test_add_func ("/wire/startup-chunk/cookie-change", test_cookie_change);
  g_test_add_func ("/wire/startup-chunk/initiator-keying", test_initiator_keying);
  g_test_add_func ("/wire/startup-chunk/responder-keying", test_responder_keying);
  return g_test_run ();
}

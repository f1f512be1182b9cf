/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Command messages of both types, and what is none. RFC 7425 s5.3.3. */
#include "core/rtmp/command.h"
#include "core/rtmp/constants.h"

#include <glib.h>
#include <string.h>

#define BYTES(literal) rtmfp_bytes (literal, sizeof literal - 1)

/* Figure 3 of RFC 7425. */
static const char set_peer_info[] = "\x14\0\0\0\0"
                                    "\x02\0\x0bsetPeerInfo\0\0\0\0\0\0\0\0\0\x05"
                                    "\x02\0\x11"
                                    "192.0.2.129:50001"
                                    "\x02\0\x15"
                                    "[2001:db8:1::2]:50002";

static RtmfpStatus
read_command (RtmfpCommand *command, RtmfpBytes bytes) {
  RtmfpRtmpMessage message;
  const RtmfpStatus status = rtmfp_rtmp_message_read (bytes, &message);
  return status == RTMFP_OK ? rtmfp_command_read (command, &message) : status;
}

static void
test_set_peer_info (void) {
  RtmfpCommand command = {0};
  g_assert_cmpint (read_command (&command, BYTES (set_peer_info)), ==, RTMFP_OK);
  g_assert_cmpmem (command.name.data, command.name.size, "setPeerInfo", 11);
  g_assert_cmpfloat (command.transaction, ==, 0);
  g_assert_cmpint (command.object->type, ==, RTMFP_AMF_NULL);
  g_assert_cmpuint (command.value_count, ==, 2);
  g_assert_true (rtmfp_amf_is_text (command.values[1].value, "[2001:db8:1::2]:50002"));
  g_assert_cmpuint (command.arguments.size, ==, 3 + 17 + 3 + 21);
  g_assert_cmpuint (command.arguments.data[0], ==, 2);

  RtmfpBuffer out = {0};
  rtmfp_command_begin (&out, "setPeerInfo", 0);
  rtmfp_amf_write_null (&out);
  rtmfp_buffer_append (&out, command.arguments);
  g_assert_cmpmem (out.data, out.size, set_peer_info, sizeof set_peer_info - 1);
  rtmfp_buffer_clear (&out);
  rtmfp_command_clear (&command);
}

static void
test_truncations (void) {
  RtmfpCommand command = {0};
  const size_t size = sizeof set_peer_info - 1;
  for (size_t length = 0; length < size; length++) {
    g_autofree uint8_t *bytes = g_memdup2 (set_peer_info, length);
    const RtmfpStatus status = read_command (&command, rtmfp_bytes (bytes, length));
    if (status == RTMFP_OK) {
      g_assert_cmpuint (command.value_count, <, 2); /* it ends between two values */
    } else {
      g_assert_true (status == RTMFP_TRUNCATED || status == RTMFP_MALFORMED);
      g_assert_null (command.values);
    }
    rtmfp_command_clear (&command);
  }
}

static void
test_extended (void) {
  RtmfpCommand command = {0};
  g_assert_cmpint (read_command (&command, BYTES ("\x11\0\0\0\0\0\x02\0\x01"
                                                  "f\0\x3f\xf0\0\0\0\0\0\0"
                                                  "\x11\x0a\x0b\x01\x03"
                                                  "a\x04\x07\x01\x05")),
                   ==, RTMFP_OK);
  double number = 0;
  g_assert_true (rtmfp_amf_as_number (rtmfp_amf_get (command.object, "a"), &number));
  g_assert_cmpfloat (number, ==, 7);
  g_assert_cmpuint (command.value_count, ==, 1);
  rtmfp_command_clear (&command);
}

static void
test_rejects (void) {
  RtmfpCommand command = {0};
  g_assert_cmpint (read_command (&command, BYTES ("\x11\0\0\0\0\x03\x02\0\x01"
                                                  "f\0\0\0\0\0\0\0\0\0")),
                   ==, RTMFP_UNSUPPORTED);
  g_assert_cmpint (read_command (&command, BYTES ("\x11\0\0\0\0")), ==, RTMFP_TRUNCATED);
  g_assert_cmpint (read_command (&command, BYTES ("\x08\0\0\0\0\x05")), ==, RTMFP_UNSUPPORTED);
  g_assert_cmpint (read_command (&command, BYTES ("\x14\0\0\0\0")), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_command (&command, BYTES ("\x14\0\0\0\0\x05\x05")), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_command (&command, BYTES ("\x14\0\0\0\0\x02\0\x01"
                                                  "f\x05")),
                   ==, RTMFP_MALFORMED);
  /* a transaction id that is not a number */
  g_assert_cmpint (read_command (&command, BYTES ("\x14\0\0\0\0\x02\0\x01"
                                                  "f\0\x7f\xf8\0\0\0\0\0\0")),
                   ==, RTMFP_MALFORMED);
  g_assert_null (command.name.data);
  rtmfp_command_clear (&command);
}

static void
test_information (void) {
  RtmfpBuffer out = {0}, members = {0};
  rtmfp_amf_member_number (&members, "extra", 3);
  rtmfp_command_begin (&out, "onStatus", 0);
  rtmfp_amf_write_null (&out);
  rtmfp_command_information (&out, "status", "A.B", "text", rtmfp_buffer_bytes (&members));
  RtmfpCommand command = {0};
  g_assert_cmpint (read_command (&command, rtmfp_buffer_bytes (&out)), ==, RTMFP_OK);
  const RtmfpAmfValue *information = command.values[0].value;
  g_assert_true (rtmfp_amf_is_text (rtmfp_amf_get (information, "level"), "status"));
  g_assert_true (rtmfp_amf_is_text (rtmfp_amf_get (information, "code"), "A.B"));
  g_assert_true (rtmfp_amf_is_text (rtmfp_amf_get (information, "description"), "text"));
  g_assert_nonnull (rtmfp_amf_get (information, "extra"));
  rtmfp_command_clear (&command);
  rtmfp_buffer_clear (&out);
  rtmfp_buffer_clear (&members);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rtmp/command/set-peer-info-of-the-rfc", test_set_peer_info);
  g_test_add_func ("/rtmp/command/truncated-at-each-length", test_truncations);
  g_test_add_func ("/rtmp/command/extended-with-amf3", test_extended);
  g_test_add_func ("/rtmp/command/rejects", test_rejects);
  g_test_add_func ("/rtmp/command/information", test_information);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flow metadata, message headers and user control messages, to the byte. RFC 7425 s5.1, s5.2,
 * s5.3.4. */
#include "core/rtmp/constants.h"
#include "core/rtmp/message.h"
#include "core/rtmp/user-control.h"

#include <glib.h>
#include <string.h>

#define BYTES(literal) rtmfp_bytes (literal, sizeof literal - 1)

static void
test_metadata (void) {
  static const struct {
    RtmfpTcMetadata metadata;
    RtmfpBytes bytes;
  } vectors[] = {
      {{0, false}, {(const uint8_t *)"TC\x04\x00", 4}},
      {{5, true}, {(const uint8_t *)"TC\x05\x05", 4}},
      {{128, false}, {(const uint8_t *)"TC\x04\x81\x00", 5}},
      {{0xffffff, true}, {(const uint8_t *)"TC\x05\x87\xff\xff\x7f", 7}},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (vectors); i++) {
    RtmfpBuffer out = {0};
    rtmfp_tc_metadata_write (&out, &vectors[i].metadata);
    g_assert_cmpmem (out.data, out.size, vectors[i].bytes.data, vectors[i].bytes.size);
    RtmfpTcMetadata read = {77, false};
    g_assert_cmpint (rtmfp_tc_metadata_read (vectors[i].bytes, &read), ==, RTMFP_OK);
    g_assert_cmpuint (read.stream_id, ==, vectors[i].metadata.stream_id);
    g_assert_cmpint (read.network_arrival, ==, vectors[i].metadata.network_arrival);
    for (size_t size = 0; size < out.size; size++) {
      g_assert_cmpint (rtmfp_tc_metadata_read (rtmfp_bytes (out.data, size), &read), ==,
                       RTMFP_TRUNCATED);
    }
    rtmfp_buffer_clear (&out);
  }
}

static void
test_metadata_rejects (void) {
  RtmfpTcMetadata read = {77, true};
  g_assert_cmpint (rtmfp_tc_metadata_read (BYTES ("TX\x04\x00"), &read), ==, RTMFP_UNSUPPORTED);
  g_assert_cmpint (rtmfp_tc_metadata_read (BYTES ("TC\x00"), &read), ==, RTMFP_UNSUPPORTED);
  g_assert_cmpint (rtmfp_tc_metadata_read (BYTES ("TC\x04\x88\x80\x80\x00"), &read), ==,
                   RTMFP_MALFORMED);
  g_assert_cmpuint (read.stream_id, ==, 77);
  /* reserved bits, and what comes behind, are ignored */
  g_assert_cmpint (rtmfp_tc_metadata_read (BYTES ("TC\xfe\x07more"), &read), ==, RTMFP_OK);
  g_assert_cmpuint (read.stream_id, ==, 7);
  g_assert_false (read.network_arrival);
}

static void
test_header (void) {
  RtmfpBuffer out = {0};
  rtmfp_rtmp_header_write (&out, RTMFP_RTMP_AUDIO, 0xfffffffe);
  g_assert_cmpmem (out.data, out.size, "\x08\xff\xff\xff\xfe", 5);
  RtmfpRtmpMessage message = {0};
  for (size_t size = 0; size < 5; size++) {
    g_assert_cmpint (rtmfp_rtmp_message_read (rtmfp_bytes (out.data, size), &message), ==,
                     RTMFP_TRUNCATED);
  }
  g_assert_cmpint (rtmfp_rtmp_message_read (rtmfp_bytes (out.data, 5), &message), ==, RTMFP_OK);
  g_assert_cmpuint (message.payload.size, ==, 0);
  rtmfp_buffer_append (&out, BYTES ("xy"));
  g_assert_cmpint (rtmfp_rtmp_message_read (rtmfp_buffer_bytes (&out), &message), ==, RTMFP_OK);
  g_assert_cmpuint (message.type, ==, 8);
  g_assert_cmpuint (message.timestamp_ms, ==, 0xfffffffe);
  g_assert_cmpmem (message.payload.data, message.payload.size, "xy", 2);
  rtmfp_buffer_clear (&out);
  for (uint8_t type = 0; type < 30; type++) {
    g_assert_cmpint (rtmfp_rtmp_is_chunk_control (type), ==,
                     type == 1 || type == 2 || type == 3 || type == 5 || type == 6);
  }
}

static void
check_control (uint16_t event, uint32_t first, uint32_t second, RtmfpBytes bytes) {
  RtmfpBuffer out = {0};
  const RtmfpUserControl control = {event, first, second};
  rtmfp_user_control_write (&out, &control);
  g_assert_cmpmem (out.data, out.size, bytes.data, bytes.size);
  RtmfpUserControl read = {99, 99, 99};
  for (size_t size = 0; size < out.size - 5; size++) {
    g_assert_cmpint (rtmfp_user_control_read (rtmfp_bytes (out.data + 5, size), &read), ==,
                     RTMFP_TRUNCATED);
  }
  g_assert_cmpuint (read.event, ==, 99);
  const RtmfpBytes payload = rtmfp_bytes (out.data + 5, out.size - 5);
  g_assert_cmpint (rtmfp_user_control_read (payload, &read), ==, RTMFP_OK);
  g_assert_cmpuint (read.event, ==, event);
  g_assert_cmpuint (read.first, ==, first);
  g_assert_cmpuint (read.second, ==, second);
  rtmfp_buffer_clear (&out);
}

static void
test_user_control (void) {
  check_control (RTMFP_RTMP_STREAM_BEGIN, 5, 0, BYTES ("\x04\0\0\0\0\0\0\0\0\0\x05"));
  check_control (RTMFP_RTMP_STREAM_EOF, 5, 0, BYTES ("\x04\0\0\0\0\0\x01\0\0\0\x05"));
  check_control (RTMFP_RTMP_SET_BUFFER_LENGTH, 5, 3000,
                 BYTES ("\x04\0\0\0\0\0\x03\0\0\0\x05\0\0\x0b\xb8"));
  check_control (RTMFP_RTMP_FLOW_SYNC, 8, 2, BYTES ("\x04\0\0\0\0\0\x22\0\0\0\x08\0\0\0\x02"));
  check_control (RTMFP_RTMP_SET_KEEPALIVE, 10000, 20000,
                 BYTES ("\x04\0\0\0\0\0\x29\0\0\x27\x10\0\0\x4e\x20"));
}

static void
test_user_control_rejects (void) {
  RtmfpUserControl read = {99, 99, 99};
  g_assert_cmpint (rtmfp_user_control_read (BYTES ("\0\x22\0\0\0\x08\0\0\0\0"), &read), ==,
                   RTMFP_MALFORMED);
  g_assert_cmpint (rtmfp_user_control_read (BYTES ("\0\x05\0\0\0\x08"), &read), ==,
                   RTMFP_UNSUPPORTED);
  g_assert_cmpint (rtmfp_user_control_read (BYTES ("\xff\xff"), &read), ==, RTMFP_UNSUPPORTED);
  g_assert_cmpuint (read.event, ==, 99);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rtmp/metadata/vectors", test_metadata);
  g_test_add_func ("/rtmp/metadata/rejects", test_metadata_rejects);
  g_test_add_func ("/rtmp/message/header", test_header);
  g_test_add_func ("/rtmp/user-control/vectors", test_user_control);
  g_test_add_func ("/rtmp/user-control/rejects", test_user_control_rejects);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7016 s2.2.4, s2.3, s2.3.9, s2.3.10, s2.3.17, s2.3.18. */
#include "core/wire/control-chunk.h"
#include "core/wire/packet.h"
#include "tests/wire/cut.h"

static RtmfpStatus
write_header (RtmfpWriter *writer, const void *what) {
  return rtmfp_write_packet_header (writer, what);
}

static void
test_header_both_ways (void) {
  for (unsigned flags = 0; flags < 256; flags++) {
    uint8_t bytes[5] = {(uint8_t)flags, 0x12, 0x34, 0x56, 0x78};
    RtmfpReader reader = rtmfp_reader (bytes, sizeof bytes);
    RtmfpPacketHeader header;
    RtmfpStatus status = rtmfp_read_packet_header (&reader, &header);
    g_assert_cmpint (status, ==, (flags & 3) == 0 ? RTMFP_MALFORMED : RTMFP_OK);
    if (status != RTMFP_OK) {
      continue;
    }
    g_assert_cmpuint (header.time_critical, ==, (flags & 0x80) != 0);
    g_assert_cmpuint (header.time_critical_reverse, ==, (flags & 0x40) != 0);
    g_assert_cmpuint (header.has_timestamp, ==, (flags & 8) != 0);
    g_assert_cmpuint (header.has_timestamp_echo, ==, (flags & 4) != 0);
    if (header.has_timestamp) {
      g_assert_cmphex (header.timestamp, ==, 0x1234);
    }
    if (header.has_timestamp_echo) {
      g_assert_cmphex (header.timestamp_echo, ==, header.has_timestamp ? 0x5678 : 0x1234);
    }
    size_t size = sizeof bytes - rtmfp_reader_left (&reader);
    g_assert_cmpuint (rtmfp_packet_header_size (&header), ==, size);
    for (size_t cut = 0; cut < size; cut++) {
      reader = rtmfp_reader (bytes, cut);
      g_assert_cmpint (rtmfp_read_packet_header (&reader, &header), ==, RTMFP_TRUNCATED);
    }
    bytes[0] &= 0xcf; /* reserved bits are sent as zero */
    char *expected = test_to_hex (rtmfp_bytes (bytes, size));
    test_write_at_each_room (expected, write_header, &header);
    g_free (expected);
  }
}

static void
test_chunks_until_padding (void) {
  RtmfpBuffer input = test_hex ("01 0002 6162 0c 0000 ff ffff ff");
  RtmfpReader reader = rtmfp_reader (input.data, input.size);
  RtmfpChunk chunk;
  g_assert_true (rtmfp_read_chunk (&reader, &chunk));
  g_assert_cmphex (chunk.type, ==, RTMFP_CHUNK_PING);
  test_assert_hex (chunk.payload, "6162");
  g_assert_true (rtmfp_read_chunk (&reader, &chunk));
  g_assert_cmphex (chunk.type, ==, RTMFP_CHUNK_CLOSE);
  g_assert_cmpuint (chunk.payload.size, ==, 0);
  g_assert_false (rtmfp_read_chunk (&reader, &chunk));
  g_assert_cmpuint (rtmfp_reader_left (&reader), ==, 0);
  g_assert_false (rtmfp_read_chunk (&reader, &chunk));
  for (size_t cut = 5; cut < 8; cut++) {
    reader = rtmfp_reader (input.data, cut);
    g_assert_true (rtmfp_read_chunk (&reader, &chunk));
    g_assert_false (rtmfp_read_chunk (&reader, &chunk));
  }
  for (size_t cut = 0; cut < 5; cut++) {
    reader = rtmfp_reader (input.data, cut);
    g_assert_false (rtmfp_read_chunk (&reader, &chunk));
  }
  rtmfp_buffer_clear (&input);
}

static void
test_modes (void) {
  static const uint8_t startup[] = {0x30, 0x70, 0x71, 0x79, 0x38, 0x78};
  static const uint8_t session[] = {0x0f, 0x01, 0x41, 0x10, 0x11, 0x50,
                                    0x51, 0x18, 0x5e, 0x0c, 0x4c, 0xec};
  int allowed = 0;
  for (size_t i = 0; i < sizeof startup; i++) {
    g_assert_true (rtmfp_chunk_is_allowed (startup[i], RTMFP_MODE_STARTUP));
    g_assert_false (rtmfp_chunk_is_allowed (startup[i], RTMFP_MODE_INITIATOR));
    g_assert_false (rtmfp_chunk_is_allowed (startup[i], RTMFP_MODE_RESPONDER));
  }
  for (size_t i = 0; i < sizeof session; i++) {
    g_assert_false (rtmfp_chunk_is_allowed (session[i], RTMFP_MODE_STARTUP));
    g_assert_true (rtmfp_chunk_is_allowed (session[i], RTMFP_MODE_INITIATOR));
    g_assert_true (rtmfp_chunk_is_allowed (session[i], RTMFP_MODE_RESPONDER));
  }
  for (unsigned type = 0; type < 256; type++) {
    g_assert_false (rtmfp_chunk_is_allowed ((uint8_t)type, RTMFP_MODE_FORBIDDEN));
    allowed += rtmfp_chunk_is_allowed ((uint8_t)type, RTMFP_MODE_STARTUP);
  }
  g_assert_cmpint (allowed, ==, sizeof startup + 3); /* fragments and two paddings */
}

static RtmfpStatus
write_all_controls (RtmfpWriter *writer, const void *what) {
  (void)what;
  RtmfpWriter start = *writer;
  RtmfpStatus status = rtmfp_write_ping (writer, rtmfp_bytes ("ab", 2));
  if (status == RTMFP_OK) {
    status = rtmfp_write_ping_reply (writer, rtmfp_bytes ("c", 1));
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_close (writer);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_close_ack (writer);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_write_ecn_report (writer, 0xa5);
  }
  if (status != RTMFP_OK) {
    *writer = start;
  }
  return status;
}

static void
test_writes_control_chunks (void) {
  test_write_at_each_room ("0100026162 41000163 0c0000 4c0000 ec0001a5", write_all_controls, NULL);
  uint8_t count = 0;
  g_assert_cmpint (rtmfp_read_ecn_report (rtmfp_bytes ("\xa5", 1), &count), ==, RTMFP_OK);
  g_assert_cmphex (count, ==, 0xa5);
  g_assert_cmpint (rtmfp_read_ecn_report (rtmfp_bytes (NULL, 0), &count), ==, RTMFP_TRUNCATED);
}

static void
test_padding_fills_exactly (void) {
  for (size_t size = 0; size <= 64; size++) {
    uint8_t space[64];
    RtmfpWriter writer = rtmfp_writer (space, size);
    g_assert_cmpint (rtmfp_write_padding (&writer, size + 1), ==, RTMFP_TRUNCATED);
    g_assert_cmpint (rtmfp_write_padding (&writer, size), ==, RTMFP_OK);
    g_assert_cmpuint (rtmfp_writer_size (&writer), ==, size);
    RtmfpReader reader = rtmfp_reader (space, size);
    RtmfpChunk chunk;
    while (rtmfp_read_chunk (&reader, &chunk)) {
      g_assert_cmphex (chunk.type, ==, RTMFP_CHUNK_PADDING_ZERO);
    }
  }
}

static void
test_refuses_too_long_a_payload (void) {
  static uint8_t payload[RTMFP_CHUNK_PAYLOAD_BYTES_MAX + 1];
  static uint8_t space[RTMFP_CHUNK_PAYLOAD_BYTES_MAX + 10];
  RtmfpWriter writer = rtmfp_writer (space, sizeof space);
  g_assert_cmpint (rtmfp_write_ping (&writer, rtmfp_bytes (payload, sizeof payload)), ==,
                   RTMFP_TRUNCATED);
  g_assert_cmpuint (rtmfp_writer_size (&writer), ==, 0);
  g_assert_cmpint (rtmfp_write_ping (&writer, rtmfp_bytes (payload, sizeof payload - 1)), ==,
                   RTMFP_OK);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/packet/header-both-ways-with-all-flags", test_header_both_ways);
  g_test_add_func ("/wire/packet/chunks-until-padding", test_chunks_until_padding);
  g_test_add_func ("/wire/packet/modes-decide-which-chunks-count", test_modes);
  g_test_add_func ("/wire/packet/writes-control-chunks", test_writes_control_chunks);
  g_test_add_func ("/wire/packet/padding-fills-exactly", test_padding_fills_exactly);
  g_test_add_func ("/wire/packet/refuses-too-long-a-payload", test_refuses_too_long_a_payload);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One chunk: its type in the first byte, its payload behind. What was read can be written, and what
 * was written reads and writes the same. */
#include "core/wire/ack-chunk.h"
#include "core/wire/control-chunk.h"
#include "core/wire/data-chunk.h"
#include "core/wire/packet.h"
#include "core/wire/startup-chunk.h"
#include "tests/fuzz/target.h"

enum { PAYLOAD_BYTES_MAX = 60000, RANGES_MAX = 1000 };

#define REWRITE(name, type)                                                                        \
  static RtmfpStatus rewrite_##name (RtmfpBytes payload, RtmfpWriter *writer) {                    \
    type what;                                                                                     \
    RtmfpStatus status = rtmfp_read_##name (payload, &what);                                       \
    return status == RTMFP_OK ? rtmfp_write_##name (writer, &what) : status;                       \
  }

REWRITE (packet_fragment, RtmfpPacketFragment)
REWRITE (initiator_hello, RtmfpInitiatorHello)
REWRITE (forwarded_hello, RtmfpForwardedHello)
REWRITE (responder_hello, RtmfpResponderHello)
REWRITE (redirect, RtmfpRedirect)
REWRITE (cookie_change, RtmfpCookieChange)
REWRITE (initiator_keying, RtmfpInitiatorKeying)
REWRITE (responder_keying, RtmfpResponderKeying)

static RtmfpStatus
rewrite_user_data (RtmfpBytes payload, RtmfpWriter *writer) {
  RtmfpUserData data;
  RtmfpStatus status = rtmfp_read_user_data (payload, &data);
  if (status != RTMFP_OK) {
    return status;
  }
  FUZZ_ASSERT (data.sequence_number > 0);
  FUZZ_ASSERT (data.forward_sequence_number < data.sequence_number ||
               (data.abandon && data.forward_sequence_number == data.sequence_number));
  FUZZ_ASSERT (!data.abandon || data.data.size == 0);
  status = rtmfp_write_user_data (writer, &data);
  FUZZ_ASSERT (rtmfp_writer_size (writer) ==
               rtmfp_user_data_overhead (&data, false) + data.data.size);
  return status;
}

static RtmfpStatus
rewrite_next_user_data (RtmfpBytes payload, RtmfpWriter *writer) {
  const RtmfpUserData previous = {.flow_id = 3, .sequence_number = 9, .forward_sequence_number = 4};
  RtmfpUserData data;
  RtmfpStatus status = rtmfp_read_next_user_data (payload, &previous, &data);
  if (status != RTMFP_OK) {
    return status;
  }
  FUZZ_ASSERT (rtmfp_user_data_is_next (&data, &previous));
  return rtmfp_write_next_user_data (writer, &data);
}

static RtmfpStatus
rewrite_ack (RtmfpBytes payload, RtmfpWriter *writer, bool is_bitmap) {
  static RtmfpRange ranges[RANGES_MAX];
  RtmfpAck ack;
  RtmfpStatus status =
      is_bitmap ? rtmfp_read_ack_bitmap (payload, &ack) : rtmfp_read_ack_ranges (payload, &ack);
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpAckContent content = {.flow_id = ack.flow_id,
                             .buffer_bytes_available = ack.buffer_bytes_available,
                             .cumulative_ack = ack.cumulative_ack,
                             .ranges = ranges};
  uint64_t before = ack.cumulative_ack;
  RtmfpRange range;
  while (rtmfp_ack_next_range (&ack, &range)) {
    FUZZ_ASSERT (range.first > before && range.first - before >= 2 && range.last >= range.first);
    before = range.last;
    if (content.range_count < RANGES_MAX) {
      ranges[content.range_count++] = range;
    }
  }
  if (is_bitmap) {
    return rtmfp_write_ack_bitmap (writer, &content);
  }
  size_t written = 0;
  status = rtmfp_write_ack_ranges (writer, &content, &written);
  FUZZ_ASSERT (written == content.range_count);
  FUZZ_ASSERT (rtmfp_writer_size (writer) == rtmfp_ack_ranges_size (&content));
  return status;
}

static RtmfpStatus
rewrite_numbers (uint8_t type, RtmfpBytes payload, RtmfpWriter *writer) {
  uint64_t flow_id, code;
  uint8_t count;
  RtmfpStatus status;
  switch (type) {
  case RTMFP_CHUNK_BUFFER_PROBE:
    status = rtmfp_read_buffer_probe (payload, &flow_id);
    return status == RTMFP_OK ? rtmfp_write_buffer_probe (writer, flow_id) : status;
  case RTMFP_CHUNK_FLOW_EXCEPTION:
    status = rtmfp_read_flow_exception (payload, &flow_id, &code);
    return status == RTMFP_OK ? rtmfp_write_flow_exception (writer, flow_id, code) : status;
  default:
    status = rtmfp_read_ecn_report (payload, &count);
    return status == RTMFP_OK ? rtmfp_write_ecn_report (writer, count) : status;
  }
}

static RtmfpStatus
rewrite (uint8_t type, RtmfpBytes payload, RtmfpWriter *writer) {
  switch (type) {
  case RTMFP_CHUNK_FRAGMENT:
    return rewrite_packet_fragment (payload, writer);
  case RTMFP_CHUNK_INITIATOR_HELLO:
    return rewrite_initiator_hello (payload, writer);
  case RTMFP_CHUNK_FORWARDED_HELLO:
    return rewrite_forwarded_hello (payload, writer);
  case RTMFP_CHUNK_RESPONDER_HELLO:
    return rewrite_responder_hello (payload, writer);
  case RTMFP_CHUNK_REDIRECT:
    return rewrite_redirect (payload, writer);
  case RTMFP_CHUNK_COOKIE_CHANGE:
    return rewrite_cookie_change (payload, writer);
  case RTMFP_CHUNK_INITIATOR_KEYING:
    return rewrite_initiator_keying (payload, writer);
  case RTMFP_CHUNK_RESPONDER_KEYING:
    return rewrite_responder_keying (payload, writer);
  case RTMFP_CHUNK_USER_DATA:
    return rewrite_user_data (payload, writer);
  case RTMFP_CHUNK_NEXT_USER_DATA:
    return rewrite_next_user_data (payload, writer);
  case RTMFP_CHUNK_ACK_RANGES:
  case RTMFP_CHUNK_ACK_BITMAP:
    return rewrite_ack (payload, writer, type == RTMFP_CHUNK_ACK_BITMAP);
  case RTMFP_CHUNK_BUFFER_PROBE:
  case RTMFP_CHUNK_FLOW_EXCEPTION:
  case RTMFP_CHUNK_ECN_REPORT:
    return rewrite_numbers (type, payload, writer);
  default:
    return rtmfp_write_chunk (writer, type, payload);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  static uint8_t first[65536], second[65536];
  if (size == 0 || size > PAYLOAD_BYTES_MAX) {
    return 0;
  }
  RtmfpWriter writer = rtmfp_writer (first, sizeof first);
  if (rewrite (data[0], rtmfp_bytes (data + 1, size - 1), &writer) != RTMFP_OK) {
    return 0;
  }
  RtmfpReader reader = rtmfp_reader (first, rtmfp_writer_size (&writer));
  RtmfpChunk chunk;
  FUZZ_ASSERT (rtmfp_read_chunk (&reader, &chunk) && chunk.type == data[0]);
  FUZZ_ASSERT (rtmfp_reader_left (&reader) == 0);
  RtmfpWriter again = rtmfp_writer (second, sizeof second);
  FUZZ_ASSERT (rewrite (chunk.type, chunk.payload, &again) == RTMFP_OK);
  FUZZ_ASSERT (rtmfp_bytes_equal (rtmfp_bytes (first, rtmfp_writer_size (&writer)),
                                  rtmfp_bytes (second, rtmfp_writer_size (&again))));
  return 0;
}

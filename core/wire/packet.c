/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/packet.h"

#include <string.h>

enum {
  FLAG_TIME_CRITICAL = 0x80,
  FLAG_TIME_CRITICAL_REVERSE = 0x40,
  FLAG_TIMESTAMP = 0x08,
  FLAG_TIMESTAMP_ECHO = 0x04,
  MODE_MASK = 0x03,
};

RtmfpStatus
rtmfp_read_packet_header (RtmfpReader *reader, RtmfpPacketHeader *header) {
  RtmfpReader ahead = *reader;
  uint8_t flags;
  RtmfpStatus status = rtmfp_reader_u8 (&ahead, &flags);
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpPacketHeader result = {
      .mode = (RtmfpMode)(flags & MODE_MASK),
      .time_critical = (flags & FLAG_TIME_CRITICAL) != 0,
      .time_critical_reverse = (flags & FLAG_TIME_CRITICAL_REVERSE) != 0,
      .has_timestamp = (flags & FLAG_TIMESTAMP) != 0,
      .has_timestamp_echo = (flags & FLAG_TIMESTAMP_ECHO) != 0,
  };
  if (result.mode == RTMFP_MODE_FORBIDDEN) {
    return RTMFP_MALFORMED;
  }
  if (result.has_timestamp) {
    status = rtmfp_reader_u16 (&ahead, &result.timestamp);
  }
  if (status == RTMFP_OK && result.has_timestamp_echo) {
    status = rtmfp_reader_u16 (&ahead, &result.timestamp_echo);
  }
  if (status == RTMFP_OK) {
    *header = result;
    *reader = ahead;
  }
  return status;
}

size_t
rtmfp_packet_header_size (const RtmfpPacketHeader *header) {
  return 1u + (header->has_timestamp ? 2u : 0u) + (header->has_timestamp_echo ? 2u : 0u);
}

RtmfpStatus
rtmfp_write_packet_header (RtmfpWriter *writer, const RtmfpPacketHeader *header) {
  if (rtmfp_writer_room (writer) < rtmfp_packet_header_size (header)) {
    return RTMFP_TRUNCATED;
  }
  unsigned flags = (unsigned)header->mode & MODE_MASK;
  flags |= header->time_critical ? FLAG_TIME_CRITICAL : 0;
  flags |= header->time_critical_reverse ? FLAG_TIME_CRITICAL_REVERSE : 0;
  flags |= header->has_timestamp ? FLAG_TIMESTAMP : 0;
  flags |= header->has_timestamp_echo ? FLAG_TIMESTAMP_ECHO : 0;
  RtmfpStatus status = rtmfp_writer_u8 (writer, (uint8_t)flags);
  if (status == RTMFP_OK && header->has_timestamp) {
    status = rtmfp_writer_u16 (writer, header->timestamp);
  }
  if (status == RTMFP_OK && header->has_timestamp_echo) {
    status = rtmfp_writer_u16 (writer, header->timestamp_echo);
  }
  return status;
}

bool
rtmfp_read_chunk (RtmfpReader *reader, RtmfpChunk *chunk) {
  uint8_t type;
  uint16_t size;
  RtmfpBytes payload;
  if (rtmfp_reader_u8 (reader, &type) != RTMFP_OK || rtmfp_reader_u16 (reader, &size) != RTMFP_OK ||
      rtmfp_reader_take (reader, size, &payload) != RTMFP_OK) {
    reader->at = reader->end;
    return false;
  }
  *chunk = (RtmfpChunk){.type = type, .payload = payload};
  return true;
}

bool
rtmfp_chunk_is_allowed (uint8_t type, RtmfpMode mode) {
  switch (type) {
  case RTMFP_CHUNK_INITIATOR_HELLO:
  case RTMFP_CHUNK_RESPONDER_HELLO:
  case RTMFP_CHUNK_REDIRECT:
  case RTMFP_CHUNK_COOKIE_CHANGE:
  case RTMFP_CHUNK_INITIATOR_KEYING:
  case RTMFP_CHUNK_RESPONDER_KEYING:
    return mode == RTMFP_MODE_STARTUP;
  case RTMFP_CHUNK_PING:
  case RTMFP_CHUNK_PING_REPLY:
  case RTMFP_CHUNK_CLOSE:
  case RTMFP_CHUNK_CLOSE_ACK:
  case RTMFP_CHUNK_FORWARDED_HELLO:
  case RTMFP_CHUNK_USER_DATA:
  case RTMFP_CHUNK_NEXT_USER_DATA:
  case RTMFP_CHUNK_BUFFER_PROBE:
  case RTMFP_CHUNK_ACK_BITMAP:
  case RTMFP_CHUNK_ACK_RANGES:
  case RTMFP_CHUNK_FLOW_EXCEPTION:
  case RTMFP_CHUNK_ECN_REPORT:
    return mode == RTMFP_MODE_INITIATOR || mode == RTMFP_MODE_RESPONDER;
  case RTMFP_CHUNK_FRAGMENT:
  case RTMFP_CHUNK_PADDING_ZERO:
  case RTMFP_CHUNK_PADDING_ONES:
    return mode != RTMFP_MODE_FORBIDDEN;
  default:
    return false;
  }
}

RtmfpStatus
rtmfp_begin_chunk (RtmfpWriter *writer, uint8_t type, uint8_t **mark) {
  *mark = NULL;
  if (rtmfp_writer_room (writer) < RTMFP_CHUNK_HEADER_BYTES) {
    return RTMFP_TRUNCATED;
  }
  *mark = writer->at;
  writer->at[0] = type;
  writer->at += RTMFP_CHUNK_HEADER_BYTES;
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_finish_chunk (RtmfpWriter *writer, uint8_t *mark, RtmfpStatus status) {
  if (mark == NULL) {
    return status;
  }
  size_t size = (size_t)(writer->at - mark) - RTMFP_CHUNK_HEADER_BYTES;
  if (status == RTMFP_OK && size > RTMFP_CHUNK_PAYLOAD_BYTES_MAX) {
    status = RTMFP_TRUNCATED;
  }
  if (status != RTMFP_OK) {
    writer->at = mark;
    return status;
  }
  mark[1] = (uint8_t)(size >> 8);
  mark[2] = (uint8_t)size;
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_write_chunk (RtmfpWriter *writer, uint8_t type, RtmfpBytes payload) {
  uint8_t *mark;
  RtmfpStatus status = rtmfp_begin_chunk (writer, type, &mark);
  if (status == RTMFP_OK) {
    status = rtmfp_writer_bytes (writer, payload);
  }
  return rtmfp_finish_chunk (writer, mark, status);
}

RtmfpStatus
rtmfp_write_padding (RtmfpWriter *writer, size_t size) {
  if (rtmfp_writer_room (writer) < size) {
    return RTMFP_TRUNCATED;
  }
  if (size < RTMFP_CHUNK_HEADER_BYTES) {
    memset (writer->at, 0xff, size);
    writer->at += size;
    return RTMFP_OK;
  }
  uint8_t *mark;
  RtmfpStatus status = rtmfp_begin_chunk (writer, RTMFP_CHUNK_PADDING_ZERO, &mark);
  if (status == RTMFP_OK) {
    memset (writer->at, 0, size - RTMFP_CHUNK_HEADER_BYTES);
    writer->at += size - RTMFP_CHUNK_HEADER_BYTES;
  }
  return rtmfp_finish_chunk (writer, mark, status);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/bytes.h"

#include <string.h>

bool
rtmfp_bytes_equal (RtmfpBytes a, RtmfpBytes b) {
  return a.size == b.size && (a.size == 0 || memcmp (a.data, b.data, a.size) == 0);
}

static RtmfpStatus
read_number (RtmfpReader *reader, size_t width, uint64_t *value) {
  if (rtmfp_reader_left (reader) < width) {
    return RTMFP_TRUNCATED;
  }
  uint64_t number = 0;
  for (size_t i = 0; i < width; i++) {
    number = number << 8 | reader->at[i];
  }
  reader->at += width;
  *value = number;
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_reader_u8 (RtmfpReader *reader, uint8_t *value) {
  if (reader->at == reader->end) {
    return RTMFP_TRUNCATED;
  }
  *value = *reader->at++;
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_reader_u16 (RtmfpReader *reader, uint16_t *value) {
  uint64_t number;
  RtmfpStatus status = read_number (reader, 2, &number);
  if (status == RTMFP_OK) {
    *value = (uint16_t)number;
  }
  return status;
}

RtmfpStatus
rtmfp_reader_u24 (RtmfpReader *reader, uint32_t *value) {
  uint64_t number;
  RtmfpStatus status = read_number (reader, 3, &number);
  if (status == RTMFP_OK) {
    *value = (uint32_t)number;
  }
  return status;
}

RtmfpStatus
rtmfp_reader_u32 (RtmfpReader *reader, uint32_t *value) {
  uint64_t number;
  RtmfpStatus status = read_number (reader, 4, &number);
  if (status == RTMFP_OK) {
    *value = (uint32_t)number;
  }
  return status;
}

RtmfpStatus
rtmfp_reader_u64 (RtmfpReader *reader, uint64_t *value) {
  return read_number (reader, 8, value);
}

RtmfpStatus
rtmfp_reader_take (RtmfpReader *reader, size_t size, RtmfpBytes *bytes) {
  if (rtmfp_reader_left (reader) < size) {
    return RTMFP_TRUNCATED;
  }
  *bytes = rtmfp_bytes (reader->at, size);
  reader->at += size;
  return RTMFP_OK;
}

RtmfpBytes
rtmfp_reader_rest (RtmfpReader *reader) {
  RtmfpBytes rest = rtmfp_bytes (reader->at, rtmfp_reader_left (reader));
  reader->at = reader->end;
  return rest;
}

static RtmfpStatus
write_number (RtmfpWriter *writer, size_t width, uint64_t value) {
  if (rtmfp_writer_room (writer) < width) {
    return RTMFP_TRUNCATED;
  }
  for (size_t i = width; i > 0; i--) {
    writer->at[i - 1] = (uint8_t)value;
    value >>= 8;
  }
  writer->at += width;
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_writer_u8 (RtmfpWriter *writer, uint8_t value) {
  return write_number (writer, 1, value);
}

RtmfpStatus
rtmfp_writer_u16 (RtmfpWriter *writer, uint16_t value) {
  return write_number (writer, 2, value);
}

RtmfpStatus
rtmfp_writer_u24 (RtmfpWriter *writer, uint32_t value) {
  return write_number (writer, 3, value);
}

RtmfpStatus
rtmfp_writer_u32 (RtmfpWriter *writer, uint32_t value) {
  return write_number (writer, 4, value);
}

RtmfpStatus
rtmfp_writer_u64 (RtmfpWriter *writer, uint64_t value) {
  return write_number (writer, 8, value);
}

RtmfpStatus
rtmfp_writer_bytes (RtmfpWriter *writer, RtmfpBytes bytes) {
  if (rtmfp_writer_room (writer) < bytes.size) {
    return RTMFP_TRUNCATED;
  }
  if (bytes.size > 0) {
    memcpy (writer->at, bytes.data, bytes.size);
    writer->at += bytes.size;
  }
  return RTMFP_OK;
}

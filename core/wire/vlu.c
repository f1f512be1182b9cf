/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/vlu.h"

#include "core/wire/params.h"

RtmfpStatus
rtmfp_read_vlu (RtmfpReader *reader, uint64_t *value) {
  uint64_t number = 0;
  const uint8_t *at = reader->at;
  for (int i = 0; i < RTMFP_VLU_BYTES_MAX; i++) {
    if (at == reader->end) {
      return RTMFP_TRUNCATED;
    }
    uint8_t byte = *at++;
    if (number >> 57 != 0) {
      return RTMFP_MALFORMED;
    }
    number = number << 7 | (byte & 0x7f);
    if ((byte & 0x80) == 0) {
      reader->at = at;
      *value = number;
      return RTMFP_OK;
    }
  }
  return RTMFP_MALFORMED;
}

RtmfpStatus
rtmfp_read_vlu_bytes (RtmfpReader *reader, RtmfpBytes *bytes) {
  RtmfpReader ahead = *reader;
  uint64_t size;
  RtmfpStatus status = rtmfp_read_vlu (&ahead, &size);
  if (status != RTMFP_OK) {
    return status;
  }
  if (size > rtmfp_reader_left (&ahead)) {
    return RTMFP_TRUNCATED;
  }
  *bytes = rtmfp_bytes (ahead.at, (size_t)size);
  ahead.at += size;
  *reader = ahead;
  return RTMFP_OK;
}

size_t
rtmfp_vlu_size (uint64_t value) {
  size_t size = 1;
  while (value >= 0x80) {
    value >>= 7;
    size++;
  }
  return size;
}

RtmfpStatus
rtmfp_write_vlu (RtmfpWriter *writer, uint64_t value) {
  size_t size = rtmfp_vlu_size (value);
  if (rtmfp_writer_room (writer) < size) {
    return RTMFP_TRUNCATED;
  }
  for (size_t i = size; i > 0; i--) {
    writer->at[i - 1] = (uint8_t)((value & 0x7f) | (i < size ? 0x80 : 0));
    value >>= 7;
  }
  writer->at += size;
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_write_vlu_bytes (RtmfpWriter *writer, RtmfpBytes bytes) {
  size_t prefix = rtmfp_vlu_size (bytes.size);
  size_t room = rtmfp_writer_room (writer);
  if (room < prefix || room - prefix < bytes.size) {
    return RTMFP_TRUNCATED;
  }
  RtmfpStatus status = rtmfp_write_vlu (writer, bytes.size);
  return status == RTMFP_OK ? rtmfp_writer_bytes (writer, bytes) : status;
}

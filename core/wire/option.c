/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/option.h"

#include "core/wire/vlu.h"

RtmfpStatus
rtmfp_read_option (RtmfpReader *reader, RtmfpOption *option) {
  RtmfpReader ahead = *reader;
  RtmfpBytes payload;
  RtmfpStatus status = rtmfp_read_vlu_bytes (&ahead, &payload);
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpOption result = {.is_marker = payload.size == 0};
  if (!result.is_marker) {
    RtmfpReader inside = rtmfp_reader (payload.data, payload.size);
    if (rtmfp_read_vlu (&inside, &result.type) != RTMFP_OK) {
      return RTMFP_MALFORMED;
    }
    result.value = rtmfp_reader_rest (&inside);
  }
  *option = result;
  *reader = ahead;
  return RTMFP_OK;
}

size_t
rtmfp_option_size (uint64_t type, size_t value_size) {
  size_t payload = rtmfp_vlu_size (type) + value_size;
  return rtmfp_vlu_size (payload) + payload;
}

RtmfpStatus
rtmfp_write_option (RtmfpWriter *writer, uint64_t type, RtmfpBytes value) {
  if (rtmfp_writer_room (writer) < rtmfp_option_size (type, value.size)) {
    return RTMFP_TRUNCATED;
  }
  RtmfpStatus status = rtmfp_write_vlu (writer, rtmfp_vlu_size (type) + value.size);
  if (status == RTMFP_OK) {
    status = rtmfp_write_vlu (writer, type);
  }
  return status == RTMFP_OK ? rtmfp_writer_bytes (writer, value) : status;
}

RtmfpStatus
rtmfp_write_option_vlu (RtmfpWriter *writer, uint64_t type, uint64_t value) {
  uint8_t space[RTMFP_VLU_SIZE_MAX];
  RtmfpWriter inside = rtmfp_writer (space, sizeof space);
  RtmfpStatus status = rtmfp_write_vlu (&inside, value);
  if (status != RTMFP_OK) {
    return status;
  }
  return rtmfp_write_option (writer, type, rtmfp_bytes (space, rtmfp_writer_size (&inside)));
}

RtmfpStatus
rtmfp_write_marker (RtmfpWriter *writer) {
  return rtmfp_writer_u8 (writer, 0);
}

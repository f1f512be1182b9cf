/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes the five bytes in front of each message, and flow metadata. RFC 7425 s5.1. */
#include "core/rtmp/message.h"

#include "core/rtmp/constants.h"
#include "core/wire/vlu.h"

#include <assert.h>

#define FLAG_STREAM_ID 0x04
#define FLAG_NETWORK_ARRIVAL 0x01

void
rtmfp_tc_metadata_write (RtmfpBuffer *out, const RtmfpTcMetadata *metadata) {
  assert (metadata->stream_id <= RTMFP_RTMP_STREAM_ID_MAX);
  rtmfp_buffer_append (out, rtmfp_bytes ("TC", 2));
  rtmfp_buffer_append_u8 (
      out, (uint8_t)(FLAG_STREAM_ID | (metadata->network_arrival ? FLAG_NETWORK_ARRIVAL : 0)));
  uint8_t vlu[RTMFP_VLU_SIZE_MAX];
  RtmfpWriter writer = rtmfp_writer (vlu, sizeof vlu);
  const RtmfpStatus status = rtmfp_write_vlu (&writer, metadata->stream_id);
  assert (status == RTMFP_OK);
  (void)status;
  rtmfp_buffer_append (out, rtmfp_bytes (vlu, rtmfp_writer_size (&writer)));
}

RtmfpStatus
rtmfp_tc_metadata_read (RtmfpBytes bytes, RtmfpTcMetadata *metadata) {
  RtmfpReader reader = rtmfp_reader (bytes.data, bytes.size);
  RtmfpBytes signature;
  uint8_t flags;
  RtmfpStatus status = rtmfp_reader_take (&reader, 2, &signature);
  if (status == RTMFP_OK && !rtmfp_bytes_equal (signature, rtmfp_bytes ("TC", 2))) {
    return RTMFP_UNSUPPORTED;
  }
  if (status == RTMFP_OK) {
    status = rtmfp_reader_u8 (&reader, &flags);
  }
  if (status != RTMFP_OK) {
    return status;
  }
  if ((flags & FLAG_STREAM_ID) == 0) {
    return RTMFP_UNSUPPORTED;
  }
  uint64_t stream_id;
  status = rtmfp_read_vlu (&reader, &stream_id);
  if (status != RTMFP_OK) {
    return status;
  }
  if (stream_id > RTMFP_RTMP_STREAM_ID_MAX) {
    return RTMFP_MALFORMED;
  }
  *metadata = (RtmfpTcMetadata){.stream_id = (uint32_t)stream_id,
                                .network_arrival = (flags & FLAG_NETWORK_ARRIVAL) != 0};
  return RTMFP_OK;
}

void
rtmfp_rtmp_header_write (RtmfpBuffer *out, uint8_t type, uint32_t timestamp_ms) {
  rtmfp_buffer_append_u8 (out, type);
  rtmfp_buffer_append_u32 (out, timestamp_ms);
}

RtmfpStatus
rtmfp_rtmp_message_read (RtmfpBytes bytes, RtmfpRtmpMessage *message) {
  RtmfpReader reader = rtmfp_reader (bytes.data, bytes.size);
  RtmfpRtmpMessage read;
  RtmfpStatus status = rtmfp_reader_u8 (&reader, &read.type);
  if (status == RTMFP_OK) {
    status = rtmfp_reader_u32 (&reader, &read.timestamp_ms);
  }
  if (status != RTMFP_OK) {
    return status;
  }
  read.payload = rtmfp_reader_rest (&reader);
  *message = read;
  return RTMFP_OK;
}

bool
rtmfp_rtmp_is_chunk_control (uint8_t type) {
  return type == RTMFP_RTMP_SET_CHUNK_SIZE || type == RTMFP_RTMP_ABORT ||
         type == RTMFP_RTMP_ACKNOWLEDGEMENT || type == RTMFP_RTMP_WINDOW_SIZE ||
         type == RTMFP_RTMP_SET_PEER_BANDWIDTH;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/control-chunk.h"

#include "core/wire/packet.h"

RtmfpStatus
rtmfp_write_ping (RtmfpWriter *writer, RtmfpBytes message) {
  return rtmfp_write_chunk (writer, RTMFP_CHUNK_PING, message);
}

RtmfpStatus
rtmfp_write_ping_reply (RtmfpWriter *writer, RtmfpBytes message_echo) {
  return rtmfp_write_chunk (writer, RTMFP_CHUNK_PING_REPLY, message_echo);
}

RtmfpStatus
rtmfp_write_close (RtmfpWriter *writer) {
  return rtmfp_write_chunk (writer, RTMFP_CHUNK_CLOSE, rtmfp_bytes (NULL, 0));
}

RtmfpStatus
rtmfp_write_close_ack (RtmfpWriter *writer) {
  return rtmfp_write_chunk (writer, RTMFP_CHUNK_CLOSE_ACK, rtmfp_bytes (NULL, 0));
}

RtmfpStatus
rtmfp_read_ecn_report (RtmfpBytes payload, uint8_t *ce_count) {
  RtmfpReader reader = rtmfp_reader (payload.data, payload.size);
  return rtmfp_reader_u8 (&reader, ce_count);
}

RtmfpStatus
rtmfp_write_ecn_report (RtmfpWriter *writer, uint8_t ce_count) {
  return rtmfp_write_chunk (writer, RTMFP_CHUNK_ECN_REPORT, rtmfp_bytes (&ce_count, 1));
}

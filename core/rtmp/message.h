/* SPDX-License-Identifier: Apache-2.0 */
/* RTMP messages in RTMFP flows, and the metadata of such flows. Source: RFC 7425 s5.1. */
#ifndef RTMFP_RTMP_MESSAGE_H
#define RTMFP_RTMP_MESSAGE_H

#include "core/base/buffer.h"
#include "core/base/bytes.h"

/* "TC", flags, stream id. RFC 7425 s5.1.1 */
typedef struct {
  uint32_t stream_id;   /* 0..RTMFP_RTMP_STREAM_ID_MAX; 0 = NetConnection */
  bool network_arrival; /* receive intent: true = as they arrive, false = as they were queued */
} RtmfpTcMetadata;

/* Appends 4 to 7 bytes. stream_id within its range (asserted). */
void rtmfp_tc_metadata_write (RtmfpBuffer *out, const RtmfpTcMetadata *metadata);

/* Reserved bits and anything behind the stream id are ignored.
 * Returns: OK; UNSUPPORTED (another signature, or no stream id: reject the flow); TRUNCATED;
 * MALFORMED (stream id beyond 24 bits). Source: RFC 7425 s5.1.1. */
RTMFP_MUST_USE RtmfpStatus rtmfp_tc_metadata_read (RtmfpBytes bytes, RtmfpTcMetadata *metadata);

typedef struct {
  uint8_t type;          /* RTMFP_RTMP_* */
  uint32_t timestamp_ms; /* wraps */
  RtmfpBytes payload;    /* (borrowed from the input) */
} RtmfpRtmpMessage;

#define RTMFP_RTMP_HEADER_SIZE 5

/* Appends type and timestamp; the payload is to follow. Source: RFC 7425 s5.1.2. */
void rtmfp_rtmp_header_write (RtmfpBuffer *out, uint8_t type, uint32_t timestamp_ms);

/* Returns: OK; TRUNCATED. Source: RFC 7425 s5.1.2. */
RTMFP_MUST_USE RtmfpStatus rtmfp_rtmp_message_read (RtmfpBytes bytes, RtmfpRtmpMessage *message);

/* Whether that type is a Protocol Control message of chunk streams, to be ignored. RFC 7425 s5.1 */
bool rtmfp_rtmp_is_chunk_control (uint8_t type);

#endif

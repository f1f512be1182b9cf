/* SPDX-License-Identifier: Apache-2.0 */
/* The chunks that a flow's receiver sends: both kinds of Data Acknowledgement and the Flow
 * Exception Report, RFC 7016 s2.3.13, s2.3.14 and s2.3.16. Writers write the whole chunk or
 * nothing. */
#ifndef RTMFP_WIRE_ACK_CHUNK_H
#define RTMFP_WIRE_ACK_CHUNK_H

#include "core/base/bytes.h"
#include "core/base/ranges.h"

/* A Data Acknowledgement that was read. What follows the cumulative number comes out of
 * rtmfp_ack_next_range(), the same way for both kinds. */
typedef struct {
  uint64_t flow_id;
  uint64_t buffer_bytes_available; /* blocks times 1024, saturated */
  uint64_t cumulative_ack;         /* 0 through this number was received */
  bool is_bitmap;
  RtmfpReader rest; /* inside: what rtmfp_ack_next_range has not looked at yet (borrowed) */
  uint64_t cursor;  /* inside */
} RtmfpAck;

/* Reads a payload of RTMFP_CHUNK_ACK_RANGES or RTMFP_CHUNK_ACK_BITMAP.
 * Returns: OK; TRUNCATED; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_ack_ranges (RtmfpBytes payload, RtmfpAck *ack);
RTMFP_MUST_USE RtmfpStatus rtmfp_read_ack_bitmap (RtmfpBytes payload, RtmfpAck *ack);

/* The next received range above cumulative_ack, ascending, with a gap before each. A range cut off
 * or beyond 64 bits ends the list, and what came before it counts (s2.3.14).
 * Returns: whether there was one. */
bool rtmfp_ack_next_range (RtmfpAck *ack, RtmfpRange *range);

/* What to acknowledge. */
typedef struct {
  uint64_t flow_id;
  uint64_t buffer_bytes_available; /* rounded up to 1024-byte blocks */
  uint64_t cumulative_ack;
  const RtmfpRange *
      ranges; /* (borrowed) ascending, gaps between them, first one's first >= cumulative_ack + 2 */
  size_t range_count;
} RtmfpAckContent;

/* Writes a Range Ack with as many ranges as fit. ranges_written out (may be NULL).
 * Returns: OK; TRUNCATED when not even the fixed part fits (nothing is written). */
RTMFP_MUST_USE RtmfpStatus rtmfp_write_ack_ranges (RtmfpWriter *writer,
                                                   const RtmfpAckContent *content,
                                                   size_t *ranges_written);
/* Writes a Bitmap Ack with as many bytes of the bit field as fit.
 * Returns: OK; TRUNCATED when not even the fixed part fits (nothing is written). */
RTMFP_MUST_USE RtmfpStatus rtmfp_write_ack_bitmap (RtmfpWriter *writer,
                                                   const RtmfpAckContent *content);

/* Bytes of the whole chunk with all ranges. */
size_t rtmfp_ack_ranges_size (const RtmfpAckContent *content);
size_t rtmfp_ack_bitmap_size (const RtmfpAckContent *content);

/* Flow Exception Report, s2.3.16. code: application defined; 0 when RTMFP itself rejects.
 * Returns: OK; TRUNCATED; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_flow_exception (RtmfpBytes payload, uint64_t *flow_id,
                                                      uint64_t *code);
RTMFP_MUST_USE RtmfpStatus rtmfp_write_flow_exception (RtmfpWriter *writer, uint64_t flow_id,
                                                       uint64_t code);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The plain packet: its header and the framing of its chunks, RFC 7016 s2.2.4 and s2.3. */
#ifndef RTMFP_WIRE_PACKET_H
#define RTMFP_WIRE_PACKET_H

#include "core/base/bytes.h"
#include "core/wire/constants.h"

#define RTMFP_PACKET_HEADER_BYTES_MAX 5

typedef struct {
  RtmfpMode mode;
  bool time_critical;         /* TC: this packet carries real-time user data */
  bool time_critical_reverse; /* TCR: the sender receives time critical data from others */
  bool has_timestamp;
  bool has_timestamp_echo;
  uint16_t timestamp;      /* 250 Hz ticks */
  uint16_t timestamp_echo; /* 250 Hz ticks */
} RtmfpPacketHeader;

/* Reads the header; the chunks follow in reader.
 * Returns: OK; TRUNCATED; MALFORMED (mode 0). */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_packet_header (RtmfpReader *reader,
                                                     RtmfpPacketHeader *header);

/* Bytes of the header: 1, 3 or 5. */
size_t rtmfp_packet_header_size (const RtmfpPacketHeader *header);

/* Returns: OK; TRUNCATED (nothing is written). */
RTMFP_MUST_USE RtmfpStatus rtmfp_write_packet_header (RtmfpWriter *writer,
                                                      const RtmfpPacketHeader *header);

typedef struct {
  uint8_t type;       /* RTMFP_CHUNK_* or unknown: to be ignored */
  RtmfpBytes payload; /* (borrowed, as long as the packet) */
} RtmfpChunk;

/* The next chunk of the packet. Returns: false when only padding is left, which is consumed. */
bool rtmfp_read_chunk (RtmfpReader *reader, RtmfpChunk *chunk);

/* Whether a chunk of this type counts in a packet of this mode: startup chunks in mode 3 only,
 * those of a session in modes 1 and 2 only. Packet fragments and padding count in all; unknown
 * types in none. The ECN report counts as one of a session. */
bool rtmfp_chunk_is_allowed (uint8_t type, RtmfpMode mode);

/* Begins a chunk: writes its type and room for its length. The writers of the single chunks use it;
 * so may a caller that makes a payload in place. mark out: for rtmfp_finish_chunk; NULL on failure.
 * Returns: OK; TRUNCATED (nothing is written). */
RTMFP_MUST_USE RtmfpStatus rtmfp_begin_chunk (RtmfpWriter *writer, uint8_t type, uint8_t **mark);

/* Ends a chunk that was begun. status in: of what was written since; when it is not OK, or the
 * payload is longer than RTMFP_CHUNK_PAYLOAD_BYTES_MAX, the chunk is taken back.
 * Returns: OK; status; TRUNCATED (too long). */
RTMFP_MUST_USE RtmfpStatus rtmfp_finish_chunk (RtmfpWriter *writer, uint8_t *mark,
                                               RtmfpStatus status);

/* Writes a chunk with a ready payload (Ping, Ping Reply, Close, Close Acknowledgement, padding).
 * Returns: OK; TRUNCATED (nothing is written, also when payload exceeds 65535 bytes). */
RTMFP_MUST_USE RtmfpStatus rtmfp_write_chunk (RtmfpWriter *writer, uint8_t type,
                                              RtmfpBytes payload);

/* Writes a padding chunk that takes exactly size bytes of the packet, with zeros. size 1 or 2 are
 * written as bytes 0xff, which a reader takes for the end of the chunks. Returns: OK; TRUNCATED. */
RTMFP_MUST_USE RtmfpStatus rtmfp_write_padding (RtmfpWriter *writer, size_t size);

#endif

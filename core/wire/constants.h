/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers of RTMFP's wire format, RFC 7016 s2. */
#ifndef RTMFP_WIRE_CONSTANTS_H
#define RTMFP_WIRE_CONSTANTS_H

/* Chunk types, RFC 7016 s2.3. */
enum {
  RTMFP_CHUNK_PADDING_ZERO = 0x00,
  RTMFP_CHUNK_PING = 0x01,
  RTMFP_CHUNK_CLOSE = 0x0c,
  RTMFP_CHUNK_FORWARDED_HELLO = 0x0f,
  RTMFP_CHUNK_USER_DATA = 0x10,
  RTMFP_CHUNK_NEXT_USER_DATA = 0x11,
  RTMFP_CHUNK_BUFFER_PROBE = 0x18,
  RTMFP_CHUNK_INITIATOR_HELLO = 0x30,
  RTMFP_CHUNK_INITIATOR_KEYING = 0x38,
  RTMFP_CHUNK_PING_REPLY = 0x41,
  RTMFP_CHUNK_CLOSE_ACK = 0x4c,
  RTMFP_CHUNK_ACK_BITMAP = 0x50,
  RTMFP_CHUNK_ACK_RANGES = 0x51,
  RTMFP_CHUNK_FLOW_EXCEPTION = 0x5e,
  RTMFP_CHUNK_RESPONDER_HELLO = 0x70,
  RTMFP_CHUNK_REDIRECT = 0x71,
  RTMFP_CHUNK_RESPONDER_KEYING = 0x78,
  RTMFP_CHUNK_COOKIE_CHANGE = 0x79,
  RTMFP_CHUNK_FRAGMENT = 0x7f,
  RTMFP_CHUNK_ECN_REPORT = 0xec, /* no part of RFC 7016: zenomt/rtmfp-cpp's experiment */
  RTMFP_CHUNK_PADDING_ONES = 0xff,
};

/* Packet modes, RFC 7016 s2.2.4. */
typedef enum {
  RTMFP_MODE_FORBIDDEN = 0,
  RTMFP_MODE_INITIATOR = 1, /* sent by the initiator of an open session */
  RTMFP_MODE_RESPONDER = 2, /* sent by the responder of an open session */
  RTMFP_MODE_STARTUP = 3,
} RtmfpMode;

/* One tick of the packet timestamps: 250 Hz, RFC 7016 s2.2.4. */
#define RTMFP_TIMESTAMP_TICK_US 4000

/* Bytes of a chunk's type and length, RFC 7016 s2.3. */
#define RTMFP_CHUNK_HEADER_BYTES 3
#define RTMFP_CHUNK_PAYLOAD_BYTES_MAX 65535

/* Bytes of the scrambled session id before the encrypted packet, RFC 7016 s2.2.2. */
#define RTMFP_SESSION_ID_BYTES 4
/* The startup pseudo-session, under the default session key. */
#define RTMFP_SESSION_ID_STARTUP 0u

/* Options of User Data, RFC 7016 s2.3.11.1. */
enum {
  RTMFP_FLOW_OPTION_METADATA = 0x00,
  RTMFP_FLOW_OPTION_ASSOCIATION = 0x0a,
  RTMFP_FLOW_OPTION_IGNORABLE_FROM = 0x2000, /* unknown types from here on are ignored */
};

/* The unit of bufAvail in acknowledgements, RFC 7016 s2.3.13. */
#define RTMFP_ACK_BLOCK_BYTES 1024

#endif

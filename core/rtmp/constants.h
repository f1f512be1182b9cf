/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of RTMP messages as RTMFP carries them. Source: RFC 7425 s5, RTMP 1.0 s5.4, s7.1. */
#ifndef RTMFP_RTMP_CONSTANTS_H
#define RTMFP_RTMP_CONSTANTS_H

/* Message types. 1, 2, 3, 5 and 6 belong to chunk streams: never sent, ignored. RFC 7425 s5.1 */
enum {
  RTMFP_RTMP_SET_CHUNK_SIZE = 1,
  RTMFP_RTMP_ABORT = 2,
  RTMFP_RTMP_ACKNOWLEDGEMENT = 3,
  RTMFP_RTMP_USER_CONTROL = 4,
  RTMFP_RTMP_WINDOW_SIZE = 5,
  RTMFP_RTMP_SET_PEER_BANDWIDTH = 6,
  RTMFP_RTMP_AUDIO = 8,
  RTMFP_RTMP_VIDEO = 9,
  RTMFP_RTMP_DATA_EXTENDED = 15,    /* AMF3: a format byte, then as type 18 */
  RTMFP_RTMP_COMMAND_EXTENDED = 17, /* AMF3: a format byte, then as type 20. RFC 7425 s5.3.3 */
  RTMFP_RTMP_DATA = 18,             /* AMF0 */
  RTMFP_RTMP_COMMAND = 20,          /* AMF0 */
  RTMFP_RTMP_AGGREGATE = 22,        /* several of a stream in one. RTMP 1.0 s7.1.6 */
};

/* Events of user control messages. RTMP 1.0 s7.1.7, RFC 7425 s5.2 and s5.3.4 */
enum {
  RTMFP_RTMP_STREAM_BEGIN = 0,
  RTMFP_RTMP_STREAM_EOF = 1,
  RTMFP_RTMP_STREAM_DRY = 2,
  RTMFP_RTMP_SET_BUFFER_LENGTH = 3,
  RTMFP_RTMP_STREAM_IS_RECORDED = 4,
  RTMFP_RTMP_PING_REQUEST = 6,
  RTMFP_RTMP_PING_RESPONSE = 7,
  RTMFP_RTMP_FLOW_SYNC = 34,
  RTMFP_RTMP_SET_KEEPALIVE = 41,
};

/* Stream ids have 24 bits. RFC 7425 s5.1 */
#define RTMFP_RTMP_STREAM_ID_MAX 0xffffffu

#endif

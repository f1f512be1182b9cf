/* SPDX-License-Identifier: Apache-2.0 */
/* User Control messages (type 4): stream begin and end, flow synchronisation, keepalive timers.
 * Source: RTMP 1.0 s7.1.7, RFC 7425 s5.2, s5.3.4. */
#ifndef RTMFP_RTMP_USER_CONTROL_H
#define RTMFP_RTMP_USER_CONTROL_H

#include "core/base/buffer.h"
#include "core/base/bytes.h"

/* first: stream id, ping time, sync id, or server keepalive (ms).
 * second: buffer length (ms), count of flows, or peer keepalive (ms); 0 for events that have none.
 */
typedef struct {
  uint16_t event; /* RTMFP_RTMP_STREAM_BEGIN ... */
  uint32_t first;
  uint32_t second;
} RtmfpUserControl;

/* Appends a whole message of type 4 with timestamp 0. */
void rtmfp_user_control_write (RtmfpBuffer *out, const RtmfpUserControl *control);

/* Reads the payload of such a message; bytes behind it are ignored.
 * Returns: OK; TRUNCATED; MALFORMED (a synchronisation of no flow); UNSUPPORTED (an event not
 * listed in constants.h: ignore it). */
RTMFP_MUST_USE RtmfpStatus rtmfp_user_control_read (RtmfpBytes payload, RtmfpUserControl *control);

#endif

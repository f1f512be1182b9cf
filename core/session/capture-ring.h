/* SPDX-License-Identifier: Apache-2.0 */
/* The bounded buffer behind a capture: what sessions and their endpoint write into it, and what the
 * host takes out. Nobody outside of session and endpoint includes this. */
#ifndef RTMFP_SESSION_CAPTURE_RING_H
#define RTMFP_SESSION_CAPTURE_RING_H

#include "core/session/capture.h"

typedef struct RtmfpCapture RtmfpCapture;

/* What was told of one session last, to tell what changes. */
typedef struct {
  RtmfpCaptureState state;
  RtmfpAddress address;
  int64_t srtt_us;
  uint64_t cwnd_bytes;
  uint64_t lost;
} RtmfpCaptureTold;

RtmfpCapture *rtmfp_capture_new (const RtmfpCaptureConfig *config);
void rtmfp_capture_free (RtmfpCapture *capture);
/* Events get this time from now on. */
void rtmfp_capture_set_time (RtmfpCapture *capture, int64_t now_us);
bool rtmfp_capture_exports_keys (const RtmfpCapture *capture);

/* A plain packet of session (0 = none), decoded into an event; packet.mode and what follows it are
 * filled in from the bytes. One to be sent is told before it is sealed: its size follows by
 * rtmfp_capture_set_datagram_bytes(). plain empty: a copy of a datagram that was told before. */
void rtmfp_capture_packet (RtmfpCapture *capture, RtmfpCaptureType type, RtmfpId session,
                           const RtmfpCapturePacket *packet, RtmfpBytes plain);
/* Of the last event, if that is a packet sent that the buffer took. */
void rtmfp_capture_set_datagram_bytes (RtmfpCapture *capture, size_t bytes);
/* Any other event; at_us, lost_before and chunks are filled in. */
void rtmfp_capture_add (RtmfpCapture *capture, const RtmfpCaptureEvent *event);

/* Returns: whether there was one; its chunks are borrowed until the next call. */
bool rtmfp_capture_poll (RtmfpCapture *capture, RtmfpCaptureEvent *event);

#endif

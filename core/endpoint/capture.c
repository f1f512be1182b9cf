/* SPDX-License-Identifier: Apache-2.0 */
/* A capture of what an endpoint sends, receives and drops: begun, told of, and polled. */
#include "core/endpoint/endpoint-state.h"

void
rtmfp_endpoint_start_capture (RtmfpEndpoint *endpoint, const RtmfpCaptureConfig *config) {
  const RtmfpCaptureConfig defaults = {0};
  rtmfp_endpoint_stop_capture (endpoint);
  endpoint->shared.capture = rtmfp_capture_new (config != NULL ? config : &defaults);
  rtmfp_capture_set_time (endpoint->shared.capture, endpoint->now_us);
  const RtmfpEntry *entry;
  uint32_t at = 0;
  while ((entry = rtmfp_endpoint_next_entry (endpoint, &at)) != NULL) {
    rtmfp_session_forget_told (entry->session);
    rtmfp_session_observe (entry->session);
  }
}

void
rtmfp_endpoint_stop_capture (RtmfpEndpoint *endpoint) {
  rtmfp_capture_free (endpoint->shared.capture);
  endpoint->shared.capture = NULL;
}

bool
rtmfp_endpoint_poll_capture (RtmfpEndpoint *endpoint, RtmfpCaptureEvent *event) {
  return endpoint->shared.capture != NULL && rtmfp_capture_poll (endpoint->shared.capture, event);
}

void
rtmfp_endpoint_capture_startup (RtmfpEndpoint *endpoint, RtmfpBytes plain, const RtmfpPath *from,
                                bool is_whole) {
  const RtmfpCapturePacket packet = {
      .address = from->address,
      .interface_id = from->interface_id,
      .datagram_bytes = is_whole ? 0 : (uint32_t)rtmfp_startup_datagram_size (plain.size),
  };
  rtmfp_capture_packet (endpoint->shared.capture, RTMFP_CAPTURE_PACKET_RECEIVED, 0, &packet, plain);
}

static RtmfpCaptureReason
reason_of (RtmfpStatus status) {
  switch (status) {
  case RTMFP_AUTH:
    return RTMFP_CAPTURE_NOT_AUTHENTIC;
  case RTMFP_STATE:
    return RTMFP_CAPTURE_REPEATED;
  case RTMFP_LIMIT:
  case RTMFP_FULL:
    return RTMFP_CAPTURE_LIMIT;
  case RTMFP_UNSUPPORTED:
    return RTMFP_CAPTURE_UNKNOWN_SESSION;
  default:
    return RTMFP_CAPTURE_MALFORMED;
  }
}

void
rtmfp_endpoint_capture_drop (RtmfpEndpoint *endpoint, RtmfpStatus status, size_t size,
                             const RtmfpPath *from, const RtmfpCounters *before) {
  const RtmfpCounters *now = &endpoint->shared.counters;
  RtmfpCaptureReason reason = reason_of (status);
  if (status == RTMFP_OK && now->dropped_rate_limited > before->dropped_rate_limited) {
    reason = RTMFP_CAPTURE_RATE_LIMITED;
  } else if (status == RTMFP_OK && now->rule_reject_hello > before->rule_reject_hello) {
    reason = RTMFP_CAPTURE_REFUSED;
  } else if (status == RTMFP_OK) {
    return;
  }
  const RtmfpCaptureEvent event = {.type = RTMFP_CAPTURE_PACKET_DROPPED,
                                   .reason = reason,
                                   .packet = {.address = from->address,
                                              .interface_id = from->interface_id,
                                              .datagram_bytes = (uint32_t)size}};
  rtmfp_capture_add (endpoint->shared.capture, &event);
}

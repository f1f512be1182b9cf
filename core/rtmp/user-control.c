/* SPDX-License-Identifier: Apache-2.0 */
/* Reads and writes User Control messages. RTMP 1.0 s7.1.7, RFC 7425 s5.2, s5.3.4. */
#include "core/rtmp/user-control.h"

#include "core/rtmp/constants.h"
#include "core/rtmp/message.h"

static bool
has_second (uint16_t event) {
  return event == RTMFP_RTMP_SET_BUFFER_LENGTH || event == RTMFP_RTMP_FLOW_SYNC ||
         event == RTMFP_RTMP_SET_KEEPALIVE;
}

static bool
is_known (uint16_t event) {
  return event <= RTMFP_RTMP_STREAM_IS_RECORDED || event == RTMFP_RTMP_PING_REQUEST ||
         event == RTMFP_RTMP_PING_RESPONSE || event == RTMFP_RTMP_FLOW_SYNC ||
         event == RTMFP_RTMP_SET_KEEPALIVE;
}

void
rtmfp_user_control_write (RtmfpBuffer *out, const RtmfpUserControl *control) {
  rtmfp_rtmp_header_write (out, RTMFP_RTMP_USER_CONTROL, 0);
  rtmfp_buffer_append_u16 (out, control->event);
  rtmfp_buffer_append_u32 (out, control->first);
  if (has_second (control->event)) {
    rtmfp_buffer_append_u32 (out, control->second);
  }
}

RtmfpStatus
rtmfp_user_control_read (RtmfpBytes payload, RtmfpUserControl *control) {
  RtmfpReader reader = rtmfp_reader (payload.data, payload.size);
  RtmfpUserControl read = {0};
  RtmfpStatus status = rtmfp_reader_u16 (&reader, &read.event);
  if (status == RTMFP_OK && !is_known (read.event)) {
    return RTMFP_UNSUPPORTED;
  }
  if (status == RTMFP_OK) {
    status = rtmfp_reader_u32 (&reader, &read.first);
  }
  if (status == RTMFP_OK && has_second (read.event)) {
    status = rtmfp_reader_u32 (&reader, &read.second);
  }
  if (status != RTMFP_OK) {
    return status;
  }
  if (read.event == RTMFP_RTMP_FLOW_SYNC && read.second == 0) {
    return RTMFP_MALFORMED;
  }
  *control = read;
  return RTMFP_OK;
}

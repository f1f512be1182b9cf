/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flow metadata, user control messages, and a run of barriers: eight bytes a synchronisation. */
#include "core/rtmp/constants.h"
#include "core/rtmp/flow-sync.h"
#include "core/rtmp/message.h"
#include "core/rtmp/user-control.h"
#include "tests/fuzz/target.h"

static void
check_metadata (RtmfpBytes bytes) {
  RtmfpTcMetadata metadata, again;
  RtmfpBuffer out = {0};
  if (rtmfp_tc_metadata_read (bytes, &metadata) == RTMFP_OK) {
    rtmfp_tc_metadata_write (&out, &metadata);
    FUZZ_ASSERT (rtmfp_tc_metadata_read (rtmfp_buffer_bytes (&out), &again) == RTMFP_OK);
    FUZZ_ASSERT (again.stream_id == metadata.stream_id);
    FUZZ_ASSERT (again.network_arrival == metadata.network_arrival);
  }
  rtmfp_buffer_clear (&out);
}

static void
check_control (RtmfpBytes bytes) {
  RtmfpUserControl control, again;
  RtmfpBuffer out = {0};
  if (rtmfp_user_control_read (bytes, &control) == RTMFP_OK) {
    rtmfp_user_control_write (&out, &control);
    const RtmfpBytes payload =
        rtmfp_bytes (out.data + RTMFP_RTMP_HEADER_SIZE, out.size - RTMFP_RTMP_HEADER_SIZE);
    FUZZ_ASSERT (rtmfp_user_control_read (payload, &again) == RTMFP_OK);
    FUZZ_ASSERT (again.event == control.event && again.first == control.first &&
                 again.second == control.second);
  }
  rtmfp_buffer_clear (&out);
}

static void
run_barriers (const uint8_t *data, size_t size) {
  RtmfpFlowSync sync = {0};
  for (; size >= 4; data += 4, size -= 4) {
    RtmfpId released[RTMFP_SYNC_FLOWS_MAX];
    size_t count = 0;
    const RtmfpId flow = data[1] % 40 + 1;
    const bool waited = rtmfp_flow_sync_is_waiting (&sync, flow);
    const RtmfpStatus status = rtmfp_flow_sync_arrive (&sync, data[0] % 3, flow, data[2] % 20,
                                                       data[3] % 40, released, &count);
    FUZZ_ASSERT (count == 0 || (status == RTMFP_OK && count == data[3] % 40));
    FUZZ_ASSERT (status != RTMFP_OK || count > 0 || rtmfp_flow_sync_is_waiting (&sync, flow));
    FUZZ_ASSERT (status == RTMFP_OK || waited == rtmfp_flow_sync_is_waiting (&sync, flow));
    if (data[0] >= 250) {
      rtmfp_flow_sync_forget (&sync, data[0] % 3);
    }
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  check_metadata (rtmfp_bytes (data, size));
  check_control (rtmfp_bytes (data, size));
  run_barriers (data, size);
  return 0;
}

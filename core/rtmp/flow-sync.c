/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the open barriers of one session. RFC 7425 s5.2. */
#include "core/rtmp/flow-sync.h"

#include <string.h>

static RtmfpBarrier *
find (RtmfpFlowSync *sync, uint64_t tree, uint32_t sync_id) {
  for (size_t i = 0; i < RTMFP_SYNC_BARRIERS_MAX; i++) {
    RtmfpBarrier *barrier = &sync->barriers[i];
    if (barrier->count > 0 && barrier->tree == tree && barrier->sync_id == sync_id) {
      return barrier;
    }
  }
  return NULL;
}

static RtmfpBarrier *
find_free (RtmfpFlowSync *sync) {
  for (size_t i = 0; i < RTMFP_SYNC_BARRIERS_MAX; i++) {
    if (sync->barriers[i].count == 0) {
      return &sync->barriers[i];
    }
  }
  return NULL;
}

static bool
holds (const RtmfpBarrier *barrier, RtmfpId flow) {
  for (uint32_t i = 0; i < barrier->arrived; i++) {
    if (barrier->flows[i] == flow) {
      return true;
    }
  }
  return false;
}

RtmfpStatus
rtmfp_flow_sync_arrive (RtmfpFlowSync *sync, uint64_t tree, RtmfpId flow, uint32_t sync_id,
                        uint32_t count, RtmfpId released[RTMFP_SYNC_FLOWS_MAX],
                        size_t *released_count) {
  if (count == 0) {
    return RTMFP_MALFORMED;
  }
  if (count > RTMFP_SYNC_FLOWS_MAX) {
    return RTMFP_LIMIT;
  }
  RtmfpBarrier *barrier = find (sync, tree, sync_id);
  if (barrier == NULL) {
    barrier = find_free (sync);
    if (barrier == NULL) {
      return RTMFP_LIMIT;
    }
    *barrier = (RtmfpBarrier){.tree = tree, .sync_id = sync_id, .count = count};
  }
  if (barrier->count != count || holds (barrier, flow)) {
    return RTMFP_MALFORMED;
  }
  barrier->flows[barrier->arrived++] = flow;
  *released_count = 0;
  if (barrier->arrived == barrier->count) {
    memcpy (released, barrier->flows, barrier->arrived * sizeof *released);
    *released_count = barrier->arrived;
    *barrier = (RtmfpBarrier){0};
  }
  return RTMFP_OK;
}

bool
rtmfp_flow_sync_is_waiting (const RtmfpFlowSync *sync, RtmfpId flow) {
  for (size_t i = 0; i < RTMFP_SYNC_BARRIERS_MAX; i++) {
    if (sync->barriers[i].count > 0 && holds (&sync->barriers[i], flow)) {
      return true;
    }
  }
  return false;
}

void
rtmfp_flow_sync_leave (RtmfpFlowSync *sync, RtmfpId flow, RtmfpId released[RTMFP_SYNC_FLOWS_MAX],
                       size_t *released_count) {
  *released_count = 0;
  for (size_t i = 0; i < RTMFP_SYNC_BARRIERS_MAX; i++) {
    RtmfpBarrier *barrier = &sync->barriers[i];
    if (barrier->count == 0 || !holds (barrier, flow)) {
      continue;
    }
    for (uint32_t j = 0; j < barrier->arrived; j++) {
      if (barrier->flows[j] != flow) {
        released[(*released_count)++] = barrier->flows[j];
      }
    }
    *barrier = (RtmfpBarrier){0};
    return;
  }
}

void
rtmfp_flow_sync_forget (RtmfpFlowSync *sync, uint64_t tree) {
  for (size_t i = 0; i < RTMFP_SYNC_BARRIERS_MAX; i++) {
    if (sync->barriers[i].tree == tree) {
      sync->barriers[i] = (RtmfpBarrier){0};
    }
  }
}

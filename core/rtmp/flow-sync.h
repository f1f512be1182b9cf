/* SPDX-License-Identifier: Apache-2.0 */
/* Barriers across receiving flows: which flows wait, and when a barrier falls. Source: RFC 7425
 * s5.2. */
#ifndef RTMFP_RTMP_FLOW_SYNC_H
#define RTMFP_RTMP_FLOW_SYNC_H

#include "core/base/slots.h"
#include "core/base/status.h"
#include "core/rtmp/params.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint64_t tree; /* which flow association tree: sync ids of different trees have nothing to do with
                    each other */
  uint32_t sync_id;
  uint32_t count; /* how many flows it is for; 0 = this place is free */
  uint32_t arrived;
  RtmfpId flows[RTMFP_SYNC_FLOWS_MAX];
} RtmfpBarrier;

/* A zeroed struct has no barriers. */
typedef struct {
  RtmfpBarrier barriers[RTMFP_SYNC_BARRIERS_MAX];
} RtmfpFlowSync;

/* A synchronisation message came on flow. The first message of a barrier says for how many flows it
 * is. released, released_count out: the flows that go on now (this one among them), when it was the
 * last. Returns: OK with released_count 0: suspend the flow; OK with more: let all of them go on;
 * LIMIT (too many barriers or flows); MALFORMED (this flow is at that barrier already, or another
 * count than before). */
RTMFP_MUST_USE RtmfpStatus rtmfp_flow_sync_arrive (RtmfpFlowSync *sync, uint64_t tree, RtmfpId flow,
                                                   uint32_t sync_id, uint32_t count,
                                                   RtmfpId released[RTMFP_SYNC_FLOWS_MAX],
                                                   size_t *released_count);

/* Whether the flow waits at a barrier. */
bool rtmfp_flow_sync_is_waiting (const RtmfpFlowSync *sync, RtmfpId flow);

/* The flow is gone. A barrier at which it waits will not fall: it is dropped.
 * released, released_count out: the other flows that waited there and go on now. */
void rtmfp_flow_sync_leave (RtmfpFlowSync *sync, RtmfpId flow,
                            RtmfpId released[RTMFP_SYNC_FLOWS_MAX], size_t *released_count);

/* All barriers of a tree that ended are dropped; nothing is released. */
void rtmfp_flow_sync_forget (RtmfpFlowSync *sync, uint64_t tree);

#endif

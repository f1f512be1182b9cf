/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/congestion: what the window does about a queue that stands on the path.
 *
 * A queue that stands longer than the target is drained: the window falls by what it has in the
 * queue, and three round trips show what is left of it. Little: others do the same, or nobody else
 * is there. As much as before, twice in a row: somebody fills it whatever we do, and who yields to
 * him starves; from then on only loss counts, until a drain leaves nothing. */
#ifndef RTMFP_CONGESTION_DRAIN_H
#define RTMFP_CONGESTION_DRAIN_H

#include "core/congestion/congestion.h"
#include "core/congestion/params.h"

/* A round ended: the queue of it is known. */
void congestion_end_round (RtmfpCongestion *congestion, int64_t now_us);

/* Whether the window is held by a drain under way. */
static inline bool
congestion_is_draining (const RtmfpCongestion *congestion) {
  return congestion->drained_bytes > 0;
}

/* Whether no queue stands, as far as is known. */
bool congestion_has_no_queue (const RtmfpCongestion *congestion);

/* What round trips differ by themselves; on the shortest paths by the machine's own doing. */
static inline int32_t
congestion_jitter_us (const RtmfpCongestion *congestion) {
  const int32_t base_us = congestion->delay.base_us;
  const bool eighth = base_us >= RTMFP_PACE_RTT_US_MIN && base_us / 8 < RTMFP_QUEUE_NOISE_US;
  return eighth ? base_us / 8 : RTMFP_QUEUE_NOISE_US;
}

#endif

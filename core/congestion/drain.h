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

/* A round ended: the queue of it is known. */
void congestion_end_round (RtmfpCongestion *congestion, int64_t now_us);

/* Whether the window is held by a drain under way. */
static inline bool
congestion_is_draining (const RtmfpCongestion *congestion) {
  return congestion->drained_bytes > 0;
}

/* Whether no queue stands, as far as is known. */
bool congestion_has_no_queue (const RtmfpCongestion *congestion);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/flow/recv-flow.h"

#include "core/base/memory.h"
#include "core/base/ranges.h"
#include "core/flow/delivery-queue.h"
#include "core/flow/params.h"
#include "core/flow/reassembly.h"
#include "core/wire/ack-chunk.h"
#include "core/wire/constants.h"

#include <stdlib.h>

struct RtmfpRecvFlow {
  uint64_t id;
  RtmfpRecvState state;
  bool accepted, network_order, paused, rejected;
  uint64_t exception_code;
  size_t capacity_bytes;
  size_t buffered_bytes; /* held and waiting for the user, with overhead */

  RtmfpRanges seen; /* SEQUENCE_SET; the first range begins at 0 */
  uint64_t final_sequence_number;
  bool has_final, finished_told;
  Reassembly held; /* held.first is the next number to look at in order */
  DeliveryQueue deliveries;
  bool in_gap; /* the numbers just passed were given up, and that was told */

  bool should_ack, ack_now;
  bool has_advertised;
  uint64_t advertised_blocks; /* PREV_RWND */
  int64_t linger_until_us;
  RtmfpRecvCounts counts;
};

RtmfpRecvFlow *
rtmfp_recv_flow_new (uint64_t flow_id) {
  RtmfpRecvFlow *flow = RTMFP_NEW (RtmfpRecvFlow);
  flow->id = flow_id;
  flow->capacity_bytes = RTMFP_RECV_BUFFER_BYTES_DEFAULT;
  flow->linger_until_us = RTMFP_NEVER;
  reassembly_init (&flow->held);
  if (rtmfp_ranges_add (&flow->seen, 0, 0, RTMFP_RECV_RANGES_MAX) != RTMFP_OK) {
    abort (); /* an empty set takes one range */
  }
  return flow;
}

void
rtmfp_recv_flow_free (RtmfpRecvFlow *flow) {
  if (flow == NULL) {
    return;
  }
  reassembly_clear (&flow->held);
  delivery_queue_clear (&flow->deliveries);
  rtmfp_ranges_clear (&flow->seen);
  free (flow);
}

void
rtmfp_recv_flow_become_quiet (RtmfpRecvFlow *flow) {
  reassembly_become_quiet (&flow->held);
  if (flow->deliveries.count == 0) {
    delivery_queue_clear (&flow->deliveries);
  }
  rtmfp_ranges_shrink (&flow->seen);
}

/* CSN of s3.6.3.3. */
static uint64_t
cumulative (const RtmfpRecvFlow *flow) {
  return flow->seen.items[0].last;
}

static bool
has_gaps (const RtmfpRecvFlow *flow) {
  return flow->seen.count > 1;
}

static bool
may_rest (const RtmfpRecvFlow *flow) {
  return flow->state == RTMFP_RECV_OPEN && !flow->rejected && !flow->has_final &&
         !has_gaps (flow) && flow->held.first == flow->held.end &&
         flow->held.first == cumulative (flow) + 1 && flow->deliveries.count == 0 &&
         flow->buffered_bytes == 0 && !flow->should_ack && !flow->ack_now;
}

bool
rtmfp_recv_flow_rest (const RtmfpRecvFlow *flow, RtmfpRecvRest *rest) {
  if (!may_rest (flow)) {
    return false;
  }
  *rest = (RtmfpRecvRest){
      .flow_id = flow->id,
      .cumulative = cumulative (flow),
      .advertised_blocks = flow->advertised_blocks,
      .capacity_bytes = flow->capacity_bytes,
      .accepted = flow->accepted,
      .network_order = flow->network_order,
      .paused = flow->paused,
      .in_gap = flow->in_gap,
      .has_advertised = flow->has_advertised,
  };
  return true;
}

RtmfpRecvFlow *
rtmfp_recv_flow_wake (const RtmfpRecvRest *rest) {
  RtmfpRecvFlow *flow = rtmfp_recv_flow_new (rest->flow_id);
  flow->seen.items[0].last = rest->cumulative;
  flow->held.first = flow->held.end = rest->cumulative + 1;
  flow->advertised_blocks = rest->advertised_blocks;
  flow->capacity_bytes = rest->capacity_bytes;
  flow->accepted = rest->accepted;
  flow->network_order = rest->network_order;
  flow->paused = rest->paused;
  flow->in_gap = rest->in_gap;
  flow->has_advertised = rest->has_advertised;
  return flow;
}

static bool
is_suspended (const RtmfpRecvFlow *flow) {
  return flow->paused || !flow->accepted;
}

/* bufferBlocksAvailable, s3.6.3.5. */
static uint64_t
window_blocks (const RtmfpRecvFlow *flow) {
  const size_t bytes =
      flow->buffered_bytes < flow->capacity_bytes ? flow->capacity_bytes - flow->buffered_bytes : 0;
  const uint64_t blocks = (bytes + RTMFP_ACK_BLOCK_BYTES - 1) / RTMFP_ACK_BLOCK_BYTES;
  return blocks == 0 && !is_suspended (flow) ? 1 : blocks;
}

/* A window that was (nearly) closed has opened: the sender should hear it before its next probe. */
static void
announce_window (RtmfpRecvFlow *flow) {
  if (!flow->has_advertised || flow->advertised_blocks >= 2 || flow->state != RTMFP_RECV_OPEN) {
    return;
  }
  const uint64_t blocks = window_blocks (flow);
  const bool reopened = flow->advertised_blocks == 0 && blocks > 0;
  if (reopened || blocks > 1 + flow->capacity_bytes / RTMFP_ACK_BLOCK_BYTES / 4) {
    flow->should_ack = true;
    flow->ack_now = true;
  }
}

/* ---- delivery ---- */

/* One message may be larger than the window, but not by so much that the window means nothing. */
static size_t
message_limit (const RtmfpRecvFlow *flow) {
  const size_t limit = RTMFP_RECV_MESSAGE_WINDOWS * flow->capacity_bytes;
  return limit < RTMFP_MESSAGE_BYTES_MAX ? limit : RTMFP_MESSAGE_BYTES_MAX;
}

static void
deliver_run (RtmfpRecvFlow *flow, uint64_t first, SlotState leave) {
  uint64_t count;
  const size_t bytes = reassembly_run_bytes (&flow->held, first, &count);
  if (bytes > message_limit (flow)) {
    rtmfp_recv_flow_reject (flow, 0);
    return;
  }
  uint8_t *data;
  size_t size;
  reassembly_take (&flow->held, first, leave, &data, &size);
  flow->buffered_bytes -= (count - 1) * RTMFP_RECV_FRAGMENT_OVERHEAD_BYTES;
  delivery_queue_push_message (&flow->deliveries, first, data, size);
}

static void
tell_gap (RtmfpRecvFlow *flow) {
  if (!flow->in_gap) {
    flow->in_gap = true;
    flow->counts.gaps++;
    delivery_queue_push_gap (&flow->deliveries);
  }
}

/* The empty number that only ends a flow is no message. (Others may end a flow with a message that
 * was given up: it looks the same on the wire, and its gap is not told. Deviation from s3.6.1.2.)
 */
static void
pass_missing (RtmfpRecvFlow *flow, uint64_t number) {
  if (!flow->has_final || number != flow->final_sequence_number) {
    tell_gap (flow);
  }
}

static void
drop_run (RtmfpRecvFlow *flow, uint64_t first) {
  uint64_t count;
  const size_t bytes = reassembly_run_bytes (&flow->held, first, &count);
  flow->buffered_bytes -= bytes + count * RTMFP_RECV_FRAGMENT_OVERHEAD_BYTES;
  reassembly_drop (&flow->held, first);
}

/* Looks at the held run at held.first, at or below the cumulative number. Returns: whether to go
 * on. */
static bool
pass_held (RtmfpRecvFlow *flow) {
  const uint64_t first = flow->held.first;
  const Slot *slot = reassembly_at (&flow->held, first);
  const uint64_t last = slot->other_end;
  if (reassembly_is_complete (&flow->held, first)) {
    flow->in_gap = false;
    deliver_run (flow, first, SLOT_EMPTY);
  } else if (slot->control != RTMFP_FRAGMENT_BEGIN || last < cumulative (flow) ||
             flow->state != RTMFP_RECV_OPEN) {
    drop_run (flow, first);
    tell_gap (flow);
  } else {
    return false; /* in progress */
  }
  if (flow->rejected) {
    return false;
  }
  reassembly_advance (&flow->held, last + 1);
  return true;
}

/* Passes all that is settled: what is complete is delivered, what was given up is forgotten
 * (s3.6.3.3). */
static void
pass_settled (RtmfpRecvFlow *flow) {
  while (!flow->rejected && flow->held.first <= cumulative (flow)) {
    const uint64_t first = flow->held.first;
    if (first >= flow->held.end) {
      pass_missing (flow, first);
      reassembly_advance (&flow->held, cumulative (flow) + 1);
      return;
    }
    const SlotState state = (SlotState)reassembly_at (&flow->held, first)->state;
    if (state == SLOT_HELD) {
      if (!pass_held (flow)) {
        return;
      }
      continue;
    }
    if (state == SLOT_EMPTY) {
      pass_missing (flow, first);
    } else {
      flow->in_gap = false;
    }
    reassembly_advance (&flow->held, first + 1);
  }
}

/* Network order: what is complete beyond the cumulative number needs not wait. */
static void
deliver_early (RtmfpRecvFlow *flow) {
  for (uint64_t number = flow->held.first; number < flow->held.end && !flow->rejected; number++) {
    const Slot *slot = reassembly_at (&flow->held, number);
    if (slot->state == SLOT_HELD) {
      const uint64_t last = slot->other_end;
      if (reassembly_is_complete (&flow->held, number)) {
        deliver_run (flow, number, SLOT_DELIVERED);
      }
      number = last;
    }
  }
}

/* ---- the user's side ---- */

RtmfpStatus
rtmfp_recv_flow_accept (RtmfpRecvFlow *flow, bool network_order, size_t window_bytes) {
  if (flow->accepted || flow->rejected) {
    return RTMFP_STATE;
  }
  flow->accepted = true;
  flow->network_order = network_order;
  if (window_bytes > 0) {
    flow->capacity_bytes =
        window_bytes < RTMFP_RECV_BUFFER_BYTES_MAX ? window_bytes : RTMFP_RECV_BUFFER_BYTES_MAX;
  }
  if (network_order) {
    deliver_early (flow);
  }
  announce_window (flow);
  return RTMFP_OK;
}

void
rtmfp_recv_flow_reject (RtmfpRecvFlow *flow, uint64_t code) {
  if (flow->rejected) {
    return;
  }
  flow->rejected = true;
  flow->exception_code = code;
  delivery_queue_clear (&flow->deliveries);
  reassembly_clear (&flow->held);
  flow->buffered_bytes = 0;
  if (flow->state == RTMFP_RECV_OPEN) {
    flow->state = RTMFP_RECV_REJECTED;
    flow->should_ack = true;
    flow->ack_now = true;
  }
}

void
rtmfp_recv_flow_pause (RtmfpRecvFlow *flow, bool paused) {
  flow->paused = paused;
  if (!paused) {
    announce_window (flow);
  }
}

static bool
is_complete (const RtmfpRecvFlow *flow) {
  return flow->state == RTMFP_RECV_COMPLETE_LINGER || flow->state == RTMFP_RECV_CLOSED;
}

bool
rtmfp_recv_flow_poll (RtmfpRecvFlow *flow, RtmfpDelivery *delivery) {
  if (!flow->rejected && is_suspended (flow)) {
    return false;
  }
  if (delivery_queue_pop (&flow->deliveries, delivery)) {
    if (delivery->kind == RTMFP_DELIVERY_MESSAGE) {
      flow->buffered_bytes -= delivery->size + RTMFP_RECV_FRAGMENT_OVERHEAD_BYTES;
      announce_window (flow);
    }
    return true;
  }
  if (is_complete (flow) && !flow->finished_told) {
    flow->finished_told = true;
    *delivery = (RtmfpDelivery){.kind = RTMFP_DELIVERY_FINISHED};
    return true;
  }
  return false;
}

/* ---- receiving ---- */

static bool
contradicts (const RtmfpRecvFlow *flow, const RtmfpUserData *data) {
  const uint64_t number = data->sequence_number, forward = data->forward_sequence_number;
  if (number == 0 || number > RTMFP_SEQUENCE_NUMBER_MAX || forward > number ||
      (forward == number && !data->abandon)) {
    return true;
  }
  if (flow->has_final) {
    return number > flow->final_sequence_number ||
           (data->final && number != flow->final_sequence_number);
  }
  return data->final && number < flow->seen.items[flow->seen.count - 1].last;
}

/* The rules of s3.6.3.4.1 that look at the flow before the chunk is taken. */
static bool
asks_for_ack (const RtmfpRecvFlow *flow, const RtmfpUserData *data, bool is_new) {
  return flow->state != RTMFP_RECV_OPEN || (flow->has_advertised && flow->advertised_blocks < 2) ||
         data->abandon || has_gaps (flow) || !is_new || data->final;
}

static void
forward_to (RtmfpRecvFlow *flow, uint64_t forward) {
  flow->counts.forward_skips += forward > cumulative (flow);
  if (rtmfp_ranges_add (&flow->seen, 0, forward, RTMFP_RECV_RANGES_MAX) != RTMFP_OK) {
    abort (); /* it touches the first range, so it never needs another */
  }
}

static uint64_t
span (const RtmfpRecvFlow *flow) {
  const size_t numbers = flow->capacity_bytes / RTMFP_RECV_SPAN_BYTES;
  if (numbers < RTMFP_RECV_SPAN_MIN) {
    return RTMFP_RECV_SPAN_MIN;
  }
  return numbers < RTMFP_RECV_SPAN_MAX ? numbers : RTMFP_RECV_SPAN_MAX;
}

/* Whether the bounds let the fragment in. A sender that respects the window is never refused. */
static bool
may_hold (RtmfpRecvFlow *flow, const RtmfpUserData *data) {
  if (data->sequence_number - cumulative (flow) > span (flow)) {
    return false;
  }
  const size_t after = flow->buffered_bytes + data->data.size + RTMFP_RECV_FRAGMENT_OVERHEAD_BYTES;
  const size_t bound = 2 * flow->capacity_bytes + RTMFP_RECV_OVERRUN_BYTES;
  if (after <= bound) {
    return true;
  }
  /* What repairs the first gap must come in, else nothing would ever drain (s3.6.3.5). */
  if (is_suspended (flow) || data->sequence_number != cumulative (flow) + 1) {
    return false;
  }
  if (after > bound + message_limit (flow)) {
    rtmfp_recv_flow_reject (flow, 0); /* a message without end */
    return false;
  }
  return true;
}

static void
hold (RtmfpRecvFlow *flow, const RtmfpUserData *data) {
  const uint64_t number = data->sequence_number;
  flow->buffered_bytes += data->data.size + RTMFP_RECV_FRAGMENT_OVERHEAD_BYTES;
  const uint64_t first = reassembly_hold (&flow->held, number, (uint8_t)data->fragment, data->data);
  if (flow->accepted && flow->network_order && reassembly_is_complete (&flow->held, first)) {
    deliver_run (flow, first, SLOT_DELIVERED);
  }
}

static RtmfpStatus
take_new (RtmfpRecvFlow *flow, const RtmfpUserData *data) {
  const bool holds =
      flow->state == RTMFP_RECV_OPEN && !data->abandon && data->sequence_number >= flow->held.first;
  if (holds && !may_hold (flow, data)) {
    flow->counts.dropped++;
    return RTMFP_LIMIT;
  }
  if (rtmfp_ranges_add (&flow->seen, data->sequence_number, data->sequence_number,
                        RTMFP_RECV_RANGES_MAX) != RTMFP_OK) {
    flow->counts.dropped++;
    return RTMFP_LIMIT;
  }
  if (holds) {
    hold (flow, data);
  }
  return RTMFP_OK;
}

static void
complete_if_done (RtmfpRecvFlow *flow, int64_t now_us) {
  const bool lives = flow->state == RTMFP_RECV_OPEN || flow->state == RTMFP_RECV_REJECTED;
  if (lives && flow->has_final && cumulative (flow) >= flow->final_sequence_number) {
    flow->state = RTMFP_RECV_COMPLETE_LINGER;
    flow->linger_until_us = now_us + RTMFP_RECV_LINGER_US;
    flow->should_ack = true;
    flow->ack_now = true;
  }
}

RtmfpStatus
rtmfp_recv_flow_receive (RtmfpRecvFlow *flow, const RtmfpUserData *data, int64_t now_us) {
  if (flow->state == RTMFP_RECV_CLOSED) {
    return RTMFP_STATE;
  }
  if (contradicts (flow, data)) {
    return RTMFP_MALFORMED;
  }
  const bool is_new = !rtmfp_ranges_contains (&flow->seen, data->sequence_number);
  flow->counts.fragments++;
  flow->counts.duplicates += !is_new;
  flow->should_ack = true;
  flow->ack_now = flow->ack_now || asks_for_ack (flow, data, is_new);
  if (data->final) {
    flow->has_final = true;
    flow->final_sequence_number = data->sequence_number;
  }
  /* An update that stands for itself (fsnOffset 0) is a forward number and no fragment. */
  forward_to (flow, data->forward_sequence_number);
  pass_settled (flow); /* so that what is held never spans a skip */
  const RtmfpStatus status = is_new ? take_new (flow, data) : RTMFP_OK;
  complete_if_done (flow, now_us);
  pass_settled (flow);
  flow->ack_now = flow->ack_now || has_gaps (flow) ||
                  flow->capacity_bytes < flow->buffered_bytes + RTMFP_ACK_BLOCK_BYTES;
  return status;
}

void
rtmfp_recv_flow_receive_probe (RtmfpRecvFlow *flow) {
  if (flow->state != RTMFP_RECV_CLOSED) {
    flow->should_ack = true;
    flow->ack_now = true;
  }
}

/* ---- acknowledging ---- */

bool
rtmfp_recv_flow_should_ack (const RtmfpRecvFlow *flow) {
  return flow->should_ack;
}

bool
rtmfp_recv_flow_take_ack_now (RtmfpRecvFlow *flow) {
  const bool ack_now = flow->ack_now;
  flow->ack_now = false;
  return ack_now;
}

static RtmfpStatus
write_ack (RtmfpRecvFlow *flow, const RtmfpAckContent *content, RtmfpWriter *packet, bool truncate,
           bool bitmap) {
  const size_t ranges_size = rtmfp_ack_ranges_size (content);
  const size_t room = rtmfp_writer_room (packet);
  const bool as_bitmap = bitmap && rtmfp_ack_bitmap_size (content) < ranges_size;
  if (!truncate && (as_bitmap ? rtmfp_ack_bitmap_size (content) : ranges_size) > room) {
    return RTMFP_TRUNCATED;
  }
  const RtmfpStatus status = as_bitmap ? rtmfp_write_ack_bitmap (packet, content)
                                       : rtmfp_write_ack_ranges (packet, content, NULL);
  if (status == RTMFP_OK) {
    flow->counts.bitmaps_written += as_bitmap;
    flow->counts.ranges_written += !as_bitmap && content->range_count > 0;
  }
  return status;
}

RtmfpStatus
rtmfp_recv_flow_write_ack (RtmfpRecvFlow *flow, RtmfpWriter *packet, bool truncate, bool bitmap) {
  const uint64_t blocks = window_blocks (flow);
  const RtmfpAckContent content = {
      .flow_id = flow->id,
      .buffer_bytes_available = blocks * RTMFP_ACK_BLOCK_BYTES,
      .cumulative_ack = cumulative (flow),
      .ranges = flow->seen.items + 1,
      .range_count = flow->seen.count - 1,
  };
  const RtmfpWriter before = *packet;
  RtmfpStatus status = RTMFP_OK;
  if (flow->rejected) {
    status = rtmfp_write_flow_exception (packet, flow->id, flow->exception_code);
  }
  if (status == RTMFP_OK) {
    status = write_ack (flow, &content, packet, truncate, bitmap);
  }
  if (status != RTMFP_OK) {
    *packet = before;
    return status;
  }
  flow->should_ack = false;
  flow->has_advertised = true;
  flow->advertised_blocks = blocks;
  return RTMFP_OK;
}

/* ---- time and looking ---- */

void
rtmfp_recv_flow_advance (RtmfpRecvFlow *flow, int64_t now_us) {
  if (flow->state == RTMFP_RECV_COMPLETE_LINGER && now_us >= flow->linger_until_us) {
    flow->state = RTMFP_RECV_CLOSED;
    flow->linger_until_us = RTMFP_NEVER;
  }
}

int64_t
rtmfp_recv_flow_deadline (const RtmfpRecvFlow *flow) {
  return flow->linger_until_us;
}

uint64_t
rtmfp_recv_flow_id (const RtmfpRecvFlow *flow) {
  return flow->id;
}

RtmfpRecvState
rtmfp_recv_flow_state (const RtmfpRecvFlow *flow) {
  return flow->state;
}

size_t
rtmfp_recv_flow_buffered_bytes (const RtmfpRecvFlow *flow) {
  return flow->buffered_bytes;
}

const RtmfpRecvCounts *
rtmfp_recv_flow_counts (const RtmfpRecvFlow *flow) {
  return &flow->counts;
}

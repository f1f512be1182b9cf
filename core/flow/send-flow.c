/* SPDX-License-Identifier: Apache-2.0 */
#include "core/flow/send-flow.h"

#include "core/base/memory.h"
#include "core/flow/params.h"
#include "core/flow/send-flow-private.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

RtmfpSendFlow *
rtmfp_send_flow_new (const RtmfpSendFlowConfig *config) {
  assert (config->metadata.size <= RTMFP_METADATA_BYTES_MAX);
  RtmfpSendFlow *flow = RTMFP_NEW (RtmfpSendFlow);
  flow->id = config->flow_id;
  flow->startup.has_metadata = true;
  flow->startup.metadata = rtmfp_bytes (
      rtmfp_memory_copy (config->metadata.data, config->metadata.size), config->metadata.size);
  flow->startup.has_association = config->has_association;
  flow->startup.association = config->association;
  flow->buffer_bytes =
      config->buffer_bytes > 0 ? config->buffer_bytes : RTMFP_SEND_BUFFER_BYTES_DEFAULT;
  flow->rx_buffer_bytes = RTMFP_RX_BUFFER_INIT_BYTES;
  flow->probe_us = RTMFP_NEVER;
  flow->linger_until_us = RTMFP_NEVER;
  TAILQ_INIT (&flow->messages);
  STAILQ_INIT (&flow->ended);
  fragments_init (&flow->fragments);
  return flow;
}

void
rtmfp_send_flow_free (RtmfpSendFlow *flow) {
  if (flow == NULL) {
    return;
  }
  SendMessage *message;
  while ((message = TAILQ_FIRST (&flow->messages)) != NULL) {
    TAILQ_REMOVE (&flow->messages, message, link);
    free (message);
  }
  EndedMessage *ended;
  while ((ended = STAILQ_FIRST (&flow->ended)) != NULL) {
    STAILQ_REMOVE_HEAD (&flow->ended, link);
    free (ended);
  }
  fragments_clear (&flow->fragments);
  rtmfp_ranges_clear (&flow->given_up);
  rtmfp_deadlines_clear (&flow->timers);
  free ((void *)flow->startup.metadata.data);
  free (flow);
}

void
rtmfp_send_flow_become_quiet (RtmfpSendFlow *flow) {
  fragments_become_quiet (&flow->fragments);
}

/* Startup options that were acknowledged are not said again. */
static bool
may_rest (const RtmfpSendFlow *flow) {
  return flow->state == RTMFP_SEND_OPEN && flow->startup_acknowledged && !flow->was_full &&
         !flow->exception && !flow->complete_untold && !send_flow_has_work (flow) &&
         TAILQ_EMPTY (&flow->messages) && STAILQ_EMPTY (&flow->ended) &&
         flow->given_up.count == 0 && flow->fragments.base == flow->fragments.end &&
         flow->cumulative_ack + 1 == flow->fragments.end && flow->outstanding_bytes == 0 &&
         rtmfp_send_flow_deadline (flow) == RTMFP_NEVER && flow->probe_us == RTMFP_NEVER;
}

bool
rtmfp_send_flow_rest (const RtmfpSendFlow *flow, RtmfpSendRest *rest) {
  if (!may_rest (flow)) {
    return false;
  }
  *rest = (RtmfpSendRest){
      .flow_id = flow->id,
      .sequence_number = flow->cumulative_ack,
      .last_number = flow->last_number,
      .rx_buffer_bytes = flow->rx_buffer_bytes,
      .buffer_bytes = flow->buffer_bytes,
  };
  return true;
}

RtmfpSendFlow *
rtmfp_send_flow_wake (const RtmfpSendRest *rest) {
  const RtmfpSendFlowConfig config = {.flow_id = rest->flow_id, .buffer_bytes = rest->buffer_bytes};
  RtmfpSendFlow *flow = rtmfp_send_flow_new (&config);
  flow->startup_acknowledged = true;
  flow->cumulative_ack = rest->sequence_number;
  flow->fragments.base = flow->fragments.end = rest->sequence_number + 1;
  flow->last_number = rest->last_number;
  flow->rx_buffer_bytes = rest->rx_buffer_bytes;
  return flow;
}

/* ---- the fate of messages ---- */

void
send_flow_set_timer (RtmfpSendFlow *flow, SendMessage *message) {
  int64_t at_us = RTMFP_NEVER;
  if (message->options.finish_by_us != 0) {
    at_us = message->options.finish_by_us;
  }
  const bool started = message->fragment_count > 0;
  if (!started && message->options.start_by_us != 0 && message->options.start_by_us < at_us) {
    at_us = message->options.start_by_us;
  }
  rtmfp_deadlines_set (&flow->timers, &message->timer, at_us);
}

/* Tells the end, if that is asked for, and frees the message. */
static void
end_message (RtmfpSendFlow *flow, SendMessage *message, bool delivered) {
  rtmfp_deadlines_set (&flow->timers, &message->timer, RTMFP_NEVER);
  if (message->options.reports_end) {
    EndedMessage *ended = RTMFP_NEW (EndedMessage);
    ended->number = message->number;
    ended->delivered = delivered;
    STAILQ_INSERT_TAIL (&flow->ended, ended, link);
  }
  if (message->options.depends_on != 0) {
    flow->dependents--;
  }
  flow->buffered_bytes -= message->size + RTMFP_SEND_MESSAGE_OVERHEAD_BYTES;
  TAILQ_REMOVE (&flow->messages, message, link);
  free (message);
}

void
send_flow_delivered (RtmfpSendFlow *flow, SendMessage *message) {
  flow->counts.messages_delivered++;
  end_message (flow, message, true);
}

static void
remember_given_up (RtmfpSendFlow *flow, uint64_t number) {
  while (rtmfp_ranges_add (&flow->given_up, number, number, RTMFP_SEND_GIVEN_UP_RANGES_MAX) !=
         RTMFP_OK) {
    rtmfp_ranges_remove_below (&flow->given_up, flow->given_up.items[0].last + 1);
  }
}

static void
abandon_fragments (RtmfpSendFlow *flow, const SendMessage *message) {
  const uint64_t end = message->first_sequence_number + message->fragment_count;
  uint64_t number = message->first_sequence_number;
  for (number = number > flow->fragments.base ? number : flow->fragments.base; number < end;
       number++) {
    Fragment *fragment = fragments_at (&flow->fragments, number);
    if (fragment->state == FRAGMENT_DONE) {
      continue;
    }
    fragment->abandoned = true;
    fragment->message = NULL;
    if (fragment->state == FRAGMENT_LOST) {
      fragments_unlink (&flow->fragments, number);
    }
  }
}

/* What was never cut still takes one sequence number, so that the receiver sees the gap (s3.6.1.2).
 */
static void
skip_uncut (RtmfpSendFlow *flow, SendMessage *message) {
  if (message->is_cut) {
    return;
  }
  SendMessage *next = TAILQ_NEXT (message, link);
  uint64_t *skipped = next != NULL ? &next->skipped_before : &flow->skipped_last;
  *skipped += message->skipped_before + 1;
  if (flow->uncut == message) {
    flow->uncut = next;
  }
}

static void
give_up_one (RtmfpSendFlow *flow, SendMessage *message) {
  remember_given_up (flow, message->number);
  if (message->fragment_count > 0) {
    abandon_fragments (flow, message);
  }
  skip_uncut (flow, message);
  flow->counts.messages_given_up++;
  end_message (flow, message, false);
}

void
send_flow_give_up (RtmfpSendFlow *flow, SendMessage *message) {
  SendMessage *next = TAILQ_NEXT (message, link);
  give_up_one (flow, message);
  while (next != NULL && flow->dependents > 0) {
    SendMessage *dependent = next;
    next = TAILQ_NEXT (dependent, link);
    if (dependent->options.depends_on != 0 &&
        rtmfp_ranges_contains (&flow->given_up, dependent->options.depends_on)) {
      flow->counts.given_up_by_dependency++;
      give_up_one (flow, dependent);
    }
  }
}

void
send_flow_expire (RtmfpSendFlow *flow, int64_t now_us) {
  RtmfpDeadline *due;
  while ((due = rtmfp_deadlines_take_due (&flow->timers, now_us)) != NULL) {
    send_flow_give_up (flow, RTMFP_OWNER_OF (due, SendMessage, timer));
  }
}

/* ---- the user's side ---- */

static SendMessage *
new_message (RtmfpSendFlow *flow, RtmfpBytes bytes, const RtmfpSendOptions *options) {
  SendMessage *message = (SendMessage *)rtmfp_memory_new (1, sizeof (SendMessage) + bytes.size);
  message->number = ++flow->last_number;
  message->size = (uint32_t)bytes.size;
  if (options != NULL) {
    message->options = *options;
  }
  if (message->options.depends_on >= message->number) {
    message->options.depends_on = 0;
  }
  if (bytes.size > 0) {
    memcpy (message->data, bytes.data, bytes.size);
  }
  message->skipped_before = flow->skipped_last;
  flow->skipped_last = 0;
  return message;
}

RtmfpStatus
rtmfp_send_flow_queue (RtmfpSendFlow *flow, RtmfpBytes message, const RtmfpSendOptions *options,
                       uint64_t *number) {
  if (flow->state != RTMFP_SEND_OPEN) {
    return RTMFP_STATE;
  }
  if (message.size > RTMFP_MESSAGE_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  if (flow->buffered_bytes >= flow->buffer_bytes) {
    flow->was_full = true;
    return RTMFP_FULL;
  }
  SendMessage *queued = new_message (flow, message, options);
  flow->buffered_bytes += queued->size + RTMFP_SEND_MESSAGE_OVERHEAD_BYTES;
  TAILQ_INSERT_TAIL (&flow->messages, queued, link);
  if (flow->uncut == NULL) {
    flow->uncut = queued;
  }
  if (number != NULL) {
    *number = queued->number;
  }
  const uint64_t depends_on = queued->options.depends_on;
  flow->dependents += depends_on != 0;
  if (depends_on != 0 && rtmfp_ranges_contains (&flow->given_up, depends_on)) {
    flow->counts.given_up_by_dependency++;
    send_flow_give_up (flow, queued);
  } else {
    send_flow_set_timer (flow, queued);
  }
  return RTMFP_OK;
}

void
rtmfp_send_flow_set_buffer (RtmfpSendFlow *flow, size_t buffer_bytes) {
  flow->buffer_bytes = buffer_bytes;
}

void
rtmfp_send_flow_close (RtmfpSendFlow *flow) {
  if (flow->state == RTMFP_SEND_OPEN) {
    flow->state =
        RTMFP_SEND_CLOSING; /* the final number is placed when its turn to be sent comes */
  }
}

bool
rtmfp_send_flow_exception (RtmfpSendFlow *flow) {
  const bool was_open = flow->state == RTMFP_SEND_OPEN;
  if (flow->state != RTMFP_SEND_OPEN && flow->state != RTMFP_SEND_CLOSING) {
    return false;
  }
  flow->exception = true;
  SendMessage *message;
  while ((message = TAILQ_FIRST (&flow->messages)) != NULL) {
    send_flow_give_up (flow, message);
  }
  rtmfp_send_flow_close (flow);
  return was_open;
}

bool
rtmfp_send_flow_poll_ended (RtmfpSendFlow *flow, uint64_t *number, bool *delivered) {
  EndedMessage *ended = STAILQ_FIRST (&flow->ended);
  if (ended == NULL) {
    return false;
  }
  STAILQ_REMOVE_HEAD (&flow->ended, link);
  *number = ended->number;
  *delivered = ended->delivered;
  free (ended);
  return true;
}

bool
rtmfp_send_flow_take_writable (RtmfpSendFlow *flow) {
  if (!flow->was_full || flow->state != RTMFP_SEND_OPEN ||
      flow->buffered_bytes > flow->buffer_bytes / 2) {
    return false;
  }
  flow->was_full = false;
  return true;
}

bool
rtmfp_send_flow_take_complete (RtmfpSendFlow *flow) {
  const bool complete = flow->complete_untold;
  flow->complete_untold = false;
  return complete;
}

/* ---- time ---- */

void
rtmfp_send_flow_advance (RtmfpSendFlow *flow, int64_t now_us) {
  send_flow_expire (flow, now_us);
  if (flow->state == RTMFP_SEND_COMPLETE_LINGER && now_us >= flow->linger_until_us) {
    flow->state = RTMFP_SEND_CLOSED;
    flow->linger_until_us = RTMFP_NEVER;
  }
}

/* Deviation: s3.6.2.9.1 probes while suspended (SHOULD); with nothing to send nobody needs to know.
 */
static bool
wants_probe (const RtmfpSendFlow *flow) {
  return flow->probe_us != RTMFP_NEVER && !flow->exception && send_flow_has_work (flow);
}

int64_t
rtmfp_send_flow_deadline (const RtmfpSendFlow *flow) {
  int64_t at_us = rtmfp_deadlines_first (&flow->timers);
  if (wants_probe (flow) && flow->probe_us < at_us) {
    at_us = flow->probe_us;
  }
  return flow->linger_until_us < at_us ? flow->linger_until_us : at_us;
}

bool
rtmfp_send_flow_take_probe (RtmfpSendFlow *flow, int64_t erto_us, int64_t now_us) {
  if (!wants_probe (flow) || now_us < flow->probe_us) {
    return false;
  }
  const int64_t period_us = flow->probe_period_us > erto_us ? flow->probe_period_us : erto_us;
  flow->probe_us = now_us + period_us;
  flow->probe_period_us = flow->probe_period_us * 2 < RTMFP_BUFFER_PROBE_US_MAX
                              ? flow->probe_period_us * 2
                              : RTMFP_BUFFER_PROBE_US_MAX;
  return true;
}

/* ---- looking ---- */

uint64_t
rtmfp_send_flow_id (const RtmfpSendFlow *flow) {
  return flow->id;
}

RtmfpSendState
rtmfp_send_flow_state (const RtmfpSendFlow *flow) {
  return flow->state;
}

size_t
rtmfp_send_flow_buffered_bytes (const RtmfpSendFlow *flow) {
  return flow->buffered_bytes;
}

const RtmfpSendCounts *
rtmfp_send_flow_counts (const RtmfpSendFlow *flow) {
  return &flow->counts;
}

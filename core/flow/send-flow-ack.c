/* SPDX-License-Identifier: Apache-2.0 */
/* What a sending flow learns of its fragments in flight (RFC 7016 s3.6.2.4 to 6). */
#include "core/flow/params.h"
#include "core/flow/send-flow-private.h"

static void
leave_flight (RtmfpSendFlow *flow, uint64_t number) {
  flow->outstanding_bytes -= fragments_at (&flow->fragments, number)->transmit_size;
  fragments_unlink (&flow->fragments, number);
}

/* Which of them arrived first is not known. */
static bool
may_be_a_copy (const Fragment *fragment, int64_t least_us, int64_t now_us) {
  const int64_t gap_us = fragment->resent ? RTMFP_COPY_RESENT_GAP_US : RTMFP_COPY_GAP_US;
  return fragment->copies_sent > 0 && now_us - fragment->sent_us >= least_us + gap_us;
}

/* Deviation: what was sent again and is acknowledged too soon for that is acknowledged for its
 * first transmission, and says nothing of the second: else all that left between the two would
 * count as overtaken. */
static void
note_acknowledged (const Fragment *fragment, int64_t now_us, RtmfpAckResult *result) {
  if (fragment->resent && now_us - fragment->sent_us < result->least_us) {
    return;
  }
  if (fragment->tsn > result->max_tsn) {
    result->max_tsn = fragment->tsn;
    result->sent_us = fragment->sent_us;
    result->resent = fragment->resent || may_be_a_copy (fragment, result->least_us, now_us);
  }
  if (fragment->probes && fragment->sent_us > result->probe_sent_us) {
    result->probe_sent_us = fragment->sent_us;
  }
}

/* Deviation: s3.6.2.4 step 4 names only fragments in flight. One that was taken for lost and is
 * acknowledged after all is not sent again. */
static void
acknowledge_one (RtmfpSendFlow *flow, uint64_t number, int64_t now_us, RtmfpAckResult *result) {
  const Fragment *fragment = fragments_at (&flow->fragments, number);
  SendMessage *message = fragment->message;
  if (fragment->state == FRAGMENT_IN_FLIGHT) {
    result->acked_bytes += fragment->transmit_size;
    note_acknowledged (fragment, now_us, result);
    result->long_arrived = result->long_arrived || fragment->in_long_packet;
    leave_flight (flow, number);
  }
  fragments_finish (&flow->fragments, number);
  if (message != NULL && --message->unacknowledged == 0 && message->is_cut) {
    send_flow_delivered (flow, message);
  }
}

static void
acknowledge (RtmfpSendFlow *flow, uint64_t first, uint64_t last, int64_t now_us,
             RtmfpAckResult *result) {
  const Fragments *fragments = &flow->fragments;
  uint64_t number = first > fragments->base ? first : fragments->base;
  const uint64_t end = last < fragments->end ? last + 1 : fragments->end;
  const uint64_t start = number;
  bool all_done = true;
  while (number < end) {
    Fragment *fragment = fragments_at (fragments, number);
    if (fragment->state == FRAGMENT_DONE) {
      number = fragment->next;
      continue;
    }
    if (fragment->ever_sent) {
      acknowledge_one (flow, number, now_us, result);
    } else {
      all_done = false;
    }
    number++;
  }
  /* The next acknowledgement that names the same range need not look at it again. */
  if (all_done && start < end && start >= fragments->base) {
    Fragment *fragment = fragments_at (fragments, start);
    fragment->next = number > fragment->next ? number : fragment->next;
  }
}

static void
receive_window (RtmfpSendFlow *flow, uint64_t buffer_bytes, int64_t now_us) {
  flow->startup_acknowledged = true;
  flow->rx_buffer_bytes = buffer_bytes;
  if (buffer_bytes > 0) {
    flow->probe_us = RTMFP_NEVER;
  } else if (flow->probe_us == RTMFP_NEVER) {
    flow->probe_us = now_us + RTMFP_BUFFER_PROBE_US;
    flow->probe_period_us = RTMFP_BUFFER_PROBE_US;
  }
}

static void
become_complete (RtmfpSendFlow *flow, int64_t now_us) {
  flow->state = RTMFP_SEND_COMPLETE_LINGER;
  flow->linger_until_us = now_us + RTMFP_SEND_LINGER_US;
  flow->complete_untold = true;
  flow->probe_us = RTMFP_NEVER;
  fragments_clear (&flow->fragments);
}

void
rtmfp_send_flow_receive_ack (RtmfpSendFlow *flow, RtmfpAck *ack, int64_t now_us,
                             RtmfpAckResult *result) {
  if (flow->state != RTMFP_SEND_OPEN && flow->state != RTMFP_SEND_CLOSING) {
    return;
  }
  receive_window (flow, ack->buffer_bytes_available, now_us);
  acknowledge (flow, 0, ack->cumulative_ack, now_us, result);
  RtmfpRange range;
  while (rtmfp_ack_next_range (ack, &range)) {
    acknowledge (flow, range.first, range.last, now_us, result);
  }
  if (ack->cumulative_ack > flow->cumulative_ack) {
    flow->cumulative_ack = ack->cumulative_ack;
  }
  if (flow->fragments.live > 0 || flow->uncut != NULL || flow->skipped_last > 0) {
    return;
  }
  if (flow->cumulative_ack + 1 < flow->fragments.end) {
    /* Given up numbers were trimmed behind what was in flight, and the receiver never heard the
     * forward number that passes them (s3.6.2.7.1): its gap would stay. */
    fragments_reopen_last (&flow->fragments);
  } else if (flow->final_sequence_number != 0) {
    become_complete (flow, now_us);
  }
}

static void
lose (RtmfpSendFlow *flow, uint64_t number, RtmfpNakResult *result) {
  const int64_t sent_us = fragments_at (&flow->fragments, number)->sent_us;
  result->lost_fragments++;
  result->lost_sent_us = sent_us > result->lost_sent_us ? sent_us : result->lost_sent_us;
  leave_flight (flow, number);
  Fragment *fragment = fragments_at (&flow->fragments, number);
  SendMessage *message = fragment->message;
  fragment->probes = false;
  if (message == NULL) {
    return; /* abandoned: its number is passed, not sent again */
  }
  if (message->options.no_retransmit) {
    send_flow_give_up (flow, message);
  } else {
    fragments_insert_lost (&flow->fragments, number);
  }
}

void
rtmfp_send_flow_nak (RtmfpSendFlow *flow, uint64_t max_tsn_ack, RtmfpNakResult *result) {
  uint64_t number = flow->fragments.in_flight.first;
  while (number != 0) {
    Fragment *fragment = fragments_at (&flow->fragments, number);
    if (fragment->tsn >= max_tsn_ack) {
      return;
    }
    const uint64_t next = fragment->next;
    result->any_naks = true;
    if (++fragment->nak_count >= RTMFP_NAK_LOSS_COUNT) {
      lose (flow, number, result);
    }
    number = next;
  }
}

int64_t
rtmfp_send_flow_overtaken (RtmfpSendFlow *flow, uint64_t max_tsn_ack, int64_t sent_us,
                           RtmfpNakResult *result) {
  uint64_t number;
  while ((number = flow->fragments.in_flight.first) != 0) {
    const Fragment *fragment = fragments_at (&flow->fragments, number);
    if (fragment->tsn >= max_tsn_ack) {
      break;
    }
    if (fragment->sent_us > sent_us) {
      return fragment->sent_us;
    }
    lose (flow, number, result);
  }
  return RTMFP_NEVER;
}

bool
rtmfp_send_flow_probe (RtmfpSendFlow *flow) {
  uint64_t number = flow->fragments.in_flight.first;
  for (; number != 0; number = fragments_at (&flow->fragments, number)->next) {
    Fragment *fragment = fragments_at (&flow->fragments, number);
    if (fragment->message != NULL && !fragment->message->options.no_retransmit) {
      leave_flight (flow, number);
      fragments_insert_lost (&flow->fragments, number);
      fragment->probes = true;
      return true;
    }
  }
  return false;
}

size_t
rtmfp_send_flow_timeout (RtmfpSendFlow *flow, int64_t sent_us) {
  RtmfpNakResult result = {0};
  uint64_t number;
  while ((number = flow->fragments.in_flight.first) != 0 &&
         fragments_at (&flow->fragments, number)->sent_us <= sent_us) {
    lose (flow, number, &result);
  }
  return result.lost_fragments;
}

size_t
rtmfp_send_flow_outstanding_bytes (const RtmfpSendFlow *flow) {
  return flow->outstanding_bytes;
}

int64_t
rtmfp_send_flow_oldest_sent_us (const RtmfpSendFlow *flow) {
  const uint64_t first = flow->fragments.in_flight.first;
  return first != 0 ? fragments_at (&flow->fragments, first)->sent_us : RTMFP_NEVER;
}

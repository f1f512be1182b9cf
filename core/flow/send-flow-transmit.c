/* SPDX-License-Identifier: Apache-2.0 */
/* What a sending flow puts into packets (RFC 7016 s3.6.2.3). */
#include "core/flow/params.h"
#include "core/flow/send-flow-private.h"
#include "core/wire/data-chunk.h"

#include <string.h>

/* A fragment cut off to fill a packet must fit again when its fsnOffset has grown to so many bytes.
 */
#define FSN_OFFSET_BYTES 3

static bool
has_room (const RtmfpSendFlow *flow) {
  return flow->fragments.end - flow->fragments.base < RTMFP_SEND_FRAGMENTS_MAX;
}

static uint64_t
append_abandoned (RtmfpSendFlow *flow) {
  uint64_t number;
  fragments_append (&flow->fragments, &number)->abandoned = true;
  return number;
}

/* Given up messages whose turn has come take their sequence numbers. */
static void
take_skipped (RtmfpSendFlow *flow) {
  uint64_t *skipped = flow->uncut != NULL ? &flow->uncut->skipped_before : &flow->skipped_last;
  for (; *skipped > 0 && has_room (flow); (*skipped)--) {
    append_abandoned (flow);
  }
}

/* s3.6.2.11: one more number. While a message is uncut that cannot be given up, its last fragment
 * becomes the final one instead. Deviation: a given up message that was never sent is not made the
 * final number: the receiver could not tell it from an empty one, and would miss the gap. */
static void
place_final (RtmfpSendFlow *flow) {
  if (flow->state == RTMFP_SEND_CLOSING && flow->final_sequence_number == 0 &&
      flow->uncut == NULL && flow->skipped_last == 0 && has_room (flow)) {
    flow->final_sequence_number = append_abandoned (flow);
  }
}

/* "Trim abandoned messages from the front of the queue." */
static void
trim (RtmfpSendFlow *flow) {
  Fragments *fragments = &flow->fragments;
  while (fragments->live + (flow->uncut != NULL) >= 2 && fragments->base < fragments->end) {
    const Fragment *first = fragments_at (fragments, fragments->base);
    if (first->state != FRAGMENT_IDLE || !first->abandoned) {
      return;
    }
    fragments_finish (fragments, fragments->base);
  }
}

static uint64_t
forward_sequence_number (const RtmfpSendFlow *flow) {
  const Fragments *fragments = &flow->fragments;
  if (fragments->base == fragments->end) {
    return fragments->end - 1;
  }
  const Fragment *first = fragments_at (fragments, fragments->base);
  const bool may_pass =
      first->abandoned && (first->state != FRAGMENT_IN_FLIGHT || first->sent_abandoned);
  return may_pass ? fragments->base : fragments->base - 1;
}

/* The first eligible fragment that was cut already; 0 = none. */
static uint64_t
first_eligible (const RtmfpSendFlow *flow) {
  const Fragments *fragments = &flow->fragments;
  if (fragments->base < fragments->end &&
      fragments_at (fragments, fragments->base)->state == FRAGMENT_IDLE) {
    return fragments->base;
  }
  if (fragments->lost.first != 0) {
    return fragments->lost.first;
  }
  const uint64_t final = flow->final_sequence_number;
  if (final >= fragments->base && final < fragments->end &&
      fragments_at (fragments, final)->state == FRAGMENT_IDLE) {
    return final;
  }
  return 0;
}

static void
prepare (RtmfpSendFlow *flow, int64_t now_us) {
  send_flow_expire (flow, now_us);
  take_skipped (flow);
  place_final (flow);
  trim (flow);
}

static bool
is_ready (const RtmfpSendFlow *flow) {
  if (flow->rx_buffer_bytes <= flow->outstanding_bytes && !flow->exception) {
    return false;
  }
  return first_eligible (flow) != 0 ||
         (flow->uncut != NULL && flow->uncut->skipped_before == 0 && has_room (flow));
}

bool
rtmfp_send_flow_is_ready (RtmfpSendFlow *flow, int64_t now_us) {
  prepare (flow, now_us);
  return is_ready (flow);
}

static RtmfpUserData
make_chunk (const RtmfpSendFlow *flow, uint64_t number, const RtmfpSendCursor *cursor) {
  RtmfpUserData chunk = {
      .final = number == flow->final_sequence_number,
      .has_options = !flow->startup_acknowledged && flow->startup_packet != cursor->packet,
      .flow_id = flow->id,
      .sequence_number = number,
      .forward_sequence_number = forward_sequence_number (flow),
  };
  if (chunk.has_options) {
    chunk.options = flow->startup;
  }
  return chunk;
}

static bool
is_next (const RtmfpUserData *chunk, const RtmfpSendFlow *flow, const RtmfpSendCursor *cursor) {
  return cursor->flow == flow && !chunk->has_options &&
         chunk->sequence_number == cursor->sequence_number + 1 &&
         chunk->forward_sequence_number == cursor->forward_sequence_number;
}

/* Writes the chunk, and sets its size. */
static RtmfpStatus
write_chunk (const RtmfpUserData *chunk, bool as_next, RtmfpWriter *packet, size_t *size) {
  const size_t before = rtmfp_writer_size (packet);
  const RtmfpStatus status =
      as_next ? rtmfp_write_next_user_data (packet, chunk) : rtmfp_write_user_data (packet, chunk);
  if (status == RTMFP_OK) {
    *size = rtmfp_writer_size (packet) - before;
  }
  return status;
}

static void
count_sent (RtmfpSendFlow *flow, const RtmfpUserData *chunk, bool again) {
  flow->counts.fragments_sent++;
  flow->counts.fragments_resent += again;
  flow->counts.abandoned_chunks_sent += chunk->abandon;
  flow->counts.fsn_updates_sent +=
      chunk->abandon && chunk->sequence_number == chunk->forward_sequence_number;
}

static void
move_cursor (RtmfpSendFlow *flow, const RtmfpUserData *chunk, RtmfpSendCursor *cursor) {
  if (chunk->has_options) {
    flow->startup_packet = cursor->packet;
  }
  cursor->flow = flow;
  cursor->sequence_number = chunk->sequence_number;
  cursor->forward_sequence_number = chunk->forward_sequence_number;
}

static void
plan_copies (RtmfpSendFlow *flow, Fragment *fragment) {
  const SendMessage *message = fragment->message;
  fragment->copies_sent = 0;
  fragment->copies_left = message == NULL    ? 0
                          : fragment->resent ? message->options.resend_copies
                                             : message->options.copies;
  flow->has_copies = flow->has_copies || fragment->copies_left > 0;
}

static void
mark_sent (RtmfpSendFlow *flow, const RtmfpUserData *chunk, size_t size, const RtmfpWriter *packet,
           RtmfpSendCursor *cursor, uint64_t tsn, int64_t now_us) {
  const uint64_t number = chunk->sequence_number;
  Fragment *fragment = fragments_at (&flow->fragments, number);
  count_sent (flow, chunk, fragment->ever_sent);
  fragments_unlink (&flow->fragments, number);
  fragments_append_in_flight (&flow->fragments, number);
  fragment->resent = fragment->ever_sent;
  fragment->ever_sent = true;
  fragment->nak_count = 0;
  fragment->sent_abandoned = fragment->abandoned;
  fragment->transmit_size = (uint32_t)size;
  fragment->in_long_packet =
      cursor->long_from > 0 && rtmfp_writer_size (packet) > cursor->long_from;
  fragment->tsn = tsn;
  fragment->sent_us = now_us;
  plan_copies (flow, fragment);
  flow->outstanding_bytes += size;
  move_cursor (flow, chunk, cursor);
}

static RtmfpUserData
make_chunk_again (const RtmfpSendFlow *flow, uint64_t number, const RtmfpSendCursor *cursor) {
  const Fragment *fragment = fragments_at (&flow->fragments, number);
  RtmfpUserData chunk = make_chunk (flow, number, cursor);
  chunk.fragment = (RtmfpFragment)fragment->control;
  chunk.abandon = fragment->abandoned;
  if (!fragment->abandoned) {
    chunk.data = rtmfp_bytes (fragment->message->data + fragment->offset, fragment->size);
  }
  return chunk;
}

/* Sends a fragment that was cut before. */
static RtmfpStatus
write_again (RtmfpSendFlow *flow, uint64_t number, RtmfpWriter *packet, RtmfpSendCursor *cursor,
             uint64_t tsn, int64_t now_us) {
  const RtmfpUserData chunk = make_chunk_again (flow, number, cursor);
  size_t size = 0;
  const RtmfpStatus status = write_chunk (&chunk, is_next (&chunk, flow, cursor), packet, &size);
  if (status == RTMFP_OK) {
    mark_sent (flow, &chunk, size, packet, cursor, tsn, now_us);
  }
  return status;
}

/* How many of the message's remaining bytes fit behind the chunk's header. Returns: OK; TRUNCATED.
 */
static RtmfpStatus
measure_cut (const RtmfpUserData *chunk, bool as_next, const RtmfpWriter *packet, size_t remaining,
             size_t *take) {
  const size_t overhead = rtmfp_user_data_overhead (chunk, as_next);
  const size_t room = rtmfp_writer_room (packet);
  if (overhead + remaining + FSN_OFFSET_BYTES <= room) {
    *take = remaining;
    return RTMFP_OK;
  }
  const size_t least = RTMFP_FRAGMENT_BYTES_MIN;
  if (remaining < 2 * least || overhead + FSN_OFFSET_BYTES + least > room) {
    return RTMFP_TRUNCATED; /* small messages stay whole */
  }
  const size_t most = room - overhead - FSN_OFFSET_BYTES;
  *take = most < remaining - least ? most : remaining - least;
  return RTMFP_OK;
}

static RtmfpFragment
fragment_control (const SendMessage *message, size_t take) {
  const bool first = message->fragment_count == 0;
  const bool last = message->cut_bytes + take == message->size;
  if (first) {
    return last ? RTMFP_FRAGMENT_WHOLE : RTMFP_FRAGMENT_BEGIN;
  }
  return last ? RTMFP_FRAGMENT_END : RTMFP_FRAGMENT_MIDDLE;
}

static void
cut (RtmfpSendFlow *flow, const RtmfpUserData *chunk) {
  SendMessage *message = flow->uncut;
  uint64_t number;
  Fragment *fragment = fragments_append (&flow->fragments, &number);
  fragment->control = (uint8_t)chunk->fragment;
  fragment->message = message;
  fragment->offset = message->cut_bytes;
  fragment->size = (uint32_t)chunk->data.size;
  if (message->fragment_count++ == 0) {
    message->first_sequence_number = number;
    send_flow_set_timer (flow, message);
  }
  message->unacknowledged++;
  message->cut_bytes += fragment->size;
  message->is_cut = message->cut_bytes == message->size;
  if (message->is_cut) {
    flow->uncut = TAILQ_NEXT (message, link);
  }
  if (chunk->final) {
    flow->final_sequence_number = number;
  }
}

static bool
may_be_given_up (const SendMessage *message) {
  const RtmfpSendOptions *options = &message->options;
  return options->start_by_us != 0 || options->finish_by_us != 0 || options->depends_on != 0 ||
         options->no_retransmit;
}

static bool
will_be_final (const RtmfpSendFlow *flow, RtmfpFragment control) {
  return flow->state == RTMFP_SEND_CLOSING && TAILQ_NEXT (flow->uncut, link) == NULL &&
         flow->skipped_last == 0 && !may_be_given_up (flow->uncut) &&
         (control == RTMFP_FRAGMENT_WHOLE || control == RTMFP_FRAGMENT_END);
}

/* Cuts the next fragment off the first uncut message and sends it. */
static RtmfpStatus
write_new (RtmfpSendFlow *flow, RtmfpWriter *packet, RtmfpSendCursor *cursor, uint64_t tsn,
           int64_t now_us) {
  const SendMessage *message = flow->uncut;
  RtmfpUserData chunk = make_chunk (flow, flow->fragments.end, cursor);
  const bool as_next = is_next (&chunk, flow, cursor);
  size_t take = 0;
  const RtmfpStatus fits =
      measure_cut (&chunk, as_next, packet, message->size - message->cut_bytes, &take);
  if (fits != RTMFP_OK) {
    return fits;
  }
  chunk.fragment = fragment_control (message, take);
  chunk.final = will_be_final (flow, chunk.fragment);
  chunk.data = rtmfp_bytes (message->data + message->cut_bytes, take);
  size_t size = 0;
  const RtmfpStatus status = write_chunk (&chunk, as_next, packet, &size);
  if (status == RTMFP_OK) {
    cut (flow, &chunk);
    mark_sent (flow, &chunk, size, packet, cursor, tsn, now_us);
  }
  return status;
}

RtmfpStatus
rtmfp_send_flow_write (RtmfpSendFlow *flow, RtmfpWriter *packet, RtmfpSendCursor *cursor,
                       uint64_t tsn, int64_t now_us) {
  prepare (flow, now_us);
  if (!is_ready (flow)) {
    return RTMFP_STATE;
  }
  const uint64_t again = first_eligible (flow);
  return again != 0 ? write_again (flow, again, packet, cursor, tsn, now_us)
                    : write_new (flow, packet, cursor, tsn, now_us);
}

/* ---- Copies ---- */

/* When the next copy of it may leave with others; alone: at the latest, by itself. */
static int64_t
copy_us (const Fragment *fragment, bool alone) {
  const int64_t gap_us = fragment->resent ? RTMFP_COPY_RESENT_GAP_US : RTMFP_COPY_GAP_US;
  const int64_t gaps = fragment->copies_sent + 1;
  return fragment->sent_us + gaps * (alone ? RTMFP_COPY_ALONE_GAPS * gap_us + gap_us / 2 : gap_us);
}

/* A packet becomes a long one only by what came in a long one before: an acknowledgement tells of
 * either. */
static bool
write_copy (RtmfpSendFlow *flow, uint64_t number, RtmfpWriter *packet, RtmfpSendCursor *cursor) {
  const RtmfpUserData chunk = make_chunk_again (flow, number, cursor);
  const bool as_next = is_next (&chunk, flow, cursor);
  const size_t after =
      rtmfp_writer_size (packet) + rtmfp_user_data_overhead (&chunk, as_next) + chunk.data.size;
  const bool was_long = fragments_at (&flow->fragments, number)->in_long_packet;
  if (cursor->long_from > 0 && after > cursor->long_from && !was_long) {
    return false;
  }
  size_t size = 0;
  if (write_chunk (&chunk, as_next, packet, &size) != RTMFP_OK) {
    return false;
  }
  move_cursor (flow, &chunk, cursor);
  flow->counts.copies_sent++;
  return true;
}

size_t
rtmfp_send_flow_write_copies (RtmfpSendFlow *flow, RtmfpWriter *packet, RtmfpSendCursor *cursor,
                              bool is_empty, int64_t now_us) {
  size_t written = 0;
  uint64_t number = flow->has_copies ? flow->fragments.in_flight.first : 0;
  for (; number != 0; number = fragments_at (&flow->fragments, number)->next) {
    Fragment *fragment = fragments_at (&flow->fragments, number);
    if (fragment->copies_left == 0 || copy_us (fragment, false) > now_us) {
      continue;
    }
    const bool wanted = fragment->message != NULL; /* not given up */
    const bool done = wanted && write_copy (flow, number, packet, cursor);
    if (done || !wanted || (is_empty && written == 0)) {
      fragment->copies_left--;
      fragment->copies_sent++;
    }
    written += done;
  }
  return written;
}

int64_t
rtmfp_send_flow_copy_due_us (RtmfpSendFlow *flow) {
  int64_t due_us = RTMFP_NEVER;
  uint64_t number = flow->has_copies ? flow->fragments.in_flight.first : 0;
  for (; number != 0; number = fragments_at (&flow->fragments, number)->next) {
    const Fragment *fragment = fragments_at (&flow->fragments, number);
    if (fragment->copies_left > 0 && copy_us (fragment, true) < due_us) {
      due_us = copy_us (fragment, true);
    }
  }
  flow->has_copies = due_us != RTMFP_NEVER;
  return due_us;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a sending flow puts into packets, and how it takes acknowledgement and loss (RFC 7016
 * s3.6.2). */
#include "core/flow/fragments.h"
#include "core/flow/params.h"
#include "core/flow/send-flow.h"
#include "core/wire/ack-chunk.h"
#include "core/wire/constants.h"
#include "core/wire/data-chunk.h"
#include "core/wire/packet.h"

#include <glib.h>
#include <string.h>

#define S INT64_C (1000000)
#define ROOM 1200

/* A sending flow and the session's part of it. */
typedef struct {
  RtmfpSendFlow *flow;
  uint64_t packet;
  uint64_t tsn;
  uint64_t max_tsn_ack;
  int64_t least_us; /* of an acknowledgement */
} Sender;

static Sender
new_sender_with (size_t buffer_bytes) {
  const RtmfpSendFlowConfig config = {.flow_id = 7,
                                      .metadata = rtmfp_bytes ("meta", 4),
                                      .has_association = true,
                                      .association = 9,
                                      .buffer_bytes = buffer_bytes};
  return (Sender){.flow = rtmfp_send_flow_new (&config), .tsn = 1};
}

static Sender
new_sender (void) {
  return new_sender_with (0);
}

static uint64_t
queue_with (Sender *sender, size_t size, const RtmfpSendOptions *options) {
  uint8_t *bytes = g_malloc (size + 1);
  for (size_t i = 0; i < size; i++) {
    bytes[i] = (uint8_t)(i * 7 + size);
  }
  uint64_t number = 0;
  g_assert_cmpint (
      rtmfp_send_flow_queue (sender->flow, rtmfp_bytes (bytes, size), options, &number), ==,
      RTMFP_OK);
  g_free (bytes);
  return number;
}

static uint64_t
queue (Sender *sender, size_t size) {
  return queue_with (sender, size, NULL);
}

/* What a packet held, with the sizes of its chunks. */
typedef struct {
  RtmfpUserData chunks[64];
  uint8_t types[64];
  size_t count;
  uint8_t bytes[ROOM];
} Sent;

/* Writes one packet of at most room bytes. */
static size_t
send_packet (Sender *sender, Sent *sent, size_t room, size_t most, int64_t now_us) {
  RtmfpWriter writer = rtmfp_writer (sent->bytes, room);
  RtmfpSendCursor cursor = {.packet = ++sender->packet};
  size_t written = 0;
  while (written < most &&
         rtmfp_send_flow_write (sender->flow, &writer, &cursor, sender->tsn, now_us) == RTMFP_OK) {
    sender->tsn++;
    written++;
  }
  sent->count = 0;
  RtmfpReader reader = rtmfp_reader (sent->bytes, rtmfp_writer_size (&writer));
  RtmfpChunk chunk;
  while (rtmfp_read_chunk (&reader, &chunk)) {
    RtmfpUserData *data = &sent->chunks[sent->count];
    sent->types[sent->count] = chunk.type;
    if (chunk.type == RTMFP_CHUNK_USER_DATA) {
      g_assert_cmpint (rtmfp_read_user_data (chunk.payload, data), ==, RTMFP_OK);
    } else {
      g_assert_cmpint (chunk.type, ==, RTMFP_CHUNK_NEXT_USER_DATA);
      g_assert_cmpuint (sent->count, >, 0);
      g_assert_cmpint (rtmfp_read_next_user_data (chunk.payload, data - 1, data), ==, RTMFP_OK);
    }
    sent->count++;
  }
  g_assert_cmpuint (sent->count, ==, written);
  return written;
}

static RtmfpAckResult
acknowledge_with (Sender *sender, uint64_t window, uint64_t cumulative, const RtmfpRange *ranges,
                  size_t count, bool bitmap, int64_t now_us) {
  const RtmfpAckContent content = {.flow_id = 7,
                                   .buffer_bytes_available = window,
                                   .cumulative_ack = cumulative,
                                   .ranges = ranges,
                                   .range_count = count};
  uint8_t bytes[512];
  RtmfpWriter writer = rtmfp_writer (bytes, sizeof bytes);
  g_assert_cmpint (bitmap ? rtmfp_write_ack_bitmap (&writer, &content)
                          : rtmfp_write_ack_ranges (&writer, &content, NULL),
                   ==, RTMFP_OK);
  RtmfpReader reader = rtmfp_reader (bytes, rtmfp_writer_size (&writer));
  RtmfpChunk chunk;
  g_assert_true (rtmfp_read_chunk (&reader, &chunk));
  RtmfpAck ack;
  g_assert_cmpint (bitmap ? rtmfp_read_ack_bitmap (chunk.payload, &ack)
                          : rtmfp_read_ack_ranges (chunk.payload, &ack),
                   ==, RTMFP_OK);
  RtmfpAckResult result = {.least_us = sender->least_us};
  rtmfp_send_flow_receive_ack (sender->flow, &ack, now_us, &result);
  sender->max_tsn_ack = MAX (sender->max_tsn_ack, result.max_tsn);
  return result;
}

static RtmfpAckResult
acknowledge (Sender *sender, uint64_t cumulative, const RtmfpRange *ranges, size_t count) {
  return acknowledge_with (sender, 1 << 20, cumulative, ranges, count, false, S);
}

static RtmfpNakResult
nak (Sender *sender) {
  RtmfpNakResult result = {0};
  rtmfp_send_flow_nak (sender->flow, sender->max_tsn_ack, &result);
  return result;
}

static void
assert_ended (Sender *sender, uint64_t number, bool delivered) {
  uint64_t ended = 0;
  bool was_delivered = !delivered;
  g_assert_true (rtmfp_send_flow_poll_ended (sender->flow, &ended, &was_delivered));
  g_assert_cmpuint (ended, ==, number);
  g_assert_cmpint (was_delivered, ==, delivered);
}

static const RtmfpSendOptions reporting = {.reports_end = true};

/* ---- fragments ---- */

static void
test_whole_message (void) {
  Sender sender = new_sender ();
  Sent sent;
  g_assert_cmpuint (queue (&sender, 100), ==, 1);
  g_assert_true (rtmfp_send_flow_is_ready (sender.flow, S));
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 1);
  const RtmfpUserData *chunk = &sent.chunks[0];
  g_assert_cmpint (chunk->fragment, ==, RTMFP_FRAGMENT_WHOLE);
  g_assert_cmpuint (chunk->flow_id, ==, 7);
  g_assert_cmpuint (chunk->sequence_number, ==, 1);
  g_assert_cmpuint (chunk->forward_sequence_number, ==, 0);
  g_assert_cmpuint (chunk->data.size, ==, 100);
  g_assert_cmpuint (chunk->data.data[1], ==, 107);
  g_assert_false (chunk->abandon);
  g_assert_false (chunk->final);
  g_assert_false (rtmfp_send_flow_is_ready (sender.flow, S));
  rtmfp_send_flow_free (sender.flow);
}

static void
test_cuts_to_the_room (void) {
  Sender sender = new_sender ();
  queue (&sender, 5000);
  Sent sent;
  GByteArray *whole = g_byte_array_new ();
  uint64_t number = 1;
  while (send_packet (&sender, &sent, ROOM, 1, S) == 1) {
    g_assert_cmpuint (sent.chunks[0].sequence_number, ==, number);
    const int control = sent.chunks[0].fragment;
    g_byte_array_append (whole, sent.chunks[0].data.data, (guint)sent.chunks[0].data.size);
    g_assert_cmpint (control, ==,
                     number == 1           ? RTMFP_FRAGMENT_BEGIN
                     : whole->len == 5000u ? RTMFP_FRAGMENT_END
                                           : RTMFP_FRAGMENT_MIDDLE);
    number++;
  }
  g_assert_cmpuint (number, ==, 6);
  g_assert_cmpuint (whole->len, ==, 5000);
  for (size_t i = 0; i < whole->len; i++) {
    g_assert_cmpuint (whole->data[i], ==, (uint8_t)(i * 7 + 5000));
  }
  g_byte_array_unref (whole);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_small_messages_stay_whole (void) {
  Sender sender = new_sender ();
  queue (&sender, 200);
  Sent sent;
  g_assert_cmpuint (send_packet (&sender, &sent, 180, 1, S), ==, 0);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 1, S), ==, 1);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_empty_message (void) {
  Sender sender = new_sender ();
  queue_with (&sender, 0, &reporting);
  Sent sent;
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 1);
  g_assert_cmpint (sent.chunks[0].fragment, ==, RTMFP_FRAGMENT_WHOLE);
  g_assert_cmpuint (sent.chunks[0].data.size, ==, 0);
  acknowledge (&sender, 1, NULL, 0);
  assert_ended (&sender, 1, true);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_next_user_data_for_neighbours (void) {
  Sender sender = new_sender ();
  for (int i = 0; i < 3; i++) {
    queue (&sender, 50);
  }
  Sent sent;
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 3);
  g_assert_cmpint (sent.types[0], ==, RTMFP_CHUNK_USER_DATA);
  g_assert_cmpint (sent.types[1], ==, RTMFP_CHUNK_NEXT_USER_DATA);
  g_assert_cmpint (sent.types[2], ==, RTMFP_CHUNK_NEXT_USER_DATA);
  g_assert_cmpuint (sent.chunks[2].sequence_number, ==, 3);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_user_data_after_a_hole (void) {
  Sender sender = new_sender ();
  for (int i = 0; i < 5; i++) {
    queue (&sender, 50);
  }
  Sent sent;
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 5, S), ==, 5);
  const RtmfpRange ranges[] = {{3, 3}};
  acknowledge (&sender, 1, ranges, 1); /* 2, 4 and 5 are missing */
  g_assert_cmpuint (rtmfp_send_flow_timeout (sender.flow, INT64_MAX), ==, 3);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 3);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 2);
  g_assert_cmpint (sent.types[1], ==, RTMFP_CHUNK_USER_DATA);
  g_assert_cmpuint (sent.chunks[1].sequence_number, ==, 4);
  g_assert_cmpint (sent.types[2], ==, RTMFP_CHUNK_NEXT_USER_DATA);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_options_once_a_packet_until_acknowledged (void) {
  Sender sender = new_sender ();
  for (int i = 0; i < 6; i++) {
    queue (&sender, 50);
  }
  Sent sent;
  for (int packet = 0; packet < 2; packet++) {
    g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 2, S), ==, 2);
    g_assert_true (sent.chunks[0].has_options);
    g_assert_true (sent.chunks[0].options.has_metadata);
    g_assert_cmpmem (sent.chunks[0].options.metadata.data, sent.chunks[0].options.metadata.size,
                     "meta", 4);
    g_assert_true (sent.chunks[0].options.has_association);
    g_assert_cmpuint (sent.chunks[0].options.association, ==, 9);
    g_assert_false (sent.chunks[1].has_options);
  }
  acknowledge (&sender, 0, NULL, 0);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 2, S), ==, 2);
  g_assert_false (sent.chunks[0].has_options);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_cut_fragments_fit_again (void) {
  Sender sender = new_sender_with (40 << 20);
  acknowledge (&sender, 0, NULL, 0);
  acknowledge_with (&sender, 64 << 20, 0, NULL, 0, false, S);
  for (int i = 0; i < 30; i++) {
    queue (&sender, 1 << 20);
  }
  Sent sent;
  while (send_packet (&sender, &sent, ROOM, 1, S) == 1) {
  }
  rtmfp_send_flow_timeout (sender.flow, INT64_MAX);
  /* The forward number stays at 0, so that offsets have grown to two bytes and three. */
  size_t again = 0;
  while (send_packet (&sender, &sent, ROOM, 1, S) == 1) {
    again++;
  }
  g_assert_cmpuint (again, >, 20000);
  g_assert_false (rtmfp_send_flow_is_ready (sender.flow, S));
  rtmfp_send_flow_free (sender.flow);
}

/* ---- acknowledgement and loss ---- */

static void
test_acknowledgement_frees_the_window (void) {
  Sender sender = new_sender ();
  const uint64_t number = queue_with (&sender, 3000, &reporting);
  Sent sent;
  while (send_packet (&sender, &sent, ROOM, 1, S) == 1) {
  }
  const size_t outstanding = rtmfp_send_flow_outstanding_bytes (sender.flow);
  g_assert_cmpuint (outstanding, >, 3000);
  RtmfpAckResult result = acknowledge (&sender, 2, NULL, 0);
  g_assert_cmpuint (result.acked_bytes, >, 2000);
  g_assert_cmpuint (result.max_tsn, ==, 2);
  g_assert_cmpuint (rtmfp_send_flow_outstanding_bytes (sender.flow), ==,
                    outstanding - result.acked_bytes);
  uint64_t ended;
  bool delivered;
  g_assert_false (rtmfp_send_flow_poll_ended (sender.flow, &ended, &delivered));
  acknowledge (&sender, 3, NULL, 0);
  g_assert_cmpuint (rtmfp_send_flow_outstanding_bytes (sender.flow), ==, 0);
  g_assert_cmpuint (rtmfp_send_flow_buffered_bytes (sender.flow), ==, 0);
  assert_ended (&sender, number, true);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_lying_acknowledgements_are_harmless (void) {
  Sender sender = new_sender ();
  queue (&sender, 100);
  const RtmfpRange ranges[] = {{40, UINT64_MAX}};
  acknowledge (&sender, 20, ranges, 1);
  Sent sent;
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 1);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 1);
  acknowledge (&sender, UINT64_MAX, NULL, 0);
  acknowledge (&sender, 0, NULL, 0);
  queue (&sender, 100);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 1);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 2);
  g_assert_cmpuint (sent.chunks[0].forward_sequence_number, ==, 1);
  rtmfp_send_flow_free (sender.flow);
}

/* The final number has its place before it is sent; until then nobody can have it. */
static void
test_unsent_end_is_not_acknowledged (void) {
  Sender sender = new_sender ();
  Sent sent;
  queue (&sender, 100);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 1, S), ==, 1);
  rtmfp_send_flow_close (sender.flow);
  g_assert_true (rtmfp_send_flow_is_ready (sender.flow, S));
  acknowledge (&sender, 2, NULL, 0);
  g_assert_cmpint (rtmfp_send_flow_state (sender.flow), ==, RTMFP_SEND_CLOSING);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 1, S), ==, 1);
  g_assert_true (sent.chunks[0].final);
  acknowledge (&sender, 2, NULL, 0);
  g_assert_cmpint (rtmfp_send_flow_state (sender.flow), ==, RTMFP_SEND_COMPLETE_LINGER);
  rtmfp_send_flow_free (sender.flow);
}

static void
send_and_ack_behind_a_hole (bool bitmap) {
  Sender sender = new_sender ();
  for (int i = 0; i < 6; i++) {
    queue (&sender, 50);
  }
  Sent sent;
  send_packet (&sender, &sent, ROOM, 6, S);
  for (uint64_t last = 3; last <= 5; last++) {
    const RtmfpRange ranges[] = {{3, last}};
    acknowledge_with (&sender, 1 << 20, 1, ranges, 1, bitmap, S);
    const RtmfpNakResult result = nak (&sender);
    g_assert_true (result.any_naks);
    g_assert_cmpuint (result.lost_fragments, ==, last == 5);
  }
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 1);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 2);
  g_assert_cmpuint (sent.chunks[0].forward_sequence_number, ==, 1);
  g_assert_cmpuint (rtmfp_send_flow_counts (sender.flow)->fragments_resent, ==, 1);
  /* Sent last now: the same acknowledgement says nothing against it. */
  g_assert_false (nak (&sender).any_naks);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_three_naks_are_a_loss (void) {
  send_and_ack_behind_a_hole (false);
}

static void
test_bitmaps_are_read (void) {
  send_and_ack_behind_a_hole (true);
}

static void
test_naks_count_across_flows (void) {
  Sender one = new_sender (), other = new_sender ();
  queue (&one, 50);
  queue (&other, 50);
  Sent sent;
  send_packet (&one, &sent, ROOM, 1, S);
  other.tsn = one.tsn;
  send_packet (&other, &sent, ROOM, 1, S);
  acknowledge (&other, 1, NULL, 0);
  RtmfpNakResult result = {0};
  for (int i = 0; i < 3; i++) {
    rtmfp_send_flow_nak (one.flow, other.max_tsn_ack, &result);
  }
  g_assert_cmpuint (result.lost_fragments, ==, 1);
  rtmfp_send_flow_free (one.flow);
  rtmfp_send_flow_free (other.flow);
}

static void
test_late_acknowledgement_saves_a_lost_one (void) {
  Sender sender = new_sender ();
  queue_with (&sender, 50, &reporting);
  Sent sent;
  send_packet (&sender, &sent, ROOM, 9, S);
  g_assert_cmpint (rtmfp_send_flow_oldest_sent_us (sender.flow), ==, S);
  rtmfp_send_flow_timeout (sender.flow, INT64_MAX);
  g_assert_cmpint (rtmfp_send_flow_oldest_sent_us (sender.flow), ==, RTMFP_NEVER);
  acknowledge (&sender, 1, NULL, 0);
  g_assert_false (rtmfp_send_flow_is_ready (sender.flow, S));
  assert_ended (&sender, 1, true);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_timeout_takes_only_the_old (void) {
  Sender sender = new_sender ();
  queue (&sender, 50);
  queue (&sender, 50);
  Sent sent;
  send_packet (&sender, &sent, ROOM, 1, 1 * S);
  send_packet (&sender, &sent, ROOM, 1, 2 * S);
  g_assert_cmpuint (rtmfp_send_flow_timeout (sender.flow, 1 * S), ==, 1);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, 3 * S), ==, 1);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 1);
  rtmfp_send_flow_free (sender.flow);
}

#define MS INT64_C (1000)

/* Four leave 10 ms apart and the last is acknowledged: those before it are lost when they are
 * overdue, one after the other. */
static void
test_overtaken_ones_are_lost_by_time (void) {
  Sender sender = new_sender ();
  Sent sent;
  for (int i = 0; i < 4; i++) {
    queue (&sender, 50);
    send_packet (&sender, &sent, ROOM, 1, S + i * 10 * MS);
  }
  const RtmfpRange last = {4, 4};
  acknowledge (&sender, 0, &last, 1);
  RtmfpNakResult lost = {0};
  g_assert_cmpint (rtmfp_send_flow_overtaken (sender.flow, sender.max_tsn_ack, S - 1, &lost), ==,
                   S);
  g_assert_cmpuint (lost.lost_fragments, ==, 0);
  g_assert_cmpint (rtmfp_send_flow_overtaken (sender.flow, sender.max_tsn_ack, S + 10 * MS, &lost),
                   ==, S + 20 * MS);
  g_assert_cmpuint (lost.lost_fragments, ==, 2);
  g_assert_cmpint (lost.lost_sent_us, ==, S + 10 * MS);
  /* What left behind the newest that was acknowledged is not overtaken. */
  send_packet (&sender, &sent, ROOM, 2, S + 60 * MS);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 1);
  g_assert_cmpint (rtmfp_send_flow_overtaken (sender.flow, sender.max_tsn_ack, 2 * S, &lost), ==,
                   RTMFP_NEVER);
  g_assert_cmpuint (lost.lost_fragments, ==, 3);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_probe_is_the_oldest_that_may_go_again (void) {
  Sender sender = new_sender ();
  const RtmfpSendOptions once = {.no_retransmit = true};
  queue_with (&sender, 50, &once);
  Sent sent;
  send_packet (&sender, &sent, ROOM, 1, S);
  g_assert_false (rtmfp_send_flow_probe (sender.flow));
  queue (&sender, 50);
  queue (&sender, 50);
  send_packet (&sender, &sent, ROOM, 2, S + MS);
  g_assert_true (rtmfp_send_flow_probe (sender.flow));
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S + 90 * MS), ==, 1);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 2);
  const RtmfpRange second = {2, 2};
  RtmfpAckResult result = acknowledge_with (&sender, 1 << 20, 0, &second, 1, false, S + 140 * MS);
  g_assert_cmpint (result.probe_sent_us, ==, S + 90 * MS);
  g_assert_cmpuint (result.max_tsn, ==, 4);
  rtmfp_send_flow_free (sender.flow);
}

/* How many copies one packet took, and of what. */
static size_t
send_copies_in (Sender *sender, Sent *sent, size_t room, bool is_empty, int64_t now_us) {
  RtmfpWriter writer = rtmfp_writer (sent->bytes, room);
  RtmfpSendCursor cursor = {.packet = ++sender->packet};
  const size_t written =
      rtmfp_send_flow_write_copies (sender->flow, &writer, &cursor, is_empty, now_us);
  RtmfpReader reader = rtmfp_reader (sent->bytes, rtmfp_writer_size (&writer));
  RtmfpChunk chunk;
  for (sent->count = 0; rtmfp_read_chunk (&reader, &chunk); sent->count++) {
    RtmfpUserData *data = &sent->chunks[sent->count];
    g_assert_cmpint (chunk.type == RTMFP_CHUNK_USER_DATA
                         ? rtmfp_read_user_data (chunk.payload, data)
                         : rtmfp_read_next_user_data (chunk.payload, data - 1, data),
                     ==, RTMFP_OK);
  }
  g_assert_cmpuint (sent->count, ==, written);
  return written;
}

static size_t
send_copies (Sender *sender, Sent *sent, size_t room, int64_t now_us) {
  return send_copies_in (sender, sent, room, false, now_us);
}

/* Two copies of each, 10 ms behind one another; nothing but time asks for them, and what is
 * outstanding stays as it was. */
static void
test_copies_follow (void) {
  Sender sender = new_sender ();
  const RtmfpSendOptions twice = {.copies = 2};
  queue_with (&sender, 50, &twice);
  queue (&sender, 60);
  Sent sent;
  g_assert_cmpint (rtmfp_send_flow_copy_due_us (sender.flow), ==, RTMFP_NEVER);
  send_packet (&sender, &sent, ROOM, 2, S);
  const size_t outstanding = rtmfp_send_flow_outstanding_bytes (sender.flow);
  g_assert_cmpuint (send_copies (&sender, &sent, ROOM, S + RTMFP_COPY_GAP_US - 1), ==, 0);
  g_assert_cmpint (rtmfp_send_flow_copy_due_us (sender.flow), ==, S + 25 * MS);
  g_assert_cmpuint (send_copies (&sender, &sent, ROOM, S + RTMFP_COPY_GAP_US), ==, 1);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 1);
  g_assert_cmpuint (sent.chunks[0].data.size, ==, 50);
  g_assert_cmpuint (send_copies (&sender, &sent, ROOM, S + RTMFP_COPY_GAP_US), ==, 0);
  g_assert_cmpint (rtmfp_send_flow_copy_due_us (sender.flow), ==, S + 50 * MS);
  g_assert_cmpuint (send_copies (&sender, &sent, ROOM, S + 2 * RTMFP_COPY_GAP_US), ==, 1);
  g_assert_cmpuint (send_copies (&sender, &sent, ROOM, 2 * S), ==, 0);
  g_assert_cmpint (rtmfp_send_flow_copy_due_us (sender.flow), ==, RTMFP_NEVER);
  g_assert_cmpuint (rtmfp_send_flow_outstanding_bytes (sender.flow), ==, outstanding);
  g_assert_cmpuint (rtmfp_send_flow_counts (sender.flow)->copies_sent, ==, 2);
  g_assert_cmpuint (rtmfp_send_flow_counts (sender.flow)->fragments_sent, ==, 2);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_copies_end_with_the_acknowledgement (void) {
  Sender sender = new_sender ();
  const RtmfpSendOptions twice = {.copies = 2};
  queue_with (&sender, 50, &twice);
  queue_with (&sender, 50, &twice);
  Sent sent;
  send_packet (&sender, &sent, ROOM, 2, S);
  acknowledge (&sender, 1, NULL, 0);
  g_assert_cmpuint (send_copies (&sender, &sent, ROOM, S + 10 * MS), ==, 1);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 2);
  acknowledge (&sender, 2, NULL, 0);
  g_assert_cmpint (rtmfp_send_flow_copy_due_us (sender.flow), ==, RTMFP_NEVER);
  rtmfp_send_flow_free (sender.flow);
}

/* What is sent again because it was lost has copies of its own, closer together. */
static void
test_copies_of_what_was_lost (void) {
  Sender sender = new_sender ();
  const RtmfpSendOptions again = {.resend_copies = 1};
  queue_with (&sender, 50, &again);
  Sent sent;
  send_packet (&sender, &sent, ROOM, 1, S);
  g_assert_cmpuint (send_copies (&sender, &sent, ROOM, 2 * S), ==, 0);
  g_assert_cmpuint (rtmfp_send_flow_timeout (sender.flow, INT64_MAX), ==, 1);
  g_assert_cmpuint (send_copies (&sender, &sent, ROOM, 2 * S), ==, 0); /* not in flight */
  send_packet (&sender, &sent, ROOM, 1, 3 * S);
  g_assert_cmpuint (send_copies (&sender, &sent, ROOM, 3 * S + RTMFP_COPY_RESENT_GAP_US), ==, 1);
  g_assert_cmpuint (send_copies (&sender, &sent, ROOM, 4 * S), ==, 0);
  rtmfp_send_flow_free (sender.flow);
}

/* No room in the packet: it waits, if necessary until it has a packet to itself; what does not fit
 * there never will. What was given up has none. */
static void
test_copies_that_do_not_leave (void) {
  Sender sender = new_sender ();
  const RtmfpSendOptions once = {.copies = 1, .finish_by_us = 2 * S};
  Sent sent;
  for (int i = 0; i < 3; i++) {
    queue_with (&sender, 50, &once);
    send_packet (&sender, &sent, ROOM, 1, S + i * 100 * MS);
  }
  g_assert_cmpuint (send_copies (&sender, &sent, 30, S + 10 * MS), ==, 0);
  g_assert_cmpuint (send_copies (&sender, &sent, 30, S + 25 * MS), ==, 0);
  g_assert_cmpint (rtmfp_send_flow_copy_due_us (sender.flow), ==, S + 25 * MS);
  g_assert_cmpuint (send_copies_in (&sender, &sent, 30, true, S + 30 * MS), ==, 0);
  g_assert_cmpint (rtmfp_send_flow_copy_due_us (sender.flow), ==, S + 125 * MS);
  /* Two wait and one has room: the other waits on. */
  g_assert_cmpuint (send_copies_in (&sender, &sent, 70, true, S + 230 * MS), ==, 1);
  g_assert_cmpint (rtmfp_send_flow_copy_due_us (sender.flow), ==, S + 225 * MS);
  rtmfp_send_flow_advance (sender.flow, 2 * S);
  g_assert_cmpuint (send_copies (&sender, &sent, ROOM, 2 * S), ==, 0);
  g_assert_cmpint (rtmfp_send_flow_copy_due_us (sender.flow), ==, RTMFP_NEVER);
  rtmfp_send_flow_free (sender.flow);
}

/* From the time on at which a copy can have been acknowledged, nothing is measured. */
static void
test_copies_measure_nothing (void) {
  for (int late = 0; late < 2; late++) {
    Sender sender = new_sender ();
    const RtmfpSendOptions once = {.copies = 1};
    queue_with (&sender, 50, &once);
    Sent sent;
    send_packet (&sender, &sent, ROOM, 1, S);
    send_copies (&sender, &sent, ROOM, S + 10 * MS);
    sender.least_us = 40 * MS;
    RtmfpAckResult result =
        acknowledge_with (&sender, 1 << 20, 1, NULL, 0, false, S + 50 * MS - (late ? 0 : 1));
    g_assert_cmpuint (result.max_tsn, ==, 1);
    g_assert_cmpint (result.resent, ==, late);
    rtmfp_send_flow_free (sender.flow);
  }
}

/* The acknowledgement comes 10 ms after the probe, and no path is so short: it is of what left
 * first. */
static void
test_early_acknowledgement_is_of_the_first (void) {
  Sender sender = new_sender ();
  queue (&sender, 50);
  queue (&sender, 50);
  Sent sent;
  send_packet (&sender, &sent, ROOM, 2, S);
  g_assert_true (rtmfp_send_flow_probe (sender.flow));
  send_packet (&sender, &sent, ROOM, 1, S + 90 * MS);
  sender.least_us = 40 * MS;
  RtmfpAckResult result = acknowledge_with (&sender, 1 << 20, 1, NULL, 0, false, S + 100 * MS);
  g_assert_cmpuint (result.acked_bytes, >, 0);
  g_assert_cmpuint (result.max_tsn, ==, 0);
  g_assert_cmpint (result.probe_sent_us, ==, 0);
  g_assert_cmpuint (sender.max_tsn_ack, ==, 0);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_lost_ones_go_in_order (void) {
  Sender sender = new_sender ();
  for (int i = 0; i < 8; i++) {
    queue (&sender, 50);
  }
  Sent sent;
  send_packet (&sender, &sent, ROOM, 8, S);
  rtmfp_send_flow_timeout (sender.flow, INT64_MAX);
  send_packet (&sender, &sent, ROOM, 2, S); /* 1 and 2 get later transmission numbers than 3..8 */
  rtmfp_send_flow_timeout (sender.flow, INT64_MAX);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 8);
  for (uint64_t i = 0; i < 8; i++) {
    g_assert_cmpuint (sent.chunks[i].sequence_number, ==, i + 1);
  }
  rtmfp_send_flow_free (sender.flow);
}

/* ---- giving up ---- */

static void
test_start_deadline (void) {
  Sender sender = new_sender ();
  const RtmfpSendOptions options = {.start_by_us = 2 * S, .reports_end = true};
  queue_with (&sender, 50, &options);
  queue_with (&sender, 60, &options);
  g_assert_cmpint (rtmfp_send_flow_deadline (sender.flow), ==, 2 * S);
  Sent sent;
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 1, S), ==, 1); /* begun in time: it stays */
  rtmfp_send_flow_advance (sender.flow, 2 * S);
  assert_ended (&sender, 2, false);
  rtmfp_send_flow_timeout (sender.flow, INT64_MAX);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 1, 3 * S), ==, 1);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 1);
  g_assert_false (sent.chunks[0].abandon);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_given_up_message_takes_a_number (void) {
  Sender sender = new_sender ();
  const RtmfpSendOptions options = {.start_by_us = 2 * S};
  queue (&sender, 50);
  queue_with (&sender, 50, &options);
  queue (&sender, 70);
  Sent sent;
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 1, S), ==, 1);
  acknowledge (&sender, 1, NULL, 0);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, 2 * S), ==, 1);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 3);
  g_assert_cmpuint (sent.chunks[0].forward_sequence_number, ==, 2);
  g_assert_cmpuint (sent.chunks[0].data.size, ==, 70);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_forward_update_when_nothing_else_is_left (void) {
  Sender sender = new_sender ();
  const RtmfpSendOptions options = {.finish_by_us = 2 * S, .reports_end = true};
  queue_with (&sender, 50, &options);
  queue_with (&sender, 50, &options);
  Sent sent;
  send_packet (&sender, &sent, ROOM, 9, S);
  rtmfp_send_flow_timeout (sender.flow, INT64_MAX);
  rtmfp_send_flow_advance (sender.flow, 2 * S);
  assert_ended (&sender, 1, false);
  assert_ended (&sender, 2, false);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, 2 * S), ==, 1);
  g_assert_true (sent.chunks[0].abandon);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 2);
  g_assert_cmpuint (sent.chunks[0].forward_sequence_number, ==, 2);
  g_assert_cmpuint (sent.chunks[0].data.size, ==, 0);
  g_assert_cmpuint (rtmfp_send_flow_counts (sender.flow)->fsn_updates_sent, ==, 1);
  /* It is repeated until it is acknowledged. */
  rtmfp_send_flow_timeout (sender.flow, INT64_MAX);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, 3 * S), ==, 1);
  acknowledge (&sender, 2, NULL, 0);
  rtmfp_send_flow_timeout (sender.flow, INT64_MAX);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, 4 * S), ==, 0);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_forward_number_waits_for_what_is_in_flight (void) {
  Sender sender = new_sender ();
  const RtmfpSendOptions options = {.finish_by_us = 2 * S};
  queue_with (&sender, 50, &options);
  Sent sent;
  send_packet (&sender, &sent, ROOM, 9, S);
  queue (&sender, 50);
  /* Given up while in flight, and not abandoned when sent: it must not be passed yet (s3.6.2.3). */
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, 3 * S), ==, 1);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 2);
  g_assert_cmpuint (sent.chunks[0].forward_sequence_number, ==, 0);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_gap_behind_acknowledged_data_is_passed (void) {
  Sender sender = new_sender ();
  const RtmfpSendOptions options = {.finish_by_us = 2 * S};
  queue_with (&sender, 50, &options);
  queue (&sender, 50);
  Sent sent;
  send_packet (&sender, &sent, ROOM, 9, S);
  const RtmfpRange ranges[] = {{2, 2}};
  rtmfp_send_flow_advance (sender.flow, 2 * S);
  rtmfp_send_flow_timeout (sender.flow, INT64_MAX); /* 1 is trimmed while 2 is to be sent again, */
  g_assert_true (rtmfp_send_flow_is_ready (sender.flow, 2 * S));
  acknowledge (&sender, 0, ranges, 1); /* and then 2 turns out to have arrived */
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, 2 * S), ==, 1);
  g_assert_true (sent.chunks[0].abandon);
  g_assert_cmpuint (sent.chunks[0].forward_sequence_number, ==, 2);
  acknowledge (&sender, 2, NULL, 0);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, 2 * S), ==, 0);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_rest_of_a_begun_message_takes_one_number (void) {
  Sender sender = new_sender ();
  const RtmfpSendOptions options = {.finish_by_us = 2 * S};
  queue_with (&sender, 9000, &options);
  Sent sent;
  send_packet (&sender, &sent, ROOM, 1, S);
  send_packet (&sender, &sent, ROOM, 1, S);
  acknowledge (&sender, 2, NULL, 0);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, 2 * S), ==, 1);
  g_assert_true (sent.chunks[0].abandon);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 3);
  g_assert_cmpuint (sent.chunks[0].forward_sequence_number, ==, 3);
  acknowledge (&sender, 3, NULL, 0);
  g_assert_cmpuint (rtmfp_send_flow_buffered_bytes (sender.flow), ==, 0);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_dependents_die_together (void) {
  Sender sender = new_sender ();
  RtmfpSendOptions options = {.finish_by_us = 2 * S, .reports_end = true};
  queue_with (&sender, 50, &options);
  for (uint64_t i = 1; i <= 3; i++) { /* a chain */
    options = (RtmfpSendOptions){.depends_on = i, .reports_end = true};
    queue_with (&sender, 50, &options);
  }
  queue_with (&sender, 50, &reporting);
  rtmfp_send_flow_advance (sender.flow, 2 * S);
  for (uint64_t i = 1; i <= 4; i++) {
    assert_ended (&sender, i, false);
  }
  g_assert_cmpuint (rtmfp_send_flow_counts (sender.flow)->given_up_by_dependency, ==, 3);
  /* Queued too late to know it: dies at once. */
  options = (RtmfpSendOptions){.depends_on = 4, .reports_end = true};
  queue_with (&sender, 50, &options);
  assert_ended (&sender, 6, false);
  Sent sent;
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, 2 * S), ==, 1);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 5);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_dependents_of_the_delivered_live (void) {
  Sender sender = new_sender ();
  queue (&sender, 50);
  Sent sent;
  send_packet (&sender, &sent, ROOM, 9, S);
  acknowledge (&sender, 1, NULL, 0);
  const RtmfpSendOptions options = {.depends_on = 1};
  queue_with (&sender, 50, &options);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 1);
  g_assert_false (sent.chunks[0].abandon);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_memory_of_given_up_is_bounded (void) {
  Sender sender = new_sender_with (64 << 20);
  const RtmfpSendOptions options = {.start_by_us = S};
  for (unsigned i = 0; i < 3 * RTMFP_SEND_GIVEN_UP_RANGES_MAX; i++) {
    queue_with (&sender, 10, &options);
    queue (&sender, 10);
  }
  rtmfp_send_flow_advance (sender.flow, S);
  const uint64_t newest = 2 * (3 * RTMFP_SEND_GIVEN_UP_RANGES_MAX) - 1;
  RtmfpSendOptions dependent = {.depends_on = newest, .reports_end = true};
  const uint64_t number = queue_with (&sender, 10, &dependent);
  assert_ended (&sender, number, false);
  dependent.depends_on = 1; /* forgotten: it counts as delivered */
  queue_with (&sender, 10, &dependent);
  uint64_t ended;
  bool delivered;
  g_assert_false (rtmfp_send_flow_poll_ended (sender.flow, &ended, &delivered));
  rtmfp_send_flow_free (sender.flow);
}

static void
test_no_retransmit (void) {
  Sender sender = new_sender ();
  const RtmfpSendOptions options = {.no_retransmit = true, .reports_end = true};
  queue_with (&sender, 50, &options);
  Sent sent;
  send_packet (&sender, &sent, ROOM, 9, S);
  rtmfp_send_flow_timeout (sender.flow, INT64_MAX);
  assert_ended (&sender, 1, false);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 1);
  g_assert_true (sent.chunks[0].abandon);
  rtmfp_send_flow_free (sender.flow);
}

/* ---- windows and bounds ---- */

static void
test_far_window_holds_back (void) {
  Sender sender = new_sender ();
  for (int i = 0; i < 10; i++) {
    queue (&sender, 260);
  }
  acknowledge_with (&sender, 1024, 0, NULL, 0, false, S);
  Sent sent;
  /* While less than the window is outstanding one more may go (s3.6.2.3). */
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 3, S), ==, 3);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 1);
  g_assert_cmpuint (rtmfp_send_flow_outstanding_bytes (sender.flow), >=, 1024);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 0);
  g_assert_false (rtmfp_send_flow_is_ready (sender.flow, S));
  acknowledge_with (&sender, 1024, 3, NULL, 0, false, S);
  g_assert_true (rtmfp_send_flow_is_ready (sender.flow, S));
  rtmfp_send_flow_free (sender.flow);
}

static void
test_closed_window_is_probed (void) {
  Sender sender = new_sender ();
  queue (&sender, 500);
  acknowledge_with (&sender, 0, 0, NULL, 0, false, 10 * S);
  g_assert_false (rtmfp_send_flow_is_ready (sender.flow, 10 * S));
  int64_t at_us = rtmfp_send_flow_deadline (sender.flow);
  g_assert_cmpint (at_us, ==, 11 * S);
  g_assert_false (rtmfp_send_flow_take_probe (sender.flow, S / 4, at_us - 1));
  int64_t period_us = 0;
  for (int i = 0; i < 12; i++) {
    g_assert_true (rtmfp_send_flow_take_probe (sender.flow, S / 4, at_us));
    g_assert_false (rtmfp_send_flow_take_probe (sender.flow, S / 4, at_us));
    const int64_t next_us = rtmfp_send_flow_deadline (sender.flow);
    g_assert_cmpint (next_us - at_us, >=, period_us);
    period_us = next_us - at_us;
    at_us = next_us;
  }
  g_assert_cmpint (period_us, ==, RTMFP_BUFFER_PROBE_US_MAX);
  acknowledge_with (&sender, 1024, 0, NULL, 0, false, at_us);
  g_assert_cmpint (rtmfp_send_flow_deadline (sender.flow), ==, RTMFP_NEVER);
  g_assert_true (rtmfp_send_flow_is_ready (sender.flow, at_us));
  rtmfp_send_flow_free (sender.flow);
}

static void
test_probe_waits_for_a_long_timeout (void) {
  Sender sender = new_sender ();
  queue (&sender, 500);
  acknowledge_with (&sender, 0, 0, NULL, 0, false, 0);
  g_assert_true (rtmfp_send_flow_take_probe (sender.flow, 7 * S, S));
  g_assert_cmpint (rtmfp_send_flow_deadline (sender.flow), ==, 8 * S);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_buffer_is_bounded (void) {
  Sender sender = new_sender_with (10000);
  unsigned queued = 0;
  while (rtmfp_send_flow_queue (sender.flow, rtmfp_bytes (NULL, 0), NULL, NULL) == RTMFP_OK) {
    queued++;
  }
  g_assert_cmpuint (queued, ==,
                    (10000 + RTMFP_SEND_MESSAGE_OVERHEAD_BYTES - 1) /
                        RTMFP_SEND_MESSAGE_OVERHEAD_BYTES);
  g_assert_cmpint (rtmfp_send_flow_queue (sender.flow, rtmfp_bytes (NULL, 0), NULL, NULL), ==,
                   RTMFP_FULL);
  g_assert_false (rtmfp_send_flow_take_writable (sender.flow));
  Sent sent;
  while (send_packet (&sender, &sent, ROOM, 60, S) > 0) {
    acknowledge (&sender, sender.tsn - 1, NULL, 0);
  }
  g_assert_true (rtmfp_send_flow_take_writable (sender.flow));
  g_assert_false (rtmfp_send_flow_take_writable (sender.flow));
  rtmfp_send_flow_free (sender.flow);
}

static void
test_message_too_large (void) {
  Sender sender = new_sender ();
  uint8_t *bytes = g_malloc0 (RTMFP_MESSAGE_BYTES_MAX + 1);
  g_assert_cmpint (rtmfp_send_flow_queue (
                       sender.flow, rtmfp_bytes (bytes, RTMFP_MESSAGE_BYTES_MAX + 1), NULL, NULL),
                   ==, RTMFP_LIMIT);
  g_assert_cmpint (
      rtmfp_send_flow_queue (sender.flow, rtmfp_bytes (bytes, RTMFP_MESSAGE_BYTES_MAX), NULL, NULL),
      ==, RTMFP_OK);
  g_free (bytes);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_span_of_fragments_is_bounded (void) {
  Sender sender = new_sender_with (64 << 20);
  acknowledge_with (&sender, 1u << 30, 0, NULL, 0, false, S);
  for (unsigned i = 0; i < RTMFP_SEND_FRAGMENTS_MAX + 100; i++) {
    queue (&sender, 1);
  }
  Sent sent;
  uint64_t last = 0;
  while (send_packet (&sender, &sent, ROOM, 60, S) > 0) {
    last = sent.chunks[sent.count - 1].sequence_number;
    const RtmfpRange ranges[] = {{2, last}}; /* the first is never acknowledged */
    if (last > 2) {
      acknowledge_with (&sender, 1u << 30, 0, ranges, 1, false, S);
    }
  }
  g_assert_cmpuint (last, ==, RTMFP_SEND_FRAGMENTS_MAX);
  acknowledge_with (&sender, 1u << 30, last, NULL, 0, false, S);
  g_assert_true (rtmfp_send_flow_is_ready (sender.flow, S));
  rtmfp_send_flow_free (sender.flow);
}

/* ---- the end ---- */

static void
test_close_marks_the_last_fragment (void) {
  Sender sender = new_sender ();
  queue (&sender, 2000);
  rtmfp_send_flow_close (sender.flow);
  g_assert_cmpint (rtmfp_send_flow_queue (sender.flow, rtmfp_bytes ("x", 1), NULL, NULL), ==,
                   RTMFP_STATE);
  Sent sent;
  send_packet (&sender, &sent, ROOM, 1, S);
  g_assert_false (sent.chunks[0].final);
  send_packet (&sender, &sent, ROOM, 1, S);
  g_assert_true (sent.chunks[0].final);
  g_assert_false (sent.chunks[0].abandon);
  rtmfp_send_flow_timeout (sender.flow, INT64_MAX);
  send_packet (&sender, &sent, ROOM, 1, S);
  send_packet (&sender, &sent, ROOM, 1, S);
  g_assert_true (sent.chunks[0].final);
  g_assert_false (rtmfp_send_flow_take_complete (sender.flow));
  acknowledge_with (&sender, 4096, 2, NULL, 0, false, 5 * S);
  g_assert_true (rtmfp_send_flow_take_complete (sender.flow));
  g_assert_false (rtmfp_send_flow_take_complete (sender.flow));
  g_assert_cmpint (rtmfp_send_flow_state (sender.flow), ==, RTMFP_SEND_COMPLETE_LINGER);
  g_assert_cmpint (rtmfp_send_flow_deadline (sender.flow), ==, 135 * S);
  rtmfp_send_flow_advance (sender.flow, 135 * S - 1);
  g_assert_cmpint (rtmfp_send_flow_state (sender.flow), ==, RTMFP_SEND_COMPLETE_LINGER);
  rtmfp_send_flow_advance (sender.flow, 135 * S);
  g_assert_cmpint (rtmfp_send_flow_state (sender.flow), ==, RTMFP_SEND_CLOSED);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_close_after_all_was_sent (void) {
  Sender sender = new_sender ();
  queue (&sender, 50);
  Sent sent;
  send_packet (&sender, &sent, ROOM, 9, S);
  rtmfp_send_flow_close (sender.flow);
  /* The final number is eligible though others are in flight (s3.6.2.3). */
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 1);
  g_assert_true (sent.chunks[0].final);
  g_assert_true (sent.chunks[0].abandon);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 2);
  g_assert_cmpuint (sent.chunks[0].forward_sequence_number, ==, 0);
  acknowledge (&sender, 1, NULL, 0);
  g_assert_false (rtmfp_send_flow_take_complete (sender.flow));
  rtmfp_send_flow_timeout (sender.flow, INT64_MAX);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 1);
  g_assert_true (sent.chunks[0].final);
  acknowledge (&sender, 2, NULL, 0);
  g_assert_true (rtmfp_send_flow_take_complete (sender.flow));
  rtmfp_send_flow_free (sender.flow);
}

static void
test_close_of_an_unused_flow (void) {
  Sender sender = new_sender ();
  rtmfp_send_flow_close (sender.flow);
  Sent sent;
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 1);
  g_assert_true (sent.chunks[0].final);
  g_assert_true (sent.chunks[0].has_options);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 1);
  acknowledge (&sender, 1, NULL, 0);
  g_assert_true (rtmfp_send_flow_take_complete (sender.flow));
  rtmfp_send_flow_free (sender.flow);
}

static void
test_close_with_a_given_up_tail (void) {
  Sender sender = new_sender ();
  const RtmfpSendOptions options = {.start_by_us = 2 * S};
  queue (&sender, 50);
  queue_with (&sender, 50, &options);
  queue_with (&sender, 50, &options);
  rtmfp_send_flow_close (sender.flow);
  Sent sent;
  /* 1 goes; 2 and 3 are given up, and the final number is none of them, so that their gap is seen.
   */
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, 2 * S), ==, 2);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 1);
  g_assert_false (sent.chunks[0].final);
  g_assert_cmpuint (sent.chunks[1].sequence_number, ==, 4);
  g_assert_true (sent.chunks[1].final);
  g_assert_true (sent.chunks[1].abandon);
  const RtmfpRange ranges[] = {{4, 4}};
  acknowledge (&sender, 1, ranges, 1);
  g_assert_false (rtmfp_send_flow_take_complete (sender.flow));
  /* 2 and 3 are a gap that nothing else passes. */
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, 2 * S), ==, 1);
  g_assert_cmpuint (sent.chunks[0].forward_sequence_number, ==, 3);
  acknowledge (&sender, 4, NULL, 0);
  g_assert_true (rtmfp_send_flow_take_complete (sender.flow));
  rtmfp_send_flow_free (sender.flow);
}

static void
test_final_number_cannot_be_given_up (void) {
  Sender sender = new_sender ();
  const RtmfpSendOptions options = {.finish_by_us = 2 * S};
  queue_with (&sender, 50, &options);
  rtmfp_send_flow_close (sender.flow);
  Sent sent;
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 2);
  g_assert_false (sent.chunks[0].final);
  g_assert_true (sent.chunks[1].final);
  g_assert_true (sent.chunks[1].abandon);
  rtmfp_send_flow_free (sender.flow);
}

static void
test_exception_gives_up_and_closes (void) {
  Sender sender = new_sender ();
  queue_with (&sender, 50, &reporting);
  queue_with (&sender, 5000, &reporting);
  Sent sent;
  send_packet (&sender, &sent, ROOM, 1, S);
  acknowledge_with (&sender, 0, 0, NULL, 0, false, S);
  g_assert_true (rtmfp_send_flow_exception (sender.flow));
  g_assert_false (rtmfp_send_flow_exception (sender.flow));
  assert_ended (&sender, 1, false);
  assert_ended (&sender, 2, false);
  g_assert_cmpint (rtmfp_send_flow_queue (sender.flow, rtmfp_bytes ("x", 1), NULL, NULL), ==,
                   RTMFP_STATE);
  /* A closed window does not hold back what a rejected flow still has to say. */
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 1);
  g_assert_true (sent.chunks[0].final);
  g_assert_true (sent.chunks[0].abandon);
  const RtmfpRange ranges[] = {{3, 3}};
  acknowledge (&sender, 1, ranges, 1); /* 2 was never sent: a forward update passes it */
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 9, S), ==, 1);
  g_assert_cmpuint (sent.chunks[0].forward_sequence_number, ==, 2);
  acknowledge (&sender, 3, NULL, 0);
  g_assert_true (rtmfp_send_flow_take_complete (sender.flow));
  rtmfp_send_flow_free (sender.flow);
}

/* ---- quiet ---- */

static void
test_quiet (void) {
  Fragments fragments;
  uint64_t number;
  fragments_init (&fragments);
  for (uint64_t i = 1; i <= 40; i++) {
    fragments_append (&fragments, &number);
    g_assert_cmpuint (number, ==, i);
    fragments_append_in_flight (&fragments, number);
  }
  for (uint64_t i = 1; i < 40; i++) {
    fragments_finish (&fragments, i);
  }
  fragments_become_quiet (&fragments);
  g_assert_cmpuint (fragments.capacity, >=, 1); /* one is still in flight */
  fragments_finish (&fragments, 40);
  fragments_become_quiet (&fragments);
  g_assert_cmpuint (fragments.capacity, ==, 0);
  fragments_reopen_last (&fragments);
  g_assert_cmpuint (fragments.base, ==, 40);
  g_assert_true (fragments_at (&fragments, 40)->abandoned);
  fragments_append (&fragments, &number);
  g_assert_cmpuint (number, ==, 41);
  g_assert_true (fragments_at (&fragments, 40)->abandoned);
  fragments_finish (&fragments, 40);
  fragments_finish (&fragments, 41);
  g_assert_cmpuint (fragments.live, ==, 0);
  fragments_clear (&fragments);
}

/* What is kept of a flow with nothing to do is enough to go on. */
static void
test_rests_and_goes_on (void) {
  Sender sender = new_sender_with (5000);
  RtmfpSendRest rest;
  Sent sent;
  g_assert_false (rtmfp_send_flow_rest (sender.flow, &rest)); /* it still has metadata to say */
  g_assert_cmpuint (queue (&sender, 100), ==, 1);
  g_assert_false (rtmfp_send_flow_rest (sender.flow, &rest));
  send_packet (&sender, &sent, ROOM, 9, S);
  g_assert_false (rtmfp_send_flow_rest (sender.flow, &rest)); /* in flight */
  acknowledge_with (&sender, 7777, 1, NULL, 0, false, S);
  g_assert_true (rtmfp_send_flow_rest (sender.flow, &rest));
  rtmfp_send_flow_free (sender.flow);
  sender.flow = rtmfp_send_flow_wake (&rest);
  g_assert_cmpuint (queue (&sender, 5000), ==, 2);
  g_assert_cmpint (rtmfp_send_flow_queue (sender.flow, rtmfp_bytes ("x", 1), NULL, NULL), ==,
                   RTMFP_FULL);
  g_assert_cmpuint (send_packet (&sender, &sent, ROOM, 1, S), ==, 1);
  g_assert_cmpuint (sent.chunks[0].flow_id, ==, 7);
  g_assert_cmpuint (sent.chunks[0].sequence_number, ==, 2);
  g_assert_cmpuint (sent.chunks[0].forward_sequence_number, ==, 1);
  g_assert_false (sent.chunks[0].has_options);
  while (send_packet (&sender, &sent, ROOM, 9, S) > 0) {
  }
  acknowledge_with (&sender, 0, sender.tsn - 1, NULL, 0, false, S);
  g_assert_false (rtmfp_send_flow_rest (sender.flow, &rest)); /* the far side holds it back */
  rtmfp_send_flow_free (sender.flow);
}

/* Whom a later message may depend on is not forgotten. */
static void
test_given_up_ones_do_not_rest (void) {
  Sender sender = new_sender ();
  RtmfpSendRest rest;
  Sent sent;
  queue (&sender, 100);
  send_packet (&sender, &sent, ROOM, 9, S);
  acknowledge (&sender, 1, NULL, 0);
  const RtmfpSendOptions late = {.start_by_us = 2 * S};
  queue_with (&sender, 100, &late);
  rtmfp_send_flow_advance (sender.flow, 3 * S);
  send_packet (&sender, &sent, ROOM, 9, 3 * S);
  acknowledge (&sender, 2, NULL, 0);
  g_assert_cmpuint (rtmfp_send_flow_buffered_bytes (sender.flow), ==, 0);
  g_assert_false (rtmfp_send_flow_rest (sender.flow, &rest));
  rtmfp_send_flow_free (sender.flow);
}

#define ADD(path, function) g_test_add_func ("/flow/send/" path, function)

static void
add_tests_of_fragments (void) {
  ADD ("quiet/gives-memory-back", test_quiet);
  ADD ("quiet/rests-and-goes-on", test_rests_and_goes_on);
  ADD ("quiet/given-up-ones-do-not-rest", test_given_up_ones_do_not_rest);
  ADD ("fragments/whole-message", test_whole_message);
  ADD ("fragments/cuts-to-the-room", test_cuts_to_the_room);
  ADD ("fragments/small-messages-stay-whole", test_small_messages_stay_whole);
  ADD ("fragments/empty-message", test_empty_message);
  ADD ("fragments/next-user-data-for-neighbours", test_next_user_data_for_neighbours);
  ADD ("fragments/user-data-after-a-hole", test_user_data_after_a_hole);
  ADD ("fragments/options-once-a-packet-until-acknowledged",
       test_options_once_a_packet_until_acknowledged);
  ADD ("fragments/fit-again-when-offsets-have-grown", test_cut_fragments_fit_again);
}

static void
add_tests_of_loss (void) {
  ADD ("ack/frees-the-window", test_acknowledgement_frees_the_window);
  ADD ("ack/lies-are-harmless", test_lying_acknowledgements_are_harmless);
  ADD ("ack/unsent-end", test_unsent_end_is_not_acknowledged);
  ADD ("ack/bitmaps-are-read", test_bitmaps_are_read);
  ADD ("loss/three-naks", test_three_naks_are_a_loss);
  ADD ("loss/naks-count-across-flows", test_naks_count_across_flows);
  ADD ("loss/late-acknowledgement-saves-a-lost-one", test_late_acknowledgement_saves_a_lost_one);
  ADD ("loss/timeout-takes-only-the-old", test_timeout_takes_only_the_old);
  ADD ("loss/lost-ones-go-in-order", test_lost_ones_go_in_order);
  ADD ("loss/overtaken-ones-are-lost-by-time", test_overtaken_ones_are_lost_by_time);
  ADD ("loss/probe-is-the-oldest-that-may-go-again", test_probe_is_the_oldest_that_may_go_again);
  ADD ("loss/early-acknowledgement-is-of-the-first", test_early_acknowledgement_is_of_the_first);
  ADD ("copies/follow", test_copies_follow);
  ADD ("copies/end-with-the-acknowledgement", test_copies_end_with_the_acknowledgement);
  ADD ("copies/of-what-was-lost", test_copies_of_what_was_lost);
  ADD ("copies/that-do-not-leave", test_copies_that_do_not_leave);
  ADD ("copies/measure-nothing", test_copies_measure_nothing);
}

static void
add_tests_of_giving_up (void) {
  ADD ("give-up/start-deadline", test_start_deadline);
  ADD ("give-up/takes-a-number", test_given_up_message_takes_a_number);
  ADD ("give-up/forward-update-when-nothing-else-is-left",
       test_forward_update_when_nothing_else_is_left);
  ADD ("give-up/forward-number-waits-for-what-is-in-flight",
       test_forward_number_waits_for_what_is_in_flight);
  ADD ("give-up/gap-behind-acknowledged-data-is-passed",
       test_gap_behind_acknowledged_data_is_passed);
  ADD ("give-up/rest-of-a-begun-message-takes-one-number",
       test_rest_of_a_begun_message_takes_one_number);
  ADD ("give-up/dependents-die-together", test_dependents_die_together);
  ADD ("give-up/dependents-of-the-delivered-live", test_dependents_of_the_delivered_live);
  ADD ("give-up/memory-is-bounded", test_memory_of_given_up_is_bounded);
  ADD ("give-up/no-retransmit", test_no_retransmit);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  add_tests_of_fragments ();
  add_tests_of_loss ();
  add_tests_of_giving_up ();
  ADD ("window/holds-back", test_far_window_holds_back);
  ADD ("window/is-probed-when-closed", test_closed_window_is_probed);
  ADD ("window/probe-waits-for-a-long-timeout", test_probe_waits_for_a_long_timeout);
  ADD ("bounds/buffer", test_buffer_is_bounded);
  ADD ("bounds/message", test_message_too_large);
  ADD ("bounds/span-of-fragments", test_span_of_fragments_is_bounded);
  ADD ("close/marks-the-last-fragment", test_close_marks_the_last_fragment);
  ADD ("close/after-all-was-sent", test_close_after_all_was_sent);
  ADD ("close/unused-flow", test_close_of_an_unused_flow);
  ADD ("close/given-up-tail", test_close_with_a_given_up_tail);
  ADD ("close/final-number-cannot-be-given-up", test_final_number_cannot_be_given_up);
  ADD ("close/exception", test_exception_gives_up_and_closes);
  return g_test_run ();
}

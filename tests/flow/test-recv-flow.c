/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reassembly, order, windows and acknowledgements of a receiving flow (RFC 7016 s3.6.3). */
#include "core/flow/params.h"
#include "core/flow/reassembly.h"
#include "core/flow/recv-flow.h"
#include "core/wire/ack-chunk.h"
#include "core/wire/constants.h"
#include "core/wire/packet.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#define S INT64_C (1000000)

static RtmfpRecvFlow *
new_accepted (bool network_order, size_t window_bytes) {
  RtmfpRecvFlow *flow = rtmfp_recv_flow_new (3);
  g_assert_cmpint (rtmfp_recv_flow_accept (flow, network_order, window_bytes), ==, RTMFP_OK);
  return flow;
}

static RtmfpUserData
fragment (uint64_t number, uint64_t forward, RtmfpFragment control, const char *text) {
  return (RtmfpUserData){.fragment = control,
                         .flow_id = 3,
                         .sequence_number = number,
                         .forward_sequence_number = forward,
                         .data = rtmfp_bytes (text, strlen (text))};
}

static void
receive (RtmfpRecvFlow *flow, RtmfpUserData data) {
  g_assert_cmpint (rtmfp_recv_flow_receive (flow, &data, S), ==, RTMFP_OK);
}

/* A whole message that is one fragment. */
static void
receive_whole (RtmfpRecvFlow *flow, uint64_t number, const char *text) {
  receive (flow, fragment (number, 0, RTMFP_FRAGMENT_WHOLE, text));
}

static RtmfpUserData
abandoned (uint64_t number, uint64_t forward, bool final) {
  RtmfpUserData data = fragment (number, forward, RTMFP_FRAGMENT_WHOLE, "");
  data.abandon = true;
  data.final = final;
  return data;
}

/* All that can be delivered, as text: messages by their bytes, "-N" a gap, "." the end. */
static char *
drain (RtmfpRecvFlow *flow) {
  GString *text = g_string_new (NULL);
  RtmfpDelivery delivery;
  while (rtmfp_recv_flow_poll (flow, &delivery)) {
    if (text->len > 0) {
      g_string_append_c (text, ' ');
    }
    switch (delivery.kind) {
    case RTMFP_DELIVERY_MESSAGE:
      g_string_append_len (text, (const char *)delivery.data, (gssize)delivery.size);
      free (delivery.data);
      break;
    case RTMFP_DELIVERY_GAP:
      g_string_append_printf (text, "-%d", (int)delivery.count);
      break;
    case RTMFP_DELIVERY_FINISHED:
      g_string_append_c (text, '.');
      break;
    }
  }
  return g_string_free (text, FALSE);
}

static void
assert_drained (RtmfpRecvFlow *flow, const char *expected) {
  char *text = drain (flow);
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

typedef struct {
  RtmfpAck ack;
  RtmfpRange ranges[2048];
  size_t range_count;
  bool has_exception;
  uint64_t code;
  size_t size;
  uint8_t bytes[4096];
} Acknowledged;

static RtmfpStatus
acknowledge_in (RtmfpRecvFlow *flow, Acknowledged *out, size_t room, bool truncate, bool bitmap) {
  *out = (Acknowledged){0};
  RtmfpWriter writer = rtmfp_writer (out->bytes, room);
  const RtmfpStatus status = rtmfp_recv_flow_write_ack (flow, &writer, truncate, bitmap);
  out->size = rtmfp_writer_size (&writer);
  RtmfpReader reader = rtmfp_reader (out->bytes, out->size);
  RtmfpChunk chunk;
  while (rtmfp_read_chunk (&reader, &chunk)) {
    uint64_t flow_id = 3;
    if (chunk.type == RTMFP_CHUNK_FLOW_EXCEPTION) {
      g_assert_cmpint (rtmfp_read_flow_exception (chunk.payload, &flow_id, &out->code), ==,
                       RTMFP_OK);
      out->has_exception = true;
    } else if (chunk.type == RTMFP_CHUNK_ACK_BITMAP) {
      g_assert_cmpint (rtmfp_read_ack_bitmap (chunk.payload, &out->ack), ==, RTMFP_OK);
    } else {
      g_assert_cmpint (chunk.type, ==, RTMFP_CHUNK_ACK_RANGES);
      g_assert_cmpint (rtmfp_read_ack_ranges (chunk.payload, &out->ack), ==, RTMFP_OK);
    }
    g_assert_cmpuint (flow_id, ==, 3);
  }
  while (status == RTMFP_OK && rtmfp_ack_next_range (&out->ack, &out->ranges[out->range_count])) {
    out->range_count++;
  }
  return status;
}

static Acknowledged
acknowledge (RtmfpRecvFlow *flow) {
  Acknowledged out;
  g_assert_cmpint (acknowledge_in (flow, &out, sizeof out.bytes, true, false), ==, RTMFP_OK);
  return out;
}

/* ---- order ---- */

static void
test_in_order (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  receive_whole (flow, 1, "one");
  receive_whole (flow, 2, "two");
  assert_drained (flow, "one two");
  g_assert_cmpuint (rtmfp_recv_flow_buffered_bytes (flow), ==, 0);
  rtmfp_recv_flow_free (flow);
}

static void
test_sequence_order_waits (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  receive_whole (flow, 3, "three");
  receive_whole (flow, 2, "two");
  assert_drained (flow, "");
  receive_whole (flow, 1, "one");
  assert_drained (flow, "one two three");
  g_assert_cmpuint (rtmfp_recv_flow_buffered_bytes (flow), ==, 0);
  rtmfp_recv_flow_free (flow);
}

static void
test_network_order_does_not (void) {
  RtmfpRecvFlow *flow = new_accepted (true, 0);
  receive_whole (flow, 3, "three");
  assert_drained (flow, "three");
  receive_whole (flow, 1, "one");
  receive_whole (flow, 3, "three"); /* a duplicate */
  receive_whole (flow, 2, "two");
  assert_drained (flow, "one two");
  g_assert_cmpuint (rtmfp_recv_flow_counts (flow)->duplicates, ==, 1);
  g_assert_cmpuint (rtmfp_recv_flow_counts (flow)->gaps, ==, 0);
  g_assert_cmpuint (rtmfp_recv_flow_buffered_bytes (flow), ==, 0);
  rtmfp_recv_flow_free (flow);
}

static void
test_number_is_that_of_the_first_fragment (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  receive (flow, fragment (1, 0, RTMFP_FRAGMENT_BEGIN, "a"));
  receive (flow, fragment (2, 0, RTMFP_FRAGMENT_END, "b"));
  receive_whole (flow, 3, "");
  RtmfpDelivery delivery;
  g_assert_true (rtmfp_recv_flow_poll (flow, &delivery));
  g_assert_cmpuint (delivery.number, ==, 1);
  free (delivery.data);
  g_assert_true (rtmfp_recv_flow_poll (flow, &delivery));
  g_assert_cmpuint (delivery.number, ==, 3);
  g_assert_cmpuint (delivery.size, ==, 0);
  free (delivery.data);
  rtmfp_recv_flow_free (flow);
}

/* ---- reassembly ---- */

static void
receive_pieces (bool network_order, const uint64_t *order) {
  RtmfpRecvFlow *flow = new_accepted (network_order, 0);
  const char *texts[] = {"", "<", "a", "b", "c", ">"};
  for (size_t i = 0; i < 5; i++) {
    const uint64_t number = order[i];
    assert_drained (flow, "");
    receive (flow, fragment (number, 0,
                             number == 1   ? RTMFP_FRAGMENT_BEGIN
                             : number == 5 ? RTMFP_FRAGMENT_END
                                           : RTMFP_FRAGMENT_MIDDLE,
                             texts[number]));
  }
  assert_drained (flow, "<abc>");
  g_assert_cmpuint (rtmfp_recv_flow_buffered_bytes (flow), ==, 0);
  rtmfp_recv_flow_free (flow);
}

static void
test_pieces_in_any_order (void) {
  const uint64_t orders[][5] = {
      {1, 2, 3, 4, 5}, {5, 4, 3, 2, 1}, {3, 1, 5, 2, 4}, {2, 4, 1, 5, 3}, {1, 5, 3, 4, 2},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (orders); i++) {
    receive_pieces (false, orders[i]);
    receive_pieces (true, orders[i]);
  }
}

static void
test_neighbours_do_not_mix (void) {
  for (int network_order = 0; network_order < 2; network_order++) {
    RtmfpRecvFlow *flow = new_accepted (network_order == 1, 0);
    receive (flow, fragment (4, 0, RTMFP_FRAGMENT_END, "d"));
    receive (flow, fragment (2, 0, RTMFP_FRAGMENT_END, "b"));
    receive (flow, fragment (3, 0, RTMFP_FRAGMENT_BEGIN, "c"));
    receive (flow, fragment (1, 0, RTMFP_FRAGMENT_BEGIN, "a"));
    assert_drained (flow, network_order ? "cd ab" : "ab cd");
    rtmfp_recv_flow_free (flow);
  }
}

static void
test_broken_message_is_a_gap (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  receive (flow, fragment (1, 0, RTMFP_FRAGMENT_BEGIN, "a"));
  receive (flow, fragment (2, 0, RTMFP_FRAGMENT_MIDDLE, "b"));
  assert_drained (flow, "");
  receive (flow, fragment (3, 0, RTMFP_FRAGMENT_WHOLE, "next")); /* the end never came */
  assert_drained (flow, "-1 next");
  receive (flow, fragment (4, 0, RTMFP_FRAGMENT_MIDDLE, "c"));
  receive (flow, fragment (5, 0, RTMFP_FRAGMENT_END, "d"));
  receive (flow, fragment (6, 0, RTMFP_FRAGMENT_WHOLE, "last"));
  assert_drained (flow, "-1 last");
  g_assert_cmpuint (rtmfp_recv_flow_buffered_bytes (flow), ==, 0);
  rtmfp_recv_flow_free (flow);
}

/* ---- giving up ---- */

static void
test_forward_number_passes_a_gap (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  receive_whole (flow, 1, "one");
  receive_whole (flow, 4, "four");
  assert_drained (flow, "one");
  receive (flow, fragment (5, 3, RTMFP_FRAGMENT_WHOLE, "five"));
  assert_drained (flow, "-1 four five");
  g_assert_cmpuint (rtmfp_recv_flow_counts (flow)->forward_skips, ==, 1);
  rtmfp_recv_flow_free (flow);
}

static void
test_forward_update (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  receive_whole (flow, 1, "one");
  receive_whole (flow, 3, "three");
  receive (flow, abandoned (2, 2, false));
  assert_drained (flow, "one -1 three");
  g_assert_cmpuint (acknowledge (flow).ack.cumulative_ack, ==, 3);
  rtmfp_recv_flow_free (flow);
}

static void
test_forward_number_beyond_everything (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  receive_whole (flow, 2, "two");
  const uint64_t most = RTMFP_SEQUENCE_NUMBER_MAX;
  receive (flow, fragment (most, most - 1, RTMFP_FRAGMENT_WHOLE, "far"));
  assert_drained (flow, "-1 two -1 far");
  g_assert_cmpuint (acknowledge (flow).ack.cumulative_ack, ==, most);
  receive (flow, fragment (most, most - 1, RTMFP_FRAGMENT_WHOLE, "far"));
  assert_drained (flow, "");
  const RtmfpUserData beyond = fragment (most + 1, most, RTMFP_FRAGMENT_WHOLE, "x");
  g_assert_cmpint (rtmfp_recv_flow_receive (flow, &beyond, S), ==, RTMFP_MALFORMED);
  rtmfp_recv_flow_free (flow);
}

static void
test_one_gap_is_told_once (void) {
  RtmfpRecvFlow *flow = new_accepted (true, 0);
  receive_whole (flow, 4, "four");
  assert_drained (flow, "four");
  receive (flow, abandoned (1, 1, false));
  receive (flow, abandoned (2, 2, false));
  receive (flow, abandoned (3, 3, false));
  assert_drained (flow, "-1");
  receive_whole (flow, 5, "five");
  receive (flow, abandoned (6, 6, false));
  assert_drained (flow, "five -1");
  rtmfp_recv_flow_free (flow);
}

/* ---- the end ---- */

static void
test_finishes_with_the_last_message (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  RtmfpUserData last = fragment (2, 0, RTMFP_FRAGMENT_WHOLE, "two");
  last.final = true;
  receive (flow, last);
  g_assert_cmpint (rtmfp_recv_flow_state (flow), ==, RTMFP_RECV_OPEN);
  receive_whole (flow, 1, "one");
  g_assert_cmpint (rtmfp_recv_flow_state (flow), ==, RTMFP_RECV_COMPLETE_LINGER);
  assert_drained (flow, "one two .");
  assert_drained (flow, "");
  /* It lingers two minutes and answers what is repeated. */
  g_assert_cmpint (rtmfp_recv_flow_deadline (flow), ==, 121 * S);
  acknowledge (flow);
  receive (flow, last);
  g_assert_true (rtmfp_recv_flow_should_ack (flow));
  g_assert_true (rtmfp_recv_flow_take_ack_now (flow));
  rtmfp_recv_flow_advance (flow, 121 * S - 1);
  g_assert_cmpint (rtmfp_recv_flow_state (flow), ==, RTMFP_RECV_COMPLETE_LINGER);
  rtmfp_recv_flow_advance (flow, 121 * S);
  g_assert_cmpint (rtmfp_recv_flow_state (flow), ==, RTMFP_RECV_CLOSED);
  g_assert_cmpint (rtmfp_recv_flow_receive (flow, &last, 122 * S), ==, RTMFP_STATE);
  rtmfp_recv_flow_free (flow);
}

static void
test_empty_final_number_is_no_gap (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  receive_whole (flow, 1, "one");
  receive (flow, abandoned (2, 0, true));
  assert_drained (flow, "one .");
  rtmfp_recv_flow_free (flow);
  flow = new_accepted (false, 0);
  receive_whole (flow, 1, "one");
  receive (flow, abandoned (2, 2, true)); /* as a forward update */
  assert_drained (flow, "one .");
  rtmfp_recv_flow_free (flow);
}

static void
test_message_broken_by_the_end (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  RtmfpUserData last = fragment (1, 0, RTMFP_FRAGMENT_BEGIN, "a");
  last.final = true; /* a peer that ends in mid-message */
  receive (flow, last);
  assert_drained (flow, "-1 .");
  g_assert_cmpuint (rtmfp_recv_flow_buffered_bytes (flow), ==, 0);
  rtmfp_recv_flow_free (flow);
}

static void
test_contradictions_are_ignored (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  receive_whole (flow, 5, "five");
  RtmfpUserData bad = fragment (4, 0, RTMFP_FRAGMENT_WHOLE, "x");
  bad.final = true; /* below what was seen */
  g_assert_cmpint (rtmfp_recv_flow_receive (flow, &bad, S), ==, RTMFP_MALFORMED);
  RtmfpUserData last = fragment (6, 0, RTMFP_FRAGMENT_WHOLE, "six");
  last.final = true;
  receive (flow, last);
  bad = fragment (7, 0, RTMFP_FRAGMENT_WHOLE, "x"); /* beyond the end */
  g_assert_cmpint (rtmfp_recv_flow_receive (flow, &bad, S), ==, RTMFP_MALFORMED);
  bad = fragment (0, 0, RTMFP_FRAGMENT_WHOLE, "x");
  g_assert_cmpint (rtmfp_recv_flow_receive (flow, &bad, S), ==, RTMFP_MALFORMED);
  bad = fragment (3, 3, RTMFP_FRAGMENT_WHOLE, "x");
  g_assert_cmpint (rtmfp_recv_flow_receive (flow, &bad, S), ==, RTMFP_MALFORMED);
  bad = fragment (3, 4, RTMFP_FRAGMENT_WHOLE, "x");
  g_assert_cmpint (rtmfp_recv_flow_receive (flow, &bad, S), ==, RTMFP_MALFORMED);
  assert_drained (flow, "");
  rtmfp_recv_flow_free (flow);
}

/* ---- waiting, pausing, rejecting ---- */

static void
test_waits_for_acceptance (void) {
  RtmfpRecvFlow *flow = rtmfp_recv_flow_new (3);
  receive_whole (flow, 2, "two");
  receive_whole (flow, 1, "one");
  receive_whole (flow, 4, "four");
  assert_drained (flow, "");
  g_assert_cmpint (rtmfp_recv_flow_accept (flow, true, 0), ==, RTMFP_OK);
  g_assert_cmpint (rtmfp_recv_flow_accept (flow, true, 0), ==, RTMFP_STATE);
  assert_drained (flow, "one two four");
  rtmfp_recv_flow_free (flow);
}

static void
test_pause_closes_the_window (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 2048);
  g_assert_cmpuint (acknowledge (flow).ack.buffer_bytes_available, ==, 2048);
  rtmfp_recv_flow_pause (flow, true);
  char text[1001];
  memset (text, 'x', 1000);
  text[1000] = 0;
  receive_whole (flow, 1, text);
  receive_whole (flow, 2, text);
  g_assert_cmpuint (acknowledge (flow).ack.buffer_bytes_available, ==, 0);
  rtmfp_recv_flow_take_ack_now (flow);
  rtmfp_recv_flow_pause (flow, false);
  char *drained = drain (flow);
  g_assert_cmpuint (strlen (drained), ==, 2001);
  g_free (drained);
  /* The window has opened again, and that is said at once. */
  g_assert_true (rtmfp_recv_flow_take_ack_now (flow));
  g_assert_true (rtmfp_recv_flow_should_ack (flow));
  g_assert_cmpuint (acknowledge (flow).ack.buffer_bytes_available, ==, 2048);
  rtmfp_recv_flow_free (flow);
}

static void
test_full_but_not_paused_offers_a_block (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 1024);
  char text[1001];
  memset (text, 'x', 1000);
  text[1000] = 0;
  receive_whole (flow, 2, text);
  g_assert_cmpuint (rtmfp_recv_flow_buffered_bytes (flow), >=, 1024);
  g_assert_cmpuint (acknowledge (flow).ack.buffer_bytes_available, ==, 1024);
  rtmfp_recv_flow_free (flow);
}

static void
test_reject_forgets_and_reports (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  receive_whole (flow, 2, "two");
  rtmfp_recv_flow_reject (flow, 77);
  g_assert_cmpint (rtmfp_recv_flow_state (flow), ==, RTMFP_RECV_REJECTED);
  g_assert_true (rtmfp_recv_flow_take_ack_now (flow));
  g_assert_cmpuint (rtmfp_recv_flow_buffered_bytes (flow), ==, 0);
  Acknowledged out = acknowledge (flow);
  g_assert_true (out.has_exception);
  g_assert_cmpuint (out.code, ==, 77);
  /* What comes is acknowledged all the same, at once, and not delivered. */
  receive_whole (flow, 1, "one");
  g_assert_true (rtmfp_recv_flow_take_ack_now (flow));
  out = acknowledge (flow);
  g_assert_cmpuint (out.ack.cumulative_ack, ==, 2);
  g_assert_true (out.has_exception);
  receive (flow, abandoned (3, 2, true));
  g_assert_cmpint (rtmfp_recv_flow_state (flow), ==, RTMFP_RECV_COMPLETE_LINGER);
  g_assert_true (acknowledge (flow).has_exception);
  assert_drained (flow, ".");
  g_assert_cmpint (rtmfp_recv_flow_accept (flow, false, 0), ==, RTMFP_STATE);
  rtmfp_recv_flow_free (flow);
}

/* ---- acknowledging ---- */

static void
test_ranges_and_bitmaps_say_the_same (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  for (uint64_t number = 1; number <= 28; number++) { /* figure 4 */
    if (number <= 16 || number == 18 || (number >= 21 && number <= 24) || number >= 27) {
      receive_whole (flow, number, "x");
    }
  }
  Acknowledged ranges = acknowledge (flow), bitmap;
  g_assert_cmpuint (ranges.ack.cumulative_ack, ==, 16);
  g_assert_cmpuint (ranges.range_count, ==, 3);
  g_assert_cmpuint (ranges.ranges[1].first, ==, 21);
  g_assert_cmpuint (ranges.ranges[1].last, ==, 24);
  g_assert_cmpint (acknowledge_in (flow, &bitmap, 4096, true, true), ==, RTMFP_OK);
  g_assert_true (bitmap.ack.is_bitmap);
  g_assert_cmpuint (bitmap.size, <, ranges.size);
  g_assert_cmpuint (bitmap.range_count, ==, 3);
  g_assert_cmpmem (bitmap.ranges, sizeof (RtmfpRange) * 3, ranges.ranges, sizeof (RtmfpRange) * 3);
  rtmfp_recv_flow_free (flow);
}

static void
test_bitmap_only_where_it_is_shorter (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  receive_whole (flow, 1000, "x");
  Acknowledged out;
  g_assert_cmpint (acknowledge_in (flow, &out, 4096, true, true), ==, RTMFP_OK);
  g_assert_false (out.ack.is_bitmap);
  rtmfp_recv_flow_free (flow);
}

static void
test_truncates_only_where_allowed (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  for (uint64_t number = 2; number <= 200; number += 2) {
    receive_whole (flow, number, "x");
  }
  Acknowledged out;
  g_assert_cmpint (acknowledge_in (flow, &out, 40, false, false), ==, RTMFP_TRUNCATED);
  g_assert_cmpuint (out.size, ==, 0);
  g_assert_true (rtmfp_recv_flow_should_ack (flow));
  g_assert_cmpint (acknowledge_in (flow, &out, 40, true, false), ==, RTMFP_OK);
  g_assert_cmpuint (out.range_count, >, 5);
  g_assert_cmpuint (out.range_count, <, 100);
  g_assert_false (rtmfp_recv_flow_should_ack (flow));
  rtmfp_recv_flow_free (flow);
}

static void
test_when_an_ack_is_due_at_once (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  receive_whole (flow, 1, "one");
  g_assert_true (rtmfp_recv_flow_should_ack (flow));
  g_assert_false (rtmfp_recv_flow_take_ack_now (flow)); /* an ordinary one may wait */
  receive_whole (flow, 1, "one");
  g_assert_true (rtmfp_recv_flow_take_ack_now (flow)); /* duplicate */
  receive_whole (flow, 3, "three");
  g_assert_true (rtmfp_recv_flow_take_ack_now (flow)); /* makes a gap */
  receive_whole (flow, 2, "two");
  g_assert_true (rtmfp_recv_flow_take_ack_now (flow)); /* there was a gap */
  receive_whole (flow, 4, "four");
  g_assert_false (rtmfp_recv_flow_take_ack_now (flow));
  receive (flow, abandoned (5, 4, false));
  g_assert_true (rtmfp_recv_flow_take_ack_now (flow)); /* abandoned */
  rtmfp_recv_flow_receive_probe (flow);
  g_assert_true (rtmfp_recv_flow_take_ack_now (flow)); /* probe */
  RtmfpUserData last = fragment (6, 5, RTMFP_FRAGMENT_WHOLE, "six");
  last.final = true;
  receive (flow, last);
  g_assert_true (rtmfp_recv_flow_take_ack_now (flow)); /* final */
  rtmfp_recv_flow_free (flow);
}

static void
test_small_windows_are_acknowledged_at_once (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 1024);
  acknowledge (flow);
  receive_whole (flow, 1, "one");
  g_assert_true (rtmfp_recv_flow_take_ack_now (flow));
  rtmfp_recv_flow_free (flow);
}

/* ---- bounds ---- */

static void
test_span_is_bounded (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 1024);
  const RtmfpUserData far = fragment (RTMFP_RECV_SPAN_MIN + 1, 0, RTMFP_FRAGMENT_WHOLE, "x");
  g_assert_cmpint (rtmfp_recv_flow_receive (flow, &far, S), ==, RTMFP_LIMIT);
  g_assert_cmpuint (acknowledge (flow).range_count, ==, 0);
  receive_whole (flow, RTMFP_RECV_SPAN_MIN, "x");
  receive_whole (flow, 1, "y");
  receive (flow, far);
  rtmfp_recv_flow_free (flow);
}

/* However large the window: a sender never has more numbers under way. */
static void
test_span_of_a_large_window_is_bounded (void) {
  RtmfpRecvFlow *flow = new_accepted (false, RTMFP_RECV_BUFFER_BYTES_MAX);
  const RtmfpUserData far = fragment (RTMFP_RECV_SPAN_MAX + 1, 0, RTMFP_FRAGMENT_WHOLE, "x");
  g_assert_cmpint (rtmfp_recv_flow_receive (flow, &far, S), ==, RTMFP_LIMIT);
  receive_whole (flow, RTMFP_RECV_SPAN_MAX, "x");
  receive_whole (flow, 1, "y");
  receive (flow, far);
  rtmfp_recv_flow_free (flow);
}

static void
test_ranges_are_bounded (void) {
  RtmfpRecvFlow *flow = new_accepted (true, RTMFP_RECV_BUFFER_BYTES_MAX);
  RtmfpStatus status = RTMFP_OK;
  uint64_t number = 2;
  for (; status == RTMFP_OK; number += 2) {
    const RtmfpUserData data = fragment (number, 0, RTMFP_FRAGMENT_WHOLE, "x");
    status = rtmfp_recv_flow_receive (flow, &data, S);
  }
  g_assert_cmpint (status, ==, RTMFP_LIMIT);
  g_assert_cmpuint (number, ==, 2 * RTMFP_RECV_RANGES_MAX + 2);
  g_assert_cmpuint (rtmfp_recv_flow_counts (flow)->dropped, ==, 1);
  receive_whole (flow, 1, "x"); /* and it goes on */
  rtmfp_recv_flow_free (flow);
}

static void
test_buffer_is_bounded (void) {
  RtmfpRecvFlow *flow = rtmfp_recv_flow_new (3); /* not accepted: nothing drains */
  static uint8_t bytes[1100];
  RtmfpStatus status = RTMFP_OK;
  uint64_t number = 1;
  for (; status == RTMFP_OK; number++) {
    RtmfpUserData data = fragment (number, 0, RTMFP_FRAGMENT_WHOLE, "");
    data.data = rtmfp_bytes (bytes, sizeof bytes);
    status = rtmfp_recv_flow_receive (flow, &data, S);
  }
  g_assert_cmpint (status, ==, RTMFP_LIMIT);
  g_assert_cmpuint (rtmfp_recv_flow_buffered_bytes (flow), >, RTMFP_RECV_BUFFER_BYTES_DEFAULT);
  g_assert_cmpuint (rtmfp_recv_flow_buffered_bytes (flow), <=,
                    2 * RTMFP_RECV_BUFFER_BYTES_DEFAULT + RTMFP_RECV_OVERRUN_BYTES);
  g_assert_cmpuint (acknowledge (flow).ack.buffer_bytes_available, ==, 0);
  rtmfp_recv_flow_free (flow);
}

static void
test_message_without_end_is_rejected (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 4096);
  static uint8_t bytes[60000];
  uint64_t number = 1;
  while (rtmfp_recv_flow_state (flow) == RTMFP_RECV_OPEN) {
    RtmfpUserData data =
        fragment (number, 0, number == 1 ? RTMFP_FRAGMENT_BEGIN : RTMFP_FRAGMENT_MIDDLE, "");
    data.data = rtmfp_bytes (bytes, sizeof bytes);
    (void)!rtmfp_recv_flow_receive (flow, &data, S);
    number++;
    g_assert_cmpuint (rtmfp_recv_flow_buffered_bytes (flow), <, RTMFP_MESSAGE_BYTES_MAX + 100000);
  }
  g_assert_cmpint (rtmfp_recv_flow_state (flow), ==, RTMFP_RECV_REJECTED);
  Acknowledged out = acknowledge (flow);
  g_assert_true (out.has_exception);
  g_assert_cmpuint (out.code, ==, 0);
  rtmfp_recv_flow_free (flow);
}

static void
test_message_too_large_is_rejected (void) {
  RtmfpRecvFlow *flow = new_accepted (false, RTMFP_RECV_BUFFER_BYTES_MAX);
  static uint8_t bytes[60000];
  const uint64_t pieces = RTMFP_MESSAGE_BYTES_MAX / sizeof bytes + 2;
  for (uint64_t number = 1; number <= pieces; number++) {
    RtmfpUserData data = fragment (number, 0,
                                   number == 1        ? RTMFP_FRAGMENT_BEGIN
                                   : number == pieces ? RTMFP_FRAGMENT_END
                                                      : RTMFP_FRAGMENT_MIDDLE,
                                   "");
    data.data = rtmfp_bytes (bytes, sizeof bytes);
    g_assert_cmpint (rtmfp_recv_flow_receive (flow, &data, S), ==, RTMFP_OK);
  }
  g_assert_cmpint (rtmfp_recv_flow_state (flow), ==, RTMFP_RECV_REJECTED);
  assert_drained (flow, "");
  rtmfp_recv_flow_free (flow);
}

static void
test_quiet (void) {
  Reassembly held;
  uint8_t *data = NULL;
  size_t size = 0;
  reassembly_init (&held);
  for (uint64_t number = 1; number <= 40; number++) {
    reassembly_hold (&held, number, RTMFP_FRAGMENT_WHOLE, rtmfp_bytes ("a", 1));
  }
  for (uint64_t number = 1; number < 40; number++) {
    reassembly_drop (&held, number);
  }
  reassembly_advance (&held, 40);
  reassembly_become_quiet (&held);
  g_assert_cmpuint (held.capacity, >=, 1); /* one is still held */
  reassembly_take (&held, 40, SLOT_DELIVERED, &data, &size);
  g_assert_cmpuint (size, ==, 1);
  free (data);
  reassembly_advance (&held, 41);
  reassembly_become_quiet (&held);
  g_assert_cmpuint (held.capacity, ==, 0);
  g_assert_cmpuint (held.first, ==, 41);
  reassembly_hold (&held, 45, RTMFP_FRAGMENT_WHOLE, rtmfp_bytes ("b", 1));
  g_assert_true (reassembly_is_complete (&held, 45));
  reassembly_clear (&held);
}

static RtmfpRecvFlow *
rest_and_wake (RtmfpRecvFlow *flow) {
  RtmfpRecvRest rest;
  g_assert_true (rtmfp_recv_flow_rest (flow, &rest));
  rtmfp_recv_flow_free (flow);
  return rtmfp_recv_flow_wake (&rest);
}

/* What is kept of a flow that holds nothing is enough to go on. */
static void
test_rests_and_goes_on (void) {
  RtmfpRecvRest rest;
  Acknowledged out;
  RtmfpRecvFlow *flow = new_accepted (true, 9000);
  receive_whole (flow, 1, "a");
  g_assert_false (rtmfp_recv_flow_rest (flow, &rest)); /* it holds a message */
  assert_drained (flow, "a");
  g_assert_false (rtmfp_recv_flow_rest (flow, &rest)); /* and owes an acknowledgement */
  g_assert_cmpint (acknowledge_in (flow, &out, sizeof out.bytes, false, false), ==, RTMFP_OK);
  rtmfp_recv_flow_take_ack_now (flow);
  receive_whole (flow, 3, "c");
  assert_drained (flow, "c");
  g_assert_cmpint (acknowledge_in (flow, &out, sizeof out.bytes, false, false), ==, RTMFP_OK);
  rtmfp_recv_flow_take_ack_now (flow);
  g_assert_false (rtmfp_recv_flow_rest (flow, &rest)); /* and misses one */
  receive_whole (flow, 2, "b");
  assert_drained (flow, "b");
  g_assert_cmpint (acknowledge_in (flow, &out, sizeof out.bytes, false, false), ==, RTMFP_OK);
  rtmfp_recv_flow_take_ack_now (flow);
  flow = rest_and_wake (flow);
  g_assert_cmpuint (rtmfp_recv_flow_id (flow), ==, 3);
  receive_whole (flow, 2, "again");
  receive_whole (flow, 5, "e");
  assert_drained (flow, "e"); /* in network order still; the second 2 is none */
  g_assert_cmpint (acknowledge_in (flow, &out, sizeof out.bytes, false, false), ==, RTMFP_OK);
  g_assert_cmpuint (out.ack.cumulative_ack, ==, 3);
  g_assert_cmpuint (out.ack.buffer_bytes_available, ==, 9 * 1024);
  rtmfp_recv_flow_free (flow);
}

static void
test_rests_paused (void) {
  RtmfpRecvFlow *flow = new_accepted (false, 0);
  rtmfp_recv_flow_pause (flow, true);
  flow = rest_and_wake (flow);
  receive_whole (flow, 1, "a");
  assert_drained (flow, "");
  g_assert_cmpint (rtmfp_recv_flow_accept (flow, false, 0), ==, RTMFP_STATE);
  rtmfp_recv_flow_pause (flow, false);
  assert_drained (flow, "a");
  rtmfp_recv_flow_free (flow);
}

/* A message without end: so many windows of it are held, then the flow is rejected and nothing is.
 */
static void
one_message_is_bounded_by_the_window (void) {
  const size_t window = 4096, most = RTMFP_RECV_MESSAGE_WINDOWS * window;
  char part[1001];
  memset (part, 'm', 1000);
  part[1000] = '\0';
  RtmfpRecvFlow *flow = new_accepted (false, window);
  uint64_t number = 1;
  size_t taken = 0;
  receive (flow, fragment (number++, 0, RTMFP_FRAGMENT_BEGIN, part));
  while (taken < 4 * most && rtmfp_recv_flow_state (flow) != RTMFP_RECV_REJECTED) {
    const RtmfpUserData data = fragment (number++, 0, RTMFP_FRAGMENT_MIDDLE, part);
    RtmfpStatus status = rtmfp_recv_flow_receive (flow, &data, S);
    taken += status == RTMFP_OK ? 1000 : 0;
  }
  g_assert_cmpint (rtmfp_recv_flow_state (flow), ==, RTMFP_RECV_REJECTED);
  g_assert_cmpuint (taken, >, most / 2);
  g_assert_cmpuint (taken, <, 2 * most);
  assert_drained (flow, "");
  rtmfp_recv_flow_free (flow);
}

#define ADD(path, function) g_test_add_func ("/flow/recv/" path, function)

static void
add_tests_of_delivery (void) {
  ADD ("bounds/one-message-is-bounded-by-the-window", one_message_is_bounded_by_the_window);
  ADD ("quiet/gives-memory-back", test_quiet);
  ADD ("quiet/rests-and-goes-on", test_rests_and_goes_on);
  ADD ("quiet/rests-paused", test_rests_paused);
  ADD ("order/in-order", test_in_order);
  ADD ("order/sequence-waits", test_sequence_order_waits);
  ADD ("order/network-does-not", test_network_order_does_not);
  ADD ("order/number-is-that-of-the-first-fragment", test_number_is_that_of_the_first_fragment);
  ADD ("reassembly/pieces-in-any-order", test_pieces_in_any_order);
  ADD ("reassembly/neighbours-do-not-mix", test_neighbours_do_not_mix);
  ADD ("reassembly/broken-message-is-a-gap", test_broken_message_is_a_gap);
  ADD ("give-up/forward-number-passes-a-gap", test_forward_number_passes_a_gap);
  ADD ("give-up/forward-update", test_forward_update);
  ADD ("give-up/forward-number-beyond-everything", test_forward_number_beyond_everything);
  ADD ("give-up/one-gap-is-told-once", test_one_gap_is_told_once);
  ADD ("end/finishes-with-the-last-message", test_finishes_with_the_last_message);
  ADD ("end/empty-final-number-is-no-gap", test_empty_final_number_is_no_gap);
  ADD ("end/message-broken-by-the-end", test_message_broken_by_the_end);
  ADD ("end/contradictions-are-ignored", test_contradictions_are_ignored);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  add_tests_of_delivery ();
  ADD ("user/waits-for-acceptance", test_waits_for_acceptance);
  ADD ("user/pause-closes-the-window", test_pause_closes_the_window);
  ADD ("user/full-but-not-paused-offers-a-block", test_full_but_not_paused_offers_a_block);
  ADD ("user/reject-forgets-and-reports", test_reject_forgets_and_reports);
  ADD ("ack/ranges-and-bitmaps-say-the-same", test_ranges_and_bitmaps_say_the_same);
  ADD ("ack/bitmap-only-where-it-is-shorter", test_bitmap_only_where_it_is_shorter);
  ADD ("ack/truncates-only-where-allowed", test_truncates_only_where_allowed);
  ADD ("ack/when-due-at-once", test_when_an_ack_is_due_at_once);
  ADD ("ack/small-windows-at-once", test_small_windows_are_acknowledged_at_once);
  ADD ("bounds/span", test_span_is_bounded);
  ADD ("bounds/span-of-a-large-window", test_span_of_a_large_window_is_bounded);
  ADD ("bounds/ranges", test_ranges_are_bounded);
  ADD ("bounds/buffer", test_buffer_is_bounded);
  ADD ("bounds/message-without-end-is-rejected", test_message_without_end_is_rejected);
  ADD ("bounds/message-too-large-is-rejected", test_message_too_large_is_rejected);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a session must refuse from a far side that has the keys and breaks the rules. */
#include "core/wire/control-chunk.h"
#include "core/wire/data-chunk.h"
#include "core/wire/packet.h"
#include "tests/session/hand.h"

#include "core/flow/params.h"

#include <string.h>

/* A whole message that opens flow 50. */
static RtmfpUserData
opening_chunk (void) {
  return (RtmfpUserData){
      .fragment = RTMFP_FRAGMENT_WHOLE,
      .has_options = true,
      .flow_id = 50,
      .sequence_number = 1,
      .options = {.has_metadata = true, .metadata = rtmfp_bytes ("m", 1)},
      .data = rtmfp_bytes ("text", 4),
  };
}

static void
deliver_data (Hand *hand, const RtmfpUserData *data) {
  begin_packet (hand);
  g_assert_cmpint (rtmfp_write_user_data (&hand->writer, data), ==, RTMFP_OK);
  deliver_packet (hand);
}

static RtmfpRecvState
state_of_flow (const Hand *hand, uint64_t flow_id) {
  const RtmfpFlow *flow = rtmfp_session_find_flow (&b_session (hand)->traffic->receiving, flow_id);
  g_assert_nonnull (flow);
  return rtmfp_recv_flow_state (flow->recv);
}

static void
test_metadata (void) {
  Hand *hand = hand_new ();
  RtmfpUserData data = opening_chunk ();
  deliver_data (hand, &data);
  g_assert_cmpint (state_of_flow (hand, 50), ==, RTMFP_RECV_OPEN);
  data.flow_id = 51;
  data.options.has_metadata = false;
  deliver_data (hand, &data);
  g_assert_cmpint (state_of_flow (hand, 51), ==, RTMFP_RECV_REJECTED);
  data.flow_id = 52;
  data.has_options = false;
  deliver_data (hand, &data);
  g_assert_cmpint (state_of_flow (hand, 52), ==, RTMFP_RECV_REJECTED);
  hand_free (hand);
}

/* Whoever sends on into a closed window fills nothing: what is too much is dropped, not
 * acknowledged, and other flows do not suffer. s3.6.3.5 */
static void
test_window_is_enforced (void) {
  Hand *hand = hand_new ();
  static const guint8 bytes[1000];
  RtmfpUserData data = opening_chunk ();
  data.data = rtmfp_bytes (bytes, sizeof bytes);
  data.fragment = RTMFP_FRAGMENT_WHOLE;
  deliver_data (hand, &data);
  Told *told = node_expect (hand->pair.b, RTMFP_EVENT_FLOW_NEW);
  g_assert_cmpint (rtmfp_endpoint_accept_flow (hand->pair.b->endpoint, told->event.flow,
                                               RTMFP_ORDER_SEQUENCE, 16384,
                                               hand->pair.world->now_us),
                   ==, RTMFP_OK);
  rtmfp_endpoint_pause_flow (hand->pair.b->endpoint, told->event.flow, true,
                             hand->pair.world->now_us);
  data.has_options = false;
  gsize most = 0;
  const RtmfpFlow *flow = rtmfp_session_find_flow (&b_session (hand)->traffic->receiving, 50);
  for (guint i = 0; i < 3000; i++) {
    data.sequence_number++;
    deliver_data (hand, &data);
    most = MAX (most, rtmfp_recv_flow_buffered_bytes (flow->recv));
  }
  g_assert_cmpuint (most, >=, 16384);
  g_assert_cmpuint (most, <=, 2 * 16384 + RTMFP_RECV_OVERRUN_BYTES + 2048);
  g_assert_cmpuint (counters_of (hand->pair.b).dropped_limit, >, 2900);
  RtmfpUserData other = opening_chunk ();
  other.flow_id = 51;
  deliver_data (hand, &other);
  g_assert_cmpint (state_of_flow (hand, 51), ==, RTMFP_RECV_OPEN);
  told_free (told);
  hand_free (hand);
}

static void
test_association (void) {
  Hand *hand = hand_new ();
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("ours", 4)};
  RtmfpId flow = 0;
  g_assert_cmpint (
      rtmfp_endpoint_open_flow (hand->pair.b->endpoint, b_session (hand)->id, &config, &flow), ==,
      RTMFP_OK);
  const RtmfpFlow *ours = TAILQ_FIRST (&b_session (hand)->traffic->sending);
  RtmfpUserData data = opening_chunk ();
  data.options.has_association = true;
  data.options.association = rtmfp_send_flow_id (ours->send);
  deliver_data (hand, &data);
  g_assert_cmpint (state_of_flow (hand, 50), ==, RTMFP_RECV_OPEN);
  data.flow_id = 51;
  data.options.association += 7; /* there is none */
  deliver_data (hand, &data);
  g_assert_cmpint (state_of_flow (hand, 51), ==, RTMFP_RECV_REJECTED);
  data.flow_id = 52;
  data.options.association -= 7;
  rtmfp_endpoint_close_flow (hand->pair.b->endpoint, flow, hand->pair.world->now_us);
  deliver_data (hand, &data); /* there is one, but it is closing */
  g_assert_cmpint (state_of_flow (hand, 52), ==, RTMFP_RECV_REJECTED);
  hand_free (hand);
}

/* User Data of flow 60 with metadata and one more option of a type. */
static void
deliver_option (Hand *hand, uint8_t flow_id, guint16 type) {
  const guint8 chunk[] = {RTMFP_CHUNK_USER_DATA,
                          0,
                          13,
                          0x80,
                          flow_id,
                          1,
                          1,
                          2,
                          RTMFP_FLOW_OPTION_METADATA,
                          'm',
                          3,
                          (guint8)(0x80 | (type >> 14)),
                          (guint8)(0x80 | (type >> 7 & 0x7f)),
                          (guint8)(type & 0x7f),
                          0,
                          'x'};
  begin_packet (hand);
  g_assert_cmpint (rtmfp_writer_bytes (&hand->writer, rtmfp_bytes (chunk, sizeof chunk)), ==,
                   RTMFP_OK);
  deliver_packet (hand);
}

static void
test_unknown_options (void) {
  Hand *hand = hand_new ();
  deliver_option (hand, 60, RTMFP_FLOW_OPTION_IGNORABLE_FROM);
  g_assert_cmpint (state_of_flow (hand, 60), ==, RTMFP_RECV_OPEN);
  deliver_option (hand, 61, RTMFP_FLOW_OPTION_IGNORABLE_FROM - 1);
  g_assert_cmpint (state_of_flow (hand, 61), ==, RTMFP_RECV_REJECTED);
  hand_free (hand);
}

/* An option that comes later: the flow was open, and the user knows of it. */
static void
test_unknown_option_later (void) {
  Hand *hand = hand_new ();
  deliver_option (hand, 60, RTMFP_FLOW_OPTION_IGNORABLE_FROM);
  deliver_option (hand, 60, RTMFP_FLOW_OPTION_IGNORABLE_FROM + 1);
  g_assert_cmpint (state_of_flow (hand, 60), ==, RTMFP_RECV_OPEN);
  deliver_option (hand, 60, RTMFP_FLOW_OPTION_IGNORABLE_FROM - 1);
  g_assert_cmpint (state_of_flow (hand, 60), ==, RTMFP_RECV_REJECTED);
  hand_free (hand);
}

/* What we reject by ourselves bears code 0. */
static void
test_automatic_code (void) {
  Hand *hand = hand_new ();
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("m", 1)};
  RtmfpId flow;
  g_assert_cmpint (
      rtmfp_endpoint_open_flow (hand->pair.a->endpoint, hand->pair.a_session, &config, &flow), ==,
      RTMFP_OK);
  RtmfpFlow *sending =
      TAILQ_FIRST (&rtmfp_endpoint_first_entry (hand->pair.a->endpoint)->session->traffic->sending);
  RtmfpUserData data = opening_chunk ();
  data.flow_id = rtmfp_send_flow_id (sending->send);
  data.has_options = false; /* the hand is quicker than the flow, and says no metadata */
  deliver_data (hand, &data);
  Told *told = node_expect (hand->pair.a, RTMFP_EVENT_FLOW_EXCEPTION);
  g_assert_cmpuint (told->event.flow, ==, flow);
  g_assert_cmpuint (told->event.code, ==, 0);
  told_free (told);
  hand_free (hand);
}

static void
test_next_data_alone (void) {
  Hand *hand = hand_new ();
  RtmfpUserData data = opening_chunk ();
  begin_packet (hand);
  g_assert_cmpint (rtmfp_write_next_user_data (&hand->writer, &data), ==, RTMFP_OK);
  deliver_packet (hand);
  const RtmfpTraffic *traffic = b_session (hand)->traffic;
  g_assert_true (traffic == NULL || traffic->receiving_count == 0);
  g_assert_cmpuint (counters_of (hand->pair.b).dropped_malformed, ==, 1);
  hand_free (hand);
}

/* Both sides have the keys of both directions apart; what bears the receiver's own mark is not of
 * the other one. */
static void
test_own_mark (void) {
  Hand *hand = hand_new ();
  const RtmfpPacketHeader header = {.mode = RTMFP_MODE_RESPONDER};
  hand->writer = rtmfp_writer (hand->plain, sizeof hand->plain);
  g_assert_cmpint (rtmfp_write_packet_header (&hand->writer, &header), ==, RTMFP_OK);
  g_assert_cmpint (rtmfp_write_close (&hand->writer), ==, RTMFP_OK);
  g_assert_cmpint (deliver_any_packet (hand, &hand->pair.a->address), ==, RTMFP_MALFORMED);
  g_assert_cmpint (rtmfp_session_state (b_session (hand)), ==, RTMFP_SESSION_OPEN);
  hand_free (hand);
}

/* An answer to a mobility check that was never asked, from where nobody was asked. */
static void
test_unasked_mobility_reply (void) {
  Hand *hand = hand_new ();
  const RtmfpAddress elsewhere = rtmfp_address_ipv4 (10, 0, 0, 77, 7);
  guint8 reply[25] = {'M'};
  const uint64_t now = (uint64_t)hand->pair.world->now_us;
  for (int i = 0; i < 8; i++) {
    reply[1 + i] = (guint8)(now >> (56 - 8 * i));
  }
  begin_packet (hand);
  g_assert_cmpint (rtmfp_write_ping_reply (&hand->writer, rtmfp_bytes (reply, sizeof reply)), ==,
                   RTMFP_OK);
  deliver_packet_from (hand, &elsewhere);
  g_assert_true (rtmfp_address_equal (&b_session (hand)->path.address, &hand->pair.a->address));
  g_assert_cmpuint (counters_of (hand->pair.b).rule_address_change, ==, 0);
  hand_free (hand);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/rules/window-is-enforced", test_window_is_enforced);
  g_test_add_func ("/session/rules/flow-without-metadata-is-rejected", test_metadata);
  g_test_add_func ("/session/rules/return-flow-needs-an-open-one", test_association);
  g_test_add_func ("/session/rules/unknown-options", test_unknown_options);
  g_test_add_func ("/session/rules/unknown-option-later", test_unknown_option_later);
  g_test_add_func ("/session/rules/automatic-code-is-zero", test_automatic_code);
  g_test_add_func ("/session/rules/next-user-data-alone", test_next_data_alone);
  g_test_add_func ("/session/rules/own-mark-is-not-the-far-side-s", test_own_mark);
  g_test_add_func ("/session/rules/unasked-mobility-reply-moves-nothing",
                   test_unasked_mobility_reply);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The bounds of one session that only a far side with the session's keys can reach. */
#include "core/endpoint/endpoint-state.h"
#include "core/session/params.h"
#include "core/session/session-state.h"
#include "core/wire/control-chunk.h"
#include "core/wire/data-chunk.h"
#include "tests/session/hand.h"
#include "tests/support/support.h"

#include <string.h>

static void
test_pings (void) {
  Hand *hand = hand_new ();
  static const guint8 message[RTMFP_PING_BYTES_MAX + 1] = {7};
  begin_packet (hand);
  g_assert_cmpint (rtmfp_write_ping (&hand->writer, rtmfp_bytes (message, sizeof message)), ==,
                   RTMFP_OK);
  deliver_packet (hand);
  g_assert_cmpuint (b_session (hand)->replies.size, ==, 0);
  begin_packet (hand);
  for (guint i = 0; i < 10; i++) {
    g_assert_cmpint (rtmfp_write_ping (&hand->writer, rtmfp_bytes (message, RTMFP_PING_BYTES_MAX)),
                     ==, RTMFP_OK);
  }
  deliver_packet (hand);
  g_assert_cmpuint (b_session (hand)->replies.size, >, 0);
  g_assert_cmpuint (b_session (hand)->replies.size, <=, RTMFP_REPLIES_BYTES_MAX);
  g_assert_cmpuint (counters_of (hand->pair.b).dropped_limit, >, 1);
  world_run (hand->pair.world, 100000); /* and they are sent */
  g_assert_cmpuint (b_session (hand)->replies.size, ==, 0);
  hand_free (hand);
}

/* Beyond the flows that it may have open the far side hears that it has too many, s3.6.3.7, and is
 * acknowledged what it sent, no more. */
static void
test_flows_beyond (void) {
  Hand *hand = hand_new ();
  RtmfpUserData data = {
      .has_options = true,
      .flow_id = 50,
      .sequence_number = 4,
      .forward_sequence_number = 2,
      .options = {.has_metadata = true, .metadata = rtmfp_bytes ("m", 1)},
  };
  for (guint i = 0; i <= RTMFP_RECEIVING_FLOWS_MAX; i++) {
    g_assert_cmpuint (b_session (hand)->replies.size, ==, 0);
    begin_packet (hand);
    data.flow_id = 50 + i;
    g_assert_cmpint (rtmfp_write_user_data (&hand->writer, &data), ==, RTMFP_OK);
    deliver_packet (hand);
  }
  const RtmfpBytes replies = rtmfp_buffer_bytes (&b_session (hand)->replies);
  RtmfpBuffer expected = test_hex ("5e 0003 8232 00 51 0006 8232 00 02 00 00"); /* 2 and 4 */
  test_assert_bytes (replies, rtmfp_buffer_bytes (&expected));
  rtmfp_buffer_clear (&expected);
  g_assert_cmpuint (b_session (hand)->traffic->receiving_count, ==, RTMFP_RECEIVING_FLOWS_MAX);
  data.sequence_number = 3; /* what is whole so far is one number; an abandoned one is told */
  begin_packet (hand);
  g_assert_cmpint (rtmfp_write_user_data (&hand->writer, &data), ==, RTMFP_OK);
  deliver_packet (hand);
  expected = test_hex ("5e 0003 8232 00 51 0004 8232 00 03");
  test_assert_bytes (rtmfp_bytes (b_session (hand)->replies.data + replies.size,
                                  b_session (hand)->replies.size - replies.size),
                     rtmfp_buffer_bytes (&expected));
  rtmfp_buffer_clear (&expected);
  for (guint i = 0; i < 1000; i++) {
    begin_packet (hand);
    g_assert_cmpint (rtmfp_write_user_data (&hand->writer, &data), ==, RTMFP_OK);
    deliver_packet (hand);
  }
  g_assert_cmpuint (b_session (hand)->replies.size, <=, RTMFP_REPLIES_BYTES_MAX);
  hand_free (hand);
}

static void
test_forwarded_hellos (void) {
  Hand *hand = hand_new ();
  b_session (hand)->introducer = true;
  static const guint8 epd[1000] = {0};
  const RtmfpForwardedHello hello = {.epd = rtmfp_bytes (epd, sizeof epd),
                                     .reply_address = hand->pair.a->address};
  begin_packet (hand);
  for (guint i = 0; i < 30; i++) {
    g_assert_cmpint (rtmfp_write_forwarded_hello (&hand->writer, &hello), ==, RTMFP_OK);
  }
  deliver_packet (hand);
  guint taken = RTMFP_FORWARDS_BYTES_MAX / (sizeof epd + 9);
  g_assert_cmpuint (counters_of (hand->pair.b).dropped_limit, ==, 30 - taken);
  hand_free (hand);
}

static void
test_hellos_to_forward (void) {
  Hand *hand = hand_new ();
  static const guint8 epd[RTMFP_PACKET_BYTES] = {0};
  RtmfpEndpoint *endpoint = hand->pair.a->endpoint;
  RtmfpStatus status = rtmfp_endpoint_forward_hello (
      endpoint, hand->pair.a_session, rtmfp_bytes (epd, sizeof epd), rtmfp_bytes ("t", 1),
      &hand->pair.b->address, hand->pair.world->now_us);
  g_assert_cmpint (status, ==, RTMFP_LIMIT); /* fits no packet */
  guint taken = 0;
  do {
    status = rtmfp_endpoint_forward_hello (endpoint, hand->pair.a_session, rtmfp_bytes (epd, 200),
                                           rtmfp_bytes ("t", 1), &hand->pair.b->address,
                                           hand->pair.world->now_us);
    taken += status == RTMFP_OK;
  } while (status == RTMFP_OK);
  g_assert_cmpint (status, ==, RTMFP_LIMIT);
  g_assert_cmpuint (taken, >, 20);
  world_run (hand->pair.world, 100000);
  g_assert_cmpuint (counters_of (hand->pair.b).rule_reject_hello, ==, taken); /* no introducer */
  hand_free (hand);
}

/* A responder's cookie that is longer than we would echo. */
static void
test_cookie (void) {
  Hand *hand = hand_new ();
  RtmfpEndpoint *a = hand->pair.a->endpoint;
  static const guint8 cookie[RTMFP_COOKIE_BYTES_MAX + 1] = {0};
  const RtmfpFingerprint stranger = {{9}};
  open_to (hand->pair.a, hand->pair.a_identity, &stranger, hand->pair.b);
  const RtmfpResponderHello hello = {
      .tag_echo =
          rtmfp_bytes (rtmfp_session_tag (LIST_FIRST (&a->openings)->session), RTMFP_TAG_SIZE),
      .cookie = rtmfp_bytes (cookie, sizeof cookie),
  };
  guint8 datagram[2048];
  gsize size = 0, head = rtmfp_protection_head_bytes (&a->shared.default_key);
  RtmfpWriter writer = rtmfp_writer (datagram + head, sizeof datagram - head);
  const RtmfpPacketHeader header = {.mode = RTMFP_MODE_STARTUP};
  g_assert_cmpint (rtmfp_write_packet_header (&writer, &header), ==, RTMFP_OK);
  g_assert_cmpint (rtmfp_write_responder_hello (&writer, &hello), ==, RTMFP_OK);
  g_assert_cmpint (rtmfp_protection_seal (&a->shared.default_key, 0, datagram, sizeof datagram,
                                          rtmfp_writer_size (&writer), &size),
                   ==, RTMFP_OK);
  g_assert_cmpint (rtmfp_endpoint_receive (a, datagram, size, 0, &hand->pair.b->address, 0,
                                           hand->pair.world->now_us),
                   ==, RTMFP_LIMIT);
  hand_free (hand);
}

/* A session that falls quiet gives memory back, and goes on when it is needed. */
static void
test_quiet (void) {
  Hand *hand = hand_new ();
  RtmfpId sending, receiving;
  pair_open_flow (&hand->pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  g_assert_cmpint (b_session (hand)->quiet_us, !=, RTMFP_NEVER);
  world_run (hand->pair.world, RTMFP_QUIET_US + 500000);
  g_assert_cmpint (b_session (hand)->quiet_us, ==, RTMFP_NEVER);
  g_assert_null (b_session (hand)->traffic);
  g_assert_nonnull (b_session (hand)->rest);
  rtmfp_endpoint_ping (hand->pair.a->endpoint, hand->pair.a_session, hand->pair.world->now_us);
  world_run (hand->pair.world, 500000);
  g_assert_null (b_session (hand)->traffic); /* a Ping wakes no flow */
  for (guint i = 0; i < 30; i++) {
    g_autofree char *text = g_strdup_printf ("awake %u", i);
    send_text (hand->pair.a, sending, text);
    expect_text (hand->pair.b, receiving, text);
  }
  hand_free (hand);
}

/* Its flows are gone while it rests, and there under their ids when they are asked for; nothing
 * that is told of the session changes. */
static void
test_rest (void) {
  Hand *hand = hand_new ();
  RtmfpEndpoint *a = hand->pair.a->endpoint;
  RtmfpId sending, receiving;
  RtmfpSessionInfo before, after;
  pair_open_flow (&hand->pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  send_text (hand->pair.a, sending, "one");
  expect_text (hand->pair.b, receiving, "one");
  g_assert_cmpint (rtmfp_endpoint_session_info (a, hand->pair.a_session, &before), ==, RTMFP_OK);
  world_run (hand->pair.world, RTMFP_QUIET_US + 500000);
  g_assert_cmpuint (counters_of (hand->pair.a).rule_rest, ==, 1);
  g_assert_cmpuint (counters_of (hand->pair.b).rule_rest, ==, 1);
  g_assert_cmpint (rtmfp_endpoint_session_info (a, hand->pair.a_session, &after), ==, RTMFP_OK);
  g_assert_cmpuint (after.cwnd_bytes, ==, before.cwnd_bytes);
  g_assert_cmpuint (after.path_mtu_bytes, ==, before.path_mtu_bytes);
  g_assert_true (after.sends_ect == before.sends_ect);
  g_assert_cmpuint (counters_of (hand->pair.a).rule_wake, ==, 0);
  send_text (hand->pair.a, sending, "two");
  expect_text (hand->pair.b, receiving, "two");
  g_assert_cmpuint (counters_of (hand->pair.a).rule_wake, ==, 1);
  g_assert_cmpuint (counters_of (hand->pair.b).rule_wake, ==, 1);
  world_run (hand->pair.world, RTMFP_QUIET_US + 500000);
  g_assert_cmpuint (counters_of (hand->pair.a).rule_rest, ==, 2);
  rtmfp_endpoint_close (a, hand->pair.a_session, false, hand->pair.world->now_us);
  g_assert_cmpint (
      rtmfp_endpoint_send (a, sending, rtmfp_bytes ("x", 1), NULL, hand->pair.world->now_us, NULL),
      ==, RTMFP_STATE);
  g_assert_cmpuint (a->shared.flows.used, ==, 0);
  hand_free (hand);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/limits/pings", test_pings);
  g_test_add_func ("/session/limits/flows-beyond", test_flows_beyond);
  g_test_add_func ("/session/limits/forwarded-hellos", test_forwarded_hellos);
  g_test_add_func ("/session/limits/hellos-to-forward", test_hellos_to_forward);
  g_test_add_func ("/session/limits/cookie-of-others", test_cookie);
  g_test_add_func ("/session/quiet/gives-memory-back", test_quiet);
  g_test_add_func ("/session/quiet/rests-and-goes-on", test_rest);
  return g_test_run ();
}

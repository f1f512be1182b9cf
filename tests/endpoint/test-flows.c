/* SPDX-License-Identifier: Apache-2.0 */
/* Flows between two endpoints, RFC 7016 s3.6, as far as the session has a part in them. */
#include "tests/endpoint/world.h"

#include "core/session/params.h"

#include <string.h>

#define MESSAGES 200

/* Drops one datagram in so many. */
typedef struct {
  guint64 one_in;
  guint64 count;
} Loss;

static bool
lose_one_in (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  (void)datagram;
  Loss *loss = user;
  return loss->one_in == 0 || ++loss->count % loss->one_in != 0;
}

static guint8 *
make_message (guint number, gsize size) {
  guint8 *bytes = g_malloc (size);
  for (gsize i = 0; i < size; i++) {
    bytes[i] = (guint8)(number * 31 + i);
  }
  return bytes;
}

static void
send_messages (Node *node, RtmfpId flow, guint count, gsize size) {
  for (guint i = 0; i < count; i++) {
    guint8 *bytes = make_message (i, size);
    RtmfpStatus status = rtmfp_endpoint_send (node->endpoint, flow, rtmfp_bytes (bytes, size), NULL,
                                              node->world->now_us, NULL);
    if (status == RTMFP_FULL) {
      told_free (node_expect (node, RTMFP_EVENT_FLOW_WRITABLE));
      i--;
    } else {
      g_assert_cmpint (status, ==, RTMFP_OK);
    }
    g_free (bytes);
  }
}

static void
expect_messages (Node *node, guint count, gsize size) {
  for (guint i = 0; i < count; i++) {
    Told *told = node_expect (node, RTMFP_EVENT_FLOW_MESSAGE);
    guint8 *bytes = make_message (i, size);
    g_assert_cmpmem (told->event.bytes.data, told->event.bytes.size, bytes, size);
    g_free (bytes);
    told_free (told);
  }
}

static void
transfer (guint64 one_in) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  Loss loss = {.one_in = one_in};
  pair.world->tap = lose_one_in;
  pair.world->tap_user = &loss;
  send_messages (pair.a, sending, MESSAGES, 3000);
  rtmfp_endpoint_close_flow (pair.a->endpoint, sending, pair.world->now_us);
  expect_messages (pair.b, MESSAGES, 3000);
  Told *finished = node_expect (pair.b, RTMFP_EVENT_FLOW_FINISHED);
  g_assert_cmpuint (finished->event.flow, ==, receiving);
  Told *closed = node_expect (pair.a, RTMFP_EVENT_FLOW_CLOSED);
  g_assert_cmpuint (closed->event.flow, ==, sending);
  told_free (finished);
  told_free (closed);
  RtmfpCounters a = counters_of (pair.a), b = counters_of (pair.b);
  g_assert_true ((a.rule_nak_loss + a.rule_overdue_loss + a.rule_timeout_loss > 0) ==
                 (one_in != 0));
  g_assert_true ((b.rule_ack_ranges + a.rule_ack_bitmap_read > 0) == (one_in != 0));
  RtmfpSessionInfo info;
  g_assert_cmpint (rtmfp_endpoint_session_info (pair.a->endpoint, pair.a_session, &info), ==,
                   RTMFP_OK);
  g_assert_cmpint (info.srtt_us, >=, 16000);
  g_assert_cmpint (info.srtt_us, <=, 60000);
  g_assert_cmpuint (info.outstanding_bytes, ==, 0);
  g_assert_true ((info.packets_lost > 0) == (one_in != 0));
  pair_clear (&pair);
}

static void
test_transfer (void) {
  transfer (0);
}

static void
test_transfer_with_loss (void) {
  transfer (11);
  transfer (5);
}

/* Loses each third packet of data: ranges are longer than bitmaps then. */
static bool
lose_each_third (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  guint *count = user;
  return datagram->size < 1000 || ++*count % 3 != 0;
}

/* Bitmaps go to those who said that they read them, whatever we said ourselves. */
static void
test_bitmaps (void) {
  for (int mode = 0; mode < 4; mode++) {
    RtmfpIdentityConfig a = plain_identity (), b = a;
    a.rfc_only = (mode & 1) != 0;
    b.rfc_only = (mode & 2) != 0;
    Pair pair;
    RtmfpId sending, receiving;
    guint count = 0;
    pair_init_with (&pair, &a, &b);
    pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
    pair.world->tap = lose_each_third;
    pair.world->tap_user = &count;
    send_messages (pair.a, sending, MESSAGES, 3000);
    expect_messages (pair.b, MESSAGES, 3000);
    g_assert_true ((counters_of (pair.a).rule_ack_bitmap_read > 0) == !a.rfc_only);
    pair_clear (&pair);
  }
}

/* A lost fragment of a sparse flow is sent again when nothing was acknowledged for longer than
 * acknowledgements take; later ones need not overtake it. */
static void
test_sparse_loss (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_INTERACTIVE, &sending, &receiving);
  world_run (pair.world, G_USEC_PER_SEC);
  Loss loss = {.one_in = 1};
  pair.world->tap = lose_one_in;
  pair.world->tap_user = &loss;
  send_text (pair.a, sending, "lost");
  int64_t sent_us = pair.world->now_us;
  world_settle (pair.world);
  pair.world->tap = NULL;
  expect_text (pair.b, receiving, "lost");
  g_assert_cmpint (pair.world->now_us - sent_us, <, 200000);
  send_text (pair.a, sending, "next");
  expect_text (pair.b, receiving, "next");
  world_run (pair.world, 200000);
  g_assert_cmpuint (counters_of (pair.a).rule_tail_probe, ==, 1);
  g_assert_cmpuint (counters_of (pair.a).rule_probe_loss, ==, 1);
  g_assert_cmpuint (counters_of (pair.a).rule_timeout_loss, ==, 0);
  pair_clear (&pair);
}

static void
send_with_copies (Node *node, RtmfpId flow, uint8_t copies) {
  const RtmfpMessageOptions options = {.copies = copies};
  g_assert_cmpint (rtmfp_endpoint_send (node->endpoint, flow, rtmfp_bytes ("sound", 5), &options,
                                        node->world->now_us, NULL),
                   ==, RTMFP_OK);
}

/* The packet with the sound is lost. Its copy leaves with the next sound, long before anybody could
 * know of the loss; or by itself, when there is none. */
static void
test_copies (void) {
  for (int with_next = 0; with_next < 2; with_next++) {
    Pair pair;
    RtmfpId sending, receiving;
    pair_init (&pair);
    pair_open_flow (&pair, RTMFP_PRIORITY_REALTIME, &sending, &receiving);
    pair.world->delay_us = 50000;
    for (int i = 0; i < 20; i++) {
      send_text (pair.a, sending, "before");
      expect_text (pair.b, receiving, "before");
    }
    world_run (pair.world, G_USEC_PER_SEC);
    Loss loss = {.one_in = 1};
    pair.world->tap = lose_one_in;
    pair.world->tap_user = &loss;
    send_with_copies (pair.a, sending, 1);
    const int64_t sent_us = pair.world->now_us;
    world_settle (pair.world);
    g_assert_cmpuint (loss.count, ==, 1);
    pair.world->tap = NULL;
    if (with_next) {
      world_run (pair.world, 20000);
      send_with_copies (pair.a, sending, 1);
    }
    expect_text (pair.b, receiving, "sound");
    g_assert_cmpint (pair.world->now_us - sent_us, >=, with_next ? 70000 : 75000);
    g_assert_cmpint (pair.world->now_us - sent_us, <, with_next ? 74000 : 80000);
    world_run (pair.world, G_USEC_PER_SEC);
    const RtmfpCounters counters = counters_of (pair.a);
    g_assert_cmpuint (counters.rule_copy, ==, with_next ? 2 : 1);
    g_assert_cmpuint (counters.rule_nak_loss + counters.rule_overdue_loss, ==, 0);
    /* The far side knows what did not come. */
    RtmfpSessionInfo info;
    g_assert_cmpint (rtmfp_endpoint_session_info (pair.b->endpoint, pair.b_session, &info), ==,
                     RTMFP_OK);
    g_assert_cmpuint (info.packets_missed, ==, 1);
    pair_clear (&pair);
  }
}

/* More than the most are the most. */
static void
test_copies_bound (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair.world->delay_us = 200000;
  pair_open_flow (&pair, RTMFP_PRIORITY_REALTIME, &sending, &receiving);
  world_run (pair.world, G_USEC_PER_SEC);
  send_with_copies (pair.a, sending, 255);
  world_run (pair.world, G_USEC_PER_SEC);
  g_assert_cmpuint (counters_of (pair.a).rule_copy, ==, RTMFP_COPIES_MAX);
  pair_clear (&pair);
}

static void
test_return_flow (void) {
  Pair pair;
  RtmfpId sending, receiving, answer;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("back", 4), .associated = receiving};
  g_assert_cmpint (rtmfp_endpoint_open_flow (pair.b->endpoint, pair.b_session, &config, &answer),
                   ==, RTMFP_OK);
  send_text (pair.b, answer, "pong");
  Told *told = node_expect (pair.a, RTMFP_EVENT_FLOW_NEW);
  g_assert_cmpuint (told->event.associated, ==, sending);
  g_assert_cmpint (rtmfp_endpoint_accept_flow (pair.a->endpoint, told->event.flow,
                                               RTMFP_ORDER_NETWORK, 0, pair.world->now_us),
                   ==, RTMFP_OK);
  expect_text (pair.a, told->event.flow, "pong");
  told_free (told);
  /* Not of this session, or not a receiving flow: refused. */
  config.associated = answer;
  g_assert_cmpint (rtmfp_endpoint_open_flow (pair.b->endpoint, pair.b_session, &config, &answer),
                   ==, RTMFP_STATE);
  pair_clear (&pair);
}

static void
test_reject (void) {
  Pair pair;
  pair_init (&pair);
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("no", 2)};
  RtmfpId sending;
  g_assert_cmpint (rtmfp_endpoint_open_flow (pair.a->endpoint, pair.a_session, &config, &sending),
                   ==, RTMFP_OK);
  send_text (pair.a, sending, "anybody there?");
  Told *told = node_expect (pair.b, RTMFP_EVENT_FLOW_NEW);
  rtmfp_endpoint_reject_flow (pair.b->endpoint, told->event.flow, 42, pair.world->now_us);
  told_free (told);
  told = node_expect (pair.a, RTMFP_EVENT_FLOW_EXCEPTION);
  g_assert_cmpuint (told->event.flow, ==, sending);
  g_assert_cmpuint (told->event.code, ==, 42);
  told_free (told);
  told = node_expect (pair.a, RTMFP_EVENT_FLOW_CLOSED);
  g_assert_cmpuint (told->event.flow, ==, sending);
  told_free (told);
  g_assert_cmpint (rtmfp_endpoint_send (pair.a->endpoint, sending, rtmfp_bytes ("x", 1), NULL,
                                        pair.world->now_us, NULL),
                   ==, RTMFP_STATE);
  g_assert_cmpuint (counters_of (pair.a).rule_exception, ==, 1);
  g_assert_false (node_was_told (pair.b, RTMFP_EVENT_FLOW_MESSAGE));
  pair_clear (&pair);
}

/* The urgent flow's messages arrive before those of the bulk that was queued earlier. */
static void
test_priority (void) {
  Pair pair;
  RtmfpId bulk, urgent, bulk_in, urgent_in;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_BULK, &bulk, &bulk_in);
  pair_open_flow (&pair, RTMFP_PRIORITY_URGENT, &urgent, &urgent_in);
  world_run (pair.world, G_USEC_PER_SEC);
  for (int i = 0; i < 60; i++) {
    guint8 bytes[3000] = {0};
    g_assert_cmpint (rtmfp_endpoint_send (pair.a->endpoint, bulk, rtmfp_bytes (bytes, sizeof bytes),
                                          NULL, pair.world->now_us, NULL),
                     ==, RTMFP_OK);
  }
  world_settle (pair.world); /* the window is full of bulk */
  send_text (pair.a, urgent, "now");
  Told *told = node_expect (pair.b, RTMFP_EVENT_FLOW_MESSAGE);
  guint before = 0;
  for (; told->event.flow == bulk_in; before++) {
    told_free (told);
    told = node_expect (pair.b, RTMFP_EVENT_FLOW_MESSAGE);
  }
  g_assert_cmpuint (told->event.flow, ==, urgent_in);
  g_assert_cmpuint (before, <, 10);
  told_free (told);
  pair_clear (&pair);
}

/* What is sent while others bring time critical data is marked so, and slows the sender down. */
static void
test_time_critical (void) {
  Pair pair;
  RtmfpId media, media_in;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_REALTIME, &media, &media_in);
  const RtmfpIdentityConfig config = plain_identity ();
  Node *c = world_add (pair.world, 3);
  RtmfpId identity = rtmfp_endpoint_add_identity (c->endpoint, &config, NULL);
  RtmfpId session = open_to (c, identity, &pair.b_fingerprint, pair.b);
  told_free (node_expect (c, RTMFP_EVENT_SESSION_OPEN));
  const RtmfpFlowConfig flow_config = {.metadata = rtmfp_bytes ("bulk", 4)};
  RtmfpId bulk;
  g_assert_cmpint (rtmfp_endpoint_open_flow (c->endpoint, session, &flow_config, &bulk), ==,
                   RTMFP_OK);
  send_text (pair.a, media, "frame");
  send_text (c, bulk, "data");
  world_run (pair.world, 500000);
  send_text (c, bulk, "data");
  world_run (pair.world, 200000);
  g_assert_cmpuint (counters_of (c).rule_time_critical, >, 0);
  g_assert_cmpuint (counters_of (pair.a).rule_time_critical, ==, 0);
  pair_clear (&pair);
}

/* A paused receiver closes the window; the sender probes until it opens again. */
static void
test_pause (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  rtmfp_endpoint_pause_flow (pair.b->endpoint, receiving, true, pair.world->now_us);
  for (guint i = 0; i < 50; i++) {
    guint8 bytes[8000] = {(guint8)i};
    RtmfpStatus status =
        rtmfp_endpoint_send (pair.a->endpoint, sending, rtmfp_bytes (bytes, sizeof bytes), NULL,
                             pair.world->now_us, NULL);
    g_assert_true (status == RTMFP_OK || status == RTMFP_FULL);
  }
  world_run (pair.world, 30 * G_USEC_PER_SEC);
  g_assert_false (node_was_told (pair.b, RTMFP_EVENT_FLOW_MESSAGE));
  g_assert_cmpuint (counters_of (pair.a).rule_buffer_probe, >=, 3);
  rtmfp_endpoint_pause_flow (pair.b->endpoint, receiving, false, pair.world->now_us);
  for (guint i = 0; i < 20; i++) {
    Told *told = node_expect (pair.b, RTMFP_EVENT_FLOW_MESSAGE);
    g_assert_cmpuint (told->event.bytes.data[0], ==, i);
    told_free (told);
  }
  pair_clear (&pair);
}

/* Probes of a closed window are acknowledged without a report of marks, because nothing marked
 * came: that says nothing against them. */
static void
test_marks_outlast_a_pause (void) {
  Pair pair;
  RtmfpId sending, receiving;
  RtmfpSessionInfo info;
  static const guint8 bytes[8000];
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  rtmfp_endpoint_pause_flow (pair.b->endpoint, receiving, true, pair.world->now_us);
  for (guint i = 0; i < 50; i++) {
    (void)!rtmfp_endpoint_send (pair.a->endpoint, sending, rtmfp_bytes (bytes, sizeof bytes), NULL,
                                pair.world->now_us, NULL);
  }
  world_run (pair.world, 2000 * G_USEC_PER_SEC);
  g_assert_cmpuint (counters_of (pair.a).rule_buffer_probe, >, RTMFP_ECN_SILENT_ACKS);
  g_assert_cmpint (rtmfp_endpoint_session_info (pair.a->endpoint, pair.a_session, &info), ==,
                   RTMFP_OK);
  g_assert_true (info.sends_ect);
  g_assert_cmpint (rtmfp_endpoint_session_info (pair.b->endpoint, pair.b_session, &info), ==,
                   RTMFP_OK);
  g_assert_cmpuint (info.ect_received, >, 0);
  g_assert_cmpuint (info.ce_received, ==, 0);
  pair_clear (&pair);
}

/* Every acknowledgement that reopens the window is lost; only a probe finds out. */
static void
test_probe (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  rtmfp_endpoint_pause_flow (pair.b->endpoint, receiving, true, pair.world->now_us);
  guint queued = 0;
  for (guint i = 0; i < 40; i++) {
    guint8 bytes[8000] = {(guint8)i};
    queued += rtmfp_endpoint_send (pair.a->endpoint, sending, rtmfp_bytes (bytes, sizeof bytes),
                                   NULL, pair.world->now_us, NULL) == RTMFP_OK;
  }
  world_run (pair.world, 10 * G_USEC_PER_SEC);
  guint64 probes = counters_of (pair.a).rule_buffer_probe;
  Loss loss = {.one_in = 1};
  pair.world->tap = lose_one_in;
  pair.world->tap_user = &loss;
  rtmfp_endpoint_pause_flow (pair.b->endpoint, receiving, false, pair.world->now_us);
  world_settle (pair.world);
  pair.world->tap = NULL;
  for (guint i = 0; i < queued; i++) {
    told_free (node_expect (pair.b, RTMFP_EVENT_FLOW_MESSAGE));
  }
  g_assert_cmpuint (counters_of (pair.a).rule_buffer_probe, >, probes);
  pair_clear (&pair);
}

static void
test_deadlines (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_REALTIME, &sending, &receiving);
  world_run (pair.world, G_USEC_PER_SEC);
  Loss loss = {.one_in = 1};
  pair.world->tap = lose_one_in;
  pair.world->tap_user = &loss;
  uint64_t first, second, third;
  RtmfpMessageOptions options = {.finish_by_us = pair.world->now_us + 100000, .reports_end = true};
  g_assert_cmpint (rtmfp_endpoint_send (pair.a->endpoint, sending, rtmfp_bytes ("key", 3), &options,
                                        pair.world->now_us, &first),
                   ==, RTMFP_OK);
  options = (RtmfpMessageOptions){.depends_on = first, .reports_end = true};
  g_assert_cmpint (rtmfp_endpoint_send (pair.a->endpoint, sending, rtmfp_bytes ("delta", 5),
                                        &options, pair.world->now_us, &second),
                   ==, RTMFP_OK);
  options = (RtmfpMessageOptions){.reports_end = true};
  g_assert_cmpint (rtmfp_endpoint_send (pair.a->endpoint, sending, rtmfp_bytes ("other", 5),
                                        &options, pair.world->now_us, &third),
                   ==, RTMFP_OK);
  world_run (pair.world, 120000);
  pair.world->tap = NULL;
  for (uint64_t number = first; number <= second; number++) {
    Told *told = node_expect (pair.a, RTMFP_EVENT_MESSAGE_END);
    g_assert_cmpuint (told->event.number, ==, number);
    g_assert_false (told->event.delivered);
    told_free (told);
  }
  Told *gap = node_expect (pair.b, RTMFP_EVENT_FLOW_GAP);
  g_assert_cmpuint (gap->event.count, >, 0);
  told_free (gap);
  expect_text (pair.b, receiving, "other");
  Told *told = node_expect (pair.a, RTMFP_EVENT_MESSAGE_END);
  g_assert_cmpuint (told->event.number, ==, third);
  g_assert_true (told->event.delivered);
  told_free (told);
  RtmfpCounters counters = counters_of (pair.a);
  g_assert_cmpuint (counters.rule_abandon, ==, 2);
  g_assert_cmpuint (counters.rule_dependency_abandon, ==, 1);
  g_assert_cmpuint (counters_of (pair.b).rule_forward_sequence_number, >, 0);
  pair_clear (&pair);
}

/* Two packets are acknowledged at once, one alone after 200 ms. */
static void
test_delayed_ack (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  world_run (pair.world, G_USEC_PER_SEC);
  RtmfpMessageOptions options = {.reports_end = true};
  int64_t sent_us = pair.world->now_us;
  g_assert_cmpint (rtmfp_endpoint_send (pair.a->endpoint, sending, rtmfp_bytes ("one", 3), &options,
                                        sent_us, NULL),
                   ==, RTMFP_OK);
  told_free (node_expect (pair.a, RTMFP_EVENT_MESSAGE_END));
  /* It came alone. */
  g_assert_cmpint (pair.world->now_us - sent_us, ==, 2 * pair.world->delay_us);
  world_run (pair.world, G_USEC_PER_SEC);
  /* The third comes right behind the second, and is sent once only, so that no probe asks for it.
   */
  for (int i = 0; i < 2; i++) {
    send_text (pair.a, sending, "one");
    world_run (pair.world, 4000);
  }
  options.no_retransmit = true;
  sent_us = pair.world->now_us;
  g_assert_cmpint (rtmfp_endpoint_send (pair.a->endpoint, sending, rtmfp_bytes ("three", 5),
                                        &options, sent_us, NULL),
                   ==, RTMFP_OK);
  told_free (node_expect (pair.a, RTMFP_EVENT_MESSAGE_END));
  g_assert_cmpint (pair.world->now_us - sent_us, ==, 20000 + 2 * pair.world->delay_us);
  options.no_retransmit = false;
  sent_us = pair.world->now_us;
  guint8 bytes[2000] = {0};
  g_assert_cmpint (rtmfp_endpoint_send (pair.a->endpoint, sending,
                                        rtmfp_bytes (bytes, sizeof bytes), &options, sent_us, NULL),
                   ==, RTMFP_OK);
  told_free (node_expect (pair.a, RTMFP_EVENT_MESSAGE_END));
  g_assert_cmpint (pair.world->now_us - sent_us, <=, 2 * pair.world->delay_us + 2000); /* paced */
  pair_clear (&pair);
}

/* No more than six data packets leave without an acknowledgement, however large the window. */
static void
test_burst (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  send_messages (pair.a, sending, MESSAGES, 3000);
  world_run (pair.world, 5 * G_USEC_PER_SEC);
  guint64 before = pair.world->sent;
  guint8 bytes[100000] = {0};
  g_assert_cmpint (rtmfp_endpoint_send (pair.a->endpoint, sending,
                                        rtmfp_bytes (bytes, sizeof bytes), NULL, pair.world->now_us,
                                        NULL),
                   ==, RTMFP_OK);
  world_settle (pair.world);
  g_assert_cmpuint (pair.world->sent - before, <=, 6);
  g_assert_cmpuint (pair.world->sent - before, >=, 3);
  pair_clear (&pair);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/flows/deliver-everything-in-order", test_transfer);
  g_test_add_func ("/endpoint/flows/deliver-everything-in-order-over-loss",
                   test_transfer_with_loss);
  g_test_add_func ("/endpoint/flows/bitmaps-to-those-who-read-them", test_bitmaps);
  g_test_add_func ("/endpoint/flows/repair-sparse-loss-by-a-probe", test_sparse_loss);
  g_test_add_func ("/endpoint/flows/copies", test_copies);
  g_test_add_func ("/endpoint/flows/copies-bound", test_copies_bound);
  g_test_add_func ("/endpoint/flows/answer-in-return-flows", test_return_flow);
  g_test_add_func ("/endpoint/flows/rejection-reaches-the-sender", test_reject);
  g_test_add_func ("/endpoint/flows/urgent-goes-first", test_priority);
  g_test_add_func ("/endpoint/flows/time-critical-data-slows-others", test_time_critical);
  g_test_add_func ("/endpoint/flows/pause-closes-the-window", test_pause);
  g_test_add_func ("/endpoint/flows/marks-outlast-a-pause", test_marks_outlast_a_pause);
  g_test_add_func ("/endpoint/flows/probe-finds-the-window-open-again", test_probe);
  g_test_add_func ("/endpoint/flows/deadlines-and-dependencies-give-up", test_deadlines);
  g_test_add_func ("/endpoint/flows/acknowledgements-wait-20-ms-or-two-packets", test_delayed_ack);
  g_test_add_func ("/endpoint/flows/bursts-are-six-packets", test_burst);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the far side is there, where it is, and how sessions end, RFC 7016 s3.5.3 to s3.5.5. */
#include "tests/endpoint/world.h"

#include "core/session/params.h"

#include <string.h>

static bool
lose_all (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  (void)datagram;
  (void)user;
  return false;
}

static void
test_keepalive (void) {
  Pair pair;
  pair_init (&pair);
  world_run (pair.world, 10 * RTMFP_KEEPALIVE_US + G_USEC_PER_SEC);
  RtmfpCounters a = counters_of (pair.a), b = counters_of (pair.b);
  g_assert_cmpuint (a.sessions_open, ==, 1);
  g_assert_cmpuint (b.sessions_open, ==, 1);
  /* Each Ping is also heard by the other side, whose silence then starts again. */
  g_assert_cmpuint (a.rule_keepalive + b.rule_keepalive, >=, 10);
  g_assert_cmpuint (a.rule_keepalive + b.rule_keepalive, <=, 21);
  const RtmfpSessionOptions never = {.keepalive_us = 0};
  g_assert_cmpint (rtmfp_endpoint_set_session_options (pair.a->endpoint, pair.a_session, &never,
                                                       pair.world->now_us),
                   ==, RTMFP_OK);
  g_assert_cmpint (rtmfp_endpoint_set_session_options (pair.b->endpoint, pair.b_session, &never,
                                                       pair.world->now_us),
                   ==, RTMFP_OK);
  guint64 sent = pair.world->sent;
  world_run (pair.world, 1000 * G_USEC_PER_SEC);
  g_assert_cmpuint (pair.world->sent, ==, sent);
  pair_clear (&pair);
}

static void
test_dead (void) {
  Pair pair;
  pair_init (&pair);
  pair.world->tap = lose_all;
  int64_t from_us = pair.world->now_us;
  Told *told = node_expect (pair.a, RTMFP_EVENT_SESSION_CLOSED);
  g_assert_cmpint (told->event.reason, ==, RTMFP_CLOSE_TIMEOUT);
  told_free (told);
  g_assert_cmpint (pair.world->now_us - from_us, <=,
                   RTMFP_KEEPALIVE_US + RTMFP_RETRANSMIT_LIMIT_US + G_USEC_PER_SEC);
  told = node_expect (pair.b, RTMFP_EVENT_SESSION_CLOSED);
  g_assert_cmpint (told->event.reason, ==, RTMFP_CLOSE_TIMEOUT);
  told_free (told);
  g_assert_cmpint (rtmfp_endpoint_deadline (pair.a->endpoint), ==, RTMFP_NEVER);
  pair_clear (&pair);
}

/* Unacknowledged data ends the session sooner than silence would. */
static void
test_dead_with_data (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  world_run (pair.world, G_USEC_PER_SEC);
  const RtmfpSessionOptions options = {.keepalive_us = 30 * G_USEC_PER_SEC,
                                       .retransmit_limit_us = 5 * G_USEC_PER_SEC};
  g_assert_cmpint (rtmfp_endpoint_set_session_options (pair.a->endpoint, pair.a_session, &options,
                                                       pair.world->now_us),
                   ==, RTMFP_OK);
  pair.world->tap = lose_all;
  int64_t from_us = pair.world->now_us;
  send_text (pair.a, sending, "into the dark");
  told_free (node_expect (pair.a, RTMFP_EVENT_SESSION_CLOSED));
  g_assert_cmpint (pair.world->now_us - from_us, ==, 5 * G_USEC_PER_SEC);
  pair_clear (&pair);
}

/* Whoever wants no end says so, and then nothing is due before its time or overflows. */
static void
test_endless (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  world_run (pair.world, G_USEC_PER_SEC);
  const RtmfpSessionOptions options = {
      .keepalive_us = RTMFP_NEVER, .retransmit_limit_us = RTMFP_NEVER, .probe_us = RTMFP_NEVER};
  g_assert_cmpint (rtmfp_endpoint_set_session_options (pair.a->endpoint, pair.a_session, &options,
                                                       pair.world->now_us),
                   ==, RTMFP_OK);
  RtmfpCounters before, after;
  rtmfp_endpoint_counters (pair.a->endpoint, &before);
  pair.world->tap = lose_all;
  send_text (pair.a, sending, "into the dark");
  world_run (pair.world, 2 * RTMFP_RETRANSMIT_LIMIT_US);
  RtmfpSessionInfo info;
  g_assert_cmpint (rtmfp_endpoint_session_info (pair.a->endpoint, pair.a_session, &info), ==,
                   RTMFP_OK);
  g_assert_cmpint (rtmfp_endpoint_deadline (pair.a->endpoint), >, pair.world->now_us);
  rtmfp_endpoint_counters (pair.a->endpoint, &after);
  g_assert_cmpuint (after.rule_probe, ==, before.rule_probe);
  g_assert_cmpuint (after.rule_keepalive, ==, before.rule_keepalive);
  pair_clear (&pair);
}

static void
test_times_after (void) {
  g_assert_cmpint (rtmfp_after (5, 7), ==, 12);
  g_assert_cmpint (rtmfp_after (-5, RTMFP_NEVER), ==, RTMFP_NEVER - 5);
  g_assert_cmpint (rtmfp_after (0, RTMFP_NEVER), ==, RTMFP_NEVER);
  g_assert_cmpint (rtmfp_after (1, RTMFP_NEVER), ==, RTMFP_NEVER);
  g_assert_cmpint (rtmfp_after (RTMFP_NEVER, 0), ==, RTMFP_NEVER);
  g_assert_cmpint (rtmfp_after (RTMFP_NEVER, RTMFP_NEVER), ==, RTMFP_NEVER);
}

static void
test_close (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  rtmfp_endpoint_close (pair.a->endpoint, pair.a_session, false, pair.world->now_us);
  Told *told = node_expect (pair.a, RTMFP_EVENT_SESSION_CLOSED);
  g_assert_cmpint (told->event.reason, ==, RTMFP_CLOSE_LOCAL);
  told_free (told);
  told = node_expect (pair.b, RTMFP_EVENT_SESSION_CLOSED);
  g_assert_cmpint (told->event.reason, ==, RTMFP_CLOSE_FAR);
  told_free (told);
  g_assert_cmpint (rtmfp_endpoint_send (pair.a->endpoint, sending, rtmfp_bytes ("x", 1), NULL,
                                        pair.world->now_us, NULL),
                   ==, RTMFP_STATE);
  RtmfpSessionInfo info;
  g_assert_cmpint (rtmfp_endpoint_session_info (pair.b->endpoint, pair.b_session, &info), ==,
                   RTMFP_STATE);
  world_run (pair.world, RTMFP_FARCLOSE_LINGER_US + G_USEC_PER_SEC);
  g_assert_cmpint (rtmfp_endpoint_deadline (pair.a->endpoint), ==, RTMFP_NEVER);
  g_assert_cmpint (rtmfp_endpoint_deadline (pair.b->endpoint), ==, RTMFP_NEVER);
  pair_clear (&pair);
}

/* Close Requests are repeated for 90 s. */
static void
test_close_unanswered (void) {
  Pair pair;
  pair_init (&pair);
  pair.world->tap = lose_all;
  guint64 sent = pair.world->sent;
  rtmfp_endpoint_close (pair.a->endpoint, pair.a_session, false, pair.world->now_us);
  told_free (node_expect (pair.a, RTMFP_EVENT_SESSION_CLOSED));
  world_run (pair.world, 20 * G_USEC_PER_SEC + 1);
  g_assert_cmpuint (pair.world->sent - sent, ==, 5);
  world_run (pair.world, RTMFP_NEARCLOSE_US);
  g_assert_cmpint (rtmfp_endpoint_deadline (pair.a->endpoint), ==, RTMFP_NEVER);
  pair_clear (&pair);
}

static void
test_abrupt_close (void) {
  Pair pair;
  pair_init (&pair);
  rtmfp_endpoint_close (pair.b->endpoint, pair.b_session, true, pair.world->now_us);
  Told *told = node_expect (pair.b, RTMFP_EVENT_SESSION_CLOSED);
  g_assert_cmpint (told->event.reason, ==, RTMFP_CLOSE_LOCAL);
  told_free (told);
  told = node_expect (pair.a, RTMFP_EVENT_SESSION_CLOSED);
  g_assert_cmpint (told->event.reason, ==, RTMFP_CLOSE_FAR);
  told_free (told);
  world_settle (pair.world);
  g_assert_cmpint (rtmfp_endpoint_deadline (pair.a->endpoint), ==, RTMFP_NEVER);
  g_assert_cmpint (rtmfp_endpoint_deadline (pair.b->endpoint), ==, RTMFP_NEVER);
  pair_clear (&pair);
}

/* What had arrived whole before the close is told before it. */
static void
test_close_after_message (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  send_text (pair.a, sending, "last words");
  world_settle (pair.world);
  rtmfp_endpoint_close (pair.a->endpoint, pair.a_session, true, pair.world->now_us);
  expect_text (pair.b, receiving, "last words");
  told_free (node_expect (pair.b, RTMFP_EVENT_SESSION_CLOSED));
  pair_clear (&pair);
}

/* ---- Mobility ---- */

static void
test_mobility (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  pair.a->address = rtmfp_address_ipv4 (10, 0, 7, 7, 4321);
  send_text (pair.a, sending, "moved");
  expect_text (pair.b, receiving, "moved");
  Told *told = node_expect (pair.b, RTMFP_EVENT_SESSION_ADDRESS);
  g_assert_true (rtmfp_address_equal (&told->event.address, &pair.a->address));
  told_free (told);
  g_assert_cmpuint (counters_of (pair.b).rule_address_change, ==, 1);
  world_run (pair.world, 2 * G_USEC_PER_SEC);
  /* And without data: a Ping tells. */
  pair.b->address = rtmfp_address_ipv6 ((const uint8_t[16]){0x20, 1, 0x0d, 0xb8, [15] = 9}, 555);
  rtmfp_endpoint_addresses_changed (pair.b->endpoint, pair.world->now_us);
  told = node_expect (pair.a, RTMFP_EVENT_SESSION_ADDRESS);
  g_assert_true (rtmfp_address_equal (&told->event.address, &pair.b->address));
  told_free (told);
  send_text (pair.a, sending, "still here");
  expect_text (pair.b, receiving, "still here");
  pair_clear (&pair);
}

static void
expect_interface (Pair *pair, uint32_t interface_id) {
  Told *told = node_expect (pair->b, RTMFP_EVENT_SESSION_ADDRESS);
  g_assert_cmpuint (told->event.interface_id, ==, interface_id);
  told_free (told);
  RtmfpSessionInfo info;
  g_assert_cmpint (rtmfp_endpoint_session_info (pair->b->endpoint, pair->b_session, &info), ==,
                   RTMFP_OK);
  g_assert_cmpuint (info.interface_id, ==, interface_id);
}

/* To a relay's interface only when the direct one is silent; from there to the direct one at once.
 * The address stays the same. */
static void
test_other_interface (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  pair.b->interface_id = 5;
  send_text (pair.a, sending, "one that went round");
  world_run (pair.a->world, 200 * 1000);
  RtmfpSessionInfo info;
  g_assert_cmpint (rtmfp_endpoint_session_info (pair.b->endpoint, pair.b_session, &info), ==,
                   RTMFP_OK);
  g_assert_cmpuint (info.interface_id, ==, 0);
  world_run (pair.a->world, 200 * 1000);
  send_text (pair.a, sending, "the long way");
  expect_interface (&pair, 5);
  pair.b->interface_id = 0;
  world_run (pair.a->world, 1100 * 1000); /* one check of mobility a second */
  send_text (pair.a, sending, "the short way");
  expect_interface (&pair, 0);
  pair_clear (&pair);
}

static bool
lose_four (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  (void)datagram;
  guint *left = user;
  if (*left > 0) {
    (*left)--;
    return false;
  }
  return true;
}

/* The Ping that tells the new address is lost, and its repetitions: another one comes. */
static void
test_mobility_over_loss (void) {
  Pair pair;
  pair_init (&pair);
  guint left = 4;
  pair.world->tap = lose_four;
  pair.world->tap_user = &left;
  pair.a->address = rtmfp_address_ipv4 (10, 0, 7, 7, 4321);
  rtmfp_endpoint_addresses_changed (pair.a->endpoint, pair.world->now_us);
  Told *told = node_wait (pair.b, RTMFP_EVENT_SESSION_ADDRESS, 25 * G_USEC_PER_SEC);
  g_assert_nonnull (told);
  told_free (told);
  pair_clear (&pair);
}

/* Keeps the last datagram that came by, and may lose it. */
typedef struct {
  Datagram kept;
  bool loses;
  const RtmfpAddress *only; /* what goes there; NULL = all */
} Copy;

static bool
keep_copy (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  Copy *copy = user;
  if (copy->loses && (copy->only == NULL || rtmfp_address_equal (&datagram->to, copy->only))) {
    copy->kept = *datagram;
  }
  return !copy->loses;
}

/* A stranger sends an intercepted packet from its own address: nothing moves. */
static void
test_forged_source (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  world_run (pair.world, 2 * G_USEC_PER_SEC);
  Copy copy = {.loses = true};
  pair.world->tap = keep_copy;
  pair.world->tap_user = &copy;
  send_text (pair.a, sending, "intercepted");
  world_settle (pair.world);
  copy.loses = false;
  const RtmfpAddress stranger = rtmfp_address_ipv4 (6, 6, 6, 6, 666);
  world_inject (pair.world, &stranger, &pair.b->address, copy.kept.bytes, copy.kept.size);
  expect_text (pair.b, receiving, "intercepted"); /* it was authentic */
  world_run (pair.world, 5 * G_USEC_PER_SEC);
  g_assert_false (node_was_told (pair.b, RTMFP_EVENT_SESSION_ADDRESS));
  RtmfpSessionInfo info;
  g_assert_cmpint (rtmfp_endpoint_session_info (pair.b->endpoint, pair.b_session, &info), ==,
                   RTMFP_OK);
  g_assert_true (rtmfp_address_equal (&info.address, &pair.a->address));
  /* Again: a replay, whatever address it comes from. */
  world_inject (pair.world, &stranger, &pair.b->address, copy.kept.bytes, copy.kept.size);
  world_settle (pair.world);
  g_assert_cmpuint (counters_of (pair.b).dropped_replay, ==, 1);
  /* One bit changed: no packet of ours. */
  copy.kept.bytes[20] ^= 1;
  guint64 dropped = counters_of (pair.b).dropped_auth;
  world_inject (pair.world, &pair.a->address, &pair.b->address, copy.kept.bytes, copy.kept.size);
  world_settle (pair.world);
  g_assert_cmpuint (counters_of (pair.b).dropped_auth, ==, dropped + 1);
  pair_clear (&pair);
}

typedef struct {
  RtmfpAddress stranger;
  gsize bytes;
} Victim;

static bool
count_victim (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  Victim *victim = user;
  victim->bytes += rtmfp_address_equal (&datagram->to, &victim->stranger) ? datagram->size : 0;
  return true;
}

/* Somebody forges the source of ten packets of ours while the far side speaks: the victim gets no
 * more than came in its name, and one challenge. */
static void
test_forged_source_gets_no_voice (void) {
  Pair pair;
  RtmfpId sending, receiving, back;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  const RtmfpFlowConfig voice = {.metadata = rtmfp_bytes ("v", 1),
                                 .priority = RTMFP_PRIORITY_REALTIME};
  g_assert_cmpint (rtmfp_endpoint_open_flow (pair.b->endpoint, pair.b_session, &voice, &back), ==,
                   RTMFP_OK);
  world_run (pair.world, 2 * G_USEC_PER_SEC);
  Victim victim = {.stranger = rtmfp_address_ipv4 (6, 6, 6, 6, 666)};
  gsize forged = 0;
  for (guint i = 0; i < 100; i++) {
    if (i < 10) {
      Copy copy = {.loses = true};
      pair.world->tap = keep_copy;
      pair.world->tap_user = &copy;
      send_text (pair.a, sending, "intercepted");
      world_settle (pair.world);
      pair.world->tap = count_victim;
      pair.world->tap_user = &victim;
      forged += copy.kept.size;
      world_inject (pair.world, &victim.stranger, &pair.b->address, copy.kept.bytes,
                    copy.kept.size);
    }
    world_run (pair.world, pair.world->delay_us + 1000);
    const guint8 sound[160] = {0};
    g_assert_cmpint (rtmfp_endpoint_send (pair.b->endpoint, back, rtmfp_bytes (sound, sizeof sound),
                                          NULL, pair.world->now_us, NULL),
                     ==, RTMFP_OK);
    world_settle (pair.world);
    g_assert_cmpuint (victim.bytes, <=, forged + 64);
  }
  g_assert_cmpuint (victim.bytes, >, 0);
  pair_clear (&pair);
}

/* The application is sure of an address, again and again: what is time critical goes there as well,
 * but no more than the bound, and the session stays where it is. */
static void
test_vouched_address (void) {
  Pair pair;
  RtmfpId voice;
  pair_init (&pair);
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("v", 1),
                                  .priority = RTMFP_PRIORITY_REALTIME};
  g_assert_cmpint (rtmfp_endpoint_open_flow (pair.b->endpoint, pair.b_session, &config, &voice), ==,
                   RTMFP_OK);
  world_run (pair.world, 2 * G_USEC_PER_SEC);
  Victim there = {.stranger = rtmfp_address_ipv4 (6, 6, 6, 6, 666)};
  pair.world->tap = count_victim;
  pair.world->tap_user = &there;
  gsize heard_in_the_first_frames = 0;
  for (guint i = 0; i < 80; i++) {
    rtmfp_endpoint_vouch (pair.b->endpoint, pair.b_session, &there.stranger, 0, pair.world->now_us);
    const guint8 sound[160] = {0};
    g_assert_cmpint (rtmfp_endpoint_send (pair.b->endpoint, voice,
                                          rtmfp_bytes (sound, sizeof sound), NULL,
                                          pair.world->now_us, NULL),
                     ==, RTMFP_OK);
    world_run (pair.world, 20000);
    heard_in_the_first_frames = i == 2 ? there.bytes : heard_in_the_first_frames;
  }
  g_assert_cmpuint (heard_in_the_first_frames, >=, 3 * 160);
  g_assert_cmpuint (there.bytes, <=, 2400 + 80 * 96); /* and the challenges themselves */
  g_assert_cmpuint (there.bytes, >=, 2400 - 300 + 80 * 48);
  g_assert_false (node_was_told (pair.b, RTMFP_EVENT_SESSION_ADDRESS));
  pair_clear (&pair);
}

/* A packet that says nothing opens our routers and changes nothing at the other end. */
static void
test_keep_open (void) {
  Pair pair;
  pair_init (&pair);
  const guint64 sent = pair.world->sent;
  const RtmfpAddress before = pair.a->address;
  rtmfp_endpoint_keep_open (pair.a->endpoint, &pair.b->address, 0, pair.world->now_us);
  pair.a->address.port++; /* as another address of the same host */
  world_settle (pair.world);
  g_assert_cmpuint (pair.world->sent, ==, sent + 1);
  world_run (pair.world, 5 * G_USEC_PER_SEC);
  g_assert_false (node_was_told (pair.b, RTMFP_EVENT_SESSION_ADDRESS));
  pair.a->address = before;
  pair_clear (&pair);
}

/* The challenge is relayed to the real peer, whose answer comes from the old address: nothing
 * moves. */
static void
test_challenge_elsewhere (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  world_run (pair.world, 2 * G_USEC_PER_SEC);
  Copy copy = {.loses = true};
  pair.world->tap = keep_copy;
  pair.world->tap_user = &copy;
  send_text (pair.a, sending, "intercepted");
  world_settle (pair.world);
  const RtmfpAddress stranger = rtmfp_address_ipv4 (6, 6, 6, 6, 666);
  copy.only = &stranger;
  world_inject (pair.world, &stranger, &pair.b->address, copy.kept.bytes, copy.kept.size);
  world_settle (pair.world);
  while (!rtmfp_address_equal (&copy.kept.to, &stranger)) {
    world_run (pair.world, 1000);
  }
  copy.loses = false;
  world_inject (pair.world, &pair.b->address, &pair.a->address, copy.kept.bytes, copy.kept.size);
  world_run (pair.world, 5 * G_USEC_PER_SEC);
  g_assert_false (node_was_told (pair.b, RTMFP_EVENT_SESSION_ADDRESS));
  pair_clear (&pair);
}

static void
test_unknown_session (void) {
  Pair pair;
  pair_init (&pair);
  guint8 bytes[64];
  memset (bytes, 0x5a, sizeof bytes);
  guint64 sent = pair.world->sent;
  for (gsize size = 0; size < sizeof bytes; size++) {
    world_inject (pair.world, &pair.a->address, &pair.b->address, bytes, size);
  }
  world_settle (pair.world);
  RtmfpCounters counters = counters_of (pair.b);
  g_assert_cmpuint (counters.dropped_unknown_session + counters.dropped_malformed +
                        counters.dropped_auth,
                    ==, sizeof bytes);
  g_assert_cmpuint (pair.world->sent, ==, sent);
  pair_clear (&pair);
}

static bool
lose_of_a (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  (void)user;
  return datagram->from.ip[3] != 1;
}

/* Pings that get lost end no session whose far side is heard; the far side hears nothing, ends it,
 * and then it is silent. */
static void
test_heard_is_not_dead (void) {
  Pair pair;
  pair_init (&pair);
  const RtmfpSessionOptions options = {.keepalive_us = 5 * G_USEC_PER_SEC};
  g_assert_cmpint (rtmfp_endpoint_set_session_options (pair.a->endpoint, pair.a_session, &options,
                                                       pair.world->now_us),
                   ==, RTMFP_OK);
  const RtmfpSessionOptions later = {.keepalive_us = 20 * G_USEC_PER_SEC};
  g_assert_cmpint (rtmfp_endpoint_set_session_options (pair.b->endpoint, pair.b_session, &later,
                                                       pair.world->now_us),
                   ==, RTMFP_OK);
  pair.world->tap = lose_of_a;
  world_run (pair.world, 75 * G_USEC_PER_SEC);
  g_assert_false (node_was_told (pair.a, RTMFP_EVENT_SESSION_CLOSED));
  Told *told = node_wait (pair.b, RTMFP_EVENT_SESSION_CLOSED, 10 * G_USEC_PER_SEC);
  g_assert_nonnull (told);
  g_assert_cmpint (told->event.reason, ==, RTMFP_CLOSE_TIMEOUT);
  told_free (told);
  world_run (pair.world, 30 * G_USEC_PER_SEC);
  g_assert_false (node_was_told (pair.a, RTMFP_EVENT_SESSION_CLOSED));
  told = node_wait (pair.a, RTMFP_EVENT_SESSION_CLOSED, 40 * G_USEC_PER_SEC);
  g_assert_nonnull (told);
  g_assert_cmpint (told->event.reason, ==, RTMFP_CLOSE_TIMEOUT);
  told_free (told);
  pair_clear (&pair);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/liveness/keepalive-keeps-idle-sessions", test_keepalive);
  g_test_add_func ("/endpoint/liveness/silence-ends-a-session", test_dead);
  g_test_add_func ("/endpoint/liveness/unacknowledged-data-ends-a-session", test_dead_with_data);
  g_test_add_func ("/endpoint/liveness/endless-spans", test_endless);
  g_test_add_func ("/endpoint/liveness/times-after", test_times_after);
  g_test_add_func ("/endpoint/close/is-orderly", test_close);
  g_test_add_func ("/endpoint/close/is-repeated-for-90-s", test_close_unanswered);
  g_test_add_func ("/endpoint/close/may-be-abrupt", test_abrupt_close);
  g_test_add_func ("/endpoint/close/comes-after-what-was-received", test_close_after_message);
  g_test_add_func ("/endpoint/mobility/forged-source-gets-no-voice",
                   test_forged_source_gets_no_voice);
  g_test_add_func ("/endpoint/mobility/vouched-address-gets-a-bounded-voice", test_vouched_address);
  g_test_add_func ("/endpoint/mobility/a-packet-that-says-nothing", test_keep_open);
  g_test_add_func ("/endpoint/mobility/follows-a-verified-move", test_mobility);
  g_test_add_func ("/endpoint/mobility/moves-between-interfaces", test_other_interface);
  g_test_add_func ("/endpoint/mobility/is-told-until-it-is-heard", test_mobility_over_loss);
  g_test_add_func ("/endpoint/mobility/forged-source-moves-nothing", test_forged_source);
  g_test_add_func ("/endpoint/mobility/answer-from-elsewhere-moves-nothing",
                   test_challenge_elsewhere);
  g_test_add_func ("/endpoint/liveness/unknown-sessions-are-dropped", test_unknown_session);
  g_test_add_func ("/endpoint/liveness/heard-is-not-dead", test_heard_is_not_dead);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Direct streams: a plays what b publishes. RFC 7425 s5.4, s5.2. */
#include "tests/netconnection/world.h"

#include <string.h>

typedef struct {
  World *world;
  RtmfpId publication;
  RtmfpId stream; /* at a */
  RtmfpId player; /* at b */
} Playing;

static RtmfpId
play (World *world, const char *name) {
  RtmfpId stream = 0;
  assert_ok (
      rtmfp_net_play (world->a.net, world->a.session, name, NO_BYTES, world->now_us, &stream));
  return stream;
}

static RtmfpId
expect_player (World *world, const char *name) {
  Told *told = expect (&world->b, RTMFP_NET_PLAY);
  g_assert_cmpstr (told->event.name, ==, name);
  g_assert_cmpuint (told->event.session, ==, world->b.session);
  const RtmfpId player = told->event.player;
  told_free (told);
  return player;
}

static Playing
start_with (const WorldOptions *options) {
  Playing p = {.world = world_new (options)};
  p.world->a.keeps_media = true;
  assert_ok (rtmfp_net_publish (p.world->b.net, 0, "call/1", &p.publication));
  p.stream = play (p.world, "call/1");
  p.player = expect_player (p.world, "call/1");
  assert_ok (rtmfp_net_accept_play (p.world->b.net, p.player, p.world->now_us));
  Told *told = expect (&p.world->a, RTMFP_NET_PLAY_STARTED);
  g_assert_cmpuint (told->event.stream, ==, p.stream);
  told_free (told);
  return p;
}

static Playing
start (void) {
  return start_with (NULL);
}

static RtmfpStatus
send_media (Playing *p, RtmfpMediaKind kind, uint32_t time, RtmfpBytes body,
            const RtmfpMessageOptions *options, uint64_t *number) {
  return rtmfp_net_send_media (p->world->b.net, p->player, kind, time, body, options,
                               p->world->now_us, number);
}

static void
expect_media (Playing *p, RtmfpMediaKind kind, uint32_t time, RtmfpBytes body) {
  Told *told = expect (&p->world->a, RTMFP_NET_MEDIA);
  g_assert_cmpuint (told->event.stream, ==, p->stream);
  g_assert_cmpint (told->event.kind, ==, kind);
  g_assert_cmpuint (told->event.timestamp_ms, ==, time);
  g_assert_cmpmem (told->event.bytes.data, told->event.bytes.size, body.data, body.size);
  told_free (told);
}

static void
test_media (void) {
  Playing p = start ();
  uint64_t number = 0;
  assert_ok (send_media (&p, RTMFP_MEDIA_AUDIO, 20, BYTES ("a1"), NULL, &number));
  g_assert_cmpuint (number, ==, 1);
  assert_ok (send_media (&p, RTMFP_MEDIA_AUDIO, 40, BYTES ("a2"), NULL, &number));
  g_assert_cmpuint (number, ==, 2);
  expect_media (&p, RTMFP_MEDIA_AUDIO, 20, BYTES ("a1"));
  expect_media (&p, RTMFP_MEDIA_AUDIO, 40, BYTES ("a2"));
  assert_ok (send_media (&p, RTMFP_MEDIA_VIDEO, 33, BYTES ("v1"), NULL, &number));
  g_assert_cmpuint (number, ==, 1); /* a flow of its own */
  expect_media (&p, RTMFP_MEDIA_VIDEO, 33, BYTES ("v1"));
  assert_ok (send_media (&p, RTMFP_MEDIA_DATA, 0xffffffff, BYTES ("\x05"), NULL, NULL));
  expect_media (&p, RTMFP_MEDIA_DATA, 0xffffffff, BYTES ("\x05"));
  rtmfp_net_set_media_priority (p.world->b.net, p.player, RTMFP_MEDIA_VIDEO, RTMFP_PRIORITY_BULK);
  assert_ok (send_media (&p, RTMFP_MEDIA_VIDEO, 66, BYTES (""), NULL, NULL));
  expect_media (&p, RTMFP_MEDIA_VIDEO, 66, BYTES (""));
  world_free (p.world);
}

/* What goes on the wire: flows of their own, associated to the subscriber's, with hints. s5.1.1,
 * s5.4.2 */
static void
test_flows_on_the_wire (void) {
  World *world = world_new (&(WorldOptions){.a_bare = true});
  RtmfpId publication;
  assert_ok (rtmfp_net_publish (world->b.net, 0, "s", &publication));
  const RtmfpId control = raw_open (&world->a, BYTES ("TC\x04\x09"), 0);
  raw_send (&world->a, control,
            BYTES ("\x14\0\0\0\0\x02\0\x04play\0\0\0\0\0\0\0\0\0\x05\x02\0\x01s\x01\x01"));
  Told *told = expect (&world->b, RTMFP_NET_PLAY);
  g_assert_cmpuint (told->event.publication, ==, publication);
  g_assert_cmpmem (told->event.bytes.data, told->event.bytes.size, "\x01\x01", 2);
  const RtmfpId player = told->event.player;
  told_free (told);
  assert_ok (rtmfp_net_accept_play (world->b.net, player, world->now_us));
  static const char *const metadata[] = {"TC\x04\x09", "TC\x05\x09", "TC\x04\x09"};
  static const char *const bytes[] = {"\x04\0\0\0\0\0\0\0\0\0\x09", "\x08\0\0\0\x05x",
                                      "\x09\0\0\0\x05x"};
  static const gsize sizes[] = {11, 6, 6};
  for (int i = 0; i < 3; i++) {
    if (i > 0) {
      assert_ok (rtmfp_net_send_media (world->b.net, player,
                                       i == 1 ? RTMFP_MEDIA_AUDIO : RTMFP_MEDIA_VIDEO, 5,
                                       BYTES ("x"), NULL, world->now_us, NULL));
    }
    RawTold *raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_NEW);
    g_assert_cmpuint (raw->event.associated, ==, control);
    g_assert_cmpmem (raw->event.bytes.data, raw->event.bytes.size, metadata[i], 4);
    raw_accept (&world->a, raw->event.flow);
    raw_free (raw);
    raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_MESSAGE);
    g_assert_cmpmem (raw->event.bytes.data, raw->event.bytes.size, bytes[i], sizes[i]);
    raw_free (raw);
    if (i == 0) {
      raw_free (raw_expect (&world->a, RTMFP_EVENT_FLOW_MESSAGE)); /* onStatus */
    }
  }
  world_free (world);
}

static void
test_refused (void) {
  World *world = world_new (NULL);
  RtmfpId publication;
  assert_ok (rtmfp_net_publish (world->b.net, world->b.session, "s", &publication));
  const RtmfpId stream = play (world, "s");
  const RtmfpId player = expect_player (world, "s");
  g_assert_cmpint (rtmfp_net_send_media (world->b.net, player, RTMFP_MEDIA_AUDIO, 0, NO_BYTES, NULL,
                                         world->now_us, NULL),
                   ==, RTMFP_STATE);
  assert_ok (rtmfp_net_refuse_play (world->b.net, player, "NetStream.Play.Failed", "Not you.",
                                    world->now_us));
  g_assert_cmpint (rtmfp_net_accept_play (world->b.net, player, world->now_us), ==, RTMFP_STATE);
  Told *told = expect (&world->a, RTMFP_NET_PLAY_REFUSED);
  g_assert_cmpuint (told->event.stream, ==, stream);
  g_assert_cmpstr (told->event.code, ==, "NetStream.Play.Failed");
  g_assert_cmpstr (told->event.text, ==, "Not you.");
  told_free (told);
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (told_count (&world->b, RTMFP_NET_PLAYER_ENDED), ==, 0);
  g_assert_cmpint (rtmfp_net_stream_command (world->a.net, stream, "f", NO_BYTES, world->now_us),
                   ==, RTMFP_STATE);
  world_free (world);
}

static void
test_not_found (void) {
  World *world = world_new (NULL);
  RtmfpId publication, other;
  assert_ok (rtmfp_net_publish (world->b.net, 0, "s", &publication));
  g_assert_cmpint (rtmfp_net_publish (world->b.net, 0, "s", &other), ==, RTMFP_STATE);
  assert_ok (rtmfp_net_publish (world->b.net, world->b.session, "s", &other));
  g_assert_cmpint (rtmfp_net_publish (world->b.net, 4711, "s", &other), ==, RTMFP_STATE);
  play (world, "t");
  expect_code (&world->a, RTMFP_NET_PLAY_REFUSED, "NetStream.Play.StreamNotFound");
  g_assert_cmpuint (told_count (&world->b, RTMFP_NET_PLAY), ==, 0);
  /* the one that is offered to this session only comes first */
  play (world, "s");
  Told *told = expect (&world->b, RTMFP_NET_PLAY);
  g_assert_cmpuint (told->event.publication, ==, other);
  told_free (told);
  world_free (world);
}

static void
test_several_players (void) {
  World *world = world_new (NULL);
  RtmfpId publication, streams[RTMFP_NET_PLAYERS_MAX], one_more;
  assert_ok (rtmfp_net_publish (world->b.net, 0, "s", &publication));
  for (gsize i = 0; i < G_N_ELEMENTS (streams); i++) {
    streams[i] = play (world, "s");
  }
  g_assert_cmpint (
      rtmfp_net_play (world->a.net, world->a.session, "s", NO_BYTES, world->now_us, &one_more), ==,
      RTMFP_LIMIT);
  for (gsize i = 0; i < G_N_ELEMENTS (streams); i++) {
    const RtmfpId player = expect_player (world, "s");
    assert_ok (rtmfp_net_accept_play (world->b.net, player, world->now_us));
    assert_ok (rtmfp_net_send_media (world->b.net, player, RTMFP_MEDIA_VIDEO, 0, BYTES ("v"), NULL,
                                     world->now_us, NULL));
  }
  for (gsize i = 0; i < G_N_ELEMENTS (streams); i++) {
    told_free (expect (&world->a, RTMFP_NET_PLAY_STARTED));
  }
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (world->a.media[RTMFP_MEDIA_VIDEO], ==, G_N_ELEMENTS (streams));
  rtmfp_net_unpublish (world->b.net, publication, world->now_us);
  for (gsize i = 0; i < G_N_ELEMENTS (streams); i++) {
    expect_code (&world->a, RTMFP_NET_PLAY_ENDED, "NetStream.Play.UnpublishNotify");
    told_free (expect (&world->b, RTMFP_NET_PLAYER_ENDED));
  }
  play (world, "s");
  expect_code (&world->a, RTMFP_NET_PLAY_REFUSED, "NetStream.Play.StreamNotFound");
  world_free (world);
}

/* Both directions of a call over one session. */
static void
test_both_ways (void) {
  Playing p = start ();
  RtmfpId publication, stream;
  assert_ok (rtmfp_net_publish (p.world->a.net, p.world->a.session, "call/1", &publication));
  assert_ok (rtmfp_net_play (p.world->b.net, p.world->b.session, "call/1", NO_BYTES,
                             p.world->now_us, &stream));
  Told *told = expect (&p.world->a, RTMFP_NET_PLAY);
  assert_ok (rtmfp_net_accept_play (p.world->a.net, told->event.player, p.world->now_us));
  assert_ok (rtmfp_net_send_media (p.world->a.net, told->event.player, RTMFP_MEDIA_AUDIO, 1,
                                   BYTES ("x"), NULL, p.world->now_us, NULL));
  told_free (told);
  told_free (expect (&p.world->b, RTMFP_NET_PLAY_STARTED));
  assert_ok (send_media (&p, RTMFP_MEDIA_AUDIO, 2, BYTES ("y"), NULL, NULL));
  expect_media (&p, RTMFP_MEDIA_AUDIO, 2, BYTES ("y"));
  g_assert_cmpuint (p.world->b.media[RTMFP_MEDIA_AUDIO], ==, 1);
  world_free (p.world);
}

static void
test_commands (void) {
  Playing p = start ();
  World *world = p.world;
  assert_ok (
      rtmfp_net_stream_command (world->a.net, p.stream, "keyFrame", NO_BYTES, world->now_us));
  assert_ok (
      rtmfp_net_stream_command (world->a.net, p.stream, "report", amf_number (5), world->now_us));
  Told *told = expect (&world->b, RTMFP_NET_STREAM_COMMAND);
  g_assert_cmpstr (told->event.name, ==, "keyFrame");
  g_assert_cmpuint (told->event.player, ==, p.player);
  g_assert_cmpuint (told->event.stream, ==, 0);
  told_free (told);
  told = expect (&world->b, RTMFP_NET_STREAM_COMMAND);
  g_assert_cmpstr (told->event.name, ==, "report");
  g_assert_cmpuint (told->event.value_count, ==, 1);
  told_free (told);
  assert_ok (
      rtmfp_net_stream_command (world->b.net, p.player, "muted", amf_text ("x"), world->now_us));
  told = expect (&world->a, RTMFP_NET_STREAM_COMMAND);
  g_assert_cmpstr (told->event.name, ==, "muted");
  g_assert_cmpuint (told->event.stream, ==, p.stream);
  told_free (told);
  g_assert_cmpint (rtmfp_net_stream_command (world->a.net, 4711, "f", NO_BYTES, world->now_us), ==,
                   RTMFP_STATE);
  world_free (world);
}

static void
test_stop (void) {
  Playing p = start ();
  assert_ok (send_media (&p, RTMFP_MEDIA_AUDIO, 1, BYTES ("x"), NULL, NULL));
  expect_media (&p, RTMFP_MEDIA_AUDIO, 1, BYTES ("x"));
  rtmfp_net_stop (p.world->a.net, p.stream, p.world->now_us);
  rtmfp_net_stop (p.world->a.net, p.stream, p.world->now_us);
  Told *told = expect (&p.world->b, RTMFP_NET_PLAYER_ENDED);
  g_assert_cmpuint (told->event.player, ==, p.player);
  g_assert_cmpuint (told->event.publication, ==, p.publication);
  told_free (told);
  g_assert_cmpint (send_media (&p, RTMFP_MEDIA_AUDIO, 2, BYTES ("x"), NULL, NULL), ==, RTMFP_STATE);
  g_assert_cmpuint (told_count (&p.world->a, RTMFP_NET_PLAY_ENDED), ==, 0);
  /* and again */
  const RtmfpId stream = play (p.world, "call/1");
  g_assert_cmpuint (stream, !=, p.stream);
  expect_player (p.world, "call/1");
  world_free (p.world);
}

/* All that was sent comes before the end, whatever the network does: the barrier of s5.2. */
static void
test_end_after_media (void) {
  for (guint32 seed = 1; seed <= 20; seed++) {
    Playing p = start ();
    World *world = p.world;
    g_test_message ("seed %u", seed);
    g_rand_set_seed (world->rand, seed);
    world->loss_permille = 150;
    for (uint32_t i = 0; i < 100; i++) {
      uint8_t body[500] = {(uint8_t)i};
      assert_ok (send_media (&p, RTMFP_MEDIA_AUDIO, i, rtmfp_bytes (body, 50), NULL, NULL));
      assert_ok (send_media (&p, RTMFP_MEDIA_VIDEO, i, rtmfp_bytes (body, 500), NULL, NULL));
    }
    rtmfp_net_end_player (world->b.net, p.player, world->now_us);
    rtmfp_net_end_player (world->b.net, p.player, world->now_us);
    Told *told = expect (&world->a, RTMFP_NET_PLAY_ENDED);
    g_assert_true (told->event.clean);
    g_assert_cmpstr (told->event.code, ==, "NetStream.Play.Stop");
    told_free (told);
    g_assert_cmpuint (world->a.media[RTMFP_MEDIA_AUDIO], ==, 100);
    g_assert_cmpuint (world->a.media[RTMFP_MEDIA_VIDEO], ==, 100);
    RtmfpNetCounters counters;
    rtmfp_net_counters (world->a.net, &counters);
    g_assert_cmpuint (counters.barriers, ==, 1);
    told_free (expect (&world->b, RTMFP_NET_PLAYER_ENDED));
    world_free (world);
  }
}

static void
test_unpublish_while_asked (void) {
  World *world = world_new (NULL);
  RtmfpId publication;
  assert_ok (rtmfp_net_publish (world->b.net, 0, "s", &publication));
  play (world, "s");
  const RtmfpId player = expect_player (world, "s");
  rtmfp_net_unpublish (world->b.net, publication, world->now_us);
  rtmfp_net_unpublish (world->b.net, publication, world->now_us);
  told_free (expect (&world->b, RTMFP_NET_PLAYER_ENDED));
  g_assert_cmpint (rtmfp_net_accept_play (world->b.net, player, world->now_us), ==, RTMFP_STATE);
  expect_code (&world->a, RTMFP_NET_PLAY_REFUSED, "NetStream.Play.UnpublishNotify");
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (told_count (&world->b, RTMFP_NET_PLAYER_ENDED), ==, 0);
  world_free (world);
}

static void
test_session_closed (void) {
  Playing p = start ();
  rtmfp_endpoint_close (p.world->b.endpoint, p.world->b.session, false, p.world->now_us);
  Told *told = expect (&p.world->a, RTMFP_NET_PLAY_ENDED);
  g_assert_false (told->event.clean);
  g_assert_cmpstr (told->event.code, ==, "NetConnection.Connect.Closed");
  told_free (told);
  expect_session (&p.world->a, RTMFP_EVENT_SESSION_CLOSED);
  told_free (expect (&p.world->b, RTMFP_NET_PLAYER_ENDED));
  g_assert_cmpuint (told_count (&p.world->a, RTMFP_NET_DISCONNECTED), ==, 0);
  world_free (p.world);
}

/* Late audio is given up, told as a gap, and the sender hears of it. */
static void
test_deadline (void) {
  Playing p = start ();
  World *world = p.world;
  assert_ok (send_media (&p, RTMFP_MEDIA_AUDIO, 1, BYTES ("a1"), NULL, NULL));
  expect_media (&p, RTMFP_MEDIA_AUDIO, 1, BYTES ("a1"));
  world->is_cut = true;
  const RtmfpMessageOptions options = {.finish_by_us = world->now_us + 100000, .reports_end = true};
  uint64_t number = 0;
  assert_ok (send_media (&p, RTMFP_MEDIA_AUDIO, 2, BYTES ("a2"), &options, &number));
  world_run (world, 300000);
  Told *told = expect (&world->b, RTMFP_NET_MEDIA_END);
  g_assert_cmpuint (told->event.number, ==, number);
  g_assert_cmpuint (told->event.player, ==, p.player);
  g_assert_cmpint (told->event.kind, ==, RTMFP_MEDIA_AUDIO);
  g_assert_false (told->event.delivered);
  told_free (told);
  world->is_cut = false;
  const RtmfpMessageOptions reported = {.reports_end = true};
  assert_ok (send_media (&p, RTMFP_MEDIA_AUDIO, 3, BYTES ("a3"), &reported, NULL));
  told = expect (&world->a, RTMFP_NET_MEDIA_GAP);
  g_assert_cmpuint (told->event.count, ==, 1);
  g_assert_cmpint (told->event.kind, ==, RTMFP_MEDIA_AUDIO);
  told_free (told);
  expect_media (&p, RTMFP_MEDIA_AUDIO, 3, BYTES ("a3"));
  told = expect (&world->b, RTMFP_NET_MEDIA_END);
  g_assert_true (told->event.delivered);
  told_free (told);
  world_free (world);
}

/* In network order a lost packet holds nothing up; in sequence it does. */
static void
check_order (RtmfpOrder order) {
  Playing p = start_with (&(WorldOptions){.audio_order = order});
  World *world = p.world;
  assert_ok (send_media (&p, RTMFP_MEDIA_AUDIO, 0, BYTES ("0"), NULL, NULL));
  expect_media (&p, RTMFP_MEDIA_AUDIO, 0, BYTES ("0"));
  world->is_cut = true;
  assert_ok (send_media (&p, RTMFP_MEDIA_AUDIO, 1, BYTES ("1"), NULL, NULL));
  world_run (world, 1000);
  world->is_cut = false;
  assert_ok (send_media (&p, RTMFP_MEDIA_AUDIO, 2, BYTES ("2"), NULL, NULL));
  Told *first = expect (&world->a, RTMFP_NET_MEDIA);
  Told *second = expect (&world->a, RTMFP_NET_MEDIA);
  const bool in_sequence = order == RTMFP_ORDER_SEQUENCE;
  g_assert_cmpuint (first->event.timestamp_ms, ==, in_sequence ? 1 : 2);
  g_assert_cmpuint (second->event.timestamp_ms, ==, in_sequence ? 2 : 1);
  g_assert_true (in_sequence == (first->event.number < second->event.number));
  told_free (first);
  told_free (second);
  world_free (world);
}

static void
test_order_of_audio (void) {
  check_order (RTMFP_ORDER_NETWORK);
  check_order (RTMFP_ORDER_SEQUENCE);
}

static void
test_full_and_writable (void) {
  Playing p = start ();
  static uint8_t frame[60000];
  int sent = 0;
  RtmfpStatus status;
  while ((status = send_media (&p, RTMFP_MEDIA_AUDIO, 0, rtmfp_bytes (frame, sizeof frame), NULL,
                               NULL)) == RTMFP_OK) {
    sent++;
  }
  g_assert_cmpint (status, ==, RTMFP_FULL);
  g_assert_cmpint (sent, ==, 2);
  /* the other kinds are not full */
  assert_ok (send_media (&p, RTMFP_MEDIA_VIDEO, 0, BYTES ("v"), NULL, NULL));
  Told *told = expect (&p.world->b, RTMFP_NET_MEDIA_WRITABLE);
  g_assert_cmpuint (told->event.player, ==, p.player);
  g_assert_cmpint (told->event.kind, ==, RTMFP_MEDIA_AUDIO);
  told_free (told);
  assert_ok (send_media (&p, RTMFP_MEDIA_AUDIO, 0, BYTES ("a"), NULL, NULL));
  /* the end waits for room as well: nothing is lost when all buffers are full */
  while (send_media (&p, RTMFP_MEDIA_AUDIO, 0, rtmfp_bytes (frame, sizeof frame), NULL, NULL) ==
         RTMFP_OK) {
    sent++;
  }
  rtmfp_net_unpublish (p.world->b.net, p.publication, p.world->now_us);
  told = expect (&p.world->a, RTMFP_NET_PLAY_ENDED);
  g_assert_true (told->event.clean);
  told_free (told);
  g_assert_cmpuint (p.world->a.media[RTMFP_MEDIA_AUDIO], ==, (guint)sent + 1);
  world_free (p.world);
}

static void
test_publications_are_bounded (void) {
  World *world = world_new (NULL);
  RtmfpId id = 0, first = 0;
  for (int i = 0; i < RTMFP_NET_PUBLICATIONS_MAX; i++) {
    g_autofree char *name = g_strdup_printf ("s%d", i);
    assert_ok (rtmfp_net_publish (world->b.net, i % 2 == 0 ? world->b.session : 0, name, &id));
    first = i == 0 ? id : first;
  }
  g_assert_cmpint (rtmfp_net_publish (world->b.net, 0, "x", &id), ==, RTMFP_LIMIT);
  rtmfp_net_unpublish (world->b.net, first, world->now_us);
  assert_ok (rtmfp_net_publish (world->b.net, 0, "x", &id));
  /* those of a session end with it */
  rtmfp_endpoint_close (world->b.endpoint, world->b.session, false, world->now_us);
  expect_session (&world->b, RTMFP_EVENT_SESSION_CLOSED);
  for (int i = 0; i < RTMFP_NET_PUBLICATIONS_MAX / 2 - 1; i++) {
    g_autofree char *name = g_strdup_printf ("t%d", i);
    assert_ok (rtmfp_net_publish (world->b.net, 0, name, &id));
  }
  g_assert_cmpint (rtmfp_net_publish (world->b.net, 0, "y", &id), ==, RTMFP_LIMIT);
  world_free (world);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/stream/media-of-three-kinds", test_media);
  g_test_add_func ("/net/stream/flows-on-the-wire", test_flows_on_the_wire);
  g_test_add_func ("/net/stream/refused", test_refused);
  g_test_add_func ("/net/stream/not-found", test_not_found);
  g_test_add_func ("/net/stream/several-players-and-their-bound", test_several_players);
  g_test_add_func ("/net/stream/both-ways", test_both_ways);
  g_test_add_func ("/net/stream/commands-both-ways", test_commands);
  g_test_add_func ("/net/stream/player-stops", test_stop);
  g_test_add_func ("/net/stream/ends-after-all-media", test_end_after_media);
  g_test_add_func ("/net/stream/unpublished-while-asked", test_unpublish_while_asked);
  g_test_add_func ("/net/stream/session-closed", test_session_closed);
  g_test_add_func ("/net/stream/deadline-and-gap", test_deadline);
  g_test_add_func ("/net/stream/order-of-audio", test_order_of_audio);
  g_test_add_func ("/net/stream/full-then-writable", test_full_and_writable);
  g_test_add_func ("/net/stream/publications-are-bounded", test_publications_are_bounded);
  return g_test_run ();
}

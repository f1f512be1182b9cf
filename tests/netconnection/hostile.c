/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A far side that does as it likes: flows and messages that nobody should send. a is bare. */
#include "tests/netconnection/world.h"

#include <string.h>

static const WorldOptions bare = {.a_bare = true};

#define CONTROL BYTES ("TC\x04\0")
#define PLAY(name) BYTES ("\x14\0\0\0\0\x02\0\x04play\0\0\0\0\0\0\0\0\0\x05\x02\0\x01" name)

static RtmfpNetCounters
counters_of (Peer *peer) {
  RtmfpNetCounters counters;
  rtmfp_net_counters (peer->net, &counters);
  return counters;
}

/* Each of these flows is rejected, and nothing is told. s5.1.1 */
static void
test_unknown_flows (void) {
  World *world = world_new (&bare);
  const RtmfpBytes metadata[] = {NO_BYTES,
                                 BYTES ("T"),
                                 BYTES ("TX\x04\0"),
                                 BYTES ("TC"),
                                 BYTES ("TC\x00\x01"),
                                 BYTES ("TC\x04"),
                                 BYTES ("TC\x04\x88\x80\x80\x00"),
                                 BYTES ("TC\x04\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")};
  for (gsize i = 0; i < G_N_ELEMENTS (metadata); i++) {
    const RtmfpId flow = raw_open (&world->a, metadata[i], 0);
    raw_send (&world->a, flow, BYTES ("x"));
    RawTold *raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_EXCEPTION);
    g_assert_cmpuint (raw->event.flow, ==, flow);
    g_assert_cmpuint (raw->event.code, ==, 0);
    raw_free (raw);
  }
  g_assert_cmpuint (counters_of (&world->b).flows_rejected, ==, G_N_ELEMENTS (metadata));
  g_assert_cmpuint (g_queue_get_length (&world->b.told), ==, 0);
  world_free (world);
}

static void
test_control_flows_are_bounded (void) {
  World *world = world_new (&bare);
  for (int i = 0; i < RTMFP_NET_CONTROL_FLOWS_MAX; i++) {
    raw_send (&world->a, raw_open (&world->a, CONTROL, 0),
              BYTES ("\x14\0\0\0\0\x02\0\x01"
                     "f\0\0\0\0\0\0\0\0\0\x05"));
    told_free (expect (&world->b, RTMFP_NET_CALL)); /* commands on each of them count */
  }
  raw_send (&world->a, raw_open (&world->a, CONTROL, 0), BYTES ("x"));
  raw_free (raw_expect (&world->a, RTMFP_EVENT_FLOW_EXCEPTION));
  world_free (world);
}

static void
test_players_are_bounded (void) {
  World *world = world_new (&bare);
  RtmfpId publication;
  assert_ok (rtmfp_net_publish (world->b.net, 0, "s", &publication));
  for (int i = 0; i < RTMFP_NET_PLAYERS_MAX; i++) {
    raw_send (&world->a, raw_open (&world->a, BYTES ("TC\x04\x01"), 0), PLAY ("s"));
    told_free (expect (&world->b, RTMFP_NET_PLAY));
  }
  raw_send (&world->a, raw_open (&world->a, BYTES ("TC\x04\x01"), 0), PLAY ("s"));
  raw_free (raw_expect (&world->a, RTMFP_EVENT_FLOW_EXCEPTION));
  g_assert_cmpuint (told_count (&world->b, RTMFP_NET_PLAY), ==, 0);
  world_free (world);
}

static void
test_server_takes_no_players (void) {
  World *world = world_new (&(WorldOptions){.a_bare = true, .server = true});
  raw_send (&world->a, raw_open (&world->a, BYTES ("TC\x04\x01"), 0), PLAY ("s"));
  raw_free (raw_expect (&world->a, RTMFP_EVENT_FLOW_EXCEPTION));
  world_free (world);
}

/* b plays from a bare publisher. */
static RtmfpId
play_from_bare (World *world, RtmfpId *control_in) {
  RtmfpId stream = 0;
  assert_ok (
      rtmfp_net_play (world->b.net, world->b.session, "s", NO_BYTES, world->now_us, &stream));
  RawTold *raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_NEW);
  *control_in = raw->event.flow;
  raw_accept (&world->a, *control_in);
  raw_free (raw);
  raw_free (raw_expect (&world->a, RTMFP_EVENT_FLOW_MESSAGE));
  return stream;
}

static void
test_return_flows (void) {
  World *world = world_new (&bare);
  RtmfpId control_in;
  play_from_bare (world, &control_in);
  /* a return flow must carry the stream's own id */
  raw_send (&world->a, raw_open (&world->a, BYTES ("TC\x04\x05"), control_in), BYTES ("x"));
  raw_free (raw_expect (&world->a, RTMFP_EVENT_FLOW_EXCEPTION));
  /* a return flow for stream id 0 answers a control flow, not a stream's (s5.3.2) */
  raw_send (&world->a, raw_open (&world->a, CONTROL, control_in), BYTES ("x"));
  raw_free (raw_expect (&world->a, RTMFP_EVENT_FLOW_EXCEPTION));
  for (int i = 0; i < RTMFP_NET_MEDIA_FLOWS_MAX; i++) {
    raw_send (&world->a, raw_open (&world->a, BYTES ("TC\x05\x01"), control_in),
              BYTES ("\x08\0\0\0\0x"));
  }
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (raw_count (&world->a, RTMFP_EVENT_FLOW_EXCEPTION), ==, 0);
  g_assert_cmpuint (world->b.media[RTMFP_MEDIA_AUDIO], ==, RTMFP_NET_MEDIA_FLOWS_MAX);
  g_assert_cmpuint (told_count (&world->b, RTMFP_NET_PLAY_STARTED), ==, 1);
  raw_send (&world->a, raw_open (&world->a, BYTES ("TC\x05\x01"), control_in), BYTES ("x"));
  raw_free (raw_expect (&world->a, RTMFP_EVENT_FLOW_EXCEPTION));
  world_free (world);
}

/* s5.4.3: an exception on the subscriber's control flow closes the stream. */
static void
test_publisher_rejects (void) {
  World *world = world_new (&bare);
  RtmfpId control_in;
  RtmfpId stream = play_from_bare (world, &control_in);
  raw_send (&world->a, raw_open (&world->a, BYTES ("TC\x04\x01"), control_in),
            BYTES ("\x04\0\0\0\0\0\0\0\0\0\x01"));
  told_free (expect (&world->b, RTMFP_NET_PLAY_STARTED));
  rtmfp_endpoint_reject_flow (world->a.endpoint, control_in, 0, world->now_us);
  Told *told = expect (&world->b, RTMFP_NET_PLAY_ENDED);
  g_assert_cmpuint (told->event.stream, ==, stream);
  g_assert_false (told->event.clean);
  told_free (told);
  play_from_bare (world, &control_in);
  rtmfp_endpoint_reject_flow (world->a.endpoint, control_in, 0, world->now_us);
  told_free (expect (&world->b, RTMFP_NET_PLAY_REFUSED));
  world_free (world);
}

/* A publisher without barriers: the end is told when the last of its flows is through. */
static void
test_end_without_barrier (void) {
  World *world = world_new (&bare);
  RtmfpId control_in;
  play_from_bare (world, &control_in);
  /* the end of a flow is none of the stream (s5.4.2), even if there is no other */
  const RtmfpId first = raw_open (&world->a, BYTES ("TC\x05\x01"), control_in);
  raw_send (&world->a, first, BYTES ("\x08\0\0\0\0zero"));
  rtmfp_endpoint_close_flow (world->a.endpoint, first, world->now_us);
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (told_count (&world->b, RTMFP_NET_PLAY_ENDED), ==, 0);
  const RtmfpId status = raw_open (&world->a, BYTES ("TC\x04\x01"), control_in);
  const RtmfpId audio = raw_open (&world->a, BYTES ("TC\x05\x01"), control_in);
  raw_send (&world->a, audio, BYTES ("\x08\0\0\0\0one"));
  raw_send (&world->a, status, BYTES ("\x04\0\0\0\0\0\x01\0\0\0\x01"));
  rtmfp_endpoint_close_flow (world->a.endpoint, status, world->now_us);
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (told_count (&world->b, RTMFP_NET_PLAY_ENDED), ==, 0);
  raw_send (&world->a, audio, BYTES ("\x08\0\0\0\0two"));
  rtmfp_endpoint_close_flow (world->a.endpoint, audio, world->now_us);
  Told *told = expect (&world->b, RTMFP_NET_PLAY_ENDED);
  g_assert_true (told->event.clean);
  told_free (told);
  g_assert_cmpuint (world->b.media[RTMFP_MEDIA_AUDIO], ==, 3);
  world_free (world);
}

/* s5.3.5.3: no new flow takes the place of one that the player rejected. */
static void
test_player_rejects_one_kind (void) {
  World *world = world_new (&bare);
  RtmfpId publication;
  assert_ok (rtmfp_net_publish (world->b.net, 0, "s", &publication));
  raw_send (&world->a, raw_open (&world->a, BYTES ("TC\x04\x01"), 0), PLAY ("s"));
  Told *told = expect (&world->b, RTMFP_NET_PLAY);
  const RtmfpId player = told->event.player;
  told_free (told);
  assert_ok (rtmfp_net_accept_play (world->b.net, player, world->now_us));
  raw_free (raw_expect (&world->a, RTMFP_EVENT_FLOW_NEW));
  assert_ok (rtmfp_net_send_media (world->b.net, player, RTMFP_MEDIA_VIDEO, 0, BYTES ("v"), NULL,
                                   world->now_us, NULL));
  RawTold *raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_NEW);
  rtmfp_endpoint_reject_flow (world->a.endpoint, raw->event.flow, 0, world->now_us);
  raw_free (raw);
  told = expect (&world->b, RTMFP_NET_MEDIA_REFUSED);
  g_assert_cmpuint (told->event.player, ==, player);
  g_assert_cmpint (told->event.kind, ==, RTMFP_MEDIA_VIDEO);
  told_free (told);
  g_assert_cmpint (rtmfp_net_send_media (world->b.net, player, RTMFP_MEDIA_VIDEO, 0, BYTES ("v"),
                                         NULL, world->now_us, NULL),
                   ==, RTMFP_STATE);
  assert_ok (rtmfp_net_send_media (world->b.net, player, RTMFP_MEDIA_AUDIO, 0, BYTES ("a"), NULL,
                                   world->now_us, NULL));
  world_free (world);
}

/* Barriers: flows wait until all have come, s5.2; too many, too large and false ones are faults. */
static void
test_barriers (void) {
  World *world = world_new (&bare);
  RtmfpId control_in, flows[2];
  play_from_bare (world, &control_in);
  for (int i = 0; i < 2; i++) {
    flows[i] = raw_open (&world->a, BYTES ("TC\x04\x01"), control_in);
  }
  raw_send (&world->a, flows[0], BYTES ("\x08\0\0\0\0one"));
  raw_send (&world->a, flows[0], BYTES ("\x04\0\0\0\0\0\x22\0\0\0\x08\0\0\0\x02"));
  raw_send (&world->a, flows[0], BYTES ("\x08\0\0\0\0two"));
  world_run (world, 5 * G_USEC_PER_SEC);
  g_assert_cmpuint (world->b.media[RTMFP_MEDIA_AUDIO], ==, 1);
  raw_send (&world->a, flows[1], BYTES ("\x09\0\0\0\0x"));
  raw_send (&world->a, flows[1], BYTES ("\x04\0\0\0\0\0\x22\0\0\0\x08\0\0\0\x02"));
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (world->b.media[RTMFP_MEDIA_VIDEO], ==, 1);
  g_assert_cmpuint (world->b.media[RTMFP_MEDIA_AUDIO], ==, 2);
  g_assert_cmpuint (counters_of (&world->b).barriers, ==, 1);
  raw_send (&world->a, flows[1], BYTES ("\x04\0\0\0\0\0\x22\0\0\0\x09\xff\xff\xff\xff"));
  raw_send (&world->a, flows[1], BYTES ("\x04\0\0\0\0\0\x22\0\0\0\x09\0\0\0\0"));
  raw_send (&world->a, flows[1], BYTES ("\x09\0\0\0\0x"));
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (counters_of (&world->b).dropped_malformed, ==, 2);
  g_assert_cmpuint (world->b.media[RTMFP_MEDIA_VIDEO], ==, 2); /* the flow goes on */
  world_free (world);
}

/* Protocol Control of chunk streams MUST be ignored, unknown types too. s5.1 */
static void
test_ignored_messages (void) {
  World *world = world_new (&bare);
  const RtmfpId flow = raw_open (&world->a, CONTROL, 0);
  int sent = 0;
  for (int type = 0; type < 256; type++) {
    if (type != 4 && type != 17 && type != 20) {
      const uint8_t message[9] = {(uint8_t)type};
      raw_send (&world->a, flow, rtmfp_bytes (message, sizeof message));
      sent++;
    }
  }
  raw_send (&world->a, flow, BYTES ("\x04\0\0\0\0\0\x63\0\0"));
  raw_send (&world->a, flow,
            BYTES ("\x04\0\0\0\0\0\x29\0\0\0\x01\0\0\0\x01")); /* no server said this */
  raw_send (&world->a, flow,
            BYTES ("\x14\0\0\0\0\x02\0\x01"
                   "f\0\0\0\0\0\0\0\0\0\x05"));
  told_free (expect (&world->b, RTMFP_NET_CALL));
  g_assert_cmpuint (counters_of (&world->b).dropped_unexpected, ==, (guint)sent + 2);
  g_assert_cmpuint (counters_of (&world->b).dropped_malformed, ==, 0);
  g_assert_cmpuint (g_queue_get_length (&world->b.told), ==, 0);
  world_free (world);
}

static void
test_ping (void) {
  World *world = world_new (&bare);
  raw_send (&world->a, raw_open (&world->a, CONTROL, 0), BYTES ("\x04\0\0\0\0\0\x06\0\0\x12\x34"));
  RawTold *raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_NEW);
  raw_accept (&world->a, raw->event.flow);
  raw_free (raw);
  raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_MESSAGE);
  g_assert_cmpmem (raw->event.bytes.data, raw->event.bytes.size, "\x04\0\0\0\0\0\x07\0\0\x12\x34",
                   11);
  raw_free (raw);
  world_free (world);
}

static void
test_faults_end_the_session (void) {
  World *world = world_new (&bare);
  const RtmfpId flow = raw_open (&world->a, CONTROL, 0);
  for (int i = 0; i < RTMFP_NET_FAULTS_MAX - 1; i++) {
    raw_send (&world->a, flow, BYTES ("\x14\0\0\0\0\x12"));
  }
  raw_send (&world->a, flow,
            BYTES ("\x14\0\0\0\0\x02\0\x01"
                   "f\0\0\0\0\0\0\0\0\0\x05"));
  told_free (expect (&world->b, RTMFP_NET_CALL)); /* forgiven so far */
  raw_send (&world->a, flow, BYTES ("\x14\0"));
  raw_send (&world->a, flow,
            BYTES ("\x14\0\0\0\0\x02\0\x01"
                   "g\0\0\0\0\0\0\0\0\0\x05"));
  expect_session (&world->a, RTMFP_EVENT_SESSION_CLOSED);
  expect_session (&world->b, RTMFP_EVENT_SESSION_CLOSED);
  g_assert_cmpuint (told_count (&world->b, RTMFP_NET_CALL), ==, 0);
  g_assert_cmpuint (counters_of (&world->b).sessions_closed, ==, 1);
  world_free (world);
}

static void
test_names_and_sizes (void) {
  World *world = world_new (&bare);
  const RtmfpId flow = raw_open (&world->a, CONTROL, 0);
  g_autofree char *name = g_strnfill (RTMFP_NET_NAME_BYTES_MAX + 1, 'n');
  RtmfpBuffer out = {0};
  for (gsize cut = 0; cut < 2; cut++) {
    out.size = 0;
    rtmfp_buffer_append (&out, BYTES ("\x14\0\0\0\0"));
    rtmfp_amf_write_string (&out, rtmfp_bytes (name, RTMFP_NET_NAME_BYTES_MAX + 1 - cut));
    rtmfp_amf_write_number (&out, 0);
    raw_send (&world->a, flow, rtmfp_buffer_bytes (&out));
  }
  Told *told = expect (&world->b, RTMFP_NET_CALL);
  g_assert_cmpuint (strlen (told->event.name), ==, RTMFP_NET_NAME_BYTES_MAX);
  g_assert_null (told->event.object);
  told_free (told);
  raw_send (&world->a, flow, BYTES ("\x14\0\0\0\0\x02\0\x00\0\0\0\0\0\0\0\0\0\x05")); /* no name */
  raw_send (&world->a, flow,
            BYTES ("\x14\0\0\0\0\x02\0\x01\0\0\0\0\0\0\0\0\0\0\x05")); /* a zero byte */
  out.size = 0;
  rtmfp_buffer_append (&out, BYTES ("\x14\0\0\0\0\x02\0\x01"
                                    "f\0\0\0\0\0\0\0\0\0\x05"));
  g_autofree char *text = g_strnfill (RTMFP_NET_COMMAND_BYTES_MAX, 'x');
  rtmfp_amf_write_text (&out, text);
  raw_send (&world->a, flow, rtmfp_buffer_bytes (&out));
  world_run (world, 20 * G_USEC_PER_SEC);
  g_assert_cmpuint (told_count (&world->b, RTMFP_NET_CALL), ==, 0);
  g_assert_cmpuint (counters_of (&world->b).dropped_malformed, ==, 4);
  rtmfp_buffer_clear (&out);
  world_free (world);
}

/* Stream commands in the wrong state, and texts that are too long to be told. */
static void
test_player_out_of_turn (void) {
  World *world = world_new (&bare);
  RtmfpId publication;
  assert_ok (rtmfp_net_publish (world->b.net, 0, "s", &publication));
  const RtmfpId flow = raw_open (&world->a, BYTES ("TC\x04\x01"), 0);
  raw_send (&world->a, flow,
            BYTES ("\x14\0\0\0\0\x02\0\x01"
                   "f\0\0\0\0\0\0\0\0\0\x05"));
  raw_send (&world->a, flow, PLAY ("s"));
  raw_send (&world->a, flow, PLAY ("s"));
  raw_send (&world->a, flow, BYTES ("\x08\0\0\0\0x"));
  told_free (expect (&world->b, RTMFP_NET_PLAY));
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (g_queue_get_length (&world->b.told), ==, 0);
  g_assert_cmpuint (counters_of (&world->b).dropped_unexpected, ==, 3);
  rtmfp_endpoint_close_flow (world->a.endpoint, flow, world->now_us);
  told_free (expect (&world->b, RTMFP_NET_PLAYER_ENDED));
  /* a play of nothing */
  raw_send (&world->a, raw_open (&world->a, BYTES ("TC\x04\x01"), 0),
            BYTES ("\x14\0\0\0\0\x02\0\x04play\0\0\0\0\0\0\0\0\0\x05"));
  RawTold *raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_NEW);
  raw_accept (&world->a, raw->event.flow);
  raw_free (raw);
  raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_MESSAGE);
  static const char code[] = "NetStream.Play.StreamNotFound";
  g_assert_nonnull (memmem (raw->event.bytes.data, raw->event.bytes.size, code, sizeof code - 1));
  raw_free (raw);
  world_free (world);
}

/* Whatever bytes: the session stands or is closed in good order, and nothing breaks. */
static void
test_random_messages (void) {
  for (guint32 seed = 1; seed <= 200; seed++) {
    World *world = world_new (&(WorldOptions){.a_bare = true, .server = seed % 3 == 0});
    GRand *rand = g_rand_new_with_seed (seed);
    g_test_message ("seed %u", seed);
    RtmfpId publication, control_in = 0;
    assert_ok (rtmfp_net_publish (world->b.net, 0, "s", &publication));
    if (seed % 3 != 0) {
      play_from_bare (world, &control_in);
    }
    const RtmfpId flows[] = {raw_open (&world->a, CONTROL, 0),
                             raw_open (&world->a, BYTES ("TC\x04\x01"), 0),
                             raw_open (&world->a, BYTES ("TC\x04\x01"), control_in),
                             raw_open (&world->a, BYTES ("\0test.hello"), 0)};
    static const uint8_t types[] = {4, 8, 9, 15, 17, 18, 20, 20, 20};
    for (int i = 0; i < 60 && raw_count (&world->a, RTMFP_EVENT_SESSION_CLOSED) == 0; i++) {
      RtmfpBuffer out = {0};
      rtmfp_buffer_append_u8 (&out, types[g_rand_int_range (rand, 0, sizeof types)]);
      rtmfp_buffer_append_u32 (&out, 0);
      if (g_rand_boolean (rand)) {
        static const char *const names[] = {"connect", "play",     "_result",
                                            "_error",  "onStatus", "f"};
        rtmfp_amf_write_text (&out, names[g_rand_int_range (rand, 0, G_N_ELEMENTS (names))]);
        rtmfp_amf_write_number (&out, g_rand_int_range (rand, 0, 4));
      }
      for (int n = g_rand_int_range (rand, 0, 20); n > 0; n--) {
        rtmfp_buffer_append_u8 (
            &out, (uint8_t)g_rand_int_range (rand, 0, g_rand_boolean (rand) ? 256 : 20));
      }
      const RtmfpStatus status =
          rtmfp_endpoint_send (world->a.endpoint, flows[g_rand_int_range (rand, 0, 4)],
                               rtmfp_buffer_bytes (&out), NULL, world->now_us, NULL);
      (void)status; /* the flow may have been rejected */
      rtmfp_buffer_clear (&out);
      world_run (world, 30000);
    }
    g_rand_free (rand);
    world_free (world);
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/hostile/unknown-flows-are-rejected", test_unknown_flows);
  g_test_add_func ("/net/hostile/control-flows-are-bounded", test_control_flows_are_bounded);
  g_test_add_func ("/net/hostile/players-are-bounded", test_players_are_bounded);
  g_test_add_func ("/net/hostile/server-takes-no-players", test_server_takes_no_players);
  g_test_add_func ("/net/hostile/return-flows", test_return_flows);
  g_test_add_func ("/net/hostile/publisher-rejects", test_publisher_rejects);
  g_test_add_func ("/net/hostile/end-without-barrier", test_end_without_barrier);
  g_test_add_func ("/net/hostile/player-rejects-one-kind", test_player_rejects_one_kind);
  g_test_add_func ("/net/hostile/barriers", test_barriers);
  g_test_add_func ("/net/hostile/ignored-messages", test_ignored_messages);
  g_test_add_func ("/net/hostile/ping-is-answered", test_ping);
  g_test_add_func ("/net/hostile/faults-end-the-session", test_faults_end_the_session);
  g_test_add_func ("/net/hostile/names-and-sizes", test_names_and_sizes);
  g_test_add_func ("/net/hostile/player-out-of-turn", test_player_out_of_turn);
  g_test_add_func ("/net/hostile/random-messages", test_random_messages);
  return g_test_run ();
}

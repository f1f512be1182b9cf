/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Streams between a client (a) and a server (b), and what a bare client may try. RFC 7425 s5.3.5.
 */
#include "tests/netconnection/world.h"

#include <string.h>

static const WorldOptions with_streams = {.server = true, .streams = true};
static const WorldOptions bare = {.server = true, .streams = true, .a_bare = true};

typedef struct {
  World *world;
  RtmfpId client; /* the stream's id at a */
  RtmfpId server; /* and at b */
} Made;

static World *
connected (const WorldOptions *options) {
  World *world = world_new (options);
  assert_ok (rtmfp_net_connect (world->a.net, world->a.session, "rtmfp://h.test/live", NO_BYTES,
                                NO_BYTES, world->now_us));
  told_free (expect (&world->b, RTMFP_NET_CONNECT));
  assert_ok (rtmfp_net_accept_connection (world->b.net, world->b.session, NO_BYTES, world->now_us));
  told_free (expect (&world->a, RTMFP_NET_CONNECTED));
  return world;
}

static RtmfpId
expect_stream (Peer *peer, RtmfpNetEventType type) {
  Told *told = expect (peer, type);
  g_assert_cmpuint (told->event.session, ==, peer->session);
  const RtmfpId stream = told->event.stream;
  told_free (told);
  return stream;
}

static Made
make_in (World *world) {
  Made made = {.world = world};
  assert_ok (rtmfp_net_create_stream (world->a.net, world->a.session, world->now_us, &made.client));
  made.server = expect_stream (&world->b, RTMFP_NET_STREAM_CREATED);
  g_assert_cmpuint (expect_stream (&world->a, RTMFP_NET_STREAM_CREATED), ==, made.client);
  return made;
}

static Made
make (void) {
  return make_in (connected (&with_streams));
}

static RtmfpStatus
send_media (Peer *from, RtmfpId stream, RtmfpMediaKind kind, uint32_t time, RtmfpBytes body) {
  return rtmfp_net_send_media (from->net, stream, kind, time, body, NULL, from->world->now_us,
                               NULL);
}

static void
expect_media (Peer *peer, RtmfpId stream, RtmfpMediaKind kind, uint32_t time, RtmfpBytes body) {
  Told *told = expect (peer, RTMFP_NET_MEDIA);
  g_assert_cmpuint (told->event.stream, ==, stream);
  g_assert_cmpint (told->event.kind, ==, kind);
  g_assert_cmpuint (told->event.timestamp_ms, ==, time);
  g_assert_cmpmem (told->event.bytes.data, told->event.bytes.size, body.data, body.size);
  told_free (told);
}

static void
expect_command (Peer *peer, RtmfpId stream, const char *name, const char *first) {
  Told *told = expect (peer, RTMFP_NET_STREAM_COMMAND);
  g_assert_cmpuint (told->event.stream, ==, stream);
  g_assert_cmpuint (told->event.player, ==, 0);
  g_assert_cmpstr (told->event.name, ==, name);
  if (first != NULL) {
    g_assert_true (rtmfp_amf_is_text (told->event.values[0].value, first));
  }
  told_free (told);
}

static void
test_publish (void) {
  Made made = make ();
  World *world = made.world;
  world->b.keeps_media = true;
  assert_ok (rtmfp_net_stream_publish (world->a.net, made.client, "show", "live", world->now_us));
  expect_command (&world->b, made.server, "publish", "show");
  RtmfpBuffer members = {0};
  rtmfp_amf_member_text (&members, "more", "yes");
  assert_ok (rtmfp_net_stream_status (world->b.net, made.server, "status",
                                      "NetStream.Publish.Start", "Go.",
                                      rtmfp_buffer_bytes (&members), world->now_us));
  rtmfp_buffer_clear (&members);
  Told *told = expect (&world->a, RTMFP_NET_STREAM_STATUS);
  g_assert_cmpuint (told->event.stream, ==, made.client);
  g_assert_cmpstr (told->event.name, ==, "status");
  g_assert_cmpstr (told->event.code, ==, "NetStream.Publish.Start");
  g_assert_cmpstr (told->event.text, ==, "Go.");
  g_assert_true (rtmfp_amf_is_text (rtmfp_amf_get (told->event.values[0].value, "more"), "yes"));
  told_free (told);
  assert_ok (send_media (&world->a, made.client, RTMFP_MEDIA_DATA, 0, amf_text ("onMetaData")));
  expect_media (&world->b, made.server, RTMFP_MEDIA_DATA, 0, amf_text ("onMetaData"));
  assert_ok (send_media (&world->a, made.client, RTMFP_MEDIA_AUDIO, 20, BYTES ("a")));
  expect_media (&world->b, made.server, RTMFP_MEDIA_AUDIO, 20, BYTES ("a"));
  assert_ok (send_media (&world->a, made.client, RTMFP_MEDIA_VIDEO, 40, BYTES ("v")));
  expect_media (&world->b, made.server, RTMFP_MEDIA_VIDEO, 40, BYTES ("v"));
  world_free (world);
}

static void
test_play (void) {
  Made made = make ();
  World *world = made.world;
  world->a.keeps_media = true;
  assert_ok (
      rtmfp_net_stream_play (world->a.net, made.client, "show", amf_number (-2), world->now_us));
  expect_command (&world->b, made.server, "play", "show");
  assert_ok (
      rtmfp_net_stream_control (world->b.net, made.server, RTMFP_STREAM_BEGIN, 0, world->now_us));
  Told *told = expect (&world->a, RTMFP_NET_STREAM_CONTROL);
  g_assert_cmpuint (told->event.stream, ==, made.client);
  g_assert_cmpint (told->event.control, ==, RTMFP_STREAM_BEGIN);
  told_free (told);
  assert_ok (send_media (&world->b, made.server, RTMFP_MEDIA_VIDEO, 7, BYTES ("v")));
  expect_media (&world->a, made.client, RTMFP_MEDIA_VIDEO, 7, BYTES ("v"));
  assert_ok (rtmfp_net_stream_receive (world->a.net, made.client, RTMFP_MEDIA_AUDIO, false,
                                       world->now_us));
  expect_command (&world->b, made.server, "receiveAudio", NULL);
  assert_ok (
      rtmfp_net_stream_command (world->a.net, made.client, "pause", amf_number (1), world->now_us));
  expect_command (&world->b, made.server, "pause", NULL);
  assert_ok (rtmfp_net_stream_control (world->a.net, made.client, RTMFP_STREAM_BUFFER, 3000,
                                       world->now_us));
  told = expect (&world->b, RTMFP_NET_STREAM_CONTROL);
  g_assert_cmpint (told->event.control, ==, RTMFP_STREAM_BUFFER);
  g_assert_cmpuint (told->event.count, ==, 3000);
  g_assert_cmpuint (told->event.stream, ==, made.server);
  told_free (told);
  world_free (world);
}

/* So long that a hundred of them need many packets: what is more urgent would be there first. */
static const uint8_t long_body[700];
#define LONG rtmfp_bytes (long_body, sizeof long_body)

/* s5.2: Stream EOF is told behind all the media that was sent before it, whatever was lost. */
static void
test_end_after_media (void) {
  Made made = make ();
  World *world = made.world;
  world->a.keeps_media = true;
  world->loss_permille = 200;
  for (uint32_t i = 0; i < 50; i++) {
    assert_ok (send_media (&world->b, made.server, RTMFP_MEDIA_AUDIO, i, LONG));
    assert_ok (send_media (&world->b, made.server, RTMFP_MEDIA_VIDEO, i, LONG));
  }
  assert_ok (
      rtmfp_net_stream_control (world->b.net, made.server, RTMFP_STREAM_EOF, 0, world->now_us));
  Told *told = expect (&world->a, RTMFP_NET_STREAM_CONTROL);
  g_assert_cmpint (told->event.control, ==, RTMFP_STREAM_EOF);
  told_free (told);
  g_assert_cmpuint (world->a.media[RTMFP_MEDIA_AUDIO], ==, 50);
  g_assert_cmpuint (world->a.media[RTMFP_MEDIA_VIDEO], ==, 50);
  /* the stream goes on */
  forget (&world->a);
  assert_ok (send_media (&world->b, made.server, RTMFP_MEDIA_AUDIO, 99, BYTES ("again")));
  expect_media (&world->a, made.client, RTMFP_MEDIA_AUDIO, 99, BYTES ("again"));
  world_free (world);
}

/* "closeStream" and "deleteStream" too come behind it. */
static void
test_close_and_delete (void) {
  Made made = make ();
  World *world = made.world;
  world->loss_permille = 200;
  for (uint32_t i = 0; i < 50; i++) {
    assert_ok (send_media (&world->a, made.client, RTMFP_MEDIA_AUDIO, i, LONG));
    assert_ok (send_media (&world->a, made.client, RTMFP_MEDIA_VIDEO, i, LONG));
  }
  assert_ok (rtmfp_net_stream_close (world->a.net, made.client, world->now_us));
  expect_command (&world->b, made.server, "closeStream", NULL);
  g_assert_cmpuint (world->b.media[RTMFP_MEDIA_AUDIO], ==, 50);
  g_assert_cmpuint (world->b.media[RTMFP_MEDIA_VIDEO], ==, 50);
  for (uint32_t i = 50; i < 100; i++) {
    assert_ok (send_media (&world->a, made.client, RTMFP_MEDIA_VIDEO, i, LONG));
  }
  rtmfp_net_delete_stream (world->a.net, made.client, world->now_us);
  g_assert_cmpint (send_media (&world->a, made.client, RTMFP_MEDIA_VIDEO, 52, BYTES ("v")), ==,
                   RTMFP_STATE);
  g_assert_cmpuint (expect_stream (&world->b, RTMFP_NET_STREAM_CLOSED), ==, made.server);
  g_assert_cmpuint (world->b.media[RTMFP_MEDIA_VIDEO], ==, 100);
  /* calls still go: nothing waits at a barrier */
  assert_ok (rtmfp_net_call (world->a.net, world->a.session, "hello", NO_BYTES, false,
                             world->now_us, NULL));
  told_free (expect (&world->b, RTMFP_NET_CALL));
  world_free (world);
}

static void
test_bounds (void) {
  World *world = connected (&with_streams);
  RtmfpId stream = 0;
  for (int i = 0; i < RTMFP_NET_PLAYERS_MAX; i++) {
    make_in (world);
  }
  g_assert_cmpint (rtmfp_net_create_stream (world->a.net, world->a.session, world->now_us, &stream),
                   ==, RTMFP_LIMIT);
  world_free (world);
}

static void
test_out_of_state (void) {
  World *world = world_new (&with_streams);
  RtmfpId stream = 0;
  g_assert_cmpint (rtmfp_net_create_stream (world->a.net, world->a.session, world->now_us, &stream),
                   ==, RTMFP_STATE);
  world_free (world);
  /* a server that has no streams answers as to any call */
  world = connected (&(WorldOptions){.server = true});
  assert_ok (rtmfp_net_create_stream (world->a.net, world->a.session, world->now_us, &stream));
  g_assert_cmpint (rtmfp_net_stream_publish (world->a.net, stream, "s", "live", world->now_us), ==,
                   RTMFP_STATE);
  Told *told = expect (&world->b, RTMFP_NET_CALL);
  g_assert_cmpstr (told->event.name, ==, "createStream");
  assert_ok (rtmfp_net_fail (world->b.net, world->b.session, told->event.call, "No.Streams", "No.",
                             world->now_us));
  told_free (told);
  told = expect (&world->a, RTMFP_NET_STREAM_CLOSED);
  g_assert_cmpuint (told->event.stream, ==, stream);
  g_assert_cmpstr (told->event.code, ==, "No.Streams");
  told_free (told);
  world_free (world);
  /* both ends are told when the connection ends */
  Made made = make ();
  rtmfp_net_close (made.world->a.net, made.world->a.session, made.world->now_us);
  g_assert_cmpuint (expect_stream (&made.world->b, RTMFP_NET_STREAM_CLOSED), ==, made.server);
  g_assert_cmpuint (expect_stream (&made.world->a, RTMFP_NET_STREAM_CLOSED), ==, made.client);
  told_free (expect (&made.world->a, RTMFP_NET_DISCONNECTED));
  world_free (made.world);
}

/* ---- A bare client ---- */

#define CONNECT                                                                                    \
  BYTES ("\x14\0\0\0\0\x02\0\x07"                                                                  \
         "connect\0\x3f\xf0\0\0\0\0\0\0\x03\0\x03"                                                 \
         "app\x02\0\x04live\0\0\x09")
#define CREATE                                                                                     \
  BYTES ("\x14\0\0\0\0\x02\0\x0c"                                                                  \
         "createStream\0\x40\0\0\0\0\0\0\0\x05")
#define DELETE(number)                                                                             \
  BYTES ("\x14\0\0\0\0\x02\0\x0c"                                                                  \
         "deleteStream\0\0\0\0\0\0\0\0\0\x05\0" number)
#define ONE "\x3f\xf0\0\0\0\0\0\0"
#define CLOSE_STREAM                                                                               \
  BYTES ("\x14\0\0\0\0\x02\0\x0b"                                                                  \
         "closeStream\0\0\0\0\0\0\0\0\0\x05")

typedef struct {
  World *world;
  RtmfpId control;    /* our flow for stream id 0 */
  RtmfpId control_in; /* the server's */
  RtmfpId stream;     /* at b */
} Bare;

static Bare
start_bare (void) {
  Bare b = {.world = world_new (&bare)};
  Peer *a = &b.world->a;
  b.control = raw_open (a, BYTES ("TC\x04\0"), 0);
  raw_send (a, b.control, CONNECT);
  told_free (expect (&b.world->b, RTMFP_NET_CONNECT));
  assert_ok (
      rtmfp_net_accept_connection (b.world->b.net, b.world->b.session, NO_BYTES, b.world->now_us));
  RawTold *raw = raw_expect (a, RTMFP_EVENT_FLOW_NEW);
  b.control_in = raw->event.flow;
  raw_accept (a, b.control_in);
  raw_free (raw);
  raw_free (raw_expect (a, RTMFP_EVENT_FLOW_MESSAGE));
  raw_send (a, b.control, CREATE);
  b.stream = expect_stream (&b.world->b, RTMFP_NET_STREAM_CREATED);
  raw = raw_expect (a, RTMFP_EVENT_FLOW_MESSAGE);
  /* "_result", 2, null, 1: RFC 7425 s5.3.7 has the same */
  const RtmfpBytes result = BYTES ("\x14\0\0\0\0\x02\0\x07_result\0\x40\0\0\0\0\0\0\0\x05\0" ONE);
  g_assert_cmpmem (raw->event.bytes.data, raw->event.bytes.size, result.data, result.size);
  raw_free (raw);
  return b;
}

static void
test_flows_on_the_wire (void) {
  Bare b = start_bare ();
  Peer *a = &b.world->a;
  assert_ok (
      rtmfp_net_stream_control (b.world->b.net, b.stream, RTMFP_STREAM_BEGIN, 0, b.world->now_us));
  assert_ok (send_media (&b.world->b, b.stream, RTMFP_MEDIA_AUDIO, 5, BYTES ("x")));
  static const char *const metadata[] = {"TC\x04\x01", "TC\x05\x01"};
  for (int i = 0; i < 2; i++) { /* figure 5: associated to the client's control flow */
    RawTold *raw = raw_expect (a, RTMFP_EVENT_FLOW_NEW);
    g_assert_cmpuint (raw->event.associated, ==, b.control);
    const bool is_audio = raw->event.bytes.data[2] == 5;
    g_assert_cmpmem (raw->event.bytes.data, raw->event.bytes.size, metadata[is_audio], 4);
    raw_accept (a, raw->event.flow);
    raw_free (raw);
  }
  world_free (b.world);
}

/* Flows of no stream, or associated to something else, are rejected with code 0. s5.3.5.3 */
static void
test_stray_flows (void) {
  Bare b = start_bare ();
  Peer *a = &b.world->a;
  b.world->b.keeps_media = true;
  raw_send (a, raw_open (a, BYTES ("TC\x04\x02"), b.control_in), BYTES ("\x08\0\0\0\0x"));
  RawTold *raw = raw_expect (a, RTMFP_EVENT_FLOW_EXCEPTION);
  g_assert_cmpuint (raw->event.code, ==, 0);
  raw_free (raw);
  /* without an association its stream id says enough */
  raw_send (a, raw_open (a, BYTES ("TC\x04\x01"), 0), BYTES ("\x08\0\0\0\0x"));
  expect_media (&b.world->b, b.stream, RTMFP_MEDIA_AUDIO, 0, BYTES ("x"));
  /* AMF3 data has a format byte before it; another one is a fault */
  const RtmfpId flow = raw_open (a, BYTES ("TC\x04\x01"), b.control_in);
  raw_send (a, flow, BYTES ("\x0f\0\0\0\x09\0\x05"));
  expect_media (&b.world->b, b.stream, RTMFP_MEDIA_DATA, 9, BYTES ("\x05"));
  raw_send (a, flow, BYTES ("\x0f\0\0\0\x09\x01\x05"));
  raw_send (a, flow, BYTES ("\x17\0\0\0\x09\x01\x05")); /* an unknown type is dropped */
  world_settle (b.world);
  world_run (b.world, G_USEC_PER_SEC);
  RtmfpNetCounters counters;
  rtmfp_net_counters (b.world->b.net, &counters);
  g_assert_cmpuint (counters.dropped_malformed, ==, 1);
  g_assert_cmpuint (counters.dropped_unexpected, ==, 1);
  world_free (b.world);
}

/* s5.3.5: associated to our control flow, and to no other of ours. */
static void
test_flow_of_a_stream_flow (void) {
  Bare b = start_bare ();
  Peer *a = &b.world->a;
  assert_ok (
      rtmfp_net_stream_control (b.world->b.net, b.stream, RTMFP_STREAM_BEGIN, 0, b.world->now_us));
  RawTold *raw = raw_expect (a, RTMFP_EVENT_FLOW_NEW);
  raw_accept (a, raw->event.flow);
  raw_send (a, raw_open (a, BYTES ("TC\x04\x01"), raw->event.flow), BYTES ("\x08\0\0\0\0x"));
  raw_free (raw);
  raw_free (raw_expect (a, RTMFP_EVENT_FLOW_EXCEPTION));
  g_assert_cmpuint (b.world->b.media[RTMFP_MEDIA_AUDIO], ==, 0);
  world_free (b.world);
}

/* s5.3.5.3: that a flow closes means nothing for its stream. */
static void
test_closed_flow (void) {
  Bare b = start_bare ();
  Peer *a = &b.world->a;
  for (guint i = 1; i <= 2; i++) {
    const RtmfpId flow = raw_open (a, BYTES ("TC\x04\x01"), b.control_in);
    raw_send (a, flow, BYTES ("\x08\0\0\0\0x"));
    rtmfp_endpoint_close_flow (a->endpoint, flow, b.world->now_us);
    world_run (b.world, G_USEC_PER_SEC);
    g_assert_cmpuint (told_count (&b.world->b, RTMFP_NET_STREAM_CLOSED), ==, 0);
    g_assert_cmpuint (b.world->b.media[RTMFP_MEDIA_AUDIO], ==, i);
  }
  world_free (b.world);
}

static void
test_flows_are_bounded (void) {
  Bare b = start_bare ();
  Peer *a = &b.world->a;
  raw_send (a, b.control, CREATE);
  expect_stream (&b.world->b, RTMFP_NET_STREAM_CREATED);
  raw_send (a, b.control, CREATE);
  expect_stream (&b.world->b, RTMFP_NET_STREAM_CREATED);
  static const char *const metadata[] = {"TC\x04\x01", "TC\x04\x02", "TC\x04\x03"};
  for (int i = 0; i < 2 * RTMFP_NET_MEDIA_FLOWS_MAX; i++) {
    raw_send (a, raw_open (a, rtmfp_bytes (metadata[i % 2], 4), b.control_in),
              BYTES ("\x08\0\0\0\0x"));
  }
  world_run (b.world, G_USEC_PER_SEC);
  g_assert_cmpuint (b.world->b.media[RTMFP_MEDIA_AUDIO], ==, RTMFP_NET_STREAM_FLOWS_MAX);
  g_assert_cmpuint (raw_count (a, RTMFP_EVENT_FLOW_EXCEPTION), ==, 0);
  for (int i = 0; i < 3; i += 2) { /* one stream's, and the connection's */
    raw_send (a, raw_open (a, rtmfp_bytes (metadata[i], 4), b.control_in), BYTES ("x"));
    raw_free (raw_expect (a, RTMFP_EVENT_FLOW_EXCEPTION));
  }
  /* with the stream its flows go, and there is room again */
  raw_send (a, b.control, DELETE (ONE));
  expect_stream (&b.world->b, RTMFP_NET_STREAM_CLOSED);
  raw_send (a, raw_open (a, rtmfp_bytes (metadata[2], 4), b.control_in), BYTES ("\x08\0\0\0\0x"));
  world_run (b.world, G_USEC_PER_SEC);
  g_assert_cmpuint (b.world->b.media[RTMFP_MEDIA_AUDIO], ==, RTMFP_NET_STREAM_FLOWS_MAX + 1);
  world_free (b.world);
}

static void
test_streams_are_bounded (void) {
  Bare b = start_bare ();
  Peer *a = &b.world->a;
  for (int i = 1; i < RTMFP_NET_PLAYERS_MAX; i++) {
    raw_send (a, b.control, CREATE);
    expect_stream (&b.world->b, RTMFP_NET_STREAM_CREATED);
    raw_free (raw_expect (a, RTMFP_EVENT_FLOW_MESSAGE));
  }
  raw_send (a, b.control, CREATE);
  RawTold *raw = raw_expect (a, RTMFP_EVENT_FLOW_MESSAGE);
  g_assert_cmpmem (raw->event.bytes.data + 5, 9, "\x02\0\x06_error", 9);
  raw_free (raw);
  g_assert_cmpuint (told_count (&b.world->b, RTMFP_NET_STREAM_CREATED), ==, 0);
  world_free (b.world);
}

/* Deleted twice, by a false number, by itself; and a flow that waits at a barrier then. */
static void
test_odd_ends (void) {
  Bare b = start_bare ();
  Peer *a = &b.world->a;
  raw_send (a, b.control, DELETE ("\x40\0\0\0\0\0\0\0"));
  raw_send (a, b.control, DELETE ("\x7f\xf8\0\0\0\0\0\0"));
  const RtmfpId flow = raw_open (a, BYTES ("TC\x04\x01"), b.control_in);
  raw_send (a, flow, CLOSE_STREAM);
  expect_command (&b.world->b, b.stream, "closeStream", NULL);
  const RtmfpBytes sync = BYTES ("\x04\0\0\0\0\0\x22\0\0\0\x01\0\0\0\x03");
  const RtmfpId other = raw_open (a, BYTES ("TC\x04\x01"), b.control_in);
  raw_send (a, other, sync);
  world_run (b.world, G_USEC_PER_SEC);
  raw_send (a, flow, DELETE (ONE)); /* on its own flow */
  g_assert_cmpuint (expect_stream (&b.world->b, RTMFP_NET_STREAM_CLOSED), ==, b.stream);
  raw_send (a, b.control, DELETE (ONE));
  world_run (b.world, G_USEC_PER_SEC);
  g_assert_cmpuint (told_count (&b.world->b, RTMFP_NET_STREAM_CLOSED), ==, 0);
  /* control flow and another stream's flow at a barrier; the stream goes, the control flow goes on
   */
  raw_send (a, b.control, CREATE);
  expect_stream (&b.world->b, RTMFP_NET_STREAM_CREATED);
  const RtmfpId last = raw_open (a, BYTES ("TC\x04\x02"), b.control_in);
  const RtmfpId more = raw_open (a, BYTES ("TC\x04\x02"), b.control_in);
  raw_send (a, last, sync);
  raw_send (a, b.control, sync);
  raw_send (a, b.control, CREATE);
  world_run (b.world, G_USEC_PER_SEC);
  g_assert_cmpuint (told_count (&b.world->b, RTMFP_NET_STREAM_CREATED), ==, 0);
  raw_send (a, more, DELETE (ONE));
  expect_stream (&b.world->b, RTMFP_NET_STREAM_CLOSED);
  expect_stream (&b.world->b, RTMFP_NET_STREAM_CREATED);
  world_free (b.world);
}

/* The client rejects what it does not want: no flow takes its place (s5.3.5.3). */
static void
test_client_rejects (void) {
  Bare b = start_bare ();
  Peer *a = &b.world->a;
  assert_ok (send_media (&b.world->b, b.stream, RTMFP_MEDIA_AUDIO, 5, BYTES ("x")));
  RawTold *raw = raw_expect (a, RTMFP_EVENT_FLOW_NEW);
  rtmfp_endpoint_reject_flow (a->endpoint, raw->event.flow, 0, b.world->now_us);
  raw_free (raw);
  Told *told = expect (&b.world->b, RTMFP_NET_MEDIA_REFUSED);
  g_assert_cmpuint (told->event.stream, ==, b.stream);
  g_assert_cmpint (told->event.kind, ==, RTMFP_MEDIA_AUDIO);
  told_free (told);
  g_assert_cmpint (send_media (&b.world->b, b.stream, RTMFP_MEDIA_AUDIO, 6, BYTES ("x")), ==,
                   RTMFP_STATE);
  assert_ok (send_media (&b.world->b, b.stream, RTMFP_MEDIA_VIDEO, 6, BYTES ("x")));
  world_free (b.world);
}

/* User control events on stream id 0 name their stream. */
static void
test_control_by_number (void) {
  Bare b = start_bare ();
  raw_send (&b.world->a, b.control, BYTES ("\x04\0\0\0\0\0\x03\0\0\0\x01\0\0\x0b\xb8"));
  Told *told = expect (&b.world->b, RTMFP_NET_STREAM_CONTROL);
  g_assert_cmpuint (told->event.stream, ==, b.stream);
  g_assert_cmpint (told->event.control, ==, RTMFP_STREAM_BUFFER);
  g_assert_cmpuint (told->event.count, ==, 3000);
  told_free (told);
  raw_send (&b.world->a, b.control, BYTES ("\x04\0\0\0\0\0\x03\0\0\0\x07\0\0\x0b\xb8"));
  world_run (b.world, G_USEC_PER_SEC);
  g_assert_cmpuint (told_count (&b.world->b, RTMFP_NET_STREAM_CONTROL), ==, 0);
  world_free (b.world);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/connection-stream/publish", test_publish);
  g_test_add_func ("/net/connection-stream/play", test_play);
  g_test_add_func ("/net/connection-stream/ends-after-all-media", test_end_after_media);
  g_test_add_func ("/net/connection-stream/close-and-delete-come-last", test_close_and_delete);
  g_test_add_func ("/net/connection-stream/bounded-at-the-client", test_bounds);
  g_test_add_func ("/net/connection-stream/out-of-state", test_out_of_state);
  g_test_add_func ("/net/connection-stream/flows-on-the-wire", test_flows_on_the_wire);
  g_test_add_func ("/net/connection-stream/stray-flows", test_stray_flows);
  g_test_add_func ("/net/connection-stream/flow-of-a-stream-flow", test_flow_of_a_stream_flow);
  g_test_add_func ("/net/connection-stream/closed-flow-ends-nothing", test_closed_flow);
  g_test_add_func ("/net/connection-stream/flows-are-bounded", test_flows_are_bounded);
  g_test_add_func ("/net/connection-stream/streams-are-bounded", test_streams_are_bounded);
  g_test_add_func ("/net/connection-stream/odd-ends", test_odd_ends);
  g_test_add_func ("/net/connection-stream/client-rejects", test_client_rejects);
  g_test_add_func ("/net/connection-stream/control-by-number", test_control_by_number);
  return g_test_run ();
}

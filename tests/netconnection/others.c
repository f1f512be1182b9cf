/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Servers and clients of other makes, as their habits and RFC 7425 s5 have them: messages of a
 * chunk stream, unasked calls, AMF3, several control flows, several messages in one. */
#include "tests/netconnection/world.h"

#include <string.h>

/* Headers and the beginnings of commands, AMF0. */
#define ONE "\x3f\xf0\0\0\0\0\0\0"
#define ZERO "\0\0\0\0\0\0\0\0"
#define TWO "\x40\0\0\0\0\0\0\0"
#define RESULT(transaction) "\x14\0\0\0\0\x02\0\x07_result\0" transaction "\x05"

typedef struct {
  World *world;
  RtmfpId control;    /* the server's flow */
  RtmfpId control_in; /* the client's */
  RtmfpId stream;     /* at a */
} Server;

static RawTold *
take_flow (Peer *peer, RtmfpId *flow) {
  RawTold *raw = raw_expect (peer, RTMFP_EVENT_FLOW_NEW);
  *flow = raw->event.flow;
  raw_accept (peer, *flow);
  return raw;
}

/* b is a bare server, a connects to it and has a stream of id 1. */
static Server
start_server (void) {
  Server s = {.world = world_new (&(WorldOptions){.b_bare = true})};
  Peer *a = &s.world->a, *b = &s.world->b;
  a->keeps_media = true;
  assert_ok (rtmfp_net_connect (a->net, a->session, "rtmfp://h.test/live", NO_BYTES, NO_BYTES,
                                s.world->now_us));
  raw_free (take_flow (b, &s.control_in));
  raw_free (raw_expect (b, RTMFP_EVENT_FLOW_MESSAGE));
  s.control = raw_open (b, BYTES ("TC\x04\0"), s.control_in);
  /* what media servers say before they answer */
  raw_send (b, s.control, BYTES ("\x05\0\0\0\0\0\x26\x25\xa0"));
  raw_send (b, s.control, BYTES ("\x06\0\0\0\0\0\x26\x25\xa0\x02"));
  raw_send (b, s.control, BYTES ("\x01\0\0\0\0\0\0\x10\0"));
  raw_send (b, s.control, BYTES ("\x04\0\0\0\0\0\0\0\0\0\0")); /* Stream Begin of stream 0 */
  raw_send (b, s.control,
            BYTES (RESULT (ONE) "\x03\0\x04"
                                "code\x02\0\x1dNetConnection.Connect.Success"
                                "\0\0\x09"));
  told_free (expect (a, RTMFP_NET_CONNECTED));
  raw_free (raw_expect (b, RTMFP_EVENT_FLOW_MESSAGE)); /* setPeerInfo */
  raw_send (b, s.control, BYTES ("\x14\0\0\0\0\x02\0\x08onBWDone\0" ZERO "\x05"));
  Told *told = expect (a, RTMFP_NET_CALL);
  g_assert_cmpstr (told->event.name, ==, "onBWDone");
  g_assert_cmpuint (told->event.call, ==, 0);
  told_free (told);
  assert_ok (rtmfp_net_create_stream (a->net, a->session, s.world->now_us, &s.stream));
  raw_free (raw_expect (b, RTMFP_EVENT_FLOW_MESSAGE));
  raw_send (b, s.control, BYTES (RESULT (TWO) "\0" ONE));
  told_free (expect (a, RTMFP_NET_STREAM_CREATED));
  return s;
}

static void
expect_media (Server *s, RtmfpMediaKind kind, uint32_t time, RtmfpBytes body) {
  Told *told = expect (&s->world->a, RTMFP_NET_MEDIA);
  g_assert_cmpuint (told->event.stream, ==, s->stream);
  g_assert_cmpint (told->event.kind, ==, kind);
  g_assert_cmpuint (told->event.timestamp_ms, ==, time);
  g_assert_cmpmem (told->event.bytes.data, told->event.bytes.size, body.data, body.size);
  told_free (told);
}

static void
test_server (void) {
  Server s = start_server ();
  Peer *a = &s.world->a, *b = &s.world->b;
  RtmfpNetCounters counters;
  rtmfp_net_counters (a->net, &counters);
  g_assert_cmpuint (counters.dropped_malformed, ==, 0);
  /* the client's stream flow is associated to the server's, s5.3.5.1 */
  assert_ok (rtmfp_net_stream_play (a->net, s.stream, "show", NO_BYTES, s.world->now_us));
  RtmfpId command_flow;
  RawTold *raw = take_flow (b, &command_flow);
  g_assert_cmpuint (raw->event.associated, ==, s.control);
  g_assert_cmpmem (raw->event.bytes.data, raw->event.bytes.size, "TC\x04\x01", 4);
  raw_free (raw);
  /* status as AMF3 (type 17), by a further control flow's side */
  raw_open (b, BYTES ("TC\x04\0"), s.control_in);
  const RtmfpId flow = raw_open (b, BYTES ("TC\x04\x01"), s.control_in);
  raw_send (b, flow,
            BYTES ("\x11\0\0\0\0\0\x02\0\x08onStatus\0" ZERO "\x05\x11\x0a\x0b\x01"
                   "\x09"
                   "code\x06\x29NetStream.Play.Start\x01"));
  Told *told = expect (a, RTMFP_NET_STREAM_STATUS);
  g_assert_cmpstr (told->event.code, ==, "NetStream.Play.Start");
  told_free (told);
  /* events that only some servers have are passed over */
  raw_send (b, flow, BYTES ("\x04\0\0\0\0\0\x20\0\0\0\x01"));
  /* media of all kinds on one flow */
  raw_send (b, flow, BYTES ("\x08\0\0\0\x01s"));
  expect_media (&s, RTMFP_MEDIA_AUDIO, 1, BYTES ("s"));
  raw_send (b, flow, BYTES ("\x09\0\0\0\x02p"));
  expect_media (&s, RTMFP_MEDIA_VIDEO, 2, BYTES ("p"));
  raw_send (b, flow, BYTES ("\x12\0\0\0\x03\x05"));
  expect_media (&s, RTMFP_MEDIA_DATA, 3, BYTES ("\x05"));
  rtmfp_net_counters (a->net, &counters);
  g_assert_cmpuint (counters.dropped_malformed, ==, 0);
  world_free (s.world);
}

/* RTMP 1.0 s7.1.6: timestamps count from the first one's. */
static void
test_aggregate (void) {
  Server s = start_server ();
  Peer *a = &s.world->a, *b = &s.world->b;
  const RtmfpId flow = raw_open (b, BYTES ("TC\x04\x01"), s.control_in);
  raw_send (b, flow,
            BYTES ("\x16\0\0\x03\xe8" /* at 1000 */
                   "\x08\0\0\x01\xff\xff\xff\x02\0\0\x01"
                   "s\0\0\0\x0c"
                   "\x03\0\0\x01\0\0\0\x03\0\0\x01"
                   "?\0\0\0\x0c" /* not media: passed over */
                   "\x09\0\0\x02\0\0\x04\x03\0\0\x01"
                   "pq\0\0\0\x0d"));
  expect_media (&s, RTMFP_MEDIA_AUDIO, 1000, BYTES ("s"));
  expect_media (&s, RTMFP_MEDIA_VIDEO, 1005, BYTES ("pq"));
  /* cut short: what was whole is told, the rest is a fault */
  raw_send (b, flow, BYTES ("\x16\0\0\0\0\x08\0\0\x01\0\0\0\0\0\0\x01t\0\0\0\x0c\x09\0\0\x02\0\0"));
  expect_media (&s, RTMFP_MEDIA_AUDIO, 0, BYTES ("t"));
  RtmfpNetCounters counters;
  rtmfp_net_counters (a->net, &counters);
  g_assert_cmpuint (counters.dropped_malformed, ==, 1);
  /* too many */
  g_autoptr (GByteArray) many = g_byte_array_new ();
  g_byte_array_append (many, (const guint8 *)"\x16\0\0\0\0", 5);
  for (int i = 0; i <= RTMFP_NET_AGGREGATE_MAX; i++) {
    g_byte_array_append (many, (const guint8 *)"\x08\0\0\0\0\0\0\0\0\0\x01\0\0\0\x0b", 15);
  }
  forget (a);
  a->keeps_media = false;
  const guint64 before = a->media[RTMFP_MEDIA_AUDIO];
  raw_send (b, flow, rtmfp_bytes (many->data, many->len));
  world_run (s.world, 2 * G_USEC_PER_SEC);
  g_assert_cmpuint (a->media[RTMFP_MEDIA_AUDIO] - before, ==, RTMFP_NET_AGGREGATE_MAX);
  rtmfp_net_counters (a->net, &counters);
  g_assert_cmpuint (counters.dropped_malformed, ==, 2);
  world_free (s.world);
}

/* A client that speaks AMF3 and says its application in tcUrl alone. */
static void
test_client (void) {
  World *world = world_new (&(WorldOptions){.server = true, .streams = true, .a_bare = true});
  Peer *a = &world->a;
  const RtmfpId control = raw_open (a, BYTES ("TC\x04\0"), 0);
  raw_send (a, control,
            BYTES ("\x11\0\0\0\0\0\x02\0\x07"
                   "connect\0" ONE "\x11\x0a\x0b\x01\x0btcUrl\x06\x2b"
                   "rtmfp://h.test/live/x\x1d"
                   "objectEncoding\x04\x03\x01"));
  Told *told = expect (&world->b, RTMFP_NET_CONNECT);
  g_assert_cmpstr (told->event.name, ==, "live/x");
  told_free (told);
  assert_ok (rtmfp_net_accept_connection (world->b.net, world->b.session, NO_BYTES, world->now_us));
  RtmfpId control_in;
  raw_free (take_flow (a, &control_in));
  raw_free (raw_expect (a, RTMFP_EVENT_FLOW_MESSAGE));
  /* setPeerInfo as a Command Extended Message, s5.3.3; what is no address is passed over */
  raw_send (a, control,
            BYTES ("\x11\0\0\0\0\0\x02\0\x0bsetPeerInfo\0" ZERO "\x05\x02\0\x0e"
                   "10.0.0.1:50001\x02\0\x03"
                   "bad"));
  told = expect (&world->b, RTMFP_NET_PEER_INFO);
  g_assert_cmpuint (told->event.address_count, ==, 1);
  told_free (told);
  /* createStream with an undefined command object, and none at all */
  raw_send (a, control,
            BYTES ("\x11\0\0\0\0\0\x02\0\x0c"
                   "createStream\0" TWO "\x06"));
  told_free (expect (&world->b, RTMFP_NET_STREAM_CREATED));
  raw_send (a, control,
            BYTES ("\x14\0\0\0\0\x02\0\x0c"
                   "createStream\0" TWO));
  told_free (expect (&world->b, RTMFP_NET_STREAM_CREATED));
  /* the whole publish and its media on one flow */
  const RtmfpId flow = raw_open (a, BYTES ("TC\x04\x01"), control_in);
  world->b.keeps_media = true;
  raw_send (a, flow, BYTES ("\x11\0\0\0\0\0\x02\0\x07publish\0" ZERO "\x05\x02\0\x04show"));
  told = expect (&world->b, RTMFP_NET_STREAM_COMMAND);
  g_assert_cmpstr (told->event.name, ==, "publish");
  told_free (told);
  raw_send (a, flow, BYTES ("\x09\0\0\0\0\x17\x01"));
  told_free (expect (&world->b, RTMFP_NET_MEDIA));
  RtmfpNetCounters counters;
  rtmfp_net_counters (world->b.net, &counters);
  g_assert_cmpuint (counters.dropped_malformed, ==, 0);
  g_assert_cmpuint (counters.flows_rejected, ==, 0);
  world_free (world);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/others/server", test_server);
  g_test_add_func ("/net/others/aggregates", test_aggregate);
  g_test_add_func ("/net/others/client", test_client);
  return g_test_run ();
}

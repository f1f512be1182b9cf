/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate: before it opens there are greetings and nothing else. */
#include "tests/netconnection/world.h"

#include <string.h>

static const WorldOptions gated = {.gated = true};
static const WorldOptions gated_bare = {.gated = true, .a_bare = true};

#define GREETING BYTES ("\0test.hello")

static void
expect_greeting (Peer *peer, const char *text) {
  Told *told = expect (peer, RTMFP_NET_GREETING);
  g_assert_cmpuint (told->event.session, ==, peer->session);
  g_assert_cmpmem (told->event.bytes.data, told->event.bytes.size, text, strlen (text));
  told_free (told);
}

static RtmfpStatus
greet (Peer *peer, const char *text) {
  return rtmfp_net_send_greeting (peer->net, peer->session, rtmfp_bytes (text, strlen (text)),
                                  peer->world->now_us);
}

static void
test_greetings (void) {
  World *world = world_new (&gated);
  world->loss_permille = 200;
  assert_ok (greet (&world->a, "a1"));
  assert_ok (greet (&world->b, "b1"));
  assert_ok (greet (&world->a, "a2"));
  expect_greeting (&world->b, "a1");
  expect_greeting (&world->b, "a2");
  expect_greeting (&world->a, "b1");
  rtmfp_net_open_gate (world->a.net, world->a.session, world->now_us);
  rtmfp_net_open_gate (world->b.net, world->b.session, world->now_us);
  assert_ok (greet (&world->b, "b2")); /* later ones go on */
  expect_greeting (&world->a, "b2");
  g_assert_cmpint (rtmfp_net_send_greeting (world->a.net, 999, BYTES ("x"), world->now_us), ==,
                   RTMFP_STATE);
  world_free (world);
}

static void
test_nothing_is_sent (void) {
  World *world = world_new (&gated);
  RtmfpId id;
  RtmfpNet *net = world->a.net;
  const RtmfpId session = world->a.session;
  g_assert_cmpint (rtmfp_net_call (net, session, "f", NO_BYTES, false, world->now_us, NULL), ==,
                   RTMFP_STATE);
  g_assert_cmpint (rtmfp_net_play (net, session, "s", NO_BYTES, world->now_us, &id), ==,
                   RTMFP_STATE);
  g_assert_cmpint (
      rtmfp_net_connect (net, session, "rtmfp://h/a", NO_BYTES, NO_BYTES, world->now_us), ==,
      RTMFP_STATE);
  rtmfp_net_open_gate (net, session, world->now_us);
  assert_ok (rtmfp_net_call (net, session, "f", NO_BYTES, false, world->now_us, NULL));
  world_free (world);
}

/* What comes too early waits, is not told, and is told in order when the gate opens. */
static void
test_early_flows_wait (void) {
  World *world = world_new (&gated);
  RtmfpId publication, stream;
  rtmfp_net_open_gate (world->a.net, world->a.session, world->now_us);
  assert_ok (rtmfp_net_publish (world->b.net, 0, "s", &publication));
  assert_ok (
      rtmfp_net_call (world->a.net, world->a.session, "one", NO_BYTES, false, world->now_us, NULL));
  assert_ok (
      rtmfp_net_call (world->a.net, world->a.session, "two", NO_BYTES, false, world->now_us, NULL));
  assert_ok (
      rtmfp_net_play (world->a.net, world->a.session, "s", NO_BYTES, world->now_us, &stream));
  world_run (world, 5 * G_USEC_PER_SEC);
  g_assert_cmpuint (g_queue_get_length (&world->b.told), ==, 0);
  rtmfp_net_open_gate (world->b.net, world->b.session, world->now_us);
  rtmfp_net_open_gate (world->b.net, world->b.session, world->now_us);
  Told *told = expect (&world->b, RTMFP_NET_CALL);
  g_assert_cmpstr (told->event.name, ==, "one");
  told_free (told);
  told = expect (&world->b, RTMFP_NET_CALL);
  g_assert_cmpstr (told->event.name, ==, "two");
  told_free (told);
  told_free (expect (&world->b, RTMFP_NET_PLAY));
  world_free (world);
}

static void
test_held_flows_are_bounded (void) {
  World *world = world_new (&gated_bare);
  RtmfpId flows[RTMFP_NET_HELD_FLOWS_MAX + 1];
  for (gsize i = 0; i < G_N_ELEMENTS (flows); i++) {
    flows[i] = raw_open (&world->a, BYTES ("TC\x04\0"), 0);
    raw_send (&world->a, flows[i], BYTES ("early"));
    world_run (world, 100000);
  }
  RawTold *raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_EXCEPTION);
  g_assert_cmpuint (raw->event.flow, ==, flows[RTMFP_NET_HELD_FLOWS_MAX]);
  raw_free (raw);
  g_assert_cmpuint (raw_count (&world->a, RTMFP_EVENT_FLOW_EXCEPTION), ==, 0);
  g_assert_cmpuint (g_queue_get_length (&world->b.told), ==, 0);
  world_free (world);
}

static void
test_second_greeting_flow (void) {
  World *world = world_new (&gated_bare);
  const RtmfpId first = raw_open (&world->a, GREETING, 0);
  raw_send (&world->a, first, BYTES ("one"));
  expect_greeting (&world->b, "one");
  const RtmfpId second = raw_open (&world->a, GREETING, 0);
  raw_send (&world->a, second, BYTES ("two"));
  RawTold *raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_EXCEPTION);
  g_assert_cmpuint (raw->event.flow, ==, second);
  raw_free (raw);
  g_assert_cmpuint (told_count (&world->b, RTMFP_NET_GREETING), ==, 0);
  /* but one after the other is fine */
  rtmfp_endpoint_close_flow (world->a.endpoint, first, world->now_us);
  raw_free (raw_expect (&world->a, RTMFP_EVENT_FLOW_CLOSED));
  raw_send (&world->a, raw_open (&world->a, GREETING, 0), BYTES ("three"));
  expect_greeting (&world->b, "three");
  world_free (world);
}

static void
test_greeting_size (void) {
  World *world = world_new (&gated_bare);
  g_autofree guint8 *bytes = g_malloc0 (RTMFP_NET_GREETING_BYTES_MAX + 1);
  const RtmfpId flow = raw_open (&world->a, GREETING, 0);
  raw_send (&world->a, flow, rtmfp_bytes (bytes, RTMFP_NET_GREETING_BYTES_MAX));
  Told *told = expect (&world->b, RTMFP_NET_GREETING);
  g_assert_cmpuint (told->event.bytes.size, ==, RTMFP_NET_GREETING_BYTES_MAX);
  told_free (told);
  g_assert_cmpint (rtmfp_net_send_greeting (world->b.net, world->b.session,
                                            rtmfp_bytes (bytes, RTMFP_NET_GREETING_BYTES_MAX + 1),
                                            world->now_us),
                   ==, RTMFP_LIMIT);
  raw_send (&world->a, flow, rtmfp_bytes (bytes, RTMFP_NET_GREETING_BYTES_MAX + 1));
  expect_session (&world->b, RTMFP_EVENT_SESSION_CLOSED);
  expect_session (&world->a, RTMFP_EVENT_SESSION_CLOSED);
  world_free (world);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/gate/greetings-in-order-both-ways", test_greetings);
  g_test_add_func ("/net/gate/nothing-else-is-sent", test_nothing_is_sent);
  g_test_add_func ("/net/gate/early-flows-wait", test_early_flows_wait);
  g_test_add_func ("/net/gate/held-flows-are-bounded", test_held_flows_are_bounded);
  g_test_add_func ("/net/gate/one-greeting-flow", test_second_greeting_flow);
  g_test_add_func ("/net/gate/greeting-size-is-bounded", test_greeting_size);
  return g_test_run ();
}

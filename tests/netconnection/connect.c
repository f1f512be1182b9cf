/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NetConnection between a client (a) and a server (b): connect, setPeerInfo, keepalive, close. RFC
 * 7425 s5.3. */
#include "tests/netconnection/world.h"

static const WorldOptions with_server = {.server = true};

#define URL "rtmfp://h.test/ahoy/one"

static void
connect_up (World *world) {
  assert_ok (
      rtmfp_net_connect (world->a.net, world->a.session, URL, NO_BYTES, NO_BYTES, world->now_us));
  told_free (expect (&world->b, RTMFP_NET_CONNECT));
  assert_ok (rtmfp_net_accept_connection (world->b.net, world->b.session, NO_BYTES, world->now_us));
  told_free (expect (&world->a, RTMFP_NET_CONNECTED));
}

static void
test_accepted (void) {
  World *world = world_new (&with_server);
  RtmfpBuffer members = {0};
  rtmfp_amf_member_text (&members, "flashVer", "TEST 1");
  assert_ok (rtmfp_net_connect (world->a.net, world->a.session, URL, rtmfp_buffer_bytes (&members),
                                amf_number (7), world->now_us));
  Told *told = expect (&world->b, RTMFP_NET_CONNECT);
  g_assert_cmpuint (told->event.session, ==, world->b.session);
  g_assert_cmpstr (told->event.name, ==, "ahoy/one");
  g_assert_cmpstr (told->event.text, ==, URL);
  g_assert_true (rtmfp_amf_is_text (rtmfp_amf_get (told->event.object, "flashVer"), "TEST 1"));
  g_assert_cmpuint (told->event.value_count, ==, 1);
  told_free (told);
  members.size = 0;
  rtmfp_amf_member_text (&members, "greets", "you");
  assert_ok (rtmfp_net_accept_connection (world->b.net, world->b.session,
                                          rtmfp_buffer_bytes (&members), world->now_us));
  g_assert_cmpint (
      rtmfp_net_accept_connection (world->b.net, world->b.session, NO_BYTES, world->now_us), ==,
      RTMFP_STATE);
  told = expect (&world->a, RTMFP_NET_CONNECTED);
  g_assert_cmpstr (told->event.code, ==, "NetConnection.Connect.Success");
  g_assert_true (rtmfp_amf_is_text (rtmfp_amf_get (told->event.values[0].value, "greets"), "you"));
  g_assert_cmpint (told->event.object->type, ==, RTMFP_AMF_OBJECT);
  told_free (told);
  /* s5.3.3: setPeerInfo MUST follow, an empty list is fine */
  told = expect (&world->b, RTMFP_NET_PEER_INFO);
  g_assert_cmpuint (told->event.address_count, ==, 0);
  g_assert_true (told->event.behind_nat);
  told_free (told);
  rtmfp_buffer_clear (&members);
  world_free (world);
}

/* RFC 7425 s5.3: a client's certificate serves one server connection. */
static void
test_one_connection (void) {
  World *world = world_new (&with_server);
  assert_ok (
      rtmfp_net_connect (world->a.net, world->a.session, URL, NO_BYTES, NO_BYTES, world->now_us));
  told_free (expect (&world->b, RTMFP_NET_CONNECT));
  rtmfp_endpoint_close (world->a.endpoint, world->a.session, false, world->now_us);
  told_free (expect (&world->a, RTMFP_NET_REFUSED));
  world_run (world, 120 * 1000000LL);
  forget (&world->a);
  forget (&world->b);
  world_open (world);
  g_assert_cmpint (
      rtmfp_net_connect (world->a.net, world->a.session, URL, NO_BYTES, NO_BYTES, world->now_us),
      ==, RTMFP_STATE);
  world_free (world);
}

static void
test_refused (void) {
  World *world = world_new (&with_server);
  assert_ok (
      rtmfp_net_connect (world->a.net, world->a.session, URL, NO_BYTES, NO_BYTES, world->now_us));
  g_assert_cmpint (
      rtmfp_net_connect (world->a.net, world->a.session, URL, NO_BYTES, NO_BYTES, world->now_us),
      ==, RTMFP_STATE);
  told_free (expect (&world->b, RTMFP_NET_CONNECT));
  assert_ok (rtmfp_net_reject_connection (world->b.net, world->b.session,
                                          "NetConnection.Connect.InvalidApp", "No such app.",
                                          world->now_us));
  Told *told = expect (&world->a, RTMFP_NET_REFUSED);
  g_assert_cmpstr (told->event.code, ==, "NetConnection.Connect.InvalidApp");
  g_assert_cmpstr (told->event.text, ==, "No such app.");
  told_free (told);
  told = expect (&world->b, RTMFP_NET_DISCONNECTED);
  g_assert_true (told->event.clean);
  told_free (told);
  g_assert_cmpint (
      rtmfp_net_call (world->a.net, world->a.session, "f", NO_BYTES, false, world->now_us, NULL),
      ==, RTMFP_STATE);
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (told_count (&world->a, RTMFP_NET_DISCONNECTED), ==, 0);
  world_free (world);
}

static void
test_no_server (void) {
  World *world = world_new (NULL);
  assert_ok (
      rtmfp_net_connect (world->a.net, world->a.session, URL, NO_BYTES, NO_BYTES, world->now_us));
  expect_code (&world->a, RTMFP_NET_REFUSED, "NetConnection.Connect.Rejected");
  g_assert_cmpuint (told_count (&world->b, RTMFP_NET_CONNECT), ==, 0);
  world_free (world);
}

static void
test_bad_urls (void) {
  World *world = world_new (&with_server);
  const char *bad[] = {"http://h/ahoy", "rtmfp:", ""};
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_assert_cmpint (rtmfp_net_connect (world->a.net, world->a.session, bad[i], NO_BYTES, NO_BYTES,
                                        world->now_us),
                     ==, RTMFP_MALFORMED);
  }
  g_autofree char *tail = g_strnfill (RTMFP_NET_NAME_BYTES_MAX + 1, 'x');
  g_autofree char *long_url = g_strconcat ("rtmfp://h/", tail, NULL);
  g_assert_cmpint (rtmfp_net_connect (world->a.net, world->a.session, long_url, NO_BYTES, NO_BYTES,
                                      world->now_us),
                   ==, RTMFP_MALFORMED);
  world_free (world);
}

static void
test_second_connect (void) {
  World *world = world_new (&(WorldOptions){.server = true, .a_bare = true});
  const RtmfpId flow = raw_open (&world->a, BYTES ("TC\x04\0"), 0);
  raw_send (&world->a, flow,
            BYTES ("\x14\0\0\0\0\x02\0\x07"
                   "connect\0\x3f\xf0\0\0\0\0\0\0\x03\0\0\x09"));
  Told *told = expect (&world->b, RTMFP_NET_CONNECT);
  g_assert_cmpstr (told->event.name, ==, ""); /* it names no app */
  told_free (told);
  raw_send (&world->a, flow,
            BYTES ("\x14\0\0\0\0\x02\0\x07"
                   "connect\0\x40\x08\0\0\0\0\0\0\x03\0\0\x09"));
  RawTold *raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_NEW);
  g_assert_cmpmem (raw->event.bytes.data, raw->event.bytes.size, "TC\x04\0", 4);
  g_assert_cmpuint (raw->event.associated, ==, flow); /* s5.3.2 */
  raw_accept (&world->a, raw->event.flow);
  raw_free (raw);
  raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_MESSAGE);
  g_assert_cmpmem (raw->event.bytes.data, 24,
                   "\x14\0\0\0\0\x02\0\x06_error\0\x40\x08\0\0\0\0\0\0\x05", 24);
  raw_free (raw);
  g_assert_cmpuint (told_count (&world->b, RTMFP_NET_CONNECT), ==, 0);
  world_free (world);
}

static void
test_calls_before_connect (void) {
  World *world = world_new (&(WorldOptions){.server = true, .a_bare = true});
  const RtmfpId flow = raw_open (&world->a, BYTES ("TC\x04\0"), 0);
  raw_send (&world->a, flow,
            BYTES ("\x14\0\0\0\0\x02\0\x01"
                   "f\0\x40\0\0\0\0\0\0\0\x05"));
  raw_send (&world->a, flow, BYTES ("\x14\0\0\0\0\x02\0\x0bsetPeerInfo\0\0\0\0\0\0\0\0\0\x05"));
  RawTold *raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_NEW);
  raw_accept (&world->a, raw->event.flow);
  raw_free (raw);
  raw = raw_expect (&world->a, RTMFP_EVENT_FLOW_MESSAGE);
  g_assert_cmpmem (raw->event.bytes.data, 24,
                   "\x14\0\0\0\0\x02\0\x06_error\0\x40\0\0\0\0\0\0\0\x05", 24);
  raw_free (raw);
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (told_count (&world->b, RTMFP_NET_CALL), ==, 0);
  g_assert_cmpuint (told_count (&world->b, RTMFP_NET_PEER_INFO), ==, 0);
  world_free (world);
}

static void
test_peer_info (void) {
  World *world = world_new (&with_server);
  RtmfpAddress own[RTMFP_NET_PEER_ADDRESSES_MAX + 1];
  for (guint8 i = 0; i < G_N_ELEMENTS (own); i++) {
    own[i] = rtmfp_address_ipv4 (192, 0, 2, i, 50001);
  }
  rtmfp_net_set_peer_info (world->a.net, own, 2, world->now_us);
  connect_up (world);
  Told *told = expect (&world->b, RTMFP_NET_PEER_INFO);
  g_assert_cmpuint (told->event.address_count, ==, 2);
  g_assert_true (rtmfp_address_equal (&told->event.addresses[1], &own[1]));
  g_assert_true (told->event.behind_nat);
  told_free (told);
  /* more than may be told: the rest is cut. One of them is where the server sees the client */
  own[3] = world->a.address;
  rtmfp_net_set_peer_info (world->a.net, own, G_N_ELEMENTS (own), world->now_us);
  told = expect (&world->b, RTMFP_NET_PEER_INFO);
  g_assert_cmpuint (told->event.address_count, ==, RTMFP_NET_PEER_ADDRESSES_MAX);
  g_assert_false (told->event.behind_nat);
  told_free (told);
  world_free (world);
}

static void
test_hostile_peer_info (void) {
  World *world = world_new (&(WorldOptions){.server = true, .a_bare = true});
  const RtmfpId flow = raw_open (&world->a, BYTES ("TC\x04\0"), 0);
  raw_send (&world->a, flow,
            BYTES ("\x14\0\0\0\0\x02\0\x07"
                   "connect\0\x3f\xf0\0\0\0\0\0\0\x03\0\0\x09"));
  told_free (expect (&world->b, RTMFP_NET_CONNECT));
  assert_ok (rtmfp_net_accept_connection (world->b.net, world->b.session, NO_BYTES, world->now_us));
  RtmfpBuffer out = {0};
  rtmfp_buffer_append (&out, BYTES ("\x14\0\0\0\0\x02\0\x0bsetPeerInfo\0\0\0\0\0\0\0\0\0\x05"));
  rtmfp_amf_write_text (&out, "nowhere");
  rtmfp_amf_write_number (&out, 5);
  for (int i = 0; i < RTMFP_NET_PEER_ADDRESSES_MAX + 9; i++) {
    rtmfp_amf_write_text (&out, "[2001:db8::1]:9");
  }
  raw_send (&world->a, flow, rtmfp_buffer_bytes (&out));
  Told *told = expect (&world->b, RTMFP_NET_PEER_INFO);
  g_assert_cmpuint (told->event.address_count, ==, RTMFP_NET_PEER_ADDRESSES_MAX);
  g_assert_cmpint (told->event.addresses[0].family, ==, RTMFP_ADDRESS_IPV6);
  told_free (told);
  rtmfp_buffer_clear (&out);
  world_free (world);
}

static void
test_keepalive (void) {
  World *world = world_new (&with_server);
  g_assert_cmpint (rtmfp_net_send_keepalive (world->b.net, world->b.session, 1, 1, world->now_us),
                   ==, RTMFP_STATE);
  connect_up (world);
  g_assert_cmpint (rtmfp_net_send_keepalive (world->a.net, world->a.session, 1, 1, world->now_us),
                   ==, RTMFP_STATE);
  assert_ok (
      rtmfp_net_send_keepalive (world->b.net, world->b.session, 7000000, 1000000, world->now_us));
  Told *told = expect (&world->a, RTMFP_NET_KEEPALIVE);
  g_assert_cmpint (told->event.server_us, ==, 7000000);
  g_assert_cmpint (told->event.peer_us, ==, RTMFP_NET_KEEPALIVE_US_MIN); /* s5.3.4 */
  told_free (told);
  /* and it does what it says: pings after 7 s of silence */
  RtmfpCounters before, after;
  rtmfp_endpoint_counters (world->a.endpoint, &before);
  world_run (world, 60 * G_USEC_PER_SEC);
  rtmfp_endpoint_counters (world->a.endpoint, &after);
  g_assert_cmpuint (after.rule_keepalive - before.rule_keepalive, >=, 6);
  g_assert_cmpuint (after.rule_keepalive - before.rule_keepalive, <=, 10);
  assert_ok (rtmfp_net_send_keepalive (world->b.net, world->b.session, INT64_MAX, INT64_MAX,
                                       world->now_us));
  told = expect (&world->a, RTMFP_NET_KEEPALIVE);
  g_assert_cmpint (told->event.server_us, ==, RTMFP_NET_KEEPALIVE_US_MAX);
  told_free (told);
  world_free (world);
}

static void
close_from (bool server) {
  World *world = world_new (&with_server);
  connect_up (world);
  Peer *near = server ? &world->b : &world->a;
  Peer *far = server ? &world->a : &world->b;
  assert_ok (
      rtmfp_net_call (near->net, near->session, "last", NO_BYTES, false, world->now_us, NULL));
  rtmfp_net_close (near->net, near->session, world->now_us);
  g_assert_cmpint (
      rtmfp_net_call (near->net, near->session, "f", NO_BYTES, false, world->now_us, NULL), ==,
      RTMFP_STATE);
  Told *told = expect (far, RTMFP_NET_CALL); /* what was sent before still arrives */
  g_assert_cmpstr (told->event.name, ==, "last");
  told_free (told);
  told = expect (far, RTMFP_NET_DISCONNECTED);
  g_assert_true (told->event.clean);
  told_free (told);
  told = expect (near, RTMFP_NET_DISCONNECTED);
  g_assert_true (told->event.clean);
  told_free (told);
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (told_count (near, RTMFP_NET_DISCONNECTED), ==, 0);
  world_free (world);
}

static void
test_close_by_client (void) {
  close_from (false);
}

static void
test_close_by_server (void) {
  close_from (true);
}

static void
test_session_closed (void) {
  World *world = world_new (&with_server);
  connect_up (world);
  RtmfpId call = 0;
  assert_ok (
      rtmfp_net_call (world->a.net, world->a.session, "f", NO_BYTES, true, world->now_us, &call));
  told_free (expect (&world->b, RTMFP_NET_CALL));
  rtmfp_endpoint_close (world->b.endpoint, world->b.session, false, world->now_us);
  Told *told = expect (&world->a, RTMFP_NET_ERROR);
  g_assert_cmpuint (told->event.call, ==, call);
  g_assert_cmpstr (told->event.code, ==, "NetConnection.Connect.Closed");
  told_free (told);
  told = expect (&world->a, RTMFP_NET_DISCONNECTED);
  g_assert_false (told->event.clean);
  told_free (told);
  expect_session (&world->a, RTMFP_EVENT_SESSION_CLOSED);
  g_assert_cmpint (
      rtmfp_net_call (world->a.net, world->a.session, "f", NO_BYTES, false, world->now_us, NULL),
      ==, RTMFP_STATE);
  world_free (world);
}

static void
test_closed_while_connecting (void) {
  World *world = world_new (&with_server);
  assert_ok (
      rtmfp_net_connect (world->a.net, world->a.session, URL, NO_BYTES, NO_BYTES, world->now_us));
  told_free (expect (&world->b, RTMFP_NET_CONNECT));
  rtmfp_endpoint_close (world->b.endpoint, world->b.session, false, world->now_us);
  expect_code (&world->a, RTMFP_NET_REFUSED, "NetConnection.Connect.Closed");
  expect_session (&world->a, RTMFP_EVENT_SESSION_CLOSED);
  world_free (world);
}

/* s5.3.6: rejecting the control flow is an abrupt end. */
static void
test_control_flow_rejected (void) {
  World *world = world_new (&(WorldOptions){.b_bare = true});
  assert_ok (
      rtmfp_net_connect (world->a.net, world->a.session, URL, NO_BYTES, NO_BYTES, world->now_us));
  RawTold *raw = raw_expect (&world->b, RTMFP_EVENT_FLOW_NEW);
  rtmfp_endpoint_reject_flow (world->b.endpoint, raw->event.flow, 0, world->now_us);
  raw_free (raw);
  expect_code (&world->a, RTMFP_NET_REFUSED, "NetConnection.Connect.Closed");
  world_free (world);
}

/* s5.3.2: what comes from a server on stream 0 answers the client's control flow, or is rejected.
 */
static void
test_return_control_flows (void) {
  World *world = world_new (&(WorldOptions){.b_bare = true});
  assert_ok (
      rtmfp_net_connect (world->a.net, world->a.session, URL, NO_BYTES, NO_BYTES, world->now_us));
  RawTold *raw = raw_expect (&world->b, RTMFP_EVENT_FLOW_NEW);
  const RtmfpId control = raw->event.flow;
  g_assert_cmpuint (raw->event.associated, ==, 0);
  raw_free (raw);
  raw_accept (&world->b, control);
  const RtmfpBytes result = BYTES ("\x14\0\0\0\0\x02\0\x07_result\0\x3f\xf0\0\0\0\0\0\0\x05\x05");
  raw_send (&world->b, raw_open (&world->b, BYTES ("TC\x04\0"), 0), result);
  raw_free (raw_expect (&world->b, RTMFP_EVENT_FLOW_EXCEPTION));
  g_assert_cmpuint (told_count (&world->a, RTMFP_NET_CONNECTED), ==, 0);
  raw_send (&world->b, raw_open (&world->b, BYTES ("TC\x04\0"), control), result);
  expect_code (&world->a, RTMFP_NET_CONNECTED, ""); /* a result that says nothing */
  /* one more may come and go: the first is the canonical one */
  const RtmfpId more = raw_open (&world->b, BYTES ("TC\x04\0"), control);
  raw_send (&world->b, more,
            BYTES ("\x14\0\0\0\0\x02\0\x01"
                   "f\0\0\0\0\0\0\0\0\0\x05"));
  told_free (expect (&world->a, RTMFP_NET_CALL));
  rtmfp_endpoint_close_flow (world->b.endpoint, more, world->now_us);
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (told_count (&world->a, RTMFP_NET_DISCONNECTED), ==, 0);
  /* streams of the server's are for later: their flows are rejected */
  raw_send (&world->b, raw_open (&world->b, BYTES ("TC\x04\x05"), control), BYTES ("x"));
  raw_free (raw_expect (&world->b, RTMFP_EVENT_FLOW_EXCEPTION));
  world_free (world);
}

/* s5.3.3: setPeerInfo follows a success, and no error. */
static void
test_nothing_after_an_error (void) {
  World *world = world_new (&(WorldOptions){.b_bare = true});
  assert_ok (
      rtmfp_net_connect (world->a.net, world->a.session, URL, NO_BYTES, NO_BYTES, world->now_us));
  RawTold *raw = raw_expect (&world->b, RTMFP_EVENT_FLOW_NEW);
  raw_accept (&world->b, raw->event.flow);
  raw_send (&world->b, raw_open (&world->b, BYTES ("TC\x04\0"), raw->event.flow),
            BYTES ("\x14\0\0\0\0\x02\0\x06_error\0\x3f\xf0\0\0\0\0\0\0\x05\x05"));
  raw_free (raw);
  told_free (expect (&world->a, RTMFP_NET_REFUSED));
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (raw_count (&world->b, RTMFP_EVENT_FLOW_MESSAGE), ==, 1);
  world_free (world);
}

static void
test_long_texts (void) {
  World *world = world_new (&with_server);
  assert_ok (
      rtmfp_net_connect (world->a.net, world->a.session, URL, NO_BYTES, NO_BYTES, world->now_us));
  told_free (expect (&world->b, RTMFP_NET_CONNECT));
  g_autofree char *text = g_strnfill (RTMFP_NET_TEXT_BYTES_MAX + 1, 'x');
  g_autofree char *code = g_strnfill (RTMFP_NET_NAME_BYTES_MAX, 'y');
  assert_ok (
      rtmfp_net_reject_connection (world->b.net, world->b.session, code, text, world->now_us));
  Told *told = expect (&world->a, RTMFP_NET_REFUSED);
  g_assert_cmpstr (told->event.code, ==, code);
  g_assert_cmpstr (told->event.text, ==, "");
  /* the values still have it */
  g_assert_true (
      rtmfp_amf_is_text (rtmfp_amf_get (told->event.values[0].value, "description"), text));
  told_free (told);
  world_free (world);
}

static void
test_lossy (void) {
  for (guint32 seed = 1; seed <= 20; seed++) {
    World *world = world_new (&(WorldOptions){.server = true, .keeps_closed = true});
    g_test_message ("seed %u", seed);
    g_rand_set_seed (world->rand, seed);
    world->loss_permille = 200;
    world_open (world);
    connect_up (world);
    told_free (expect (&world->b, RTMFP_NET_PEER_INFO));
    rtmfp_net_close (world->a.net, world->a.session, world->now_us);
    told_free (expect (&world->a, RTMFP_NET_DISCONNECTED));
    told_free (expect (&world->b, RTMFP_NET_DISCONNECTED));
    world_free (world);
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/connect/accepted", test_accepted);
  g_test_add_func ("/net/connect/one-connection-for-a-certificate", test_one_connection);
  g_test_add_func ("/net/connect/refused", test_refused);
  g_test_add_func ("/net/connect/refused-where-no-server-is", test_no_server);
  g_test_add_func ("/net/connect/bad-urls", test_bad_urls);
  g_test_add_func ("/net/connect/second-connect-is-an-error", test_second_connect);
  g_test_add_func ("/net/connect/calls-before-are-errors", test_calls_before_connect);
  g_test_add_func ("/net/peer-info/addresses-and-nat", test_peer_info);
  g_test_add_func ("/net/peer-info/from-a-hostile-client", test_hostile_peer_info);
  g_test_add_func ("/net/keepalive/clamped-and-obeyed", test_keepalive);
  g_test_add_func ("/net/close/by-client", test_close_by_client);
  g_test_add_func ("/net/close/by-server", test_close_by_server);
  g_test_add_func ("/net/close/session-closed", test_session_closed);
  g_test_add_func ("/net/close/session-closed-while-connecting", test_closed_while_connecting);
  g_test_add_func ("/net/close/control-flow-rejected", test_control_flow_rejected);
  g_test_add_func ("/net/peer-info/none-after-an-error", test_nothing_after_an_error);
  g_test_add_func ("/net/connect/long-texts", test_long_texts);
  g_test_add_func ("/net/connect/return-control-flows", test_return_control_flows);
  g_test_add_func ("/net/connect/with-losses", test_lossy);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is let in, who is introduced to whom, and calls between clients. RFC 7425 s5.3, s5.4.1. */
#include "tests/media-server/studio.h"

#include <string.h>

static void
call (Client *client, const char *name, const char *first, double second) {
  RtmfpBuffer args = {0};
  if (first != NULL) {
    rtmfp_amf_write_text (&args, first);
  }
  rtmfp_amf_write_number (&args, second);
  RtmfpId id;
  assert_ok (rtmfp_net_call (client->net, client->session, name, rtmfp_buffer_bytes (&args), true,
                             client->studio->now_us, &id));
  rtmfp_buffer_clear (&args);
}

static void
test_connect (void) {
  Studio *studio = studio_new ();
  Client *client = client_in (studio, 1, "live/one/?key=value");
  client_expect (client, "keepalive 20000 25000");
  client_in (studio, 2, "chat");
  const char *const others[] = {"", "livestream", "other/live", "/live"};
  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    Client *other = client_new (studio, (guint8)(10 + i), NULL);
    client_connect (other, others[i]);
    client_expect (other, "refused NetConnection.Connect.InvalidApp");
    client_expect (other, "closed");
  }
  Client *large = client_new (studio, 20, NULL);
  g_autofree char *name = g_strdup_printf ("live/%0*d", AHOY_APP_BYTES_MAX, 0);
  client_connect (large, name);
  client_expect (large, "refused NetConnection.Connect.InvalidApp");
  g_assert_cmpuint (studio_counters (studio).connected, ==, 2);
  g_assert_cmpuint (studio_counters (studio).refused, ==, G_N_ELEMENTS (others) + 1);
  studio_free (studio);
}

static void
test_idlers (void) {
  Studio *studio = studio_new ();
  Client *idler = client_new (studio, 1, NULL);
  Client *client = client_in (studio, 2, "live");
  studio_run (studio, AHOY_CONNECT_TIMEOUT_US + G_USEC_PER_SEC);
  client_expect (idler, "closed");
  g_assert_cmpuint (client_count (client, "closed"), ==, 0);
  ahoy_media_server_stop (studio->server, studio->now_us);
  client_expect (client, "closed");
  studio_run (studio, 60 * G_USEC_PER_SEC);
  g_assert_cmpuint (studio_counters (studio).guests, ==, 0);
  studio_free (studio);
}

/* Addresses of one network, IPv4. */
static void
test_guests_are_bounded (void) {
  Studio *studio = studio_new ();
  for (int i = 0; i < AHOY_GUESTS_PER_IP_MAX; i++) {
    Client *client = client_new (studio, 1, NULL);
    client->deaf = true; /* what goes there is for nobody */
  }
  g_assert_cmpuint (studio_counters (studio).guests, ==, AHOY_GUESTS_PER_IP_MAX);
  Client *last = client_new (studio, 1, NULL);
  client_expect (last, "closed");
  studio_free (studio);
}

/* ---- Introductions ---- */

static void
test_introduction (void) {
  Studio *studio = studio_new ();
  Client *a = client_in (studio, 1, "live");
  Client *b = client_in (studio, 2, "live");
  RtmfpId publication, stream;
  assert_ok (rtmfp_net_publish (b->net, 0, "direct", &publication));
  client_seek (a, b);
  client_expect (a, "met");
  client_expect (b, "met");
  assert_ok (rtmfp_net_play (a->net, a->met, "direct", NO_BYTES, studio->now_us, &stream));
  g_assert_cmpuint (studio_counters (studio).hellos_forwarded, >, 0);
  g_assert_cmpuint (studio_counters (studio).hellos_dropped, ==, 0);
  studio_free (studio);
}

/* Flash Player's kind: static keys of 1,024 bits, a checksum, nothing that no RFC has. */
static void
test_old_clients (void) {
  static const RtmfpIdentityConfig old = {.groups = RTMFP_GROUP_2,
                                          .static_keys = true,
                                          .accept = RTMFP_ACCEPT_ANYONE,
                                          .rfc_only = true};
  Studio *studio = studio_new ();
  Client *a = client_new (studio, 1, &old);
  Client *b = client_new (studio, 2, &old);
  Client *both[] = {a, b};
  for (int i = 0; i < 2; i++) {
    client_connect (both[i], "live");
    client_expect (both[i], "connected");
    client_create_stream (both[i]);
  }
  assert_ok (rtmfp_net_stream_publish (a->net, a->stream, "show", "live", studio->now_us));
  client_expect (a, "status NetStream.Publish.Start");
  assert_ok (rtmfp_net_stream_play (b->net, b->stream, "show", NO_BYTES, studio->now_us));
  client_expect (b, "status NetStream.Play.Start");
  client_send (a, RTMFP_MEDIA_VIDEO, 5, BYTES ("\x17\x01k"));
  client_expect (b, "video 5 <17><01>k");
  client_seek (b, a);
  client_expect (b, "met");
  client_expect (a, "met");
  studio_free (studio);
}

static void
test_no_introduction (void) {
  Studio *studio = studio_new ();
  Client *a = client_in (studio, 1, "live");
  Client *elsewhere = client_in (studio, 2, "live/two");
  Client *waiting = client_new (studio, 3, NULL);
  client_seek (a, elsewhere); /* of another instance */
  client_seek (a, waiting);   /* not connected */
  client_seek (waiting, a);   /* likewise */
  client_seek (a, a);         /* itself */
  studio_run (studio, 10 * G_USEC_PER_SEC);
  const AhoyMediaServerCounters counters = studio_counters (studio);
  g_assert_cmpuint (counters.hellos_forwarded, ==, 0);
  g_assert_cmpuint (counters.hellos_dropped, >=, 4);
  g_assert_cmpuint (client_count (a, "met") + client_count (waiting, "met"), ==, 0);
  /* whoever has the same IP address and another port is somebody else */
  Client *b = client_in (studio, 4, "live");
  Client *forger = client_new (studio, 5, NULL);
  forger->address = a->address;
  forger->address.port++;
  client_seek (forger, b);
  studio_run (studio, 10 * G_USEC_PER_SEC);
  g_assert_cmpuint (studio_counters (studio).hellos_forwarded, ==, 0);
  studio_free (studio);
}

static void
test_hellos_are_limited (void) {
  Studio *studio = studio_new ();
  Client *a = client_in (studio, 1, "live");
  Client *b = client_in (studio, 2, "live");
  b->deaf = true; /* the introductions come to nothing, so all are asked for again */
  for (int i = 0; i < 200; i++) {
    client_seek (a, b);
    studio_run (studio, 20000);
    rtmfp_endpoint_close (a->endpoint, a->met, true, studio->now_us);
  }
  const AhoyMediaServerCounters counters = studio_counters (studio);
  g_assert_cmpuint (counters.rate_limited, >, 0);
  g_assert_cmpuint (counters.hellos_forwarded, <=, AHOY_GUEST_HELLO_BURST + 20);
  studio_free (studio);
}

/* A newer session of the same certificate is the one that is meant. */
static void
test_moved (void) {
  Studio *studio = studio_new ();
  Client *a = client_in (studio, 1, "live");
  Client *b = client_in (studio, 2, "live");
  b->address = rtmfp_address_ipv4 (10, 0, 0, 9, 50000); /* its NAT started again */
  rtmfp_endpoint_ping (b->endpoint, b->session, studio->now_us);
  studio_run (studio, 5 * G_USEC_PER_SEC);
  client_seek (a, b);
  client_expect (a, "met");
  client_expect (b, "met");
  studio_free (studio);
}

/* s5.3.3: a client is also where it said that it is. */
static void
test_told_address (void) {
  Studio *studio = studio_new ();
  Client *a = client_in (studio, 1, "live");
  Client *b = client_in (studio, 2, "live");
  const RtmfpAddress told = rtmfp_address_ipv4 (10, 0, 0, 9, 50000);
  rtmfp_net_set_peer_info (b->net, &told, 1, studio->now_us);
  studio_run (studio, 5 * G_USEC_PER_SEC);
  b->address = told; /* and nowhere else; the server has not heard from it there */
  client_seek (a, b);
  client_expect (a, "met");
  studio_free (studio);
}

/* ---- Calls ---- */

static void
test_relay (void) {
  Studio *studio = studio_new ();
  Client *a = client_in (studio, 1, "live");
  Client *b = client_in (studio, 2, "live");
  Client *elsewhere = client_in (studio, 3, "chat");
  call (a, "relay", b->id, 7);
  client_expect (a, "result");
  g_autofree char *line = g_strdup_printf ("call onRelay %s 7", a->id);
  client_expect (b, line);
  call (a, "relay", elsewhere->id, 7);
  client_expect (a, "error NetConnection.Call.Failed");
  call (a, "relay", "nobody", 7);
  client_expect (a, "error NetConnection.Call.Failed");
  g_autofree char *text = g_strnfill (AHOY_RELAY_BYTES_MAX, 'x');
  call (a, "broadcast", text, 8);
  client_expect (a, "error NetConnection.Call.Failed");
  call (a, "broadcast", "all", 8);
  g_autofree char *all = g_strdup_printf ("call onRelay %s all 8", a->id);
  client_expect (a, all);
  client_expect (b, all);
  g_assert_cmpuint (client_count (elsewhere, "call"), ==, 0);
  call (a, "FCPublish", "x", 0);
  client_expect (a, "result");
  call (a, "unheardOf", "x", 0);
  client_expect (a, "error NetConnection.Call.Failed");
  studio_free (studio);
}

static void
test_watch (void) {
  Studio *studio = studio_new ();
  Client *a = client_in (studio, 1, "live");
  Client *b = client_in (studio, 2, "live");
  Client *elsewhere = client_in (studio, 3, "chat");
  g_autofree char *gone = g_strdup_printf ("call onDisconnected %s", b->id);
  g_autofree char *absent = g_strdup_printf ("call onDisconnected %s", elsewhere->id);
  call (a, "watch", b->id, 0);
  call (a, "watch", b->id, 0); /* twice is once */
  call (b, "watch", a->id, 0);
  call (a, "watch", elsewhere->id, 0); /* as if it were not there */
  client_expect (a, absent);
  studio_run (studio, G_USEC_PER_SEC);
  g_assert_cmpuint (client_count (a, "call onDisconnected"), ==, 0);
  rtmfp_net_close (b->net, b->session, studio->now_us);
  client_expect (a, gone);
  studio_run (studio, G_USEC_PER_SEC);
  g_assert_cmpuint (client_count (a, "call onDisconnected"), ==, 0);
  call (a, "watch", "x", 0);
  client_expect (a, "error NetConnection.Call.Failed");
  studio_free (studio);
}

static void
test_watches_are_bounded (void) {
  Studio *studio = studio_new ();
  Client *a = client_in (studio, 1, "live");
  for (int i = 0; i <= AHOY_WATCHES_MAX; i++) {
    Client *other = client_in (studio, (guint8)(2 + i), "live");
    call (a, "watch", other->id, 0);
    client_expect (a, i < AHOY_WATCHES_MAX ? "result" : "error NetConnection.Call.Failed");
  }
  studio_free (studio);
}

/* Who exceeds the rate of what goes to others is told so, who exceeds that of all is closed. */
static void
test_rates (void) {
  Studio *studio = studio_new ();
  Client *a = client_in (studio, 1, "live");
  Client *b = client_in (studio, 2, "live");
  for (int i = 0; i < AHOY_BROADCAST_BURST; i++) {
    call (b, "broadcast", "x", 0);
    client_expect (b, "result");
  }
  call (b, "broadcast", "x", 0);
  client_expect (b, "error NetConnection.Call.Failed");
  for (int i = 0; i <= AHOY_RELAY_BURST; i++) {
    call (b, "relay", a->id, 0);
  }
  client_expect (b, "error NetConnection.Call.Failed");
  for (int i = 0; i <= 2 * AHOY_GUEST_COMMAND_BURST; i++) {
    assert_ok (
        rtmfp_net_call (a->net, a->session, "FCPublish", NO_BYTES, false, studio->now_us, NULL));
  }
  client_expect (a, "closed");
  g_assert_cmpuint (studio_counters (studio).rate_limited, >=, 3);
  studio_free (studio);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/media-server/guests/connect", test_connect);
  g_test_add_func ("/media-server/guests/idlers-and-the-end", test_idlers);
  g_test_add_func ("/media-server/guests/bounded-for-an-address", test_guests_are_bounded);
  g_test_add_func ("/media-server/guests/introduced", test_introduction);
  g_test_add_func ("/media-server/guests/old-clients", test_old_clients);
  g_test_add_func ("/media-server/guests/not-introduced", test_no_introduction);
  g_test_add_func ("/media-server/guests/introductions-are-limited", test_hellos_are_limited);
  g_test_add_func ("/media-server/guests/found-after-a-move", test_moved);
  g_test_add_func ("/media-server/guests/found-where-it-told", test_told_address);
  g_test_add_func ("/media-server/guests/relay-and-broadcast", test_relay);
  g_test_add_func ("/media-server/guests/watch", test_watch);
  g_test_add_func ("/media-server/guests/watches-are-bounded", test_watches_are_bounded);
  g_test_add_func ("/media-server/guests/rates", test_rates);
  return g_test_run ();
}

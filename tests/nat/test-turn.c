/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One allocation, against a server in memory, on a clock of our own. */
#include "app/nat/relayed.h"
#include "app/nat/turn.h"
#include "tests/nat/turn-server.h"

#include <string.h>

#define SECOND INT64_C (1000000)

typedef struct {
  AppTurn *turn;
  TurnServer server;
  int64_t now_us;
  gboolean is_dead; /* the server hears nothing */
  guint sent;       /* messages to it */
  uint8_t last[APP_TURN_MESSAGE_BYTES_MAX];
  size_t last_size;
  AppTurnData data;
  guint data_count;
} World;

static World *
world_new (gboolean is_stream, const char *password) {
  World *world = g_new0 (World, 1);
  world->now_us = SECOND;
  turn_server_init (&world->server);
  const AppTurnCredential credential = {
      .user = TURN_USER, .password = password, .origin = "ahoy://test"};
  world->turn = app_turn_new (is_stream, &credential, world->now_us);
  return world;
}

static void
world_free (World *world) {
  app_turn_free (world->turn);
  g_free (world);
}

static void
give (World *world, const uint8_t *bytes, size_t size) {
  world->data_count += app_turn_receive (world->turn, bytes, size, world->now_us, &world->data);
}

static void
settle (World *world) {
  uint8_t answer[1500];
  while ((world->last_size = app_turn_poll_transmit (world->turn, world->last)) > 0) {
    world->sent++;
    const size_t size = world->is_dead ? 0
                                       : turn_server_receive (&world->server, world->last,
                                                              world->last_size, answer);
    if (size > 0) {
      give (world, answer, size);
    }
  }
}

static void
run (World *world, int64_t for_us) {
  const int64_t end_us = world->now_us + for_us;
  settle (world);
  while (app_turn_deadline (world->turn) <= end_us) {
    world->now_us = MAX (world->now_us, app_turn_deadline (world->turn));
    app_turn_advance (world->turn, world->now_us);
    settle (world);
  }
  world->now_us = end_us;
}

static void
expect (World *world, AppTurnState state) {
  g_assert_cmpint (app_turn_state (world->turn), ==, state);
}

static const RtmfpAddress peer = {RTMFP_ADDRESS_IPV4, 0, 4000, {198, 51, 100, 7}};

static void
say (World *world, const RtmfpAddress *to, const char *text) {
  app_turn_send (world->turn, to, (const uint8_t *)text, strlen (text), world->now_us);
}

static World *
ready (void) {
  World *world = world_new (FALSE, TURN_PASSWORD);
  run (world, SECOND);
  expect (world, APP_TURN_READY);
  return world;
}

static void
test_allocates (void) {
  World *world = ready ();
  g_assert_true (rtmfp_address_equal (app_turn_relayed (world->turn), &world->server.relayed));
  g_assert_cmpuint (app_turn_relayed (world->turn)->origin, ==, RTMFP_ORIGIN_RELAY);
  g_assert_cmpuint (world->server.requests, ==, 2); /* the challenge, then the credential */
  world_free (world);
}

static void
test_carries (void) {
  World *world = ready ();
  uint8_t bytes[1500];
  say (world, &peer, "hello");
  settle (world);
  g_assert_cmpuint (world->server.peer_count, ==, 1);
  g_assert_true (rtmfp_address_equal (&world->server.peers[0], &peer));
  say (world, &peer, "again");
  g_assert_cmpuint (app_turn_poll_transmit (world->turn, bytes), ==, 4 + 5);
  g_assert_cmpuint (bytes[0] << 8 | bytes[1], ==, world->server.channels[0]);
  g_assert_cmpmem (bytes + 4, 5, "again", 5);
  give (world, bytes, 9); /* as the server would */
  g_assert_cmpuint (world->data_count, ==, 1);
  g_assert_true (rtmfp_address_equal (&world->data.from, &peer));
  g_assert_cmpmem (world->data.bytes, world->data.size, "again", 5);
  const RtmfpAddress other = rtmfp_address_ipv4 (198, 51, 100, 8, 9);
  give (world, bytes, turn_server_indicate (&world->server, &other, "from elsewhere", bytes));
  g_assert_cmpuint (world->data_count, ==, 2);
  g_assert_true (rtmfp_address_equal (&world->data.from, &other));
  g_assert_cmpmem (world->data.bytes, world->data.size, "from elsewhere", 14);
  world_free (world);
}

/* Private addresses are none of a public relay's. */
static void
test_private_peers (void) {
  World *world = ready ();
  const RtmfpAddress home = rtmfp_address_ipv4 (192, 168, 1, 2, 4000);
  say (world, &home, "hello");
  settle (world);
  g_assert_cmpuint (world->server.peer_count, ==, 0);
  world_free (world);
}

static void
test_stream_pads (void) {
  World *world = world_new (TRUE, TURN_PASSWORD);
  uint8_t bytes[1500];
  run (world, SECOND);
  say (world, &peer, "hello");
  settle (world);
  say (world, &peer, "again");
  g_assert_cmpuint (app_turn_poll_transmit (world->turn, bytes), ==, 4 + 8);
  g_assert_cmpuint (app_turn_frame_size (bytes, 4), ==, 12);
  g_assert_cmpuint (app_turn_frame_size (bytes, 3), ==, 0);
  bytes[0] = 0xff;
  g_assert_cmpuint (app_turn_frame_size (bytes, 4), ==, SIZE_MAX);
  world_free (world);
}

static void
test_wrong_password (void) {
  World *world = world_new (FALSE, "wrong");
  run (world, 60 * SECOND);
  expect (world, APP_TURN_REFUSED);
  g_assert_cmpint (app_turn_code (world->turn), ==, STUN_ERROR_UNAUTHORIZED);
  g_assert_cmpuint (world->server.requests, ==, 2);
  world_free (world);
}

static void
test_no_room (void) {
  World *world = world_new (FALSE, TURN_PASSWORD);
  world->server.refuses = STUN_ERROR_ALLOCATION_QUOTA_REACHED;
  run (world, 60 * SECOND);
  expect (world, APP_TURN_FAILED);
  g_assert_cmpint (app_turn_code (world->turn), ==, STUN_ERROR_ALLOCATION_QUOTA_REACHED);
  g_assert_null (app_turn_relayed (world->turn));
  world_free (world);
}

static void
test_silent (void) {
  World *world = world_new (FALSE, TURN_PASSWORD);
  world->is_dead = TRUE;
  run (world, 60 * SECOND);
  expect (world, APP_TURN_SILENT);
  g_assert_cmpuint (world->sent, ==, APP_TURN_TRIES);
  world_free (world);
}

static void
test_stale_nonce (void) {
  World *world = ready ();
  world->server.nonce = "two";
  say (world, &peer, "hello");
  run (world, SECOND);
  g_assert_cmpuint (world->server.peer_count, ==, 1);
  expect (world, APP_TURN_READY);
  world_free (world);
}

/* One nonce after another: that ends. */
static void
test_endless_challenges (void) {
  World *world = ready ();
  static const char *const nonces[] = {"a", "b"};
  const guint before = world->server.requests;
  uint8_t answer[1500];
  app_turn_check (world->turn, world->now_us);
  for (guint i = 0; i < 50; i++) {
    const size_t size = app_turn_poll_transmit (world->turn, world->last);
    world->server.nonce = nonces[i % 2];
    if (size > 0) {
      give (world, answer, turn_server_receive (&world->server, world->last, size, answer));
    }
  }
  expect (world, APP_TURN_REFUSED);
  g_assert_cmpuint (world->server.requests - before, <=, APP_TURN_CHALLENGES_MAX + 2);
  world_free (world);
}

/* It was restarted: what is sent vanishes, so the allocation is looked after. */
static void
test_restarted (void) {
  World *world = ready ();
  say (world, &peer, "hello");
  settle (world);
  world->server.has_allocation = FALSE;
  world->now_us += SECOND / 10;
  say (world, &peer, "anybody there?");
  run (world, APP_TURN_SILENT_US + SECOND / 10);
  expect (world, APP_TURN_GONE);
  world_free (world);
}

static void
test_dies (void) {
  World *world = ready ();
  world->is_dead = TRUE;
  say (world, &peer, "hello");
  run (world, 5 * SECOND);
  expect (world, APP_TURN_SILENT);
  world_free (world);
}

static void
test_stays (void) {
  World *world = ready ();
  say (world, &peer, "hello");
  settle (world);
  for (guint i = 0; i < 60; i++) {
    say (world, &peer, "still here");
    run (world, 60 * SECOND);
  }
  expect (world, APP_TURN_READY);
  g_assert_cmpuint (world->server.peer_count, >=, 60 * 60 / 300); /* before permissions end */
  world_free (world);
}

static void
test_refused_peer (void) {
  World *world = ready ();
  world->server.refuses_peers = STUN_ERROR_FORBIDDEN;
  const guint before = world->server.requests;
  for (guint i = 0; i < 200; i++) {
    say (world, &peer, "hello");
    settle (world);
    world->now_us += SECOND / 20;
  }
  g_assert_cmpuint (world->server.requests - before, ==, 1); /* 10 s: not asked for again */
  expect (world, APP_TURN_READY);
  world_free (world);
}

/* An answer of somebody who has not the password changes nothing. */
static void
test_forged (void) {
  World *world = ready ();
  uint8_t message[APP_TURN_MESSAGE_BYTES_MAX], answer[1500];
  say (world, &peer, "hello");
  const size_t size = app_turn_poll_transmit (world->turn, message);
  size_t answered = turn_server_receive (&world->server, message, size, answer);
  answer[answered - 1] ^= 1; /* the last octet of MESSAGE-INTEGRITY */
  give (world, answer, answered);
  say (world, &peer, "again");
  g_assert_cmpuint (app_turn_poll_transmit (world->turn, message), ==, 0); /* no channel yet */
  answer[answered - 1] ^= 1;
  give (world, answer, answered);
  g_assert_cmpuint (app_turn_poll_transmit (world->turn, message), >, 0);
  /* Data of a channel that nobody bound, and with a length that lies. */
  const uint8_t stray[] = {0x4f, 0xff, 0, 4, 'n', 'o', 'n', 'e'};
  give (world, stray, sizeof stray);
  const uint8_t lies[] = {0x40, 0, 0xff, 0xff, 'n', 'o', 'n', 'e'};
  give (world, lies, sizeof lies);
  g_assert_cmpuint (world->data_count, ==, 0);
  world_free (world);
}

static void
test_bounds (void) {
  World *world = ready ();
  world->is_dead = TRUE;
  for (guint i = 0; i < 4 * APP_TURN_PEERS_MAX; i++) {
    const RtmfpAddress other = rtmfp_address_ipv4 (198, 51, 100, 8, (uint16_t)(1000 + i));
    for (guint k = 0; k < 4 * APP_TURN_HELD_MAX; k++) {
      say (world, &other, "hello");
    }
  }
  settle (world);
  g_assert_cmpuint (world->sent, <=, APP_TURN_PEERS_MAX + APP_TURN_QUEUE_MAX);
  world->is_dead = FALSE;
  for (guint i = 0; i < 30; i++) { /* until requests that nobody heard are given up */
    say (world, &peer, "hello");
    run (world, SECOND);
  }
  for (guint i = 0; i < 4 * APP_TURN_QUEUE_MAX; i++) {
    say (world, &peer, "more than anybody carries");
  }
  world->sent = 0;
  settle (world);
  g_assert_cmpuint (world->sent, ==, APP_TURN_QUEUE_MAX);
  world_free (world);
}

static World *
ready_with (TurnFamilies families) {
  World *world = world_new (FALSE, TURN_PASSWORD);
  world->server.families = families;
  run (world, SECOND);
  expect (world, APP_TURN_READY);
  return world;
}

/* Peers of a family are reached where the relay has an address of it. */
static void
test_families (void) {
  static const uint8_t ip[16] = {0x20, 1, 0x0d, 0xb8, [15] = 7};
  const RtmfpAddress peer6 = rtmfp_address_ipv6 (ip, 4000);
  static const struct {
    TurnFamilies families;
    guint requests; /* the challenge, refused families, the one that is taken */
    RtmfpAddressFamily told;
    guint peers;
  } cases[] = {{TURN_IPV4, 2, RTMFP_ADDRESS_IPV4, 1},
               {TURN_BOTH, 2, RTMFP_ADDRESS_IPV4, 2},
               {TURN_IPV4_ONE, 3, RTMFP_ADDRESS_IPV4, 1},
               {TURN_IPV6, 4, RTMFP_ADDRESS_IPV6, 1}};
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    World *world = ready_with (cases[i].families);
    g_assert_cmpuint (world->server.requests, ==, cases[i].requests);
    g_assert_cmpuint (app_turn_relayed (world->turn)->family, ==, cases[i].told);
    g_assert_cmpuint (app_turn_relayed (world->turn)->origin, ==, RTMFP_ORIGIN_RELAY);
    say (world, &peer, "by IPv4");
    say (world, &peer6, "by IPv6");
    settle (world);
    g_assert_cmpuint (world->server.peer_count, ==, cases[i].peers);
    g_assert_cmpuint (world->server.peers[cases[i].peers - 1].family, ==,
                      cases[i].families == TURN_BOTH || cases[i].families == TURN_IPV6
                          ? RTMFP_ADDRESS_IPV6
                          : RTMFP_ADDRESS_IPV4);
    world_free (world);
  }
}

static void
test_origin (void) {
  World *world = ready ();
  g_assert_cmpstr (world->server.origin, ==, "ahoy://test");
  world_free (world);
}

static void
test_read_relayed (void) {
  AppTurnRelayed relayed;
  /* RFC 5769 s2.2 and s2.3: 192.0.2.1 port 32853 and 2001:db8:1234:5678:11:2233:4455:6677. */
  uint8_t message[56] = {1,    3,    0,    36,   0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01,
                         0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0,    0x16, 0,    8,
                         0,    1,    0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43, 0,    0x16, 0,    20,
                         0,    2,    0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa, 0xa5, 0xd3, 0xf1, 0x79,
                         0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9};
  char text[RTMFP_ADDRESS_TEXT_SIZE];
  g_assert_true (app_turn_read_relayed (message, sizeof message, &relayed));
  rtmfp_address_format (&relayed.ipv4, text);
  g_assert_cmpstr (text, ==, "192.0.2.1:32853");
  rtmfp_address_format (&relayed.ipv6, text);
  g_assert_cmpstr (text, ==, "[2001:db8:1234:5678:11:2233:4455:6677]:32853");
  for (gsize size = 0; size < sizeof message; size++) {
    g_assert_cmpint (app_turn_read_relayed (message, size, &relayed), ==, size >= 32);
    g_assert_cmpuint (relayed.ipv6.family, ==, RTMFP_ADDRESS_NONE);
  }
  message[25] = 3; /* no family */
  g_assert_true (app_turn_read_relayed (message, sizeof message, &relayed));
  g_assert_cmpuint (relayed.ipv4.family, ==, RTMFP_ADDRESS_NONE);
  message[35] = 8; /* IPv6 with the length of IPv4 */
  g_assert_false (app_turn_read_relayed (message, 44, &relayed));
}

static void
test_ends (void) {
  World *world = ready ();
  const guint before = world->server.requests;
  app_turn_end (world->turn, world->now_us);
  settle (world);
  g_assert_cmpuint (world->server.requests, ==, before + 1);
  world_free (world);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/nat/turn/allocates", test_allocates);
  g_test_add_func ("/nat/turn/carries", test_carries);
  g_test_add_func ("/nat/turn/leaves-private-addresses-alone", test_private_peers);
  g_test_add_func ("/nat/turn/pads-on-a-stream", test_stream_pads);
  g_test_add_func ("/nat/turn/refused/wrong-password", test_wrong_password);
  g_test_add_func ("/nat/turn/refused/no-room", test_no_room);
  g_test_add_func ("/nat/turn/refused/peer", test_refused_peer);
  g_test_add_func ("/nat/turn/refused/endless-challenges", test_endless_challenges);
  g_test_add_func ("/nat/turn/silent/from-the-start", test_silent);
  g_test_add_func ("/nat/turn/silent/later", test_dies);
  g_test_add_func ("/nat/turn/stale-nonce", test_stale_nonce);
  g_test_add_func ("/nat/turn/gone-with-a-restart", test_restarted);
  g_test_add_func ("/nat/turn/stays-for-an-hour", test_stays);
  g_test_add_func ("/nat/turn/takes-no-forged-answer", test_forged);
  g_test_add_func ("/nat/turn/bounds", test_bounds);
  g_test_add_func ("/nat/turn/families", test_families);
  g_test_add_func ("/nat/turn/origin", test_origin);
  g_test_add_func ("/nat/turn/reads-relayed-addresses", test_read_relayed);
  g_test_add_func ("/nat/turn/gives-back", test_ends);
  return g_test_run ();
}

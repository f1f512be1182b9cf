/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When a relay is wanted, what is told of it, and that nothing goes straight where a person wants
 * it so; and how the pictures of a call are followed. */
#include "core/agent/agent-private.h"
#include "core/agent/media-path.h"
#include "core/rendezvous/internal.h"
#include "tests/agent/world.h"

#define PASSWORD "correct horse battery"

typedef struct {
  World *world;
  WorldPerson *anna, *bert;
} Pair;

static gboolean
is_online (gpointer data) {
  return ((WorldPerson *)data)->state == AHOY_AGENT_ONLINE;
}

static WorldPerson *
add_online (World *world, const char *user) {
  WorldPerson *person = world_add (world, user, AHOY_ENTRY_CREATE, PASSWORD);
  g_assert_true (world_until (world, is_online, person, 10 * WORLD_SECOND));
  return person;
}

static Pair
make_pair (guint64 seed, const char *relays) {
  Pair pair = {.world = world_new (seed, true)};
  if (relays != NULL) {
    world_stop_server (pair.world);
    pair.world->server_config.relays = relays;
    pair.world->server_config.relay_secret = rtmfp_bytes ("north", 5);
    pair.world->server_config.relay_seconds = 600;
    world_start_server (pair.world);
  }
  pair.anna = add_online (pair.world, "anna");
  pair.bert = add_online (pair.world, "bert");
  world_befriend (pair.anna, pair.bert);
  return pair;
}

static gboolean
rings (gpointer data) {
  return world_call (data).state == AHOY_CALL_INCOMING;
}

static gboolean
is_secured (gpointer data) {
  return world_call (data).state == AHOY_CALL_SECURED;
}

static void
call (Pair *pair) {
  const AhoyName bert = world_name (pair->world, "bert");
  g_assert_cmpint (ahoy_agent_call (pair->anna->agent, &bert, true, pair->world->now_us), ==,
                   RTMFP_OK);
  g_assert_true (world_until (pair->world, rings, pair->bert, 10 * WORLD_SECOND));
  g_assert_cmpint (ahoy_agent_accept (pair->bert->agent, true, pair->world->now_us), ==, RTMFP_OK);
}

static void
test_access (void) {
  Pair pair = make_pair (1, "turn.example.org");
  const AhoyAgent *anna = pair.anna->agent;
  g_assert_cmpstr (anna->relay.servers, ==, "turn.example.org");
  g_assert_cmpstr (anna->relay.username, !=, pair.bert->agent->relay.username);
  g_assert_false (anna->relay_wanted); /* nobody calls */
  /* It is renewed at half of its life. */
  g_autofree char *before = g_strdup (anna->relay.username);
  world_run (pair.world, 320 * WORLD_SECOND);
  g_assert_cmpstr (anna->relay.username, !=, before);
  /* Refused before that, it is asked for at once, and then not again for a while. */
  g_autofree char *renewed = g_strdup (anna->relay.username);
  world_run (pair.world, 60 * WORLD_SECOND);
  ahoy_agent_relay_refused (pair.anna->agent, pair.world->now_us);
  world_run (pair.world, WORLD_SECOND);
  g_assert_cmpstr (anna->relay.username, !=, renewed);
  g_autofree char *again = g_strdup (anna->relay.username);
  world_run (pair.world, 2 * WORLD_SECOND);
  ahoy_agent_relay_refused (pair.anna->agent, pair.world->now_us);
  world_run (pair.world, 2 * WORLD_SECOND);
  g_assert_cmpstr (anna->relay.username, ==, again);
  world_free (pair.world);
}

static void
test_none (void) {
  Pair pair = make_pair (2, NULL);
  call (&pair);
  g_assert_true (world_until (pair.world, is_secured, pair.anna, 10 * WORLD_SECOND));
  g_assert_cmpstr (pair.anna->agent->relay.servers, ==, "");
  g_assert_false (pair.anna->agent->relay_wanted);
  world_free (pair.world);
}

static void
test_wanted_in_calls (void) {
  Pair pair = make_pair (3, "turn.example.org");
  call (&pair);
  g_assert_true (world_until (pair.world, is_secured, pair.anna, 10 * WORLD_SECOND));
  g_assert_true (pair.anna->agent->relay_wanted);
  g_assert_true (pair.bert->agent->relay_wanted);
  g_assert_cmpint (ahoy_agent_hang_up (pair.anna->agent, pair.world->now_us), ==, RTMFP_OK);
  world_run (pair.world, AHOY_AGENT_RELAY_LINGER_US / 2);
  g_assert_true (pair.anna->agent->relay_wanted); /* another call may come */
  world_run (pair.world, AHOY_AGENT_RELAY_LINGER_US);
  g_assert_false (pair.anna->agent->relay_wanted);
  world_free (pair.world);
}

/* Where the server cannot be reached straight, the relay may do. */
static void
test_wanted_while_away (void) {
  Pair pair = make_pair (4, "turn.example.org");
  world_stop_server (pair.world);
  world_run (pair.world, 60 * WORLD_SECOND);
  g_assert_true (pair.anna->agent->relay_wanted);
  world_start_server (pair.world);
  g_assert_true (world_until (pair.world, is_online, pair.anna, 60 * WORLD_SECOND));
  world_run (pair.world, 2 * AHOY_AGENT_RELAY_LINGER_US);
  g_assert_false (pair.anna->agent->relay_wanted);
  world_free (pair.world);
}

/* Who has no access, or one that is refused, and does not reach the server: what anybody may try.
 */
static void
test_first (void) {
  Pair pair = make_pair (7, "turn.example.org");
  AhoyAgent *anna = pair.anna->agent;
  ahoy_agent_relay_refused (anna, pair.world->now_us);
  g_assert_false (anna->relay.is_first); /* on line one asks */
  world_stop_server (pair.world);
  world_run (pair.world, 30 * WORLD_SECOND);
  g_assert_true (anna->relay_wanted);
  g_assert_cmpstr (anna->relay.servers, ==, "turn.example.org");
  ahoy_agent_relay_refused (anna, pair.world->now_us);
  g_assert_true (anna->relay.is_first);
  g_assert_cmpstr (anna->relay.servers, ==, pair.world->host.host);
  const RtmfpAddress relayed = rtmfp_address_ipv4 (203, 0, 113, 7, 50000);
  ahoy_agent_relayed (anna, &relayed, pair.world->now_us);
  world_start_server (pair.world);
  g_assert_true (world_until (pair.world, is_online, pair.anna, 60 * WORLD_SECOND));
  world_run (pair.world, 5 * WORLD_SECOND);
  g_assert_false (anna->relay.is_first); /* the server gave an own one */
  g_assert_cmpstr (anna->relay.servers, ==, "turn.example.org");
  /* The server tells nobody of that address: who knocks there is not let in. */
  const AhoyPerson *person = ahoy_registry_person (&pair.world->server->registry, "anna");
  AhoyDeviceId device;
  memcpy (&device, anna->config.device, sizeof device);
  const AhoyVisitor *visitor = ahoy_person_device (person, &device);
  g_assert_nonnull (visitor);
  g_assert_cmpuint (visitor->relayed.family, ==, RTMFP_ADDRESS_NONE);
  ahoy_agent_relayed (anna, &relayed, pair.world->now_us); /* by the own access */
  world_run (pair.world, WORLD_SECOND);
  g_assert_true (rtmfp_address_equal (&visitor->relayed, &relayed));
  world_free (pair.world);
}

/* A server that has no relay says so; then what reached it stays. */
static void
test_first_stays (void) {
  Pair pair = make_pair (8, NULL);
  AhoyAgent *anna = pair.anna->agent;
  world_stop_server (pair.world);
  world_run (pair.world, AHOY_AGENT_RELAY_AWAY_US / 2);
  g_assert_cmpstr (anna->relay.servers, ==, "");
  world_run (pair.world, 60 * WORLD_SECOND);
  g_assert_true (anna->relay.is_first && anna->relay_wanted);
  world_start_server (pair.world);
  g_assert_true (world_until (pair.world, is_online, pair.anna, 60 * WORLD_SECOND));
  g_assert_true (anna->relay.is_first);
  world_run (pair.world, 2 * AHOY_AGENT_RELAY_LINGER_US);
  g_assert_false (anna->relay_wanted); /* it was reached straight */
  world_free (pair.world);
}

/* An address at the relay is one more interface, as long as there is one. */
static void
test_interface (void) {
  Pair pair = make_pair (5, "turn.example.org");
  const RtmfpAddress relayed = rtmfp_address_ipv4 (203, 0, 113, 7, 50000);
  AhoyAgent *anna = pair.anna->agent;
  call (&pair);
  g_assert_true (world_until (pair.world, is_secured, pair.anna, 10 * WORLD_SECOND));
  ahoy_agent_relayed (anna, &relayed, pair.world->now_us);
  world_run (pair.world, 5 * WORLD_SECOND);
  const Link *link = TAILQ_FIRST (&pair.bert->agent->links);
  g_assert_nonnull (link);
  g_assert_true (link->has_far_relay && rtmfp_address_equal (&link->far_relay, &relayed));
  ahoy_agent_relayed (anna, NULL, pair.world->now_us);
  world_run (pair.world, 5 * WORLD_SECOND);
  g_assert_cmpint (anna->relayed.family, ==, RTMFP_ADDRESS_NONE);
  g_assert_cmpint (world_call (pair.anna).state, ==, AHOY_CALL_SECURED); /* it went straight */
  world_free (pair.world);
}

/* Counts what anna says to bert. */
static int64_t
count_straight (World *world, const RtmfpAddress *from, const RtmfpAddress *to, gsize size) {
  (void)size;
  guint *count = world->user;
  *count += rtmfp_address_equal (from, &world->people[0].address) &&
            rtmfp_address_equal (to, &world->people[1].address);
  return 0;
}

/* Who wants no address shown is not reached straight any more, and ends what was. */
static void
test_privacy (void) {
  Pair pair = make_pair (6, "turn.example.org");
  call (&pair);
  g_assert_true (world_until (pair.world, is_secured, pair.anna, 10 * WORLD_SECOND));
  world_run (pair.world, 5 * WORLD_SECOND);
  ahoy_agent_set_privacy (pair.anna->agent, true, false, pair.world->now_us);
  world_run (pair.world, 3 * WORLD_SECOND);
  guint straight = 0;
  pair.world->user = &straight;
  pair.world->carry = count_straight;
  g_assert_true (TAILQ_EMPTY (&pair.anna->agent->links) || !is_secured (pair.anna));
  g_assert_true (pair.anna->agent->relay_wanted);
  world_run (pair.world, 30 * WORLD_SECOND);
  g_assert_cmpuint (straight, ==, 0);
  ahoy_agent_set_privacy (pair.anna->agent, false, false, pair.world->now_us);
  world_run (pair.world, 60 * WORLD_SECOND);
  call (&pair);
  g_assert_true (world_until (pair.world, is_secured, pair.anna, 10 * WORLD_SECOND));
  g_assert_cmpuint (straight, >, 0);
  world_free (pair.world);
}

/* ---- How pictures get through ---- */

static void
test_queue (void) {
  AhoyIncomingQueue queue = {0};
  const int64_t ms = 1000;
  g_assert_cmpint (ahoy_incoming_queue_us (&queue, 0), ==, 0);
  for (uint32_t i = 0; i < 5; i++) {
    ahoy_incoming_queue_hear (&queue, 20 * i, 1000 * ms + 20 * i * ms);
  }
  g_assert_cmpint (ahoy_incoming_queue_us (&queue, 1080 * ms), ==, 0);
  for (uint32_t i = 5; i < 8; i++) { /* 30 ms, then 40, 50 later than they were */
    ahoy_incoming_queue_hear (&queue, 20 * i, 1000 * ms + 20 * i * ms + (10 * i - 20) * ms);
  }
  g_assert_cmpint (ahoy_incoming_queue_us (&queue, 1190 * ms), ==, 30 * ms);
  g_assert_cmpint (ahoy_incoming_queue_us (&queue, 1190 * ms + AHOY_AGENT_QUEUE_STALE_US + 1), ==,
                   0);
  /* A longer way is the way, after two periods of it. */
  int64_t now_us = 2000 * ms;
  for (uint32_t i = 0; i < 4; i++) {
    now_us += AHOY_AGENT_QUEUE_PERIOD_US;
    ahoy_incoming_queue_hear (&queue, (uint32_t)((now_us - 1050 * ms) / ms), now_us);
  }
  g_assert_cmpint (ahoy_incoming_queue_us (&queue, now_us), ==, 0);
}

static void
test_loss_gauge (void) {
  AhoyLossGauge gauge = {0};
  g_assert_cmpuint (ahoy_loss_gauge_copies (&gauge, 1), ==, 0);
  g_assert_cmpuint (ahoy_loss_gauge_resend_copies (&gauge, 1), ==, 0);
  ahoy_loss_gauge_hear (&gauge, 50, 1);
  g_assert_cmpuint (ahoy_loss_gauge_copies (&gauge, 1), ==, 1);
  g_assert_cmpuint (ahoy_loss_gauge_resend_copies (&gauge, 1), ==, 2);
  ahoy_loss_gauge_hear (&gauge, 2000, 1); /* nobody loses more than all */
  g_assert_cmpuint (gauge.lost_permille, <=, 500);
  g_assert_cmpuint (ahoy_loss_gauge_copies (&gauge, 1), ==, 2);
  g_assert_cmpuint (ahoy_loss_gauge_resend_copies (&gauge, 1), ==, RTMFP_COPIES_MAX);
  /* While a queue stands there are none, and what is lost counts as nothing. */
  ahoy_loss_gauge_see_queue (&gauge, AHOY_AGENT_CROWD_US - 1, 10);
  g_assert_cmpuint (ahoy_loss_gauge_copies (&gauge, 10), ==, 2);
  ahoy_loss_gauge_see_queue (&gauge, AHOY_AGENT_CROWD_US, 10);
  g_assert_cmpuint (ahoy_loss_gauge_copies (&gauge, 10), ==, 0);
  g_assert_cmpuint (ahoy_loss_gauge_resend_copies (&gauge, 10), ==, 0);
  const int64_t later_us = 10 + AHOY_AGENT_CROWDED_US;
  while (gauge.lost_permille >= AHOY_AGENT_LOSS_SOME_PERMILLE) {
    ahoy_loss_gauge_hear (&gauge, 500, 10);
  }
  g_assert_cmpuint (ahoy_loss_gauge_copies (&gauge, later_us), ==, 1); /* until it is much less */
  ahoy_loss_gauge_hear (&gauge, 500, 10);
  ahoy_loss_gauge_hear (&gauge, 500, 10);
  g_assert_cmpuint (ahoy_loss_gauge_copies (&gauge, later_us), ==, 0);
}

static void
test_tracker (void) {
  AhoyMediaTracker tracker = {0};
  AhoyMediaPath path = {0};
  for (uint64_t n = 1; n <= 4; n++) {
    ahoy_media_tracker_sent (&tracker, n, 1000, (int64_t)n * 100);
  }
  ahoy_media_tracker_ended (&tracker, 1, true, 1100);  /* 1000 us */
  ahoy_media_tracker_ended (&tracker, 2, false, 1200); /* given up */
  ahoy_media_tracker_ended (&tracker, 9, true, 1200);  /* never sent */
  ahoy_media_tracker_tell (&tracker, 2000, &path);
  g_assert_cmpuint (path.delivered, ==, 1);
  g_assert_cmpuint (path.delivered_bytes, ==, 1000);
  g_assert_cmpuint (path.given_up, ==, 1);
  g_assert_cmpint (path.delay_us, ==, 1000);
  g_assert_cmpint (path.waiting_us, ==, 1700); /* since the third */
  g_assert_cmpuint (path.waiting_bytes, ==, 2000);
  ahoy_media_tracker_ended (&tracker, 3, true, 800); /* 500 us: the quickest counts */
  ahoy_media_tracker_refused (&tracker);
  ahoy_media_tracker_tell (&tracker, 2000, &path);
  g_assert_cmpint (path.delay_us, ==, 500);
  g_assert_cmpuint (path.given_up, ==, 2);
  g_assert_cmpuint (path.waiting_bytes, ==, 1000);
  for (uint64_t n = 5; n < 5 + 2 * AHOY_AGENT_PICTURES_MAX; n++) {
    ahoy_media_tracker_sent (&tracker, n, 1, 3000);
  }
  g_assert_cmpuint (tracker.count, ==, AHOY_AGENT_PICTURES_MAX);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/agent/relay/access-is-given-and-renewed", test_access);
  g_test_add_func ("/agent/relay/none", test_none);
  g_test_add_func ("/agent/relay/wanted-in-calls", test_wanted_in_calls);
  g_test_add_func ("/agent/relay/wanted-while-away", test_wanted_while_away);
  g_test_add_func ("/agent/relay/is-one-more-interface", test_interface);
  g_test_add_func ("/agent/relay/first", test_first);
  g_test_add_func ("/agent/relay/first-stays", test_first_stays);
  g_test_add_func ("/agent/relay/privacy", test_privacy);
  g_test_add_func ("/agent/media-path/queue", test_queue);
  g_test_add_func ("/agent/media-path/loss", test_loss_gauge);
  g_test_add_func ("/agent/media-path/pictures", test_tracker);
  return g_test_run ();
}

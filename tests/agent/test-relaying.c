/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls by a relay, how they leave it, and who shows no address: on the virtual clock. */
#include "tests/agent/world.h"

#include <string.h>

#define MS 1000
#define PASSWORD "correct horse battery"

static gboolean is_apart;        /* nothing between the two but by the relay */
static WorldPerson *without_udp; /* nothing from or to their own address */

static gboolean
by_wall (World *world, RtmfpAddress *from, RtmfpAddress *to, guint8 *bytes, gsize *size) {
  (void)bytes;
  (void)size;
  const RtmfpAddress *anna = &world->people[0].address, *bert = &world->people[1].address;
  if (is_apart && ((rtmfp_address_equal (from, anna) && rtmfp_address_equal (to, bert)) ||
                   (rtmfp_address_equal (from, bert) && rtmfp_address_equal (to, anna)))) {
    return FALSE;
  }
  return without_udp == NULL || !(rtmfp_address_equal (from, &without_udp->address) ||
                                  rtmfp_address_equal (to, &without_udp->address));
}

typedef struct {
  World *world;
  WorldPerson *anna, *bert;
} Pair;

static gboolean
is_online (gpointer data) {
  return ((WorldPerson *)data)->state == AHOY_AGENT_ONLINE;
}

static gboolean
rings (gpointer data) {
  return world_call (data).state == AHOY_CALL_INCOMING;
}

static gboolean
is_secured (gpointer data) {
  const Pair *pair = data;
  return world_call (pair->anna).state == AHOY_CALL_SECURED &&
         world_call (pair->bert).state == AHOY_CALL_SECURED;
}

static gboolean
is_over (gpointer data) {
  return world_call (data).state == AHOY_CALL_ENDED;
}

static Pair
make_pair (gboolean with_relay) {
  Pair pair = {.world = world_new (7, true)};
  is_apart = FALSE;
  without_udp = NULL;
  pair.world->meddle = by_wall;
  if (with_relay) {
    world_add_relay (pair.world);
  }
  pair.anna = world_add (pair.world, "anna", AHOY_ENTRY_CREATE, PASSWORD);
  pair.bert = world_add (pair.world, "bert", AHOY_ENTRY_CREATE, PASSWORD);
  g_assert_true (world_until (pair.world, is_online, pair.anna, 10 * WORLD_SECOND));
  g_assert_true (world_until (pair.world, is_online, pair.bert, 10 * WORLD_SECOND));
  world_befriend (pair.anna, pair.bert);
  return pair;
}

static void
dial (Pair *pair) {
  const AhoyName bert = world_name (pair->world, "bert");
  g_assert_cmpint (ahoy_agent_call (pair->anna->agent, &bert, false, pair->world->now_us), ==,
                   RTMFP_OK);
  g_assert_true (world_until (pair->world, rings, pair->bert, 5 * WORLD_SECOND));
}

static void
answer (Pair *pair) {
  g_assert_cmpint (ahoy_agent_accept (pair->bert->agent, false, pair->world->now_us), ==, RTMFP_OK);
}

static void
call (Pair *pair) {
  dial (pair);
  answer (pair);
  g_assert_true (world_until (pair->world, is_secured, pair, 10 * WORLD_SECOND));
}

static void
hang_up (Pair *pair) {
  g_assert_cmpint (ahoy_agent_hang_up (pair->anna->agent, pair->world->now_us), ==, RTMFP_OK);
  world_run (pair->world, 4 * WORLD_SECOND);
}

/* Both hear the other. */
static void
talk (Pair *pair) {
  const guint64 before[2] = {pair->anna->audio_in, pair->bert->audio_in};
  for (guint i = 0; i < 10; i++) {
    world_talk (pair->anna, FALSE, WORLD_SECOND / 10);
    world_talk (pair->bert, FALSE, WORLD_SECOND / 10);
  }
  g_assert_cmpuint (pair->anna->audio_in, >, before[0] + 20);
  g_assert_cmpuint (pair->bert->audio_in, >, before[1] + 20);
}

static gboolean
relayed (const Pair *pair) {
  const gboolean anna = world_call (pair->anna).relayed, bert = world_call (pair->bert).relayed;
  g_assert_cmpint (anna, ==, bert);
  return anna;
}

static void
test_apart (void) {
  Pair pair = make_pair (TRUE);
  is_apart = TRUE;
  call (&pair);
  talk (&pair);
  g_assert_true (relayed (&pair));
  hang_up (&pair);
  world_run (pair.world, 30 * WORLD_SECOND);
  call (&pair); /* those who have talked are brought together while it rings */
  talk (&pair);
  g_assert_true (relayed (&pair));
  world_free (pair.world);
}

static void
test_no_relay (void) {
  Pair pair = make_pair (FALSE);
  is_apart = TRUE;
  dial (&pair);
  answer (&pair);
  g_assert_true (world_until (pair.world, is_over, pair.anna, 60 * WORLD_SECOND));
  g_assert_cmpint (world_call (pair.anna).end, ==, AHOY_CALL_END_FAILED);
  world_free (pair.world);
}

static void
test_direct_is_preferred (void) {
  Pair pair = make_pair (TRUE);
  call (&pair);
  g_assert_false (relayed (&pair));
  for (guint i = 0; i < 10; i++) {
    talk (&pair);
    g_assert_false (relayed (&pair));
  }
  world_free (pair.world);
}

static void
test_direct_appears (void) {
  Pair pair = make_pair (TRUE);
  is_apart = TRUE;
  call (&pair);
  talk (&pair);
  is_apart = FALSE;
  world_run (pair.world, 6 * WORLD_SECOND);
  talk (&pair);
  g_assert_false (relayed (&pair));
  world_free (pair.world);
}

static void
test_direct_disappears (void) {
  Pair pair = make_pair (TRUE);
  call (&pair);
  talk (&pair);
  g_assert_false (relayed (&pair));
  is_apart = TRUE;
  world_run (pair.world, 3 * WORLD_SECOND);
  talk (&pair);
  g_assert_true (relayed (&pair));
  world_free (pair.world);
}

/* A line so thin that pictures silence it for a while is no dead one: nothing goes by the relay,
 * where all that is sent would take the same line again. */
static void
test_silence_is_not_death (void) {
  Pair pair = make_pair (TRUE);
  call (&pair);
  for (guint i = 0; i < 10; i++) {
    talk (&pair);
    is_apart = TRUE;
    for (guint k = 0; k < 6; k++) { /* 0.3 s, and at no moment by the relay */
      world_run (pair.world, 50 * MS);
      g_assert_false (relayed (&pair));
    }
    is_apart = FALSE;
    world_run (pair.world, 200 * MS);
    g_assert_false (relayed (&pair));
  }
  world_free (pair.world);
}

static void
test_relay_is_restarted (void) {
  Pair pair = make_pair (TRUE);
  is_apart = TRUE;
  call (&pair);
  talk (&pair);
  world_restart_relay (pair.world);
  world_run (pair.world, 2 * WORLD_SECOND);
  talk (&pair);
  g_assert_true (relayed (&pair));
  world_free (pair.world);
}

static void
test_given_back (void) {
  Pair pair = make_pair (TRUE);
  g_assert_false (pair.anna->relay_wanted);
  call (&pair);
  g_assert_true (pair.anna->relay_wanted && pair.bert->relay_wanted);
  hang_up (&pair);
  world_run (pair.world, 30 * WORLD_SECOND);
  g_assert_false (pair.anna->relay_wanted || pair.bert->relay_wanted);
  world_free (pair.world);
}

static void
test_without_udp (void) {
  Pair pair = make_pair (TRUE);
  without_udp = pair.anna;
  world_restart (pair.anna);
  g_assert_true (world_until (pair.world, is_online, pair.anna, 8 * WORLD_SECOND));
  call (&pair);
  talk (&pair);
  g_assert_true (relayed (&pair));
  /* UDP comes back: the server's session goes straight again, and so does the call. */
  without_udp = NULL;
  world_run (pair.world, 12 * WORLD_SECOND);
  talk (&pair);
  g_assert_false (relayed (&pair));
  hang_up (&pair);
  world_run (pair.world, 60 * WORLD_SECOND);
  g_assert_false (pair.anna->relay_wanted);
  world_free (pair.world);
}

static void
test_always (gconstpointer who) {
  Pair pair = make_pair (TRUE);
  const int mask = GPOINTER_TO_INT (who);
  call (&pair); /* they know each other's address from before */
  talk (&pair);
  g_assert_false (relayed (&pair));
  hang_up (&pair);
  if ((mask & 1) != 0) {
    ahoy_agent_set_privacy (pair.anna->agent, true, true, pair.world->now_us);
  }
  if ((mask & 2) != 0) {
    ahoy_agent_set_privacy (pair.bert->agent, true, true, pair.world->now_us);
  }
  world_run (pair.world, 5 * WORLD_SECOND);
  pair.world->straight = 0;
  call (&pair);
  talk (&pair);
  world_run (pair.world, 20 * WORLD_SECOND);
  talk (&pair);
  g_assert_true (relayed (&pair));
  g_assert_cmpuint (pair.world->straight, ==, 0);
  world_free (pair.world);
}

static void
test_always_without_relay (void) {
  Pair pair = make_pair (FALSE);
  ahoy_agent_set_privacy (pair.bert->agent, true, true, pair.world->now_us);
  world_run (pair.world, WORLD_SECOND);
  pair.world->straight = 0;
  dial (&pair);
  answer (&pair);
  g_assert_true (world_until (pair.world, is_over, pair.anna, 60 * WORLD_SECOND));
  g_assert_cmpint (world_call (pair.anna).end, ==, AHOY_CALL_END_FAILED);
  g_assert_cmpuint (pair.world->straight, ==, 0);
  world_free (pair.world);
}

static void
test_after_accept (gconstpointer early) {
  Pair pair = make_pair (FALSE);
  call (&pair);
  hang_up (&pair);
  world_restart (pair.anna); /* the session of the last call is gone */
  g_assert_true (world_until (pair.world, is_online, pair.anna, 8 * WORLD_SECOND));
  ahoy_agent_set_privacy (pair.bert->agent, false, GPOINTER_TO_INT (early), pair.world->now_us);
  world_run (pair.world, 90 * WORLD_SECOND);
  pair.world->straight = 0;
  dial (&pair);
  world_run (pair.world, 5 * WORLD_SECOND);
  if (GPOINTER_TO_INT (early)) {
    g_assert_cmpuint (pair.world->straight, >, 0);
  } else {
    g_assert_cmpuint (pair.world->straight, ==, 0);
  }
  answer (&pair);
  g_assert_true (world_until (pair.world, is_secured, &pair, 10 * WORLD_SECOND));
  g_assert_cmpuint (pair.world->straight, >, 0);
  world_free (pair.world);
}

static int64_t
expiry_of (const WorldPerson *person) {
  return g_ascii_strtoll (person->config.relay.username, NULL, 10);
}

static void
test_access (void) {
  Pair pair = make_pair (TRUE);
  g_assert_cmpstr (pair.anna->config.relay.servers, ==, "192.0.2.9:3478");
  g_assert_null (strstr (pair.anna->config.relay.username, "anna"));
  const char *other = strchr (pair.bert->config.relay.username, ':');
  g_assert_cmpstr (strchr (pair.anna->config.relay.username, ':'), !=, other);
  const int64_t until_s = expiry_of (pair.anna);
  const guint given = pair.anna->relay_given;
  ahoy_agent_relay_refused (pair.anna->agent, pair.world->now_us);
  ahoy_agent_relay_refused (pair.anna->agent, pair.world->now_us);
  world_run (pair.world, WORLD_SECOND);
  ahoy_agent_relay_refused (pair.anna->agent, pair.world->now_us);
  world_run (pair.world, WORLD_SECOND);
  g_assert_cmpuint (pair.anna->relay_given, ==, given + 1); /* no more than one in 30 s */
  world_run (pair.world, 37 * 3600 * WORLD_SECOND);
  g_assert_cmpuint (pair.anna->relay_given, ==, given + 2);
  g_assert_cmpint (expiry_of (pair.anna), >, until_s + 35 * 3600);
  world_free (pair.world);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/agent/relaying/joins-who-cannot-meet", test_apart);
  g_test_add_func ("/agent/relaying/none-says-so", test_no_relay);
  g_test_add_func ("/agent/relaying/direct-is-preferred", test_direct_is_preferred);
  g_test_add_func ("/agent/relaying/leaves-for-a-direct-way", test_direct_appears);
  g_test_add_func ("/agent/relaying/takes-over-from-a-dead-way", test_direct_disappears);
  g_test_add_func ("/agent/relaying/is-not-for-a-moment-of-silence", test_silence_is_not_death);
  g_test_add_func ("/agent/relaying/outlives-a-restart", test_relay_is_restarted);
  g_test_add_func ("/agent/relaying/is-given-back", test_given_back);
  g_test_add_func ("/agent/relaying/without-udp", test_without_udp);
  g_test_add_data_func ("/agent/relaying/always/caller", GINT_TO_POINTER (1), test_always);
  g_test_add_data_func ("/agent/relaying/always/callee", GINT_TO_POINTER (2), test_always);
  g_test_add_data_func ("/agent/relaying/always/both", GINT_TO_POINTER (3), test_always);
  g_test_add_func ("/agent/relaying/always/without-relay", test_always_without_relay);
  g_test_add_data_func ("/agent/relaying/after-accept/hides", GINT_TO_POINTER (0),
                        test_after_accept);
  g_test_add_data_func ("/agent/relaying/after-accept/else-early", GINT_TO_POINTER (1),
                        test_after_accept);
  g_test_add_func ("/agent/relaying/access-is-renewed", test_access);
  return g_test_run ();
}

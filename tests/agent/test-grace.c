/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Direct sessions and their server: they outlive it for the grace that it stated and no longer, end
 * at once when it revokes them, and who lost it comes back spread out. */
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

static gboolean
is_lost (gpointer data) {
  return ((WorldPerson *)data)->state != AHOY_AGENT_ONLINE;
}

static gboolean
is_stopped (gpointer data) {
  return ((WorldPerson *)data)->state == AHOY_AGENT_STOPPED;
}

static gboolean
is_over (gpointer data) {
  return world_call (data).state == AHOY_CALL_ENDED;
}

static WorldPerson *
add_online (World *world, const char *user) {
  WorldPerson *person = world_add (world, user, AHOY_ENTRY_CREATE, PASSWORD);
  g_assert_true (world_until (world, is_online, person, 10 * WORLD_SECOND));
  return person;
}

static void
assert_talking (const Pair *pair) {
  g_assert_cmpint (world_call (pair->anna).state, ==, AHOY_CALL_SECURED);
  g_assert_cmpint (world_call (pair->bert).state, ==, AHOY_CALL_SECURED);
}

/* Two people in a call, under a server that grants so many seconds; 0 = what it does by itself. */
static Pair
make_call (guint64 seed, int64_t grace_s) {
  Pair pair = {.world = world_new (seed, TRUE)};
  pair.world->server_config.grace_seconds = grace_s;
  world_stop_server (pair.world);
  world_start_server (pair.world);
  pair.anna = add_online (pair.world, "anna");
  pair.bert = add_online (pair.world, "bert");
  world_befriend (pair.anna, pair.bert);
  const AhoyName bert = world_name (pair.world, "bert");
  g_assert_cmpint (ahoy_agent_call (pair.anna->agent, &bert, false, pair.world->now_us), ==,
                   RTMFP_OK);
  world_run (pair.world, 2 * WORLD_SECOND);
  g_assert_cmpint (ahoy_agent_accept (pair.bert->agent, false, pair.world->now_us), ==, RTMFP_OK);
  world_run (pair.world, 2 * WORLD_SECOND);
  assert_talking (&pair);
  return pair;
}

/* The server is gone for good: the call goes on to the last second of its grace. */
static void
test_ends_the_call (gconstpointer data) {
  const int64_t told_s = GPOINTER_TO_INT (data);
  const int64_t grace_us = (told_s == 0 ? 600 : told_s) * WORLD_SECOND;
  Pair pair = make_call (61, told_s);
  world_stop_server (pair.world);
  g_assert_true (world_until (pair.world, is_lost, pair.anna, 60 * WORLD_SECOND));
  const int64_t first_us = pair.world->now_us;
  g_assert_true (world_until (pair.world, is_lost, pair.bert, 60 * WORLD_SECOND));
  world_run (pair.world, first_us + grace_us - WORLD_SECOND - pair.world->now_us);
  assert_talking (&pair);
  world_run (pair.world, 2 * WORLD_SECOND);
  g_assert_cmpint (world_call (pair.anna).end, ==, AHOY_CALL_END_LOST);
  g_assert_true (world_until (pair.world, is_over, pair.bert, WORLD_SECOND));
  world_free (pair.world);
}

/* One that is back in time has its sessions go on; the grace begins anew when it is lost again. */
static void
test_begins_anew (void) {
  Pair pair = make_call (62, 100);
  for (guint i = 0; i < 3; i++) {
    world_stop_server (pair.world);
    world_run (pair.world, 80 * WORLD_SECOND);
    world_start_server (pair.world);
    g_assert_true (world_until (pair.world, is_online, pair.anna, 60 * WORLD_SECOND));
    g_assert_true (world_until (pair.world, is_online, pair.bert, 60 * WORLD_SECOND));
    assert_talking (&pair);
  }
  world_free (pair.world);
}

/* The server moves: its name leads to another address from now on. */
static void
test_moved (void) {
  Pair pair = make_call (66, 0);
  world_stop_server (pair.world);
  pair.world->server_address = rtmfp_address_ipv4 (198, 51, 100, 77, 1935);
  world_start_server (pair.world);
  g_assert_true (world_until (pair.world, is_lost, pair.anna, 60 * WORLD_SECOND));
  g_assert_true (world_until (pair.world, is_online, pair.anna, 10 * WORLD_SECOND));
  g_assert_true (world_until (pair.world, is_online, pair.bert, 60 * WORLD_SECOND));
  assert_talking (&pair);
  world_free (pair.world);
}

/* A contact that is one no more, by either's wish, and each side's program told by the server. */
static void
test_revoked (gconstpointer data) {
  Pair pair = make_call (63, 0);
  const AhoyName bert = world_name (pair.world, "bert");
  g_assert_cmpuint (ahoy_agent_change_contact (pair.anna->agent, &bert,
                                               (AhoyContactAct)GPOINTER_TO_INT (data),
                                               pair.world->now_us),
                    !=, 0);
  world_run (pair.world, WORLD_SECOND / 2);
  g_assert_true (is_over (pair.anna));
  g_assert_true (is_over (pair.bert));
  world_free (pair.world);
}

/* The operator disables an account: its program hears it at its next try and ends what is open. */
static void
test_disabled (void) {
  Pair pair = make_call (64, 0);
  AhoyStoreJob *job = ahoy_store_job_new (AHOY_STORE_ACCOUNT_DISABLE, 1750000000000);
  g_strlcpy (job->user, "anna", sizeof job->user);
  job->disabled = true;
  memory_store_run (pair.world->store, job);
  g_assert_cmpint (job->status, ==, AHOY_STORE_OK);
  ahoy_store_job_free (job);
  ahoy_rendezvous_expel (pair.world->server, "anna", pair.world->now_us);
  g_assert_true (world_until (pair.world, is_stopped, pair.anna, 2 * WORLD_SECOND));
  g_assert_cmpint (pair.anna->fault, ==, AHOY_FAULT_DISABLED);
  world_run (pair.world, WORLD_SECOND / 10);
  g_assert_true (is_over (pair.anna));
  g_assert_true (is_over (pair.bert));
  g_assert_cmpint (pair.bert->state, ==, AHOY_AGENT_ONLINE);
  world_free (pair.world);
}

/* Six that lost their server in one moment: back within seconds, no two at the same time. */
static void
test_spread_out (void) {
  World *world = world_new (65, TRUE);
  WorldPerson *people[WORLD_PEOPLE_MAX];
  int64_t back_us[WORLD_PEOPLE_MAX] = {0};
  for (guint i = 0; i < G_N_ELEMENTS (people); i++) {
    g_autofree char *name = g_strdup_printf ("person%u", i);
    people[i] = add_online (world, name);
  }
  ahoy_rendezvous_stop (world->server, world->now_us); /* says goodbye to all at once */
  world_run (world, WORLD_SECOND / 5);
  for (guint i = 0; i < G_N_ELEMENTS (people); i++) {
    g_assert_false (is_online (people[i]));
  }
  world_stop_server (world);
  world_start_server (world);
  const int64_t begin_us = world->now_us;
  guint count = 0;
  while (count < G_N_ELEMENTS (people) && world->now_us < begin_us + 5 * WORLD_SECOND) {
    world_run (world, WORLD_SECOND / 1000);
    for (guint i = 0; i < G_N_ELEMENTS (people); i++) {
      if (back_us[i] == 0 && is_online (people[i])) {
        back_us[i] = world->now_us;
        count++;
      }
    }
  }
  g_assert_cmpuint (count, ==, G_N_ELEMENTS (people));
  int64_t first_us = G_MAXINT64, last_us = 0;
  for (guint i = 0; i < G_N_ELEMENTS (people); i++) {
    first_us = MIN (first_us, back_us[i]);
    last_us = MAX (last_us, back_us[i]);
    for (guint k = 0; k < i; k++) {
      g_assert_cmpint (back_us[i], !=, back_us[k]);
    }
  }
  g_assert_cmpint (last_us - first_us, >, WORLD_SECOND / 3);
  world_free (world);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/agent/grace/ten-minutes", GINT_TO_POINTER (0), test_ends_the_call);
  g_test_add_data_func ("/agent/grace/as-the-server-stated", GINT_TO_POINTER (45),
                        test_ends_the_call);
  g_test_add_func ("/agent/grace/begins-anew", test_begins_anew);
  g_test_add_func ("/agent/grace/moved", test_moved);
  g_test_add_data_func ("/agent/grace/removed", GINT_TO_POINTER (AHOY_CONTACT_REMOVE),
                        test_revoked);
  g_test_add_data_func ("/agent/grace/blocked", GINT_TO_POINTER (AHOY_CONTACT_BLOCK), test_revoked);
  g_test_add_func ("/agent/grace/disabled", test_disabled);
  g_test_add_func ("/agent/grace/spread-out", test_spread_out);
  return g_test_run ();
}

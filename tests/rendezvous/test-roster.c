/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both sides of a relation, as acts move them. */
#include "core/rendezvous/roster.h"

#include <glib.h>

static void
act (AhoyRosterPair *pair, AhoyRelationInput input, AhoyRelation mine, AhoyRelation theirs) {
  g_assert_cmpint (ahoy_roster_act (pair, input), ==, RTMFP_OK);
  g_assert_cmpint (pair->mine, ==, mine);
  g_assert_cmpint (pair->theirs, ==, theirs);
}

static AhoyRosterPair
turned (AhoyRosterPair pair) {
  return (AhoyRosterPair){.mine = pair.theirs, .theirs = pair.mine};
}

static void
test_consent (void) {
  AhoyRosterPair pair = {AHOY_RELATION_NONE, AHOY_RELATION_NONE};
  act (&pair, AHOY_RELATION_ADD, AHOY_RELATION_REQUESTED, AHOY_RELATION_ASKED);
  pair = turned (pair);
  act (&pair, AHOY_RELATION_ACCEPT, AHOY_RELATION_BOTH, AHOY_RELATION_BOTH);
  act (&pair, AHOY_RELATION_REMOVE, AHOY_RELATION_NONE, AHOY_RELATION_NONE);
}

static void
test_decline (void) {
  AhoyRosterPair pair = {AHOY_RELATION_ASKED, AHOY_RELATION_REQUESTED};
  act (&pair, AHOY_RELATION_DECLINE, AHOY_RELATION_NONE, AHOY_RELATION_NONE);
}

static void
test_both_ask (void) {
  AhoyRosterPair pair = {AHOY_RELATION_ASKED, AHOY_RELATION_REQUESTED};
  act (&pair, AHOY_RELATION_ADD, AHOY_RELATION_BOTH, AHOY_RELATION_BOTH);
}

static void
test_block (void) {
  AhoyRosterPair pair = {AHOY_RELATION_BOTH, AHOY_RELATION_BOTH};
  act (&pair, AHOY_RELATION_BLOCK, AHOY_RELATION_BLOCKED, AHOY_RELATION_NONE);
  pair = turned (pair);
  act (&pair, AHOY_RELATION_ADD, AHOY_RELATION_REQUESTED, AHOY_RELATION_BLOCKED);
  g_assert_false (ahoy_relation_may_meet (pair.mine, pair.theirs));
  g_assert_cmpint (ahoy_roster_act (&pair, AHOY_RELATION_REDEEM), ==, RTMFP_STATE);
  pair = turned (pair);
  act (&pair, AHOY_RELATION_UNBLOCK, AHOY_RELATION_NONE, AHOY_RELATION_REQUESTED);
}

static void
test_redeem (void) {
  AhoyRosterPair pair = {AHOY_RELATION_NONE, AHOY_RELATION_NONE};
  act (&pair, AHOY_RELATION_REDEEM, AHOY_RELATION_BOTH, AHOY_RELATION_BOTH);
}

static void
test_refused (void) {
  AhoyRosterPair pair = {AHOY_RELATION_NONE, AHOY_RELATION_NONE};
  g_assert_cmpint (ahoy_roster_act (&pair, AHOY_RELATION_ACCEPT), ==, RTMFP_STATE);
  pair.mine = AHOY_RELATION_REQUESTED;
  pair.theirs = AHOY_RELATION_ASKED;
  g_assert_cmpint (ahoy_roster_act (&pair, AHOY_RELATION_ACCEPT), ==, RTMFP_STATE);
  g_assert_cmpint (pair.mine, ==, AHOY_RELATION_REQUESTED);
}

/* Whatever people do, nobody is "both" alone: consent is of two. */
static void
test_never_one_sided (void) {
  AhoyRosterPair pair = {AHOY_RELATION_NONE, AHOY_RELATION_NONE};
  GRand *dice = g_rand_new_with_seed (7);
  for (int i = 0; i < 100000; i++) {
    static const AhoyRelationInput acts[] = {
        AHOY_RELATION_ADD,   AHOY_RELATION_ACCEPT,  AHOY_RELATION_DECLINE, AHOY_RELATION_REMOVE,
        AHOY_RELATION_BLOCK, AHOY_RELATION_UNBLOCK, AHOY_RELATION_REDEEM};
    pair = g_rand_boolean (dice) ? turned (pair) : pair;
    RtmfpStatus status =
        ahoy_roster_act (&pair, acts[g_rand_int_range (dice, 0, G_N_ELEMENTS (acts))]);
    (void)status;
    g_assert_true ((pair.mine == AHOY_RELATION_BOTH) == (pair.theirs == AHOY_RELATION_BOTH));
  }
  g_rand_free (dice);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rendezvous/roster/asks-and-accepts", test_consent);
  g_test_add_func ("/rendezvous/roster/declines", test_decline);
  g_test_add_func ("/rendezvous/roster/two-requests-are-consent", test_both_ask);
  g_test_add_func ("/rendezvous/roster/blocked-find-no-answer", test_block);
  g_test_add_func ("/rendezvous/roster/redeems-an-invite", test_redeem);
  g_test_add_func ("/rendezvous/roster/refuses-what-makes-no-sense", test_refused);
  g_test_add_func ("/rendezvous/roster/never-contacts-on-one-side", test_never_one_sided);
  return g_test_run ();
}

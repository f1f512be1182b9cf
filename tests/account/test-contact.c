/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The relation of two people, pins, and the safety number. */
#include "core/account/contact.h"
#include "tests/account/fixture.h"

typedef struct {
  AhoyRelation relation;
  unsigned notified;
} Side;

/* One person's act, and what the other side is told of it, until nothing more is told. */
static RtmfpStatus
act (Side *mine, Side *theirs, AhoyRelationInput input) {
  static const struct {
    uint32_t action;
    AhoyRelationInput input;
  } tells[] = {
      {AHOY_RELATION_TELL_ADD, AHOY_RELATION_FAR_ADD},
      {AHOY_RELATION_TELL_ACCEPT, AHOY_RELATION_FAR_ACCEPT},
      {AHOY_RELATION_TELL_DECLINE, AHOY_RELATION_FAR_DECLINE},
      {AHOY_RELATION_TELL_REMOVE, AHOY_RELATION_FAR_REMOVE},
  };
  uint32_t actions = 0;
  RtmfpStatus status = ahoy_relation_next (mine->relation, input, &mine->relation, &actions);
  if (status != RTMFP_OK) {
    return status;
  }
  mine->notified += (actions & AHOY_RELATION_NOTIFY) != 0;
  for (size_t i = 0; i < G_N_ELEMENTS (tells); i++) {
    if ((actions & tells[i].action) != 0) {
      g_assert_cmpint (act (theirs, mine, tells[i].input), ==, RTMFP_OK);
    }
  }
  return RTMFP_OK;
}

static void
consent (void) {
  Side ada = {0}, bob = {0};
  g_assert_cmpint (act (&ada, &bob, AHOY_RELATION_ACCEPT), ==, RTMFP_STATE);
  g_assert_cmpint (act (&ada, &bob, AHOY_RELATION_ADD), ==, RTMFP_OK);
  g_assert_cmpint (ada.relation, ==, AHOY_RELATION_REQUESTED);
  g_assert_cmpint (bob.relation, ==, AHOY_RELATION_ASKED);
  g_assert_cmpint (bob.notified, ==, 1);
  g_assert_false (ahoy_relation_may_meet (ada.relation, bob.relation));
  g_assert_cmpint (act (&ada, &bob, AHOY_RELATION_ADD), ==,
                   RTMFP_OK); /* asked again: not shown again */
  g_assert_cmpint (bob.notified, ==, 1);
  g_assert_cmpint (act (&bob, &ada, AHOY_RELATION_ACCEPT), ==, RTMFP_OK);
  g_assert_true (ahoy_relation_may_meet (ada.relation, bob.relation));
  g_assert_cmpint (act (&bob, &ada, AHOY_RELATION_REMOVE), ==, RTMFP_OK);
  g_assert_cmpint (ada.relation, ==, AHOY_RELATION_NONE);
  g_assert_cmpint (bob.relation, ==, AHOY_RELATION_NONE);
}

static void
decline_and_withdraw (void) {
  Side ada = {0}, bob = {0};
  g_assert_cmpint (act (&ada, &bob, AHOY_RELATION_ADD), ==, RTMFP_OK);
  g_assert_cmpint (act (&bob, &ada, AHOY_RELATION_DECLINE), ==, RTMFP_OK);
  g_assert_cmpint (ada.relation, ==, AHOY_RELATION_NONE);
  g_assert_cmpint (act (&ada, &bob, AHOY_RELATION_ADD), ==, RTMFP_OK);
  g_assert_cmpint (act (&ada, &bob, AHOY_RELATION_REMOVE), ==, RTMFP_OK);
  g_assert_cmpint (bob.relation, ==, AHOY_RELATION_NONE);
}

static void
both_ask (void) {
  Side ada = {0}, bob = {0};
  g_assert_cmpint (act (&ada, &bob, AHOY_RELATION_ADD), ==, RTMFP_OK);
  g_assert_cmpint (act (&bob, &ada, AHOY_RELATION_ADD), ==, RTMFP_OK);
  g_assert_true (ahoy_relation_may_meet (ada.relation, bob.relation));
}

static void
invite (void) {
  Side ada = {0}, bob = {0};
  g_assert_cmpint (act (&bob, &ada, AHOY_RELATION_REDEEM), ==, RTMFP_OK);
  g_assert_true (ahoy_relation_may_meet (ada.relation, bob.relation));
  g_assert_cmpint (ada.notified, ==, 1);
}

static void
block (void) {
  Side ada = {AHOY_RELATION_BOTH, 0}, bob = {AHOY_RELATION_BOTH, 0};
  g_assert_cmpint (act (&ada, &bob, AHOY_RELATION_BLOCK), ==, RTMFP_OK);
  g_assert_cmpint (ada.relation, ==, AHOY_RELATION_BLOCKED);
  g_assert_cmpint (bob.relation, ==, AHOY_RELATION_NONE);
  g_assert_cmpint (act (&bob, &ada, AHOY_RELATION_ADD), ==, RTMFP_OK); /* looks like any request */
  g_assert_cmpint (bob.relation, ==, AHOY_RELATION_REQUESTED);
  g_assert_cmpint (ada.relation, ==, AHOY_RELATION_BLOCKED);
  g_assert_cmpint (ada.notified, ==, 0);
  g_assert_cmpint (act (&ada, &bob, AHOY_RELATION_ADD), ==, RTMFP_STATE);
  g_assert_cmpint (act (&ada, &bob, AHOY_RELATION_UNBLOCK), ==, RTMFP_OK);
  g_assert_cmpint (ada.relation, ==, AHOY_RELATION_NONE);
}

/* From every pair of states that can arise, no act of one side makes the other a contact without
 * its consent, and what comes from the far side never fails. */
static void
whole_table (void) {
  for (int relation = 0; relation < AHOY_RELATION_COUNT; relation++) {
    for (int input = 0; input < AHOY_RELATION_INPUT_COUNT; input++) {
      AhoyRelation next = (AhoyRelation)relation;
      uint32_t actions = 0;
      RtmfpStatus status =
          ahoy_relation_next ((AhoyRelation)relation, (AhoyRelationInput)input, &next, &actions);
      bool far = input >= AHOY_RELATION_FAR_ADD && input <= AHOY_RELATION_FAR_REMOVE;
      if (far) {
        g_assert_cmpint (status, ==, RTMFP_OK);
      }
      if (relation == AHOY_RELATION_BLOCKED && far) {
        g_assert_cmpint (next, ==, AHOY_RELATION_BLOCKED);
        g_assert_cmpint (actions, ==, 0);
      }
      if (input == AHOY_RELATION_FAR_ADD && next == AHOY_RELATION_BOTH) {
        g_assert_true (relation == AHOY_RELATION_REQUESTED || relation == AHOY_RELATION_BOTH);
      }
    }
  }
  AhoyRelation next;
  uint32_t actions;
  g_assert_cmpint (ahoy_relation_next ((AhoyRelation)77, AHOY_RELATION_ADD, &next, &actions), ==,
                   RTMFP_STATE);
  g_assert_cmpint (ahoy_relation_next (AHOY_RELATION_NONE, (AhoyRelationInput)77, &next, &actions),
                   ==, RTMFP_STATE);
}

static void
texts (void) {
  for (int i = 0; i < AHOY_RELATION_COUNT; i++) {
    AhoyRelation relation;
    g_assert_cmpint (ahoy_relation_parse (ahoy_relation_text ((AhoyRelation)i), &relation), ==,
                     RTMFP_OK);
    g_assert_cmpint (relation, ==, i);
  }
  for (int i = 0; i < AHOY_PRESENCE_COUNT; i++) {
    AhoyPresence presence;
    g_assert_cmpint (ahoy_presence_parse (ahoy_presence_text ((AhoyPresence)i), &presence), ==,
                     RTMFP_OK);
    g_assert_cmpint (presence, ==, i);
  }
  AhoyRelation relation;
  AhoyPresence presence;
  g_assert_cmpint (ahoy_relation_parse ("friend", &relation), ==, RTMFP_MALFORMED);
  g_assert_cmpint (ahoy_presence_parse ("", &presence), ==, RTMFP_MALFORMED);
}

static void
pins (void) {
  AhoyKey first = fixture_identity (1).key, second = fixture_identity (2).key;
  AhoyPin pin = {0};
  g_assert_cmpint (ahoy_pin_check (&pin, &first), ==, AHOY_PIN_FIRST);
  g_assert_false (pin.is_set);
  g_assert_cmpint (ahoy_pin_learn (&pin, &first), ==, AHOY_PIN_FIRST);
  g_assert_cmpint (ahoy_pin_learn (&pin, &first), ==, AHOY_PIN_SAME);
  pin.is_verified = true;
  g_assert_cmpint (ahoy_pin_learn (&pin, &second), ==, AHOY_PIN_CHANGED);
  g_assert_true (ahoy_key_equal (&pin.key, &first));
  g_assert_true (pin.is_verified);
  ahoy_pin_replace (&pin, &second);
  g_assert_cmpint (ahoy_pin_check (&pin, &second), ==, AHOY_PIN_SAME);
  g_assert_false (pin.is_verified);
}

static void
safety_number (void) {
  AhoyKey a = fixture_identity (1).key, b = fixture_identity (2).key, c = fixture_identity (3).key;
  char ab[AHOY_SAFETY_NUMBER_TEXT_SIZE], ba[AHOY_SAFETY_NUMBER_TEXT_SIZE],
      ac[AHOY_SAFETY_NUMBER_TEXT_SIZE];
  ahoy_safety_number (&a, &b, ab);
  ahoy_safety_number (&b, &a, ba);
  ahoy_safety_number (&a, &c, ac);
  g_assert_cmpstr (ab, ==, ba);
  g_assert_cmpstr (ab, !=, ac);
  g_assert_cmpuint (strlen (ab), ==, AHOY_SAFETY_NUMBER_TEXT_SIZE - 1);
  g_assert_true (g_regex_match_simple ("^\\d{5}( \\d{5}){11}$", ab, 0, 0));
  ahoy_safety_number (&a, &a, ab); /* oneself: no harm */
}

static void
key_text (void) {
  AhoyKey key = fixture_identity (1).key, read;
  char text[AHOY_KEY_TEXT_SIZE];
  ahoy_key_format (&key, text);
  g_assert_cmpuint (strlen (text), ==, AHOY_KEY_TEXT_SIZE - 1);
  g_assert_cmpint (ahoy_key_parse (text, &read), ==, RTMFP_OK);
  g_assert_true (ahoy_key_equal (&key, &read));
  text[42] = '\0';
  g_assert_cmpint (ahoy_key_parse (text, &read), ==, RTMFP_MALFORMED);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/account/contact/request-and-consent", consent);
  g_test_add_func ("/account/contact/decline-and-withdraw", decline_and_withdraw);
  g_test_add_func ("/account/contact/both-ask", both_ask);
  g_test_add_func ("/account/contact/invite", invite);
  g_test_add_func ("/account/contact/block", block);
  g_test_add_func ("/account/contact/whole-table", whole_table);
  g_test_add_func ("/account/contact/texts", texts);
  g_test_add_func ("/account/contact/pins-keep-the-first-key", pins);
  g_test_add_func ("/account/contact/safety-number", safety_number);
  g_test_add_func ("/account/contact/key-as-text", key_text);
  return g_test_run ();
}

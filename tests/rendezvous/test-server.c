/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server as guests meet it: greeting, accounts, entering, contacts, presence. */
#include "tests/rendezvous/fixture.h"
#include "tests/rendezvous/town.h"

#include <glib.h>

static void
assert_text (const Word *word, const char *member, const char *text) {
  char got[300] = "";
  g_assert_nonnull (word);
  g_assert_true (rtmfp_amf_as_text (rtmfp_amf_get (word->value, member), got, sizeof got));
  g_assert_cmpstr (got, ==, text);
}

/* ---- Greeting ---- */

static void
test_connects (void) {
  Town *town = town_new (true);
  Guest *ann = guest_new (town, 2);
  g_assert_true (guest_connect (ann));
  g_assert_cmpuint (town_counters (town).visitors, ==, 1);
  guest_leave (ann);
  g_assert_cmpuint (town_counters (town).visitors, ==, 0);
  town_free (town);
}

static void
test_mute (void) {
  Town *town = town_new (true);
  Guest *ann = guest_new (town, 2);
  ann->mute = true;
  g_assert_false (guest_connect (ann));
  town_run (town, 5 * SECOND);
  g_assert_true (ann->closed);
  g_assert_cmpuint (town_counters (town).visitors, ==, 0);
  town_free (town);
}

static void
test_false_proof (void) {
  Town *town = town_new (true);
  Guest *ann = guest_new (town, 2);
  ann->identity.seed[0] ^= 1; /* signs with another key than it shows */
  g_assert_false (guest_connect (ann));
  g_assert_true (ann->closed);
  g_assert_cmpuint (town_counters (town).proofs_refused, ==, 1);
  town_free (town);
}

static void
test_other_app (void) {
  Town *town = town_new (true);
  Guest *ann = guest_new (town, 2);
  ann->app = "vod";
  g_assert_false (guest_connect (ann));
  g_assert_true (ann->refused);
  town_run (town, 5 * SECOND);
  g_assert_cmpuint (town_counters (town).visitors, ==, 0);
  town_free (town);
}

/* ---- Accounts ---- */

static void
test_not_signed_in (void) {
  static const char *const commands[] = {
      "signOut",      "presence",        "contact.request", "contact.accept", "invite.make",
      "message.send", "contact.decline", "invite.redeem",   "signal",         "introduce"};
  Town *town = town_new (true);
  Guest *ann = guest_new (town, 2);
  g_assert_true (guest_connect (ann));
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++) {
    RtmfpBuffer args = args_none ();
    word_fails (guest_ask (ann, commands[i], &args), "notSignedIn");
  }
  RtmfpBuffer args = args_none ();
  word_fails (guest_ask (ann, "reboot", &args), "badRequest");
  town_free (town);
}

static void
test_create (void) {
  Town *town = town_new (true);
  Guest *ann = guest_enter_new (town, 2, "ann", 1);
  Guest *eve = guest_new (town, 3);
  g_assert_true (guest_connect (eve));
  RtmfpBuffer args = args_create (eve, "ann", &eve->identity.key);
  word_fails (guest_ask (eve, "create", &args), "nameTaken");
  args = args_create (eve, "Ann Smith", &eve->identity.key);
  word_fails (guest_ask (eve, "create", &args), "badName");
  args = args_create (ann, "eve", &eve->identity.key); /* ann's card in eve's session */
  word_fails (guest_ask (eve, "create", &args), "notAllowed");
  args = args_text ("name", "eve");
  word_fails (guest_ask (eve, "create", &args), "badRequest");
  word_fails (guest_enter (eve, "ann", 2, "early"), "notAllowed");
  word_fails (guest_enter (eve, "zoe", 2, "early"), "unknown");
  town_free (town);
}

static void
test_invite_needed (void) {
  Town *town = town_new (false);
  Guest *ann = guest_new (town, 2);
  g_assert_true (guest_connect (ann));
  RtmfpBuffer args = args_create (ann, "ann", &ann->identity.key);
  word_fails (guest_ask (ann, "create", &args), "inviteNeeded");
  args = args_create (ann, "ann", &ann->identity.key);
  args_add_text (&args, "invite", "AAAAAAAAAAAAAAAAAAAAAA");
  word_fails (guest_ask (ann, "create", &args), "inviteNeeded");
  town_free (town);
}

static AhoyPasswordParams
salt_of (Guest *guest, const char *user) {
  RtmfpBuffer args = args_text ("name", user);
  Word *word = guest_ask (guest, "salt", &args);
  RtmfpBytes bytes;
  AhoyPasswordParams params;
  g_assert_true (word->ok);
  g_assert_true (rtmfp_amf_as_bytes (rtmfp_amf_get (word->value, "params"), &bytes));
  g_assert_cmpint (ahoy_password_params_read (bytes, &params), ==, RTMFP_OK);
  word_free (word);
  return params;
}

static void
test_false_salts (void) {
  Town *town = town_new (true);
  (void)guest_enter_new (town, 2, "ann", 1);
  Guest *eve = guest_new (town, 3);
  g_assert_true (guest_connect (eve));
  const AhoyPasswordParams ann = salt_of (eve, "ann");
  g_assert_cmpint (ann.salt[0], ==, 5);
  const AhoyPasswordParams zoe = salt_of (eve, "zoe");
  const AhoyPasswordParams zoe_again = salt_of (eve, "zoe");
  const AhoyPasswordParams kim = salt_of (eve, "kim");
  g_assert_cmpmem (zoe.salt, AHOY_SALT_SIZE, zoe_again.salt, AHOY_SALT_SIZE);
  g_assert_cmpint (memcmp (zoe.salt, kim.salt, AHOY_SALT_SIZE), !=, 0);
  g_assert_cmpint (zoe.log2_n, ==, ann.log2_n);
  town_free (town);
}

static Word *
sign_in (Guest *guest, const char *user, const AhoyIdentity *key) {
  AhoySignature signature;
  ahoy_binding_sign (&guest->greeting.binding, key, AHOY_PURPOSE_SIGN_IN, user, &signature);
  RtmfpBuffer args = args_text ("name", user);
  rtmfp_amf_member_bytes (&args, "signature",
                          rtmfp_bytes (signature.bytes, sizeof signature.bytes));
  return guest_ask (guest, "signIn", &args);
}

static void
test_sign_in (void) {
  Town *town = town_new (true);
  Guest *ann = guest_enter_new (town, 2, "ann", 1);
  Guest *phone = guest_new (town, 3); /* ann's second device, with a fresh key */
  g_assert_true (guest_connect (phone));
  word_fails (sign_in (phone, "ann", &phone->identity), "wrongPassword");
  word_fails (sign_in (phone, "zoe", &ann->identity), "wrongPassword");
  Word *word = sign_in (phone, "ann", &ann->identity);
  g_assert_true (word->ok);
  uint8_t wrapped[AHOY_WRAPPED_SIZE];
  g_assert_true (
      rtmfp_amf_as_fixed (rtmfp_amf_get (word->value, "wrapped"), wrapped, sizeof wrapped));
  g_assert_cmpint (wrapped[0], ==, 9);
  word_free (word);
  word_fails (guest_enter (phone, "ann", 2, "early"), "notAllowed"); /* still the fresh key */
  RtmfpBuffer proof = {0};
  g_assert_cmpint (ahoy_greeting_send (&phone->greeting, &ann->identity, 0, &proof), ==, RTMFP_OK);
  RtmfpBuffer args = args_text ("name", "ann");
  args_add_filled (&args, "device", 2, AHOY_DEVICE_ID_SIZE);
  rtmfp_amf_member_bytes (&args, "proof", rtmfp_buffer_bytes (&proof));
  rtmfp_buffer_clear (&proof);
  word_ok (guest_ask (phone, "enter", &args));
  g_assert_cmpuint (town_counters (town).people, ==, 1);
  Guest *eve = guest_new (town, 4); /* with a proof that is no proof */
  g_assert_true (guest_connect (eve));
  args = args_text ("name", "ann");
  args_add_filled (&args, "device", 3, AHOY_DEVICE_ID_SIZE);
  args_add_filled (&args, "proof", 1, 100);
  word_fails (guest_ask (eve, "enter", &args), "notAllowed");
  town_free (town);
}

static void
test_guessing (void) {
  Town *town = town_new (true);
  Guest *ann = guest_enter_new (town, 2, "ann", 1);
  Guest *eve = guest_new (town, 3);
  g_assert_true (guest_connect (eve));
  for (int i = 0; i < AHOY_SIGN_IN_BURST; i++) {
    word_fails (sign_in (eve, "ann", &eve->identity), "wrongPassword");
  }
  word_fails (sign_in (eve, "ann", &eve->identity), "slowDown");
  /* Ann herself, from elsewhere, is not shut out. */
  Guest *phone = guest_new (town, 4);
  g_assert_true (guest_connect (phone));
  word_ok (sign_in (phone, "ann", &ann->identity));
  g_assert_cmpuint (town_counters (town).rate_limited, >=, 1);
  town_free (town);
}

/* ---- Entering ---- */

static void
test_enter (void) {
  Town *town = town_new (true);
  Guest *ann = guest_enter_new (town, 2, "ann", 1);
  guest_leave (ann);
  g_assert_cmpuint (town_counters (town).people, ==, 0);
  Word *word = guest_enter (ann, "ann@ahoy.example", 1, "early");
  assert_text (word, "address", "ann@ahoy.example");
  assert_text (word, "displayName", "ann");
  double time = 0;
  g_assert_true (rtmfp_amf_as_number (rtmfp_amf_get (word->value, "serverTime"), &time));
  g_assert_cmpfloat (time, >, 1.8e12);
  word_free (word);
  word_fails (guest_enter (ann, "ann", 1, "early"), "badRequest"); /* twice */
  town_free (town);
}

static void
test_one_session_a_device (void) {
  Town *town = town_new (true);
  Guest *ann = guest_enter_new (town, 2, "ann", 1);
  Guest *again = guest_new (town, 3);
  again->identity = ann->identity;
  word_ok (guest_enter (again, "ann", 1, "early"));
  town_run (town, SECOND);
  g_assert_true (ann->closed);
  g_assert_true (again->connected);
  g_assert_cmpuint (town_counters (town).visitors, ==, 1);
  town_free (town);
}

static void
test_disabled (void) {
  Town *town = town_new (true);
  Guest *ann = guest_enter_new (town, 2, "ann", 1);
  AhoyStoreJob *job = ahoy_store_job_new (AHOY_STORE_ACCOUNT_DISABLE, 0);
  memcpy (job->user, "ann", 4);
  job->disabled = true;
  memory_store_run (town->store, job);
  ahoy_store_job_free (job);
  ahoy_rendezvous_expel (town->server, "ann", town->now_us);
  town_run (town, SECOND);
  g_assert_true (ann->closed);
  word_fails (guest_enter (ann, "ann", 1, "early"), "disabled");
  word_fails (sign_in (ann, "ann", &ann->identity), "disabled");
  town_free (town);
}

static void
test_store_failed (void) {
  Town *town = town_new (true);
  Guest *ann = guest_new (town, 2);
  g_assert_true (guest_connect (ann));
  memory_store_break (town->store, true);
  RtmfpBuffer args = args_create (ann, "ann", &ann->identity.key);
  word_fails (guest_ask (ann, "create", &args), "storeFailed");
  args = args_text ("name", "ann");
  word_fails (guest_ask (ann, "salt", &args), "storeFailed");
  memory_store_break (town->store, false);
  args = args_create (ann, "ann", &ann->identity.key);
  word_ok (guest_ask (ann, "create", &args));
  memory_store_break (town->store, true);
  word_fails (guest_enter (ann, "ann", 1, "early"), "storeFailed");
  memory_store_break (town->store, false);
  word_ok (guest_enter (ann, "ann", 1, "early"));
  g_assert_cmpuint (town_counters (town).store_failed, ==, 3);
  town_free (town);
}

/* Too many requests at the store are refused, and those that wait are answered when it goes on. */
static void
test_slow_store (void) {
  Town *town = town_new (true);
  Guest *ann = guest_new (town, 2);
  g_assert_true (guest_connect (ann));
  town->store_stops = true;
  int busy = 0, answered = 0;
  RtmfpId call;
  for (int i = 0; i < AHOY_STORE_JOBS_PER_VISITOR_MAX + 5; i++) {
    RtmfpBuffer args = args_text ("name", "ann");
    guest_send (ann, "salt", &args, &call);
  }
  town_run (town, SECOND);
  Word *word;
  while ((word = g_queue_pop_head (&ann->answers)) != NULL) {
    busy += g_strcmp0 (word->code, "busy") == 0;
    word_free (word);
  }
  g_assert_cmpint (busy, ==, 5);
  town->store_stops = false;
  town_run (town, SECOND);
  while ((word = g_queue_pop_head (&ann->answers)) != NULL) {
    answered += word->ok;
    word_free (word);
  }
  g_assert_cmpint (answered, ==, AHOY_STORE_JOBS_PER_VISITOR_MAX);
  /* A guest that leaves while its requests wait. */
  town->store_stops = true;
  RtmfpBuffer args = args_text ("name", "ann");
  guest_send (ann, "salt", &args, &call);
  town_run (town, SECOND);
  guest_leave (ann);
  town->store_stops = false;
  town_run (town, SECOND);
  g_assert_cmpuint (town_counters (town).store_waiting, ==, 0);
  town_free (town);
}

static void
test_command_rate (void) {
  Town *town = town_new (true);
  Guest *ann = guest_enter_new (town, 2, "ann", 1);
  RtmfpId call;
  for (int i = 0; i < 2 * AHOY_COMMAND_BURST; i += 50) {
    for (int j = 0; j < 50; j++) {
      RtmfpBuffer args = args_text ("presence", "online");
      guest_send (ann, "presence", &args, &call);
    }
    town_run (town, SECOND / 20);
  }
  int slowed = 0;
  town_run (town, SECOND);
  Word *word;
  while ((word = g_queue_pop_head (&ann->answers)) != NULL) {
    slowed += g_strcmp0 (word->code, "slowDown") == 0;
    word_free (word);
  }
  g_assert_cmpint (slowed, >, 50);
  town_free (town);
}

/* Requests of all together are bounded too. */
static void
test_store_jobs_bound (void) {
  Town *town = town_new (true);
  const uint8_t count = AHOY_STORE_JOBS_MAX / AHOY_STORE_JOBS_PER_VISITOR_MAX + 1;
  town->store_stops = true;
  for (uint8_t i = 0; i < count; i++) {
    Guest *guest = guest_new (town, (uint8_t)(i + 1));
    g_assert_true (guest_connect (guest));
    for (int j = 0; j < AHOY_STORE_JOBS_PER_VISITOR_MAX; j++) {
      RtmfpBuffer args = args_text ("name", "ann");
      RtmfpId call;
      guest_send (guest, "salt", &args, &call);
    }
    town_run (town, SECOND / 10);
  }
  g_assert_cmpuint (town_counters (town).store_waiting, ==, AHOY_STORE_JOBS_MAX);
  Guest *last = town->guests->pdata[count - 1];
  word_fails (g_queue_pop_head (&last->answers), "busy");
  town_free (town);
}

static void
test_create_rate (void) {
  Town *town = town_new (true);
  Guest *ann = guest_new (town, 2);
  g_assert_true (guest_connect (ann));
  for (int i = 0; i < AHOY_CREATE_BURST; i++) {
    g_autofree char *user = g_strdup_printf ("ann%d", i);
    RtmfpBuffer args = args_create (ann, user, &ann->identity.key);
    word_ok (guest_ask (ann, "create", &args));
  }
  RtmfpBuffer args = args_create (ann, "ann", &ann->identity.key);
  word_fails (guest_ask (ann, "create", &args), "slowDown");
  town_free (town);
}

static RtmfpBuffer
args_long (const char *name, size_t size) {
  g_autofree char *text = g_strnfill (size, 'x');
  return args_text (name, text);
}

static void
test_long_texts (void) {
  Town *town = town_new (true);
  Guest *ann = guest_enter_new (town, 2, "ann", 1);
  (void)guest_enter_new (town, 3, "bob", 2);
  RtmfpBuffer args = args_long ("text", AHOY_REQUEST_TEXT_BYTES_MAX + 1);
  args_add_text (&args, "address", "bob");
  word_fails (guest_ask (ann, "contact.request", &args), "limit");
  args = args_long ("text", AHOY_REQUEST_TEXT_BYTES_MAX);
  args_add_text (&args, "address", "bob");
  word_ok (guest_ask (ann, "contact.request", &args));
  Guest *eve = guest_new (town, 4);
  g_assert_true (guest_connect (eve));
  args = args_long ("displayName", AHOY_DISPLAY_NAME_BYTES_MAX + 1);
  args_add_text (&args, "name", "eve");
  word_fails (guest_ask (eve, "create", &args), "limit");
  args = args_long ("label", AHOY_DEVICE_LABEL_BYTES_MAX + 1);
  args_add_text (&args, "name", "eve");
  args_add_filled (&args, "device", 1, AHOY_DEVICE_ID_SIZE);
  word_fails (guest_ask (eve, "enter", &args), "limit");
  town_free (town);
}

/* ---- Contacts ---- */

static void
test_contacts (void) {
  Town *town = town_new (true);
  Guest *ann = guest_enter_new (town, 2, "ann", 1);
  Guest *bob = guest_enter_new (town, 3, "bob", 2);
  RtmfpBuffer args = args_text ("address", "bob@ahoy.example");
  args_add_text (&args, "text", "It is me");
  Word *word = guest_ask (ann, "contact.request", &args);
  assert_text (word, "address", "bob@ahoy.example");
  assert_text (word, "relation", "requested");
  assert_text (word, "presence", "offline"); /* not before consent */
  word_free (word);
  word = guest_hear (bob, "contact.changed");
  assert_text (word, "address", "ann@ahoy.example");
  assert_text (word, "relation", "asked");
  assert_text (word, "text", "It is me");
  uint8_t card[AHOY_KEY_SIZE];
  g_assert_true (rtmfp_amf_as_fixed (rtmfp_amf_get (word->value, "card"), card, sizeof card));
  g_assert_cmpmem (card, sizeof card, ann->identity.key.bytes, AHOY_KEY_SIZE);
  word_free (word);
  guest_forget (ann);
  args = args_text ("address", "ann@ahoy.example");
  word_ok (guest_ask (bob, "contact.accept", &args));
  word = guest_hear (ann, "contact.changed");
  assert_text (word, "relation", "both");
  assert_text (word, "presence", "online");
  word_free (word);
  word = guest_hear (bob, "contact.changed"); /* also to the one that acted */
  assert_text (word, "relation", "both");
  word_free (word);
  args = args_text ("address", "ann@ahoy.example");
  word_ok (guest_ask (bob, "contact.block", &args));
  word = guest_hear (ann, "contact.changed");
  assert_text (word, "relation", "none");
  word_free (word);
  args = args_text ("address", "zoe@ahoy.example");
  word_fails (guest_ask (bob, "contact.request", &args), "unknown");
  args = args_text ("address", "ann@elsewhere.example");
  word_fails (guest_ask (bob, "contact.request", &args), "unknown");
  args = args_text ("address", "bob@ahoy.example");
  word_fails (guest_ask (bob, "contact.request", &args), "notAllowed");
  args = args_text ("address", "bob@ahoy.example");
  word_fails (guest_ask (ann, "contact.accept", &args), "notAllowed");
  town_free (town);
}

static void
test_presence (void) {
  Town *town = town_new (true);
  Guest *ann = guest_enter_new (town, 2, "ann", 1);
  Guest *bob = guest_enter_new (town, 3, "bob", 2);
  Guest *eve = guest_enter_new (town, 4, "eve", 3);
  guests_make_contacts (ann, bob, "ann", "bob");
  RtmfpBuffer args = args_text ("presence", "busy");
  word_ok (guest_ask (ann, "presence", &args));
  Word *word = guest_hear (bob, "presence.changed");
  assert_text (word, "address", "ann@ahoy.example");
  assert_text (word, "presence", "busy");
  word_free (word);
  args = args_text ("presence", "offline");
  word_fails (guest_ask (ann, "presence", &args), "badRequest");
  guest_leave (ann);
  word = guest_hear (bob, "presence.changed");
  assert_text (word, "presence", "offline");
  word_free (word);
  word = guest_enter (ann, "ann", 1, "early");
  const RtmfpAmfValue *entry = rtmfp_amf_item (rtmfp_amf_get (word->value, "roster"), 0);
  g_assert_true (rtmfp_amf_is_text (rtmfp_amf_get (entry, "address"), "bob@ahoy.example"));
  g_assert_true (rtmfp_amf_is_text (rtmfp_amf_get (entry, "presence"), "online"));
  word_free (word);
  word = guest_hear (bob, "presence.changed");
  assert_text (word, "presence", "online");
  word_free (word);
  guest_vanish (ann); /* noticed by keepalive */
  town_run (town, 120 * SECOND);
  word = guest_hear (bob, "presence.changed");
  assert_text (word, "presence", "offline");
  word_free (word);
  g_assert_cmpuint (eve->words.length, ==, 0);
  town_free (town);
}

static void
test_invites (void) {
  Town *town = town_new (true);
  Guest *ann = guest_enter_new (town, 2, "ann", 1);
  Guest *bob = guest_enter_new (town, 3, "bob", 2);
  char token[64];
  RtmfpBuffer args = args_none ();
  Word *word = guest_ask (ann, "invite.make", &args);
  g_assert_true (rtmfp_amf_as_text (rtmfp_amf_get (word->value, "token"), token, sizeof token));
  word_free (word);
  args = args_text ("token", token);
  word = guest_ask (bob, "invite.redeem", &args);
  assert_text (word, "address", "ann@ahoy.example");
  assert_text (word, "relation", "both");
  word_free (word);
  word = guest_hear (ann, "contact.changed");
  assert_text (word, "address", "bob@ahoy.example");
  assert_text (word, "relation", "both");
  word_free (word);
  for (int i = 1; i < AHOY_REDEEM_BURST; i++) {
    args = args_text ("token", token);
    word_fails (guest_ask (bob, "invite.redeem", &args), "unknown");
  }
  args = args_text ("token", token);
  word_fails (guest_ask (bob, "invite.redeem", &args), "slowDown");
  town_free (town);
}

static void
test_sign_out (void) {
  Town *town = town_new (true);
  Guest *ann = guest_enter_new (town, 2, "ann", 1);
  RtmfpBuffer args = args_none ();
  word_ok (guest_ask (ann, "signOut", &args));
  g_assert_cmpuint (town_counters (town).people, ==, 0);
  args = args_text ("presence", "busy");
  word_fails (guest_ask (ann, "presence", &args), "notSignedIn");
  town_free (town);
}

static void
test_who (void) {
  Town *town = town_new (true);
  (void)guest_enter_new (town, 2, "ann", 1);
  AhoyVisitorInfo info;
  RtmfpId cursor = 0;
  g_assert_true (ahoy_rendezvous_next_visitor (town->server, &cursor, &info));
  g_assert_cmpstr (info.user, ==, "ann");
  g_assert_cmpstr (info.label, ==, "desk");
  g_assert_cmpuint (info.bytes_received, >, 0);
  g_assert_false (ahoy_rendezvous_next_visitor (town->server, &cursor, &info));
  ahoy_rendezvous_stop (town->server, town->now_us);
  town_run (town, SECOND);
  g_assert_cmpuint (town_counters (town).visitors, ==, 0);
  town_free (town);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rendezvous/greeting/connects-and-leaves", test_connects);
  g_test_add_func ("/rendezvous/greeting/closes-who-never-proves", test_mute);
  g_test_add_func ("/rendezvous/greeting/closes-false-proofs", test_false_proof);
  g_test_add_func ("/rendezvous/greeting/refuses-other-apps", test_other_app);
  g_test_add_func ("/rendezvous/accounts/only-after-enter", test_not_signed_in);
  g_test_add_func ("/rendezvous/accounts/create", test_create);
  g_test_add_func ("/rendezvous/accounts/create-by-invite-only", test_invite_needed);
  g_test_add_func ("/rendezvous/accounts/false-salts-are-stable", test_false_salts);
  g_test_add_func ("/rendezvous/accounts/sign-in-on-a-second-device", test_sign_in);
  g_test_add_func ("/rendezvous/accounts/guessing-is-slowed-down", test_guessing);
  g_test_add_func ("/rendezvous/enter/tells-who-one-is", test_enter);
  g_test_add_func ("/rendezvous/enter/one-session-a-device", test_one_session_a_device);
  g_test_add_func ("/rendezvous/enter/not-when-disabled", test_disabled);
  g_test_add_func ("/rendezvous/store/failures-are-told", test_store_failed);
  g_test_add_func ("/rendezvous/store/slow-ones-make-busy", test_slow_store);
  g_test_add_func ("/rendezvous/commands/are-limited-in-rate", test_command_rate);
  g_test_add_func ("/rendezvous/store/requests-of-all-are-bounded", test_store_jobs_bound);
  g_test_add_func ("/rendezvous/accounts/are-made-at-a-limited-rate", test_create_rate);
  g_test_add_func ("/rendezvous/commands/long-texts-are-refused", test_long_texts);
  g_test_add_func ("/rendezvous/contacts/by-request-and-consent", test_contacts);
  g_test_add_func ("/rendezvous/contacts/see-presence", test_presence);
  g_test_add_func ("/rendezvous/contacts/by-invite", test_invites);
  g_test_add_func ("/rendezvous/accounts/sign-out", test_sign_out);
  g_test_add_func ("/rendezvous/operator/sees-and-stops", test_who);
  return g_test_run ();
}

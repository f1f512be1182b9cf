/* SPDX-License-Identifier: GPL-3.0-or-later */
/* People, their server and the wire between them: accounts, contacts, messages and calls, on the
 * virtual clock. */
#include "tests/agent/world.h"

#include "core/account/invite.h"

#include <locale.h>
#include <string.h>

#define PASSWORD "correct horse battery"

static gboolean
is_online (gpointer data) {
  return ((WorldPerson *)data)->state == AHOY_AGENT_ONLINE;
}

static gboolean
is_stopped (gpointer data) {
  return ((WorldPerson *)data)->state == AHOY_AGENT_STOPPED;
}

static gboolean
is_offline (gpointer data) {
  return ((WorldPerson *)data)->state == AHOY_AGENT_OFFLINE;
}

static WorldPerson *
add_online (World *world, const char *user) {
  WorldPerson *person = world_add (world, user, AHOY_ENTRY_CREATE, PASSWORD);
  g_assert_true (world_until (world, is_online, person, 10 * WORLD_SECOND));
  return person;
}

typedef struct {
  World *world;
  WorldPerson *anna, *bert;
} Pair;

static Pair
make_pair (guint64 seed) {
  Pair pair = {.world = world_new (seed, true)};
  pair.anna = add_online (pair.world, "anna");
  pair.bert = add_online (pair.world, "bert");
  world_befriend (pair.anna, pair.bert);
  return pair;
}

static AhoyMessageId
send_text (WorldPerson *from, WorldPerson *to, const char *text) {
  const AhoyName name = world_name (from->world, to->user);
  AhoyMessageId id;
  g_assert_cmpint (ahoy_agent_send_message (from->agent, &name, AHOY_BODY_TEXT,
                                            rtmfp_bytes (text, strlen (text)), 1750000000000,
                                            from->world->now_us, &id),
                   ==, RTMFP_OK);
  return id;
}

static AhoyChatState
state_of (WorldPerson *person, const AhoyMessageId *id) {
  char text[AHOY_MESSAGE_ID_TEXT_SIZE];
  ahoy_message_id_format (id, text);
  const int kept = GPOINTER_TO_INT (g_hash_table_lookup (person->states, text));
  g_assert_cmpint (kept, >, 0);
  return (AhoyChatState)(kept - 1);
}

static void
assert_received (WorldPerson *person, guint count, const char *const *texts) {
  g_assert_cmpuint (person->received->len, ==, count);
  for (guint i = 0; i < count; i++) {
    g_assert_cmpstr (person->received->pdata[i], ==, texts[i]);
  }
}

static void
ring (Pair *pair, gboolean video) {
  const AhoyName bert = world_name (pair->world, "bert");
  g_assert_cmpint (ahoy_agent_call (pair->anna->agent, &bert, video, pair->world->now_us), ==,
                   RTMFP_OK);
  world_run (pair->world, WORLD_SECOND);
  g_assert_cmpint (world_call (pair->anna).state, ==, AHOY_CALL_RINGING);
  g_assert_cmpint (world_call (pair->bert).state, ==, AHOY_CALL_INCOMING);
}

static void
answer (Pair *pair, gboolean video) {
  g_assert_cmpint (ahoy_agent_accept (pair->bert->agent, video, pair->world->now_us), ==, RTMFP_OK);
  world_run (pair->world, 2 * WORLD_SECOND);
  g_assert_cmpint (world_call (pair->anna).state, ==, AHOY_CALL_SECURED);
  g_assert_cmpint (world_call (pair->bert).state, ==, AHOY_CALL_SECURED);
  g_assert_true (pair->anna->media_on && pair->bert->media_on);
}

typedef struct {
  WorldPerson *from, *to;
  guint pictures; /* made so far */
  bool key;       /* the next one is a key frame */
} Camera;

/* A picture each 20 ms from the moment when media is on; the first is a key frame, and then only
 * one that was asked for. Returns: whether the other has seen any. */
static gboolean
shoots (Camera *camera) {
  const int64_t now_us = camera->from->world->now_us;
  if (camera->from->media_on) {
    const uint32_t stamp = (uint32_t)(now_us / 1000);
    camera->key = camera->key || camera->pictures == 0 || camera->from->key_frames > 0;
    camera->from->key_frames = 0;
    const AhoyMedia media = {.kind = AHOY_MEDIA_VIDEO,
                             .codec = AHOY_CODEC_VP8,
                             .is_key = camera->key,
                             .timestamp_ms = stamp,
                             .bytes = rtmfp_bytes (&stamp, sizeof stamp)};
    RtmfpStatus status = ahoy_agent_send_media (camera->from->agent, &media, now_us);
    (void)status; /* what was not taken is what this is about */
    camera->key = false;
    camera->pictures++;
  }
  return camera->to->video_in > 0;
}

/* Nobody's address is told before "accept", so on a long line the first key frames are made before
 * the far side can take them: others are asked for. */
static void
test_first_picture (void) {
  Pair pair = make_pair (41);
  for (guint i = 0; i < 2; i++) {
    WorldPerson *person = i == 0 ? pair.anna : pair.bert;
    person->config.ring_early = false;
    world_restart (person);
    g_assert_true (world_until (pair.world, is_online, person, 10 * WORLD_SECOND));
  }
  pair.world->delay_us = 100000;
  world_run (pair.world, 5 * WORLD_SECOND);
  ring (&pair, true);
  g_assert_cmpint (ahoy_agent_accept (pair.bert->agent, true, pair.world->now_us), ==, RTMFP_OK);
  const int64_t begin_us = pair.world->now_us;
  Camera annas = {.from = pair.anna, .to = pair.bert}, berts = {.from = pair.bert, .to = pair.anna};
  bool seen = false;
  while (!seen && pair.world->now_us < begin_us + 20 * WORLD_SECOND) {
    const bool first = shoots (&annas), second = shoots (&berts);
    seen = first && second;
    world_run (pair.world, 20000);
  }
  g_test_message ("both see each other after %d ms", (int)((pair.world->now_us - begin_us) / 1000));
  g_assert_cmpint (pair.world->now_us - begin_us, <, 5 * WORLD_SECOND);
  world_free (pair.world);
}

/* ---- Accounts ---- */

static void
test_create_and_restart (void) {
  World *world = world_new (1, true);
  WorldPerson *anna = add_online (world, "anna");
  g_assert_true (anna->has_identity && anna->server.is_set);
  world_restart (anna);
  g_assert_true (world_until (world, is_online, anna, 10 * WORLD_SECOND));
  world_free (world);
}

static void
test_name_taken (void) {
  World *world = world_new (2, true);
  add_online (world, "anna");
  WorldPerson *other = world_add (world, "anna", AHOY_ENTRY_CREATE, PASSWORD);
  g_assert_true (world_until (world, is_stopped, other, 10 * WORLD_SECOND));
  g_assert_cmpint (other->fault, ==, AHOY_FAULT_NAME_TAKEN);
  world_free (world);
}

static void
test_second_device_by_password (void) {
  World *world = world_new (3, true);
  WorldPerson *anna = add_online (world, "anna");
  WorldPerson *laptop = world_add (world, "anna", AHOY_ENTRY_PASSWORD, PASSWORD);
  g_assert_true (world_until (world, is_online, laptop, 10 * WORLD_SECOND));
  g_assert_true (ahoy_key_equal (&anna->identity.key, &laptop->identity.key));
  g_assert_cmpint (anna->state, ==, AHOY_AGENT_ONLINE);
  world_free (world);
}

static void
test_wrong_password (void) {
  World *world = world_new (4, true);
  add_online (world, "anna");
  WorldPerson *wrong = world_add (world, "anna", AHOY_ENTRY_PASSWORD, "not the password");
  WorldPerson *nobody = world_add (world, "nobody", AHOY_ENTRY_PASSWORD, PASSWORD);
  g_assert_true (world_until (world, is_stopped, wrong, 10 * WORLD_SECOND));
  g_assert_true (world_until (world, is_stopped, nobody, 10 * WORLD_SECOND));
  g_assert_cmpint (wrong->fault, ==, AHOY_FAULT_WRONG_PASSWORD);
  g_assert_cmpint (nobody->fault, ==, AHOY_FAULT_WRONG_PASSWORD);
  world_free (world);
}

static void
test_invite_only (void) {
  World *world = world_new (5, false);
  WorldPerson *stranger = world_add (world, "stranger", AHOY_ENTRY_CREATE, PASSWORD);
  g_assert_true (world_until (world, is_stopped, stranger, 10 * WORLD_SECOND));
  g_assert_cmpint (stranger->fault, ==, AHOY_FAULT_INVITE_NEEDED);
  world_free (world);
}

static void
test_invite_makes_contacts (void) {
  World *world = world_new (6, true);
  WorldPerson *anna = add_online (world, "anna");
  WorldPerson *bert = add_online (world, "bert");
  const uint64_t asked = ahoy_agent_make_invite (anna->agent, world->now_us);
  world_run (world, WORLD_SECOND);
  g_assert_cmpuint (anna->answered, ==, asked);
  g_assert_true (anna->answer_ok);
  AhoyInvite invite;
  g_assert_cmpint (ahoy_invite_parse (anna->answer_text, &invite), ==, RTMFP_OK);
  g_assert_true (ahoy_key_equal (&invite.inviter_key, &anna->identity.key));
  ahoy_agent_redeem_invite (bert->agent, &invite, world->now_us);
  world_run (world, WORLD_SECOND);
  g_assert_true (bert->answer_ok);
  g_assert_cmpint (world_contact (anna, "bert")->relation, ==, AHOY_RELATION_BOTH);
  g_assert_cmpint (world_contact (bert, "anna")->relation, ==, AHOY_RELATION_BOTH);
  /* It serves once. */
  WorldPerson *carl = add_online (world, "carl");
  ahoy_agent_redeem_invite (carl->agent, &invite, world->now_us);
  world_run (world, WORLD_SECOND);
  g_assert_false (carl->answer_ok);
  world_free (world);
}

static void
test_server_with_another_key (void) {
  World *world = world_new (7, true);
  WorldPerson *anna = add_online (world, "anna");
  world_stop_server (world);
  ahoy_identity_make (&world->server_config.rng, &world->server_config.identity);
  world_start_server (world);
  world_restart (anna);
  g_assert_true (world_until (world, is_stopped, anna, 30 * WORLD_SECOND));
  g_assert_cmpint (anna->fault, ==, AHOY_FAULT_SERVER_KEY_CHANGED);
  world_free (world);
}

static void
test_server_unreachable_then_back (void) {
  World *world = world_new (8, true);
  world_stop_server (world);
  WorldPerson *anna = world_add (world, "anna", AHOY_ENTRY_CREATE, PASSWORD);
  g_assert_true (world_until (world, is_offline, anna, 60 * WORLD_SECOND));
  g_assert_cmpint (anna->fault, ==, AHOY_FAULT_UNREACHABLE);
  world_start_server (world);
  g_assert_true (world_until (world, is_online, anna, 120 * WORLD_SECOND));
  world_free (world);
}

/* ---- Contacts ---- */

static void
test_presence_and_block (void) {
  Pair pair = make_pair (10);
  g_assert_cmpint (world_contact (pair.anna, "bert")->presence, ==, AHOY_PRESENCE_ONLINE);
  const AhoyName bert = world_name (pair.world, "bert");
  ahoy_agent_change_contact (pair.anna->agent, &bert, AHOY_CONTACT_BLOCK, pair.world->now_us);
  world_run (pair.world, WORLD_SECOND);
  g_assert_cmpint (world_contact (pair.anna, "bert")->relation, ==, AHOY_RELATION_BLOCKED);
  g_assert_cmpint (world_contact (pair.bert, "anna")->relation, ==, AHOY_RELATION_NONE);
  const AhoyName anna = world_name (pair.world, "anna");
  g_assert_cmpint (ahoy_agent_call (pair.bert->agent, &anna, true, pair.world->now_us), ==,
                   RTMFP_STATE);
  ahoy_agent_request_contact (pair.bert->agent, &anna, "please", pair.world->now_us);
  world_run (pair.world, WORLD_SECOND);
  /* Nobody learns that one is blocked: the request just finds no answer. */
  g_assert_cmpint (world_contact (pair.anna, "bert")->relation, ==, AHOY_RELATION_BLOCKED);
  g_assert_cmpint (world_contact (pair.bert, "anna")->relation, ==, AHOY_RELATION_REQUESTED);
  g_assert_cmpint (world_contact (pair.bert, "anna")->presence, ==, AHOY_PRESENCE_OFFLINE);
  world_free (pair.world);
}

static void
test_presence_goes_when_killed (void) {
  Pair pair = make_pair (11);
  world_kill (pair.bert);
  world_run (pair.world, 120 * WORLD_SECOND);
  g_assert_cmpint (world_contact (pair.anna, "bert")->presence, ==, AHOY_PRESENCE_OFFLINE);
  world_restart (pair.bert);
  world_run (pair.world, 5 * WORLD_SECOND);
  g_assert_cmpint (world_contact (pair.anna, "bert")->presence, ==, AHOY_PRESENCE_ONLINE);
  world_free (pair.world);
}

/* ---- Messages ---- */

static void
test_messages_in_order_both_ways (void) {
  Pair pair = make_pair (20);
  const AhoyMessageId first = send_text (pair.anna, pair.bert, "one");
  send_text (pair.anna, pair.bert, "two");
  world_run (pair.world, 3 * WORLD_SECOND);
  const AhoyMessageId last = send_text (pair.anna, pair.bert, "three");
  send_text (pair.bert, pair.anna, "back");
  world_run (pair.world, 10 * WORLD_SECOND);
  assert_received (pair.bert, 3, (const char *const[]){"one", "two", "three"});
  assert_received (pair.anna, 1, (const char *const[]){"back"});
  g_assert_cmpint (state_of (pair.anna, &first), ==, AHOY_CHAT_DELIVERED);
  g_assert_cmpint (state_of (pair.anna, &last), ==, AHOY_CHAT_DELIVERED);
  world_free (pair.world);
}

/* After both have written the way is direct: the server carries nothing more. */
static void
test_messages_go_straight (void) {
  Pair pair = make_pair (21);
  send_text (pair.anna, pair.bert, "hello");
  send_text (pair.bert, pair.anna, "hello you");
  world_run (pair.world, 100 * WORLD_SECOND);
  send_text (pair.anna, pair.bert, "shall we");
  world_run (pair.world, 10 * WORLD_SECOND);
  pair.world->server_frozen = TRUE;
  const AhoyMessageId id = send_text (pair.anna, pair.bert, "straight");
  world_run (pair.world, 2 * WORLD_SECOND);
  assert_received (pair.bert, 3, (const char *const[]){"hello", "shall we", "straight"});
  g_assert_cmpint (state_of (pair.anna, &id), ==, AHOY_CHAT_DELIVERED);
  world_free (pair.world);
}

/* "Typing" goes straight only, and ends by itself. */
static void
test_typing (void) {
  Pair pair = make_pair (23);
  const AhoyName bert = world_name (pair.world, "bert");
  send_text (pair.anna, pair.bert, "hello");
  send_text (pair.bert, pair.anna, "hello you");
  world_run (pair.world, 100 * WORLD_SECOND);
  send_text (pair.anna, pair.bert, "shall we");
  world_run (pair.world, 10 * WORLD_SECOND);
  ahoy_agent_type (pair.anna->agent, &bert, pair.world->now_us);
  world_run (pair.world, WORLD_SECOND);
  g_assert_true (pair.bert->far_types);
  world_run (pair.world, 10 * WORLD_SECOND);
  g_assert_false (pair.bert->far_types);
  const AhoyName nobody = world_name (pair.world, "nobody");
  ahoy_agent_type (pair.anna->agent, &nobody, pair.world->now_us);
  world_run (pair.world, WORLD_SECOND);
  world_free (pair.world);
}

/* Who signs out for good is no device any more; who only stops comes again. */
static void
test_stop (void) {
  Pair pair = make_pair (24);
  const AhoyName bert = world_name (pair.world, "bert");
  g_assert_cmpint (ahoy_agent_call (pair.anna->agent, &bert, true, pair.world->now_us), ==,
                   RTMFP_OK);
  world_run (pair.world, 2 * WORLD_SECOND);
  g_assert_cmpint (world_call (pair.bert).state, ==, AHOY_CALL_INCOMING);
  ahoy_agent_stop (pair.anna->agent, true, pair.world->now_us);
  world_run (pair.world, 5 * WORLD_SECOND);
  g_assert_cmpint (pair.anna->state, ==, AHOY_AGENT_STOPPED);
  g_assert_cmpint (pair.anna->fault, ==, AHOY_FAULT_NONE);
  g_assert_cmpint (world_call (pair.bert).state, !=, AHOY_CALL_INCOMING); /* it was hung up */
  g_assert_cmpint (world_contact (pair.bert, "anna")->presence, ==, AHOY_PRESENCE_OFFLINE);
  world_run (pair.world, 300 * WORLD_SECOND);
  g_assert_cmpint (pair.anna->state, ==, AHOY_AGENT_STOPPED);
  world_free (pair.world);
}

/* A person says that they compared the keys, and takes it back. */
static void
test_confirm_key (void) {
  Pair pair = make_pair (25);
  const AhoyName bert = world_name (pair.world, "bert"), nobody = world_name (pair.world, "nobody");
  g_assert_false (world_contact (pair.anna, "bert")->pin.is_verified);
  ahoy_agent_confirm_key (pair.anna->agent, &bert, true, pair.world->now_us);
  ahoy_agent_confirm_key (pair.anna->agent, &nobody, true, pair.world->now_us);
  world_run (pair.world, WORLD_SECOND);
  g_assert_true (world_contact (pair.anna, "bert")->pin.is_verified);
  ahoy_agent_confirm_key (pair.anna->agent, &bert, false, pair.world->now_us);
  world_run (pair.world, WORLD_SECOND);
  g_assert_false (world_contact (pair.anna, "bert")->pin.is_verified);
  world_free (pair.world);
}

static void
test_message_waits_for_recipient (void) {
  Pair pair = make_pair (22);
  world_kill (pair.bert);
  world_run (pair.world, 120 * WORLD_SECOND);
  const AhoyMessageId id = send_text (pair.anna, pair.bert, "read me later");
  world_run (pair.world, 5 * WORLD_SECOND);
  g_assert_cmpint (state_of (pair.anna, &id), ==, AHOY_CHAT_STORED);
  g_assert_cmpuint (pair.world->seen->len, >, 0);
  g_assert_false (world_server_has_seen (pair.world, "read me later"));
  world_restart (pair.bert);
  world_run (pair.world, 10 * WORLD_SECOND);
  assert_received (pair.bert, 1, (const char *const[]){"read me later"});
  g_assert_cmpint (state_of (pair.anna, &id), ==, AHOY_CHAT_DELIVERED);
  world_free (pair.world);
}

/* The recipient's disk is full: the message is not confirmed, and comes again. */
static void
test_message_survives_full_disk (void) {
  Pair pair = make_pair (23);
  pair.bert->disk_full = TRUE;
  const AhoyMessageId id = send_text (pair.anna, pair.bert, "keep me");
  world_run (pair.world, 20 * WORLD_SECOND);
  g_assert_cmpint (state_of (pair.anna, &id), ==, AHOY_CHAT_STORED);
  g_assert_cmpuint (pair.bert->received->len, ==, 0);
  pair.bert->disk_full = FALSE;
  world_restart (pair.bert);
  world_run (pair.world, 40 * WORLD_SECOND);
  assert_received (pair.bert, 1, (const char *const[]){"keep me"});
  g_assert_cmpint (state_of (pair.anna, &id), ==, AHOY_CHAT_DELIVERED);
  world_free (pair.world);
}

static void
test_server_disk_full (void) {
  Pair pair = make_pair (24);
  memory_store_break (pair.world->store, true);
  const AhoyMessageId id = send_text (pair.anna, pair.bert, "not yet");
  world_run (pair.world, 10 * WORLD_SECOND);
  g_assert_cmpint (state_of (pair.anna, &id), ==, AHOY_CHAT_UNSENT);
  memory_store_break (pair.world->store, false);
  world_run (pair.world, 60 * WORLD_SECOND);
  g_assert_cmpint (state_of (pair.anna, &id), ==, AHOY_CHAT_DELIVERED);
  assert_received (pair.bert, 1, (const char *const[]){"not yet"});
  world_free (pair.world);
}

/* ---- Calls ---- */

static void
test_call (void) {
  Pair pair = make_pair (30);
  ring (&pair, true);
  answer (&pair, true);
  g_assert_true (world_call (pair.anna).has_path);
  const guint64 server_before = pair.world->server_bytes;
  world_talk (pair.anna, true, 5 * WORLD_SECOND);
  world_talk (pair.bert, true, 5 * WORLD_SECOND);
  world_run (pair.world, WORLD_SECOND);
  g_assert_cmpuint (pair.bert->audio_in, ==, 250);
  g_assert_cmpuint (pair.anna->audio_in, ==, 250);
  g_assert_cmpuint (pair.bert->video_in, ==, 125);
  g_assert_cmpuint (pair.bert->bad_media + pair.anna->bad_media, ==, 0);
  /* No media by the server: keepalives only. */
  g_assert_cmpuint (pair.world->server_bytes - server_before, <, 4000);
  g_assert_cmpint (ahoy_agent_hang_up (pair.anna->agent, pair.world->now_us), ==, RTMFP_OK);
  world_run (pair.world, WORLD_SECOND);
  g_assert_cmpint (world_call (pair.anna).end, ==, AHOY_CALL_END_HUNG_UP);
  g_assert_cmpint (world_call (pair.bert).end, ==, AHOY_CALL_END_FAR_HUNG_UP);
  g_assert_false (pair.anna->media_on || pair.bert->media_on);
  world_free (pair.world);
}

/* The second call with somebody is made ready while it rings: after "accept" sound needs one way
 * only. */
static void
test_early_path (void) {
  Pair pair = make_pair (31);
  ring (&pair, false);
  g_assert_false (world_call (pair.anna).has_path); /* they never talked: no address by ringing */
  answer (&pair, false);
  g_assert_cmpint (ahoy_agent_hang_up (pair.bert->agent, pair.world->now_us), ==, RTMFP_OK);
  world_run (pair.world, 5 * WORLD_SECOND);
  const guint64 direct = pair.world->direct_bytes;
  ring (&pair, false);
  g_assert_cmpuint (pair.world->direct_bytes, >, direct);
  g_assert_cmpint (ahoy_agent_accept (pair.bert->agent, false, pair.world->now_us), ==, RTMFP_OK);
  world_run (pair.world, pair.world->delay_us + 1000);
  g_assert_cmpint (world_call (pair.anna).state, ==, AHOY_CALL_SECURED);
  world_talk (pair.bert, false, WORLD_SECOND);
  world_run (pair.world, WORLD_SECOND);
  g_assert_cmpuint (pair.anna->audio_in, >=, 49);
  world_free (pair.world);
}

static void
test_decline (void) {
  Pair pair = make_pair (32);
  ring (&pair, true);
  g_assert_cmpint (ahoy_agent_decline (pair.bert->agent, pair.world->now_us), ==, RTMFP_OK);
  world_run (pair.world, WORLD_SECOND);
  g_assert_cmpint (world_call (pair.anna).end, ==, AHOY_CALL_END_DECLINED);
  world_free (pair.world);
}

static void
test_cancel (void) {
  Pair pair = make_pair (33);
  ring (&pair, true);
  g_assert_cmpint (ahoy_agent_hang_up (pair.anna->agent, pair.world->now_us), ==, RTMFP_OK);
  world_run (pair.world, WORLD_SECOND);
  g_assert_cmpint (world_call (pair.bert).end, ==, AHOY_CALL_END_CANCELLED);
  world_free (pair.world);
}

static void
test_unanswered (void) {
  Pair pair = make_pair (34);
  ring (&pair, true);
  world_run (pair.world, 43 * WORLD_SECOND);
  g_assert_cmpint (world_call (pair.anna).state, ==, AHOY_CALL_RINGING);
  world_run (pair.world, 3 * WORLD_SECOND);
  g_assert_cmpint (world_call (pair.anna).end, ==, AHOY_CALL_END_UNANSWERED);
  g_assert_cmpint (world_call (pair.bert).state, ==, AHOY_CALL_ENDED);
  world_free (pair.world);
}

static void
test_offline (void) {
  Pair pair = make_pair (35);
  world_kill (pair.bert);
  world_run (pair.world, 120 * WORLD_SECOND);
  const AhoyName bert = world_name (pair.world, "bert");
  g_assert_cmpint (ahoy_agent_call (pair.anna->agent, &bert, true, pair.world->now_us), ==,
                   RTMFP_OK);
  world_run (pair.world, WORLD_SECOND);
  g_assert_cmpint (world_call (pair.anna).end, ==, AHOY_CALL_END_OFFLINE);
  world_free (pair.world);
}

static void
test_busy (void) {
  Pair pair = make_pair (36);
  WorldPerson *carl = add_online (pair.world, "carl");
  world_befriend (carl, pair.bert);
  ring (&pair, true);
  answer (&pair, true);
  const AhoyName bert = world_name (pair.world, "bert");
  g_assert_cmpint (ahoy_agent_call (carl->agent, &bert, true, pair.world->now_us), ==, RTMFP_OK);
  world_run (pair.world, 2 * WORLD_SECOND);
  g_assert_cmpint (world_call (carl).end, ==, AHOY_CALL_END_BUSY);
  g_assert_cmpint (world_call (pair.bert).state, ==, AHOY_CALL_SECURED);
  world_free (pair.world);
}

static void
test_answered_elsewhere (void) {
  Pair pair = make_pair (37);
  WorldPerson *laptop = world_add (pair.world, "bert", AHOY_ENTRY_PASSWORD, PASSWORD);
  g_assert_true (world_until (pair.world, is_online, laptop, 10 * WORLD_SECOND));
  ring (&pair, true);
  g_assert_cmpint (world_call (laptop).state, ==, AHOY_CALL_INCOMING);
  g_assert_cmpint (ahoy_agent_accept (laptop->agent, true, pair.world->now_us), ==, RTMFP_OK);
  world_run (pair.world, 2 * WORLD_SECOND);
  g_assert_cmpint (world_call (pair.bert).end, ==, AHOY_CALL_END_ELSEWHERE);
  g_assert_cmpint (world_call (laptop).state, ==, AHOY_CALL_SECURED);
  g_assert_cmpint (world_call (pair.anna).state, ==, AHOY_CALL_SECURED);
  world_free (pair.world);
}

/* Both call each other at the same moment: one call comes of it. */
static void
test_glare (void) {
  Pair pair = make_pair (38);
  const AhoyName anna = world_name (pair.world, "anna"), bert = world_name (pair.world, "bert");
  g_assert_cmpint (ahoy_agent_call (pair.anna->agent, &bert, true, pair.world->now_us), ==,
                   RTMFP_OK);
  g_assert_cmpint (ahoy_agent_call (pair.bert->agent, &anna, true, pair.world->now_us), ==,
                   RTMFP_OK);
  world_run (pair.world, 5 * WORLD_SECOND);
  g_assert_cmpint (world_call (pair.anna).state, ==, AHOY_CALL_SECURED);
  g_assert_cmpint (world_call (pair.bert).state, ==, AHOY_CALL_SECURED);
  const AhoyCallInfo a = world_call (pair.anna), b = world_call (pair.bert);
  g_assert_cmpint (ahoy_call_id_compare (&a.id, &b.id), ==, 0);
  world_free (pair.world);
}

/* The call needs no server: it lives while ahoyd is stopped, and while it is restarted both sign in
 * again. */
static void
test_call_outlives_server (void) {
  Pair pair = make_pair (39);
  ring (&pair, false);
  answer (&pair, false);
  pair.world->server_frozen = TRUE;
  world_talk (pair.anna, false, 60 * WORLD_SECOND);
  g_assert_cmpint (world_call (pair.bert).state, ==, AHOY_CALL_SECURED);
  g_assert_cmpuint (pair.bert->audio_in, >, 2990);
  pair.world->server_frozen = FALSE;
  world_stop_server (pair.world);
  world_start_server (pair.world);
  world_talk (pair.anna, false, 60 * WORLD_SECOND);
  g_assert_cmpint (pair.anna->state, ==, AHOY_AGENT_ONLINE);
  g_assert_cmpint (pair.bert->state, ==, AHOY_AGENT_ONLINE);
  g_assert_cmpint (world_call (pair.bert).state, ==, AHOY_CALL_SECURED);
  g_assert_cmpuint (pair.bert->audio_in, >, 5980);
  /* The direct hang-up arrives without help. */
  pair.world->server_frozen = TRUE;
  g_assert_cmpint (ahoy_agent_hang_up (pair.anna->agent, pair.world->now_us), ==, RTMFP_OK);
  world_run (pair.world, WORLD_SECOND);
  g_assert_cmpint (world_call (pair.bert).end, ==, AHOY_CALL_END_FAR_HUNG_UP);
  world_free (pair.world);
}

/* One program is killed in mid-call: the other learns it in the end, and is free again. */
static void
test_killed_in_call (void) {
  Pair pair = make_pair (40);
  ring (&pair, false);
  answer (&pair, false);
  world_kill (pair.bert);
  world_run (pair.world, 5 * WORLD_SECOND);
  g_assert_true (world_call (pair.anna).reconnecting);
  world_run (pair.world, 100 * WORLD_SECOND);
  g_assert_cmpint (world_call (pair.anna).state, ==, AHOY_CALL_ENDED);
  g_assert_cmpint (world_call (pair.anna).end, ==, AHOY_CALL_END_LOST);
  world_free (pair.world);
}

static void
test_mute_and_reports (void) {
  Pair pair = make_pair (41);
  ring (&pair, true);
  answer (&pair, true);
  ahoy_agent_tell_muted (pair.anna->agent, true, pair.world->now_us);
  const AhoyMediaReport report = {
      .audio_lost_permille = 1000, .video_lost_permille = 20, .jitter_ms = 7, .playout_ms = 60};
  ahoy_agent_send_report (pair.anna->agent, &report, pair.world->now_us);
  const guint key_frames = pair.bert->key_frames;
  ahoy_agent_want_key_frame (pair.anna->agent, pair.world->now_us);
  world_run (pair.world, WORLD_SECOND);
  g_assert_true (pair.bert->far_muted);
  g_assert_cmpuint (pair.bert->reports, ==, 1);
  const AhoyMediaReport *told = &pair.bert->last_report;
  g_assert_cmpmem (told, sizeof *told, &report, sizeof report);
  g_assert_cmpuint (pair.bert->key_frames, ==, key_frames + 1);
  world_free (pair.world);
}

/* More than all is lost, or later than ever: no figure to reckon with. */
static void
test_false_reports (void) {
  Pair pair = make_pair (43);
  ring (&pair, true);
  answer (&pair, true);
  const AhoyMediaReport report = {.audio_lost_permille = 1001,
                                  .video_lost_permille = UINT32_MAX,
                                  .jitter_ms = UINT32_MAX,
                                  .playout_ms = (uint32_t)INT32_MAX + 1};
  ahoy_agent_send_report (pair.anna->agent, &report, pair.world->now_us);
  world_run (pair.world, WORLD_SECOND);
  const AhoyMediaReport nothing = {0}, *told = &pair.bert->last_report;
  g_assert_cmpuint (pair.bert->reports, ==, 1);
  g_assert_cmpmem (told, sizeof *told, &nothing, sizeof nothing);
  world_free (pair.world);
}

static void
test_call_over_lossy_line (void) {
  Pair pair = make_pair (42);
  pair.world->loss = 0.05;
  const AhoyName bert = world_name (pair.world, "bert");
  g_assert_cmpint (ahoy_agent_call (pair.anna->agent, &bert, true, pair.world->now_us), ==,
                   RTMFP_OK);
  world_run (pair.world, 10 * WORLD_SECOND);
  g_assert_cmpint (world_call (pair.bert).state, ==, AHOY_CALL_INCOMING);
  g_assert_cmpint (ahoy_agent_accept (pair.bert->agent, true, pair.world->now_us), ==, RTMFP_OK);
  world_run (pair.world, 10 * WORLD_SECOND);
  g_assert_cmpint (world_call (pair.bert).state, ==, AHOY_CALL_SECURED);
  world_talk (pair.anna, true, 20 * WORLD_SECOND);
  world_run (pair.world, WORLD_SECOND);
  g_assert_cmpuint (pair.bert->audio_in, >=, 950);
  g_assert_cmpuint (pair.bert->bad_media, ==, 0);
  world_free (pair.world);
}

/* ---- Bounds ---- */

/* A server that answers nothing: so many questions wait, the next is refused at once. */
static void
test_requests_are_bounded (void) {
  World *world = world_new (50, true);
  WorldPerson *anna = add_online (world, "anna");
  world->server_frozen = TRUE;
  for (guint i = 0; i < AHOY_AGENT_REQUESTS_MAX; i++) {
    ahoy_agent_make_invite (anna->agent, world->now_us);
  }
  world_run (world, 100000);
  g_assert_cmpuint (anna->answered, ==, 0);
  const uint64_t refused = ahoy_agent_make_invite (anna->agent, world->now_us);
  world_run (world, 100000);
  g_assert_cmpuint (anna->answered, ==, refused);
  g_assert_false (anna->answer_ok);
  world_free (world);
}

static void
test_contacts_are_bounded (void) {
  World *world = world_new (51, true);
  WorldPerson *anna = add_online (world, "anna");
  char user[32];
  for (guint i = 0; i < AHOY_AGENT_CONTACTS_MAX; i++) {
    g_snprintf (user, sizeof user, "friend%u", i);
    const AhoyName name = world_name (world, user);
    ahoy_agent_restore_contact (anna->agent, &name, NULL, false, world->now_us);
  }
  const AhoyName known = world_name (world, user), other = world_name (world, "onemore");
  const AhoyMessageId id = {{7}};
  const RtmfpBytes body = rtmfp_bytes ("x", 1);
  g_assert_cmpint (ahoy_agent_restore_message (anna->agent, &known, &id, AHOY_BODY_TEXT, body, 1,
                                               AHOY_CHAT_UNSENT, world->now_us),
                   ==, RTMFP_OK);
  g_assert_cmpint (ahoy_agent_restore_message (anna->agent, &other, &id, AHOY_BODY_TEXT, body, 1,
                                               AHOY_CHAT_UNSENT, world->now_us),
                   ==, RTMFP_LIMIT);
  world_free (world);
}

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "C");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/agent/account/create-and-restart", test_create_and_restart);
  g_test_add_func ("/agent/account/name-taken", test_name_taken);
  g_test_add_func ("/agent/account/second-device-by-password", test_second_device_by_password);
  g_test_add_func ("/agent/account/wrong-password-and-unknown-name", test_wrong_password);
  g_test_add_func ("/agent/account/invite-only", test_invite_only);
  g_test_add_func ("/agent/account/server-with-another-key", test_server_with_another_key);
  g_test_add_func ("/agent/account/server-unreachable-then-back",
                   test_server_unreachable_then_back);
  g_test_add_func ("/agent/contacts/invite-makes-contacts", test_invite_makes_contacts);
  g_test_add_func ("/agent/contacts/presence-and-block", test_presence_and_block);
  g_test_add_func ("/agent/contacts/presence-goes-when-killed", test_presence_goes_when_killed);
  g_test_add_func ("/agent/messages/in-order-both-ways", test_messages_in_order_both_ways);
  g_test_add_func ("/agent/messages/go-straight", test_messages_go_straight);
  g_test_add_func ("/agent/messages/typing", test_typing);
  g_test_add_func ("/agent/account/stop-for-good", test_stop);
  g_test_add_func ("/agent/contacts/confirm-key", test_confirm_key);
  g_test_add_func ("/agent/messages/wait-for-recipient", test_message_waits_for_recipient);
  g_test_add_func ("/agent/messages/survive-full-disk", test_message_survives_full_disk);
  g_test_add_func ("/agent/messages/server-disk-full", test_server_disk_full);
  g_test_add_func ("/agent/call/talk-and-hang-up", test_call);
  g_test_add_func ("/agent/call/early-path", test_early_path);
  g_test_add_func ("/agent/call/decline", test_decline);
  g_test_add_func ("/agent/call/cancel", test_cancel);
  g_test_add_func ("/agent/call/unanswered", test_unanswered);
  g_test_add_func ("/agent/call/offline", test_offline);
  g_test_add_func ("/agent/call/busy", test_busy);
  g_test_add_func ("/agent/call/answered-elsewhere", test_answered_elsewhere);
  g_test_add_func ("/agent/call/glare", test_glare);
  g_test_add_func ("/agent/call/outlives-server", test_call_outlives_server);
  g_test_add_func ("/agent/call/killed", test_killed_in_call);
  g_test_add_func ("/agent/call/mute-and-reports", test_mute_and_reports);
  g_test_add_func ("/agent/call/false-reports", test_false_reports);
  g_test_add_func ("/agent/call/first-picture-on-a-long-line", test_first_picture);
  g_test_add_func ("/agent/call/lossy-line", test_call_over_lossy_line);
  g_test_add_func ("/agent/bounds/requests", test_requests_are_bounded);
  g_test_add_func ("/agent/bounds/contacts", test_contacts_are_bounded);
  return g_test_run ();
}

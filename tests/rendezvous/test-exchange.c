/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What goes between people through the server: messages, call signals, introductions. */
#include "core/call/signal.h"
#include "core/crypto/epd.h"
#include "tests/rendezvous/fixture.h"
#include "tests/rendezvous/town.h"

#include <glib.h>
#include <string.h>

/* ann at 10.0.0.2 with device 1, bob at 10.0.0.3 with device 2; contacts. */
typedef struct {
  Town *town;
  Guest *ann, *bob;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data) {
  (void)data;
  f->town = town_new (true);
  f->ann = guest_enter_new (f->town, 2, "ann", 1);
  f->bob = guest_enter_new (f->town, 3, "bob", 2);
  guests_make_contacts (f->ann, f->bob, "ann", "bob");
}

static void
tear_down (Fixture *f, gconstpointer data) {
  (void)data;
  town_free (f->town);
}

/* One more device of bob's. */
static Guest *
second_bob (Fixture *f, const char *ring) {
  Guest *guest = guest_new (f->town, 4);
  guest->identity = f->bob->identity;
  word_ok (guest_enter (guest, "bob", 3, ring));
  town_run (f->town, SECOND);
  guest_forget (f->ann);
  return guest;
}

static uint8_t
octet_of (const Word *word, const char *member, size_t size) {
  RtmfpBytes bytes;
  g_assert_nonnull (word);
  g_assert_true (rtmfp_amf_as_bytes (rtmfp_amf_get (word->value, member), &bytes));
  g_assert_cmpuint (bytes.size, ==, size);
  return bytes.data[0];
}

static bool
is_text (const Word *word, const char *member, const char *text) {
  g_assert_nonnull (word);
  return rtmfp_amf_is_text (rtmfp_amf_get (word->value, member), text);
}

/* ---- Messages ---- */

static RtmfpBuffer
message (const char *to, uint8_t number, size_t size) {
  RtmfpBuffer args = args_text ("to", to);
  args_add_filled (&args, "id", number, AHOY_MESSAGE_ID_SIZE);
  args_add_filled (&args, "envelope", number, size);
  return args;
}

static void
test_message (Fixture *f, gconstpointer data) {
  (void)data;
  RtmfpBuffer args = message ("bob@ahoy.example", 7, 100);
  word_ok (guest_ask (f->ann, "message.send", &args));
  Word *word = guest_hear (f->bob, "message.deliver");
  g_assert_true (is_text (word, "from", "ann@ahoy.example"));
  g_assert_cmpint (octet_of (word, "id", AHOY_MESSAGE_ID_SIZE), ==, 7);
  g_assert_cmpint (octet_of (word, "envelope", 100), ==, 7);
  word_free (word);
  word = guest_hear (f->ann, "message.delivered");
  g_assert_true (is_text (word, "to", "bob@ahoy.example"));
  g_assert_cmpint (octet_of (word, "id", AHOY_MESSAGE_ID_SIZE), ==, 7);
  word_free (word);
  args = message ("bob", 7, 100); /* a double */
  word_ok (guest_ask (f->ann, "message.send", &args));
  g_assert_null (guest_hear (f->bob, "message.deliver"));
  args = message ("zoe@ahoy.example", 8, 10);
  word_fails (guest_ask (f->ann, "message.send", &args), "unknown");
  args = message ("ann@ahoy.example", 8, 10);
  word_fails (guest_ask (f->ann, "message.send", &args), "notAllowed");
  args = message ("bob@ahoy.example", 8, AHOY_ENVELOPE_BYTES_MAX + 1);
  word_fails (guest_ask (f->ann, "message.send", &args), "limit");
  args = args_text ("to", "bob");
  word_fails (guest_ask (f->ann, "message.send", &args), "badRequest");
}

static void
test_strangers_message (Fixture *f, gconstpointer data) {
  (void)data;
  Guest *eve = guest_enter_new (f->town, 5, "eve", 5);
  RtmfpBuffer args = message ("bob", 1, 10);
  word_fails (guest_ask (eve, "message.send", &args), "notAllowed");
  args = args_text ("address", "ann");
  word_ok (guest_ask (f->bob, "contact.block", &args));
  args = message ("bob", 1, 10);
  word_fails (guest_ask (f->ann, "message.send", &args), "notAllowed");
}

/* A hundred wait while bob is away; they come in order, each once, whatever happens to the server.
 */
static void
test_offline (Fixture *f, gconstpointer data) {
  (void)data;
  guest_leave (f->bob);
  guest_forget (f->ann);
  for (uint8_t i = 1; i <= 100; i++) {
    RtmfpBuffer args = message ("bob", i, 5000);
    word_ok (guest_ask (f->ann, "message.send", &args));
  }
  word_ok (guest_enter (f->bob, "bob", 2, "early"));
  for (uint8_t i = 1; i <= 100; i++) {
    Word *word = guest_hear (f->bob, "message.deliver");
    g_assert_cmpint (octet_of (word, "id", AHOY_MESSAGE_ID_SIZE), ==, i);
    word_free (word);
  }
  town_run (f->town, SECOND);
  g_assert_null (guest_hear (f->bob, "message.deliver"));
  for (uint8_t i = 1; i <= 100; i++) {
    Word *word = guest_hear (f->ann, "message.delivered");
    g_assert_cmpint (octet_of (word, "id", AHOY_MESSAGE_ID_SIZE), ==, i);
    word_free (word);
  }
  g_assert_cmpuint (town_counters (f->town).messages_delivered, ==, 100);
}

static void
test_not_kept (Fixture *f, gconstpointer data) {
  (void)data;
  f->bob->refuse_messages = true;
  RtmfpBuffer args = message ("bob", 1, 10);
  word_ok (guest_ask (f->ann, "message.send", &args));
  word_free (guest_hear (f->bob, "message.deliver"));
  g_assert_null (guest_hear (f->ann, "message.delivered"));
  f->bob->refuse_messages = false;
  town_run (f->town, AHOY_DELIVER_RETRY_US + SECOND);
  Word *word = guest_hear (f->bob, "message.deliver");
  g_assert_cmpint (octet_of (word, "id", AHOY_MESSAGE_ID_SIZE), ==, 1);
  word_free (word);
  word_free (guest_hear (f->ann, "message.delivered"));
  g_assert_cmpuint (town_counters (f->town).messages_delivered, ==, 1);
}

static void
test_message_storage_fails (Fixture *f, gconstpointer data) {
  (void)data;
  memory_store_break (f->town->store, true);
  RtmfpBuffer args = message ("bob", 1, 10);
  word_fails (guest_ask (f->ann, "message.send", &args), "storeFailed");
  g_assert_null (guest_hear (f->bob, "message.deliver"));
  memory_store_break (f->town->store, false);
  args = message ("bob", 1, 10);
  word_ok (guest_ask (f->ann, "message.send", &args));
  Word *word = guest_hear (f->bob, "message.deliver");
  g_assert_nonnull (word);
  word_free (word);
}

static void
hear_message (Guest *guest, uint8_t number) {
  Word *word = guest_hear (guest, "message.deliver");
  g_assert_cmpint (octet_of (word, "id", AHOY_MESSAGE_ID_SIZE), ==, number);
  word_free (word);
}

/* One of several that are under way fails: none behind it passes it by, before it has come again.
 */
static void
test_order_after_failure (Fixture *f, gconstpointer data) {
  (void)data;
  RtmfpId calls[5];
  f->town->store_stops = true;
  for (uint8_t i = 1; i <= 4; i++) {
    RtmfpBuffer args = message ("bob", i, 10);
    guest_send (f->ann, "message.send", &args, &calls[i]);
  }
  town_run (f->town, SECOND);
  memory_store_fail_next (f->town->store, 2);
  f->town->store_stops = false;
  town_run (f->town, SECOND);
  word_fails (g_queue_pop_head (&f->ann->answers), "storeFailed");
  word_fails (g_queue_pop_head (&f->ann->answers), "storeFailed");
  word_fails (g_queue_pop_head (&f->ann->answers), "limit");
  word_fails (g_queue_pop_head (&f->ann->answers), "limit");
  RtmfpBuffer args = message ("bob", 3, 10);
  word_fails (guest_ask (f->ann, "message.send", &args), "busy");
  for (uint8_t i = 1; i <= 4; i++) {
    args = message ("bob", i, 10);
    word_ok (guest_ask (f->ann, "message.send", &args));
    hear_message (f->bob, i);
  }
  /* One that never comes again holds the others up for a while. */
  town_run (f->town, SECOND);
  memory_store_fail_next (f->town->store, 1);
  args = message ("bob", 5, 10);
  word_fails (guest_ask (f->ann, "message.send", &args), "storeFailed");
  args = message ("bob", 6, 10);
  word_fails (guest_ask (f->ann, "message.send", &args), "busy");
  town_run (f->town, AHOY_MESSAGE_HELD_US);
  args = message ("bob", 6, 10);
  word_ok (guest_ask (f->ann, "message.send", &args));
  hear_message (f->bob, 6);
}

static void
test_restart (Fixture *f, gconstpointer data) {
  (void)data;
  guest_leave (f->bob);
  RtmfpBuffer args = message ("bob", 1, 10);
  word_ok (guest_ask (f->ann, "message.send", &args));
  town_restart_server (f->town);
  guest_vanish (f->ann);
  word_ok (guest_enter (f->bob, "bob", 2, "early"));
  Word *word = guest_hear (f->bob, "message.deliver");
  g_assert_nonnull (word);
  word_free (word);
  word_ok (guest_enter (f->ann, "ann", 1, "early"));
  word = guest_hear (f->ann, "message.delivered");
  g_assert_nonnull (word);
  word_free (word);
}

static void
test_each_device (Fixture *f, gconstpointer data) {
  (void)data;
  Guest *phone = second_bob (f, "early");
  RtmfpBuffer args = message ("bob", 1, 10);
  word_ok (guest_ask (f->ann, "message.send", &args));
  Word *word = guest_hear (f->bob, "message.deliver");
  g_assert_nonnull (word);
  word_free (word);
  word = guest_hear (phone, "message.deliver");
  g_assert_nonnull (word);
  word_free (word);
  word = guest_hear (f->ann, "message.delivered");
  g_assert_nonnull (word);
  word_free (word);
  g_assert_null (guest_hear (f->ann, "message.delivered")); /* once */
}

/* Messages that want no answer are held back by nothing but our own bounds. */
static void
test_flood (Fixture *f, gconstpointer data) {
  (void)data;
  guest_leave (f->bob);
  f->town->store_stops = true;
  for (int i = 0; i < AHOY_MESSAGE_JOBS_PER_VISITOR_MAX + 50; i++) {
    RtmfpBuffer args = message ("bob", (uint8_t)i, 10);
    rtmfp_amf_end_object (&args);
    g_assert_cmpint (rtmfp_net_call (f->ann->net, f->ann->session, "message.send",
                                     rtmfp_buffer_bytes (&args), false, f->town->now_us, NULL),
                     ==, RTMFP_OK);
    rtmfp_buffer_clear (&args);
  }
  town_run (f->town, SECOND);
  g_assert_cmpuint (town_counters (f->town).store_waiting, ==, AHOY_MESSAGE_JOBS_PER_VISITOR_MAX);
  f->town->store_stops = false;
  town_run (f->town, SECOND);
  for (int i = 0; i < AHOY_MESSAGE_BURST; i++) {
    RtmfpBuffer args = message ("bob", (uint8_t)i, 10);
    rtmfp_amf_end_object (&args);
    g_assert_cmpint (rtmfp_net_call (f->ann->net, f->ann->session, "message.send",
                                     rtmfp_buffer_bytes (&args), false, f->town->now_us, NULL),
                     ==, RTMFP_OK);
    rtmfp_buffer_clear (&args);
  }
  town_run (f->town, SECOND);
  g_assert_cmpuint (town_counters (f->town).rate_limited, >, 0);
}

/* ---- Calls ---- */

static Word *
signal_to (Guest *guest, const char *to, uint8_t call, const char *kind) {
  RtmfpBuffer args = args_text ("to", to);
  args_add_filled (&args, "call", call, AHOY_CALL_ID_SIZE);
  args_add_text (&args, "kind", kind);
  rtmfp_amf_write_key (&args, "body");
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_member_text (&args, "note", kind);
  rtmfp_amf_end_object (&args);
  return guest_ask (guest, "signal", &args);
}

static void
hear_signal (Guest *guest, const char *from, uint8_t device, const char *kind, const char *reason) {
  Word *word = guest_hear (guest, "signal");
  g_assert_nonnull (word);
  char got[32] = "";
  g_assert_true (rtmfp_amf_as_text (rtmfp_amf_get (word->value, "kind"), got, sizeof got));
  g_assert_cmpstr (got, ==, kind);
  g_assert_true (is_text (word, "from", from));
  g_assert_cmpint (octet_of (word, "call", AHOY_CALL_ID_SIZE), ==, 9);
  g_assert_cmpint (octet_of (word, "device", AHOY_DEVICE_ID_SIZE), ==, device);
  const RtmfpAmfValue *body = rtmfp_amf_get (word->value, "body");
  g_assert_nonnull (body);
  if (reason != NULL) {
    g_assert_true (rtmfp_amf_is_text (rtmfp_amf_get (body, "reason"), reason));
  } else if (strcmp (kind, "cancel") != 0 && strcmp (kind, "busy") != 0) {
    g_assert_true (rtmfp_amf_is_text (rtmfp_amf_get (body, "note"), kind)); /* as it was sent */
  }
  word_free (word);
}

#define ANN "ann@ahoy.example"
#define BOB "bob@ahoy.example"

static void
offer (Fixture *f, size_t devices) {
  Word *word = signal_to (f->ann, BOB, 9, "offer");
  const RtmfpAmfValue *list = rtmfp_amf_get (word->value, "devices");
  g_assert_nonnull (list);
  g_assert_cmpuint (list->item_count, ==, devices);
  word_free (word);
}

static void
test_call (Fixture *f, gconstpointer data) {
  (void)data;
  offer (f, 1);
  hear_signal (f->bob, ANN, 1, "offer", NULL);
  word_ok (signal_to (f->bob, ANN, 9, "ringing"));
  hear_signal (f->ann, BOB, 2, "ringing", NULL);
  word_ok (signal_to (f->bob, ANN, 9, "accept"));
  hear_signal (f->ann, BOB, 2, "accept", NULL);
  word_fails (signal_to (f->ann, BOB, 9, "cancel"), "answered");
  g_assert_cmpuint (town_counters (f->town).calls, ==, 1);
  word_ok (signal_to (f->ann, BOB, 9, "hangup"));
  hear_signal (f->bob, ANN, 1, "hangup", NULL);
  g_assert_cmpuint (town_counters (f->town).calls, ==, 0);
  word_fails (signal_to (f->bob, ANN, 9, "hangup"), "unknown");
}

static void
test_hangup_by_callee (Fixture *f, gconstpointer data) {
  (void)data;
  offer (f, 1);
  word_fails (signal_to (f->bob, ANN, 9, "hangup"), "unknown"); /* nothing was answered */
  word_ok (signal_to (f->bob, ANN, 9, "accept"));
  guest_forget (f->ann);
  word_ok (signal_to (f->bob, ANN, 9, "hangup"));
  hear_signal (f->ann, BOB, 2, "hangup", NULL);
  offer (f, 1);
  guest_forget (f->bob);
  word_ok (signal_to (f->ann, BOB, 9, "hangup")); /* while it rings: as if cancelled */
  hear_signal (f->bob, ANN, 1, "hangup", NULL);
  g_assert_cmpuint (town_counters (f->town).calls, ==, 0);
}

/* An answered call needs the server no more: it is forgotten when both have gone. */
static void
test_both_gone (Fixture *f, gconstpointer data) {
  (void)data;
  for (int first = 0; first < 2; first++) {
    offer (f, 1);
    word_ok (signal_to (f->bob, ANN, 9, "accept"));
    guest_leave (first == 0 ? f->ann : f->bob);
    g_assert_cmpuint (town_counters (f->town).calls, ==, 1);
    guest_leave (first == 0 ? f->bob : f->ann);
    g_assert_cmpuint (town_counters (f->town).calls, ==, 0);
    word_ok (guest_enter (f->bob, "bob", 2, "early"));
    word_ok (guest_enter (f->ann, "ann", 1, "early"));
  }
}

static void
test_no_body (Fixture *f, gconstpointer data) {
  (void)data;
  RtmfpBuffer args = args_text ("to", BOB);
  args_add_filled (&args, "call", 9, AHOY_CALL_ID_SIZE);
  args_add_text (&args, "kind", "offer");
  word_ok (guest_ask (f->ann, "signal", &args));
  Word *word = guest_hear (f->bob, "signal");
  g_assert_nonnull (word);
  g_assert_cmpint (rtmfp_amf_get (word->value, "body")->type, ==, RTMFP_AMF_OBJECT);
  word_free (word);
}

/* Nobody makes the server keep much for somebody who does not read: that session is closed. */
static void
test_who_does_not_read (Fixture *f, gconstpointer data) {
  (void)data;
  offer (f, 1);
  guest_vanish (f->ann); /* and the server does not know yet */
  Town *town = f->town;
  const int64_t begin_us = town->now_us;
  for (int i = 0; i < 900 && town_counters (town).visitors == 2; i++) {
    RtmfpBuffer args = args_text ("to", ANN);
    args_add_filled (&args, "call", 9, AHOY_CALL_ID_SIZE);
    args_add_text (&args, "kind", "ringing");
    rtmfp_amf_write_key (&args, "body");
    rtmfp_amf_begin_object (&args);
    args_add_filled (&args, "x", 1, AHOY_SIGNAL_BODY_BYTES_MAX - 100);
    rtmfp_amf_end_object (&args);
    RtmfpId call;
    guest_send (f->bob, "signal", &args, &call);
    town_run (town, SECOND / 70);
  }
  Word *word = guest_hear (f->bob, "signal");
  while (word != NULL && !is_text (word, "kind", "cancel")) {
    word_free (word);
    word = guest_hear (f->bob, "signal");
  }
  g_assert_nonnull (word); /* the caller is gone, and not because the session timed out */
  word_free (word);
  g_assert_cmpint (town->now_us - begin_us, <, AHOY_SERVER_RETRANSMIT_LIMIT_US);
  g_assert_cmpuint (town_counters (town).people, ==, 1);
}

static void
test_answered_elsewhere (Fixture *f, gconstpointer data) {
  (void)data;
  Guest *phone = second_bob (f, "early");
  offer (f, 2);
  hear_signal (f->bob, ANN, 1, "offer", NULL);
  hear_signal (phone, ANN, 1, "offer", NULL);
  word_ok (signal_to (phone, ANN, 9, "accept"));
  hear_signal (f->ann, BOB, 3, "accept", NULL);
  hear_signal (f->bob, ANN, 1, "elsewhere", "accepted");
  word_fails (signal_to (f->bob, ANN, 9, "accept"), "answered");
  g_assert_null (guest_hear (f->ann, "signal"));
  word_fails (signal_to (f->bob, ANN, 9, "hangup"), "notAllowed");
}

static void
test_declined (Fixture *f, gconstpointer data) {
  (void)data;
  Guest *phone = second_bob (f, "early");
  offer (f, 2);
  word_ok (signal_to (f->bob, ANN, 9, "decline"));
  hear_signal (f->ann, BOB, 2, "decline", NULL);
  guest_forget (f->bob);
  hear_signal (phone, ANN, 1, "offer", NULL);
  hear_signal (phone, ANN, 1, "elsewhere", "declined");
  word_fails (signal_to (phone, ANN, 9, "accept"), "answered");
}

static void
test_busy (Fixture *f, gconstpointer data) {
  (void)data;
  Guest *phone = second_bob (f, "early");
  offer (f, 2);
  word_ok (signal_to (f->bob, ANN, 9, "busy"));
  g_assert_null (guest_hear (f->ann, "signal"));
  word_ok (signal_to (phone, ANN, 9, "busy"));
  hear_signal (f->ann, BOB, 3, "busy", NULL);
  g_assert_cmpuint (town_counters (f->town).calls, ==, 0);
}

static void
test_cancelled (Fixture *f, gconstpointer data) {
  (void)data;
  offer (f, 1);
  hear_signal (f->bob, ANN, 1, "offer", NULL);
  word_ok (signal_to (f->ann, BOB, 9, "cancel"));
  hear_signal (f->bob, ANN, 1, "cancel", NULL);
  word_fails (signal_to (f->bob, ANN, 9, "accept"), "unknown");
}

static void
test_gone (Fixture *f, gconstpointer data) {
  (void)data;
  offer (f, 1);
  guest_leave (f->bob);
  hear_signal (f->ann, BOB, 2, "decline", "offline");
  word_fails (signal_to (f->ann, BOB, 10, "offer"), "offline");
  word_ok (guest_enter (f->bob, "bob", 2, "early"));
  guest_forget (f->bob);
  offer (f, 1);
  hear_signal (f->bob, ANN, 1, "offer", NULL);
  guest_leave (f->ann);
  hear_signal (f->bob, ANN, 1, "cancel", NULL);
  g_assert_cmpuint (town_counters (f->town).calls, ==, 0);
}

static void
test_unanswered (Fixture *f, gconstpointer data) {
  (void)data;
  offer (f, 1);
  hear_signal (f->bob, ANN, 1, "offer", NULL);
  town_run (f->town, AHOY_CALL_RING_LIMIT_US);
  hear_signal (f->bob, ANN, 1, "cancel", NULL);
  g_assert_cmpuint (town_counters (f->town).calls, ==, 0);
}

/* A new session of the same device takes its call over. */
static void
test_call_survives_reconnect (Fixture *f, gconstpointer data) {
  (void)data;
  offer (f, 1);
  hear_signal (f->bob, ANN, 1, "offer", NULL);
  Guest *again = guest_new (f->town, 6);
  again->identity = f->bob->identity;
  word_ok (guest_enter (again, "bob", 2, "early"));
  town_run (f->town, SECOND);
  word_ok (signal_to (again, ANN, 9, "accept"));
  hear_signal (f->ann, BOB, 2, "accept", NULL);
}

static void
test_strangers_signal (Fixture *f, gconstpointer data) {
  (void)data;
  Guest *eve = guest_enter_new (f->town, 5, "eve", 5);
  word_fails (signal_to (eve, BOB, 9, "offer"), "notAllowed");
  offer (f, 1);
  static const char *const kinds[] = {"ringing", "accept", "decline", "busy", "cancel", "hangup"};
  for (size_t i = 0; i < G_N_ELEMENTS (kinds); i++) {
    word_fails (signal_to (eve, ANN, 9, kinds[i]), "unknown");
    word_fails (signal_to (eve, BOB, 9, kinds[i]), "unknown");
  }
  word_fails (signal_to (f->bob, BOB, 9, "accept"), "unknown");
  word_fails (signal_to (f->bob, ANN, 9, "elsewhere"), "badRequest");
  word_fails (signal_to (f->bob, ANN, 9, "cancel"), "badRequest");
  word_fails (signal_to (f->ann, BOB, 9, "accept"), "badRequest");
  word_fails (signal_to (f->ann, BOB, 9, "offer"), "badRequest"); /* that id is in use */
  word_fails (signal_to (f->ann, BOB, 9, "sing"), "badRequest");
}

static void
test_long_body (Fixture *f, gconstpointer data) {
  (void)data;
  RtmfpBuffer args = args_text ("to", BOB);
  args_add_filled (&args, "call", 9, AHOY_CALL_ID_SIZE);
  args_add_text (&args, "kind", "offer");
  rtmfp_amf_write_key (&args, "body");
  rtmfp_amf_begin_object (&args);
  args_add_filled (&args, "x", 1, AHOY_SIGNAL_BODY_BYTES_MAX);
  rtmfp_amf_end_object (&args);
  word_fails (guest_ask (f->ann, "signal", &args), "limit");
}

static void
test_offer_rate (Fixture *f, gconstpointer data) {
  (void)data;
  for (uint8_t i = 0; i < AHOY_OFFER_BURST; i++) {
    word_ok (signal_to (f->ann, BOB, (uint8_t)(20 + i), "offer"));
    word_ok (signal_to (f->ann, BOB, (uint8_t)(20 + i), "cancel"));
  }
  word_fails (signal_to (f->ann, BOB, 60, "offer"), "slowDown");
}

/* ---- Introductions ---- */

typedef struct {
  uint8_t fingerprint[RTMFP_FINGERPRINT_SIZE];
  uint8_t handle[AHOY_HANDLE_SIZE];
} Ticket;

static RtmfpBuffer
wish (const char *to, const char *purpose, uint8_t device) {
  RtmfpBuffer args = args_text ("to", to);
  args_add_text (&args, "purpose", purpose);
  if (device != 0) {
    args_add_filled (&args, "device", device, AHOY_DEVICE_ID_SIZE);
  }
  if (strcmp (purpose, "call") == 0) {
    args_add_filled (&args, "call", 9, AHOY_CALL_ID_SIZE);
  }
  return args;
}

static void
take_ticket (Word *word, Ticket *ticket) {
  g_assert_nonnull (word);
  g_assert_cmpstr (word->code, ==, NULL);
  g_assert_true (rtmfp_amf_as_fixed (rtmfp_amf_get (word->value, "fingerprint"),
                                     ticket->fingerprint, sizeof ticket->fingerprint));
  g_assert_true (rtmfp_amf_as_fixed (rtmfp_amf_get (word->value, "handle"), ticket->handle,
                                     sizeof ticket->handle));
  word_free (word);
}

/* Says hello to the server with that ticket and waits. handle NULL = none. Returns: whether they
 * met. */
static bool
meet (Guest *guest, const uint8_t *fingerprint, const uint8_t *handle) {
  Town *town = guest->town;
  RtmfpFingerprint wanted;
  memcpy (wanted.bytes, fingerprint, sizeof wanted.bytes);
  uint8_t epd[256];
  RtmfpWriter writer = rtmfp_writer (epd, sizeof epd);
  g_assert_cmpint (
      rtmfp_epd_write_fingerprint (&writer, &wanted,
                                   rtmfp_bytes (handle, handle == NULL ? 0 : AHOY_HANDLE_SIZE)),
      ==, RTMFP_OK);
  const RtmfpOpen open = {
      .identity = guest->certificate,
      .epd = rtmfp_bytes (epd, rtmfp_writer_size (&writer)),
      .candidates = &town->server_address,
      .candidate_count = 1,
      .interface_id = 1,
      .give_up_after_us = 5 * SECOND,
  };
  RtmfpId session;
  guest->met = 0;
  g_assert_cmpint (rtmfp_endpoint_open (guest->endpoint, &open, town->now_us, &session), ==,
                   RTMFP_OK);
  town_run (town, 6 * SECOND);
  return guest->met != 0;
}

static void
test_introduce_chat (Fixture *f, gconstpointer data) {
  (void)data;
  Ticket ticket;
  RtmfpBuffer args = wish (BOB, "chat", 0);
  take_ticket (guest_ask (f->ann, "introduce", &args), &ticket);
  g_assert_cmpmem (ticket.fingerprint, 32, f->bob->fingerprint.bytes, 32);
  Word *word = guest_hear (f->bob, "expect");
  g_assert_true (is_text (word, "from", ANN));
  g_assert_true (is_text (word, "purpose", "chat"));
  g_assert_cmpint (octet_of (word, "device", AHOY_DEVICE_ID_SIZE), ==, 1);
  g_assert_cmpint (octet_of (word, "fingerprint", 32), ==, f->ann->fingerprint.bytes[0]);
  word_free (word);
  g_assert_true (meet (f->ann, ticket.fingerprint, ticket.handle));
  g_assert_cmpmem (f->ann->met_fingerprint.bytes, 32, f->bob->fingerprint.bytes, 32);
  g_assert_cmpmem (f->bob->met_fingerprint.bytes, 32, f->ann->fingerprint.bytes, 32);
  g_assert_cmpuint (town_counters (f->town).hellos_forwarded, >, 0);
}

/* The asker is redirected to where the target is seen and to where it says it is. */
static void
test_told_addresses (Fixture *f, gconstpointer data) {
  (void)data;
  f->town->watched = rtmfp_address_ipv4 (172, 16, 0, 9, 4000);
  rtmfp_net_set_peer_info (f->bob->net, &f->town->watched, 1, f->town->now_us);
  Ticket ticket;
  RtmfpBuffer args = wish (BOB, "chat", 0);
  take_ticket (guest_ask (f->ann, "introduce", &args), &ticket);
  g_assert_true (meet (f->ann, ticket.fingerprint, ticket.handle));
  g_assert_cmpuint (f->town->watched_packets, >, 0);
}

/* The target has moved since it came: it is found where it is now. */
static void
test_moved (Fixture *f, gconstpointer data) {
  (void)data;
  f->bob->address.port = 4711;
  rtmfp_endpoint_addresses_changed (f->bob->endpoint, f->town->now_us);
  town_run (f->town, 5 * SECOND);
  Ticket ticket;
  RtmfpBuffer args = wish (BOB, "chat", 0);
  take_ticket (guest_ask (f->ann, "introduce", &args), &ticket);
  g_assert_true (meet (f->ann, ticket.fingerprint, ticket.handle));
  AhoyVisitorInfo info;
  RtmfpId cursor = 0;
  bool is_seen = false;
  while (ahoy_rendezvous_next_visitor (f->town->server, &cursor, &info)) {
    is_seen |= strcmp (info.user, "bob") == 0 && info.address.port == 4711;
  }
  g_assert_true (is_seen);
}

/* One knows bob's fingerprint and asks with no handle, a false one, a used one, another's. */
static void
test_without_handle (Fixture *f, gconstpointer data) {
  (void)data;
  Guest *eve = guest_enter_new (f->town, 5, "eve", 5);
  const uint8_t *bob = f->bob->fingerprint.bytes;
  uint8_t false_handle[AHOY_HANDLE_SIZE] = {1, 2, 3};
  g_assert_false (meet (eve, bob, NULL));
  g_assert_false (meet (eve, bob, false_handle));
  g_assert_cmpuint (town_counters (f->town).hellos_forwarded, ==, 0);
  g_assert_cmpuint (town_counters (f->town).endpoint.rule_redirect, ==, 0);
  Ticket ticket;
  RtmfpBuffer args = wish (BOB, "chat", 0);
  take_ticket (guest_ask (f->ann, "introduce", &args), &ticket);
  g_assert_false (meet (eve, bob, ticket.handle)); /* from another address; the tag is eve's now */
  g_assert_cmpuint (town_counters (f->town).hellos_forwarded, ==, 0);
  g_assert_false (meet (f->ann, eve->fingerprint.bytes, ticket.handle)); /* for somebody else */
  g_assert_cmpuint (town_counters (f->town).hellos_forwarded, ==, 0);
  args = wish (BOB, "chat", 0);
  take_ticket (guest_ask (f->ann, "introduce", &args), &ticket);
  town_run (f->town, AHOY_HANDLE_LIFE_US);
  g_assert_false (meet (f->ann, bob, ticket.handle)); /* too late */
  g_assert_cmpuint (town_counters (f->town).hellos_forwarded, ==, 0);
  g_assert_cmpuint (town_counters (f->town).handles, ==, 0);
}

static void
test_introduce_call (Fixture *f, gconstpointer data) {
  (void)data;
  Guest *phone = second_bob (f, "afterAccept");
  Ticket ticket;
  RtmfpBuffer args = wish (BOB, "call", 2);
  word_fails (guest_ask (f->ann, "introduce", &args), "notAllowed"); /* no call yet */
  offer (f, 2);
  args = wish (BOB, "call", 2);
  take_ticket (guest_ask (f->ann, "introduce", &args), &ticket);
  g_assert_true (meet (f->ann, ticket.fingerprint, ticket.handle)); /* while it rings */
  guest_forget (phone);
  args = wish (BOB, "call", 3);
  word_fails (guest_ask (f->ann, "introduce", &args), "notYet");
  g_assert_null (guest_hear (phone, "expect")); /* not even asked */
  word_ok (signal_to (phone, ANN, 9, "accept"));
  args = wish (BOB, "call", 2);
  word_fails (guest_ask (f->ann, "introduce", &args), "notAllowed"); /* another device has it */
  args = wish (BOB, "call", 3);
  take_ticket (guest_ask (f->ann, "introduce", &args), &ticket);
  args = wish (ANN, "call", 1);
  take_ticket (guest_ask (phone, "introduce", &args), &ticket); /* the other way round */
}

static void
test_introduce_refused (Fixture *f, gconstpointer data) {
  (void)data;
  Guest *eve = guest_enter_new (f->town, 5, "eve", 5);
  RtmfpBuffer args = wish (BOB, "chat", 0);
  word_fails (guest_ask (eve, "introduce", &args), "notAllowed");
  f->bob->refuse_expect = "notYet";
  args = wish (BOB, "chat", 0);
  word_fails (guest_ask (f->ann, "introduce", &args), "notYet");
  f->bob->refuse_expect = "outOfOrder";
  args = wish (BOB, "chat", 0);
  word_fails (guest_ask (f->ann, "introduce", &args), "offline");
  f->bob->refuse_expect = NULL;
  args = wish (BOB, "chat", 77);
  word_fails (guest_ask (f->ann, "introduce", &args), "offline");
  args = wish (BOB, "spy", 0);
  word_fails (guest_ask (f->ann, "introduce", &args), "badRequest");
  (void)second_bob (f, "early");
  args = wish (BOB, "chat", 0);
  word_fails (guest_ask (f->ann, "introduce", &args), "manyDevices");
}

static void
test_introduce_silent (Fixture *f, gconstpointer data) {
  (void)data;
  guest_vanish (f->bob); /* the server does not know yet */
  RtmfpBuffer args = wish (BOB, "chat", 0);
  word_fails (guest_ask (f->ann, "introduce", &args), "offline");
}

static void
test_introduce_bounds (Fixture *f, gconstpointer data) {
  (void)data;
  for (int i = 0; i < AHOY_HANDLES_PER_VISITOR_MAX; i++) {
    Ticket ticket;
    RtmfpBuffer args = wish (BOB, "chat", 0);
    take_ticket (guest_ask (f->ann, "introduce", &args), &ticket);
  }
  RtmfpBuffer args = wish (BOB, "chat", 0);
  word_fails (guest_ask (f->ann, "introduce", &args), "limit");
  guest_vanish (f->bob);
  RtmfpId call;
  for (int i = 0; i < AHOY_INTRODUCTIONS_PER_VISITOR_MAX; i++) {
    args = wish (BOB, "chat", 0);
    guest_send (f->ann, "introduce", &args, &call);
  }
  args = wish (BOB, "chat", 0);
  word_fails (guest_ask (f->ann, "introduce", &args), "limit");
}

/* ---- Hostile values ---- */

/* Every command with every kind of value in every member: an answer each, and the server goes on.
 */
static void
test_hostile (Fixture *f, gconstpointer data) {
  (void)data;
  static const char *const commands[] = {"salt",           "create",        "signIn",
                                         "enter",          "presence",      "contact.request",
                                         "contact.accept", "contact.block", "invite.redeem",
                                         "message.send",   "signal",        "introduce",
                                         "signOut",        "nonsense"};
  static const char *const members[] = {
      "name",   "displayName", "params", "signInKey", "wrapped", "card",    "invite",  "signature",
      "device", "label",       "ring",   "proof",     "address", "text",    "token",   "to",
      "id",     "envelope",    "call",   "kind",      "body",    "purpose", "presence"};
  GRand *dice = g_rand_new_with_seed (12);
  Guest *eve = guest_enter_new (f->town, 5, "eve", 5);
  for (int round = 0; round < 600; round++) {
    if (eve->closed || !eve->connected) {
      Word *word = guest_enter (eve, "eve", 5, "early");
      word_free (word);
    }
    RtmfpBuffer args = args_none ();
    for (size_t i = 0; i < G_N_ELEMENTS (members); i++) {
      rtmfp_amf_write_key (&args, members[i]);
      switch (g_rand_int_range (dice, 0, 8)) {
      case 0:
        rtmfp_amf_write_null (&args);
        break;
      case 1:
        rtmfp_amf_write_number (&args, g_rand_double_range (dice, -1e300, 1e300));
        break;
      case 2:
        rtmfp_amf_write_text (&args, "ann@ahoy.example");
        break;
      case 3:
        rtmfp_amf_write_text (&args, "\xc3\xa9\xe2\x82\xac%s%n//..");
        break;
      case 4: {
        uint8_t bytes[64] = {1};
        const size_t sizes[] = {0, 1, 16, 32, 61, 64};
        rtmfp_amf_write_bytes (&args, rtmfp_bytes (bytes, sizes[g_rand_int_range (dice, 0, 6)]));
        break;
      }
      case 5:
        rtmfp_amf_begin_object (&args);
        rtmfp_amf_member_boolean (&args, "x", true);
        rtmfp_amf_end_object (&args);
        break;
      case 6:
        rtmfp_amf_begin_array (&args, 2);
        rtmfp_amf_write_undefined (&args);
        rtmfp_amf_write_boolean (&args, false);
        break;
      default: {
        char *large = g_strnfill (70000, 'a');
        rtmfp_amf_write_text (&args, large);
        g_free (large);
        break;
      }
      }
    }
    RtmfpId call;
    guest_send (eve, commands[g_rand_int_range (dice, 0, G_N_ELEMENTS (commands))], &args, &call);
    for (int i = 0; i < 100 && eve->answers.length == 0 && !eve->closed; i++) {
      town_run (f->town, SECOND / 10);
    }
    g_assert_true (eve->answers.length > 0 || eve->closed);
    guest_forget (eve);
  }
  g_rand_free (dice);
  RtmfpBuffer args = message ("bob", 200, 10);
  word_ok (guest_ask (f->ann, "message.send", &args));
}

/* Arguments that are no object at all. */
static void
test_no_object (Fixture *f, gconstpointer data) {
  (void)data;
  RtmfpId call;
  RtmfpBuffer args = {0};
  rtmfp_amf_write_number (&args, 5);
  static const char *const commands[] = {"message.send", "signal", "introduce", "presence"};
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++) {
    for (int empty = 0; empty < 2; empty++) {
      const RtmfpBytes bytes = empty ? rtmfp_bytes (NULL, 0) : rtmfp_buffer_bytes (&args);
      g_assert_cmpint (rtmfp_net_call (f->ann->net, f->ann->session, commands[i], bytes, true,
                                       f->town->now_us, &call),
                       ==, RTMFP_OK);
      town_run (f->town, SECOND);
      word_fails (g_queue_pop_head (&f->ann->answers), "badRequest");
    }
  }
  rtmfp_buffer_clear (&args);
}

#define ADD(path, test) g_test_add ("/rendezvous/" path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  ADD ("messages/stored-delivered-confirmed", test_message);
  ADD ("messages/only-between-contacts", test_strangers_message);
  ADD ("messages/wait-for-who-is-away", test_offline);
  ADD ("messages/come-again-when-not-kept", test_not_kept);
  ADD ("messages/are-not-promised-when-the-store-fails", test_message_storage_fails);
  ADD ("messages/keep-their-order-when-one-fails", test_order_after_failure);
  ADD ("messages/survive-a-restart", test_restart);
  ADD ("messages/reach-each-device", test_each_device);
  ADD ("messages/floods-are-bounded", test_flood);
  ADD ("calls/ring-accept-hangup", test_call);
  ADD ("calls/hangup-by-the-callee", test_hangup_by_callee);
  ADD ("calls/both-go-after-the-answer", test_both_gone);
  ADD ("calls/a-body-is-an-object", test_no_body);
  ADD ("calls/who-does-not-read-is-closed", test_who_does_not_read);
  ADD ("calls/answered-elsewhere", test_answered_elsewhere);
  ADD ("calls/declined", test_declined);
  ADD ("calls/busy-when-all-are", test_busy);
  ADD ("calls/cancelled", test_cancelled);
  ADD ("calls/one-side-goes", test_gone);
  ADD ("calls/unanswered", test_unanswered);
  ADD ("calls/go-on-in-a-new-session", test_call_survives_reconnect);
  ADD ("calls/nothing-for-strangers", test_strangers_signal);
  ADD ("calls/offers-are-limited-in-rate", test_offer_rate);
  ADD ("calls/long-bodies-are-refused", test_long_body);
  ADD ("introductions/for-a-chat", test_introduce_chat);
  ADD ("introductions/to-the-addresses-that-were-told", test_told_addresses);
  ADD ("introductions/of-who-has-moved", test_moved);
  ADD ("introductions/nothing-without-a-handle", test_without_handle);
  ADD ("introductions/for-a-call", test_introduce_call);
  ADD ("introductions/refused", test_introduce_refused);
  ADD ("introductions/of-who-does-not-answer", test_introduce_silent);
  ADD ("introductions/are-bounded", test_introduce_bounds);
  ADD ("hostile/any-value-in-any-member", test_hostile);
  ADD ("hostile/arguments-that-are-no-object", test_no_object);
  return g_test_run ();
}

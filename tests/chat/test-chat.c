/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages of one contact: the ways they take, what is saved when, and random worlds with outages.
 */
#include "core/chat/chat.h"
#include "tests/account/fixture.h"

#define SECOND INT64_C (1000000)

static uint64_t seed = 1;

static AhoyMessageId
write_message (AhoyChat *chat, const char *text, int64_t now_us) {
  RtmfpRng rng = fixture_rng (&seed);
  AhoyMessageId id;
  g_assert_cmpint (ahoy_chat_send (chat, &rng, AHOY_BODY_TEXT, rtmfp_bytes (text, strlen (text)),
                                   now_us / 1000, now_us, &id),
                   ==, RTMFP_OK);
  return id;
}

static AhoyChatAction
expect (AhoyChat *chat, AhoyChatActionType type) {
  AhoyChatAction action;
  g_assert_true (ahoy_chat_poll_action (chat, &action));
  g_assert_cmpint (action.type, ==, type);
  return action;
}

static void
expect_nothing (AhoyChat *chat) {
  AhoyChatAction action;
  g_assert_false (ahoy_chat_poll_action (chat, &action));
}

static void
expect_state (AhoyChat *chat, const AhoyMessageId *id, AhoyChatState state) {
  AhoyChatAction action = expect (chat, AHOY_CHAT_STATE);
  g_assert_cmpstr (ahoy_chat_state_text (action.state), ==, ahoy_chat_state_text (state));
  g_assert_true (ahoy_message_id_equal (&action.id, id));
}

static void
expect_send (AhoyChat *chat, const AhoyMessageId *id, AhoyChatRoute route) {
  AhoyChatAction action = expect (chat, AHOY_CHAT_SEND);
  g_assert_cmpint (action.route, ==, route);
  g_assert_true (ahoy_message_id_equal (&action.id, id));
}

/* Written and saved. */
static AhoyMessageId
saved_message (AhoyChat *chat, const char *text, int64_t now_us) {
  AhoyMessageId id = write_message (chat, text, now_us);
  AhoyChatAction action = expect (chat, AHOY_CHAT_SAVE_OWN);
  g_assert_cmpmem (action.body.data, action.body.size, text, strlen (text));
  g_assert_cmpint (action.time_ms, ==, now_us / 1000);
  ahoy_chat_saved_own (chat, &id, true, now_us);
  return id;
}

static void
saved_before_sent (void) {
  AhoyChat *chat = ahoy_chat_new ();
  ahoy_chat_set_routes (chat, true, true, 0);
  AhoyMessageId one = write_message (chat, "one", 0);
  AhoyMessageId two = write_message (chat, "two", 0);
  expect (chat, AHOY_CHAT_SAVE_OWN);
  expect (chat, AHOY_CHAT_SAVE_OWN);
  expect_nothing (chat);
  ahoy_chat_saved_own (chat, &two, true, 0); /* the second may not overtake */
  expect_nothing (chat);
  ahoy_chat_confirm (chat, &one, AHOY_CHAT_DELIVERED, 0); /* cannot be: it was never sent */
  expect_nothing (chat);
  ahoy_chat_saved_own (chat, &one, true, 0);
  expect_send (chat, &one, AHOY_CHAT_DIRECT);
  expect_send (chat, &two, AHOY_CHAT_DIRECT);
  expect_nothing (chat);
  ahoy_chat_confirm (chat, &two, AHOY_CHAT_DELIVERED, 0);
  ahoy_chat_confirm (chat, &one, AHOY_CHAT_DELIVERED, 0);
  expect_state (chat, &two, AHOY_CHAT_DELIVERED);
  expect_state (chat, &one, AHOY_CHAT_DELIVERED);
  g_assert_cmpuint (ahoy_chat_waiting (chat), ==, 0);

  /* A full disk: the words are not lost in silence. */
  AhoyMessageId three = write_message (chat, "three", 0);
  expect (chat, AHOY_CHAT_SAVE_OWN);
  ahoy_chat_saved_own (chat, &three, false, 0);
  expect_state (chat, &three, AHOY_CHAT_REFUSED);
  expect_nothing (chat);
  ahoy_chat_free (chat);
}

static void
waits_for_a_route (void) {
  AhoyChat *chat = ahoy_chat_new ();
  AhoyMessageId id = saved_message (chat, "hello", 0);
  expect_nothing (chat);
  g_assert_cmpint (ahoy_chat_deadline (chat), ==, RTMFP_NEVER);
  ahoy_chat_set_routes (chat, false, true, SECOND);
  expect_send (chat, &id, AHOY_CHAT_SERVER);
  expect_nothing (chat);
  ahoy_chat_set_routes (chat, false, false, 2 * SECOND); /* no answer came: it goes again */
  ahoy_chat_set_routes (chat, false, true, 3 * SECOND);
  expect_send (chat, &id, AHOY_CHAT_SERVER);
  ahoy_chat_confirm (chat, &id, AHOY_CHAT_STORED, 4 * SECOND);
  expect_state (chat, &id, AHOY_CHAT_STORED);
  ahoy_chat_confirm (chat, &id, AHOY_CHAT_STORED, 4 * SECOND);
  expect_nothing (chat);
  ahoy_chat_set_routes (chat, false, false, 5 * SECOND);
  ahoy_chat_set_routes (chat, false, true, 6 * SECOND); /* stored: not again */
  expect_nothing (chat);
  ahoy_chat_confirm (chat, &id, AHOY_CHAT_DELIVERED, 7 * SECOND);
  expect_state (chat, &id, AHOY_CHAT_DELIVERED);
  ahoy_chat_confirm (chat, &id, AHOY_CHAT_STORED, 8 * SECOND);
  expect_nothing (chat);
  ahoy_chat_free (chat);
}

static void
falls_back_to_the_server (void) {
  AhoyChat *chat = ahoy_chat_new ();
  ahoy_chat_set_routes (chat, true, true, 0);
  AhoyMessageId one = saved_message (chat, "one", 0);
  expect_send (chat, &one, AHOY_CHAT_DIRECT);
  g_assert_cmpint (ahoy_chat_deadline (chat), ==, AHOY_CHAT_DIRECT_TIMEOUT_US);
  ahoy_chat_advance (chat, AHOY_CHAT_DIRECT_TIMEOUT_US - 1);
  expect_nothing (chat);
  ahoy_chat_advance (chat, AHOY_CHAT_DIRECT_TIMEOUT_US);
  expect_send (chat, &one, AHOY_CHAT_SERVER);
  AhoyMessageId two = saved_message (chat, "two", 6 * SECOND); /* the same way, so no overtaking */
  expect_send (chat, &two, AHOY_CHAT_SERVER);
  /* The straight one arrived after all. */
  ahoy_chat_confirm (chat, &one, AHOY_CHAT_DELIVERED, 7 * SECOND);
  expect_state (chat, &one, AHOY_CHAT_DELIVERED);
  ahoy_chat_confirm (chat, &one, AHOY_CHAT_STORED, 8 * SECOND);
  ahoy_chat_confirm (chat, &two, AHOY_CHAT_STORED, 8 * SECOND);
  expect_state (chat, &two, AHOY_CHAT_STORED);
  expect_nothing (chat);
  /* Later the straight way is tried again, with all that is not delivered, in order. */
  g_assert_cmpint (ahoy_chat_deadline (chat), ==,
                   AHOY_CHAT_DIRECT_TIMEOUT_US + AHOY_CHAT_DIRECT_AGAIN_US);
  ahoy_chat_advance (chat, ahoy_chat_deadline (chat));
  expect_send (chat, &two, AHOY_CHAT_DIRECT);
  expect_nothing (chat);
  ahoy_chat_free (chat);
}

static void
without_server_waits (void) {
  AhoyChat *chat = ahoy_chat_new ();
  ahoy_chat_set_routes (chat, true, false, 0);
  AhoyMessageId one = saved_message (chat, "one", 0);
  expect_send (chat, &one, AHOY_CHAT_DIRECT);
  ahoy_chat_advance (chat, 100 * SECOND); /* a session is reliable: sending again gains nothing */
  expect_nothing (chat);
  ahoy_chat_set_routes (chat, true, true, 101 * SECOND);
  expect_send (chat, &one, AHOY_CHAT_SERVER);
  ahoy_chat_set_routes (chat, false, true, 102 * SECOND);
  expect_nothing (chat);
  ahoy_chat_free (chat);
}

static void
server_is_asked_again (void) {
  AhoyChat *chat = ahoy_chat_new ();
  ahoy_chat_set_routes (chat, false, true, 0);
  AhoyMessageId one = saved_message (chat, "one", 0);
  AhoyMessageId two = saved_message (chat, "two", 0);
  expect_send (chat, &one, AHOY_CHAT_SERVER);
  expect_send (chat, &two, AHOY_CHAT_SERVER);
  g_assert_cmpint (ahoy_chat_deadline (chat), ==, AHOY_CHAT_SERVER_TIMEOUT_US);
  ahoy_chat_advance (chat, AHOY_CHAT_SERVER_TIMEOUT_US);
  expect_send (chat, &one, AHOY_CHAT_SERVER);
  expect_send (chat, &two, AHOY_CHAT_SERVER);
  ahoy_chat_refuse (chat, &one, 16 * SECOND);
  expect_state (chat, &one, AHOY_CHAT_REFUSED);
  ahoy_chat_refuse (chat, &one, 16 * SECOND);
  expect_nothing (chat);
  ahoy_chat_free (chat);
}

static void
after_a_restart (void) {
  AhoyChat *chat = ahoy_chat_new ();
  AhoyMessageId one = {{1}}, two = {{2}};
  const RtmfpBytes body = rtmfp_bytes ("old", 3);
  g_assert_cmpint (ahoy_chat_restore (chat, &one, 1, body, 1, AHOY_CHAT_STORED, 0), ==, RTMFP_OK);
  g_assert_cmpint (ahoy_chat_restore (chat, &two, 1, body, 2, AHOY_CHAT_UNSENT, 0), ==, RTMFP_OK);
  g_assert_cmpint (ahoy_chat_restore (chat, &two, 1, body, 2, AHOY_CHAT_UNSENT, 0), ==,
                   RTMFP_STATE);
  AhoyMessageId three = {{3}};
  g_assert_cmpint (ahoy_chat_restore (chat, &three, 1, body, 3, AHOY_CHAT_DELIVERED, 0), ==,
                   RTMFP_STATE);
  expect_nothing (chat);
  ahoy_chat_set_routes (chat, false, true, 0);
  expect_send (chat, &two, AHOY_CHAT_SERVER);
  expect_nothing (chat);
  ahoy_chat_set_routes (chat, true, true, 1);
  expect_send (chat, &one, AHOY_CHAT_DIRECT);
  expect_send (chat, &two, AHOY_CHAT_DIRECT);
  ahoy_chat_free (chat);
}

static AhoyMessage
theirs (uint8_t number) {
  return (AhoyMessage){.id = {{number}}, .kind = 1, .time_ms = 5, .body = rtmfp_bytes ("hi", 2)};
}

static void
receives (void) {
  AhoyChat *chat = ahoy_chat_new ();
  AhoyMessage message = theirs (1);
  g_assert_cmpint (ahoy_chat_receive (chat, AHOY_CHAT_SERVER, &message, 0), ==, RTMFP_OK);
  AhoyChatAction action = expect (chat, AHOY_CHAT_SAVE_RECEIVED);
  g_assert_cmpmem (action.body.data, action.body.size, "hi", 2);
  expect_nothing (chat); /* no receipt before it is saved */
  g_assert_cmpint (ahoy_chat_receive (chat, AHOY_CHAT_DIRECT, &message, 0), ==, RTMFP_OK);
  expect_nothing (chat);
  ahoy_chat_saved_received (chat, &message.id, true, true, 0);
  action = expect (chat, AHOY_CHAT_RECEIPT);
  g_assert_cmpint (action.route, ==, AHOY_CHAT_DIRECT);
  expect (chat, AHOY_CHAT_SHOW);
  g_assert_cmpint (ahoy_chat_receive (chat, AHOY_CHAT_SERVER, &message, 0), ==, RTMFP_OK);
  action = expect (chat, AHOY_CHAT_RECEIPT);
  g_assert_cmpint (action.route, ==, AHOY_CHAT_SERVER);
  expect_nothing (chat);

  /* An old one that only the store remembers: a receipt, and nothing is shown. */
  message = theirs (2);
  g_assert_cmpint (ahoy_chat_receive (chat, AHOY_CHAT_SERVER, &message, 0), ==, RTMFP_OK);
  expect (chat, AHOY_CHAT_SAVE_RECEIVED);
  ahoy_chat_saved_received (chat, &message.id, true, false, 0);
  expect (chat, AHOY_CHAT_RECEIPT);
  expect_nothing (chat);

  /* Not saved: no receipt, and when it comes again it is tried again. */
  message = theirs (3);
  for (int i = 0; i < 2; i++) {
    g_assert_cmpint (ahoy_chat_receive (chat, AHOY_CHAT_SERVER, &message, 0), ==, RTMFP_OK);
    expect (chat, AHOY_CHAT_SAVE_RECEIVED);
    ahoy_chat_saved_received (chat, &message.id, false, false, 0);
    expect_nothing (chat);
  }
  ahoy_chat_saved_received (chat, &message.id, true, true, 0); /* nobody asked */
  expect_nothing (chat);
  ahoy_chat_free (chat);
}

static void
typing (void) {
  AhoyChat *chat = ahoy_chat_new ();
  ahoy_chat_type (chat, 0); /* nobody to tell */
  expect_nothing (chat);
  ahoy_chat_set_routes (chat, false, true, 0);
  ahoy_chat_type (chat, SECOND); /* none of the server's business */
  expect_nothing (chat);
  ahoy_chat_set_routes (chat, true, true, 0);
  ahoy_chat_type (chat, SECOND);
  expect (chat, AHOY_CHAT_TYPING);
  ahoy_chat_type (chat, 2 * SECOND);
  expect_nothing (chat);
  ahoy_chat_type (chat, SECOND + AHOY_CHAT_TYPING_EVERY_US);
  expect (chat, AHOY_CHAT_TYPING);

  g_assert_false (ahoy_chat_far_is_typing (chat));
  ahoy_chat_far_typed (chat, 10 * SECOND);
  expect (chat, AHOY_CHAT_FAR_TYPING);
  ahoy_chat_far_typed (chat, 12 * SECOND);
  expect_nothing (chat);
  g_assert_cmpint (ahoy_chat_deadline (chat), ==, 12 * SECOND + AHOY_CHAT_TYPING_FOR_US);
  ahoy_chat_advance (chat, 17 * SECOND);
  g_assert_true (ahoy_chat_far_is_typing (chat));
  ahoy_chat_advance (chat, 18 * SECOND);
  expect (chat, AHOY_CHAT_FAR_TYPING);
  g_assert_false (ahoy_chat_far_is_typing (chat));
  ahoy_chat_far_typed (chat, 20 * SECOND);
  AhoyMessage message = theirs (1);
  g_assert_cmpint (ahoy_chat_receive (chat, AHOY_CHAT_DIRECT, &message, 20 * SECOND), ==, RTMFP_OK);
  g_assert_false (ahoy_chat_far_is_typing (chat)); /* what was typed is here */
  ahoy_chat_free (chat);
}

static void
bounds (void) {
  RtmfpRng rng = fixture_rng (&seed);
  AhoyChat *chat = ahoy_chat_new ();
  AhoyMessageId id;
  g_autofree char *most = g_strnfill (AHOY_BODY_BYTES_MAX + 1, 'm');
  g_assert_cmpint (
      ahoy_chat_send (chat, &rng, 1, rtmfp_bytes (most, AHOY_BODY_BYTES_MAX + 1), 0, 0, &id), ==,
      RTMFP_LIMIT);
  AhoyMessage message = theirs (0);
  message.body = rtmfp_bytes (most, AHOY_BODY_BYTES_MAX + 1);
  g_assert_cmpint (ahoy_chat_receive (chat, AHOY_CHAT_DIRECT, &message, 0), ==, RTMFP_LIMIT);

  ahoy_chat_set_routes (chat, true, true, 0);
  for (int i = 0; i < AHOY_CHAT_QUEUE_MAX; i++) {
    saved_message (chat, "", 0);
    AhoyChatAction action;
    g_assert_true (ahoy_chat_poll_action (chat, &action) == (i < AHOY_CHAT_IN_FLIGHT_MAX));
  }
  g_assert_cmpint (ahoy_chat_send (chat, &rng, 1, rtmfp_bytes ("", 0), 0, 0, &id), ==, RTMFP_FULL);
  g_assert_cmpint (ahoy_chat_restore (chat, &id, 1, rtmfp_bytes ("", 0), 0, AHOY_CHAT_UNSENT, 0),
                   ==, RTMFP_FULL);
  g_assert_cmpuint (ahoy_chat_waiting (chat), ==, AHOY_CHAT_QUEUE_MAX);

  for (unsigned i = 0; i <= AHOY_CHAT_SAVING_MAX; i++) {
    message = theirs (1);
    message.id.bytes[1] = (uint8_t)i;
    g_assert_cmpint (ahoy_chat_receive (chat, AHOY_CHAT_DIRECT, &message, 0), ==,
                     i < AHOY_CHAT_SAVING_MAX ? RTMFP_OK : RTMFP_FULL);
  }
  /* Ids are forgotten oldest first, and then the store answers. */
  AhoyChat *other = ahoy_chat_new ();
  for (unsigned i = 0; i <= AHOY_CHAT_SEEN_MAX; i++) {
    message = theirs (1);
    message.id.bytes[1] = (uint8_t)i;
    message.id.bytes[2] = (uint8_t)(i >> 8);
    g_assert_cmpint (ahoy_chat_receive (other, AHOY_CHAT_DIRECT, &message, 0), ==, RTMFP_OK);
    expect (other, AHOY_CHAT_SAVE_RECEIVED);
    ahoy_chat_saved_received (other, &message.id, true, true, 0);
    expect (other, AHOY_CHAT_RECEIPT);
    expect (other, AHOY_CHAT_SHOW);
  }
  message = theirs (1);
  g_assert_cmpint (ahoy_chat_receive (other, AHOY_CHAT_DIRECT, &message, 0), ==, RTMFP_OK);
  expect (other, AHOY_CHAT_SAVE_RECEIVED);
  /* Doubles without end, never polled: bounded, and what matters still gets through. */
  message.id.bytes[1] = 5;
  for (int i = 0; i < 5000; i++) {
    g_assert_cmpint (ahoy_chat_receive (other, AHOY_CHAT_DIRECT, &message, 0), ==, RTMFP_OK);
  }
  unsigned receipts = 0;
  AhoyChatAction action;
  while (ahoy_chat_poll_action (other, &action)) {
    receipts++;
  }
  g_assert_cmpuint (receipts, ==, AHOY_CHAT_ACTIONS_MAX / 4);
  ahoy_chat_free (chat);
  ahoy_chat_free (other);
}

/* ---- Random worlds: Ada writes to Bob over two ways that come and go. ---- */

typedef struct {
  AhoyMessageId id;
  char text[8];
  AhoyChatState state;
} Row;

typedef struct {
  AhoyChatRoute route;
  bool receipt; /* else a message */
  bool stored;  /* the server's answer */
  AhoyMessageId id;
  char text[8];
  int64_t due_us;
} Parcel;

typedef struct {
  GRand *rand;
  AhoyChat *ada, *bob;
  GArray *sent;   /* Ada's store: Row */
  GArray *got;    /* Bob's store: Row */
  GArray *shown;  /* Row */
  GArray *direct; /* Parcel on the straight way, in order */
  GArray *server; /* Parcel between Ada and the server */
  GArray *kept;   /* Row at the server */
  bool direct_up, server_up, bob_up;
  int64_t now_us;
  unsigned fallbacks, doubles;
} World;

static Row *
find_row (GArray *rows, const AhoyMessageId *id) {
  for (guint i = 0; i < rows->len; i++) {
    Row *row = &g_array_index (rows, Row, i);
    if (ahoy_message_id_equal (&row->id, id)) {
      return row;
    }
  }
  return NULL;
}

static Row
row_of (const AhoyChatAction *action) {
  Row row = {.id = action->id};
  memcpy (row.text, action->body.data, action->body.size);
  return row;
}

static void
drain_ada (World *world) {
  AhoyChatAction action;
  while (ahoy_chat_poll_action (world->ada, &action)) {
    if (action.type == AHOY_CHAT_SAVE_OWN) {
      Row row = row_of (&action);
      g_array_append_val (world->sent, row);
      ahoy_chat_saved_own (world->ada, &row.id, true, world->now_us);
    } else if (action.type == AHOY_CHAT_SEND) {
      g_assert_nonnull (find_row (world->sent, &action.id)); /* saved before it is sent */
      Row row = row_of (&action);
      Parcel parcel = {.route = action.route, .id = row.id, .due_us = world->now_us};
      parcel.due_us += g_rand_int_range (world->rand, 0, 8) * SECOND;
      memcpy (parcel.text, row.text, sizeof row.text);
      g_array_append_val (action.route == AHOY_CHAT_DIRECT ? world->direct : world->server, parcel);
      world->fallbacks += action.route == AHOY_CHAT_SERVER && world->direct_up;
    } else if (action.type == AHOY_CHAT_STATE) {
      Row *row = find_row (world->sent, &action.id);
      g_assert_cmpint (action.state, >, row->state); /* never back */
      row->state = action.state;
    }
  }
}

static void
drain_bob (World *world) {
  AhoyChatAction action;
  while (ahoy_chat_poll_action (world->bob, &action)) {
    if (action.type == AHOY_CHAT_SAVE_RECEIVED) {
      Row row = row_of (&action);
      bool is_new = find_row (world->got, &row.id) == NULL;
      world->doubles += !is_new;
      if (is_new) {
        g_array_append_val (world->got, row);
      }
      ahoy_chat_saved_received (world->bob, &row.id, true, is_new, world->now_us);
    } else if (action.type == AHOY_CHAT_SHOW) {
      g_array_append_val (world->shown, *find_row (world->got, &action.id));
    } else if (action.type == AHOY_CHAT_RECEIPT) {
      Row *kept = find_row (world->kept, &action.id);
      if (kept != NULL && action.route == AHOY_CHAT_SERVER) {
        kept->state = AHOY_CHAT_DELIVERED;
      }
      Parcel parcel = {.receipt = true, .id = action.id, .due_us = world->now_us};
      if (action.route == AHOY_CHAT_DIRECT && world->direct_up) {
        g_array_append_val (world->direct, parcel);
      }
    }
  }
}

static void
hand_to_bob (World *world, AhoyChatRoute route, const AhoyMessageId *id, const char *text) {
  AhoyMessage message = {.id = *id, .kind = 1, .body = rtmfp_bytes (text, strlen (text))};
  (void)!ahoy_chat_receive (world->bob, route, &message, world->now_us);
  drain_bob (world);
}

/* Each way keeps its order, as flows do. */
static void
move_parcels (World *world) {
  while (world->direct->len > 0 &&
         g_array_index (world->direct, Parcel, 0).due_us <= world->now_us) {
    Parcel parcel = g_array_index (world->direct, Parcel, 0);
    g_array_remove_index (world->direct, 0);
    if (parcel.receipt) {
      ahoy_chat_confirm (world->ada, &parcel.id, AHOY_CHAT_DELIVERED, world->now_us);
    } else {
      hand_to_bob (world, AHOY_CHAT_DIRECT, &parcel.id, parcel.text);
    }
  }
  while (world->server->len > 0 &&
         g_array_index (world->server, Parcel, 0).due_us <= world->now_us) {
    Parcel parcel = g_array_index (world->server, Parcel, 0);
    g_array_remove_index (world->server, 0);
    if (find_row (world->kept, &parcel.id) == NULL) {
      Row row = {.id = parcel.id};
      memcpy (row.text, parcel.text, sizeof row.text);
      g_array_append_val (world->kept, row);
    }
    ahoy_chat_confirm (world->ada, &parcel.id, AHOY_CHAT_STORED, world->now_us);
  }
  for (guint i = 0; i < world->kept->len; i++) {
    Row row = g_array_index (world->kept, Row, i);
    if (row.state != AHOY_CHAT_DELIVERED && world->bob_up) {
      hand_to_bob (world, AHOY_CHAT_SERVER, &row.id, row.text);
    }
    if (row.state == AHOY_CHAT_DELIVERED && world->server_up) {
      ahoy_chat_confirm (world->ada, &row.id, AHOY_CHAT_DELIVERED, world->now_us);
    }
  }
  drain_ada (world);
}

static void
set_routes (World *world, bool direct, bool server) {
  if (!direct) {
    g_array_set_size (world->direct, 0); /* what was on its way is lost with the session */
  }
  if (!server) {
    g_array_set_size (world->server, 0);
  }
  world->direct_up = direct;
  world->server_up = server;
  ahoy_chat_set_routes (world->ada, direct, server, world->now_us);
  ahoy_chat_set_routes (world->bob, direct, world->bob_up, world->now_us);
}

/* Ada's program is killed and started again: only her store remains. */
static void
restart_ada (World *world) {
  ahoy_chat_free (world->ada);
  world->ada = ahoy_chat_new ();
  for (guint i = 0; i < world->sent->len; i++) {
    Row row = g_array_index (world->sent, Row, i);
    if (row.state < AHOY_CHAT_DELIVERED) {
      g_assert_cmpint (ahoy_chat_restore (world->ada, &row.id, 1,
                                          rtmfp_bytes (row.text, strlen (row.text)), 0, row.state,
                                          world->now_us),
                       ==, RTMFP_OK);
    }
  }
}

static void
restart_bob (World *world) {
  ahoy_chat_free (world->bob);
  world->bob = ahoy_chat_new ();
}

static void
live (World *world, unsigned number) {
  unsigned written = 0;
  for (int i = 0; i < 300 || world->shown->len < written || ahoy_chat_waiting (world->ada) > 0;
       i++) {
    g_assert_cmpint (i, <, 3000);
    world->now_us += g_rand_int_range (world->rand, 0, 2000) * 1000;
    if (i < 300 && g_rand_int_range (world->rand, 0, 4) == 0 && written < number) {
      g_autofree char *text = g_strdup_printf ("%u", written++);
      write_message (world->ada, text, world->now_us);
    }
    if (g_rand_int_range (world->rand, 0, 12) == 0) {
      bool up = i >= 300;
      world->bob_up = up || g_rand_boolean (world->rand);
      set_routes (world, !up && g_rand_boolean (world->rand), up || g_rand_boolean (world->rand));
    }
    if (i < 300 && g_rand_int_range (world->rand, 0, 40) == 0) {
      drain_ada (world);
      set_routes (world, false, false);
      restart_ada (world);
    }
    if (i < 300 && g_rand_int_range (world->rand, 0, 40) == 0) {
      set_routes (world, false, world->server_up);
      restart_bob (world);
    }
    drain_ada (world);
    move_parcels (world);
    ahoy_chat_advance (world->ada, world->now_us);
    ahoy_chat_advance (world->bob, world->now_us);
    drain_ada (world);
  }
  g_assert_cmpuint (world->shown->len, ==, written);
  for (unsigned i = 0; i < written; i++) {
    g_autofree char *text = g_strdup_printf ("%u", i);
    g_assert_cmpstr (g_array_index (world->shown, Row, i).text, ==, text);
    g_assert_cmpint (g_array_index (world->sent, Row, i).state, ==, AHOY_CHAT_DELIVERED);
  }
}

static void
random_worlds (void) {
  unsigned fallbacks = 0, doubles = 0;
  for (guint32 number = 1; number <= 400; number++) {
    World world = {.rand = g_rand_new_with_seed (number), .now_us = SECOND};
    world.ada = ahoy_chat_new ();
    world.bob = ahoy_chat_new ();
    world.sent = g_array_new (FALSE, TRUE, sizeof (Row));
    world.got = g_array_new (FALSE, TRUE, sizeof (Row));
    world.shown = g_array_new (FALSE, TRUE, sizeof (Row));
    world.kept = g_array_new (FALSE, TRUE, sizeof (Row));
    world.direct = g_array_new (FALSE, TRUE, sizeof (Parcel));
    world.server = g_array_new (FALSE, TRUE, sizeof (Parcel));
    if (g_test_verbose ()) {
      g_test_message ("seed %u", number);
    }
    live (&world, 60);
    fallbacks += world.fallbacks;
    doubles += world.doubles;
    ahoy_chat_free (world.ada);
    ahoy_chat_free (world.bob);
    g_array_unref (world.sent);
    g_array_unref (world.got);
    g_array_unref (world.shown);
    g_array_unref (world.kept);
    g_array_unref (world.direct);
    g_array_unref (world.server);
    g_rand_free (world.rand);
  }
  g_test_message ("%u fallbacks, %u doubles known by the store alone", fallbacks, doubles);
  g_assert_cmpuint (fallbacks, >, 0);
  g_assert_cmpuint (doubles, >, 0);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/chat/saved-before-sent", saved_before_sent);
  g_test_add_func ("/chat/waits-for-a-route", waits_for_a_route);
  g_test_add_func ("/chat/falls-back-to-the-server", falls_back_to_the_server);
  g_test_add_func ("/chat/without-a-server-it-waits", without_server_waits);
  g_test_add_func ("/chat/server-is-asked-again", server_is_asked_again);
  g_test_add_func ("/chat/after-a-restart", after_a_restart);
  g_test_add_func ("/chat/receives-once", receives);
  g_test_add_func ("/chat/typing", typing);
  g_test_add_func ("/chat/keeps-its-bounds", bounds);
  g_test_add_func ("/chat/random-worlds-in-order-and-once", random_worlds);
  return g_test_run ();
}

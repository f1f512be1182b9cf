/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages with one contact: order kept, no doubles, nothing lost, straight or by way of the
 * server. */
#include "core/chat/chat.h"

#include "core/base/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

/* One of our own that is not delivered yet, or one of theirs that is not saved yet. */
typedef struct Item {
  TAILQ_ENTRY (Item) entry;
  AhoyMessageId id;
  uint8_t kind;
  int64_t time_ms;
  uint8_t *body; /* (owned) NULL when empty */
  size_t body_size;
  /* Own. */
  bool saving;
  AhoyChatState state;
  bool on_direct; /* sent straight, no receipt yet */
  bool on_server; /* sent to the server, no answer yet */
  int64_t direct_us, server_us;
  /* Theirs. */
  AhoyChatRoute route; /* the newest way it came */
} Item;

TAILQ_HEAD (ItemList, Item);

typedef struct {
  AhoyChatActionType type;
  AhoyChatRoute route;
  AhoyMessageId id;
  AhoyChatState state;
} Pending;

struct AhoyChat {
  int64_t now_us; /* of the newest call */
  struct ItemList own;
  size_t own_count;
  struct ItemList saving;
  size_t saving_count;
  AhoyMessageId seen[AHOY_CHAT_SEEN_MAX]; /* a ring */
  size_t seen_next, seen_count;
  bool direct, server;
  bool direct_doubted; /* up, but messages on it were not confirmed in time */
  int64_t doubt_ends_us;
  bool has_typed, far_types;
  int64_t typed_us, far_typing_ends_us;
  Pending pending[AHOY_CHAT_ACTIONS_MAX]; /* a ring */
  size_t pending_first, pending_count;
};

AhoyChat *
ahoy_chat_new (void) {
  AhoyChat *chat = RTMFP_NEW (AhoyChat);
  TAILQ_INIT (&chat->own);
  TAILQ_INIT (&chat->saving);
  return chat;
}

static void
free_item (Item *item) {
  free (item->body);
  free (item);
}

static void
free_list (struct ItemList *list) {
  Item *item;
  while ((item = TAILQ_FIRST (list)) != NULL) {
    TAILQ_REMOVE (list, item, entry);
    free_item (item);
  }
}

void
ahoy_chat_free (AhoyChat *chat) {
  if (chat != NULL) {
    free_list (&chat->own);
    free_list (&chat->saving);
    free (chat);
  }
}

static Item *
new_item (const AhoyMessageId *id, uint8_t kind, RtmfpBytes body, int64_t time_ms) {
  Item *item = RTMFP_NEW (Item);
  item->id = *id;
  item->kind = kind;
  item->time_ms = time_ms;
  item->body = (uint8_t *)rtmfp_memory_copy (body.data, body.size);
  item->body_size = body.size;
  return item;
}

static Item *
find (const struct ItemList *list, const AhoyMessageId *id) {
  Item *item;
  TAILQ_FOREACH (item, list, entry) {
    if (ahoy_message_id_equal (&item->id, id)) {
      return item;
    }
  }
  return NULL;
}

/* ---- Actions ---- */

static void
push (AhoyChat *chat, Pending pending) {
  /* Receipts and typing are all that a peer can cause without end; a receipt that is left out is
   * asked for again by the double that follows. The rest is bounded by the lists. */
  bool droppable = pending.type == AHOY_CHAT_RECEIPT || pending.type == AHOY_CHAT_TYPING ||
                   pending.type == AHOY_CHAT_FAR_TYPING;
  size_t most = droppable ? AHOY_CHAT_ACTIONS_MAX / 4 : AHOY_CHAT_ACTIONS_MAX;
  if (chat->pending_count < most) {
    size_t place = (chat->pending_first + chat->pending_count) % AHOY_CHAT_ACTIONS_MAX;
    chat->pending[place] = pending;
    chat->pending_count++;
  }
}

static void
push_state (AhoyChat *chat, const AhoyMessageId *id, AhoyChatState state) {
  push (chat, (Pending){.type = AHOY_CHAT_STATE, .id = *id, .state = state});
}

static void
push_receipt (AhoyChat *chat, const AhoyMessageId *id, AhoyChatRoute route) {
  push (chat, (Pending){.type = AHOY_CHAT_RECEIPT, .id = *id, .route = route});
}

/* ---- Own messages ---- */

static RtmfpStatus
add_own (AhoyChat *chat, Item *item) {
  TAILQ_INSERT_TAIL (&chat->own, item, entry);
  chat->own_count++;
  return RTMFP_OK;
}

static void
drop_own (AhoyChat *chat, Item *item) {
  TAILQ_REMOVE (&chat->own, item, entry);
  chat->own_count--;
  free_item (item);
}

static RtmfpStatus
check_room (const AhoyChat *chat, RtmfpBytes body) {
  if (body.size > AHOY_BODY_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  return chat->own_count < AHOY_CHAT_QUEUE_MAX ? RTMFP_OK : RTMFP_FULL;
}

RtmfpStatus
ahoy_chat_send (AhoyChat *chat, const RtmfpRng *rng, uint8_t kind, RtmfpBytes body, int64_t time_ms,
                int64_t now_us, AhoyMessageId *id) {
  chat->now_us = now_us;
  RtmfpStatus status = check_room (chat, body);
  if (status != RTMFP_OK) {
    return status;
  }
  ahoy_message_id_make (rng, id);
  Item *item = new_item (id, kind, body, time_ms);
  item->saving = true;
  chat->has_typed = false; /* what was typed is sent: the next key tells anew */
  push (chat, (Pending){.type = AHOY_CHAT_SAVE_OWN, .id = *id});
  return add_own (chat, item);
}

RtmfpStatus
ahoy_chat_restore (AhoyChat *chat, const AhoyMessageId *id, uint8_t kind, RtmfpBytes body,
                   int64_t time_ms, AhoyChatState state, int64_t now_us) {
  chat->now_us = now_us;
  RtmfpStatus status = check_room (chat, body);
  if (status != RTMFP_OK) {
    return status;
  }
  bool waits = state == AHOY_CHAT_UNSENT || state == AHOY_CHAT_STORED;
  if (!waits || find (&chat->own, id) != NULL) {
    return RTMFP_STATE;
  }
  Item *item = new_item (id, kind, body, time_ms);
  item->state = state;
  return add_own (chat, item);
}

void
ahoy_chat_saved_own (AhoyChat *chat, const AhoyMessageId *id, bool ok, int64_t now_us) {
  chat->now_us = now_us;
  Item *item = find (&chat->own, id);
  if (item == NULL || !item->saving) {
    return;
  }
  item->saving = false;
  if (!ok) {
    push_state (chat, id, AHOY_CHAT_REFUSED);
    drop_own (chat, item);
  }
}

void
ahoy_chat_confirm (AhoyChat *chat, const AhoyMessageId *id, AhoyChatState state, int64_t now_us) {
  chat->now_us = now_us;
  Item *item = find (&chat->own, id);
  if (item == NULL || item->saving) {
    return;
  }
  if (state == AHOY_CHAT_STORED) {
    item->on_server = false;
    if (item->state == AHOY_CHAT_UNSENT) {
      item->state = AHOY_CHAT_STORED;
      push_state (chat, id, AHOY_CHAT_STORED);
    }
  } else if (state == AHOY_CHAT_DELIVERED) {
    push_state (chat, id, AHOY_CHAT_DELIVERED);
    drop_own (chat, item);
  }
}

void
ahoy_chat_refuse (AhoyChat *chat, const AhoyMessageId *id, int64_t now_us) {
  chat->now_us = now_us;
  Item *item = find (&chat->own, id);
  if (item != NULL && !item->saving) {
    push_state (chat, id, AHOY_CHAT_REFUSED);
    drop_own (chat, item);
  }
}

size_t
ahoy_chat_waiting (const AhoyChat *chat) {
  return chat->own_count;
}

/* ---- Routes ---- */

/* The way that messages go now. Returns: false when there is none. */
static bool
choose_route (const AhoyChat *chat, AhoyChatRoute *route) {
  if (chat->direct && (!chat->direct_doubted || !chat->server)) {
    *route = AHOY_CHAT_DIRECT;
    return true;
  }
  *route = AHOY_CHAT_SERVER;
  return chat->server;
}

static void
forget_direct (AhoyChat *chat) {
  Item *item;
  TAILQ_FOREACH (item, &chat->own, entry) {
    item->on_direct = false;
  }
}

static void
forget_server (AhoyChat *chat) {
  Item *item;
  TAILQ_FOREACH (item, &chat->own, entry) {
    item->on_server = false;
  }
}

/* When the first message on that way is overdue. */
static int64_t
first_overdue (const AhoyChat *chat, AhoyChatRoute route) {
  int64_t first = RTMFP_NEVER;
  const Item *item;
  TAILQ_FOREACH (item, &chat->own, entry) {
    bool direct = route == AHOY_CHAT_DIRECT;
    if (direct ? !item->on_direct : !item->on_server) {
      continue;
    }
    int64_t due = direct ? item->direct_us + AHOY_CHAT_DIRECT_TIMEOUT_US
                         : item->server_us + AHOY_CHAT_SERVER_TIMEOUT_US;
    first = due < first ? due : first;
  }
  return first;
}

/* A session is reliable, so without a server there is nothing better than to wait. */
static void
check_direct (AhoyChat *chat) {
  if (!chat->direct || !chat->server) {
    return;
  }
  if (chat->direct_doubted && chat->now_us >= chat->doubt_ends_us) {
    chat->direct_doubted = false; /* all goes straight again; doubles are dropped there */
  } else if (!chat->direct_doubted && chat->now_us >= first_overdue (chat, AHOY_CHAT_DIRECT)) {
    chat->direct_doubted = true;
    chat->doubt_ends_us = chat->now_us + AHOY_CHAT_DIRECT_AGAIN_US;
    forget_direct (chat);
    forget_server (chat);
  }
}

void
ahoy_chat_set_routes (AhoyChat *chat, bool direct, bool server, int64_t now_us) {
  chat->now_us = now_us;
  if (direct != chat->direct) {
    chat->direct_doubted = false;
    forget_direct (chat);
  }
  if (server != chat->server) {
    forget_server (chat);
  }
  chat->direct = direct;
  chat->server = server;
  check_direct (chat);
}

/* The next message that has to go, in order; what is not saved yet holds up all behind it. */
static Item *
next_to_send (const AhoyChat *chat, AhoyChatRoute route) {
  size_t in_flight = 0;
  Item *item;
  TAILQ_FOREACH (item, &chat->own, entry) {
    bool direct = route == AHOY_CHAT_DIRECT;
    bool on_its_way = direct ? item->on_direct : item->on_server;
    bool done = !direct && item->state == AHOY_CHAT_STORED;
    if (item->saving || in_flight >= AHOY_CHAT_IN_FLIGHT_MAX) {
      return NULL;
    }
    if (!on_its_way && !done) {
      return item;
    }
    in_flight += on_its_way;
  }
  return NULL;
}

/* ---- Their messages ---- */

static bool
was_seen (const AhoyChat *chat, const AhoyMessageId *id) {
  for (size_t i = 0; i < chat->seen_count; i++) {
    if (ahoy_message_id_equal (&chat->seen[i], id)) {
      return true;
    }
  }
  return false;
}

static void
note_seen (AhoyChat *chat, const AhoyMessageId *id) {
  chat->seen[chat->seen_next] = *id;
  chat->seen_next = (chat->seen_next + 1) % AHOY_CHAT_SEEN_MAX;
  if (chat->seen_count < AHOY_CHAT_SEEN_MAX) {
    chat->seen_count++;
  }
}

static void
set_far_typing (AhoyChat *chat, bool types) {
  if (chat->far_types != types) {
    chat->far_types = types;
    push (chat, (Pending){.type = AHOY_CHAT_FAR_TYPING});
  }
}

RtmfpStatus
ahoy_chat_receive (AhoyChat *chat, AhoyChatRoute route, const AhoyMessage *message,
                   int64_t now_us) {
  chat->now_us = now_us;
  if (message->body.size > AHOY_BODY_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  set_far_typing (chat, false);
  if (was_seen (chat, &message->id)) {
    push_receipt (chat, &message->id, route);
    return RTMFP_OK;
  }
  Item *item = find (&chat->saving, &message->id);
  if (item != NULL) {
    item->route = route; /* its receipt goes the newest way */
    return RTMFP_OK;
  }
  if (chat->saving_count >= AHOY_CHAT_SAVING_MAX) {
    return RTMFP_FULL;
  }
  item = new_item (&message->id, message->kind, message->body, message->time_ms);
  item->route = route;
  TAILQ_INSERT_TAIL (&chat->saving, item, entry);
  chat->saving_count++;
  push (chat, (Pending){.type = AHOY_CHAT_SAVE_RECEIVED, .id = item->id});
  return RTMFP_OK;
}

void
ahoy_chat_saved_received (AhoyChat *chat, const AhoyMessageId *id, bool ok, bool is_new,
                          int64_t now_us) {
  chat->now_us = now_us;
  Item *item = find (&chat->saving, id);
  if (item == NULL) {
    return;
  }
  if (ok) {
    note_seen (chat, &item->id);
    push_receipt (chat, &item->id, item->route);
    if (is_new) {
      push (chat, (Pending){.type = AHOY_CHAT_SHOW, .id = item->id});
    }
  }
  TAILQ_REMOVE (&chat->saving, item, entry);
  chat->saving_count--;
  free_item (item);
}

/* ---- Typing ---- */

void
ahoy_chat_type (AhoyChat *chat, int64_t now_us) {
  chat->now_us = now_us;
  AhoyChatRoute route;
  if (!choose_route (chat, &route) || route != AHOY_CHAT_DIRECT ||
      (chat->has_typed && now_us < chat->typed_us + AHOY_CHAT_TYPING_EVERY_US)) {
    return;
  }
  chat->has_typed = true;
  chat->typed_us = now_us;
  push (chat, (Pending){.type = AHOY_CHAT_TYPING});
}

void
ahoy_chat_far_typed (AhoyChat *chat, int64_t now_us) {
  chat->now_us = now_us;
  chat->far_typing_ends_us = now_us + AHOY_CHAT_TYPING_FOR_US;
  set_far_typing (chat, true);
}

bool
ahoy_chat_far_is_typing (const AhoyChat *chat) {
  return chat->far_types;
}

/* ---- The pump ---- */

void
ahoy_chat_advance (AhoyChat *chat, int64_t now_us) {
  chat->now_us = now_us;
  if (chat->far_types && now_us >= chat->far_typing_ends_us) {
    set_far_typing (chat, false);
  }
  check_direct (chat);
  if (chat->server && now_us >= first_overdue (chat, AHOY_CHAT_SERVER)) {
    forget_server (chat); /* asked again, in order; the server knows the ids it has */
  }
}

static int64_t
earlier (int64_t a, int64_t b) {
  return a < b ? a : b;
}

int64_t
ahoy_chat_deadline (const AhoyChat *chat) {
  int64_t first = chat->far_types ? chat->far_typing_ends_us : RTMFP_NEVER;
  if (chat->direct && chat->server) {
    first = earlier (first, chat->direct_doubted ? chat->doubt_ends_us
                                                 : first_overdue (chat, AHOY_CHAT_DIRECT));
  }
  return chat->server ? earlier (first, first_overdue (chat, AHOY_CHAT_SERVER)) : first;
}

static void
fill_message (const Item *item, AhoyChatAction *action) {
  action->id = item->id;
  action->kind = item->kind;
  action->time_ms = item->time_ms;
  action->body = rtmfp_bytes (item->body, item->body_size);
}

/* Takes what waits. Returns: false when it is about a message that is gone. */
static bool
take_pending (AhoyChat *chat, AhoyChatAction *action) {
  Pending pending = chat->pending[chat->pending_first];
  chat->pending_first = (chat->pending_first + 1) % AHOY_CHAT_ACTIONS_MAX;
  chat->pending_count--;
  *action = (AhoyChatAction){
      .type = pending.type, .route = pending.route, .id = pending.id, .state = pending.state};
  if (pending.type != AHOY_CHAT_SAVE_OWN && pending.type != AHOY_CHAT_SAVE_RECEIVED) {
    return true;
  }
  bool own = pending.type == AHOY_CHAT_SAVE_OWN;
  const Item *item = find (own ? &chat->own : &chat->saving, &pending.id);
  if (item != NULL) {
    fill_message (item, action);
  }
  return item != NULL;
}

bool
ahoy_chat_poll_action (AhoyChat *chat, AhoyChatAction *action) {
  while (chat->pending_count > 0) {
    if (take_pending (chat, action)) {
      return true;
    }
  }
  AhoyChatRoute route;
  Item *item = choose_route (chat, &route) ? next_to_send (chat, route) : NULL;
  if (item == NULL) {
    return false;
  }
  if (route == AHOY_CHAT_DIRECT) {
    item->on_direct = true;
    item->direct_us = chat->now_us;
  } else {
    item->on_server = true;
    item->server_us = chat->now_us;
  }
  *action = (AhoyChatAction){.type = AHOY_CHAT_SEND, .route = route, .state = item->state};
  fill_message (item, action);
  return true;
}

const char *
ahoy_chat_state_text (AhoyChatState state) {
  static const char *const texts[] = {"unsent", "stored", "delivered", "refused"};
  return (unsigned)state < sizeof texts / sizeof texts[0] ? texts[state] : "unsent";
}

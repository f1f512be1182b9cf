/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages: words from the composer to disk, then to the network; what comes to disk, then to the
 * screen. */
#include "app/client/client-private.h"

#include "app/io/clock.h"

#include <glib/gi18n.h>
#include <string.h>

#define HISTORY_ITEMS 500

static UiMessageState
state_of (AhoyChatState state) {
  switch (state) {
  case AHOY_CHAT_STORED:
    return UI_MESSAGE_STORED;
  case AHOY_CHAT_DELIVERED:
    return UI_MESSAGE_DELIVERED;
  case AHOY_CHAT_REFUSED:
    return UI_MESSAGE_FAILED;
  default:
    return UI_MESSAGE_UNSENT;
  }
}

/* A body as text for people: bad UTF-8 and kinds of a newer Ahoy become a sentence or a mark. */
static char *
text_of (guint8 kind, const void *bytes, gsize size) {
  return kind == AHOY_BODY_TEXT
             ? g_utf8_make_valid (bytes, (gssize)size)
             : g_strdup (_ ("This was sent by a newer Ahoy. Update to read it."));
}

static UiMessageKind
call_kind_of (const char *end, guint duration_s) {
  if (duration_s > 0) {
    return UI_MESSAGE_CALL;
  }
  return g_strcmp0 (end, "declined") == 0 || g_strcmp0 (end, "busy") == 0 ? UI_MESSAGE_CALL_DECLINED
                                                                          : UI_MESSAGE_CALL_MISSED;
}

static UiMessage *
message_of (const AppStoreItem *item) {
  char id[AHOY_MESSAGE_ID_TEXT_SIZE];
  ahoy_message_id_format (&item->id, id);
  if (item->type == APP_STORE_CALL) {
    return ui_message_new_call (id, item->outgoing, item->time_ms * 1000,
                                call_kind_of (item->end, item->duration_s), item->with_video,
                                item->duration_s);
  }
  gsize size;
  const void *bytes = g_bytes_get_data (item->body, &size);
  g_autofree char *text = text_of (item->kind, bytes, size);
  UiMessage *message = ui_message_new (id, item->outgoing, item->time_ms * 1000, text);
  ui_message_set_state (message, item->outgoing ? state_of (item->state) : UI_MESSAGE_DELIVERED);
  return message;
}

/* ---- From the store ---- */

typedef struct {
  UiConversation *conversation;
  guint unread;
} Loading;

static void
load_one (gpointer data, const AppStoreItem *item) {
  Loading *loading = data;
  g_autoptr (UiMessage) message = message_of (item);
  ui_conversation_add (loading->conversation, message);
  loading->unread += !item->outgoing && !item->is_read ? 1 : 0;
}

void
client_chat_load (AppClient *self, UiContact *contact, const AhoyName *name) {
  GError *error = NULL;
  Loading loading = {.conversation = ui_contact_get_conversation (contact)};
  app_client_store_each_item (self->store, name, HISTORY_ITEMS, load_one, &loading, &error);
  client_store_failed (self, error);
  ui_conversation_set_unread (loading.conversation, loading.unread);
}

typedef struct {
  AhoyName name;
  AhoyMessageId id;
  guint8 kind;
  GBytes *body; /* (owned) */
  gint64 time_ms;
  AhoyChatState state;
} Waiting;

static void
free_waiting (gpointer data) {
  Waiting *waiting = data;
  g_bytes_unref (waiting->body);
  g_free (waiting);
}

static void
restore_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  const Waiting *waiting = data;
  gsize size;
  const void *bytes = g_bytes_get_data (waiting->body, &size);
  if (ahoy_agent_restore_message (agent, &waiting->name, &waiting->id, waiting->kind,
                                  rtmfp_bytes (bytes, size), waiting->time_ms, waiting->state,
                                  now_us) == RTMFP_FULL) {
    g_message ("More messages wait for one person than can go at once; the rest goes after the "
               "next start.");
  }
}

static void
restore_one (gpointer data, const AppStoreItem *item) {
  AppClient *self = data;
  Waiting *waiting = g_new0 (Waiting, 1);
  *waiting = (Waiting){.name = item->contact,
                       .id = item->id,
                       .kind = item->kind,
                       .body = g_bytes_ref (item->body),
                       .time_ms = item->time_ms,
                       .state = item->state};
  app_network_post (self->network, restore_on_network, waiting, free_waiting);
}

void
client_chat_restore_waiting (AppClient *self) {
  GError *error = NULL;
  app_client_store_each_waiting (self->store, restore_one, self, &error);
  client_store_failed (self, error);
}

/* ---- What the person does ---- */

static void
send_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  const ClientAct *act = data;
  AhoyMessageId id;
  RtmfpStatus status = ahoy_agent_send_message (agent, &act->name, AHOY_BODY_TEXT,
                                                rtmfp_bytes (act->text, strlen (act->text)),
                                                app_clock_wall_ms (), now_us, &id);
  if (status != RTMFP_OK) {
    g_warning ("A message could not be queued (%d)", (int)status);
  }
}

static gboolean
is_sendable (AppClient *self, const char *text) {
  if (strlen (text) > AHOY_BODY_BYTES_MAX) {
    client_complain (self, _ ("This message is too long. Send it in parts."));
    return FALSE;
  }
  return *text != '\0' && self->network != NULL;
}

void
client_chat_send (AppClient *self, UiContact *contact, const char *text) {
  if (is_sendable (self, text)) {
    ClientAct *act = client_act_new (self, contact);
    act->text = g_strdup (text);
    client_act_post (self, send_on_network, act);
  }
}

static void
type_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  ClientAct *act = data;
  ahoy_agent_type (agent, &act->name, now_us);
}

void
client_chat_type (AppClient *self, UiContact *contact) {
  if (self->network != NULL) {
    client_act_post (self, type_on_network, client_act_new (self, contact));
  }
}

void
client_chat_mark_read (AppClient *self, UiContact *contact) {
  AhoyName name;
  GError *error = NULL;
  UiConversation *conversation = ui_contact_get_conversation (contact);
  if (ui_conversation_get_unread (conversation) > 0 && client_roster_name_of (contact, &name)) {
    app_client_store_mark_read (self->store, &name, &error);
    client_store_failed (self, error);
    ui_conversation_set_unread (conversation, 0);
  }
}

/* ---- What the network tells ---- */

typedef struct {
  AhoyName name;
  AhoyMessageId id;
  gboolean ok, is_new;
} Saved;

static void
saved_own_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  const Saved *saved = data;
  ahoy_agent_saved_own (agent, &saved->name, &saved->id, saved->ok, now_us);
}

static void
saved_received_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  const Saved *saved = data;
  ahoy_agent_saved_received (agent, &saved->name, &saved->id, saved->ok, saved->is_new, now_us);
}

static void
add_message (AppClient *self, const AhoyAgentEvent *event, gboolean outgoing,
             UiMessageState state) {
  UiContact *contact = client_roster_ui (self, &event->name);
  if (contact == NULL) {
    return;
  }
  char id[AHOY_MESSAGE_ID_TEXT_SIZE];
  ahoy_message_id_format (&event->message_id, id);
  UiConversation *conversation = ui_contact_get_conversation (contact);
  if (ui_conversation_find (conversation, id) != NULL) {
    return;
  }
  g_autofree char *text = text_of (event->kind, event->body.data, event->body.size);
  g_autoptr (UiMessage) message = ui_message_new (id, outgoing, event->time_ms * 1000, text);
  ui_message_set_state (message, state);
  ui_conversation_add (conversation, message);
  if (!outgoing) {
    ui_conversation_set_unread (conversation, ui_conversation_get_unread (conversation) + 1);
    ui_contact_set_typing (contact, FALSE);
  }
}

/* Shown at once, marked unsent: what a person wrote never vanishes, also when the disk is full. */
static void
save_own (AppClient *self, const AhoyAgentEvent *event) {
  GError *error = NULL;
  Saved *saved = g_new0 (Saved, 1);
  *saved = (Saved){.name = event->name, .id = event->message_id};
  g_autoptr (GBytes) body = g_bytes_new (event->body.data, event->body.size);
  saved->ok = app_client_store_put_own (self->store, &event->name, &event->message_id, event->kind,
                                        body, event->time_ms, &error);
  client_store_failed (self, error);
  add_message (self, event, TRUE, saved->ok ? UI_MESSAGE_UNSENT : UI_MESSAGE_FAILED);
  app_network_post (self->network, saved_own_on_network, saved, g_free);
}

static void
save_received (AppClient *self, const AhoyAgentEvent *event) {
  GError *error = NULL;
  Saved *saved = g_new0 (Saved, 1);
  *saved = (Saved){.name = event->name, .id = event->message_id};
  g_autoptr (GBytes) body = g_bytes_new (event->body.data, event->body.size);
  saved->ok =
      app_client_store_put_received (self->store, &event->name, &event->message_id, event->kind,
                                     body, event->time_ms, &saved->is_new, &error);
  client_store_failed (self, error);
  if (saved->ok && saved->is_new) {
    add_message (self, event, FALSE, UI_MESSAGE_DELIVERED);
  }
  app_network_post (self->network, saved_received_on_network, saved, g_free);
}

static void
set_state (AppClient *self, const AhoyAgentEvent *event) {
  GError *error = NULL;
  char id[AHOY_MESSAGE_ID_TEXT_SIZE];
  app_client_store_set_state (self->store, &event->message_id, event->chat_state, &error);
  client_store_failed (self, error);
  ahoy_message_id_format (&event->message_id, id);
  UiContact *contact = client_roster_ui (self, &event->name);
  UiMessage *message =
      contact != NULL ? ui_conversation_find (ui_contact_get_conversation (contact), id) : NULL;
  if (message != NULL) {
    ui_message_set_state (message, state_of (event->chat_state));
  }
}

void
client_chat_on_event (AppClient *self, const AhoyAgentEvent *event) {
  UiContact *contact;
  switch (event->type) {
  case AHOY_AGENT_EVENT_SAVE_OWN:
    save_own (self, event);
    break;
  case AHOY_AGENT_EVENT_SAVE_RECEIVED:
    save_received (self, event);
    break;
  case AHOY_AGENT_EVENT_MESSAGE_STATE:
    set_state (self, event);
    break;
  case AHOY_AGENT_EVENT_TYPING:
    contact = client_roster_ui (self, &event->name);
    if (contact != NULL) {
      ui_contact_set_typing (contact, event->ok);
    }
    break;
  default: /* SHOW: it was shown when it was saved */
    break;
  }
}

void
client_chat_note_call (AppClient *self, const AhoyCallInfo *info, gint64 began_ms) {
  GError *error = NULL;
  AppStoreItem item = {.type = APP_STORE_CALL,
                       .contact = info->peer,
                       .outgoing = info->outgoing,
                       .time_ms = began_ms,
                       .with_video = info->near_video || info->far_video,
                       .end = ahoy_call_end_text (info->end)};
  memcpy (item.id.bytes, info->id.bytes, sizeof item.id.bytes);
  item.is_read = info->outgoing || info->secured_us != 0;
  if (info->secured_us != 0) {
    item.duration_s = (guint)MAX ((app_clock_now_us () - info->secured_us) / 1000000, 1);
  }
  app_client_store_put_call (self->store, &item, &error);
  client_store_failed (self, error);
  UiContact *contact = client_roster_ui (self, &info->peer);
  if (contact != NULL) {
    UiConversation *conversation = ui_contact_get_conversation (contact);
    g_autoptr (UiMessage) message = message_of (&item);
    ui_conversation_add (conversation, message);
    if (!item.is_read) {
      ui_conversation_set_unread (conversation, ui_conversation_get_unread (conversation) + 1);
    }
  }
}

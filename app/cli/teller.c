/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/cli/teller.h"

#include "app/cli/json-lines.h"

typedef struct {
  UiSession *session; /* (borrowed) */
  void (*on_call) (UiCall *call, gpointer data);
  gpointer data;
  GPtrArray *addresses; /* (owned) as in the list of contacts, to name those who leave it */
} Teller;

/* The short word of a property that is an enumeration. */
static char *
nick_of (gpointer object, const char *property) {
  g_auto (GValue) value = G_VALUE_INIT;
  g_object_get_property (object, property, &value);
  GEnumClass *klass = g_type_class_ref (G_VALUE_TYPE (&value));
  char *nick = g_strdup (g_enum_get_value (klass, g_value_get_enum (&value))->value_nick);
  g_type_class_unref (klass);
  return nick;
}

static void
tell_session (UiSession *session) {
  g_autofree char *state = nick_of (session, "state");
  json_line ("session", "s", "state", state, "s", "address", ui_session_get_address (session), "s",
             "error", ui_session_get_error (session), "s", "server",
             ui_session_get_server_address (session), NULL);
}

static void
tell_contact (UiContact *contact) {
  g_autofree char *presence = nick_of (contact, "presence");
  g_autofree char *relation = nick_of (contact, "relation");
  json_line ("contact", "s", "address", ui_contact_get_address (contact), "s", "name",
             ui_contact_get_name (contact), "s", "relation", relation, "s", "presence", presence,
             "b", "keyChanged", ui_contact_get_key_changed (contact), "s", "safetyNumber",
             ui_contact_get_safety_number (contact), "b", "typing", ui_contact_get_typing (contact),
             NULL);
}

static void
tell_message (UiMessage *message, UiContact *contact) {
  g_autofree char *state = nick_of (message, "state");
  g_autofree char *kind = nick_of (message, "kind");
  json_line ("message", "s", "with", ui_contact_get_address (contact), "s", "id",
             ui_message_get_id (message), "b", "outgoing", ui_message_get_outgoing (message), "s",
             "kind", kind, "s", "state", state, "s", "text", ui_message_get_text (message), "i",
             "time", ui_message_get_time_us (message) / 1000, NULL);
}

static void
tell_call (UiCall *call) {
  g_autofree char *state = nick_of (call, "state");
  g_autofree char *path = nick_of (call, "path");
  json_line ("call", "s", "id", ui_call_get_id (call), "s", "with",
             ui_contact_get_address (ui_call_get_contact (call)), "b", "outgoing",
             ui_call_get_direction (call) == UI_CALL_OUTGOING, "s", "state", state, "s", "path",
             path, "b", "video", ui_call_get_with_video (call), "i", "seconds",
             (gint64)ui_call_get_duration_s (call), "b", "remoteMuted",
             ui_call_get_remote_muted (call), "s", "warning", ui_call_get_warning (call), "s",
             "end", ui_call_get_end_reason (call), NULL);
}

static void
on_message_changed (UiMessage *message, GParamSpec *property, UiContact *contact) {
  (void)property;
  tell_message (message, contact);
}

static void
on_messages (GListModel *messages, guint position, guint removed, guint added, UiContact *contact) {
  (void)removed;
  for (guint i = position; i < position + added; i++) {
    g_autoptr (UiMessage) message = g_list_model_get_item (messages, i);
    g_signal_connect (message, "notify::state", G_CALLBACK (on_message_changed), contact);
    tell_message (message, contact);
  }
}

static void
on_contact_changed (UiContact *contact, GParamSpec *property, gpointer data) {
  (void)property;
  (void)data;
  tell_contact (contact);
}

static void
on_contacts (GListModel *contacts, guint position, guint removed, guint added, Teller *teller) {
  for (; removed > 0; removed--) {
    json_line ("contact-gone", "s", "address", teller->addresses->pdata[position], NULL);
    g_ptr_array_remove_index (teller->addresses, position);
  }
  for (guint i = position; i < position + added; i++) {
    g_autoptr (UiContact) contact = g_list_model_get_item (contacts, i);
    g_ptr_array_insert (teller->addresses, (int)i, g_strdup (ui_contact_get_address (contact)));
    static const char *const told[] = {"notify::presence", "notify::relation",
                                       "notify::key-changed", "notify::typing"};
    for (guint k = 0; k < G_N_ELEMENTS (told); k++) {
      g_signal_connect (contact, told[k], G_CALLBACK (on_contact_changed), NULL);
    }
    tell_contact (contact);
    GListModel *messages = G_LIST_MODEL (ui_contact_get_conversation (contact));
    g_signal_connect (messages, "items-changed", G_CALLBACK (on_messages), contact);
    on_messages (messages, 0, 0, g_list_model_get_n_items (messages), contact);
  }
}

static void
on_call_changed (UiCall *call, GParamSpec *property, Teller *teller) {
  tell_call (call);
  if (teller->on_call != NULL && g_str_equal (property->name, "state")) {
    teller->on_call (call, teller->data);
  }
}

static void
on_call (UiSession *session, GParamSpec *property, Teller *teller) {
  (void)property;
  UiCall *call = ui_session_get_call (session);
  if (call == NULL) {
    return;
  }
  static const char *const told[] = {"notify::state", "notify::path", "notify::warning",
                                     "notify::remote-muted"};
  for (guint k = 0; k < G_N_ELEMENTS (told); k++) {
    g_signal_connect (call, told[k], G_CALLBACK (on_call_changed), teller);
  }
  tell_call (call);
  if (teller->on_call != NULL) {
    teller->on_call (call, teller->data);
  }
}

static void
on_session_changed (UiSession *session, GParamSpec *property, gpointer data) {
  (void)property;
  (void)data;
  tell_session (session);
}

static void
free_teller (gpointer data) {
  g_ptr_array_unref (((Teller *)data)->addresses);
  g_free (data);
}

void
teller_watch (UiSession *session, void (*on_new_call) (UiCall *call, gpointer data),
              gpointer data) {
  Teller *teller = g_new0 (Teller, 1);
  *teller = (Teller){.session = session,
                     .on_call = on_new_call,
                     .data = data,
                     .addresses = g_ptr_array_new_with_free_func (g_free)};
  g_object_set_data_full (G_OBJECT (session), "teller", teller, free_teller);
  g_signal_connect (session, "notify::state", G_CALLBACK (on_session_changed), NULL);
  g_signal_connect (session, "notify::error", G_CALLBACK (on_session_changed), NULL);
  g_signal_connect (session, "notify::call", G_CALLBACK (on_call), teller);
  g_signal_connect (ui_session_get_contacts (session), "items-changed", G_CALLBACK (on_contacts),
                    teller);
}

void
teller_list (UiSession *session) {
  GListModel *contacts = ui_session_get_contacts (session);
  for (guint i = 0; i < g_list_model_get_n_items (contacts); i++) {
    g_autoptr (UiContact) contact = g_list_model_get_item (contacts, i);
    tell_contact (contact);
  }
}

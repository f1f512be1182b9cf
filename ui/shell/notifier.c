/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for telling the desktop what happens while nobody looks. */
#include "ui/shell/notifier.h"
#include "ui/shell/init.h"

#include <glib/gi18n.h>

struct _UiNotifier {
  GObject parent_instance;

  /* owned */
  UiSession *session;
  GSettings *settings;
  UiCall *call;
  GHashTable *unread; /* UiContact (a reference) -> the unread count last seen */

  /* borrowed */
  GApplication *application;
  UiMainWindow *window; /* weak */
};

G_DEFINE_FINAL_TYPE (UiNotifier, ui_notifier, G_TYPE_OBJECT)

GNotification *
ui_notifier_make_call (UiCall *call) {
  UiContact *contact = ui_call_get_contact (call);
  const gboolean with_video = ui_call_get_with_video (call);
  const char *id = ui_call_get_id (call);
  GNotification *notification = g_notification_new (ui_contact_get_name (contact));
  g_autoptr (GIcon) icon = g_themed_icon_new ("call-incoming-symbolic");
  g_notification_set_body (notification,
                           with_video ? _ ("Incoming video call") : _ ("Incoming call"));
  g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_URGENT);
  g_notification_set_category (notification, "call.incoming");
  g_notification_set_icon (notification, icon);
  g_notification_set_default_action (notification, "app.show-call");
  g_notification_add_button_with_target (notification, _ ("Accept"), "app.answer", "s", id);
  if (with_video) {
    g_notification_add_button_with_target (notification, _ ("Accept Without Video"),
                                           "app.answer-audio", "s", id);
  }
  g_notification_add_button_with_target (notification, _ ("Decline"), "app.decline", "s", id);
  return notification;
}

static void
on_call_state (UiNotifier *self) {
  if (self->call != NULL && ui_call_is_ringing_here (self->call)) {
    g_autoptr (GNotification) notification = ui_notifier_make_call (self->call);
    g_application_send_notification (self->application, "call", notification);
  } else {
    g_application_withdraw_notification (self->application, "call");
  }
}

static void
on_call (UiNotifier *self) {
  if (self->call != NULL) {
    g_signal_handlers_disconnect_by_data (self->call, self);
  }
  g_set_object (&self->call, ui_session_get_call (self->session));
  if (self->call != NULL) {
    g_signal_connect_object (self->call, "notify::state", G_CALLBACK (on_call_state), self,
                             G_CONNECT_SWAPPED);
  }
  on_call_state (self);
}

static char *
dup_notification_id (UiContact *contact) {
  return g_strconcat ("contact-", ui_contact_get_address (contact), NULL);
}

static void
send (UiNotifier *self, UiContact *contact, GNotification *notification) {
  g_autofree char *id = dup_notification_id (contact);
  g_notification_set_default_action_and_target (notification, "app.open-contact", "s",
                                                ui_contact_get_address (contact));
  g_application_send_notification (self->application, id, notification);
}

static void
tell_message (UiNotifier *self, UiContact *contact, UiMessage *message, guint unread) {
  g_autoptr (GNotification) notification = g_notification_new (ui_contact_get_name (contact));
  g_autofree char *summary = ui_message_dup_summary (message);
  const gboolean is_text = ui_message_get_kind (message) == UI_MESSAGE_TEXT;
  if (is_text && !g_settings_get_boolean (self->settings, "notify-with-text")) {
    g_free (summary);
    summary = g_strdup_printf (ngettext ("%u new message", "%u new messages", unread), unread);
  }
  g_notification_set_body (notification, summary);
  if (is_text) {
    g_notification_set_category (notification, "im.received");
  } else {
    g_notification_set_category (notification, "call.unanswered");
    g_notification_add_button_with_target (notification, _ ("Call Back"), "app.call-back", "s",
                                           ui_contact_get_address (contact));
  }
  send (self, contact, notification);
}

/* What the store gives back while one is still signing in was told in an earlier life. */
static void
on_unread (UiConversation *conversation, GParamSpec *pspec G_GNUC_UNUSED, UiNotifier *self) {
  UiContact *contact = g_object_get_data (G_OBJECT (conversation), "notifier-contact");
  const guint before = GPOINTER_TO_UINT (g_hash_table_lookup (self->unread, contact));
  const guint unread = ui_conversation_get_unread (conversation);
  UiMessage *last = ui_conversation_get_last (conversation);
  g_hash_table_insert (self->unread, g_object_ref (contact), GUINT_TO_POINTER (unread));
  if (unread == 0) {
    g_autofree char *id = dup_notification_id (contact);
    g_application_withdraw_notification (self->application, id);
  } else if (unread > before && last != NULL && !ui_message_get_outgoing (last) &&
             ui_session_get_state (self->session) == UI_SESSION_SIGNED_IN &&
             (self->window == NULL || !ui_main_window_is_looking_at (self->window, contact))) {
    tell_message (self, contact, last, unread);
  }
}

static void
on_relation (UiContact *contact, GParamSpec *pspec G_GNUC_UNUSED, UiNotifier *self) {
  if (ui_contact_get_relation (contact) != UI_RELATION_REQUESTED ||
      ui_session_get_state (self->session) != UI_SESSION_SIGNED_IN) {
    return;
  }
  g_autoptr (GNotification) notification = g_notification_new (ui_contact_get_name (contact));
  g_notification_set_body (notification, _ ("Would like to talk with you"));
  send (self, contact, notification);
}

static void
watch (UiNotifier *self, UiContact *contact) {
  UiConversation *conversation = ui_contact_get_conversation (contact);
  if (g_hash_table_contains (self->unread, contact)) {
    return;
  }
  g_hash_table_insert (self->unread, g_object_ref (contact),
                       GUINT_TO_POINTER (ui_conversation_get_unread (conversation)));
  g_object_set_data (G_OBJECT (conversation), "notifier-contact", contact);
  g_signal_connect_object (conversation, "notify::unread", G_CALLBACK (on_unread), self, 0);
  g_signal_connect_object (contact, "notify::relation", G_CALLBACK (on_relation), self, 0);
  on_relation (contact, NULL, self);
}

static void
unwatch (UiNotifier *self, UiContact *contact) {
  g_autofree char *id = dup_notification_id (contact);
  g_application_withdraw_notification (self->application, id);
  g_signal_handlers_disconnect_by_data (contact, self);
  g_signal_handlers_disconnect_by_data (ui_contact_get_conversation (contact), self);
}

static void
on_contacts (UiNotifier *self) {
  GListModel *contacts = ui_session_get_contacts (self->session);
  const guint count = g_list_model_get_n_items (contacts);
  g_autoptr (GHashTable) present = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < count; i++) {
    g_autoptr (UiContact) contact = g_list_model_get_item (contacts, i);
    g_hash_table_add (present, contact);
    watch (self, contact);
  }
  GHashTableIter iter;
  gpointer contact;
  g_hash_table_iter_init (&iter, self->unread);
  while (g_hash_table_iter_next (&iter, &contact, NULL)) {
    if (!g_hash_table_contains (present, contact)) {
      unwatch (self, contact);
      g_hash_table_iter_remove (&iter);
    }
  }
}

void
ui_notifier_tell_background (UiNotifier *self) {
  g_return_if_fail (UI_IS_NOTIFIER (self));
  if (g_settings_get_boolean (self->settings, "background-told")) {
    return;
  }
  g_autoptr (GNotification) notification = g_notification_new (_ ("Ahoy Keeps Running"));
  g_notification_set_body (notification,
                           _ ("Calls and messages still reach you. To stop that, open Ahoy and "
                              "choose Quit, or press Ctrl+Q."));
  g_notification_set_default_action (notification, "app.present");
  g_notification_add_button (notification, _ ("Quit"), "app.quit");
  g_application_send_notification (self->application, "background", notification);
  g_settings_set_boolean (self->settings, "background-told", TRUE);
}

void
ui_notifier_set_window (UiNotifier *self, UiMainWindow *window) {
  g_return_if_fail (UI_IS_NOTIFIER (self));
  g_set_weak_pointer (&self->window, window);
}

UiNotifier *
ui_notifier_new (GApplication *application, UiSession *session, GSettings *settings) {
  UiNotifier *self = g_object_new (UI_TYPE_NOTIFIER, NULL);
  self->application = application;
  self->session = g_object_ref (session);
  self->settings = g_object_ref (settings);
  g_signal_connect_object (session, "notify::call", G_CALLBACK (on_call), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ui_session_get_contacts (session), "items-changed",
                           G_CALLBACK (on_contacts), self, G_CONNECT_SWAPPED);
  on_call (self);
  on_contacts (self);
  return self;
}

static void
ui_notifier_finalize (GObject *object) {
  UiNotifier *self = UI_NOTIFIER (object);
  g_clear_weak_pointer (&self->window);
  g_clear_object (&self->session);
  g_clear_object (&self->settings);
  g_clear_object (&self->call);
  g_hash_table_unref (self->unread);
  G_OBJECT_CLASS (ui_notifier_parent_class)->finalize (object);
}

static void
ui_notifier_class_init (UiNotifierClass *klass) {
  G_OBJECT_CLASS (klass)->finalize = ui_notifier_finalize;
}

static void
ui_notifier_init (UiNotifier *self) {
  self->unread = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
}

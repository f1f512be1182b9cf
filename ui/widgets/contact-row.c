/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for one person in the list. */
#include "ui/widgets/contact-row.h"
#include "ui/widgets/format.h"
#include "ui/widgets/presence-avatar.h"

#include <glib/gi18n.h>
#include <string.h>

struct _UiContactRow {
  GtkListBoxRow parent_instance;

  /* owned */
  UiContact *contact;
  UiMessage *last; /* whose state is watched */

  /* template children */
  UiPresenceAvatar *avatar;
  GtkLabel *name_label;
  GtkLabel *time_label;
  GtkImage *summary_icon;
  GtkLabel *summary_label;
  GtkLabel *unread_label;
};

G_DEFINE_FINAL_TYPE (UiContactRow, ui_contact_row, GTK_TYPE_LIST_BOX_ROW)

static guint changed_signal;

static char *
describe_message (UiMessage *message) {
  g_autofree char *summary = ui_message_dup_summary (message);
  if (ui_message_get_kind (message) == UI_MESSAGE_TEXT && ui_message_get_outgoing (message)) {
    /* Translators: in the list of people, one's own last message. */
    return g_strdup_printf (_ ("You: %s"), summary);
  }
  return g_steal_pointer (&summary);
}

static char *
describe (UiContactRow *self) {
  if (ui_contact_get_key_changed (self->contact)) {
    return g_strdup (_ ("Their key has changed"));
  }
  switch (ui_contact_get_relation (self->contact)) {
  case UI_RELATION_REQUESTED:
    return g_strdup (_ ("Would like to talk with you"));
  case UI_RELATION_ASKED:
    return g_strdup (_ ("Has not answered yet"));
  case UI_RELATION_BLOCKED:
    return g_strdup (_ ("Blocked"));
  default:
    break;
  }
  if (ui_contact_get_typing (self->contact)) {
    return g_strdup (_ ("Typing…"));
  }
  if (self->last != NULL) {
    return describe_message (self->last);
  }
  const char *presence = ui_presence_describe (ui_contact_get_presence (self->contact));
  return g_strdup (*presence != '\0' ? presence : ui_contact_get_address (self->contact));
}

static const char *
choose_icon (UiContactRow *self) {
  if (ui_contact_get_key_changed (self->contact)) {
    return "dialog-warning-symbolic";
  }
  if (self->last == NULL || ui_contact_get_relation (self->contact) != UI_RELATION_BOTH ||
      ui_contact_get_typing (self->contact)) {
    return NULL;
  }
  switch (ui_message_get_kind (self->last)) {
  case UI_MESSAGE_CALL_MISSED:
    return ui_message_get_outgoing (self->last) ? "call-outgoing-symbolic" : "call-missed-symbolic";
  case UI_MESSAGE_CALL:
  case UI_MESSAGE_CALL_DECLINED:
    return "call-start-symbolic";
  default:
    break;
  }
  if (!ui_message_get_outgoing (self->last)) {
    return NULL;
  }
  return ui_message_get_state (self->last) == UI_MESSAGE_FAILED ? "dialog-error-symbolic" : NULL;
}

static void
update_unread (UiContactRow *self, guint unread) {
  g_autofree char *badge = unread > 99 ? g_strdup ("99+") : g_strdup_printf ("%u", unread);
  gtk_label_set_text (self->unread_label, badge);
  gtk_widget_set_visible (GTK_WIDGET (self->unread_label), unread > 0);
  if (unread > 0) {
    gtk_widget_add_css_class (GTK_WIDGET (self), "unread");
  } else {
    gtk_widget_remove_css_class (GTK_WIDGET (self), "unread");
  }
}

static void
update_accessible (UiContactRow *self, const char *summary, guint unread) {
  g_autoptr (GString) spoken = g_string_new (ui_contact_get_name (self->contact));
  const char *presence = ui_presence_describe (ui_contact_get_presence (self->contact));
  if (*presence != '\0') {
    g_string_append_printf (spoken, ", %s", presence);
  }
  g_string_append_printf (spoken, ", %s", summary);
  if (unread > 0) {
    g_string_append (spoken, ", ");
    g_string_append_printf (spoken, ngettext ("%u unread message", "%u unread messages", unread),
                            unread);
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken->str,
                                  -1);
}

static void
update (UiContactRow *self) {
  UiConversation *conversation = ui_contact_get_conversation (self->contact);
  const guint unread = ui_conversation_get_unread (conversation);
  g_autofree char *summary = describe (self);
  gtk_label_set_text (self->name_label, ui_contact_get_name (self->contact));
  gtk_label_set_text (self->summary_label, summary);
  if (ui_contact_get_relation (self->contact) == UI_RELATION_REQUESTED) {
    gtk_widget_add_css_class (GTK_WIDGET (self), "request");
  } else {
    gtk_widget_remove_css_class (GTK_WIDGET (self), "request");
  }

  g_autofree char *time = NULL;
  if (self->last != NULL) {
    g_autoptr (GDateTime) now = g_date_time_new_now_local ();
    time = ui_format_list_time (ui_message_get_time_us (self->last), now);
  }
  gtk_label_set_text (self->time_label, time != NULL ? time : "");

  const char *icon = choose_icon (self);
  gtk_widget_set_visible (GTK_WIDGET (self->summary_icon), icon != NULL);
  gtk_image_set_from_icon_name (self->summary_icon, icon);
  update_unread (self, unread);
  update_accessible (self, summary, unread);
  g_signal_emit (self, changed_signal, 0);
}

static void
on_last (UiContactRow *self) {
  if (self->last != NULL) {
    g_signal_handlers_disconnect_by_data (self->last, self);
  }
  g_set_object (&self->last,
                ui_conversation_get_last (ui_contact_get_conversation (self->contact)));
  if (self->last != NULL) {
    g_signal_connect_object (self->last, "notify::state", G_CALLBACK (update), self,
                             G_CONNECT_SWAPPED);
  }
  update (self);
}

GtkWidget *
ui_contact_row_new (UiContact *contact) {
  g_return_val_if_fail (UI_IS_CONTACT (contact), NULL);
  UiContactRow *self = g_object_new (UI_TYPE_CONTACT_ROW, NULL);
  self->contact = g_object_ref (contact);
  UiConversation *conversation = ui_contact_get_conversation (contact);
  ui_presence_avatar_set_contact (self->avatar, contact);
  g_signal_connect_object (contact, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (conversation, "notify::last", G_CALLBACK (on_last), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (conversation, "notify::unread", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  on_last (self);
  return GTK_WIDGET (self);
}

UiContact *
ui_contact_row_get_contact (UiContactRow *self) {
  g_return_val_if_fail (UI_IS_CONTACT_ROW (self), NULL);
  return self->contact;
}

static int
rank (UiContact *contact) {
  switch (ui_contact_get_relation (contact)) {
  case UI_RELATION_REQUESTED:
    return 0;
  case UI_RELATION_BOTH:
    return 1;
  case UI_RELATION_ASKED:
    return 2;
  default:
    return 3;
  }
}

int
ui_contact_row_compare (UiContactRow *a, UiContactRow *b) {
  const int ranks = rank (a->contact) - rank (b->contact);
  if (ranks != 0) {
    return ranks;
  }
  const gint64 a_us = a->last != NULL ? ui_message_get_time_us (a->last) : 0;
  const gint64 b_us = b->last != NULL ? ui_message_get_time_us (b->last) : 0;
  if (a_us != b_us) {
    return a_us > b_us ? -1 : 1;
  }
  return g_utf8_collate (ui_contact_get_name (a->contact), ui_contact_get_name (b->contact));
}

gboolean
ui_contact_row_matches (UiContactRow *self, const char *needle) {
  g_return_val_if_fail (UI_IS_CONTACT_ROW (self), FALSE);
  g_autofree char *folded = g_utf8_casefold (needle, -1);
  g_autofree char *name = g_utf8_casefold (ui_contact_get_name (self->contact), -1);
  g_autofree char *address = g_utf8_casefold (ui_contact_get_address (self->contact), -1);
  return strstr (name, folded) != NULL || strstr (address, folded) != NULL;
}

static void
ui_contact_row_dispose (GObject *object) {
  UiContactRow *self = UI_CONTACT_ROW (object);
  g_clear_object (&self->contact);
  g_clear_object (&self->last);
  G_OBJECT_CLASS (ui_contact_row_parent_class)->dispose (object);
}

static void
ui_contact_row_class_init (UiContactRowClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = ui_contact_row_dispose;
  changed_signal = g_signal_new ("changed", UI_TYPE_CONTACT_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);

  g_type_ensure (UI_TYPE_PRESENCE_AVATAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ahoycall/Ahoy/widgets/contact-row.ui");
  gtk_widget_class_bind_template_child (widget_class, UiContactRow, avatar);
  gtk_widget_class_bind_template_child (widget_class, UiContactRow, name_label);
  gtk_widget_class_bind_template_child (widget_class, UiContactRow, time_label);
  gtk_widget_class_bind_template_child (widget_class, UiContactRow, summary_icon);
  gtk_widget_class_bind_template_child (widget_class, UiContactRow, summary_label);
  gtk_widget_class_bind_template_child (widget_class, UiContactRow, unread_label);
}

static void
ui_contact_row_init (UiContactRow *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for all about one contact. */
#include "ui/dialogs/contact-dialog.h"
#include "ui/widgets/presence-avatar.h"

#include <glib/gi18n.h>

struct _UiContactDialog {
  AdwWindow parent_instance;

  /* owned */
  UiContact *contact;
  UiIntents *intents;

  gboolean updating;

  /* template children */
  UiPresenceAvatar *avatar;
  GtkEditable *name_row;
  AdwActionRow *address_row;
  GtkWidget *safety_group;
  GtkLabel *safety_label;
  GtkWidget *verified_row;
  GtkSwitch *verified_switch;
  GtkWidget *trust_button;
  GtkButton *block_button;
};

G_DEFINE_FINAL_TYPE (UiContactDialog, ui_contact_dialog, ADW_TYPE_WINDOW)

static void
update (UiContactDialog *self) {
  const char *safety = ui_contact_get_safety_number (self->contact);
  const gboolean blocked = ui_contact_get_relation (self->contact) == UI_RELATION_BLOCKED;
  const gboolean changed = ui_contact_get_key_changed (self->contact);
  self->updating = TRUE;
  gtk_switch_set_active (self->verified_switch, ui_contact_get_verified (self->contact));
  self->updating = FALSE;
  adw_action_row_set_subtitle (self->address_row, ui_contact_get_address (self->contact));
  gtk_label_set_text (self->safety_label, safety != NULL ? safety : "");
  gtk_widget_set_visible (self->safety_group, safety != NULL);
  gtk_widget_set_visible (self->verified_row, !changed);
  gtk_widget_set_visible (self->trust_button, changed);
  gtk_button_set_label (self->block_button, blocked ? _ ("Unblock") : _ ("Block"));
}

static void
on_rename (UiContactDialog *self) {
  ui_intents_rename_contact (self->intents, self->contact, gtk_editable_get_text (self->name_row));
}

static void
on_copy (UiContactDialog *self) {
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)),
                          ui_contact_get_address (self->contact));
}

static void
on_verified (UiContactDialog *self) {
  if (!self->updating) {
    ui_intents_confirm_key (self->intents, self->contact,
                            gtk_switch_get_active (self->verified_switch));
  }
}

static void
on_trust (UiContactDialog *self) {
  ui_intents_confirm_key (self->intents, self->contact, FALSE);
}

static void
on_block (UiContactDialog *self) {
  ui_intents_set_blocked (self->intents, self->contact,
                          ui_contact_get_relation (self->contact) != UI_RELATION_BLOCKED);
}

/* What an asked question still needs when it is answered. */
typedef struct {
  UiContact *contact; /* owned */
  UiIntents *intents; /* owned */
} Question;

static void
question_free (gpointer data, GClosure *closure G_GNUC_UNUSED) {
  Question *question = data;
  g_object_unref (question->contact);
  g_object_unref (question->intents);
  g_free (question);
}

static void
on_remove_answer (AdwMessageDialog *dialog G_GNUC_UNUSED, const char *response, gpointer data) {
  Question *question = data;
  if (g_str_equal (response, "remove")) {
    ui_intents_remove_contact (question->intents, question->contact);
  }
}

void
ui_contact_dialog_ask_remove (GtkWindow *parent, UiContact *contact, UiIntents *intents) {
  g_autofree char *heading = g_strdup_printf (_ ("Remove %s?"), ui_contact_get_name (contact));
  GtkWidget *dialog = adw_message_dialog_new (
      parent, heading,
      _ ("You will no longer reach each other. Your conversation on this computer is deleted."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "remove",
                                    _ ("_Remove"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "remove",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");

  Question *question = g_new0 (Question, 1);
  question->contact = g_object_ref (contact);
  question->intents = g_object_ref (intents);
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_remove_answer), question, question_free,
                         0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_remove (UiContactDialog *self) {
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));
  ui_contact_dialog_ask_remove (parent, self->contact, self->intents);
  gtk_window_close (GTK_WINDOW (self));
}

GtkWidget *
ui_contact_dialog_new (UiContact *contact, UiIntents *intents) {
  UiContactDialog *self = g_object_new (UI_TYPE_CONTACT_DIALOG, NULL);
  self->contact = g_object_ref (contact);
  self->intents = g_object_ref (intents);
  ui_presence_avatar_set_contact (self->avatar, contact);
  gtk_editable_set_text (self->name_row, ui_contact_get_name (contact));
  g_signal_connect_object (contact, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

static void
ui_contact_dialog_dispose (GObject *object) {
  UiContactDialog *self = UI_CONTACT_DIALOG (object);
  if (self->contact != NULL) {
    g_signal_handlers_disconnect_by_data (self->contact, self);
  }
  self->updating = TRUE;
  g_clear_object (&self->contact);
  g_clear_object (&self->intents);
  G_OBJECT_CLASS (ui_contact_dialog_parent_class)->dispose (object);
}

static void
ui_contact_dialog_class_init (UiContactDialogClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = ui_contact_dialog_dispose;

  g_type_ensure (UI_TYPE_PRESENCE_AVATAR);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ahoycall/Ahoy/dialogs/contact-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, UiContactDialog, avatar);
  gtk_widget_class_bind_template_child (widget_class, UiContactDialog, name_row);
  gtk_widget_class_bind_template_child (widget_class, UiContactDialog, address_row);
  gtk_widget_class_bind_template_child (widget_class, UiContactDialog, safety_group);
  gtk_widget_class_bind_template_child (widget_class, UiContactDialog, safety_label);
  gtk_widget_class_bind_template_child (widget_class, UiContactDialog, verified_row);
  gtk_widget_class_bind_template_child (widget_class, UiContactDialog, verified_switch);
  gtk_widget_class_bind_template_child (widget_class, UiContactDialog, trust_button);
  gtk_widget_class_bind_template_child (widget_class, UiContactDialog, block_button);
  gtk_widget_class_bind_template_callback (widget_class, on_rename);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_verified);
  gtk_widget_class_bind_template_callback (widget_class, on_trust);
  gtk_widget_class_bind_template_callback (widget_class, on_block);
  gtk_widget_class_bind_template_callback (widget_class, on_remove);
}

static void
ui_contact_dialog_init (UiContactDialog *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

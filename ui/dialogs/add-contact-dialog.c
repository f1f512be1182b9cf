/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for finding each other. */
#include "ui/dialogs/add-contact-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

struct _UiAddContactDialog {
  AdwWindow parent_instance;

  /* owned */
  UiSession *session;
  UiIntents *intents;
  GCancellable *cancellable;

  gboolean waiting;

  /* template children */
  AdwToastOverlay *toasts;
  GtkEditable *address_row;
  GtkLabel *error_label;
  GtkWidget *add_button;
  GtkSpinner *spinner;
  AdwActionRow *own_row;
  GtkWidget *invite_button;
};

G_DEFINE_FINAL_TYPE (UiAddContactDialog, ui_add_contact_dialog, ADW_TYPE_WINDOW)

enum { ADDED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* Returns: (owned) what was typed, without blanks around it. */
static char *
dup_typed (UiAddContactDialog *self) {
  return g_strstrip (g_strdup (gtk_editable_get_text (self->address_row)));
}

static gboolean
is_link (const char *text) {
  return g_ascii_strncasecmp (text, "ahoy:", 5) == 0 && text[5] != '\0';
}

static gboolean
is_usable (const char *text) {
  const char *at = strchr (text, '@');
  return is_link (text) || (at != NULL && at != text && at[1] != '\0');
}

static void
update (UiAddContactDialog *self) {
  g_autofree char *typed = dup_typed (self);
  gtk_widget_set_sensitive (self->add_button, !self->waiting && is_usable (typed));
  gtk_editable_set_editable (self->address_row, !self->waiting);
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), self->waiting);
  gtk_spinner_set_spinning (self->spinner, self->waiting);
}

static void
show_error (UiAddContactDialog *self, const char *sentence) {
  gtk_label_set_text (self->error_label, sentence != NULL ? sentence : "");
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), sentence != NULL);
}

static void
on_changed (UiAddContactDialog *self) {
  show_error (self, NULL);
  update (self);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (UiAddContactDialog) self = data;
  g_autoptr (GError) error = NULL;
  const gboolean done = ui_intents_finish (UI_INTENTS (source), result, &error);
  if (self->intents == NULL) {
    return; /* closed meanwhile */
  }
  self->waiting = FALSE;
  update (self);
  if (!done) {
    show_error (self, error->message);
    gtk_widget_grab_focus (GTK_WIDGET (self->address_row));
    return;
  }
  g_autofree char *typed = dup_typed (self);
  g_signal_emit (self, signals[ADDED], 0, typed);
  gtk_window_close (GTK_WINDOW (self));
}

static void
on_add (UiAddContactDialog *self) {
  g_autofree char *typed = dup_typed (self);
  if (self->waiting || !is_usable (typed)) {
    return;
  }
  self->waiting = TRUE;
  show_error (self, NULL);
  update (self);
  if (is_link (typed)) {
    ui_intents_redeem_invite_async (self->intents, typed, self->cancellable, on_answer,
                                    g_object_ref (self));
  } else {
    ui_intents_add_contact_async (self->intents, typed, self->cancellable, on_answer,
                                  g_object_ref (self));
  }
}

static void
copy (UiAddContactDialog *self, const char *text, const char *toast) {
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (toast));
}

static void
on_copy_address (UiAddContactDialog *self) {
  const char *address = ui_session_get_address (self->session);
  copy (self, address != NULL ? address : "", _ ("Address copied"));
}

static void
on_invite (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (UiAddContactDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *link = ui_intents_finish_invite (UI_INTENTS (source), result, &error);
  if (self->intents == NULL) {
    return;
  }
  gtk_widget_set_sensitive (self->invite_button, TRUE);
  if (link != NULL) {
    copy (self, link, _ ("Invite copied"));
  } else {
    show_error (self, error->message);
  }
}

static void
on_copy_invite (UiAddContactDialog *self) {
  gtk_widget_set_sensitive (self->invite_button, FALSE);
  ui_intents_make_invite_async (self->intents, self->cancellable, on_invite, g_object_ref (self));
}

GtkWidget *
ui_add_contact_dialog_new (UiSession *session, UiIntents *intents, const char *text) {
  UiAddContactDialog *self = g_object_new (UI_TYPE_ADD_CONTACT_DIALOG, NULL);
  self->session = g_object_ref (session);
  self->intents = g_object_ref (intents);
  const char *address = ui_session_get_address (session);
  adw_action_row_set_subtitle (self->own_row, address != NULL ? address : "");
  if (text != NULL) {
    gtk_editable_set_text (self->address_row, text);
  }
  update (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->address_row));
  return GTK_WIDGET (self);
}

static void
ui_add_contact_dialog_dispose (GObject *object) {
  UiAddContactDialog *self = UI_ADD_CONTACT_DIALOG (object);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->session);
  g_clear_object (&self->intents);
  G_OBJECT_CLASS (ui_add_contact_dialog_parent_class)->dispose (object);
}

static void
ui_add_contact_dialog_finalize (GObject *object) {
  g_object_unref (UI_ADD_CONTACT_DIALOG (object)->cancellable);
  G_OBJECT_CLASS (ui_add_contact_dialog_parent_class)->finalize (object);
}

static void
ui_add_contact_dialog_class_init (UiAddContactDialogClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = ui_add_contact_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = ui_add_contact_dialog_finalize;
  signals[ADDED] = g_signal_new ("added", UI_TYPE_ADD_CONTACT_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ahoycall/Ahoy/dialogs/add-contact-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, UiAddContactDialog, toasts);
  gtk_widget_class_bind_template_child (widget_class, UiAddContactDialog, address_row);
  gtk_widget_class_bind_template_child (widget_class, UiAddContactDialog, error_label);
  gtk_widget_class_bind_template_child (widget_class, UiAddContactDialog, add_button);
  gtk_widget_class_bind_template_child (widget_class, UiAddContactDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, UiAddContactDialog, own_row);
  gtk_widget_class_bind_template_child (widget_class, UiAddContactDialog, invite_button);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_add);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_address);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_invite);
}

static void
ui_add_contact_dialog_init (UiAddContactDialog *self) {
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for writing a message. */
#include "ui/widgets/composer.h"

#include <glib/gi18n.h>

struct _UiComposer {
  AdwBin parent_instance;

  /* template children */
  GtkTextView *text_view;
  GtkLabel *placeholder;
  GtkWidget *send_button;
};

G_DEFINE_FINAL_TYPE (UiComposer, ui_composer, ADW_TYPE_BIN)

enum { CHANGED, SEND, N_SIGNALS };
static guint signals[N_SIGNALS];

char *
ui_composer_dup_text (UiComposer *self) {
  g_return_val_if_fail (UI_IS_COMPOSER (self), NULL);
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text_view);
  GtkTextIter start, end;
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

void
ui_composer_set_text (UiComposer *self, const char *text) {
  g_return_if_fail (UI_IS_COMPOSER (self));
  g_autofree char *old = ui_composer_dup_text (self);
  if (g_strcmp0 (old, text) != 0) {
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text_view), text, -1);
  }
}

void
ui_composer_set_recipient (UiComposer *self, const char *name) {
  g_return_if_fail (UI_IS_COMPOSER (self));
  /* Translators: stands in the empty entry; %s is a person's name. */
  g_autofree char *label = g_strdup_printf (_ ("Message to %s"), name);
  gtk_label_set_text (self->placeholder, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->text_view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
}

static void
send (UiComposer *self) {
  g_autofree char *text = ui_composer_dup_text (self);
  g_strstrip (text);
  if (*text == '\0') {
    return;
  }
  g_signal_emit (self, signals[SEND], 0, text);
  ui_composer_set_text (self, "");
  gtk_widget_grab_focus (GTK_WIDGET (self->text_view));
}

static void
on_changed (UiComposer *self) {
  g_autofree char *text = ui_composer_dup_text (self);
  gtk_widget_set_visible (GTK_WIDGET (self->placeholder), *text == '\0');
  g_strstrip (text);
  gtk_widget_set_sensitive (self->send_button, *text != '\0');
  g_signal_emit (self, signals[CHANGED], 0);
}

/* An input method that is composing has the first word on Enter. */
static gboolean
on_key (GtkEventControllerKey *controller, guint keyval, guint keycode G_GNUC_UNUSED,
        GdkModifierType state, UiComposer *self) {
  const gboolean enter =
      keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter || keyval == GDK_KEY_ISO_Enter;
  if (!enter || (state & (GDK_SHIFT_MASK | GDK_CONTROL_MASK | GDK_ALT_MASK)) != 0) {
    return GDK_EVENT_PROPAGATE;
  }
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (controller));
  if (!gtk_text_view_im_context_filter_keypress (self->text_view, event)) {
    send (self);
  }
  return GDK_EVENT_STOP;
}

static gboolean
ui_composer_grab_focus (GtkWidget *widget) {
  return gtk_widget_grab_focus (GTK_WIDGET (UI_COMPOSER (widget)->text_view));
}

static void
ui_composer_class_init (UiComposerClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  widget_class->grab_focus = ui_composer_grab_focus;
  signals[CHANGED] = g_signal_new ("changed", UI_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[SEND] = g_signal_new ("send", UI_TYPE_COMPOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ahoycall/Ahoy/widgets/composer.ui");
  gtk_widget_class_bind_template_child (widget_class, UiComposer, text_view);
  gtk_widget_class_bind_template_child (widget_class, UiComposer, placeholder);
  gtk_widget_class_bind_template_child (widget_class, UiComposer, send_button);
  gtk_widget_class_bind_template_callback (widget_class, send);
}

static void
ui_composer_init (UiComposer *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
  GtkEventController *keys = gtk_event_controller_key_new ();
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self->text_view), keys);
  g_signal_connect_object (gtk_text_view_get_buffer (self->text_view), "changed",
                           G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
}

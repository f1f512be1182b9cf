/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for one line of a conversation on screen. */
#include "ui/widgets/message-row.h"
#include "ui/widgets/format.h"

#include <glib/gi18n.h>

struct _UiMessageRow {
  GtkListBoxRow parent_instance;

  /* owned */
  UiMessage *message;
  char *author;

  gboolean wants_footer;

  /* template children */
  GtkWidget *line;
  GtkWidget *bubble;
  GtkImage *icon;
  GtkLabel *text_label;
  GtkWidget *call_back_button;
  GtkWidget *footer;
  GtkLabel *time_label;
  GtkImage *state_icon;
  GtkLabel *state_label;
  GtkWidget *resend_button;
};

G_DEFINE_FINAL_TYPE (UiMessageRow, ui_message_row, GTK_TYPE_LIST_BOX_ROW)

enum { RESEND, CALL_BACK, N_SIGNALS };
static guint signals[N_SIGNALS];

static gboolean
is_call (UiMessage *message) {
  const UiMessageKind kind = ui_message_get_kind (message);
  return kind == UI_MESSAGE_CALL || kind == UI_MESSAGE_CALL_MISSED ||
         kind == UI_MESSAGE_CALL_DECLINED;
}

static const char *
describe_state (UiMessageState state) {
  switch (state) {
  case UI_MESSAGE_UNSENT:
    return _ ("Waiting to be sent");
  case UI_MESSAGE_STORED:
    return _ ("Sent, not delivered yet");
  case UI_MESSAGE_DELIVERED:
    return _ ("Delivered");
  default:
    return _ ("Not sent");
  }
}

static const char *
state_icon_name (UiMessageState state) {
  static const char *const names[] = {
      [UI_MESSAGE_UNSENT] = "ahoy-waiting-symbolic",
      [UI_MESSAGE_STORED] = "ahoy-sent-symbolic",
      [UI_MESSAGE_DELIVERED] = "ahoy-delivered-symbolic",
      [UI_MESSAGE_FAILED] = "dialog-error-symbolic",
  };
  return names[state];
}

static const char *
call_icon_name (UiMessage *message) {
  if (ui_message_get_kind (message) == UI_MESSAGE_CALL_MISSED &&
      !ui_message_get_outgoing (message)) {
    return "call-missed-symbolic";
  }
  return ui_message_get_with_video (message) ? "camera-video-symbolic" : "call-start-symbolic";
}

/* What the bubble says, in plain text. Returns: (owned). */
static char *
dup_words (UiMessage *message) {
  if (!is_call (message)) {
    return g_strdup (ui_message_get_text (message));
  }
  g_autofree char *summary = ui_message_dup_summary (message);
  if (ui_message_get_kind (message) != UI_MESSAGE_CALL) {
    return g_steal_pointer (&summary);
  }
  g_autofree char *duration = ui_format_duration (ui_message_get_duration_s (message));
  /* Translators: what kind of call, and how long: "Video call, 12:34". */
  return g_strdup_printf (_ ("%s, %s"), summary, duration);
}

static void
update_accessible (UiMessageRow *self, const char *words, const char *time) {
  g_autoptr (GString) spoken = g_string_new (NULL);
  const gboolean outgoing = ui_message_get_outgoing (self->message);
  if (ui_message_get_kind (self->message) == UI_MESSAGE_TEXT) {
    g_string_append_printf (spoken, "%s, ", outgoing ? _ ("You") : self->author);
  }
  g_string_append_printf (spoken, "%s, %s", words, time);
  if (outgoing && ui_message_get_kind (self->message) == UI_MESSAGE_TEXT) {
    g_string_append_printf (spoken, ", %s", describe_state (ui_message_get_state (self->message)));
  }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken->str,
                                  -1);
}

static void
update_footer (UiMessageRow *self) {
  const UiMessageState state = ui_message_get_state (self->message);
  const gboolean mine = ui_message_get_outgoing (self->message) &&
                        ui_message_get_kind (self->message) == UI_MESSAGE_TEXT;
  const gboolean failed = mine && state == UI_MESSAGE_FAILED;
  const gboolean waits = mine && state == UI_MESSAGE_UNSENT;
  gtk_widget_set_visible (self->footer, self->wants_footer || failed || waits);
  gtk_widget_set_visible (self->resend_button, failed);
  gtk_widget_set_visible (GTK_WIDGET (self->state_icon), mine);
  gtk_widget_set_visible (GTK_WIDGET (self->state_label), failed);
  gtk_image_set_from_icon_name (self->state_icon, state_icon_name (state));
  gtk_label_set_text (self->state_label, describe_state (state));
  gtk_widget_set_tooltip_text (self->footer, mine ? describe_state (state) : NULL);
  if (failed) {
    gtk_widget_add_css_class (self->footer, "error");
  } else {
    gtk_widget_remove_css_class (self->footer, "error");
  }
}

static void
update (UiMessageRow *self) {
  g_autofree char *words = dup_words (self->message);
  g_autofree char *markup = ui_format_linkified (words);
  g_autofree char *time = ui_format_clock (ui_message_get_time_us (self->message));
  gtk_label_set_markup (self->text_label, markup);
  gtk_label_set_text (self->time_label, time);
  update_footer (self);
  update_accessible (self, words, time);
}

/* The side a line stands on and its looks follow from what never changes. */
static void
lay_out (UiMessageRow *self) {
  const UiMessageKind kind = ui_message_get_kind (self->message);
  const gboolean outgoing = ui_message_get_outgoing (self->message);
  GtkAlign side = outgoing ? GTK_ALIGN_END : GTK_ALIGN_START;
  const char *look = outgoing ? "outgoing" : "incoming";
  if (kind == UI_MESSAGE_NOTE) {
    side = GTK_ALIGN_CENTER;
    look = "note";
  } else if (is_call (self->message)) {
    look = kind == UI_MESSAGE_CALL_MISSED && !outgoing ? "missed" : "call";
    gtk_image_set_from_icon_name (self->icon, call_icon_name (self->message));
    gtk_widget_set_visible (GTK_WIDGET (self->icon), TRUE);
    gtk_widget_set_visible (self->call_back_button, kind == UI_MESSAGE_CALL_MISSED && !outgoing);
  } else {
    gtk_label_set_selectable (self->text_label, TRUE);
    gtk_widget_set_focusable (GTK_WIDGET (self->text_label), FALSE);
  }
  gtk_widget_add_css_class (GTK_WIDGET (self), look);
  gtk_widget_set_halign (self->bubble, side);
  gtk_widget_set_halign (self->footer, side);
}

static void
on_resend (UiMessageRow *self) {
  g_signal_emit (self, signals[RESEND], 0);
}

static void
on_call_back (UiMessageRow *self) {
  g_signal_emit (self, signals[CALL_BACK], 0);
}

GtkWidget *
ui_message_row_new (UiMessage *message, const char *author) {
  g_return_val_if_fail (UI_IS_MESSAGE (message), NULL);
  UiMessageRow *self = g_object_new (UI_TYPE_MESSAGE_ROW, NULL);
  self->message = g_object_ref (message);
  self->author = g_strdup (author);
  self->wants_footer = TRUE;
  lay_out (self);
  g_signal_connect_object (message, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

UiMessage *
ui_message_row_get_message (UiMessageRow *self) {
  g_return_val_if_fail (UI_IS_MESSAGE_ROW (self), NULL);
  return self->message;
}

void
ui_message_row_set_follows (UiMessageRow *self, gboolean follows) {
  g_return_if_fail (UI_IS_MESSAGE_ROW (self));
  if (follows) {
    gtk_widget_add_css_class (GTK_WIDGET (self), "follows");
  } else {
    gtk_widget_remove_css_class (GTK_WIDGET (self), "follows");
  }
}

void
ui_message_row_set_footer (UiMessageRow *self, gboolean footer) {
  g_return_if_fail (UI_IS_MESSAGE_ROW (self));
  self->wants_footer = footer;
  update_footer (self);
}

static void
ui_message_row_dispose (GObject *object) {
  UiMessageRow *self = UI_MESSAGE_ROW (object);
  g_clear_object (&self->message);
  g_clear_pointer (&self->author, g_free);
  G_OBJECT_CLASS (ui_message_row_parent_class)->dispose (object);
}

static void
ui_message_row_class_init (UiMessageRowClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = ui_message_row_dispose;
  signals[RESEND] = g_signal_new ("resend", UI_TYPE_MESSAGE_ROW, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                  NULL, G_TYPE_NONE, 0);
  signals[CALL_BACK] = g_signal_new ("call-back", UI_TYPE_MESSAGE_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ahoycall/Ahoy/widgets/message-row.ui");
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, line);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, bubble);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, icon);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, text_label);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, call_back_button);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, footer);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, time_label);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, state_icon);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, state_label);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, resend_button);
  gtk_widget_class_bind_template_callback (widget_class, on_resend);
  gtk_widget_class_bind_template_callback (widget_class, on_call_back);
}

static void
ui_message_row_init (UiMessageRow *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for a strip that tells one lasting thing. */
#include "ui/widgets/notice-bar.h"

struct _UiNoticeBar {
  AdwBin parent_instance;

  /* template children */
  GtkRevealer *revealer;
  GtkWidget *strip;
  GtkImage *icon;
  GtkSpinner *spinner;
  GtkLabel *sentence_label;
  GtkButton *primary_button;
  GtkButton *secondary_button;
};

G_DEFINE_FINAL_TYPE (UiNoticeBar, ui_notice_bar, ADW_TYPE_BIN)

enum { PRIMARY, SECONDARY, N_SIGNALS };
static guint signals[N_SIGNALS];

static const char *const look_classes[] = {
    [UI_NOTICE_PLAIN] = "plain",
    [UI_NOTICE_WARNING] = "warning",
    [UI_NOTICE_CALL] = "call",
};

static void
show_button (GtkButton *button, const char *label) {
  gtk_widget_set_visible (GTK_WIDGET (button), label != NULL);
  if (label != NULL) {
    gtk_button_set_label (button, label);
    gtk_button_set_use_underline (button, FALSE);
  }
}

void
ui_notice_bar_show (UiNoticeBar *self, UiNoticeLook look, const char *icon_name,
                    const char *sentence, const char *primary, const char *secondary) {
  g_return_if_fail (UI_IS_NOTICE_BAR (self));
  for (gsize i = 0; i < G_N_ELEMENTS (look_classes); i++) {
    gtk_widget_remove_css_class (self->strip, look_classes[i]);
  }
  gtk_widget_add_css_class (self->strip, look_classes[look]);
  gtk_widget_set_visible (GTK_WIDGET (self->icon), icon_name != NULL);
  gtk_image_set_from_icon_name (self->icon, icon_name);
  gtk_label_set_text (self->sentence_label, sentence);
  show_button (self->primary_button, primary);
  show_button (self->secondary_button, secondary);
  gtk_widget_set_visible (GTK_WIDGET (self->revealer), TRUE);
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
}

void
ui_notice_bar_set_busy (UiNoticeBar *self, gboolean busy) {
  g_return_if_fail (UI_IS_NOTICE_BAR (self));
  gtk_widget_set_visible (GTK_WIDGET (self->spinner), busy);
  gtk_spinner_set_spinning (self->spinner, busy);
}

void
ui_notice_bar_hide (UiNoticeBar *self) {
  g_return_if_fail (UI_IS_NOTICE_BAR (self));
  gtk_revealer_set_reveal_child (self->revealer, FALSE);
  if (!gtk_revealer_get_child_revealed (self->revealer)) {
    gtk_widget_set_visible (GTK_WIDGET (self->revealer), FALSE);
  }
}

/* A folded strip is invisible, so that nothing in it takes the focus or is read out. */
static void
on_revealed (UiNoticeBar *self) {
  if (!gtk_revealer_get_reveal_child (self->revealer)) {
    gtk_widget_set_visible (GTK_WIDGET (self->revealer), FALSE);
  }
}

static void
on_primary (UiNoticeBar *self) {
  g_signal_emit (self, signals[PRIMARY], 0);
}

static void
on_secondary (UiNoticeBar *self) {
  g_signal_emit (self, signals[SECONDARY], 0);
}

static void
ui_notice_bar_class_init (UiNoticeBarClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  signals[PRIMARY] = g_signal_new ("primary", UI_TYPE_NOTICE_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
  signals[SECONDARY] = g_signal_new ("secondary", UI_TYPE_NOTICE_BAR, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ahoycall/Ahoy/widgets/notice-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, UiNoticeBar, revealer);
  gtk_widget_class_bind_template_child (widget_class, UiNoticeBar, strip);
  gtk_widget_class_bind_template_child (widget_class, UiNoticeBar, icon);
  gtk_widget_class_bind_template_child (widget_class, UiNoticeBar, spinner);
  gtk_widget_class_bind_template_child (widget_class, UiNoticeBar, sentence_label);
  gtk_widget_class_bind_template_child (widget_class, UiNoticeBar, primary_button);
  gtk_widget_class_bind_template_child (widget_class, UiNoticeBar, secondary_button);
  gtk_widget_class_bind_template_callback (widget_class, on_revealed);
  gtk_widget_class_bind_template_callback (widget_class, on_primary);
  gtk_widget_class_bind_template_callback (widget_class, on_secondary);
}

static void
ui_notice_bar_init (UiNoticeBar *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

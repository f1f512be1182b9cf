/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for telling which way a call takes. */
#include "ui/widgets/path-button.h"

#include <glib/gi18n.h>

struct _UiPathButton {
  AdwBin parent_instance;

  /* template children */
  GtkWidget *button;
  GtkImage *icon;
  GtkWidget *label;
  GtkLabel *sentence_label;
  GtkLabel *safety_label;
  GtkLabel *details_label;
};

G_DEFINE_FINAL_TYPE (UiPathButton, ui_path_button, ADW_TYPE_BIN)

static void
show_text (GtkLabel *label, const char *text) {
  gtk_label_set_text (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL);
}

void
ui_path_button_update (UiPathButton *self, UiCall *call) {
  g_return_if_fail (UI_IS_PATH_BUTTON (self));
  const UiCallPath path = ui_call_get_path (call);
  const gboolean relayed = path == UI_CALL_PATH_RELAYED;
  gtk_widget_set_visible (GTK_WIDGET (self),
                          ui_call_is_live (call) && path != UI_CALL_PATH_UNKNOWN);
  gtk_image_set_from_icon_name (self->icon,
                                relayed ? "ahoy-relay-symbolic" : "ahoy-direct-symbolic");
  gtk_label_set_text (GTK_LABEL (self->label), relayed ? _ ("Relayed") : _ ("Direct"));
  show_text (self->sentence_label,
             relayed
                 ? _ ("Encrypted end to end. The way between the two computers leads over a relay, "
                      "which sees only sealed packets.")
                 : _ ("Encrypted end to end, straight between the two computers."));
  show_text (self->safety_label, ui_contact_get_safety_number (ui_call_get_contact (call)));
  show_text (self->details_label, ui_call_get_details (call));

  const char *name = relayed ? _ ("Relayed connection") : _ ("Direct connection");
  gtk_widget_set_tooltip_text (self->button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
}

void
ui_path_button_set_brief (UiPathButton *self, gboolean brief) {
  g_return_if_fail (UI_IS_PATH_BUTTON (self));
  gtk_widget_set_visible (self->label, !brief);
}

static void
ui_path_button_class_init (UiPathButtonClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ahoycall/Ahoy/widgets/path-button.ui");
  gtk_widget_class_bind_template_child (widget_class, UiPathButton, button);
  gtk_widget_class_bind_template_child (widget_class, UiPathButton, icon);
  gtk_widget_class_bind_template_child (widget_class, UiPathButton, label);
  gtk_widget_class_bind_template_child (widget_class, UiPathButton, sentence_label);
  gtk_widget_class_bind_template_child (widget_class, UiPathButton, safety_label);
  gtk_widget_class_bind_template_child (widget_class, UiPathButton, details_label);
}

static void
ui_path_button_init (UiPathButton *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

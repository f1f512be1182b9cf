/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for names that a screen reader needs and a library's own widgets forgot. */
#include "ui/widgets/naming.h"

#include <adwaita.h>
#include <glib/gi18n.h>

static void
name_buttons (GtkWidget *widget, const char *label) {
  if (GTK_IS_BUTTON (widget) && gtk_button_get_label (GTK_BUTTON (widget)) == NULL) {
    gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                    -1);
  }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    name_buttons (child, label);
  }
}

void
ui_naming_name_eyes (GtkWidget *widget) {
  if (ADW_IS_PASSWORD_ENTRY_ROW (widget)) {
    name_buttons (widget, _ ("Show Password"));
    return;
  }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    ui_naming_name_eyes (child);
  }
}

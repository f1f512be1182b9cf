/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for names that a screen reader needs and a library's own widgets forgot. */
#ifndef AHOY_UI_WIDGETS_NAMING_H
#define AHOY_UI_WIDGETS_NAMING_H

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Names the button with the eye in every AdwPasswordEntryRow below a widget. */
void ui_naming_name_eyes (GtkWidget *widget);

G_END_DECLS

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for what every window needs first. */
#include "ui/shell/init.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <locale.h>

/* Made by glib-compile-resources from ui/ahoy.gresource.xml. */
extern void ui_register_resource (void);

void
ui_init (const char *locale_dir) {
  setlocale (LC_ALL, "");
  bindtextdomain ("ahoy", locale_dir);
  bind_textdomain_codeset ("ahoy", "UTF-8");
  textdomain ("ahoy");
  ui_register_resource ();
}

void
ui_init_display (void) {
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gdk_display_get_default ());
  gtk_icon_theme_add_resource_path (theme, UI_RESOURCE_PATH "/icons");
  gtk_window_set_default_icon_name (UI_APPLICATION_ID);
}

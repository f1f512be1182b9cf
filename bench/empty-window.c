/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The least that a program of libadwaita can be: one empty window. The start-up of ahoy is held
 * against it. */
#include <adwaita.h>

static void
on_activate (GtkApplication *application) {
  GtkWidget *window = adw_application_window_new (application);
  gtk_window_set_default_size (GTK_WINDOW (window), 950, 630);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), adw_header_bar_new ());
  gtk_window_present (GTK_WINDOW (window));
}

int
main (int argc, char **argv) {
  g_autoptr (AdwApplication) application =
      adw_application_new ("org.example.EmptyWindow", G_APPLICATION_DEFAULT_FLAGS);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), NULL);
  return g_application_run (G_APPLICATION (application), argc, argv);
}

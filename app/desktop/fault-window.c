/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window that stands in for all others when the program cannot start. */
#include "app/desktop/fault-window.h"

#include <glib/gi18n.h>

GtkWidget *
app_fault_window_new (GtkApplication *application, const char *sentence) {
  GtkWidget *window = adw_application_window_new (application);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *page = adw_status_page_new ();
  GtkWidget *close = gtk_button_new_with_mnemonic (_ ("_Close"));
  gtk_window_set_title (GTK_WINDOW (window), "Ahoy");
  gtk_window_set_default_size (GTK_WINDOW (window), 480, 420);
  gtk_widget_add_css_class (header, "flat");
  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), "dialog-warning-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (page), _ ("Ahoy Cannot Start"));
  adw_status_page_set_description (ADW_STATUS_PAGE (page), sentence);
  gtk_widget_set_vexpand (page, TRUE);
  gtk_widget_set_halign (close, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (close, "pill");
  gtk_accessible_update_property (GTK_ACCESSIBLE (close), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Close"), -1);
  g_signal_connect_swapped (close, "clicked", G_CALLBACK (gtk_window_close), window);
  adw_status_page_set_child (ADW_STATUS_PAGE (page), close);
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), page);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (window), box);
  gtk_window_set_default_widget (GTK_WINDOW (window), close);
  return window;
}

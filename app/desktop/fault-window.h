/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window that stands in for all others when the program cannot start. */
#ifndef APP_DESKTOP_FAULT_WINDOW_H
#define APP_DESKTOP_FAULT_WINDOW_H

#include <adwaita.h>

G_BEGIN_DECLS

/* sentence: (copied) what is wrong and what to do. Returns: (floating, as windows are). */
GtkWidget *app_fault_window_new (GtkApplication *application, const char *sentence);

G_END_DECLS

#endif

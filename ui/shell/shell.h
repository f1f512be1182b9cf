/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the program as a person meets it: its windows, actions, keys, notifications, and what
 * closing and quitting mean. app/desktop makes one in GApplication::startup. */
#ifndef AHOY_UI_SHELL_SHELL_H
#define AHOY_UI_SHELL_SHELL_H

#include "ui/model/intents.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define UI_TYPE_SHELL (ui_shell_get_type ())
G_DECLARE_FINAL_TYPE (UiShell, ui_shell, UI, SHELL, GObject)

/* Adds the actions to the application and keeps it running (g_application_hold) while somebody is
 * signed in; shows no window before ui_shell_present () or a call.
 * application: (borrowed, outlives it). settings: of the schema org.ahoycall.Ahoy.
 * session, intents, settings: (copied reference). version: (copied) for About.
 * UiIntents.quit must end the application once it has signed off. Returns: (owned). */
UiShell *ui_shell_new (AdwApplication *application, UiSession *session, UiIntents *intents,
                       GSettings *settings, const char *version);

/* Shows and raises the main window: GApplication::activate, also of a second start. */
void ui_shell_present (UiShell *self);

/* Opens an ahoy: link: GApplication::open. uri: (copied). */
void ui_shell_open_uri (UiShell *self, const char *uri);

/* Tells one passing thing in the main window, if it is there. */
void ui_shell_toast (UiShell *self, const char *sentence);

/* Returns: (borrowed) the windows, NULL before they were first shown. For tests. */
GtkWindow *ui_shell_get_main_window (UiShell *self);
GtkWindow *ui_shell_get_call_window (UiShell *self);

G_END_DECLS

#endif

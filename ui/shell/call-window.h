/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the window in which a call rings and runs. */
#ifndef AHOY_UI_SHELL_CALL_WINDOW_H
#define AHOY_UI_SHELL_CALL_WINDOW_H

#include "ui/model/intents.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define UI_TYPE_CALL_WINDOW (ui_call_window_get_type ())
G_DECLARE_FINAL_TYPE (UiCallWindow, ui_call_window, UI, CALL_WINDOW, AdwApplicationWindow)

/* Follows session.call: shows itself when there is one, destroys itself when it was read to its
 * end. Closing it hangs up a call, and silences one that rings. */
GtkWidget *ui_call_window_new (GtkApplication *application, UiSession *session, UiIntents *intents);

G_END_DECLS

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for telling the desktop what happens while nobody looks: a call rings, a message or a
 * request came, a call was missed. Each notification is withdrawn once it no longer holds. */
#ifndef AHOY_UI_SHELL_NOTIFIER_H
#define AHOY_UI_SHELL_NOTIFIER_H

#include "ui/shell/main-window.h"

G_BEGIN_DECLS

/* The notifications' actions, which the shell adds to the application; each takes a string:
 * app.answer, app.answer-audio, app.decline (a call's id), app.open-contact, app.call-back (an
 * address). */
#define UI_TYPE_NOTIFIER (ui_notifier_get_type ())
G_DECLARE_FINAL_TYPE (UiNotifier, ui_notifier, UI, NOTIFIER, GObject)

/* application: (borrowed, outlives it). session, settings: (copied reference). Returns: (owned). */
UiNotifier *ui_notifier_new (GApplication *application, UiSession *session, GSettings *settings);

/* window: (borrowed, weak) or NULL: whose looked-at conversation needs no notification. */
void ui_notifier_set_window (UiNotifier *self, UiMainWindow *window);

/* Returns: (owned) what is shown for a call that rings. For tests. */
GNotification *ui_notifier_make_call (UiCall *call);

/* Says once that the program goes on without its window. */
void ui_notifier_tell_background (UiNotifier *self);

G_END_DECLS

#endif

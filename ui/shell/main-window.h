/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the window of people and conversations, or the welcome while nobody is signed in. */
#ifndef AHOY_UI_SHELL_MAIN_WINDOW_H
#define AHOY_UI_SHELL_MAIN_WINDOW_H

#include "ui/model/intents.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals: "show-call" (): the person wants the window of the running call.
 * Actions: win.contact-details, win.block, win.unblock, win.remove-contact, win.search,
 * win.next-contact, win.previous-contact, win.voice-call, win.video-call. */
#define UI_TYPE_MAIN_WINDOW (ui_main_window_get_type ())
G_DECLARE_FINAL_TYPE (UiMainWindow, ui_main_window, UI, MAIN_WINDOW, AdwApplicationWindow)

/* session, intents: (copied reference). settings: (copied reference) or NULL: sizes are not kept.
 */
GtkWidget *ui_main_window_new (GtkApplication *application, UiSession *session, UiIntents *intents,
                               GSettings *settings);

/* contact: opens the conversation; NULL: closes it. */
void ui_main_window_open_contact (UiMainWindow *self, UiContact *contact);
UiContact *ui_main_window_get_contact (UiMainWindow *self); /* (borrowed) or NULL */

/* Returns: whether the person sees this contact's conversation right now. */
gboolean ui_main_window_is_looking_at (UiMainWindow *self, UiContact *contact);

/* Tells one passing thing. sentence: (copied). */
void ui_main_window_toast (UiMainWindow *self, const char *sentence);

/* Opens the add dialog; text: (copied) what stands in its entry, or NULL. */
void ui_main_window_add_contact (UiMainWindow *self, const char *text);

/* An ahoy: link, before somebody is signed in. */
void ui_main_window_use_invite (UiMainWindow *self, const char *link);

G_END_DECLS

#endif

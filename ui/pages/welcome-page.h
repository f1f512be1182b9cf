/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the first minutes: create an account, sign in, or make this computer the server. */
#ifndef AHOY_UI_PAGES_WELCOME_PAGE_H
#define AHOY_UI_PAGES_WELCOME_PAGE_H

#include "ui/model/intents.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Properties: "busy" (bool, read only): an answer is waited for, or there is something to read
 * before going on, so the window should stay on this page even when the session is signed in. */
#define UI_TYPE_WELCOME_PAGE (ui_welcome_page_get_type ())
G_DECLARE_FINAL_TYPE (UiWelcomePage, ui_welcome_page, UI, WELCOME_PAGE, AdwBin)

/* session, intents: (copied reference). To be called once. */
void ui_welcome_page_set_up (UiWelcomePage *self, UiSession *session, UiIntents *intents);

gboolean ui_welcome_page_is_busy (UiWelcomePage *self);

/* Back to the three choices, with empty entries. */
void ui_welcome_page_reset (UiWelcomePage *self);

/* Opens one of "start", "create", "sign-in", "serve", "served". */
void ui_welcome_page_show (UiWelcomePage *self, const char *name);

/* Opens "create" filled from an invite link. link: (copied). */
void ui_welcome_page_use_invite (UiWelcomePage *self, const char *link);

G_END_DECLS

#endif

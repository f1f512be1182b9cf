/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the whole of one call on screen: reaching, ringing, talking, and how it ended. */
#ifndef AHOY_UI_PAGES_CALL_PAGE_H
#define AHOY_UI_PAGES_CALL_PAGE_H

#include "ui/model/intents.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals: "close" (): the ended call was read; "toggle-fullscreen" (). */
#define UI_TYPE_CALL_PAGE (ui_call_page_get_type ())
G_DECLARE_FINAL_TYPE (UiCallPage, ui_call_page, UI, CALL_PAGE, AdwBin)

/* devices, intents: (copied reference). To be called once. */
void ui_call_page_set_up (UiCallPage *self, UiDevices *devices, UiIntents *intents);

/* call: (copied reference) or NULL. */
void ui_call_page_set_call (UiCallPage *self, UiCall *call);

/* Hangs up, cancels or declines, as the call stands. */
void ui_call_page_leave (UiCallPage *self);

/* Puts one's own picture into the next corner, clockwise. */
void ui_call_page_move_local_view (UiCallPage *self);

/* Shows controls that hid themselves, and starts their time again. */
void ui_call_page_wake (UiCallPage *self);

/* A window on the whole screen shows how to leave it. */
void ui_call_page_set_fullscreen (UiCallPage *self, gboolean fullscreen);

G_END_DECLS

#endif

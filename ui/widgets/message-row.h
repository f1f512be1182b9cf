/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for one line of a conversation on screen: bubble, time, fate; or the trace of a call. */
#ifndef AHOY_UI_WIDGETS_MESSAGE_ROW_H
#define AHOY_UI_WIDGETS_MESSAGE_ROW_H

#include "ui/model/message.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals: "resend" (): the person asks to send a failed message again.
 *          "call-back" (): the person asks to call again, from the trace of a call. */
#define UI_TYPE_MESSAGE_ROW (ui_message_row_get_type ())
G_DECLARE_FINAL_TYPE (UiMessageRow, ui_message_row, UI, MESSAGE_ROW, GtkListBoxRow)

/* message: (copied reference). author: (copied) the other person's name, for a screen reader. */
GtkWidget *ui_message_row_new (UiMessage *message, const char *author);
UiMessage *ui_message_row_get_message (UiMessageRow *self); /* (borrowed, with self) */

/* follows: the line before is of the same person and little older, so this one stands close to it.
 */
void ui_message_row_set_follows (UiMessageRow *self, gboolean follows);

/* footer: show time and fate below. A failed message always shows its own. */
void ui_message_row_set_footer (UiMessageRow *self, gboolean footer);

G_END_DECLS

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for what was said with one contact: a list of UiMessage, oldest first, and the draft. */
#ifndef AHOY_UI_MODEL_CONVERSATION_H
#define AHOY_UI_MODEL_CONVERSATION_H

#include "ui/model/message.h"

G_BEGIN_DECLS

/* A GListModel of UiMessage, ordered by time (equal times in order of arrival).
 * Properties: "draft" (string, never NULL), "unread" (uint), "last" (UiMessage or NULL: the
 * newest). */
#define UI_TYPE_CONVERSATION (ui_conversation_get_type ())
G_DECLARE_FINAL_TYPE (UiConversation, ui_conversation, UI, CONVERSATION, GObject)

UiConversation *ui_conversation_new (void); /* Returns: (owned) */

/* Puts a message in its place by time. message: (copied reference). An id that is already there
 * is not added again. Returns: whether it was added. */
gboolean ui_conversation_add (UiConversation *self, UiMessage *message);

/* Returns: (borrowed, until removed) the message of that id, or NULL. */
UiMessage *ui_conversation_find (UiConversation *self, const char *id);

void ui_conversation_remove_all (UiConversation *self);

UiMessage *ui_conversation_get_last (UiConversation *self); /* (borrowed) or NULL */
guint ui_conversation_get_unread (UiConversation *self);
void ui_conversation_set_unread (UiConversation *self, guint unread);
const char *ui_conversation_get_draft (UiConversation *self); /* (borrowed, until set) */
void ui_conversation_set_draft (UiConversation *self, const char *draft);

G_END_DECLS

#endif

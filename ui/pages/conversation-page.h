/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for one person's page: what was said, writing, calling, and what stands between. */
#ifndef AHOY_UI_PAGES_CONVERSATION_PAGE_H
#define AHOY_UI_PAGES_CONVERSATION_PAGE_H

#include "ui/model/intents.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals: "back" (): the person wants the list again (a folded window).
 *          "details" (): the person wants the page about this contact. */
#define UI_TYPE_CONVERSATION_PAGE (ui_conversation_page_get_type ())
G_DECLARE_FINAL_TYPE (UiConversationPage, ui_conversation_page, UI, CONVERSATION_PAGE, AdwBin)

/* session, intents: (copied reference). To be called once. */
void ui_conversation_page_set_up (UiConversationPage *self, UiSession *session, UiIntents *intents);

/* contact: (copied reference) or NULL: a friendly nothing. */
void ui_conversation_page_set_contact (UiConversationPage *self, UiContact *contact);
UiContact *ui_conversation_page_get_contact (UiConversationPage *self); /* (borrowed) or NULL */

void ui_conversation_page_set_folded (UiConversationPage *self, gboolean folded);
void ui_conversation_page_focus_composer (UiConversationPage *self);

/* As if the call button was pressed, where it may be. */
void ui_conversation_page_call (UiConversationPage *self, gboolean with_video);

G_END_DECLS

#endif

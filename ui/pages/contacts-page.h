/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the list of people: sorted, searched, selected, and what to do while it is empty. */
#ifndef AHOY_UI_PAGES_CONTACTS_PAGE_H
#define AHOY_UI_PAGES_CONTACTS_PAGE_H

#include "ui/model/intents.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals: "selected" (UiContact): the person chose somebody.
 * Uses the actions app.add-contact, app.copy-invite and those of the menu. */
#define UI_TYPE_CONTACTS_PAGE (ui_contacts_page_get_type ())
G_DECLARE_FINAL_TYPE (UiContactsPage, ui_contacts_page, UI, CONTACTS_PAGE, AdwBin)

/* session, intents: (copied reference). To be called once. */
void ui_contacts_page_set_up (UiContactsPage *self, UiSession *session, UiIntents *intents);

/* Marks somebody as the one whose conversation is open; NULL: nobody. Emits nothing. */
void ui_contacts_page_set_selected (UiContactsPage *self, UiContact *contact);

/* A folded window shows one pane at a time, and then no row stays marked. */
void ui_contacts_page_set_folded (UiContactsPage *self, gboolean folded);

void ui_contacts_page_start_search (UiContactsPage *self);

/* delta: +1 or -1: selects the person below or above. */
void ui_contacts_page_step (UiContactsPage *self, int delta);

G_END_DECLS

#endif

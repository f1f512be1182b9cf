/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for all about one contact: name, address, safety number, block and remove. */
#ifndef AHOY_UI_DIALOGS_CONTACT_DIALOG_H
#define AHOY_UI_DIALOGS_CONTACT_DIALOG_H

#include "ui/model/intents.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define UI_TYPE_CONTACT_DIALOG (ui_contact_dialog_get_type ())
G_DECLARE_FINAL_TYPE (UiContactDialog, ui_contact_dialog, UI, CONTACT_DIALOG, AdwWindow)

/* contact, intents: (copied reference). */
GtkWidget *ui_contact_dialog_new (UiContact *contact, UiIntents *intents);

/* Asks whether to remove the contact, and does it on yes. parent: (borrowed). */
void ui_contact_dialog_ask_remove (GtkWindow *parent, UiContact *contact, UiIntents *intents);

G_END_DECLS

#endif

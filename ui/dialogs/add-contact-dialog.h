/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for finding each other: adding somebody by address or invite link, or handing out one's
 * own. */
#ifndef AHOY_UI_DIALOGS_ADD_CONTACT_DIALOG_H
#define AHOY_UI_DIALOGS_ADD_CONTACT_DIALOG_H

#include "ui/model/intents.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Signals: "added" (const char *address): the request went out, or the invite was redeemed (then
 * the link). The dialog has closed itself. */
#define UI_TYPE_ADD_CONTACT_DIALOG (ui_add_contact_dialog_get_type ())
G_DECLARE_FINAL_TYPE (UiAddContactDialog, ui_add_contact_dialog, UI, ADD_CONTACT_DIALOG, AdwWindow)

/* text: (copied) what stands in the entry at first, or NULL. session, intents: (copied reference).
 */
GtkWidget *ui_add_contact_dialog_new (UiSession *session, UiIntents *intents, const char *text);

G_END_DECLS

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells every change of the model as JSON lines. */
#ifndef APP_CLI_TELLER_H
#define APP_CLI_TELLER_H

#include "ui/model/session.h"

/* Watches session for as long as it lives. on_call (may be NULL) is told each new call and each
 * change of its state. */
void teller_watch (UiSession *session, void (*on_call) (UiCall *call, gpointer data),
                   gpointer data);
/* All contacts, one line each. */
void teller_list (UiSession *session);

#endif

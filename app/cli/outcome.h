/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waits until what a command set going has happened, for processes that end after one command. */
#ifndef APP_CLI_OUTCOME_H
#define APP_CLI_OUTCOME_H

#include "ui/model/session.h"

#define OUTCOME_MOST_US 20000000

/* Whether it is settled by now. error: set (and TRUE returned) where it never will be. */
typedef gboolean (*OutcomeTest) (UiSession *session, gpointer object, GError **error);

/* object: a contact. */
gboolean outcome_is_friend (UiSession *session, gpointer contact, GError **error);
gboolean outcome_is_blocked (UiSession *session, gpointer contact, GError **error);
/* It left the list. */
gboolean outcome_is_gone (UiSession *session, gpointer contact, GError **error);
/* object: a conversation; our newest message is with the server or with the person. */
gboolean outcome_is_sent (UiSession *session, gpointer conversation, GError **error);
/* The call is over; error where nobody took it. */
gboolean outcome_is_over (UiSession *session, gpointer unused, GError **error);

/* Calls done once, from the main loop: error (owned by it) is NULL when it settled well. session,
 * object: (borrowed). most_us: the wait ends with an error after so long; 0 = never. */
void outcome_await (UiSession *session, gpointer object, OutcomeTest is_settled, gint64 most_us,
                    void (*done) (gpointer data, GError *error), gpointer data);

#endif

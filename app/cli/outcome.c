/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/cli/outcome.h"

#define LOOK_MS 20

gboolean
outcome_is_friend (UiSession *session, gpointer contact, GError **error) {
  (void)session;
  (void)error;
  return ui_contact_get_relation (contact) == UI_RELATION_BOTH;
}

gboolean
outcome_is_blocked (UiSession *session, gpointer contact, GError **error) {
  (void)session;
  (void)error;
  return ui_contact_get_relation (contact) == UI_RELATION_BLOCKED;
}

gboolean
outcome_is_gone (UiSession *session, gpointer contact, GError **error) {
  (void)error;
  return ui_session_find_contact (session, ui_contact_get_address (contact)) != contact;
}

gboolean
outcome_is_sent (UiSession *session, gpointer conversation, GError **error) {
  (void)session;
  const guint count = g_list_model_get_n_items (conversation);
  g_autoptr (UiMessage) last = count > 0 ? g_list_model_get_item (conversation, count - 1) : NULL;
  if (last == NULL || !ui_message_get_outgoing (last)) {
    return FALSE;
  }
  if (ui_message_get_state (last) == UI_MESSAGE_FAILED) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The message will not be taken.");
    return TRUE;
  }
  return ui_message_get_state (last) != UI_MESSAGE_UNSENT;
}

gboolean
outcome_is_over (UiSession *session, gpointer unused, GError **error) {
  (void)unused;
  UiCall *call = ui_session_get_call (session);
  if (call == NULL || ui_call_get_state (call) != UI_CALL_ENDED) {
    return FALSE;
  }
  if (ui_call_get_duration_s (call) == 0) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, ui_call_get_end_reason (call));
  }
  return TRUE;
}

typedef struct {
  UiSession *session; /* (owned) */
  GObject *object;    /* (owned) */
  OutcomeTest is_settled;
  gint64 until_us; /* 0 = as long as it takes */
  void (*done) (gpointer data, GError *error);
  gpointer data;
} Outcome;

static void
free_outcome (gpointer data) {
  Outcome *outcome = data;
  g_object_unref (outcome->session);
  g_object_unref (outcome->object);
  g_free (outcome);
}

static gboolean
on_look (gpointer data) {
  Outcome *outcome = data;
  GError *error = NULL;
  if (!outcome->is_settled (outcome->session, outcome->object, &error)) {
    if (outcome->until_us == 0 || g_get_monotonic_time () < outcome->until_us) {
      return G_SOURCE_CONTINUE;
    }
    const char *sentence = ui_session_get_error (outcome->session);
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                 sentence != NULL ? sentence : "The server has not answered yet.");
  }
  outcome->done (outcome->data, error);
  return G_SOURCE_REMOVE;
}

void
outcome_await (UiSession *session, gpointer object, OutcomeTest is_settled, gint64 most_us,
               void (*done) (gpointer data, GError *error), gpointer data) {
  Outcome *outcome = g_new0 (Outcome, 1);
  *outcome = (Outcome){.session = g_object_ref (session),
                       .object = g_object_ref (object),
                       .is_settled = is_settled,
                       .until_us = most_us > 0 ? g_get_monotonic_time () + most_us : 0,
                       .done = done,
                       .data = data};
  g_timeout_add_full (G_PRIORITY_DEFAULT, LOOK_MS, on_look, outcome, free_outcome);
}

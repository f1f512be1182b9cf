/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for handing each intent to whoever implements it. */
#include "ui/model/intents.h"

G_DEFINE_INTERFACE (UiIntents, ui_intents, G_TYPE_OBJECT)
G_DEFINE_QUARK (ui - intent - error - quark, ui_intent_error)

static void
ui_intents_default_init (UiIntentsInterface *iface G_GNUC_UNUSED) {
}

static void
refuse (UiIntents *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data) {
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "Not supported");
}

gboolean
ui_intents_finish (UiIntents *self, GAsyncResult *result, GError **error) {
  g_return_val_if_fail (UI_IS_INTENTS (self) && g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

char *
ui_intents_finish_invite (UiIntents *self, GAsyncResult *result, GError **error) {
  g_return_val_if_fail (UI_IS_INTENTS (self) && g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
ui_intents_create_account_async (UiIntents *self, const char *address, const char *password,
                                 const char *invite, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer data) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->create_account_async != NULL) {
    iface->create_account_async (self, address, password, invite, cancellable, callback, data);
  } else {
    refuse (self, cancellable, callback, data);
  }
}

void
ui_intents_sign_in_async (UiIntents *self, const char *address, const char *password,
                          GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->sign_in_async != NULL) {
    iface->sign_in_async (self, address, password, cancellable, callback, data);
  } else {
    refuse (self, cancellable, callback, data);
  }
}

void
ui_intents_serve_async (UiIntents *self, const char *name, const char *password,
                        GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->serve_async != NULL) {
    iface->serve_async (self, name, password, cancellable, callback, data);
  } else {
    refuse (self, cancellable, callback, data);
  }
}

void
ui_intents_sign_out (UiIntents *self) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->sign_out != NULL) {
    iface->sign_out (self);
  }
}

void
ui_intents_retry_now (UiIntents *self) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->retry_now != NULL) {
    iface->retry_now (self);
  }
}

void
ui_intents_add_contact_async (UiIntents *self, const char *address, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer data) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->add_contact_async != NULL) {
    iface->add_contact_async (self, address, cancellable, callback, data);
  } else {
    refuse (self, cancellable, callback, data);
  }
}

void
ui_intents_redeem_invite_async (UiIntents *self, const char *link, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer data) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->redeem_invite_async != NULL) {
    iface->redeem_invite_async (self, link, cancellable, callback, data);
  } else {
    refuse (self, cancellable, callback, data);
  }
}

void
ui_intents_make_invite_async (UiIntents *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer data) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->make_invite_async != NULL) {
    iface->make_invite_async (self, cancellable, callback, data);
  } else {
    refuse (self, cancellable, callback, data);
  }
}

void
ui_intents_accept_contact (UiIntents *self, UiContact *contact) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->accept_contact != NULL) {
    iface->accept_contact (self, contact);
  }
}

void
ui_intents_decline_contact (UiIntents *self, UiContact *contact) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->decline_contact != NULL) {
    iface->decline_contact (self, contact);
  }
}

void
ui_intents_remove_contact (UiIntents *self, UiContact *contact) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->remove_contact != NULL) {
    iface->remove_contact (self, contact);
  }
}

void
ui_intents_set_blocked (UiIntents *self, UiContact *contact, gboolean blocked) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->set_blocked != NULL) {
    iface->set_blocked (self, contact, blocked);
  }
}

void
ui_intents_rename_contact (UiIntents *self, UiContact *contact, const char *name) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->rename_contact != NULL) {
    iface->rename_contact (self, contact, name);
  }
}

void
ui_intents_confirm_key (UiIntents *self, UiContact *contact, gboolean verified) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->confirm_key != NULL) {
    iface->confirm_key (self, contact, verified);
  }
}

void
ui_intents_send_message (UiIntents *self, UiContact *contact, const char *text) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->send_message != NULL) {
    iface->send_message (self, contact, text);
  }
}

void
ui_intents_resend_message (UiIntents *self, UiContact *contact, UiMessage *message) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->resend_message != NULL) {
    iface->resend_message (self, contact, message);
  }
}

void
ui_intents_type_message (UiIntents *self, UiContact *contact) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->type_message != NULL) {
    iface->type_message (self, contact);
  }
}

void
ui_intents_mark_read (UiIntents *self, UiContact *contact) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->mark_read != NULL) {
    iface->mark_read (self, contact);
  }
}

void
ui_intents_start_call (UiIntents *self, UiContact *contact, gboolean with_video) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->start_call != NULL) {
    iface->start_call (self, contact, with_video);
  }
}

void
ui_intents_accept_call (UiIntents *self, UiCall *call, gboolean with_video) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->accept_call != NULL) {
    iface->accept_call (self, call, with_video);
  }
}

void
ui_intents_decline_call (UiIntents *self, UiCall *call) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->decline_call != NULL) {
    iface->decline_call (self, call);
  }
}

void
ui_intents_silence_call (UiIntents *self, UiCall *call) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->silence_call != NULL) {
    iface->silence_call (self, call);
  }
}

void
ui_intents_hang_up (UiIntents *self, UiCall *call) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->hang_up != NULL) {
    iface->hang_up (self, call);
  }
}

void
ui_intents_set_muted (UiIntents *self, UiCall *call, gboolean muted) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->set_muted != NULL) {
    iface->set_muted (self, call, muted);
  }
}

void
ui_intents_set_camera (UiIntents *self, UiCall *call, gboolean on) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->set_camera != NULL) {
    iface->set_camera (self, call, on);
  }
}

void
ui_intents_choose_device (UiIntents *self, UiDeviceKind kind, const char *id) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->choose_device != NULL) {
    iface->choose_device (self, kind, id);
  }
}

void
ui_intents_set_preview (UiIntents *self, gboolean on) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->set_preview != NULL) {
    iface->set_preview (self, on);
  }
}

void
ui_intents_play_test_sound (UiIntents *self) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->play_test_sound != NULL) {
    iface->play_test_sound (self);
  }
}

void
ui_intents_quit (UiIntents *self) {
  g_return_if_fail (UI_IS_INTENTS (self));
  const UiIntentsInterface *iface = UI_INTENTS_GET_IFACE (self);
  if (iface->quit != NULL) {
    iface->quit (self);
  }
}

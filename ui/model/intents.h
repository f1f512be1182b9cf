/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for everything a person can ask of the program: the windows call it, the client (or the
 * gallery's made-up one) fulfils it. What follows comes back through the model. */
#ifndef AHOY_UI_MODEL_INTENTS_H
#define AHOY_UI_MODEL_INTENTS_H

#include "ui/model/session.h"

G_BEGIN_DECLS

/* Why an intent with an answer failed. The GError's message is one sentence in the person's
 * language, shown as it is; the code only says which entry to point at. */
#define UI_INTENT_ERROR (ui_intent_error_quark ())
GQuark ui_intent_error_quark (void);
typedef enum {
  UI_INTENT_ERROR_FAILED,      /* anything else */
  UI_INTENT_ERROR_ADDRESS,     /* no such name or server, bad form, or the name is taken */
  UI_INTENT_ERROR_PASSWORD,    /* wrong, or too weak */
  UI_INTENT_ERROR_INVITE,      /* an invite link that is wrong, used or too old */
  UI_INTENT_ERROR_UNREACHABLE, /* the server does not answer */
  UI_INTENT_ERROR_KEY_CHANGED, /* the server shows another key than before */
} UiIntentError;

#define UI_TYPE_INTENTS (ui_intents_get_type ())
G_DECLARE_INTERFACE (UiIntents, ui_intents, UI, INTENTS, GObject)

/* An implementer answers every _async by a GTask made with g_task_new (self, cancellable,
 * callback, data) that returns a boolean (make_invite: a string freed with g_free). All run on
 * the main thread. Strings and objects are (borrowed, during the call). NULL methods do nothing
 * (an _async one then fails with G_IO_ERROR_NOT_SUPPORTED). */
struct _UiIntentsInterface {
  GTypeInterface parent;

  /* address: name@host. invite: a link or code that the server may want, or NULL. */
  void (*create_account_async) (UiIntents *self, const char *address, const char *password,
                                const char *invite, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer data);
  void (*sign_in_async) (UiIntents *self, const char *address, const char *password,
                         GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
  /* Starts a server on this computer and makes `name` its first account, signed in. */
  void (*serve_async) (UiIntents *self, const char *name, const char *password,
                       GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
  void (*sign_out) (UiIntents *self);
  void (*retry_now) (UiIntents *self); /* OFFLINE: do not wait for the next attempt */

  void (*add_contact_async) (UiIntents *self, const char *address, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data);
  void (*redeem_invite_async) (UiIntents *self, const char *link, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer data);
  void (*make_invite_async) (UiIntents *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer data);
  void (*accept_contact) (UiIntents *self, UiContact *contact);
  void (*decline_contact) (UiIntents *self, UiContact *contact);
  void (*remove_contact) (UiIntents *self, UiContact *contact);
  void (*set_blocked) (UiIntents *self, UiContact *contact, gboolean blocked);
  void (*rename_contact) (UiIntents *self, UiContact *contact, const char *name);
  /* The person compared the numbers (verified) or accepts a changed key as theirs. */
  void (*confirm_key) (UiIntents *self, UiContact *contact, gboolean verified);

  void (*send_message) (UiIntents *self, UiContact *contact, const char *text);
  void (*resend_message) (UiIntents *self, UiContact *contact, UiMessage *message);
  /* The person is writing to them; as often as the text changes. */
  void (*type_message) (UiIntents *self, UiContact *contact);
  void (*mark_read) (UiIntents *self, UiContact *contact);

  void (*start_call) (UiIntents *self, UiContact *contact, gboolean with_video);
  void (*accept_call) (UiIntents *self, UiCall *call, gboolean with_video);
  void (*decline_call) (UiIntents *self, UiCall *call);
  void (*silence_call) (UiIntents *self, UiCall *call); /* stop ringing here, the call waits on */
  void (*hang_up) (UiIntents *self, UiCall *call); /* also: cancel what has not been accepted */
  void (*set_muted) (UiIntents *self, UiCall *call, gboolean muted);
  void (*set_camera) (UiIntents *self, UiCall *call, gboolean on);

  void (*choose_device) (UiIntents *self, UiDeviceKind kind, const char *id); /* NULL: default */
  /* While on, the model's preview-frames and level-permille live (preferences are open). */
  void (*set_preview) (UiIntents *self, gboolean on);
  void (*play_test_sound) (UiIntents *self);

  void (*quit) (UiIntents *self); /* hang up, sign off, end */
};

/* One function for each of the above, of the same meaning. */
void ui_intents_create_account_async (UiIntents *self, const char *address, const char *password,
                                      const char *invite, GCancellable *cancellable,
                                      GAsyncReadyCallback callback, gpointer data);
void ui_intents_sign_in_async (UiIntents *self, const char *address, const char *password,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer data);
void ui_intents_serve_async (UiIntents *self, const char *name, const char *password,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer data);
void ui_intents_sign_out (UiIntents *self);
void ui_intents_retry_now (UiIntents *self);
void ui_intents_add_contact_async (UiIntents *self, const char *address, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer data);
void ui_intents_redeem_invite_async (UiIntents *self, const char *link, GCancellable *cancellable,
                                     GAsyncReadyCallback callback, gpointer data);
void ui_intents_make_invite_async (UiIntents *self, GCancellable *cancellable,
                                   GAsyncReadyCallback callback, gpointer data);
void ui_intents_accept_contact (UiIntents *self, UiContact *contact);
void ui_intents_decline_contact (UiIntents *self, UiContact *contact);
void ui_intents_remove_contact (UiIntents *self, UiContact *contact);
void ui_intents_set_blocked (UiIntents *self, UiContact *contact, gboolean blocked);
void ui_intents_rename_contact (UiIntents *self, UiContact *contact, const char *name);
void ui_intents_confirm_key (UiIntents *self, UiContact *contact, gboolean verified);
void ui_intents_send_message (UiIntents *self, UiContact *contact, const char *text);
void ui_intents_resend_message (UiIntents *self, UiContact *contact, UiMessage *message);
void ui_intents_type_message (UiIntents *self, UiContact *contact);
void ui_intents_mark_read (UiIntents *self, UiContact *contact);
void ui_intents_start_call (UiIntents *self, UiContact *contact, gboolean with_video);
void ui_intents_accept_call (UiIntents *self, UiCall *call, gboolean with_video);
void ui_intents_decline_call (UiIntents *self, UiCall *call);
void ui_intents_silence_call (UiIntents *self, UiCall *call);
void ui_intents_hang_up (UiIntents *self, UiCall *call);
void ui_intents_set_muted (UiIntents *self, UiCall *call, gboolean muted);
void ui_intents_set_camera (UiIntents *self, UiCall *call, gboolean on);
void ui_intents_choose_device (UiIntents *self, UiDeviceKind kind, const char *id);
void ui_intents_set_preview (UiIntents *self, gboolean on);
void ui_intents_play_test_sound (UiIntents *self);
void ui_intents_quit (UiIntents *self);

/* Ends any of the _async ones that answers yes or no. Returns: FALSE with error set on failure. */
gboolean ui_intents_finish (UiIntents *self, GAsyncResult *result, GError **error);
/* Ends make_invite_async. Returns: (owned) the link, or NULL with error set. */
char *ui_intents_finish_invite (UiIntents *self, GAsyncResult *result, GError **error);

G_END_DECLS

#endif

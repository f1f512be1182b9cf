/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client object: life, the list of intents, and who gets which event. */
#include "app/client/client-private.h"

#include <glib/gi18n.h>
#include <string.h>

static void client_intents_init (UiIntentsInterface *iface);

enum { QUIT, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE_WITH_CODE (AppClient, app_client, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (UI_TYPE_INTENTS, client_intents_init))

/* ---- Acts on the network thread ---- */

ClientAct *
client_act_new (AppClient *self, UiContact *contact) {
  ClientAct *act = g_new0 (ClientAct, 1);
  act->client = g_object_ref (self);
  if (contact != NULL && !client_roster_name_of (contact, &act->name)) {
    g_warning ("A contact without a proper address: %s", ui_contact_get_address (contact));
  }
  return act;
}

static gboolean
unref_on_main (gpointer data) {
  (void)data;
  return G_SOURCE_REMOVE;
}

static void
free_act (gpointer data) {
  ClientAct *act = data;
  GMainContext *context = act->client->context;
  /* The client and the task belong to the main thread, and so do their last references. */
  if (act->task != NULL) {
    g_main_context_invoke_full (context, G_PRIORITY_DEFAULT, unref_on_main, act->task,
                                g_object_unref);
  }
  g_main_context_invoke_full (context, G_PRIORITY_DEFAULT, unref_on_main, act->client,
                              g_object_unref);
  g_free (act->text);
  g_free (act);
}

void
client_act_post (AppClient *self, AppNetworkTask task, ClientAct *act) {
  if (self->network != NULL) {
    app_network_post (self->network, task, act, free_act);
    return;
  }
  if (act->task != NULL) {
    g_task_return_new_error (act->task, UI_INTENT_ERROR, UI_INTENT_ERROR_UNREACHABLE, "%s",
                             _ ("There is no connection to the server now."));
  }
  free_act (act);
}

void
client_await (ClientAct *act, uint64_t number) {
  AppClient *self = act->client;
  if (act->task == NULL) {
    return;
  }
  uint64_t *key = g_memdup2 (&number, sizeof number);
  g_mutex_lock (&self->pending_mutex);
  g_hash_table_insert (self->pending, key, act->task);
  act->task = NULL;
  g_mutex_unlock (&self->pending_mutex);
}

static GTask *
take_pending (AppClient *self, uint64_t number) {
  GTask *task = NULL;
  g_mutex_lock (&self->pending_mutex);
  gpointer key;
  if (g_hash_table_steal_extended (self->pending, &number, &key, (gpointer *)&task)) {
    g_free (key);
  }
  g_mutex_unlock (&self->pending_mutex);
  return task;
}

static const char *
sentence_of (const AhoyAgentEvent *event) {
  static const struct {
    const char *code;
    const char *sentence;
  } table[] = {
      {"unknown", N_ ("There is nobody of that name, or the invite is used up.")},
      {"notAllowed", N_ ("This person cannot be asked.")},
      {"limit", N_ ("There are too many already.")},
      {"offline", N_ ("There is no connection to the server now.")},
      {"storeFailed", N_ ("The server could not save this. Try again later.")},
      {"NetConnection.Connect.Closed", N_ ("The connection to the server was lost. Try again.")},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (table); i++) {
    if (g_str_equal (event->code, table[i].code)) {
      return _ (table[i].sentence);
    }
  }
  return event->text;
}

void
client_on_answer (AppClient *self, const AhoyAgentEvent *event) {
  g_autoptr (GTask) task = take_pending (self, event->request);
  if (task == NULL) {
    if (!event->ok) {
      client_complain (self, sentence_of (event));
    }
    return;
  }
  if (!event->ok) {
    g_task_return_new_error (task, UI_INTENT_ERROR,
                             g_str_equal (event->code, "unknown") ? UI_INTENT_ERROR_ADDRESS
                                                                  : UI_INTENT_ERROR_FAILED,
                             "%s", sentence_of (event));
  } else if (g_task_get_source_tag (task) == client_roster_invite) {
    g_task_return_pointer (task, g_strdup (event->text), g_free);
  } else {
    g_task_return_boolean (task, TRUE);
  }
}

/* ---- Events ---- */

void
client_on_event (void *data, const AhoyAgentEvent *event, const AhoyCallInfo *call) {
  AppClient *self = data;
  switch (event->type) {
  case AHOY_AGENT_EVENT_STATE:
    client_account_on_state (self, event);
    break;
  case AHOY_AGENT_EVENT_IDENTITY:
    client_account_on_identity (self, event);
    break;
  case AHOY_AGENT_EVENT_RELAY:
    client_account_on_relay (self, event);
    break;
  case AHOY_AGENT_EVENT_CONTACT:
    client_roster_on_contact (self, event->contact);
    break;
  case AHOY_AGENT_EVENT_ANSWER:
    client_on_answer (self, event);
    break;
  case AHOY_AGENT_EVENT_SAVE_OWN:
  case AHOY_AGENT_EVENT_SAVE_RECEIVED:
  case AHOY_AGENT_EVENT_SHOW:
  case AHOY_AGENT_EVENT_MESSAGE_STATE:
  case AHOY_AGENT_EVENT_TYPING:
    client_chat_on_event (self, event);
    break;
  case AHOY_AGENT_EVENT_WARNING:
    client_complain (self, event->text);
    break;
  case AHOY_AGENT_EVENT_CALL:
  case AHOY_AGENT_EVENT_MEDIA_START:
  case AHOY_AGENT_EVENT_MEDIA_STOP:
  case AHOY_AGENT_EVENT_KEY_FRAME:
  case AHOY_AGENT_EVENT_REPORT:
  case AHOY_AGENT_EVENT_FAR_MUTED:
  case AHOY_AGENT_EVENT_FAR_CAMERA:
    client_call_on_event (self, event, call);
    break;
  default:
    break;
  }
}

gboolean
client_is_online (AppClient *self) {
  return self->network != NULL && ui_session_get_state (self->session) == UI_SESSION_SIGNED_IN;
}

void
client_complain (AppClient *self, const char *sentence) {
  ui_session_set_error (self->session, sentence);
}

void
client_store_failed (AppClient *self, GError *error) {
  if (error != NULL) {
    g_warning ("%s", error->message);
    client_complain (self, error->message);
    g_error_free (error);
  }
}

GTask *
client_task (AppClient *self, GCancellable *cancellable, GAsyncReadyCallback callback,
             gpointer data) {
  return g_task_new (self, cancellable, callback, data);
}

/* ---- Life ---- */

static void
app_client_init (AppClient *self) {
  self->session = ui_session_new ();
  self->rings = TRUE;
  self->context = g_main_context_ref_thread_default ();
  g_mutex_init (&self->pending_mutex);
  g_mutex_init (&self->media_mutex);
  self->pending = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_object_unref);
}

void
app_client_close (AppClient *self) {
  if (self->closing) {
    return;
  }
  self->closing = TRUE;
  if (self->finding_bus != NULL) {
    g_cancellable_cancel (self->finding_bus);
  }
  g_clear_pointer (&self->sleep, app_sleep_watch_free);
  client_call_stop (self);
  client_account_stop (self, FALSE);
  g_clear_pointer (&self->own_server, app_own_server_free);
  g_clear_pointer (&self->ringer, app_ringer_free);
  if (self->devices != NULL) {
    app_devices_unlisten (self->devices, self->devices_listener);
    g_clear_pointer (&self->devices, app_devices_free);
  }
  g_clear_pointer (&self->store, app_client_store_free);
}

static void
app_client_finalize (GObject *object) {
  AppClient *self = APP_CLIENT (object);
  app_client_close (self);
  g_clear_object (&self->finding_bus);
  g_clear_object (&self->session);
  g_clear_pointer (&self->pending, g_hash_table_unref);
  g_mutex_clear (&self->pending_mutex);
  g_mutex_clear (&self->media_mutex);
  g_free (self->sounds);
  g_free (self->server_program);
  g_free (self->control_program);
  g_free (self->directory);
  g_free (self->camera);
  g_free (self->microphone);
  g_free (self->speaker);
  g_free (self->record);
  g_free (self->capture);
  g_main_context_unref (self->context);
  G_OBJECT_CLASS (app_client_parent_class)->finalize (object);
}

static void
app_client_class_init (AppClientClass *klass) {
  G_OBJECT_CLASS (klass)->finalize = app_client_finalize;
  signals[QUIT] = g_signal_new ("quit", APP_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
}

static void
on_ringer_notice (void *data, const AppNotice *notice) {
  (void)data;
  g_autofree char *sentence = app_notice_sentence (notice);
  g_debug ("Ring tone: %s", sentence);
}

/* ---- Sleep ---- */

static void
wake_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  (void)data;
  ahoy_agent_woke (agent, now_us);
}

static void
on_woke (gpointer data) {
  AppClient *self = data;
  if (self->network != NULL) {
    g_info ("The machine slept.");
    app_network_post (self->network, wake_on_network, NULL, NULL);
  }
}

static void
on_system_bus (GObject *source, GAsyncResult *result, gpointer data) {
  (void)source;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);
  if (bus != NULL) {
    AppClient *self = data;
    self->sleep = app_sleep_watch_new (bus, on_woke, self);
  } else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    g_info ("Nobody tells when this machine sleeps: %s", error->message);
  }
}

AppClient *
app_client_new (const AppClientConfig *config, GError **error) {
  AppClientStore *store = app_client_store_open (config->directory, error);
  if (store == NULL) {
    return NULL;
  }
  AppClient *self = g_object_new (APP_TYPE_CLIENT, NULL);
  self->store = store;
  self->directory = g_strdup (config->directory);
  self->sounds = g_strdup (config->sounds);
  self->server_program = g_strdup (config->server_program);
  self->control_program = g_strdup (config->control_program);
  self->camera = g_strdup (config->camera);
  self->microphone = g_strdup (config->microphone);
  self->speaker = g_strdup (config->speaker);
  self->record = g_strdup (config->record);
  self->finding_bus = g_cancellable_new ();
  g_bus_get (G_BUS_TYPE_SYSTEM, self->finding_bus, on_system_bus, self);
  self->capture = g_strdup (config->capture);
  self->capture_keys = config->capture_keys;
  g_autoptr (GError) media_error = NULL;
  if (app_media_init (&media_error)) {
    self->devices = app_devices_new (self->context);
    self->ringer =
        self->sounds != NULL ? app_ringer_new (self->context, on_ringer_notice, self) : NULL;
    client_call_devices (self);
  } else {
    g_warning ("No sound and picture: %s", media_error->message);
  }
  return self;
}

gboolean
app_client_resume (AppClient *self) {
  return client_account_resume (self);
}

void
app_client_set_large_picture (AppClient *self, gboolean large) {
  self->large = large;
}

void
app_client_set_ringing (AppClient *self, gboolean on) {
  self->rings = on;
}

typedef struct {
  gboolean always_relays, hides_until_accepted;
} Privacy;

static void
set_privacy_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  const Privacy *privacy = data;
  ahoy_agent_set_privacy (agent, privacy->always_relays, !privacy->hides_until_accepted, now_us);
}

void
app_client_set_privacy (AppClient *self, gboolean always_relay, gboolean hide_until_accepted) {
  if (self->always_relays == always_relay && self->hides_until_accepted == hide_until_accepted) {
    return;
  }
  self->always_relays = always_relay;
  self->hides_until_accepted = hide_until_accepted;
  if (self->network != NULL) {
    const Privacy privacy = {always_relay, hide_until_accepted};
    app_network_post (self->network, set_privacy_on_network, g_memdup2 (&privacy, sizeof privacy),
                      g_free);
  }
}

static void
set_patience_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  ahoy_agent_set_patience (agent, GPOINTER_TO_UINT (data) * G_TIME_SPAN_SECOND, now_us);
}

void
app_client_set_patience (AppClient *self, guint seconds) {
  if (self->patience_s == seconds) {
    return;
  }
  self->patience_s = seconds;
  if (self->network != NULL) {
    app_network_post (self->network, set_patience_on_network, GUINT_TO_POINTER (seconds), NULL);
  }
}

UiSession *
app_client_get_session (AppClient *self) {
  return self->session;
}

/* ---- The intents ---- */

static void
create_account_async (UiIntents *intents, const char *address, const char *password,
                      const char *invite, GCancellable *cancellable, GAsyncReadyCallback callback,
                      gpointer data) {
  AppClient *self = APP_CLIENT (intents);
  client_account_create (self, address, password, invite,
                         client_task (self, cancellable, callback, data));
}

static void
sign_in_async (UiIntents *intents, const char *address, const char *password,
               GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data) {
  AppClient *self = APP_CLIENT (intents);
  client_account_sign_in (self, address, password, client_task (self, cancellable, callback, data));
}

static void
serve_async (UiIntents *intents, const char *name, const char *password, GCancellable *cancellable,
             GAsyncReadyCallback callback, gpointer data) {
  AppClient *self = APP_CLIENT (intents);
  client_account_serve (self, name, password, client_task (self, cancellable, callback, data));
}

static void
sign_out (UiIntents *intents) {
  client_account_sign_out (APP_CLIENT (intents));
}

static void
retry_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  (void)data;
  ahoy_agent_retry (agent, now_us);
}

static void
retry_now (UiIntents *intents) {
  AppClient *self = APP_CLIENT (intents);
  client_act_post (self, retry_on_network, client_act_new (self, NULL));
}

static void
add_contact_async (UiIntents *intents, const char *address, GCancellable *cancellable,
                   GAsyncReadyCallback callback, gpointer data) {
  AppClient *self = APP_CLIENT (intents);
  client_roster_add (self, address, client_task (self, cancellable, callback, data));
}

static void
redeem_invite_async (UiIntents *intents, const char *link, GCancellable *cancellable,
                     GAsyncReadyCallback callback, gpointer data) {
  AppClient *self = APP_CLIENT (intents);
  client_roster_redeem (self, link, client_task (self, cancellable, callback, data));
}

static void
make_invite_async (UiIntents *intents, GCancellable *cancellable, GAsyncReadyCallback callback,
                   gpointer data) {
  AppClient *self = APP_CLIENT (intents);
  client_roster_invite (self, client_task (self, cancellable, callback, data));
}

static void
accept_contact (UiIntents *intents, UiContact *contact) {
  client_roster_act (APP_CLIENT (intents), contact, AHOY_CONTACT_ACCEPT);
}

static void
decline_contact (UiIntents *intents, UiContact *contact) {
  client_roster_act (APP_CLIENT (intents), contact, AHOY_CONTACT_DECLINE);
}

static void
remove_contact (UiIntents *intents, UiContact *contact) {
  client_roster_remove (APP_CLIENT (intents), contact);
}

static void
set_blocked (UiIntents *intents, UiContact *contact, gboolean blocked) {
  client_roster_act (APP_CLIENT (intents), contact,
                     blocked ? AHOY_CONTACT_BLOCK : AHOY_CONTACT_UNBLOCK);
}

static void
rename_contact (UiIntents *intents, UiContact *contact, const char *name) {
  client_roster_rename (APP_CLIENT (intents), contact, name);
}

static void
confirm_key (UiIntents *intents, UiContact *contact, gboolean verified) {
  client_roster_confirm (APP_CLIENT (intents), contact, verified);
}

static void
send_message (UiIntents *intents, UiContact *contact, const char *text) {
  client_chat_send (APP_CLIENT (intents), contact, text);
}

static void
resend_message (UiIntents *intents, UiContact *contact, UiMessage *message) {
  client_chat_send (APP_CLIENT (intents), contact, ui_message_get_text (message));
}

static void
type_message (UiIntents *intents, UiContact *contact) {
  client_chat_type (APP_CLIENT (intents), contact);
}

static void
mark_read (UiIntents *intents, UiContact *contact) {
  client_chat_mark_read (APP_CLIENT (intents), contact);
}

static void
start_call (UiIntents *intents, UiContact *contact, gboolean with_video) {
  client_call_start (APP_CLIENT (intents), contact, with_video);
}

static void
accept_call (UiIntents *intents, UiCall *call, gboolean with_video) {
  client_call_accept (APP_CLIENT (intents), call, with_video);
}

static void
decline_call (UiIntents *intents, UiCall *call) {
  client_call_decline (APP_CLIENT (intents), call);
}

static void
silence_call (UiIntents *intents, UiCall *call) {
  client_call_silence (APP_CLIENT (intents), call);
}

static void
hang_up (UiIntents *intents, UiCall *call) {
  client_call_hang_up (APP_CLIENT (intents), call);
}

static void
set_muted (UiIntents *intents, UiCall *call, gboolean muted) {
  client_call_set_muted (APP_CLIENT (intents), call, muted);
}

static void
set_camera (UiIntents *intents, UiCall *call, gboolean on) {
  client_call_set_camera (APP_CLIENT (intents), call, on);
}

static void
choose_device (UiIntents *intents, UiDeviceKind kind, const char *id) {
  client_call_choose (APP_CLIENT (intents), kind, id);
}

static void
set_preview (UiIntents *intents, gboolean on) {
  client_call_set_preview (APP_CLIENT (intents), on);
}

static void
play_test_sound (UiIntents *intents) {
  client_call_play_test_sound (APP_CLIENT (intents));
}

static void
quit (UiIntents *intents) {
  g_signal_emit (intents, signals[QUIT], 0);
}

static void
client_intents_init (UiIntentsInterface *iface) {
  iface->create_account_async = create_account_async;
  iface->sign_in_async = sign_in_async;
  iface->serve_async = serve_async;
  iface->sign_out = sign_out;
  iface->retry_now = retry_now;
  iface->add_contact_async = add_contact_async;
  iface->redeem_invite_async = redeem_invite_async;
  iface->make_invite_async = make_invite_async;
  iface->accept_contact = accept_contact;
  iface->decline_contact = decline_contact;
  iface->remove_contact = remove_contact;
  iface->set_blocked = set_blocked;
  iface->rename_contact = rename_contact;
  iface->confirm_key = confirm_key;
  iface->send_message = send_message;
  iface->resend_message = resend_message;
  iface->type_message = type_message;
  iface->mark_read = mark_read;
  iface->start_call = start_call;
  iface->accept_call = accept_call;
  iface->decline_call = decline_call;
  iface->silence_call = silence_call;
  iface->hang_up = hang_up;
  iface->set_muted = set_muted;
  iface->set_camera = set_camera;
  iface->choose_device = choose_device;
  iface->set_preview = set_preview;
  iface->play_test_sound = play_test_sound;
  iface->quit = quit;
}

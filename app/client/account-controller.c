/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who one is here: create, sign in, again after a restart, sign out, a server of one's own. */
#include "app/client/client-private.h"
#include "app/io/hardware.h"

#include <glib/gi18n.h>
#include <string.h>

#define SERVER_DIRECTORY "server"
#define SETTING_RELAY "relay"
#define SETTING_SERVING "serving"

/* ---- Errors as sentences ---- */

static UiIntentError
error_of (AhoyFault fault) {
  switch (fault) {
  case AHOY_FAULT_UNREACHABLE:
  case AHOY_FAULT_LOST:
    return UI_INTENT_ERROR_UNREACHABLE;
  case AHOY_FAULT_SERVER_KEY_CHANGED:
  case AHOY_FAULT_SERVER_FALSE:
    return UI_INTENT_ERROR_KEY_CHANGED;
  case AHOY_FAULT_WRONG_PASSWORD:
    return UI_INTENT_ERROR_PASSWORD;
  case AHOY_FAULT_NAME_TAKEN:
  case AHOY_FAULT_BAD_NAME:
    return UI_INTENT_ERROR_ADDRESS;
  case AHOY_FAULT_INVITE_NEEDED:
    return UI_INTENT_ERROR_INVITE;
  default:
    return UI_INTENT_ERROR_FAILED;
  }
}

static const char *
sentence_of (const AhoyAgentEvent *event) {
  return event->fault == AHOY_FAULT_REFUSED && event->text[0] != '\0'
             ? event->text
             : _ (ahoy_fault_text (event->fault));
}

static void
refuse (GTask *task, UiIntentError code, const char *sentence) {
  g_task_return_new_error (task, UI_INTENT_ERROR, code, "%s", sentence);
  g_object_unref (task);
}

/* ---- The relay that is known from before: for a network that blocks UDP ---- */

static void
keep_relay (AppClient *self, const AhoyRelayAccess *access) {
  char text[AHOY_RELAY_TEXT_SIZE], address[AHOY_NAME_TEXT_SIZE];
  ahoy_relay_access_format (access, text);
  ahoy_name_format (&self->account.name, address);
  g_autofree char *value = g_strdup_printf ("%s %s", address, text);
  app_client_store_put_setting (self->store, SETTING_RELAY,
                                access->servers[0] != '\0' ? value : NULL, NULL);
}

static void
recall_relay (AppClient *self, AhoyAgentConfig *config) {
  g_autofree char *value = app_client_store_get_setting (self->store, SETTING_RELAY);
  char address[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format (&config->name, address);
  if (config->relay.servers[0] == '\0' && value != NULL && g_str_has_prefix (value, address) &&
      value[strlen (address)] == ' ') {
    const char *text = value + strlen (address) + 1;
    if (ahoy_relay_access_parse (text, strlen (text), &config->relay) != RTMFP_OK) {
      config->relay = (AhoyRelayAccess){.servers = ""};
    }
  }
}

gboolean
app_client_get_server (AppClient *self, AhoyName *server, AhoyRelayAccess *relay) {
  AhoyAgentConfig config = {.name = self->account.name};
  recall_relay (self, &config);
  *server = config.name;
  server->user[0] = '\0';
  *relay = config.relay;
  return self->has_account;
}

void
client_account_on_relay (AppClient *self, const AhoyAgentEvent *event) {
  if (self->has_account && !event->relay->is_first) {
    keep_relay (self, event->relay);
  }
}

/* ---- Starting and stopping the network ---- */

static gboolean
start (AppClient *self, AhoyAgentConfig *config, GError **error) {
  const AppNetworkListener listener = {
      .event = client_on_event, .media = client_call_on_media, .data = self};
  config->rng = app_clock_rng ();
  config->slow_aes = !app_hardware_has_aes ();
  config->device_label = g_get_host_name ();
  config->ring_early = !self->hides_until_accepted;
  config->always_relay = self->always_relays;
  config->patience_us = self->patience_s * G_TIME_SPAN_SECOND;
  recall_relay (self, config);
  config->codecs = (AhoyCodecs){.audio = {AHOY_CODEC_OPUS}, .video = {AHOY_CODEC_VP8}};
  memcpy (config->device, self->account.device, sizeof config->device);
  self->network =
      app_network_new (config, &listener, self->capture, self->capture_keys, self->context, error);
  return self->network != NULL;
}

void
client_account_stop (AppClient *self, gboolean forget) {
  app_network_free (self->network, forget);
  self->network = NULL;
  ahoy_identity_clear (&self->account.identity);
  g_clear_pointer (&self->redeem, g_free);
  g_mutex_lock (&self->pending_mutex);
  g_hash_table_remove_all (self->pending);
  g_mutex_unlock (&self->pending_mutex);
}

static void
show_account (AppClient *self) {
  char address[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format (&self->account.name, address);
  ui_session_set_address (self->session, address);
  ui_session_set_name (self->session, self->account.display_name[0] != '\0'
                                          ? self->account.display_name
                                          : self->account.name.user);
}

static void
leave (AppClient *self) {
  client_account_stop (self, FALSE);
  ui_session_remove_all_contacts (self->session);
  ui_session_set_address (self->session, NULL);
  ui_session_set_name (self->session, NULL);
  ui_session_set_state (self->session, UI_SESSION_SIGNED_OUT);
}

/* ---- Entering ---- */

/* Takes over task. */
static void
enter (AppClient *self, AhoyAgentConfig *config, GTask *task) {
  GError *error = NULL;
  self->account.name = config->name;
  app_client_store_device (self->store, self->account.device);
  self->has_account = FALSE;
  self->entering = task;
  ui_session_set_error (self->session, NULL);
  ui_session_set_state (self->session, UI_SESSION_SIGNING_IN);
  if (!start (self, config, &error)) {
    self->entering = NULL;
    ui_session_set_state (self->session, UI_SESSION_SIGNED_OUT);
    refuse (task, UI_INTENT_ERROR_FAILED, error->message);
    g_error_free (error);
  }
}

static gboolean
is_free (AppClient *self, GTask *task) {
  if (self->network != NULL || self->entering != NULL) {
    refuse (task, UI_INTENT_ERROR_FAILED, _ ("Somebody is signed in already."));
    return FALSE;
  }
  return TRUE;
}

static gboolean
read_address (const char *address, AhoyName *name, GTask *task) {
  if (ahoy_name_parse (address, name) == RTMFP_OK) {
    return TRUE;
  }
  refuse (task, UI_INTENT_ERROR_ADDRESS,
          _ ("Write the address as name@server, for example anna@example.org."));
  return FALSE;
}

static gboolean
is_good_password (const char *password, GTask *task) {
  if (strlen (password) >= AHOY_PASSWORD_BYTES_MIN &&
      strlen (password) <= AHOY_PASSWORD_BYTES_MAX) {
    return TRUE;
  }
  refuse (task, UI_INTENT_ERROR_PASSWORD, _ ("Use a password of at least eight characters."));
  return FALSE;
}

void
client_account_create (AppClient *self, const char *address, const char *password,
                       const char *invite, GTask *task) {
  AhoyAgentConfig config = {.entry = AHOY_ENTRY_CREATE, .password = password};
  AhoyInvite link;
  char token[AHOY_INVITE_TOKEN_TEXT_SIZE];
  if (!is_free (self, task) || !read_address (address, &config.name, task) ||
      !is_good_password (password, task)) {
    return;
  }
  if (invite != NULL && *invite != '\0') {
    if (ahoy_invite_parse (invite, &link) == RTMFP_OK) {
      if (link.has_token) {
        ahoy_invite_token_format (link.token, token);
        config.invite = token;
      }
      if (link.has_server_key) {
        config.server = (AhoyPin){.is_set = true, .key = link.server_key};
      }
      config.relay = link.relay;
      g_free (self->redeem);
      self->redeem = link.name.user[0] != '\0' ? g_strdup (invite) : NULL;
    } else {
      config.invite = invite; /* the bare token */
    }
  }
  const RtmfpRng rng = app_clock_rng ();
  ahoy_identity_make (&rng, &config.identity);
  g_strlcpy (self->account.display_name, config.name.user, sizeof self->account.display_name);
  config.display_name = self->account.display_name;
  enter (self, &config, task);
  ahoy_identity_clear (&config.identity);
}

void
client_account_sign_in (AppClient *self, const char *address, const char *password, GTask *task) {
  AhoyAgentConfig config = {.entry = AHOY_ENTRY_PASSWORD, .password = password};
  if (!is_free (self, task) || !read_address (address, &config.name, task)) {
    return;
  }
  if (*password == '\0') {
    refuse (task, UI_INTENT_ERROR_PASSWORD, _ ("Write your password."));
    return;
  }
  g_strlcpy (self->account.display_name, config.name.user, sizeof self->account.display_name);
  config.display_name = self->account.display_name;
  enter (self, &config, task);
}

static void
restore_contact_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  const AppStoreContact *contact = data;
  ahoy_agent_restore_contact (agent, &contact->name, &contact->pin, contact->talked, now_us);
}

static void
restore_contact (gpointer data, const AppStoreContact *contact) {
  app_network_post (((AppClient *)data)->network, restore_contact_on_network,
                    g_memdup2 (contact, sizeof *contact), g_free);
}

static void
restore (AppClient *self) {
  GError *error = NULL;
  app_client_store_each_contact (self->store, restore_contact, self, &error);
  client_store_failed (self, error);
  client_chat_restore_waiting (self);
}

static void
resume_network (AppClient *self) {
  AhoyAgentConfig config = {.entry = AHOY_ENTRY_IDENTITY,
                            .name = self->account.name,
                            .display_name = self->account.display_name,
                            .identity = self->account.identity,
                            .server = self->account.server};
  GError *error = NULL;
  if (!start (self, &config, &error)) {
    client_store_failed (self, error);
    ui_session_set_state (self->session, UI_SESSION_OFFLINE);
    return;
  }
  restore (self);
}

static void
on_own_server_again (GObject *object, GAsyncResult *result, gpointer data) {
  (void)object;
  g_autoptr (AppClient) self = data;
  g_autoptr (GError) error = NULL;
  self->own_server = app_own_server_start_finish (result, NULL, &error);
  if (error != NULL) {
    client_complain (self, error->message);
  } else {
    ui_session_set_serving (self->session, TRUE);
    ui_session_set_server_address (self->session, app_own_server_get_host (self->own_server));
  }
  if (!self->closing && self->network == NULL && self->has_account) {
    resume_network (self);
  }
}

gboolean
client_account_resume (AppClient *self) {
  GError *error = NULL;
  if (!app_client_store_get_account (self->store, &self->account, &error)) {
    client_store_failed (self, error);
    return FALSE;
  }
  self->has_account = TRUE;
  show_account (self);
  client_roster_load (self);
  ui_session_set_state (self->session, UI_SESSION_SIGNING_IN);
  g_autofree char *serving = app_client_store_get_setting (self->store, SETTING_SERVING);
  if (serving != NULL && self->server_program != NULL) {
    g_autofree char *directory = g_build_filename (self->directory, SERVER_DIRECTORY, NULL);
    app_own_server_start_async (self->server_program, self->control_program, directory, NULL,
                                self->account.name.port, NULL, on_own_server_again,
                                g_object_ref (self));
  } else {
    resume_network (self);
  }
  return TRUE;
}

void
client_account_sign_out (AppClient *self) {
  GError *error = NULL;
  client_call_stop (self);
  client_account_stop (self, TRUE);
  app_client_store_remove_account (self->store, FALSE, &error);
  client_store_failed (self, error);
  app_client_store_put_setting (self->store, SETTING_SERVING, NULL, NULL);
  g_clear_pointer (&self->own_server, app_own_server_free);
  ui_session_set_serving (self->session, FALSE);
  ui_session_set_server_address (self->session, NULL);
  self->has_account = FALSE;
  leave (self);
}

/* ---- A server of one's own ---- */

typedef struct {
  char *name, *password; /* (owned) */
} Serve;

static void
free_serve (gpointer data) {
  Serve *serve = data;
  memset (serve->password, 0, strlen (serve->password));
  g_free (serve->name);
  g_free (serve->password);
  g_free (serve);
}

static void
on_own_server (GObject *object, GAsyncResult *result, gpointer data) {
  (void)object;
  GTask *task = data; /* (owned) */
  AppClient *self = g_task_get_source_object (task);
  const Serve *serve = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autofree char *invite = NULL;
  self->own_server = app_own_server_start_finish (result, &invite, &error);
  if (self->own_server == NULL) {
    refuse (task, UI_INTENT_ERROR_FAILED, error->message);
    return;
  }
  g_autofree char *address =
      g_strdup_printf ("%s@%s", serve->name, app_own_server_get_host (self->own_server));
  app_client_store_put_setting (self->store, SETTING_SERVING, "yes", NULL);
  ui_session_set_serving (self->session, TRUE);
  ui_session_set_server_address (self->session, app_own_server_get_host (self->own_server));
  if (invite != NULL) {
    client_account_create (self, address, serve->password, invite, task);
  } else {
    client_account_sign_in (self, address, serve->password, task);
  }
}

void
client_account_serve (AppClient *self, const char *name, const char *password, GTask *task) {
  if (!is_free (self, task) || !is_good_password (password, task)) {
    return;
  }
  if (!ahoy_name_is_user (name)) {
    refuse (task, UI_INTENT_ERROR_ADDRESS, _ (ahoy_name_rule ()));
    return;
  }
  if (self->server_program == NULL) {
    refuse (task, UI_INTENT_ERROR_FAILED, _ ("The server program is not installed here."));
    return;
  }
  Serve *serve = g_new0 (Serve, 1);
  serve->name = g_strdup (name);
  serve->password = g_strdup (password);
  g_task_set_task_data (task, serve, free_serve);
  g_autofree char *directory = g_build_filename (self->directory, SERVER_DIRECTORY, NULL);
  g_clear_pointer (&self->own_server, app_own_server_free);
  app_own_server_start_async (self->server_program, self->control_program, directory, name, 0, NULL,
                              on_own_server, task);
}

/* ---- What the network tells ---- */

void
client_account_on_identity (AppClient *self, const AhoyAgentEvent *event) {
  GError *error = NULL;
  const gboolean first = !self->has_account;
  self->account.identity = *event->identity;
  self->account.server = event->server;
  self->has_account = app_client_store_put_account (self->store, &self->account, &error);
  client_store_failed (self, error);
  show_account (self);
  if (first) {
    client_roster_load (self);
    restore (self);
  }
}

static void
redeem_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  ClientAct *act = data;
  client_await (act, ahoy_agent_redeem_invite (agent, &act->invite, now_us));
}

static void
on_online (AppClient *self) {
  ui_session_set_error (self->session, NULL);
  ui_session_set_state (self->session, UI_SESSION_SIGNED_IN);
  if (self->entering != NULL) {
    g_autoptr (GTask) task = g_steal_pointer (&self->entering);
    g_task_return_boolean (task, TRUE);
  }
  if (self->redeem != NULL) {
    ClientAct *act = client_act_new (self, NULL);
    if (ahoy_invite_parse (self->redeem, &act->invite) == RTMFP_OK) {
      client_act_post (self, redeem_on_network, act);
    }
    g_clear_pointer (&self->redeem, g_free);
  }
}

static void
on_refused (AppClient *self, const AhoyAgentEvent *event) {
  if (self->entering != NULL) {
    GTask *task = g_steal_pointer (&self->entering);
    if (!self->has_account) {
      leave (self);
    }
    refuse (task, error_of (event->fault), sentence_of (event));
    return;
  }
  client_complain (self, sentence_of (event));
  ui_session_set_state (self->session, UI_SESSION_OFFLINE);
  client_roster_offline (self);
}

void
client_account_on_state (AppClient *self, const AhoyAgentEvent *event) {
  switch (event->state) {
  case AHOY_AGENT_ONLINE:
    on_online (self);
    break;
  case AHOY_AGENT_CONNECTING:
  case AHOY_AGENT_SIGNING_IN:
    if (ui_session_get_state (self->session) != UI_SESSION_OFFLINE) {
      ui_session_set_state (self->session, UI_SESSION_SIGNING_IN);
    }
    break;
  case AHOY_AGENT_OFFLINE:
  case AHOY_AGENT_STOPPED:
    if (event->fault != AHOY_FAULT_NONE) {
      on_refused (self, event);
    }
    break;
  }
}

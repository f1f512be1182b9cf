/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads lines, asks the store or the rendezvous, answers lines. */
#include "app/rendezvousd/control.h"

#include "app/io/clock.h"
#include "app/rendezvousd/control-counters.h"
#include "core/account/invite.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Invites of the operator are good for so long. */
#define INVITE_LIFE_MS (30 * INT64_C (86400000))

struct AppControl {
  AppServer *server; /* (borrowed) */
  char *path;        /* (owned) */
  GSocketService *service;
  GList *doors; /* Door */
};

/* One connection. Lives until it is closed and its last answer has come. */
typedef struct {
  AppControl *control; /* (borrowed) NULL once the control is gone */
  GSocketConnection *connection;
  GDataInputStream *input;
  uint8_t token[AHOY_INVITE_TOKEN_SIZE]; /* of the invite under way */
  char *line;                            /* (owned) the answer on its way out, or NULL */
} Door;

static void read_line (Door *door);

static void
door_free (Door *door) {
  if (door->control != NULL) {
    door->control->doors = g_list_remove (door->control->doors, door);
  }
  g_object_unref (door->input);
  g_object_unref (door->connection);
  g_free (door->line);
  g_free (door);
}

static bool
is_gone (Door *door) {
  if (door->control == NULL) {
    door_free (door);
    return true;
  }
  return false;
}

/* ---- Answers ---- */

static void
on_written (GObject *source, GAsyncResult *result, gpointer data) {
  Door *door = data;
  /* One that went away is noticed by the next read. */
  (void)g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  g_clear_pointer (&door->line, g_free);
  if (!is_gone (door)) {
    read_line (door);
  }
}

/* Ends the object that was begun with "ok" and writes it; reads the next line when that is out. The
 * server waits for no reader. */
static void
answer (Door *door, JsonBuilder *builder) {
  json_builder_end_object (builder);
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  g_autofree char *text = json_generator_to_data (generator, NULL);
  door->line = g_strconcat (text, "\n", NULL);
  g_object_unref (builder);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (door->connection)),
                                   door->line, strlen (door->line), G_PRIORITY_DEFAULT, NULL,
                                   on_written, door);
}

static JsonBuilder *
begin (bool ok) {
  JsonBuilder *builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "ok");
  json_builder_add_boolean_value (builder, ok);
  return builder;
}

static void
add_text (JsonBuilder *builder, const char *name, const char *text) {
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text);
}

static void
add_number (JsonBuilder *builder, const char *name, uint64_t number) {
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64)number);
}

static void
refuse (Door *door, const char *sentence) {
  JsonBuilder *builder = begin (false);
  add_text (builder, "error", sentence);
  answer (door, builder);
}

/* A sentence for what the store said; name: whom it was about. */
static void
refuse_by_store (Door *door, const AhoyStoreJob *job, const char *name) {
  g_autofree char *sentence = NULL;
  switch (job->status) {
  case AHOY_STORE_UNKNOWN:
    sentence = g_strdup_printf ("There is no account %s.", name);
    break;
  case AHOY_STORE_TAKEN:
    sentence = g_strdup_printf ("There is an account %s already.", name);
    break;
  default:
    sentence = g_strdup (job->error[0] != '\0' ? job->error : "That was refused.");
    break;
  }
  refuse (door, sentence);
}

/* ---- Commands that need the store ---- */

static void
on_list (AppServer *server, AhoyStoreJob *job, void *user) {
  Door *door = user;
  (void)server;
  if (is_gone (door)) {
    return;
  }
  if (job->status != AHOY_STORE_OK) {
    refuse_by_store (door, job, "");
    return;
  }
  JsonBuilder *builder = begin (true);
  json_builder_set_member_name (builder, "accounts");
  json_builder_begin_array (builder);
  for (size_t i = 0; i < job->account_count; i++) {
    const AhoyAccountRecord *account = &job->accounts[i];
    char key[AHOY_KEY_TEXT_SIZE];
    ahoy_key_format (&account->identity, key);
    json_builder_begin_object (builder);
    add_text (builder, "name", account->user);
    add_text (builder, "displayName", account->display_name);
    add_text (builder, "key", key);
    json_builder_set_member_name (builder, "disabled");
    json_builder_add_boolean_value (builder, account->disabled);
    add_number (builder, "devices", account->devices);
    add_number (builder, "created", (uint64_t)account->created_ms);
    add_number (builder, "seen", (uint64_t)account->seen_ms);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  answer (door, builder);
}

static void
command_list (Door *door, const char *name) {
  (void)name;
  app_server_ask_store (door->control->server,
                        ahoy_store_job_new (AHOY_STORE_ACCOUNT_LIST, app_clock_wall_ms ()), on_list,
                        door);
}

static void
on_disabled (AppServer *server, AhoyStoreJob *job, void *user) {
  Door *door = user;
  if (is_gone (door)) {
    return;
  }
  if (job->status != AHOY_STORE_OK) {
    refuse_by_store (door, job, job->user);
    return;
  }
  if (job->disabled) {
    ahoy_rendezvous_expel (app_server_rendezvous (server), job->user, app_clock_now_us ());
    app_server_touch (server);
  }
  answer (door, begin (true));
}

static void
set_disabled (Door *door, const char *name, bool disabled) {
  AhoyStoreJob *job = ahoy_store_job_new (AHOY_STORE_ACCOUNT_DISABLE, app_clock_wall_ms ());
  g_strlcpy (job->user, name, sizeof job->user);
  job->disabled = disabled;
  app_server_ask_store (door->control->server, job, on_disabled, door);
}

static void
command_disable (Door *door, const char *name) {
  set_disabled (door, name, true);
}

static void
command_enable (Door *door, const char *name) {
  set_disabled (door, name, false);
}

static void
on_invited (AppServer *server, AhoyStoreJob *job, void *user) {
  Door *door = user;
  if (is_gone (door)) {
    return;
  }
  if (job->status != AHOY_STORE_OK) {
    refuse_by_store (door, job, job->other);
    return;
  }
  char token[AHOY_INVITE_TOKEN_TEXT_SIZE];
  ahoy_invite_token_format (door->token, token);
  g_autofree char *link = app_server_invite_link (server, door->token, INVITE_LIFE_MS);
  JsonBuilder *builder = begin (true);
  add_text (builder, "link", link);
  add_text (builder, "token", token);
  add_text (builder, "name", job->other);
  add_number (builder, "until", (uint64_t)job->until_ms);
  answer (door, builder);
}

/* Whoever has the link may make one account: of that name, or of any when name is "". */
static void
command_invite (Door *door, const char *name) {
  const RtmfpRng rng = app_clock_rng ();
  rtmfp_rng_fill (&rng, door->token, sizeof door->token);
  AhoyStoreJob *job = ahoy_store_job_new (AHOY_STORE_INVITE_MAKE, app_clock_wall_ms ());
  ahoy_store_token_hash (door->token, job->token_hash);
  g_strlcpy (job->other, name, sizeof job->other);
  job->until_ms = job->now_ms + INVITE_LIFE_MS;
  app_server_ask_store (door->control->server, job, on_invited, door);
}

/* ---- Commands that need the rendezvous ---- */

static void
command_who (Door *door, const char *name) {
  (void)name;
  const int64_t now_us = app_clock_now_us ();
  JsonBuilder *builder = begin (true);
  json_builder_set_member_name (builder, "connected");
  json_builder_begin_array (builder);
  AhoyVisitorInfo info;
  RtmfpId cursor = 0;
  while (ahoy_rendezvous_next_visitor (app_server_rendezvous (door->control->server), &cursor,
                                       &info)) {
    char address[RTMFP_ADDRESS_TEXT_SIZE];
    rtmfp_address_format (&info.address, address);
    json_builder_begin_object (builder);
    add_text (builder, "name", info.user);
    add_text (builder, "device", info.label);
    add_text (builder, "address", address);
    add_text (builder, "presence", info.user[0] == '\0' ? "" : ahoy_presence_text (info.presence));
    add_number (builder, "seconds", (uint64_t)((now_us - info.since_us) / 1000000));
    add_number (builder, "roundTripUs", (uint64_t)info.srtt_us);
    add_number (builder, "bytesSent", info.bytes_sent);
    add_number (builder, "bytesReceived", info.bytes_received);
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  answer (door, builder);
}

static void
command_counters (Door *door, const char *name) {
  (void)name;
  JsonBuilder *builder = begin (true);
  app_control_add_counters (builder, door->control->server);
  answer (door, builder);
}

static void
command_address (Door *door, const char *name) {
  (void)name;
  g_autofree char *link = app_server_link (door->control->server);
  JsonBuilder *builder = begin (true);
  add_text (builder, "link", link);
  add_number (builder, "port", app_server_port (door->control->server));
  answer (door, builder);
}

/* ---- Lines ---- */

static const struct {
  const char *name;
  void (*run) (Door *door, const char *name);
  enum { NO_NAME, MAY_NAME, MUST_NAME } naming;
} commands[] = {
    {"list", command_list, NO_NAME},         {"add", command_invite, MUST_NAME},
    {"invite", command_invite, MAY_NAME},    {"disable", command_disable, MUST_NAME},
    {"enable", command_enable, MUST_NAME},   {"who", command_who, NO_NAME},
    {"counters", command_counters, NO_NAME}, {"address", command_address, NO_NAME},
};

static const char *
member_text (JsonObject *object, const char *name) {
  JsonNode *node = json_object_get_member (object, name);
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) &&
                 json_node_get_value_type (node) == G_TYPE_STRING
             ? json_node_get_string (node)
             : "";
}

static void
run_line (Door *door, const char *line) {
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonNode *root =
      json_parser_load_from_data (parser, line, -1, NULL) ? json_parser_get_root (parser) : NULL;
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)) {
    refuse (door, "That is no JSON object.");
    return;
  }
  const char *command = member_text (json_node_get_object (root), "command");
  const char *name = member_text (json_node_get_object (root), "name");
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++) {
    if (strcmp (commands[i].name, command) != 0) {
      continue;
    }
    const bool needs_rule =
        commands[i].naming == MUST_NAME || (commands[i].naming == MAY_NAME && name[0] != '\0');
    if (needs_rule && !ahoy_name_is_user (name)) {
      refuse (door, ahoy_name_rule ());
      return;
    }
    commands[i].run (door, name);
    return;
  }
  refuse (door, "There is no such command.");
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer data) {
  Door *door = data;
  g_autofree char *line =
      g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (source), result, NULL, NULL);
  if (line == NULL || door->control == NULL) {
    door_free (door);
    return;
  }
  run_line (door, line);
}

static void
read_line (Door *door) {
  g_data_input_stream_read_line_async (door->input, G_PRIORITY_DEFAULT, NULL, on_line, door);
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source,
             gpointer data) {
  AppControl *control = data;
  (void)service;
  (void)source;
  Door *door = g_new0 (Door, 1);
  door->control = control;
  door->connection = g_object_ref (connection);
  door->input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  control->doors = g_list_prepend (control->doors, door);
  read_line (door);
  return TRUE;
}

/* ---- Life ---- */

/* Binds by way of the folder's descriptor: a socket's own path may be only 107 octets long. */
static gboolean
listen_in (AppControl *control, const char *folder, GError **error) {
  const int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d/control", fd);
  (void)g_unlink (control->path); /* of an ahoyd that was killed; the folder is locked */
  const mode_t mask = umask (0177);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GError) why = NULL;
  const gboolean listens =
      fd >= 0 && g_socket_listener_add_address (G_SOCKET_LISTENER (control->service), address,
                                                G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                                                NULL, NULL, &why);
  umask (mask);
  if (fd >= 0) {
    close (fd);
  }
  if (!listens) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s cannot be made: %s.", control->path,
                 why != NULL ? why->message : g_strerror (errno));
  }
  return listens;
}

AppControl *
app_control_new (AppServer *server, const char *folder, GError **error) {
  AppControl *control = g_new0 (AppControl, 1);
  control->server = server;
  control->path = g_build_filename (folder, "control", NULL);
  control->service = g_socket_service_new ();
  if (!listen_in (control, folder, error)) {
    g_object_unref (control->service);
    g_free (control->path);
    g_free (control);
    return NULL;
  }
  g_signal_connect (control->service, "incoming", G_CALLBACK (on_incoming), control);
  g_socket_service_start (control->service);
  return control;
}

void
app_control_free (AppControl *control) {
  g_socket_service_stop (control->service);
  g_socket_listener_close (G_SOCKET_LISTENER (control->service));
  g_object_unref (control->service);
  for (GList *link = control->doors; link != NULL; link = link->next) {
    Door *door = link->data;
    door->control = NULL;
  }
  g_list_free (control->doors);
  (void)g_unlink (control->path);
  g_free (control->path);
  g_free (control);
}

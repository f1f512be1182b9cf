/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ahoyctl: an operator's questions to a running ahoyd, by the socket in its data folder. */
#include "app/ctl/table.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <json-glib/json-glib.h>
#include <locale.h>
#include <string.h>
#include <unistd.h>

static const char summary[] =
    "Commands:\n"
    "  list           all accounts\n"
    "  add NAME       keep NAME free for somebody, and print the invite for it\n"
    "  invite [NAME]  print an invite to make one account (of that name)\n"
    "  disable NAME   the account can no longer sign in; its sessions end\n"
    "  enable NAME    it can again\n"
    "  who            who is connected\n"
    "  counters       what the server has done since it started\n"
    "  address        the link with the server's name and key";

/* The answer's line (owned), or NULL with error. */
static char *
ask (const char *folder, const char *line, GError **error) {
  /* By way of the folder's descriptor: a socket's own path may be only 107 octets long. */
  const int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d/control", fd);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection =
      fd < 0 ? NULL : g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);
  if (fd >= 0) {
    close (fd);
  }
  if (connection == NULL) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                 "No ahoyd that you may ask serves from %s. Start it, or give its folder with "
                 "--data.",
                 folder);
    return NULL;
  }
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (connection));
  g_autoptr (GDataInputStream) input =
      g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  if (!g_output_stream_write_all (output, line, strlen (line), NULL, NULL, error)) {
    return NULL;
  }
  char *answer = g_data_input_stream_read_line_utf8 (input, NULL, NULL, error);
  if (answer == NULL && (error == NULL || *error == NULL)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "ahoyd stopped before it answered.");
  }
  return answer;
}

static char *
make_line (const char *command, const char *name) {
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "command");
  json_builder_add_string_value (builder, command);
  if (name != NULL) {
    json_builder_set_member_name (builder, "name");
    json_builder_add_string_value (builder, name);
  }
  json_builder_end_object (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = json_to_string (root, FALSE);
  return g_strconcat (text, "\n", NULL);
}

/* Returns: the exit status. */
static int
show (const char *command, const char *answer, gboolean as_json) {
  g_autoptr (JsonParser) parser = json_parser_new ();
  if (!json_parser_load_from_data (parser, answer, -1, NULL) ||
      !JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser))) {
    g_printerr ("ahoyctl: ahoyd answered what is no JSON object.\n");
    return 1;
  }
  JsonObject *object = json_node_get_object (json_parser_get_root (parser));
  const gboolean ok = json_object_get_boolean_member_with_default (object, "ok", FALSE);
  if (as_json) {
    g_print ("%s\n", answer);
  } else if (!ok) {
    g_printerr ("ahoyctl: %s\n",
                json_object_get_string_member_with_default (object, "error", "It was refused."));
  } else {
    app_ctl_print (command, object);
  }
  return ok ? 0 : 1;
}

int
main (int argc, char **argv) {
  g_autofree char *folder = NULL;
  gboolean as_json = FALSE;
  const GOptionEntry entries[] = {
      {"data", 'd', 0, G_OPTION_ARG_FILENAME, &folder, "Data folder of the ahoyd that is asked",
       "DIR"},
      {"json", 'j', 0, G_OPTION_ARG_NONE, &as_json, "Print the answer as one line of JSON", NULL},
      G_OPTION_ENTRY_NULL,
  };
  setlocale (LC_ALL, "");
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context = g_option_context_new ("COMMAND [NAME]");
  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("ahoyctl: %s\n", error->message);
    return 2;
  }
  if (argc < 2 || argc > 3) {
    g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);
    g_printerr ("%s", help);
    return 2;
  }
  if (folder == NULL) {
    folder = g_build_filename (g_get_user_data_dir (), "ahoyd", NULL);
  }
  g_autofree char *line = make_line (argv[1], argc == 3 ? argv[2] : NULL);
  g_autofree char *answer = ask (folder, line, &error);
  if (answer == NULL) {
    g_printerr ("ahoyctl: %s\n", error->message);
    return 1;
  }
  return show (argv[1], answer, as_json);
}

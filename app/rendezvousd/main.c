/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ahoyd: the rendezvous as a program. Reads its command line, serves until it is told to stop. */
#include "app/rendezvousd/certificate.h"
#include "app/rendezvousd/server.h"
#include "core/wire/params.h"

#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <string.h>

typedef struct {
  char *folder;
  char *host;
  char **aliases;
  char *address;
  int port;
  gboolean open_registration;
  gboolean print_address;
  char **relays;
  char *relay_secret;
  int relay_tls;
  char *relay_certificate;
  double relay_hours;
  int grace_s;
  int plain_port; /* -1 = no plain clients */
  char **plain_apps;
  int plain_keepalive_s;
  gboolean plain_requires_hmac;
  char **send_to, **plain_send_to;
  int send_from;
  char *capture;
  gboolean capture_keys;
} Options;

static gboolean
parse_command_line (Options *options, int *argc, char ***argv, GError **error) {
  const GOptionEntry entries[] = {
      {"data", 'd', 0, G_OPTION_ARG_FILENAME, &options->folder,
       "Folder for accounts, messages and keys", "DIR"},
      {"host", 'H', 0, G_OPTION_ARG_STRING, &options->host,
       "The name that people write behind the @ (this machine's)", "HOST[:PORT]"},
      {"alias", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->aliases,
       "Another name of this server; may be given more than once", "HOST[:PORT]"},
      {"port", 'p', 0, G_OPTION_ARG_INT, &options->port, "UDP port (1935)", "PORT"},
      {"address", 'a', 0, G_OPTION_ARG_STRING, &options->address,
       "Listen on this numeric address only", "ADDRESS"},
      {"open-registration", 0, 0, G_OPTION_ARG_NONE, &options->open_registration,
       "Anybody may make an account, without an invite", NULL},
      {"relay", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->relays,
       "A TURN server for people whose networks let nothing through; up to four", "HOST[:PORT]"},
      {"relay-secret-file", 0, 0, G_OPTION_ARG_FILENAME, &options->relay_secret,
       "File with the secret that the relays share (coturn's static-auth-secret)", "FILE"},
      {"relay-tls", 0, 0, G_OPTION_ARG_INT, &options->relay_tls,
       "The TCP port at which the relays speak TLS, for networks that let nothing else out",
       "PORT"},
      {"relay-certificate", 0, 0, G_OPTION_ARG_FILENAME, &options->relay_certificate,
       "Their certificate (PEM), where no authority signed it: programs are told its key", "FILE"},
      {"relay-hours", 0, 0, G_OPTION_ARG_DOUBLE, &options->relay_hours,
       "How long one person's access to the relays is good (72; 0.01 or more)", "HOURS"},
      {"grace", 0, 0, G_OPTION_ARG_INT, &options->grace_s,
       "How long calls and direct sessions may outlive this server (600; 1 to 86400)", "SECONDS"},
      {"print-address", 0, 0, G_OPTION_ARG_NONE, &options->print_address,
       "Print the link with this server's name and key on standard output once it serves", NULL},
      {"plain-port", 0, 0, G_OPTION_ARG_INT, &options->plain_port,
       "Serve plain RTMFP clients too, on this UDP port of their own", "PORT"},
      {"plain-app", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->plain_apps,
       "An application that they may connect to (live); may be given more than once", "NAME"},
      {"plain-keepalive", 0, 0, G_OPTION_ARG_INT, &options->plain_keepalive_s,
       "How often silent ones are asked whether they are there, and may ask one another (30)",
       "SECONDS"},
      {"plain-require-hmac", 0, 0, G_OPTION_ARG_NONE, &options->plain_requires_hmac,
       "Refuse those that have no HMAC and session sequence numbers", NULL},
      {"send-to", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->send_to,
       "Another server with the same accounts and key, to which programs are sent; up to 16",
       "ADDRESS:PORT"},
      {"plain-send-to", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options->plain_send_to,
       "The same for plain RTMFP clients", "ADDRESS:PORT"},
      {"send-from", 0, 0, G_OPTION_ARG_INT, &options->send_from,
       "Send them there only while so many sessions are open here (0: always)", "SESSIONS"},
      {"capture", 0, 0, G_OPTION_ARG_FILENAME, &options->capture,
       "Write what happens in all sessions, as JSON lines", "FILE"},
      {"capture-keys", 0, 0, G_OPTION_ARG_NONE, &options->capture_keys,
       "With the keys of each session: who has the file reads what was said", NULL},
      G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_option_context_set_summary (context, "The rendezvous server of Ahoy.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error)) {
    return FALSE;
  }
  if (*argc > 1) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "Unknown argument “%s”.",
                 (*argv)[1]);
    return FALSE;
  }
  const gboolean is_plain = options->plain_port >= 0;
  const int ports[] = {options->port, is_plain ? options->plain_port : 0};
  for (gsize i = 0; i < G_N_ELEMENTS (ports); i++) {
    if (ports[i] < 0 || ports[i] > 65535) {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%d is no UDP port.", ports[i]);
      return FALSE;
    }
  }
  return TRUE;
}

/* A name of the server; without a port of its own it has that of the socket. */
static gboolean
parse_host (const char *text, int port, AhoyName *name, GError **error) {
  if (ahoy_name_parse_host (text, name) != RTMFP_OK) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "“%s” is no host name. Give one with --host.", text);
    return FALSE;
  }
  char plain[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format_host (name, plain);
  g_autofree char *with_default = g_strdup_printf ("%s:%d", plain, AHOY_PORT_DEFAULT);
  const gboolean says_port =
      name->port != AHOY_PORT_DEFAULT || g_ascii_strcasecmp (text, with_default) == 0;
  if (!says_port) {
    name->port = (uint16_t)port;
  }
  return TRUE;
}

static gboolean
parse_hosts (const Options *options, GArray *hosts, GError **error) {
  AhoyName name;
  const char *own = options->host != NULL ? options->host : g_get_host_name ();
  if (!parse_host (own, options->port, &name, error)) {
    return FALSE;
  }
  g_array_append_val (hosts, name);
  for (char **alias = options->aliases; alias != NULL && *alias != NULL; alias++) {
    if (hosts->len == AHOY_SERVER_HOSTS_MAX) {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "A server can have %d names at most.", AHOY_SERVER_HOSTS_MAX);
      return FALSE;
    }
    if (!parse_host (*alias, options->port, &name, error)) {
      return FALSE;
    }
    g_array_append_val (hosts, name);
  }
  return TRUE;
}

static void
on_stopped (void *user) {
  app_server_quit (user);
}

static gboolean
on_signal (gpointer data) {
  app_server_stop (data, on_stopped, data);
  return G_SOURCE_CONTINUE;
}

/* Addresses of other servers. Returns: whether all are good. */
static gboolean
parse_elsewhere (char **texts, int from, GArray *addresses, RtmfpElsewhere *elsewhere,
                 GError **error) {
  for (char **text = texts; text != NULL && *text != NULL; text++) {
    RtmfpAddress address;
    if (rtmfp_address_parse (*text, &address) != RTMFP_OK || address.port == 0 ||
        addresses->len == RTMFP_REDIRECT_ADDRESSES_MAX) {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "“%s” is not one of up to %d other servers, numeric ADDRESS:PORT each.", *text,
                   RTMFP_REDIRECT_ADDRESSES_MAX);
      return FALSE;
    }
    g_array_append_val (addresses, address);
  }
  *elsewhere = (RtmfpElsewhere){.addresses = (const RtmfpAddress *)(const void *)addresses->data,
                                .count = addresses->len,
                                .from_sessions = (size_t)MAX (from, 0)};
  return TRUE;
}

static const char *
fault_of_relay (const Options *options) {
  if (options->relay_secret == NULL) {
    return "--relay needs --relay-secret-file.";
  }
  if (options->relay_hours != 0 &&
      !(options->relay_hours >= 0.01 && options->relay_hours <= 8760)) {
    return "--relay-hours is 0.01 to 8760.";
  }
  if (options->relay_tls < 0 || options->relay_tls > 65535) {
    return "--relay-tls is no TCP port.";
  }
  return options->relay_certificate != NULL && options->relay_tls == 0
             ? "--relay-certificate needs --relay-tls."
             : NULL;
}

/* The secret is the file's first line. Returns: (owned), "" where there is no relay, or NULL. */
static char *
read_relay (const Options *options, GError **error) {
  g_autofree char *text = NULL;
  if (options->relays == NULL) {
    return g_strdup ("");
  }
  g_autofree char *servers = g_strjoinv (" ", options->relays);
  if (!ahoy_relay_servers_are_good (servers)) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "“%s” is not one to four relays, HOST or HOST:PORT each.", servers);
    return NULL;
  }
  const char *fault = fault_of_relay (options);
  if (fault != NULL) {
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, fault);
    return NULL;
  }
  if (!g_file_get_contents (options->relay_secret, &text, NULL, error)) {
    return NULL;
  }
  text[strcspn (text, "\r\n")] = '\0';
  if (text[0] == '\0' || strlen (text) > AHOY_RELAY_SECRET_BYTES_MAX) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                 "%s holds no secret: one line of 1 to %d characters.", options->relay_secret,
                 AHOY_RELAY_SECRET_BYTES_MAX);
    return NULL;
  }
  return g_steal_pointer (&text);
}

static AppServer *
start (Options *options, GError **error) {
  g_autoptr (GArray) hosts = g_array_new (FALSE, FALSE, sizeof (AhoyName));
  if (options->grace_s < 0 || options->grace_s > 86400) {
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "--grace is 1 to 86400.");
    return NULL;
  }
  if (!parse_hosts (options, hosts, error)) {
    return NULL;
  }
  g_autofree char *secret = read_relay (options, error);
  g_autofree char *relays =
      options->relays != NULL ? g_strjoinv (" ", options->relays) : g_strdup ("");
  char key[AHOY_RELAY_KEY_SIZE] = "";
  if (secret == NULL || (options->relay_certificate != NULL &&
                         !app_certificate_read_key (options->relay_certificate, key, error))) {
    return NULL;
  }
  g_autoptr (GArray) others = g_array_new (FALSE, FALSE, sizeof (RtmfpAddress));
  g_autoptr (GArray) plain_others = g_array_new (FALSE, FALSE, sizeof (RtmfpAddress));
  RtmfpElsewhere elsewhere, plain_elsewhere;
  if (!parse_elsewhere (options->send_to, options->send_from, others, &elsewhere, error) ||
      !parse_elsewhere (options->plain_send_to, options->send_from, plain_others, &plain_elsewhere,
                        error)) {
    return NULL;
  }
  if (options->folder == NULL) {
    options->folder = g_build_filename (g_get_user_data_dir (), "ahoyd", NULL);
  }
  static const char *const live[] = {"live", NULL};
  const AppPlainConfig plain = {
      .address = options->address,
      .port = (uint16_t)options->plain_port,
      .apps = options->plain_apps != NULL ? (const char *const *)options->plain_apps : live,
      .keepalive_s = (unsigned)MAX (options->plain_keepalive_s, 0),
      .requires_hmac = options->plain_requires_hmac,
      .elsewhere = plain_elsewhere,
  };
  const AppServerConfig config = {
      .plain = options->plain_port >= 0 ? &plain : NULL,
      .folder = options->folder,
      .hosts = (const AhoyName *)(const void *)hosts->data,
      .host_count = hosts->len,
      .address = options->address,
      .port = (uint16_t)options->port,
      .open_registration = options->open_registration,
      .relays = relays,
      .relay_secret = secret,
      .relay_tls_port = (uint16_t)options->relay_tls,
      .relay_tls_key = key,
      .relay_seconds = (int64_t)(options->relay_hours * 3600),
      .grace_seconds = options->grace_s,
      .elsewhere = elsewhere,
      .capture = options->capture,
      .capture_keys = options->capture_keys,
  };
  return app_server_new (&config, error);
}

static void
serve (AppServer *server, gboolean print_address) {
  const guint term = g_unix_signal_add (SIGTERM, on_signal, server);
  const guint interrupt = g_unix_signal_add (SIGINT, on_signal, server);
  g_autofree char *link = app_server_link (server);
  g_printerr ("ahoyd: serving on UDP port %u as %s\n", app_server_port (server), link);
  if (app_server_plain (server) != NULL) {
    g_printerr ("ahoyd: plain RTMFP clients on UDP port %u\n",
                app_plain_port (app_server_plain (server)));
  }
  if (print_address) {
    g_print ("%s\n", link);
  }
  app_server_run (server);
  g_source_remove (term);
  g_source_remove (interrupt);
  g_printerr ("ahoyd: stopped\n");
}

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "");
  (void)signal (SIGPIPE, SIG_IGN);
  (void)signal (SIGXFSZ, SIG_IGN); /* a file size limit is then told as a full disk is */
  Options options = {.port = AHOY_PORT_DEFAULT, .plain_port = -1, .plain_keepalive_s = 30};
  g_autoptr (GError) error = NULL;
  AppServer *server = NULL;
  if (parse_command_line (&options, &argc, &argv, &error)) {
    server = start (&options, &error);
  }
  if (server != NULL) {
    serve (server, options.print_address);
    app_server_free (server);
  } else {
    g_printerr ("ahoyd: %s\n", error->message);
  }
  g_free (options.folder);
  g_free (options.host);
  g_strfreev (options.aliases);
  g_strfreev (options.relays);
  g_strfreev (options.send_to);
  g_strfreev (options.plain_send_to);
  g_free (options.relay_secret);
  g_free (options.relay_certificate);
  g_strfreev (options.plain_apps);
  g_free (options.address);
  g_free (options.capture);
  return server != NULL ? 0 : 1;
}

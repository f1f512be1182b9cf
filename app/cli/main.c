/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ahoy-cli: the whole client without a window. Commands from arguments or standard input, events as
 * JSON lines. */
#include "app/cli/json-lines.h"
#include "app/cli/outcome.h"
#include "app/cli/teller.h"
#include "app/client/client.h"
#include "app/client/net-test.h"
#include "core/account/invite.h"

#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  AppClient *client;  /* (owned) */
  UiIntents *intents; /* (borrowed) the client */
  UiSession *session; /* (borrowed) */
  GMainLoop *loop;    /* (owned) */
  GIOChannel *input;  /* (owned) NULL with a command by arguments */
  guint figures;      /* source */
  gboolean done;      /* with once: it was answered */
  gboolean once;      /* one command by arguments: end after its answer */
  char **command;     /* (borrowed) it waits until we are signed in */
  int status;
  /* options */
  char *data, *camera, *microphone, *speaker, *record, *answer, *password_file, *invite, *capture;
  gboolean always_relay, address_after_accept, capture_keys;
  int figures_ms, patience_s;
} Cli;

typedef struct {
  const char *name;
  int least, most; /* arguments */
  gboolean needs_account;
  void (*run) (Cli *cli, char **args);
  const char *help;
} Command;

/* ---- Answers ---- */

static void
finish (Cli *cli, const char *command, GError *error) {
  json_line ("answer", "s", "command", command, "b", "ok", error == NULL, "s", "error",
             error != NULL ? error->message : NULL, NULL);
  cli->status = error != NULL ? 1 : 0;
  g_clear_error (&error);
  if (cli->once) {
    cli->done = TRUE;
    g_main_loop_quit (cli->loop);
  }
}

static Cli *the_cli;

static void
on_answer (GObject *source, GAsyncResult *result, gpointer command) {
  GError *error = NULL;
  ui_intents_finish (UI_INTENTS (source), result, &error);
  finish (the_cli, command, error);
}

static void
on_invite (GObject *source, GAsyncResult *result, gpointer command) {
  GError *error = NULL;
  g_autofree char *link = ui_intents_finish_invite (UI_INTENTS (source), result, &error);
  if (link != NULL) {
    json_line ("invite", "s", "link", link, NULL);
  }
  finish (the_cli, command, error);
}

static void
fail (Cli *cli, const char *command, const char *sentence) {
  finish (cli, command, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, sentence));
}

static void
on_outcome (gpointer command, GError *error) {
  finish (the_cli, command, error);
}

/* A command by arguments is answered when its effect has come back, one from standard input at
 * once: there the events tell. object: (borrowed). most_us: 0 = as long as it takes. */
static void
answer_when (Cli *cli, const char *command, gpointer object, OutcomeTest is_settled,
             gint64 most_us) {
  if (cli->once) {
    outcome_await (cli->session, object, is_settled, most_us, on_outcome, (gpointer)command);
  } else {
    finish (cli, command, NULL);
  }
}

static UiContact *
contact_of (Cli *cli, const char *command, const char *address) {
  UiContact *contact = ui_session_find_contact (cli->session, address);
  if (contact == NULL) {
    fail (cli, command, "There is no such contact.");
  }
  return contact;
}

static UiCall *
call_of (Cli *cli, const char *command) {
  UiCall *call = ui_session_get_call (cli->session);
  if (call == NULL || ui_call_get_state (call) == UI_CALL_ENDED) {
    fail (cli, command, "There is no call.");
    return NULL;
  }
  return call;
}

/* ---- Commands ---- */

static char *
read_password (Cli *cli, const char *command) {
  g_autofree char *text = NULL;
  const char *from_environment = g_getenv ("AHOY_PASSWORD");
  GError *error = NULL;
  if (from_environment != NULL) {
    return g_strdup (from_environment);
  }
  if (cli->password_file == NULL) {
    fail (cli, command, "Give the password by --password-file or in AHOY_PASSWORD.");
  } else if (!g_file_get_contents (cli->password_file, &text, NULL, &error)) {
    finish (cli, command, error);
  } else {
    text[strcspn (text, "\r\n")] = '\0';
  }
  return g_steal_pointer (&text);
}

static void
run_create (Cli *cli, char **args) {
  g_autofree char *password = read_password (cli, "create");
  if (password != NULL) {
    ui_intents_create_account_async (cli->intents, args[0], password, cli->invite, NULL, on_answer,
                                     (gpointer) "create");
  }
}

static void
run_sign_in (Cli *cli, char **args) {
  g_autofree char *password = read_password (cli, "sign-in");
  if (password != NULL) {
    ui_intents_sign_in_async (cli->intents, args[0], password, NULL, on_answer,
                              (gpointer) "sign-in");
  }
}

static void
run_serve (Cli *cli, char **args) {
  g_autofree char *password = read_password (cli, "serve");
  if (password != NULL) {
    ui_intents_serve_async (cli->intents, args[0], password, NULL, on_answer, (gpointer) "serve");
  }
}

static void
run_sign_out (Cli *cli, char **args) {
  (void)args;
  ui_intents_sign_out (cli->intents);
  finish (cli, "sign-out", NULL);
}

static void
run_list (Cli *cli, char **args) {
  (void)args;
  teller_list (cli->session);
  finish (cli, "list", NULL);
}

static void
run_invite (Cli *cli, char **args) {
  (void)args;
  ui_intents_make_invite_async (cli->intents, NULL, on_invite, (gpointer) "invite");
}

static void
run_redeem (Cli *cli, char **args) {
  ui_intents_redeem_invite_async (cli->intents, args[0], NULL, on_answer, (gpointer) "redeem");
}

static void
run_request (Cli *cli, char **args) {
  ui_intents_add_contact_async (cli->intents, args[0], NULL, on_answer, (gpointer) "request");
}

static void
with_contact (Cli *cli, const char *command, const char *address,
              void (*act) (UiIntents *intents, UiContact *contact), OutcomeTest is_settled) {
  UiContact *contact = contact_of (cli, command, address);
  if (contact != NULL) {
    g_autoptr (UiContact) held = g_object_ref (contact); /* the list may give it up meanwhile */
    act (cli->intents, contact);
    answer_when (cli, command, held, is_settled, OUTCOME_MOST_US);
  }
}

static void
run_accept (Cli *cli, char **args) {
  with_contact (cli, "accept", args[0], ui_intents_accept_contact, outcome_is_friend);
}

static void
run_refuse (Cli *cli, char **args) {
  with_contact (cli, "refuse", args[0], ui_intents_decline_contact, outcome_is_gone);
}

static void
run_remove (Cli *cli, char **args) {
  with_contact (cli, "remove", args[0], ui_intents_remove_contact, outcome_is_gone);
}

static void
run_block (Cli *cli, char **args) {
  UiContact *contact = contact_of (cli, "block", args[0]);
  if (contact != NULL) {
    ui_intents_set_blocked (cli->intents, contact, TRUE);
    answer_when (cli, "block", contact, outcome_is_blocked, OUTCOME_MOST_US);
  }
}

static void
run_unblock (Cli *cli, char **args) {
  UiContact *contact = contact_of (cli, "unblock", args[0]);
  if (contact != NULL) {
    ui_intents_set_blocked (cli->intents, contact, FALSE);
    answer_when (cli, "unblock", contact, outcome_is_gone, OUTCOME_MOST_US);
  }
}

static void
run_send (Cli *cli, char **args) {
  UiContact *contact = contact_of (cli, "send", args[0]);
  if (contact != NULL) {
    g_autofree char *text = g_strjoinv (" ", args + 1);
    ui_intents_send_message (cli->intents, contact, text);
    answer_when (cli, "send", ui_contact_get_conversation (contact), outcome_is_sent,
                 OUTCOME_MOST_US);
  }
}

static void
run_type (Cli *cli, char **args) {
  UiContact *contact = contact_of (cli, "type", args[0]);
  if (contact != NULL) {
    ui_intents_type_message (cli->intents, contact);
    finish (cli, "type", NULL);
  }
}

static void
run_call (Cli *cli, char **args) {
  UiContact *contact = contact_of (cli, "call", args[0]);
  if (contact != NULL) {
    ui_intents_start_call (cli->intents, contact, g_strcmp0 (args[1], "audio") != 0);
    answer_when (cli, "call", cli->session, outcome_is_over, 0);
  }
}

static void
run_answer (Cli *cli, char **args) {
  UiCall *call = call_of (cli, "answer");
  if (call != NULL) {
    ui_intents_accept_call (cli->intents, call, g_strcmp0 (args[0], "audio") != 0);
    finish (cli, "answer", NULL);
  }
}

static void
run_decline (Cli *cli, char **args) {
  (void)args;
  UiCall *call = call_of (cli, "decline");
  if (call != NULL) {
    ui_intents_decline_call (cli->intents, call);
    finish (cli, "decline", NULL);
  }
}

static void
run_hang_up (Cli *cli, char **args) {
  (void)args;
  UiCall *call = call_of (cli, "hang-up");
  if (call != NULL) {
    ui_intents_hang_up (cli->intents, call);
    finish (cli, "hang-up", NULL);
  }
}

static void
run_mute (Cli *cli, char **args) {
  UiCall *call = call_of (cli, "mute");
  if (call != NULL) {
    ui_intents_set_muted (cli->intents, call, g_strcmp0 (args[0], "off") != 0);
    finish (cli, "mute", NULL);
  }
}

static void
run_camera (Cli *cli, char **args) {
  UiCall *call = call_of (cli, "camera");
  if (call != NULL) {
    ui_intents_set_camera (cli->intents, call, g_strcmp0 (args[0], "off") != 0);
    finish (cli, "camera", NULL);
  }
}

static void
run_quit (Cli *cli, char **args) {
  (void)args;
  g_main_loop_quit (cli->loop);
}

static void run_help (Cli *cli, char **args);

/* What this network lets through; an answer even where the server cannot be reached. */
static void
run_net_test (Cli *cli, char **args) {
  AppNetTestConfig config = {.relay = {.servers = ""}};
  AhoyInvite link;
  if (args[0] != NULL && ahoy_invite_parse (args[0], &link) == RTMFP_OK) {
    config = (AppNetTestConfig){.server = link.name, .relay = link.relay};
  } else if (args[0] != NULL && ahoy_name_parse_host (args[0], &config.server) != RTMFP_OK) {
    fail (cli, "net-test", "That is no server's name and no link.");
    return;
  } else if (args[0] == NULL &&
             !app_client_get_server (cli->client, &config.server, &config.relay)) {
    fail (cli, "net-test", "Nobody is signed in here: say which server.");
    return;
  }
  AppNetTestResult r;
  char seen[RTMFP_ADDRESS_TEXT_SIZE];
  app_net_test_run (&config, &r);
  rtmfp_address_format (&r.seen, seen);
  json_line ("net-test", "s", "server", config.server.host, "b", "reached", r.server_reached, "i",
             "roundTripUs", r.round_trip_us, "i", "roundTripMostUs", r.round_trip_most_us, "i",
             "pings", (gint64)r.pings, "i", "lost", (gint64)r.pings_lost, "b", "udpBlocked",
             r.udp_blocked, "b", "relayKnown", r.relay_known, "b", "relayByUdp", r.relay_udp, "b",
             "relayByTcp", r.relay_tcp, "b", "relayByTls", r.relay_tls, "s", "seenAs",
             r.seen.family != RTMFP_ADDRESS_NONE ? seen : NULL, "s", "nat",
             app_net_nat_word (r.nat), "s", "direct", app_net_direct_word (r.direct), "s",
             "sentence", app_net_test_sentence (&r), NULL);
  finish (cli, "net-test", NULL);
}

static const Command commands[] = {
    {"create", 1, 1, FALSE, run_create,
     "create NAME@SERVER      make an account (password: see --password-file)"},
    {"sign-in", 1, 1, FALSE, run_sign_in, "sign-in NAME@SERVER     sign in on this computer"},
    {"serve", 1, 1, FALSE, run_serve,
     "serve NAME              a server on this computer, as long as this runs, and its first "
     "account"},
    {"sign-out", 0, 0, FALSE, run_sign_out, "sign-out                forget the account here"},
    {"net-test", 0, 1, FALSE, run_net_test,
     "net-test [SERVER|LINK]  what this network lets through, and whether calls go straight"},
    {"list", 0, 0, TRUE, run_list, "list                    contacts"},
    {"invite", 0, 0, TRUE, run_invite, "invite                  make an invite link"},
    {"redeem", 1, 1, TRUE, run_redeem, "redeem LINK             use an invite link"},
    {"request", 1, 1, TRUE, run_request, "request NAME@SERVER     ask to be contacts"},
    {"accept", 1, 1, TRUE, run_accept, "accept NAME@SERVER      say yes to their request"},
    {"refuse", 1, 1, TRUE, run_refuse, "refuse NAME@SERVER      say no to it"},
    {"remove", 1, 1, TRUE, run_remove, "remove NAME@SERVER      no contact any more"},
    {"block", 1, 1, TRUE, run_block, "block NAME@SERVER       nothing of theirs reaches us"},
    {"unblock", 1, 1, TRUE, run_unblock, "unblock NAME@SERVER"},
    {"send", 2, 1000, TRUE, run_send, "send NAME@SERVER TEXT   a message"},
    {"type", 1, 1, TRUE, run_type,
     "type NAME@SERVER        tell them that a message is being written"},
    {"call", 1, 2, TRUE, run_call, "call NAME@SERVER [audio]"},
    {"answer", 0, 1, TRUE, run_answer, "answer [audio]          the call that rings"},
    {"decline", 0, 0, TRUE, run_decline, "decline                 it"},
    {"hang-up", 0, 0, TRUE, run_hang_up, "hang-up                 the call"},
    {"mute", 0, 1, TRUE, run_mute, "mute [off]"},
    {"camera", 1, 1, TRUE, run_camera, "camera on|off"},
    {"quit", 0, 0, FALSE, run_quit, "quit"},
    {"help", 0, 0, FALSE, run_help, "help"},
};

static void
run_help (Cli *cli, char **args) {
  (void)args;
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    fprintf (stderr, "  %s\n", commands[i].help);
  }
  finish (cli, "help", NULL);
}

static const Command *
find_command (const char *name) {
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    if (g_str_equal (commands[i].name, name)) {
      return &commands[i];
    }
  }
  return NULL;
}

static void
run_words (Cli *cli, char **words) {
  const Command *command = find_command (words[0]);
  const int count = (int)g_strv_length (words) - 1;
  if (command == NULL) {
    fail (cli, words[0], "There is no such command; \"help\" lists them.");
  } else if (count < command->least || count > command->most) {
    fail (cli, words[0], command->help);
  } else {
    command->run (cli, words + 1);
  }
}

/* ---- Where commands come from ---- */

static gboolean
on_input (GIOChannel *channel, GIOCondition condition, gpointer data) {
  (void)condition;
  Cli *cli = data;
  g_autofree char *line = NULL;
  gsize end;
  g_autoptr (GError) error = NULL;
  if (g_io_channel_read_line (channel, &line, NULL, &end, NULL) != G_IO_STATUS_NORMAL) {
    g_main_loop_quit (cli->loop);
    return G_SOURCE_REMOVE;
  }
  line[end] = '\0';
  g_auto (GStrv) words = NULL;
  if (*g_strstrip (line) == '\0') {
    return G_SOURCE_CONTINUE;
  }
  if (!g_shell_parse_argv (line, NULL, &words, &error)) {
    fail (cli, line, error->message);
  } else {
    run_words (cli, words);
  }
  return G_SOURCE_CONTINUE;
}

/* A command by arguments runs as soon as its account is signed in. */
static void
on_session_state (UiSession *session, GParamSpec *property, Cli *cli) {
  (void)property;
  if (cli->command == NULL) {
    return;
  }
  if (ui_session_get_state (session) == UI_SESSION_SIGNED_IN) {
    run_words (cli, g_steal_pointer (&cli->command));
  } else if (ui_session_get_state (session) == UI_SESSION_OFFLINE) {
    const char *sentence = ui_session_get_error (session);
    fail (cli, cli->command[0], sentence != NULL ? sentence : "The server does not answer.");
  }
}

/* ---- A call that answers itself, and its figures ---- */

static gboolean
tell_figures (gpointer data) {
  Cli *cli = data;
  AppCallFigures f;
  if (app_client_get_figures (cli->client, &f)) {
    json_line ("figures", "b", "direct", f.direct, "i", "roundTripUs", f.round_trip_us, "i",
               "bytesSent", (gint64)f.bytes_sent, "i", "bytesReceived", (gint64)f.bytes_received,
               "i", "framesSent", (gint64)f.frames_sent, "i", "framesDropped",
               (gint64)f.frames_dropped, "i", "framesReceived", (gint64)f.frames_received, "i",
               "audioPlayed", (gint64)f.audio_played, "i", "audioRecovered",
               (gint64)f.audio_recovered, "i", "audioConcealed", (gint64)f.audio_concealed, "i",
               "audioLate", (gint64)f.audio_late, "i", "videoShown", (gint64)f.video_shown, "i",
               "videoDropped", (gint64)f.video_dropped, "i", "freezes", (gint64)f.freezes, "i",
               "videoGapMs", (gint64)f.video_gap_ms, "i", "bufferMs", (gint64)f.buffer_ms, "i",
               "lipMs", (gint64)f.lip_ms, "i", "firstSoundMs", f.first_sound_us / 1000, "i",
               "audioGaps", (gint64)f.audio_gaps, "i", "audioGapTotalMs",
               f.audio_gap_total_us / 1000, "i", "audioGapMs", f.audio_gap_last_us / 1000, NULL);
  }
  return G_SOURCE_CONTINUE;
}

static void
on_call (UiCall *call, gpointer data) {
  Cli *cli = data;
  if (cli->answer != NULL && ui_call_is_ringing_here (call)) {
    ui_intents_accept_call (cli->intents, call, g_str_equal (cli->answer, "video"));
  }
}

/* ---- The program ---- */

static gboolean
on_signal (gpointer data) {
  g_main_loop_quit (((Cli *)data)->loop);
  return G_SOURCE_REMOVE;
}

static gboolean
parse_options (Cli *cli, int *argc, char ***argv, GError **error) {
  const GOptionEntry entries[] = {
      {"data", 'd', 0, G_OPTION_ARG_FILENAME, &cli->data, "Where the account is kept", "DIRECTORY"},
      {"camera", 0, 0, G_OPTION_ARG_STRING, &cli->camera, "Device id, default, none or file:PATH",
       "CAMERA"},
      {"microphone", 0, 0, G_OPTION_ARG_STRING, &cli->microphone, "Likewise", "MICROPHONE"},
      {"speaker", 0, 0, G_OPTION_ARG_STRING, &cli->speaker, "Device id, default or none",
       "SPEAKER"},
      {"record", 0, 0, G_OPTION_ARG_FILENAME, &cli->record, "Write what arrives in a call (WebM)",
       "FILE"},
      {"answer", 0, 0, G_OPTION_ARG_STRING, &cli->answer, "Answer calls by itself", "video|audio"},
      {"password-file", 0, 0, G_OPTION_ARG_FILENAME, &cli->password_file,
       "First line is the password", "FILE"},
      {"figures", 0, 0, G_OPTION_ARG_INT, &cli->figures_ms, "Time between figures (1000)",
       "MILLISECONDS"},
      {"always-relay", 0, 0, G_OPTION_ARG_NONE, &cli->always_relay,
       "Calls go by the server's relay: nobody but the server learns this computer's address",
       NULL},
      {"address-after-accept", 0, 0, G_OPTION_ARG_NONE, &cli->address_after_accept,
       "Nobody who calls learns this computer's address before the call is accepted", NULL},
      {"patience", 0, 0, G_OPTION_ARG_INT, &cli->patience_s,
       "How long an outage of the network a call outlives (60; 10 to 600)", "SECONDS"},
      {"invite", 0, 0, G_OPTION_ARG_STRING, &cli->invite, "Invite link or code, for create",
       "LINK"},
      {"capture", 0, 0, G_OPTION_ARG_FILENAME, &cli->capture,
       "Write what happens in all sessions, as JSON lines", "FILE"},
      {"capture-keys", 0, 0, G_OPTION_ARG_NONE, &cli->capture_keys,
       "With the keys of each session: who has the file reads what was said", NULL},
      {NULL, 0, 0, 0, NULL, NULL, NULL},
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("[COMMAND [ARGUMENT...]]");
  g_option_context_set_summary (
      context, "Ahoy without a window: commands from the arguments, or one a line from standard "
               "input; events and figures as JSON lines.");
  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_strict_posix (context, TRUE);
  return g_option_context_parse (context, argc, argv, error);
}

static const char *
device_of (const char *given) {
  return given == NULL ? "default" : g_str_equal (given, "none") ? NULL : given;
}

static void
start (Cli *cli, int argc, char **argv) {
  cli->intents = UI_INTENTS (cli->client);
  cli->session = app_client_get_session (cli->client);
  cli->loop = g_main_loop_new (NULL, FALSE);
  teller_watch (cli->session, on_call, cli);
  g_signal_connect (cli->session, "notify::state", G_CALLBACK (on_session_state), cli);
  g_unix_signal_add (SIGINT, on_signal, cli);
  g_unix_signal_add (SIGTERM, on_signal, cli);
  cli->figures = g_timeout_add ((guint)CLAMP (cli->figures_ms, 20, 60000), tell_figures, cli);
  const gboolean resumed = app_client_resume (cli->client);
  if (argc < 2) {
    cli->input = g_io_channel_unix_new (0);
    g_io_add_watch (cli->input, G_IO_IN | G_IO_HUP, on_input, cli);
    return;
  }
  const Command *command = find_command (argv[1]);
  cli->once = TRUE;
  if (command != NULL && command->needs_account && resumed) {
    cli->command = argv + 1;
  } else if (command != NULL && command->needs_account) {
    fail (cli, argv[1], "Nobody is signed in here.");
  } else {
    run_words (cli, argv + 1);
  }
}

int
main (int argc, char **argv) {
  Cli cli = {.figures_ms = 1000};
  GError *error = NULL;
  g_log_writer_default_set_use_stderr (TRUE); /* standard output is for what is told */
  setlocale (LC_ALL, "");
  (void)signal (SIGXFSZ, SIG_IGN); /* a file size limit is then told as a full disk is */
  the_cli = &cli;
  if (!parse_options (&cli, &argc, &argv, &error)) {
    fprintf (stderr, "ahoy-cli: %s\n", error->message);
    return 2;
  }
  if (cli.data == NULL) {
    cli.data = g_build_filename (g_get_user_data_dir (), "ahoy", NULL);
  }
  g_autofree char *program = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = program != NULL ? g_path_get_dirname (program) : NULL;
  g_autofree char *server = folder != NULL ? g_build_filename (folder, "ahoyd", NULL) : NULL;
  g_autofree char *control = folder != NULL ? g_build_filename (folder, "ahoyctl", NULL) : NULL;
  const AppClientConfig config = {.directory = cli.data,
                                  .camera = device_of (cli.camera),
                                  .microphone = device_of (cli.microphone),
                                  .speaker = device_of (cli.speaker),
                                  .record = cli.record,
                                  .capture = cli.capture,
                                  .capture_keys = cli.capture_keys,
                                  .server_program = server,
                                  .control_program = control};
  cli.client = app_client_new (&config, &error);
  if (cli.client == NULL) {
    fprintf (stderr, "ahoy-cli: %s\n", error->message);
    return 1;
  }
  app_client_set_patience (cli.client, (guint)CLAMP (cli.patience_s, 0, 600));
  app_client_set_privacy (cli.client, cli.always_relay, cli.address_after_accept);
  start (&cli, argc, argv);
  if (!cli.done) {
    g_main_loop_run (cli.loop);
  }
  g_source_remove (cli.figures);
  app_client_close (cli.client);
  g_object_unref (cli.client);
  g_main_loop_unref (cli.loop);
  return cli.status;
}

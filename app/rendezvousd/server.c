/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pumps to the loop, requests to the store, and their way back. */
#include "app/rendezvousd/server.h"

#include "app/io/capture-file.h"
#include "app/io/clock.h"
#include "app/io/hardware.h"
#include "app/io/loop.h"
#include "app/rendezvousd/control.h"
#include "app/rendezvousd/server-keys.h"
#include "app/store/server-store.h"
#include "core/account/invite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* How long an orderly end may take, and how often it is looked after. */
#define STOP_MS 2000
#define STOP_EVERY_MS 20

struct AppServer {
  char *folder; /* (owned) */
  int lock;     /* file descriptor that holds the folder's lock; -1 = none */
  AhoyName host;
  AppServerKeys keys;
  AhoyRendezvous *rendezvous; /* (owned) */
  AppServerStore *store;      /* (owned) */
  AppLoop *loop;              /* (owned) */
  AppControl *control;        /* (owned) */
  AppPlain *plain;            /* (owned) NULL = no plain clients */
  AppCaptureFile *capture;    /* (owned) or NULL */
  uint16_t port;
  guint stop_source;
  guint stop_rounds;
  void (*stopped) (void *user);
  void *stopped_user;
};

/* ---- The pump ---- */

static void
receive (void *self, const uint8_t *bytes, size_t size, uint32_t interface_id,
         const RtmfpAddress *from, uint8_t ecn, int64_t now_us) {
  AppServer *server = self;
  /* Why a datagram was dropped is counted there. */
  (void)ahoy_rendezvous_receive (server->rendezvous, bytes, size, interface_id, from, ecn, now_us);
}

static void
foresee (void *self, const RtmfpBytes *datagrams, size_t count) {
  const AppServer *server = self;
  ahoy_rendezvous_foresee (server->rendezvous, datagrams, count);
}

static void
advance (void *self, int64_t now_us) {
  AppServer *server = self;
  ahoy_rendezvous_set_wall (server->rendezvous, app_clock_wall_ms (), now_us);
  ahoy_rendezvous_advance (server->rendezvous, now_us);
}

static bool
poll_capture (void *rendezvous, RtmfpCaptureEvent *event) {
  return ahoy_rendezvous_poll_capture (rendezvous, event);
}

static void
drain (void *self, int64_t now_us) {
  AppServer *server = self;
  AhoyStoreJob *job;
  (void)now_us;
  if (server->capture != NULL) {
    app_capture_file_drain (server->capture, poll_capture, server->rendezvous);
  }
  while ((job = ahoy_rendezvous_poll_store (server->rendezvous)) != NULL) {
    app_server_store_push (server->store, job);
  }
}

static bool
poll_transmit (void *self, int64_t now_us, uint8_t *buffer, size_t capacity,
               RtmfpDatagram *datagram) {
  AppServer *server = self;
  return ahoy_rendezvous_poll_transmit (server->rendezvous, now_us, buffer, capacity, datagram);
}

static RtmfpJob *
poll_job (void *self) {
  AppServer *server = self;
  return ahoy_rendezvous_poll_job (server->rendezvous);
}

static void
complete_job (void *self, RtmfpJob *job, int64_t now_us) {
  AppServer *server = self;
  ahoy_rendezvous_complete_job (server->rendezvous, job, now_us);
}

static int64_t
deadline (const void *self) {
  const AppServer *server = self;
  return ahoy_rendezvous_deadline (server->rendezvous);
}

/* ---- The store's way back ---- */

/* A request of the operator's; the job's owner. */
typedef struct {
  void (*done) (AppServer *server, AhoyStoreJob *job, void *user);
  void *user;
} Asked;

void
app_server_ask_store (AppServer *server, AhoyStoreJob *job,
                      void (*done) (AppServer *server, AhoyStoreJob *job, void *user), void *user) {
  Asked *asked = g_new (Asked, 1);
  *asked = (Asked){.done = done, .user = user};
  job->owner = asked;
  app_server_store_push (server->store, job);
}

static void
on_store_ready (void *user) {
  AppServer *server = user;
  AhoyStoreJob *job;
  while ((job = app_server_store_pop (server->store)) != NULL) {
    if (job->owner == NULL) {
      ahoy_rendezvous_complete_store (server->rendezvous, job, app_clock_now_us ());
      continue;
    }
    g_autofree Asked *asked = job->owner;
    asked->done (server, job, asked->user);
    ahoy_store_job_free (job);
  }
  app_loop_touch (server->loop);
}

/* ---- Life ---- */

static void
write_log (void *user, RtmfpLogLevel level, const char *room, const char *text) {
  (void)user;
  if (level == RTMFP_LOG_WARNING) {
    g_printerr ("ahoyd: %s: %s\n", room, text);
  }
}

static gboolean
lock_folder (AppServer *server, GError **error) {
  if (g_mkdir_with_parents (server->folder, 0700) != 0 ||
      access (server->folder, R_OK | W_OK | X_OK) != 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                 "%s cannot be used to keep data in: %s.", server->folder, g_strerror (errno));
    return FALSE;
  }
  g_autofree char *path = g_build_filename (server->folder, "lock", NULL);
  server->lock = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (server->lock < 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                 "%s cannot be used to keep data in: %s.", server->folder, g_strerror (errno));
    return FALSE;
  }
  if (flock (server->lock, LOCK_EX | LOCK_NB) != 0) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "Another ahoyd already uses %s.",
                 server->folder);
    return FALSE;
  }
  return TRUE;
}

static void
make_rendezvous (AppServer *server, const AppServerConfig *config) {
  AhoyName hosts[AHOY_SERVER_HOSTS_MAX];
  const size_t host_count = MIN (config->host_count, AHOY_SERVER_HOSTS_MAX);
  for (size_t i = 0; i < host_count; i++) {
    hosts[i] = config->hosts[i];
    hosts[i].port = hosts[i].port != 0 ? hosts[i].port : server->port;
  }
  server->host = hosts[0];
  AhoyRendezvousConfig rendezvous = {
      .rng = app_clock_rng (),
      .log = {.write = write_log},
      .hosts = hosts,
      .host_count = host_count,
      .identity = server->keys.identity,
      .open_registration = config->open_registration,
      .relays = config->relays,
      .relay_secret = rtmfp_bytes (config->relay_secret, strlen (config->relay_secret)),
      .relay_tls_port = config->relay_tls_port,
      .relay_tls_key = config->relay_tls_key,
      .relay_seconds = config->relay_seconds,
      .grace_seconds = config->grace_seconds,
      .wall_ms = app_clock_wall_ms (),
      .slow_aes = !app_hardware_has_aes (),
      .elsewhere = config->elsewhere,
  };
  memcpy (rendezvous.secret, server->keys.secret, sizeof rendezvous.secret);
  server->rendezvous = ahoy_rendezvous_new (&rendezvous, app_clock_now_us ());
}

static gboolean
start_capture (AppServer *server, const AppServerConfig *config, GError **error) {
  if (config->capture == NULL) {
    return TRUE;
  }
  const RtmfpCaptureConfig capture = {.exports_keys = config->capture_keys};
  server->capture = app_capture_file_new (config->capture, "ahoyd", error);
  if (server->capture != NULL) {
    ahoy_rendezvous_start_capture (server->rendezvous, &capture);
  }
  return server->capture != NULL;
}

/* Returns: (owned), or NULL with a sentence. */
static AppUdpSocket *
open_socket (const AppServerConfig *config, GError **error) {
  g_autoptr (GError) why = NULL;
  AppUdpSocket *socket = app_udp_socket_new (config->address, config->port, &why);
  if (socket == NULL && g_error_matches (why, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
                 "Another program already uses UDP port %u. Stop it, or choose another port with "
                 "--port.",
                 config->port);
  } else if (socket == NULL) {
    g_propagate_error (error, g_steal_pointer (&why));
  }
  return socket;
}

static AppLoop *
make_loop (AppServer *server, AppUdpSocket *socket) {
  const AppPump pump = {
      .self = server,
      .receive = receive,
      .foresee = foresee,
      .advance = advance,
      .drain = drain,
      .poll_transmit = poll_transmit,
      .poll_job = poll_job,
      .complete_job = complete_job,
      .deadline = deadline,
  };
  return app_loop_new (&pump, socket, NULL);
}

static gboolean
set_up (AppServer *server, const AppServerConfig *config, GError **error) {
  const RtmfpRng rng = app_clock_rng ();
  if (!lock_folder (server, error) ||
      !app_server_keys_load (server->folder, &rng, &server->keys, error)) {
    return FALSE;
  }
  g_autofree char *path = g_build_filename (server->folder, "server.db", NULL);
  server->store = app_server_store_open (path, NULL, on_store_ready, server, error);
  if (server->store == NULL) {
    return FALSE;
  }
  AppUdpSocket *socket = open_socket (config, error);
  if (socket == NULL) {
    return FALSE;
  }
  server->port = app_udp_socket_port (socket);
  make_rendezvous (server, config);
  server->loop = make_loop (server, socket);
  if (!start_capture (server, config, error)) {
    return FALSE;
  }
  server->control = app_control_new (server, server->folder, error);
  if (server->control != NULL && config->plain != NULL) {
    server->plain = app_plain_new (config->plain, error);
    return server->plain != NULL;
  }
  return server->control != NULL;
}

AppServer *
app_server_new (const AppServerConfig *config, GError **error) {
  AppServer *server = g_new0 (AppServer, 1);
  server->folder = g_strdup (config->folder);
  server->lock = -1;
  if (!set_up (server, config, error)) {
    app_server_free (server);
    return NULL;
  }
  return server;
}

void
app_server_free (AppServer *server) {
  if (server == NULL) {
    return;
  }
  g_clear_handle_id (&server->stop_source, g_source_remove);
  g_clear_pointer (&server->plain, app_plain_free);
  g_clear_pointer (&server->control, app_control_free);
  g_clear_pointer (&server->loop, app_loop_free);
  g_clear_pointer (&server->store, app_server_store_free);
  if (server->capture != NULL) {
    app_capture_file_drain (server->capture, poll_capture, server->rendezvous);
  }
  g_clear_pointer (&server->capture, app_capture_file_free);
  ahoy_rendezvous_free (server->rendezvous);
  app_server_keys_clear (&server->keys);
  if (server->lock >= 0) {
    close (server->lock);
  }
  g_free (server->folder);
  g_free (server);
}

void
app_server_run (AppServer *server) {
  app_loop_run (server->loop);
}

void
app_server_quit (AppServer *server) {
  app_loop_quit (server->loop);
}

static gboolean
on_stop_round (gpointer data) {
  AppServer *server = data;
  AhoyRendezvousCounters counters;
  ahoy_rendezvous_counters (server->rendezvous, &counters);
  AhoyMediaServerCounters plain = {0};
  if (server->plain != NULL) {
    app_plain_counters (server->plain, &plain);
  }
  server->stop_rounds++;
  if ((counters.visitors > 0 || counters.store_waiting > 0 || plain.guests > 0) &&
      server->stop_rounds < STOP_MS / STOP_EVERY_MS) {
    return G_SOURCE_CONTINUE;
  }
  server->stop_source = 0;
  server->stopped (server->stopped_user);
  return G_SOURCE_REMOVE;
}

void
app_server_stop (AppServer *server, void (*stopped) (void *user), void *user) {
  if (server->stop_source != 0) {
    return;
  }
  server->stopped = stopped;
  server->stopped_user = user;
  server->stop_source = g_timeout_add (STOP_EVERY_MS, on_stop_round, server);
  ahoy_rendezvous_stop (server->rendezvous, app_clock_now_us ());
  app_loop_touch (server->loop);
  if (server->plain != NULL) {
    app_plain_stop (server->plain);
  }
}

/* ---- What others ask ---- */

const AppPlain *
app_server_plain (const AppServer *server) {
  return server->plain;
}

uint16_t
app_server_port (const AppServer *server) {
  return server->port;
}

char *
app_server_link (const AppServer *server) {
  AhoyInvite invite = {.name = server->host, .has_server_key = true};
  invite.server_key = server->keys.identity.key;
  char text[AHOY_INVITE_TEXT_SIZE];
  ahoy_invite_format (&invite, text);
  return g_strdup (text);
}

char *
app_server_invite_link (const AppServer *server, const uint8_t token[AHOY_INVITE_TOKEN_SIZE],
                        int64_t life_ms) {
  AhoyInvite invite = {.name = server->host, .has_server_key = true, .has_token = true};
  invite.server_key = server->keys.identity.key;
  memcpy (invite.token, token, sizeof invite.token);
  char text[AHOY_INVITE_TEXT_SIZE], name[AHOY_INVITE_TOKEN_TEXT_SIZE];
  ahoy_invite_token_format (token, name);
  ahoy_rendezvous_invite_relay (server->rendezvous, name, life_ms, app_clock_now_us (),
                                &invite.relay);
  ahoy_invite_format (&invite, text);
  return g_strdup (text);
}

AhoyRendezvous *
app_server_rendezvous (AppServer *server) {
  return server->rendezvous;
}

AppServerFigures
app_server_figures (const AppServer *server) {
  const AppLoopCounters loop = app_loop_counters (server->loop);
  const AppServerStoreCounters store = app_server_store_counters (server->store);
  return (AppServerFigures){
      .bytes_in = loop.bytes_in,
      .bytes_out = loop.bytes_out,
      .datagrams_in = loop.datagrams_in,
      .datagrams_out = loop.datagrams_out,
      .store_commits = store.commits,
      .store_requests = store.requests,
      .store_failures = store.failures,
  };
}

void
app_server_touch (AppServer *server) {
  app_loop_touch (server->loop);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One running rendezvous: core/rendezvous joined to its socket, its store and its operator's door.
 */
#ifndef APP_RENDEZVOUSD_SERVER_H
#define APP_RENDEZVOUSD_SERVER_H

#include "app/rendezvousd/plain.h"
#include "core/account/name.h"
#include "core/rendezvous/rendezvous.h"

#include <gio/gio.h>

typedef struct AppServer AppServer;

typedef struct {
  const char *folder;    /* (borrowed) where everything is kept; made when it is missing */
  const AhoyName *hosts; /* (borrowed) the first is its own; port 0 = that of the socket */
  size_t host_count;
  const char *address; /* (borrowed) numeric address to listen on, or NULL: all */
  uint16_t port;       /* 0 = the kernel chooses */
  bool open_registration;
  const char *relays;          /* (borrowed) as in core/account/relay.h; "" = none */
  const char *relay_secret;    /* (borrowed) shared with them */
  uint16_t relay_tls_port;     /* 0 = they speak no TLS */
  const char *relay_tls_key;   /* (borrowed) as in core/account/relay.h; "" = by an authority */
  int64_t relay_seconds;       /* 0 = the default */
  int64_t grace_seconds;       /* 0 = the default */
  const AppPlainConfig *plain; /* (borrowed) plain RTMFP clients too; NULL = none */
  const char *capture;         /* (borrowed) file for a capture of all sessions, or NULL */
  bool capture_keys;           /* with their keys */
  RtmfpElsewhere elsewhere;    /* (borrowed) who else serves these people */
} AppServerConfig;

/* Locks the folder, loads or makes the keys, opens the store, binds the socket, opens the
 * operator's door; serves on the default main context from then on. Returns: (owned), or NULL with
 * error: one sentence. */
AppServer *app_server_new (const AppServerConfig *config, GError **error);
/* What was taken is written first. */
void app_server_free (AppServer *server);

/* Runs the default main context until app_server_quit(). */
void app_server_run (AppServer *server);
void app_server_quit (AppServer *server);

/* Says goodbye to everybody, then calls stopped; at the latest after two seconds. */
void app_server_stop (AppServer *server, void (*stopped) (void *user), void *user);

uint16_t app_server_port (const AppServer *server);
/* NULL when there is none. */
const AppPlain *app_server_plain (const AppServer *server);
/* "ahoy:host?s=KEY": what a person needs to know of this server. (owned by the caller) */
char *app_server_link (const AppServer *server);

/* ---- For the operator's door ---- */

AhoyRendezvous *app_server_rendezvous (AppServer *server);
/* (takes ownership of job) done gets it back, answered, and does not own it. */
void app_server_ask_store (AppServer *server, AhoyStoreJob *job,
                           void (*done) (AppServer *server, AhoyStoreJob *job, void *user),
                           void *user);
/* A link that invites to make an account, with this token, that lasts so long. (owned by the
 * caller) */
char *app_server_invite_link (const AppServer *server, const uint8_t token[AHOY_INVITE_TOKEN_SIZE],
                              int64_t life_ms);
/* Numbers of the socket and the store. */
typedef struct {
  uint64_t bytes_in, bytes_out, datagrams_in, datagrams_out;
  uint64_t store_commits, store_requests, store_failures;
} AppServerFigures;
AppServerFigures app_server_figures (const AppServer *server);
/* Commands were given to the rendezvous: what follows from them goes out. */
void app_server_touch (AppServer *server);

#endif

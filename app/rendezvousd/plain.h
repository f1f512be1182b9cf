/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server for plain RTMFP clients on a socket of its own: core/media-server joined to the event
 * loop. Off unless it is asked for (docs/operate.md). */
#ifndef APP_RENDEZVOUSD_PLAIN_H
#define APP_RENDEZVOUSD_PLAIN_H

#include "core/media-server/media-server.h"

#include <gio/gio.h>

typedef struct AppPlain AppPlain;

typedef struct {
  const char *address;     /* (borrowed) numeric address to listen on, or NULL: all */
  uint16_t port;           /* 0 = the kernel chooses */
  const char *const *apps; /* (borrowed) ends with NULL; at least one */
  unsigned keepalive_s;    /* 5 to 600 */
  bool requires_hmac;
  RtmfpElsewhere elsewhere; /* (borrowed) who else serves them */
} AppPlainConfig;

/* Binds the socket; serves on the default main context from then on. Returns: (owned), or NULL with
 * error: one sentence. */
AppPlain *app_plain_new (const AppPlainConfig *config, GError **error);
void app_plain_free (AppPlain *plain);

uint16_t app_plain_port (const AppPlain *plain);
void app_plain_counters (const AppPlain *plain, AhoyMediaServerCounters *counters);
/* Says goodbye to everybody: done when the counters have no guests any more. */
void app_plain_stop (AppPlain *plain);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server for plain clients and some clients on a wire in memory, on a clock that only we move. A
 * client keeps what it is told as lines of text. */
#ifndef TESTS_MEDIA_SERVER_STUDIO_H
#define TESTS_MEDIA_SERVER_STUDIO_H

#include "core/media-server/media-server.h"

#include <glib.h>

typedef struct Studio Studio;

typedef struct {
  Studio *studio;
  RtmfpAddress address;
  uint64_t rng_state;
  RtmfpEndpoint *endpoint;
  RtmfpNet *net;
  RtmfpId identity;
  RtmfpFingerprint fingerprint;
  char id[65];     /* as the server names it */
  RtmfpId session; /* with the server */
  RtmfpId stream;  /* made last */
  RtmfpId met;     /* the session with another client */
  bool deaf;       /* nothing reaches it */
  GQueue lines;
} Client;

struct Studio {
  int64_t now_us;
  uint64_t rng_state;
  AhoyMediaServer *server;
  RtmfpAddress address;
  GQueue wire;
  GPtrArray *clients;
};

/* Applications "live" and "chat", keepalive 20 s and 25 s. */
Studio *studio_new (void);
void studio_free (Studio *studio);
void studio_run (Studio *studio, int64_t for_us);
AhoyMediaServerCounters studio_counters (const Studio *studio);

/* A client at 10.0.0.LAST, a port of its own, with a session; identity NULL = strong. Not
 * connected. */
Client *client_new (Studio *studio, guint8 last, const RtmfpIdentityConfig *identity);
/* The same, connected to "rtmfp://studio.test/APP". */
Client *client_in (Studio *studio, guint8 last, const char *app);
/* With a stream besides: that publishes, or plays, NAME. */
Client *client_publishing (Studio *studio, guint8 last, const char *name);
Client *client_playing (Studio *studio, guint8 last, const char *name);
void client_connect (Client *client, const char *app);
void client_create_stream (Client *client);
/* Opens a session to another by the server's introduction alone. */
void client_seek (Client *client, const Client *other);
void client_send (Client *client, RtmfpMediaKind kind, uint32_t time, RtmfpBytes body);

/* Takes the first line that is exactly this out of those that wait, or come within 10 s. Fails
 * without. */
void client_expect (Client *client, const char *line);
/* How many lines begin so. */
guint client_count (Client *client, const char *beginning);
void client_forget (Client *client);

#define BYTES(literal) rtmfp_bytes (literal, sizeof literal - 1)
#define NO_BYTES rtmfp_bytes (NULL, 0)
#define assert_ok(expression) g_assert_cmpint ((expression), ==, RTMFP_OK)

#endif

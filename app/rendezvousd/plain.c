/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pumps to the loop. */
#include "app/rendezvousd/plain.h"

#include "app/io/clock.h"
#include "app/io/loop.h"

#include <string.h>

struct AppPlain {
  AhoyMediaServer *server; /* (owned) */
  AppLoop *loop;           /* (owned) */
  uint16_t port;
};

/* ---- The pump ---- */

static void
receive (void *self, const uint8_t *bytes, size_t size, uint32_t interface_id,
         const RtmfpAddress *from, uint8_t ecn, int64_t now_us) {
  AppPlain *plain = self;
  /* Why a datagram was dropped is counted there. */
  (void)ahoy_media_server_receive (plain->server, bytes, size, interface_id, from, ecn, now_us);
}

static void
foresee (void *self, const RtmfpBytes *datagrams, size_t count) {
  const AppPlain *plain = self;
  ahoy_media_server_foresee (plain->server, datagrams, count);
}

static void
advance (void *self, int64_t now_us) {
  AppPlain *plain = self;
  ahoy_media_server_advance (plain->server, now_us);
}

static bool
poll_transmit (void *self, int64_t now_us, uint8_t *buffer, size_t capacity,
               RtmfpDatagram *datagram) {
  AppPlain *plain = self;
  return ahoy_media_server_poll_transmit (plain->server, now_us, buffer, capacity, datagram);
}

static RtmfpJob *
poll_job (void *self) {
  AppPlain *plain = self;
  return ahoy_media_server_poll_job (plain->server);
}

static void
complete_job (void *self, RtmfpJob *job, int64_t now_us) {
  AppPlain *plain = self;
  ahoy_media_server_complete_job (plain->server, job, now_us);
}

static int64_t
deadline (const void *self) {
  const AppPlain *plain = self;
  return ahoy_media_server_deadline (plain->server);
}

/* ---- Life ---- */

static gboolean
check (const AppPlainConfig *config, GError **error) {
  for (const char *const *app = config->apps; *app != NULL; app++) {
    const size_t size = strlen (*app);
    if (size == 0 || size > AHOY_APP_BYTES_MAX || strpbrk (*app, "?#") != NULL ||
        (*app)[0] == '/' || (*app)[size - 1] == '/') {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "“%s” is no name of an application for --plain-app.", *app);
      return FALSE;
    }
  }
  if (g_strv_length ((char **)config->apps) > AHOY_APPS_MAX) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "There can be %d applications at most.", AHOY_APPS_MAX);
    return FALSE;
  }
  if (config->keepalive_s < 5 || config->keepalive_s > 600) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "--plain-keepalive takes 5 to 600 seconds.");
    return FALSE;
  }
  return TRUE;
}

static void
make (AppPlain *plain, const AppPlainConfig *config, AppUdpSocket *socket) {
  const AhoyMediaServerConfig server = {
      .rng = app_clock_rng (),
      .apps = config->apps,
      .app_count = g_strv_length ((char **)config->apps),
      .keepalive_ms = config->keepalive_s * 1000,
      .peer_keepalive_ms = config->keepalive_s * 1000,
      .requires_hmac = config->requires_hmac,
      .elsewhere = config->elsewhere,
  };
  plain->server = ahoy_media_server_new (&server, app_clock_now_us ());
  const AppPump pump = {
      .self = plain,
      .receive = receive,
      .foresee = foresee,
      .advance = advance,
      .poll_transmit = poll_transmit,
      .poll_job = poll_job,
      .complete_job = complete_job,
      .deadline = deadline,
  };
  plain->port = app_udp_socket_port (socket);
  plain->loop = app_loop_new (&pump, socket, NULL);
}

AppPlain *
app_plain_new (const AppPlainConfig *config, GError **error) {
  if (!check (config, error)) {
    return NULL;
  }
  g_autoptr (GError) why = NULL;
  AppUdpSocket *socket = app_udp_socket_new (config->address, config->port, &why);
  if (socket == NULL && g_error_matches (why, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE)) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
                 "Another program already uses UDP port %u. Choose another with --plain-port.",
                 config->port);
    return NULL;
  }
  if (socket == NULL) {
    g_propagate_error (error, g_steal_pointer (&why));
    return NULL;
  }
  AppPlain *plain = g_new0 (AppPlain, 1);
  make (plain, config, socket);
  return plain;
}

void
app_plain_free (AppPlain *plain) {
  if (plain == NULL) {
    return;
  }
  app_loop_free (plain->loop);
  ahoy_media_server_free (plain->server);
  g_free (plain);
}

/* ---- What others ask ---- */

uint16_t
app_plain_port (const AppPlain *plain) {
  return plain->port;
}

void
app_plain_counters (const AppPlain *plain, AhoyMediaServerCounters *counters) {
  ahoy_media_server_counters (plain->server, counters);
}

void
app_plain_stop (AppPlain *plain) {
  ahoy_media_server_stop (plain->server, app_clock_now_us ());
  app_loop_touch (plain->loop);
}

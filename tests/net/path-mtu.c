/* SPDX-License-Identifier: GPL-3.0-or-later */
/* path-mtu PORT [ADDRESS]: an endpoint on a socket. Without ADDRESS it answers on PORT and takes
 * what comes. With it a session is opened to ADDRESS:PORT and 800 kB/s are sent there; every 100 ms
 * it says how many bytes of messages were delivered and how long datagrams may be. */
#include "app/io/clock.h"
#include "app/io/loop.h"
#include "core/crypto/epd.h"

#include <stdio.h>
#include <stdlib.h>

enum { MESSAGE_BYTES = 16384, MESSAGE_EVERY_MS = 20, TOLD_EVERY_MS = 100, WINDOW_BYTES = 1 << 20 };

typedef struct {
  RtmfpEndpoint *endpoint;
  RtmfpId identity, session, flow;
  AppLoop *loop;
  guint64 delivered_bytes;
} End;

static void
must (bool fine, const char *what) {
  if (!fine) {
    fprintf (stderr, "path-mtu: %s\n", what);
    exit (1);
  }
}

static void
on_receive (void *self, const uint8_t *bytes, size_t size, uint32_t interface_id,
            const RtmfpAddress *from, uint8_t ecn, int64_t now_us) {
  rtmfp_endpoint_receive (((End *)self)->endpoint, bytes, size, interface_id, from, ecn, now_us);
}

static void
on_advance (void *self, int64_t now_us) {
  rtmfp_endpoint_advance (((End *)self)->endpoint, now_us);
}

static void
open_flow (End *end, RtmfpId session) {
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("bulk", 4),
                                  .priority = RTMFP_PRIORITY_BULK};
  end->session = session;
  must (rtmfp_endpoint_open_flow (end->endpoint, session, &config, &end->flow) == RTMFP_OK, "flow");
}

static void
on_drain (void *self, int64_t now_us) {
  End *end = self;
  RtmfpEvent event;
  while (rtmfp_endpoint_poll_event (end->endpoint, &event)) {
    if (event.type == RTMFP_EVENT_SESSION_OPEN && event.session == end->session) {
      open_flow (end, event.session);
    } else if (event.type == RTMFP_EVENT_FLOW_NEW) {
      const RtmfpStatus status = rtmfp_endpoint_accept_flow (
          end->endpoint, event.flow, RTMFP_ORDER_SEQUENCE, WINDOW_BYTES, now_us);
      must (status == RTMFP_OK, "accept");
    } else if (event.type == RTMFP_EVENT_MESSAGE_END && event.delivered) {
      end->delivered_bytes += MESSAGE_BYTES;
    } else if (event.type == RTMFP_EVENT_SESSION_CLOSED) {
      must (end->session == 0, "the session was closed");
    }
  }
}

static bool
on_poll_transmit (void *self, int64_t now_us, uint8_t *buffer, size_t capacity,
                  RtmfpDatagram *datagram) {
  return rtmfp_endpoint_poll_transmit (((End *)self)->endpoint, now_us, buffer, capacity, datagram);
}

static RtmfpJob *
on_poll_job (void *self) {
  return rtmfp_endpoint_poll_job (((End *)self)->endpoint);
}

static void
on_complete_job (void *self, RtmfpJob *job, int64_t now_us) {
  rtmfp_endpoint_complete_job (((End *)self)->endpoint, job, now_us);
}

static int64_t
deadline (const void *self) {
  return rtmfp_endpoint_deadline (((const End *)self)->endpoint);
}

static gboolean
say_more (gpointer user) {
  static uint8_t bytes[MESSAGE_BYTES];
  End *end = user;
  if (end->flow != 0) {
    const RtmfpMessageOptions options = {.reports_end = true};
    const RtmfpStatus status =
        rtmfp_endpoint_send (end->endpoint, end->flow, rtmfp_bytes (bytes, sizeof bytes), &options,
                             app_clock_now_us (), NULL);
    must (status == RTMFP_OK || status == RTMFP_FULL, "send");
    app_loop_touch (end->loop);
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
tell (gpointer user) {
  const End *end = user;
  RtmfpSessionInfo info;
  if (end->flow != 0 &&
      rtmfp_endpoint_session_info (end->endpoint, end->session, &info) == RTMFP_OK) {
    printf ("%" G_GUINT64_FORMAT " %zu\n", end->delivered_bytes, info.path_mtu_bytes);
    fflush (stdout);
  }
  return G_SOURCE_CONTINUE;
}

static void
connect_to (End *end, const char *text, uint16_t port) {
  uint8_t epd[64];
  RtmfpWriter writer = rtmfp_writer (epd, sizeof epd);
  g_autofree char *full = g_strdup_printf ("%s:%u", text, port);
  RtmfpAddress address;
  must (rtmfp_address_parse (full, &address) == RTMFP_OK, "the address cannot be read");
  must (rtmfp_epd_write_uri (&writer, "rtmfp:") == RTMFP_OK, "discriminator");
  const RtmfpOpen open = {.identity = end->identity,
                          .epd = rtmfp_bytes (epd, rtmfp_writer_size (&writer)),
                          .candidates = &address,
                          .candidate_count = 1};
  must (rtmfp_endpoint_open (end->endpoint, &open, app_clock_now_us (), &end->session) == RTMFP_OK,
        "open");
  g_timeout_add (MESSAGE_EVERY_MS, say_more, end);
  g_timeout_add (TOLD_EVERY_MS, tell, end);
}

int
main (int argc, char **argv) {
  must (argc == 2 || argc == 3, "PORT [ADDRESS]");
  const uint16_t port = (uint16_t)atoi (argv[1]);
  const RtmfpEndpointConfig config = {.rng = app_clock_rng ()};
  const RtmfpIdentityConfig identity = {.accepts_ancillary_data = true,
                                        .accept = RTMFP_ACCEPT_ANYONE};
  End end = {.endpoint = rtmfp_endpoint_new (&config, app_clock_now_us ())};
  end.identity = rtmfp_endpoint_add_identity (end.endpoint, &identity, NULL);
  AppUdpSocket *socket = app_udp_socket_new (NULL, argc == 2 ? port : 0, NULL);
  must (socket != NULL, "socket");
  if (argc == 3) {
    connect_to (&end, argv[2], port);
  }
  const AppPump pump = {.self = &end,
                        .receive = on_receive,
                        .advance = on_advance,
                        .drain = on_drain,
                        .poll_transmit = on_poll_transmit,
                        .poll_job = on_poll_job,
                        .complete_job = on_complete_job,
                        .deadline = deadline};
  end.loop = app_loop_new (&pump, socket, NULL);
  app_loop_run (end.loop);
  return 0;
}

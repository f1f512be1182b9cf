/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread, a main context, a socket and an endpoint. */
#include "bench/socket-end.h"

#include "app/io/clock.h"
#include "bench/report.h"
#include "core/crypto/epd.h"

static void
pump_receive (void *self, const uint8_t *bytes, size_t size, uint32_t interface_id,
              const RtmfpAddress *from, uint8_t ecn, int64_t now_us) {
  SocketEnd *end = self;
  rtmfp_endpoint_receive (end->endpoint, bytes, size, interface_id, from, ecn, now_us);
}

static void
pump_foresee (void *self, const RtmfpBytes *datagrams, size_t count) {
  rtmfp_endpoint_foresee (((SocketEnd *)self)->endpoint, datagrams, count);
}

static void
pump_advance (void *self, int64_t now_us) {
  rtmfp_endpoint_advance (((SocketEnd *)self)->endpoint, now_us);
}

static void
pump_drain (void *self, int64_t now_us) {
  (void)now_us;
  SocketEnd *end = self;
  RtmfpEvent event;
  while (rtmfp_endpoint_poll_event (end->endpoint, &event)) {
    end->hooks.event (end, &event, end->hooks.user);
  }
}

static bool
pump_poll_transmit (void *self, int64_t now_us, uint8_t *buffer, size_t capacity,
                    RtmfpDatagram *datagram) {
  return rtmfp_endpoint_poll_transmit (((SocketEnd *)self)->endpoint, now_us, buffer, capacity,
                                       datagram);
}

static RtmfpJob *
pump_poll_job (void *self) {
  return rtmfp_endpoint_poll_job (((SocketEnd *)self)->endpoint);
}

static void
pump_complete_job (void *self, RtmfpJob *job, int64_t now_us) {
  rtmfp_endpoint_complete_job (((SocketEnd *)self)->endpoint, job, now_us);
}

static int64_t
pump_deadline (const void *self) {
  return rtmfp_endpoint_deadline (((const SocketEnd *)self)->endpoint);
}

static gpointer
run (gpointer user) {
  SocketEnd *end = user;
  g_main_context_push_thread_default (end->context);
  app_loop_run (end->loop);
  g_main_context_pop_thread_default (end->context);
  return NULL;
}

static void
connect_to_port (SocketEnd *end, uint16_t port) {
  uint8_t epd[64];
  RtmfpWriter writer = rtmfp_writer (epd, sizeof epd);
  BENCH_MUST (rtmfp_epd_write_uri (&writer, "rtmfp:") == RTMFP_OK);
  const RtmfpAddress candidate = rtmfp_address_ipv4 (127, 0, 0, 1, port);
  const RtmfpOpen open = {.identity = end->identity,
                          .epd = rtmfp_bytes (epd, rtmfp_writer_size (&writer)),
                          .candidates = &candidate,
                          .candidate_count = 1};
  RtmfpId session;
  BENCH_MUST (rtmfp_endpoint_open (end->endpoint, &open, app_clock_now_us (), &session) ==
              RTMFP_OK);
}

void
socket_end_start (SocketEnd *end, const SocketEndHooks *hooks, uint16_t connect_to) {
  const RtmfpEndpointConfig config = {.rng = app_clock_rng ()};
  const RtmfpIdentityConfig identity = {.groups = RTMFP_GROUP_X25519,
                                        .accepts_ancillary_data = true,
                                        .accept = RTMFP_ACCEPT_ANYONE,
                                        .no_aead = !hooks->aead,
                                        .requires_hmac = true,
                                        .requires_sequence = true,
                                        .offers_hmac = true,
                                        .offers_sequence = true};
  *end = (SocketEnd){.hooks = *hooks};
  end->endpoint = rtmfp_endpoint_new (&config, app_clock_now_us ());
  end->identity = rtmfp_endpoint_add_identity (end->endpoint, &identity, NULL);
  AppUdpSocket *socket = app_udp_socket_new (NULL, 0, NULL);
  BENCH_MUST (socket != NULL);
  end->port = app_udp_socket_port (socket);
  if (connect_to != 0) {
    connect_to_port (end, connect_to);
  }
  const AppPump pump = {.self = end,
                        .receive = pump_receive,
                        .foresee = pump_foresee,
                        .advance = pump_advance,
                        .drain = pump_drain,
                        .poll_transmit = pump_poll_transmit,
                        .poll_job = pump_poll_job,
                        .complete_job = pump_complete_job,
                        .deadline = pump_deadline};
  end->context = g_main_context_new ();
  end->loop = app_loop_new (&pump, socket, end->context);
  end->thread = g_thread_new ("end", run, end);
}

void
socket_end_quit (SocketEnd *end) {
  app_loop_quit (end->loop);
}

void
socket_end_join (SocketEnd *end) {
  g_thread_join (end->thread);
  end->counters = app_loop_counters (end->loop);
  app_loop_free (end->loop);
  rtmfp_endpoint_free (end->endpoint);
  g_main_context_unref (end->context);
}

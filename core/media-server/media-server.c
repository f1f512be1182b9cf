/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server for plain clients as one machine: its life, its events, its pumps. */
#include "core/media-server/internal.h"

#include "core/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* ---- Life ---- */

static RtmfpNet *
make_net (AhoyMediaServer *server) {
  RtmfpNetConfig config;
  rtmfp_net_config_init (&config);
  config.server = true;
  config.streams = true;
  config.peer_options = (RtmfpSessionOptions){
      .keepalive_us = (int64_t)server->keepalive_ms * 1000,
      .retransmit_limit_us = AHOY_GUEST_RETRANSMIT_LIMIT_US,
  };
  return rtmfp_net_new (server->endpoint, &config);
}

AhoyMediaServer *
ahoy_media_server_new (const AhoyMediaServerConfig *config, int64_t now_us) {
  AhoyMediaServer *server = RTMFP_NEW (AhoyMediaServer);
  server->rng = config->rng;
  server->log = config->log;
  rtmfp_rng_fill (&server->rng, server->key.bytes, sizeof server->key.bytes);
  for (size_t i = 0; i < config->app_count && server->app_count < AHOY_APPS_MAX; i++) {
    const size_t size = strlen (config->apps[i]);
    if (size > 0 && size <= AHOY_APP_BYTES_MAX) {
      memcpy (server->apps[server->app_count++], config->apps[i], size + 1);
    }
  }
  server->keepalive_ms = config->keepalive_ms;
  server->peer_keepalive_ms = config->peer_keepalive_ms;
  const RtmfpEndpointConfig endpoint = {.rng = server->rng,
                                        .log = server->log,
                                        .reports_hellos = true,
                                        .elsewhere = config->elsewhere,
                                        .sessions_max = AHOY_GUESTS_MAX};
  server->endpoint = rtmfp_endpoint_new (&endpoint, now_us);
  const RtmfpIdentityConfig identity = {
      .accepts_ancillary_data = true,
      .accept = RTMFP_ACCEPT_ANYONE,
      .requires_hmac = config->requires_hmac,
      .requires_sequence = config->requires_hmac,
      .offers_hmac = true,
      .offers_sequence = true,
  };
  server->identity = rtmfp_endpoint_add_identity (server->endpoint, &identity, NULL);
  server->net = make_net (server);
  return server;
}

void
ahoy_media_server_free (AhoyMediaServer *server) {
  if (server == NULL) {
    return;
  }
  server->stopping = true;
  while (server->guests != NULL) {
    ahoy_guest_free (server, server->guests);
  }
  rtmfp_deadlines_clear (&server->deadlines);
  rtmfp_net_free (server->net);
  rtmfp_endpoint_free (server->endpoint);
  rtmfp_amf_document_clear (&server->document);
  rtmfp_buffer_clear (&server->out);
  rtmfp_buffer_clear (&server->media);
  free (server);
}

/* ---- Events ---- */

static void
take_session (AhoyMediaServer *server, const RtmfpEvent *event) {
  AhoyGuest *guest = ahoy_guest_find (server, event->session);
  switch (event->type) {
  case RTMFP_EVENT_SESSION_OPEN:
    ahoy_guest_enter (server, event->session);
    break;
  case RTMFP_EVENT_SESSION_CLOSED:
    if (guest != NULL) {
      ahoy_guest_free (server, guest);
    }
    break;
  case RTMFP_EVENT_SESSION_ADDRESS:
    if (guest != NULL) {
      ahoy_guest_moved (server, guest, &event->address);
    }
    break;
  case RTMFP_EVENT_HELLO:
    ahoy_guest_take_hello (server, event);
    break;
  default:
    break;
  }
}

/* Who asks for too much is closed. */
static bool
may_ask (AhoyMediaServer *server, AhoyGuest *guest) {
  if (rtmfp_bucket_take (&guest->commands, AHOY_GUEST_COMMAND_BURST, AHOY_GUEST_COMMAND_EVERY_US,
                         server->now_us)) {
    return true;
  }
  server->counters.rate_limited++;
  ahoy_guest_close (server, guest);
  return false;
}

static void
take_peer_info (AhoyGuest *guest, const RtmfpNetEvent *event) {
  guest->told_count = 0;
  for (size_t i = 0; i < event->address_count && i < RTMFP_NET_PEER_ADDRESSES_MAX; i++) {
    guest->told[guest->told_count] = event->addresses[i];
    guest->told[guest->told_count++].origin = RTMFP_ORIGIN_LOCAL;
  }
}

static void
take_stream_event (AhoyMediaServer *server, AhoyGuest *guest, AhoySeat *seat,
                   const RtmfpNetEvent *event) {
  switch (event->type) {
  case RTMFP_NET_STREAM_CLOSED:
    ahoy_seat_free (server, seat);
    break;
  case RTMFP_NET_STREAM_COMMAND:
    if (may_ask (server, guest)) {
      ahoy_seat_command (server, seat, event);
    }
    break;
  case RTMFP_NET_MEDIA:
    server->counters.media_in++;
    if (seat->role != AHOY_SEAT_PUBLISHES) {
      break;
    }
    if (rtmfp_bucket_take (&seat->media, AHOY_MEDIA_BURST, AHOY_MEDIA_EVERY_US, server->now_us)) {
      ahoy_channel_relay (server, seat->channel, event);
    } else {
      server->counters.rate_limited++;
    }
    break;
  case RTMFP_NET_MEDIA_REFUSED:
    seat->wants[event->kind] = false;
    break;
  default:
    break; /* room again: the next message will see; how much a player wants to hold is its own */
  }
}

static void
take_guest_event (AhoyMediaServer *server, AhoyGuest *guest, const RtmfpNetEvent *event) {
  switch (event->type) {
  case RTMFP_NET_CONNECT:
    ahoy_guest_connect (server, guest, event);
    break;
  case RTMFP_NET_DISCONNECTED:
    ahoy_guest_close (server, guest);
    break;
  case RTMFP_NET_PEER_INFO:
    if (may_ask (server, guest)) {
      take_peer_info (guest, event);
    }
    break;
  case RTMFP_NET_CALL:
    if (may_ask (server, guest)) {
      ahoy_call_take (server, guest, event);
    }
    break;
  case RTMFP_NET_STREAM_CREATED:
    if (may_ask (server, guest)) {
      ahoy_seat_add (server, guest, event->stream);
    }
    break;
  default:
    break;
  }
}

static void
drain (AhoyMediaServer *server, int64_t now_us) {
  RtmfpNetEvent event;
  server->now_us = now_us;
  while (rtmfp_net_poll_event (server->net, now_us, &event)) {
    if (event.type == RTMFP_NET_SESSION) {
      take_session (server, &event.endpoint);
      continue;
    }
    AhoyGuest *guest = ahoy_guest_find (server, event.session);
    AhoySeat *seat = event.stream != 0 ? ahoy_seat_find (server, event.stream) : NULL;
    if (guest == NULL || guest->closing) {
      continue;
    }
    if (seat != NULL) {
      take_stream_event (server, guest, seat, &event);
    } else {
      take_guest_event (server, guest, &event);
    }
  }
}

/* ---- The pumps ---- */

RtmfpStatus
ahoy_media_server_receive (AhoyMediaServer *server, const uint8_t *bytes, size_t size,
                           uint32_t interface_id, const RtmfpAddress *from, uint8_t ecn,
                           int64_t now_us) {
  const RtmfpStatus status =
      rtmfp_endpoint_receive (server->endpoint, bytes, size, interface_id, from, ecn, now_us);
  drain (server, now_us);
  return status;
}

void
ahoy_media_server_foresee (const AhoyMediaServer *server, const RtmfpBytes *datagrams,
                           size_t count) {
  rtmfp_endpoint_foresee (server->endpoint, datagrams, count);
}

void
ahoy_media_server_advance (AhoyMediaServer *server, int64_t now_us) {
  rtmfp_endpoint_advance (server->endpoint, now_us);
  drain (server, now_us);
  RtmfpDeadline *due;
  while ((due = rtmfp_deadlines_take_due (&server->deadlines, now_us)) != NULL) {
    ahoy_guest_close (server, RTMFP_OWNER_OF (due, AhoyGuest, deadline));
  }
}

int64_t
ahoy_media_server_deadline (const AhoyMediaServer *server) {
  const int64_t endpoint_us = rtmfp_endpoint_deadline (server->endpoint);
  const int64_t own_us = rtmfp_deadlines_first (&server->deadlines);
  return endpoint_us < own_us ? endpoint_us : own_us;
}

bool
ahoy_media_server_poll_transmit (AhoyMediaServer *server, int64_t now_us, uint8_t *buffer,
                                 size_t capacity, RtmfpDatagram *datagram) {
  return rtmfp_endpoint_poll_transmit (server->endpoint, now_us, buffer, capacity, datagram);
}

RtmfpJob *
ahoy_media_server_poll_job (AhoyMediaServer *server) {
  return rtmfp_endpoint_poll_job (server->endpoint);
}

void
ahoy_media_server_complete_job (AhoyMediaServer *server, RtmfpJob *job, int64_t now_us) {
  rtmfp_endpoint_complete_job (server->endpoint, job, now_us);
  drain (server, now_us);
}

/* ---- For the operator ---- */

void
ahoy_media_server_counters (const AhoyMediaServer *server, AhoyMediaServerCounters *counters) {
  *counters = server->counters;
  counters->guests = HASH_COUNT (server->guests);
  counters->published = server->published;
  for (const AhoySeat *seat = server->seats; seat != NULL; seat = seat->hh.next) {
    counters->players += seat->role == AHOY_SEAT_PLAYS;
  }
  rtmfp_endpoint_counters (server->endpoint, &counters->endpoint);
  rtmfp_net_counters (server->net, &counters->net);
}

void
ahoy_media_server_stop (AhoyMediaServer *server, int64_t now_us) {
  server->now_us = now_us;
  server->stopping = true;
  rtmfp_endpoint_remove_identity (server->endpoint, server->identity);
  AhoyGuest *guest, *next;
  HASH_ITER (hh, server->guests, guest, next) {
    ahoy_guest_close (server, guest);
  }
}

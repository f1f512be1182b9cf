/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server for plain RTMFP clients (Flash Player's kind, rtmfp-cpp's, any of RFC 7425 s5): takes
 * their connections to applications that are configured, introduces those of the same application
 * to one another, relays live streams from a publisher to its players, and passes calls between
 * them.
 *
 * It knows nothing of Ahoy's people and has an endpoint of its own. Sans-IO and deterministic, as
 * all of core. One server belongs to one thread. */
#ifndef AHOY_MEDIA_SERVER_MEDIA_SERVER_H
#define AHOY_MEDIA_SERVER_MEDIA_SERVER_H

#include "core/endpoint/endpoint.h"
#include "core/media-server/params.h"
#include "core/net/net.h"

typedef struct AhoyMediaServer AhoyMediaServer;

typedef struct {
  RtmfpRng rng;
  RtmfpLog log;
  /* (copied) applications: a client's "live" or "live/anything" fits "live". 1..AHOY_APPS_MAX, each
   * of 1..AHOY_APP_BYTES_MAX bytes. */
  const char *const *apps;
  size_t app_count;
  uint32_t keepalive_ms;      /* own, and advised to clients for the server (RFC 7425 s5.3.4) */
  uint32_t peer_keepalive_ms; /* advised for their peers; 0 = no advice at all */
  /* Sessions without HMAC or session sequence numbers are refused. */
  bool requires_hmac;
  RtmfpElsewhere elsewhere; /* see RtmfpEndpointConfig */
} AhoyMediaServerConfig;

AhoyMediaServer *ahoy_media_server_new (const AhoyMediaServerConfig *config, int64_t now_us);
void ahoy_media_server_free (AhoyMediaServer *server);

/* ---- The pumps of core/endpoint/endpoint.h ---- */

RtmfpStatus ahoy_media_server_receive (AhoyMediaServer *server, const uint8_t *bytes, size_t size,
                                       uint32_t interface_id, const RtmfpAddress *from, uint8_t ecn,
                                       int64_t now_us);
void ahoy_media_server_foresee (const AhoyMediaServer *server, const RtmfpBytes *datagrams,
                                size_t count);
void ahoy_media_server_advance (AhoyMediaServer *server, int64_t now_us);
int64_t ahoy_media_server_deadline (const AhoyMediaServer *server);
bool ahoy_media_server_poll_transmit (AhoyMediaServer *server, int64_t now_us, uint8_t *buffer,
                                      size_t capacity, RtmfpDatagram *datagram);
RtmfpJob *ahoy_media_server_poll_job (AhoyMediaServer *server);
void ahoy_media_server_complete_job (AhoyMediaServer *server, RtmfpJob *job, int64_t now_us);

/* ---- For the operator ---- */

typedef struct {
  uint64_t guests, published, players; /* now */
  uint64_t connected, refused;         /* since the start */
  uint64_t hellos_forwarded, hellos_dropped;
  uint64_t media_in, media_out; /* messages */
  uint64_t media_skipped;       /* for which a player had no room */
  uint64_t calls_relayed, rate_limited;
  RtmfpCounters endpoint;
  RtmfpNetCounters net;
} AhoyMediaServerCounters;

void ahoy_media_server_counters (const AhoyMediaServer *server, AhoyMediaServerCounters *counters);
/* Closes all sessions in order and takes no more. Pump until guests is 0, or a second has passed.
 */
void ahoy_media_server_stop (AhoyMediaServer *server, int64_t now_us);

#endif

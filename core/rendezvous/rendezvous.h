/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole logic of a rendezvous server: greets, signs in, keeps presence and rosters, routes
 * signals, stores and forwards messages, and introduces those who may meet (docs/ahoy-protocol.md,
 * RFC 7016 s3.5.1.4 to 6).
 *
 * Sans-IO and deterministic, as all of core: it owns an endpoint and a net, hands out public-key
 * work and requests to a store, and takes them back. One rendezvous belongs to one thread. Whatever
 * a client was promised was on disk before. Media never comes here. */
#ifndef AHOY_RENDEZVOUS_RENDEZVOUS_H
#define AHOY_RENDEZVOUS_RENDEZVOUS_H

#include "core/account/identity.h"
#include "core/account/name.h"
#include "core/account/password.h"
#include "core/account/relay.h"
#include "core/endpoint/endpoint.h"
#include "core/net/net.h"
#include "core/rendezvous/params.h"
#include "core/rendezvous/store-job.h"

typedef struct AhoyRendezvous AhoyRendezvous;

typedef struct {
  RtmfpRng rng;
  RtmfpLog log;
  /* The names of this server, user "" in each: the first is its own, people are NAME@hosts[0]; the
   * others are taken for it (copied). 1..AHOY_SERVER_HOSTS_MAX. */
  const AhoyName *hosts;
  size_t host_count;
  AhoyIdentity identity; /* (copied) what clients pin */
  /* (copied) makes false salts; must last as long as the store. */
  uint8_t secret[AHOY_SERVER_SECRET_SIZE];
  bool open_registration; /* accounts without an invite */
  int64_t wall_ms;        /* Unix time now, milliseconds */
  /* Relays that people are given access to, as in core/account/relay.h; "" or NULL = none; and the
   * secret shared with them (both copied), at most AHOY_RELAY_SECRET_BYTES_MAX. */
  const char *relays;
  RtmfpBytes relay_secret;
  /* As in core/account/relay.h: 0 = they speak no TLS; NULL = by an authority (copied). */
  uint16_t relay_tls_port;
  const char *relay_tls_key;
  int64_t relay_seconds; /* how long one access is good; 0 = the default */
  int64_t grace_seconds; /* how long direct sessions may outlive us; 0 = the default */
  bool slow_aes;         /* see RtmfpEndpointConfig, as the next */
  RtmfpElsewhere elsewhere;
} AhoyRendezvousConfig;

AhoyRendezvous *ahoy_rendezvous_new (const AhoyRendezvousConfig *config, int64_t now_us);
/* Jobs that are still away are freed by who has them. */
void ahoy_rendezvous_free (AhoyRendezvous *rendezvous);

/* What Unix time it is; tell it now and then, since clocks are set. */
void ahoy_rendezvous_set_wall (AhoyRendezvous *rendezvous, int64_t wall_ms, int64_t now_us);

/* ---- The pumps of core/endpoint/endpoint.h ---- */

RtmfpStatus ahoy_rendezvous_receive (AhoyRendezvous *rendezvous, const uint8_t *bytes, size_t size,
                                     uint32_t interface_id, const RtmfpAddress *from, uint8_t ecn,
                                     int64_t now_us);
void ahoy_rendezvous_foresee (const AhoyRendezvous *rendezvous, const RtmfpBytes *datagrams,
                              size_t count);
void ahoy_rendezvous_advance (AhoyRendezvous *rendezvous, int64_t now_us);
int64_t ahoy_rendezvous_deadline (const AhoyRendezvous *rendezvous);
bool ahoy_rendezvous_poll_transmit (AhoyRendezvous *rendezvous, int64_t now_us, uint8_t *buffer,
                                    size_t capacity, RtmfpDatagram *datagram);
RtmfpJob *ahoy_rendezvous_poll_job (AhoyRendezvous *rendezvous);
void ahoy_rendezvous_complete_job (AhoyRendezvous *rendezvous, RtmfpJob *job, int64_t now_us);
void ahoy_rendezvous_start_capture (AhoyRendezvous *rendezvous, const RtmfpCaptureConfig *config);
bool ahoy_rendezvous_poll_capture (AhoyRendezvous *rendezvous, RtmfpCaptureEvent *event);

/* ---- The store ---- */

/* The next request (owned by the caller from here), or NULL. */
AhoyStoreJob *ahoy_rendezvous_poll_store (AhoyRendezvous *rendezvous);
/* (takes ownership of job) Its answer, in the order in which they left. */
void ahoy_rendezvous_complete_store (AhoyRendezvous *rendezvous, AhoyStoreJob *job, int64_t now_us);

/* ---- For the operator ---- */

typedef struct {
  char user[AHOY_USER_TEXT_SIZE]; /* "" while nobody has entered there */
  char label[AHOY_DEVICE_LABEL_BYTES_MAX + 1];
  uint8_t device[AHOY_DEVICE_ID_SIZE];
  RtmfpAddress address;
  AhoyPresence presence;
  int64_t since_us; /* on the clock of now_us */
  int64_t srtt_us;
  uint64_t bytes_sent, bytes_received;
} AhoyVisitorInfo;

/* One visitor after another. cursor: in and out, 0 for the first; good until the next call of
 * anything else. Returns: whether there is one more. */
bool ahoy_rendezvous_next_visitor (const AhoyRendezvous *rendezvous, RtmfpId *cursor,
                                   AhoyVisitorInfo *info);

typedef struct {
  uint64_t visitors;      /* sessions now */
  uint64_t people;        /* with a device here now */
  uint64_t calls;         /* ringing or answered now */
  uint64_t handles;       /* introductions that may be used now */
  uint64_t store_waiting; /* requests at the store now */
  uint64_t signed_in, sign_in_failed, accounts_created, proofs_refused; /* since the start */
  uint64_t messages_stored, messages_delivered, signals, calls_offered, calls_answered;
  uint64_t introductions, introductions_refused, hellos_forwarded, hellos_dropped;
  uint64_t rate_limited, bad_requests, store_failed;
  RtmfpCounters endpoint;
  RtmfpNetCounters net;
} AhoyRendezvousCounters;

void ahoy_rendezvous_counters (const AhoyRendezvous *rendezvous, AhoyRendezvousCounters *counters);

/* Access to the relays that lasts as long as an invite, for its link; servers "" where there are
 * none. whom: a text that is the invite's alone. */
void ahoy_rendezvous_invite_relay (const AhoyRendezvous *rendezvous, const char *whom,
                                   int64_t life_ms, int64_t now_us, AhoyRelayAccess *access);

/* Closes the sessions of that person (an account that was disabled). */
void ahoy_rendezvous_expel (AhoyRendezvous *rendezvous, const char *user, int64_t now_us);
/* Closes all sessions in order and takes no more. Pump until visitors is 0, or a second has passed.
 */
void ahoy_rendezvous_stop (AhoyRendezvous *rendezvous, int64_t now_us);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A small world for tests: endpoints joined by a wire in memory, on a clock that only we move. */
#ifndef TESTS_ENDPOINT_WORLD_H
#define TESTS_ENDPOINT_WORLD_H

#include "core/endpoint/endpoint.h"

#include <glib.h>

typedef struct World World;
typedef struct Node Node;

/* A datagram under way. A tap may change it. */
typedef struct {
  int64_t at_us; /* when it arrives */
  guint64 number;
  RtmfpAddress from, to;
  uint32_t from_interface;
  guint8 bytes[2048];
  gsize size;
  uint8_t df, ecn;
} Datagram;

/* An event with its own bytes. */
typedef struct {
  RtmfpEvent event;
  GBytes *bytes;
  GBytes *tag;
} Told;

struct Node {
  World *world;
  RtmfpEndpoint *endpoint;
  RtmfpAddress address;  /* where it is now; behind it there is nothing but this node */
  uint32_t interface_id; /* on which datagrams come in */
  uint64_t rng_state;
  GQueue told;     /* Told */
  bool holds_jobs; /* public-key work waits in jobs until released */
  GQueue jobs;
};

struct World {
  int64_t now_us;
  int64_t delay_us; /* one way */
  GQueue wire;      /* Datagram, by time */
  guint64 next_number;
  GPtrArray *nodes;
  guint64 sent, lost;
  /* Sees each datagram that leaves; false = lost. NULL = all go. */
  bool (*tap) (World *world, Datagram *datagram, gpointer user);
  gpointer tap_user;
};

World *world_new (void);
void world_free (World *world);
/* A node at 10.0.0.LAST:1935. */
Node *world_add (World *world, guint8 last);
Node *world_add_with (World *world, guint8 last, const RtmfpEndpointConfig *config);
/* The program was killed and starts again at the same address: a fresh endpoint that knows nothing.
 * Returns: its only identity, of this config. */
RtmfpId node_restart (Node *node, const RtmfpIdentityConfig *config);
/* Lets time pass. */
void world_run (World *world, int64_t for_us);
/* Lets everything happen that is due at this moment. */
void world_settle (World *world);
/* Puts a datagram on the wire. */
void world_inject (World *world, const RtmfpAddress *from, const RtmfpAddress *to,
                   gconstpointer bytes, gsize size);

/* Runs until the node is told an event of this type, at most for_us; takes it. NULL if it never
 * was. */
Told *node_wait (Node *node, RtmfpEventType type, int64_t for_us);
/* The same, and the test fails if it never was. */
Told *node_expect (Node *node, RtmfpEventType type);
/* Whether such an event was told and not taken yet. */
bool node_was_told (Node *node, RtmfpEventType type);
void told_free (Told *told);
void node_release_jobs (Node *node);

/* An identity that takes anybody, by X25519, with HMAC and sequence numbers. */
RtmfpIdentityConfig plain_identity (void);
/* A discriminator by fingerprint. */
GBytes *epd_of (const RtmfpFingerprint *fingerprint);
RtmfpId open_to (Node *node, RtmfpId identity, const RtmfpFingerprint *fingerprint,
                 const Node *target);

/* Two nodes with an open session between them. */
typedef struct {
  World *world;
  Node *a, *b;
  RtmfpId a_identity, b_identity;
  RtmfpFingerprint a_fingerprint, b_fingerprint;
  RtmfpId a_session, b_session;
} Pair;

void pair_init (Pair *pair);
void pair_init_endpoints (Pair *pair, const RtmfpEndpointConfig *a_endpoint,
                          const RtmfpEndpointConfig *b_endpoint, const RtmfpIdentityConfig *a,
                          const RtmfpIdentityConfig *b);
void pair_init_with (Pair *pair, const RtmfpIdentityConfig *a, const RtmfpIdentityConfig *b);
void pair_clear (Pair *pair);
/* A flow from a to b that b has accepted, after one message "hello" was delivered. */
void pair_open_flow (Pair *pair, RtmfpPriority priority, RtmfpId *sending, RtmfpId *receiving);

void send_text (Node *node, RtmfpId flow, const char *text);
void expect_text (Node *node, RtmfpId flow, const char *text);
RtmfpCounters counters_of (const Node *node);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two peers on a clock that only we move: each an endpoint with a net on it, or bare for a hostile
 * side. */
#ifndef TESTS_NETCONNECTION_WORLD_H
#define TESTS_NETCONNECTION_WORLD_H

#include "core/net/net.h"
#include "core/net/params.h"

#include <glib.h>

typedef struct World World;

/* An event of a net with all that it borrows copied. */
typedef struct {
  RtmfpNetEvent event;
  RtmfpAmfDocument arguments; /* of event.bytes, where that is AMF */
  RtmfpAmfDocument object;
  GPtrArray *memory;
} Told;

typedef struct {
  RtmfpEvent event;
  GBytes *bytes;
} RawTold;

typedef struct {
  World *world;
  RtmfpAddress address;
  RtmfpEndpoint *endpoint;
  RtmfpNet *net; /* NULL = bare */
  RtmfpId identity;
  RtmfpFingerprint fingerprint;
  RtmfpId session; /* of the one session between the two */
  GQueue told;     /* Told, or RawTold when bare */
  uint64_t rng_state;
  bool keeps_media; /* else MEDIA is only counted */
  guint64 media[RTMFP_MEDIA_COUNT];
} Peer;

struct World {
  int64_t now_us;
  int64_t delay_us; /* one way */
  unsigned loss_permille;
  bool is_cut; /* nothing arrives */
  GRand *rand;
  GQueue wire;
  guint64 next_number;
  Peer a, b;
};

typedef struct {
  bool server, gated; /* b's; a is gated too, never a server */
  bool streams;       /* b lets its clients create streams */
  bool a_bare, b_bare;
  RtmfpOrder audio_order;
  bool keeps_closed; /* no session is opened yet */
} WorldOptions;

/* a opens a session to b. options NULL = two peers without gates. */
World *world_new (const WorldOptions *options);
void world_free (World *world);
void world_open (World *world);
void world_run (World *world, int64_t for_us);
/* Lets everything happen that is due at this moment. */
void world_settle (World *world);

/* The next event of that type that was or will be told within 30 s; the test fails without. Free
 * it. */
Told *expect (Peer *peer, RtmfpNetEventType type);
/* The same for an event that the endpoint told. */
void expect_session (Peer *peer, RtmfpEventType type);
/* How many of them wait. */
guint told_count (Peer *peer, RtmfpNetEventType type);
/* Forgets all that was told. */
void forget (Peer *peer);
void told_free (Told *told);
void expect_code (Peer *peer, RtmfpNetEventType type, const char *code);

RawTold *raw_expect (Peer *peer, RtmfpEventType type);
guint raw_count (Peer *peer, RtmfpEventType type);
void raw_free (RawTold *told);

/* A bare peer opens a flow with this metadata. */
RtmfpId raw_open (Peer *peer, RtmfpBytes metadata, RtmfpId associated);
void raw_send (Peer *peer, RtmfpId flow, RtmfpBytes message);
/* Accepts what comes. */
void raw_accept (Peer *peer, RtmfpId flow);

#define BYTES(literal) rtmfp_bytes (literal, sizeof literal - 1)
#define NO_BYTES rtmfp_bytes (NULL, 0)
#define assert_ok(expression) g_assert_cmpint ((expression), ==, RTMFP_OK)

/* AMF0 of one number, or one text: valid until the next call. */
RtmfpBytes amf_number (double value);
RtmfpBytes amf_text (const char *text);

#endif

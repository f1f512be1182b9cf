/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For fuzz-conversation: a server with two honest peers, and a hostile one that has sessions of its
 * own, on a wire in memory and a clock that only we move. What the honest say is kept in a ledger:
 * each message arrives once, in order and in time, whatever the hostile one does. */
#ifndef TESTS_FUZZ_CROWD_H
#define TESTS_FUZZ_CROWD_H

#include "core/endpoint/endpoint-state.h"
#include "core/session/session-state.h"
#include "tests/fuzz/target.h"

enum { SERVER, ANN, BOB, HOSTILE, NODES };
enum { FLOWS = 4 };

/* Addresses 0 to NODES - 1 are those of the nodes; behind the others is nobody. */
enum { ADDRESSES = 8, WIRE_MAX = 2048, CAUGHT_MAX = 16, HOSTILE_FLOWS_MAX = 16 };

typedef struct {
  int64_t at_us;
  uint8_t from, to; /* addresses */
  size_t size;
  uint8_t bytes[RTMFP_DATAGRAM_BYTES_MAX];
} CrowdDatagram;

/* One honest flow, and what was said on it. */
typedef struct {
  int from, to; /* nodes */
  RtmfpId sending, receiving;
  uint64_t sent, received;
  int64_t sent_us[256]; /* of the newest ones not received */
} CrowdFlow;

typedef struct {
  RtmfpEndpoint *endpoint;
  RtmfpId identity;
  RtmfpFingerprint fingerprint;
  /* ann, bob: their session with the server, as they know it and as the server does */
  RtmfpId near_session, server_session;
} CrowdNode;

typedef struct {
  uint64_t random;
  int64_t now_us;
  CrowdNode nodes[NODES];
  CrowdFlow flows[FLOWS]; /* server to ann, ann to server, the same with bob */
  CrowdDatagram *wire;    /* a ring in order of time */
  size_t wire_first, wire_count;
  CrowdDatagram caught[CAUGHT_MAX]; /* the newest honest ones */
  size_t caught_count;
  RtmfpId hostile_flows[HOSTILE_FLOWS_MAX]; /* the server's, with the hostile peer */
  size_t hostile_flow_count;
  bool hostile_listens; /* its endpoint hears what comes for it */
  unsigned to_drop, dropped;
  size_t memory_before;
  uint64_t hostile_bytes; /* it sent so many */
  /* as the server sees them, and how many may be of a session, whose address is then asked */
  uint64_t bytes_to[ADDRESSES], bytes_from[ADDRESSES], authentic_from[ADDRESSES];
} Crowd;

/* All sessions are open, and each honest flow has carried one message. */
void crowd_init (Crowd *crowd);
/* Every message has arrived, no session of the honest is gone, and memory is within its bound. */
void crowd_end (Crowd *crowd);

const RtmfpAddress *crowd_address (int index);
/* A datagram comes to a node now, from any address. */
void crowd_receive (Crowd *crowd, int to, int from, const uint8_t *bytes, size_t size);
/* Jobs, events and datagrams of all nodes go where they belong. */
void crowd_settle (Crowd *crowd);
void crowd_pass (Crowd *crowd, int64_t for_us);
/* Each honest flow carries one more message. */
void crowd_talk (Crowd *crowd);
/* Memory in use, and what the server sent to addresses where nobody is. */
void crowd_check_bounds (const Crowd *crowd);
/* The hostile one's session with a node, as it has it itself; NULL = gone. */
RtmfpEntry *crowd_hostile_session (const Crowd *crowd, int with);
/* The hostile one begins a session with a node. */
void crowd_open_hostile (Crowd *crowd, int to);

#endif

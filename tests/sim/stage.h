/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Peers that talk over real endpoints in a simulated network, and a ledger of all they said: who
 * sent what on which flow, what arrived, what was given up and why it might be. Every surprise ends
 * the program with its seed. */
#ifndef TESTS_SIM_STAGE_H
#define TESTS_SIM_STAGE_H

#include "core/endpoint/endpoint.h"
#include "tests/sim/world.h"

typedef struct Stage Stage;
typedef struct Peer Peer;
typedef struct Link Link;
typedef struct Channel Channel;

/* Ends the program when condition does not hold, telling seed and time. */
#define stage_expect(stage, condition, ...)                                                        \
  do {                                                                                             \
    if (!(condition)) {                                                                            \
      stage_fail (stage, __FILE__, __LINE__, #condition, __VA_ARGS__);                             \
    }                                                                                              \
  } while (0)

void stage_fail (const Stage *stage, const char *file, int line, const char *condition,
                 const char *format, ...) G_GNUC_PRINTF (5, 6) G_GNUC_NORETURN;

/* One line of what happens, with seed and time; only of a verbose stage. */
void stage_tell (const Stage *stage, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* ---- Peers ---- */

typedef enum { PEER_CLIENT, PEER_SERVER, PEER_REDIRECTOR } PeerRole;

struct Peer {
  Stage *stage;
  PeerRole role;
  int number;
  SimHost *host;
  SimNat *nat;
  SimNatKind nat_kind;
  SimChance chance; /* of its endpoint's random bytes */
  RtmfpEndpoint *endpoint;
  RtmfpId identity;
  RtmfpFingerprint fingerprint;
  RtmfpAddress redirect_to; /* a redirector's only answer */
  int64_t keepalive_us;
  int64_t now_us;
  bool moved; /* its address changed */
};

/* ---- Links: sessions that are wanted ---- */

typedef struct {
  RtmfpId opening; /* what open() answered, until it opens or closes */
  RtmfpId session; /* 0 = none open */
  bool was_open, is_over;
  RtmfpCloseReason reason;
} LinkEnd;

struct Link {
  Peer *peers[2]; /* the first opens it */
  LinkEnd ends[2];
  Peer *introducer; /* whose hello is forwarded or who redirects; NULL = straight */
  bool by_uri;      /* the discriminator names any server */
  bool both_open;   /* glare */
  bool may_fail;    /* no way through these NATs */
  bool restarts;    /* the first forgets its session once, before anything is said */
  bool started, restarted, closing, failed;
  int timeouts;
  int64_t start_us;  /* not before */
  int64_t ready_us;  /* both ends open since; 0 = not */
  int64_t linger_us; /* silence before it is closed, for keepalives */
  int64_t done_us;
  int closer; /* 0, 1, or 2 = both */
};

/* ---- Channels: flows and what is said on them ---- */

typedef struct {
  uint32_t size;
  RtmfpMessageOptions options;
  uint64_t number; /* the flow's own */
  bool ended, delivered, received;
} Message;

typedef enum {
  CHANNEL_RELIABLE,
  CHANNEL_LOSSY,  /* deadlines, dependencies, no retransmission */
  CHANNEL_PAUSED, /* the receiver stops taking for a while */
  CHANNEL_REJECTED_AT_ONCE,
  CHANNEL_REJECTED_LATER,
  CHANNEL_KINDS,
} ChannelKind;

struct Channel {
  uint64_t id;
  Link *link;
  int from; /* which end sends */
  ChannelKind kind;
  RtmfpPriority priority;
  RtmfpOrder order;
  size_t window_bytes, buffer_bytes;
  size_t message_count;
  uint32_t size_max;
  int64_t interval_us; /* mean, between messages */
  int64_t pause_us;
  uint64_t reject_code;
  size_t reject_after;
  bool wants_answer; /* a return flow */
  Channel *answers;  /* the channel this one is the answer of */
  Channel *answer;

  bool opened, is_new_seen, blocked, closing, closed, finished, excepted, rejected;
  bool resumed;
  bool gap_told; /* since the last message */
  size_t gaps;
  RtmfpId sending, receiving;
  int64_t next_us;
  int64_t resume_us;
  GArray *messages; /* Message */
  size_t received_count;
  uint64_t last_received;
};

/* ---- The stage ---- */

struct Stage {
  uint64_t seed;
  SimWorld *world;
  SimChance *chance;
  GPtrArray *peers, *links, *channels;
  uint32_t groups;
  bool verbose; /* tell what happens */
};

/* What ended how, and what was said, over all worlds: rules that no endpoint can count by itself.
 * All are 64-bit counts. */
typedef struct {
  uint64_t closed_by_near, closed_by_far, closed_by_both, close_timed_out; /* RFC 7016 s3.5.5 */
  uint64_t open_timed_out, reopened;                                       /* s3.5.1.1 */
  uint64_t flow_finished, return_flow, rejected_at_once, rejected_later;   /* s3.6.2.11, s3.6.3 */
  uint64_t suspended, gap_told, message_in_pieces, order_of_network;       /* s3.6.1.2, s3.6.3.3 */
  uint64_t message_given_up, message_end_told;                             /* s3.6.2.7 */
} StageSeen;

typedef struct {
  RtmfpCounters engine;
  StageSeen seen;
} StageSum;

Stage *stage_new (uint64_t seed);
void stage_free (Stage *stage);
Peer *stage_add_peer (Stage *stage, PeerRole role, SimNatKind nat, const SimLink *up,
                      const SimLink *down);
Link *stage_add_link (Stage *stage, Peer *a, Peer *b);
Channel *stage_add_channel (Stage *stage, Link *link, int from, ChannelKind kind);
/* Does what has come due between nodes; whether all was said and every session is closed. */
bool stage_step (Stage *stage);
/* The ledger must be clean. */
void stage_check (Stage *stage);
void stage_add_counters (const Stage *stage, StageSum *sum);
/* Where to reach a peer that has no NAT. */
RtmfpAddress peer_address (const Peer *peer);

#endif

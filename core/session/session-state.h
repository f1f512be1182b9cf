/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the session room: what a session is made of, RFC 7016 s3.5. Nobody outside includes this.
 */
#ifndef RTMFP_SESSION_STATE_H
#define RTMFP_SESSION_STATE_H

#include "core/base/buffer.h"
#include "core/base/deadlines.h"
#include "core/congestion/congestion.h"
#include "core/congestion/params.h"
#include "core/congestion/rtt.h"
#include "core/flow/recv-flow.h"
#include "core/flow/send-flow.h"
#include "core/session/ecn.h"
#include "core/session/opening.h"
#include "core/session/path-mtu.h"
#include "core/session/session.h"
#include "core/session/startup-packet.h"

/* What the flow's id leads to: the beginning of an RtmfpFlow, or of what is left of it while its
 * session rests. */
typedef struct {
  RtmfpSession *session; /* (borrowed) */
} RtmfpFlowPlace;

/* About what a flow is in memory: what rtmfp_session_fetch_flows() asks for. */
#define RTMFP_FLOW_FETCH_BYTES 384

struct RtmfpFlow {
  RtmfpSession *session;            /* (borrowed) first, as in RtmfpFlowPlace */
  TAILQ_ENTRY (RtmfpFlow) link;     /* in sending or receiving of its session */
  TAILQ_ENTRY (RtmfpFlow) eventful; /* in eventful of its session, when is_eventful */
  RtmfpId id;
  RtmfpSendFlow *send; /* (owned) a sending flow; else NULL */
  RtmfpRecvFlow *recv; /* (owned) a receiving flow; else NULL */
  RtmfpId associated;
  uint8_t *metadata; /* (owned) receiving: until it was told */
  size_t metadata_size;
  uint64_t exception_code;
  uint8_t priority;
  bool buffer_grows; /* sending: with the window, as its user named no size */
  bool is_eventful;
  bool is_new;        /* receiving: RTMFP_EVENT_FLOW_NEW was not told yet */
  bool is_unknown;    /* receiving: rejected by ourselves, the user never hears of it */
  bool has_exception; /* sending: to be told */
  bool sends_probe;   /* sending: a Buffer Probe is due */
  bool is_over;       /* told to the user as finished: to be freed when it may be */
};

typedef TAILQ_HEAD (RtmfpFlows, RtmfpFlow) RtmfpFlows;

/* A packet that came before the keys were there. */
typedef struct {
  RtmfpBuffer datagram;
  RtmfpPath from;
  uint8_t ecn;
} RtmfpEarlyPacket;

/* What only an opening initiator needs. */
typedef struct {
  RtmfpBuffer epd_bytes;
  RtmfpEpd epd; /* borrows from epd_bytes */
  uint8_t tag[RTMFP_TAG_SIZE];
  RtmfpCandidates candidates;
  int64_t give_up_us;
  RtmfpKeying *keying; /* (owned) NULL while a job has it */
  RtmfpBuffer cookie;
  bool cookie_changed;
  RtmfpRetry retry; /* of IIKeying */
  RtmfpEarlyPacket early[RTMFP_EARLY_PACKETS_MAX];
  size_t early_count;
} RtmfpOpening;

/* How acknowledgements come in, and what is overdue by that: see recovery.c. */
typedef struct {
  int64_t latest_us;   /* what the newest fragment took from leaving to its acknowledgement */
  int64_t smoothed_us; /* 0 = never measured */
  int64_t variance_us;
  int64_t least_us;
  int64_t overdue_us;    /* when an overtaken fragment is lost; RTMFP_NEVER = none */
  int64_t probe_us;      /* when the next probe is due; RTMFP_NEVER = none */
  int64_t probe_sent_us; /* the last one */
  uint8_t probes;        /* since something was acknowledged */
  bool probe_waits;      /* may pass the window and the pace */
  bool copy_waits;       /* a copy leaves by itself */
  int64_t copy_us;       /* when the next one does; RTMFP_NEVER = none */
} RtmfpRecovery;

/* What an open session needs for its flows; made with the first one. */
typedef struct {
  RtmfpFlows sending;
  RtmfpFlows receiving;
  size_t sending_count;
  size_t receiving_count;
  uint64_t next_flow_id;
  RtmfpCongestion congestion;
  size_t outstanding_bytes; /* S_OUTSTANDING_BYTES */
  uint64_t next_tsn;
  uint64_t max_tsn_ack;
  uint64_t next_packet;
  unsigned data_packets; /* RX_DATA_PACKETS */
  bool ack_now;
  bool is_idle;    /* no flow has anything to do: set when all is quiet, until something stirs */
  bool alone_acks; /* the last data packet came alone */
  RtmfpPathMtu path_mtu;
  RtmfpEcn ecn;
  bool sends_probes;      /* of some flow */
  int64_t delayed_ack_us; /* DELACK_ALARM; RTMFP_NEVER = unset */
  int64_t timeout_us;     /* TIMEOUT_ALARM; RTMFP_NEVER = unset */
  int64_t data_sent_us;   /* when user data left last */
  int64_t data_heard_us;  /* when user data came last */
  RtmfpRecovery recovery;
} RtmfpTraffic;

/* What is kept of a flow while its session rests. */
typedef struct {
  RtmfpSession *session; /* (borrowed) first, as in RtmfpFlowPlace */
  RtmfpId id;
  RtmfpId associated;
  union {
    RtmfpSendRest send;
    RtmfpRecvRest recv;
  };
  uint8_t priority;
  bool sends;
  bool buffer_grows;
} RtmfpFlowRest;

/* What is kept instead of RtmfpTraffic and its flows while nothing moves: see rest.c. */
typedef struct {
  RtmfpCongestionRest congestion;
  RtmfpPathMtu path_mtu;
  RtmfpEcn ecn;
  int64_t ack_latest_us, ack_smoothed_us, ack_variance_us, ack_least_us; /* of RtmfpRecovery */
  uint64_t next_flow_id;
  uint64_t next_tsn;
  size_t flow_count;
  RtmfpFlowRest flows[]; /* in the order of their lists */
} RtmfpRest;

#define RTMFP_ECHO_BYTES_MAX 64

/* What goes to another address than DESTADDR. */
typedef struct {
  RtmfpPath to;
  uint8_t message[25];
  bool waits;
  RtmfpPath echo_to; /* the same for a Ping Reply */
  uint8_t echo[RTMFP_ECHO_BYTES_MAX];
  uint8_t echo_size;
  bool echo_waits;
  /* a copy of what is time critical, for an address that is not verified yet */
  RtmfpPath mirror_to;
  size_t mirror_credit_bytes; /* came from there and not spent */
  int64_t mirror_until_us;
  int64_t vouched_until_us; /* no further credit by word alone */
  uint8_t mirror[RTMFP_DATAGRAM_BYTES_MAX];
  size_t mirror_size;
  bool mirror_waits;
  int64_t
      path_heard_us; /* DESTADDR itself, since something came by a higher interface; 0 = never */
} RtmfpMobilityPing;

#define RTMFP_DOUBT_SIZE 9

/* Somebody else keyed from where the far side is: is it still there? */
typedef struct {
  uint8_t message[RTMFP_DOUBT_SIZE];
  uint8_t pings; /* sent, or waiting to be */
  bool waits;
  int64_t due_us;
} RtmfpDoubt;

/* In the order of how often it is used: what a keepalive or a packet touches stands together, in as
 * few lines of the cache as may be. */
struct RtmfpSession {
  RtmfpShared *shared; /* (borrowed) */
  RtmfpId id;
  uint32_t near_id;
  uint32_t far_id;
  uint8_t state;
  bool is_initiator;
  bool introducer;
  bool moved; /* path is another one since rtmfp_session_take_moved() */
  bool ping_outstanding;
  /* to be told */
  bool tells_open, tells_address, tells_closed;
  uint8_t close_reason;
  /* to be sent */
  uint8_t empty_replies; /* to Pings without a message, as keepalive is */
  bool sends_ping, sends_close, sends_close_ack;
  RtmfpPath path;              /* DESTADDR */
  RtmfpOpening *opening;       /* (owned) initiator: until it is open */
  RtmfpStartupPacket *startup; /* (owned) NULL when none waits */
  RtmfpTraffic *traffic;       /* (owned) NULL until the first flow, and while it rests */
  RtmfpRest *rest;             /* (owned) NULL unless it rests */
  RtmfpFlows eventful;
  RtmfpDoubt *doubt;           /* (owned) NULL = none */
  RtmfpMobilityPing *mobility; /* (owned) NULL when none waits */
  /* alive? */
  int64_t keepalive_us;
  int64_t retransmit_limit_us;
  int64_t ping_due_us;
  int64_t quiet_us; /* when it counts as idle and gives memory back; RTMFP_NEVER = it has */
  int64_t unanswered_since_us; /* RTMFP_NEVER = nothing waits for an answer */
  /* the dark: see liveness.c */
  int64_t probe_us, probe_due_us; /* RTMFP_NEVER = nothing to wait for */
  int64_t heard_us;               /* the last authentic packet */
  RtmfpBuffer replies;            /* whole chunks: Ping Replies with a message, refusals of flows */
  RtmfpBuffer forwards;           /* whole Forwarded Initiator Hello chunks to send */
  RtmfpBuffer forwarded;          /* those received: size (4 bytes, host order), payload */
  uint64_t bytes_sent, bytes_received, packets_sent, packets_received, packets_lost;
  uint64_t peer_features; /* bits of RtmfpFeature; 0 until the session is open */
  RtmfpRtt rtt;
  RtmfpProtection
      protection; /* RTMFP_SESSION_FETCH_BYTES end in it, at its replay window's first */
  /* seldom used */
  RtmfpId identity;
  RtmfpSigner *signer; /* (owned) NULL = signs nothing, asks for nothing */
  RtmfpFingerprint far_fingerprint;
  RtmfpBuffer near_certificate;
  RtmfpBuffer far_certificate;
  RtmfpBuffer initiator_component;
  RtmfpBuffer responder_component;
  uint8_t near_nonce[RTMFP_NONCE_SIZE];
  uint8_t far_nonce[RTMFP_NONCE_SIZE];
  int64_t opened_us;
  /* mobility, s3.5.4.2 */
  int64_t mobility_tx_us, mobility_rx_us; /* INT64_MIN = never */
  /* closing */
  int64_t close_retry_us;
  int64_t close_over_us;
  RtmfpCaptureTold *told; /* (owned) NULL until a capture is told of it */
};

/* What rtmfp_session_fetch() asks for. */
#define RTMFP_SESSION_FETCH_BYTES (offsetof (RtmfpSession, protection.seen) + 32)

/* ---- session-flows.c ---- */
RtmfpTraffic *rtmfp_session_traffic (RtmfpSession *session);
/* Whether the flow that data would open finds a place among our receiving flows. Where all are
 * taken by flows that are open, it is rejected (s3.6.3.7); where some linger, it is only ignored,
 * and taken when it is sent again. */
bool rtmfp_session_has_place (RtmfpSession *session, const RtmfpUserData *data, int64_t now_us);
void rtmfp_session_abort_flows (RtmfpSession *session);
/* Their part of the endpoint's counters, once and for all. */
void rtmfp_flow_add_counts (const RtmfpFlow *flow, RtmfpCounters *counters);
void rtmfp_flow_free (RtmfpFlow *flow);
void rtmfp_flow_mark_eventful (RtmfpFlow *flow);
RtmfpFlow *rtmfp_session_find_flow (const RtmfpFlows *flows, uint64_t flow_id);
/* Frees a flow that was told as over once its wire state is over, too. */
void rtmfp_flow_release (RtmfpFlow *flow);

/* ---- rest.c ---- */
/* To be called when no flow has anything to do. */
void rtmfp_session_rest (RtmfpSession *session);
/* Before anything but a Ping: its flows are there again. Does nothing unless it rests. */
void rtmfp_session_wake (RtmfpSession *session);
/* The session is over. */
void rtmfp_session_abort_rest (RtmfpSession *session);

/* ---- session-receive.c ---- */
RtmfpStatus rtmfp_session_receive_open (RtmfpSession *session, RtmfpBytes datagram,
                                        const RtmfpPath *from, uint8_t ecn, uint8_t *scratch,
                                        int64_t now_us);

/* ---- recovery.c ---- */
void rtmfp_recovery_init (RtmfpRecovery *recovery);
int64_t rtmfp_session_least_us (const RtmfpSession *session);
/* The far side is elsewhere: how long its acknowledgements take is to be measured anew. */
void rtmfp_session_forget_path (RtmfpSession *session);
/* After all acknowledgements of a packet: what was overtaken, s3.6.2.5. */
void rtmfp_session_finish_acks (RtmfpSession *session, const RtmfpAckResult *acks, int64_t now_us);
void rtmfp_session_advance_recovery (RtmfpSession *session, int64_t now_us);
/* Data left: sets the alarms that are not set. */
void rtmfp_session_data_left (RtmfpSession *session, int64_t now_us);
/* S_OUTSTANDING_BYTES anew. */
void rtmfp_session_count_outstanding (RtmfpSession *session);
/* Takes all that was sent before as lost. */
size_t rtmfp_session_lose (RtmfpSession *session, int64_t sent_us);
/* Sets the timeout alarm by what is in flight. */
void rtmfp_session_set_timeout (RtmfpSession *session);

/* ---- handshake.c ---- */
RtmfpStatus rtmfp_session_receive_startup (RtmfpSession *session, RtmfpBytes datagram,
                                           const RtmfpPath *from, uint8_t ecn, uint8_t *scratch,
                                           int64_t now_us);
void rtmfp_session_free_opening (RtmfpSession *session);
bool rtmfp_session_write_hello (RtmfpSession *session, int64_t now_us, uint8_t *buffer,
                                size_t capacity, RtmfpDatagram *datagram);
void rtmfp_session_advance_opening (RtmfpSession *session, int64_t now_us);

/* ---- session-send.c ---- */
/* A probe's Ping says: mark, size (2 bytes), path. */
#define RTMFP_PATH_MTU_MARK 'P'
#define RTMFP_PATH_MTU_MESSAGE 4
/* The longest datagram that discovery goes to: by the family of DESTADDR. */
size_t rtmfp_session_path_mtu_most (const RtmfpSession *session);

/* ---- liveness.c ---- */
void rtmfp_session_answered (RtmfpSession *session, int64_t now_us);
void rtmfp_session_asked (RtmfpSession *session, int64_t now_us);
void rtmfp_session_heard (RtmfpSession *session, int64_t now_us);
void rtmfp_session_receive_ping (RtmfpSession *session, RtmfpBytes message, const RtmfpPath *from);
void rtmfp_session_receive_ping_reply (RtmfpSession *session, RtmfpBytes message,
                                       const RtmfpPath *from, int64_t now_us);
/* A packet came after now_us - heard_us of silence: what was lost in the dark is not waited for. */
void rtmfp_session_brighten (RtmfpSession *session, int64_t silence_us, int64_t now_us);
void rtmfp_session_check_mobility (RtmfpSession *session, const RtmfpPath *from, size_t size,
                                   int64_t now_us);
/* A datagram with time critical data goes to DESTADDR: keeps a copy for where the far side may be
 * now. */
void rtmfp_session_mirror (RtmfpSession *session, const uint8_t *bytes, size_t size,
                           int64_t now_us);
void rtmfp_session_advance_liveness (RtmfpSession *session, int64_t now_us);
void rtmfp_session_free_doubt (RtmfpSession *session);

/* Something other than a Ping came, or goes out: it is not quiet. */
void rtmfp_session_stir (RtmfpSession *session, int64_t now_us);
void rtmfp_session_become_quiet (RtmfpSession *session);

/* ---- observe.c ---- */
/* To be called only while there is a capture. */
void rtmfp_session_capture_packet (const RtmfpSession *session, RtmfpCaptureType type,
                                   const RtmfpPath *path, RtmfpBytes plain, size_t datagram_bytes);

/* A datagram of before goes to another address too; its size follows. */
void rtmfp_session_capture_copy (const RtmfpSession *session, const RtmfpPath *path);

/* ---- session.c ---- */
void rtmfp_session_become_open (RtmfpSession *session, const RtmfpSessionKeys *keys,
                                int64_t now_us);
/* Leaves whatever state for S_CLOSED and tells why. */
void rtmfp_session_end (RtmfpSession *session, RtmfpCloseReason reason);
void rtmfp_session_receive_close (RtmfpSession *session, int64_t now_us);
void rtmfp_session_receive_close_ack (RtmfpSession *session);

static inline bool
rtmfp_path_equal (const RtmfpPath *a, const RtmfpPath *b) {
  return a->interface_id == b->interface_id && rtmfp_address_equal (&a->address, &b->address);
}

static inline bool
rtmfp_session_is_connected (const RtmfpSession *session) {
  return session->state >= RTMFP_SESSION_OPEN && session->state <= RTMFP_SESSION_FARCLOSE_LINGER;
}

#endif

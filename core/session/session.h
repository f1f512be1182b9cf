/* SPDX-License-Identifier: Apache-2.0 */
/* One session: its handshake, its packets, its flows and its end, RFC 7016 s3.5.
 *
 * Knows no endpoint and no table of sessions. The endpoint finds the session for what comes in,
 * calls it, and asks it afterwards for its datagrams, events and deadline. Jobs go into
 * RtmfpShared. */
#ifndef RTMFP_SESSION_SESSION_H
#define RTMFP_SESSION_SESSION_H

#include "core/crypto/epd.h"
#include "core/crypto/signer.h"
#include "core/session/shared.h"
#include "core/session/types.h"
#include "core/wire/startup-chunk.h"

typedef struct RtmfpSession RtmfpSession;

typedef enum {
  RTMFP_SESSION_HELLO_SENT,      /* S_IHELLO_SENT */
  RTMFP_SESSION_KEYING_MAKE,     /* initiator: its key is being made by a job */
  RTMFP_SESSION_KEYING_SENT,     /* S_KEYING_SENT */
  RTMFP_SESSION_KEYING_FINISH,   /* initiator: the keys are being computed by a job */
  RTMFP_SESSION_RESPONDING,      /* responder: the keys are being computed by a job */
  RTMFP_SESSION_OPEN,            /* S_OPEN */
  RTMFP_SESSION_NEARCLOSE,       /* S_NEARCLOSE */
  RTMFP_SESSION_FARCLOSE_LINGER, /* S_FARCLOSE_LINGER */
  RTMFP_SESSION_CLOSED,          /* S_CLOSED, S_OPEN_FAILED: free it when nothing is left to poll */
} RtmfpSessionState;

/* Under which of our identities it stands. */
typedef struct {
  RtmfpId id;
  const RtmfpCredentials *credentials; /* (borrowed during the call) */
  RtmfpKeyingPolicy policy;
  const RtmfpSigner *signer; /* (borrowed during the call) NULL = signs nothing, asks for nothing */
} RtmfpNear;

/* Where a packet came from or goes to. */
typedef struct {
  RtmfpAddress address;
  uint32_t interface_id;
} RtmfpPath;

/* ---- Life ---- */

/* A session without a role yet. id: the endpoint's, told in jobs and events. near_id: the session
 * id that the far side is to send with, unique and not 0. shared (borrowed, outlives it). */
/* Asks for the session's memory, which is used soon: first for its own, then in steps of depth 0 to
 * RTMFP_SESSION_FETCH_DEPTH - 1 for that of its flows. Each step reads what the last asked for. */
#define RTMFP_SESSION_FETCH_DEPTH 3
void rtmfp_session_fetch (const RtmfpSession *session);
void rtmfp_session_fetch_flows (const RtmfpSession *session, int depth);

RtmfpSession *rtmfp_session_new (RtmfpShared *shared, RtmfpId id, uint32_t near_id);
void rtmfp_session_free (RtmfpSession *session);

/* Becomes an initiator in S_IHELLO_SENT. epd (copied). Returns: OK; what rtmfp_epd_read answers.
 * Source: RFC 7016 s3.5.1.1.1. */
RTMFP_MUST_USE RtmfpStatus rtmfp_session_start_initiator (RtmfpSession *session,
                                                          const RtmfpNear *near, RtmfpBytes epd,
                                                          int64_t give_up_us);
/* Returns: OK; STATE (no longer S_IHELLO_SENT); LIMIT. */
RTMFP_MUST_USE RtmfpStatus rtmfp_session_add_candidate (RtmfpSession *session,
                                                        const RtmfpPath *path, int64_t now_us);
/* An RHello with our tag. Returns: OK; STATE (not wanted any more); AUTH (another certificate than
 * wanted); what the certificate or the keying answers. */
RTMFP_MUST_USE RtmfpStatus rtmfp_session_receive_hello (RtmfpSession *session,
                                                        const RtmfpNear *near,
                                                        const RtmfpResponderHello *hello,
                                                        const RtmfpPath *from, int64_t now_us);

/* Becomes a responder whose cookie was found good; a job computes its keys. keying (copied).
 * Returns: OK; AUTH (not signed as we require); what the certificate or the keying answers (then
 * free it). Source: RFC 7016 s3.5.1.1.2. */
RTMFP_MUST_USE RtmfpStatus rtmfp_session_start_responder (RtmfpSession *session,
                                                          const RtmfpNear *near,
                                                          const RtmfpInitiatorKeying *keying,
                                                          const RtmfpPath *from);
/* Whether this IIKeying is the one that made this session, sent again. */
bool rtmfp_session_is_same_keying (const RtmfpSession *session, const RtmfpInitiatorKeying *keying);
/* Sends RIKeying again. */
void rtmfp_session_resend_keying (RtmfpSession *session);

/* A job of this session is done. job (ownership goes in). */
void rtmfp_session_complete_job (RtmfpSession *session, RtmfpJob *job, int64_t now_us);

/* Orderly, or abrupt: forgotten after one Session Close Acknowledgement. RFC 7016 s3.5.5. */
void rtmfp_session_close (RtmfpSession *session, bool abrupt, RtmfpCloseReason reason,
                          int64_t now_us);

/* Ends at once, without a word to the far side. */
void rtmfp_session_drop (RtmfpSession *session, RtmfpCloseReason reason);

/* ---- Looking ---- */

RtmfpSessionState rtmfp_session_state (const RtmfpSession *session);
RtmfpId rtmfp_session_id (const RtmfpSession *session);
RtmfpId rtmfp_session_identity (const RtmfpSession *session);
uint32_t rtmfp_session_near_id (const RtmfpSession *session);
int64_t rtmfp_session_opened_us (const RtmfpSession *session); /* of an open one */
/* The far side's; empty before it is known. (borrowed) */
RtmfpBytes rtmfp_session_far_certificate (const RtmfpSession *session);
const RtmfpFingerprint *rtmfp_session_far_fingerprint (const RtmfpSession *session);
const RtmfpPath *rtmfp_session_path (const RtmfpSession *session);
/* Opening ones only: whether it sends its hellos, or its keying, there. */
bool rtmfp_session_is_destination (const RtmfpSession *session, const RtmfpPath *path);
/* Opening ones only. */
const uint8_t *rtmfp_session_tag (const RtmfpSession *session);
const RtmfpEpd *rtmfp_session_epd (const RtmfpSession *session);
/* Returns: OK; STATE (not open). */
RTMFP_MUST_USE RtmfpStatus rtmfp_session_info (const RtmfpSession *session, RtmfpSessionInfo *info);
/* Tells the capture what changed since the last call; only while there is one. */
void rtmfp_session_observe (RtmfpSession *session);
/* All of it is told anew. */
void rtmfp_session_forget_told (RtmfpSession *session);
/* Adds to the counters what its flows counted so far. */
void rtmfp_session_add_counters (const RtmfpSession *session, RtmfpCounters *counters);

/* Whether its path changed since the last call. */
bool rtmfp_session_take_moved (RtmfpSession *session);

/* ---- The pump ---- */

/* A datagram with near_id. ecn: the two bits of its IP header. scratch: at least datagram.size
 * bytes. Returns: OK; why it was dropped (STATE = replayed, UNSUPPORTED = not expected now). */
RTMFP_MUST_USE RtmfpStatus rtmfp_session_receive (RtmfpSession *session, RtmfpBytes datagram,
                                                  const RtmfpPath *from, uint8_t ecn,
                                                  uint8_t *scratch, int64_t now_us);
void rtmfp_session_advance (RtmfpSession *session, int64_t now_us);
int64_t rtmfp_session_deadline (const RtmfpSession *session);

/* How urgently it wants to send: -1 = not at all, an RtmfpPriority for data, RTMFP_PRIORITY_COUNT
 * for anything else. */
int rtmfp_session_urgency (RtmfpSession *session, int64_t now_us);
bool rtmfp_session_poll_transmit (RtmfpSession *session, int64_t now_us, uint8_t *buffer,
                                  size_t capacity, RtmfpDatagram *datagram);

/* Tells RTMFP_EVENT_SESSION_OPEN (again) if it is open. */
void rtmfp_session_tell_open (RtmfpSession *session);
bool rtmfp_session_has_event (const RtmfpSession *session);
/* memory out: what event->bytes borrows from, to be freed by the caller when the event is done with
 * (may be NULL). Returns: whether there was one. */
bool rtmfp_session_poll_event (RtmfpSession *session, RtmfpEvent *event, uint8_t **memory);

/* A Forwarded Initiator Hello that came from an introducer: its payload (owned by the caller,
 * free()). Returns: whether there was one. */
bool rtmfp_session_take_forwarded (RtmfpSession *session, uint8_t **payload, size_t *size);

/* ---- Commands in an open session ---- */

void rtmfp_session_set_options (RtmfpSession *session, const RtmfpSessionOptions *options,
                                int64_t now_us);
/* Sends an empty Ping, again and again until it is answered. RFC 7016 s3.5.4.1. */
void rtmfp_session_ping (RtmfpSession *session, int64_t now_us);
/* A new session was keyed from the address of this open one, or with its certificate: asks the far
 * side whether it still has this session, and ends it (RTMFP_CLOSE_REPLACED) when nothing answers.
 * Takes RTMFP_DOUBT_PINGS round trips at most. */
void rtmfp_session_doubt (RtmfpSession *session, int64_t now_us);
/* Asks an address where the far side may be now; if it answers from there the session moves there.
 * RFC 7016 s3.5.4.2. */
void rtmfp_session_probe (RtmfpSession *session, const RtmfpPath *path, int64_t now_us);
/* The same where somebody who is believed says that the far side is there: until it answers, what
 * is time critical goes there as well, RTMFP_VOUCHED_BYTES at most in RTMFP_MIRROR_US. */
void rtmfp_session_vouch (RtmfpSession *session, const RtmfpPath *path, int64_t now_us);
/* Returns: OK; STATE; LIMIT (too much waits already). RFC 7016 s3.5.1.5. */
RTMFP_MUST_USE RtmfpStatus rtmfp_session_forward_hello (RtmfpSession *session,
                                                        const RtmfpForwardedHello *hello);

/* ---- Flows: an RtmfpFlow stands behind each flow id in RtmfpShared.flows ---- */

typedef struct RtmfpFlow RtmfpFlow;

/* The living flow of that id, NULL when there is none; its session rests no longer. */
RtmfpFlow *rtmfp_flow_find (const RtmfpShared *shared, RtmfpId id);
RtmfpSession *rtmfp_flow_session (const RtmfpFlow *flow);
/* As rtmfp_session_fetch(), of the flow and its session. */
void rtmfp_flow_fetch (const RtmfpFlow *flow);
/* Returns: OK; STATE (not open, or no such receiving flow to answer); LIMIT. */
RTMFP_MUST_USE RtmfpStatus rtmfp_session_open_flow (RtmfpSession *session,
                                                    const RtmfpFlowConfig *config, RtmfpId *id);
void rtmfp_flow_set_priority (RtmfpFlow *flow, RtmfpPriority priority);
/* Each returns: OK; STATE (a flow of the other direction, or closed); FULL; LIMIT. */
RTMFP_MUST_USE RtmfpStatus rtmfp_flow_send (RtmfpFlow *flow, RtmfpBytes message,
                                            const RtmfpMessageOptions *options, int64_t now_us,
                                            uint64_t *number);
void rtmfp_flow_close (RtmfpFlow *flow, int64_t now_us);
RTMFP_MUST_USE RtmfpStatus rtmfp_flow_accept (RtmfpFlow *flow, RtmfpOrder order,
                                              size_t window_bytes);
void rtmfp_flow_reject (RtmfpFlow *flow, uint64_t code);
void rtmfp_flow_pause (RtmfpFlow *flow, bool paused);

#endif

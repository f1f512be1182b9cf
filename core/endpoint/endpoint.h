/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's public face: one RTMFP instance (RFC 7016) with the Flash profile (RFC 7425).
 *
 * Sans-IO. Datagrams, time (microseconds of any monotonic clock) and random bytes come in as
 * arguments; datagrams, events and jobs are polled out. There are no callbacks, so nothing
 * re-enters. Across this edge go ids, never pointers. One endpoint belongs to one thread.
 *
 * The loop around it: receive() what came, complete_job() what is done, advance(now), then
 * poll_job(), poll_event() and poll_transmit() until each says no, then sleep until deadline(). */
#ifndef RTMFP_ENDPOINT_H
#define RTMFP_ENDPOINT_H

#include "core/base/address.h"
#include "core/base/bytes.h"
#include "core/base/deadlines.h"
#include "core/base/log.h"
#include "core/base/rng.h"
#include "core/base/slots.h"
#include "core/base/status.h"
#include "core/crypto/profile.h"
#include "core/session/capture.h"
#include "core/session/job.h"
#include "core/session/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct RtmfpEndpoint RtmfpEndpoint;

/* What an endpoint is made with; only rng is needed. */
/* Load distribution (RFC 7016 s3.5.1.7): who asks for any server, not for a fingerprint, is told to
 * ask at these addresses instead of getting an answer of our own. */
typedef struct {
  const RtmfpAddress *addresses; /* (copied) the first RTMFP_REDIRECT_ADDRESSES_MAX of them */
  size_t count;                  /* 0 = nobody is sent elsewhere */
  size_t from_sessions;          /* only while so many sessions are open here; 0 = always */
} RtmfpElsewhere;

/* What an endpoint is made of. */
typedef struct {
  RtmfpRng rng;
  RtmfpLog log;
  /* true: hellos that select none of our identities come out as RTMFP_EVENT_HELLO (introducers,
   * redirectors). false: they are dropped. */
  bool reports_hellos;
  RtmfpElsewhere elsewhere;
  size_t sessions_max; /* in all states; 0 = the default of params.h */
  /* This machine has no AES in hardware: ChaCha20-Poly1305 is preferred to AES-128-GCM, here and by
   * peers that have both. */
  bool slow_aes;
  /* So many key pairs are made ahead, by jobs that come when no session waits for one, so that a
   * handshake finds half of its public-key work done; at most RTMFP_KEY_PAIRS_AHEAD_MAX of
   * core/crypto/params.h. For servers. 0 = none. */
  size_t key_pairs_ahead;
} RtmfpEndpointConfig;

/* Makes an endpoint without identities or sessions. config (copied; what rng and log point to is
 * borrowed until it is freed). now_us: of the clock that it will be told. Returns: (owned);
 * never NULL. */
RTMFP_API RtmfpEndpoint *rtmfp_endpoint_new (const RtmfpEndpointConfig *config, int64_t now_us);
/* Forgets everything, without a word to the far sides: close sessions and poll before. Jobs that
 * are away are freed by who has them. NULL is fine. */
RTMFP_API void rtmfp_endpoint_free (RtmfpEndpoint *endpoint);

/* ---- Identities: a certificate and its keys (RFC 7425 s4.3). ---- */

/* Whose sessions an identity takes. */
typedef enum {
  RTMFP_ACCEPT_NOBODY,   /* never a responder */
  RTMFP_ACCEPT_EXPECTED, /* only fingerprints given to rtmfp_endpoint_expect() */
  RTMFP_ACCEPT_ANYONE,
} RtmfpAccept;

/* What an identity is. Zeroed: all groups, ephemeral keys, never a responder, no HMAC. */
typedef struct {
  uint32_t groups;             /* RTMFP_GROUP_*; 0 = all */
  bool static_keys;            /* certificate holds static public keys, else "accepts ephemeral" */
  const char *hostname;        /* Required Hostname option for servers (copied); NULL = none */
  bool accepts_ancillary_data; /* servers: selected by an ancillary-data EPD (any URI) */
  RtmfpAccept accept;
  bool requires_hmac;     /* refuse sessions without HMAC (both directions) */
  bool requires_sequence; /* refuse sessions without session sequence numbers */
  bool offers_hmac;       /* send HMACs when the peer allows or requests it */
  bool offers_sequence;
  uint8_t hmac_bytes; /* 4..32; 0 = 16 */
  /* Sessions with peers that have an AEAD too are protected by it, which is HMAC and sequence
   * numbers in one; those with others as the lines above say. */
  bool no_aead;
  bool rfc_only; /* no_aead, and no other private option (core/base/registry.h) either */
  /* Simple passwords, RFC 7425 s4.3.5.1.1 (all copied, RTMFP_PASSWORDS_MAX of each kind at most):
   * our keying is signed with each of the first; with requires_password a far side, in either role,
   * must prove one of the known ones. */
  const RtmfpPassword *signing_passwords, *known_passwords;
  size_t signing_password_count, known_password_count;
  bool requires_password;
} RtmfpIdentityConfig;

/* Makes a certificate with fresh keys. Returns the identity's id, 0 when a bound is passed;
 * fingerprint out (may be NULL). */
RTMFP_API RtmfpId rtmfp_endpoint_add_identity (RtmfpEndpoint *endpoint,
                                               const RtmfpIdentityConfig *config,
                                               RtmfpFingerprint *fingerprint);
/* No new sessions under it; open ones go on. */
RTMFP_API void rtmfp_endpoint_remove_identity (RtmfpEndpoint *endpoint, RtmfpId identity);

/* With RTMFP_ACCEPT_EXPECTED: take keying from this fingerprint until until_us. LIMIT when too many
 * are expected; STATE when the identity is unknown. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_endpoint_expect (RtmfpEndpoint *endpoint,
                                                            RtmfpId identity,
                                                            const RtmfpFingerprint *fingerprint,
                                                            int64_t until_us);

/* ---- Sessions ---- */

/* Whom to open a session with. */
typedef struct {
  RtmfpId identity;
  RtmfpBytes epd; /* endpoint discriminator (copied), see rtmfp_epd_* in core/crypto */
  const RtmfpAddress *candidates; /* (copied) all are tried at once, RFC 7016 s3.5.1.7 */
  size_t candidate_count;
  uint32_t interface_id;    /* where to send to them */
  int64_t give_up_after_us; /* 0 = the default of 95 s; RTMFP_NEVER = tries on */
} RtmfpOpen;

/* Starts a session. Ends in RTMFP_EVENT_SESSION_OPEN or RTMFP_EVENT_SESSION_CLOSED. If a session
 * with that fingerprint is open already under the same identity, its id is returned and OPEN is
 * told again. Returns: OK; STATE (no such identity); MALFORMED (epd); LIMIT. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_endpoint_open (RtmfpEndpoint *endpoint,
                                                          const RtmfpOpen *open, int64_t now_us,
                                                          RtmfpId *session);
/* One more address for an opening session (a late Redirect, a relay). Returns: OK; STATE (no such
 * session, or it is not sending hellos any more); LIMIT. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_endpoint_add_candidate (RtmfpEndpoint *endpoint,
                                                                   RtmfpId session,
                                                                   const RtmfpAddress *address,
                                                                   uint32_t interface_id,
                                                                   int64_t now_us);
/* Orderly close (RFC 7016 s3.5.5); abrupt = forget at once after one Session Close Acknowledgement.
 * What is queued in its flows is lost. Does nothing when there is no such session. */
RTMFP_API void rtmfp_endpoint_close (RtmfpEndpoint *endpoint, RtmfpId session, bool abrupt,
                                     int64_t now_us);
/* One more way out, beside interface 0: what somebody else says an address is (a Redirect, a
 * Forwarded Hello) is tried there too; a hello of ours delay_us later than on 0, so that the first
 * answer comes by 0 where it can. Sessions prefer the lower interface: what comes by a higher one
 * moves none that was just heard on its own path. At most RTMFP_INTERFACES_MAX; known = only the
 * delay changes. Returns: OK; LIMIT. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_endpoint_add_interface (RtmfpEndpoint *endpoint,
                                                                   uint32_t interface_id,
                                                                   int64_t delay_us);
/* It is gone; sessions on it stay until they move or time out. */
RTMFP_API void rtmfp_endpoint_remove_interface (RtmfpEndpoint *endpoint, uint32_t interface_id);
/* The host's addresses changed: every session pings, so that the far side learns the new one. */
RTMFP_API void rtmfp_endpoint_addresses_changed (RtmfpEndpoint *endpoint, int64_t now_us);

/* Asks the far side of one session whether it is there, by a Ping. RFC 7016 s3.5.4.1. */
RTMFP_API void rtmfp_endpoint_ping (RtmfpEndpoint *endpoint, RtmfpId session, int64_t now_us);
/* The far side of an open session may be at address now (somebody said so): asks it there by that
 * interface, which also opens our own NAT for it. The session moves there only when the far side
 * itself answers from there, RFC 7016 s3.5.4.2. */
RTMFP_API void rtmfp_endpoint_probe_by (RtmfpEndpoint *endpoint, RtmfpId session,
                                        const RtmfpAddress *address, uint32_t interface_id,
                                        int64_t now_us);
/* The same where the application is sure of the address: an introducer has verified it, or the far
 * side told it in the session and our own way to the old one is gone. Until it answers, messages of
 * RTMFP_PRIORITY_REALTIME and above go there as well as to the old address, 2,400 bytes at
 * most in 2 s. */
RTMFP_API void rtmfp_endpoint_vouch (RtmfpEndpoint *endpoint, RtmfpId session,
                                     const RtmfpAddress *address, uint32_t interface_id,
                                     int64_t now_us);
/* Keeps NATs and firewalls of ours open for what comes from address, by a packet that says nothing
 * (RFC 7016 s2.3.2: chunks are optional in startup mode too); so that a session may move there at
 * once. Half a minute is what they keep open as a rule. */
RTMFP_API void rtmfp_endpoint_keep_open (RtmfpEndpoint *endpoint, const RtmfpAddress *address,
                                         uint32_t interface_id, int64_t now_us);

/* Sets all of the options (copied) from now on. Returns: OK; STATE when there is no such
 * session. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_endpoint_set_session_options (
    RtmfpEndpoint *endpoint, RtmfpId session, const RtmfpSessionOptions *options, int64_t now_us);

/* Returns: OK; STATE when there is no open session of that id. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_endpoint_session_info (const RtmfpEndpoint *endpoint,
                                                                  RtmfpId session,
                                                                  RtmfpSessionInfo *info);

/* ---- Flows ---- */

/* Opens a sending flow in an open session. config (copied). flow out. Returns: OK; STATE (no such
 * open session, or no such flow to answer); LIMIT (flows, or metadata too long). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_endpoint_open_flow (RtmfpEndpoint *endpoint,
                                                               RtmfpId session,
                                                               const RtmfpFlowConfig *config,
                                                               RtmfpId *flow);
/* From its next packet on. Does nothing when there is no such sending flow. */
RTMFP_API void rtmfp_endpoint_set_flow_priority (RtmfpEndpoint *endpoint, RtmfpId flow,
                                                 RtmfpPriority priority);

/* Queues one message (copied), at most RTMFP_MESSAGE_BYTES_MAX of params.h. options NULL =
 * reliable. number out (may be NULL): 1, 2, 3 ... in this flow. Returns: OK; FULL (buffer_bytes
 * reached; RTMFP_EVENT_FLOW_WRITABLE follows); STATE (closed); LIMIT (too large). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_endpoint_send (RtmfpEndpoint *endpoint, RtmfpId flow,
                                                          RtmfpBytes message,
                                                          const RtmfpMessageOptions *options,
                                                          int64_t now_us, uint64_t *number);
/* No more messages: the rest is sent, then the flow ends with RTMFP_EVENT_FLOW_CLOSED. Does nothing
 * when there is no such sending flow. */
RTMFP_API void rtmfp_endpoint_close_flow (RtmfpEndpoint *endpoint, RtmfpId flow, int64_t now_us);

/* A receiving flow waits in RTMFP_EVENT_FLOW_NEW until it is accepted or rejected; its data is held
 * within its window. window_bytes 0 = default. Returns: OK; STATE (no such flow, or it does not
 * wait). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_endpoint_accept_flow (RtmfpEndpoint *endpoint,
                                                                 RtmfpId flow, RtmfpOrder order,
                                                                 size_t window_bytes,
                                                                 int64_t now_us);
/* Flow Exception (RFC 7016 s3.6.3.7), before or after accept. code: any number of yours, told by
 * RTMFP_EVENT_FLOW_EXCEPTION; the id is dead. */
RTMFP_API void rtmfp_endpoint_reject_flow (RtmfpEndpoint *endpoint, RtmfpId flow, uint64_t code,
                                           int64_t now_us);
/* Stops (or goes on with) delivery; the window closes as the buffer fills. */
RTMFP_API void rtmfp_endpoint_pause_flow (RtmfpEndpoint *endpoint, RtmfpId flow, bool paused,
                                          int64_t now_us);

/* ---- Introducing (RFC 7016 s3.5.1.4 to 6) ---- */

/* Answers RTMFP_EVENT_HELLO: Responder Redirect with addresses to the asker, as many as the answer
 * to such a question may hold; dropped and counted when the asker has had too many answers. */
RTMFP_API void rtmfp_endpoint_redirect (RtmfpEndpoint *endpoint, const RtmfpAddress *asker,
                                        uint32_t interface_id, RtmfpBytes tag,
                                        const RtmfpAddress *addresses, size_t count);
/* Forwards the hello into an open session: Forwarded Initiator Hello with the asker's address.
 * Returns: OK; STATE (no such open session); LIMIT (too long, or too many wait). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_endpoint_forward_hello (RtmfpEndpoint *endpoint,
                                                                   RtmfpId session, RtmfpBytes epd,
                                                                   RtmfpBytes tag,
                                                                   const RtmfpAddress *asker,
                                                                   int64_t now_us);

/* ---- The pump; the events are in core/session/types.h ---- */

/* One datagram (borrowed during the call). interface_id: yours, told back where datagrams go out.
 * ecn: the two ECN bits of the IP header, 0 when they are not read. Returns: OK, or why it was
 * dropped (also counted); there is nothing to do about it. */
RTMFP_API RtmfpStatus rtmfp_endpoint_receive (RtmfpEndpoint *endpoint, const uint8_t *bytes,
                                              size_t size, uint32_t interface_id,
                                              const RtmfpAddress *from, uint8_t ecn,
                                              int64_t now_us);
/* Datagrams that rtmfp_endpoint_receive() will be given next, of a batch: what it needs for them is
 * fetched from memory meanwhile. Changes nothing and need not be called; worth it among thousands
 * of sessions. datagrams in: count of them (borrowed). */
RTMFP_API void rtmfp_endpoint_foresee (const RtmfpEndpoint *endpoint, const RtmfpBytes *datagrams,
                                       size_t count);

/* Does what is due. */
RTMFP_API void rtmfp_endpoint_advance (RtmfpEndpoint *endpoint, int64_t now_us);
/* When to call advance next, if nothing else happens. RTMFP_NEVER = no timer. */
RTMFP_API int64_t rtmfp_endpoint_deadline (const RtmfpEndpoint *endpoint);

/* Makes the next datagram in the caller's buffer of capacity bytes (at least
 * RTMFP_DATAGRAM_BYTES_MAX), with the newest acknowledgements and the most urgent data.
 * Returns: whether there was one. */
RTMFP_API bool rtmfp_endpoint_poll_transmit (RtmfpEndpoint *endpoint, int64_t now_us,
                                             uint8_t *buffer, size_t capacity,
                                             RtmfpDatagram *datagram);
/* The next event. What it borrows is gone at the next call on the endpoint. Returns: whether there
 * was one. */
RTMFP_API bool rtmfp_endpoint_poll_event (RtmfpEndpoint *endpoint, RtmfpEvent *event);

/* Public-key work (owned by the caller from here): rtmfp_job_run() it on any thread, then give it
 * back. */
RTMFP_API RtmfpJob *rtmfp_endpoint_poll_job (RtmfpEndpoint *endpoint);
/* (takes ownership of job) The session may be gone by now: then it only frees it. */
RTMFP_API void rtmfp_endpoint_complete_job (RtmfpEndpoint *endpoint, RtmfpJob *job, int64_t now_us);

/* ---- Capturing what happens, see core/session/capture.h ---- */

/* From now on tells what it sends, receives, drops and measures; of sessions that are open already,
 * too. Costs memory for events_max events (config NULL = the defaults), and about a tenth more time
 * for each packet; nothing while it is off. Started again it begins anew, and what waited is gone.
 */
RTMFP_API void rtmfp_endpoint_start_capture (RtmfpEndpoint *endpoint,
                                             const RtmfpCaptureConfig *config);
/* Ends it, and frees its memory. What waits is gone: poll it first. */
RTMFP_API void rtmfp_endpoint_stop_capture (RtmfpEndpoint *endpoint);
/* The next event of the capture: drain them in each turn of the loop. Returns: whether there was
 * one; false when no capture was started. */
RTMFP_API bool rtmfp_endpoint_poll_capture (RtmfpEndpoint *endpoint, RtmfpCaptureEvent *event);

/* All counters as they are now. counters out. */
RTMFP_API void rtmfp_endpoint_counters (const RtmfpEndpoint *endpoint, RtmfpCounters *counters);

#ifdef __cplusplus
}
#endif

#endif

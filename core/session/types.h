/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the engine that a session and its endpoint share: options, figures, events,
 * counters. A part of the public face, see core/endpoint/endpoint.h. */
#ifndef RTMFP_SESSION_TYPES_H
#define RTMFP_SESSION_TYPES_H

#include "core/base/address.h"
#include "core/base/bytes.h"
#include "core/base/slots.h"
#include "core/crypto/profile.h"

/* How an open session is kept. Microseconds, 0 or more; RTMFP_NEVER = endless. A session that was
 * told none has RTMFP_KEEPALIVE_US, RTMFP_RETRANSMIT_LIMIT_US and no probes. */
typedef struct {
  int64_t keepalive_us;        /* silence after which we ping; 0 = never */
  int64_t retransmit_limit_us; /* unacknowledged for so long = the session is dead; 0 =
                                  RTMFP_RETRANSMIT_LIMIT_US */
  /* While something waits for an answer and nothing came for a round trip and so long, one more
   * Ping goes out each so long, beside the RFC's backoff; 0 = none. For calls: the far side's
   * sound comes back with the first that gets through. */
  int64_t probe_us;
  bool introducer; /* take Forwarded Initiator Hellos from this session */
} RtmfpSessionOptions;

/* What is known of an open session. */
typedef struct {
  RtmfpId identity;
  bool initiator;       /* our role in the handshake */
  RtmfpAddress address; /* far address now */
  uint32_t interface_id;
  RtmfpFingerprint far_fingerprint;
  RtmfpBytes near_certificate; /* (borrowed until the next call) */
  RtmfpBytes far_certificate;
  RtmfpBytes initiator_component; /* session key components as sent */
  RtmfpBytes responder_component;
  uint8_t near_nonce[RTMFP_NONCE_SIZE];
  uint8_t far_nonce[RTMFP_NONCE_SIZE];
  /* What protects its packets: an AEAD with sequence numbers; where it is NONE, AES-128-CBC with an
   * HMAC of so many bytes (0 = a checksum, which is no protection), RFC 7425 s4.7. */
  RtmfpAead aead;
  uint8_t hmac_send_bytes, hmac_receive_bytes;
  bool sends_sequence, receives_sequence;
  uint64_t
      peer_features;     /* bits of RtmfpFeature that the far side told; unknown ones as they are */
  int64_t srtt_us;       /* 0 = not measured yet */
  int64_t lowest_rtt_us; /* of the path without queues, as far as is known; likewise */
  uint64_t bytes_sent, bytes_received, packets_sent, packets_received;
  uint64_t packets_lost; /* seen as lost by our sender */
  /* Packets of the far side that did not come, by the gaps in its sequence numbers; 0 where it
   * sends none. One that is only late counts until it comes. */
  uint64_t packets_missed;
  size_t cwnd_bytes, outstanding_bytes;
  /* Explicit Congestion Notification: whether our data leaves marked as able to hear of it, and
   * packets that came so, and marked by a router. */
  bool sends_ect;
  uint64_t ect_received, ce_received;
  size_t path_mtu_bytes; /* datagrams of so many bytes are known to pass */
} RtmfpSessionInfo;

/* Who goes first in each packet. */
typedef enum {
  RTMFP_PRIORITY_BACKGROUND = 0,
  RTMFP_PRIORITY_BULK,
  RTMFP_PRIORITY_DATA,
  RTMFP_PRIORITY_ROUTINE,
  RTMFP_PRIORITY_INTERACTIVE,
  RTMFP_PRIORITY_REALTIME, /* from here on time critical, RFC 7016 s3.5.2.1 */
  RTMFP_PRIORITY_IMMEDIATE,
  RTMFP_PRIORITY_URGENT,
  RTMFP_PRIORITY_COUNT,
} RtmfpPriority;

/* How a receiving flow delivers: as it was sent, or as it comes. */
typedef enum { RTMFP_ORDER_SEQUENCE, RTMFP_ORDER_NETWORK } RtmfpOrder;

/* What a sending flow is. */
typedef struct {
  RtmfpBytes metadata; /* (copied) User's Per-Flow Metadata */
  RtmfpId associated; /* a receiving flow of the same session whose return flow this is; 0 = none */
  RtmfpPriority priority;
  size_t buffer_bytes; /* queued and unacknowledged data it may hold; 0 = default */
} RtmfpFlowConfig;

/* Copies of one transmission. */
#define RTMFP_COPIES_MAX 3

/* How reliable one message is. Zeroed: it arrives, or the session dies. */
typedef struct {
  int64_t start_by_us;  /* absolute: given up if no byte was sent by then; 0 = no limit */
  int64_t finish_by_us; /* absolute: given up if not acknowledged by then; 0 = no limit */
  uint64_t depends_on;  /* message number of this flow; given up when that was given up; 0 = none */
  bool no_retransmit;   /* each fragment is sent once */
  bool reports_end;     /* tell RTMFP_EVENT_MESSAGE_END */
  /* Against loss by chance, where there is no time for a round trip: while a fragment is not
   * acknowledged it goes out so many times more, in later packets; resend_copies: the same of one
   * that is sent again because it was lost. At most RTMFP_COPIES_MAX; more are as many. They
   * wait for room in the window like anything else. */
  uint8_t copies, resend_copies;
} RtmfpMessageOptions;

/* What an event tells, and which of its members count. */
typedef enum {
  RTMFP_EVENT_SESSION_OPEN,   /* session; session_info() tells the rest */
  RTMFP_EVENT_SESSION_CLOSED, /* session, reason; its flows are gone. Also: an open() that failed */
  RTMFP_EVENT_SESSION_ADDRESS, /* session, address: the far side moved, and proved it */
  RTMFP_EVENT_FLOW_NEW,     /* session, flow (receiving), bytes = metadata, associated = our sending
                               flow or 0 */
  RTMFP_EVENT_FLOW_MESSAGE, /* flow (receiving), bytes, number = sequence number of its first
                               fragment */
  RTMFP_EVENT_FLOW_GAP, /* flow (receiving), count = messages that were given up by the sender */
  RTMFP_EVENT_FLOW_FINISHED,  /* flow (receiving): all of it was delivered */
  RTMFP_EVENT_FLOW_WRITABLE,  /* flow (sending): room again after FULL */
  RTMFP_EVENT_FLOW_EXCEPTION, /* flow (sending), code: the far side rejected it; it is closed */
  RTMFP_EVENT_FLOW_CLOSED,    /* flow (sending): all was acknowledged or given up; the id is dead */
  RTMFP_EVENT_MESSAGE_END,    /* flow (sending), number, delivered or given up */
  RTMFP_EVENT_HELLO,          /* bytes = epd, tag, address = asker, interface_id */
} RtmfpEventType;

/* Why a session is over. */
typedef enum {
  RTMFP_CLOSE_LOCAL,    /* we closed it */
  RTMFP_CLOSE_FAR,      /* the far side closed it */
  RTMFP_CLOSE_TIMEOUT,  /* nobody answered */
  RTMFP_CLOSE_REFUSED,  /* keying failed or policy refused it */
  RTMFP_CLOSE_REPLACED, /* overridden by a newer session of the same peer, or lost in glare */
} RtmfpCloseReason;

/* One event of rtmfp_endpoint_poll_event(). */
typedef struct {
  RtmfpEventType type;
  RtmfpId session;
  RtmfpId flow;
  RtmfpId associated;
  uint64_t number;
  uint64_t count;
  uint64_t code;
  bool delivered;
  RtmfpCloseReason reason;
  RtmfpAddress address;
  uint32_t interface_id;
  RtmfpBytes bytes; /* (borrowed until the next poll_event or other call on the endpoint) */
  RtmfpBytes tag;
} RtmfpEvent;

/* Whether routers may cut a datagram into fragments. */
typedef enum {
  RTMFP_DF_EITHER, /* it is short enough for any path */
  RTMFP_DF_SET,    /* they must not: it asks whether so long a one passes, or relies on that */
  RTMFP_DF_CLEAR,  /* they must if need be: cut for a longer path than there is now */
} RtmfpDf;

/* Where a datagram goes that rtmfp_endpoint_poll_transmit() wrote. */
typedef struct {
  RtmfpAddress to;
  uint32_t interface_id;
  uint8_t ecn;
  uint8_t df;  /* RtmfpDf: the Don't Fragment bit, or what does for it in IPv6 */
  size_t size; /* bytes written into the caller's buffer */
} RtmfpDatagram;

/* Room that a datagram may need. */
#define RTMFP_DATAGRAM_BYTES_MAX 1472

/* Counters of the whole endpoint, all since it was made. */
typedef struct {
  uint64_t datagrams_in, datagrams_out, bytes_in, bytes_out;
  uint64_t dropped_malformed, dropped_auth, dropped_unknown_session, dropped_replay,
      dropped_rate_limited, dropped_limit;
  uint64_t handshakes_started, handshakes_answered, sessions_opened, sessions_open;
  uint64_t key_pairs_taken; /* handshakes that found a key pair made ahead */
  /* How often each rule was exercised; the simulator demands that none stays zero. */
  uint64_t rule_nak_loss, rule_timeout_loss, rule_glare, rule_cookie_change, rule_override,
      rule_address_change, rule_buffer_probe, rule_abandon, rule_forward_sequence_number,
      rule_dependency_abandon, rule_redirect, rule_forwarded_hello, rule_exception,
      rule_time_critical, rule_keepalive, rule_probe, rule_handshake_retry, rule_reject_hello,
      rule_ack_ranges, rule_ack_bitmap_read, rule_duplicate, rule_aead_aes, rule_aead_chacha20,
      rule_no_aead, rule_overdue_loss, rule_tail_probe, rule_probe_loss, rule_mtu_probe,
      rule_mtu_raise, rule_mtu_black_hole, rule_ecn_ce, rule_ecn_off, rule_packet_fragment,
      rule_packet_joined, rule_rest, rule_wake, rule_copy;
} RtmfpCounters;

#endif

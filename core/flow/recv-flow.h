/* SPDX-License-Identifier: Apache-2.0 */
/* A receiving flow: sequence set, reassembly, delivery order, window, acknowledgement (RFC 7016
 * s3.6.3).
 *
 * Knows no session. The session gives it fragments, polls what can be delivered, asks it to write
 * its acknowledgement, and ORs take_ack_now() into its own ACK_NOW after each call. */
#ifndef RTMFP_FLOW_RECV_FLOW_H
#define RTMFP_FLOW_RECV_FLOW_H

#include "core/base/bytes.h"
#include "core/base/deadlines.h"
#include "core/base/status.h"
#include "core/wire/data-chunk.h"

typedef struct RtmfpRecvFlow RtmfpRecvFlow;

typedef enum {
  RTMFP_RECV_OPEN,
  RTMFP_RECV_REJECTED,
  RTMFP_RECV_COMPLETE_LINGER,
  RTMFP_RECV_CLOSED, /* linger is over: free it once FINISHED was polled */
} RtmfpRecvState;

/* A new flow (s3.6.3.1): open, suspended and with the default window until it is accepted.
 * A missing metadata option, a bad association or an unknown option are the caller's to see: reject
 * (code 0). */
RtmfpRecvFlow *rtmfp_recv_flow_new (uint64_t flow_id);
void rtmfp_recv_flow_free (RtmfpRecvFlow *flow);
/* Gives memory back that it does not need while nothing is held. */
void rtmfp_recv_flow_become_quiet (RtmfpRecvFlow *flow);

/* What is worth keeping of an open flow that holds nothing and misses nothing. */
typedef struct {
  uint64_t flow_id;
  uint64_t cumulative;
  uint64_t advertised_blocks;
  size_t capacity_bytes;
  bool accepted, network_order, paused, in_gap, has_advertised;
} RtmfpRecvRest;

/* Returns: whether that is all there is of it. Its counts are not in it. */
bool rtmfp_recv_flow_rest (const RtmfpRecvFlow *flow, RtmfpRecvRest *rest);
/* The flow once more (owned). */
RtmfpRecvFlow *rtmfp_recv_flow_wake (const RtmfpRecvRest *rest);

/* ---- the user's side ---- */

/* network_order: deliver each message as soon as it is complete; else in sequence.
 * window_bytes 0 = RTMFP_RECV_BUFFER_BYTES_DEFAULT; held to RTMFP_RECV_BUFFER_BYTES_MAX.
 * Returns: OK; STATE when it was accepted already or is rejected. */
RTMFP_MUST_USE RtmfpStatus rtmfp_recv_flow_accept (RtmfpRecvFlow *flow, bool network_order,
                                                   size_t window_bytes);
/* Source: s3.6.3.7. Forgets all buffered data; nothing but FINISHED is delivered from then on. */
void rtmfp_recv_flow_reject (RtmfpRecvFlow *flow, uint64_t code);
void rtmfp_recv_flow_pause (RtmfpRecvFlow *flow, bool paused);

typedef enum {
  RTMFP_DELIVERY_MESSAGE,
  RTMFP_DELIVERY_GAP,
  RTMFP_DELIVERY_FINISHED, /* once, after everything else */
} RtmfpDeliveryKind;

typedef struct {
  RtmfpDeliveryKind kind;
  uint64_t number; /* MESSAGE: sequence number of its first fragment */
  uint64_t count;  /* GAP: runs of sequence numbers that were given up, each at least one message */
  uint8_t *data;   /* MESSAGE: (owned by the caller, free()); may be NULL when size is 0 */
  size_t size;
} RtmfpDelivery;

/* The next thing to tell the user. Returns: whether there was one. */
bool rtmfp_recv_flow_poll (RtmfpRecvFlow *flow, RtmfpDelivery *delivery);

/* ---- the session's side ---- */

/* A User Data or Next User Data chunk (s3.6.3.2); its options are the session's to judge.
 * Returns: OK; MALFORMED (numbers that contradict each other: ignored); LIMIT (a bound was reached:
 * the fragment is not taken, not acknowledged, and will be sent again). */
RtmfpStatus rtmfp_recv_flow_receive (RtmfpRecvFlow *flow, const RtmfpUserData *data,
                                     int64_t now_us);
/* A Buffer Probe (s3.6.3.6). */
void rtmfp_recv_flow_receive_probe (RtmfpRecvFlow *flow);

/* SHOULD_ACK: it is ready to send an acknowledgement. */
bool rtmfp_recv_flow_should_ack (const RtmfpRecvFlow *flow);
/* Whether something happened that asks for an acknowledgement at once (s3.6.3.4.1); clears the
 * mark. The two-packets rule and the 200 ms alarm are the session's. */
bool rtmfp_recv_flow_take_ack_now (RtmfpRecvFlow *flow);

/* Appends the acknowledgement (and before it the exception report, if rejected), and clears
 * SHOULD_ACK. truncate: cut ranges off if need be (first acknowledgement of a packet made for it,
 * s3.6.3.4.2). bitmap: use a Bitmap Ack where it is shorter. Deviation: callers set it only where
 * the far side said that it reads them, because others do not or read them wrongly (s3.6.3.4.3
 * SHOULD). Returns: OK; TRUNCATED (does not fit, nothing written). */
RTMFP_MUST_USE RtmfpStatus rtmfp_recv_flow_write_ack (RtmfpRecvFlow *flow, RtmfpWriter *packet,
                                                      bool truncate, bool bitmap);

/* Ends the linger. */
void rtmfp_recv_flow_advance (RtmfpRecvFlow *flow, int64_t now_us);
/* When advance() has something to do; RTMFP_NEVER. */
int64_t rtmfp_recv_flow_deadline (const RtmfpRecvFlow *flow);

/* ---- looking ---- */

typedef struct {
  uint64_t fragments, duplicates, dropped, gaps, ranges_written, bitmaps_written;
  uint64_t forward_skips; /* a forward sequence number moved the flow over a hole */
} RtmfpRecvCounts;

uint64_t rtmfp_recv_flow_id (const RtmfpRecvFlow *flow);
RtmfpRecvState rtmfp_recv_flow_state (const RtmfpRecvFlow *flow);
size_t rtmfp_recv_flow_buffered_bytes (const RtmfpRecvFlow *flow);
const RtmfpRecvCounts *rtmfp_recv_flow_counts (const RtmfpRecvFlow *flow);

#endif

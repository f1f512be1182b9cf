/* SPDX-License-Identifier: Apache-2.0 */
/* A sending flow: queue of messages, fragments, acknowledgement, loss, abandonment, close (RFC 7016
 * s3.6.2).
 *
 * Knows no session. The session asks it to write its next fragment into a packet, tells it what was
 * acknowledged and what the transmission order (TSN, s3.6.2.5) says, and polls the fate of
 * messages. Fragments are cut, and get their sequence numbers, when they are first sent. */
#ifndef RTMFP_FLOW_SEND_FLOW_H
#define RTMFP_FLOW_SEND_FLOW_H

#include "core/base/bytes.h"
#include "core/base/deadlines.h"
#include "core/base/status.h"
#include "core/wire/ack-chunk.h"

typedef struct RtmfpSendFlow RtmfpSendFlow;

typedef enum {
  RTMFP_SEND_OPEN,
  RTMFP_SEND_CLOSING,
  RTMFP_SEND_COMPLETE_LINGER,
  RTMFP_SEND_CLOSED, /* linger is over: free it, its flow id may be used again */
} RtmfpSendState;

typedef struct {
  uint64_t flow_id;
  RtmfpBytes metadata;  /* (copied) at most RTMFP_METADATA_BYTES_MAX */
  bool has_association; /* return flow association, s2.3.11.1.2 */
  uint64_t association; /* the far side's flow id */
  size_t buffer_bytes;  /* 0 = RTMFP_SEND_BUFFER_BYTES_DEFAULT */
} RtmfpSendFlowConfig;

/* When a message is given up, see RtmfpMessageOptions of endpoint.h for the words. */
typedef struct {
  int64_t start_by_us;  /* 0 = no limit */
  int64_t finish_by_us; /* 0 = no limit */
  uint64_t depends_on;  /* 0 = none */
  bool no_retransmit;
  bool reports_end;
  uint8_t copies, resend_copies; /* at most 3 */
} RtmfpSendOptions;

/* Returns: the flow (owned); metadata must not be longer than its bound. */
RtmfpSendFlow *rtmfp_send_flow_new (const RtmfpSendFlowConfig *config);
void rtmfp_send_flow_free (RtmfpSendFlow *flow);
/* Gives memory back that it does not need while nothing is queued. */
void rtmfp_send_flow_become_quiet (RtmfpSendFlow *flow);

/* What is worth keeping of an open flow that has nothing to send and to hear. */
typedef struct {
  uint64_t flow_id;
  uint64_t sequence_number; /* the last, acknowledged; 0 = none */
  uint64_t last_number;     /* of a message */
  uint64_t rx_buffer_bytes;
  size_t buffer_bytes;
} RtmfpSendRest;

/* Returns: whether that is all there is of it. Its counts are not in it. */
bool rtmfp_send_flow_rest (const RtmfpSendFlow *flow, RtmfpSendRest *rest);
/* The flow once more (owned). */
RtmfpSendFlow *rtmfp_send_flow_wake (const RtmfpSendRest *rest);

/* ---- the user's side ---- */

/* Queues a message (copied). options NULL = reliable. number out (may be NULL): 1, 2, 3 ...
 * Returns: OK; FULL; STATE (not open); LIMIT (longer than RTMFP_MESSAGE_BYTES_MAX). */
RTMFP_MUST_USE RtmfpStatus rtmfp_send_flow_queue (RtmfpSendFlow *flow, RtmfpBytes message,
                                                  const RtmfpSendOptions *options,
                                                  uint64_t *number);
/* It may hold so much from now on, see buffer_bytes. */
void rtmfp_send_flow_set_buffer (RtmfpSendFlow *flow, size_t buffer_bytes);
/* Source: s3.6.2.11. Does nothing unless open. */
void rtmfp_send_flow_close (RtmfpSendFlow *flow);
/* The far side's Flow Exception Report (s3.6.2.10). Returns: whether it is news to the user (was
 * open). */
bool rtmfp_send_flow_exception (RtmfpSendFlow *flow);

/* One message ended that had reports_end. Returns: whether there was one. */
bool rtmfp_send_flow_poll_ended (RtmfpSendFlow *flow, uint64_t *number, bool *delivered);
/* True once after FULL, when half of the buffer is free again. */
bool rtmfp_send_flow_take_writable (RtmfpSendFlow *flow);
/* True once when the flow became complete: all acknowledged or given up (F_COMPLETE_LINGER
 * reached). */
bool rtmfp_send_flow_take_complete (RtmfpSendFlow *flow);

/* ---- the session's side: sending ---- */

/* Where a packet stands while chunks are written into it. Zero it at the start of each packet, and
 * give each packet of the session another number. */
typedef struct {
  uint64_t packet;           /* number of this packet, never 0 */
  const RtmfpSendFlow *flow; /* whose User Data or Next User Data chunk stands last; NULL = none */
  uint64_t sequence_number;  /* of that chunk */
  uint64_t forward_sequence_number;
  size_t
      long_from; /* (in) a packet of more plain bytes is a long one, of the path MTU; 0 = none is */
} RtmfpSendCursor;

/* Whether a fragment is eligible and the far side's window lets it go (s3.6.2.3). Expired messages
 * are given up first, so it may change with time. */
bool rtmfp_send_flow_is_ready (RtmfpSendFlow *flow, int64_t now_us);

/* Appends the next eligible fragment as one User Data or Next User Data chunk, and takes it as
 * sent. packet: positioned in the plain packet; its end must leave room for a common header of
 * maximum size, the same for every packet of the session (else a fragment cut once might not fit
 * again). cursor: (in, out). The caller must clear cursor->flow when it writes any other chunk in
 * between. tsn: the session's next transmission sequence number, ascending from 1. Returns: OK (the
 * caller counts up tsn); TRUNCATED (it does not fit; nothing was written); STATE (not ready). */
RTMFP_MUST_USE RtmfpStatus rtmfp_send_flow_write (RtmfpSendFlow *flow, RtmfpWriter *packet,
                                                  RtmfpSendCursor *cursor, uint64_t tsn,
                                                  int64_t now_us);

/* Copies of what is in flight, against loss by chance: no transmission of its own, so it changes
 * neither what is outstanding nor the order of transmission. Appends those that may leave now to a
 * packet, as rtmfp_send_flow_write() does; what does not fit waits for the next. is_empty: nothing
 * stands in the packet yet; what does not fit there never will, and is left out. Returns: how many
 * it wrote. */
size_t rtmfp_send_flow_write_copies (RtmfpSendFlow *flow, RtmfpWriter *packet,
                                     RtmfpSendCursor *cursor, bool is_empty, int64_t now_us);
/* When a copy has waited long enough for a packet to go with; RTMFP_NEVER. */
int64_t rtmfp_send_flow_copy_due_us (RtmfpSendFlow *flow);

/* Sum of the encoded sizes of chunks in flight (F_OUTSTANDING_BYTES). */
size_t rtmfp_send_flow_outstanding_bytes (const RtmfpSendFlow *flow);
/* When its oldest fragment in flight was sent; RTMFP_NEVER when none is in flight. */
int64_t rtmfp_send_flow_oldest_sent_us (const RtmfpSendFlow *flow);

/* ---- the session's side: acknowledgement and loss ---- */

/* What one packet's acknowledgements did, added up over all flows. Zero it for each packet. */
typedef struct {
  int64_t least_us; /* (in) no acknowledgement comes sooner after its fragment left; 0 = unknown */
  size_t acked_bytes;    /* no longer outstanding because acknowledged */
  uint64_t max_tsn;      /* highest acknowledged TSN; 0 = none. The session keeps the maximum. */
  int64_t sent_us;       /* when max_tsn left; meaningful when there is one */
  bool resent;           /* max_tsn was sent before under another TSN, or it may be a copy */
  int64_t probe_sent_us; /* when the newest probe left that was acknowledged, itself; 0 = none */
  bool long_arrived;     /* something was acknowledged that travelled in a long packet */
} RtmfpAckResult;

/* An acknowledgement chunk of this flow (s3.6.2.4): startup options end, the window is renewed, and
 * what it names is acknowledged. Never-sent numbers are ignored. ack: just read; its ranges are
 * used up. */
void rtmfp_send_flow_receive_ack (RtmfpSendFlow *flow, RtmfpAck *ack, int64_t now_us,
                                  RtmfpAckResult *result);

typedef struct {
  bool any_naks;         /* some fragment in flight was overtaken */
  size_t lost_fragments; /* fragments that are lost now */
  int64_t lost_sent_us;  /* when the newest of them left; 0 = none */
} RtmfpNakResult;

/* After all acknowledgements of a packet that had any: counts one for each fragment in flight that
 * was sent before max_tsn_ack (s3.6.2.5). Call for every flow of the session; result adds up. */
void rtmfp_send_flow_nak (RtmfpSendFlow *flow, uint64_t max_tsn_ack, RtmfpNakResult *result);
/* Loss by time: what left before max_tsn_ack, and at or before sent_us, is lost (the idea is that
 * of RFC 8985 s6.2); result adds up. Returns: when the oldest left that was overtaken and is not
 * lost yet; RTMFP_NEVER = none. */
int64_t rtmfp_send_flow_overtaken (RtmfpSendFlow *flow, uint64_t max_tsn_ack, int64_t sent_us,
                                   RtmfpNakResult *result);
/* Nothing was acknowledged for long: the oldest fragment in flight becomes the next to be sent, a
 * probe (RFC 8985 s7). Not one that is sent once only. Returns: whether there is one. */
bool rtmfp_send_flow_probe (RtmfpSendFlow *flow);
/* Timeout (s3.6.2.6): all in flight that was sent at or before sent_us is lost. INT64_MAX = all.
 * Returns: how many fragments. */
size_t rtmfp_send_flow_timeout (RtmfpSendFlow *flow, int64_t sent_us);

/* ---- time ---- */

/* Gives up what is too late, ends the linger. */
void rtmfp_send_flow_advance (RtmfpSendFlow *flow, int64_t now_us);
/* When advance() or take_probe() has something to do; RTMFP_NEVER. */
int64_t rtmfp_send_flow_deadline (const RtmfpSendFlow *flow);
/* Whether a Buffer Probe chunk must be sent now (s3.6.2.9.1); counts it as sent. */
bool rtmfp_send_flow_take_probe (RtmfpSendFlow *flow, int64_t erto_us, int64_t now_us);

/* ---- looking ---- */

typedef struct {
  uint64_t messages_delivered, messages_given_up, given_up_by_dependency;
  uint64_t fragments_sent, fragments_resent, copies_sent;
  uint64_t abandoned_chunks_sent; /* with the abandon bit */
  uint64_t fsn_updates_sent;      /* with the abandon bit and fsnOffset 0 */
} RtmfpSendCounts;

uint64_t rtmfp_send_flow_id (const RtmfpSendFlow *flow);
RtmfpSendState rtmfp_send_flow_state (const RtmfpSendFlow *flow);
/* Queued and unacknowledged bytes, with overhead. */
size_t rtmfp_send_flow_buffered_bytes (const RtmfpSendFlow *flow);
const RtmfpSendCounts *rtmfp_send_flow_counts (const RtmfpSendFlow *flow);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/flow: what the sources of the sending flow share. send-flow.c has the user's side and
 * the fate of messages, send-flow-transmit.c writes chunks, send-flow-ack.c reads acknowledgements
 * and loss. */
#ifndef RTMFP_FLOW_SEND_FLOW_PRIVATE_H
#define RTMFP_FLOW_SEND_FLOW_PRIVATE_H

#include "core/base/ranges.h"
#include "core/flow/fragments.h"
#include "core/flow/send-flow.h"
#include "core/wire/data-chunk.h"

#include <sys/queue.h>

/* One queued message, from queueing until it is delivered or given up. */
struct SendMessage {
  TAILQ_ENTRY (SendMessage) link;
  RtmfpDeadline timer;
  RtmfpSendOptions options;
  uint64_t number;
  uint64_t first_sequence_number; /* once a fragment was cut */
  uint64_t skipped_before; /* sequence numbers of given up messages to skip before the first cut */
  uint32_t fragment_count; /* cut so far */
  uint32_t unacknowledged; /* of those */
  uint32_t size;
  uint32_t cut_bytes;
  bool is_cut; /* whole */
  uint8_t data[];
};

typedef TAILQ_HEAD (SendMessages, SendMessage) SendMessages;

/* The end of a message whose user wants to hear of it. */
typedef struct EndedMessage {
  STAILQ_ENTRY (EndedMessage) link;
  uint64_t number;
  bool delivered;
} EndedMessage;

struct RtmfpSendFlow {
  uint64_t id;
  RtmfpSendState state;
  RtmfpFlowOptions startup; /* metadata (owned) */
  bool startup_acknowledged;
  uint64_t startup_packet; /* the last packet that carries the startup options; 0 = none */
  size_t buffer_bytes;
  size_t buffered_bytes;
  bool was_full, exception, complete_untold;

  SendMessages messages; /* (owned) all that live, ascending */
  SendMessage *uncut;    /* (borrowed) the first that is not wholly cut; NULL = none */
  uint64_t skipped_last; /* sequence numbers to skip behind the last message */
  uint64_t last_number;
  size_t dependents; /* living messages with depends_on */
  RtmfpRanges given_up;
  RtmfpDeadlines timers;
  STAILQ_HEAD (, EndedMessage) ended; /* (owned) */

  Fragments fragments;
  size_t outstanding_bytes;
  bool has_copies;                /* perhaps: something in flight is to be sent once more */
  uint64_t cumulative_ack;        /* highest so far */
  uint64_t final_sequence_number; /* 0 = none yet */

  uint64_t rx_buffer_bytes;
  int64_t probe_us; /* RTMFP_NEVER = not suspended */
  int64_t probe_period_us;
  int64_t linger_until_us;
  RtmfpSendCounts counts;
};

/* Sets the message's timer by what can still be too late. */
void send_flow_set_timer (RtmfpSendFlow *flow, SendMessage *message);
/* Gives it up (s3.6.2.7), and what depends on it. message is freed. */
void send_flow_give_up (RtmfpSendFlow *flow, SendMessage *message);
/* All of it was acknowledged. message is freed. */
void send_flow_delivered (RtmfpSendFlow *flow, SendMessage *message);
/* Gives up what is due. */
void send_flow_expire (RtmfpSendFlow *flow, int64_t now_us);

/* Whether anything is queued, in flight or left to say. */
static inline bool
send_flow_has_work (const RtmfpSendFlow *flow) {
  return flow->fragments.live > 0 || flow->uncut != NULL || flow->skipped_last > 0 ||
         flow->state == RTMFP_SEND_CLOSING;
}

#endif

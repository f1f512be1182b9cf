/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/flow: the fragments of a sending flow by sequence number, from the first that is
 * neither acknowledged nor forgotten to the newest (SEND_QUEUE, RFC 7016 s3.6.2). Two lists run
 * through them: in flight in order of transmission, and lost in order of sequence number. */
#ifndef RTMFP_FLOW_FRAGMENTS_H
#define RTMFP_FLOW_FRAGMENTS_H

#include "core/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
  FRAGMENT_IDLE, /* abandoned and not in flight */
  FRAGMENT_IN_FLIGHT,
  FRAGMENT_LOST, /* to be sent again */
  FRAGMENT_DONE, /* acknowledged or forgotten; next = a number behind which nothing changes before
                  */
} FragmentState;

typedef struct SendMessage SendMessage;

typedef struct {
  uint64_t tsn; /* order of its last transmission in the session */
  int64_t sent_us;
  uint64_t next; /* sequence number of the next in its list; 0 = none */
  uint64_t previous;
  SendMessage *message; /* (borrowed) NULL once abandoned */
  uint32_t offset;      /* of its data in the message */
  uint32_t size;        /* of its data */
  uint32_t transmit_size;
  uint8_t state;   /* FragmentState */
  uint8_t control; /* RtmfpFragment of data-chunk.h */
  uint8_t nak_count;
  bool in_long_packet; /* its last transmission ended beyond RtmfpSendCursor.long_from */
  bool abandoned, sent_abandoned, ever_sent;
  bool resent;                      /* more than once: its acknowledgement measures no round trip */
  bool probes;                      /* its last transmission was a probe, not a repair */
  uint8_t copies_left, copies_sent; /* of its last transmission */
} Fragment;

typedef struct {
  uint64_t first; /* 0 = none */
  uint64_t last;
} FragmentList;

typedef struct {
  Fragment *items; /* (owned) by sequence number modulo capacity */
  size_t capacity; /* power of two */
  uint64_t base;   /* first number that is kept */
  uint64_t end;    /* next number to assign (NEXT_SN) */
  size_t live;     /* kept and not done */
  FragmentList in_flight;
  FragmentList lost;
} Fragments;

void fragments_init (Fragments *fragments);
void fragments_clear (Fragments *fragments);
/* Frees what an empty queue keeps; it goes on when it is needed. */
void fragments_become_quiet (Fragments *fragments);

static inline Fragment *
fragments_at (const Fragments *fragments, uint64_t number) {
  return &fragments->items[number & (fragments->capacity - 1)];
}

/* Assigns the next sequence number to a zeroed fragment in state idle. */
Fragment *fragments_append (Fragments *fragments, uint64_t *number);

void fragments_append_in_flight (Fragments *fragments, uint64_t number);
/* Keeps the order of sequence numbers; quick when they come in ascending order. */
void fragments_insert_lost (Fragments *fragments, uint64_t number);
/* Takes it out of its list, if it is in one; it is idle then. */
void fragments_unlink (Fragments *fragments, uint64_t number);
/* Takes it out of its list and out of the queue. */
void fragments_finish (Fragments *fragments, uint64_t number);
/* Puts the newest number, which is done like all before it, back into the queue as an abandoned
 * one. */
void fragments_reopen_last (Fragments *fragments);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/flow: the fragments a receiving flow holds (RECV_BUFFER, RFC 7016 s3.6.3.3), by
 * sequence number. Neighbours of one message form a run; both ends of a run know each other, so
 * that joining and asking whether a message is complete cost the same however long it is. */
#ifndef RTMFP_FLOW_REASSEMBLY_H
#define RTMFP_FLOW_REASSEMBLY_H

#include "core/base/bytes.h"

typedef enum {
  SLOT_EMPTY, /* zero: not here (yet, or never) */
  SLOT_HELD,
  SLOT_DELIVERED, /* out of order, in network order */
} SlotState;

typedef struct {
  uint8_t *data; /* (owned) NULL when size is 0 */
  uint32_t size;
  uint8_t state;      /* SlotState */
  uint8_t control;    /* RtmfpFragment of data-chunk.h */
  uint64_t other_end; /* at both ends of a run: the sequence number of the other one */
} Slot;

typedef struct {
  Slot *slots;     /* (owned) by sequence number modulo capacity; empty outside of first..end-1 */
  size_t capacity; /* power of two */
  uint64_t first;  /* lowest number of interest */
  uint64_t end;    /* one past the highest that is not empty; >= first */
} Reassembly;

void reassembly_init (Reassembly *reassembly);
void reassembly_clear (Reassembly *reassembly);
/* Frees what an empty one keeps; it goes on when it is needed. */
void reassembly_become_quiet (Reassembly *reassembly);

static inline Slot *
reassembly_at (const Reassembly *reassembly, uint64_t number) {
  return &reassembly->slots[number & (reassembly->capacity - 1)];
}

/* Copies a fragment into its place (number >= first, empty so far) and joins it with its
 * neighbours. Returns: the first sequence number of its run. */
uint64_t reassembly_hold (Reassembly *reassembly, uint64_t number, uint8_t control,
                          RtmfpBytes data);
/* Marks number as delivered without ever holding it. */
void reassembly_mark_delivered (Reassembly *reassembly, uint64_t number);

/* Whether the run that begins at first (a held slot) is a whole message. */
bool reassembly_is_complete (const Reassembly *reassembly, uint64_t first);
/* Bytes and fragments of the run that begins at first. */
size_t reassembly_run_bytes (const Reassembly *reassembly, uint64_t first, uint64_t *count);
/* Takes the run out as one message: data (owned by the caller). Its slots become `leave`. */
void reassembly_take (Reassembly *reassembly, uint64_t first, SlotState leave, uint8_t **data,
                      size_t *size);
/* Frees the run that begins at first. */
void reassembly_drop (Reassembly *reassembly, uint64_t first);
/* Moves the lower end up to number; slots below must be empty or delivered. */
void reassembly_advance (Reassembly *reassembly, uint64_t number);

#endif

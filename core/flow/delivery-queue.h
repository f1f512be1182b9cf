/* SPDX-License-Identifier: Apache-2.0 */
/* Inside core/flow: what waits to be told to the user of a receiving flow, in a ring that grows. */
#ifndef RTMFP_FLOW_DELIVERY_QUEUE_H
#define RTMFP_FLOW_DELIVERY_QUEUE_H

#include "core/flow/recv-flow.h"

typedef struct {
  RtmfpDelivery *items; /* (owned) */
  size_t capacity;      /* power of two */
  size_t first;
  size_t count;
} DeliveryQueue;

void delivery_queue_clear (DeliveryQueue *queue);
void delivery_queue_push_message (DeliveryQueue *queue, uint64_t number, uint8_t *data,
                                  size_t size);
/* Adds to the last entry if that is a gap. */
void delivery_queue_push_gap (DeliveryQueue *queue);
bool delivery_queue_pop (DeliveryQueue *queue, RtmfpDelivery *delivery);

#endif

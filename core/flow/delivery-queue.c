/* SPDX-License-Identifier: Apache-2.0 */
#include "core/flow/delivery-queue.h"

#include "core/base/memory.h"

#include <stdlib.h>

static RtmfpDelivery *
at (const DeliveryQueue *queue, size_t index) {
  return &queue->items[(queue->first + index) & (queue->capacity - 1)];
}

void
delivery_queue_clear (DeliveryQueue *queue) {
  for (size_t i = 0; i < queue->count; i++) {
    free (at (queue, i)->data);
  }
  free (queue->items);
  *queue = (DeliveryQueue){0};
}

static void
push (DeliveryQueue *queue, RtmfpDelivery delivery) {
  if (queue->count == queue->capacity) {
    DeliveryQueue larger = {.capacity = queue->capacity == 0 ? 4 : queue->capacity * 2,
                            .count = queue->count};
    larger.items = (RtmfpDelivery *)rtmfp_memory_new (larger.capacity, sizeof (RtmfpDelivery));
    for (size_t i = 0; i < queue->count; i++) {
      larger.items[i] = *at (queue, i);
    }
    free (queue->items);
    *queue = larger;
  }
  *at (queue, queue->count++) = delivery;
}

void
delivery_queue_push_message (DeliveryQueue *queue, uint64_t number, uint8_t *data, size_t size) {
  push (queue, (RtmfpDelivery){
                   .kind = RTMFP_DELIVERY_MESSAGE, .number = number, .data = data, .size = size});
}

void
delivery_queue_push_gap (DeliveryQueue *queue) {
  if (queue->count > 0 && at (queue, queue->count - 1)->kind == RTMFP_DELIVERY_GAP) {
    at (queue, queue->count - 1)->count++;
    return;
  }
  push (queue, (RtmfpDelivery){.kind = RTMFP_DELIVERY_GAP, .count = 1});
}

bool
delivery_queue_pop (DeliveryQueue *queue, RtmfpDelivery *delivery) {
  if (queue->count == 0) {
    return false;
  }
  *delivery = *at (queue, 0);
  queue->first = (queue->first + 1) & (queue->capacity - 1);
  queue->count--;
  return true;
}

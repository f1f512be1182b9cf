/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the event loop needs of a machine of core (a client's agent, a rendezvous, a bare endpoint):
 * its pumps. */
#ifndef APP_IO_PUMP_H
#define APP_IO_PUMP_H

#include "core/endpoint/endpoint.h"

typedef struct {
  void *self; /* (borrowed) handed to each function */
  void (*receive) (void *self, const uint8_t *bytes, size_t size, uint32_t interface_id,
                   const RtmfpAddress *from, uint8_t ecn, int64_t now_us);
  /* Those that receive() is called for next: see rtmfp_endpoint_foresee(). NULL = not wanted. */
  void (*foresee) (void *self, const RtmfpBytes *datagrams, size_t count);
  void (*advance) (void *self, int64_t now_us);
  /* Drains the machine's own events and requests; called after each batch, before transmitting. May
   * be called with nothing to do. May send commands into the machine. NULL = nothing to drain. */
  void (*drain) (void *self, int64_t now_us);
  bool (*poll_transmit) (void *self, int64_t now_us, uint8_t *buffer, size_t capacity,
                         RtmfpDatagram *datagram);
  RtmfpJob *(*poll_job) (void *self);
  void (*complete_job) (void *self, RtmfpJob *job, int64_t now_us);
  int64_t (*deadline) (const void *self); /* RTMFP_NEVER = no timer */
} AppPump;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A startup packet on its way out under the default key, in fragments when it is too large, RFC
 * 7016 s3.4. */
#ifndef RTMFP_SESSION_STARTUP_PACKET_H
#define RTMFP_SESSION_STARTUP_PACKET_H

#include "core/base/buffer.h"
#include "core/session/shared.h"
#include "core/session/types.h"

/* Zeroed = nothing to send. */
typedef struct {
  RtmfpBuffer plain;   /* the whole plain packet; empty = nothing to send */
  size_t sent;         /* bytes of it */
  uint64_t packet_id;  /* when it goes in fragments */
  uint64_t fragment;   /* number of the next one */
  uint32_t session_id; /* to send with */
  RtmfpAddress to;
  uint32_t interface_id;
} RtmfpStartupPacket;

/* Begins a packet: the header of mode 3 stands in it, and there is room for payload_bytes of chunk.
 * Give the writer's size back to rtmfp_startup_packet_end. */
RtmfpWriter rtmfp_startup_packet_begin (RtmfpStartupPacket *packet, size_t payload_bytes);
void rtmfp_startup_packet_end (RtmfpStartupPacket *packet, const RtmfpWriter *writer);

static inline bool
rtmfp_startup_packet_waits (const RtmfpStartupPacket *packet) {
  return packet->plain.size > packet->sent;
}

/* Writes the next datagram of it. Returns: whether there was one; the packet is empty again after
 * the last. */
bool rtmfp_startup_packet_write (RtmfpStartupPacket *packet, RtmfpShared *shared, uint8_t *buffer,
                                 size_t capacity, RtmfpDatagram *datagram);

void rtmfp_startup_packet_clear (RtmfpStartupPacket *packet);

#endif

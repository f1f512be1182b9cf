/* SPDX-License-Identifier: Apache-2.0 */
#include "core/session/startup-packet.h"

#include "core/session/params.h"
#include "core/wire/packet.h"
#include "core/wire/startup-chunk.h"
#include "core/wire/vlu.h"

#include <assert.h>
#include <string.h>

RtmfpWriter
rtmfp_startup_packet_begin (RtmfpStartupPacket *packet, size_t payload_bytes) {
  size_t size = RTMFP_PACKET_HEADER_BYTES_MAX + payload_bytes;
  packet->plain.size = 0;
  packet->sent = 0;
  packet->fragment = 0;
  RtmfpWriter writer = rtmfp_writer (rtmfp_buffer_reserve (&packet->plain, size), size);
  const RtmfpPacketHeader header = {.mode = RTMFP_MODE_STARTUP};
  RtmfpStatus status = rtmfp_write_packet_header (&writer, &header);
  assert (status == RTMFP_OK);
  (void)status;
  return writer;
}

void
rtmfp_startup_packet_end (RtmfpStartupPacket *packet, const RtmfpWriter *writer) {
  packet->plain.size = rtmfp_writer_size (writer);
}

/* The next piece as a plain packet of its own: a header and one Packet Fragment. */
static size_t
write_fragment (RtmfpStartupPacket *packet, RtmfpShared *shared, RtmfpWriter *writer) {
  if (packet->fragment == 0) {
    packet->packet_id = ++shared->next_packet_id;
  }
  shared->counters.rule_packet_fragment++;
  const RtmfpPacketHeader header = {.mode = RTMFP_MODE_STARTUP};
  size_t overhead = rtmfp_packet_header_size (&header) + RTMFP_CHUNK_HEADER_BYTES + 1 +
                    rtmfp_vlu_size (packet->packet_id) + rtmfp_vlu_size (packet->fragment);
  size_t left = packet->plain.size - packet->sent;
  size_t piece = left < RTMFP_PACKET_BYTES - overhead ? left : RTMFP_PACKET_BYTES - overhead;
  const RtmfpPacketFragment fragment = {
      .more_fragments = piece < left,
      .packet_id = packet->packet_id,
      .fragment_number = packet->fragment++,
      .data = rtmfp_bytes (packet->plain.data + packet->sent, piece),
  };
  if (rtmfp_write_packet_header (writer, &header) != RTMFP_OK ||
      rtmfp_write_packet_fragment (writer, &fragment) != RTMFP_OK) {
    return 0;
  }
  return piece;
}

bool
rtmfp_startup_packet_write (RtmfpStartupPacket *packet, RtmfpShared *shared, uint8_t *buffer,
                            size_t capacity, RtmfpDatagram *datagram) {
  if (!rtmfp_startup_packet_waits (packet)) {
    return false;
  }
  size_t head = rtmfp_protection_head_bytes (&shared->default_key);
  RtmfpWriter writer = rtmfp_writer (buffer + head, capacity - head);
  size_t piece = packet->plain.size;
  if (piece > RTMFP_PACKET_BYTES) {
    piece = write_fragment (packet, shared, &writer);
  } else if (rtmfp_writer_bytes (&writer, rtmfp_buffer_bytes (&packet->plain)) != RTMFP_OK) {
    piece = 0;
  }
  *datagram = (RtmfpDatagram){.to = packet->to, .interface_id = packet->interface_id};
  if (shared->capture != NULL) {
    const RtmfpCapturePacket told = {.address = packet->to, .interface_id = packet->interface_id};
    rtmfp_capture_packet (shared->capture, RTMFP_CAPTURE_PACKET_SENT, 0, &told,
                          rtmfp_bytes (buffer + head, rtmfp_writer_size (&writer)));
  }
  bool sealed = piece > 0 &&
                rtmfp_protection_seal (&shared->default_key, packet->session_id, buffer, capacity,
                                       rtmfp_writer_size (&writer), &datagram->size) == RTMFP_OK;
  packet->sent = sealed ? packet->sent + piece : packet->plain.size;
  if (!rtmfp_startup_packet_waits (packet)) {
    rtmfp_startup_packet_clear (packet);
  }
  return sealed;
}

void
rtmfp_startup_packet_clear (RtmfpStartupPacket *packet) {
  rtmfp_buffer_clear (&packet->plain);
  packet->sent = 0;
}

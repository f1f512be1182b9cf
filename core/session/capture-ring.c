/* SPDX-License-Identifier: Apache-2.0 */
#include "core/session/capture-ring.h"

#include "core/base/memory.h"
#include "core/crypto/primitives.h"
#include "core/session/params.h"
#include "core/wire/ack-chunk.h"
#include "core/wire/data-chunk.h"
#include "core/wire/packet.h"
#include "core/wire/startup-chunk.h"

#include <stdlib.h>
#include <string.h>

/* Two rings: of events, and of their chunks. Both counts only grow. */
struct RtmfpCapture {
  RtmfpCaptureEvent *events; /* (owned) events_max */
  RtmfpCaptureChunk *chunks; /* (owned) chunks_max */
  size_t events_max, chunks_max;
  uint64_t first_event, event_end; /* those that wait */
  uint64_t first_chunk, chunk_end;
  uint64_t lost; /* since the last event that was taken */
  int64_t now_us;
  bool exports_keys;
  bool may_set_size;
  RtmfpCaptureChunk polled[RTMFP_CAPTURE_CHUNKS_MAX];
};

RtmfpCapture *
rtmfp_capture_new (const RtmfpCaptureConfig *config) {
  RtmfpCapture *capture = RTMFP_NEW (RtmfpCapture);
  size_t events_max = config->events_max == 0 ? RTMFP_CAPTURE_EVENTS : config->events_max;
  events_max = events_max < RTMFP_CAPTURE_EVENTS_MIN   ? RTMFP_CAPTURE_EVENTS_MIN
               : events_max > RTMFP_CAPTURE_EVENTS_MAX ? RTMFP_CAPTURE_EVENTS_MAX
                                                       : events_max;
  capture->events_max = events_max;
  capture->chunks_max = events_max * RTMFP_CAPTURE_CHUNKS_PER_EVENT;
  capture->events =
      (RtmfpCaptureEvent *)rtmfp_memory_new (capture->events_max, sizeof (RtmfpCaptureEvent));
  capture->chunks =
      (RtmfpCaptureChunk *)rtmfp_memory_new (capture->chunks_max, sizeof (RtmfpCaptureChunk));
  capture->exports_keys = config->exports_keys;
  return capture;
}

void
rtmfp_capture_free (RtmfpCapture *capture) {
  if (capture == NULL) {
    return;
  }
  rtmfp_secret_wipe (capture->events, capture->events_max * sizeof (RtmfpCaptureEvent));
  free (capture->events);
  free (capture->chunks);
  free (capture);
}

void
rtmfp_capture_set_time (RtmfpCapture *capture, int64_t now_us) {
  capture->now_us = now_us;
}

bool
rtmfp_capture_exports_keys (const RtmfpCapture *capture) {
  return capture->exports_keys;
}

/* ---- Chunks ---- */

static void
read_ranges (RtmfpCaptureChunk *chunk, RtmfpAck *ack) {
  RtmfpRange range;
  while (rtmfp_ack_next_range (ack, &range)) {
    if (chunk->range_count < RTMFP_CAPTURE_RANGES_MAX) {
      chunk->ranges[chunk->range_count] =
          (RtmfpCaptureRange){.first = range.first, .last = range.last};
    }
    chunk->range_count++;
  }
}

static bool
read_ack (RtmfpCaptureChunk *chunk, RtmfpBytes payload) {
  RtmfpAck ack;
  if ((chunk->type == RTMFP_CHUNK_ACK_RANGES ? rtmfp_read_ack_ranges (payload, &ack)
                                             : rtmfp_read_ack_bitmap (payload, &ack)) != RTMFP_OK) {
    return false;
  }
  chunk->has_flow = true;
  chunk->flow_id = ack.flow_id;
  chunk->sequence_number = ack.cumulative_ack;
  chunk->buffer_bytes = ack.buffer_bytes_available;
  read_ranges (chunk, &ack);
  return true;
}

static bool
read_data (RtmfpCaptureChunk *chunk, RtmfpBytes payload, RtmfpUserData *data, bool *has_data) {
  RtmfpStatus status = chunk->type == RTMFP_CHUNK_USER_DATA
                           ? rtmfp_read_user_data (payload, data)
                           : rtmfp_read_next_user_data (payload, *has_data ? data : NULL, data);
  *has_data = status == RTMFP_OK;
  if (!*has_data) {
    return false;
  }
  chunk->has_flow = true;
  chunk->flow_id = data->flow_id;
  chunk->sequence_number = data->sequence_number;
  chunk->forward_sequence_number = data->forward_sequence_number;
  chunk->data_bytes = (uint16_t)data->data.size;
  chunk->fragment = (uint8_t)data->fragment;
  chunk->abandon = data->abandon;
  chunk->final = data->final;
  chunk->opens_flow = data->has_options && data->options.has_metadata;
  return true;
}

static bool
read_keying (RtmfpCaptureChunk *chunk, RtmfpBytes payload) {
  RtmfpInitiatorKeying initiator;
  RtmfpResponderKeying responder;
  if (chunk->type == RTMFP_CHUNK_INITIATOR_KEYING) {
    if (rtmfp_read_initiator_keying (payload, &initiator) == RTMFP_OK) {
      chunk->session_id = initiator.session_id;
      return true;
    }
  } else if (rtmfp_read_responder_keying (payload, &responder) == RTMFP_OK) {
    chunk->session_id = responder.session_id;
    return true;
  }
  return false;
}

static bool
read_chunk (RtmfpCaptureChunk *chunk, RtmfpBytes payload, RtmfpUserData *data, bool *has_data) {
  switch (chunk->type) {
  case RTMFP_CHUNK_USER_DATA:
  case RTMFP_CHUNK_NEXT_USER_DATA:
    return read_data (chunk, payload, data, has_data);
  case RTMFP_CHUNK_ACK_RANGES:
  case RTMFP_CHUNK_ACK_BITMAP:
    return read_ack (chunk, payload);
  case RTMFP_CHUNK_BUFFER_PROBE:
    chunk->has_flow = rtmfp_read_buffer_probe (payload, &chunk->flow_id) == RTMFP_OK;
    return chunk->has_flow;
  case RTMFP_CHUNK_FLOW_EXCEPTION:
    chunk->has_flow =
        rtmfp_read_flow_exception (payload, &chunk->flow_id, &chunk->code) == RTMFP_OK;
    return chunk->has_flow;
  case RTMFP_CHUNK_INITIATOR_KEYING:
  case RTMFP_CHUNK_RESPONDER_KEYING:
    return read_keying (chunk, payload);
  default:
    return true;
  }
}

/* ---- In ---- */

static RtmfpCaptureEvent *
next_event (RtmfpCapture *capture) {
  capture->may_set_size = false;
  if (capture->event_end - capture->first_event == capture->events_max) {
    capture->lost++;
    return NULL;
  }
  return &capture->events[capture->event_end % capture->events_max];
}

static void
finish_event (RtmfpCapture *capture, RtmfpCaptureEvent *event) {
  event->at_us = capture->now_us;
  event->lost_before = capture->lost;
  capture->lost = 0;
  capture->event_end++;
}

static bool
add_chunk (RtmfpCapture *capture, RtmfpCaptureEvent *event, const RtmfpCaptureChunk *chunk) {
  event->chunk_total++;
  if (event->chunk_count == RTMFP_CAPTURE_CHUNKS_MAX ||
      capture->chunk_end - capture->first_chunk == capture->chunks_max) {
    return false;
  }
  capture->chunks[capture->chunk_end++ % capture->chunks_max] = *chunk;
  event->chunk_count++;
  return true;
}

void
rtmfp_capture_packet (RtmfpCapture *capture, RtmfpCaptureType type, RtmfpId session,
                      const RtmfpCapturePacket *packet, RtmfpBytes plain) {
  RtmfpReader reader = rtmfp_reader (plain.data, plain.size);
  RtmfpPacketHeader header = {.mode = RTMFP_MODE_FORBIDDEN};
  RtmfpCaptureEvent *event = next_event (capture);
  if (event == NULL ||
      (plain.size > 0 && rtmfp_read_packet_header (&reader, &header) != RTMFP_OK)) {
    return;
  }
  *event = (RtmfpCaptureEvent){.type = type, .session = session, .packet = *packet};
  event->packet.plain_bytes = (uint32_t)plain.size;
  event->packet.mode = (uint8_t)header.mode;
  event->packet.time_critical = header.time_critical;
  event->packet.time_critical_reverse = header.time_critical_reverse;
  event->packet.has_timestamp = header.has_timestamp;
  event->packet.has_timestamp_echo = header.has_timestamp_echo;
  event->packet.timestamp = header.timestamp;
  event->packet.timestamp_echo = header.timestamp_echo;
  RtmfpChunk raw;
  RtmfpUserData data;
  bool has_data = false;
  while (rtmfp_read_chunk (&reader, &raw)) {
    RtmfpCaptureChunk chunk = {.type = raw.type, .payload_bytes = (uint16_t)raw.payload.size};
    chunk.is_readable = read_chunk (&chunk, raw.payload, &data, &has_data);
    add_chunk (capture, event, &chunk);
  }
  finish_event (capture, event);
  capture->may_set_size = type == RTMFP_CAPTURE_PACKET_SENT;
}

void
rtmfp_capture_set_datagram_bytes (RtmfpCapture *capture, size_t bytes) {
  if (capture->may_set_size) {
    capture->events[(capture->event_end - 1) % capture->events_max].packet.datagram_bytes =
        (uint32_t)bytes;
  }
}

void
rtmfp_capture_add (RtmfpCapture *capture, const RtmfpCaptureEvent *told) {
  RtmfpCaptureEvent *event = next_event (capture);
  if (event != NULL) {
    *event = *told;
    finish_event (capture, event);
  }
}

/* ---- Out ---- */

bool
rtmfp_capture_poll (RtmfpCapture *capture, RtmfpCaptureEvent *event) {
  capture->may_set_size = false;
  if (capture->first_event == capture->event_end) {
    return false;
  }
  RtmfpCaptureEvent *first = &capture->events[capture->first_event++ % capture->events_max];
  *event = *first;
  rtmfp_secret_wipe (&first->keying, sizeof first->keying);
  for (size_t i = 0; i < event->chunk_count; i++) {
    capture->polled[i] = capture->chunks[capture->first_chunk++ % capture->chunks_max];
  }
  event->chunks = capture->polled;
  return true;
}

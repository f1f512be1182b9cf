/* SPDX-License-Identifier: Apache-2.0 */
/* Captured events as lines of JSON, after draft-ietf-quic-qlog-main-schema. */
#include "core/session/capture.h"

#include "core/wire/constants.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A text that grows; what has no room is left out, and that is noticed. */
typedef struct {
  char *at;
  size_t room;
  bool is_short;
} Line;

#if defined(__GNUC__)
__attribute__ ((format (printf, 2, 3)))
#endif
static void
put (Line *line, const char *format, ...) {
  va_list arguments;
  va_start (arguments, format);
  int size = vsnprintf (line->at, line->room, format, arguments);
  va_end (arguments);
  if (size < 0 || (size_t)size >= line->room) {
    line->is_short = true;
    return;
  }
  line->at += size;
  line->room -= (size_t)size;
}

static void
put_hex (Line *line, const char *name, const uint8_t *bytes, size_t size) {
  put (line, ",\"%s\":\"", name);
  for (size_t i = 0; i < size; i++) {
    put (line, "%02x", bytes[i]);
  }
  put (line, "\"");
}

static void
put_address (Line *line, const RtmfpCapturePacket *packet) {
  char text[RTMFP_ADDRESS_TEXT_SIZE];
  rtmfp_address_format (&packet->address, text);
  put (line, "\"remote\":\"%s\",\"interface\":%" PRIu32, text, packet->interface_id);
}

/* ---- Chunks ---- */

static const char *
chunk_name (uint8_t type) {
  switch (type) {
  case RTMFP_CHUNK_FRAGMENT:
    return "packet_fragment";
  case RTMFP_CHUNK_INITIATOR_HELLO:
    return "initiator_hello";
  case RTMFP_CHUNK_FORWARDED_HELLO:
    return "forwarded_initiator_hello";
  case RTMFP_CHUNK_RESPONDER_HELLO:
    return "responder_hello";
  case RTMFP_CHUNK_REDIRECT:
    return "responder_redirect";
  case RTMFP_CHUNK_COOKIE_CHANGE:
    return "rhello_cookie_change";
  case RTMFP_CHUNK_INITIATOR_KEYING:
    return "initiator_initial_keying";
  case RTMFP_CHUNK_RESPONDER_KEYING:
    return "responder_initial_keying";
  case RTMFP_CHUNK_PING:
    return "ping";
  case RTMFP_CHUNK_PING_REPLY:
    return "ping_reply";
  case RTMFP_CHUNK_USER_DATA:
    return "user_data";
  case RTMFP_CHUNK_NEXT_USER_DATA:
    return "next_user_data";
  case RTMFP_CHUNK_BUFFER_PROBE:
    return "buffer_probe";
  case RTMFP_CHUNK_ACK_BITMAP:
    return "data_ack_bitmap";
  case RTMFP_CHUNK_ACK_RANGES:
    return "data_ack_ranges";
  case RTMFP_CHUNK_FLOW_EXCEPTION:
    return "flow_exception_report";
  case RTMFP_CHUNK_CLOSE:
    return "session_close_request";
  case RTMFP_CHUNK_CLOSE_ACK:
    return "session_close_acknowledgement";
  case RTMFP_CHUNK_ECN_REPORT:
    return "ecn_report";
  case RTMFP_CHUNK_PADDING_ZERO:
    return "padding";
  default:
    return "unknown";
  }
}

static void
put_data_chunk (Line *line, const RtmfpCaptureChunk *chunk) {
  static const char *const fragments[] = {"whole", "begin", "end", "middle"};
  put (line, ",\"sequence_number\":%" PRIu64 ",\"forward_sequence_number\":%" PRIu64,
       chunk->sequence_number, chunk->forward_sequence_number);
  put (line, ",\"fragment\":\"%s\",\"data_length\":%u", fragments[chunk->fragment & 3],
       chunk->data_bytes);
  if (chunk->abandon) {
    put (line, ",\"abandon\":true");
  }
  if (chunk->final) {
    put (line, ",\"final\":true");
  }
  if (chunk->opens_flow) {
    put (line, ",\"opens_flow\":true");
  }
}

static void
put_ack_chunk (Line *line, const RtmfpCaptureChunk *chunk) {
  put (line, ",\"cumulative_ack\":%" PRIu64 ",\"buffer_available\":%" PRIu64 ",\"ranges\":[",
       chunk->sequence_number, chunk->buffer_bytes);
  for (uint32_t i = 0; i < chunk->range_count && i < RTMFP_CAPTURE_RANGES_MAX; i++) {
    put (line, "%s[%" PRIu64 ",%" PRIu64 "]", i > 0 ? "," : "", chunk->ranges[i].first,
         chunk->ranges[i].last);
  }
  put (line, "],\"range_count\":%" PRIu32, chunk->range_count);
}

static void
put_chunk (Line *line, const RtmfpCaptureChunk *chunk) {
  put (line, "{\"chunk_type\":\"%s\",\"type\":%u,\"length\":%u", chunk_name (chunk->type),
       chunk->type, chunk->payload_bytes);
  if (!chunk->is_readable) {
    put (line, ",\"broken\":true}");
    return;
  }
  if (chunk->has_flow) {
    put (line, ",\"flow\":%" PRIu64, chunk->flow_id);
  }
  switch (chunk->type) {
  case RTMFP_CHUNK_USER_DATA:
  case RTMFP_CHUNK_NEXT_USER_DATA:
    put_data_chunk (line, chunk);
    break;
  case RTMFP_CHUNK_ACK_RANGES:
  case RTMFP_CHUNK_ACK_BITMAP:
    put_ack_chunk (line, chunk);
    break;
  case RTMFP_CHUNK_FLOW_EXCEPTION:
    put (line, ",\"code\":%" PRIu64, chunk->code);
    break;
  case RTMFP_CHUNK_INITIATOR_KEYING:
  case RTMFP_CHUNK_RESPONDER_KEYING:
    put (line, ",\"session_id\":\"%08" PRIx32 "\"", chunk->session_id);
    break;
  default:
    break;
  }
  put (line, "}");
}

/* ---- Events ---- */

static void
put_packet (Line *line, const RtmfpCaptureEvent *event) {
  static const char *const modes[] = {"copy", "initiator", "responder", "startup"};
  const RtmfpCapturePacket *packet = &event->packet;
  put (line, "\"header\":{\"packet_type\":\"%s\",\"time_critical\":%s", modes[packet->mode & 3],
       packet->time_critical ? "true" : "false");
  put (line, ",\"time_critical_reverse\":%s", packet->time_critical_reverse ? "true" : "false");
  if (packet->has_timestamp) {
    put (line, ",\"timestamp\":%u", packet->timestamp);
  }
  if (packet->has_timestamp_echo) {
    put (line, ",\"timestamp_echo\":%u", packet->timestamp_echo);
  }
  put (line, "},\"raw\":{\"length\":%" PRIu32 ",\"payload_length\":%" PRIu32 "},",
       packet->datagram_bytes, packet->plain_bytes);
  put_address (line, packet);
  if (packet->datagram_bytes == 0) {
    put (line, ",\"reassembled\":true");
  }
  put (line, ",\"chunks\":[");
  for (size_t i = 0; i < event->chunk_count; i++) {
    put (line, "%s", i > 0 ? "," : "");
    put_chunk (line, &event->chunks[i]);
  }
  put (line, "]");
  if (event->chunk_total > event->chunk_count) {
    put (line, ",\"chunks_left_out\":%zu", event->chunk_total - event->chunk_count);
  }
}

static void
put_drop (Line *line, const RtmfpCaptureEvent *event) {
  static const char *const reasons[] = {"malformed", "not_authentic", "repeated", "unknown_session",
                                        "limit",     "rate_limited",  "refused"};
  put (line, "\"trigger\":\"%s\",\"raw\":{\"length\":%" PRIu32 "},", reasons[event->reason],
       event->packet.datagram_bytes);
  put_address (line, &event->packet);
}

static void
put_state (Line *line, const RtmfpCaptureEvent *event) {
  static const char *const states[] = {"none", "hello_sent", "keying", "open", "closing", "closed"};
  put (line, "\"old\":\"%s\",\"new\":\"%s\"", states[event->old_state], states[event->new_state]);
  if (event->packet.address.family != RTMFP_ADDRESS_NONE) {
    put (line, ",");
    put_address (line, &event->packet);
  }
}

static void
put_keying (Line *line, const RtmfpCaptureEvent *event) {
  const RtmfpCaptureKeying *keying = &event->keying;
  put (line,
       "\"initiator\":%s,\"near_session_id\":\"%08" PRIx32 "\",\"far_session_id\":\"%08" PRIx32,
       keying->is_initiator ? "true" : "false", keying->near_id, keying->far_id);
  put (line, "\",\"suite\":\"%s\",\"hmac_send_length\":%u,\"hmac_receive_length\":%u",
       keying->suite != NULL ? keying->suite : "", keying->hmac_send_bytes,
       keying->hmac_receive_bytes);
  put (line, ",\"sends_sequence\":%s,\"receives_sequence\":%s",
       keying->sends_sequence ? "true" : "false", keying->receives_sequence ? "true" : "false");
  put (line, ",\"peer_features\":%" PRIu64, keying->peer_features);
  put_hex (line, "far_fingerprint", keying->far_fingerprint.bytes,
           sizeof keying->far_fingerprint.bytes);
  if (event->type == RTMFP_CAPTURE_SESSION_KEYS) {
    put_hex (line, "encrypt_key", keying->encrypt_key, keying->key_bytes);
    put_hex (line, "decrypt_key", keying->decrypt_key, keying->key_bytes);
    if (keying->iv_bytes > 0) {
      put_hex (line, "encrypt_iv", keying->encrypt_iv, keying->iv_bytes);
      put_hex (line, "decrypt_iv", keying->decrypt_iv, keying->iv_bytes);
    }
  }
}

static void
put_metrics (Line *line, const RtmfpCaptureEvent *event) {
  const RtmfpCaptureMetrics *metrics = &event->metrics;
  put (line, "\"smoothed_rtt\":%" PRId64 ".%03d", metrics->srtt_us / 1000,
       (int)(metrics->srtt_us % 1000));
  put (line, ",\"congestion_window\":%" PRIu64 ",\"bytes_in_flight\":%" PRIu64, metrics->cwnd_bytes,
       metrics->outstanding_bytes);
}

static const char *
event_name (RtmfpCaptureType type) {
  static const char *const names[] = {
      "packet_sent",           "packet_received", "packet_dropped",
      "session_state_updated", "session_keyed",   "session_keys",
      "address_updated",       "metrics_updated", "packets_lost",
  };
  return names[type];
}

static void
put_data (Line *line, const RtmfpCaptureEvent *event) {
  switch (event->type) {
  case RTMFP_CAPTURE_PACKET_SENT:
  case RTMFP_CAPTURE_PACKET_RECEIVED:
    put_packet (line, event);
    break;
  case RTMFP_CAPTURE_PACKET_DROPPED:
    put_drop (line, event);
    break;
  case RTMFP_CAPTURE_SESSION_STATE:
    put_state (line, event);
    break;
  case RTMFP_CAPTURE_SESSION_KEYED:
  case RTMFP_CAPTURE_SESSION_KEYS:
    put_keying (line, event);
    break;
  case RTMFP_CAPTURE_SESSION_ADDRESS:
    put_address (line, &event->packet);
    break;
  case RTMFP_CAPTURE_METRICS:
    put_metrics (line, event);
    break;
  case RTMFP_CAPTURE_PACKETS_LOST:
    put (line, "\"count\":%" PRIu64 ",\"total\":%" PRIu64, event->metrics.lost_now,
         event->metrics.lost);
    break;
  }
}

size_t
rtmfp_capture_write_json (const RtmfpCaptureEvent *event, char *out, size_t capacity) {
  Line line = {.at = out, .room = capacity};
  if (capacity < RTMFP_CAPTURE_LINE_BYTES_MAX) {
    return 0;
  }
  put (&line, "{\"time\":%" PRId64 ".%03d,\"name\":\"rtmfp:%s\"", event->at_us / 1000,
       (int)(event->at_us % 1000), event_name (event->type));
  if (event->session != 0) {
    put (&line, ",\"group_id\":\"%" PRIx64 "\"", event->session);
  }
  if (event->lost_before > 0) {
    put (&line, ",\"events_lost\":%" PRIu64, event->lost_before);
  }
  put (&line, ",\"data\":{");
  put_data (&line, event);
  put (&line, "}}\n");
  return line.is_short ? 0 : (size_t)(line.at - out);
}

size_t
rtmfp_capture_write_header (const char *title, char *out, size_t capacity) {
  Line line = {.at = out, .room = capacity};
  if (capacity < RTMFP_CAPTURE_LINE_BYTES_MAX) {
    return 0;
  }
  put (&line, "{\"file_schema\":\"urn:ietf:params:qlog:file:sequential\","
              "\"serialization_format\":\"application/x-ndjson\",\"title\":\"");
  for (const char *c = title; *c != '\0'; c++) {
    if ((unsigned char)*c < 0x20) {
      put (&line, "\\u%04x", (unsigned)*c);
    } else {
      put (&line, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    }
  }
  put (&line, "\",\"trace\":{\"common_fields\":{\"time_format\":\"relative_to_epoch\","
              "\"reference_time\":{\"clock_type\":\"monotonic\",\"epoch\":\"unknown\"}},"
              "\"vantage_point\":{\"type\":\"unknown\"},\"event_schemas\":[\"rtmfp\"]}}\n");
  return line.is_short ? 0 : (size_t)(line.at - out);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What comes into an open session: its packets, chunk by chunk, RFC 7016 s3.5.2, s3.6.2.4 to 6,
 * s3.6.3. */
#include "core/session/session-state.h"

#include "core/base/memory.h"
#include "core/session/params.h"
#include "core/wire/ack-chunk.h"
#include "core/wire/control-chunk.h"
#include "core/wire/data-chunk.h"
#include "core/wire/packet.h"

#include <string.h>

/* What one packet did so far. */
typedef struct {
  const RtmfpPath *from;
  int64_t now_us;
  RtmfpUserData data; /* the last User Data or Next User Data */
  bool has_data;      /* data was read, so that a Next User Data may follow */
  bool any_user_data;
  bool any_ack;
  bool any_ecn_report;
  size_t acked_bytes;
  RtmfpAckResult acks;
} Receipt;

/* ---- User data ---- */

/* Whether the far side may open this flow, s3.6.3.1. associated out: our flow that it answers. */
static bool
is_acceptable (const RtmfpSession *session, const RtmfpUserData *data, RtmfpId *associated) {
  if (!data->has_options || !data->options.has_metadata || data->options.must_reject) {
    return false;
  }
  if (!data->options.has_association) {
    return true;
  }
  const RtmfpFlow *ours =
      rtmfp_session_find_flow (&session->traffic->sending, data->options.association);
  if (ours == NULL || rtmfp_send_flow_state (ours->send) != RTMFP_SEND_OPEN) {
    return false;
  }
  *associated = ours->id;
  return true;
}

static RtmfpFlow *
open_receiving_flow (RtmfpSession *session, const RtmfpUserData *data, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  if (!rtmfp_session_has_place (session, data, now_us)) {
    session->shared->counters.dropped_limit++;
    return NULL;
  }
  RtmfpFlow *flow = RTMFP_NEW (RtmfpFlow);
  flow->session = session;
  flow->recv = rtmfp_recv_flow_new (data->flow_id);
  flow->is_new = true;
  flow->id = rtmfp_slots_add (&session->shared->flows, flow);
  TAILQ_INSERT_TAIL (&traffic->receiving, flow, link);
  traffic->receiving_count++;
  if (is_acceptable (session, data, &flow->associated)) {
    flow->metadata_size = data->options.metadata.size;
    flow->metadata =
        (uint8_t *)rtmfp_memory_copy (data->options.metadata.data, flow->metadata_size);
  } else {
    rtmfp_flow_reject (flow, 0);
  }
  traffic->ack_now = true;
  return flow;
}

static void
receive_user_data (RtmfpSession *session, Receipt *receipt) {
  const RtmfpUserData *data = &receipt->data;
  RtmfpTraffic *traffic = rtmfp_session_traffic (session);
  receipt->any_user_data = true;
  RtmfpFlow *flow = rtmfp_session_find_flow (&traffic->receiving, data->flow_id);
  if (flow == NULL) {
    flow = open_receiving_flow (session, data, receipt->now_us);
    if (flow == NULL) {
      return;
    }
  } else if (data->has_options && data->options.must_reject &&
             rtmfp_recv_flow_state (flow->recv) == RTMFP_RECV_OPEN) {
    rtmfp_flow_reject (flow, 0);
  }
  if (rtmfp_recv_flow_receive (flow->recv, data, receipt->now_us) == RTMFP_LIMIT) {
    session->shared->counters.dropped_limit++;
  }
  if (rtmfp_recv_flow_take_ack_now (flow->recv)) {
    traffic->ack_now = true;
  }
  if (traffic->delayed_ack_us == RTMFP_NEVER) {
    traffic->delayed_ack_us = receipt->now_us + RTMFP_ACK_DELAY_US;
  }
  rtmfp_flow_mark_eventful (flow);
}

static RtmfpStatus
read_user_data (RtmfpSession *session, RtmfpBytes payload, Receipt *receipt) {
  RtmfpStatus status = rtmfp_read_user_data (payload, &receipt->data);
  receipt->has_data = status == RTMFP_OK;
  if (status == RTMFP_OK) {
    receive_user_data (session, receipt);
  }
  return status;
}

static RtmfpStatus
read_next_user_data (RtmfpSession *session, RtmfpBytes payload, Receipt *receipt) {
  RtmfpStatus status = rtmfp_read_next_user_data (
      payload, receipt->has_data ? &receipt->data : NULL, &receipt->data);
  receipt->has_data = status == RTMFP_OK;
  if (status == RTMFP_OK) {
    receive_user_data (session, receipt);
  }
  return status;
}

static RtmfpStatus
read_buffer_probe (RtmfpSession *session, RtmfpBytes payload) {
  uint64_t flow_id;
  RtmfpStatus status = rtmfp_read_buffer_probe (payload, &flow_id);
  if (status != RTMFP_OK || session->traffic == NULL) {
    return status;
  }
  RtmfpFlow *flow = rtmfp_session_find_flow (&session->traffic->receiving, flow_id);
  if (flow != NULL) {
    rtmfp_recv_flow_receive_probe (flow->recv);
    session->traffic->ack_now = true;
  }
  return RTMFP_OK;
}

/* ---- Acknowledgements ---- */

static RtmfpStatus
read_ack (RtmfpSession *session, uint8_t type, RtmfpBytes payload, Receipt *receipt) {
  RtmfpAck ack;
  RtmfpStatus status = type == RTMFP_CHUNK_ACK_RANGES ? rtmfp_read_ack_ranges (payload, &ack)
                                                      : rtmfp_read_ack_bitmap (payload, &ack);
  if (status != RTMFP_OK || session->traffic == NULL) {
    return status;
  }
  RtmfpFlow *flow = rtmfp_session_find_flow (&session->traffic->sending, ack.flow_id);
  if (flow == NULL) {
    return RTMFP_OK;
  }
  size_t before = receipt->acks.acked_bytes;
  rtmfp_send_flow_receive_ack (flow->send, &ack, receipt->now_us, &receipt->acks);
  rtmfp_congestion_acknowledge (&session->traffic->congestion, receipt->acks.acked_bytes - before);
  receipt->any_ack = true;
  session->shared->counters.rule_ack_bitmap_read += type == RTMFP_CHUNK_ACK_BITMAP;
  rtmfp_flow_mark_eventful (flow);
  return RTMFP_OK;
}

static RtmfpStatus
read_exception (RtmfpSession *session, RtmfpBytes payload) {
  uint64_t flow_id, code;
  RtmfpStatus status = rtmfp_read_flow_exception (payload, &flow_id, &code);
  if (status != RTMFP_OK || session->traffic == NULL) {
    return status;
  }
  RtmfpFlow *flow = rtmfp_session_find_flow (&session->traffic->sending, flow_id);
  if (flow != NULL && rtmfp_send_flow_exception (flow->send)) {
    flow->has_exception = true;
    flow->exception_code = code;
    session->shared->counters.rule_exception++;
    rtmfp_flow_mark_eventful (flow);
  }
  return RTMFP_OK;
}

static RtmfpStatus
read_ecn_report (RtmfpSession *session, RtmfpBytes payload, Receipt *receipt) {
  uint8_t count;
  const RtmfpStatus status = rtmfp_read_ecn_report (payload, &count);
  if (status != RTMFP_OK || session->traffic == NULL) {
    return status;
  }
  receipt->any_ecn_report = true;
  if (rtmfp_ecn_report (&session->traffic->ecn, count)) {
    rtmfp_congestion_on_ce (&session->traffic->congestion, receipt->now_us);
    session->shared->counters.rule_ecn_ce++;
  }
  return RTMFP_OK;
}

/* ---- Packets ---- */

/* Kept for the endpoint: whether to answer is not for a session to say. */
static RtmfpStatus
keep_forwarded (RtmfpSession *session, RtmfpBytes payload) {
  if (!session->introducer) {
    session->shared->counters.rule_reject_hello++;
    return RTMFP_UNSUPPORTED;
  }
  if (session->forwarded.size + payload.size > RTMFP_FORWARDS_BYTES_MAX) {
    session->shared->counters.dropped_limit++;
    return RTMFP_LIMIT;
  }
  uint32_t size = (uint32_t)payload.size;
  rtmfp_buffer_append (&session->forwarded, rtmfp_bytes (&size, sizeof size));
  rtmfp_buffer_append (&session->forwarded, payload);
  return RTMFP_OK;
}

bool
rtmfp_session_take_forwarded (RtmfpSession *session, uint8_t **payload, size_t *size) {
  uint32_t first;
  if (session->forwarded.size < sizeof first) {
    return false;
  }
  memcpy (&first, session->forwarded.data, sizeof first);
  *payload = (uint8_t *)rtmfp_memory_copy (session->forwarded.data + sizeof first, first);
  *size = first;
  size_t taken = sizeof first + first;
  session->forwarded.size -= taken;
  memmove (session->forwarded.data, session->forwarded.data + taken, session->forwarded.size);
  return true;
}

static RtmfpStatus
read_chunk_closing (RtmfpSession *session, const RtmfpChunk *chunk, int64_t now_us) {
  if (chunk->type == RTMFP_CHUNK_CLOSE) {
    rtmfp_session_receive_close (session, now_us);
  } else if (chunk->type == RTMFP_CHUNK_CLOSE_ACK) {
    rtmfp_session_receive_close_ack (session);
  }
  return RTMFP_OK;
}

static RtmfpStatus
read_chunk (RtmfpSession *session, const RtmfpChunk *chunk, Receipt *receipt) {
  if (session->state != RTMFP_SESSION_OPEN) {
    return read_chunk_closing (session, chunk, receipt->now_us);
  }
  if (chunk->type != RTMFP_CHUNK_PING && chunk->type != RTMFP_CHUNK_PING_REPLY) {
    rtmfp_session_stir (session, receipt->now_us);
  }
  switch (chunk->type) {
  case RTMFP_CHUNK_USER_DATA:
    return read_user_data (session, chunk->payload, receipt);
  case RTMFP_CHUNK_NEXT_USER_DATA:
    return read_next_user_data (session, chunk->payload, receipt);
  case RTMFP_CHUNK_ACK_RANGES:
  case RTMFP_CHUNK_ACK_BITMAP:
    return read_ack (session, chunk->type, chunk->payload, receipt);
  case RTMFP_CHUNK_ECN_REPORT:
    return read_ecn_report (session, chunk->payload, receipt);
  case RTMFP_CHUNK_BUFFER_PROBE:
    return read_buffer_probe (session, chunk->payload);
  case RTMFP_CHUNK_FLOW_EXCEPTION:
    return read_exception (session, chunk->payload);
  case RTMFP_CHUNK_PING:
    rtmfp_session_receive_ping (session, chunk->payload, receipt->from);
    return RTMFP_OK;
  case RTMFP_CHUNK_PING_REPLY:
    rtmfp_session_receive_ping_reply (session, chunk->payload, receipt->from, receipt->now_us);
    return RTMFP_OK;
  case RTMFP_CHUNK_FORWARDED_HELLO:
    return keep_forwarded (session, chunk->payload);
  default:
    return read_chunk_closing (session, chunk, receipt->now_us);
  }
}

/* A call finds out that its path has become longer by itself; bulk by its drains. */
static void
read_echo (RtmfpSession *session, uint16_t echo, int64_t now_us) {
  const int64_t before_us = session->rtt.lowest_us;
  const bool was_measured = session->rtt.is_measured;
  rtmfp_rtt_receive_echo (&session->rtt, echo, now_us);
  const int64_t more_us = session->rtt.lowest_us - before_us;
  if (was_measured && more_us > RTMFP_RTT_TICK_US && session->traffic != NULL &&
      rtmfp_congestion_is_time_critical (&session->traffic->congestion, now_us)) {
    rtmfp_congestion_longer_path (&session->traffic->congestion, more_us);
  }
}

static void
read_header (RtmfpSession *session, const RtmfpPacketHeader *header, int64_t now_us) {
  if (header->has_timestamp) {
    rtmfp_rtt_receive_timestamp (&session->rtt, header->timestamp, now_us);
    if (session->traffic != NULL) {
      rtmfp_congestion_hear (&session->traffic->congestion, header->timestamp, now_us);
    }
  }
  if (header->has_timestamp_echo) {
    read_echo (session, header->timestamp_echo, now_us);
  }
  if (header->time_critical) {
    rtmfp_shared_note_time_critical (session->shared, session->id, now_us);
  }
  if (header->time_critical_reverse) {
    rtmfp_session_wake (session);
  }
  if (header->time_critical_reverse && session->traffic != NULL) {
    rtmfp_congestion_receive_reverse (&session->traffic->congestion, now_us);
    session->shared->counters.rule_time_critical++;
  }
}

/* s3.6.3.4.1: every second packet is acknowledged. One that comes alone is at once: its sender
 * measures by it, and finds out by what was not acknowledged. Where we speak as often, the
 * acknowledgement waits for what we say next. */
static void
note_data_packet (RtmfpTraffic *traffic, int64_t now_us) {
  const bool alone = now_us - traffic->data_heard_us >= RTMFP_ACK_ALONE_US &&
                     now_us - traffic->data_sent_us >= RTMFP_ACK_RIDE_US;
  traffic->data_heard_us = now_us;
  traffic->alone_acks = alone;
  if (++traffic->data_packets >= RTMFP_ACK_EVERY_PACKETS || alone) {
    traffic->ack_now = true;
  }
}

static void
note_ecn_ack (RtmfpSession *session, const Receipt *receipt) {
  if (!receipt->any_ecn_report && receipt->acks.acked_bytes == 0) {
    return; /* the answer to a probe, or one that came before: nothing marked was heard */
  }
  RtmfpEcn *ecn = &session->traffic->ecn;
  const bool was_off = ecn->is_off;
  rtmfp_ecn_acknowledged (ecn, receipt->any_ecn_report);
  session->shared->counters.rule_ecn_off += ecn->is_off && !was_off;
}

static void
finish_packet (RtmfpSession *session, const Receipt *receipt) {
  RtmfpTraffic *traffic = session->traffic;
  if (session->state != RTMFP_SESSION_OPEN || traffic == NULL) {
    return;
  }
  if (receipt->acks.long_arrived) {
    rtmfp_path_mtu_long_arrived (&traffic->path_mtu);
  }
  if (receipt->any_ack) {
    note_ecn_ack (session, receipt);
    rtmfp_session_finish_acks (session, &receipt->acks, receipt->now_us);
  }
  rtmfp_congestion_end_packet (&traffic->congestion, session->shared->time_critical_sent_us,
                               receipt->now_us);
  if (receipt->any_user_data) {
    note_data_packet (traffic, receipt->now_us);
  }
}

RtmfpStatus
rtmfp_session_receive_open (RtmfpSession *session, RtmfpBytes datagram, const RtmfpPath *from,
                            uint8_t ecn, uint8_t *scratch, int64_t now_us) {
  RtmfpBytes plain;
  rtmfp_session_fetch_flows (session, 0);
  rtmfp_session_fetch_flows (session, 1);
  RtmfpStatus status = rtmfp_protection_open (&session->protection, datagram, scratch, &plain);
  if (status != RTMFP_OK) {
    return status;
  }
  rtmfp_session_fetch_flows (session, 2);
  RtmfpReader reader = rtmfp_reader (plain.data, plain.size);
  RtmfpPacketHeader header;
  status = rtmfp_read_packet_header (&reader, &header);
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpMode far_mode = session->is_initiator ? RTMFP_MODE_RESPONDER : RTMFP_MODE_INITIATOR;
  if (header.mode != far_mode) {
    return RTMFP_MALFORMED;
  }
  if (session->shared->capture != NULL) {
    rtmfp_session_capture_packet (session, RTMFP_CAPTURE_PACKET_RECEIVED, from, plain,
                                  datagram.size);
  }
  session->packets_received++;
  session->bytes_received += datagram.size;
  const int64_t silence_us = now_us - session->heard_us;
  rtmfp_session_heard (session, now_us);
  read_header (session, &header, now_us);
  if (session->traffic != NULL) {
    rtmfp_congestion_begin_packet (&session->traffic->congestion,
                                   session->traffic->outstanding_bytes);
  }
  Receipt receipt = {.from = from, .now_us = now_us};
  receipt.acks.least_us = rtmfp_session_least_us (session);
  RtmfpChunk chunk;
  while (rtmfp_read_chunk (&reader, &chunk)) {
    if (rtmfp_chunk_is_allowed (chunk.type, header.mode) &&
        read_chunk (session, &chunk, &receipt) != RTMFP_OK) {
      session->shared->counters.dropped_malformed++;
    }
  }
  if (session->traffic != NULL) {
    rtmfp_ecn_heard (&session->traffic->ecn, ecn);
  } else if (session->rest != NULL) {
    rtmfp_ecn_heard (&session->rest->ecn, ecn);
  }
  finish_packet (session, &receipt);
  if (session->state == RTMFP_SESSION_OPEN) {
    rtmfp_session_brighten (session, silence_us, now_us);
  }
  rtmfp_session_check_mobility (session, from, datagram.size, now_us);
  return RTMFP_OK;
}

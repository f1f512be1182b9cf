/* SPDX-License-Identifier: Apache-2.0 */
/* The flows of a session: opening and ending them, and what the user is told of them, RFC 7016
 * s3.6. */
#include "core/session/session-state.h"

#include "core/base/memory.h"
#include "core/flow/params.h"
#include "core/session/params.h"

#include <stdlib.h>

RtmfpTraffic *
rtmfp_session_traffic (RtmfpSession *session) {
  rtmfp_session_wake (session);
  if (session->traffic == NULL) {
    RtmfpTraffic *traffic = RTMFP_NEW (RtmfpTraffic);
    TAILQ_INIT (&traffic->sending);
    TAILQ_INIT (&traffic->receiving);
    rtmfp_congestion_init (&traffic->congestion);
    traffic->next_flow_id = 1;
    traffic->next_tsn = 1;
    traffic->delayed_ack_us = RTMFP_NEVER;
    rtmfp_path_mtu_begin (&traffic->path_mtu);
    traffic->timeout_us = RTMFP_NEVER;
    traffic->data_heard_us = -RTMFP_ACK_ALONE_US;
    traffic->data_sent_us = -RTMFP_ACK_RIDE_US;
    rtmfp_recovery_init (&traffic->recovery);
    session->traffic = traffic;
  }
  session->traffic->is_idle = false;
  return session->traffic;
}

RtmfpFlow *
rtmfp_session_find_flow (const RtmfpFlows *flows, uint64_t flow_id) {
  RtmfpFlow *flow;
  TAILQ_FOREACH (flow, flows, link) {
    uint64_t id =
        flow->send != NULL ? rtmfp_send_flow_id (flow->send) : rtmfp_recv_flow_id (flow->recv);
    if (id == flow_id) {
      return flow;
    }
  }
  return NULL;
}

RtmfpFlow *
rtmfp_flow_find (const RtmfpShared *shared, RtmfpId id) {
  const RtmfpFlowPlace *place = (const RtmfpFlowPlace *)rtmfp_slots_get (&shared->flows, id);
  if (place != NULL && place->session->rest != NULL) {
    rtmfp_session_wake (place->session);
    return (RtmfpFlow *)rtmfp_slots_get (&shared->flows, id);
  }
  return (RtmfpFlow *)place;
}

RtmfpSession *
rtmfp_flow_session (const RtmfpFlow *flow) {
  return flow->session;
}

void
rtmfp_flow_mark_eventful (RtmfpFlow *flow) {
  flow->session->traffic->is_idle = false;
  if (!flow->is_eventful) {
    flow->is_eventful = true;
    TAILQ_INSERT_TAIL (&flow->session->eventful, flow, eventful);
  }
}

static void
unmark_eventful (RtmfpFlow *flow) {
  if (flow->is_eventful) {
    flow->is_eventful = false;
    TAILQ_REMOVE (&flow->session->eventful, flow, eventful);
  }
}

static void
add_send_counts (const RtmfpSendFlow *flow, RtmfpCounters *counters) {
  const RtmfpSendCounts *counts = rtmfp_send_flow_counts (flow);
  counters->rule_abandon += counts->messages_given_up;
  counters->rule_dependency_abandon += counts->given_up_by_dependency;
}

static void
add_recv_counts (const RtmfpRecvFlow *flow, RtmfpCounters *counters) {
  const RtmfpRecvCounts *counts = rtmfp_recv_flow_counts (flow);
  counters->rule_forward_sequence_number += counts->forward_skips;
  counters->rule_ack_ranges += counts->ranges_written;
  counters->rule_duplicate += counts->duplicates;
}

void
rtmfp_flow_add_counts (const RtmfpFlow *flow, RtmfpCounters *counters) {
  if (flow->send != NULL) {
    add_send_counts (flow->send, counters);
  } else {
    add_recv_counts (flow->recv, counters);
  }
}

void
rtmfp_session_add_counters (const RtmfpSession *session, RtmfpCounters *counters) {
  const RtmfpFlow *flow;
  if (session->traffic == NULL) {
    return;
  }
  TAILQ_FOREACH (flow, &session->traffic->sending, link) {
    add_send_counts (flow->send, counters);
  }
  TAILQ_FOREACH (flow, &session->traffic->receiving, link) {
    add_recv_counts (flow->recv, counters);
  }
}

void
rtmfp_flow_free (RtmfpFlow *flow) {
  RtmfpSession *session = flow->session;
  unmark_eventful (flow);
  rtmfp_slots_remove (&session->shared->flows, flow->id);
  rtmfp_flow_add_counts (flow, &session->shared->counters);
  if (flow->send != NULL) {
    TAILQ_REMOVE (&session->traffic->sending, flow, link);
    session->traffic->sending_count--;
    rtmfp_send_flow_free (flow->send);
  } else {
    TAILQ_REMOVE (&session->traffic->receiving, flow, link);
    session->traffic->receiving_count--;
    rtmfp_recv_flow_free (flow->recv);
  }
  free (flow->metadata);
  free (flow);
}

/* The flow ids of a session are never used twice, so a sending flow need not hold its id back for
 * 130 s. Deviation: F_COMPLETE_LINGER of RFC 7016 s3.6.2.11 is skipped; nobody can see the
 * difference. */
void
rtmfp_flow_release (RtmfpFlow *flow) {
  if (!flow->is_over && !flow->is_unknown) {
    return;
  }
  if (flow->send != NULL || rtmfp_recv_flow_state (flow->recv) == RTMFP_RECV_CLOSED) {
    rtmfp_flow_free (flow);
  }
}

/* Flows only exist in S_OPEN (s3.5.5); but what was received whole is still told. */
void
rtmfp_session_abort_flows (RtmfpSession *session) {
  rtmfp_session_abort_rest (session);
  RtmfpTraffic *traffic = session->traffic;
  if (traffic == NULL) {
    return;
  }
  while (!TAILQ_EMPTY (&traffic->sending)) {
    rtmfp_flow_free (TAILQ_FIRST (&traffic->sending));
  }
  RtmfpFlow *flow, *next;
  for (flow = TAILQ_FIRST (&traffic->receiving); flow != NULL; flow = next) {
    next = TAILQ_NEXT (flow, link);
    if (!flow->is_eventful || flow->is_unknown) {
      rtmfp_flow_free (flow);
    }
  }
  traffic->ack_now = false;
  traffic->sends_probes = false;
  traffic->outstanding_bytes = 0;
  traffic->delayed_ack_us = RTMFP_NEVER;
  traffic->timeout_us = RTMFP_NEVER;
  rtmfp_recovery_init (&traffic->recovery);
}

/* ---- Commands ---- */

static RtmfpStatus
find_association (RtmfpSession *session, RtmfpId associated, RtmfpSendFlowConfig *config) {
  if (associated == 0) {
    return RTMFP_OK;
  }
  const RtmfpFlow *flow = rtmfp_flow_find (session->shared, associated);
  if (flow == NULL || flow->session != session || flow->recv == NULL ||
      rtmfp_recv_flow_state (flow->recv) != RTMFP_RECV_OPEN) {
    return RTMFP_STATE;
  }
  config->has_association = true;
  config->association = rtmfp_recv_flow_id (flow->recv);
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_session_open_flow (RtmfpSession *session, const RtmfpFlowConfig *config, RtmfpId *id) {
  if (session->state != RTMFP_SESSION_OPEN) {
    return RTMFP_STATE;
  }
  RtmfpSendFlowConfig send = {
      .metadata = config->metadata,
      .buffer_bytes = config->buffer_bytes,
  };
  RtmfpStatus status = find_association (session, config->associated, &send);
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpTraffic *traffic = rtmfp_session_traffic (session);
  if (traffic->sending_count == RTMFP_SENDING_FLOWS_MAX ||
      config->metadata.size > RTMFP_METADATA_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  send.flow_id = traffic->next_flow_id++;
  RtmfpFlow *flow = RTMFP_NEW (RtmfpFlow);
  flow->session = session;
  flow->send = rtmfp_send_flow_new (&send);
  flow->buffer_grows = config->buffer_bytes == 0;
  flow->associated = config->associated;
  flow->id = rtmfp_slots_add (&session->shared->flows, flow);
  rtmfp_flow_set_priority (flow, config->priority);
  TAILQ_INSERT_TAIL (&traffic->sending, flow, link);
  traffic->sending_count++;
  *id = flow->id;
  return RTMFP_OK;
}

void
rtmfp_flow_set_priority (RtmfpFlow *flow, RtmfpPriority priority) {
  flow->priority = (uint8_t)(priority < RTMFP_PRIORITY_COUNT ? priority : RTMFP_PRIORITY_URGENT);
}

/* Half of the buffer is refilled at a time: two windows keep one in flight. */
static void
grow_buffer (RtmfpFlow *flow) {
  if (!flow->buffer_grows) {
    return;
  }
  const size_t windows = 2 * flow->session->traffic->congestion.cwnd_bytes;
  const size_t most = windows < RTMFP_SEND_BUFFER_BYTES_MAX ? windows : RTMFP_SEND_BUFFER_BYTES_MAX;
  rtmfp_send_flow_set_buffer (
      flow->send, most > RTMFP_SEND_BUFFER_BYTES_DEFAULT ? most : RTMFP_SEND_BUFFER_BYTES_DEFAULT);
}

RtmfpStatus
rtmfp_flow_send (RtmfpFlow *flow, RtmfpBytes message, const RtmfpMessageOptions *options,
                 int64_t now_us, uint64_t *number) {
  if (flow->send == NULL) {
    return RTMFP_STATE;
  }
  /* What is too late by now makes room first. */
  rtmfp_send_flow_advance (flow->send, now_us);
  rtmfp_flow_mark_eventful (flow);
  grow_buffer (flow);
  if (options == NULL) {
    return rtmfp_send_flow_queue (flow->send, message, NULL, number);
  }
  const RtmfpSendOptions send = {
      .start_by_us = options->start_by_us,
      .finish_by_us = options->finish_by_us,
      .depends_on = options->depends_on,
      .no_retransmit = options->no_retransmit,
      .reports_end = options->reports_end,
      .copies = options->copies < RTMFP_COPIES_MAX ? options->copies : RTMFP_COPIES_MAX,
      .resend_copies =
          options->resend_copies < RTMFP_COPIES_MAX ? options->resend_copies : RTMFP_COPIES_MAX,
  };
  return rtmfp_send_flow_queue (flow->send, message, &send, number);
}

void
rtmfp_flow_close (RtmfpFlow *flow, int64_t now_us) {
  if (flow->send != NULL) {
    rtmfp_send_flow_advance (flow->send, now_us);
    rtmfp_send_flow_close (flow->send);
    rtmfp_flow_mark_eventful (flow);
  }
}

static void
note_ack (RtmfpFlow *flow) {
  if (rtmfp_recv_flow_take_ack_now (flow->recv)) {
    flow->session->traffic->ack_now = true;
  }
}

RtmfpStatus
rtmfp_flow_accept (RtmfpFlow *flow, RtmfpOrder order, size_t window_bytes) {
  if (flow->recv == NULL) {
    return RTMFP_STATE;
  }
  RtmfpStatus status =
      rtmfp_recv_flow_accept (flow->recv, order == RTMFP_ORDER_NETWORK, window_bytes);
  note_ack (flow);
  rtmfp_flow_mark_eventful (flow);
  return status;
}

void
rtmfp_flow_reject (RtmfpFlow *flow, uint64_t code) {
  if (flow->recv != NULL) {
    rtmfp_recv_flow_reject (flow->recv, code);
    flow->session->traffic->is_idle = false;
    flow->is_unknown = true;
    note_ack (flow);
  }
}

void
rtmfp_flow_pause (RtmfpFlow *flow, bool paused) {
  if (flow->recv != NULL) {
    rtmfp_recv_flow_pause (flow->recv, paused);
    note_ack (flow);
    rtmfp_flow_mark_eventful (flow);
  }
}

/* ---- Events ---- */

static bool
poll_sending (RtmfpFlow *flow, RtmfpEvent *event) {
  if (flow->has_exception) {
    flow->has_exception = false;
    event->type = RTMFP_EVENT_FLOW_EXCEPTION;
    event->code = flow->exception_code;
    return true;
  }
  if (rtmfp_send_flow_poll_ended (flow->send, &event->number, &event->delivered)) {
    event->type = RTMFP_EVENT_MESSAGE_END;
    return true;
  }
  grow_buffer (flow);
  if (rtmfp_send_flow_take_writable (flow->send)) {
    event->type = RTMFP_EVENT_FLOW_WRITABLE;
    return true;
  }
  if (rtmfp_send_flow_take_complete (flow->send)) {
    event->type = RTMFP_EVENT_FLOW_CLOSED;
    flow->is_over = true;
    return true;
  }
  return false;
}

static bool
poll_receiving (RtmfpFlow *flow, RtmfpEvent *event, uint8_t **memory) {
  if (flow->is_new && !flow->is_unknown) {
    flow->is_new = false;
    event->type = RTMFP_EVENT_FLOW_NEW;
    event->associated = flow->associated;
    event->bytes = rtmfp_bytes (flow->metadata, flow->metadata_size);
    *memory = flow->metadata;
    flow->metadata = NULL;
    return true;
  }
  RtmfpDelivery delivery;
  bool any = rtmfp_recv_flow_poll (flow->recv, &delivery);
  note_ack (flow);
  if (!any) {
    return false;
  }
  switch (delivery.kind) {
  case RTMFP_DELIVERY_MESSAGE:
    event->type = RTMFP_EVENT_FLOW_MESSAGE;
    event->number = delivery.number;
    event->bytes = rtmfp_bytes (delivery.data, delivery.size);
    *memory = delivery.data;
    return true;
  case RTMFP_DELIVERY_GAP:
    event->type = RTMFP_EVENT_FLOW_GAP;
    event->count = delivery.count;
    return true;
  default:
    event->type = RTMFP_EVENT_FLOW_FINISHED;
    flow->is_over = true;
    return !flow->is_unknown;
  }
}

/* One event of one flow; flows take turns. */
static bool
poll_flow_event (RtmfpSession *session, RtmfpEvent *event, uint8_t **memory) {
  while (!TAILQ_EMPTY (&session->eventful)) {
    RtmfpFlow *flow = TAILQ_FIRST (&session->eventful);
    event->flow = flow->id;
    bool any =
        flow->send != NULL ? poll_sending (flow, event) : poll_receiving (flow, event, memory);
    unmark_eventful (flow);
    if (flow->is_over) {
      rtmfp_slots_remove (&session->shared->flows, flow->id);
      flow->id = 0;
    }
    if (any && !flow->is_over) {
      rtmfp_flow_mark_eventful (flow);
    } else if (!rtmfp_session_is_connected (session) || session->state != RTMFP_SESSION_OPEN) {
      rtmfp_flow_free (flow);
    } else {
      rtmfp_flow_release (flow);
    }
    if (any) {
      return true;
    }
  }
  return false;
}

void
rtmfp_session_tell_open (RtmfpSession *session) {
  session->tells_open = session->state == RTMFP_SESSION_OPEN;
}

bool
rtmfp_session_has_event (const RtmfpSession *session) {
  return session->tells_open || session->tells_address || session->tells_closed ||
         !TAILQ_EMPTY (&session->eventful);
}

bool
rtmfp_session_poll_event (RtmfpSession *session, RtmfpEvent *event, uint8_t **memory) {
  *memory = NULL;
  *event = (RtmfpEvent){.session = session->id,
                        .address = session->path.address,
                        .interface_id = session->path.interface_id};
  if (session->tells_open) {
    session->tells_open = false;
    event->type = RTMFP_EVENT_SESSION_OPEN;
    return true;
  }
  if (session->tells_address) {
    session->tells_address = false;
    event->type = RTMFP_EVENT_SESSION_ADDRESS;
    return true;
  }
  if (poll_flow_event (session, event, memory)) {
    return true;
  }
  if (session->tells_closed) {
    session->tells_closed = false;
    event->flow = 0;
    event->type = RTMFP_EVENT_SESSION_CLOSED;
    event->reason = (RtmfpCloseReason)session->close_reason;
    return true;
  }
  return false;
}

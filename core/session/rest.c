/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions whose flows have nothing to do: what is kept of them, and how they go on.
 *
 * Most sessions of a server are idle most of the time, and what window, recovery and flows need
 * while data moves is more than the rest of a session. So after RTMFP_QUIET_US one small block
 * takes their place: what was learnt of the path, and of each flow its numbers and its window.
 * Keepalive passes it by; anything else finds the flows as they were. */
#include "core/session/session-state.h"

#include "core/base/memory.h"
#include "core/session/params.h"

#include <stdlib.h>

/* ---- To rest ---- */

static bool
rest_flow (const RtmfpFlow *flow, RtmfpFlowRest *rest) {
  *rest = (RtmfpFlowRest){.session = flow->session,
                          .id = flow->id,
                          .associated = flow->associated,
                          .priority = flow->priority,
                          .sends = flow->send != NULL,
                          .buffer_grows = flow->buffer_grows};
  if (flow->metadata != NULL || flow->is_eventful || flow->is_new || flow->is_unknown ||
      flow->has_exception || flow->sends_probe || flow->is_over) {
    return false;
  }
  return flow->send != NULL ? rtmfp_send_flow_rest (flow->send, &rest->send)
                            : rtmfp_recv_flow_rest (flow->recv, &rest->recv);
}

/* Returns: whether all of them are in rest. */
static bool
rest_flows (const RtmfpTraffic *traffic, RtmfpRest *rest) {
  const RtmfpFlow *flow;
  TAILQ_FOREACH (flow, &traffic->sending, link) {
    if (!rest_flow (flow, &rest->flows[rest->flow_count++])) {
      return false;
    }
  }
  TAILQ_FOREACH (flow, &traffic->receiving, link) {
    if (!rest_flow (flow, &rest->flows[rest->flow_count++])) {
      return false;
    }
  }
  return true;
}

static void
free_flows (RtmfpFlows *flows, RtmfpCounters *counters) {
  RtmfpFlow *flow;
  while ((flow = TAILQ_FIRST (flows)) != NULL) {
    TAILQ_REMOVE (flows, flow, link);
    rtmfp_flow_add_counts (flow, counters);
    rtmfp_send_flow_free (flow->send);
    rtmfp_recv_flow_free (flow->recv);
    free (flow);
  }
}

void
rtmfp_session_rest (RtmfpSession *session) {
  RtmfpTraffic *traffic = session->traffic;
  if (!traffic->is_idle || traffic->recovery.probe_waits || traffic->path_mtu.probe_waits) {
    return;
  }
  const size_t flow_count = traffic->sending_count + traffic->receiving_count;
  RtmfpRest *rest =
      (RtmfpRest *)rtmfp_memory_new (1, sizeof *rest + flow_count * sizeof rest->flows[0]);
  if (!rest_flows (traffic, rest)) {
    free (rest);
    return;
  }
  rtmfp_congestion_rest (&traffic->congestion, &rest->congestion);
  rest->path_mtu = traffic->path_mtu;
  rest->ecn = traffic->ecn;
  rest->ack_latest_us = traffic->recovery.latest_us;
  rest->ack_smoothed_us = traffic->recovery.smoothed_us;
  rest->ack_variance_us = traffic->recovery.variance_us;
  rest->ack_least_us = traffic->recovery.least_us;
  rest->next_flow_id = traffic->next_flow_id;
  rest->next_tsn = traffic->next_tsn;
  for (size_t i = 0; i < flow_count; i++) {
    rtmfp_slots_set (&session->shared->flows, rest->flows[i].id, &rest->flows[i]);
  }
  free_flows (&traffic->sending, &session->shared->counters);
  free_flows (&traffic->receiving, &session->shared->counters);
  free (traffic);
  session->traffic = NULL;
  session->rest = rest;
  session->shared->counters.rule_rest++;
}

/* ---- And on ---- */

static void
wake_flow (RtmfpTraffic *traffic, RtmfpSession *session, const RtmfpFlowRest *rest) {
  RtmfpFlow *flow = RTMFP_NEW (RtmfpFlow);
  flow->session = session;
  flow->id = rest->id;
  flow->associated = rest->associated;
  flow->priority = rest->priority;
  flow->buffer_grows = rest->buffer_grows;
  rtmfp_slots_set (&session->shared->flows, flow->id, flow);
  if (rest->sends) {
    flow->send = rtmfp_send_flow_wake (&rest->send);
    TAILQ_INSERT_TAIL (&traffic->sending, flow, link);
    traffic->sending_count++;
  } else {
    flow->recv = rtmfp_recv_flow_wake (&rest->recv);
    TAILQ_INSERT_TAIL (&traffic->receiving, flow, link);
    traffic->receiving_count++;
  }
}

void
rtmfp_session_wake (RtmfpSession *session) {
  RtmfpRest *rest = session->rest;
  if (rest == NULL) {
    return;
  }
  session->rest = NULL;
  RtmfpTraffic *traffic = rtmfp_session_traffic (session);
  rtmfp_congestion_wake (&rest->congestion, &traffic->congestion);
  traffic->path_mtu = rest->path_mtu;
  traffic->ecn = rest->ecn;
  traffic->recovery.latest_us = rest->ack_latest_us;
  traffic->recovery.smoothed_us = rest->ack_smoothed_us;
  traffic->recovery.variance_us = rest->ack_variance_us;
  traffic->recovery.least_us = rest->ack_least_us;
  traffic->next_flow_id = rest->next_flow_id;
  traffic->next_tsn = rest->next_tsn;
  traffic->max_tsn_ack = rest->next_tsn - 1; /* all is acknowledged */
  for (size_t i = 0; i < rest->flow_count; i++) {
    wake_flow (traffic, session, &rest->flows[i]);
  }
  free (rest);
  session->shared->counters.rule_wake++;
  traffic->is_idle = true; /* whoever woke it says what there is to do */
  if (session->quiet_us == RTMFP_NEVER) {
    session->quiet_us = session->heard_us + RTMFP_QUIET_US;
  }
}

void
rtmfp_session_abort_rest (RtmfpSession *session) {
  RtmfpRest *rest = session->rest;
  for (size_t i = 0; rest != NULL && i < rest->flow_count; i++) {
    rtmfp_slots_remove (&session->shared->flows, rest->flows[i].id);
  }
  free (rest);
  session->rest = NULL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A session's life: made, opened, closed, its timers and what is told of it, RFC 7016 s3.5. */
#include "core/session/session-state.h"

#include "core/base/memory.h"
#include "core/base/prefetch.h"
#include "core/session/params.h"

#include <stdlib.h>
#include <string.h>

RtmfpSession *
rtmfp_session_new (RtmfpShared *shared, RtmfpId id, uint32_t near_id) {
  RtmfpSession *session = RTMFP_NEW (RtmfpSession);
  session->shared = shared;
  session->id = id;
  session->near_id = near_id;
  session->keepalive_us = RTMFP_KEEPALIVE_US;
  session->retransmit_limit_us = RTMFP_RETRANSMIT_LIMIT_US;
  session->ping_due_us = RTMFP_NEVER;
  session->probe_due_us = RTMFP_NEVER;
  session->quiet_us = RTMFP_NEVER;
  session->unanswered_since_us = RTMFP_NEVER;
  session->close_retry_us = RTMFP_NEVER;
  session->close_over_us = RTMFP_NEVER;
  session->mobility_tx_us = INT64_MIN;
  session->mobility_rx_us = INT64_MIN;
  TAILQ_INIT (&session->eventful);
  return session;
}

void
rtmfp_session_fetch (const RtmfpSession *session) {
  rtmfp_prefetch (session, RTMFP_SESSION_FETCH_BYTES);
}

void
rtmfp_flow_fetch (const RtmfpFlow *flow) {
  rtmfp_session_fetch (flow->session);
  rtmfp_prefetch (flow->send != NULL ? (void *)flow->send : (void *)flow->recv,
                  RTMFP_FLOW_FETCH_BYTES);
}

void
rtmfp_session_fetch_flows (const RtmfpSession *session, int depth) {
  const RtmfpTraffic *traffic = session->traffic;
  if (traffic == NULL && session->rest != NULL && depth == 0) {
    rtmfp_prefetch (session->rest, sizeof (RtmfpRest) + 2 * sizeof (RtmfpFlowRest));
  }
  if (traffic == NULL) {
    return;
  }
  if (depth == 0) {
    rtmfp_prefetch (traffic, sizeof *traffic);
    return;
  }
  const RtmfpFlow *const first[] = {TAILQ_FIRST (&traffic->sending),
                                    TAILQ_FIRST (&traffic->receiving)};
  for (int i = 0; i < 2; i++) {
    if (first[i] != NULL && depth == 1) {
      rtmfp_prefetch (first[i], sizeof *first[i]);
    } else if (first[i] != NULL) {
      rtmfp_prefetch (first[i]->send != NULL ? (void *)first[i]->send : (void *)first[i]->recv,
                      RTMFP_FLOW_FETCH_BYTES);
    }
  }
}

static void
free_startup (RtmfpSession *session) {
  if (session->startup != NULL) {
    rtmfp_startup_packet_clear (session->startup);
    free (session->startup);
    session->startup = NULL;
  }
}

void
rtmfp_session_free (RtmfpSession *session) {
  rtmfp_session_abort_flows (session);
  while (!TAILQ_EMPTY (&session->eventful)) {
    rtmfp_flow_free (TAILQ_FIRST (&session->eventful));
  }
  free (session->traffic);
  rtmfp_session_free_opening (session);
  rtmfp_signer_free (session->signer);
  free_startup (session);
  free (session->mobility);
  rtmfp_session_free_doubt (session);
  rtmfp_protection_clear (&session->protection);
  rtmfp_buffer_clear (&session->near_certificate);
  rtmfp_buffer_clear (&session->far_certificate);
  rtmfp_buffer_clear (&session->initiator_component);
  rtmfp_buffer_clear (&session->responder_component);
  rtmfp_buffer_clear (&session->replies);
  rtmfp_buffer_clear (&session->forwards);
  rtmfp_buffer_clear (&session->forwarded);
  free (session->told);
  free (session);
}

static void
count_protection (RtmfpCounters *counters, RtmfpAead aead) {
  counters->rule_aead_aes += aead == RTMFP_AEAD_AES_128_GCM;
  counters->rule_aead_chacha20 += aead == RTMFP_AEAD_CHACHA20_POLY1305;
  counters->rule_no_aead += aead == RTMFP_AEAD_NONE;
}

void
rtmfp_session_become_open (RtmfpSession *session, const RtmfpSessionKeys *keys, int64_t now_us) {
  session->state = RTMFP_SESSION_OPEN;
  rtmfp_protection_init (&session->protection, keys, session->shared->cipher);
  memcpy (session->near_nonce, keys->near_nonce, sizeof session->near_nonce);
  memcpy (session->far_nonce, keys->far_nonce, sizeof session->far_nonce);
  session->peer_features = keys->far_features;
  rtmfp_rtt_init (&session->rtt);
  session->tells_open = true;
  session->shared->counters.sessions_opened++;
  count_protection (&session->shared->counters, keys->aead);
  session->opened_us = now_us;
  session->heard_us = now_us;
  session->quiet_us = now_us + RTMFP_QUIET_US;
  rtmfp_session_heard (session, now_us);
}

void
rtmfp_session_end (RtmfpSession *session, RtmfpCloseReason reason) {
  bool was_known = session->state == RTMFP_SESSION_OPEN || session->is_initiator;
  bool was_told = session->state == RTMFP_SESSION_NEARCLOSE ||
                  session->state == RTMFP_SESSION_FARCLOSE_LINGER ||
                  session->state == RTMFP_SESSION_CLOSED;
  session->state = RTMFP_SESSION_CLOSED;
  session->sends_ping = false;
  session->sends_close = false;
  rtmfp_session_abort_flows (session);
  rtmfp_session_free_doubt (session);
  free_startup (session);
  if (was_known && !was_told) {
    session->tells_closed = true;
    session->close_reason = (uint8_t)reason;
  }
}

/* ---- Close, s3.5.5 ---- */

static void
leave_open (RtmfpSession *session, RtmfpSessionState state, RtmfpCloseReason reason) {
  session->state = (uint8_t)state;
  session->tells_closed = true;
  session->close_reason = (uint8_t)reason;
  session->sends_ping = false;
  session->ping_due_us = RTMFP_NEVER;
  session->probe_due_us = RTMFP_NEVER;
  free (session->mobility);
  session->mobility = NULL;
  rtmfp_session_free_doubt (session);
  session->empty_replies = 0;
  rtmfp_buffer_clear (&session->replies);
  rtmfp_buffer_clear (&session->forwards);
  session->unanswered_since_us = RTMFP_NEVER;
  rtmfp_session_abort_flows (session);
}

void
rtmfp_session_close (RtmfpSession *session, bool abrupt, RtmfpCloseReason reason, int64_t now_us) {
  if (session->state == RTMFP_SESSION_OPEN && !abrupt) {
    leave_open (session, RTMFP_SESSION_NEARCLOSE, reason);
    session->sends_close = true;
    session->close_retry_us = now_us + RTMFP_CLOSE_RETRY_US;
    session->close_over_us = now_us + RTMFP_NEARCLOSE_US;
  } else if (rtmfp_session_is_connected (session)) {
    if (abrupt) {
      session->sends_close_ack = true;
      rtmfp_session_end (session, reason);
    }
  } else if (session->state != RTMFP_SESSION_CLOSED) {
    rtmfp_session_end (session, reason);
  }
}

void
rtmfp_session_drop (RtmfpSession *session, RtmfpCloseReason reason) {
  rtmfp_session_end (session, reason);
}

void
rtmfp_session_receive_close (RtmfpSession *session, int64_t now_us) {
  session->sends_close_ack = true;
  if (session->state == RTMFP_SESSION_OPEN) {
    leave_open (session, RTMFP_SESSION_FARCLOSE_LINGER, RTMFP_CLOSE_FAR);
    session->close_over_us = now_us + RTMFP_FARCLOSE_LINGER_US;
  }
}

void
rtmfp_session_receive_close_ack (RtmfpSession *session) {
  rtmfp_session_end (session, RTMFP_CLOSE_FAR);
}

static void
advance_closing (RtmfpSession *session, int64_t now_us) {
  if (now_us >= session->close_over_us) {
    rtmfp_session_end (session, RTMFP_CLOSE_TIMEOUT);
  } else if (session->state == RTMFP_SESSION_NEARCLOSE && now_us >= session->close_retry_us) {
    session->sends_close = true;
    session->close_retry_us = now_us + RTMFP_CLOSE_RETRY_US;
  }
}

/* ---- Timers ---- */

static void
advance_flows (RtmfpSession *session, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  RtmfpFlow *flow, *next;
  for (flow = TAILQ_FIRST (&traffic->sending); flow != NULL; flow = next) {
    next = TAILQ_NEXT (flow, link);
    if (rtmfp_send_flow_deadline (flow->send) <= now_us) {
      rtmfp_send_flow_advance (flow->send, now_us);
      rtmfp_flow_mark_eventful (flow);
    }
    if (rtmfp_send_flow_take_probe (flow->send, session->rtt.erto_us, now_us)) {
      flow->sends_probe = true;
      traffic->sends_probes = true;
    }
    rtmfp_flow_release (flow);
  }
  for (flow = TAILQ_FIRST (&traffic->receiving); flow != NULL; flow = next) {
    next = TAILQ_NEXT (flow, link);
    rtmfp_recv_flow_advance (flow->recv, now_us);
    rtmfp_flow_release (flow);
  }
}

static void
advance_traffic (RtmfpSession *session, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  if (traffic == NULL || traffic->is_idle) {
    return;
  }
  if (now_us >= traffic->delayed_ack_us) {
    traffic->ack_now = true;
    traffic->delayed_ack_us = RTMFP_NEVER;
  }
  rtmfp_session_advance_recovery (session, now_us);
  rtmfp_congestion_advance (&traffic->congestion, now_us);
  rtmfp_path_mtu_advance (&traffic->path_mtu, rtmfp_session_path_mtu_most (session), now_us);
  advance_flows (session, now_us);
}

static bool is_idle (const RtmfpTraffic *traffic);

void
rtmfp_session_advance (RtmfpSession *session, int64_t now_us) {
  switch (session->state) {
  case RTMFP_SESSION_HELLO_SENT:
  case RTMFP_SESSION_KEYING_MAKE:
  case RTMFP_SESSION_KEYING_SENT:
  case RTMFP_SESSION_KEYING_FINISH:
    rtmfp_session_advance_opening (session, now_us);
    break;
  case RTMFP_SESSION_OPEN:
    advance_traffic (session, now_us);
    rtmfp_session_advance_liveness (session, now_us);
    if (now_us >= session->quiet_us) {
      rtmfp_session_become_quiet (session);
      if (session->traffic != NULL) {
        session->traffic->is_idle = is_idle (session->traffic);
        rtmfp_session_rest (session);
      }
    }
    break;
  case RTMFP_SESSION_NEARCLOSE:
  case RTMFP_SESSION_FARCLOSE_LINGER:
    advance_closing (session, now_us);
    break;
  default:
    break;
  }
}

static int64_t
earlier (int64_t a, int64_t b) {
  return a < b ? a : b;
}

static int64_t
traffic_deadline (const RtmfpTraffic *traffic) {
  if (traffic == NULL || traffic->is_idle) {
    return RTMFP_NEVER;
  }
  int64_t at_us = earlier (traffic->delayed_ack_us, traffic->timeout_us);
  at_us = earlier (at_us, rtmfp_congestion_deadline (&traffic->congestion));
  at_us = earlier (at_us, traffic->recovery.overdue_us);
  at_us = earlier (at_us, traffic->recovery.probe_us);
  at_us = earlier (at_us, traffic->recovery.copy_us);
  at_us = earlier (at_us, traffic->path_mtu.due_us);
  const RtmfpFlow *flow;
  TAILQ_FOREACH (flow, &traffic->sending, link) {
    at_us = earlier (at_us, rtmfp_send_flow_deadline (flow->send));
  }
  TAILQ_FOREACH (flow, &traffic->receiving, link) {
    at_us = earlier (at_us, rtmfp_recv_flow_deadline (flow->recv));
  }
  return at_us;
}

/* Whether no flow has anything to do until something stirs. */
static bool
is_idle (const RtmfpTraffic *traffic) {
  if (traffic->ack_now || traffic->sends_probes || traffic_deadline (traffic) != RTMFP_NEVER) {
    return false;
  }
  const RtmfpFlow *flow;
  TAILQ_FOREACH (flow, &traffic->sending, link) {
    if (flow->is_eventful || rtmfp_send_flow_state (flow->send) != RTMFP_SEND_OPEN ||
        rtmfp_send_flow_buffered_bytes (flow->send) > 0 ||
        rtmfp_send_flow_outstanding_bytes (flow->send) > 0) {
      return false;
    }
  }
  TAILQ_FOREACH (flow, &traffic->receiving, link) {
    if (flow->is_eventful || rtmfp_recv_flow_state (flow->recv) != RTMFP_RECV_OPEN ||
        rtmfp_recv_flow_should_ack (flow->recv)) {
      return false;
    }
  }
  return true;
}

void
rtmfp_session_stir (RtmfpSession *session, int64_t now_us) {
  rtmfp_session_wake (session);
  session->quiet_us = now_us + RTMFP_QUIET_US;
  if (session->traffic != NULL) {
    session->traffic->is_idle = false;
  }
}

static int64_t
open_deadline (const RtmfpSession *session) {
  int64_t at_us = earlier (session->ping_due_us, traffic_deadline (session->traffic));
  at_us = earlier (at_us, session->probe_due_us);
  at_us = earlier (at_us, session->quiet_us);
  at_us = session->doubt != NULL ? earlier (at_us, session->doubt->due_us) : at_us;
  if (session->unanswered_since_us != RTMFP_NEVER) {
    at_us =
        earlier (at_us, rtmfp_after (session->unanswered_since_us, session->retransmit_limit_us));
  }
  return at_us;
}

int64_t
rtmfp_session_deadline (const RtmfpSession *session) {
  switch (session->state) {
  case RTMFP_SESSION_HELLO_SENT:
    return earlier (session->opening->give_up_us,
                    rtmfp_candidates_deadline (&session->opening->candidates));
  case RTMFP_SESSION_KEYING_SENT:
    return earlier (session->opening->give_up_us, session->opening->retry.next_us);
  case RTMFP_SESSION_KEYING_MAKE:
  case RTMFP_SESSION_KEYING_FINISH:
    return session->opening->give_up_us;
  case RTMFP_SESSION_OPEN:
    return open_deadline (session);
  case RTMFP_SESSION_NEARCLOSE:
  case RTMFP_SESSION_FARCLOSE_LINGER:
    return earlier (session->close_retry_us, session->close_over_us);
  default:
    return RTMFP_NEVER;
  }
}

RtmfpStatus
rtmfp_session_receive (RtmfpSession *session, RtmfpBytes datagram, const RtmfpPath *from,
                       uint8_t ecn, uint8_t *scratch, int64_t now_us) {
  if (rtmfp_session_is_connected (session)) {
    return rtmfp_session_receive_open (session, datagram, from, ecn, scratch, now_us);
  }
  return rtmfp_session_receive_startup (session, datagram, from, ecn, scratch, now_us);
}

/* ---- Looking ---- */

RtmfpSessionState
rtmfp_session_state (const RtmfpSession *session) {
  return (RtmfpSessionState)session->state;
}

RtmfpId
rtmfp_session_id (const RtmfpSession *session) {
  return session->id;
}

RtmfpId
rtmfp_session_identity (const RtmfpSession *session) {
  return session->identity;
}

uint32_t
rtmfp_session_near_id (const RtmfpSession *session) {
  return session->near_id;
}

int64_t
rtmfp_session_opened_us (const RtmfpSession *session) {
  return session->opened_us;
}

RtmfpBytes
rtmfp_session_far_certificate (const RtmfpSession *session) {
  return rtmfp_buffer_bytes (&session->far_certificate);
}

const RtmfpFingerprint *
rtmfp_session_far_fingerprint (const RtmfpSession *session) {
  return &session->far_fingerprint;
}

const RtmfpPath *
rtmfp_session_path (const RtmfpSession *session) {
  return &session->path;
}

bool
rtmfp_session_take_moved (RtmfpSession *session) {
  const bool moved = session->moved;
  session->moved = false;
  return moved;
}

bool
rtmfp_session_is_destination (const RtmfpSession *session, const RtmfpPath *path) {
  return session->state == RTMFP_SESSION_HELLO_SENT
             ? rtmfp_candidates_contain (&session->opening->candidates, &path->address)
             : rtmfp_path_equal (&session->path, path);
}

const uint8_t *
rtmfp_session_tag (const RtmfpSession *session) {
  return session->opening->tag;
}

const RtmfpEpd *
rtmfp_session_epd (const RtmfpSession *session) {
  return &session->opening->epd;
}

static uint64_t
packets_missed (const RtmfpSession *session) {
  const RtmfpReplayWindow *seen = &session->protection.seen;
  return seen->any && seen->highest >= session->packets_received
             ? seen->highest + 1 - session->packets_received
             : 0;
}

RtmfpStatus
rtmfp_session_info (const RtmfpSession *session, RtmfpSessionInfo *info) {
  if (session->state != RTMFP_SESSION_OPEN) {
    return RTMFP_STATE;
  }
  *info = (RtmfpSessionInfo){
      .identity = session->identity,
      .initiator = session->is_initiator,
      .address = session->path.address,
      .interface_id = session->path.interface_id,
      .far_fingerprint = session->far_fingerprint,
      .near_certificate = rtmfp_buffer_bytes (&session->near_certificate),
      .far_certificate = rtmfp_buffer_bytes (&session->far_certificate),
      .initiator_component = rtmfp_buffer_bytes (&session->initiator_component),
      .responder_component = rtmfp_buffer_bytes (&session->responder_component),
      .aead = (RtmfpAead)session->protection.aead,
      .hmac_send_bytes = session->protection.hmac_send_bytes,
      .hmac_receive_bytes = session->protection.hmac_receive_bytes,
      .sends_sequence = session->protection.sends_sequence,
      .receives_sequence = session->protection.receives_sequence,
      .peer_features = session->peer_features,
      .srtt_us = session->rtt.is_measured ? session->rtt.srtt_us : 0,
      .lowest_rtt_us = session->rtt.is_measured ? session->rtt.lowest_us : 0,
      .bytes_sent = session->bytes_sent,
      .bytes_received = session->bytes_received,
      .packets_sent = session->packets_sent,
      .packets_received = session->packets_received,
      .packets_lost = session->packets_lost,
      .packets_missed = packets_missed (session),
      .path_mtu_bytes = RTMFP_PATH_MTU_LEAST,
  };
  memcpy (info->near_nonce, session->near_nonce, sizeof info->near_nonce);
  memcpy (info->far_nonce, session->far_nonce, sizeof info->far_nonce);
  if (session->traffic != NULL) {
    info->cwnd_bytes = session->traffic->congestion.cwnd_bytes;
    info->outstanding_bytes = session->traffic->outstanding_bytes;
    info->sends_ect = !session->traffic->ecn.is_off;
    info->ect_received = session->traffic->ecn.ect_count;
    info->ce_received = session->traffic->ecn.ce_count;
    info->path_mtu_bytes = session->traffic->path_mtu.bytes;
  } else if (session->rest != NULL) {
    info->cwnd_bytes = session->rest->congestion.cwnd_bytes;
    info->sends_ect = !session->rest->ecn.is_off;
    info->ect_received = session->rest->ecn.ect_count;
    info->ce_received = session->rest->ecn.ce_count;
    info->path_mtu_bytes = session->rest->path_mtu.bytes;
  }
  return RTMFP_OK;
}

void
rtmfp_session_set_options (RtmfpSession *session, const RtmfpSessionOptions *options,
                           int64_t now_us) {
  session->keepalive_us = options->keepalive_us;
  session->retransmit_limit_us =
      options->retransmit_limit_us > 0 ? options->retransmit_limit_us : RTMFP_RETRANSMIT_LIMIT_US;
  session->introducer = options->introducer;
  session->probe_us = options->probe_us;
  session->probe_due_us = RTMFP_NEVER; /* from the next question on */
  if (session->state == RTMFP_SESSION_OPEN) {
    session->ping_due_us =
        options->keepalive_us > 0 ? rtmfp_after (now_us, options->keepalive_us) : RTMFP_NEVER;
  }
}

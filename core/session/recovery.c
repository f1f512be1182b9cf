/* SPDX-License-Identifier: Apache-2.0 */
/* What was lost, and when that is known: overtaken fragments, probes and the timeout, RFC 7016
 * s3.6.2.5 and s3.6.2.6.
 *
 * Deviation: beside the RFC's three negative acknowledgements and its timeout there are two rules
 * by time, as TCP has them (RFC 8985), without which a lost message of a flow that speaks now and
 * then waits for others to overtake it three times, or for ERTO. A fragment is lost when one that
 * left later was acknowledged and it is overdue by a quarter of the round trip, which a reordered
 * packet may take. And when nothing is acknowledged for longer than acknowledgements take on this
 * path, the oldest fragment goes out once more to ask for one.
 *
 * Deviation: a message may ask for copies (RtmfpMessageOptions). A fragment in flight is then sent
 * again although nothing says that it was lost. Copies are few, for sound and what was lost before;
 * they wait for window and pace like anything else. */
#include "core/session/session-state.h"

#include "core/session/params.h"

void
rtmfp_recovery_init (RtmfpRecovery *recovery) {
  *recovery =
      (RtmfpRecovery){.overdue_us = RTMFP_NEVER, .probe_us = RTMFP_NEVER, .copy_us = RTMFP_NEVER};
}

void
rtmfp_session_forget_path (RtmfpSession *session) {
  rtmfp_recovery_init (&session->traffic->recovery);
  rtmfp_congestion_new_path (&session->traffic->congestion);
  rtmfp_rtt_new_path (&session->rtt);
}

void
rtmfp_session_count_outstanding (RtmfpSession *session) {
  const RtmfpFlow *flow;
  size_t bytes = 0;
  TAILQ_FOREACH (flow, &session->traffic->sending, link) {
    bytes += rtmfp_send_flow_outstanding_bytes (flow->send);
  }
  session->traffic->outstanding_bytes = bytes;
}

/* ---- How long acknowledgements take ---- */

static int64_t
longer (int64_t a, int64_t b) {
  return a > b ? a : b;
}

/* Unlike the round trip of s3.5.2.2 with the time that the far side waits before it answers. */
static void
measure (RtmfpRecovery *recovery, int64_t sample_us) {
  if (recovery->smoothed_us == 0) {
    recovery->smoothed_us = longer (sample_us, 1);
    recovery->variance_us = sample_us / 2;
    recovery->least_us = sample_us;
    return;
  }
  const int64_t off_us = sample_us - recovery->smoothed_us;
  recovery->variance_us = (3 * recovery->variance_us + (off_us < 0 ? -off_us : off_us)) / 4;
  recovery->smoothed_us = longer ((7 * recovery->smoothed_us + sample_us) / 8, 1);
  recovery->least_us = sample_us < recovery->least_us ? sample_us : recovery->least_us;
}

/* What left later than that before now cannot be what this packet acknowledges. By the echo in its
 * header, which knows of a queue that has just grown. */
int64_t
rtmfp_session_least_us (const RtmfpSession *session) {
  const int64_t echoed_us =
      session->rtt.is_measured ? session->rtt.latest_us - RTMFP_RTT_TICK_US : 0;
  return session->traffic != NULL ? longer (session->traffic->recovery.least_us, echoed_us) : 0;
}

/* After so long an acknowledgement is overdue. */
static int64_t
patience_us (const RtmfpRecovery *recovery) {
  const int64_t usual_us = longer (4 * recovery->variance_us, recovery->smoothed_us / 2);
  return recovery->smoothed_us + longer (usual_us, RTMFP_PROBE_MARGIN_US_MIN);
}

/* ---- Alarms ---- */

static void
set_probe (RtmfpRecovery *recovery, int64_t oldest_us) {
  const bool may_probe = oldest_us != RTMFP_NEVER && recovery->smoothed_us > 0 &&
                         recovery->probes < RTMFP_PROBES_MAX && !recovery->probe_waits;
  recovery->probe_us = may_probe ? longer (oldest_us, recovery->probe_sent_us) +
                                       (patience_us (recovery) << recovery->probes)
                                 : RTMFP_NEVER;
}

static void
set_copy (RtmfpTraffic *traffic) {
  RtmfpFlow *flow;
  traffic->recovery.copy_us = RTMFP_NEVER;
  if (traffic->recovery.copy_waits) {
    return;
  }
  TAILQ_FOREACH (flow, &traffic->sending, link) {
    const int64_t due_us = rtmfp_send_flow_copy_due_us (flow->send);
    traffic->recovery.copy_us =
        due_us < traffic->recovery.copy_us ? due_us : traffic->recovery.copy_us;
  }
}

/* By what is longest in flight, not by what was sent last: a lost fragment of a sparse flow does
 * not wait until the flow falls silent (s3.6.2.6, first sentence). */
void
rtmfp_session_set_timeout (RtmfpSession *session) {
  RtmfpTraffic *traffic = session->traffic;
  const RtmfpFlow *flow;
  int64_t oldest_us = RTMFP_NEVER;
  TAILQ_FOREACH (flow, &traffic->sending, link) {
    int64_t sent_us = rtmfp_send_flow_oldest_sent_us (flow->send);
    oldest_us = sent_us < oldest_us ? sent_us : oldest_us;
  }
  traffic->timeout_us = oldest_us == RTMFP_NEVER ? RTMFP_NEVER : oldest_us + session->rtt.erto_us;
  set_probe (&traffic->recovery, oldest_us);
  set_copy (traffic);
}

void
rtmfp_session_data_left (RtmfpSession *session, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  RtmfpRecovery *recovery = &traffic->recovery;
  traffic->data_sent_us = now_us;
  if (recovery->probe_waits) {
    recovery->probe_waits = false;
    recovery->probe_sent_us = now_us;
    recovery->probe_us = RTMFP_NEVER;
  }
  if (traffic->timeout_us == RTMFP_NEVER) {
    traffic->timeout_us = now_us + session->rtt.erto_us;
  }
  if (recovery->probe_us == RTMFP_NEVER) {
    set_probe (recovery, now_us);
  }
  set_copy (traffic);
}

/* ---- Loss ---- */

static void
count_lost (RtmfpSession *session, const RtmfpNakResult *lost) {
  if (lost->lost_fragments > 0) {
    rtmfp_congestion_loss (&session->traffic->congestion, lost->lost_sent_us);
    session->packets_lost += lost->lost_fragments;
  }
}

/* What left before the newest that was acknowledged, and so long ago that it should have been
 * acknowledged, too. */
static void
lose_overtaken (RtmfpSession *session, RtmfpNakResult *lost, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  RtmfpRecovery *recovery = &traffic->recovery;
  recovery->overdue_us = RTMFP_NEVER;
  if (recovery->smoothed_us == 0) {
    return;
  }
  const int64_t wait_us =
      recovery->latest_us + longer (recovery->least_us / 4, RTMFP_REORDER_US_MIN);
  RtmfpFlow *flow;
  TAILQ_FOREACH (flow, &traffic->sending, link) {
    const int64_t sent_us =
        rtmfp_send_flow_overtaken (flow->send, traffic->max_tsn_ack, now_us - wait_us, lost);
    if (sent_us != RTMFP_NEVER && sent_us + wait_us < recovery->overdue_us) {
      recovery->overdue_us = sent_us + wait_us;
    }
  }
}

static void
note_acks (RtmfpSession *session, const RtmfpAckResult *acks, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  RtmfpRecovery *recovery = &traffic->recovery;
  if (acks->max_tsn > traffic->max_tsn_ack) {
    traffic->max_tsn_ack = acks->max_tsn;
    recovery->latest_us = acks->resent ? longer (now_us - acks->sent_us, recovery->smoothed_us)
                                       : now_us - acks->sent_us;
    if (!acks->resent) {
      measure (recovery, now_us - acks->sent_us);
      rtmfp_congestion_measure (&traffic->congestion, now_us - acks->sent_us, now_us);
    }
  }
  if (acks->acked_bytes > 0) {
    recovery->probes = 0;
  }
  /* It was the probe that arrived: what it repeated was lost. */
  if (acks->probe_sent_us > 0) {
    rtmfp_congestion_loss (&traffic->congestion, acks->probe_sent_us);
    session->packets_lost++;
    session->shared->counters.rule_probe_loss++;
  }
}

void
rtmfp_session_finish_acks (RtmfpSession *session, const RtmfpAckResult *acks, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  note_acks (session, acks, now_us);
  RtmfpNakResult naks = {0};
  RtmfpFlow *flow;
  TAILQ_FOREACH (flow, &traffic->sending, link) {
    rtmfp_send_flow_nak (flow->send, traffic->max_tsn_ack, &naks);
  }
  session->shared->counters.rule_nak_loss += naks.lost_fragments;
  const size_t by_naks = naks.lost_fragments;
  lose_overtaken (session, &naks, now_us);
  session->shared->counters.rule_overdue_loss += naks.lost_fragments - by_naks;
  if (naks.any_naks) {
    rtmfp_congestion_nak (&traffic->congestion);
  }
  count_lost (session, &naks);
  rtmfp_session_count_outstanding (session);
  rtmfp_session_set_timeout (session);
  rtmfp_session_answered (session, now_us);
}

size_t
rtmfp_session_lose (RtmfpSession *session, int64_t sent_us) {
  size_t lost = 0;
  RtmfpFlow *flow;
  TAILQ_FOREACH (flow, &session->traffic->sending, link) {
    lost += rtmfp_send_flow_timeout (flow->send, sent_us);
  }
  rtmfp_session_count_outstanding (session);
  session->packets_lost += lost;
  session->shared->counters.rule_timeout_loss += lost;
  return lost;
}

/* ---- Time ---- */

/* TIMEOUT_ALARM, s3.6.2.6: what has been in flight for ERTO is lost. */
static void
advance_timeout (RtmfpSession *session, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  rtmfp_session_set_timeout (session);
  if (traffic->timeout_us > now_us) {
    return;
  }
  /* The oldest waited for ERTO; what left behind it, paced, and is overdue as well, goes with it:
   * else it would stand in the window of one segment until its own timeout. */
  const RtmfpRecovery *recovery = &traffic->recovery;
  const bool measured = recovery->smoothed_us > 0 && patience_us (recovery) < session->rtt.erto_us;
  const size_t lost = rtmfp_session_lose (
      session, now_us - (measured ? patience_us (recovery) : session->rtt.erto_us));
  rtmfp_congestion_timeout (&traffic->congestion, lost > 0);
  if (lost > 0) {
    rtmfp_rtt_back_off (&session->rtt);
  }
  rtmfp_session_set_timeout (session);
}

/* No packet came, but time passed: an overtaken fragment is overdue now. */
static void
advance_overdue (RtmfpSession *session, int64_t now_us) {
  RtmfpNakResult lost = {0};
  rtmfp_congestion_begin_packet (&session->traffic->congestion,
                                 session->traffic->outstanding_bytes);
  lose_overtaken (session, &lost, now_us);
  session->shared->counters.rule_overdue_loss += lost.lost_fragments;
  count_lost (session, &lost);
  rtmfp_congestion_end_packet (&session->traffic->congestion,
                               session->shared->time_critical_sent_us, now_us);
  rtmfp_session_count_outstanding (session);
  rtmfp_session_set_timeout (session);
}

/* Sends the oldest fragment of the most urgent flow once more. */
static void
advance_probe (RtmfpSession *session, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  rtmfp_session_set_timeout (session);
  if (traffic->recovery.probe_us > now_us) {
    return;
  }
  const RtmfpFlow *flow, *best = NULL;
  TAILQ_FOREACH (flow, &traffic->sending, link) {
    if (rtmfp_send_flow_outstanding_bytes (flow->send) > 0 &&
        (best == NULL || flow->priority > best->priority)) {
      best = flow;
    }
  }
  traffic->recovery.probe_us = RTMFP_NEVER;
  traffic->recovery.probes++;
  if (best != NULL && rtmfp_send_flow_probe (best->send)) {
    traffic->recovery.probe_waits = true;
    session->shared->counters.rule_tail_probe++;
    rtmfp_session_count_outstanding (session);
  }
}

/* No packet left that a copy could have gone with, or it did not fit there. */
static void
advance_copies (RtmfpTraffic *traffic) {
  traffic->recovery.copy_waits = true;
  traffic->recovery.copy_us = RTMFP_NEVER;
}

void
rtmfp_session_advance_recovery (RtmfpSession *session, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  if (now_us >= traffic->timeout_us) {
    advance_timeout (session, now_us);
  }
  if (now_us >= traffic->recovery.overdue_us) {
    advance_overdue (session, now_us);
  }
  if (now_us >= traffic->recovery.probe_us) {
    advance_probe (session, now_us);
  }
  if (now_us >= traffic->recovery.copy_us) {
    advance_copies (traffic);
  }
}

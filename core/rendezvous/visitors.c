/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session's way in and out: limits, greeting, connect, time-outs, and what its going means to
 * others. */
#include "core/rendezvous/internal.h"

#include <string.h>

void
ahoy_rendezvous_greet (AhoyRendezvous *r, const RtmfpNetEvent *event, int64_t now_us) {
  const RtmfpId session = event->endpoint.session;
  RtmfpSessionInfo info;
  if (rtmfp_endpoint_session_info (r->endpoint, session, &info) != RTMFP_OK ||
      ahoy_registry_visitor (&r->registry, session) != NULL) {
    return;
  }
  AhoyVisitor *visitor =
      r->stopping ? NULL : ahoy_registry_add (&r->registry, session, &info.address, now_us);
  if (visitor == NULL) {
    rtmfp_endpoint_close (r->endpoint, session, false, now_us);
    return;
  }
  visitor->fingerprint = info.far_fingerprint;
  const AhoyBindingInput input = {
      .initiator = info.initiator,
      .initiator_certificate = info.initiator ? info.near_certificate : info.far_certificate,
      .responder_certificate = info.initiator ? info.far_certificate : info.near_certificate,
      .initiator_component = info.initiator_component,
      .responder_component = info.responder_component,
      .near_nonce = info.near_nonce,
      .far_nonce = info.far_nonce,
  };
  AhoyBinding binding;
  ahoy_binding_make (&input, &binding);
  ahoy_greeting_init (&visitor->greeting, AHOY_SIDE_SERVER, &binding, NULL);
  rtmfp_deadlines_set (&r->registry.deadlines, &visitor->deadline,
                       now_us + AHOY_GREETING_TIMEOUT_US);
  r->out.size = 0;
  if (ahoy_greeting_send (&visitor->greeting, &r->identity, AHOY_FEATURES_NONE, &r->out) !=
          RTMFP_OK ||
      rtmfp_net_send_greeting (r->net, session, rtmfp_buffer_bytes (&r->out), now_us) != RTMFP_OK) {
    ahoy_rendezvous_close_visitor (r, visitor, now_us);
  }
}

void
ahoy_rendezvous_take_proof (AhoyRendezvous *r, AhoyVisitor *visitor, RtmfpBytes bytes,
                            int64_t now_us) {
  /* Once somebody has entered, the session speaks for that key and no other. */
  if (visitor->person != NULL || ahoy_greeting_receive (&visitor->greeting, bytes) != RTMFP_OK) {
    r->counters.proofs_refused++;
    ahoy_rendezvous_close_visitor (r, visitor, now_us);
    return;
  }
  rtmfp_net_open_gate (r->net, visitor->session, now_us);
}

void
ahoy_rendezvous_take_connect (AhoyRendezvous *r, AhoyVisitor *visitor, const RtmfpNetEvent *event,
                              int64_t now_us) {
  RtmfpStatus status;
  if (strcmp (event->name, "ahoy") != 0) {
    status =
        rtmfp_net_reject_connection (r->net, visitor->session, "NetConnection.Connect.InvalidApp",
                                     "This server has no such application.", now_us);
    (void)status;
    return; /* DISCONNECTED follows */
  }
  status = rtmfp_net_accept_connection (r->net, visitor->session, rtmfp_bytes (NULL, 0), now_us);
  if (status != RTMFP_OK) {
    return;
  }
  visitor->connected = true;
  rtmfp_deadlines_set (&r->registry.deadlines, &visitor->deadline, now_us + AHOY_ENTER_TIMEOUT_US);
  status = rtmfp_net_send_keepalive (r->net, visitor->session, AHOY_ADVISED_SERVER_KEEPALIVE_US,
                                     AHOY_ADVISED_PEER_KEEPALIVE_US, now_us);
  (void)status; /* without the advice a client keeps its own periods */
}

void
ahoy_rendezvous_leave (AhoyRendezvous *r, AhoyVisitor *visitor, int64_t now_us) {
  ahoy_handle_table_forget (&r->handles, visitor->session);
  AhoyPerson *person = visitor->person;
  if (person == NULL) {
    return;
  }
  const AhoyPresence before = ahoy_person_presence (person);
  const bool is_last =
      TAILQ_FIRST (&person->devices) == visitor && TAILQ_NEXT (visitor, sibling) == NULL;
  TAILQ_REMOVE (&person->devices, visitor, sibling);
  const AhoyPresence after = is_last ? AHOY_PRESENCE_OFFLINE : ahoy_person_presence (person);
  TAILQ_INSERT_TAIL (&person->devices, visitor, sibling);
  /* A newer session of the same device takes over its calls. */
  if (ahoy_person_device (person, &visitor->device) == visitor) {
    ahoy_rendezvous_leave_calls (r, visitor, now_us);
  }
  if (after != before) {
    ahoy_rendezvous_tell_presence (r, person, after, now_us);
  }
  ahoy_registry_leave (&r->registry, visitor);
}

void
ahoy_rendezvous_close_visitor (AhoyRendezvous *r, AhoyVisitor *visitor, int64_t now_us) {
  visitor->closing = true;
  ahoy_rendezvous_leave (r, visitor, now_us);
  rtmfp_deadlines_set (&r->registry.deadlines, &visitor->deadline, RTMFP_NEVER);
  rtmfp_endpoint_close (r->endpoint, visitor->session, false, now_us);
}

void
ahoy_rendezvous_visitor_due (AhoyRendezvous *r, AhoyVisitor *visitor, int64_t now_us) {
  if (visitor->closing || visitor->person == NULL) {
    ahoy_rendezvous_close_visitor (r, visitor, now_us);
    return;
  }
  AhoyDelivery *delivery = &visitor->delivery;
  if (delivery->retry_us == 0) {
    return;
  }
  if (delivery->in_flight > 0 || delivery->reading) {
    rtmfp_deadlines_set (&r->registry.deadlines, &visitor->deadline,
                         now_us + AHOY_DELIVER_RETRY_US);
    return;
  }
  *delivery = (AhoyDelivery){0};
  ahoy_rendezvous_deliver (r, visitor, now_us);
}

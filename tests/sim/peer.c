/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/stage-private.h"

#include "core/crypto/epd.h"

#include <string.h>

static void
receive (void *node, const uint8_t *bytes, size_t size, uint32_t interface_id,
         const RtmfpAddress *from, int64_t now_us) {
  Peer *peer = node;
  peer->now_us = now_us;
  rtmfp_endpoint_receive (peer->endpoint, bytes, size, interface_id, from,
                          sim_world_ecn (peer->stage->world), now_us);
}

/* ---- Introducing ---- */

static Link *
find_registered (const Peer *peer, const RtmfpFingerprint *fingerprint, RtmfpId *session) {
  int end;
  Link *link = stage_find_link (peer->stage, peer, fingerprint, &end);
  if (link == NULL || link->ends[end].session == 0) {
    return NULL;
  }
  *session = link->ends[end].session;
  return link;
}

/* Now and then an address is out of date, and somebody else is there. */
static size_t
add_stale_address (Peer *peer, RtmfpAddress *addresses, size_t count) {
  if (!sim_chance_permille (peer->stage->chance, 200)) {
    return count;
  }
  const Peer *other =
      g_ptr_array_index (peer->stage->peers,
                         (guint)sim_chance_range (peer->stage->chance, 0, peer->stage->peers->len));
  RtmfpId session;
  RtmfpSessionInfo info;
  if (other->role == PEER_CLIENT && find_registered (peer, &other->fingerprint, &session) != NULL &&
      rtmfp_endpoint_session_info (peer->endpoint, session, &info) == RTMFP_OK) {
    addresses[count++] = info.address;
  }
  return count;
}

/* Somebody asks for somebody else. */
static void
take_hello (Peer *peer, const RtmfpEvent *event) {
  RtmfpEpd epd;
  if (rtmfp_epd_read (event->bytes, &epd) != RTMFP_OK) {
    return;
  }
  if (peer->role == PEER_REDIRECTOR) {
    rtmfp_endpoint_redirect (peer->endpoint, &event->address, event->interface_id, event->tag,
                             &peer->redirect_to, 1);
    return;
  }
  RtmfpId session;
  RtmfpSessionInfo info;
  if (!epd.has_fingerprint || find_registered (peer, &epd.fingerprint, &session) == NULL ||
      rtmfp_endpoint_session_info (peer->endpoint, session, &info) != RTMFP_OK) {
    return;
  }
  RtmfpAddress asker = event->address, wanted = info.address;
  asker.origin = RTMFP_ORIGIN_OBSERVED;
  wanted.origin = RTMFP_ORIGIN_OBSERVED;
  RtmfpAddress addresses[2] = {wanted};
  const size_t count = add_stale_address (peer, addresses, 1);
  rtmfp_endpoint_redirect (peer->endpoint, &event->address, event->interface_id, event->tag,
                           addresses, count);
  (void)!rtmfp_endpoint_forward_hello (peer->endpoint, session, event->bytes, event->tag, &asker,
                                       peer->now_us);
}

/* ---- Sessions ---- */

static void
take_open (Peer *peer, const RtmfpEvent *event) {
  RtmfpSessionInfo info;
  stage_expect (peer->stage,
                rtmfp_endpoint_session_info (peer->endpoint, event->session, &info) == RTMFP_OK,
                "peer %d", peer->number);
  int end;
  Link *link = stage_find_link (peer->stage, peer, &info.far_fingerprint, &end);
  stage_expect (peer->stage, link != NULL, "peer %d has a session nobody wanted", peer->number);
  if (link->closing && !info.initiator) {
    /* A repeated keying came when all was over. The far side does not know that session. */
    rtmfp_endpoint_close (peer->endpoint, event->session, true, peer->now_us);
    return;
  }
  const RtmfpSessionOptions options = {.keepalive_us = peer->keepalive_us,
                                       .introducer = link->peers[1 - end]->role == PEER_SERVER};
  stage_expect (peer->stage,
                rtmfp_endpoint_set_session_options (peer->endpoint, event->session, &options,
                                                    peer->now_us) == RTMFP_OK,
                "peer %d", peer->number);
  if (link->closing && link->ends[end].is_over && !info.initiator) {
    /* A late duplicate of the keying came when all was closed and forgotten: nobody is there. */
    rtmfp_endpoint_close (peer->endpoint, event->session, true, peer->now_us);
    return;
  }
  link_opened (link, end, event->session);
}

static void
take_event (Peer *peer, const RtmfpEvent *event) {
  int end;
  Link *link;
  switch (event->type) {
  case RTMFP_EVENT_SESSION_OPEN:
    take_open (peer, event);
    break;
  case RTMFP_EVENT_SESSION_CLOSED:
    link = stage_find_link_by_session (peer->stage, peer, event->session, &end);
    if (link != NULL) {
      link_closed (link, end, event->session, event->reason);
    }
    break;
  case RTMFP_EVENT_SESSION_ADDRESS:
    break;
  case RTMFP_EVENT_HELLO:
    take_hello (peer, event);
    break;
  default:
    channels_take_event (peer, event);
    break;
  }
}

void
link_open_from (Link *link, int end) {
  Peer *peer = link->peers[end], *far = link->peers[1 - end];
  uint8_t bytes[64];
  RtmfpWriter writer = rtmfp_writer (bytes, sizeof bytes);
  const RtmfpStatus written =
      link->by_uri ? rtmfp_epd_write_uri (&writer, "rtmfp:")
                   : rtmfp_epd_write_fingerprint (&writer, &far->fingerprint, (RtmfpBytes){0});
  stage_expect (peer->stage, written == RTMFP_OK, "discriminator");
  const RtmfpAddress to = peer_address (link->introducer != NULL ? link->introducer : far);
  const RtmfpOpen open = {
      .identity = peer->identity,
      .epd = rtmfp_bytes (bytes, rtmfp_writer_size (&writer)),
      .candidates = &to,
      .candidate_count = 1,
      .give_up_after_us = link->may_fail ? 15 * SIM_S : 0,
  };
  stage_expect (peer->stage,
                rtmfp_endpoint_open (peer->endpoint, &open, sim_world_now (peer->stage->world),
                                     &link->ends[end].opening) == RTMFP_OK,
                "peer %d", peer->number);
  link->ends[end].is_over = false;
  sim_host_poke (peer->host);
}

/* ---- The pump ---- */

static void
advance (void *node, int64_t now_us) {
  Peer *peer = node;
  peer->now_us = now_us;
  rtmfp_endpoint_advance (peer->endpoint, now_us);
  RtmfpJob *job;
  while ((job = rtmfp_endpoint_poll_job (peer->endpoint)) != NULL) {
    rtmfp_job_run (job);
    rtmfp_endpoint_complete_job (peer->endpoint, job, now_us);
  }
  RtmfpEvent event;
  while (rtmfp_endpoint_poll_event (peer->endpoint, &event)) {
    take_event (peer, &event);
  }
  channels_advance (peer, now_us);
}

static bool
poll_transmit (void *node, int64_t now_us, uint8_t *buffer, size_t capacity,
               RtmfpDatagram *datagram) {
  Peer *peer = node;
  return rtmfp_endpoint_poll_transmit (peer->endpoint, now_us, buffer, capacity, datagram);
}

static int64_t
deadline (void *node) {
  const Peer *peer = node;
  return MIN (rtmfp_endpoint_deadline (peer->endpoint), channels_deadline (peer));
}

const SimNodeClass peer_class = {
    .receive = receive,
    .advance = advance,
    .poll_transmit = poll_transmit,
    .deadline = deadline,
};

void
peer_start (Peer *peer) {
  const RtmfpEndpointConfig config = {
      .rng = sim_chance_rng (&peer->chance),
      .reports_hellos = peer->role != PEER_CLIENT,
      .slow_aes = sim_chance_permille (peer->stage->chance, 200),
  };
  peer->endpoint = rtmfp_endpoint_new (&config, sim_world_now (peer->stage->world));
  if (peer->role == PEER_REDIRECTOR) {
    return; /* it is nobody itself */
  }
  const RtmfpIdentityConfig identity = {
      .groups = peer->stage->groups,
      .static_keys = sim_chance_permille (peer->stage->chance, 500),
      .accepts_ancillary_data = peer->role == PEER_SERVER,
      .accept = RTMFP_ACCEPT_ANYONE,
      .rfc_only = sim_chance_permille (peer->stage->chance, 200),
      .offers_hmac = sim_chance_permille (peer->stage->chance, 700),
      .offers_sequence = sim_chance_permille (peer->stage->chance, 700),
      .no_aead = sim_chance_permille (peer->stage->chance, 250),
  };
  peer->identity = rtmfp_endpoint_add_identity (peer->endpoint, &identity, &peer->fingerprint);
  stage_expect (peer->stage, peer->identity != 0, "identity");
}

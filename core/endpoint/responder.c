/* SPDX-License-Identifier: Apache-2.0 */
/* Keying of others: cookie, repetition, glare, override, policy, RFC 7016 s3.5.1.1.2 to s3.5.1.3.
 */
#include "core/endpoint/endpoint-state.h"

#include "core/crypto/epd.h"
#include "core/wire/startup-chunk.h"

/* The cookie is ours but for another address: a new one, s3.5.1.2. */
static RtmfpStatus
change_cookie (RtmfpEndpoint *endpoint, RtmfpId identity, const RtmfpInitiatorKeying *keying,
               const RtmfpPath *from, int64_t now_us) {
  uint8_t cookie[RTMFP_COOKIE_SIZE];
  rtmfp_cookie_write (&endpoint->cookie_key, identity, &from->address, from->interface_id, now_us,
                      cookie);
  RtmfpStartupPacket *packet = rtmfp_endpoint_add_answer (endpoint, from, keying->session_id);
  if (packet == NULL) {
    return RTMFP_LIMIT;
  }
  const RtmfpCookieChange change = {
      .old_cookie = keying->cookie_echo,
      .new_cookie = rtmfp_bytes (cookie, sizeof cookie),
  };
  RtmfpWriter writer = rtmfp_startup_packet_begin (packet, 64 + 2 * RTMFP_COOKIE_SIZE);
  RtmfpStatus status = rtmfp_write_cookie_change (&writer, &change);
  rtmfp_startup_packet_end (packet, &writer);
  endpoint->shared.counters.rule_cookie_change++;
  return status;
}

/* The session that this very IIKeying made, if it is a repetition. */
static RtmfpEntry *
find_same_keying (RtmfpEndpoint *endpoint, const RtmfpInitiatorKeying *keying,
                  const uint8_t *path_key) {
  RtmfpIndexNode *node =
      rtmfp_index_find (&endpoint->by_path, rtmfp_endpoint_hash (endpoint, path_key));
  for (; node != NULL; node = rtmfp_index_next (node)) {
    RtmfpEntry *entry = RTMFP_OWNER_OF (node, RtmfpEntry, by_path);
    if (rtmfp_session_is_same_keying (entry->session, keying)) {
      return entry;
    }
  }
  return NULL;
}

/* Whether this opening session of ours is meant for the owner of the certificate (s3.5.1.3). A
 * fingerprint tells; the address need not be one of its candidates, because behind NATs it is not.
 * A discriminator that many match tells only together with the address. */
static bool
is_glare (const RtmfpEntry *entry, RtmfpId identity, const RtmfpCertificate *far,
          const RtmfpPath *from) {
  const RtmfpEpd *epd = rtmfp_session_epd (entry->session);
  return rtmfp_session_identity (entry->session) == identity && rtmfp_epd_selects (epd, far) &&
         (epd->has_fingerprint || rtmfp_session_is_destination (entry->session, from));
}

/* Whether we open a session to the owner of the certificate ourselves, and stay the initiator. */
static bool
prevails_in_glare (RtmfpEndpoint *endpoint, const RtmfpIdentity *identity,
                   const RtmfpCertificate *far, const RtmfpPath *from, int64_t now_us) {
  RtmfpEntry *entry, *next;
  bool prevails = false;
  for (entry = LIST_FIRST (&endpoint->openings); entry != NULL; entry = next) {
    next = LIST_NEXT (entry, opening);
    if (!is_glare (entry, identity->id, far, from)) {
      continue;
    }
    endpoint->shared.counters.rule_glare++;
    if (rtmfp_certificate_prevails (identity->credentials.certificate.bytes, far->bytes)) {
      prevails = true;
      /* It is there: our hello goes to where it is, too. */
      RtmfpStatus status = rtmfp_session_add_candidate (entry->session, from, now_us);
      (void)status; /* LIMIT or STATE: then it knows enough ways */
      rtmfp_endpoint_touch (endpoint, entry);
    }
  }
  return prevails;
}

/* An attempt that is older than the session that stands: left over from glare that we won, a late
 * duplicate, or a replay. Taken for a new one it would end the session.
 * Deviation: s3.5.1.1.2 step 2.3 lets any keying of the same certificate override. A peer that lost
 * its session asks with a new hello, and so with a cookie made since. */
static bool
is_outdated (RtmfpEndpoint *endpoint, RtmfpId identity, const RtmfpCertificate *far,
             RtmfpBytes cookie) {
  const RtmfpEntry *standing =
      rtmfp_endpoint_find_peer (endpoint, identity, &far->fingerprint, NULL);
  return standing != NULL && rtmfp_session_state (standing->session) == RTMFP_SESSION_OPEN &&
         rtmfp_cookie_was_made_before (cookie, rtmfp_session_opened_us (standing->session));
}

/* Those that stand from where a new one came: are they still there? */
static void
doubt_those_at (RtmfpEndpoint *endpoint, const uint8_t *path_key, RtmfpId identity,
                const RtmfpEntry *apart) {
  RtmfpIndexNode *node = rtmfp_index_find (&endpoint->by_path,
                                           rtmfp_endpoint_hash (endpoint, path_key)),
                 *next;
  for (; node != NULL; node = next) {
    next = rtmfp_index_next (node);
    RtmfpEntry *other = RTMFP_OWNER_OF (node, RtmfpEntry, by_path);
    if (other != apart && rtmfp_session_identity (other->session) == identity) {
      rtmfp_session_doubt (other->session, endpoint->now_us);
      rtmfp_endpoint_touch (endpoint, other);
    }
  }
}

static RtmfpStatus
start_responder (RtmfpEndpoint *endpoint, const RtmfpIdentity *identity,
                 const RtmfpInitiatorKeying *keying, const RtmfpPath *from,
                 const uint8_t *path_key) {
  if (rtmfp_index_count (&endpoint->by_path, rtmfp_endpoint_hash (endpoint, path_key),
                         RTMFP_SESSIONS_PER_ADDRESS) >= RTMFP_SESSIONS_PER_ADDRESS) {
    doubt_those_at (endpoint, path_key, identity->id, NULL); /* the dead make room */
    return RTMFP_LIMIT;
  }
  if (endpoint->responding_count >= RTMFP_RESPONDING_MAX) {
    return RTMFP_LIMIT;
  }
  RtmfpEntry *entry = rtmfp_endpoint_add_entry (endpoint);
  if (entry == NULL) {
    return RTMFP_LIMIT;
  }
  const RtmfpNear near = rtmfp_identity_near (identity);
  RtmfpStatus status = rtmfp_session_start_responder (entry->session, &near, keying, from);
  if (status != RTMFP_OK) {
    rtmfp_endpoint_remove_entry (endpoint, entry);
    return status;
  }
  rtmfp_endpoint_touch (endpoint, entry);
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_endpoint_receive_keying (RtmfpEndpoint *endpoint, RtmfpBytes payload, const RtmfpPath *from,
                               int64_t now_us) {
  RtmfpInitiatorKeying keying;
  RtmfpStatus status = rtmfp_read_initiator_keying (payload, &keying);
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpId id = 0;
  status = rtmfp_cookie_check (&endpoint->cookie_key, keying.cookie_echo, &from->address,
                               from->interface_id, now_us, &id);
  if (status == RTMFP_STATE) {
    return change_cookie (endpoint, id, &keying, from, now_us);
  }
  if (status != RTMFP_OK) {
    return status;
  }
  uint8_t path_key[RTMFP_INDEX_KEY_SIZE];
  rtmfp_path_key (from, path_key);
  RtmfpEntry *same = find_same_keying (endpoint, &keying, path_key);
  if (same != NULL) {
    rtmfp_session_resend_keying (same->session);
    rtmfp_endpoint_touch (endpoint, same);
    return RTMFP_OK;
  }
  const RtmfpIdentity *identity = rtmfp_endpoint_find_identity (endpoint, id);
  RtmfpCertificate far;
  status = rtmfp_certificate_read (keying.certificate, &far);
  if (status != RTMFP_OK || identity == NULL || keying.session_id == 0) {
    return status != RTMFP_OK ? status : RTMFP_UNSUPPORTED;
  }
  if (identity->accept == RTMFP_ACCEPT_EXPECTED &&
      !rtmfp_identity_expects (identity, &far.fingerprint, now_us)) {
    endpoint->shared.counters.rule_reject_hello++;
    return RTMFP_OK;
  }
  if (is_outdated (endpoint, id, &far, keying.cookie_echo)) {
    endpoint->shared.counters.dropped_replay++;
    return RTMFP_OK;
  }
  if (prevails_in_glare (endpoint, identity, &far, from, now_us)) {
    return RTMFP_OK;
  }
  return start_responder (endpoint, identity, &keying, from, path_key);
}

/* Sessions under the same identity that this new one may replace: from its address, and with its
 * certificate from wherever.
 * Deviation: s3.5.1.1.2 step 2.2 bars a new session with another certificate from the address of an
 * open one, and step 2.3 ends the open one for a new one with the same certificate. Here both stand
 * until a Ping in the older one stays unanswered. Barring would lock out a program that was killed
 * and comes back with a fresh certificate, and another identity of the same socket. Ending at once
 * would let anybody who hears packets end a session: certificates travel under a public key, and
 * keying has no signature. The path is known to work, because keying just came over it, so silence
 * means that the old session's keys are gone. */
static void
doubt_older_sessions (RtmfpEndpoint *endpoint, const RtmfpEntry *entry) {
  const RtmfpId identity = rtmfp_session_identity (entry->session);
  uint8_t key[RTMFP_INDEX_KEY_SIZE];
  rtmfp_path_key (rtmfp_session_path (entry->session), key);
  doubt_those_at (endpoint, key, identity, entry);
  rtmfp_peer_key (identity, rtmfp_session_far_fingerprint (entry->session), key);
  RtmfpIndexNode *node = rtmfp_index_find (&endpoint->by_peer, rtmfp_endpoint_hash (endpoint, key)),
                 *next;
  for (; node != NULL; node = next) {
    next = rtmfp_index_next (node);
    RtmfpEntry *other = RTMFP_OWNER_OF (node, RtmfpEntry, by_peer);
    if (other != entry) {
      rtmfp_session_doubt (other->session, endpoint->now_us);
      rtmfp_endpoint_touch (endpoint, other);
    }
  }
}

/* We lost in glare: our own attempts end. */
static void
abort_openings (RtmfpEndpoint *endpoint, const RtmfpEntry *entry, int64_t now_us) {
  RtmfpCertificate far;
  if (rtmfp_certificate_read (rtmfp_session_far_certificate (entry->session), &far) != RTMFP_OK) {
    return;
  }
  RtmfpEntry *other, *next;
  for (other = LIST_FIRST (&endpoint->openings); other != NULL; other = next) {
    next = LIST_NEXT (other, opening);
    if (is_glare (other, rtmfp_session_identity (entry->session), &far,
                  rtmfp_session_path (entry->session))) {
      rtmfp_session_close (other->session, true, RTMFP_CLOSE_REPLACED, now_us);
      rtmfp_endpoint_touch (endpoint, other);
    }
  }
}

void
rtmfp_endpoint_responder_opened (RtmfpEndpoint *endpoint, RtmfpEntry *entry, int64_t now_us) {
  endpoint->shared.counters.handshakes_answered++;
  doubt_older_sessions (endpoint, entry);
  abort_openings (endpoint, entry, now_us);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The endpoint's life, its identities, and the places of each session in its tables. */
#include "core/endpoint/endpoint-state.h"

#include "core/base/memory.h"

#include <stdlib.h>

RtmfpEndpoint *
rtmfp_endpoint_new (const RtmfpEndpointConfig *config, int64_t now_us) {
  RtmfpEndpoint *endpoint = RTMFP_NEW (RtmfpEndpoint);
  endpoint->config = *config;
  if (endpoint->config.sessions_max == 0) {
    endpoint->config.sessions_max = RTMFP_SESSIONS_MAX;
  }
  if (endpoint->config.elsewhere.count > RTMFP_REDIRECT_ADDRESSES_MAX) {
    endpoint->config.elsewhere.count = RTMFP_REDIRECT_ADDRESSES_MAX;
  }
  for (size_t i = 0; i < endpoint->config.elsewhere.count; i++) {
    endpoint->elsewhere[i] = config->elsewhere.addresses[i];
  }
  endpoint->config.elsewhere.addresses = endpoint->elsewhere;
  endpoint->now_us = now_us;
  rtmfp_wheel_init (&endpoint->deadlines, now_us);
  rtmfp_shared_init (&endpoint->shared, &config->rng, &config->log);
  endpoint->shared.slow_aes = config->slow_aes;
  endpoint->shared.key_pool.most = config->key_pairs_ahead;
  rtmfp_rng_fill (&config->rng, &endpoint->hash_key, sizeof endpoint->hash_key);
  rtmfp_cookie_key_init (&endpoint->cookie_key, &config->rng);
  endpoint->by_near_id.is_sparse = true;
  LIST_INIT (&endpoint->identity_list);
  LIST_INIT (&endpoint->openings);
  for (size_t i = 0; i < RTMFP_URGENCIES; i++) {
    TAILQ_INIT (&endpoint->ready[i]);
  }
  TAILQ_INIT (&endpoint->eventful);
  STAILQ_INIT (&endpoint->outbox);
  return endpoint;
}

static void
free_outbox (RtmfpEndpoint *endpoint) {
  while (!STAILQ_EMPTY (&endpoint->outbox)) {
    RtmfpOutgoing *outgoing = STAILQ_FIRST (&endpoint->outbox);
    STAILQ_REMOVE_HEAD (&endpoint->outbox, link);
    rtmfp_startup_packet_clear (&outgoing->packet);
    free (outgoing);
  }
}

static void
free_hellos (RtmfpEndpoint *endpoint) {
  for (size_t i = 0; endpoint->hellos != NULL && i < RTMFP_HELLO_EVENTS_MAX; i++) {
    rtmfp_buffer_clear (&endpoint->hellos[i].bytes);
  }
  free (endpoint->hellos);
}

void
rtmfp_endpoint_free (RtmfpEndpoint *endpoint) {
  if (endpoint == NULL) {
    return;
  }
  RtmfpEntry *entry;
  uint32_t at = 0;
  while ((entry = rtmfp_endpoint_next_entry (endpoint, &at)) != NULL) {
    rtmfp_endpoint_remove_entry (endpoint, entry);
  }
  rtmfp_index_clear (&endpoint->by_near_id);
  rtmfp_index_clear (&endpoint->by_path);
  rtmfp_index_clear (&endpoint->by_peer);
  rtmfp_index_clear (&endpoint->by_tag);
  while (!LIST_EMPTY (&endpoint->identity_list)) {
    rtmfp_endpoint_remove_identity (endpoint, LIST_FIRST (&endpoint->identity_list)->id);
  }
  free_outbox (endpoint);
  free_hellos (endpoint);
  rtmfp_fragments_clear (&endpoint->fragments);
  rtmfp_answer_limit_clear (&endpoint->answer_limit);
  rtmfp_wheel_clear (&endpoint->deadlines);
  rtmfp_slots_clear (&endpoint->sessions);
  rtmfp_slots_clear (&endpoint->identities);
  rtmfp_shared_clear (&endpoint->shared);
  free (endpoint->event_memory);
  free (endpoint);
}

/* Time as sessions see it never goes back. */
void
rtmfp_endpoint_note_time (RtmfpEndpoint *endpoint, int64_t now_us) {
  if (now_us > endpoint->now_us) {
    endpoint->now_us = now_us;
    if (endpoint->shared.capture != NULL) {
      rtmfp_capture_set_time (endpoint->shared.capture, now_us);
    }
  }
}

/* ---- Identities ---- */

RtmfpId
rtmfp_endpoint_add_identity (RtmfpEndpoint *endpoint, const RtmfpIdentityConfig *config,
                             RtmfpFingerprint *fingerprint) {
  if (endpoint->identities.used >= RTMFP_IDENTITIES_MAX) {
    return 0;
  }
  RtmfpIdentity *identity = RTMFP_NEW (RtmfpIdentity);
  const uint32_t aeads = config->no_aead || config->rfc_only ? 0 : RTMFP_AEAD_ALL;
  const RtmfpCredentialsOptions options = {
      .aeads = aeads,
      .groups = config->groups,
      .static_keys = config->static_keys,
      .hostname = config->hostname,
      .accepts_ancillary = config->accepts_ancillary_data,
  };
  const RtmfpSignerOptions passwords = {.signs = config->signing_passwords,
                                        .sign_count = config->signing_password_count,
                                        .known = config->known_passwords,
                                        .known_count = config->known_password_count,
                                        .required = config->requires_password};
  if (rtmfp_signer_new (&passwords, &identity->signer) != RTMFP_OK ||
      rtmfp_credentials_init (&identity->credentials, &options, &endpoint->shared.rng) !=
          RTMFP_OK) {
    rtmfp_signer_free (identity->signer);
    free (identity);
    return 0;
  }
  identity->accept = config->accept;
  identity->policy = (RtmfpKeyingPolicy){
      .requires_hmac = config->requires_hmac,
      .requires_sequence = config->requires_sequence,
      .offers_hmac = config->offers_hmac,
      .offers_sequence = config->offers_sequence,
      .hmac_bytes = config->hmac_bytes,
      .aeads = aeads,
      .preferred_aead = endpoint->shared.slow_aes ? RTMFP_AEAD_CHACHA20_POLY1305 : 0,
      .features = config->rfc_only ? 0 : RTMFP_FEATURES_OURS,
  };
  identity->id = rtmfp_slots_add (&endpoint->identities, identity);
  LIST_INSERT_HEAD (&endpoint->identity_list, identity, link);
  if (fingerprint != NULL) {
    *fingerprint = identity->credentials.certificate.fingerprint;
  }
  return identity->id;
}

RtmfpIdentity *
rtmfp_endpoint_find_identity (const RtmfpEndpoint *endpoint, RtmfpId id) {
  return (RtmfpIdentity *)rtmfp_slots_get (&endpoint->identities, id);
}

void
rtmfp_endpoint_remove_identity (RtmfpEndpoint *endpoint, RtmfpId id) {
  RtmfpIdentity *identity = rtmfp_endpoint_find_identity (endpoint, id);
  if (identity == NULL) {
    return;
  }
  rtmfp_slots_remove (&endpoint->identities, id);
  LIST_REMOVE (identity, link);
  rtmfp_credentials_clear (&identity->credentials);
  rtmfp_signer_free (identity->signer);
  free (identity->expected);
  free (identity);
}

RtmfpNear
rtmfp_identity_near (const RtmfpIdentity *identity) {
  return (RtmfpNear){
      .id = identity->id,
      .credentials = &identity->credentials,
      .policy = identity->policy,
      .signer = identity->signer,
  };
}

bool
rtmfp_identity_expects (const RtmfpIdentity *identity, const RtmfpFingerprint *fingerprint,
                        int64_t now_us) {
  for (size_t i = 0; i < identity->expected_count; i++) {
    const RtmfpExpected *expected = &identity->expected[i];
    if (expected->until_us > now_us &&
        (fingerprint == NULL || rtmfp_fingerprint_equal (&expected->fingerprint, fingerprint))) {
      return true;
    }
  }
  return false;
}

static void
forget_past (RtmfpIdentity *identity, int64_t now_us) {
  for (size_t i = identity->expected_count; i > 0; i--) {
    if (identity->expected[i - 1].until_us <= now_us) {
      identity->expected[i - 1] = identity->expected[--identity->expected_count];
    }
  }
}

RtmfpStatus
rtmfp_endpoint_expect (RtmfpEndpoint *endpoint, RtmfpId id, const RtmfpFingerprint *fingerprint,
                       int64_t until_us) {
  RtmfpIdentity *identity = rtmfp_endpoint_find_identity (endpoint, id);
  if (identity == NULL) {
    return RTMFP_STATE;
  }
  for (size_t i = 0; i < identity->expected_count; i++) {
    if (rtmfp_fingerprint_equal (&identity->expected[i].fingerprint, fingerprint)) {
      identity->expected[i].until_us = until_us;
      return RTMFP_OK;
    }
  }
  forget_past (identity, endpoint->now_us);
  if (identity->expected_count == RTMFP_EXPECTED_MAX) {
    return RTMFP_LIMIT;
  }
  if (identity->expected == NULL) {
    identity->expected =
        (RtmfpExpected *)rtmfp_memory_new (RTMFP_EXPECTED_MAX, sizeof (RtmfpExpected));
  }
  identity->expected[identity->expected_count++] =
      (RtmfpExpected){.fingerprint = *fingerprint, .until_us = until_us};
  return RTMFP_OK;
}

/* ---- Sessions in the tables ---- */

RtmfpEntry *
rtmfp_endpoint_find (const RtmfpEndpoint *endpoint, RtmfpId session) {
  return (RtmfpEntry *)rtmfp_slots_get (&endpoint->sessions, session);
}

RtmfpEntry *
rtmfp_endpoint_find_near_id (const RtmfpEndpoint *endpoint, uint32_t near_id) {
  RtmfpIndexNode *node = rtmfp_index_find (&endpoint->by_near_id, near_id);
  return node != NULL ? RTMFP_OWNER_OF (node, RtmfpEntry, by_near_id) : NULL;
}

RtmfpEntry *
rtmfp_endpoint_next_entry (const RtmfpEndpoint *endpoint, uint32_t *at) {
  return (RtmfpEntry *)rtmfp_slots_next (&endpoint->sessions, at);
}

RtmfpEntry *
rtmfp_endpoint_first_entry (const RtmfpEndpoint *endpoint) {
  uint32_t at = 0;
  return rtmfp_endpoint_next_entry (endpoint, &at);
}

uint64_t
rtmfp_endpoint_hash (const RtmfpEndpoint *endpoint, const uint8_t *key) {
  return rtmfp_index_hash (&endpoint->hash_key, key);
}

/* Random, so that nobody guesses it: a session id lets packets in. */
static uint32_t
draw_near_id (const RtmfpEndpoint *endpoint) {
  for (;;) {
    uint32_t id = rtmfp_rng_u32 (&endpoint->shared.rng);
    if (id != 0 && rtmfp_endpoint_find_near_id (endpoint, id) == NULL) {
      return id;
    }
  }
}

RtmfpEntry *
rtmfp_endpoint_add_entry (RtmfpEndpoint *endpoint) {
  if (endpoint->sessions.used >= endpoint->config.sessions_max) {
    return NULL;
  }
  RtmfpEntry *entry = RTMFP_NEW (RtmfpEntry);
  entry->urgency = -1;
  entry->id = rtmfp_slots_add (&endpoint->sessions, entry);
  const uint32_t near_id = draw_near_id (endpoint);
  entry->session = rtmfp_session_new (&endpoint->shared, entry->id, near_id);
  rtmfp_index_set (&endpoint->by_near_id, &entry->by_near_id, near_id);
  return entry;
}

static void
set_urgency (RtmfpEndpoint *endpoint, RtmfpEntry *entry, int urgency) {
  if (entry->urgency == urgency) {
    return;
  }
  if (entry->urgency >= 0) {
    TAILQ_REMOVE (&endpoint->ready[entry->urgency], entry, ready);
  }
  if (urgency >= 0) {
    TAILQ_INSERT_TAIL (&endpoint->ready[urgency], entry, ready);
  }
  entry->urgency = (int8_t)urgency;
}

static void
set_eventful (RtmfpEndpoint *endpoint, RtmfpEntry *entry, bool eventful) {
  if (eventful && !entry->is_eventful) {
    TAILQ_INSERT_TAIL (&endpoint->eventful, entry, eventful);
  } else if (!eventful && entry->is_eventful) {
    TAILQ_REMOVE (&endpoint->eventful, entry, eventful);
  }
  entry->is_eventful = eventful;
}

static void
set_opening (RtmfpEndpoint *endpoint, RtmfpEntry *entry, bool opening) {
  if (opening && !entry->is_opening) {
    uint8_t key[RTMFP_INDEX_KEY_SIZE];
    rtmfp_tag_key (rtmfp_session_tag (entry->session), key);
    rtmfp_index_set (&endpoint->by_tag, &entry->by_tag, rtmfp_endpoint_hash (endpoint, key));
    LIST_INSERT_HEAD (&endpoint->openings, entry, opening);
  } else if (!opening && entry->is_opening) {
    rtmfp_index_remove (&endpoint->by_tag, &entry->by_tag);
    LIST_REMOVE (entry, opening);
  }
  entry->is_opening = opening;
}

void
rtmfp_endpoint_remove_entry (RtmfpEndpoint *endpoint, RtmfpEntry *entry) {
  set_urgency (endpoint, entry, -1);
  set_eventful (endpoint, entry, false);
  rtmfp_wheel_set (&endpoint->deadlines, &entry->deadline, RTMFP_NEVER);
  rtmfp_index_remove (&endpoint->by_path, &entry->by_path);
  rtmfp_index_remove (&endpoint->by_peer, &entry->by_peer);
  set_opening (endpoint, entry, false);
  endpoint->responding_count -= entry->is_responding;
  endpoint->open_count -= entry->is_open;
  rtmfp_slots_remove (&endpoint->sessions, entry->id);
  rtmfp_index_remove (&endpoint->by_near_id, &entry->by_near_id);
  rtmfp_session_free (entry->session);
  free (entry);
}

static void
set_role (RtmfpEndpoint *endpoint, RtmfpEntry *entry, RtmfpSessionState state) {
  set_opening (endpoint, entry, state < RTMFP_SESSION_RESPONDING);
  bool is_responding = state == RTMFP_SESSION_RESPONDING;
  endpoint->responding_count += (size_t)is_responding - (size_t)entry->is_responding;
  entry->is_responding = is_responding;
  bool is_open = state == RTMFP_SESSION_OPEN;
  endpoint->open_count += (size_t)is_open - (size_t)entry->is_open;
  entry->is_open = is_open;
}

/* By its far address and far end, as soon as these are known and until it is closed. */
static void
set_places (RtmfpEndpoint *endpoint, RtmfpEntry *entry, RtmfpSessionState state) {
  const bool moved = rtmfp_session_take_moved (entry->session);
  if (state == RTMFP_SESSION_HELLO_SENT || (state == entry->state && !moved)) {
    return;
  }
  entry->state = (uint8_t)state;
  if (state > RTMFP_SESSION_OPEN) {
    rtmfp_index_remove (&endpoint->by_path, &entry->by_path);
    rtmfp_index_remove (&endpoint->by_peer, &entry->by_peer);
    return;
  }
  uint8_t key[RTMFP_INDEX_KEY_SIZE];
  rtmfp_path_key (rtmfp_session_path (entry->session), key);
  rtmfp_index_set (&endpoint->by_path, &entry->by_path, rtmfp_endpoint_hash (endpoint, key));
  rtmfp_peer_key (rtmfp_session_identity (entry->session),
                  rtmfp_session_far_fingerprint (entry->session), key);
  rtmfp_index_set (&endpoint->by_peer, &entry->by_peer, rtmfp_endpoint_hash (endpoint, key));
}

void
rtmfp_endpoint_touch (RtmfpEndpoint *endpoint, RtmfpEntry *entry) {
  RtmfpSession *session = entry->session;
  RtmfpSessionState state = rtmfp_session_state (session);
  int urgency = rtmfp_session_urgency (session, endpoint->now_us);
  bool eventful = rtmfp_session_has_event (session);
  if (endpoint->shared.capture != NULL) {
    rtmfp_session_observe (session);
  }
  if (state == RTMFP_SESSION_CLOSED && urgency < 0 && !eventful) {
    rtmfp_endpoint_remove_entry (endpoint, entry);
    return;
  }
  set_role (endpoint, entry, state);
  set_places (endpoint, entry, state);
  set_urgency (endpoint, entry, urgency);
  set_eventful (endpoint, entry, eventful);
  int64_t at_us = rtmfp_session_deadline (session);
  if (at_us <= endpoint->now_us) {
    at_us = endpoint->now_us + 1000; /* it waits for its turn to send, not for time */
  }
  rtmfp_wheel_set (&endpoint->deadlines, &entry->deadline, at_us);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What arrives for session id 0: hellos, answers to ours, keying, RFC 7016 s3.5.1. */
#include "core/endpoint/endpoint-state.h"

#include "core/base/memory.h"
#include "core/crypto/epd.h"
#include "core/wire/startup-chunk.h"

#include <stdlib.h>
#include <string.h>

/* ---- Tables ---- */

static void
put_u64 (uint8_t *out, uint64_t value) {
  for (int i = 7; i >= 0; i--) {
    out[i] = (uint8_t)value;
    value >>= 8;
  }
}

void
rtmfp_path_key (const RtmfpPath *path, uint8_t *key) {
  memset (key, 0, RTMFP_INDEX_KEY_SIZE);
  put_u64 (key, (uint64_t)path->interface_id << 32 | (uint64_t)path->address.family << 16 |
                    path->address.port);
  memcpy (key + 8, path->address.ip, sizeof path->address.ip);
}

void
rtmfp_peer_key (RtmfpId identity, const RtmfpFingerprint *fingerprint, uint8_t *key) {
  put_u64 (key, identity);
  memcpy (key + 8, fingerprint->bytes, sizeof fingerprint->bytes);
}

RtmfpEntry *
rtmfp_endpoint_find_peer (const RtmfpEndpoint *endpoint, RtmfpId identity,
                          const RtmfpFingerprint *fingerprint, const RtmfpEntry *apart) {
  uint8_t key[RTMFP_INDEX_KEY_SIZE];
  rtmfp_peer_key (identity, fingerprint, key);
  RtmfpIndexNode *node = rtmfp_index_find (&endpoint->by_peer, key);
  for (; node != NULL; node = LIST_NEXT (node, link)) {
    RtmfpEntry *entry = RTMFP_OWNER_OF (node, RtmfpEntry, by_peer);
    if (entry != apart) {
      return entry;
    }
  }
  return NULL;
}

void
rtmfp_tag_key (const uint8_t *tag, uint8_t *key) {
  memset (key, 0, RTMFP_INDEX_KEY_SIZE);
  memcpy (key, tag, RTMFP_TAG_SIZE);
}

static RtmfpEntry *
find_opening_by_tag (RtmfpEndpoint *endpoint, RtmfpBytes tag) {
  if (tag.size != RTMFP_TAG_SIZE) {
    return NULL;
  }
  uint8_t key[RTMFP_INDEX_KEY_SIZE];
  rtmfp_tag_key (tag.data, key);
  RtmfpIndexNode *node = rtmfp_index_find (&endpoint->by_tag, key);
  return node != NULL ? RTMFP_OWNER_OF (node, RtmfpEntry, by_tag) : NULL;
}

/* ---- Answers ---- */

RtmfpStartupPacket *
rtmfp_endpoint_add_answer (RtmfpEndpoint *endpoint, const RtmfpPath *to, uint32_t session_id) {
  if (endpoint->outbox_count == RTMFP_OUTBOX_PACKETS_MAX) {
    return NULL;
  }
  RtmfpOutgoing *outgoing = RTMFP_NEW (RtmfpOutgoing);
  outgoing->packet.to = to->address;
  outgoing->packet.interface_id = to->interface_id;
  outgoing->packet.session_id = session_id;
  STAILQ_INSERT_TAIL (&endpoint->outbox, outgoing, link);
  endpoint->outbox_count++;
  return &outgoing->packet;
}

/* Bytes of a datagram under the default key: session id, checksum, whole blocks. */
size_t
rtmfp_startup_datagram_size (size_t plain) {
  return RTMFP_SESSION_ID_BYTES + (2 + plain + RTMFP_CIPHER_BLOCK_SIZE - 1) /
                                      RTMFP_CIPHER_BLOCK_SIZE * RTMFP_CIPHER_BLOCK_SIZE;
}

/* Bytes of an RHello's datagram. */
static size_t
hello_answer_size (const RtmfpIdentity *identity, RtmfpBytes tag) {
  return rtmfp_startup_datagram_size (1 + RTMFP_CHUNK_HEADER_BYTES + 2 + tag.size +
                                      RTMFP_COOKIE_SIZE +
                                      identity->credentials.certificate.bytes.size);
}

/* RHello, without a trace in our memory, s3.5.1.1.2. */
static RtmfpStatus
answer_hello (RtmfpEndpoint *endpoint, const RtmfpIdentity *identity, RtmfpBytes tag,
              const RtmfpPath *to, int64_t now_us) {
  uint8_t cookie[RTMFP_COOKIE_SIZE];
  rtmfp_cookie_write (&endpoint->cookie_key, identity->id, &to->address, to->interface_id, now_us,
                      cookie);
  RtmfpStartupPacket *packet = rtmfp_endpoint_add_answer (endpoint, to, 0);
  if (packet == NULL) {
    return RTMFP_LIMIT;
  }
  const RtmfpResponderHello hello = {
      .tag_echo = tag,
      .cookie = rtmfp_bytes (cookie, sizeof cookie),
      .certificate = identity->credentials.certificate.bytes,
  };
  RtmfpWriter writer = rtmfp_startup_packet_begin (packet, 64 + hello_answer_size (identity, tag));
  RtmfpStatus status = rtmfp_write_responder_hello (&writer, &hello);
  rtmfp_startup_packet_end (packet, &writer);
  return status;
}

/* ---- Hellos of others ---- */

/* Whom of us the discriminator selects; NULL = nobody. */
static const RtmfpIdentity *
select_identity (const RtmfpEndpoint *endpoint, const RtmfpEpd *epd) {
  const RtmfpIdentity *identity;
  LIST_FOREACH (identity, &endpoint->identity_list, link) {
    if (rtmfp_epd_selects (epd, &identity->credentials.certificate)) {
      return identity;
    }
  }
  return NULL;
}

static bool
takes_sessions (const RtmfpIdentity *identity, int64_t now_us) {
  return identity->accept == RTMFP_ACCEPT_ANYONE ||
         (identity->accept == RTMFP_ACCEPT_EXPECTED &&
          rtmfp_identity_expects (identity, NULL, now_us));
}

/* For introducers and redirectors: a ring, so that the question's length is known when the answer
 * comes. */
static RtmfpStatus
report_hello (RtmfpEndpoint *endpoint, const RtmfpInitiatorHello *hello, const RtmfpPath *from,
              size_t question_bytes) {
  if (!endpoint->config.reports_hellos) {
    endpoint->shared.counters.rule_reject_hello++;
    return RTMFP_OK;
  }
  if (endpoint->hello_count == RTMFP_HELLO_EVENTS_MAX) {
    return RTMFP_LIMIT;
  }
  if (endpoint->hellos == NULL) {
    endpoint->hellos =
        (RtmfpHelloEvent *)rtmfp_memory_new (RTMFP_HELLO_EVENTS_MAX, sizeof (RtmfpHelloEvent));
  }
  size_t at = (endpoint->first_hello + endpoint->hello_count++) % RTMFP_HELLO_EVENTS_MAX;
  RtmfpHelloEvent *event = &endpoint->hellos[at];
  event->bytes.size = 0;
  rtmfp_buffer_append (&event->bytes, hello->epd);
  rtmfp_buffer_append (&event->bytes, hello->tag);
  event->epd_size = hello->epd.size;
  event->question_bytes = question_bytes;
  event->from = *from;
  return RTMFP_OK;
}

static RtmfpStatus
receive_hello (RtmfpEndpoint *endpoint, RtmfpBytes payload, const RtmfpPath *from,
               size_t question_bytes, int64_t now_us) {
  RtmfpInitiatorHello hello;
  RtmfpEpd epd;
  RtmfpStatus status = rtmfp_read_initiator_hello (payload, &hello);
  if (status != RTMFP_OK) {
    return status;
  }
  status = rtmfp_epd_read (hello.epd, &epd);
  if (status != RTMFP_OK) {
    return status;
  }
  if (hello.epd.size == 0) {
    return RTMFP_MALFORMED; /* it selects nobody, anywhere */
  }
  if (hello.tag.size > RTMFP_TAG_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  const RtmfpIdentity *identity = select_identity (endpoint, &epd);
  if (identity == NULL) {
    return report_hello (endpoint, &hello, from, question_bytes);
  }
  if (!takes_sessions (identity, now_us)) {
    endpoint->shared.counters.rule_reject_hello++;
    return RTMFP_OK;
  }
  if (!rtmfp_answer_limit_take (&endpoint->answer_limit, &endpoint->hash_key, &from->address,
                                question_bytes, hello_answer_size (identity, hello.tag), now_us)) {
    endpoint->shared.counters.dropped_rate_limited++;
    return RTMFP_OK;
  }
  return answer_hello (endpoint, identity, hello.tag, from, now_us);
}

void
rtmfp_endpoint_receive_forwarded (RtmfpEndpoint *endpoint, RtmfpBytes payload,
                                  uint32_t interface_id, int64_t now_us) {
  RtmfpForwardedHello hello;
  RtmfpEpd epd;
  if (rtmfp_read_forwarded_hello (payload, &hello) != RTMFP_OK ||
      rtmfp_epd_read (hello.epd, &epd) != RTMFP_OK || hello.tag.size > RTMFP_TAG_BYTES_MAX) {
    endpoint->shared.counters.dropped_malformed++;
    return;
  }
  const RtmfpIdentity *identity = select_identity (endpoint, &epd);
  if (identity == NULL || !takes_sessions (identity, now_us)) {
    endpoint->shared.counters.rule_reject_hello++;
    return;
  }
  const RtmfpPath to = {.address = hello.reply_address, .interface_id = interface_id};
  /* The introducer has seen the question; of its length we only know that it was not less than
   * this. */
  size_t size = hello_answer_size (identity, hello.tag);
  if (!rtmfp_answer_limit_take (&endpoint->answer_limit, &endpoint->hash_key, &to.address, size - 1,
                                size, now_us)) {
    endpoint->shared.counters.dropped_rate_limited++;
    return;
  }
  endpoint->shared.counters.rule_forwarded_hello++;
  if (answer_hello (endpoint, identity, hello.tag, &to, now_us) != RTMFP_OK) {
    endpoint->shared.counters.dropped_limit++;
  }
}

/* ---- Answers to our hellos ---- */

/* Another session with that far end is under way already (s3.5.1.1.1 step 1). */
static bool
is_duplicate (RtmfpEndpoint *endpoint, const RtmfpEntry *entry, const RtmfpResponderHello *hello) {
  RtmfpCertificate certificate;
  if (rtmfp_certificate_read (hello->certificate, &certificate) != RTMFP_OK ||
      !rtmfp_epd_selects (rtmfp_session_epd (entry->session), &certificate)) {
    return false;
  }
  const RtmfpEntry *other = rtmfp_endpoint_find_peer (
      endpoint, rtmfp_session_identity (entry->session), &certificate.fingerprint, entry);
  return other != NULL && rtmfp_session_state (other->session) != RTMFP_SESSION_RESPONDING;
}

static RtmfpStatus
receive_responder_hello (RtmfpEndpoint *endpoint, RtmfpBytes payload, const RtmfpPath *from,
                         int64_t now_us) {
  RtmfpResponderHello hello;
  RtmfpStatus status = rtmfp_read_responder_hello (payload, &hello);
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpEntry *entry = find_opening_by_tag (endpoint, hello.tag_echo);
  if (entry == NULL) {
    return RTMFP_UNSUPPORTED;
  }
  if (hello.cookie.size > RTMFP_COOKIE_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  if (rtmfp_session_state (entry->session) != RTMFP_SESSION_HELLO_SENT) {
    return RTMFP_OK; /* the first answer was taken */
  }
  const RtmfpIdentity *identity =
      rtmfp_endpoint_find_identity (endpoint, rtmfp_session_identity (entry->session));
  if (identity == NULL) {
    rtmfp_session_close (entry->session, true, RTMFP_CLOSE_REFUSED, now_us);
  } else if (is_duplicate (endpoint, entry, &hello)) {
    rtmfp_session_close (entry->session, true, RTMFP_CLOSE_REPLACED, now_us);
  } else {
    const RtmfpNear near = rtmfp_identity_near (identity);
    status = rtmfp_session_receive_hello (entry->session, &near, &hello, from, now_us);
    if (status == RTMFP_UNSUPPORTED) {
      rtmfp_session_close (entry->session, true, RTMFP_CLOSE_REFUSED, now_us);
    }
  }
  rtmfp_endpoint_touch (endpoint, entry);
  return status;
}

static RtmfpStatus
receive_redirect (RtmfpEndpoint *endpoint, RtmfpBytes payload, const RtmfpPath *from,
                  int64_t now_us) {
  RtmfpRedirect redirect;
  RtmfpStatus status = rtmfp_read_redirect (payload, &redirect);
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpEntry *entry = find_opening_by_tag (endpoint, redirect.tag_echo);
  if (entry == NULL) {
    return RTMFP_UNSUPPORTED;
  }
  endpoint->shared.counters.rule_redirect++;
  if (redirect.address_count == 0) {
    status = rtmfp_session_add_candidate (entry->session, from, now_us);
  }
  for (size_t i = 0; i < redirect.address_count; i++) {
    const RtmfpPath path = {.address = redirect.addresses[i], .interface_id = from->interface_id};
    status = rtmfp_session_add_candidate (entry->session, &path, now_us);
  }
  rtmfp_endpoint_touch (endpoint, entry);
  return status == RTMFP_STATE ? RTMFP_OK : status;
}

/* ---- Keying of others ---- */

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
  RtmfpIndexNode *node = rtmfp_index_find (&endpoint->by_path, path_key);
  for (; node != NULL; node = LIST_NEXT (node, link)) {
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

static RtmfpStatus
start_responder (RtmfpEndpoint *endpoint, const RtmfpIdentity *identity,
                 const RtmfpInitiatorKeying *keying, const RtmfpPath *from,
                 const uint8_t *path_key) {
  if (endpoint->responding_count >= RTMFP_RESPONDING_MAX ||
      rtmfp_index_count (&endpoint->by_path, path_key) >= RTMFP_SESSIONS_PER_ADDRESS) {
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

static RtmfpStatus
receive_initiator_keying (RtmfpEndpoint *endpoint, RtmfpBytes payload, const RtmfpPath *from,
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
  if (prevails_in_glare (endpoint, identity, &far, from, now_us)) {
    return RTMFP_OK;
  }
  return start_responder (endpoint, identity, &keying, from, path_key);
}

/* Sessions under the same identity that this new one overrides, s3.5.1.1.2 step 2.3.
 * Deviation: from the same address, a session with another certificate is left alone instead of
 * barring the new one: one socket carries several identities here. */
static void
override_sessions (RtmfpEndpoint *endpoint, const RtmfpEntry *entry) {
  uint8_t key[RTMFP_INDEX_KEY_SIZE];
  rtmfp_path_key (rtmfp_session_path (entry->session), key);
  RtmfpIndexNode *node = rtmfp_index_find (&endpoint->by_path, key), *next;
  for (; node != NULL; node = next) {
    next = LIST_NEXT (node, link);
    RtmfpEntry *other = RTMFP_OWNER_OF (node, RtmfpEntry, by_path);
    if (other == entry || rtmfp_session_state (other->session) != RTMFP_SESSION_OPEN ||
        rtmfp_session_identity (other->session) != rtmfp_session_identity (entry->session) ||
        !rtmfp_certificate_overrides (rtmfp_session_far_certificate (entry->session),
                                      rtmfp_session_far_certificate (other->session))) {
      continue;
    }
    endpoint->shared.counters.rule_override++;
    rtmfp_session_drop (other->session, RTMFP_CLOSE_REPLACED);
    rtmfp_endpoint_touch (endpoint, other);
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
  override_sessions (endpoint, entry);
  abort_openings (endpoint, entry, now_us);
}

/* ---- Packets ---- */

static RtmfpStatus receive_packet (RtmfpEndpoint *endpoint, RtmfpBytes plain, const RtmfpPath *from,
                                   bool is_whole, int64_t now_us);

static RtmfpStatus
receive_fragment (RtmfpEndpoint *endpoint, RtmfpBytes payload, const RtmfpPath *from,
                  int64_t now_us) {
  RtmfpPacketFragment fragment;
  RtmfpStatus status = rtmfp_read_packet_fragment (payload, &fragment);
  if (status != RTMFP_OK) {
    return status;
  }
  const RtmfpFragmentKey key = {
      .from = from->address,
      .interface_id = from->interface_id,
      .packet_id = fragment.packet_id,
  };
  RtmfpBuffer whole = {0};
  status = rtmfp_fragments_add (&endpoint->fragments, &key, fragment.fragment_number,
                                fragment.more_fragments, fragment.data, now_us, &whole);
  if (status == RTMFP_OK && whole.size > 0) {
    status = receive_packet (endpoint, rtmfp_buffer_bytes (&whole), from, true, now_us);
  }
  rtmfp_buffer_clear (&whole);
  return status;
}

static RtmfpStatus
receive_chunk (RtmfpEndpoint *endpoint, const RtmfpChunk *chunk, const RtmfpPath *from,
               size_t question_bytes, bool is_whole, int64_t now_us) {
  switch (chunk->type) {
  case RTMFP_CHUNK_FRAGMENT:
    return is_whole ? RTMFP_MALFORMED : receive_fragment (endpoint, chunk->payload, from, now_us);
  case RTMFP_CHUNK_INITIATOR_HELLO:
    return receive_hello (endpoint, chunk->payload, from, question_bytes, now_us);
  case RTMFP_CHUNK_RESPONDER_HELLO:
    return receive_responder_hello (endpoint, chunk->payload, from, now_us);
  case RTMFP_CHUNK_REDIRECT:
    return receive_redirect (endpoint, chunk->payload, from, now_us);
  case RTMFP_CHUNK_INITIATOR_KEYING:
    return receive_initiator_keying (endpoint, chunk->payload, from, now_us);
  default:
    return RTMFP_OK;
  }
}

/* One question a packet: the first hello or keying chunk counts, so that a packet full of them buys
 * no amplification. */
static RtmfpStatus
receive_packet (RtmfpEndpoint *endpoint, RtmfpBytes plain, const RtmfpPath *from, bool is_whole,
                int64_t now_us) {
  RtmfpReader reader = rtmfp_reader (plain.data, plain.size);
  RtmfpPacketHeader header;
  RtmfpStatus status = rtmfp_read_packet_header (&reader, &header);
  if (status != RTMFP_OK || header.mode != RTMFP_MODE_STARTUP) {
    return status != RTMFP_OK ? status : RTMFP_MALFORMED;
  }
  /* Its datagram, or less when it came in several. */
  const size_t question_bytes = rtmfp_startup_datagram_size (plain.size);
  bool asked = false;
  RtmfpChunk chunk;
  while (status == RTMFP_OK && rtmfp_read_chunk (&reader, &chunk)) {
    bool is_question =
        chunk.type == RTMFP_CHUNK_INITIATOR_HELLO || chunk.type == RTMFP_CHUNK_INITIATOR_KEYING;
    if (!rtmfp_chunk_is_allowed (chunk.type, header.mode) || (is_question && asked)) {
      continue;
    }
    asked = asked || is_question;
    status = receive_chunk (endpoint, &chunk, from, question_bytes, is_whole, now_us);
  }
  return status;
}

RtmfpStatus
rtmfp_endpoint_receive_startup (RtmfpEndpoint *endpoint, RtmfpBytes datagram, const RtmfpPath *from,
                                int64_t now_us) {
  RtmfpBytes plain;
  RtmfpStatus status =
      rtmfp_protection_open (&endpoint->shared.default_key, datagram, endpoint->scratch, &plain);
  return status == RTMFP_OK ? receive_packet (endpoint, plain, from, false, now_us) : status;
}

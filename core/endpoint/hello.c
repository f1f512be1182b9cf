/* SPDX-License-Identifier: Apache-2.0 */
/* Hellos of others, direct and forwarded, and our answers to them, RFC 7016 s3.5.1.1.2 and s3.5.1.4
 * to 6. */
#include "core/endpoint/endpoint-state.h"

#include "core/base/memory.h"
#include "core/crypto/epd.h"
#include "core/wire/startup-chunk.h"
#include "core/wire/vlu.h"

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
  return rtmfp_startup_datagram_size (1 + RTMFP_CHUNK_HEADER_BYTES + rtmfp_vlu_size (tag.size) +
                                      tag.size + 1 + RTMFP_COOKIE_SIZE +
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

/* Whether somebody else shall have who asks so. */
static bool
sends_elsewhere (const RtmfpEndpoint *endpoint, const RtmfpEpd *epd) {
  const RtmfpElsewhere *elsewhere = &endpoint->config.elsewhere;
  return elsewhere->count > 0 && !epd->has_fingerprint &&
         endpoint->open_count >= elsewhere->from_sessions;
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

RtmfpStatus
rtmfp_endpoint_receive_hello (RtmfpEndpoint *endpoint, RtmfpBytes payload, const RtmfpPath *from,
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
  if (sends_elsewhere (endpoint, &epd)) {
    rtmfp_endpoint_answer_redirect (endpoint, from, hello.tag, endpoint->config.elsewhere.addresses,
                                    endpoint->config.elsewhere.count, question_bytes);
    return RTMFP_OK;
  }
  if (!rtmfp_answer_limit_take (&endpoint->answer_limit, &endpoint->hash_key, &from->address,
                                question_bytes, hello_answer_size (identity, hello.tag), now_us)) {
    endpoint->shared.counters.dropped_rate_limited++;
    return RTMFP_OK;
  }
  return answer_hello (endpoint, identity, hello.tag, from, now_us);
}

bool
rtmfp_endpoint_guess_outside (const RtmfpAddress *seen, const RtmfpPath *introducer,
                              RtmfpPath *out) {
  if (seen->origin != RTMFP_ORIGIN_OBSERVED || !rtmfp_address_is_private (seen) ||
      rtmfp_address_is_private (&introducer->address)) {
    return false;
  }
  *out = *introducer;
  out->address.port = seen->port;
  return true;
}

static void
answer_forwarded (RtmfpEndpoint *endpoint, const RtmfpIdentity *identity, RtmfpBytes tag,
                  const RtmfpPath *to, int64_t now_us) {
  /* The introducer has seen the question; of its length we only know that it was not less than
   * this. */
  size_t size = hello_answer_size (identity, tag);
  if (!rtmfp_answer_limit_take (&endpoint->answer_limit, &endpoint->hash_key, &to->address,
                                size - 1, size, now_us)) {
    endpoint->shared.counters.dropped_rate_limited++;
    return;
  }
  endpoint->shared.counters.rule_forwarded_hello++;
  if (answer_hello (endpoint, identity, tag, to, now_us) != RTMFP_OK) {
    endpoint->shared.counters.dropped_limit++;
  }
}

void
rtmfp_endpoint_receive_forwarded (RtmfpEndpoint *endpoint, RtmfpBytes payload,
                                  const RtmfpPath *from, int64_t now_us) {
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
  RtmfpPath to = {.address = hello.reply_address, .interface_id = from->interface_id};
  answer_forwarded (endpoint, identity, hello.tag, &to, now_us);
  for (size_t i = 0; i < endpoint->interface_count; i++) {
    to.interface_id =
        endpoint->interfaces[i].id != from->interface_id ? endpoint->interfaces[i].id : 0;
    answer_forwarded (endpoint, identity, hello.tag, &to, now_us);
  }
  if (rtmfp_endpoint_guess_outside (&hello.reply_address, from, &to)) {
    answer_forwarded (endpoint, identity, hello.tag, &to, now_us);
  }
}

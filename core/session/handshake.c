/* SPDX-License-Identifier: Apache-2.0 */
/* The two roles of the handshake, RFC 7016 s3.5.1.1 and s3.5.1.2. */
#include "core/session/session-state.h"

#include "core/base/memory.h"
#include "core/crypto/params.h"
#include "core/crypto/signature.h"
#include "core/session/params.h"
#include "core/wire/packet.h"

#include <stdlib.h>
#include <string.h>

void
rtmfp_session_free_opening (RtmfpSession *session) {
  RtmfpOpening *opening = session->opening;
  if (opening == NULL) {
    return;
  }
  for (size_t i = 0; i < opening->early_count; i++) {
    rtmfp_buffer_clear (&opening->early[i].datagram);
  }
  rtmfp_buffer_clear (&opening->epd_bytes);
  rtmfp_buffer_clear (&opening->cookie);
  rtmfp_keying_free (opening->keying);
  free (opening);
  session->opening = NULL;
}

static void
set_buffer (RtmfpBuffer *buffer, RtmfpBytes bytes) {
  buffer->size = 0;
  rtmfp_buffer_append (buffer, bytes);
}

static void
give_job (RtmfpSession *session, RtmfpKeying *keying) {
  rtmfp_shared_add_job (session->shared, session->id, keying);
}

static RtmfpStartupPacket *
startup_packet (RtmfpSession *session, uint32_t session_id) {
  if (session->startup == NULL) {
    session->startup = RTMFP_NEW (RtmfpStartupPacket);
  }
  session->startup->session_id = session_id;
  session->startup->to = session->path.address;
  session->startup->interface_id = session->path.interface_id;
  return session->startup;
}

/* ---- Initiator ---- */

RtmfpStatus
rtmfp_session_start_initiator (RtmfpSession *session, const RtmfpNear *near, RtmfpBytes epd,
                               int64_t give_up_us) {
  RtmfpOpening *opening = RTMFP_NEW (RtmfpOpening);
  session->opening = opening;
  session->is_initiator = true;
  session->identity = near->id;
  session->state = RTMFP_SESSION_HELLO_SENT;
  session->signer = rtmfp_signer_copy (near->signer);
  opening->give_up_us = give_up_us;
  rtmfp_rng_fill (&session->shared->rng, opening->tag, sizeof opening->tag);
  rtmfp_buffer_append (&opening->epd_bytes, epd);
  set_buffer (&session->near_certificate, near->credentials->certificate.bytes);
  return rtmfp_epd_read (rtmfp_buffer_bytes (&opening->epd_bytes), &opening->epd);
}

RtmfpStatus
rtmfp_session_add_candidate (RtmfpSession *session, const RtmfpPath *path, int64_t now_us) {
  if (session->state != RTMFP_SESSION_HELLO_SENT) {
    return RTMFP_STATE;
  }
  return rtmfp_candidates_add (&session->opening->candidates, &path->address, path->interface_id,
                               now_us);
}

/* Our hellos are padded, so that no answer is longer than the question. */
static size_t
write_hello_packet (const RtmfpSession *session, RtmfpWriter *writer) {
  const RtmfpPacketHeader header = {.mode = RTMFP_MODE_STARTUP};
  const RtmfpInitiatorHello hello = {
      .epd = rtmfp_buffer_bytes (&session->opening->epd_bytes),
      .tag = rtmfp_bytes (session->opening->tag, RTMFP_TAG_SIZE),
  };
  if (rtmfp_write_packet_header (writer, &header) != RTMFP_OK ||
      rtmfp_write_initiator_hello (writer, &hello) != RTMFP_OK) {
    return 0;
  }
  size_t size = rtmfp_writer_size (writer);
  if (size < RTMFP_HELLO_BYTES &&
      rtmfp_write_padding (writer, RTMFP_HELLO_BYTES - size) != RTMFP_OK) {
    return 0;
  }
  return rtmfp_writer_size (writer);
}

bool
rtmfp_session_write_hello (RtmfpSession *session, int64_t now_us, uint8_t *buffer, size_t capacity,
                           RtmfpDatagram *datagram) {
  RtmfpCandidate *candidate = rtmfp_candidates_due (&session->opening->candidates, now_us);
  if (candidate == NULL) {
    return false;
  }
  if (rtmfp_retry_step (&candidate->retry, now_us)) {
    session->shared->counters.rule_handshake_retry++;
  }
  RtmfpProtection *key = &session->shared->default_key;
  size_t head = rtmfp_protection_head_bytes (key);
  RtmfpWriter writer = rtmfp_writer (buffer + head, capacity - head);
  size_t size = write_hello_packet (session, &writer);
  *datagram = (RtmfpDatagram){.to = candidate->address, .interface_id = candidate->interface_id};
  if (session->shared->capture != NULL) {
    const RtmfpPath to = {.address = candidate->address, .interface_id = candidate->interface_id};
    rtmfp_session_capture_packet (session, RTMFP_CAPTURE_PACKET_SENT, &to,
                                  rtmfp_bytes (buffer + head, size), 0);
  }
  return size > 0 &&
         rtmfp_protection_seal (key, 0, buffer, capacity, size, &datagram->size) == RTMFP_OK;
}

RtmfpStatus
rtmfp_session_receive_hello (RtmfpSession *session, const RtmfpNear *near,
                             const RtmfpResponderHello *hello, const RtmfpPath *from,
                             int64_t now_us) {
  if (session->state != RTMFP_SESSION_HELLO_SENT) {
    return RTMFP_STATE;
  }
  RtmfpCertificate certificate;
  RtmfpStatus status = rtmfp_certificate_read (hello->certificate, &certificate);
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpOpening *opening = session->opening;
  if (!rtmfp_epd_selects (&opening->epd, &certificate)) {
    return RTMFP_AUTH;
  }
  RtmfpKeying *keying;
  status = rtmfp_keying_new_initiator (near->credentials, hello->certificate, &near->policy,
                                       &session->shared->rng, &keying);
  if (status != RTMFP_OK) {
    return status;
  }
  session->state = RTMFP_SESSION_KEYING_MAKE;
  session->path = *from;
  session->moved = true;
  session->far_fingerprint = certificate.fingerprint;
  set_buffer (&session->far_certificate, hello->certificate);
  set_buffer (&opening->cookie, hello->cookie);
  rtmfp_retry_init (&opening->retry, now_us);
  give_job (session, keying);
  return RTMFP_OK;
}

/* signature out: (borrowed from buffer). */
static void
sign_initiator_keying (const RtmfpSession *session, RtmfpInitiatorKeying *keying,
                       RtmfpBuffer *buffer) {
  RtmfpBuffer parameters = {0};
  const size_t room =
      64 + keying->cookie_echo.size + keying->certificate.size + keying->component.size;
  RtmfpWriter writer = rtmfp_writer (rtmfp_buffer_reserve (&parameters, room), room);
  if (rtmfp_write_initiator_signed_parameters (&writer, keying) == RTMFP_OK) {
    parameters.size = rtmfp_writer_size (&writer);
  }
  rtmfp_signer_sign (session->signer, rtmfp_buffer_bytes (&parameters), rtmfp_bytes (NULL, 0),
                     buffer);
  keying->signature = rtmfp_buffer_bytes (buffer);
  rtmfp_buffer_clear (&parameters);
}

/* Queues IIKeying to DESTADDR. */
static void
send_initiator_keying (RtmfpSession *session) {
  RtmfpOpening *opening = session->opening;
  RtmfpBuffer signature = {0};
  RtmfpInitiatorKeying keying = {
      .session_id = session->near_id,
      .cookie_echo = rtmfp_buffer_bytes (&opening->cookie),
      .certificate = rtmfp_buffer_bytes (&session->near_certificate),
      .component = rtmfp_buffer_bytes (&session->initiator_component),
      .signature = rtmfp_signature_none (),
  };
  if (session->signer != NULL) {
    sign_initiator_keying (session, &keying, &signature);
  }
  RtmfpStartupPacket *packet = startup_packet (session, 0);
  RtmfpWriter writer =
      rtmfp_startup_packet_begin (packet, 64 + opening->cookie.size + keying.certificate.size +
                                              keying.component.size + keying.signature.size);
  if (rtmfp_write_initiator_keying (&writer, &keying) == RTMFP_OK) {
    rtmfp_startup_packet_end (packet, &writer);
  }
  rtmfp_buffer_clear (&signature);
}

/* Its key is made: IIKeying goes out, on its schedule. */
static void
initiator_key_made (RtmfpSession *session, RtmfpKeying *keying) {
  set_buffer (&session->initiator_component, rtmfp_keying_component (keying));
  session->opening->keying = keying;
  session->state = RTMFP_SESSION_KEYING_SENT;
}

void
rtmfp_session_advance_opening (RtmfpSession *session, int64_t now_us) {
  RtmfpOpening *opening = session->opening;
  if (opening == NULL) {
    return;
  }
  if (now_us >= opening->give_up_us) {
    rtmfp_session_end (session, RTMFP_CLOSE_TIMEOUT);
    return;
  }
  if (session->state == RTMFP_SESSION_KEYING_SENT && opening->retry.next_us <= now_us) {
    if (rtmfp_retry_step (&opening->retry, now_us)) {
      session->shared->counters.rule_handshake_retry++;
    }
    send_initiator_keying (session);
  }
}

static RtmfpStatus
receive_responder_keying (RtmfpSession *session, RtmfpBytes payload) {
  RtmfpResponderKeying keying;
  RtmfpStatus status = rtmfp_read_responder_keying (payload, &keying);
  if (status != RTMFP_OK) {
    return status;
  }
  if (session->state != RTMFP_SESSION_KEYING_SENT || keying.session_id == 0) {
    return RTMFP_UNSUPPORTED;
  }
  status =
      rtmfp_signer_check (session->signer, keying.signed_parameters,
                          rtmfp_buffer_bytes (&session->initiator_component), keying.signature);
  if (status != RTMFP_OK) {
    return status;
  }
  status = rtmfp_keying_take_response (session->opening->keying, keying.component);
  if (status != RTMFP_OK) {
    return status;
  }
  session->far_id = keying.session_id;
  set_buffer (&session->responder_component, keying.component);
  session->state = RTMFP_SESSION_KEYING_FINISH;
  RtmfpKeying *work = session->opening->keying;
  session->opening->keying = NULL;
  give_job (session, work);
  return RTMFP_OK;
}

/* The responder wants another cookie, once, s3.5.1.2. */
static RtmfpStatus
receive_cookie_change (RtmfpSession *session, RtmfpBytes payload, int64_t now_us) {
  RtmfpCookieChange change;
  RtmfpStatus status = rtmfp_read_cookie_change (payload, &change);
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpOpening *opening = session->opening;
  if (session->state != RTMFP_SESSION_KEYING_SENT || opening->cookie_changed ||
      change.new_cookie.size > RTMFP_COOKIE_BYTES_MAX ||
      !rtmfp_bytes_equal (change.old_cookie, rtmfp_buffer_bytes (&opening->cookie))) {
    return RTMFP_UNSUPPORTED;
  }
  opening->cookie_changed = true;
  set_buffer (&opening->cookie, change.new_cookie);
  rtmfp_retry_init (&opening->retry, now_us);
  session->shared->counters.rule_cookie_change++;
  rtmfp_session_advance_opening (session, now_us);
  return RTMFP_OK;
}

/* Packets under the new key may overtake RIKeying, or come while the keys are being computed. */
static RtmfpStatus
keep_early (RtmfpSession *session, RtmfpBytes datagram, const RtmfpPath *from, uint8_t ecn) {
  RtmfpOpening *opening = session->opening;
  if (opening->early_count == RTMFP_EARLY_PACKETS_MAX || datagram.size > RTMFP_DATAGRAM_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  RtmfpEarlyPacket *early = &opening->early[opening->early_count++];
  rtmfp_buffer_append (&early->datagram, datagram);
  early->from = *from;
  early->ecn = ecn;
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_session_receive_startup (RtmfpSession *session, RtmfpBytes datagram, const RtmfpPath *from,
                               uint8_t ecn, uint8_t *scratch, int64_t now_us) {
  if (session->state != RTMFP_SESSION_KEYING_SENT &&
      session->state != RTMFP_SESSION_KEYING_FINISH) {
    return RTMFP_UNSUPPORTED;
  }
  RtmfpBytes plain;
  if (rtmfp_protection_open (&session->shared->default_key, datagram, scratch, &plain) !=
      RTMFP_OK) {
    return keep_early (session, datagram, from, ecn);
  }
  RtmfpReader reader = rtmfp_reader (plain.data, plain.size);
  RtmfpPacketHeader header;
  RtmfpStatus status = rtmfp_read_packet_header (&reader, &header);
  if (status != RTMFP_OK || header.mode != RTMFP_MODE_STARTUP) {
    return status != RTMFP_OK ? status : RTMFP_MALFORMED;
  }
  if (session->shared->capture != NULL) {
    rtmfp_session_capture_packet (session, RTMFP_CAPTURE_PACKET_RECEIVED, from, plain,
                                  datagram.size);
  }
  status = RTMFP_OK;
  RtmfpChunk chunk;
  while (session->opening != NULL && rtmfp_read_chunk (&reader, &chunk)) {
    if (chunk.type == RTMFP_CHUNK_RESPONDER_KEYING) {
      status = receive_responder_keying (session, chunk.payload);
    } else if (chunk.type == RTMFP_CHUNK_COOKIE_CHANGE) {
      status = receive_cookie_change (session, chunk.payload, now_us);
    }
  }
  return status;
}

/* What came early is read now. */
static void
receive_early (RtmfpSession *session, RtmfpOpening *opening, int64_t now_us) {
  uint8_t scratch[RTMFP_DATAGRAM_BYTES_MAX];
  for (size_t i = 0; i < opening->early_count; i++) {
    RtmfpEarlyPacket *early = &opening->early[i];
    if (rtmfp_session_is_connected (session)) {
      RtmfpStatus status =
          rtmfp_session_receive_open (session, rtmfp_buffer_bytes (&early->datagram), &early->from,
                                      early->ecn, scratch, now_us);
      (void)status; /* noise, as likely as not */
    }
  }
}

static void
initiator_keys_computed (RtmfpSession *session, RtmfpKeying *keying, int64_t now_us) {
  RtmfpSessionKeys keys;
  if (rtmfp_keying_keys (keying, &keys) != RTMFP_OK) {
    /* That component was no good (or not the responder's own): wait for another. */
    session->opening->keying = keying;
    session->state = RTMFP_SESSION_KEYING_SENT;
    return;
  }
  rtmfp_keying_free (keying);
  rtmfp_session_become_open (session, &keys, now_us);
  rtmfp_session_keys_wipe (&keys);
  receive_early (session, session->opening, now_us);
  rtmfp_session_free_opening (session);
}

/* ---- Responder ---- */

RtmfpStatus
rtmfp_session_start_responder (RtmfpSession *session, const RtmfpNear *near,
                               const RtmfpInitiatorKeying *keying, const RtmfpPath *from) {
  RtmfpCertificate certificate;
  RtmfpStatus status = rtmfp_certificate_read (keying->certificate, &certificate);
  if (status == RTMFP_OK) {
    status = rtmfp_signer_check (near->signer, keying->signed_parameters, rtmfp_bytes (NULL, 0),
                                 keying->signature);
  }
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpKeying *work;
  status = rtmfp_keying_new_responder (near->credentials, keying->certificate, keying->component,
                                       &near->policy, &session->shared->rng, &work);
  if (status != RTMFP_OK) {
    return status;
  }
  session->state = RTMFP_SESSION_RESPONDING;
  session->signer = rtmfp_signer_copy (near->signer);
  session->identity = near->id;
  session->path = *from;
  session->moved = true;
  session->far_id = keying->session_id;
  session->far_fingerprint = certificate.fingerprint;
  set_buffer (&session->near_certificate, near->credentials->certificate.bytes);
  set_buffer (&session->far_certificate, keying->certificate);
  set_buffer (&session->initiator_component, keying->component);
  give_job (session, work);
  return RTMFP_OK;
}

bool
rtmfp_session_is_same_keying (const RtmfpSession *session, const RtmfpInitiatorKeying *keying) {
  return !session->is_initiator && session->far_id == keying->session_id &&
         rtmfp_bytes_equal (rtmfp_buffer_bytes (&session->far_certificate), keying->certificate) &&
         rtmfp_bytes_equal (rtmfp_buffer_bytes (&session->initiator_component), keying->component);
}

/* signature out: (borrowed from buffer). */
static void
sign_responder_keying (const RtmfpSession *session, RtmfpResponderKeying *keying,
                       RtmfpBuffer *buffer) {
  uint8_t parameters[RTMFP_COMPONENT_BYTES_MAX + 16];
  RtmfpWriter writer = rtmfp_writer (parameters, sizeof parameters);
  if (rtmfp_write_responder_signed_parameters (&writer, keying) == RTMFP_OK) {
    rtmfp_signer_sign (session->signer, rtmfp_bytes (parameters, rtmfp_writer_size (&writer)),
                       rtmfp_buffer_bytes (&session->initiator_component), buffer);
    keying->signature = rtmfp_buffer_bytes (buffer);
  }
}

void
rtmfp_session_resend_keying (RtmfpSession *session) {
  if (session->state != RTMFP_SESSION_OPEN) {
    return;
  }
  RtmfpBuffer signature = {0};
  RtmfpResponderKeying keying = {
      .session_id = session->near_id,
      .component = rtmfp_buffer_bytes (&session->responder_component),
      .signature = rtmfp_signature_none (),
  };
  if (session->signer != NULL) {
    sign_responder_keying (session, &keying, &signature);
  }
  RtmfpStartupPacket *packet = startup_packet (session, session->far_id);
  RtmfpWriter writer =
      rtmfp_startup_packet_begin (packet, 64 + keying.component.size + keying.signature.size);
  if (rtmfp_write_responder_keying (&writer, &keying) == RTMFP_OK) {
    rtmfp_startup_packet_end (packet, &writer);
  }
  rtmfp_buffer_clear (&signature);
}

static void
responder_keys_computed (RtmfpSession *session, RtmfpKeying *keying, int64_t now_us) {
  RtmfpSessionKeys keys;
  if (rtmfp_keying_keys (keying, &keys) != RTMFP_OK) {
    rtmfp_keying_free (keying);
    session->state = RTMFP_SESSION_CLOSED; /* nobody was told of it */
    return;
  }
  set_buffer (&session->responder_component, rtmfp_keying_component (keying));
  rtmfp_keying_free (keying);
  rtmfp_session_become_open (session, &keys, now_us);
  rtmfp_session_keys_wipe (&keys);
  rtmfp_session_resend_keying (session);
}

void
rtmfp_session_complete_job (RtmfpSession *session, RtmfpJob *job, int64_t now_us) {
  RtmfpKeying *keying = job->keying;
  job->keying = NULL;
  rtmfp_job_free (job);
  switch (session->state) {
  case RTMFP_SESSION_KEYING_MAKE:
    initiator_key_made (session, keying);
    rtmfp_session_advance_opening (session, now_us);
    break;
  case RTMFP_SESSION_KEYING_FINISH:
    initiator_keys_computed (session, keying, now_us);
    break;
  case RTMFP_SESSION_RESPONDING:
    responder_keys_computed (session, keying, now_us);
    break;
  default:
    rtmfp_keying_free (keying); /* it was closed meanwhile */
    break;
  }
}

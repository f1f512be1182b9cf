/* SPDX-License-Identifier: Apache-2.0 */
/* What a capture is told of a session: its states, keying, moves and figures, as they change. */
#include "core/session/session-state.h"

#include "core/base/memory.h"
#include "core/crypto/primitives.h"

#include <stdlib.h>
#include <string.h>

static RtmfpCaptureState
state_of (const RtmfpSession *session) {
  switch ((RtmfpSessionState)session->state) {
  case RTMFP_SESSION_HELLO_SENT:
    return RTMFP_CAPTURE_STATE_HELLO;
  case RTMFP_SESSION_KEYING_MAKE:
  case RTMFP_SESSION_KEYING_SENT:
  case RTMFP_SESSION_KEYING_FINISH:
  case RTMFP_SESSION_RESPONDING:
    return RTMFP_CAPTURE_STATE_KEYING;
  case RTMFP_SESSION_OPEN:
    return RTMFP_CAPTURE_STATE_OPEN;
  case RTMFP_SESSION_NEARCLOSE:
  case RTMFP_SESSION_FARCLOSE_LINGER:
    return RTMFP_CAPTURE_STATE_CLOSING;
  default:
    return RTMFP_CAPTURE_STATE_CLOSED;
  }
}

static const char *
suite_of (RtmfpAead aead) {
  return aead == RTMFP_AEAD_AES_128_GCM         ? "AES-128-GCM"
         : aead == RTMFP_AEAD_CHACHA20_POLY1305 ? "ChaCha20-Poly1305"
                                                : "AES-128-CBC";
}

static void
copy_keys (RtmfpCaptureKeying *keying, const RtmfpProtection *protection) {
  const RtmfpDirectionSecrets *out = &protection->sending, *in = &protection->receiving;
  const bool has_aead = protection->aead != RTMFP_AEAD_NONE;
  keying->key_bytes = protection->aead == RTMFP_AEAD_CHACHA20_POLY1305 ? RTMFP_AEAD_KEY_SIZE
                                                                       : RTMFP_CIPHER_KEY_SIZE;
  memcpy (keying->encrypt_key, has_aead ? out->aead.key : out->cbc.key, keying->key_bytes);
  memcpy (keying->decrypt_key, has_aead ? in->aead.key : in->cbc.key, keying->key_bytes);
  if (has_aead) {
    keying->iv_bytes = RTMFP_AEAD_NONCE_SIZE;
    memcpy (keying->encrypt_iv, out->aead.iv, RTMFP_AEAD_NONCE_SIZE);
    memcpy (keying->decrypt_iv, in->aead.iv, RTMFP_AEAD_NONCE_SIZE);
  }
}

/* What was negotiated, and on its own event the keys, if the host asked for them. */
static void
tell_keying (const RtmfpSession *session) {
  RtmfpCapture *capture = session->shared->capture;
  const RtmfpProtection *protection = &session->protection;
  RtmfpCaptureEvent event = {.type = RTMFP_CAPTURE_SESSION_KEYED,
                             .session = session->id,
                             .keying = {.is_initiator = session->is_initiator,
                                        .near_id = session->near_id,
                                        .far_id = session->far_id,
                                        .far_fingerprint = session->far_fingerprint,
                                        .peer_features = session->peer_features,
                                        .hmac_send_bytes = protection->hmac_send_bytes,
                                        .hmac_receive_bytes = protection->hmac_receive_bytes,
                                        .sends_sequence = protection->sends_sequence,
                                        .receives_sequence = protection->receives_sequence,
                                        .suite = suite_of ((RtmfpAead)protection->aead)}};
  rtmfp_capture_add (capture, &event);
  if (rtmfp_capture_exports_keys (capture)) {
    event.type = RTMFP_CAPTURE_SESSION_KEYS;
    copy_keys (&event.keying, protection);
    rtmfp_capture_add (capture, &event);
    rtmfp_secret_wipe (&event, sizeof event);
  }
}

static void
tell_state (RtmfpSession *session, RtmfpCaptureState state) {
  RtmfpCaptureTold *told = session->told;
  const RtmfpCaptureEvent event = {
      .type = RTMFP_CAPTURE_SESSION_STATE,
      .session = session->id,
      .old_state = told->state,
      .new_state = state,
      .packet = {.address = session->path.address, .interface_id = session->path.interface_id}};
  rtmfp_capture_add (session->shared->capture, &event);
  told->state = state;
  if (state == RTMFP_CAPTURE_STATE_OPEN) {
    told->address = session->path.address;
    tell_keying (session);
  }
}

static void
tell_figures (RtmfpSession *session) {
  RtmfpCaptureTold *told = session->told;
  RtmfpSessionInfo info;
  if (rtmfp_session_info (session, &info) != RTMFP_OK) {
    return;
  }
  RtmfpCaptureEvent event = {.type = RTMFP_CAPTURE_SESSION_ADDRESS,
                             .session = session->id,
                             .packet = {.address = info.address, .interface_id = info.interface_id},
                             .metrics = {.srtt_us = info.srtt_us,
                                         .cwnd_bytes = info.cwnd_bytes,
                                         .outstanding_bytes = info.outstanding_bytes,
                                         .lost = info.packets_lost,
                                         .lost_now = info.packets_lost - told->lost}};
  if (!rtmfp_address_equal (&told->address, &info.address)) {
    rtmfp_capture_add (session->shared->capture, &event);
    told->address = info.address;
  }
  if (event.metrics.lost_now > 0) {
    event.type = RTMFP_CAPTURE_PACKETS_LOST;
    rtmfp_capture_add (session->shared->capture, &event);
    told->lost = info.packets_lost;
  }
  if (told->srtt_us != info.srtt_us || told->cwnd_bytes != info.cwnd_bytes) {
    event.type = RTMFP_CAPTURE_METRICS;
    rtmfp_capture_add (session->shared->capture, &event);
    told->srtt_us = info.srtt_us;
    told->cwnd_bytes = info.cwnd_bytes;
  }
}

void
rtmfp_session_forget_told (RtmfpSession *session) {
  free (session->told);
  session->told = NULL;
}

void
rtmfp_session_observe (RtmfpSession *session) {
  if (session->told == NULL) {
    session->told = RTMFP_NEW (RtmfpCaptureTold);
  }
  const RtmfpCaptureState state = state_of (session);
  if (session->told->state != state) {
    tell_state (session, state);
  }
  if (state == RTMFP_CAPTURE_STATE_OPEN) {
    tell_figures (session);
  }
}

void
rtmfp_session_capture_packet (const RtmfpSession *session, RtmfpCaptureType type,
                              const RtmfpPath *path, RtmfpBytes plain, size_t datagram_bytes) {
  const RtmfpCapturePacket packet = {.address = path->address,
                                     .interface_id = path->interface_id,
                                     .datagram_bytes = (uint32_t)datagram_bytes};
  rtmfp_capture_packet (session->shared->capture, type, session->id, &packet, plain);
}

void
rtmfp_session_capture_copy (const RtmfpSession *session, const RtmfpPath *path) {
  rtmfp_session_capture_packet (session, RTMFP_CAPTURE_PACKET_SENT, path, (RtmfpBytes){0}, 0);
}

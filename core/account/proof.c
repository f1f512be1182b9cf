/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first message each way in a session: which key speaks, proven for this session and no other.
 */
#include "core/account/proof.h"

#include "core/account/primitives.h"

#include <string.h>

enum { TAG_FEATURES = 1, TAG_SIDE = 2, TAG_KEY = 3, TAG_SIGNATURE = 4, TAG_LAST = TAG_SIGNATURE };

static const char proof_label[] = "ahoy proof 1";
static const char bound_label[] = "ahoy bound 1";

static void
append_text (RtmfpBuffer *out, const char *text) {
  rtmfp_buffer_append (out, rtmfp_bytes (text, strlen (text) + 1));
}

void
ahoy_binding_make (const AhoyBindingInput *input, AhoyBinding *binding) {
  const RtmfpBytes parts[] = {input->initiator_certificate, input->responder_certificate,
                              input->initiator_component, input->responder_component};
  RtmfpBuffer text = {0};
  for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
    rtmfp_buffer_append_u32 (&text, (uint32_t)parts[i].size);
    rtmfp_buffer_append (&text, parts[i]);
  }
  binding->initiator = input->initiator;
  ahoy_sha256 (rtmfp_buffer_bytes (&text), binding->transcript);
  memcpy (binding->near_nonce, input->near_nonce, AHOY_NONCE_SIZE);
  memcpy (binding->far_nonce, input->far_nonce, AHOY_NONCE_SIZE);
  rtmfp_buffer_clear (&text);
}

/* Role, transcript and nonces as the signer sees them. */
static void
append_role (RtmfpBuffer *out, const AhoyBinding *binding, bool signer_is_near) {
  bool initiator = signer_is_near ? binding->initiator : !binding->initiator;
  rtmfp_buffer_append_u8 (out, initiator ? 1 : 2);
}

static void
append_session (RtmfpBuffer *out, const AhoyBinding *binding, bool signer_is_near) {
  const uint8_t *near = signer_is_near ? binding->near_nonce : binding->far_nonce;
  const uint8_t *far = signer_is_near ? binding->far_nonce : binding->near_nonce;
  rtmfp_buffer_append (out, rtmfp_bytes (binding->transcript, AHOY_HASH_SIZE));
  rtmfp_buffer_append (out, rtmfp_bytes (near, AHOY_NONCE_SIZE));
  rtmfp_buffer_append (out, rtmfp_bytes (far, AHOY_NONCE_SIZE));
}

/* What a proof signs. proof: features, side and key are read. */
static void
append_signed (RtmfpBuffer *out, const AhoyProof *proof, const AhoyBinding *binding,
               bool signer_is_near) {
  append_text (out, proof_label);
  rtmfp_buffer_append_u8 (out, (uint8_t)proof->side);
  append_role (out, binding, signer_is_near);
  rtmfp_buffer_append_u32 (out, proof->features);
  rtmfp_buffer_append (out, rtmfp_bytes (proof->key.bytes, AHOY_KEY_SIZE));
  append_session (out, binding, signer_is_near);
}

static void
append_field (RtmfpBuffer *out, uint8_t tag, const void *value, uint16_t size) {
  rtmfp_buffer_append_u8 (out, tag);
  rtmfp_buffer_append_u16 (out, size);
  rtmfp_buffer_append (out, rtmfp_bytes (value, size));
}

void
ahoy_proof_write (const AhoyIdentity *identity, AhoySide side, uint32_t features,
                  const AhoyBinding *binding, RtmfpBuffer *out) {
  const AhoyProof proof = {.features = features, .side = side, .key = identity->key};
  RtmfpBuffer text = {0};
  append_signed (&text, &proof, binding, true);
  AhoySignature signature;
  ahoy_identity_sign (identity, rtmfp_buffer_bytes (&text), &signature);
  rtmfp_buffer_clear (&text);

  rtmfp_buffer_append_u8 (out, AHOY_PROOF_VERSION);
  rtmfp_buffer_append_u8 (out, TAG_FEATURES);
  rtmfp_buffer_append_u16 (out, 4);
  rtmfp_buffer_append_u32 (out, features);
  const uint8_t side_byte = (uint8_t)side;
  append_field (out, TAG_SIDE, &side_byte, 1);
  append_field (out, TAG_KEY, identity->key.bytes, AHOY_KEY_SIZE);
  append_field (out, TAG_SIGNATURE, signature.bytes, AHOY_SIGNATURE_SIZE);
}

/* One known field. Returns: OK; MALFORMED. */
static RtmfpStatus
take_field (AhoyProof *proof, uint8_t tag, RtmfpBytes value) {
  static const size_t sizes[] = {
      [TAG_FEATURES] = 4, [TAG_SIDE] = 1, [TAG_KEY] = 32, [TAG_SIGNATURE] = 64};
  if (value.size != sizes[tag]) {
    return RTMFP_MALFORMED;
  }
  switch (tag) {
  case TAG_FEATURES:
    proof->features = (uint32_t)value.data[0] << 24 | (uint32_t)value.data[1] << 16 |
                      (uint32_t)value.data[2] << 8 | value.data[3];
    return RTMFP_OK;
  case TAG_SIDE:
    proof->side = (AhoySide)value.data[0];
    return value.data[0] >= AHOY_SIDE_SERVER && value.data[0] <= AHOY_SIDE_PEER ? RTMFP_OK
                                                                                : RTMFP_MALFORMED;
  case TAG_KEY:
    memcpy (proof->key.bytes, value.data, AHOY_KEY_SIZE);
    return RTMFP_OK;
  default:
    memcpy (proof->signature.bytes, value.data, AHOY_SIGNATURE_SIZE);
    return RTMFP_OK;
  }
}

static RtmfpStatus
read_fields (RtmfpReader *reader, AhoyProof *proof) {
  unsigned seen = 0;
  int last_tag = 0;
  while (rtmfp_reader_left (reader) > 0) {
    uint8_t tag = 0;
    uint16_t size = 0;
    RtmfpBytes value = {0};
    RtmfpStatus status = rtmfp_reader_u8 (reader, &tag);
    status = status == RTMFP_OK ? rtmfp_reader_u16 (reader, &size) : status;
    status = status == RTMFP_OK ? rtmfp_reader_take (reader, size, &value) : status;
    if (status == RTMFP_OK && (int)tag <= last_tag) {
      status = RTMFP_MALFORMED;
    }
    if (status == RTMFP_OK && tag <= TAG_LAST) {
      status = take_field (proof, tag, value);
      seen |= 1U << tag;
    }
    if (status != RTMFP_OK) {
      return status;
    }
    last_tag = tag;
  }
  const unsigned all = 1U << TAG_FEATURES | 1U << TAG_SIDE | 1U << TAG_KEY | 1U << TAG_SIGNATURE;
  return seen == all ? RTMFP_OK : RTMFP_MALFORMED;
}

RtmfpStatus
ahoy_proof_read (RtmfpBytes bytes, AhoyProof *proof) {
  if (bytes.size > AHOY_PROOF_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  RtmfpReader reader = rtmfp_reader (bytes.data, bytes.size);
  AhoyProof read = {.version = 0};
  RtmfpStatus status = rtmfp_reader_u8 (&reader, &read.version);
  if (status != RTMFP_OK) {
    return status;
  }
  if (read.version != AHOY_PROOF_VERSION) {
    return RTMFP_UNSUPPORTED;
  }
  status = read_fields (&reader, &read);
  if (status == RTMFP_OK) {
    *proof = read;
  }
  return status;
}

RtmfpStatus
ahoy_proof_verify (const AhoyProof *proof, AhoySide side, const AhoyBinding *binding) {
  if (proof->side != side) {
    return RTMFP_AUTH;
  }
  RtmfpBuffer text = {0};
  append_signed (&text, proof, binding, false);
  RtmfpStatus status = ahoy_key_verify (&proof->key, rtmfp_buffer_bytes (&text), &proof->signature);
  rtmfp_buffer_clear (&text);
  return status;
}

static void
append_bound (RtmfpBuffer *out, const AhoyBinding *binding, bool signer_is_near,
              const char *purpose, const char *subject) {
  append_text (out, bound_label);
  append_text (out, purpose);
  append_text (out, subject);
  append_role (out, binding, signer_is_near);
  append_session (out, binding, signer_is_near);
}

void
ahoy_binding_sign (const AhoyBinding *binding, const AhoyIdentity *identity, const char *purpose,
                   const char *subject, AhoySignature *signature) {
  RtmfpBuffer text = {0};
  append_bound (&text, binding, true, purpose, subject);
  ahoy_identity_sign (identity, rtmfp_buffer_bytes (&text), signature);
  rtmfp_buffer_clear (&text);
}

RtmfpStatus
ahoy_binding_verify (const AhoyBinding *binding, const AhoyKey *key, const char *purpose,
                     const char *subject, const AhoySignature *signature) {
  RtmfpBuffer text = {0};
  append_bound (&text, binding, false, purpose, subject);
  RtmfpStatus status = ahoy_key_verify (key, rtmfp_buffer_bytes (&text), signature);
  rtmfp_buffer_clear (&text);
  return status;
}

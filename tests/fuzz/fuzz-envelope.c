/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An envelope. First byte 0: the rest is the envelope as it came. Else the rest is what a false
 * friend signs and seals to us, so that the reader of the inside is reached. */
#include "core/account/envelope.h"
#include "core/account/primitives.h"
#include "tests/account/fixture.h"
#include "tests/fuzz/target.h"

#define CLEAR_SIZE (1 + AHOY_MESSAGE_ID_SIZE + AHOY_X25519_SIZE)

static void
seal_inside (RtmfpBytes inside, const AhoyIdentity *sender, const AhoyKey *recipient,
             RtmfpBuffer *out) {
  uint8_t clear[CLEAR_SIZE] = {AHOY_ENVELOPE_VERSION}, secret[32] = {7}, far[32], shared[32];
  ahoy_x25519_public (secret, clear + 1 + AHOY_MESSAGE_ID_SIZE);
  FUZZ_ASSERT (ahoy_x25519_public_of_key (recipient->bytes, far) &&
               ahoy_x25519_shared (secret, far, shared));
  uint8_t salt[64], keys[AHOY_AEAD_KEY_SIZE + AHOY_AEAD_NONCE_SIZE];
  memcpy (salt, clear + 1 + AHOY_MESSAGE_ID_SIZE, 32);
  memcpy (salt + 32, far, 32);
  ahoy_hkdf_sha256 (rtmfp_bytes (shared, 32), rtmfp_bytes (salt, 64), "ahoy envelope key 1", keys,
                    sizeof keys);
  RtmfpBuffer text = {0}, plain = {0};
  rtmfp_buffer_append (&text, rtmfp_bytes ("ahoy envelope 1", 16));
  rtmfp_buffer_append (&text, rtmfp_bytes (recipient->bytes, 32));
  rtmfp_buffer_append (&text, rtmfp_bytes (clear, sizeof clear));
  rtmfp_buffer_append (&text, rtmfp_bytes (sender->key.bytes, 32));
  rtmfp_buffer_append (&text, inside);
  AhoySignature signature;
  ahoy_identity_sign (sender, rtmfp_buffer_bytes (&text), &signature);
  rtmfp_buffer_append (&plain, rtmfp_bytes (sender->key.bytes, 32));
  rtmfp_buffer_append (&plain, rtmfp_bytes (signature.bytes, 64));
  rtmfp_buffer_append (&plain, inside);
  rtmfp_buffer_append (out, rtmfp_bytes (clear, sizeof clear));
  ahoy_aead_seal (keys, keys + AHOY_AEAD_KEY_SIZE, rtmfp_bytes (clear, sizeof clear),
                  rtmfp_buffer_bytes (&plain),
                  rtmfp_buffer_reserve (out, plain.size + AHOY_AEAD_TAG_SIZE));
  out->size += plain.size + AHOY_AEAD_TAG_SIZE;
  rtmfp_buffer_clear (&text);
  rtmfp_buffer_clear (&plain);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  static AhoyIdentity ada, bob;
  static bool ready;
  if (!ready) {
    ada = fixture_identity (1);
    bob = fixture_identity (2);
    ready = true;
  }
  if (size == 0) {
    return 0;
  }
  const RtmfpBytes rest = rtmfp_bytes (data + 1, size - 1);
  RtmfpBuffer envelope = {0}, plain = {0};
  if (data[0] == 0) {
    rtmfp_buffer_append (&envelope, rest);
  } else {
    seal_inside (rest, &ada, &bob.key, &envelope);
  }
  AhoyName from = {.user = "ada", .host = "h", .port = 1935};
  AhoyName to = {.user = "bob", .host = "h", .port = 1935};
  AhoyPin pin = {.is_set = true, .key = ada.key};
  AhoyMessage message;
  AhoyEnvelopeFault fault;
  RtmfpStatus status = ahoy_envelope_open (rtmfp_buffer_bytes (&envelope), &bob, &from, &to, &pin,
                                           &plain, &message, NULL, &fault);
  FUZZ_ASSERT ((status == RTMFP_OK) == (fault == AHOY_ENVELOPE_OK));
  FUZZ_ASSERT (data[0] == 0 || envelope.size > AHOY_ENVELOPE_BYTES_MAX ||
               fault != AHOY_ENVELOPE_NOT_OURS);
  if (status == RTMFP_OK) {
    FUZZ_ASSERT (message.body.size <= AHOY_BODY_BYTES_MAX && message.time_ms >= 0);
    FUZZ_ASSERT (ahoy_name_is_user (message.sender.user));
  } else {
    FUZZ_ASSERT (plain.size == 0);
  }
  rtmfp_buffer_clear (&envelope);
  rtmfp_buffer_clear (&plain);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/session-keys.h"

#include "core/crypto/primitives.h"

#include <string.h>

static RtmfpBytes
key_bytes (const uint8_t key[RTMFP_HMAC_SIZE]) {
  return rtmfp_bytes (key, RTMFP_HMAC_SIZE);
}

void
rtmfp_session_keys_derive (RtmfpSessionKeys *keys, RtmfpBytes dh_secret, RtmfpBytes near_component,
                           RtmfpBytes far_component) {
  uint8_t inner[RTMFP_HMAC_SIZE];
  RtmfpHmacKey secret; /* the key of all but two */
  rtmfp_hmac_key_init (&secret, dh_secret);
  rtmfp_hmac_sha256 (far_component, near_component, inner);
  rtmfp_hmac (&secret, key_bytes (inner), keys->encrypt_key);
  rtmfp_hmac_sha256 (near_component, far_component, inner);
  rtmfp_hmac (&secret, key_bytes (inner), keys->decrypt_key);
  rtmfp_secret_wipe (inner, sizeof inner);
  rtmfp_hmac (&secret, key_bytes (keys->encrypt_key), keys->hmac_send_key);
  rtmfp_hmac (&secret, key_bytes (keys->decrypt_key), keys->hmac_receive_key);
  rtmfp_hmac (&secret, near_component, keys->near_nonce);
  rtmfp_hmac (&secret, far_component, keys->far_nonce);
  rtmfp_secret_wipe (&secret, sizeof secret);
}

/* HMAC-SHA256(direction_key, label, cipher), cut to size. */
static void
expand (const uint8_t direction_key[RTMFP_HMAC_SIZE], const char *label, RtmfpAead aead,
        uint8_t *out, size_t size) {
  uint8_t message[32], digest[RTMFP_HMAC_SIZE];
  const size_t length = strlen (label);
  memcpy (message, label, length);
  message[length] = (uint8_t)aead;
  rtmfp_hmac_sha256 (key_bytes (direction_key), rtmfp_bytes (message, length + 1), digest);
  memcpy (out, digest, size);
  rtmfp_secret_wipe (digest, sizeof digest);
}

void
rtmfp_session_keys_derive_aead (RtmfpSessionKeys *keys, RtmfpAead aead) {
  keys->aead = aead;
  if (aead == RTMFP_AEAD_NONE) {
    return;
  }
  expand (keys->encrypt_key, "ahoy aead key", aead, keys->aead_send_key, RTMFP_AEAD_KEY_SIZE);
  expand (keys->decrypt_key, "ahoy aead key", aead, keys->aead_receive_key, RTMFP_AEAD_KEY_SIZE);
  expand (keys->encrypt_key, "ahoy aead iv", aead, keys->aead_send_iv, RTMFP_AEAD_NONCE_SIZE);
  expand (keys->decrypt_key, "ahoy aead iv", aead, keys->aead_receive_iv, RTMFP_AEAD_NONCE_SIZE);
}

void
rtmfp_session_keys_next_aead (RtmfpAead aead, uint8_t *key, uint8_t *iv) {
  uint8_t before[RTMFP_AEAD_KEY_SIZE];
  memcpy (before, key, sizeof before);
  expand (before, "ahoy aead next key", aead, key, RTMFP_AEAD_KEY_SIZE);
  expand (before, "ahoy aead next iv", aead, iv, RTMFP_AEAD_NONCE_SIZE);
  rtmfp_secret_wipe (before, sizeof before);
}

void
rtmfp_session_keys_negotiate (RtmfpSessionKeys *keys, const RtmfpKeyingComponent *near_says,
                              const RtmfpKeyingComponent *far_says) {
  bool sends_hmac = rtmfp_negotiation_sends (&near_says->hmac, &far_says->hmac);
  bool receives_hmac = rtmfp_negotiation_sends (&far_says->hmac, &near_says->hmac);
  keys->hmac_send_bytes = sends_hmac ? near_says->hmac.hmac_bytes : 0;
  keys->hmac_receive_bytes = receives_hmac ? far_says->hmac.hmac_bytes : 0;
  keys->sends_sequence = rtmfp_negotiation_sends (&near_says->sequence, &far_says->sequence);
  keys->far_features = far_says->features;
  keys->receives_sequence = rtmfp_negotiation_sends (&far_says->sequence, &near_says->sequence);
}

void
rtmfp_session_keys_wipe (RtmfpSessionKeys *keys) {
  rtmfp_secret_wipe (keys, sizeof *keys);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/session-keys.h"

#include "core/crypto/primitives.h"

static RtmfpBytes
key_bytes (const uint8_t key[RTMFP_HMAC_SIZE]) {
  return rtmfp_bytes (key, RTMFP_HMAC_SIZE);
}

void
rtmfp_session_keys_derive (RtmfpSessionKeys *keys, RtmfpBytes dh_secret, RtmfpBytes near_component,
                           RtmfpBytes far_component) {
  uint8_t inner[RTMFP_HMAC_SIZE];
  rtmfp_hmac_sha256 (far_component, near_component, inner);
  rtmfp_hmac_sha256 (dh_secret, key_bytes (inner), keys->encrypt_key);
  rtmfp_hmac_sha256 (near_component, far_component, inner);
  rtmfp_hmac_sha256 (dh_secret, key_bytes (inner), keys->decrypt_key);
  rtmfp_secret_wipe (inner, sizeof inner);
  rtmfp_hmac_sha256 (dh_secret, key_bytes (keys->encrypt_key), keys->hmac_send_key);
  rtmfp_hmac_sha256 (dh_secret, key_bytes (keys->decrypt_key), keys->hmac_receive_key);
  rtmfp_hmac_sha256 (dh_secret, near_component, keys->near_nonce);
  rtmfp_hmac_sha256 (dh_secret, far_component, keys->far_nonce);
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

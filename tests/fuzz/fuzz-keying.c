/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A whole key agreement with a hostile end. The input: one byte that chooses the near end, two of
 * the certificate's length, certificate, component. As a responder to it, and as an initiator that
 * it answers. */
#include "core/crypto/keying.h"
#include "tests/fuzz/target.h"

static void
fill (void *user, uint8_t *out, size_t size) {
  uint8_t *next = user;
  for (size_t i = 0; i < size; i++) {
    out[i] = (uint8_t)(*next += 73);
  }
}

static void
finish (RtmfpKeying *keying, uint32_t offered) {
  RtmfpSessionKeys keys;
  rtmfp_keying_run (keying);
  RtmfpStatus status = rtmfp_keying_keys (keying, &keys);
  FUZZ_ASSERT (status == RTMFP_OK || status == RTMFP_MALFORMED);
  FUZZ_ASSERT (status != RTMFP_OK || keys.hmac_send_bytes <= 32);
  FUZZ_ASSERT (status != RTMFP_OK || keys.aead == RTMFP_AEAD_NONE || (keys.aead & offered) != 0);
  rtmfp_keying_free (keying);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  static RtmfpCredentials credentials[2]; /* ephemeral and static */
  static uint8_t state;
  const RtmfpRng rng = {.fill = fill, .user = &state};
  if (credentials[0].bytes == NULL) {
    for (int i = 0; i < 2; i++) {
      const RtmfpCredentialsOptions options = {.groups = RTMFP_GROUP_X25519 | RTMFP_GROUP_2,
                                               .aeads = RTMFP_AEAD_ALL,
                                               .static_keys = i == 1};
      FUZZ_ASSERT (rtmfp_credentials_init (&credentials[i], &options, &rng) == RTMFP_OK);
    }
  }
  RtmfpReader reader = rtmfp_reader (data, size);
  uint8_t choice;
  uint16_t certificate_size;
  RtmfpBytes certificate;
  if (rtmfp_reader_u8 (&reader, &choice) != RTMFP_OK ||
      rtmfp_reader_u16 (&reader, &certificate_size) != RTMFP_OK ||
      rtmfp_reader_take (&reader, certificate_size, &certificate) != RTMFP_OK) {
    return 0;
  }
  RtmfpBytes component = rtmfp_reader_rest (&reader);
  const RtmfpCredentials *near_end = &credentials[choice & 1];
  const uint32_t aeads = choice >> 4 & RTMFP_AEAD_ALL;
  const RtmfpKeyingPolicy policy = {.aeads = aeads,
                                    .preferred_aead = choice >> 6,
                                    .offers_hmac = (choice & 2) != 0,
                                    .offers_sequence = (choice & 2) != 0,
                                    .requires_hmac = (choice & 4) != 0,
                                    .requires_sequence = (choice & 8) != 0};
  RtmfpKeying *keying;
  if (rtmfp_keying_new_responder (near_end, certificate, component, &policy, &rng, &keying) ==
      RTMFP_OK) {
    finish (keying, aeads);
  }
  if (rtmfp_keying_new_initiator (near_end, certificate, &policy, &rng, &keying) == RTMFP_OK) {
    rtmfp_keying_run (keying);
    if (rtmfp_keying_take_response (keying, component) == RTMFP_OK) {
      finish (keying, aeads);
    } else {
      rtmfp_keying_free (keying);
    }
  }
  return 0;
}

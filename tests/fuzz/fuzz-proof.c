/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A proof: only the one that was made for this session verifies. */
#include "tests/account/fixture.h"
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  AhoyBinding initiator, responder;
  fixture_bindings (1, &initiator, &responder);
  AhoyGreeting greeting;
  ahoy_greeting_init (&greeting, AHOY_SIDE_PEER, &responder, NULL);
  RtmfpStatus status = ahoy_greeting_receive (&greeting, rtmfp_bytes (data, size));
  FUZZ_ASSERT ((status == RTMFP_OK) == (greeting.fault == AHOY_GREETING_OK));
  AhoyProof proof;
  if (ahoy_proof_read (rtmfp_bytes (data, size), &proof) != RTMFP_OK) {
    FUZZ_ASSERT (status != RTMFP_OK);
    return 0;
  }
  FUZZ_ASSERT (proof.version == AHOY_PROOF_VERSION && size <= AHOY_PROOF_BYTES_MAX);
  if (status == RTMFP_OK) {
    FUZZ_ASSERT (ahoy_proof_verify (&proof, AHOY_SIDE_PEER, &responder) == RTMFP_OK);
    FUZZ_ASSERT (ahoy_proof_verify (&proof, AHOY_SIDE_PEER, &initiator) == RTMFP_AUTH);
  }
  return 0;
}

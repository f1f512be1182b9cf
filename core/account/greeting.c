/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The greeting of a session: who may speak when, and which proof is taken (declared in proof.h). */
#include "core/account/proof.h"

#include <string.h>

void
ahoy_greeting_init (AhoyGreeting *greeting, AhoySide near_side, const AhoyBinding *binding,
                    const AhoyKey *expected) {
  static const AhoySide far_sides[] = {[AHOY_SIDE_SERVER] = AHOY_SIDE_CLIENT,
                                       [AHOY_SIDE_CLIENT] = AHOY_SIDE_SERVER,
                                       [AHOY_SIDE_PEER] = AHOY_SIDE_PEER};
  *greeting = (AhoyGreeting){.near_side = near_side,
                             .far_side = far_sides[near_side],
                             .binding = *binding,
                             .has_expected = expected != NULL};
  if (expected != NULL) {
    greeting->expected = *expected;
  }
}

bool
ahoy_greeting_may_send (const AhoyGreeting *greeting) {
  return greeting->fault == AHOY_GREETING_OK &&
         (greeting->near_side != AHOY_SIDE_CLIENT || greeting->received > 0);
}

RtmfpStatus
ahoy_greeting_send (AhoyGreeting *greeting, const AhoyIdentity *identity, uint32_t features,
                    RtmfpBuffer *out) {
  if (!ahoy_greeting_may_send (greeting)) {
    return RTMFP_STATE;
  }
  unsigned most = greeting->near_side == AHOY_SIDE_CLIENT ? AHOY_GREETING_PROOFS_MAX : 1;
  if (greeting->sent >= most) {
    return RTMFP_LIMIT;
  }
  ahoy_proof_write (identity, greeting->near_side, features, &greeting->binding, out);
  greeting->sent++;
  return RTMFP_OK;
}

static RtmfpStatus
fail (AhoyGreeting *greeting, AhoyGreetingFault fault, RtmfpStatus status) {
  greeting->fault = fault;
  return status;
}

RtmfpStatus
ahoy_greeting_receive (AhoyGreeting *greeting, RtmfpBytes bytes) {
  if (greeting->fault != AHOY_GREETING_OK) {
    return RTMFP_STATE;
  }
  unsigned most = greeting->far_side == AHOY_SIDE_CLIENT ? AHOY_GREETING_PROOFS_MAX : 1;
  if (greeting->received >= most) {
    return fail (greeting, AHOY_GREETING_TOO_MANY, RTMFP_LIMIT);
  }
  AhoyProof proof;
  RtmfpStatus status = ahoy_proof_read (bytes, &proof);
  if (status != RTMFP_OK) {
    bool newer = status == RTMFP_UNSUPPORTED;
    return fail (greeting, newer ? AHOY_GREETING_VERSION : AHOY_GREETING_JUNK,
                 newer ? status : RTMFP_MALFORMED);
  }
  if (ahoy_proof_verify (&proof, greeting->far_side, &greeting->binding) != RTMFP_OK) {
    return fail (greeting, AHOY_GREETING_FORGED, RTMFP_AUTH);
  }
  greeting->far_key = proof.key;
  greeting->far_features = proof.features;
  if (greeting->has_expected && !ahoy_key_equal (&greeting->expected, &proof.key)) {
    return fail (greeting, AHOY_GREETING_KEY_CHANGED, RTMFP_AUTH);
  }
  greeting->received++;
  return RTMFP_OK;
}

bool
ahoy_greeting_is_done (const AhoyGreeting *greeting) {
  return greeting->fault == AHOY_GREETING_OK && greeting->sent > 0 && greeting->received > 0;
}

const char *
ahoy_greeting_fault_text (AhoyGreetingFault fault) {
  static const char *const texts[] = {
      [AHOY_GREETING_OK] = "The other side proved who it is.",
      [AHOY_GREETING_JUNK] = "The other side did not say who it is in a way that Ahoy understands.",
      [AHOY_GREETING_VERSION] =
          "The other side speaks another version of Ahoy; update the older of the two programs.",
      [AHOY_GREETING_FORGED] =
          ("The other side could not prove who it is; somebody may be listening "
           "between you, so the connection was closed."),
      [AHOY_GREETING_KEY_CHANGED] =
          ("The other side proved another key than the one known from before; "
           "ask them in another way whether they changed it."),
      [AHOY_GREETING_TOO_MANY] = "The other side introduced itself too often.",
  };
  return (size_t)fault < sizeof texts / sizeof texts[0] ? texts[fault] : "";
}

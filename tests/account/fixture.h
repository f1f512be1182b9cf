/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of accounts share: a seeded generator, made-up people and one made-up session. */
#ifndef AHOY_TESTS_ACCOUNT_FIXTURE_H
#define AHOY_TESTS_ACCOUNT_FIXTURE_H

#include "core/account/proof.h"

#include <glib.h>
#include <string.h>

static inline void
fixture_fill (void *user, uint8_t *out, size_t size) {
  uint64_t *state = (uint64_t *)user;
  for (size_t i = 0; i < size; i++) {
    *state += UINT64_C (0x9e3779b97f4a7c15);
    uint64_t z = *state;
    z = (z ^ z >> 30) * UINT64_C (0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C (0x94d049bb133111eb);
    out[i] = (uint8_t)(z ^ z >> 31);
  }
}

/* A generator over *state, which is its seed. */
static inline RtmfpRng
fixture_rng (uint64_t *state) {
  return (RtmfpRng){.fill = fixture_fill, .user = state};
}

static inline AhoyIdentity
fixture_identity (uint64_t seed) {
  AhoyIdentity identity;
  RtmfpRng rng = fixture_rng (&seed);
  ahoy_identity_make (&rng, &identity);
  return identity;
}

/* Both ends' view of one session; variant changes what the far session would share. */
static inline void
fixture_bindings (uint8_t variant, AhoyBinding *initiator, AhoyBinding *responder) {
  static uint8_t nonce_a[AHOY_NONCE_SIZE], nonce_b[AHOY_NONCE_SIZE];
  uint8_t component[3] = {1, 2, variant};
  memset (nonce_a, 0xaa, sizeof nonce_a);
  memset (nonce_b, 0xbb, sizeof nonce_b);
  AhoyBindingInput input = {
      .initiator = true,
      .initiator_certificate = rtmfp_bytes ("certificate-a", 13),
      .responder_certificate = rtmfp_bytes ("certificate-b", 13),
      .initiator_component = rtmfp_bytes (component, 3),
      .responder_component = rtmfp_bytes ("component-b", 11),
      .near_nonce = nonce_a,
      .far_nonce = nonce_b,
  };
  ahoy_binding_make (&input, initiator);
  input.initiator = false;
  input.near_nonce = nonce_b;
  input.far_nonce = nonce_a;
  ahoy_binding_make (&input, responder);
}

static inline void
fixture_unhex (const char *hex, uint8_t *out) {
  for (size_t i = 0; hex[2 * i] != '\0'; i++) {
    out[i] =
        (uint8_t)(g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  }
}

#endif

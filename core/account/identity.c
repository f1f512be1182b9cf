/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who somebody is to machines: an Ed25519 key pair (RFC 8032) that outlives every session. */
#include "core/account/identity.h"

#include "core/account/primitives.h"
#include "core/account/text.h"

#include <string.h>

void
ahoy_identity_make (const RtmfpRng *rng, AhoyIdentity *identity) {
  rtmfp_rng_fill (rng, identity->seed, sizeof identity->seed);
  ahoy_ed25519_public (identity->seed, identity->key.bytes);
}

void
ahoy_identity_from_seed (const uint8_t seed[AHOY_SEED_SIZE], AhoyIdentity *identity) {
  memmove (identity->seed, seed, AHOY_SEED_SIZE);
  ahoy_ed25519_public (identity->seed, identity->key.bytes);
}

void
ahoy_identity_clear (AhoyIdentity *identity) {
  ahoy_wipe (identity, sizeof *identity);
}

void
ahoy_identity_sign (const AhoyIdentity *identity, RtmfpBytes message, AhoySignature *signature) {
  ahoy_ed25519_sign (identity->seed, message, signature->bytes);
}

RtmfpStatus
ahoy_key_verify (const AhoyKey *key, RtmfpBytes message, const AhoySignature *signature) {
  return ahoy_ed25519_verify (key->bytes, message, signature->bytes) ? RTMFP_OK : RTMFP_AUTH;
}

bool
ahoy_key_equal (const AhoyKey *a, const AhoyKey *b) {
  return memcmp (a->bytes, b->bytes, AHOY_KEY_SIZE) == 0;
}

void
ahoy_key_format (const AhoyKey *key, char *text) {
  ahoy_base64url_write (rtmfp_bytes (key->bytes, AHOY_KEY_SIZE), text);
}

RtmfpStatus
ahoy_key_parse (const char *text, AhoyKey *key) {
  return ahoy_base64url_read (text, strlen (text), key->bytes, AHOY_KEY_SIZE);
}

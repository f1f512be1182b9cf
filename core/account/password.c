/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a password becomes: a sign-in key and a key that wraps the identity (scrypt RFC 7914, HKDF
 * RFC 5869). */
#include "core/account/password.h"

#include "core/account/primitives.h"

#include <string.h>

#define PARAMS_VERSION 1
#define WRAPPED_VERSION 1

static const char false_salt_label[] = "ahoy false salt 1";

void
ahoy_password_params_make (const RtmfpRng *rng, AhoyPasswordParams *params) {
  *params =
      (AhoyPasswordParams){.log2_n = AHOY_SCRYPT_LOG2_N, .r = AHOY_SCRYPT_R, .p = AHOY_SCRYPT_P};
  rtmfp_rng_fill (rng, params->salt, AHOY_SALT_SIZE);
}

void
ahoy_password_params_write (const AhoyPasswordParams *params,
                            uint8_t bytes[AHOY_PASSWORD_PARAMS_SIZE]) {
  bytes[0] = PARAMS_VERSION;
  bytes[1] = params->log2_n;
  bytes[2] = params->r;
  bytes[3] = params->p;
  memcpy (bytes + 4, params->salt, AHOY_SALT_SIZE);
}

RtmfpStatus
ahoy_password_params_check (const AhoyPasswordParams *params) {
  bool ok = params->log2_n >= AHOY_SCRYPT_LOG2_N_MIN && params->log2_n <= AHOY_SCRYPT_LOG2_N_MAX &&
            params->r == AHOY_SCRYPT_R && params->p >= 1 && params->p <= AHOY_SCRYPT_P_MAX;
  return ok ? RTMFP_OK : RTMFP_LIMIT;
}

RtmfpStatus
ahoy_password_params_read (RtmfpBytes bytes, AhoyPasswordParams *params) {
  if (bytes.size != AHOY_PASSWORD_PARAMS_SIZE) {
    return RTMFP_MALFORMED;
  }
  if (bytes.data[0] != PARAMS_VERSION) {
    return RTMFP_UNSUPPORTED;
  }
  AhoyPasswordParams read = {.log2_n = bytes.data[1], .r = bytes.data[2], .p = bytes.data[3]};
  memcpy (read.salt, bytes.data + 4, AHOY_SALT_SIZE);
  RtmfpStatus status = ahoy_password_params_check (&read);
  if (status == RTMFP_OK) {
    *params = read;
  }
  return status;
}

void
ahoy_password_params_false (const uint8_t secret[AHOY_SERVER_SECRET_SIZE], const char *user,
                            AhoyPasswordParams *params) {
  uint8_t key[32];
  uint8_t mac[32];
  /* A key of its own for this purpose, whatever else the secret serves. */
  ahoy_hmac_sha256 (rtmfp_bytes (secret, AHOY_SERVER_SECRET_SIZE),
                    rtmfp_bytes (false_salt_label, sizeof false_salt_label), key);
  ahoy_hmac_sha256 (rtmfp_bytes (key, sizeof key), rtmfp_bytes (user, strlen (user)), mac);
  *params =
      (AhoyPasswordParams){.log2_n = AHOY_SCRYPT_LOG2_N, .r = AHOY_SCRYPT_R, .p = AHOY_SCRYPT_P};
  memcpy (params->salt, mac, AHOY_SALT_SIZE);
  ahoy_wipe (key, sizeof key);
}

RtmfpStatus
ahoy_password_derive (RtmfpBytes password, const AhoyPasswordParams *params,
                      AhoyPasswordKeys *keys) {
  if (password.size > AHOY_PASSWORD_BYTES_MAX || ahoy_password_params_check (params) != RTMFP_OK) {
    return RTMFP_LIMIT;
  }
  uint8_t root[32];
  uint8_t seed[AHOY_SEED_SIZE];
  const RtmfpBytes salt = rtmfp_bytes (params->salt, AHOY_SALT_SIZE);
  ahoy_scrypt (password, salt, params->log2_n, params->r, params->p, root, sizeof root);
  const RtmfpBytes secret = rtmfp_bytes (root, sizeof root);
  ahoy_hkdf_sha256 (secret, salt, "ahoy sign in 1", seed, sizeof seed);
  ahoy_hkdf_sha256 (secret, salt, "ahoy wrap 1", keys->wrapping_key, AHOY_WRAPPING_KEY_SIZE);
  ahoy_identity_from_seed (seed, &keys->sign_in);
  ahoy_wipe (root, sizeof root);
  ahoy_wipe (seed, sizeof seed);
  return RTMFP_OK;
}

void
ahoy_password_keys_clear (AhoyPasswordKeys *keys) {
  ahoy_wipe (keys, sizeof *keys);
}

void
ahoy_password_wrap (const AhoyPasswordKeys *keys, const AhoyIdentity *identity, const RtmfpRng *rng,
                    uint8_t wrapped[AHOY_WRAPPED_SIZE]) {
  wrapped[0] = WRAPPED_VERSION;
  rtmfp_rng_fill (rng, wrapped + 1, AHOY_AEAD_NONCE_SIZE);
  ahoy_aead_seal (keys->wrapping_key, wrapped + 1, rtmfp_bytes (wrapped, 1),
                  rtmfp_bytes (identity->seed, AHOY_SEED_SIZE), wrapped + 1 + AHOY_AEAD_NONCE_SIZE);
}

RtmfpStatus
ahoy_password_unwrap (const AhoyPasswordKeys *keys, RtmfpBytes wrapped, AhoyIdentity *identity) {
  if (wrapped.size != AHOY_WRAPPED_SIZE) {
    return RTMFP_MALFORMED;
  }
  if (wrapped.data[0] != WRAPPED_VERSION) {
    return RTMFP_UNSUPPORTED;
  }
  uint8_t seed[AHOY_SEED_SIZE];
  const size_t before = 1 + AHOY_AEAD_NONCE_SIZE;
  if (!ahoy_aead_open (keys->wrapping_key, wrapped.data + 1, rtmfp_bytes (wrapped.data, 1),
                       rtmfp_bytes (wrapped.data + before, wrapped.size - before), seed)) {
    return RTMFP_AUTH;
  }
  ahoy_identity_from_seed (seed, identity);
  ahoy_wipe (seed, sizeof seed);
  return RTMFP_OK;
}

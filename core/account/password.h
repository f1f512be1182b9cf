/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a password becomes: a sign-in key of which the server keeps the public half, and a key that
 * wraps the identity, so that a stolen store signs nobody in and opens nothing (scrypt, RFC 7914;
 * HKDF, RFC 5869). */
#ifndef AHOY_ACCOUNT_PASSWORD_H
#define AHOY_ACCOUNT_PASSWORD_H

#include "core/account/identity.h"
#include "core/account/params.h"

#define AHOY_SALT_SIZE 16
#define AHOY_WRAPPING_KEY_SIZE 32
/* Parameters as stored and sent: u8 version, u8 log2 N, u8 r, u8 p, 16 salt. */
#define AHOY_PASSWORD_PARAMS_SIZE 20
/* A wrapped seed: u8 version, 12 nonce, 32 sealed seed, 16 tag (ChaCha20-Poly1305). */
#define AHOY_WRAPPED_SIZE 61
#define AHOY_SERVER_SECRET_SIZE 32

typedef struct {
  uint8_t log2_n; /* scrypt's N as its logarithm */
  uint8_t r;
  uint8_t p;
  uint8_t salt[AHOY_SALT_SIZE];
} AhoyPasswordParams;

/* Secret: ahoy_password_keys_clear() when done. */
typedef struct {
  AhoyIdentity sign_in; /* the server keeps sign_in.key */
  uint8_t wrapping_key[AHOY_WRAPPING_KEY_SIZE];
} AhoyPasswordKeys;

/* Today's costs with a fresh salt, for a new account or a new password. */
void ahoy_password_params_make (const RtmfpRng *rng, AhoyPasswordParams *params);
void ahoy_password_params_write (const AhoyPasswordParams *params,
                                 uint8_t bytes[AHOY_PASSWORD_PARAMS_SIZE]);
/* Returns: OK; MALFORMED (size); UNSUPPORTED (version); LIMIT (weaker or dearer than we take). */
RTMFP_MUST_USE RtmfpStatus ahoy_password_params_read (RtmfpBytes bytes, AhoyPasswordParams *params);

/* Returns: OK; LIMIT (weaker or dearer than we take). For parameters that came field by field. */
RTMFP_MUST_USE RtmfpStatus ahoy_password_params_check (const AhoyPasswordParams *params);

/* What a server answers for names that it does not know: always the same for one name, and like a
 * true one. user: the name's user part. */
void ahoy_password_params_false (const uint8_t secret[AHOY_SERVER_SECRET_SIZE], const char *user,
                                 AhoyPasswordParams *params);

/* Slow (some 100 ms) and hungry (N * r * 128 bytes, 32 MiB today): run it as a job, off the packet
 * thread. Pure: touches nothing but its arguments. password: (borrowed) UTF-8. Returns: OK; LIMIT
 * (password longer than AHOY_PASSWORD_BYTES_MAX, or parameters out of bounds). */
RTMFP_MUST_USE RtmfpStatus ahoy_password_derive (RtmfpBytes password,
                                                 const AhoyPasswordParams *params,
                                                 AhoyPasswordKeys *keys);
void ahoy_password_keys_clear (AhoyPasswordKeys *keys);

/* Seals the identity's seed for the server to keep. */
void ahoy_password_wrap (const AhoyPasswordKeys *keys, const AhoyIdentity *identity,
                         const RtmfpRng *rng, uint8_t wrapped[AHOY_WRAPPED_SIZE]);
/* Returns: OK; MALFORMED (size); UNSUPPORTED (version); AUTH (another password, or altered). */
RTMFP_MUST_USE RtmfpStatus ahoy_password_unwrap (const AhoyPasswordKeys *keys, RtmfpBytes wrapped,
                                                 AhoyIdentity *identity);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bounds and tunables of accounts: names, proofs, passwords, envelopes, invites. */
#ifndef AHOY_ACCOUNT_PARAMS_H
#define AHOY_ACCOUNT_PARAMS_H

/* A user's name: letters, digits and ". _ -", characters. */
#define AHOY_USER_CHARS_MAX 64
/* A host: the longest DNS name in text (RFC 1035 s2.3.4), characters. */
#define AHOY_HOST_CHARS_MAX 253
/* The port of rtmfp://host/ahoy when none is written (RFC 7425 s5.1's scheme default). */
#define AHOY_PORT_DEFAULT 1935

/* One proof as bytes; longer ones are refused before they are read. */
#define AHOY_PROOF_BYTES_MAX 512
/* Proofs that a client may send in one session: an anonymous key, its identity, and room for one
 * more. */
#define AHOY_GREETING_PROOFS_MAX 4

/* Passwords, bytes of UTF-8. The lower bound is for people, the upper one for our time. */
#define AHOY_PASSWORD_BYTES_MIN 8
#define AHOY_PASSWORD_BYTES_MAX 1024
/* scrypt (RFC 7914): what new accounts use, and what a client takes from a server. Weaker would let
 * a hostile server guess offline, stronger would cost us more than 256 MiB. */
#define AHOY_SCRYPT_LOG2_N 15
#define AHOY_SCRYPT_LOG2_N_MIN 15
#define AHOY_SCRYPT_LOG2_N_MAX 18
#define AHOY_SCRYPT_R 8
#define AHOY_SCRYPT_P 1
#define AHOY_SCRYPT_P_MAX 4

/* The body of one message, bytes. */
#define AHOY_BODY_BYTES_MAX 16384
/* When a message says that it was written: the last millisecond of the year 9999, the last that
 * RFC 3339 and calendars can tell, Unix milliseconds. Its microseconds fit an int64_t. */
#define AHOY_MESSAGE_TIME_MS_MAX INT64_C (253402300799999)
/* Sealed plaintext is padded to a multiple of this, so that lengths tell less, bytes. */
#define AHOY_ENVELOPE_PAD_BYTES 64
/* One envelope: the largest body with its two names, keys, signature, padding and tag, bytes. */
#define AHOY_ENVELOPE_BYTES_MAX (AHOY_BODY_BYTES_MAX + 1280)

/* One invite as text, characters without the end. */
#define AHOY_INVITE_CHARS_MAX 1151

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The signature field of the initial keying chunks, RFC 7425 s4.3.5; signer.h makes and checks
 * it. */
#ifndef RTMFP_CRYPTO_SIGNATURE_H
#define RTMFP_CRYPTO_SIGNATURE_H

#include "core/base/bytes.h"

/* A Simple Password option, s4.3.5.1.1. */
typedef struct {
  uint8_t hmac[32];       /* HMAC-SHA256(password, signed parameters) */
  RtmfpBytes password_id; /* (borrowed) */
} RtmfpSimplePassword;

/* What we send when we have nothing to sign with: a capital X. */
RtmfpBytes rtmfp_signature_none (void);

/* Whether the field counts as empty: no byte, an X alone, or malformed. */
bool rtmfp_signature_is_empty (RtmfpBytes field);

/* The next Simple Password option of the field; unknown options are stepped over. reader in and
 * out: starts over the whole field. Returns: whether there was one (never in an empty or malformed
 * field). */
bool rtmfp_signature_next_password (RtmfpReader *reader, RtmfpSimplePassword *password);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Signing initial keying with passwords, and asking the far end for such a signature: Simple
 * Passwords, RFC 7425 s4.3.5.1.1. */
#ifndef RTMFP_CRYPTO_SIGNER_H
#define RTMFP_CRYPTO_SIGNER_H

#include "core/base/buffer.h"
#include "core/crypto/profile.h"

typedef struct RtmfpSigner RtmfpSigner;

typedef struct {
  const RtmfpPassword *signs; /* (copied) our signatures have an option for each */
  size_t sign_count;          /* at most RTMFP_PASSWORDS_MAX, as known_count */
  const RtmfpPassword *known; /* (copied) by which signatures of others are checked */
  size_t known_count;
  bool required; /* the far end must prove one of those */
} RtmfpSignerOptions;

/* signer out: (owned, free with rtmfp_signer_free), or NULL when there is nothing to sign with and
 * nothing is required. Returns: OK; LIMIT (RTMFP_PASSWORDS_MAX, RTMFP_PASSWORD_BYTES_MAX,
 * RTMFP_PASSWORD_ID_BYTES_MAX). */
RTMFP_MUST_USE RtmfpStatus rtmfp_signer_new (const RtmfpSignerOptions *options,
                                             RtmfpSigner **signer);
/* (owned) NULL of NULL. */
RtmfpSigner *rtmfp_signer_copy (const RtmfpSigner *signer);
/* Wipes and frees; NULL is fine. */
void rtmfp_signer_free (RtmfpSigner *signer);

/* Appends the signature of what is signed, which is the two parts one behind the other; "X" when
 * there is nothing to sign with. signer may be NULL. */
void rtmfp_signer_sign (const RtmfpSigner *signer, RtmfpBytes first, RtmfpBytes second,
                        RtmfpBuffer *signature);

/* Whether the far end's signature of the two parts will do. Where none is required any will. Else
 * it must hold a password that we know; ids that we do not know are stepped over; one that we know
 * with a wrong HMAC spoils it all. signer may be NULL. Returns: OK; AUTH. */
RTMFP_MUST_USE RtmfpStatus rtmfp_signer_check (const RtmfpSigner *signer, RtmfpBytes first,
                                               RtmfpBytes second, RtmfpBytes signature);

#endif

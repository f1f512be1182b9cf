/* SPDX-License-Identifier: Apache-2.0 */
/* The near end's own certificate and its private keys. RFC 7425 s4.3. */
#ifndef RTMFP_CRYPTO_CREDENTIALS_H
#define RTMFP_CRYPTO_CREDENTIALS_H

#include "core/base/rng.h"
#include "core/crypto/certificate.h"
#include "core/crypto/group.h"

typedef struct {
  uint32_t groups;        /* RTMFP_GROUP_*; 0 = all */
  bool static_keys;       /* static public keys in the certificate, else "supports ephemeral" */
  const char *hostname;   /* (copied) NULL = none; at most RTMFP_HOSTNAME_BYTES_MAX bytes */
  uint32_t aeads;         /* bits of RtmfpAead that it says it has; 0 = the option is not there */
  bool accepts_ancillary; /* can be selected by an ancillary-data discriminator */
} RtmfpCredentialsOptions;

typedef struct {
  uint8_t *bytes;                                         /* (owned) the certificate as sent */
  RtmfpCertificate certificate;                           /* what it says; borrows from bytes */
  RtmfpPrivateKey static_private_keys[RTMFP_GROUP_COUNT]; /* by rtmfp_group_index() */
} RtmfpCredentials;

/* Makes a certificate with fresh randomness or keys. With static keys this does public-key work (up
 * to 4 ms with all groups). Returns: OK; LIMIT (hostname too long). Free with
 * rtmfp_credentials_clear. */
RTMFP_MUST_USE RtmfpStatus rtmfp_credentials_init (RtmfpCredentials *credentials,
                                                   const RtmfpCredentialsOptions *options,
                                                   const RtmfpRng *rng);

/* Wipes and frees; a zeroed object is fine. */
void rtmfp_credentials_clear (RtmfpCredentials *credentials);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoint discriminators: who is wanted. RFC 7425 s4.4. */
#ifndef RTMFP_CRYPTO_EPD_H
#define RTMFP_CRYPTO_EPD_H

#include "core/base/bytes.h"
#include "core/crypto/certificate.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The canonical discriminator: a fingerprint alone, s4.4.4. */
#define RTMFP_EPD_CANONICAL_SIZE 34

/* What a discriminator says. */
typedef struct {
  bool has_hostname;
  bool has_ancillary_data;
  bool has_fingerprint;
  bool has_handle;
  RtmfpBytes hostname;       /* (borrowed) */
  RtmfpBytes ancillary_data; /* (borrowed) a URI in UTF-8, "rtmfp://host/app" */
  RtmfpFingerprint fingerprint;
  RtmfpBytes handle; /* (borrowed) opaque introduction handle, 1 to RTMFP_HANDLE_BYTES_MAX bytes: a
                        private option of ours (core/base/registry.h) that others ignore */
} RtmfpEpd;

/* Reads a discriminator; unknown options are ignored.
 * Returns: OK; TRUNCATED; MALFORMED (broken option, a marker, a known option twice, a fingerprint
 * that is not 32 bytes, an empty handle); LIMIT (RTMFP_EPD_BYTES_MAX, RTMFP_HANDLE_BYTES_MAX). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_epd_read (RtmfpBytes bytes, RtmfpEpd *epd);

/* Writes the options that are set. Returns: OK; TRUNCATED (nothing is written). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_epd_write (RtmfpWriter *writer, const RtmfpEpd *epd);

/* Writes the discriminator of a peer; handle empty = none, which makes it canonical.
 * Returns: OK; TRUNCATED (nothing is written). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_epd_write_fingerprint (
    RtmfpWriter *writer, const RtmfpFingerprint *fingerprint, RtmfpBytes handle);

/* Writes the discriminator of a server by URI (ancillary data); "rtmfp:" = any server.
 * Returns: OK; TRUNCATED (nothing is written). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_epd_write_uri (RtmfpWriter *writer, const char *uri);

/* Whether the bytes are a canonical discriminator, s4.4.4. */
RTMFP_API bool rtmfp_epd_is_canonical (RtmfpBytes bytes);

/* Whether the discriminator selects the certificate, s4.4.3 figure 1. The handle plays no part. */
RTMFP_API bool rtmfp_epd_selects (const RtmfpEpd *epd, const RtmfpCertificate *certificate);

#ifdef __cplusplus
}
#endif

#endif

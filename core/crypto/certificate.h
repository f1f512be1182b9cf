/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates: what a peer's says, its fingerprint, glare and override. RFC 7425 s4.3. */
#ifndef RTMFP_CRYPTO_CERTIFICATE_H
#define RTMFP_CRYPTO_CERTIFICATE_H

#include "core/base/bytes.h"
#include "core/crypto/profile.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A certificate as read. No option outside the canonical section counts. */
typedef struct {
  RtmfpBytes bytes;     /* (borrowed) the whole of it */
  RtmfpBytes canonical; /* (borrowed) what the fingerprint covers */
  RtmfpFingerprint fingerprint;
  bool has_hostname;
  RtmfpBytes hostname; /* (borrowed) */
  bool accepts_ancillary;
  bool uses_static_keys;     /* holds a static key of whatever group */
  uint32_t ephemeral_groups; /* RTMFP_GROUP_* for ephemeral keys; unknown groups are left out */
  uint32_t static_groups;    /* those with a static key; unknown groups are left out */
  uint32_t aeads;            /* bits of RtmfpAead; unknown ones are left out */
  RtmfpBytes
      static_keys[RTMFP_GROUP_COUNT]; /* (borrowed) by rtmfp_group_index(); not checked yet */
} RtmfpCertificate;

/* Reads a certificate (borrowed, as long as the result is used). There is no signature: any
 * properly encoded certificate is authentic (s4.3.4). Returns: OK; TRUNCATED; MALFORMED (broken
 * option, two hostnames, two static keys of one group, or both static keys and ephemeral groups);
 * LIMIT (RTMFP_CERTIFICATE_BYTES_MAX). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_certificate_read (RtmfpBytes bytes,
                                                             RtmfpCertificate *certificate);

/* Whether the near end stays the initiator when both opened at once, s4.3.6. */
RTMFP_API bool rtmfp_certificate_prevails (RtmfpBytes near_certificate, RtmfpBytes far_certificate);

/* Whether a new session with the one overrides an existing session with the other, s4.3.7. */
RTMFP_API bool rtmfp_certificate_overrides (RtmfpBytes new_certificate,
                                            RtmfpBytes existing_certificate);

/* Whether both name the same peer. Fingerprints are public: not in constant time. */
RTMFP_API bool rtmfp_fingerprint_equal (const RtmfpFingerprint *a, const RtmfpFingerprint *b);

#ifdef __cplusplus
}
#endif

#endif

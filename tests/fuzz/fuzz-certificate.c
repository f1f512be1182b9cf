/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates. */
#include "core/crypto/certificate.h"
#include "core/crypto/group.h"
#include "core/crypto/params.h"
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  RtmfpCertificate certificate, canonical;
  if (rtmfp_certificate_read (rtmfp_bytes (data, size), &certificate) != RTMFP_OK) {
    return 0;
  }
  FUZZ_ASSERT (size <= RTMFP_CERTIFICATE_BYTES_MAX && certificate.canonical.size <= size);
  FUZZ_ASSERT (!(certificate.uses_static_keys && certificate.ephemeral_groups != 0));
  FUZZ_ASSERT (certificate.uses_static_keys || certificate.static_groups == 0);
  for (unsigned i = 0; i < RTMFP_GROUP_COUNT; i++) {
    if ((certificate.static_groups & 1u << i) != 0) {
      (void)!rtmfp_group_check_public_key (1u << i, certificate.static_keys[i]);
    }
  }
  /* The canonical section alone says all that counts. */
  FUZZ_ASSERT (rtmfp_certificate_read (certificate.canonical, &canonical) == RTMFP_OK);
  FUZZ_ASSERT (rtmfp_fingerprint_equal (&canonical.fingerprint, &certificate.fingerprint));
  FUZZ_ASSERT (canonical.ephemeral_groups == certificate.ephemeral_groups &&
               canonical.static_groups == certificate.static_groups &&
               canonical.has_hostname == certificate.has_hostname &&
               canonical.accepts_ancillary == certificate.accepts_ancillary);
  FUZZ_ASSERT (rtmfp_certificate_prevails (certificate.bytes, certificate.bytes));
  return 0;
}

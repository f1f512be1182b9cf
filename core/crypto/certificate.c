/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/certificate.h"

#include "core/base/registry.h"
#include "core/crypto/group.h"
#include "core/crypto/params.h"
#include "core/crypto/primitives.h"
#include "core/wire/option.h"
#include "core/wire/vlu.h"

#include <string.h>

typedef struct {
  RtmfpCertificate certificate;
  bool uses_ephemeral_keys;
} Reading;

static RtmfpStatus
take_ephemeral_group (RtmfpBytes value, Reading *reading) {
  RtmfpReader reader = rtmfp_reader (value.data, value.size);
  uint64_t id;
  if (rtmfp_read_vlu (&reader, &id) != RTMFP_OK) {
    return RTMFP_MALFORMED;
  }
  reading->uses_ephemeral_keys = true;
  reading->certificate.ephemeral_groups |= rtmfp_group_from_id (id);
  return RTMFP_OK;
}

static RtmfpStatus
take_static_key (RtmfpBytes value, Reading *reading) {
  RtmfpReader reader = rtmfp_reader (value.data, value.size);
  RtmfpCertificate *certificate = &reading->certificate;
  uint64_t id;
  if (rtmfp_read_vlu (&reader, &id) != RTMFP_OK) {
    return RTMFP_MALFORMED;
  }
  certificate->uses_static_keys = true;
  uint32_t group = rtmfp_group_from_id (id);
  if (group == 0) {
    return RTMFP_OK;
  }
  if ((certificate->static_groups & group) != 0) {
    return RTMFP_MALFORMED; /* s4.3.3.5: what two keys of one group mean is not defined */
  }
  certificate->static_groups |= group;
  certificate->static_keys[rtmfp_group_index (group)] = rtmfp_reader_rest (&reader);
  return RTMFP_OK;
}

/* Others may give that number another meaning: what cannot be read says nothing. */
static void
take_aeads (RtmfpBytes value, RtmfpCertificate *certificate) {
  RtmfpReader reader = rtmfp_reader (value.data, value.size);
  uint64_t aeads;
  if (rtmfp_read_vlu (&reader, &aeads) == RTMFP_OK) {
    certificate->aeads = (uint32_t)(aeads & RTMFP_AEAD_ALL);
  }
}

/* An option of the canonical section. */
static RtmfpStatus
take_option (const RtmfpOption *option, Reading *reading) {
  RtmfpCertificate *certificate = &reading->certificate;
  switch (option->type) {
  case RTMFP_CERTIFICATE_HOSTNAME:
    if (certificate->has_hostname) {
      return RTMFP_MALFORMED;
    }
    certificate->has_hostname = true;
    certificate->hostname = option->value;
    return RTMFP_OK;
  case RTMFP_CERTIFICATE_ACCEPTS_ANCILLARY:
    certificate->accepts_ancillary = true;
    return RTMFP_OK;
  case RTMFP_CERTIFICATE_EPHEMERAL_GROUP:
    return take_ephemeral_group (option->value, reading);
  case RTMFP_CERTIFICATE_STATIC_KEY:
    return take_static_key (option->value, reading);
  case RTMFP_REGISTRY_CERTIFICATE_AEAD:
    take_aeads (option->value, certificate);
    return RTMFP_OK;
  default:
    return RTMFP_OK;
  }
}

RtmfpStatus
rtmfp_certificate_read (RtmfpBytes bytes, RtmfpCertificate *certificate) {
  if (bytes.size > RTMFP_CERTIFICATE_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  Reading reading = {.certificate = {.bytes = bytes, .canonical = {.data = bytes.data}}};
  RtmfpReader reader = rtmfp_reader (bytes.data, bytes.size);
  bool in_canonical_section = true;
  while (rtmfp_reader_left (&reader) > 0) {
    RtmfpOption option;
    RtmfpStatus status = rtmfp_read_option (&reader, &option);
    if (status == RTMFP_OK && option.is_marker) {
      in_canonical_section = false;
    } else if (status == RTMFP_OK && in_canonical_section) {
      reading.certificate.canonical.size = bytes.size - rtmfp_reader_left (&reader);
      status = take_option (&option, &reading);
    }
    if (status != RTMFP_OK) {
      return status;
    }
  }
  if (reading.uses_ephemeral_keys && reading.certificate.uses_static_keys) {
    return RTMFP_MALFORMED; /* s4.3.3.4 and s4.3.3.5: never both */
  }
  rtmfp_sha256 (reading.certificate.canonical, reading.certificate.fingerprint.bytes);
  *certificate = reading.certificate;
  return RTMFP_OK;
}

bool
rtmfp_certificate_prevails (RtmfpBytes near_certificate, RtmfpBytes far_certificate) {
  size_t common =
      near_certificate.size < far_certificate.size ? near_certificate.size : far_certificate.size;
  int order = common > 0 ? memcmp (near_certificate.data, far_certificate.data, common) : 0;
  return order != 0 ? order < 0 : near_certificate.size <= far_certificate.size;
}

bool
rtmfp_certificate_overrides (RtmfpBytes new_certificate, RtmfpBytes existing_certificate) {
  return rtmfp_bytes_equal (new_certificate, existing_certificate);
}

bool
rtmfp_fingerprint_equal (const RtmfpFingerprint *a, const RtmfpFingerprint *b) {
  return memcmp (a->bytes, b->bytes, sizeof a->bytes) == 0;
}

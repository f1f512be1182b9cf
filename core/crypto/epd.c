/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/epd.h"

#include "core/base/registry.h"
#include "core/crypto/params.h"
#include "core/wire/option.h"

#include <string.h>

static RtmfpStatus
take_slice (RtmfpBytes value, bool *has, RtmfpBytes *slice) {
  if (*has) {
    return RTMFP_MALFORMED;
  }
  *has = true;
  *slice = value;
  return RTMFP_OK;
}

static RtmfpStatus
take_handle (RtmfpBytes value, RtmfpEpd *epd) {
  if (value.size == 0) {
    return RTMFP_MALFORMED;
  }
  if (value.size > RTMFP_HANDLE_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  return take_slice (value, &epd->has_handle, &epd->handle);
}

static RtmfpStatus
take_fingerprint (RtmfpBytes value, RtmfpEpd *epd) {
  if (epd->has_fingerprint || value.size != RTMFP_FINGERPRINT_SIZE) {
    return RTMFP_MALFORMED;
  }
  epd->has_fingerprint = true;
  memcpy (epd->fingerprint.bytes, value.data, RTMFP_FINGERPRINT_SIZE);
  return RTMFP_OK;
}

static RtmfpStatus
take_option (const RtmfpOption *option, RtmfpEpd *epd) {
  if (option->is_marker) {
    return RTMFP_MALFORMED;
  }
  switch (option->type) {
  case RTMFP_EPD_HOSTNAME:
    return take_slice (option->value, &epd->has_hostname, &epd->hostname);
  case RTMFP_EPD_ANCILLARY_DATA:
    return take_slice (option->value, &epd->has_ancillary_data, &epd->ancillary_data);
  case RTMFP_EPD_FINGERPRINT:
    return take_fingerprint (option->value, epd);
  case RTMFP_REGISTRY_EPD_HANDLE:
    return take_handle (option->value, epd);
  default:
    return RTMFP_OK;
  }
}

RtmfpStatus
rtmfp_epd_read (RtmfpBytes bytes, RtmfpEpd *epd) {
  if (bytes.size > RTMFP_EPD_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  RtmfpReader reader = rtmfp_reader (bytes.data, bytes.size);
  RtmfpEpd result = {0};
  while (rtmfp_reader_left (&reader) > 0) {
    RtmfpOption option;
    RtmfpStatus status = rtmfp_read_option (&reader, &option);
    if (status == RTMFP_OK) {
      status = take_option (&option, &result);
    }
    if (status != RTMFP_OK) {
      return status;
    }
  }
  *epd = result;
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_epd_write (RtmfpWriter *writer, const RtmfpEpd *epd) {
  uint8_t *start = writer->at;
  RtmfpStatus status = RTMFP_OK;
  if (epd->has_hostname) {
    status = rtmfp_write_option (writer, RTMFP_EPD_HOSTNAME, epd->hostname);
  }
  if (status == RTMFP_OK && epd->has_ancillary_data) {
    status = rtmfp_write_option (writer, RTMFP_EPD_ANCILLARY_DATA, epd->ancillary_data);
  }
  if (status == RTMFP_OK && epd->has_fingerprint) {
    status = rtmfp_write_option (writer, RTMFP_EPD_FINGERPRINT,
                                 rtmfp_bytes (epd->fingerprint.bytes, RTMFP_FINGERPRINT_SIZE));
  }
  if (status == RTMFP_OK && epd->has_handle) {
    status = rtmfp_write_option (writer, RTMFP_REGISTRY_EPD_HANDLE, epd->handle);
  }
  if (status != RTMFP_OK) {
    writer->at = start;
  }
  return status;
}

RtmfpStatus
rtmfp_epd_write_fingerprint (RtmfpWriter *writer, const RtmfpFingerprint *fingerprint,
                             RtmfpBytes handle) {
  const RtmfpEpd epd = {.has_fingerprint = true,
                        .fingerprint = *fingerprint,
                        .has_handle = handle.size > 0,
                        .handle = handle};
  return rtmfp_epd_write (writer, &epd);
}

RtmfpStatus
rtmfp_epd_write_uri (RtmfpWriter *writer, const char *uri) {
  const RtmfpEpd epd = {.has_ancillary_data = true,
                        .ancillary_data = rtmfp_bytes (uri, strlen (uri))};
  return rtmfp_epd_write (writer, &epd);
}

bool
rtmfp_epd_is_canonical (RtmfpBytes bytes) {
  return bytes.size == RTMFP_EPD_CANONICAL_SIZE && bytes.data[0] == RTMFP_FINGERPRINT_SIZE + 1 &&
         bytes.data[1] == RTMFP_EPD_FINGERPRINT;
}

bool
rtmfp_epd_selects (const RtmfpEpd *epd, const RtmfpCertificate *certificate) {
  if (epd->has_fingerprint) {
    return rtmfp_fingerprint_equal (&epd->fingerprint, &certificate->fingerprint);
  }
  if (epd->has_hostname &&
      !(certificate->has_hostname && rtmfp_bytes_equal (epd->hostname, certificate->hostname))) {
    return false;
  }
  if (epd->has_ancillary_data) {
    return certificate->accepts_ancillary;
  }
  return epd->has_hostname;
}

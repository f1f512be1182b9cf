/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Endpoint discriminators. */
#include "core/crypto/epd.h"
#include "core/crypto/params.h"
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  RtmfpEpd epd, again;
  uint8_t space[RTMFP_EPD_BYTES_MAX];
  const RtmfpBytes bytes = rtmfp_bytes (data, size);
  bool is_canonical = rtmfp_epd_is_canonical (bytes);
  if (rtmfp_epd_read (bytes, &epd) != RTMFP_OK) {
    FUZZ_ASSERT (!is_canonical);
    return 0;
  }
  FUZZ_ASSERT (!epd.has_handle || epd.handle.size <= RTMFP_HANDLE_BYTES_MAX);
  RtmfpWriter writer = rtmfp_writer (space, sizeof space);
  FUZZ_ASSERT (rtmfp_epd_write (&writer, &epd) == RTMFP_OK);
  FUZZ_ASSERT (rtmfp_epd_read (rtmfp_bytes (space, rtmfp_writer_size (&writer)), &again) ==
               RTMFP_OK);
  FUZZ_ASSERT (again.has_hostname == epd.has_hostname &&
               again.has_ancillary_data == epd.has_ancillary_data &&
               again.has_fingerprint == epd.has_fingerprint && again.has_handle == epd.has_handle);
  const RtmfpCertificate certificate = {.fingerprint = epd.fingerprint, .accepts_ancillary = true};
  FUZZ_ASSERT (!is_canonical || rtmfp_epd_selects (&epd, &certificate));
  return 0;
}

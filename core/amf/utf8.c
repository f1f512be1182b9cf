/* SPDX-License-Identifier: Apache-2.0 */
/* Whether bytes are UTF-8: the table of RFC 3629 s4. */
#include "core/amf/utf8.h"

/* Length of the sequence that lead begins, and the range of its second byte; 0 = no lead byte. */
static size_t
sequence (uint8_t lead, uint8_t *low, uint8_t *high) {
  *low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  *high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xc2 && lead <= 0xdf) {
    return 2;
  }
  if (lead >= 0xe0 && lead <= 0xef) {
    return 3;
  }
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

bool
rtmfp_utf8_is_valid (RtmfpBytes bytes) {
  size_t at = 0;
  while (at < bytes.size) {
    uint8_t low, high;
    const size_t size = sequence (bytes.data[at], &low, &high);
    if (size == 0 || size > bytes.size - at) {
      return false;
    }
    for (size_t i = 1; i < size; i++) {
      const uint8_t byte = bytes.data[at + i];
      if (byte < (i == 1 ? low : 0x80) || byte > (i == 1 ? high : 0xbf)) {
        return false;
      }
    }
    at += size;
  }
  return true;
}

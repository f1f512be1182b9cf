/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/vp8-header.h"

#include <stdint.h>

bool
app_vp8_header_read (GBytes *frame, int *width, int *height) {
  gsize size;
  const uint8_t *bytes = g_bytes_get_data (frame, &size);
  if (size < 10 || (bytes[0] & 1) != 0 || bytes[3] != 0x9D || bytes[4] != 0x01 ||
      bytes[5] != 0x2A) {
    return false;
  }
  const int w = (bytes[6] | bytes[7] << 8) & 0x3FFF;
  const int h = (bytes[8] | bytes[9] << 8) & 0x3FFF;
  if (w == 0 || h == 0) {
    return false;
  }
  *width = w;
  *height = h;
  return true;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/harness/stamp.h"

#include <string.h>

#define COLUMNS 12
#define ROWS 4
#define STRIPS 3

static uint8_t
crc8 (const uint8_t *bytes, int count) {
  uint8_t crc = 0xFF;
  for (int i = 0; i < count; i++) {
    crc ^= bytes[i];
    for (int bit = 0; bit < 8; bit++) {
      crc = (uint8_t)(crc & 0x80 ? crc << 1 ^ 0x07 : crc << 1);
    }
  }
  return crc;
}

/* -1 = band, 0 or 1 = the block's bit. x and y in units of 640 x 480. */
static int
bit_at (const uint8_t code[6], int x, int y) {
  const int in_strip = y % 152 - 24;
  if (x < 20 || x >= 620 || in_strip < 0 || y >= 456) {
    return -1;
  }
  const int bit = in_strip / 32 * COLUMNS + (x - 20) / 50;
  return code[bit / 8] >> (7 - bit % 8) & 1;
}

void
stamp_draw_i420 (uint8_t *planes, int width, int height, uint8_t camera, uint32_t time_ms) {
  uint8_t code[6] = {camera, (uint8_t)(time_ms >> 24), (uint8_t)(time_ms >> 16),
                     (uint8_t)(time_ms >> 8), (uint8_t)time_ms};
  code[5] = crc8 (code, 5);
  const bool odd = camera & 1;
  uint8_t *const y_plane = planes;
  uint8_t *const u_plane = planes + width * height;
  uint8_t *const v_plane = u_plane + width * height / 4;
  for (int y = 0; y < height; y += 2) {
    for (int x = 0; x < width; x += 2) {
      const int bit = bit_at (code, x * 640 / width, y * 480 / height);
      const uint8_t luma = bit < 0 ? (odd ? 106 : 170) : bit ? 235 : 16;
      uint8_t *at = y_plane + y * width + x;
      at[0] = at[1] = at[width] = at[width + 1] = luma;
      u_plane[y / 2 * (width / 2) + x / 2] = bit < 0 ? (odd ? 202 : 166) : 128;
      v_plane[y / 2 * (width / 2) + x / 2] = bit < 0 ? (odd ? 222 : 16) : 128;
    }
  }
}

/* The middle of a block, averaged over 5 x 5 points. */
static int
brightness (const uint8_t *rgb, size_t stride, int pixel_bytes, int x, int y) {
  int sum = 0;
  for (int dy = -2; dy <= 2; dy++) {
    for (int dx = -2; dx <= 2; dx++) {
      const uint8_t *pixel =
          rgb + (size_t)(y + dy) * stride + (size_t)(x + dx) * (size_t)pixel_bytes;
      sum += pixel[0] + pixel[1] + pixel[2];
    }
  }
  return sum / 75;
}

bool
stamp_read (const uint8_t *rgb, size_t stride, int pixel_bytes, int width, int height,
            uint8_t *camera, uint32_t *time_ms) {
  for (int strip = 0; strip < STRIPS; strip++) {
    uint8_t code[6] = {0};
    for (int bit = 0; bit < COLUMNS * ROWS; bit++) {
      const int x = (20 + bit % COLUMNS * 50 + 25) * width / 640;
      const int y = (24 + strip * 152 + bit / COLUMNS * 32 + 16) * height / 480;
      if (brightness (rgb, stride, pixel_bytes, x, y) > 127) {
        code[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
      }
    }
    if (crc8 (code, 5) == code[5]) {
      *camera = code[0];
      *time_ms =
          (uint32_t)code[1] << 24 | (uint32_t)code[2] << 16 | (uint32_t)code[3] << 8 | code[4];
      return true;
    }
  }
  return false;
}

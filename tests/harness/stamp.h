/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A picture that says which camera made it and when: the same 48 bits three times as big black and
 * white blocks, between bands of a loud colour by which it is found in a screenshot.
 *
 * In units of a 640 x 480 picture: bands of 24 at the top, between and at the bottom of three
 * strips of 128; 20 at the left and right. A strip is 12 x 4 blocks, row by row, highest bit first:
 * 8 bits camera, 32 bits milliseconds, 8 bits CRC (polynomial 0x07, start 0xFF) of the five bytes
 * before. White = 1. Bands are magenta for odd cameras, cyan for even. tests/harness/read-stamp
 * finds and reads it in any PNG. */
#ifndef TESTS_HARNESS_STAMP_H
#define TESTS_HARNESS_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* planes: I420, tightly packed (strides width, width / 2, width / 2); width and height even. */
void stamp_draw_i420 (uint8_t *planes, int width, int height, uint8_t camera, uint32_t time_ms);

/* rgb: pixel_bytes bytes a pixel (3 or 4), its first three are averaged. Returns false when no
 * strip reads well. */
bool stamp_read (const uint8_t *rgb, size_t stride, int pixel_bytes, int width, int height,
                 uint8_t *camera, uint32_t *time_ms);

#endif

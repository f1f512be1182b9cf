/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/support.h"

#include <glib.h>

void
test_hex_append (RtmfpBuffer *buffer, const char *text) {
  while (*text == ' ' || g_ascii_isxdigit (*text)) {
    if (*text == ' ') {
      text++;
      continue;
    }
    g_assert_true (g_ascii_isxdigit (text[1]));
    int byte = g_ascii_xdigit_value (text[0]) << 4 | g_ascii_xdigit_value (text[1]);
    rtmfp_buffer_append_u8 (buffer, (uint8_t)byte);
    text += 2;
  }
}

RtmfpBuffer
test_hex (const char *text) {
  RtmfpBuffer buffer = {0};
  test_hex_append (&buffer, text);
  return buffer;
}

char *
test_to_hex (RtmfpBytes bytes) {
  GString *text = g_string_new (NULL);
  for (size_t i = 0; i < bytes.size; i++) {
    g_string_append_printf (text, "%02x", bytes.data[i]);
  }
  return g_string_free (text, FALSE);
}

void
test_assert_bytes (RtmfpBytes actual, RtmfpBytes expected) {
  char *a = test_to_hex (actual);
  char *b = test_to_hex (expected);
  g_assert_cmpstr (a, ==, b);
  g_free (a);
  g_free (b);
}

void
test_assert_hex (RtmfpBytes actual, const char *expected) {
  RtmfpBuffer buffer = test_hex (expected);
  test_assert_bytes (actual, rtmfp_buffer_bytes (&buffer));
  rtmfp_buffer_clear (&buffer);
}

uint64_t
test_rng_next (TestRng *rng) {
  uint64_t z = rng->state += 0x9e3779b97f4a7c15u;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
  z = (z ^ z >> 27) * 0x94d049bb133111ebu;
  return z ^ z >> 31;
}

uint64_t
test_rng_below (TestRng *rng, uint64_t below) {
  return test_rng_next (rng) % below;
}

static void
fill (void *user, uint8_t *out, size_t size) {
  TestRng *rng = user;
  for (size_t i = 0; i < size; i++) {
    out[i] = (uint8_t)(test_rng_next (rng) >> 24);
  }
}

RtmfpRng
test_rng (TestRng *rng) {
  return (RtmfpRng){.fill = fill, .user = rng};
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes as text: base64url without padding (RFC 4648 s5), hexadecimal. */
#include "core/account/text.h"

#include <assert.h>
#include <string.h>

#define TEXT_BYTES_MAX 64

static const char base64url_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char hex_digits[] = "0123456789abcdef";

size_t
ahoy_text_size (const char *text, size_t max) {
  const char *end = memchr (text, '\0', max);
  return end != NULL ? (size_t)(end - text) : max;
}

void
ahoy_base64url_write (RtmfpBytes bytes, char *text) {
  uint32_t bits = 0;
  unsigned count = 0;
  for (size_t i = 0; i < bytes.size; i++) {
    bits = bits << 8 | bytes.data[i];
    count += 8;
    while (count >= 6) {
      count -= 6;
      *text++ = base64url_digits[bits >> count & 63];
    }
  }
  if (count > 0) {
    *text++ = base64url_digits[bits << (6 - count) & 63];
  }
  *text = '\0';
}

RtmfpStatus
ahoy_base64url_read (const char *text, size_t chars, uint8_t *out, size_t size) {
  assert (size <= TEXT_BYTES_MAX);
  if (chars != AHOY_BASE64URL_CHARS (size)) {
    return RTMFP_MALFORMED;
  }
  uint8_t bytes[TEXT_BYTES_MAX];
  size_t done = 0;
  uint32_t bits = 0;
  unsigned count = 0;
  for (size_t i = 0; i < chars; i++) {
    const char *digit = text[i] != '\0' ? strchr (base64url_digits, text[i]) : NULL;
    if (digit == NULL) {
      return RTMFP_MALFORMED;
    }
    bits = bits << 6 | (uint32_t)(digit - base64url_digits);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes[done++] = (uint8_t)(bits >> count);
    }
  }
  if ((bits & ((1U << count) - 1)) != 0) {
    return RTMFP_MALFORMED;
  }
  memcpy (out, bytes, size);
  return RTMFP_OK;
}

void
ahoy_hex_write (RtmfpBytes bytes, char *text) {
  for (size_t i = 0; i < bytes.size; i++) {
    *text++ = hex_digits[bytes.data[i] >> 4];
    *text++ = hex_digits[bytes.data[i] & 15];
  }
  *text = '\0';
}

static int
hex_value (char c) {
  if (c >= 'A' && c <= 'F') {
    c = (char)(c - 'A' + 'a');
  }
  const char *digit = c != '\0' ? strchr (hex_digits, c) : NULL;
  return digit != NULL ? (int)(digit - hex_digits) : -1;
}

RtmfpStatus
ahoy_hex_read (const char *text, uint8_t *out, size_t size) {
  assert (size <= TEXT_BYTES_MAX);
  uint8_t bytes[TEXT_BYTES_MAX];
  for (size_t i = 0; i < size; i++) {
    int high = hex_value (text[2 * i]);
    int low = high >= 0 ? hex_value (text[2 * i + 1]) : -1;
    if (low < 0) {
      return RTMFP_MALFORMED;
    }
    bytes[i] = (uint8_t)(high << 4 | low);
  }
  if (text[2 * size] != '\0') {
    return RTMFP_MALFORMED;
  }
  memcpy (out, bytes, size);
  return RTMFP_OK;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bytes as text: base64url without padding (RFC 4648 s5), hexadecimal; texts of bounded length. */
#ifndef AHOY_ACCOUNT_TEXT_H
#define AHOY_ACCOUNT_TEXT_H

#include "core/base/bytes.h"

/* Characters for size bytes, without the end. */
#define AHOY_BASE64URL_CHARS(size) (((size)*4 + 2) / 3)

/* The length of a text, at most max. */
size_t ahoy_text_size (const char *text, size_t max);

/* text: out, AHOY_BASE64URL_CHARS (bytes.size) characters and a NUL. */
void ahoy_base64url_write (RtmfpBytes bytes, char *text);
/* Reads exactly size bytes from chars characters; the unused bits of the last one must be zero, so
 * that no two texts mean the same bytes. out: untouched on failure. Returns: OK; MALFORMED. size:
 * at most 64. */
RTMFP_MUST_USE RtmfpStatus ahoy_base64url_read (const char *text, size_t chars, uint8_t *out,
                                                size_t size);

/* 2 * bytes.size lower-case hexadecimal digits and a NUL. */
void ahoy_hex_write (RtmfpBytes bytes, char *text);
/* Exactly 2 * size digits of either case, then the end. size: at most 64. Returns: OK; MALFORMED.
 */
RTMFP_MUST_USE RtmfpStatus ahoy_hex_read (const char *text, uint8_t *out, size_t size);

#endif

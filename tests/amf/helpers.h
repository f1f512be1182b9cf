/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of AMF share: input as a literal, kept in heap memory of its exact size. */
#ifndef TESTS_AMF_HELPERS_H
#define TESTS_AMF_HELPERS_H

#include "core/amf/amf.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  uint8_t
      *bytes; /* (owned) exactly as large as the input, so that a sanitizer sees a read beyond it */
  RtmfpAmfDocument document;
  RtmfpStatus status;
} Reading;

static inline void
reading_start (Reading *reading, const void *bytes, size_t size, RtmfpAmfEncoding encoding) {
  reading->bytes = malloc (size > 0 ? size : 1);
  memcpy (reading->bytes, bytes, size);
  reading->document = (RtmfpAmfDocument){0};
  reading->status =
      rtmfp_amf_read (&reading->document, rtmfp_bytes (reading->bytes, size), encoding);
}

static inline void
reading_clear (Reading *reading) {
  rtmfp_amf_document_clear (&reading->document);
  free (reading->bytes);
}

#define READ(name, encoding, literal)                                                              \
  Reading name;                                                                                    \
  reading_start (&name, literal, sizeof literal - 1, encoding)

/* The status of reading a literal. */
#define STATUS(encoding, literal) status_of (literal, sizeof literal - 1, encoding)

static inline RtmfpStatus
status_of (const void *bytes, size_t size, RtmfpAmfEncoding encoding) {
  Reading reading;
  reading_start (&reading, bytes, size, encoding);
  const RtmfpStatus status = reading.status;
  reading_clear (&reading);
  return status;
}

static inline double
number_of (const RtmfpAmfValue *value) {
  double number = -12345.5;
  g_assert_true (rtmfp_amf_as_number (value, &number));
  return number;
}

/* Each shorter input must fail, or hold fewer values than the whole. */
static inline void
assert_truncations_fail (const void *bytes, size_t size, RtmfpAmfEncoding encoding) {
  Reading whole;
  reading_start (&whole, bytes, size, encoding);
  g_assert_cmpint (whole.status, ==, RTMFP_OK);
  for (size_t length = 0; length < size; length++) {
    Reading part;
    reading_start (&part, bytes, length, encoding);
    if (part.status == RTMFP_OK) {
      g_assert_cmpuint (part.document.count, <, whole.document.count);
    } else {
      g_assert_cmpint (part.status, ==, RTMFP_TRUNCATED);
      g_assert_cmpuint (part.document.count, ==, 0);
    }
    reading_clear (&part);
  }
  reading_clear (&whole);
}

/* What was read is written as most bytes and must equal the expected ones. */
static inline void
assert_writes (const RtmfpAmfValue *value, RtmfpAmfEncoding encoding, const void *bytes,
               size_t size) {
  RtmfpBuffer out = {0};
  g_assert_cmpint (rtmfp_amf_write_value (&out, value, encoding, 1 << 20), ==, RTMFP_OK);
  g_assert_cmpmem (out.data, out.size, bytes, size);
  rtmfp_buffer_clear (&out);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Writes AMF3 values straight into a buffer, each in place: no references. Source: AMF 3 s3. */
#include "core/amf/amf.h"
#include "core/amf/constants.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define U28_MAX 0x0fffffffu

static void
append_u29 (RtmfpBuffer *out, uint32_t value) {
  if (value >= 1u << 21) {
    rtmfp_buffer_append_u8 (out, (uint8_t)(value >> 22 | 0x80));
    rtmfp_buffer_append_u8 (out, (uint8_t)(value >> 15 | 0x80));
    rtmfp_buffer_append_u8 (out, (uint8_t)(value >> 8 | 0x80));
    rtmfp_buffer_append_u8 (out, (uint8_t)value);
    return;
  }
  if (value >= 1u << 14) {
    rtmfp_buffer_append_u8 (out, (uint8_t)(value >> 14 | 0x80));
  }
  if (value >= 1u << 7) {
    rtmfp_buffer_append_u8 (out, (uint8_t)(value >> 7 | 0x80));
  }
  rtmfp_buffer_append_u8 (out, (uint8_t)(value & 0x7f));
}

/* A length (or count) of something that stands in place. */
static void
append_head (RtmfpBuffer *out, size_t count) {
  assert (count <= U28_MAX);
  append_u29 (out, (uint32_t)count << 1 | 1);
}

static void
append_counted (RtmfpBuffer *out, RtmfpBytes bytes) {
  append_head (out, bytes.size);
  rtmfp_buffer_append (out, bytes);
}

static void
append_double (RtmfpBuffer *out, double value) {
  uint64_t bits;
  memcpy (&bits, &value, sizeof bits);
  rtmfp_buffer_append_u64 (out, bits);
}

void
rtmfp_amf3_write_undefined (RtmfpBuffer *out) {
  rtmfp_buffer_append_u8 (out, AMF3_UNDEFINED);
}

void
rtmfp_amf3_write_null (RtmfpBuffer *out) {
  rtmfp_buffer_append_u8 (out, AMF3_NULL);
}

void
rtmfp_amf3_write_boolean (RtmfpBuffer *out, bool value) {
  rtmfp_buffer_append_u8 (out, value ? AMF3_TRUE : AMF3_FALSE);
}

void
rtmfp_amf3_write_number (RtmfpBuffer *out, double value) {
  if (value >= AMF3_INTEGER_MIN && value <= AMF3_INTEGER_MAX && value == floor (value) &&
      !(value == 0 && signbit (value))) {
    rtmfp_buffer_append_u8 (out, AMF3_INTEGER);
    append_u29 (out, (uint32_t)(int32_t)value & 0x1fffffff);
    return;
  }
  rtmfp_buffer_append_u8 (out, AMF3_DOUBLE);
  append_double (out, value);
}

void
rtmfp_amf3_write_string (RtmfpBuffer *out, RtmfpBytes utf8) {
  rtmfp_buffer_append_u8 (out, AMF3_STRING);
  append_counted (out, utf8);
}

void
rtmfp_amf3_write_date (RtmfpBuffer *out, double milliseconds) {
  rtmfp_buffer_append_u8 (out, AMF3_DATE);
  append_u29 (out, 1);
  append_double (out, milliseconds);
}

void
rtmfp_amf3_write_bytes (RtmfpBuffer *out, RtmfpBytes bytes) {
  rtmfp_buffer_append_u8 (out, AMF3_BYTE_ARRAY);
  append_counted (out, bytes);
}

void
rtmfp_amf3_begin_object (RtmfpBuffer *out, RtmfpBytes class_name) {
  rtmfp_buffer_append_u8 (out, AMF3_OBJECT);
  append_u29 (out, 0x0b); /* in place, new traits, dynamic, no sealed members */
  append_counted (out, class_name);
}

void
rtmfp_amf3_write_key (RtmfpBuffer *out, RtmfpBytes name) {
  assert (name.size > 0);
  append_counted (out, name);
}

void
rtmfp_amf3_end_object (RtmfpBuffer *out) {
  append_u29 (out, 1); /* the empty name */
}

void
rtmfp_amf3_begin_array (RtmfpBuffer *out, uint32_t count) {
  rtmfp_buffer_append_u8 (out, AMF3_ARRAY);
  append_head (out, count);
  append_u29 (out, 1); /* nothing named */
}

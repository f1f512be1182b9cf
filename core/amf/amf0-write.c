/* SPDX-License-Identifier: Apache-2.0 */
/* Writes AMF0 values straight into a buffer. Source: AMF 0 s2. */
#include "core/amf/amf.h"
#include "core/amf/constants.h"

#include <assert.h>
#include <string.h>

static void
append_double (RtmfpBuffer *out, double value) {
  uint64_t bits;
  memcpy (&bits, &value, sizeof bits);
  rtmfp_buffer_append_u64 (out, bits);
}

void
rtmfp_amf_write_number (RtmfpBuffer *out, double value) {
  rtmfp_buffer_append_u8 (out, AMF0_NUMBER);
  append_double (out, value);
}

void
rtmfp_amf_write_integer (RtmfpBuffer *out, int64_t value) {
  assert (value >= -(INT64_C (1) << 53) && value <= INT64_C (1) << 53);
  rtmfp_amf_write_number (out, (double)value);
}

void
rtmfp_amf_write_boolean (RtmfpBuffer *out, bool value) {
  rtmfp_buffer_append_u8 (out, AMF0_BOOLEAN);
  rtmfp_buffer_append_u8 (out, value ? 1 : 0);
}

void
rtmfp_amf_write_string (RtmfpBuffer *out, RtmfpBytes utf8) {
  assert (utf8.size <= UINT32_MAX);
  if (utf8.size <= UINT16_MAX) {
    rtmfp_buffer_append_u8 (out, AMF0_STRING);
    rtmfp_buffer_append_u16 (out, (uint16_t)utf8.size);
  } else {
    rtmfp_buffer_append_u8 (out, AMF0_LONG_STRING);
    rtmfp_buffer_append_u32 (out, (uint32_t)utf8.size);
  }
  rtmfp_buffer_append (out, utf8);
}

void
rtmfp_amf_write_text (RtmfpBuffer *out, const char *text) {
  rtmfp_amf_write_string (out, rtmfp_bytes (text, strlen (text)));
}

void
rtmfp_amf_write_null (RtmfpBuffer *out) {
  rtmfp_buffer_append_u8 (out, AMF0_NULL);
}

void
rtmfp_amf_write_undefined (RtmfpBuffer *out) {
  rtmfp_buffer_append_u8 (out, AMF0_UNDEFINED);
}

void
rtmfp_amf_write_date (RtmfpBuffer *out, double milliseconds) {
  rtmfp_buffer_append_u8 (out, AMF0_DATE);
  append_double (out, milliseconds);
  rtmfp_buffer_append_u16 (out, 0); /* time zone, reserved. AMF 0 s2.13 */
}

void
rtmfp_amf_write_avmplus (RtmfpBuffer *out) {
  rtmfp_buffer_append_u8 (out, AMF0_AVMPLUS);
}

void
rtmfp_amf_write_bytes (RtmfpBuffer *out, RtmfpBytes bytes) {
  rtmfp_amf_write_avmplus (out);
  rtmfp_amf3_write_bytes (out, bytes);
}

void
rtmfp_amf_begin_object (RtmfpBuffer *out) {
  rtmfp_buffer_append_u8 (out, AMF0_OBJECT);
}

void
rtmfp_amf_write_key (RtmfpBuffer *out, const char *name) {
  const size_t size = strlen (name);
  assert (size > 0 && size <= UINT16_MAX);
  rtmfp_buffer_append_u16 (out, (uint16_t)size);
  rtmfp_buffer_append (out, rtmfp_bytes (name, size));
}

void
rtmfp_amf_end_object (RtmfpBuffer *out) {
  rtmfp_buffer_append_u24 (out, AMF0_OBJECT_END); /* the empty key, then the marker */
}

void
rtmfp_amf_begin_array (RtmfpBuffer *out, uint32_t count) {
  rtmfp_buffer_append_u8 (out, AMF0_STRICT_ARRAY);
  rtmfp_buffer_append_u32 (out, count);
}

void
rtmfp_amf_begin_ecma_array (RtmfpBuffer *out, uint32_t count) {
  rtmfp_buffer_append_u8 (out, AMF0_ECMA_ARRAY);
  rtmfp_buffer_append_u32 (out, count);
}

void
rtmfp_amf_member_number (RtmfpBuffer *out, const char *name, double value) {
  rtmfp_amf_write_key (out, name);
  rtmfp_amf_write_number (out, value);
}

void
rtmfp_amf_member_integer (RtmfpBuffer *out, const char *name, int64_t value) {
  rtmfp_amf_write_key (out, name);
  rtmfp_amf_write_integer (out, value);
}

void
rtmfp_amf_member_boolean (RtmfpBuffer *out, const char *name, bool value) {
  rtmfp_amf_write_key (out, name);
  rtmfp_amf_write_boolean (out, value);
}

void
rtmfp_amf_member_text (RtmfpBuffer *out, const char *name, const char *text) {
  rtmfp_amf_write_key (out, name);
  rtmfp_amf_write_text (out, text);
}

void
rtmfp_amf_member_string (RtmfpBuffer *out, const char *name, RtmfpBytes utf8) {
  rtmfp_amf_write_key (out, name);
  rtmfp_amf_write_string (out, utf8);
}

void
rtmfp_amf_member_bytes (RtmfpBuffer *out, const char *name, RtmfpBytes bytes) {
  rtmfp_amf_write_key (out, name);
  rtmfp_amf_write_bytes (out, bytes);
}

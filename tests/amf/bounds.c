/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each bound of core/amf/params.h is reached, from below and from above. */
#include "tests/amf/helpers.h"

#include "core/amf/params.h"

static RtmfpStatus
status_of_buffer (RtmfpBuffer *buffer, RtmfpAmfEncoding encoding) {
  const RtmfpStatus status = status_of (buffer->data, buffer->size, encoding);
  rtmfp_buffer_clear (buffer);
  return status;
}

static RtmfpStatus
nested_amf0 (unsigned levels) {
  RtmfpBuffer out = {0};
  for (unsigned i = 0; i < levels; i++) {
    rtmfp_amf_begin_array (&out, 1);
  }
  rtmfp_amf_write_null (&out);
  return status_of_buffer (&out, RTMFP_AMF0);
}

static RtmfpStatus
nested_amf3 (unsigned levels) {
  RtmfpBuffer out = {0};
  for (unsigned i = 0; i < levels; i++) {
    rtmfp_amf3_begin_array (&out, 1);
  }
  rtmfp_amf3_write_null (&out);
  return status_of_buffer (&out, RTMFP_AMF3);
}

static void
test_depth (void) {
  g_assert_cmpint (nested_amf0 (RTMFP_AMF_DEPTH_MAX), ==, RTMFP_OK);
  g_assert_cmpint (nested_amf0 (RTMFP_AMF_DEPTH_MAX + 1), ==, RTMFP_LIMIT);
  g_assert_cmpint (nested_amf0 (1000000), ==, RTMFP_LIMIT);
  g_assert_cmpint (nested_amf3 (RTMFP_AMF_DEPTH_MAX), ==, RTMFP_OK);
  g_assert_cmpint (nested_amf3 (RTMFP_AMF_DEPTH_MAX + 1), ==, RTMFP_LIMIT);
}

/* A chain of arrays, each with the one before by reference, is deep without any nesting. */
static RtmfpStatus
chained (unsigned links) {
  RtmfpBuffer out = {0};
  rtmfp_amf_begin_array (&out, 0);
  for (unsigned i = 0; i < links; i++) {
    rtmfp_amf_begin_array (&out, 1);
    rtmfp_buffer_append_u8 (&out, 0x07);
    rtmfp_buffer_append_u16 (&out, (uint16_t)i);
  }
  return status_of_buffer (&out, RTMFP_AMF0);
}

static void
test_depth_by_reference (void) {
  g_assert_cmpint (chained (RTMFP_AMF_DEPTH_MAX - 1), ==, RTMFP_OK);
  g_assert_cmpint (chained (RTMFP_AMF_DEPTH_MAX + 1), ==, RTMFP_LIMIT);
}

static RtmfpStatus
many_values (uint32_t count) {
  RtmfpBuffer out = {0};
  for (uint32_t i = 0; i < count; i++) {
    rtmfp_amf_write_null (&out);
  }
  return status_of_buffer (&out, RTMFP_AMF0);
}

static RtmfpStatus
many_elements (uint32_t count) {
  RtmfpBuffer out = {0};
  rtmfp_amf_begin_array (&out, 0);
  rtmfp_amf_begin_array (&out, count);
  for (uint32_t i = 0; i < count; i++) {
    rtmfp_buffer_append_u24 (&out, 0x070000); /* the first array: no new value */
  }
  return status_of_buffer (&out, RTMFP_AMF0);
}

static void
test_values (void) {
  g_assert_cmpint (many_values (RTMFP_AMF_VALUES_MAX), ==, RTMFP_OK);
  g_assert_cmpint (many_values (RTMFP_AMF_VALUES_MAX + 1), ==, RTMFP_LIMIT);
  g_assert_cmpint (many_elements (RTMFP_AMF_MEMBERS_MAX), ==, RTMFP_OK);
  g_assert_cmpint (many_elements (RTMFP_AMF_MEMBERS_MAX + 1), ==, RTMFP_LIMIT);
}

static RtmfpStatus
many_sealed_names (uint32_t count) {
  RtmfpBuffer out = {0};
  rtmfp_buffer_append_u8 (&out, 0x0a);
  const uint32_t head = count << 4 | 3;
  rtmfp_buffer_append_u8 (&out, (uint8_t)(head >> 22 | 0x80));
  rtmfp_buffer_append_u8 (&out, (uint8_t)(head >> 15 | 0x80));
  rtmfp_buffer_append_u8 (&out, (uint8_t)(head >> 8 | 0x80));
  rtmfp_buffer_append_u8 (&out, (uint8_t)head);
  rtmfp_buffer_append_u8 (&out, 1);
  rtmfp_buffer_append_u16 (&out, 0x0361); /* "a" */
  for (uint32_t i = 1; i < count; i++) {
    rtmfp_buffer_append_u8 (&out, 0); /* "a" by reference */
  }
  for (uint32_t i = 0; i < count; i++) {
    rtmfp_amf3_write_null (&out);
  }
  return status_of_buffer (&out, RTMFP_AMF3);
}

static void
test_sealed_names (void) {
  g_assert_cmpint (many_sealed_names (RTMFP_AMF_MEMBERS_MAX / 2), ==, RTMFP_OK);
  g_assert_cmpint (many_sealed_names (RTMFP_AMF_MEMBERS_MAX / 2 + 1), ==, RTMFP_LIMIT);
  g_assert_cmpint (many_sealed_names (RTMFP_AMF_MEMBERS_MAX + 1), ==, RTMFP_LIMIT);
}

/* Strings of AMF3 that are names need no value each: the table of strings fills alone. */
static RtmfpStatus
many_strings (uint32_t count) {
  RtmfpBuffer out = {0};
  for (uint32_t i = 0; i < count; i++) {
    rtmfp_amf3_begin_object (&out, rtmfp_bytes ("C", 1)); /* a class name and new traits each */
    rtmfp_amf3_end_object (&out);
    if (i % 2 == 0) {
      out.data[out.size - 1] = 3; /* one member with a name of its own */
      rtmfp_buffer_append_u8 (&out, 'n');
      rtmfp_amf3_write_null (&out);
      rtmfp_amf3_end_object (&out);
    }
  }
  return status_of_buffer (&out, RTMFP_AMF3);
}

static void
test_references (void) {
  /* 3 strings and 3 values for 2 objects */
  g_assert_cmpint (many_strings (RTMFP_AMF_REFERENCES_MAX / 3 * 2), ==, RTMFP_OK);
  g_assert_cmpint (many_strings (RTMFP_AMF_REFERENCES_MAX / 3 * 2 + 2), ==, RTMFP_LIMIT);
}

/* Each level holds the level below twice: small to read, without end to write out. */
static void
test_written_size (void) {
  RtmfpBuffer out = {0};
  rtmfp_amf_begin_array (&out, 0);
  for (uint16_t i = 0; i < 30; i++) {
    rtmfp_amf_begin_array (&out, 2);
    for (int twice = 0; twice < 2; twice++) {
      rtmfp_buffer_append_u8 (&out, 0x07);
      rtmfp_buffer_append_u16 (&out, i);
    }
  }
  Reading r;
  reading_start (&r, out.data, out.size, RTMFP_AMF0);
  g_assert_cmpint (r.status, ==, RTMFP_OK);
  rtmfp_buffer_clear (&out);
  rtmfp_amf_write_null (&out);
  const RtmfpAmfValue *top = rtmfp_amf_at (&r.document, 30);
  g_assert_cmpint (rtmfp_amf_write_value (&out, top, RTMFP_AMF0, 100000), ==, RTMFP_LIMIT);
  g_assert_cmpint (rtmfp_amf_write_value (&out, top, RTMFP_AMF3, 100000), ==, RTMFP_LIMIT);
  g_assert_cmpuint (out.size, ==, 1);
  rtmfp_buffer_clear (&out);
  reading_clear (&r);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/amf/bounds/depth", test_depth);
  g_test_add_func ("/amf/bounds/depth-by-reference", test_depth_by_reference);
  g_test_add_func ("/amf/bounds/values-and-members", test_values);
  g_test_add_func ("/amf/bounds/sealed-names", test_sealed_names);
  g_test_add_func ("/amf/bounds/references", test_references);
  g_test_add_func ("/amf/bounds/written-size", test_written_size);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/bytes.h"
#include "tests/support/support.h"

#include <glib.h>

static const uint8_t counting[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

static RtmfpStatus
read_width (RtmfpReader *reader, int width, uint64_t *value) {
  uint8_t u8;
  uint16_t u16;
  uint32_t u32;
  RtmfpStatus status;
  switch (width) {
  case 1:
    status = rtmfp_reader_u8 (reader, &u8);
    *value = status == RTMFP_OK ? u8 : *value;
    return status;
  case 2:
    status = rtmfp_reader_u16 (reader, &u16);
    *value = status == RTMFP_OK ? u16 : *value;
    return status;
  case 3:
    status = rtmfp_reader_u24 (reader, &u32);
    *value = status == RTMFP_OK ? u32 : *value;
    return status;
  case 4:
    status = rtmfp_reader_u32 (reader, &u32);
    *value = status == RTMFP_OK ? u32 : *value;
    return status;
  default:
    return rtmfp_reader_u64 (reader, value);
  }
}

static RtmfpStatus
write_width (RtmfpWriter *writer, int width, uint64_t value) {
  switch (width) {
  case 1:
    return rtmfp_writer_u8 (writer, (uint8_t)value);
  case 2:
    return rtmfp_writer_u16 (writer, (uint16_t)value);
  case 3:
    return rtmfp_writer_u24 (writer, (uint32_t)value);
  case 4:
    return rtmfp_writer_u32 (writer, (uint32_t)value);
  default:
    return rtmfp_writer_u64 (writer, value);
  }
}

static void
test_numbers_both_ways (void) {
  static const int widths[] = {1, 2, 3, 4, 8};
  for (unsigned i = 0; i < G_N_ELEMENTS (widths); i++) {
    const size_t width = (size_t)widths[i];
    uint64_t expected = 0;
    for (size_t at = 0; at < width; at++) {
      expected = expected << 8 | counting[at];
    }
    for (size_t size = 0; size <= sizeof counting; size++) {
      RtmfpReader reader = rtmfp_reader (counting, size);
      uint64_t value = 77;
      RtmfpStatus status = read_width (&reader, widths[i], &value);
      g_assert_cmpint (status, ==, size < width ? RTMFP_TRUNCATED : RTMFP_OK);
      g_assert_cmpuint (value, ==, size < width ? 77 : expected);
      g_assert_cmpuint (rtmfp_reader_left (&reader), ==, size < width ? size : size - width);

      uint8_t space[sizeof counting] = {0};
      RtmfpWriter writer = rtmfp_writer (space, size);
      status = write_width (&writer, widths[i], expected);
      g_assert_cmpint (status, ==, size < width ? RTMFP_TRUNCATED : RTMFP_OK);
      g_assert_cmpuint (rtmfp_writer_size (&writer), ==, size < width ? 0 : width);
      g_assert_cmpuint (rtmfp_writer_room (&writer), ==, size < width ? size : size - width);
      g_assert_cmpmem (space, rtmfp_writer_size (&writer), counting, rtmfp_writer_size (&writer));
      g_assert_cmpuint (space[rtmfp_writer_size (&writer) % sizeof space], ==, 0);
    }
  }
}

static void
test_slices (void) {
  RtmfpReader reader = rtmfp_reader (counting, sizeof counting);
  RtmfpBytes bytes = {0};
  g_assert_cmpint (rtmfp_reader_take (&reader, 10, &bytes), ==, RTMFP_TRUNCATED);
  g_assert_null (bytes.data);
  g_assert_cmpint (rtmfp_reader_take (&reader, 0, &bytes), ==, RTMFP_OK);
  g_assert_cmpuint (bytes.size, ==, 0);
  g_assert_cmpint (rtmfp_reader_take (&reader, 4, &bytes), ==, RTMFP_OK);
  test_assert_hex (bytes, "01020304");
  g_assert_true (bytes.data == counting);
  test_assert_hex (rtmfp_reader_rest (&reader), "0506070809");
  g_assert_cmpuint (rtmfp_reader_rest (&reader).size, ==, 0);

  uint8_t space[3];
  RtmfpWriter writer = rtmfp_writer (space, sizeof space);
  g_assert_cmpint (rtmfp_writer_bytes (&writer, rtmfp_bytes (counting, 4)), ==, RTMFP_TRUNCATED);
  g_assert_cmpint (rtmfp_writer_bytes (&writer, rtmfp_bytes (NULL, 0)), ==, RTMFP_OK);
  g_assert_cmpint (rtmfp_writer_bytes (&writer, rtmfp_bytes (counting, 3)), ==, RTMFP_OK);
  test_assert_hex (rtmfp_bytes (space, 3), "010203");
}

static void
test_nothing (void) {
  RtmfpReader reader = rtmfp_reader (NULL, 0);
  uint8_t value;
  g_assert_cmpuint (rtmfp_reader_left (&reader), ==, 0);
  g_assert_cmpint (rtmfp_reader_u8 (&reader, &value), ==, RTMFP_TRUNCATED);
  g_assert_cmpuint (rtmfp_reader_rest (&reader).size, ==, 0);
}

static void
test_equal (void) {
  g_assert_true (rtmfp_bytes_equal (rtmfp_bytes (NULL, 0), rtmfp_bytes ("", 0)));
  g_assert_true (rtmfp_bytes_equal (rtmfp_bytes ("ab", 2), rtmfp_bytes ("ab", 2)));
  g_assert_false (rtmfp_bytes_equal (rtmfp_bytes ("ab", 2), rtmfp_bytes ("abc", 3)));
  g_assert_false (rtmfp_bytes_equal (rtmfp_bytes ("ab", 2), rtmfp_bytes ("ac", 2)));
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/bytes/numbers-both-ways-at-each-size", test_numbers_both_ways);
  g_test_add_func ("/base/bytes/slices", test_slices);
  g_test_add_func ("/base/bytes/nothing-can-be-read-of-nothing", test_nothing);
  g_test_add_func ("/base/bytes/equal", test_equal);
  return g_test_run ();
}

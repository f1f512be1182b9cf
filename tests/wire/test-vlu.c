/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7016 s2.1.2. */
#include "core/wire/params.h"
#include "core/wire/vlu.h"
#include "tests/wire/cut.h"

static const struct {
  uint64_t value;
  const char *hex;
} vectors[] = {
    {0, "00"},
    {1, "01"},
    {0x7f, "7f"},
    {0x80, "8100"},
    {0x3fff, "ff7f"},
    {0x4000, "818000"},
    {0x2000, "c000"},
    {UINT64_C (1) << 32, "9080808000"},
    {UINT64_C (1) << 63, "81808080808080808000"},
    {UINT64_MAX, "81ffffffffffffffff7f"},
};

static RtmfpStatus
read_hex (const char *hex, uint64_t *value, size_t *left) {
  RtmfpBuffer bytes = test_hex (hex);
  RtmfpReader reader = rtmfp_reader (bytes.data, bytes.size);
  RtmfpStatus status = rtmfp_read_vlu (&reader, value);
  *left = rtmfp_reader_left (&reader);
  rtmfp_buffer_clear (&bytes);
  return status;
}

static void
test_both_ways (void) {
  for (size_t i = 0; i < G_N_ELEMENTS (vectors); i++) {
    uint64_t value = 0;
    size_t left;
    g_assert_cmpint (read_hex (vectors[i].hex, &value, &left), ==, RTMFP_OK);
    g_assert_cmpuint (value, ==, vectors[i].value);
    g_assert_cmpuint (left, ==, 0);
    uint8_t space[RTMFP_VLU_SIZE_MAX];
    RtmfpWriter writer = rtmfp_writer (space, sizeof space);
    g_assert_cmpint (rtmfp_write_vlu (&writer, value), ==, RTMFP_OK);
    g_assert_cmpuint (rtmfp_vlu_size (value), ==, rtmfp_writer_size (&writer));
    test_assert_hex (rtmfp_bytes (space, rtmfp_writer_size (&writer)), vectors[i].hex);
    RtmfpWriter small = rtmfp_writer (space, rtmfp_vlu_size (value) - 1);
    g_assert_cmpint (rtmfp_write_vlu (&small, value), ==, RTMFP_TRUNCATED);
    g_assert_cmpuint (rtmfp_writer_size (&small), ==, 0);
  }
}

static void
test_takes_leading_zeros (void) {
  uint64_t value = 0;
  size_t left;
  g_assert_cmpint (read_hex ("80808005ff", &value, &left), ==, RTMFP_OK);
  g_assert_cmpuint (value, ==, 5);
  g_assert_cmpuint (left, ==, 1);
}

static void
test_bounds_its_length (void) {
  uint64_t value = 7;
  uint8_t bytes[RTMFP_VLU_BYTES_MAX + 1];
  memset (bytes, 0x80, sizeof bytes);
  bytes[RTMFP_VLU_BYTES_MAX - 1] = 0x01;
  RtmfpReader reader = rtmfp_reader (bytes, sizeof bytes);
  g_assert_cmpint (rtmfp_read_vlu (&reader, &value), ==, RTMFP_OK);
  g_assert_cmpuint (value, ==, 1);
  bytes[RTMFP_VLU_BYTES_MAX - 1] = 0x80;
  bytes[RTMFP_VLU_BYTES_MAX] = 0x02;
  reader = rtmfp_reader (bytes, sizeof bytes);
  g_assert_cmpint (rtmfp_read_vlu (&reader, &value), ==, RTMFP_MALFORMED);
  g_assert_cmpuint (value, ==, 1);
}

static void
test_rejects_more_than_64_bits (void) {
  uint64_t value = 7;
  size_t left;
  g_assert_cmpint (read_hex ("82808080808080808000", &value, &left), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_hex ("ffffffffffffffffff7f", &value, &left), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_hex ("8181ffffffffffffffff7f", &value, &left), ==, RTMFP_MALFORMED);
  g_assert_cmpuint (left, ==, 11);
  g_assert_cmpuint (value, ==, 7);
}

static void
test_truncated_moves_nothing (void) {
  uint64_t value = 7;
  size_t left;
  g_assert_cmpint (read_hex ("", &value, &left), ==, RTMFP_TRUNCATED);
  g_assert_cmpint (read_hex ("8181", &value, &left), ==, RTMFP_TRUNCATED);
  g_assert_cmpuint (left, ==, 2);
  g_assert_cmpuint (value, ==, 7);
}

static void
test_bytes_behind_a_length (void) {
  RtmfpBuffer input = test_hex ("03616263 64");
  RtmfpReader reader = rtmfp_reader (input.data, input.size);
  RtmfpBytes bytes;
  g_assert_cmpint (rtmfp_read_vlu_bytes (&reader, &bytes), ==, RTMFP_OK);
  test_assert_hex (bytes, "616263");
  g_assert_cmpuint (rtmfp_reader_left (&reader), ==, 1);
  reader = rtmfp_reader (input.data, 3);
  g_assert_cmpint (rtmfp_read_vlu_bytes (&reader, &bytes), ==, RTMFP_TRUNCATED);
  g_assert_cmpuint (rtmfp_reader_left (&reader), ==, 3);
  rtmfp_buffer_clear (&input);

  input = test_hex ("81ffffffffffffffff7f 00");
  reader = rtmfp_reader (input.data, input.size);
  g_assert_cmpint (rtmfp_read_vlu_bytes (&reader, &bytes), ==, RTMFP_TRUNCATED);
  rtmfp_buffer_clear (&input);

  uint8_t space[4];
  RtmfpWriter writer = rtmfp_writer (space, 3);
  g_assert_cmpint (rtmfp_write_vlu_bytes (&writer, rtmfp_bytes ("abc", 3)), ==, RTMFP_TRUNCATED);
  g_assert_cmpuint (rtmfp_writer_size (&writer), ==, 0);
  writer = rtmfp_writer (space, 4);
  g_assert_cmpint (rtmfp_write_vlu_bytes (&writer, rtmfp_bytes ("abc", 3)), ==, RTMFP_OK);
  test_assert_hex (rtmfp_bytes (space, 4), "03616263");
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/vlu/reads-and-writes-the-vectors", test_both_ways);
  g_test_add_func ("/wire/vlu/read/takes-leading-zeros", test_takes_leading_zeros);
  g_test_add_func ("/wire/vlu/read/bounds-its-length", test_bounds_its_length);
  g_test_add_func ("/wire/vlu/read/rejects-more-than-64-bits", test_rejects_more_than_64_bits);
  g_test_add_func ("/wire/vlu/read/moves-nothing-when-truncated", test_truncated_moves_nothing);
  g_test_add_func ("/wire/vlu/reads-and-writes-bytes-behind-a-length", test_bytes_behind_a_length);
  return g_test_run ();
}

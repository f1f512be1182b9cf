/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7016 s2.1.3. */
#include "core/wire/option.h"
#include "tests/wire/cut.h"

static void
test_reads_options_and_markers (void) {
  RtmfpBuffer input = test_hex ("040a616263 00 02c000 010a 038102 05");
  RtmfpReader reader = rtmfp_reader (input.data, input.size);
  RtmfpOption option;
  g_assert_cmpint (rtmfp_read_option (&reader, &option), ==, RTMFP_OK);
  g_assert_false (option.is_marker);
  g_assert_cmpuint (option.type, ==, 0x0a);
  test_assert_hex (option.value, "616263");
  g_assert_cmpint (rtmfp_read_option (&reader, &option), ==, RTMFP_OK);
  g_assert_true (option.is_marker);
  g_assert_cmpint (rtmfp_read_option (&reader, &option), ==, RTMFP_OK);
  g_assert_cmpuint (option.type, ==, 0x2000);
  g_assert_cmpuint (option.value.size, ==, 0);
  g_assert_cmpint (rtmfp_read_option (&reader, &option), ==, RTMFP_OK);
  g_assert_cmpuint (option.type, ==, 0x0a);
  g_assert_cmpint (rtmfp_read_option (&reader, &option), ==, RTMFP_OK);
  g_assert_cmpuint (option.type, ==, 0x82);
  test_assert_hex (option.value, "05");
  g_assert_cmpuint (rtmfp_reader_left (&reader), ==, 0);
  rtmfp_buffer_clear (&input);
}

static bool
read_one (RtmfpBytes bytes) {
  RtmfpReader reader = rtmfp_reader (bytes.data, bytes.size);
  RtmfpOption option;
  bool done = rtmfp_read_option (&reader, &option) == RTMFP_OK;
  g_assert_true (done || reader.at == bytes.data);
  return done;
}

static void
test_truncated_at_each_length (void) {
  RtmfpBuffer input = test_hex ("8006c00061626364");
  g_assert_cmpuint (test_shortest_readable (rtmfp_buffer_bytes (&input), read_one), ==, input.size);
  rtmfp_buffer_clear (&input);
}

static void
test_a_type_must_fit_its_length (void) {
  RtmfpBuffer input = test_hex ("01 8005");
  RtmfpReader reader = rtmfp_reader (input.data, input.size);
  RtmfpOption option;
  g_assert_cmpint (rtmfp_read_option (&reader, &option), ==, RTMFP_MALFORMED);
  g_assert_cmpuint (rtmfp_reader_left (&reader), ==, 3);
  rtmfp_buffer_clear (&input);
}

static RtmfpStatus
write_text (RtmfpWriter *writer, const void *what) {
  return rtmfp_write_option (writer, 0x2000, rtmfp_bytes (what, strlen (what)));
}

static RtmfpStatus
write_number (RtmfpWriter *writer, const void *what) {
  return rtmfp_write_option_vlu (writer, 0x0a, *(const uint64_t *)what);
}

static void
test_writes_whole_or_nothing (void) {
  const uint64_t number = 300;
  test_write_at_each_room ("05c000616263", write_text, "abc");
  test_write_at_each_room ("030a822c", write_number, &number);
  g_assert_cmpuint (rtmfp_option_size (0x2000, 3), ==, 6);
  g_assert_cmpuint (rtmfp_option_size (0x00, 127), ==, 130);
  uint8_t space[1];
  RtmfpWriter writer = rtmfp_writer (space, 1);
  g_assert_cmpint (rtmfp_write_marker (&writer), ==, RTMFP_OK);
  g_assert_cmpint (rtmfp_write_marker (&writer), ==, RTMFP_TRUNCATED);
  g_assert_cmpuint (space[0], ==, 0);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/option/reads-options-and-markers", test_reads_options_and_markers);
  g_test_add_func ("/wire/option/read/truncated-at-each-length", test_truncated_at_each_length);
  g_test_add_func ("/wire/option/read/a-type-must-fit-its-length", test_a_type_must_fit_its_length);
  g_test_add_func ("/wire/option/writes-whole-or-nothing", test_writes_whole_or_nothing);
  return g_test_run ();
}

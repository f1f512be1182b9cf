/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7016 s2.3.11, s2.3.12, s2.3.15. */
#include "core/wire/data-chunk.h"
#include "core/wire/params.h"
#include "tests/wire/cut.h"

static RtmfpStatus
read_hex (const char *hex, RtmfpUserData *data) {
  static RtmfpBuffer payload; /* what data borrows from, until the next call */
  rtmfp_buffer_clear (&payload);
  test_hex_append (&payload, hex);
  RtmfpStatus status = rtmfp_read_user_data (rtmfp_buffer_bytes (&payload), data);
  if (status != RTMFP_OK) {
    rtmfp_buffer_clear (&payload);
  }
  return status;
}

static RtmfpStatus
write_data (RtmfpWriter *writer, const void *what) {
  return rtmfp_write_user_data (writer, what);
}

static RtmfpStatus
write_next (RtmfpWriter *writer, const void *what) {
  return rtmfp_write_next_user_data (writer, what);
}

/* Figure 3 of the RFC. */
static void
test_sequential_messages (void) {
  RtmfpBuffer first = test_hex ("00 020503 000102"), second = test_hex ("00 030405");
  RtmfpUserData data;
  g_assert_cmpint (rtmfp_read_user_data (rtmfp_buffer_bytes (&first), &data), ==, RTMFP_OK);
  g_assert_cmpint (data.fragment, ==, RTMFP_FRAGMENT_WHOLE);
  g_assert_cmpuint (data.flow_id, ==, 2);
  g_assert_cmpuint (data.sequence_number, ==, 5);
  g_assert_cmpuint (data.forward_sequence_number, ==, 2);
  test_assert_hex (data.data, "000102");
  test_write_at_each_room ("100007 00 020503 000102", write_data, &data);
  g_assert_cmpuint (rtmfp_user_data_overhead (&data, false), ==, 7);

  RtmfpUserData next;
  g_assert_cmpint (rtmfp_read_next_user_data (rtmfp_buffer_bytes (&second), &data, &next), ==,
                   RTMFP_OK);
  g_assert_cmpuint (next.flow_id, ==, 2);
  g_assert_cmpuint (next.sequence_number, ==, 6);
  g_assert_cmpuint (next.forward_sequence_number, ==, 2);
  test_assert_hex (next.data, "030405");
  g_assert_true (rtmfp_user_data_is_next (&next, &data));
  g_assert_false (rtmfp_user_data_is_next (&data, &next));
  test_write_at_each_room ("110004 00 030405", write_next, &next);
  g_assert_cmpuint (rtmfp_user_data_overhead (&next, true), ==, 4);
  g_assert_cmpint (rtmfp_read_next_user_data (rtmfp_buffer_bytes (&second), &next, &next), ==,
                   RTMFP_OK);
  g_assert_cmpuint (next.sequence_number, ==, 7);
  rtmfp_buffer_clear (&first);
  rtmfp_buffer_clear (&second);
}

static void
test_next_needs_a_previous (void) {
  RtmfpBuffer payload = test_hex ("00 030405");
  RtmfpUserData data;
  g_assert_cmpint (rtmfp_read_next_user_data (rtmfp_buffer_bytes (&payload), NULL, &data), ==,
                   RTMFP_MALFORMED);
  const RtmfpUserData last = {.sequence_number = UINT64_MAX};
  g_assert_cmpint (rtmfp_read_next_user_data (rtmfp_buffer_bytes (&payload), &last, &data), ==,
                   RTMFP_MALFORMED);
  g_assert_cmpint (rtmfp_read_next_user_data (rtmfp_bytes (NULL, 0), &last, &data), ==,
                   RTMFP_TRUNCATED);
  const RtmfpUserData one = {.flow_id = 1, .sequence_number = 4, .forward_sequence_number = 2};
  RtmfpUserData other = one;
  other.sequence_number = 5;
  g_assert_true (rtmfp_user_data_is_next (&other, &one));
  other.forward_sequence_number = 3;
  g_assert_false (rtmfp_user_data_is_next (&other, &one));
  other.forward_sequence_number = 2;
  other.flow_id = 2;
  g_assert_false (rtmfp_user_data_is_next (&other, &one));
  rtmfp_buffer_clear (&payload);
}

static void
test_options (void) {
  const char *chunk = "100015 a3 02 03 03 05006d657461 020a07 00 6d657373616765";
  RtmfpUserData data;
  RtmfpBuffer payload = test_hex (chunk);
  g_assert_cmpint (rtmfp_read_user_data (rtmfp_bytes (payload.data + 3, payload.size - 3), &data),
                   ==, RTMFP_OK);
  g_assert_cmpint (data.fragment, ==, RTMFP_FRAGMENT_END);
  g_assert_true (data.final && data.abandon && data.has_options);
  g_assert_true (data.options.has_metadata && data.options.has_association);
  g_assert_false (data.options.must_reject);
  test_assert_bytes (data.options.metadata, rtmfp_bytes ("meta", 4));
  g_assert_cmpuint (data.options.association, ==, 7);
  g_assert_cmpuint (data.data.size, ==, 0); /* what was given up is not to be looked at */
  data.data = rtmfp_bytes ("message", 7);
  g_assert_cmpuint (rtmfp_user_data_overhead (&data, false) + 7, ==, payload.size);
  test_write_at_each_room (chunk, write_data, &data);
  rtmfp_buffer_clear (&payload);
}

static bool
read_one (RtmfpBytes payload) {
  RtmfpUserData data;
  return rtmfp_read_user_data (payload, &data) == RTMFP_OK;
}

static void
test_truncated_at_each_length (void) {
  RtmfpBuffer payload = test_hex ("80 8102 8103 03 05006d657461 020a07 00 6d65");
  g_assert_cmpuint (test_shortest_readable (rtmfp_buffer_bytes (&payload), read_one), ==,
                    payload.size - 2);
  rtmfp_buffer_clear (&payload);
}

static void
test_unknown_options (void) {
  RtmfpUserData data;
  g_assert_cmpint (read_hex ("80 02 01 01 0100 020b07 00", &data), ==, RTMFP_OK);
  g_assert_true (data.options.must_reject);
  g_assert_cmpint (read_hex ("80 02 01 01 0100 03bf7f07 00", &data), ==, RTMFP_OK);
  g_assert_true (data.options.must_reject); /* 8191 */
  g_assert_cmpint (read_hex ("80 02 01 01 0100 03c00007 00", &data), ==, RTMFP_OK);
  g_assert_false (data.options.must_reject); /* 8192 */
  g_assert_true (data.options.has_metadata);
  g_assert_cmpuint (data.options.metadata.size, ==, 0);
  g_assert_cmpint (read_hex ("80 02 01 01 0100 020a07 020a08 00", &data), ==, RTMFP_OK);
  g_assert_true (data.options.must_reject); /* two associations */
  g_assert_cmpint (read_hex ("80 02 01 01 0100 020a87 00", &data), ==, RTMFP_OK);
  g_assert_true (data.options.must_reject); /* a broken association */
}

/* Who sends an option twice breaks a SHOULD NOT only, s2.3.11.1. */
static void
test_options_twice (void) {
  RtmfpUserData data;
  g_assert_cmpint (read_hex ("80 02 01 01 020061 020062 020a07 020a07 00", &data), ==, RTMFP_OK);
  g_assert_false (data.options.must_reject);
  test_assert_bytes (data.options.metadata, rtmfp_bytes ("a", 1));
  g_assert_cmpuint (data.options.association, ==, 7);
}

static void
test_bounds_the_option_list (void) {
  RtmfpUserData data;
  RtmfpBuffer payload = test_hex ("80 02 01 01");
  for (int i = 0; i < RTMFP_OPTIONS_MAX - 1; i++) {
    test_hex_append (&payload, "02c000");
  }
  rtmfp_buffer_append_u8 (&payload, 0);
  g_assert_cmpint (rtmfp_read_user_data (rtmfp_buffer_bytes (&payload), &data), ==, RTMFP_OK);
  payload.size--;
  test_hex_append (&payload, "02c00000");
  g_assert_cmpint (rtmfp_read_user_data (rtmfp_buffer_bytes (&payload), &data), ==,
                   RTMFP_MALFORMED);
  rtmfp_buffer_clear (&payload);
}

static void
test_numbers_that_cannot_be (void) {
  RtmfpUserData data;
  g_assert_cmpint (read_hex ("00 02 00 00", &data), ==, RTMFP_MALFORMED); /* number 0 */
  g_assert_cmpint (read_hex ("02 02 00 00", &data), ==, RTMFP_MALFORMED);
  g_assert_cmpint (read_hex ("00 02 05 00", &data), ==, RTMFP_MALFORMED); /* offset 0 */
  g_assert_cmpint (read_hex ("02 02 05 00", &data), ==, RTMFP_OK); /* allowed when abandoned */
  g_assert_cmpuint (data.forward_sequence_number, ==, 5);
  g_assert_cmpint (read_hex ("00 02 05 06", &data), ==, RTMFP_MALFORMED); /* beyond the number */
  g_assert_cmpint (read_hex ("00 02 05 05", &data), ==, RTMFP_OK);
  g_assert_cmpuint (data.forward_sequence_number, ==, 0);
}

static RtmfpStatus
write_probe (RtmfpWriter *writer, const void *what) {
  return rtmfp_write_buffer_probe (writer, *(const uint64_t *)what);
}

static bool
read_probe (RtmfpBytes payload) {
  uint64_t flow_id;
  return rtmfp_read_buffer_probe (payload, &flow_id) == RTMFP_OK;
}

static void
test_buffer_probe (void) {
  RtmfpBuffer payload = test_hex ("8203");
  uint64_t flow_id = 0;
  g_assert_cmpint (rtmfp_read_buffer_probe (rtmfp_buffer_bytes (&payload), &flow_id), ==, RTMFP_OK);
  g_assert_cmpuint (flow_id, ==, 259);
  test_write_at_each_room ("180002 8203", write_probe, &flow_id);
  g_assert_cmpuint (test_shortest_readable (rtmfp_buffer_bytes (&payload), read_probe), ==, 2);
  rtmfp_buffer_clear (&payload);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/data-chunk/sequential-messages-as-in-figure-3", test_sequential_messages);
  g_test_add_func ("/wire/data-chunk/next-needs-a-previous", test_next_needs_a_previous);
  g_test_add_func ("/wire/data-chunk/options", test_options);
  g_test_add_func ("/wire/data-chunk/truncated-at-each-length", test_truncated_at_each_length);
  g_test_add_func ("/wire/data-chunk/unknown-options-below-8192-reject-the-flow",
                   test_unknown_options);
  g_test_add_func ("/wire/data-chunk/options-twice", test_options_twice);
  g_test_add_func ("/wire/data-chunk/bounds-the-option-list", test_bounds_the_option_list);
  g_test_add_func ("/wire/data-chunk/refuses-numbers-that-cannot-be", test_numbers_that_cannot_be);
  g_test_add_func ("/wire/data-chunk/buffer-probe", test_buffer_probe);
  return g_test_run ();
}

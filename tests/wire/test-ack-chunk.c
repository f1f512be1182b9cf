/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7016 s2.3.13, s2.3.14, s2.3.16. */
#include "core/wire/ack-chunk.h"
#include "tests/wire/cut.h"

/* "18-18 21-24" */
static void
assert_ranges (RtmfpAck *ack, const char *expected) {
  GString *text = g_string_new (NULL);
  RtmfpRange range;
  while (rtmfp_ack_next_range (ack, &range)) {
    g_string_append_printf (text, "%s%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT,
                            text->len > 0 ? " " : "", range.first, range.last);
  }
  g_assert_false (rtmfp_ack_next_range (ack, &range));
  g_assert_cmpstr (text->str, ==, expected);
  g_string_free (text, TRUE);
}

static void
assert_read (bool is_bitmap, const char *hex, const char *expected) {
  RtmfpBuffer payload = test_hex (hex);
  RtmfpAck ack;
  RtmfpStatus status = is_bitmap ? rtmfp_read_ack_bitmap (rtmfp_buffer_bytes (&payload), &ack)
                                 : rtmfp_read_ack_ranges (rtmfp_buffer_bytes (&payload), &ack);
  g_assert_cmpint (status, ==, RTMFP_OK);
  g_assert_cmpuint (ack.flow_id, ==, 5);
  assert_ranges (&ack, expected);
  rtmfp_buffer_clear (&payload);
}

static void
test_figures (void) {
  RtmfpBuffer payload = test_hex ("05 7f 10 7906");
  RtmfpAck ack;
  g_assert_cmpint (rtmfp_read_ack_bitmap (rtmfp_buffer_bytes (&payload), &ack), ==, RTMFP_OK);
  g_assert_cmpuint (ack.buffer_bytes_available, ==, 127 * 1024);
  g_assert_cmpuint (ack.cumulative_ack, ==, 16);
  rtmfp_buffer_clear (&payload);
  assert_read (true, "05 7f 10 7906", "18-18 21-24 27-28"); /* figure 4 */
  assert_read (false, "05 7f 10 0000 0103", "18-18 21-24"); /* figure 5 */
  assert_read (false, "05 7f 10 0000 0183", "18-18");       /* figure 6 */
  assert_read (false, "05 7f 10 0000 01", "18-18");
  assert_read (true, "05 7f 10 80 01", "25-26"); /* one run over two bytes */
  assert_read (true, "05 7f 10", "");
  assert_read (true, "05 7f 10 0000", "");
  assert_read (true, "05 7f 10 ff", "18-25");
}

static void
test_numbers_end_at_64_bits (void) {
  /* cumulative ack 2^64 - 4: only 2^64 - 2 and 2^64 - 1 can be named */
  assert_read (false, "05 01 81ffffffffffffffff7c 00 00",
               "18446744073709551614-18446744073709551614");
  assert_read (false, "05 01 81ffffffffffffffff7c 00 01",
               "18446744073709551614-18446744073709551615");
  assert_read (false, "05 01 81ffffffffffffffff7c 00 02", "");
  assert_read (false, "05 01 81ffffffffffffffff7c 02 00", "");
  assert_read (false, "05 01 81ffffffffffffffff7c 00 01 00 00",
               "18446744073709551614-18446744073709551615");
  assert_read (false, "05 01 10 81ffffffffffffffff7f 00", "");
  assert_read (true, "05 01 81ffffffffffffffff7c ff", "18446744073709551614-18446744073709551615");
  assert_read (true, "05 01 81ffffffffffffffff7e ff", "");
  assert_read (true, "05 01 81ffffffffffffffff7d ff", "18446744073709551615-18446744073709551615");
}

static void
test_buffer_saturates (void) {
  RtmfpBuffer payload = test_hex ("05 81ffffffffffffffff7f 10");
  RtmfpAck ack;
  g_assert_cmpint (rtmfp_read_ack_ranges (rtmfp_buffer_bytes (&payload), &ack), ==, RTMFP_OK);
  g_assert_cmpuint (ack.buffer_bytes_available, ==, UINT64_MAX);
  rtmfp_buffer_clear (&payload);
}

static bool
read_ranges (RtmfpBytes payload) {
  RtmfpAck ack;
  RtmfpRange range;
  bool done = rtmfp_read_ack_ranges (payload, &ack) == RTMFP_OK;
  while (done && rtmfp_ack_next_range (&ack, &range)) {
  }
  return done;
}

static bool
read_bitmap (RtmfpBytes payload) {
  RtmfpAck ack;
  RtmfpRange range;
  bool done = rtmfp_read_ack_bitmap (payload, &ack) == RTMFP_OK;
  while (done && rtmfp_ack_next_range (&ack, &range)) {
  }
  return done;
}

static void
test_truncated_at_each_length (void) {
  RtmfpBuffer payload = test_hex ("05 7f 8110 0000 8103 ff");
  g_assert_cmpuint (test_shortest_readable (rtmfp_buffer_bytes (&payload), read_ranges), ==, 4);
  g_assert_cmpuint (test_shortest_readable (rtmfp_buffer_bytes (&payload), read_bitmap), ==, 4);
  rtmfp_buffer_clear (&payload);
}

static RtmfpStatus
write_ranges_one (RtmfpWriter *writer, const void *what) {
  return rtmfp_write_ack_ranges (writer, what, NULL);
}

static RtmfpStatus
write_bitmap_one (RtmfpWriter *writer, const void *what) {
  return rtmfp_write_ack_bitmap (writer, what);
}

static const RtmfpRange some[] = {{18, 18}, {21, 24}, {27, 28}};

static void
test_writes (void) {
  RtmfpAckContent content = {.flow_id = 5,
                             .buffer_bytes_available = 126 * 1024 + 1,
                             .cumulative_ack = 16,
                             .ranges = some,
                             .range_count = 3};
  uint8_t space[64];
  size_t written = 0;
  RtmfpWriter writer = rtmfp_writer (space, sizeof space);
  g_assert_cmpint (rtmfp_write_ack_ranges (&writer, &content, &written), ==, RTMFP_OK);
  test_assert_hex (rtmfp_bytes (space, rtmfp_writer_size (&writer)),
                   "510009 05 7f 10 0000 0103 0101");
  g_assert_cmpuint (written, ==, 3);
  g_assert_cmpuint (rtmfp_ack_ranges_size (&content), ==, 12);
  writer = rtmfp_writer (space, sizeof space);
  g_assert_cmpint (rtmfp_write_ack_bitmap (&writer, &content), ==, RTMFP_OK);
  test_assert_hex (rtmfp_bytes (space, rtmfp_writer_size (&writer)), "500005 05 7f 10 7906");
  g_assert_cmpuint (rtmfp_ack_bitmap_size (&content), ==, 8);
  content.range_count = 0;
  test_write_at_each_room ("510003 05 7f 10", write_ranges_one, &content);
  test_write_at_each_room ("500003 05 7f 10", write_bitmap_one, &content);
}

static void
test_writes_what_fits (void) {
  const RtmfpAckContent content = {.flow_id = 5,
                                   .buffer_bytes_available = 127 * 1024,
                                   .cumulative_ack = 16,
                                   .ranges = some,
                                   .range_count = 3};
  for (size_t room = 6; room <= 12; room++) {
    uint8_t space[12];
    size_t written = 9;
    RtmfpWriter writer = rtmfp_writer (space, room);
    g_assert_cmpint (rtmfp_write_ack_ranges (&writer, &content, &written), ==, RTMFP_OK);
    g_assert_cmpuint (written, ==, (room - 6) / 2);
    g_assert_cmpuint (rtmfp_writer_size (&writer), ==, 6 + 2 * written);
    g_assert_cmpuint (space[2], ==, 3 + 2 * written);
  }
  uint8_t space[7];
  RtmfpWriter writer = rtmfp_writer (space, 7);
  g_assert_cmpint (rtmfp_write_ack_bitmap (&writer, &content), ==, RTMFP_OK);
  test_assert_hex (rtmfp_bytes (space, rtmfp_writer_size (&writer)), "500004 05 7f 10 79");
}

/* Both kinds say the same of any set. */
static void
test_both_kinds_agree (void) {
  TestRng rng = {2};
  for (int round = 0; round < 2000; round++) {
    RtmfpRanges set = {0};
    uint64_t cumulative = test_rng_below (&rng, 1000);
    for (uint64_t i = test_rng_below (&rng, 20); i > 0; i--) {
      uint64_t first = cumulative + 2 + test_rng_below (&rng, 400);
      g_assert_cmpint (rtmfp_ranges_add (&set, first, first + test_rng_below (&rng, 20), 100), ==,
                       RTMFP_OK);
    }
    const RtmfpAckContent content = {
        .flow_id = 5, .cumulative_ack = cumulative, .ranges = set.items, .range_count = set.count};
    uint8_t space[2][512];
    RtmfpWriter ranges = rtmfp_writer (space[0], sizeof space[0]);
    RtmfpWriter bitmap = rtmfp_writer (space[1], sizeof space[1]);
    g_assert_cmpint (rtmfp_write_ack_ranges (&ranges, &content, NULL), ==, RTMFP_OK);
    g_assert_cmpint (rtmfp_write_ack_bitmap (&bitmap, &content), ==, RTMFP_OK);
    g_assert_cmpuint (rtmfp_writer_size (&ranges), ==, rtmfp_ack_ranges_size (&content));
    g_assert_cmpuint (rtmfp_writer_size (&bitmap), ==, rtmfp_ack_bitmap_size (&content));
    RtmfpAck acks[2];
    g_assert_cmpint (rtmfp_read_ack_ranges (
                         rtmfp_bytes (space[0] + 3, rtmfp_writer_size (&ranges) - 3), &acks[0]),
                     ==, RTMFP_OK);
    g_assert_cmpint (rtmfp_read_ack_bitmap (
                         rtmfp_bytes (space[1] + 3, rtmfp_writer_size (&bitmap) - 3), &acks[1]),
                     ==, RTMFP_OK);
    for (size_t i = 0; i < set.count; i++) {
      for (int kind = 0; kind < 2; kind++) {
        RtmfpRange range;
        g_assert_true (rtmfp_ack_next_range (&acks[kind], &range));
        g_assert_cmpuint (range.first, ==, set.items[i].first);
        g_assert_cmpuint (range.last, ==, set.items[i].last);
      }
    }
    assert_ranges (&acks[0], "");
    assert_ranges (&acks[1], "");
    rtmfp_ranges_clear (&set);
  }
}

static RtmfpStatus
write_exception (RtmfpWriter *writer, const void *what) {
  const uint64_t *numbers = what;
  return rtmfp_write_flow_exception (writer, numbers[0], numbers[1]);
}

static bool
read_exception (RtmfpBytes payload) {
  uint64_t flow_id, code;
  return rtmfp_read_flow_exception (payload, &flow_id, &code) == RTMFP_OK;
}

static void
test_flow_exception (void) {
  RtmfpBuffer payload = test_hex ("05 8203");
  uint64_t numbers[2] = {0};
  g_assert_cmpint (
      rtmfp_read_flow_exception (rtmfp_buffer_bytes (&payload), &numbers[0], &numbers[1]), ==,
      RTMFP_OK);
  g_assert_cmpuint (numbers[0], ==, 5);
  g_assert_cmpuint (numbers[1], ==, 259);
  test_write_at_each_room ("5e0003 05 8203", write_exception, numbers);
  g_assert_cmpuint (test_shortest_readable (rtmfp_buffer_bytes (&payload), read_exception), ==, 3);
  rtmfp_buffer_clear (&payload);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/ack-chunk/reads-figures-4-to-6", test_figures);
  g_test_add_func ("/wire/ack-chunk/numbers-end-at-64-bits", test_numbers_end_at_64_bits);
  g_test_add_func ("/wire/ack-chunk/buffer-saturates", test_buffer_saturates);
  g_test_add_func ("/wire/ack-chunk/truncated-at-each-length", test_truncated_at_each_length);
  g_test_add_func ("/wire/ack-chunk/writes-both-kinds", test_writes);
  g_test_add_func ("/wire/ack-chunk/writes-what-fits", test_writes_what_fits);
  g_test_add_func ("/wire/ack-chunk/both-kinds-agree", test_both_kinds_agree);
  g_test_add_func ("/wire/ack-chunk/flow-exception", test_flow_exception);
  return g_test_run ();
}

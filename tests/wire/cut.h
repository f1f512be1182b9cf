/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a reader or a writer over every shorter size of its input or room. */
#ifndef TEST_WIRE_CUT_H
#define TEST_WIRE_CUT_H

#include "tests/support/support.h"

#include <glib.h>

/* Calls read with every prefix of the bytes, shortest first, each in memory of exactly its size (so
 * that the sanitizer sees a read beyond). Returns the length of the shortest prefix from which on
 * all are read. */
static inline size_t
test_shortest_readable (RtmfpBytes bytes, bool (*read) (RtmfpBytes payload)) {
  size_t shortest = bytes.size + 1;
  for (size_t size = 0; size <= bytes.size; size++) {
    uint8_t *exact = g_memdup2 (bytes.data, size > 0 ? size : 1);
    bool is_readable = read (rtmfp_bytes (size > 0 ? exact : NULL, size));
    g_free (exact);
    if (is_readable && shortest > size) {
      shortest = size;
    } else if (!is_readable) {
      shortest = bytes.size + 1;
    }
  }
  return shortest;
}

/* Calls write with every room below the chunk's size and checks that nothing is written, then with
 * exactly its size, and compares. */
static inline void
test_write_at_each_room (const char *expected_hex,
                         RtmfpStatus (*write) (RtmfpWriter *writer, const void *what),
                         const void *what) {
  RtmfpBuffer expected = test_hex (expected_hex);
  uint8_t space[2048];
  g_assert_cmpuint (expected.size, <, sizeof space);
  for (size_t room = 0; room < expected.size; room++) {
    RtmfpWriter writer = rtmfp_writer (space, room);
    g_assert_cmpint (write (&writer, what), ==, RTMFP_TRUNCATED);
    g_assert_cmpuint (rtmfp_writer_size (&writer), ==, 0);
  }
  RtmfpWriter writer = rtmfp_writer (space, expected.size);
  g_assert_cmpint (write (&writer, what), ==, RTMFP_OK);
  test_assert_bytes (rtmfp_bytes (space, rtmfp_writer_size (&writer)),
                     rtmfp_buffer_bytes (&expected));
  rtmfp_buffer_clear (&expected);
}

#endif

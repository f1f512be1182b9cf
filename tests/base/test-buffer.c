/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/buffer.h"
#include "tests/support/support.h"

#include <glib.h>
#include <string.h>

static void
test_appends_in_network_order (void) {
  RtmfpBuffer buffer = {0};
  rtmfp_buffer_append_u8 (&buffer, 0x01);
  rtmfp_buffer_append_u16 (&buffer, 0x0203);
  rtmfp_buffer_append_u24 (&buffer, 0xff040506);
  rtmfp_buffer_append_u32 (&buffer, 0x0708090a);
  rtmfp_buffer_append_u64 (&buffer, 0x0b0c0d0e0f101112);
  rtmfp_buffer_append (&buffer, rtmfp_bytes ("ab", 2));
  rtmfp_buffer_append (&buffer, rtmfp_bytes (NULL, 0));
  test_assert_hex (rtmfp_buffer_bytes (&buffer), "0102030405060708090a0b0c0d0e0f1011126162");
  rtmfp_buffer_clear (&buffer);
  g_assert_null (buffer.data);
  rtmfp_buffer_append_u8 (&buffer, 9); /* may be used again */
  g_assert_cmpuint (buffer.size, ==, 1);
  rtmfp_buffer_clear (&buffer);
}

static void
test_grows (void) {
  RtmfpBuffer buffer = {0};
  for (unsigned i = 0; i < 10000; i++) {
    rtmfp_buffer_append_u8 (&buffer, (uint8_t)(i * 7));
    g_assert_cmpuint (buffer.capacity, >=, buffer.size);
  }
  for (unsigned i = 0; i < 10000; i++) {
    g_assert_cmpuint (buffer.data[i], ==, (uint8_t)(i * 7));
  }
  size_t size = buffer.size;
  uint8_t *at = rtmfp_buffer_reserve (&buffer, 100000);
  g_assert_true (at == buffer.data + size);
  g_assert_cmpuint (buffer.size, ==, size);
  memset (at, 1, 100000);
  rtmfp_buffer_clear (&buffer);
}

static void
test_take_hands_over (void) {
  RtmfpBuffer buffer = {0};
  size_t size = 99;
  g_assert_null (rtmfp_buffer_reserve (&buffer, 0));
  g_assert_null (rtmfp_buffer_take (&buffer, &size));
  g_assert_cmpuint (size, ==, 0);
  rtmfp_buffer_append (&buffer, rtmfp_bytes ("abc", 3));
  uint8_t *data = rtmfp_buffer_take (&buffer, &size);
  g_assert_cmpmem (data, size, "abc", 3);
  g_assert_null (buffer.data);
  g_assert_cmpuint (buffer.size, ==, 0);
  free (data);
}

static void
test_an_impossible_size_ends_the_process (void) {
  if (g_test_subprocess ()) {
    RtmfpBuffer buffer = {0};
    rtmfp_buffer_append_u8 (&buffer, 1);
    rtmfp_buffer_reserve (&buffer, SIZE_MAX);
    return;
  }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*out of memory*");
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/buffer/appends-in-network-order", test_appends_in_network_order);
  g_test_add_func ("/base/buffer/grows", test_grows);
  g_test_add_func ("/base/buffer/take-hands-over", test_take_hands_over);
  g_test_add_func ("/base/buffer/an-impossible-size-ends-the-process",
                   test_an_impossible_size_ends_the_process);
  return g_test_run ();
}

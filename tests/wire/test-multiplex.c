/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7016 s2.2.2. */
#include "core/wire/multiplex.h"
#include "tests/wire/cut.h"

static void
test_known_value (void) {
  RtmfpBuffer datagram = test_hex ("00000000 01020304 10203040 ffffffff");
  rtmfp_multiplex_scramble (datagram.data, datagram.size, 0x02000000);
  test_assert_hex (rtmfp_bytes (datagram.data, 4), "13223344");
  uint32_t id = 0;
  g_assert_cmpint (rtmfp_multiplex_session_id (rtmfp_buffer_bytes (&datagram), &id), ==, RTMFP_OK);
  g_assert_cmphex (id, ==, 0x02000000);
  rtmfp_buffer_clear (&datagram);
}

static void
test_short_packets_count_as_padded_with_zeros (void) {
  for (size_t size = 4; size <= 16; size++) {
    uint8_t datagram[16] = {9, 9, 9, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    uint8_t padded[16] = {0};
    memcpy (padded + 4, datagram + 4, size - 4);
    rtmfp_multiplex_scramble (datagram, size, 0xdeadbeef);
    rtmfp_multiplex_scramble (padded, 16, 0xdeadbeef);
    test_assert_bytes (rtmfp_bytes (datagram, 4), rtmfp_bytes (padded, 4));
    uint32_t id = 0;
    g_assert_cmpint (rtmfp_multiplex_session_id (rtmfp_bytes (datagram, size), &id), ==, RTMFP_OK);
    g_assert_cmphex (id, ==, 0xdeadbeef);
  }
}

static void
test_refuses_less_than_an_id (void) {
  const uint8_t datagram[3] = {1, 2, 3};
  uint32_t id = 7;
  for (size_t size = 0; size < 4; size++) {
    g_assert_cmpint (rtmfp_multiplex_session_id (rtmfp_bytes (datagram, size), &id), ==,
                     RTMFP_TRUNCATED);
  }
  g_assert_cmpuint (id, ==, 7);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/multiplex/scrambles-and-unscrambles", test_known_value);
  g_test_add_func ("/wire/multiplex/short-packets-count-as-padded-with-zeros",
                   test_short_packets_count_as_padded_with_zeros);
  g_test_add_func ("/wire/multiplex/refuses-less-than-an-id", test_refuses_less_than_an_id);
  return g_test_run ();
}

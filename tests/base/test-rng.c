/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/rng.h"

#include <glib.h>

static void
count_up (void *user, uint8_t *out, size_t size) {
  uint8_t *next = user;
  for (size_t i = 0; i < size; i++) {
    out[i] = (*next)++;
  }
}

static void
test_takes_bytes_in_order (void) {
  uint8_t next = 1, bytes[3];
  const RtmfpRng rng = {.fill = count_up, .user = &next};
  g_assert_cmphex (rtmfp_rng_u32 (&rng), ==, 0x01020304);
  rtmfp_rng_fill (&rng, bytes, sizeof bytes);
  g_assert_cmpuint (bytes[0], ==, 5);
  g_assert_cmpuint (bytes[2], ==, 7);
  g_assert_cmpuint (next, ==, 8);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/rng/takes-bytes-in-order", test_takes_bytes_in_order);
  return g_test_run ();
}

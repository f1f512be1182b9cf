/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SipHash-2-4's own vectors: key 00 to 0f, messages 00, 00 01, ... */
#include "core/base/hash.h"

#include <glib.h>

static void
test_vectors (void) {
  static const uint64_t expected[] = {
      0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d,
      0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
      0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3, 0xf4b32f46226bada7,
      0x751e8fbc860ee5fb, 0x14ea5627c0843d90, 0xf723ca908e7af2ee, 0xa129ca6149be45e5,
  };
  RtmfpHashKey key;
  uint8_t message[16];
  for (unsigned i = 0; i < 16; i++) {
    key.bytes[i] = message[i] = (uint8_t)i;
  }
  for (unsigned size = 0; size < G_N_ELEMENTS (expected); size++) {
    g_assert_cmphex (rtmfp_hash (&key, rtmfp_bytes (message, size)), ==, expected[size]);
  }
  g_assert_cmphex (rtmfp_hash (&key, rtmfp_bytes (NULL, 0)), ==, expected[0]);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/hash/vectors", test_vectors);
  return g_test_run ();
}

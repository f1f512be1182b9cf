/* SPDX-License-Identifier: GPL-3.0-or-later */
/* UTF-8: the examples and the forbidden forms of RFC 3629, and GLib's opinion on random bytes. */
#include "core/amf/utf8.h"

#include <glib.h>
#include <string.h>

static bool
valid (const char *text) {
  return rtmfp_utf8_is_valid (rtmfp_bytes (text, strlen (text)));
}

static void
test_forms (void) {
  g_assert_true (rtmfp_utf8_is_valid (rtmfp_bytes (NULL, 0)));
  g_assert_true (rtmfp_utf8_is_valid (rtmfp_bytes ("\0", 1)));
  g_assert_true (valid ("A\xe2\x89\xa2\xce\x91."));
  g_assert_true (valid ("\xf0\xa3\x8e\xb4"));
  g_assert_true (valid ("\xf4\x8f\xbf\xbf"));
  g_assert_false (valid ("\xc0\x80"));
  g_assert_false (valid ("\xc1\xbf"));
  g_assert_false (valid ("\xe0\x9f\xbf"));
  g_assert_false (valid ("\xed\xa0\x80"));
  g_assert_false (valid ("\xf0\x8f\xbf\xbf"));
  g_assert_false (valid ("\xf4\x90\x80\x80"));
  g_assert_false (valid ("\xf5\x80\x80\x80"));
  g_assert_false (valid ("\x80"));
  g_assert_false (valid ("\xe2\x89"));
  g_assert_false (valid ("\xe2\x89z"));
}

static void
test_agrees_with_glib (void) {
  GRand *rand = g_rand_new_with_seed (3629);
  for (int i = 0; i < 200000; i++) {
    static const uint8_t often[] = {0xe0, 0xed, 0xf0, 0xf4, 0x80, 0x9f,
                                    0xa0, 0xbf, 0x8f, 0x90, 0x41};
    uint8_t bytes[6];
    const size_t size = (size_t)g_rand_int_range (rand, 1, 6);
    for (size_t j = 0; j < size; j++) {
      const guint32 pick = g_rand_int (rand);
      bytes[j] = pick & 1 ? often[pick / 2 % sizeof often] : (uint8_t)(pick / 2 % 255 + 1);
    }
    g_assert_cmpint (rtmfp_utf8_is_valid (rtmfp_bytes (bytes, size)), ==,
                     g_utf8_validate ((const char *)bytes, (gssize)size, NULL));
  }
  g_rand_free (rand);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/amf/utf8/forms", test_forms);
  g_test_add_func ("/amf/utf8/agrees-with-glib", test_agrees_with_glib);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "core/base/memory.h"

#include <glib.h>
#include <stdint.h>
#include <stdlib.h>

static void
test_new_resize_copy (void) {
  uint32_t *numbers = rtmfp_memory_new (100, sizeof *numbers);
  for (int i = 0; i < 100; i++) {
    g_assert_cmpuint (numbers[i], ==, 0);
    numbers[i] = (uint32_t)i;
  }
  numbers = rtmfp_memory_resize (numbers, 1000, sizeof *numbers);
  g_assert_cmpuint (numbers[99], ==, 99);
  uint32_t *copy = rtmfp_memory_copy (numbers, 100 * sizeof *numbers);
  g_assert_cmpmem (copy, 400, numbers, 400);
  free (copy);
  free (numbers);
  g_assert_null (rtmfp_memory_copy (NULL, 0));
  void *empty = rtmfp_memory_new (0, 0);
  g_assert_nonnull (empty);
  empty = rtmfp_memory_resize (empty, 0, 8);
  g_assert_nonnull (empty);
  free (empty);
}

static void
test_resize_overflow_ends_the_process (void) {
  if (g_test_subprocess ()) {
    free (rtmfp_memory_resize (NULL, SIZE_MAX / 2, 3));
    return;
  }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*out of memory*");
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/memory/new-resize-copy", test_new_resize_copy);
  g_test_add_func ("/base/memory/resize-overflow-ends-the-process",
                   test_resize_overflow_ends_the_process);
  return g_test_run ();
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs a fuzz target without a fuzzer: over each file of the given folders, whole, cut at each
 * length and with each byte changed, at the given number of places of a longer file. So the seeds,
 * and what once crashed, stay part of the unit tests of every compiler.
 * usage: fuzz-NAME PLACES FOLDER... */
#include "tests/fuzz/target.h"

#include <glib.h>
#include <string.h>

static size_t places = 1;

/* In memory of exactly that size, so that a sanitizer sees a read beyond. */
static void
run_exact (const uint8_t *data, size_t size) {
  uint8_t *exact = g_malloc (size > 0 ? size : 1);
  memcpy (exact, data, size);
  LLVMFuzzerTestOneInput (exact, size);
  g_free (exact);
}

static void
run_seed (uint8_t *data, size_t size) {
  run_exact (data, size);
  for (size_t i = 0; i < size; i += size / places + 1) {
    const uint8_t value = data[i];
    run_exact (data, i);
    data[i] = (uint8_t)~value;
    run_exact (data, size);
    data[i] = (uint8_t)(value + 1);
    run_exact (data, size);
    data[i] = value;
  }
}

static int
run_folder (const char *path) {
  GDir *folder = g_dir_open (path, 0, NULL);
  int count = 0;
  g_assert_nonnull (folder);
  for (const char *name = g_dir_read_name (folder); name != NULL; name = g_dir_read_name (folder)) {
    char *file = g_build_filename (path, name, NULL);
    char *data = NULL;
    gsize size = 0;
    g_assert_true (g_file_get_contents (file, &data, &size, NULL));
    run_seed ((uint8_t *)data, size);
    count++;
    g_free (data);
    g_free (file);
  }
  g_dir_close (folder);
  return count;
}

int
main (int argc, char **argv) {
  int count = 0;
  places = argc > 1 ? (size_t)atoi (argv[1]) : 0;
  if (places == 0) {
    return 2;
  }
  for (int i = 2; i < argc; i++) {
    count += run_folder (argv[i]);
  }
  g_print ("%d seeds\n", count);
  return count > 0 ? 0 : 1;
}

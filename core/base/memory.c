/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/memory.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
end_out_of_memory (size_t count, size_t size) {
  fprintf (stderr, "out of memory: %zu x %zu bytes\n", count, size);
  abort ();
}

void *
rtmfp_memory_new (size_t count, size_t size) {
  void *memory = calloc (count > 0 ? count : 1, size > 0 ? size : 1);
  if (memory == NULL) {
    end_out_of_memory (count, size);
  }
  return memory;
}

void *
rtmfp_memory_resize (void *memory, size_t count, size_t size) {
  if (size != 0 && count > SIZE_MAX / size) {
    end_out_of_memory (count, size);
  }
  size_t bytes = count * size;
  void *resized = realloc (memory, bytes > 0 ? bytes : 1);
  if (resized == NULL) {
    end_out_of_memory (count, size);
  }
  return resized;
}

void *
rtmfp_memory_copy (const void *bytes, size_t size) {
  if (size == 0) {
    return NULL;
  }
  void *copy = rtmfp_memory_resize (NULL, size, 1); /* not zeroed: it is written over */
  memcpy (copy, bytes, size);
  return copy;
}

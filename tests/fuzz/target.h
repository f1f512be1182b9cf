/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every fuzz target is: one function over any bytes, which must neither crash nor find a
 * broken promise. */
#ifndef TEST_FUZZ_TARGET_H
#define TEST_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Returns 0. */
int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Ends the process when a promise is broken. */
#define FUZZ_ASSERT(promise)                                                                       \
  do {                                                                                             \
    if (!(promise)) {                                                                              \
      fprintf (stderr, "%s:%d: %s\n", __FILE__, __LINE__, #promise);                               \
      abort ();                                                                                    \
    }                                                                                              \
  } while (0)

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for memory that is needed soon, so that it is there by then: among thousands of sessions
 * what one packet touches lies in no cache. */
#ifndef RTMFP_BASE_PREFETCH_H
#define RTMFP_BASE_PREFETCH_H

#include <stddef.h>

#define RTMFP_CACHE_LINE_BYTES 64

/* memory may be NULL or anything else: nothing is read. */
static inline void
rtmfp_prefetch (const void *memory, size_t size) {
  const char *bytes = (const char *)memory;
  for (size_t at = 0; at < size; at += RTMFP_CACHE_LINE_BYTES) {
    __builtin_prefetch (bytes + at, 1);
  }
  __builtin_prefetch (bytes + size - 1, 1);
}

#endif

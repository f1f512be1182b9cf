/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random bytes that repeat, for tests of the rendezvous. */
#ifndef TESTS_RENDEZVOUS_FIXTURE_H
#define TESTS_RENDEZVOUS_FIXTURE_H

#include "core/base/rng.h"

#include <string.h>

#define SECOND INT64_C (1000000)

/* xorshift64*: far from secret, but the same each time. */
static inline void
fixture_fill (void *user, uint8_t *out, size_t size) {
  uint64_t *state = user;
  for (size_t i = 0; i < size; i++) {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    out[i] = (uint8_t)((*state * UINT64_C (2685821657736338717)) >> 56);
  }
}

static inline RtmfpRng
fixture_rng (uint64_t *state) {
  return (RtmfpRng){.fill = fixture_fill, .user = state};
}

#endif

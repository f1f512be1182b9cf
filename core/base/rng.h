/* SPDX-License-Identifier: Apache-2.0 */
/* Where core gets its random bytes: an injected generator, so that every run can be repeated. */
#ifndef RTMFP_BASE_RNG_H
#define RTMFP_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A generator that must be fit for keys, getrandom(2) for instance. */
typedef struct {
  /* Fills out with size random bytes; must not fail. */
  void (*fill) (void *user, uint8_t *out, size_t size);
  void *user; /* (borrowed) */
} RtmfpRng;

/* Fills out with size random bytes. */
static inline void
rtmfp_rng_fill (const RtmfpRng *rng, void *out, size_t size) {
  rng->fill (rng->user, (uint8_t *)out, size);
}

/* A random number of 32 bits. */
static inline uint32_t
rtmfp_rng_u32 (const RtmfpRng *rng) {
  uint8_t b[4];
  rng->fill (rng->user, b, sizeof b);
  return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

#ifdef __cplusplus
}
#endif

#endif

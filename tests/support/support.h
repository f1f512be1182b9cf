/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of several rooms share: hexadecimal bytes and a seeded generator. */
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include "core/base/buffer.h"
#include "core/base/rng.h"

/* Appends the bytes of hexadecimal text to buffer; spaces are skipped, the first other character
 * ends it. */
void test_hex_append (RtmfpBuffer *buffer, const char *text);

/* Bytes of hexadecimal text (owned, free with rtmfp_buffer_clear). */
RtmfpBuffer test_hex (const char *text);

/* Hexadecimal text of bytes (owned, free with g_free). */
char *test_to_hex (RtmfpBytes bytes);

/* Fails the test with both in hexadecimal unless they are equal. */
void test_assert_bytes (RtmfpBytes actual, RtmfpBytes expected);
/* The same against hexadecimal text. */
void test_assert_hex (RtmfpBytes actual, const char *expected);

/* A generator that gives the same bytes for the same seed (SplitMix64). No secret is safe with it.
 */
typedef struct {
  uint64_t state;
} TestRng;

uint64_t test_rng_next (TestRng *rng);
/* 0 to below - 1. */
uint64_t test_rng_below (TestRng *rng, uint64_t below);
/* The injected face of it; rng must outlive it. */
RtmfpRng test_rng (TestRng *rng);

#endif

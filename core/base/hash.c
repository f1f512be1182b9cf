/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/hash.h"

static uint64_t
read_little_endian (const uint8_t *at, size_t size) {
  uint64_t value = 0;
  for (size_t i = size; i > 0; i--) {
    value = value << 8 | at[i - 1];
  }
  return value;
}

static uint64_t
rotate_left (uint64_t value, int bits) {
  return value << bits | value >> (64 - bits);
}

static void
sip_rounds (uint64_t v[4], int rounds) {
  for (int i = 0; i < rounds; i++) {
    v[0] += v[1];
    v[1] = rotate_left (v[1], 13) ^ v[0];
    v[0] = rotate_left (v[0], 32);
    v[2] += v[3];
    v[3] = rotate_left (v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate_left (v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate_left (v[1], 17) ^ v[2];
    v[2] = rotate_left (v[2], 32);
  }
}

uint64_t
rtmfp_hash (const RtmfpHashKey *key, RtmfpBytes bytes) {
  uint64_t k0 = read_little_endian (key->bytes, 8);
  uint64_t k1 = read_little_endian (key->bytes + 8, 8);
  uint64_t v[4] = {0x736f6d6570736575u ^ k0, 0x646f72616e646f6du ^ k1, 0x6c7967656e657261u ^ k0,
                   0x7465646279746573u ^ k1};
  size_t whole = bytes.size & ~(size_t)7;
  for (size_t i = 0; i < whole; i += 8) {
    uint64_t word = read_little_endian (bytes.data + i, 8);
    v[3] ^= word;
    sip_rounds (v, 2);
    v[0] ^= word;
  }
  uint64_t last = (uint64_t)(bytes.size & 0xff) << 56;
  if (bytes.size > whole) {
    last |= read_little_endian (bytes.data + whole, bytes.size - whole);
  }
  v[3] ^= last;
  sip_rounds (v, 2);
  v[0] ^= last;
  v[2] ^= 0xff;
  sip_rounds (v, 4);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "core/session/cookie.h"

#include "core/session/params.h"

#include <string.h>

/* time 4 (units of 1.024 ms, wraps after 50 days) | identity 8 | tag over both 8 | tag over both
 * and the address 8 */
#define TICK_BITS 10
#define STATED_SIZE 12
#define TAG_SIZE 8

void
rtmfp_cookie_key_init (RtmfpCookieKey *key, const RtmfpRng *rng) {
  rtmfp_rng_fill (rng, key, sizeof *key);
}

static void
put_u64 (uint8_t *out, uint64_t value) {
  for (int i = 7; i >= 0; i--) {
    out[i] = (uint8_t)value;
    value >>= 8;
  }
}

static uint64_t
get_u64 (const uint8_t *in) {
  uint64_t value = 0;
  for (int i = 0; i < 8; i++) {
    value = value << 8 | in[i];
  }
  return value;
}

static uint32_t
ticks (int64_t at_us) {
  return (uint32_t)((uint64_t)at_us >> TICK_BITS);
}

static void
write_stated (uint32_t tick, RtmfpId identity, uint8_t *stated) {
  uint8_t tick_bytes[8];
  put_u64 (tick_bytes, tick);
  memcpy (stated, tick_bytes + 4, 4);
  put_u64 (stated + 4, identity);
}

static void
write_tags (const RtmfpCookieKey *key, const uint8_t *stated, const RtmfpAddress *address,
            uint32_t interface_id, uint8_t *tags) {
  uint8_t text[STATED_SIZE + 8 + sizeof address->ip];
  memcpy (text, stated, STATED_SIZE);
  put_u64 (text + STATED_SIZE,
           (uint64_t)interface_id << 32 | (uint64_t)address->family << 16 | address->port);
  memcpy (text + STATED_SIZE + 8, address->ip, sizeof address->ip);
  put_u64 (tags, rtmfp_hash (&key->keys[0], rtmfp_bytes (text, STATED_SIZE)));
  put_u64 (tags + TAG_SIZE, rtmfp_hash (&key->keys[1], rtmfp_bytes (text, sizeof text)));
}

void
rtmfp_cookie_write (const RtmfpCookieKey *key, RtmfpId identity, const RtmfpAddress *address,
                    uint32_t interface_id, int64_t now_us, uint8_t *cookie) {
  write_stated (ticks (now_us), identity, cookie);
  write_tags (key, cookie, address, interface_id, cookie + STATED_SIZE);
}

/* In constant time, so that no tag can be found byte by byte. */
static bool
tags_equal (const uint8_t *a, const uint8_t *b) {
  uint8_t different = 0;
  for (size_t i = 0; i < TAG_SIZE; i++) {
    different |= a[i] ^ b[i];
  }
  return different == 0;
}

RtmfpStatus
rtmfp_cookie_check (const RtmfpCookieKey *key, RtmfpBytes cookie, const RtmfpAddress *address,
                    uint32_t interface_id, int64_t now_us, RtmfpId *identity) {
  if (cookie.size != RTMFP_COOKIE_SIZE) {
    return RTMFP_AUTH;
  }
  uint8_t tags[2 * TAG_SIZE];
  write_tags (key, cookie.data, address, interface_id, tags);
  if (!tags_equal (tags, cookie.data + STATED_SIZE)) {
    return RTMFP_AUTH;
  }
  uint32_t made = (uint32_t)(get_u64 (cookie.data) >> 32);
  if (ticks (now_us) - made > ticks (RTMFP_COOKIE_LIFE_US) + 1) {
    return RTMFP_AUTH;
  }
  *identity = get_u64 (cookie.data + 4);
  return tags_equal (tags + TAG_SIZE, cookie.data + STATED_SIZE + TAG_SIZE) ? RTMFP_OK
                                                                            : RTMFP_STATE;
}

bool
rtmfp_cookie_was_made_before (RtmfpBytes cookie, int64_t at_us) {
  uint32_t made = (uint32_t)(get_u64 (cookie.data) >> 32);
  return (int32_t)(ticks (at_us) - made) >= 0;
}

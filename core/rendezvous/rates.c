/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Token buckets in a bounded table; who was seen longest ago is forgotten first. */
#include "core/rendezvous/rates.h"

#include "core/base/memory.h"
#include "core/rendezvous/params.h"

#include <stdlib.h>
#include "core/base/table.h"

struct AhoyRateEntry {
  uint64_t subject; /* keyed hash of purpose and subject: two that share one share a bucket */
  RtmfpBucket bucket;
  UT_hash_handle hh;
};

static const struct {
  unsigned burst;
  int64_t every_us;
} rules[AHOY_RATE_COUNT] = {
    [AHOY_RATE_SIGN_IN] = {AHOY_SIGN_IN_BURST, AHOY_SIGN_IN_EVERY_US},
    [AHOY_RATE_SIGN_IN_NAME] = {AHOY_SIGN_IN_NAME_BURST, AHOY_SIGN_IN_NAME_EVERY_US},
    [AHOY_RATE_SIGN_IN_IP] = {AHOY_SIGN_IN_IP_BURST, AHOY_SIGN_IN_IP_EVERY_US},
    [AHOY_RATE_CREATE] = {AHOY_CREATE_BURST, AHOY_CREATE_EVERY_US},
    [AHOY_RATE_REQUEST] = {AHOY_REQUEST_BURST, AHOY_REQUEST_EVERY_US},
    [AHOY_RATE_REDEEM] = {AHOY_REDEEM_BURST, AHOY_REDEEM_EVERY_US},
    [AHOY_RATE_OFFER] = {AHOY_OFFER_BURST, AHOY_OFFER_EVERY_US},
};

void
ahoy_rates_init (AhoyRates *rates, const RtmfpRng *rng) {
  *rates = (AhoyRates){0};
  rtmfp_rng_fill (rng, rates->key.bytes, sizeof rates->key.bytes);
}

void
ahoy_rates_clear (AhoyRates *rates) {
  AhoyRateEntry *entry, *next;
  HASH_ITER (hh, rates->entries, entry, next) {
    HASH_DEL (rates->entries, entry);
    free (entry);
  }
}

bool
ahoy_rates_take (AhoyRates *rates, AhoyRate rate, RtmfpBytes subject, int64_t now_us) {
  RtmfpHashKey key = rates->key;
  key.bytes[0] ^= (uint8_t)(rate + 1);
  const uint64_t hash = rtmfp_hash (&key, subject);
  const unsigned value = (unsigned)hash;
  AhoyRateEntry *entry;
  HASH_FIND_BYHASHVALUE (hh, rates->entries, &hash, sizeof hash, value, entry);
  if (entry != NULL) {
    HASH_DEL (rates->entries, entry); /* and behind all others again */
  } else {
    if (HASH_COUNT (rates->entries) >= AHOY_BUCKETS_MAX) {
      AhoyRateEntry *oldest = rates->entries;
      HASH_DEL (rates->entries, oldest);
      free (oldest);
    }
    entry = RTMFP_NEW (AhoyRateEntry);
    entry->subject = hash;
  }
  HASH_ADD_BYHASHVALUE (hh, rates->entries, subject, sizeof hash, value, entry);
  return rtmfp_bucket_take (&entry->bucket, rules[rate].burst, rules[rate].every_us, now_us);
}

size_t
ahoy_rates_count (const AhoyRates *rates) {
  return HASH_COUNT (rates->entries);
}

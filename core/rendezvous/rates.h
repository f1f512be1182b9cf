/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often somebody may do something: token buckets, each of a purpose and a subject. */
#ifndef AHOY_RENDEZVOUS_RATES_H
#define AHOY_RENDEZVOUS_RATES_H

#include "core/base/bucket.h"
#include "core/base/bytes.h"
#include "core/base/hash.h"
#include "core/base/rng.h"

typedef enum {
  AHOY_RATE_SIGN_IN, /* subject: IP address and name */
  AHOY_RATE_SIGN_IN_NAME,
  AHOY_RATE_SIGN_IN_IP,
  AHOY_RATE_CREATE,  /* IP address */
  AHOY_RATE_REQUEST, /* the rest: user */
  AHOY_RATE_REDEEM,
  AHOY_RATE_OFFER,
  AHOY_RATE_COUNT,
} AhoyRate;

typedef struct AhoyRateEntry AhoyRateEntry;

typedef struct {
  AhoyRateEntry *entries; /* (owned) hash table, the one used longest ago first */
  RtmfpHashKey key;
} AhoyRates;

void ahoy_rates_init (AhoyRates *rates, const RtmfpRng *rng);
void ahoy_rates_clear (AhoyRates *rates);

/* Takes one of that purpose for that subject, by the bursts and times of params.h.
 * Returns: whether there was one. */
bool ahoy_rates_take (AhoyRates *rates, AhoyRate rate, RtmfpBytes subject, int64_t now_us);

size_t ahoy_rates_count (const AhoyRates *rates);

#endif

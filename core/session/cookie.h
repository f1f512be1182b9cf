/* SPDX-License-Identifier: Apache-2.0 */
/* The responder's cookie: proof without state that a far end receives at its address, RFC 7016
 * s3.5.1.1.2.
 *
 * It binds the time, the identity that was asked for and the address, under a key of this endpoint.
 * A second half without the address tells "made by us for another address" from "not ours"
 * (s3.5.1.2). */
#ifndef RTMFP_SESSION_COOKIE_H
#define RTMFP_SESSION_COOKIE_H

#include "core/base/address.h"
#include "core/base/hash.h"
#include "core/base/rng.h"
#include "core/base/slots.h"

/* Small, because the answer to a short hello must not be long. */
#define RTMFP_COOKIE_SIZE 28

typedef struct {
  RtmfpHashKey keys[2];
} RtmfpCookieKey;

void rtmfp_cookie_key_init (RtmfpCookieKey *key, const RtmfpRng *rng);

/* Writes RTMFP_COOKIE_SIZE bytes to cookie. interface_id counts as part of the address. */
void rtmfp_cookie_write (const RtmfpCookieKey *key, RtmfpId identity, const RtmfpAddress *address,
                         uint32_t interface_id, int64_t now_us, uint8_t *cookie);

/* identity out: whom the initiator asked for.
 * Returns: OK; AUTH (not ours, or expired: ignore); STATE (ours, but made for another address:
 * answer with a Cookie Change; identity is set).
 * Source: RFC 7016 s3.5.1.1.2, s3.5.1.2. */
RTMFP_MUST_USE RtmfpStatus rtmfp_cookie_check (const RtmfpCookieKey *key, RtmfpBytes cookie,
                                               const RtmfpAddress *address, uint32_t interface_id,
                                               int64_t now_us, RtmfpId *identity);

/* Whether a cookie that was checked was made before at_us (by its clock of 1 ms).
 */
bool rtmfp_cookie_was_made_before (RtmfpBytes cookie, int64_t at_us);

#endif

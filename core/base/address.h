/* SPDX-License-Identifier: Apache-2.0 */
/* A UDP address, IPv4 or IPv6, without any socket header. IPv4-mapped IPv6 is unified to IPv4. */
#ifndef RTMFP_BASE_ADDRESS_H
#define RTMFP_BASE_ADDRESS_H

#include "core/base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The kind of an address. */
typedef enum {
  RTMFP_ADDRESS_NONE = 0,
  RTMFP_ADDRESS_IPV4 = 4,
  RTMFP_ADDRESS_IPV6 = 6
} RtmfpAddressFamily;

/* Where an address was learnt: the origin bits of RFC 7016 s2.1.5. */
typedef enum {
  RTMFP_ORIGIN_UNKNOWN = 0,
  RTMFP_ORIGIN_LOCAL = 1,
  RTMFP_ORIGIN_OBSERVED = 2,
  RTMFP_ORIGIN_RELAY = 3,
} RtmfpAddressOrigin;

/* One address and port. */
typedef struct {
  uint8_t family; /* RtmfpAddressFamily */
  uint8_t origin; /* RtmfpAddressOrigin; no part of identity */
  uint16_t port;  /* host order */
  uint8_t ip[16]; /* network order; IPv4 in the first four, the rest zero */
} RtmfpAddress;

/* Bytes of the longest text of an address, with its NUL. */
#define RTMFP_ADDRESS_TEXT_SIZE 64

/* The address a.b.c.d:port. */
RTMFP_API RtmfpAddress rtmfp_address_ipv4 (uint8_t a, uint8_t b, uint8_t c, uint8_t d,
                                           uint16_t port);
/* From 16 bytes in network order; a mapped address becomes IPv4. */
RTMFP_API RtmfpAddress rtmfp_address_ipv6 (const uint8_t ip[16], uint16_t port);

/* Same family, IP and port (origin does not count). */
RTMFP_API bool rtmfp_address_equal (const RtmfpAddress *a, const RtmfpAddress *b);
RTMFP_API bool rtmfp_address_same_ip (const RtmfpAddress *a, const RtmfpAddress *b);

/* Whether it is known only inside some network: RFC 1918, RFC 6598, loopback, link-local, RFC 4193.
 */
RTMFP_API bool rtmfp_address_is_private (const RtmfpAddress *address);

/* "1.2.3.4:5" or "[a:b::c]:5" into text (RTMFP_ADDRESS_TEXT_SIZE bytes). */
RTMFP_API void rtmfp_address_format (const RtmfpAddress *address, char *text);

/* Reads what rtmfp_address_format writes (numeric only). Returns: OK, MALFORMED. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_address_parse (const char *text, RtmfpAddress *address);

#ifdef __cplusplus
}
#endif

#endif

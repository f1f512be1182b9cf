/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/nat/relayed.h"

#define HEADER_BYTES 20
#define COOKIE_AT 4 /* the cookie, and the transaction behind it: what addresses are XORed with */
#define XOR_RELAYED_ADDRESS 0x0016
#define FAMILY_IPV4 1
#define FAMILY_IPV6 2

/* RFC 8489 s14.2: a zero, the family, port and IP. */
static void
take_address (const uint8_t *message, const uint8_t *value, size_t size, AppTurnRelayed *relayed) {
  const uint8_t *mask = message + COOKIE_AT;
  uint8_t ip[16];
  if (size < 4 || (value[1] == FAMILY_IPV4 ? size != 8 : value[1] != FAMILY_IPV6 || size != 20)) {
    return;
  }
  const uint16_t port = (uint16_t)((value[2] ^ mask[0]) << 8 | (value[3] ^ mask[1]));
  for (size_t i = 0; i < size - 4; i++) {
    ip[i] = value[4 + i] ^ mask[i];
  }
  const RtmfpAddress address = value[1] == FAMILY_IPV4
                                   ? rtmfp_address_ipv4 (ip[0], ip[1], ip[2], ip[3], port)
                                   : rtmfp_address_ipv6 (ip, port);
  RtmfpAddress *place = address.family == RTMFP_ADDRESS_IPV4 ? &relayed->ipv4 : &relayed->ipv6;
  if (port != 0 && place->family == RTMFP_ADDRESS_NONE) {
    *place = address;
    place->origin = RTMFP_ORIGIN_RELAY;
  }
}

bool
app_turn_read_relayed (const uint8_t *message, size_t size, AppTurnRelayed *relayed) {
  *relayed = (AppTurnRelayed){.ipv4 = {.family = RTMFP_ADDRESS_NONE}};
  size_t at = HEADER_BYTES;
  while (size >= 4 && at <= size - 4) {
    const unsigned type = (unsigned)message[at] << 8 | message[at + 1];
    const size_t length = (size_t)message[at + 2] << 8 | message[at + 3];
    if (length > size - at - 4) {
      break;
    }
    if (type == XOR_RELAYED_ADDRESS) {
      take_address (message, message + at + 4, length, relayed);
    }
    at += 4 + (length + 3) / 4 * 4;
  }
  return relayed->ipv4.family != RTMFP_ADDRESS_NONE || relayed->ipv6.family != RTMFP_ADDRESS_NONE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The addresses that a TURN server says it gave: all XOR-RELAYED-ADDRESS attributes of an answer
 * (RFC 8656 s7.3, s18.3), of which libnice reads the first only. */
#ifndef APP_NAT_RELAYED_H
#define APP_NAT_RELAYED_H

#include "core/base/address.h"

/* One of each family at most: those that stand first. */
typedef struct {
  RtmfpAddress ipv4, ipv6; /* family NONE = none was given */
} AppTurnRelayed;

/* A whole STUN message, header and all. Returns: whether there is an address. */
bool app_turn_read_relayed (const uint8_t *message, size_t size, AppTurnRelayed *relayed);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's half of TURN, as little of it as a client can be tested with; by libnice's messages.
 */
#ifndef TESTS_NAT_TURN_SERVER_H
#define TESTS_NAT_TURN_SERVER_H

#include "core/base/address.h"

#include <glib.h>
#include <stdint.h>
#include <stun/stunagent.h>

#define TURN_USER "1900000000:0123456789abcdef"
#define TURN_PASSWORD "c2VjcmV0"

typedef enum { TURN_IPV4, TURN_BOTH, TURN_IPV4_ONE, TURN_IPV6 } TurnFamilies;

typedef struct {
  StunAgent agent;
  TurnFamilies families; /* IPV4_ONE: refuses whoever asks for more than one */
  RtmfpAddress relayed6;
  char origin[32];
  gboolean has_allocation;
  const char *nonce;
  RtmfpAddress relayed;
  int refuses_peers; /* error code to ChannelBind; 0 = takes them */
  int refuses;       /* error code to Allocate after the challenge; 0 = takes it */
  RtmfpAddress peers[128];
  uint16_t channels[128];
  guint peer_count;
  guint requests;
} TurnServer;

void turn_server_init (TurnServer *server);
/* One message of the client's. answer: 1500 bytes. Returns: its size; 0 = none. */
size_t turn_server_receive (TurnServer *server, const uint8_t *bytes, size_t size, uint8_t *answer);
/* A Data indication with what a peer sent. Returns: its size. */
size_t turn_server_indicate (TurnServer *server, const RtmfpAddress *from, const char *text,
                             uint8_t *out);

#endif

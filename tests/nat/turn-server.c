/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/nat/turn-server.h"

#include <netinet/in.h>
#include <string.h>

static StunDefaultValidaterData users[] = {
    {(uint8_t *)TURN_USER, sizeof TURN_USER - 1, (uint8_t *)TURN_PASSWORD,
     sizeof TURN_PASSWORD - 1},
    {NULL, 0, NULL, 0},
};

static socklen_t
to_sockaddr (const RtmfpAddress *address, struct sockaddr_storage *out) {
  struct sockaddr_in *in = (struct sockaddr_in *)out;
  struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;
  memset (out, 0, sizeof *out);
  if (address->family == RTMFP_ADDRESS_IPV6) {
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons (address->port);
    memcpy (&in6->sin6_addr, address->ip, 16);
    return sizeof *in6;
  }
  in->sin_family = AF_INET;
  in->sin_port = htons (address->port);
  memcpy (&in->sin_addr, address->ip, 4);
  return sizeof *in;
}

void
turn_server_init (TurnServer *server) {
  *server = (TurnServer){.nonce = "one"};
  static const uint8_t ip[16] = {0x20, 1, 0x0d, 0xb8, [15] = 9};
  server->relayed = rtmfp_address_ipv4 (192, 0, 2, 9, 50000);
  server->relayed6 = rtmfp_address_ipv6 (ip, 50001);
  stun_agent_init (&server->agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC5389,
                   STUN_AGENT_USAGE_LONG_TERM_CREDENTIALS | STUN_AGENT_USAGE_NO_INDICATION_AUTH);
}

static size_t
refuse (TurnServer *server, StunMessage *request, int code, uint8_t *answer) {
  StunMessage message;
  g_assert_true (
      stun_agent_init_error (&server->agent, &message, answer, 1500, request, (StunError)code));
  stun_message_append_string (&message, STUN_ATTRIBUTE_REALM, "example.org");
  stun_message_append_string (&message, STUN_ATTRIBUTE_NONCE, server->nonce);
  return stun_agent_finish_message (&server->agent, &message, NULL, 0);
}

/* RFC 8656 s7.2 */
static int
fault_of_allocate (TurnServer *server, StunMessage *request) {
  uint32_t additional = 0, requested = 0;
  uint16_t size = 0;
  const char *origin = stun_message_find (request, (StunAttribute)0x802f, &size);
  g_strlcpy (server->origin, origin != NULL ? origin : "",
             MIN (sizeof server->origin, (gsize)size + 1));
  (void)stun_message_find32 (request, (StunAttribute)0x8000, &additional);
  (void)stun_message_find32 (request, (StunAttribute)0x0017, &requested);
  g_assert_true (additional == 0 || (additional == 0x02000000 && requested == 0));
  if ((server->families == TURN_IPV4_ONE && additional != 0) ||
      (server->families == TURN_IPV6 && requested != 0x02000000)) {
    return STUN_ERROR_UNSUPPORTED_FAMILY;
  }
  return server->refuses;
}

/* Why not; 0 = it may go on. */
static int
fault_of (TurnServer *server, StunMessage *request, StunValidationStatus validity) {
  uint16_t size = 0;
  const char *nonce = stun_message_find (request, STUN_ATTRIBUTE_NONCE, &size);
  const StunMethod method = stun_message_get_method (request);
  if (nonce == NULL || validity != STUN_VALIDATION_SUCCESS) {
    return STUN_ERROR_UNAUTHORIZED;
  }
  if (size != strlen (server->nonce) || memcmp (nonce, server->nonce, size) != 0) {
    return STUN_ERROR_STALE_NONCE;
  }
  if (method == STUN_ALLOCATE) {
    return fault_of_allocate (server, request);
  }
  return server->has_allocation ? method == STUN_CHANNELBIND ? server->refuses_peers : 0
                                : STUN_ERROR_ALLOCATION_MISMATCH;
}

static void
bind_channel (TurnServer *server, StunMessage *request) {
  struct sockaddr_storage peer;
  socklen_t size = sizeof peer;
  uint32_t channel = 0;
  g_assert_cmpint (
      stun_message_find_xor_addr (request, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, &peer, &size), ==,
      STUN_MESSAGE_RETURN_SUCCESS);
  g_assert_cmpint (stun_message_find32 (request, STUN_ATTRIBUTE_CHANNEL_NUMBER, &channel), ==,
                   STUN_MESSAGE_RETURN_SUCCESS);
  const struct sockaddr_in *in = (const struct sockaddr_in *)&peer;
  const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&peer;
  const uint8_t *ip = (const uint8_t *)&in->sin_addr;
  g_assert_cmpuint (server->peer_count, <, G_N_ELEMENTS (server->peers));
  server->peers[server->peer_count] =
      peer.ss_family == AF_INET6
          ? rtmfp_address_ipv6 (in6->sin6_addr.s6_addr, ntohs (in6->sin6_port))
          : rtmfp_address_ipv4 (ip[0], ip[1], ip[2], ip[3], ntohs (in->sin_port));
  server->channels[server->peer_count++] = (uint16_t)(channel >> 16);
}

size_t
turn_server_receive (TurnServer *server, const uint8_t *bytes, size_t size, uint8_t *answer) {
  StunMessage request, message;
  const StunValidationStatus validity = stun_agent_validate (&server->agent, &request, bytes, size,
                                                             stun_agent_default_validater, users);
  if (validity == STUN_VALIDATION_NOT_STUN || validity == STUN_VALIDATION_INCOMPLETE_STUN) {
    return 0;
  }
  server->requests++;
  const int fault = fault_of (server, &request, validity);
  if (fault != 0) {
    return refuse (server, &request, fault, answer);
  }
  g_assert_true (stun_agent_init_response (&server->agent, &message, answer, 1500, &request));
  if (stun_message_get_method (&request) == STUN_ALLOCATE) {
    struct sockaddr_storage relayed;
    const socklen_t relayed_size = to_sockaddr (&server->relayed, &relayed);
    server->has_allocation = TRUE;
    if (server->families != TURN_IPV6) {
      stun_message_append_xor_addr (&message, STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS, &relayed,
                                    relayed_size);
    }
    if (server->families == TURN_BOTH || server->families == TURN_IPV6) {
      struct sockaddr_storage relayed6;
      const socklen_t relayed6_size = to_sockaddr (&server->relayed6, &relayed6);
      stun_message_append_xor_addr (&message, STUN_ATTRIBUTE_XOR_RELAYED_ADDRESS, &relayed6,
                                    relayed6_size);
    }
    stun_message_append_xor_addr (&message, STUN_ATTRIBUTE_XOR_MAPPED_ADDRESS, &relayed,
                                  relayed_size);
    stun_message_append32 (&message, STUN_ATTRIBUTE_LIFETIME, 600);
  } else if (stun_message_get_method (&request) == STUN_CHANNELBIND) {
    bind_channel (server, &request);
  } else {
    stun_message_append32 (&message, STUN_ATTRIBUTE_LIFETIME, 600);
  }
  return stun_agent_finish_message (&server->agent, &message, (const uint8_t *)TURN_PASSWORD,
                                    sizeof TURN_PASSWORD - 1);
}

size_t
turn_server_indicate (TurnServer *server, const RtmfpAddress *from, const char *text,
                      uint8_t *out) {
  StunMessage message;
  struct sockaddr_storage peer;
  const socklen_t peer_size = to_sockaddr (from, &peer);
  g_assert_true (stun_agent_init_indication (&server->agent, &message, out, 1500, STUN_IND_DATA));
  stun_message_append_xor_addr (&message, STUN_ATTRIBUTE_XOR_PEER_ADDRESS, &peer, peer_size);
  stun_message_append_bytes (&message, STUN_ATTRIBUTE_DATA, text, strlen (text));
  return stun_agent_finish_message (&server->agent, &message, NULL, 0);
}

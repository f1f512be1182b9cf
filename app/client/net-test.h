/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this network lets through: the server, its relay, what the NAT on the way does, and so
 * whether calls can go straight. Sockets of its own; nobody needs to be signed in. */
#ifndef APP_CLIENT_NET_TEST_H
#define APP_CLIENT_NET_TEST_H

#include "core/account/name.h"
#include "core/account/relay.h"
#include "core/base/address.h"

typedef struct {
  AhoyName server;       /* user "" */
  AhoyRelayAccess relay; /* servers "" = none is known */
} AppNetTestConfig;

typedef enum {
  APP_NET_NAT_UNKNOWN,         /* no relay to ask */
  APP_NET_NAT_NONE,            /* the address that others see is our own, and lets them in */
  APP_NET_NAT_OPEN,            /* one port for all, and lets in from other ports of who was asked */
  APP_NET_NAT_PORT_RESTRICTED, /* one port for all, and lets in only who was asked */
  APP_NET_NAT_SYMMETRIC,       /* another port for each */
} AppNetNat;

typedef enum {
  APP_NET_DIRECT_UNKNOWN,
  APP_NET_DIRECT_LIKELY, /* with nearly everybody */
  APP_NET_DIRECT_MOSTLY, /* but with people behind symmetric NATs */
  APP_NET_DIRECT_SELDOM, /* only with people whose NAT is open */
  APP_NET_DIRECT_NEVER,  /* UDP does not get through */
} AppNetDirect;

typedef struct {
  bool server_resolved;
  bool server_reached;                       /* by RTMFP over UDP */
  RtmfpAddress server;                       /* the one that answered */
  int64_t round_trip_us, round_trip_most_us; /* median and longest of the pings; 0 = none */
  unsigned pings, pings_lost;
  bool relay_known, relay_udp, relay_tcp, relay_tls; /* an address there was given, by ... */
  RtmfpAddress seen; /* how the relay sees us; family NONE = not at all */
  AppNetNat nat;
  bool udp_blocked; /* nothing answers over UDP, and the relay does over TCP or TLS */
  AppNetDirect direct;
} AppNetTestResult;

/* Blocks, for ten seconds at most. */
void app_net_test_run (const AppNetTestConfig *config, AppNetTestResult *result);

/* Words for machines: "port-restricted". */
const char *app_net_nat_word (AppNetNat nat);
const char *app_net_direct_word (AppNetDirect direct);
/* One sentence for a person: what to expect, or to do. */
const char *app_net_test_sentence (const AppNetTestResult *result);

#endif

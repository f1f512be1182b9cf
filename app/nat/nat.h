/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An address at a relay while one is wanted: over our own UDP socket, over TCP where UDP does not
 * get through, over TLS where nothing else does, by IPv4 and IPv6; the first that stands is used.
 * To the engine it is one more interface. */
#ifndef APP_NAT_NAT_H
#define APP_NAT_NAT_H

#include "app/nat/turn.h"
#include "core/account/relay.h"
#include "core/endpoint/endpoint.h"

#include <gio/gio.h>

typedef struct AppNat AppNat;

typedef enum {
  APP_NAT_OFF,
  APP_NAT_TRYING,
  APP_NAT_BY_UDP,
  APP_NAT_BY_TCP,
  APP_NAT_BY_TLS,
  APP_NAT_FAILED, /* tries again later */
} AppNatState;

/* Called on the context, by advance() too; none may free the AppNat. */
typedef struct {
  /* The state, or our address there (NULL = none), is another. text: a sentence for the log. */
  void (*changed) (void *user, AppNatState state, const RtmfpAddress *relayed, const char *text);
  /* One datagram of a peer's came by the relay. */
  void (*data) (void *user, const AppTurnData *data);
  /* The relay refuses the credential. */
  void (*refused) (void *user);
  /* advance(), deadline() and poll_transmit() have news. */
  void (*touch) (void *user);
  void *user;
} AppNatListener;

/* context: whose thread calls everything here (referenced). */
AppNat *app_nat_new (const AppNatListener *listener, GMainContext *context);
/* Gives the address back; datagrams for that are polled before. */
void app_nat_free (AppNat *nat);

/* Which relays, and the credential; servers "" = none. What runs goes on with the old one,
 * unless that was the one that anybody has. */
void app_nat_set_access (AppNat *nat, const AhoyRelayAccess *access, int64_t now_us);
/* wanted again: does not wait for the next try. */
void app_nat_want (AppNat *nat, bool wanted, int64_t now_us);
/* This machine's addresses are others. */
void app_nat_network_changed (AppNat *nat, int64_t now_us);

/* Whether a datagram of our UDP socket is the relay's and not the engine's; what was in it is told
 * by data(). */
bool app_nat_receive (AppNat *nat, const uint8_t *bytes, size_t size, const RtmfpAddress *from,
                      int64_t now_us);
/* A datagram of the engine's to a peer, by the relay. */
void app_nat_send (AppNat *nat, const RtmfpAddress *to, const uint8_t *bytes, size_t size,
                   int64_t now_us);
/* What our UDP socket is to send. buffer: at least APP_TURN_MESSAGE_BYTES_MAX. */
bool app_nat_poll_transmit (AppNat *nat, uint8_t *buffer, RtmfpDatagram *datagram);
void app_nat_advance (AppNat *nat, int64_t now_us);
int64_t app_nat_deadline (const AppNat *nat);

#endif

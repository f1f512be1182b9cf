/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A simulated network on a virtual clock: hosts, links, NATs and outages, all drawn from one seed.
 *
 * A node is anything with the pumps of a machine of core (receive, advance, poll_transmit,
 * deadline): an endpoint, a rendezvous server, an agent. Each host has a link up and a link down;
 * between the links all is far away and fast. Nothing here knows RTMFP. */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include "core/base/deadlines.h"
#include "core/base/rng.h"
#include "core/session/types.h"

#include <glib.h>

#define SIM_MS INT64_C (1000)
#define SIM_S INT64_C (1000000)

typedef struct SimWorld SimWorld;
typedef struct SimHost SimHost;
typedef struct SimNat SimNat;

/* ---- Chance: one generator, from the seed ---- */

typedef struct {
  uint64_t state;
} SimChance;

uint64_t sim_chance_u64 (SimChance *chance);
/* least <= result < most. */
int64_t sim_chance_range (SimChance *chance, int64_t least, int64_t most);
bool sim_chance_permille (SimChance *chance, int permille);
/* For machines of core: draws from chance (borrowed). */
RtmfpRng sim_chance_rng (SimChance *chance);

/* ---- The world ---- */

SimWorld *sim_world_new (uint64_t seed);
void sim_world_free (SimWorld *world);
int64_t sim_world_now (const SimWorld *world);
SimChance *sim_world_chance (SimWorld *world);

/* Lets time pass until until_us, or until done (may be NULL) says true after some event.
 * Returns: whether done said true. */
bool sim_world_run (SimWorld *world, int64_t until_us, bool (*done) (void *user), void *user);

typedef struct {
  uint64_t sent, delivered, lost, queue_drops, duplicated, reordered, nat_drops, outage_drops,
      nowhere, too_long, fragmented, marked;
} SimCounts;

const SimCounts *sim_world_counts (const SimWorld *world);
/* The ECN bits of the datagram that is being heard; only inside of a node's receive(). */
uint8_t sim_world_ecn (const SimWorld *world);
/* Prints each datagram that is sent or heard. */
void sim_world_trace (SimWorld *world, bool on);

/* ---- Nodes, hosts and links ---- */

/* The pumps of a machine. node: the user pointer of its host. */
typedef struct {
  void (*receive) (void *node, const uint8_t *bytes, size_t size, uint32_t interface_id,
                   const RtmfpAddress *from, int64_t now_us);
  /* Does what is due, and all that follows from it: jobs, events, commands. */
  void (*advance) (void *node, int64_t now_us);
  bool (*poll_transmit) (void *node, int64_t now_us, uint8_t *buffer, size_t capacity,
                         RtmfpDatagram *datagram);
  int64_t (*deadline) (void *node);
} SimNodeClass;

/* One direction of a host's access. */
typedef struct {
  int64_t delay_us;
  int64_t jitter_us; /* more, evenly; it may reorder */
  int loss_permille;
  int duplicate_permille;
  int reorder_permille; /* held back by another reorder_us */
  int64_t reorder_us;
  int64_t bytes_per_s; /* 0 = no limit */
  int64_t queue_bytes; /* tail drop, with bytes_per_s */
  int64_t
      mark_bytes;    /* from so long a queue on, packets that can be are marked, with bytes_per_s */
  bool bleaches;     /* takes the marks off */
  bool drops_ect;    /* loses what is marked */
  int64_t mtu_bytes; /* longer datagrams are lost, or cut when they may be; 0 = no limit */
} SimLink;

/* A host with one address, behind nat (NULL = public). klass, node (borrowed). */
SimHost *sim_world_add_host (SimWorld *world, const SimNodeClass *klass, void *node,
                             const RtmfpAddress *address, const SimLink *up, const SimLink *down,
                             SimNat *nat);
/* It has another address from now on; what is under way to the old one is lost. */
void sim_host_move (SimHost *host, const RtmfpAddress *address);
/* Its links take no longer datagrams from now on. */
void sim_host_set_mtu (SimHost *host, int64_t mtu_bytes);
/* Both its links take so long from now on; what is under way is not touched. */
void sim_host_set_delay (SimHost *host, int64_t delay_us);
/* Nothing goes in or out until then. */
void sim_host_cut (SimHost *host, int64_t until_us);
const RtmfpAddress *sim_host_address (const SimHost *host);
/* Something was done to the node from outside: pump it. */
void sim_host_poke (SimHost *host);

/* ---- NATs ---- */

typedef enum {
  SIM_NAT_NONE,               /* no NAT: sim_world_add_nat() answers NULL */
  SIM_NAT_FULL_CONE,          /* one port a socket, open to all */
  SIM_NAT_ADDRESS_RESTRICTED, /* one port a socket, open to IPs it has sent to */
  SIM_NAT_PORT_RESTRICTED,    /* one port a socket, open to addresses it has sent to */
  SIM_NAT_SYMMETRIC,          /* a port for each far address, open to that one */
  SIM_NAT_KINDS,
} SimNatKind;

SimNat *sim_world_add_nat (SimWorld *world, SimNatKind kind, const RtmfpAddress *public_ip);
/* It restarts: all ports are forgotten, others are used from now on. */
void sim_nat_rebind (SimNat *nat);
/* It has another public IP from now on (and restarts). */
void sim_nat_move (SimNat *nat, const RtmfpAddress *public_ip);
/* Whether hosts behind them can reach each other when somebody introduces them, by RTMFP's own
 * means. */
bool sim_nat_can_meet (SimNatKind a, SimNatKind b);
const char *sim_nat_name (SimNatKind kind);

#endif

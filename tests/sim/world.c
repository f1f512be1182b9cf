/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/world.h"

#include "tests/sim/nat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PUMPS_MAX 10000 /* at one moment: more is a machine that never rests */

/* A datagram on its way: first to its destination's access, then through it. */
typedef struct {
  int64_t at_us;
  uint64_t order;
  bool passed_down; /* through the link down, and the NAT */
  RtmfpAddress from, to;
  SimHost *host; /* once passed down */
  uint8_t df;    /* RtmfpDf */
  uint8_t ecn;
  uint32_t size;
  uint8_t bytes[];
} Transit;

/* A link and what is in its queue. */
typedef struct {
  SimLink link;
  int64_t busy_until_us;
} Pipe;

struct SimHost {
  SimWorld *world;
  const SimNodeClass *klass;
  void *node;
  RtmfpAddress address;
  SimNat *nat;
  Pipe up, down;
  int64_t cut_until_us;
  bool poked;
};

struct SimWorld {
  int64_t now_us;
  SimChance chance;
  GPtrArray *hosts;
  GPtrArray *nats;
  Transit **heap; /* by time, then order */
  size_t heap_count, heap_capacity;
  uint64_t next_order;
  SimCounts counts;
  uint8_t heard_ecn;
  bool traced;
};

SimWorld *
sim_world_new (uint64_t seed) {
  SimWorld *world = g_new0 (SimWorld, 1);
  world->now_us = 1000 * SIM_S;
  world->chance.state = seed * 0x2545f4914f6cdd1du + 1;
  world->hosts = g_ptr_array_new_with_free_func (g_free);
  world->nats = g_ptr_array_new_with_free_func ((GDestroyNotify)sim_nat_free);
  return world;
}

void
sim_world_free (SimWorld *world) {
  for (size_t i = 0; i < world->heap_count; i++) {
    g_free (world->heap[i]);
  }
  g_free (world->heap);
  g_ptr_array_unref (world->hosts);
  g_ptr_array_unref (world->nats);
  g_free (world);
}

int64_t
sim_world_now (const SimWorld *world) {
  return world->now_us;
}

SimChance *
sim_world_chance (SimWorld *world) {
  return &world->chance;
}

uint8_t
sim_world_ecn (const SimWorld *world) {
  return world->heard_ecn;
}

const SimCounts *
sim_world_counts (const SimWorld *world) {
  return &world->counts;
}

SimNat *
sim_world_add_nat (SimWorld *world, SimNatKind kind, const RtmfpAddress *public_ip) {
  if (kind == SIM_NAT_NONE) {
    return NULL;
  }
  SimNat *nat = sim_nat_new (kind, public_ip, &world->chance);
  g_ptr_array_add (world->nats, nat);
  return nat;
}

SimHost *
sim_world_add_host (SimWorld *world, const SimNodeClass *klass, void *node,
                    const RtmfpAddress *address, const SimLink *up, const SimLink *down,
                    SimNat *nat) {
  SimHost *host = g_new0 (SimHost, 1);
  host->world = world;
  host->klass = klass;
  host->node = node;
  host->address = *address;
  host->up.link = *up;
  host->down.link = *down;
  host->nat = nat;
  host->poked = true;
  g_ptr_array_add (world->hosts, host);
  return host;
}

void
sim_host_move (SimHost *host, const RtmfpAddress *address) {
  host->address = *address;
  host->poked = true;
}

void
sim_host_set_mtu (SimHost *host, int64_t mtu_bytes) {
  host->up.link.mtu_bytes = mtu_bytes;
  host->down.link.mtu_bytes = mtu_bytes;
}

void
sim_host_set_delay (SimHost *host, int64_t delay_us) {
  host->up.link.delay_us = delay_us;
  host->down.link.delay_us = delay_us;
}

void
sim_host_cut (SimHost *host, int64_t until_us) {
  host->cut_until_us = until_us;
}

const RtmfpAddress *
sim_host_address (const SimHost *host) {
  return &host->address;
}

void
sim_host_poke (SimHost *host) {
  host->poked = true;
}

void
sim_world_trace (SimWorld *world, bool on) {
  world->traced = on;
}

static void
trace (const SimHost *host, const char *what, const RtmfpAddress *far, size_t size) {
  if (host->world->traced) {
    char near_text[RTMFP_ADDRESS_TEXT_SIZE], far_text[RTMFP_ADDRESS_TEXT_SIZE];
    rtmfp_address_format (&host->address, near_text);
    rtmfp_address_format (far, far_text);
    printf ("%.6f %s %s %s, %zu bytes\n", (double)host->world->now_us / 1e6 - 1000, near_text, what,
            far_text, size);
  }
}

/* ---- What is under way ---- */

static bool
is_before (const Transit *a, const Transit *b) {
  return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void
push (SimWorld *world, Transit *transit) {
  if (world->heap_count == world->heap_capacity) {
    world->heap_capacity = world->heap_capacity == 0 ? 64 : world->heap_capacity * 2;
    world->heap = g_renew (Transit *, world->heap, world->heap_capacity);
  }
  size_t at = world->heap_count++;
  while (at > 0 && is_before (transit, world->heap[(at - 1) / 2])) {
    world->heap[at] = world->heap[(at - 1) / 2];
    at = (at - 1) / 2;
  }
  world->heap[at] = transit;
}

static Transit *
pop (SimWorld *world) {
  Transit *first = world->heap[0];
  Transit *last = world->heap[--world->heap_count];
  size_t at = 0;
  for (;;) {
    size_t child = 2 * at + 1;
    if (child >= world->heap_count) {
      break;
    }
    if (child + 1 < world->heap_count && is_before (world->heap[child + 1], world->heap[child])) {
      child++;
    }
    if (!is_before (world->heap[child], last)) {
      break;
    }
    world->heap[at] = world->heap[child];
    at = child;
  }
  world->heap[at] = last;
  return first;
}

/* Whether the datagram survives the pipe; when it comes out of it. */
static bool
pass (SimWorld *world, Pipe *pipe, Transit *transit, int64_t *out_us) {
  const size_t size = transit->size;
  const SimLink *link = &pipe->link;
  int64_t start_us = world->now_us;
  if (link->bytes_per_s > 0) {
    const int64_t waiting_us = pipe->busy_until_us > start_us ? pipe->busy_until_us - start_us : 0;
    if (waiting_us * link->bytes_per_s / SIM_S + (int64_t)size > link->queue_bytes) {
      world->counts.queue_drops++;
      return false;
    }
    const int64_t queued_bytes = waiting_us * link->bytes_per_s / SIM_S;
    if (link->mark_bytes > 0 && queued_bytes >= link->mark_bytes && transit->ecn != 0) {
      transit->ecn = 3;
      world->counts.marked++;
    }
    start_us += waiting_us + (int64_t)size * SIM_S / link->bytes_per_s;
    pipe->busy_until_us = start_us;
  }
  if (sim_chance_permille (&world->chance, link->loss_permille)) {
    world->counts.lost++;
    return false;
  }
  *out_us = start_us + link->delay_us;
  if (link->jitter_us > 0) {
    *out_us += sim_chance_range (&world->chance, 0, link->jitter_us);
  }
  if (sim_chance_permille (&world->chance, link->reorder_permille)) {
    *out_us += link->reorder_us;
    world->counts.reordered++;
  }
  return true;
}

static bool
is_cut (const SimHost *host) {
  return host->world->now_us < host->cut_until_us;
}

static Transit *
copy_transit (const Transit *transit) {
  Transit *copy = g_malloc (sizeof (Transit) + transit->size);
  memcpy (copy, transit, sizeof (Transit) + transit->size);
  return copy;
}

/* Whether a datagram of this size gets through, whole or in pieces. */
static bool
is_short_enough (SimWorld *world, const Pipe *pipe, const Transit *transit) {
  if (pipe->link.mtu_bytes == 0 || transit->size <= pipe->link.mtu_bytes) {
    return true;
  }
  if (transit->df == RTMFP_DF_CLEAR) {
    world->counts.fragmented++;
    return true;
  }
  world->counts.too_long++;
  return false;
}

/* Puts it through the pipe, and what it doubles. transit (ownership goes in). */
static void
put_through (SimWorld *world, Pipe *pipe, Transit *transit) {
  if (!is_short_enough (world, pipe, transit) || (pipe->link.drops_ect && transit->ecn != 0)) {
    g_free (transit);
    return;
  }
  transit->ecn = pipe->link.bleaches ? 0 : transit->ecn;
  if (sim_chance_permille (&world->chance, pipe->link.duplicate_permille)) {
    Transit *copy = copy_transit (transit);
    copy->order = world->next_order++;
    if (pass (world, pipe, copy, &copy->at_us)) {
      world->counts.duplicated++;
      push (world, copy);
    } else {
      g_free (copy);
    }
  }
  if (pass (world, pipe, transit, &transit->at_us)) {
    push (world, transit);
  } else {
    g_free (transit);
  }
}

static void
transmit (SimHost *host, const uint8_t *bytes, const RtmfpDatagram *datagram) {
  SimWorld *world = host->world;
  world->counts.sent++;
  trace (host, "sends to", &datagram->to, datagram->size);
  if (is_cut (host)) {
    world->counts.outage_drops++;
    return;
  }
  Transit *transit = g_malloc0 (sizeof (Transit) + datagram->size);
  transit->order = world->next_order++;
  transit->from = host->nat != NULL
                      ? sim_nat_translate_out (host->nat, &host->address, &datagram->to)
                      : host->address;
  transit->to = datagram->to;
  transit->size = (uint32_t)datagram->size;
  transit->df = datagram->df;
  transit->ecn = datagram->ecn;
  memcpy (transit->bytes, bytes, datagram->size);
  put_through (world, &host->up, transit);
}

static SimHost *
find_public_host (SimWorld *world, const RtmfpAddress *address) {
  for (guint i = 0; i < world->hosts->len; i++) {
    SimHost *host = g_ptr_array_index (world->hosts, i);
    if (host->nat == NULL && rtmfp_address_equal (&host->address, address)) {
      return host;
    }
  }
  return NULL;
}

static SimHost *
find_host_behind (SimWorld *world, SimNat *nat, const RtmfpAddress *inside) {
  for (guint i = 0; i < world->hosts->len; i++) {
    SimHost *host = g_ptr_array_index (world->hosts, i);
    if (host->nat == nat && rtmfp_address_equal (&host->address, inside)) {
      return host;
    }
  }
  return NULL;
}

/* The host the datagram is for, through its NAT; NULL = it ends here. */
static SimHost *
route (SimWorld *world, const Transit *transit) {
  for (guint i = 0; i < world->nats->len; i++) {
    SimNat *nat = g_ptr_array_index (world->nats, i);
    if (sim_nat_owns (nat, &transit->to)) {
      RtmfpAddress inside;
      if (sim_nat_translate_in (nat, &transit->from, &transit->to, &inside)) {
        return find_host_behind (world, nat, &inside);
      }
      world->counts.nat_drops++;
      return NULL;
    }
  }
  SimHost *host = find_public_host (world, &transit->to);
  world->counts.nowhere += host == NULL;
  return host;
}

/* transit (ownership goes in). */
static void
arrive (SimWorld *world, Transit *transit) {
  if (!transit->passed_down) {
    transit->host = route (world, transit);
    if (transit->host == NULL || is_cut (transit->host)) {
      world->counts.outage_drops += transit->host != NULL;
      g_free (transit);
      return;
    }
    transit->passed_down = true;
    put_through (world, &transit->host->down, transit);
    return;
  }
  SimHost *host = transit->host;
  if (is_cut (host)) {
    world->counts.outage_drops++;
  } else {
    world->counts.delivered++;
    trace (host, "hears", &transit->from, transit->size);
    world->heard_ecn = transit->ecn;
    host->klass->receive (host->node, transit->bytes, transit->size, 0, &transit->from,
                          world->now_us);
    host->poked = true;
  }
  g_free (transit);
}

/* ---- Time ---- */

static void
pump (SimHost *host) {
  uint8_t buffer[2048];
  RtmfpDatagram datagram;
  host->poked = false;
  host->klass->advance (host->node, host->world->now_us);
  for (int i = 0; host->klass->poll_transmit (host->node, host->world->now_us, buffer,
                                              sizeof buffer, &datagram);
       i++) {
    if (i > PUMPS_MAX) {
      g_error ("a node sends without end");
    }
    transmit (host, buffer, &datagram);
    host->klass->advance (host->node, host->world->now_us);
  }
}

/* Lets all nodes do what is due now. */
static void
settle (SimWorld *world) {
  bool any = true;
  for (int round = 0; any; round++) {
    any = false;
    if (round > PUMPS_MAX) {
      g_error ("a node is due without end");
    }
    for (guint i = 0; i < world->hosts->len; i++) {
      SimHost *host = g_ptr_array_index (world->hosts, i);
      if (host->poked || host->klass->deadline (host->node) <= world->now_us) {
        pump (host);
        any = true;
      }
    }
  }
}

static int64_t
next_time (const SimWorld *world) {
  int64_t at_us = world->heap_count > 0 ? world->heap[0]->at_us : RTMFP_NEVER;
  for (guint i = 0; i < world->hosts->len; i++) {
    const SimHost *host = g_ptr_array_index (world->hosts, i);
    const int64_t deadline_us = host->klass->deadline (host->node);
    at_us = deadline_us < at_us ? deadline_us : at_us;
  }
  return at_us;
}

bool
sim_world_run (SimWorld *world, int64_t until_us, bool (*done) (void *user), void *user) {
  for (;;) {
    settle (world);
    if (done != NULL && done (user)) {
      return true;
    }
    const int64_t at_us = next_time (world);
    if (at_us > until_us) {
      world->now_us = until_us > world->now_us ? until_us : world->now_us;
      return false;
    }
    world->now_us = at_us > world->now_us ? at_us : world->now_us;
    while (world->heap_count > 0 && world->heap[0]->at_us <= world->now_us) {
      arrive (world, pop (world));
    }
  }
}

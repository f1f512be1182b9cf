/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Thousands of seeded worlds around real endpoints. In each one every message arrives once, in
 * order where that was asked, or is given up where its options allowed; flows end, sessions close
 * in order. Over all worlds every rule of the engine must have been exercised (--rules). */
#include "tests/sim/stage.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORLD_LIMIT_US (600 * SIM_S)
#define CLIENTS_MAX 3
#define JOBS_MAX 16

static uint64_t running_seed;
static gboolean traced;

/* ---- Drawing a world ---- */

static SimLink
draw_access (SimChance *chance) {
  static const int losses[] = {0, 0, 5, 20, 50, 120};
  SimLink link = {
      .delay_us = sim_chance_range (chance, 1, 60) * SIM_MS,
      .loss_permille = losses[sim_chance_range (chance, 0, 6)],
  };
  if (sim_chance_permille (chance, 500)) {
    link.jitter_us = sim_chance_range (chance, 1, 30) * SIM_MS;
  }
  if (sim_chance_permille (chance, 400)) {
    link.duplicate_permille = (int)sim_chance_range (chance, 1, 50);
  }
  if (sim_chance_permille (chance, 400)) {
    link.reorder_permille = (int)sim_chance_range (chance, 1, 80);
    link.reorder_us = sim_chance_range (chance, 2, 80) * SIM_MS;
  }
  if (sim_chance_permille (chance, 400)) {
    link.bytes_per_s = sim_chance_range (chance, 20, 500) * 1000;
    link.queue_bytes = sim_chance_range (chance, 10, 100) * 1000;
    link.mark_bytes = sim_chance_permille (chance, 400) ? link.queue_bytes / 3 : 0;
  }
  link.bleaches = sim_chance_permille (chance, 100);
  link.drops_ect = sim_chance_permille (chance, 30);
  if (sim_chance_permille (chance, 500)) {
    link.mtu_bytes = sim_chance_range (chance, 1232, 1480);
  }
  return link;
}

static Peer *
add_client (Stage *stage) {
  const SimNatKind nat = (SimNatKind)sim_chance_range (stage->chance, 0, SIM_NAT_KINDS);
  const SimLink up = draw_access (stage->chance), down = draw_access (stage->chance);
  return stage_add_peer (stage, PEER_CLIENT, nat, &up, &down);
}

static Peer *
add_public (Stage *stage, PeerRole role) {
  SimLink access = draw_access (stage->chance);
  access.loss_permille /= 4;
  return stage_add_peer (stage, role, SIM_NAT_NONE, &access, &access);
}

static ChannelKind
draw_kind (SimChance *chance) {
  static const ChannelKind kinds[] = {
      CHANNEL_RELIABLE, CHANNEL_RELIABLE, CHANNEL_RELIABLE,         CHANNEL_LOSSY,
      CHANNEL_LOSSY,    CHANNEL_LOSSY,    CHANNEL_PAUSED,           CHANNEL_REJECTED_LATER,
      CHANNEL_LOSSY,    CHANNEL_RELIABLE, CHANNEL_REJECTED_AT_ONCE,
  };
  return kinds[sim_chance_range (chance, 0, G_N_ELEMENTS (kinds))];
}

static void
add_channels (Stage *stage, Link *link, int least, int most) {
  const int64_t count = sim_chance_range (stage->chance, least, most + 1);
  for (int64_t i = 0; i < count; i++) {
    stage_add_channel (stage, link, (int)sim_chance_range (stage->chance, 0, 2),
                       draw_kind (stage->chance));
  }
}

static void
draw_ending (Stage *stage, Link *link) {
  link->closer = (int)sim_chance_range (stage->chance, 0, 3);
  if (sim_chance_permille (stage->chance, 150)) {
    link->linger_us = 8 * SIM_S;
    link->peers[0]->keepalive_us = 2 * SIM_S;
  }
}

static void
add_meeting (Stage *stage, Peer *a, Peer *b, Peer *server) {
  SimChance *chance = stage->chance;
  Link *link = stage_add_link (stage, a, b);
  const bool straight = b->nat_kind == SIM_NAT_NONE && sim_chance_permille (chance, 300);
  if (!straight) {
    link->introducer = server;
    link->may_fail = !sim_nat_can_meet (a->nat_kind, b->nat_kind);
  }
  link->both_open = !straight && !link->may_fail && sim_chance_permille (chance, 300);
  link->restarts = !link->may_fail && !link->both_open && sim_chance_permille (chance, 150);
  draw_ending (stage, link);
  add_channels (stage, link, 1, 4);
}

/* A file goes over one link, so that packets are filled and path MTU discovery has a use. Its paths
 * take what longer packets need, at first. */
static void
add_file (Stage *stage) {
  SimChance *chance = stage->chance;
  Link *link = g_ptr_array_index (stage->links, 0);
  Channel *channel =
      stage_add_channel (stage, link, (int)sim_chance_range (chance, 0, 2), CHANNEL_RELIABLE);
  channel->priority = RTMFP_PRIORITY_BULK;
  channel->message_count = (size_t)sim_chance_range (chance, 100, 400);
  channel->size_max = 20000;
  channel->interval_us = 0;
  channel->window_bytes = 1 << 18;
  channel->buffer_bytes = 1 << 18;
  for (int end = 0; end < 2; end++) {
    const bool is_usual = sim_chance_permille (chance, 500);
    sim_host_set_mtu (link->peers[end]->host,
                      is_usual ? 1472 : sim_chance_range (chance, 1280, 1472));
  }
}

static void
draw_stage (Stage *stage) {
  SimChance *chance = stage->chance;
  if (sim_chance_permille (chance, 5)) {
    stage->groups = RTMFP_GROUP_14;
  } else if (sim_chance_permille (chance, 10)) {
    stage->groups = 0; /* all: certificates with static keys come in fragments, s3.4 */
  }
  Peer *clients[CLIENTS_MAX] = {NULL};
  const int64_t count = sim_chance_range (chance, 2, CLIENTS_MAX + 1);
  Peer *server = add_public (stage, PEER_SERVER);
  Peer *redirector = NULL;
  if (sim_chance_permille (chance, 300)) {
    redirector = add_public (stage, PEER_REDIRECTOR);
    redirector->redirect_to = peer_address (server);
  }
  for (int64_t i = 0; i < count; i++) {
    clients[i] = add_client (stage);
    Link *link = stage_add_link (stage, clients[i], server);
    link->introducer = redirector;
    draw_ending (stage, link);
    add_channels (stage, link, 0, 2);
  }
  add_meeting (stage, clients[0], clients[1], server);
  if (sim_chance_permille (chance, 60)) {
    add_file (stage);
  }
  if (count > 2) {
    add_meeting (stage, clients[2], clients[(size_t)sim_chance_range (chance, 0, 2)], server);
  }
}

/* ---- Disturbing it ---- */

/* Whether the far peer would hear of a new port (or a new IP): its NAT lets strangers in, and it is
 * still where it was. When both move at once nobody but an introducer can help. */
static bool
would_hear (const Peer *far, bool of_ip) {
  return !far->moved && (far->nat_kind == SIM_NAT_NONE || far->nat_kind == SIM_NAT_FULL_CONE ||
                         (!of_ip && far->nat_kind == SIM_NAT_ADDRESS_RESTRICTED));
}

static bool
may_change (const Stage *stage, const Peer *peer, bool of_ip) {
  for (guint i = 0; i < stage->links->len; i++) {
    const Link *link = g_ptr_array_index (stage->links, i);
    for (int end = 0; end < 2; end++) {
      if (link->peers[end] == peer && !would_hear (link->peers[1 - end], of_ip)) {
        return false;
      }
    }
  }
  return true;
}

static void
change_address (Stage *stage, Peer *peer) {
  const uint8_t n = (uint8_t)sim_chance_range (stage->chance, 1, 250);
  const RtmfpAddress address = rtmfp_address_ipv4 (203, 0, (uint8_t)peer->number, n, 1935);
  const bool of_ip = peer->nat == NULL || sim_chance_permille (stage->chance, 300);
  if (!may_change (stage, peer, of_ip)) {
    return;
  }
  stage_tell (stage, "peer %d (%s) gets another %s", peer->number, sim_nat_name (peer->nat_kind),
              of_ip ? "address" : "port");
  peer->moved = true;
  if (peer->nat == NULL) {
    sim_host_move (peer->host, &address);
    rtmfp_endpoint_addresses_changed (peer->endpoint, sim_world_now (stage->world));
  } else if (of_ip) {
    sim_nat_move (peer->nat, &address);
  } else {
    sim_nat_rebind (peer->nat);
  }
}

static void
disturb (Stage *stage) {
  Peer *peer = g_ptr_array_index (stage->peers,
                                  (guint)sim_chance_range (stage->chance, 0, stage->peers->len));
  if (peer->role == PEER_CLIENT && sim_chance_permille (stage->chance, 600)) {
    change_address (stage, peer);
  } else if (sim_chance_permille (stage->chance, 300)) {
    const int64_t mtu_bytes = sim_chance_range (stage->chance, 1232, 1480);
    stage_tell (stage, "peer %d takes datagrams of %d bytes", peer->number, (int)mtu_bytes);
    sim_host_set_mtu (peer->host, mtu_bytes);
  } else {
    const int64_t for_us = sim_chance_range (stage->chance, 100, 5000) * SIM_MS;
    stage_tell (stage, "peer %d is cut off for %.3f s", peer->number, (double)for_us / 1e6);
    sim_host_cut (peer->host, sim_world_now (stage->world) + for_us);
  }
}

/* ---- Running it ---- */

static bool
step (void *user) {
  return stage_step (user);
}

static void
run_world (uint64_t seed, StageSum *sum, bool verbose) {
  running_seed = seed;
  Stage *stage = stage_new (seed);
  stage->verbose = verbose;
  sim_world_trace (stage->world, traced);
  draw_stage (stage);
  const int64_t start_us = sim_world_now (stage->world);
  int64_t disturbances = sim_chance_range (stage->chance, 0, 4);
  bool over = false;
  while (!over && sim_world_now (stage->world) < start_us + WORLD_LIMIT_US) {
    const int64_t slice_us = sim_chance_range (stage->chance, 20, 2000) * SIM_MS;
    const int64_t until_us = sim_world_now (stage->world) + slice_us;
    while (!over && sim_world_now (stage->world) < until_us) {
      over = sim_world_run (stage->world, sim_world_now (stage->world) + 50 * SIM_MS, step, stage);
    }
    if (disturbances > 0 && !over) {
      disturbances--;
      disturb (stage);
    }
  }
  stage_check (stage);
  stage_add_counters (stage, sum);
  if (verbose) {
    const SimCounts *counts = sim_world_counts (stage->world);
    printf ("seed %llu: %.3f s, %d peers, %d channels, %llu datagrams, %llu lost\n",
            (unsigned long long)seed, (double)(sim_world_now (stage->world) - start_us) / 1e6,
            (int)stage->peers->len, (int)stage->channels->len, (unsigned long long)counts->sent,
            (unsigned long long)(counts->lost + counts->queue_drops + counts->nat_drops +
                                 counts->outage_drops));
  }
  stage_free (stage);
}

static void
run_worlds (uint64_t first, uint64_t count, uint64_t stride, StageSum *sum, bool verbose) {
  for (uint64_t i = 0; i < count; i += stride) {
    run_world (first + i, sum, verbose);
  }
}

/* Each of jobs processes runs every jobs-th world, and writes its counters into a pipe. */
static bool
run_in_jobs (uint64_t first, uint64_t count, int jobs, StageSum *sum, bool verbose) {
  int pipes[JOBS_MAX][2];
  bool good = true;
  for (int job = 0; job < jobs; job++) {
    if (pipe (pipes[job]) != 0) {
      return false;
    }
    fflush (NULL);
    if (fork () == 0) {
      StageSum own = {0};
      run_worlds (first + (uint64_t)job, count - (uint64_t)job, (uint64_t)jobs, &own, verbose);
      fflush (NULL);
      _exit (write (pipes[job][1], &own, sizeof own) == (ssize_t)sizeof own ? 0 : 1);
    }
    close (pipes[job][1]);
  }
  for (int job = 0; job < jobs; job++) {
    uint64_t own[sizeof (StageSum) / sizeof (uint64_t)] = {0};
    good = read (pipes[job][0], own, sizeof own) == (ssize_t)sizeof own && good;
    for (size_t at = 0; at < G_N_ELEMENTS (own); at++) {
      ((uint64_t *)(void *)sum)[at] += own[at];
    }
    close (pipes[job][0]);
  }
  int status;
  while (wait (&status) > 0) {
    good = good && WIFEXITED (status) && WEXITSTATUS (status) == 0;
  }
  return good;
}

/* ---- What was exercised ---- */

/* Prints how often each rule was exercised. Returns: whether none was left out. */
static bool
print_rules (const StageSum *sum) {
  const struct {
    const char *name;
    uint64_t count;
  } rules[] = {
#define RULE(name) {#name, sum->engine.rule_##name}
#define SEEN(name)                                                                                 \
  { #name, sum->seen.name }
      RULE (nak_loss),
      RULE (timeout_loss),
      RULE (glare),
      RULE (cookie_change),
      RULE (override),
      RULE (address_change),
      RULE (buffer_probe),
      RULE (abandon),
      RULE (forward_sequence_number),
      RULE (dependency_abandon),
      RULE (redirect),
      RULE (forwarded_hello),
      RULE (exception),
      RULE (time_critical),
      RULE (keepalive),
      RULE (handshake_retry),
      RULE (reject_hello),
      RULE (ack_ranges),
      RULE (ack_bitmap_read),
      RULE (duplicate),
      RULE (aead_aes),
      RULE (aead_chacha20),
      RULE (no_aead),
      RULE (overdue_loss),
      RULE (tail_probe),
      RULE (probe_loss),
      RULE (copy),
      RULE (mtu_probe),
      RULE (mtu_raise),
      RULE (mtu_black_hole),
      RULE (ecn_ce),
      RULE (ecn_off),
      RULE (packet_fragment),
      RULE (packet_joined),
      SEEN (closed_by_near),
      SEEN (closed_by_far),
      SEEN (closed_by_both),
      SEEN (close_timed_out),
      SEEN (open_timed_out),
      SEEN (reopened),
      SEEN (flow_finished),
      SEEN (return_flow),
      SEEN (rejected_at_once),
      SEEN (rejected_later),
      SEEN (suspended),
      SEEN (gap_told),
      SEEN (message_in_pieces),
      SEEN (order_of_network),
      SEEN (message_given_up),
      SEEN (message_end_told),
#undef RULE
#undef SEEN
  };
  bool all = true;
  for (size_t i = 0; i < G_N_ELEMENTS (rules); i++) {
    printf ("%-24s %12llu\n", rules[i].name, (unsigned long long)rules[i].count);
    all = all && rules[i].count > 0;
  }
  printf ("%-24s %12llu\n%-24s %12llu\n", "sessions",
          (unsigned long long)sum->engine.sessions_opened, "datagrams",
          (unsigned long long)sum->engine.datagrams_out);
  return all;
}

static void
tell_seed (int signal_number) {
  char text[64];
  const int size = g_snprintf (text, sizeof text, "seed %llu: signal %d\n",
                               (unsigned long long)running_seed, signal_number);
  (void)!write (STDERR_FILENO, text, (size_t)size);
  signal (signal_number, SIG_DFL);
  raise (signal_number);
}

int
main (int argc, char **argv) {
  gint64 seeds = 100, first = 1;
  gint jobs = 1;
  gboolean demands_rules = FALSE, verbose = FALSE;
  const GOptionEntry entries[] = {
      {"seeds", 0, 0, G_OPTION_ARG_INT64, &seeds, "How many worlds", "N"},
      {"first", 0, 0, G_OPTION_ARG_INT64, &first, "The first seed", "S"},
      {"jobs", 0, 0, G_OPTION_ARG_INT, &jobs, "Processes", "N"},
      {"rules", 0, 0, G_OPTION_ARG_NONE, &demands_rules, "Fail if a rule was never exercised",
       NULL},
      {"verbose", 0, 0, G_OPTION_ARG_NONE, &verbose, "What happens", NULL},
      {"trace", 0, 0, G_OPTION_ARG_NONE, &traced, "Each datagram", NULL},
      {0},
  };
  GOptionContext *context = g_option_context_new (NULL);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, NULL) || seeds < 1 || jobs < 1 ||
      jobs > JOBS_MAX) {
    fputs ("sim-worlds --seeds N --first S [--jobs N] [--rules] [--verbose]\n", stderr);
    return 2;
  }
  g_option_context_free (context);
  signal (SIGABRT, tell_seed);
  signal (SIGTRAP, tell_seed);
  signal (SIGSEGV, tell_seed);
  StageSum sum = {0};
  bool good = true;
  if (jobs == 1) {
    run_worlds ((uint64_t)first, (uint64_t)seeds, 1, &sum, verbose);
  } else {
    good = run_in_jobs ((uint64_t)first, (uint64_t)seeds, jobs, &sum, verbose);
  }
  const bool all = print_rules (&sum);
  if (demands_rules && !all) {
    fputs ("a rule was never exercised\n", stderr);
    good = false;
  }
  return good ? 0 : 1;
}

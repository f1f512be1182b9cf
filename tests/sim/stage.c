/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/stage.h"

#include "tests/sim/stage-private.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ATTEMPTS_MAX 4 /* to open one link */

void
stage_fail (const Stage *stage, const char *file, int line, const char *condition,
            const char *format, ...) {
  va_list arguments;
  va_start (arguments, format);
  char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  fprintf (stderr, "seed %llu, at %.6f s, %s:%d: not so: %s: %s\n", (unsigned long long)stage->seed,
           (double)sim_world_now (stage->world) / 1e6 - 1000, file, line, condition, text);
  g_free (text);
  exit (1);
}

void
stage_tell (const Stage *stage, const char *format, ...) {
  if (!stage->verbose) {
    return;
  }
  va_list arguments;
  va_start (arguments, format);
  char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  printf ("seed %llu, %.6f s: %s\n", (unsigned long long)stage->seed,
          (double)sim_world_now (stage->world) / 1e6 - 1000, text);
  fflush (stdout);
  g_free (text);
}

Stage *
stage_new (uint64_t seed) {
  Stage *stage = g_new0 (Stage, 1);
  stage->seed = seed;
  stage->world = sim_world_new (seed);
  stage->chance = sim_world_chance (stage->world);
  stage->peers = g_ptr_array_new ();
  stage->links = g_ptr_array_new_with_free_func (g_free);
  stage->channels = g_ptr_array_new_with_free_func (channel_free);
  stage->groups = RTMFP_GROUP_X25519;
  return stage;
}

void
stage_free (Stage *stage) {
  for (guint i = 0; i < stage->peers->len; i++) {
    Peer *peer = g_ptr_array_index (stage->peers, i);
    rtmfp_endpoint_free (peer->endpoint);
    g_free (peer);
  }
  g_ptr_array_unref (stage->peers);
  g_ptr_array_unref (stage->links);
  g_ptr_array_unref (stage->channels);
  sim_world_free (stage->world);
  g_free (stage);
}

Peer *
stage_add_peer (Stage *stage, PeerRole role, SimNatKind nat, const SimLink *up,
                const SimLink *down) {
  Peer *peer = g_new0 (Peer, 1);
  peer->stage = stage;
  peer->role = role;
  peer->number = (int)stage->peers->len;
  peer->nat_kind = nat;
  peer->now_us = sim_world_now (stage->world);
  peer->chance.state = sim_chance_u64 (stage->chance);
  peer->keepalive_us = 20 * SIM_S;
  const uint8_t n = (uint8_t)(peer->number + 1);
  const RtmfpAddress public_ip = rtmfp_address_ipv4 (198, 51, 100, n, 1935);
  const RtmfpAddress inside = rtmfp_address_ipv4 (10, 0, n, 2, 1935);
  peer->nat = sim_world_add_nat (stage->world, nat, &public_ip);
  peer->host = sim_world_add_host (stage->world, &peer_class, peer,
                                   peer->nat != NULL ? &inside : &public_ip, up, down, peer->nat);
  peer_start (peer);
  g_ptr_array_add (stage->peers, peer);
  return peer;
}

RtmfpAddress
peer_address (const Peer *peer) {
  return *sim_host_address (peer->host);
}

Link *
stage_add_link (Stage *stage, Peer *a, Peer *b) {
  Link *link = g_new0 (Link, 1);
  link->peers[0] = a;
  link->peers[1] = b;
  link->by_uri = b->role == PEER_SERVER;
  link->start_us = sim_world_now (stage->world);
  g_ptr_array_add (stage->links, link);
  return link;
}

Channel *
stage_add_channel (Stage *stage, Link *link, int from, ChannelKind kind) {
  SimChance *chance = stage->chance;
  Channel *channel = g_new0 (Channel, 1);
  channel->id = stage->channels->len;
  channel->link = link;
  channel->from = from;
  channel->kind = kind;
  channel->messages = g_array_new (FALSE, FALSE, sizeof (Message));
  channel->priority = (RtmfpPriority)sim_chance_range (chance, 0, RTMFP_PRIORITY_COUNT);
  channel->order = sim_chance_permille (chance, 400) ? RTMFP_ORDER_NETWORK : RTMFP_ORDER_SEQUENCE;
  channel->message_count = (size_t)sim_chance_range (chance, 1, 40);
  channel->size_max =
      (uint32_t)(sim_chance_permille (chance, 300) ? sim_chance_range (chance, 1000, 9000) : 500);
  channel->interval_us = sim_chance_range (chance, 0, 60) * SIM_MS;
  channel->buffer_bytes =
      sim_chance_permille (chance, 200) ? (size_t)sim_chance_range (chance, 500, 5000) : 0;
  channel->window_bytes =
      sim_chance_permille (chance, 300) ? (size_t)sim_chance_range (chance, 1024, 9000) : 0;
  if (kind == CHANNEL_PAUSED) {
    channel->window_bytes = 2048;
    channel->message_count = 20;
    channel->pause_us = sim_chance_range (chance, 500, 5000) * SIM_MS;
  }
  channel->reject_code = (uint64_t)sim_chance_range (chance, 0, 1000);
  channel->reject_after = (size_t)sim_chance_range (chance, 1, 5);
  channel->wants_answer = kind == CHANNEL_RELIABLE && sim_chance_permille (chance, 150);
  g_ptr_array_add (stage->channels, channel);
  return channel;
}

/* ---- Sessions open and close ---- */

static Link *
find_link (Stage *stage, const Peer *peer, const Peer *far, int *end) {
  for (guint i = 0; i < stage->links->len; i++) {
    Link *link = g_ptr_array_index (stage->links, i);
    for (*end = 0; *end < 2; (*end)++) {
      if (link->peers[*end] == peer && link->peers[1 - *end] == far) {
        return link;
      }
    }
  }
  return NULL;
}

Link *
stage_find_link (Stage *stage, const Peer *peer, const RtmfpFingerprint *far, int *end) {
  for (guint i = 0; i < stage->peers->len; i++) {
    const Peer *other = g_ptr_array_index (stage->peers, i);
    if (memcmp (&other->fingerprint, far, sizeof *far) == 0) {
      return find_link (stage, peer, other, end);
    }
  }
  return NULL;
}

Link *
stage_find_link_by_session (Stage *stage, const Peer *peer, RtmfpId session, int *end) {
  for (guint i = 0; i < stage->links->len; i++) {
    Link *link = g_ptr_array_index (stage->links, i);
    for (*end = 0; *end < 2; (*end)++) {
      if (link->peers[*end] == peer &&
          (link->ends[*end].session == session || link->ends[*end].opening == session)) {
        return link;
      }
    }
  }
  return NULL;
}

void
link_opened (Link *link, int end, RtmfpId session) {
  LinkEnd *this_end = &link->ends[end];
  const Stage *stage = link->peers[0]->stage;
  stage_expect (stage, !link->closing, "link of peer %d", link->peers[end]->number);
  stage_tell (stage, "peer %d (%s) has a session with peer %d", link->peers[end]->number,
              sim_nat_name (link->peers[end]->nat_kind), link->peers[1 - end]->number);
  this_end->session = session;
  this_end->was_open = true;
  this_end->is_over = false;
  if (this_end->opening == session) {
    this_end->opening = 0;
  }
}

static bool
is_ready (const Link *link) {
  return link->ends[0].session != 0 && link->ends[1].session != 0;
}

/* How a session may end, when nobody asked for it. A responder's part of a handshake whose last
 * answer did not come through may time out, or be replaced by the next attempt. */
static bool
may_end (const Link *link, RtmfpCloseReason reason) {
  return (link->restarts && reason == RTMFP_CLOSE_REPLACED) ||
         (link->ready_us == 0 && (reason == RTMFP_CLOSE_TIMEOUT || reason == RTMFP_CLOSE_REPLACED));
}

void
link_closed (Link *link, int end, RtmfpId session, RtmfpCloseReason reason) {
  LinkEnd *this_end = &link->ends[end];
  const Stage *stage = link->peers[0]->stage;
  stage_tell (stage, "peer %d has no session with peer %d any more, reason %d",
              link->peers[end]->number, link->peers[1 - end]->number, (int)reason);
  if (this_end->opening == session) {
    this_end->opening = 0;
    if (reason == RTMFP_CLOSE_REPLACED) {
      return; /* the other one's attempt won */
    }
    if (reason == RTMFP_CLOSE_TIMEOUT && !link->may_fail && ++link->timeouts < ATTEMPTS_MAX) {
      /* All the few hellos were lost, or keying went to where the far side was: one tries again. */
      link->started = link->ends[1 - end].opening != 0 || is_ready (link);
      return;
    }
    stage_expect (stage, link->may_fail && reason == RTMFP_CLOSE_TIMEOUT,
                  "peer %d could not reach peer %d, reason %d", link->peers[end]->number,
                  link->peers[1 - end]->number, (int)reason);
    link->failed = true;
    return;
  }
  if (this_end->session != session) {
    return; /* replaced before */
  }
  stage_expect (stage, link->closing || may_end (link, reason),
                "peer %d lost its session with peer %d, reason %d", link->peers[end]->number,
                link->peers[1 - end]->number, (int)reason);
  this_end->session = 0;
  this_end->reason = reason;
  this_end->is_over = true;
}

/* A client that is introduced must be known to the introducer. */
static bool
may_start (Stage *stage, const Link *link) {
  if (sim_world_now (stage->world) < link->start_us) {
    return false;
  }
  if (link->introducer == NULL || link->introducer->role != PEER_SERVER) {
    return true;
  }
  for (int end = 0; end < 2; end++) {
    int other;
    const Link *registration = find_link (stage, link->peers[end], link->introducer, &other);
    if (registration == NULL || !is_ready (registration)) {
      return false;
    }
  }
  return true;
}

static bool
channels_are_done (Stage *stage, const Link *link) {
  for (guint i = 0; i < stage->channels->len; i++) {
    const Channel *channel = g_ptr_array_index (stage->channels, i);
    if (channel->link == link && !channel_is_done (channel)) {
      return false;
    }
  }
  return true;
}

/* Others still need the registration. */
static bool
is_needed (Stage *stage, const Link *link) {
  for (guint i = 0; i < stage->links->len; i++) {
    const Link *other = g_ptr_array_index (stage->links, i);
    const bool stands = is_ready (other) && (!other->restarts || other->restarted);
    if (other->introducer == link->peers[1] && link->peers[1]->role == PEER_SERVER &&
        !other->failed && !other->closing && !stands) {
      return true;
    }
  }
  return false;
}

static void
close_end (Link *link, int end) {
  Peer *peer = link->peers[end];
  if (link->ends[end].session != 0) {
    rtmfp_endpoint_close (peer->endpoint, link->ends[end].session, false,
                          sim_world_now (peer->stage->world));
    sim_host_poke (peer->host);
  }
}

/* The first peer forgets its session while it is offline, and opens another. */
static void
restart (Stage *stage, Link *link) {
  Peer *peer = link->peers[0];
  const int64_t now_us = sim_world_now (stage->world);
  link->restarted = true;
  link->ready_us = 0;
  sim_host_cut (peer->host, now_us + 200 * SIM_MS);
  rtmfp_endpoint_close (peer->endpoint, link->ends[0].session, true, now_us);
  link->ends[0].session = 0;
  link->started = false;
  link->start_us = now_us + 300 * SIM_MS;
  sim_host_poke (peer->host);
}

static bool
is_over (const Link *link) {
  return link->failed || (link->closing && link->ends[0].is_over && link->ends[1].is_over);
}

static void
step_ready_link (Stage *stage, Link *link) {
  const int64_t now_us = sim_world_now (stage->world);
  if (link->restarts && !link->restarted) {
    restart (stage, link);
    return;
  }
  if (link->ready_us == 0) {
    link->ready_us = now_us;
    channels_start (link, 0);
    channels_start (link, 1);
  }
  if (!channels_are_done (stage, link) || is_needed (stage, link)) {
    return;
  }
  if (link->done_us == 0) {
    link->done_us = now_us;
  }
  if (now_us >= link->done_us + link->linger_us) {
    link->closing = true;
    if (link->closer != 1) {
      close_end (link, 0);
    }
    if (link->closer != 0) {
      close_end (link, 1);
    }
  }
}

static void
step_link (Stage *stage, Link *link) {
  if (!link->started && may_start (stage, link)) {
    link->started = true;
    link_open_from (link, 0);
    if (link->both_open && !link->restarted) {
      link_open_from (link, 1);
    }
  } else if (link->started && !link->closing && is_ready (link)) {
    step_ready_link (stage, link);
  }
}

bool
stage_step (Stage *stage) {
  bool all_over = true;
  for (guint i = 0; i < stage->links->len; i++) {
    Link *link = g_ptr_array_index (stage->links, i);
    step_link (stage, link);
    all_over = all_over && is_over (link);
  }
  return all_over;
}

static bool
may_have_closed (const Link *link, int end) {
  switch (link->ends[end].reason) {
  case RTMFP_CLOSE_LOCAL:
    return link->closer == end || link->closer == 2;
  case RTMFP_CLOSE_FAR:
    return link->closer != end;
  case RTMFP_CLOSE_TIMEOUT:
    /* The request to close goes where it last was, and nobody asks after its new address any more.
     */
    return link->closer != end && link->peers[end]->moved;
  default:
    return false;
  }
}

void
stage_check (Stage *stage) {
  for (guint i = 0; i < stage->links->len; i++) {
    const Link *link = g_ptr_array_index (stage->links, i);
    stage_expect (stage, is_over (link), "link %d", (int)i);
    if (link->failed) {
      continue;
    }
    for (int end = 0; end < 2; end++) {
      stage_expect (stage, may_have_closed (link, end), "link %d, end %d, reason %d", (int)i, end,
                    (int)link->ends[end].reason);
    }
  }
  for (guint i = 0; i < stage->channels->len; i++) {
    const Channel *channel = g_ptr_array_index (stage->channels, i);
    stage_expect (stage, channel->opened || channel->link->failed, "channel %d", (int)i);
    channel_check (stage, channel);
  }
}

static void
add_link_seen (const Link *link, StageSeen *seen) {
  seen->open_timed_out += link->failed;
  seen->reopened += link->restarted;
  seen->closed_by_both += !link->failed && link->closer == 2;
  for (int end = 0; end < 2 && !link->failed; end++) {
    seen->closed_by_near += link->ends[end].reason == RTMFP_CLOSE_LOCAL;
    seen->closed_by_far += link->ends[end].reason == RTMFP_CLOSE_FAR;
    seen->close_timed_out += link->ends[end].reason == RTMFP_CLOSE_TIMEOUT;
  }
}

static void
add_channel_seen (const Channel *channel, StageSeen *seen) {
  seen->flow_finished += channel->finished;
  seen->return_flow += channel->answers != NULL && channel->received_count > 0;
  seen->rejected_at_once += channel->kind == CHANNEL_REJECTED_AT_ONCE && channel->excepted;
  seen->rejected_later += channel->kind == CHANNEL_REJECTED_LATER && channel->excepted;
  seen->suspended += channel->kind == CHANNEL_PAUSED && channel->resumed;
  seen->gap_told += channel->gaps;
  seen->order_of_network += channel->order == RTMFP_ORDER_NETWORK && channel->received_count > 0;
  for (guint i = 0; i < channel->messages->len; i++) {
    const Message *message = &g_array_index (channel->messages, Message, i);
    seen->message_in_pieces += message->received && message->size > 1400;
    seen->message_given_up += message->ended && !message->delivered;
    seen->message_end_told += message->ended;
  }
}

void
stage_add_counters (const Stage *stage, StageSum *sum) {
  for (guint i = 0; i < stage->peers->len; i++) {
    const Peer *peer = g_ptr_array_index (stage->peers, i);
    RtmfpCounters counters;
    rtmfp_endpoint_counters (peer->endpoint, &counters);
    /* All are 64-bit counts. */
    uint64_t *to = (uint64_t *)(void *)&sum->engine;
    const uint64_t *from = (const uint64_t *)(const void *)&counters;
    for (size_t at = 0; at < sizeof counters / sizeof (uint64_t); at++) {
      to[at] += from[at];
    }
  }
  for (guint i = 0; i < stage->links->len; i++) {
    add_link_seen (g_ptr_array_index (stage->links, i), &sum->seen);
  }
  for (guint i = 0; i < stage->channels->len; i++) {
    add_channel_seen (g_ptr_array_index (stage->channels, i), &sum->seen);
  }
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who gets how much of a link that several share: sessions of ours, and TCP. Each run draws when
 * the second begins; shares are of what arrived. */
#include "core/crypto/epd.h"
#include "core/endpoint/endpoint.h"
#include "tests/sim/reno.h"
#include "tests/sim/world.h"

#include <stdlib.h>
#include <string.h>

#define PARTIES 2
#define MESSAGE_BYTES 16384

typedef enum { OURS, RENO } Kind;

/* Who sends. */
typedef struct {
  Kind kind;
  RtmfpAddress address;
  SimHost *host;
  SimChance chance;
  RtmfpEndpoint *endpoint; /* of ours */
  RtmfpId session, flow;
  bool full;
  Reno *reno;
  int64_t start_us;
} Party;

/* All send to one host, whose link down is shared. */
typedef struct {
  SimHost *host;
  SimChance chance;
  RtmfpEndpoint *endpoint;
  RtmfpFingerprint fingerprint;
  RenoSink *sinks[PARTIES];
  RtmfpId flows[PARTIES];
  uint64_t bytes[PARTIES];
} Receiver;

typedef struct {
  SimWorld *world;
  Receiver receiver;
  Party parties[PARTIES];
} Scene;

static Scene *scene;

/* ---- The receiver ---- */

static int
party_at (const RtmfpAddress *address) {
  for (int i = 0; i < PARTIES; i++) {
    if (rtmfp_address_equal (&scene->parties[i].address, address)) {
      return i;
    }
  }
  g_assert_not_reached ();
}

static void
receiver_receive (void *node, const uint8_t *bytes, size_t size, uint32_t interface_id,
                  const RtmfpAddress *from, int64_t now_us) {
  Receiver *receiver = node;
  const int party = party_at (from);
  if (scene->parties[party].kind == RENO) {
    reno_sink_receive (receiver->sinks[party], bytes, size, from, now_us);
  } else {
    rtmfp_endpoint_receive (receiver->endpoint, bytes, size, interface_id, from, 0, now_us);
  }
}

static void
run_jobs (RtmfpEndpoint *endpoint, int64_t now_us) {
  rtmfp_endpoint_advance (endpoint, now_us);
  RtmfpJob *job;
  while ((job = rtmfp_endpoint_poll_job (endpoint)) != NULL) {
    rtmfp_job_run (job);
    rtmfp_endpoint_complete_job (endpoint, job, now_us);
  }
}

static void
receiver_advance (void *node, int64_t now_us) {
  Receiver *receiver = node;
  run_jobs (receiver->endpoint, now_us);
  RtmfpEvent event;
  while (rtmfp_endpoint_poll_event (receiver->endpoint, &event)) {
    if (event.type == RTMFP_EVENT_FLOW_NEW) {
      receiver->flows[event.bytes.data[0]] = event.flow;
      g_assert_cmpint (rtmfp_endpoint_accept_flow (receiver->endpoint, event.flow,
                                                   RTMFP_ORDER_SEQUENCE, 4 << 20, now_us),
                       ==, RTMFP_OK);
    } else if (event.type == RTMFP_EVENT_FLOW_MESSAGE) {
      for (int i = 0; i < PARTIES; i++) {
        receiver->bytes[i] += receiver->flows[i] == event.flow ? event.bytes.size : 0;
      }
    }
  }
}

static bool
receiver_poll_transmit (void *node, int64_t now_us, uint8_t *buffer, size_t capacity,
                        RtmfpDatagram *datagram) {
  Receiver *receiver = node;
  for (int i = 0; i < PARTIES; i++) {
    if (reno_sink_poll_transmit (receiver->sinks[i], now_us, buffer, datagram)) {
      return true;
    }
  }
  return rtmfp_endpoint_poll_transmit (receiver->endpoint, now_us, buffer, capacity, datagram);
}

static int64_t
receiver_deadline (void *node) {
  Receiver *receiver = node;
  int64_t at_us = rtmfp_endpoint_deadline (receiver->endpoint);
  for (int i = 0; i < PARTIES; i++) {
    at_us = MIN (at_us, reno_sink_deadline (receiver->sinks[i]));
  }
  return at_us;
}

static const SimNodeClass receiver_class = {receiver_receive, receiver_advance,
                                            receiver_poll_transmit, receiver_deadline};

/* ---- Senders of ours ---- */

static void
ours_receive (void *node, const uint8_t *bytes, size_t size, uint32_t interface_id,
              const RtmfpAddress *from, int64_t now_us) {
  rtmfp_endpoint_receive (((Party *)node)->endpoint, bytes, size, interface_id, from, 0, now_us);
}

static void
say (Party *party, int64_t now_us) {
  static const uint8_t bytes[MESSAGE_BYTES];
  while (party->flow != 0 && !party->full && now_us >= party->start_us) {
    party->full =
        rtmfp_endpoint_send (party->endpoint, party->flow, rtmfp_bytes (bytes, sizeof bytes), NULL,
                             now_us, NULL) == RTMFP_FULL;
  }
}

static void
ours_advance (void *node, int64_t now_us) {
  Party *party = node;
  run_jobs (party->endpoint, now_us);
  RtmfpEvent event;
  while (rtmfp_endpoint_poll_event (party->endpoint, &event)) {
    if (event.type == RTMFP_EVENT_SESSION_OPEN) {
      const uint8_t metadata = (uint8_t)(party - scene->parties);
      const RtmfpFlowConfig config = {.metadata = rtmfp_bytes (&metadata, 1),
                                      .priority = RTMFP_PRIORITY_BULK};
      party->session = event.session;
      g_assert_cmpint (
          rtmfp_endpoint_open_flow (party->endpoint, event.session, &config, &party->flow), ==,
          RTMFP_OK);
    } else if (event.type == RTMFP_EVENT_FLOW_WRITABLE) {
      party->full = false;
    }
  }
  say (party, now_us);
}

static bool
ours_poll_transmit (void *node, int64_t now_us, uint8_t *buffer, size_t capacity,
                    RtmfpDatagram *datagram) {
  return rtmfp_endpoint_poll_transmit (((Party *)node)->endpoint, now_us, buffer, capacity,
                                       datagram);
}

static int64_t
ours_deadline (void *node) {
  const Party *party = node;
  const int64_t at_us = rtmfp_endpoint_deadline (party->endpoint);
  return party->flow != 0 && !party->full ? MIN (at_us, party->start_us) : at_us;
}

static const SimNodeClass ours_class = {ours_receive, ours_advance, ours_poll_transmit,
                                        ours_deadline};

/* ---- Scenes ---- */

static RtmfpEndpoint *
new_endpoint (SimChance *chance, uint64_t state, RtmfpId *identity, RtmfpFingerprint *fingerprint) {
  chance->state = state;
  const RtmfpEndpointConfig config = {.rng = sim_chance_rng (chance)};
  RtmfpEndpoint *endpoint = rtmfp_endpoint_new (&config, sim_world_now (scene->world));
  const RtmfpIdentityConfig as = {.groups = RTMFP_GROUP_X25519, .accept = RTMFP_ACCEPT_ANYONE};
  *identity = rtmfp_endpoint_add_identity (endpoint, &as, fingerprint);
  return endpoint;
}

static void
open_session (Party *party) {
  RtmfpId identity, session;
  party->endpoint =
      new_endpoint (&party->chance, 100 + (uint64_t)(party - scene->parties), &identity, NULL);
  uint8_t epd[RTMFP_EPD_CANONICAL_SIZE];
  RtmfpWriter writer = rtmfp_writer (epd, sizeof epd);
  g_assert_cmpint (
      rtmfp_epd_write_fingerprint (&writer, &scene->receiver.fingerprint, (RtmfpBytes){0}), ==,
      RTMFP_OK);
  const RtmfpOpen open = {.identity = identity,
                          .epd = rtmfp_bytes (epd, sizeof epd),
                          .candidates = sim_host_address (scene->receiver.host),
                          .candidate_count = 1};
  g_assert_cmpint (
      rtmfp_endpoint_open (party->endpoint, &open, sim_world_now (scene->world), &session), ==,
      RTMFP_OK);
}

typedef struct {
  int64_t rtt_us;
  int64_t bytes_per_s;
  double buffer; /* of the link, in what it carries in a round trip */
  int loss_permille;
} Line;

static void
begin (uint64_t seed, const Line *line, Kind first, Kind second) {
  scene = g_new0 (Scene, 1);
  scene->world = sim_world_new (seed);
  Receiver *receiver = &scene->receiver;
  const SimLink near = {.delay_us = line->rtt_us / 4};
  SimLink down = near;
  down.bytes_per_s = line->bytes_per_s;
  down.queue_bytes =
      (int64_t)(line->buffer * (double)line->bytes_per_s * (double)line->rtt_us / 1e6);
  down.loss_permille = line->loss_permille;
  const RtmfpAddress address = rtmfp_address_ipv4 (192, 0, 2, 9, 1935);
  RtmfpId identity;
  receiver->endpoint = new_endpoint (&receiver->chance, 99, &identity, &receiver->fingerprint);
  for (int i = 0; i < PARTIES; i++) {
    receiver->sinks[i] = reno_sink_new ();
  }
  receiver->host =
      sim_world_add_host (scene->world, &receiver_class, receiver, &address, &near, &down, NULL);
  for (int i = 0; i < PARTIES; i++) {
    Party *party = &scene->parties[i];
    party->kind = i == 0 ? first : second;
    party->address = rtmfp_address_ipv4 (198, 51, 100, (uint8_t)(1 + i), 1935);
    party->start_us = sim_world_now (scene->world) + SIM_S;
    if (party->kind == OURS) {
      open_session (party);
    }
  }
}

static void
join (int index, const Line *line, int64_t start_us) {
  Party *party = &scene->parties[index];
  const SimLink near = {.delay_us = line->rtt_us / 4};
  party->start_us = start_us;
  if (party->kind == RENO) {
    sim_world_run (scene->world, start_us, NULL, NULL);
    party->reno = reno_new (sim_host_address (scene->receiver.host));
  }
  party->host = sim_world_add_host (scene->world, party->kind == OURS ? &ours_class : &reno_class,
                                    party->kind == OURS ? (void *)party : (void *)party->reno,
                                    &party->address, &near, &near, NULL);
}

static uint64_t
arrived (int index) {
  const Receiver *receiver = &scene->receiver;
  return scene->parties[index].kind == OURS ? receiver->bytes[index]
                                            : reno_sink_bytes (receiver->sinks[index]);
}

static void
end (void) {
  rtmfp_endpoint_free (scene->receiver.endpoint);
  for (int i = 0; i < PARTIES; i++) {
    rtmfp_endpoint_free (scene->parties[i].endpoint);
    reno_free (scene->parties[i].reno);
    reno_sink_free (scene->receiver.sinks[i]);
  }
  sim_world_free (scene->world);
  g_free (scene);
  scene = NULL;
}

/* What each got, in bytes a second, from warm_s behind the second's start on. */
static void
share (uint64_t seed, const Line *line, Kind first, Kind second, int warm_s, int seconds,
       double *rates) {
  begin (seed, line, first, second);
  const int64_t now_us = sim_world_now (scene->world);
  join (0, line, now_us + SIM_S);
  join (1, line,
        now_us + 2 * SIM_S + sim_chance_range (sim_world_chance (scene->world), 0, 5 * SIM_S));
  sim_world_run (scene->world, sim_world_now (scene->world) + warm_s * SIM_S, NULL, NULL);
  uint64_t before[PARTIES];
  for (int i = 0; i < PARTIES; i++) {
    before[i] = arrived (i);
  }
  sim_world_run (scene->world, sim_world_now (scene->world) + seconds * SIM_S, NULL, NULL);
  for (int i = 0; i < PARTIES; i++) {
    rates[i] = (double)(arrived (i) - before[i]) / seconds;
  }
  end ();
}

/* ---- Bars ---- */

/* The mean share of the first over all seeds; the worst of one is told. */
static void
expect_share (const char *what, int seeds, const Line *line, Kind first, Kind second,
              double least_share, double least_used) {
  double sum = 0, worst = 1, used = 0;
  for (int seed = 1; seed <= seeds; seed++) {
    double rates[PARTIES];
    share ((uint64_t)seed, line, first, second, line->rtt_us > 100 * SIM_MS ? 60 : 10, 40, rates);
    const double ours = rates[0] / (rates[0] + rates[1]);
    worst = MIN (worst, MIN (ours, 1 - ours));
    sum += ours;
    used += (rates[0] + rates[1]) / (double)line->bytes_per_s;
  }
  g_test_message ("%s, %d ms, queue of %.0f ms: the first has %.2f, worst %.2f; link %.2f", what,
                  (int)(line->rtt_us / SIM_MS), line->buffer * (double)line->rtt_us / SIM_MS,
                  sum / seeds, worst, used / seeds);
  g_assert_cmpfloat (sum / seeds, >=, least_share);
  g_assert_cmpfloat (sum / seeds, <=, 1 - least_share);
  g_assert_cmpfloat (used / seeds, >=, least_used);
}

#define SEEDS 20
#define SOME 8
#define FEW 4

/* 8 Mbit/s. */
static Line
line_of (int64_t rtt_ms, double buffer) {
  return (Line){.rtt_us = rtt_ms * SIM_MS, .bytes_per_s = 1000000, .buffer = buffer};
}

static void
test_two_sessions (void) {
  const Line line = line_of (40, 2.5);
  expect_share ("ours, ours", SEEDS, &line, OURS, OURS, 0.4, 0.95);
}

static void
test_two_sessions_elsewhere (void) {
  const int64_t rtts_ms[] = {10, 40, 150};
  const double buffers[] = {0.5, 1, 4};
  for (size_t i = 0; i < G_N_ELEMENTS (rtts_ms); i++) {
    for (size_t j = 0; j < G_N_ELEMENTS (buffers); j++) {
      const Line line = line_of (rtts_ms[i], buffers[j]);
      expect_share ("ours, ours", FEW, &line, OURS, OURS, rtts_ms[i] < 100 ? 0.4 : 0.2, 0.85);
    }
  }
}

static void
test_beside_tcp (void) {
  const double buffers[] = {0.5, 1, 2.5, 4};
  for (size_t i = 0; i < G_N_ELEMENTS (buffers); i++) {
    const Line line = line_of (40, buffers[i]);
    expect_share ("ours, TCP", buffers[i] == 2.5 ? SEEDS : FEW, &line, OURS, RENO, 0.4, 0.85);
  }
}

/* Where the queue is of some few packets a burst of TCP's does not fit, and what is paced has more;
 * where a cycle of TCP's takes half a minute, 40 s show little. Nobody starves. */
static void
test_beside_tcp_elsewhere (void) {
  const int64_t rtts_ms[] = {10, 150};
  const double buffers[] = {1, 2.5, 4};
  for (size_t i = 0; i < G_N_ELEMENTS (rtts_ms); i++) {
    for (size_t j = 0; j < G_N_ELEMENTS (buffers); j++) {
      const Line line = line_of (rtts_ms[i], buffers[j]);
      expect_share ("ours, TCP", FEW, &line, OURS, RENO, 0.2, 0.85);
    }
  }
}

/* Who comes later finds a queue that somebody else keeps; queues of half, one and two round trips.
 */
static void
test_whoever_comes_first (void) {
  const int64_t rtts_ms[] = {10, 40, 100};
  const double buffers[] = {0.5, 1, 2};
  for (size_t i = 0; i < G_N_ELEMENTS (rtts_ms); i++) {
    for (size_t j = 0; j < G_N_ELEMENTS (buffers); j++) {
      const Line line = line_of (rtts_ms[i], buffers[j]);
      expect_share ("ours, TCP", SOME, &line, OURS, RENO, 0.4, 0.85);
      expect_share ("TCP, ours", SOME, &line, RENO, OURS, 0.4, 0.85);
      expect_share ("ours, ours", SOME, &line, OURS, OURS, 0.4, 0.85);
    }
  }
}

/* What the model does with itself: the measure of all of the above. */
static void
test_tcp_beside_tcp (void) {
  const Line line = line_of (40, 2.5);
  expect_share ("TCP, TCP", FEW, &line, RENO, RENO, 0.4, 0.9);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/fair/two-sessions", test_two_sessions);
  g_test_add_func ("/sim/fair/two-sessions-elsewhere", test_two_sessions_elsewhere);
  g_test_add_func ("/sim/fair/beside-tcp", test_beside_tcp);
  g_test_add_func ("/sim/fair/beside-tcp-elsewhere", test_beside_tcp_elsewhere);
  g_test_add_func ("/sim/fair/whoever-comes-first", test_whoever_comes_first);
  g_test_add_func ("/sim/fair/tcp-beside-tcp", test_tcp_beside_tcp);
  return g_test_run ();
}

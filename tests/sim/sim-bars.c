/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bars on simulated figures: how fast a session opens, how much a link carries, how long messages
 * take. */
#include "core/crypto/epd.h"
#include "core/endpoint/endpoint.h"
#include "tests/sim/world.h"

#include <stdlib.h>
#include <string.h>

#define SEEDS 20

/* One of two ends. */
typedef struct {
  RtmfpEndpoint *endpoint;
  SimHost *host;
  SimChance chance;
  RtmfpId identity, session;
  RtmfpFingerprint fingerprint;
  int64_t opened_us;
} End;

/* A flow from the first end to the second: size bytes each, as many as fit or one in interval_us.
 */
typedef struct {
  RtmfpId flow, receiving;
  RtmfpPriority priority;
  RtmfpOrder order;
  size_t size;
  int64_t interval_us; /* 0 = bulk */
  int64_t next_us;
  bool full;
  uint64_t bytes;    /* received */
  GArray *delays_us; /* int64_t, of each message */
} Source;

typedef struct {
  SimWorld *world;
  End ends[2];
  Source sources[2];
  size_t source_count;
} Bench;

/* The world has no user data for its nodes' neighbours: one bench at a time. */
static Bench *bench;

static int
index_of (const End *end) {
  return end == &bench->ends[0] ? 0 : 1;
}

static void
receive (void *node, const uint8_t *bytes, size_t size, uint32_t interface_id,
         const RtmfpAddress *from, int64_t now_us) {
  rtmfp_endpoint_receive (((End *)node)->endpoint, bytes, size, interface_id, from,
                          sim_world_ecn (bench->world), now_us);
}

static void
take_message (const RtmfpEvent *event, int64_t now_us) {
  for (size_t i = 0; i < bench->source_count; i++) {
    Source *source = &bench->sources[i];
    if (source->receiving == event->flow) {
      int64_t sent_us;
      memcpy (&sent_us, event->bytes.data, sizeof sent_us);
      const int64_t delay_us = now_us - sent_us;
      g_array_append_val (source->delays_us, delay_us);
      source->bytes += event->bytes.size;
    }
  }
}

static void
take_event (End *end, const RtmfpEvent *event, int64_t now_us) {
  switch (event->type) {
  case RTMFP_EVENT_SESSION_OPEN:
    end->session = event->session;
    end->opened_us = now_us;
    break;
  case RTMFP_EVENT_FLOW_NEW: {
    Source *source = &bench->sources[event->bytes.data[0]];
    source->receiving = event->flow;
    g_assert_cmpint (
        rtmfp_endpoint_accept_flow (end->endpoint, event->flow, source->order, 1 << 20, now_us), ==,
        RTMFP_OK);
    break;
  }
  case RTMFP_EVENT_FLOW_MESSAGE:
    take_message (event, now_us);
    break;
  case RTMFP_EVENT_SESSION_ADDRESS:
    break;
  case RTMFP_EVENT_FLOW_WRITABLE:
    for (size_t i = 0; i < bench->source_count; i++) {
      bench->sources[i].full = bench->sources[i].full && bench->sources[i].flow != event->flow;
    }
    break;
  default:
    g_error ("event %d", (int)event->type);
  }
}

static void
say (End *end, Source *source, int64_t now_us) {
  static uint8_t bytes[65536];
  while (source->flow != 0 && !source->full && now_us >= source->next_us) {
    memcpy (bytes, &now_us, sizeof now_us);
    const RtmfpStatus status = rtmfp_endpoint_send (
        end->endpoint, source->flow, rtmfp_bytes (bytes, source->size), NULL, now_us, NULL);
    source->full = status == RTMFP_FULL;
    g_assert_true (status == RTMFP_OK || status == RTMFP_FULL);
    source->next_us += status == RTMFP_OK ? source->interval_us : 0;
  }
}

static void
advance (void *node, int64_t now_us) {
  End *end = node;
  rtmfp_endpoint_advance (end->endpoint, now_us);
  RtmfpJob *job;
  while ((job = rtmfp_endpoint_poll_job (end->endpoint)) != NULL) {
    rtmfp_job_run (job);
    rtmfp_endpoint_complete_job (end->endpoint, job, now_us);
  }
  RtmfpEvent event;
  while (rtmfp_endpoint_poll_event (end->endpoint, &event)) {
    take_event (end, &event, now_us);
  }
  for (size_t i = 0; index_of (end) == 0 && i < bench->source_count; i++) {
    say (end, &bench->sources[i], now_us);
  }
}

static bool
poll_transmit (void *node, int64_t now_us, uint8_t *buffer, size_t capacity,
               RtmfpDatagram *datagram) {
  return rtmfp_endpoint_poll_transmit (((End *)node)->endpoint, now_us, buffer, capacity, datagram);
}

static int64_t
deadline (void *node) {
  End *end = node;
  int64_t at_us = rtmfp_endpoint_deadline (end->endpoint);
  for (size_t i = 0; index_of (end) == 0 && i < bench->source_count; i++) {
    const Source *source = &bench->sources[i];
    if (source->flow != 0 && !source->full) {
      at_us = MIN (at_us, source->next_us);
    }
  }
  return at_us;
}

static const SimNodeClass end_class = {receive, advance, poll_transmit, deadline};

static void
add_end (int index, const SimLink *link) {
  End *end = &bench->ends[index];
  end->chance.state = 77 + (uint64_t)index;
  const RtmfpEndpointConfig config = {.rng = sim_chance_rng (&end->chance)};
  end->endpoint = rtmfp_endpoint_new (&config, sim_world_now (bench->world));
  const RtmfpIdentityConfig identity = {.groups = RTMFP_GROUP_X25519,
                                        .accept = RTMFP_ACCEPT_ANYONE,
                                        .offers_hmac = true,
                                        .offers_sequence = true,
                                        .requires_hmac = true};
  end->identity = rtmfp_endpoint_add_identity (end->endpoint, &identity, &end->fingerprint);
  const RtmfpAddress address = rtmfp_address_ipv4 (192, 0, 2, (uint8_t)(1 + index), 1935);
  end->host = sim_world_add_host (bench->world, &end_class, end, &address, link, link, NULL);
}

static bool
both_are_open (void *user) {
  (void)user;
  return bench->ends[0].session != 0 && bench->ends[1].session != 0;
}

/* Two ends with a session between them. link: half of the way each. */
static void
start (uint64_t seed, const SimLink *link) {
  bench = g_new0 (Bench, 1);
  bench->world = sim_world_new (seed);
  add_end (0, link);
  add_end (1, link);
  uint8_t epd[RTMFP_EPD_CANONICAL_SIZE];
  RtmfpWriter writer = rtmfp_writer (epd, sizeof epd);
  g_assert_cmpint (
      rtmfp_epd_write_fingerprint (&writer, &bench->ends[1].fingerprint, (RtmfpBytes){0}), ==,
      RTMFP_OK);
  const RtmfpOpen open = {.identity = bench->ends[0].identity,
                          .epd = rtmfp_bytes (epd, sizeof epd),
                          .candidates = sim_host_address (bench->ends[1].host),
                          .candidate_count = 1};
  RtmfpId session;
  g_assert_cmpint (
      rtmfp_endpoint_open (bench->ends[0].endpoint, &open, sim_world_now (bench->world), &session),
      ==, RTMFP_OK);
  g_assert_true (
      sim_world_run (bench->world, sim_world_now (bench->world) + 60 * SIM_S, both_are_open, NULL));
}

static void
finish (void) {
  for (size_t i = 0; i < bench->source_count; i++) {
    g_array_unref (bench->sources[i].delays_us);
  }
  rtmfp_endpoint_free (bench->ends[0].endpoint);
  rtmfp_endpoint_free (bench->ends[1].endpoint);
  sim_world_free (bench->world);
  g_free (bench);
  bench = NULL;
}

static Source *
add_source (RtmfpPriority priority, RtmfpOrder order, size_t size, int64_t interval_us) {
  const uint8_t metadata = (uint8_t)bench->source_count;
  Source *source = &bench->sources[bench->source_count++];
  *source = (Source){.priority = priority,
                     .order = order,
                     .size = size,
                     .interval_us = interval_us,
                     .next_us = sim_world_now (bench->world)};
  source->delays_us = g_array_new (FALSE, FALSE, sizeof (int64_t));
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes (&metadata, 1), .priority = priority};
  g_assert_cmpint (rtmfp_endpoint_open_flow (bench->ends[0].endpoint, bench->ends[0].session,
                                             &config, &source->flow),
                   ==, RTMFP_OK);
  sim_host_poke (bench->ends[0].host);
  return source;
}

static void
run_for (int64_t for_us) {
  sim_world_run (bench->world, sim_world_now (bench->world) + for_us, NULL, NULL);
}

static int
compare_delays (gconstpointer a, gconstpointer b) {
  const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* In milliseconds. */
static double
quantile (Source *source, int permille) {
  g_assert_cmpuint (source->delays_us->len, >, 10);
  g_array_sort (source->delays_us, compare_delays);
  const guint at = (guint)((source->delays_us->len - 1) * (guint)permille / 1000);
  return (double)g_array_index (source->delays_us, int64_t, at) / 1000;
}

/* Mean of the seeds, in kB a second. */
static double
bulk_rate (const SimLink *link, RtmfpPriority priority, int seeds, int64_t warm_us, int seconds) {
  double sum = 0;
  for (uint64_t seed = 1; seed <= (uint64_t)seeds; seed++) {
    start (seed, link);
    Source *source = add_source (priority, RTMFP_ORDER_SEQUENCE, 16384, 0);
    run_for (warm_us);
    const uint64_t before = source->bytes;
    run_for (seconds * SIM_S);
    sum += (double)(source->bytes - before) / seconds / 1000;
    finish ();
  }
  return sum / seeds;
}

static void
at_most (const char *what, double figure, double bar) {
  g_test_message ("%s: %.1f, bar %.1f", what, figure, bar);
  g_assert_cmpfloat (figure, <=, bar);
}

static void
at_least (const char *what, double figure, double bar) {
  g_test_message ("%s: %.1f, bar %.1f", what, figure, bar);
  g_assert_cmpfloat (figure, >=, bar);
}

/* 40 ms there and back; loss each way. */
static SimLink
way (int loss_permille) {
  return (SimLink){.delay_us = 10 * SIM_MS, .loss_permille = loss_permille};
}

static SimLink
narrow_way (int64_t queue_ms) {
  SimLink link = way (0);
  link.bytes_per_s = 1000000; /* 8 Mbit/s */
  link.queue_bytes = queue_ms * 1000;
  return link;
}

static void
test_opens_in_two_round_trips (void) {
  const SimLink link = way (0);
  start (1, &link);
  at_most ("open, ms", (double)(bench->ends[0].opened_us - 1000 * SIM_S) / 1000, 80.5);
  finish ();
}

/* One lost packet of the four is repaired after 250 ms, whichever it is. */
static void
test_opens_under_loss (void) {
  const SimLink link = way (10); /* 2 % there, 2 % back, in two halves each */
  Source opens = {.delays_us = g_array_new (FALSE, FALSE, sizeof (int64_t))};
  for (uint64_t seed = 1; seed <= 2000; seed++) {
    start (seed, &link);
    const int64_t took_us = bench->ends[0].opened_us - 1000 * SIM_S;
    g_array_append_val (opens.delays_us, took_us);
    finish ();
  }
  at_most ("open at 2 % loss, p50, ms", quantile (&opens, 500), 81);
  at_most ("open at 2 % loss, p99, ms", quantile (&opens, 990), 350);
  g_array_unref (opens.delays_us);
}

/* What the link carries is datagrams; 97 % of them is what messages say. */
static void
test_bulk_fills_a_narrow_link (void) {
  const SimLink link = narrow_way (100);
  at_least ("bulk over 1000 kB/s, kB/s", bulk_rate (&link, RTMFP_PRIORITY_BULK, 5, 5 * SIM_S, 20),
            950);
}

/* 100 Mbit/s, a queue of one round trip, and one second to get up to speed. */
static void
test_bulk_fills_a_wide_link (void) {
  SimLink link = way (0);
  link.bytes_per_s = 12500000;
  link.queue_bytes = 500000;
  at_least ("bulk over 12500 kB/s, kB/s", bulk_rate (&link, RTMFP_PRIORITY_BULK, 2, SIM_S, 10),
            11250);
}

static RtmfpSessionInfo
info_of (int end) {
  RtmfpSessionInfo info;
  g_assert_cmpint (
      rtmfp_endpoint_session_info (bench->ends[end].endpoint, bench->ends[end].session, &info), ==,
      RTMFP_OK);
  return info;
}

/* A bottleneck that marks from a queue of 40 ms on, where others drop at 100: the link is full,
 * nothing is lost, and who speaks beside it waits less. */
static void
test_marking_bottleneck (void) {
  SimLink link = narrow_way (100);
  link.mark_bytes = 40000; /* as much as is under way in a round trip */
  start (6, &link);
  Source *urgent = add_source (RTMFP_PRIORITY_DATA, RTMFP_ORDER_NETWORK, 200, 20 * SIM_MS);
  Source *bulk = add_source (RTMFP_PRIORITY_BULK, RTMFP_ORDER_SEQUENCE, 16384, 0);
  run_for (30 * SIM_S);
  at_least ("bulk by a link that marks, kB/s", (double)bulk->bytes / 30 / 1000, 900);
  at_most ("beside it, p99, ms", quantile (urgent, 990), 80);
  at_most ("packets lost", (double)info_of (0).packets_lost, 0);
  at_most ("datagrams dropped", (double)sim_world_counts (bench->world)->queue_drops, 0);
  at_least ("marks heard", (double)info_of (1).ce_received, 10);
  g_assert_true (info_of (0).sends_ect);
  finish ();
}

/* One that marks whatever has to wait at all is left a part of what it carries: marks are obeyed
 * though our own eye on the queue sees nothing amiss. */
static void
test_marks_are_obeyed (void) {
  SimLink link = narrow_way (100);
  link.mark_bytes = 1500;
  start (9, &link);
  Source *bulk = add_source (RTMFP_PRIORITY_BULK, RTMFP_ORDER_SEQUENCE, 16384, 0);
  run_for (20 * SIM_S);
  at_most ("bulk by a link that marks at once, kB/s", (double)bulk->bytes / 20 / 1000, 850);
  at_least ("the same", (double)bulk->bytes / 20 / 1000, 300);
  finish ();
}

/* A path that takes the marks off, and one that swallows what is marked: both as without. */
static void
test_paths_against_marks (void) {
  SimLink link = narrow_way (100);
  link.bleaches = true;
  start (7, &link);
  Source *bulk = add_source (RTMFP_PRIORITY_BULK, RTMFP_ORDER_SEQUENCE, 16384, 0);
  run_for (20 * SIM_S);
  at_least ("bulk where marks are taken off, kB/s", (double)bulk->bytes / 20 / 1000, 900);
  g_assert_false (info_of (0).sends_ect);
  finish ();
  link.bleaches = false;
  link.drops_ect = true;
  start (8, &link);
  bulk = add_source (RTMFP_PRIORITY_BULK, RTMFP_ORDER_SEQUENCE, 16384, 0);
  run_for (4 * SIM_S);
  at_least ("of the first 4 s where marked packets vanish, kB", (double)bulk->bytes / 1000, 500);
  g_assert_false (info_of (0).sends_ect);
  finish ();
}

/* The path takes 1,472 bytes, and after 5 s only 1,300, without a word: how long nothing arrives.
 */
static void
test_black_hole (void) {
  SimLink link = narrow_way (100);
  double longest_ms = 0, before = 0, after = 0;
  for (uint64_t seed = 1; seed <= 10; seed++) {
    start (seed, &link);
    Source *source = add_source (RTMFP_PRIORITY_BULK, RTMFP_ORDER_SEQUENCE, 4096, 0);
    run_for (5 * SIM_S);
    before += (double)source->bytes / 5000 / 10;
    for (int end = 0; end < 2; end++) {
      sim_host_set_mtu (bench->ends[end].host, 1300);
    }
    uint64_t bytes = source->bytes;
    int64_t heard_us = sim_world_now (bench->world);
    for (int i = 0; i < 1500; i++) {
      run_for (10 * SIM_MS);
      const int64_t now_us = sim_world_now (bench->world);
      if (source->bytes != bytes) {
        heard_us = now_us;
      }
      bytes = source->bytes;
      longest_ms = MAX (longest_ms, (double)(now_us - heard_us) / 1000);
    }
    const uint64_t least = source->bytes;
    run_for (5 * SIM_S);
    after += (double)(source->bytes - least) / 5000 / 10;
    RtmfpSessionInfo info;
    g_assert_cmpint (
        rtmfp_endpoint_session_info (bench->ends[0].endpoint, bench->ends[0].session, &info), ==,
        RTMFP_OK);
    g_assert_cmpuint (info.path_mtu_bytes, ==, 1292);
    finish ();
  }
  at_most ("nothing arrives in a black hole for, ms", longest_ms, 2000);
  at_least ("bulk before it, kB/s", before, 850);
  at_least ("bulk behind it, kB/s", after, 850);
}

/* The path grows by 60 ms there and back, because a route changed or because one end moved (which
 * the session hears of): what it carries is the same after a while. */
static void
expect_longer_path (bool moves) {
  const SimLink link = narrow_way (100);
  double before = 0, at_once = 0, after = 0;
  for (uint64_t seed = 1; seed <= 5; seed++) {
    start (seed, &link);
    Source *source = add_source (RTMFP_PRIORITY_BULK, RTMFP_ORDER_SEQUENCE, 16384, 0);
    run_for (5 * SIM_S);
    const uint64_t first = source->bytes;
    run_for (5 * SIM_S);
    const uint64_t second = source->bytes;
    sim_host_set_delay (bench->ends[1].host, 40 * SIM_MS);
    if (moves) {
      const RtmfpAddress address = rtmfp_address_ipv4 (192, 0, 2, 77, 1935);
      sim_host_move (bench->ends[1].host, &address);
    }
    run_for (5 * SIM_S);
    const uint64_t third = source->bytes;
    run_for (40 * SIM_S);
    before += (double)(second - first) / 5000 / 5;
    at_once += (double)(third - second) / 5000 / 5;
    after += (double)(source->bytes - third) / 40000 / 5;
    finish ();
  }
  g_test_message ("in the first 5 s, kB/s: %.1f", at_once);
  at_least ("bulk before, kB/s", before, 900);
  at_least ("in the first 5 s, kB/s", at_once, moves ? 300 : 500);
  at_least ("in the 40 s behind, kB/s", after, 900);
}

static void
test_longer_route (void) {
  expect_longer_path (false);
}

static void
test_longer_path_by_a_move (void) {
  expect_longer_path (true);
}

/* What arrives together is acknowledged together; the window must grow all the same. */
static void
test_bulk_over_an_endless_link (void) {
  const SimLink link = way (0);
  at_least ("bulk over 40 ms, kB/s", bulk_rate (&link, RTMFP_PRIORITY_BULK, 1, 5 * SIM_S, 5),
            15000);
}

static void
test_bulk_under_loss (void) {
  const SimLink link = way (10); /* 2 % there, 2 % back, in two halves each */
  at_least ("bulk at 2 % loss, kB/s", bulk_rate (&link, RTMFP_PRIORITY_BULK, SEEDS, 5 * SIM_S, 20),
            375);
  at_least ("time critical at 2 % loss, kB/s",
            bulk_rate (&link, RTMFP_PRIORITY_IMMEDIATE, SEEDS, 5 * SIM_S, 20), 375);
}

/* Messages of 200 bytes on a reliable flow in order, in many worlds: the delays of all together. */
static void
expect_delays (const char *what, int64_t interval_us, int seconds, double p99_ms) {
  const SimLink link = way (10);
  GArray *all = g_array_new (FALSE, FALSE, sizeof (int64_t));
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    start (seed, &link);
    Source *source = add_source (RTMFP_PRIORITY_IMMEDIATE, RTMFP_ORDER_SEQUENCE, 200, interval_us);
    run_for (seconds * SIM_S);
    g_array_append_vals (all, source->delays_us->data, source->delays_us->len);
    finish ();
  }
  Source sum = {.delays_us = all};
  g_test_message ("%s, p50, ms: %.1f, p99.9, ms: %.1f", what, quantile (&sum, 500),
                  quantile (&sum, 999));
  at_most (what, quantile (&sum, 990), p99_ms);
  g_array_unref (all);
}

static void
test_steady_messages_under_loss (void) {
  expect_delays ("50 a second, p99, ms", 20 * SIM_MS, 60, 90);
}

static void
test_sparse_messages_under_loss (void) {
  expect_delays ("5 a second, p99, ms", 200 * SIM_MS, 300, 130);
}

/* Voice and bulk of one session on 8 Mbit/s with a queue of 100 ms. */
static void
test_urgent_beside_bulk (void) {
  const SimLink link = narrow_way (100);
  GArray *all = g_array_new (FALSE, FALSE, sizeof (int64_t));
  double bytes = 0;
  for (uint64_t seed = 1; seed <= SEEDS; seed++) {
    start (seed, &link);
    Source *urgent = add_source (RTMFP_PRIORITY_IMMEDIATE, RTMFP_ORDER_SEQUENCE, 200, 20 * SIM_MS);
    run_for ((int64_t)seed * 10 * SIM_MS);
    Source *bulk = add_source (RTMFP_PRIORITY_BULK, RTMFP_ORDER_SEQUENCE, 16384, 0);
    run_for (5 * SIM_S);
    const uint64_t before = bulk->bytes;
    run_for (30 * SIM_S);
    bytes += (double)(bulk->bytes - before) / 30 / 1000;
    g_array_append_vals (all, urgent->delays_us->data, urgent->delays_us->len);
    finish ();
  }
  Source sum = {.delays_us = all};
  at_least ("bulk beside it, of what voice leaves of the link, kB/s", bytes / SEEDS, 950);
  at_most ("urgent, p99, ms", quantile (&sum, 990), 55);
  g_array_unref (all);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim/bars/opens-in-two-round-trips", test_opens_in_two_round_trips);
  g_test_add_func ("/sim/bars/opens-under-loss", test_opens_under_loss);
  g_test_add_func ("/sim/bars/bulk-fills-a-narrow-link", test_bulk_fills_a_narrow_link);
  g_test_add_func ("/sim/bars/link-that-marks", test_marking_bottleneck);
  g_test_add_func ("/sim/bars/marks-are-obeyed", test_marks_are_obeyed);
  g_test_add_func ("/sim/bars/paths-against-marks", test_paths_against_marks);
  g_test_add_func ("/sim/bars/bulk-through-a-black-hole", test_black_hole);
  g_test_add_func ("/sim/bars/bulk-fills-a-wide-link", test_bulk_fills_a_wide_link);
  g_test_add_func ("/sim/bars/bulk-over-an-endless-link", test_bulk_over_an_endless_link);
  g_test_add_func ("/sim/bars/bulk-over-a-route-that-grows", test_longer_route);
  g_test_add_func ("/sim/bars/bulk-after-a-move", test_longer_path_by_a_move);
  g_test_add_func ("/sim/bars/bulk-under-loss", test_bulk_under_loss);
  g_test_add_func ("/sim/bars/steady-messages-under-loss", test_steady_messages_under_loss);
  g_test_add_func ("/sim/bars/sparse-messages-under-loss", test_sparse_messages_under_loss);
  g_test_add_func ("/sim/bars/urgent-beside-bulk", test_urgent_beside_bulk);
  return g_test_run ();
}

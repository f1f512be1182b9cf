/* SPDX-License-Identifier: Apache-2.0 */
/* Path MTU discovery between two endpoints, RFC 7016 s3.5.4.3. */
#include "core/endpoint/endpoint-state.h"
#include "core/session/session-state.h"
#include "tests/endpoint/world.h"

#include "core/session/params.h"

#include <string.h>

/* A path, and what went over it. */
typedef struct {
  gsize limit; /* longer datagrams are lost, or cut when they may be */
  guint lost, cut, relied;
} Way;

static bool
limit_size (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  Way *way = user;
  g_assert_true (datagram->size <= RTMFP_PATH_MTU_LEAST || datagram->df != RTMFP_DF_EITHER);
  way->relied += datagram->df == RTMFP_DF_SET;
  if (datagram->size <= way->limit) {
    return true;
  }
  way->cut += datagram->df == RTMFP_DF_CLEAR;
  way->lost += datagram->df != RTMFP_DF_CLEAR;
  return datagram->df == RTMFP_DF_CLEAR;
}

typedef struct {
  Pair pair;
  Way way;
  RtmfpId sending, receiving;
} Road;

static void
road_init (Road *road, gsize limit, RtmfpPriority priority) {
  pair_init (&road->pair);
  road->way = (Way){.limit = limit};
  road->pair.world->tap = limit_size;
  road->pair.world->tap_user = &road->way;
  pair_open_flow (&road->pair, priority, &road->sending, &road->receiving);
}

/* count messages of 8,000 bytes arrive. */
static void
carry (Road *road, guint count) {
  static guint8 bytes[8000];
  for (guint i = 0; i < count; i++) {
    bytes[0] = (guint8)i;
    g_assert_cmpint (rtmfp_endpoint_send (road->pair.a->endpoint, road->sending,
                                          rtmfp_bytes (bytes, sizeof bytes), NULL,
                                          road->pair.world->now_us, NULL),
                     ==, RTMFP_OK);
    if (i % 4 == 3) {
      world_run (road->pair.world, 100000);
    }
  }
  for (guint i = 0; i < count; i++) {
    Told *told = node_expect (road->pair.b, RTMFP_EVENT_FLOW_MESSAGE);
    g_assert_cmpuint (told->event.bytes.size, ==, sizeof bytes);
    g_assert_cmpuint (told->event.bytes.data[0], ==, (guint8)i);
    told_free (told);
  }
}

static gsize
mtu_of (const Road *road) {
  RtmfpSessionInfo info;
  g_assert_cmpint (
      rtmfp_endpoint_session_info (road->pair.a->endpoint, road->pair.a_session, &info), ==,
      RTMFP_OK);
  return info.path_mtu_bytes;
}

static void
test_ethernet (void) {
  Road road;
  road_init (&road, RTMFP_PATH_MTU_IPV4_MAX, RTMFP_PRIORITY_DATA);
  g_assert_cmpuint (mtu_of (&road), ==, RTMFP_PATH_MTU_LEAST);
  carry (&road, 40);
  g_assert_cmpuint (mtu_of (&road), ==, RTMFP_PATH_MTU_IPV4_MAX);
  const RtmfpCounters a = counters_of (road.pair.a);
  g_assert_cmpuint (a.rule_mtu_probe, ==, 1);
  g_assert_cmpuint (a.rule_mtu_raise, ==, 1);
  g_assert_cmpuint (counters_of (road.pair.b).rule_mtu_probe, ==, 0);
  g_assert_cmpuint (road.way.relied, >, 50);
  g_assert_cmpuint (road.way.lost, ==, 0);
  pair_clear (&road.pair);
}

/* The larger header of IPv6 leaves less of the same path. */
static void
test_most_by_family (void) {
  Pair pair;
  pair_init (&pair);
  RtmfpSession *session = rtmfp_endpoint_find (pair.a->endpoint, pair.a_session)->session;
  g_assert_cmpuint (rtmfp_session_path_mtu_most (session), ==, RTMFP_PATH_MTU_IPV4_MAX);
  session->path.address.family = RTMFP_ADDRESS_IPV6;
  g_assert_cmpuint (rtmfp_session_path_mtu_most (session), ==, RTMFP_PATH_MTU_IPV6_MAX);
  g_assert_cmpuint (RTMFP_PATH_MTU_IPV4_MAX - RTMFP_PATH_MTU_IPV6_MAX, ==, 20);
  session->path.address.family = RTMFP_ADDRESS_IPV4;
  pair_clear (&pair);
}

/* Probes that are lost slow nothing down: no window hears of them. */
static void
test_tunnel (void) {
  Road road;
  road_init (&road, 1400, RTMFP_PRIORITY_DATA);
  carry (&road, 200);
  g_assert_cmpuint (mtu_of (&road), ==, 1392);
  const RtmfpCounters a = counters_of (road.pair.a);
  g_assert_cmpuint (road.way.lost, >=, RTMFP_PATH_MTU_PROBES);
  g_assert_cmpuint (road.way.lost, <=, 3 * RTMFP_PATH_MTU_PROBES);
  g_assert_cmpuint (a.rule_nak_loss + a.rule_timeout_loss, ==, 0);
  pair_clear (&road.pair);
}

/* Nobody asks for longer packets than there is something to fill them with, or while somebody
 * speaks. */
static void
test_no_use (void) {
  Road road;
  road_init (&road, RTMFP_PATH_MTU_IPV4_MAX, RTMFP_PRIORITY_DATA);
  for (int i = 0; i < 200; i++) {
    send_text (road.pair.a, road.sending, "a few words now and then");
    world_run (road.pair.world, 50000);
  }
  g_assert_cmpuint (counters_of (road.pair.a).rule_mtu_probe, ==, 0);
  pair_clear (&road.pair);
  road_init (&road, RTMFP_PATH_MTU_IPV4_MAX, RTMFP_PRIORITY_REALTIME);
  carry (&road, 100);
  g_assert_cmpuint (counters_of (road.pair.a).rule_mtu_probe, ==, 0);
  pair_clear (&road.pair);
}

/* The path shrinks, and nobody says so: what was cut for it before still arrives. */
static void
test_black_hole (void) {
  Road road;
  road_init (&road, RTMFP_PATH_MTU_IPV4_MAX, RTMFP_PRIORITY_DATA);
  carry (&road, 40);
  road.way.limit = 1300;
  const int64_t from_us = road.pair.world->now_us;
  carry (&road, 8);
  g_assert_cmpint (road.pair.world->now_us - from_us, <=, 3000000);
  g_assert_cmpuint (counters_of (road.pair.a).rule_mtu_black_hole, ==, 1);
  g_assert_cmpuint (road.way.cut, >, 0);
  carry (&road, 400);
  g_assert_cmpuint (mtu_of (&road), ==, 1292);
  pair_clear (&road.pair);
}

/* Another address may be another path. */
static void
test_moves (void) {
  Road road;
  road_init (&road, RTMFP_PATH_MTU_IPV4_MAX, RTMFP_PRIORITY_DATA);
  carry (&road, 40);
  road.pair.b->address = rtmfp_address_ipv4 (10, 0, 0, 77, 1936);
  road.way.limit = 1300;
  rtmfp_endpoint_addresses_changed (road.pair.b->endpoint, road.pair.world->now_us);
  told_free (node_expect (road.pair.a, RTMFP_EVENT_SESSION_ADDRESS));
  g_assert_cmpuint (mtu_of (&road), ==, RTMFP_PATH_MTU_LEAST);
  carry (&road, 400);
  g_assert_cmpuint (mtu_of (&road), ==, 1292);
  g_assert_cmpuint (counters_of (road.pair.a).rule_mtu_black_hole, ==, 0);
  pair_clear (&road.pair);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/path-mtu/one-probe-on-ethernet", test_ethernet);
  g_test_add_func ("/endpoint/path-mtu/finds-what-a-tunnel-takes", test_tunnel);
  g_test_add_func ("/endpoint/path-mtu/asks-only-where-it-is-of-use", test_no_use);
  g_test_add_func ("/endpoint/path-mtu/survives-a-black-hole", test_black_hole);
  g_test_add_func ("/endpoint/path-mtu/begins-anew-elsewhere", test_moves);
  g_test_add_func ("/endpoint/path-mtu/most-by-family", test_most_by_family);
  return g_test_run ();
}

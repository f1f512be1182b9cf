/* SPDX-License-Identifier: Apache-2.0 */
/* Introducers: redirect and forwarded hello, RFC 7016 s3.5.1.4 to s3.5.1.7. */
#include "tests/endpoint/world.h"

#include "core/endpoint/params.h"
#include "core/session/params.h"

#include <string.h>

/* A server, a target that has a session with it, and an asker. */
typedef struct {
  World *world;
  Node *server, *target, *asker;
  RtmfpId asker_identity, server_session; /* the server's session with the target */
  RtmfpFingerprint target_fingerprint;
} Trio;

static void
trio_init (Trio *trio, bool introducer) {
  const RtmfpIdentityConfig config = plain_identity ();
  const RtmfpEndpointConfig reports = {.reports_hellos = true};
  RtmfpFingerprint server_fingerprint;
  trio->world = world_new ();
  trio->server = world_add_with (trio->world, 1, &reports);
  trio->target = world_add (trio->world, 2);
  trio->asker = world_add (trio->world, 3);
  rtmfp_endpoint_add_identity (trio->server->endpoint, &config, &server_fingerprint);
  RtmfpId identity =
      rtmfp_endpoint_add_identity (trio->target->endpoint, &config, &trio->target_fingerprint);
  trio->asker_identity = rtmfp_endpoint_add_identity (trio->asker->endpoint, &config, NULL);
  RtmfpId session = open_to (trio->target, identity, &server_fingerprint, trio->server);
  told_free (node_expect (trio->target, RTMFP_EVENT_SESSION_OPEN));
  Told *told = node_expect (trio->server, RTMFP_EVENT_SESSION_OPEN);
  trio->server_session = told->event.session;
  told_free (told);
  const RtmfpSessionOptions options = {.keepalive_us = 30 * G_USEC_PER_SEC,
                                       .introducer = introducer};
  g_assert_cmpint (rtmfp_endpoint_set_session_options (trio->target->endpoint, session, &options,
                                                       trio->world->now_us),
                   ==, RTMFP_OK);
}

static Told *
ask (Trio *trio) {
  open_to (trio->asker, trio->asker_identity, &trio->target_fingerprint, trio->server);
  return node_expect (trio->server, RTMFP_EVENT_HELLO);
}

static void
forward (Trio *trio, const Told *hello) {
  g_assert_cmpint (rtmfp_endpoint_forward_hello (trio->server->endpoint, trio->server_session,
                                                 hello->event.bytes, hello->event.tag,
                                                 &hello->event.address, trio->world->now_us),
                   ==, RTMFP_OK);
}

static void
redirect (Trio *trio, const Told *hello) {
  rtmfp_endpoint_redirect (trio->server->endpoint, &hello->event.address, hello->event.interface_id,
                           hello->event.tag, &trio->target->address, 1);
}

static void
expect_open_to_target (Trio *trio) {
  Told *open = node_expect (trio->asker, RTMFP_EVENT_SESSION_OPEN);
  RtmfpSessionInfo info;
  g_assert_cmpint (rtmfp_endpoint_session_info (trio->asker->endpoint, open->event.session, &info),
                   ==, RTMFP_OK);
  g_assert_true (rtmfp_address_equal (&info.address, &trio->target->address));
  told_free (open);
}

static void
test_forward (void) {
  Trio trio;
  trio_init (&trio, true);
  Told *hello = ask (&trio);
  forward (&trio, hello);
  expect_open_to_target (&trio);
  g_assert_cmpuint (counters_of (trio.target).rule_forwarded_hello, ==, 1);
  told_free (hello);
  world_free (trio.world);
}

static void
test_redirect (void) {
  Trio trio;
  trio_init (&trio, false);
  Told *hello = ask (&trio);
  redirect (&trio, hello);
  expect_open_to_target (&trio);
  g_assert_cmpuint (counters_of (trio.asker).rule_redirect, ==, 1);
  told_free (hello);
  world_free (trio.world);
}

/* The introducer stands in somebody's own network and sees that one at its private address; from
 * outside both are at one address. */
static void
test_redirect_to_inside (void) {
  Trio trio;
  trio_init (&trio, false);
  trio.server->address = rtmfp_address_ipv4 (203, 0, 113, 1, 1935);
  trio.target->address = rtmfp_address_ipv4 (203, 0, 113, 1, 2222);
  Told *hello = ask (&trio);
  RtmfpAddress seen = rtmfp_address_ipv4 (10, 9, 9, 9, 2222);
  seen.origin = RTMFP_ORIGIN_OBSERVED;
  rtmfp_endpoint_redirect (trio.server->endpoint, &hello->event.address, hello->event.interface_id,
                           hello->event.tag, &seen, 1);
  expect_open_to_target (&trio);
  told_free (hello);
  world_free (trio.world);
}

static void
test_forward_from_inside (void) {
  Trio trio;
  trio_init (&trio, true);
  trio.server->address = rtmfp_address_ipv4 (203, 0, 113, 1, 1935);
  rtmfp_endpoint_addresses_changed (trio.server->endpoint, trio.world->now_us);
  world_run (trio.world, 3 * G_USEC_PER_SEC);
  trio.asker->address = rtmfp_address_ipv4 (203, 0, 113, 1, 4444);
  Told *hello = ask (&trio);
  hello->event.address = rtmfp_address_ipv4 (10, 9, 9, 9, 4444);
  forward (&trio, hello);
  expect_open_to_target (&trio);
  g_assert_cmpuint (counters_of (trio.target).rule_forwarded_hello, ==, 2);
  told_free (hello);
  world_free (trio.world);
}

/* Both at once, as through two NATs: one session comes of it. */
static void
test_both (void) {
  Trio trio;
  trio_init (&trio, true);
  Told *hello = ask (&trio);
  redirect (&trio, hello);
  forward (&trio, hello);
  expect_open_to_target (&trio);
  world_run (trio.world, 10 * G_USEC_PER_SEC);
  g_assert_cmpuint (counters_of (trio.target).sessions_open, ==, 2);
  g_assert_cmpuint (counters_of (trio.asker).sessions_open, ==, 1);
  told_free (hello);
  world_free (trio.world);
}

/* A session that is not flagged as introducer may not forward. */
static void
test_not_introducer (void) {
  Trio trio;
  trio_init (&trio, false);
  Told *hello = ask (&trio);
  forward (&trio, hello);
  g_assert_null (node_wait (trio.asker, RTMFP_EVENT_SESSION_OPEN, G_USEC_PER_SEC));
  g_assert_cmpuint (counters_of (trio.target).rule_forwarded_hello, ==, 0);
  g_assert_cmpuint (counters_of (trio.target).rule_reject_hello, ==, 1);
  told_free (hello);
  world_free (trio.world);
}

/* Redirected to many, of which one is there: all are tried at once. */
static void
test_parallel_open (void) {
  Trio trio;
  trio_init (&trio, false);
  Told *hello = ask (&trio);
  RtmfpAddress addresses[5];
  for (guint8 i = 0; i < 5; i++) {
    addresses[i] = rtmfp_address_ipv4 (10, 9, 9, i, 9);
  }
  addresses[3] = trio.target->address;
  int64_t from_us = trio.world->now_us;
  rtmfp_endpoint_redirect (trio.server->endpoint, &hello->event.address, 0, hello->event.tag,
                           addresses, G_N_ELEMENTS (addresses));
  expect_open_to_target (&trio);
  g_assert_cmpint (trio.world->now_us - from_us, ==, 5 * trio.world->delay_us);
  told_free (hello);
  world_free (trio.world);
}

/* Counts how many addresses somebody sends to. */
typedef struct {
  const Node *node;
  GHashTable *seen; /* text */
} Reach;

static bool
count_reach (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  Reach *reach = user;
  if (rtmfp_address_equal (&datagram->from, &reach->node->address)) {
    char text[RTMFP_ADDRESS_TEXT_SIZE];
    rtmfp_address_format (&datagram->to, text);
    g_hash_table_add (reach->seen, g_strdup (text));
  }
  return true;
}

/* One who redirects again and again, to ever more addresses and back to itself, gets no more than
 * RTMFP_CANDIDATES_MAX of them asked, each on its schedule. */
static void
test_redirects_without_end (void) {
  Trio trio;
  trio_init (&trio, false);
  Reach reach = {trio.asker, g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL)};
  trio.world->tap = count_reach;
  trio.world->tap_user = &reach;
  Told *hello = ask (&trio);
  const guint64 before = trio.world->sent;
  for (guint8 round = 0; round < 40; round++) {
    RtmfpAddress addresses[3] = {trio.server->address, rtmfp_address_ipv4 (10, 9, round, 1, 9),
                                 rtmfp_address_ipv4 (10, 9, round, 2, 9)};
    rtmfp_endpoint_redirect (trio.server->endpoint, &hello->event.address, 0, hello->event.tag,
                             addresses, G_N_ELEMENTS (addresses));
    world_run (trio.world, 1000);
  }
  world_run (trio.world, 100 * G_USEC_PER_SEC);
  g_assert_cmpuint (g_hash_table_size (reach.seen), ==, RTMFP_CANDIDATES_MAX);
  g_assert_cmpuint (trio.world->sent - before, <=, 40 + 8 * RTMFP_CANDIDATES_MAX + 50);
  told_free (node_expect (trio.asker, RTMFP_EVENT_SESSION_CLOSED));
  told_free (hello);
  g_hash_table_unref (reach.seen);
  world_free (trio.world);
}

/* Opens a session to whoever serves at first. Returns: where it is then. */
static RtmfpAddress
open_to_any (World *world, guint8 last, const Node *first) {
  static const guint8 epd[] = {7, 0x0a, 'r', 't', 'm', 'f', 'p', ':'};
  const RtmfpIdentityConfig config = plain_identity ();
  Node *client = world_add (world, last);
  const RtmfpOpen open = {.identity = rtmfp_endpoint_add_identity (client->endpoint, &config, NULL),
                          .epd = rtmfp_bytes (epd, sizeof epd),
                          .candidates = &first->address,
                          .candidate_count = 1};
  RtmfpId session;
  RtmfpSessionInfo info;
  g_assert_cmpint (rtmfp_endpoint_open (client->endpoint, &open, world->now_us, &session), ==,
                   RTMFP_OK);
  told_free (node_expect (client, RTMFP_EVENT_SESSION_OPEN));
  g_assert_cmpint (rtmfp_endpoint_session_info (client->endpoint, session, &info), ==, RTMFP_OK);
  return info.address;
}

/* A server that takes two and sends the others on; who asks for it by its fingerprint stays. */
static void
test_distribution (void) {
  const RtmfpIdentityConfig config = plain_identity ();
  const RtmfpAddress others[] = {rtmfp_address_ipv4 (10, 0, 0, 2, 1935),
                                 rtmfp_address_ipv4 (10, 0, 0, 99, 1935)}; /* nobody is there */
  World *world = world_new ();
  RtmfpEndpointConfig first = {.elsewhere = {others, G_N_ELEMENTS (others), 2}};
  Node *servers[2] = {world_add_with (world, 1, &first), world_add (world, 2)};
  RtmfpFingerprint fingerprint;
  rtmfp_endpoint_add_identity (servers[0]->endpoint, &config, &fingerprint);
  rtmfp_endpoint_add_identity (servers[1]->endpoint, &config, NULL);
  for (guint8 i = 0; i < 5; i++) {
    const RtmfpAddress at = open_to_any (world, (guint8)(10 + i), servers[0]);
    g_assert_true (rtmfp_address_equal (&at, &servers[i < 2 ? 0 : 1]->address));
  }
  Node *friend = world_add (world, 20);
  open_to (friend, rtmfp_endpoint_add_identity (friend->endpoint, &config, NULL), &fingerprint,
           servers[0]);
  told_free (node_expect (friend, RTMFP_EVENT_SESSION_OPEN));
  g_assert_cmpuint (counters_of (servers[0]).sessions_open, ==, 3);
  g_assert_cmpuint (counters_of (servers[1]).sessions_open, ==, 3);
  world_free (world);
}

/* Without an answer the hellos to the known candidates stop at the limit. */
static void
test_candidates_limit (void) {
  Trio trio;
  trio_init (&trio, false);
  RtmfpId session =
      open_to (trio.asker, trio.asker_identity, &trio.target_fingerprint, trio.server);
  RtmfpStatus status = RTMFP_OK;
  guint added = 1;
  for (guint8 i = 0; status == RTMFP_OK; i++) {
    const RtmfpAddress address = rtmfp_address_ipv4 (10, 8, 8, i, 8);
    status = rtmfp_endpoint_add_candidate (trio.asker->endpoint, session, &address, 0,
                                           trio.world->now_us);
    added += status == RTMFP_OK;
  }
  g_assert_cmpint (status, ==, RTMFP_LIMIT);
  g_assert_cmpuint (added, ==, RTMFP_CANDIDATES_MAX);
  world_free (trio.world);
}

/* ---- More than one way out ---- */

typedef struct {
  RtmfpAddress from, to;
  int64_t first_us[8]; /* by interface; 0 = none went there */
} Seen;

static bool
note_and_lose (World *world, Datagram *datagram, gpointer user) {
  Seen *seen = user;
  if (!rtmfp_address_equal (&datagram->from, &seen->from) ||
      !rtmfp_address_equal (&datagram->to, &seen->to)) {
    return true;
  }
  g_assert_cmpuint (datagram->from_interface, <, G_N_ELEMENTS (seen->first_us));
  if (seen->first_us[datagram->from_interface] == 0) {
    seen->first_us[datagram->from_interface] = world->now_us;
  }
  return false;
}

/* The asker asks by the second one later, a relayed address later still. */
static void
test_interfaces (void) {
  Trio trio;
  trio_init (&trio, true);
  Seen out = {.from = trio.asker->address, .to = trio.target->address};
  g_assert_cmpint (rtmfp_endpoint_add_interface (trio.asker->endpoint, 5, 300000), ==, RTMFP_OK);
  Told *hello = ask (&trio);
  trio.world->tap = note_and_lose;
  trio.world->tap_user = &out;
  redirect (&trio, hello);
  world_run (trio.world, 2 * G_USEC_PER_SEC);
  g_assert_cmpint (out.first_us[0], >, 0);
  g_assert_cmpint (out.first_us[5] - out.first_us[0], ==, 300000);
  told_free (hello);
  world_free (trio.world);
}

static void
test_interfaces_relayed (void) {
  Trio trio;
  trio_init (&trio, true);
  Seen out;
  g_assert_cmpint (rtmfp_endpoint_add_interface (trio.asker->endpoint, 5, 300000), ==, RTMFP_OK);
  Told *hello = ask (&trio);
  trio.world->tap = note_and_lose;
  trio.world->tap_user = &out;
  out = (Seen){.from = trio.asker->address, .to = rtmfp_address_ipv4 (203, 0, 113, 9, 9)};
  RtmfpAddress relayed = out.to;
  relayed.origin = RTMFP_ORIGIN_RELAY;
  const int64_t told_us = trio.world->now_us;
  rtmfp_endpoint_redirect (trio.server->endpoint, &hello->event.address, hello->event.interface_id,
                           hello->event.tag, &relayed, 1);
  world_run (trio.world, 2 * G_USEC_PER_SEC);
  g_assert_cmpint (out.first_us[0], >=, told_us + 300000);
  g_assert_cmpint (out.first_us[5] - out.first_us[0], ==, 300000);
  told_free (hello);
  world_free (trio.world);
}

static void
test_interfaces_forwarded (void) {
  Trio trio;
  trio_init (&trio, true);
  Seen out = {.from = trio.target->address, .to = trio.asker->address};
  Told *hello = ask (&trio);
  g_assert_cmpint (rtmfp_endpoint_add_interface (trio.target->endpoint, 5, 300000), ==, RTMFP_OK);
  trio.world->tap = note_and_lose;
  trio.world->tap_user = &out;
  forward (&trio, hello);
  world_run (trio.world, G_USEC_PER_SEC / 5);
  g_assert_cmpint (out.first_us[0], >, 0);
  g_assert_cmpint (out.first_us[5], >, 0);
  told_free (hello);
  world_free (trio.world);
}

static void
test_interfaces_limit (void) {
  World *world = world_new ();
  RtmfpEndpoint *endpoint = world_add (world, 1)->endpoint;
  for (uint32_t i = 0; i < RTMFP_INTERFACES_MAX; i++) {
    g_assert_cmpint (rtmfp_endpoint_add_interface (endpoint, 1 + i, 0), ==, RTMFP_OK);
  }
  g_assert_cmpint (rtmfp_endpoint_add_interface (endpoint, 1, 5), ==, RTMFP_OK); /* known */
  g_assert_cmpint (rtmfp_endpoint_add_interface (endpoint, 99, 0), ==, RTMFP_LIMIT);
  rtmfp_endpoint_remove_interface (endpoint, 2);
  g_assert_cmpint (rtmfp_endpoint_add_interface (endpoint, 99, 0), ==, RTMFP_OK);
  world_free (world);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/introduction/forwarded-hello-opens-a-session", test_forward);
  g_test_add_func ("/endpoint/introduction/redirect-opens-a-session", test_redirect);
  g_test_add_func ("/endpoint/introduction/redirect-into-the-introducers-network",
                   test_redirect_to_inside);
  g_test_add_func ("/endpoint/introduction/forwarded-out-of-the-introducers-network",
                   test_forward_from_inside);
  g_test_add_func ("/endpoint/introduction/both-open-one-session", test_both);
  g_test_add_func ("/endpoint/introduction/only-introducers-may-forward", test_not_introducer);
  g_test_add_func ("/endpoint/introduction/candidates-are-tried-at-once", test_parallel_open);
  g_test_add_func ("/endpoint/introduction/candidates-are-limited", test_candidates_limit);
  g_test_add_func ("/endpoint/introduction/redirects-without-end-are-bounded",
                   test_redirects_without_end);
  g_test_add_func ("/endpoint/introduction/full-server-sends-elsewhere", test_distribution);
  g_test_add_func ("/endpoint/interfaces/asks-by-the-others-later", test_interfaces);
  g_test_add_func ("/endpoint/interfaces/asks-relays-later-still", test_interfaces_relayed);
  g_test_add_func ("/endpoint/interfaces/answers-a-forwarded-hello-by-each",
                   test_interfaces_forwarded);
  g_test_add_func ("/endpoint/interfaces/are-limited", test_interfaces_limit);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that were killed and come back while their old session still stands at the far side, and
 * those who pretend to: RFC 7016 s3.5.1.1.2 step 2 and our deviation from it. */
#include "core/endpoint/endpoint-state.h"
#include "core/session/session-state.h"
#include "tests/endpoint/world.h"

#include <string.h>

/* So long the silence of the old session is given at most. */
#define SILENCE_US (RTMFP_DOUBT_PINGS * RTMFP_DOUBT_US_MAX + INT64_C (100000))

static bool
has_session (Node *node, RtmfpId session) {
  RtmfpSessionInfo info;
  return rtmfp_endpoint_session_info (node->endpoint, session, &info) == RTMFP_OK;
}

static void
expect_replaced (Node *node, RtmfpId session) {
  Told *closed = node_wait (node, RTMFP_EVENT_SESSION_CLOSED, SILENCE_US);
  g_assert_nonnull (closed);
  g_assert_cmpuint (closed->event.session, ==, session);
  g_assert_cmpint (closed->event.reason, ==, RTMFP_CLOSE_REPLACED);
  told_free (closed);
}

/* a comes back in a new session of pair that carries messages. */
static void
come_back (Pair *pair, RtmfpId identity) {
  RtmfpId sending, receiving;
  pair->a_identity = identity;
  pair->a_session = open_to (pair->a, identity, &pair->b_fingerprint, pair->b);
  const int64_t from_us = pair->world->now_us;
  told_free (node_expect (pair->a, RTMFP_EVENT_SESSION_OPEN));
  g_assert_cmpint (pair->world->now_us - from_us, ==, 4 * pair->world->delay_us);
  Told *opened = node_expect (pair->b, RTMFP_EVENT_SESSION_OPEN);
  pair->b_session = opened->event.session;
  told_free (opened);
  pair_open_flow (pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
}

/* Killed, and back from the same port with a fresh certificate: in at once; the old session goes
 * although keepalive would keep it for a minute. */
static void
test_fresh_certificate (void) {
  const RtmfpIdentityConfig config = plain_identity ();
  Pair pair;
  pair_init (&pair);
  const RtmfpId old = pair.b_session;
  world_run (pair.world, G_USEC_PER_SEC);
  come_back (&pair, node_restart (pair.a, &config));
  expect_replaced (pair.b, old);
  g_assert_true (has_session (pair.b, pair.b_session));
  g_assert_cmpuint (counters_of (pair.b).sessions_open, ==, 1);
  g_assert_cmpuint (counters_of (pair.b).rule_override, ==, 1);
  pair_clear (&pair);
}

static bool
lose_all (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  (void)datagram;
  (void)user;
  return false;
}

/* The same with the certificate of before: it forgot the session without a word. */
static void
test_same_certificate (void) {
  Pair pair;
  pair_init (&pair);
  const RtmfpId old = pair.b_session;
  world_run (pair.world, G_USEC_PER_SEC);
  pair.world->tap = lose_all;
  rtmfp_endpoint_close (pair.a->endpoint, pair.a_session, true, pair.world->now_us);
  world_settle (pair.world);
  pair.world->tap = NULL;
  come_back (&pair, pair.a_identity);
  expect_replaced (pair.b, old);
  g_assert_true (has_session (pair.b, pair.b_session));
  g_assert_cmpuint (counters_of (pair.b).sessions_open, ==, 1);
  pair_clear (&pair);
}

/* Killed again and again, sooner than the old ones are given up: never locked out for longer than
 * the silence takes. */
static void
test_again_and_again (void) {
  const RtmfpIdentityConfig config = plain_identity ();
  Pair pair;
  pair_init (&pair);
  for (int i = 0; i < 4 * RTMFP_SESSIONS_PER_ADDRESS; i++) {
    const RtmfpId identity = node_restart (pair.a, &config);
    pair.a_session = open_to (pair.a, identity, &pair.b_fingerprint, pair.b);
    Told *opened = node_wait (pair.a, RTMFP_EVENT_SESSION_OPEN, SILENCE_US);
    g_assert_nonnull (opened);
    told_free (opened);
  }
  world_run (pair.world, SILENCE_US);
  g_assert_cmpuint (counters_of (pair.b).sessions_open, ==, 1);
  pair_clear (&pair);
}

/* ---- Those who pretend ---- */

typedef struct {
  Pair pair;
  Node *thief; /* sends from the address of a, and hears all that is sent there */
} Theft;

/* A datagram of b for a reaches the thief as well; one of the thief seems to come from a. */
static bool
share_address (World *world, Datagram *datagram, gpointer user) {
  Theft *theft = user;
  if (rtmfp_address_equal (&datagram->from, &theft->thief->address)) {
    datagram->from = theft->pair.a->address;
  } else if (rtmfp_address_equal (&datagram->to, &theft->pair.a->address)) {
    world_inject (world, &datagram->from, &theft->thief->address, datagram->bytes, datagram->size);
  }
  return true;
}

static RtmfpId
theft_init (Theft *theft) {
  const RtmfpIdentityConfig config = plain_identity ();
  pair_init (&theft->pair);
  theft->thief = world_add (theft->pair.world, 66);
  theft->pair.world->tap = share_address;
  theft->pair.world->tap_user = theft;
  world_run (theft->pair.world, G_USEC_PER_SEC);
  return rtmfp_endpoint_add_identity (theft->thief->endpoint, &config, NULL);
}

/* The session of a goes on, whatever the thief got. */
static void
expect_unharmed (Theft *theft) {
  RtmfpId sending, receiving;
  world_run (theft->pair.world, 10 * SILENCE_US);
  g_assert_true (has_session (theft->pair.a, theft->pair.a_session));
  g_assert_true (has_session (theft->pair.b, theft->pair.b_session));
  g_assert_false (node_was_told (theft->pair.b, RTMFP_EVENT_SESSION_CLOSED));
  g_assert_cmpuint (counters_of (theft->pair.b).rule_override, ==, 0);
  pair_open_flow (&theft->pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
}

static void
test_thief_with_a_certificate_of_its_own (void) {
  Theft theft;
  const RtmfpId identity = theft_init (&theft);
  open_to (theft.thief, identity, &theft.pair.b_fingerprint, theft.pair.b);
  told_free (node_expect (theft.thief, RTMFP_EVENT_SESSION_OPEN));
  expect_unharmed (&theft);
  pair_clear (&theft.pair);
}

/* Certificates travel under a public key, and with ephemeral keys nothing else is needed to key in
 * the name of another. */
static void
test_thief_with_a_stolen_certificate (void) {
  Theft theft;
  const RtmfpId identity = theft_init (&theft);
  const RtmfpIdentity *from =
      rtmfp_endpoint_find_identity (theft.pair.a->endpoint, theft.pair.a_identity);
  RtmfpIdentity *to = rtmfp_endpoint_find_identity (theft.thief->endpoint, identity);
  const RtmfpBytes stolen = from->credentials.certificate.bytes;
  g_assert_cmpuint (to->credentials.certificate.bytes.size, ==, stolen.size);
  memcpy (to->credentials.bytes, stolen.data, stolen.size);
  g_assert_cmpint (rtmfp_certificate_read (rtmfp_bytes (to->credentials.bytes, stolen.size),
                                           &to->credentials.certificate),
                   ==, RTMFP_OK);
  open_to (theft.thief, identity, &theft.pair.b_fingerprint, theft.pair.b);
  told_free (node_expect (theft.thief, RTMFP_EVENT_SESSION_OPEN));
  expect_unharmed (&theft);
  pair_clear (&theft.pair);
}

/* Who only forges the source of a hello hears no cookie: nobody is even asked. */
static void
test_forged_hello (void) {
  Theft theft;
  const RtmfpId identity = theft_init (&theft);
  theft.pair.world->tap = NULL;
  open_to (theft.thief, identity, &theft.pair.b_fingerprint, theft.pair.b);
  theft.thief->address = theft.pair.a->address; /* what it sends; a is found first */
  world_run (theft.pair.world, 10 * SILENCE_US);
  g_assert_cmpuint (counters_of (theft.pair.b).sessions_opened, ==, 1);
  g_assert_null (
      rtmfp_endpoint_find (theft.pair.b->endpoint, theft.pair.b_session)->session->doubt);
  expect_unharmed (&theft);
  pair_clear (&theft.pair);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/return/killed-with-a-fresh-certificate", test_fresh_certificate);
  g_test_add_func ("/endpoint/return/killed-with-the-same-certificate", test_same_certificate);
  g_test_add_func ("/endpoint/return/again-and-again", test_again_and_again);
  g_test_add_func ("/endpoint/return/thief-ends-no-session",
                   test_thief_with_a_certificate_of_its_own);
  g_test_add_func ("/endpoint/return/stolen-certificate-ends-no-session",
                   test_thief_with_a_stolen_certificate);
  g_test_add_func ("/endpoint/return/forged-hello-asks-nobody", test_forged_hello);
  return g_test_run ();
}

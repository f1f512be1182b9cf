/* SPDX-License-Identifier: Apache-2.0 */
/* Opening sessions between two nodes, RFC 7016 s3.5.1.1 to s3.5.1.3. */
#include "tests/endpoint/world.h"

#include "core/endpoint/params.h"
#include "core/session/params.h"

#include <string.h>

static void
test_opens (void) {
  Pair pair;
  pair_init (&pair);
  RtmfpSessionInfo a, b;
  g_assert_cmpint (rtmfp_endpoint_session_info (pair.a->endpoint, pair.a_session, &a), ==,
                   RTMFP_OK);
  g_assert_cmpint (rtmfp_endpoint_session_info (pair.b->endpoint, pair.b_session, &b), ==,
                   RTMFP_OK);
  g_assert_true (a.initiator);
  g_assert_false (b.initiator);
  g_assert_cmpmem (a.near_nonce, sizeof a.near_nonce, b.far_nonce, sizeof b.far_nonce);
  g_assert_cmpmem (b.near_nonce, sizeof b.near_nonce, a.far_nonce, sizeof a.far_nonce);
  g_assert_cmpmem (a.far_certificate.data, a.far_certificate.size, b.near_certificate.data,
                   b.near_certificate.size);
  g_assert_cmpmem (a.initiator_component.data, a.initiator_component.size,
                   b.initiator_component.data, b.initiator_component.size);
  g_assert_cmpmem (a.responder_component.data, a.responder_component.size,
                   b.responder_component.data, b.responder_component.size);
  g_assert_cmpmem (&a.far_fingerprint, 32, &pair.b_fingerprint, 32);
  g_assert_cmpmem (&b.far_fingerprint, 32, &pair.a_fingerprint, 32);
  g_assert_cmpint (pair.world->now_us, ==, 1000000 + 4 * pair.world->delay_us);
  g_assert_cmpuint (counters_of (pair.a).sessions_open, ==, 1);
  g_assert_cmpuint (counters_of (pair.b).handshakes_answered, ==, 1);
  pair_clear (&pair);
}

/* All modes of keys, with and without HMAC and sequence numbers, each carrying a message. */
static void
test_key_modes (void) {
  for (int mode = 0; mode < 16; mode++) {
    RtmfpIdentityConfig a = plain_identity ();
    a.requires_hmac = a.offers_hmac = (mode & 4) != 0;
    a.requires_sequence = a.offers_sequence = (mode & 8) != 0;
    RtmfpIdentityConfig b = a;
    a.static_keys = (mode & 1) != 0;
    b.static_keys = (mode & 2) != 0;
    Pair pair;
    RtmfpId sending, receiving;
    pair_init_with (&pair, &a, &b);
    pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
    pair_clear (&pair);
  }
}

/* An AEAD where both have one, in both roles; else HMAC; and each of the two ciphers. */
static void
test_aeads (void) {
  for (int mode = 0; mode < 16; mode++) {
    RtmfpIdentityConfig config[2] = {plain_identity (), plain_identity ()};
    Pair pair;
    RtmfpId sending, receiving;
    config[0].no_aead = (mode & 1) != 0;
    config[1].no_aead = (mode & 2) != 0;
    const RtmfpEndpointConfig a = {.slow_aes = (mode & 4) != 0}, b = {.slow_aes = (mode & 8) != 0};
    pair_init_endpoints (&pair, &a, &b, &config[0], &config[1]);
    pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
    const RtmfpAead expected = (mode & 3) != 0    ? RTMFP_AEAD_NONE
                               : (mode & 12) != 0 ? RTMFP_AEAD_CHACHA20_POLY1305
                                                  : RTMFP_AEAD_AES_128_GCM;
    for (int end = 0; end < 2; end++) {
      RtmfpSessionInfo info;
      const Node *node = end == 0 ? pair.a : pair.b;
      g_assert_cmpint (rtmfp_endpoint_session_info (
                           node->endpoint, end == 0 ? pair.a_session : pair.b_session, &info),
                       ==, RTMFP_OK);
      g_assert_cmpint (info.aead, ==, expected);
      g_assert_cmpuint (info.hmac_send_bytes, ==, expected == RTMFP_AEAD_NONE ? 16 : 0);
      g_assert_cmpuint (info.hmac_receive_bytes, ==, expected == RTMFP_AEAD_NONE ? 16 : 0);
      g_assert_true (info.sends_sequence && info.receives_sequence);
    }
    pair_clear (&pair);
  }
}

/* Each side knows what the other reads; of one that says nothing, nothing. */
static void
test_peer_features (void) {
  for (int mode = 0; mode < 4; mode++) {
    RtmfpIdentityConfig a = plain_identity (), b = a;
    a.rfc_only = (mode & 1) != 0;
    b.rfc_only = (mode & 2) != 0;
    Pair pair;
    pair_init_with (&pair, &a, &b);
    RtmfpSessionInfo of_a, of_b;
    g_assert_cmpint (rtmfp_endpoint_session_info (pair.a->endpoint, pair.a_session, &of_a), ==,
                     RTMFP_OK);
    g_assert_cmpint (rtmfp_endpoint_session_info (pair.b->endpoint, pair.b_session, &of_b), ==,
                     RTMFP_OK);
    g_assert_cmphex (of_a.peer_features, ==, b.rfc_only ? 0 : RTMFP_FEATURES_OURS);
    g_assert_cmphex (of_b.peer_features, ==, a.rfc_only ? 0 : RTMFP_FEATURES_OURS);
    pair_clear (&pair);
  }
}

/* Loses the datagrams whose numbers are in a set of bits. */
static bool
lose_some (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  const guint64 *lost = user;
  return datagram->number >= 64 || ((*lost >> datagram->number) & 1) == 0;
}

/* Whether a session opens from an end that signs with one password to one that asks for another,
 * and the other way round. */
static bool
opens_with (const char *signs, bool initiator_asks, guint64 lost) {
  const RtmfpPassword signing = {rtmfp_bytes ("id", 2), rtmfp_bytes (signs, strlen (signs))};
  const RtmfpPassword known = {rtmfp_bytes ("id", 2), rtmfp_bytes ("right", 5)};
  RtmfpIdentityConfig signer = plain_identity (), verifier = plain_identity ();
  RtmfpFingerprint fingerprint;
  signer.signing_passwords = &signing;
  signer.signing_password_count = signs[0] != '\0';
  verifier.known_passwords = &known;
  verifier.known_password_count = 1;
  verifier.requires_password = true;
  World *world = world_new ();
  Node *a = world_add (world, 1), *b = world_add (world, 2);
  world->tap = lose_some;
  world->tap_user = &lost;
  const RtmfpId of_a =
      rtmfp_endpoint_add_identity (a->endpoint, initiator_asks ? &verifier : &signer, NULL);
  g_assert_cmpuint (
      rtmfp_endpoint_add_identity (b->endpoint, initiator_asks ? &signer : &verifier, &fingerprint),
      !=, 0);
  open_to (a, of_a, &fingerprint, b);
  world_run (world, 20000000);
  const bool opened = node_was_told (a, RTMFP_EVENT_SESSION_OPEN);
  g_assert_cmpuint (counters_of (b).dropped_auth > 0, ==, !opened && !initiator_asks);
  world_free (world);
  return opened;
}

static void
test_passwords (void) {
  for (int initiator_asks = 0; initiator_asks < 2; initiator_asks++) {
    g_assert_true (opens_with ("right", initiator_asks, 0));
    g_assert_true (opens_with ("right", initiator_asks, 1 << 2 | 1 << 4)); /* signed again */
    g_assert_false (opens_with ("wrong", initiator_asks, 0));
    g_assert_false (opens_with ("", initiator_asks, 0));
  }
}

/* A server has pairs made ahead, and takes each for one session. */
static void
test_pairs_ahead (void) {
  const RtmfpEndpointConfig ahead = {.key_pairs_ahead = 4};
  RtmfpIdentityConfig config = plain_identity ();
  RtmfpFingerprint fingerprint;
  World *world = world_new ();
  Node *server = world_add_with (world, 1, &ahead);
  g_assert_cmpuint (rtmfp_endpoint_add_identity (server->endpoint, &config, &fingerprint), !=, 0);
  GHashTable *components =
      g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);
  for (guint8 i = 0; i < 10; i++) {
    Node *client = world_add (world, (guint8)(2 + i));
    const RtmfpId identity = rtmfp_endpoint_add_identity (client->endpoint, &config, NULL);
    const RtmfpId session = open_to (client, identity, &fingerprint, server);
    RtmfpSessionInfo info;
    told_free (node_expect (client, RTMFP_EVENT_SESSION_OPEN));
    g_assert_cmpint (rtmfp_endpoint_session_info (client->endpoint, session, &info), ==, RTMFP_OK);
    g_assert_true (g_hash_table_add (
        components, g_bytes_new (info.responder_component.data, info.responder_component.size)));
    g_assert_cmpuint (counters_of (server).key_pairs_taken, ==, i); /* the first finds none */
    g_assert_cmpuint (counters_of (client).key_pairs_taken, ==, 0);
  }
  g_hash_table_destroy (components);
  world_free (world);
}

/* All groups as static keys make a certificate that needs fragments both ways. */
static void
test_fragments (void) {
  RtmfpIdentityConfig config = plain_identity ();
  config.groups = RTMFP_GROUP_ALL;
  config.static_keys = true;
  Pair pair;
  RtmfpId sending, receiving;
  pair_init_with (&pair, &config, &config);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  RtmfpSessionInfo info;
  g_assert_cmpint (rtmfp_endpoint_session_info (pair.b->endpoint, pair.b_session, &info), ==,
                   RTMFP_OK);
  g_assert_cmpuint (info.far_certificate.size, >, RTMFP_PACKET_BYTES - 100);
  pair_clear (&pair);
}

static void
open_with_losses (guint64 lost, guint64 retries) {
  const RtmfpIdentityConfig config = plain_identity ();
  World *world = world_new ();
  world->tap = lose_some;
  world->tap_user = &lost;
  Node *a = world_add (world, 1), *b = world_add (world, 2);
  RtmfpFingerprint fingerprint;
  RtmfpId identity = rtmfp_endpoint_add_identity (a->endpoint, &config, NULL);
  rtmfp_endpoint_add_identity (b->endpoint, &config, &fingerprint);
  const int64_t from_us = world->now_us;
  open_to (a, identity, &fingerprint, b);
  told_free (node_expect (a, RTMFP_EVENT_SESSION_OPEN));
  /* One lost packet costs one first interval, whichever it was. */
  static const int64_t waited_us[] = {0, RTMFP_STARTUP_RETRY_US,
                                      2 * RTMFP_STARTUP_RETRY_US + RTMFP_STARTUP_RETRY_ADD_US};
  g_assert_cmpint (world->now_us - from_us, ==, 4 * world->delay_us + waited_us[retries]);
  told_free (node_expect (b, RTMFP_EVENT_SESSION_OPEN));
  g_assert_cmpuint (counters_of (a).rule_handshake_retry, ==, retries);
  g_assert_cmpuint (counters_of (b).sessions_opened, ==, 1);
  world_free (world);
}

static void
test_loss (void) {
  open_with_losses (0, 0);
  open_with_losses (1, 1);     /* IHello */
  open_with_losses (2, 1);     /* RHello */
  open_with_losses (4, 1);     /* IIKeying */
  open_with_losses (8, 1);     /* RIKeying: made once, sent again */
  open_with_losses (1 | 2, 2); /* twice */
}

static void
test_gives_up (void) {
  const RtmfpIdentityConfig config = plain_identity ();
  World *world = world_new ();
  Node *a = world_add (world, 1);
  const Node nobody = {.address = rtmfp_address_ipv4 (10, 0, 0, 99, 1)};
  RtmfpId identity = rtmfp_endpoint_add_identity (a->endpoint, &config, NULL);
  const RtmfpFingerprint stranger = {{7}};
  int64_t from_us = world->now_us;
  RtmfpId session = open_to (a, identity, &stranger, &nobody);
  Told *told = node_expect (a, RTMFP_EVENT_SESSION_CLOSED);
  g_assert_cmpuint (told->event.session, ==, session);
  g_assert_cmpint (told->event.reason, ==, RTMFP_CLOSE_TIMEOUT);
  g_assert_cmpint (world->now_us - from_us, ==, RTMFP_OPEN_GIVE_UP_US);
  /* Each interval at least 1.5 s longer and at least double: 0, 0.25, 2, 5.5, 12.5, 26.5, 54.5 s.
   */
  g_assert_cmpuint (world->sent, ==, 7);
  told_free (told);
  world_run (world, 1000000);
  g_assert_cmpint (rtmfp_endpoint_deadline (a->endpoint), ==, RTMFP_NEVER);
  world_free (world);
}

/* The address changes between the hello and the keying. */
static void
test_cookie_change (void) {
  const RtmfpIdentityConfig config = plain_identity ();
  World *world = world_new ();
  Node *a = world_add (world, 1), *b = world_add (world, 2);
  RtmfpFingerprint fingerprint;
  RtmfpId identity = rtmfp_endpoint_add_identity (a->endpoint, &config, NULL);
  rtmfp_endpoint_add_identity (b->endpoint, &config, &fingerprint);
  open_to (a, identity, &fingerprint, b);
  a->holds_jobs = true;
  world_run (world, 2 * world->delay_us);
  g_assert_cmpuint (a->jobs.length, ==, 1);
  a->address = rtmfp_address_ipv4 (10, 0, 0, 3, 4000);
  node_release_jobs (a);
  told_free (node_expect (a, RTMFP_EVENT_SESSION_OPEN));
  g_assert_cmpuint (counters_of (a).rule_cookie_change, ==, 1);
  g_assert_cmpuint (counters_of (b).rule_cookie_change, ==, 1);
  g_assert_cmpuint (counters_of (b).sessions_opened, ==, 1);
  world_free (world);
}

static void
test_glare (void) {
  const RtmfpIdentityConfig config = plain_identity ();
  World *world = world_new ();
  Node *node[2] = {world_add (world, 1), world_add (world, 2)};
  RtmfpFingerprint fingerprint[2];
  RtmfpId identity[2], session[2];
  for (int i = 0; i < 2; i++) {
    identity[i] = rtmfp_endpoint_add_identity (node[i]->endpoint, &config, &fingerprint[i]);
  }
  for (int i = 0; i < 2; i++) {
    session[i] = open_to (node[i], identity[i], &fingerprint[1 - i], node[1 - i]);
  }
  world_run (world, 10 * G_USEC_PER_SEC);
  int winners = 0;
  for (int i = 0; i < 2; i++) {
    Told *open = node_expect (node[i], RTMFP_EVENT_SESSION_OPEN);
    g_assert_false (node_was_told (node[i], RTMFP_EVENT_SESSION_OPEN));
    g_assert_cmpuint (counters_of (node[i]).sessions_open, ==, 1);
    if (open->event.session == session[i]) {
      winners++;
    } else {
      Told *closed = node_expect (node[i], RTMFP_EVENT_SESSION_CLOSED);
      g_assert_cmpuint (closed->event.session, ==, session[i]);
      g_assert_cmpint (closed->event.reason, ==, RTMFP_CLOSE_REPLACED);
      told_free (closed);
    }
    told_free (open);
  }
  g_assert_cmpint (winners, ==, 1);
  g_assert_cmpuint (counters_of (node[0]).rule_glare + counters_of (node[1]).rule_glare, >, 0);
  world_free (world);
}

/* One opens a session to any server, of which there is none, while another comes to it: no glare.
 */
static void
test_no_glare (void) {
  static const guint8 epd[] = {7, 0x0a, 'r', 't', 'm', 'f', 'p', ':'};
  for (int i = 0; i < 8; i++) { /* so that each order of certificates occurs */
    const RtmfpIdentityConfig config = plain_identity ();
    World *world = world_new ();
    Node *a = world_add (world, (guint8)(10 + i)), *b = world_add (world, (guint8)(100 + i));
    const RtmfpAddress nobody = rtmfp_address_ipv4 (10, 0, 0, 99, 1);
    RtmfpFingerprint fingerprint;
    RtmfpId a_identity = rtmfp_endpoint_add_identity (a->endpoint, &config, NULL);
    RtmfpId b_identity = rtmfp_endpoint_add_identity (b->endpoint, &config, &fingerprint);
    const RtmfpOpen open = {.identity = b_identity,
                            .epd = rtmfp_bytes (epd, sizeof epd),
                            .candidates = &nobody,
                            .candidate_count = 1};
    RtmfpId session;
    g_assert_cmpint (rtmfp_endpoint_open (b->endpoint, &open, world->now_us, &session), ==,
                     RTMFP_OK);
    open_to (a, a_identity, &fingerprint, b);
    told_free (node_expect (a, RTMFP_EVENT_SESSION_OPEN));
    told_free (node_expect (b, RTMFP_EVENT_SESSION_OPEN));
    g_assert_cmpuint (counters_of (b).rule_glare, ==, 0);
    g_assert_false (node_was_told (b, RTMFP_EVENT_SESSION_CLOSED));
    world_free (world);
  }
}

static bool
lose_all (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  (void)datagram;
  (void)user;
  return false;
}

/* One side forgot the session and comes again from the same address with the same certificate. */
static void
test_override (void) {
  Pair pair;
  pair_init (&pair);
  pair.world->tap = lose_all;
  rtmfp_endpoint_close (pair.a->endpoint, pair.a_session, true, pair.world->now_us);
  world_settle (pair.world);
  told_free (node_expect (pair.a, RTMFP_EVENT_SESSION_CLOSED));
  pair.world->tap = NULL;
  pair.a_session = open_to (pair.a, pair.a_identity, &pair.b_fingerprint, pair.b);
  told_free (node_expect (pair.a, RTMFP_EVENT_SESSION_OPEN));
  Told *closed = node_expect (pair.b, RTMFP_EVENT_SESSION_CLOSED);
  g_assert_cmpuint (closed->event.session, ==, pair.b_session);
  g_assert_cmpint (closed->event.reason, ==, RTMFP_CLOSE_REPLACED);
  told_free (closed);
  told_free (node_expect (pair.b, RTMFP_EVENT_SESSION_OPEN));
  g_assert_cmpuint (counters_of (pair.b).rule_override, ==, 1);
  g_assert_cmpuint (counters_of (pair.b).sessions_open, ==, 1);
  RtmfpId sending, receiving;
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  pair_clear (&pair);
}

/* Keeps a copy of each datagram from a to b. */
static bool
keep_all (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  if (datagram->from.ip[3] == 1) {
    g_ptr_array_add (user, g_memdup2 (datagram, sizeof *datagram));
  }
  return true;
}

/* Keying that is older than the session that stands (a replay, or what is left of glare) does not
 * override it, though its cookie is still good. */
static void
test_outdated_keying (void) {
  Pair pair;
  pair_init (&pair);
  GPtrArray *kept = g_ptr_array_new_with_free_func (g_free);
  for (int round = 0; round < 2; round++) {
    rtmfp_endpoint_close (pair.a->endpoint, pair.a_session, false, pair.world->now_us);
    told_free (node_expect (pair.a, RTMFP_EVENT_SESSION_CLOSED));
    told_free (node_expect (pair.b, RTMFP_EVENT_SESSION_CLOSED));
    world_run (pair.world, 30000000);
    pair.world->tap = round == 0 ? keep_all : NULL;
    pair.world->tap_user = kept;
    pair.a_session = open_to (pair.a, pair.a_identity, &pair.b_fingerprint, pair.b);
    told_free (node_expect (pair.a, RTMFP_EVENT_SESSION_OPEN));
    Told *opened = node_expect (pair.b, RTMFP_EVENT_SESSION_OPEN);
    pair.b_session = opened->event.session;
    told_free (opened);
  }
  g_assert_cmpuint (kept->len, >=, 2);
  for (guint i = 0; i < kept->len; i++) {
    const Datagram *datagram = g_ptr_array_index (kept, i);
    world_inject (pair.world, &datagram->from, &datagram->to, datagram->bytes, datagram->size);
  }
  world_run (pair.world, 1000000);
  g_assert_false (node_was_told (pair.b, RTMFP_EVENT_SESSION_CLOSED));
  g_assert_false (node_was_told (pair.b, RTMFP_EVENT_SESSION_OPEN));
  g_assert_cmpuint (counters_of (pair.b).rule_override, ==, 0);
  g_assert_cmpuint (counters_of (pair.b).dropped_replay, >, 0);
  RtmfpId sending, receiving;
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  g_ptr_array_unref (kept);
  pair_clear (&pair);
}

/* Another identity from the same address does not disturb the session that is there. */
static void
test_two_identities (void) {
  Pair pair;
  pair_init (&pair);
  const RtmfpIdentityConfig config = plain_identity ();
  RtmfpId second = rtmfp_endpoint_add_identity (pair.a->endpoint, &config, NULL);
  open_to (pair.a, second, &pair.b_fingerprint, pair.b);
  told_free (node_expect (pair.a, RTMFP_EVENT_SESSION_OPEN));
  g_assert_cmpuint (counters_of (pair.b).sessions_open, ==, 2);
  RtmfpId sending, receiving;
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  pair_clear (&pair);
}

static void
test_same_peer_again (void) {
  Pair pair;
  pair_init (&pair);
  RtmfpId again = open_to (pair.a, pair.a_identity, &pair.b_fingerprint, pair.b);
  g_assert_cmpuint (again, ==, pair.a_session);
  Told *told = node_expect (pair.a, RTMFP_EVENT_SESSION_OPEN);
  g_assert_cmpuint (told->event.session, ==, again);
  told_free (told);
  g_assert_cmpuint (counters_of (pair.a).handshakes_started, ==, 1);
  pair_clear (&pair);
}

static void
try_policy (RtmfpAccept accept, bool expects, int64_t until_us, bool opens) {
  RtmfpIdentityConfig config = plain_identity ();
  World *world = world_new ();
  Node *a = world_add (world, 1), *b = world_add (world, 2);
  RtmfpFingerprint a_fingerprint, b_fingerprint;
  RtmfpId identity = rtmfp_endpoint_add_identity (a->endpoint, &config, &a_fingerprint);
  config.accept = accept;
  RtmfpId target = rtmfp_endpoint_add_identity (b->endpoint, &config, &b_fingerprint);
  const RtmfpFingerprint other = {{1}};
  RtmfpStatus status =
      rtmfp_endpoint_expect (b->endpoint, target, expects ? &a_fingerprint : &other, until_us);
  g_assert_cmpint (status, ==, RTMFP_OK);
  open_to (a, identity, &b_fingerprint, b);
  Told *told = node_wait (a, RTMFP_EVENT_SESSION_OPEN, 5 * G_USEC_PER_SEC);
  g_assert_true ((told != NULL) == opens);
  g_assert_true ((counters_of (b).rule_reject_hello > 0) == !opens);
  told_free (told);
  world_free (world);
}

static void
test_policies (void) {
  try_policy (RTMFP_ACCEPT_ANYONE, false, RTMFP_NEVER, true);
  try_policy (RTMFP_ACCEPT_NOBODY, true, RTMFP_NEVER, false);
  try_policy (RTMFP_ACCEPT_EXPECTED, true, RTMFP_NEVER, true);
  try_policy (RTMFP_ACCEPT_EXPECTED, false, RTMFP_NEVER, false);
  try_policy (RTMFP_ACCEPT_EXPECTED, true, 1000, false); /* no longer */
}

/* Who does not offer what the other requires is refused. */
static void
test_refuses_policy (void) {
  RtmfpIdentityConfig config = plain_identity ();
  World *world = world_new ();
  Node *a = world_add (world, 1), *b = world_add (world, 2);
  RtmfpFingerprint fingerprint;
  rtmfp_endpoint_add_identity (b->endpoint, &config, &fingerprint);
  config.groups = RTMFP_GROUP_14;
  RtmfpId identity = rtmfp_endpoint_add_identity (a->endpoint, &config, NULL);
  open_to (a, identity, &fingerprint, b);
  Told *told = node_expect (a, RTMFP_EVENT_SESSION_CLOSED);
  g_assert_cmpint (told->event.reason, ==, RTMFP_CLOSE_REFUSED); /* no group in common */
  told_free (told);
  world_free (world);
}

/* A job that comes back when its session is gone is only freed. */
static void
test_late_job (void) {
  const RtmfpIdentityConfig config = plain_identity ();
  World *world = world_new ();
  Node *a = world_add (world, 1), *b = world_add (world, 2);
  RtmfpFingerprint fingerprint;
  RtmfpId identity = rtmfp_endpoint_add_identity (a->endpoint, &config, NULL);
  rtmfp_endpoint_add_identity (b->endpoint, &config, &fingerprint);
  RtmfpId session = open_to (a, identity, &fingerprint, b);
  a->holds_jobs = true;
  world_run (world, 2 * world->delay_us);
  g_assert_cmpuint (a->jobs.length, ==, 1);
  rtmfp_endpoint_close (a->endpoint, session, false, world->now_us);
  told_free (node_expect (a, RTMFP_EVENT_SESSION_CLOSED));
  node_release_jobs (a);
  world_run (world, G_USEC_PER_SEC);
  g_assert_cmpuint (counters_of (b).sessions_opened, ==, 0);
  world_free (world);
}

/* The responder's first data overtakes its RIKeying's work at the initiator. */
static void
test_early_packets (void) {
  const RtmfpIdentityConfig config = plain_identity ();
  World *world = world_new ();
  Node *a = world_add (world, 1), *b = world_add (world, 2);
  RtmfpFingerprint fingerprint;
  RtmfpId identity = rtmfp_endpoint_add_identity (a->endpoint, &config, NULL);
  rtmfp_endpoint_add_identity (b->endpoint, &config, &fingerprint);
  open_to (a, identity, &fingerprint, b);
  world_run (world, 2 * world->delay_us + 1);
  a->holds_jobs = true;
  Told *open = node_expect (b, RTMFP_EVENT_SESSION_OPEN);
  const RtmfpFlowConfig flow_config = {.metadata = rtmfp_bytes ("early", 5)};
  RtmfpId flow;
  g_assert_cmpint (rtmfp_endpoint_open_flow (b->endpoint, open->event.session, &flow_config, &flow),
                   ==, RTMFP_OK);
  told_free (open);
  send_text (b, flow, "first");
  world_run (world, 2 * world->delay_us);
  g_assert_cmpuint (a->jobs.length, ==, 1);
  node_release_jobs (a);
  world_settle (world); /* no time passes: what came early was kept */
  told_free (node_expect (a, RTMFP_EVENT_SESSION_OPEN));
  g_assert_true (node_was_told (a, RTMFP_EVENT_FLOW_NEW));
  g_assert_cmpuint (counters_of (b).rule_timeout_loss, ==, 0);
  world_free (world);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/handshake/opens-in-two-round-trips", test_opens);
  g_test_add_func ("/endpoint/handshake/works-in-all-key-modes", test_key_modes);
  g_test_add_func ("/endpoint/handshake/aead-between-our-own", test_aeads);
  g_test_add_func ("/endpoint/handshake/tells-what-it-reads", test_peer_features);
  g_test_add_func ("/endpoint/handshake/asks-for-passwords", test_passwords);
  g_test_add_func ("/endpoint/handshake/takes-key-pairs-made-ahead", test_pairs_ahead);
  g_test_add_func ("/endpoint/handshake/sends-large-certificates-in-fragments", test_fragments);
  g_test_add_func ("/endpoint/handshake/repeats-what-was-lost", test_loss);
  g_test_add_func ("/endpoint/handshake/gives-up-after-95-s", test_gives_up);
  g_test_add_func ("/endpoint/handshake/changes-a-cookie-once", test_cookie_change);
  g_test_add_func ("/endpoint/handshake/glare-leaves-one-session", test_glare);
  g_test_add_func ("/endpoint/handshake/opening-elsewhere-is-no-glare", test_no_glare);
  g_test_add_func ("/endpoint/handshake/override-replaces-the-stale-session", test_override);
  g_test_add_func ("/endpoint/handshake/outdated-keying-overrides-nothing", test_outdated_keying);
  g_test_add_func ("/endpoint/handshake/two-identities-share-an-address", test_two_identities);
  g_test_add_func ("/endpoint/handshake/same-peer-is-not-opened-twice", test_same_peer_again);
  g_test_add_func ("/endpoint/handshake/takes-only-whom-its-policy-allows", test_policies);
  g_test_add_func ("/endpoint/handshake/refuses-without-a-common-group", test_refuses_policy);
  g_test_add_func ("/endpoint/handshake/frees-late-jobs", test_late_job);
  g_test_add_func ("/endpoint/handshake/keeps-early-packets", test_early_packets);
  return g_test_run ();
}

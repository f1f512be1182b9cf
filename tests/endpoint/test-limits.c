/* SPDX-License-Identifier: Apache-2.0 */
/* The bounds of endpoint and session, and what a stranger's packets cost, RFC 7016 s5. */
#include "tests/endpoint/world.h"

#include "core/crypto/protection.h"
#include "core/endpoint/endpoint-state.h"
#include "core/endpoint/params.h"
#include "core/flow/params.h"
#include "core/session/params.h"
#include "core/session/session-state.h"
#include "core/wire/packet.h"
#include "core/wire/startup-chunk.h"

#include <malloc.h>
#include <string.h>

static gsize
seal_plain (const guint8 *plain, gsize plain_size, guint32 session_id, guint8 *out,
            gsize capacity) {
  RtmfpProtection key = {0};
  gsize size = 0;
  RtmfpCipher *cipher = rtmfp_cipher_new ();
  rtmfp_protection_init_default (&key, cipher);
  memcpy (out + rtmfp_protection_head_bytes (&key), plain, plain_size);
  g_assert_cmpint (rtmfp_protection_seal (&key, session_id, out, capacity, plain_size, &size), ==,
                   RTMFP_OK);
  rtmfp_protection_clear (&key);
  rtmfp_cipher_free (cipher);
  return size;
}

/* An IHello of at least so many plain bytes. */
static gsize
make_hello (const RtmfpFingerprint *fingerprint, gsize least, const void *tag, gsize tag_size,
            guint8 *out, gsize capacity) {
  guint8 plain[1400];
  RtmfpWriter writer = rtmfp_writer (plain, sizeof plain);
  const RtmfpPacketHeader header = {.mode = RTMFP_MODE_STARTUP};
  GBytes *epd = epd_of (fingerprint);
  const RtmfpInitiatorHello hello = {
      .epd = rtmfp_bytes (g_bytes_get_data (epd, NULL), g_bytes_get_size (epd)),
      .tag = rtmfp_bytes (tag, tag_size),
  };
  g_assert_cmpint (rtmfp_write_packet_header (&writer, &header), ==, RTMFP_OK);
  g_assert_cmpint (rtmfp_write_initiator_hello (&writer, &hello), ==, RTMFP_OK);
  if (rtmfp_writer_size (&writer) < least) {
    g_assert_cmpint (rtmfp_write_padding (&writer, least - rtmfp_writer_size (&writer)), ==,
                     RTMFP_OK);
  }
  g_bytes_unref (epd);
  return seal_plain (plain, rtmfp_writer_size (&writer), 0, out, capacity);
}

typedef struct {
  World *world;
  Node *node;
  RtmfpFingerprint fingerprint;
} Alone;

static void
alone_init (Alone *alone, bool static_keys) {
  RtmfpIdentityConfig config = plain_identity ();
  if (static_keys) {
    config.static_keys = true;
    config.groups = RTMFP_GROUP_14;
  }
  const RtmfpEndpointConfig reports = {.reports_hellos = true, .sessions_max = 10};
  alone->world = world_new ();
  alone->node = world_add_with (alone->world, 1, &reports);
  rtmfp_endpoint_add_identity (alone->node->endpoint, &config, &alone->fingerprint);
}

static const RtmfpAddress stranger = {.family = RTMFP_ADDRESS_IPV4, .port = 5, .ip = {9, 9, 9, 9}};

static gsize
receive_and_transmit (Alone *alone, const guint8 *bytes, gsize size, const RtmfpAddress *from) {
  guint8 buffer[2048];
  RtmfpDatagram out;
  gsize answered = 0;
  (void)rtmfp_endpoint_receive (alone->node->endpoint, bytes, size, 0, from, 0,
                                alone->world->now_us);
  while (rtmfp_endpoint_poll_transmit (alone->node->endpoint, alone->world->now_us, buffer,
                                       sizeof buffer, &out)) {
    answered += out.size;
  }
  return answered;
}

/* A hundred thousand hellos from as many addresses: memory stays what it was. */
static void
test_flood_stores_nothing (void) {
  Alone alone;
  guint8 bytes[2048];
  alone_init (&alone, false);
  gsize size = make_hello (&alone.fingerprint, 200, "tag-of-stranger!", 16, bytes, sizeof bytes);
  RtmfpAddress from = stranger;
  g_assert_cmpuint (receive_and_transmit (&alone, bytes, size, &from), >, 0);
  struct mallinfo2 before = mallinfo2 ();
  for (guint32 i = 0; i < 100000; i++) {
    memcpy (from.ip, &i, sizeof i);
    receive_and_transmit (&alone, bytes, size, &from);
  }
  struct mallinfo2 after = mallinfo2 ();
  g_assert_cmpuint (after.uordblks, <=, before.uordblks + 4096);
  g_assert_cmpuint (counters_of (alone.node).sessions_opened, ==, 0);
  g_assert_null (rtmfp_endpoint_poll_job (alone.node->endpoint));
  world_free (alone.world);
}

/* Answers of all sizes to questions of all sizes: never more than three times as long, and where
 * they are longer, not often. */
static void
test_no_amplification (void) {
  for (int mode = 0; mode < 2; mode++) {
    Alone alone;
    alone_init (&alone, mode == 1);
    gsize longer = 0;
    for (gsize least = 0; least < 1200; least += 16) {
      guint8 bytes[2048];
      gsize size = make_hello (&alone.fingerprint, least, "t", 1, bytes, sizeof bytes);
      gsize answered = receive_and_transmit (&alone, bytes, size, &stranger);
      g_assert_cmpuint (answered, <=, size * RTMFP_ANSWER_FACTOR_MAX);
      longer += answered > size;
    }
    g_assert_cmpuint (longer, >, 0);
    g_assert_true ((counters_of (alone.node).dropped_rate_limited > 0) == (mode == 1));
    world_free (alone.world);
  }
}

static void
test_answers_are_rate_limited (void) {
  Alone alone;
  guint8 bytes[2048];
  alone_init (&alone, false);
  gsize size = make_hello (&alone.fingerprint, 0, "t", 1, bytes, sizeof bytes);
  guint answers = 0;
  for (guint i = 0; i < 10 * RTMFP_ANSWER_BURST; i++) {
    answers += receive_and_transmit (&alone, bytes, size, &stranger) > 0;
  }
  g_assert_cmpuint (answers, ==, RTMFP_ANSWER_BURST);
  g_assert_cmpuint (counters_of (alone.node).dropped_rate_limited, ==, 9 * RTMFP_ANSWER_BURST);
  alone.world->now_us += 10 * RTMFP_ANSWER_INTERVAL_US;
  for (guint i = 0; i < 100; i++) {
    answers += receive_and_transmit (&alone, bytes, size, &stranger) > 0;
  }
  g_assert_cmpuint (answers, ==, RTMFP_ANSWER_BURST + 10);
  /* A question as long as its answer is answered always. */
  size = make_hello (&alone.fingerprint, 300, "t", 1, bytes, sizeof bytes);
  g_assert_cmpuint (receive_and_transmit (&alone, bytes, size, &stranger), >, 0);
  world_free (alone.world);
}

/* A hello as rtmfp-cpp sends it (52 bytes, from the recorded session) gets its answer from a
 * certificate that names all groups. */
static void
test_short_hello_is_answered (void) {
  RtmfpIdentityConfig config = plain_identity ();
  config.groups = RTMFP_GROUP_ALL;
  Alone alone;
  guint8 bytes[2048];
  alone_init (&alone, true);
  rtmfp_endpoint_add_identity (alone.node->endpoint, &config, NULL); /* asked first */
  static const guint8 theirs[] = {
      0x0b, 0x00, 0x00, 0x30, 0x00, 0x28, 0x17, 0x16, 0x0a, 'r', 't', 'm', 'f', 'p', ':', '/',
      '/',  '1',  '2',  '7',  '.',  '0',  '.',  '0',  '.',  '1', '/', 'a', 'p', 'p', 1,   2,
      3,    4,    5,    6,    7,    8,    9,    10,   11,   12,  13,  14,  15,  16};
  gsize size = seal_plain (theirs, sizeof theirs, 0, bytes, sizeof bytes);
  g_assert_cmpuint (size, ==, 52);
  g_assert_cmpuint (receive_and_transmit (&alone, bytes, size, &stranger), >, 0);
  world_free (alone.world);
}

/* Our own hello is longer than any answer an endpoint like ours gives to it. */
static bool
watch_hello (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  gsize *sizes = user; /* by number of datagram */
  if (datagram->number < 2) {
    sizes[datagram->number] = datagram->size;
  }
  return true;
}

static void
test_own_hello_is_padded (void) {
  const RtmfpIdentityConfig config = plain_identity ();
  gsize sizes[2] = {0, 0};
  World *world = world_new ();
  world->tap = watch_hello;
  world->tap_user = sizes;
  Node *a = world_add (world, 1), *b = world_add (world, 2);
  RtmfpFingerprint fingerprint;
  RtmfpId identity = rtmfp_endpoint_add_identity (a->endpoint, &config, NULL);
  rtmfp_endpoint_add_identity (b->endpoint, &config, &fingerprint);
  open_to (a, identity, &fingerprint, b);
  told_free (node_expect (a, RTMFP_EVENT_SESSION_OPEN));
  g_assert_cmpuint (sizes[0], >=, RTMFP_HELLO_BYTES);
  g_assert_cmpuint (sizes[1], >, 0);
  g_assert_cmpuint (sizes[1], <=, sizes[0]);
  world_free (world);
}

static void
test_outbox_is_bounded (void) {
  Alone alone;
  guint8 bytes[2048];
  alone_init (&alone, false);
  gsize size = make_hello (&alone.fingerprint, 300, "t", 1, bytes, sizeof bytes);
  RtmfpStatus status = RTMFP_OK;
  guint taken = 0;
  for (; status == RTMFP_OK; taken += status == RTMFP_OK) {
    status = rtmfp_endpoint_receive (alone.node->endpoint, bytes, size, 0, &stranger, 0,
                                     alone.world->now_us);
  }
  g_assert_cmpint (status, ==, RTMFP_LIMIT);
  g_assert_cmpuint (taken, ==, RTMFP_OUTBOX_PACKETS_MAX);
  world_free (alone.world);
}

static void
test_hello_events_are_bounded (void) {
  Alone alone;
  guint8 bytes[2048];
  const RtmfpFingerprint unknown = {{3}};
  alone_init (&alone, false);
  gsize size = make_hello (&unknown, 0, "t", 1, bytes, sizeof bytes);
  RtmfpStatus status = RTMFP_OK;
  guint taken = 0;
  for (; status == RTMFP_OK; taken += status == RTMFP_OK) {
    status = rtmfp_endpoint_receive (alone.node->endpoint, bytes, size, 0, &stranger, 0,
                                     alone.world->now_us);
  }
  g_assert_cmpint (status, ==, RTMFP_LIMIT);
  g_assert_cmpuint (taken, ==, RTMFP_HELLO_EVENTS_MAX);
  RtmfpEvent event;
  guint told = 0;
  while (rtmfp_endpoint_poll_event (alone.node->endpoint, &event)) {
    g_assert_cmpint (event.type, ==, RTMFP_EVENT_HELLO);
    told++;
  }
  g_assert_cmpuint (told, ==, RTMFP_HELLO_EVENTS_MAX);
  world_free (alone.world);
}

/* A redirect holds no more addresses than three times the question allows. */
static void
test_redirect_is_bounded (void) {
  Alone alone;
  guint8 bytes[2048], buffer[2048];
  const RtmfpFingerprint unknown = {{3}};
  RtmfpAddress addresses[16];
  RtmfpEvent event;
  RtmfpDatagram out;
  alone_init (&alone, false);
  for (guint8 i = 0; i < 16; i++) {
    addresses[i] = rtmfp_address_ipv6 ((const uint8_t[16]){0x20, 1, [15] = i}, 9);
  }
  gsize size = make_hello (&unknown, 0, "t", 1, bytes, sizeof bytes);
  receive_and_transmit (&alone, bytes, size, &stranger);
  g_assert_true (rtmfp_endpoint_poll_event (alone.node->endpoint, &event));
  rtmfp_endpoint_redirect (alone.node->endpoint, &event.address, 0, event.tag, addresses, 16);
  g_assert_true (rtmfp_endpoint_poll_transmit (alone.node->endpoint, alone.world->now_us, buffer,
                                               sizeof buffer, &out));
  g_assert_cmpuint (out.size, <=, size * RTMFP_ANSWER_FACTOR_MAX);
  world_free (alone.world);
}

/* Long tags are no gift of an echo. */
static void
test_tag_is_bounded (void) {
  Alone alone;
  guint8 bytes[2048], tag[RTMFP_TAG_BYTES_MAX + 1] = {0};
  alone_init (&alone, false);
  gsize size = make_hello (&alone.fingerprint, 300, tag, sizeof tag, bytes, sizeof bytes);
  g_assert_cmpuint (receive_and_transmit (&alone, bytes, size, &stranger), ==, 0);
  size = make_hello (&alone.fingerprint, 300, tag, sizeof tag - 1, bytes, sizeof bytes);
  g_assert_cmpuint (receive_and_transmit (&alone, bytes, size, &stranger), >, 0);
  world_free (alone.world);
}

static void
test_expected_are_bounded (void) {
  const RtmfpIdentityConfig config = plain_identity ();
  World *world = world_new ();
  Node *node = world_add (world, 1);
  RtmfpId identity = rtmfp_endpoint_add_identity (node->endpoint, &config, NULL);
  RtmfpFingerprint fingerprint = {{0}};
  for (guint i = 0; i < RTMFP_EXPECTED_MAX; i++) {
    fingerprint.bytes[0] = (guint8)i;
    g_assert_cmpint (
        rtmfp_endpoint_expect (node->endpoint, identity, &fingerprint, world->now_us + 1000), ==,
        RTMFP_OK);
  }
  fingerprint.bytes[1] = 1;
  g_assert_cmpint (rtmfp_endpoint_expect (node->endpoint, identity, &fingerprint, RTMFP_NEVER), ==,
                   RTMFP_LIMIT);
  world_run (world, 2000);
  g_assert_cmpint (rtmfp_endpoint_expect (node->endpoint, identity, &fingerprint, RTMFP_NEVER), ==,
                   RTMFP_OK);
  rtmfp_endpoint_remove_identity (node->endpoint, identity);
  g_assert_cmpint (rtmfp_endpoint_expect (node->endpoint, identity, &fingerprint, RTMFP_NEVER), ==,
                   RTMFP_STATE);
  for (guint i = 0; i < RTMFP_IDENTITIES_MAX; i++) {
    g_assert_cmpuint (rtmfp_endpoint_add_identity (node->endpoint, &config, NULL), !=, 0);
  }
  g_assert_cmpuint (rtmfp_endpoint_add_identity (node->endpoint, &config, NULL), ==, 0);
  world_free (world);
}

/* Many identities at one address knock at one server. */
static void
knock (guint count, gsize sessions_max, bool holds_jobs, guint expected) {
  const RtmfpIdentityConfig config = plain_identity ();
  const RtmfpEndpointConfig limited = {.sessions_max = sessions_max};
  World *world = world_new ();
  Node *a = world_add (world, 1), *b = world_add_with (world, 2, &limited);
  RtmfpFingerprint fingerprint;
  rtmfp_endpoint_add_identity (b->endpoint, &config, &fingerprint);
  b->holds_jobs = holds_jobs;
  for (guint i = 0; i < count; i++) {
    RtmfpId identity = rtmfp_endpoint_add_identity (a->endpoint, &config, NULL);
    open_to (a, identity, &fingerprint, b);
  }
  world_run (world, 200000);
  g_assert_cmpuint (counters_of (b).dropped_limit, ==, count - expected);
  if (holds_jobs) {
    g_assert_cmpuint (b->jobs.length, ==, expected);
  } else {
    g_assert_cmpuint (counters_of (b).sessions_open, ==, expected);
  }
  world_free (world);
}

static void
test_sessions_are_bounded (void) {
  knock (40, 0, false, RTMFP_SESSIONS_PER_ADDRESS);
  knock (20, 10, false, 10);
}

/* Keying that waits for its public-key work is bounded over all addresses. */
static void
test_keying_is_bounded (void) {
  const RtmfpIdentityConfig config = plain_identity ();
  World *world = world_new ();
  Node *b = world_add (world, 200);
  RtmfpFingerprint fingerprint;
  rtmfp_endpoint_add_identity (b->endpoint, &config, &fingerprint);
  b->holds_jobs = true;
  for (guint8 i = 0; i < 100; i++) {
    Node *a = world_add (world, i);
    RtmfpId identity = rtmfp_endpoint_add_identity (a->endpoint, &config, NULL);
    open_to (a, identity, &fingerprint, b);
  }
  world_run (world, 200000);
  g_assert_cmpuint (b->jobs.length, ==, RTMFP_RESPONDING_MAX);
  g_assert_cmpuint (counters_of (b).dropped_limit, ==, 100 - RTMFP_RESPONDING_MAX);
  node_release_jobs (b);
  world_run (world, 20 * G_USEC_PER_SEC);
  g_assert_cmpuint (counters_of (b).sessions_open, ==, 100);
  world_free (world);
}

static void
test_sending_flows_are_bounded (void) {
  Pair pair;
  pair_init (&pair);
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("m", 1)};
  RtmfpId flow;
  for (guint i = 0; i < RTMFP_SENDING_FLOWS_MAX; i++) {
    g_assert_cmpint (rtmfp_endpoint_open_flow (pair.a->endpoint, pair.a_session, &config, &flow),
                     ==, RTMFP_OK);
    send_text (pair.a, flow, "x");
  }
  g_assert_cmpint (rtmfp_endpoint_open_flow (pair.a->endpoint, pair.a_session, &config, &flow), ==,
                   RTMFP_LIMIT);
  world_run (pair.world, 5 * G_USEC_PER_SEC);
  guint opened = 0;
  Told *told;
  while ((told = node_wait (pair.b, RTMFP_EVENT_FLOW_NEW, 0)) != NULL) {
    g_assert_cmpint (rtmfp_endpoint_accept_flow (pair.b->endpoint, told->event.flow,
                                                 RTMFP_ORDER_SEQUENCE, 0, pair.world->now_us),
                     ==, RTMFP_OK);
    told_free (told);
    opened++;
  }
  g_assert_cmpuint (opened, ==, RTMFP_RECEIVING_FLOWS_MAX);
  /* One ends: another may come, on either side, when the receiver has held its own long enough. */
  rtmfp_endpoint_close_flow (pair.a->endpoint, flow, pair.world->now_us);
  told_free (node_expect (pair.a, RTMFP_EVENT_FLOW_CLOSED));
  g_assert_cmpint (rtmfp_endpoint_open_flow (pair.a->endpoint, pair.a_session, &config, &flow), ==,
                   RTMFP_OK);
  send_text (pair.a, flow, "x");
  world_run (pair.world, 5 * G_USEC_PER_SEC);
  g_assert_cmpuint (counters_of (pair.b).dropped_limit, >, 0);
  g_assert_null (node_wait (pair.b, RTMFP_EVENT_FLOW_NEW, 0));
  world_run (pair.world, RTMFP_RECV_LINGER_LEAST_US);
  told_free (node_expect (pair.b, RTMFP_EVENT_FLOW_NEW));
  pair_clear (&pair);
}

static void
test_metadata_is_bounded (void) {
  static const guint8 bytes[RTMFP_METADATA_BYTES_MAX + 1];
  Pair pair;
  pair_init (&pair);
  RtmfpFlowConfig config = {.metadata = rtmfp_bytes (bytes, sizeof bytes)};
  RtmfpId flow;
  g_assert_cmpint (rtmfp_endpoint_open_flow (pair.a->endpoint, pair.a_session, &config, &flow), ==,
                   RTMFP_LIMIT);
  config.metadata.size--;
  g_assert_cmpint (rtmfp_endpoint_open_flow (pair.a->endpoint, pair.a_session, &config, &flow), ==,
                   RTMFP_OK);
  send_text (pair.a, flow, "x");
  Told *told = node_expect (pair.b, RTMFP_EVENT_FLOW_NEW);
  g_assert_cmpuint (told->event.bytes.size, ==, RTMFP_METADATA_BYTES_MAX);
  told_free (told);
  pair_clear (&pair);
}

static void
test_interfaces_are_bounded (void) {
  World *world = world_new ();
  Node *node = world_add (world, 1);
  for (guint32 i = 1; i <= RTMFP_INTERFACES_MAX; i++) {
    g_assert_cmpint (rtmfp_endpoint_add_interface (node->endpoint, i, 0), ==, RTMFP_OK);
  }
  g_assert_cmpint (rtmfp_endpoint_add_interface (node->endpoint, 1, 5), ==, RTMFP_OK); /* known */
  g_assert_cmpint (rtmfp_endpoint_add_interface (node->endpoint, 1000, 0), ==, RTMFP_LIMIT);
  rtmfp_endpoint_remove_interface (node->endpoint, 1);
  g_assert_cmpint (rtmfp_endpoint_add_interface (node->endpoint, 1000, 0), ==, RTMFP_OK);
  world_free (world);
}

/* Where nobody chose another bound. */
static void
test_sessions_have_a_default_bound (void) {
  World *world = world_new ();
  const Node *node = world_add (world, 1);
  g_assert_cmpuint (node->endpoint->config.sessions_max, ==, RTMFP_SESSIONS_MAX);
  world_free (world);
}

static bool
lose_all (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  (void)datagram;
  (void)user;
  return false;
}

/* Nobody answers: after a few probes only the timeout repeats. */
static void
test_probes_are_bounded (void) {
  Pair pair;
  pair_init (&pair);
  RtmfpId sending, receiving;
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  for (int i = 0; i < 5; i++) { /* the round trip is known */
    send_text (pair.a, sending, "known");
    world_run (pair.world, G_USEC_PER_SEC);
  }
  const RtmfpSession *session = rtmfp_endpoint_first_entry (pair.a->endpoint)->session;
  pair.world->tap = lose_all;
  send_text (pair.a, sending, "lost");
  unsigned most = 0;
  for (int i = 0; i < 2000; i++) {
    world_run (pair.world, 10000);
    most = MAX (most, session->traffic->recovery.probes);
  }
  g_assert_cmpuint (most, ==, RTMFP_PROBES_MAX);
  pair_clear (&pair);
}

static void
test_early_packets_are_bounded (void) {
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
  for (guint i = 0; i < 2 * RTMFP_EARLY_PACKETS_MAX; i++) {
    rtmfp_endpoint_addresses_changed (b->endpoint, world->now_us); /* a Ping each */
    world_run (world, 1000);
  }
  world_run (world, 100000);
  g_assert_cmpuint (counters_of (a).dropped_limit, ==, RTMFP_EARLY_PACKETS_MAX);
  node_release_jobs (a);
  told_free (node_expect (a, RTMFP_EVENT_SESSION_OPEN));
  told_free (open);
  world_free (world);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/limits/hello-flood-stores-nothing", test_flood_stores_nothing);
  g_test_add_func ("/endpoint/limits/answers-amplify-three-times-at-most", test_no_amplification);
  g_test_add_func ("/endpoint/limits/longer-answers-are-rare", test_answers_are_rate_limited);
  g_test_add_func ("/endpoint/limits/short-hello-of-others-is-answered",
                   test_short_hello_is_answered);
  g_test_add_func ("/endpoint/limits/own-hello-is-longer-than-its-answer",
                   test_own_hello_is_padded);
  g_test_add_func ("/endpoint/limits/outbox", test_outbox_is_bounded);
  g_test_add_func ("/endpoint/limits/hello-events", test_hello_events_are_bounded);
  g_test_add_func ("/endpoint/limits/redirect", test_redirect_is_bounded);
  g_test_add_func ("/endpoint/limits/tag", test_tag_is_bounded);
  g_test_add_func ("/endpoint/limits/identities-and-expected", test_expected_are_bounded);
  g_test_add_func ("/endpoint/limits/sessions", test_sessions_are_bounded);
  g_test_add_func ("/endpoint/limits/keying", test_keying_is_bounded);
  g_test_add_func ("/endpoint/limits/flows", test_sending_flows_are_bounded);
  g_test_add_func ("/endpoint/limits/early-packets", test_early_packets_are_bounded);
  g_test_add_func ("/endpoint/limits/probes", test_probes_are_bounded);
  g_test_add_func ("/endpoint/limits/metadata", test_metadata_is_bounded);
  g_test_add_func ("/endpoint/limits/interfaces", test_interfaces_are_bounded);
  g_test_add_func ("/endpoint/limits/sessions-by-default", test_sessions_have_a_default_bound);
  return g_test_run ();
}

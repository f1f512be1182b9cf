/* SPDX-License-Identifier: Apache-2.0 */
/* To fetch memory ahead changes nothing, whatever the datagrams are. */
#include "core/endpoint/endpoint-state.h"
#include "core/session/session-state.h"
#include "core/wire/multiplex.h"
#include "tests/endpoint/world.h"

enum { CROWD = 300 };

static Node *
crowd (Node *node) {
  for (guint i = 0; i < CROWD; i++) {
    RtmfpEntry *entry = rtmfp_endpoint_add_entry (node->endpoint);
    g_assert_nonnull (entry);
    if (i % 3 == 0) {
      rtmfp_session_traffic (entry->session); /* without flows */
    }
  }
  return node;
}

static void
make_datagram (guint8 *bytes, gsize size, guint32 session_id) {
  for (gsize i = 0; i < size; i++) {
    bytes[i] = (guint8)(i * 7 + size);
  }
  if (size >= 4) {
    rtmfp_multiplex_scramble (bytes, size, session_id);
  }
}

/* Of living sessions with flows and without, of none, of startup, and too short for any id. */
static void
foresee (Pair *pair) {
  enum { DATAGRAMS = 40 };
  guint8 bytes[DATAGRAMS][40];
  RtmfpBytes datagrams[DATAGRAMS];
  const RtmfpEndpoint *endpoint = pair->b->endpoint;
  uint32_t at = 0;
  for (guint i = 0; i < DATAGRAMS; i++) {
    const RtmfpEntry *entry = rtmfp_endpoint_next_entry (endpoint, &at);
    const guint32 id = rtmfp_session_near_id (entry->session) ^ (i % 5 == 4);
    make_datagram (bytes[i], i, i == 20 ? 0 : id);
    datagrams[i] = rtmfp_bytes (bytes[i], i);
  }
  const RtmfpEntry *with_flows = rtmfp_endpoint_find (endpoint, pair->b_session);
  make_datagram (bytes[39], 40, rtmfp_session_near_id (with_flows->session));
  for (gsize count = 0; count <= DATAGRAMS; count++) {
    rtmfp_endpoint_foresee (endpoint, datagrams, count);
  }
}

static void
test_changes_nothing (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  foresee (&(Pair){.b = crowd (pair.b), .b_session = pair.b_session});
  crowd (pair.a);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  for (guint i = 0; i < 20; i++) {
    g_autofree char *text = g_strdup_printf ("message %u", i);
    send_text (pair.a, sending, text);
    foresee (&pair);
    expect_text (pair.b, receiving, text);
  }
  world_run (pair.world, RTMFP_QUIET_US + G_USEC_PER_SEC);
  g_assert_cmpuint (counters_of (pair.b).rule_rest, >, 0);
  foresee (&pair);
  g_assert_cmpuint (counters_of (pair.b).rule_wake, ==, 0);
  world_run (pair.world, 70 * G_USEC_PER_SEC); /* keepalive, in a crowd */
  send_text (pair.a, sending, "awake");
  expect_text (pair.b, receiving, "awake");
  pair_clear (&pair);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/foresee/changes-nothing", test_changes_nothing);
  return g_test_run ();
}

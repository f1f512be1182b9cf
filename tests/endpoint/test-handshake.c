/* SPDX-License-Identifier: Apache-2.0 */
/* Opening sessions, RFC 7016 s3.5.1. */
#include "tests/endpoint/world.h"

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
  pair_clear (&pair);
}

static void
test_message (void) {
  Pair pair;
  RtmfpId sending, receiving;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_DATA, &sending, &receiving);
  pair_clear (&pair);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/handshake/opens-in-two-round-trips", test_opens);
  g_test_add_func ("/endpoint/handshake/carries-a-message", test_message);
  return g_test_run ();
}

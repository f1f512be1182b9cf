/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the session room that stand alone: cookie, fragments, retries, notes on time
 * critical data. */
#include "core/session/cookie.h"
#include "core/session/fragments.h"
#include "core/session/opening.h"
#include "core/session/params.h"
#include "core/session/shared.h"

#include <glib.h>
#include <string.h>

static void
fill (void *user, uint8_t *out, size_t size) {
  guint8 *next = user;
  for (size_t i = 0; i < size; i++) {
    out[i] = (*next)++;
  }
}

/* ---- Cookie ---- */

static void
test_cookie (void) {
  guint8 seed = 1;
  const RtmfpRng rng = {.fill = fill, .user = &seed};
  RtmfpCookieKey key, other_key;
  rtmfp_cookie_key_init (&key, &rng);
  rtmfp_cookie_key_init (&other_key, &rng);
  const RtmfpAddress address = rtmfp_address_ipv4 (1, 2, 3, 4, 5);
  const RtmfpAddress elsewhere = rtmfp_address_ipv4 (1, 2, 3, 4, 6);
  const int64_t made_us = 1000000;
  guint8 bytes[RTMFP_COOKIE_SIZE];
  RtmfpBytes cookie = rtmfp_bytes (bytes, sizeof bytes);
  RtmfpId identity = 0;
  rtmfp_cookie_write (&key, 77, &address, 2, made_us, bytes);
  g_assert_cmpint (rtmfp_cookie_check (&key, cookie, &address, 2, made_us, &identity), ==,
                   RTMFP_OK);
  g_assert_cmpuint (identity, ==, 77);
  int64_t last_us = made_us + RTMFP_COOKIE_LIFE_US;
  g_assert_cmpint (rtmfp_cookie_check (&key, cookie, &address, 2, last_us, &identity), ==,
                   RTMFP_OK);
  g_assert_cmpint (rtmfp_cookie_check (&key, cookie, &address, 2, last_us + 150000, &identity), ==,
                   RTMFP_AUTH);
  g_assert_cmpint (rtmfp_cookie_check (&key, cookie, &address, 2, made_us - 100000, &identity), ==,
                   RTMFP_AUTH);
  g_assert_true (rtmfp_cookie_was_made_before (cookie, made_us + 1000000));
  g_assert_false (rtmfp_cookie_was_made_before (cookie, made_us - 1000000));
  identity = 0;
  g_assert_cmpint (rtmfp_cookie_check (&key, cookie, &elsewhere, 2, made_us, &identity), ==,
                   RTMFP_STATE);
  g_assert_cmpuint (identity, ==, 77);
  g_assert_cmpint (rtmfp_cookie_check (&key, cookie, &address, 3, made_us, &identity), ==,
                   RTMFP_STATE);
  g_assert_cmpint (rtmfp_cookie_check (&other_key, cookie, &address, 2, made_us, &identity), ==,
                   RTMFP_AUTH);
  for (gsize i = 0; i < sizeof bytes; i++) {
    bytes[i] ^= 1;
    g_assert_cmpint (rtmfp_cookie_check (&key, cookie, &address, 2, made_us, &identity), !=,
                     RTMFP_OK);
    bytes[i] ^= 1;
  }
  cookie.size--;
  g_assert_cmpint (rtmfp_cookie_check (&key, cookie, &address, 2, made_us, &identity), ==,
                   RTMFP_AUTH);
}

/* ---- Fragments ---- */

static RtmfpFragmentKey
make_key (guint64 packet) {
  return (RtmfpFragmentKey){.from = rtmfp_address_ipv4 (1, 2, 3, 4, 5), .packet_id = packet};
}

static RtmfpStatus
add (RtmfpFragments *fragments, guint64 packet, guint64 index, bool more, const char *piece,
     int64_t now_us, RtmfpBuffer *whole) {
  const RtmfpFragmentKey key = make_key (packet);
  return rtmfp_fragments_add (fragments, &key, index, more, rtmfp_bytes (piece, strlen (piece)),
                              now_us, whole);
}

static void
test_fragments_any_order (void) {
  RtmfpFragments fragments = {0};
  RtmfpBuffer whole = {0};
  g_assert_cmpint (add (&fragments, 1, 2, false, "ef", 0, &whole), ==, RTMFP_OK);
  g_assert_cmpint (add (&fragments, 2, 0, true, "other", 0, &whole), ==, RTMFP_OK);
  g_assert_cmpint (add (&fragments, 1, 0, true, "ab", 0, &whole), ==, RTMFP_OK);
  g_assert_cmpint (add (&fragments, 1, 0, true, "xx", 0, &whole), ==, RTMFP_OK); /* a duplicate */
  g_assert_cmpuint (whole.size, ==, 0);
  g_assert_cmpint (add (&fragments, 1, 1, true, "cd", 0, &whole), ==, RTMFP_OK);
  g_assert_cmpmem (whole.data, whole.size, "abcdef", 6);
  rtmfp_buffer_clear (&whole);
  g_assert_cmpint (add (&fragments, 2, 1, false, "!", 0, &whole), ==, RTMFP_OK);
  g_assert_cmpmem (whole.data, whole.size, "other!", 6);
  rtmfp_buffer_clear (&whole);
  rtmfp_fragments_clear (&fragments);
}

static void
test_fragments_contradictions (void) {
  RtmfpFragments fragments = {0};
  RtmfpBuffer whole = {0};
  g_assert_cmpint (add (&fragments, 1, 0, true, "", 0, &whole), ==, RTMFP_MALFORMED);
  g_assert_cmpint (add (&fragments, 1, 5, true, "beyond", 0, &whole), ==, RTMFP_OK);
  g_assert_cmpint (add (&fragments, 1, 1, false, "end", 0, &whole), ==, RTMFP_MALFORMED);
  g_assert_cmpint (add (&fragments, 2, 1, false, "end", 0, &whole), ==, RTMFP_OK);
  g_assert_cmpint (add (&fragments, 2, 2, true, "beyond", 0, &whole), ==, RTMFP_MALFORMED);
  g_assert_cmpint (add (&fragments, 2, 0, false, "end again", 0, &whole), ==, RTMFP_MALFORMED);
  g_assert_cmpuint (whole.size, ==, 0);
  rtmfp_fragments_clear (&fragments);
}

static void
test_fragments_limits (void) {
  RtmfpFragments fragments = {0};
  RtmfpBuffer whole = {0};
  g_assert_cmpint (add (&fragments, 1, RTMFP_FRAGMENT_PIECES_MAX, true, "x", 0, &whole), ==,
                   RTMFP_LIMIT);
  for (guint64 i = 0; i < RTMFP_FRAGMENT_PACKETS_MAX; i++) {
    g_assert_cmpint (add (&fragments, i, 0, true, "x", 0, &whole), ==, RTMFP_OK);
  }
  g_assert_cmpint (add (&fragments, 99, 0, true, "x", 0, &whole), ==, RTMFP_LIMIT);
  /* After a second without progress they make room. */
  g_assert_cmpint (add (&fragments, 99, 0, true, "x", RTMFP_FRAGMENT_STALL_US + 1, &whole), ==,
                   RTMFP_OK);
  g_assert_cmpuint (fragments.count, ==, 1);
  char *large = g_strnfill (RTMFP_FRAGMENT_BUFFER_BYTES, 'x');
  g_assert_cmpint (add (&fragments, 99, 1, true, large, RTMFP_FRAGMENT_STALL_US + 1, &whole), ==,
                   RTMFP_LIMIT);
  g_free (large);
  rtmfp_fragments_clear (&fragments);
}

/* ---- Retries ---- */

static void
test_retry (void) {
  RtmfpRetry retry;
  rtmfp_retry_init (&retry, 100);
  g_assert_cmpint (retry.next_us, ==, 100);
  int64_t at_us = 100, before_us = 0;
  for (int i = 0; i < 8; i++) {
    g_assert_true (rtmfp_retry_step (&retry, at_us) == (i > 0));
    int64_t interval_us = retry.next_us - at_us;
    if (i > 0) {
      g_assert_cmpint (interval_us, >=, 2 * before_us);
      g_assert_cmpint (interval_us, >=, before_us + 1500000);
    }
    before_us = interval_us;
    at_us = retry.next_us;
  }
}

static void
test_time_critical (void) {
  guint8 seed = 1;
  const RtmfpRng rng = {.fill = fill, .user = &seed};
  const RtmfpLog log = {0};
  RtmfpShared shared = {0};
  rtmfp_shared_init (&shared, &rng, &log);
  g_assert_false (rtmfp_shared_others_are_time_critical (&shared, 1, 0));
  rtmfp_shared_note_time_critical (&shared, 1, 1000);
  g_assert_false (rtmfp_shared_others_are_time_critical (&shared, 1, 1000));
  g_assert_true (rtmfp_shared_others_are_time_critical (&shared, 2, 1000));
  rtmfp_shared_note_time_critical (&shared, 2, 500000);
  rtmfp_shared_note_time_critical (&shared, 2, 600000);
  g_assert_true (rtmfp_shared_others_are_time_critical (&shared, 1, 601000));
  g_assert_true (rtmfp_shared_others_are_time_critical (&shared, 2, 601000));
  g_assert_false (rtmfp_shared_others_are_time_critical (&shared, 2, 801001));
  g_assert_false (rtmfp_shared_others_are_time_critical (&shared, 1, 1400001));
  rtmfp_shared_clear (&shared);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/cookie/binds-key-time-identity-and-address", test_cookie);
  g_test_add_func ("/session/fragments/join-in-any-order", test_fragments_any_order);
  g_test_add_func ("/session/fragments/refuse-contradictions", test_fragments_contradictions);
  g_test_add_func ("/session/fragments/are-bounded", test_fragments_limits);
  g_test_add_func ("/session/retry/backs-off-as-the-rfc-asks", test_retry);
  g_test_add_func ("/session/time-critical/is-told-to-others-for-800-ms", test_time_critical);
  return g_test_run ();
}

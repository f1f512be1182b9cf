/* SPDX-License-Identifier: Apache-2.0 */
/* The search for the path MTU by itself, RFC 7016 s3.5.4.3. */
#include "core/session/params.h"
#include "core/session/path-mtu.h"

#include <glib.h>

#define MOST RTMFP_PATH_MTU_IPV4_MAX
#define ANSWER_US 500000

static void
fill (RtmfpPathMtu *mtu, int count, int64_t now_us) {
  for (int i = 0; i < count; i++) {
    rtmfp_path_mtu_filled (mtu, MOST, true, now_us);
  }
}

/* Runs a search on a path that takes datagrams of limit bytes. Returns: how many probes left. */
static int
search (RtmfpPathMtu *mtu, size_t limit, int64_t *now_us) {
  int probes = 0;
  for (int i = 0; i < 100; i++) {
    const size_t size = rtmfp_path_mtu_take_probe (mtu, ANSWER_US, *now_us);
    if (size == 0) {
      return probes;
    }
    probes++;
    g_assert_cmpuint (size, >, mtu->bytes);
    g_assert_cmpuint (size, <=, MOST);
    if (size <= limit) {
      g_assert_true (rtmfp_path_mtu_answered (mtu, size, mtu->path, MOST, *now_us));
    } else {
      g_assert_cmpint (mtu->due_us, ==, *now_us + ANSWER_US);
      *now_us = mtu->due_us;
      rtmfp_path_mtu_advance (mtu, MOST, *now_us);
    }
  }
  g_assert_not_reached ();
}

static void
test_every_limit (void) {
  int most_probes = 0;
  for (size_t limit = RTMFP_PATH_MTU_LEAST; limit <= MOST + 8; limit++) {
    RtmfpPathMtu mtu = {0};
    int64_t now_us = 0;
    rtmfp_path_mtu_begin (&mtu);
    fill (&mtu, RTMFP_PATH_MTU_FULL_PACKETS, now_us);
    const int probes = search (&mtu, limit, &now_us);
    most_probes = MAX (most_probes, probes);
    g_assert_cmpuint (mtu.bytes, <=, limit);
    g_assert_cmpuint (mtu.bytes + 40, >=, MIN (limit, MOST)); /* the steps of common links */
    g_assert_true (limit < MOST || (mtu.bytes == MOST && probes == 1));
  }
  g_assert_cmpint (most_probes, <=, RTMFP_PATH_MTU_PROBES * 5);
}

/* No probe before packets are full, none while something urgent is under way, none twice. */
static void
test_no_more_than_needed (void) {
  RtmfpPathMtu mtu = {0};
  int64_t now_us = 0;
  rtmfp_path_mtu_begin (&mtu);
  fill (&mtu, RTMFP_PATH_MTU_FULL_PACKETS - 1, now_us);
  g_assert_cmpuint (rtmfp_path_mtu_take_probe (&mtu, ANSWER_US, now_us), ==, 0);
  for (int i = 0; i < 100; i++) {
    rtmfp_path_mtu_filled (&mtu, MOST, false, now_us);
  }
  g_assert_cmpuint (rtmfp_path_mtu_take_probe (&mtu, ANSWER_US, now_us), ==, 0);
  fill (&mtu, 1, now_us);
  g_assert_cmpint (search (&mtu, 1300, &now_us), >, 1);
  fill (&mtu, 1000, now_us);
  g_assert_cmpuint (rtmfp_path_mtu_take_probe (&mtu, ANSWER_US, now_us), ==, 0);
  now_us += RTMFP_PATH_MTU_AGAIN_US; /* perhaps the path is better now */
  fill (&mtu, RTMFP_PATH_MTU_FULL_PACKETS, now_us);
  g_assert_cmpint (search (&mtu, MOST, &now_us), ==, 1);
  g_assert_cmpuint (mtu.bytes, ==, MOST);
  now_us += 2 * RTMFP_PATH_MTU_AGAIN_US;
  fill (&mtu, 1000, now_us);
  g_assert_cmpuint (rtmfp_path_mtu_take_probe (&mtu, ANSWER_US, now_us), ==, 0);
}

/* What nobody asked, or asked about another path, says nothing. */
static void
test_stray_answers (void) {
  RtmfpPathMtu mtu = {0};
  rtmfp_path_mtu_begin (&mtu);
  g_assert_false (rtmfp_path_mtu_answered (&mtu, MOST, mtu.path, MOST, 0));
  fill (&mtu, RTMFP_PATH_MTU_FULL_PACKETS, 0);
  g_assert_cmpuint (rtmfp_path_mtu_take_probe (&mtu, ANSWER_US, 0), ==, MOST);
  g_assert_false (rtmfp_path_mtu_answered (&mtu, MOST - 1, mtu.path, MOST, 0));
  const uint8_t path = mtu.path;
  rtmfp_path_mtu_begin (&mtu); /* the session moved */
  fill (&mtu, RTMFP_PATH_MTU_FULL_PACKETS, 0);
  g_assert_cmpuint (rtmfp_path_mtu_take_probe (&mtu, ANSWER_US, 0), ==, MOST);
  g_assert_false (rtmfp_path_mtu_answered (&mtu, MOST, path, MOST, 0));
  g_assert_cmpuint (mtu.bytes, ==, RTMFP_PATH_MTU_LEAST);
}

static void
test_black_hole (void) {
  RtmfpPathMtu mtu = {0};
  int64_t now_us = 0;
  rtmfp_path_mtu_begin (&mtu);
  fill (&mtu, RTMFP_PATH_MTU_FULL_PACKETS, now_us);
  search (&mtu, MOST, &now_us);
  for (int i = 0; i < 100; i++) {
    rtmfp_path_mtu_long_left (&mtu, now_us);
    rtmfp_path_mtu_long_left (&mtu, now_us);
    now_us += 2000000; /* slow, but they arrive */
    rtmfp_path_mtu_long_arrived (&mtu);
    g_assert_false (rtmfp_path_mtu_check (&mtu, 1000000, now_us));
  }
  for (int i = 0; i < RTMFP_PATH_MTU_HOLE_PACKETS; i++) {
    g_assert_false (rtmfp_path_mtu_check (&mtu, 1000000, now_us + 1000000));
    rtmfp_path_mtu_long_left (&mtu, now_us);
  }
  g_assert_false (rtmfp_path_mtu_check (&mtu, 1000000, now_us + 999999));
  now_us += 1000000;
  g_assert_true (rtmfp_path_mtu_check (&mtu, 1000000, now_us));
  g_assert_cmpuint (mtu.bytes, ==, RTMFP_PATH_MTU_LEAST);
  fill (&mtu, 1000, now_us);
  g_assert_cmpuint (rtmfp_path_mtu_take_probe (&mtu, ANSWER_US, now_us), ==, 0); /* a pause */
  now_us += RTMFP_PATH_MTU_PAUSE_US;
  fill (&mtu, RTMFP_PATH_MTU_FULL_PACKETS, now_us);
  search (&mtu, 1400, &now_us);
  g_assert_cmpuint (mtu.bytes, ==, 1392);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/path-mtu/finds-every-limit", test_every_limit);
  g_test_add_func ("/session/path-mtu/asks-no-more-than-needed", test_no_more_than_needed);
  g_test_add_func ("/session/path-mtu/stray-answers-say-nothing", test_stray_answers);
  g_test_add_func ("/session/path-mtu/falls-back-from-a-black-hole", test_black_hole);
  return g_test_run ();
}

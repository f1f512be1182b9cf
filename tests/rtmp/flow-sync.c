/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Barriers: the example of RFC 7425 s5.2 (figure 2), trees apart, and the bounds. */
#include "core/rtmp/flow-sync.h"

#include <glib.h>

static RtmfpFlowSync table;
static RtmfpId released[RTMFP_SYNC_FLOWS_MAX];
static size_t count;

static RtmfpStatus
arrive (uint64_t tree, RtmfpId flow, uint32_t id, uint32_t flows) {
  count = 0;
  return rtmfp_flow_sync_arrive (&table, tree, flow, id, flows, released, &count);
}

static void
test_figure (void) {
  table = (RtmfpFlowSync){0};
  g_assert_cmpint (arrive (1, 102, 8, 2), ==, RTMFP_OK);
  g_assert_cmpuint (count, ==, 0);
  g_assert_true (rtmfp_flow_sync_is_waiting (&table, 102));
  g_assert_false (rtmfp_flow_sync_is_waiting (&table, 101));
  g_assert_cmpint (arrive (1, 101, 8, 2), ==, RTMFP_OK);
  g_assert_cmpuint (count, ==, 2);
  g_assert_cmpuint (released[0] + released[1], ==, 203);
  g_assert_false (rtmfp_flow_sync_is_waiting (&table, 102));
  g_assert_cmpint (arrive (1, 101, 13, 2), ==, RTMFP_OK);
  g_assert_cmpuint (count, ==, 0);
  g_assert_cmpint (arrive (1, 102, 13, 2), ==, RTMFP_OK);
  g_assert_cmpuint (count, ==, 2);
  g_assert_cmpint (arrive (1, 102, 14, 1), ==, RTMFP_OK);
  g_assert_cmpuint (count, ==, 1);
}

static void
test_trees (void) {
  table = (RtmfpFlowSync){0};
  g_assert_cmpint (arrive (1, 101, 8, 2), ==, RTMFP_OK);
  g_assert_cmpint (arrive (2, 201, 8, 2), ==, RTMFP_OK);
  g_assert_cmpuint (count, ==, 0);
  rtmfp_flow_sync_forget (&table, 1);
  g_assert_false (rtmfp_flow_sync_is_waiting (&table, 101));
  g_assert_true (rtmfp_flow_sync_is_waiting (&table, 201));
}

static void
test_rejects (void) {
  table = (RtmfpFlowSync){0};
  g_assert_cmpint (arrive (1, 101, 8, 0), ==, RTMFP_MALFORMED);
  g_assert_cmpint (arrive (1, 101, 8, 3), ==, RTMFP_OK);
  g_assert_cmpint (arrive (1, 101, 8, 3), ==, RTMFP_MALFORMED);
  g_assert_cmpint (arrive (1, 102, 8, 2), ==, RTMFP_MALFORMED);
  g_assert_cmpint (arrive (1, 102, 8, 3), ==, RTMFP_OK);
  g_assert_cmpuint (count, ==, 0);
}

static void
test_bounds (void) {
  table = (RtmfpFlowSync){0};
  g_assert_cmpint (arrive (1, 1, 1, RTMFP_SYNC_FLOWS_MAX + 1), ==, RTMFP_LIMIT);
  g_assert_cmpint (arrive (1, 1, 1, UINT32_MAX), ==, RTMFP_LIMIT);
  for (uint32_t i = 0; i < RTMFP_SYNC_BARRIERS_MAX; i++) {
    g_assert_cmpint (arrive (1, i + 1, i, RTMFP_SYNC_FLOWS_MAX), ==, RTMFP_OK);
  }
  g_assert_cmpint (arrive (1, 100, 100, 2), ==, RTMFP_LIMIT);
  for (RtmfpId flow = 200; flow < 200 + RTMFP_SYNC_FLOWS_MAX - 1; flow++) {
    g_assert_cmpint (arrive (1, flow, 0, RTMFP_SYNC_FLOWS_MAX), ==, RTMFP_OK);
  }
  g_assert_cmpuint (count, ==, RTMFP_SYNC_FLOWS_MAX);
  g_assert_cmpint (arrive (1, 100, 100, 2), ==, RTMFP_OK);
}

static void
test_leave (void) {
  RtmfpFlowSync sync = {0};
  for (RtmfpId flow = 1; flow <= 2; flow++) {
    g_assert_cmpint (rtmfp_flow_sync_arrive (&sync, 0, flow, 5, 3, released, &count), ==, RTMFP_OK);
    g_assert_cmpuint (count, ==, 0);
  }
  rtmfp_flow_sync_leave (&sync, 3, released, &count); /* it waits nowhere */
  g_assert_cmpuint (count, ==, 0);
  g_assert_true (rtmfp_flow_sync_is_waiting (&sync, 1));
  rtmfp_flow_sync_leave (&sync, 1, released, &count);
  g_assert_cmpuint (count, ==, 1);
  g_assert_cmpuint (released[0], ==, 2);
  g_assert_false (rtmfp_flow_sync_is_waiting (&sync, 2));
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rtmp/flow-sync/figure-2-of-the-rfc", test_figure);
  g_test_add_func ("/rtmp/flow-sync/trees-are-apart", test_trees);
  g_test_add_func ("/rtmp/flow-sync/rejects", test_rejects);
  g_test_add_func ("/rtmp/flow-sync/bounds", test_bounds);
  g_test_add_func ("/rtmp/flow-sync/a-flow-leaves", test_leave);
  return g_test_run ();
}

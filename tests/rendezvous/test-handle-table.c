/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A handle serves one opening, for one fingerprint, for a while. */
#include "core/rendezvous/handle-table.h"
#include "tests/rendezvous/fixture.h"

#include <glib.h>

typedef struct {
  uint64_t state;
  RtmfpRng rng;
  AhoyHandleTable table;
  AhoyIntroduction introduction;
  uint8_t handle[AHOY_HANDLE_SIZE];
} Fixture;

static void
set_up (Fixture *f, gconstpointer data) {
  (void)data;
  f->state = 3;
  f->rng = fixture_rng (&f->state);
  ahoy_handle_table_init (&f->table, &f->rng);
  f->introduction = (AhoyIntroduction){.asker = 1, .target = 2};
  memset (&f->introduction.fingerprint, 7, sizeof f->introduction.fingerprint);
  g_assert_cmpint (ahoy_handle_table_make (&f->table, &f->rng, &f->introduction, SECOND, f->handle),
                   ==, RTMFP_OK);
}

static void
tear_down (Fixture *f, gconstpointer data) {
  (void)data;
  ahoy_handle_table_clear (&f->table);
}

static RtmfpStatus
use (Fixture *f, const char *tag, int64_t now_us) {
  AhoyIntroduction out;
  return ahoy_handle_table_use (&f->table, rtmfp_bytes (f->handle, sizeof f->handle),
                                &f->introduction.fingerprint, rtmfp_bytes (tag, strlen (tag)),
                                now_us, &out);
}

static void
test_first_tag (Fixture *f, gconstpointer data) {
  (void)data;
  g_assert_cmpint (use (f, "one", SECOND), ==, RTMFP_OK);
  g_assert_cmpint (use (f, "one", 2 * SECOND), ==, RTMFP_OK);
  g_assert_cmpint (use (f, "two", 2 * SECOND), ==, RTMFP_STATE);
}

static void
test_expires (Fixture *f, gconstpointer data) {
  (void)data;
  g_assert_cmpint (use (f, "one", SECOND + AHOY_HANDLE_LIFE_US - 1), ==, RTMFP_OK);
  g_assert_cmpint (use (f, "one", SECOND + AHOY_HANDLE_LIFE_US), ==, RTMFP_STATE);
  g_assert_cmpint (ahoy_handle_table_deadline (&f->table), ==, SECOND + AHOY_HANDLE_LIFE_US);
  ahoy_handle_table_advance (&f->table, SECOND + AHOY_HANDLE_LIFE_US);
  g_assert_cmpuint (ahoy_handle_table_count (&f->table), ==, 0);
  g_assert_cmpint (ahoy_handle_table_deadline (&f->table), ==, RTMFP_NEVER);
}

static void
test_strangers (Fixture *f, gconstpointer data) {
  (void)data;
  f->introduction.fingerprint.bytes[0] ^= 1;
  g_assert_cmpint (use (f, "one", SECOND), ==, RTMFP_STATE);
  f->introduction.fingerprint.bytes[0] ^= 1;
  f->handle[0] ^= 1;
  g_assert_cmpint (use (f, "one", SECOND), ==, RTMFP_STATE);
  f->handle[0] ^= 1;
  AhoyIntroduction out;
  g_assert_cmpint (ahoy_handle_table_use (&f->table, rtmfp_bytes (f->handle, 15),
                                          &f->introduction.fingerprint, rtmfp_bytes ("x", 1),
                                          SECOND, &out),
                   ==, RTMFP_STATE);
}

static void
test_forget (Fixture *f, gconstpointer data) {
  (void)data;
  ahoy_handle_table_forget (&f->table, 2);
  g_assert_cmpint (use (f, "one", SECOND), ==, RTMFP_STATE);
}

static void
test_bound (Fixture *f, gconstpointer data) {
  (void)data;
  for (int i = 1; i < AHOY_HANDLES_PER_VISITOR_MAX; i++) {
    g_assert_cmpint (
        ahoy_handle_table_make (&f->table, &f->rng, &f->introduction, SECOND, f->handle), ==,
        RTMFP_OK);
  }
  g_assert_cmpint (ahoy_handle_table_make (&f->table, &f->rng, &f->introduction, SECOND, f->handle),
                   ==, RTMFP_LIMIT);
  f->introduction.asker = 9;
  g_assert_cmpint (ahoy_handle_table_make (&f->table, &f->rng, &f->introduction, SECOND, f->handle),
                   ==, RTMFP_OK);
}

#define ADD(path, test)                                                                            \
  g_test_add ("/rendezvous/handle-table/" path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  ADD ("serves-its-first-tag-only", test_first_tag);
  ADD ("expires", test_expires);
  ADD ("refuses-other-fingerprints-and-handles", test_strangers);
  ADD ("dies-with-either-session", test_forget);
  ADD ("bounds-each-asker", test_bound);
  return g_test_run ();
}

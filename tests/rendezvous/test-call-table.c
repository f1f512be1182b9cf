/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rings everywhere, first answer wins, bounds hold. */
#include "core/rendezvous/call-table.h"
#include "tests/rendezvous/fixture.h"

#include <glib.h>

typedef struct {
  uint64_t state;
  AhoyCallTable table;
  AhoyDeviceId phone, desk, laptop; /* desk and laptop are the callee's */
  AhoyCallId id;
  AhoyTableCall *call;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data) {
  (void)data;
  f->state = 4;
  const RtmfpRng rng = fixture_rng (&f->state);
  ahoy_call_table_init (&f->table, &rng);
  memset (&f->phone, 1, sizeof f->phone);
  memset (&f->desk, 2, sizeof f->desk);
  memset (&f->laptop, 3, sizeof f->laptop);
  memset (&f->id, 9, sizeof f->id);
  g_assert_cmpint (
      ahoy_call_table_offer (&f->table, &f->id, "ann", &f->phone, "bob", SECOND, &f->call), ==,
      RTMFP_OK);
  g_assert_cmpint (ahoy_call_ring (f->call, &f->desk), ==, RTMFP_OK);
  g_assert_cmpint (ahoy_call_ring (f->call, &f->laptop), ==, RTMFP_OK);
}

static void
tear_down (Fixture *f, gconstpointer data) {
  (void)data;
  ahoy_call_table_clear (&f->table);
}

static void
test_first_wins (Fixture *f, gconstpointer data) {
  (void)data;
  g_assert_cmpuint (ahoy_call_ringing (f->call), ==, 2);
  g_assert_true (ahoy_call_joins (f->call, "ann", &f->phone, "bob", &f->desk));
  g_assert_true (ahoy_call_joins (f->call, "bob", &f->laptop, "ann", &f->phone));
  g_assert_cmpint (ahoy_call_table_answer (&f->table, f->call, &f->laptop, true, 2 * SECOND), ==,
                   RTMFP_OK);
  g_assert_cmpint (ahoy_call_table_answer (&f->table, f->call, &f->desk, true, 2 * SECOND), ==,
                   RTMFP_STATE);
  g_assert_true (ahoy_call_joins (f->call, "ann", &f->phone, "bob", &f->laptop));
  g_assert_false (ahoy_call_joins (f->call, "ann", &f->phone, "bob", &f->desk));
  g_assert_cmpint (ahoy_call_table_deadline (&f->table), ==, RTMFP_NEVER);
}

static void
test_strangers (Fixture *f, gconstpointer data) {
  (void)data;
  AhoyDeviceId other;
  memset (&other, 4, sizeof other);
  g_assert_false (ahoy_call_joins (f->call, "ann", &other, "bob", &f->desk));
  g_assert_false (ahoy_call_joins (f->call, "ann", &f->phone, "bob", &other));
  g_assert_false (ahoy_call_joins (f->call, "ann", &f->phone, "eve", &f->desk));
  g_assert_false (ahoy_call_joins (f->call, "eve", &f->desk, "ann", &f->phone));
  g_assert_false (ahoy_call_joins (f->call, "bob", &f->desk, "bob", &f->laptop));
}

static void
test_declined (Fixture *f, gconstpointer data) {
  (void)data;
  g_assert_cmpint (ahoy_call_table_answer (&f->table, f->call, &f->desk, false, 2 * SECOND), ==,
                   RTMFP_OK);
  g_assert_cmpint (ahoy_call_table_answer (&f->table, f->call, &f->laptop, true, 2 * SECOND), ==,
                   RTMFP_STATE);
  g_assert_false (ahoy_call_joins (f->call, "ann", &f->phone, "bob", &f->desk));
  g_assert_null (ahoy_call_table_take_due (&f->table, 11 * SECOND));
  g_assert_true (ahoy_call_table_take_due (&f->table, 12 * SECOND) == f->call);
}

static void
test_due (Fixture *f, gconstpointer data) {
  (void)data;
  g_assert_null (ahoy_call_table_take_due (&f->table, AHOY_CALL_RING_LIMIT_US));
  g_assert_true (ahoy_call_table_take_due (&f->table, SECOND + AHOY_CALL_RING_LIMIT_US) == f->call);
}

static RtmfpStatus
offer (Fixture *f, uint32_t number, AhoyTableCall **call) {
  AhoyCallId id = f->id;
  memcpy (id.bytes, &number, sizeof number);
  return ahoy_call_table_offer (&f->table, &id, "ann", &f->phone, "bob", SECOND, call);
}

static void
test_bounds (Fixture *f, gconstpointer data) {
  (void)data;
  AhoyTableCall *call;
  g_assert_cmpint (ahoy_call_table_offer (&f->table, &f->id, "eve", &f->desk, "bob", SECOND, &call),
                   ==, RTMFP_STATE);
  for (uint32_t i = 1; i < AHOY_CALLS_PER_DEVICE_MAX; i++) {
    g_assert_cmpint (offer (f, i, &call), ==, RTMFP_OK);
  }
  g_assert_cmpint (offer (f, 100, &call), ==, RTMFP_LIMIT);
  /* An answered one, whose end nobody told, gives way. */
  g_assert_cmpint (ahoy_call_table_answer (&f->table, f->call, &f->desk, true, SECOND), ==,
                   RTMFP_OK);
  g_assert_cmpint (offer (f, 100, &call), ==, RTMFP_OK);
  g_assert_null (ahoy_call_table_find (&f->table, &f->id));
  for (int i = 0; i < AHOY_DEVICES_MAX; i++) {
    g_assert_cmpint (ahoy_call_ring (call, &f->desk), ==, RTMFP_OK);
  }
  g_assert_cmpint (ahoy_call_ring (call, &f->desk), ==, RTMFP_LIMIT);
}

static void
test_full (Fixture *f, gconstpointer data) {
  (void)data;
  AhoyTableCall *call;
  AhoyCallId id = f->id;
  AhoyDeviceId device = f->phone;
  for (uint32_t i = 1; i < AHOY_CALLS_MAX; i++) {
    memcpy (id.bytes, &i, sizeof i);
    memcpy (device.bytes, &i, sizeof i);
    g_assert_cmpint (ahoy_call_table_offer (&f->table, &id, "ann", &device, "bob", SECOND, &call),
                     ==, RTMFP_OK);
  }
  g_assert_cmpint (offer (f, AHOY_CALLS_MAX, &call), ==, RTMFP_LIMIT);
}

#define ADD(path, test)                                                                            \
  g_test_add ("/rendezvous/call-table/" path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  ADD ("first-answer-wins", test_first_wins);
  ADD ("joins-no-strangers", test_strangers);
  ADD ("remembers-a-decline", test_declined);
  ADD ("ends-unanswered-calls", test_due);
  ADD ("bounds-calls-and-devices", test_bounds);
  ADD ("bounds-calls-of-all", test_full);
  return g_test_run ();
}

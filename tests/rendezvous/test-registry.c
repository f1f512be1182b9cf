/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions, devices and people come and go together. */
#include "core/rendezvous/registry.h"
#include "tests/rendezvous/fixture.h"

#include <glib.h>

typedef struct {
  uint64_t state;
  AhoyRegistry registry;
  RtmfpAddress address;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data) {
  (void)data;
  f->state = 5;
  const RtmfpRng rng = fixture_rng (&f->state);
  ahoy_registry_init (&f->registry, &rng);
  f->address = rtmfp_address_ipv4 (192, 0, 2, 1, 5000);
}

static void
tear_down (Fixture *f, gconstpointer data) {
  (void)data;
  ahoy_registry_clear (&f->registry);
}

static AhoyVisitor *
enter (Fixture *f, RtmfpId session, const char *user, uint8_t device) {
  AhoyVisitor *visitor = ahoy_registry_add (&f->registry, session, &f->address, SECOND);
  memset (&visitor->device, device, sizeof visitor->device);
  visitor->presence = AHOY_PRESENCE_ONLINE;
  AhoyPerson *person = ahoy_registry_enter (&f->registry, visitor, user);
  g_assert_true (person == ahoy_registry_person (&f->registry, user));
  return visitor;
}

static void
test_devices (Fixture *f, gconstpointer data) {
  (void)data;
  AhoyVisitor *desk = enter (f, 1, "ann", 1);
  AhoyVisitor *phone = enter (f, 2, "ann", 2);
  AhoyPerson *ann = ahoy_registry_person (&f->registry, "ann");
  g_assert_true (TAILQ_FIRST (&ann->devices) == phone);
  g_assert_true (ahoy_person_device (ann, &desk->device) == desk);
  g_assert_cmpint (ahoy_person_presence (ann), ==, AHOY_PRESENCE_ONLINE);
  desk->presence = AHOY_PRESENCE_BUSY;
  g_assert_cmpint (ahoy_person_presence (ann), ==, AHOY_PRESENCE_ONLINE);
  ahoy_registry_remove (&f->registry, phone);
  g_assert_cmpint (ahoy_person_presence (ann), ==, AHOY_PRESENCE_BUSY);
  ahoy_registry_remove (&f->registry, desk);
  g_assert_null (ahoy_registry_person (&f->registry, "ann"));
  g_assert_cmpint (ahoy_person_presence (NULL), ==, AHOY_PRESENCE_OFFLINE);
  g_assert_cmpuint (ahoy_registry_visitor_count (&f->registry), ==, 0);
}

static void
test_ties (Fixture *f, gconstpointer data) {
  (void)data;
  enter (f, 1, "ann", 1);
  AhoyPerson *ann = ahoy_registry_person (&f->registry, "ann");
  g_assert_cmpint (ahoy_registry_relation (&f->registry, ann, "bob"), ==, AHOY_RELATION_NONE);
  ahoy_registry_tie (&f->registry, ann, "bob", AHOY_RELATION_BOTH);
  ahoy_registry_tie (&f->registry, ann, "eve", AHOY_RELATION_BLOCKED);
  g_assert_cmpint (ahoy_registry_relation (&f->registry, ann, "bob"), ==, AHOY_RELATION_BOTH);
  ahoy_registry_tie (&f->registry, ann, "bob", AHOY_RELATION_NONE);
  g_assert_cmpint (ahoy_registry_relation (&f->registry, ann, "bob"), ==, AHOY_RELATION_NONE);
  g_assert_cmpint (ahoy_registry_relation (&f->registry, ann, "eve"), ==, AHOY_RELATION_BLOCKED);
}

static void
test_bounds (Fixture *f, gconstpointer data) {
  (void)data;
  RtmfpId session = 1;
  for (int i = 0; i < AHOY_VISITORS_PER_IP_MAX; i++) {
    f->address.port = (uint16_t)i;
    g_assert_nonnull (ahoy_registry_add (&f->registry, session++, &f->address, SECOND));
  }
  g_assert_null (ahoy_registry_add (&f->registry, session, &f->address, SECOND));
  f->address.ip[3] = 2;
  g_assert_nonnull (ahoy_registry_add (&f->registry, session++, &f->address, SECOND));
}

/* A home has 2^64 addresses of IPv6: they count as one. */
static void
test_network (Fixture *f, gconstpointer data) {
  (void)data;
  uint8_t ip[16] = {0x20, 1, 0xd, 0xb8};
  for (int i = 0; i < AHOY_VISITORS_PER_IP_MAX; i++) {
    ip[15] = (uint8_t)i;
    f->address = rtmfp_address_ipv6 (ip, 1935);
    g_assert_nonnull (ahoy_registry_add (&f->registry, (RtmfpId)i + 1, &f->address, SECOND));
  }
  ip[8] = 1;
  f->address = rtmfp_address_ipv6 (ip, 1935);
  g_assert_null (ahoy_registry_add (&f->registry, 1000, &f->address, SECOND));
  ip[7] = 1;
  f->address = rtmfp_address_ipv6 (ip, 1935);
  g_assert_nonnull (ahoy_registry_add (&f->registry, 1001, &f->address, SECOND));
}

static void
test_full (Fixture *f, gconstpointer data) {
  (void)data;
  for (RtmfpId session = 1; session <= AHOY_VISITORS_MAX; session++) {
    f->address = rtmfp_address_ipv4 (10, (uint8_t)(session >> 16), (uint8_t)(session >> 8),
                                     (uint8_t)session, 1);
    g_assert_nonnull (ahoy_registry_add (&f->registry, session, &f->address, SECOND));
  }
  f->address = rtmfp_address_ipv4 (192, 0, 2, 1, 5000);
  g_assert_null (ahoy_registry_add (&f->registry, AHOY_VISITORS_MAX + 1, &f->address, SECOND));
}

#define ADD(path, test)                                                                            \
  g_test_add ("/rendezvous/registry/" path, Fixture, NULL, set_up, test, tear_down)

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  ADD ("a-person-is-here-while-a-device-is", test_devices);
  ADD ("ties-are-of-one-side", test_ties);
  ADD ("bounds-sessions-of-one-address", test_bounds);
  ADD ("bounds-sessions-of-one-network", test_network);
  ADD ("bounds-sessions-of-all", test_full);
  return g_test_run ();
}

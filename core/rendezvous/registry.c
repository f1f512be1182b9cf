/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Visitors by session and people by name, in keyed hash tables. */
#include "core/rendezvous/registry.h"

#include "core/base/memory.h"

#include <stdlib.h>
#include <string.h>

void
ahoy_registry_init (AhoyRegistry *registry, const RtmfpRng *rng) {
  *registry = (AhoyRegistry){0};
  rtmfp_rng_fill (rng, registry->key.bytes, sizeof registry->key.bytes);
}

void
ahoy_registry_clear (AhoyRegistry *registry) {
  AhoyVisitor *visitor, *next;
  HASH_ITER (hh, registry->visitors, visitor, next) {
    ahoy_registry_remove (registry, visitor);
  }
  rtmfp_deadlines_clear (&registry->deadlines);
}

static unsigned
value_of (const AhoyRegistry *registry, const char *user) {
  return (unsigned)rtmfp_hash (&registry->key, rtmfp_bytes (user, strlen (user)));
}

/* ---- Visitors ---- */

RtmfpBytes
ahoy_registry_network (const RtmfpAddress *address) {
  return rtmfp_bytes (address->ip, address->family == RTMFP_ADDRESS_IPV6 ? 8 : 4);
}

static bool
has_room (const AhoyRegistry *registry, const RtmfpAddress *address) {
  if (HASH_COUNT (registry->visitors) >= AHOY_VISITORS_MAX) {
    return false;
  }
  const RtmfpBytes network = ahoy_registry_network (address);
  unsigned count = 0;
  for (const AhoyVisitor *visitor = registry->visitors; visitor != NULL;
       visitor = visitor->hh.next) {
    count += rtmfp_bytes_equal (ahoy_registry_network (&visitor->address), network);
  }
  return count < AHOY_VISITORS_PER_IP_MAX;
}

AhoyVisitor *
ahoy_registry_add (AhoyRegistry *registry, RtmfpId session, const RtmfpAddress *address,
                   int64_t now_us) {
  if (!has_room (registry, address)) {
    return NULL;
  }
  AhoyVisitor *visitor = RTMFP_NEW (AhoyVisitor);
  visitor->session = session;
  visitor->address = *address;
  visitor->since_us = now_us;
  HASH_ADD (hh, registry->visitors, session, sizeof visitor->session, visitor);
  return visitor;
}

AhoyVisitor *
ahoy_registry_visitor (const AhoyRegistry *registry, RtmfpId session) {
  AhoyVisitor *visitor;
  HASH_FIND (hh, registry->visitors, &session, sizeof session, visitor);
  return visitor;
}

void
ahoy_registry_remove (AhoyRegistry *registry, AhoyVisitor *visitor) {
  ahoy_registry_leave (registry, visitor);
  rtmfp_deadlines_set (&registry->deadlines, &visitor->deadline, RTMFP_NEVER);
  HASH_DEL (registry->visitors, visitor);
  free (visitor);
}

/* ---- People ---- */

AhoyPerson *
ahoy_registry_person (const AhoyRegistry *registry, const char *user) {
  AhoyPerson *person;
  HASH_FIND_BYHASHVALUE (hh, registry->people, user, strlen (user), value_of (registry, user),
                         person);
  return person;
}

AhoyPerson *
ahoy_registry_enter (AhoyRegistry *registry, AhoyVisitor *visitor, const char *user) {
  AhoyPerson *person = ahoy_registry_person (registry, user);
  if (person == NULL) {
    person = RTMFP_NEW (AhoyPerson);
    memcpy (person->user, user, strlen (user) + 1);
    TAILQ_INIT (&person->devices);
    HASH_ADD_KEYPTR_BYHASHVALUE (hh, registry->people, person->user, strlen (user),
                                 value_of (registry, user), person);
  }
  TAILQ_INSERT_HEAD (&person->devices, visitor, sibling);
  visitor->person = person;
  return person;
}

void
ahoy_registry_leave (AhoyRegistry *registry, AhoyVisitor *visitor) {
  AhoyPerson *person = visitor->person;
  if (person == NULL) {
    return;
  }
  TAILQ_REMOVE (&person->devices, visitor, sibling);
  visitor->person = NULL;
  if (!TAILQ_EMPTY (&person->devices)) {
    return;
  }
  AhoyTie *tie, *next;
  HASH_ITER (hh, person->ties, tie, next) {
    HASH_DEL (person->ties, tie);
    free (tie);
  }
  HASH_DEL (registry->people, person);
  free (person);
}

AhoyVisitor *
ahoy_person_device (const AhoyPerson *person, const AhoyDeviceId *device) {
  AhoyVisitor *visitor;
  TAILQ_FOREACH (visitor, &person->devices, sibling) {
    if (memcmp (&visitor->device, device, sizeof *device) == 0) {
      return visitor;
    }
  }
  return NULL;
}

AhoyPresence
ahoy_person_presence (const AhoyPerson *person) {
  if (person == NULL) {
    return AHOY_PRESENCE_OFFLINE;
  }
  const AhoyVisitor *visitor;
  TAILQ_FOREACH (visitor, &person->devices, sibling) {
    if (visitor->presence == AHOY_PRESENCE_ONLINE) {
      return AHOY_PRESENCE_ONLINE;
    }
  }
  return AHOY_PRESENCE_BUSY;
}

/* ---- Ties ---- */

AhoyTie *
ahoy_registry_find_tie (const AhoyRegistry *registry, const AhoyPerson *person, const char *other) {
  AhoyTie *tie;
  HASH_FIND_BYHASHVALUE (hh, person->ties, other, strlen (other), value_of (registry, other), tie);
  return tie;
}

void
ahoy_registry_tie (AhoyRegistry *registry, AhoyPerson *person, const char *other,
                   AhoyRelation relation) {
  AhoyTie *tie = ahoy_registry_find_tie (registry, person, other);
  if (relation == AHOY_RELATION_NONE) {
    if (tie != NULL) {
      HASH_DEL (person->ties, tie);
      free (tie);
    }
    return;
  }
  if (tie == NULL) {
    tie = RTMFP_NEW (AhoyTie);
    memcpy (tie->user, other, strlen (other) + 1);
    HASH_ADD_KEYPTR_BYHASHVALUE (hh, person->ties, tie->user, strlen (other),
                                 value_of (registry, other), tie);
  }
  tie->relation = relation;
}

AhoyRelation
ahoy_registry_relation (const AhoyRegistry *registry, const AhoyPerson *person, const char *other) {
  const AhoyTie *tie = ahoy_registry_find_tie (registry, person, other);
  return tie == NULL ? AHOY_RELATION_NONE : tie->relation;
}

size_t
ahoy_registry_visitor_count (const AhoyRegistry *registry) {
  return HASH_COUNT (registry->visitors);
}

size_t
ahoy_registry_person_count (const AhoyRegistry *registry) {
  return HASH_COUNT (registry->people);
}

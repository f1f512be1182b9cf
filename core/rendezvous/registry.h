/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is here: sessions (visitors), and the people whom one or more of them speak for. */
#ifndef AHOY_RENDEZVOUS_REGISTRY_H
#define AHOY_RENDEZVOUS_REGISTRY_H

#include "core/account/contact.h"
#include "core/account/proof.h"
#include "core/base/deadlines.h"
#include "core/base/hash.h"
#include "core/base/rng.h"
#include "core/endpoint/endpoint.h"
#include "core/net/params.h"
#include "core/rendezvous/call-table.h"
#include "core/rendezvous/rates.h"
#include "core/rendezvous/store-job.h"

#include <sys/queue.h>
#include "core/base/table.h"

typedef struct AhoyPerson AhoyPerson;
typedef struct AhoyVisitor AhoyVisitor;

/* What a person in memory knows of another, and the order of messages to them. */
typedef struct {
  char user[AHOY_USER_TEXT_SIZE];
  AhoyRelation relation;
  unsigned under_way;   /* messages to them that are at the store */
  AhoyMessageId newest; /* of those */
  bool is_held;         /* one was refused for now: it comes first, the others wait */
  AhoyMessageId held_by;
  int64_t held_until_us;
  UT_hash_handle hh;
} AhoyTie;

struct AhoyPerson {
  char user[AHOY_USER_TEXT_SIZE];
  char display_name[AHOY_DISPLAY_NAME_BYTES_MAX + 1];
  TAILQ_HEAD (, AhoyVisitor) devices; /* never empty; the one that came last stands first */
  uint32_t known_devices;             /* in the store */
  AhoyTie *ties;                      /* (owned) hash table by user */
  UT_hash_handle hh;
};

/* The queue of stored messages on its way to one device. */
typedef struct {
  uint64_t sent;      /* the newest sequence number that went out */
  unsigned in_flight; /* sent and neither confirmed nor failed */
  bool reading;       /* a read is at the store */
  bool more;          /* there may be more behind sent */
  int64_t retry_us;   /* from the start again by then; 0 = no need */
} AhoyDelivery;

/* One session, from its opening to its end. */
struct AhoyVisitor {
  RtmfpId session;
  AhoyGreeting greeting;
  RtmfpFingerprint fingerprint;
  RtmfpAddress address;
  RtmfpAddress told[RTMFP_NET_PEER_ADDRESSES_MAX]; /* setPeerInfo */
  size_t told_count;
  RtmfpAddress relayed; /* its address at a relay; family NONE = it has none */
  bool hides;           /* nobody but us may know another address of it */
  int64_t since_us;
  bool connected; /* its NetConnection stands */
  bool closing;   /* we closed it: nothing more is taken */
  unsigned jobs;  /* its own requests at the store, but messages */
  unsigned message_jobs;
  unsigned introductions;
  RtmfpBucket commands;
  RtmfpBucket messages;
  RtmfpDeadline deadline;
  /* From enter on: */
  AhoyPerson *person; /* (borrowed) NULL before */
  AhoyDeviceId device;
  char label[AHOY_DEVICE_LABEL_BYTES_MAX + 1];
  bool ring_early;
  AhoyPresence presence;
  AhoyDelivery delivery;
  TAILQ_ENTRY (AhoyVisitor) sibling;
  UT_hash_handle hh;
};

typedef struct {
  AhoyVisitor *visitors; /* (owned) hash table by session */
  AhoyPerson *people;    /* (owned) hash table by user */
  RtmfpDeadlines deadlines;
  RtmfpHashKey key;
} AhoyRegistry;

void ahoy_registry_init (AhoyRegistry *registry, const RtmfpRng *rng);
void ahoy_registry_clear (AhoyRegistry *registry);

/* Returns: the new visitor (borrowed), or NULL when there are too many, in all or from that IP
 * address. */
AhoyVisitor *ahoy_registry_add (AhoyRegistry *registry, RtmfpId session,
                                const RtmfpAddress *address, int64_t now_us);
/* Whom an address is taken for where people are told apart by it: all of IPv4, the network of IPv6,
 * since of those everybody has many (borrowed from address). */
RtmfpBytes ahoy_registry_network (const RtmfpAddress *address);
AhoyVisitor *ahoy_registry_visitor (const AhoyRegistry *registry, RtmfpId session);
/* Leaves its person first. */
void ahoy_registry_remove (AhoyRegistry *registry, AhoyVisitor *visitor);

/* The person, or NULL when none of the devices is here. */
AhoyPerson *ahoy_registry_person (const AhoyRegistry *registry, const char *user);
/* The visitor now speaks for user; its device fields are set by the caller before. */
AhoyPerson *ahoy_registry_enter (AhoyRegistry *registry, AhoyVisitor *visitor, const char *user);
/* The visitor speaks for nobody; the person goes with the last device. */
void ahoy_registry_leave (AhoyRegistry *registry, AhoyVisitor *visitor);

AhoyVisitor *ahoy_person_device (const AhoyPerson *person, const AhoyDeviceId *device);
/* Online when any device is, else busy. person NULL = OFFLINE. */
AhoyPresence ahoy_person_presence (const AhoyPerson *person);

/* NONE forgets. */
void ahoy_registry_tie (AhoyRegistry *registry, AhoyPerson *person, const char *other,
                        AhoyRelation relation);
/* (borrowed until it is forgotten), or NULL. */
AhoyTie *ahoy_registry_find_tie (const AhoyRegistry *registry, const AhoyPerson *person,
                                 const char *other);
AhoyRelation ahoy_registry_relation (const AhoyRegistry *registry, const AhoyPerson *person,
                                     const char *other);

size_t ahoy_registry_visitor_count (const AhoyRegistry *registry);
size_t ahoy_registry_person_count (const AhoyRegistry *registry);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small world on a virtual clock: one rendezvous, some people's agents, datagrams that take their
 * time. */
#ifndef TESTS_AGENT_WORLD_H
#define TESTS_AGENT_WORLD_H

#include "core/agent/agent.h"
#include "core/rendezvous/rendezvous.h"
#include "tests/rendezvous/memory-store.h"
#include "tests/support/support.h"

#include <glib.h>

#define WORLD_SECOND INT64_C (1000000)
#define WORLD_PEOPLE_MAX 6

typedef struct World World;

/* An own message, as the client's store keeps it. */
typedef struct {
  AhoyName to;
  AhoyMessageId id;
  int64_t time_ms;
  char *text; /* (owned) */
  AhoyChatState state;
} WorldMessage;

/* What a person saw, as the client would keep it. */
typedef struct {
  World *world;
  guint index;
  char user[32];
  AhoyAgent *agent; /* (owned) NULL while the program does not run */
  RtmfpAddress address;
  RtmfpAddress relayed; /* at the world's relay; family NONE = none */
  gboolean relay_wanted;
  guint relay_given;          /* times that it got access */
  RtmfpAddress permitted[16]; /* whom it sent to from there, by IP */
  guint permitted_count;
  AhoyAgentConfig config;
  /* kept over restarts */
  AhoyIdentity identity;
  AhoyPin server;
  gboolean has_identity;
  /* seen */
  AhoyAgentState state;
  AhoyFault fault;
  char fault_text[256]; /* the server's own words */
  GPtrArray *contacts;  /* of AhoyContactInfo */
  GPtrArray *received;  /* of char *: texts that were stored, in order */
  GHashTable *stored;   /* message ids stored */
  GHashTable *states;   /* id text -> state */
  GPtrArray *outbox;    /* of WorldMessage: kept over restarts */
  GPtrArray *senders;   /* of char *: who sent each of received */
  GPtrArray *warnings;  /* of char * */
  uint64_t answered;
  gboolean answer_ok;
  char answer_code[64], answer_text[1024];
  gboolean media_on;
  guint media_starts;
  guint64 audio_in, video_in, bad_media;
  uint32_t last_audio_ms;
  guint key_frames, reports;
  AhoyMediaReport last_report;
  gboolean far_muted;
  gboolean far_types;
  gboolean disk_full;
  gboolean asleep; /* the machine sleeps: hears nothing, does nothing; its clock goes on */
} WorldPerson;

struct World {
  int64_t now_us;
  int64_t delay_us; /* one way */
  double loss;
  TestRng rng;
  MemoryStore *store;     /* (owned) */
  GByteArray *seen;       /* (owned) every envelope that the server was given */
  AhoyRendezvous *server; /* (owned) NULL = down */
  AhoyRendezvousConfig server_config;
  AhoyName host;
  RtmfpAddress server_address;
  gboolean server_frozen; /* as by SIGSTOP: hears nothing, says nothing */
  WorldPerson people[WORLD_PEOPLE_MAX];
  guint count;
  GQueue *flying;       /* of Datagram, by time */
  guint64 server_bytes; /* to and from the server */
  guint64 direct_bytes; /* between people */
  gboolean has_relay;   /* whoever wants an address at 192.0.2.9 has one at once */
  guint64 straight;     /* datagrams from a person's own address to neither server nor relay */
  /* A hostile network: may change a datagram's way. Returns: FALSE to drop it. */
  /* One more machine on the network, e.g. somebody in the middle. */
  RtmfpAddress extra_address;
  void (*extra_receive) (World *world, const RtmfpAddress *from, const guint8 *bytes, gsize size);
  void (*extra_pump) (World *world);
  gpointer extra;
  gboolean (*meddle) (World *world, RtmfpAddress *from, RtmfpAddress *to, guint8 *bytes,
                      gsize *size);
  /* A line of its own: what it adds to delay_us for a datagram of so many bytes. Returns: -1 to
   * drop it. May be NULL. */
  int64_t (*carry) (World *world, const RtmfpAddress *from, const RtmfpAddress *to, gsize size);
  /* A frame came to that person; an own program's part. May be NULL. */
  void (*on_media) (WorldPerson *person, const AhoyMedia *media);
  gpointer user; /* for carry and on_media */
};

/* Puts a datagram of the extra machine on the wire. */
void world_fly (World *world, const RtmfpAddress *from, const RtmfpDatagram *out,
                const guint8 *bytes);

World *world_new (guint64 seed, gboolean open_registration);
void world_free (World *world);
/* The server hands out access to a relay; before anybody is added. */
void world_add_relay (World *world);
/* The relay forgets all addresses: who has one gets another. */
void world_restart_relay (World *world);
void world_start_server (World *world);
void world_stop_server (World *world);

/* A new person's program that makes its account, signs in by password, or by the identity it kept.
 */
WorldPerson *world_add (World *world, const char *user, AhoyEntry entry, const char *password);
/* The program of a person starts anew (as after a crash: what was kept is what was stored). */
void world_restart (WorldPerson *person);
void world_kill (WorldPerson *person);

void world_run (World *world, int64_t for_us);
/* Until is(data) or for_us passed. Returns: whether it is. */
gboolean world_until (World *world, gboolean (*is) (gpointer data), gpointer data, int64_t for_us);

/* Whether text stands in anything that the server was given to store. */
gboolean world_server_has_seen (const World *world, const char *text);
AhoyName world_name (World *world, const char *user);
const AhoyContactInfo *world_contact (WorldPerson *person, const char *user);
/* Two signed-in people who are contacts (asserted). */
void world_befriend (WorldPerson *a, WorldPerson *b);
AhoyCallInfo world_call (WorldPerson *person);
/* One second of sound (50 frames) and, with video, picture (30) from that person. */
void world_talk (WorldPerson *person, gboolean video, int64_t for_us);

#endif

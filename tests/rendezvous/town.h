/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server and guests on a wire in memory, on a clock that only we move. A guest is a client that
 * does what a test says and keeps what it is told. */
#ifndef TESTS_RENDEZVOUS_TOWN_H
#define TESTS_RENDEZVOUS_TOWN_H

#include "core/account/proof.h"
#include "core/amf/amf.h"
#include "core/net/net.h"
#include "core/rendezvous/rendezvous.h"
#include "tests/rendezvous/memory-store.h"

#include <glib.h>

typedef struct Town Town;
typedef struct Guest Guest;

/* What a guest was told: a call from the server, or the answer to one of its own. */
typedef struct {
  char *name; /* of a call; "" of an answer */
  RtmfpId call;
  bool ok;    /* of an answer */
  char *code; /* of a failed answer */
  RtmfpAmfDocument document;
  GBytes *bytes;
  const RtmfpAmfValue *value; /* its one object; NULL when there is none */
} Word;

struct Guest {
  Town *town;
  RtmfpAddress address;
  int fd; /* in a real town: its UDP socket */
  uint64_t rng_state;
  RtmfpEndpoint *endpoint;
  RtmfpNet *net;
  RtmfpId certificate;
  RtmfpFingerprint fingerprint;
  RtmfpId session; /* with the server; 0 = none */
  AhoyGreeting greeting;
  AhoyIdentity identity;
  bool mute; /* never greets */
  bool connected;
  bool refused;              /* connect was */
  bool closed;               /* the session with the server has ended */
  const char *refuse_expect; /* answers "expect" with this code; NULL = agrees */
  bool refuse_messages;      /* answers "message.deliver" with an error */
  const char *app;           /* "ahoy" */
  GQueue words;              /* Word: calls of the server */
  GQueue answers;            /* Word */
  RtmfpId met;               /* the session that was opened straight to or from another guest */
  RtmfpFingerprint met_fingerprint;
};

struct Town {
  int64_t now_us;
  uint64_t rng_state;
  AhoyName host;
  AhoyIdentity server_identity;
  bool is_real;
  AhoyRendezvous *server;
  RtmfpAddress server_address;
  MemoryStore *store;
  bool store_stops; /* requests wait in the rendezvous */
  GQueue wire;      /* in order of time */
  GPtrArray *guests;
  RtmfpAddress watched;   /* where nobody is: */
  size_t watched_packets; /* how many went there */
};

Town *town_new (bool open_registration);
/* The same guests on the kernel's clock and UDP sockets, with an ahoyd of that key at
 * 127.0.0.1:PORT; server and store are NULL. */
Town *town_new_real (uint16_t port, const AhoyKey *server_key);
void town_free (Town *town);
void town_run (Town *town, int64_t for_us);
AhoyRendezvousCounters town_counters (const Town *town);
/* The server goes without a word, and another with the same keys and store comes. */
void town_restart_server (Town *town);

/* A guest with a fresh identity at 10.0.0.LAST; not connected. */
Guest *guest_new (Town *town, uint8_t last);
/* Ends it without a word. */
void guest_remove (Guest *guest);
/* Lets one moment pass, not beyond until_us. Returns: whether something was due. */
bool town_step (Town *town, int64_t until_us);
/* Opens a session, greets, connects; waits for it at most ten seconds. Returns: whether it is
 * connected. */
bool guest_connect (Guest *guest);
/* Begins the same and does not wait. */
void guest_begin (Guest *guest);
/* Closes the session in order. */
void guest_leave (Guest *guest);
/* The session dies without a word, as when a machine is switched off. */
void guest_vanish (Guest *guest);

/* Calls the server with one object of the members in args (cleared); the answer (owned) within so
 * long, or NULL. */
Word *guest_ask (Guest *guest, const char *name, RtmfpBuffer *args);
/* Sends it without waiting; call out: its id. */
void guest_send (Guest *guest, const char *name, RtmfpBuffer *args, RtmfpId *call);
/* The next call of that name that the server made (owned), waiting for it; NULL when none came. */
Word *guest_hear (Guest *guest, const char *name);
/* Forgets all that was heard. */
void guest_forget (Guest *guest);
void word_free (Word *word);
/* Asserts, and frees. */
void word_ok (Word *word);
void word_fails (Word *word, const char *code);

/* The whole way: connect, create, enter as that user, asserted. device: all its octets. */
Guest *guest_enter_new (Town *town, uint8_t last, const char *user, uint8_t device);
/* Connects and enters an account that is there. Returns: the answer to enter (owned). */
Word *guest_enter (Guest *guest, const char *user, uint8_t device, const char *ring);
/* Both are contacts, and have heard of it. */
void guests_make_contacts (Guest *guest, Guest *other, const char *user, const char *other_user);

/* Members of an object to be. */
RtmfpBuffer args_none (void);
RtmfpBuffer args_text (const char *name, const char *text);
void args_add_text (RtmfpBuffer *args, const char *name, const char *text);
void args_add_filled (RtmfpBuffer *args, const char *name, uint8_t octet, size_t size);
/* All of "create" but an invite, with the guest's own identity. */
RtmfpBuffer args_create (const Guest *guest, const char *user, const AhoyKey *sign_in);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of this room share: the server's state, and how a call is answered. */
#ifndef AHOY_RENDEZVOUS_INTERNAL_H
#define AHOY_RENDEZVOUS_INTERNAL_H

#include "core/rendezvous/call-table.h"
#include "core/rendezvous/handle-table.h"
#include "core/rendezvous/rates.h"
#include "core/rendezvous/registry.h"
#include "core/rendezvous/rendezvous.h"

typedef enum { PENDING_DELIVER, PENDING_EXPECT } AhoyPendingKind;

/* A call of ours that a client has not answered yet. */
typedef struct {
  struct {
    RtmfpId session;
    RtmfpId call;
  } key;
  AhoyPendingKind kind;
  uint64_t sequence; /* DELIVER */
  RtmfpId asker;     /* EXPECT: who waits for the introduction, */
  RtmfpId asker_call;
  RtmfpDeadline end; /* and how long */
  UT_hash_handle hh;
} AhoyPending;

struct AhoyRendezvous {
  RtmfpRng rng;
  RtmfpLog log;
  RtmfpEndpoint *endpoint; /* (owned) */
  RtmfpNet *net;           /* (owned) */
  RtmfpId certificate;
  AhoyName hosts[AHOY_SERVER_HOSTS_MAX];
  size_t host_count;
  AhoyIdentity identity;
  uint8_t secret[AHOY_SERVER_SECRET_SIZE];
  bool open_registration;
  char relays[AHOY_RELAY_SERVERS_SIZE];
  RtmfpBuffer relay_secret;
  uint16_t relay_tls_port;
  char relay_tls_key[AHOY_RELAY_KEY_SIZE];
  int64_t relay_seconds;
  int64_t grace_seconds;
  bool stopping;
  int64_t wall_offset_ms; /* Unix time less the clock of now_us */
  AhoyRegistry registry;
  AhoyCallTable calls;
  AhoyHandleTable handles;
  AhoyRates rates;
  AhoyPending *pending; /* (owned) hash table */
  RtmfpDeadlines expecting;
  AhoyStoreJob *first_job; /* (owned) to be polled */
  AhoyStoreJob **last_job;
  size_t jobs;     /* queued or away */
  RtmfpBuffer out; /* the arguments being written */
  AhoyRendezvousCounters counters;
};

/* One call of a client. */
typedef struct {
  RtmfpId id; /* 0 = no answer wanted */
  const char *name;
  const RtmfpAmfValue *arg; /* an object; (borrowed during the call) */
  int64_t now_us;
} AhoyCommand;

/* ---- reply.c: answers, and calls to clients ---- */

/* Empties the buffer and begins the one object that every call has. */
RtmfpBuffer *ahoy_rendezvous_begin (AhoyRendezvous *r);
/* Ends it and answers. */
void ahoy_rendezvous_reply (AhoyRendezvous *r, RtmfpId session, RtmfpId call, int64_t now_us);
void ahoy_rendezvous_reply_nothing (AhoyRendezvous *r, RtmfpId session, RtmfpId call,
                                    int64_t now_us);
/* Answers with a code; the sentence is found here. */
void ahoy_rendezvous_fail (AhoyRendezvous *r, RtmfpId session, RtmfpId call, const char *code,
                           int64_t now_us);
/* Answers with what the store said: UNKNOWN, NOT_ALLOWED, DISABLED, LIMIT, FAILED. */
void ahoy_rendezvous_fail_store (AhoyRendezvous *r, const AhoyStoreJob *job, int64_t now_us);
/* Ends the object and calls the client without wanting a result. A client that does not read is
 * closed. */
void ahoy_rendezvous_tell (AhoyRendezvous *r, AhoyVisitor *visitor, const char *name,
                           int64_t now_us);
/* The same text to every device of a person. except: (may be NULL). */
void ahoy_rendezvous_tell_person (AhoyRendezvous *r, AhoyPerson *person, const char *name,
                                  int64_t now_us);
/* Ends the object and calls the client; the answer will be kept in pending. Returns: it, or NULL
 * (full). */
AhoyPending *ahoy_rendezvous_ask (AhoyRendezvous *r, AhoyVisitor *visitor, const char *name,
                                  AhoyPendingKind kind, int64_t now_us);
void ahoy_rendezvous_forget_pending (AhoyRendezvous *r, AhoyPending *pending);

/* "user@host" of somebody here. text: AHOY_NAME_TEXT_SIZE bytes. */
void ahoy_rendezvous_address (const AhoyRendezvous *r, const char *user, char *text);
/* Reads a member that is an address, or only a user's name. Returns: whether it is somebody's of
 * this server. */
bool ahoy_rendezvous_read_user (const AhoyRendezvous *r, const RtmfpAmfValue *arg,
                                const char *member, char user[AHOY_USER_TEXT_SIZE]);
/* A member that is text of at most capacity - 1 bytes; missing or null is "". Returns: false when
 * it is too long or no text. */
bool ahoy_rendezvous_read_text (const RtmfpAmfValue *arg, const char *member, char *text,
                                size_t capacity);

/* ---- Requests to the store ---- */

/* A request in the name of a visitor's call; NULL when there are too many (the call is answered
 * then). */
AhoyStoreJob *ahoy_rendezvous_job (AhoyRendezvous *r, AhoyVisitor *visitor,
                                   const AhoyCommand *command, AhoyStoreKind kind);
/* The same without any bound: the caller keeps one. */
AhoyStoreJob *ahoy_rendezvous_new_job (AhoyRendezvous *r, const AhoyVisitor *visitor,
                                       const AhoyCommand *command, AhoyStoreKind kind);
/* Hands it to whoever polls (owned from here). */
void ahoy_rendezvous_submit (AhoyRendezvous *r, AhoyStoreJob *job);
int64_t ahoy_rendezvous_wall_ms (const AhoyRendezvous *r, int64_t now_us);

/* ---- signals.c ---- */

/* The other side of each answered call of this device is told where it is now. */
void ahoy_rendezvous_tell_moved (AhoyRendezvous *r, const AhoyVisitor *visitor, int64_t now_us);
/* This device is told where the other side of each of its answered calls is. */
void ahoy_rendezvous_tell_where (AhoyRendezvous *r, AhoyVisitor *visitor, int64_t now_us);

/* ---- visitors.c ---- */

void ahoy_rendezvous_greet (AhoyRendezvous *r, const RtmfpNetEvent *event, int64_t now_us);
void ahoy_rendezvous_take_proof (AhoyRendezvous *r, AhoyVisitor *visitor, RtmfpBytes bytes,
                                 int64_t now_us);
void ahoy_rendezvous_take_connect (AhoyRendezvous *r, AhoyVisitor *visitor,
                                   const RtmfpNetEvent *event, int64_t now_us);
/* Leaves its person, then closes the session in order. The visitor stays until the engine has said
 * so. */
void ahoy_rendezvous_close_visitor (AhoyRendezvous *r, AhoyVisitor *visitor, int64_t now_us);
/* What others see of its going: presence, calls, handles. */
void ahoy_rendezvous_leave (AhoyRendezvous *r, AhoyVisitor *visitor, int64_t now_us);
void ahoy_rendezvous_visitor_due (AhoyRendezvous *r, AhoyVisitor *visitor, int64_t now_us);

/* ---- One file a group of commands; each _done takes the store's answer. ---- */

typedef void AhoyCommandHandler (AhoyRendezvous *r, AhoyVisitor *visitor,
                                 const AhoyCommand *command);
/* visitor: NULL when it is gone. */
typedef void AhoyDoneHandler (AhoyRendezvous *r, AhoyVisitor *visitor, AhoyStoreJob *job,
                              int64_t now_us);

AhoyCommandHandler ahoy_command_salt, ahoy_command_create, ahoy_command_sign_in, ahoy_command_enter,
    ahoy_command_sign_out, ahoy_command_presence;
AhoyDoneHandler ahoy_done_account_read, ahoy_done_account_create, ahoy_done_enter, ahoy_done_forget;

AhoyCommandHandler ahoy_command_contact, ahoy_command_invite_make, ahoy_command_invite_redeem;
AhoyDoneHandler ahoy_done_contact, ahoy_done_invite_make, ahoy_done_invite_redeem;
/* Writes the members of an entry into the open object. */
void ahoy_rendezvous_write_entry (AhoyRendezvous *r, RtmfpBuffer *out,
                                  const AhoyRosterRecord *record);
/* Tells all contacts of user who are here. */
void ahoy_rendezvous_tell_presence (AhoyRendezvous *r, const AhoyPerson *person,
                                    AhoyPresence presence, int64_t now_us);

AhoyCommandHandler ahoy_command_message;
AhoyDoneHandler ahoy_done_message, ahoy_done_queue_read, ahoy_done_queue_confirm;
/* There may be something in the device's queue. */
void ahoy_rendezvous_deliver (AhoyRendezvous *r, AhoyVisitor *visitor, int64_t now_us);
void ahoy_rendezvous_delivered (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyPending *pending,
                                bool ok, int64_t now_us);

AhoyCommandHandler ahoy_command_signal;
/* A device is gone: from calls it rang in, or that it had begun. */
void ahoy_rendezvous_leave_calls (AhoyRendezvous *r, const AhoyVisitor *visitor, int64_t now_us);
void ahoy_rendezvous_call_due (AhoyRendezvous *r, AhoyTableCall *call, int64_t now_us);

AhoyCommandHandler ahoy_command_introduce;
void ahoy_rendezvous_expected (AhoyRendezvous *r, const AhoyPending *pending, const char *code,
                               int64_t now_us);
void ahoy_rendezvous_take_hello (AhoyRendezvous *r, const RtmfpEvent *event, int64_t now_us);

/* relays.c */
AhoyCommandHandler ahoy_command_relay, ahoy_command_paths, ahoy_command_look;
/* Adds the member turn to the open object, where there are relays. */
void ahoy_rendezvous_write_relay (const AhoyRendezvous *r, RtmfpBuffer *out, const char *user,
                                  int64_t now_us);
void ahoy_rendezvous_write_access (RtmfpBuffer *out, const char *name,
                                   const AhoyRelayAccess *access, int64_t seconds);

/* dispatch.c */
void ahoy_rendezvous_take_call (AhoyRendezvous *r, AhoyVisitor *visitor, const RtmfpNetEvent *event,
                                int64_t now_us);
void ahoy_rendezvous_take_answer (AhoyRendezvous *r, const RtmfpNetEvent *event, int64_t now_us);

#endif

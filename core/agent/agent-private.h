/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the parts of the agent share. Who calls whom: agent.c gives each event to the part it
 * belongs to; the parts (server-link, roster, peer-link, messages, calling) call each other only by
 * the functions below. */
#ifndef AHOY_AGENT_PRIVATE_H
#define AHOY_AGENT_PRIVATE_H

#include "core/account/proof.h"
#include "core/agent/agent.h"
#include "core/agent/media-path.h"
#include "core/base/memory.h"
#include "core/net/net.h"

#include <string.h>
#include <sys/queue.h>
#include "core/base/table.h"

#define NEVER RTMFP_NEVER

/* ---- Events that wait ---- */

typedef struct AgentEvent {
  TAILQ_ENTRY (AgentEvent) next;
  AhoyAgentEvent event;
  AhoyContactInfo contact;
  RtmfpBuffer body; /* (owned) behind event.body */
  char code[64];
  char text[1024];
} AgentEvent;

/* ---- People ---- */

typedef struct Person {
  UT_hash_handle hh;
  char key[AHOY_NAME_TEXT_SIZE]; /* normalised text of the name */
  AhoyContactInfo info;
  bool on_roster;             /* told by the server in this session */
  AhoyChat *chat;             /* (owned) NULL until the first message */
  int64_t chat_link_after_us; /* no introduction for messages before */
  bool chat_link_asked;
} Person;

typedef struct {
  uint64_t number; /* 0 = free */
  Person *person;  /* (borrowed) */
  uint8_t id[AHOY_DEVICE_ID_SIZE];
} Device;

/* ---- Direct sessions ---- */

typedef struct Link {
  TAILQ_ENTRY (Link) next;
  Person *person; /* (borrowed) */
  uint64_t device;
  RtmfpId session;
  bool is_open;  /* the session stands */
  bool is_ready; /* both proofs were taken */
  bool for_chat; /* messages may go straight: theirs is the person's only device */
  bool for_call;
  AhoyGreeting greeting;
  int64_t greet_by_us;
  int64_t used_us;
  int64_t close_us;      /* the call on it is over; NEVER = it stays */
  uint64_t heard_bytes;  /* received so far, when last looked at */
  int64_t heard_us;      /* when that last grew */
  RtmfpAddress moved_to; /* the server saw the far side there; while has_moved */
  bool has_moved;
  RtmfpAddress far_told[AHOY_AGENT_FAR_ADDRESSES_MAX]; /* its IPv6 addresses, by its own word */
  size_t far_told_count, far_next;
  int64_t look_us;        /* it is silent: asked elsewhere, not before */
  int64_t keep_open_us;   /* the way to those addresses */
  RtmfpAddress far_relay; /* its address at a relay; while has_far_relay */
  bool has_far_relay;
  int64_t leave_us; /* on a relay: asked straight again */
  unsigned leave_tries;
  /* the call on it */
  RtmfpId publication, player, stream;
  bool plays;
  int64_t play_again_us; /* refused: the far side was not that far yet */
  bool gap[2];           /* by AhoyMediaKind: something before the next frame was lost */
  uint64_t last_video;   /* number of the last video message; 0 = the next must be a key frame */
  int64_t ask_key_us;    /* a picture that nobody can show asks for a key frame, not before */
  AhoyMediaTracker pictures;
  AhoyIncomingQueue incoming;
  AhoyLossGauge loss;                  /* on the way to the far side */
  uint64_t told_received, told_missed; /* packets, at the last report */
} Link;

/* Whose keying we take, and for what. */
typedef struct Expected {
  TAILQ_ENTRY (Expected) next;
  RtmfpFingerprint fingerprint;
  Person *person; /* (borrowed) */
  uint64_t device;
  bool for_chat;
  int64_t until_us;
} Expected;

/* A message that came and is answered when the store has it. */
typedef struct Incoming {
  TAILQ_ENTRY (Incoming) next;
  RtmfpId session, call;
  AhoyMessageId id;
  Person *person; /* (borrowed) */
} Incoming;

/* ---- Calls to a far side that wait for their answer ---- */

typedef enum {
  REQUEST_SALT,
  REQUEST_CREATE,
  REQUEST_SIGN_IN,
  REQUEST_ENTER,
  REQUEST_CONTACT, /* contact.*: answered to the person */
  REQUEST_INVITE,
  REQUEST_REDEEM,
  REQUEST_MESSAGE, /* by the server */
  REQUEST_DIRECT_MESSAGE,
  REQUEST_OFFER,
  REQUEST_SIGNAL,
  REQUEST_INTRODUCE,
  REQUEST_SIGN_OUT,
  REQUEST_RELAY,
} RequestKind;

typedef struct Request {
  TAILQ_ENTRY (Request) next;
  RtmfpId call;
  RequestKind kind;
  uint64_t number; /* of the person's own request; 0 = none */
  Person *person;  /* (borrowed) or NULL */
  uint64_t device;
  bool for_chat;
  AhoyMessageId message;
  AhoyCallId call_id;
  AhoyInvite invite;
} Request;

struct AhoyAgent {
  AhoyAgentConfig config; /* its strings are owned */
  RtmfpEndpoint *endpoint;
  RtmfpNet *net;
  int64_t now_us;      /* of the latest call; for the parts that only poll */
  int64_t advanced_us; /* of the latest advance */

  TAILQ_HEAD (, AgentEvent) events;
  AgentEvent *told; /* (owned) the one polled last */
  uint64_t next_number;

  /* server-link */
  AhoyAgentState state;
  RtmfpId identity; /* of the endpoint: the certificate of this server session */
  RtmfpId server;   /* session; 0 = none */
  AhoyGreeting server_greeting;
  bool server_proven;
  AhoyIdentity anonymous; /* proved where the identity is not known yet */
  RtmfpAddress server_addresses[AHOY_AGENT_SERVER_ADDRESSES_MAX];
  size_t server_address_count;
  int64_t sign_in_by_us, retry_us;
  int64_t retry_wait_us;
  int64_t lost_us; /* when the server was lost; 0 = it is there, or never was */
  int64_t grace_us;
  uint64_t derive; /* request number under way */
  bool has_keys;
  AhoyPasswordKeys keys;
  AhoyPasswordParams params;
  bool fresh_server_pin; /* learnt in this session, not kept by the owner yet */
  bool forgetting;       /* stop() asked the server to forget us */
  int64_t stop_by_us;
  RtmfpAddress local[AHOY_AGENT_LOCAL_ADDRESSES_MAX];
  size_t local_count;

  /* relaying */
  AhoyRelayAccess relay;  /* servers "" = none */
  RtmfpAddress relayed;   /* ours there; family NONE = none now */
  int64_t away_us;        /* not on line since; NEVER = on line */
  bool relayed_is_first;  /* got by the access that anybody has */
  int64_t relay_renew_us; /* the access is renewed */
  int64_t relay_ask_us;   /* and not asked for before */
  bool relay_asked;
  bool relay_wanted; /* as the owner was told */
  bool relay_calls;  /* a call was on at the last look */
  int64_t relay_needed_us;
  int64_t server_look_us, server_heard_us;
  uint64_t server_heard_bytes;

  TAILQ_HEAD (, Request) requests;
  size_t request_count;

  Person *people; /* uthash by key */
  Device devices[AHOY_AGENT_DEVICES_MAX];
  uint64_t next_device;

  TAILQ_HEAD (, Link) links;
  size_t link_count;
  TAILQ_HEAD (, Expected) expected;
  size_t expected_count;
  TAILQ_HEAD (incoming_head, Incoming) incoming;
  size_t incoming_count;

  /* calling */
  AhoyCall call;
  Person *call_person; /* (borrowed) NULL = never called */
  bool media_on;
  bool reconnecting;
  int64_t tick_us;       /* next look at the call's session */
  int64_t alive_us;      /* next sign of life */
  int64_t ask_server_us; /* not before, when the call is silent */
  bool told_busy;
};

/* ---- agent.c ---- */

/* A new event at the end of the queue (borrowed, to be filled). */
AgentEvent *agent_event (AhoyAgent *agent, AhoyAgentEventType type);
void agent_event_text (AgentEvent *event, const char *code, const char *text);
void agent_event_body (AgentEvent *event, RtmfpBytes body);
uint64_t agent_number (AhoyAgent *agent);
void agent_warn (AhoyAgent *agent, const Person *person, const char *text);

/* Calls the far side of session; the request is kept until its answer. args: cleared here.
 * Returns: (borrowed) to be filled, or NULL when it could not be sent. */
Request *agent_request (AhoyAgent *agent, RtmfpId session, RequestKind kind, const char *name,
                        RtmfpBuffer *args);
/* The same without an answer. */
void agent_tell (AhoyAgent *agent, RtmfpId session, const char *name, RtmfpBuffer *args);
void agent_answer (AhoyAgent *agent, RtmfpId session, RtmfpId call);
void agent_person_answer (AhoyAgent *agent, uint64_t number, bool ok, const char *code,
                          const char *text);
/* text of an AMF value as C text; "" when it is none. */
void agent_text (const RtmfpAmfValue *value, char *text, size_t capacity);

/* ---- server-link.c ---- */

void agent_server_start (AhoyAgent *agent, int64_t now_us);
void agent_server_on_session (AhoyAgent *agent, const RtmfpEvent *event, int64_t now_us);
void agent_server_on_greeting (AhoyAgent *agent, RtmfpBytes bytes, int64_t now_us);
void agent_server_on_connected (AhoyAgent *agent, int64_t now_us);
void agent_server_on_refused (AhoyAgent *agent, const char *code, const char *text, int64_t now_us);
void agent_server_on_answer (AhoyAgent *agent, const Request *request, const RtmfpNetEvent *event,
                             bool ok, int64_t now_us);
/* Gives the session up; tries again later, or stops where a person has to act. */
void agent_server_fail (AhoyAgent *agent, AhoyFault fault, const char *text, int64_t now_us);
void agent_server_advance (AhoyAgent *agent, int64_t now_us);
int64_t agent_server_deadline (const AhoyAgent *agent);
bool agent_server_is_online (const AhoyAgent *agent);

/* ---- roster.c ---- */

Person *agent_roster_find (AhoyAgent *agent, const AhoyName *name);
Person *agent_roster_add (AhoyAgent *agent, const AhoyName *name);
/* The one that a value names; NULL when it is no name or unknown. */
Person *agent_roster_of (AhoyAgent *agent, const RtmfpAmfValue *address);
void agent_roster_tell (AhoyAgent *agent, Person *person);
void agent_roster_on_enter (AhoyAgent *agent, const RtmfpAmfValue *roster, int64_t now_us);
void agent_roster_on_entry (AhoyAgent *agent, const RtmfpAmfValue *entry, int64_t now_us);
void agent_roster_on_presence (AhoyAgent *agent, const RtmfpAmfValue *value, int64_t now_us);
void agent_roster_offline (AhoyAgent *agent);
void agent_roster_on_answer (AhoyAgent *agent, const Request *request, const RtmfpNetEvent *event,
                             bool ok, int64_t now_us);
void agent_roster_talked (AhoyAgent *agent, Person *person);
/* The number of somebody's device, made when new; 0 when id is not 16 bytes. */
uint64_t agent_roster_device (AhoyAgent *agent, Person *person, const RtmfpAmfValue *id);
const Device *agent_roster_device_of (const AhoyAgent *agent, uint64_t number);
void agent_roster_clear (AhoyAgent *agent);

/* ---- peer-link.c ---- */

Link *agent_link_by_session (AhoyAgent *agent, RtmfpId session);
Link *agent_link_by_device (AhoyAgent *agent, const Person *person, uint64_t device);
/* Asks to be introduced; ends in calling_on_path() / messages_on_link(). device 0: for messages. */
void agent_link_ask (AhoyAgent *agent, Person *person, uint64_t device, bool for_chat,
                     int64_t now_us);
void agent_link_on_introduced (AhoyAgent *agent, const Request *request, const RtmfpNetEvent *event,
                               bool ok, int64_t now_us);
/* The server's word that somebody will come. */
void agent_link_on_expect (AhoyAgent *agent, const RtmfpNetEvent *event, int64_t now_us);
/* The server saw somebody at another address. */
void agent_link_on_moved (AhoyAgent *agent, const RtmfpNetEvent *event, int64_t now_us);
void agent_link_on_session (AhoyAgent *agent, const RtmfpEvent *event, int64_t now_us);
void agent_link_on_greeting (AhoyAgent *agent, Link *link, RtmfpBytes bytes, int64_t now_us);
void agent_link_close (AhoyAgent *agent, Link *link, int64_t now_us);
/* So long a silence ends a direct session. */
int64_t agent_link_lost_us (const AhoyAgent *agent);
void agent_link_close_all (AhoyAgent *agent, int64_t now_us);
void agent_link_advance (AhoyAgent *agent, int64_t now_us);
int64_t agent_link_deadline (const AhoyAgent *agent);

/* ---- relaying.c ---- */

typedef struct {
  RtmfpAddress address;
  uint32_t interface_id;
} AgentPath;
#define AGENT_PATHS_MAX (AHOY_AGENT_FAR_ADDRESSES_MAX + 5)

bool agent_relay_read (const RtmfpAmfValue *value, AhoyRelayAccess *access);
/* The server's answer with fresh access. */
void agent_relay_on_access (AhoyAgent *agent, const RtmfpAmfValue *value, int64_t now_us);
void agent_relay_on_online (AhoyAgent *agent, const RtmfpAmfValue *turn, int64_t now_us);
/* The session with the server that is being opened is tried by the relay too. */
void agent_relay_try_server (AhoyAgent *agent, int64_t now_us);
void agent_relay_tell_local (AhoyAgent *agent, int64_t now_us);
/* Whether the session goes by a relay, ours or theirs. */
bool agent_relay_carries (const Link *link, const RtmfpSessionInfo *info);
size_t agent_relay_paths (const AhoyAgent *agent, const Link *link, bool straight_only,
                          AgentPath paths[AGENT_PATHS_MAX]);
/* One look at whether a call on a relay may go straight. */
void agent_relay_leave (AhoyAgent *agent, Link *link, int64_t now_us);
/* Whether a datagram from or to far may pass: with "always relay" nobody but the server is talked
 * to straight. */
bool agent_relay_may_pass (const AhoyAgent *agent, uint32_t interface_id, const RtmfpAddress *far);
void agent_relay_advance (AhoyAgent *agent, int64_t now_us);
int64_t agent_relay_deadline (const AhoyAgent *agent);

/* ---- messages.c ---- */

void agent_messages_run (AhoyAgent *agent, Person *person);
void agent_messages_routes (AhoyAgent *agent, Person *person, int64_t now_us);
void agent_messages_all_routes (AhoyAgent *agent, int64_t now_us);
void agent_messages_on_deliver (AhoyAgent *agent, const RtmfpNetEvent *event, Person *person,
                                AhoyChatRoute route, int64_t now_us);
void agent_messages_on_delivered (AhoyAgent *agent, const RtmfpNetEvent *event, int64_t now_us);
void agent_messages_on_answer (AhoyAgent *agent, const Request *request, const char *code, bool ok,
                               int64_t now_us);
void agent_messages_session_gone (AhoyAgent *agent, RtmfpId session);
void agent_messages_advance (AhoyAgent *agent, int64_t now_us);
int64_t agent_messages_deadline (const AhoyAgent *agent);

/* ---- calling.c ---- */

void agent_calling_run (AhoyAgent *agent, int64_t now_us);
void agent_calling_on_signal (AhoyAgent *agent, const RtmfpNetEvent *event, int64_t now_us);
void agent_calling_on_answer (AhoyAgent *agent, const Request *request, const RtmfpNetEvent *event,
                              bool ok, int64_t now_us);
void agent_calling_on_control (AhoyAgent *agent, Link *link, const RtmfpNetEvent *event,
                               int64_t now_us);
/* A direct session became ready, failed, was lost or proved another key. */
void agent_calling_on_path (AhoyAgent *agent, Person *person, uint64_t device, AhoyCallInput input,
                            int64_t now_us);
void agent_calling_on_net (AhoyAgent *agent, Link *link, const RtmfpNetEvent *event,
                           int64_t now_us);
bool agent_calling_may_connect (const AhoyAgent *agent, const Person *person, const AhoyCallId *id);
bool agent_calling_is_on (const AhoyAgent *agent);
/* Our addresses are others now: the far side of the call is looked for where they reach it. */
void agent_calling_moved (AhoyAgent *agent, int64_t now_us);
/* The same: the far side of the call is told. */
void agent_calling_tell_where (AhoyAgent *agent);
/* Fills a media event in place (no copy). Returns: false when it is to be dropped. */
bool agent_calling_on_media (AhoyAgent *agent, Link *link, const RtmfpNetEvent *event,
                             AhoyAgentEvent *out);
void agent_calling_advance (AhoyAgent *agent, int64_t now_us);
int64_t agent_calling_deadline (const AhoyAgent *agent);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One person's program without screen, disk and devices: signs in, keeps the roster, makes direct
 * sessions, carries messages and calls. The counterpart of core/rendezvous, so that both run in one
 * world on a virtual clock.
 *
 * Sans-IO like every machine of core: pumps, polled events, and requests to the store and to slow
 * work that leave as events with an id and come back as calls. What is said on the wire:
 * docs/ahoy-protocol.md. */
#ifndef AHOY_AGENT_AGENT_H
#define AHOY_AGENT_AGENT_H

#include "core/account/contact.h"
#include "core/account/invite.h"
#include "core/account/name.h"
#include "core/account/password.h"
#include "core/account/relay.h"
#include "core/agent/params.h"
#include "core/call/call.h"
#include "core/chat/chat.h"
#include "core/endpoint/endpoint.h"

typedef struct AhoyAgent AhoyAgent;

#define AHOY_DEVICE_ID_SIZE 16

/* How this account is entered. */
typedef enum {
  AHOY_ENTRY_IDENTITY, /* this device has the identity key */
  AHOY_ENTRY_PASSWORD, /* a new device: the key comes from the server, opened by the password */
  AHOY_ENTRY_CREATE,   /* a new account; identity is its key */
} AhoyEntry;

typedef struct {
  RtmfpRng rng;
  RtmfpLog log;
  AhoyName name;
  const char *display_name; /* (copied) UTF-8, may be "" */
  AhoyEntry entry;
  AhoyIdentity identity;               /* IDENTITY and CREATE */
  const char *password;                /* (copied) PASSWORD and CREATE, UTF-8 */
  const char *invite;                  /* (copied) CREATE: token as text, or NULL */
  uint8_t device[AHOY_DEVICE_ID_SIZE]; /* made once for this installation */
  const char *device_label;            /* (copied) */
  AhoyPin server;  /* the server's pinned key; unset = learnt at the first sign-in */
  bool ring_early; /* direct sessions may be made while it rings, with people one has talked to */
  AhoyCodecs codecs;
  AhoyRelayAccess relay; /* known from before, or of the invite; servers "" = none */
  bool always_relay;   /* nobody but the server learns our address: see ahoy_agent_set_privacy() */
  bool slow_aes;       /* see RtmfpEndpointConfig */
  int64_t patience_us; /* see ahoy_agent_set_patience(); 0 = AHOY_AGENT_PATIENCE_US */
} AhoyAgentConfig;

AhoyAgent *ahoy_agent_new (const AhoyAgentConfig *config, int64_t now_us);
void ahoy_agent_free (AhoyAgent *agent);

/* ---- The way to the server ---- */

typedef enum {
  AHOY_AGENT_OFFLINE,    /* no way to the server now; tries again by itself */
  AHOY_AGENT_CONNECTING, /* handshake, the server's proof */
  AHOY_AGENT_SIGNING_IN,
  AHOY_AGENT_ONLINE,
  AHOY_AGENT_STOPPED, /* a person has to do something first (fault says what), or stop() was called
                       */
} AhoyAgentState;

typedef enum {
  AHOY_FAULT_NONE,
  AHOY_FAULT_UNREACHABLE,        /* nobody answers there */
  AHOY_FAULT_LOST,               /* the session died; trying again */
  AHOY_FAULT_SERVER_KEY_CHANGED, /* another key than the pinned one: somebody in the middle, or a
                                    new server */
  AHOY_FAULT_SERVER_FALSE,       /* its proof does not hold for this session */
  AHOY_FAULT_VERSION,            /* it speaks a version that we do not */
  AHOY_FAULT_WRONG_PASSWORD,     /* or no such account */
  AHOY_FAULT_NAME_TAKEN,
  AHOY_FAULT_BAD_NAME,
  AHOY_FAULT_INVITE_NEEDED, /* the server takes new people by invite only, or the invite is used up
                             */
  AHOY_FAULT_DISABLED,      /* the account was disabled */
  AHOY_FAULT_SLOW_DOWN,     /* too many attempts */
  AHOY_FAULT_NOT_THIS_KEY,  /* the account has another identity now */
  AHOY_FAULT_REFUSED,       /* anything else; text says what the server said */
} AhoyFault;

/* One sentence for a person. */
const char *ahoy_fault_text (AhoyFault fault);

/* The addresses of the server, answering AHOY_AGENT_EVENT_RESOLVE. count 0 = the name does not
 * resolve. */
void ahoy_agent_server_addresses (AhoyAgent *agent, const RtmfpAddress *addresses, size_t count,
                                  int64_t now_us);
/* Does not wait for the next attempt. */
void ahoy_agent_retry (AhoyAgent *agent, int64_t now_us);
/* The machine slept: now_us has jumped. All sessions are asked at once whether they still stand,
 * and a lost server is tried again. */
void ahoy_agent_woke (AhoyAgent *agent, int64_t now_us);
/* Hangs up, closes all sessions in order. Poll until AHOY_AGENT_STOPPED, then give it a second for
 * the goodbyes. forget: the server forgets this device (sign out). */
void ahoy_agent_stop (AhoyAgent *agent, bool forget, int64_t now_us);
/* The addresses of this machine, at the start and after each change: told to the server, and
 * sessions move. */
void ahoy_agent_local_addresses (AhoyAgent *agent, const RtmfpAddress *addresses, size_t count,
                                 int64_t now_us);
/* The answer to AHOY_AGENT_EVENT_DERIVE: keys (copied), or NULL when it failed. */
void ahoy_agent_derived (AhoyAgent *agent, uint64_t request, const AhoyPasswordKeys *keys,
                         int64_t now_us);

/* ---- The relay: one more interface, AHOY_AGENT_RELAY_INTERFACE ---- */

/* Our address at the relay, after AHOY_AGENT_EVENT_RELAY_WANTED; NULL = there is none (any more).
 * From then on datagrams of that interface go out and come in by the relay. */
void ahoy_agent_relayed (AhoyAgent *agent, const RtmfpAddress *address, int64_t now_us);
/* It refused the access: another is asked for. */
void ahoy_agent_relay_refused (AhoyAgent *agent, int64_t now_us);
/* always_relay: other people are reached by the relay only and told no address but that one; open
 * direct sessions end. ring_early false: nobody learns an address of ours before we accept. */
void ahoy_agent_set_privacy (AhoyAgent *agent, bool always_relay, bool ring_early, int64_t now_us);

/* How long an outage of the network a call outlives, held to AHOY_AGENT_PATIENCE_LEAST_US to
 * AHOY_AGENT_PATIENCE_MOST_US; from now on, also in a call. Of the two sides' the shorter counts.
 */
void ahoy_agent_set_patience (AhoyAgent *agent, int64_t patience_us, int64_t now_us);

/* ---- Contacts ---- */

/* What the store knows of somebody; before the first sign-in, or at any time. */
void ahoy_agent_restore_contact (AhoyAgent *agent, const AhoyName *name, const AhoyPin *pin,
                                 bool talked, int64_t now_us);

/* Each is answered by AHOY_AGENT_EVENT_ANSWER with this request number (never 0). Without a server
 * session the answer is a failure with code "offline". */
uint64_t ahoy_agent_request_contact (AhoyAgent *agent, const AhoyName *name, const char *text,
                                     int64_t now_us);
typedef enum {
  AHOY_CONTACT_ACCEPT,
  AHOY_CONTACT_DECLINE,
  AHOY_CONTACT_REMOVE,
  AHOY_CONTACT_BLOCK,
  AHOY_CONTACT_UNBLOCK,
} AhoyContactAct;
uint64_t ahoy_agent_change_contact (AhoyAgent *agent, const AhoyName *name, AhoyContactAct act,
                                    int64_t now_us);
/* The answer's text is the whole link. */
uint64_t ahoy_agent_make_invite (AhoyAgent *agent, int64_t now_us);
/* Pins the inviter's key when the invite has it. */
uint64_t ahoy_agent_redeem_invite (AhoyAgent *agent, const AhoyInvite *invite, int64_t now_us);
/* A person takes a changed key as theirs, or marks the pinned one as compared. */
void ahoy_agent_confirm_key (AhoyAgent *agent, const AhoyName *name, bool verified, int64_t now_us);

/* ---- Messages ---- */

/* Returns: as ahoy_chat_send(); STATE (no contact). */
RTMFP_MUST_USE RtmfpStatus ahoy_agent_send_message (AhoyAgent *agent, const AhoyName *to,
                                                    uint8_t kind, RtmfpBytes body, int64_t time_ms,
                                                    int64_t now_us, AhoyMessageId *id);
/* See ahoy_chat_restore(). */
RTMFP_MUST_USE RtmfpStatus ahoy_agent_restore_message (AhoyAgent *agent, const AhoyName *to,
                                                       const AhoyMessageId *id, uint8_t kind,
                                                       RtmfpBytes body, int64_t time_ms,
                                                       AhoyChatState state, int64_t now_us);
/* Answers to SAVE_OWN and SAVE_RECEIVED. */
void ahoy_agent_saved_own (AhoyAgent *agent, const AhoyName *to, const AhoyMessageId *id, bool ok,
                           int64_t now_us);
void ahoy_agent_saved_received (AhoyAgent *agent, const AhoyName *from, const AhoyMessageId *id,
                                bool ok, bool is_new, int64_t now_us);
/* The person writes to `to`: told to them, if they can be reached now, each few seconds at most. */
void ahoy_agent_type (AhoyAgent *agent, const AhoyName *to, int64_t now_us);

/* ---- The call: one at a time, others hear "busy" ---- */

/* Returns: OK; STATE (a call is on, no contact, not signed in). */
RTMFP_MUST_USE RtmfpStatus ahoy_agent_call (AhoyAgent *agent, const AhoyName *to, bool video,
                                            int64_t now_us);
RTMFP_MUST_USE RtmfpStatus ahoy_agent_accept (AhoyAgent *agent, bool video, int64_t now_us);
RTMFP_MUST_USE RtmfpStatus ahoy_agent_decline (AhoyAgent *agent, int64_t now_us);
RTMFP_MUST_USE RtmfpStatus ahoy_agent_hang_up (AhoyAgent *agent, int64_t now_us);
/* Tells the far side, so that it can show it; the media itself is stopped by whoever makes it. */
void ahoy_agent_tell_muted (AhoyAgent *agent, bool muted, int64_t now_us);
void ahoy_agent_tell_camera (AhoyAgent *agent, bool on, int64_t now_us);

typedef enum { AHOY_MEDIA_AUDIO, AHOY_MEDIA_VIDEO } AhoyMediaKind;

typedef struct {
  AhoyMediaKind kind;
  AhoyCodec codec;
  bool is_key;           /* video */
  bool after_gap;        /* received: one before it was lost */
  uint32_t timestamp_ms; /* since the call was accepted, on the sender's clock; one clock for both
                            kinds */
  RtmfpBytes bytes;      /* one coded frame */
} AhoyMedia;

/* Sends one frame to the far side of the call (copied). A video frame that depends on one that was
 * given up is given up with it. Returns: OK; STATE (no media now: held back, no player, call over);
 * FULL (dropped: the line is thin; for video, ask the encoder for a key frame and for less). */
RTMFP_MUST_USE RtmfpStatus ahoy_agent_send_media (AhoyAgent *agent, const AhoyMedia *media,
                                                  int64_t now_us);
/* Asks the far side's encoder for a key frame. */
void ahoy_agent_want_key_frame (AhoyAgent *agent, int64_t now_us);

typedef struct {
  uint32_t audio_lost_permille, video_lost_permille; /* 0..1000 */
  uint32_t jitter_ms;
  uint32_t playout_ms; /* what the jitter buffer adds */
} AhoyMediaReport;
/* What we receive, told to the far side; once a second in a call. What the path lost of the far
 * side's packets is told with it. */
void ahoy_agent_send_report (AhoyAgent *agent, const AhoyMediaReport *report, int64_t now_us);

/* How the call is now. */
typedef struct {
  bool is_on; /* there is a call (any state but IDLE) */
  AhoyName peer;
  AhoyCallState state;
  AhoyCallEnd end;
  AhoyCallId id;
  bool outgoing;
  bool near_video, far_video;
  bool reconnecting;    /* secured, but nothing was heard for a while */
  bool has_path;        /* a direct session with the device we talk to */
  RtmfpAddress address; /* of the far side */
  bool relayed;         /* that path goes by a relay */
  int64_t secured_us;   /* 0 = never */
  int64_t srtt_us;
  uint64_t bytes_sent, bytes_received; /* of that session */
  size_t cwnd_bytes;
} AhoyCallInfo;
void ahoy_agent_call_info (const AhoyAgent *agent, AhoyCallInfo *info);

/* How media gets through to the far side, for whoever sets the encoders' rates. */
typedef struct {
  int64_t srtt_us, lowest_rtt_us; /* of the session; 0 = not measured yet */
  int64_t incoming_us;  /* what the far side's sounds wait in queues on their way to us: a part of
                           the round trip that is none of our doing */
  int64_t waiting_us;   /* since the oldest picture that is newer than all acknowledged ones was
                           handed over; 0 = none */
  size_t waiting_bytes; /* of all such pictures */
  int64_t delay_us; /* from hand-over to acknowledgement, the least of the last three pictures */
  uint64_t delivered, delivered_bytes; /* acknowledged pictures since media began on this path */
  uint64_t given_up;                   /* pictures that came too late, or were not taken */
} AhoyMediaPath;
/* Returns: OK; STATE (no media now). */
RTMFP_MUST_USE RtmfpStatus ahoy_agent_media_path (const AhoyAgent *agent, int64_t now_us,
                                                  AhoyMediaPath *path);

/* ---- Events ---- */

typedef enum {
  AHOY_AGENT_EVENT_STATE,    /* state, fault, text = the server's own words or "" */
  AHOY_AGENT_EVENT_RESOLVE,  /* give ahoy_agent_server_addresses() */
  AHOY_AGENT_EVENT_DERIVE,   /* run ahoy_password_derive() on another thread: request, password,
                                params */
  AHOY_AGENT_EVENT_IDENTITY, /* key pair and server pin are settled: keep identity and server pin
                                safely */
  AHOY_AGENT_EVENT_CONTACT,  /* contact: new, or changed; relation NONE = gone */
  AHOY_AGENT_EVENT_ROSTER,   /* all contacts of the server have been told: others are gone */
  AHOY_AGENT_EVENT_ANSWER,   /* request, ok, code, text */
  AHOY_AGENT_EVENT_SAVE_OWN, /* name, message: store as unsent, then saved_own() */
  AHOY_AGENT_EVENT_SAVE_RECEIVED, /* name, message: store if new, then saved_received() */
  AHOY_AGENT_EVENT_SHOW,          /* name, message id: it is in the store */
  AHOY_AGENT_EVENT_MESSAGE_STATE, /* name, message id, chat_state */
  AHOY_AGENT_EVENT_TYPING,        /* name, ok = types */
  AHOY_AGENT_EVENT_WARNING, /* name, text: an envelope or a session was refused (false, changed key)
                             */
  AHOY_AGENT_EVENT_CALL,    /* the call changed: ahoy_agent_call_info() */
  AHOY_AGENT_EVENT_MEDIA_START, /* send frames from now on; zero of the sender's clock is now */
  AHOY_AGENT_EVENT_MEDIA_STOP,
  AHOY_AGENT_EVENT_MEDIA,      /* media */
  AHOY_AGENT_EVENT_KEY_FRAME,  /* the far side wants one */
  AHOY_AGENT_EVENT_REPORT,     /* report of the far side */
  AHOY_AGENT_EVENT_FAR_MUTED,  /* ok */
  AHOY_AGENT_EVENT_FAR_CAMERA, /* ok */
  AHOY_AGENT_EVENT_RELAY, /* relay: access to use, and to keep but that of strangers; servers ""
                             = there is none */
  AHOY_AGENT_EVENT_RELAY_WANTED, /* ok: an address there is wanted (again: without waiting), or no
                                    more */
} AhoyAgentEventType;

typedef struct {
  AhoyName name;
  char display_name[AHOY_CALL_DISPLAY_NAME_BYTES_MAX + 1];
  AhoyRelation relation;
  AhoyPresence presence;
  AhoyPin pin;
  bool key_changed; /* the server (or a session) showed another key than the pinned one */
  bool talked;      /* a call or message went between us before */
  char text[256];   /* of a request */
} AhoyContactInfo;

/* Pointers: (borrowed until the next call of the agent). */
typedef struct {
  AhoyAgentEventType type;
  AhoyAgentState state;
  AhoyFault fault;
  uint64_t request;
  bool ok;
  const char *code;
  const char *text;
  const char *password;
  AhoyPasswordParams params;
  const AhoyIdentity *identity;
  AhoyPin server;
  const AhoyContactInfo *contact;
  AhoyName name;
  AhoyMessageId message_id;
  uint8_t kind;
  int64_t time_ms;
  RtmfpBytes body;
  AhoyChatState chat_state;
  AhoyMedia media;
  AhoyMediaReport report;
  const AhoyRelayAccess *relay;
} AhoyAgentEvent;

/* ---- The pump ---- */

void ahoy_agent_receive (AhoyAgent *agent, const uint8_t *bytes, size_t size, uint32_t interface_id,
                         const RtmfpAddress *from, uint8_t ecn, int64_t now_us);
void ahoy_agent_advance (AhoyAgent *agent, int64_t now_us);
bool ahoy_agent_poll_transmit (AhoyAgent *agent, int64_t now_us, uint8_t *buffer, size_t capacity,
                               RtmfpDatagram *datagram);
/* Returns: whether there was one. */
bool ahoy_agent_poll_event (AhoyAgent *agent, int64_t now_us, AhoyAgentEvent *event);
RtmfpJob *ahoy_agent_poll_job (AhoyAgent *agent);
void ahoy_agent_complete_job (AhoyAgent *agent, RtmfpJob *job, int64_t now_us);
int64_t ahoy_agent_deadline (const AhoyAgent *agent);

/* A capture of its sessions, as rtmfp_endpoint_start_capture() and rtmfp_endpoint_poll_capture().
 */
void ahoy_agent_start_capture (AhoyAgent *agent, const RtmfpCaptureConfig *config);
bool ahoy_agent_poll_capture (AhoyAgent *agent, RtmfpCaptureEvent *event);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One call with one person, seen from one device: state x input -> state + actions, without any IO.
 *
 * The owner (the agent) gives inputs: what the person did, signals that came, how the direct
 * sessions ("paths") fare. After each it polls actions until there are none, and calls
 * ahoy_call_advance() at the deadline. A device is a number of the owner's for one program of the
 * other person (0 = unknown): signals and paths carry it, because the callee may have many. */
#ifndef AHOY_CALL_CALL_H
#define AHOY_CALL_CALL_H

#include "core/base/deadlines.h"
#include "core/call/signal.h"

typedef enum {
  AHOY_CALL_IDLE,
  AHOY_CALL_REACHING,   /* caller: offered, no device rings yet */
  AHOY_CALL_RINGING,    /* caller: rings there */
  AHOY_CALL_INCOMING,   /* callee: rings here */
  AHOY_CALL_CONNECTING, /* accepted; the direct session is being made and proven */
  AHOY_CALL_SECURED,    /* talking */
  AHOY_CALL_ENDED,
  AHOY_CALL_STATE_COUNT,
} AhoyCallState;

typedef enum {
  AHOY_CALL_END_NONE,
  AHOY_CALL_END_HUNG_UP, /* by us */
  AHOY_CALL_END_FAR_HUNG_UP,
  AHOY_CALL_END_DECLINED,   /* by us or by them: see outgoing */
  AHOY_CALL_END_CANCELLED,  /* by the caller, before an answer */
  AHOY_CALL_END_UNANSWERED, /* 45 s */
  AHOY_CALL_END_BUSY,
  AHOY_CALL_END_OFFLINE,     /* no device of theirs is signed in */
  AHOY_CALL_END_ELSEWHERE,   /* answered on another device of ours */
  AHOY_CALL_END_FAILED,      /* no direct session could be made */
  AHOY_CALL_END_KEY_CHANGED, /* the far side has another key than the pinned one */
  AHOY_CALL_END_LOST,        /* the direct session died while talking */
  AHOY_CALL_END_COUNT,
} AhoyCallEnd;

typedef enum {
  /* What the person does. */
  AHOY_CALL_DO_CALL,   /* use ahoy_call_start() */
  AHOY_CALL_DO_ACCEPT, /* use ahoy_call_accept() */
  AHOY_CALL_DO_DECLINE,
  AHOY_CALL_DO_HANG_UP, /* before an answer: cancel */
  /* What comes from the other person: use ahoy_call_receive(). */
  AHOY_CALL_GOT_OFFER,
  AHOY_CALL_GOT_RINGING,
  AHOY_CALL_GOT_ACCEPT,
  AHOY_CALL_GOT_DECLINE,
  AHOY_CALL_GOT_CANCEL,
  AHOY_CALL_GOT_BUSY,
  AHOY_CALL_GOT_HANGUP,
  AHOY_CALL_GOT_ELSEWHERE,
  /* What the owner finds out: use ahoy_call_input(). */
  AHOY_CALL_PATH_READY,       /* a direct session with a device, both proofs taken */
  AHOY_CALL_PATH_FAILED,      /* it cannot be made */
  AHOY_CALL_PATH_LOST,        /* it was there, and died */
  AHOY_CALL_PATH_KEY_CHANGED, /* its far side proved another key */
  AHOY_CALL_OFFLINE,          /* the server: nobody there */
  AHOY_CALL_TIMEOUT,          /* of the state; ahoy_call_advance() gives it */
  AHOY_CALL_INPUT_COUNT,
} AhoyCallInput;

typedef enum {
  AHOY_CALL_SEND,       /* signal to device (0 = to all devices) */
  AHOY_CALL_OPEN_PATH,  /* caller: ask to be introduced to device (again, if that was refused while
                           it rang) */
  AHOY_CALL_RING_START, /* sound and window (callee), or ring-back tone (caller) */
  AHOY_CALL_RING_STOP,
  AHOY_CALL_MEDIA_START, /* publish and play what was held back, on the path with device */
  AHOY_CALL_MEDIA_STOP,
  AHOY_CALL_CLOSE_PATHS, /* of this call */
  AHOY_CALL_CHANGED, /* state, end or video changed: show it. Also the last action of a call: ENDED
                      */
} AhoyCallActionType;

typedef struct {
  AhoyCallActionType type;
  uint64_t device; /* SEND unless to_all, OPEN_PATH, MEDIA_START */
  bool to_all;
  AhoyCallSignal signal; /* SEND */
} AhoyCallAction;

/* An action as it waits: the rest of its signal is made when it is polled. */
typedef struct {
  AhoyCallActionType type;
  AhoyCallSignalType signal;
  bool to_all;
  uint64_t device;
  AhoyCallId id;
} AhoyCallPending;

/* Read its fields as you like; only the functions here change them. */
typedef struct {
  AhoyCallState state;
  AhoyCallEnd end;
  AhoyCallId id;
  bool outgoing;   /* we are the caller (after a lost glare: no longer) */
  bool near_video; /* we send video */
  bool far_video;  /* they offered, or accepted with, video */
  bool early;      /* we allow the direct session while it rings */
  AhoyCodecs near_codecs;
  AhoyCodecs far_codecs;
  char near_display_name[AHOY_CALL_DISPLAY_NAME_BYTES_MAX + 1];
  char far_display_name[AHOY_CALL_DISPLAY_NAME_BYTES_MAX + 1]; /* incoming: a claim */
  uint64_t device; /* the far device we talk to; meaningful while has_device */
  bool has_device;
  int64_t started_us; /* the offer went or came */
  int64_t secured_us; /* talking since; meaningful from SECURED on */
  int64_t ended_us;
  int64_t deadline_us;                   /* see ahoy_call_deadline() */
  uint64_t ready[AHOY_CALL_DEVICES_MAX]; /* devices with a proven path */
  size_t ready_count;
  AhoyCallPending pending[AHOY_CALL_ACTIONS_MAX]; /* a ring of actions to poll */
  size_t pending_first, pending_count;
} AhoyCall;

/* An idle call. codecs: ours (copied). early: true for contacts one has talked to before: the
 * direct session may be made while it rings; false: after accept only, so that nobody learns an
 * address by ringing. */
void ahoy_call_init (AhoyCall *call, const AhoyCodecs *codecs, bool early);

/* IDLE -> REACHING: calls them. display_name: ours, told in the offer (may be ""). Returns: OK;
 * STATE. */
RTMFP_MUST_USE RtmfpStatus ahoy_call_start (AhoyCall *call, const RtmfpRng *rng, bool video,
                                            const char *display_name, int64_t now_us);
/* INCOMING -> CONNECTING or SECURED. Returns: OK; STATE (the caller was faster, or not ringing). */
RTMFP_MUST_USE RtmfpStatus ahoy_call_accept (AhoyCall *call, bool video, int64_t now_us);
/* INCOMING -> ENDED. Returns: OK; STATE. */
RTMFP_MUST_USE RtmfpStatus ahoy_call_decline (AhoyCall *call, int64_t now_us);
/* Any but IDLE and ENDED -> ENDED; before an answer it cancels. INCOMING: as decline.
 * Returns: OK; STATE. */
RTMFP_MUST_USE RtmfpStatus ahoy_call_hang_up (AhoyCall *call, int64_t now_us);

/* A signal of this contact came from device. An offer needs IDLE (it rings) or our own unanswered
 * offer (glare: of the two calls the one with the smaller id goes on, and the side that lost
 * accepts it by itself). A signal of another call than this one changes nothing. Returns: OK; STATE
 * (an offer while in a call: answer ahoy_call_busy_signal()). */
RTMFP_MUST_USE RtmfpStatus ahoy_call_receive (AhoyCall *call, const AhoyCallSignal *signal,
                                              uint64_t device, int64_t now_us);

/* PATH_READY, PATH_FAILED, PATH_LOST, PATH_KEY_CHANGED with the device, OFFLINE with 0. Others are
 * ignored. */
void ahoy_call_input (AhoyCall *call, AhoyCallInput input, uint64_t device, int64_t now_us);

/* May a direct session of this call be made now (callee: answer to "expect", else "notYet")? */
bool ahoy_call_may_connect (const AhoyCall *call);

/* What is due: unanswered, not connected in time. */
void ahoy_call_advance (AhoyCall *call, int64_t now_us);
int64_t ahoy_call_deadline (const AhoyCall *call);
/* Returns: whether there was one. */
bool ahoy_call_poll_action (AhoyCall *call, AhoyCallAction *action);

/* The answer to an offer that cannot ring because another call is on. */
void ahoy_call_busy_signal (const AhoyCallSignal *offer, AhoyCallSignal *busy);

/* "idle", "reaching", "ringing", "incoming", "connecting", "secured", "ended". */
const char *ahoy_call_state_text (AhoyCallState state);
/* "none", "hung-up", "far-hung-up", "declined", "cancelled", "unanswered", "busy", "offline",
 * "elsewhere", "failed", "key-changed", "lost": for JSON and stores. */
const char *ahoy_call_end_text (AhoyCallEnd end);

#endif

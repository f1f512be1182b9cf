/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The messages with one contact: order kept, no doubles, nothing lost, straight or by way of the
 * server.
 *
 * The owner (the agent) seals and opens envelopes, carries them, and has the store. This machine
 * says what to do when: it polls actions and answers them. A message is sent only after the store
 * has it, and a receipt goes out only after the store has what came. Order: all that is not
 * delivered goes again, in order, when the way changes; doubles are known by id, here and in the
 * store. */
#ifndef AHOY_CHAT_CHAT_H
#define AHOY_CHAT_CHAT_H

#include "core/account/envelope.h"
#include "core/base/deadlines.h"
#include "core/chat/params.h"

typedef struct AhoyChat AhoyChat;

/* A state never goes back. */
typedef enum {
  AHOY_CHAT_UNSENT,    /* only here */
  AHOY_CHAT_STORED,    /* the server keeps it for them */
  AHOY_CHAT_DELIVERED, /* they have it */
  AHOY_CHAT_REFUSED,   /* nobody takes it (blocked, too large): stays, marked */
} AhoyChatState;

typedef enum { AHOY_CHAT_DIRECT, AHOY_CHAT_SERVER } AhoyChatRoute;

typedef enum {
  AHOY_CHAT_SAVE_OWN, /* store id, kind, body, time_ms as UNSENT, then ahoy_chat_saved_own() */
  AHOY_CHAT_SEND,     /* seal body to the contact, send it by route; then ahoy_chat_confirm() or
                         _refuse() */
  AHOY_CHAT_STATE,    /* store and show the message's new state */
  AHOY_CHAT_SAVE_RECEIVED, /* store id, kind, body, time_ms if new, then ahoy_chat_saved_received()
                            */
  AHOY_CHAT_SHOW,          /* a new message is in the store: show it */
  AHOY_CHAT_RECEIPT,       /* tell them by route that we have id */
  AHOY_CHAT_TYPING,        /* tell them straight; the server hears nothing of it */
  AHOY_CHAT_FAR_TYPING,    /* typing changed: show ahoy_chat_far_is_typing() */
} AhoyChatActionType;

typedef struct {
  AhoyChatActionType type;
  AhoyChatRoute route; /* SEND, RECEIPT */
  AhoyMessageId id;
  AhoyChatState state; /* STATE */
  uint8_t kind;        /* AhoyBodyKind */
  int64_t time_ms;     /* the sender's Unix time */
  RtmfpBytes body;     /* (borrowed until the next call) */
} AhoyChatAction;

AhoyChat *ahoy_chat_new (void);
void ahoy_chat_free (AhoyChat *chat);

/* ---- Own messages ---- */

/* Queues a message; time_ms: Unix time for people. id: out, already made.
 * Returns: OK; LIMIT (body too long); FULL (queue: keep it in the store and try after a delivery).
 */
RTMFP_MUST_USE RtmfpStatus ahoy_chat_send (AhoyChat *chat, const RtmfpRng *rng, uint8_t kind,
                                           RtmfpBytes body, int64_t time_ms, int64_t now_us,
                                           AhoyMessageId *id);
/* After a restart: a message that the store has as UNSENT or STORED, oldest first. No SAVE_OWN
 * follows. Returns: OK; LIMIT; FULL; STATE (already there, or delivered). */
RTMFP_MUST_USE RtmfpStatus ahoy_chat_restore (AhoyChat *chat, const AhoyMessageId *id, uint8_t kind,
                                              RtmfpBytes body, int64_t time_ms, AhoyChatState state,
                                              int64_t now_us);
/* The store has it (ok), or has not (disk full): then it is dropped here and told as REFUSED; the
 * owner keeps the words in the composer. */
void ahoy_chat_saved_own (AhoyChat *chat, const AhoyMessageId *id, bool ok, int64_t now_us);
/* By the server's answer (STORED), or by a receipt of theirs (DELIVERED) on whatever way. Unknown
 * ids are ignored. */
void ahoy_chat_confirm (AhoyChat *chat, const AhoyMessageId *id, AhoyChatState state,
                        int64_t now_us);
/* The server will not take it. */
void ahoy_chat_refuse (AhoyChat *chat, const AhoyMessageId *id, int64_t now_us);
/* Which ways there are now. A way that comes (or comes back) is given all that needs it, in order.
 */
void ahoy_chat_set_routes (AhoyChat *chat, bool direct, bool server, int64_t now_us);
/* Own messages not delivered yet. */
size_t ahoy_chat_waiting (const AhoyChat *chat);

/* ---- Their messages ---- */

/* One came and was opened. Doubles are answered with a receipt and nothing else.
 * Returns: OK; FULL (too many unsaved: no receipt will go, so it comes again); LIMIT (body too
 * long). */
RTMFP_MUST_USE RtmfpStatus ahoy_chat_receive (AhoyChat *chat, AhoyChatRoute route,
                                              const AhoyMessage *message, int64_t now_us);
/* The store's answer. ok: it is there now; is_new: it was not there before. Not ok: forgotten, no
 * receipt. */
void ahoy_chat_saved_received (AhoyChat *chat, const AhoyMessageId *id, bool ok, bool is_new,
                               int64_t now_us);

/* ---- Typing ---- */

/* A key was pressed in the composer: told where there is a direct session. */
void ahoy_chat_type (AhoyChat *chat, int64_t now_us);
/* They say that they type. */
void ahoy_chat_far_typed (AhoyChat *chat, int64_t now_us);
bool ahoy_chat_far_is_typing (const AhoyChat *chat);

/* ---- The pump ---- */

void ahoy_chat_advance (AhoyChat *chat, int64_t now_us);
int64_t ahoy_chat_deadline (const AhoyChat *chat);
/* Returns: whether there was one. */
bool ahoy_chat_poll_action (AhoyChat *chat, AhoyChatAction *action);

/* "unsent", "stored", "delivered", "refused". */
const char *ahoy_chat_state_text (AhoyChatState state);

#endif

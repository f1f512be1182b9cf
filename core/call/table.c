/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table behind a call: what each input does in each state, as pure data. */
#include "core/call/table.h"

#define RING_STOP AHOY_CALL_EFFECT_RING_STOP
#define MEDIA_STOP AHOY_CALL_EFFECT_MEDIA_STOP
#define CLOSE AHOY_CALL_EFFECT_CLOSE_PATHS

#define STAY(state, effects)                                                                       \
  { true, AHOY_CALL_##state, AHOY_CALL_END_NONE, effects, AHOY_CALL_FROM_ANY }
#define GO(state, effects) STAY (state, effects)
#define GO_BY(who, state, effects)                                                                 \
  { true, AHOY_CALL_##state, AHOY_CALL_END_NONE, effects, AHOY_CALL_FROM_##who }
#define END(end, effects)                                                                          \
  { true, AHOY_CALL_ENDED, AHOY_CALL_END_##end, effects, AHOY_CALL_FROM_ANY }
#define END_BY(who, end, effects)                                                                  \
  { true, AHOY_CALL_ENDED, AHOY_CALL_END_##end, effects, AHOY_CALL_FROM_##who }

typedef AhoyCallStep Rows[AHOY_CALL_STATE_COUNT][AHOY_CALL_INPUT_COUNT];

/* clang-format off */
/* What is the same while one waits for an answer, whether a device rings already or not. */
#define WAITING                                                                                    \
    [AHOY_CALL_GOT_ACCEPT] = GO (CONNECTING, RING_STOP | AHOY_CALL_EFFECT_OPEN_PATH),              \
    [AHOY_CALL_GOT_DECLINE] = END (DECLINED, RING_STOP | CLOSE),                                   \
    [AHOY_CALL_GOT_BUSY] = END (BUSY, RING_STOP | CLOSE),                                          \
    [AHOY_CALL_OFFLINE] = END (OFFLINE, RING_STOP | CLOSE),                                        \
    [AHOY_CALL_DO_HANG_UP] = END (CANCELLED, RING_STOP | AHOY_CALL_EFFECT_CANCEL | CLOSE),         \
    [AHOY_CALL_TIMEOUT] = END (UNANSWERED, RING_STOP | AHOY_CALL_EFFECT_CANCEL | CLOSE),           \
    [AHOY_CALL_PATH_KEY_CHANGED] = END (KEY_CHANGED, RING_STOP | AHOY_CALL_EFFECT_CANCEL | CLOSE)

/* An early path that fails is tried again after "accept". */
static const Rows caller = {
  [AHOY_CALL_IDLE] = {
    [AHOY_CALL_DO_CALL] = GO (REACHING, AHOY_CALL_EFFECT_OFFER),
  },
  [AHOY_CALL_REACHING] = {
    WAITING,
    [AHOY_CALL_GOT_RINGING] = GO (RINGING, AHOY_CALL_EFFECT_RING_START | AHOY_CALL_EFFECT_EARLY_PATH),
  },
  [AHOY_CALL_RINGING] = {
    WAITING,
    [AHOY_CALL_GOT_RINGING] = STAY (RINGING, AHOY_CALL_EFFECT_EARLY_PATH),
  },
  [AHOY_CALL_CONNECTING] = {
    [AHOY_CALL_PATH_READY] = GO_BY (PARTNER, SECURED, AHOY_CALL_EFFECT_MEDIA_START),
    [AHOY_CALL_PATH_FAILED] = END_BY (PARTNER, FAILED, AHOY_CALL_EFFECT_HANGUP | CLOSE),
    [AHOY_CALL_PATH_KEY_CHANGED] = END_BY (PARTNER, KEY_CHANGED, AHOY_CALL_EFFECT_HANGUP | CLOSE),
    [AHOY_CALL_TIMEOUT] = END (FAILED, AHOY_CALL_EFFECT_HANGUP | CLOSE),
    [AHOY_CALL_DO_HANG_UP] = END (HUNG_UP, AHOY_CALL_EFFECT_HANGUP | CLOSE),
    [AHOY_CALL_GOT_HANGUP] = END_BY (PARTNER, FAR_HUNG_UP, CLOSE),
    [AHOY_CALL_GOT_ACCEPT] = GO_BY (OTHER, CONNECTING, AHOY_CALL_EFFECT_ELSEWHERE),
  },
  [AHOY_CALL_SECURED] = {
    [AHOY_CALL_PATH_LOST] = END_BY (PARTNER, LOST, MEDIA_STOP | AHOY_CALL_EFFECT_HANGUP | CLOSE),
    [AHOY_CALL_DO_HANG_UP] = END (HUNG_UP, MEDIA_STOP | AHOY_CALL_EFFECT_HANGUP | CLOSE),
    [AHOY_CALL_GOT_HANGUP] = END_BY (PARTNER, FAR_HUNG_UP, MEDIA_STOP | CLOSE),
    [AHOY_CALL_GOT_ACCEPT] = GO_BY (OTHER, SECURED, AHOY_CALL_EFFECT_ELSEWHERE),
  },
};

/* The caller may cancel, or another device may have been faster, without knowing of our accept yet. */
static const Rows callee = {
  [AHOY_CALL_IDLE] = {
    [AHOY_CALL_GOT_OFFER] = GO (INCOMING, AHOY_CALL_EFFECT_RINGING | AHOY_CALL_EFFECT_RING_START),
  },
  [AHOY_CALL_INCOMING] = {
    [AHOY_CALL_GOT_OFFER] = GO_BY (PARTNER, INCOMING, AHOY_CALL_EFFECT_RINGING),
    [AHOY_CALL_DO_ACCEPT] = GO (CONNECTING, RING_STOP | AHOY_CALL_EFFECT_ACCEPT),
    [AHOY_CALL_DO_DECLINE] = END (DECLINED, RING_STOP | AHOY_CALL_EFFECT_DECLINE | CLOSE),
    [AHOY_CALL_DO_HANG_UP] = END (DECLINED, RING_STOP | AHOY_CALL_EFFECT_DECLINE | CLOSE),
    [AHOY_CALL_GOT_CANCEL] = END_BY (PARTNER, CANCELLED, RING_STOP | CLOSE),
    [AHOY_CALL_GOT_HANGUP] = END_BY (PARTNER, CANCELLED, RING_STOP | CLOSE),
    [AHOY_CALL_GOT_ELSEWHERE] = END (ELSEWHERE, RING_STOP | CLOSE),
    [AHOY_CALL_TIMEOUT] = END (UNANSWERED, RING_STOP | CLOSE),
    [AHOY_CALL_PATH_KEY_CHANGED]
      = END_BY (PARTNER, KEY_CHANGED, RING_STOP | AHOY_CALL_EFFECT_DECLINE | CLOSE),
  },
  [AHOY_CALL_CONNECTING] = {
    [AHOY_CALL_PATH_READY] = GO_BY (PARTNER, SECURED, AHOY_CALL_EFFECT_MEDIA_START),
    [AHOY_CALL_PATH_FAILED] = END_BY (PARTNER, FAILED, AHOY_CALL_EFFECT_HANGUP | CLOSE),
    [AHOY_CALL_PATH_KEY_CHANGED] = END_BY (PARTNER, KEY_CHANGED, AHOY_CALL_EFFECT_HANGUP | CLOSE),
    [AHOY_CALL_TIMEOUT] = END (FAILED, AHOY_CALL_EFFECT_HANGUP | CLOSE),
    [AHOY_CALL_DO_HANG_UP] = END (HUNG_UP, AHOY_CALL_EFFECT_HANGUP | CLOSE),
    [AHOY_CALL_GOT_HANGUP] = END_BY (PARTNER, FAR_HUNG_UP, CLOSE),
    [AHOY_CALL_GOT_CANCEL] = END_BY (PARTNER, CANCELLED, CLOSE),
    [AHOY_CALL_GOT_ELSEWHERE] = END (ELSEWHERE, CLOSE),
  },
  [AHOY_CALL_SECURED] = {
    [AHOY_CALL_PATH_LOST] = END_BY (PARTNER, LOST, MEDIA_STOP | AHOY_CALL_EFFECT_HANGUP | CLOSE),
    [AHOY_CALL_DO_HANG_UP] = END (HUNG_UP, MEDIA_STOP | AHOY_CALL_EFFECT_HANGUP | CLOSE),
    [AHOY_CALL_GOT_HANGUP] = END_BY (PARTNER, FAR_HUNG_UP, MEDIA_STOP | CLOSE),
    [AHOY_CALL_GOT_CANCEL] = END_BY (PARTNER, CANCELLED, MEDIA_STOP | CLOSE),
    [AHOY_CALL_GOT_ELSEWHERE] = END (ELSEWHERE, MEDIA_STOP | CLOSE),
  },
};
/* clang-format on */

const AhoyCallStep *
ahoy_call_step (bool outgoing, AhoyCallState state, AhoyCallInput input) {
  static const AhoyCallStep nothing = {.counts = false};
  if ((unsigned)state >= AHOY_CALL_STATE_COUNT || (unsigned)input >= AHOY_CALL_INPUT_COUNT) {
    return &nothing;
  }
  return &(outgoing ? caller : callee)[state][input];
}

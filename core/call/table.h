/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table behind a call: what each input does in each state, as pure data. */
#ifndef AHOY_CALL_TABLE_H
#define AHOY_CALL_TABLE_H

#include "core/call/call.h"

/* What follows, in the order in which it is done. */
enum {
  AHOY_CALL_EFFECT_RING_STOP = 1 << 0,
  AHOY_CALL_EFFECT_MEDIA_STOP = 1 << 1,
  AHOY_CALL_EFFECT_OFFER = 1 << 2,     /* send, to all */
  AHOY_CALL_EFFECT_RINGING = 1 << 3,   /* send, to the device */
  AHOY_CALL_EFFECT_ACCEPT = 1 << 4,    /* send, to the device */
  AHOY_CALL_EFFECT_DECLINE = 1 << 5,   /* send, to the device */
  AHOY_CALL_EFFECT_CANCEL = 1 << 6,    /* send, to all */
  AHOY_CALL_EFFECT_HANGUP = 1 << 7,    /* send, to the device */
  AHOY_CALL_EFFECT_ELSEWHERE = 1 << 8, /* send, to the device that came too late */
  AHOY_CALL_EFFECT_OPEN_PATH = 1 << 9,
  AHOY_CALL_EFFECT_EARLY_PATH = 1 << 10, /* open a path if we allow it while it rings */
  AHOY_CALL_EFFECT_CLOSE_PATHS = 1 << 11,
  AHOY_CALL_EFFECT_RING_START = 1 << 12,
  AHOY_CALL_EFFECT_MEDIA_START = 1 << 13,
};

/* Who must have given the input for the row to count; others change nothing. */
typedef enum {
  AHOY_CALL_FROM_ANY,
  AHOY_CALL_FROM_PARTNER, /* the device we talk to */
  AHOY_CALL_FROM_OTHER,   /* any but the device we talk to */
} AhoyCallFrom;

typedef struct {
  bool counts; /* false: the input changes nothing in this state */
  AhoyCallState next;
  AhoyCallEnd end; /* with next ENDED */
  uint32_t effects;
  AhoyCallFrom from;
} AhoyCallStep;

/* (borrowed) Never NULL. outgoing: the caller's or the callee's table. */
const AhoyCallStep *ahoy_call_step (bool outgoing, AhoyCallState state, AhoyCallInput input);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One call with one person, seen from one device: state x input -> state + actions, without any IO.
 */
#include "core/call/call.h"

#include "core/call/table.h"

#include <string.h>

void
ahoy_call_init (AhoyCall *call, const AhoyCodecs *codecs, bool early) {
  *call = (AhoyCall){.near_codecs = *codecs, .early = early, .deadline_us = RTMFP_NEVER};
}

/* ---- Actions ---- */

static void
push (AhoyCall *call, AhoyCallPending pending) {
  if (call->pending_count < AHOY_CALL_ACTIONS_MAX) {
    size_t place = (call->pending_first + call->pending_count) % AHOY_CALL_ACTIONS_MAX;
    call->pending[place] = pending;
    call->pending_count++;
  }
}

static void
push_plain (AhoyCall *call, AhoyCallActionType type, uint64_t device) {
  push (call, (AhoyCallPending){.type = type, .device = device});
}

static void
push_signal (AhoyCall *call, AhoyCallSignalType signal, bool to_all, uint64_t device) {
  push (call, (AhoyCallPending){.type = AHOY_CALL_SEND,
                                .signal = signal,
                                .to_all = to_all,
                                .device = device,
                                .id = call->id});
}

/* device: who gave the input. */
static void
push_effects (AhoyCall *call, uint32_t effects, uint64_t device) {
  static const struct {
    uint32_t effect;
    AhoyCallSignalType signal;
    bool to_all;
  } signals[] = {
      {AHOY_CALL_EFFECT_OFFER, AHOY_CALL_SIGNAL_OFFER, true},
      {AHOY_CALL_EFFECT_RINGING, AHOY_CALL_SIGNAL_RINGING, false},
      {AHOY_CALL_EFFECT_ACCEPT, AHOY_CALL_SIGNAL_ACCEPT, false},
      {AHOY_CALL_EFFECT_DECLINE, AHOY_CALL_SIGNAL_DECLINE, false},
      {AHOY_CALL_EFFECT_CANCEL, AHOY_CALL_SIGNAL_CANCEL, true},
      {AHOY_CALL_EFFECT_HANGUP, AHOY_CALL_SIGNAL_HANGUP, false},
  };
  if ((effects & AHOY_CALL_EFFECT_RING_STOP) != 0) {
    push_plain (call, AHOY_CALL_RING_STOP, 0);
  }
  if ((effects & AHOY_CALL_EFFECT_MEDIA_STOP) != 0) {
    push_plain (call, AHOY_CALL_MEDIA_STOP, 0);
  }
  for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
    if ((effects & signals[i].effect) != 0) {
      push_signal (call, signals[i].signal, signals[i].to_all, call->device);
    }
  }
  if ((effects & AHOY_CALL_EFFECT_ELSEWHERE) != 0) {
    push_signal (call, AHOY_CALL_SIGNAL_ELSEWHERE, false, device);
  }
  if ((effects & AHOY_CALL_EFFECT_OPEN_PATH) != 0 ||
      ((effects & AHOY_CALL_EFFECT_EARLY_PATH) != 0 && call->early)) {
    push_plain (call, AHOY_CALL_OPEN_PATH, device);
  }
  if ((effects & AHOY_CALL_EFFECT_CLOSE_PATHS) != 0) {
    push_plain (call, AHOY_CALL_CLOSE_PATHS, 0);
  }
  if ((effects & AHOY_CALL_EFFECT_RING_START) != 0) {
    push_plain (call, AHOY_CALL_RING_START, 0);
  }
  if ((effects & AHOY_CALL_EFFECT_MEDIA_START) != 0) {
    push_plain (call, AHOY_CALL_MEDIA_START, call->device);
  }
}

/* ---- Steps ---- */

static bool
is_partner (const AhoyCall *call, uint64_t device) {
  return call->has_device && call->device == device;
}

static int64_t
deadline_of (const AhoyCall *call, int64_t now_us) {
  switch (call->state) {
  case AHOY_CALL_REACHING:
  case AHOY_CALL_RINGING:
    return call->started_us + AHOY_CALL_UNANSWERED_US;
  case AHOY_CALL_INCOMING:
    return call->started_us + AHOY_CALL_UNANSWERED_US + AHOY_CALL_RING_GRACE_US;
  case AHOY_CALL_CONNECTING:
    return now_us + AHOY_CALL_CONNECT_US;
  default:
    return RTMFP_NEVER;
  }
}

static void
enter (AhoyCall *call, AhoyCallState state, AhoyCallEnd end, int64_t now_us) {
  call->state = state;
  call->end = end;
  if (state == AHOY_CALL_REACHING || state == AHOY_CALL_INCOMING) {
    call->started_us = now_us;
  } else if (state == AHOY_CALL_SECURED) {
    call->secured_us = now_us;
  } else if (state == AHOY_CALL_ENDED) {
    call->ended_us = now_us;
  }
  call->deadline_us = deadline_of (call, now_us);
  push_plain (call, AHOY_CALL_CHANGED, 0);
}

/* Looks the input up and does it. Returns: whether it counted. */
static bool
step (AhoyCall *call, AhoyCallInput input, uint64_t device, int64_t now_us) {
  const AhoyCallStep *found = ahoy_call_step (call->outgoing, call->state, input);
  bool from_partner = is_partner (call, device);
  if (!found->counts || (found->from == AHOY_CALL_FROM_PARTNER && !from_partner) ||
      (found->from == AHOY_CALL_FROM_OTHER && from_partner)) {
    return false;
  }
  bool stays = found->next == call->state;
  if (stays && call->pending_count >= AHOY_CALL_ACTIONS_MAX / 2) {
    return false; /* a peer that repeats itself may not crowd out what ends the call */
  }
  push_effects (call, found->effects, device);
  if (!stays) {
    enter (call, found->next, found->end, now_us);
  }
  return true;
}

/* ---- Paths ---- */

static size_t
find_ready (const AhoyCall *call, uint64_t device) {
  size_t i = 0;
  while (i < call->ready_count && call->ready[i] != device) {
    i++;
  }
  return i;
}

static void
note_path (AhoyCall *call, AhoyCallInput input, uint64_t device) {
  size_t place = find_ready (call, device);
  if (input == AHOY_CALL_PATH_READY) {
    if (place == call->ready_count && place < AHOY_CALL_DEVICES_MAX) {
      call->ready[call->ready_count++] = device;
    }
  } else if (place < call->ready_count) {
    call->ready[place] = call->ready[--call->ready_count];
  }
}

/* Right after accept: an early path may stand already. */
static void
use_ready_path (AhoyCall *call, int64_t now_us) {
  if (call->state == AHOY_CALL_CONNECTING && call->has_device &&
      find_ready (call, call->device) < call->ready_count) {
    step (call, AHOY_CALL_PATH_READY, call->device, now_us);
  }
}

void
ahoy_call_input (AhoyCall *call, AhoyCallInput input, uint64_t device, int64_t now_us) {
  if (input == AHOY_CALL_OFFLINE) {
    step (call, input, 0, now_us);
  } else if (input >= AHOY_CALL_PATH_READY && input <= AHOY_CALL_PATH_KEY_CHANGED) {
    note_path (call, input, device);
    step (call, input, device, now_us);
  }
}

bool
ahoy_call_may_connect (const AhoyCall *call) {
  switch (call->state) {
  case AHOY_CALL_REACHING:
  case AHOY_CALL_RINGING:
  case AHOY_CALL_INCOMING:
    return call->early;
  case AHOY_CALL_CONNECTING:
  case AHOY_CALL_SECURED:
    return true;
  default:
    return false;
  }
}

/* ---- What the person does ---- */

/* As much of a UTF-8 text as fits, cut between characters. */
static void
copy_display_name (char *out, const char *text) {
  size_t size = strlen (text);
  if (size > AHOY_CALL_DISPLAY_NAME_BYTES_MAX) {
    size = AHOY_CALL_DISPLAY_NAME_BYTES_MAX;
    while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80) {
      size--;
    }
  }
  memcpy (out, text, size);
  out[size] = '\0';
}

RtmfpStatus
ahoy_call_start (AhoyCall *call, const RtmfpRng *rng, bool video, const char *display_name,
                 int64_t now_us) {
  if (call->state != AHOY_CALL_IDLE) {
    return RTMFP_STATE;
  }
  ahoy_call_id_make (rng, &call->id);
  call->outgoing = true;
  call->near_video = video;
  copy_display_name (call->near_display_name, display_name);
  step (call, AHOY_CALL_DO_CALL, 0, now_us);
  return RTMFP_OK;
}

RtmfpStatus
ahoy_call_accept (AhoyCall *call, bool video, int64_t now_us) {
  if (call->state != AHOY_CALL_INCOMING) {
    return RTMFP_STATE;
  }
  call->near_video = video;
  step (call, AHOY_CALL_DO_ACCEPT, call->device, now_us);
  use_ready_path (call, now_us);
  return RTMFP_OK;
}

RtmfpStatus
ahoy_call_decline (AhoyCall *call, int64_t now_us) {
  return step (call, AHOY_CALL_DO_DECLINE, call->device, now_us) ? RTMFP_OK : RTMFP_STATE;
}

RtmfpStatus
ahoy_call_hang_up (AhoyCall *call, int64_t now_us) {
  return step (call, AHOY_CALL_DO_HANG_UP, call->device, now_us) ? RTMFP_OK : RTMFP_STATE;
}

/* ---- Signals ---- */

static void
take_offer (AhoyCall *call, const AhoyCallSignal *signal, uint64_t device) {
  call->id = signal->call;
  call->outgoing = false;
  call->has_device = true;
  call->device = device;
  call->far_video = signal->wants_video;
  call->far_codecs = signal->codecs;
  copy_display_name (call->far_display_name, signal->display_name);
}

/* Both called: the smaller id wins. Who lost withdraws and accepts the other's call as if by hand.
 */
static void
settle_glare (AhoyCall *call, const AhoyCallSignal *signal, uint64_t device, int64_t now_us) {
  if (ahoy_call_id_compare (&call->id, &signal->call) <= 0) {
    return; /* ours goes on; their accept will come */
  }
  push_signal (call, AHOY_CALL_SIGNAL_CANCEL, true, 0);
  take_offer (call, signal, device);
  call->state = AHOY_CALL_INCOMING;
  step (call, AHOY_CALL_DO_ACCEPT, device, now_us);
  use_ready_path (call, now_us);
}

static RtmfpStatus
receive_offer (AhoyCall *call, const AhoyCallSignal *signal, uint64_t device, int64_t now_us) {
  bool same = call->state != AHOY_CALL_IDLE && ahoy_call_id_compare (&call->id, &signal->call) == 0;
  switch (call->state) {
  case AHOY_CALL_IDLE:
    take_offer (call, signal, device);
    step (call, AHOY_CALL_GOT_OFFER, device, now_us);
    return RTMFP_OK;
  case AHOY_CALL_REACHING:
  case AHOY_CALL_RINGING:
    settle_glare (call, signal, device, now_us);
    return RTMFP_OK;
  default:
    if (same) {
      step (call, AHOY_CALL_GOT_OFFER, device, now_us);
    }
    return same ? RTMFP_OK : RTMFP_STATE;
  }
}

/* The device that accepted is the partner before the step, so that what it sets off goes to that
 * device. */
static void
receive_accept (AhoyCall *call, const AhoyCallSignal *signal, uint64_t device, int64_t now_us) {
  if (call->outgoing && (call->state == AHOY_CALL_REACHING || call->state == AHOY_CALL_RINGING)) {
    call->has_device = true;
    call->device = device;
    call->far_video = signal->wants_video;
    call->far_codecs = signal->codecs;
  }
  step (call, AHOY_CALL_GOT_ACCEPT, device, now_us);
  use_ready_path (call, now_us);
}

RtmfpStatus
ahoy_call_receive (AhoyCall *call, const AhoyCallSignal *signal, uint64_t device, int64_t now_us) {
  static const AhoyCallInput inputs[AHOY_CALL_SIGNAL_COUNT] = {
      [AHOY_CALL_SIGNAL_OFFER] = AHOY_CALL_GOT_OFFER,
      [AHOY_CALL_SIGNAL_RINGING] = AHOY_CALL_GOT_RINGING,
      [AHOY_CALL_SIGNAL_ACCEPT] = AHOY_CALL_GOT_ACCEPT,
      [AHOY_CALL_SIGNAL_DECLINE] = AHOY_CALL_GOT_DECLINE,
      [AHOY_CALL_SIGNAL_CANCEL] = AHOY_CALL_GOT_CANCEL,
      [AHOY_CALL_SIGNAL_BUSY] = AHOY_CALL_GOT_BUSY,
      [AHOY_CALL_SIGNAL_HANGUP] = AHOY_CALL_GOT_HANGUP,
      [AHOY_CALL_SIGNAL_ELSEWHERE] = AHOY_CALL_GOT_ELSEWHERE,
  };
  if ((unsigned)signal->type >= AHOY_CALL_SIGNAL_COUNT) {
    return RTMFP_OK;
  }
  if (signal->type == AHOY_CALL_SIGNAL_OFFER) {
    return receive_offer (call, signal, device, now_us);
  }
  if (call->state == AHOY_CALL_IDLE || ahoy_call_id_compare (&call->id, &signal->call) != 0) {
    return RTMFP_OK;
  }
  AhoyCallInput input = inputs[signal->type];
  if (input == AHOY_CALL_GOT_DECLINE && signal->reason == AHOY_CALL_REASON_OFFLINE) {
    input = AHOY_CALL_OFFLINE;
  }
  if (input == AHOY_CALL_GOT_ACCEPT) {
    receive_accept (call, signal, device, now_us);
  } else {
    step (call, input, device, now_us);
  }
  return RTMFP_OK;
}

/* ---- The pump ---- */

void
ahoy_call_advance (AhoyCall *call, int64_t now_us) {
  if (now_us >= call->deadline_us) {
    step (call, AHOY_CALL_TIMEOUT, 0, now_us);
  }
}

int64_t
ahoy_call_deadline (const AhoyCall *call) {
  return call->deadline_us;
}

static void
fill_signal (const AhoyCall *call, const AhoyCallPending *pending, AhoyCallSignal *signal) {
  *signal = (AhoyCallSignal){.type = pending->signal, .call = pending->id};
  if (signal->type == AHOY_CALL_SIGNAL_OFFER) {
    signal->wants_video = call->near_video;
    signal->codecs = call->near_codecs;
    memcpy (signal->display_name, call->near_display_name, sizeof signal->display_name);
  } else if (signal->type == AHOY_CALL_SIGNAL_ACCEPT) {
    signal->wants_video = call->near_video;
    signal->codecs.audio[0] = ahoy_codec_choose (call->near_codecs.audio, call->far_codecs.audio);
    signal->codecs.video[0] = ahoy_codec_choose (call->near_codecs.video, call->far_codecs.video);
  } else if (signal->type == AHOY_CALL_SIGNAL_ELSEWHERE) {
    signal->reason = AHOY_CALL_REASON_ACCEPTED;
  }
}

bool
ahoy_call_poll_action (AhoyCall *call, AhoyCallAction *action) {
  if (call->pending_count == 0) {
    return false;
  }
  const AhoyCallPending *pending = &call->pending[call->pending_first];
  *action =
      (AhoyCallAction){.type = pending->type, .device = pending->device, .to_all = pending->to_all};
  if (pending->type == AHOY_CALL_SEND) {
    fill_signal (call, pending, &action->signal);
  }
  call->pending_first = (call->pending_first + 1) % AHOY_CALL_ACTIONS_MAX;
  call->pending_count--;
  return true;
}

void
ahoy_call_busy_signal (const AhoyCallSignal *offer, AhoyCallSignal *busy) {
  *busy = (AhoyCallSignal){.type = AHOY_CALL_SIGNAL_BUSY, .call = offer->call};
}

const char *
ahoy_call_state_text (AhoyCallState state) {
  static const char *const texts[AHOY_CALL_STATE_COUNT] = {
      "idle", "reaching", "ringing", "incoming", "connecting", "secured", "ended"};
  return (unsigned)state < AHOY_CALL_STATE_COUNT ? texts[state] : "ended";
}

const char *
ahoy_call_end_text (AhoyCallEnd end) {
  static const char *const texts[AHOY_CALL_END_COUNT] = {
      "none", "hung-up", "far-hung-up", "declined", "cancelled",   "unanswered",
      "busy", "offline", "elsewhere",   "failed",   "key-changed", "lost"};
  return (unsigned)end < AHOY_CALL_END_COUNT ? texts[end] : "failed";
}

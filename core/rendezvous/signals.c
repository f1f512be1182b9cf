/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Call signals between devices: an offer rings everywhere, the first answer wins, the others are
 * told. */
#include "core/rendezvous/internal.h"

#include <string.h>

/* One signal as it came. */
typedef struct {
  const AhoyCommand *command;
  char to[AHOY_USER_TEXT_SIZE];
  AhoyCallId call;
  AhoyCallSignalType type;
  RtmfpBuffer body; /* AMF0 (owned) */
} Signal;

/* ---- To a device ---- */

static RtmfpBuffer *
begin_signal (AhoyRendezvous *r, const char *from, const AhoyDeviceId *device,
              const AhoyCallId *call, AhoyCallSignalType type) {
  char address[AHOY_NAME_TEXT_SIZE];
  ahoy_rendezvous_address (r, from, address);
  RtmfpBuffer *out = ahoy_rendezvous_begin (r);
  rtmfp_amf_member_text (out, "from", address);
  rtmfp_amf_member_bytes (out, "device", rtmfp_bytes (device->bytes, sizeof device->bytes));
  rtmfp_amf_member_bytes (out, "call", rtmfp_bytes (call->bytes, sizeof call->bytes));
  rtmfp_amf_member_text (out, "kind", ahoy_call_signal_text (type));
  rtmfp_amf_write_key (out, "body");
  return out;
}

static AhoyVisitor *
device_of (const AhoyRendezvous *r, const char *user, const AhoyDeviceId *device) {
  const AhoyPerson *person = ahoy_registry_person (&r->registry, user);
  return person == NULL ? NULL : ahoy_person_device (person, device);
}

static void
pass_on (AhoyRendezvous *r, const AhoyVisitor *from, const Signal *signal, AhoyVisitor *to) {
  if (to == NULL) {
    return;
  }
  RtmfpBuffer *out =
      begin_signal (r, from->person->user, &from->device, &signal->call, signal->type);
  rtmfp_buffer_append (out, rtmfp_buffer_bytes (&signal->body));
  ahoy_rendezvous_tell (r, to, "signal", signal->command->now_us);
  r->counters.signals++;
}

/* A signal of the server's own, in the name of somebody. reason: NULL = none. */
static void
say (AhoyRendezvous *r, AhoyVisitor *to, const char *from, const AhoyDeviceId *device,
     const AhoyCallId *call, AhoyCallSignalType type, const char *reason, int64_t now_us) {
  if (to == NULL) {
    return;
  }
  RtmfpBuffer *out = begin_signal (r, from, device, call, type);
  rtmfp_amf_begin_object (out);
  if (reason != NULL) {
    rtmfp_amf_member_text (out, "reason", reason);
  }
  rtmfp_amf_end_object (out);
  ahoy_rendezvous_tell (r, to, "signal", now_us);
}

/* To every device that rings but one. */
static void
say_to_ringing (AhoyRendezvous *r, AhoyTableCall *call, const AhoyDeviceId *except,
                AhoyCallSignalType type, const char *reason, int64_t now_us) {
  for (size_t i = 0; i < call->rung_count; i++) {
    AhoyRung *rung = &call->rung[i];
    if (rung->state == AHOY_RUNG_GONE ||
        (except != NULL && memcmp (except, &rung->device, sizeof *except) == 0)) {
      continue;
    }
    rung->state = AHOY_RUNG_GONE;
    say (r, device_of (r, call->callee, &rung->device), call->caller, &call->caller_device,
         &call->id, type, reason, now_us);
  }
}

/* ---- offer ---- */

static void
reply_ringing (AhoyRendezvous *r, const AhoyVisitor *visitor, const Signal *signal,
               const AhoyTableCall *call) {
  RtmfpBuffer *out = ahoy_rendezvous_begin (r);
  rtmfp_amf_write_key (out, "devices");
  rtmfp_amf_begin_array (out, (uint32_t)call->rung_count);
  for (size_t i = 0; i < call->rung_count; i++) {
    rtmfp_amf_write_bytes (
        out, rtmfp_bytes (call->rung[i].device.bytes, sizeof call->rung[i].device.bytes));
  }
  ahoy_rendezvous_reply (r, visitor->session, signal->command->id, signal->command->now_us);
}

static const char *
offer (AhoyRendezvous *r, AhoyVisitor *visitor, const Signal *signal) {
  const char *own = visitor->person->user;
  if (ahoy_registry_relation (&r->registry, visitor->person, signal->to) != AHOY_RELATION_BOTH) {
    return "notAllowed";
  }
  if (!ahoy_rates_take (&r->rates, AHOY_RATE_OFFER, rtmfp_bytes (own, strlen (own)),
                        signal->command->now_us)) {
    r->counters.rate_limited++;
    return "slowDown";
  }
  AhoyPerson *person = ahoy_registry_person (&r->registry, signal->to);
  if (person == NULL) {
    return "offline";
  }
  AhoyTableCall *call;
  const RtmfpStatus status = ahoy_call_table_offer (&r->calls, &signal->call, own, &visitor->device,
                                                    signal->to, signal->command->now_us, &call);
  if (status != RTMFP_OK) {
    return status == RTMFP_LIMIT ? "limit" : "badRequest";
  }
  AhoyVisitor *device;
  TAILQ_FOREACH (device, &person->devices, sibling) {
    if (!device->closing && ahoy_call_ring (call, &device->device) == RTMFP_OK) {
      pass_on (r, visitor, signal, device);
    }
  }
  r->counters.calls_offered++;
  reply_ringing (r, visitor, signal, call);
  return NULL;
}

/* ---- The rest ---- */

static const char *
answer (AhoyRendezvous *r, AhoyVisitor *visitor, const Signal *signal, AhoyTableCall *call) {
  const bool accept = signal->type == AHOY_CALL_SIGNAL_ACCEPT;
  const int64_t now_us = signal->command->now_us;
  if (ahoy_call_table_answer (&r->calls, call, &visitor->device, accept, now_us) != RTMFP_OK) {
    return "answered";
  }
  r->counters.calls_answered += accept;
  pass_on (r, visitor, signal, device_of (r, call->caller, &call->caller_device));
  say_to_ringing (r, call, &visitor->device, AHOY_CALL_SIGNAL_ELSEWHERE,
                  accept ? "accepted" : "declined", now_us);
  return NULL;
}

/* Nobody can answer any more: the caller hears why, once. */
static void
end_unanswered (AhoyRendezvous *r, AhoyTableCall *call, const AhoyDeviceId *device,
                AhoyCallSignalType type, const char *reason, int64_t now_us) {
  say (r, device_of (r, call->caller, &call->caller_device), call->callee, device, &call->id, type,
       reason, now_us);
  ahoy_call_table_remove (&r->calls, call);
}

/* Busy everywhere where somebody is: then the caller hears it; gone everywhere: offline. */
static void
settle_if_silent (AhoyRendezvous *r, AhoyTableCall *call, const AhoyDeviceId *device,
                  int64_t now_us) {
  if (call->state != AHOY_CALL_RINGS || ahoy_call_ringing (call) > 0) {
    return;
  }
  bool is_busy = false;
  for (size_t i = 0; i < call->rung_count; i++) {
    is_busy |= call->rung[i].state == AHOY_RUNG_BUSY;
  }
  if (is_busy) {
    end_unanswered (r, call, device, AHOY_CALL_SIGNAL_BUSY, NULL, now_us);
  } else {
    end_unanswered (r, call, device, AHOY_CALL_SIGNAL_DECLINE, "offline", now_us);
  }
}

static const char *
from_callee (AhoyRendezvous *r, AhoyVisitor *visitor, const Signal *signal, AhoyTableCall *call,
             AhoyRung *rung) {
  switch (signal->type) {
  case AHOY_CALL_SIGNAL_RINGING:
    if (call->state == AHOY_CALL_RINGS) {
      pass_on (r, visitor, signal, device_of (r, call->caller, &call->caller_device));
    }
    return NULL;
  case AHOY_CALL_SIGNAL_ACCEPT:
  case AHOY_CALL_SIGNAL_DECLINE:
    return answer (r, visitor, signal, call);
  case AHOY_CALL_SIGNAL_BUSY:
    if (rung->state == AHOY_RUNG_RINGING) {
      rung->state = AHOY_RUNG_BUSY;
      settle_if_silent (r, call, &visitor->device, signal->command->now_us);
    }
    return NULL;
  default:
    return "badRequest";
  }
}

static const char *
cancel (AhoyRendezvous *r, AhoyVisitor *visitor, const Signal *signal, AhoyTableCall *call) {
  if (call->state != AHOY_CALL_RINGS) {
    return "answered";
  }
  for (size_t i = 0; i < call->rung_count; i++) {
    if (call->rung[i].state == AHOY_RUNG_RINGING) {
      pass_on (r, visitor, signal, device_of (r, call->callee, &call->rung[i].device));
    }
  }
  ahoy_call_table_remove (&r->calls, call);
  return NULL;
}

static const char *
hang_up (AhoyRendezvous *r, AhoyVisitor *visitor, const Signal *signal, AhoyTableCall *call,
         bool is_caller) {
  if (call->state != AHOY_CALL_ANSWERED) {
    return is_caller && call->state == AHOY_CALL_RINGS ? cancel (r, visitor, signal, call)
                                                       : "unknown";
  }
  if (!is_caller && memcmp (&call->answered, &visitor->device, sizeof call->answered) != 0) {
    return "notAllowed";
  }
  pass_on (r, visitor, signal,
           is_caller ? device_of (r, call->callee, &call->answered)
                     : device_of (r, call->caller, &call->caller_device));
  ahoy_call_table_remove (&r->calls, call);
  return NULL;
}

/* Returns: NULL when it was done, or the code of why not. is_answered out: nothing to be said any
 * more. */
static const char *
route (AhoyRendezvous *r, AhoyVisitor *visitor, const Signal *signal) {
  AhoyTableCall *call = ahoy_call_table_find (&r->calls, &signal->call);
  const bool is_caller =
      call != NULL && ahoy_call_is_caller (call, visitor->person->user, &visitor->device);
  const char *other = call == NULL ? "" : is_caller ? call->callee : call->caller;
  AhoyRung *rung = NULL;
  if (call != NULL && !is_caller && strcmp (call->callee, visitor->person->user) == 0) {
    rung = ahoy_call_rung (call, &visitor->device);
  }
  if (call == NULL || (!is_caller && rung == NULL) || strcmp (other, signal->to) != 0) {
    return "unknown";
  }
  if (signal->type == AHOY_CALL_SIGNAL_HANGUP) {
    return hang_up (r, visitor, signal, call, is_caller);
  }
  if (!is_caller) {
    return from_callee (r, visitor, signal, call, rung);
  }
  return signal->type == AHOY_CALL_SIGNAL_CANCEL ? cancel (r, visitor, signal, call) : "badRequest";
}

/* ---- The command ---- */

static const char *
read_signal (AhoyRendezvous *r, const RtmfpAmfValue *arg, Signal *signal) {
  char kind[16];
  const RtmfpAmfValue *body = rtmfp_amf_get (arg, "body");
  if (!ahoy_rendezvous_read_user (r, arg, "to", signal->to)) {
    return "unknown";
  }
  if (!rtmfp_amf_as_fixed (rtmfp_amf_get (arg, "call"), signal->call.bytes,
                           sizeof signal->call.bytes) ||
      !rtmfp_amf_as_text (rtmfp_amf_get (arg, "kind"), kind, sizeof kind) ||
      ahoy_call_signal_parse (kind, &signal->type) != RTMFP_OK ||
      !(rtmfp_amf_is_nothing (body) || body->type == RTMFP_AMF_OBJECT)) {
    return "badRequest";
  }
  if (rtmfp_amf_is_nothing (body)) {
    rtmfp_amf_begin_object (&signal->body);
    rtmfp_amf_end_object (&signal->body);
  } else if (rtmfp_amf_write_value (&signal->body, body, RTMFP_AMF0, AHOY_SIGNAL_BODY_BYTES_MAX) !=
             RTMFP_OK) {
    return "limit";
  }
  return NULL;
}

void
ahoy_command_signal (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command) {
  Signal signal = {.command = command};
  const char *code = read_signal (r, command->arg, &signal);
  const bool is_offer = code == NULL && signal.type == AHOY_CALL_SIGNAL_OFFER;
  if (code == NULL) {
    code = is_offer ? offer (r, visitor, &signal) : route (r, visitor, &signal);
  }
  rtmfp_buffer_clear (&signal.body);
  if (code != NULL) {
    ahoy_rendezvous_fail (r, visitor->session, command->id, code, command->now_us);
  } else if (!is_offer) {
    ahoy_rendezvous_reply_nothing (r, visitor->session, command->id, command->now_us);
  }
}

/* ---- Ends that nobody signalled ---- */

/* The caller's device went: unanswered calls are over, answered ones go on straight. */
static void
caller_left (AhoyRendezvous *r, AhoyTableCall *call, int64_t now_us) {
  call->caller_gone = true;
  if (call->state == AHOY_CALL_RINGS) {
    say_to_ringing (r, call, NULL, AHOY_CALL_SIGNAL_CANCEL, NULL, now_us);
    ahoy_call_table_remove (&r->calls, call);
  } else if (call->state == AHOY_CALL_ANSWERED && call->answered_gone) {
    ahoy_call_table_remove (&r->calls, call);
  }
}

static void
callee_left (AhoyRendezvous *r, AhoyTableCall *call, const AhoyVisitor *visitor, int64_t now_us) {
  AhoyRung *rung = ahoy_call_rung (call, &visitor->device);
  if (rung == NULL) {
    return;
  }
  if (call->state == AHOY_CALL_RINGS) {
    rung->state = AHOY_RUNG_GONE;
    settle_if_silent (r, call, &visitor->device, now_us);
  } else if (call->state == AHOY_CALL_ANSWERED &&
             memcmp (&call->answered, &visitor->device, sizeof call->answered) == 0) {
    call->answered_gone = true;
    if (call->caller_gone) {
      ahoy_call_table_remove (&r->calls, call);
    }
  }
}

void
ahoy_rendezvous_leave_calls (AhoyRendezvous *r, const AhoyVisitor *visitor, int64_t now_us) {
  const char *user = visitor->person->user;
  AhoyTableCall *call, *next;
  HASH_ITER (hh, r->calls.calls, call, next) {
    if (ahoy_call_is_caller (call, user, &visitor->device)) {
      caller_left (r, call, now_us);
    } else if (strcmp (call->callee, user) == 0) {
      callee_left (r, call, visitor, now_us);
    }
  }
}

static void
say_place (AhoyRendezvous *r, const AhoyVisitor *from, AhoyVisitor *to, const RtmfpAddress *place,
           int64_t now_us) {
  char address[AHOY_NAME_TEXT_SIZE], where[RTMFP_ADDRESS_TEXT_SIZE];
  ahoy_rendezvous_address (r, from->person->user, address);
  rtmfp_address_format (place, where);
  RtmfpBuffer *out = ahoy_rendezvous_begin (r);
  rtmfp_amf_member_text (out, "from", address);
  rtmfp_amf_member_bytes (out, "device",
                          rtmfp_bytes (from->device.bytes, sizeof from->device.bytes));
  rtmfp_amf_member_text (out, "address", where);
  rtmfp_amf_member_boolean (out, "relayed", rtmfp_address_equal (place, &from->relayed));
  ahoy_rendezvous_tell (r, to, "moved", now_us);
}

static void
say_moved (AhoyRendezvous *r, const AhoyVisitor *from, AhoyVisitor *to, int64_t now_us) {
  if (from->relayed.family != RTMFP_ADDRESS_NONE) {
    say_place (r, from, to, &from->relayed, now_us);
  }
  if (!from->hides && !rtmfp_address_equal (&from->address, &from->relayed)) {
    say_place (r, from, to, &from->address, now_us);
  }
}

/* Only those who talk know each other's address already: nobody learns one by calling. */
static void
tell_places (AhoyRendezvous *r, const AhoyVisitor *visitor, bool theirs, int64_t now_us) {
  if (visitor->person == NULL) {
    return;
  }
  for (AhoyTableCall *call = r->calls.calls; call != NULL; call = call->hh.next) {
    if (call->state != AHOY_CALL_ANSWERED) {
      continue;
    }
    AhoyVisitor *caller = device_of (r, call->caller, &call->caller_device);
    AhoyVisitor *callee = device_of (r, call->callee, &call->answered);
    call->caller_gone = call->caller_gone && caller != visitor; /* it may have come again */
    call->answered_gone = call->answered_gone && callee != visitor;
    if (caller != NULL && callee != NULL && (caller == visitor || callee == visitor)) {
      const bool from_caller = (caller == visitor) != theirs;
      say_moved (r, from_caller ? caller : callee, from_caller ? callee : caller, now_us);
    }
  }
}

void
ahoy_rendezvous_tell_moved (AhoyRendezvous *r, const AhoyVisitor *visitor, int64_t now_us) {
  tell_places (r, visitor, false, now_us);
}

void
ahoy_rendezvous_tell_where (AhoyRendezvous *r, AhoyVisitor *visitor, int64_t now_us) {
  tell_places (r, visitor, true, now_us);
}

void
ahoy_rendezvous_call_due (AhoyRendezvous *r, AhoyTableCall *call, int64_t now_us) {
  if (call->state == AHOY_CALL_RINGS) {
    say_to_ringing (r, call, NULL, AHOY_CALL_SIGNAL_CANCEL, NULL, now_us);
  }
  ahoy_call_table_remove (&r->calls, call);
}

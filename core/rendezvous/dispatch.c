/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which command goes where, who may give it, and how often. */
#include "core/rendezvous/internal.h"

#include <string.h>

static const struct {
  const char *name;
  AhoyCommandHandler *handler;
  bool needs_entry; /* only after enter */
} commands[] = {
    {"salt", ahoy_command_salt, false},
    {"create", ahoy_command_create, false},
    {"signIn", ahoy_command_sign_in, false},
    {"enter", ahoy_command_enter, false},
    {"signOut", ahoy_command_sign_out, true},
    {"presence", ahoy_command_presence, true},
    {"contact.request", ahoy_command_contact, true},
    {"contact.accept", ahoy_command_contact, true},
    {"contact.decline", ahoy_command_contact, true},
    {"contact.remove", ahoy_command_contact, true},
    {"contact.block", ahoy_command_contact, true},
    {"contact.unblock", ahoy_command_contact, true},
    {"invite.make", ahoy_command_invite_make, true},
    {"invite.redeem", ahoy_command_invite_redeem, true},
    {"message.send", ahoy_command_message, true},
    {"signal", ahoy_command_signal, true},
    {"introduce", ahoy_command_introduce, true},
    {"relay", ahoy_command_relay, true},
    {"paths", ahoy_command_paths, true},
    {"look", ahoy_command_look, true},
};

/* Messages have a rate of their own, and keep their order when it is reached. */
static bool
may_command (AhoyVisitor *visitor, const char *name, int64_t now_us) {
  return strcmp (name, "message.send") == 0 ||
         rtmfp_bucket_take (&visitor->commands, AHOY_COMMAND_BURST, AHOY_COMMAND_EVERY_US, now_us);
}

void
ahoy_rendezvous_take_call (AhoyRendezvous *r, AhoyVisitor *visitor, const RtmfpNetEvent *event,
                           int64_t now_us) {
  const AhoyCommand command = {
      .id = event->call,
      .name = event->name,
      .arg = event->value_count > 0 ? event->values[0].value : NULL,
      .now_us = now_us,
  };
  const char *code = "badRequest";
  if (!may_command (visitor, event->name, now_us)) {
    r->counters.rate_limited++;
    ahoy_rendezvous_fail (r, visitor->session, command.id, "slowDown", now_us);
    return;
  }
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
    if (strcmp (commands[i].name, event->name) != 0) {
      continue;
    }
    if (command.arg == NULL || command.arg->type != RTMFP_AMF_OBJECT) {
      break;
    }
    if (commands[i].needs_entry && visitor->person == NULL) {
      code = "notSignedIn";
      break;
    }
    commands[i].handler (r, visitor, &command);
    return;
  }
  r->counters.bad_requests++;
  ahoy_rendezvous_fail (r, visitor->session, command.id, code, now_us);
}

void
ahoy_rendezvous_take_answer (AhoyRendezvous *r, const RtmfpNetEvent *event, int64_t now_us) {
  AhoyPending *pending;
  struct {
    RtmfpId session;
    RtmfpId call;
  } key = {event->session, event->call};
  HASH_FIND (hh, r->pending, &key, sizeof key, pending);
  if (pending == NULL) {
    return; /* given up before */
  }
  const bool ok = event->type == RTMFP_NET_RESULT;
  if (pending->kind == PENDING_EXPECT) {
    ahoy_rendezvous_expected (r, pending, ok ? NULL : event->code, now_us);
  } else {
    AhoyVisitor *visitor = ahoy_registry_visitor (&r->registry, event->session);
    if (visitor != NULL && visitor->person != NULL) {
      ahoy_rendezvous_delivered (r, visitor, pending, ok, now_us);
    }
  }
  ahoy_rendezvous_forget_pending (r, pending);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contacts by request and consent or by invite, blocks, and who sees whose presence. */
#include "core/rendezvous/internal.h"

#include <string.h>

void
ahoy_rendezvous_write_entry (AhoyRendezvous *r, RtmfpBuffer *out, const AhoyRosterRecord *record) {
  char address[AHOY_NAME_TEXT_SIZE];
  ahoy_rendezvous_address (r, record->user, address);
  const AhoyPresence presence =
      record->relation == AHOY_RELATION_BOTH
          ? ahoy_person_presence (ahoy_registry_person (&r->registry, record->user))
          : AHOY_PRESENCE_OFFLINE;
  rtmfp_amf_member_text (out, "address", address);
  rtmfp_amf_member_text (out, "displayName", record->display_name);
  rtmfp_amf_member_text (out, "relation", ahoy_relation_text (record->relation));
  rtmfp_amf_member_text (out, "presence", ahoy_presence_text (presence));
  if (record->relation != AHOY_RELATION_NONE) {
    rtmfp_amf_member_bytes (out, "card",
                            rtmfp_bytes (record->identity.bytes, sizeof record->identity.bytes));
  }
  rtmfp_amf_member_text (out, "text", record->text);
}

void
ahoy_rendezvous_tell_presence (AhoyRendezvous *r, const AhoyPerson *person, AhoyPresence presence,
                               int64_t now_us) {
  char address[AHOY_NAME_TEXT_SIZE];
  ahoy_rendezvous_address (r, person->user, address);
  for (const AhoyTie *tie = person->ties; tie != NULL; tie = tie->hh.next) {
    AhoyPerson *other = ahoy_registry_person (&r->registry, tie->user);
    if (tie->relation != AHOY_RELATION_BOTH || other == NULL) {
      continue;
    }
    RtmfpBuffer *out = ahoy_rendezvous_begin (r);
    rtmfp_amf_member_text (out, "address", address);
    rtmfp_amf_member_text (out, "presence", ahoy_presence_text (presence));
    ahoy_rendezvous_tell_person (r, other, "presence.changed", now_us);
  }
}

/* One side of a relation is different now: in memory, and on that person's screens. */
static void
change (AhoyRendezvous *r, const char *user, const AhoyRosterRecord *record, int64_t now_us) {
  AhoyPerson *person = ahoy_registry_person (&r->registry, user);
  if (person == NULL) {
    return;
  }
  ahoy_registry_tie (&r->registry, person, record->user, record->relation);
  ahoy_rendezvous_write_entry (r, ahoy_rendezvous_begin (r), record);
  ahoy_rendezvous_tell_person (r, person, "contact.changed", now_us);
}

/* Both sides in memory first, so that each entry shows the presence that goes with it. */
static void
change_both (AhoyRendezvous *r, const AhoyStoreJob *job, int64_t now_us) {
  if (job->far_changed) {
    change (r, job->other, &job->far_entry, now_us);
  }
  if (job->changed) {
    change (r, job->user, &job->entry, now_us);
  }
}

static void
reply_entry (AhoyRendezvous *r, const AhoyStoreJob *job, int64_t now_us) {
  ahoy_rendezvous_write_entry (r, ahoy_rendezvous_begin (r), &job->entry);
  ahoy_rendezvous_reply (r, job->session, job->call, now_us);
}

/* ---- contact.* ---- */

static AhoyRelationInput
input_of (const char *name) {
  static const struct {
    const char *name;
    AhoyRelationInput input;
  } acts[] = {
      {"contact.request", AHOY_RELATION_ADD},     {"contact.accept", AHOY_RELATION_ACCEPT},
      {"contact.decline", AHOY_RELATION_DECLINE}, {"contact.remove", AHOY_RELATION_REMOVE},
      {"contact.block", AHOY_RELATION_BLOCK},     {"contact.unblock", AHOY_RELATION_UNBLOCK},
  };
  size_t i = 0;
  while (strcmp (acts[i].name, name) != 0) {
    i++;
  }
  return acts[i].input;
}

/* Returns: NULL, or the code of why not. */
static const char *
check_contact (AhoyRendezvous *r, const AhoyVisitor *visitor, const AhoyCommand *command,
               AhoyRelationInput input, char user[AHOY_USER_TEXT_SIZE]) {
  const char *own = visitor->person->user;
  if (!ahoy_rendezvous_read_user (r, command->arg, "address", user)) {
    return "unknown";
  }
  if (strcmp (user, own) == 0) {
    return "notAllowed";
  }
  if (input == AHOY_RELATION_ADD &&
      !ahoy_rates_take (&r->rates, AHOY_RATE_REQUEST, rtmfp_bytes (own, strlen (own)),
                        command->now_us)) {
    r->counters.rate_limited++;
    return "slowDown";
  }
  return NULL;
}

void
ahoy_command_contact (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command) {
  const AhoyRelationInput input = input_of (command->name);
  char user[AHOY_USER_TEXT_SIZE];
  char text[AHOY_REQUEST_TEXT_BYTES_MAX + 1];
  const char *code = check_contact (r, visitor, command, input, user);
  if (code == NULL && !ahoy_rendezvous_read_text (command->arg, "text", text, sizeof text)) {
    code = "limit";
  }
  if (code != NULL) {
    ahoy_rendezvous_fail (r, visitor->session, command->id, code, command->now_us);
    return;
  }
  AhoyStoreJob *job = ahoy_rendezvous_job (r, visitor, command, AHOY_STORE_CONTACT_ACT);
  if (job == NULL) {
    return;
  }
  job->input = input;
  memcpy (job->other, user, sizeof user);
  memcpy (job->text, text, strlen (text) + 1);
  ahoy_rendezvous_submit (r, job);
}

void
ahoy_done_contact (AhoyRendezvous *r, AhoyVisitor *visitor, AhoyStoreJob *job, int64_t now_us) {
  if (job->status == AHOY_STORE_OK) {
    change_both (r, job, now_us);
  }
  if (visitor == NULL) {
    return;
  }
  if (job->status != AHOY_STORE_OK) {
    ahoy_rendezvous_fail_store (r, job, now_us);
  } else if (job->input == AHOY_RELATION_ADD) {
    reply_entry (r, job, now_us);
  } else {
    ahoy_rendezvous_reply_nothing (r, job->session, job->call, now_us);
  }
}

/* ---- invite.* ---- */

void
ahoy_command_invite_make (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command) {
  AhoyStoreJob *job = ahoy_rendezvous_job (r, visitor, command, AHOY_STORE_INVITE_MAKE);
  if (job == NULL) {
    return;
  }
  uint8_t token[AHOY_INVITE_TOKEN_SIZE];
  rtmfp_rng_fill (&r->rng, token, sizeof token);
  ahoy_store_token_hash (token, job->token_hash);
  ahoy_invite_token_format (token, job->text);
  job->until_ms = job->now_ms + AHOY_INVITE_LIFE_MS;
  ahoy_rendezvous_submit (r, job);
}

void
ahoy_done_invite_make (AhoyRendezvous *r, AhoyVisitor *visitor, AhoyStoreJob *job, int64_t now_us) {
  if (visitor == NULL) {
    return;
  }
  if (job->status != AHOY_STORE_OK) {
    ahoy_rendezvous_fail_store (r, job, now_us);
    return;
  }
  RtmfpBuffer *out = ahoy_rendezvous_begin (r);
  rtmfp_amf_member_text (out, "token", job->text);
  rtmfp_amf_member_integer (out, "until", job->until_ms);
  AhoyRelayAccess access;
  ahoy_rendezvous_invite_relay (r, job->text, AHOY_INVITE_LIFE_MS, now_us, &access);
  ahoy_rendezvous_write_access (out, "relay", &access, AHOY_INVITE_LIFE_MS / 1000);
  ahoy_rendezvous_reply (r, job->session, job->call, now_us);
}

void
ahoy_command_invite_redeem (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command) {
  char text[AHOY_INVITE_TOKEN_TEXT_SIZE];
  uint8_t token[AHOY_INVITE_TOKEN_SIZE];
  const char *own = visitor->person->user;
  const char *code = NULL;
  if (!ahoy_rates_take (&r->rates, AHOY_RATE_REDEEM, rtmfp_bytes (own, strlen (own)),
                        command->now_us)) {
    r->counters.rate_limited++;
    code = "slowDown";
  } else if (!rtmfp_amf_as_text (rtmfp_amf_get (command->arg, "token"), text, sizeof text) ||
             ahoy_invite_token_parse (text, token) != RTMFP_OK) {
    code = "unknown";
  }
  if (code != NULL) {
    ahoy_rendezvous_fail (r, visitor->session, command->id, code, command->now_us);
    return;
  }
  AhoyStoreJob *job = ahoy_rendezvous_job (r, visitor, command, AHOY_STORE_INVITE_REDEEM);
  if (job == NULL) {
    return;
  }
  ahoy_store_token_hash (token, job->token_hash);
  ahoy_rendezvous_submit (r, job);
}

void
ahoy_done_invite_redeem (AhoyRendezvous *r, AhoyVisitor *visitor, AhoyStoreJob *job,
                         int64_t now_us) {
  if (job->status == AHOY_STORE_OK) {
    change_both (r, job, now_us);
  }
  if (visitor == NULL) {
    return;
  }
  if (job->status != AHOY_STORE_OK) {
    ahoy_rendezvous_fail_store (r, job, now_us);
  } else {
    reply_entry (r, job, now_us);
  }
}

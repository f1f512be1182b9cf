/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making an account, proving the password, and putting a device on line (docs/ahoy-protocol.md). */
#include "core/rendezvous/internal.h"

#include <string.h>

/* What an ACCOUNT_READ was for. */
enum { FOR_SALT, FOR_SIGN_IN };

static RtmfpBytes
ip_of (const AhoyVisitor *visitor) {
  return ahoy_registry_network (&visitor->address);
}

static bool
take_rate (AhoyRendezvous *r, AhoyRate rate, RtmfpBytes subject, int64_t now_us) {
  if (ahoy_rates_take (&r->rates, rate, subject, now_us)) {
    return true;
  }
  r->counters.rate_limited++;
  return false;
}

static void
fail_command (AhoyRendezvous *r, const AhoyVisitor *visitor, const AhoyCommand *command,
              const char *code) {
  if (strcmp (code, "badRequest") == 0) {
    r->counters.bad_requests++;
  }
  ahoy_rendezvous_fail (r, visitor->session, command->id, code, command->now_us);
}

/* ---- salt and signIn ---- */

/* The name of somebody, known or not: what is no name at all becomes a name that nobody has. */
static void
read_name (const AhoyRendezvous *r, const RtmfpAmfValue *arg, char user[AHOY_USER_TEXT_SIZE]) {
  if (!ahoy_rendezvous_read_user (r, arg, "name", user)) {
    memcpy (user, "-", 2);
  }
}

void
ahoy_command_salt (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command) {
  AhoyStoreJob *job = ahoy_rendezvous_job (r, visitor, command, AHOY_STORE_ACCOUNT_READ);
  if (job == NULL) {
    return;
  }
  job->tag = FOR_SALT;
  read_name (r, command->arg, job->user);
  ahoy_rendezvous_submit (r, job);
}

/* One guess costs from three buckets, so that neither one address nor many guess one name, nor one
 * address many names. */
static bool
may_sign_in (AhoyRendezvous *r, const AhoyVisitor *visitor, const char *user, int64_t now_us) {
  uint8_t both[sizeof visitor->address.ip + AHOY_USER_TEXT_SIZE] = {0};
  const RtmfpBytes ip = ip_of (visitor);
  const size_t size = strlen (user);
  memcpy (both, ip.data, ip.size);
  memcpy (both + ip.size, user, size);
  return take_rate (r, AHOY_RATE_SIGN_IN_IP, ip_of (visitor), now_us) &&
         take_rate (r, AHOY_RATE_SIGN_IN, rtmfp_bytes (both, sizeof visitor->address.ip + size),
                    now_us) &&
         take_rate (r, AHOY_RATE_SIGN_IN_NAME, rtmfp_bytes (user, size), now_us);
}

void
ahoy_command_sign_in (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command) {
  char user[AHOY_USER_TEXT_SIZE];
  AhoySignature signature;
  read_name (r, command->arg, user);
  if (visitor->person != NULL || !rtmfp_amf_as_fixed (rtmfp_amf_get (command->arg, "signature"),
                                                      signature.bytes, sizeof signature.bytes)) {
    fail_command (r, visitor, command, "badRequest");
    return;
  }
  if (!may_sign_in (r, visitor, user, command->now_us)) {
    fail_command (r, visitor, command, "slowDown");
    return;
  }
  AhoyStoreJob *job = ahoy_rendezvous_job (r, visitor, command, AHOY_STORE_ACCOUNT_READ);
  if (job == NULL) {
    return;
  }
  job->tag = FOR_SIGN_IN;
  job->signature = signature;
  memcpy (job->user, user, sizeof user);
  ahoy_rendezvous_submit (r, job);
}

static void
answer_salt (AhoyRendezvous *r, const AhoyStoreJob *job, int64_t now_us) {
  AhoyPasswordParams params = job->account.password;
  if (job->status != AHOY_STORE_OK) {
    ahoy_password_params_false (r->secret, job->user, &params);
  }
  uint8_t bytes[AHOY_PASSWORD_PARAMS_SIZE];
  ahoy_password_params_write (&params, bytes);
  rtmfp_amf_member_bytes (ahoy_rendezvous_begin (r), "params", rtmfp_bytes (bytes, sizeof bytes));
  ahoy_rendezvous_reply (r, job->session, job->call, now_us);
}

static void
answer_sign_in (AhoyRendezvous *r, const AhoyVisitor *visitor, const AhoyStoreJob *job,
                int64_t now_us) {
  /* A name that is not known costs a verification too. */
  const bool is_known = job->status == AHOY_STORE_OK;
  const AhoyKey *key = is_known ? &job->account.sign_in : &r->identity.key;
  const bool is_signed = ahoy_binding_verify (&visitor->greeting.binding, key, AHOY_PURPOSE_SIGN_IN,
                                              job->user, &job->signature) == RTMFP_OK;
  if (!is_known || !is_signed) {
    r->counters.sign_in_failed++;
    ahoy_rendezvous_fail (r, job->session, job->call, "wrongPassword", now_us);
    return;
  }
  if (job->account.disabled) {
    ahoy_rendezvous_fail (r, job->session, job->call, "disabled", now_us);
    return;
  }
  RtmfpBuffer *out = ahoy_rendezvous_begin (r);
  rtmfp_amf_member_bytes (out, "wrapped",
                          rtmfp_bytes (job->account.wrapped, sizeof job->account.wrapped));
  rtmfp_amf_member_bytes (
      out, "card", rtmfp_bytes (job->account.identity.bytes, sizeof job->account.identity.bytes));
  ahoy_rendezvous_reply (r, job->session, job->call, now_us);
}

void
ahoy_done_account_read (AhoyRendezvous *r, AhoyVisitor *visitor, AhoyStoreJob *job,
                        int64_t now_us) {
  if (visitor == NULL) {
    return;
  }
  if (job->status == AHOY_STORE_FAILED) {
    ahoy_rendezvous_fail_store (r, job, now_us);
  } else if (job->tag == FOR_SALT) {
    answer_salt (r, job, now_us);
  } else {
    answer_sign_in (r, visitor, job, now_us);
  }
}

/* ---- create ---- */

/* Reads the new account. Returns: NULL, or the code of what is wrong with it. */
static const char *
read_account (const AhoyVisitor *visitor, const RtmfpAmfValue *arg, AhoyStoreJob *job) {
  AhoyAccountRecord *account = &job->account;
  RtmfpBytes params;
  if (!rtmfp_amf_as_text (rtmfp_amf_get (arg, "name"), account->user, sizeof account->user) ||
      !ahoy_name_is_user (account->user)) {
    return "badName";
  }
  if (!ahoy_rendezvous_read_text (arg, "displayName", account->display_name,
                                  sizeof account->display_name)) {
    return "limit";
  }
  if (!rtmfp_amf_as_bytes (rtmfp_amf_get (arg, "params"), &params) ||
      ahoy_password_params_read (params, &account->password) != RTMFP_OK ||
      !rtmfp_amf_as_fixed (rtmfp_amf_get (arg, "signInKey"), account->sign_in.bytes,
                           sizeof account->sign_in.bytes) ||
      !rtmfp_amf_as_fixed (rtmfp_amf_get (arg, "wrapped"), account->wrapped,
                           sizeof account->wrapped) ||
      !rtmfp_amf_as_fixed (rtmfp_amf_get (arg, "card"), account->identity.bytes,
                           sizeof account->identity.bytes)) {
    return "badRequest";
  }
  if (!ahoy_key_equal (&account->identity, &visitor->greeting.far_key)) {
    return "notAllowed"; /* only the key that this session proved */
  }
  return NULL;
}

/* Reads the invite into the job; a text that is no token counts as an unknown one. */
static void
read_invite (const RtmfpAmfValue *arg, AhoyStoreJob *job) {
  char text[AHOY_INVITE_TOKEN_TEXT_SIZE];
  uint8_t token[AHOY_INVITE_TOKEN_SIZE];
  if (ahoy_rendezvous_read_text (arg, "invite", text, sizeof text) && text[0] != '\0' &&
      ahoy_invite_token_parse (text, token) == RTMFP_OK) {
    job->has_token = true;
    ahoy_store_token_hash (token, job->token_hash);
  }
}

void
ahoy_command_create (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command) {
  if (visitor->person != NULL) {
    fail_command (r, visitor, command, "badRequest");
    return;
  }
  if (!take_rate (r, AHOY_RATE_CREATE, ip_of (visitor), command->now_us)) {
    fail_command (r, visitor, command, "slowDown");
    return;
  }
  AhoyStoreJob *job = ahoy_rendezvous_job (r, visitor, command, AHOY_STORE_ACCOUNT_CREATE);
  if (job == NULL) {
    return;
  }
  const char *code = read_account (visitor, command->arg, job);
  read_invite (command->arg, job);
  job->needs_invite = !r->open_registration;
  if (code == NULL && job->needs_invite && !job->has_token) {
    code = "inviteNeeded";
  }
  if (code != NULL) {
    visitor->jobs--;
    ahoy_store_job_free (job);
    fail_command (r, visitor, command, code);
    return;
  }
  job->account.created_ms = job->now_ms;
  memcpy (job->user, job->account.user, sizeof job->user);
  ahoy_rendezvous_submit (r, job);
}

void
ahoy_done_account_create (AhoyRendezvous *r, AhoyVisitor *visitor, AhoyStoreJob *job,
                          int64_t now_us) {
  if (job->status == AHOY_STORE_OK) {
    r->counters.accounts_created++;
  }
  if (visitor == NULL) {
    return;
  }
  if (job->status == AHOY_STORE_OK) {
    ahoy_rendezvous_reply_nothing (r, job->session, job->call, now_us);
  } else if (job->status == AHOY_STORE_NOT_ALLOWED) {
    ahoy_rendezvous_fail (r, job->session, job->call, "inviteNeeded", now_us);
  } else {
    ahoy_rendezvous_fail_store (r, job, now_us);
  }
}

/* ---- enter ---- */

static const char *
read_enter (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command,
            AhoyStoreJob *job) {
  const RtmfpAmfValue *arg = command->arg;
  RtmfpBytes proof;
  const RtmfpAmfValue *ring = rtmfp_amf_get (arg, "ring");
  if (!ahoy_rendezvous_read_user (r, arg, "name", job->user)) {
    return "unknown";
  }
  if (visitor->person != NULL ||
      !rtmfp_amf_as_fixed (rtmfp_amf_get (arg, "device"), job->device, sizeof job->device) ||
      !(rtmfp_amf_is_nothing (ring) || rtmfp_amf_is_text (ring, "early") ||
        rtmfp_amf_is_text (ring, "afterAccept"))) {
    return "badRequest";
  }
  if (!ahoy_rendezvous_read_text (arg, "label", job->label, sizeof job->label)) {
    return "limit";
  }
  if (rtmfp_amf_as_bytes (rtmfp_amf_get (arg, "proof"), &proof) &&
      ahoy_greeting_receive (&visitor->greeting, proof) != RTMFP_OK) {
    r->counters.proofs_refused++;
    return "notAllowed";
  }
  job->key = visitor->greeting.far_key;
  job->tag = rtmfp_amf_is_text (ring, "early");
  (void)rtmfp_amf_as_boolean (rtmfp_amf_get (arg, "hides"), &visitor->hides);
  return NULL;
}

void
ahoy_command_enter (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command) {
  AhoyStoreJob *job = ahoy_rendezvous_job (r, visitor, command, AHOY_STORE_DEVICE_ENTER);
  if (job == NULL) {
    return;
  }
  const char *code = read_enter (r, visitor, command, job);
  if (code != NULL) {
    visitor->jobs--;
    ahoy_store_job_free (job);
    fail_command (r, visitor, command, code);
    return;
  }
  ahoy_rendezvous_submit (r, job);
}

/* Puts the visitor where its person's devices are, in the place of an older session of the device.
 */
static AhoyPerson *
enter (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyStoreJob *job, int64_t now_us) {
  AhoyPerson *person = ahoy_registry_person (&r->registry, job->user);
  const AhoyPresence before = ahoy_person_presence (person);
  memcpy (visitor->device.bytes, job->device, sizeof visitor->device.bytes);
  memcpy (visitor->label, job->label, sizeof visitor->label);
  visitor->ring_early = job->tag != 0;
  visitor->presence = AHOY_PRESENCE_ONLINE;
  visitor->delivery = (AhoyDelivery){0};
  AhoyVisitor *older = person == NULL ? NULL : ahoy_person_device (person, &visitor->device);
  person = ahoy_registry_enter (&r->registry, visitor, job->user);
  memcpy (person->display_name, job->account.display_name, sizeof person->display_name);
  person->known_devices = job->account.devices;
  for (size_t i = 0; i < job->roster_count; i++) {
    ahoy_registry_tie (&r->registry, person, job->roster[i].user, job->roster[i].relation);
  }
  if (older != NULL) {
    ahoy_rendezvous_close_visitor (r, older, now_us);
  }
  rtmfp_deadlines_set (&r->registry.deadlines, &visitor->deadline, RTMFP_NEVER);
  if (before != AHOY_PRESENCE_ONLINE) {
    ahoy_rendezvous_tell_presence (r, person, AHOY_PRESENCE_ONLINE, now_us);
  }
  return person;
}

static void
answer_enter (AhoyRendezvous *r, const AhoyStoreJob *job, int64_t now_us) {
  char address[AHOY_NAME_TEXT_SIZE];
  ahoy_rendezvous_address (r, job->user, address);
  RtmfpBuffer *out = ahoy_rendezvous_begin (r);
  rtmfp_amf_member_text (out, "address", address);
  rtmfp_amf_member_text (out, "displayName", job->account.display_name);
  rtmfp_amf_member_integer (out, "serverTime", ahoy_rendezvous_wall_ms (r, now_us));
  rtmfp_amf_member_integer (out, "grace", r->grace_seconds);
  ahoy_rendezvous_write_relay (r, out, job->user, now_us);
  rtmfp_amf_write_key (out, "roster");
  rtmfp_amf_begin_array (out, (uint32_t)job->roster_count);
  for (size_t i = 0; i < job->roster_count; i++) {
    rtmfp_amf_begin_object (out);
    ahoy_rendezvous_write_entry (r, out, &job->roster[i]);
    rtmfp_amf_end_object (out);
  }
  ahoy_rendezvous_reply (r, job->session, job->call, now_us);
}

void
ahoy_done_enter (AhoyRendezvous *r, AhoyVisitor *visitor, AhoyStoreJob *job, int64_t now_us) {
  if (visitor == NULL) {
    return;
  }
  if (visitor->person != NULL) { /* it asked twice before it was answered */
    ahoy_rendezvous_fail (r, job->session, job->call, "badRequest", now_us);
    return;
  }
  if (job->status != AHOY_STORE_OK) {
    ahoy_rendezvous_fail_store (r, job, now_us);
    return;
  }
  r->counters.signed_in++;
  (void)enter (r, visitor, job, now_us);
  answer_enter (r, job, now_us);
  ahoy_rendezvous_tell_moved (r, visitor, now_us); /* a call may have outlived its last session */
  ahoy_rendezvous_deliver (r, visitor, now_us);
}

/* ---- signOut and presence ---- */

void
ahoy_command_sign_out (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command) {
  AhoyStoreJob *job = ahoy_rendezvous_job (r, visitor, command, AHOY_STORE_DEVICE_FORGET);
  if (job != NULL) {
    ahoy_rendezvous_submit (r, job);
  }
}

void
ahoy_done_forget (AhoyRendezvous *r, AhoyVisitor *visitor, AhoyStoreJob *job, int64_t now_us) {
  AhoyPerson *person = ahoy_registry_person (&r->registry, job->user);
  if (job->status == AHOY_STORE_OK && person != NULL && person->known_devices > 0) {
    person->known_devices--;
  }
  if (visitor == NULL) {
    return;
  }
  if (job->status != AHOY_STORE_OK) {
    ahoy_rendezvous_fail_store (r, job, now_us);
    return;
  }
  ahoy_rendezvous_reply_nothing (r, job->session, job->call, now_us);
  ahoy_rendezvous_leave (r, visitor, now_us);
  rtmfp_deadlines_set (&r->registry.deadlines, &visitor->deadline, now_us + AHOY_ENTER_TIMEOUT_US);
}

void
ahoy_command_presence (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command) {
  char text[16];
  AhoyPresence presence;
  if (!rtmfp_amf_as_text (rtmfp_amf_get (command->arg, "presence"), text, sizeof text) ||
      ahoy_presence_parse (text, &presence) != RTMFP_OK || presence == AHOY_PRESENCE_OFFLINE) {
    fail_command (r, visitor, command, "badRequest");
    return;
  }
  const AhoyPresence before = ahoy_person_presence (visitor->person);
  visitor->presence = presence;
  const AhoyPresence after = ahoy_person_presence (visitor->person);
  if (after != before) {
    ahoy_rendezvous_tell_presence (r, visitor->person, after, command->now_us);
  }
  ahoy_rendezvous_reply_nothing (r, visitor->session, command->id, command->now_us);
}

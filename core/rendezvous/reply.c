/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How calls are answered and clients are called: one object each, in AMF0 (docs/ahoy-protocol.md).
 */
#include "core/base/memory.h"
#include "core/rendezvous/internal.h"

#include <stdlib.h>
#include <string.h>

/* A sentence for a person for each code. */
static const struct {
  const char *code;
  const char *sentence;
} sentences[] = {
    {"badRequest", "The server did not understand this program."},
    {"notSignedIn", "Sign in first."},
    {"notAllowed", "That is not allowed."},
    {"unknown", "There is nobody and nothing of that name."},
    {"limit", "That is more than the server keeps for one person."},
    {"storeFailed",
     "The server could not write to its disk. Nothing was changed. Try again later."},
    {"busy", "The server is busy. Try again in a moment."},
    {"slowDown", "Too many attempts. Wait a minute and try again."},
    {"nameTaken", "That name is taken. Choose another one."},
    {"badName", "A name is 1 to 64 of the small letters a-z, digits, and . _ -, beginning with a "
                "letter or digit."},
    {"inviteNeeded", "This server takes new people by invite only."},
    {"wrongPassword", "The name or the password is wrong."},
    {"disabled", "This account was disabled by the operator of the server."},
    {"offline", "That person is not reachable now."},
    {"answered", "The call was answered on another device."},
    {"notYet", "Not before the call is accepted."},
    {"manyDevices", "That person has more than one device."},
};

RtmfpBuffer *
ahoy_rendezvous_begin (AhoyRendezvous *r) {
  r->out.size = 0;
  rtmfp_amf_begin_object (&r->out);
  return &r->out;
}

void
ahoy_rendezvous_reply (AhoyRendezvous *r, RtmfpId session, RtmfpId call, int64_t now_us) {
  rtmfp_amf_end_object (&r->out);
  if (rtmfp_net_return (r->net, session, call, rtmfp_buffer_bytes (&r->out), now_us) ==
      RTMFP_LIMIT) {
    ahoy_rendezvous_fail (r, session, call, "limit", now_us);
  }
}

void
ahoy_rendezvous_reply_nothing (AhoyRendezvous *r, RtmfpId session, RtmfpId call, int64_t now_us) {
  (void)ahoy_rendezvous_begin (r);
  ahoy_rendezvous_reply (r, session, call, now_us);
}

void
ahoy_rendezvous_fail (AhoyRendezvous *r, RtmfpId session, RtmfpId call, const char *code,
                      int64_t now_us) {
  const char *sentence = "";
  for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
    if (strcmp (sentences[i].code, code) == 0) {
      sentence = sentences[i].sentence;
      break;
    }
  }
  /* STATE: the session is gone, and with it whoever asked. */
  RtmfpStatus status = rtmfp_net_fail (r->net, session, call, code, sentence, now_us);
  (void)status;
}

void
ahoy_rendezvous_fail_store (AhoyRendezvous *r, const AhoyStoreJob *job, int64_t now_us) {
  static const char *const codes[] = {
      [AHOY_STORE_OK] = "storeFailed",     [AHOY_STORE_UNKNOWN] = "unknown",
      [AHOY_STORE_TAKEN] = "nameTaken",    [AHOY_STORE_NOT_ALLOWED] = "notAllowed",
      [AHOY_STORE_DISABLED] = "disabled",  [AHOY_STORE_LIMIT] = "limit",
      [AHOY_STORE_FAILED] = "storeFailed",
  };
  ahoy_rendezvous_fail (r, job->session, job->call, codes[job->status], now_us);
}

/* ---- Calls to clients ---- */

static void
send (AhoyRendezvous *r, AhoyVisitor *visitor, const char *name, int64_t now_us) {
  if (visitor->closing || !visitor->connected) {
    return;
  }
  const RtmfpStatus status = rtmfp_net_call (r->net, visitor->session, name,
                                             rtmfp_buffer_bytes (&r->out), false, now_us, NULL);
  if (status == RTMFP_FULL) {
    /* It has not read for long: its next session tells it everything anew. Closed by the timer,
     * since this stands in the middle of a walk over devices. */
    visitor->closing = true;
    rtmfp_deadlines_set (&r->registry.deadlines, &visitor->deadline, now_us);
  }
}

void
ahoy_rendezvous_tell (AhoyRendezvous *r, AhoyVisitor *visitor, const char *name, int64_t now_us) {
  rtmfp_amf_end_object (&r->out);
  send (r, visitor, name, now_us);
}

void
ahoy_rendezvous_tell_person (AhoyRendezvous *r, AhoyPerson *person, const char *name,
                             int64_t now_us) {
  rtmfp_amf_end_object (&r->out);
  AhoyVisitor *visitor;
  TAILQ_FOREACH (visitor, &person->devices, sibling) {
    send (r, visitor, name, now_us);
  }
}

AhoyPending *
ahoy_rendezvous_ask (AhoyRendezvous *r, AhoyVisitor *visitor, const char *name,
                     AhoyPendingKind kind, int64_t now_us) {
  rtmfp_amf_end_object (&r->out);
  RtmfpId call;
  if (visitor->closing || !visitor->connected ||
      rtmfp_net_call (r->net, visitor->session, name, rtmfp_buffer_bytes (&r->out), true, now_us,
                      &call) != RTMFP_OK) {
    return NULL;
  }
  AhoyPending *pending = RTMFP_NEW (AhoyPending);
  pending->key.session = visitor->session;
  pending->key.call = call;
  pending->kind = kind;
  HASH_ADD (hh, r->pending, key, sizeof pending->key, pending);
  return pending;
}

void
ahoy_rendezvous_forget_pending (AhoyRendezvous *r, AhoyPending *pending) {
  rtmfp_deadlines_set (&r->expecting, &pending->end, RTMFP_NEVER);
  HASH_DEL (r->pending, pending);
  free (pending);
}

/* ---- Names ---- */

void
ahoy_rendezvous_address (const AhoyRendezvous *r, const char *user, char *text) {
  AhoyName name = r->hosts[0];
  memcpy (name.user, user, strlen (user) + 1);
  ahoy_name_format (&name, text);
}

bool
ahoy_rendezvous_read_user (const AhoyRendezvous *r, const RtmfpAmfValue *arg, const char *member,
                           char user[AHOY_USER_TEXT_SIZE]) {
  char text[AHOY_NAME_TEXT_SIZE];
  if (!rtmfp_amf_as_text (rtmfp_amf_get (arg, member), text, sizeof text)) {
    return false;
  }
  if (strchr (text, '@') == NULL) {
    if (!ahoy_name_is_user (text)) {
      return false;
    }
    memcpy (user, text, strlen (text) + 1);
    return true;
  }
  AhoyName name;
  if (ahoy_name_parse (text, &name) != RTMFP_OK) {
    return false;
  }
  for (size_t i = 0; i < r->host_count; i++) {
    if (r->hosts[i].port == name.port && strcmp (r->hosts[i].host, name.host) == 0) {
      memcpy (user, name.user, sizeof name.user);
      return true;
    }
  }
  return false;
}

bool
ahoy_rendezvous_read_text (const RtmfpAmfValue *arg, const char *member, char *text,
                           size_t capacity) {
  const RtmfpAmfValue *value = rtmfp_amf_get (arg, member);
  if (rtmfp_amf_is_nothing (value)) {
    text[0] = '\0';
    return true;
  }
  return rtmfp_amf_as_text (value, text, capacity);
}

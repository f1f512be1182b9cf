/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bringing two devices together that may meet: the target agrees, the asker gets a handle, the
 * hello that shows it is forwarded and redirected (RFC 7016 s3.5.1.4 to 6). Without a handle:
 * nothing. */
#include "core/rendezvous/internal.h"

#include "core/crypto/epd.h"

#include <string.h>

/* ---- introduce ---- */

typedef struct {
  char to[AHOY_USER_TEXT_SIZE];
  bool for_call;
  AhoyCallId call;
  bool has_device;
  AhoyDeviceId device;
} Wish;

static const char *
read_wish (AhoyRendezvous *r, const RtmfpAmfValue *arg, Wish *wish) {
  const RtmfpAmfValue *purpose = rtmfp_amf_get (arg, "purpose");
  const RtmfpAmfValue *device = rtmfp_amf_get (arg, "device");
  if (!ahoy_rendezvous_read_user (r, arg, "to", wish->to)) {
    return "unknown";
  }
  wish->for_call = rtmfp_amf_is_text (purpose, "call");
  wish->has_device = !rtmfp_amf_is_nothing (device);
  if ((!wish->for_call && !rtmfp_amf_is_text (purpose, "chat")) ||
      (wish->has_device &&
       !rtmfp_amf_as_fixed (device, wish->device.bytes, sizeof wish->device.bytes)) ||
      (wish->for_call &&
       (!wish->has_device || !rtmfp_amf_as_fixed (rtmfp_amf_get (arg, "call"), wish->call.bytes,
                                                  sizeof wish->call.bytes)))) {
    return "badRequest";
  }
  return NULL;
}

/* The device that is wanted, if these two may meet. */
static const char *
find_target (AhoyRendezvous *r, AhoyVisitor *visitor, const Wish *wish, AhoyVisitor **target) {
  if (ahoy_registry_relation (&r->registry, visitor->person, wish->to) != AHOY_RELATION_BOTH) {
    return "notAllowed";
  }
  const AhoyPerson *person = ahoy_registry_person (&r->registry, wish->to);
  if (person == NULL) {
    return "offline";
  }
  if (!wish->has_device && person->known_devices > 1) {
    return "manyDevices";
  }
  *target = wish->has_device ? ahoy_person_device (person, &wish->device)
                             : TAILQ_FIRST (&person->devices);
  if (*target == NULL || (*target)->closing) {
    return "offline";
  }
  if (!wish->for_call) {
    return NULL;
  }
  AhoyTableCall *call = ahoy_call_table_find (&r->calls, &wish->call);
  if (call == NULL || !ahoy_call_joins (call, visitor->person->user, &visitor->device, wish->to,
                                        &(*target)->device)) {
    return "notAllowed";
  }
  const bool asks_callee = ahoy_call_is_caller (call, visitor->person->user, &visitor->device);
  if (asks_callee && call->state == AHOY_CALL_RINGS && !(*target)->ring_early) {
    return "notYet";
  }
  return NULL;
}

static AhoyPending *
ask_target (AhoyRendezvous *r, const AhoyVisitor *visitor, const Wish *wish, AhoyVisitor *target,
            int64_t now_us) {
  char address[AHOY_NAME_TEXT_SIZE];
  ahoy_rendezvous_address (r, visitor->person->user, address);
  RtmfpBuffer *out = ahoy_rendezvous_begin (r);
  rtmfp_amf_member_text (out, "from", address);
  rtmfp_amf_member_bytes (out, "device",
                          rtmfp_bytes (visitor->device.bytes, sizeof visitor->device.bytes));
  rtmfp_amf_member_bytes (
      out, "fingerprint",
      rtmfp_bytes (visitor->fingerprint.bytes, sizeof visitor->fingerprint.bytes));
  rtmfp_amf_member_text (out, "purpose", wish->for_call ? "call" : "chat");
  if (wish->for_call) {
    rtmfp_amf_member_bytes (out, "call", rtmfp_bytes (wish->call.bytes, sizeof wish->call.bytes));
  }
  rtmfp_amf_member_integer (out, "seconds",
                            (AHOY_EXPECT_TIMEOUT_US + AHOY_HANDLE_LIFE_US) / 1000000);
  return ahoy_rendezvous_ask (r, target, "expect", PENDING_EXPECT, now_us);
}

void
ahoy_command_introduce (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command) {
  Wish wish = {0};
  AhoyVisitor *target = NULL;
  const char *code = read_wish (r, command->arg, &wish);
  if (code == NULL) {
    code = find_target (r, visitor, &wish, &target);
  }
  if (code == NULL && visitor->introductions >= AHOY_INTRODUCTIONS_PER_VISITOR_MAX) {
    code = "limit";
  }
  AhoyPending *pending = NULL;
  if (code == NULL) {
    pending = ask_target (r, visitor, &wish, target, command->now_us);
    code = pending == NULL ? "offline" : NULL;
  }
  if (code != NULL) {
    r->counters.introductions_refused++;
    ahoy_rendezvous_fail (r, visitor->session, command->id, code, command->now_us);
    return;
  }
  pending->asker = visitor->session;
  pending->asker_call = command->id;
  visitor->introductions++;
  rtmfp_deadlines_set (&r->expecting, &pending->end, command->now_us + AHOY_EXPECT_TIMEOUT_US);
}

/* ---- The target answered ---- */

static const char *
code_of (const char *code) {
  static const char *const passed[] = {"notYet", "notAllowed"};
  for (size_t i = 0; i < sizeof passed / sizeof passed[0]; i++) {
    if (strcmp (passed[i], code) == 0) {
      return passed[i];
    }
  }
  return "offline";
}

void
ahoy_rendezvous_expected (AhoyRendezvous *r, const AhoyPending *pending, const char *code,
                          int64_t now_us) {
  AhoyVisitor *asker = ahoy_registry_visitor (&r->registry, pending->asker);
  if (asker == NULL || asker->closing) {
    return;
  }
  if (asker->introductions > 0) {
    asker->introductions--;
  }
  const AhoyVisitor *target = ahoy_registry_visitor (&r->registry, pending->key.session);
  if (code == NULL && (target == NULL || target->person == NULL || asker->person == NULL)) {
    code = "offline";
  }
  uint8_t handle[AHOY_HANDLE_SIZE];
  if (code == NULL) {
    const AhoyIntroduction introduction = {
        .asker = asker->session,
        .target = target->session,
        .fingerprint = target->fingerprint,
    };
    if (ahoy_handle_table_make (&r->handles, &r->rng, &introduction, now_us, handle) != RTMFP_OK) {
      ahoy_rendezvous_fail (r, asker->session, pending->asker_call, "limit", now_us);
      return;
    }
  }
  if (code != NULL) {
    r->counters.introductions_refused++;
    ahoy_rendezvous_fail (r, asker->session, pending->asker_call, code_of (code), now_us);
    return;
  }
  r->counters.introductions++;
  RtmfpBuffer *out = ahoy_rendezvous_begin (r);
  rtmfp_amf_member_bytes (out, "device",
                          rtmfp_bytes (target->device.bytes, sizeof target->device.bytes));
  rtmfp_amf_member_bytes (
      out, "fingerprint",
      rtmfp_bytes (target->fingerprint.bytes, sizeof target->fingerprint.bytes));
  rtmfp_amf_member_bytes (out, "handle", rtmfp_bytes (handle, sizeof handle));
  rtmfp_amf_member_integer (out, "seconds", AHOY_HANDLE_LIFE_US / 1000000);
  ahoy_rendezvous_reply (r, asker->session, pending->asker_call, now_us);
}

/* ---- The hello that shows a handle ---- */

/* The target, if this hello may reach it. asker_out: who asks. */
static const AhoyVisitor *
admit (AhoyRendezvous *r, const RtmfpEvent *event, int64_t now_us, const AhoyVisitor **asker_out) {
  RtmfpEpd epd;
  AhoyIntroduction introduction;
  if (rtmfp_epd_read (event->bytes, &epd) != RTMFP_OK || !epd.has_fingerprint || !epd.has_handle) {
    return NULL;
  }
  if (ahoy_handle_table_use (&r->handles, epd.handle, &epd.fingerprint, event->tag, now_us,
                             &introduction) != RTMFP_OK) {
    return NULL;
  }
  const AhoyVisitor *asker = ahoy_registry_visitor (&r->registry, introduction.asker);
  const AhoyVisitor *target = ahoy_registry_visitor (&r->registry, introduction.target);
  if (asker == NULL || target == NULL || asker->person == NULL || target->person == NULL ||
      !(rtmfp_address_same_ip (&asker->address, &event->address) ||
        rtmfp_address_same_ip (&asker->relayed, &event->address)) ||
      ahoy_registry_relation (&r->registry, asker->person, target->person->user) !=
          AHOY_RELATION_BOTH) {
    return NULL;
  }
  *asker_out = asker;
  return target;
}

/* Both sides must send, so the target gets the asker's address: the one we saw, as the RFC has it,
 * and its IPv6 addresses too. These are its own although we saw an IPv4 one, and the filter of the
 * target's router opens only for whom the target sends to. */
static void
forward (AhoyRendezvous *r, const AhoyVisitor *asker, const AhoyVisitor *target,
         const RtmfpAddress *seen, RtmfpBytes epd, RtmfpBytes tag, int64_t now_us) {
  if (asker->hides) {
    seen = &asker->relayed;
  }
  if (seen->family == RTMFP_ADDRESS_NONE ||
      rtmfp_endpoint_forward_hello (r->endpoint, target->session, epd, tag, seen, now_us) !=
          RTMFP_OK) {
    return;
  }
  r->counters.hellos_forwarded++;
  if (asker->hides) {
    return;
  }
  if (asker->relayed.family != RTMFP_ADDRESS_NONE && !rtmfp_address_equal (&asker->relayed, seen)) {
    RtmfpStatus status = rtmfp_endpoint_forward_hello (r->endpoint, target->session, epd, tag,
                                                       &asker->relayed, now_us);
    (void)status; /* as below */
  }
  size_t more = 0;
  for (size_t i = 0; i < asker->told_count && more < AHOY_FORWARDS_TOLD_MAX; i++) {
    const RtmfpAddress *told = &asker->told[i];
    if (told->family == RTMFP_ADDRESS_IPV6 && !rtmfp_address_equal (told, seen)) {
      RtmfpStatus status =
          rtmfp_endpoint_forward_hello (r->endpoint, target->session, epd, tag, told, now_us);
      (void)status; /* too much waits: the address we saw goes first */
      more++;
    }
  }
}

/* Where the target may be asked. Returns: how many; 0 where it hides and has no relay yet. */
static size_t
addresses_of (const AhoyVisitor *target, RtmfpAddress *addresses) {
  size_t count = 0;
  if (target->relayed.family != RTMFP_ADDRESS_NONE) {
    addresses[count++] = target->relayed;
  }
  if (target->hides) {
    return count;
  }
  if (!rtmfp_address_equal (&target->relayed, &target->address)) {
    addresses[count] = target->address;
    addresses[count++].origin = RTMFP_ORIGIN_OBSERVED;
  }
  for (size_t i = 0; i < target->told_count; i++) {
    if (!rtmfp_address_equal (&target->told[i], &target->address)) {
      addresses[count++] = target->told[i];
    }
  }
  return count;
}

void
ahoy_rendezvous_take_hello (AhoyRendezvous *r, const RtmfpEvent *event, int64_t now_us) {
  const AhoyVisitor *asking = NULL;
  const AhoyVisitor *target = admit (r, event, now_us, &asking);
  if (target == NULL) {
    r->counters.hellos_dropped++;
    return;
  }
  RtmfpAddress addresses[2 + RTMFP_NET_PEER_ADDRESSES_MAX];
  const size_t count = addresses_of (target, addresses);
  /* The event's bytes are the engine's until it is called. */
  RtmfpBuffer kept = {0};
  rtmfp_buffer_append (&kept, event->bytes);
  rtmfp_buffer_append (&kept, event->tag);
  const RtmfpBytes epd = rtmfp_bytes (kept.data, event->bytes.size);
  const RtmfpBytes tag = rtmfp_bytes (kept.data + event->bytes.size, event->tag.size);
  const RtmfpAddress asker = event->address;
  const uint32_t interface_id = event->interface_id;
  forward (r, asking, target, &asker, epd, tag, now_us);
  if (count > 0) { /* an empty Redirect would mean: ask me */
    rtmfp_endpoint_redirect (r->endpoint, &asker, interface_id, tag, addresses, count);
  }
  rtmfp_buffer_clear (&kept);
}

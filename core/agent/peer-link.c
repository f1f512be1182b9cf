/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Direct sessions: being introduced, expecting others, the proofs of both, and when such a session
 * ends. */
#include "core/agent/agent-private.h"

#include "core/crypto/epd.h"

#include <stdlib.h>

#define EXPECTED_SECONDS_MAX 60

Link *
agent_link_by_session (AhoyAgent *agent, RtmfpId session) {
  Link *link;
  TAILQ_FOREACH (link, &agent->links, next) {
    if (link->session == session) {
      return link;
    }
  }
  return NULL;
}

Link *
agent_link_by_device (AhoyAgent *agent, const Person *person, uint64_t device) {
  Link *link;
  TAILQ_FOREACH (link, &agent->links, next) {
    if (link->person == person && link->device == device) {
      return link;
    }
  }
  return NULL;
}

static Link *
add_link (AhoyAgent *agent, Person *person, uint64_t device, RtmfpId session, int64_t now_us) {
  Link *link = RTMFP_NEW (Link);
  link->person = person;
  link->device = device;
  link->session = session;
  link->greet_by_us = link->close_us = NEVER;
  link->play_again_us = NEVER;
  link->used_us = link->heard_us = now_us;
  TAILQ_INSERT_TAIL (&agent->links, link, next);
  agent->link_count++;
  return link;
}

static void
drop_link (AhoyAgent *agent, Link *link) {
  TAILQ_REMOVE (&agent->links, link, next);
  agent->link_count--;
  free (link);
}

/* The link is out of the list before anybody is told, so that nobody finds it again. */
static void
end_link (AhoyAgent *agent, Link *link, AhoyCallInput input, int64_t now_us) {
  Person *person = link->person;
  const uint64_t device = link->device;
  person->chat_link_after_us = now_us + AHOY_AGENT_CHAT_LINK_RETRY_US;
  drop_link (agent, link);
  agent_messages_routes (agent, person, now_us);
  agent_calling_on_path (agent, person, device, input, now_us);
}

void
agent_link_close (AhoyAgent *agent, Link *link, int64_t now_us) {
  const bool was_ready = link->is_ready;
  rtmfp_endpoint_close (agent->endpoint, link->session, false, now_us);
  end_link (agent, link, was_ready ? AHOY_CALL_PATH_LOST : AHOY_CALL_PATH_FAILED, now_us);
}

int64_t
agent_link_lost_us (const AhoyAgent *agent) {
  int64_t patience_us = agent->config.patience_us;
  if (patience_us == 0) {
    patience_us = AHOY_AGENT_PATIENCE_US;
  } else if (patience_us < AHOY_AGENT_PATIENCE_LEAST_US) {
    patience_us = AHOY_AGENT_PATIENCE_LEAST_US;
  } else if (patience_us > AHOY_AGENT_PATIENCE_MOST_US) {
    patience_us = AHOY_AGENT_PATIENCE_MOST_US;
  }
  return patience_us + AHOY_AGENT_PATIENCE_SLACK_US;
}

void
ahoy_agent_set_patience (AhoyAgent *agent, int64_t patience_us, int64_t now_us) {
  agent->now_us = now_us;
  agent->config.patience_us = patience_us;
  rtmfp_net_set_peer_limit (agent->net, agent_link_lost_us (agent), now_us);
}

void
agent_link_close_all (AhoyAgent *agent, int64_t now_us) {
  Link *link;
  while ((link = TAILQ_FIRST (&agent->links)) != NULL) {
    agent_link_close (agent, link, now_us);
  }
}

static void
became_ready (AhoyAgent *agent, Link *link, int64_t now_us) {
  agent_messages_routes (agent, link->person, now_us);
  agent_calling_on_path (agent, link->person, link->device, AHOY_CALL_PATH_READY, now_us);
}

/* ---- Asking ---- */

void
agent_link_ask (AhoyAgent *agent, Person *person, uint64_t device, bool for_chat, int64_t now_us) {
  Link *link = device != 0 ? agent_link_by_device (agent, person, device) : NULL;
  if (link != NULL) {
    if (link->is_ready) {
      became_ready (agent, link, now_us);
    }
    return;
  }
  char address[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format (&person->info.name, address);
  const Device *known = agent_roster_device_of (agent, device);
  RtmfpBuffer args = {0};
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_member_text (&args, "to", address);
  rtmfp_amf_member_text (&args, "purpose", for_chat ? "chat" : "call");
  if (known != NULL) {
    rtmfp_amf_member_bytes (&args, "device", rtmfp_bytes (known->id, AHOY_DEVICE_ID_SIZE));
  }
  if (!for_chat) {
    rtmfp_amf_member_bytes (&args, "call", rtmfp_bytes (agent->call.id.bytes, AHOY_CALL_ID_SIZE));
  }
  rtmfp_amf_end_object (&args);
  Request *request =
      agent_server_is_online (agent) && agent->link_count < AHOY_AGENT_LINKS_MAX
          ? agent_request (agent, agent->server, REQUEST_INTRODUCE, "introduce", &args)
          : NULL;
  rtmfp_buffer_clear (&args);
  if (request == NULL) {
    agent_calling_on_path (agent, person, device, AHOY_CALL_PATH_FAILED, now_us);
    return;
  }
  request->person = person;
  request->device = device;
  request->for_chat = for_chat;
  person->chat_link_asked = person->chat_link_asked || for_chat;
}

static RtmfpStatus
open_session (AhoyAgent *agent, const RtmfpFingerprint *fingerprint, RtmfpBytes handle,
              int64_t now_us, RtmfpId *session) {
  RtmfpSessionInfo server;
  RtmfpStatus status = rtmfp_endpoint_session_info (agent->endpoint, agent->server, &server);
  uint8_t epd[512];
  RtmfpWriter writer = rtmfp_writer (epd, sizeof epd);
  if (status != RTMFP_OK) {
    return status;
  }
  status = rtmfp_epd_write_fingerprint (&writer, fingerprint, handle);
  if (status != RTMFP_OK) {
    return status;
  }
  const RtmfpOpen open = {.identity = agent->identity,
                          .epd = rtmfp_bytes (epd, rtmfp_writer_size (&writer)),
                          .candidates = &server.address,
                          .candidate_count = 1,
                          .interface_id = agent->config.always_relay ? AHOY_AGENT_RELAY_INTERFACE
                                                                     : server.interface_id,
                          .give_up_after_us = AHOY_AGENT_LINK_OPEN_US};
  return rtmfp_endpoint_open (agent->endpoint, &open, now_us, session);
}

static void
not_introduced (AhoyAgent *agent, const Request *request, int64_t now_us) {
  if (request->for_chat) {
    request->person->chat_link_after_us = now_us + AHOY_AGENT_CHAT_LINK_RETRY_US;
  } else {
    agent_calling_on_path (agent, request->person, request->device, AHOY_CALL_PATH_FAILED, now_us);
  }
}

void
agent_link_on_introduced (AhoyAgent *agent, const Request *request, const RtmfpNetEvent *event,
                          bool ok, int64_t now_us) {
  Person *person = request->person;
  const RtmfpAmfValue *result = event->value_count > 0 ? event->values[0].value : NULL;
  RtmfpFingerprint fingerprint;
  RtmfpBytes handle;
  RtmfpId session;
  if (request->for_chat) {
    person->chat_link_asked = false;
  }
  const uint64_t device =
      ok ? agent_roster_device (agent, person, rtmfp_amf_get (result, "device")) : 0;
  if (!ok || device == 0 || event->session != agent->server ||
      !rtmfp_amf_as_fixed (rtmfp_amf_get (result, "fingerprint"), fingerprint.bytes,
                           sizeof fingerprint.bytes) ||
      !rtmfp_amf_as_bytes (rtmfp_amf_get (result, "handle"), &handle) ||
      open_session (agent, &fingerprint, handle, now_us, &session) != RTMFP_OK) {
    not_introduced (agent, request, now_us);
    return;
  }
  Link *link = agent_link_by_session (agent, session);
  if (link == NULL) {
    link = add_link (agent, person, device, session, now_us);
  }
  link->close_us = NEVER;
  link->for_chat = link->for_chat || request->for_chat;
  link->for_call = link->for_call || !request->for_chat;
}

/* ---- Being asked ---- */

static void
refuse (AhoyAgent *agent, const RtmfpNetEvent *event, const char *code, int64_t now_us) {
  RtmfpStatus status =
      rtmfp_net_fail (agent->net, event->session, event->call, code, "Not now.", now_us);
  (void)status;
}

static void
expect (AhoyAgent *agent, Person *person, uint64_t device, const RtmfpFingerprint *fingerprint,
        bool for_chat, int64_t until_us) {
  Expected *expected = RTMFP_NEW (Expected);
  *expected = (Expected){.fingerprint = *fingerprint,
                         .person = person,
                         .device = device,
                         .for_chat = for_chat,
                         .until_us = until_us};
  TAILQ_INSERT_HEAD (&agent->expected, expected, next);
  agent->expected_count++;
}

/* The session may stand already, for another purpose. */
static bool
is_here (AhoyAgent *agent, Person *person, uint64_t device, const RtmfpFingerprint *fingerprint,
         bool for_chat) {
  Link *link = agent_link_by_device (agent, person, device);
  RtmfpSessionInfo info;
  if (link == NULL || !link->is_ready ||
      rtmfp_endpoint_session_info (agent->endpoint, link->session, &info) != RTMFP_OK ||
      memcmp (info.far_fingerprint.bytes, fingerprint->bytes, sizeof fingerprint->bytes) != 0) {
    return false;
  }
  link->for_chat = link->for_chat || for_chat;
  link->close_us = NEVER;
  return true;
}

void
agent_link_on_expect (AhoyAgent *agent, const RtmfpNetEvent *event, int64_t now_us) {
  const RtmfpAmfValue *value = event->value_count > 0 ? event->values[0].value : NULL;
  Person *person = agent_roster_of (agent, rtmfp_amf_get (value, "from"));
  RtmfpFingerprint fingerprint;
  AhoyCallId call;
  int64_t seconds;
  if (person == NULL || person->info.relation != AHOY_RELATION_BOTH || person->info.key_changed ||
      !rtmfp_amf_as_fixed (rtmfp_amf_get (value, "fingerprint"), fingerprint.bytes,
                           sizeof fingerprint.bytes) ||
      !rtmfp_amf_as_integer (rtmfp_amf_get (value, "seconds"), 1, EXPECTED_SECONDS_MAX, &seconds)) {
    refuse (agent, event, "notAllowed", now_us);
    return;
  }
  const uint64_t device = agent_roster_device (agent, person, rtmfp_amf_get (value, "device"));
  const bool for_chat = rtmfp_amf_is_text (rtmfp_amf_get (value, "purpose"), "chat");
  const bool may = for_chat ? person->info.talked
                            : rtmfp_amf_as_fixed (rtmfp_amf_get (value, "call"), call.bytes,
                                                  sizeof call.bytes) &&
                                  agent_calling_may_connect (agent, person, &call);
  const int64_t until_us = now_us + seconds * AHOY_AGENT_SECOND_US;
  const bool hidden = agent->config.always_relay && agent->relayed.family == RTMFP_ADDRESS_NONE;
  if (!may || hidden || device == 0) {
    refuse (agent, event, "notYet", now_us);
    return;
  }
  if (!is_here (agent, person, device, &fingerprint, for_chat)) {
    if (agent->expected_count >= AHOY_AGENT_LINKS_MAX ||
        rtmfp_endpoint_expect (agent->endpoint, agent->identity, &fingerprint, until_us) !=
            RTMFP_OK) {
      refuse (agent, event, "busy", now_us);
      return;
    }
    expect (agent, person, device, &fingerprint, for_chat, until_us);
  }
  agent_answer (agent, event->session, event->call);
  agent_messages_routes (agent, person, now_us);
}

/* The hole for the far side is made here and now; the look at a silent call repeats it. */
void
agent_link_on_moved (AhoyAgent *agent, const RtmfpNetEvent *event, int64_t now_us) {
  const RtmfpAmfValue *value = event->value_count > 0 ? event->values[0].value : NULL;
  Person *person = agent_roster_of (agent, rtmfp_amf_get (value, "from"));
  char text[RTMFP_ADDRESS_TEXT_SIZE];
  RtmfpAddress address;
  agent_text (rtmfp_amf_get (value, "address"), text, sizeof text);
  if (person == NULL || rtmfp_address_parse (text, &address) != RTMFP_OK) {
    return;
  }
  Link *link = agent_link_by_device (
      agent, person, agent_roster_device (agent, person, rtmfp_amf_get (value, "device")));
  bool relayed = false;
  (void)rtmfp_amf_as_boolean (rtmfp_amf_get (value, "relayed"), &relayed);
  if (link == NULL || !link->is_ready) {
    return;
  }
  if (relayed) {
    link->far_relay = address;
    link->has_far_relay = true;
  } else {
    link->moved_to = address;
    link->has_moved = true;
  }
  RtmfpSessionInfo info;
  if (rtmfp_endpoint_session_info (agent->endpoint, link->session, &info) == RTMFP_OK &&
      (!relayed || agent_relay_carries (link, &info) ||
       now_us - link->heard_us >= AHOY_AGENT_PATH_SILENT_US)) {
    const uint32_t by = agent->config.always_relay ? AHOY_AGENT_RELAY_INTERFACE : 0;
    if (relayed) { /* by its own word */
      rtmfp_endpoint_probe_by (agent->endpoint, link->session, &address, by, now_us);
    } else { /* the server has asked there */
      rtmfp_endpoint_vouch (agent->endpoint, link->session, &address, by, now_us);
    }
  }
}

/* ---- The session ---- */

static Link *
adopt (AhoyAgent *agent, RtmfpId session, const RtmfpSessionInfo *info, int64_t now_us) {
  Expected *expected;
  TAILQ_FOREACH (expected, &agent->expected, next) {
    if (memcmp (expected->fingerprint.bytes, info->far_fingerprint.bytes,
                sizeof info->far_fingerprint.bytes) == 0) {
      Link *link = add_link (agent, expected->person, expected->device, session, now_us);
      link->for_chat = expected->for_chat;
      link->for_call = !expected->for_chat;
      TAILQ_REMOVE (&agent->expected, expected, next);
      agent->expected_count--;
      free (expected);
      return link;
    }
  }
  return NULL;
}

static void
send_proof (AhoyAgent *agent, Link *link, int64_t now_us) {
  RtmfpBuffer proof = {0};
  if (ahoy_greeting_send (&link->greeting, &agent->config.identity, AHOY_FEATURES_NONE, &proof) !=
          RTMFP_OK ||
      rtmfp_net_send_greeting (agent->net, link->session, rtmfp_buffer_bytes (&proof), now_us) !=
          RTMFP_OK) {
    link->greet_by_us = now_us; /* given up at the next look */
  }
  rtmfp_buffer_clear (&proof);
}

static void
greet (AhoyAgent *agent, Link *link, const RtmfpSessionInfo *info, int64_t now_us) {
  const bool first = info->initiator;
  const AhoyBindingInput input = {
      .initiator = first,
      .initiator_certificate = first ? info->near_certificate : info->far_certificate,
      .responder_certificate = first ? info->far_certificate : info->near_certificate,
      .initiator_component = info->initiator_component,
      .responder_component = info->responder_component,
      .near_nonce = info->near_nonce,
      .far_nonce = info->far_nonce};
  AhoyBinding binding;
  ahoy_binding_make (&input, &binding);
  const AhoyPin *pin = &link->person->info.pin;
  ahoy_greeting_init (&link->greeting, AHOY_SIDE_PEER, &binding, pin->is_set ? &pin->key : NULL);
  link->is_open = true;
  link->greet_by_us = now_us + AHOY_AGENT_GREETING_US;
  send_proof (agent, link, now_us);
}

static void
on_open (AhoyAgent *agent, const RtmfpEvent *event, int64_t now_us) {
  RtmfpSessionInfo info;
  Link *link = agent_link_by_session (agent, event->session);
  if (rtmfp_endpoint_session_info (agent->endpoint, event->session, &info) != RTMFP_OK) {
    return;
  }
  if (link == NULL && agent->link_count < AHOY_AGENT_LINKS_MAX) {
    link = adopt (agent, event->session, &info, now_us);
  }
  if (link == NULL) {
    rtmfp_endpoint_close (agent->endpoint, event->session, true, now_us);
  } else if (!link->is_open) {
    greet (agent, link, &info, now_us);
  } else if (link->is_ready) {
    became_ready (agent, link, now_us); /* it stood already */
  }
}

void
agent_link_on_session (AhoyAgent *agent, const RtmfpEvent *event, int64_t now_us) {
  Link *link = agent_link_by_session (agent, event->session);
  if (event->type == RTMFP_EVENT_SESSION_OPEN) {
    on_open (agent, event, now_us);
  } else if (event->type == RTMFP_EVENT_SESSION_CLOSED && link != NULL) {
    end_link (agent, link, link->is_ready ? AHOY_CALL_PATH_LOST : AHOY_CALL_PATH_FAILED, now_us);
  } else if (event->type == RTMFP_EVENT_SESSION_ADDRESS && link != NULL &&
             agent_calling_is_on (agent)) {
    agent_event (agent, AHOY_AGENT_EVENT_CALL);
  }
}

static void
refuse_far_side (AhoyAgent *agent, Link *link, int64_t now_us) {
  const AhoyGreetingFault fault = link->greeting.fault;
  agent_warn (agent, link->person, ahoy_greeting_fault_text (fault));
  if (fault == AHOY_GREETING_KEY_CHANGED && !link->person->info.key_changed) {
    link->person->info.key_changed = true;
    agent_roster_tell (agent, link->person);
  }
  rtmfp_endpoint_close (agent->endpoint, link->session, true, now_us);
  end_link (agent, link,
            fault == AHOY_GREETING_KEY_CHANGED || fault == AHOY_GREETING_FORGED
                ? AHOY_CALL_PATH_KEY_CHANGED
                : AHOY_CALL_PATH_FAILED,
            now_us);
}

void
agent_link_on_greeting (AhoyAgent *agent, Link *link, RtmfpBytes bytes, int64_t now_us) {
  if (!link->is_open) {
    return;
  }
  if (ahoy_greeting_receive (&link->greeting, bytes) != RTMFP_OK) {
    refuse_far_side (agent, link, now_us);
    return;
  }
  if (link->is_ready || !ahoy_greeting_is_done (&link->greeting)) {
    return;
  }
  if (!link->person->info.pin.is_set) {
    ahoy_pin_learn (&link->person->info.pin, &link->greeting.far_key);
    agent_roster_tell (agent, link->person);
  }
  link->is_ready = true;
  link->greet_by_us = NEVER;
  link->used_us = link->heard_us = now_us;
  rtmfp_net_open_gate (agent->net, link->session, now_us);
  became_ready (agent, link, now_us);
}

/* ---- Time ---- */

/* When the link ends by itself, if nothing happens. */
static int64_t
end_of (const AhoyAgent *agent, const Link *link) {
  const bool in_call = agent->call_person == link->person && agent_calling_is_on (agent);
  int64_t at_us = link->greet_by_us < link->close_us ? link->greet_by_us : link->close_us;
  if (!in_call && link->used_us + AHOY_AGENT_LINK_IDLE_US < at_us) {
    at_us = link->used_us + AHOY_AGENT_LINK_IDLE_US;
  }
  if (agent->lost_us != 0 && agent->lost_us + agent->grace_us < at_us) {
    at_us = agent->lost_us + agent->grace_us;
  }
  return at_us;
}

void
agent_link_advance (AhoyAgent *agent, int64_t now_us) {
  Link *link = TAILQ_FIRST (&agent->links);
  while (link != NULL) {
    Link *next = TAILQ_NEXT (link, next);
    if (now_us >= end_of (agent, link)) {
      agent_link_close (agent, link, now_us);
      next = TAILQ_FIRST (&agent->links); /* closing may have closed others */
    }
    link = next;
  }
  Expected *expected = TAILQ_FIRST (&agent->expected);
  while (expected != NULL) {
    Expected *next = TAILQ_NEXT (expected, next);
    if (now_us >= expected->until_us + AHOY_AGENT_LINK_OPEN_US) {
      TAILQ_REMOVE (&agent->expected, expected, next);
      agent->expected_count--;
      free (expected);
    }
    expected = next;
  }
}

int64_t
agent_link_deadline (const AhoyAgent *agent) {
  int64_t at_us = NEVER;
  const Link *link;
  TAILQ_FOREACH (link, &agent->links, next) {
    const int64_t end_us = end_of (agent, link);
    at_us = end_us < at_us ? end_us : at_us;
  }
  return at_us;
}

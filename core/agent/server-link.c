/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way to the server: session, its proof and ours, account, and coming back after it was lost.
 */
#include "core/agent/agent-private.h"

#include "core/crypto/epd.h"

#include <stdio.h>

#define URI_SIZE (AHOY_NAME_TEXT_SIZE + 32)

static void
server_uri (const AhoyAgent *agent, char uri[URI_SIZE]) {
  char host[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format_host (&agent->config.name, host);
  snprintf (uri, URI_SIZE, "rtmfp://%s/ahoy", host);
}

bool
agent_server_is_online (const AhoyAgent *agent) {
  return agent->state == AHOY_AGENT_ONLINE;
}

static void
set_state (AhoyAgent *agent, AhoyAgentState state, AhoyFault fault, const char *text) {
  if (agent->state == state && fault == AHOY_FAULT_NONE) {
    return;
  }
  agent->state = state;
  AgentEvent *event = agent_event (agent, AHOY_AGENT_EVENT_STATE);
  event->event.state = state;
  event->event.fault = fault;
  agent_event_text (event, "", text);
}

void
agent_server_start (AhoyAgent *agent, int64_t now_us) {
  set_state (agent, AHOY_AGENT_CONNECTING, AHOY_FAULT_NONE, "");
  agent->retry_us = NEVER;
  agent->sign_in_by_us = now_us + AHOY_AGENT_SIGN_IN_US;
  agent_event (agent, AHOY_AGENT_EVENT_RESOLVE);
}

/* A fresh certificate for each server session (RFC 7425: the peer id is short-lived). */
static void
make_certificate (AhoyAgent *agent) {
  if (agent->identity != 0) {
    rtmfp_endpoint_remove_identity (agent->endpoint, agent->identity);
  }
  const RtmfpIdentityConfig config = {.groups = RTMFP_GROUP_X25519,
                                      .accept = RTMFP_ACCEPT_EXPECTED,
                                      .requires_hmac = true,
                                      .requires_sequence = true,
                                      .offers_hmac = true,
                                      .offers_sequence = true};
  agent->identity = rtmfp_endpoint_add_identity (agent->endpoint, &config, NULL);
}

void
ahoy_agent_server_addresses (AhoyAgent *agent, const RtmfpAddress *addresses, size_t count,
                             int64_t now_us) {
  agent->now_us = now_us;
  if (agent->state != AHOY_AGENT_CONNECTING || agent->server != 0) {
    return;
  }
  if (count > AHOY_AGENT_SERVER_ADDRESSES_MAX) {
    count = AHOY_AGENT_SERVER_ADDRESSES_MAX;
  }
  if (count > 0) {
    memcpy (agent->server_addresses, addresses, count * sizeof *addresses);
    agent->server_address_count = count;
  }
  if (agent->server_address_count == 0) {
    agent_server_fail (agent, AHOY_FAULT_UNREACHABLE, "", now_us);
    return;
  }
  char uri[URI_SIZE];
  uint8_t epd[URI_SIZE + 16];
  RtmfpWriter writer = rtmfp_writer (epd, sizeof epd);
  server_uri (agent, uri);
  make_certificate (agent);
  const bool written = rtmfp_epd_write_uri (&writer, uri) == RTMFP_OK;
  const RtmfpOpen open = {.identity = agent->identity,
                          .epd = rtmfp_bytes (epd, rtmfp_writer_size (&writer)),
                          .candidates = agent->server_addresses,
                          .candidate_count = agent->server_address_count,
                          .give_up_after_us = AHOY_AGENT_SIGN_IN_US};
  if (!written ||
      rtmfp_endpoint_open (agent->endpoint, &open, now_us, &agent->server) != RTMFP_OK) {
    agent_server_fail (agent, AHOY_FAULT_UNREACHABLE, "", now_us);
    return;
  }
  agent_relay_try_server (agent, now_us);
}

/* ---- Losing it ---- */

static bool
is_for_a_person (AhoyFault fault) {
  return fault != AHOY_FAULT_UNREACHABLE && fault != AHOY_FAULT_LOST && fault != AHOY_FAULT_NONE;
}

static int64_t
spread (AhoyAgent *agent, int64_t wait_us) {
  return wait_us / 2 + (int64_t)(rtmfp_rng_u32 (&agent->config.rng) % (uint32_t)wait_us);
}

void
agent_server_fail (AhoyAgent *agent, AhoyFault fault, const char *text, int64_t now_us) {
  if (agent->state == AHOY_AGENT_STOPPED) {
    return;
  }
  const bool was_online = agent_server_is_online (agent);
  const RtmfpId session = agent->server;
  agent->server = 0;
  agent->server_proven = false;
  agent->derive = 0;
  agent->sign_in_by_us = NEVER;
  if (session != 0) {
    rtmfp_endpoint_close (agent->endpoint, session, false, now_us);
  }
  if (was_online) {
    agent->lost_us = now_us;
    agent->retry_wait_us = 0;
  }
  if (is_for_a_person (fault)) {
    agent->retry_us = NEVER;
    if (fault == AHOY_FAULT_DISABLED || fault == AHOY_FAULT_NOT_THIS_KEY) {
      agent_link_close_all (agent, now_us); /* revoked: nothing outlives that */
    }
    set_state (agent, AHOY_AGENT_STOPPED, fault, text);
  } else {
    agent->retry_wait_us =
        agent->retry_wait_us == 0 ? AHOY_AGENT_RETRY_FIRST_US : agent->retry_wait_us * 2;
    if (agent->retry_wait_us > AHOY_AGENT_RETRY_MOST_US) {
      agent->retry_wait_us = AHOY_AGENT_RETRY_MOST_US;
    }
    agent->retry_us = now_us + spread (agent, agent->retry_wait_us);
    set_state (agent, AHOY_AGENT_OFFLINE, fault, text);
  }
  if (was_online) {
    agent_roster_offline (agent);
    agent_messages_all_routes (agent, now_us);
  }
}

void
ahoy_agent_retry (AhoyAgent *agent, int64_t now_us) {
  agent->now_us = now_us;
  if (agent->state == AHOY_AGENT_OFFLINE) {
    agent->retry_wait_us = 0;
    agent_server_start (agent, now_us);
  }
}

void
ahoy_agent_woke (AhoyAgent *agent, int64_t now_us) {
  rtmfp_endpoint_addresses_changed (agent->endpoint, now_us);
  ahoy_agent_retry (agent, now_us);
}

/* ---- Session and proofs ---- */

static void
begin_greeting (AhoyAgent *agent, int64_t now_us) {
  RtmfpSessionInfo info;
  if (rtmfp_endpoint_session_info (agent->endpoint, agent->server, &info) != RTMFP_OK) {
    agent_server_fail (agent, AHOY_FAULT_LOST, "", now_us);
    return;
  }
  const AhoyBindingInput input = {.initiator = info.initiator,
                                  .initiator_certificate = info.near_certificate,
                                  .responder_certificate = info.far_certificate,
                                  .initiator_component = info.initiator_component,
                                  .responder_component = info.responder_component,
                                  .near_nonce = info.near_nonce,
                                  .far_nonce = info.far_nonce};
  AhoyBinding binding;
  ahoy_binding_make (&input, &binding);
  ahoy_greeting_init (&agent->server_greeting, AHOY_SIDE_CLIENT, &binding,
                      agent->config.server.is_set ? &agent->config.server.key : NULL);
}

void
agent_server_on_session (AhoyAgent *agent, const RtmfpEvent *event, int64_t now_us) {
  if (event->type == RTMFP_EVENT_SESSION_OPEN) {
    begin_greeting (agent, now_us);
  } else if (event->type == RTMFP_EVENT_SESSION_CLOSED) {
    agent->server = 0;
    agent_server_fail (
        agent, agent->state == AHOY_AGENT_CONNECTING ? AHOY_FAULT_UNREACHABLE : AHOY_FAULT_LOST, "",
        now_us);
  }
}

static AhoyFault
fault_of_greeting (AhoyGreetingFault fault) {
  switch (fault) {
  case AHOY_GREETING_KEY_CHANGED:
    return AHOY_FAULT_SERVER_KEY_CHANGED;
  case AHOY_GREETING_VERSION:
    return AHOY_FAULT_VERSION;
  default:
    return AHOY_FAULT_SERVER_FALSE;
  }
}

static bool
send_proof (AhoyAgent *agent, int64_t now_us) {
  const AhoyIdentity *identity =
      agent->config.entry == AHOY_ENTRY_PASSWORD ? &agent->anonymous : &agent->config.identity;
  RtmfpBuffer proof = {0};
  const bool sent = ahoy_greeting_send (&agent->server_greeting, identity, AHOY_FEATURES_NONE,
                                        &proof) == RTMFP_OK &&
                    rtmfp_net_send_greeting (agent->net, agent->server, rtmfp_buffer_bytes (&proof),
                                             now_us) == RTMFP_OK;
  rtmfp_buffer_clear (&proof);
  return sent;
}

void
agent_server_on_greeting (AhoyAgent *agent, RtmfpBytes bytes, int64_t now_us) {
  if (agent->server_proven) {
    return; /* a server proves itself once; what more it says there means nothing */
  }
  if (ahoy_greeting_receive (&agent->server_greeting, bytes) != RTMFP_OK) {
    agent_server_fail (agent, fault_of_greeting (agent->server_greeting.fault),
                       ahoy_greeting_fault_text (agent->server_greeting.fault), now_us);
    return;
  }
  agent->server_proven = true;
  agent->fresh_server_pin =
      ahoy_pin_learn (&agent->config.server, &agent->server_greeting.far_key) == AHOY_PIN_FIRST;
  set_state (agent, AHOY_AGENT_SIGNING_IN, AHOY_FAULT_NONE, "");
  char uri[URI_SIZE];
  server_uri (agent, uri);
  if (!send_proof (agent, now_us)) {
    agent_server_fail (agent, AHOY_FAULT_LOST, "", now_us);
    return;
  }
  rtmfp_net_open_gate (agent->net, agent->server, now_us);
  if (rtmfp_net_connect (agent->net, agent->server, uri, rtmfp_bytes (NULL, 0),
                         rtmfp_bytes (NULL, 0), now_us) != RTMFP_OK) {
    agent_server_fail (agent, AHOY_FAULT_LOST, "", now_us);
  }
}

/* ---- The account ---- */

static void
ask (AhoyAgent *agent, RequestKind kind, const char *name, RtmfpBuffer *args, int64_t now_us) {
  if (agent_request (agent, agent->server, kind, name, args) == NULL) {
    agent_server_fail (agent, AHOY_FAULT_LOST, "", now_us);
  }
}

static void
ask_to_enter (AhoyAgent *agent, bool with_proof, int64_t now_us) {
  RtmfpBuffer args = {0}, proof = {0};
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_member_text (&args, "name", agent->config.name.user);
  rtmfp_amf_member_bytes (&args, "device", rtmfp_bytes (agent->config.device, AHOY_DEVICE_ID_SIZE));
  rtmfp_amf_member_text (&args, "label", agent->config.device_label);
  rtmfp_amf_member_text (&args, "ring", agent->config.ring_early ? "early" : "afterAccept");
  rtmfp_amf_member_boolean (&args, "hides", agent->config.always_relay);
  if (with_proof && ahoy_greeting_send (&agent->server_greeting, &agent->config.identity,
                                        AHOY_FEATURES_NONE, &proof) == RTMFP_OK) {
    rtmfp_amf_member_bytes (&args, "proof", rtmfp_buffer_bytes (&proof));
  }
  rtmfp_amf_end_object (&args);
  rtmfp_buffer_clear (&proof);
  ask (agent, REQUEST_ENTER, "enter", &args, now_us);
}

static void
ask_to_derive (AhoyAgent *agent, const AhoyPasswordParams *params) {
  agent->params = *params;
  agent->derive = agent_number (agent);
  AgentEvent *event = agent_event (agent, AHOY_AGENT_EVENT_DERIVE);
  event->event.request = agent->derive;
  event->event.password = agent->config.password;
  event->event.params = *params;
}

void
agent_server_on_connected (AhoyAgent *agent, int64_t now_us) {
  if (agent->config.entry == AHOY_ENTRY_IDENTITY) {
    ask_to_enter (agent, false, now_us);
  } else if (agent->config.entry == AHOY_ENTRY_CREATE) {
    AhoyPasswordParams params;
    ahoy_password_params_make (&agent->config.rng, &params);
    ask_to_derive (agent, &params);
  } else {
    RtmfpBuffer args = {0};
    rtmfp_amf_begin_object (&args);
    rtmfp_amf_member_text (&args, "name", agent->config.name.user);
    rtmfp_amf_end_object (&args);
    ask (agent, REQUEST_SALT, "salt", &args, now_us);
  }
}

void
agent_server_on_refused (AhoyAgent *agent, const char *code, const char *text, int64_t now_us) {
  /* Only the server's own word stops us; a connection that broke on the way is tried again. */
  const bool refused = strcmp (code, "NetConnection.Connect.Rejected") == 0 ||
                       strcmp (code, "NetConnection.Connect.InvalidApp") == 0;
  agent_server_fail (agent, refused ? AHOY_FAULT_REFUSED : AHOY_FAULT_LOST, text, now_us);
}

static void
ask_to_create (AhoyAgent *agent, int64_t now_us) {
  uint8_t params[AHOY_PASSWORD_PARAMS_SIZE], wrapped[AHOY_WRAPPED_SIZE];
  ahoy_password_params_write (&agent->params, params);
  ahoy_password_wrap (&agent->keys, &agent->config.identity, &agent->config.rng, wrapped);
  RtmfpBuffer args = {0};
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_member_text (&args, "name", agent->config.name.user);
  rtmfp_amf_member_text (&args, "displayName", agent->config.display_name);
  rtmfp_amf_member_bytes (&args, "params", rtmfp_bytes (params, sizeof params));
  rtmfp_amf_member_bytes (&args, "signInKey",
                          rtmfp_bytes (agent->keys.sign_in.key.bytes, AHOY_KEY_SIZE));
  rtmfp_amf_member_bytes (&args, "wrapped", rtmfp_bytes (wrapped, sizeof wrapped));
  rtmfp_amf_member_bytes (&args, "card",
                          rtmfp_bytes (agent->config.identity.key.bytes, AHOY_KEY_SIZE));
  rtmfp_amf_member_text (&args, "invite", agent->config.invite != NULL ? agent->config.invite : "");
  rtmfp_amf_end_object (&args);
  ask (agent, REQUEST_CREATE, "create", &args, now_us);
}

static void
ask_to_sign_in (AhoyAgent *agent, int64_t now_us) {
  AhoySignature signature;
  ahoy_binding_sign (&agent->server_greeting.binding, &agent->keys.sign_in, AHOY_PURPOSE_SIGN_IN,
                     agent->config.name.user, &signature);
  RtmfpBuffer args = {0};
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_member_text (&args, "name", agent->config.name.user);
  rtmfp_amf_member_bytes (&args, "signature",
                          rtmfp_bytes (signature.bytes, sizeof signature.bytes));
  rtmfp_amf_end_object (&args);
  ask (agent, REQUEST_SIGN_IN, "signIn", &args, now_us);
}

void
ahoy_agent_derived (AhoyAgent *agent, uint64_t request, const AhoyPasswordKeys *keys,
                    int64_t now_us) {
  agent->now_us = now_us;
  if (request != agent->derive || agent->server == 0) {
    return; /* of a session that is gone */
  }
  agent->derive = 0;
  if (keys == NULL) {
    agent_server_fail (agent, AHOY_FAULT_WRONG_PASSWORD, "", now_us);
    return;
  }
  agent->keys = *keys;
  agent->sign_in_by_us = now_us + AHOY_AGENT_SIGN_IN_US;
  if (agent->config.entry == AHOY_ENTRY_CREATE) {
    ask_to_create (agent, now_us);
  } else {
    ask_to_sign_in (agent, now_us);
  }
}

static AhoyFault
fault_of_code (const char *code) {
  static const struct {
    const char *code;
    AhoyFault fault;
  } table[] = {
      {"nameTaken", AHOY_FAULT_NAME_TAKEN},
      {"badName", AHOY_FAULT_BAD_NAME},
      {"inviteNeeded", AHOY_FAULT_INVITE_NEEDED},
      {"wrongPassword", AHOY_FAULT_WRONG_PASSWORD},
      {"disabled", AHOY_FAULT_DISABLED},
      {"slowDown", AHOY_FAULT_SLOW_DOWN},
      {"unknown", AHOY_FAULT_WRONG_PASSWORD},
      {"notAllowed", AHOY_FAULT_NOT_THIS_KEY},
      {"storeFailed", AHOY_FAULT_LOST},
      {"busy", AHOY_FAULT_LOST},
      {"NetConnection.Connect.Closed", AHOY_FAULT_LOST},
  };
  for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
    if (strcmp (code, table[i].code) == 0) {
      return table[i].fault;
    }
  }
  return AHOY_FAULT_REFUSED;
}

/* The key pair and the server's pin are settled: the owner keeps them. */
static void
tell_identity (AhoyAgent *agent) {
  agent->config.entry = AHOY_ENTRY_IDENTITY;
  agent->fresh_server_pin = false;
  AgentEvent *event = agent_event (agent, AHOY_AGENT_EVENT_IDENTITY);
  event->event.identity = &agent->config.identity;
  event->event.server = agent->config.server;
}

static void
on_salt (AhoyAgent *agent, const RtmfpAmfValue *result, int64_t now_us) {
  RtmfpBytes bytes;
  AhoyPasswordParams params;
  if (!rtmfp_amf_as_bytes (rtmfp_amf_get (result, "params"), &bytes) ||
      ahoy_password_params_read (bytes, &params) != RTMFP_OK) {
    agent_server_fail (agent, AHOY_FAULT_REFUSED, "The server's answer makes no sense.", now_us);
    return;
  }
  ask_to_derive (agent, &params);
}

static void
on_signed_in (AhoyAgent *agent, const RtmfpAmfValue *result, int64_t now_us) {
  RtmfpBytes wrapped;
  if (!rtmfp_amf_as_bytes (rtmfp_amf_get (result, "wrapped"), &wrapped) ||
      ahoy_password_unwrap (&agent->keys, wrapped, &agent->config.identity) != RTMFP_OK) {
    agent_server_fail (agent, AHOY_FAULT_WRONG_PASSWORD, "", now_us);
    return;
  }
  tell_identity (agent);
  ask_to_enter (agent, true, now_us);
}

static void
on_entered (AhoyAgent *agent, const RtmfpAmfValue *result, int64_t now_us) {
  int64_t grace_s;
  if (rtmfp_amf_as_integer (rtmfp_amf_get (result, "grace"), 0, 86400, &grace_s)) {
    agent->grace_us = grace_s * AHOY_AGENT_SECOND_US;
  }
  agent->sign_in_by_us = NEVER;
  agent->retry_wait_us = 0;
  agent->lost_us = 0;
  agent->told_busy = false;
  ahoy_password_keys_clear (&agent->keys);
  if (agent->fresh_server_pin) {
    tell_identity (agent);
  }
  /* Who hears that we are online knows the people by then. */
  agent_roster_on_enter (agent, rtmfp_amf_get (result, "roster"), now_us);
  set_state (agent, AHOY_AGENT_ONLINE, AHOY_FAULT_NONE, "");
  agent_relay_on_online (agent, rtmfp_amf_get (result, "turn"), now_us);
  agent_messages_all_routes (agent, now_us);
}

void
agent_server_on_answer (AhoyAgent *agent, const Request *request, const RtmfpNetEvent *event,
                        bool ok, int64_t now_us) {
  if (request->kind == REQUEST_SIGN_OUT) {
    agent->stop_by_us = now_us;
    return;
  }
  if (event->session != agent->server || agent->server == 0) {
    return; /* the session is gone, and with it the question */
  }
  if (!ok) {
    agent_server_fail (agent, fault_of_code (event->code), event->text, now_us);
    return;
  }
  const RtmfpAmfValue *result = event->value_count > 0 ? event->values[0].value : NULL;
  switch (request->kind) {
  case REQUEST_SALT:
    on_salt (agent, result, now_us);
    break;
  case REQUEST_CREATE:
    tell_identity (agent);
    ask_to_enter (agent, false, now_us);
    break;
  case REQUEST_SIGN_IN:
    on_signed_in (agent, result, now_us);
    break;
  default:
    on_entered (agent, result, now_us);
    break;
  }
}

/* ---- Moving, stopping, time ---- */

void
ahoy_agent_local_addresses (AhoyAgent *agent, const RtmfpAddress *addresses, size_t count,
                            int64_t now_us) {
  agent->now_us = now_us;
  if (count > AHOY_AGENT_LOCAL_ADDRESSES_MAX) {
    count = AHOY_AGENT_LOCAL_ADDRESSES_MAX;
  }
  const bool changed = count != agent->local_count ||
                       memcmp (agent->local, addresses, count * sizeof *addresses) != 0;
  if (count > 0) {
    memcpy (agent->local, addresses, count * sizeof *addresses);
  }
  const bool first = agent->local_count == 0;
  agent->local_count = count;
  agent_relay_tell_local (agent, now_us);
  if (changed && !first) {
    rtmfp_endpoint_addresses_changed (agent->endpoint, now_us);
    agent_calling_moved (agent, now_us);
    agent_calling_tell_where (agent);
    ahoy_agent_retry (agent, now_us);
  }
}

void
ahoy_agent_stop (AhoyAgent *agent, bool forget, int64_t now_us) {
  agent->now_us = now_us;
  const bool in_call = ahoy_agent_hang_up (agent, now_us) == RTMFP_OK;
  agent->retry_us = NEVER;
  agent->sign_in_by_us = NEVER;
  agent->stop_by_us = in_call ? now_us + AHOY_AGENT_GOODBYE_US : now_us;
  if (forget && agent_server_is_online (agent)) {
    RtmfpBuffer args = {0};
    rtmfp_amf_begin_object (&args);
    rtmfp_amf_end_object (&args);
    if (agent_request (agent, agent->server, REQUEST_SIGN_OUT, "signOut", &args) != NULL) {
      agent->stop_by_us = now_us + AHOY_AGENT_SECOND_US;
    }
  }
}

static void
stop_now (AhoyAgent *agent, int64_t now_us) {
  agent->stop_by_us = NEVER;
  agent_link_close_all (agent, now_us);
  if (agent->server != 0) {
    rtmfp_endpoint_close (agent->endpoint, agent->server, false, now_us);
    agent->server = 0;
  }
  agent_roster_offline (agent);
  if (agent->state != AHOY_AGENT_STOPPED) {
    set_state (agent, AHOY_AGENT_STOPPED, AHOY_FAULT_NONE, "");
  }
}

void
agent_server_advance (AhoyAgent *agent, int64_t now_us) {
  if (now_us >= agent->stop_by_us) {
    stop_now (agent, now_us);
  }
  if (now_us >= agent->sign_in_by_us && agent->derive == 0) {
    agent_server_fail (agent, agent->server_proven ? AHOY_FAULT_LOST : AHOY_FAULT_UNREACHABLE, "",
                       now_us);
  }
  if (now_us >= agent->retry_us) {
    agent_server_start (agent, now_us);
  }
}

int64_t
agent_server_deadline (const AhoyAgent *agent) {
  int64_t at_us = agent->retry_us;
  if (agent->stop_by_us < at_us) {
    at_us = agent->stop_by_us;
  }
  if (agent->derive == 0 && agent->sign_in_by_us < at_us) {
    at_us = agent->sign_in_by_us;
  }
  return at_us;
}

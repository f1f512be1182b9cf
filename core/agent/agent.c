/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The agent's life, pumps, event queue and requests; hands what comes to the part it belongs to. */
#include "core/agent/agent-private.h"

#include "core/base/registry.h"

#include <stdlib.h>

const char *
ahoy_fault_text (AhoyFault fault) {
  static const char *const texts[] = {
      [AHOY_FAULT_NONE] = "",
      [AHOY_FAULT_UNREACHABLE] = "The server does not answer. Check the address and your network.",
      [AHOY_FAULT_LOST] = "The connection to the server was lost. Ahoy tries again by itself.",
      [AHOY_FAULT_SERVER_KEY_CHANGED] = "The server shows another key than before. Somebody may be "
                                        "listening in, or the server was "
                                        "set up anew: ask whoever runs it before you go on.",
      [AHOY_FAULT_SERVER_FALSE] =
          "The server could not prove who it is. Somebody may stand between you and it.",
      [AHOY_FAULT_VERSION] =
          "The server speaks another version. Update Ahoy, or ask for the server to be updated.",
      [AHOY_FAULT_WRONG_PASSWORD] = "Name or password is wrong.",
      [AHOY_FAULT_NAME_TAKEN] = "Somebody has this name already. Choose another.",
      [AHOY_FAULT_BAD_NAME] = "This cannot be a name. Use letters, digits, dots, dashes.",
      [AHOY_FAULT_INVITE_NEEDED] =
          "This server takes new people by invite only, or the invite is used up.",
      [AHOY_FAULT_DISABLED] = "This account was disabled. Ask whoever runs the server.",
      [AHOY_FAULT_SLOW_DOWN] = "Too many attempts. Wait a minute and try again.",
      [AHOY_FAULT_NOT_THIS_KEY] = "This account has another key now. Sign in with your password.",
      [AHOY_FAULT_REFUSED] = "The server refused.",
  };
  return texts[fault];
}

/* ---- Life ---- */

static char *
copy_text (const char *text) {
  return text != NULL ? rtmfp_memory_copy (text, strlen (text) + 1) : NULL;
}

static void
copy_config (AhoyAgent *agent, const AhoyAgentConfig *config) {
  agent->config = *config;
  agent->config.display_name = copy_text (config->display_name != NULL ? config->display_name : "");
  agent->config.password = copy_text (config->password);
  agent->config.invite = copy_text (config->invite);
  agent->config.device_label = copy_text (config->device_label != NULL ? config->device_label : "");
}

static void
clear_config (AhoyAgentConfig *config) {
  if (config->password != NULL) {
    memset ((char *)config->password, 0, strlen (config->password));
  }
  free ((char *)config->display_name);
  free ((char *)config->password);
  free ((char *)config->invite);
  free ((char *)config->device_label);
  ahoy_identity_clear (&config->identity);
}

static RtmfpNet *
make_net (RtmfpEndpoint *endpoint, int64_t link_lost_us) {
  RtmfpNetConfig config;
  rtmfp_net_config_init (&config);
  config.gated = true;
  config.greeting_metadata =
      rtmfp_bytes (RTMFP_REGISTRY_GREETING_METADATA, sizeof RTMFP_REGISTRY_GREETING_METADATA - 1);
  /* Sound is wanted as it comes: the jitter buffer puts it in order, and a lost packet holds
   * nothing up. */
  config.audio_order = RTMFP_ORDER_NETWORK;
  config.peer_options.keepalive_us = AHOY_AGENT_LINK_KEEPALIVE_US;
  config.peer_options.retransmit_limit_us = link_lost_us;
  config.peer_options.probe_us = AHOY_AGENT_LINK_PROBE_US;
  config.server_options.keepalive_us = AHOY_AGENT_SERVER_KEEPALIVE_US;
  config.server_options.retransmit_limit_us = AHOY_AGENT_SERVER_LOST_US;
  config.server_options.introducer = true;
  return rtmfp_net_new (endpoint, &config);
}

AhoyAgent *
ahoy_agent_new (const AhoyAgentConfig *config, int64_t now_us) {
  AhoyAgent *agent = RTMFP_NEW (AhoyAgent);
  copy_config (agent, config);
  TAILQ_INIT (&agent->events);
  TAILQ_INIT (&agent->requests);
  TAILQ_INIT (&agent->links);
  TAILQ_INIT (&agent->expected);
  TAILQ_INIT (&agent->incoming);
  agent->now_us = now_us;
  agent->next_number = 1;
  agent->next_device = 1;
  agent->grace_us = AHOY_AGENT_GRACE_US;
  agent->sign_in_by_us = agent->retry_us = agent->stop_by_us = NEVER;
  agent->tick_us = NEVER;
  agent->relay = config->relay;
  agent->relay_renew_us = NEVER;
  agent->away_us = now_us;
  const RtmfpEndpointConfig endpoint = {
      .rng = agent->config.rng, .log = agent->config.log, .slow_aes = agent->config.slow_aes};
  agent->endpoint = rtmfp_endpoint_new (&endpoint, now_us);
  agent->net = make_net (agent->endpoint, agent_link_lost_us (agent));
  ahoy_identity_make (&agent->config.rng, &agent->anonymous);
  ahoy_call_init (&agent->call, &agent->config.codecs, false);
  if (agent->relay.servers[0] != '\0') {
    agent_event (agent, AHOY_AGENT_EVENT_RELAY)->event.relay = &agent->relay;
  }
  agent_server_start (agent, now_us);
  return agent;
}

static void
free_event (AgentEvent *event) {
  if (event != NULL) {
    rtmfp_buffer_clear (&event->body);
    free (event);
  }
}

void
ahoy_agent_free (AhoyAgent *agent) {
  if (agent == NULL) {
    return;
  }
  rtmfp_net_free (agent->net);
  rtmfp_endpoint_free (agent->endpoint);
  AgentEvent *event;
  while ((event = TAILQ_FIRST (&agent->events)) != NULL) {
    TAILQ_REMOVE (&agent->events, event, next);
    free_event (event);
  }
  free_event (agent->told);
  Request *request;
  while ((request = TAILQ_FIRST (&agent->requests)) != NULL) {
    TAILQ_REMOVE (&agent->requests, request, next);
    free (request);
  }
  Link *link;
  while ((link = TAILQ_FIRST (&agent->links)) != NULL) {
    TAILQ_REMOVE (&agent->links, link, next);
    free (link);
  }
  Expected *expected;
  while ((expected = TAILQ_FIRST (&agent->expected)) != NULL) {
    TAILQ_REMOVE (&agent->expected, expected, next);
    free (expected);
  }
  Incoming *incoming;
  while ((incoming = TAILQ_FIRST (&agent->incoming)) != NULL) {
    TAILQ_REMOVE (&agent->incoming, incoming, next);
    free (incoming);
  }
  agent_roster_clear (agent);
  ahoy_password_keys_clear (&agent->keys);
  ahoy_identity_clear (&agent->anonymous);
  clear_config (&agent->config);
  free (agent);
}

/* ---- Events that go out ---- */

AgentEvent *
agent_event (AhoyAgent *agent, AhoyAgentEventType type) {
  AgentEvent *event = RTMFP_NEW (AgentEvent);
  event->event.type = type;
  TAILQ_INSERT_TAIL (&agent->events, event, next);
  return event;
}

static void
copy_words (char *to, size_t capacity, const char *from) {
  const size_t size = from != NULL ? strlen (from) : 0;
  const size_t kept = size < capacity ? size : capacity - 1;
  if (kept > 0) {
    memcpy (to, from, kept);
  }
  to[kept] = '\0';
}

void
agent_event_text (AgentEvent *event, const char *code, const char *text) {
  copy_words (event->code, sizeof event->code, code);
  copy_words (event->text, sizeof event->text, text);
}

void
agent_event_body (AgentEvent *event, RtmfpBytes body) {
  rtmfp_buffer_append (&event->body, body);
}

uint64_t
agent_number (AhoyAgent *agent) {
  return agent->next_number++;
}

void
agent_warn (AhoyAgent *agent, const Person *person, const char *text) {
  AgentEvent *event = agent_event (agent, AHOY_AGENT_EVENT_WARNING);
  event->event.name = person->info.name;
  agent_event_text (event, "", text);
}

void
agent_person_answer (AhoyAgent *agent, uint64_t number, bool ok, const char *code,
                     const char *text) {
  if (number == 0) {
    return;
  }
  AgentEvent *event = agent_event (agent, AHOY_AGENT_EVENT_ANSWER);
  event->event.request = number;
  event->event.ok = ok;
  agent_event_text (event, code, text);
}

/* ---- Requests to a far side ---- */

Request *
agent_request (AhoyAgent *agent, RtmfpId session, RequestKind kind, const char *name,
               RtmfpBuffer *args) {
  Request *request = NULL;
  RtmfpId call = 0;
  if (session != 0 && agent->request_count < AHOY_AGENT_REQUESTS_MAX &&
      rtmfp_net_call (agent->net, session, name, rtmfp_buffer_bytes (args), true, agent->now_us,
                      &call) == RTMFP_OK) {
    request = RTMFP_NEW (Request);
    request->call = call;
    request->kind = kind;
    TAILQ_INSERT_TAIL (&agent->requests, request, next);
    agent->request_count++;
  }
  rtmfp_buffer_clear (args);
  return request;
}

void
agent_tell (AhoyAgent *agent, RtmfpId session, const char *name, RtmfpBuffer *args) {
  if (session != 0) {
    /* What cannot be sent now is said again by whoever needs an answer; these need none. */
    RtmfpStatus status = rtmfp_net_call (agent->net, session, name, rtmfp_buffer_bytes (args),
                                         false, agent->now_us, NULL);
    (void)status;
  }
  rtmfp_buffer_clear (args);
}

void
agent_answer (AhoyAgent *agent, RtmfpId session, RtmfpId call) {
  RtmfpBuffer out = {0};
  rtmfp_amf_begin_object (&out);
  rtmfp_amf_end_object (&out);
  RtmfpStatus status =
      rtmfp_net_return (agent->net, session, call, rtmfp_buffer_bytes (&out), agent->now_us);
  (void)status; /* the session is gone: nobody waits */
  rtmfp_buffer_clear (&out);
}

void
agent_text (const RtmfpAmfValue *value, char *text, size_t capacity) {
  if (!rtmfp_amf_as_text (value, text, capacity)) {
    text[0] = '\0';
  }
}

static Request *
take_request (AhoyAgent *agent, RtmfpId call) {
  Request *request;
  TAILQ_FOREACH (request, &agent->requests, next) {
    if (request->call == call) {
      TAILQ_REMOVE (&agent->requests, request, next);
      agent->request_count--;
      return request;
    }
  }
  return NULL;
}

static const RtmfpAmfValue *
argument_of (const RtmfpNetEvent *event) {
  return event->value_count > 0 ? event->values[0].value : NULL;
}

static void
on_answer (AhoyAgent *agent, const RtmfpNetEvent *event, bool ok, int64_t now_us) {
  Request *request = take_request (agent, event->call);
  if (request == NULL) {
    return;
  }
  switch (request->kind) {
  case REQUEST_SALT:
  case REQUEST_CREATE:
  case REQUEST_SIGN_IN:
  case REQUEST_ENTER:
  case REQUEST_SIGN_OUT:
    agent_server_on_answer (agent, request, event, ok, now_us);
    break;
  case REQUEST_CONTACT:
  case REQUEST_INVITE:
  case REQUEST_REDEEM:
    agent_roster_on_answer (agent, request, event, ok, now_us);
    break;
  case REQUEST_MESSAGE:
  case REQUEST_DIRECT_MESSAGE:
    agent_messages_on_answer (agent, request, event->code, ok, now_us);
    break;
  case REQUEST_OFFER:
  case REQUEST_SIGNAL:
    agent_calling_on_answer (agent, request, event, ok, now_us);
    break;
  case REQUEST_INTRODUCE:
    agent_link_on_introduced (agent, request, event, ok, now_us);
    break;
  case REQUEST_RELAY:
    if (ok && event->session == agent->server) {
      agent_relay_on_access (agent, rtmfp_amf_get (argument_of (event), "turn"), now_us);
    }
    agent->relay_asked = false;
    break;
  }
  free (request);
}

/* ---- What comes ---- */

static bool
is_named (const RtmfpNetEvent *event, const char *name) {
  return strcmp (event->name, name) == 0;
}

static void
refuse_call (AhoyAgent *agent, const RtmfpNetEvent *event, int64_t now_us) {
  RtmfpStatus status = rtmfp_net_fail (agent->net, event->session, event->call, "unknown",
                                       "There is no such call.", now_us);
  (void)status;
}

static void
on_server_call (AhoyAgent *agent, const RtmfpNetEvent *event, int64_t now_us) {
  const RtmfpAmfValue *argument = argument_of (event);
  if (is_named (event, "contact.changed")) {
    agent_roster_on_entry (agent, argument, now_us);
  } else if (is_named (event, "presence.changed")) {
    agent_roster_on_presence (agent, argument, now_us);
  } else if (is_named (event, "message.deliver")) {
    agent_messages_on_deliver (agent, event,
                               agent_roster_of (agent, rtmfp_amf_get (argument, "from")),
                               AHOY_CHAT_SERVER, now_us);
  } else if (is_named (event, "message.delivered")) {
    agent_messages_on_delivered (agent, event, now_us);
  } else if (is_named (event, "signal")) {
    agent_calling_on_signal (agent, event, now_us);
  } else if (is_named (event, "expect")) {
    agent_link_on_expect (agent, event, now_us);
  } else if (is_named (event, "moved")) {
    agent_link_on_moved (agent, event, now_us);
  } else {
    refuse_call (agent, event, now_us);
  }
}

static void
on_peer_call (AhoyAgent *agent, Link *link, const RtmfpNetEvent *event, int64_t now_us) {
  link->used_us = now_us;
  if (is_named (event, "chat.message")) {
    agent_messages_on_deliver (agent, event, link->person, AHOY_CHAT_DIRECT, now_us);
  } else if (is_named (event, "chat.typing")) {
    if (link->person->chat != NULL) {
      ahoy_chat_far_typed (link->person->chat, now_us);
      agent_messages_run (agent, link->person);
    }
  } else if (is_named (event, "call.control")) {
    agent_calling_on_control (agent, link, event, now_us);
  } else {
    refuse_call (agent, event, now_us);
  }
}

static void
on_session (AhoyAgent *agent, const RtmfpEvent *event, int64_t now_us) {
  if (event->type == RTMFP_EVENT_SESSION_CLOSED) {
    agent_messages_session_gone (agent, event->session);
  }
  if (event->session == agent->server && agent->server != 0) {
    agent_server_on_session (agent, event, now_us);
  } else {
    agent_link_on_session (agent, event, now_us);
  }
}

static void
on_net_event (AhoyAgent *agent, const RtmfpNetEvent *event, int64_t now_us) {
  const bool from_server = event->session == agent->server && agent->server != 0;
  Link *link = from_server ? NULL : agent_link_by_session (agent, event->session);
  switch (event->type) {
  case RTMFP_NET_SESSION:
    on_session (agent, &event->endpoint, now_us);
    return;
  case RTMFP_NET_RESULT:
  case RTMFP_NET_ERROR:
    on_answer (agent, event, event->type == RTMFP_NET_RESULT, now_us);
    return;
  case RTMFP_NET_GREETING:
    if (from_server) {
      agent_server_on_greeting (agent, event->bytes, now_us);
    } else if (link != NULL) {
      agent_link_on_greeting (agent, link, event->bytes, now_us);
    }
    return;
  case RTMFP_NET_CONNECTED:
    if (from_server) {
      agent_server_on_connected (agent, now_us);
    }
    return;
  case RTMFP_NET_REFUSED:
    if (from_server) {
      agent_server_on_refused (agent, event->code, event->text, now_us);
    }
    return;
  case RTMFP_NET_DISCONNECTED:
    if (from_server) {
      agent_server_fail (agent, AHOY_FAULT_LOST, "", now_us);
    } else if (link != NULL) {
      agent_link_close (agent, link, now_us);
    }
    return;
  case RTMFP_NET_CALL:
    if (from_server) {
      on_server_call (agent, event, now_us);
    } else if (link != NULL && link->is_ready) {
      on_peer_call (agent, link, event, now_us);
    } else {
      refuse_call (agent, event, now_us);
    }
    return;
  default:
    if (link != NULL) {
      agent_calling_on_net (agent, link, event, now_us);
    }
    return;
  }
}

/* ---- The pump ---- */

void
ahoy_agent_receive (AhoyAgent *agent, const uint8_t *bytes, size_t size, uint32_t interface_id,
                    const RtmfpAddress *from, uint8_t ecn, int64_t now_us) {
  agent->now_us = now_us;
  if (!agent_relay_may_pass (agent, interface_id, from)) {
    return;
  }
  RtmfpStatus status =
      rtmfp_endpoint_receive (agent->endpoint, bytes, size, interface_id, from, ecn, now_us);
  (void)status; /* counted there */
}

void
ahoy_agent_advance (AhoyAgent *agent, int64_t now_us) {
  /* While we are signed in ahoy_agent_deadline() asks for less: so long a gap was a sleep. */
  const bool slept = now_us - agent->advanced_us >= AHOY_AGENT_SERVER_LOST_US;
  agent->advanced_us = agent->now_us = now_us;
  if (slept && agent_server_is_online (agent)) {
    agent_server_fail (agent, AHOY_FAULT_LOST, "", now_us); /* it has long forgotten us */
    ahoy_agent_retry (agent, now_us);
  }
  rtmfp_endpoint_advance (agent->endpoint, now_us);
  agent_server_advance (agent, now_us);
  agent_link_advance (agent, now_us);
  agent_messages_advance (agent, now_us);
  agent_calling_advance (agent, now_us);
  agent_relay_advance (agent, now_us);
}

bool
ahoy_agent_poll_transmit (AhoyAgent *agent, int64_t now_us, uint8_t *buffer, size_t capacity,
                          RtmfpDatagram *datagram) {
  agent->now_us = now_us;
  while (rtmfp_endpoint_poll_transmit (agent->endpoint, now_us, buffer, capacity, datagram)) {
    if (agent_relay_may_pass (agent, datagram->interface_id, &datagram->to)) {
      return true;
    }
  }
  return false;
}

void
ahoy_agent_start_capture (AhoyAgent *agent, const RtmfpCaptureConfig *config) {
  rtmfp_endpoint_start_capture (agent->endpoint, config);
}

bool
ahoy_agent_poll_capture (AhoyAgent *agent, RtmfpCaptureEvent *event) {
  return rtmfp_endpoint_poll_capture (agent->endpoint, event);
}

static void
hand_out (AgentEvent *waiting, AhoyAgentEvent *event) {
  *event = waiting->event;
  event->code = waiting->code;
  event->text = waiting->text;
  event->body = rtmfp_buffer_bytes (&waiting->body);
  if (event->type == AHOY_AGENT_EVENT_CONTACT) {
    event->contact = &waiting->contact;
  }
}

bool
ahoy_agent_poll_event (AhoyAgent *agent, int64_t now_us, AhoyAgentEvent *event) {
  agent->now_us = now_us;
  free_event (agent->told);
  agent->told = NULL;
  for (;;) {
    AgentEvent *waiting = TAILQ_FIRST (&agent->events);
    if (waiting != NULL) {
      TAILQ_REMOVE (&agent->events, waiting, next);
      agent->told = waiting;
      hand_out (waiting, event);
      return true;
    }
    RtmfpNetEvent net;
    if (!rtmfp_net_poll_event (agent->net, now_us, &net)) {
      return false;
    }
    if (net.type == RTMFP_NET_MEDIA) {
      Link *link = agent_link_by_session (agent, net.session);
      if (link != NULL && agent_calling_on_media (agent, link, &net, event)) {
        return true;
      }
      continue;
    }
    on_net_event (agent, &net, now_us);
  }
}

RtmfpJob *
ahoy_agent_poll_job (AhoyAgent *agent) {
  return rtmfp_endpoint_poll_job (agent->endpoint);
}

void
ahoy_agent_complete_job (AhoyAgent *agent, RtmfpJob *job, int64_t now_us) {
  agent->now_us = now_us;
  rtmfp_endpoint_complete_job (agent->endpoint, job, now_us);
}

static int64_t
earlier (int64_t a, int64_t b) {
  return a < b ? a : b;
}

int64_t
ahoy_agent_deadline (const AhoyAgent *agent) {
  int64_t at_us = rtmfp_endpoint_deadline (agent->endpoint);
  at_us = earlier (at_us, agent_server_deadline (agent));
  at_us = earlier (at_us, agent_link_deadline (agent));
  at_us = earlier (at_us, agent_messages_deadline (agent));
  at_us = earlier (at_us, agent_relay_deadline (agent));
  if (agent_server_is_online (agent)) {
    /* Whatever is due or not: a gap of twice as long was a sleep. */
    at_us = earlier (at_us, agent->advanced_us + AHOY_AGENT_SERVER_LOST_US / 2);
  }
  return earlier (at_us, agent_calling_deadline (agent));
}

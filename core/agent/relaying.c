/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The second way out: a relay as one more interface. When it is wanted, what is told of it, how a
 * call gets off it again, and that nothing goes straight where the person wants it so. */
#include "core/agent/agent-private.h"

/* ---- Access ---- */

static void
tell_access (AhoyAgent *agent) {
  agent_event (agent, AHOY_AGENT_EVENT_RELAY)->event.relay = &agent->relay;
}

bool
agent_relay_read (const RtmfpAmfValue *value, AhoyRelayAccess *access) {
  AhoyRelayAccess read = {.servers = ""};
  agent_text (rtmfp_amf_get (value, "servers"), read.servers, sizeof read.servers);
  agent_text (rtmfp_amf_get (value, "username"), read.username, sizeof read.username);
  agent_text (rtmfp_amf_get (value, "password"), read.password, sizeof read.password);
  int64_t port;
  if (rtmfp_amf_as_integer (rtmfp_amf_get (value, "tls"), 1, UINT16_MAX, &port)) {
    read.tls_port = (uint16_t)port;
    agent_text (rtmfp_amf_get (value, "tlsKey"), read.tls_key, sizeof read.tls_key);
  }
  if (!ahoy_relay_servers_are_good (read.servers) || !ahoy_relay_tls_key_is_good (read.tls_key)) {
    return false;
  }
  *access = read;
  return true;
}

void
agent_relay_on_access (AhoyAgent *agent, const RtmfpAmfValue *value, int64_t now_us) {
  int64_t seconds;
  AhoyRelayAccess access = {.servers = ""};
  const bool has = agent_relay_read (value, &access);
  agent->relay_asked = false;
  agent->relay_renew_us = NEVER;
  if (!has && agent->relay.is_first) {
    return; /* it is all there is, and may be what carries this session */
  }
  agent->relay = access;
  if (!has) {
    /* nobody has a relay here */
  } else if (rtmfp_amf_as_integer (rtmfp_amf_get (value, "seconds"), 1, INT32_MAX, &seconds)) {
    agent->relay_renew_us = now_us + seconds * AHOY_AGENT_SECOND_US / 2;
  }
  tell_access (agent);
}

static void
ask_access (AhoyAgent *agent, int64_t now_us) {
  if (agent->relay_asked || !agent_server_is_online (agent) || now_us < agent->relay_ask_us) {
    return;
  }
  RtmfpBuffer args = {0};
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_end_object (&args);
  agent->relay_ask_us = now_us + AHOY_AGENT_RELAY_ASK_US;
  agent->relay_asked = agent_request (agent, agent->server, REQUEST_RELAY, "relay", &args) != NULL;
}

/* Who has no access, or one that is no good any more, and cannot ask for another. */
static void
use_first_access (AhoyAgent *agent) {
  if (!agent->relay.is_first && agent->state != AHOY_AGENT_STOPPED) {
    ahoy_relay_access_first (agent->config.name.host, &agent->relay);
    tell_access (agent);
  }
}

void
ahoy_agent_relay_refused (AhoyAgent *agent, int64_t now_us) {
  agent->now_us = now_us;
  if (agent_server_is_online (agent)) {
    ask_access (agent, now_us);
  } else {
    use_first_access (agent);
  }
}

/* ---- Our address there ---- */

static void
tell_paths (AhoyAgent *agent) {
  char text[RTMFP_ADDRESS_TEXT_SIZE] = "";
  if (!agent_server_is_online (agent)) {
    return;
  }
  if (agent->relayed.family != RTMFP_ADDRESS_NONE && !agent->relayed_is_first) {
    rtmfp_address_format (&agent->relayed, text);
  } /* by a stranger's access nobody but the server gets through */
  RtmfpBuffer args = {0};
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_member_text (&args, "relayed", text);
  rtmfp_amf_member_boolean (&args, "hides", agent->config.always_relay);
  rtmfp_amf_end_object (&args);
  agent_tell (agent, agent->server, "paths", &args);
}

static int64_t
delay_of (const AhoyAgent *agent) {
  RtmfpSessionInfo server;
  if (agent->config.always_relay) {
    return 0;
  }
  if (agent->server == 0 ||
      rtmfp_endpoint_session_info (agent->endpoint, agent->server, &server) != RTMFP_OK) {
    return AHOY_AGENT_RELAY_DELAY_US;
  }
  return AHOY_AGENT_RELAY_DELAY_US + 2 * server.srtt_us;
}

static void
set_interface (AhoyAgent *agent) {
  if (agent->relayed.family == RTMFP_ADDRESS_NONE) {
    rtmfp_endpoint_remove_interface (agent->endpoint, AHOY_AGENT_RELAY_INTERFACE);
  } else {
    RtmfpStatus status = rtmfp_endpoint_add_interface (agent->endpoint, AHOY_AGENT_RELAY_INTERFACE,
                                                       delay_of (agent));
    (void)status; /* it is our only one */
  }
}

void
agent_relay_try_server (AhoyAgent *agent, int64_t now_us) {
  for (size_t i = 0; agent->relayed.family != RTMFP_ADDRESS_NONE && agent->server != 0 &&
                     i < agent->server_address_count;
       i++) {
    if (agent->state == AHOY_AGENT_CONNECTING) {
      RtmfpStatus status =
          rtmfp_endpoint_add_candidate (agent->endpoint, agent->server, &agent->server_addresses[i],
                                        AHOY_AGENT_RELAY_INTERFACE, now_us);
      (void)status; /* it has an answer already */
    }
  }
}

void
ahoy_agent_relayed (AhoyAgent *agent, const RtmfpAddress *address, int64_t now_us) {
  agent->now_us = now_us;
  const RtmfpAddress none = {.family = RTMFP_ADDRESS_NONE};
  agent->relayed = address != NULL ? *address : none;
  agent->relayed_is_first = agent->relay.is_first;
  set_interface (agent);
  agent_relay_try_server (agent, now_us);
  tell_paths (agent);
  agent_calling_tell_where (agent);
  if (address != NULL && agent->reconnecting && agent->server != 0) {
    RtmfpSessionInfo server;
    if (rtmfp_endpoint_session_info (agent->endpoint, agent->server, &server) == RTMFP_OK) {
      rtmfp_endpoint_probe_by (agent->endpoint, agent->server, &server.address,
                               AHOY_AGENT_RELAY_INTERFACE, now_us);
    }
  }
  if (address != NULL) {
    /* Who is there by the old address, or by none any more, hears of us at the new one. */
    rtmfp_endpoint_addresses_changed (agent->endpoint, now_us);
  }
}

void
agent_relay_on_online (AhoyAgent *agent, const RtmfpAmfValue *turn, int64_t now_us) {
  agent_relay_on_access (agent, turn, now_us);
  set_interface (agent);
  if (agent->relayed.family != RTMFP_ADDRESS_NONE || agent->config.always_relay) {
    tell_paths (agent);
  }
}

/* ---- When it is wanted ---- */

static bool
is_on_relay (const AhoyAgent *agent, RtmfpId session) {
  RtmfpSessionInfo info;
  return session != 0 &&
         rtmfp_endpoint_session_info (agent->endpoint, session, &info) == RTMFP_OK &&
         info.interface_id == AHOY_AGENT_RELAY_INTERFACE;
}

static bool
is_needed (const AhoyAgent *agent, int64_t now_us) {
  if (agent->relay.servers[0] == '\0' || agent->state == AHOY_AGENT_STOPPED) {
    return false;
  }
  if (agent_calling_is_on (agent) || agent->config.always_relay ||
      (agent->away_us != NEVER && now_us - agent->away_us >= AHOY_AGENT_RELAY_AWAY_US) ||
      is_on_relay (agent, agent->server)) {
    return true;
  }
  const Link *link;
  TAILQ_FOREACH (link, &agent->links, next) {
    if (is_on_relay (agent, link->session)) {
      return true;
    }
  }
  return false;
}

static void
look_at_need (AhoyAgent *agent, int64_t now_us) {
  if (agent_server_is_online (agent)) {
    agent->away_us = NEVER;
  } else if (agent->away_us == NEVER) {
    agent->away_us = now_us;
  }
  if (agent->away_us != NEVER && now_us - agent->away_us >= AHOY_AGENT_RELAY_AWAY_US &&
      agent->relay.servers[0] == '\0') {
    use_first_access (agent);
  }
  const bool calls = agent_calling_is_on (agent);
  if (is_needed (agent, now_us)) {
    agent->relay_needed_us = now_us;
    if (!agent->relay_wanted || (calls && !agent->relay_calls)) {
      agent->relay_wanted = true;
      agent_event (agent, AHOY_AGENT_EVENT_RELAY_WANTED)->event.ok = true;
    }
  } else if (agent->relay_wanted && now_us - agent->relay_needed_us >= AHOY_AGENT_RELAY_LINGER_US) {
    agent->relay_wanted = false;
    agent_event (agent, AHOY_AGENT_EVENT_RELAY_WANTED)->event.ok = false;
  }
  agent->relay_calls = calls;
}

/* The server's session goes to the relay when nothing comes straight, and back when it does. */
static void
look_at_server (AhoyAgent *agent, int64_t now_us) {
  RtmfpSessionInfo info;
  if (!agent_server_is_online (agent) || agent->relayed.family == RTMFP_ADDRESS_NONE ||
      now_us < agent->server_look_us ||
      rtmfp_endpoint_session_info (agent->endpoint, agent->server, &info) != RTMFP_OK) {
    return;
  }
  const bool straight = info.interface_id == AHOY_AGENT_RELAY_INTERFACE;
  if (info.bytes_received != agent->server_heard_bytes) {
    agent->server_heard_bytes = info.bytes_received;
    agent->server_heard_us = now_us;
  }
  const bool silent = now_us - agent->server_heard_us >= AHOY_AGENT_SERVER_SILENT_US;
  agent->server_look_us = now_us + (straight && !silent ? 5 : 1) * AHOY_AGENT_SECOND_US;
  if (silent && !straight) {
    rtmfp_endpoint_ping (agent->endpoint, agent->server, now_us);
  }
  if (straight || silent) {
    rtmfp_endpoint_probe_by (agent->endpoint, agent->server, &info.address,
                             straight ? 0 : AHOY_AGENT_RELAY_INTERFACE, now_us);
  }
}

void
agent_relay_advance (AhoyAgent *agent, int64_t now_us) {
  look_at_need (agent, now_us);
  look_at_server (agent, now_us);
  if (now_us >= agent->relay_renew_us) {
    agent->relay_renew_us =
        now_us < agent->relay_ask_us ? agent->relay_ask_us : now_us + AHOY_AGENT_RELAY_ASK_US;
    ask_access (agent, now_us);
  }
}

int64_t
agent_relay_deadline (const AhoyAgent *agent) {
  int64_t at_us = agent->relay_renew_us;
  if (agent->away_us != NEVER && !agent->relay_wanted && agent->state != AHOY_AGENT_STOPPED &&
      agent->away_us + AHOY_AGENT_RELAY_AWAY_US < at_us) {
    at_us = agent->away_us + AHOY_AGENT_RELAY_AWAY_US;
  }
  if (agent->relay_wanted && agent->relay_needed_us + AHOY_AGENT_RELAY_LINGER_US < at_us) {
    at_us = agent->relay_needed_us + AHOY_AGENT_RELAY_LINGER_US;
  }
  if (agent->relayed.family != RTMFP_ADDRESS_NONE && agent_server_is_online (agent) &&
      agent->server_look_us < at_us) {
    at_us = agent->server_look_us;
  }
  return at_us;
}

/* ---- A direct session ---- */

bool
agent_relay_carries (const Link *link, const RtmfpSessionInfo *info) {
  return info->interface_id == AHOY_AGENT_RELAY_INTERFACE ||
         (link->has_far_relay && rtmfp_address_equal (&link->far_relay, &info->address));
}

/* The paths on which the far side may be asked, one after another. */
size_t
agent_relay_paths (const AhoyAgent *agent, const Link *link, bool straight_only,
                   AgentPath paths[AGENT_PATHS_MAX]) {
  size_t count = 0;
  const bool relayed = agent->relayed.family != RTMFP_ADDRESS_NONE && !straight_only;
  for (size_t i = 0; i < link->far_told_count && !agent->config.always_relay; i++) {
    paths[count++] = (AgentPath){link->far_told[i], 0};
  }
  if (link->has_moved && !agent->config.always_relay) {
    paths[count++] = (AgentPath){link->moved_to, 0};
  }
  if (link->has_far_relay && !straight_only) {
    if (!agent->config.always_relay) {
      paths[count++] = (AgentPath){link->far_relay, 0};
    }
    if (relayed) {
      paths[count++] = (AgentPath){link->far_relay, AHOY_AGENT_RELAY_INTERFACE};
    }
  }
  if (link->has_moved && relayed) {
    paths[count++] = (AgentPath){link->moved_to, AHOY_AGENT_RELAY_INTERFACE};
  }
  RtmfpSessionInfo info;
  if (relayed && rtmfp_endpoint_session_info (agent->endpoint, link->session, &info) == RTMFP_OK) {
    paths[count++] = (AgentPath){info.address, AHOY_AGENT_RELAY_INTERFACE};
  }
  return count;
}

/* Both sides ask each other straight while the call is on a relay: what comes through moves it. */
void
agent_relay_leave (AhoyAgent *agent, Link *link, int64_t now_us) {
  AgentPath paths[AGENT_PATHS_MAX];
  RtmfpSessionInfo info;
  if (agent->config.always_relay || now_us < link->leave_us ||
      rtmfp_endpoint_session_info (agent->endpoint, link->session, &info) != RTMFP_OK) {
    return;
  }
  const bool relayed = agent_relay_carries (link, &info);
  link->leave_us =
      now_us + (link->leave_tries < AHOY_AGENT_LEAVE_TRIES ? AHOY_AGENT_LEAVE_FIRST_US
                                                           : AHOY_AGENT_LEAVE_LATER_US);
  if (!relayed) {
    link->leave_tries = 0;
    return;
  }
  if (link->leave_tries % AHOY_AGENT_LEAVE_TRIES == 0 && agent_server_is_online (agent)) {
    RtmfpBuffer args = {0};
    rtmfp_amf_begin_object (&args);
    rtmfp_amf_end_object (&args);
    agent_tell (agent, agent->server, "look", &args);
  }
  const size_t count = agent_relay_paths (agent, link, true, paths);
  if (count > 0) {
    const AgentPath *path = &paths[link->leave_tries % count];
    rtmfp_endpoint_probe_by (agent->endpoint, link->session, &path->address, path->interface_id,
                             now_us);
  }
  link->leave_tries++;
}

/* ---- What the person wants ---- */

void
ahoy_agent_set_privacy (AhoyAgent *agent, bool always_relay, bool ring_early, int64_t now_us) {
  agent->now_us = now_us;
  const bool hides = always_relay && !agent->config.always_relay;
  agent->config.always_relay = always_relay;
  agent->config.ring_early = ring_early;
  set_interface (agent);
  agent_relay_tell_local (agent, now_us);
  tell_paths (agent);
  Link *link = hides ? TAILQ_FIRST (&agent->links) : NULL;
  while (link != NULL) { /* those that stand know our address; from now on nobody learns it */
    agent_link_close (agent, link, now_us);
    link = TAILQ_FIRST (&agent->links);
  }
}

void
agent_relay_tell_local (AhoyAgent *agent, int64_t now_us) {
  rtmfp_net_set_peer_info (agent->net, agent->local,
                           agent->config.always_relay ? 0 : agent->local_count, now_us);
}

bool
agent_relay_may_pass (const AhoyAgent *agent, uint32_t interface_id, const RtmfpAddress *far) {
  if (!agent->config.always_relay || interface_id != 0) {
    return true;
  }
  for (size_t i = 0; i < agent->server_address_count; i++) {
    if (rtmfp_address_equal (&agent->server_addresses[i], far)) {
      return true;
    }
  }
  return false;
}

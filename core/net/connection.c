/* SPDX-License-Identifier: Apache-2.0 */
/* NetConnection: connecting, setPeerInfo, keepalive timers, closing. RFC 7425 s5.3. */
#include "core/net/state.h"

#include <string.h>

#define CONNECT_TRANSACTION 1.0
#define CLOSED_CODE "NetConnection.Connect.Closed"

RtmfpBuffer *
net_begin_command (RtmfpNet *net, const char *name, double transaction) {
  net->out.size = 0;
  rtmfp_command_begin (&net->out, name, transaction);
  return &net->out;
}

static RtmfpStatus
open_control (RtmfpNet *net, NetSession *session) {
  return net_output_open (net, session, NULL, NET_OUTPUT_CONTROL, RTMFP_MEDIA_DATA);
}

/* Sends net->out on our control flow, if not now then later. */
static void
must_send (RtmfpNet *net, NetSession *session) {
  if (open_control (net, session) == RTMFP_OK) {
    net_output_must_send (net, session, &session->control, rtmfp_buffer_bytes (&net->out));
  }
}

/* ---- Client ---- */

/* The path of "rtmfp://host[:port]/app/instance". Returns: OK; MALFORMED. */
static RtmfpStatus
find_app (const char *tc_url, const char **app) {
  static const char scheme[] = "rtmfp://";
  if (strncmp (tc_url, scheme, sizeof scheme - 1) != 0 ||
      strlen (tc_url) > RTMFP_NET_TEXT_BYTES_MAX) {
    return RTMFP_MALFORMED;
  }
  const char *slash = strchr (tc_url + sizeof scheme - 1, '/');
  *app = slash != NULL ? slash + 1 : "";
  return strlen (*app) <= RTMFP_NET_NAME_BYTES_MAX ? RTMFP_OK : RTMFP_MALFORMED;
}

/* RFC 7425 s5.3: a client's certificate serves one server connection. 0 = it has served, or there
 * is no such session. */
static RtmfpId
fresh_identity (const RtmfpNet *net, const NetSession *session) {
  RtmfpSessionInfo info;
  const bool is_there = rtmfp_endpoint_session_info (net->endpoint, session->id, &info) == RTMFP_OK;
  return is_there && info.identity != net->connected_identity ? info.identity : 0;
}

RtmfpStatus
rtmfp_net_connect (RtmfpNet *net, RtmfpId id, const char *tc_url, RtmfpBytes members,
                   RtmfpBytes args, int64_t now_us) {
  net->now_us = now_us;
  NetSession *session = net_find_usable (net, id);
  if (session == NULL || session->state != NET_UNCONNECTED || session->control.flow != 0) {
    return RTMFP_STATE;
  }
  const RtmfpId identity = fresh_identity (net, session);
  if (identity == 0) {
    return RTMFP_STATE;
  }
  const char *app;
  RtmfpStatus status = find_app (tc_url, &app);
  if (status == RTMFP_OK && members.size + args.size > RTMFP_NET_COMMAND_BYTES_MAX / 2) {
    status = RTMFP_LIMIT;
  }
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpBuffer *out = net_begin_command (net, "connect", CONNECT_TRANSACTION);
  rtmfp_amf_begin_object (out);
  rtmfp_amf_member_text (out, "app", app);
  rtmfp_amf_member_text (out, "tcUrl", tc_url);
  rtmfp_amf_member_number (out, "objectEncoding", 0);
  rtmfp_buffer_append (out, members);
  rtmfp_amf_end_object (out);
  rtmfp_buffer_append (out, args);
  status = open_control (net, session);
  if (status == RTMFP_OK) {
    status = net_output_send (net, &session->control, rtmfp_buffer_bytes (out), NULL, NULL);
  }
  if (status == RTMFP_OK) {
    session->is_client = true;
    net->connected_identity = identity;
    session->state = NET_CONNECTING;
    net_apply_options (net, session);
  }
  return status;
}

/* RFC 7425 s5.3.3: MUST follow a successful connect; the list may be empty. */
static void
send_peer_info (RtmfpNet *net, NetSession *session) {
  RtmfpBuffer *out = net_begin_command (net, "setPeerInfo", 0);
  rtmfp_amf_write_null (out);
  for (size_t i = 0; i < net->own_address_count; i++) {
    char text[RTMFP_ADDRESS_TEXT_SIZE];
    rtmfp_address_format (&net->own_addresses[i], text);
    rtmfp_amf_write_text (out, text);
  }
  must_send (net, session);
}

void
rtmfp_net_set_peer_info (RtmfpNet *net, const RtmfpAddress *addresses, size_t count,
                         int64_t now_us) {
  net->now_us = now_us;
  net->own_address_count =
      count < RTMFP_NET_PEER_ADDRESSES_MAX ? count : RTMFP_NET_PEER_ADDRESSES_MAX;
  if (count > 0) {
    memcpy (net->own_addresses, addresses, net->own_address_count * sizeof *addresses);
  }
  NetSession *session, *next;
  HASH_ITER (hh, net->sessions, session, next) {
    if (session->is_client && session->state == NET_CONNECTED) {
      send_peer_info (net, session);
    }
  }
}

void
net_on_connect_result (RtmfpNet *net, NetSession *session, bool accepted) {
  net_read_information (net);
  RtmfpNetEvent *event =
      net_tell (net, accepted ? RTMFP_NET_CONNECTED : RTMFP_NET_REFUSED, session->id);
  net_fill_command (net, event);
  event->name = "";
  event->code = net->code;
  event->text = net->text;
  if (accepted) {
    session->state = NET_CONNECTED;
    session->was_connected = true;
    send_peer_info (net, session);
  } else {
    session->state = NET_CLOSING;
    net_output_close (net, &session->control);
  }
}

static int64_t
clamp_period (uint32_t milliseconds) {
  const int64_t period_us = (int64_t)milliseconds * 1000;
  return period_us < RTMFP_NET_KEEPALIVE_US_MIN   ? RTMFP_NET_KEEPALIVE_US_MIN
         : period_us > RTMFP_NET_KEEPALIVE_US_MAX ? RTMFP_NET_KEEPALIVE_US_MAX
                                                  : period_us;
}

/* RFC 7425 s5.3.4: from the server only, for it and for all peers. */
void
net_on_keepalive (RtmfpNet *net, NetSession *session, const RtmfpUserControl *control) {
  if (!session->is_client || session->state != NET_CONNECTED) {
    net->counters.dropped_unexpected++;
    return;
  }
  net->config.server_options.keepalive_us = clamp_period (control->first);
  net->config.peer_options.keepalive_us = clamp_period (control->second);
  NetSession *each, *next;
  HASH_ITER (hh, net->sessions, each, next) {
    net_apply_options (net, each);
  }
  RtmfpNetEvent *event = net_tell (net, RTMFP_NET_KEEPALIVE, session->id);
  event->server_us = net->config.server_options.keepalive_us;
  event->peer_us = net->config.peer_options.keepalive_us;
}

/* ---- Server ---- */

void
net_on_connect (RtmfpNet *net, NetSession *session) {
  if (!net->config.server || session->state != NET_UNCONNECTED) {
    net->counters.dropped_unexpected++;
    net_send_error (net, session, net->command.transaction, "NetConnection.Connect.Rejected",
                    "No connection is taken here.");
    return;
  }
  session->state = NET_WAITING;
  session->connect_transaction = net->command.transaction;
  net_copy_text (rtmfp_amf_get (net->command.object, "app"), net->code, sizeof net->code);
  net_copy_text (rtmfp_amf_get (net->command.object, "tcUrl"), net->text, sizeof net->text);
  const char *path;
  if (net->code[0] == '\0' && find_app (net->text, &path) == RTMFP_OK) {
    memcpy (net->code, path, strlen (path) + 1); /* some say it there alone */
  }
  RtmfpNetEvent *event = net_tell (net, RTMFP_NET_CONNECT, session->id);
  net_fill_command (net, event);
  event->name = net->code;
  event->text = net->text;
}

static NetSession *
find_waiting (RtmfpNet *net, RtmfpId id, int64_t now_us) {
  net->now_us = now_us;
  NetSession *session = net_find_usable (net, id);
  return session != NULL && session->state == NET_WAITING ? session : NULL;
}

RtmfpStatus
rtmfp_net_accept_connection (RtmfpNet *net, RtmfpId id, RtmfpBytes members, int64_t now_us) {
  NetSession *session = find_waiting (net, id, now_us);
  if (session == NULL) {
    return RTMFP_STATE;
  }
  if (members.size > RTMFP_NET_COMMAND_BYTES_MAX / 2) {
    return RTMFP_LIMIT;
  }
  RtmfpBuffer all = {0};
  rtmfp_amf_member_number (&all, "objectEncoding", 0);
  rtmfp_buffer_append (&all, members);
  RtmfpBuffer *out = net_begin_command (net, "_result", session->connect_transaction);
  rtmfp_amf_begin_object (out);
  rtmfp_amf_end_object (out);
  rtmfp_command_information (out, "status", "NetConnection.Connect.Success", "Connected.",
                             rtmfp_buffer_bytes (&all));
  rtmfp_buffer_clear (&all);
  session->state = NET_CONNECTED;
  session->was_connected = true;
  must_send (net, session);
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_net_reject_connection (RtmfpNet *net, RtmfpId id, const char *code, const char *description,
                             int64_t now_us) {
  NetSession *session = find_waiting (net, id, now_us);
  if (session == NULL) {
    return RTMFP_STATE;
  }
  net_send_error (net, session, session->connect_transaction, code, description);
  session->state = NET_CLOSING;
  net_output_close (net, &session->control);
  return RTMFP_OK;
}

/* As it goes out: 32 bits. */
static uint32_t
milliseconds (int64_t us) {
  const int64_t ms = us / 1000;
  return ms < 0 ? 0 : ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

RtmfpStatus
rtmfp_net_send_keepalive (RtmfpNet *net, RtmfpId id, int64_t server_us, int64_t peer_us,
                          int64_t now_us) {
  net->now_us = now_us;
  NetSession *session = net_find_usable (net, id);
  if (session == NULL || !net->config.server || session->state != NET_CONNECTED) {
    return RTMFP_STATE;
  }
  const RtmfpUserControl control = {.event = RTMFP_RTMP_SET_KEEPALIVE,
                                    .first = milliseconds (server_us),
                                    .second = milliseconds (peer_us)};
  net->out.size = 0;
  rtmfp_user_control_write (&net->out, &control);
  must_send (net, session);
  return RTMFP_OK;
}

/* Addresses as texts; what is none is passed over, what is too many too. RFC 7425 s5.3.3. */
void
net_on_peer_info (RtmfpNet *net, NetSession *session) {
  RtmfpSessionInfo info;
  if (!net->config.server || session->state != NET_CONNECTED ||
      rtmfp_endpoint_session_info (net->endpoint, session->id, &info) != RTMFP_OK) {
    net->counters.dropped_unexpected++;
    return;
  }
  RtmfpNetEvent *event = net_tell (net, RTMFP_NET_PEER_INFO, session->id);
  event->behind_nat = true;
  event->addresses = net->addresses;
  for (size_t i = 0;
       i < net->command.value_count && event->address_count < RTMFP_NET_PEER_ADDRESSES_MAX; i++) {
    char text[RTMFP_ADDRESS_TEXT_SIZE];
    RtmfpAddress *address = &net->addresses[event->address_count];
    if (rtmfp_amf_as_text (net->command.values[i].value, text, sizeof text) &&
        rtmfp_address_parse (text, address) == RTMFP_OK) {
      event->address_count++;
      event->behind_nat = event->behind_nat && !rtmfp_address_equal (address, &info.address);
    }
  }
}

/* ---- Closing, RFC 7425 s5.3.6 ---- */

static void
end_items (RtmfpNet *net, NetSession *session) {
  NetItem *item = LIST_FIRST (&session->items);
  while (item != NULL) {
    NetItem *next = LIST_NEXT (item, link);
    if (item->is_player) {
      net_player_ended (net, item);
    } else if (item->is_of_connection) {
      net_connection_stream_ended (net, item, "", "");
    } else {
      net_stream_ended (net, item, false, CLOSED_CODE);
    }
    item = next;
  }
}

static void
go_down (RtmfpNet *net, NetSession *session, bool clean) {
  /* A direct session that never had a NetConnection ends silently with its session. */
  const bool tells = session->was_connected || (!session->is_client && !session->is_closed);
  const NetConnectionState before = session->state;
  session->state = NET_DOWN;
  net_fail_calls (net, session);
  if (before == NET_CONNECTING) {
    RtmfpNetEvent *event = net_tell (net, RTMFP_NET_REFUSED, session->id);
    event->code = CLOSED_CODE;
  } else if (before != NET_DOWN && tells) {
    net_tell (net, RTMFP_NET_DISCONNECTED, session->id)->clean = clean;
  }
}

void
net_check_down (RtmfpNet *net, NetSession *session) {
  if (session->state == NET_CLOSING && session->control.flow == 0 && session->control_in == 0) {
    go_down (net, session, true);
  }
}

void
net_on_control_ended (RtmfpNet *net, NetSession *session, bool clean) {
  session->control_in_ended = true;
  session->control_in = 0;
  end_items (net, session);
  if (clean && session->state != NET_CONNECTING) {
    session->state = session->state == NET_DOWN ? NET_DOWN : NET_CLOSING;
    net_output_close (net, &session->control);
    net_check_down (net, session);
  } else {
    net_output_close (net, &session->control);
    go_down (net, session, clean);
  }
}

void
rtmfp_net_close (RtmfpNet *net, RtmfpId id, int64_t now_us) {
  net->now_us = now_us;
  NetSession *session = net_find_session (net, id);
  if (session == NULL || session->state == NET_CLOSING || session->state == NET_DOWN) {
    return;
  }
  session->state = NET_CLOSING;
  end_items (net, session);
  net_output_close (net, &session->control);
  net_check_down (net, session);
}

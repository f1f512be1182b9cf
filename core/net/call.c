/* SPDX-License-Identifier: Apache-2.0 */
/* Calls both ways on stream id 0, with results and errors. RTMP 1.0 s7.2.1.2; between peers, where
 * RFC 7425 has only streams, in the same form. */
#include "core/net/state.h"

#include "core/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FAILED_CODE "NetConnection.Call.Failed"

bool
net_may_call (const RtmfpNet *net, const NetSession *session) {
  return session->state == NET_CONNECTED ||
         (session->state == NET_UNCONNECTED && !net->config.server);
}

static NetCall *
find_call (NetCall *calls, uint64_t id) {
  NetCall *call;
  HASH_FIND (hh, calls, &id, sizeof id, call);
  return call;
}

static void
add_call (NetCall **calls, uint64_t id, double transaction) {
  NetCall *call = RTMFP_NEW (NetCall);
  call->id = id;
  call->transaction = transaction;
  HASH_ADD (hh, *calls, id, sizeof call->id, call);
}

static void
remove_call (NetCall **calls, NetCall *call) {
  HASH_DEL (*calls, call);
  free (call);
}

/* Names that the protocol itself uses. */
static bool
is_reserved (const char *name) {
  static const char *const names[] = {"connect", "setPeerInfo", "_result", "_error", "close"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp (name, names[i]) == 0) {
      return true;
    }
  }
  return false;
}

/* ---- Ours ---- */

static RtmfpStatus
send_call (RtmfpNet *net, NetSession *session, const char *name, RtmfpBytes args,
           double transaction) {
  RtmfpStatus status = net_output_open (net, session, NULL, NET_OUTPUT_CONTROL, RTMFP_MEDIA_DATA);
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpBuffer *out = net_begin_command (net, name, transaction);
  rtmfp_amf_write_null (out);
  rtmfp_buffer_append (out, args);
  return net_output_send (net, &session->control, rtmfp_buffer_bytes (out), NULL, NULL);
}

/* Room for the head of a command around its arguments. */
static bool
is_too_large (RtmfpBytes args) {
  return args.size > RTMFP_NET_COMMAND_BYTES_MAX - 1024;
}

RtmfpStatus
rtmfp_net_call (RtmfpNet *net, RtmfpId id, const char *name, RtmfpBytes args, bool wants_result,
                int64_t now_us, RtmfpId *call) {
  assert (strlen (name) > 0 && strlen (name) <= RTMFP_NET_NAME_BYTES_MAX && !is_reserved (name));
  (void)is_reserved;
  net->now_us = now_us;
  NetSession *session = net_find_usable (net, id);
  if (session == NULL || !net_may_call (net, session)) {
    return RTMFP_STATE;
  }
  if (is_too_large (args) ||
      (wants_result && HASH_COUNT (session->calls_out) >= RTMFP_NET_CALLS_MAX)) {
    return RTMFP_LIMIT;
  }
  const uint64_t transaction = wants_result ? net->next_call : 0;
  const RtmfpStatus status = send_call (net, session, name, args, (double)transaction);
  if (status == RTMFP_OK && wants_result) {
    net->next_call++;
    add_call (&session->calls_out, transaction, 0);
  }
  if (status == RTMFP_OK && call != NULL) {
    *call = transaction;
  }
  return status;
}

void
net_on_answer (RtmfpNet *net, NetSession *session, bool is_result) {
  const double transaction = net->command.transaction;
  if (session->state == NET_CONNECTING && transaction == 1) {
    net_on_connect_result (net, session, is_result);
    return;
  }
  if (net_on_create_answer (net, session, is_result)) {
    return;
  }
  const bool is_id = transaction >= 1 && transaction <= 9007199254740992.0;
  NetCall *call = is_id ? find_call (session->calls_out, (uint64_t)transaction) : NULL;
  if (call == NULL || (double)call->id != transaction) {
    net->counters.dropped_unexpected++;
    return;
  }
  net_read_information (net);
  RtmfpNetEvent *event =
      net_tell (net, is_result ? RTMFP_NET_RESULT : RTMFP_NET_ERROR, session->id);
  net_fill_command (net, event);
  event->name = "";
  event->call = call->id;
  event->code = is_result ? "" : net->code;
  event->text = is_result ? "" : net->text;
  remove_call (&session->calls_out, call);
}

void
net_fail_calls (RtmfpNet *net, NetSession *session) {
  NetCall *call, *next;
  HASH_ITER (hh, session->calls_out, call, next) {
    RtmfpNetEvent *event = net_tell (net, RTMFP_NET_ERROR, session->id);
    event->call = call->id;
    event->code = "NetConnection.Connect.Closed";
    remove_call (&session->calls_out, call);
  }
}

void
rtmfp_net_set_call_priority (RtmfpNet *net, RtmfpId id, RtmfpPriority priority) {
  NetSession *session = net_find_session (net, id);
  if (session != NULL) {
    session->call_priority = priority;
    if (session->control.flow != 0) {
      rtmfp_endpoint_set_flow_priority (net->endpoint, session->control.flow, priority);
    }
  }
}

/* ---- Theirs ---- */

void
net_on_call (RtmfpNet *net, NetSession *session) {
  const double transaction = net->command.transaction;
  if (!net_may_call (net, session)) {
    net->counters.dropped_unexpected++;
    net_send_error (net, session, transaction, FAILED_CODE, "Connect first.");
    return;
  }
  if (transaction != 0 && HASH_COUNT (session->calls_in) >= RTMFP_NET_CALLS_MAX) {
    net->counters.dropped_unexpected++;
    net_send_error (net, session, transaction, FAILED_CODE, "Too many calls wait for an answer.");
    return;
  }
  RtmfpNetEvent *event = net_tell (net, RTMFP_NET_CALL, session->id);
  net_fill_command (net, event);
  if (transaction != 0) {
    event->call = net->next_call++;
    add_call (&session->calls_in, event->call, transaction);
  }
}

static void
send_answer (RtmfpNet *net, NetSession *session) {
  if (net_output_open (net, session, NULL, NET_OUTPUT_CONTROL, RTMFP_MEDIA_DATA) == RTMFP_OK) {
    net_output_must_send (net, session, &session->control, rtmfp_buffer_bytes (&net->out));
  }
}

void
net_send_error (RtmfpNet *net, NetSession *session, double transaction, const char *code,
                const char *description) {
  if (transaction == 0) {
    return;
  }
  RtmfpBuffer *out = net_begin_command (net, "_error", transaction);
  rtmfp_amf_write_null (out);
  rtmfp_command_information (out, "error", code, description, rtmfp_bytes (NULL, 0));
  send_answer (net, session);
}

/* The call that is to be answered, taken out of the table. Returns: OK; STATE. */
static RtmfpStatus
take_call (RtmfpNet *net, RtmfpId id, RtmfpId call_id, NetSession **session, double *transaction) {
  *session = net_find_usable (net, id);
  NetCall *call = *session != NULL ? find_call ((*session)->calls_in, call_id) : NULL;
  if (call == NULL) {
    return RTMFP_STATE;
  }
  *transaction = call->transaction;
  remove_call (&(*session)->calls_in, call);
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_net_return (RtmfpNet *net, RtmfpId id, RtmfpId call, RtmfpBytes args, int64_t now_us) {
  net->now_us = now_us;
  if (call == 0) {
    return RTMFP_OK;
  }
  if (is_too_large (args)) {
    return RTMFP_LIMIT;
  }
  NetSession *session;
  double transaction;
  const RtmfpStatus status = take_call (net, id, call, &session, &transaction);
  if (status != RTMFP_OK) {
    return status;
  }
  RtmfpBuffer *out = net_begin_command (net, "_result", transaction);
  rtmfp_amf_write_null (out);
  if (args.size > 0) {
    rtmfp_buffer_append (out, args);
  } else {
    rtmfp_amf_write_null (out);
  }
  send_answer (net, session);
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_net_fail (RtmfpNet *net, RtmfpId id, RtmfpId call, const char *code, const char *description,
                int64_t now_us) {
  net->now_us = now_us;
  if (call == 0) {
    return RTMFP_OK;
  }
  NetSession *session;
  double transaction;
  const RtmfpStatus status = take_call (net, id, call, &session, &transaction);
  if (status == RTMFP_OK) {
    net_send_error (net, session, transaction, code, description);
  }
  return status;
}

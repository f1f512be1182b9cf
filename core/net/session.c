/* SPDX-License-Identifier: Apache-2.0 */
/* The sessions that a net knows: their beginning and end, and their gates. RFC 7425 s5.3, s5.4. */
#include "core/net/state.h"

#include "core/base/memory.h"

#include <stdlib.h>

NetSession *
net_find_session (const RtmfpNet *net, RtmfpId id) {
  NetSession *session;
  HASH_FIND (hh, net->sessions, &id, sizeof id, session);
  return session;
}

NetSession *
net_find_usable (const RtmfpNet *net, RtmfpId id) {
  NetSession *session = net_find_session (net, id);
  return session != NULL && session->gate_open && !session->is_faulty ? session : NULL;
}

void
net_apply_options (RtmfpNet *net, NetSession *session) {
  const RtmfpStatus status = rtmfp_endpoint_set_session_options (
      net->endpoint, session->id,
      session->is_client ? &net->config.server_options : &net->config.peer_options, net->now_us);
  (void)status; /* a session that closed meanwhile needs none */
}

void
rtmfp_net_set_peer_limit (RtmfpNet *net, int64_t limit_us, int64_t now_us) {
  net->now_us = now_us;
  net->config.peer_options.retransmit_limit_us = limit_us;
  NetSession *session, *next;
  HASH_ITER (hh, net->sessions, session, next) {
    net_apply_options (net, session);
  }
}

void
net_on_session_open (RtmfpNet *net, const RtmfpEvent *event) {
  if (net_find_session (net, event->session) != NULL) {
    return; /* told again: somebody opened it a second time */
  }
  NetSession *session = RTMFP_NEW (NetSession);
  session->id = event->session;
  session->gate_open = !net->config.gated;
  session->call_priority = RTMFP_PRIORITY_ROUTINE;
  session->next_stream_id = 1;
  net_output_init (&session->control);
  net_output_init (&session->greeting);
  STAILQ_INIT (&session->held);
  LIST_INIT (&session->flows);
  LIST_INIT (&session->items);
  HASH_ADD (hh, net->sessions, id, sizeof session->id, session);
  net_apply_options (net, session);
}

static void
drop_held (NetSession *session) {
  while (!STAILQ_EMPTY (&session->held)) {
    NetHeld *held = STAILQ_FIRST (&session->held);
    STAILQ_REMOVE_HEAD (&session->held, next);
    free (held);
  }
  session->held_count = 0;
}

static void
free_calls (NetCall **calls) {
  NetCall *call, *next;
  HASH_ITER (hh, *calls, call, next) {
    HASH_DEL (*calls, call);
    free (call);
  }
}

void
net_free_session (RtmfpNet *net, NetSession *session) {
  while (!LIST_EMPTY (&session->items)) {
    net_free_item (net, LIST_FIRST (&session->items));
  }
  while (!LIST_EMPTY (&session->flows)) {
    net_remove_flow (net, LIST_FIRST (&session->flows));
  }
  drop_held (session);
  free_calls (&session->calls_out);
  free_calls (&session->calls_in);
  net_output_clear (&session->control);
  net_output_clear (&session->greeting);
  HASH_DEL (net->sessions, session);
  free (session);
}

/* The publications for that session only end with it. */
static void
drop_publications (RtmfpNet *net, RtmfpId session) {
  NetPublication *publication = LIST_FIRST (&net->publication_list);
  while (publication != NULL) {
    NetPublication *next = LIST_NEXT (publication, link);
    if (publication->session == session) {
      rtmfp_slots_remove (&net->publications, publication->id);
      LIST_REMOVE (publication, link);
      free (publication);
    }
    publication = next;
  }
}

void
net_on_session_closed (RtmfpNet *net, const RtmfpEvent *event) {
  NetSession *session = net_find_session (net, event->session);
  if (session == NULL) {
    return; /* it never opened */
  }
  session->is_closed = true;
  net_on_control_ended (net, session, false);
  drop_publications (net, session->id);
  net_free_session (net, session);
}

void
net_condemn (RtmfpNet *net, NetSession *session) {
  if (!session->is_faulty) {
    session->is_faulty = true;
    net->counters.sessions_closed++;
    rtmfp_endpoint_close (net->endpoint, session->id, false, net->now_us);
  }
}

void
net_fault (RtmfpNet *net, NetSession *session) {
  net->counters.dropped_malformed++;
  if (++session->faults >= RTMFP_NET_FAULTS_MAX) {
    net_condemn (net, session);
  }
}

void
rtmfp_net_open_gate (RtmfpNet *net, RtmfpId id, int64_t now_us) {
  NetSession *session = net_find_session (net, id);
  net->now_us = now_us;
  if (session != NULL && !session->gate_open) {
    session->gate_open = true;
    net_take_held (net, session);
  }
}

RtmfpStatus
rtmfp_net_send_greeting (RtmfpNet *net, RtmfpId id, RtmfpBytes bytes, int64_t now_us) {
  net->now_us = now_us;
  NetSession *session = net_find_session (net, id);
  if (session == NULL || session->is_faulty || net->config.greeting_metadata.size == 0) {
    return RTMFP_STATE;
  }
  if (bytes.size > RTMFP_NET_GREETING_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  const RtmfpStatus status =
      net_output_open (net, session, NULL, NET_OUTPUT_GREETING, RTMFP_MEDIA_DATA);
  return status == RTMFP_OK ? net_output_send (net, &session->greeting, bytes, NULL, NULL) : status;
}

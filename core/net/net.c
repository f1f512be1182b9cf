/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a net, its queue of events, and the pump that turns the endpoint's events into ours.
 * RFC 7425 s5. */
#include "core/net/state.h"

#include "core/base/memory.h"

#include <stdlib.h>

#define SECOND_US INT64_C (1000000)

void
rtmfp_net_config_init (RtmfpNetConfig *config) {
  *config = (RtmfpNetConfig){
      .audio_order = RTMFP_ORDER_SEQUENCE,
      .peer_options = {.keepalive_us = 30 * SECOND_US, .retransmit_limit_us = 60 * SECOND_US},
      .server_options = {.keepalive_us = 30 * SECOND_US,
                         .retransmit_limit_us = 60 * SECOND_US,
                         .introducer = true},
  };
}

RtmfpNet *
rtmfp_net_new (RtmfpEndpoint *endpoint, const RtmfpNetConfig *config) {
  RtmfpNet *net = RTMFP_NEW (RtmfpNet);
  net->endpoint = endpoint;
  net->config = *config;
  net->config.greeting_metadata.data =
      rtmfp_memory_copy (config->greeting_metadata.data, config->greeting_metadata.size);
  net->next_call = 2; /* 1 is "connect" */
  LIST_INIT (&net->publication_list);
  return net;
}

void
rtmfp_net_free (RtmfpNet *net) {
  if (net == NULL) {
    return;
  }
  while (net->sessions != NULL) {
    net_free_session (net, net->sessions);
  }
  while (!LIST_EMPTY (&net->publication_list)) {
    NetPublication *publication = LIST_FIRST (&net->publication_list);
    LIST_REMOVE (publication, link);
    free (publication);
  }
  rtmfp_slots_clear (&net->items);
  rtmfp_slots_clear (&net->publications);
  rtmfp_command_clear (&net->command);
  rtmfp_buffer_clear (&net->in);
  rtmfp_buffer_clear (&net->out);
  free ((void *)net->config.greeting_metadata.data);
  free (net->events);
  free (net);
}

static void
grow_events (RtmfpNet *net) {
  const size_t capacity = net->event_capacity == 0 ? 32 : net->event_capacity * 2;
  RtmfpNetEvent *events = rtmfp_memory_new (capacity, sizeof *events);
  for (size_t i = 0; i < net->event_count; i++) {
    events[i] = net->events[(net->event_first + i) % net->event_capacity];
  }
  free (net->events);
  net->events = events;
  net->event_first = 0;
  net->event_capacity = capacity;
}

RtmfpNetEvent *
net_tell (RtmfpNet *net, RtmfpNetEventType type, RtmfpId session) {
  if (net->event_count == net->event_capacity) {
    grow_events (net);
  }
  RtmfpNetEvent *event = &net->events[(net->event_first + net->event_count) % net->event_capacity];
  net->event_count++;
  *event = (RtmfpNetEvent){.type = type, .session = session, .name = "", .code = "", .text = ""};
  return event;
}

static bool
take_event (RtmfpNet *net, RtmfpNetEvent *event) {
  if (net->event_count == 0) {
    return false;
  }
  *event = net->events[net->event_first];
  net->event_first = (net->event_first + 1) % net->event_capacity;
  net->event_count--;
  return true;
}

/* ---- Sending flows ---- */

static void
name_item (RtmfpNetEvent *event, const NetItem *item) {
  *(item->is_player ? &event->player : &event->stream) = item->id;
}

static void
on_writable (RtmfpNet *net, NetFlow *flow) {
  NetOutput *output = flow->output;
  net_output_flush (net, output);
  if (!STAILQ_EMPTY (&output->waiting) || !output->wants_writable || output->is_over) {
    return;
  }
  output->wants_writable = false;
  if (flow->output_kind == NET_OUTPUT_CONTROL) {
    net_tell (net, RTMFP_NET_CALL_WRITABLE, flow->session->id);
  } else if (flow->output_kind == NET_OUTPUT_MEDIA) {
    RtmfpNetEvent *event = net_tell (net, RTMFP_NET_MEDIA_WRITABLE, flow->session->id);
    name_item (event, flow->item);
    event->kind = flow->media;
  }
}

static void
on_message_end (RtmfpNet *net, const NetFlow *flow, const RtmfpEvent *from) {
  if (flow->output_kind != NET_OUTPUT_MEDIA) {
    return;
  }
  RtmfpNetEvent *event = net_tell (net, RTMFP_NET_MEDIA_END, flow->session->id);
  name_item (event, flow->item);
  event->kind = flow->media;
  event->number = from->number;
  event->delivered = from->delivered;
}

/* The flow is gone, because the far side rejected it or because all of it is done. */
static void
on_sending_ended (RtmfpNet *net, NetFlow *flow, bool rejected) {
  NetSession *session = flow->session;
  NetItem *item = flow->item;
  const NetOutputKind kind = flow->output_kind;
  const RtmfpMediaKind media = flow->media;
  net_output_clear (flow->output);
  flow->output->is_over = true;
  net_remove_flow (net, flow);
  switch (kind) {
  case NET_OUTPUT_GREETING:
    break;
  case NET_OUTPUT_CONTROL:
    if (rejected) {
      net_on_control_ended (net, session, false);
    } else {
      net_check_down (net, session);
    }
    break;
  case NET_OUTPUT_STREAM:
    if (rejected && item->is_of_connection && session->is_client) {
      net_connection_stream_ended (net, item, "", "");
    } else if (rejected && !item->is_player && !item->is_of_connection) {
      net_stream_ended (net, item, false, "NetStream.Play.Stop");
    }
    break;
  case NET_OUTPUT_MEDIA:
    if (rejected && item->state == NET_ITEM_ACTIVE) {
      RtmfpNetEvent *event = net_tell (net, RTMFP_NET_MEDIA_REFUSED, session->id);
      name_item (event, item);
      event->kind = media;
    }
    break;
  }
}

static void
on_sending (RtmfpNet *net, NetFlow *flow, const RtmfpEvent *event) {
  switch (event->type) {
  case RTMFP_EVENT_FLOW_WRITABLE:
    on_writable (net, flow);
    break;
  case RTMFP_EVENT_MESSAGE_END:
    on_message_end (net, flow, event);
    break;
  case RTMFP_EVENT_FLOW_EXCEPTION:
    on_sending_ended (net, flow, true);
    break;
  case RTMFP_EVENT_FLOW_CLOSED:
    on_sending_ended (net, flow, false);
    break;
  default:
    break;
  }
}

/* ---- Receiving flows ---- */

static void
on_finished (RtmfpNet *net, NetFlow *flow) {
  NetSession *session = flow->session;
  NetItem *item = flow->item;
  const NetFlowKind kind = flow->kind;
  const RtmfpId id = flow->id;
  net_remove_flow (net, flow);
  switch (kind) {
  case NET_FLOW_SENDING:
    break;
  case NET_FLOW_GREETING:
    session->greeting_in = 0;
    break;
  case NET_FLOW_CONTROL:
    session->control_flows--;
    if (id == session->control_in) {
      net_on_control_ended (net, session, true);
    }
    break;
  case NET_FLOW_PLAYER:
    item->control_in = 0;
    net_player_ended (net, item);
    break;
  case NET_FLOW_MEDIA:
    net_on_media_flow_finished (net, item);
    break;
  case NET_FLOW_STREAM:
    net_on_stream_flow_finished (item);
    break;
  }
}

static void
on_receiving (RtmfpNet *net, NetFlow *flow, const RtmfpEvent *event) {
  switch (event->type) {
  case RTMFP_EVENT_FLOW_MESSAGE:
    net_on_message (net, flow, event);
    break;
  case RTMFP_EVENT_FLOW_GAP:
    net_on_gap (net, flow, event->count);
    break;
  case RTMFP_EVENT_FLOW_FINISHED:
    on_finished (net, flow);
    break;
  default:
    break;
  }
}

/* ---- The pump ---- */

static void
on_flow_event (RtmfpNet *net, const RtmfpEvent *event) {
  NetSession *session = net_find_session (net, event->session);
  if (session == NULL || session->is_faulty) {
    return;
  }
  if (event->type == RTMFP_EVENT_FLOW_NEW) {
    net_on_flow_new (net, session, event->flow, event->bytes, event->associated);
    return;
  }
  NetFlow *flow = net_find_flow (net, event->flow);
  if (flow == NULL) {
    return; /* we rejected it, or have ended with it */
  }
  if (flow->kind == NET_FLOW_SENDING) {
    on_sending (net, flow, event);
  } else {
    on_receiving (net, flow, event);
  }
}

static void
on_event (RtmfpNet *net, const RtmfpEvent *event) {
  switch (event->type) {
  case RTMFP_EVENT_SESSION_OPEN:
    net_on_session_open (net, event);
    break;
  case RTMFP_EVENT_SESSION_CLOSED:
    net_on_session_closed (net, event);
    break;
  case RTMFP_EVENT_SESSION_ADDRESS:
  case RTMFP_EVENT_HELLO:
    break;
  default:
    on_flow_event (net, event);
    return;
  }
  net_tell (net, RTMFP_NET_SESSION, event->session)->endpoint = *event;
}

bool
rtmfp_net_poll_event (RtmfpNet *net, int64_t now_us, RtmfpNetEvent *event) {
  net->now_us = now_us;
  RtmfpEvent from;
  while (!take_event (net, event)) {
    if (!rtmfp_endpoint_poll_event (net->endpoint, &from)) {
      return false;
    }
    on_event (net, &from);
  }
  return true;
}

void
rtmfp_net_counters (const RtmfpNet *net, RtmfpNetCounters *counters) {
  *counters = net->counters;
}

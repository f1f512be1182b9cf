/* SPDX-License-Identifier: Apache-2.0 */
/* Takes messages apart and hands them to what they are for. RFC 7425 s5.1.2, s5.2. */
#include "core/net/state.h"

#include <string.h>

static void
on_greeting (RtmfpNet *net, NetFlow *flow, RtmfpBytes bytes) {
  if (bytes.size > RTMFP_NET_GREETING_BYTES_MAX) {
    net->counters.dropped_malformed++;
    net_condemn (net, flow->session);
    return;
  }
  net->in.size = 0;
  rtmfp_buffer_append (&net->in, bytes);
  net_tell (net, RTMFP_NET_GREETING, flow->session->id)->bytes = rtmfp_buffer_bytes (&net->in);
}

/* ---- Flow synchronisation ---- */

/* A direct stream's flows are one tree; NetConnection's with those of its streams another. */
static uint64_t
tree_of (const NetFlow *flow) {
  return flow->item != NULL && !flow->item->is_of_connection ? flow->item->id : 0;
}

void
net_leave_barrier (RtmfpNet *net, const NetFlow *flow) {
  RtmfpId released[RTMFP_SYNC_FLOWS_MAX];
  size_t count = 0;
  rtmfp_flow_sync_leave (&flow->session->sync, flow->id, released, &count);
  for (size_t i = 0; i < count; i++) {
    rtmfp_endpoint_pause_flow (net->endpoint, released[i], false, net->now_us);
  }
}

/* Deviation: a barrier beyond our bounds is a fault and holds nothing up (s5.2 SHOULD suspend the
 * flow). */
static void
on_sync (RtmfpNet *net, NetFlow *flow, const RtmfpUserControl *control) {
  RtmfpId released[RTMFP_SYNC_FLOWS_MAX];
  size_t count = 0;
  const RtmfpStatus status =
      rtmfp_flow_sync_arrive (&flow->session->sync, tree_of (flow), flow->id, control->first,
                              control->second, released, &count);
  if (status != RTMFP_OK) {
    net_fault (net, flow->session);
    return;
  }
  if (count == 0) {
    rtmfp_endpoint_pause_flow (net->endpoint, flow->id, true, net->now_us);
    return;
  }
  net->counters.barriers++;
  for (size_t i = 0; i < count; i++) {
    if (released[i] != flow->id) {
      rtmfp_endpoint_pause_flow (net->endpoint, released[i], false, net->now_us);
    }
  }
}

/* ---- User control ---- */

static void
answer_ping (RtmfpNet *net, NetSession *session, uint32_t time) {
  const RtmfpUserControl answer = {.event = RTMFP_RTMP_PING_RESPONSE, .first = time};
  net->out.size = 0;
  rtmfp_user_control_write (&net->out, &answer);
  if (net_output_open (net, session, NULL, NET_OUTPUT_CONTROL, RTMFP_MEDIA_DATA) == RTMFP_OK) {
    net_output_must_send (net, session, &session->control, rtmfp_buffer_bytes (&net->out));
  }
}

static void
on_user_control (RtmfpNet *net, NetFlow *flow, RtmfpBytes payload) {
  RtmfpUserControl control;
  const RtmfpStatus status = rtmfp_user_control_read (payload, &control);
  if (status == RTMFP_UNSUPPORTED) {
    net->counters.dropped_unexpected++;
  } else if (status != RTMFP_OK) {
    net_fault (net, flow->session);
  } else if (control.event == RTMFP_RTMP_FLOW_SYNC) {
    on_sync (net, flow, &control);
  } else if (flow->kind == NET_FLOW_CONTROL && control.event == RTMFP_RTMP_SET_KEEPALIVE) {
    net_on_keepalive (net, flow->session, &control);
  } else if (flow->kind == NET_FLOW_CONTROL && control.event == RTMFP_RTMP_PING_REQUEST) {
    answer_ping (net, flow->session, control.first);
  } else if (flow->kind == NET_FLOW_MEDIA) {
    net_on_stream_control (net, flow->item, &control);
  } else if (flow->kind == NET_FLOW_CONTROL || flow->kind == NET_FLOW_STREAM) {
    net_on_connection_stream_control (net, flow->session, flow->item, &control);
  } else {
    net->counters.dropped_unexpected++;
  }
}

/* ---- Commands ---- */

void
net_copy_text (const RtmfpAmfValue *value, char *text, size_t capacity) {
  if (!rtmfp_amf_as_text (value, text, capacity)) {
    text[0] = '\0';
  }
}

void
net_fill_command (const RtmfpNet *net, RtmfpNetEvent *event) {
  event->name = net->name;
  event->object = net->command.object;
  event->values = net->command.values;
  event->value_count = net->command.value_count;
  event->bytes = net->command.arguments;
}

void
net_read_information (RtmfpNet *net) {
  const RtmfpAmfValue *information =
      net->command.value_count > 0 ? net->command.values[0].value : NULL;
  net_copy_text (rtmfp_amf_get (information, "code"), net->code, sizeof net->code);
  net_copy_text (rtmfp_amf_get (information, "description"), net->text, sizeof net->text);
}

/* Copies the message, for the endpoint's bytes last only until it is called, and reads it. */
static RtmfpStatus
read_command (RtmfpNet *net, RtmfpBytes bytes) {
  if (bytes.size > RTMFP_NET_COMMAND_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  net->in.size = 0;
  rtmfp_buffer_append (&net->in, bytes);
  RtmfpRtmpMessage message;
  RtmfpStatus status = rtmfp_rtmp_message_read (rtmfp_buffer_bytes (&net->in), &message);
  if (status == RTMFP_OK) {
    status = rtmfp_command_read (&net->command, &message);
  }
  if (status != RTMFP_OK) {
    return status;
  }
  return net->command.name.size > 0 && rtmfp_amf_as_text (rtmfp_amf_at (&net->command.document, 0),
                                                          net->name, sizeof net->name)
             ? RTMFP_OK
             : RTMFP_LIMIT;
}

/* What is sent on stream id 0. */
static void
on_connection_command (RtmfpNet *net, NetSession *session) {
  const bool is_result = strcmp (net->name, "_result") == 0;
  if (is_result || strcmp (net->name, "_error") == 0) {
    net_on_answer (net, session, is_result);
  } else if (strcmp (net->name, "connect") == 0) {
    net_on_connect (net, session);
  } else if (strcmp (net->name, "setPeerInfo") == 0) {
    net_on_peer_info (net, session);
  } else if (!net_on_create_or_delete (net, session)) {
    net_on_call (net, session);
  }
}

static void
on_command (RtmfpNet *net, NetFlow *flow, RtmfpBytes bytes) {
  if (read_command (net, bytes) != RTMFP_OK) {
    net_fault (net, flow->session);
    return;
  }
  switch (flow->kind) {
  case NET_FLOW_CONTROL:
    on_connection_command (net, flow->session);
    break;
  case NET_FLOW_PLAYER:
    net_on_player_command (net, flow->item);
    break;
  case NET_FLOW_MEDIA:
    net_on_stream_command (net, flow->item);
    break;
  case NET_FLOW_STREAM:
    net_on_connection_stream_command (net, flow->item);
    break;
  default:
    break;
  }
}

void
net_on_message (RtmfpNet *net, NetFlow *flow, const RtmfpEvent *event) {
  net->counters.messages_in++;
  if (flow->kind == NET_FLOW_GREETING) {
    on_greeting (net, flow, event->bytes);
    return;
  }
  RtmfpRtmpMessage message;
  if (rtmfp_rtmp_message_read (event->bytes, &message) != RTMFP_OK) {
    net_fault (net, flow->session);
    return;
  }
  switch (message.type) {
  case RTMFP_RTMP_USER_CONTROL:
    on_user_control (net, flow, message.payload);
    break;
  case RTMFP_RTMP_COMMAND:
  case RTMFP_RTMP_COMMAND_EXTENDED:
    on_command (net, flow, event->bytes);
    break;
  case RTMFP_RTMP_AUDIO:
  case RTMFP_RTMP_VIDEO:
  case RTMFP_RTMP_DATA:
  case RTMFP_RTMP_DATA_EXTENDED:
    if (flow->kind == NET_FLOW_MEDIA || flow->kind == NET_FLOW_STREAM) {
      net_on_media (net, flow, &message, event->number);
      break;
    }
    net->counters.dropped_unexpected++;
    break;
  case RTMFP_RTMP_AGGREGATE:
    if (flow->kind == NET_FLOW_MEDIA || flow->kind == NET_FLOW_STREAM) {
      net_on_aggregate (net, flow, &message, event->number);
      break;
    }
    net->counters.dropped_unexpected++;
    break;
  default: /* chunk stream control (s5.1), and what we do not know */
    net->counters.dropped_unexpected++;
    break;
  }
}

void
net_on_gap (RtmfpNet *net, NetFlow *flow, uint64_t count) {
  const bool is_media = flow->kind == NET_FLOW_MEDIA || flow->kind == NET_FLOW_STREAM;
  if (!is_media || flow->item->state != NET_ITEM_ACTIVE) {
    return;
  }
  RtmfpNetEvent *event = net_tell (net, RTMFP_NET_MEDIA_GAP, flow->session->id);
  event->stream = flow->item->id;
  event->kind = flow->media;
  event->count = count;
}

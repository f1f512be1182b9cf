/* SPDX-License-Identifier: Apache-2.0 */
/* Streams of a NetConnection, at the client and at the server: made, used and ended. RFC 7425
 * s5.3.5, RTMP 1.0 s7.2.2. */
#include "core/net/state.h"

#include <assert.h>
#include <string.h>

#define FAILED_CODE "NetConnection.Call.Failed"

static NetItem *
new_stream (RtmfpNet *net, NetSession *session, uint32_t stream_id) {
  NetItem *stream = net_new_item (net, session, false, stream_id);
  stream->is_of_connection = true;
  return stream;
}

/* That the far side may use; 0 finds none. */
static NetItem *
find_by_number (NetSession *session, uint32_t stream_id) {
  NetItem *item;
  LIST_FOREACH (item, &session->items, link) {
    if (item->is_of_connection && item->state == NET_ITEM_ACTIVE && item->stream_id == stream_id) {
      return item;
    }
  }
  return NULL;
}

/* One that its user may use. */
static NetItem *
find_stream (RtmfpNet *net, RtmfpId id, int64_t now_us) {
  net->now_us = now_us;
  NetItem *item = rtmfp_slots_get (&net->items, id);
  return item != NULL && item->is_of_connection && item->state == NET_ITEM_ACTIVE &&
                 !item->session->is_faulty
             ? item
             : NULL;
}

/* As find_stream(), its flow for commands open. */
static NetItem *
open_stream (RtmfpNet *net, RtmfpId id, int64_t now_us) {
  NetItem *stream = find_stream (net, id, now_us);
  return stream != NULL && net_output_open (net, stream->session, stream, NET_OUTPUT_STREAM,
                                            RTMFP_MEDIA_DATA) == RTMFP_OK
             ? stream
             : NULL;
}

void
net_connection_stream_ended (RtmfpNet *net, NetItem *stream, const char *code, const char *text) {
  RtmfpNetEvent *event = net_tell (net, RTMFP_NET_STREAM_CLOSED, stream->session->id);
  event->stream = stream->id;
  event->code = code;
  event->text = text;
  net_free_item (net, stream);
}

/* ---- Flows ---- */

bool
net_take_stream_flow (RtmfpNet *net, NetSession *session, RtmfpId id,
                      const RtmfpTcMetadata *metadata, RtmfpId associated) {
  /* s5.3.5 associates them to our control flow. Without an association the stream id alone says
   * whose they are. */
  if (session->state != NET_CONNECTED || (associated != 0 && associated != session->control.flow)) {
    return false;
  }
  NetItem *stream = find_by_number (session, metadata->stream_id);
  if (stream == NULL || stream->media_flows >= RTMFP_NET_MEDIA_FLOWS_MAX ||
      session->stream_flows >= RTMFP_NET_STREAM_FLOWS_MAX) {
    return false;
  }
  stream->media_flows++;
  session->stream_flows++;
  NetFlow *flow = net_add_flow (net, session, id, NET_FLOW_STREAM, stream);
  flow->media = metadata->network_arrival ? RTMFP_MEDIA_AUDIO : RTMFP_MEDIA_VIDEO;
  const bool by_arrival =
      metadata->network_arrival && net->config.audio_order == RTMFP_ORDER_NETWORK;
  net_accept_flow (net, flow, by_arrival ? RTMFP_ORDER_NETWORK : RTMFP_ORDER_SEQUENCE,
                   RTMFP_NET_STREAM_WINDOW_BYTES);
  return true;
}

void
net_on_stream_flow_finished (NetItem *stream) {
  stream->media_flows--;
  stream->session->stream_flows--;
}

/* ---- Making and ending ---- */

RtmfpStatus
rtmfp_net_create_stream (RtmfpNet *net, RtmfpId id, int64_t now_us, RtmfpId *stream) {
  net->now_us = now_us;
  NetSession *session = net_find_usable (net, id);
  if (session == NULL || !session->is_client || session->state != NET_CONNECTED) {
    return RTMFP_STATE;
  }
  if (session->streams >= RTMFP_NET_PLAYERS_MAX) {
    return RTMFP_LIMIT;
  }
  RtmfpBuffer *out = net_begin_command (net, "createStream", (double)net->next_call);
  rtmfp_amf_write_null (out);
  const RtmfpStatus status =
      net_output_send (net, &session->control, rtmfp_buffer_bytes (out), NULL, NULL);
  if (status != RTMFP_OK) {
    return status;
  }
  NetItem *item = new_stream (net, session, 0);
  item->transaction = net->next_call++;
  *stream = item->id;
  return RTMFP_OK;
}

/* The number that the server gave, if it is a new one. */
static bool
read_stream_id (const RtmfpNet *net, NetSession *session, uint32_t *stream_id) {
  int64_t number;
  if (net->command.value_count == 0 ||
      !rtmfp_amf_as_integer (net->command.values[0].value, 1, RTMFP_RTMP_STREAM_ID_MAX, &number) ||
      find_by_number (session, (uint32_t)number) != NULL) {
    return false;
  }
  *stream_id = (uint32_t)number;
  return true;
}

bool
net_on_create_answer (RtmfpNet *net, NetSession *session, bool is_result) {
  NetItem *item;
  LIST_FOREACH (item, &session->items, link) {
    if (item->transaction != 0 && (double)item->transaction == net->command.transaction) {
      break;
    }
  }
  if (item == NULL) {
    return false;
  }
  item->transaction = 0;
  net_read_information (net);
  if (is_result && read_stream_id (net, session, &item->stream_id)) {
    item->state = NET_ITEM_ACTIVE;
    net_tell (net, RTMFP_NET_STREAM_CREATED, session->id)->stream = item->id;
  } else {
    net_connection_stream_ended (net, item, is_result ? FAILED_CODE : net->code, net->text);
  }
  return true;
}

static void
create (RtmfpNet *net, NetSession *session) {
  if (session->streams >= RTMFP_NET_PLAYERS_MAX) {
    net->counters.dropped_unexpected++;
    net_send_error (net, session, net->command.transaction, FAILED_CODE, "Too many streams.");
    return;
  }
  NetItem *stream = new_stream (net, session, net_next_stream_id (session));
  stream->state = NET_ITEM_ACTIVE;
  RtmfpBuffer *out = net_begin_command (net, "_result", net->command.transaction);
  rtmfp_amf_write_null (out);
  rtmfp_amf_write_number (out, stream->stream_id);
  if (net_output_open (net, session, NULL, NET_OUTPUT_CONTROL, RTMFP_MEDIA_DATA) == RTMFP_OK) {
    net_output_must_send (net, session, &session->control, rtmfp_buffer_bytes (out));
  }
  net_tell (net, RTMFP_NET_STREAM_CREATED, session->id)->stream = stream->id;
}

bool
net_on_create_or_delete (RtmfpNet *net, NetSession *session) {
  if (!net->config.streams || !net->config.server || session->state != NET_CONNECTED) {
    return false;
  }
  if (strcmp (net->name, "createStream") == 0) {
    create (net, session);
    return true;
  }
  if (strcmp (net->name, "deleteStream") != 0) {
    return false;
  }
  int64_t number = 0;
  const bool is_number =
      net->command.value_count > 0 &&
      rtmfp_amf_as_integer (net->command.values[0].value, 1, RTMFP_RTMP_STREAM_ID_MAX, &number);
  NetItem *stream = is_number ? find_by_number (session, (uint32_t)number) : NULL;
  if (stream != NULL) {
    net_connection_stream_ended (net, stream, "", "");
  } else {
    net->counters.dropped_unexpected++;
  }
  return true;
}

void
rtmfp_net_delete_stream (RtmfpNet *net, RtmfpId id, int64_t now_us) {
  net->now_us = now_us;
  NetItem *stream = rtmfp_slots_get (&net->items, id);
  if (stream == NULL || !stream->is_of_connection) {
    return;
  }
  NetSession *session = stream->session;
  if (session->is_client && stream->state == NET_ITEM_ACTIVE) {
    net_send_barrier (net, stream, &session->control);
    RtmfpBuffer *out = net_begin_command (net, "deleteStream", 0);
    rtmfp_amf_write_null (out);
    rtmfp_amf_write_number (out, stream->stream_id);
    net_output_must_send (net, session, &session->control, rtmfp_buffer_bytes (out));
  }
  net_free_item (net, stream);
}

/* ---- What we say ---- */

/* net->out, to be filled behind the null of the command object. */
static RtmfpStatus
begin (RtmfpNet *net, RtmfpId id, const char *name, int64_t now_us, NetItem **stream) {
  *stream = open_stream (net, id, now_us);
  if (*stream == NULL || !(*stream)->session->is_client) {
    return RTMFP_STATE;
  }
  rtmfp_amf_write_null (net_begin_command (net, name, 0));
  return RTMFP_OK;
}

static RtmfpStatus
finish (RtmfpNet *net, NetItem *stream) {
  return net_output_send (net, &stream->control, rtmfp_buffer_bytes (&net->out), NULL, NULL);
}

RtmfpStatus
rtmfp_net_stream_publish (RtmfpNet *net, RtmfpId id, const char *name, const char *type,
                          int64_t now_us) {
  assert (strlen (name) > 0 && strlen (name) <= RTMFP_NET_NAME_BYTES_MAX);
  NetItem *stream;
  const RtmfpStatus status = begin (net, id, "publish", now_us, &stream);
  if (status != RTMFP_OK) {
    return status;
  }
  rtmfp_amf_write_text (&net->out, name);
  rtmfp_amf_write_text (&net->out, type);
  return finish (net, stream);
}

RtmfpStatus
rtmfp_net_stream_play (RtmfpNet *net, RtmfpId id, const char *name, RtmfpBytes args,
                       int64_t now_us) {
  assert (strlen (name) > 0 && strlen (name) <= RTMFP_NET_NAME_BYTES_MAX);
  if (args.size > RTMFP_NET_COMMAND_BYTES_MAX / 2) {
    return RTMFP_LIMIT;
  }
  NetItem *stream;
  const RtmfpStatus status = begin (net, id, "play", now_us, &stream);
  if (status != RTMFP_OK) {
    return status;
  }
  rtmfp_amf_write_text (&net->out, name);
  rtmfp_buffer_append (&net->out, args);
  return finish (net, stream);
}

RtmfpStatus
rtmfp_net_stream_close (RtmfpNet *net, RtmfpId id, int64_t now_us) {
  NetItem *stream = open_stream (net, id, now_us);
  if (stream == NULL || !stream->session->is_client) {
    return RTMFP_STATE;
  }
  net_send_barrier (net, stream, NULL);
  rtmfp_amf_write_null (net_begin_command (net, "closeStream", 0));
  net_output_must_send (net, stream->session, &stream->control, rtmfp_buffer_bytes (&net->out));
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_net_stream_receive (RtmfpNet *net, RtmfpId id, RtmfpMediaKind kind, bool wanted,
                          int64_t now_us) {
  assert (kind == RTMFP_MEDIA_AUDIO || kind == RTMFP_MEDIA_VIDEO);
  NetItem *stream;
  const RtmfpStatus status =
      begin (net, id, kind == RTMFP_MEDIA_AUDIO ? "receiveAudio" : "receiveVideo", now_us, &stream);
  if (status != RTMFP_OK) {
    return status;
  }
  rtmfp_amf_write_boolean (&net->out, wanted);
  return finish (net, stream);
}

RtmfpStatus
rtmfp_net_stream_status (RtmfpNet *net, RtmfpId id, const char *level, const char *code,
                         const char *description, RtmfpBytes members, int64_t now_us) {
  NetItem *stream = open_stream (net, id, now_us);
  if (stream == NULL || members.size > RTMFP_NET_COMMAND_BYTES_MAX / 2) {
    return RTMFP_STATE;
  }
  RtmfpBuffer *out = net_begin_command (net, "onStatus", 0);
  rtmfp_amf_write_null (out);
  rtmfp_command_information (out, level, code, description, members);
  net_output_must_send (net, stream->session, &stream->control, rtmfp_buffer_bytes (out));
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_net_stream_control (RtmfpNet *net, RtmfpId id, RtmfpStreamControl control, uint32_t value,
                          int64_t now_us) {
  NetItem *stream = open_stream (net, id, now_us);
  if (stream == NULL) {
    return RTMFP_STATE;
  }
  if (control == RTMFP_STREAM_EOF) {
    net_send_barrier (net, stream, NULL);
  }
  const RtmfpUserControl message = {
      .event = (uint16_t)control, .first = stream->stream_id, .second = value};
  net_send_control (net, stream, &stream->control, &message);
  return RTMFP_OK;
}

/* ---- What the far side says ---- */

static void
tell_status (RtmfpNet *net, NetItem *stream) {
  const RtmfpAmfValue *information =
      net->command.value_count > 0 ? net->command.values[0].value : NULL;
  net_read_information (net);
  net_copy_text (rtmfp_amf_get (information, "level"), net->name, sizeof net->name);
  RtmfpNetEvent *event = net_tell (net, RTMFP_NET_STREAM_STATUS, stream->session->id);
  net_fill_command (net, event);
  event->stream = stream->id;
  event->code = net->code;
  event->text = net->text;
}

void
net_on_connection_stream_command (RtmfpNet *net, NetItem *stream) {
  if (stream->session->is_client && strcmp (net->name, "onStatus") == 0) {
    tell_status (net, stream);
  } else if (!stream->session->is_client && strcmp (net->name, "deleteStream") == 0) {
    net_connection_stream_ended (net, stream, "", ""); /* on its own flow it names itself */
  } else {
    net_tell_stream_command (net, stream);
  }
}

void
net_on_connection_stream_control (RtmfpNet *net, NetSession *session, NetItem *stream,
                                  const RtmfpUserControl *control) {
  stream = stream != NULL ? stream : find_by_number (session, control->first);
  if (stream == NULL || control->event > RTMFP_RTMP_STREAM_IS_RECORDED) {
    net->counters.dropped_unexpected++;
    return;
  }
  RtmfpNetEvent *event = net_tell (net, RTMFP_NET_STREAM_CONTROL, session->id);
  event->stream = stream->id;
  event->control = (RtmfpStreamControl)control->event;
  event->count = control->second;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The player's side of direct streams. RFC 7425 s5.4. */
#include "core/net/state.h"

#include <assert.h>
#include <string.h>

uint32_t
net_next_stream_id (NetSession *session) {
  for (;;) {
    const uint32_t id = session->next_stream_id;
    session->next_stream_id = id == RTMFP_RTMP_STREAM_ID_MAX ? 1 : id + 1;
    const NetItem *item;
    bool is_taken = false;
    LIST_FOREACH (item, &session->items, link) {
      is_taken = is_taken || (!item->is_player && item->stream_id == id);
    }
    if (!is_taken) {
      return id;
    }
  }
}

RtmfpStatus
rtmfp_net_play (RtmfpNet *net, RtmfpId id, const char *name, RtmfpBytes args, int64_t now_us,
                RtmfpId *stream) {
  assert (strlen (name) > 0 && strlen (name) <= RTMFP_NET_NAME_BYTES_MAX);
  net->now_us = now_us;
  NetSession *session = net_find_usable (net, id);
  if (session == NULL || session->is_client || net->config.server ||
      session->state != NET_UNCONNECTED) {
    return RTMFP_STATE;
  }
  if (session->streams >= RTMFP_NET_PLAYERS_MAX || args.size > RTMFP_NET_COMMAND_BYTES_MAX / 2) {
    return RTMFP_LIMIT;
  }
  NetItem *item = net_new_item (net, session, false, net_next_stream_id (session));
  RtmfpStatus status = net_output_open (net, session, item, NET_OUTPUT_STREAM, RTMFP_MEDIA_DATA);
  if (status == RTMFP_OK) {
    RtmfpBuffer *out = net_begin_command (net, "play", 0);
    rtmfp_amf_write_null (out);
    rtmfp_amf_write_text (out, name);
    rtmfp_buffer_append (out, args);
    status = net_output_send (net, &item->control, rtmfp_buffer_bytes (out), NULL, NULL);
  }
  if (status != RTMFP_OK) {
    net_free_item (net, item);
    return status;
  }
  *stream = item->id;
  return RTMFP_OK;
}

void
rtmfp_net_stop (RtmfpNet *net, RtmfpId id, int64_t now_us) {
  net->now_us = now_us;
  NetItem *stream = net_find_item (net, id, false);
  if (stream != NULL) {
    net_free_item (net, stream);
  }
}

RtmfpStatus
rtmfp_net_stream_command (RtmfpNet *net, RtmfpId id, const char *name, RtmfpBytes args,
                          int64_t now_us) {
  assert (strlen (name) > 0 && strlen (name) <= RTMFP_NET_NAME_BYTES_MAX);
  net->now_us = now_us;
  NetItem *item = rtmfp_slots_get (&net->items, id);
  if (item == NULL || item->session->is_faulty || item->state != NET_ITEM_ACTIVE) {
    return RTMFP_STATE;
  }
  if (args.size > RTMFP_NET_COMMAND_BYTES_MAX / 2) {
    return RTMFP_LIMIT;
  }
  if (item->is_of_connection) { /* its flow opens with the first command */
    const RtmfpStatus status =
        net_output_open (net, item->session, item, NET_OUTPUT_STREAM, RTMFP_MEDIA_DATA);
    if (status != RTMFP_OK) {
      return status;
    }
  }
  RtmfpBuffer *out = net_begin_command (net, name, 0);
  rtmfp_amf_write_null (out);
  rtmfp_buffer_append (out, args);
  return net_output_send (net, &item->control, rtmfp_buffer_bytes (out), NULL, NULL);
}

/* ---- What comes from the publisher ---- */

static void
start (RtmfpNet *net, NetItem *stream) {
  if (stream->state == NET_ITEM_NEW && !stream->is_of_connection) {
    stream->state = NET_ITEM_ACTIVE;
    net_tell (net, RTMFP_NET_PLAY_STARTED, stream->session->id)->stream = stream->id;
  }
}

void
net_stream_ended (RtmfpNet *net, NetItem *stream, bool clean, const char *code) {
  const bool refused = stream->state == NET_ITEM_NEW;
  RtmfpNetEvent *event =
      net_tell (net, refused ? RTMFP_NET_PLAY_REFUSED : RTMFP_NET_PLAY_ENDED, stream->session->id);
  event->stream = stream->id;
  event->clean = clean;
  event->code = code;
  net_free_item (net, stream);
}

/* All return flows are gone after the end was announced. */
static void
end_if_done (RtmfpNet *net, NetItem *stream) {
  if (stream->has_ended && stream->media_flows == 0) {
    memcpy (net->code, stream->end_code, sizeof net->code);
    net_stream_ended (net, stream, true, net->code[0] != '\0' ? net->code : "NetStream.Play.Stop");
  }
}

void
net_on_media_flow_finished (RtmfpNet *net, NetItem *stream) {
  stream->media_flows--;
  end_if_done (net, stream);
}

static void
on_refused (RtmfpNet *net, NetItem *stream) {
  RtmfpNetEvent *event = net_tell (net, RTMFP_NET_PLAY_REFUSED, stream->session->id);
  net_fill_command (net, event);
  event->name = "";
  event->stream = stream->id;
  event->code = net->code;
  event->text = net->text;
  net_free_item (net, stream);
}

static void
on_status (RtmfpNet *net, NetItem *stream) {
  net_read_information (net);
  const RtmfpAmfValue *information =
      net->command.value_count > 0 ? net->command.values[0].value : NULL;
  const bool is_error = rtmfp_amf_is_text (rtmfp_amf_get (information, "level"), "error");
  if (is_error && stream->state == NET_ITEM_NEW) {
    on_refused (net, stream);
  } else if (strcmp (net->code, "NetStream.Play.Start") == 0) {
    start (net, stream);
  } else if (strcmp (net->code, "NetStream.Play.Stop") == 0 ||
             strcmp (net->code, "NetStream.Play.UnpublishNotify") == 0) {
    memcpy (stream->end_code, net->code, sizeof stream->end_code);
  } else if (stream->state == NET_ITEM_ACTIVE) {
    net_tell_stream_command (net, stream);
  }
}

void
net_on_stream_command (RtmfpNet *net, NetItem *stream) {
  if (strcmp (net->name, "onStatus") == 0) {
    on_status (net, stream);
  } else if (stream->state == NET_ITEM_ACTIVE) {
    net_tell_stream_command (net, stream);
  } else {
    net->counters.dropped_unexpected++;
  }
}

void
net_on_stream_control (RtmfpNet *net, NetItem *stream, const RtmfpUserControl *control) {
  if (control->event == RTMFP_RTMP_STREAM_BEGIN) {
    start (net, stream);
  } else if (control->event == RTMFP_RTMP_STREAM_EOF) {
    stream->has_ended = true;
    end_if_done (net, stream);
  } else {
    net->counters.dropped_unexpected++;
  }
}

/* The format selector in front of AMF3 data messages is 0 as for commands. */
static bool
strip_format (RtmfpBytes *bytes) {
  if (bytes->size == 0 || bytes->data[0] != 0) {
    return false;
  }
  *bytes = rtmfp_bytes (bytes->data + 1, bytes->size - 1);
  return true;
}

static void
tell_media (RtmfpNet *net, const NetFlow *flow, uint32_t timestamp_ms, RtmfpBytes body,
            uint64_t number) {
  RtmfpNetEvent *event = net_tell (net, RTMFP_NET_MEDIA, flow->session->id);
  event->stream = flow->item->id;
  event->kind = flow->media;
  event->timestamp_ms = timestamp_ms;
  event->number = number;
  event->bytes = body;
}

static RtmfpMediaKind
kind_of (uint8_t type) {
  return type == RTMFP_RTMP_AUDIO   ? RTMFP_MEDIA_AUDIO
         : type == RTMFP_RTMP_VIDEO ? RTMFP_MEDIA_VIDEO
                                    : RTMFP_MEDIA_DATA;
}

static bool
is_media (uint8_t type) {
  return type == RTMFP_RTMP_AUDIO || type == RTMFP_RTMP_VIDEO || type == RTMFP_RTMP_DATA ||
         type == RTMFP_RTMP_DATA_EXTENDED;
}

/* One message of an aggregate: type, size, timestamp of 24 bits and 8 more above them, stream id,
 * the message, its size again. */
static RtmfpStatus
read_part (RtmfpReader *reader, RtmfpRtmpMessage *part) {
  uint32_t word = 0, low = 0, high = 0;
  RtmfpStatus status = rtmfp_reader_u32 (reader, &word);
  if (status == RTMFP_OK) {
    status = rtmfp_reader_u32 (reader, &low);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_reader_u24 (reader, &high);
  }
  const size_t size = word & 0xffffff;
  if (status == RTMFP_OK) {
    status = rtmfp_reader_take (reader, size, &part->payload);
  }
  part->type = (uint8_t)(word >> 24);
  part->timestamp_ms = low >> 8 | low << 24;
  return status == RTMFP_OK ? rtmfp_reader_u32 (reader, &word) : status;
}

void
net_on_aggregate (RtmfpNet *net, NetFlow *flow, const RtmfpRtmpMessage *message, uint64_t number) {
  net->in.size = 0; /* more than one event will speak of it */
  rtmfp_buffer_append (&net->in, message->payload);
  RtmfpReader reader = rtmfp_reader (net->in.data, net->in.size);
  uint32_t first_ms = 0;
  start (net, flow->item);
  for (unsigned i = 0; rtmfp_reader_left (&reader) > 0; i++) {
    RtmfpRtmpMessage part;
    if (i >= RTMFP_NET_AGGREGATE_MAX || read_part (&reader, &part) != RTMFP_OK ||
        (part.type == RTMFP_RTMP_DATA_EXTENDED && !strip_format (&part.payload))) {
      net_fault (net, flow->session);
      return;
    }
    first_ms = i == 0 ? part.timestamp_ms : first_ms;
    if (is_media (part.type)) {
      flow->media = kind_of (part.type);
      tell_media (net, flow, message->timestamp_ms + part.timestamp_ms - first_ms, part.payload,
                  number);
    } else {
      net->counters.dropped_unexpected++;
    }
  }
}

void
net_on_media (RtmfpNet *net, NetFlow *flow, const RtmfpRtmpMessage *message, uint64_t number) {
  NetItem *stream = flow->item;
  RtmfpBytes body = message->payload;
  if (message->type == RTMFP_RTMP_DATA_EXTENDED && !strip_format (&body)) {
    net_fault (net, flow->session);
    return;
  }
  flow->media = kind_of (message->type);
  start (net, stream); /* s5.4.2: a first media message says so as well as Stream Begin */
  if (net->event_count > 0) {
    net->in.size = 0; /* it will be told after something else: keep it */
    rtmfp_buffer_append (&net->in, body);
    body = rtmfp_buffer_bytes (&net->in);
  }
  tell_media (net, flow, message->timestamp_ms, body, number);
}

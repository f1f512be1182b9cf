/* SPDX-License-Identifier: Apache-2.0 */
/* Flows: which receiving ones are taken and as what, how sending ones are opened, what waits for
 * room. RFC 7425 s5.1.1, s5.3.5, s5.4.2. */
#include "core/net/state.h"

#include "core/base/memory.h"

#include <stdlib.h>
#include <string.h>

NetFlow *
net_find_flow (const RtmfpNet *net, RtmfpId id) {
  NetFlow *flow;
  HASH_FIND (hh, net->flows, &id, sizeof id, flow);
  return flow;
}

NetFlow *
net_add_flow (RtmfpNet *net, NetSession *session, RtmfpId id, NetFlowKind kind, NetItem *item) {
  NetFlow *flow = RTMFP_NEW (NetFlow);
  flow->id = id;
  flow->kind = kind;
  flow->session = session;
  flow->item = item;
  HASH_ADD (hh, net->flows, id, sizeof flow->id, flow);
  LIST_INSERT_HEAD (&session->flows, flow, link);
  return flow;
}

void
net_remove_flow (RtmfpNet *net, NetFlow *flow) {
  HASH_DEL (net->flows, flow);
  LIST_REMOVE (flow, link);
  free (flow);
}

void
net_reject_flow (RtmfpNet *net, RtmfpId flow) {
  net->counters.flows_rejected++;
  rtmfp_endpoint_reject_flow (net->endpoint, flow, 0, net->now_us); /* code 0: RFC 7425 s5.3.5.3 */
}

/* ---- Receiving ---- */

void
net_accept_flow (RtmfpNet *net, NetFlow *flow, RtmfpOrder order, size_t window_bytes) {
  const RtmfpStatus status =
      rtmfp_endpoint_accept_flow (net->endpoint, flow->id, order, window_bytes, net->now_us);
  (void)status; /* it may have ended with its session: then its end is told next */
}

static void
take_greeting (RtmfpNet *net, NetSession *session, RtmfpId id) {
  if (session->greeting_in != 0) {
    net_reject_flow (net, id);
    return;
  }
  session->greeting_in = id;
  net_accept_flow (net, net_add_flow (net, session, id, NET_FLOW_GREETING, NULL),
                   RTMFP_ORDER_SEQUENCE, RTMFP_NET_GREETING_WINDOW_BYTES);
}

/* Stream id 0. Between a client and a server all but the client's first are return flows (s5.3.2).
 * Deviation: two peers have such flows too, each side's alone or in answer to the other's, so that
 * they can call one another; RFC 7425 s5.4 has only streams between them. */
static void
take_control (RtmfpNet *net, NetSession *session, RtmfpId id, RtmfpId associated) {
  const bool is_return = associated != 0 && associated == session->control.flow;
  const bool fits = is_return || (associated == 0 && !session->is_client);
  if (!fits || session->control_flows >= RTMFP_NET_CONTROL_FLOWS_MAX || session->control_in_ended ||
      session->state == NET_DOWN) {
    net_reject_flow (net, id);
    return;
  }
  session->control_flows++;
  if (session->control_in == 0) {
    session->control_in = id; /* canonical */
  }
  net_accept_flow (net, net_add_flow (net, session, id, NET_FLOW_CONTROL, NULL),
                   RTMFP_ORDER_SEQUENCE, RTMFP_NET_CONTROL_WINDOW_BYTES);
}

/* A subscriber's control flow: RFC 7425 s5.4.1. Servers and their clients play no direct streams.
 */
static void
take_player (RtmfpNet *net, NetSession *session, RtmfpId id, uint32_t stream_id) {
  if (net->config.server || session->is_client || session->players >= RTMFP_NET_PLAYERS_MAX) {
    net_reject_flow (net, id);
    return;
  }
  NetItem *player = net_new_item (net, session, true, stream_id);
  player->control_in = id;
  net_accept_flow (net, net_add_flow (net, session, id, NET_FLOW_PLAYER, player),
                   RTMFP_ORDER_SEQUENCE, RTMFP_NET_GREETING_WINDOW_BYTES);
}

/* A return flow of a stream that we play: RFC 7425 s5.4.2.
 * Deviation: one flow too many is rejected alone; s5.3.5.3 SHOULD reject all of the stream then. */
static void
take_media (RtmfpNet *net, NetSession *session, RtmfpId id, const RtmfpTcMetadata *metadata,
            RtmfpId associated) {
  const NetFlow *control = net_find_flow (net, associated);
  NetItem *stream = control != NULL ? control->item : NULL;
  if (stream == NULL || stream->is_player || stream->is_of_connection ||
      control->output != &stream->control || stream->stream_id != metadata->stream_id ||
      stream->media_flows >= RTMFP_NET_MEDIA_FLOWS_MAX) {
    net_reject_flow (net, id);
    return;
  }
  stream->media_flows++;
  NetFlow *flow = net_add_flow (net, session, id, NET_FLOW_MEDIA, stream);
  flow->media =
      metadata->network_arrival ? RTMFP_MEDIA_AUDIO : RTMFP_MEDIA_VIDEO; /* until one came */
  const bool by_arrival =
      metadata->network_arrival && net->config.audio_order == RTMFP_ORDER_NETWORK;
  net_accept_flow (net, flow, by_arrival ? RTMFP_ORDER_NETWORK : RTMFP_ORDER_SEQUENCE,
                   RTMFP_NET_CONTROL_WINDOW_BYTES);
}

RtmfpId
net_root_of (const NetSession *session, const NetItem *item) {
  return item->is_of_connection ? session->control_in : item->control_in;
}

static void
take_flow (RtmfpNet *net, NetSession *session, RtmfpId id, RtmfpBytes bytes, RtmfpId associated) {
  RtmfpTcMetadata metadata;
  if (rtmfp_tc_metadata_read (bytes, &metadata) != RTMFP_OK) {
    net_reject_flow (net, id);
  } else if (metadata.stream_id == 0) {
    take_control (net, session, id, associated);
  } else if (net_take_stream_flow (net, session, id, &metadata, associated)) {
    return;
  } else if (associated == 0) {
    take_player (net, session, id, metadata.stream_id);
  } else {
    take_media (net, session, id, &metadata, associated);
  }
}

static void
hold_flow (RtmfpNet *net, NetSession *session, RtmfpId id, RtmfpBytes metadata,
           RtmfpId associated) {
  if (session->held_count >= RTMFP_NET_HELD_FLOWS_MAX) {
    net_reject_flow (net, id);
    return;
  }
  session->held_count++;
  NetHeld *held = rtmfp_memory_new (1, sizeof *held + metadata.size);
  held->flow = id;
  held->associated = associated;
  held->size = metadata.size;
  if (metadata.size > 0) {
    memcpy (held->metadata, metadata.data, metadata.size);
  }
  STAILQ_INSERT_TAIL (&session->held, held, next);
}

void
net_on_flow_new (RtmfpNet *net, NetSession *session, RtmfpId id, RtmfpBytes metadata,
                 RtmfpId associated) {
  const RtmfpBytes greeting = net->config.greeting_metadata;
  if (greeting.size > 0 && rtmfp_bytes_equal (metadata, greeting)) {
    take_greeting (net, session, id);
  } else if (session->gate_open) {
    take_flow (net, session, id, metadata, associated);
  } else {
    hold_flow (net, session, id, metadata, associated);
  }
}

void
net_take_held (RtmfpNet *net, NetSession *session) {
  while (!STAILQ_EMPTY (&session->held)) {
    NetHeld *held = STAILQ_FIRST (&session->held);
    STAILQ_REMOVE_HEAD (&session->held, next);
    session->held_count--;
    take_flow (net, session, held->flow, rtmfp_bytes (held->metadata, held->size),
               held->associated);
    free (held);
  }
}

/* ---- Sending ---- */

void
net_output_init (NetOutput *output) {
  *output = (NetOutput){0};
  STAILQ_INIT (&output->waiting);
}

void
net_output_clear (NetOutput *output) {
  while (!STAILQ_EMPTY (&output->waiting)) {
    NetWaiting *waiting = STAILQ_FIRST (&output->waiting);
    STAILQ_REMOVE_HEAD (&output->waiting, next);
    free (waiting);
  }
  output->waiting_bytes = 0;
  output->flow = 0;
}

/* What each kind of flow is opened with. */
static void
describe (const NetSession *session, const NetItem *item, NetOutputKind kind, RtmfpMediaKind media,
          RtmfpFlowConfig *config, RtmfpTcMetadata *metadata) {
  static const size_t buffers[RTMFP_MEDIA_COUNT] = {
      [RTMFP_MEDIA_AUDIO] = RTMFP_NET_AUDIO_BUFFER_BYTES,
      [RTMFP_MEDIA_VIDEO] = RTMFP_NET_VIDEO_BUFFER_BYTES,
      [RTMFP_MEDIA_DATA] = RTMFP_NET_DATA_BUFFER_BYTES,
  };
  switch (kind) {
  case NET_OUTPUT_GREETING:
    config->priority = RTMFP_PRIORITY_INTERACTIVE;
    config->buffer_bytes = RTMFP_NET_GREETING_WINDOW_BYTES;
    break;
  case NET_OUTPUT_CONTROL:
    config->priority = session->call_priority;
    config->buffer_bytes = RTMFP_NET_CONTROL_BUFFER_BYTES;
    config->associated = session->control_in;
    break;
  case NET_OUTPUT_STREAM:
    /* A server's player should hear that a stream begins before its first sound. */
    config->priority = item->is_of_connection ? RTMFP_PRIORITY_URGENT : RTMFP_PRIORITY_INTERACTIVE;
    config->buffer_bytes = RTMFP_NET_GREETING_WINDOW_BYTES;
    config->associated = net_root_of (session, item);
    metadata->stream_id = item->stream_id;
    break;
  case NET_OUTPUT_MEDIA:
    config->priority = item->priority[media];
    config->buffer_bytes = buffers[media];
    config->associated = net_root_of (session, item);
    metadata->stream_id = item->stream_id;
    metadata->network_arrival = media == RTMFP_MEDIA_AUDIO; /* s5.1.1: typically hinted for audio */
    break;
  }
}

static NetOutput *
output_of (NetSession *session, NetItem *item, NetOutputKind kind, RtmfpMediaKind media) {
  switch (kind) {
  case NET_OUTPUT_GREETING:
    return &session->greeting;
  case NET_OUTPUT_CONTROL:
    return &session->control;
  case NET_OUTPUT_STREAM:
    return &item->control;
  default:
    return &item->media[media];
  }
}

RtmfpStatus
net_output_open (RtmfpNet *net, NetSession *session, NetItem *item, NetOutputKind kind,
                 RtmfpMediaKind media) {
  NetOutput *output = output_of (session, item, kind, media);
  if (output->flow != 0 || output->is_over) {
    return output->flow != 0 && !output->is_over ? RTMFP_OK : RTMFP_STATE;
  }
  RtmfpFlowConfig config = {.metadata = net->config.greeting_metadata};
  RtmfpTcMetadata metadata = {0};
  describe (session, item, kind, media, &config, &metadata);
  RtmfpBuffer bytes = {0};
  if (kind != NET_OUTPUT_GREETING) {
    rtmfp_tc_metadata_write (&bytes, &metadata);
    config.metadata = rtmfp_buffer_bytes (&bytes);
  }
  const RtmfpStatus status =
      rtmfp_endpoint_open_flow (net->endpoint, session->id, &config, &output->flow);
  rtmfp_buffer_clear (&bytes);
  if (status != RTMFP_OK) {
    output->flow = 0;
    return status;
  }
  NetFlow *flow = net_add_flow (net, session, output->flow, NET_FLOW_SENDING, item);
  flow->output = output;
  flow->output_kind = kind;
  flow->media = media;
  return RTMFP_OK;
}

RtmfpStatus
net_output_send (RtmfpNet *net, NetOutput *output, RtmfpBytes bytes,
                 const RtmfpMessageOptions *options, uint64_t *number) {
  if (output->flow == 0 || output->is_over) {
    return RTMFP_STATE;
  }
  const RtmfpStatus status =
      !STAILQ_EMPTY (&output->waiting)
          ? RTMFP_FULL
          : rtmfp_endpoint_send (net->endpoint, output->flow, bytes, options, net->now_us, number);
  output->wants_writable = output->wants_writable || status == RTMFP_FULL;
  return status;
}

void
net_output_must_send (RtmfpNet *net, NetSession *session, NetOutput *output, RtmfpBytes bytes) {
  const bool wanted = output->wants_writable;
  if (net_output_send (net, output, bytes, NULL, NULL) != RTMFP_FULL) {
    return; /* sent, or the flow is gone and nobody waits for it */
  }
  output->wants_writable = wanted;
  if (output->waiting_bytes + bytes.size > RTMFP_NET_BACKLOG_BYTES_MAX) {
    net_condemn (net, session);
    return;
  }
  NetWaiting *waiting = rtmfp_memory_new (1, sizeof *waiting + bytes.size);
  waiting->size = bytes.size;
  memcpy (waiting->bytes, bytes.data, bytes.size);
  output->waiting_bytes += bytes.size;
  STAILQ_INSERT_TAIL (&output->waiting, waiting, next);
}

void
net_output_flush (RtmfpNet *net, NetOutput *output) {
  while (!STAILQ_EMPTY (&output->waiting)) {
    NetWaiting *waiting = STAILQ_FIRST (&output->waiting);
    const RtmfpStatus status =
        rtmfp_endpoint_send (net->endpoint, output->flow,
                             rtmfp_bytes (waiting->bytes, waiting->size), NULL, net->now_us, NULL);
    if (status == RTMFP_FULL) {
      return;
    }
    output->waiting_bytes -= waiting->size;
    STAILQ_REMOVE_HEAD (&output->waiting, next);
    free (waiting);
  }
  if (output->closes && output->flow != 0) {
    output->is_over = true;
    rtmfp_endpoint_close_flow (net->endpoint, output->flow, net->now_us);
  }
}

void
net_output_close (RtmfpNet *net, NetOutput *output) {
  if (output->flow == 0 || output->is_over) {
    output->is_over = true;
    return;
  }
  output->closes = true;
  net_output_flush (net, output);
}

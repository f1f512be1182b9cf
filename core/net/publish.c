/* SPDX-License-Identifier: Apache-2.0 */
/* The publisher's side of direct streams: what is offered, who plays it, and how it ends. RFC 7425
 * s5.4. */
#include "core/net/state.h"

#include "core/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* ---- Items: players and streams ---- */

NetItem *
net_new_item (RtmfpNet *net, NetSession *session, bool is_player, uint32_t stream_id) {
  static const RtmfpPriority priorities[RTMFP_MEDIA_COUNT] = {
      [RTMFP_MEDIA_AUDIO] = RTMFP_PRIORITY_IMMEDIATE,
      [RTMFP_MEDIA_VIDEO] = RTMFP_PRIORITY_INTERACTIVE,
      [RTMFP_MEDIA_DATA] = RTMFP_PRIORITY_DATA,
  };
  NetItem *item = RTMFP_NEW (NetItem);
  item->session = session;
  item->is_player = is_player;
  item->stream_id = stream_id;
  memcpy (item->priority, priorities, sizeof priorities);
  net_output_init (&item->control);
  for (int kind = 0; kind < RTMFP_MEDIA_COUNT; kind++) {
    net_output_init (&item->media[kind]);
  }
  item->id = rtmfp_slots_add (&net->items, item);
  LIST_INSERT_HEAD (&session->items, item, link);
  *(is_player ? &session->players : &session->streams) += 1;
  return item;
}

static void
end_flow (RtmfpNet *net, NetFlow *flow) {
  if (flow->kind != NET_FLOW_SENDING) {
    rtmfp_endpoint_reject_flow (net->endpoint, flow->id, 0, net->now_us);
  } else if (!flow->output->is_over) {
    rtmfp_endpoint_close_flow (net->endpoint, flow->id, net->now_us);
  }
  net_remove_flow (net, flow);
}

void
net_free_item (RtmfpNet *net, NetItem *item) {
  NetSession *session = item->session;
  NetFlow *flow = LIST_FIRST (&session->flows);
  while (flow != NULL) {
    NetFlow *next = LIST_NEXT (flow, link);
    if (flow->item == item) {
      if (flow->kind == NET_FLOW_STREAM) {
        session->stream_flows--;
        net_leave_barrier (net, flow);
      }
      end_flow (net, flow);
    }
    flow = next;
  }
  net_output_clear (&item->control);
  for (int kind = 0; kind < RTMFP_MEDIA_COUNT; kind++) {
    net_output_clear (&item->media[kind]);
  }
  rtmfp_flow_sync_forget (&session->sync, item->id);
  *(item->is_player ? &session->players : &session->streams) -= 1;
  rtmfp_slots_remove (&net->items, item->id);
  LIST_REMOVE (item, link);
  free (item);
}

NetItem *
net_find_item (const RtmfpNet *net, RtmfpId id, bool is_player) {
  NetItem *item = rtmfp_slots_get (&net->items, id);
  return item != NULL && item->is_player == is_player && !item->session->is_faulty ? item : NULL;
}

void
net_send_status (RtmfpNet *net, NetItem *item, const char *level, const char *code,
                 const char *description) {
  if (net_output_open (net, item->session, item, NET_OUTPUT_STREAM, RTMFP_MEDIA_DATA) != RTMFP_OK) {
    return;
  }
  RtmfpBuffer *out = net_begin_command (net, "onStatus", 0);
  rtmfp_amf_write_null (out);
  rtmfp_command_information (out, level, code, description, rtmfp_bytes (NULL, 0));
  net_output_must_send (net, item->session, &item->control, rtmfp_buffer_bytes (out));
}

void
net_send_control (RtmfpNet *net, NetItem *item, NetOutput *output,
                  const RtmfpUserControl *control) {
  net->out.size = 0;
  rtmfp_user_control_write (&net->out, control);
  net_output_must_send (net, item->session, output, rtmfp_buffer_bytes (&net->out));
}

/* ---- Publications ---- */

static NetPublication *
find_publication (const RtmfpNet *net, RtmfpId session, const char *name) {
  NetPublication *publication, *for_all = NULL;
  LIST_FOREACH (publication, &net->publication_list, link) {
    if (strcmp (publication->name, name) != 0) {
      continue;
    }
    if (publication->session == session) {
      return publication;
    }
    for_all = publication->session == 0 ? publication : for_all;
  }
  return for_all;
}

RtmfpStatus
rtmfp_net_publish (RtmfpNet *net, RtmfpId session, const char *name, RtmfpId *publication) {
  assert (strlen (name) > 0 && strlen (name) <= RTMFP_NET_NAME_BYTES_MAX);
  if (session != 0 && net_find_session (net, session) == NULL) {
    return RTMFP_STATE;
  }
  const NetPublication *same = find_publication (net, session, name);
  if (same != NULL && same->session == session) {
    return RTMFP_STATE;
  }
  if (net->publications.used >= RTMFP_NET_PUBLICATIONS_MAX) {
    return RTMFP_LIMIT;
  }
  NetPublication *added = RTMFP_NEW (NetPublication);
  added->session = session;
  memcpy (added->name, name, strlen (name) + 1);
  added->id = rtmfp_slots_add (&net->publications, added);
  LIST_INSERT_HEAD (&net->publication_list, added, link);
  *publication = added->id;
  return RTMFP_OK;
}

static void
end_players_of (RtmfpNet *net, NetSession *session, RtmfpId publication) {
  NetItem *item = LIST_FIRST (&session->items);
  while (item != NULL) {
    NetItem *next = LIST_NEXT (item, link);
    if (item->is_player && item->publication == publication) {
      net_end_player (net, item, "NetStream.Play.UnpublishNotify");
    }
    item = next;
  }
}

void
rtmfp_net_unpublish (RtmfpNet *net, RtmfpId id, int64_t now_us) {
  net->now_us = now_us;
  NetPublication *publication = rtmfp_slots_get (&net->publications, id);
  if (publication == NULL) {
    return;
  }
  rtmfp_slots_remove (&net->publications, id);
  LIST_REMOVE (publication, link);
  free (publication);
  NetSession *session, *next;
  HASH_ITER (hh, net->sessions, session, next) {
    end_players_of (net, session, id);
  }
}

/* ---- Players ---- */

/* Says why, and ends the return flow; the player ends its own. */
static void
refuse (RtmfpNet *net, NetItem *player, const char *code, const char *description) {
  player->state = NET_ITEM_REFUSED;
  net_send_status (net, player, "error", code, description);
  net_output_close (net, &player->control);
}

static void
on_play (RtmfpNet *net, NetItem *player) {
  const RtmfpAmfValue *wanted = net->command.value_count > 0 ? net->command.values[0].value : NULL;
  net_copy_text (wanted, net->name, sizeof net->name);
  const NetPublication *publication = find_publication (net, player->session->id, net->name);
  if (publication == NULL) {
    refuse (net, player, "NetStream.Play.StreamNotFound", "There is no such stream.");
    return;
  }
  player->state = NET_ITEM_ASKED;
  player->publication = publication->id;
  RtmfpNetEvent *event = net_tell (net, RTMFP_NET_PLAY, player->session->id);
  net_fill_command (net, event);
  event->publication = player->publication;
  event->player = player->id;
  event->values++;
  event->value_count--;
  const size_t name_bytes = net->command.values[0].encoded.size;
  event->bytes = rtmfp_bytes (event->bytes.data + name_bytes, event->bytes.size - name_bytes);
}

void
net_tell_stream_command (RtmfpNet *net, NetItem *item) {
  RtmfpNetEvent *event = net_tell (net, RTMFP_NET_STREAM_COMMAND, item->session->id);
  net_fill_command (net, event);
  event->publication = item->publication;
  *(item->is_player ? &event->player : &event->stream) = item->id;
}

void
net_on_player_command (RtmfpNet *net, NetItem *player) {
  const bool is_play = strcmp (net->name, "play") == 0;
  if (player->state == NET_ITEM_NEW && is_play) {
    on_play (net, player);
  } else if (player->state == NET_ITEM_ACTIVE && !is_play) {
    net_tell_stream_command (net, player);
  } else {
    net->counters.dropped_unexpected++;
  }
}

void
net_player_ended (RtmfpNet *net, NetItem *player) {
  if (player->state != NET_ITEM_NEW && player->state != NET_ITEM_REFUSED) {
    RtmfpNetEvent *event = net_tell (net, RTMFP_NET_PLAYER_ENDED, player->session->id);
    event->publication = player->publication;
    event->player = player->id;
  }
  net_free_item (net, player);
}

RtmfpStatus
rtmfp_net_accept_play (RtmfpNet *net, RtmfpId id, int64_t now_us) {
  net->now_us = now_us;
  NetItem *player = net_find_item (net, id, true);
  if (player == NULL || player->state != NET_ITEM_ASKED) {
    return RTMFP_STATE;
  }
  if (net_output_open (net, player->session, player, NET_OUTPUT_STREAM, RTMFP_MEDIA_DATA) !=
      RTMFP_OK) {
    return RTMFP_STATE; /* its control flow is ending: PLAYER_ENDED follows */
  }
  player->state = NET_ITEM_ACTIVE;
  const RtmfpUserControl begin = {.event = RTMFP_RTMP_STREAM_BEGIN, .first = player->stream_id};
  net_send_control (net, player, &player->control, &begin);
  net_send_status (net, player, "status", "NetStream.Play.Start", "The stream begins.");
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_net_refuse_play (RtmfpNet *net, RtmfpId id, const char *code, const char *description,
                       int64_t now_us) {
  net->now_us = now_us;
  NetItem *player = net_find_item (net, id, true);
  if (player == NULL || player->state != NET_ITEM_ASKED) {
    return RTMFP_STATE;
  }
  refuse (net, player, code, description);
  return RTMFP_OK;
}

/* RFC 7425 s5.2: Stream EOF must not be seen before the media: a barrier across all flows of the
 * stream. */
void
net_send_barrier (RtmfpNet *net, NetItem *player, NetOutput *more) {
  NetOutput *outputs[RTMFP_MEDIA_COUNT + 2];
  uint32_t count = 0;
  for (int kind = 0; kind < RTMFP_MEDIA_COUNT; kind++) {
    if (player->media[kind].flow != 0 && !player->media[kind].is_over) {
      outputs[count++] = &player->media[kind];
    }
  }
  if (count == 0) {
    return;
  }
  outputs[count++] = &player->control;
  if (more != NULL) {
    outputs[count++] = more;
  }
  const RtmfpUserControl sync = {
      .event = RTMFP_RTMP_FLOW_SYNC, .first = player->session->next_sync_id++, .second = count};
  for (uint32_t i = 0; i < count; i++) {
    net_send_control (net, player, outputs[i], &sync);
  }
}

void
net_end_player (RtmfpNet *net, NetItem *player, const char *code) {
  if (player->state == NET_ITEM_ASKED) {
    refuse (net, player, code, "The stream has ended.");
    RtmfpNetEvent *event = net_tell (net, RTMFP_NET_PLAYER_ENDED, player->session->id);
    event->publication = player->publication;
    event->player = player->id;
  }
  if (player->state != NET_ITEM_ACTIVE) {
    return;
  }
  player->state = NET_ITEM_ENDING;
  net_send_status (net, player, "status", code, "The stream has ended.");
  net_send_barrier (net, player, NULL);
  const RtmfpUserControl eof = {.event = RTMFP_RTMP_STREAM_EOF, .first = player->stream_id};
  net_send_control (net, player, &player->control, &eof);
  for (int kind = 0; kind < RTMFP_MEDIA_COUNT; kind++) {
    net_output_close (net, &player->media[kind]);
  }
  net_output_close (net, &player->control);
}

void
rtmfp_net_end_player (RtmfpNet *net, RtmfpId id, int64_t now_us) {
  net->now_us = now_us;
  NetItem *player = net_find_item (net, id, true);
  if (player != NULL) {
    net_end_player (net, player, "NetStream.Play.Stop");
  }
}

/* What media may go to: a player of ours, or a stream of a NetConnection. */
static NetItem *
find_sender (const RtmfpNet *net, RtmfpId id) {
  NetItem *item = rtmfp_slots_get (&net->items, id);
  return item != NULL && (item->is_player || item->is_of_connection) && !item->session->is_faulty
             ? item
             : NULL;
}

RtmfpStatus
rtmfp_net_send_media (RtmfpNet *net, RtmfpId id, RtmfpMediaKind kind, uint32_t timestamp_ms,
                      RtmfpBytes body, const RtmfpMessageOptions *options, int64_t now_us,
                      uint64_t *number) {
  static const uint8_t types[RTMFP_MEDIA_COUNT] = {[RTMFP_MEDIA_AUDIO] = RTMFP_RTMP_AUDIO,
                                                   [RTMFP_MEDIA_VIDEO] = RTMFP_RTMP_VIDEO,
                                                   [RTMFP_MEDIA_DATA] = RTMFP_RTMP_DATA};
  net->now_us = now_us;
  NetItem *player = find_sender (net, id);
  if (player == NULL || player->state != NET_ITEM_ACTIVE) {
    return RTMFP_STATE;
  }
  const RtmfpStatus status = net_output_open (net, player->session, player, NET_OUTPUT_MEDIA, kind);
  if (status != RTMFP_OK) {
    return status;
  }
  net->out.size = 0;
  rtmfp_rtmp_header_write (&net->out, types[kind], timestamp_ms);
  rtmfp_buffer_append (&net->out, body);
  return net_output_send (net, &player->media[kind], rtmfp_buffer_bytes (&net->out), options,
                          number);
}

void
rtmfp_net_set_media_priority (RtmfpNet *net, RtmfpId id, RtmfpMediaKind kind,
                              RtmfpPriority priority) {
  NetItem *player = find_sender (net, id);
  if (player != NULL) {
    player->priority[kind] = priority;
    if (player->media[kind].flow != 0) {
      rtmfp_endpoint_set_flow_priority (net->endpoint, player->media[kind].flow, priority);
    }
  }
}

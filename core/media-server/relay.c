/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Media from one to many: what is kept for who joins late, and what is given up when a player's
 * link is too slow for it. */
#include "core/media-server/internal.h"

#include "core/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* ---- What is kept ---- */

static void
clear_group (AhoyChannel *channel) {
  for (size_t i = 0; i < channel->group_count; i++) {
    rtmfp_buffer_clear (&channel->group[i].bytes);
  }
  channel->group_count = 0;
  channel->group_bytes = 0;
  channel->group_is_whole = false;
}

void
ahoy_channel_clear (AhoyChannel *channel) {
  clear_group (channel);
  free (channel->group);
  channel->group = NULL;
  channel->group_capacity = 0;
  rtmfp_buffer_clear (&channel->audio_header.bytes);
  rtmfp_buffer_clear (&channel->video_header.bytes);
  for (size_t i = 0; i < channel->data_count; i++) {
    rtmfp_buffer_clear (&channel->data[i].kept.bytes);
  }
  channel->data_count = 0;
}

static void
keep (AhoyKept *kept, uint32_t timestamp_ms, RtmfpBytes bytes) {
  kept->timestamp_ms = timestamp_ms;
  kept->bytes.size = 0;
  rtmfp_buffer_append (&kept->bytes, bytes);
}

static void
keep_header (AhoyKept *kept, uint32_t timestamp_ms, RtmfpBytes bytes) {
  if (bytes.size <= AHOY_HEADER_BYTES_MAX) {
    keep (kept, timestamp_ms, bytes);
  } else {
    kept->bytes.size = 0;
  }
}

static void
keep_picture (AhoyChannel *channel, RtmfpMediaClass class, uint32_t timestamp_ms,
              RtmfpBytes bytes) {
  if (class == RTMFP_CLASS_KEY) {
    clear_group (channel);
    channel->group_is_whole = true;
  }
  if (!channel->group_is_whole) {
    return;
  }
  if (channel->group_bytes + bytes.size > AHOY_GROUP_BYTES_MAX ||
      channel->group_count >= AHOY_GROUP_FRAMES_MAX) {
    clear_group (channel); /* who joins now waits for the next key frame */
    return;
  }
  if (channel->group_count == channel->group_capacity) {
    channel->group_capacity = channel->group_capacity == 0 ? 16 : channel->group_capacity * 2;
    channel->group =
        rtmfp_memory_resize (channel->group, channel->group_capacity, sizeof *channel->group);
  }
  AhoyKept *kept = &channel->group[channel->group_count++];
  *kept = (AhoyKept){0};
  keep (kept, timestamp_ms, bytes);
  channel->group_bytes += bytes.size;
}

static AhoyDataFrame *
find_data (AhoyChannel *channel, const char *name) {
  for (size_t i = 0; i < channel->data_count; i++) {
    if (strcmp (channel->data[i].name, name) == 0) {
      return &channel->data[i];
    }
  }
  return NULL;
}

static void
keep_data (AhoyChannel *channel, const char *name, uint32_t timestamp_ms, RtmfpBytes bytes) {
  AhoyDataFrame *data = find_data (channel, name);
  if (bytes.size > AHOY_DATA_FRAME_BYTES_MAX ||
      (data == NULL && channel->data_count >= AHOY_DATA_FRAMES_MAX)) {
    return;
  }
  if (data == NULL) {
    data = &channel->data[channel->data_count++];
    *data = (AhoyDataFrame){0};
    memcpy (data->name, name, strlen (name) + 1);
  }
  keep (&data->kept, timestamp_ms, bytes);
}

static void
forget_data (AhoyChannel *channel, const char *name) {
  AhoyDataFrame *data = find_data (channel, name);
  if (data != NULL) {
    rtmfp_buffer_clear (&data->kept.bytes);
    *data = channel->data[--channel->data_count];
  }
}

/* ---- To one player ---- */

static const AhoyKept *
header_of (const AhoyChannel *channel, RtmfpMediaKind kind) {
  return kind == RTMFP_MEDIA_AUDIO ? &channel->audio_header : &channel->video_header;
}

static RtmfpStatus
send (AhoyMediaServer *server, AhoySeat *player, RtmfpMediaKind kind, uint32_t timestamp_ms,
      RtmfpBytes bytes, const RtmfpMessageOptions *options, uint64_t *number) {
  const RtmfpStatus status = rtmfp_net_send_media (server->net, player->stream, kind, timestamp_ms,
                                                   bytes, options, server->now_us, number);
  *(status == RTMFP_OK ? &server->counters.media_out : &server->counters.media_skipped) += 1;
  return status;
}

/* Whether the decoder has its header. */
static bool
send_header (AhoyMediaServer *server, const AhoyChannel *channel, AhoySeat *player,
             RtmfpMediaKind kind) {
  const AhoyKept *header = header_of (channel, kind);
  player->needs_header[kind] =
      header->bytes.size > 0 && send (server, player, kind, header->timestamp_ms,
                                      rtmfp_buffer_bytes (&header->bytes), NULL, NULL) != RTMFP_OK;
  return !player->needs_header[kind];
}

static void
send_frame (AhoyMediaServer *server, const AhoyChannel *channel, AhoySeat *player,
            RtmfpMediaKind kind, RtmfpMediaClass class, uint32_t timestamp_ms, RtmfpBytes bytes) {
  const bool is_picture = kind == RTMFP_MEDIA_VIDEO && class != RTMFP_CLASS_OTHER;
  if (is_picture && player->needs_key && class != RTMFP_CLASS_KEY) {
    return;
  }
  if (player->needs_header[kind] && !send_header (server, channel, player, kind)) {
    return;
  }
  const RtmfpMessageOptions options = {
      .start_by_us = server->now_us + AHOY_RELAY_START_US,
      .finish_by_us = server->now_us + AHOY_RELAY_FINISH_US,
      .depends_on = is_picture && class == RTMFP_CLASS_FRAME ? player->last_video : 0,
  };
  uint64_t number = 0;
  const RtmfpStatus status = send (server, player, kind, timestamp_ms, bytes, &options, &number);
  if (!is_picture) {
    return;
  }
  player->needs_key = status != RTMFP_OK;
  if (status == RTMFP_OK) {
    player->last_video = number;
  }
}

void
ahoy_channel_begin_kind (AhoyMediaServer *server, const AhoyChannel *channel, AhoySeat *player,
                         RtmfpMediaKind kind) {
  if (!send_header (server, channel, player, kind) || kind != RTMFP_MEDIA_VIDEO) {
    return;
  }
  player->needs_key = true;
  for (size_t i = 0; i < channel->group_count; i++) {
    const AhoyKept *kept = &channel->group[i];
    send_frame (server, channel, player, kind, i == 0 ? RTMFP_CLASS_KEY : RTMFP_CLASS_FRAME,
                kept->timestamp_ms, rtmfp_buffer_bytes (&kept->bytes));
  }
}

void
ahoy_channel_begin (AhoyMediaServer *server, const AhoyChannel *channel, AhoySeat *player) {
  for (size_t i = 0; i < channel->data_count; i++) {
    const AhoyKept *kept = &channel->data[i].kept;
    const RtmfpStatus status = send (server, player, RTMFP_MEDIA_DATA, kept->timestamp_ms,
                                     rtmfp_buffer_bytes (&kept->bytes), NULL, NULL);
    (void)status; /* a new stream has room */
  }
  ahoy_channel_begin_kind (server, channel, player, RTMFP_MEDIA_AUDIO);
  ahoy_channel_begin_kind (server, channel, player, RTMFP_MEDIA_VIDEO);
}

/* ---- To all ---- */

static void
relay_media (AhoyMediaServer *server, AhoyChannel *channel, RtmfpMediaKind kind,
             uint32_t timestamp_ms, RtmfpBytes bytes) {
  const RtmfpMediaClass class =
      kind == RTMFP_MEDIA_AUDIO ? rtmfp_audio_class (bytes) : rtmfp_video_class (bytes);
  const bool is_header = class == RTMFP_CLASS_HEADER;
  if (is_header) {
    keep_header (kind == RTMFP_MEDIA_AUDIO ? &channel->audio_header : &channel->video_header,
                 timestamp_ms, bytes);
    if (kind == RTMFP_MEDIA_VIDEO) {
      clear_group (channel);
    }
  } else if (kind == RTMFP_MEDIA_VIDEO && class != RTMFP_CLASS_OTHER) {
    keep_picture (channel, class, timestamp_ms, bytes);
  }
  AhoySeat *player;
  LIST_FOREACH (player, &channel->players, of_channel) {
    if (!player->wants[kind]) {
      continue;
    }
    if (is_header) {
      player->needs_header[kind] =
          send (server, player, kind, timestamp_ms, bytes, NULL, NULL) != RTMFP_OK;
    } else {
      send_frame (server, channel, player, kind, class, timestamp_ms, bytes);
    }
  }
}

/* "@setDataFrame" and "@clearDataFrame", by which publishers say what later players need too. */
static void
relay_data (AhoyMediaServer *server, AhoyChannel *channel, uint32_t timestamp_ms,
            RtmfpBytes bytes) {
  if (rtmfp_amf_read (&server->document, bytes, RTMFP_AMF0) != RTMFP_OK) {
    return;
  }
  const RtmfpAmfValue *first = rtmfp_amf_at (&server->document, 0);
  char name[AHOY_DATA_NAME_BYTES_MAX + 1];
  const bool is_named = rtmfp_amf_as_text (rtmfp_amf_at (&server->document, 1), name, sizeof name);
  if (rtmfp_amf_is_text (first, "@clearDataFrame")) {
    if (is_named) {
      forget_data (channel, name);
    }
    return;
  }
  if (rtmfp_amf_is_text (first, "@setDataFrame")) {
    const size_t head = server->document.entries[0].encoded.size;
    bytes = rtmfp_bytes (bytes.data + head, bytes.size - head);
    if (!is_named) {
      return;
    }
    keep_data (channel, name, timestamp_ms, bytes);
  }
  AhoySeat *player;
  LIST_FOREACH (player, &channel->players, of_channel) {
    if (player->wants[RTMFP_MEDIA_DATA]) {
      const RtmfpMessageOptions options = {.start_by_us = server->now_us + AHOY_RELAY_START_US};
      const RtmfpStatus status =
          send (server, player, RTMFP_MEDIA_DATA, timestamp_ms, bytes, &options, NULL);
      (void)status; /* counted */
    }
  }
}

void
ahoy_channel_relay (AhoyMediaServer *server, AhoyChannel *channel, const RtmfpNetEvent *event) {
  server->media.size = 0; /* the event's bytes are the engine's until it is called */
  rtmfp_buffer_append (&server->media, event->bytes);
  const RtmfpBytes bytes = rtmfp_buffer_bytes (&server->media);
  if (event->kind == RTMFP_MEDIA_DATA) {
    relay_data (server, channel, event->timestamp_ms, bytes);
  } else {
    relay_media (server, channel, event->kind, event->timestamp_ms, bytes);
  }
}

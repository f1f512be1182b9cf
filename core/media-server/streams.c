/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a client says about its streams: publish, play, and the rest of NetStream's commands. RFC
 * 7425 s5.3.5, RTMP 1.0 s7.2.2. */
#include "core/media-server/internal.h"

#include "core/base/memory.h"

#include <stdlib.h>
#include <string.h>

AhoySeat *
ahoy_seat_find (const AhoyMediaServer *server, RtmfpId stream) {
  AhoySeat *seat;
  HASH_FIND (hh, server->seats, &stream, sizeof stream, seat);
  return seat;
}

static void
send_status (AhoyMediaServer *server, AhoySeat *seat, const char *level, const char *code,
             const char *description, RtmfpBytes members) {
  const RtmfpStatus status = rtmfp_net_stream_status (server->net, seat->stream, level, code,
                                                      description, members, server->now_us);
  (void)status; /* its end is told next */
}

void
ahoy_seat_status (AhoyMediaServer *server, AhoySeat *seat, const char *level, const char *code,
                  const char *description) {
  send_status (server, seat, level, code, description, rtmfp_bytes (NULL, 0));
}

static void
send_control (AhoyMediaServer *server, AhoySeat *seat, RtmfpStreamControl control) {
  const RtmfpStatus status =
      rtmfp_net_stream_control (server->net, seat->stream, control, 0, server->now_us);
  (void)status;
}

/* ---- Channels ---- */

static AhoyChannel *
find_channel (AhoyMediaServer *server, AhoyApp *app, const char *name, unsigned *value) {
  AhoyChannel *channel;
  *value = (unsigned)rtmfp_hash (&server->key, rtmfp_bytes (name, strlen (name)));
  HASH_FIND_BYHASHVALUE (hh, app->channels, name, strlen (name), *value, channel);
  return channel;
}

static AhoyChannel *
enter_channel (AhoyMediaServer *server, AhoyApp *app, const char *name) {
  unsigned value;
  AhoyChannel *channel = find_channel (server, app, name, &value);
  if (channel == NULL) {
    channel = RTMFP_NEW (AhoyChannel);
    channel->app = app;
    memcpy (channel->name, name, strlen (name) + 1);
    LIST_INIT (&channel->players);
    HASH_ADD_KEYPTR_BYHASHVALUE (hh, app->channels, channel->name, strlen (name), value, channel);
  }
  return channel;
}

/* When nobody is in it any more. */
static void
leave_channel (AhoyChannel *channel) {
  if (channel->publisher == NULL && LIST_EMPTY (&channel->players)) {
    ahoy_channel_clear (channel);
    HASH_DEL (channel->app->channels, channel);
    free (channel);
  }
}

static void
stop_publishing (AhoyMediaServer *server, AhoySeat *seat) {
  AhoyChannel *channel = seat->channel;
  server->published--;
  channel->publisher = NULL;
  ahoy_channel_clear (channel);
  AhoySeat *player;
  LIST_FOREACH (player, &channel->players, of_channel) {
    send_control (server, player, RTMFP_STREAM_EOF);
    ahoy_seat_status (server, player, "status", "NetStream.Play.UnpublishNotify",
                      "The publisher has left.");
  }
}

/* Neither publishes nor plays any more. Returns: what it did. */
static AhoySeatRole
make_idle (AhoyMediaServer *server, AhoySeat *seat) {
  const AhoySeatRole role = seat->role;
  AhoyChannel *channel = seat->channel;
  if (role == AHOY_SEAT_PUBLISHES) {
    stop_publishing (server, seat);
  } else if (role == AHOY_SEAT_PLAYS) {
    LIST_REMOVE (seat, of_channel);
  }
  seat->role = AHOY_SEAT_IDLE;
  seat->channel = NULL;
  if (channel != NULL) {
    leave_channel (channel);
  }
  return role;
}

/* ---- Seats ---- */

void
ahoy_seat_add (AhoyMediaServer *server, AhoyGuest *guest, RtmfpId stream) {
  AhoySeat *seat = RTMFP_NEW (AhoySeat);
  seat->stream = stream;
  seat->guest = guest;
  HASH_ADD (hh, server->seats, stream, sizeof seat->stream, seat);
  LIST_INSERT_HEAD (&guest->seats, seat, of_guest);
}

void
ahoy_seat_free (AhoyMediaServer *server, AhoySeat *seat) {
  if (make_idle (server, seat) != AHOY_SEAT_IDLE) {
    seat->guest->seat_count--;
  }
  LIST_REMOVE (seat, of_guest);
  HASH_DEL (server->seats, seat);
  free (seat);
}

/* The name in the first argument without a query ("name?key=value"); "" = none. */
static void
read_name (const RtmfpNetEvent *event, char name[RTMFP_NET_NAME_BYTES_MAX + 1]) {
  if (event->value_count == 0 ||
      !rtmfp_amf_as_text (event->values[0].value, name, RTMFP_NET_NAME_BYTES_MAX + 1)) {
    name[0] = '\0';
  }
  name[strcspn (name, "?")] = '\0';
}

/* Ends what the seat did; whether the client may do something else with it. */
static bool
take_seat (AhoyMediaServer *server, AhoySeat *seat) {
  if (make_idle (server, seat) != AHOY_SEAT_IDLE) {
    seat->guest->seat_count--;
  }
  if (seat->guest->seat_count >= AHOY_SEATS_PER_GUEST_MAX) {
    return false;
  }
  seat->guest->seat_count++;
  return true;
}

/* ---- publish ---- */

static void
notify_published (AhoyMediaServer *server, AhoySeat *player) {
  ahoy_seat_status (server, player, "status", "NetStream.Play.PublishNotify",
                    "The stream is being published.");
}

static const char *
why_not_publish (AhoyMediaServer *server, AhoySeat *seat, const char *name,
                 const RtmfpNetEvent *event) {
  unsigned value;
  const AhoyChannel *channel = find_channel (server, seat->guest->app, name, &value);
  const RtmfpAmfValue *type = event->value_count > 1 ? event->values[1].value : NULL;
  if (!rtmfp_amf_is_nothing (type) && !rtmfp_amf_is_text (type, "live")) {
    return "NetStream.Record.NoAccess"; /* nothing is kept here */
  }
  if (name[0] == '\0' ||
      (channel != NULL && channel->publisher != NULL && channel->publisher != seat) ||
      server->published >= AHOY_PUBLISHED_MAX) {
    return "NetStream.Publish.BadName";
  }
  return NULL;
}

static void
publish (AhoyMediaServer *server, AhoySeat *seat, const RtmfpNetEvent *event) {
  char name[RTMFP_NET_NAME_BYTES_MAX + 1];
  read_name (event, name);
  const char *code = why_not_publish (server, seat, name, event);
  if (code == NULL && !take_seat (server, seat)) {
    code = "NetStream.Publish.BadName";
  }
  if (code != NULL) {
    ahoy_seat_status (server, seat, "error", code, "This stream cannot be published.");
    return;
  }
  AhoyChannel *channel = enter_channel (server, seat->guest->app, name);
  seat->role = AHOY_SEAT_PUBLISHES;
  seat->channel = channel;
  channel->publisher = seat;
  server->published++;
  send_control (server, seat, RTMFP_STREAM_BEGIN);
  ahoy_seat_status (server, seat, "status", "NetStream.Publish.Start", "Go ahead.");
  AhoySeat *player;
  LIST_FOREACH (player, &channel->players, of_channel) {
    player->needs_key = true;
    send_control (server, player, RTMFP_STREAM_BEGIN);
    notify_published (server, player);
  }
}

/* ---- play ---- */

/* RTMP 1.0 s7.2.2.1: a start of 0 or more wants a recorded stream, of which there is none here; a
 * live one of that name will do. */
static bool
wants_recorded (const RtmfpNetEvent *event) {
  double start;
  return event->value_count > 1 && rtmfp_amf_as_number (event->values[1].value, &start) &&
         start >= 0;
}

static void
play (AhoyMediaServer *server, AhoySeat *seat, const RtmfpNetEvent *event) {
  char name[RTMFP_NET_NAME_BYTES_MAX + 1];
  unsigned value;
  read_name (event, name);
  const AhoyChannel *there = find_channel (server, seat->guest->app, name, &value);
  const bool is_live = there != NULL && there->publisher != NULL && there->publisher != seat;
  if (name[0] == '\0' || (wants_recorded (event) && !is_live) || !take_seat (server, seat)) {
    ahoy_seat_status (server, seat, "error", "NetStream.Play.StreamNotFound",
                      "There is no such stream.");
    return;
  }
  AhoyChannel *channel = enter_channel (server, seat->guest->app, name);
  seat->role = AHOY_SEAT_PLAYS;
  seat->channel = channel;
  for (int kind = 0; kind < RTMFP_MEDIA_COUNT; kind++) {
    seat->wants[kind] = true;
    seat->needs_header[kind] = false;
  }
  seat->needs_key = true;
  LIST_INSERT_HEAD (&channel->players, seat, of_channel);
  send_control (server, seat, RTMFP_STREAM_BEGIN);
  ahoy_seat_status (server, seat, "status", "NetStream.Play.Reset", "Reset.");
  ahoy_seat_status (server, seat, "status", "NetStream.Play.Start", "The stream begins.");
  if (channel->publisher != NULL) {
    notify_published (server, seat);
    ahoy_channel_begin (server, channel, seat);
  }
}

/* ---- The rest ---- */

static void
close_stream (AhoyMediaServer *server, AhoySeat *seat) {
  const AhoySeatRole role = make_idle (server, seat);
  if (role == AHOY_SEAT_IDLE) {
    return;
  }
  seat->guest->seat_count--;
  ahoy_seat_status (server, seat, "status",
                    role == AHOY_SEAT_PUBLISHES ? "NetStream.Unpublish.Success"
                                                : "NetStream.Play.Stop",
                    "The stream has ended.");
}

static void
receive_kind (AhoyMediaServer *server, AhoySeat *seat, RtmfpMediaKind kind,
              const RtmfpNetEvent *event) {
  bool wanted;
  if (seat->role != AHOY_SEAT_PLAYS || event->value_count == 0 ||
      !rtmfp_amf_as_boolean (event->values[0].value, &wanted) || wanted == seat->wants[kind]) {
    return;
  }
  seat->wants[kind] = wanted;
  if (wanted) {
    ahoy_channel_begin_kind (server, seat->channel, seat, kind);
  }
}

/* A live stream neither waits nor goes back. */
static void
refuse_pause (AhoyMediaServer *server, AhoySeat *seat, const RtmfpNetEvent *event) {
  bool pauses = true;
  if (event->value_count > 0) {
    (void)rtmfp_amf_as_boolean (event->values[0].value, &pauses);
  }
  if (pauses) {
    ahoy_seat_status (server, seat, "error", "NetStream.Failed", "A live stream cannot be paused.");
  }
}

void
ahoy_seat_command (AhoyMediaServer *server, AhoySeat *seat, const RtmfpNetEvent *event) {
  const bool is_play = strcmp (event->name, "play") == 0;
  bool flag;
  if ((is_play || strcmp (event->name, "publish") == 0) && event->value_count > 0 &&
      rtmfp_amf_as_boolean (event->values[0].value, &flag)) {
    close_stream (server, seat); /* publish(false), play(false) */
  } else if (is_play) {
    play (server, seat, event);
  } else if (strcmp (event->name, "publish") == 0) {
    publish (server, seat, event);
  } else if (strcmp (event->name, "closeStream") == 0) {
    close_stream (server, seat);
  } else if (strcmp (event->name, "receiveAudio") == 0) {
    receive_kind (server, seat, RTMFP_MEDIA_AUDIO, event);
  } else if (strcmp (event->name, "receiveVideo") == 0) {
    receive_kind (server, seat, RTMFP_MEDIA_VIDEO, event);
  } else if (strcmp (event->name, "pause") == 0 || strcmp (event->name, "pauseRaw") == 0) {
    refuse_pause (server, seat, event);
  } else if (strcmp (event->name, "seek") == 0) {
    ahoy_seat_status (server, seat, "error", "NetStream.Seek.Failed",
                      "A live stream cannot be sought in.");
  }
}

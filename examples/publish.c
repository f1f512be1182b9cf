/* SPDX-License-Identifier: Apache-2.0 */
/* One publisher and its subscribers, each with a direct session to it.
 *
 *   publish PORT PLAYERS       waits for so many players, publishes ten messages, ends
 *   publish ADDRESS:PORT       plays: prints what comes until the publisher ends it */
#include "udp.h"

#include "core/net/net.h"

enum { PLAYERS_MAX = 32, MESSAGES = 10, INTERVAL_US = 50000 };

typedef struct {
  Udp udp;
  RtmfpNet *net;
  bool plays;
  RtmfpId session; /* of a player */
  RtmfpId publication;
  RtmfpId players[PLAYERS_MAX];
  int wanted, came, ended;
  int sent;
  int64_t next_us;
} Stream;

static void
publish_one (Stream *stream) {
  char text[40];
  RtmfpBuffer body = {0};
  snprintf (text, sizeof text, "news %d", stream->sent + 1);
  rtmfp_amf_write_text (&body, text);
  for (int i = 0; i < stream->came; i++) {
    /* STATE: that player has gone. FULL: it reads too slowly, and misses this one. */
    const RtmfpStatus status =
        rtmfp_net_send_media (stream->net, stream->players[i], RTMFP_MEDIA_DATA,
                              (uint32_t)(stream->sent * INTERVAL_US / 1000),
                              rtmfp_buffer_bytes (&body), NULL, udp_now (), NULL);
    if (status != RTMFP_OK) {
      printf ("player %d misses %s\n", i + 1, text);
    }
  }
  rtmfp_buffer_clear (&body);
  stream->sent++;
  stream->next_us += INTERVAL_US;
  if (stream->sent == MESSAGES) { /* ends for each player after what was sent before */
    rtmfp_net_unpublish (stream->net, stream->publication, udp_now ());
  }
}

static bool
take_publisher_event (Stream *stream, const RtmfpNetEvent *event) {
  if (event->type == RTMFP_NET_PLAY && stream->came < stream->wanted) {
    must (rtmfp_net_accept_play (stream->net, event->player, udp_now ()) == RTMFP_OK,
          "accept_play");
    stream->players[stream->came++] = event->player;
    printf ("player %d of %d\n", stream->came, stream->wanted);
    stream->next_us = udp_now ();
  } else if (event->type == RTMFP_NET_PLAY) {
    must (rtmfp_net_refuse_play (stream->net, event->player, "NetStream.Play.Failed", "Full.",
                                 udp_now ()) == RTMFP_OK,
          "refuse_play");
  } else if (event->type == RTMFP_NET_PLAYER_ENDED) {
    stream->ended++;
  }
  return stream->ended < stream->wanted;
}

static bool
take_player_event (Stream *stream, const RtmfpNetEvent *event) {
  RtmfpAmfDocument document = {0};
  char text[40];
  RtmfpId id;
  switch (event->type) {
  case RTMFP_NET_SESSION:
    if (event->endpoint.type == RTMFP_EVENT_SESSION_OPEN) {
      must (rtmfp_net_play (stream->net, event->session, "news", (RtmfpBytes){0}, udp_now (),
                            &id) == RTMFP_OK,
            "play");
    }
    return event->endpoint.type != RTMFP_EVENT_SESSION_CLOSED;
  case RTMFP_NET_PLAY_STARTED:
    printf ("started\n");
    return true;
  case RTMFP_NET_MEDIA:
    if (rtmfp_amf_read (&document, event->bytes, RTMFP_AMF0) == RTMFP_OK &&
        rtmfp_amf_as_text (rtmfp_amf_at (&document, 0), text, sizeof text)) {
      printf ("%u ms: %s\n", event->timestamp_ms, text);
    }
    rtmfp_amf_document_clear (&document);
    return true;
  case RTMFP_NET_PLAY_ENDED:
  case RTMFP_NET_PLAY_REFUSED:
    printf ("%s\n", event->clean ? "ended" : event->code);
    rtmfp_endpoint_close (stream->udp.endpoint, event->session, false, udp_now ());
    return true;
  default:
    return true;
  }
}

int
main (int argc, char **argv) {
  must (argc == 2 || argc == 3, "usage: publish PORT PLAYERS | publish ADDRESS:PORT; starting");
  setvbuf (stdout, NULL, _IOLBF, 0);
  Stream stream = {.plays = argc == 2, .wanted = argc == 3 ? atoi (argv[2]) : 0};
  must (stream.plays || (stream.wanted > 0 && stream.wanted <= PLAYERS_MAX), "counting players");
  udp_open (&stream.udp, stream.plays ? 0 : atoi (argv[1]));
  RtmfpNetConfig config;
  rtmfp_net_config_init (&config);
  stream.net = rtmfp_net_new (stream.udp.endpoint, &config);
  if (stream.plays) {
    stream.session = udp_connect (&stream.udp, argv[1], NULL);
  } else {
    must (rtmfp_net_publish (stream.net, 0, "news", &stream.publication) == RTMFP_OK, "publish");
  }
  for (bool goes_on = true; goes_on;) {
    const bool publishes = stream.came == stream.wanted && !stream.plays && stream.sent < MESSAGES;
    udp_step (&stream.udp, publishes ? stream.next_us : RTMFP_NEVER);
    RtmfpNetEvent event;
    while (goes_on && rtmfp_net_poll_event (stream.net, udp_now (), &event)) {
      goes_on = stream.plays ? take_player_event (&stream, &event)
                             : take_publisher_event (&stream, &event);
    }
    if (goes_on && publishes && udp_now () >= stream.next_us) {
      publish_one (&stream);
    }
  }
  rtmfp_net_free (stream.net);
  udp_free (&stream.udp);
  return 0;
}

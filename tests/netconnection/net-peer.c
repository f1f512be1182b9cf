/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client of a plain RTMFP server on a UDP socket, to try core/net against other implementations
 * (docs/interop.md) and ahoyd by tests/rendezvousd/test_plain.py. Prints a line for each event;
 * ends 0 when all that was asked for came about. */
#include "app/io/clock.h"
#include "app/io/interfaces.h"
#include "app/io/loop.h"
#include "core/crypto/epd.h"
#include "core/net/net.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_MS 20
#define KEY_EVERY 25
#define FRAME_BYTES 1500

typedef struct {
  char *publish, *play, *offer, *meet, *call;
  char **args;
  int frames, seconds, groups, linger_ms;
  gboolean weak, static_keys, tell_addresses;
} Wishes;

typedef struct {
  Wishes wishes;
  const char *url;
  GMainLoop *main_loop;
  RtmfpEndpoint *endpoint;
  RtmfpNet *net;
  AppLoop *loop;
  RtmfpId identity, session, met, publishing, playing, direct, player, publication;
  RtmfpAddress server;
  uint16_t port;
  int sent, offered;
  int received, direct_received;
  bool answered, published, is_ending;
  guint timer;
} Peer;

static void say (const char *format, ...) G_GNUC_PRINTF (1, 2);

static void
say (const char *format, ...) {
  va_list args;
  va_start (args, format);
  vprintf (format, args);
  va_end (args);
  printf ("\n");
  fflush (stdout);
}

static void
must (const char *what, RtmfpStatus status) {
  if (status != RTMFP_OK) {
    say ("%s: status %d", what, status);
  }
}

/* ---- What was asked for ---- */

static bool
is_done (const Peer *peer) {
  const Wishes *w = &peer->wishes;
  return (w->publish == NULL || peer->published) &&
         (w->play == NULL || w->meet != NULL || peer->received >= w->frames) &&
         (w->meet == NULL || peer->direct_received >= w->frames) &&
         (w->offer == NULL || peer->offered >= w->frames) && (w->call == NULL || peer->answered);
}

static gboolean
on_lingered (gpointer data) {
  Peer *peer = data;
  rtmfp_net_close (peer->net, peer->session, app_clock_now_us ());
  app_loop_touch (peer->loop);
  return G_SOURCE_REMOVE;
}

static void
end_if_done (Peer *peer) {
  if (is_done (peer) && !peer->is_ending) {
    peer->is_ending = true;
    say ("done");
    g_timeout_add ((guint)peer->wishes.linger_ms, on_lingered, peer);
  }
}

/* ---- Media ---- */

static void
send_frame (Peer *peer, RtmfpId to, int number) {
  uint8_t video[FRAME_BYTES] = {number % KEY_EVERY == 0 ? 0x17 : 0x27, 1};
  uint8_t audio[200] = {0xaf, 1};
  const uint32_t time = (uint32_t)(number * FRAME_MS);
  const int64_t now_us = app_clock_now_us ();
  must ("video", rtmfp_net_send_media (peer->net, to, RTMFP_MEDIA_VIDEO, time,
                                       rtmfp_bytes (video, sizeof video), NULL, now_us, NULL));
  must ("audio", rtmfp_net_send_media (peer->net, to, RTMFP_MEDIA_AUDIO, time,
                                       rtmfp_bytes (audio, sizeof audio), NULL, now_us, NULL));
}

static void
send_headers (Peer *peer) {
  const int64_t now_us = app_clock_now_us ();
  RtmfpBuffer data = {0};
  rtmfp_amf_write_text (&data, "@setDataFrame");
  rtmfp_amf_write_text (&data, "onMetaData");
  rtmfp_amf_begin_ecma_array (&data, 1);
  rtmfp_amf_member_number (&data, "width", 640);
  rtmfp_amf_end_object (&data);
  must ("data", rtmfp_net_send_media (peer->net, peer->publishing, RTMFP_MEDIA_DATA, 0,
                                      rtmfp_buffer_bytes (&data), NULL, now_us, NULL));
  rtmfp_buffer_clear (&data);
  must ("header", rtmfp_net_send_media (peer->net, peer->publishing, RTMFP_MEDIA_VIDEO, 0,
                                        rtmfp_bytes ("\x17\0\0\0\0head", 9), NULL, now_us, NULL));
  must ("header", rtmfp_net_send_media (peer->net, peer->publishing, RTMFP_MEDIA_AUDIO, 0,
                                        rtmfp_bytes ("\xaf\0\x12\x10", 4), NULL, now_us, NULL));
}

/* A server that says nothing when a stream ends has had the time to. */
static gboolean
on_unpublished (gpointer data) {
  Peer *peer = data;
  peer->published = true;
  end_if_done (peer);
  return G_SOURCE_REMOVE;
}

static gboolean
on_tick (gpointer data) {
  Peer *peer = data;
  if (peer->publishing != 0 && peer->sent >= 0 && peer->sent < peer->wishes.frames) {
    send_frame (peer, peer->publishing, peer->sent++);
    if (peer->sent == peer->wishes.frames) {
      must ("close", rtmfp_net_stream_close (peer->net, peer->publishing, app_clock_now_us ()));
      g_timeout_add_seconds (1, on_unpublished, peer);
    }
  }
  if (peer->player != 0 && peer->offered < peer->wishes.frames) {
    send_frame (peer, peer->player, peer->offered++);
    if (peer->offered == peer->wishes.frames) {
      rtmfp_net_end_player (peer->net, peer->player, app_clock_now_us ());
      end_if_done (peer);
    }
  }
  app_loop_touch (peer->loop);
  return G_SOURCE_CONTINUE;
}

/* ---- Connecting ---- */

static bool
parse_fingerprint (const char *text, RtmfpFingerprint *fingerprint) {
  if (strlen (text) != 64 || strspn (text, "0123456789abcdef") != 64) {
    return false;
  }
  for (size_t i = 0; i < 32; i++) {
    const char digits[3] = {text[2 * i], text[2 * i + 1], 0};
    fingerprint->bytes[i] = (uint8_t)strtoul (digits, NULL, 16);
  }
  return true;
}

static void
open_session (Peer *peer, const RtmfpEpd *epd, RtmfpId *session) {
  uint8_t bytes[1024];
  RtmfpWriter writer = rtmfp_writer (bytes, sizeof bytes);
  must ("discriminator", rtmfp_epd_write (&writer, epd));
  const RtmfpOpen open = {.identity = peer->identity,
                          .epd = rtmfp_bytes (bytes, rtmfp_writer_size (&writer)),
                          .candidates = &peer->server,
                          .candidate_count = 1};
  must ("open", rtmfp_endpoint_open (peer->endpoint, &open, app_clock_now_us (), session));
}

static void
begin (Peer *peer) {
  const Wishes *w = &peer->wishes;
  const int64_t now_us = app_clock_now_us ();
  if (w->publish != NULL) {
    must ("createStream",
          rtmfp_net_create_stream (peer->net, peer->session, now_us, &peer->publishing));
  }
  if (w->play != NULL && w->meet == NULL) {
    must ("createStream",
          rtmfp_net_create_stream (peer->net, peer->session, now_us, &peer->playing));
  }
  if (w->offer != NULL) {
    must ("offer", rtmfp_net_publish (peer->net, 0, w->offer, &peer->publication));
  }
  RtmfpEpd epd = {.has_fingerprint = true};
  if (w->meet != NULL && parse_fingerprint (w->meet, &epd.fingerprint)) {
    open_session (peer, &epd, &peer->met);
  }
  if (w->call != NULL) {
    RtmfpBuffer args = {0};
    RtmfpId call;
    for (char **arg = w->args; arg != NULL && *arg != NULL; arg++) {
      rtmfp_amf_write_text (&args, *arg);
    }
    must ("call", rtmfp_net_call (peer->net, peer->session, w->call, rtmfp_buffer_bytes (&args),
                                  true, now_us, &call));
    rtmfp_buffer_clear (&args);
  }
  end_if_done (peer);
}

static void
on_created (Peer *peer, RtmfpId stream) {
  const int64_t now_us = app_clock_now_us ();
  if (stream == peer->publishing) {
    must ("publish",
          rtmfp_net_stream_publish (peer->net, stream, peer->wishes.publish, "live", now_us));
  } else {
    must ("play", rtmfp_net_stream_play (peer->net, stream, peer->wishes.play,
                                         rtmfp_bytes (NULL, 0), now_us));
  }
}

static void
on_status (Peer *peer, const RtmfpNetEvent *event) {
  say ("status %s %s: %s", event->name, event->code, event->text);
  if (event->stream != peer->publishing) {
    return;
  }
  if (strcmp (event->code, "NetStream.Publish.Start") == 0) {
    send_headers (peer);
    peer->sent = 0;
  } else if (peer->sent == peer->wishes.frames) {
    peer->published = true;
    end_if_done (peer);
  }
}

static void
on_session (Peer *peer, const RtmfpEvent *event) {
  RtmfpSessionInfo info;
  if (event->type == RTMFP_EVENT_SESSION_OPEN && event->session == peer->session) {
    say ("session open");
    must ("connect", rtmfp_net_connect (peer->net, peer->session, peer->url, rtmfp_bytes (NULL, 0),
                                        rtmfp_bytes (NULL, 0), app_clock_now_us ()));
  } else if (event->type == RTMFP_EVENT_SESSION_OPEN) {
    char text[RTMFP_ADDRESS_TEXT_SIZE] = "";
    if (rtmfp_endpoint_session_info (peer->endpoint, event->session, &info) == RTMFP_OK) {
      rtmfp_address_format (&info.address, text);
    }
    say ("met %s", text);
    if (event->session == peer->met) {
      must ("play", rtmfp_net_play (peer->net, peer->met,
                                    peer->wishes.play != NULL ? peer->wishes.play : "direct",
                                    rtmfp_bytes (NULL, 0), app_clock_now_us (), &peer->direct));
    }
  } else if (event->type == RTMFP_EVENT_SESSION_CLOSED) {
    say ("session closed, reason %d", event->reason);
    if (event->session == peer->session) {
      g_main_loop_quit (peer->main_loop);
    }
  }
}

static void
on_media (Peer *peer, const RtmfpNetEvent *event) {
  static const char *const kinds[] = {"audio", "video", "data"};
  say ("media %s %s %u %zu %02x%02x", event->stream == peer->direct ? "direct" : "stream",
       kinds[event->kind], event->timestamp_ms, event->bytes.size,
       event->bytes.size > 0 ? event->bytes.data[0] : 0,
       event->bytes.size > 1 ? event->bytes.data[1] : 0);
  if (event->kind == RTMFP_MEDIA_VIDEO) {
    *(event->stream == peer->direct ? &peer->direct_received : &peer->received) += 1;
    end_if_done (peer);
  }
}

static void
print_values (const char *what, const RtmfpNetEvent *event) {
  g_autoptr (GString) text = g_string_new (what);
  for (size_t i = 0; i < event->value_count; i++) {
    const RtmfpAmfValue *value = event->values[i].value;
    char buffer[512];
    double number;
    if (rtmfp_amf_as_text (value, buffer, sizeof buffer)) {
      g_string_append_printf (text, " \"%s\"", buffer);
    } else if (rtmfp_amf_as_number (value, &number)) {
      g_string_append_printf (text, " %g", number);
    } else if (value->type == RTMFP_AMF_OBJECT || value->type == RTMFP_AMF_ARRAY) {
      for (size_t j = 0; j < value->member_count; j++) {
        const RtmfpAmfMember *member = &value->members[j];
        bool flag;
        g_string_append_printf (text, " %.*s=", (int)member->name.size,
                                (const char *)member->name.data);
        if (rtmfp_amf_as_text (member->value, buffer, sizeof buffer)) {
          g_string_append (text, buffer);
        } else if (rtmfp_amf_as_boolean (member->value, &flag)) {
          g_string_append (text, flag ? "true" : "false");
        } else if (rtmfp_amf_as_number (member->value, &number)) {
          g_string_append_printf (text, "%g", number);
        }
      }
    } else {
      g_string_append (text, " -");
    }
  }
  say ("%s", text->str);
}

static void
take_event (Peer *peer, const RtmfpNetEvent *event) {
  switch (event->type) {
  case RTMFP_NET_SESSION:
    on_session (peer, &event->endpoint);
    break;
  case RTMFP_NET_CONNECTED:
    print_values ("connected", event);
    begin (peer);
    break;
  case RTMFP_NET_REFUSED:
    say ("refused %s: %s", event->code, event->text);
    break;
  case RTMFP_NET_DISCONNECTED:
    say ("disconnected");
    rtmfp_endpoint_close (peer->endpoint, peer->session, false, app_clock_now_us ());
    break;
  case RTMFP_NET_KEEPALIVE:
    say ("keepalive %d s, peers %d s", (int)(event->server_us / 1000000),
         (int)(event->peer_us / 1000000));
    break;
  case RTMFP_NET_STREAM_CREATED:
    say ("stream created");
    on_created (peer, event->stream);
    break;
  case RTMFP_NET_STREAM_CLOSED:
    say ("stream closed %s", event->code);
    break;
  case RTMFP_NET_STREAM_STATUS:
    on_status (peer, event);
    break;
  case RTMFP_NET_STREAM_CONTROL:
    say ("control %d", event->control);
    break;
  case RTMFP_NET_MEDIA:
    on_media (peer, event);
    break;
  case RTMFP_NET_MEDIA_GAP:
    say ("gap of %d", (int)event->count);
    break;
  case RTMFP_NET_PLAY:
    say ("asked for %s", event->name);
    must ("accept", rtmfp_net_accept_play (peer->net, event->player, app_clock_now_us ()));
    peer->player = event->player;
    break;
  case RTMFP_NET_PLAYER_ENDED:
    say ("player ended");
    peer->player = 0;
    break;
  case RTMFP_NET_PLAY_STARTED:
    say ("direct stream started");
    break;
  case RTMFP_NET_PLAY_REFUSED:
  case RTMFP_NET_PLAY_ENDED:
    say ("direct stream ended %s", event->code);
    break;
  case RTMFP_NET_CALL: {
    g_autofree char *what = g_strdup_printf ("call %s", event->name);
    print_values (what, event);
    must ("return", rtmfp_net_return (peer->net, event->session, event->call, rtmfp_bytes (NULL, 0),
                                      app_clock_now_us ()));
    break;
  }
  case RTMFP_NET_RESULT:
    print_values ("result", event);
    peer->answered = true;
    end_if_done (peer);
    break;
  case RTMFP_NET_ERROR:
    say ("error %s: %s", event->code, event->text);
    peer->answered = true;
    end_if_done (peer);
    break;
  default:
    break;
  }
}

/* ---- The pump ---- */

static void
receive (void *self, const uint8_t *bytes, size_t size, uint32_t interface_id,
         const RtmfpAddress *from, uint8_t ecn, int64_t now_us) {
  Peer *peer = self;
  (void)rtmfp_endpoint_receive (peer->endpoint, bytes, size, interface_id, from, ecn, now_us);
}

static void
advance (void *self, int64_t now_us) {
  Peer *peer = self;
  rtmfp_endpoint_advance (peer->endpoint, now_us);
}

static void
drain (void *self, int64_t now_us) {
  Peer *peer = self;
  RtmfpNetEvent event;
  while (rtmfp_net_poll_event (peer->net, now_us, &event)) {
    take_event (peer, &event);
  }
}

static bool
poll_transmit (void *self, int64_t now_us, uint8_t *buffer, size_t capacity,
               RtmfpDatagram *datagram) {
  Peer *peer = self;
  return rtmfp_endpoint_poll_transmit (peer->endpoint, now_us, buffer, capacity, datagram);
}

static RtmfpJob *
poll_job (void *self) {
  Peer *peer = self;
  return rtmfp_endpoint_poll_job (peer->endpoint);
}

static void
complete_job (void *self, RtmfpJob *job, int64_t now_us) {
  Peer *peer = self;
  rtmfp_endpoint_complete_job (peer->endpoint, job, now_us);
}

static int64_t
deadline (const void *self) {
  const Peer *peer = self;
  return rtmfp_endpoint_deadline (peer->endpoint);
}

static gboolean
on_out_of_time (gpointer data) {
  Peer *peer = data;
  say ("out of time");
  g_main_loop_quit (peer->main_loop);
  return G_SOURCE_REMOVE;
}

/* ---- Life ---- */

static void
make_endpoint (Peer *peer) {
  const RtmfpEndpointConfig config = {.rng = app_clock_rng ()};
  const RtmfpIdentityConfig identity = {
      .groups = (uint32_t)peer->wishes.groups,
      .static_keys = peer->wishes.static_keys,
      .accept = RTMFP_ACCEPT_ANYONE,
      .requires_hmac = !peer->wishes.weak,
      .requires_sequence = !peer->wishes.weak,
      .offers_hmac = !peer->wishes.weak,
      .offers_sequence = !peer->wishes.weak,
      .rfc_only = peer->wishes.weak,
  };
  RtmfpFingerprint fingerprint;
  peer->endpoint = rtmfp_endpoint_new (&config, app_clock_now_us ());
  peer->identity = rtmfp_endpoint_add_identity (peer->endpoint, &identity, &fingerprint);
  g_autoptr (GString) text = g_string_new ("fingerprint ");
  for (size_t i = 0; i < sizeof fingerprint.bytes; i++) {
    g_string_append_printf (text, "%02x", fingerprint.bytes[i]);
  }
  say ("%s", text->str);
  RtmfpNetConfig net;
  rtmfp_net_config_init (&net);
  peer->net = rtmfp_net_new (peer->endpoint, &net);
}

static bool
find_server (Peer *peer, const char *at) {
  static const char scheme[] = "rtmfp://";
  if (at == NULL && !g_str_has_prefix (peer->url, scheme)) {
    return false;
  }
  g_autofree char *host = g_strdup (at != NULL ? at : peer->url + sizeof scheme - 1);
  host[strcspn (host, "/")] = '\0';
  if (rtmfp_address_parse (host, &peer->server) == RTMFP_OK) {
    return true;
  }
  g_autofree char *with_port = g_strdup_printf ("%s:1935", host);
  return rtmfp_address_parse (with_port, &peer->server) == RTMFP_OK;
}

static void
tell_addresses (Peer *peer) {
  RtmfpAddress addresses[8];
  const size_t count = app_interfaces_list (peer->port, addresses, G_N_ELEMENTS (addresses));
  rtmfp_net_set_peer_info (peer->net, addresses, count, app_clock_now_us ());
}

static int
run (Peer *peer, const char *at, GError **error) {
  if (!find_server (peer, at)) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "No numeric address in “%s”.",
                 peer->url);
    return 2;
  }
  AppUdpSocket *socket = app_udp_socket_new (NULL, 0, error);
  if (socket == NULL) {
    return 2;
  }
  make_endpoint (peer);
  const AppPump pump = {peer,          receive,  NULL,         advance, drain,
                        poll_transmit, poll_job, complete_job, deadline};
  peer->port = app_udp_socket_port (socket);
  peer->loop = app_loop_new (&pump, socket, NULL);
  peer->main_loop = g_main_loop_new (NULL, FALSE);
  peer->sent = -1;
  if (peer->wishes.tell_addresses) {
    tell_addresses (peer);
  }
  const RtmfpEpd epd = {.has_ancillary_data = true,
                        .ancillary_data = rtmfp_bytes (peer->url, strlen (peer->url))};
  open_session (peer, &epd, &peer->session);
  app_loop_touch (peer->loop);
  peer->timer = g_timeout_add (FRAME_MS, on_tick, peer);
  g_timeout_add_seconds ((guint)peer->wishes.seconds, on_out_of_time, peer);
  g_main_loop_run (peer->main_loop);
  g_source_remove (peer->timer);
  app_loop_free (peer->loop);
  rtmfp_net_free (peer->net);
  rtmfp_endpoint_free (peer->endpoint);
  g_main_loop_unref (peer->main_loop);
  return is_done (peer) ? 0 : 1;
}

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "");
  Peer peer = {.wishes = {.frames = 100, .seconds = 20, .linger_ms = 100}};
  Wishes *w = &peer.wishes;
  g_autofree char *at = NULL;
  const GOptionEntry entries[] = {
      {"publish", 0, 0, G_OPTION_ARG_STRING, &w->publish, "Publish a live stream", "NAME"},
      {"play", 0, 0, G_OPTION_ARG_STRING, &w->play, "Play one (with --meet: the peer's)", "NAME"},
      {"frames", 0, 0, G_OPTION_ARG_INT, &w->frames, "Pictures to send, or to wait for", "N"},
      {"offer", 0, 0, G_OPTION_ARG_STRING, &w->offer, "Send a stream to a peer that asks", "NAME"},
      {"meet", 0, 0, G_OPTION_ARG_STRING, &w->meet, "Play a peer's stream", "FINGERPRINT"},
      {"call", 0, 0, G_OPTION_ARG_STRING, &w->call, "Call the server", "METHOD"},
      {"arg", 0, 0, G_OPTION_ARG_STRING_ARRAY, &w->args, "An argument of the call", "TEXT"},
      {"at", 0, 0, G_OPTION_ARG_STRING, &at, "Where to send to", "IP:PORT"},
      {"seconds", 0, 0, G_OPTION_ARG_INT, &w->seconds, "Give up after", "N"},
      {"linger-ms", 0, 0, G_OPTION_ARG_INT, &w->linger_ms, "Stay when all is done", "N"},
      {"groups", 0, 0, G_OPTION_ARG_INT, &w->groups, "Bits of groups (core/crypto/profile.h)", "N"},
      {"weak", 0, 0, G_OPTION_ARG_NONE, &w->weak,
       "Neither HMAC nor sequence numbers, nor anything of our own", NULL},
      {"static-keys", 0, 0, G_OPTION_ARG_NONE, &w->static_keys, "As Flash Player has them", NULL},
      {"tell-addresses", 0, 0, G_OPTION_ARG_NONE, &w->tell_addresses,
       "All own addresses in setPeerInfo", NULL},
      G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("rtmfp://IP[:PORT]/APP");
  g_autoptr (GError) error = NULL;
  g_option_context_add_main_entries (context, entries, NULL);
  int result = 2;
  if (g_option_context_parse (context, &argc, &argv, &error) && argc == 2) {
    peer.url = argv[1];
    result = run (&peer, at, &error);
  }
  if (error != NULL) {
    g_printerr ("net-peer: %s\n", error->message);
  }
  g_free (w->publish);
  g_free (w->play);
  g_free (w->offer);
  g_free (w->meet);
  g_free (w->call);
  g_strfreev (w->args);
  return result;
}

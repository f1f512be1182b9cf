/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Live streams by the server: publish, play, who joins late, who is slow, and what is refused. RFC
 * 7425 s5.3.5. */
#include "tests/media-server/studio.h"

#include <string.h>

/* AVC and AAC as Flash has them. */
#define KEY(name) BYTES ("\x17\x01" name)
#define INTER(name) BYTES ("\x27\x01" name)
#define VIDEO_HEADER BYTES ("\x17\0H")
#define SOUND(name) BYTES ("\xaf\x01" name)
#define AUDIO_HEADER BYTES ("\xaf\0h")
#define SET_DATA BYTES ("\x02\0\x0d@setDataFrame\x02\0\x0aonMetaData\x05")
#define CLEAR_DATA BYTES ("\x02\0\x0f@clearDataFrame\x02\0\x0aonMetaData")

static void
play (Client *client, const char *name, RtmfpBytes args) {
  assert_ok (
      rtmfp_net_stream_play (client->net, client->stream, name, args, client->studio->now_us));
}

static void
command (Client *client, const char *name, RtmfpBytes args) {
  assert_ok (
      rtmfp_net_stream_command (client->net, client->stream, name, args, client->studio->now_us));
}

static void
test_relay (void) {
  Studio *studio = studio_new ();
  Client *publisher = client_publishing (studio, 1, "show");
  Client *first = client_playing (studio, 2, "show");
  Client *second = client_playing (studio, 3, "show?asis");
  client_expect (first, "control 0"); /* Stream Begin */
  client_expect (first, "status NetStream.Play.PublishNotify");
  client_send (publisher, RTMFP_MEDIA_AUDIO, 20, SOUND ("a1"));
  client_send (publisher, RTMFP_MEDIA_VIDEO, 40, KEY ("k1"));
  client_send (publisher, RTMFP_MEDIA_VIDEO, 60, INTER ("p1"));
  Client *both[] = {first, second};
  for (int i = 0; i < 2; i++) {
    client_expect (both[i], "audio 20 <af><01>a1");
    client_expect (both[i], "video 40 <17><01>k1");
    client_expect (both[i], "video 60 '<01>p1");
  }
  client_send (publisher, RTMFP_MEDIA_DATA, 80, BYTES ("\x02\0\x01n\x05"));
  client_expect (first, "data 80 <02><00><01>n<05>");
  client_expect (second, "data 80 <02><00><01>n<05>");
  const AhoyMediaServerCounters counters = studio_counters (studio);
  g_assert_cmpuint (counters.published, ==, 1);
  g_assert_cmpuint (counters.players, ==, 2);
  g_assert_cmpuint (counters.media_in, ==, 4);
  g_assert_cmpuint (counters.media_out, ==, 8);
  studio_free (studio);
}

/* Data, both headers and all since the last key frame; then what is new. */
static void
test_late_joiner (void) {
  Studio *studio = studio_new ();
  Client *publisher = client_publishing (studio, 1, "show");
  client_send (publisher, RTMFP_MEDIA_DATA, 0, SET_DATA);
  client_send (publisher, RTMFP_MEDIA_AUDIO, 0, AUDIO_HEADER);
  client_send (publisher, RTMFP_MEDIA_VIDEO, 0, VIDEO_HEADER);
  client_send (publisher, RTMFP_MEDIA_VIDEO, 40, KEY ("k1"));
  client_send (publisher, RTMFP_MEDIA_VIDEO, 80, INTER ("p1"));
  client_send (publisher, RTMFP_MEDIA_VIDEO, 120, KEY ("k2"));
  client_send (publisher, RTMFP_MEDIA_VIDEO, 160, INTER ("p2"));
  client_send (publisher, RTMFP_MEDIA_AUDIO, 160, SOUND ("a1"));
  studio_run (studio, G_USEC_PER_SEC);
  Client *late = client_playing (studio, 2, "show");
  studio_run (studio, G_USEC_PER_SEC);
  g_assert_cmpuint (client_count (late, "data 0 <02><00><0a>onMetaData<05>"), ==, 1);
  g_assert_cmpuint (client_count (late, "audio"), ==, 1);
  g_assert_cmpuint (client_count (late, "audio 0 <af><00>h"), ==, 1);
  g_assert_cmpuint (client_count (late, "video"), ==, 3);
  client_expect (late, "video 0 <17><00>H");
  client_expect (late, "video 120 <17><01>k2");
  client_expect (late, "video 160 '<01>p2");
  client_send (publisher, RTMFP_MEDIA_VIDEO, 200, INTER ("p3"));
  client_expect (late, "video 200 '<01>p3");
  /* what was cleared is not told to the next */
  client_send (publisher, RTMFP_MEDIA_DATA, 210, CLEAR_DATA);
  studio_run (studio, G_USEC_PER_SEC);
  Client *later = client_playing (studio, 3, "show");
  studio_run (studio, G_USEC_PER_SEC);
  g_assert_cmpuint (client_count (later, "data"), ==, 0);
  studio_free (studio);
}

/* Where the pictures since the last key frame were too many to keep, the next one begins. */
static void
test_group_is_bounded (void) {
  Studio *studio = studio_new ();
  Client *publisher = client_publishing (studio, 1, "show");
  client_send (publisher, RTMFP_MEDIA_VIDEO, 0, KEY ("k1"));
  g_autofree guint8 *large = g_malloc0 (AHOY_GROUP_BYTES_MAX / 4);
  large[0] = 0x27;
  large[1] = 1;
  for (int i = 0; i < 4; i++) {
    client_send (publisher, RTMFP_MEDIA_VIDEO, 1, rtmfp_bytes (large, AHOY_GROUP_BYTES_MAX / 4));
    studio_run (studio, 5 * G_USEC_PER_SEC);
  }
  Client *late = client_playing (studio, 2, "show");
  client_send (publisher, RTMFP_MEDIA_VIDEO, 2, INTER ("p"));
  studio_run (studio, G_USEC_PER_SEC);
  g_assert_cmpuint (client_count (late, "video"), ==, 0);
  client_send (publisher, RTMFP_MEDIA_VIDEO, 3, KEY ("k2"));
  client_expect (late, "video 3 <17><01>k2");
  /* many small ones reach the bound too */
  for (int i = 0; i < AHOY_GROUP_FRAMES_MAX; i++) {
    client_send (publisher, RTMFP_MEDIA_VIDEO, 4, INTER ("p"));
    studio_run (studio, 10000);
  }
  client_send (publisher, RTMFP_MEDIA_VIDEO, 5, INTER ("p"));
  Client *last = client_playing (studio, 3, "show");
  studio_run (studio, G_USEC_PER_SEC);
  g_assert_cmpuint (client_count (last, "video"), ==, 0);
  studio_free (studio);
}

/* Headers and data beyond their bounds are passed on and not kept. */
static void
test_kept_is_bounded (void) {
  Studio *studio = studio_new ();
  Client *publisher = client_publishing (studio, 1, "show");
  g_autofree guint8 *large = g_malloc0 (AHOY_HEADER_BYTES_MAX + 1);
  large[0] = 0x17;
  client_send (publisher, RTMFP_MEDIA_VIDEO, 0, rtmfp_bytes (large, AHOY_HEADER_BYTES_MAX + 1));
  for (int i = 0; i <= AHOY_DATA_FRAMES_MAX; i++) {
    RtmfpBuffer data = {0};
    g_autofree char *name = g_strdup_printf ("n%d", i);
    rtmfp_amf_write_text (&data, "@setDataFrame");
    rtmfp_amf_write_text (&data, name);
    client_send (publisher, RTMFP_MEDIA_DATA, 0, rtmfp_buffer_bytes (&data));
    rtmfp_buffer_clear (&data);
  }
  RtmfpBuffer data = {0};
  g_autofree char *long_name = g_strnfill (AHOY_DATA_NAME_BYTES_MAX + 1, 'n');
  rtmfp_amf_write_text (&data, "@setDataFrame");
  rtmfp_amf_write_text (&data, long_name); /* nobody hears of it */
  client_send (publisher, RTMFP_MEDIA_DATA, 0, rtmfp_buffer_bytes (&data));
  rtmfp_buffer_clear (&data);
  rtmfp_amf_write_text (&data, "@setDataFrame");
  rtmfp_amf_write_text (&data, "n0");
  g_autofree char *text = g_strnfill (AHOY_DATA_FRAME_BYTES_MAX, 'x');
  rtmfp_amf_write_text (&data, text); /* does not replace the one that is kept */
  client_send (publisher, RTMFP_MEDIA_DATA, 0, rtmfp_buffer_bytes (&data));
  rtmfp_buffer_clear (&data);
  studio_run (studio, 5 * G_USEC_PER_SEC);
  Client *late = client_playing (studio, 2, "show");
  studio_run (studio, G_USEC_PER_SEC);
  g_assert_cmpuint (client_count (late, "video"), ==, 0);
  g_assert_cmpuint (client_count (late, "data"), ==, AHOY_DATA_FRAMES_MAX);
  g_assert_cmpuint (client_count (late, "data 0 <02><00><02>n8"), ==, 0);
  studio_free (studio);
}

static void
test_unpublish (void) {
  Studio *studio = studio_new ();
  Client *player = client_playing (studio, 2, "show"); /* before anybody publishes */
  Client *publisher = client_publishing (studio, 1, "show");
  client_expect (player, "control 0");
  client_expect (player, "status NetStream.Play.PublishNotify");
  client_send (publisher, RTMFP_MEDIA_VIDEO, 1, KEY ("k"));
  assert_ok (rtmfp_net_stream_close (publisher->net, publisher->stream, studio->now_us));
  client_expect (publisher, "status NetStream.Unpublish.Success");
  client_expect (player, "video 1 <17><01>k");
  client_expect (player, "control 1"); /* Stream EOF, behind the media */
  client_expect (player, "status NetStream.Play.UnpublishNotify");
  /* another takes the name; the player goes on */
  Client *other = client_publishing (studio, 3, "show");
  client_expect (player, "status NetStream.Play.PublishNotify");
  client_send (other, RTMFP_MEDIA_VIDEO, 2, KEY ("other"));
  client_expect (player, "video 2 <17><01>other");
  /* the publisher's session goes */
  rtmfp_endpoint_close (other->endpoint, other->session, true, studio->now_us);
  client_expect (player, "status NetStream.Play.UnpublishNotify");
  rtmfp_net_delete_stream (player->net, player->stream, studio->now_us);
  studio_run (studio, G_USEC_PER_SEC);
  g_assert_cmpuint (studio_counters (studio).players, ==, 0);
  g_assert_cmpuint (studio_counters (studio).published, ==, 0);
  studio_free (studio);
}

static void
test_receive (void) {
  Studio *studio = studio_new ();
  Client *publisher = client_publishing (studio, 1, "show");
  client_send (publisher, RTMFP_MEDIA_VIDEO, 0, VIDEO_HEADER);
  client_send (publisher, RTMFP_MEDIA_VIDEO, 10, KEY ("k1"));
  Client *player = client_playing (studio, 2, "show");
  client_expect (player, "video 10 <17><01>k1");
  assert_ok (rtmfp_net_stream_receive (player->net, player->stream, RTMFP_MEDIA_VIDEO, false,
                                       studio->now_us));
  assert_ok (rtmfp_net_stream_receive (player->net, player->stream, RTMFP_MEDIA_AUDIO, false,
                                       studio->now_us));
  studio_run (studio, G_USEC_PER_SEC);
  client_forget (player);
  client_send (publisher, RTMFP_MEDIA_VIDEO, 20, INTER ("p1"));
  client_send (publisher, RTMFP_MEDIA_AUDIO, 20, SOUND ("a"));
  studio_run (studio, G_USEC_PER_SEC);
  g_assert_cmpuint (client_count (player, "video") + client_count (player, "audio"), ==, 0);
  assert_ok (rtmfp_net_stream_receive (player->net, player->stream, RTMFP_MEDIA_VIDEO, true,
                                       studio->now_us));
  client_expect (player, "video 0 <17><00>H");
  client_expect (player, "video 10 <17><01>k1");
  client_expect (player, "video 20 '<01>p1");
  studio_free (studio);
}

static void
test_refused (void) {
  Studio *studio = studio_new ();
  Client *publisher = client_publishing (studio, 1, "show");
  Client *other = client_in (studio, 2, "live");
  client_create_stream (other);
  const RtmfpId stream = other->stream;
  assert_ok (rtmfp_net_stream_publish (other->net, stream, "show", "live", studio->now_us));
  client_expect (other, "error NetStream.Publish.BadName");
  assert_ok (rtmfp_net_stream_publish (other->net, stream, "?only=query", "live", studio->now_us));
  client_expect (other, "error NetStream.Publish.BadName");
  assert_ok (rtmfp_net_stream_publish (other->net, stream, "new", "record", studio->now_us));
  client_expect (other, "error NetStream.Record.NoAccess");
  play (other, "recorded", BYTES ("\0\0\0\0\0\0\0\0\0")); /* from its beginning */
  client_expect (other, "error NetStream.Play.StreamNotFound");
  play (other, "show", BYTES ("\0\0\0\0\0\0\0\0\0")); /* a live one does as well */
  client_expect (other, "status NetStream.Play.Start");
  command (other, "pause", BYTES ("\x01\x01"));
  client_expect (other, "error NetStream.Failed");
  command (other, "pause", BYTES ("\x01\0")); /* going on is no matter */
  command (other, "seek", BYTES ("\0\0\0\0\0\0\0\0\0"));
  client_expect (other, "error NetStream.Seek.Failed");
  command (other, "play", BYTES ("\x01\0"));
  client_expect (other, "status NetStream.Play.Stop");
  /* media without publishing goes nowhere; what one publishes one may not play on the same stream
   */
  client_send (other, RTMFP_MEDIA_VIDEO, 0, KEY ("k"));
  assert_ok (
      rtmfp_net_stream_publish (publisher->net, publisher->stream, "show", "live", studio->now_us));
  client_expect (publisher, "status NetStream.Publish.Start");
  studio_free (studio);
}

/* The same name in two applications, and in two instances of one, is two streams. */
static void
test_apart (void) {
  Studio *studio = studio_new ();
  client_publishing (studio, 1, "show");
  Client *other = client_in (studio, 2, "live/two");
  client_create_stream (other);
  assert_ok (rtmfp_net_stream_publish (other->net, other->stream, "show", "live", studio->now_us));
  client_expect (other, "status NetStream.Publish.Start");
  g_assert_cmpuint (studio_counters (studio).published, ==, 2);
  studio_free (studio);
}

/* A player whose link is dead for a while: what is stale by then is not sent any more, and its
 * picture goes on with a key frame. */
static void
test_stale_media (void) {
  Studio *studio = studio_new ();
  Client *publisher = client_publishing (studio, 1, "show");
  Client *player = client_playing (studio, 2, "show");
  client_send (publisher, RTMFP_MEDIA_VIDEO, 0, KEY ("k0"));
  client_expect (player, "video 0 <17><01>k0");
  player->deaf = true;
  for (uint32_t i = 1; i <= 100; i++) {
    client_send (publisher, RTMFP_MEDIA_VIDEO, i, INTER ("p"));
    client_send (publisher, RTMFP_MEDIA_AUDIO, i, SOUND ("a"));
    studio_run (studio, 100000);
  }
  player->deaf = false;
  client_send (publisher, RTMFP_MEDIA_VIDEO, 101, KEY ("k1"));
  client_send (publisher, RTMFP_MEDIA_AUDIO, 101, SOUND ("now"));
  client_expect (player, "gap video");
  client_expect (player, "video 101 <17><01>k1");
  client_expect (player, "audio 101 <af><01>now");
  g_assert_cmpuint (client_count (player, "video"), ==, 0);
  studio_free (studio);
}

/* A player that takes nothing in: its queue has a bound, and the picture begins anew behind it. */
static void
test_full_player (void) {
  Studio *studio = studio_new ();
  Client *publisher = client_publishing (studio, 1, "show");
  client_send (publisher, RTMFP_MEDIA_VIDEO, 0, VIDEO_HEADER);
  Client *player = client_playing (studio, 2, "show");
  client_expect (player, "video 0 <17><00>H");
  player->deaf = true;
  g_autofree guint8 *large = g_malloc0 (200000);
  large[0] = 0x17;
  large[1] = 1;
  for (uint32_t i = 1; i <= 20; i++) {
    client_send (publisher, RTMFP_MEDIA_VIDEO, i, rtmfp_bytes (large, 200000));
    if (i == 15) {
      client_send (publisher, RTMFP_MEDIA_VIDEO, i, VIDEO_HEADER); /* this one does not fit */
    }
    studio_run (studio, 60000);
  }
  g_assert_cmpuint (studio_counters (studio).media_skipped, >, 0);
  studio_run (studio, 5 * G_USEC_PER_SEC);
  player->deaf = false;
  client_forget (player);
  client_send (publisher, RTMFP_MEDIA_VIDEO, 30, INTER ("p"));
  client_send (publisher, RTMFP_MEDIA_VIDEO, 31, KEY ("k"));
  client_expect (player, "video 31 <17><01>k");
  g_assert_cmpuint (client_count (player, "video 30"), ==, 0);
  studio_free (studio);
}

/* A publisher that floods: what is beyond the rate goes to nobody. */
static void
test_media_is_limited (void) {
  Studio *studio = studio_new ();
  Client *publisher = client_publishing (studio, 1, "show");
  for (uint32_t i = 0; i < 2 * AHOY_MEDIA_BURST; i++) {
    RtmfpStatus status = RTMFP_FULL;
    while (status == RTMFP_FULL) {
      status = rtmfp_net_send_media (publisher->net, publisher->stream, RTMFP_MEDIA_AUDIO, i,
                                     SOUND ("a"), NULL, studio->now_us, NULL);
      if (status == RTMFP_FULL) {
        studio_run (studio, 1000);
      }
    }
    assert_ok (status);
  }
  studio_run (studio, G_USEC_PER_SEC);
  const AhoyMediaServerCounters counters = studio_counters (studio);
  g_assert_cmpuint (counters.media_in, ==, 2 * AHOY_MEDIA_BURST);
  g_assert_cmpuint (counters.rate_limited, >, 0);
  studio_free (studio);
}

static void
test_seats_are_bounded (void) {
  Studio *studio = studio_new ();
  Client *client = client_in (studio, 1, "live");
  for (int i = 0; i < AHOY_SEATS_PER_GUEST_MAX; i++) {
    client_create_stream (client);
    play (client, "show", NO_BYTES);
    client_expect (client, "status NetStream.Play.Start");
  }
  client_create_stream (client);
  play (client, "show", NO_BYTES);
  client_expect (client, "error NetStream.Play.StreamNotFound");
  assert_ok (rtmfp_net_stream_publish (client->net, client->stream, "one", "live", studio->now_us));
  client_expect (client, "error NetStream.Publish.BadName");
  studio_free (studio);
}

static void
test_published_is_bounded (void) {
  Studio *studio = studio_new ();
  for (int i = 0; i < AHOY_PUBLISHED_MAX / AHOY_SEATS_PER_GUEST_MAX; i++) {
    Client *client = client_in (studio, (guint8)(i + 1), "live");
    for (int j = 0; j < AHOY_SEATS_PER_GUEST_MAX; j++) {
      g_autofree char *name = g_strdup_printf ("s%d-%d", i, j);
      client_create_stream (client);
      assert_ok (
          rtmfp_net_stream_publish (client->net, client->stream, name, "live", studio->now_us));
      client_expect (client, "status NetStream.Publish.Start");
    }
  }
  Client *last = client_in (studio, 250, "live");
  client_create_stream (last);
  assert_ok (rtmfp_net_stream_publish (last->net, last->stream, "more", "live", studio->now_us));
  client_expect (last, "error NetStream.Publish.BadName");
  studio_free (studio);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/media-server/streams/relayed-to-all-players", test_relay);
  g_test_add_func ("/media-server/streams/late-joiner-has-all-it-needs", test_late_joiner);
  g_test_add_func ("/media-server/streams/kept-pictures-are-bounded", test_group_is_bounded);
  g_test_add_func ("/media-server/streams/kept-headers-and-data-are-bounded", test_kept_is_bounded);
  g_test_add_func ("/media-server/streams/publisher-goes-and-another-comes", test_unpublish);
  g_test_add_func ("/media-server/streams/audio-or-video-alone", test_receive);
  g_test_add_func ("/media-server/streams/refused", test_refused);
  g_test_add_func ("/media-server/streams/instances-are-apart", test_apart);
  g_test_add_func ("/media-server/streams/stale-media-is-given-up", test_stale_media);
  g_test_add_func ("/media-server/streams/full-player", test_full_player);
  g_test_add_func ("/media-server/streams/publishing-is-limited", test_media_is_limited);
  g_test_add_func ("/media-server/streams/seats-are-bounded", test_seats_are_bounded);
  g_test_add_func ("/media-server/streams/published-are-bounded", test_published_is_bounded);
  return g_test_run ();
}

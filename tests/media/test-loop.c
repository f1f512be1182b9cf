/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file as camera and microphone, encoded, carried over a made-up network and played: pictures and
 * tone must arrive. */
#include "app/media/capture.h"
#include "app/media/params.h"
#include "app/media/playback.h"
#include "app/media/recorder.h"
#include "app/media/voice-decoder.h"
#include "app/media/vp8-header.h"
#include "tests/harness/stamp.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <gst/gst.h>
#include <math.h>
#include <string.h>

#define CAMERA 7
#define HERTZ 440

typedef struct {
  int audio, video, keys;
  int64_t first_us[2], last_us[2];
  double tone, all; /* energy at HERTZ and altogether */
  int silent_pieces;
  int key_width; /* of the last key frame */
} Sent;

typedef struct {
  AppDevices *devices;
  AppPlayback *playback;
  AppCapture *capture;
  AppVoiceDecoder *decoder;
  AppRecorder *recorder;
  GMutex mutex;
  Sent sent;
  int drop_every; /* lose each n-th video frame; 0 = none */
  int shown, unreadable, backwards, previews;
  uint32_t last_ms;
  GArray *notices; /* of AppNoticeKind */
} Rig;

static char *clip; /* path */

static void
spin (int ms) {
  const int64_t end = g_get_monotonic_time () + ms * 1000;
  while (g_get_monotonic_time () < end) {
    if (!g_main_context_iteration (NULL, FALSE)) {
      g_usleep (2000);
    }
  }
}

/* Energy of one piece at HERTZ (a projection on sine and cosine) and altogether. */
static void
weigh (Sent *sent, const int16_t *samples, int count) {
  double re = 0, im = 0, all = 0;
  for (int i = 0; i < count; i++) {
    const double phase = 2 * G_PI * HERTZ * i / 48000;
    re += samples[i] * cos (phase);
    im += samples[i] * sin (phase);
    all += (double)samples[i] * samples[i];
  }
  sent->tone += 2 * (re * re + im * im) / count;
  sent->all += all;
  sent->silent_pieces += all / count < 100;
}

static void
take (void *data, const AppFrame *frame) {
  Rig *rig = data;
  g_mutex_lock (&rig->mutex);
  Sent *sent = &rig->sent;
  if (sent->first_us[frame->kind] == 0) {
    sent->first_us[frame->kind] = frame->time_us;
  }
  sent->last_us[frame->kind] = frame->time_us;
  bool lost = false;
  if (frame->kind == APP_FRAME_AUDIO) {
    sent->audio++;
    int16_t samples[APP_TIME_STRETCH_MOST];
    const AppJitterPiece piece = {.what = APP_JITTER_PACKET, .packet = frame->bytes};
    weigh (sent, samples, app_voice_decoder_decode (rig->decoder, &piece, samples));
  } else {
    sent->video++;
    sent->keys += frame->is_key;
    int width, height;
    if (app_vp8_header_read (frame->bytes, &width, &height)) {
      sent->key_width = width;
    }
    lost = rig->drop_every > 0 && sent->video % rig->drop_every == 0;
  }
  if (rig->recorder != NULL) {
    g_assert_true (app_recorder_write (rig->recorder, frame));
  }
  if (!lost && rig->playback != NULL) {
    AppFrame received = app_frame_copy (frame);
    received.time_us = received.time_us / 1000 * 1000;
    received.after_gap = rig->drop_every > 0 && frame->kind == APP_FRAME_VIDEO &&
                         (sent->video - 1) % rig->drop_every == 0 && sent->video > 1;
    app_playback_push (rig->playback, &received);
    app_frame_clear (&received);
  }
  g_mutex_unlock (&rig->mutex);
}

static void
show (void *data, const AppPicture *picture) {
  Rig *rig = data;
  uint8_t camera;
  uint32_t ms;
  rig->shown++;
  if (!stamp_read (g_bytes_get_data (picture->bytes, NULL), picture->stride, 3, picture->width,
                   picture->height, &camera, &ms) ||
      camera != CAMERA) {
    rig->unreadable++;
    return;
  }
  rig->backwards += ms < rig->last_ms && ms > 100; /* the clip starts over at 0 */
  rig->last_ms = ms;
}

static void
preview (void *data, const AppPicture *picture) {
  g_assert_cmpint (picture->width, ==, 640);
  ((Rig *)data)->previews++;
}

static void
need_key (void *data) {
  Rig *rig = data;
  app_capture_request_key_frame (rig->capture);
}

static void
notice (void *data, const AppNotice *what) {
  g_autofree char *sentence = app_notice_sentence (what);
  g_test_message ("%s [%s]", sentence, what->detail != NULL ? what->detail : "");
  g_array_append_val (((Rig *)data)->notices, what->kind);
}

static void
set_up (Rig *rig, const char *camera, const char *microphone, bool plays) {
  g_mutex_init (&rig->mutex);
  rig->notices = g_array_new (FALSE, FALSE, sizeof (AppNoticeKind));
  rig->decoder = app_voice_decoder_new ();
  rig->devices = app_devices_new (NULL);
  if (plays) {
    rig->playback = app_playback_new (&(AppPlaybackConfig){
        .devices = rig->devices,
        .picture = {.show = show, .data = rig, .context = g_main_context_default ()},
        .need_key_frame = need_key,
        .data = rig,
        .notice = notice,
        .notice_data = rig});
  }
  rig->capture = app_capture_new (&(AppCaptureConfig){
      .devices = rig->devices,
      .camera = camera,
      .microphone = microphone,
      .frames = {.take = take, .data = rig},
      .preview = {.show = preview, .data = rig, .context = g_main_context_default ()},
      .notice = notice,
      .notice_data = rig});
}

static void
tear_down (Rig *rig) {
  app_capture_free (rig->capture);
  app_playback_free (rig->playback);
  app_devices_free (rig->devices);
  app_voice_decoder_free (rig->decoder);
  g_array_unref (rig->notices);
  g_mutex_clear (&rig->mutex);
}

static void
test_arrives (void) {
  Rig rig = {0};
  g_autofree char *file = g_strconcat ("file:", clip, NULL);
  set_up (&rig, file, file, true);
  spin (500);
  g_assert_cmpint (rig.sent.audio, ==, 0); /* held back until accept */
  g_assert_cmpint (rig.sent.video, ==, 0);
  g_assert_cmpint (rig.previews, >, 5);
  app_capture_set_sending (rig.capture, true);
  spin (5000); /* the clip of 3 s starts over */
  AppPlaybackStats stats;
  app_playback_get_stats (rig.playback, &stats);
  AppCaptureStats captured;
  app_capture_get_stats (rig.capture, &captured);
  tear_down (&rig);
  g_test_message ("sent audio %d video %d keys %d; shown %d unreadable %d; fps %d, buffer %d ms, "
                  "delay %d ms, jitter %d ms, "
                  "concealed %d, late %d, lip %d ms, freezes %d, tone %.3f",
                  rig.sent.audio, rig.sent.video, rig.sent.keys, rig.shown, rig.unreadable,
                  stats.video_fps, stats.buffer_ms, stats.delay_ms, stats.jitter_ms,
                  (int)stats.audio_concealed, (int)stats.audio_late, stats.lip_ms,
                  (int)stats.freezes, rig.sent.tone / rig.sent.all);
  g_assert_cmpint (rig.sent.audio, >=, 235);
  g_assert_cmpint (rig.sent.video, >=, 130);
  g_assert_cmpint (rig.sent.keys, >=, 1);
  g_assert_cmpint (rig.shown, >=, 120);
  g_assert_cmpint (rig.unreadable, <=, 2);
  g_assert_cmpint (rig.backwards, <=, 1);
  g_assert_cmpfloat (rig.sent.tone / rig.sent.all, >, 0.95);
  g_assert_cmpint (rig.sent.silent_pieces, <, 12);
  g_assert_cmpint (stats.delay_ms, <, 150);
  g_assert_cmpint (stats.audio_frames, >, 200);
  g_assert_cmpint (ABS (stats.lip_ms), <, 60);
  g_assert_true (captured.camera_runs);
  g_assert_true (captured.microphone_runs);
  g_assert_cmpint (rig.notices->len, ==, 0);
}

static void
test_mute_is_silent (void) {
  Rig rig = {0};
  g_autofree char *file = g_strconcat ("file:", clip, NULL);
  set_up (&rig, NULL, file, true);
  app_capture_set_sending (rig.capture, true);
  spin (1500);
  app_capture_set_muted (rig.capture, true);
  spin (500);
  g_mutex_lock (&rig.mutex);
  const int before = rig.sent.audio;
  rig.sent.all = 0;
  g_mutex_unlock (&rig.mutex);
  spin (800);
  g_assert_cmpint (rig.sent.audio, ==, before);
  AppPlaybackStats stats;
  app_playback_get_stats (rig.playback, &stats);
  g_assert_cmpint (stats.level_permille, <=, 1);
  app_capture_set_muted (rig.capture, false);
  spin (800);
  g_assert_cmpint (rig.sent.audio, >, before + 30);
  app_playback_get_stats (rig.playback, &stats);
  g_assert_cmpint (stats.level_permille, >, 100);
  tear_down (&rig);
}

static void
test_lost_pictures_bring_a_key_frame (void) {
  Rig rig = {.drop_every = 40};
  g_autofree char *file = g_strconcat ("file:", clip, NULL);
  set_up (&rig, file, NULL, true);
  app_capture_set_sending (rig.capture, true);
  spin (5000);
  AppPlaybackStats stats;
  app_playback_get_stats (rig.playback, &stats);
  tear_down (&rig);
  g_test_message ("shown %d of %d, asked %d, keys %d, dropped %d", rig.shown, rig.sent.video,
                  (int)stats.key_frames_asked, rig.sent.keys, (int)stats.video_dropped);
  g_assert_cmpint (stats.key_frames_asked, >=, 2);
  g_assert_cmpint (rig.sent.keys, >=, 3);
  g_assert_cmpint (rig.unreadable, <=, 2);
  g_assert_cmpint (rig.shown, >, 90);
}

static void
test_bit_rate_follows (void) {
  Rig rig = {0};
  g_autofree char *file = g_strconcat ("file:", clip, NULL);
  set_up (&rig, file, NULL, false);
  app_capture_set_sending (rig.capture, true);
  app_capture_set_video_bps (rig.capture, 800000);
  spin (2500);
  AppCaptureStats first, second;
  app_capture_get_stats (rig.capture, &first);
  app_capture_set_video_bps (rig.capture, 150000);
  spin (1000);
  app_capture_get_stats (rig.capture, &first);
  spin (2000);
  app_capture_get_stats (rig.capture, &second);
  tear_down (&rig);
  const double bps = (double)(second.video_bytes - first.video_bytes) * 8 / 2;
  g_test_message ("asked 150000, got %.0f", bps);
  g_assert_cmpfloat (bps, <, 300000);
}

/* A smaller and slower picture, live; then none, then the large one again. */
static void
test_scale_follows (void) {
  Rig rig = {0};
  g_autofree char *file = g_strconcat ("file:", clip, NULL);
  set_up (&rig, file, NULL, true);
  app_capture_set_sending (rig.capture, true);
  spin (1500);
  g_assert_cmpint (rig.sent.key_width, ==, 640);
  app_capture_set_video_scale (rig.capture, 50, 50);
  spin (500);
  g_assert_cmpint (rig.sent.key_width, ==, 320);
  const int shown = rig.shown;
  g_mutex_lock (&rig.mutex);
  rig.sent.video = 0;
  g_mutex_unlock (&rig.mutex);
  spin (2000);
  g_test_message ("%d pictures in 2 s", rig.sent.video);
  g_assert_cmpint (rig.sent.video, >, 15);
  g_assert_cmpint (rig.sent.video, <, 40);
  g_assert_cmpint (rig.shown, >, shown + 10);
  app_capture_set_video_held (rig.capture, true);
  spin (300);
  const int held = rig.sent.video;
  spin (500);
  g_assert_cmpint (rig.sent.video, ==, held);
  app_capture_set_video_held (rig.capture, false);
  app_capture_set_video_scale (rig.capture, 100, 100);
  spin (1000);
  g_assert_cmpint (rig.sent.key_width, ==, 640);
  g_assert_cmpint (rig.previews, >, 100); /* of its usual size, all the while */
  tear_down (&rig);
  g_assert_cmpint (rig.unreadable, <=, 2);
}

static void
test_recording_can_be_played (void) {
  Rig rig = {0};
  g_autofree char *file = g_strconcat ("file:", clip, NULL);
  g_autofree char *out = g_strconcat (clip, ".recorded", NULL);
  rig.recorder = app_recorder_new (out, 640, 480, NULL);
  set_up (&rig, file, file, false);
  app_capture_set_sending (rig.capture, true);
  spin (3000);
  /* As it lies on the disk now, never closed: as after kill -9. */
  g_autofree char *again = g_strconcat ("file:", out, NULL);
  Rig second = {0};
  set_up (&second, again, again, true);
  app_capture_set_sending (second.capture, true);
  spin (2500);
  tear_down (&rig);
  g_assert_true (app_recorder_free (rig.recorder, NULL));
  tear_down (&second);
  g_unlink (out);
  g_test_message ("played again: audio %d video %d shown %d unreadable %d tone %.3f",
                  second.sent.audio, second.sent.video, second.shown, second.unreadable,
                  second.sent.tone / second.sent.all);
  g_assert_cmpint (second.sent.audio, >, 90);
  g_assert_cmpint (second.shown, >, 50);
  g_assert_cmpint (second.unreadable, <=, 2);
  g_assert_cmpfloat (second.sent.tone / second.sent.all, >, 0.9);
}

static void
test_missing_file_is_told (void) {
  Rig rig = {0};
  set_up (&rig, "file:/nonexistent/clip.webm", NULL, false);
  spin (500);
  g_assert_cmpint (rig.notices->len, ==, 1);
  g_assert_cmpint (g_array_index (rig.notices, AppNoticeKind, 0), ==, APP_NOTICE_FILE);
  tear_down (&rig);
}

static void
test_garbage_is_survived (void) {
  Rig rig = {0};
  set_up (&rig, NULL, NULL, true);
  g_autoptr (GRand) rand = g_rand_new_with_seed (42);
  for (int i = 0; i < 400; i++) {
    guint8 bytes[300];
    for (gsize j = 0; j < sizeof bytes; j++) {
      bytes[j] = (guint8)g_rand_int (rand);
    }
    if (i % 3 == 0) { /* looks like a key frame of VP8 */
      memcpy (bytes, "\x10\x02\x00\x9d\x01\x2a\x80\x02\xe0\x01", 10);
    }
    g_autoptr (GBytes) body = g_bytes_new (bytes, (gsize)g_rand_int_range (rand, 0, 300));
    AppFrame frame = {.kind = i & 1,
                      .codec = i & 1 ? APP_CODEC_VP8 : APP_CODEC_OPUS,
                      .is_key = i % 3 == 0,
                      .time_us = i % 50 == 0 ? INT64_MAX / 4 : i * 10000,
                      .bytes = body};
    app_playback_push (rig.playback, &frame);
    spin (2);
  }
  spin (300);
  tear_down (&rig);
}

static void
push_key_frame (Rig *rig, const char *header, gsize size, gint64 time_us) {
  guint8 *bytes = g_malloc0 (size);
  memcpy (bytes, header, 10);
  g_autoptr (GBytes) body = g_bytes_new_take (bytes, size);
  const AppFrame frame = {.kind = APP_FRAME_VIDEO,
                          .codec = APP_CODEC_VP8,
                          .is_key = true,
                          .time_us = time_us,
                          .bytes = body};
  app_playback_push (rig->playback, &frame);
}

static AppPlaybackStats
stats_of (Rig *rig) {
  AppPlaybackStats stats;
  app_playback_get_stats (rig->playback, &stats);
  return stats;
}

/* From now on a picture of that time waits for as long as pictures may: it comes soonest of all
 * that came so far, and most of these came much later than it. */
static void
make_pictures_wait (Rig *rig, const char *header, gint64 time_us) {
  push_key_frame (rig, header, 100, time_us / 2);
  for (int i = 0; i < APP_VIDEO_MOST_FRAMES / 2; i++) {
    push_key_frame (rig, header, 100, 0);
  }
  app_playback_stop_video (rig->playback);
  push_key_frame (rig, header, 100, time_us);
}

/* Pictures that are announced too large are not decoded; too many, or too large together, and those
 * that wait are dropped. */
static void
test_pictures_are_bounded (void) {
  static const char vga[] = "\x10\x02\x00\x9d\x01\x2a\x80\x02\xe0\x01";
  static const char huge[] = "\x10\x02\x00\x9d\x01\x2a\x00\x20\x00\x20"; /* 8192 x 8192 */
  const gint64 late_us = 20 * G_USEC_PER_SEC;
  Rig rig = {0};
  set_up (&rig, NULL, NULL, true);
  push_key_frame (&rig, huge, 100, 0);
  spin (600);
  g_assert_cmpuint (stats_of (&rig).video_corrupt, ==, 1);
  make_pictures_wait (&rig, vga, late_us);
  const guint64 before = stats_of (&rig).video_dropped;
  for (int i = 1; i < APP_VIDEO_MOST_FRAMES; i++) {
    push_key_frame (&rig, vga, 100, late_us);
  }
  g_assert_cmpuint (stats_of (&rig).video_dropped, ==, before);
  push_key_frame (&rig, vga, 100, late_us);
  g_assert_cmpuint (stats_of (&rig).video_dropped, ==, before + APP_VIDEO_MOST_FRAMES);
  for (int i = 0; i < 7; i++) { /* beside the small one that began anew */
    push_key_frame (&rig, vga, APP_VIDEO_MOST_BYTES / 8, late_us);
  }
  g_assert_cmpuint (stats_of (&rig).video_dropped, ==, before + APP_VIDEO_MOST_FRAMES);
  push_key_frame (&rig, vga, APP_VIDEO_MOST_BYTES / 8, late_us);
  g_assert_cmpuint (stats_of (&rig).video_dropped, ==, before + APP_VIDEO_MOST_FRAMES + 8);
  tear_down (&rig);
}

int
main (int argc, char **argv) {
  g_setenv ("G_DEBUG", "", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_assert_true (app_media_init (NULL));
  g_autofree char *folder = g_dir_make_tmp ("ahoy-media-XXXXXX", NULL);
  clip = g_build_filename (folder, "clip.webm", NULL);
  g_autofree char *seven = g_strdup_printf ("%d", CAMERA);
  g_autofree char *hertz = g_strdup_printf ("%d", HERTZ);
  const char *make[] = {MAKE_CLIP, clip, "3", seven, hertz, NULL};
  int status = 1;
  g_assert_true (
      g_spawn_sync (NULL, (char **)make, NULL, 0, NULL, NULL, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  g_test_add_func ("/media/loop/a-file-arrives-as-picture-and-tone", test_arrives);
  g_test_add_func ("/media/loop/mute-is-silent", test_mute_is_silent);
  g_test_add_func ("/media/loop/lost-pictures-bring-a-key-frame",
                   test_lost_pictures_bring_a_key_frame);
  g_test_add_func ("/media/loop/bit-rate-follows", test_bit_rate_follows);
  g_test_add_func ("/media/loop/size-and-speed-follow", test_scale_follows);
  g_test_add_func ("/media/loop/an-unfinished-recording-can-be-played",
                   test_recording_can_be_played);
  g_test_add_func ("/media/loop/a-missing-file-is-told", test_missing_file_is_told);
  g_test_add_func ("/media/loop/garbage-is-survived", test_garbage_is_survived);
  g_test_add_func ("/media/loop/pictures-are-bounded", test_pictures_are_bounded);
  const int result = g_test_run ();
  g_unlink (clip);
  g_rmdir (folder);
  g_free (clip);
  return result;
}

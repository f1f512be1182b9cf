/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real PipeWire with virtual devices (tests/harness/media-env): what is listed, what a call in one
 * process carries, what happens when a device is unplugged in mid-call, and that the system's
 * volumes stay where they are. */
#include "app/media/capture.h"
#include "app/media/playback.h"
#include "app/media/ringer.h"
#include "tests/harness/stamp.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

typedef struct {
  AppDevices *devices;
  AppPlayback *playback;
  AppCapture *capture;
  gint audio, video;
  int shown, unreadable, previews, cleared;
  GArray *ages_ms;
  GArray *notices;
} Rig;

static void
spin (int ms) {
  const int64_t end = g_get_monotonic_time () + ms * 1000;
  while (g_get_monotonic_time () < end) {
    if (!g_main_context_iteration (NULL, FALSE)) {
      g_usleep (2000);
    }
  }
}

/* media-env VERB DIR ARGUMENTS, while our main loop goes on. Returns its output. */
static char *
media_env (const char *verb, const char *arguments) {
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_strv_builder_add_many (builder, MEDIA_ENV, verb, g_getenv ("MEDIA_ENV_DIR"), NULL);
  g_auto (GStrv) words = g_strsplit (arguments, " ", -1);
  g_strv_builder_addv (builder, (const char **)words);
  g_auto (GStrv) command = g_strv_builder_end (builder);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process =
      g_subprocess_newv ((const char *const *)command, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  while (g_subprocess_get_identifier (process) != NULL) {
    spin (20);
  }
  char *output = NULL;
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, NULL);
  return output;
}

static void
tell_env (const char *verb, const char *arguments) {
  g_free (media_env (verb, arguments));
}

static void
take (void *data, const AppFrame *frame) {
  Rig *rig = data;
  g_atomic_int_inc (frame->kind == APP_FRAME_AUDIO ? &rig->audio : &rig->video);
  app_playback_push (rig->playback, frame);
}

static void
show (void *data, const AppPicture *picture) {
  Rig *rig = data;
  uint8_t camera;
  uint32_t ms;
  rig->shown++;
  if (!stamp_read (g_bytes_get_data (picture->bytes, NULL), picture->stride, 3, picture->width,
                   picture->height, &camera, &ms) ||
      camera != 1) {
    rig->unreadable++;
    return;
  }
  const int age = (int)((uint32_t)(g_get_monotonic_time () / 1000) - ms);
  g_array_append_val (rig->ages_ms, age);
}

static void
preview (void *data, const AppPicture *picture) {
  (void)picture;
  ((Rig *)data)->previews++;
}

static void
cleared (void *data) {
  ((Rig *)data)->cleared++;
}

static void
notice (void *data, const AppNotice *what) {
  g_autofree char *sentence = app_notice_sentence (what);
  g_test_message ("%s [%s]", sentence, what->detail != NULL ? what->detail : "");
  g_array_append_val (((Rig *)data)->notices, what->kind);
}

static int
times (Rig *rig, AppNoticeKind kind) {
  int count = 0;
  for (guint i = 0; i < rig->notices->len; i++) {
    count += g_array_index (rig->notices, AppNoticeKind, i) == kind;
  }
  return count;
}

static int
ascending (const void *a, const void *b) {
  return *(const int *)a - *(const int *)b;
}

static void
set_up (Rig *rig, const char *camera, const char *microphone, bool cancels_echo) {
  GMainContext *main = g_main_context_default ();
  *rig = (Rig){.notices = g_array_new (FALSE, FALSE, sizeof (AppNoticeKind)),
               .ages_ms = g_array_new (FALSE, FALSE, sizeof (int)),
               .devices = app_devices_new (NULL)};
  const AppPlaybackConfig playback = {.devices = rig->devices,
                                      .speaker = "default",
                                      .picture = {.show = show, .data = rig, .context = main},
                                      .notice = notice,
                                      .notice_data = rig};
  rig->playback = app_playback_new (&playback);
  const AppCaptureConfig capture = {
      .devices = rig->devices,
      .camera = camera,
      .microphone = microphone,
      .echo_of = cancels_echo ? rig->playback : NULL,
      .frames = {.take = take, .data = rig},
      .preview = {.show = preview, .cleared = cleared, .data = rig, .context = main},
      .notice = notice,
      .notice_data = rig};
  rig->capture = app_capture_new (&capture);
  app_capture_set_sending (rig->capture, true);
}

static void
tear_down (Rig *rig) {
  app_capture_free (rig->capture);
  app_playback_free (rig->playback);
  app_devices_free (rig->devices);
  g_array_unref (rig->notices);
  g_array_unref (rig->ages_ms);
}

static void
test_lists (void) {
  AppDevices *devices = app_devices_new (NULL);
  spin (300);
  AppDevice device;
  g_assert_true (app_devices_find (devices, APP_DEVICE_CAMERA, "default", &device));
  g_assert_cmpstr (device.id, ==, "pipewire:camera1");
  g_assert_cmpuint (app_devices_count (devices, APP_DEVICE_CAMERA), ==, 1);
  g_assert_true (app_devices_find (devices, APP_DEVICE_MICROPHONE, "default", &device));
  g_assert_cmpstr (device.id, ==, "pulse:microphone");
  g_assert_cmpstr (device.name, ==, "Test-Microphone");
  g_assert_cmpuint (app_devices_count (devices, APP_DEVICE_MICROPHONE), ==, 1);
  g_assert_true (app_devices_find (devices, APP_DEVICE_SPEAKER, "default", &device));
  g_assert_cmpstr (device.id, ==, "pulse:speaker");
  app_devices_free (devices);
}

static void
test_call (void) {
  Rig rig;
  set_up (&rig, "default", "default", false);
  spin (2000);
  g_autofree char *wav = g_build_filename (g_getenv ("MEDIA_ENV_DIR"), "speaker.wav", NULL);
  g_autofree char *record = g_strconcat (wav, " 6", NULL);
  tell_env ("record", record);
  AppPlaybackStats stats;
  app_playback_get_stats (rig.playback, &stats);
  AppCaptureStats captured;
  app_capture_get_stats (rig.capture, &captured);
  g_array_sort (rig.ages_ms, ascending);
  const int median =
      rig.ages_ms->len > 0 ? g_array_index (rig.ages_ms, int, rig.ages_ms->len / 2) : -1;
  const int most =
      rig.ages_ms->len > 0 ? g_array_index (rig.ages_ms, int, rig.ages_ms->len * 99 / 100) : -1;
  g_test_message ("audio %d video %d shown %d unreadable %d age median %d p99 %d ms, fps %d buffer "
                  "%d delay %d jitter %d "
                  "concealed %d late %d lip %d mic level %d speaker level %d",
                  rig.audio, rig.video, rig.shown, rig.unreadable, median, most, stats.video_fps,
                  stats.buffer_ms, stats.delay_ms, stats.jitter_ms, (int)stats.audio_concealed,
                  (int)stats.audio_late, stats.lip_ms, captured.level_permille,
                  stats.level_permille);
  g_assert_cmpint (rig.audio, >, 330); /* of 8 s */
  g_assert_cmpint (rig.shown, >, 180);
  g_assert_cmpint (rig.unreadable, <=, 2);
  g_assert_cmpint (median, >=, 0);
  g_assert_cmpint (most, <=, 500);
  g_assert_cmpint (ABS (stats.lip_ms), <, 80);
  g_autofree char *check =
      g_strconcat (CHECK_TONE " ", wav, " 440 --from 0.5 --to 5.5 --least 95", NULL);
  int status = 1;
  g_assert_true (g_spawn_command_line_sync (check, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  g_unlink (wav);
  tear_down (&rig);
}

static void
test_unplugged_camera (void) {
  Rig rig;
  set_up (&rig, "default", "default", true);
  spin (1500);
  tell_env ("unplug", "camera");
  spin (700);
  g_assert_cmpint (times (&rig, APP_NOTICE_CAMERA_GONE), ==, 1);
  g_assert_cmpint (rig.notices->len, ==, 1);
  g_assert_cmpint (rig.cleared, >=, 1);
  const int audio = rig.audio, video = rig.video;
  spin (1000);
  g_assert_cmpint (rig.audio, >, audio + 30);
  g_assert_cmpint (rig.video, ==, video);
  tell_env ("plug", "camera");
  spin (2000);
  g_assert_cmpint (times (&rig, APP_NOTICE_CAMERA_WORKS), ==, 1);
  g_assert_cmpint (rig.video, >, video + 15);
  tear_down (&rig);
}

static void
test_unplugged_microphone (void) {
  Rig rig;
  set_up (&rig, "default", "default", true);
  spin (1500);
  tell_env ("unplug", "microphone");
  spin (700);
  g_assert_cmpint (times (&rig, APP_NOTICE_MICROPHONE_GONE), ==, 1);
  const int audio = rig.audio, video = rig.video;
  spin (1000);
  g_assert_cmpint (rig.audio, <=, audio + 2);
  g_assert_cmpint (rig.video, >, video + 15);
  tell_env ("plug", "microphone");
  spin (2500);
  g_assert_cmpint (times (&rig, APP_NOTICE_MICROPHONE_WORKS), ==, 1);
  g_assert_cmpint (rig.audio, >, audio + 30);
  tear_down (&rig);
}

static void
test_unplugged_speaker (void) {
  Rig rig;
  set_up (&rig, NULL, "default", true);
  spin (1500);
  tell_env ("unplug", "speaker");
  spin (2500);
  AppPlaybackStats before, after;
  app_playback_get_stats (rig.playback, &before);
  spin (1000);
  app_playback_get_stats (rig.playback, &after);
  g_assert_cmpuint (after.audio_frames, >,
                    before.audio_frames + 30); /* whatever it plays on, it goes on */
  tell_env ("plug", "speaker");
  spin (1000);
  tear_down (&rig);
}

static void
test_no_devices (void) {
  tell_env ("unplug", "camera");
  tell_env ("unplug", "microphone");
  Rig rig;
  set_up (&rig, "default", "default", true);
  spin (800);
  g_assert_cmpint (times (&rig, APP_NOTICE_NO_CAMERA), ==, 1);
  g_assert_cmpint (times (&rig, APP_NOTICE_NO_MICROPHONE), ==, 1);
  g_assert_cmpint (rig.notices->len, ==, 2);
  tell_env ("plug", "microphone");
  tell_env ("plug", "camera");
  spin (2500);
  g_assert_cmpint (rig.audio, >, 30);
  g_assert_cmpint (rig.video, >, 15);
  tear_down (&rig);
}

static void
test_volume_stays (void) {
  tell_env ("run", "pactl set-source-volume microphone 43%");
  g_autofree char *before = media_env ("run", "pactl get-source-volume microphone");
  Rig rig;
  set_up (&rig, NULL, "default", true);
  spin (2500);
  g_autofree char *during = media_env ("run", "pactl get-source-volume microphone");
  g_autofree char *streams = media_env ("run", "pactl list");
  tear_down (&rig);
  g_autofree char *after = media_env ("run", "pactl get-source-volume microphone");
  tell_env ("run", "pactl set-source-volume microphone 100%");
  g_assert_nonnull (strstr (before, "43%"));
  g_assert_cmpstr (before, ==, during);
  g_assert_cmpstr (before, ==, after);
  g_assert_nonnull (strstr (streams, "media.role = \"phone\""));
}

/* The ring-back tone is 1 s of 425 Hz in 5 s: in 8 s it comes again, by itself, and stops when
 * told. */
static void
test_ringer (void) {
  GArray *notices = g_array_new (FALSE, FALSE, sizeof (AppNoticeKind));
  Rig rig = {.notices = notices};
  AppRinger *ringer = app_ringer_new (NULL, notice, &rig);
  app_ringer_play (ringer, SOUNDS "/ringback.oga", NULL, true);
  g_autofree char *wav = g_build_filename (g_getenv ("MEDIA_ENV_DIR"), "ring.wav", NULL);
  g_autofree char *record = g_strconcat (wav, " 8", NULL);
  tell_env ("record", record);
  app_ringer_stop (ringer);
  g_autofree char *check =
      g_strconcat (CHECK_TONE " ", wav, " 425 --from 0.2 --to 7.8 --least 18 --most 40", NULL);
  int status = 1;
  g_assert_true (g_spawn_command_line_sync (check, NULL, NULL, &status, NULL));
  g_assert_cmpint (status, ==, 0);
  g_assert_cmpuint (notices->len, ==, 0);
  app_ringer_play (ringer, "/nonexistent/ring.oga", NULL, false);
  spin (500);
  g_assert_cmpuint (notices->len, ==, 1);
  g_assert_cmpint (g_array_index (notices, AppNoticeKind, 0), ==, APP_NOTICE_FILE);
  app_ringer_free (ringer);
  g_array_unref (notices);
  g_unlink (wav);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_assert_true (app_media_init (NULL));
  g_test_add_func ("/media/devices/lists-each-once-with-its-default", test_lists);
  g_test_add_func ("/media/devices/a-call-carries-picture-and-tone", test_call);
  g_test_add_func ("/media/devices/an-unplugged-camera-comes-back", test_unplugged_camera);
  g_test_add_func ("/media/devices/an-unplugged-microphone-comes-back", test_unplugged_microphone);
  g_test_add_func ("/media/devices/an-unplugged-speaker-stops-nothing", test_unplugged_speaker);
  g_test_add_func ("/media/devices/without-devices-the-call-goes-on", test_no_devices);
  g_test_add_func ("/media/devices/the-system-volume-stays", test_volume_stays);
  g_test_add_func ("/media/devices/a-ring-tone-comes-again-until-stopped", test_ringer);
  return g_test_run ();
}

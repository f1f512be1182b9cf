/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Echo cancelling with a real sound server: what the speaker plays does not come back from the
 * microphone, and a voice at the microphone survives while the other speaks. */
#include "app/media/capture.h"
#include "app/media/playback.h"
#include "app/media/voice-decoder.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* So many short pieces are judged by their middle one: a moment in which this machine gave the
 * sound server no time spoils one of them, not the finding. */
#define WINDOWS 7
#define WINDOW_MS 1500
#define NEAR_HERTZ 440 /* what in-media-env's microphone hears */

typedef struct {
  GMutex mutex;
  AppVoiceDecoder *decoder;
  double tone, all;
  int pieces;
} Ear;

typedef struct {
  AppDevices *devices;
  AppPlayback *playback;
  AppCapture *far;  /* the other's voice, from a file */
  AppCapture *near; /* our microphone */
  Ear ear;
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

static void
run_in_env (const char *command) {
  g_autofree char *line =
      g_strdup_printf ("%s run %s %s", MEDIA_ENV, g_getenv ("MEDIA_ENV_DIR"), command);
  g_autoptr (GError) error = NULL;
  int status;
  g_assert_true (g_spawn_command_line_sync (line, NULL, NULL, &status, &error));
  g_assert_cmpint (status, ==, 0);
}

/* The other's voice as it arrives. */
static void
take_far (void *data, const AppFrame *frame) {
  app_playback_push (((Rig *)data)->playback, frame);
}

static void
take_near (void *data, const AppFrame *frame) {
  Ear *ear = &((Rig *)data)->ear;
  int16_t samples[APP_TIME_STRETCH_MOST];
  const AppJitterPiece piece = {.what = APP_JITTER_PACKET, .packet = frame->bytes};
  g_mutex_lock (&ear->mutex);
  const int count = app_voice_decoder_decode (ear->decoder, &piece, samples);
  double re = 0, im = 0;
  for (int i = 0; i < count; i++) {
    const double phase = 2 * G_PI * NEAR_HERTZ * i / 48000;
    re += samples[i] * cos (phase);
    im += samples[i] * sin (phase);
    ear->all += (double)samples[i] * samples[i];
  }
  ear->tone += 2 * (re * re + im * im) / count;
  ear->pieces++;
  g_mutex_unlock (&ear->mutex);
}

/* Mean level of what left the microphone in the last ms, in decibels of full scale. */
static double
listen (Rig *rig, int ms, double *tone_part) {
  g_mutex_lock (&rig->ear.mutex);
  rig->ear.all = rig->ear.tone = 0;
  rig->ear.pieces = 0;
  g_mutex_unlock (&rig->ear.mutex);
  spin (ms);
  g_mutex_lock (&rig->ear.mutex);
  const double mean = rig->ear.all / MAX (1, rig->ear.pieces) / 960;
  *tone_part = rig->ear.tone / MAX (1, rig->ear.all);
  g_assert_cmpint (rig->ear.pieces, >, ms / 20 * 8 / 10);
  g_mutex_unlock (&rig->ear.mutex);
  return 10 * log10 (MAX (mean, 1e-3) / (32768.0 * 32768.0));
}

static int
compare (const void *a, const void *b) {
  const double left = *(const double *)a, right = *(const double *)b;
  return (left > right) - (left < right);
}

static double
middle (double values[WINDOWS]) {
  qsort (values, WINDOWS, sizeof values[0], compare);
  return values[WINDOWS / 2];
}

/* Something like speech: noise in syllables. Returns: (owned) path. */
static char *
make_voice (void) {
  enum { RATE = 48000, SECONDS = 10 };
  static int16_t samples[RATE * SECONDS];
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  double low = 0;
  for (int i = 0; i < RATE * SECONDS; i++) {
    low += 0.2 * (g_rand_double_range (rand, -1, 1) - low);
    const double syllable = MAX (0, sin (2 * G_PI * 3 * i / RATE)) * (i / RATE % 3 != 2);
    samples[i] = (int16_t)(20000 * low * syllable);
  }
  const uint32_t bytes = sizeof samples;
  g_autoptr (GByteArray) wav = g_byte_array_new ();
  const uint32_t riff = bytes + 36, format_bytes = 16, rate = RATE, per_second = RATE * 2;
  const uint16_t format[] = {1, 1}, tail[] = {2, 16};
  g_byte_array_append (wav, (const guint8 *)"RIFF", 4);
  g_byte_array_append (wav, (const guint8 *)&riff, 4);
  g_byte_array_append (wav, (const guint8 *)"WAVEfmt ", 8);
  g_byte_array_append (wav, (const guint8 *)&format_bytes, 4);
  g_byte_array_append (wav, (const guint8 *)format, 4);
  g_byte_array_append (wav, (const guint8 *)&rate, 4);
  g_byte_array_append (wav, (const guint8 *)&per_second, 4);
  g_byte_array_append (wav, (const guint8 *)tail, 4);
  g_byte_array_append (wav, (const guint8 *)"data", 4);
  g_byte_array_append (wav, (const guint8 *)&bytes, 4);
  g_byte_array_append (wav, (const guint8 *)samples, bytes);
  char *path = g_build_filename (g_getenv ("MEDIA_ENV_DIR"), "voice.wav", NULL);
  g_assert_true (g_file_set_contents (path, (const char *)wav->data, wav->len, NULL));
  return path;
}

static void
set_up (Rig *rig, bool cancels) {
  *rig = (Rig){.devices = app_devices_new (NULL)};
  g_mutex_init (&rig->ear.mutex);
  rig->ear.decoder = app_voice_decoder_new ();
  rig->playback = app_playback_new (
      &(AppPlaybackConfig){.devices = rig->devices, .speaker = APP_DEVICE_DEFAULT});
  g_autofree char *path = make_voice ();
  g_autofree char *file = g_strconcat (APP_DEVICE_FILE_PREFIX, path, NULL);
  rig->far = app_capture_new (&(AppCaptureConfig){
      .devices = rig->devices, .microphone = file, .frames = {.take = take_far, .data = rig}});
  rig->near = app_capture_new (&(AppCaptureConfig){.devices = rig->devices,
                                                   .microphone = APP_DEVICE_DEFAULT,
                                                   .echo_of = cancels ? rig->playback : NULL,
                                                   .frames = {.take = take_near, .data = rig}});
  app_capture_set_sending (rig->far, true);
  app_capture_set_sending (rig->near, true);
}

static void
tear_down (Rig *rig) {
  app_capture_free (rig->near);
  app_capture_free (rig->far);
  app_playback_free (rig->playback);
  app_devices_free (rig->devices);
  app_voice_decoder_free (rig->ear.decoder);
  g_mutex_clear (&rig->ear.mutex);
}

/* Returns the level of the echo that leaves the microphone. */
static double
measure_echo (bool cancels) {
  Rig rig;
  set_up (&rig, cancels);
  double part, levels[WINDOWS];
  listen (&rig, 6000, &part); /* it learns */
  for (int i = 0; i < WINDOWS; i++) {
    levels[i] = listen (&rig, WINDOW_MS, &part);
  }
  AppCaptureStats stats;
  app_capture_get_stats (rig.near, &stats);
  g_assert_cmpint (stats.echo_cancelling, ==, cancels);
  tear_down (&rig);
  return middle (levels);
}

static void
test_echo (void) {
  g_autofree char *quiet = g_strdup_printf ("%s tone %s 0", MEDIA_ENV, g_getenv ("MEDIA_ENV_DIR"));
  g_assert_true (g_spawn_command_line_sync (quiet, NULL, NULL, NULL, NULL));
  run_in_env ("pw-link speaker:monitor_FL micfeed:playback_FL");
  run_in_env ("pw-link speaker:monitor_FL micfeed:playback_FR");
  const double with = measure_echo (true);
  const double without = measure_echo (false);
  run_in_env ("pw-link -d speaker:monitor_FL micfeed:playback_FL");
  run_in_env ("pw-link -d speaker:monitor_FL micfeed:playback_FR");
  g_test_message ("echo at %.1f dB without, %.1f dB with cancelling", without, with);
  g_assert_cmpfloat (without - with, >, 10);
}

static void
test_double_talk (void) {
  g_autofree char *voice =
      g_strdup_printf ("%s tone %s %d", MEDIA_ENV, g_getenv ("MEDIA_ENV_DIR"), NEAR_HERTZ);
  g_assert_true (g_spawn_command_line_sync (voice, NULL, NULL, NULL, NULL));
  Rig rig;
  set_up (&rig, true);
  double parts[WINDOWS], part;
  listen (&rig, 2000, &part);
  for (int i = 0; i < WINDOWS; i++) {
    const double level = listen (&rig, WINDOW_MS, &parts[i]);
    g_test_message ("near voice while the other speaks: %.1f dB, %.3f of it ours", level, parts[i]);
    g_assert_cmpfloat (level, >, -50);
  }
  g_assert_cmpfloat (middle (parts), >, 0.3);
  tear_down (&rig);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_assert_true (app_media_init (NULL));
  g_test_add_func ("/media/echo/a-voice-survives-while-the-other-speaks", test_double_talk);
  g_test_add_func ("/media/echo/what-the-speaker-plays-stays-here", test_echo);
  return g_test_run ();
}

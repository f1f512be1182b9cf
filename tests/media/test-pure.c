/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of app/media that need neither device nor plugin: stretching, decoding, the
 * recorder's bytes. */
#include "app/media/frame.h"
#include "app/media/params.h"
#include "app/media/rate-control.h"
#include "app/media/recorder.h"
#include "app/media/time-stretch.h"
#include "app/media/voice-decoder.h"
#include "app/media/vp8-header.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <opus.h>
#include <stdlib.h>
#include <string.h>

static void
tone (int16_t *out, int count, double hertz, int start) {
  for (int i = 0; i < count; i++) {
    out[i] = (int16_t)(8000 * sin (2 * G_PI * hertz * (start + i) / 48000));
  }
}

/* Zero crossings upwards tell the pitch. */
static double
pitch (const int16_t *samples, int count) {
  int first = -1, last = -1, crossings = 0;
  for (int i = 1; i < count; i++) {
    if (samples[i - 1] < 0 && samples[i] >= 0) {
      first = first < 0 ? i : first;
      last = i;
      crossings++;
    }
  }
  return (crossings - 1) * 48000.0 / (last - first);
}

static void
test_stretch (void) {
  int16_t in[APP_AUDIO_FRAME_SAMPLES], out[APP_TIME_STRETCH_MOST];
  for (double hertz = 120; hertz < 400; hertz *= 1.3) {
    tone (in, APP_AUDIO_FRAME_SAMPLES, hertz, 100);
    const int shorter = app_time_stretch (APP_STRETCH_SHORTER, in, out);
    g_assert_cmpint (shorter, <, APP_AUDIO_FRAME_SAMPLES - 100);
    g_assert_cmpint (out[0], ==, in[0]);
    g_assert_cmpint (out[shorter - 1], ==, in[APP_AUDIO_FRAME_SAMPLES - 1]);
    if (hertz > 200) {
      g_assert_cmpfloat (fabs (pitch (out, shorter) / hertz - 1), <, 0.03);
    }
    const int longer = app_time_stretch (APP_STRETCH_LONGER, in, out);
    g_assert_cmpint (longer, >, APP_AUDIO_FRAME_SAMPLES + 100);
    g_assert_cmpint (longer, <=, APP_TIME_STRETCH_MOST);
    g_assert_cmpfloat (fabs (pitch (out, longer) / hertz - 1), <, 0.03);
    for (int i = 1; i < longer; i++) { /* no clicks */
      g_assert_cmpint (abs (out[i] - out[i - 1]), <, 8000 * 2 * G_PI * hertz / 48000 * 1.5 + 20);
    }
  }
}

static void
test_stretch_leaves_noise (void) {
  int16_t in[APP_AUDIO_FRAME_SAMPLES], out[APP_TIME_STRETCH_MOST];
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  for (int i = 0; i < APP_AUDIO_FRAME_SAMPLES; i++) {
    in[i] = (int16_t)g_rand_int_range (rand, -8000, 8000);
  }
  g_assert_cmpint (app_time_stretch (APP_STRETCH_SHORTER, in, out), ==, APP_AUDIO_FRAME_SAMPLES);
  g_assert_cmpmem (in, sizeof in, out, sizeof in);
  memset (in, 0, sizeof in);
  g_assert_cmpint (app_time_stretch (APP_STRETCH_SHORTER, in, out), ==,
                   APP_AUDIO_FRAME_SAMPLES - 480);
}

/* Encodes a tone with FEC, loses every fifth packet, and compares what is heard with it and
 * without. */
static double
error_with (AppJitterWhat lost_as) {
  OpusEncoder *encoder = opus_encoder_create (48000, 1, OPUS_APPLICATION_VOIP, NULL);
  opus_encoder_ctl (encoder, OPUS_SET_BITRATE (32000));
  opus_encoder_ctl (encoder, OPUS_SET_INBAND_FEC (1));
  opus_encoder_ctl (encoder, OPUS_SET_PACKET_LOSS_PERC (20));
  AppVoiceDecoder *whole = app_voice_decoder_new (), *lossy = app_voice_decoder_new ();
  GBytes *packets[200];
  for (int i = 0; i < 200; i++) {
    int16_t in[APP_AUDIO_FRAME_SAMPLES];
    guint8 bytes[1500];
    tone (in, APP_AUDIO_FRAME_SAMPLES, 200 + 150 * sin (i / 7.0), i * APP_AUDIO_FRAME_SAMPLES);
    packets[i] = g_bytes_new (
        bytes, (gsize)opus_encode (encoder, in, APP_AUDIO_FRAME_SAMPLES, bytes, sizeof bytes));
  }
  double error = 0;
  for (int i = 0; i < 199; i++) {
    int16_t a[APP_TIME_STRETCH_MOST], b[APP_TIME_STRETCH_MOST];
    const bool lost = i % 5 == 4;
    const AppJitterPiece good = {.what = APP_JITTER_PACKET, .packet = packets[i]};
    const AppJitterPiece bad = {.what = lost ? lost_as : APP_JITTER_PACKET,
                                .packet = !lost                           ? packets[i]
                                          : lost_as == APP_JITTER_RECOVER ? packets[i + 1]
                                                                          : NULL};
    g_assert_cmpint (app_voice_decoder_decode (whole, &good, a), ==, APP_AUDIO_FRAME_SAMPLES);
    g_assert_cmpint (app_voice_decoder_decode (lossy, &bad, b), ==, APP_AUDIO_FRAME_SAMPLES);
    for (int j = 0; j < APP_AUDIO_FRAME_SAMPLES && lost; j++) {
      error += ((double)a[j] - b[j]) * ((double)a[j] - b[j]);
    }
  }
  for (int i = 0; i < 200; i++) {
    g_bytes_unref (packets[i]);
  }
  app_voice_decoder_free (whole);
  app_voice_decoder_free (lossy);
  opus_encoder_destroy (encoder);
  return error;
}

static void
test_fec (void) {
  const double recovered = error_with (APP_JITTER_RECOVER);
  const double concealed = error_with (APP_JITTER_CONCEAL);
  g_test_message ("error against the whole: recovered %.3g, concealed %.3g", recovered, concealed);
  g_assert_cmpfloat (recovered, <, concealed * 0.7);
}

static void
test_garbage_is_concealed (void) {
  AppVoiceDecoder *decoder = app_voice_decoder_new ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  for (int i = 0; i < 5000; i++) {
    guint8 bytes[200];
    for (gsize j = 0; j < sizeof bytes; j++) {
      bytes[j] = (guint8)g_rand_int (rand);
    }
    g_autoptr (GBytes) packet =
        g_bytes_new (bytes, (gsize)g_rand_int_range (rand, 0, sizeof bytes));
    const AppJitterPiece piece = {.what = i % 3 == 0 ? APP_JITTER_RECOVER : APP_JITTER_PACKET,
                                  .pace = (AppJitterPace)(i % 3),
                                  .packet = packet};
    int16_t out[APP_TIME_STRETCH_MOST];
    const int count = app_voice_decoder_decode (decoder, &piece, out);
    g_assert_cmpint (count, >=, APP_AUDIO_FRAME_SAMPLES / 2);
    g_assert_cmpint (count, <=, APP_TIME_STRETCH_MOST);
  }
  app_voice_decoder_free (decoder);
}

static void
test_vp8_header (void) {
  static const char key[] = "\x10\x02\x00\x9d\x01\x2a\x80\x02\xe0\x01";
  int width = 0, height = 0;
  for (gsize size = 0; size <= 10; size++) {
    g_autoptr (GBytes) bytes = g_bytes_new (key, size);
    g_assert_cmpint (app_vp8_header_read (bytes, &width, &height), ==, size == 10);
  }
  g_assert_cmpint (width, ==, 640);
  g_assert_cmpint (height, ==, 480);
}

static void
test_disk_full (void) {
  g_autoptr (GError) error = NULL;
  AppRecorder *recorder = app_recorder_new ("/dev/full", 640, 480, &error);
  g_assert_nonnull (recorder);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("x", 1);
  const AppFrame frame = {
      .kind = APP_FRAME_AUDIO, .codec = APP_CODEC_OPUS, .is_key = true, .bytes = bytes};
  g_assert_false (app_recorder_write (recorder, &frame));
  g_assert_false (app_recorder_free (recorder, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_clear_error (&error);
  g_assert_null (app_recorder_new ("/nonexistent/out.webm", 0, 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_recording_bytes (void) {
  g_autofree char *folder = g_dir_make_tmp ("ahoy-media-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "out.webm", NULL);
  AppRecorder *recorder = app_recorder_new (path, 0, 0, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("opus!", 5);
  for (int i = 0; i < 100; i++) {
    const AppFrame frame = {.kind = i % 10 == 5 ? APP_FRAME_VIDEO : APP_FRAME_AUDIO,
                            .codec = i % 10 == 5 ? APP_CODEC_VP8 : APP_CODEC_OPUS,
                            .is_key = true,
                            .time_us = 5000000 + i * 20000,
                            .bytes = bytes};
    g_assert_true (app_recorder_write (recorder, &frame));
  }
  g_autofree char *content = NULL;
  gsize size;
  g_assert_true (g_file_get_contents (path, &content, &size, NULL)); /* before it is closed */
  g_assert_true (app_recorder_free (recorder, NULL));
  g_assert_cmpmem (content, 4, "\x1A\x45\xDF\xA3", 4);
  int clusters = 0, blocks = 0;
  for (gsize i = 0; i + 5 <= size; i++) {
    clusters += memcmp (content + i, "\x1F\x43\xB6\x75", 4) == 0;
    blocks += memcmp (content + i, "opus!", 5) == 0;
  }
  g_assert_cmpint (clusters, ==, 2); /* one a second */
  g_assert_cmpint (blocks, ==, 90);  /* no video track was announced */
  g_unlink (path);
  g_rmdir (folder);
}

/* One look each 100 ms at a link of so many bits, where what is over it waits. Returns the mean of
 * what was asked for in the second half. */
static double
drive (AppRateControl *control, int link_bps, int seconds, int64_t *now_us, AppRateSample *sample) {
  double sum = 0, queue_bits = 0;
  const int looks = seconds * 10;
  for (int i = 0; i < looks; i++) {
    const double made =
        control->now.video_on && !control->now.skip ? control->now.video_bps / 10.0 : 0;
    const double through = MIN (queue_bits + made, link_bps / 10.0);
    queue_bits += made - through;
    sample->delivered += through > 0 ? 3 : 0;
    sample->delivered_bytes += (uint64_t)(through / 8);
    sample->delay_us = 50000 + (int64_t)(queue_bits * 1e6 / link_bps);
    sample->waiting_us = queue_bits > 0 ? sample->delay_us : 20000;
    *now_us += APP_RATE_TICK_US;
    app_rate_control_update (control, sample, *now_us);
    sum += i >= looks / 2 && control->now.video_on ? control->now.video_bps : 0;
  }
  g_test_message ("link %d: %.0f on average", link_bps, sum / (looks - looks / 2.0));
  return sum / (looks - looks / 2.0);
}

static void
test_rate (void) {
  AppRateControl control;
  AppRateSample sample = {.srtt_us = 40000, .lowest_rtt_us = 40000};
  int64_t now_us = 0;
  app_rate_control_init (&control, 600000, 640, 480, 30);
  g_assert_cmpfloat (drive (&control, 5000000, 20, &now_us, &sample), ==, 600000);
  g_assert_cmpint (control.now.size_percent, ==, 100);
  const double narrow = drive (&control, 150000, 60, &now_us, &sample);
  g_assert_cmpfloat (narrow, >, 100000);
  g_assert_cmpfloat (narrow, <, 160000);
  g_assert_cmpint (control.now.size_percent, <, 100);
  g_assert_cmpfloat (drive (&control, 5000000, 20, &now_us, &sample), ==, 600000);
  g_assert_cmpint (control.now.size_percent, ==, 100);
  g_assert_cmpfloat (drive (&control, 10000, 120, &now_us, &sample), <, 20000);
  g_assert_false (control.now.video_on);
  g_assert_cmpfloat (drive (&control, 5000000, 160, &now_us, &sample), ==, 600000);
}

/* A queue of 200 ms that is there whatever is sent, seen with what of it is on the way to us; a
 * picture waits for nothing else. Returns the least rate after the first 12 s; 0 = no picture then.
 */
static int
beside_others (AppRateControl *control, int64_t incoming_us, int64_t *now_us) {
  AppRateSample sample = {.srtt_us = 240000, .lowest_rtt_us = 40000, .incoming_us = incoming_us};
  sample.delay_us = sample.waiting_us = sample.srtt_us;
  sample.delivered_bytes = 1 << 20;
  int least_bps = INT_MAX;
  for (int i = 0; i < 600; i++) {
    const bool on = control->now.video_on;
    sample.delivered += on ? 3 : 0;
    sample.delivered_bytes += on ? (uint64_t)control->now.video_bps / 80 : 0;
    *now_us += APP_RATE_TICK_US;
    app_rate_control_update (control, &sample, *now_us);
    least_bps = i < 120 ? least_bps : MIN (least_bps, on ? control->now.video_bps : 0);
  }
  return least_bps;
}

static void
test_rate_beside_others (void) {
  AppRateControl control;
  AppRateSample sample = {.srtt_us = 40000, .lowest_rtt_us = 40000};
  int64_t now_us = 0;
  app_rate_control_init (&control, 600000, 640, 480, 30);
  g_assert_cmpfloat (drive (&control, 5000000, 20, &now_us, &sample), ==, 600000);
  g_assert_cmpint (beside_others (&control, 0, &now_us), >=, 150000);
  g_assert_cmpfloat (drive (&control, 5000000, 20, &now_us, &sample), ==, 600000);
  g_assert_false (control.crowded);
  app_rate_control_init (&control, 600000, 640, 480, 30);
  g_assert_cmpfloat (drive (&control, 5000000, 20, &now_us, &sample), ==, 600000);
  g_assert_cmpint (beside_others (&control, 200000, &now_us), ==, 600000);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/media/time-stretch/keeps-the-pitch", test_stretch);
  g_test_add_func ("/media/time-stretch/leaves-noise-alone-and-cuts-silence",
                   test_stretch_leaves_noise);
  g_test_add_func ("/media/voice-decoder/fec-beats-concealment", test_fec);
  g_test_add_func ("/media/voice-decoder/garbage-is-concealed", test_garbage_is_concealed);
  g_test_add_func ("/media/rate-control/finds-a-narrow-link-and-leaves-it-again", test_rate);
  g_test_add_func ("/media/rate-control/takes-its-part-beside-others", test_rate_beside_others);
  g_test_add_func ("/media/vp8-header/reads-key-frames-only", test_vp8_header);
  g_test_add_func ("/media/recorder/a-full-disk-is-told", test_disk_full);
  g_test_add_func ("/media/recorder/writes-clusters-of-a-second", test_recording_bytes);
  return g_test_run ();
}

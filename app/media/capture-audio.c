/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Microphone -> echo cancelling and noise suppression -> mute -> Opus -> frames. */
#include "app/media/capture-private.h"
#include "app/media/element.h"
#include "app/media/input.h"
#include "app/media/params.h"
#include "app/media/pipeline.h"
#include "app/media/playback.h"
#include "app/media/teller.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SILENCE_AFTER_MUTE_FRAMES                                                                  \
  10 /* 200 ms, so that the other side ends in silence and not in a made-up word */
/* The microphone waits a little, so that the far sound is there before its echo whatever the
 * scheduling. */
#define ECHO_WAIT_NS "20000000"
#define LEVEL_BUFFERS 10 /* 10 ms each, over which the level's peak is taken */

struct AppCaptureAudio {
  AppCaptureConfig config; /* strings in it are not ours */
  AppInput *input;         /* owned */
  GMutex mutex;            /* for encoder */
  GstElement *encoder;     /* owned; NULL while closed */
  int bps, expected_loss_percent;
  AppTeller *teller; /* owned */
  bool told_no_echo;
  atomic_bool sending, muted, cancels_echo;
  atomic_int muted_frames; /* encoded since muting */
  atomic_int level_permille;
  int peak, peak_buffers; /* streaming thread */
  atomic_uint_fast64_t frames, bytes;
};

static void
measure (AppCaptureAudio *audio, const int16_t *samples, size_t count) {
  int peak = 0;
  for (size_t i = 0; i < count; i++) {
    peak = MAX (peak, abs (samples[i]));
  }
  audio->peak = MAX (audio->peak, peak);
  if (++audio->peak_buffers >= LEVEL_BUFFERS) {
    atomic_store (&audio->level_permille, audio->peak * 1000 / 32768);
    audio->peak = audio->peak_buffers = 0;
  }
}

/* Between echo cancelling and the encoder: real silence when muted. */
static GstPadProbeReturn
on_raw (GstPad *pad, GstPadProbeInfo *info, void *data) {
  (void)pad;
  AppCaptureAudio *audio = data;
  const bool muted = atomic_load (&audio->muted);
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  if (muted) {
    buffer = gst_buffer_make_writable (buffer);
    GST_PAD_PROBE_INFO_DATA (info) = buffer;
    gst_buffer_memset (buffer, 0, 0, gst_buffer_get_size (buffer));
  }
  GstMapInfo map;
  if (gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    measure (audio, (const int16_t *)(const void *)map.data, map.size / sizeof (int16_t));
    gst_buffer_unmap (buffer, &map);
  }
  return GST_PAD_PROBE_OK;
}

static bool
may_leave (AppCaptureAudio *audio) {
  if (!atomic_load (&audio->sending) || audio->config.frames.take == NULL) {
    return false;
  }
  return !atomic_load (&audio->muted) ||
         atomic_fetch_add (&audio->muted_frames, 1) < SILENCE_AFTER_MUTE_FRAMES;
}

static GstFlowReturn
on_encoded (GstAppSink *sink, void *data) {
  AppCaptureAudio *audio = data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  AppFrame frame = {.kind = APP_FRAME_AUDIO, .codec = APP_CODEC_OPUS, .is_key = true};
  if (sample == NULL || !app_capture_read_sample (sample, GST_ELEMENT (sink), &frame)) {
    return GST_FLOW_OK;
  }
  if (may_leave (audio)) {
    atomic_fetch_add (&audio->frames, 1);
    atomic_fetch_add (&audio->bytes, g_bytes_get_size (frame.bytes));
    audio->config.frames.take (audio->config.frames.data, &frame);
  }
  app_frame_clear (&frame);
  return GST_FLOW_OK;
}

static void
tell_no_echo_cancelling (AppCaptureAudio *audio) {
  if (!audio->told_no_echo) {
    audio->told_no_echo = true;
    app_teller_tell (audio->teller, APP_NOTICE_NO_ECHO_CANCELLING, NULL, NULL);
  }
}

/* A file is sent as it is. Gain control stays off: it would raise the noise in silence, and it is
 * not ours to move the person's own volume. Returns: (owned) text. */
static char *
describe_voice_processing (AppCaptureAudio *audio, bool is_file) {
  atomic_store (&audio->cancels_echo, false);
  if (is_file) {
    return g_strdup ("");
  }
  if (!app_element_exists ("webrtcdsp")) {
    tell_no_echo_cancelling (audio);
    return g_strdup ("");
  }
  const char *probe =
      audio->config.echo_of != NULL ? app_playback_get_echo_probe (audio->config.echo_of) : NULL;
  const char *common = "gain-control=false noise-suppression-level=high high-pass-filter=true";
  if (probe == NULL) {
    return g_strdup_printf ("webrtcdsp echo-cancel=false %s ! ", common);
  }
  atomic_store (&audio->cancels_echo, true);
  return g_strdup_printf ("webrtcdsp name=dsp echo-cancel=true probe=%s %s ! ", probe, common);
}

static GstElement *
build (void *data, bool paced) {
  AppCaptureAudio *audio = data;
  g_autofree char *processing = describe_voice_processing (audio, paced);
  g_autofree char *description = g_strdup_printf (
      "queue max-size-time=300000000 max-size-buffers=0 max-size-bytes=0 %s ! audioconvert ! "
      "audioresample ! "
      "audio/x-raw,format=S16LE,rate=%d,channels=1,layout=interleaved ! %s "
      "opusenc name=encoder frame-size=20 audio-type=voice bitrate-type=constrained-vbr "
      "inband-fec=true "
      "! appsink name=sink",
      paced                                ? "! identity sync=true"
      : atomic_load (&audio->cancels_echo) ? "leaky=downstream min-threshold-time=" ECHO_WAIT_NS
                                           : "leaky=downstream",
      APP_AUDIO_RATE, processing);
  GstElement *bin = app_element_new_bin (description);
  if (bin == NULL) {
    return NULL;
  }
  g_autoptr (GstElement) sink = app_element_get (bin, "sink");
  app_capture_set_up_sink (sink, on_encoded, audio);
  GstElement *encoder = app_element_get (bin, "encoder");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (encoder, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_raw, audio, NULL);
  g_mutex_lock (&audio->mutex);
  audio->encoder = encoder;
  g_object_set (encoder, "packet-loss-percentage", audio->expected_loss_percent, "bitrate",
                audio->bps, NULL);
  g_mutex_unlock (&audio->mutex);
  return bin;
}

static void
dropped (void *data) {
  AppCaptureAudio *audio = data;
  g_mutex_lock (&audio->mutex);
  g_clear_pointer (&audio->encoder, gst_object_unref);
  g_mutex_unlock (&audio->mutex);
  atomic_store (&audio->level_permille, 0);
}

AppCaptureAudio *
app_capture_audio_new (const AppCaptureConfig *config) {
  AppCaptureAudio *audio = g_new0 (AppCaptureAudio, 1);
  audio->config = *config;
  audio->bps = config->audio_bps > 0 ? config->audio_bps : 32000;
  audio->expected_loss_percent = 10;
  g_mutex_init (&audio->mutex);
  audio->teller = app_teller_new (config->context, config->notice, config->notice_data);
  const AppInputConfig input = {.kind = APP_DEVICE_MICROPHONE,
                                .context = config->context,
                                .devices = config->devices,
                                .build = build,
                                .dropped = dropped,
                                .data = audio,
                                .notice = config->notice,
                                .notice_data = config->notice_data};
  audio->input = app_input_new (&input);
  return audio;
}

void
app_capture_audio_free (AppCaptureAudio *audio) {
  app_input_free (audio->input);
  app_teller_free (audio->teller);
  g_mutex_clear (&audio->mutex);
  g_free (audio);
}

void
app_capture_audio_set_device (AppCaptureAudio *audio, const char *id) {
  app_input_set_device (audio->input, id);
}

void
app_capture_audio_set_sending (AppCaptureAudio *audio, bool sending) {
  atomic_store (&audio->sending, sending);
}

void
app_capture_audio_set_muted (AppCaptureAudio *audio, bool muted) {
  atomic_store (&audio->muted_frames, 0);
  atomic_store (&audio->muted, muted);
}

static void
set_on_encoder (AppCaptureAudio *audio, const char *property, int *kept, int value) {
  g_mutex_lock (&audio->mutex);
  *kept = value;
  if (audio->encoder != NULL) {
    g_object_set (audio->encoder, property, value, NULL);
  }
  g_mutex_unlock (&audio->mutex);
}

void
app_capture_audio_set_bps (AppCaptureAudio *audio, int bps) {
  set_on_encoder (audio, "bitrate", &audio->bps, CLAMP (bps, 6000, 256000));
}

void
app_capture_audio_set_expected_loss (AppCaptureAudio *audio, int percent) {
  set_on_encoder (audio, "packet-loss-percentage", &audio->expected_loss_percent,
                  CLAMP (percent, 0, 100));
}

void
app_capture_audio_add_stats (AppCaptureAudio *audio, AppCaptureStats *stats) {
  stats->microphone_runs = app_input_is_running (audio->input);
  stats->audio_frames = atomic_load (&audio->frames);
  stats->audio_bytes = atomic_load (&audio->bytes);
  stats->level_permille = atomic_load (&audio->level_permille);
  stats->echo_cancelling = atomic_load (&audio->cancels_echo);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Jitter buffer -> Opus decoder -> echo probe -> speaker. The speaker pulls: whenever it has room
 * for 20 ms, it asks, so its own clock sets the pace and no time-stamp has to fit it. Without a
 * speaker a clock asks instead. */
#include "app/media/element.h"
#include "app/media/params.h"
#include "app/media/pipeline.h"
#include "app/media/playback-private.h"
#include "app/media/teller.h"
#include "app/media/voice-decoder.h"

#include <gst/app/gstappsrc.h>
#include <gst/audio/audio.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SPEAKER_BUFFER_US 40000
#define SPEAKER_PIECE_US 10000
#define SPEAKER_DELAY_US 40000 /* from pulling a piece to hearing it */
/* What is added to a piece's time of pulling for the echo probe. The canceller is given the far
 * sound whose stamp is the near sound's; it has to be there by then (the microphone waits for it,
 * see capture-audio.c) and no later than its echo. Measured with virtual devices: with 22 ms the
 * echo is 6 to 25 ms behind the far sound and 20 ms of scheduling are to spare; real devices only
 * add to the former, and the canceller's filter reaches 128 ms. */
#define ECHO_STAMP_US 22000
#define WATCH_MS 500
#define STALLED_US 2000000 /* a speaker that takes nothing for so long is opened anew */
#define RETRY_US 2000000
#define RESYNC_US 80000 /* between the stamp and the time of pulling */
#define DRIFT_US 10000  /* the same, smoothed */

struct AppPlaybackAudio {
  AppPlaybackConfig config; /* strings in it are not ours */
  AppTeller *teller;        /* owned */
  guint listener;
  GSource *timer;
  char *wanted;              /* owned */
  char *probe;               /* owned; name of the echo probe element, or NULL */
  GstElement *probe_element; /* owned; lives as long as we, whatever the pipeline */
  /* What is open; owned. */
  GstElement *pipeline;
  GSource *watch;
  atomic_bool is_speaker; /* else a clock */
  bool has_trouble;
  int64_t opened_us, retry_us;
  /* The speaker's thread. */
  AppVoiceDecoder *decoder; /* owned */
  int64_t next_us;          /* stamp of the next sample */
  int64_t error_us;         /* of next_us, smoothed */
  int peak;
  int peak_pieces;
  atomic_int level_permille;
  _Atomic int64_t last_pull_us;
  GMutex mutex;            /* for buffer */
  AppJitterBuffer *buffer; /* owned */
};

static void
measure (AppPlaybackAudio *audio, const int16_t *samples, int count) {
  int peak = 0;
  for (int i = 0; i < count; i++) {
    peak = MAX (peak, abs (samples[i]));
  }
  audio->peak = MAX (audio->peak, peak);
  if (++audio->peak_pieces >= 5) {
    atomic_store (&audio->level_permille, audio->peak * 1000 / 32768);
    audio->peak = audio->peak_pieces = 0;
  }
}

/* The running time that the echo probe goes by: that of pulling, smoothed. It follows the samples
 * without a break, for echo cancelling lives on that, and jumps only when it was wrong for a while.
 * (What the sound server itself says about its delay wobbles by 30 ms with pipewire-pulse.) */
static int64_t
stamp (AppPlaybackAudio *audio, int64_t now_us, int64_t duration_us) {
  const int64_t running_us = now_us - (int64_t)(app_pipeline_get_epoch () / 1000);
  const bool is_speaker = atomic_load (&audio->is_speaker);
  const int64_t pulled_us = MAX (0, running_us + (is_speaker ? ECHO_STAMP_US : 0));
  audio->error_us += (pulled_us - audio->next_us - audio->error_us) / 32;
  const bool drifted = is_speaker && llabs (audio->error_us) > DRIFT_US;
  if (drifted || llabs (pulled_us - audio->next_us) > RESYNC_US) {
    audio->next_us = pulled_us;
    audio->error_us = 0;
  }
  const int64_t start_us = audio->next_us;
  audio->next_us += duration_us;
  return start_us;
}

static GstBuffer *
next_buffer (AppPlaybackAudio *audio) {
  const int64_t now_us = g_get_monotonic_time ();
  atomic_store (&audio->last_pull_us, now_us);
  g_mutex_lock (&audio->mutex);
  AppJitterPiece piece = app_jitter_buffer_get (audio->buffer, now_us);
  g_mutex_unlock (&audio->mutex);
  int16_t samples[APP_TIME_STRETCH_MOST];
  const int count = app_voice_decoder_decode (audio->decoder, &piece, samples);
  g_clear_pointer (&piece.packet, g_bytes_unref);
  measure (audio, samples, count);
  const size_t size = (size_t)count * sizeof *samples;
  GstBuffer *buffer = gst_buffer_new_memdup (samples, size);
  const int64_t duration_us = (int64_t)count * 1000000 / APP_AUDIO_RATE;
  GST_BUFFER_PTS (buffer) = (GstClockTime)stamp (audio, now_us, duration_us) * 1000;
  GST_BUFFER_DURATION (buffer) = (GstClockTime)duration_us * 1000;
  return buffer;
}

static void
on_need_data (GstAppSrc *source, guint length, void *data) {
  (void)length;
  gst_app_src_push_buffer (source, next_buffer (data));
}

static void
close_output (AppPlaybackAudio *audio) {
  if (audio->pipeline == NULL) {
    return;
  }
  g_source_destroy (audio->watch);
  g_clear_pointer (&audio->watch, g_source_unref);
  gst_element_set_state (audio->pipeline, GST_STATE_NULL);
  if (audio->probe_element != NULL) {
    gst_bin_remove (GST_BIN (audio->pipeline), audio->probe_element);
  }
  g_clear_pointer (&audio->pipeline, gst_object_unref);
}

static GstElement *
new_source (AppPlaybackAudio *audio) {
  GstElement *source = gst_element_factory_make ("appsrc", NULL);
  g_autoptr (GstCaps) caps = gst_caps_new_simple (
      "audio/x-raw", "format", G_TYPE_STRING, GST_AUDIO_NE (S16), "rate", G_TYPE_INT,
      APP_AUDIO_RATE, "channels", G_TYPE_INT, 1, "layout", G_TYPE_STRING, "interleaved", NULL);
  g_object_set (source, "caps", caps, "format", GST_FORMAT_TIME, "is-live", TRUE, NULL);
  GstAppSrcCallbacks callbacks = {.need_data = on_need_data};
  gst_app_src_set_callbacks (GST_APP_SRC (source), &callbacks, audio, NULL);
  return source;
}

/* The name by which the sound server knows the wanted device, or NULL for its own choice. */
static const char *
server_name (AppPlaybackAudio *audio) {
  AppDevice found;
  if (audio->wanted == NULL || strcmp (audio->wanted, APP_DEVICE_DEFAULT) == 0 ||
      !app_devices_find (audio->config.devices, APP_DEVICE_SPEAKER, audio->wanted, &found)) {
    return NULL;
  }
  return strchr (audio->wanted, ':') + 1;
}

static GstElement *
new_sink (AppPlaybackAudio *audio, bool speaker) {
  if (!speaker) {
    GstElement *clock = gst_element_factory_make ("fakesink", NULL);
    g_object_set (clock, "sync", TRUE, NULL);
    return clock;
  }
  GstElement *sink = gst_element_factory_make ("pulsesink", NULL);
  if (sink == NULL) {
    return NULL;
  }
  g_autoptr (GstStructure) properties =
      gst_structure_new ("props", "media.role", G_TYPE_STRING, "phone", NULL);
  g_object_set (sink, "sync", FALSE, "provide-clock", FALSE, "buffer-time",
                (gint64)SPEAKER_BUFFER_US, "latency-time", (gint64)SPEAKER_PIECE_US,
                "stream-properties", properties, "client-name", "Ahoy", "device",
                server_name (audio), NULL);
  return sink;
}

static gboolean on_message (GstBus *bus, GstMessage *message, void *data);

static void
open_output (AppPlaybackAudio *audio, bool speaker) {
  close_output (audio);
  GstElement *sink = new_sink (audio, speaker);
  if (sink == NULL) {
    speaker = false;
    sink = new_sink (audio, false);
  }
  atomic_store (&audio->is_speaker, speaker);
  audio->opened_us = g_get_monotonic_time ();
  atomic_store (&audio->last_pull_us, audio->opened_us);
  audio->pipeline = app_pipeline_new (app_pipeline_get_epoch ());
  audio->watch = app_pipeline_watch (audio->pipeline, audio->config.context, on_message, audio);
  GstElement *source = new_source (audio);
  gst_bin_add_many (GST_BIN (audio->pipeline), source, sink, NULL);
  if (audio->probe_element != NULL) {
    gst_bin_add (GST_BIN (audio->pipeline), audio->probe_element);
    gst_element_link_many (source, audio->probe_element, sink, NULL);
  } else {
    gst_element_link (source, sink);
  }
  gst_element_set_state (audio->pipeline, GST_STATE_PLAYING);
}

/* Opens what is wanted, as far as it is there. */
static void
open_wanted (AppPlaybackAudio *audio) {
  audio->retry_us = 0;
  if (audio->wanted == NULL) {
    open_output (audio, false);
  } else if (app_devices_count (audio->config.devices, APP_DEVICE_SPEAKER) == 0) {
    open_output (audio, false);
    if (!audio->has_trouble) {
      audio->has_trouble = true;
      app_teller_tell (audio->teller, APP_NOTICE_NO_SPEAKER, NULL, NULL);
    }
  } else {
    open_output (audio, true);
  }
}

static void
fall_back (AppPlaybackAudio *audio, const char *detail) {
  open_output (audio, false);
  audio->retry_us = g_get_monotonic_time () + RETRY_US;
  if (!audio->has_trouble) {
    audio->has_trouble = true;
    app_teller_tell (audio->teller, APP_NOTICE_NO_SPEAKER, NULL, detail);
  }
}

static gboolean
on_message (GstBus *bus, GstMessage *message, void *data) {
  (void)bus;
  AppPlaybackAudio *audio = data;
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_LATENCY) {
    gst_bin_recalculate_latency (GST_BIN (audio->pipeline));
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    g_autoptr (GError) error = NULL;
    gst_message_parse_error (message, &error, NULL);
    fall_back (audio, error->message);
    return G_SOURCE_REMOVE;
  }
  return G_SOURCE_CONTINUE;
}

static void
on_added (void *data, const AppDevice *device) {
  AppPlaybackAudio *audio = data;
  if (device->kind == APP_DEVICE_SPEAKER && audio->pipeline != NULL && audio->wanted != NULL &&
      (!atomic_load (&audio->is_speaker) || g_strcmp0 (device->id, audio->wanted) == 0)) {
    open_wanted (audio);
  }
}

/* The sound server moves the stream to another speaker by itself. */
static void
on_removed (void *data, const AppDevice *device) {
  AppPlaybackAudio *audio = data;
  if (device->kind != APP_DEVICE_SPEAKER || audio->wanted == NULL) {
    return;
  }
  if (app_devices_count (audio->config.devices, APP_DEVICE_SPEAKER) == 0) {
    open_wanted (audio);
  } else if (g_strcmp0 (device->id, audio->wanted) == 0) {
    app_teller_tell (audio->teller, APP_NOTICE_SPEAKER_GONE, device->name, NULL);
  }
}

static gboolean
on_timer (void *data) {
  AppPlaybackAudio *audio = data;
  const int64_t now_us = g_get_monotonic_time ();
  if (atomic_load (&audio->is_speaker)) {
    if (now_us - atomic_load (&audio->last_pull_us) > STALLED_US) {
      fall_back (audio, "the speaker takes no sound");
    } else if (audio->has_trouble && now_us - audio->opened_us > STALLED_US) {
      audio->has_trouble = false;
    }
  } else if (audio->retry_us != 0 && now_us >= audio->retry_us) {
    open_wanted (audio);
  }
  return G_SOURCE_CONTINUE;
}

static void
make_probe (AppPlaybackAudio *audio) {
  static gint numbers;
  if (audio->wanted == NULL || !app_element_exists ("webrtcechoprobe")) {
    return;
  }
  audio->probe = g_strdup_printf ("ahoy-echo-%d", g_atomic_int_add (&numbers, 1));
  audio->probe_element = gst_element_factory_make ("webrtcechoprobe", audio->probe);
  gst_object_ref_sink (audio->probe_element);
}

AppPlaybackAudio *
app_playback_audio_new (const AppPlaybackConfig *config) {
  AppPlaybackAudio *audio = g_new0 (AppPlaybackAudio, 1);
  audio->config = *config;
  audio->wanted = g_strdup (config->speaker);
  audio->buffer = app_jitter_buffer_new ();
  audio->decoder = app_voice_decoder_new ();
  g_assert (audio->decoder != NULL);
  audio->teller = app_teller_new (config->context, config->notice, config->notice_data);
  g_mutex_init (&audio->mutex);
  make_probe (audio);
  const AppDevicesListener listener = {.added = on_added, .removed = on_removed, .data = audio};
  audio->listener = app_devices_listen (config->devices, &listener);
  open_wanted (audio);
  audio->timer = g_timeout_source_new (WATCH_MS);
  g_source_set_callback (audio->timer, on_timer, audio, NULL);
  g_source_attach (audio->timer, config->context);
  return audio;
}

void
app_playback_audio_free (AppPlaybackAudio *audio) {
  close_output (audio);
  app_devices_unlisten (audio->config.devices, audio->listener);
  g_source_destroy (audio->timer);
  g_source_unref (audio->timer);
  app_teller_free (audio->teller);
  if (audio->probe_element != NULL) {
    gst_element_set_state (audio->probe_element, GST_STATE_NULL);
    gst_object_unref (audio->probe_element);
  }
  app_voice_decoder_free (audio->decoder);
  app_jitter_buffer_free (audio->buffer);
  g_mutex_clear (&audio->mutex);
  g_free (audio->wanted);
  g_free (audio->probe);
  g_free (audio);
}

void
app_playback_audio_push (AppPlaybackAudio *audio, const AppFrame *frame) {
  const int64_t now_us = g_get_monotonic_time ();
  g_mutex_lock (&audio->mutex);
  app_jitter_buffer_put (audio->buffer, frame->time_us, now_us, frame->bytes);
  g_mutex_unlock (&audio->mutex);
}

void
app_playback_audio_set_speaker (AppPlaybackAudio *audio, const char *id) {
  char *wanted = g_strdup (id);
  g_free (audio->wanted);
  audio->wanted = wanted;
  audio->has_trouble = false;
  open_wanted (audio);
}

void
app_playback_audio_add_stats (AppPlaybackAudio *audio, AppPlaybackStats *stats) {
  AppJitterStats jitter;
  g_mutex_lock (&audio->mutex);
  app_jitter_buffer_get_stats (audio->buffer, &jitter);
  g_mutex_unlock (&audio->mutex);
  stats->buffer_ms = (int)(jitter.target_us / 1000);
  stats->delay_ms = (int)(jitter.delay_us / 1000);
  stats->jitter_ms = (int)(jitter.jitter_us / 1000);
  stats->audio_frames = jitter.played;
  stats->audio_recovered = jitter.recovered;
  stats->audio_concealed = jitter.concealed;
  stats->audio_late = jitter.late + jitter.skipped;
  stats->level_permille = atomic_load (&audio->level_permille);
}

const char *
app_playback_audio_get_echo_probe (AppPlaybackAudio *audio) {
  return audio->probe;
}

bool
app_playback_audio_heard_at (AppPlaybackAudio *audio, int64_t time_us, int64_t *at_us) {
  g_mutex_lock (&audio->mutex);
  const bool plays = app_jitter_buffer_played_at (audio->buffer, time_us, at_us);
  g_mutex_unlock (&audio->mutex);
  if (plays) {
    *at_us += atomic_load (&audio->is_speaker) ? SPEAKER_DELAY_US : 0;
  }
  return plays;
}

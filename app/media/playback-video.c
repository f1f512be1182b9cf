/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encoded pictures wait until their sound is heard, are decoded then, and go to the picture sink.
 */
#include "app/media/delay-tracker.h"
#include "app/media/element.h"
#include "app/media/params.h"
#include "app/media/picture-sink.h"
#include "app/media/pipeline.h"
#include "app/media/playback-private.h"
#include "app/media/vp8-header.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>
#include <stdatomic.h>

#define DECODE_US                                                                                  \
  5000 /* what decoding and showing takes: pictures leave the queue so much early                  \
        */
#define FPS_WINDOW_US 1000000

typedef struct {
  AppFrame frame; /* owned */
  int64_t arrival_us;
} Waiting;

struct AppPlaybackVideo {
  AppPlaybackConfig config;
  AppPlaybackAudio *audio;
  AppPictureOutlet *outlet; /* owned; NULL: nothing is decoded */
  GThread *thread;
  GMutex mutex; /* for what follows */
  GCond wake;
  GQueue queue; /* of Waiting, in order of arrival */
  size_t queued_bytes;
  AppDelayTracker delays;
  bool quits;
  bool wants_key; /* nothing before the next key frame can be decoded */
  int64_t asked_us;
  int64_t last_shown_us, last_pushed_us;
  int64_t fps_since_us;
  int fps_count;
  int64_t gap_us[2];      /* the longest between two pictures: this second, the last */
  AppPlaybackStats stats; /* only the video fields */
  /* The decoding thread's. */
  GstElement *pipeline; /* owned */
  GstElement *source;   /* owned */
  atomic_bool broken;   /* the decoder said so, on its thread */
};

/* With the mutex held; unlocks while calling out. */
static void
ask_for_key (AppPlaybackVideo *video) {
  const int64_t now_us = g_get_monotonic_time ();
  video->wants_key = true;
  if (video->config.need_key_frame == NULL || now_us - video->asked_us < APP_VIDEO_KEY_ASK_US) {
    return;
  }
  video->asked_us = now_us;
  video->stats.key_frames_asked++;
  g_mutex_unlock (&video->mutex);
  video->config.need_key_frame (video->config.data);
  g_mutex_lock (&video->mutex);
}

static void
count_shown (AppPlaybackVideo *video, int64_t now_us) {
  if (video->last_shown_us != 0 && video->last_pushed_us > video->last_shown_us) {
    const int64_t gap_us = now_us - video->last_shown_us;
    video->stats.freezes += gap_us > APP_VIDEO_FREEZE_US;
    video->gap_us[0] = MAX (video->gap_us[0], gap_us);
  }
  video->last_shown_us = now_us;
  video->stats.video_decoded++;
  video->fps_count++;
  if (now_us - video->fps_since_us >= FPS_WINDOW_US) {
    video->stats.video_fps = (int)(((int64_t)video->fps_count * 1000000 + FPS_WINDOW_US / 2) /
                                   (now_us - video->fps_since_us));
    video->fps_since_us = now_us;
    video->fps_count = 0;
    video->gap_us[1] = video->gap_us[0];
    video->gap_us[0] = 0;
  }
}

static GstFlowReturn
on_picture (GstAppSink *sink, void *data) {
  AppPlaybackVideo *video = data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  if (sample == NULL) {
    return GST_FLOW_OK;
  }
  const int64_t time_us = (int64_t)(GST_BUFFER_PTS (gst_sample_get_buffer (sample)) / 1000);
  const int64_t now_us = g_get_monotonic_time ();
  int64_t heard_us;
  const bool plays = app_playback_audio_heard_at (video->audio, time_us, &heard_us);
  g_mutex_lock (&video->mutex);
  count_shown (video, now_us);
  if (plays) {
    video->stats.lip_ms = (int)((now_us - heard_us) / 1000);
  }
  g_mutex_unlock (&video->mutex);
  app_picture_outlet_put (video->outlet, sample, time_us);
  return GST_FLOW_OK;
}

/* On the decoder's thread: a picture that cannot be decoded comes as a warning or an error. */
static GstBusSyncReply
on_bus (GstBus *bus, GstMessage *message, void *data) {
  (void)bus;
  AppPlaybackVideo *video = data;
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR ||
      GST_MESSAGE_TYPE (message) == GST_MESSAGE_WARNING) {
    atomic_store (&video->broken, true);
  }
  gst_message_unref (message);
  return GST_BUS_DROP;
}

static void
close_decoder (AppPlaybackVideo *video) {
  if (video->pipeline == NULL) {
    return;
  }
  gst_element_set_state (video->pipeline, GST_STATE_NULL);
  g_clear_object (&video->source);
  g_clear_pointer (&video->pipeline, gst_object_unref);
}

/* Returns false when GStreamer lacks a part. */
static bool
open_decoder (AppPlaybackVideo *video) {
  g_autofree char *description = g_strdup_printf (
      "appsrc name=source format=time is-live=true caps=video/x-vp8 ! vp8dec threads=1 ! "
      "videoconvert ! %s ! appsink name=sink sync=false async=false "
      "enable-last-sample=false max-buffers=2",
      app_picture_outlet_get_caps (video->outlet));
  GstElement *bin = app_element_new_bin (description);
  if (bin == NULL) {
    return false;
  }
  video->pipeline = app_pipeline_new (app_pipeline_get_epoch ());
  gst_bin_add (GST_BIN (video->pipeline), bin);
  video->source = app_element_get (bin, "source");
  g_autoptr (GstElement) sink = app_element_get (bin, "sink");
  GstAppSinkCallbacks callbacks = {.new_sample = on_picture};
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, video, NULL);
  g_autoptr (GstBus) bus = gst_pipeline_get_bus (GST_PIPELINE (video->pipeline));
  gst_bus_set_sync_handler (bus, on_bus, video, NULL);
  atomic_store (&video->broken, false);
  gst_element_set_state (video->pipeline, GST_STATE_PLAYING);
  return true;
}

/* On the decoding thread, without the mutex. */
static void
decode (AppPlaybackVideo *video, const AppFrame *frame) {
  if (atomic_load (&video->broken) && frame->is_key) {
    close_decoder (video);
  }
  if (video->pipeline == NULL && !open_decoder (video)) {
    return;
  }
  GstBuffer *buffer = gst_buffer_new_wrapped_bytes (frame->bytes);
  GST_BUFFER_PTS (buffer) = (GstClockTime)MAX (frame->time_us, 0) * 1000;
  if (!frame->is_key) {
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  }
  gst_app_src_push_buffer (GST_APP_SRC (video->source), buffer);
}

/* When the frame should be decoded. With the mutex held. */
static int64_t
due_us (AppPlaybackVideo *video, const Waiting *waiting) {
  int64_t at_us;
  if (!app_playback_audio_heard_at (video->audio, waiting->frame.time_us, &at_us)) {
    at_us = waiting->frame.time_us + app_delay_tracker_get_base (&video->delays) +
            app_delay_tracker_get_quantile (&video->delays, 0.9);
  }
  return MIN (at_us, waiting->arrival_us + APP_VIDEO_MOST_HOLD_US) - DECODE_US;
}

static void
free_waiting (Waiting *waiting) {
  app_frame_clear (&waiting->frame);
  g_free (waiting);
}

static Waiting *
pop (AppPlaybackVideo *video) {
  Waiting *waiting = g_queue_pop_head (&video->queue);
  if (waiting != NULL) {
    video->queued_bytes -= g_bytes_get_size (waiting->frame.bytes);
  }
  return waiting;
}

static void
flush (AppPlaybackVideo *video) {
  Waiting *waiting;
  while ((waiting = pop (video)) != NULL) {
    video->stats.video_dropped++;
    free_waiting (waiting);
  }
}

/* Whether the frame can be decoded; asks for a key frame if not. With the mutex held. */
static bool
is_of_use (AppPlaybackVideo *video, const AppFrame *frame) {
  int width, height;
  if (frame->is_key) {
    if (!app_vp8_header_read (frame->bytes, &width, &height) || width > APP_VIDEO_MOST_SIDE ||
        height > APP_VIDEO_MOST_SIDE) {
      video->stats.video_corrupt++;
      ask_for_key (video);
      return false;
    }
    video->wants_key = false;
    return true;
  }
  if (atomic_load (&video->broken) && !video->wants_key) {
    video->stats.video_corrupt++;
    video->wants_key = true;
  }
  if (frame->after_gap) {
    video->wants_key = true;
  }
  if (video->wants_key) {
    video->stats.video_dropped++;
    ask_for_key (video);
  }
  return !video->wants_key;
}

static void *
run (void *data) {
  AppPlaybackVideo *video = data;
  g_mutex_lock (&video->mutex);
  while (!video->quits) {
    Waiting *head = g_queue_peek_head (&video->queue);
    if (head == NULL) {
      g_cond_wait (&video->wake, &video->mutex);
      continue;
    }
    const int64_t due = due_us (video, head);
    if (due > g_get_monotonic_time ()) {
      /* The sound may change its mind about when this is due: look again soon. */
      g_cond_wait_until (&video->wake, &video->mutex, MIN (due, g_get_monotonic_time () + 20000));
      continue;
    }
    pop (video);
    if (is_of_use (video, &head->frame)) {
      g_mutex_unlock (&video->mutex);
      decode (video, &head->frame);
      g_mutex_lock (&video->mutex);
    }
    free_waiting (head);
  }
  g_mutex_unlock (&video->mutex);
  close_decoder (video);
  return NULL;
}

AppPlaybackVideo *
app_playback_video_new (const AppPlaybackConfig *config, AppPlaybackAudio *audio) {
  AppPlaybackVideo *video = g_new0 (AppPlaybackVideo, 1);
  video->config = *config;
  video->audio = audio;
  video->wants_key = true;
  g_mutex_init (&video->mutex);
  g_cond_init (&video->wake);
  g_queue_init (&video->queue);
  if (config->picture.show != NULL) {
    video->outlet = app_picture_outlet_new (&config->picture);
    video->thread = g_thread_new ("ahoy-video", run, video);
  }
  return video;
}

void
app_playback_video_free (AppPlaybackVideo *video) {
  if (video->thread != NULL) {
    g_mutex_lock (&video->mutex);
    video->quits = true;
    g_cond_signal (&video->wake);
    g_mutex_unlock (&video->mutex);
    g_thread_join (video->thread);
  }
  flush (video);
  app_picture_outlet_free (video->outlet);
  g_mutex_clear (&video->mutex);
  g_cond_clear (&video->wake);
  g_free (video);
}

void
app_playback_video_push (AppPlaybackVideo *video, const AppFrame *frame) {
  if (video->outlet == NULL || frame->codec != APP_CODEC_VP8) {
    return;
  }
  const size_t size = g_bytes_get_size (frame->bytes);
  const int64_t now_us = g_get_monotonic_time ();
  g_mutex_lock (&video->mutex);
  video->last_pushed_us = now_us;
  if (video->queue.length >= APP_VIDEO_MOST_FRAMES ||
      video->queued_bytes + size > APP_VIDEO_MOST_BYTES) {
    flush (video);
    video->wants_key = true;
  }
  if (size <= APP_VIDEO_MOST_BYTES) {
    app_delay_tracker_add (&video->delays, frame->time_us, now_us);
    Waiting *waiting = g_new (Waiting, 1);
    *waiting = (Waiting){.frame = app_frame_copy (frame), .arrival_us = now_us};
    g_queue_push_tail (&video->queue, waiting);
    video->queued_bytes += size;
    g_cond_signal (&video->wake);
  }
  g_mutex_unlock (&video->mutex);
}

void
app_playback_video_stop (AppPlaybackVideo *video) {
  if (video->outlet == NULL) {
    return;
  }
  g_mutex_lock (&video->mutex);
  flush (video);
  video->wants_key = true;
  video->last_shown_us = 0;
  video->stats.video_fps = 0;
  g_mutex_unlock (&video->mutex);
  app_picture_outlet_clear (video->outlet);
}

void
app_playback_video_add_stats (AppPlaybackVideo *video, AppPlaybackStats *stats) {
  g_mutex_lock (&video->mutex);
  const AppPlaybackStats *own = &video->stats;
  stats->video_decoded = own->video_decoded;
  stats->video_dropped = own->video_dropped;
  stats->video_corrupt = own->video_corrupt;
  stats->key_frames_asked = own->key_frames_asked;
  stats->freezes = own->freezes;
  stats->video_gap_ms = (int)(MAX (video->gap_us[0], video->gap_us[1]) / 1000);
  stats->video_fps =
      g_get_monotonic_time () - video->last_shown_us < FPS_WINDOW_US ? own->video_fps : 0;
  stats->lip_ms = own->lip_ms;
  g_mutex_unlock (&video->mutex);
}

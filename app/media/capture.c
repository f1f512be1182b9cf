/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/capture.h"

#include "app/media/capture-private.h"
#include "app/media/pipeline.h"

struct AppCapture {
  GMainContext *context;  /* owned */
  AppCaptureAudio *audio; /* owned */
  AppCaptureVideo *video; /* owned */
  char *camera;           /* owned; the choice, kept while the video is off */
  bool video_enabled;
};

typedef struct {
  GstBuffer *buffer; /* owned */
  GstMapInfo map;
} Mapped;

static void
unmap (void *data) {
  Mapped *mapped = data;
  gst_buffer_unmap (mapped->buffer, &mapped->map);
  gst_buffer_unref (mapped->buffer);
  g_free (mapped);
}

bool
app_capture_read_sample (GstSample *sample, GstElement *element, AppFrame *frame) {
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  if (buffer == NULL || gst_buffer_get_size (buffer) == 0) {
    return false;
  }
  Mapped *mapped = g_new0 (Mapped, 1);
  if (!gst_buffer_map (buffer, &mapped->map, GST_MAP_READ)) {
    g_free (mapped);
    return false;
  }
  mapped->buffer = gst_buffer_ref (buffer);
  if (frame->kind == APP_FRAME_VIDEO) {
    frame->is_key = !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  }
  frame->time_us = app_pipeline_time_us (element, gst_sample_get_segment (sample), buffer);
  frame->bytes = g_bytes_new_with_free_func (mapped->map.data, mapped->map.size, unmap, mapped);
  return true;
}

void
app_capture_set_up_sink (GstElement *sink,
                         GstFlowReturn (*on_sample) (GstAppSink *sink, void *data), void *data) {
  g_object_set (sink, "sync", FALSE, "async", FALSE, "max-buffers", 4, "enable-last-sample", FALSE,
                NULL);
  GstAppSinkCallbacks callbacks = {.new_sample = on_sample};
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, data, NULL);
}

AppCapture *
app_capture_new (const AppCaptureConfig *config) {
  AppCapture *capture = g_new0 (AppCapture, 1);
  capture->context = config->context != NULL ? g_main_context_ref (config->context)
                                             : g_main_context_ref_thread_default ();
  AppCaptureConfig own = *config;
  own.context = capture->context;
  capture->audio = app_capture_audio_new (&own);
  capture->video = app_capture_video_new (&own);
  capture->camera = g_strdup (config->camera);
  capture->video_enabled = !config->video_disabled;
  app_capture_audio_set_device (capture->audio, config->microphone);
  app_capture_video_set_device (capture->video, capture->video_enabled ? config->camera : NULL);
  return capture;
}

void
app_capture_free (AppCapture *capture) {
  if (capture == NULL) {
    return;
  }
  app_capture_audio_free (capture->audio);
  app_capture_video_free (capture->video);
  g_main_context_unref (capture->context);
  g_free (capture->camera);
  g_free (capture);
}

void
app_capture_set_sending (AppCapture *capture, bool sending) {
  app_capture_audio_set_sending (capture->audio, sending);
  app_capture_video_set_sending (capture->video, sending);
}

void
app_capture_set_camera (AppCapture *capture, const char *id) {
  char *camera = g_strdup (id);
  g_free (capture->camera);
  capture->camera = camera;
  app_capture_video_set_device (capture->video, capture->video_enabled ? camera : NULL);
}

void
app_capture_set_microphone (AppCapture *capture, const char *id) {
  app_capture_audio_set_device (capture->audio, id);
}

void
app_capture_set_muted (AppCapture *capture, bool muted) {
  app_capture_audio_set_muted (capture->audio, muted);
}

void
app_capture_set_video_enabled (AppCapture *capture, bool enabled) {
  if (capture->video_enabled != enabled) {
    capture->video_enabled = enabled;
    app_capture_video_set_device (capture->video, enabled ? capture->camera : NULL);
  }
}

void
app_capture_set_video_bps (AppCapture *capture, int bps) {
  app_capture_video_set_bps (capture->video, bps);
}

void
app_capture_set_video_scale (AppCapture *capture, int size_percent, int fps_percent) {
  app_capture_video_set_scale (capture->video, size_percent, fps_percent);
}

void
app_capture_set_video_held (AppCapture *capture, bool held) {
  app_capture_video_set_held (capture->video, held);
}

void
app_capture_set_audio_bps (AppCapture *capture, int bps) {
  app_capture_audio_set_bps (capture->audio, bps);
}

void
app_capture_set_expected_loss (AppCapture *capture, int percent) {
  app_capture_audio_set_expected_loss (capture->audio, percent);
}

void
app_capture_request_key_frame (AppCapture *capture) {
  app_capture_video_request_key_frame (capture->video);
}

void
app_capture_get_stats (AppCapture *capture, AppCaptureStats *stats) {
  *stats = (AppCaptureStats){0};
  app_capture_audio_add_stats (capture->audio, stats);
  app_capture_video_add_stats (capture->video, stats);
}

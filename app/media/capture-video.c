/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Camera -> size and speed -> VP8 -> frames, and beside it the preview. */
#include "app/media/capture-private.h"
#include "app/media/element.h"
#include "app/media/input.h"
#include "app/media/params.h"
#include "app/media/picture-sink.h"
#include "app/media/pipeline.h"

#include <gst/video/video.h>
#include <stdatomic.h>
#include <stdlib.h>

struct AppCaptureVideo {
  AppCaptureConfig config;  /* strings in it are not ours */
  AppInput *input;          /* owned */
  AppPictureOutlet *outlet; /* owned; NULL without preview */
  int width, height, fps;
  int64_t next_us;     /* streaming thread: pictures before this are one too many */
  GMutex mutex;        /* for what follows */
  GstElement *encoder; /* owned; NULL while closed */
  GstElement *valve;   /* owned; likewise */
  GstElement *small;   /* owned; likewise: holds the size that is encoded */
  int bps;
  int size_percent, fps_percent;
  int thin; /* so many hundredths of a picture are due to the encoder */
  bool sending, held;
  bool wants_key;      /* asked for too soon after the last one */
  int64_t last_key_us; /* when one was asked of the encoder */
  atomic_uint_fast64_t frames, bytes, key_frames;
};

/* With the mutex held. */
static void
ask_encoder_for_key (AppCaptureVideo *video, int64_t now_us) {
  video->wants_key = false;
  video->last_key_us = now_us;
  g_autoptr (GstPad) pad = gst_element_get_static_pad (video->encoder, "src");
  gst_pad_send_event (pad,
                      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE, 0));
}

void
app_capture_video_request_key_frame (AppCaptureVideo *video) {
  const int64_t now_us = g_get_monotonic_time ();
  g_mutex_lock (&video->mutex);
  if (video->encoder != NULL && now_us - video->last_key_us >= APP_VIDEO_KEY_ASK_US) {
    ask_encoder_for_key (video, now_us);
  } else {
    video->wants_key = true;
  }
  g_mutex_unlock (&video->mutex);
}

static void
ask_for_waiting_key (AppCaptureVideo *video) {
  const int64_t now_us = g_get_monotonic_time ();
  g_mutex_lock (&video->mutex);
  if (video->wants_key && video->encoder != NULL &&
      now_us - video->last_key_us >= APP_VIDEO_KEY_ASK_US) {
    ask_encoder_for_key (video, now_us);
  }
  g_mutex_unlock (&video->mutex);
}

static GstFlowReturn
on_encoded (GstAppSink *sink, void *data) {
  AppCaptureVideo *video = data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  AppFrame frame = {.kind = APP_FRAME_VIDEO, .codec = APP_CODEC_VP8};
  if (sample == NULL || !app_capture_read_sample (sample, GST_ELEMENT (sink), &frame)) {
    return GST_FLOW_OK;
  }
  atomic_fetch_add (&video->frames, 1);
  atomic_fetch_add (&video->key_frames, frame.is_key ? 1 : 0);
  atomic_fetch_add (&video->bytes, g_bytes_get_size (frame.bytes));
  if (video->config.frames.take != NULL) {
    video->config.frames.take (video->config.frames.data, &frame);
  }
  app_frame_clear (&frame);
  ask_for_waiting_key (video);
  return GST_FLOW_OK;
}

static GstFlowReturn
on_preview (GstAppSink *sink, void *data) {
  AppCaptureVideo *video = data;
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  if (sample != NULL) {
    const int64_t time_us = app_pipeline_time_us (
        GST_ELEMENT (sink), gst_sample_get_segment (sample), gst_sample_get_buffer (sample));
    app_picture_outlet_put (video->outlet, sample, time_us);
  }
  return GST_FLOW_OK;
}

/* The small buffers let the bit rate come up again within a second; one thread, for more busy-wait
 * on small machines. */
static const char encoder_description[] =
    "valve name=valve drop=true ! queue leaky=downstream max-size-buffers=2 max-size-bytes=0 "
    "max-size-time=0 ! videoscale ! capsfilter name=small ! "
    "vp8enc name=encoder deadline=1 cpu-used=-6 threads=1 end-usage=cbr "
    "keyframe-max-dist=3000 error-resilient=partitions lag-in-frames=0 buffer-size=1000 "
    "buffer-initial-size=500 buffer-optimal-size=600 max-intra-bitrate=300 undershoot=100 "
    "overshoot=15 "
    "dropframe-threshold=30 min-quantizer=4 max-quantizer=56 ! appsink name=sink";

static char *
describe (AppCaptureVideo *video, bool paced) {
  g_autofree char *preview =
      video->outlet == NULL
          ? g_strdup ("")
          : g_strdup_printf ("t. ! queue leaky=downstream max-size-buffers=1 max-size-bytes=0 "
                             "max-size-time=0 ! videoconvert ! %s ! appsink name=preview",
                             app_picture_outlet_get_caps (video->outlet));
  return g_strdup_printf (
      "queue max-size-buffers=2 max-size-bytes=0 max-size-time=0 %s ! videoconvert name=convert ! "
      "videoscale ! "
      "video/x-raw,format=I420,width=%d,height=%d,pixel-aspect-ratio=1/1 ! tee name=t ! %s %s",
      paced ? "! identity sync=true" : "leaky=downstream", video->width, video->height,
      encoder_description, preview);
}

/* No faster than asked for. (videorate would do, but it aborts on files that do not say how long a
 * picture lasts.) */
static GstPadProbeReturn
on_raw (GstPad *pad, GstPadProbeInfo *info, void *data) {
  (void)pad;
  AppCaptureVideo *video = data;
  const int64_t period_us = 1000000 / video->fps;
  const int64_t time_us = (int64_t)(GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info)) / 1000);
  const bool jumped = llabs (time_us - video->next_us) > 4 * period_us;
  if (!jumped && time_us < video->next_us - period_us / 2) {
    return GST_PAD_PROBE_DROP;
  }
  video->next_us = (jumped ? time_us : video->next_us) + period_us;
  return GST_PAD_PROBE_OK;
}

/* Of all pictures that reach the encoder's branch, only fps_percent of a hundred. */
static GstPadProbeReturn
on_thin (GstPad *pad, GstPadProbeInfo *info, void *data) {
  (void)pad;
  (void)info;
  AppCaptureVideo *video = data;
  g_mutex_lock (&video->mutex);
  video->thin += video->fps_percent;
  const bool takes = video->thin >= 100;
  video->thin -= takes ? 100 : 0;
  g_mutex_unlock (&video->mutex);
  return takes ? GST_PAD_PROBE_OK : GST_PAD_PROBE_DROP;
}

/* With the mutex held. */
static void
set_small (AppCaptureVideo *video) {
  g_autoptr (GstCaps) caps = gst_caps_new_simple (
      "video/x-raw", "width", G_TYPE_INT, MAX (video->width * video->size_percent / 100, 16) & ~1,
      "height", G_TYPE_INT, MAX (video->height * video->size_percent / 100, 16) & ~1, NULL);
  g_object_set (video->small, "caps", caps, NULL);
}

/* With the mutex held. */
static void
set_valve (AppCaptureVideo *video) {
  g_object_set (video->valve, "drop", !video->sending || video->held, NULL);
}

static GstElement *
build (void *data, bool paced) {
  AppCaptureVideo *video = data;
  g_autofree char *description = describe (video, paced);
  GstElement *bin = app_element_new_bin (description);
  if (bin == NULL) {
    return NULL;
  }
  g_autoptr (GstElement) sink = app_element_get (bin, "sink");
  app_capture_set_up_sink (sink, on_encoded, video);
  if (video->outlet != NULL) {
    g_autoptr (GstElement) preview = app_element_get (bin, "preview");
    app_capture_set_up_sink (preview, on_preview, video);
  }
  g_autoptr (GstElement) convert = app_element_get (bin, "convert");
  g_autoptr (GstPad) pad = gst_element_get_static_pad (convert, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_raw, video, NULL);
  g_mutex_lock (&video->mutex);
  video->encoder = app_element_get (bin, "encoder");
  video->valve = app_element_get (bin, "valve");
  video->small = app_element_get (bin, "small");
  g_object_set (video->encoder, "target-bitrate", video->bps, NULL);
  set_small (video);
  set_valve (video);
  g_mutex_unlock (&video->mutex);
  g_autoptr (GstElement) valve = app_element_get (bin, "valve");
  g_autoptr (GstPad) encoded = gst_element_get_static_pad (valve, "src");
  gst_pad_add_probe (encoded, GST_PAD_PROBE_TYPE_BUFFER, on_thin, video, NULL);
  return bin;
}

static void
dropped (void *data) {
  AppCaptureVideo *video = data;
  g_mutex_lock (&video->mutex);
  g_clear_pointer (&video->encoder, gst_object_unref);
  g_clear_pointer (&video->valve, gst_object_unref);
  g_clear_pointer (&video->small, gst_object_unref);
  g_mutex_unlock (&video->mutex);
  if (video->outlet != NULL) {
    app_picture_outlet_clear (video->outlet);
  }
}

static void
choose_size (AppCaptureVideo *video, int width, int height, int fps) {
  const bool given = width > 0 && height > 0;
  video->width = given ? MIN (width, APP_VIDEO_MOST_SIDE) & ~1 : 640;
  video->height = given ? MIN (height, APP_VIDEO_MOST_SIDE) & ~1 : 480;
  video->fps = fps > 0 ? MIN (fps, 60) : 30;
}

AppCaptureVideo *
app_capture_video_new (const AppCaptureConfig *config) {
  AppCaptureVideo *video = g_new0 (AppCaptureVideo, 1);
  video->config = *config;
  choose_size (video, config->width, config->height, config->fps);
  video->bps = config->video_bps > 0 ? config->video_bps : video->width > 640 ? 1500000 : 600000;
  video->size_percent = video->fps_percent = 100;
  g_mutex_init (&video->mutex);
  if (config->preview.show != NULL) {
    video->outlet = app_picture_outlet_new (&config->preview);
  }
  const AppInputConfig input = {.kind = APP_DEVICE_CAMERA,
                                .context = config->context,
                                .devices = config->devices,
                                .width = video->width,
                                .height = video->height,
                                .fps = video->fps,
                                .build = build,
                                .dropped = dropped,
                                .data = video,
                                .notice = config->notice,
                                .notice_data = config->notice_data};
  video->input = app_input_new (&input);
  return video;
}

void
app_capture_video_free (AppCaptureVideo *video) {
  app_input_free (video->input);
  app_picture_outlet_free (video->outlet);
  g_mutex_clear (&video->mutex);
  g_free (video);
}

void
app_capture_video_set_device (AppCaptureVideo *video, const char *id) {
  app_input_set_device (video->input, id);
}

void
app_capture_video_set_sending (AppCaptureVideo *video, bool sending) {
  g_mutex_lock (&video->mutex);
  video->sending = sending;
  if (video->valve != NULL) {
    set_valve (video);
  }
  g_mutex_unlock (&video->mutex);
  if (sending) {
    app_capture_video_request_key_frame (video);
  }
}

void
app_capture_video_set_bps (AppCaptureVideo *video, int bps) {
  g_mutex_lock (&video->mutex);
  video->bps = CLAMP (bps, 30000, 10000000);
  if (video->encoder != NULL) {
    g_object_set (video->encoder, "target-bitrate", video->bps, NULL);
  }
  g_mutex_unlock (&video->mutex);
}

void
app_capture_video_set_scale (AppCaptureVideo *video, int size_percent, int fps_percent) {
  g_mutex_lock (&video->mutex);
  size_percent = CLAMP (size_percent, 25, 100);
  video->fps_percent = CLAMP (fps_percent, 25, 100);
  if (video->size_percent != size_percent) {
    video->size_percent = size_percent;
    if (video->small != NULL) {
      set_small (video); /* the encoder begins anew, with a key frame */
    }
  }
  g_mutex_unlock (&video->mutex);
}

void
app_capture_video_set_held (AppCaptureVideo *video, bool held) {
  g_mutex_lock (&video->mutex);
  video->held = held;
  if (video->valve != NULL) {
    set_valve (video);
  }
  g_mutex_unlock (&video->mutex);
}

void
app_capture_video_add_stats (AppCaptureVideo *video, AppCaptureStats *stats) {
  stats->camera_runs = app_input_is_running (video->input);
  stats->video_frames = atomic_load (&video->frames);
  stats->key_frames = atomic_load (&video->key_frames);
  stats->video_bytes = atomic_load (&video->bytes);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* media-cpu ours|plain SECONDS: one side of a call with itself (camera and microphone in, picture
 * and sound out), by app/media or by a plain GStreamer pipeline of the same devices, codecs, FEC,
 * echo cancelling and a jitter buffer. Prints one JSON line: processor time, pictures shown, their
 * age. Run in tests/harness/in-media-env. */
#include "app/media/capture.h"
#include "app/media/playback.h"
#include "tests/harness/stamp.h"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define WARM_UP_MS 3000

typedef struct {
  AppPlayback *playback;
  GMutex mutex;
  GArray *ages_ms;
  int shown, previews;
} Bench;

static double
cpu_seconds (void) {
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static gboolean
on_time (void *data) {
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static void
spin (guint ms) {
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_timeout_add (ms, on_time, loop);
  g_main_loop_run (loop);
}

static void
count_picture (Bench *bench, const void *pixels, gsize stride, int width, int height) {
  uint8_t camera;
  uint32_t ms;
  const bool readable = stamp_read (pixels, stride, 3, width, height, &camera, &ms);
  const int age = (int)((uint32_t)(g_get_monotonic_time () / 1000) - ms);
  g_mutex_lock (&bench->mutex);
  bench->shown++;
  if (readable) {
    g_array_append_val (bench->ages_ms, age);
  }
  g_mutex_unlock (&bench->mutex);
}

/* ---- ours ---- */

static void
take (void *data, const AppFrame *frame) {
  app_playback_push (((Bench *)data)->playback, frame);
}

static void
show (void *data, const AppPicture *picture) {
  count_picture (data, g_bytes_get_data (picture->bytes, NULL), picture->stride, picture->width,
                 picture->height);
}

static void
preview (void *data, const AppPicture *picture) {
  (void)picture;
  ((Bench *)data)->previews++;
}

typedef struct {
  AppDevices *devices;
  AppCapture *capture;
  GstElement *pipeline;
} Running;

static Running
start_ours (Bench *bench) {
  Running running = {.devices = app_devices_new (NULL)};
  GMainContext *main = g_main_context_default ();
  bench->playback = app_playback_new (
      &(AppPlaybackConfig){.devices = running.devices,
                           .speaker = "default",
                           .picture = {.show = show, .data = bench, .context = main}});
  running.capture = app_capture_new (
      &(AppCaptureConfig){.devices = running.devices,
                          .camera = "default",
                          .microphone = "default",
                          .echo_of = bench->playback,
                          .frames = {.take = take, .data = bench},
                          .preview = {.show = preview, .data = bench, .context = main}});
  app_capture_set_sending (running.capture, true);
  return running;
}

/* ---- plain ---- */

static GstFlowReturn
on_sample (GstAppSink *sink, void *data) {
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  GstMapInfo map;
  if (sample != NULL && gst_buffer_map (gst_sample_get_buffer (sample), &map, GST_MAP_READ)) {
    if (map.size >= 640 * 480 * 3) {
      count_picture (data, map.data, 640 * 3, 640, 480);
    }
    gst_buffer_unmap (gst_sample_get_buffer (sample), &map);
  }
  return GST_FLOW_OK;
}

static const char plain_description[] =
    "pipewiresrc always-copy=true ! video/x-raw,width=640,height=480 ! queue ! videoconvert ! "
    "videoscale ! "
    "video/x-raw,format=I420,width=640,height=480 ! tee name=t "
    "t. ! queue ! vp8enc deadline=1 cpu-used=-6 threads=1 end-usage=cbr target-bitrate=600000 "
    "keyframe-max-dist=3000 error-resilient=partitions lag-in-frames=0 buffer-size=1000 "
    "buffer-initial-size=500 buffer-optimal-size=600 max-intra-bitrate=300 undershoot=100 "
    "overshoot=15 "
    "dropframe-threshold=30 min-quantizer=4 max-quantizer=56 ! rtpvp8pay ! rtpjitterbuffer "
    "latency=40 ! rtpvp8depay "
    "! vp8dec threads=1 ! videoconvert ! video/x-raw,format=RGB ! queue ! appsink name=shown "
    "sync=true "
    "t. ! queue leaky=downstream max-size-buffers=1 ! videoconvert ! video/x-raw,format=RGB ! "
    "fakesink sync=false "
    "async=false "
    "pulsesrc latency-time=10000 ! audio/x-raw,rate=48000,channels=1,format=S16LE ! queue ! "
    "webrtcdsp probe=probe gain-control=false noise-suppression-level=high ! "
    "opusenc frame-size=20 audio-type=voice bitrate-type=constrained-vbr inband-fec=true "
    "packet-loss-percentage=10 bitrate=32000 ! rtpopuspay ! rtpjitterbuffer latency=40 "
    "do-lost=true ! rtpopusdepay ! "
    "opusdec plc=true use-inband-fec=true ! audioconvert ! audioresample ! "
    "audio/x-raw,rate=48000,channels=1,format=S16LE ! queue ! webrtcechoprobe name=probe ! "
    "pulsesink latency-time=10000 buffer-time=40000";

static Running
start_plain (Bench *bench) {
  g_autoptr (GError) error = NULL;
  Running running = {.pipeline = gst_parse_launch (plain_description, &error)};
  g_assert_no_error (error);
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (running.pipeline), "shown");
  GstAppSinkCallbacks callbacks = {.new_sample = on_sample};
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, bench, NULL);
  gst_element_set_state (running.pipeline, GST_STATE_PLAYING);
  return running;
}

static int
ascending (const void *a, const void *b) {
  return *(const int *)a - *(const int *)b;
}

static int
quantile (GArray *values, double part) {
  g_array_sort (values, ascending);
  return values->len == 0 ? -1 : g_array_index (values, int, (guint)(part * (values->len - 1)));
}

int
main (int argc, char **argv) {
  if (argc != 3 || !app_media_init (NULL)) {
    g_printerr ("usage: media-cpu ours|plain SECONDS\n");
    return 2;
  }
  Bench bench = {.ages_ms = g_array_new (FALSE, FALSE, sizeof (int))};
  g_mutex_init (&bench.mutex);
  const int seconds = atoi (argv[2]);
  Running running = strcmp (argv[1], "ours") == 0 ? start_ours (&bench) : start_plain (&bench);
  spin (WARM_UP_MS);
  g_mutex_lock (&bench.mutex);
  g_array_set_size (bench.ages_ms, 0);
  bench.shown = 0;
  g_mutex_unlock (&bench.mutex);
  const double before = cpu_seconds ();
  spin ((guint)seconds * 1000);
  const double used = cpu_seconds () - before;
  g_mutex_lock (&bench.mutex);
  g_print ("{\"what\": \"%s\", \"cpu_seconds_a_minute\": %.2f, \"percent_of_a_core\": %.1f, "
           "\"fps\": %.1f, "
           "\"age_ms_median\": %d, \"age_ms_p95\": %d}\n",
           argv[1], used * 60 / seconds, used * 100 / seconds, (double)bench.shown / seconds,
           quantile (bench.ages_ms, 0.5), quantile (bench.ages_ms, 0.95));
  g_mutex_unlock (&bench.mutex);
  app_capture_free (running.capture);
  app_playback_free (bench.playback);
  app_devices_free (running.devices);
  if (running.pipeline != NULL) {
    gst_element_set_state (running.pipeline, GST_STATE_NULL);
    gst_object_unref (running.pipeline);
  }
  return 0;
}

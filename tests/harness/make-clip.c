/* SPDX-License-Identifier: GPL-3.0-or-later */
/* make-clip OUT.webm SECONDS CAMERA HERTZ [WIDTH HEIGHT]: a file to use as camera and microphone in
 * tests. Its pictures are stamped with the camera's number and their time in the clip; its sound is
 * a tone. Prints nothing, fails with a sentence. */
#include "tests/harness/stamp.h"

#include <gst/app/gstappsrc.h>
#include <gst/gst.h>
#include <stdlib.h>

#define FPS 30

static GstElement *
build (const char *path, int seconds, int hertz, int width, int height) {
  g_autofree char *description = g_strdup_printf (
      "webmmux name=mux ! filesink name=file "
      "appsrc name=pictures format=time "
      "caps=video/x-raw,format=I420,width=%d,height=%d,framerate=%d/1 ! "
      "vp8enc deadline=1 cpu-used=4 target-bitrate=3000000 end-usage=cbr keyframe-max-dist=30 ! "
      "queue ! mux. "
      "audiotestsrc wave=sine freq=%d volume=0.25 num-buffers=%d samplesperbuffer=960 ! "
      "audio/x-raw,rate=48000,channels=1 ! opusenc bitrate=64000 ! queue ! mux.",
      width, height, FPS, hertz, seconds * 50);
  GstElement *pipeline = gst_parse_launch (description, NULL);
  g_autoptr (GstElement) file = gst_bin_get_by_name (GST_BIN (pipeline), "file");
  g_object_set (file, "location", path, NULL);
  return pipeline;
}

static void
push_pictures (GstElement *pipeline, int seconds, int camera, int width, int height) {
  g_autoptr (GstElement) source = gst_bin_get_by_name (GST_BIN (pipeline), "pictures");
  g_object_set (source, "block", TRUE, "max-bytes", (guint64)width * (guint64)height * 6, NULL);
  const gsize size = (gsize)width * (gsize)height * 3 / 2;
  for (int i = 0; i < seconds * FPS; i++) {
    guint8 *planes = g_malloc (size);
    stamp_draw_i420 (planes, width, height, (uint8_t)camera, (uint32_t)(i * 1000 / FPS));
    GstBuffer *buffer = gst_buffer_new_wrapped (planes, size);
    GST_BUFFER_PTS (buffer) = gst_util_uint64_scale ((guint64)i, GST_SECOND, FPS);
    GST_BUFFER_DURATION (buffer) = GST_SECOND / FPS;
    gst_app_src_push_buffer (GST_APP_SRC (source), buffer);
  }
  gst_app_src_end_of_stream (GST_APP_SRC (source));
}

int
main (int argc, char **argv) {
  gst_init (&argc, &argv);
  if (argc != 5 && argc != 7) {
    g_printerr ("usage: make-clip OUT.webm SECONDS CAMERA HERTZ [WIDTH HEIGHT]\n");
    return 2;
  }
  const int seconds = atoi (argv[2]);
  const int width = argc == 7 ? atoi (argv[5]) : 640;
  const int height = argc == 7 ? atoi (argv[6]) : 480;
  GstElement *pipeline = build (argv[1], seconds, atoi (argv[4]), width, height);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  push_pictures (pipeline, seconds, atoi (argv[3]), width, height);
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) end =
      gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND, GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  if (end == NULL || GST_MESSAGE_TYPE (end) != GST_MESSAGE_EOS) {
    g_printerr ("make-clip: %s could not be written\n", argv[1]);
    return 1;
  }
  return 0;
}

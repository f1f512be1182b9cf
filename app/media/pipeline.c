/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/pipeline.h"

#define FILE_READY "ahoy-file-ready"

GstClockTime
app_pipeline_get_epoch (void) {
  static gsize epoch;
  if (g_once_init_enter (&epoch)) {
    g_once_init_leave (&epoch, (gsize)g_get_monotonic_time ());
  }
  return (GstClockTime)epoch * 1000;
}

GstElement *
app_pipeline_new (GstClockTime base_time) {
  GstElement *pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  /* GStreamer's system clock is CLOCK_MONOTONIC unless somebody changed the default; this one is
   * ours. */
  g_autoptr (GstClock) clock = gst_object_ref_sink (
      g_object_new (GST_TYPE_SYSTEM_CLOCK, "clock-type", GST_CLOCK_TYPE_MONOTONIC, NULL));
  gst_pipeline_use_clock (GST_PIPELINE (pipeline), clock);
  gst_element_set_start_time (pipeline, GST_CLOCK_TIME_NONE);
  gst_element_set_base_time (pipeline, base_time);
  return pipeline;
}

GSource *
app_pipeline_watch (GstElement *pipeline, GMainContext *context, GstBusFunc function, void *data) {
  g_autoptr (GstBus) bus = gst_pipeline_get_bus (GST_PIPELINE (pipeline));
  GSource *watch = gst_bus_create_watch (bus);
  g_source_set_callback (watch, G_SOURCE_FUNC (function), data, NULL);
  g_source_attach (watch, context);
  return watch;
}

int64_t
app_pipeline_time_us (GstElement *element, const GstSegment *segment, const GstBuffer *buffer) {
  const GstClockTime running =
      gst_segment_to_running_time (segment, GST_FORMAT_TIME, GST_BUFFER_PTS (buffer));
  if (!GST_CLOCK_TIME_IS_VALID (running)) {
    return g_get_monotonic_time ();
  }
  return (int64_t)((gst_element_get_base_time (element) + running) / 1000);
}

static void
on_pad (GstElement *decoder, GstPad *pad, GstElement *tail) {
  (void)decoder;
  g_autoptr (GstPad) sink = gst_element_get_static_pad (tail, "sink");
  if (!gst_pad_is_linked (sink)) {
    gst_pad_link (pad, sink);
  }
}

/* On a streaming thread: everything that the file holds is known now. */
static void
on_no_more_pads (GstElement *decoder, void *data) {
  (void)data;
  gst_element_post_message (
      decoder,
      gst_message_new_application (GST_OBJECT (decoder), gst_structure_new_empty (FILE_READY)));
}

void
app_pipeline_add_file (GstElement *pipeline, const char *path, const char *caps, GstElement *tail) {
  GstElement *source = gst_element_factory_make ("filesrc", NULL);
  GstElement *decoder = gst_element_factory_make ("decodebin", NULL);
  g_object_set (source, "location", path, NULL);
  g_autoptr (GstCaps) wanted = gst_caps_from_string (caps);
  g_object_set (decoder, "caps", wanted, "expose-all-streams", FALSE, NULL);
  gst_bin_add_many (GST_BIN (pipeline), source, decoder, NULL);
  gst_element_link (source, decoder);
  g_signal_connect_object (decoder, "pad-added", G_CALLBACK (on_pad), tail, 0);
  g_signal_connect (decoder, "no-more-pads", G_CALLBACK (on_no_more_pads), NULL);
}

static void
begin (GstElement *pipeline, bool again) {
  if (again) {
    gst_element_seek (pipeline, 1.0, GST_FORMAT_TIME, GST_SEEK_FLAG_FLUSH | GST_SEEK_FLAG_SEGMENT,
                      GST_SEEK_TYPE_SET, 0, GST_SEEK_TYPE_NONE, -1);
  }
  gst_element_set_base_time (pipeline, (GstClockTime)g_get_monotonic_time () * 1000);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
}

bool
app_pipeline_play_file (GstElement *pipeline, GstMessage *message, bool again) {
  switch (GST_MESSAGE_TYPE (message)) {
  case GST_MESSAGE_APPLICATION:
    if (gst_message_has_name (message, FILE_READY)) {
      begin (pipeline, again);
    }
    return true;
  case GST_MESSAGE_SEGMENT_DONE:
    gst_element_seek (pipeline, 1.0, GST_FORMAT_TIME, GST_SEEK_FLAG_SEGMENT, GST_SEEK_TYPE_SET, 0,
                      GST_SEEK_TYPE_NONE, -1);
    return true;
  case GST_MESSAGE_EOS:
    return false;
  default:
    return true;
  }
}

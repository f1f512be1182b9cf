/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/ringer.h"

#include "app/media/devices.h"
#include "app/media/element.h"
#include "app/media/pipeline.h"
#include "app/media/teller.h"

#include <string.h>

struct AppRinger {
  GMainContext *context; /* owned */
  AppTeller *teller;     /* owned */
  GstElement *pipeline;  /* owned; NULL = silent */
  GSource *watch;
  bool loops;
  char *path, *speaker; /* owned */
};

AppRinger *
app_ringer_new (GMainContext *context, AppNoticeFunc notice, void *data) {
  AppRinger *ringer = g_new0 (AppRinger, 1);
  ringer->context =
      context != NULL ? g_main_context_ref (context) : g_main_context_ref_thread_default ();
  ringer->teller = app_teller_new (ringer->context, notice, data);
  return ringer;
}

void
app_ringer_free (AppRinger *ringer) {
  if (ringer == NULL) {
    return;
  }
  app_ringer_stop (ringer);
  app_teller_free (ringer->teller);
  g_main_context_unref (ringer->context);
  g_free (ringer);
}

static void
close_pipeline (AppRinger *ringer) {
  if (ringer->pipeline != NULL) {
    g_source_destroy (ringer->watch);
    g_clear_pointer (&ringer->watch, g_source_unref);
    gst_element_set_state (ringer->pipeline, GST_STATE_NULL);
    g_clear_pointer (&ringer->pipeline, gst_object_unref);
  }
}

static void open_pipeline (AppRinger *ringer);

static gboolean
on_message (GstBus *bus, GstMessage *message, void *data) {
  (void)bus;
  AppRinger *ringer = data;
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    g_autoptr (GError) error = NULL;
    gst_message_parse_error (message, &error, NULL);
    close_pipeline (ringer);
    app_teller_tell (ringer->teller,
                     error->domain == GST_RESOURCE_ERROR &&
                             !g_file_test (ringer->path, G_FILE_TEST_EXISTS)
                         ? APP_NOTICE_FILE
                         : APP_NOTICE_NO_SPEAKER,
                     ringer->path, error->message);
    return G_SOURCE_REMOVE;
  }
  if (!app_pipeline_play_file (ringer->pipeline, message, ringer->loops)) {
    close_pipeline (ringer);
    if (ringer->loops) {
      open_pipeline (ringer);
    }
    return G_SOURCE_REMOVE;
  }
  return G_SOURCE_CONTINUE;
}

static void
open_pipeline (AppRinger *ringer) {
  GstElement *tail =
      app_element_new_bin ("audioconvert ! audioresample ! pulsesink name=sink client-name=Ahoy "
                           "stream-properties=\"props,media.role=phone\"");
  if (tail == NULL) {
    app_teller_tell (ringer->teller, APP_NOTICE_CODEC_MISSING, NULL, NULL);
    return;
  }
  if (ringer->speaker != NULL && g_str_has_prefix (ringer->speaker, "pulse:")) {
    g_autoptr (GstElement) sink = app_element_get (tail, "sink");
    g_object_set (sink, "device", ringer->speaker + strlen ("pulse:"), NULL);
  }
  ringer->pipeline = app_pipeline_new ((GstClockTime)g_get_monotonic_time () * 1000);
  ringer->watch = app_pipeline_watch (ringer->pipeline, ringer->context, on_message, ringer);
  gst_bin_add (GST_BIN (ringer->pipeline), tail);
  app_pipeline_add_file (ringer->pipeline, ringer->path, "audio/x-raw", tail);
  gst_element_set_state (ringer->pipeline, GST_STATE_PAUSED);
}

void
app_ringer_play (AppRinger *ringer, const char *path, const char *speaker, bool loop) {
  app_ringer_stop (ringer);
  ringer->path = g_strdup (path);
  ringer->speaker = g_strdup (speaker);
  ringer->loops = loop;
  open_pipeline (ringer);
}

void
app_ringer_stop (AppRinger *ringer) {
  close_pipeline (ringer);
  g_clear_pointer (&ringer->path, g_free);
  g_clear_pointer (&ringer->speaker, g_free);
}

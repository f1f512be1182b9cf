/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/input.h"

#include "app/media/devices-private.h"
#include "app/media/pipeline.h"
#include "app/media/teller.h"

#include <stdatomic.h>
#include <string.h>

#define WATCH_MS 500
#define SILENT_US 3000000 /* an open device that gives nothing for so long is opened anew */
#define RETRY_US 2000000
#define RUNS_US 1000000

struct AppInput {
  AppInputConfig config;
  char *wanted; /* (owned) id, or NULL */
  guint listener;
  GSource *timer;
  AppTeller *teller; /* owned */
  /* What is open; owned, NULL when nothing is. */
  GstElement *pipeline;
  GSource *watch;
  char *open_id; /* the list's id; NULL for files and for the system's own choice of microphone */
  char *name;
  bool is_file;
  int64_t opened_us;
  int64_t retry_us; /* 0 = only when a device appears */
  _Atomic int64_t last_buffer_us;
  bool has_trouble; /* told, and not yet taken back */
  AppNoticeKind told;
};

static void open_device (AppInput *input);

static void
tell (AppInput *input, AppNoticeKind kind, const char *detail) {
  if (input->has_trouble && input->told == kind) {
    return;
  }
  input->has_trouble = true;
  input->told = kind;
  app_teller_tell (input->teller, kind, input->name, detail);
}

static AppNoticeKind
of_kind (const AppInput *input, AppNoticeKind camera, AppNoticeKind microphone) {
  return input->config.kind == APP_DEVICE_CAMERA ? camera : microphone;
}

static void
close_device (AppInput *input) {
  if (input->pipeline == NULL) {
    return;
  }
  g_source_destroy (input->watch);
  g_clear_pointer (&input->watch, g_source_unref);
  gst_element_set_state (input->pipeline, GST_STATE_NULL);
  input->config.dropped (input->config.data);
  g_clear_pointer (&input->pipeline, gst_object_unref);
  g_clear_pointer (&input->open_id, g_free);
}

/* Closes it with a word to the person, and tries again later. */
static void
give_up (AppInput *input, AppNoticeKind kind, const char *detail) {
  close_device (input);
  input->retry_us = kind == APP_NOTICE_FILE || kind == APP_NOTICE_CODEC_MISSING
                        ? 0
                        : g_get_monotonic_time () + RETRY_US;
  tell (input, kind, detail);
}

static AppNoticeKind
kind_of_error (const AppInput *input, const GError *error) {
  if (input->is_file) {
    return APP_NOTICE_FILE;
  }
  if (g_error_matches (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_NOT_FOUND)) {
    return of_kind (input, APP_NOTICE_CAMERA_GONE, APP_NOTICE_MICROPHONE_GONE);
  }
  if (g_error_matches (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN) ||
      g_error_matches (error, GST_STREAM_ERROR, GST_STREAM_ERROR_CODEC_NOT_FOUND)) {
    return APP_NOTICE_CODEC_MISSING;
  }
  return of_kind (input, APP_NOTICE_CAMERA_BUSY, APP_NOTICE_MICROPHONE_BUSY);
}

static gboolean
on_message (GstBus *bus, GstMessage *message, void *data) {
  (void)bus;
  AppInput *input = data;
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    g_autoptr (GError) error = NULL;
    g_autofree char *debug = NULL;
    gst_message_parse_error (message, &error, &debug);
    give_up (input, kind_of_error (input, error), error->message);
    return G_SOURCE_REMOVE;
  }
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_LATENCY) {
    gst_bin_recalculate_latency (GST_BIN (input->pipeline));
  }
  if (input->is_file && !app_pipeline_play_file (input->pipeline, message, true)) {
    close_device (input);
    open_device (input);
    return G_SOURCE_REMOVE;
  }
  return G_SOURCE_CONTINUE;
}

static GstPadProbeReturn
on_buffer (GstPad *pad, GstPadProbeInfo *info, void *data) {
  (void)pad;
  (void)info;
  AppInput *input = data;
  atomic_store_explicit (&input->last_buffer_us, g_get_monotonic_time (), memory_order_relaxed);
  return GST_PAD_PROBE_OK;
}

/* What a camera should be asked for: the size and speed that are wanted, raw if it can, else as
 * JPEG, else whatever it has. Returns: (owned) caps; is_jpeg out. */
static GstCaps *
choose_format (const AppInput *input, GstDevice *device, bool *is_jpeg) {
  const int width = input->config.width, height = input->config.height;
  const int least_fps = input->config.fps * 4 / 5;
  g_autoptr (GstCaps) offered = gst_device_get_caps (device);
  for (int try = 0; offered != NULL && try < 6; try++) {
    GstCaps *caps = gst_caps_new_empty_simple (try % 2 == 0 ? "video/x-raw" : "image/jpeg");
    if (try < 4) {
      gst_caps_set_simple (caps, "width", G_TYPE_INT, width, "height", G_TYPE_INT, height, NULL);
    }
    if (try < 2) {
      gst_caps_set_simple (caps, "framerate", GST_TYPE_FRACTION_RANGE, least_fps, 1, 240, 1, NULL);
    }
    if (gst_caps_can_intersect (offered, caps)) {
      *is_jpeg = try % 2 == 1;
      return caps;
    }
    gst_caps_unref (caps);
  }
  *is_jpeg = false;
  return gst_caps_new_empty_simple ("video/x-raw");
}

static bool
link_camera (AppInput *input, GstDevice *device, GstElement *source, GstElement *tail) {
  bool is_jpeg;
  g_autoptr (GstCaps) caps = choose_format (input, device, &is_jpeg);
  GstElement *filter = gst_element_factory_make ("capsfilter", NULL);
  g_object_set (filter, "caps", caps, NULL);
  gst_bin_add (GST_BIN (input->pipeline), filter);
  if (!is_jpeg) {
    return gst_element_link_many (source, filter, tail, NULL);
  }
  GstElement *decoder = gst_element_factory_make ("jpegdec", NULL);
  if (decoder == NULL) {
    return false;
  }
  gst_bin_add (GST_BIN (input->pipeline), decoder);
  return gst_element_link_many (source, filter, decoder, tail, NULL);
}

/* The sound server is told that this is a call, and its volumes are left alone. */
static void
prepare_microphone (GstElement *source) {
  g_autoptr (GstStructure) properties =
      gst_structure_new ("props", "media.role", G_TYPE_STRING, "phone", NULL);
  g_object_set (source, "provide-clock", FALSE, "latency-time", G_GINT64_CONSTANT (10000),
                "buffer-time", G_GINT64_CONSTANT (100000), "stream-properties", properties,
                "client-name", "Ahoy", NULL);
}

static bool
add_device (AppInput *input, GstDevice *device, GstElement *tail) {
  const bool is_camera = input->config.kind == APP_DEVICE_CAMERA;
  const bool is_default = strcmp (input->wanted, APP_DEVICE_DEFAULT) == 0;
  /* Without a name the sound server follows the person's choice of default by itself. */
  GstElement *source = !is_camera && is_default ? gst_element_factory_make ("pulsesrc", NULL)
                                                : gst_device_create_element (device, NULL);
  if (source == NULL) {
    return false;
  }
  gst_bin_add (GST_BIN (input->pipeline), source);
  if (is_camera) {
    /* pipewiresrc takes back the memory of buffers still in use when a stream is renegotiated or
     * ends. */
    if (g_object_class_find_property (G_OBJECT_GET_CLASS (source), "always-copy") != NULL) {
      g_object_set (source, "always-copy", TRUE, NULL);
    }
    return link_camera (input, device, source, tail);
  }
  prepare_microphone (source);
  return gst_element_link_filtered (
      source, tail,
      gst_static_caps_get (&(GstStaticCaps)GST_STATIC_CAPS ("audio/x-raw,rate=48000")));
}

static GstElement *
add_tail (AppInput *input) {
  GstElement *tail = input->config.build (input->config.data, input->is_file);
  if (tail == NULL) {
    return NULL;
  }
  gst_bin_add (GST_BIN (input->pipeline), tail);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (tail, "sink");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, input, NULL);
  return tail;
}

/* Returns false when something of GStreamer is missing. */
static bool
build_pipeline (AppInput *input, GstDevice *device) {
  input->pipeline = app_pipeline_new (app_pipeline_get_epoch ());
  input->watch = app_pipeline_watch (input->pipeline, input->config.context, on_message, input);
  GstElement *tail = add_tail (input);
  if (tail == NULL) {
    return false;
  }
  if (!input->is_file) {
    return add_device (input, device, tail);
  }
  app_pipeline_add_file (input->pipeline, input->wanted + strlen (APP_DEVICE_FILE_PREFIX),
                         input->config.kind == APP_DEVICE_CAMERA ? "video/x-raw" : "audio/x-raw",
                         tail);
  return true;
}

static void
start (AppInput *input, GstDevice *device) {
  input->retry_us = 0;
  input->opened_us = g_get_monotonic_time ();
  atomic_store (&input->last_buffer_us, 0);
  if (!build_pipeline (input, device)) {
    give_up (input, APP_NOTICE_CODEC_MISSING, "an element is missing");
    return;
  }
  /* A failure comes as an error message. */
  gst_element_set_state (input->pipeline, input->is_file ? GST_STATE_PAUSED : GST_STATE_PLAYING);
}

static void
open_device (AppInput *input) {
  if (input->wanted == NULL || input->pipeline != NULL) {
    return;
  }
  input->is_file = g_str_has_prefix (input->wanted, APP_DEVICE_FILE_PREFIX);
  if (input->is_file) {
    g_free (input->name);
    input->name = g_strdup (input->wanted + strlen (APP_DEVICE_FILE_PREFIX));
    start (input, NULL);
    return;
  }
  AppDevice found;
  if (!app_devices_find (input->config.devices, input->config.kind, input->wanted, &found)) {
    input->retry_us = 0;
    tell (input,
          strcmp (input->wanted, APP_DEVICE_DEFAULT) == 0
              ? of_kind (input, APP_NOTICE_NO_CAMERA, APP_NOTICE_NO_MICROPHONE)
              : of_kind (input, APP_NOTICE_CAMERA_GONE, APP_NOTICE_MICROPHONE_GONE),
          NULL);
    return;
  }
  g_free (input->name);
  input->name = g_strdup (found.name);
  g_autoptr (GstDevice) device =
      app_devices_ref_device (input->config.devices, input->config.kind, input->wanted);
  input->open_id = g_strdup (found.id);
  start (input, device);
}

static void
on_added (void *data, const AppDevice *device) {
  AppInput *input = data;
  if (device->kind == input->config.kind && !input->is_file) {
    open_device (input);
  }
}

static void
on_removed (void *data, const AppDevice *device) {
  AppInput *input = data;
  if (input->pipeline == NULL || device->kind != input->config.kind ||
      g_strcmp0 (device->id, input->open_id) != 0) {
    return;
  }
  close_device (input);
  tell (input, of_kind (input, APP_NOTICE_CAMERA_GONE, APP_NOTICE_MICROPHONE_GONE), NULL);
  AppDevice other;
  if (app_devices_find (input->config.devices, input->config.kind, input->wanted, &other)) {
    open_device (input); /* the default has become another one */
  }
}

static void
note_whether_it_works (AppInput *input, int64_t now_us) {
  const int64_t last_us = atomic_load (&input->last_buffer_us);
  if (last_us != 0 && input->has_trouble) {
    input->has_trouble = false;
    app_teller_tell (input->teller,
                     of_kind (input, APP_NOTICE_CAMERA_WORKS, APP_NOTICE_MICROPHONE_WORKS),
                     input->name, NULL);
  }
  if (now_us - MAX (last_us, input->opened_us) > SILENT_US) {
    give_up (input, of_kind (input, APP_NOTICE_CAMERA_SILENT, APP_NOTICE_MICROPHONE_SILENT), NULL);
  }
}

static gboolean
on_timer (void *data) {
  AppInput *input = data;
  const int64_t now_us = g_get_monotonic_time ();
  if (input->pipeline != NULL) {
    note_whether_it_works (input, now_us);
  } else if (input->retry_us != 0 && now_us >= input->retry_us) {
    input->retry_us = 0;
    open_device (input);
  }
  return G_SOURCE_CONTINUE;
}

AppInput *
app_input_new (const AppInputConfig *config) {
  AppInput *input = g_new0 (AppInput, 1);
  input->config = *config;
  input->teller = app_teller_new (config->context, config->notice, config->notice_data);
  const AppDevicesListener listener = {.added = on_added, .removed = on_removed, .data = input};
  input->listener = app_devices_listen (config->devices, &listener);
  input->timer = g_timeout_source_new (WATCH_MS);
  g_source_set_callback (input->timer, on_timer, input, NULL);
  g_source_attach (input->timer, config->context);
  return input;
}

void
app_input_free (AppInput *input) {
  if (input == NULL) {
    return;
  }
  close_device (input);
  app_devices_unlisten (input->config.devices, input->listener);
  g_source_destroy (input->timer);
  g_source_unref (input->timer);
  app_teller_free (input->teller);
  g_free (input->wanted);
  g_free (input->name);
  g_free (input);
}

void
app_input_set_device (AppInput *input, const char *id) {
  char *wanted = g_strdup (id);
  close_device (input);
  g_free (input->wanted);
  g_clear_pointer (&input->name, g_free);
  input->wanted = wanted;
  input->has_trouble = false;
  input->retry_us = 0;
  open_device (input);
}

bool
app_input_is_running (AppInput *input) {
  return g_get_monotonic_time () - atomic_load (&input->last_buffer_us) < RUNS_US;
}

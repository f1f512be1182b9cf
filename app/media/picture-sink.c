/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/picture-sink.h"

#include <gst/video/video.h>

struct AppPictureOutlet {
  gint references; /* the waiting source holds one */
  AppPictureSink sink;
  GMutex mutex;
  bool closed;
  bool is_waiting; /* an idle source is on its way */
  bool clears;     /* and it has to clear first */
  bool has_picture;
  AppPicture picture; /* the newest, not shown yet; bytes owned */
};

AppPictureOutlet *
app_picture_outlet_new (const AppPictureSink *sink) {
  AppPictureOutlet *outlet = g_new0 (AppPictureOutlet, 1);
  outlet->references = 1;
  outlet->sink = *sink;
  if (sink->context != NULL) {
    g_main_context_ref (sink->context);
  }
  g_mutex_init (&outlet->mutex);
  return outlet;
}

static void
drop_picture (AppPictureOutlet *outlet) {
  if (outlet->has_picture) {
    outlet->has_picture = false;
    g_clear_pointer (&outlet->picture.bytes, g_bytes_unref);
  }
}

static void
unref (void *data) {
  AppPictureOutlet *outlet = data;
  if (!g_atomic_int_dec_and_test (&outlet->references)) {
    return;
  }
  drop_picture (outlet);
  g_clear_pointer (&outlet->sink.context, g_main_context_unref);
  g_mutex_clear (&outlet->mutex);
  g_free (outlet);
}

void
app_picture_outlet_free (AppPictureOutlet *outlet) {
  if (outlet == NULL) {
    return;
  }
  g_mutex_lock (&outlet->mutex);
  outlet->closed = true;
  drop_picture (outlet);
  g_mutex_unlock (&outlet->mutex);
  unref (outlet);
}

const char *
app_picture_outlet_get_caps (const AppPictureOutlet *outlet) {
  return outlet->sink.format == APP_PICTURE_RGB ? "video/x-raw,format=RGB"
                                                : "video/x-raw,format=BGRA";
}

static gboolean
on_idle (void *data) {
  AppPictureOutlet *outlet = data;
  g_mutex_lock (&outlet->mutex);
  outlet->is_waiting = false;
  const bool clears = outlet->clears && !outlet->closed;
  const bool shows = outlet->has_picture && !outlet->closed;
  AppPicture picture = outlet->picture;
  outlet->clears = false;
  outlet->has_picture = false;
  g_mutex_unlock (&outlet->mutex);
  if (clears && outlet->sink.cleared != NULL) {
    outlet->sink.cleared (outlet->sink.data);
  }
  if (shows) {
    outlet->sink.show (outlet->sink.data, &picture);
    g_bytes_unref (picture.bytes);
  }
  return G_SOURCE_REMOVE;
}

/* With the mutex held. Returns true when the caller has to run on_idle() itself, after unlocking.
 */
static bool
schedule (AppPictureOutlet *outlet) {
  if (outlet->sink.context == NULL) {
    return true;
  }
  if (!outlet->is_waiting) {
    outlet->is_waiting = true;
    g_atomic_int_inc (&outlet->references);
    GSource *source = g_idle_source_new ();
    g_source_set_priority (source, G_PRIORITY_DEFAULT);
    g_source_set_callback (source, on_idle, outlet, unref);
    g_source_attach (source, outlet->sink.context);
    g_source_unref (source);
  }
  return false;
}

typedef struct {
  GstVideoFrame frame;
  GstBuffer *buffer; /* owned */
} Mapped;

static void
unmap (void *data) {
  Mapped *mapped = data;
  gst_video_frame_unmap (&mapped->frame);
  gst_buffer_unref (mapped->buffer);
  g_free (mapped);
}

/* Returns false when sample holds no raw picture. */
static bool
map_picture (AppPictureOutlet *outlet, GstSample *sample, int64_t time_us, AppPicture *picture) {
  GstVideoInfo info;
  GstCaps *caps = gst_sample_get_caps (sample);
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  if (caps == NULL || buffer == NULL || !gst_video_info_from_caps (&info, caps)) {
    return false;
  }
  Mapped *mapped = g_new0 (Mapped, 1);
  if (!gst_video_frame_map (&mapped->frame, &info, buffer, GST_MAP_READ)) {
    g_free (mapped);
    return false;
  }
  mapped->buffer = gst_buffer_ref (buffer);
  const size_t stride = (size_t)GST_VIDEO_FRAME_PLANE_STRIDE (&mapped->frame, 0);
  *picture = (AppPicture){
      .format = outlet->sink.format,
      .width = GST_VIDEO_INFO_WIDTH (&info),
      .height = GST_VIDEO_INFO_HEIGHT (&info),
      .stride = stride,
      .time_us = time_us,
      .bytes = g_bytes_new_with_free_func (GST_VIDEO_FRAME_PLANE_DATA (&mapped->frame, 0),
                                           stride * (size_t)GST_VIDEO_INFO_HEIGHT (&info), unmap,
                                           mapped),
  };
  return true;
}

bool
app_picture_outlet_put (AppPictureOutlet *outlet, GstSample *sample, int64_t time_us) {
  AppPicture picture;
  if (!map_picture (outlet, sample, time_us, &picture)) {
    return false;
  }
  g_mutex_lock (&outlet->mutex);
  if (outlet->closed) {
    g_mutex_unlock (&outlet->mutex);
    g_bytes_unref (picture.bytes);
    return true;
  }
  drop_picture (outlet);
  outlet->picture = picture;
  outlet->has_picture = true;
  const bool now = schedule (outlet);
  g_mutex_unlock (&outlet->mutex);
  if (now) {
    on_idle (outlet);
  }
  return true;
}

void
app_picture_outlet_clear (AppPictureOutlet *outlet) {
  g_mutex_lock (&outlet->mutex);
  drop_picture (outlet);
  outlet->clears = true;
  const bool now = schedule (outlet);
  g_mutex_unlock (&outlet->mutex);
  if (now) {
    on_idle (outlet);
  }
}

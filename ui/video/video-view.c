/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for a place on screen where the frames of a slot are seen. */
#include "ui/video/video-view.h"
#include "ui/video/video-paintable.h"

struct _UiVideoView {
  AdwBin parent_instance;

  /* owned */
  UiFrameSlot *slot;
  UiVideoPaintable *paintable;

  GtkPicture *picture; /* borrowed: the child */
  gboolean mirrored;
  gboolean had_picture;
};

G_DEFINE_FINAL_TYPE (UiVideoView, ui_video_view, ADW_TYPE_BIN)

enum { PROP_MIRRORED = 1, PROP_COVER, PROP_HAS_PICTURE, N_PROPS };
static GParamSpec *props[N_PROPS];

/* The cairo renderer copies RGB rows as they are, but sends BGRA through floats; GL likes BGRA. */
static void
tell_wanted_format (UiVideoView *self) {
  GtkNative *native = gtk_widget_get_native (GTK_WIDGET (self));
  GskRenderer *renderer = native != NULL ? gtk_native_get_renderer (native) : NULL;
  if (self->slot == NULL || renderer == NULL) {
    return;
  }
  const gboolean cairo = g_strcmp0 (G_OBJECT_TYPE_NAME (renderer), "GskCairoRenderer") == 0;
  ui_frame_slot_set_wanted_format (self->slot, cairo ? UI_FRAME_FORMAT_RGB : UI_FRAME_FORMAT_BGRA);
}

static void
on_contents (UiVideoView *self) {
  const gboolean has_picture = ui_video_view_get_has_picture (self);
  if (has_picture != self->had_picture) {
    self->had_picture = has_picture;
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_HAS_PICTURE]);
  }
}

void
ui_video_view_set_slot (UiVideoView *self, UiFrameSlot *slot) {
  g_return_if_fail (UI_IS_VIDEO_VIEW (self));
  if (!g_set_object (&self->slot, slot)) {
    return;
  }
  if (self->paintable != NULL) {
    g_signal_handlers_disconnect_by_data (self->paintable, self);
    g_clear_object (&self->paintable);
  }
  if (slot != NULL) {
    self->paintable = ui_video_paintable_new (slot, self->mirrored);
    g_signal_connect_object (self->paintable, "invalidate-contents", G_CALLBACK (on_contents), self,
                             G_CONNECT_SWAPPED);
  }
  gtk_picture_set_paintable (self->picture, GDK_PAINTABLE (self->paintable));
  tell_wanted_format (self);
  on_contents (self);
}

gboolean
ui_video_view_get_has_picture (UiVideoView *self) {
  g_return_val_if_fail (UI_IS_VIDEO_VIEW (self), FALSE);
  return self->paintable != NULL && ui_video_paintable_has_picture (self->paintable);
}

void
ui_video_view_set_cover (UiVideoView *self, gboolean cover) {
  g_return_if_fail (UI_IS_VIDEO_VIEW (self));
  gtk_picture_set_content_fit (self->picture,
                               cover ? GTK_CONTENT_FIT_COVER : GTK_CONTENT_FIT_CONTAIN);
}

gboolean
ui_video_view_get_cover (UiVideoView *self) {
  g_return_val_if_fail (UI_IS_VIDEO_VIEW (self), FALSE);
  return gtk_picture_get_content_fit (self->picture) == GTK_CONTENT_FIT_COVER;
}

/* The place decides the size, not the picture: a change of resolution moves nothing. */
static void
ui_video_view_measure (GtkWidget *widget G_GNUC_UNUSED, GtkOrientation orientation G_GNUC_UNUSED,
                       int for_size G_GNUC_UNUSED, int *minimum, int *natural,
                       int *minimum_baseline, int *natural_baseline) {
  *minimum = *natural = 0;
  *minimum_baseline = *natural_baseline = -1;
}

static void
ui_video_view_size_allocate (GtkWidget *widget, int width, int height, int baseline) {
  gtk_widget_allocate (GTK_WIDGET (UI_VIDEO_VIEW (widget)->picture), width, height, baseline, NULL);
}

static void
ui_video_view_map (GtkWidget *widget) {
  GTK_WIDGET_CLASS (ui_video_view_parent_class)->map (widget);
  tell_wanted_format (UI_VIDEO_VIEW (widget));
}

static void
ui_video_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec) {
  UiVideoView *self = UI_VIDEO_VIEW (object);
  switch (id) {
  case PROP_MIRRORED:
    g_value_set_boolean (value, self->mirrored);
    break;
  case PROP_COVER:
    g_value_set_boolean (value, ui_video_view_get_cover (self));
    break;
  case PROP_HAS_PICTURE:
    g_value_set_boolean (value, ui_video_view_get_has_picture (self));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
ui_video_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec) {
  UiVideoView *self = UI_VIDEO_VIEW (object);
  switch (id) {
  case PROP_MIRRORED:
    self->mirrored = g_value_get_boolean (value);
    break;
  case PROP_COVER:
    ui_video_view_set_cover (self, g_value_get_boolean (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
ui_video_view_dispose (GObject *object) {
  UiVideoView *self = UI_VIDEO_VIEW (object);
  g_clear_object (&self->paintable);
  g_clear_object (&self->slot);
  G_OBJECT_CLASS (ui_video_view_parent_class)->dispose (object);
}

static void
ui_video_view_class_init (UiVideoViewClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->get_property = ui_video_view_get_property;
  object_class->set_property = ui_video_view_set_property;
  object_class->dispose = ui_video_view_dispose;
  GTK_WIDGET_CLASS (klass)->map = ui_video_view_map;
  GTK_WIDGET_CLASS (klass)->measure = ui_video_view_measure;
  GTK_WIDGET_CLASS (klass)->size_allocate = ui_video_view_size_allocate;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "videoview");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_IMG);

  props[PROP_MIRRORED] = g_param_spec_boolean ("mirrored", NULL, NULL, FALSE,
                                               G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  props[PROP_COVER] =
      g_param_spec_boolean ("cover", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  props[PROP_HAS_PICTURE] = g_param_spec_boolean ("has-picture", NULL, NULL, FALSE,
                                                  G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ui_video_view_init (UiVideoView *self) {
  self->picture = GTK_PICTURE (gtk_picture_new ());
  gtk_picture_set_can_shrink (self->picture, TRUE);
  gtk_widget_set_layout_manager (GTK_WIDGET (self), NULL);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->picture));
}

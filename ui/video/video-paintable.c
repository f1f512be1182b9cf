/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for showing a UiFrameSlot as a GdkPaintable. */
#include "ui/video/video-paintable.h"

#include <gtk/gtk.h>

struct _UiVideoPaintable {
  GObject parent_instance;

  /* owned */
  UiFrameSlot *slot;
  GdkTexture *texture; /* NULL: nothing to show */

  gboolean mirrored;
  guint64 shown;
};

static void paintable_init (GdkPaintableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (UiVideoPaintable, ui_video_paintable, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GDK_TYPE_PAINTABLE, paintable_init))

static int
get_intrinsic_width (GdkPaintable *paintable) {
  UiVideoPaintable *self = UI_VIDEO_PAINTABLE (paintable);
  return self->texture != NULL ? gdk_texture_get_width (self->texture) : 0;
}

static int
get_intrinsic_height (GdkPaintable *paintable) {
  UiVideoPaintable *self = UI_VIDEO_PAINTABLE (paintable);
  return self->texture != NULL ? gdk_texture_get_height (self->texture) : 0;
}

static void
paint (GdkPaintable *paintable, GdkSnapshot *snapshot, double width, double height) {
  UiVideoPaintable *self = UI_VIDEO_PAINTABLE (paintable);
  if (self->texture == NULL) {
    return;
  }
  const graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, (float)width, (float)height);
  if (!self->mirrored) {
    gtk_snapshot_append_texture (snapshot, self->texture, &bounds);
    return;
  }
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float)width, 0));
  gtk_snapshot_scale (snapshot, -1, 1);
  gtk_snapshot_append_texture (snapshot, self->texture, &bounds);
  gtk_snapshot_restore (snapshot);
}

static void
paintable_init (GdkPaintableInterface *iface) {
  iface->get_intrinsic_width = get_intrinsic_width;
  iface->get_intrinsic_height = get_intrinsic_height;
  iface->snapshot = paint;
}

static void
show_texture (UiVideoPaintable *self, GdkTexture *texture) {
  GdkPaintable *paintable = GDK_PAINTABLE (self);
  const int old_width = get_intrinsic_width (paintable);
  const int old_height = get_intrinsic_height (paintable);

  g_clear_object (&self->texture);
  self->texture = texture;
  if (old_width != get_intrinsic_width (paintable) ||
      old_height != get_intrinsic_height (paintable)) {
    gdk_paintable_invalidate_size (paintable);
  }
  gdk_paintable_invalidate_contents (paintable);
}

static GdkTexture *
make_texture (const UiFrame *frame) {
  const GdkMemoryFormat format =
      frame->format == UI_FRAME_FORMAT_RGB ? GDK_MEMORY_R8G8B8 : GDK_MEMORY_B8G8R8A8_PREMULTIPLIED;
  return gdk_memory_texture_new ((int)frame->width_pixels, (int)frame->height_pixels, format,
                                 frame->bytes, frame->stride_bytes);
}

static void
on_frame_ready (UiFrameSlot *slot, gpointer data) {
  UiVideoPaintable *self = data;
  UiFrame frame;
  if (ui_frame_slot_take (slot, &frame)) {
    show_texture (self, make_texture (&frame));
    g_bytes_unref (frame.bytes);
    self->shown++;
  } else if (ui_frame_slot_is_blank (slot) && self->texture != NULL) {
    show_texture (self, NULL);
  }
}

UiVideoPaintable *
ui_video_paintable_new (UiFrameSlot *slot, gboolean mirrored) {
  g_return_val_if_fail (UI_IS_FRAME_SLOT (slot), NULL);

  UiVideoPaintable *self = g_object_new (UI_TYPE_VIDEO_PAINTABLE, NULL);
  self->slot = g_object_ref (slot);
  self->mirrored = mirrored;
  g_signal_connect_object (slot, "frame-ready", G_CALLBACK (on_frame_ready), self, 0);
  on_frame_ready (slot, self);
  return self;
}

gboolean
ui_video_paintable_has_picture (UiVideoPaintable *self) {
  g_return_val_if_fail (UI_IS_VIDEO_PAINTABLE (self), FALSE);
  return self->texture != NULL;
}

guint64
ui_video_paintable_get_shown (UiVideoPaintable *self) {
  g_return_val_if_fail (UI_IS_VIDEO_PAINTABLE (self), 0);
  return self->shown;
}

static void
ui_video_paintable_finalize (GObject *object) {
  UiVideoPaintable *self = UI_VIDEO_PAINTABLE (object);
  g_clear_object (&self->slot);
  g_clear_object (&self->texture);
  G_OBJECT_CLASS (ui_video_paintable_parent_class)->finalize (object);
}

static void
ui_video_paintable_class_init (UiVideoPaintableClass *klass) {
  G_OBJECT_CLASS (klass)->finalize = ui_video_paintable_finalize;
}

static void
ui_video_paintable_init (UiVideoPaintable *self G_GNUC_UNUSED) {
}

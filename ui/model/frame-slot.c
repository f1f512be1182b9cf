/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the mailbox of one frame between a decoder's thread and the screen. */
#include "ui/model/frame-slot.h"

#define MAX_SIDE_PIXELS 16384u

struct _UiFrameSlot {
  GObject parent_instance;

  GMutex lock;
  /* under lock */
  UiFrame waiting; /* bytes NULL: none */
  gboolean blank;
  gboolean told; /* a signal is on its way to the main context */
  UiFrameFormat wanted_format;
  guint64 pushed;
  guint64 dropped;
};

G_DEFINE_FINAL_TYPE (UiFrameSlot, ui_frame_slot, G_TYPE_OBJECT)

static guint frame_ready_signal;

static gboolean
tell (gpointer data) {
  UiFrameSlot *self = data;
  g_mutex_lock (&self->lock);
  self->told = FALSE;
  g_mutex_unlock (&self->lock);
  g_signal_emit (self, frame_ready_signal, 0);
  return G_SOURCE_REMOVE;
}

/* Above GTK's redraw (DEFAULT is before it), so that a frame makes the very next repaint. */
static void
tell_later (UiFrameSlot *self) {
  g_idle_add_full (G_PRIORITY_DEFAULT, tell, g_object_ref (self), g_object_unref);
}

static gboolean
is_whole (GBytes *bytes, guint width_pixels, guint height_pixels, gsize stride_bytes,
          UiFrameFormat format) {
  const gsize pixel_bytes = format == UI_FRAME_FORMAT_RGB ? 3 : 4;
  if (bytes == NULL || width_pixels == 0 || height_pixels == 0 || width_pixels > MAX_SIDE_PIXELS ||
      height_pixels > MAX_SIDE_PIXELS || stride_bytes > G_MAXSIZE / MAX_SIDE_PIXELS / 2) {
    return FALSE;
  }
  const gsize row_bytes = width_pixels * pixel_bytes;
  return stride_bytes >= row_bytes &&
         g_bytes_get_size (bytes) >= stride_bytes * (height_pixels - 1) + row_bytes;
}

void
ui_frame_slot_push (UiFrameSlot *self, GBytes *bytes, guint width_pixels, guint height_pixels,
                    gsize stride_bytes, UiFrameFormat format) {
  g_return_if_fail (UI_IS_FRAME_SLOT (self));

  const gboolean whole = is_whole (bytes, width_pixels, height_pixels, stride_bytes, format);
  GBytes *stale = NULL;
  gboolean must_tell = FALSE;

  g_mutex_lock (&self->lock);
  self->pushed++;
  if (!whole) {
    self->dropped++;
  } else {
    stale = self->waiting.bytes;
    self->dropped += stale != NULL;
    self->waiting = (UiFrame){.bytes = g_bytes_ref (bytes),
                              .width_pixels = width_pixels,
                              .height_pixels = height_pixels,
                              .stride_bytes = stride_bytes,
                              .format = format};
    self->blank = FALSE;
    must_tell = !self->told;
    self->told = TRUE;
  }
  g_mutex_unlock (&self->lock);

  /* Freeing may unmap a decoder's buffer, which is no business of whoever waits for the lock. */
  g_clear_pointer (&stale, g_bytes_unref);
  if (must_tell) {
    tell_later (self);
  }
}

void
ui_frame_slot_clear (UiFrameSlot *self) {
  g_return_if_fail (UI_IS_FRAME_SLOT (self));

  g_mutex_lock (&self->lock);
  GBytes *stale = self->waiting.bytes;
  self->dropped += stale != NULL;
  self->waiting.bytes = NULL;
  const gboolean must_tell = !self->told && !self->blank;
  self->blank = TRUE;
  self->told = self->told || must_tell;
  g_mutex_unlock (&self->lock);

  g_clear_pointer (&stale, g_bytes_unref);
  if (must_tell) {
    tell_later (self);
  }
}

gboolean
ui_frame_slot_take (UiFrameSlot *self, UiFrame *frame) {
  g_return_val_if_fail (UI_IS_FRAME_SLOT (self), FALSE);
  g_return_val_if_fail (frame != NULL, FALSE);

  g_mutex_lock (&self->lock);
  const gboolean waits = self->waiting.bytes != NULL;
  if (waits) {
    *frame = self->waiting;
    self->waiting.bytes = NULL;
  }
  g_mutex_unlock (&self->lock);
  return waits;
}

gboolean
ui_frame_slot_is_blank (UiFrameSlot *self) {
  g_return_val_if_fail (UI_IS_FRAME_SLOT (self), TRUE);
  g_mutex_lock (&self->lock);
  const gboolean blank = self->blank;
  g_mutex_unlock (&self->lock);
  return blank;
}

void
ui_frame_slot_set_wanted_format (UiFrameSlot *self, UiFrameFormat format) {
  g_return_if_fail (UI_IS_FRAME_SLOT (self));
  g_mutex_lock (&self->lock);
  self->wanted_format = format;
  g_mutex_unlock (&self->lock);
}

UiFrameFormat
ui_frame_slot_get_wanted_format (UiFrameSlot *self) {
  g_return_val_if_fail (UI_IS_FRAME_SLOT (self), UI_FRAME_FORMAT_RGB);
  g_mutex_lock (&self->lock);
  const UiFrameFormat format = self->wanted_format;
  g_mutex_unlock (&self->lock);
  return format;
}

guint64
ui_frame_slot_get_pushed (UiFrameSlot *self) {
  g_return_val_if_fail (UI_IS_FRAME_SLOT (self), 0);
  g_mutex_lock (&self->lock);
  const guint64 pushed = self->pushed;
  g_mutex_unlock (&self->lock);
  return pushed;
}

guint64
ui_frame_slot_get_dropped (UiFrameSlot *self) {
  g_return_val_if_fail (UI_IS_FRAME_SLOT (self), 0);
  g_mutex_lock (&self->lock);
  const guint64 dropped = self->dropped;
  g_mutex_unlock (&self->lock);
  return dropped;
}

UiFrameSlot *
ui_frame_slot_new (void) {
  return g_object_new (UI_TYPE_FRAME_SLOT, NULL);
}

static void
ui_frame_slot_finalize (GObject *object) {
  UiFrameSlot *self = UI_FRAME_SLOT (object);
  g_clear_pointer (&self->waiting.bytes, g_bytes_unref);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (ui_frame_slot_parent_class)->finalize (object);
}

static void
ui_frame_slot_class_init (UiFrameSlotClass *klass) {
  G_OBJECT_CLASS (klass)->finalize = ui_frame_slot_finalize;
  frame_ready_signal = g_signal_new ("frame-ready", UI_TYPE_FRAME_SLOT, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 0);
}

static void
ui_frame_slot_init (UiFrameSlot *self) {
  g_mutex_init (&self->lock);
  self->blank = TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for one stream of pictures on its way to a screen: a mailbox of one frame, filled from
 * any thread and emptied by the main thread; a newer frame replaces one that still waits. */
#ifndef AHOY_UI_MODEL_FRAME_SLOT_H
#define AHOY_UI_MODEL_FRAME_SLOT_H

#include <gio/gio.h>

G_BEGIN_DECLS

/* The layouts that a screen takes without another conversion. RGB is the cheaper one for the cairo
 * renderer, BGRA (premultiplied, alpha 255) for GL. */
typedef enum {
  UI_FRAME_FORMAT_RGB,
  UI_FRAME_FORMAT_BGRA,
} UiFrameFormat;

/* One picture. Rows of `stride_bytes` octets, top row first; `bytes` holds at least
 * stride_bytes * (height - 1) + width * 3 (RGB) or * 4 (BGRA) octets. */
typedef struct {
  GBytes *bytes; /* (owned by whoever holds the frame) */
  guint width_pixels;
  guint height_pixels;
  gsize stride_bytes;
  UiFrameFormat format;
} UiFrame;

#define UI_TYPE_FRAME_SLOT (ui_frame_slot_get_type ())
G_DECLARE_FINAL_TYPE (UiFrameSlot, ui_frame_slot, UI, FRAME_SLOT, GObject)

/* Signals: "frame-ready" (): in the default main context, when a frame waits or the slot was
 * cleared. Several pushes between two turns of the main loop make one signal. */

/* Makes an empty slot. Returns: (owned). */
UiFrameSlot *ui_frame_slot_new (void);

/* Puts a frame into the slot; one that still waits is dropped and counted. Any thread.
 * bytes: (copied reference) the pixels, never written again by the caller. A GBytes made with
 *   g_bytes_new_with_free_func over a mapped buffer costs no copy.
 * width_pixels, height_pixels: 1..16384. stride_bytes: see UiFrame.
 * A frame whose bytes are too few for its size is dropped and counted. */
void ui_frame_slot_push (UiFrameSlot *self, GBytes *bytes, guint width_pixels, guint height_pixels,
                         gsize stride_bytes, UiFrameFormat format);

/* Empties the slot and tells the screen to show nothing (camera off, call over). Any thread. */
void ui_frame_slot_clear (UiFrameSlot *self);

/* Takes the frame that waits. Main thread.
 * frame: (out) filled only when TRUE is returned; the caller owns frame->bytes.
 * Returns: FALSE if none waits. */
gboolean ui_frame_slot_take (UiFrameSlot *self, UiFrame *frame);

/* Returns: whether the slot was cleared after the last frame (show nothing). Any thread. */
gboolean ui_frame_slot_is_blank (UiFrameSlot *self);

/* The layout the screen would like; set by the video widget, read by the source of frames when it
 * chooses its conversion. A source may give another one. Any thread. Default RGB. */
void ui_frame_slot_set_wanted_format (UiFrameSlot *self, UiFrameFormat format);
UiFrameFormat ui_frame_slot_get_wanted_format (UiFrameSlot *self);

/* Frames pushed, and frames of these that nobody saw since a newer one (or a bad size) came first.
 * Any thread. */
guint64 ui_frame_slot_get_pushed (UiFrameSlot *self);
guint64 ui_frame_slot_get_dropped (UiFrameSlot *self);

G_END_DECLS

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for showing a UiFrameSlot as a GdkPaintable: the newest frame, never copied, sized as it
 * came. */
#ifndef AHOY_UI_VIDEO_VIDEO_PAINTABLE_H
#define AHOY_UI_VIDEO_VIDEO_PAINTABLE_H

#include "ui/model/frame-slot.h"

#include <gdk/gdk.h>

G_BEGIN_DECLS

#define UI_TYPE_VIDEO_PAINTABLE (ui_video_paintable_get_type ())
G_DECLARE_FINAL_TYPE (UiVideoPaintable, ui_video_paintable, UI, VIDEO_PAINTABLE, GObject)

/* slot: (copied reference). mirrored: as in a looking-glass, for one's own picture.
 * Returns: (owned). Its intrinsic size is the newest frame's, 0 x 0 while there is none. */
UiVideoPaintable *ui_video_paintable_new (UiFrameSlot *slot, gboolean mirrored);

/* Returns: whether it has a picture. Told by GdkPaintable's own signals. */
gboolean ui_video_paintable_has_picture (UiVideoPaintable *self);

/* Returns: frames that became textures. */
guint64 ui_video_paintable_get_shown (UiVideoPaintable *self);

G_END_DECLS

#endif

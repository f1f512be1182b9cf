/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for a place on screen where the frames of a slot are seen, whole or filling the place. */
#ifndef AHOY_UI_VIDEO_VIDEO_VIEW_H
#define AHOY_UI_VIDEO_VIDEO_VIEW_H

#include "ui/model/frame-slot.h"

#include <adwaita.h>

G_BEGIN_DECLS

/* Properties: "mirrored" (bool, set before the slot), "cover" (bool: fill the place and crop, else
 * show the whole picture), "has-picture" (bool, read only). */
#define UI_TYPE_VIDEO_VIEW (ui_video_view_get_type ())
G_DECLARE_FINAL_TYPE (UiVideoView, ui_video_view, UI, VIDEO_VIEW, AdwBin)

/* slot: (copied reference) or NULL: nothing. Tells the slot which layout this screen likes. */
void ui_video_view_set_slot (UiVideoView *self, UiFrameSlot *slot);
gboolean ui_video_view_get_has_picture (UiVideoView *self);
void ui_video_view_set_cover (UiVideoView *self, gboolean cover);
gboolean ui_video_view_get_cover (UiVideoView *self);

G_END_DECLS

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Only for app/media: from an appsink with raw pictures to an AppPictureSink; the newest wins, at
 * most one waits. */
#ifndef APP_MEDIA_PICTURE_SINK_H
#define APP_MEDIA_PICTURE_SINK_H

#include "app/media/picture.h"

#include <gst/gst.h>

typedef struct AppPictureOutlet AppPictureOutlet;

AppPictureOutlet *app_picture_outlet_new (const AppPictureSink *sink);
/* Nothing is shown after this has returned. On the sink's context's thread (or, without a context,
 * when no pipeline runs). */
void app_picture_outlet_free (AppPictureOutlet *outlet);

/* Caps (text) that the appsink should have. */
const char *app_picture_outlet_get_caps (const AppPictureOutlet *outlet);

/* Any thread. sample: raw video of those caps. Returns false when it is none. */
bool app_picture_outlet_put (AppPictureOutlet *outlet, GstSample *sample, int64_t time_us);
/* The video stopped: forgets what waits and tells the sink. Any thread. */
void app_picture_outlet_clear (AppPictureOutlet *outlet);

#endif

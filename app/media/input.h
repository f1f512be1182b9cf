/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Only for app/media: keeps one device or file feeding a chain of elements. Opens it, notices when
 * it fails, goes or falls silent, says so once, and takes it again when it is back. */
#ifndef APP_MEDIA_INPUT_H
#define APP_MEDIA_INPUT_H

#include "app/media/devices.h"
#include "app/media/media.h"

#include <gst/gst.h>

typedef struct AppInput AppInput;

typedef struct {
  AppDeviceKind kind;     /* camera or microphone */
  GMainContext *context;  /* (borrowed for life) */
  AppDevices *devices;    /* (borrowed for life) */
  int width, height, fps; /* a camera's format should be near these */
  /* A new bin (floating) with a sink pad "sink", taking raw sound or raw video of any format.
   * paced: the source is a file, which the bin has to hold to the clock. NULL = cannot be built. On
   * the context's thread. */
  GstElement *(*build) (void *data, bool paced);
  /* The bin is going to be taken apart; let go of what build() kept. On the context's thread. */
  void (*dropped) (void *data);
  void *data;
  AppNoticeFunc notice; /* may be NULL */
  void *notice_data;
} AppInputConfig;

AppInput *app_input_new (const AppInputConfig *config);
void app_input_free (AppInput *input);

/* NULL = closed. The same id again opens it anew. */
void app_input_set_device (AppInput *input, const char *id);
/* Something came in the last second. Any thread. */
bool app_input_is_running (AppInput *input);

#endif

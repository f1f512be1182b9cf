/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A raw picture for a screen, and the sink that shows it: the newest wins, at most one waits. */
#ifndef APP_MEDIA_PICTURE_H
#define APP_MEDIA_PICTURE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
  APP_PICTURE_RGB,  /* 3 bytes a pixel: R G B (GDK_MEMORY_R8G8B8): cheapest for GTK's cairo renderer
                     */
  APP_PICTURE_BGRA, /* 4 bytes a pixel: B G R A, opaque (GDK_MEMORY_B8G8R8A8_PREMULTIPLIED):
                       cheapest for its GL renderer */
} AppPictureFormat;

typedef struct {
  AppPictureFormat format;
  int width;       /* pixels */
  int height;      /* pixels */
  size_t stride;   /* bytes from one row to the next */
  int64_t time_us; /* local preview: when captured (monotonic). remote: the sender's clock */
  GBytes *bytes;   /* (borrowed; take a reference to keep) stride * height bytes, no copy of the
                      decoder's picture */
} AppPicture;

/* show() runs on `context` (as its own idle source, at most one waiting; a newer picture replaces
 * the waiting one), or straight on the streaming thread when context is NULL. cleared() (may be
 * NULL) runs there too, when the video stopped and the last picture should no longer stand. */
typedef struct {
  void (*show) (void *data, const AppPicture *picture);
  void (*cleared) (void *data);
  void *data;
  GMainContext *context;   /* (borrowed; the maker of the sink keeps it) */
  AppPictureFormat format; /* asked for */
} AppPictureSink;

#endif

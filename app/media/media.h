/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every part of app/media shares: starting the library, and the clear sentences it may have to
 * say.
 *
 * app/media is a leaf over GStreamer (and libopus for decoding): it knows no network and no GTK.
 * Whoever joins it to the network passes frames (frame.h) from AppCapture to a peer, and from a
 * peer into AppPlayback.
 *
 * One clock: every `time_us` in app/media is g_get_monotonic_time(). */
#ifndef APP_MEDIA_H
#define APP_MEDIA_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* What happened to a device or a codec. Every one of them leaves the call running without that
 * part. */
typedef enum {
  APP_NOTICE_NO_CAMERA, /* asked for the default one, and there is none */
  APP_NOTICE_NO_MICROPHONE,
  APP_NOTICE_NO_SPEAKER,
  APP_NOTICE_CAMERA_GONE, /* unplugged, or the chosen one is not there */
  APP_NOTICE_MICROPHONE_GONE,
  APP_NOTICE_SPEAKER_GONE, /* sound goes to the default speaker */
  APP_NOTICE_CAMERA_BUSY,  /* another program has it, or it may not be opened */
  APP_NOTICE_MICROPHONE_BUSY,
  APP_NOTICE_CAMERA_SILENT, /* open, but no picture comes */
  APP_NOTICE_MICROPHONE_SILENT,
  APP_NOTICE_CAMERA_WORKS, /* runs (again) */
  APP_NOTICE_MICROPHONE_WORKS,
  APP_NOTICE_NO_ECHO_CANCELLING, /* webrtcdsp is not installed */
  APP_NOTICE_CODEC_MISSING,      /* an encoder or decoder is not installed */
  APP_NOTICE_LINE_THIN,          /* the network carries sound only: no picture is sent for now */
  APP_NOTICE_LINE_WIDE,          /* pictures are sent again */
  APP_NOTICE_FILE,               /* a file cannot be read or holds nothing of this kind */
} AppNoticeKind;

typedef struct {
  AppNoticeKind kind;
  const char *
      device; /* (borrowed) human name of the device, or the file's path; NULL when there is none */
  const char *detail; /* (borrowed) technical words for a log; NULL when there are none */
} AppNotice;

/* Called on the GMainContext given to whoever reports. */
typedef void (*AppNoticeFunc) (void *data, const AppNotice *notice);

/* One sentence for a person, in English; ui translates it by notice->kind. Returns: (owned,
 * g_free). */
char *app_notice_sentence (const AppNotice *notice);

/* Starts GStreamer; call once, before anything else here, on any thread. Returns false with error
 * set when it cannot. */
bool app_media_init (GError **error);

#endif

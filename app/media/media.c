/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Starts GStreamer and puts notices into words. */
#include "app/media/media.h"

#include <glib/gi18n.h>
#include <gst/gst.h>

bool
app_media_init (GError **error) {
  return gst_init_check (NULL, NULL, error);
}

static const char *
sentence_of (AppNoticeKind kind) {
  switch (kind) {
  case APP_NOTICE_NO_CAMERA:
    return _ ("No camera was found: the call goes on without your picture.");
  case APP_NOTICE_NO_MICROPHONE:
    return _ ("No microphone was found: the call goes on without your voice.");
  case APP_NOTICE_NO_SPEAKER:
    return _ ("No speaker was found: plug one in to hear the call.");
  case APP_NOTICE_CAMERA_GONE:
    return _ ("The camera was unplugged: plug it in again or choose another one.");
  case APP_NOTICE_MICROPHONE_GONE:
    return _ ("The microphone was unplugged: plug it in again or choose another one.");
  case APP_NOTICE_SPEAKER_GONE:
    return _ ("The speaker was unplugged: sound goes to the system's speaker.");
  case APP_NOTICE_CAMERA_BUSY:
    return _ ("The camera cannot be opened: close the program that uses it.");
  case APP_NOTICE_MICROPHONE_BUSY:
    return _ ("The microphone cannot be opened: close the program that uses it.");
  case APP_NOTICE_CAMERA_SILENT:
    return _ ("The camera gives no picture: choose another one or plug it in again.");
  case APP_NOTICE_MICROPHONE_SILENT:
    return _ ("The microphone gives no sound: choose another one or plug it in again.");
  case APP_NOTICE_CAMERA_WORKS:
    return _ ("The camera works again.");
  case APP_NOTICE_MICROPHONE_WORKS:
    return _ ("The microphone works again.");
  case APP_NOTICE_NO_ECHO_CANCELLING:
    return _ ("Echo cancelling is not installed: use headphones.");
  case APP_NOTICE_CODEC_MISSING:
    return _ ("A codec is not installed: install GStreamer's plugins (base, good and bad).");
  case APP_NOTICE_LINE_THIN:
    return _ ("The network is too slow for your picture now: only your sound is sent.");
  case APP_NOTICE_LINE_WIDE:
    return _ ("Your picture is sent again.");
  case APP_NOTICE_FILE:
    return _ ("The file cannot be played: check that it exists and is a sound or video file.");
  }
  return "";
}

char *
app_notice_sentence (const AppNotice *notice) {
  const char *sentence = sentence_of (notice->kind);
  if (notice->device == NULL) {
    return g_strdup (sentence);
  }
  return g_strdup_printf ("%s (%s)", sentence, notice->device);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An encoded frame on its way from capture to the network or from the network to playback, and the
 * sink that takes it. */
#ifndef APP_MEDIA_FRAME_H
#define APP_MEDIA_FRAME_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum {
  APP_FRAME_AUDIO,
  APP_FRAME_VIDEO,
} AppFrameKind;

/* Enhanced RTMP's names in brackets. */
typedef enum {
  APP_CODEC_OPUS, /* "Opus": 48 kHz, 20 ms a frame, mono, in-band FEC */
  APP_CODEC_VP8,  /* "vp08" */
} AppCodec;

typedef struct {
  AppFrameKind kind;
  AppCodec codec;
  bool is_key; /* video: needs no earlier frame. audio: always true */
  bool
      after_gap; /* received video: one before it is known to be lost, so it may not be decodable */
  /* Sent: when the sound or picture was captured (monotonic, microseconds).
   * Received: the sender's clock in microseconds (RTMP's milliseconds * 1000), any origin, same for
   * both kinds. */
  int64_t time_us;
  GBytes *
      bytes; /* (owned by the frame) one Opus packet or one VP8 frame, as in Enhanced RTMP's body */
} AppFrame;

/* Returns a frame that shares the bytes; app_frame_clear() it. */
AppFrame app_frame_copy (const AppFrame *frame);
void app_frame_clear (AppFrame *frame);

/* Takes encoded frames. take() is called on a streaming thread of GStreamer (one for audio, one for
 * video): it must be thread-safe and must not block. The frame is borrowed until take() returns. */
typedef struct {
  void (*take) (void *data, const AppFrame *frame);
  void *data;
} AppFrameSink;

#endif

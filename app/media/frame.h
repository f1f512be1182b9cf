/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An encoded frame on its way from capture to the network or from the network to playback, the sink
 * that takes it, and a bounded queue that carries it from one thread to another. */
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

/* A bounded queue: put on any thread, take on one. When full, video goes first: the whole queued
 * video is dropped up to the next key frame, and when only audio is left the oldest audio goes. */
typedef struct AppFrameQueue AppFrameQueue;

/* wake (may be NULL) is called by the putting thread, without a lock, when the queue stops being
 * empty. */
AppFrameQueue *app_frame_queue_new (size_t most_frames, size_t most_bytes,
                                    void (*wake) (void *data), void *data);
void app_frame_queue_free (AppFrameQueue *queue);
/* The queue as a sink; valid as long as the queue. */
AppFrameSink app_frame_queue_sink (AppFrameQueue *queue);
/* Oldest first. Returns false when empty; else frame is the caller's to clear. */
bool app_frame_queue_take (AppFrameQueue *queue, AppFrame *frame);
/* Frames dropped so far because the queue was full. If video was among them since the last call,
 * *lost_video is true: ask the encoder for a key frame. */
uint64_t app_frame_queue_dropped (AppFrameQueue *queue, bool *lost_video);

#endif

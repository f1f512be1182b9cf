/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Camera and microphone to encoded frames, with a local preview: each half runs, fails and comes
 * back by itself.
 *
 * Made, told and freed on the thread of its context. Frames come on streaming threads, pictures and
 * notices where their sinks say. */
#ifndef APP_MEDIA_CAPTURE_H
#define APP_MEDIA_CAPTURE_H

#include "app/media/devices.h"
#include "app/media/frame.h"
#include "app/media/media.h"
#include "app/media/picture.h"

typedef struct AppCapture AppCapture;
typedef struct AppPlayback AppPlayback;

typedef struct {
  GMainContext *context; /* NULL = the thread's default; must be the one of `devices` */
  AppDevices *devices;   /* (borrowed for life) */
  const char *camera; /* device id, "default", "file:PATH" or NULL = no video at first (copied) */
  const char *microphone; /* likewise */
  bool video_disabled; /* as after app_capture_set_video_enabled (false): the camera is not touched
                        */
  int width, height, fps; /* 0 = 640 x 480 at 30 */
  int video_bps;          /* bits a second; 0 = 600000 (1500000 at 1280x720) */
  int audio_bps;          /* 0 = 32000 */
  /* (borrowed for life, may be NULL) Whose sound to take out of the microphone's. Must be made
   * before and freed after. */
  AppPlayback *echo_of;
  AppFrameSink frames;    /* take may be NULL: preview only */
  AppPictureSink preview; /* show may be NULL */
  AppNoticeFunc notice;   /* may be NULL */
  void *notice_data;
} AppCaptureConfig;

/* Opens the devices at once; what cannot be opened is told by a notice, from the main loop. */
AppCapture *app_capture_new (const AppCaptureConfig *config);
void app_capture_free (AppCapture *capture);

/* Frames are made and previewed from the start, but reach `frames` only while this is on (off at
 * first: media is held back until "accept"). Turning it on asks for a key frame. */
void app_capture_set_sending (AppCapture *capture, bool sending);

/* Another device (same forms as in the config; NULL turns that half off and releases the device). A
 * device that is not there is waited for. */
void app_capture_set_camera (AppCapture *capture, const char *id);
void app_capture_set_microphone (AppCapture *capture, const char *id);
/* Microphone stays open, but nothing of it leaves: 200 ms of digital silence, then no audio frames
 * at all. */
void app_capture_set_muted (AppCapture *capture, bool muted);
/* Camera off (released, light out, no video frames) and on again, keeping the choice of set_camera.
 */
void app_capture_set_video_enabled (AppCapture *capture, bool enabled);

/* Any thread. Live, without a key frame. */
void app_capture_set_video_bps (AppCapture *capture, int bps);
/* A smaller or slower picture of the same camera for the encoder (the preview stays); key frame
 * first. percent: 25..100, of width and height, and of the speed. Any thread. */
void app_capture_set_video_scale (AppCapture *capture, int size_percent, int fps_percent);
/* Makes no pictures for a while; the camera and the preview go on. Any thread. */
void app_capture_set_video_held (AppCapture *capture, bool held);
void app_capture_set_audio_bps (AppCapture *capture, int bps);
/* Loss expected by the Opus encoder for its FEC, percent 0..100. Any thread. */
void app_capture_set_expected_loss (AppCapture *capture, int percent);
/* The next video frame becomes a key frame. Any thread; asked more often than every 300 ms it
 * waits. */
void app_capture_request_key_frame (AppCapture *capture);

typedef struct {
  bool camera_runs, microphone_runs;               /* frames arrived in the last second */
  uint64_t audio_frames, video_frames, key_frames; /* encoded so far */
  uint64_t audio_bytes, video_bytes;
  int level_permille; /* peak of the microphone in the last 100 ms, after echo cancelling, 0 when
                         muted */
  bool echo_cancelling;
} AppCaptureStats;

void app_capture_get_stats (AppCapture *capture, AppCaptureStats *stats); /* any thread */

#endif

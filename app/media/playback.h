/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encoded frames from a peer to the speaker and a picture sink: an adaptive jitter buffer,
 * concealment of what is lost, and lip sync by the sender's clock, sound being the master.
 *
 * Made, told and freed on the thread of its context; push is for any one thread. */
#ifndef APP_MEDIA_PLAYBACK_H
#define APP_MEDIA_PLAYBACK_H

#include "app/media/devices.h"
#include "app/media/frame.h"
#include "app/media/media.h"
#include "app/media/picture.h"

typedef struct AppPlayback AppPlayback;

typedef struct {
  GMainContext *context; /* NULL = the thread's default; must be the one of `devices` */
  AppDevices *devices;   /* (borrowed for life) */
  const char
      *speaker; /* device id, "default", or NULL = decode in real time but play nowhere (copied) */
  AppPictureSink picture; /* show may be NULL: video is not decoded */
  /* The decoder cannot go on without a key frame: ask the sender. On a thread of ours, at most
   * every 300 ms. May be NULL. */
  void (*need_key_frame) (void *data);
  void *data;
  AppNoticeFunc notice; /* on context; may be NULL */
  void *notice_data;
} AppPlaybackConfig;

AppPlayback *app_playback_new (const AppPlaybackConfig *config);
void app_playback_free (AppPlayback *playback);

/* One received frame, time_us = the sender's clock. Bounded: at most 2 s wait, more drops the
 * oldest. Never blocks. One pushing thread at a time. */
void app_playback_push (AppPlayback *playback, const AppFrame *frame);

void app_playback_set_speaker (AppPlayback *playback, const char *id);
/* The peer turned its camera off: the picture is cleared. */
void app_playback_stop_video (AppPlayback *playback);

typedef struct {
  int buffer_ms;            /* what the audio jitter buffer aims at now */
  int delay_ms;             /* what waits in it now */
  int jitter_ms;            /* of arrival, 95th percentile over the last 10 s or so */
  uint64_t audio_frames;    /* played as they came */
  uint64_t audio_recovered; /* 20 ms pieces restored by in-band FEC */
  uint64_t audio_concealed; /* 20 ms pieces made up */
  uint64_t audio_late;      /* frames that came after their time */
  uint64_t video_decoded, video_dropped, video_corrupt, key_frames_asked;
  uint64_t freezes;   /* gaps of more than 300 ms between shown pictures while video frames were
                         expected */
  int video_gap_ms;   /* the longest such gap of the last one to two seconds */
  int video_fps;      /* shown in the last second */
  int lip_ms;         /* last picture shown minus sound heard then: positive = picture late */
  int level_permille; /* peak of their sound in the last 100 ms */
} AppPlaybackStats;

void app_playback_get_stats (AppPlayback *playback, AppPlaybackStats *stats); /* any thread */

/* Name of the echo probe element in the playback pipeline; for app/media/capture.c. NULL when there
 * is none. */
const char *app_playback_get_echo_probe (AppPlayback *playback);

#endif

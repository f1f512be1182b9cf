/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Joins app/media to the network for one call: camera and microphone to the far side, its frames to
 * speaker and screen. */
#ifndef APP_CLIENT_CALL_MEDIA_H
#define APP_CLIENT_CALL_MEDIA_H

#include "app/client/network.h"
#include "app/media/capture.h"
#include "app/media/playback.h"
#include "app/media/recorder.h"
#include "ui/model/frame-slot.h"

typedef struct AppCallMedia AppCallMedia;

typedef struct {
  AppNetwork *network;    /* (borrowed, outlives this) */
  AppDevices *devices;    /* (borrowed, outlives this) */
  const char *camera;     /* as AppCaptureConfig has it (copied) */
  const char *microphone; /* likewise */
  const char *speaker;    /* likewise */
  gboolean large;         /* 1280x720 instead of 640x480, and more bits for it */
  gboolean with_video;
  const char *record;         /* file that gets what arrives, or NULL (copied) */
  UiFrameSlot *local_frames;  /* (referenced) */
  UiFrameSlot *remote_frames; /* (referenced) */
  AppNoticeFunc notice;       /* on the thread's default context */
  void *data;
} AppCallMediaConfig;

/* Opens devices at once (while it rings), sends nothing yet. */
AppCallMedia *app_call_media_new (const AppCallMediaConfig *config);
void app_call_media_free (AppCallMedia *media);

/* "Accept" came: zero of our clock is now, frames go out. */
void app_call_media_start (AppCallMedia *media);
/* One received frame, on the network thread. */
void app_call_media_push (AppCallMedia *media, const AhoyMedia *frame);

void app_call_media_set_muted (AppCallMedia *media, gboolean muted);
void app_call_media_set_camera_on (AppCallMedia *media, gboolean on);
void app_call_media_choose (AppCallMedia *media, AppDeviceKind kind, const char *id);
void app_call_media_key_frame (AppCallMedia *media);
/* The far side's picture went away. */
void app_call_media_far_camera_off (AppCallMedia *media);
/* What the far side told of our sound and picture: loss for the encoder's redundancy. */
void app_call_media_report (AppCallMedia *media, const AhoyMediaReport *report);

typedef struct {
  AppCaptureStats capture;
  AppPlaybackStats playback;
  guint64 frames_received;
  gint64 first_sound_us; /* when the first audio frame came, of the monotonic clock; 0 = none yet */
  /* Silences on the wire: audio frames that came more than APP_CALL_GAP_US after the one before. */
  guint64 audio_gaps;
  gint64 audio_gap_total_us, audio_gap_last_us;
} AppCallMediaStats;

/* Two frames of 20 ms are missing, or late. */
#define APP_CALL_GAP_US 50000
void app_call_media_stats (AppCallMedia *media, AppCallMediaStats *stats);
/* What we receive, as it is told to the far side. */
AhoyMediaReport app_call_media_make_report (AppCallMedia *media);

#endif

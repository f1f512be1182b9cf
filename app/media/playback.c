/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/playback.h"

#include "app/media/playback-private.h"

struct AppPlayback {
  GMainContext *context;   /* owned */
  AppPlaybackAudio *audio; /* owned */
  AppPlaybackVideo *video; /* owned */
};

AppPlayback *
app_playback_new (const AppPlaybackConfig *config) {
  AppPlayback *playback = g_new0 (AppPlayback, 1);
  playback->context = config->context != NULL ? g_main_context_ref (config->context)
                                              : g_main_context_ref_thread_default ();
  AppPlaybackConfig own = *config;
  own.context = playback->context;
  playback->audio = app_playback_audio_new (&own);
  playback->video = app_playback_video_new (&own, playback->audio);
  return playback;
}

void
app_playback_free (AppPlayback *playback) {
  if (playback == NULL) {
    return;
  }
  app_playback_video_free (playback->video);
  app_playback_audio_free (playback->audio);
  g_main_context_unref (playback->context);
  g_free (playback);
}

void
app_playback_push (AppPlayback *playback, const AppFrame *frame) {
  if (frame->kind == APP_FRAME_VIDEO) {
    app_playback_video_push (playback->video, frame);
  } else if (frame->codec == APP_CODEC_OPUS) {
    app_playback_audio_push (playback->audio, frame);
  }
}

void
app_playback_set_speaker (AppPlayback *playback, const char *id) {
  app_playback_audio_set_speaker (playback->audio, id);
}

void
app_playback_stop_video (AppPlayback *playback) {
  app_playback_video_stop (playback->video);
}

void
app_playback_get_stats (AppPlayback *playback, AppPlaybackStats *stats) {
  *stats = (AppPlaybackStats){0};
  app_playback_audio_add_stats (playback->audio, stats);
  app_playback_video_add_stats (playback->video, stats);
}

const char *
app_playback_get_echo_probe (AppPlayback *playback) {
  return app_playback_audio_get_echo_probe (playback->audio);
}

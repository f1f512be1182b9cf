/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Only for app/media: the two halves of playback. */
#ifndef APP_MEDIA_PLAYBACK_PRIVATE_H
#define APP_MEDIA_PLAYBACK_PRIVATE_H

#include "app/media/playback.h"

/* ---- sound: the master of the clock ---- */
typedef struct AppPlaybackAudio AppPlaybackAudio;

AppPlaybackAudio *app_playback_audio_new (const AppPlaybackConfig *config);
void app_playback_audio_free (AppPlaybackAudio *audio);
void app_playback_audio_push (AppPlaybackAudio *audio, const AppFrame *frame);
void app_playback_audio_set_speaker (AppPlaybackAudio *audio, const char *id);
void app_playback_audio_add_stats (AppPlaybackAudio *audio, AppPlaybackStats *stats);
/* NULL when there is none. */
const char *app_playback_audio_get_echo_probe (AppPlaybackAudio *audio);
/* When the sound of the sender's time_us leaves the speaker, in our monotonic microseconds. Returns
 * false while there is no sound. Any thread. */
bool app_playback_audio_heard_at (AppPlaybackAudio *audio, int64_t time_us, int64_t *at_us);

/* ---- picture ---- */
typedef struct AppPlaybackVideo AppPlaybackVideo;

/* audio: borrowed for life. */
AppPlaybackVideo *app_playback_video_new (const AppPlaybackConfig *config, AppPlaybackAudio *audio);
void app_playback_video_free (AppPlaybackVideo *video);
void app_playback_video_push (AppPlaybackVideo *video, const AppFrame *frame);
void app_playback_video_stop (AppPlaybackVideo *video);
void app_playback_video_add_stats (AppPlaybackVideo *video, AppPlaybackStats *stats);

#endif

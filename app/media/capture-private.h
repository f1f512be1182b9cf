/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Only for app/media: what the two halves of capture share. */
#ifndef APP_MEDIA_CAPTURE_PRIVATE_H
#define APP_MEDIA_CAPTURE_PRIVATE_H

#include "app/media/capture.h"

#include <gst/app/gstappsink.h>
#include <gst/gst.h>

/* A sample of encoded data as a frame, sharing its bytes. Returns false when it holds none. */
bool app_capture_read_sample (GstSample *sample, GstElement *element, AppFrame *frame);

/* Sets (text) caps, and callbacks for new samples, on an appsink that keeps nothing and waits for
 * no clock. */
void app_capture_set_up_sink (GstElement *sink,
                              GstFlowReturn (*on_sample) (GstAppSink *sink, void *data),
                              void *data);

/* ---- microphone ---- */
typedef struct AppCaptureAudio AppCaptureAudio;

AppCaptureAudio *app_capture_audio_new (const AppCaptureConfig *config);
void app_capture_audio_free (AppCaptureAudio *audio);
void app_capture_audio_set_device (AppCaptureAudio *audio, const char *id);
void app_capture_audio_set_sending (AppCaptureAudio *audio, bool sending);
void app_capture_audio_set_muted (AppCaptureAudio *audio, bool muted);
void app_capture_audio_set_bps (AppCaptureAudio *audio, int bps);
void app_capture_audio_set_expected_loss (AppCaptureAudio *audio, int percent);
void app_capture_audio_add_stats (AppCaptureAudio *audio, AppCaptureStats *stats);

/* ---- camera ---- */
typedef struct AppCaptureVideo AppCaptureVideo;

AppCaptureVideo *app_capture_video_new (const AppCaptureConfig *config);
void app_capture_video_free (AppCaptureVideo *video);
/* NULL = off. */
void app_capture_video_set_device (AppCaptureVideo *video, const char *id);
void app_capture_video_set_sending (AppCaptureVideo *video, bool sending);
void app_capture_video_set_bps (AppCaptureVideo *video, int bps);
void app_capture_video_set_scale (AppCaptureVideo *video, int size_percent, int fps_percent);
void app_capture_video_set_held (AppCaptureVideo *video, bool held);
void app_capture_video_request_key_frame (AppCaptureVideo *video);
void app_capture_video_add_stats (AppCaptureVideo *video, AppCaptureStats *stats);

#endif

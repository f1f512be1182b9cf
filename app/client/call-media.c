/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/client/call-media.h"

#include "app/media/params.h"
#include "app/media/rate-control.h"

#define LARGE_WIDTH 1280
#define LARGE_HEIGHT 720
#define LARGE_BPS 2500000
#define VIDEO_WIDTH 640
#define VIDEO_HEIGHT 480
#define VIDEO_BPS 1000000
#define VIDEO_FPS 30

/* What the network thread saw of the path, on its way back to ours. Counted: it may come home when
 * the call is over. */
typedef struct {
  GMainContext *home;  /* (referenced) */
  AppCallMedia *media; /* (borrowed) our thread only; NULL when the call is over */
  AhoyMediaPath path;
  gboolean is_known;
  gint under_way; /* atomic */
} Look;

struct AppCallMedia {
  AppNetwork *network;                       /* (borrowed) */
  AppCapture *capture;                       /* (owned) */
  AppPlayback *playback;                     /* (owned) */
  AppRecorder *recorder;                     /* (owned) or NULL */
  UiFrameSlot *local_frames, *remote_frames; /* (owned) */
  AppNoticeFunc notice;
  void *notice_data;
  gint64 zero_us;       /* atomic by zero_set: of our clock */
  gint zero_set;        /* atomic */
  gint frames_received; /* atomic */
  GMutex sound_mutex;
  gint64 last_sound_us; /* under sound_mutex, like all of arrivals */
  AppCallMediaStats arrivals;
  AppPlaybackStats before; /* at the last report */
  AppRateControl rate;     /* our thread only */
  Look *look;              /* (counted) */
  guint look_source;
  gint pair_sounds; /* atomic */
  gboolean camera_on, told_thin;
  AppFrame
      held; /* audio streaming thread: a sound that waits for the next one; bytes NULL = none */
};

/* ---- Ours to the far side: on streaming threads ---- */

static void
give_frame (AppCallMedia *self, const AppFrame *frame) {
  const gint64 since_us = frame->time_us - self->zero_us;
  const AppNetworkFrame out = {
      .kind = frame->kind == APP_FRAME_AUDIO ? AHOY_MEDIA_AUDIO : AHOY_MEDIA_VIDEO,
      .codec = frame->codec == APP_CODEC_OPUS ? AHOY_CODEC_OPUS : AHOY_CODEC_VP8,
      .is_key = frame->is_key,
      .timestamp_ms = MAX (since_us, 0) / 1000,
      .bytes = frame->bytes};
  app_network_send (self->network, &out);
}

static void
take_frame (void *data, const AppFrame *frame) {
  AppCallMedia *self = data;
  if (!g_atomic_int_get (&self->zero_set)) {
    return;
  }
  if (frame->kind == APP_FRAME_AUDIO) {
    if (self->held.bytes != NULL) { /* two at once share a packet; one from before a mute is old */
      if (frame->time_us - self->held.time_us <= 2 * APP_AUDIO_FRAME_US) {
        give_frame (self, &self->held);
      }
      app_frame_clear (&self->held);
    } else if (g_atomic_int_get (&self->pair_sounds)) {
      self->held = *frame;
      g_bytes_ref (self->held.bytes);
      return;
    }
  }
  give_frame (self, frame);
}

static void
push_picture (UiFrameSlot *slot, const AppPicture *picture) {
  ui_frame_slot_push (
      slot, picture->bytes, (guint)picture->width, (guint)picture->height, picture->stride,
      picture->format == APP_PICTURE_RGB ? UI_FRAME_FORMAT_RGB : UI_FRAME_FORMAT_BGRA);
}

static void
show_local (void *data, const AppPicture *picture) {
  push_picture (((AppCallMedia *)data)->local_frames, picture);
}

static void
clear_local (void *data) {
  ui_frame_slot_clear (((AppCallMedia *)data)->local_frames);
}

/* ---- Theirs to us ---- */

static void
show_remote (void *data, const AppPicture *picture) {
  push_picture (((AppCallMedia *)data)->remote_frames, picture);
}

static void
clear_remote (void *data) {
  ui_frame_slot_clear (((AppCallMedia *)data)->remote_frames);
}

static void
ask_key_frame (AhoyAgent *agent, int64_t now_us, gpointer data) {
  (void)data;
  ahoy_agent_want_key_frame (agent, now_us);
}

static void
need_key_frame (void *data) {
  app_network_post (((AppCallMedia *)data)->network, ask_key_frame, NULL, NULL);
}

static void
note_sound (AppCallMedia *self) {
  const gint64 now_us = g_get_monotonic_time ();
  g_mutex_lock (&self->sound_mutex);
  const gint64 gap_us = now_us - self->last_sound_us;
  if (self->last_sound_us == 0) {
    self->arrivals.first_sound_us = now_us;
  } else if (gap_us > APP_CALL_GAP_US) {
    self->arrivals.audio_gaps++;
    self->arrivals.audio_gap_total_us += gap_us;
    self->arrivals.audio_gap_last_us = gap_us;
  }
  self->last_sound_us = now_us;
  g_mutex_unlock (&self->sound_mutex);
}

void
app_call_media_push (AppCallMedia *media, const AhoyMedia *received) {
  const gboolean audio = received->kind == AHOY_MEDIA_AUDIO;
  if (received->codec != (audio ? AHOY_CODEC_OPUS : AHOY_CODEC_VP8)) {
    return;
  }
  g_atomic_int_inc (&media->frames_received);
  if (audio) {
    note_sound (media);
  }
  AppFrame frame = {.kind = audio ? APP_FRAME_AUDIO : APP_FRAME_VIDEO,
                    .codec = audio ? APP_CODEC_OPUS : APP_CODEC_VP8,
                    .is_key = audio || received->is_key,
                    .after_gap = received->after_gap,
                    .time_us = (gint64)received->timestamp_ms * 1000,
                    .bytes = g_bytes_new (received->bytes.data, received->bytes.size)};
  app_playback_push (media->playback, &frame);
  if (media->recorder != NULL) {
    app_recorder_write (media->recorder, &frame);
  }
  g_bytes_unref (frame.bytes);
}

/* ---- Rates ---- */

static void
clear_look (gpointer data) {
  g_main_context_unref (((Look *)data)->home);
}

static void
release_look (gpointer data) {
  g_atomic_rc_box_release_full (data, clear_look);
}

static void
tell_camera (AhoyAgent *agent, int64_t now_us, gpointer data) {
  ahoy_agent_tell_camera (agent, GPOINTER_TO_INT (data), now_us);
}

static void
tell_thin (AppCallMedia *self, gboolean thin) {
  if (self->told_thin == thin) {
    return;
  }
  self->told_thin = thin;
  app_network_post (self->network, tell_camera, GINT_TO_POINTER (!thin), NULL);
  const AppNotice notice = {.kind = thin ? APP_NOTICE_LINE_THIN : APP_NOTICE_LINE_WIDE};
  if (self->notice != NULL) {
    self->notice (self->notice_data, &notice);
  }
}

static void
apply_rate (AppCallMedia *self) {
  const AppRateDecision *now = &self->rate.now;
  app_capture_set_video_bps (self->capture, now->video_bps);
  app_capture_set_video_scale (self->capture, now->size_percent, now->fps_percent);
  app_capture_set_video_held (self->capture, now->skip || !now->video_on);
  app_capture_set_audio_bps (self->capture, now->audio_bps);
  g_atomic_int_set (&self->pair_sounds, now->pair_sounds);
  if (self->camera_on) {
    tell_thin (self, !now->video_on);
  }
}

/* Back on our thread. */
static gboolean
on_looked (gpointer data) {
  Look *look = data;
  AppCallMedia *self = look->media;
  if (self != NULL && look->is_known) {
    const AhoyMediaPath *path = &look->path;
    const AppRateSample sample = {.srtt_us = path->srtt_us,
                                  .lowest_rtt_us = path->lowest_rtt_us,
                                  .incoming_us = path->incoming_us,
                                  .waiting_us = path->waiting_us,
                                  .delay_us = path->delay_us,
                                  .delivered = path->delivered,
                                  .delivered_bytes = path->delivered_bytes,
                                  .given_up = path->given_up};
    app_rate_control_update (&self->rate, &sample, g_get_monotonic_time ());
    g_debug (
        "Rate: %d + %d bit/s, %d %% at %d %%%s%s; waits %d ms, took %d ms, round trip %d ms over "
        "%d, of it %d towards us",
        self->rate.now.video_bps, self->rate.now.audio_bps, self->rate.now.size_percent,
        self->rate.now.fps_percent, self->rate.now.skip ? ", skips" : "",
        self->rate.now.video_on ? "" : ", no picture", (int)(path->waiting_us / 1000),
        (int)(path->delay_us / 1000), (int)(path->srtt_us / 1000),
        (int)(path->lowest_rtt_us / 1000), (int)(path->incoming_us / 1000));
    apply_rate (self);
  }
  g_atomic_int_set (&look->under_way, 0);
  return G_SOURCE_REMOVE;
}

static void
look_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  Look *look = data;
  look->is_known = ahoy_agent_media_path (agent, now_us, &look->path) == RTMFP_OK;
  g_autoptr (GSource) source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_looked, g_atomic_rc_box_acquire (look), release_look);
  g_source_attach (source, look->home);
}

static gboolean
on_look_time (gpointer data) {
  AppCallMedia *self = data;
  if (g_atomic_int_compare_and_exchange (&self->look->under_way, 0, 1)) {
    app_network_post (self->network, look_on_network, g_atomic_rc_box_acquire (self->look),
                      release_look);
  }
  return G_SOURCE_CONTINUE;
}

/* ---- Life ---- */

static AppPictureFormat
wanted_format (UiFrameSlot *slot) {
  return ui_frame_slot_get_wanted_format (slot) == UI_FRAME_FORMAT_RGB ? APP_PICTURE_RGB
                                                                       : APP_PICTURE_BGRA;
}

static AppPlayback *
make_playback (AppCallMedia *self, const AppCallMediaConfig *config) {
  const AppPlaybackConfig playback = {.context = g_main_context_get_thread_default (),
                                      .devices = config->devices,
                                      .speaker = config->speaker,
                                      .picture = {.show = show_remote,
                                                  .cleared = clear_remote,
                                                  .data = self,
                                                  .format = wanted_format (config->remote_frames)},
                                      .need_key_frame = need_key_frame,
                                      .data = self,
                                      .notice = config->notice,
                                      .notice_data = config->data};
  return app_playback_new (&playback);
}

static AppCapture *
make_capture (AppCallMedia *self, const AppCallMediaConfig *config) {
  const AppCaptureConfig capture = {.context = g_main_context_get_thread_default (),
                                    .devices = config->devices,
                                    .camera = config->camera,
                                    .microphone = config->microphone,
                                    .video_disabled = !config->with_video,
                                    .video_bps = config->large ? LARGE_BPS : VIDEO_BPS,
                                    .width = config->large ? LARGE_WIDTH : 0,
                                    .height = config->large ? LARGE_HEIGHT : 0,
                                    .echo_of = self->playback,
                                    .frames = {.take = take_frame, .data = self},
                                    .preview = {.show = show_local,
                                                .cleared = clear_local,
                                                .data = self,
                                                .format = wanted_format (config->local_frames)},
                                    .notice = config->notice,
                                    .notice_data = config->data};
  return app_capture_new (&capture);
}

AppCallMedia *
app_call_media_new (const AppCallMediaConfig *config) {
  AppCallMedia *self = g_new0 (AppCallMedia, 1);
  g_mutex_init (&self->sound_mutex);
  self->network = config->network;
  self->notice = config->notice;
  self->notice_data = config->data;
  self->local_frames = g_object_ref (config->local_frames);
  self->remote_frames = g_object_ref (config->remote_frames);
  if (config->record != NULL) {
    g_autoptr (GError) error = NULL;
    self->recorder = app_recorder_new (config->record, 640, 480, &error);
    if (self->recorder == NULL) {
      g_warning ("Cannot record to %s: %s", config->record, error->message);
    }
  }
  self->playback = make_playback (self, config);
  self->capture = make_capture (self, config);
  app_rate_control_init (&self->rate, config->large ? LARGE_BPS : VIDEO_BPS,
                         config->large ? LARGE_WIDTH : VIDEO_WIDTH,
                         config->large ? LARGE_HEIGHT : VIDEO_HEIGHT, VIDEO_FPS);
  self->camera_on = config->with_video;
  self->look = g_atomic_rc_box_new0 (Look);
  self->look->home = g_main_context_ref_thread_default ();
  self->look->media = self;
  apply_rate (self);
  return self;
}

void
app_call_media_free (AppCallMedia *media) {
  if (media == NULL) {
    return;
  }
  g_clear_handle_id (&media->look_source, g_source_remove);
  media->look->media = NULL;
  g_atomic_rc_box_release_full (media->look, clear_look);
  app_capture_free (media->capture);
  app_frame_clear (&media->held);
  app_playback_free (media->playback);
  if (media->recorder != NULL) {
    g_autoptr (GError) error = NULL;
    if (!app_recorder_free (media->recorder, &error)) {
      g_warning ("The recording is not complete: %s", error->message);
    }
  }
  ui_frame_slot_clear (media->local_frames);
  ui_frame_slot_clear (media->remote_frames);
  g_object_unref (media->local_frames);
  g_object_unref (media->remote_frames);
  g_mutex_clear (&media->sound_mutex);
  g_free (media);
}

void
app_call_media_start (AppCallMedia *media) {
  if (!media->zero_set) {
    media->zero_us = g_get_monotonic_time ();
    g_atomic_int_set (&media->zero_set, 1);
  }
  app_capture_set_sending (media->capture, true);
  if (media->look_source == 0) {
    media->look_source = g_timeout_add (APP_RATE_TICK_US / 1000, on_look_time, media);
  }
}

/* ---- Acts ---- */

void
app_call_media_set_muted (AppCallMedia *media, gboolean muted) {
  app_capture_set_muted (media->capture, muted);
}

void
app_call_media_set_camera_on (AppCallMedia *media, gboolean on) {
  media->camera_on = on;
  app_capture_set_video_enabled (media->capture, on);
  apply_rate (media);
}

void
app_call_media_choose (AppCallMedia *media, AppDeviceKind kind, const char *id) {
  switch (kind) {
  case APP_DEVICE_CAMERA:
    app_capture_set_camera (media->capture, id);
    break;
  case APP_DEVICE_MICROPHONE:
    app_capture_set_microphone (media->capture, id);
    break;
  case APP_DEVICE_SPEAKER:
    app_playback_set_speaker (media->playback, id);
    break;
  }
}

void
app_call_media_key_frame (AppCallMedia *media) {
  app_capture_request_key_frame (media->capture);
}

void
app_call_media_far_camera_off (AppCallMedia *media) {
  app_playback_stop_video (media->playback);
}

void
app_call_media_report (AppCallMedia *media, const AhoyMediaReport *report) {
  app_capture_set_expected_loss (media->capture, (int)(report->audio_lost_permille + 9) / 10);
}

void
app_call_media_stats (AppCallMedia *media, AppCallMediaStats *stats) {
  g_mutex_lock (&media->sound_mutex);
  *stats = media->arrivals;
  g_mutex_unlock (&media->sound_mutex);
  app_capture_get_stats (media->capture, &stats->capture);
  app_playback_get_stats (media->playback, &stats->playback);
  stats->frames_received = (guint64)g_atomic_int_get (&media->frames_received);
}

static uint32_t
permille (uint64_t part, uint64_t rest) {
  return part + rest > 0 ? (uint32_t)(part * 1000 / (part + rest)) : 0;
}

AhoyMediaReport
app_call_media_make_report (AppCallMedia *media) {
  AppPlaybackStats now;
  app_playback_get_stats (media->playback, &now);
  const AppPlaybackStats *before = &media->before;
  const AhoyMediaReport report = {
      .audio_lost_permille = permille (now.audio_concealed + now.audio_recovered -
                                           before->audio_concealed - before->audio_recovered,
                                       now.audio_frames - before->audio_frames),
      .video_lost_permille = permille (now.video_dropped - before->video_dropped,
                                       now.video_decoded - before->video_decoded),
      .jitter_ms = (uint32_t)MAX (now.jitter_ms, 0),
      .playout_ms = (uint32_t)MAX (now.buffer_ms, 0),
  };
  media->before = now;
  return report;
}

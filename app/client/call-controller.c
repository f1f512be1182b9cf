/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The call on the screen: the agent's call into the model, its media joined to the devices, ring
 * tones. */
#include "app/client/client-private.h"

#include "app/io/clock.h"

#include <glib/gi18n.h>

#define REPORT_EVERY_MS 1000
#define SETTING_CAMERA "camera"
#define SETTING_MICROPHONE "microphone"
#define SETTING_SPEAKER "speaker"

/* ---- Sentences ---- */

static const char *
end_sentence (const AppClient *self, const AhoyCallInfo *info) {
  switch (info->end) {
  case AHOY_CALL_END_DECLINED:
    return info->outgoing ? _ ("They declined the call.") : _ ("You declined the call.");
  case AHOY_CALL_END_CANCELLED:
    return info->outgoing ? _ ("You cancelled the call.") : _ ("They stopped calling.");
  case AHOY_CALL_END_UNANSWERED:
    return info->outgoing ? _ ("They did not answer.") : _ ("You missed the call.");
  case AHOY_CALL_END_BUSY:
    return _ ("They are in another call.");
  case AHOY_CALL_END_OFFLINE:
    return _ ("They are not reachable now.");
  case AHOY_CALL_END_ELSEWHERE:
    return _ ("Answered on another device of yours.");
  case AHOY_CALL_END_FAILED:
    return self->always_relays
               ? _ ("No connection could be made by the relay, and you let no call go straight.")
               : _ ("No connection could be made between the two computers.");
  case AHOY_CALL_END_KEY_CHANGED:
    return _ ("The call was stopped: the other side has another key than before. Somebody may be "
              "listening in.");
  case AHOY_CALL_END_LOST:
    return _ ("The connection was lost.");
  case AHOY_CALL_END_FAR_HUNG_UP:
    return _ ("They hung up.");
  default:
    return _ ("The call has ended.");
  }
}

static void
show_warning (void *data, const AppNotice *notice) {
  AppClient *self = data;
  if (self->call == NULL) {
    return;
  }
  switch (notice->kind) {
  case APP_NOTICE_LINE_WIDE:
    ui_call_set_warning (self->call, NULL);
    return;
  case APP_NOTICE_CAMERA_WORKS:
    ui_call_set_has_camera (self->call, TRUE);
    ui_call_set_warning (self->call, NULL);
    return;
  case APP_NOTICE_MICROPHONE_WORKS:
    ui_call_set_has_microphone (self->call, TRUE);
    ui_call_set_warning (self->call, NULL);
    return;
  case APP_NOTICE_NO_CAMERA:
  case APP_NOTICE_CAMERA_GONE:
    ui_call_set_has_camera (self->call, FALSE);
    break;
  case APP_NOTICE_NO_MICROPHONE:
  case APP_NOTICE_MICROPHONE_GONE:
    ui_call_set_has_microphone (self->call, FALSE);
    break;
  default:
    break;
  }
  g_autofree char *sentence = app_notice_sentence (notice);
  ui_call_set_warning (self->call, sentence);
}

/* ---- Devices and media ---- */

static char *
chosen (AppClient *self, const char *setting, const char *given) {
  g_autofree char *stored = app_client_store_get_setting (self->store, setting);
  return stored != NULL ? g_steal_pointer (&stored) : g_strdup (given);
}

static void
open_media (AppClient *self, gboolean with_video) {
  if (self->media != NULL || self->devices == NULL || self->network == NULL) {
    return;
  }
  g_autofree char *camera = chosen (self, SETTING_CAMERA, self->camera);
  g_autofree char *microphone = chosen (self, SETTING_MICROPHONE, self->microphone);
  g_autofree char *speaker = chosen (self, SETTING_SPEAKER, self->speaker);
  const AppCallMediaConfig config = {.network = self->network,
                                     .devices = self->devices,
                                     .camera = camera,
                                     .microphone = microphone,
                                     .speaker = speaker,
                                     .large = self->large,
                                     .with_video = with_video,
                                     .record = self->record,
                                     .local_frames = ui_call_get_local_frames (self->call),
                                     .remote_frames = ui_call_get_remote_frames (self->call),
                                     .notice = show_warning,
                                     .data = self};
  AppCallMedia *media = app_call_media_new (&config);
  g_mutex_lock (&self->media_mutex);
  self->media = media;
  g_mutex_unlock (&self->media_mutex);
}

static void
close_media (AppClient *self) {
  g_mutex_lock (&self->media_mutex);
  AppCallMedia *media = g_steal_pointer (&self->media);
  g_mutex_unlock (&self->media_mutex);
  app_call_media_free (media);
  g_clear_handle_id (&self->report_source, g_source_remove);
}

void
client_call_on_media (void *data, const AhoyMedia *frame) {
  AppClient *self = data;
  g_mutex_lock (&self->media_mutex);
  if (self->media != NULL) {
    app_call_media_push (self->media, frame);
  }
  g_mutex_unlock (&self->media_mutex);
}

static void
report_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  ahoy_agent_send_report (agent, data, now_us);
}

static void
show_figures (AppClient *self) {
  AppCallFigures figures;
  AppCallMediaStats stats;
  if (self->call == NULL || !app_client_get_figures (self, &figures)) {
    return;
  }
  app_call_media_stats (self->media, &stats);
  g_autofree char *details = g_strdup_printf (
      _ ("Round trip %d ms, buffer %d ms\nSound: %u restored, %u concealed\nPicture: %d a second, "
         "%u "
         "dropped"),
      (int)(figures.round_trip_us / 1000), figures.buffer_ms, (guint)figures.audio_recovered,
      (guint)figures.audio_concealed, stats.playback.video_fps, (guint)figures.video_dropped);
  ui_call_set_details (self->call, details);
  ui_call_set_level_permille (self->call, (guint)stats.capture.level_permille);
  ui_call_set_remote_level_permille (self->call, (guint)stats.playback.level_permille);
}

static gboolean
on_report_time (gpointer data) {
  AppClient *self = data;
  if (self->media != NULL && self->network != NULL) {
    const AhoyMediaReport report = app_call_media_make_report (self->media);
    app_network_post (self->network, report_on_network, g_memdup2 (&report, sizeof report), g_free);
    show_figures (self);
  }
  return G_SOURCE_CONTINUE;
}

static void
start_media (AppClient *self) {
  open_media (self, self->call != NULL && ui_call_get_camera_on (self->call));
  if (self->media == NULL) {
    return;
  }
  app_call_media_start (self->media);
  if (self->call != NULL && ui_call_get_muted (self->call)) {
    app_call_media_set_muted (self->media, TRUE);
  }
  if (self->report_source == 0) {
    self->report_source = g_timeout_add (REPORT_EVERY_MS, on_report_time, self);
  }
}

/* ---- Ring tones ---- */

static void
ring (AppClient *self, const char *sound, gboolean loop) {
  if (self->ringer == NULL) {
    return;
  }
  if (sound == NULL) {
    app_ringer_stop (self->ringer);
    return;
  }
  g_autofree char *path = g_build_filename (self->sounds, sound, NULL);
  g_autofree char *speaker = chosen (self, SETTING_SPEAKER, self->speaker);
  app_ringer_play (self->ringer, path, speaker, loop);
}

static void
ring_for_state (AppClient *self, const AhoyCallInfo *info) {
  switch (info->state) {
  case AHOY_CALL_INCOMING:
    ring (self, self->silenced || !self->rings ? NULL : "ring.oga", TRUE);
    break;
  case AHOY_CALL_RINGING:
    ring (self, "ringback.oga", TRUE);
    break;
  case AHOY_CALL_ENDED:
    ring (self,
          info->end == AHOY_CALL_END_BUSY ? "busy.oga"
          : info->secured_us != 0         ? "ended.oga"
                                          : NULL,
          FALSE);
    break;
  default:
    ring (self, NULL, FALSE);
    break;
  }
}

/* ---- The call into the model ---- */

static UiCallState
state_of (const AhoyCallInfo *info) {
  switch (info->state) {
  case AHOY_CALL_REACHING:
    return UI_CALL_REACHING;
  case AHOY_CALL_RINGING:
  case AHOY_CALL_INCOMING:
    return UI_CALL_RINGING;
  case AHOY_CALL_SECURED:
    return info->reconnecting ? UI_CALL_RECONNECTING : UI_CALL_SECURED;
  default:
    return UI_CALL_CONNECTING;
  }
}

static void
begin (AppClient *self, const AhoyCallInfo *info) {
  UiContact *contact = client_roster_ui (self, &info->peer);
  char id[AHOY_CALL_ID_TEXT_SIZE];
  if (contact == NULL) {
    return;
  }
  ahoy_call_id_format (&info->id, id);
  g_clear_object (&self->call);
  self->call = ui_call_new (id, contact, info->outgoing ? UI_CALL_OUTGOING : UI_CALL_INCOMING,
                            info->outgoing ? info->near_video : info->far_video);
  self->call_id = info->id;
  self->silenced = FALSE;
  self->call_began_ms = app_clock_wall_ms ();
  self->shown = AHOY_CALL_IDLE;
  ui_session_set_call (self->session, self->call);
  if (info->outgoing) {
    open_media (self, info->near_video);
  }
}

static void
end (AppClient *self, const AhoyCallInfo *info) {
  close_media (self);
  ui_call_end (self->call, end_sentence (self, info));
  if (info->end != AHOY_CALL_END_ELSEWHERE) {
    client_chat_note_call (self, info, self->call_began_ms);
  }
}

static void
show (AppClient *self, const AhoyCallInfo *info) {
  const gboolean is_new =
      self->call == NULL || ahoy_call_id_compare (&info->id, &self->call_id) != 0;
  if (is_new && info->state == AHOY_CALL_ENDED) {
    return;
  }
  if (is_new) {
    begin (self, info);
  }
  if (self->call == NULL || (info->state == self->shown && info->state == AHOY_CALL_ENDED)) {
    return;
  }
  const gboolean changed = info->state != self->shown;
  self->shown = info->state;
  if (info->state == AHOY_CALL_ENDED) {
    end (self, info);
  } else {
    ui_call_set_state (self->call, state_of (info));
    ui_call_set_path (self->call, !info->has_path ? UI_CALL_PATH_UNKNOWN
                                  : info->relayed ? UI_CALL_PATH_RELAYED
                                                  : UI_CALL_PATH_DIRECT);
    if (info->state == AHOY_CALL_SECURED) {
      ui_call_set_remote_camera_on (self->call, info->far_video);
    }
  }
  if (changed) {
    ring_for_state (self, info);
  }
}

void
client_call_on_event (AppClient *self, const AhoyAgentEvent *event, const AhoyCallInfo *info) {
  switch (event->type) {
  case AHOY_AGENT_EVENT_CALL:
    if (info->is_on) {
      show (self, info);
    }
    break;
  case AHOY_AGENT_EVENT_MEDIA_START:
    start_media (self);
    break;
  case AHOY_AGENT_EVENT_MEDIA_STOP:
    close_media (self);
    break;
  case AHOY_AGENT_EVENT_KEY_FRAME:
    if (self->media != NULL) {
      app_call_media_key_frame (self->media);
    }
    break;
  case AHOY_AGENT_EVENT_REPORT:
    if (self->media != NULL) {
      app_call_media_report (self->media, &event->report);
    }
    break;
  case AHOY_AGENT_EVENT_FAR_MUTED:
    if (self->call != NULL) {
      ui_call_set_remote_muted (self->call, event->ok);
    }
    break;
  case AHOY_AGENT_EVENT_FAR_CAMERA:
    if (self->call != NULL) {
      ui_call_set_remote_camera_on (self->call, event->ok);
    }
    if (self->media != NULL && !event->ok) {
      app_call_media_far_camera_off (self->media);
    }
    break;
  default:
    break;
  }
}

/* ---- What the person does ---- */

static void
call_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  const ClientAct *act = data;
  if (ahoy_agent_call (agent, &act->name, act->flag, now_us) != RTMFP_OK) {
    g_message ("This call cannot be made now.");
  }
}

void
client_call_start (AppClient *self, UiContact *contact, gboolean with_video) {
  if (!client_is_online (self)) {
    client_complain (self,
                     _ ("There is no connection to the server now, so nobody can be called."));
    return;
  }
  ClientAct *act = client_act_new (self, contact);
  act->flag = with_video;
  client_act_post (self, call_on_network, act);
}

typedef enum { ACT_ACCEPT, ACT_DECLINE, ACT_HANG_UP, ACT_MUTE, ACT_CAMERA } CallActKind;

static void
act_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  const ClientAct *act = data;
  RtmfpStatus status = RTMFP_OK;
  switch ((CallActKind)act->act) {
  case ACT_ACCEPT:
    status = ahoy_agent_accept (agent, act->flag, now_us);
    break;
  case ACT_DECLINE:
    status = ahoy_agent_decline (agent, now_us);
    break;
  case ACT_HANG_UP:
    status = ahoy_agent_hang_up (agent, now_us);
    break;
  case ACT_MUTE:
    ahoy_agent_tell_muted (agent, act->flag, now_us);
    break;
  case ACT_CAMERA:
    ahoy_agent_tell_camera (agent, act->flag, now_us);
    break;
  }
  if (status != RTMFP_OK) {
    g_debug ("The call was over before."); /* the far side was faster */
  }
}

static void
post (AppClient *self, CallActKind kind, gboolean flag) {
  ClientAct *act = client_act_new (self, NULL);
  act->act = (int)kind;
  act->flag = flag;
  client_act_post (self, act_on_network, act);
}

static gboolean
is_current (AppClient *self, UiCall *call) {
  return self->call == call && ui_call_get_state (call) != UI_CALL_ENDED;
}

void
client_call_accept (AppClient *self, UiCall *call, gboolean with_video) {
  if (is_current (self, call)) {
    ui_call_set_camera_on (call, with_video);
    open_media (self, with_video);
    post (self, ACT_ACCEPT, with_video);
  }
}

void
client_call_decline (AppClient *self, UiCall *call) {
  if (is_current (self, call)) {
    post (self, ACT_DECLINE, FALSE);
  }
}

void
client_call_silence (AppClient *self, UiCall *call) {
  if (is_current (self, call)) {
    self->silenced = TRUE;
    ring (self, NULL, FALSE);
  }
}

void
client_call_hang_up (AppClient *self, UiCall *call) {
  if (is_current (self, call)) {
    post (self, ACT_HANG_UP, FALSE);
  }
}

void
client_call_set_muted (AppClient *self, UiCall *call, gboolean muted) {
  if (is_current (self, call)) {
    ui_call_set_muted (call, muted);
    if (self->media != NULL) {
      app_call_media_set_muted (self->media, muted);
    }
    post (self, ACT_MUTE, muted);
  }
}

void
client_call_set_camera (AppClient *self, UiCall *call, gboolean on) {
  if (is_current (self, call)) {
    ui_call_set_camera_on (call, on);
    if (self->media != NULL) {
      app_call_media_set_camera_on (self->media, on);
    }
    post (self, ACT_CAMERA, on);
  }
}

void
client_call_stop (AppClient *self) {
  ring (self, NULL, FALSE);
  close_media (self);
  g_clear_object (&self->call);
}

/* ---- Devices in the model ---- */

static UiDeviceKind
ui_kind (AppDeviceKind kind) {
  return kind == APP_DEVICE_CAMERA       ? UI_DEVICE_CAMERA
         : kind == APP_DEVICE_MICROPHONE ? UI_DEVICE_MICROPHONE
                                         : UI_DEVICE_SPEAKER;
}

static void
on_device_added (void *data, const AppDevice *device) {
  AppClient *self = data;
  g_autoptr (UiDevice) shown = ui_device_new (ui_kind (device->kind), device->id, device->name);
  ui_devices_add (ui_session_get_devices (self->session), shown);
}

static void
on_device_removed (void *data, const AppDevice *device) {
  AppClient *self = data;
  ui_devices_remove (ui_session_get_devices (self->session), ui_kind (device->kind), device->id);
}

static const char *const settings[] = {[UI_DEVICE_CAMERA] = SETTING_CAMERA,
                                       [UI_DEVICE_MICROPHONE] = SETTING_MICROPHONE,
                                       [UI_DEVICE_SPEAKER] = SETTING_SPEAKER};

void
client_call_devices (AppClient *self) {
  const AppDevicesListener listener = {
      .added = on_device_added, .removed = on_device_removed, .data = self};
  self->devices_listener = app_devices_listen (self->devices, &listener);
  for (guint kind = 0; kind < UI_DEVICE_KINDS; kind++) {
    g_autofree char *id = app_client_store_get_setting (self->store, settings[kind]);
    ui_devices_set_chosen (ui_session_get_devices (self->session), (UiDeviceKind)kind, id);
  }
}

void
client_call_choose (AppClient *self, UiDeviceKind kind, const char *id) {
  GError *error = NULL;
  app_client_store_put_setting (self->store, settings[kind], id, &error);
  client_store_failed (self, error);
  ui_devices_set_chosen (ui_session_get_devices (self->session), kind, id);
  if (self->media != NULL) {
    app_call_media_choose (self->media,
                           kind == UI_DEVICE_CAMERA       ? APP_DEVICE_CAMERA
                           : kind == UI_DEVICE_MICROPHONE ? APP_DEVICE_MICROPHONE
                                                          : APP_DEVICE_SPEAKER,
                           id != NULL ? id : APP_DEVICE_DEFAULT);
  }
}

/* ---- Trying the devices out, without a call ---- */

static void
show_preview (void *data, const AppPicture *picture) {
  ui_frame_slot_push (
      ui_devices_get_preview_frames (ui_session_get_devices (((AppClient *)data)->session)),
      picture->bytes, (guint)picture->width, (guint)picture->height, picture->stride,
      picture->format == APP_PICTURE_RGB ? UI_FRAME_FORMAT_RGB : UI_FRAME_FORMAT_BGRA);
}

static gboolean
on_preview_time (gpointer data) {
  AppClient *self = data;
  AppCaptureStats stats;
  app_capture_get_stats (self->preview, &stats);
  ui_devices_set_level_permille (ui_session_get_devices (self->session),
                                 (guint)stats.level_permille);
  return G_SOURCE_CONTINUE;
}

void
client_call_set_preview (AppClient *self, gboolean on) {
  UiFrameSlot *slot = ui_devices_get_preview_frames (ui_session_get_devices (self->session));
  if (!on || self->devices == NULL) {
    g_clear_handle_id (&self->preview_source, g_source_remove);
    g_clear_pointer (&self->preview, app_capture_free);
    ui_frame_slot_clear (slot);
    return;
  }
  if (self->preview != NULL || self->media != NULL) {
    return; /* a call has the devices: its own picture is the preview */
  }
  g_autofree char *camera = chosen (self, SETTING_CAMERA, self->camera);
  g_autofree char *microphone = chosen (self, SETTING_MICROPHONE, self->microphone);
  const AppCaptureConfig config = {
      .context = self->context,
      .devices = self->devices,
      .camera = camera,
      .microphone = microphone,
      .preview = {.show = show_preview,
                  .data = self,
                  .format = ui_frame_slot_get_wanted_format (slot) == UI_FRAME_FORMAT_RGB
                                ? APP_PICTURE_RGB
                                : APP_PICTURE_BGRA}};
  self->preview = app_capture_new (&config);
  self->preview_source = g_timeout_add (100, on_preview_time, self);
}

void
client_call_play_test_sound (AppClient *self) {
  ring (self, "ring.oga", FALSE);
}

/* ---- Figures ---- */

typedef struct {
  GMutex mutex;
  GCond cond;
  gboolean done;
  AhoyCallInfo info;
} Asked;

static void
info_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  (void)now_us;
  ahoy_agent_call_info (agent, &((Asked *)data)->info);
}

static void
answered (gpointer data) {
  Asked *asked = data;
  g_mutex_lock (&asked->mutex);
  asked->done = TRUE;
  g_cond_signal (&asked->cond);
  g_mutex_unlock (&asked->mutex);
}

gboolean
app_client_get_figures (AppClient *self, AppCallFigures *figures) {
  if (self->network == NULL || self->media == NULL) {
    return FALSE;
  }
  /* The network thread answers within a turn of its loop. */
  Asked asked = {0};
  g_mutex_init (&asked.mutex);
  g_cond_init (&asked.cond);
  app_network_post (self->network, info_on_network, &asked, answered);
  g_mutex_lock (&asked.mutex);
  while (!asked.done) {
    g_cond_wait (&asked.cond, &asked.mutex);
  }
  g_mutex_unlock (&asked.mutex);
  g_mutex_clear (&asked.mutex);
  g_cond_clear (&asked.cond);
  AppCallMediaStats stats;
  AppNetworkCounters counters;
  app_call_media_stats (self->media, &stats);
  app_network_counters (self->network, &counters);
  *figures = (AppCallFigures){.direct = asked.info.has_path && !asked.info.relayed,
                              .round_trip_us = asked.info.srtt_us,
                              .bytes_sent = asked.info.bytes_sent,
                              .bytes_received = asked.info.bytes_received,
                              .frames_sent = counters.frames_sent,
                              .frames_dropped = counters.frames_dropped,
                              .frames_received = stats.frames_received,
                              .audio_played = stats.playback.audio_frames,
                              .audio_recovered = stats.playback.audio_recovered,
                              .audio_concealed = stats.playback.audio_concealed,
                              .audio_late = stats.playback.audio_late,
                              .video_shown = stats.playback.video_decoded,
                              .video_dropped = stats.playback.video_dropped,
                              .freezes = stats.playback.freezes,
                              .buffer_ms = stats.playback.buffer_ms,
                              .lip_ms = stats.playback.lip_ms,
                              .video_gap_ms = stats.playback.video_gap_ms,
                              .first_sound_us = stats.first_sound_us,
                              .audio_gaps = stats.audio_gaps,
                              .audio_gap_total_us = stats.audio_gap_total_us,
                              .audio_gap_last_us = stats.audio_gap_last_us};
  return TRUE;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for one call as a person sees it. */
#include "ui/model/call.h"
#include "ui/model/property.h"

struct _UiCall {
  GObject parent_instance;

  /* owned */
  char *id;
  UiContact *contact;
  UiFrameSlot *remote_frames;
  UiFrameSlot *local_frames;
  char *end_reason;
  char *warning;
  char *details;

  UiCallDirection direction;
  UiCallState state;
  UiCallPath path;
  gboolean with_video;
  gboolean muted;
  gboolean camera_on;
  gboolean has_camera;
  gboolean has_microphone;
  gboolean remote_muted;
  gboolean remote_camera_on;
  guint level_permille;
  guint remote_level_permille;

  gint64 secured_at_us; /* monotonic; 0: not yet */
  guint duration_s;
  guint tick_source;
};

G_DEFINE_FINAL_TYPE (UiCall, ui_call, G_TYPE_OBJECT)

enum {
  PROP_ID = 1,
  PROP_CONTACT,
  PROP_DIRECTION,
  PROP_STATE,
  PROP_WITH_VIDEO,
  PROP_MUTED,
  PROP_CAMERA_ON,
  PROP_HAS_CAMERA,
  PROP_HAS_MICROPHONE,
  PROP_REMOTE_MUTED,
  PROP_REMOTE_CAMERA_ON,
  PROP_DURATION_S,
  PROP_PATH,
  PROP_END_REASON,
  PROP_WARNING,
  PROP_DETAILS,
  PROP_LEVEL_PERMILLE,
  PROP_REMOTE_LEVEL_PERMILLE,
  PROP_REMOTE_FRAMES,
  PROP_LOCAL_FRAMES,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

UiCall *
ui_call_new (const char *id, UiContact *contact, UiCallDirection direction, gboolean with_video) {
  g_return_val_if_fail (id != NULL, NULL);
  g_return_val_if_fail (UI_IS_CONTACT (contact), NULL);

  UiCall *self = g_object_new (UI_TYPE_CALL, NULL);
  self->id = g_strdup (id);
  self->contact = g_object_ref (contact);
  self->direction = direction;
  self->state = direction == UI_CALL_OUTGOING ? UI_CALL_REACHING : UI_CALL_RINGING;
  self->with_video = with_video ? TRUE : FALSE;
  self->camera_on = self->with_video;
  return self;
}

const char *
ui_call_get_id (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), "");
  return self->id;
}

UiContact *
ui_call_get_contact (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), NULL);
  return self->contact;
}

UiCallDirection
ui_call_get_direction (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), UI_CALL_OUTGOING);
  return self->direction;
}

UiCallState
ui_call_get_state (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), UI_CALL_ENDED);
  return self->state;
}

gboolean
ui_call_get_with_video (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), FALSE);
  return self->with_video;
}

gboolean
ui_call_get_muted (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), FALSE);
  return self->muted;
}

gboolean
ui_call_get_camera_on (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), FALSE);
  return self->camera_on;
}

gboolean
ui_call_get_has_camera (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), FALSE);
  return self->has_camera;
}

gboolean
ui_call_get_has_microphone (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), FALSE);
  return self->has_microphone;
}

gboolean
ui_call_get_remote_muted (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), FALSE);
  return self->remote_muted;
}

gboolean
ui_call_get_remote_camera_on (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), FALSE);
  return self->remote_camera_on;
}

guint
ui_call_get_duration_s (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), 0);
  return self->duration_s;
}

UiCallPath
ui_call_get_path (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), UI_CALL_PATH_UNKNOWN);
  return self->path;
}

const char *
ui_call_get_end_reason (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), NULL);
  return self->end_reason;
}

const char *
ui_call_get_warning (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), NULL);
  return self->warning;
}

const char *
ui_call_get_details (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), NULL);
  return self->details;
}

guint
ui_call_get_level_permille (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), 0);
  return self->level_permille;
}

guint
ui_call_get_remote_level_permille (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), 0);
  return self->remote_level_permille;
}

UiFrameSlot *
ui_call_get_remote_frames (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), NULL);
  return self->remote_frames;
}

UiFrameSlot *
ui_call_get_local_frames (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), NULL);
  return self->local_frames;
}

static gboolean
tick (gpointer data) {
  UiCall *self = data;
  const guint duration_s =
      (guint)((g_get_monotonic_time () - self->secured_at_us) / G_USEC_PER_SEC);
  ui_property_set_uint (self, &self->duration_s, duration_s, props[PROP_DURATION_S]);
  return G_SOURCE_CONTINUE;
}

/* Four times a second, so that no second is skipped or shown late by more than a blink. */
static void
start_clock (UiCall *self) {
  if (self->secured_at_us == 0) {
    self->secured_at_us = g_get_monotonic_time ();
    self->tick_source = g_timeout_add (250, tick, self);
  }
}

void
ui_call_set_state (UiCall *self, UiCallState state) {
  g_return_if_fail (UI_IS_CALL (self));
  if (self->state == state || self->state == UI_CALL_ENDED) {
    return;
  }
  self->state = state;
  if (state == UI_CALL_SECURED) {
    start_clock (self);
  } else if (state == UI_CALL_ENDED) {
    g_clear_handle_id (&self->tick_source, g_source_remove);
    ui_frame_slot_clear (self->remote_frames);
    ui_frame_slot_clear (self->local_frames);
  }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
}

void
ui_call_end (UiCall *self, const char *end_reason) {
  g_return_if_fail (UI_IS_CALL (self));
  if (self->state == UI_CALL_ENDED) {
    return;
  }
  ui_property_set_string (self, &self->end_reason, end_reason, props[PROP_END_REASON]);
  ui_call_set_state (self, UI_CALL_ENDED);
}

void
ui_call_set_muted (UiCall *self, gboolean muted) {
  g_return_if_fail (UI_IS_CALL (self));
  ui_property_set_boolean (self, &self->muted, muted, props[PROP_MUTED]);
}

void
ui_call_set_camera_on (UiCall *self, gboolean camera_on) {
  g_return_if_fail (UI_IS_CALL (self));
  ui_property_set_boolean (self, &self->camera_on, camera_on, props[PROP_CAMERA_ON]);
}

void
ui_call_set_has_camera (UiCall *self, gboolean has_camera) {
  g_return_if_fail (UI_IS_CALL (self));
  ui_property_set_boolean (self, &self->has_camera, has_camera, props[PROP_HAS_CAMERA]);
}

void
ui_call_set_has_microphone (UiCall *self, gboolean has_microphone) {
  g_return_if_fail (UI_IS_CALL (self));
  ui_property_set_boolean (self, &self->has_microphone, has_microphone, props[PROP_HAS_MICROPHONE]);
}

void
ui_call_set_remote_muted (UiCall *self, gboolean muted) {
  g_return_if_fail (UI_IS_CALL (self));
  ui_property_set_boolean (self, &self->remote_muted, muted, props[PROP_REMOTE_MUTED]);
}

void
ui_call_set_remote_camera_on (UiCall *self, gboolean camera_on) {
  g_return_if_fail (UI_IS_CALL (self));
  ui_property_set_boolean (self, &self->remote_camera_on, camera_on, props[PROP_REMOTE_CAMERA_ON]);
}

void
ui_call_set_path (UiCall *self, UiCallPath path) {
  g_return_if_fail (UI_IS_CALL (self));
  if (self->path != path) {
    self->path = path;
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PATH]);
  }
}

void
ui_call_set_warning (UiCall *self, const char *warning) {
  g_return_if_fail (UI_IS_CALL (self));
  ui_property_set_string (self, &self->warning, warning, props[PROP_WARNING]);
}

void
ui_call_set_details (UiCall *self, const char *details) {
  g_return_if_fail (UI_IS_CALL (self));
  ui_property_set_string (self, &self->details, details, props[PROP_DETAILS]);
}

void
ui_call_set_level_permille (UiCall *self, guint level) {
  g_return_if_fail (UI_IS_CALL (self));
  ui_property_set_uint (self, &self->level_permille, MIN (level, 1000), props[PROP_LEVEL_PERMILLE]);
}

void
ui_call_set_remote_level_permille (UiCall *self, guint level) {
  g_return_if_fail (UI_IS_CALL (self));
  ui_property_set_uint (self, &self->remote_level_permille, MIN (level, 1000),
                        props[PROP_REMOTE_LEVEL_PERMILLE]);
}

gboolean
ui_call_is_ringing_here (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), FALSE);
  return self->direction == UI_CALL_INCOMING && self->state == UI_CALL_RINGING;
}

gboolean
ui_call_is_live (UiCall *self) {
  g_return_val_if_fail (UI_IS_CALL (self), FALSE);
  return self->state == UI_CALL_CONNECTING || self->state == UI_CALL_SECURED ||
         self->state == UI_CALL_RECONNECTING;
}

static void
get_object_or_text (UiCall *self, guint id, GValue *value) {
  switch (id) {
  case PROP_ID:
    g_value_set_string (value, self->id);
    break;
  case PROP_CONTACT:
    g_value_set_object (value, self->contact);
    break;
  case PROP_END_REASON:
    g_value_set_string (value, self->end_reason);
    break;
  case PROP_WARNING:
    g_value_set_string (value, self->warning);
    break;
  case PROP_DETAILS:
    g_value_set_string (value, self->details);
    break;
  case PROP_REMOTE_FRAMES:
    g_value_set_object (value, self->remote_frames);
    break;
  default:
    g_value_set_object (value, self->local_frames);
  }
}

static void
ui_call_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec) {
  UiCall *self = UI_CALL (object);
  const gboolean flags[N_PROPS] = {
      [PROP_WITH_VIDEO] = self->with_video,
      [PROP_MUTED] = self->muted,
      [PROP_CAMERA_ON] = self->camera_on,
      [PROP_HAS_CAMERA] = self->has_camera,
      [PROP_HAS_MICROPHONE] = self->has_microphone,
      [PROP_REMOTE_MUTED] = self->remote_muted,
      [PROP_REMOTE_CAMERA_ON] = self->remote_camera_on,
  };
  const guint numbers[N_PROPS] = {
      [PROP_DURATION_S] = self->duration_s,
      [PROP_LEVEL_PERMILLE] = self->level_permille,
      [PROP_REMOTE_LEVEL_PERMILLE] = self->remote_level_permille,
  };
  const int kinds[N_PROPS] = {
      [PROP_DIRECTION] = (int)self->direction,
      [PROP_STATE] = (int)self->state,
      [PROP_PATH] = (int)self->path,
  };
  if (G_IS_PARAM_SPEC_BOOLEAN (pspec)) {
    g_value_set_boolean (value, flags[id]);
  } else if (G_IS_PARAM_SPEC_UINT (pspec)) {
    g_value_set_uint (value, numbers[id]);
  } else if (G_IS_PARAM_SPEC_ENUM (pspec)) {
    g_value_set_enum (value, kinds[id]);
  } else {
    get_object_or_text (self, id, value);
  }
}

static void
ui_call_finalize (GObject *object) {
  UiCall *self = UI_CALL (object);
  g_clear_handle_id (&self->tick_source, g_source_remove);
  g_free (self->id);
  g_free (self->end_reason);
  g_free (self->warning);
  g_free (self->details);
  g_clear_object (&self->contact);
  g_object_unref (self->remote_frames);
  g_object_unref (self->local_frames);
  G_OBJECT_CLASS (ui_call_parent_class)->finalize (object);
}

static void
install_flag (guint id, const char *name) {
  props[id] = g_param_spec_boolean (name, NULL, NULL, FALSE, UI_READABLE);
}

static void
ui_call_class_init (UiCallClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->get_property = ui_call_get_property;
  object_class->finalize = ui_call_finalize;

  install_flag (PROP_WITH_VIDEO, "with-video");
  install_flag (PROP_MUTED, "muted");
  install_flag (PROP_CAMERA_ON, "camera-on");
  install_flag (PROP_HAS_CAMERA, "has-camera");
  install_flag (PROP_HAS_MICROPHONE, "has-microphone");
  install_flag (PROP_REMOTE_MUTED, "remote-muted");
  install_flag (PROP_REMOTE_CAMERA_ON, "remote-camera-on");
  props[PROP_ID] = g_param_spec_string ("id", NULL, NULL, "", UI_READABLE);
  props[PROP_CONTACT] = g_param_spec_object ("contact", NULL, NULL, UI_TYPE_CONTACT, UI_READABLE);
  props[PROP_DIRECTION] = g_param_spec_enum ("direction", NULL, NULL, UI_TYPE_CALL_DIRECTION,
                                             UI_CALL_OUTGOING, UI_READABLE);
  props[PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, UI_TYPE_CALL_STATE, UI_CALL_REACHING, UI_READABLE);
  props[PROP_PATH] =
      g_param_spec_enum ("path", NULL, NULL, UI_TYPE_CALL_PATH, UI_CALL_PATH_UNKNOWN, UI_READABLE);
  props[PROP_DURATION_S] =
      g_param_spec_uint ("duration-s", NULL, NULL, 0, G_MAXUINT, 0, UI_READABLE);
  props[PROP_LEVEL_PERMILLE] =
      g_param_spec_uint ("level-permille", NULL, NULL, 0, 1000, 0, UI_READABLE);
  props[PROP_REMOTE_LEVEL_PERMILLE] =
      g_param_spec_uint ("remote-level-permille", NULL, NULL, 0, 1000, 0, UI_READABLE);
  props[PROP_END_REASON] = g_param_spec_string ("end-reason", NULL, NULL, NULL, UI_READABLE);
  props[PROP_WARNING] = g_param_spec_string ("warning", NULL, NULL, NULL, UI_READABLE);
  props[PROP_DETAILS] = g_param_spec_string ("details", NULL, NULL, NULL, UI_READABLE);
  props[PROP_REMOTE_FRAMES] =
      g_param_spec_object ("remote-frames", NULL, NULL, UI_TYPE_FRAME_SLOT, UI_READABLE);
  props[PROP_LOCAL_FRAMES] =
      g_param_spec_object ("local-frames", NULL, NULL, UI_TYPE_FRAME_SLOT, UI_READABLE);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ui_call_init (UiCall *self) {
  self->has_camera = TRUE;
  self->has_microphone = TRUE;
  self->remote_frames = ui_frame_slot_new ();
  self->local_frames = ui_frame_slot_new ();
}

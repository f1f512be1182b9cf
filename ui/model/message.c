/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for one line of a conversation. */
#include "ui/model/message.h"
#include "ui/model/property.h"

#include <glib/gi18n.h>

struct _UiMessage {
  GObject parent_instance;

  char *id;   /* owned */
  char *text; /* owned */
  gint64 time_us;
  guint duration_s;
  UiMessageKind kind;
  UiMessageState state;
  gboolean outgoing;
  gboolean with_video;
};

G_DEFINE_FINAL_TYPE (UiMessage, ui_message, G_TYPE_OBJECT)

enum {
  PROP_ID = 1,
  PROP_TEXT,
  PROP_TIME_US,
  PROP_OUTGOING,
  PROP_KIND,
  PROP_STATE,
  PROP_DURATION_S,
  PROP_WITH_VIDEO,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

UiMessage *
ui_message_new (const char *id, gboolean outgoing, gint64 time_us, const char *text) {
  UiMessage *self = g_object_new (UI_TYPE_MESSAGE, NULL);
  self->id = g_strdup (id);
  self->text = text != NULL ? g_utf8_make_valid (text, -1) : g_strdup ("");
  self->time_us = time_us;
  self->outgoing = outgoing ? TRUE : FALSE;
  self->state = outgoing ? UI_MESSAGE_UNSENT : UI_MESSAGE_DELIVERED;
  return self;
}

UiMessage *
ui_message_new_call (const char *id, gboolean outgoing, gint64 time_us, UiMessageKind kind,
                     gboolean with_video, guint duration_s) {
  UiMessage *self = ui_message_new (id, outgoing, time_us, NULL);
  self->kind = kind;
  self->state = UI_MESSAGE_DELIVERED;
  self->with_video = with_video ? TRUE : FALSE;
  self->duration_s = duration_s;
  return self;
}

const char *
ui_message_get_id (UiMessage *self) {
  g_return_val_if_fail (UI_IS_MESSAGE (self), NULL);
  return self->id;
}

const char *
ui_message_get_text (UiMessage *self) {
  g_return_val_if_fail (UI_IS_MESSAGE (self), "");
  return self->text;
}

gint64
ui_message_get_time_us (UiMessage *self) {
  g_return_val_if_fail (UI_IS_MESSAGE (self), 0);
  return self->time_us;
}

gboolean
ui_message_get_outgoing (UiMessage *self) {
  g_return_val_if_fail (UI_IS_MESSAGE (self), FALSE);
  return self->outgoing;
}

UiMessageKind
ui_message_get_kind (UiMessage *self) {
  g_return_val_if_fail (UI_IS_MESSAGE (self), UI_MESSAGE_TEXT);
  return self->kind;
}

UiMessageState
ui_message_get_state (UiMessage *self) {
  g_return_val_if_fail (UI_IS_MESSAGE (self), UI_MESSAGE_UNSENT);
  return self->state;
}

guint
ui_message_get_duration_s (UiMessage *self) {
  g_return_val_if_fail (UI_IS_MESSAGE (self), 0);
  return self->duration_s;
}

gboolean
ui_message_get_with_video (UiMessage *self) {
  g_return_val_if_fail (UI_IS_MESSAGE (self), FALSE);
  return self->with_video;
}

void
ui_message_set_state (UiMessage *self, UiMessageState state) {
  g_return_if_fail (UI_IS_MESSAGE (self));
  if (self->state != state) {
    self->state = state;
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
  }
}

void
ui_message_set_time_us (UiMessage *self, gint64 time_us) {
  g_return_if_fail (UI_IS_MESSAGE (self));
  if (self->time_us != time_us) {
    self->time_us = time_us;
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TIME_US]);
  }
}

static const char *
describe_call (const UiMessage *self) {
  switch (self->kind) {
  case UI_MESSAGE_CALL_MISSED:
    if (self->outgoing) {
      return self->with_video ? _ ("Video call, no answer") : _ ("Call, no answer");
    }
    return self->with_video ? _ ("Missed video call") : _ ("Missed call");
  case UI_MESSAGE_CALL_DECLINED:
    return self->with_video ? _ ("Video call declined") : _ ("Call declined");
  default:
    return self->with_video ? _ ("Video call") : _ ("Voice call");
  }
}

char *
ui_message_dup_summary (UiMessage *self) {
  g_return_val_if_fail (UI_IS_MESSAGE (self), NULL);

  if (self->kind != UI_MESSAGE_TEXT && self->kind != UI_MESSAGE_NOTE) {
    return g_strdup (describe_call (self));
  }
  char *summary = g_strdup (self->text);
  return g_strstrip (g_strdelimit (summary, "\r\n\t", ' '));
}

static void
ui_message_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec) {
  UiMessage *self = UI_MESSAGE (object);
  switch (id) {
  case PROP_ID:
    g_value_set_string (value, self->id);
    break;
  case PROP_TEXT:
    g_value_set_string (value, self->text);
    break;
  case PROP_TIME_US:
    g_value_set_int64 (value, self->time_us);
    break;
  case PROP_OUTGOING:
    g_value_set_boolean (value, self->outgoing);
    break;
  case PROP_KIND:
    g_value_set_enum (value, (int)self->kind);
    break;
  case PROP_STATE:
    g_value_set_enum (value, (int)self->state);
    break;
  case PROP_DURATION_S:
    g_value_set_uint (value, self->duration_s);
    break;
  case PROP_WITH_VIDEO:
    g_value_set_boolean (value, self->with_video);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
ui_message_finalize (GObject *object) {
  UiMessage *self = UI_MESSAGE (object);
  g_free (self->id);
  g_free (self->text);
  G_OBJECT_CLASS (ui_message_parent_class)->finalize (object);
}

static void
ui_message_class_init (UiMessageClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->get_property = ui_message_get_property;
  object_class->finalize = ui_message_finalize;

  props[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, UI_READABLE);
  props[PROP_TEXT] = g_param_spec_string ("text", NULL, NULL, "", UI_READABLE);
  props[PROP_TIME_US] =
      g_param_spec_int64 ("time-us", NULL, NULL, G_MININT64, G_MAXINT64, 0, UI_READABLE);
  props[PROP_OUTGOING] = g_param_spec_boolean ("outgoing", NULL, NULL, FALSE, UI_READABLE);
  props[PROP_KIND] =
      g_param_spec_enum ("kind", NULL, NULL, UI_TYPE_MESSAGE_KIND, UI_MESSAGE_TEXT, UI_READABLE);
  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, UI_TYPE_MESSAGE_STATE,
                                         UI_MESSAGE_UNSENT, UI_READABLE);
  props[PROP_DURATION_S] =
      g_param_spec_uint ("duration-s", NULL, NULL, 0, G_MAXUINT, 0, UI_READABLE);
  props[PROP_WITH_VIDEO] = g_param_spec_boolean ("with-video", NULL, NULL, FALSE, UI_READABLE);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ui_message_init (UiMessage *self G_GNUC_UNUSED) {
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the GTypes of the models' enumerations, with the nicks that tests and .ui files use.
 */
#include "ui/model/session.h"

static GType
register_once (GType *type, const char *name, const GEnumValue *values) {
  if (g_once_init_enter (type)) {
    g_once_init_leave (type, g_enum_register_static (name, values));
  }
  return *type;
}

GType
ui_message_kind_get_type (void) {
  static GType type;
  static const GEnumValue values[] = {
      {UI_MESSAGE_TEXT, "UI_MESSAGE_TEXT", "text"},
      {UI_MESSAGE_CALL, "UI_MESSAGE_CALL", "call"},
      {UI_MESSAGE_CALL_MISSED, "UI_MESSAGE_CALL_MISSED", "call-missed"},
      {UI_MESSAGE_CALL_DECLINED, "UI_MESSAGE_CALL_DECLINED", "call-declined"},
      {UI_MESSAGE_NOTE, "UI_MESSAGE_NOTE", "note"},
      {0, NULL, NULL},
  };
  return register_once (&type, "UiMessageKind", values);
}

GType
ui_message_state_get_type (void) {
  static GType type;
  static const GEnumValue values[] = {
      {UI_MESSAGE_UNSENT, "UI_MESSAGE_UNSENT", "unsent"},
      {UI_MESSAGE_STORED, "UI_MESSAGE_STORED", "stored"},
      {UI_MESSAGE_DELIVERED, "UI_MESSAGE_DELIVERED", "delivered"},
      {UI_MESSAGE_FAILED, "UI_MESSAGE_FAILED", "failed"},
      {0, NULL, NULL},
  };
  return register_once (&type, "UiMessageState", values);
}

GType
ui_presence_get_type (void) {
  static GType type;
  static const GEnumValue values[] = {
      {UI_PRESENCE_UNKNOWN, "UI_PRESENCE_UNKNOWN", "unknown"},
      {UI_PRESENCE_OFFLINE, "UI_PRESENCE_OFFLINE", "offline"},
      {UI_PRESENCE_ONLINE, "UI_PRESENCE_ONLINE", "online"},
      {UI_PRESENCE_BUSY, "UI_PRESENCE_BUSY", "busy"},
      {0, NULL, NULL},
  };
  return register_once (&type, "UiPresence", values);
}

GType
ui_relation_get_type (void) {
  static GType type;
  static const GEnumValue values[] = {
      {UI_RELATION_ASKED, "UI_RELATION_ASKED", "asked"},
      {UI_RELATION_REQUESTED, "UI_RELATION_REQUESTED", "requested"},
      {UI_RELATION_BOTH, "UI_RELATION_BOTH", "both"},
      {UI_RELATION_BLOCKED, "UI_RELATION_BLOCKED", "blocked"},
      {0, NULL, NULL},
  };
  return register_once (&type, "UiRelation", values);
}

GType
ui_call_state_get_type (void) {
  static GType type;
  static const GEnumValue values[] = {
      {UI_CALL_REACHING, "UI_CALL_REACHING", "reaching"},
      {UI_CALL_RINGING, "UI_CALL_RINGING", "ringing"},
      {UI_CALL_CONNECTING, "UI_CALL_CONNECTING", "connecting"},
      {UI_CALL_SECURED, "UI_CALL_SECURED", "secured"},
      {UI_CALL_RECONNECTING, "UI_CALL_RECONNECTING", "reconnecting"},
      {UI_CALL_ENDED, "UI_CALL_ENDED", "ended"},
      {0, NULL, NULL},
  };
  return register_once (&type, "UiCallState", values);
}

GType
ui_call_direction_get_type (void) {
  static GType type;
  static const GEnumValue values[] = {
      {UI_CALL_OUTGOING, "UI_CALL_OUTGOING", "outgoing"},
      {UI_CALL_INCOMING, "UI_CALL_INCOMING", "incoming"},
      {0, NULL, NULL},
  };
  return register_once (&type, "UiCallDirection", values);
}

GType
ui_call_path_get_type (void) {
  static GType type;
  static const GEnumValue values[] = {
      {UI_CALL_PATH_UNKNOWN, "UI_CALL_PATH_UNKNOWN", "unknown"},
      {UI_CALL_PATH_DIRECT, "UI_CALL_PATH_DIRECT", "direct"},
      {UI_CALL_PATH_RELAYED, "UI_CALL_PATH_RELAYED", "relayed"},
      {0, NULL, NULL},
  };
  return register_once (&type, "UiCallPath", values);
}

GType
ui_device_kind_get_type (void) {
  static GType type;
  static const GEnumValue values[] = {
      {UI_DEVICE_CAMERA, "UI_DEVICE_CAMERA", "camera"},
      {UI_DEVICE_MICROPHONE, "UI_DEVICE_MICROPHONE", "microphone"},
      {UI_DEVICE_SPEAKER, "UI_DEVICE_SPEAKER", "speaker"},
      {0, NULL, NULL},
  };
  return register_once (&type, "UiDeviceKind", values);
}

GType
ui_session_state_get_type (void) {
  static GType type;
  static const GEnumValue values[] = {
      {UI_SESSION_SIGNED_OUT, "UI_SESSION_SIGNED_OUT", "signed-out"},
      {UI_SESSION_SIGNING_IN, "UI_SESSION_SIGNING_IN", "signing-in"},
      {UI_SESSION_SIGNED_IN, "UI_SESSION_SIGNED_IN", "signed-in"},
      {UI_SESSION_OFFLINE, "UI_SESSION_OFFLINE", "offline"},
      {0, NULL, NULL},
  };
  return register_once (&type, "UiSessionState", values);
}

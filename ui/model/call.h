/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for one call as a person sees it: where it stands, what is on, how long, and its
 * pictures. */
#ifndef AHOY_UI_MODEL_CALL_H
#define AHOY_UI_MODEL_CALL_H

#include "ui/model/contact.h"
#include "ui/model/frame-slot.h"

G_BEGIN_DECLS

/* Outgoing: REACHING, RINGING, CONNECTING, SECURED. Incoming: RINGING, CONNECTING, SECURED.
 * RECONNECTING and back while the network is away; ENDED at last, with an end-reason. */
typedef enum {
  UI_CALL_REACHING,     /* asked the server to ring them, no device answered yet */
  UI_CALL_RINGING,      /* a device of theirs (or ours) rings */
  UI_CALL_CONNECTING,   /* accepted; the direct session is being made */
  UI_CALL_SECURED,      /* sound and picture run, identity verified */
  UI_CALL_RECONNECTING, /* nothing has come for a while; the session looks for a way */
  UI_CALL_ENDED,
} UiCallState;

typedef enum {
  UI_CALL_OUTGOING,
  UI_CALL_INCOMING,
} UiCallDirection;

typedef enum {
  UI_CALL_PATH_UNKNOWN,
  UI_CALL_PATH_DIRECT,
  UI_CALL_PATH_RELAYED,
} UiCallPath;

#define UI_TYPE_CALL_STATE (ui_call_state_get_type ())
#define UI_TYPE_CALL_DIRECTION (ui_call_direction_get_type ())
#define UI_TYPE_CALL_PATH (ui_call_path_get_type ())
GType ui_call_state_get_type (void);
GType ui_call_direction_get_type (void);
GType ui_call_path_get_type (void);

/* Properties: "id" (string), "contact" (UiContact), "direction" (construct only); "state",
 * "with-video" (bool: offered with picture), "muted", "camera-on" (bool: ours),
 * "has-camera", "has-microphone" (bool: ours; FALSE when none is plugged in),
 * "remote-muted", "remote-camera-on" (bool), "duration-s" (uint: seconds since SECURED, counted
 * by the model itself), "path", "end-reason" (string or NULL: one sentence, only when ENDED),
 * "warning" (string or NULL: one sentence while it lasts, e.g. no microphone, weak network),
 * "level-permille" (uint 0..1000: own microphone), "remote-level-permille",
 * "details" (string or NULL: the numbers for who wants them, several lines),
 * "remote-frames", "local-frames" (UiFrameSlot, made with the call). */
#define UI_TYPE_CALL (ui_call_get_type ())
G_DECLARE_FINAL_TYPE (UiCall, ui_call, UI, CALL, GObject)

/* id: (copied) safe inside a D-Bus action target. contact: (copied reference).
 * Returns: (owned), state REACHING if outgoing else RINGING; camera-on = with_video; has both
 * devices. */
UiCall *ui_call_new (const char *id, UiContact *contact, UiCallDirection direction,
                     gboolean with_video);

const char *ui_call_get_id (UiCall *self);     /* (borrowed, with self) */
UiContact *ui_call_get_contact (UiCall *self); /* (borrowed, with self) */
UiCallDirection ui_call_get_direction (UiCall *self);
UiCallState ui_call_get_state (UiCall *self);
gboolean ui_call_get_with_video (UiCall *self);
gboolean ui_call_get_muted (UiCall *self);
gboolean ui_call_get_camera_on (UiCall *self);
gboolean ui_call_get_has_camera (UiCall *self);
gboolean ui_call_get_has_microphone (UiCall *self);
gboolean ui_call_get_remote_muted (UiCall *self);
gboolean ui_call_get_remote_camera_on (UiCall *self);
guint ui_call_get_duration_s (UiCall *self);
UiCallPath ui_call_get_path (UiCall *self);
const char *ui_call_get_end_reason (UiCall *self); /* (borrowed, until set) or NULL */
const char *ui_call_get_warning (UiCall *self);    /* (borrowed, until set) or NULL */
const char *ui_call_get_details (UiCall *self);    /* (borrowed, until set) or NULL */
guint ui_call_get_level_permille (UiCall *self);
guint ui_call_get_remote_level_permille (UiCall *self);
UiFrameSlot *ui_call_get_remote_frames (UiCall *self); /* (borrowed, with self) */
UiFrameSlot *ui_call_get_local_frames (UiCall *self);  /* (borrowed, with self) */

/* ENDED is final: later states are ignored. The first SECURED starts the clock. */
void ui_call_set_state (UiCall *self, UiCallState state);
/* Sets the sentence and the state ENDED, in this order. end_reason: (copied) or NULL. */
void ui_call_end (UiCall *self, const char *end_reason);
void ui_call_set_muted (UiCall *self, gboolean muted);
void ui_call_set_camera_on (UiCall *self, gboolean camera_on);
void ui_call_set_has_camera (UiCall *self, gboolean has_camera);
void ui_call_set_has_microphone (UiCall *self, gboolean has_microphone);
void ui_call_set_remote_muted (UiCall *self, gboolean muted);
void ui_call_set_remote_camera_on (UiCall *self, gboolean camera_on);
void ui_call_set_path (UiCall *self, UiCallPath path);
void ui_call_set_warning (UiCall *self, const char *warning);
void ui_call_set_details (UiCall *self, const char *details);
void ui_call_set_level_permille (UiCall *self, guint level);
void ui_call_set_remote_level_permille (UiCall *self, guint level);

/* Returns: whether it rings on this computer (incoming and RINGING). */
gboolean ui_call_is_ringing_here (UiCall *self);
/* Returns: whether it was accepted and is not over (CONNECTING, SECURED, RECONNECTING). */
gboolean ui_call_is_live (UiCall *self);

G_END_DECLS

#endif

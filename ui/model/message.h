/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for one line of a conversation: a message with its fate, or the trace a call left. */
#ifndef AHOY_UI_MODEL_MESSAGE_H
#define AHOY_UI_MODEL_MESSAGE_H

#include <gio/gio.h>

G_BEGIN_DECLS

/* What stands in the line. */
typedef enum {
  UI_MESSAGE_TEXT,          /* a person's words */
  UI_MESSAGE_CALL,          /* a call that was spoken; see duration-s */
  UI_MESSAGE_CALL_MISSED,   /* they rang, nobody answered (or: we rang, when outgoing) */
  UI_MESSAGE_CALL_DECLINED, /* declined by whoever was rung */
  UI_MESSAGE_NOTE,          /* a sentence of the program, e.g. "Safety number confirmed" */
} UiMessageKind;

/* What became of an outgoing message. Incoming ones are always DELIVERED. */
typedef enum {
  UI_MESSAGE_UNSENT,    /* only on this computer so far; goes by itself when it can */
  UI_MESSAGE_STORED,    /* the server keeps it for them */
  UI_MESSAGE_DELIVERED, /* it is on a device of theirs */
  UI_MESSAGE_FAILED,    /* it will not go by itself; a person can send it again */
} UiMessageState;

#define UI_TYPE_MESSAGE_KIND (ui_message_kind_get_type ())
#define UI_TYPE_MESSAGE_STATE (ui_message_state_get_type ())
GType ui_message_kind_get_type (void);
GType ui_message_state_get_type (void);

/* Properties: "id" (string, construct only), "kind", "text" (string), "time-us" (int64, Unix
 * microseconds UTC), "outgoing" (bool, construct only), "state", "duration-s" (uint: of a call),
 * "with-video" (bool: of a call). */
#define UI_TYPE_MESSAGE (ui_message_get_type ())
G_DECLARE_FINAL_TYPE (UiMessage, ui_message, UI, MESSAGE, GObject)

/* id: (copied) whatever the client knows the message by; may be NULL. text: (copied) UTF-8; what
 * is not UTF-8 is replaced. Returns: (owned), kind TEXT, state UNSENT if outgoing else DELIVERED.
 */
UiMessage *ui_message_new (const char *id, gboolean outgoing, gint64 time_us, const char *text);

/* A trace of a call. duration_s: 0 for one that was not spoken. Returns: (owned). */
UiMessage *ui_message_new_call (const char *id, gboolean outgoing, gint64 time_us,
                                UiMessageKind kind, gboolean with_video, guint duration_s);

const char *ui_message_get_id (UiMessage *self);   /* (borrowed, with self) may be NULL */
const char *ui_message_get_text (UiMessage *self); /* (borrowed, until set) never NULL */
gint64 ui_message_get_time_us (UiMessage *self);
gboolean ui_message_get_outgoing (UiMessage *self);
UiMessageKind ui_message_get_kind (UiMessage *self);
UiMessageState ui_message_get_state (UiMessage *self);
guint ui_message_get_duration_s (UiMessage *self);
gboolean ui_message_get_with_video (UiMessage *self);
void ui_message_set_state (UiMessage *self, UiMessageState state);
void ui_message_set_time_us (UiMessage *self, gint64 time_us);

/* Returns: (owned) one line for a list: the text with its line breaks as spaces, or what kind of
 * call it was, in the person's language. */
char *ui_message_dup_summary (UiMessage *self);

G_END_DECLS

#endif

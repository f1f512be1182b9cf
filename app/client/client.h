/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client without a screen: fulfils what a person asks (UiIntents) and writes what happens into
 * the model (UiSession). Signals: "quit" (): the person asked to end the program, which is now to
 * call app_client_close (). */
#ifndef APP_CLIENT_CLIENT_H
#define APP_CLIENT_CLIENT_H

#include "core/account/name.h"
#include "core/account/relay.h"
#include "ui/model/intents.h"

G_BEGIN_DECLS

typedef struct {
  const char *directory; /* where the account is kept, e.g. ~/.local/share/ahoy (copied) */
  const char *sounds;    /* folder of ring tones, or NULL = silent (copied) */
  const char
      *server_program; /* path of ahoyd for "use this computer as the server", or NULL (copied) */
  const char *control_program; /* path of ahoyctl, likewise */
  /* What calls use until the person chooses: device id, "default", "file:PATH" or NULL = none
   * (copied). */
  const char *camera, *microphone, *speaker;
  const char *record; /* file that gets what arrives in a call, or NULL (copied) */
  /* File that gets a capture of all sessions, begun anew at each sign-in, or NULL (copied). */
  const char *capture;
  gboolean capture_keys; /* with their keys */
} AppClientConfig;

#define APP_TYPE_CLIENT (app_client_get_type ())
G_DECLARE_FINAL_TYPE (AppClient, app_client, APP, CLIENT, GObject)

/* Opens the store. Returns: (owned) or NULL with error: another Ahoy runs there, disk full,
 * damaged. */
AppClient *app_client_new (const AppClientConfig *config, GError **error);
/* Signs in again where somebody was signed in before. Returns: FALSE when nobody was. */
gboolean app_client_resume (AppClient *self);
/* The server of the account here, and how its relay is entered (servers "" = not known). Returns:
 * FALSE when there is no account. */
gboolean app_client_get_server (AppClient *self, AhoyName *server, AhoyRelayAccess *relay);
/* Hangs up, says goodbye, ends the server of one's own. The object does nothing after this. Blocks
 * for at most two seconds. */
void app_client_close (AppClient *self);

/* What holds for calls from now on: a picture of 1280x720 instead of 640x480 (default off); a ring
 * tone for calls that come in (default on). */
void app_client_set_large_picture (AppClient *self, gboolean large);
void app_client_set_ringing (AppClient *self, gboolean on);

/* Who may learn this computer's address (default: contacts whom one calls or has talked to).
 * always_relay: nobody but the server; calls go by the relay, and none is possible without one.
 * hide_until_accepted: nobody who calls, before the person accepts. At once, also in a session. */
void app_client_set_privacy (AppClient *self, gboolean always_relay, gboolean hide_until_accepted);

/* How long an outage of the network a call outlives, seconds (default 60, held to 10 to 600). At
 * once, also in a call. */
void app_client_set_patience (AppClient *self, guint seconds);

UiSession *app_client_get_session (AppClient *self); /* (borrowed, with self) */

/* Figures of the call that runs, for details and JSON lines. Returns: FALSE when none does. */
typedef struct {
  gboolean direct;
  gint64 round_trip_us;
  guint64 bytes_sent, bytes_received; /* of the direct session */
  guint64 frames_sent, frames_dropped, frames_received;
  guint64 audio_played, audio_recovered, audio_concealed, audio_late, video_shown, video_dropped,
      freezes;
  int buffer_ms, lip_ms, video_gap_ms;
  gint64 first_sound_us; /* of the monotonic clock; 0 = none yet */
  guint64 audio_gaps;    /* more than 50 ms without an audio frame */
  gint64 audio_gap_total_us, audio_gap_last_us;
} AppCallFigures;
gboolean app_client_get_figures (AppClient *self, AppCallFigures *figures);

G_END_DECLS

#endif

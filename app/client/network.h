/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network thread: one agent, one socket, one clock. The rest of the program gives it tasks and
 * gets events.
 *
 * Values cross by queue only: tasks run on the network thread, events on the owner's context, media
 * on the network thread. */
#ifndef APP_CLIENT_NETWORK_H
#define APP_CLIENT_NETWORK_H

#include "app/io/loop.h"
#include "core/agent/agent.h"

#include <gio/gio.h>

typedef struct AppNetwork AppNetwork;

typedef struct {
  /* On the owner's context, in order. event: (borrowed during the call) DERIVE, RESOLVE and MEDIA
   * do not come here. call: how the call is right after the event. */
  void (*event) (void *data, const AhoyAgentEvent *event, const AhoyCallInfo *call);
  /* On the network thread: one received frame (borrowed during the call). */
  void (*media) (void *data, const AhoyMedia *media);
  void *data;
} AppNetworkListener;

/* Starts the thread. config: (copied). capture: file that gets a capture of its sessions, with
 * their keys if capture_keys; NULL = none. context: where events run (NULL = the thread's default);
 * referenced. Returns: (owned), or NULL with error when there is no socket, or
 * no such file. */
AppNetwork *app_network_new (const AhoyAgentConfig *config, const AppNetworkListener *listener,
                             const char *capture, gboolean capture_keys, GMainContext *context,
                             GError **error);
/* Says goodbye (orderly, at most a second), stops the thread and waits for it. No event comes after
 * this. forget: the server forgets this device. */
void app_network_free (AppNetwork *network, gboolean forget);

/* Runs task(agent, now, data) on the network thread, in order of posting; then clear(data) there
 * (may be NULL). Any thread. */
typedef void (*AppNetworkTask) (AhoyAgent *agent, int64_t now_us, gpointer data);
void app_network_post (AppNetwork *network, AppNetworkTask task, gpointer data,
                       GDestroyNotify clear);

/* One coded frame to the far side of the call; any thread, never blocks. Video that does not fit is
 * dropped, and a KEY_FRAME event asks for a fresh start. */
typedef struct {
  AhoyMediaKind kind;
  AhoyCodec codec;
  gboolean is_key;
  gint64 timestamp_ms;
  GBytes *bytes; /* (referenced) */
} AppNetworkFrame;
void app_network_send (AppNetwork *network, const AppNetworkFrame *frame);

/* Since the start. frames_dropped: given to app_network_send() and not taken by the line. */
typedef struct {
  AppLoopCounters socket;
  guint64 frames_sent, frames_dropped;
} AppNetworkCounters;
void app_network_counters (AppNetwork *network, AppNetworkCounters *counters);

#endif

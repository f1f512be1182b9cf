/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the client's controllers share. Each takes the events of its kind and has its own part of
 * this struct. */
#ifndef APP_CLIENT_PRIVATE_H
#define APP_CLIENT_PRIVATE_H

#include "app/client/call-media.h"
#include "app/client/client.h"
#include "app/client/network.h"
#include "app/client/sleep-watch.h"
#include "app/client/own-server.h"
#include "app/io/clock.h"
#include "app/media/ringer.h"
#include "app/store/client-store.h"

#include <string.h>

struct _AppClient {
  GObject parent_instance;

  /* owned */
  UiSession *session;
  AppClientStore *store;
  AppNetwork *network;  /* NULL while nobody is signed in */
  AppSleepWatch *sleep; /* NULL without a system bus */
  GCancellable *finding_bus;
  AppDevices *devices; /* NULL where there is no GStreamer */
  AppRinger *ringer;
  AppOwnServer *own_server; /* NULL unless this computer is the server */
  char *sounds, *server_program, *control_program, *directory;
  char *camera, *microphone, *speaker, *record, *capture;
  gboolean capture_keys;
  GMainContext *context;
  guint devices_listener;

  /* account-controller */
  AppStoreAccount account; /* while network stands */
  gboolean has_account;    /* it is in the store */
  GTask *entering;         /* create, sign in: until online, or refused */
  char *redeem;            /* invite to use once we are online */
  gboolean closing;

  /* requests on their way: number -> GTask */
  GMutex pending_mutex;
  GHashTable *pending; /* under pending_mutex */

  /* call-controller */
  UiCall *call;        /* the model of the call, also just after its end */
  AhoyCallState shown; /* what was shown last */
  AhoyCallId call_id;
  gboolean silenced;
  gboolean large, rings, always_relays, hides_until_accepted; /* what the person set */
  guint patience_s;                                           /* 0 = the default */
  AppCallMedia *media; /* under media_mutex for others than the main thread */
  GMutex media_mutex;
  guint report_source;
  gint64 call_began_ms;
  AppCapture *preview; /* the devices tried out in the preferences */
  guint preview_source;
};

/* ---- client.c ---- */

void client_on_event (void *data, const AhoyAgentEvent *event, const AhoyCallInfo *call);
/* Runs a task with copies of a name and up to two words; for acts without an answer. */
typedef struct {
  AppClient *client; /* (referenced) */
  AhoyName name;
  AhoyInvite invite;
  int act;
  gboolean flag;
  char *text;
  GTask *task; /* (referenced) or NULL: gets the answer */
  uint64_t number;
} ClientAct;
ClientAct *client_act_new (AppClient *self, UiContact *contact);
void client_act_post (AppClient *self, AppNetworkTask task, ClientAct *act);
/* On the network thread: the answer with this number belongs to act's task. */
void client_await (ClientAct *act, uint64_t number);
void client_on_answer (AppClient *self, const AhoyAgentEvent *event);
GTask *client_task (AppClient *self, GCancellable *cancellable, GAsyncReadyCallback callback,
                    gpointer data);
gboolean client_is_online (AppClient *self);
/* A sentence in the window's banner. */
void client_complain (AppClient *self, const char *sentence);
void client_store_failed (AppClient *self, GError *error);

/* ---- account-controller.c ---- */

void client_account_create (AppClient *self, const char *address, const char *password,
                            const char *invite, GTask *task);
void client_account_sign_in (AppClient *self, const char *address, const char *password,
                             GTask *task);
void client_account_serve (AppClient *self, const char *name, const char *password, GTask *task);
void client_account_sign_out (AppClient *self);
gboolean client_account_resume (AppClient *self);
void client_account_stop (AppClient *self, gboolean forget);
void client_account_on_state (AppClient *self, const AhoyAgentEvent *event);
void client_account_on_relay (AppClient *self, const AhoyAgentEvent *event);
void client_account_on_identity (AppClient *self, const AhoyAgentEvent *event);

/* ---- roster-controller.c ---- */

void client_roster_load (AppClient *self);
void client_roster_on_contact (AppClient *self, const AhoyContactInfo *info);
UiContact *client_roster_ui (AppClient *self, const AhoyName *name);
gboolean client_roster_name_of (UiContact *contact, AhoyName *name);
void client_roster_add (AppClient *self, const char *address, GTask *task);
void client_roster_redeem (AppClient *self, const char *link, GTask *task);
void client_roster_invite (AppClient *self, GTask *task);
void client_roster_act (AppClient *self, UiContact *contact, AhoyContactAct act);
void client_roster_rename (AppClient *self, UiContact *contact, const char *name);
void client_roster_confirm (AppClient *self, UiContact *contact, gboolean verified);
void client_roster_remove (AppClient *self, UiContact *contact);
void client_roster_offline (AppClient *self);

/* ---- chat-controller.c ---- */

void client_chat_load (AppClient *self, UiContact *contact, const AhoyName *name);
void client_chat_restore_waiting (AppClient *self);
void client_chat_send (AppClient *self, UiContact *contact, const char *text);
void client_chat_type (AppClient *self, UiContact *contact);
void client_chat_mark_read (AppClient *self, UiContact *contact);
void client_chat_on_event (AppClient *self, const AhoyAgentEvent *event);
void client_chat_note_call (AppClient *self, const AhoyCallInfo *info, gint64 began_ms);

/* ---- call-controller.c ---- */

void client_call_start (AppClient *self, UiContact *contact, gboolean with_video);
void client_call_accept (AppClient *self, UiCall *call, gboolean with_video);
void client_call_decline (AppClient *self, UiCall *call);
void client_call_silence (AppClient *self, UiCall *call);
void client_call_hang_up (AppClient *self, UiCall *call);
void client_call_set_muted (AppClient *self, UiCall *call, gboolean muted);
void client_call_set_camera (AppClient *self, UiCall *call, gboolean on);
void client_call_choose (AppClient *self, UiDeviceKind kind, const char *id);
void client_call_set_preview (AppClient *self, gboolean on);
void client_call_play_test_sound (AppClient *self);
void client_call_on_event (AppClient *self, const AhoyAgentEvent *event, const AhoyCallInfo *info);
/* On the network thread. */
void client_call_on_media (void *data, const AhoyMedia *media);
void client_call_stop (AppClient *self);
void client_call_devices (AppClient *self);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/client/network.h"

#include "app/io/capture-file.h"
#include "app/io/clock.h"
#include "app/io/interfaces.h"
#include "app/nat/nat.h"

#include <string.h>

/* Waiting frames beyond this are dropped: the thread is stuck, and old sound helps nobody. */
#define FRAMES_WAITING_MAX 200
#define GOODBYE_US 300000

/* What waiting events hold on to, so that they may outlive the network. */
typedef struct {
  AppNetworkListener listener;
  gint closed; /* atomic: nothing is told any more */
} Outlet;

struct AppNetwork {
  /* shared */
  Outlet *outlet;        /* (referenced) */
  GMainContext *owner;   /* (referenced) where events run */
  GMainContext *context; /* (owned) of the network thread */
  GThread *thread;       /* (owned) */
  GMutex mutex;
  AppNetworkCounters counters; /* under mutex */
  gint frames_waiting;         /* atomic */
  /* network thread */
  AhoyAgent *agent;          /* (owned) */
  AppUdpSocket *socket;      /* (borrowed from loop) */
  AppLoop *loop;             /* (owned) */
  AppInterfaces *interfaces; /* (owned) */
  AppNat *nat;               /* (owned) */
  AppCaptureFile *capture;   /* (owned) or NULL */
  GCancellable *cancellable; /* (owned) */
  uint16_t port;
};

/* ---- Events to the owner ---- */

typedef struct {
  Outlet *outlet; /* (referenced) */
  AhoyAgentEvent event;
  AhoyCallInfo call;
  AhoyContactInfo contact;
  AhoyIdentity identity;
  AhoyRelayAccess relay;
  char *code, *text; /* (owned) */
  guint8 *body;      /* (owned) */
} Told;

static void
free_told (gpointer data) {
  Told *told = data;
  ahoy_identity_clear (&told->identity);
  g_atomic_rc_box_release (told->outlet);
  g_free (told->code);
  g_free (told->text);
  g_free (told->body);
  g_free (told);
}

static gboolean
on_told (gpointer data) {
  Told *told = data;
  if (!g_atomic_int_get (&told->outlet->closed)) {
    told->outlet->listener.event (told->outlet->listener.data, &told->event, &told->call);
  }
  return G_SOURCE_REMOVE;
}

static void
tell (AppNetwork *self, const AhoyAgentEvent *event) {
  Told *told = g_new0 (Told, 1);
  told->outlet = g_atomic_rc_box_acquire (self->outlet);
  told->event = *event;
  told->event.code = told->code = g_strdup (event->code != NULL ? event->code : "");
  told->event.text = told->text = g_strdup (event->text != NULL ? event->text : "");
  told->event.password = NULL;
  if (event->contact != NULL) {
    told->contact = *event->contact;
    told->event.contact = &told->contact;
  }
  if (event->identity != NULL) {
    told->identity = *event->identity;
    told->event.identity = &told->identity;
  }
  if (event->relay != NULL) {
    told->relay = *event->relay;
    told->event.relay = &told->relay;
  }
  told->body = g_memdup2 (event->body.data, event->body.size);
  told->event.body = rtmfp_bytes (told->body, event->body.size);
  ahoy_agent_call_info (self->agent, &told->call);
  GSource *source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_told, told, free_told);
  g_source_set_name (source, "ahoy network event");
  g_source_attach (source, self->owner);
  g_source_unref (source);
}

/* ---- What the agent needs of the world ---- */

static void
on_resolved (GObject *object, GAsyncResult *result, gpointer data) {
  GList *found = g_resolver_lookup_by_name_finish (G_RESOLVER (object), result, NULL);
  AppNetwork *self = data;
  if (g_cancellable_is_cancelled (self->cancellable)) {
    g_resolver_free_addresses (found);
    return;
  }
  RtmfpAddress addresses[AHOY_AGENT_SERVER_ADDRESSES_MAX];
  size_t count = 0;
  const guint16 port = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (self->cancellable), "port"));
  for (GList *at = found; at != NULL && count < G_N_ELEMENTS (addresses); at = at->next) {
    const guint8 *ip = g_inet_address_to_bytes (at->data);
    addresses[count++] = g_inet_address_get_family (at->data) == G_SOCKET_FAMILY_IPV4
                             ? rtmfp_address_ipv4 (ip[0], ip[1], ip[2], ip[3], port)
                             : rtmfp_address_ipv6 (ip, port);
  }
  g_resolver_free_addresses (found);
  ahoy_agent_server_addresses (self->agent, addresses, count, app_clock_now_us ());
  app_loop_touch (self->loop);
}

static void
resolve (AppNetwork *self) {
  const AhoyName *name = g_object_get_data (G_OBJECT (self->cancellable), "name");
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  g_resolver_lookup_by_name_async (resolver, name->host, self->cancellable, on_resolved, self);
}

typedef struct {
  AppNetwork *network; /* (borrowed: the thread pool of tasks is joined by the cancellable check) */
  GCancellable *cancellable; /* (referenced) */
  uint64_t request;
  char *password; /* (owned) */
  AhoyPasswordParams params;
  AhoyPasswordKeys keys;
  RtmfpStatus status;
} Derivation;

static void
free_derivation (gpointer data) {
  Derivation *job = data;
  memset (job->password, 0, strlen (job->password));
  g_free (job->password);
  ahoy_password_keys_clear (&job->keys);
  g_object_unref (job->cancellable);
  g_free (job);
}

static void
derive_on_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable) {
  (void)source;
  (void)cancellable;
  Derivation *job = data;
  job->status = ahoy_password_derive (rtmfp_bytes (job->password, strlen (job->password)),
                                      &job->params, &job->keys);
  g_task_return_boolean (task, TRUE);
}

static void
on_derived (GObject *source, GAsyncResult *result, gpointer data) {
  (void)source;
  (void)data;
  Derivation *job = g_task_get_task_data (G_TASK (result));
  if (!g_cancellable_is_cancelled (job->cancellable)) {
    ahoy_agent_derived (job->network->agent, job->request,
                        job->status == RTMFP_OK ? &job->keys : NULL, app_clock_now_us ());
    app_loop_touch (job->network->loop);
  }
}

static void
derive (AppNetwork *self, const AhoyAgentEvent *event) {
  Derivation *job = g_new0 (Derivation, 1);
  job->network = self;
  job->cancellable = g_object_ref (self->cancellable);
  job->request = event->request;
  job->password = g_strdup (event->password);
  job->params = event->params;
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_derived, NULL);
  g_task_set_task_data (task, job, free_derivation);
  g_task_run_in_thread (task, derive_on_thread);
}

static void
tell_local_addresses (AppNetwork *self) {
  RtmfpAddress addresses[AHOY_AGENT_LOCAL_ADDRESSES_MAX];
  const size_t count = app_interfaces_list (self->port, addresses, G_N_ELEMENTS (addresses));
  ahoy_agent_local_addresses (self->agent, addresses, count, app_clock_now_us ());
}

static void
on_interfaces_changed (void *data) {
  AppNetwork *self = data;
  tell_local_addresses (self);
  app_nat_network_changed (self->nat, app_clock_now_us ());
  app_loop_touch (self->loop);
}

/* ---- The relay: the agent's second interface ---- */

static void
on_relay_changed (void *user, AppNatState state, const RtmfpAddress *relayed, const char *text) {
  AppNetwork *self = user;
  (void)state;
  if (text[0] != '\0') {
    g_message ("%s", text);
  }
  ahoy_agent_relayed (self->agent, relayed, app_clock_now_us ());
}

static void
on_relay_data (void *user, const AppTurnData *data) {
  ahoy_agent_receive (((AppNetwork *)user)->agent, data->bytes, data->size,
                      AHOY_AGENT_RELAY_INTERFACE, &data->from, 0, app_clock_now_us ());
}

static void
on_relay_refused (void *user) {
  ahoy_agent_relay_refused (((AppNetwork *)user)->agent, app_clock_now_us ());
}

static void
on_relay_touch (void *user) {
  app_loop_touch (((AppNetwork *)user)->loop);
}

/* ---- The pump ---- */

static void
pump_receive (void *data, const uint8_t *bytes, size_t size, uint32_t interface_id,
              const RtmfpAddress *from, uint8_t ecn, int64_t now_us) {
  AppNetwork *self = data;
  if (!app_nat_receive (self->nat, bytes, size, from, now_us)) {
    ahoy_agent_receive (self->agent, bytes, size, interface_id, from, ecn, now_us);
  }
}

static void
pump_advance (void *data, int64_t now_us) {
  AppNetwork *self = data;
  app_nat_advance (self->nat, now_us);
  ahoy_agent_advance (self->agent, now_us);
}

static bool
poll_capture (void *agent, RtmfpCaptureEvent *event) {
  return ahoy_agent_poll_capture (agent, event);
}

static void
drain_capture (AppNetwork *self) {
  if (self->capture != NULL) {
    app_capture_file_drain (self->capture, poll_capture, self->agent);
  }
}

static void
pump_drain (void *data, int64_t now_us) {
  AppNetwork *self = data;
  drain_capture (self);
  AhoyAgentEvent event;
  while (ahoy_agent_poll_event (self->agent, now_us, &event)) {
    switch (event.type) {
    case AHOY_AGENT_EVENT_RESOLVE:
      resolve (self);
      break;
    case AHOY_AGENT_EVENT_DERIVE:
      derive (self, &event);
      break;
    case AHOY_AGENT_EVENT_RELAY_WANTED:
      app_nat_want (self->nat, event.ok, now_us);
      break;
    case AHOY_AGENT_EVENT_RELAY:
      app_nat_set_access (self->nat, event.relay, now_us);
      tell (self, &event);
      break;
    case AHOY_AGENT_EVENT_MEDIA:
      self->outlet->listener.media (self->outlet->listener.data, &event.media);
      break;
    default:
      tell (self, &event);
    }
  }
  g_mutex_lock (&self->mutex);
  if (self->loop != NULL) {
    self->counters.socket = app_loop_counters (self->loop);
  }
  g_mutex_unlock (&self->mutex);
}

/* What goes by the relay leaves as a message to the relay. */
static bool
pump_transmit (void *data, int64_t now_us, uint8_t *buffer, size_t capacity, RtmfpDatagram *out) {
  AppNetwork *self = data;
  while (ahoy_agent_poll_transmit (self->agent, now_us, buffer, capacity, out)) {
    if (out->interface_id != AHOY_AGENT_RELAY_INTERFACE) {
      return true;
    }
    app_nat_send (self->nat, &out->to, buffer, out->size, now_us);
  }
  return app_nat_poll_transmit (self->nat, buffer, out);
}

static RtmfpJob *
pump_job (void *self) {
  return ahoy_agent_poll_job (((AppNetwork *)self)->agent);
}

static void
pump_complete (void *self, RtmfpJob *job, int64_t now_us) {
  ahoy_agent_complete_job (((AppNetwork *)self)->agent, job, now_us);
}

static int64_t
pump_deadline (const void *self) {
  const AppNetwork *network = self;
  return MIN (ahoy_agent_deadline (network->agent), app_nat_deadline (network->nat));
}

/* ---- The thread ---- */

static gpointer
run (gpointer data) {
  AppNetwork *self = data;
  g_main_context_push_thread_default (self->context);
  const AppPump pump = {.self = self,
                        .receive = pump_receive,
                        .advance = pump_advance,
                        .drain = pump_drain,
                        .poll_transmit = pump_transmit,
                        .poll_job = pump_job,
                        .complete_job = pump_complete,
                        .deadline = pump_deadline};
  const AppNatListener relay = {.changed = on_relay_changed,
                                .data = on_relay_data,
                                .refused = on_relay_refused,
                                .touch = on_relay_touch,
                                .user = self};
  self->nat = app_nat_new (&relay, self->context);
  self->loop = app_loop_new (&pump, self->socket, self->context);
  self->interfaces = app_interfaces_watch (self->context, on_interfaces_changed, self);
  tell_local_addresses (self);
  app_loop_run (self->loop);
  g_cancellable_cancel (self->cancellable);
  app_interfaces_free (self->interfaces);
  app_nat_want (self->nat, false, app_clock_now_us ());
  app_loop_free (self->loop);
  app_nat_free (self->nat);
  drain_capture (self);
  app_capture_file_free (self->capture);
  ahoy_agent_free (self->agent);
  while (g_main_context_iteration (self->context, FALSE)) {
    /* tasks and cancelled lookups that were still waiting */
  }
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

AppNetwork *
app_network_new (const AhoyAgentConfig *config, const AppNetworkListener *listener,
                 const char *capture, gboolean capture_keys, GMainContext *context,
                 GError **error) {
  AppUdpSocket *socket = app_udp_socket_new (NULL, 0, error);
  if (socket == NULL) {
    return NULL;
  }
  AppCaptureFile *file = capture != NULL ? app_capture_file_new (capture, "ahoy", error) : NULL;
  if (capture != NULL && file == NULL) {
    app_udp_socket_free (socket);
    return NULL;
  }
  AppNetwork *self = g_new0 (AppNetwork, 1);
  self->outlet = g_atomic_rc_box_new0 (Outlet);
  self->outlet->listener = *listener;
  self->owner = g_main_context_ref (context != NULL ? context : g_main_context_default ());
  self->context = g_main_context_new ();
  self->cancellable = g_cancellable_new ();
  g_object_set_data_full (G_OBJECT (self->cancellable), "name",
                          g_memdup2 (&config->name, sizeof config->name), g_free);
  g_object_set_data (G_OBJECT (self->cancellable), "port", GUINT_TO_POINTER (config->name.port));
  self->socket = socket;
  self->port = app_udp_socket_port (socket);
  self->agent = ahoy_agent_new (config, app_clock_now_us ());
  self->capture = file;
  if (file != NULL) {
    const RtmfpCaptureConfig with = {.exports_keys = capture_keys};
    ahoy_agent_start_capture (self->agent, &with);
  }
  g_mutex_init (&self->mutex);
  self->thread = g_thread_new ("ahoy-network", run, self);
  return self;
}

static gboolean
on_goodbye_over (gpointer data) {
  app_loop_quit (((AppNetwork *)data)->loop);
  return G_SOURCE_REMOVE;
}

typedef struct {
  AppNetwork *network;
  gboolean forget;
} Goodbye;

static void
say_goodbye (AhoyAgent *agent, int64_t now_us, gpointer data) {
  Goodbye *goodbye = data;
  ahoy_agent_stop (agent, goodbye->forget, now_us);
  GSource *source = g_timeout_source_new ((goodbye->forget ? 4 * GOODBYE_US : GOODBYE_US) / 1000);
  g_source_set_callback (source, on_goodbye_over, goodbye->network, NULL);
  g_source_attach (source, goodbye->network->context);
  g_source_unref (source);
}

void
app_network_free (AppNetwork *network, gboolean forget) {
  if (network == NULL) {
    return;
  }
  g_atomic_int_set (&network->outlet->closed, 1);
  Goodbye goodbye = {.network = network, .forget = forget};
  app_network_post (network, say_goodbye, &goodbye, NULL);
  g_thread_join (network->thread);
  g_atomic_rc_box_release (network->outlet);
  g_main_context_unref (network->context);
  g_main_context_unref (network->owner);
  g_object_unref (network->cancellable);
  g_mutex_clear (&network->mutex);
  g_free (network);
}

/* ---- Tasks ---- */

typedef struct {
  AppNetwork *network; /* (borrowed: tasks run out before it is freed) */
  AppNetworkTask task;
  gpointer data;
  GDestroyNotify clear;
} Task;

static gboolean
on_task (gpointer data) {
  Task *task = data;
  AppNetwork *self = task->network;
  if (!g_cancellable_is_cancelled (self->cancellable)) {
    task->task (self->agent, app_clock_now_us (), task->data);
    app_loop_touch (self->loop);
  }
  return G_SOURCE_REMOVE;
}

static void
free_task (gpointer data) {
  Task *task = data;
  if (task->clear != NULL) {
    task->clear (task->data);
  }
  g_free (task);
}

void
app_network_post (AppNetwork *network, AppNetworkTask task, gpointer data, GDestroyNotify clear) {
  Task *posted = g_new0 (Task, 1);
  *posted = (Task){.network = network, .task = task, .data = data, .clear = clear};
  GSource *source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_HIGH);
  g_source_set_callback (source, on_task, posted, free_task);
  g_source_attach (source, network->context);
  g_source_unref (source);
}

typedef struct {
  AppNetwork *network; /* (borrowed) */
  AppNetworkFrame frame;
} WaitingFrame;

static void
count_frame (AppNetwork *self, gboolean sent) {
  g_mutex_lock (&self->mutex);
  self->counters.frames_sent += sent ? 1 : 0;
  self->counters.frames_dropped += sent ? 0 : 1;
  g_mutex_unlock (&self->mutex);
}

static void
send_frame (AhoyAgent *agent, int64_t now_us, gpointer data) {
  WaitingFrame *waiting = data;
  gsize size;
  const guint8 *bytes = g_bytes_get_data (waiting->frame.bytes, &size);
  const AhoyMedia media = {.kind = waiting->frame.kind,
                           .codec = waiting->frame.codec,
                           .is_key = waiting->frame.is_key,
                           .timestamp_ms = (uint32_t)waiting->frame.timestamp_ms,
                           .bytes = rtmfp_bytes (bytes, size)};
  count_frame (waiting->network, ahoy_agent_send_media (agent, &media, now_us) == RTMFP_OK);
}

static void
free_frame (gpointer data) {
  WaitingFrame *waiting = data;
  g_atomic_int_add (&waiting->network->frames_waiting, -1);
  g_bytes_unref (waiting->frame.bytes);
  g_free (waiting);
}

void
app_network_send (AppNetwork *network, const AppNetworkFrame *frame) {
  if (g_atomic_int_get (&network->frames_waiting) >= FRAMES_WAITING_MAX) {
    count_frame (network, FALSE);
    return;
  }
  WaitingFrame *waiting = g_new0 (WaitingFrame, 1);
  waiting->network = network;
  waiting->frame = *frame;
  g_bytes_ref (frame->bytes);
  g_atomic_int_inc (&network->frames_waiting);
  app_network_post (network, send_frame, waiting, free_frame);
}

void
app_network_counters (AppNetwork *network, AppNetworkCounters *counters) {
  g_mutex_lock (&network->mutex);
  *counters = network->counters;
  g_mutex_unlock (&network->mutex);
}

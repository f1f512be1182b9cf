/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/client/own-server.h"

#include "app/io/interfaces.h"
#include "app/io/udp-socket.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#define PORT_DEFAULT 1935
#define PORTS_TRIED 20
#define READY_TRIES 100
#define READY_EVERY_MS 100

struct AppOwnServer {
  GSubprocess *process; /* (owned) */
  char *host;           /* (owned) as written behind the "@" */
  guint16 port;
};

/* What start carries from step to step; the task's data. */
typedef struct {
  AppOwnServer *server;                      /* (owned until handed out) */
  char *control, *directory, *user, *invite; /* (owned) */
  guint tries;
} Start;

static void
free_start (gpointer data) {
  Start *start = data;
  app_own_server_free (start->server);
  g_free (start->control);
  g_free (start->directory);
  g_free (start->user);
  g_free (start->invite);
  g_free (start);
}

void
app_own_server_free (AppOwnServer *server) {
  if (server == NULL) {
    return;
  }
  if (server->process != NULL) {
    /* At once: g_subprocess_send_signal() only asks GLib's worker thread, which may end with us
     * before. */
    const char *pid = g_subprocess_get_identifier (server->process);
    if (pid != NULL) {
      kill ((pid_t)g_ascii_strtoll (pid, NULL, 10), SIGTERM);
    }
    g_object_unref (server->process);
  }
  g_free (server->host);
  g_free (server);
}

const char *
app_own_server_get_host (AppOwnServer *server) {
  return server->host;
}

/* The address of this machine that others in the same network can reach; IPv4 first, as people read
 * it out. */
static char *
own_address (void) {
  RtmfpAddress addresses[16];
  char text[RTMFP_ADDRESS_TEXT_SIZE];
  const size_t count = app_interfaces_list (0, addresses, G_N_ELEMENTS (addresses));
  const RtmfpAddress *best = NULL;
  for (size_t i = 0; i < count; i++) {
    if (best == NULL ||
        (best->family != RTMFP_ADDRESS_IPV4 && addresses[i].family == RTMFP_ADDRESS_IPV4)) {
      best = &addresses[i];
    }
  }
  if (best == NULL) {
    return g_strdup ("127.0.0.1");
  }
  rtmfp_address_format (best, text);
  *strrchr (text, ':') = '\0';
  return g_strdup (text);
}

static guint16
free_port (guint16 wanted) {
  const guint16 first = wanted != 0 ? wanted : PORT_DEFAULT;
  for (guint i = 0; i < (wanted != 0 ? 1 : PORTS_TRIED); i++) {
    AppUdpSocket *socket = app_udp_socket_new (NULL, (uint16_t)(first + i), NULL);
    if (socket != NULL) {
      app_udp_socket_free (socket);
      return (guint16)(first + i);
    }
  }
  return 0;
}

/* ---- Steps ---- */

static void ask_ready (GTask *task);

static void
on_invite (GObject *object, GAsyncResult *result, gpointer data) {
  g_autoptr (GTask) task = data;
  Start *start = g_task_get_task_data (task);
  g_autofree char *out = NULL;
  GError *error = NULL;
  if (!g_subprocess_communicate_utf8_finish (G_SUBPROCESS (object), result, &out, NULL, &error)) {
    g_task_return_error (task, error);
    return;
  }
  if (g_subprocess_get_successful (G_SUBPROCESS (object)) && out != NULL) {
    start->invite = g_strdup (g_strstrip (out));
  } /* else the name has its account already: one signs in */
  g_task_return_boolean (task, TRUE);
}

static void
ask_invite (GTask *task) {
  Start *start = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GSubprocess) control =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error,
                        start->control, "--data", start->directory, "invite", start->user, NULL);
  if (control == NULL) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  g_subprocess_communicate_utf8_async (control, NULL, NULL, on_invite, task);
}

static gboolean
on_ready_time (gpointer data) {
  ask_ready (data);
  return G_SOURCE_REMOVE;
}

static void
on_ready (GObject *object, GAsyncResult *result, gpointer data) {
  GTask *task = data;
  Start *start = g_task_get_task_data (task);
  g_subprocess_wait_finish (G_SUBPROCESS (object), result, NULL);
  if (g_subprocess_get_successful (G_SUBPROCESS (object))) {
    if (start->user != NULL) {
      ask_invite (task);
      return;
    }
    g_task_return_boolean (task, TRUE);
    g_object_unref (task);
  } else if (++start->tries < READY_TRIES) {
    g_timeout_add (READY_EVERY_MS, on_ready_time, task);
  } else {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "%s",
                             _ ("The server on this computer does not start."));
    g_object_unref (task);
  }
}

static void
ask_ready (GTask *task) {
  Start *start = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GSubprocess) control =
      g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                        &error, start->control, "--data", start->directory, "counters", NULL);
  if (control == NULL) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  g_subprocess_wait_async (control, NULL, on_ready, task);
}

/* In the child: a server must not outlive a program that was killed; nobody would know of it. */
static void
end_with_parent (gpointer data) {
  (void)data;
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

void
app_own_server_start_async (const char *program, const char *control, const char *directory,
                            const char *user, guint16 port, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer data) {
  GTask *task = g_task_new (NULL, cancellable, callback, data);
  Start *start = g_new0 (Start, 1);
  GError *error = NULL;
  start->control = g_strdup (control);
  start->directory = g_strdup (directory);
  start->user = g_strdup (user);
  start->server = g_new0 (AppOwnServer, 1);
  start->server->port = free_port (port);
  g_task_set_task_data (task, start, free_start);
  if (start->server->port == 0) {
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
                             _ ("Another program already uses UDP port %u."),
                             port != 0 ? port : PORT_DEFAULT);
    g_object_unref (task);
    return;
  }
  g_autofree char *address = own_address ();
  g_autofree char *port_text = g_strdup_printf ("%u", start->server->port);
  start->server->host = start->server->port == PORT_DEFAULT
                            ? g_strdup (address)
                            : g_strdup_printf ("%s:%u", address, start->server->port);
  g_mkdir_with_parents (directory, 0700);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_subprocess_launcher_set_child_setup (launcher, end_with_parent, NULL, NULL);
  start->server->process =
      g_subprocess_launcher_spawn (launcher, &error, program, "--data", directory, "--host",
                                   start->server->host, "--port", port_text, NULL);
  if (start->server->process == NULL) {
    g_task_return_error (task, error);
    g_object_unref (task);
    return;
  }
  ask_ready (task);
}

AppOwnServer *
app_own_server_start_finish (GAsyncResult *result, char **invite, GError **error) {
  GTask *task = G_TASK (result);
  if (!g_task_propagate_boolean (task, error)) {
    return NULL;
  }
  Start *start = g_task_get_task_data (task);
  if (invite != NULL) {
    *invite = g_steal_pointer (&start->invite);
  }
  return g_steal_pointer (&start->server);
}

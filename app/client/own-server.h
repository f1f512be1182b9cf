/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "Use this computer as the server": an ahoyd of one's own that runs as long as the program. */
#ifndef APP_CLIENT_OWN_SERVER_H
#define APP_CLIENT_OWN_SERVER_H

#include <gio/gio.h>

typedef struct AppOwnServer AppOwnServer;

/* Starts it and waits (main loop runs on) until it serves. program, control: paths of ahoyd and
 * ahoyctl. directory: its data. user: a name to be invited when it has no account yet, or NULL.
 * port 0: the usual one, or the next free one. */
void app_own_server_start_async (const char *program, const char *control, const char *directory,
                                 const char *user, guint16 port, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer data);
/* invite out (owned): a link that makes the account of user, or NULL. Returns: (owned) or NULL. */
AppOwnServer *app_own_server_start_finish (GAsyncResult *result, char **invite, GError **error);
/* Stops it in order. */
void app_own_server_free (AppOwnServer *server);
/* "host" or "host:port", as others write it behind the "@". */
const char *app_own_server_get_host (AppOwnServer *server);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rendezvous' store in SQLite: runs the requests of core/rendezvous/store-job.h on a thread of
 * its own, in order, several in one transaction when there are several. An answer OK is on disk. */
#ifndef APP_STORE_SERVER_STORE_H
#define APP_STORE_SERVER_STORE_H

#include "core/rendezvous/store-job.h"

#include <glib.h>

typedef struct AppServerStore AppServerStore;

/* path: the file, made when it is missing; its folder must exist. ready: called on context (NULL =
 * the default) when answers can be popped, with user. Returns: (owned), or NULL with error
 * (APP_STORE_ERROR): one sentence. */
AppServerStore *app_server_store_open (const char *path, GMainContext *context,
                                       void (*ready) (void *user), void *user, GError **error);
/* Runs what was pushed, then closes. Unpopped answers are dropped; ready is not called any more. */
void app_server_store_free (AppServerStore *store);

/* (takes ownership of job) */
void app_server_store_push (AppServerStore *store, AhoyStoreJob *job);
/* The next answer (owned by the caller), in the order of push, or NULL. */
AhoyStoreJob *app_server_store_pop (AppServerStore *store);

/* Transactions that were committed, and requests in them. */
typedef struct {
  uint64_t commits, requests, failures;
} AppServerStoreCounters;
AppServerStoreCounters app_server_store_counters (AppServerStore *store);

#endif

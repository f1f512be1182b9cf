/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread of the server's store: takes what waits, runs it as one transaction, gives it back. */
#include "app/store/server-store.h"

#include "app/store/server-sql.h"

#include <stdlib.h>

/* Requests in one transaction at most. */
#define BATCH_MAX 64
/* Requests between two rounds of dropping what is old. */
#define TIDY_EVERY 10000

struct AppServerStore {
  AppSqlite sqlite; /* the thread's own */
  GThread *thread;
  GAsyncQueue *asked; /* AhoyStoreJob; a stop is &stop */
  GAsyncQueue *done;
  GMainContext *context; /* (owned reference) */
  void (*ready) (void *user);
  void *user;
  GMutex lock;
  GSource *wake;                   /* under lock: a call of ready that is on its way */
  bool stopped;                    /* under lock */
  AppServerStoreCounters counters; /* under lock */
};

static AhoyStoreJob stop;

/* ---- Back to the caller's thread ---- */

static gboolean
on_wake (gpointer data) {
  AppServerStore *store = data;
  g_mutex_lock (&store->lock);
  g_clear_pointer (&store->wake, g_source_unref);
  g_mutex_unlock (&store->lock);
  store->ready (store->user);
  return G_SOURCE_REMOVE;
}

static void
wake (AppServerStore *store) {
  g_mutex_lock (&store->lock);
  if (store->wake == NULL && !store->stopped && store->ready != NULL) {
    store->wake = g_idle_source_new ();
    g_source_set_priority (store->wake, G_PRIORITY_DEFAULT);
    g_source_set_callback (store->wake, on_wake, store, NULL);
    g_source_attach (store->wake, store->context);
  }
  g_mutex_unlock (&store->lock);
}

/* ---- One transaction ---- */

/* Takes back the answers of a transaction that did not come about. */
static void
fail (AhoyStoreJob *job, const char *error) {
  for (size_t i = 0; i < job->item_count; i++) {
    rtmfp_buffer_clear (&job->items[i].envelope);
  }
  job->item_count = 0;
  job->roster_count = 0;
  job->account_count = 0;
  g_clear_pointer (&job->items, free);
  g_clear_pointer (&job->roster, free);
  g_clear_pointer (&job->accounts, free);
  job->changed = false;
  job->far_changed = false;
  job->status = AHOY_STORE_FAILED;
  g_strlcpy (job->error, error, sizeof job->error);
}

/* Returns: whether all of it is on disk. began out: whether there was a transaction at all. */
static bool
run_batch (AppServerStore *store, AhoyStoreJob **jobs, size_t count, bool *began) {
  AppSqlite *sqlite = &store->sqlite;
  sqlite->failed = false;
  *began = app_sqlite_exec (sqlite, "BEGIN IMMEDIATE");
  if (*began) {
    for (size_t i = 0; i < count && !sqlite->failed; i++) {
      app_server_sql_run (sqlite, jobs[i]);
    }
    if (!sqlite->failed && app_sqlite_exec (sqlite, "COMMIT")) {
      return true;
    }
  }
  if (sqlite3_get_autocommit (sqlite->db) == 0) {
    (void)sqlite3_exec (sqlite->db, "ROLLBACK", NULL, NULL, NULL);
  }
  for (size_t i = 0; i < count; i++) {
    fail (jobs[i], sqlite->error);
  }
  return false;
}

/* Together when that goes, else each alone, so that one which cannot be done takes none with it. A
 * store that is locked is not waited for again by each. */
static void
run (AppServerStore *store, AhoyStoreJob **jobs, size_t count) {
  AppServerStoreCounters news = {.requests = count};
  bool began;
  if (run_batch (store, jobs, count, &began)) {
    news.commits = 1;
  } else if (!began || count == 1) {
    news.failures = count;
  } else {
    for (size_t i = 0; i < count; i++) {
      const bool ok = run_batch (store, &jobs[i], 1, &began);
      news.commits += ok;
      news.failures += !ok;
    }
  }
  g_mutex_lock (&store->lock);
  store->counters.commits += news.commits;
  store->counters.requests += news.requests;
  store->counters.failures += news.failures;
  g_mutex_unlock (&store->lock);
}

static void
tidy (AppServerStore *store) {
  AppSqlite *sqlite = &store->sqlite;
  sqlite->failed = false;
  if (app_sqlite_exec (sqlite, "BEGIN IMMEDIATE")) {
    app_server_sql_tidy (sqlite, g_get_real_time () / 1000);
    if (sqlite->failed || !app_sqlite_exec (sqlite, "COMMIT")) {
      (void)sqlite3_exec (sqlite->db, "ROLLBACK", NULL, NULL, NULL);
    }
  }
}

static gpointer
serve (gpointer data) {
  AppServerStore *store = data;
  AhoyStoreJob *jobs[BATCH_MAX];
  bool stopping = false;
  size_t since_tidy = TIDY_EVERY;
  while (!stopping) {
    if (since_tidy >= TIDY_EVERY) {
      tidy (store);
      since_tidy = 0;
    }
    size_t count = 0;
    AhoyStoreJob *job = g_async_queue_pop (store->asked);
    while (job != NULL && job != &stop) {
      jobs[count++] = job;
      job = count < BATCH_MAX ? g_async_queue_try_pop (store->asked) : NULL;
    }
    stopping = job == &stop;
    if (count > 0) {
      run (store, jobs, count);
    }
    for (size_t i = 0; i < count; i++) {
      g_async_queue_push (store->done, jobs[i]);
    }
    since_tidy += count;
    wake (store);
  }
  return NULL;
}

/* ---- The public face ---- */

AppServerStore *
app_server_store_open (const char *path, GMainContext *context, void (*ready) (void *user),
                       void *user, GError **error) {
  AppServerStore *store = g_new0 (AppServerStore, 1);
  if (!app_sqlite_open (&store->sqlite, path, &app_server_schema, error)) {
    g_free (store);
    return NULL;
  }
  store->asked = g_async_queue_new ();
  store->done = g_async_queue_new ();
  store->context = context == NULL ? g_main_context_ref (g_main_context_default ())
                                   : g_main_context_ref (context);
  store->ready = ready;
  store->user = user;
  g_mutex_init (&store->lock);
  store->thread = g_thread_new ("store", serve, store);
  return store;
}

void
app_server_store_free (AppServerStore *store) {
  if (store == NULL) {
    return;
  }
  g_async_queue_push (store->asked, &stop);
  g_thread_join (store->thread);
  g_mutex_lock (&store->lock);
  store->stopped = true;
  if (store->wake != NULL) {
    g_source_destroy (store->wake);
    g_clear_pointer (&store->wake, g_source_unref);
  }
  g_mutex_unlock (&store->lock);
  AhoyStoreJob *job;
  while ((job = app_server_store_pop (store)) != NULL) {
    ahoy_store_job_free (job);
  }
  app_sqlite_close (&store->sqlite);
  g_async_queue_unref (store->asked);
  g_async_queue_unref (store->done);
  g_main_context_unref (store->context);
  g_mutex_clear (&store->lock);
  g_free (store);
}

void
app_server_store_push (AppServerStore *store, AhoyStoreJob *job) {
  g_async_queue_push (store->asked, job);
}

AhoyStoreJob *
app_server_store_pop (AppServerStore *store) {
  return g_async_queue_try_pop (store->done);
}

AppServerStoreCounters
app_server_store_counters (AppServerStore *store) {
  g_mutex_lock (&store->lock);
  const AppServerStoreCounters counters = store->counters;
  g_mutex_unlock (&store->lock);
  return counters;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The thread of the server's store: takes what waits, runs it as one transaction, gives it back. */
#include "app/store/server-store.h"

#include "app/store/server-sql.h"

#include <pthread.h>
#include <stdlib.h>

/* Requests in one transaction at most. */
#define BATCH_MAX 64
/* Requests between two rounds of dropping what is old. */
#define TIDY_EVERY 10000

/* Jobs in a row, by their next. */
typedef struct {
  AhoyStoreJob *first;
  AhoyStoreJob **last;
} Row;

struct AppServerStore {
  AppSqlite sqlite; /* the thread's own */
  GThread *thread;
  GMainContext *context; /* (owned reference) */
  void (*ready) (void *user);
  void *user;
  /* All below is under lock. (Of pthreads, since the thread sanitizer knows nothing of GLib's.) */
  pthread_mutex_t lock;
  pthread_cond_t asked_or_stopped;
  Row asked;
  Row done;
  bool stopped;
  GSource *wake; /* a call of ready that is on its way */
  AppServerStoreCounters counters;
};

static void
row_init (Row *row) {
  row->first = NULL;
  row->last = &row->first;
}

static void
row_push (Row *row, AhoyStoreJob *job) {
  job->next = NULL;
  *row->last = job;
  row->last = &job->next;
}

static AhoyStoreJob *
row_pop (Row *row) {
  AhoyStoreJob *job = row->first;
  if (job != NULL) {
    row->first = job->next;
    if (row->first == NULL) {
      row->last = &row->first;
    }
    job->next = NULL;
  }
  return job;
}

/* ---- Back to the caller's thread ---- */

static gboolean
on_wake (gpointer data) {
  AppServerStore *store = data;
  pthread_mutex_lock (&store->lock);
  g_clear_pointer (&store->wake, g_source_unref);
  pthread_mutex_unlock (&store->lock);
  store->ready (store->user);
  return G_SOURCE_REMOVE;
}

/* Under lock. */
static void
wake (AppServerStore *store) {
  if (store->wake == NULL && !store->stopped && store->ready != NULL) {
    store->wake = g_idle_source_new ();
    g_source_set_priority (store->wake, G_PRIORITY_DEFAULT);
    g_source_set_callback (store->wake, on_wake, store, NULL);
    g_source_attach (store->wake, store->context);
  }
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
  pthread_mutex_lock (&store->lock);
  store->counters.commits += news.commits;
  store->counters.requests += news.requests;
  store->counters.failures += news.failures;
  pthread_mutex_unlock (&store->lock);
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

/* The next jobs, waiting for one; 0 when it is over and none is left. */
static size_t
take (AppServerStore *store, AhoyStoreJob *jobs[BATCH_MAX]) {
  size_t count = 0;
  pthread_mutex_lock (&store->lock);
  while (store->asked.first == NULL && !store->stopped) {
    pthread_cond_wait (&store->asked_or_stopped, &store->lock);
  }
  while (count < BATCH_MAX && store->asked.first != NULL) {
    jobs[count++] = row_pop (&store->asked);
  }
  pthread_mutex_unlock (&store->lock);
  return count;
}

static void
give_back (AppServerStore *store, AhoyStoreJob **jobs, size_t count) {
  pthread_mutex_lock (&store->lock);
  for (size_t i = 0; i < count; i++) {
    row_push (&store->done, jobs[i]);
  }
  wake (store);
  pthread_mutex_unlock (&store->lock);
}

static gpointer
serve (gpointer data) {
  AppServerStore *store = data;
  AhoyStoreJob *jobs[BATCH_MAX];
  size_t since_tidy = TIDY_EVERY;
  size_t count;
  do {
    if (since_tidy >= TIDY_EVERY) {
      tidy (store);
      since_tidy = 0;
    }
    count = take (store, jobs);
    if (count > 0) {
      run (store, jobs, count);
      give_back (store, jobs, count);
    }
    since_tidy += count;
  } while (count > 0);
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
  row_init (&store->asked);
  row_init (&store->done);
  store->context = context == NULL ? g_main_context_ref (g_main_context_default ())
                                   : g_main_context_ref (context);
  store->ready = ready;
  store->user = user;
  pthread_mutex_init (&store->lock, NULL);
  pthread_cond_init (&store->asked_or_stopped, NULL);
  store->thread = g_thread_new ("store", serve, store);
  return store;
}

void
app_server_store_free (AppServerStore *store) {
  if (store == NULL) {
    return;
  }
  pthread_mutex_lock (&store->lock);
  store->stopped = true;
  pthread_cond_signal (&store->asked_or_stopped);
  pthread_mutex_unlock (&store->lock);
  g_thread_join (store->thread);
  if (store->wake != NULL) {
    g_source_destroy (store->wake);
    g_clear_pointer (&store->wake, g_source_unref);
  }
  AhoyStoreJob *job;
  while ((job = app_server_store_pop (store)) != NULL) {
    ahoy_store_job_free (job);
  }
  app_sqlite_close (&store->sqlite);
  g_main_context_unref (store->context);
  pthread_mutex_destroy (&store->lock);
  pthread_cond_destroy (&store->asked_or_stopped);
  g_free (store);
}

void
app_server_store_push (AppServerStore *store, AhoyStoreJob *job) {
  pthread_mutex_lock (&store->lock);
  row_push (&store->asked, job);
  pthread_cond_signal (&store->asked_or_stopped);
  pthread_mutex_unlock (&store->lock);
}

AhoyStoreJob *
app_server_store_pop (AppServerStore *store) {
  pthread_mutex_lock (&store->lock);
  AhoyStoreJob *job = row_pop (&store->done);
  pthread_mutex_unlock (&store->lock);
  return job;
}

AppServerStoreCounters
app_server_store_counters (AppServerStore *store) {
  pthread_mutex_lock (&store->lock);
  const AppServerStoreCounters counters = store->counters;
  pthread_mutex_unlock (&store->lock);
  return counters;
}

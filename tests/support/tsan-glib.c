/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tells the thread sanitizer what GLib's locks, queues and pools order in time. GLib itself is not
 * compiled with the sanitizer, so that without this every lock of it would look like none. Each
 * function here stands before GLib's own of that name and calls it. Only in builds with
 * -fsanitize=thread. */
#include <dlfcn.h>
#include <glib-object.h>

void __tsan_acquire (void *address);
void __tsan_release (void *address);

#undef g_mutex_lock
#undef g_mutex_unlock
#undef g_mutex_trylock

#define STANDS_BEFORE __attribute__ ((visibility ("default")))

/* What reads GLib's own memory does so behind GLib's locks. */
#define READS_GLIB __attribute__ ((no_sanitize ("thread")))

/* The next function of that name: GLib's. */
#define REAL(name)                                                                                 \
  static __typeof__ (&name) real;                                                                  \
  if (real == NULL) {                                                                              \
    real = (__typeof__ (&name))(gpointer)dlsym (RTLD_NEXT, #name);                                 \
  }

/* ---- Locks ---- */

STANDS_BEFORE void
g_mutex_lock (GMutex *mutex) {
  REAL (g_mutex_lock)
  real (mutex);
  __tsan_acquire (mutex);
}

STANDS_BEFORE gboolean
g_mutex_trylock (GMutex *mutex) {
  REAL (g_mutex_trylock)
  if (!real (mutex)) {
    return FALSE;
  }
  __tsan_acquire (mutex);
  return TRUE;
}

STANDS_BEFORE void
g_mutex_unlock (GMutex *mutex) {
  REAL (g_mutex_unlock)
  __tsan_release (mutex);
  real (mutex);
}

STANDS_BEFORE void
g_cond_wait (GCond *cond, GMutex *mutex) {
  REAL (g_cond_wait)
  __tsan_release (mutex);
  real (cond, mutex);
  __tsan_acquire (mutex);
}

STANDS_BEFORE gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_us) {
  REAL (g_cond_wait_until)
  __tsan_release (mutex);
  const gboolean signalled = real (cond, mutex, end_us);
  __tsan_acquire (mutex);
  return signalled;
}

/* ---- What goes from thread to thread ---- */

STANDS_BEFORE void
g_async_queue_push (GAsyncQueue *queue, gpointer data) {
  REAL (g_async_queue_push)
  __tsan_release (queue);
  real (queue, data);
}

STANDS_BEFORE gpointer
g_async_queue_pop (GAsyncQueue *queue) {
  REAL (g_async_queue_pop)
  gpointer data = real (queue);
  __tsan_acquire (queue);
  return data;
}

STANDS_BEFORE gpointer
g_async_queue_try_pop (GAsyncQueue *queue) {
  REAL (g_async_queue_try_pop)
  gpointer data = real (queue);
  __tsan_acquire (queue);
  return data;
}

typedef struct {
  GFunc func;
  gpointer user;
} PoolWork;

static void
run_in_pool (gpointer data, gpointer user) {
  const PoolWork *work = user;
  __tsan_acquire (user);
  work->func (data, work->user);
  __tsan_release (user);
}

/* The work of a pool lives as long as the program. */
STANDS_BEFORE GThreadPool *
g_thread_pool_new (GFunc func, gpointer user, gint threads_max, gboolean exclusive,
                   GError **error) {
  REAL (g_thread_pool_new)
  PoolWork *work = g_new (PoolWork, 1);
  *work = (PoolWork){func, user};
  return real (run_in_pool, work, threads_max, exclusive, error);
}

STANDS_BEFORE READS_GLIB gboolean
g_thread_pool_push (GThreadPool *pool, gpointer data, GError **error) {
  REAL (g_thread_pool_push)
  __tsan_release (pool->user_data);
  return real (pool, data, error);
}

STANDS_BEFORE READS_GLIB void
g_thread_pool_free (GThreadPool *pool, gboolean immediate, gboolean wait) {
  REAL (g_thread_pool_free)
  gpointer work = pool->user_data;
  real (pool, immediate, wait);
  __tsan_acquire (work);
}

typedef struct {
  GSourceFunc func;
  gpointer data;
  GDestroyNotify notify;
} Errand;

static Errand *
errand_new (GSourceFunc func, gpointer data, GDestroyNotify notify) {
  Errand *errand = g_new (Errand, 1);
  *errand = (Errand){func, data, notify};
  __tsan_release (errand);
  return errand;
}

static gboolean
run_errand (gpointer data) {
  Errand *errand = data;
  __tsan_acquire (errand);
  const gboolean again = errand->func (errand->data);
  __tsan_release (errand);
  return again;
}

static void
end_errand (gpointer data) {
  Errand *errand = data;
  __tsan_acquire (errand);
  if (errand->notify != NULL) {
    errand->notify (errand->data);
  }
  g_free (errand);
}

STANDS_BEFORE guint
g_idle_add_full (gint priority, GSourceFunc func, gpointer data, GDestroyNotify notify) {
  REAL (g_idle_add_full)
  return real (priority, run_errand, errand_new (func, data, notify), end_errand);
}

STANDS_BEFORE void
g_main_context_invoke_full (GMainContext *context, gint priority, GSourceFunc func, gpointer data,
                            GDestroyNotify notify) {
  REAL (g_main_context_invoke_full)
  real (context, priority, run_errand, errand_new (func, data, notify), end_errand);
}

/* ---- Counted references: who drops the last one comes after all others. ---- */

STANDS_BEFORE void
g_bytes_unref (GBytes *bytes) {
  REAL (g_bytes_unref)
  if (bytes != NULL) {
    __tsan_release (bytes);
    __tsan_acquire (bytes);
  }
  real (bytes);
}

STANDS_BEFORE void
g_object_unref (gpointer object) {
  REAL (g_object_unref)
  __tsan_release (object);
  __tsan_acquire (object);
  real (object);
}

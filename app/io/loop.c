/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/io/loop.h"

#include "app/io/clock.h"

#include <poll.h>

/* A turn reads at most so many batches before it sends, so that answers never wait behind a flood.
 */
#define BATCHES_PER_TURN 4
/* A turn sends at most so many datagrams before it reads again. */
#define SENDS_PER_TURN 256
/* Between two datagrams of a batch. */
#define SENDS_PER_DATAGRAM 8
#define FORESEEN 16 /* datagrams of a batch at a time */
#define JOB_THREADS 2
/* Files that app_loop_run() first makes room for. */
#define POLL_FDS 16

typedef struct {
  GSource source;
  AppLoop *loop; /* (borrowed) */
} LoopSource;

struct AppLoop {
  AppPump pump;
  AppUdpSocket *socket;  /* (owned) */
  GMainContext *context; /* (referenced) */
  LoopSource *source;    /* (owned) */
  gpointer fd_tag;       /* (borrowed) of source */
  GThreadPool *jobs;     /* (owned) NULL until the first job */
  GAsyncQueue *done;     /* (owned) RtmfpJob that were run */
  bool blocked;          /* the kernel's send buffer is full */
  bool watches_writable; /* as the main context knows it */
  bool touched;          /* a turn is due at once */
  bool runs;             /* app_loop_run() looks after it, not the main context */
  gint quit;             /* (atomic) */
  int64_t deadline_us;   /* RTMFP_NEVER = no timer */
  AppLoopCounters counters;
  AppUdpBatch batch;
};

static void
run_job (gpointer data, gpointer user) {
  AppLoop *loop = user;
  rtmfp_job_run (data);
  g_async_queue_push (loop->done, data);
  g_main_context_wakeup (loop->context);
}

static void
hand_out_jobs (AppLoop *loop) {
  RtmfpJob *job;
  while (loop->pump.poll_job != NULL && (job = loop->pump.poll_job (loop->pump.self)) != NULL) {
    if (loop->jobs == NULL) {
      loop->jobs = g_thread_pool_new (run_job, loop, JOB_THREADS, FALSE, NULL);
    }
    g_thread_pool_push (loop->jobs, job, NULL);
  }
}

static void
take_jobs_back (AppLoop *loop) {
  RtmfpJob *job;
  while ((job = g_async_queue_try_pop (loop->done)) != NULL) {
    loop->pump.complete_job (loop->pump.self, job, app_clock_now_us ());
  }
}

/* Hands at most most datagrams to the socket. Returns: whether more waits to be sent. */
static bool
transmit_some (AppLoop *loop, int most, int64_t now_us) {
  uint8_t bytes[RTMFP_DATAGRAM_BYTES_MAX];
  RtmfpDatagram out;
  for (int sent = 0; sent < most; sent++) {
    if (loop->blocked ||
        !loop->pump.poll_transmit (loop->pump.self, now_us, bytes, sizeof bytes, &out)) {
      return false;
    }
    loop->counters.datagrams_out++;
    loop->counters.bytes_out += out.size;
    loop->blocked = !app_udp_socket_send (loop->socket, &out, bytes);
  }
  return true;
}

/* Some datagrams ahead of the one at at, so that what they need is fetched meanwhile. */
static void
foresee (AppLoop *loop, size_t at, size_t count) {
  RtmfpBytes next[FORESEEN];
  size_t known = 0;
  if (loop->pump.foresee == NULL || at % FORESEEN != 0) {
    return;
  }
  for (; known < FORESEEN && at + known < count; known++) {
    const AppUdpDatagram *in = &loop->batch.items[at + known];
    next[known] = rtmfp_bytes (in->bytes, in->size);
  }
  loop->pump.foresee (loop->pump.self, next, known);
}

/* What a datagram calls for is made before the next is read: else a batch of data would be answered
 * with one acknowledgement instead of one for every second packet (RFC 7016 s3.6.3.4.4), and a
 * sender that may send six packets for each (s3.5.2.3) would never get up to speed. */
static void
read_socket (AppLoop *loop) {
  for (int turn = 0; turn < BATCHES_PER_TURN; turn++) {
    const size_t count = app_udp_socket_receive (loop->socket, &loop->batch);
    const int64_t now_us = app_clock_now_us ();
    for (size_t i = 0; i < count; i++) {
      const AppUdpDatagram *in = &loop->batch.items[i];
      foresee (loop, i, count);
      loop->counters.datagrams_in++;
      loop->counters.bytes_in += in->size;
      loop->pump.receive (loop->pump.self, in->bytes, in->size, 0, &in->from, in->ecn, now_us);
      if (i + 1 < count) {
        transmit_some (loop, SENDS_PER_DATAGRAM, now_us);
      }
    }
    if (!loop->batch.is_full) {
      return;
    }
  }
}

/* Returns: whether more waits to be sent. */
static bool
transmit (AppLoop *loop) {
  loop->blocked = !app_udp_socket_flush (loop->socket);
  const bool more = transmit_some (loop, SENDS_PER_TURN, app_clock_now_us ());
  loop->blocked = loop->blocked || !app_udp_socket_flush (loop->socket);
  return more;
}

/* reads: whether the socket may have something. */
static void
turn (AppLoop *loop, bool reads) {
  loop->touched = false;
  if (reads) {
    read_socket (loop);
  }
  take_jobs_back (loop);
  loop->pump.advance (loop->pump.self, app_clock_now_us ());
  if (loop->pump.drain != NULL) {
    loop->pump.drain (loop->pump.self, app_clock_now_us ());
  }
  hand_out_jobs (loop);
  const bool more = transmit (loop);
  if (loop->blocked != loop->watches_writable) {
    loop->watches_writable = loop->blocked;
    g_source_modify_unix_fd (&loop->source->source, loop->fd_tag,
                             loop->blocked ? G_IO_IN | G_IO_OUT : G_IO_IN);
  }
  loop->touched = loop->touched || more;
  loop->deadline_us = loop->pump.deadline (loop->pump.self);
}

static gboolean
on_ready (GSource *source, GSourceFunc callback, gpointer user) {
  (void)callback;
  (void)user;
  turn (((LoopSource *)source)->loop, true);
  return G_SOURCE_CONTINUE;
}

static gboolean
is_due (const AppLoop *loop) {
  return loop->touched || g_async_queue_length (loop->done) > 0 ||
         (loop->deadline_us != RTMFP_NEVER && app_clock_now_us () >= loop->deadline_us);
}

/* The deadline is told here and not by g_source_set_ready_time, which writes to an eventfd (as does
 * all that changes a source) and so costs every turn three system calls. */
static gboolean
on_prepare (GSource *source, gint *timeout_ms) {
  const AppLoop *loop = ((LoopSource *)source)->loop;
  *timeout_ms = -1;
  if (loop->runs) {
    return FALSE;
  }
  if (is_due (loop)) {
    return TRUE;
  }
  if (loop->deadline_us != RTMFP_NEVER) {
    const int64_t wait_ms = (loop->deadline_us - app_clock_now_us () + 999) / 1000;
    *timeout_ms = (gint)CLAMP (wait_ms, 0, G_MAXINT);
  }
  return FALSE;
}

static gboolean
on_check (GSource *source) {
  const AppLoop *loop = ((LoopSource *)source)->loop;
  return !loop->runs && (is_due (loop) || g_source_query_unix_fd (source, loop->fd_tag) != 0);
}

static GSourceFuncs loop_source_funcs = {
    .prepare = on_prepare, .check = on_check, .dispatch = on_ready};

AppLoop *
app_loop_new (const AppPump *pump, AppUdpSocket *socket, GMainContext *context) {
  AppLoop *loop = g_new0 (AppLoop, 1);
  loop->pump = *pump;
  loop->socket = socket;
  loop->context = g_main_context_ref (context != NULL ? context : g_main_context_default ());
  loop->done = g_async_queue_new ();
  loop->source = (LoopSource *)g_source_new (&loop_source_funcs, sizeof (LoopSource));
  loop->source->loop = loop;
  g_source_set_priority (&loop->source->source, G_PRIORITY_HIGH);
  loop->fd_tag = g_source_add_unix_fd (&loop->source->source, app_udp_socket_fd (socket), G_IO_IN);
  /* It never runs the context itself; and GLib then need not take its socket out of the poll set
   * and put it back in each turn. */
  g_source_set_can_recurse (&loop->source->source, TRUE);
  loop->touched = true;
  loop->deadline_us = RTMFP_NEVER;
  g_source_attach (&loop->source->source, loop->context);
  return loop;
}

/* ---- Run by itself ---- */

/* What a GLib main loop does, with the socket first. */
typedef struct {
  GPollFD *fds; /* (owned) */
  gint capacity, count;
  gint priority;
} Polling;

/* Asks the context what it waits for. Returns: how long at most, in milliseconds; -1 = for ever. */
static gint
ask_context (AppLoop *loop, Polling *polling) {
  gint timeout_ms;
  g_main_context_prepare (loop->context, &polling->priority);
  while ((polling->count = g_main_context_query (loop->context, polling->priority, &timeout_ms,
                                                 polling->fds, polling->capacity)) >
         polling->capacity) {
    polling->capacity = polling->count;
    polling->fds = g_renew (GPollFD, polling->fds, polling->capacity);
  }
  return timeout_ms;
}

/* GPollFD is struct pollfd by another name. */
static int
wait_for_any (AppLoop *loop, Polling *polling, gint timeout_ms) {
  int64_t wait_us = timeout_ms < 0 ? INT64_MAX : timeout_ms * INT64_C (1000);
  if (loop->deadline_us != RTMFP_NEVER) {
    const int64_t due_us = loop->deadline_us - app_clock_now_us ();
    wait_us = MIN (wait_us, MAX (due_us, 0));
  }
  const struct timespec wait = {.tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000};
  return ppoll ((struct pollfd *)(void *)polling->fds, (nfds_t)polling->count,
                wait_us == INT64_MAX ? NULL : &wait, NULL);
}

/* Returns: the events of our socket, which the context then need not hear of. */
static gushort
take_socket_events (const AppLoop *loop, Polling *polling) {
  gushort events = 0;
  for (gint i = 0; i < polling->count; i++) {
    if (polling->fds[i].fd == app_udp_socket_fd (loop->socket)) {
      events |= polling->fds[i].revents;
      polling->fds[i].revents = 0;
    }
  }
  return events;
}

void
app_loop_run (AppLoop *loop) {
  Polling polling = {.fds = g_new (GPollFD, POLL_FDS), .capacity = POLL_FDS};
  if (!g_main_context_acquire (loop->context)) {
    g_error ("another thread runs this loop's context");
  }
  loop->runs = true;
  while (!g_atomic_int_get (&loop->quit)) {
    if (is_due (loop)) {
      turn (loop, false);
    }
    const gint timeout_ms = ask_context (loop, &polling);
    int ready = wait_for_any (loop, &polling, timeout_ms);
    const gushort events = ready > 0 ? take_socket_events (loop, &polling) : 0;
    if (events != 0) {
      turn (loop, true);
      ready--;
    }
    if (ready > 0 || timeout_ms == 0 || (events == 0 && timeout_ms > 0)) {
      g_main_context_check (loop->context, polling.priority, polling.fds, polling.count);
      g_main_context_dispatch (loop->context);
    }
  }
  loop->runs = false;
  g_main_context_release (loop->context);
  g_free (polling.fds);
}

void
app_loop_quit (AppLoop *loop) {
  g_atomic_int_set (&loop->quit, 1);
  g_main_context_wakeup (loop->context);
}

void
app_loop_free (AppLoop *loop) {
  if (loop == NULL) {
    return;
  }
  transmit (loop);
  g_source_destroy (&loop->source->source);
  g_source_unref (&loop->source->source);
  if (loop->jobs != NULL) {
    g_thread_pool_free (loop->jobs, FALSE, TRUE);
  }
  take_jobs_back (loop);
  g_async_queue_unref (loop->done);
  app_udp_socket_free (loop->socket);
  g_main_context_unref (loop->context);
  g_free (loop);
}

void
app_loop_touch (AppLoop *loop) {
  loop->touched = true;
  if (!g_main_context_is_owner (loop->context)) {
    g_main_context_wakeup (loop->context);
  }
}

AppLoopCounters
app_loop_counters (const AppLoop *loop) {
  return loop->counters;
}

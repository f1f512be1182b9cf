/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/io/loop.h"

#include "app/io/clock.h"

/* A turn reads at most so many batches before it sends, so that answers never wait behind a flood.
 */
#define BATCHES_PER_TURN 4
/* A turn sends at most so many datagrams before it reads again. */
#define SENDS_PER_TURN 256
#define JOB_THREADS 2

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
  bool touched;
  AppLoopCounters counters;
  AppUdpDatagram batch[APP_UDP_BATCH];
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

static void
read_socket (AppLoop *loop) {
  for (int turn = 0; turn < BATCHES_PER_TURN; turn++) {
    const size_t count = app_udp_socket_receive (loop->socket, loop->batch);
    const int64_t now_us = app_clock_now_us ();
    for (size_t i = 0; i < count; i++) {
      const AppUdpDatagram *in = &loop->batch[i];
      loop->counters.datagrams_in++;
      loop->counters.bytes_in += in->size;
      loop->pump.receive (loop->pump.self, in->bytes, in->size, 0, &in->from, in->ecn, now_us);
    }
    if (count < APP_UDP_BATCH) {
      return;
    }
  }
}

/* Returns: whether more waits to be sent. */
static bool
transmit (AppLoop *loop) {
  loop->blocked = !app_udp_socket_flush (loop->socket);
  const int64_t now_us = app_clock_now_us ();
  for (int sent = 0; !loop->blocked; sent++) {
    if (sent == SENDS_PER_TURN) {
      loop->blocked = !app_udp_socket_flush (loop->socket);
      return true;
    }
    uint8_t bytes[RTMFP_DATAGRAM_BYTES_MAX];
    RtmfpDatagram out;
    if (!loop->pump.poll_transmit (loop->pump.self, now_us, bytes, sizeof bytes, &out)) {
      loop->blocked = !app_udp_socket_flush (loop->socket);
      return false;
    }
    loop->counters.datagrams_out++;
    loop->counters.bytes_out += out.size;
    app_udp_socket_send (loop->socket, &out, bytes);
    if (sent % APP_UDP_BATCH == APP_UDP_BATCH - 1) {
      loop->blocked = !app_udp_socket_flush (loop->socket);
    }
  }
  return false;
}

static void
turn (AppLoop *loop) {
  loop->touched = false;
  read_socket (loop);
  take_jobs_back (loop);
  loop->pump.advance (loop->pump.self, app_clock_now_us ());
  if (loop->pump.drain != NULL) {
    loop->pump.drain (loop->pump.self, app_clock_now_us ());
  }
  hand_out_jobs (loop);
  const bool more = transmit (loop);
  g_source_modify_unix_fd (&loop->source->source, loop->fd_tag,
                           loop->blocked ? G_IO_IN | G_IO_OUT : G_IO_IN);
  const int64_t deadline_us = loop->pump.deadline (loop->pump.self);
  /* The clock is GLib's own (CLOCK_MONOTONIC), so deadlines need no conversion. */
  g_source_set_ready_time (&loop->source->source, more || loop->touched ? 0
                                                  : deadline_us == RTMFP_NEVER
                                                      ? -1
                                                      : MAX (deadline_us, 0));
}

static gboolean
on_ready (GSource *source, GSourceFunc callback, gpointer user) {
  (void)callback;
  (void)user;
  turn (((LoopSource *)source)->loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
is_work_waiting (AppLoop *loop) {
  return g_async_queue_length (loop->done) > 0;
}

static gboolean
on_prepare (GSource *source, gint *timeout_ms) {
  *timeout_ms = -1;
  return is_work_waiting (((LoopSource *)source)->loop);
}

static gboolean
on_check (GSource *source) {
  AppLoop *loop = ((LoopSource *)source)->loop;
  return is_work_waiting (loop) || g_source_query_unix_fd (source, loop->fd_tag) != 0;
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
  g_source_set_ready_time (&loop->source->source, 0);
  g_source_attach (&loop->source->source, loop->context);
  return loop;
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
  g_source_set_ready_time (&loop->source->source, 0);
}

AppLoopCounters
app_loop_counters (const AppLoop *loop) {
  return loop->counters;
}

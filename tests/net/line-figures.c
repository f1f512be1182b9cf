/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures of tests/sim/sim-bars.c with real processes: one that sends, one that receives, and
 * one between them that delays, loses and queues. 40 ms there and back, 2 % lost each way; for
 * voice beside bulk 8 Mbit/s with a queue of 100 ms instead. Prints a table; ends with 1 when a bar
 * is missed. */
#include "app/io/clock.h"
#include "bench/report.h"
#include "bench/socket-end.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
  SPARSE_SESSIONS = 12,
  STEADY_SESSIONS = 3,
  LINES = SPARSE_SESSIONS + STEADY_SESSIONS + 2,
  SECONDS = 40,
  MESSAGE_BYTES = 200,
  BULK_BYTES = 16384,
  SAMPLES_MAX = 8192,
};

#define DELAY_US 20000
#define LOSS_PERMILLE 20
#define NARROW_BYTES_PER_S 1000000
#define NARROW_QUEUE_BYTES 100000

/* What a flow is part of. */
typedef enum { SPARSE, STEADY, BULK, VOICE, BESIDE, KINDS } Kind;

static Kind
kind_of_line (int line) {
  return line < SPARSE_SESSIONS                     ? SPARSE
         : line < SPARSE_SESSIONS + STEADY_SESSIONS ? STEADY
         : line == LINES - 2                        ? BULK
                                                    : VOICE;
}

static int64_t
interval_us (Kind kind) {
  return kind == SPARSE ? 200000 : 20000;
}

/* ---- The line between ---- */

typedef struct {
  int64_t at_us;
  size_t size;
  uint8_t bytes[2048];
} Packet;

typedef struct {
  GQueue packets; /* Packet, in order of time */
  int64_t busy_until_us;
} Way;

typedef struct {
  int front, back; /* to the sender, to the receiver */
  struct sockaddr_in sender;
  Way there, here;
  bool narrow;
} Line;

static int
bound_socket (uint16_t *port) {
  const int fd = socket (AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  struct sockaddr_in address = {.sin_family = AF_INET};
  socklen_t size = sizeof address;
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  BENCH_MUST (fd >= 0 && bind (fd, (const struct sockaddr *)&address, size) == 0);
  BENCH_MUST (getsockname (fd, (struct sockaddr *)&address, &size) == 0);
  *port = ntohs (address.sin_port);
  return fd;
}

static void
put (Way *way, bool narrow, GRand *chance, const uint8_t *bytes, size_t size, int64_t now_us) {
  int64_t at_us = now_us;
  if (narrow) {
    const int64_t waits_us = MAX (way->busy_until_us - now_us, 0);
    if (waits_us * NARROW_BYTES_PER_S / 1000000 + (int64_t)size > NARROW_QUEUE_BYTES) {
      return;
    }
    at_us += waits_us + (int64_t)size * 1000000 / NARROW_BYTES_PER_S;
    way->busy_until_us = at_us;
  } else if (g_rand_int_range (chance, 0, 1000) < LOSS_PERMILLE) {
    return;
  }
  Packet *packet = g_new (Packet, 1);
  packet->at_us = at_us + DELAY_US;
  packet->size = size;
  memcpy (packet->bytes, bytes, size);
  g_queue_push_tail (&way->packets, packet);
}

static void
read_line (Line *line, GRand *chance) {
  uint8_t bytes[2048];
  ssize_t size;
  socklen_t length = sizeof line->sender;
  while ((size = recvfrom (line->front, bytes, sizeof bytes, 0, (struct sockaddr *)&line->sender,
                           &length)) > 0) {
    put (&line->there, line->narrow, chance, bytes, (size_t)size, app_clock_now_us ());
  }
  while ((size = recv (line->back, bytes, sizeof bytes, 0)) > 0) {
    put (&line->here, line->narrow, chance, bytes, (size_t)size, app_clock_now_us ());
  }
}

/* Sends what is due. Returns: when the next is. */
static int64_t
write_way (Way *way, int fd, const struct sockaddr_in *to, int64_t now_us) {
  Packet *packet;
  while ((packet = g_queue_peek_head (&way->packets)) != NULL && packet->at_us <= now_us) {
    const ssize_t sent = sendto (fd, packet->bytes, packet->size, 0, (const struct sockaddr *)to,
                                 to != NULL ? sizeof *to : 0);
    (void)sent; /* a full buffer loses it, as lines do */
    g_free (g_queue_pop_head (&way->packets));
  }
  return packet != NULL ? packet->at_us : INT64_MAX;
}

static G_GNUC_NORETURN void
run_lines (uint16_t receiver_port, int ports_out) {
  static Line lines[LINES];
  struct pollfd polls[2 * LINES];
  uint16_t ports[LINES], ignored;
  const struct sockaddr_in receiver = {.sin_family = AF_INET,
                                       .sin_port = htons (receiver_port),
                                       .sin_addr.s_addr = htonl (INADDR_LOOPBACK)};
  GRand *chance = g_rand_new_with_seed (1);
  for (int i = 0; i < LINES; i++) {
    lines[i].front = bound_socket (&ports[i]);
    lines[i].back = bound_socket (&ignored);
    lines[i].narrow = kind_of_line (i) == VOICE;
    g_queue_init (&lines[i].there.packets);
    g_queue_init (&lines[i].here.packets);
    BENCH_MUST (connect (lines[i].back, (const struct sockaddr *)&receiver, sizeof receiver) == 0);
    polls[2 * i] = (struct pollfd){.fd = lines[i].front, .events = POLLIN};
    polls[2 * i + 1] = (struct pollfd){.fd = lines[i].back, .events = POLLIN};
  }
  BENCH_MUST (write (ports_out, ports, sizeof ports) == sizeof ports);
  for (;;) {
    int64_t next_us = INT64_MAX;
    const int64_t now_us = app_clock_now_us ();
    for (int i = 0; i < LINES; i++) {
      next_us = MIN (next_us, write_way (&lines[i].there, lines[i].back, NULL, now_us));
      next_us = MIN (next_us, write_way (&lines[i].here, lines[i].front, &lines[i].sender, now_us));
    }
    const int64_t left_us = next_us == INT64_MAX ? 100000 : next_us - app_clock_now_us ();
    const int64_t wait_us =
        MAX (left_us, 0); /* MAX looks twice: at a clock, that was once too often */
    const struct timespec wait = {.tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000};
    BENCH_MUST (ppoll (polls, 2 * LINES, &wait, NULL) >= 0 || errno == EINTR);
    for (int i = 0; i < LINES; i++) {
      if (polls[2 * i].revents != 0 || polls[2 * i + 1].revents != 0) {
        read_line (&lines[i], chance);
      }
    }
  }
}

/* ---- Who receives ---- */

typedef struct {
  double delays_ms[KINDS][SAMPLES_MAX];
  int counts[KINDS];
  uint64_t bytes[KINDS];
  int64_t first_us[KINDS], last_us[KINDS];
  RtmfpId flows[256];
  Kind kinds[256];
  int flow_count;
} Heard;

static void
hear (Heard *heard, const RtmfpEvent *event) {
  for (int i = 0; i < heard->flow_count; i++) {
    if (heard->flows[i] != event->flow) {
      continue;
    }
    const Kind kind = heard->kinds[i];
    int64_t sent_us;
    const int64_t now_us = app_clock_now_us ();
    memcpy (&sent_us, event->bytes.data, sizeof sent_us);
    if (heard->first_us[kind] == 0) {
      heard->first_us[kind] = now_us + 3000000; /* from then on it counts */
    }
    if (now_us < heard->first_us[kind]) {
      return;
    }
    heard->last_us[kind] = now_us;
    heard->bytes[kind] += event->bytes.size;
    if (heard->counts[kind] < SAMPLES_MAX) {
      heard->delays_ms[kind][heard->counts[kind]++] = (double)(now_us - sent_us) / 1000;
    }
  }
}

static void
on_receiver_event (SocketEnd *end, const RtmfpEvent *event, void *user) {
  Heard *heard = user;
  if (event->type == RTMFP_EVENT_FLOW_NEW && heard->flow_count < 256) {
    heard->flows[heard->flow_count] = event->flow;
    heard->kinds[heard->flow_count++] = (Kind)event->bytes.data[0];
    BENCH_MUST (rtmfp_endpoint_accept_flow (end->endpoint, event->flow, RTMFP_ORDER_SEQUENCE, 0,
                                            app_clock_now_us ()) == RTMFP_OK);
  } else if (event->type == RTMFP_EVENT_FLOW_MESSAGE) {
    hear (heard, event);
  }
}

static int
compare (const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static bool
print_row (const char *what, double figure, double bar, bool at_most) {
  const bool good = at_most ? figure <= bar : figure >= bar;
  printf ("| %-66s | %6.1f | %s %5.0f | %s |\n", what, figure, at_most ? "<=" : ">=", bar,
          good ? "ok" : "MISSED");
  return good;
}

static double
quantile (Heard *heard, Kind kind, int permille) {
  const int count = heard->counts[kind];
  BENCH_MUST (count > 100);
  qsort (heard->delays_ms[kind], (size_t)count, sizeof (double), compare);
  return heard->delays_ms[kind][(count - 1) * permille / 1000];
}

static double
rate (const Heard *heard, Kind kind) {
  return (double)heard->bytes[kind] / (double)(heard->last_us[kind] - heard->first_us[kind]) * 1000;
}

static bool
print_table (Heard *heard) {
  bool good = print_row ("5 messages a second, 2 % lost each way, one-way p99, ms",
                         quantile (heard, SPARSE, 990), 130, true);
  good &= print_row ("50 messages a second, 2 % lost each way, one-way p99, ms",
                     quantile (heard, STEADY, 990), 100, true);
  good &= print_row ("bulk, 2 % lost each way, kB/s", rate (heard, BULK), 300, false);
  good &= print_row ("voice beside bulk, 8 Mbit/s, queue of 100 ms, one-way p99, ms",
                     quantile (heard, VOICE, 990), 75, true);
  good &= print_row ("bulk beside voice, of 1000 kB/s", rate (heard, BESIDE), 850, false);
  return good;
}

static gpointer
stop_at_end (gpointer user) {
  g_usleep ((SECONDS + 1) * G_USEC_PER_SEC);
  socket_end_quit (user);
  return NULL;
}

static G_GNUC_NORETURN void
run_receiver (int port_out) {
  static Heard heard;
  SocketEnd end;
  const SocketEndHooks hooks = {.event = on_receiver_event, .user = &heard};
  socket_end_start (&end, &hooks, 0);
  BENCH_MUST (write (port_out, &end.port, sizeof end.port) == sizeof end.port);
  GThread *clock = g_thread_new ("clock", stop_at_end, &end);
  socket_end_join (&end);
  g_thread_join (clock);
  exit (print_table (&heard) ? 0 : 1);
}

/* ---- Who sends ---- */

typedef struct {
  SocketEnd end;
  Kind kind;
  RtmfpId flow, bulk;
  bool full;
  int64_t next_us;
} Talker;

static RtmfpId
open_flow (SocketEnd *end, RtmfpId session, Kind kind, RtmfpPriority priority) {
  const uint8_t metadata = (uint8_t)kind;
  RtmfpId flow;
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes (&metadata, 1), .priority = priority};
  BENCH_MUST (rtmfp_endpoint_open_flow (end->endpoint, session, &config, &flow) == RTMFP_OK);
  return flow;
}

static RtmfpStatus
say (Talker *talker, RtmfpId flow, size_t size) {
  static __thread uint8_t bytes[BULK_BYTES];
  const int64_t now_us = app_clock_now_us ();
  memcpy (bytes, &now_us, sizeof now_us);
  return rtmfp_endpoint_send (talker->end.endpoint, flow, rtmfp_bytes (bytes, size), NULL, now_us,
                              NULL);
}

static void
fill (Talker *talker) {
  while (talker->bulk != 0 && !talker->full) {
    talker->full = say (talker, talker->bulk, BULK_BYTES) == RTMFP_FULL;
  }
}

static void speak_at (Talker *talker, int64_t at_us);

static gboolean
on_time (gpointer user) {
  Talker *talker = user;
  const RtmfpStatus status = say (talker, talker->flow, MESSAGE_BYTES);
  BENCH_MUST (status == RTMFP_OK || status == RTMFP_FULL);
  app_loop_touch (talker->end.loop);
  speak_at (talker, talker->next_us + interval_us (talker->kind));
  return G_SOURCE_REMOVE;
}

static void
speak_at (Talker *talker, int64_t at_us) {
  talker->next_us = at_us;
  GSource *source = g_timeout_source_new (0);
  g_source_set_callback (source, on_time, talker, NULL);
  g_source_set_ready_time (source, at_us);
  g_source_attach (source, talker->end.context);
  g_source_unref (source);
}

static void
on_talker_event (SocketEnd *end, const RtmfpEvent *event, void *user) {
  Talker *talker = user;
  if (event->type == RTMFP_EVENT_SESSION_OPEN) {
    if (talker->kind != BULK) {
      talker->flow = open_flow (end, event->session, talker->kind, RTMFP_PRIORITY_IMMEDIATE);
      speak_at (talker, app_clock_now_us ());
    }
    if (talker->kind == BULK || talker->kind == VOICE) {
      talker->bulk = open_flow (end, event->session, talker->kind == BULK ? BULK : BESIDE,
                                RTMFP_PRIORITY_BULK);
    }
    fill (talker);
  } else if (event->type == RTMFP_EVENT_FLOW_WRITABLE && event->flow == talker->bulk) {
    talker->full = false;
    fill (talker);
  }
}

static G_GNUC_NORETURN void
run_senders (const uint16_t *ports) {
  static Talker talkers[LINES];
  for (int i = 0; i < LINES; i++) {
    talkers[i].kind = kind_of_line (i);
    const SocketEndHooks hooks = {.event = on_talker_event, .user = &talkers[i]};
    socket_end_start (&talkers[i].end, &hooks, ports[i]);
    g_usleep (7000); /* not in step */
  }
  for (;;) {
    pause ();
  }
}

/* ---- All ---- */

static pid_t
start (void) {
  const pid_t pid = fork ();
  BENCH_MUST (pid >= 0);
  if (pid == 0) {
    prctl (PR_SET_PDEATHSIG, SIGKILL);
  }
  return pid;
}

int
main (void) {
  int receiver_port[2], line_ports[2];
  uint16_t port, ports[LINES];
  BENCH_MUST (pipe (receiver_port) == 0 && pipe (line_ports) == 0);
  const pid_t receiver = start ();
  if (receiver == 0) {
    run_receiver (receiver_port[1]);
  }
  BENCH_MUST (read (receiver_port[0], &port, sizeof port) == sizeof port);
  const pid_t between = start ();
  if (between == 0) {
    run_lines (port, line_ports[1]);
  }
  BENCH_MUST (read (line_ports[0], ports, sizeof ports) == sizeof ports);
  const pid_t sender = start ();
  if (sender == 0) {
    run_senders (ports);
  }
  int status = 1;
  waitpid (receiver, &status, 0);
  kill (sender, SIGKILL);
  kill (between, SIGKILL);
  waitpid (sender, NULL, 0);
  waitpid (between, NULL, 0);
  return WIFEXITED (status) ? WEXITSTATUS (status) : 1;
}

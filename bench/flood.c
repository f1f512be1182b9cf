/* SPDX-License-Identifier: GPL-3.0-or-later */
/* 100 bytes there and back on an open session over loopback, in quiet, then while strangers open
 * 1,000 sessions a second (hello, cookie, keying: all of it) at an end of their own in the same
 * process, which costs as much, and then at the end of that session. Each stranger has an address
 * of its own. Then 100 bytes by the least program that has an event loop, which reads and drops as
 * many datagrams as those strangers sent. */
#include "app/io/clock.h"
#include "bench/bare-echo.h"
#include "bench/report.h"
#include "bench/socket-end.h"
#include "core/crypto/epd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SAMPLES = 800, BYTES = 100, STRANGERS_A_SECOND = 1000, LEAST_PAUSE_US = 200 };

/* ---- The strangers: one endpoint, a socket, a thread ---- */

typedef struct {
  uint16_t port;
  int fd;
  RtmfpEndpoint *endpoint;
  gint quits; /* atomic */
  uint64_t asked, opened;
  double seconds;
} Strangers;

/* Interface n has the address 127.1.0.0 + n. */
static struct in_addr
address_of (uint32_t interface_id) {
  return (struct in_addr){.s_addr = htonl (0x7f010000u + interface_id)};
}

typedef union {
  char bytes[CMSG_SPACE (sizeof (struct in_pktinfo))];
  struct cmsghdr aligned;
} Control;

static void
send_one (const Strangers *all, uint8_t *bytes, const RtmfpDatagram *out) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons (out->to.port)};
  memcpy (&to.sin_addr, out->to.ip, 4);
  struct iovec part = {.iov_base = bytes, .iov_len = out->size};
  Control control = {.bytes = {0}};
  struct msghdr message = {.msg_name = &to,
                           .msg_namelen = sizeof to,
                           .msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  struct cmsghdr *head = CMSG_FIRSTHDR (&message);
  *head = (struct cmsghdr){.cmsg_level = IPPROTO_IP,
                           .cmsg_type = IP_PKTINFO,
                           .cmsg_len = CMSG_LEN (sizeof (struct in_pktinfo))};
  const struct in_pktinfo from = {.ipi_spec_dst = address_of (out->interface_id)};
  memcpy (CMSG_DATA (head), &from, sizeof from);
  BENCH_MUST (sendmsg (all->fd, &message, 0) == (ssize_t)out->size);
}

/* Returns: whether there was one. */
static bool
receive_one (Strangers *all) {
  uint8_t bytes[2048];
  struct sockaddr_in from;
  struct iovec part = {.iov_base = bytes, .iov_len = sizeof bytes};
  Control control;
  struct msghdr message = {.msg_name = &from,
                           .msg_namelen = sizeof from,
                           .msg_iov = &part,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof control.bytes};
  const ssize_t size = recvmsg (all->fd, &message, MSG_DONTWAIT);
  if (size < 0) {
    return false;
  }
  struct in_pktinfo to = {0};
  const struct cmsghdr *head = CMSG_FIRSTHDR (&message);
  BENCH_MUST (head != NULL && head->cmsg_type == IP_PKTINFO);
  memcpy (&to, CMSG_DATA (head), sizeof to);
  const RtmfpAddress source = rtmfp_address_ipv4 (127, 0, 0, 1, all->port);
  rtmfp_endpoint_receive (all->endpoint, bytes, (size_t)size,
                          ntohl (to.ipi_addr.s_addr) - 0x7f010000u, &source, 0, bench_now_us ());
  return true;
}

static void
ask (Strangers *all) {
  uint8_t epd[64];
  RtmfpWriter writer = rtmfp_writer (epd, sizeof epd);
  BENCH_MUST (rtmfp_epd_write_uri (&writer, "rtmfp:") == RTMFP_OK);
  const RtmfpIdentityConfig config = {.groups = RTMFP_GROUP_X25519,
                                      .accept = RTMFP_ACCEPT_NOBODY,
                                      .offers_hmac = true,
                                      .offers_sequence = true};
  const RtmfpAddress to = rtmfp_address_ipv4 (127, 0, 0, 1, all->port);
  const RtmfpOpen open = {
      .identity = rtmfp_endpoint_add_identity (all->endpoint, &config, NULL),
      .epd = rtmfp_bytes (epd, rtmfp_writer_size (&writer)),
      .candidates = &to,
      .candidate_count = 1,
      .interface_id = (uint32_t)++all->asked,
      .give_up_after_us = 1000000,
  };
  RtmfpId session;
  if (open.identity != 0) {
    BENCH_MUST (rtmfp_endpoint_open (all->endpoint, &open, bench_now_us (), &session) == RTMFP_OK);
  }
}

/* Each that is open is closed again. */
static void
pump (Strangers *all) {
  RtmfpJob *job;
  RtmfpEvent event;
  RtmfpDatagram out;
  uint8_t bytes[RTMFP_DATAGRAM_BYTES_MAX];
  while (receive_one (all)) {
  }
  rtmfp_endpoint_advance (all->endpoint, bench_now_us ());
  while ((job = rtmfp_endpoint_poll_job (all->endpoint)) != NULL) {
    rtmfp_job_run (job);
    rtmfp_endpoint_complete_job (all->endpoint, job, bench_now_us ());
  }
  while (rtmfp_endpoint_poll_event (all->endpoint, &event)) {
    RtmfpSessionInfo info;
    if (event.type == RTMFP_EVENT_SESSION_OPEN &&
        rtmfp_endpoint_session_info (all->endpoint, event.session, &info) == RTMFP_OK) {
      all->opened++;
      rtmfp_endpoint_close (all->endpoint, event.session, false, bench_now_us ());
      rtmfp_endpoint_remove_identity (all->endpoint, info.identity);
    }
  }
  while (rtmfp_endpoint_poll_transmit (all->endpoint, bench_now_us (), bytes, sizeof bytes, &out)) {
    send_one (all, bytes, &out);
  }
}

static gpointer
run_strangers (gpointer user) {
  Strangers *all = user;
  const int one = 1;
  const RtmfpEndpointConfig config = {.rng = app_clock_rng (), .sessions_max = 50000};
  const struct sockaddr_in any = {.sin_family = AF_INET};
  all->endpoint = rtmfp_endpoint_new (&config, bench_now_us ());
  all->fd = socket (AF_INET, SOCK_DGRAM, 0);
  BENCH_MUST (bind (all->fd, (const struct sockaddr *)&any, sizeof any) == 0);
  BENCH_MUST (setsockopt (all->fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof one) == 0);
  const double started = bench_wall_seconds ();
  while (g_atomic_int_get (&all->quits) == 0) {
    const double due = (bench_wall_seconds () - started) * STRANGERS_A_SECOND;
    while ((double)all->asked < due) {
      ask (all);
    }
    pump (all);
    g_usleep (LEAST_PAUSE_US);
  }
  all->seconds = bench_wall_seconds () - started;
  rtmfp_endpoint_free (all->endpoint);
  close (all->fd);
  return NULL;
}

/* ---- There and back ---- */

typedef struct {
  RtmfpId flow, back;
  size_t count;
  double started;
  double us[3][SAMPLES]; /* in quiet; strangers elsewhere; strangers here */
  Strangers strangers[2];
  GThread *threads[2];
} Echo;

typedef struct {
  SocketEnd *end;
  Echo *echo;
} Later;

static gboolean
fire (gpointer user) {
  static const uint8_t payload[BYTES];
  const Later *later = user;
  later->echo->started = bench_wall_seconds ();
  BENCH_MUST (rtmfp_endpoint_send (later->end->endpoint, later->echo->flow,
                                   rtmfp_bytes (payload, BYTES), NULL, bench_now_us (),
                                   NULL) == RTMFP_OK);
  app_loop_touch (later->end->loop);
  return G_SOURCE_REMOVE;
}

static void
fire_later (SocketEnd *end, Echo *echo) {
  Later *later = g_new (Later, 1);
  *later = (Later){.end = end, .echo = echo};
  GSource *source = g_timeout_source_new (0);
  g_source_set_ready_time (source, bench_now_us () + 2500 + (int64_t)(echo->count * 7919 % 5000));
  g_source_set_callback (source, fire, later, g_free);
  g_source_attach (source, end->context);
  g_source_unref (source);
}

static void
take_answer (SocketEnd *end, Echo *echo) {
  echo->us[echo->count / SAMPLES][echo->count % SAMPLES] =
      (bench_wall_seconds () - echo->started) * 1e6;
  echo->count++;
  if (echo->count % SAMPLES == 0) {
    const size_t part = echo->count / SAMPLES;
    if (part > 1) {
      g_atomic_int_set (&echo->strangers[part - 2].quits, 1);
      g_thread_join (echo->threads[part - 2]);
    }
    if (part < 3) {
      echo->threads[part - 1] =
          g_thread_new ("strangers", run_strangers, &echo->strangers[part - 1]);
    }
  }
  if (echo->count == 3 * SAMPLES) {
    socket_end_quit (end);
  } else {
    fire_later (end, echo);
  }
}

static void
on_asker_event (SocketEnd *end, const RtmfpEvent *event, void *user) {
  Echo *echo = user;
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("echo", 4),
                                  .priority = RTMFP_PRIORITY_IMMEDIATE};
  if (event->type == RTMFP_EVENT_SESSION_OPEN) {
    BENCH_MUST (rtmfp_endpoint_open_flow (end->endpoint, event->session, &config, &echo->flow) ==
                RTMFP_OK);
    fire_later (end, echo);
  } else if (event->type == RTMFP_EVENT_FLOW_NEW) {
    BENCH_MUST (rtmfp_endpoint_accept_flow (end->endpoint, event->flow, RTMFP_ORDER_SEQUENCE, 0,
                                            bench_now_us ()) == RTMFP_OK);
  } else if (event->type == RTMFP_EVENT_FLOW_MESSAGE) {
    take_answer (end, echo);
  }
}

static void
on_answerer_event (SocketEnd *end, const RtmfpEvent *event, void *user) {
  RtmfpId *back = user;
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("back", 4),
                                  .associated = event->flow,
                                  .priority = RTMFP_PRIORITY_IMMEDIATE};
  if (event->type == RTMFP_EVENT_FLOW_NEW) {
    BENCH_MUST (rtmfp_endpoint_accept_flow (end->endpoint, event->flow, RTMFP_ORDER_SEQUENCE, 0,
                                            bench_now_us ()) == RTMFP_OK);
    BENCH_MUST (rtmfp_endpoint_open_flow (end->endpoint, event->session, &config, back) ==
                RTMFP_OK);
  } else if (event->type == RTMFP_EVENT_FLOW_MESSAGE) {
    BENCH_MUST (rtmfp_endpoint_send (end->endpoint, *back, event->bytes, NULL, bench_now_us (),
                                     NULL) == RTMFP_OK);
  }
}

static void
ignore (SocketEnd *end, const RtmfpEvent *event, void *user) {
  (void)end;
  (void)event;
  (void)user;
}

int
main (void) {
  static Echo echo;
  RtmfpId back = 0;
  SocketEnd asker, answerer, other;
  socket_end_start (&other, &(SocketEndHooks){.event = ignore}, 0);
  socket_end_start (&answerer, &(SocketEndHooks){.event = on_answerer_event, .user = &back}, 0);
  echo.strangers[0].port = other.port;
  echo.strangers[1].port = answerer.port;
  socket_end_start (&asker, &(SocketEndHooks){.event = on_asker_event, .user = &echo},
                    answerer.port);
  socket_end_join (&asker);
  socket_end_quit (&answerer);
  socket_end_join (&answerer);
  socket_end_quit (&other);
  socket_end_join (&other);
  static double bare[SAMPLES];
  const double datagrams = (double)answerer.counters.datagrams_in - 3.0 * SAMPLES;
  bench_bare_echo (BARE_ECHO_LOOP, bare, SAMPLES,
                   (unsigned)(datagrams / echo.strangers[1].seconds));
  static const int permilles[] = {500, 950, 990};
  for (size_t i = 0; i < G_N_ELEMENTS (permilles); i++) {
    char name[80];
    const double quiet = bench_percentile (echo.us[0], SAMPLES, permilles[i]);
    const double elsewhere = bench_percentile (echo.us[1], SAMPLES, permilles[i]);
    const double here = bench_percentile (echo.us[2], SAMPLES, permilles[i]);
    g_snprintf (name, sizeof name, "there and back, 1,000 hellos/s here, p%d", permilles[i] / 10);
    bench_row (name, "us", here, "1,000 hellos/s at another end", elsewhere);
    bench_row (name, "us", here, "bare loop, as many datagrams to drop",
               bench_percentile (bare, SAMPLES, (unsigned)permilles[i]));
    g_snprintf (name, sizeof name, "there and back, 1,000 hellos/s elsewhere, p%d",
                permilles[i] / 10);
    bench_row (name, "us", elsewhere, "the same in quiet", quiet);
  }
  bench_row ("sessions of strangers opened beside it", "1/s",
             (double)echo.strangers[1].opened / echo.strangers[1].seconds, "asked for",
             (double)echo.strangers[1].asked / echo.strangers[1].seconds);
  return 0;
}

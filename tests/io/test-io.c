/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop around a machine: two endpoints on real sockets of this computer, with jobs on threads.
 */
#include "app/io/clock.h"
#include "app/io/interfaces.h"
#include "app/io/loop.h"
#include "core/crypto/epd.h"

#include <locale.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

typedef struct {
  RtmfpEndpoint *endpoint; /* (owned) */
  AppLoop *loop;           /* (owned) */
  uint16_t port;
  RtmfpId session, out;
  guint opened, closed;
  GByteArray *received; /* all messages, one after another */
  gboolean echoes;
} Peer;

static void
on_event (Peer *peer, const RtmfpEvent *event, int64_t now_us) {
  switch (event->type) {
  case RTMFP_EVENT_SESSION_OPEN:
    peer->session = event->session;
    peer->opened++;
    break;
  case RTMFP_EVENT_SESSION_CLOSED:
    peer->closed++;
    break;
  case RTMFP_EVENT_FLOW_NEW:
    g_assert_cmpint (
        rtmfp_endpoint_accept_flow (peer->endpoint, event->flow, RTMFP_ORDER_SEQUENCE, 0, now_us),
        ==, RTMFP_OK);
    if (peer->echoes) {
      const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("echo", 4),
                                      .associated = event->flow,
                                      .priority = RTMFP_PRIORITY_ROUTINE};
      g_assert_cmpint (
          rtmfp_endpoint_open_flow (peer->endpoint, event->session, &config, &peer->out), ==,
          RTMFP_OK);
    }
    break;
  case RTMFP_EVENT_FLOW_MESSAGE:
    g_byte_array_append (peer->received, event->bytes.data, (guint)event->bytes.size);
    if (peer->echoes) {
      guint8 *copy = g_memdup2 (event->bytes.data, event->bytes.size);
      const gsize size = event->bytes.size;
      g_assert_cmpint (rtmfp_endpoint_send (peer->endpoint, peer->out, rtmfp_bytes (copy, size),
                                            NULL, now_us, NULL),
                       ==, RTMFP_OK);
      g_free (copy);
    }
    break;
  default:
    break;
  }
}

static void
pump_receive (void *self, const uint8_t *bytes, size_t size, uint32_t interface_id,
              const RtmfpAddress *from, uint8_t ecn, int64_t now_us) {
  RtmfpStatus status = rtmfp_endpoint_receive (((Peer *)self)->endpoint, bytes, size, interface_id,
                                               from, ecn, now_us);
  (void)status;
}

static void
pump_advance (void *self, int64_t now_us) {
  rtmfp_endpoint_advance (((Peer *)self)->endpoint, now_us);
}

static void
pump_drain (void *self, int64_t now_us) {
  Peer *peer = self;
  RtmfpEvent event;
  while (rtmfp_endpoint_poll_event (peer->endpoint, &event)) {
    on_event (peer, &event, now_us);
  }
}

static bool
pump_transmit (void *self, int64_t now_us, uint8_t *buffer, size_t capacity, RtmfpDatagram *out) {
  return rtmfp_endpoint_poll_transmit (((Peer *)self)->endpoint, now_us, buffer, capacity, out);
}

static RtmfpJob *
pump_job (void *self) {
  return rtmfp_endpoint_poll_job (((Peer *)self)->endpoint);
}

static void
pump_complete (void *self, RtmfpJob *job, int64_t now_us) {
  rtmfp_endpoint_complete_job (((Peer *)self)->endpoint, job, now_us);
}

static int64_t
pump_deadline (const void *self) {
  return rtmfp_endpoint_deadline (((const Peer *)self)->endpoint);
}

static RtmfpId
peer_init (Peer *peer, const char *address, RtmfpFingerprint *fingerprint) {
  const RtmfpEndpointConfig config = {.rng = app_clock_rng ()};
  const RtmfpIdentityConfig identity = {.groups = RTMFP_GROUP_X25519,
                                        .accept = RTMFP_ACCEPT_ANYONE,
                                        .requires_hmac = true,
                                        .requires_sequence = true};
  const AppPump pump = {.self = peer,
                        .receive = pump_receive,
                        .advance = pump_advance,
                        .drain = pump_drain,
                        .poll_transmit = pump_transmit,
                        .poll_job = pump_job,
                        .complete_job = pump_complete,
                        .deadline = pump_deadline};
  g_autoptr (GError) error = NULL;
  AppUdpSocket *socket = app_udp_socket_new (address, 0, &error);
  g_assert_no_error (error);
  memset (peer, 0, sizeof *peer);
  peer->received = g_byte_array_new ();
  peer->port = app_udp_socket_port (socket);
  peer->endpoint = rtmfp_endpoint_new (&config, app_clock_now_us ());
  const RtmfpId id = rtmfp_endpoint_add_identity (peer->endpoint, &identity, fingerprint);
  peer->loop = app_loop_new (&pump, socket, NULL);
  return id;
}

static void
peer_clear (Peer *peer) {
  app_loop_free (peer->loop);
  rtmfp_endpoint_free (peer->endpoint);
  g_byte_array_unref (peer->received);
}

/* Runs the main loop until *count reaches least. */
static void
run_until (const guint *count, guint least) {
  const gint64 end_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  while (*count < least) {
    g_assert_cmpint (g_get_monotonic_time (), <, end_us);
    g_main_context_iteration (NULL, TRUE);
  }
}

static void
check_echo (const char *bind_to, const RtmfpAddress *to) {
  Peer client, server;
  RtmfpFingerprint fingerprint;
  peer_init (&server, NULL, &fingerprint);
  server.echoes = TRUE;
  const RtmfpId identity = peer_init (&client, bind_to, NULL);
  uint8_t epd[64];
  RtmfpWriter writer = rtmfp_writer (epd, sizeof epd);
  g_assert_cmpint (rtmfp_epd_write_fingerprint (&writer, &fingerprint, rtmfp_bytes (NULL, 0)), ==,
                   RTMFP_OK);
  RtmfpAddress address = *to;
  address.port = server.port;
  const RtmfpOpen open = {.identity = identity,
                          .epd = rtmfp_bytes (epd, rtmfp_writer_size (&writer)),
                          .candidates = &address,
                          .candidate_count = 1};
  RtmfpId session, flow;
  g_assert_cmpint (rtmfp_endpoint_open (client.endpoint, &open, app_clock_now_us (), &session), ==,
                   RTMFP_OK);
  app_loop_touch (client.loop);
  run_until (&client.opened, 1);
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("test", 4),
                                  .priority = RTMFP_PRIORITY_ROUTINE};
  g_assert_cmpint (rtmfp_endpoint_open_flow (client.endpoint, session, &config, &flow), ==,
                   RTMFP_OK);
  g_autofree guint8 *message = g_malloc (50000);
  for (guint i = 0; i < 50000; i++) {
    message[i] = (guint8)(i * 31 + i / 256);
  }
  g_assert_cmpint (rtmfp_endpoint_send (client.endpoint, flow, rtmfp_bytes (message, 50000), NULL,
                                        app_clock_now_us (), NULL),
                   ==, RTMFP_OK);
  app_loop_touch (client.loop);
  run_until (&client.received->len, 50000);
  g_assert_cmpmem (client.received->data, client.received->len, message, 50000);
  g_assert_cmpuint (app_loop_counters (client.loop).bytes_out, >, 50000);
  g_assert_cmpuint (app_loop_counters (client.loop).bytes_in, >, 50000);
  rtmfp_endpoint_close (client.endpoint, session, false, app_clock_now_us ());
  app_loop_touch (client.loop);
  run_until (&server.closed, 1);
  peer_clear (&client);
  peer_clear (&server);
}

static void
test_echo_ipv4 (void) {
  const RtmfpAddress to = rtmfp_address_ipv4 (127, 0, 0, 1, 0);
  check_echo (NULL, &to);
}

static void
test_echo_bound (void) {
  const RtmfpAddress to = rtmfp_address_ipv4 (127, 0, 0, 1, 0);
  check_echo ("127.0.0.1", &to);
}

static void
test_port_taken (void) {
  g_autoptr (GError) error = NULL;
  AppUdpSocket *first = app_udp_socket_new (NULL, 0, &error);
  g_assert_no_error (error);
  const uint16_t port = app_udp_socket_port (first);
  AppUdpSocket *second = app_udp_socket_new (NULL, port, &error);
  g_assert_null (second);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE);
  g_autofree char *number = g_strdup_printf ("%u", port);
  g_assert_nonnull (strstr (error->message, number));
  app_udp_socket_free (first);
}

static void
test_bad_address (void) {
  g_autoptr (GError) error = NULL;
  g_assert_null (app_udp_socket_new ("example.org", 0, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

static void
test_ecn (void) {
  AppUdpSocket *from = app_udp_socket_new (NULL, 0, NULL), *to = app_udp_socket_new (NULL, 0, NULL);
  static AppUdpBatch batch;
  const uint8_t bytes[] = "marked";
  for (uint8_t ecn = 0; ecn < 4; ecn++) {
    const RtmfpDatagram out = {
        .to = rtmfp_address_ipv4 (127, 0, 0, 1, app_udp_socket_port (to)), .ecn = ecn, .size = 6};
    g_assert_true (app_udp_socket_send (from, &out, bytes));
  }
  g_assert_true (app_udp_socket_flush (from));
  g_assert_cmpuint (app_udp_socket_receive (to, &batch), ==, 4);
  for (uint8_t ecn = 0; ecn < 4; ecn++) {
    g_assert_cmpuint (batch.items[ecn].ecn, ==, ecn);
    g_assert_cmpuint (batch.items[ecn].from.port, ==, app_udp_socket_port (from));
    g_assert_cmpmem (batch.items[ecn].bytes, batch.items[ecn].size, bytes, 6);
  }
  g_assert_cmpuint (app_udp_socket_receive (to, &batch), ==, 0);
  app_udp_socket_free (from);
  app_udp_socket_free (to);
}

/* The kernel is told of the bit when it matters, and all go in order. */
static void
test_dont_fragment (void) {
  AppUdpSocket *from = app_udp_socket_new (NULL, 0, NULL), *to = app_udp_socket_new (NULL, 0, NULL);
  static AppUdpBatch batch;
  static const uint8_t bytes[1472];
  static const struct {
    uint8_t df;
    size_t size;
  } sent[] = {{RTMFP_DF_EITHER, 100}, {RTMFP_DF_SET, 1472},    {RTMFP_DF_SET, 1400},
              {RTMFP_DF_EITHER, 90},  {RTMFP_DF_CLEAR, 1300},  {RTMFP_DF_EITHER, 80},
              {RTMFP_DF_SET, 1471},   {RTMFP_DF_EITHER, 1232}, {RTMFP_DF_CLEAR, 1440}};
  for (size_t i = 0; i < G_N_ELEMENTS (sent); i++) {
    const RtmfpDatagram out = {.to = rtmfp_address_ipv4 (127, 0, 0, 1, app_udp_socket_port (to)),
                               .df = sent[i].df,
                               .size = sent[i].size};
    g_assert_true (app_udp_socket_send (from, &out, bytes));
    if (i == 3 || i + 1 == G_N_ELEMENTS (sent)) {
      int told = -1;
      socklen_t size = sizeof told;
      g_assert_true (app_udp_socket_flush (from));
      g_assert_cmpint (
          getsockopt (app_udp_socket_fd (from), IPPROTO_IP, IP_MTU_DISCOVER, &told, &size), ==, 0);
      g_assert_cmpint (told, ==, i == 3 ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT);
    }
  }
  g_assert_cmpuint (app_udp_socket_receive (to, &batch), ==, G_N_ELEMENTS (sent));
  for (size_t i = 0; i < G_N_ELEMENTS (sent); i++) {
    g_assert_cmpuint (batch.items[i].size, ==, sent[i].size);
  }
  app_udp_socket_free (from);
  app_udp_socket_free (to);
}

/* A burst goes out as few messages, and comes as it was: each datagram by itself, in order. */
static void
test_bursts (void) {
  static const struct {
    size_t size;
    uint8_t ecn;
    unsigned to;
  } sent[] = {{1200, 0, 0}, {1200, 0, 0}, {1200, 0, 0}, {300, 0, 0}, {300, 0, 0},
              {1200, 0, 0}, {64, 2, 0},   {64, 2, 0},   {64, 0, 0},  {64, 0, 1},
              {64, 0, 1},   {1472, 0, 1}, {1, 0, 0},    {2, 0, 0}};
  AppUdpSocket *from = app_udp_socket_new (NULL, 0, NULL);
  AppUdpSocket *to[] = {app_udp_socket_new (NULL, 0, NULL), app_udp_socket_new (NULL, 0, NULL)};
  static AppUdpBatch batch;
  uint8_t bytes[RTMFP_DATAGRAM_BYTES_MAX];
  for (size_t i = 0; i < G_N_ELEMENTS (sent); i++) {
    const RtmfpDatagram out = {
        .to = rtmfp_address_ipv4 (127, 0, 0, 1, app_udp_socket_port (to[sent[i].to])),
        .ecn = sent[i].ecn,
        .size = sent[i].size};
    memset (bytes, (int)i + 1, sizeof bytes);
    g_assert_true (app_udp_socket_send (from, &out, bytes));
  }
  g_assert_true (app_udp_socket_flush (from));
  for (unsigned which = 0; which < 2; which++) {
    const size_t got = app_udp_socket_receive (to[which], &batch);
    size_t at = 0;
    for (size_t i = 0; i < G_N_ELEMENTS (sent); i++) {
      if (sent[i].to != which) {
        continue;
      }
      g_assert_cmpuint (at, <, got);
      g_assert_cmpuint (batch.items[at].size, ==, sent[i].size);
      g_assert_cmpuint (batch.items[at].ecn, ==, sent[i].ecn);
      g_assert_cmpuint (batch.items[at].bytes[0], ==, i + 1);
      g_assert_cmpuint (batch.items[at].bytes[sent[i].size - 1], ==, i + 1);
      at++;
    }
    g_assert_cmpuint (at, ==, got);
    app_udp_socket_free (to[which]);
  }
  app_udp_socket_free (from);
}

/* A machine that answers each datagram with one. */
typedef struct {
  guint received, answered, late;
  RtmfpAddress to;
  AppLoop *loop; /* (borrowed) to be ended after 20 answers; NULL = none */
} Answerer;

static void
answerer_receive (void *self, const uint8_t *bytes, size_t size, uint32_t interface_id,
                  const RtmfpAddress *from, uint8_t ecn, int64_t now_us) {
  (void)bytes, (void)size, (void)interface_id, (void)ecn, (void)now_us;
  Answerer *answerer = self;
  answerer->late += answerer->received != answerer->answered;
  answerer->received++;
  answerer->to = *from;
}

static bool
answerer_transmit (void *self, int64_t now_us, uint8_t *buffer, size_t capacity,
                   RtmfpDatagram *out) {
  (void)now_us, (void)capacity;
  Answerer *answerer = self;
  if (answerer->answered == answerer->received) {
    return false;
  }
  if (++answerer->answered == 20 && answerer->loop != NULL) {
    app_loop_quit (answerer->loop);
  }
  buffer[0] = 1;
  *out = (RtmfpDatagram){.to = answerer->to, .size = 1};
  return true;
}

static void
answerer_advance (void *self, int64_t now_us) {
  (void)self, (void)now_us;
}

static int64_t
answerer_deadline (const void *self) {
  (void)self;
  return RTMFP_NEVER;
}

/* RFC 7016 s3.6.3.4.4: one acknowledgement for every second packet, also when many came at once. */
static void
check_answers (bool by_itself) {
  Answerer answerer = {0};
  const AppPump pump = {.self = &answerer,
                        .receive = answerer_receive,
                        .advance = answerer_advance,
                        .poll_transmit = answerer_transmit,
                        .deadline = answerer_deadline};
  AppUdpSocket *from = app_udp_socket_new (NULL, 0, NULL), *to = app_udp_socket_new (NULL, 0, NULL);
  const uint8_t bytes[100] = {0};
  for (guint i = 0; i < 20; i++) {
    const RtmfpDatagram out = {.to = rtmfp_address_ipv4 (127, 0, 0, 1, app_udp_socket_port (to)),
                               .size = sizeof bytes};
    g_assert_true (app_udp_socket_send (from, &out, bytes));
  }
  g_assert_true (app_udp_socket_flush (from));
  AppLoop *loop = app_loop_new (&pump, to, NULL);
  if (by_itself) {
    answerer.loop = loop;
    app_loop_run (loop);
  } else {
    run_until (&answerer.answered, 20);
  }
  g_assert_cmpuint (answerer.late, ==, 0);
  static AppUdpBatch batch;
  g_assert_cmpuint (app_udp_socket_receive (from, &batch), ==, 20);
  app_loop_free (loop);
  app_udp_socket_free (from);
}

static void
test_answers_between_datagrams (void) {
  check_answers (false);
}

static void
test_answers_by_itself (void) {
  check_answers (true);
}

/* app_loop_run() serves the other sources of its context, and deadlines, too. */
typedef struct {
  AppLoop *loop;
  guint timeouts, wakeups;
  guint advances; /* atomic */
  int64_t due_us;
} Runner;

static bool
runner_transmit (void *self, int64_t now_us, uint8_t *buffer, size_t capacity, RtmfpDatagram *out) {
  (void)self, (void)now_us, (void)buffer, (void)capacity, (void)out;
  return false;
}

static void
runner_advance (void *self, int64_t now_us) {
  Runner *runner = self;
  if (now_us >= runner->due_us) {
    runner->due_us = RTMFP_NEVER;
    g_atomic_int_inc (&runner->advances);
  }
}

static int64_t
runner_deadline (const void *self) {
  return ((const Runner *)self)->due_us;
}

static gboolean
on_runner_timeout (gpointer data) {
  Runner *runner = data;
  if (++runner->timeouts == 3) {
    runner->due_us = app_clock_now_us () + 3000;
    app_loop_touch (runner->loop);
  }
  return runner->timeouts < 3;
}

static gboolean
on_runner_wakeup (gpointer data) {
  ((Runner *)data)->wakeups++;
  return G_SOURCE_REMOVE;
}

static gpointer
wake_runner (gpointer data) {
  Runner *runner = data;
  const gint64 end_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  g_main_context_invoke (NULL, on_runner_wakeup, runner);
  while (g_atomic_int_get (&runner->advances) == 0 && g_get_monotonic_time () < end_us) {
    g_usleep (1000);
  }
  app_loop_quit (runner->loop);
  return NULL;
}

static void
test_run (void) {
  Runner runner = {.due_us = RTMFP_NEVER};
  const AppPump pump = {.self = &runner,
                        .receive = answerer_receive,
                        .advance = runner_advance,
                        .poll_transmit = runner_transmit,
                        .deadline = runner_deadline};
  runner.loop = app_loop_new (&pump, app_udp_socket_new (NULL, 0, NULL), NULL);
  g_timeout_add (1, on_runner_timeout, &runner);
  GThread *thread = g_thread_new ("wake", wake_runner, &runner);
  app_loop_run (runner.loop);
  g_thread_join (thread);
  g_assert_cmpuint (runner.timeouts, ==, 3);
  g_assert_cmpuint (runner.wakeups, ==, 1);
  g_assert_cmpint (g_atomic_int_get (&runner.advances), ==, 1);
  app_loop_free (runner.loop);
}

static void
test_interfaces (void) {
  RtmfpAddress addresses[16];
  const size_t count = app_interfaces_list (1935, addresses, G_N_ELEMENTS (addresses));
  g_assert_cmpuint (count, >, 0);
  for (size_t i = 0; i < count; i++) {
    g_assert_cmpuint (addresses[i].port, ==, 1935);
    g_assert_cmpuint (addresses[i].origin, ==, RTMFP_ORIGIN_LOCAL);
  }
  g_assert_cmpuint (app_interfaces_list (1935, addresses, 0), ==, 0);
}

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "C");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/io/udp-socket/dont-fragment", test_dont_fragment);
  g_test_add_func ("/io/loop/echo", test_echo_ipv4);
  g_test_add_func ("/io/loop/echo-bound-to-one-address", test_echo_bound);
  g_test_add_func ("/io/udp-socket/port-taken-is-told", test_port_taken);
  g_test_add_func ("/io/udp-socket/name-is-refused", test_bad_address);
  g_test_add_func ("/io/udp-socket/ecn-both-ways", test_ecn);
  g_test_add_func ("/io/udp-socket/bursts-keep-their-datagrams", test_bursts);
  g_test_add_func ("/io/loop/answers-between-datagrams", test_answers_between_datagrams);
  g_test_add_func ("/io/loop/answers-by-itself", test_answers_by_itself);
  g_test_add_func ("/io/loop/runs-other-sources-too", test_run);
  g_test_add_func ("/io/interfaces/list", test_interfaces);
  return g_test_run ();
}

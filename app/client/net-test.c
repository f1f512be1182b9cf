/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/client/net-test.h"

#include "app/io/clock.h"
#include "app/io/interfaces.h"
#include "app/io/udp-socket.h"
#include "app/nat/stream.h"
#include "app/nat/turn.h"
#include "core/crypto/epd.h"

#include <gio/gio.h>
#include <poll.h>
#include <string.h>

#define ALL_US (10 * G_USEC_PER_SEC)
#define REACH_US (5 * G_USEC_PER_SEC)
#define PINGS 40
#define PING_US G_USEC_PER_SEC /* without an answer: lost */
#define PINGING_US (4 * G_USEC_PER_SEC)
#define ASK_US 250000 /* between Binding requests */
#define ASKS 6
#define KNOCKS 4 /* datagrams that try whether the NAT lets in, or takes a port */
#define KNOCK_US 150000
#define KNOCK_WAIT_US 1200000
#define KNOCK_BYTES 24
#define ADDRESSES_MAX 8
#define COOKIE 0x2112a442u /* RFC 8489 s5 */

/* Does the NAT let in who was not asked; then: which port does it take for somebody else. */
typedef enum { KNOCK_WAITS, KNOCK_IN, KNOCK_OUT, KNOCK_OVER } KnockStage;

/* One by which the relay is tried; turn: NULL = it is not. */
typedef struct {
  AppTurn *turn;        /* (owned) */
  AppNatStream *stream; /* (owned) */
  bool is_open;
} Stream;

typedef struct {
  AppNetTestResult *result;
  int64_t now_us, start_us;
  AppUdpSocket *socket;  /* (owned) the engine's, and of Binding requests */
  AppUdpSocket *another; /* (owned) of the allocation */
  AppUdpBatch *batch;    /* (owned) */
  /* the server */
  RtmfpEndpoint *endpoint; /* (owned) */
  RtmfpId identity, session;
  bool is_open, is_over;
  int64_t ping_us, pinged_until_us; /* 0 = none under way */
  unsigned replies;
  GArray *round_trips; /* (owned) int64_t */
  /* the relay */
  RtmfpAddress relay;
  AhoyName relay_name;
  AppTurn *by_udp; /* (owned) */
  Stream tcp, tls;
  uint8_t transaction[12];
  unsigned asks;
  int64_t ask_us;
  /* the NAT */
  KnockStage stage;
  uint8_t knock[KNOCK_BYTES];
  unsigned knocks;
  int64_t knock_us, stage_over_us;
  bool lets_in;
  RtmfpAddress seen_there; /* from the relayed address */
} Test;

/* ---- Names ---- */

static size_t
resolve (const char *host, uint16_t port, RtmfpAddress *out) {
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  GList *found = g_resolver_lookup_by_name (resolver, host, NULL, NULL);
  size_t count = 0;
  for (GList *at = found; at != NULL && count < ADDRESSES_MAX; at = at->next) {
    const guint8 *ip = g_inet_address_to_bytes (at->data);
    out[count++] = g_inet_address_get_family (at->data) == G_SOCKET_FAMILY_IPV4
                       ? rtmfp_address_ipv4 (ip[0], ip[1], ip[2], ip[3], port)
                       : rtmfp_address_ipv6 (ip, port);
  }
  g_resolver_free_addresses (found);
  return count;
}

/* The first relay, by IPv4 where it has that: NATs are a matter of IPv4. */
static void
find_relay (Test *test, const char *servers) {
  g_auto (GStrv) each = g_strsplit (servers, " ", 2);
  AhoyName *name = &test->relay_name;
  RtmfpAddress found[ADDRESSES_MAX];
  if (each[0] == NULL || ahoy_name_parse_host (each[0], name) != RTMFP_OK) {
    return;
  }
  const char *colon = strrchr (each[0], ':');
  const bool says_port = colon != NULL && strchr (colon, ']') == NULL;
  const size_t count =
      resolve (name->host, says_port ? name->port : AHOY_RELAY_PORT_DEFAULT, found);
  for (size_t i = count; i > 0; i--) {
    if (test->relay.family != RTMFP_ADDRESS_IPV4 || found[i - 1].family == RTMFP_ADDRESS_IPV4) {
      test->relay = found[i - 1];
    }
  }
}

/* ---- Sending ---- */

static void
send_bytes (AppUdpSocket *socket, const RtmfpAddress *to, const uint8_t *bytes, size_t size) {
  const RtmfpDatagram datagram = {.to = *to, .size = size};
  app_udp_socket_send (socket, &datagram, bytes);
}

static void
transmit_stream (Stream *stream) {
  uint8_t bytes[APP_TURN_MESSAGE_BYTES_MAX];
  size_t size;
  while (stream->is_open && stream->stream != NULL &&
         (size = app_turn_poll_transmit (stream->turn, bytes)) > 0) {
    app_nat_stream_send (stream->stream, bytes, size);
  }
}

static void
run_jobs (Test *test) {
  RtmfpJob *job;
  while ((job = rtmfp_endpoint_poll_job (test->endpoint)) != NULL) {
    rtmfp_job_run (job);
    rtmfp_endpoint_complete_job (test->endpoint, job, app_clock_now_us ());
  }
}

static void
transmit (Test *test) {
  uint8_t bytes[RTMFP_DATAGRAM_BYTES_MAX];
  RtmfpDatagram datagram;
  size_t size;
  run_jobs (test);
  while (
      rtmfp_endpoint_poll_transmit (test->endpoint, test->now_us, bytes, sizeof bytes, &datagram)) {
    app_udp_socket_send (test->socket, &datagram, bytes);
  }
  while (test->by_udp != NULL && (size = app_turn_poll_transmit (test->by_udp, bytes)) > 0) {
    send_bytes (test->another, &test->relay, bytes, size);
  }
  transmit_stream (&test->tcp);
  transmit_stream (&test->tls);
  app_udp_socket_flush (test->socket);
  app_udp_socket_flush (test->another);
}

/* ---- The server ---- */

static void
open_session (Test *test, const AhoyName *server) {
  RtmfpAddress addresses[ADDRESSES_MAX];
  const size_t count = resolve (server->host, server->port, addresses);
  test->result->server_resolved = count > 0;
  uint8_t epd[AHOY_HOST_CHARS_MAX + 32];
  RtmfpWriter writer = rtmfp_writer (epd, sizeof epd);
  const bool written = rtmfp_epd_write_uri (&writer, "rtmfp:") == RTMFP_OK;
  const RtmfpOpen open = {.identity = test->identity,
                          .epd = rtmfp_bytes (epd, rtmfp_writer_size (&writer)),
                          .candidates = addresses,
                          .candidate_count = count,
                          .give_up_after_us = REACH_US};
  test->is_over =
      count == 0 || !written ||
      rtmfp_endpoint_open (test->endpoint, &open, test->now_us, &test->session) != RTMFP_OK;
}

static void
take_events (Test *test) {
  RtmfpEvent event;
  RtmfpSessionInfo info;
  while (rtmfp_endpoint_poll_event (test->endpoint, &event)) {
    if (event.type == RTMFP_EVENT_SESSION_OPEN &&
        rtmfp_endpoint_session_info (test->endpoint, event.session, &info) == RTMFP_OK) {
      test->is_open = test->result->server_reached = true;
      test->result->server = info.address;
      test->pinged_until_us = test->now_us + PINGING_US;
    } else if (event.type == RTMFP_EVENT_SESSION_CLOSED) {
      test->is_over = true;
    }
  }
}

/* Pings as they truly left and came back, repeated ones too: by the capture. */
static void
count_pings (Test *test) {
  RtmfpCaptureEvent event;
  while (rtmfp_endpoint_poll_capture (test->endpoint, &event)) {
    for (size_t i = 0; i < event.chunk_count; i++) {
      const uint8_t type = event.chunks[i].type;
      if (event.type == RTMFP_CAPTURE_PACKET_SENT && type == 0x01) {
        test->result->pings++;
      } else if (event.type == RTMFP_CAPTURE_PACKET_RECEIVED && type == 0x41) {
        test->replies++;
        if (test->ping_us != 0) {
          const int64_t round_trip_us = event.at_us - test->ping_us;
          g_array_append_val (test->round_trips, round_trip_us);
          test->ping_us = 0;
        }
      }
    }
  }
}

static void
ping (Test *test) {
  if (!test->is_open || test->is_over) {
    return;
  }
  if (test->ping_us != 0 && test->now_us > test->ping_us + PING_US) {
    test->ping_us = 0;
  }
  if (test->ping_us == 0 &&
      (test->round_trips->len == PINGS || test->now_us > test->pinged_until_us)) {
    test->is_over = true;
  } else if (test->ping_us == 0) {
    test->ping_us = test->now_us;
    rtmfp_endpoint_ping (test->endpoint, test->session, test->now_us);
  }
}

/* ---- The relay: how it sees us, and an address there ---- */

static void
put_u32 (uint8_t *out, uint32_t value) {
  for (int i = 0; i < 4; i++) {
    out[i] = (uint8_t)(value >> (24 - 8 * i));
  }
}

/* A Binding request, RFC 8489 s14: a header alone. */
static void
ask_binding (Test *test) {
  uint8_t bytes[20] = {0x00, 0x01};
  put_u32 (bytes + 4, COOKIE);
  memcpy (bytes + 8, test->transaction, sizeof test->transaction);
  send_bytes (test->socket, &test->relay, bytes, sizeof bytes);
  test->asks++;
  test->ask_us = test->now_us + ASK_US;
}

/* XOR-MAPPED-ADDRESS, RFC 8489 s14.2. */
static void
take_mapped (Test *test, const uint8_t *header, const uint8_t *value, size_t size) {
  uint8_t ip[16];
  const bool is_ipv6 = size >= 20 && value[1] == 2;
  if (!is_ipv6 && (size < 8 || value[1] != 1)) {
    return;
  }
  const uint16_t port = (uint16_t)((value[2] << 8 | value[3]) ^ (COOKIE >> 16));
  for (size_t i = 0; i < (is_ipv6 ? 16u : 4u); i++) {
    ip[i] = value[4 + i] ^ header[4 + i]; /* cookie, then transaction */
  }
  test->result->seen = is_ipv6 ? rtmfp_address_ipv6 (ip, port)
                               : rtmfp_address_ipv4 (ip[0], ip[1], ip[2], ip[3], port);
}

static bool
take_binding (Test *test, const AppUdpDatagram *datagram) {
  const uint8_t *bytes = datagram->bytes;
  const size_t size = datagram->size;
  if (size < 20 || bytes[0] != 0x01 || bytes[1] != 0x01 ||
      memcmp (bytes + 8, test->transaction, sizeof test->transaction) != 0) {
    return false;
  }
  for (size_t at = 20; at + 4 <= size;) {
    const size_t length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
    if (length > size - at - 4) {
      break;
    }
    if (bytes[at] == 0x00 && bytes[at + 1] == 0x20) {
      take_mapped (test, bytes, bytes + at + 4, length);
    }
    at += 4 + (length + 3) / 4 * 4;
  }
  return true;
}

static void
on_stream_opened (void *user) {
  ((Stream *)user)->is_open = true;
}

static void
on_stream_frame (void *user, const uint8_t *bytes, size_t size) {
  Stream *stream = user;
  AppTurnData data;
  app_turn_receive (stream->turn, bytes, size, app_clock_now_us (), &data);
}

static void
on_stream_closed (void *user, const char *text) {
  (void)text;
  g_clear_pointer (&((Stream *)user)->stream, app_nat_stream_free);
}

static void
open_stream (Test *test, Stream *stream, const AhoyRelayAccess *access, const AppTlsPeer *tls,
             GMainContext *context) {
  const AppNatStreamListener listener = {.opened = on_stream_opened,
                                         .frame = on_stream_frame,
                                         .closed = on_stream_closed,
                                         .user = stream};
  RtmfpAddress server = test->relay;
  server.port = tls != NULL ? access->tls_port : server.port;
  const AppTurnCredential credential = {.user = access->username, .password = access->password};
  stream->turn = app_turn_new (true, &credential, test->now_us);
  stream->stream = app_nat_stream_new (&server, tls, &listener, context);
}

static void
open_relay (Test *test, const AhoyRelayAccess *access, GMainContext *context) {
  const AppTlsPeer peer = {.name = test->relay_name.host, .key = access->tls_key};
  const AppTurnCredential credential = {.user = access->username, .password = access->password};
  test->by_udp = app_turn_new (false, &credential, test->now_us);
  open_stream (test, &test->tcp, access, NULL, context);
  if (access->tls_port != 0) {
    open_stream (test, &test->tls, access, &peer, context);
  }
}

static bool
advance_turn (Test *test, AppTurn *turn) {
  if (turn == NULL) {
    return false;
  }
  app_turn_advance (turn, test->now_us);
  return app_turn_state (turn) == APP_TURN_READY;
}

static void
advance_relay (Test *test) {
  AppNetTestResult *result = test->result;
  if (test->by_udp == NULL) {
    return;
  }
  result->relay_udp |= advance_turn (test, test->by_udp);
  result->relay_tcp |= advance_turn (test, test->tcp.turn);
  result->relay_tls |= advance_turn (test, test->tls.turn);
  if (test->result->seen.family == RTMFP_ADDRESS_NONE && test->asks < ASKS &&
      test->now_us >= test->ask_us) {
    ask_binding (test);
  }
}

/* ---- What the NAT does ---- */

static void
enter_stage (Test *test, KnockStage stage) {
  test->stage = stage;
  test->knocks = 0;
  test->knock_us = test->now_us;
  test->stage_over_us = test->now_us + KNOCK_WAIT_US;
}

/* The relayed address knocks at ours before we ever sent anything there; then ours at that. */
static void
knock (Test *test) {
  if (test->stage == KNOCK_WAITS) {
    if (test->result->relay_udp && test->result->seen.family != RTMFP_ADDRESS_NONE) {
      enter_stage (test, KNOCK_IN);
    }
    return;
  }
  if (test->stage == KNOCK_OVER) {
    return;
  }
  if (test->knocks < KNOCKS && test->now_us >= test->knock_us) {
    if (test->stage == KNOCK_IN) {
      app_turn_send (test->by_udp, &test->result->seen, test->knock, KNOCK_BYTES, test->now_us);
    } else {
      send_bytes (test->socket, app_turn_relayed (test->by_udp), test->knock, KNOCK_BYTES);
    }
    test->knocks++;
    test->knock_us = test->now_us + KNOCK_US;
  }
  if (test->stage == KNOCK_IN && (test->lets_in || test->now_us >= test->stage_over_us)) {
    enter_stage (test, KNOCK_OUT);
  } else if (test->stage == KNOCK_OUT && (test->seen_there.family != RTMFP_ADDRESS_NONE ||
                                          test->now_us >= test->stage_over_us)) {
    test->stage = KNOCK_OVER;
  }
}

static bool
is_own (const RtmfpAddress *address, uint16_t port) {
  RtmfpAddress own[32];
  const size_t count = app_interfaces_list (port, own, G_N_ELEMENTS (own));
  for (size_t i = 0; i < count; i++) {
    if (rtmfp_address_equal (&own[i], address)) {
      return true;
    }
  }
  return false;
}

static AppNetNat
judge_nat (const Test *test) {
  const RtmfpAddress *seen = &test->result->seen;
  const bool came_there = test->seen_there.family != RTMFP_ADDRESS_NONE;
  if (test->stage != KNOCK_OVER) {
    return APP_NET_NAT_UNKNOWN;
  }
  if (is_own (seen, app_udp_socket_port (test->socket)) && (test->lets_in || !came_there)) {
    return APP_NET_NAT_NONE; /* relays pass nothing to private addresses, so perhaps no knock came
                              */
  }
  if (!came_there) {
    return APP_NET_NAT_UNKNOWN;
  }
  if (!rtmfp_address_equal (seen, &test->seen_there)) {
    return APP_NET_NAT_SYMMETRIC;
  }
  return test->lets_in ? APP_NET_NAT_OPEN : APP_NET_NAT_PORT_RESTRICTED;
}

/* ---- In ---- */

static void
receive_ours (Test *test, const AppUdpDatagram *datagram) {
  if (datagram->size == KNOCK_BYTES && memcmp (datagram->bytes, test->knock, KNOCK_BYTES) == 0) {
    test->lets_in = true;
  } else if (!take_binding (test, datagram)) {
    (void)rtmfp_endpoint_receive (test->endpoint, datagram->bytes, datagram->size, 0,
                                  &datagram->from, datagram->ecn, test->now_us);
  }
}

static void
receive_other (Test *test, const AppUdpDatagram *datagram) {
  AppTurnData data;
  if (test->by_udp != NULL &&
      app_turn_receive (test->by_udp, datagram->bytes, datagram->size, test->now_us, &data) &&
      data.size == KNOCK_BYTES && memcmp (data.bytes, test->knock, KNOCK_BYTES) == 0) {
    test->seen_there = data.from;
  }
}

static void
receive (Test *test, AppUdpSocket *socket,
         void (*take) (Test *test, const AppUdpDatagram *datagram)) {
  const size_t count = app_udp_socket_receive (socket, test->batch);
  test->now_us = app_clock_now_us ();
  for (size_t i = 0; i < count; i++) {
    take (test, &test->batch->items[i]);
  }
}

/* ---- The whole ---- */

static bool
is_done (const Test *test) {
  const int64_t for_us = test->now_us - test->start_us;
  if (for_us > ALL_US) {
    return true;
  }
  const bool relay_done =
      test->by_udp == NULL ||
      (test->stage == KNOCK_OVER && test->result->relay_tcp &&
       (test->tls.turn == NULL || test->result->relay_tls)) ||
      (for_us > REACH_US && (test->stage == KNOCK_WAITS || test->stage == KNOCK_OVER));
  return test->is_over && relay_done;
}

static void
step (Test *test, GMainContext *context) {
  struct pollfd fds[] = {{.fd = app_udp_socket_fd (test->socket), .events = POLLIN},
                         {.fd = app_udp_socket_fd (test->another), .events = POLLIN}};
  transmit (test);
  poll (fds, G_N_ELEMENTS (fds), 10);
  receive (test, test->socket, receive_ours);
  receive (test, test->another, receive_other);
  g_main_context_iteration (context, FALSE);
  rtmfp_endpoint_advance (test->endpoint, test->now_us);
  take_events (test);
  count_pings (test);
  ping (test);
  advance_relay (test);
  knock (test);
}

static int
compare_times (gconstpointer a, gconstpointer b) {
  const int64_t one = *(const int64_t *)a, two = *(const int64_t *)b;
  return one < two ? -1 : one > two;
}

static AppNetDirect
judge_direct (const AppNetTestResult *result) {
  switch (result->nat) {
  case APP_NET_NAT_NONE:
  case APP_NET_NAT_OPEN:
    return APP_NET_DIRECT_LIKELY;
  case APP_NET_NAT_PORT_RESTRICTED:
    return APP_NET_DIRECT_MOSTLY;
  case APP_NET_NAT_SYMMETRIC:
    return APP_NET_DIRECT_SELDOM;
  default:
    return result->udp_blocked ? APP_NET_DIRECT_NEVER : APP_NET_DIRECT_UNKNOWN;
  }
}

static void
judge (Test *test) {
  AppNetTestResult *result = test->result;
  result->pings_lost = result->pings - MIN (result->pings, test->replies);
  g_array_sort (test->round_trips, compare_times);
  if (test->round_trips->len > 0) {
    result->round_trip_us = g_array_index (test->round_trips, int64_t, test->round_trips->len / 2);
    result->round_trip_most_us =
        g_array_index (test->round_trips, int64_t, test->round_trips->len - 1);
  }
  result->nat = judge_nat (test);
  result->udp_blocked = !result->server_reached && !result->relay_udp &&
                        result->seen.family == RTMFP_ADDRESS_NONE &&
                        (result->relay_tcp || result->relay_tls);
  result->direct = judge_direct (result);
}

static void
say_goodbye (Test *test) {
  rtmfp_endpoint_close (test->endpoint, test->session, false, test->now_us);
  if (test->by_udp != NULL) {
    app_turn_end (test->by_udp, test->now_us);
    app_turn_end (test->tcp.turn, test->now_us);
  }
  if (test->tls.turn != NULL) {
    app_turn_end (test->tls.turn, test->now_us);
  }
  transmit (test);
}

static void
clear (Test *test) {
  Stream *const streams[] = {&test->tcp, &test->tls};
  for (size_t i = 0; i < G_N_ELEMENTS (streams); i++) {
    g_clear_pointer (&streams[i]->stream, app_nat_stream_free);
    g_clear_pointer (&streams[i]->turn, app_turn_free);
  }
  g_clear_pointer (&test->by_udp, app_turn_free);
  rtmfp_endpoint_free (test->endpoint);
  g_array_unref (test->round_trips);
  g_clear_pointer (&test->socket, app_udp_socket_free);
  g_clear_pointer (&test->another, app_udp_socket_free);
  g_free (test->batch);
}

static void
run (Test *test, const AppNetTestConfig *config, GMainContext *context) {
  const RtmfpRng rng = app_clock_rng ();
  const RtmfpEndpointConfig endpoint = {.rng = rng};
  const RtmfpIdentityConfig identity = {.offers_hmac = true, .offers_sequence = true};
  rtmfp_rng_fill (&rng, test->transaction, sizeof test->transaction);
  rtmfp_rng_fill (&rng, test->knock, sizeof test->knock);
  test->knock[0] |= 0xf0; /* no message and no channel of TURN, RFC 8656 s12 */
  test->now_us = test->start_us = app_clock_now_us ();
  test->endpoint = rtmfp_endpoint_new (&endpoint, test->now_us);
  test->identity = rtmfp_endpoint_add_identity (test->endpoint, &identity, NULL);
  rtmfp_endpoint_start_capture (test->endpoint, NULL);
  open_session (test, &config->server);
  find_relay (test, config->relay.servers);
  test->result->relay_known = test->relay.family != RTMFP_ADDRESS_NONE;
  if (test->result->relay_known) {
    open_relay (test, &config->relay, context);
  }
  test->now_us = test->start_us = app_clock_now_us ();
  while (!is_done (test)) {
    step (test, context);
  }
  judge (test);
  say_goodbye (test);
}

void
app_net_test_run (const AppNetTestConfig *config, AppNetTestResult *result) {
  g_autoptr (GMainContext) context = g_main_context_new ();
  Test test = {.result = result,
               .socket = app_udp_socket_new (NULL, 0, NULL),
               .another = app_udp_socket_new (NULL, 0, NULL),
               .batch = g_new0 (AppUdpBatch, 1),
               .round_trips = g_array_new (FALSE, FALSE, sizeof (int64_t))};
  *result = (AppNetTestResult){0};
  g_main_context_push_thread_default (context);
  if (test.socket != NULL && test.another != NULL) {
    run (&test, config, context);
  }
  clear (&test);
  while (g_main_context_iteration (context, FALSE)) {
    /* what was still under way */
  }
  g_main_context_pop_thread_default (context);
}

/* ---- Words ---- */

const char *
app_net_nat_word (AppNetNat nat) {
  static const char *const words[] = {"unknown", "none", "open", "port-restricted", "symmetric"};
  return words[nat];
}

const char *
app_net_direct_word (AppNetDirect direct) {
  static const char *const words[] = {"unknown", "likely", "mostly", "seldom", "never"};
  return words[direct];
}

const char *
app_net_test_sentence (const AppNetTestResult *result) {
  if (!result->server_resolved) {
    return "The server's name is not known here: check it, and the connection to the Internet.";
  }
  if (result->udp_blocked) {
    return result->relay_tcp
               ? "This network lets no UDP through: calls go by the server's relay, over TCP."
               : "This network lets only TLS through: calls go by the server's relay, over TLS.";
  }
  if (!result->server_reached) {
    return "The server does not answer: it is down, or this network lets no UDP through.";
  }
  switch (result->direct) {
  case APP_NET_DIRECT_LIKELY:
    return "Calls go straight with nearly everybody.";
  case APP_NET_DIRECT_MOSTLY:
    return "Calls go straight with most people; by the relay with those behind a symmetric NAT.";
  case APP_NET_DIRECT_SELDOM:
    return "The NAT takes another port for each: calls go straight with people whose NAT is open, "
           "and by the relay with others.";
  default:
    return result->relay_known
               ? "The server answers, its relay does not: calls go straight where both NATs allow."
               : "The server answers and has no relay: calls go straight where both NATs allow.";
  }
}

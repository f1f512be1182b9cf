/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Moves datagrams from one endpoint straight into the other. */
#include "bench/pair.h"

#include "bench/report.h"
#include "core/crypto/epd.h"

#include <stdlib.h>
#include <sys/random.h>

static const uint16_t server_port = 1935;

static void
fill (void *user, uint8_t *out, size_t size) {
  (void)user;
  while (size > 0) {
    const size_t part = size < 256 ? size : 256;
    BENCH_MUST (getrandom (out, part, 0) == (ssize_t)part);
    out += part;
    size -= part;
  }
}

/* The client's interface n has the address 10.n. */
static RtmfpAddress
client_address (uint32_t number) {
  return rtmfp_address_ipv4 (10, (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number,
                             5000);
}

static uint32_t
client_number (const RtmfpAddress *address) {
  return (uint32_t)address->ip[1] << 16 | (uint32_t)address->ip[2] << 8 | address->ip[3];
}

void
bench_pair_init (BenchPair *pair, size_t sessions_max, uint32_t groups, bool static_keys) {
  const RtmfpEndpointConfig config = {.rng = {.fill = fill}, .sessions_max = sessions_max + 1};
  const RtmfpIdentityConfig identity = {.groups = groups,
                                        .accepts_ancillary_data = true,
                                        .accept = RTMFP_ACCEPT_ANYONE,
                                        .no_aead = true,
                                        .requires_hmac = true,
                                        .requires_sequence = true,
                                        .offers_hmac = true,
                                        .offers_sequence = true};
  *pair = (BenchPair){.now_us = 1000000000, .sessions_max = sessions_max};
  pair->client = rtmfp_endpoint_new (&config, pair->now_us);
  pair->server = rtmfp_endpoint_new (&config, pair->now_us);
  pair->client_config = identity;
  pair->client_config.accept = RTMFP_ACCEPT_NOBODY;
  pair->client_config.static_keys = static_keys;
  pair->server_identity = rtmfp_endpoint_add_identity (pair->server, &identity, NULL);
  pair->flows = calloc (sessions_max, sizeof *pair->flows);
  pair->returns = calloc (4 * sessions_max + 64, sizeof *pair->returns);
  BENCH_MUST (pair->flows != NULL && pair->returns != NULL);
}

void
bench_pair_clear (BenchPair *pair) {
  rtmfp_endpoint_free (pair->client);
  rtmfp_endpoint_free (pair->server);
  free (pair->flows);
  free (pair->returns);
}

static void
run_jobs (BenchPair *pair, RtmfpEndpoint *endpoint) {
  RtmfpJob *job;
  while ((job = rtmfp_endpoint_poll_job (endpoint)) != NULL) {
    rtmfp_job_run (job);
    rtmfp_endpoint_complete_job (endpoint, job, pair->now_us);
  }
}

static RtmfpId *
return_of (BenchPair *pair, RtmfpId receiving) {
  return &pair->returns[(uint32_t)receiving % (4 * pair->sessions_max + 64)];
}

static void
on_server_event (BenchPair *pair, const RtmfpEvent *event) {
  if (event->type == RTMFP_EVENT_FLOW_NEW) {
    const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("back", 4),
                                    .associated = event->flow,
                                    .priority = RTMFP_PRIORITY_DATA};
    BENCH_MUST (rtmfp_endpoint_accept_flow (pair->server, event->flow, RTMFP_ORDER_SEQUENCE, 0,
                                            pair->now_us) == RTMFP_OK);
    BENCH_MUST (rtmfp_endpoint_open_flow (pair->server, event->session, &config,
                                          return_of (pair, event->flow)) == RTMFP_OK);
  } else if (event->type == RTMFP_EVENT_FLOW_MESSAGE) {
    BENCH_MUST (rtmfp_endpoint_send (pair->server, *return_of (pair, event->flow), event->bytes,
                                     NULL, pair->now_us, NULL) == RTMFP_OK);
  }
}

static void
on_client_event (BenchPair *pair, const RtmfpEvent *event) {
  switch (event->type) {
  case RTMFP_EVENT_SESSION_OPEN:
    pair->opened = event->session;
    break;
  case RTMFP_EVENT_FLOW_NEW:
    BENCH_MUST (rtmfp_endpoint_accept_flow (pair->client, event->flow, RTMFP_ORDER_SEQUENCE, 0,
                                            pair->now_us) == RTMFP_OK);
    break;
  case RTMFP_EVENT_FLOW_MESSAGE:
    pair->messages++;
    break;
  default:
    break;
  }
}

/* The processor time now, where the server's is to be counted. */
static double
start_time (const BenchPair *pair, bool of_server) {
  return pair->times_server && of_server ? bench_cpu_seconds () : 0;
}

static void
add_time (BenchPair *pair, double started) {
  if (started != 0) {
    pair->server_seconds += bench_cpu_seconds () - started;
    pair->server_times++;
  }
}

static void
drain (BenchPair *pair, bool client) {
  RtmfpEndpoint *endpoint = client ? pair->client : pair->server;
  RtmfpEvent event;
  run_jobs (pair, endpoint);
  while (rtmfp_endpoint_poll_event (endpoint, &event)) {
    (client ? on_client_event : on_server_event) (pair, &event);
  }
}

static bool
poll_transmit (BenchPair *pair, bool from_client, uint8_t *bytes, size_t capacity,
               RtmfpDatagram *out) {
  RtmfpEndpoint *from = from_client ? pair->client : pair->server;
  const double started = start_time (pair, !from_client);
  const bool any = rtmfp_endpoint_poll_transmit (from, pair->now_us, bytes, capacity, out);
  add_time (pair, started);
  return any;
}

enum { BATCH = 32 }; /* as a socket hands them over */

typedef struct {
  RtmfpBytes datagrams[BATCH];
  RtmfpDatagram headers[BATCH];
  uint8_t bytes[BATCH][RTMFP_DATAGRAM_BYTES_MAX];
  size_t count;
} Batch;

static Batch batch;

static void
fill_batch (BenchPair *pair, bool from_client) {
  for (batch.count = 0; batch.count < BATCH; batch.count++) {
    uint8_t *bytes = batch.bytes[batch.count];
    RtmfpDatagram *out = &batch.headers[batch.count];
    if (!poll_transmit (pair, from_client, bytes, RTMFP_DATAGRAM_BYTES_MAX, out)) {
      return;
    }
    batch.datagrams[batch.count] = rtmfp_bytes (bytes, out->size);
  }
}

/* Moves what one endpoint has to send. Returns: whether there was anything. */
static bool
move (BenchPair *pair, bool from_client) {
  RtmfpEndpoint *to = from_client ? pair->server : pair->client;
  bool any = false;
  while (fill_batch (pair, from_client), batch.count > 0) {
    const double foreseeing = start_time (pair, from_client);
    rtmfp_endpoint_foresee (to, batch.datagrams, batch.count);
    add_time (pair, foreseeing);
    for (size_t i = 0; i < batch.count; i++) {
      const RtmfpDatagram *out = &batch.headers[i];
      const RtmfpAddress source = from_client ? client_address (out->interface_id)
                                              : rtmfp_address_ipv4 (192, 0, 2, 1, server_port);
      const uint32_t interface_id = from_client ? 0 : client_number (&out->to);
      const double started = start_time (pair, from_client);
      BENCH_MUST (rtmfp_endpoint_receive (to, batch.bytes[i], out->size, interface_id, &source, 0,
                                          pair->now_us) == RTMFP_OK);
      add_time (pair, started);
      pair->datagrams++;
      pair->bytes += out->size;
    }
    any = true;
  }
  return any;
}

void
bench_pair_settle (BenchPair *pair) {
  bool any;
  do {
    drain (pair, true);
    any = move (pair, true);
    const double started = start_time (pair, true);
    drain (pair, false);
    add_time (pair, started);
    any = move (pair, false) || any;
    drain (pair, true);
  } while (any);
}

size_t
bench_pair_pass (BenchPair *pair, int64_t for_us) {
  const int64_t end_us = pair->now_us + for_us;
  size_t stops = 0;
  for (;;) {
    const int64_t a = rtmfp_endpoint_deadline (pair->client);
    const int64_t b = rtmfp_endpoint_deadline (pair->server);
    const int64_t next_us = a < b ? a : b;
    if (next_us > end_us) {
      break;
    }
    pair->now_us = next_us > pair->now_us ? next_us : pair->now_us;
    rtmfp_endpoint_advance (pair->client, pair->now_us);
    rtmfp_endpoint_advance (pair->server, pair->now_us);
    bench_pair_settle (pair);
    stops++;
  }
  pair->now_us = end_us;
  return stops;
}

RtmfpId
bench_pair_open (BenchPair *pair, uint32_t number) {
  uint8_t epd[64];
  RtmfpWriter writer = rtmfp_writer (epd, sizeof epd);
  BENCH_MUST (rtmfp_epd_write_uri (&writer, "rtmfp:") == RTMFP_OK);
  const RtmfpAddress candidate = rtmfp_address_ipv4 (192, 0, 2, 1, server_port);
  /* An identity for one session, as RFC 7425 has it; what is open outlives it. */
  const RtmfpId identity = rtmfp_endpoint_add_identity (pair->client, &pair->client_config, NULL);
  const RtmfpOpen open = {.identity = identity,
                          .epd = rtmfp_bytes (epd, rtmfp_writer_size (&writer)),
                          .candidates = &candidate,
                          .candidate_count = 1,
                          .interface_id = number};
  RtmfpId session;
  BENCH_MUST (rtmfp_endpoint_open (pair->client, &open, pair->now_us, &session) == RTMFP_OK);
  bench_pair_settle (pair);
  BENCH_MUST (pair->opened == session);
  rtmfp_endpoint_remove_identity (pair->client, identity);
  return session;
}

void
bench_pair_open_flow (BenchPair *pair, RtmfpId session, uint32_t number) {
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("there", 5),
                                  .priority = RTMFP_PRIORITY_DATA};
  BENCH_MUST (rtmfp_endpoint_open_flow (pair->client, session, &config, &pair->flows[number]) ==
              RTMFP_OK);
}

void
bench_pair_send (BenchPair *pair, uint32_t number, RtmfpBytes message) {
  BENCH_MUST (rtmfp_endpoint_send (pair->client, pair->flows[number], message, NULL, pair->now_us,
                                   NULL) == RTMFP_OK);
}

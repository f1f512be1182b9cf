/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An endpoint with one open session, and a peer that sends it anything: packets under the session's
 * key, startup packets under the default key, raw datagrams; while time passes and the user does
 * what users do. */
#include "core/endpoint/endpoint-state.h"
#include "core/session/session-state.h"
#include "tests/fuzz/target.h"

#include <string.h>

/* Input: actions, each a byte what, a byte how much, then that many bytes of packet where it is
 * one. */
enum {
  PACKET,
  STARTUP,
  RAW,
  PASS_TIME,
  ACCEPT,
  REJECT,
  PAUSE,
  SEND,
  OPEN_FLOW,
  CLOSE_FLOW,
  FORWARD,
  KINDS
};

enum { FLOWS_MAX = 8, EVENTS_MAX = 5000 };

typedef struct {
  uint64_t random;
  RtmfpEndpoint *peer, *target; /* the peer opened the session */
  RtmfpId target_session;
  RtmfpId flows[FLOWS_MAX];
  size_t flow_count;
  int64_t now_us;
} Bench;

static const RtmfpAddress peer_address = {
    .family = RTMFP_ADDRESS_IPV4, .port = 7, .ip = {1, 2, 3, 4}};
static const RtmfpAddress target_address = {
    .family = RTMFP_ADDRESS_IPV4, .port = 8, .ip = {5, 6, 7, 8}};

static void
fill (void *user, uint8_t *out, size_t size) {
  Bench *bench = user;
  for (size_t i = 0; i < size; i++) {
    bench->random = bench->random * 6364136223846793005u + 1442695040888963407u;
    out[i] = (uint8_t)(bench->random >> 56);
  }
}

static void
keep_flow (Bench *bench, RtmfpId flow) {
  if (bench->flow_count < FLOWS_MAX) {
    bench->flows[bench->flow_count++] = flow;
  }
}

/* Whatever came, each event of the capture is one line. */
static void
drain_capture (Bench *bench) {
  static char line[RTMFP_CAPTURE_LINE_BYTES_MAX];
  RtmfpCaptureEvent event;
  while (rtmfp_endpoint_poll_capture (bench->target, &event)) {
    FUZZ_ASSERT (event.chunk_count <= RTMFP_CAPTURE_CHUNKS_MAX);
    const size_t size = rtmfp_capture_write_json (&event, line, sizeof line);
    FUZZ_ASSERT (size > 2 && memchr (line, '\n', size) == line + size - 1);
  }
}

/* What the target tells and sends; nothing of it comes back to it. */
static void
drain (Bench *bench) {
  uint8_t buffer[RTMFP_DATAGRAM_BYTES_MAX];
  RtmfpDatagram datagram;
  RtmfpEvent event;
  RtmfpJob *job;
  while ((job = rtmfp_endpoint_poll_job (bench->target)) != NULL) {
    rtmfp_job_run (job);
    rtmfp_endpoint_complete_job (bench->target, job, bench->now_us);
  }
  for (int i = 0; rtmfp_endpoint_poll_event (bench->target, &event); i++) {
    FUZZ_ASSERT (i < EVENTS_MAX);
    if (event.type == RTMFP_EVENT_FLOW_NEW) {
      keep_flow (bench, event.flow);
    } else if (event.type == RTMFP_EVENT_FLOW_MESSAGE) {
      FUZZ_ASSERT (event.bytes.size == 0 || event.bytes.data != NULL);
    }
  }
  for (int i = 0; rtmfp_endpoint_poll_transmit (bench->target, bench->now_us, buffer, sizeof buffer,
                                                &datagram);
       i++) {
    FUZZ_ASSERT (i < EVENTS_MAX);
    FUZZ_ASSERT (datagram.size <= RTMFP_DATAGRAM_BYTES_MAX);
  }
  drain_capture (bench);
}

/* ---- The handshake that comes first ---- */

static void
move (Bench *bench, RtmfpEndpoint *from, RtmfpEndpoint *to, const RtmfpAddress *address) {
  uint8_t buffer[RTMFP_DATAGRAM_BYTES_MAX];
  RtmfpDatagram datagram;
  RtmfpJob *job;
  while ((job = rtmfp_endpoint_poll_job (from)) != NULL) {
    rtmfp_job_run (job);
    rtmfp_endpoint_complete_job (from, job, bench->now_us);
  }
  while (rtmfp_endpoint_poll_transmit (from, bench->now_us, buffer, sizeof buffer, &datagram)) {
    (void)rtmfp_endpoint_receive (to, buffer, datagram.size, 0, address, 0, bench->now_us);
  }
}

static void
start (Bench *bench) {
  const RtmfpEndpointConfig config = {.rng = {.fill = fill, .user = bench}, .reports_hellos = true};
  const RtmfpIdentityConfig identity = {.groups = RTMFP_GROUP_X25519,
                                        .accept = RTMFP_ACCEPT_ANYONE,
                                        .accepts_ancillary_data = true,
                                        .offers_sequence = true};
  static const uint8_t epd[] = {7, RTMFP_EPD_ANCILLARY_DATA, 'r', 't', 'm', 'f', 'p', ':'};
  bench->peer = rtmfp_endpoint_new (&config, bench->now_us);
  bench->target = rtmfp_endpoint_new (&config, bench->now_us);
  const RtmfpCaptureConfig capture = {.events_max = 32};
  rtmfp_endpoint_start_capture (bench->target, &capture);
  const RtmfpOpen open = {.identity = rtmfp_endpoint_add_identity (bench->peer, &identity, NULL),
                          .epd = rtmfp_bytes (epd, sizeof epd),
                          .candidates = &target_address,
                          .candidate_count = 1};
  rtmfp_endpoint_add_identity (bench->target, &identity, NULL);
  RtmfpId session;
  FUZZ_ASSERT (rtmfp_endpoint_open (bench->peer, &open, bench->now_us, &session) == RTMFP_OK);
  for (int i = 0; i < 4; i++) {
    move (bench, bench->peer, bench->target, &peer_address);
    move (bench, bench->target, bench->peer, &target_address);
  }
  RtmfpEvent event;
  FUZZ_ASSERT (rtmfp_endpoint_poll_event (bench->target, &event));
  FUZZ_ASSERT (event.type == RTMFP_EVENT_SESSION_OPEN);
  bench->target_session = event.session;
  const RtmfpSessionOptions options = {.keepalive_us = 30000000, .introducer = true};
  FUZZ_ASSERT (rtmfp_endpoint_set_session_options (bench->target, event.session, &options,
                                                   bench->now_us) == RTMFP_OK);
}

/* ---- What the input says ---- */

static void
receive_sealed (Bench *bench, RtmfpProtection *key, uint32_t session_id, RtmfpBytes plain) {
  uint8_t buffer[512];
  size_t size, head = rtmfp_protection_head_bytes (key);
  memcpy (buffer + head, plain.data, plain.size);
  if (plain.size > 0 && rtmfp_protection_seal (key, session_id, buffer, sizeof buffer, plain.size,
                                               &size) == RTMFP_OK) {
    (void)rtmfp_endpoint_receive (bench->target, buffer, size, 0, &peer_address, 0, bench->now_us);
  }
}

static void
receive (Bench *bench, int kind, RtmfpBytes packet) {
  RtmfpEntry *entry = rtmfp_endpoint_first_entry (bench->peer);
  FUZZ_ASSERT (entry != NULL);
  if (kind == PACKET) {
    receive_sealed (bench, &entry->session->protection, entry->session->far_id, packet);
  } else if (kind == STARTUP) {
    receive_sealed (bench, &bench->peer->shared.default_key, 0, packet);
  } else {
    (void)rtmfp_endpoint_receive (bench->target, packet.data, packet.size, 0, &peer_address, 0,
                                  bench->now_us);
  }
}

static void
pass_time (Bench *bench, uint8_t amount) {
  bench->now_us += (int64_t)amount * amount * 1000;
  rtmfp_endpoint_advance (bench->target, bench->now_us);
}

static void
act (Bench *bench, int kind, uint8_t amount) {
  RtmfpEndpoint *target = bench->target;
  RtmfpId flow = bench->flow_count > 0 ? bench->flows[amount % bench->flow_count] : 0;
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("fuzz", 4),
                                  .associated = amount % 2 == 0 ? flow : 0,
                                  .priority = (RtmfpPriority)(amount % RTMFP_PRIORITY_COUNT)};
  RtmfpMessageOptions options = {.finish_by_us = bench->now_us + amount * 1000,
                                 .reports_end = true};
  RtmfpStatus status = RTMFP_OK;
  RtmfpId opened;
  switch (kind) {
  case PASS_TIME:
    pass_time (bench, amount);
    break;
  case ACCEPT:
    status = rtmfp_endpoint_accept_flow (target, flow, (RtmfpOrder)(amount & 1),
                                         (size_t)amount * 16, bench->now_us);
    break;
  case REJECT:
    rtmfp_endpoint_reject_flow (target, flow, amount, bench->now_us);
    break;
  case PAUSE:
    rtmfp_endpoint_pause_flow (target, flow, (amount & 1) != 0, bench->now_us);
    break;
  case SEND:
    status = rtmfp_endpoint_send (target, flow, rtmfp_bytes (target->scratch, (size_t)amount * 20),
                                  amount % 3 == 0 ? &options : NULL, bench->now_us, NULL);
    break;
  case OPEN_FLOW:
    if (rtmfp_endpoint_open_flow (target, bench->target_session, &config, &opened) == RTMFP_OK) {
      keep_flow (bench, opened);
    }
    break;
  case CLOSE_FLOW:
    rtmfp_endpoint_close_flow (target, flow, bench->now_us);
    break;
  default:
    status = rtmfp_endpoint_forward_hello (target, bench->target_session, config.metadata,
                                           config.metadata, &peer_address, bench->now_us);
    break;
  }
  (void)status;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  Bench bench = {.now_us = 1000000};
  RtmfpReader reader = rtmfp_reader (data, size);
  uint8_t kind, amount;
  start (&bench);
  while (rtmfp_reader_u8 (&reader, &kind) == RTMFP_OK &&
         rtmfp_reader_u8 (&reader, &amount) == RTMFP_OK) {
    kind %= KINDS;
    RtmfpBytes packet;
    if (kind > RAW) {
      act (&bench, kind, amount);
    } else if (rtmfp_reader_take (&reader, amount, &packet) == RTMFP_OK) {
      receive (&bench, kind, packet);
    }
    drain (&bench);
  }
  rtmfp_endpoint_free (bench.target);
  rtmfp_endpoint_free (bench.peer);
  return 0;
}

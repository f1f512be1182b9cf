/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/fuzz/crowd.h"

#include "core/base/memory.h"

#include <malloc.h>
#include <string.h>

enum {
  DELAY_US = 5000,
  STEPS_MAX = 200000,        /* of the wire or a clock in one pass of time */
  STEPS_AT_ONCE_MAX = 20000, /* while time stands still */
  IN_TIME_US = 1000000, /* a message takes so long at most where none of its datagrams was lost */
  IN_TIME_LOSS_US = 20000000, /* and where some were */
};

/* The hostile one may make all nodes together hold so much, at most. */
#define MEMORY_BYTES (1u << 20)
#define MEMORY_PER_BYTE 200u

/* A Ping to an address from which something authentic came, s3.5.4.2; beside its own answer. */
#define CHALLENGE_BYTES 80u

size_t __sanitizer_get_current_allocated_bytes (void) __attribute__ ((weak));

static size_t
allocated_bytes (void) {
  return __sanitizer_get_current_allocated_bytes != NULL
             ? __sanitizer_get_current_allocated_bytes ()
             : mallinfo2 ().uordblks;
}

static void
fill (void *user, uint8_t *out, size_t size) {
  Crowd *crowd = user;
  for (size_t i = 0; i < size; i++) {
    crowd->random = crowd->random * 6364136223846793005u + 1442695040888963407u;
    out[i] = (uint8_t)(crowd->random >> 56);
  }
}

const RtmfpAddress *
crowd_address (int index) {
  static RtmfpAddress addresses[ADDRESSES];
  for (uint8_t i = 0; i < ADDRESSES; i++) {
    addresses[i] = rtmfp_address_ipv4 (198, 51, 100, i, 1935);
  }
  return &addresses[index];
}

static int
index_of (const RtmfpAddress *address) {
  for (int i = 0; i < ADDRESSES; i++) {
    if (rtmfp_address_equal (address, crowd_address (i))) {
      return i;
    }
  }
  return -1;
}

/* ---- The wire ---- */

void
crowd_receive (Crowd *crowd, int to, int from, const uint8_t *bytes, size_t size) {
  if (to == SERVER) {
    crowd->bytes_from[from] += size;
  }
  (void)rtmfp_endpoint_receive (crowd->nodes[to].endpoint, bytes, size, 0, crowd_address (from), 0,
                                crowd->now_us);
}

static bool
is_honest (int from, int to) {
  return from != HOSTILE && to != HOSTILE && to < NODES;
}

static void
put_on_wire (Crowd *crowd, int from, const RtmfpDatagram *datagram, const uint8_t *bytes) {
  const int to = index_of (&datagram->to);
  if (from == SERVER && to >= 0) {
    crowd->bytes_to[to] += datagram->size;
  }
  if (to < 0 || to >= NODES || (to == HOSTILE && !crowd->hostile_listens)) {
    return;
  }
  if (is_honest (from, to) && crowd->to_drop > 0) {
    crowd->to_drop--;
    crowd->dropped++;
    return;
  }
  FUZZ_ASSERT (crowd->wire_count < WIRE_MAX);
  CrowdDatagram *on_wire = &crowd->wire[(crowd->wire_first + crowd->wire_count++) % WIRE_MAX];
  on_wire->at_us = crowd->now_us + DELAY_US;
  on_wire->from = (uint8_t)from;
  on_wire->to = (uint8_t)to;
  on_wire->size = datagram->size;
  memcpy (on_wire->bytes, bytes, datagram->size);
  if (is_honest (from, to)) {
    crowd->caught[crowd->caught_count++ % CAUGHT_MAX] = *on_wire;
  }
}

/* ---- What the nodes are told ---- */

static CrowdFlow *
flow_to (Crowd *crowd, int node, RtmfpId receiving) {
  for (int i = 0; i < FLOWS; i++) {
    if (crowd->flows[i].to == node && crowd->flows[i].receiving == receiving) {
      return &crowd->flows[i];
    }
  }
  return NULL;
}

static void
take_message (Crowd *crowd, int node, const RtmfpEvent *event) {
  CrowdFlow *flow = flow_to (crowd, node, event->flow);
  if (flow == NULL) {
    return; /* the hostile one's */
  }
  uint64_t number = 0;
  FUZZ_ASSERT (event->bytes.size >= sizeof number);
  memcpy (&number, event->bytes.data, sizeof number);
  FUZZ_ASSERT (number == flow->received + 1 && number <= flow->sent);
  flow->received = number;
  const int64_t took_us = crowd->now_us - flow->sent_us[number % 256];
  FUZZ_ASSERT (took_us <= (crowd->dropped > 0 ? IN_TIME_LOSS_US : IN_TIME_US));
}

/* Whether a session is one between the server and an honest peer. */
static bool
is_honest_session (const Crowd *crowd, int node, RtmfpId session) {
  const CrowdNode *ann = &crowd->nodes[ANN], *bob = &crowd->nodes[BOB];
  return node == SERVER ? session == ann->server_session || session == bob->server_session
                        : session == crowd->nodes[node].near_session;
}

static void
take_new_flow (Crowd *crowd, int node, const RtmfpEvent *event) {
  if (!is_honest_session (crowd, node, event->session)) {
    if (node == SERVER) {
      crowd->hostile_flows[crowd->hostile_flow_count++ % HOSTILE_FLOWS_MAX] = event->flow;
    }
    return;
  }
  for (int i = 0; i < FLOWS; i++) {
    CrowdFlow *flow = &crowd->flows[i];
    if (flow->to == node && event->bytes.size == 1 && event->bytes.data[0] == i) {
      FUZZ_ASSERT (flow->receiving == 0);
      flow->receiving = event->flow;
      FUZZ_ASSERT (rtmfp_endpoint_accept_flow (crowd->nodes[node].endpoint, event->flow,
                                               RTMFP_ORDER_SEQUENCE, 0, crowd->now_us) == RTMFP_OK);
      return;
    }
  }
  FUZZ_ASSERT (false); /* nobody honest opened it */
}

static void
take_open (Crowd *crowd, int node, const RtmfpEvent *event) {
  RtmfpSessionInfo info;
  if (node != SERVER || rtmfp_endpoint_session_info (crowd->nodes[node].endpoint, event->session,
                                                     &info) != RTMFP_OK) {
    return;
  }
  const int far = index_of (&info.address);
  if ((far == ANN || far == BOB) && crowd->nodes[far].server_session == 0) {
    crowd->nodes[far].server_session = event->session;
  }
}

static void
take_event (Crowd *crowd, int node, const RtmfpEvent *event) {
  switch (event->type) {
  case RTMFP_EVENT_SESSION_OPEN:
    take_open (crowd, node, event);
    break;
  case RTMFP_EVENT_SESSION_CLOSED:
    FUZZ_ASSERT (!is_honest_session (crowd, node, event->session));
    break;
  case RTMFP_EVENT_SESSION_ADDRESS:
    FUZZ_ASSERT (false); /* nobody moves, and nobody else can answer a challenge */
    break;
  case RTMFP_EVENT_FLOW_NEW:
    take_new_flow (crowd, node, event);
    break;
  case RTMFP_EVENT_FLOW_MESSAGE:
    FUZZ_ASSERT (event->bytes.size == 0 || event->bytes.data != NULL);
    take_message (crowd, node, event);
    break;
  case RTMFP_EVENT_FLOW_GAP:
  case RTMFP_EVENT_FLOW_FINISHED:
    FUZZ_ASSERT (flow_to (crowd, node, event->flow) == NULL);
    break;
  default:
    break;
  }
}

static void
settle_node (Crowd *crowd, int node) {
  RtmfpEndpoint *endpoint = crowd->nodes[node].endpoint;
  uint8_t buffer[RTMFP_DATAGRAM_BYTES_MAX];
  RtmfpDatagram datagram;
  RtmfpEvent event;
  RtmfpJob *job;
  while ((job = rtmfp_endpoint_poll_job (endpoint)) != NULL) {
    rtmfp_job_run (job);
    rtmfp_endpoint_complete_job (endpoint, job, crowd->now_us);
  }
  for (int i = 0; rtmfp_endpoint_poll_event (endpoint, &event); i++) {
    FUZZ_ASSERT (i < STEPS_AT_ONCE_MAX);
    take_event (crowd, node, &event);
  }
  for (int i = 0;
       rtmfp_endpoint_poll_transmit (endpoint, crowd->now_us, buffer, sizeof buffer, &datagram);
       i++) {
    FUZZ_ASSERT (i < STEPS_AT_ONCE_MAX);
    put_on_wire (crowd, node, &datagram, buffer);
  }
}

void
crowd_settle (Crowd *crowd) {
  for (int node = 0; node < NODES; node++) {
    settle_node (crowd, node);
  }
}

/* ---- Time ---- */

/* When the next thing happens: a datagram arrives, or a clock of a node runs out. */
static int64_t
next_us (const Crowd *crowd) {
  int64_t next = crowd->wire_count > 0 ? crowd->wire[crowd->wire_first].at_us : INT64_MAX;
  for (int node = 0; node < NODES; node++) {
    const int64_t due_us = rtmfp_endpoint_deadline (crowd->nodes[node].endpoint);
    next = due_us < next ? due_us : next;
  }
  return next;
}

static void
happen (Crowd *crowd) {
  while (crowd->wire_count > 0 && crowd->wire[crowd->wire_first].at_us <= crowd->now_us) {
    const CrowdDatagram *datagram = &crowd->wire[crowd->wire_first];
    crowd_receive (crowd, datagram->to, datagram->from, datagram->bytes, datagram->size);
    crowd->wire_first = (crowd->wire_first + 1) % WIRE_MAX;
    crowd->wire_count--;
  }
  for (int node = 0; node < NODES; node++) {
    rtmfp_endpoint_advance (crowd->nodes[node].endpoint, crowd->now_us);
  }
  crowd_settle (crowd);
}

void
crowd_pass (Crowd *crowd, int64_t for_us) {
  const int64_t until_us = crowd->now_us + for_us;
  int steps = 0, at_once = 0;
  crowd_settle (crowd);
  for (int64_t next = next_us (crowd); next <= until_us; next = next_us (crowd)) {
    at_once = next <= crowd->now_us ? at_once + 1 : 0;
    FUZZ_ASSERT (++steps < STEPS_MAX && at_once < STEPS_AT_ONCE_MAX);
    crowd->now_us = next > crowd->now_us ? next : crowd->now_us;
    happen (crowd);
  }
  crowd->now_us = until_us;
}

/* ---- What is said ---- */

void
crowd_talk (Crowd *crowd) {
  static const uint16_t sizes[] = {8, 40, 300, 1100, 3000};
  uint8_t message[3000] = {0};
  for (int i = 0; i < FLOWS; i++) {
    CrowdFlow *flow = &crowd->flows[i];
    if (flow->sent - flow->received >= 200) {
      continue; /* time has not passed yet */
    }
    const uint64_t number = ++flow->sent;
    memcpy (message, &number, sizeof number);
    flow->sent_us[number % 256] = crowd->now_us;
    FUZZ_ASSERT (rtmfp_endpoint_send (crowd->nodes[flow->from].endpoint, flow->sending,
                                      rtmfp_bytes (message, sizes[(number + (uint64_t)i) % 5]),
                                      NULL, crowd->now_us, NULL) == RTMFP_OK);
  }
}

void
crowd_check_bounds (const Crowd *crowd) {
  FUZZ_ASSERT (allocated_bytes () <
               crowd->memory_before + MEMORY_BYTES + crowd->hostile_bytes * MEMORY_PER_BYTE);
  for (int i = NODES; i < ADDRESSES; i++) {
    FUZZ_ASSERT (crowd->bytes_to[i] <= RTMFP_ANSWER_FACTOR_MAX * crowd->bytes_from[i] +
                                           CHALLENGE_BYTES * crowd->authentic_from[i]);
  }
}

/* ---- Its beginning and its end ---- */

static RtmfpStatus
open_session (Crowd *crowd, int from, int to, RtmfpId *session) {
  static const uint8_t epd[] = {7, RTMFP_EPD_ANCILLARY_DATA, 'r', 't', 'm', 'f', 'p', ':'};
  const RtmfpOpen open = {.identity = crowd->nodes[from].identity,
                          .epd = rtmfp_bytes (epd, sizeof epd),
                          .candidates = crowd_address (to),
                          .candidate_count = 1};
  return rtmfp_endpoint_open (crowd->nodes[from].endpoint, &open, crowd->now_us, session);
}

void
crowd_open_hostile (Crowd *crowd, int to) {
  RtmfpId session;
  (void)!open_session (crowd, HOSTILE, to, &session);
}

RtmfpEntry *
crowd_hostile_session (const Crowd *crowd, int with) {
  RtmfpEntry *entry;
  uint32_t at = 0;
  while ((entry = rtmfp_endpoint_next_entry (crowd->nodes[HOSTILE].endpoint, &at)) != NULL) {
    if (rtmfp_session_state (entry->session) == RTMFP_SESSION_OPEN &&
        rtmfp_address_equal (&rtmfp_session_path (entry->session)->address, crowd_address (with))) {
      return entry;
    }
  }
  return NULL;
}

static void
add_node (Crowd *crowd, int node) {
  const bool strict = node == ANN || node == BOB;
  const RtmfpEndpointConfig config = {.rng = {.fill = fill, .user = crowd},
                                      .reports_hellos = node == SERVER};
  const RtmfpIdentityConfig identity = {.groups = RTMFP_GROUP_X25519,
                                        .accept = RTMFP_ACCEPT_ANYONE,
                                        .accepts_ancillary_data = true,
                                        .requires_hmac = strict,
                                        .requires_sequence = strict,
                                        .offers_hmac = node != HOSTILE,
                                        .offers_sequence = node != HOSTILE};
  crowd->nodes[node].endpoint = rtmfp_endpoint_new (&config, crowd->now_us);
  crowd->nodes[node].identity = rtmfp_endpoint_add_identity (crowd->nodes[node].endpoint, &identity,
                                                             &crowd->nodes[node].fingerprint);
}

static void
add_flow (Crowd *crowd, uint8_t index, int from, int to) {
  CrowdFlow *flow = &crowd->flows[index];
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes (&index, 1),
                                  .priority = (RtmfpPriority)(2 + index)};
  const RtmfpId session =
      from == SERVER ? crowd->nodes[to].server_session : crowd->nodes[from].near_session;
  flow->from = from;
  flow->to = to;
  FUZZ_ASSERT (rtmfp_endpoint_open_flow (crowd->nodes[from].endpoint, session, &config,
                                         &flow->sending) == RTMFP_OK);
}

void
crowd_init (Crowd *crowd) {
  *crowd = (Crowd){.now_us = 1000000, .hostile_listens = true};
  crowd->wire = rtmfp_memory_new (WIRE_MAX, sizeof *crowd->wire);
  for (int node = 0; node < NODES; node++) {
    add_node (crowd, node);
  }
  FUZZ_ASSERT (open_session (crowd, ANN, SERVER, &crowd->nodes[ANN].near_session) == RTMFP_OK);
  FUZZ_ASSERT (open_session (crowd, BOB, SERVER, &crowd->nodes[BOB].near_session) == RTMFP_OK);
  crowd_open_hostile (crowd, SERVER);
  crowd_pass (crowd, 100000);
  FUZZ_ASSERT (crowd->nodes[ANN].server_session != 0 && crowd->nodes[BOB].server_session != 0);
  FUZZ_ASSERT (crowd_hostile_session (crowd, SERVER) != NULL);
  add_flow (crowd, 0, SERVER, ANN);
  add_flow (crowd, 1, ANN, SERVER);
  add_flow (crowd, 2, SERVER, BOB);
  add_flow (crowd, 3, BOB, SERVER);
  crowd_talk (crowd);
  crowd_pass (crowd, 1000000);
  crowd->memory_before = allocated_bytes ();
}

void
crowd_end (Crowd *crowd) {
  crowd->to_drop = 0;
  crowd_talk (crowd);
  crowd_pass (crowd, crowd->dropped > 0 ? IN_TIME_LOSS_US : IN_TIME_US);
  for (int i = 0; i < FLOWS; i++) {
    FUZZ_ASSERT (crowd->flows[i].received == crowd->flows[i].sent);
  }
  crowd_check_bounds (crowd);
  for (int node = 0; node < NODES; node++) {
    rtmfp_endpoint_free (crowd->nodes[node].endpoint);
  }
  free (crowd->wire);
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server with two honest peers, and bytes that say what a hostile one does beside them: any
 * chunks under its own session's keys, startup packets, anything at all, from any address; what it
 * caught of the honest again, changed, or from elsewhere; packets of the honest that get lost;
 * flows and hellos as they should be; time. The honest talk all the while, and nothing of theirs
 * may suffer (tests/fuzz/crowd.h). */
#include "tests/fuzz/crowd.h"

#include "core/crypto/epd.h"
#include "core/wire/startup-chunk.h"

#include <string.h>

/* Input: actions, each a byte what, a byte whom and from where, a byte how much; packets then have
 * so many bytes. */
enum {
  SEALED,  /* under the key of the hostile one's session */
  STARTUP, /* under the default key */
  RAW,
  AGAIN,    /* a caught datagram once more */
  CHANGED,  /* the same with a byte changed */
  DIVERTED, /* the newest on the wire now, from elsewhere; it comes again in its time */
  DROP,
  PASS_TIME,
  LISTEN, /* whether the hostile one's endpoint hears */
  OPEN_FLOW,
  SAY,
  END_FLOW,
  OPEN_SESSION,
  HELLO,        /* for the fingerprint of a node */
  SERVER_TAKES, /* what the server's user does with the hostile one's flows */
  SERVER_CLOSES,
  KINDS
};

enum { ACTIONS_MAX = 300, DROPS_MAX = 6, SESSIONS_MAX = 4, PASS_MAX_US = 600000000 };

typedef struct {
  Crowd crowd;
  RtmfpId flow; /* the hostile one's newest sending flow */
  unsigned drops, sessions;
  int64_t passed_us;
} Talk;

/* ---- Packets ---- */

static void
receive (Talk *talk, int to, int from, const uint8_t *bytes, size_t size) {
  talk->crowd.hostile_bytes += size;
  crowd_receive (&talk->crowd, to, from, bytes, size);
}

static void
receive_sealed (Talk *talk, RtmfpProtection *key, uint32_t session_id, int to, int from,
                RtmfpBytes plain) {
  uint8_t buffer[512];
  size_t size, head = rtmfp_protection_head_bytes (key);
  memcpy (buffer + head, plain.data, plain.size);
  if (plain.size > 0 && rtmfp_protection_seal (key, session_id, buffer, sizeof buffer, plain.size,
                                               &size) == RTMFP_OK) {
    receive (talk, to, from, buffer, size);
  }
}

static void
take_packet (Talk *talk, int kind, int to, int from, RtmfpBytes bytes) {
  RtmfpEntry *entry = crowd_hostile_session (&talk->crowd, to);
  RtmfpEndpoint *hostile = talk->crowd.nodes[HOSTILE].endpoint;
  if (kind == RAW) {
    receive (talk, to, from, bytes.data, bytes.size);
  } else if (kind == STARTUP) {
    receive_sealed (talk, &hostile->shared.default_key, 0, to, from, bytes);
  } else if (entry != NULL) {
    talk->crowd.authentic_from[from]++;
    receive_sealed (talk, &entry->session->protection, entry->session->far_id, to, from, bytes);
  }
}

static void
take_caught (Talk *talk, int kind, int from, uint8_t amount) {
  Crowd *crowd = &talk->crowd;
  crowd->authentic_from[from]++;
  if (kind == DIVERTED && crowd->wire_count > 0) {
    const CrowdDatagram newest =
        crowd->wire[(crowd->wire_first + crowd->wire_count - 1) % WIRE_MAX];
    receive (talk, newest.to, from, newest.bytes, newest.size);
  } else if (kind != DIVERTED) {
    CrowdDatagram caught = crowd->caught[amount % CAUGHT_MAX];
    if (caught.size > 0 && kind == CHANGED) {
      caught.bytes[(amount * 7u) % caught.size] ^= (uint8_t)(1 + amount / 16);
    }
    receive (talk, caught.to, from, caught.bytes, caught.size);
  }
}

/* ---- Users ---- */

static void
send_hello (Talk *talk, int to, int from, uint8_t amount) {
  const RtmfpPacketHeader header = {.mode = RTMFP_MODE_STARTUP};
  uint8_t plain[256], epd[64], tag[32] = {amount};
  RtmfpWriter writer = rtmfp_writer (plain, sizeof plain);
  RtmfpWriter epd_writer = rtmfp_writer (epd, sizeof epd);
  FUZZ_ASSERT (rtmfp_epd_write_fingerprint (&epd_writer,
                                            &talk->crowd.nodes[amount % NODES].fingerprint,
                                            (RtmfpBytes){0}) == RTMFP_OK);
  const RtmfpInitiatorHello hello = {
      .epd = rtmfp_bytes (epd, rtmfp_writer_size (&epd_writer)),
      .tag = rtmfp_bytes (tag, 1 + amount % sizeof tag),
  };
  FUZZ_ASSERT (rtmfp_write_packet_header (&writer, &header) == RTMFP_OK);
  FUZZ_ASSERT (rtmfp_write_initiator_hello (&writer, &hello) == RTMFP_OK);
  receive_sealed (talk, &talk->crowd.nodes[HOSTILE].endpoint->shared.default_key, 0, to, from,
                  rtmfp_bytes (plain, rtmfp_writer_size (&writer)));
}

static void
act_as_hostile (Talk *talk, int kind, int to, uint8_t amount) {
  static const uint8_t said[1020];
  Crowd *crowd = &talk->crowd;
  RtmfpEndpoint *hostile = crowd->nodes[HOSTILE].endpoint;
  RtmfpEntry *entry = crowd_hostile_session (crowd, to);
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes (said, amount % 8),
                                  .priority = (RtmfpPriority)(amount % RTMFP_PRIORITY_COUNT)};
  const RtmfpMessageOptions options = {.finish_by_us = crowd->now_us + amount * 1000};
  if (kind == OPEN_FLOW && entry != NULL) {
    (void)!rtmfp_endpoint_open_flow (hostile, entry->id, &config, &talk->flow);
  } else if (kind == SAY) {
    crowd->hostile_bytes += (size_t)amount * 4;
    (void)!rtmfp_endpoint_send (hostile, talk->flow, rtmfp_bytes (said, (size_t)amount * 4),
                                amount % 3 == 0 ? &options : NULL, crowd->now_us, NULL);
  } else if (kind == END_FLOW) {
    rtmfp_endpoint_close_flow (hostile, talk->flow, crowd->now_us);
  } else if (kind == OPEN_SESSION && talk->sessions++ < SESSIONS_MAX) {
    crowd->hostile_bytes += 2000; /* its handshake */
    crowd_open_hostile (crowd, to);
  }
}

static void
act_as_server (Talk *talk, int kind, uint8_t amount) {
  Crowd *crowd = &talk->crowd;
  RtmfpEndpoint *server = crowd->nodes[SERVER].endpoint;
  const RtmfpId flow = crowd->hostile_flows[amount % HOSTILE_FLOWS_MAX];
  if (kind == SERVER_CLOSES) {
    rtmfp_endpoint_reject_flow (server, flow, amount, crowd->now_us);
  } else if (amount & 0x80) {
    rtmfp_endpoint_pause_flow (server, flow, (amount & 0x40) != 0, crowd->now_us);
  } else {
    (void)!rtmfp_endpoint_accept_flow (server, flow, (RtmfpOrder)(amount >> 5 & 1),
                                       (size_t)amount * 64, crowd->now_us);
  }
}

static void
pass_time (Talk *talk, uint8_t amount) {
  const int64_t for_us = (int64_t)amount * amount * 1000;
  if (talk->passed_us + for_us <= PASS_MAX_US) {
    talk->passed_us += for_us;
    crowd_talk (&talk->crowd);
    crowd_pass (&talk->crowd, for_us);
  }
}

static void
act (Talk *talk, int kind, int to, int from, uint8_t amount) {
  Crowd *crowd = &talk->crowd;
  switch (kind) {
  case AGAIN:
  case CHANGED:
  case DIVERTED:
    take_caught (talk, kind, from, amount);
    break;
  case DROP:
    if (talk->drops < DROPS_MAX) {
      talk->drops++;
      crowd->to_drop++;
    }
    break;
  case PASS_TIME:
    pass_time (talk, amount);
    break;
  case LISTEN:
    crowd->hostile_listens = (amount & 1) != 0;
    break;
  case HELLO:
    send_hello (talk, to, from, amount);
    break;
  case SERVER_TAKES:
  case SERVER_CLOSES:
    act_as_server (talk, kind, amount);
    break;
  default:
    act_as_hostile (talk, kind, to, amount);
    break;
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  static Talk talk;
  RtmfpReader reader = rtmfp_reader (data, size);
  uint8_t kind, whom, amount;
  talk = (Talk){0};
  crowd_init (&talk.crowd);
  for (int i = 0; i < ACTIONS_MAX && rtmfp_reader_u8 (&reader, &kind) == RTMFP_OK &&
                  rtmfp_reader_u8 (&reader, &whom) == RTMFP_OK &&
                  rtmfp_reader_u8 (&reader, &amount) == RTMFP_OK;
       i++) {
    const int to = (whom & 15) % HOSTILE, from = (HOSTILE + (whom >> 4)) % ADDRESSES;
    RtmfpBytes packet;
    kind %= KINDS;
    if (kind > RAW) {
      act (&talk, kind, to, from, amount);
    } else if (rtmfp_reader_take (&reader, amount, &packet) == RTMFP_OK) {
      take_packet (&talk, kind, to, from, packet);
    }
    crowd_settle (&talk.crowd);
    crowd_check_bounds (&talk.crowd);
  }
  crowd_end (&talk.crowd);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A net against a bare far side that the input drives: flows with any metadata, any messages,
 * closes and rejections, while the near side answers as a user would. All ends are told, and each
 * once. */
#include "tests/fuzz/target.h"
#include "tests/netconnection/world.h"

enum { FLOWS_MAX = 12, STEPS_MAX = 64 };

typedef struct {
  World *world;
  RtmfpReader in;
  RtmfpId flows[FLOWS_MAX]; /* of the bare side, sending */
  RtmfpId received[FLOWS_MAX];
  unsigned players, streams; /* asked and not ended */
  bool is_closed;
} Run;

static uint8_t
next (Run *run) {
  uint8_t byte = 0;
  return rtmfp_reader_u8 (&run->in, &byte) == RTMFP_OK ? byte : 0;
}

/* The bare side accepts what the net opens, so that it can be answered. */
static void
drain_bare (Run *run) {
  Peer *bare = &run->world->a;
  for (GList *at = bare->told.head; at != NULL; at = at->next) {
    const RtmfpEvent *event = &((RawTold *)at->data)->event;
    if (event->type == RTMFP_EVENT_FLOW_NEW) {
      raw_accept (bare, event->flow);
      run->received[event->flow % FLOWS_MAX] = event->flow;
    }
  }
  forget (bare);
}

/* What the user of the net would do. */
static void
answer (Run *run, const RtmfpNetEvent *event) {
  RtmfpNet *net = run->world->b.net;
  const int64_t now_us = run->world->now_us;
  RtmfpStatus status = RTMFP_OK;
  switch (event->type) {
  case RTMFP_NET_CONNECT:
    status = rtmfp_net_accept_connection (net, event->session, NO_BYTES, now_us);
    break;
  case RTMFP_NET_CALL:
    status = rtmfp_net_return (net, event->session, event->call, event->bytes, now_us);
    break;
  case RTMFP_NET_PLAY:
    run->players++;
    status = rtmfp_net_accept_play (net, event->player, now_us);
    (void)!rtmfp_net_send_media (net, event->player, RTMFP_MEDIA_AUDIO, 0, BYTES ("a"), NULL,
                                 now_us, NULL);
    break;
  case RTMFP_NET_PLAYER_ENDED:
    FUZZ_ASSERT (run->players > 0);
    run->players--;
    break;
  case RTMFP_NET_STREAM_CREATED:
    run->streams++;
    status = rtmfp_net_stream_status (net, event->stream, "status", "c", "d", NO_BYTES, now_us);
    (void)!rtmfp_net_send_media (net, event->stream, RTMFP_MEDIA_VIDEO, 0, BYTES ("v"), NULL,
                                 now_us, NULL);
    break;
  case RTMFP_NET_STREAM_COMMAND:
    if (event->stream != 0) {
      (void)!rtmfp_net_stream_control (net, event->stream, RTMFP_STREAM_EOF, 0, now_us);
    }
    break;
  case RTMFP_NET_STREAM_CLOSED:
  case RTMFP_NET_PLAY_REFUSED:
  case RTMFP_NET_PLAY_ENDED:
    FUZZ_ASSERT (run->streams > 0);
    run->streams--;
    break;
  case RTMFP_NET_SESSION:
    run->is_closed = run->is_closed || event->endpoint.type == RTMFP_EVENT_SESSION_CLOSED;
    break;
  default:
    break;
  }
  (void)status;
}

static void
drain_net (Run *run) {
  Peer *peer = &run->world->b;
  while (!g_queue_is_empty (&peer->told)) {
    Told *told = g_queue_pop_head (&peer->told);
    answer (run, &told->event);
    told_free (told);
  }
}

static void
open_flow (Run *run) {
  static const RtmfpBytes kinds[] = {
      {(const uint8_t *)"TC\x04\0", 4},     {(const uint8_t *)"TC\x04\x01", 4},
      {(const uint8_t *)"TC\x05\x01", 4},   {(const uint8_t *)"\0test.hello", 11},
      {(const uint8_t *)"TC\x04\xff\0", 5},
  };
  const RtmfpFlowConfig config = {.metadata = kinds[next (run) % G_N_ELEMENTS (kinds)],
                                  .associated = run->received[next (run) % FLOWS_MAX]};
  (void)!rtmfp_endpoint_open_flow (run->world->a.endpoint, run->world->a.session, &config,
                                   &run->flows[next (run) % FLOWS_MAX]);
}

static void
send_message (Run *run) {
  const RtmfpId flow = run->flows[next (run) % FLOWS_MAX];
  const size_t size = next (run);
  RtmfpBytes bytes = NO_BYTES;
  if (rtmfp_reader_take (&run->in, size, &bytes) == RTMFP_OK) {
    (void)!rtmfp_endpoint_send (run->world->a.endpoint, flow, bytes, NULL, run->world->now_us,
                                NULL);
  }
}

static void
act (Run *run) {
  World *world = run->world;
  RtmfpId stream;
  switch (next (run) % 10) {
  case 0:
  case 1:
    open_flow (run);
    break;
  case 2:
    rtmfp_endpoint_close_flow (world->a.endpoint, run->flows[next (run) % FLOWS_MAX],
                               world->now_us);
    break;
  case 3:
    rtmfp_endpoint_reject_flow (world->a.endpoint, run->received[next (run) % FLOWS_MAX], 0,
                                world->now_us);
    break;
  case 4:
    if (rtmfp_net_play (world->b.net, world->b.session, "t", NO_BYTES, world->now_us, &stream) ==
        RTMFP_OK) {
      run->streams++;
    }
    break;
  case 5:
    rtmfp_net_open_gate (world->b.net, world->b.session, world->now_us);
    break;
  default:
    send_message (run);
    break;
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  Run run = {.in = rtmfp_reader (data, size)};
  const uint8_t flags = next (&run);
  const WorldOptions options = {
      .a_bare = true, .server = flags & 1, .gated = flags & 2, .streams = flags & 4};
  run.world = world_new (&options);
  RtmfpId publication;
  FUZZ_ASSERT (rtmfp_net_publish (run.world->b.net, 0, "s", &publication) == RTMFP_OK);
  for (int i = 0; i < STEPS_MAX && rtmfp_reader_left (&run.in) > 0; i++) {
    act (&run);
    world_run (run.world, 25000);
    drain_bare (&run);
    drain_net (&run);
  }
  rtmfp_endpoint_close (run.world->b.endpoint, run.world->b.session, false, run.world->now_us);
  world_run (run.world, G_USEC_PER_SEC);
  drain_net (&run);
  FUZZ_ASSERT (run.is_closed && run.players == 0 && run.streams == 0);
  world_free (run.world);
  return 0;
}

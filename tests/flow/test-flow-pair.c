/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A sending and a receiving flow over a seeded bad channel, without a session: every message
 * arrives once, in order where asked, or is given up where its deadline allowed. */
#include "core/flow/params.h"
#include "core/flow/recv-flow.h"
#include "core/flow/send-flow.h"
#include "core/wire/constants.h"
#include "core/wire/packet.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#define MS INT64_C (1000)
#define ROOM 1200
#define WORLDS 400
#define TIMEOUT_US (600 * MS)

typedef struct {
  int64_t at_us;
  bool to_sender;
  size_t size;
  uint8_t bytes[ROOM];
} Packet;

typedef struct {
  GRand *rand;
  RtmfpSendFlow *send;
  RtmfpRecvFlow *recv;
  GPtrArray *packets; /* on their way, unsorted */
  int64_t now_us;
  double loss, duplication;
  uint64_t packet, tsn, max_tsn_ack;
  int64_t timeout_us;
  GHashTable *ended;     /* number -> 1 given up, 2 delivered */
  GHashTable *delivered; /* number -> 1 */
  uint64_t last_delivered;
  bool network_order, finished, bitmap;
  uint64_t queued;
  bool may_give_up;
} World;

static void
put_packet (World *world, bool to_sender, const RtmfpWriter *writer) {
  int copies = g_rand_double (world->rand) < world->loss ? 0 : 1;
  copies += g_rand_double (world->rand) < world->duplication;
  for (int i = 0; i < copies; i++) {
    Packet *packet = g_new0 (Packet, 1);
    packet->at_us = world->now_us + g_rand_int_range (world->rand, 20, 60) * MS;
    packet->to_sender = to_sender;
    packet->size = rtmfp_writer_size (writer);
    memcpy (packet->bytes, writer->start, packet->size);
    g_ptr_array_add (world->packets, packet);
  }
}

static void
queue_some (World *world) {
  static uint8_t bytes[20000];
  for (int i = g_rand_int_range (world->rand, 0, 4); i > 0; i--) {
    const size_t size = g_rand_int_range (world->rand, 0, 8) == 0
                            ? (size_t)g_rand_int_range (world->rand, 8, (gint32)sizeof bytes)
                            : (size_t)g_rand_int_range (world->rand, 8, 400);
    const uint64_t number = world->queued + 1;
    for (size_t at = 0; at + 8 <= size; at += 8) {
      memcpy (bytes + at, &number, 8);
    }
    RtmfpSendOptions options = {.reports_end = true};
    if (world->may_give_up) {
      const int64_t soon_us = world->now_us + g_rand_int_range (world->rand, 10, 400) * MS;
      switch (g_rand_int_range (world->rand, 0, 6)) {
      case 0:
        options.start_by_us = soon_us;
        break;
      case 1:
        options.finish_by_us = soon_us;
        break;
      case 2:
        options.depends_on = world->queued;
        break;
      case 3:
        options.no_retransmit = true;
        break;
      default:
        break;
      }
    }
    if (rtmfp_send_flow_queue (world->send, rtmfp_bytes (bytes, size), &options, NULL) ==
        RTMFP_OK) {
      world->queued++;
    }
  }
}

static void
send_data (World *world) {
  if (rtmfp_send_flow_outstanding_bytes (world->send) > 30000) {
    return;
  }
  for (int i = 0; i < 4; i++) {
    uint8_t bytes[ROOM];
    RtmfpWriter writer = rtmfp_writer (bytes, sizeof bytes);
    RtmfpSendCursor cursor = {.packet = ++world->packet};
    while (rtmfp_send_flow_write (world->send, &writer, &cursor, world->tsn, world->now_us) ==
           RTMFP_OK) {
      world->tsn++;
    }
    if (rtmfp_writer_size (&writer) == 0) {
      return;
    }
    world->timeout_us = world->now_us + TIMEOUT_US;
    put_packet (world, false, &writer);
  }
}

static void
read_delivery (World *world, const RtmfpDelivery *delivery) {
  uint64_t number;
  g_assert_cmpuint (delivery->size, >=, 8);
  memcpy (&number, delivery->data, 8);
  for (size_t at = 0; at + 8 <= delivery->size; at += 8) {
    g_assert_cmpmem (delivery->data + at, 8, &number, 8);
  }
  g_assert_true (g_hash_table_insert (world->delivered, GSIZE_TO_POINTER (number), world));
  if (!world->network_order) {
    g_assert_cmpuint (number, >, world->last_delivered);
  }
  world->last_delivered = number;
  free (delivery->data);
}

static void
receive_data (World *world, const Packet *packet) {
  RtmfpReader reader = rtmfp_reader (packet->bytes, packet->size);
  RtmfpChunk chunk;
  RtmfpUserData data;
  while (rtmfp_read_chunk (&reader, &chunk)) {
    if (chunk.type == RTMFP_CHUNK_USER_DATA) {
      g_assert_cmpint (rtmfp_read_user_data (chunk.payload, &data), ==, RTMFP_OK);
    } else {
      g_assert_cmpint (rtmfp_read_next_user_data (chunk.payload, &data, &data), ==, RTMFP_OK);
    }
    g_assert_cmpint (rtmfp_recv_flow_receive (world->recv, &data, world->now_us), !=,
                     RTMFP_MALFORMED);
  }
  RtmfpDelivery delivery;
  while (rtmfp_recv_flow_poll (world->recv, &delivery)) {
    if (delivery.kind == RTMFP_DELIVERY_MESSAGE) {
      read_delivery (world, &delivery);
    } else if (delivery.kind == RTMFP_DELIVERY_FINISHED) {
      world->finished = true;
    } else {
      g_assert_true (world->may_give_up);
    }
  }
  uint8_t bytes[ROOM];
  RtmfpWriter writer = rtmfp_writer (bytes, sizeof bytes);
  g_assert_cmpint (rtmfp_recv_flow_write_ack (world->recv, &writer, true, world->bitmap), ==,
                   RTMFP_OK);
  put_packet (world, true, &writer);
}

static void
receive_ack (World *world, const Packet *packet) {
  RtmfpReader reader = rtmfp_reader (packet->bytes, packet->size);
  RtmfpChunk chunk;
  RtmfpAckResult result = {0};
  while (rtmfp_read_chunk (&reader, &chunk)) {
    RtmfpAck ack;
    g_assert_cmpint (chunk.type == RTMFP_CHUNK_ACK_BITMAP
                         ? rtmfp_read_ack_bitmap (chunk.payload, &ack)
                         : rtmfp_read_ack_ranges (chunk.payload, &ack),
                     ==, RTMFP_OK);
    rtmfp_send_flow_receive_ack (world->send, &ack, world->now_us, &result);
  }
  world->max_tsn_ack = MAX (world->max_tsn_ack, result.max_tsn);
  RtmfpNakResult nak = {0};
  rtmfp_send_flow_nak (world->send, world->max_tsn_ack, &nak);
  world->timeout_us = world->now_us + TIMEOUT_US;
}

static void
receive_due (World *world) {
  for (guint i = 0; i < world->packets->len;) {
    Packet *packet = g_ptr_array_index (world->packets, i);
    if (packet->at_us > world->now_us) {
      i++;
      continue;
    }
    g_ptr_array_steal_index_fast (world->packets, i);
    if (packet->to_sender) {
      receive_ack (world, packet);
    } else {
      receive_data (world, packet);
    }
    g_free (packet);
  }
}

static void
take_ended (World *world) {
  uint64_t number;
  bool delivered;
  while (rtmfp_send_flow_poll_ended (world->send, &number, &delivered)) {
    g_assert_true (g_hash_table_insert (world->ended, GSIZE_TO_POINTER (number),
                                        GSIZE_TO_POINTER (delivered ? 2 : 1)));
    if (delivered) { /* an acknowledgement never says more than what was received */
      g_assert_true (g_hash_table_contains (world->delivered, GSIZE_TO_POINTER (number)) ||
                     !world->network_order);
    } else {
      g_assert_true (world->may_give_up);
    }
  }
}

static void
run_world (guint32 seed) {
  World world = {.rand = g_rand_new_with_seed (seed), .tsn = 1};
  world.packets = g_ptr_array_new_with_free_func (g_free);
  world.ended = g_hash_table_new (NULL, NULL);
  world.delivered = g_hash_table_new (NULL, NULL);
  world.loss = g_rand_double_range (world.rand, 0, 0.4);
  world.duplication = g_rand_double_range (world.rand, 0, 0.2);
  world.network_order = g_rand_boolean (world.rand);
  world.bitmap = g_rand_boolean (world.rand);
  world.may_give_up = g_rand_boolean (world.rand);
  world.timeout_us = INT64_MAX;
  world.send = rtmfp_send_flow_new (
      &(RtmfpSendFlowConfig){.flow_id = 1 + seed, .metadata = rtmfp_bytes ("m", 1)});
  world.recv = rtmfp_recv_flow_new (1 + seed);
  g_assert_cmpint (rtmfp_recv_flow_accept (world.recv, world.network_order,
                                           (size_t)g_rand_int_range (world.rand, 1024, 100000)),
                   ==, RTMFP_OK);
  int ticks = 0;
  for (; rtmfp_send_flow_state (world.send) < RTMFP_SEND_COMPLETE_LINGER; ticks++) {
    g_assert_cmpint (ticks, <, 60000);
    world.now_us += 5 * MS;
    if (ticks < 300) {
      queue_some (&world);
    } else if (ticks == 300) {
      rtmfp_send_flow_close (world.send);
    }
    receive_due (&world);
    rtmfp_send_flow_advance (world.send, world.now_us);
    if (world.now_us >= world.timeout_us) {
      rtmfp_send_flow_timeout (world.send, INT64_MAX);
      world.timeout_us = world.now_us + TIMEOUT_US;
    }
    send_data (&world);
    take_ended (&world);
  }
  take_ended (&world);
  g_assert_true (world.finished);
  for (uint64_t number = 1; number <= world.queued; number++) {
    const gsize end =
        GPOINTER_TO_SIZE (g_hash_table_lookup (world.ended, GSIZE_TO_POINTER (number)));
    g_assert_cmpuint (end, !=, 0);
    if (end == 2) {
      g_assert_true (g_hash_table_contains (world.delivered, GSIZE_TO_POINTER (number)));
    }
  }
  g_assert_cmpuint (rtmfp_send_flow_outstanding_bytes (world.send), ==, 0);
  g_assert_cmpuint (rtmfp_send_flow_buffered_bytes (world.send), ==, 0);
  g_assert_cmpuint (rtmfp_recv_flow_buffered_bytes (world.recv), ==, 0);
  rtmfp_send_flow_free (world.send);
  rtmfp_recv_flow_free (world.recv);
  g_ptr_array_unref (world.packets);
  g_hash_table_unref (world.ended);
  g_hash_table_unref (world.delivered);
  g_rand_free (world.rand);
}

static void
test_bad_channels (void) {
  for (guint32 seed = 0; seed < WORLDS; seed++) {
    g_test_message ("seed %u", seed);
    run_world (seed);
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flow/pair/bad-channels", test_bad_channels);
  return g_test_run ();
}

/* SPDX-License-Identifier: Apache-2.0 */
/* A game for two: each sends its position 60 times a second. A position is worth nothing after 50
 * ms: the sender gives it up then, and nothing waits for it at the receiver.
 *
 *   game [--loss PERCENT] [--seconds N] PORT            the one who waits
 *   game [--loss PERCENT] [--seconds N] ADDRESS:PORT    the one who opens, and closes at the end
 *
 * Prints how many positions of the other came in time. The two clocks need not agree: delay counts
 * from the fastest of all positions. --loss throws away so many of our own datagrams. */
#include "udp.h"

enum { RATE = 60, DEADLINE_US = 50000, POSITIONS_MAX = RATE * 600, POSITION_BYTES = 20 };

typedef struct {
  Udp udp;
  RtmfpId session;
  RtmfpId flow; /* ours */
  int total;    /* to send, and to come */
  int sent;
  int64_t next_us;
  int came;
  int64_t delay_us[POSITIONS_MAX]; /* of what came, by clocks that differ by a constant */
} Game;

static void
begin (Game *game, RtmfpId session) {
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("position", 8),
                                  .priority = RTMFP_PRIORITY_REALTIME};
  game->session = session;
  must (rtmfp_endpoint_open_flow (game->udp.endpoint, session, &config, &game->flow) == RTMFP_OK,
        "open_flow");
  game->next_us = udp_now ();
}

static void
send_position (Game *game, int64_t now_us) {
  uint8_t bytes[POSITION_BYTES];
  RtmfpWriter writer = rtmfp_writer (bytes, sizeof bytes);
  const uint32_t x = (uint32_t)game->sent % 640, y = (uint32_t)game->sent % 480;
  must (rtmfp_writer_u64 (&writer, (uint64_t)now_us) == RTMFP_OK &&
            rtmfp_writer_u32 (&writer, (uint32_t)game->sent) == RTMFP_OK &&
            rtmfp_writer_u32 (&writer, x) == RTMFP_OK && rtmfp_writer_u32 (&writer, y) == RTMFP_OK,
        "writing a position");
  const RtmfpMessageOptions options = {.finish_by_us = now_us + DEADLINE_US};
  /* FULL: so much waits that this one would come too late anyway. */
  const RtmfpStatus status = rtmfp_endpoint_send (
      game->udp.endpoint, game->flow, rtmfp_bytes (bytes, sizeof bytes), &options, now_us, NULL);
  must (status == RTMFP_OK || status == RTMFP_FULL, "send");
  game->sent++;
  game->next_us += 1000000 / RATE;
}

static void
take_position (Game *game, RtmfpBytes bytes) {
  RtmfpReader reader = rtmfp_reader (bytes.data, bytes.size);
  uint64_t sent_us = 0;
  if (rtmfp_reader_u64 (&reader, &sent_us) == RTMFP_OK && game->came < POSITIONS_MAX) {
    game->delay_us[game->came++] = udp_now () - (int64_t)sent_us;
  }
}

static void
tell (const Game *game) {
  int64_t fastest = INT64_MAX;
  int in_time = 0;
  for (int i = 0; i < game->came; i++) {
    fastest = game->delay_us[i] < fastest ? game->delay_us[i] : fastest;
  }
  for (int i = 0; i < game->came; i++) {
    in_time += game->delay_us[i] - fastest <= DEADLINE_US;
  }
  printf ("in time: %d of %d (%.1f %%)\n", in_time, game->total, 100.0 * in_time / game->total);
}

static bool
take_event (Game *game, const RtmfpEvent *event) {
  switch (event->type) {
  case RTMFP_EVENT_SESSION_OPEN:
    if (game->flow == 0) {
      begin (game, event->session);
    }
    return true;
  case RTMFP_EVENT_FLOW_NEW: /* NETWORK: as they come, a lost one holds up none */
    return rtmfp_endpoint_accept_flow (game->udp.endpoint, event->flow, RTMFP_ORDER_NETWORK, 0,
                                       udp_now ()) == RTMFP_OK;
  case RTMFP_EVENT_FLOW_MESSAGE:
    take_position (game, event->bytes);
    return true;
  case RTMFP_EVENT_SESSION_CLOSED:
    return event->session != game->session;
  default:
    return true;
  }
}

int
main (int argc, char **argv) {
  static Game game;
  int seconds = 5;
  for (; argc > 3 && argv[1][0] == '-'; argv += 2, argc -= 2) {
    if (strcmp (argv[1], "--loss") == 0) {
      game.udp.loss_percent = atoi (argv[2]);
    } else {
      seconds = atoi (argv[2]);
    }
  }
  must (argc == 2 && seconds > 0 && seconds <= POSITIONS_MAX / RATE, "reading the arguments");
  const bool opens = strchr (argv[1], ':') != NULL;
  game.total = seconds * RATE;
  udp_open (&game.udp, opens ? 0 : atoi (argv[1]));
  if (opens) {
    game.session = udp_connect (&game.udp, argv[1], NULL);
  }
  for (bool goes_on = true; goes_on;) {
    const int64_t over_us = game.next_us + 500000; /* time for the last ones */
    udp_step (&game.udp, game.flow == 0           ? RTMFP_NEVER
                         : game.sent < game.total ? game.next_us
                                                  : over_us);
    RtmfpEvent event;
    while (goes_on && rtmfp_endpoint_poll_event (game.udp.endpoint, &event)) {
      goes_on = take_event (&game, &event);
    }
    while (goes_on && game.flow != 0 && game.sent < game.total && udp_now () >= game.next_us) {
      send_position (&game, udp_now ());
    }
    /* Each ends by its own clock: the other's Close may be lost. */
    if (game.flow != 0 && game.sent == game.total && udp_now () >= over_us) {
      rtmfp_endpoint_close (game.udp.endpoint, game.session, false, udp_now ());
    }
  }
  tell (&game);
  udp_free (&game.udp);
  return 0;
}

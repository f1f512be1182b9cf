/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/sim/reno.h"

#include <string.h>

#define DELAYED_ACK_US (40 * SIM_MS)
#define RTO_US_MIN (200 * SIM_MS)
#define DUPLICATES 3
#define INITIAL_WINDOW 10
#define SCOREBOARD 8192 /* segments in flight at most; power of two */

typedef enum { UNSENT, FLYING, SACKED, LOST } State;

typedef struct {
  State state;
  bool again; /* it was sent before */
  int64_t sent_us;
} Segment;

struct Reno {
  RtmfpAddress to;
  Segment segments[SCOREBOARD]; /* by number */
  uint64_t una, next, highest_sacked;
  uint64_t recovery; /* until this is acknowledged, the window was cut already */
  double cwnd, ssthresh;
  unsigned flying, lost;
  int64_t srtt_us, rttvar_us, rto_at_us, backoff;
};

/* What goes over the wire; the rest of a data packet is nothing. */
typedef struct {
  uint64_t number;     /* of a segment; in an acknowledgement: the next that is expected */
  uint64_t sack_first; /* a range that arrived, with the newest in it; 0, 0 = none */
  uint64_t sack_last;
} Wire;

static Segment *
at (Reno *reno, uint64_t number) {
  return &reno->segments[number % SCOREBOARD];
}

Reno *
reno_new (const RtmfpAddress *to) {
  Reno *reno = g_new0 (Reno, 1);
  reno->to = *to;
  reno->una = reno->next = 1;
  reno->cwnd = INITIAL_WINDOW;
  reno->ssthresh = 1e9;
  reno->rto_at_us = RTMFP_NEVER;
  reno->backoff = 1;
  return reno;
}

void
reno_free (Reno *reno) {
  g_free (reno);
}

static int64_t
rto_us (const Reno *reno) {
  const int64_t us = reno->srtt_us == 0 ? SIM_S : reno->srtt_us + 4 * reno->rttvar_us;
  return MAX (us, RTO_US_MIN) * reno->backoff;
}

static void
measure (Reno *reno, int64_t sample_us) {
  reno->backoff = 1;
  if (reno->srtt_us == 0) {
    reno->srtt_us = sample_us;
    reno->rttvar_us = sample_us / 2;
    return;
  }
  reno->rttvar_us = (3 * reno->rttvar_us + ABS (sample_us - reno->srtt_us)) / 4;
  reno->srtt_us = (7 * reno->srtt_us + sample_us) / 8;
}

/* Returns: whether it is news. */
static bool
arrived (Reno *reno, uint64_t number, int64_t now_us) {
  Segment *segment = at (reno, number);
  if (segment->state == SACKED) {
    return false;
  }
  reno->flying -= segment->state == FLYING;
  reno->lost -= segment->state == LOST;
  if (segment->state == FLYING && !segment->again) {
    measure (reno, now_us - segment->sent_us);
  }
  segment->state = SACKED;
  reno->highest_sacked = MAX (reno->highest_sacked, number);
  return true;
}

static void
cut (Reno *reno, double window) {
  reno->ssthresh = MAX ((reno->next - reno->una) / 2.0, 2);
  reno->cwnd = window > 0 ? window : reno->ssthresh;
  reno->recovery = reno->next;
}

/* RFC 6675: three segments above it arrived. */
static void
find_losses (Reno *reno) {
  unsigned above = 0;
  bool any = false;
  for (uint64_t number = reno->highest_sacked; number >= reno->una && number > 0; number--) {
    Segment *segment = at (reno, number);
    if (segment->state == SACKED) {
      above++;
    } else if (segment->state == FLYING && !segment->again && above >= DUPLICATES) {
      segment->state = LOST;
      reno->flying--;
      reno->lost++;
      any = true;
    }
  }
  if (any && reno->una >= reno->recovery) {
    cut (reno, 0);
  }
}

static void
receive (void *node, const uint8_t *bytes, size_t size, uint32_t interface_id,
         const RtmfpAddress *from, int64_t now_us) {
  Reno *reno = node;
  (void)interface_id, (void)from;
  Wire ack;
  g_assert_cmpuint (size, >=, sizeof ack);
  memcpy (&ack, bytes, sizeof ack);
  unsigned news = 0;
  for (uint64_t number = reno->una; number < ack.number; number++) {
    news += arrived (reno, number, now_us);
  }
  for (uint64_t number = MAX (ack.sack_first, ack.number); number <= ack.sack_last; number++) {
    news += arrived (reno, number, now_us);
  }
  const bool forward = ack.number > reno->una;
  reno->una = MAX (reno->una, ack.number);
  find_losses (reno);
  if (forward && reno->una >= reno->recovery && reno->lost == 0) {
    reno->cwnd += reno->cwnd < reno->ssthresh ? news : news / reno->cwnd;
  }
  if (forward) {
    reno->rto_at_us = reno->una < reno->next ? now_us + rto_us (reno) : RTMFP_NEVER;
  }
}

static void
advance (void *node, int64_t now_us) {
  Reno *reno = node;
  if (now_us < reno->rto_at_us) {
    return;
  }
  cut (reno, 1);
  for (uint64_t number = reno->una; number < reno->next; number++) {
    Segment *segment = at (reno, number);
    if (segment->state == FLYING) {
      segment->state = LOST;
      reno->flying--;
      reno->lost++;
    }
  }
  reno->backoff = MIN (reno->backoff * 2, 64);
  reno->rto_at_us = now_us + rto_us (reno);
}

static bool
poll_transmit (void *node, int64_t now_us, uint8_t *buffer, size_t capacity,
               RtmfpDatagram *datagram) {
  Reno *reno = node;
  if (reno->flying + 1 > reno->cwnd || reno->next - reno->una >= SCOREBOARD - 1) {
    return false;
  }
  uint64_t number = reno->next;
  if (reno->lost > 0) {
    number = reno->una;
    while (at (reno, number)->state != LOST) {
      number++;
    }
    reno->lost--;
  } else {
    reno->next++;
  }
  *at (reno, number) =
      (Segment){.state = FLYING, .again = number < reno->next - 1, .sent_us = now_us};
  reno->flying++;
  if (reno->rto_at_us == RTMFP_NEVER) {
    reno->rto_at_us = now_us + rto_us (reno);
  }
  const Wire wire = {.number = number};
  g_assert_cmpuint (capacity, >=, RENO_PACKET_BYTES);
  memset (buffer, 0, RENO_PACKET_BYTES);
  memcpy (buffer, &wire, sizeof wire);
  *datagram = (RtmfpDatagram){.to = reno->to, .size = RENO_PACKET_BYTES};
  return true;
}

static int64_t
deadline (void *node) {
  return ((Reno *)node)->rto_at_us;
}

const SimNodeClass reno_class = {receive, advance, poll_transmit, deadline};

/* ---- The other end ---- */

struct RenoSink {
  RtmfpAddress from;
  bool there[SCOREBOARD]; /* by number, from expected on */
  uint64_t expected, newest;
  uint64_t bytes;
  unsigned unacknowledged;
  bool ack_now;
  int64_t ack_at_us;
};

RenoSink *
reno_sink_new (void) {
  RenoSink *sink = g_new0 (RenoSink, 1);
  sink->expected = 1;
  sink->ack_at_us = RTMFP_NEVER;
  return sink;
}

void
reno_sink_free (RenoSink *sink) {
  g_free (sink);
}

void
reno_sink_receive (RenoSink *sink, const uint8_t *bytes, size_t size, const RtmfpAddress *from,
                   int64_t now_us) {
  Wire wire;
  g_assert_cmpuint (size, ==, RENO_PACKET_BYTES);
  memcpy (&wire, bytes, sizeof wire);
  sink->from = *from;
  sink->newest = wire.number;
  const bool in_order = wire.number == sink->expected;
  if (wire.number >= sink->expected && !sink->there[wire.number % SCOREBOARD]) {
    sink->there[wire.number % SCOREBOARD] = true;
    sink->bytes += RENO_SEGMENT_BYTES;
  }
  const uint64_t before = sink->expected;
  while (sink->there[sink->expected % SCOREBOARD]) {
    sink->there[sink->expected % SCOREBOARD] = false;
    sink->expected++;
  }
  sink->unacknowledged++;
  sink->ack_now =
      sink->ack_now || !in_order || sink->unacknowledged >= 2 || sink->expected > before + 1;
  if (sink->ack_at_us == RTMFP_NEVER) {
    sink->ack_at_us = now_us + DELAYED_ACK_US;
  }
}

bool
reno_sink_poll_transmit (RenoSink *sink, int64_t now_us, uint8_t *buffer, RtmfpDatagram *datagram) {
  if (!sink->ack_now && now_us < sink->ack_at_us) {
    return false;
  }
  Wire wire = {.number = sink->expected};
  if (sink->newest > sink->expected) {
    wire.sack_first = wire.sack_last = sink->newest;
    while (wire.sack_first - 1 > sink->expected &&
           sink->there[(wire.sack_first - 1) % SCOREBOARD]) {
      wire.sack_first--;
    }
  }
  sink->ack_now = false;
  sink->unacknowledged = 0;
  sink->ack_at_us = RTMFP_NEVER;
  memset (buffer, 0, 52);
  memcpy (buffer, &wire, sizeof wire);
  *datagram = (RtmfpDatagram){.to = sink->from, .size = 52};
  return true;
}

int64_t
reno_sink_deadline (const RenoSink *sink) {
  return sink->ack_now ? 0 : sink->ack_at_us;
}

uint64_t
reno_sink_bytes (const RenoSink *sink) {
  return sink->bytes;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A TCP that sends without end, as a neighbour on a simulated link: NewReno with selective
 * acknowledgements (RFC 5681, RFC 6582, RFC 6675), initial window of ten, delayed acknowledgements,
 * no pacing. Only its congestion control is real. */
#ifndef TESTS_SIM_RENO_H
#define TESTS_SIM_RENO_H

#include "tests/sim/world.h"

#define RENO_SEGMENT_BYTES 1448
#define RENO_PACKET_BYTES 1500

typedef struct Reno Reno;
typedef struct RenoSink RenoSink;

Reno *reno_new (const RtmfpAddress *to);
void reno_free (Reno *reno);
/* As a node of the world. */
extern const SimNodeClass reno_class;

RenoSink *reno_sink_new (void);
void reno_sink_free (RenoSink *sink);
void reno_sink_receive (RenoSink *sink, const uint8_t *bytes, size_t size, const RtmfpAddress *from,
                        int64_t now_us);
bool reno_sink_poll_transmit (RenoSink *sink, int64_t now_us, uint8_t *buffer,
                              RtmfpDatagram *datagram);
int64_t reno_sink_deadline (const RenoSink *sink);
/* Bytes that arrived, each once. */
uint64_t reno_sink_bytes (const RenoSink *sink);

#endif

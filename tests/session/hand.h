/* SPDX-License-Identifier: Apache-2.0 */
/* Two endpoints with a session, and a hand that makes packets from a to b with a's keys. */
#ifndef TESTS_SESSION_HAND_H
#define TESTS_SESSION_HAND_H

#include "core/endpoint/endpoint-state.h"
#include "core/session/session-state.h"
#include "tests/endpoint/world.h"

typedef struct {
  Pair pair;
  guint8 plain[65536];
  RtmfpWriter writer; /* of the packet that is being made */
} Hand;

Hand *hand_new (void);
void hand_free (Hand *hand);
/* Writes the header; chunks go into hand->writer. */
void begin_packet (Hand *hand);
/* What the endpoint says to it. */
RtmfpStatus deliver_any_packet (Hand *hand, const RtmfpAddress *from);
/* The same, and the test fails if it is not taken. */
void deliver_packet (Hand *hand);
void deliver_packet_from (Hand *hand, const RtmfpAddress *from);
/* The session as b has it. */
RtmfpSession *b_session (const Hand *hand);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/session/hand.h"

#include <string.h>

void
begin_packet (Hand *hand) {
  const RtmfpPacketHeader header = {.mode = RTMFP_MODE_INITIATOR};
  hand->writer = rtmfp_writer (hand->plain, sizeof hand->plain);
  g_assert_cmpint (rtmfp_write_packet_header (&hand->writer, &header), ==, RTMFP_OK);
}

RtmfpStatus
deliver_any_packet (Hand *hand, const RtmfpAddress *from) {
  static guint8 datagram[66000];
  RtmfpSession *a = rtmfp_endpoint_first_entry (hand->pair.a->endpoint)->session;
  gsize size = 0, plain_size = rtmfp_writer_size (&hand->writer);
  gsize head = rtmfp_protection_head_bytes (&a->protection);
  memcpy (datagram + head, hand->plain, plain_size);
  g_assert_cmpint (rtmfp_protection_seal (&a->protection, a->far_id, datagram, sizeof datagram,
                                          plain_size, &size),
                   ==, RTMFP_OK);
  return rtmfp_endpoint_receive (hand->pair.b->endpoint, datagram, size, 0, from, 0,
                                 hand->pair.world->now_us);
}

void
deliver_packet_from (Hand *hand, const RtmfpAddress *from) {
  g_assert_cmpint (deliver_any_packet (hand, from), ==, RTMFP_OK);
}

void
deliver_packet (Hand *hand) {
  deliver_packet_from (hand, &hand->pair.a->address);
}

Hand *
hand_new (void) {
  Hand *hand = g_new0 (Hand, 1);
  pair_init (&hand->pair);
  return hand;
}

void
hand_free (Hand *hand) {
  pair_clear (&hand->pair);
  g_free (hand);
}

RtmfpSession *
b_session (const Hand *hand) {
  return rtmfp_endpoint_first_entry (hand->pair.b->endpoint)->session;
}

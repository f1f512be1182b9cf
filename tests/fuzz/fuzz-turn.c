/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a relay may say: messages (2 octets of length each, cut at the end) to a client that
 * allocates. */
#include "app/nat/relayed.h"
#include "app/nat/turn.h"
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  const RtmfpAddress peer = rtmfp_address_ipv4 (198, 51, 100, 7, 4000);
  int64_t now_us = 1000000;
  const AppTurnCredential credential = {.user = "user", .password = "password"};
  AppTurn *turn = app_turn_new (size % 2 == 1, &credential, now_us);
  uint8_t out[APP_TURN_MESSAGE_BYTES_MAX];
  while (size >= 2) {
    size_t length = (size_t)data[0] << 8 | data[1];
    data += 2;
    size -= 2;
    length = length < size ? length : size;
    const size_t frame = app_turn_frame_size (data, length);
    FUZZ_ASSERT (frame == 0 || frame >= 4);
    AppTurnRelayed relayed;
    if (app_turn_read_relayed (data, length, &relayed)) {
      FUZZ_ASSERT (relayed.ipv4.port != 0 || relayed.ipv6.port != 0);
    }
    AppTurnData got;
    if (app_turn_receive (turn, data, length, now_us, &got)) {
      FUZZ_ASSERT (got.bytes >= data && got.bytes + got.size <= data + length);
    }
    now_us += 100000;
    app_turn_send (turn, &peer, out, 4, now_us);
    app_turn_advance (turn, now_us);
    while (app_turn_poll_transmit (turn, out) > 0) {
    }
    data += length;
    size -= length;
  }
  app_turn_free (turn);
  return 0;
}

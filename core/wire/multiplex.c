/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/multiplex.h"

#include "core/wire/constants.h"

#include <assert.h>

static uint32_t
read_word (const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The exclusive-or of the first two words of the encrypted packet, as if padded with zeros. */
static uint32_t
scramble_mask (const uint8_t *packet, size_t size) {
  uint32_t mask = 0;
  if (size >= 8) {
    return read_word (packet) ^ read_word (packet + 4);
  }
  for (size_t i = 0; i < 8 && i < size; i++) {
    mask ^= (uint32_t)packet[i] << (24 - 8 * (i % 4));
  }
  return mask;
}

RtmfpStatus
rtmfp_multiplex_session_id (RtmfpBytes datagram, uint32_t *session_id) {
  RtmfpReader reader = rtmfp_reader (datagram.data, datagram.size);
  uint32_t scrambled;
  RtmfpStatus status = rtmfp_reader_u32 (&reader, &scrambled);
  if (status == RTMFP_OK) {
    *session_id = scrambled ^ scramble_mask (reader.at, rtmfp_reader_left (&reader));
  }
  return status;
}

void
rtmfp_multiplex_scramble (uint8_t *datagram, size_t size, uint32_t session_id) {
  assert (size >= RTMFP_SESSION_ID_BYTES);
  uint32_t scrambled =
      session_id ^ scramble_mask (datagram + RTMFP_SESSION_ID_BYTES, size - RTMFP_SESSION_ID_BYTES);
  datagram[0] = (uint8_t)(scrambled >> 24);
  datagram[1] = (uint8_t)(scrambled >> 16);
  datagram[2] = (uint8_t)(scrambled >> 8);
  datagram[3] = (uint8_t)scrambled;
}

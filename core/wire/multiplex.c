/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/multiplex.h"

#include "core/wire/constants.h"

#include <assert.h>

/* The exclusive-or of the first two words of the encrypted packet, as if padded with zeros. */
static uint32_t
scramble_mask (const uint8_t *packet, size_t size) {
  uint32_t mask = 0;
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
  for (int i = 0; i < RTMFP_SESSION_ID_BYTES; i++) {
    datagram[i] = (uint8_t)(scrambled >> (24 - 8 * i));
  }
}

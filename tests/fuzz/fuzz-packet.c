/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plain packet: header and chunks. Written again it reads the same. */
#include "core/wire/multiplex.h"
#include "core/wire/packet.h"
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  static uint8_t space[65536];
  uint32_t session_id;
  RtmfpStatus status = rtmfp_multiplex_session_id (rtmfp_bytes (data, size), &session_id);
  FUZZ_ASSERT ((status == RTMFP_OK) == (size >= 4));

  RtmfpReader reader = rtmfp_reader (data, size);
  RtmfpPacketHeader header;
  if (size > sizeof space || rtmfp_read_packet_header (&reader, &header) != RTMFP_OK) {
    return 0;
  }
  RtmfpWriter writer = rtmfp_writer (space, sizeof space);
  FUZZ_ASSERT (rtmfp_write_packet_header (&writer, &header) == RTMFP_OK);
  FUZZ_ASSERT (rtmfp_writer_size (&writer) == size - rtmfp_reader_left (&reader));
  RtmfpChunk chunk;
  while (rtmfp_read_chunk (&reader, &chunk)) {
    FUZZ_ASSERT (rtmfp_write_chunk (&writer, chunk.type, chunk.payload) == RTMFP_OK);
    (void)rtmfp_chunk_is_allowed (chunk.type, header.mode);
  }
  FUZZ_ASSERT (rtmfp_reader_left (&reader) == 0);
  size_t written = rtmfp_writer_size (&writer);
  FUZZ_ASSERT (written <= size);
  FUZZ_ASSERT (rtmfp_bytes_equal (rtmfp_bytes (space + 1, written - 1),
                                  rtmfp_bytes (data + 1, written - 1)));
  return 0;
}

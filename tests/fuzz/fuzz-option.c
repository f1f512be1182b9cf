/* SPDX-License-Identifier: GPL-3.0-or-later */
/* VLUs, options and socket addresses: what was read can be written and reads the same. */
#include "core/wire/option.h"
#include "core/wire/socket-address.h"
#include "core/wire/vlu.h"
#include "tests/fuzz/target.h"

static void
try_vlu (RtmfpReader reader) {
  uint64_t value, again;
  uint8_t space[RTMFP_VLU_SIZE_MAX];
  if (rtmfp_read_vlu (&reader, &value) == RTMFP_OK) {
    RtmfpWriter writer = rtmfp_writer (space, sizeof space);
    FUZZ_ASSERT (rtmfp_write_vlu (&writer, value) == RTMFP_OK);
    FUZZ_ASSERT (rtmfp_writer_size (&writer) == rtmfp_vlu_size (value));
    RtmfpReader second = rtmfp_reader (space, rtmfp_writer_size (&writer));
    FUZZ_ASSERT (rtmfp_read_vlu (&second, &again) == RTMFP_OK && again == value);
  }
}

static void
try_address (RtmfpReader reader) {
  RtmfpAddress address, again;
  uint8_t space[RTMFP_SOCKET_ADDRESS_SIZE_MAX];
  if (rtmfp_read_socket_address (&reader, &address) == RTMFP_OK) {
    RtmfpWriter writer = rtmfp_writer (space, sizeof space);
    FUZZ_ASSERT (rtmfp_write_socket_address (&writer, &address) == RTMFP_OK);
    RtmfpReader second = rtmfp_reader (space, rtmfp_writer_size (&writer));
    FUZZ_ASSERT (rtmfp_read_socket_address (&second, &again) == RTMFP_OK);
    FUZZ_ASSERT (rtmfp_address_equal (&address, &again) && address.origin == again.origin);
    char text[RTMFP_ADDRESS_TEXT_SIZE];
    rtmfp_address_format (&address, text);
    FUZZ_ASSERT (rtmfp_address_parse (text, &again) == RTMFP_OK);
    FUZZ_ASSERT (rtmfp_address_equal (&address, &again));
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  RtmfpReader reader = rtmfp_reader (data, size);
  RtmfpOption option;
  try_vlu (reader);
  try_address (reader);
  while (rtmfp_reader_left (&reader) > 0 && rtmfp_read_option (&reader, &option) == RTMFP_OK) {
    size_t written = option.is_marker ? 1 : rtmfp_option_size (option.type, option.value.size);
    uint8_t *space = malloc (written);
    RtmfpWriter writer = rtmfp_writer (space, written);
    RtmfpStatus status = option.is_marker ? rtmfp_write_marker (&writer)
                                          : rtmfp_write_option (&writer, option.type, option.value);
    FUZZ_ASSERT (status == RTMFP_OK && rtmfp_writer_size (&writer) == written);
    RtmfpReader second = rtmfp_reader (space, written);
    RtmfpOption again;
    FUZZ_ASSERT (rtmfp_read_option (&second, &again) == RTMFP_OK);
    FUZZ_ASSERT (again.is_marker == option.is_marker &&
                 (again.is_marker || again.type == option.type) &&
                 rtmfp_bytes_equal (again.value, option.value));
    free (space);
  }
  return 0;
}

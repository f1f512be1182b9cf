/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole messages as commands: the parts of one lie inside it, one behind the other. */
#include "core/rtmp/command.h"
#include "tests/fuzz/target.h"

#include <math.h>

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  RtmfpRtmpMessage message;
  if (rtmfp_rtmp_message_read (rtmfp_bytes (data, size), &message) != RTMFP_OK) {
    FUZZ_ASSERT (size < RTMFP_RTMP_HEADER_SIZE);
    return 0;
  }
  FUZZ_ASSERT (message.payload.size == size - RTMFP_RTMP_HEADER_SIZE);
  RtmfpCommand command = {0};
  if (rtmfp_command_read (&command, &message) == RTMFP_OK) {
    FUZZ_ASSERT (command.name.data >= data && command.name.data + command.name.size <= data + size);
    FUZZ_ASSERT (isfinite (command.transaction));
    FUZZ_ASSERT (command.value_count == 0 || command.object != NULL);
    if (command.value_count > 0) {
      FUZZ_ASSERT (command.arguments.data + command.arguments.size == data + size);
      FUZZ_ASSERT (command.values[0].encoded.data == command.arguments.data);
    } else {
      FUZZ_ASSERT (command.arguments.size == 0);
    }
  } else {
    FUZZ_ASSERT (command.values == NULL && command.document.blocks == NULL);
  }
  rtmfp_command_clear (&command);
  return 0;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first byte says which signal, the rest is its body; whatever is taken moves a call without
 * harm and is written and read again the same. */
#include "core/call/call.h"
#include "tests/fuzz/target.h"

#include <string.h>

static void
write_again (const AhoyCallSignal *signal) {
  RtmfpBuffer out = {0};
  ahoy_call_signal_write_body (signal, &out);
  AhoyCallSignal again = {.type = signal->type, .call = signal->call};
  FUZZ_ASSERT (ahoy_call_signal_read_body (rtmfp_buffer_bytes (&out), &again) == RTMFP_OK);
  FUZZ_ASSERT (again.wants_video == signal->wants_video && again.reason == signal->reason);
  FUZZ_ASSERT (strcmp (again.display_name, signal->display_name) == 0);
  FUZZ_ASSERT (again.codecs.audio[0] == signal->codecs.audio[0]);
  rtmfp_buffer_clear (&out);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  if (size == 0) {
    return 0;
  }
  AhoyCallSignal signal = {.type = (AhoyCallSignalType)(data[0] % AHOY_CALL_SIGNAL_COUNT),
                           .call = {{1}}};
  if (ahoy_call_signal_read_body (rtmfp_bytes (data + 1, size - 1), &signal) != RTMFP_OK) {
    return 0;
  }
  write_again (&signal);
  const AhoyCodecs codecs = {.audio = {AHOY_CODEC_OPUS}};
  AhoyCall call;
  ahoy_call_init (&call, &codecs, true);
  const AhoyCallSignal offer = {.type = AHOY_CALL_SIGNAL_OFFER, .call = {{1}}};
  FUZZ_ASSERT (ahoy_call_receive (&call, &offer, 1, 0) == RTMFP_OK);
  (void)!ahoy_call_receive (&call, &signal, 1, 1);
  AhoyCallAction action;
  while (ahoy_call_poll_action (&call, &action)) {
    FUZZ_ASSERT (action.type <= AHOY_CALL_CHANGED);
  }
  return 0;
}

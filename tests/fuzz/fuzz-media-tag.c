/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Audio and video bodies: what was read is written, and what was written reads the same. */
#include "core/rtmp/media-tag.h"
#include "tests/fuzz/target.h"

static void
check (RtmfpBytes body, RtmfpStatus (*read) (RtmfpBytes, RtmfpMediaTag *),
       RtmfpStatus (*write) (RtmfpBuffer *, const RtmfpMediaTag *)) {
  RtmfpMediaTag tag, again;
  RtmfpBuffer out = {0};
  if (read (body, &tag) != RTMFP_OK) {
    return;
  }
  FUZZ_ASSERT (tag.data.size <= body.size && tag.offset_ns < 1000000);
  FUZZ_ASSERT (write (&out, &tag) == RTMFP_OK);
  FUZZ_ASSERT (read (rtmfp_buffer_bytes (&out), &again) == RTMFP_OK);
  FUZZ_ASSERT (again.kind == tag.kind && again.fourcc == tag.fourcc);
  FUZZ_ASSERT (again.composition_ms == tag.composition_ms && again.offset_ns == tag.offset_ns);
  FUZZ_ASSERT (again.command == tag.command);
  FUZZ_ASSERT (rtmfp_bytes_equal (again.data, tag.data));
  rtmfp_buffer_clear (&out);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  check (rtmfp_bytes (data, size), rtmfp_audio_tag_read, rtmfp_audio_tag_write);
  check (rtmfp_bytes (data, size), rtmfp_video_tag_read, rtmfp_video_tag_write);
  return 0;
}

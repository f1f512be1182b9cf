/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a relay sees of media messages. FLV 10.1 sE.4.2, sE.4.3; Enhanced RTMP v2. */
#include "core/rtmp/media-class.h"

#include <glib.h>

static void
test_audio (void) {
  static const struct {
    const char *bytes;
    gsize size;
    RtmfpMediaClass class;
  } cases[] = {
      {"", 0, RTMFP_CLASS_OTHER},
      {"\x2f\0", 2, RTMFP_CLASS_FRAME},          /* MP3 */
      {"\xaf\0\x12\x10", 4, RTMFP_CLASS_HEADER}, /* AAC */
      {"\xaf\x01x", 3, RTMFP_CLASS_FRAME},
      {"\xaf", 1, RTMFP_CLASS_FRAME},
      {"\x90Opus", 5, RTMFP_CLASS_HEADER}, /* by FourCC */
      {"\x91Opusx", 6, RTMFP_CLASS_FRAME},
      {"\x92Opus", 5, RTMFP_CLASS_OTHER},
      {"\x94Opus", 5, RTMFP_CLASS_OTHER},
      {"\x95\0Opus", 6, RTMFP_CLASS_HEADER}, /* several tracks */
      {"\x95\x01Opus", 6, RTMFP_CLASS_FRAME},
      {"\x95", 1, RTMFP_CLASS_FRAME},
      {"\x97\0x\0Opus", 8, RTMFP_CLASS_HEADER}, /* one modifier of one byte */
      {"\x97\0x\x01Opus", 8, RTMFP_CLASS_FRAME},
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_assert_cmpint (rtmfp_audio_class (rtmfp_bytes (cases[i].bytes, cases[i].size)), ==,
                     cases[i].class);
  }
}

static void
test_video (void) {
  static const struct {
    const char *bytes;
    gsize size;
    RtmfpMediaClass class;
  } cases[] = {
      {"", 0, RTMFP_CLASS_OTHER},
      {"\x12x", 2, RTMFP_CLASS_KEY}, /* Sorenson */
      {"\x22x", 2, RTMFP_CLASS_FRAME},
      {"\x52\0", 2, RTMFP_CLASS_OTHER},        /* command */
      {"\x17\0\0\0\0", 5, RTMFP_CLASS_HEADER}, /* AVC */
      {"\x17\x01\0\0\0", 5, RTMFP_CLASS_KEY},
      {"\x27\x01\0\0\0", 5, RTMFP_CLASS_FRAME},
      {"\x17\x02\0\0\0", 5, RTMFP_CLASS_OTHER},
      {"\x17", 1, RTMFP_CLASS_KEY},
      {"\x1c\0\0\0\0", 5, RTMFP_CLASS_HEADER}, /* HEVC by convention */
      {"\x90vp08", 5, RTMFP_CLASS_HEADER},     /* by FourCC */
      {"\x91vp08x", 6, RTMFP_CLASS_KEY},
      {"\xa1vp08x", 6, RTMFP_CLASS_FRAME},
      {"\xa3"
       "avc1x",
       6, RTMFP_CLASS_FRAME},
      {"\x92vp08", 5, RTMFP_CLASS_OTHER},
      {"\x94vp08", 5, RTMFP_CLASS_OTHER},
      {"\x95"
       "av01",
       5, RTMFP_CLASS_HEADER},
      {"\xd0\0", 2, RTMFP_CLASS_OTHER},      /* command */
      {"\x96\0vp08", 6, RTMFP_CLASS_HEADER}, /* several tracks */
      {"\x96\x01vp08", 6, RTMFP_CLASS_KEY},
      {"\x97\0x\x01vp08x", 9, RTMFP_CLASS_KEY}, /* modifiers */
      {"\x97\0x\0vp08x", 9, RTMFP_CLASS_HEADER},
      {"\x97", 1, RTMFP_CLASS_KEY}, /* cut short: by the frame type alone */
      {"\x97\xff\0", 3, RTMFP_CLASS_KEY},
      {"\x97\xff\0\0x\0", 6, RTMFP_CLASS_HEADER},
      {"\xa7\x05xx", 4, RTMFP_CLASS_FRAME},
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_assert_cmpint (rtmfp_video_class (rtmfp_bytes (cases[i].bytes, cases[i].size)), ==,
                     cases[i].class);
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rtmp/media-class/audio", test_audio);
  g_test_add_func ("/rtmp/media-class/video", test_video);
  return g_test_run ();
}

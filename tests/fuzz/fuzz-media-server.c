/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server for plain clients against one that says anything on its streams and in its calls: two
 * others, of whom one publishes and one plays, never notice. Input: what to do, which, u16 size and
 * so many octets, again and again. */
#include "tests/fuzz/target.h"
#include "tests/media-server/studio.h"

enum { STEPS_MAX = 40 };

static const char *const stream_commands[] = {
    "play", "publish", "closeStream", "receiveAudio", "receiveVideo", "pause", "seek", "other",
};
static const char *const calls[] = {"relay", "broadcast", "watch", "FCPublish", "other"};

static void
act (Client *eve, uint8_t what, uint8_t which, RtmfpBytes bytes) {
  const int64_t now_us = eve->studio->now_us;
  RtmfpId id;
  switch (what % 5) {
  case 0:
    (void)!rtmfp_net_create_stream (eve->net, eve->session, now_us, &id);
    break;
  case 1:
    (void)!rtmfp_net_stream_command (eve->net, eve->stream,
                                     stream_commands[which % G_N_ELEMENTS (stream_commands)], bytes,
                                     now_us);
    break;
  case 2:
    (void)!rtmfp_net_send_media (eve->net, eve->stream, which % RTMFP_MEDIA_COUNT, which, bytes,
                                 NULL, now_us, NULL);
    break;
  case 3:
    (void)!rtmfp_net_call (eve->net, eve->session, calls[which % G_N_ELEMENTS (calls)], bytes,
                           which % 2, now_us, &id);
    break;
  default:
    rtmfp_net_delete_stream (eve->net, eve->stream, now_us);
    break;
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  RtmfpReader in = rtmfp_reader (data, size);
  Studio *studio = studio_new ();
  Client *publisher = client_publishing (studio, 1, "show");
  Client *player = client_playing (studio, 2, "show");
  Client *eve = client_in (studio, 3, "live");
  uint8_t what, which;
  uint16_t length;
  RtmfpBytes bytes;
  for (int i = 0; i < STEPS_MAX; i++) {
    if (rtmfp_reader_u8 (&in, &what) != RTMFP_OK || rtmfp_reader_u8 (&in, &which) != RTMFP_OK ||
        rtmfp_reader_u16 (&in, &length) != RTMFP_OK ||
        rtmfp_reader_take (&in, MIN (length, rtmfp_reader_left (&in)), &bytes) != RTMFP_OK) {
      break;
    }
    act (eve, what, which, bytes);
    studio_run (studio, 20000);
  }
  client_send (publisher, RTMFP_MEDIA_VIDEO, 7, BYTES ("\x17\x01whole"));
  client_expect (player, "video 7 <17><01>whole");
  FUZZ_ASSERT (client_count (player, "closed") == 0 && client_count (publisher, "closed") == 0);
  studio_free (studio);
  return 0;
}

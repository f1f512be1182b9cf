/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signals of calls as AMF0. */
#include "core/call/signal.h"
#include "tests/account/fixture.h"

static AhoyCallSignal
offer (void) {
  return (AhoyCallSignal){
      .type = AHOY_CALL_SIGNAL_OFFER,
      .call = {{1, 2, 3}},
      .wants_video = true,
      .codecs = {.audio = {AHOY_CODEC_OPUS}, .video = {AHOY_CODEC_H264, AHOY_CODEC_VP8}},
      .display_name = "Ad\xc3\xa4",
  };
}

static void
round_trip (void) {
  for (int type = 0; type < AHOY_CALL_SIGNAL_COUNT; type++) {
    AhoyCallSignal signal = {.type = (AhoyCallSignalType)type, .call = {{7}}};
    if (type == AHOY_CALL_SIGNAL_OFFER) {
      signal = offer ();
    } else if (type == AHOY_CALL_SIGNAL_ACCEPT) {
      signal.wants_video = true;
      signal.codecs.audio[0] = AHOY_CODEC_OPUS;
    } else if (type == AHOY_CALL_SIGNAL_ELSEWHERE) {
      signal.reason = AHOY_CALL_REASON_DECLINED;
    } else if (type == AHOY_CALL_SIGNAL_DECLINE) {
      signal.reason = AHOY_CALL_REASON_OFFLINE;
    }
    RtmfpBuffer out = {0};
    ahoy_call_signal_write_body (&signal, &out);
    g_assert_cmpuint (out.size, <=, AHOY_CALL_SIGNAL_BYTES_MAX);
    AhoyCallSignal read;
    memset (&read, 0xee, sizeof read);
    read.type = signal.type;
    read.call = signal.call;
    g_assert_cmpint (ahoy_call_signal_read_body (rtmfp_buffer_bytes (&out), &read), ==, RTMFP_OK);
    g_assert_true (read.wants_video == signal.wants_video);
    g_assert_cmpint (read.reason, ==, signal.reason);
    g_assert_cmpstr (read.display_name, ==, signal.display_name);
    g_assert_cmpmem (&read.codecs, sizeof read.codecs, &signal.codecs, sizeof signal.codecs);
    for (size_t size = 1; size < out.size; size++) {
      g_autofree uint8_t *cut = g_memdup2 (out.data, size);
      RtmfpStatus status = ahoy_call_signal_read_body (rtmfp_bytes (cut, size), &read);
      g_assert_true (status == RTMFP_TRUNCATED || status == RTMFP_MALFORMED);
    }
    rtmfp_buffer_append (&out, rtmfp_bytes ("\x05", 1)); /* one value more */
    g_assert_cmpint (ahoy_call_signal_read_body (rtmfp_buffer_bytes (&out), &read), ==,
                     RTMFP_MALFORMED);
    rtmfp_buffer_clear (&out);
    AhoyCallSignalType parsed;
    g_assert_cmpint (
        ahoy_call_signal_parse (ahoy_call_signal_text ((AhoyCallSignalType)type), &parsed), ==,
        RTMFP_OK);
    g_assert_cmpint (parsed, ==, type);
  }
  AhoyCallSignalType parsed;
  g_assert_cmpint (ahoy_call_signal_parse ("knock", &parsed), ==, RTMFP_UNSUPPORTED);
}

static RtmfpStatus
read_offer (RtmfpBuffer *body, AhoyCallSignal *read) {
  *read = (AhoyCallSignal){.type = AHOY_CALL_SIGNAL_OFFER};
  rtmfp_amf_end_object (body);
  RtmfpStatus status = ahoy_call_signal_read_body (rtmfp_buffer_bytes (body), read);
  rtmfp_buffer_clear (body);
  return status;
}

static void
newer_programs (void) {
  AhoyCallSignal read;
  RtmfpBuffer body = {0};
  rtmfp_amf_begin_object (&body);
  rtmfp_amf_member_integer (&body, "version", 1);
  rtmfp_amf_member_text (&body, "colour", "blue");
  rtmfp_amf_write_key (&body, "video");
  rtmfp_amf_begin_array (&body, 20);
  for (int i = 0; i < 18; i++) {
    rtmfp_amf_write_text (&body, "av01");
  }
  rtmfp_amf_write_null (&body);
  rtmfp_amf_write_text (&body, "vp08");
  g_assert_cmpint (read_offer (&body, &read), ==, RTMFP_OK);
  g_assert_cmpint (read.codecs.video[0], ==, AHOY_CODEC_VP8);
  g_assert_cmpint (read.codecs.video[1], ==, AHOY_CODEC_NONE);
  g_assert_false (read.wants_video);

  rtmfp_amf_begin_object (&body);
  rtmfp_amf_member_integer (&body, "version", 2);
  g_assert_cmpint (read_offer (&body, &read), ==, RTMFP_UNSUPPORTED);
}

static void
refuses_wrong_types (void) {
  AhoyCallSignal read;
  RtmfpBuffer body = {0};
  rtmfp_amf_begin_object (&body);
  g_assert_cmpint (read_offer (&body, &read), ==, RTMFP_MALFORMED); /* no version */
  rtmfp_amf_begin_object (&body);
  rtmfp_amf_member_text (&body, "version", "1");
  g_assert_cmpint (read_offer (&body, &read), ==, RTMFP_MALFORMED);
  rtmfp_amf_begin_object (&body);
  rtmfp_amf_member_integer (&body, "version", 1);
  rtmfp_amf_member_text (&body, "wantsVideo", "yes");
  g_assert_cmpint (read_offer (&body, &read), ==, RTMFP_MALFORMED);
  rtmfp_amf_begin_object (&body);
  rtmfp_amf_member_integer (&body, "version", 1);
  rtmfp_amf_member_integer (&body, "audio", 3);
  g_assert_cmpint (read_offer (&body, &read), ==, RTMFP_MALFORMED);
  g_autofree char *name = g_strnfill (AHOY_CALL_DISPLAY_NAME_BYTES_MAX + 1, 'n');
  for (int more = 0; more <= 1; more++) {
    rtmfp_amf_begin_object (&body);
    rtmfp_amf_member_integer (&body, "version", 1);
    rtmfp_amf_member_text (&body, "displayName", name + 1 - more);
    g_assert_cmpint (read_offer (&body, &read), ==, more ? RTMFP_MALFORMED : RTMFP_OK);
  }
  rtmfp_amf_write_text (&body, "offer");
  g_assert_cmpint (ahoy_call_signal_read_body (rtmfp_buffer_bytes (&body), &read), ==,
                   RTMFP_MALFORMED);
  rtmfp_buffer_clear (&body);
  rtmfp_amf_begin_object (&body);
  rtmfp_amf_member_integer (&body, "reason", 1);
  rtmfp_amf_end_object (&body);
  read.type = AHOY_CALL_SIGNAL_DECLINE;
  g_assert_cmpint (ahoy_call_signal_read_body (rtmfp_buffer_bytes (&body), &read), ==,
                   RTMFP_MALFORMED);
  while (body.size <= AHOY_CALL_SIGNAL_BYTES_MAX) {
    rtmfp_buffer_append_u8 (&body, 0);
  }
  g_assert_cmpint (ahoy_call_signal_read_body (rtmfp_buffer_bytes (&body), &read), ==, RTMFP_LIMIT);
  rtmfp_buffer_clear (&body);
  /* Nothing at all is an empty object. */
  g_assert_cmpint (ahoy_call_signal_read_body (rtmfp_bytes (NULL, 0), &read), ==, RTMFP_OK);
  g_assert_cmpint (ahoy_call_signal_read_body (rtmfp_bytes ("\x05", 1), &read), ==, RTMFP_OK);
}

static void
codecs (void) {
  const AhoyCodec mine[AHOY_CALL_CODECS_MAX] = {AHOY_CODEC_VP8, AHOY_CODEC_H264};
  const AhoyCodec theirs[AHOY_CALL_CODECS_MAX] = {AHOY_CODEC_H264, AHOY_CODEC_VP8};
  const AhoyCodec none[AHOY_CALL_CODECS_MAX] = {0};
  g_assert_cmpint (ahoy_codec_choose (mine, theirs), ==, AHOY_CODEC_VP8);
  g_assert_cmpint (ahoy_codec_choose (theirs, mine), ==, AHOY_CODEC_H264);
  g_assert_cmpint (ahoy_codec_choose (mine, none), ==, AHOY_CODEC_NONE);
  g_assert_cmpint (ahoy_codec_parse ("Opus"), ==, AHOY_CODEC_OPUS);
  g_assert_cmpint (ahoy_codec_parse ("opus"), ==, AHOY_CODEC_NONE);
  g_assert_cmpint (ahoy_codec_parse (""), ==, AHOY_CODEC_NONE);
}

static void
ids (void) {
  AhoyCallId id = {{0xab, 1}}, read;
  char text[AHOY_CALL_ID_TEXT_SIZE];
  ahoy_call_id_format (&id, text);
  g_assert_cmpstr (text, ==, "ab010000000000000000000000000000");
  g_assert_cmpint (ahoy_call_id_parse ("AB010000000000000000000000000000", &read), ==, RTMFP_OK);
  g_assert_cmpint (ahoy_call_id_compare (&id, &read), ==, 0);
  g_assert_cmpint (ahoy_call_id_parse ("ab0", &read), ==, RTMFP_MALFORMED);
  g_assert_cmpint (ahoy_call_id_parse ("ab0100000000000000000000000000000", &read), ==,
                   RTMFP_MALFORMED);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call/signal/round-trip-and-truncation", round_trip);
  g_test_add_func ("/call/signal/newer-programs", newer_programs);
  g_test_add_func ("/call/signal/refuses-wrong-types", refuses_wrong_types);
  g_test_add_func ("/call/signal/codecs", codecs);
  g_test_add_func ("/call/signal/ids", ids);
  return g_test_run ();
}

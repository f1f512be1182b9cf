/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Headers of audio and video bodies, to the byte. Enhanced RTMP v2. */
#include "core/rtmp/media-tag.h"

#include <glib.h>
#include <string.h>

#define BYTES(literal) rtmfp_bytes (literal, sizeof literal - 1)

typedef RtmfpStatus (*Writer) (RtmfpBuffer *out, const RtmfpMediaTag *tag);
typedef RtmfpStatus (*Reader) (RtmfpBytes body, RtmfpMediaTag *tag);

/* Written to these bytes, read to the same tag, and failing at each shorter header. */
static void
check (Writer writer, Reader reader, const RtmfpMediaTag *tag, RtmfpBytes bytes) {
  RtmfpBuffer out = {0};
  g_assert_cmpint (writer (&out, tag), ==, RTMFP_OK);
  g_assert_cmpmem (out.data, out.size, bytes.data, bytes.size);
  RtmfpMediaTag read = {0};
  g_assert_cmpint (reader (rtmfp_buffer_bytes (&out), &read), ==, RTMFP_OK);
  g_assert_cmpint (read.kind, ==, tag->kind);
  g_assert_cmphex (read.fourcc, ==, tag->fourcc);
  g_assert_cmpint (read.key_frame, ==, tag->key_frame);
  g_assert_cmpint (read.disposable, ==, tag->disposable);
  g_assert_cmpint (read.composition_ms, ==, tag->composition_ms);
  g_assert_cmpuint (read.offset_ns, ==, tag->offset_ns);
  g_assert_cmpuint (read.command, ==, tag->command);
  g_assert_cmpmem (read.data.data, read.data.size, tag->data.data, tag->data.size);
  for (size_t size = 1; size < out.size - tag->data.size; size++) {
    g_autofree uint8_t *part = g_memdup2 (out.data, size);
    g_assert_cmpint (reader (rtmfp_bytes (part, size), &read), ==, RTMFP_TRUNCATED);
  }
  rtmfp_buffer_clear (&out);
}

static void
test_audio (void) {
  RtmfpMediaTag tag = {.kind = RTMFP_TAG_FRAMES, .fourcc = RTMFP_FOURCC_OPUS, .data = BYTES ("ab")};
  check (rtmfp_audio_tag_write, rtmfp_audio_tag_read, &tag, BYTES ("\x91Opusab"));
  tag.kind = RTMFP_TAG_SEQUENCE_START;
  tag.data = BYTES ("OpusHead");
  check (rtmfp_audio_tag_write, rtmfp_audio_tag_read, &tag, BYTES ("\x90OpusOpusHead"));
  tag.kind = RTMFP_TAG_CHANNELS;
  tag.data = BYTES ("\x01\x02\0\0\0\x03");
  check (rtmfp_audio_tag_write, rtmfp_audio_tag_read, &tag, BYTES ("\x94Opus\x01\x02\0\0\0\x03"));
  tag.kind = RTMFP_TAG_SEQUENCE_END;
  tag.data = BYTES ("");
  check (rtmfp_audio_tag_write, rtmfp_audio_tag_read, &tag, BYTES ("\x92Opus"));
  tag.kind = RTMFP_TAG_FRAMES;
  tag.offset_ns = 999999;
  tag.data = BYTES ("z");
  check (rtmfp_audio_tag_write, rtmfp_audio_tag_read, &tag,
         BYTES ("\x97\x02\x0f\x42\x3f\x01Opusz"));
}

static void
test_video (void) {
  RtmfpMediaTag tag = {
      .kind = RTMFP_TAG_FRAMES, .fourcc = RTMFP_FOURCC_VP8, .key_frame = true, .data = BYTES ("k")};
  check (rtmfp_video_tag_write, rtmfp_video_tag_read, &tag, BYTES ("\x91vp08k"));
  tag.key_frame = false;
  check (rtmfp_video_tag_write, rtmfp_video_tag_read, &tag, BYTES ("\xa1vp08k"));
  tag.disposable = true;
  check (rtmfp_video_tag_write, rtmfp_video_tag_read, &tag, BYTES ("\xb1vp08k"));
  tag = (RtmfpMediaTag){.kind = RTMFP_TAG_FRAMES, .fourcc = RTMFP_FOURCC_AVC, .data = BYTES ("n")};
  check (rtmfp_video_tag_write, rtmfp_video_tag_read, &tag,
         BYTES ("\xa3"
                "avc1n"));
  tag.composition_ms = -2;
  check (rtmfp_video_tag_write, rtmfp_video_tag_read, &tag,
         BYTES ("\xa1"
                "avc1\xff\xff\xfen"));
  tag.composition_ms = 0x7fffff;
  tag.offset_ns = 1;
  check (rtmfp_video_tag_write, rtmfp_video_tag_read, &tag,
         BYTES ("\xa7\x02\0\0\x01\x01"
                "avc1\x7f\xff\xffn"));
}

static void
test_video_others (void) {
  RtmfpMediaTag tag = {.kind = RTMFP_TAG_SEQUENCE_START,
                       .fourcc = RTMFP_FOURCC_AVC,
                       .key_frame = true,
                       .data = BYTES ("record")};
  check (rtmfp_video_tag_write, rtmfp_video_tag_read, &tag,
         BYTES ("\x90"
                "avc1record"));
  tag = (RtmfpMediaTag){.kind = RTMFP_TAG_SEQUENCE_END, .fourcc = RTMFP_FOURCC_VP8};
  check (rtmfp_video_tag_write, rtmfp_video_tag_read, &tag, BYTES ("\xa2vp08"));
  tag = (RtmfpMediaTag){
      .kind = RTMFP_TAG_METADATA, .fourcc = RTMFP_FOURCC_VP8, .data = BYTES ("\x05")};
  check (rtmfp_video_tag_write, rtmfp_video_tag_read, &tag, BYTES ("\xa4vp08\x05"));
  tag = (RtmfpMediaTag){.kind = RTMFP_TAG_COMMAND, .command = 1};
  check (rtmfp_video_tag_write, rtmfp_video_tag_read, &tag, BYTES ("\xd1\x01"));
}

static void
test_reads_what_we_do_not_write (void) {
  RtmfpMediaTag tag;
  g_assert_cmpint (rtmfp_audio_tag_read (BYTES (""), &tag), ==, RTMFP_OK);
  g_assert_cmpint (tag.kind, ==, RTMFP_TAG_SEQUENCE_END);
  g_assert_cmpuint (tag.fourcc, ==, 0);
  /* an unknown modifier of one byte, then nanoseconds of four bytes, then frames */
  g_assert_cmpint (
      rtmfp_audio_tag_read (BYTES ("\x97\x00\xee\x57\x03\x00\x00\x07\xaa\x01Opusx"), &tag), ==,
      RTMFP_OK);
  g_assert_cmpuint (tag.offset_ns, ==, 7);
  g_assert_cmpmem (tag.data.data, tag.data.size, "x", 1);
  /* a modifier of 256 bytes says its size in two more */
  GByteArray *large = g_byte_array_new ();
  g_byte_array_append (large, (const uint8_t *)"\xa7\xff\x00\xff", 4);
  g_byte_array_set_size (large, 4 + 256);
  g_byte_array_append (large, (const uint8_t *)"\x51vp08y", 6);
  g_assert_cmpint (rtmfp_video_tag_read (rtmfp_bytes (large->data, large->len), &tag), ==,
                   RTMFP_OK);
  g_assert_cmpmem (tag.data.data, tag.data.size, "y", 1);
  g_byte_array_unref (large);
}

static void
test_rejects (void) {
  RtmfpMediaTag tag = {.kind = RTMFP_TAG_METADATA};
  RtmfpBuffer out = {0};
  g_assert_cmpint (rtmfp_audio_tag_write (&out, &tag), ==, RTMFP_MALFORMED);
  tag = (RtmfpMediaTag){.kind = RTMFP_TAG_FRAMES, .offset_ns = 1000000};
  g_assert_cmpint (rtmfp_audio_tag_write (&out, &tag), ==, RTMFP_MALFORMED);
  g_assert_cmpint (rtmfp_video_tag_write (&out, &tag), ==, RTMFP_MALFORMED);
  tag = (RtmfpMediaTag){.kind = RTMFP_TAG_FRAMES, .composition_ms = 0x800000};
  g_assert_cmpint (rtmfp_video_tag_write (&out, &tag), ==, RTMFP_MALFORMED);
  tag = (RtmfpMediaTag){.kind = RTMFP_TAG_CHANNELS};
  g_assert_cmpint (rtmfp_video_tag_write (&out, &tag), ==, RTMFP_MALFORMED);
  g_assert_cmpuint (out.size, ==, 0);
  g_assert_cmpint (rtmfp_video_tag_read (BYTES (""), &tag), ==, RTMFP_TRUNCATED);
  g_assert_cmpint (rtmfp_audio_tag_read (BYTES ("\xaf\x01z"), &tag), ==,
                   RTMFP_UNSUPPORTED); /* AAC */
  g_assert_cmpint (rtmfp_video_tag_read (BYTES ("\x17\x01"), &tag), ==,
                   RTMFP_UNSUPPORTED); /* AVC */
  g_assert_cmpint (rtmfp_audio_tag_read (BYTES ("\x95\x01Opus"), &tag), ==, RTMFP_UNSUPPORTED);
  g_assert_cmpint (rtmfp_video_tag_read (BYTES ("\x96\x01vp08"), &tag), ==, RTMFP_UNSUPPORTED);
  g_assert_cmpint (rtmfp_audio_tag_read (BYTES ("\x97\x01\0\0\x01Opus"), &tag), ==,
                   RTMFP_MALFORMED);
  g_assert_cmpint (rtmfp_audio_tag_read (BYTES ("\x97\x02\xff\xff\xff\x01Opus"), &tag), ==,
                   RTMFP_MALFORMED);
  rtmfp_buffer_clear (&out);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rtmp/media-tag/audio", test_audio);
  g_test_add_func ("/rtmp/media-tag/video-frames", test_video);
  g_test_add_func ("/rtmp/media-tag/video-others", test_video_others);
  g_test_add_func ("/rtmp/media-tag/reads-what-we-do-not-write", test_reads_what_we_do_not_write);
  g_test_add_func ("/rtmp/media-tag/rejects", test_rejects);
  return g_test_run ();
}

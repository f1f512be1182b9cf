/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AMF: the first byte picks the encoding, the rest is a sequence of values. What was read can be
 * written in either encoding, and what was written reads again and writes the same. */
#include "core/amf/amf.h"
#include "core/amf/params.h"
#include "core/amf/utf8.h"
#include "tests/fuzz/target.h"

#include <string.h>

enum { WRITTEN_BYTES_MAX = 100000 };

static void
check_text (RtmfpBytes text) {
  FUZZ_ASSERT (rtmfp_utf8_is_valid (text));
}

/* Walks like a user who takes one path of a shared tree. */
static void
check_value (const RtmfpAmfValue *value, unsigned depth) {
  FUZZ_ASSERT (depth + value->height <= RTMFP_AMF_DEPTH_MAX);
  if (value->type == RTMFP_AMF_STRING || value->type == RTMFP_AMF_XML) {
    check_text (value->bytes);
  }
  for (size_t i = 0; i < value->member_count && i < 4; i++) {
    check_text (value->members[i].name);
    FUZZ_ASSERT (value->members[i].name.size > 0);
    FUZZ_ASSERT (value->members[i].value->height < value->height);
  }
  for (size_t i = 0; i < value->item_count && i < 4; i++) {
    FUZZ_ASSERT (value->items[i]->height < value->height);
  }
  if (value->item_count > 0) {
    check_value (value->items[value->item_count - 1], depth + 1);
  }
  if (value->member_count > 0) {
    check_value (value->members[value->member_count - 1].value, depth + 1);
  }
}

static void
rewrite (const RtmfpAmfValue *value, RtmfpAmfEncoding encoding) {
  RtmfpBuffer once = {0}, twice = {0};
  RtmfpAmfDocument again = {0};
  if (rtmfp_amf_write_value (&once, value, encoding, WRITTEN_BYTES_MAX) == RTMFP_OK) {
    const RtmfpStatus status = rtmfp_amf_read (&again, rtmfp_buffer_bytes (&once), encoding);
    /* what was shared is written twice and may be too much to read */
    FUZZ_ASSERT (status == RTMFP_OK || status == RTMFP_LIMIT);
    if (status == RTMFP_OK) {
      FUZZ_ASSERT (again.count == 1);
      FUZZ_ASSERT (rtmfp_amf_write_value (&twice, rtmfp_amf_at (&again, 0), encoding,
                                          WRITTEN_BYTES_MAX) == RTMFP_OK);
      FUZZ_ASSERT (rtmfp_bytes_equal (rtmfp_buffer_bytes (&once), rtmfp_buffer_bytes (&twice)));
    }
  } else {
    FUZZ_ASSERT (once.size == 0);
  }
  rtmfp_amf_document_clear (&again);
  rtmfp_buffer_clear (&once);
  rtmfp_buffer_clear (&twice);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  if (size == 0) {
    return 0;
  }
  RtmfpAmfDocument document = {0};
  const RtmfpAmfEncoding encoding = data[0] % 2 == 0 ? RTMFP_AMF0 : RTMFP_AMF3;
  if (rtmfp_amf_read (&document, rtmfp_bytes (data + 1, size - 1), encoding) == RTMFP_OK) {
    FUZZ_ASSERT (document.values <= RTMFP_AMF_VALUES_MAX);
    FUZZ_ASSERT (document.members <= RTMFP_AMF_MEMBERS_MAX);
    const uint8_t *at = data + 1;
    for (size_t i = 0; i < document.count; i++) {
      FUZZ_ASSERT (document.entries[i].encoded.data == at);
      at += document.entries[i].encoded.size;
    }
    FUZZ_ASSERT (at == data + size);
    for (size_t i = 0; i < document.count && i < 8; i++) {
      check_value (document.entries[i].value, 0);
      rewrite (document.entries[i].value, RTMFP_AMF0);
      rewrite (document.entries[i].value, RTMFP_AMF3);
    }
  } else {
    FUZZ_ASSERT (document.count == 0 && document.blocks == NULL);
  }
  rtmfp_amf_document_clear (&document);
  return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to a value of the tree; an absent value answers as nothing. */
#include "core/amf/amf.h"

#include <math.h>
#include <string.h>

const RtmfpAmfValue *
rtmfp_amf_at (const RtmfpAmfDocument *document, size_t index) {
  return index < document->count ? document->entries[index].value : NULL;
}

const RtmfpAmfValue *
rtmfp_amf_get (const RtmfpAmfValue *value, const char *name) {
  if (value == NULL || (value->type != RTMFP_AMF_OBJECT && value->type != RTMFP_AMF_ARRAY)) {
    return NULL;
  }
  const RtmfpBytes wanted = rtmfp_bytes (name, strlen (name));
  for (size_t i = 0; i < value->member_count; i++) {
    if (rtmfp_bytes_equal (value->members[i].name, wanted)) {
      return value->members[i].value;
    }
  }
  return NULL;
}

const RtmfpAmfValue *
rtmfp_amf_item (const RtmfpAmfValue *value, size_t index) {
  return value != NULL && index < value->item_count ? value->items[index] : NULL;
}

bool
rtmfp_amf_is_nothing (const RtmfpAmfValue *value) {
  return value == NULL || value->type == RTMFP_AMF_NULL || value->type == RTMFP_AMF_UNDEFINED;
}

bool
rtmfp_amf_as_boolean (const RtmfpAmfValue *value, bool *out) {
  if (value == NULL || value->type != RTMFP_AMF_BOOLEAN) {
    return false;
  }
  *out = value->boolean;
  return true;
}

bool
rtmfp_amf_as_number (const RtmfpAmfValue *value, double *out) {
  if (value == NULL || (value->type != RTMFP_AMF_NUMBER && value->type != RTMFP_AMF_DATE)) {
    return false;
  }
  *out = value->number;
  return true;
}

bool
rtmfp_amf_as_integer (const RtmfpAmfValue *value, int64_t least, int64_t most, int64_t *out) {
  double number;
  /* The comparisons are false for NaN too. */
  if (!rtmfp_amf_as_number (value, &number) || !(number >= (double)least) ||
      !(number <= (double)most) || number != floor (number)) {
    return false;
  }
  *out = (int64_t)number;
  return true;
}

static bool
as_kind (const RtmfpAmfValue *value, RtmfpAmfType type, RtmfpBytes *out) {
  if (value == NULL || value->type != type) {
    return false;
  }
  *out = value->bytes;
  return true;
}

bool
rtmfp_amf_as_string (const RtmfpAmfValue *value, RtmfpBytes *out) {
  return as_kind (value, RTMFP_AMF_STRING, out);
}

bool
rtmfp_amf_as_text (const RtmfpAmfValue *value, char *text, size_t capacity) {
  RtmfpBytes bytes;
  if (!rtmfp_amf_as_string (value, &bytes) || bytes.size >= capacity ||
      (bytes.size > 0 && memchr (bytes.data, 0, bytes.size) != NULL)) {
    return false;
  }
  if (bytes.size > 0) {
    memcpy (text, bytes.data, bytes.size);
  }
  text[bytes.size] = '\0';
  return true;
}

bool
rtmfp_amf_as_bytes (const RtmfpAmfValue *value, RtmfpBytes *out) {
  return as_kind (value, RTMFP_AMF_BYTES, out);
}

bool
rtmfp_amf_as_fixed (const RtmfpAmfValue *value, uint8_t *out, size_t size) {
  RtmfpBytes bytes;
  if (!rtmfp_amf_as_bytes (value, &bytes) || bytes.size != size) {
    return false;
  }
  if (size > 0) {
    memcpy (out, bytes.data, size);
  }
  return true;
}

bool
rtmfp_amf_is_text (const RtmfpAmfValue *value, const char *text) {
  RtmfpBytes bytes;
  return rtmfp_amf_as_string (value, &bytes) &&
         rtmfp_bytes_equal (bytes, rtmfp_bytes (text, strlen (text)));
}

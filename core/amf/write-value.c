/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a tree that was read, in either encoding. Source: AMF 0 s2, AMF 3 s3. */
#include "core/amf/amf.h"
#include "core/amf/constants.h"

#include <stdio.h>
#include <string.h>

/* Every byte string is at most this long in AMF3. */
#define AMF3_LENGTH_MAX 0x0fffffffu

static RtmfpStatus write_amf0 (RtmfpBuffer *out, const RtmfpAmfValue *value, size_t most);
static RtmfpStatus write_amf3 (RtmfpBuffer *out, const RtmfpAmfValue *value, size_t most);

static RtmfpStatus
append_key (RtmfpBuffer *out, RtmfpBytes name) {
  if (name.size == 0 || name.size > UINT16_MAX) {
    return RTMFP_LIMIT;
  }
  rtmfp_buffer_append_u16 (out, (uint16_t)name.size);
  rtmfp_buffer_append (out, name);
  return RTMFP_OK;
}

static RtmfpStatus
write_amf0_members (RtmfpBuffer *out, const RtmfpAmfValue *value, size_t most) {
  for (size_t i = 0; i < value->member_count; i++) {
    RtmfpStatus status = append_key (out, value->members[i].name);
    if (status == RTMFP_OK) {
      status = write_amf0 (out, value->members[i].value, most);
    }
    if (status != RTMFP_OK) {
      return status;
    }
  }
  rtmfp_amf_end_object (out);
  return RTMFP_OK;
}

static RtmfpStatus
write_amf0_object (RtmfpBuffer *out, const RtmfpAmfValue *value, size_t most) {
  if (value->bytes.size == 0) {
    rtmfp_amf_begin_object (out);
  } else {
    rtmfp_buffer_append_u8 (out, AMF0_TYPED_OBJECT);
    const RtmfpStatus status = append_key (out, value->bytes);
    if (status != RTMFP_OK) {
      return status;
    }
  }
  return write_amf0_members (out, value, most);
}

/* Dense as a strict array; with names as an ECMA array whose elements are named "0", "1" ... */
static RtmfpStatus
write_amf0_array (RtmfpBuffer *out, const RtmfpAmfValue *value, size_t most) {
  if (value->member_count == 0) {
    rtmfp_amf_begin_array (out, (uint32_t)value->item_count);
  } else {
    rtmfp_amf_begin_ecma_array (out, (uint32_t)(value->item_count + value->member_count));
  }
  for (size_t i = 0; i < value->item_count; i++) {
    if (value->member_count > 0) {
      char name[24];
      snprintf (name, sizeof name, "%zu", i);
      rtmfp_amf_write_key (out, name);
    }
    const RtmfpStatus status = write_amf0 (out, value->items[i], most);
    if (status != RTMFP_OK) {
      return status;
    }
  }
  return value->member_count > 0 ? write_amf0_members (out, value, most) : RTMFP_OK;
}

static RtmfpStatus
write_amf0 (RtmfpBuffer *out, const RtmfpAmfValue *value, size_t most) {
  if (value->bytes.size > most || out->size > most) {
    return RTMFP_LIMIT;
  }
  switch (value->type) {
  case RTMFP_AMF_UNDEFINED:
    rtmfp_amf_write_undefined (out);
    break;
  case RTMFP_AMF_NULL:
    rtmfp_amf_write_null (out);
    break;
  case RTMFP_AMF_BOOLEAN:
    rtmfp_amf_write_boolean (out, value->boolean);
    break;
  case RTMFP_AMF_NUMBER:
    rtmfp_amf_write_number (out, value->number);
    break;
  case RTMFP_AMF_STRING:
    rtmfp_amf_write_string (out, value->bytes);
    break;
  case RTMFP_AMF_XML:
    rtmfp_buffer_append_u8 (out, AMF0_XML);
    rtmfp_buffer_append_u32 (out, (uint32_t)value->bytes.size);
    rtmfp_buffer_append (out, value->bytes);
    break;
  case RTMFP_AMF_DATE:
    rtmfp_amf_write_date (out, value->number);
    break;
  case RTMFP_AMF_OBJECT:
    return write_amf0_object (out, value, most);
  case RTMFP_AMF_ARRAY:
    return write_amf0_array (out, value, most);
  case RTMFP_AMF_BYTES:
  case RTMFP_AMF_DICTIONARY: /* AMF0 has none of these */
    rtmfp_amf_write_avmplus (out);
    return write_amf3 (out, value, most);
  }
  return RTMFP_OK;
}

static void
append_counted (RtmfpBuffer *out, uint8_t marker, RtmfpBytes bytes) {
  const size_t at = out->size;
  rtmfp_amf3_write_string (out, bytes);
  out->data[at] = marker; /* the same form behind another marker */
}

static RtmfpStatus
write_amf3_members (RtmfpBuffer *out, const RtmfpAmfValue *value, size_t most) {
  for (size_t i = 0; i < value->member_count; i++) {
    rtmfp_amf3_write_key (out, value->members[i].name);
    const RtmfpStatus status = write_amf3 (out, value->members[i].value, most);
    if (status != RTMFP_OK) {
      return status;
    }
  }
  rtmfp_amf3_end_object (out);
  return RTMFP_OK;
}

static RtmfpStatus
write_amf3_items (RtmfpBuffer *out, const RtmfpAmfValue *value, size_t most) {
  for (size_t i = 0; i < value->item_count; i++) {
    const RtmfpStatus status = write_amf3 (out, value->items[i], most);
    if (status != RTMFP_OK) {
      return status;
    }
  }
  return RTMFP_OK;
}

static RtmfpStatus
write_amf3_array (RtmfpBuffer *out, const RtmfpAmfValue *value, size_t most) {
  rtmfp_amf3_begin_array (out, (uint32_t)value->item_count);
  if (value->member_count > 0) {
    out->size--; /* the end of the named part comes behind it */
    const RtmfpStatus status = write_amf3_members (out, value, most);
    if (status != RTMFP_OK) {
      return status;
    }
  }
  return write_amf3_items (out, value, most);
}

static RtmfpStatus
write_amf3_dictionary (RtmfpBuffer *out, const RtmfpAmfValue *value, size_t most) {
  const size_t at = out->size;
  rtmfp_amf3_begin_array (out, (uint32_t)value->item_count / 2);
  out->data[at] = AMF3_DICTIONARY;
  out->data[out->size - 1] = 0; /* where an array ends its names: keys are not weak */
  return write_amf3_items (out, value, most);
}

static RtmfpStatus
write_amf3 (RtmfpBuffer *out, const RtmfpAmfValue *value, size_t most) {
  if (value->bytes.size > most || value->bytes.size > AMF3_LENGTH_MAX || out->size > most) {
    return RTMFP_LIMIT;
  }
  switch (value->type) {
  case RTMFP_AMF_UNDEFINED:
    rtmfp_amf3_write_undefined (out);
    break;
  case RTMFP_AMF_NULL:
    rtmfp_amf3_write_null (out);
    break;
  case RTMFP_AMF_BOOLEAN:
    rtmfp_amf3_write_boolean (out, value->boolean);
    break;
  case RTMFP_AMF_NUMBER:
    rtmfp_amf3_write_number (out, value->number);
    break;
  case RTMFP_AMF_STRING:
    rtmfp_amf3_write_string (out, value->bytes);
    break;
  case RTMFP_AMF_XML:
    append_counted (out, AMF3_XML, value->bytes);
    break;
  case RTMFP_AMF_DATE:
    rtmfp_amf3_write_date (out, value->number);
    break;
  case RTMFP_AMF_BYTES:
    rtmfp_amf3_write_bytes (out, value->bytes);
    break;
  case RTMFP_AMF_OBJECT:
    rtmfp_amf3_begin_object (out, value->bytes);
    return write_amf3_members (out, value, most);
  case RTMFP_AMF_ARRAY:
    return write_amf3_array (out, value, most);
  case RTMFP_AMF_DICTIONARY:
    return write_amf3_dictionary (out, value, most);
  }
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_amf_write_value (RtmfpBuffer *out, const RtmfpAmfValue *value, RtmfpAmfEncoding encoding,
                       size_t most_bytes) {
  const size_t size = out->size;
  RtmfpStatus status = encoding == RTMFP_AMF0 ? write_amf0 (out, value, most_bytes)
                                              : write_amf3 (out, value, most_bytes);
  if (status == RTMFP_OK && out->size > most_bytes) {
    status = RTMFP_LIMIT;
  }
  if (status != RTMFP_OK) {
    out->size = size;
  }
  return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Reads AMF0 values into the tree. Source: AMF 0 s2. */
#include "core/amf/constants.h"
#include "core/amf/parser.h"

static RtmfpStatus
read_string (RtmfpAmfParser *parser, RtmfpBytes *bytes) {
  uint16_t size;
  const RtmfpStatus status = rtmfp_reader_u16 (&parser->in, &size);
  return status == RTMFP_OK ? rtmfp_amf_take_utf8 (parser, size, bytes) : status;
}

static RtmfpStatus
read_long_string (RtmfpAmfParser *parser, RtmfpBytes *bytes) {
  uint32_t size;
  const RtmfpStatus status = rtmfp_reader_u32 (&parser->in, &size);
  return status == RTMFP_OK ? rtmfp_amf_take_utf8 (parser, size, bytes) : status;
}

/* Keys and values until the empty key and the end marker. AMF 0 s2.5. */
static RtmfpStatus
read_members (RtmfpAmfParser *parser, RtmfpAmfValue *object) {
  const size_t base = parser->stack_count;
  for (;;) {
    RtmfpBytes name;
    RtmfpStatus status = read_string (parser, &name);
    if (status != RTMFP_OK) {
      return status;
    }
    if (name.size == 0) {
      uint8_t marker;
      status = rtmfp_reader_u8 (&parser->in, &marker);
      if (status != RTMFP_OK) {
        return status;
      }
      if (marker != AMF0_OBJECT_END) {
        return RTMFP_MALFORMED;
      }
      rtmfp_amf_take_members (parser, base, object);
      return RTMFP_OK;
    }
    const RtmfpAmfValue *value;
    status = rtmfp_amf0_read_value (parser, &value);
    if (status == RTMFP_OK) {
      status = rtmfp_amf_push (parser, name, value);
    }
    if (status != RTMFP_OK) {
      return status;
    }
  }
}

static RtmfpStatus
read_items (RtmfpAmfParser *parser, RtmfpAmfValue *array) {
  uint32_t count;
  RtmfpStatus status = rtmfp_reader_u32 (&parser->in, &count);
  const size_t base = parser->stack_count;
  for (uint32_t i = 0; status == RTMFP_OK && i < count; i++) {
    const RtmfpAmfValue *value;
    status = rtmfp_amf0_read_value (parser, &value);
    if (status == RTMFP_OK) {
      status = rtmfp_amf_push (parser, rtmfp_bytes (NULL, 0), value);
    }
  }
  if (status == RTMFP_OK) {
    rtmfp_amf_take_items (parser, base, array);
  }
  return status;
}

/* Object, typed object, ECMA array and strict array: what references count. */
static RtmfpStatus
read_complex (RtmfpAmfParser *parser, uint8_t marker, const RtmfpAmfValue **result) {
  const bool is_array = marker == AMF0_ECMA_ARRAY || marker == AMF0_STRICT_ARRAY;
  RtmfpAmfValue *value;
  size_t index;
  RtmfpStatus status =
      rtmfp_amf_new_value (parser, is_array ? RTMFP_AMF_ARRAY : RTMFP_AMF_OBJECT, &value);
  if (status == RTMFP_OK) {
    status = rtmfp_amf_note (&parser->amf0, value, false, &index);
  }
  if (status == RTMFP_OK) {
    status = rtmfp_amf_enter (parser);
  }
  if (status == RTMFP_OK && marker == AMF0_TYPED_OBJECT) {
    status = read_string (parser, &value->bytes);
  }
  uint32_t hint;
  if (status == RTMFP_OK && marker == AMF0_ECMA_ARRAY) {
    status = rtmfp_reader_u32 (&parser->in, &hint); /* how many there are is only a hint */
  }
  if (status == RTMFP_OK) {
    status =
        marker == AMF0_STRICT_ARRAY ? read_items (parser, value) : read_members (parser, value);
  }
  if (status == RTMFP_OK) {
    rtmfp_amf_leave (parser);
    parser->amf0.items[index].finished = true;
    *result = value;
  }
  return status;
}

static RtmfpStatus
read_reference (RtmfpAmfParser *parser, const RtmfpAmfValue **result) {
  uint16_t index;
  const RtmfpStatus status = rtmfp_reader_u16 (&parser->in, &index);
  return status == RTMFP_OK ? rtmfp_amf_refer (parser, &parser->amf0, index, result) : status;
}

static RtmfpStatus
read_boolean (RtmfpAmfParser *parser, RtmfpAmfValue *value) {
  uint8_t byte;
  const RtmfpStatus status = rtmfp_reader_u8 (&parser->in, &byte);
  value->boolean = status == RTMFP_OK && byte != 0;
  return status;
}

/* A double, and a time zone that "should be 0" and is ignored. AMF 0 s2.13. */
static RtmfpStatus
read_date (RtmfpAmfParser *parser, RtmfpAmfValue *value) {
  uint16_t zone;
  const RtmfpStatus status = rtmfp_amf_take_double (parser, &value->number);
  return status == RTMFP_OK ? rtmfp_reader_u16 (&parser->in, &zone) : status;
}

static RtmfpStatus
read_body (RtmfpAmfParser *parser, uint8_t marker, RtmfpAmfValue *value) {
  switch (marker) {
  case AMF0_NUMBER:
    return rtmfp_amf_take_double (parser, &value->number);
  case AMF0_BOOLEAN:
    return read_boolean (parser, value);
  case AMF0_STRING:
    return read_string (parser, &value->bytes);
  case AMF0_LONG_STRING:
  case AMF0_XML:
    return read_long_string (parser, &value->bytes);
  case AMF0_DATE:
    return read_date (parser, value);
  default:
    return RTMFP_OK;
  }
}

static RtmfpStatus
simple_type (uint8_t marker, RtmfpAmfType *type) {
  static const RtmfpAmfType types[] = {
      [AMF0_NUMBER] = RTMFP_AMF_NUMBER, [AMF0_BOOLEAN] = RTMFP_AMF_BOOLEAN,
      [AMF0_STRING] = RTMFP_AMF_STRING, [AMF0_NULL] = RTMFP_AMF_NULL,
      [AMF0_DATE] = RTMFP_AMF_DATE,     [AMF0_LONG_STRING] = RTMFP_AMF_STRING,
      [AMF0_XML] = RTMFP_AMF_XML,       [AMF0_UNDEFINED] = RTMFP_AMF_UNDEFINED,
  };
  if (marker == AMF0_MOVIE_CLIP || marker == AMF0_RECORD_SET) {
    return RTMFP_UNSUPPORTED;
  }
  if (marker == AMF0_OBJECT_END || marker > AMF0_AVMPLUS) {
    return RTMFP_MALFORMED;
  }
  *type = types[marker]; /* AMF0_UNSUPPORTED reads as undefined */
  return RTMFP_OK;
}

static RtmfpStatus
read_simple (RtmfpAmfParser *parser, uint8_t marker, const RtmfpAmfValue **result) {
  RtmfpAmfType type;
  RtmfpAmfValue *value;
  RtmfpStatus status = simple_type (marker, &type);
  if (status == RTMFP_OK) {
    status = rtmfp_amf_new_value (parser, type, &value);
  }
  if (status == RTMFP_OK) {
    status = read_body (parser, marker, value);
  }
  if (status == RTMFP_OK) {
    *result = value;
  }
  return status;
}

RtmfpStatus
rtmfp_amf0_read_value (RtmfpAmfParser *parser, const RtmfpAmfValue **result) {
  uint8_t marker;
  const RtmfpStatus status = rtmfp_reader_u8 (&parser->in, &marker);
  if (status != RTMFP_OK) {
    return status;
  }
  switch (marker) {
  case AMF0_OBJECT:
  case AMF0_TYPED_OBJECT:
  case AMF0_ECMA_ARRAY:
  case AMF0_STRICT_ARRAY:
    return read_complex (parser, marker, result);
  case AMF0_REFERENCE:
    return read_reference (parser, result);
  case AMF0_AVMPLUS:
    rtmfp_amf3_reset (parser);
    return rtmfp_amf3_read_value (parser, result);
  default:
    return read_simple (parser, marker, result);
  }
}

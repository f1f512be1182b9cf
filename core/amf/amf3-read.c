/* SPDX-License-Identifier: Apache-2.0 */
/* Reads AMF3 values into the tree, with their three tables of references. Source: AMF 3 s3. */
#include "core/amf/constants.h"
#include "core/amf/params.h"
#include "core/amf/parser.h"
#include "core/base/memory.h"

#include <string.h>

void
rtmfp_amf3_reset (RtmfpAmfParser *parser) {
  parser->amf3.count = 0;
  parser->string_count = 0;
  parser->trait_count = 0;
}

/* One to four bytes, 29 bits. AMF 3 s1.3.1. */
static RtmfpStatus
read_u29 (RtmfpAmfParser *parser, uint32_t *value) {
  uint32_t result = 0;
  for (unsigned i = 0; i < 4; i++) {
    uint8_t byte;
    const RtmfpStatus status = rtmfp_reader_u8 (&parser->in, &byte);
    if (status != RTMFP_OK) {
      return status;
    }
    if (i == 3) {
      result = result << 8 | byte;
      break;
    }
    result = result << 7 | (byte & 0x7f);
    if ((byte & 0x80) == 0) {
      break;
    }
  }
  *value = result;
  return RTMFP_OK;
}

static RtmfpStatus
note_string (RtmfpAmfParser *parser, RtmfpBytes bytes) {
  if (parser->string_count >= RTMFP_AMF_REFERENCES_MAX) {
    return RTMFP_LIMIT;
  }
  if (parser->string_count == parser->string_capacity) {
    parser->string_capacity = parser->string_capacity == 0 ? 16 : parser->string_capacity * 2;
    parser->strings =
        rtmfp_memory_resize (parser->strings, parser->string_capacity, sizeof *parser->strings);
  }
  parser->strings[parser->string_count++] = bytes;
  return RTMFP_OK;
}

/* By reference or in place; the empty string is never referred to. AMF 3 s1.3.2. */
static RtmfpStatus
read_string (RtmfpAmfParser *parser, RtmfpBytes *bytes) {
  uint32_t head;
  RtmfpStatus status = read_u29 (parser, &head);
  if (status != RTMFP_OK) {
    return status;
  }
  if ((head & 1) == 0) {
    if (head >> 1 >= parser->string_count) {
      return RTMFP_MALFORMED;
    }
    *bytes = parser->strings[head >> 1];
    return RTMFP_OK;
  }
  status = rtmfp_amf_take_utf8 (parser, head >> 1, bytes);
  return status == RTMFP_OK && bytes->size > 0 ? note_string (parser, *bytes) : status;
}

/* The head of a complex value: a finished one by reference (*value set), or length and a new value.
 */
typedef struct {
  const RtmfpAmfValue *shared; /* by reference */
  RtmfpAmfValue *value;        /* new */
  size_t index;
  uint32_t rest; /* head without its lowest bit */
} Head;

static RtmfpStatus
read_head (RtmfpAmfParser *parser, RtmfpAmfType type, Head *head) {
  *head = (Head){0};
  uint32_t bits;
  RtmfpStatus status = read_u29 (parser, &bits);
  if (status != RTMFP_OK) {
    return status;
  }
  head->rest = bits >> 1;
  if ((bits & 1) == 0) {
    return rtmfp_amf_refer (parser, &parser->amf3, head->rest, &head->shared);
  }
  status = rtmfp_amf_new_value (parser, type, &head->value);
  if (status != RTMFP_OK) {
    return status;
  }
  return rtmfp_amf_note (&parser->amf3, head->value, false, &head->index);
}

/* Names and values until the empty name. */
static RtmfpStatus
push_named (RtmfpAmfParser *parser) {
  for (;;) {
    RtmfpBytes name;
    const RtmfpAmfValue *value;
    RtmfpStatus status = read_string (parser, &name);
    if (status != RTMFP_OK || name.size == 0) {
      return status;
    }
    status = rtmfp_amf3_read_value (parser, &value);
    if (status == RTMFP_OK) {
      status = rtmfp_amf_push (parser, name, value);
    }
    if (status != RTMFP_OK) {
      return status;
    }
  }
}

static RtmfpStatus
read_items (RtmfpAmfParser *parser, uint32_t count, RtmfpAmfValue *array) {
  const size_t base = parser->stack_count;
  for (uint32_t i = 0; i < count; i++) {
    const RtmfpAmfValue *value;
    RtmfpStatus status = rtmfp_amf3_read_value (parser, &value);
    if (status == RTMFP_OK) {
      status = rtmfp_amf_push (parser, rtmfp_bytes (NULL, 0), value);
    }
    if (status != RTMFP_OK) {
      return status;
    }
  }
  rtmfp_amf_take_items (parser, base, array);
  return RTMFP_OK;
}

/* AMF 3 s3.11: the named part, then the dense part. */
static RtmfpStatus
read_array (RtmfpAmfParser *parser, const Head *head) {
  const size_t base = parser->stack_count;
  const RtmfpStatus status = push_named (parser);
  if (status != RTMFP_OK) {
    return status;
  }
  rtmfp_amf_take_members (parser, base, head->value);
  return read_items (parser, head->rest, head->value);
}

/* New traits: class name and sealed names; AMF 3 s3.12. */
static RtmfpStatus
read_new_traits (RtmfpAmfParser *parser, uint32_t bits, RtmfpAmfTraits *traits) {
  *traits = (RtmfpAmfTraits){.dynamic = (bits & 2) != 0, .name_count = bits >> 2};
  RtmfpStatus status = read_string (parser, &traits->class_name);
  if (status != RTMFP_OK) {
    return status;
  }
  if (traits->name_count > rtmfp_reader_left (&parser->in)) {
    return RTMFP_TRUNCATED; /* each name takes a byte at least */
  }
  if (traits->name_count > RTMFP_AMF_MEMBERS_MAX - parser->document->members) {
    return RTMFP_LIMIT;
  }
  parser->document->members += traits->name_count;
  RtmfpBytes *names =
      rtmfp_amf_allocate (parser->document, traits->name_count * sizeof *names + sizeof *names);
  for (size_t i = 0; i < traits->name_count; i++) {
    status = read_string (parser, &names[i]);
    if (status != RTMFP_OK) {
      return status;
    }
    if (names[i].size == 0) {
      return RTMFP_MALFORMED;
    }
  }
  traits->names = names;
  return RTMFP_OK;
}

static RtmfpStatus
note_traits (RtmfpAmfParser *parser, const RtmfpAmfTraits *traits) {
  if (parser->trait_count >= RTMFP_AMF_REFERENCES_MAX) {
    return RTMFP_LIMIT;
  }
  if (parser->trait_count == parser->trait_capacity) {
    parser->trait_capacity = parser->trait_capacity == 0 ? 8 : parser->trait_capacity * 2;
    parser->traits =
        rtmfp_memory_resize (parser->traits, parser->trait_capacity, sizeof *parser->traits);
  }
  parser->traits[parser->trait_count++] = *traits;
  return RTMFP_OK;
}

/* bits: the head of the object without the bit that says "no reference". */
static RtmfpStatus
read_traits (RtmfpAmfParser *parser, uint32_t bits, RtmfpAmfTraits *traits) {
  if ((bits & 1) == 0) {
    if (bits >> 1 >= parser->trait_count) {
      return RTMFP_MALFORMED;
    }
    *traits = parser->traits[bits >> 1];
    return RTMFP_OK;
  }
  if ((bits & 2) != 0) {
    return RTMFP_UNSUPPORTED; /* externalizable: its length is known to its class only */
  }
  const RtmfpStatus status = read_new_traits (parser, bits >> 1, traits);
  return status == RTMFP_OK ? note_traits (parser, traits) : status;
}

static RtmfpStatus
read_object (RtmfpAmfParser *parser, const Head *head) {
  RtmfpAmfTraits traits;
  RtmfpStatus status = read_traits (parser, head->rest, &traits);
  const size_t base = parser->stack_count;
  for (size_t i = 0; status == RTMFP_OK && i < traits.name_count; i++) {
    const RtmfpAmfValue *value;
    status = rtmfp_amf3_read_value (parser, &value);
    if (status == RTMFP_OK) {
      status = rtmfp_amf_push (parser, traits.names[i], value);
    }
  }
  if (status == RTMFP_OK && traits.dynamic) {
    status = push_named (parser);
  }
  if (status == RTMFP_OK) {
    head->value->bytes = traits.class_name;
    rtmfp_amf_take_members (parser, base, head->value);
  }
  return status;
}

static RtmfpStatus
read_element (RtmfpAmfParser *parser, uint8_t marker, double *number) {
  if (marker == AMF3_VECTOR_DOUBLE) {
    return rtmfp_amf_take_double (parser, number);
  }
  uint32_t bits;
  const RtmfpStatus status = rtmfp_reader_u32 (&parser->in, &bits);
  if (status == RTMFP_OK) {
    const int64_t is_negative = marker == AMF3_VECTOR_INT && bits > INT32_MAX;
    *number = (double)((int64_t)bits - (is_negative ? INT64_C (4294967296) : 0));
  }
  return status;
}

/* AMF 3 s3.15: a byte that says whether its length is fixed, then the elements. */
static RtmfpStatus
read_vector (RtmfpAmfParser *parser, uint8_t marker, const Head *head) {
  uint8_t fixed;
  RtmfpStatus status = rtmfp_reader_u8 (&parser->in, &fixed);
  if (status != RTMFP_OK) {
    return status;
  }
  if (marker == AMF3_VECTOR_OBJECT) {
    status = read_string (parser, &head->value->bytes);
    return status == RTMFP_OK ? read_items (parser, head->rest, head->value) : status;
  }
  const size_t base = parser->stack_count;
  for (uint32_t i = 0; i < head->rest; i++) {
    RtmfpAmfValue *element;
    status = rtmfp_amf_new_value (parser, RTMFP_AMF_NUMBER, &element);
    if (status == RTMFP_OK) {
      status = read_element (parser, marker, &element->number);
    }
    if (status == RTMFP_OK) {
      status = rtmfp_amf_push (parser, rtmfp_bytes (NULL, 0), element);
    }
    if (status != RTMFP_OK) {
      return status;
    }
  }
  rtmfp_amf_take_items (parser, base, head->value);
  return RTMFP_OK;
}

/* AMF 3 s3.16: a byte for weak keys, then pairs of any values. */
static RtmfpStatus
read_dictionary (RtmfpAmfParser *parser, const Head *head) {
  uint8_t weak;
  const RtmfpStatus status = rtmfp_reader_u8 (&parser->in, &weak);
  if (status != RTMFP_OK) {
    return status;
  }
  return read_items (parser, head->rest * 2, head->value);
}

static RtmfpStatus
read_complex_body (RtmfpAmfParser *parser, uint8_t marker, const Head *head) {
  switch (marker) {
  case AMF3_XML_DOCUMENT:
  case AMF3_XML:
    return rtmfp_amf_take_utf8 (parser, head->rest, &head->value->bytes);
  case AMF3_BYTE_ARRAY:
    return rtmfp_reader_take (&parser->in, head->rest, &head->value->bytes);
  case AMF3_DATE:
    return rtmfp_amf_take_double (parser, &head->value->number);
  case AMF3_ARRAY:
    return read_array (parser, head);
  case AMF3_OBJECT:
    return read_object (parser, head);
  case AMF3_DICTIONARY:
    return read_dictionary (parser, head);
  default:
    return read_vector (parser, marker, head);
  }
}

static RtmfpStatus
read_complex (RtmfpAmfParser *parser, uint8_t marker, const RtmfpAmfValue **result) {
  static const RtmfpAmfType types[] = {
      [AMF3_XML_DOCUMENT] = RTMFP_AMF_XML,
      [AMF3_DATE] = RTMFP_AMF_DATE,
      [AMF3_ARRAY] = RTMFP_AMF_ARRAY,
      [AMF3_OBJECT] = RTMFP_AMF_OBJECT,
      [AMF3_XML] = RTMFP_AMF_XML,
      [AMF3_BYTE_ARRAY] = RTMFP_AMF_BYTES,
      [AMF3_VECTOR_INT] = RTMFP_AMF_ARRAY,
      [AMF3_VECTOR_UINT] = RTMFP_AMF_ARRAY,
      [AMF3_VECTOR_DOUBLE] = RTMFP_AMF_ARRAY,
      [AMF3_VECTOR_OBJECT] = RTMFP_AMF_ARRAY,
      [AMF3_DICTIONARY] = RTMFP_AMF_DICTIONARY,
  };
  Head head;
  RtmfpStatus status = read_head (parser, types[marker], &head);
  if (status != RTMFP_OK) {
    return status;
  }
  if (head.shared != NULL) {
    *result = head.shared;
    return RTMFP_OK;
  }
  status = rtmfp_amf_enter (parser);
  if (status == RTMFP_OK) {
    status = read_complex_body (parser, marker, &head);
  }
  if (status == RTMFP_OK) {
    rtmfp_amf_leave (parser);
    parser->amf3.items[head.index].finished = true;
    *result = head.value;
  }
  return status;
}

static RtmfpStatus
read_integer (RtmfpAmfParser *parser, RtmfpAmfValue *value) {
  uint32_t bits;
  const RtmfpStatus status = read_u29 (parser, &bits);
  if (status == RTMFP_OK) {
    value->number = bits > AMF3_INTEGER_MAX ? (double)bits - 536870912.0 : (double)bits;
  }
  return status;
}

static RtmfpStatus
read_simple (RtmfpAmfParser *parser, uint8_t marker, const RtmfpAmfValue **result) {
  static const RtmfpAmfType types[] = {
      [AMF3_UNDEFINED] = RTMFP_AMF_UNDEFINED, [AMF3_NULL] = RTMFP_AMF_NULL,
      [AMF3_FALSE] = RTMFP_AMF_BOOLEAN,       [AMF3_TRUE] = RTMFP_AMF_BOOLEAN,
      [AMF3_INTEGER] = RTMFP_AMF_NUMBER,      [AMF3_DOUBLE] = RTMFP_AMF_NUMBER,
      [AMF3_STRING] = RTMFP_AMF_STRING,
  };
  RtmfpAmfValue *value;
  RtmfpStatus status = rtmfp_amf_new_value (parser, types[marker], &value);
  if (status != RTMFP_OK) {
    return status;
  }
  *result = value;
  switch (marker) {
  case AMF3_TRUE:
    value->boolean = true;
    return RTMFP_OK;
  case AMF3_INTEGER:
    return read_integer (parser, value);
  case AMF3_DOUBLE:
    return rtmfp_amf_take_double (parser, &value->number);
  case AMF3_STRING:
    return read_string (parser, &value->bytes);
  default:
    return RTMFP_OK;
  }
}

RtmfpStatus
rtmfp_amf3_read_value (RtmfpAmfParser *parser, const RtmfpAmfValue **result) {
  uint8_t marker;
  const RtmfpStatus status = rtmfp_reader_u8 (&parser->in, &marker);
  if (status != RTMFP_OK) {
    return status;
  }
  if (marker > AMF3_DICTIONARY) {
    return RTMFP_MALFORMED;
  }
  return marker <= AMF3_STRING ? read_simple (parser, marker, result)
                               : read_complex (parser, marker, result);
}

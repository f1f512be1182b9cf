/* SPDX-License-Identifier: Apache-2.0 */
/* What the AMF0 and the AMF3 reader share, and the reading of a whole sequence (AMF 0, AMF 3). */
#include "core/amf/parser.h"

#include "core/amf/params.h"
#include "core/amf/utf8.h"
#include "core/base/memory.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_BYTES_MIN 2048
#define BLOCK_BYTES_MAX 65536

struct RtmfpAmfBlock {
  RtmfpAmfBlock *next;
  size_t used;
  size_t size;
  alignas (max_align_t) uint8_t data[];
};

void *
rtmfp_amf_allocate (RtmfpAmfDocument *document, size_t size) {
  size = (size + alignof (max_align_t) - 1) / alignof (max_align_t) * alignof (max_align_t);
  RtmfpAmfBlock *block = document->blocks;
  if (block == NULL || block->size - block->used < size) {
    size_t room = block == NULL ? BLOCK_BYTES_MIN : block->size * 2;
    room = room > BLOCK_BYTES_MAX ? BLOCK_BYTES_MAX : room;
    room = room < size ? size : room;
    block = rtmfp_memory_new (1, sizeof *block + room);
    block->size = room;
    block->next = document->blocks;
    document->blocks = block;
  }
  void *memory = block->data + block->used;
  block->used += size;
  return memory;
}

void
rtmfp_amf_document_clear (RtmfpAmfDocument *document) {
  while (document->blocks != NULL) {
    RtmfpAmfBlock *block = document->blocks;
    document->blocks = block->next;
    free (block);
  }
  free (document->entries);
  *document = (RtmfpAmfDocument){0};
}

RtmfpStatus
rtmfp_amf_new_value (RtmfpAmfParser *parser, RtmfpAmfType type, RtmfpAmfValue **value) {
  if (parser->document->values >= RTMFP_AMF_VALUES_MAX) {
    return RTMFP_LIMIT;
  }
  parser->document->values++;
  *value = rtmfp_amf_allocate (parser->document, sizeof **value);
  (*value)->type = type;
  return RTMFP_OK;
}

/* Room for one more in an owned array. */
static void *
grow (void *items, size_t count, size_t *capacity, size_t size) {
  if (count < *capacity) {
    return items;
  }
  *capacity = *capacity == 0 ? 16 : *capacity * 2;
  return rtmfp_memory_resize (items, *capacity, size);
}

RtmfpStatus
rtmfp_amf_push (RtmfpAmfParser *parser, RtmfpBytes name, const RtmfpAmfValue *value) {
  if (parser->document->members >= RTMFP_AMF_MEMBERS_MAX) {
    return RTMFP_LIMIT;
  }
  parser->document->members++;
  parser->stack =
      grow (parser->stack, parser->stack_count, &parser->stack_capacity, sizeof *parser->stack);
  parser->stack[parser->stack_count++] = (RtmfpAmfMember){.name = name, .value = value};
  return RTMFP_OK;
}

static void
raise_height (RtmfpAmfValue *value, const RtmfpAmfValue *child) {
  if (child->height >= value->height) {
    value->height = (uint8_t)(child->height + 1);
  }
}

void
rtmfp_amf_take_members (RtmfpAmfParser *parser, size_t base, RtmfpAmfValue *value) {
  const size_t count = parser->stack_count - base;
  if (count > 0) {
    RtmfpAmfMember *members = rtmfp_amf_allocate (parser->document, count * sizeof *members);
    memcpy (members, parser->stack + base, count * sizeof *members);
    for (size_t i = 0; i < count; i++) {
      raise_height (value, members[i].value);
    }
    value->members = members;
  }
  value->member_count = count;
  parser->stack_count = base;
}

void
rtmfp_amf_take_items (RtmfpAmfParser *parser, size_t base, RtmfpAmfValue *value) {
  const size_t count = parser->stack_count - base;
  if (count > 0) {
    const RtmfpAmfValue **items = rtmfp_amf_allocate (parser->document, count * sizeof *items);
    for (size_t i = 0; i < count; i++) {
      items[i] = parser->stack[base + i].value;
      raise_height (value, items[i]);
    }
    value->items = items;
  }
  value->item_count = count;
  parser->stack_count = base;
}

RtmfpStatus
rtmfp_amf_note (RtmfpAmfReferences *references, RtmfpAmfValue *value, bool finished,
                size_t *index) {
  if (references->count >= RTMFP_AMF_REFERENCES_MAX) {
    return RTMFP_LIMIT;
  }
  references->items =
      grow (references->items, references->count, &references->capacity, sizeof *references->items);
  *index = references->count++;
  references->items[*index] = (RtmfpAmfReference){.value = value, .finished = finished};
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_amf_refer (const RtmfpAmfParser *parser, const RtmfpAmfReferences *references, size_t index,
                 const RtmfpAmfValue **value) {
  if (index >= references->count) {
    return RTMFP_MALFORMED;
  }
  const RtmfpAmfReference *reference = &references->items[index];
  if (!reference->finished) {
    return RTMFP_UNSUPPORTED;
  }
  if (parser->depth + reference->value->height > RTMFP_AMF_DEPTH_MAX) {
    return RTMFP_LIMIT;
  }
  *value = reference->value;
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_amf_take_utf8 (RtmfpAmfParser *parser, size_t size, RtmfpBytes *bytes) {
  const RtmfpStatus status = rtmfp_reader_take (&parser->in, size, bytes);
  if (status != RTMFP_OK) {
    return status;
  }
  return rtmfp_utf8_is_valid (*bytes) ? RTMFP_OK : RTMFP_MALFORMED;
}

RtmfpStatus
rtmfp_amf_take_double (RtmfpAmfParser *parser, double *value) {
  uint64_t bits;
  const RtmfpStatus status = rtmfp_reader_u64 (&parser->in, &bits);
  if (status == RTMFP_OK) {
    memcpy (value, &bits, sizeof *value);
  }
  return status;
}

RtmfpStatus
rtmfp_amf_enter (RtmfpAmfParser *parser) {
  if (parser->depth >= RTMFP_AMF_DEPTH_MAX) {
    return RTMFP_LIMIT;
  }
  parser->depth++;
  return RTMFP_OK;
}

void
rtmfp_amf_leave (RtmfpAmfParser *parser) {
  parser->depth--;
}

static RtmfpStatus
read_sequence (RtmfpAmfParser *parser, RtmfpAmfEncoding encoding) {
  RtmfpAmfDocument *document = parser->document;
  while (rtmfp_reader_left (&parser->in) > 0) {
    const uint8_t *start = parser->in.at;
    const RtmfpAmfValue *value = NULL;
    const RtmfpStatus status = encoding == RTMFP_AMF0 ? rtmfp_amf0_read_value (parser, &value)
                                                      : rtmfp_amf3_read_value (parser, &value);
    if (status != RTMFP_OK) {
      return status;
    }
    if (document->count >= RTMFP_AMF_VALUES_MAX) {
      return RTMFP_LIMIT;
    }
    document->entries =
        grow (document->entries, document->count, &document->capacity, sizeof *document->entries);
    document->entries[document->count++] = (RtmfpAmfEntry){
        .value = value, .encoded = rtmfp_bytes (start, (size_t)(parser->in.at - start))};
  }
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_amf_read (RtmfpAmfDocument *document, RtmfpBytes input, RtmfpAmfEncoding encoding) {
  rtmfp_amf_document_clear (document);
  RtmfpAmfParser parser = {.document = document, .in = rtmfp_reader (input.data, input.size)};
  const RtmfpStatus status = read_sequence (&parser, encoding);
  free (parser.stack);
  free (parser.amf0.items);
  free (parser.amf3.items);
  free (parser.strings);
  free (parser.traits);
  if (status != RTMFP_OK) {
    rtmfp_amf_document_clear (document);
  }
  return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the AMF0 and the AMF3 reader share: the tree's memory, the bounds, the growing lists. */
#ifndef RTMFP_AMF_PARSER_H
#define RTMFP_AMF_PARSER_H

#include "core/amf/amf.h"

/* A complex value that a reference may name. */
typedef struct {
  RtmfpAmfValue *value; /* (borrowed from the document) */
  bool finished;
} RtmfpAmfReference;

typedef struct {
  RtmfpAmfReference *items; /* (owned) */
  size_t count;
  size_t capacity;
} RtmfpAmfReferences;

/* Class name and sealed members. AMF 3 s3.12. */
typedef struct {
  RtmfpBytes class_name;
  const RtmfpBytes *names; /* (borrowed from the document) */
  size_t name_count;
  bool dynamic;
} RtmfpAmfTraits;

typedef struct {
  RtmfpAmfDocument *document;
  RtmfpReader in;
  unsigned depth;
  RtmfpAmfMember *stack; /* (owned) members of objects that are not finished, innermost last */
  size_t stack_count;
  size_t stack_capacity;
  RtmfpAmfReferences amf0;
  RtmfpAmfReferences amf3;
  RtmfpBytes *strings; /* (owned) AMF3 */
  size_t string_count;
  size_t string_capacity;
  RtmfpAmfTraits *traits; /* (owned) AMF3 */
  size_t trait_count;
  size_t trait_capacity;
} RtmfpAmfParser;

/* Zeroed memory that lives as long as the document. */
void *rtmfp_amf_allocate (RtmfpAmfDocument *document, size_t size);
/* Returns: OK or LIMIT. */
RTMFP_MUST_USE RtmfpStatus rtmfp_amf_new_value (RtmfpAmfParser *parser, RtmfpAmfType type,
                                                RtmfpAmfValue **value);
/* Puts a member (or, without a name, an element) on the stack. Returns: OK or LIMIT. */
RTMFP_MUST_USE RtmfpStatus rtmfp_amf_push (RtmfpAmfParser *parser, RtmfpBytes name,
                                           const RtmfpAmfValue *value);
/* Moves what lies on the stack above base into value's members, or its items. */
void rtmfp_amf_take_members (RtmfpAmfParser *parser, size_t base, RtmfpAmfValue *value);
void rtmfp_amf_take_items (RtmfpAmfParser *parser, size_t base, RtmfpAmfValue *value);

/* Notes a value that has begun; index out. Returns: OK or LIMIT. */
RTMFP_MUST_USE RtmfpStatus rtmfp_amf_note (RtmfpAmfReferences *references, RtmfpAmfValue *value,
                                           bool finished, size_t *index);
/* The finished value of that index. Returns: OK; MALFORMED; UNSUPPORTED (a circle); LIMIT (depth).
 */
RTMFP_MUST_USE RtmfpStatus rtmfp_amf_refer (const RtmfpAmfParser *parser,
                                            const RtmfpAmfReferences *references, size_t index,
                                            const RtmfpAmfValue **value);

/* size bytes that must be UTF-8. */
RTMFP_MUST_USE RtmfpStatus rtmfp_amf_take_utf8 (RtmfpAmfParser *parser, size_t size,
                                                RtmfpBytes *bytes);
RTMFP_MUST_USE RtmfpStatus rtmfp_amf_take_double (RtmfpAmfParser *parser, double *value);

/* One level down (LIMIT when too deep), and up again. */
RTMFP_MUST_USE RtmfpStatus rtmfp_amf_enter (RtmfpAmfParser *parser);
void rtmfp_amf_leave (RtmfpAmfParser *parser);

/* One value of each encoding. */
RTMFP_MUST_USE RtmfpStatus rtmfp_amf0_read_value (RtmfpAmfParser *parser,
                                                  const RtmfpAmfValue **value);
RTMFP_MUST_USE RtmfpStatus rtmfp_amf3_read_value (RtmfpAmfParser *parser,
                                                  const RtmfpAmfValue **value);
/* Forgets AMF3's tables of references. */
void rtmfp_amf3_reset (RtmfpAmfParser *parser);

#endif

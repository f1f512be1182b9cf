/* SPDX-License-Identifier: Apache-2.0 */
/* AMF0 and AMF3 values (Adobe's "Action Message Format", AMF 0 and AMF 3): a bounded tree when
 * read, straight into a buffer when written. */
#ifndef RTMFP_AMF_AMF_H
#define RTMFP_AMF_AMF_H

#include "core/base/buffer.h"
#include "core/base/bytes.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a value is. */
typedef enum {
  RTMFP_AMF_UNDEFINED, /* also AMF0 "unsupported" */
  RTMFP_AMF_NULL,
  RTMFP_AMF_BOOLEAN,
  RTMFP_AMF_NUMBER,
  RTMFP_AMF_STRING,
  RTMFP_AMF_XML,
  RTMFP_AMF_DATE,       /* number = milliseconds since 1970 UTC */
  RTMFP_AMF_BYTES,      /* AMF3 ByteArray */
  RTMFP_AMF_OBJECT,     /* members; class name in bytes (empty = anonymous) */
  RTMFP_AMF_ARRAY,      /* items, then members of the associative part; AMF3 vectors too */
  RTMFP_AMF_DICTIONARY, /* AMF3: items are key, value, key, value ... */
} RtmfpAmfType;

/* The two ways to write it. */
typedef enum { RTMFP_AMF0, RTMFP_AMF3 } RtmfpAmfEncoding;

typedef struct RtmfpAmfValue RtmfpAmfValue;

/* A named value of an object. */
typedef struct {
  RtmfpBytes name; /* UTF-8 without a final zero (borrowed from the input) */
  const RtmfpAmfValue *value;
} RtmfpAmfMember;

/* All pointers: (borrowed, until the document is cleared or read again, and the input is gone). */
struct RtmfpAmfValue {
  RtmfpAmfType type;
  bool boolean;
  double number;
  RtmfpBytes bytes; /* STRING and XML: valid UTF-8; BYTES; OBJECT: class name */
  const RtmfpAmfMember *members;
  size_t member_count;
  const RtmfpAmfValue *const *items;
  size_t item_count;
  uint8_t height; /* levels of values below this one, shared ones counted: at most
                     RTMFP_AMF_DEPTH_MAX */
};

/* One of the values that stand one after another in the input. */
typedef struct {
  const RtmfpAmfValue *value;
  RtmfpBytes encoded; /* its bytes in the input, marker included */
} RtmfpAmfEntry;

typedef struct RtmfpAmfBlock RtmfpAmfBlock;

/* What was read. A zeroed struct is empty. */
typedef struct {
  RtmfpAmfEntry *entries; /* (owned) */
  size_t count;
  size_t capacity;
  RtmfpAmfBlock *blocks; /* (owned) the tree's memory */
  size_t values;         /* counted against RTMFP_AMF_VALUES_MAX */
  size_t members;        /* counted against RTMFP_AMF_MEMBERS_MAX */
} RtmfpAmfDocument;

/* Frees the tree and leaves an empty document. */
RTMFP_API void rtmfp_amf_document_clear (RtmfpAmfDocument *document);

/* Reads all values of input (borrowed as long as the document is used), to its end. AMF0 may change
 * to AMF3 with the marker 0x11 for one value. Names and strings must be UTF-8. A reference to a
 * finished object shares it. Whatever was in document before is gone, also on failure. Returns: OK;
 * TRUNCATED; MALFORMED; UNSUPPORTED (movie clip, record set, externalizable object, a reference to
 * an object that is not finished: no circles); LIMIT (a bound of params.h). Source: AMF 0 s2, AMF 3
 * s3. */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_amf_read (RtmfpAmfDocument *document, RtmfpBytes input,
                                                     RtmfpAmfEncoding encoding);

/* The value at index of the sequence, or NULL. */
RTMFP_API const RtmfpAmfValue *rtmfp_amf_at (const RtmfpAmfDocument *document, size_t index);

/* ---- Asking a value. Each takes NULL (an absent value) and answers NULL or false then. ---- */

/* The first member of that name of an object or array; NULL when there is none. */
RTMFP_API const RtmfpAmfValue *rtmfp_amf_get (const RtmfpAmfValue *value, const char *name);
/* An element of an array. */
RTMFP_API const RtmfpAmfValue *rtmfp_amf_item (const RtmfpAmfValue *value, size_t index);

/* Absent, null and undefined are all "nothing". */
RTMFP_API bool rtmfp_amf_is_nothing (const RtmfpAmfValue *value);

/* Each answers whether the value is of that type (and fits); *out is left alone when not. */
RTMFP_API bool rtmfp_amf_as_boolean (const RtmfpAmfValue *value, bool *out);
RTMFP_API bool rtmfp_amf_as_number (const RtmfpAmfValue *value, double *out);
/* A whole number in least..most, both within +-2^53. */
RTMFP_API bool rtmfp_amf_as_integer (const RtmfpAmfValue *value, int64_t least, int64_t most,
                                     int64_t *out);
/* A string's UTF-8 bytes (borrowed). */
RTMFP_API bool rtmfp_amf_as_string (const RtmfpAmfValue *value, RtmfpBytes *out);
/* A string as C text into text[capacity]: false when it has a zero byte or does not fit whole. */
RTMFP_API bool rtmfp_amf_as_text (const RtmfpAmfValue *value, char *text, size_t capacity);
RTMFP_API bool rtmfp_amf_as_bytes (const RtmfpAmfValue *value, RtmfpBytes *out);
/* A byte array of exactly size bytes, copied. */
RTMFP_API bool rtmfp_amf_as_fixed (const RtmfpAmfValue *value, uint8_t *out, size_t size);
/* Whether it is a string and equals text. */
RTMFP_API bool rtmfp_amf_is_text (const RtmfpAmfValue *value, const char *text);

/* ---- Writing AMF0. Object: begin, then key and value by turns, then end. ---- */

/* Each appends one value to out. */
RTMFP_API void rtmfp_amf_write_number (RtmfpBuffer *out, double value);
/* Whole number within +-2^53 (asserted). */
RTMFP_API void rtmfp_amf_write_integer (RtmfpBuffer *out, int64_t value);
RTMFP_API void rtmfp_amf_write_boolean (RtmfpBuffer *out, bool value);
/* UTF-8 (copied), at most 2^32 - 1 bytes. */
RTMFP_API void rtmfp_amf_write_string (RtmfpBuffer *out, RtmfpBytes utf8);
RTMFP_API void rtmfp_amf_write_text (RtmfpBuffer *out, const char *text);
RTMFP_API void rtmfp_amf_write_null (RtmfpBuffer *out);
RTMFP_API void rtmfp_amf_write_undefined (RtmfpBuffer *out);
/* Milliseconds since 1970 UTC. */
RTMFP_API void rtmfp_amf_write_date (RtmfpBuffer *out, double milliseconds);
/* An AMF3 ByteArray behind the marker 0x11 (AMF 0 s3.1), at most 2^28 - 1 bytes. */
RTMFP_API void rtmfp_amf_write_bytes (RtmfpBuffer *out, RtmfpBytes bytes);
RTMFP_API void rtmfp_amf_begin_object (RtmfpBuffer *out);
/* 1 to 65535 bytes. */
RTMFP_API void rtmfp_amf_write_key (RtmfpBuffer *out, const char *name);
/* Ends an object or ECMA array. */
RTMFP_API void rtmfp_amf_end_object (RtmfpBuffer *out);
/* count values follow, and no end. */
RTMFP_API void rtmfp_amf_begin_array (RtmfpBuffer *out, uint32_t count);
/* Named members follow as in an object, then rtmfp_amf_end_object(). */
RTMFP_API void rtmfp_amf_begin_ecma_array (RtmfpBuffer *out, uint32_t count);

/* Key and value of one member in one call. */
RTMFP_API void rtmfp_amf_member_number (RtmfpBuffer *out, const char *name, double value);
RTMFP_API void rtmfp_amf_member_integer (RtmfpBuffer *out, const char *name, int64_t value);
RTMFP_API void rtmfp_amf_member_boolean (RtmfpBuffer *out, const char *name, bool value);
RTMFP_API void rtmfp_amf_member_text (RtmfpBuffer *out, const char *name, const char *text);
RTMFP_API void rtmfp_amf_member_string (RtmfpBuffer *out, const char *name, RtmfpBytes utf8);
RTMFP_API void rtmfp_amf_member_bytes (RtmfpBuffer *out, const char *name, RtmfpBytes bytes);

/* ---- Writing AMF3 (behind rtmfp_amf_write_avmplus, or in a body that is AMF3 throughout). ---- */

/* The marker 0x11: the next value is AMF3. */
RTMFP_API void rtmfp_amf_write_avmplus (RtmfpBuffer *out);
RTMFP_API void rtmfp_amf3_write_undefined (RtmfpBuffer *out);
RTMFP_API void rtmfp_amf3_write_null (RtmfpBuffer *out);
RTMFP_API void rtmfp_amf3_write_boolean (RtmfpBuffer *out, bool value);
/* Written as an integer when it is one of 29 bits, else as a double. */
RTMFP_API void rtmfp_amf3_write_number (RtmfpBuffer *out, double value);
RTMFP_API void rtmfp_amf3_write_string (RtmfpBuffer *out, RtmfpBytes utf8);
RTMFP_API void rtmfp_amf3_write_date (RtmfpBuffer *out, double milliseconds);
RTMFP_API void rtmfp_amf3_write_bytes (RtmfpBuffer *out, RtmfpBytes bytes);
/* A dynamic object; class_name may be empty. Members: rtmfp_amf3_write_key and a value by turns. */
RTMFP_API void rtmfp_amf3_begin_object (RtmfpBuffer *out, RtmfpBytes class_name);
RTMFP_API void rtmfp_amf3_write_key (RtmfpBuffer *out, RtmfpBytes name);
RTMFP_API void rtmfp_amf3_end_object (RtmfpBuffer *out);
/* Dense: count values follow, and no end. */
RTMFP_API void rtmfp_amf3_begin_array (RtmfpBuffer *out, uint32_t count);

/* Writes a tree again; what was shared is written twice.
 * Returns: OK; LIMIT when out would grow beyond most_bytes (out->size is as before). */
RTMFP_API RTMFP_MUST_USE RtmfpStatus rtmfp_amf_write_value (RtmfpBuffer *out,
                                                            const RtmfpAmfValue *value,
                                                            RtmfpAmfEncoding encoding,
                                                            size_t most_bytes);

#ifdef __cplusplus
}
#endif

#endif

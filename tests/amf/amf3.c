/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AMF3: bytes by the specification's grammar, read and written. Source: AMF 3 s3. */
#include "tests/amf/helpers.h"

static void
test_integers (void) {
  /* the edges of one, two, three and four bytes, and the negative ones. AMF 3 s1.3.1 */
  static const struct {
    double value;
    const char *bytes;
    size_t size;
  } vectors[] = {
      {0, "\x04\x00", 2},
      {127, "\x04\x7f", 2},
      {128, "\x04\x81\x00", 3},
      {16383, "\x04\xff\x7f", 3},
      {16384, "\x04\x81\x80\x00", 4},
      {2097151, "\x04\xff\xff\x7f", 4},
      {2097152, "\x04\x80\xc0\x80\x00", 5},
      {268435455, "\x04\xbf\xff\xff\xff", 5},
      {-268435456, "\x04\xc0\x80\x80\x00", 5},
      {-1, "\x04\xff\xff\xff\xff", 5},
      {268435456, "\x05\x41\xb0\x00\x00\x00\x00\x00\x00", 9},
      {0.5, "\x05\x3f\xe0\x00\x00\x00\x00\x00\x00", 9},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (vectors); i++) {
    RtmfpBuffer out = {0};
    rtmfp_amf3_write_number (&out, vectors[i].value);
    g_assert_cmpmem (out.data, out.size, vectors[i].bytes, vectors[i].size);
    Reading r;
    reading_start (&r, out.data, out.size, RTMFP_AMF3);
    g_assert_cmpfloat (number_of (rtmfp_amf_at (&r.document, 0)), ==, vectors[i].value);
    reading_clear (&r);
    rtmfp_buffer_clear (&out);
    assert_truncations_fail (vectors[i].bytes, vectors[i].size, RTMFP_AMF3);
  }
}

/* [ "hi", "hi" again by reference, {class "P", sealed x=1, dynamic "hi"=true}, another of the same
 * traits, the first object by reference ] */
static const char references[] = "\x09\x0b\x01\x06\x05hi\x06\x00"
                                 "\x0a\x1b\x03P\x03x\x04\x01\x00\x03\x01"
                                 "\x0a\x01\x04\x02\x01"
                                 "\x0a\x02";

static void
test_references (void) {
  READ (r, RTMFP_AMF3, references);
  g_assert_cmpint (r.status, ==, RTMFP_OK);
  const RtmfpAmfValue *array = rtmfp_amf_at (&r.document, 0);
  g_assert_cmpuint (array->item_count, ==, 5);
  g_assert_true (rtmfp_amf_is_text (rtmfp_amf_item (array, 0), "hi"));
  g_assert_true (rtmfp_amf_is_text (rtmfp_amf_item (array, 1), "hi"));
  const RtmfpAmfValue *first = rtmfp_amf_item (array, 2);
  g_assert_cmpmem (first->bytes.data, first->bytes.size, "P", 1);
  g_assert_cmpfloat (number_of (rtmfp_amf_get (first, "x")), ==, 1);
  bool dynamic = false;
  g_assert_true (rtmfp_amf_as_boolean (rtmfp_amf_get (first, "hi"), &dynamic));
  g_assert_true (dynamic);
  g_assert_cmpfloat (number_of (rtmfp_amf_get (rtmfp_amf_item (array, 3), "x")), ==, 2);
  g_assert_true (rtmfp_amf_item (array, 4) == first);
  reading_clear (&r);
  assert_truncations_fail (references, sizeof references - 1, RTMFP_AMF3);
}

static const char others[] = "\x00\x01\x02\x03"
                             "\x08\x01\x42\x73\x9a\x00\x00\x00\x00\x00"
                             "\x0b\x09<a/>\x07\x03x"
                             "\x0c\x05\xff\x00"
                             "\x0d\x05\x00\xff\xff\xff\xff\x00\x00\x00\x07"
                             "\x0e\x03\x01\xff\xff\xff\xff"
                             "\x0f\x03\x00\x3f\xf0\x00\x00\x00\x00\x00\x00"
                             "\x10\x03\x00\x03T\x01"
                             "\x11\x03\x00\x04\x01\x06\x03y";

static void
test_other_types (void) {
  READ (r, RTMFP_AMF3, others);
  g_assert_cmpint (r.status, ==, RTMFP_OK);
  static const RtmfpAmfType types[] = {
      RTMFP_AMF_UNDEFINED, RTMFP_AMF_NULL,  RTMFP_AMF_BOOLEAN,   RTMFP_AMF_BOOLEAN, RTMFP_AMF_DATE,
      RTMFP_AMF_XML,       RTMFP_AMF_XML,   RTMFP_AMF_BYTES,     RTMFP_AMF_ARRAY,   RTMFP_AMF_ARRAY,
      RTMFP_AMF_ARRAY,     RTMFP_AMF_ARRAY, RTMFP_AMF_DICTIONARY};
  g_assert_cmpuint (r.document.count, ==, G_N_ELEMENTS (types));
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++) {
    g_assert_cmpint (rtmfp_amf_at (&r.document, i)->type, ==, types[i]);
  }
  g_assert_cmpfloat (number_of (rtmfp_amf_item (rtmfp_amf_at (&r.document, 8), 0)), ==, -1);
  g_assert_cmpfloat (number_of (rtmfp_amf_item (rtmfp_amf_at (&r.document, 8), 1)), ==, 7);
  g_assert_cmpfloat (number_of (rtmfp_amf_item (rtmfp_amf_at (&r.document, 9), 0)), ==,
                     4294967295.0);
  g_assert_cmpfloat (number_of (rtmfp_amf_item (rtmfp_amf_at (&r.document, 10), 0)), ==, 1);
  const RtmfpAmfValue *dictionary = rtmfp_amf_at (&r.document, 12);
  g_assert_cmpuint (dictionary->item_count, ==, 2);
  g_assert_true (rtmfp_amf_is_text (rtmfp_amf_item (dictionary, 1), "y"));
  reading_clear (&r);
  assert_truncations_fail (others, sizeof others - 1, RTMFP_AMF3);
}

static void
test_writes_back (void) {
  static const char object[] = "\x0a\x0b\x01\x03"
                               "a\x09\x05\x01\x02\x00\x03"
                               "b\x08\x01\x42\x73\x9a\x9c"
                               "\x00\x00\x00\x00\x03"
                               "c\x09\x03\x03n\x01\x01\x04\x05\x03"
                               "d\x11\x03\x00\x06\x03k\x0c\x03v\x03"
                               "e\x0b\x03x\x01";
  READ (r, RTMFP_AMF3, object);
  g_assert_cmpint (r.status, ==, RTMFP_OK);
  assert_writes (rtmfp_amf_at (&r.document, 0), RTMFP_AMF3, object, sizeof object - 1);
  reading_clear (&r);
}

static void
test_builds_object (void) {
  RtmfpBuffer out = {0};
  rtmfp_amf_write_avmplus (&out);
  rtmfp_amf3_begin_object (&out, rtmfp_bytes ("T", 1));
  rtmfp_amf3_write_key (&out, rtmfp_bytes ("list", 4));
  rtmfp_amf3_begin_array (&out, 2);
  rtmfp_amf3_write_string (&out, rtmfp_bytes ("", 0));
  rtmfp_amf3_write_null (&out);
  rtmfp_amf3_write_key (&out, rtmfp_bytes ("yes", 3));
  rtmfp_amf3_write_boolean (&out, true);
  rtmfp_amf3_end_object (&out);
  rtmfp_amf_write_null (&out);
  Reading r;
  reading_start (&r, out.data, out.size, RTMFP_AMF0);
  g_assert_cmpint (r.status, ==, RTMFP_OK);
  g_assert_cmpuint (r.document.count, ==, 2);
  const RtmfpAmfValue *object = rtmfp_amf_at (&r.document, 0);
  g_assert_cmpuint (rtmfp_amf_get (object, "list")->item_count, ==, 2);
  g_assert_cmpuint (object->member_count, ==, 2);
  g_assert_cmpmem (object->bytes.data, object->bytes.size, "T", 1);
  reading_clear (&r);
  rtmfp_buffer_clear (&out);
}

static void
test_rejects (void) {
  g_assert_cmpint (STATUS (RTMFP_AMF3, "\x12"), ==, RTMFP_MALFORMED);
  g_assert_cmpint (STATUS (RTMFP_AMF3, "\x06\x00"), ==, RTMFP_MALFORMED);
  g_assert_cmpint (STATUS (RTMFP_AMF3, "\x09\x00"), ==, RTMFP_MALFORMED);
  g_assert_cmpint (STATUS (RTMFP_AMF3, "\x0a\x01"), ==, RTMFP_MALFORMED);
  g_assert_cmpint (STATUS (RTMFP_AMF3, "\x0a\x07\x03X"), ==, RTMFP_UNSUPPORTED);
  g_assert_cmpint (STATUS (RTMFP_AMF3, "\x09\x03\x01\x09\x00"), ==, RTMFP_UNSUPPORTED);
  g_assert_cmpint (STATUS (RTMFP_AMF3, "\x06\x03\xff"), ==, RTMFP_MALFORMED);
  g_assert_cmpint (STATUS (RTMFP_AMF3, "\x0a\x13\x01\x01\x01"), ==, RTMFP_MALFORMED);
  g_assert_cmpint (STATUS (RTMFP_AMF3, "\x0a\xff\xff\xff\xfb\x01\x03"
                                       "a"),
                   ==, RTMFP_TRUNCATED);
  g_assert_cmpint (STATUS (RTMFP_AMF3, "\x0f\xff\xff\xff\xff\x00\x00"), ==, RTMFP_TRUNCATED);
  /* each value behind the marker has tables of its own */
  g_assert_cmpint (STATUS (RTMFP_AMF0, "\x11\x06\x03"
                                       "a\x11\x06\x00"),
                   ==, RTMFP_MALFORMED);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/amf/amf3/integers", test_integers);
  g_test_add_func ("/amf/amf3/read/references", test_references);
  g_test_add_func ("/amf/amf3/read/other-types", test_other_types);
  g_test_add_func ("/amf/amf3/write/what-was-read", test_writes_back);
  g_test_add_func ("/amf/amf3/write/object-inside-amf0", test_builds_object);
  g_test_add_func ("/amf/amf3/read/rejects", test_rejects);
  return g_test_run ();
}

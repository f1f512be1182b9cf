/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AMF0: bytes as other implementations write them, read and written. Source: AMF 0 s2. */
#include "tests/amf/helpers.h"

#include <math.h>

/* The connect command of an RTMP client, as on the wire. */
static const char connect_command[] = "\x02\x00\x07"
                                      "connect"
                                      "\x00\x3f\xf0\x00\x00\x00\x00\x00\x00"
                                      "\x03\x00\x03"
                                      "app\x02\x00\x04"
                                      "ahoy"
                                      "\x00\x05"
                                      "tcUrl\x02\x00\x13"
                                      "rtmfp://h.test/ahoy"
                                      "\x00\x04"
                                      "fpad\x01\x00"
                                      "\x00\x0b"
                                      "audioCodecs\x00\x40\xa8\xee\x00\x00\x00\x00\x00"
                                      "\x00\x00\x09";

static void
test_reads_connect (void) {
  READ (r, RTMFP_AMF0, connect_command);
  g_assert_cmpint (r.status, ==, RTMFP_OK);
  g_assert_cmpuint (r.document.count, ==, 3);
  g_assert_true (rtmfp_amf_is_text (rtmfp_amf_at (&r.document, 0), "connect"));
  g_assert_cmpfloat (number_of (rtmfp_amf_at (&r.document, 1)), ==, 1);
  const RtmfpAmfValue *object = rtmfp_amf_at (&r.document, 2);
  g_assert_cmpuint (object->member_count, ==, 4);
  g_assert_true (rtmfp_amf_is_text (rtmfp_amf_get (object, "app"), "ahoy"));
  char url[32];
  g_assert_true (rtmfp_amf_as_text (rtmfp_amf_get (object, "tcUrl"), url, sizeof url));
  g_assert_cmpstr (url, ==, "rtmfp://h.test/ahoy");
  bool fpad = true;
  g_assert_true (rtmfp_amf_as_boolean (rtmfp_amf_get (object, "fpad"), &fpad));
  g_assert_false (fpad);
  g_assert_cmpfloat (number_of (rtmfp_amf_get (object, "audioCodecs")), ==, 3191);
  g_assert_null (rtmfp_amf_get (object, "absent"));
  g_assert_cmpuint (r.document.entries[1].encoded.size, ==, 9);
  g_assert_true (r.document.entries[1].encoded.data == r.bytes + 10);
  reading_clear (&r);
}

static void
test_writes_connect (void) {
  RtmfpBuffer out = {0};
  rtmfp_amf_write_text (&out, "connect");
  rtmfp_amf_write_number (&out, 1);
  rtmfp_amf_begin_object (&out);
  rtmfp_amf_member_text (&out, "app", "ahoy");
  rtmfp_amf_member_string (&out, "tcUrl", rtmfp_bytes ("rtmfp://h.test/ahoy", 19));
  rtmfp_amf_member_boolean (&out, "fpad", false);
  rtmfp_amf_member_integer (&out, "audioCodecs", 3191);
  rtmfp_amf_end_object (&out);
  g_assert_cmpmem (out.data, out.size, connect_command, sizeof connect_command - 1);
  rtmfp_buffer_clear (&out);
}

static void
test_truncated_connect (void) {
  assert_truncations_fail (connect_command, sizeof connect_command - 1, RTMFP_AMF0);
}

static void
test_simple_types (void) {
  READ (r, RTMFP_AMF0,
        "\x00\xc0\x09\x21\xfb\x54\x44\x2d\x18\x01\x01\x02\x00\x03h\xc3\xa9\x05\x06\x0d"
        "\x0b\x42\x73\x9a\x51\xcf\xcc\x00\x00\x00\x00\x0f\x00\x00\x00\x04<a/>"
        "\x0c\x00\x00\x00\x02hi\x11\x0c\x07\x00\x01\xff");
  g_assert_cmpint (r.status, ==, RTMFP_OK);
  static const RtmfpAmfType types[] = {RTMFP_AMF_NUMBER, RTMFP_AMF_BOOLEAN,   RTMFP_AMF_STRING,
                                       RTMFP_AMF_NULL,   RTMFP_AMF_UNDEFINED, RTMFP_AMF_UNDEFINED,
                                       RTMFP_AMF_DATE,   RTMFP_AMF_XML,       RTMFP_AMF_STRING,
                                       RTMFP_AMF_BYTES};
  g_assert_cmpuint (r.document.count, ==, G_N_ELEMENTS (types));
  for (size_t i = 0; i < G_N_ELEMENTS (types); i++) {
    g_assert_cmpint (rtmfp_amf_at (&r.document, i)->type, ==, types[i]);
  }
  g_assert_cmpfloat_with_epsilon (number_of (rtmfp_amf_at (&r.document, 0)), -3.14159265358979,
                                  1e-12);
  g_assert_cmpfloat (number_of (rtmfp_amf_at (&r.document, 6)), ==, 1347094904000.0);
  g_assert_true (rtmfp_amf_is_text (rtmfp_amf_at (&r.document, 8), "hi"));
  uint8_t bytes[3];
  g_assert_true (rtmfp_amf_as_fixed (rtmfp_amf_at (&r.document, 9), bytes, 3));
  g_assert_cmpmem (bytes, 3, "\x00\x01\xff", 3);
  g_assert_false (rtmfp_amf_as_fixed (rtmfp_amf_at (&r.document, 9), bytes, 2));
  reading_clear (&r);
}

/* A typed object, an ECMA array, a strict array, and references to them. */
static const char complex_types[] = "\x10\x00\x03"
                                    "Cat\x00\x03"
                                    "age\x00\x40\x08\x00\x00\x00\x00\x00\x00\x00\x00\x09"
                                    "\x08\x00\x00\x00\x09\x00\x01"
                                    "k\x02\x00\x01v\x00\x00\x09"
                                    "\x0a\x00\x00\x00\x02\x05\x07\x00\x00"
                                    "\x07\x00\x01";

static void
test_complex_types (void) {
  READ (r, RTMFP_AMF0, complex_types);
  g_assert_cmpint (r.status, ==, RTMFP_OK);
  g_assert_cmpuint (r.document.count, ==, 4);
  const RtmfpAmfValue *cat = rtmfp_amf_at (&r.document, 0);
  g_assert_cmpmem (cat->bytes.data, cat->bytes.size, "Cat", 3);
  g_assert_cmpfloat (number_of (rtmfp_amf_get (cat, "age")), ==, 3);
  const RtmfpAmfValue *ecma = rtmfp_amf_at (&r.document, 1);
  g_assert_cmpint (ecma->type, ==, RTMFP_AMF_ARRAY);
  g_assert_true (rtmfp_amf_is_text (rtmfp_amf_get (ecma, "k"), "v"));
  const RtmfpAmfValue *strict = rtmfp_amf_at (&r.document, 2);
  g_assert_cmpuint (strict->item_count, ==, 2);
  g_assert_true (rtmfp_amf_is_nothing (rtmfp_amf_item (strict, 0)));
  g_assert_true (rtmfp_amf_item (strict, 1) == cat);
  g_assert_null (rtmfp_amf_item (strict, 2));
  g_assert_true (rtmfp_amf_at (&r.document, 3) == ecma);
  g_assert_cmpuint (strict->height, ==, 2);
  reading_clear (&r);
  assert_truncations_fail (complex_types, sizeof complex_types - 1, RTMFP_AMF0);
}

static void
test_writes_back (void) {
  static const char object[] = "\x03\x00\x01"
                               "a\x0a\x00\x00\x00\x02\x01\x00\x06\x00\x01"
                               "b\x0b\x42\x73"
                               "\x9a\x9c\x5f\xcc\x00\x00\x00\x00\x00\x01"
                               "c\x11\x0c\x03z\x00\x01"
                               "d\x0f\x00\x00\x00\x01"
                               "x\x00\x00\x09";
  READ (r, RTMFP_AMF0, object);
  g_assert_cmpint (r.status, ==, RTMFP_OK);
  assert_writes (rtmfp_amf_at (&r.document, 0), RTMFP_AMF0, object, sizeof object - 1);
  reading_clear (&r);
}

static void
test_rejects (void) {
  g_assert_cmpint (STATUS (RTMFP_AMF0, "\x12"), ==, RTMFP_MALFORMED);
  g_assert_cmpint (STATUS (RTMFP_AMF0, "\x09"), ==, RTMFP_MALFORMED);
  g_assert_cmpint (STATUS (RTMFP_AMF0, "\x04"), ==, RTMFP_UNSUPPORTED);
  g_assert_cmpint (STATUS (RTMFP_AMF0, "\x0e"), ==, RTMFP_UNSUPPORTED);
  g_assert_cmpint (STATUS (RTMFP_AMF0, "\x07\x00\x00"), ==, RTMFP_MALFORMED);
  /* an object inside itself */
  g_assert_cmpint (STATUS (RTMFP_AMF0, "\x03\x00\x01"
                                       "a\x07\x00\x00\x00\x00\x09"),
                   ==, RTMFP_UNSUPPORTED);
  /* an empty name that ends nothing */
  g_assert_cmpint (STATUS (RTMFP_AMF0, "\x03\x00\x00\x05"), ==, RTMFP_MALFORMED);
  /* not UTF-8 */
  g_assert_cmpint (STATUS (RTMFP_AMF0, "\x02\x00\x02\xc0\x80"), ==, RTMFP_MALFORMED);
  /* counts far beyond the input */
  g_assert_cmpint (STATUS (RTMFP_AMF0, "\x0a\xff\xff\xff\xff\x05"), ==, RTMFP_TRUNCATED);
  g_assert_cmpint (STATUS (RTMFP_AMF0, "\x0c\xff\xff\xff\xff"
                                       "a"),
                   ==, RTMFP_TRUNCATED);
}

static void
test_integers (void) {
  RtmfpBuffer out = {0};
  rtmfp_amf_write_integer (&out, INT64_C (9007199254740992));
  rtmfp_amf_write_integer (&out, -7);
  rtmfp_amf_write_number (&out, 1.5);
  rtmfp_amf_write_number (&out, (double)NAN);
  rtmfp_amf_write_number (&out, (double)INFINITY);
  Reading r;
  reading_start (&r, out.data, out.size, RTMFP_AMF0);
  rtmfp_buffer_clear (&out);
  int64_t value = 0;
  const int64_t most = INT64_C (1) << 53;
  g_assert_true (rtmfp_amf_as_integer (rtmfp_amf_at (&r.document, 0), 0, most, &value));
  g_assert_cmpint (value, ==, most);
  g_assert_false (rtmfp_amf_as_integer (rtmfp_amf_at (&r.document, 0), 0, most - 1, &value));
  g_assert_true (rtmfp_amf_as_integer (rtmfp_amf_at (&r.document, 1), -7, -7, &value));
  g_assert_cmpint (value, ==, -7);
  g_assert_false (rtmfp_amf_as_integer (rtmfp_amf_at (&r.document, 1), 0, most, &value));
  for (size_t i = 2; i < 5; i++) {
    g_assert_false (rtmfp_amf_as_integer (rtmfp_amf_at (&r.document, i), -most, most, &value));
  }
  g_assert_false (rtmfp_amf_as_integer (NULL, -most, most, &value));
  g_assert_cmpint (value, ==, -7);
  reading_clear (&r);
}

static void
test_text (void) {
  READ (r, RTMFP_AMF0,
        "\x02\x00\x03"
        "a\x00"
        "b\x02\x00\x03"
        "abc\x02\x00\x00");
  char text[4] = "?";
  g_assert_false (rtmfp_amf_as_text (rtmfp_amf_at (&r.document, 0), text, sizeof text));
  g_assert_false (rtmfp_amf_as_text (rtmfp_amf_at (&r.document, 1), text, 3));
  g_assert_cmpstr (text, ==, "?");
  g_assert_true (rtmfp_amf_as_text (rtmfp_amf_at (&r.document, 1), text, 4));
  g_assert_cmpstr (text, ==, "abc");
  g_assert_true (rtmfp_amf_as_text (rtmfp_amf_at (&r.document, 2), text, 1));
  g_assert_cmpstr (text, ==, "");
  RtmfpBytes bytes;
  g_assert_false (rtmfp_amf_as_bytes (rtmfp_amf_at (&r.document, 1), &bytes));
  reading_clear (&r);
}

static void
test_long_string (void) {
  RtmfpBuffer out = {0};
  char *text = g_strnfill (70000, 'x');
  rtmfp_amf_write_text (&out, text);
  g_assert_cmpuint (out.data[0], ==, 0x0c);
  Reading r;
  reading_start (&r, out.data, out.size, RTMFP_AMF0);
  g_assert_true (rtmfp_amf_is_text (rtmfp_amf_at (&r.document, 0), text));
  reading_clear (&r);
  rtmfp_buffer_clear (&out);
  g_free (text);
}

static void
test_bytes (void) {
  RtmfpBuffer out = {0};
  rtmfp_amf_begin_ecma_array (&out, 1);
  rtmfp_amf_member_bytes (&out, "id", rtmfp_bytes ("\x00\xff", 2));
  rtmfp_amf_end_object (&out);
  static const char expected[] = "\x08\x00\x00\x00\x01\x00\x02id\x11\x0c\x05\x00\xff\x00\x00\x09";
  g_assert_cmpmem (out.data, out.size, expected, sizeof expected - 1);
  Reading r;
  reading_start (&r, out.data, out.size, RTMFP_AMF0);
  uint8_t id[2];
  g_assert_true (rtmfp_amf_as_fixed (rtmfp_amf_get (rtmfp_amf_at (&r.document, 0), "id"), id, 2));
  g_assert_cmpmem (id, 2, "\x00\xff", 2);
  assert_writes (rtmfp_amf_at (&r.document, 0), RTMFP_AMF0, expected, sizeof expected - 1);
  reading_clear (&r);
  rtmfp_buffer_clear (&out);
}

/* AMF3 values of kinds that AMF0 writes otherwise. */
static void
test_writes_amf3 (void) {
  READ (r, RTMFP_AMF3, "\x09\x03\x03n\x02\x01\x03\x0a\x0b\x03T\x01");
  g_assert_cmpint (r.status, ==, RTMFP_OK);
  static const char array[] =
      "\x08\x00\x00\x00\x02\x00\x01\x30\x01\x01\x00\x01n\x01\x00\x00\x00\x09";
  assert_writes (rtmfp_amf_at (&r.document, 0), RTMFP_AMF0, array, sizeof array - 1);
  static const char object[] = "\x10\x00\x01T\x00\x00\x09";
  assert_writes (rtmfp_amf_at (&r.document, 1), RTMFP_AMF0, object, sizeof object - 1);
  reading_clear (&r);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/amf/amf0/read/connect-command", test_reads_connect);
  g_test_add_func ("/amf/amf0/write/connect-command", test_writes_connect);
  g_test_add_func ("/amf/amf0/read/truncated-at-each-length", test_truncated_connect);
  g_test_add_func ("/amf/amf0/read/simple-types", test_simple_types);
  g_test_add_func ("/amf/amf0/read/complex-types-and-references", test_complex_types);
  g_test_add_func ("/amf/amf0/write/what-was-read", test_writes_back);
  g_test_add_func ("/amf/amf0/read/rejects", test_rejects);
  g_test_add_func ("/amf/value/integers-within-2^53", test_integers);
  g_test_add_func ("/amf/value/text", test_text);
  g_test_add_func ("/amf/amf0/write/long-string", test_long_string);
  g_test_add_func ("/amf/amf0/write/bytes", test_bytes);
  g_test_add_func ("/amf/amf0/write/values-of-amf3", test_writes_amf3);
  return g_test_run ();
}

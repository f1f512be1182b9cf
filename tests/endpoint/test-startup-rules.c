/* SPDX-License-Identifier: Apache-2.0 */
/* Startup packets that break a rule, made from true ones on their way, RFC 7016 s3.3, s3.4 and
 * s3.5.1. */
#include "core/endpoint/endpoint-state.h"
#include "core/wire/multiplex.h"
#include "core/wire/startup-chunk.h"
#include "tests/endpoint/world.h"

#include <string.h>

typedef struct {
  World *world;
  Node *a, *b, *c;
  RtmfpId a_identity;
  RtmfpFingerprint b_fingerprint;
  guint8 type; /* of the chunk that is changed */
  guint changed;
} Stage;

/* A plain startup packet; its datagram's session id. */
static RtmfpBytes
open_datagram (Stage *stage, const Datagram *datagram, uint8_t *scratch, uint32_t *session_id) {
  RtmfpBytes plain = {0};
  const RtmfpBytes bytes = rtmfp_bytes (datagram->bytes, datagram->size);
  g_assert_cmpint (rtmfp_multiplex_session_id (bytes, session_id), ==, RTMFP_OK);
  RtmfpProtection *key = &stage->c->endpoint->shared.default_key;
  return rtmfp_protection_open (key, bytes, scratch, &plain) == RTMFP_OK ? plain : (RtmfpBytes){0};
}

static void
seal_datagram (Stage *stage, Datagram *datagram, uint32_t session_id, RtmfpBytes plain) {
  RtmfpProtection *key = &stage->c->endpoint->shared.default_key;
  memmove (datagram->bytes + rtmfp_protection_head_bytes (key), plain.data, plain.size);
  g_assert_cmpint (rtmfp_protection_seal (key, session_id, datagram->bytes, sizeof datagram->bytes,
                                          plain.size, &datagram->size),
                   ==, RTMFP_OK);
}

/* The packet's first chunk, if it is of the type; mode byte and header stand before it. */
static uint8_t *
chunk_of (const Stage *stage, RtmfpBytes plain) {
  return plain.size > 4 && plain.data[1] == stage->type ? (uint8_t *)plain.data + 1 : NULL;
}

/* Session ids stand first in both keying chunks. */
static bool
zero_session_id (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  Stage *stage = user;
  uint8_t scratch[2048];
  uint32_t session_id;
  const RtmfpBytes plain = open_datagram (stage, datagram, scratch, &session_id);
  uint8_t *chunk = chunk_of (stage, plain);
  if (chunk != NULL) {
    memset (chunk + RTMFP_CHUNK_HEADER_BYTES, 0, 4);
    stage->changed++;
    seal_datagram (stage, datagram, session_id, plain);
  }
  return true;
}

/* c's certificate in b's answer. */
static bool
swap_certificate (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  Stage *stage = user;
  uint8_t scratch[2048], made[2048];
  uint32_t session_id;
  const RtmfpBytes plain = open_datagram (stage, datagram, scratch, &session_id);
  const uint8_t *chunk = chunk_of (stage, plain);
  RtmfpResponderHello hello;
  if (chunk == NULL) {
    return true;
  }
  const size_t size = (size_t)chunk[1] << 8 | chunk[2];
  g_assert_cmpint (rtmfp_read_responder_hello (rtmfp_bytes (chunk + 3, size), &hello), ==,
                   RTMFP_OK);
  hello.certificate =
      LIST_FIRST (&stage->c->endpoint->identity_list)->credentials.certificate.bytes;
  RtmfpWriter writer = rtmfp_writer (made, sizeof made);
  g_assert_cmpint (rtmfp_writer_u8 (&writer, plain.data[0]), ==, RTMFP_OK);
  g_assert_cmpint (rtmfp_write_responder_hello (&writer, &hello), ==, RTMFP_OK);
  stage->changed++;
  seal_datagram (stage, datagram, session_id, rtmfp_bytes (made, rtmfp_writer_size (&writer)));
  return true;
}

/* Before the chunk another of its type that is too short to be one, s2.3. */
static bool
put_broken_chunk_first (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  Stage *stage = user;
  uint8_t scratch[2048], made[2048];
  uint32_t session_id;
  const RtmfpBytes plain = open_datagram (stage, datagram, scratch, &session_id);
  if (chunk_of (stage, plain) == NULL) {
    return true;
  }
  const uint8_t broken[] = {plain.data[0], stage->type, 0, 0};
  memcpy (made, broken, sizeof broken);
  memcpy (made + sizeof broken, plain.data + 1, plain.size - 1);
  stage->changed++;
  seal_datagram (stage, datagram, session_id, rtmfp_bytes (made, sizeof broken + plain.size - 1));
  return true;
}

static Stage *
stage_new (guint8 type) {
  const RtmfpIdentityConfig config = plain_identity ();
  Stage *stage = g_new0 (Stage, 1);
  stage->world = world_new ();
  stage->a = world_add (stage->world, 1);
  stage->b = world_add (stage->world, 2);
  stage->c = world_add (stage->world, 3);
  stage->a_identity = rtmfp_endpoint_add_identity (stage->a->endpoint, &config, NULL);
  rtmfp_endpoint_add_identity (stage->b->endpoint, &config, &stage->b_fingerprint);
  rtmfp_endpoint_add_identity (stage->c->endpoint, &config, NULL);
  stage->type = type;
  stage->world->tap_user = stage;
  return stage;
}

static void
stage_free (Stage *stage) {
  world_free (stage->world);
  g_free (stage);
}

/* It is no session while they are changed, and one as soon as they are not. */
static void
expect_none (Stage *stage, bool (*tap) (World *, Datagram *, gpointer), const Node *refuses) {
  stage->world->tap = tap;
  open_to (stage->a, stage->a_identity, &stage->b_fingerprint, stage->b);
  world_run (stage->world, 3 * G_USEC_PER_SEC);
  g_assert_cmpuint (stage->changed, >, 0);
  g_assert_cmpuint (counters_of (refuses).sessions_opened, ==, 0);
  stage->world->tap = NULL;
  told_free (node_expect (stage->a, RTMFP_EVENT_SESSION_OPEN));
  stage_free (stage);
}

static void
test_initiator_without_an_id (void) {
  Stage *stage = stage_new (RTMFP_CHUNK_INITIATOR_KEYING);
  expect_none (stage, zero_session_id, stage->b);
}

static void
test_responder_without_an_id (void) {
  Stage *stage = stage_new (RTMFP_CHUNK_RESPONDER_KEYING);
  expect_none (stage, zero_session_id, stage->a);
}

/* Whom the discriminator does not select is not whom we asked for. */
static void
test_another_certificate (void) {
  Stage *stage = stage_new (RTMFP_CHUNK_RESPONDER_HELLO);
  expect_none (stage, swap_certificate, stage->a);
}

static void
test_broken_chunk_first (void) {
  const guint8 types[] = {RTMFP_CHUNK_INITIATOR_HELLO, RTMFP_CHUNK_INITIATOR_KEYING,
                          RTMFP_CHUNK_RESPONDER_HELLO};
  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    Stage *stage = stage_new (types[i]);
    stage->world->tap = put_broken_chunk_first;
    open_to (stage->a, stage->a_identity, &stage->b_fingerprint, stage->b);
    told_free (node_expect (stage->a, RTMFP_EVENT_SESSION_OPEN));
    g_assert_cmpuint (stage->changed, ==, 1);
    stage_free (stage);
  }
}

/* ---- Fragments, s3.4 ---- */

/* A hello of mode 3 in two fragments, in packets of a mode. */
static guint64
send_in_fragments (Stage *stage, RtmfpMode mode) {
  uint8_t whole[256], plain[256];
  const RtmfpPacketHeader startup = {.mode = RTMFP_MODE_STARTUP}, header = {.mode = mode};
  g_autoptr (GBytes) epd = epd_of (&stage->b_fingerprint);
  const RtmfpInitiatorHello hello = {
      .epd = rtmfp_bytes (g_bytes_get_data (epd, NULL), g_bytes_get_size (epd)),
      .tag = rtmfp_bytes ("0123456789abcdef", 16)};
  RtmfpWriter writer = rtmfp_writer (whole, sizeof whole);
  g_assert_cmpint (rtmfp_write_packet_header (&writer, &startup), ==, RTMFP_OK);
  g_assert_cmpint (rtmfp_write_initiator_hello (&writer, &hello), ==, RTMFP_OK);
  const size_t size = rtmfp_writer_size (&writer);
  for (int i = 0; i < 2; i++) {
    const RtmfpPacketFragment fragment = {
        .more_fragments = i == 0,
        .packet_id = 9,
        .fragment_number = (uint64_t)i,
        .data = rtmfp_bytes (whole + (i == 0 ? 0 : 20), i == 0 ? 20 : size - 20)};
    writer = rtmfp_writer (plain, sizeof plain);
    g_assert_cmpint (rtmfp_write_packet_header (&writer, &header), ==, RTMFP_OK);
    g_assert_cmpint (rtmfp_write_packet_fragment (&writer, &fragment), ==, RTMFP_OK);
    Datagram datagram = {0};
    seal_datagram (stage, &datagram, 0, rtmfp_bytes (plain, rtmfp_writer_size (&writer)));
    world_inject (stage->world, &stage->a->address, &stage->b->address, datagram.bytes,
                  datagram.size);
  }
  world_run (stage->world, G_USEC_PER_SEC / 2);
  return counters_of (stage->b).datagrams_out;
}

static void
test_fragments_of_another_mode (void) {
  Stage *stage = stage_new (0);
  g_assert_cmpuint (send_in_fragments (stage, RTMFP_MODE_INITIATOR), ==, 0);
  g_assert_cmpuint (send_in_fragments (stage, RTMFP_MODE_STARTUP), ==, 1);
  stage_free (stage);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/startup-rules/initiator-without-an-id", test_initiator_without_an_id);
  g_test_add_func ("/endpoint/startup-rules/responder-without-an-id", test_responder_without_an_id);
  g_test_add_func ("/endpoint/startup-rules/another-certificate", test_another_certificate);
  g_test_add_func ("/endpoint/startup-rules/broken-chunk-first", test_broken_chunk_first);
  g_test_add_func ("/endpoint/startup-rules/fragments-of-another-mode",
                   test_fragments_of_another_mode);
  return g_test_run ();
}

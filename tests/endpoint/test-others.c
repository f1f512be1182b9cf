/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that are none of ours, as RFC 7425 lets them speak and as recorded ones did: Flash
 * Player's kind of client, servers with forms that we do not use. */
#include "tests/endpoint/world.h"

#include "core/crypto/protection.h"
#include "core/wire/multiplex.h"
#include "core/wire/packet.h"
#include "core/wire/startup-chunk.h"

#include <string.h>

#define BYTES(literal) rtmfp_bytes (literal, sizeof literal - 1)
#define assert_ok(expression) g_assert_cmpint ((expression), ==, RTMFP_OK)

/* Somebody with packets of its own making, at 10.0.9.9. */
typedef struct {
  World *world;
  Node *node;
  RtmfpId identity;
  RtmfpFingerprint fingerprint;
  GQueue heard; /* Datagram, sent to the stranger */
  RtmfpCipher *cipher;
  RtmfpProtection key;
  uint8_t scratch[2048];
} Stage;

static RtmfpAddress
at_port (uint16_t port) {
  return rtmfp_address_ipv4 (10, 0, 9, 9, port);
}

static bool
listen (World *world, Datagram *datagram, gpointer user) {
  (void)world;
  Stage *stage = user;
  const RtmfpAddress stranger = at_port (1);
  if (!rtmfp_address_same_ip (&datagram->to, &stranger)) {
    return true;
  }
  g_queue_push_tail (&stage->heard, g_memdup2 (datagram, sizeof *datagram));
  return false;
}

static Stage *
stage_new (const RtmfpIdentityConfig *config) {
  Stage *stage = g_new0 (Stage, 1);
  stage->world = world_new ();
  stage->world->tap = listen;
  stage->world->tap_user = stage;
  stage->node = world_add (stage->world, 1);
  stage->identity =
      rtmfp_endpoint_add_identity (stage->node->endpoint, config, &stage->fingerprint);
  stage->cipher = rtmfp_cipher_new ();
  rtmfp_protection_init_default (&stage->key, stage->cipher);
  g_queue_init (&stage->heard);
  return stage;
}

static void
stage_free (Stage *stage) {
  g_queue_clear_full (&stage->heard, g_free);
  rtmfp_protection_clear (&stage->key);
  rtmfp_cipher_free (stage->cipher);
  world_free (stage->world);
  g_free (stage);
}

static void
stage_forget (Stage *stage) {
  g_queue_clear_full (&stage->heard, g_free);
}

/* A server that takes what the RFC lets others do without. */
static RtmfpIdentityConfig
mild (void) {
  return (RtmfpIdentityConfig){.accepts_ancillary_data = true,
                               .hostname = "host.test",
                               .accept = RTMFP_ACCEPT_ANYONE,
                               .offers_hmac = true,
                               .offers_sequence = true};
}

/* Sends a packet under the default key: header as it is, one chunk. */
static void
send_chunk (Stage *stage, uint16_t port, uint32_t session_id, RtmfpBytes header, uint8_t type,
            RtmfpBytes payload) {
  uint8_t buffer[2048];
  const size_t head = rtmfp_protection_head_bytes (&stage->key);
  RtmfpWriter writer = rtmfp_writer (buffer + head, 1400);
  assert_ok (rtmfp_writer_bytes (&writer, header));
  assert_ok (rtmfp_write_chunk (&writer, type, payload));
  size_t size = 0;
  assert_ok (rtmfp_protection_seal (&stage->key, session_id, buffer, sizeof buffer,
                                    rtmfp_writer_size (&writer), &size));
  const RtmfpAddress from = at_port (port);
  world_inject (stage->world, &from, &stage->node->address, buffer, size);
  world_run (stage->world, 50000);
}

#define STARTUP BYTES ("\x0b\0\0") /* mode 3 with a timestamp, as recorded */

/* The first chunk of that type that was sent to port (0 = any). payload: borrowed from the stage
 * until it hears more. */
static bool
hear (Stage *stage, uint16_t port, uint8_t type, RtmfpBytes *payload, uint32_t *session_id) {
  for (const GList *each = stage->heard.head; each != NULL; each = each->next) {
    const Datagram *datagram = each->data;
    const RtmfpBytes bytes = rtmfp_bytes (datagram->bytes, datagram->size);
    RtmfpBytes packet;
    if ((port != 0 && datagram->to.port != port) ||
        rtmfp_protection_open (&stage->key, bytes, stage->scratch, &packet) != RTMFP_OK) {
      continue; /* under a session's key */
    }
    RtmfpReader reader = rtmfp_reader (packet.data, packet.size);
    RtmfpPacketHeader header;
    RtmfpChunk chunk;
    assert_ok (rtmfp_multiplex_session_id (bytes, session_id));
    assert_ok (rtmfp_read_packet_header (&reader, &header));
    while (rtmfp_read_chunk (&reader, &chunk)) {
      if (chunk.type == type) {
        *payload = chunk.payload;
        return true;
      }
    }
  }
  return false;
}

static RtmfpBytes
from_hex (const char *hex, uint8_t *out) {
  size_t size = 0;
  for (; hex[0] != '\0'; hex += 2) {
    out[size++] = (uint8_t)(g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]));
  }
  return rtmfp_bytes (out, size);
}

/* ---- A client with static keys of 1,024 bits ---- */

/* From tests/vectors/session-checksum.txt. */
#define PLAYER_CERTIFICATE                                                                         \
  "81021d02db01d254b4c0d919a7d4e40d2e93ed12b126404fa22d6a53d443d165226431b56ebdb936e6f20ecbf618"   \
  "fe6404acc7a1cb2777e44028565887980a866c7ca0afeb74935baec34a49529b646e70ffccf56e2a59475443d7c3"   \
  "0424843b3fda93b8dd78b18a9cf1f01323233fd5c701ee89c9202ead3d5f015a18ffd9e2ba306c09"
#define PLAYER_FINGERPRINT "ef340515d8e3fa01f4e6a2ee4503809236760fa33c4fb2b0a3aa5f96bd034fde"
/* Group 2 chosen, 64 bytes of randomness; what else it says of HMAC and sequence numbers follows.
 */
#define PLAYER_COMPONENT                                                                           \
  "021d02410e0673a09ee30bc1cd2e4a7a758daeb7b5c1c6009e41d7f95c79c00d4d7c5727336ff4103936547afc98"   \
  "1c567603b2370110367af361f9651a086bf7a63d75c33e"
#define SERVER_URI "\x17\x16\x0artmfp://127.0.0.1/app"
#define TAG "eight or more..."

/* Says hello. Returns: the cookie (borrowed until more is heard). */
static RtmfpBytes
say_hello (Stage *stage) {
  stage_forget (stage);
  send_chunk (stage, 5000, 0, STARTUP, RTMFP_CHUNK_INITIATOR_HELLO, BYTES (SERVER_URI TAG));
  RtmfpBytes payload;
  uint32_t session_id;
  g_assert_true (hear (stage, 5000, RTMFP_CHUNK_RESPONDER_HELLO, &payload, &session_id));
  g_assert_cmpuint (session_id, ==, 0);
  RtmfpResponderHello hello;
  assert_ok (rtmfp_read_responder_hello (payload, &hello));
  g_assert_cmpmem (hello.tag_echo.data, hello.tag_echo.size, TAG, 16);
  return hello.cookie;
}

/* Answers with keying. Returns: whether a session came of it. */
static bool
key (Stage *stage, const char *certificate, const char *component, RtmfpBytes signature) {
  uint8_t spaces[3][1024], payload[2048];
  const RtmfpBytes cookie = say_hello (stage);
  memcpy (spaces[2], cookie.data, cookie.size);
  const RtmfpInitiatorKeying keying = {.session_id = 0x02000000,
                                       .cookie_echo = rtmfp_bytes (spaces[2], cookie.size),
                                       .certificate = from_hex (certificate, spaces[0]),
                                       .component = from_hex (component, spaces[1]),
                                       .signature = signature};
  RtmfpWriter writer = rtmfp_writer (payload, sizeof payload);
  assert_ok (rtmfp_write_initiator_keying (&writer, &keying));
  RtmfpReader reader = rtmfp_reader (payload, rtmfp_writer_size (&writer));
  RtmfpChunk chunk;
  g_assert_true (rtmfp_read_chunk (&reader, &chunk));
  stage_forget (stage);
  send_chunk (stage, 5000, 0, STARTUP, RTMFP_CHUNK_INITIATOR_KEYING, chunk.payload);
  RtmfpBytes answer;
  uint32_t session_id = 0;
  if (!hear (stage, 5000, RTMFP_CHUNK_RESPONDER_KEYING, &answer, &session_id)) {
    return false;
  }
  g_assert_cmphex (session_id, ==, 0x02000000);
  return true;
}

static void
test_player (void) {
  Stage *stage = stage_new (&(RtmfpIdentityConfig){.accepts_ancillary_data = true,
                                                   .accept = RTMFP_ACCEPT_ANYONE,
                                                   .offers_hmac = true,
                                                   .offers_sequence = true});
  g_assert_true (key (stage, PLAYER_CERTIFICATE, PLAYER_COMPONENT, BYTES ("X")));
  Told *told = node_expect (stage->node, RTMFP_EVENT_SESSION_OPEN);
  RtmfpSessionInfo info;
  assert_ok (rtmfp_endpoint_session_info (stage->node->endpoint, told->event.session, &info));
  uint8_t fingerprint[32];
  from_hex (PLAYER_FINGERPRINT, fingerprint);
  g_assert_cmpmem (info.far_fingerprint.bytes, 32, fingerprint, 32);
  g_assert_false (info.initiator);
  told_free (told);
  stage_free (stage);
}

/* Signatures and components that the RFC lets be sent, s4.3.5 and s4.5.2; and some it does not. */
static void
test_keying_forms (void) {
  static const struct {
    const char *component; /* behind the player's */
    RtmfpBytes signature;
    bool opens;
  } cases[] = {
      {"", {NULL, 0}, true}, /* no signature at all */
      {"", {(const uint8_t *)"X", 1}, true},
      {"", {(const uint8_t *)"\x02\x44\x01", 3}, true}, /* an unknown kind of signature */
      {"", {(const uint8_t *)"\x7f??", 3}, true},       /* malformed: as if it were empty */
      {"031a0000"
       "021e00",
       {(const uint8_t *)"X", 1},
       true}, /* neither, and it says so */
      {"031a0210"
       "021e02",
       {(const uint8_t *)"X", 1},
       true}, /* on request */
      {"031a0710"
       "021e07",
       {(const uint8_t *)"X", 1},
       true},                                        /* always */
      {"031a0720", {(const uint8_t *)"X", 1}, true}, /* HMAC alone, 32 octets */
      {"031a0704", {(const uint8_t *)"X", 1}, true}, /* 4 */
      {"021e04", {(const uint8_t *)"X", 1}, true},   /* sequence numbers alone */
      {"031af800", {(const uint8_t *)"X", 1}, true}, /* reserved bits */
      {"0444aabbcc"
       "03bf0101",
       {(const uint8_t *)"X", 1},
       true},                                         /* unknown options */
      {"031a0703", {(const uint8_t *)"X", 1}, false}, /* an HMAC of three */
      {"031a0721", {(const uint8_t *)"X", 1}, false}, /* of 33 */
      {"021d02", {(const uint8_t *)"X", 1}, false},   /* two groups */
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    const RtmfpIdentityConfig config = mild ();
    Stage *stage = stage_new (&config);
    g_autofree char *component = g_strconcat (PLAYER_COMPONENT, cases[i].component, NULL);
    if (key (stage, PLAYER_CERTIFICATE, component, cases[i].signature) != cases[i].opens) {
      g_error ("keying form %zu", (size_t)i);
    }
    stage_free (stage);
  }
}

/* Certificates with more in them than we put there. s4.3.1 to s4.3.3 */
static void
test_certificate_forms (void) {
  static const struct {
    const char *before, *behind;
    bool opens;
  } cases[] = {
      {"", "", true},
      {"", "00", true}, /* a marker */
      {"",
       "0003"
       "1d1000"
       "00",
       true}, /* what stands behind it does not count */
      {"060068"
       "6f7374"
       "2e",
       "", true}, /* a hostname */
      {"010a"
       "050eaabbccdd",
       "", true}, /* ancillary data, randomness */
      {"0444aabbcc"
       "05c07f010203",
       "", true},            /* unknown options, a type of two octets */
      {"02150e", "", false}, /* ephemeral keys too */
  };
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    const RtmfpIdentityConfig config = mild ();
    Stage *stage = stage_new (&config);
    g_autofree char *certificate =
        g_strconcat (cases[i].before, PLAYER_CERTIFICATE, cases[i].behind, NULL);
    if (key (stage, certificate, PLAYER_COMPONENT, BYTES ("X")) != cases[i].opens) {
      g_error ("certificate form %zu", (size_t)i);
    }
    stage_free (stage);
  }
}

/* ---- Hellos ---- */

static bool
is_answered (Stage *stage, RtmfpBytes header, RtmfpBytes epd, RtmfpBytes tag) {
  uint8_t payload[1200];
  RtmfpWriter writer = rtmfp_writer (payload, sizeof payload);
  assert_ok (rtmfp_writer_u8 (&writer, (uint8_t)epd.size));
  assert_ok (rtmfp_writer_bytes (&writer, epd));
  assert_ok (rtmfp_writer_bytes (&writer, tag));
  stage_forget (stage);
  send_chunk (stage, 5000, 0, header, RTMFP_CHUNK_INITIATOR_HELLO,
              rtmfp_bytes (payload, rtmfp_writer_size (&writer)));
  RtmfpBytes answer;
  uint32_t session_id;
  return hear (stage, 5000, RTMFP_CHUNK_RESPONDER_HELLO, &answer, &session_id);
}

/* Figure 1 of s4.4.3, in every form that s4.4.1 lets it be written. */
static void
test_discriminators (void) {
  static const struct {
    const char *bytes;
    gsize size;
    bool selects;
  } cases[] = {
      {"\x17\x0artmfp://127.0.0.1:1935/a", 26, false}, /* a length that is wrong */
      {"\x0b\x0artmfp://h/a", 13, false},
      {"\x0c\x0artmfp://h/a", 13, true},
      {"\x01\x0a", 2, true}, /* ancillary data, empty */
      {"\x80\x02\x0a"
       "x",
       4, true}, /* a length of two octets */
      {"\x03\x80\x0a"
       "x",
       4, true}, /* a type of two octets */
      {"\x03\x44\xaa\xbb\x02\x0a"
       "x",
       7, true}, /* an unknown option before it */
      {"\x02\x0a"
       "x\x03\x44\xaa\xbb",
       7, true},                     /* and behind */
      {"\x0a\0host.test", 11, true}, /* a required hostname alone */
      {"\x0a\0host.test\x02\x0a"
       "x",
       14, true}, /* with ancillary data */
      {"\x0a\0host.else\x02\x0a"
       "x",
       14, false},                    /* somebody else's */
      {"\x0a\0Host.test", 11, false}, /* must be identical */
      {"\x03\x44\xaa\xbb", 4, false}, /* nothing that selects */
      {"\x02\x0a"
       "x\x02\x0a"
       "x",
       6, false}, /* twice: MUST NOT */
      {"", 0, false},
  };
  const RtmfpIdentityConfig config = mild ();
  Stage *stage = stage_new (&config);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    /* as long a tag as makes the question worth the answer */
    if (is_answered (stage, STARTUP, rtmfp_bytes (cases[i].bytes, cases[i].size),
                     BYTES (TAG TAG)) != cases[i].selects) {
      g_error ("discriminator %zu", (size_t)i);
    }
    world_run (stage->world, G_USEC_PER_SEC);
  }
  /* a fingerprint decides alone, whatever stands beside it */
  uint8_t epd[64] = "\x21\x0f";
  memcpy (epd + 2, stage->fingerprint.bytes, 32);
  g_assert_true (is_answered (stage, STARTUP, rtmfp_bytes (epd, 34), BYTES (TAG TAG)));
  memcpy (epd + 34, "\x0a\0host.else", 11);
  g_assert_true (is_answered (stage, STARTUP, rtmfp_bytes (epd, 45), BYTES (TAG TAG)));
  epd[2] ^= 1;
  g_assert_false (is_answered (stage, STARTUP, rtmfp_bytes (epd, 34), BYTES (TAG TAG)));
  stage_free (stage);
}

/* The shortest that RFC 7016 has: a tag of eight octets, a discriminator that only says "a server".
 * The answer must not be too long for the question. */
static void
test_shortest_hello (void) {
  Stage *stage = stage_new (&(RtmfpIdentityConfig){
      .accepts_ancillary_data = true, .accept = RTMFP_ACCEPT_ANYONE, .offers_hmac = true});
  g_assert_true (is_answered (stage, BYTES ("\x03"), BYTES ("\x01\x0a"), BYTES ("8 octets")));
  stage_free (stage);
}

/* Startup packets with and without timestamps, with the flags of time critical data. */
static void
test_headers (void) {
  static const RtmfpBytes headers[] = {{(const uint8_t *)"\x03", 1},
                                       {(const uint8_t *)"\x0b\x12\x34", 3},
                                       {(const uint8_t *)"\x0f\x12\x34\x56\x78", 5},
                                       {(const uint8_t *)"\xc3", 1},
                                       {(const uint8_t *)"\x33", 1}}; /* reserved bits */
  const RtmfpIdentityConfig config = mild ();
  Stage *stage = stage_new (&config);
  for (gsize i = 0; i < G_N_ELEMENTS (headers); i++) {
    g_assert_true (is_answered (stage, headers[i], BYTES ("\x01\x0a"), BYTES (TAG TAG)));
  }
  g_assert_false (is_answered (stage, BYTES ("\x01"), BYTES ("\x01\x0a"), BYTES (TAG TAG)));
  stage_free (stage);
}

/* ---- An old server ---- */

/* Accepts ancillary data, 64 octets of randomness, group 2 alone. */
#define OLD_CERTIFICATE                                                                            \
  "\x01\x0a\x41\x0e"                                                                               \
  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\x02\x15\x02"
/* An ephemeral key of group 2, from tests/vectors/session-checksum.txt; no HMAC, no sequence
 * numbers, and both said so. */
#define OLD_COMPONENT                                                                              \
  "031a0000021e0081020d020ca163b0e1ce9d457a415e311b0c709606c1e2bc4d4efbb16ca87d875079fb6675e8a4"   \
  "23b94de8f6f3271f28bb1687f1d9f143d41a02acf046f0229bb34c4ed7887fe89f7c2d341fa44a799e36f8d5db43"   \
  "43311e8a10b2d881540361c36b1b593ff2e057fae5803d014bfa6e142198cd9a86c03b756c65125fc9c6cc3bb97f51"

static void
open_to_stranger (Stage *stage) {
  const RtmfpAddress address = at_port (1935);
  const RtmfpOpen open = {.identity = stage->identity,
                          .epd = BYTES ("\x0c\x0artmfp://h/a"),
                          .candidates = &address,
                          .candidate_count = 1};
  RtmfpId session;
  assert_ok (rtmfp_endpoint_open (stage->node->endpoint, &open, stage->world->now_us, &session));
  world_run (stage->world, 50000);
}

/* Answers a hello from another port, with a cookie of that size; the keying must go there. */
static void
answer_hello (Stage *stage, uint16_t port, size_t cookie_size) {
  RtmfpBytes payload;
  uint32_t session_id;
  g_assert_true (hear (stage, 1935, RTMFP_CHUNK_INITIATOR_HELLO, &payload, &session_id));
  RtmfpInitiatorHello hello;
  assert_ok (rtmfp_read_initiator_hello (payload, &hello));
  uint8_t cookie[256] = {7}, bytes[1024];
  const RtmfpResponderHello answer = {.tag_echo = hello.tag,
                                      .cookie = rtmfp_bytes (cookie, cookie_size),
                                      .certificate = BYTES (OLD_CERTIFICATE)};
  RtmfpWriter writer = rtmfp_writer (bytes, sizeof bytes);
  assert_ok (rtmfp_write_responder_hello (&writer, &answer));
  RtmfpReader reader = rtmfp_reader (bytes, rtmfp_writer_size (&writer));
  RtmfpChunk chunk;
  g_assert_true (rtmfp_read_chunk (&reader, &chunk));
  stage_forget (stage);
  send_chunk (stage, port, 0, STARTUP, RTMFP_CHUNK_RESPONDER_HELLO, chunk.payload);
}

static void
test_old_server (void) {
  static const size_t cookie_sizes[] = {1, 64, 65, 256};
  for (gsize i = 0; i < G_N_ELEMENTS (cookie_sizes); i++) {
    RtmfpIdentityConfig config = mild ();
    config.static_keys = true;
    config.groups = RTMFP_GROUP_2;
    Stage *stage = stage_new (&config);
    open_to_stranger (stage);
    answer_hello (stage, 1936, cookie_sizes[i]);
    RtmfpBytes payload;
    uint32_t session_id;
    g_assert_true (hear (stage, 1936, RTMFP_CHUNK_INITIATOR_KEYING, &payload, &session_id));
    RtmfpInitiatorKeying keying;
    assert_ok (rtmfp_read_initiator_keying (payload, &keying));
    g_assert_cmpuint (keying.cookie_echo.size, ==, cookie_sizes[i]);
    uint8_t space[512], bytes[1024];
    const RtmfpResponderKeying answer = {.session_id = 0x01020304,
                                         .component = from_hex (OLD_COMPONENT, space),
                                         .signature = BYTES ("X")};
    RtmfpWriter writer = rtmfp_writer (bytes, sizeof bytes);
    assert_ok (rtmfp_write_responder_keying (&writer, &answer));
    RtmfpReader reader = rtmfp_reader (bytes, rtmfp_writer_size (&writer));
    RtmfpChunk chunk;
    g_assert_true (rtmfp_read_chunk (&reader, &chunk));
    const uint32_t to = keying.session_id;
    send_chunk (stage, 1936, to, STARTUP, RTMFP_CHUNK_RESPONDER_KEYING, chunk.payload);
    Told *told = node_expect (stage->node, RTMFP_EVENT_SESSION_OPEN);
    RtmfpSessionInfo info;
    assert_ok (rtmfp_endpoint_session_info (stage->node->endpoint, told->event.session, &info));
    g_assert_true (info.initiator);
    g_assert_cmpuint (info.address.port, ==, 1936);
    told_free (told);
    stage_free (stage);
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/others/player-of-the-recorded-session", test_player);
  g_test_add_func ("/endpoint/others/forms-of-keying", test_keying_forms);
  g_test_add_func ("/endpoint/others/forms-of-certificates", test_certificate_forms);
  g_test_add_func ("/endpoint/others/forms-of-discriminators", test_discriminators);
  g_test_add_func ("/endpoint/others/shortest-hello", test_shortest_hello);
  g_test_add_func ("/endpoint/others/startup-headers", test_headers);
  g_test_add_func ("/endpoint/others/old-server-answers-from-another-port", test_old_server);
  return g_test_run ();
}

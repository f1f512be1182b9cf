/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two recorded sessions of an independent implementation, replayed to the byte: every packet is
 * opened, each chunk is read and written again, and the packet sealed again gives the same
 * ciphertext. */
#include "core/crypto/certificate.h"
#include "core/crypto/epd.h"
#include "core/crypto/protection.h"
#include "core/crypto/signature.h"
#include "core/wire/ack-chunk.h"
#include "core/wire/control-chunk.h"
#include "core/wire/data-chunk.h"
#include "core/wire/multiplex.h"
#include "core/wire/packet.h"
#include "core/wire/startup-chunk.h"
#include "tests/crypto/vector-file.h"
#include "tests/support/support.h"

#include <string.h>

typedef struct {
  VectorSession *session;
  RtmfpProtection startup, client, server;
  RtmfpUserData previous; /* of the packet at hand */
  bool has_previous;
  int packets, chunks;
  RtmfpCipher *cipher;
} Replay;

#define BYTES(buffer) rtmfp_buffer_bytes (&(buffer))

static Replay *
replay_new (const char *name) {
  Replay *replay = g_new0 (Replay, 1);
  char *path = g_build_filename (VECTORS_DIR, name, NULL);
  replay->session = vector_session_load (path);
  g_free (path);
  return replay;
}

static void
replay_free (Replay *replay) {
  rtmfp_protection_clear (&replay->startup);
  rtmfp_protection_clear (&replay->client);
  rtmfp_protection_clear (&replay->server);
  rtmfp_cipher_free (replay->cipher);
  vector_session_free (replay->session);
  g_free (replay);
}

/* The one chunk of a type in the session. */
static RtmfpBytes
find_chunk (const VectorSession *session, uint8_t type) {
  for (guint i = 0; i < session->packets->len; i++) {
    const VectorPacket *packet = &g_array_index (session->packets, VectorPacket, i);
    for (guint j = 0; j < packet->chunks->len; j++) {
      VectorChunk *chunk = &g_array_index (packet->chunks, VectorChunk, j);
      if (chunk->type == type) {
        return BYTES (chunk->payload);
      }
    }
  }
  g_assert_not_reached ();
}

static void
check_certificates (const VectorSession *session) {
  RtmfpCertificate server, client;
  g_assert_cmpint (rtmfp_certificate_read (BYTES (session->server_certificate), &server), ==,
                   RTMFP_OK);
  g_assert_cmpint (rtmfp_certificate_read (BYTES (session->client_certificate), &client), ==,
                   RTMFP_OK);
  test_assert_bytes (rtmfp_bytes (server.fingerprint.bytes, RTMFP_FINGERPRINT_SIZE),
                     BYTES (session->server_fingerprint));
  test_assert_bytes (rtmfp_bytes (client.fingerprint.bytes, RTMFP_FINGERPRINT_SIZE),
                     BYTES (session->client_fingerprint));
  g_assert_true (server.accepts_ancillary);
  g_assert_false (server.uses_static_keys);
  g_assert_cmphex (server.ephemeral_groups, ==, RTMFP_GROUP_2);
  g_assert_true (client.uses_static_keys);
  g_assert_cmphex (client.static_groups, ==, RTMFP_GROUP_2);
  g_assert_cmphex (client.ephemeral_groups, ==, 0);

  RtmfpInitiatorHello hello;
  RtmfpEpd epd;
  g_assert_cmpint (
      rtmfp_read_initiator_hello (find_chunk (session, RTMFP_CHUNK_INITIATOR_HELLO), &hello), ==,
      RTMFP_OK);
  g_assert_cmpint (rtmfp_epd_read (hello.epd, &epd), ==, RTMFP_OK);
  test_assert_bytes (epd.ancillary_data, rtmfp_bytes ("rtmfp://127.0.0.1/app", 21));
  g_assert_true (rtmfp_epd_selects (&epd, &server));
  g_assert_false (rtmfp_epd_selects (&epd, &client));
}

static void
check_handshake (const VectorSession *session) {
  RtmfpResponderHello hello;
  RtmfpInitiatorKeying initiator;
  RtmfpResponderKeying responder;
  g_assert_cmpint (
      rtmfp_read_responder_hello (find_chunk (session, RTMFP_CHUNK_RESPONDER_HELLO), &hello), ==,
      RTMFP_OK);
  test_assert_bytes (hello.certificate, BYTES (session->server_certificate));
  g_assert_cmpint (
      rtmfp_read_initiator_keying (find_chunk (session, RTMFP_CHUNK_INITIATOR_KEYING), &initiator),
      ==, RTMFP_OK);
  test_assert_bytes (initiator.cookie_echo, hello.cookie);
  test_assert_bytes (initiator.certificate, BYTES (session->client_certificate));
  test_assert_bytes (initiator.component, BYTES (session->initiator_component));
  g_assert_true (rtmfp_signature_is_empty (initiator.signature));
  g_assert_cmpint (
      rtmfp_read_responder_keying (find_chunk (session, RTMFP_CHUNK_RESPONDER_KEYING), &responder),
      ==, RTMFP_OK);
  test_assert_bytes (responder.component, BYTES (session->responder_component));
  g_assert_true (rtmfp_signature_is_empty (responder.signature));
}

static RtmfpSessionKeys
derive (const VectorSession *session, bool as_client) {
  RtmfpBytes near_component =
      as_client ? BYTES (session->initiator_component) : BYTES (session->responder_component);
  RtmfpBytes far_component =
      as_client ? BYTES (session->responder_component) : BYTES (session->initiator_component);
  RtmfpSessionKeys keys = {0};
  RtmfpKeyingComponent near_says, far_says;
  rtmfp_session_keys_derive (&keys, BYTES (session->secret), near_component, far_component);
  g_assert_cmpint (rtmfp_keying_component_read (near_component, &near_says), ==, RTMFP_OK);
  g_assert_cmpint (rtmfp_keying_component_read (far_component, &far_says), ==, RTMFP_OK);
  rtmfp_session_keys_negotiate (&keys, &near_says, &far_says);
  test_assert_bytes (rtmfp_bytes (keys.near_nonce, RTMFP_NONCE_SIZE),
                     as_client ? BYTES (session->initiator_nonce)
                               : BYTES (session->responder_nonce));
  test_assert_bytes (rtmfp_bytes (keys.far_nonce, RTMFP_NONCE_SIZE),
                     as_client ? BYTES (session->responder_nonce)
                               : BYTES (session->initiator_nonce));
  return keys;
}

static RtmfpStatus
rewrite_startup_chunk (const RtmfpChunk *chunk, RtmfpWriter *writer) {
  RtmfpInitiatorHello initiator_hello;
  RtmfpResponderHello responder_hello;
  RtmfpInitiatorKeying initiator_keying;
  RtmfpResponderKeying responder_keying;
  switch (chunk->type) {
  case RTMFP_CHUNK_INITIATOR_HELLO:
    g_assert_cmpint (rtmfp_read_initiator_hello (chunk->payload, &initiator_hello), ==, RTMFP_OK);
    return rtmfp_write_initiator_hello (writer, &initiator_hello);
  case RTMFP_CHUNK_RESPONDER_HELLO:
    g_assert_cmpint (rtmfp_read_responder_hello (chunk->payload, &responder_hello), ==, RTMFP_OK);
    return rtmfp_write_responder_hello (writer, &responder_hello);
  case RTMFP_CHUNK_INITIATOR_KEYING:
    g_assert_cmpint (rtmfp_read_initiator_keying (chunk->payload, &initiator_keying), ==, RTMFP_OK);
    return rtmfp_write_initiator_keying (writer, &initiator_keying);
  case RTMFP_CHUNK_RESPONDER_KEYING:
    g_assert_cmpint (rtmfp_read_responder_keying (chunk->payload, &responder_keying), ==, RTMFP_OK);
    return rtmfp_write_responder_keying (writer, &responder_keying);
  default:
    g_assert_not_reached ();
  }
}

static RtmfpStatus
rewrite_data_chunk (Replay *replay, const RtmfpChunk *chunk, RtmfpWriter *writer) {
  RtmfpUserData data;
  bool is_next = chunk->type == RTMFP_CHUNK_NEXT_USER_DATA;
  RtmfpStatus status =
      is_next ? rtmfp_read_next_user_data (chunk->payload,
                                           replay->has_previous ? &replay->previous : NULL, &data)
              : rtmfp_read_user_data (chunk->payload, &data);
  g_assert_cmpint (status, ==, RTMFP_OK);
  g_assert_cmpuint (rtmfp_user_data_overhead (&data, is_next) + data.data.size, ==,
                    chunk->payload.size + RTMFP_CHUNK_HEADER_BYTES);
  replay->previous = data;
  replay->has_previous = true;
  return is_next ? rtmfp_write_next_user_data (writer, &data)
                 : rtmfp_write_user_data (writer, &data);
}

static RtmfpStatus
rewrite_ack (const RtmfpChunk *chunk, RtmfpWriter *writer) {
  RtmfpAck ack;
  RtmfpRange ranges[8];
  g_assert_cmpint (rtmfp_read_ack_ranges (chunk->payload, &ack), ==, RTMFP_OK);
  RtmfpAckContent content = {.flow_id = ack.flow_id,
                             .buffer_bytes_available = ack.buffer_bytes_available,
                             .cumulative_ack = ack.cumulative_ack,
                             .ranges = ranges};
  while (content.range_count < G_N_ELEMENTS (ranges) &&
         rtmfp_ack_next_range (&ack, &ranges[content.range_count])) {
    content.range_count++;
  }
  return rtmfp_write_ack_ranges (writer, &content, NULL);
}

static RtmfpStatus
rewrite_chunk (Replay *replay, const RtmfpChunk *chunk, RtmfpWriter *writer) {
  uint8_t ce_count = 0;
  switch (chunk->type) {
  case RTMFP_CHUNK_USER_DATA:
  case RTMFP_CHUNK_NEXT_USER_DATA:
    return rewrite_data_chunk (replay, chunk, writer);
  case RTMFP_CHUNK_ACK_RANGES:
    return rewrite_ack (chunk, writer);
  case RTMFP_CHUNK_ECN_REPORT:
    g_assert_cmpint (rtmfp_read_ecn_report (chunk->payload, &ce_count), ==, RTMFP_OK);
    return rtmfp_write_ecn_report (writer, ce_count);
  case RTMFP_CHUNK_CLOSE:
    return rtmfp_write_close (writer);
  case RTMFP_CHUNK_CLOSE_ACK:
    return rtmfp_write_close_ack (writer);
  default:
    return rewrite_startup_chunk (chunk, writer);
  }
}

static void
check_header (const RtmfpPacketHeader *header, const VectorPacket *expected) {
  g_assert_cmpint (header->mode, ==, expected->flags & 3);
  g_assert_cmpint (header->time_critical, ==, expected->flags >> 7);
  g_assert_cmpint (header->has_timestamp, ==, expected->timestamp >= 0);
  g_assert_cmpint (header->has_timestamp_echo, ==, expected->timestamp_echo >= 0);
  if (header->has_timestamp) {
    g_assert_cmpint (header->timestamp, ==, expected->timestamp);
  }
  if (header->has_timestamp_echo) {
    g_assert_cmpint (header->timestamp_echo, ==, expected->timestamp_echo);
  }
}

/* Reads the plain packet, compares it with what was recorded, and writes it again. */
static void
rewrite_packet (Replay *replay, RtmfpBytes plain, const VectorPacket *expected,
                RtmfpWriter *writer) {
  RtmfpReader reader = rtmfp_reader (plain.data, plain.size);
  RtmfpPacketHeader header;
  g_assert_cmpint (rtmfp_read_packet_header (&reader, &header), ==, RTMFP_OK);
  check_header (&header, expected);
  g_assert_cmpint (rtmfp_write_packet_header (writer, &header), ==, RTMFP_OK);
  RtmfpChunk chunk;
  guint count = 0;
  replay->has_previous = false;
  while (rtmfp_read_chunk (&reader, &chunk)) {
    g_assert_cmpuint (count, <, expected->chunks->len);
    const VectorChunk *recorded = &g_array_index (expected->chunks, VectorChunk, count++);
    g_assert_cmphex (chunk.type, ==, recorded->type);
    g_assert_cmpuint (chunk.payload.size, ==, recorded->size);
    test_assert_bytes (rtmfp_bytes (chunk.payload.data, recorded->payload.size),
                       BYTES (recorded->payload));
    g_assert_true (rtmfp_chunk_is_allowed (chunk.type, header.mode));
    g_assert_cmpint (rewrite_chunk (replay, &chunk, writer), ==, RTMFP_OK);
  }
  g_assert_cmpuint (count, ==, expected->chunks->len);
  replay->chunks += (int)count;
}

static void
replay_packet (Replay *replay, const VectorPacket *packet) {
  const uint32_t session_id = packet->under_default_key ? 0 : 0x02000000;
  uint8_t datagram[1500], plain[1500], again[1500];
  size_t size = packet->ciphertext.size + 4;
  g_assert_cmpuint (size, ==, packet->wire_bytes);
  memcpy (datagram + 4, packet->ciphertext.data, packet->ciphertext.size);
  rtmfp_multiplex_scramble (datagram, size, session_id);

  RtmfpProtection *sealer = packet->from_client ? &replay->client : &replay->server;
  RtmfpProtection *opener = packet->from_client ? &replay->server : &replay->client;
  if (packet->under_default_key) {
    sealer = opener = &replay->startup;
  }
  RtmfpBytes opened;
  g_assert_cmpint (rtmfp_protection_open (opener, rtmfp_bytes (datagram, size), plain, &opened), ==,
                   RTMFP_OK);
  size_t head = rtmfp_protection_head_bytes (sealer);
  RtmfpWriter writer = rtmfp_writer (again + head, sizeof again - head);
  rewrite_packet (replay, opened, packet, &writer);
  g_assert_cmpuint (rtmfp_writer_size (&writer), <=, opened.size);
  if (!packet->under_default_key) {
    g_assert_cmpuint (rtmfp_writer_size (&writer), ==, packet->plain_bytes);
  }
  g_assert_cmpuint (sealer->next_sequence, ==, sealer->sends_sequence ? packet->sequence : 0);
  size_t again_size = 0;
  g_assert_cmpint (rtmfp_protection_seal (sealer, session_id, again, sizeof again,
                                          rtmfp_writer_size (&writer), &again_size),
                   ==, RTMFP_OK);
  test_assert_bytes (rtmfp_bytes (again, again_size), rtmfp_bytes (datagram, size));
  replay->packets++;
  if (opener->receives_sequence) {
    g_assert_cmpint (rtmfp_protection_open (opener, rtmfp_bytes (datagram, size), plain, &opened),
                     ==, RTMFP_STATE);
  }
}

static void
run (const char *name, bool uses_hmac_and_sequence) {
  Replay *replay = replay_new (name);
  check_certificates (replay->session);
  check_handshake (replay->session);
  RtmfpSessionKeys client = derive (replay->session, true);
  RtmfpSessionKeys server = derive (replay->session, false);
  g_assert_cmpuint (client.hmac_send_bytes, ==, uses_hmac_and_sequence ? 16 : 0);
  g_assert_cmpuint (client.hmac_receive_bytes, ==, uses_hmac_and_sequence ? 16 : 0);
  g_assert_cmpuint (client.sends_sequence, ==, uses_hmac_and_sequence);
  g_assert_cmpuint (client.receives_sequence, ==, uses_hmac_and_sequence);
  replay->cipher = rtmfp_cipher_new ();
  rtmfp_protection_init_default (&replay->startup, replay->cipher);
  rtmfp_protection_init (&replay->client, &client, replay->cipher);
  rtmfp_protection_init (&replay->server, &server, replay->cipher);
  for (guint i = 0; i < replay->session->packets->len; i++) {
    replay_packet (replay, &g_array_index (replay->session->packets, VectorPacket, i));
  }
  g_assert_cmpint (replay->packets, ==, 16);
  g_assert_cmpint (replay->chunks, ==, 23);
  replay_free (replay);
}

static void
test_hmac (void) {
  run ("session-hmac.txt", true);
}

static void
test_checksum (void) {
  run ("session-checksum.txt", false);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/vectors/session-with-hmac-and-sequence-numbers", test_hmac);
  g_test_add_func ("/crypto/vectors/session-with-checksum", test_checksum);
  return g_test_run ();
}

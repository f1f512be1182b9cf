/* SPDX-License-Identifier: GPL-3.0-or-later */
/* RFC 7425 s4.7. */
#include "core/crypto/primitives.h"
#include "core/crypto/protection.h"
#include "core/wire/multiplex.h"
#include "tests/support/support.h"

#include <glib.h>
#include <string.h>

enum { MOST = 1472 };

static RtmfpCipher *cipher;

static RtmfpSessionKeys
keys (uint8_t hmac_bytes, bool sequence) {
  RtmfpSessionKeys result = {.hmac_send_bytes = hmac_bytes,
                             .hmac_receive_bytes = hmac_bytes,
                             .sends_sequence = sequence,
                             .receives_sequence = sequence};
  TestRng seeded = {9};
  RtmfpRng rng = test_rng (&seeded);
  rtmfp_rng_fill (&rng, result.encrypt_key, 32);
  rtmfp_rng_fill (&rng, result.hmac_send_key, 32);
  memcpy (result.decrypt_key, result.encrypt_key, 32); /* what one seals it can open itself */
  memcpy (result.hmac_receive_key, result.hmac_send_key, 32);
  return result;
}

/* Seals size bytes that begin with value. Returns the datagram's size. */
static size_t
seal (RtmfpProtection *protection, uint8_t *buffer, size_t size, uint8_t value) {
  size_t datagram = 0;
  memset (buffer + rtmfp_protection_head_bytes (protection), value, size);
  g_assert_cmpint (rtmfp_protection_seal (protection, 0x01020304, buffer, MOST, size, &datagram),
                   ==, RTMFP_OK);
  return datagram;
}

static void
test_both_ways (void) {
  for (unsigned i = 0; i < 6; i++) {
    const RtmfpSessionKeys session = keys (i % 3 == 0 ? 0 : i % 3 == 1 ? 4 : 32, i >= 3);
    RtmfpProtection protection;
    rtmfp_protection_init (&protection, &session, cipher);
    uint8_t buffer[MOST], scratch[MOST];
    size_t most = rtmfp_protection_packet_bytes_max (&protection, MOST);
    for (size_t size = 1; size <= most; size += size < 40 || size > most - 20 ? 1 : 37) {
      most = rtmfp_protection_packet_bytes_max (&protection, MOST);
      size = size > most ? most : size;
      size_t datagram = seal (&protection, buffer, size, (uint8_t)size);
      g_assert_cmpuint ((datagram - 4 - session.hmac_send_bytes) % 16, ==, 0);
      uint32_t id = 0;
      g_assert_cmpint (rtmfp_multiplex_session_id (rtmfp_bytes (buffer, datagram), &id), ==,
                       RTMFP_OK);
      g_assert_cmphex (id, ==, 0x01020304);
      RtmfpBytes packet;
      g_assert_cmpint (
          rtmfp_protection_open (&protection, rtmfp_bytes (buffer, datagram), scratch, &packet), ==,
          RTMFP_OK);
      g_assert_cmpuint (packet.size, >=, size);
      g_assert_cmpuint (packet.size, <, size + 16);
      for (size_t at = 0; at < packet.size; at++) {
        g_assert_cmphex (packet.data[at], ==, at < size ? (uint8_t)size : 0xff);
      }
    }
    rtmfp_protection_clear (&protection);
  }
}

static void
test_room (void) {
  const RtmfpSessionKeys session = keys (16, true);
  RtmfpProtection protection;
  rtmfp_protection_init (&protection, &session, cipher);
  g_assert_cmpuint (rtmfp_protection_packet_bytes_max (&protection, 35), ==, 0);
  g_assert_cmpuint (rtmfp_protection_packet_bytes_max (&protection, 36), ==, 15);
  g_assert_cmpuint (rtmfp_protection_packet_bytes_max (&protection, 51), ==, 15);
  g_assert_cmpuint (rtmfp_protection_packet_bytes_max (&protection, 52), ==, 31);
  g_assert_cmpuint (rtmfp_protection_head_bytes (&protection), ==, 5);
  uint8_t buffer[52];
  size_t size = 99;
  g_assert_cmpint (rtmfp_protection_seal (&protection, 1, buffer, 51, 16, &size), ==,
                   RTMFP_TRUNCATED);
  g_assert_cmpuint (size, ==, 99);
  g_assert_cmpuint (protection.next_sequence, ==, 0);
  g_assert_cmpint (rtmfp_protection_seal (&protection, 1, buffer, 52, 16, &size), ==, RTMFP_OK);
  g_assert_cmpuint (size, ==, 52);
  protection.next_sequence = UINT64_MAX;
  g_assert_cmpuint (rtmfp_protection_head_bytes (&protection), ==, 14);
  rtmfp_protection_clear (&protection);
  rtmfp_protection_init_default (&protection, cipher);
  g_assert_cmpuint (rtmfp_protection_head_bytes (&protection), ==, 6);
  g_assert_cmpuint (rtmfp_protection_packet_bytes_max (&protection, 20), ==, 14);
  rtmfp_protection_clear (&protection);
}

/* Every single changed bit is found. */
static void
test_changed_bits (void) {
  for (int with_hmac = 0; with_hmac < 2; with_hmac++) {
    const RtmfpSessionKeys session = keys (with_hmac ? 8 : 0, true);
    RtmfpProtection protection;
    rtmfp_protection_init (&protection, &session, cipher);
    uint8_t buffer[MOST], scratch[MOST];
    size_t size = seal (&protection, buffer, 40, 1);
    RtmfpBytes packet;
    for (size_t bit = 32; bit < size * 8; bit++) {
      buffer[bit / 8] ^= (uint8_t)(1 << bit % 8);
      RtmfpStatus status =
          rtmfp_protection_open (&protection, rtmfp_bytes (buffer, size), scratch, &packet);
      g_assert_cmpint (status, !=, RTMFP_OK);
      g_assert_true (!with_hmac || status == RTMFP_AUTH);
      buffer[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    g_assert_cmpint (
        rtmfp_protection_open (&protection, rtmfp_bytes (buffer, size), scratch, &packet), ==,
        RTMFP_OK);
    rtmfp_protection_clear (&protection);
  }
}

static void
test_every_length (void) {
  for (int with_hmac = 0; with_hmac < 2; with_hmac++) {
    const RtmfpSessionKeys session = keys (with_hmac ? 20 : 0, true);
    RtmfpProtection protection;
    rtmfp_protection_init (&protection, &session, cipher);
    uint8_t buffer[MOST], scratch[MOST];
    size_t whole = seal (&protection, buffer, 60, 1);
    for (size_t size = 0; size < whole; size++) {
      uint8_t *exact = g_memdup2 (buffer, size > 0 ? size : 1);
      RtmfpBytes packet;
      RtmfpStatus status =
          rtmfp_protection_open (&protection, rtmfp_bytes (exact, size), scratch, &packet);
      size_t least = with_hmac ? 40 : 20;
      RtmfpStatus expected = size < least               ? RTMFP_TRUNCATED
                             : (size - least) % 16 != 0 ? RTMFP_MALFORMED
                                                        : RTMFP_AUTH;
      g_assert_cmpint (status, ==, expected);
      g_free (exact);
    }
    rtmfp_protection_clear (&protection);
  }
}

/* A block that holds nothing but a number of 16 bytes. */
static void
test_no_packet_inside (void) {
  RtmfpSessionKeys session = keys (16, false);
  RtmfpProtection sealer, opener;
  rtmfp_protection_init (&sealer, &session, cipher);
  session.receives_sequence = true;
  rtmfp_protection_init (&opener, &session, cipher);
  uint8_t buffer[MOST], scratch[MOST];
  for (int unending = 0; unending < 2; unending++) {
    size_t size = 0;
    memset (buffer + 4, 0x80, 16);
    buffer[19] = unending ? 0x80 : 0x05;
    g_assert_cmpint (rtmfp_protection_seal (&sealer, 1, buffer, MOST, 16, &size), ==, RTMFP_OK);
    RtmfpBytes packet;
    g_assert_cmpint (rtmfp_protection_open (&opener, rtmfp_bytes (buffer, size), scratch, &packet),
                     ==, RTMFP_MALFORMED);
    g_assert_false (opener.seen.any);
  }
  rtmfp_protection_clear (&sealer);
  rtmfp_protection_clear (&opener);
}

static RtmfpStatus
send_number (RtmfpProtection *protection, uint64_t number) {
  uint8_t buffer[MOST], scratch[MOST];
  protection->next_sequence = number;
  size_t size = seal (protection, buffer, 20, 3);
  RtmfpBytes packet;
  return rtmfp_protection_open (protection, rtmfp_bytes (buffer, size), scratch, &packet);
}

static void
test_replay_window (void) {
  const uint64_t window = RTMFP_REPLAY_WINDOW_PACKETS;
  const RtmfpSessionKeys session = keys (4, true);
  RtmfpProtection protection;
  rtmfp_protection_init (&protection, &session, cipher);
  g_assert_cmpint (send_number (&protection, 5000), ==, RTMFP_OK);
  g_assert_cmpint (send_number (&protection, 5000), ==, RTMFP_STATE);
  g_assert_cmpint (send_number (&protection, 5000 - window), ==, RTMFP_STATE);
  g_assert_cmpint (send_number (&protection, 5001 - window), ==, RTMFP_OK);
  g_assert_cmpint (send_number (&protection, 5001 - window), ==, RTMFP_STATE);
  g_assert_cmpint (send_number (&protection, 4968), ==, RTMFP_OK);
  g_assert_cmpint (send_number (&protection, 5064), ==, RTMFP_OK);
  g_assert_cmpint (send_number (&protection, 5063), ==, RTMFP_OK);
  g_assert_cmpint (send_number (&protection, 5001 - window), ==, RTMFP_STATE);
  g_assert_cmpint (send_number (&protection, 5064 + 100 * window), ==, RTMFP_OK);
  g_assert_cmpint (send_number (&protection, 5064), ==, RTMFP_STATE);
  g_assert_cmpint (send_number (&protection, 5064 + 99 * window + 1), ==, RTMFP_OK);
  g_assert_cmpint (send_number (&protection, UINT64_MAX), ==, RTMFP_OK);
  g_assert_cmpint (send_number (&protection, UINT64_MAX), ==, RTMFP_STATE);
  g_assert_cmpint (send_number (&protection, UINT64_MAX - window + 1), ==, RTMFP_OK);
  g_assert_cmpint (send_number (&protection, UINT64_MAX - window), ==, RTMFP_STATE);
  rtmfp_protection_clear (&protection);
}

/* Against a plain set of all numbers seen. */
static void
test_replay_window_against_a_set (void) {
  const RtmfpSessionKeys session = keys (4, true);
  TestRng rng = {11};
  for (int round = 0; round < 5; round++) {
    RtmfpProtection protection;
    rtmfp_protection_init (&protection, &session, cipher);
    GHashTable *seen = g_hash_table_new (g_direct_hash, g_direct_equal);
    uint64_t highest = 0;
    for (int i = 0; i < 3000; i++) {
      uint64_t low = highest > 1200 ? highest - 1200 : 0;
      uint64_t number = low + test_rng_below (&rng, highest - low + 30);
      bool fresh = !g_hash_table_contains (seen, GSIZE_TO_POINTER (number + 1)) &&
                   number + RTMFP_REPLAY_WINDOW_PACKETS > highest;
      g_assert_cmpint (send_number (&protection, number), ==, fresh ? RTMFP_OK : RTMFP_STATE);
      g_hash_table_add (seen, GSIZE_TO_POINTER (number + 1));
      highest = number > highest ? number : highest;
    }
    g_hash_table_destroy (seen);
    rtmfp_protection_clear (&protection);
  }
}

/* As s4.7.3.1 words it. */
static uint16_t
plain_checksum (const uint8_t *bytes, size_t size) {
  uint32_t sum = 0;
  for (size_t i = 0; i + 1 < size; i += 2) {
    sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
  }
  if (size % 2 != 0) {
    sum += bytes[size - 1];
  }
  while (sum > 0xffff) {
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return (uint16_t)~sum;
}

static void
test_checksum (void) {
  TestRng seeded = {4};
  RtmfpRng rng = test_rng (&seeded);
  uint8_t bytes[300];
  for (size_t size = 0; size <= sizeof bytes; size++) {
    rtmfp_rng_fill (&rng, bytes, sizeof bytes);
    g_assert_cmphex (rtmfp_simple_checksum (rtmfp_bytes (bytes, size)), ==,
                     plain_checksum (bytes, size));
    memset (bytes, 0xff, sizeof bytes);
    g_assert_cmphex (rtmfp_simple_checksum (rtmfp_bytes (bytes, size)), ==,
                     plain_checksum (bytes, size));
  }
  g_assert_cmphex (rtmfp_simple_checksum (rtmfp_bytes ("\x01\x02\x03", 3)), ==, 0xfefa);
}

/* Sessions that share their contexts do not mix their keys. */
static void
test_shared_contexts (void) {
  RtmfpSessionKeys session[3];
  RtmfpProtection protections[3];
  uint8_t buffer[MOST], scratch[MOST];
  for (guint8 i = 0; i < 3; i++) {
    session[i] = keys (16, true);
    session[i].encrypt_key[15] ^= i;
    session[i].decrypt_key[15] ^= i;
    rtmfp_protection_init (&protections[i], &session[i], cipher);
  }
  for (guint i = 0; i < 60; i++) {
    RtmfpProtection own = protections[i * i % 3];
    own.cipher = rtmfp_cipher_new ();
    const size_t size = seal (&protections[i * i % 3], buffer, 40, (uint8_t)i);
    RtmfpBytes packet;
    g_assert_cmpint (rtmfp_protection_open (&own, rtmfp_bytes (buffer, size), scratch, &packet), ==,
                     RTMFP_OK);
    g_assert_cmphex (packet.data[0], ==, i);
    g_assert_cmpint (rtmfp_protection_open (&protections[i * i % 3], rtmfp_bytes (buffer, size),
                                            scratch, &packet),
                     ==, RTMFP_OK);
    g_assert_cmphex (packet.data[39], ==, i);
    rtmfp_cipher_free (own.cipher);
  }
  g_assert_cmpuint (sizeof protections[0], <=, 512); /* of the 2 KiB of an idle session */
}

static void
test_hmac (void) {
  TestRng seeded = {9};
  RtmfpRng rng = test_rng (&seeded);
  uint8_t key[RTMFP_HMAC_SIZE], bytes[300], expected[32], digest[32];
  for (size_t size = 0; size <= sizeof bytes; size++) {
    RtmfpHmacKey hmac;
    rtmfp_rng_fill (&rng, key, sizeof key);
    rtmfp_rng_fill (&rng, bytes, sizeof bytes);
    rtmfp_hmac_key_init (&hmac, rtmfp_bytes (key, sizeof key));
    rtmfp_hmac (&hmac, rtmfp_bytes (bytes, size), digest);
    rtmfp_hmac_sha256 (rtmfp_bytes (key, sizeof key), rtmfp_bytes (bytes, size), expected);
    g_assert_cmpmem (digest, 32, expected, 32);
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  cipher = rtmfp_cipher_new ();
  g_test_add_func ("/crypto/protection/both-ways", test_both_ways);
  g_test_add_func ("/crypto/protection/room", test_room);
  g_test_add_func ("/crypto/protection/finds-every-changed-bit", test_changed_bits);
  g_test_add_func ("/crypto/protection/open-at-every-length", test_every_length);
  g_test_add_func ("/crypto/protection/no-packet-inside", test_no_packet_inside);
  g_test_add_func ("/crypto/protection/replay-window", test_replay_window);
  g_test_add_func ("/crypto/protection/replay-window-against-a-set",
                   test_replay_window_against_a_set);
  g_test_add_func ("/crypto/protection/checksum", test_checksum);
  g_test_add_func ("/crypto/protection/shared-contexts", test_shared_contexts);
  g_test_add_func ("/crypto/protection/hmac-against-the-whole-function", test_hmac);
  const int result = g_test_run ();
  rtmfp_cipher_free (cipher);
  return result;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets under an AEAD: docs/protocol.md, "AEAD". */
#include "core/crypto/cipher.h"
#include "core/crypto/protection.h"
#include "core/wire/multiplex.h"
#include "tests/support/support.h"

#include <glib.h>
#include <string.h>

enum { MOST = 1472, ID = 0x01020304 };

static const RtmfpAead both[] = {RTMFP_AEAD_AES_128_GCM, RTMFP_AEAD_CHACHA20_POLY1305};

/* The two ends of a session: what one seals the other opens. */
typedef struct {
  RtmfpCipher *cipher;
  RtmfpProtection a, b;
  uint8_t scratch[MOST];
} Ends;

static RtmfpSessionKeys
keys_of (RtmfpAead aead, bool turned) {
  RtmfpSessionKeys keys = {0};
  for (int i = 0; i < 32; i++) {
    keys.encrypt_key[i] = (uint8_t)(turned ? 32 + i : i);
    keys.decrypt_key[i] = (uint8_t)(turned ? i : 32 + i);
  }
  rtmfp_session_keys_derive_aead (&keys, aead);
  return keys;
}

static void
ends_init (Ends *ends, RtmfpAead aead) {
  const RtmfpSessionKeys a = keys_of (aead, false), b = keys_of (aead, true);
  ends->cipher = rtmfp_cipher_new (); /* shared, as by the sessions of an endpoint */
  rtmfp_protection_init (&ends->a, &a, ends->cipher);
  rtmfp_protection_init (&ends->b, &b, ends->cipher);
}

static void
ends_clear (Ends *ends) {
  rtmfp_protection_clear (&ends->a);
  rtmfp_protection_clear (&ends->b);
  rtmfp_cipher_free (ends->cipher);
}

static size_t
seal (RtmfpProtection *protection, uint8_t *buffer, const void *packet, size_t size) {
  size_t datagram = 0;
  memcpy (buffer + rtmfp_protection_head_bytes (protection), packet, size);
  g_assert_cmpint (rtmfp_protection_seal (protection, ID, buffer, MOST, size, &datagram), ==,
                   RTMFP_OK);
  return datagram;
}

static RtmfpStatus
open_at_b (Ends *ends, const uint8_t *buffer, size_t size, RtmfpBytes *packet) {
  return rtmfp_protection_open (&ends->b, rtmfp_bytes (buffer, size), ends->scratch, packet);
}

/* ---- Known answers ---- */

static void
check_cipher (RtmfpAead aead, const char *key_hex, const char *nonce_hex, const char *data_hex,
              const char *plain_hex, const char *sealed_hex, const char *tag_hex) {
  RtmfpBuffer key = test_hex (key_hex), nonce = test_hex (nonce_hex), data = test_hex (data_hex);
  RtmfpBuffer text = test_hex (plain_hex);
  RtmfpCipher *cipher = rtmfp_cipher_new ();
  uint8_t tag[RTMFP_AEAD_TAG_SIZE], opened[256];
  memset (rtmfp_buffer_reserve (&key, 32), 0, 16); /* a short key is read from 32 bytes too */
  for (int turn = 0; turn < 2; turn++) {           /* contexts are kept */
    RtmfpBuffer sealed = test_hex (plain_hex);
    rtmfp_cipher_seal (cipher, aead, key.data, nonce.data, rtmfp_buffer_bytes (&data), sealed.data,
                       sealed.size, tag);
    test_assert_hex (rtmfp_buffer_bytes (&sealed), sealed_hex);
    test_assert_hex (rtmfp_bytes (tag, sizeof tag), tag_hex);
    g_assert_true (rtmfp_cipher_open (cipher, aead, key.data, nonce.data,
                                      rtmfp_buffer_bytes (&data), rtmfp_buffer_bytes (&sealed), tag,
                                      opened));
    g_assert_cmpmem (opened, sealed.size, text.data, text.size);
    tag[15] ^= 1;
    g_assert_false (rtmfp_cipher_open (cipher, aead, key.data, nonce.data,
                                       rtmfp_buffer_bytes (&data), rtmfp_buffer_bytes (&sealed),
                                       tag, opened));
    rtmfp_buffer_clear (&sealed);
  }
  rtmfp_cipher_free (cipher);
  rtmfp_buffer_clear (&key);
  rtmfp_buffer_clear (&nonce);
  rtmfp_buffer_clear (&data);
  rtmfp_buffer_clear (&text);
}

/* Test case 4 of the GCM submission to NIST, and RFC 8439 s2.8.2. */
static void
test_published_answers (void) {
  check_cipher (RTMFP_AEAD_AES_128_GCM, "feffe9928665731c6d6a8f9467308308",
                "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
                "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
                "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
                "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
                "5bc94fbc3221a5db94fae95ae7121a47");
  check_cipher (RTMFP_AEAD_CHACHA20_POLY1305,
                "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
                "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
                "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
                "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
                "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
                "637265656e20776f756c642062652069742e",
                "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
                "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
                "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
                "3ff4def08e4b7a9de576d26586cec64b6116",
                "1ae10b594f09e26a7e902ecbd0600691");
}

/* Whole datagrams that another program computed from the text of docs/protocol.md, by another
 * cipher library's face: keys 00..1f, number 300, session id 0x01020304. */
static void
test_layout (void) {
  static const char *datagrams[] = {
      "5853fc2e 822c 4016db7dbf3c12b7862cf7c938e8aee4ce3604e4 d9d2f88d624a6fc4a67367fd194512d1",
      "ed19e59b 822c b97f6e375fe09aa5d1358fc7b34becf1b5bcc6db f050d984e253d1e464dd88c98215cdde",
  };
  for (unsigned i = 0; i < G_N_ELEMENTS (both); i++) {
    Ends ends;
    uint8_t buffer[MOST];
    RtmfpBytes packet;
    ends_init (&ends, both[i]);
    ends.a.next_sequence = 300;
    size_t size = seal (&ends.a, buffer, "twenty bytes of text", 20);
    test_assert_hex (rtmfp_bytes (buffer, size), datagrams[i]);
    g_assert_cmpint (open_at_b (&ends, buffer, size, &packet), ==, RTMFP_OK);
    g_assert_cmpmem (packet.data, packet.size, "twenty bytes of text", 20);
    g_assert_cmpuint (ends.a.next_sequence, ==, 301);
    ends_clear (&ends);
  }
}

/* ---- Sizes ---- */

static void
test_sizes (void) {
  static const uint8_t packet_bytes[MOST];
  const RtmfpSessionKeys with_hmac = {.hmac_send_bytes = RTMFP_HMAC_BYTES_DEFAULT,
                                      .sends_sequence = true};
  RtmfpCipher *cipher = rtmfp_cipher_new ();
  RtmfpProtection hmac;
  rtmfp_protection_init (&hmac, &with_hmac, cipher);
  for (unsigned i = 0; i < G_N_ELEMENTS (both); i++) {
    Ends ends;
    uint8_t buffer[MOST], other[MOST];
    ends_init (&ends, both[i]);
    g_assert_cmpuint (rtmfp_protection_packet_bytes_max (&ends.a, 21), ==, 0);
    g_assert_cmpuint (rtmfp_protection_packet_bytes_max (&ends.a, 22), ==, 1);
    g_assert_cmpuint (rtmfp_protection_packet_bytes_max (&ends.a, MOST), ==, MOST - 21);
    size_t size = 99;
    g_assert_cmpint (rtmfp_protection_seal (&ends.a, ID, buffer, 30, 10, &size), ==,
                     RTMFP_TRUNCATED);
    g_assert_cmpuint (size, ==, 99);
    g_assert_cmpuint (ends.a.next_sequence, ==, 0);
    hmac.next_sequence = 0;
    for (size_t bytes = 1; bytes <= MOST - 40; bytes += bytes < 40 ? 1 : 101) {
      RtmfpBytes packet;
      size = seal (&ends.a, buffer, packet_bytes, bytes);
      g_assert_cmpuint (size, <=, seal (&hmac, other, packet_bytes, bytes));
      uint32_t id = 0;
      g_assert_cmpint (rtmfp_multiplex_session_id (rtmfp_bytes (buffer, size), &id), ==, RTMFP_OK);
      g_assert_cmphex (id, ==, ID);
      g_assert_cmpint (open_at_b (&ends, buffer, size, &packet), ==, RTMFP_OK);
      g_assert_cmpuint (packet.size, ==, bytes);
    }
    ends.a.next_sequence = UINT64_MAX;
    g_assert_cmpuint (rtmfp_protection_head_bytes (&ends.a), ==, 14);
    ends_clear (&ends);
  }
  rtmfp_protection_clear (&hmac);
  rtmfp_cipher_free (cipher);
}

/* ---- What is refused ---- */

/* Session id and number too: all of the datagram is under the tag. */
static void
test_changed_bits (void) {
  for (unsigned i = 0; i < G_N_ELEMENTS (both); i++) {
    Ends ends;
    uint8_t buffer[MOST];
    RtmfpBytes packet;
    ends_init (&ends, both[i]);
    ends.a.next_sequence = 300;
    size_t size = seal (&ends.a, buffer, "a packet of some length", 23);
    for (size_t bit = 0; bit < size * 8; bit++) {
      buffer[bit / 8] ^= (uint8_t)(1 << bit % 8);
      g_assert_cmpint (open_at_b (&ends, buffer, size, &packet), ==, RTMFP_AUTH);
      buffer[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    g_assert_false (ends.b.seen.any);
    g_assert_cmpint (open_at_b (&ends, buffer, size, &packet), ==, RTMFP_OK);
    ends_clear (&ends);
  }
}

static void
test_every_length (void) {
  for (unsigned i = 0; i < G_N_ELEMENTS (both); i++) {
    Ends ends;
    uint8_t buffer[MOST];
    RtmfpBytes packet;
    ends_init (&ends, both[i]);
    size_t whole = seal (&ends.a, buffer, "a packet of some length", 23);
    for (size_t size = 0; size < whole; size++) {
      uint8_t *exact = g_memdup2 (buffer, size > 0 ? size : 1);
      g_assert_cmpint (open_at_b (&ends, exact, size, &packet), ==,
                       size < 22 ? RTMFP_TRUNCATED : RTMFP_AUTH);
      g_free (exact);
    }
    ends_clear (&ends);
  }
}

/* A number that never ends, one too long, and one that leaves no room for a packet. */
static void
test_bad_numbers (void) {
  for (unsigned i = 0; i < G_N_ELEMENTS (both); i++) {
    Ends ends;
    uint8_t buffer[64];
    RtmfpBytes packet;
    ends_init (&ends, both[i]);
    memset (buffer, 0xff, sizeof buffer);
    g_assert_cmpint (open_at_b (&ends, buffer, sizeof buffer, &packet), ==, RTMFP_MALFORMED);
    memset (buffer + 4, 0x80, 40);
    g_assert_cmpint (open_at_b (&ends, buffer, sizeof buffer, &packet), ==, RTMFP_MALFORMED);
    buffer[20] = 5;
    g_assert_cmpint (open_at_b (&ends, buffer, sizeof buffer, &packet), ==, RTMFP_MALFORMED);
    buffer[6] = 5;
    g_assert_cmpint (open_at_b (&ends, buffer, 23, &packet), ==, RTMFP_MALFORMED);
    g_assert_false (ends.b.seen.any);
    ends_clear (&ends);
  }
}

/* Late ones are taken once, within the window; a changed one takes no number away. */
static void
test_replay_and_reordering (void) {
  enum { COUNT = RTMFP_REPLAY_WINDOW_PACKETS + 2 };
  for (unsigned i = 0; i < G_N_ELEMENTS (both); i++) {
    Ends ends;
    uint8_t (*sent)[64] = g_malloc (COUNT * 64);
    size_t sizes[COUNT];
    RtmfpBytes packet;
    ends_init (&ends, both[i]);
    for (uint32_t n = 0; n < COUNT; n++) {
      sizes[n] = seal (&ends.a, sent[n], &n, sizeof n);
    }
    for (uint32_t n = COUNT; n-- > 0;) {
      const bool in_time = n + RTMFP_REPLAY_WINDOW_PACKETS > COUNT - 1;
      sent[n][sizes[n] - 1] ^= 1;
      g_assert_cmpint (open_at_b (&ends, sent[n], sizes[n], &packet), ==, RTMFP_AUTH);
      sent[n][sizes[n] - 1] ^= 1;
      g_assert_cmpint (open_at_b (&ends, sent[n], sizes[n], &packet), ==,
                       in_time ? RTMFP_OK : RTMFP_STATE);
      if (in_time) {
        g_assert_cmpmem (packet.data, packet.size, &n, sizeof n);
        g_assert_cmpint (open_at_b (&ends, sent[n], sizes[n], &packet), ==, RTMFP_STATE);
      }
    }
    g_free (sent);
    ends_clear (&ends);
  }
}

/* ---- Keys ---- */

/* Each direction and each cipher has a key and an IV of its own: what one end sealed it does not
 * take back, nor does the other cipher. */
static void
test_separate_keys (void) {
  for (unsigned i = 0; i < G_N_ELEMENTS (both); i++) {
    Ends ends, others;
    uint8_t buffer[MOST];
    RtmfpBytes packet;
    ends_init (&ends, both[i]);
    ends_init (&others, both[1 - i]);
    size_t size = seal (&ends.a, buffer, "packet", 6);
    g_assert_cmpint (
        rtmfp_protection_open (&ends.a, rtmfp_bytes (buffer, size), ends.scratch, &packet), ==,
        RTMFP_AUTH);
    g_assert_cmpint (open_at_b (&others, buffer, size, &packet), ==, RTMFP_AUTH);
    g_assert_cmpint (open_at_b (&ends, buffer, size, &packet), ==, RTMFP_OK);
    ends_clear (&ends);
    ends_clear (&others);
  }
  const RtmfpSessionKeys aes = keys_of (both[0], false), chacha = keys_of (both[1], false);
  const uint8_t *different[] = {
      aes.aead_send_key, aes.aead_receive_key, chacha.aead_send_key, chacha.aead_receive_key,
      aes.aead_send_iv,  aes.aead_receive_iv,  chacha.aead_send_iv,  chacha.aead_receive_iv,
      aes.encrypt_key,   aes.decrypt_key};
  for (unsigned i = 0; i < G_N_ELEMENTS (different); i++) {
    for (unsigned j = 0; j < i; j++) {
      g_assert_cmpint (memcmp (different[i], different[j], RTMFP_AEAD_NONCE_SIZE), !=, 0);
    }
  }
}

/* The same packet twice looks like two: no nonce is used again. */
static void
test_no_nonce_twice (void) {
  for (unsigned i = 0; i < G_N_ELEMENTS (both); i++) {
    Ends ends;
    uint8_t first[MOST], second[MOST];
    RtmfpBytes packet;
    ends_init (&ends, both[i]);
    size_t size = seal (&ends.a, first, "the same packet", 15);
    g_assert_cmpuint (seal (&ends.a, second, "the same packet", 15), ==, size);
    g_assert_cmpint (memcmp (first + 5, second + 5, 15), !=, 0);
    g_assert_cmpint (open_at_b (&ends, second, size, &packet), ==, RTMFP_OK);
    g_assert_cmpint (open_at_b (&ends, first, size, &packet), ==, RTMFP_OK);
    ends_clear (&ends);
  }
}

/* Sessions with either cipher and with HMAC share their contexts and do not mix their keys. */
static void
test_shared_contexts (void) {
  enum { SESSIONS = 6 };
  RtmfpCipher *sealing = rtmfp_cipher_new (), *opening = rtmfp_cipher_new ();
  RtmfpProtection from[SESSIONS], to[SESSIONS];
  for (unsigned i = 0; i < SESSIONS; i++) {
    RtmfpSessionKeys a = {0}, b;
    a.encrypt_key[15] = (uint8_t)i;
    rtmfp_session_keys_derive_aead (&a, (RtmfpAead)(i % 3));
    a.hmac_send_bytes = a.hmac_receive_bytes = 16;
    a.sends_sequence = a.receives_sequence = true;
    b = a;
    memcpy (b.decrypt_key, a.encrypt_key, 32);
    memcpy (b.aead_receive_key, a.aead_send_key, 32);
    memcpy (b.aead_receive_iv, a.aead_send_iv, 12);
    rtmfp_protection_init (&from[i], &a, sealing);
    rtmfp_protection_init (&to[i], &b, opening);
  }
  for (unsigned i = 0; i < 200; i++) {
    uint8_t buffer[MOST], scratch[MOST];
    RtmfpBytes packet;
    const unsigned n = i * i % 7 % SESSIONS;
    const size_t size = seal (&from[n], buffer, &i, sizeof i);
    g_assert_cmpint (rtmfp_protection_open (&to[n], rtmfp_bytes (buffer, size), scratch, &packet),
                     ==, RTMFP_OK);
    g_assert_cmpmem (packet.data, sizeof i, &i, sizeof i);
  }
  rtmfp_cipher_free (sealing);
  rtmfp_cipher_free (opening);
}

/* ---- The next key ---- */

/* Both ends at a number of the first key. */
static void
ends_init_at (Ends *ends, RtmfpAead aead, uint64_t number) {
  uint8_t buffer[MOST];
  RtmfpBytes packet;
  ends_init (ends, aead);
  ends->a.next_sequence = number - 1;
  const size_t size = seal (&ends->a, buffer, "x", 1);
  g_assert_cmpint (open_at_b (ends, buffer, size, &packet), ==, RTMFP_OK);
}

/* No packet more than RFC 9001 allows is sealed with a key, and nothing is lost as keys change:
 * five around the limit, each opened; the first of the next key as another program computed it. */
static void
test_next_key (void) {
  static const char *datagrams[] = {
      "da7a34d0 c0808000 1bf8b7d410e113c9c4414184153715637a80ac98 01bd4e08cde87b869f47b43b262d1ddc",
      "0b3a5549 c0808000 cab8d64d84f4cfbb4b4cbf0c9b9235fdf8f143b3 a829b772c80c857465e135eb3efc3cb9",
  };
  g_assert_cmpuint (RTMFP_AEAD_KEY_PACKETS * (MOST / 16 + 1), <=, UINT64_C (1) << 35);
  for (unsigned i = 0; i < G_N_ELEMENTS (both); i++) {
    Ends ends;
    uint8_t buffer[MOST], first[RTMFP_AEAD_KEY_SIZE];
    RtmfpBytes packet;
    ends_init_at (&ends, both[i], RTMFP_AEAD_KEY_PACKETS - 2);
    memcpy (first, ends.a.sending.aead.key, sizeof first);
    for (int n = -2; n < 3; n++) {
      g_assert_cmpuint (ends.a.next_sequence, ==, RTMFP_AEAD_KEY_PACKETS + (uint64_t)n);
      const size_t size = seal (&ends.a, buffer, "twenty bytes of text", 20);
      const bool is_first = memcmp (first, ends.a.sending.aead.key, sizeof first) == 0;
      g_assert_cmpint (is_first, ==, n < 0);
      if (n == 0) {
        test_assert_hex (rtmfp_bytes (buffer, size), datagrams[i]);
      }
      g_assert_cmpint (open_at_b (&ends, buffer, size, &packet), ==, RTMFP_OK);
      g_assert_cmpmem (packet.data, packet.size, "twenty bytes of text", 20);
      g_assert_cmpint (open_at_b (&ends, buffer, size, &packet), ==, RTMFP_STATE);
    }
    g_assert_cmpmem (ends.b.receiving.aead.key, 32, ends.a.sending.aead.key, 32);
    ends.a.next_sequence = 2 * RTMFP_AEAD_KEY_PACKETS - 1;
    for (int n = 0; n < 2; n++) { /* and the one behind */
      const size_t size = seal (&ends.a, buffer, "x", 1);
      g_assert_cmpint (open_at_b (&ends, buffer, size, &packet), ==, RTMFP_OK);
    }
    ends_clear (&ends);
  }
}

/* A forged packet does not take an end on to its next key; late ones of the key before are lost,
 * and nobody is two keys ahead. */
static void
test_keys_out_of_turn (void) {
  for (unsigned i = 0; i < G_N_ELEMENTS (both); i++) {
    Ends ends;
    uint8_t late[MOST], next[MOST], far[MOST];
    RtmfpBytes packet;
    ends_init_at (&ends, both[i], RTMFP_AEAD_KEY_PACKETS - 1);
    const size_t late_size = seal (&ends.a, late, "late", 4);
    const size_t next_size = seal (&ends.a, next, "next", 4);
    ends.a.next_sequence = 2 * RTMFP_AEAD_KEY_PACKETS;
    const size_t far_size = seal (&ends.a, far, "far", 3);
    g_assert_cmpint (open_at_b (&ends, far, far_size, &packet), ==, RTMFP_AUTH);
    next[next_size - 1] ^= 1;
    g_assert_cmpint (open_at_b (&ends, next, next_size, &packet), ==, RTMFP_AUTH);
    next[next_size - 1] ^= 1;
    g_assert_cmpint (open_at_b (&ends, late, late_size, &packet), ==, RTMFP_OK);
    g_assert_cmpint (open_at_b (&ends, next, next_size, &packet), ==, RTMFP_OK);
    g_assert_cmpint (open_at_b (&ends, late, late_size, &packet), ==, RTMFP_AUTH);
    g_assert_cmpint (open_at_b (&ends, far, far_size, &packet), ==, RTMFP_OK);
    ends_clear (&ends);
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/crypto/aead/published-answers", test_published_answers);
  g_test_add_func ("/crypto/aead/layout", test_layout);
  g_test_add_func ("/crypto/aead/no-larger-than-with-hmac", test_sizes);
  g_test_add_func ("/crypto/aead/finds-every-changed-bit", test_changed_bits);
  g_test_add_func ("/crypto/aead/open-at-every-length", test_every_length);
  g_test_add_func ("/crypto/aead/bad-numbers", test_bad_numbers);
  g_test_add_func ("/crypto/aead/replay-and-reordering", test_replay_and_reordering);
  g_test_add_func ("/crypto/aead/separate-keys", test_separate_keys);
  g_test_add_func ("/crypto/aead/no-nonce-twice", test_no_nonce_twice);
  g_test_add_func ("/crypto/aead/next-key", test_next_key);
  g_test_add_func ("/crypto/aead/keys-out-of-turn", test_keys_out_of_turn);
  g_test_add_func ("/crypto/aead/shared-contexts", test_shared_contexts);
  return g_test_run ();
}

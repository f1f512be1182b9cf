/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/protection.h"

#include "core/crypto/primitives.h"
#include "core/wire/constants.h"
#include "core/wire/multiplex.h"
#include "core/wire/vlu.h"

#include <assert.h>
#include <string.h>

enum { CHECKSUM_BYTES = 2, PADDING = 0xff };

/* "Adobe Systems 02", RFC 7425 s4.1. */
static const uint8_t default_key[RTMFP_CIPHER_KEY_SIZE] = {'A', 'd', 'o', 'b', 'e', ' ', 'S', 'y',
                                                           's', 't', 'e', 'm', 's', ' ', '0', '2'};

static void
take_secrets (RtmfpDirectionSecrets *secrets, const uint8_t *cipher_key, const uint8_t *hmac_key) {
  memcpy (secrets->cbc.key, cipher_key, sizeof secrets->cbc.key);
  rtmfp_hmac_key_init (&secrets->cbc.hmac, rtmfp_bytes (hmac_key, RTMFP_HMAC_SIZE));
}

static void
take_aead_secrets (RtmfpDirectionSecrets *secrets, const uint8_t *key, const uint8_t *iv) {
  memcpy (secrets->aead.key, key, sizeof secrets->aead.key);
  memcpy (secrets->aead.iv, iv, sizeof secrets->aead.iv);
}

void
rtmfp_protection_init (RtmfpProtection *protection, const RtmfpSessionKeys *keys,
                       RtmfpCipher *cipher) {
  *protection = (RtmfpProtection){.cipher = cipher, .aead = (uint8_t)keys->aead};
  if (keys->aead != RTMFP_AEAD_NONE) {
    protection->sends_sequence = protection->receives_sequence = true;
    take_aead_secrets (&protection->sending, keys->aead_send_key, keys->aead_send_iv);
    take_aead_secrets (&protection->receiving, keys->aead_receive_key, keys->aead_receive_iv);
    return;
  }
  assert (keys->hmac_send_bytes <= RTMFP_HMAC_SIZE && keys->hmac_receive_bytes <= RTMFP_HMAC_SIZE);
  protection->hmac_send_bytes = keys->hmac_send_bytes;
  protection->hmac_receive_bytes = keys->hmac_receive_bytes;
  protection->sends_sequence = keys->sends_sequence;
  protection->receives_sequence = keys->receives_sequence;
  take_secrets (&protection->sending, keys->encrypt_key, keys->hmac_send_key);
  take_secrets (&protection->receiving, keys->decrypt_key, keys->hmac_receive_key);
}

void
rtmfp_protection_init_default (RtmfpProtection *protection, RtmfpCipher *cipher) {
  *protection = (RtmfpProtection){.cipher = cipher};
  memcpy (protection->sending.cbc.key, default_key, RTMFP_CIPHER_KEY_SIZE);
  memcpy (protection->receiving.cbc.key, default_key, RTMFP_CIPHER_KEY_SIZE);
}

void
rtmfp_protection_clear (RtmfpProtection *protection) {
  rtmfp_secret_wipe (protection, sizeof *protection);
}

/* One's complement sum of whole words in the machine's order, folded to 16 bits. Sixteen bytes go
 * at a time into sums that do not wait for each other. size: even. */
static uint16_t
sum_words (const uint8_t *bytes, size_t size) {
  uint64_t low = 0, high = 0, carries = 0;
  size_t i = 0;
  for (; i + 16 <= size; i += 16) {
    uint64_t words[2];
    memcpy (words, bytes + i, 16);
    low += words[0];
    carries += low < words[0];
    high += words[1];
    carries += high < words[1];
  }
  uint64_t sum = (low & 0xffffffffu) + (low >> 32) + (high & 0xffffffffu) + (high >> 32) + carries;
  for (; i < size; i += 2) {
    uint16_t word;
    memcpy (&word, bytes + i, 2);
    sum += word;
  }
  while (sum >> 16 != 0) {
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return (uint16_t)sum;
}

/* One's complement sums do not depend on the order of bytes in a word: only the folded sum is read
 * in the network's. */
uint16_t
rtmfp_simple_checksum (RtmfpBytes bytes) {
  size_t even = bytes.size & ~(size_t)1;
  const uint16_t folded = sum_words (bytes.data, even);
  uint8_t order[2];
  memcpy (order, &folded, 2);
  uint32_t total = (uint32_t)order[0] << 8 | order[1];
  if (bytes.size > even) {
    total += bytes.data[even]; /* the lower half of a word, unlike RFC 1071 */
    total = (total & 0xffff) + (total >> 16);
  }
  return (uint16_t)~total;
}

/* ---- Sealing ---- */

static size_t
prefix_bytes (const RtmfpProtection *protection) {
  size_t sequence = protection->sends_sequence ? rtmfp_vlu_size (protection->next_sequence) : 0;
  const bool has_checksum = protection->aead == RTMFP_AEAD_NONE && protection->hmac_send_bytes == 0;
  return sequence + (has_checksum ? CHECKSUM_BYTES : 0);
}

size_t
rtmfp_protection_head_bytes (const RtmfpProtection *protection) {
  return RTMFP_SESSION_ID_BYTES + prefix_bytes (protection);
}

size_t
rtmfp_protection_packet_bytes_max (const RtmfpProtection *protection, size_t datagram_bytes) {
  if (protection->aead != RTMFP_AEAD_NONE) {
    size_t around = rtmfp_protection_head_bytes (protection) + RTMFP_AEAD_TAG_SIZE;
    return datagram_bytes > around ? datagram_bytes - around : 0;
  }
  size_t outside = RTMFP_SESSION_ID_BYTES + protection->hmac_send_bytes;
  if (datagram_bytes < outside) {
    return 0;
  }
  size_t blocks = (datagram_bytes - outside) & ~(size_t)(RTMFP_CIPHER_BLOCK_SIZE - 1);
  size_t prefix = prefix_bytes (protection);
  return blocks > prefix ? blocks - prefix : 0;
}

/* Sequence number and checksum before the packet; size: of packet and padding. */
static void
write_prefix (RtmfpProtection *protection, uint8_t *at, size_t prefix, size_t size) {
  RtmfpWriter writer = rtmfp_writer (at, prefix);
  RtmfpStatus status = RTMFP_OK;
  if (protection->sends_sequence) {
    status = rtmfp_write_vlu (&writer, protection->next_sequence++);
  }
  if (status == RTMFP_OK && protection->hmac_send_bytes == 0) {
    status = rtmfp_writer_u16 (&writer, rtmfp_simple_checksum (rtmfp_bytes (at + prefix, size)));
  }
  rtmfp_crypto_must (status == RTMFP_OK, "packet prefix");
}

/* ---- AEAD: session id, sequence number, sealed packet, tag ---- */

/* The sequence number, as 12 bytes in network order, over the IV. */
static void
make_nonce (const uint8_t iv[RTMFP_AEAD_NONCE_SIZE], uint64_t sequence,
            uint8_t nonce[RTMFP_AEAD_NONCE_SIZE]) {
  uint64_t low, number;
  const uint8_t order[8] = {(uint8_t)(sequence >> 56), (uint8_t)(sequence >> 48),
                            (uint8_t)(sequence >> 40), (uint8_t)(sequence >> 32),
                            (uint8_t)(sequence >> 24), (uint8_t)(sequence >> 16),
                            (uint8_t)(sequence >> 8),  (uint8_t)sequence};
  memcpy (nonce, iv, 4);
  memcpy (&low, iv + 4, 8);
  memcpy (&number, order, 8);
  low ^= number;
  memcpy (nonce + 4, &low, 8);
}

static void
take_next_key (const RtmfpProtection *protection, RtmfpDirectionSecrets *secrets) {
  rtmfp_session_keys_next_aead ((RtmfpAead)protection->aead, secrets->aead.key, secrets->aead.iv);
}

static size_t
seal_aead (RtmfpProtection *protection, uint32_t session_id, uint8_t *buffer, size_t packet_bytes) {
  const size_t head = rtmfp_protection_head_bytes (protection);
  const uint64_t sequence = protection->next_sequence++;
  if (sequence > 0 && sequence % RTMFP_AEAD_KEY_PACKETS == 0) {
    take_next_key (protection, &protection->sending);
  }
  uint8_t nonce[RTMFP_AEAD_NONCE_SIZE];
  RtmfpWriter writer = rtmfp_writer (buffer, head);
  rtmfp_crypto_must (rtmfp_writer_u32 (&writer, session_id) == RTMFP_OK &&
                         rtmfp_write_vlu (&writer, sequence) == RTMFP_OK,
                     "packet head");
  make_nonce (protection->sending.aead.iv, sequence, nonce);
  rtmfp_cipher_seal (protection->cipher, (RtmfpAead)protection->aead, protection->sending.aead.key,
                     nonce, rtmfp_bytes (buffer, head), buffer + head, packet_bytes,
                     buffer + head + packet_bytes);
  return head + packet_bytes + RTMFP_AEAD_TAG_SIZE;
}

RtmfpStatus
rtmfp_protection_seal (RtmfpProtection *protection, uint32_t session_id, uint8_t *buffer,
                       size_t capacity, size_t packet_bytes, size_t *datagram_bytes) {
  assert (packet_bytes > 0);
  if (packet_bytes > rtmfp_protection_packet_bytes_max (protection, capacity)) {
    return RTMFP_TRUNCATED;
  }
  if (protection->aead != RTMFP_AEAD_NONE) {
    *datagram_bytes = seal_aead (protection, session_id, buffer, packet_bytes);
    rtmfp_multiplex_scramble (buffer, *datagram_bytes, session_id);
    return RTMFP_OK;
  }
  const size_t block = RTMFP_CIPHER_BLOCK_SIZE;
  size_t prefix = prefix_bytes (protection);
  size_t plain = prefix + packet_bytes;
  size_t sealed = (plain + block - 1) / block * block;
  uint8_t *start = buffer + RTMFP_SESSION_ID_BYTES;
  memset (start + plain, PADDING, sealed - plain);
  write_prefix (protection, start, prefix, sealed - prefix);
  RtmfpCipher *cipher = protection->cipher;
  rtmfp_cipher_encrypt (cipher, protection->sending.cbc.key, start, start, sealed);
  if (protection->hmac_send_bytes > 0) {
    uint8_t digest[RTMFP_HMAC_SIZE];
    rtmfp_hmac (&protection->sending.cbc.hmac, rtmfp_bytes (start, sealed), digest);
    memcpy (start + sealed, digest, protection->hmac_send_bytes);
  }
  *datagram_bytes = RTMFP_SESSION_ID_BYTES + sealed + protection->hmac_send_bytes;
  rtmfp_multiplex_scramble (buffer, *datagram_bytes, session_id);
  return RTMFP_OK;
}

/* ---- The replay window, RFC 6479 ---- */

enum { WINDOW_WORDS = RTMFP_REPLAY_WINDOW_PACKETS / 64 + 1 };

static bool
was_seen (const RtmfpReplayWindow *seen, uint64_t number) {
  if (!seen->any || number > seen->highest) {
    return false;
  }
  if (seen->highest - number >= RTMFP_REPLAY_WINDOW_PACKETS) {
    return true;
  }
  return (seen->bits[number / 64 % WINDOW_WORDS] >> number % 64 & 1) != 0;
}

static void
mark_seen (RtmfpReplayWindow *seen, uint64_t number) {
  if (!seen->any || number > seen->highest) {
    uint64_t word = seen->any ? seen->highest / 64 : number / 64;
    for (int i = 0; i < WINDOW_WORDS && word < number / 64; i++) {
      seen->bits[++word % WINDOW_WORDS] = 0;
    }
    seen->any = true;
    seen->highest = number;
  }
  seen->bits[number / 64 % WINDOW_WORDS] |= (uint64_t)1 << number % 64;
}

/* ---- Opening ---- */

static bool
hmac_is_right (RtmfpProtection *protection, RtmfpBytes blocks, const uint8_t *truncated) {
  uint8_t digest[RTMFP_HMAC_SIZE];
  rtmfp_hmac (&protection->receiving.cbc.hmac, blocks, digest);
  return rtmfp_secret_equal (digest, truncated, protection->hmac_receive_bytes);
}

/* What stands in the decrypted blocks: sequence number, checksum, packet. */
static RtmfpStatus
read_plain (RtmfpProtection *protection, RtmfpReader *reader, RtmfpBytes *packet) {
  uint64_t sequence = 0;
  uint16_t checksum = 0;
  if (protection->receives_sequence && rtmfp_read_vlu (reader, &sequence) != RTMFP_OK) {
    return RTMFP_MALFORMED;
  }
  bool has_checksum = protection->hmac_receive_bytes == 0;
  if (has_checksum && rtmfp_reader_u16 (reader, &checksum) != RTMFP_OK) {
    return RTMFP_MALFORMED;
  }
  RtmfpBytes rest = rtmfp_reader_rest (reader);
  if (has_checksum && checksum != rtmfp_simple_checksum (rest)) {
    return RTMFP_AUTH;
  }
  if (rest.size == 0) {
    return RTMFP_MALFORMED;
  }
  if (protection->receives_sequence) {
    if (was_seen (&protection->seen, sequence)) {
      return RTMFP_STATE;
    }
    mark_seen (&protection->seen, sequence);
  }
  *packet = rest;
  return RTMFP_OK;
}

static RtmfpStatus
open_with (RtmfpProtection *protection, const RtmfpDirectionSecrets *secrets, uint64_t sequence,
           RtmfpBytes head, RtmfpBytes sealed, uint8_t *scratch) {
  uint8_t nonce[RTMFP_AEAD_NONCE_SIZE];
  make_nonce (secrets->aead.iv, sequence, nonce);
  if (!rtmfp_cipher_open (protection->cipher, (RtmfpAead)protection->aead, secrets->aead.key, nonce,
                          head, sealed, sealed.data + sealed.size, scratch)) {
    return RTMFP_AUTH;
  }
  if (was_seen (&protection->seen, sequence)) {
    return RTMFP_STATE;
  }
  mark_seen (&protection->seen, sequence);
  return RTMFP_OK;
}

/* With the key that its number asks for: the one we have, or the next one, which is ours as soon as
 * a packet proves it. The one before is gone: packets that were overtaken then are lost. sealed:
 * the tag stands behind it. */
static RtmfpStatus
open_sealed (RtmfpProtection *protection, uint64_t sequence, RtmfpBytes head, RtmfpBytes sealed,
             uint8_t *scratch) {
  const uint64_t have = protection->seen.highest / RTMFP_AEAD_KEY_PACKETS;
  const uint64_t asked = sequence / RTMFP_AEAD_KEY_PACKETS;
  if (asked == have) {
    return open_with (protection, &protection->receiving, sequence, head, sealed, scratch);
  }
  if (asked != have + 1) {
    return RTMFP_AUTH;
  }
  RtmfpDirectionSecrets next = protection->receiving;
  take_next_key (protection, &next);
  const RtmfpStatus status = open_with (protection, &next, sequence, head, sealed, scratch);
  if (status == RTMFP_OK) {
    protection->receiving = next;
  }
  rtmfp_secret_wipe (&next, sizeof next);
  return status;
}

static RtmfpStatus
open_aead (RtmfpProtection *protection, RtmfpBytes datagram, uint8_t *scratch, RtmfpBytes *packet) {
  uint8_t head[RTMFP_PROTECTION_HEAD_BYTES_MAX];
  RtmfpReader reader = rtmfp_reader (datagram.data, datagram.size);
  RtmfpWriter writer = rtmfp_writer (head, sizeof head);
  uint32_t session_id, scrambled;
  uint64_t sequence;
  if (datagram.size < RTMFP_SESSION_ID_BYTES + 2 + RTMFP_AEAD_TAG_SIZE ||
      rtmfp_multiplex_session_id (datagram, &session_id) != RTMFP_OK ||
      rtmfp_reader_u32 (&reader, &scrambled) != RTMFP_OK) {
    return RTMFP_TRUNCATED;
  }
  const uint8_t *number = reader.at;
  if (rtmfp_read_vlu (&reader, &sequence) != RTMFP_OK) {
    return RTMFP_MALFORMED;
  }
  RtmfpBytes sealed = rtmfp_reader_rest (&reader);
  if (sealed.size <= RTMFP_AEAD_TAG_SIZE || rtmfp_writer_u32 (&writer, session_id) != RTMFP_OK ||
      rtmfp_writer_bytes (&writer, rtmfp_bytes (number, (size_t)(sealed.data - number))) !=
          RTMFP_OK) {
    return RTMFP_MALFORMED; /* nothing inside, or a number with needless zeros in front */
  }
  sealed.size -= RTMFP_AEAD_TAG_SIZE;
  const RtmfpStatus status = open_sealed (
      protection, sequence, rtmfp_bytes (head, rtmfp_writer_size (&writer)), sealed, scratch);
  *packet = status == RTMFP_OK ? rtmfp_bytes (scratch, sealed.size) : *packet;
  return status;
}

RtmfpStatus
rtmfp_protection_open (RtmfpProtection *protection, RtmfpBytes datagram, uint8_t *scratch,
                       RtmfpBytes *packet) {
  if (protection->aead != RTMFP_AEAD_NONE) {
    return open_aead (protection, datagram, scratch, packet);
  }
  size_t outside = RTMFP_SESSION_ID_BYTES + protection->hmac_receive_bytes;
  if (datagram.size < outside + RTMFP_CIPHER_BLOCK_SIZE) {
    return RTMFP_TRUNCATED;
  }
  RtmfpBytes blocks = rtmfp_bytes (datagram.data + RTMFP_SESSION_ID_BYTES, datagram.size - outside);
  if (blocks.size % RTMFP_CIPHER_BLOCK_SIZE != 0) {
    return RTMFP_MALFORMED;
  }
  if (protection->hmac_receive_bytes > 0 &&
      !hmac_is_right (protection, blocks, blocks.data + blocks.size)) {
    return RTMFP_AUTH;
  }
  rtmfp_cipher_decrypt (protection->cipher, protection->receiving.cbc.key, blocks.data, scratch,
                        blocks.size);
  RtmfpReader reader = rtmfp_reader (scratch, blocks.size);
  return read_plain (protection, &reader, packet);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Packet protection: sealing and opening datagrams, and refusing repeated ones. RFC 7425 s4.1 and
 * s4.7, and docs/protocol.md, "AEAD".
 *
 * The state of a session is small: keys and the replay window. The contexts of the cipher library
 * belong to the endpoint, see cipher.h. */
#ifndef RTMFP_CRYPTO_PROTECTION_H
#define RTMFP_CRYPTO_PROTECTION_H

#include "core/base/bytes.h"
#include "core/crypto/cipher.h"
#include "core/crypto/params.h"
#include "core/crypto/primitives.h"
#include "core/crypto/session-keys.h"

/* Sequence numbers seen, RFC 6479: a ring of bits behind the highest. */
typedef struct {
  uint64_t highest;
  bool any;
  uint64_t bits[RTMFP_REPLAY_WINDOW_PACKETS / 64 + 1];
} RtmfpReplayWindow;

/* The secrets of one direction: of CBC and HMAC, or of the AEAD. */
typedef union {
  struct {
    uint8_t key[RTMFP_CIPHER_KEY_SIZE];
    RtmfpHmacKey hmac;
  } cbc;
  struct {
    uint8_t key[RTMFP_AEAD_KEY_SIZE];
    uint8_t iv[RTMFP_AEAD_NONCE_SIZE];
  } aead;
} RtmfpDirectionSecrets;

typedef struct {
  RtmfpCipher *cipher; /* (borrowed) */
  RtmfpDirectionSecrets sending;
  RtmfpDirectionSecrets receiving;
  uint8_t aead;            /* RtmfpAead; NONE = CBC with HMAC or checksum */
  uint8_t hmac_send_bytes; /* 0 = simple checksum */
  uint8_t hmac_receive_bytes;
  bool sends_sequence;
  bool receives_sequence;
  uint64_t next_sequence;
  RtmfpReplayWindow seen;
} RtmfpProtection;

/* Takes what it needs of keys (copied). cipher: (borrowed until it is cleared) of this thread; may
 * serve others, too. */
void rtmfp_protection_init (RtmfpProtection *protection, const RtmfpSessionKeys *keys,
                            RtmfpCipher *cipher);

/* The Default Session Key: "Adobe Systems 02", simple checksum, no sequence numbers. RFC 7425 s4.1.
 */
void rtmfp_protection_init_default (RtmfpProtection *protection, RtmfpCipher *cipher);

/* Wipes; a zeroed object is fine. */
void rtmfp_protection_clear (RtmfpProtection *protection);

/* Where in the datagram's buffer the plain packet is to be written for the next seal: behind the
 * session id, the sequence number and the checksum (which an AEAD has not). At most
 * RTMFP_PROTECTION_HEAD_BYTES_MAX. */
#define RTMFP_PROTECTION_HEAD_BYTES_MAX 16
size_t rtmfp_protection_head_bytes (const RtmfpProtection *protection);

/* The largest plain packet that the next seal can take in a datagram of datagram_bytes; 0 when none
 * fits. */
size_t rtmfp_protection_packet_bytes_max (const RtmfpProtection *protection, size_t datagram_bytes);

/* Seals in place: the plain packet of packet_bytes (at least 1) stands at buffer + head_bytes.
 * Pads, adds sequence number, checksum, HMAC or tag, encrypts and scrambles session_id in front.
 * capacity: of buffer. datagram_bytes out. Returns: OK; TRUNCATED (capacity too small; nothing was
 * changed). */
RTMFP_MUST_USE RtmfpStatus rtmfp_protection_seal (RtmfpProtection *protection, uint32_t session_id,
                                                  uint8_t *buffer, size_t capacity,
                                                  size_t packet_bytes, size_t *datagram_bytes);

/* Opens a datagram. datagram in (borrowed, not changed). scratch: at least datagram.size bytes of
 * the caller, apart from the datagram. packet out: the plain packet with its padding, in scratch.
 * Returns: OK; TRUNCATED (too short); MALFORMED (no whole blocks, or no number or packet inside);
 * AUTH (checksum, HMAC or tag); STATE (a repeated or too old sequence number). Only OK changes the
 * replay window. */
RTMFP_MUST_USE RtmfpStatus rtmfp_protection_open (RtmfpProtection *protection, RtmfpBytes datagram,
                                                  uint8_t *scratch, RtmfpBytes *packet);

/* The simple checksum of RFC 7425 s4.7.3.1. */
uint16_t rtmfp_simple_checksum (RtmfpBytes bytes);

#endif

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Datagrams from anyone, under each kind of protection. The first byte chooses; the rest is the
 * datagram, or (odd) a plain text that is sealed first so that it comes through, whole and with the
 * byte changed that the second one names. */
#include "core/crypto/protection.h"
#include "tests/fuzz/target.h"

#include <string.h>

enum { DATAGRAM_BYTES_MAX = 2048 };

static RtmfpCipher *cipher;

static void
try_open (const RtmfpSessionKeys *keys, RtmfpBytes datagram) {
  static uint8_t scratch[DATAGRAM_BYTES_MAX];
  RtmfpProtection protection;
  RtmfpBytes packet;
  rtmfp_protection_init (&protection, keys, cipher);
  RtmfpStatus status = rtmfp_protection_open (&protection, datagram, scratch, &packet);
  if (status == RTMFP_OK) {
    FUZZ_ASSERT (packet.size > 0 && packet.data >= scratch &&
                 packet.data + packet.size <= scratch + datagram.size);
    status = rtmfp_protection_open (&protection, datagram, scratch, &packet);
    FUZZ_ASSERT (status == (keys->receives_sequence ? RTMFP_STATE : RTMFP_OK));
  } else {
    FUZZ_ASSERT (!protection.seen.any);
  }
  rtmfp_protection_clear (&protection);
}

static void
refuse (const RtmfpSessionKeys *keys, RtmfpBytes datagram) {
  static uint8_t scratch[DATAGRAM_BYTES_MAX];
  RtmfpProtection protection;
  RtmfpBytes packet;
  rtmfp_protection_init (&protection, keys, cipher);
  FUZZ_ASSERT (rtmfp_protection_open (&protection, datagram, scratch, &packet) != RTMFP_OK);
  FUZZ_ASSERT (!protection.seen.any);
  rtmfp_protection_clear (&protection);
}

/* Whole blocks as they are, without a number of our own. */
static void
try_sealed (const RtmfpSessionKeys *keys, RtmfpBytes plain) {
  static uint8_t buffer[DATAGRAM_BYTES_MAX];
  RtmfpSessionKeys bare = *keys;
  bare.sends_sequence = false;
  RtmfpProtection protection;
  rtmfp_protection_init (&protection, &bare, cipher);
  size_t head = rtmfp_protection_head_bytes (&protection), size;
  if (plain.size > 0 &&
      plain.size <= rtmfp_protection_packet_bytes_max (&protection, sizeof buffer)) {
    memcpy (buffer + head, plain.data, plain.size);
    RtmfpStatus status =
        rtmfp_protection_seal (&protection, 5, buffer, sizeof buffer, plain.size, &size);
    FUZZ_ASSERT (status == RTMFP_OK);
    try_open (keys, rtmfp_bytes (buffer, size));
    if (keys->aead != RTMFP_AEAD_NONE) {
      buffer[plain.data[0] % size] ^= 1;
      refuse (keys, rtmfp_bytes (buffer, size));
    }
  }
  rtmfp_protection_clear (&protection);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  if (size == 0 || size > DATAGRAM_BYTES_MAX) {
    return 0;
  }
  if (cipher == NULL) {
    cipher = rtmfp_cipher_new (); /* with the keys of the input before, as in an endpoint */
  }
  const RtmfpAead aead = (data[0] & 0xe0) == 0xe0   ? RTMFP_AEAD_AES_128_GCM
                         : (data[0] & 0xe0) == 0xc0 ? RTMFP_AEAD_CHACHA20_POLY1305
                                                    : RTMFP_AEAD_NONE;
  const uint8_t hmac_bytes = (data[0] & 2) != 0 ? (uint8_t)(4 + (data[0] >> 3) % 29) : 0;
  const RtmfpSessionKeys keys = {.aead = aead,
                                 .hmac_send_bytes = hmac_bytes,
                                 .hmac_receive_bytes = hmac_bytes,
                                 .receives_sequence =
                                     aead != RTMFP_AEAD_NONE || (data[0] & 4) != 0};
  const RtmfpBytes rest = rtmfp_bytes (data + 1, size - 1);
  if ((data[0] & 1) != 0) {
    try_sealed (&keys, rest);
  } else {
    try_open (&keys, rest);
  }
  return 0;
}

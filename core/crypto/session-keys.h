/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of one session, and how they follow from the shared secret and both components. RFC 7425
 * s4.6.3 to s4.6.6. */
#ifndef RTMFP_CRYPTO_SESSION_KEYS_H
#define RTMFP_CRYPTO_SESSION_KEYS_H

#include "core/base/bytes.h"
#include "core/crypto/keying-component.h"
#include "core/crypto/profile.h"

typedef struct {
  uint8_t encrypt_key[RTMFP_HMAC_SIZE]; /* all 32 bytes; AES-128 takes the first 16 */
  uint8_t decrypt_key[RTMFP_HMAC_SIZE];
  uint8_t hmac_send_key[RTMFP_HMAC_SIZE];
  uint8_t hmac_receive_key[RTMFP_HMAC_SIZE];
  uint8_t near_nonce[RTMFP_NONCE_SIZE];
  uint8_t far_nonce[RTMFP_NONCE_SIZE];
  uint8_t aead_send_key[RTMFP_AEAD_KEY_SIZE];
  uint8_t aead_receive_key[RTMFP_AEAD_KEY_SIZE];
  uint8_t aead_send_iv[RTMFP_AEAD_NONCE_SIZE];
  uint8_t aead_receive_iv[RTMFP_AEAD_NONCE_SIZE];
  RtmfpAead aead;             /* the cipher of both directions; NONE = what follows holds */
  uint8_t hmac_send_bytes;    /* 4 to 32; 0 = simple checksum */
  uint8_t hmac_receive_bytes; /* 4 to 32; 0 = simple checksum */
  bool sends_sequence;
  bool receives_sequence;
  uint64_t far_features; /* bits of RtmfpFeature that the far end told */
  uint32_t group;        /* RTMFP_GROUP_* that was used */
} RtmfpSessionKeys;

/* Fills in the six keys and nonces. near_component, far_component: SKNC and SKFC as sent.
 * Source: RFC 7425 s4.6.3 to s4.6.5. */
void rtmfp_session_keys_derive (RtmfpSessionKeys *keys, RtmfpBytes dh_secret,
                                RtmfpBytes near_component, RtmfpBytes far_component);

/* Fills in keys and IVs of the cipher; NONE = leaves them. From encrypt_key and decrypt_key.
 * Source: docs/protocol.md, "AEAD". */
void rtmfp_session_keys_derive_aead (RtmfpSessionKeys *keys, RtmfpAead aead);

/* Puts the next key and IV of a direction in the place of those that it has: RTMFP_AEAD_KEY_SIZE
 * and RTMFP_AEAD_NONCE_SIZE bytes. aead: not NONE. Source: docs/protocol.md, "AEAD". */
void rtmfp_session_keys_next_aead (RtmfpAead aead, uint8_t *key, uint8_t *iv);

/* Fills in what was negotiated, but the AEAD. */
void rtmfp_session_keys_negotiate (RtmfpSessionKeys *keys, const RtmfpKeyingComponent *near_says,
                                   const RtmfpKeyingComponent *far_says);

void rtmfp_session_keys_wipe (RtmfpSessionKeys *keys);

#endif

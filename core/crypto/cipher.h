/* SPDX-License-Identifier: Apache-2.0 */
/* The cipher contexts of one session, made as they are first needed: AES-128-CBC with a zero IV and
 * HMAC-SHA256. RFC 7425 s4.7.1. Inside of this room: protection.h is its face. */
#ifndef RTMFP_CRYPTO_CIPHER_H
#define RTMFP_CRYPTO_CIPHER_H

#include "core/base/bytes.h"
#include "core/crypto/profile.h"

typedef struct RtmfpCipher RtmfpCipher;

RtmfpCipher *rtmfp_cipher_new (void);
void rtmfp_cipher_free (RtmfpCipher *cipher);

/* size: whole blocks. in and out are the same or apart. The key is looked at on the first call
 * only. */
void rtmfp_cipher_encrypt (RtmfpCipher *cipher, const uint8_t key[RTMFP_CIPHER_KEY_SIZE],
                           const uint8_t *in, uint8_t *out, size_t size);
void rtmfp_cipher_decrypt (RtmfpCipher *cipher, const uint8_t key[RTMFP_CIPHER_KEY_SIZE],
                           const uint8_t *in, uint8_t *out, size_t size);

/* The HMAC of what we send, or of what we received. The key is looked at on the first call only. */
void rtmfp_cipher_hmac_send (RtmfpCipher *cipher, const uint8_t key[RTMFP_HMAC_SIZE],
                             RtmfpBytes message, uint8_t digest[RTMFP_HMAC_SIZE]);
void rtmfp_cipher_hmac_receive (RtmfpCipher *cipher, const uint8_t key[RTMFP_HMAC_SIZE],
                                RtmfpBytes message, uint8_t digest[RTMFP_HMAC_SIZE]);

#endif

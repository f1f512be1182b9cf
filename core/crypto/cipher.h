/* SPDX-License-Identifier: Apache-2.0 */
/* AES-128-CBC with a zero IV, RFC 7425 s4.7.1, and the AEADs, docs/protocol.md.
 *
 * The contexts of the cipher library (1.6 kB) serve all sessions of an endpoint: a session keeps
 * its keys only. Giving a context another key costs 50 ns, less than to fetch a context of its own
 * from memory when there are thousands of sessions. */
#ifndef RTMFP_CRYPTO_CIPHER_H
#define RTMFP_CRYPTO_CIPHER_H

#include "core/base/bytes.h"
#include "core/crypto/profile.h"

typedef struct RtmfpCipher RtmfpCipher;

RtmfpCipher *rtmfp_cipher_new (void);
/* Wipes and frees; NULL is fine. */
void rtmfp_cipher_free (RtmfpCipher *cipher);

/* size: whole blocks. in and out are the same or apart. */
void rtmfp_cipher_encrypt (RtmfpCipher *cipher, const uint8_t key[RTMFP_CIPHER_KEY_SIZE],
                           const uint8_t *in, uint8_t *out, size_t size);
void rtmfp_cipher_decrypt (RtmfpCipher *cipher, const uint8_t key[RTMFP_CIPHER_KEY_SIZE],
                           const uint8_t *in, uint8_t *out, size_t size);

/* Seals size bytes of text in place. aead: not NONE. key: RTMFP_AEAD_KEY_SIZE bytes. nonce:
 * RTMFP_AEAD_NONCE_SIZE bytes, never twice with one key. tag out: RTMFP_AEAD_TAG_SIZE bytes. */
void rtmfp_cipher_seal (RtmfpCipher *cipher, RtmfpAead aead, const uint8_t *key,
                        const uint8_t *nonce, RtmfpBytes additional_data, uint8_t *text,
                        size_t size, uint8_t *tag);

/* Opens sealed into out (sealed.size bytes). Returns: whether the tag is right; if not, out is of
 * no use. */
RTMFP_MUST_USE bool rtmfp_cipher_open (RtmfpCipher *cipher, RtmfpAead aead, const uint8_t *key,
                                       const uint8_t *nonce, RtmfpBytes additional_data,
                                       RtmfpBytes sealed, const uint8_t *tag, uint8_t *out);

#endif

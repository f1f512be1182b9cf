/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds and tunables of the cryptography profile. */
#ifndef RTMFP_CRYPTO_PARAMS_H
#define RTMFP_CRYPTO_PARAMS_H

#include <stdint.h>

/* What a peer's certificate may take. One static key in each of our groups needs 1140 bytes. */
#define RTMFP_CERTIFICATE_BYTES_MAX 2048

/* What a peer's keying component may take. A group 16 key and all options need 600 bytes. */
#define RTMFP_COMPONENT_BYTES_MAX 1024

/* What an endpoint discriminator may take, and its opaque introduction handle. */
#define RTMFP_EPD_BYTES_MAX 1024
#define RTMFP_HANDLE_BYTES_MAX 64

/* A hostname, ours or a peer's. */
#define RTMFP_HOSTNAME_BYTES_MAX 255

/* How far behind the highest session sequence number a packet may come, in packets; a multiple
 * of 64. RFC 7425 s4.7.3.3 wants 32 at least. */
#define RTMFP_REPLAY_WINDOW_PACKETS 1024

/* Packets that an AEAD seals with one key; with the next one the direction's next key begins. What
 * RFC 9001 appendix B.1.1 asks of AES-GCM (2^35 blocks of 16 bytes with one key for an advantage of
 * 2^-57) is 2^28.4 of our longest packets; of ChaCha20-Poly1305 it asks nothing (s6.6). */
#define RTMFP_AEAD_KEY_PACKETS (UINT64_C (1) << 27)

/* Length of the HMAC we send when nobody chose one, in bytes. */
#define RTMFP_HMAC_BYTES_DEFAULT 16

/* Key pairs that an endpoint may have made ahead. */
#define RTMFP_KEY_PAIRS_AHEAD_MAX 64

/* Passwords of an identity to sign keying with, and as many that it knows; their bytes, and those
 * of their ids (RFC 7425 s4.3.5.1.1). */
#define RTMFP_PASSWORDS_MAX 16
#define RTMFP_PASSWORD_BYTES_MAX 256
#define RTMFP_PASSWORD_ID_BYTES_MAX 64

/* Bytes of extra randomness that we put into a certificate: enough that no two are alike and none
 * is guessed, and so few that the answer to the shortest hello of RFC 7016 (no discriminator to
 * speak of, a tag of eight) is within RTMFP_ANSWER_FACTOR_MAX of core/endpoint. And beside a static
 * key into a keying component (RFC 7425 s4.5.2.2: 16 to 64). */
#define RTMFP_CERTIFICATE_RANDOMNESS_BYTES 16
#define RTMFP_COMPONENT_RANDOMNESS_BYTES 32

#endif

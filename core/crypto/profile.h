/* SPDX-License-Identifier: Apache-2.0 */
/* The numbers and small types of the cryptography profile, RFC 7425 s4. */
#ifndef RTMFP_CRYPTO_PROFILE_H
#define RTMFP_CRYPTO_PROFILE_H

#include "core/base/bytes.h"

#include <stdint.h>

#define RTMFP_FINGERPRINT_SIZE 32 /* SHA-256, RFC 7425 s4.3.2 */
#define RTMFP_NONCE_SIZE 32       /* RFC 7425 s4.6.5 */
#define RTMFP_HMAC_SIZE 32        /* HMAC-SHA256 */
#define RTMFP_CIPHER_BLOCK_SIZE 16
#define RTMFP_CIPHER_KEY_SIZE 16      /* AES-128 */
#define RTMFP_PUBLIC_KEY_SIZE_MAX 512 /* MODP group 16 */

/* A certificate's fingerprint, also called peer id. */
typedef struct {
  uint8_t bytes[RTMFP_FINGERPRINT_SIZE];
} RtmfpFingerprint;

/* Diffie-Hellman groups as a set. Strongest first we prefer: X25519, 16, 14, 5, 2. */
enum {
  RTMFP_GROUP_2 = 1 << 0,
  RTMFP_GROUP_5 = 1 << 1,
  RTMFP_GROUP_14 = 1 << 2,
  RTMFP_GROUP_16 = 1 << 3,
  RTMFP_GROUP_X25519 = 1 << 4, /* IKE group 31 */
  RTMFP_GROUP_ALL = 0x1f,
};
#define RTMFP_GROUP_COUNT 5

/* Ciphers with a tag of their own in place of CBC and HMAC, as a set and alone: docs/protocol.md,
 * "AEAD". No RFC of this protocol has them. */
typedef enum {
  RTMFP_AEAD_NONE = 0,
  RTMFP_AEAD_AES_128_GCM = 1 << 0,       /* NIST SP 800-38D */
  RTMFP_AEAD_CHACHA20_POLY1305 = 1 << 1, /* RFC 8439 */
  RTMFP_AEAD_ALL = 0x03,
} RtmfpAead;
#define RTMFP_AEAD_KEY_SIZE 32 /* AES-128 takes the first 16 */
#define RTMFP_AEAD_NONCE_SIZE 12
#define RTMFP_AEAD_TAG_SIZE 16

/* What an end reads beyond what every implementation does, as it says in its keying component in a
 * private option (core/base/registry.h). Bits that are not known mean nothing. */
typedef enum {
  RTMFP_FEATURE_BITMAP_ACKS = 1 << 0, /* reads Bitmap Acks, RFC 7016 s2.3.13 */
  RTMFP_FEATURE_ECN_REPORTS = 1 << 1, /* reads ECN reports */
} RtmfpFeature;

/* What this implementation reads. */
#define RTMFP_FEATURES_OURS ((uint64_t)RTMFP_FEATURE_BITMAP_ACKS | RTMFP_FEATURE_ECN_REPORTS)

/* Options of a certificate, RFC 7425 s4.3.3. */
enum {
  RTMFP_CERTIFICATE_HOSTNAME = 0x00,
  RTMFP_CERTIFICATE_ACCEPTS_ANCILLARY = 0x0a,
  RTMFP_CERTIFICATE_EXTRA_RANDOMNESS = 0x0e,
  RTMFP_CERTIFICATE_EPHEMERAL_GROUP = 0x15,
  RTMFP_CERTIFICATE_STATIC_KEY = 0x1d,
};

/* Options of an endpoint discriminator, RFC 7425 s4.4.2. Our own stand in core/base/registry.h. */
enum {
  RTMFP_EPD_HOSTNAME = 0x00,
  RTMFP_EPD_ANCILLARY_DATA = 0x0a,
  RTMFP_EPD_FINGERPRINT = 0x0f,
};

/* Options of a session keying component, RFC 7425 s4.5.2. */
enum {
  RTMFP_KEYING_EPHEMERAL_KEY = 0x0d,
  RTMFP_KEYING_EXTRA_RANDOMNESS = 0x0e,
  RTMFP_KEYING_HMAC = 0x1a,
  RTMFP_KEYING_GROUP_SELECT = 0x1d,
  RTMFP_KEYING_SEQUENCE = 0x1e,
};

/* A password that both ends know, and what it is called between them, RFC 7425 s4.3.5.1.1. */
typedef struct {
  RtmfpBytes id;       /* at most RTMFP_PASSWORD_ID_BYTES_MAX of core/crypto/params.h */
  RtmfpBytes password; /* at most RTMFP_PASSWORD_BYTES_MAX; long and random: whoever hears a keying
                          can try passwords against it */
} RtmfpPassword;

/* Option of a signature, RFC 7425 s4.3.5.1. */
enum {
  RTMFP_SIGNATURE_SIMPLE_PASSWORD = 0x1d,
};

#endif

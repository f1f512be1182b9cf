/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One message sealed to a person and signed by another; who carries it sees its id and its size.
 *
 * An envelope is bytes: u8 version (1), 16 message id, 32 ephemeral X25519 key, sealed rest with
 * its 16-byte tag. The rest is sealed by ChaCha20-Poly1305 (RFC 8439) with all before it as
 * additional data; key and nonce are HKDF-SHA-256 (RFC 5869) of the X25519 secret between the
 * ephemeral key and the recipient's identity, with both public keys as salt. Inside: 32 sender's
 * key, 64 signature, u64 time (ms), u8 kind, then sender, recipient and body, each behind its u16
 * length, then zeros to a multiple of AHOY_ENVELOPE_PAD_BYTES. The signature is over
 * "ahoy envelope 1" NUL, the recipient's key, all in the clear and all inside but itself, so an
 * envelope cannot be passed on as if it were for somebody else.
 *
 * An identity's X25519 key is its Ed25519 key by the birational map of RFC 7748 s4.1, so one pinned
 * key is all that people exchange (joint use is sound: Thormarker, "On using the same key pair for
 * Ed25519 and an X25519 based KEM", 2021). */
#ifndef AHOY_ACCOUNT_ENVELOPE_H
#define AHOY_ACCOUNT_ENVELOPE_H

#include "core/account/contact.h"
#include "core/account/identity.h"
#include "core/account/name.h"
#include "core/base/buffer.h"

#define AHOY_ENVELOPE_VERSION 1
#define AHOY_MESSAGE_ID_SIZE 16
#define AHOY_MESSAGE_ID_TEXT_SIZE 33 /* hexadecimal, and its end */

/* 128 random bits: no two messages share one. */
typedef struct {
  uint8_t bytes[AHOY_MESSAGE_ID_SIZE];
} AhoyMessageId;

void ahoy_message_id_make (const RtmfpRng *rng, AhoyMessageId *id);
bool ahoy_message_id_equal (const AhoyMessageId *a, const AhoyMessageId *b);
void ahoy_message_id_format (const AhoyMessageId *id, char *text);
/* Returns: OK; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus ahoy_message_id_parse (const char *text, AhoyMessageId *id);

typedef enum {
  AHOY_BODY_TEXT = 1, /* UTF-8 */
  /* Unknown kinds are handed up: show "sent by a newer Ahoy". */
} AhoyBodyKind;

typedef struct {
  AhoyMessageId id;
  int64_t time_ms; /* Unix time of the sender's clock, 0..AHOY_MESSAGE_TIME_MS_MAX */
  uint8_t kind;    /* AhoyBodyKind */
  AhoyName sender;
  AhoyName recipient;
  RtmfpBytes body; /* seal: (borrowed during the call); open: (borrowed from the buffer given) */
} AhoyMessage;

typedef enum {
  AHOY_ENVELOPE_OK = 0,
  AHOY_ENVELOPE_JUNK,     /* not an envelope */
  AHOY_ENVELOPE_NEWER,    /* a version we do not know */
  AHOY_ENVELOPE_NOT_OURS, /* sealed to another key, or altered on its way */
  AHOY_ENVELOPE_FORGED, /* the signature does not hold, or the names inside are not who it came from
                           and to */
  AHOY_ENVELOPE_KEY_CHANGED, /* truly signed, by another key than the pinned one */
} AhoyEnvelopeFault;

/* Appends the sealed message to out. ephemeral keys come from rng.
 * Returns: OK; LIMIT (body too long); AUTH (recipient is no usable key). */
RTMFP_MUST_USE RtmfpStatus ahoy_envelope_seal (const AhoyMessage *message,
                                               const AhoyIdentity *sender, const AhoyKey *recipient,
                                               const RtmfpRng *rng, RtmfpBuffer *out);

/* The id, as it stands outside. Returns: OK; TRUNCATED; UNSUPPORTED (version); LIMIT (too long). */
RTMFP_MUST_USE RtmfpStatus ahoy_envelope_peek (RtmfpBytes envelope, AhoyMessageId *id);

/* Opens what came from `from` (its pinned key in pin) to us, `to`. Names are those that the carrier
 * told; the user parts must be the ones inside (hosts may have moved; who speaks is settled by the
 * keys). plain: (caller's, cleared first) holds the body afterwards. sender_key: out (may be NULL),
 * set with OK and KEY_CHANGED. fault: out (may be NULL), what to tell a person. Returns: OK;
 * TRUNCATED, MALFORMED, LIMIT (JUNK); UNSUPPORTED (NEWER); AUTH (the rest). */
RTMFP_MUST_USE RtmfpStatus ahoy_envelope_open (RtmfpBytes envelope, const AhoyIdentity *recipient,
                                               const AhoyName *from, const AhoyName *to,
                                               const AhoyPin *pin, RtmfpBuffer *plain,
                                               AhoyMessage *message, AhoyKey *sender_key,
                                               AhoyEnvelopeFault *fault);

/* One sentence for a person. */
const char *ahoy_envelope_fault_text (AhoyEnvelopeFault fault);

#endif

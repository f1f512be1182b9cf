/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One message sealed to a person and signed by another; who carries it sees its id and its size. */
#include "core/account/envelope.h"

#include "core/account/primitives.h"
#include "core/account/text.h"

#include <string.h>

#define CLEAR_SIZE (1 + AHOY_MESSAGE_ID_SIZE + AHOY_X25519_SIZE)
#define EPHEMERAL_AT (1 + AHOY_MESSAGE_ID_SIZE)
/* Where the signed part of the inside begins. */
#define SIGNED_AT (AHOY_KEY_SIZE + AHOY_SIGNATURE_SIZE)

static const char signature_label[] = "ahoy envelope 1";
static const char key_info[] = "ahoy envelope key 1";

void
ahoy_message_id_make (const RtmfpRng *rng, AhoyMessageId *id) {
  rtmfp_rng_fill (rng, id->bytes, AHOY_MESSAGE_ID_SIZE);
}

bool
ahoy_message_id_equal (const AhoyMessageId *a, const AhoyMessageId *b) {
  return memcmp (a->bytes, b->bytes, AHOY_MESSAGE_ID_SIZE) == 0;
}

void
ahoy_message_id_format (const AhoyMessageId *id, char *text) {
  ahoy_hex_write (rtmfp_bytes (id->bytes, AHOY_MESSAGE_ID_SIZE), text);
}

RtmfpStatus
ahoy_message_id_parse (const char *text, AhoyMessageId *id) {
  return ahoy_hex_read (text, id->bytes, AHOY_MESSAGE_ID_SIZE);
}

typedef struct {
  uint8_t key[AHOY_AEAD_KEY_SIZE];
  uint8_t nonce[AHOY_AEAD_NONCE_SIZE];
} SealKeys;

/* The secret is used once, because the ephemeral key is: so is the nonce that comes of it. */
static void
derive_keys (const uint8_t shared[32], const uint8_t ephemeral[32], const uint8_t recipient[32],
             SealKeys *keys) {
  uint8_t salt[2 * AHOY_X25519_SIZE];
  uint8_t out[AHOY_AEAD_KEY_SIZE + AHOY_AEAD_NONCE_SIZE];
  memcpy (salt, ephemeral, AHOY_X25519_SIZE);
  memcpy (salt + AHOY_X25519_SIZE, recipient, AHOY_X25519_SIZE);
  ahoy_hkdf_sha256 (rtmfp_bytes (shared, 32), rtmfp_bytes (salt, sizeof salt), key_info, out,
                    sizeof out);
  memcpy (keys->key, out, AHOY_AEAD_KEY_SIZE);
  memcpy (keys->nonce, out + AHOY_AEAD_KEY_SIZE, AHOY_AEAD_NONCE_SIZE);
  ahoy_wipe (out, sizeof out);
}

static void
append_signed (RtmfpBuffer *out, const AhoyKey *recipient, const AhoyKey *sender, RtmfpBytes clear,
               RtmfpBytes inside) {
  rtmfp_buffer_append (out, rtmfp_bytes (signature_label, sizeof signature_label));
  rtmfp_buffer_append (out, rtmfp_bytes (recipient->bytes, AHOY_KEY_SIZE));
  rtmfp_buffer_append (out, clear);
  rtmfp_buffer_append (out, rtmfp_bytes (sender->bytes, AHOY_KEY_SIZE));
  rtmfp_buffer_append (out, inside);
}

static void
append_text (RtmfpBuffer *out, RtmfpBytes text) {
  rtmfp_buffer_append_u16 (out, (uint16_t)text.size);
  rtmfp_buffer_append (out, text);
}

static void
append_name (RtmfpBuffer *out, const AhoyName *name) {
  char text[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format (name, text);
  append_text (out, rtmfp_bytes (text, strlen (text)));
}

/* All inside that is signed: time, kind, names, body, padding. */
static void
append_inside (RtmfpBuffer *out, const AhoyMessage *message) {
  rtmfp_buffer_append_u64 (out, (uint64_t)message->time_ms);
  rtmfp_buffer_append_u8 (out, message->kind);
  append_name (out, &message->sender);
  append_name (out, &message->recipient);
  append_text (out, message->body);
  while ((SIGNED_AT + out->size) % AHOY_ENVELOPE_PAD_BYTES != 0) {
    rtmfp_buffer_append_u8 (out, 0);
  }
}

static void
wipe_buffer (RtmfpBuffer *buffer) {
  if (buffer->data != NULL) {
    ahoy_wipe (buffer->data, buffer->size);
  }
  rtmfp_buffer_clear (buffer);
}

/* Key, signature and inside, ready to be sealed. */
static void
sign_inside (const AhoyMessage *message, const AhoyIdentity *sender, const AhoyKey *recipient,
             RtmfpBytes clear, RtmfpBuffer *plain) {
  RtmfpBuffer inside = {0};
  RtmfpBuffer text = {0};
  AhoySignature signature;
  append_inside (&inside, message);
  append_signed (&text, recipient, &sender->key, clear, rtmfp_buffer_bytes (&inside));
  ahoy_identity_sign (sender, rtmfp_buffer_bytes (&text), &signature);
  rtmfp_buffer_append (plain, rtmfp_bytes (sender->key.bytes, AHOY_KEY_SIZE));
  rtmfp_buffer_append (plain, rtmfp_bytes (signature.bytes, AHOY_SIGNATURE_SIZE));
  rtmfp_buffer_append (plain, rtmfp_buffer_bytes (&inside));
  wipe_buffer (&inside);
  wipe_buffer (&text);
}

RtmfpStatus
ahoy_envelope_seal (const AhoyMessage *message, const AhoyIdentity *sender,
                    const AhoyKey *recipient, const RtmfpRng *rng, RtmfpBuffer *out) {
  if (message->body.size > AHOY_BODY_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  uint8_t ephemeral_secret[AHOY_X25519_SIZE];
  uint8_t recipient_x[AHOY_X25519_SIZE];
  uint8_t shared[32];
  uint8_t clear[CLEAR_SIZE];
  rtmfp_rng_fill (rng, ephemeral_secret, sizeof ephemeral_secret);
  clear[0] = AHOY_ENVELOPE_VERSION;
  memcpy (clear + 1, message->id.bytes, AHOY_MESSAGE_ID_SIZE);
  ahoy_x25519_public (ephemeral_secret, clear + EPHEMERAL_AT);
  bool usable = ahoy_x25519_public_of_key (recipient->bytes, recipient_x) &&
                ahoy_x25519_shared (ephemeral_secret, recipient_x, shared);
  ahoy_wipe (ephemeral_secret, sizeof ephemeral_secret);
  if (!usable) {
    return RTMFP_AUTH;
  }
  SealKeys keys;
  derive_keys (shared, clear + EPHEMERAL_AT, recipient_x, &keys);
  RtmfpBuffer plain = {0};
  sign_inside (message, sender, recipient, rtmfp_bytes (clear, sizeof clear), &plain);
  rtmfp_buffer_append (out, rtmfp_bytes (clear, sizeof clear));
  uint8_t *sealed = rtmfp_buffer_reserve (out, plain.size + AHOY_AEAD_TAG_SIZE);
  ahoy_aead_seal (keys.key, keys.nonce, rtmfp_bytes (clear, sizeof clear),
                  rtmfp_buffer_bytes (&plain), sealed);
  out->size += plain.size + AHOY_AEAD_TAG_SIZE;
  wipe_buffer (&plain);
  ahoy_wipe (&keys, sizeof keys);
  ahoy_wipe (shared, sizeof shared);
  return RTMFP_OK;
}

RtmfpStatus
ahoy_envelope_peek (RtmfpBytes envelope, AhoyMessageId *id) {
  if (envelope.size > AHOY_ENVELOPE_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  if (envelope.size < 1) {
    return RTMFP_TRUNCATED;
  }
  if (envelope.data[0] != AHOY_ENVELOPE_VERSION) {
    return RTMFP_UNSUPPORTED;
  }
  if (envelope.size < CLEAR_SIZE + SIGNED_AT + AHOY_AEAD_TAG_SIZE) {
    return RTMFP_TRUNCATED;
  }
  memcpy (id->bytes, envelope.data + 1, AHOY_MESSAGE_ID_SIZE);
  return RTMFP_OK;
}

/* plain: out, filled with what was sealed. Returns: OK; AUTH. */
static RtmfpStatus
unseal (RtmfpBytes envelope, const AhoyIdentity *recipient, RtmfpBuffer *plain) {
  uint8_t secret[AHOY_X25519_SIZE];
  uint8_t public_key[AHOY_X25519_SIZE];
  uint8_t shared[32];
  const uint8_t *ephemeral = envelope.data + EPHEMERAL_AT;
  ahoy_x25519_secret_of_seed (recipient->seed, secret);
  ahoy_x25519_public (secret, public_key);
  bool ok = ahoy_x25519_shared (secret, ephemeral, shared);
  ahoy_wipe (secret, sizeof secret);
  if (!ok) {
    return RTMFP_AUTH;
  }
  SealKeys keys;
  derive_keys (shared, ephemeral, public_key, &keys);
  const RtmfpBytes sealed = rtmfp_bytes (envelope.data + CLEAR_SIZE, envelope.size - CLEAR_SIZE);
  uint8_t *out = rtmfp_buffer_reserve (plain, sealed.size - AHOY_AEAD_TAG_SIZE);
  ok = ahoy_aead_open (keys.key, keys.nonce, rtmfp_bytes (envelope.data, CLEAR_SIZE), sealed, out);
  plain->size = ok ? sealed.size - AHOY_AEAD_TAG_SIZE : 0;
  ahoy_wipe (&keys, sizeof keys);
  ahoy_wipe (shared, sizeof shared);
  return ok ? RTMFP_OK : RTMFP_AUTH;
}

static RtmfpStatus
read_text (RtmfpReader *reader, RtmfpBytes *text) {
  uint16_t size = 0;
  RtmfpStatus status = rtmfp_reader_u16 (reader, &size);
  return status == RTMFP_OK ? rtmfp_reader_take (reader, size, text) : status;
}

static RtmfpStatus
read_name (RtmfpReader *reader, AhoyName *name) {
  RtmfpBytes bytes = {0};
  char text[AHOY_NAME_TEXT_SIZE] = {0};
  RtmfpStatus status = read_text (reader, &bytes);
  if (status != RTMFP_OK) {
    return status;
  }
  if (bytes.size >= sizeof text || bytes.size == 0 || memchr (bytes.data, 0, bytes.size) != NULL) {
    return RTMFP_MALFORMED;
  }
  memcpy (text, bytes.data, bytes.size);
  return ahoy_name_parse (text, name) == RTMFP_OK ? RTMFP_OK : RTMFP_MALFORMED;
}

/* The signed inside, already known to be what the sender signed. */
static RtmfpStatus
read_inside (RtmfpBytes inside, AhoyMessage *message) {
  RtmfpReader reader = rtmfp_reader (inside.data, inside.size);
  uint64_t time_ms = 0;
  RtmfpStatus status = rtmfp_reader_u64 (&reader, &time_ms);
  status = status == RTMFP_OK ? rtmfp_reader_u8 (&reader, &message->kind) : status;
  status = status == RTMFP_OK ? read_name (&reader, &message->sender) : status;
  status = status == RTMFP_OK ? read_name (&reader, &message->recipient) : status;
  status = status == RTMFP_OK ? read_text (&reader, &message->body) : status;
  if (status != RTMFP_OK || time_ms > AHOY_MESSAGE_TIME_MS_MAX ||
      message->body.size > AHOY_BODY_BYTES_MAX) {
    return RTMFP_MALFORMED;
  }
  message->time_ms = (int64_t)time_ms;
  return RTMFP_OK;
}

/* What unseal() gave. Returns: OK; AUTH; MALFORMED. */
static RtmfpStatus
read_plain (RtmfpBytes envelope, RtmfpBytes plain, const AhoyKey *recipient, AhoyMessage *message,
            AhoyKey *sender) {
  AhoySignature signature;
  memcpy (sender->bytes, plain.data, AHOY_KEY_SIZE);
  memcpy (signature.bytes, plain.data + AHOY_KEY_SIZE, AHOY_SIGNATURE_SIZE);
  const RtmfpBytes inside = rtmfp_bytes (plain.data + SIGNED_AT, plain.size - SIGNED_AT);
  RtmfpBuffer text = {0};
  append_signed (&text, recipient, sender, rtmfp_bytes (envelope.data, CLEAR_SIZE), inside);
  RtmfpStatus status = ahoy_key_verify (sender, rtmfp_buffer_bytes (&text), &signature);
  wipe_buffer (&text);
  return status == RTMFP_OK ? read_inside (inside, message) : status;
}

static AhoyEnvelopeFault
open_envelope (RtmfpBytes envelope, const AhoyIdentity *recipient, const AhoyName *from,
               const AhoyName *to, const AhoyPin *pin, RtmfpBuffer *plain, AhoyMessage *message,
               AhoyKey *sender) {
  RtmfpStatus status = ahoy_envelope_peek (envelope, &message->id);
  if (status != RTMFP_OK) {
    return status == RTMFP_UNSUPPORTED ? AHOY_ENVELOPE_NEWER : AHOY_ENVELOPE_JUNK;
  }
  if (unseal (envelope, recipient, plain) != RTMFP_OK) {
    return AHOY_ENVELOPE_NOT_OURS;
  }
  status = read_plain (envelope, rtmfp_buffer_bytes (plain), &recipient->key, message, sender);
  if (status != RTMFP_OK) {
    return status == RTMFP_AUTH ? AHOY_ENVELOPE_FORGED : AHOY_ENVELOPE_JUNK;
  }
  if (ahoy_pin_check (pin, sender) == AHOY_PIN_CHANGED) {
    return AHOY_ENVELOPE_KEY_CHANGED;
  }
  bool named = strcmp (message->sender.user, from->user) == 0 &&
               strcmp (message->recipient.user, to->user) == 0;
  return named ? AHOY_ENVELOPE_OK : AHOY_ENVELOPE_FORGED;
}

RtmfpStatus
ahoy_envelope_open (RtmfpBytes envelope, const AhoyIdentity *recipient, const AhoyName *from,
                    const AhoyName *to, const AhoyPin *pin, RtmfpBuffer *plain,
                    AhoyMessage *message, AhoyKey *sender_key, AhoyEnvelopeFault *fault) {
  static const RtmfpStatus statuses[] = {
      [AHOY_ENVELOPE_OK] = RTMFP_OK,
      [AHOY_ENVELOPE_JUNK] = RTMFP_MALFORMED,
      [AHOY_ENVELOPE_NEWER] = RTMFP_UNSUPPORTED,
      [AHOY_ENVELOPE_NOT_OURS] = RTMFP_AUTH,
      [AHOY_ENVELOPE_FORGED] = RTMFP_AUTH,
      [AHOY_ENVELOPE_KEY_CHANGED] = RTMFP_AUTH,
  };
  AhoyMessage opened = {.kind = 0};
  AhoyKey sender;
  wipe_buffer (plain);
  AhoyEnvelopeFault found =
      open_envelope (envelope, recipient, from, to, pin, plain, &opened, &sender);
  if (fault != NULL) {
    *fault = found;
  }
  if (sender_key != NULL && (found == AHOY_ENVELOPE_OK || found == AHOY_ENVELOPE_KEY_CHANGED)) {
    *sender_key = sender;
  }
  if (found == AHOY_ENVELOPE_OK) {
    *message = opened;
  } else {
    wipe_buffer (plain);
  }
  return statuses[found];
}

const char *
ahoy_envelope_fault_text (AhoyEnvelopeFault fault) {
  static const char *const texts[] = {
      [AHOY_ENVELOPE_OK] = "The message is theirs.",
      [AHOY_ENVELOPE_JUNK] = "Something came that is not a message.",
      [AHOY_ENVELOPE_NEWER] = "A message came from a newer Ahoy; update this one to read it.",
      [AHOY_ENVELOPE_NOT_OURS] = "A message came that was sealed for another key than yours.",
      [AHOY_ENVELOPE_FORGED] = "A message came that the person it names did not send.",
      [AHOY_ENVELOPE_KEY_CHANGED] =
          ("A message came under another key than the one known from before; ask "
           "them in another way whether they changed it."),
  };
  return (size_t)fault < sizeof texts / sizeof texts[0] ? texts[fault] : "";
}

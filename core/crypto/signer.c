/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/signer.h"

#include "core/base/memory.h"
#include "core/crypto/params.h"
#include "core/crypto/primitives.h"
#include "core/crypto/signature.h"
#include "core/wire/option.h"

#include <stdlib.h>
#include <string.h>

/* A password and its id, in place. */
typedef struct {
  uint8_t id[RTMFP_PASSWORD_ID_BYTES_MAX];
  uint8_t password[RTMFP_PASSWORD_BYTES_MAX];
  uint16_t id_size, password_size;
} Secret;

struct RtmfpSigner {
  bool required;
  size_t sign_count, known_count;
  Secret secrets[]; /* those to sign with, then the known ones */
};

static size_t
size_of (const RtmfpSigner *signer) {
  return sizeof *signer + (signer->sign_count + signer->known_count) * sizeof signer->secrets[0];
}

static RtmfpBytes
id_of (const Secret *secret) {
  return rtmfp_bytes (secret->id, secret->id_size);
}

static RtmfpStatus
copy_secrets (Secret *secrets, const RtmfpPassword *passwords, size_t count) {
  for (size_t i = 0; i < count; i++) {
    RtmfpBytes id = passwords[i].id, password = passwords[i].password;
    if (id.size > RTMFP_PASSWORD_ID_BYTES_MAX || password.size > RTMFP_PASSWORD_BYTES_MAX) {
      return RTMFP_LIMIT;
    }
    if (id.size > 0) {
      memcpy (secrets[i].id, id.data, id.size);
    }
    if (password.size > 0) {
      memcpy (secrets[i].password, password.data, password.size);
    }
    secrets[i].id_size = (uint16_t)id.size;
    secrets[i].password_size = (uint16_t)password.size;
  }
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_signer_new (const RtmfpSignerOptions *options, RtmfpSigner **signer) {
  if (options->sign_count > RTMFP_PASSWORDS_MAX || options->known_count > RTMFP_PASSWORDS_MAX) {
    return RTMFP_LIMIT;
  }
  if (options->sign_count == 0 && !options->required) {
    *signer = NULL;
    return RTMFP_OK;
  }
  const RtmfpSigner head = {.required = options->required,
                            .sign_count = options->sign_count,
                            .known_count = options->known_count};
  RtmfpSigner *result = (RtmfpSigner *)rtmfp_memory_new (1, size_of (&head));
  memcpy (result, &head, sizeof head);
  RtmfpStatus status = copy_secrets (result->secrets, options->signs, options->sign_count);
  if (status == RTMFP_OK) {
    status =
        copy_secrets (result->secrets + options->sign_count, options->known, options->known_count);
  }
  if (status != RTMFP_OK) {
    rtmfp_signer_free (result);
    return status;
  }
  *signer = result;
  return RTMFP_OK;
}

RtmfpSigner *
rtmfp_signer_copy (const RtmfpSigner *signer) {
  return signer != NULL ? (RtmfpSigner *)rtmfp_memory_copy (signer, size_of (signer)) : NULL;
}

void
rtmfp_signer_free (RtmfpSigner *signer) {
  if (signer != NULL) {
    rtmfp_secret_wipe (signer, size_of (signer));
    free (signer);
  }
}

static RtmfpBuffer
join (RtmfpBytes first, RtmfpBytes second) {
  RtmfpBuffer message = {0};
  rtmfp_buffer_append (&message, first);
  rtmfp_buffer_append (&message, second);
  return message;
}

static void
compute (const Secret *secret, RtmfpBytes message, uint8_t hmac[RTMFP_HMAC_SIZE]) {
  rtmfp_hmac_sha256 (rtmfp_bytes (secret->password, secret->password_size), message, hmac);
}

static void
append_option (const Secret *secret, RtmfpBytes message, RtmfpBuffer *signature) {
  uint8_t value[RTMFP_HMAC_SIZE + RTMFP_PASSWORD_ID_BYTES_MAX];
  const size_t size = RTMFP_HMAC_SIZE + secret->id_size;
  compute (secret, message, value);
  memcpy (value + RTMFP_HMAC_SIZE, secret->id, secret->id_size);
  const size_t room = rtmfp_option_size (RTMFP_SIGNATURE_SIMPLE_PASSWORD, size);
  RtmfpWriter writer = rtmfp_writer (rtmfp_buffer_reserve (signature, room), room);
  RtmfpStatus status =
      rtmfp_write_option (&writer, RTMFP_SIGNATURE_SIMPLE_PASSWORD, rtmfp_bytes (value, size));
  rtmfp_crypto_must (status == RTMFP_OK, "own signature");
  signature->size += rtmfp_writer_size (&writer);
}

void
rtmfp_signer_sign (const RtmfpSigner *signer, RtmfpBytes first, RtmfpBytes second,
                   RtmfpBuffer *signature) {
  if (signer == NULL || signer->sign_count == 0) {
    rtmfp_buffer_append (signature, rtmfp_signature_none ());
    return;
  }
  RtmfpBuffer message = join (first, second);
  for (size_t i = 0; i < signer->sign_count; i++) {
    append_option (&signer->secrets[i], rtmfp_buffer_bytes (&message), signature);
  }
  rtmfp_buffer_clear (&message);
}

static const Secret *
find_known (const RtmfpSigner *signer, RtmfpBytes id) {
  const Secret *known = signer->secrets + signer->sign_count;
  for (size_t i = 0; i < signer->known_count; i++) {
    if (rtmfp_bytes_equal (id_of (&known[i]), id)) {
      return &known[i];
    }
  }
  return NULL;
}

RtmfpStatus
rtmfp_signer_check (const RtmfpSigner *signer, RtmfpBytes first, RtmfpBytes second,
                    RtmfpBytes signature) {
  if (signer == NULL || !signer->required) {
    return RTMFP_OK;
  }
  RtmfpBuffer message = join (first, second);
  RtmfpReader reader = rtmfp_reader (signature.data, signature.size);
  RtmfpSimplePassword option;
  RtmfpStatus status = RTMFP_AUTH;
  while (rtmfp_signature_next_password (&reader, &option)) {
    uint8_t expected[RTMFP_HMAC_SIZE];
    const Secret *known = find_known (signer, option.password_id);
    if (known == NULL) {
      continue;
    }
    compute (known, rtmfp_buffer_bytes (&message), expected);
    status = rtmfp_secret_equal (expected, option.hmac, sizeof expected) ? RTMFP_OK : RTMFP_AUTH;
    rtmfp_secret_wipe (expected, sizeof expected);
    if (status != RTMFP_OK) {
      break;
    }
  }
  rtmfp_buffer_clear (&message);
  return status;
}

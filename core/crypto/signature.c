/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/signature.h"

#include "core/crypto/profile.h"
#include "core/wire/option.h"

#include <string.h>

RtmfpBytes
rtmfp_signature_none (void) {
  return rtmfp_bytes ("X", 1);
}

bool
rtmfp_signature_is_empty (RtmfpBytes field) {
  RtmfpReader reader = rtmfp_reader (field.data, field.size);
  while (rtmfp_reader_left (&reader) > 0) {
    RtmfpOption option;
    if (rtmfp_read_option (&reader, &option) != RTMFP_OK || option.is_marker) {
      return true; /* malformed; an X alone is that too: a length of 0x58 and nothing behind it */
    }
  }
  return field.size == 0;
}

bool
rtmfp_signature_next_password (RtmfpReader *reader, RtmfpSimplePassword *password) {
  if (rtmfp_signature_is_empty (rtmfp_bytes (reader->at, rtmfp_reader_left (reader)))) {
    return false;
  }
  RtmfpOption option;
  while (rtmfp_reader_left (reader) > 0 && rtmfp_read_option (reader, &option) == RTMFP_OK) {
    if (option.type == RTMFP_SIGNATURE_SIMPLE_PASSWORD && option.value.size >= RTMFP_HMAC_SIZE) {
      memcpy (password->hmac, option.value.data, RTMFP_HMAC_SIZE);
      password->password_id =
          rtmfp_bytes (option.value.data + RTMFP_HMAC_SIZE, option.value.size - RTMFP_HMAC_SIZE);
      return true;
    }
  }
  return false;
}

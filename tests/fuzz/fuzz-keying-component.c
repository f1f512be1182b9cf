/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Session keying components and signature fields. */
#include "core/crypto/keying-component.h"
#include "core/crypto/params.h"
#include "core/crypto/signature.h"
#include "tests/fuzz/target.h"

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  const RtmfpBytes bytes = rtmfp_bytes (data, size);
  RtmfpReader reader = rtmfp_reader (data, size);
  RtmfpSimplePassword password;
  while (rtmfp_signature_next_password (&reader, &password)) {
    FUZZ_ASSERT (!rtmfp_signature_is_empty (bytes));
  }
  RtmfpKeyingComponent component;
  if (rtmfp_keying_component_read (bytes, &component) != RTMFP_OK) {
    return 0;
  }
  FUZZ_ASSERT (!(component.has_ephemeral_key && component.has_group_select));
  bool may_send = component.hmac.sends_always || component.hmac.sends_on_request;
  FUZZ_ASSERT (may_send ? component.hmac.hmac_bytes >= 4 && component.hmac.hmac_bytes <= 32
                        : component.hmac.hmac_bytes == 0);
  return 0;
}

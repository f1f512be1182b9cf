/* SPDX-License-Identifier: Apache-2.0 */
/* Session keying components: what each side says in its initial keying. RFC 7425 s4.5. */
#ifndef RTMFP_CRYPTO_KEYING_COMPONENT_H
#define RTMFP_CRYPTO_KEYING_COMPONENT_H

#include "core/base/bytes.h"

/* HMAC or session sequence number negotiation, s4.5.2.4 and s4.5.2.5. All false when the option is
 * missing. */
typedef struct {
  bool sends_always;     /* SND */
  bool sends_on_request; /* SOR */
  bool requests;         /* REQ */
  uint8_t hmac_bytes;    /* HMAC only: 4 to 32; 0 when neither of the first two is set */
} RtmfpNegotiation;

typedef struct {
  bool has_ephemeral_key;
  bool has_group_select;
  uint64_t group_id;           /* IKE number, of the ephemeral key or the group select */
  RtmfpBytes ephemeral_key;    /* (borrowed) not checked yet */
  RtmfpBytes extra_randomness; /* (borrowed) */
  RtmfpNegotiation hmac;
  RtmfpNegotiation sequence;
  uint32_t aeads; /* bits of RtmfpAead: offered, or the one chosen; unknown ones left out */
  uint32_t preferred_aead; /* initiator: one of RtmfpAead; 0 = does not matter */
  uint64_t features;       /* bits of RtmfpFeature and unknown ones; 0 = says nothing */
} RtmfpKeyingComponent;

/* Reads a component; unknown options are ignored.
 * Returns: OK; TRUNCATED; MALFORMED (broken option, a marker, a key or group select or negotiation
 * twice, both a key and a group select, hmacLength against the rule); LIMIT
 * (RTMFP_COMPONENT_BYTES_MAX). */
RTMFP_MUST_USE RtmfpStatus rtmfp_keying_component_read (RtmfpBytes bytes,
                                                        RtmfpKeyingComponent *component);

/* Writes the options that are set: sequence, HMAC, then the group select or the key, then the
 * randomness, then ciphers and features. Returns: OK; TRUNCATED (nothing is written). */
RTMFP_MUST_USE RtmfpStatus rtmfp_keying_component_write (RtmfpWriter *writer,
                                                         const RtmfpKeyingComponent *component);

/* Whether an end that said near sends, given what the other said: s4.6.4 and s4.6.6. */
static inline bool
rtmfp_negotiation_sends (const RtmfpNegotiation *sender, const RtmfpNegotiation *other) {
  return sender->sends_always || (sender->sends_on_request && other->requests);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* One key agreement, from choosing the group to the session's keys. RFC 7425 s4.6.
 *
 * All public-key work is in rtmfp_keying_run(), which touches nothing but its own object: it may
 * run on any thread, while nobody else uses the object. Everything else is fast. The order:
 *
 *   initiator: new_initiator, run (makes its key), component -> IIKeying sent, RIKeying came:
 *              take_response, run, keys
 *   responder: new_responder (with IIKeying's), run, component -> RIKeying, keys
 */
#ifndef RTMFP_CRYPTO_KEYING_H
#define RTMFP_CRYPTO_KEYING_H

#include "core/base/rng.h"
#include "core/crypto/credentials.h"
#include "core/crypto/session-keys.h"

typedef struct RtmfpKeying RtmfpKeying;

/* What the near end wants. requires_x implies offers_x: then we always send it and ask for it, and
 * refuse a far end that will not. offers_x alone: we send it when the far end asks. */
typedef struct {
  bool requires_hmac;
  bool requires_sequence;
  bool offers_hmac;
  bool offers_sequence;
  uint8_t hmac_bytes; /* 4 to 32: of the HMACs we send; 0 = RTMFP_HMAC_BYTES_DEFAULT */
  /* Bits of RtmfpAead that we offer, and take; the same as in our credentials. Where both ends have
   * one, it protects the session: it is HMAC and sequence number in one. 0 = none. */
  uint32_t aeads;
  uint32_t preferred_aead; /* one of them that is taken if both have it; 0 = AES before ChaCha20 */
  uint64_t features;       /* bits of RtmfpFeature that we tell; 0 = the option is not sent */
} RtmfpKeyingPolicy;

/* Begins as initiator with a responder's certificate (from its RHello). Random bytes are drawn
 * here. credentials, far_certificate, policy (copied). keying out (owned, free with
 * rtmfp_keying_free). Returns: OK; UNSUPPORTED (no group in common); MALFORMED (the responder's
 * static key is not acceptable); what rtmfp_certificate_read answers. */
RTMFP_MUST_USE RtmfpStatus rtmfp_keying_new_initiator (const RtmfpCredentials *credentials,
                                                       RtmfpBytes far_certificate,
                                                       const RtmfpKeyingPolicy *policy,
                                                       const RtmfpRng *rng, RtmfpKeying **keying);

/* Begins as responder with the certificate and the component of an IIKeying.
 * Returns: OK; UNSUPPORTED (a group we do not have, or no HMAC or sequence numbers where we require
 * them); MALFORMED (a component that does not fit the certificate, or a key that is not
 * acceptable); what rtmfp_certificate_read and rtmfp_keying_component_read answer. */
RTMFP_MUST_USE RtmfpStatus rtmfp_keying_new_responder (const RtmfpCredentials *credentials,
                                                       RtmfpBytes far_certificate,
                                                       RtmfpBytes far_component,
                                                       const RtmfpKeyingPolicy *policy,
                                                       const RtmfpRng *rng, RtmfpKeying **keying);

/* IKE group of the session, one of RTMFP_GROUP_*. */
uint32_t rtmfp_keying_group (const RtmfpKeying *keying);
/* Whether it would make a key pair in its first run. */
bool rtmfp_keying_wants_pair (const RtmfpKeying *keying);
/* Before the first run, of one that wants it: takes a pair of its group that is used nowhere else
 * (ownership goes in). */
void rtmfp_keying_give_pair (RtmfpKeying *keying, RtmfpKeyPair *pair);

/* Public-key work of the next step. Thread safe: one object, one thread at a time. */
void rtmfp_keying_run (RtmfpKeying *keying);

/* The near component to send (borrowed until free; it never changes). Empty before the first run.
 */
RtmfpBytes rtmfp_keying_component (const RtmfpKeying *keying);

/* Initiator: takes the responder's component (copied); then comes the second run.
 * Returns: OK; STATE (not the initiator, first run missing, or taken already); UNSUPPORTED (no HMAC
 * or sequence numbers where we require them, no AEAD though its certificate has one of ours);
 * MALFORMED; TRUNCATED; LIMIT. After a failure another component may be taken. */
RTMFP_MUST_USE RtmfpStatus rtmfp_keying_take_response (RtmfpKeying *keying,
                                                       RtmfpBytes far_component);

/* Takes the keys out, after the last run. keys out: to be wiped by the caller.
 * Returns: OK; STATE (not run yet); MALFORMED (the shared secret was refused). An initiator's
 * keying is then ready for another rtmfp_keying_take_response(). */
RTMFP_MUST_USE RtmfpStatus rtmfp_keying_keys (RtmfpKeying *keying, RtmfpSessionKeys *keys);

/* Wipes and frees; NULL is fine. */
void rtmfp_keying_free (RtmfpKeying *keying);

#endif

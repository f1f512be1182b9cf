/* SPDX-License-Identifier: Apache-2.0 */
/* The chunks of the handshake, RFC 7016 s2.3.1 to s2.3.8.
 *
 * Readers take a chunk's payload; every slice in their results borrows from it. Writers write the
 * whole chunk with its header, or answer TRUNCATED and write nothing. */
#ifndef RTMFP_WIRE_STARTUP_CHUNK_H
#define RTMFP_WIRE_STARTUP_CHUNK_H

#include "core/base/address.h"
#include "core/base/bytes.h"
#include "core/wire/params.h"

/* Packet Fragment, s2.3.1. */
typedef struct {
  bool more_fragments;
  uint64_t packet_id;
  uint64_t fragment_number; /* from 0 */
  RtmfpBytes data;          /* never empty */
} RtmfpPacketFragment;

/* Returns: OK; TRUNCATED; MALFORMED (also when it is empty). */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_packet_fragment (RtmfpBytes payload,
                                                       RtmfpPacketFragment *fragment);
RTMFP_MUST_USE RtmfpStatus rtmfp_write_packet_fragment (RtmfpWriter *writer,
                                                        const RtmfpPacketFragment *fragment);

/* Initiator Hello, s2.3.2. */
typedef struct {
  RtmfpBytes epd; /* endpoint discriminator, see core/crypto/epd.h */
  RtmfpBytes tag;
} RtmfpInitiatorHello;

/* Returns: OK; TRUNCATED; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_initiator_hello (RtmfpBytes payload,
                                                       RtmfpInitiatorHello *hello);
RTMFP_MUST_USE RtmfpStatus rtmfp_write_initiator_hello (RtmfpWriter *writer,
                                                        const RtmfpInitiatorHello *hello);

/* Forwarded Initiator Hello, s2.3.3. */
typedef struct {
  RtmfpBytes epd;
  RtmfpAddress reply_address;
  RtmfpBytes tag;
} RtmfpForwardedHello;

/* Returns: OK; TRUNCATED; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_forwarded_hello (RtmfpBytes payload,
                                                       RtmfpForwardedHello *hello);
RTMFP_MUST_USE RtmfpStatus rtmfp_write_forwarded_hello (RtmfpWriter *writer,
                                                        const RtmfpForwardedHello *hello);

/* Responder Hello, s2.3.4. */
typedef struct {
  RtmfpBytes tag_echo;
  RtmfpBytes cookie;
  RtmfpBytes certificate; /* the responder's, see core/crypto/certificate.h */
} RtmfpResponderHello;

/* Returns: OK; TRUNCATED; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_responder_hello (RtmfpBytes payload,
                                                       RtmfpResponderHello *hello);
RTMFP_MUST_USE RtmfpStatus rtmfp_write_responder_hello (RtmfpWriter *writer,
                                                        const RtmfpResponderHello *hello);

/* Responder Redirect, s2.3.5. No address = an implied redirect to the packet's source. */
typedef struct {
  RtmfpBytes tag_echo;
  size_t address_count; /* 0 to RTMFP_REDIRECT_ADDRESSES_MAX; further addresses are left out */
  RtmfpAddress addresses[RTMFP_REDIRECT_ADDRESSES_MAX];
} RtmfpRedirect;

/* Returns: OK; TRUNCATED; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_redirect (RtmfpBytes payload, RtmfpRedirect *redirect);
RTMFP_MUST_USE RtmfpStatus rtmfp_write_redirect (RtmfpWriter *writer,
                                                 const RtmfpRedirect *redirect);

/* RHello Cookie Change, s2.3.6. */
typedef struct {
  RtmfpBytes old_cookie;
  RtmfpBytes new_cookie;
} RtmfpCookieChange;

/* Returns: OK; TRUNCATED; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_cookie_change (RtmfpBytes payload, RtmfpCookieChange *change);
RTMFP_MUST_USE RtmfpStatus rtmfp_write_cookie_change (RtmfpWriter *writer,
                                                      const RtmfpCookieChange *change);

/* Initiator Initial Keying, s2.3.7. */
typedef struct {
  uint32_t session_id; /* the responder sends to the initiator with it; see multiplex.h */
  RtmfpBytes cookie_echo;
  RtmfpBytes certificate; /* the initiator's */
  RtmfpBytes component;   /* sessionKeyInitiatorComponent, see core/crypto/keying-component.h */
  RtmfpBytes signature;
  RtmfpBytes signed_parameters; /* read only: all before the signature */
} RtmfpInitiatorKeying;

/* Returns: OK; TRUNCATED; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_initiator_keying (RtmfpBytes payload,
                                                        RtmfpInitiatorKeying *keying);
RTMFP_MUST_USE RtmfpStatus rtmfp_write_initiator_keying (RtmfpWriter *writer,
                                                         const RtmfpInitiatorKeying *keying);

/* initiatorSignedParameters alone: what is before the signature. */
RTMFP_MUST_USE RtmfpStatus
rtmfp_write_initiator_signed_parameters (RtmfpWriter *writer, const RtmfpInitiatorKeying *keying);

/* Responder Initial Keying, s2.3.8. */
typedef struct {
  uint32_t session_id;  /* the initiator sends to the responder with it */
  RtmfpBytes component; /* sessionKeyResponderComponent */
  RtmfpBytes signature;
  RtmfpBytes signed_parameters; /* read only: the portion before the signature (the initiator's
                                   component is to be appended before verifying) */
} RtmfpResponderKeying;

/* Returns: OK; TRUNCATED; MALFORMED. */
RTMFP_MUST_USE RtmfpStatus rtmfp_read_responder_keying (RtmfpBytes payload,
                                                        RtmfpResponderKeying *keying);
RTMFP_MUST_USE RtmfpStatus rtmfp_write_responder_keying (RtmfpWriter *writer,
                                                         const RtmfpResponderKeying *keying);
/* responderSignedParametersPortion alone. */
RTMFP_MUST_USE RtmfpStatus
rtmfp_write_responder_signed_parameters (RtmfpWriter *writer, const RtmfpResponderKeying *keying);

#endif

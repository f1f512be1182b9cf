/* SPDX-License-Identifier: Apache-2.0 */
/* Every private number that Ahoy puts beside those of the RFCs. Others ignore what they do not
 * know. */
#ifndef RTMFP_BASE_REGISTRY_H
#define RTMFP_BASE_REGISTRY_H

/* Options of an endpoint discriminator (RFC 7425 s4.4.2: unknown types are ignored). */
enum {
  RTMFP_REGISTRY_EPD_HANDLE = 0x2a01, /* opaque single-use introduction handle of a rendezvous */
};

/* Options of a certificate (RFC 7425 s4.3.3: unknown types are ignored). */
enum {
  RTMFP_REGISTRY_CERTIFICATE_AEAD = 0x2a03, /* VLU: bits of RtmfpAead that its owner has */
};

/* Options of a session keying component (RFC 7425 s4.5.2: unknown types are ignored). */
enum {
  RTMFP_REGISTRY_KEYING_FEATURES = 0x2a02, /* VLU: bits of RtmfpFeature, what the sender reads */
  /* Initiator: VLU, bits of RtmfpAead, and VLU, the one it prefers. Responder: VLU, the one. */
  RTMFP_REGISTRY_KEYING_AEAD = 0x2a03,
};

/* User metadata of the greeting flow in which both ends prove who they are. */
#define RTMFP_REGISTRY_GREETING_METADATA "ahoy.hello"

#endif

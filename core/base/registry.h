/* SPDX-License-Identifier: Apache-2.0 */
/* Every private number that Ahoy puts beside those of the RFCs. Others ignore what they do not
 * know. */
#ifndef RTMFP_BASE_REGISTRY_H
#define RTMFP_BASE_REGISTRY_H

/* Options of an endpoint discriminator (RFC 7425 s4.4.2: unknown types are ignored). */
enum {
  RTMFP_REGISTRY_EPD_HANDLE = 0x2a01, /* opaque single-use introduction handle of a rendezvous */
};

/* Options of a session keying component (RFC 7425 s4.5.2: unknown types are ignored). */
enum {
  RTMFP_REGISTRY_KEYING_FEATURES = 0x2a02, /* VLU: bits of RtmfpFeature, what the sender reads */
};

/* User metadata of the greeting flow in which both ends prove who they are. */
#define RTMFP_REGISTRY_GREETING_METADATA "ahoy.hello"

#endif

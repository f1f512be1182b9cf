/* SPDX-License-Identifier: Apache-2.0 */
/* Bounds on what the wire readers take from a peer. */
#ifndef RTMFP_WIRE_PARAMS_H
#define RTMFP_WIRE_PARAMS_H

/* Bytes one VLU may have, leading zero digits (0x80) included. 10 are enough for 64 bits; the rest
 * is for encoders that pad to a fixed width, which RFC 7016 s2.1.2 allows. */
#define RTMFP_VLU_BYTES_MAX 16

/* Addresses taken from one Responder Redirect; the rest is ignored, which RFC 7016 s2.3.5 allows.
 */
#define RTMFP_REDIRECT_ADDRESSES_MAX 16

/* Options looked at in one option list or sequence; a longer one is malformed. */
#define RTMFP_OPTIONS_MAX 64

#endif

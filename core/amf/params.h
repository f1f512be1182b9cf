/* SPDX-License-Identifier: Apache-2.0 */
/* What one AMF document may hold: the bounds of core/amf, chosen by us. */
#ifndef RTMFP_AMF_PARAMS_H
#define RTMFP_AMF_PARAMS_H

/* Objects and arrays inside one another. */
#define RTMFP_AMF_DEPTH_MAX 32

/* Values in one document, all levels together; one takes about 80 bytes. */
#define RTMFP_AMF_VALUES_MAX 16384

/* Members of objects and elements of arrays, together with their names, in one document. */
#define RTMFP_AMF_MEMBERS_MAX 16384

/* Complex values, strings and traits that references may name in one document (each kind). */
#define RTMFP_AMF_REFERENCES_MAX 16384

#endif

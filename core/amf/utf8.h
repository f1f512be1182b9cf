/* SPDX-License-Identifier: Apache-2.0 */
/* Whether bytes are UTF-8 as RFC 3629 has it. */
#ifndef RTMFP_AMF_UTF8_H
#define RTMFP_AMF_UTF8_H

#include "core/base/bytes.h"

/* No overlong forms, no surrogates, nothing above U+10FFFF; zero bytes are fine. Source: RFC 3629
 * s4. */
RTMFP_API bool rtmfp_utf8_is_valid (RtmfpBytes bytes);

#endif

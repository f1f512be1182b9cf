/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/status.h"

const char *
rtmfp_status_text (RtmfpStatus status) {
  switch (status) {
  case RTMFP_OK:
    return "all is well";
  case RTMFP_TRUNCATED:
    return "it ends too early, or has no room";
  case RTMFP_MALFORMED:
    return "it breaks its grammar";
  case RTMFP_AUTH:
    return "it is not authentic";
  case RTMFP_FULL:
    return "it is full now: try again later";
  case RTMFP_STATE:
    return "not possible now, or there is no such thing";
  case RTMFP_UNSUPPORTED:
    return "that is not done here";
  case RTMFP_LIMIT:
    return "a bound was reached";
  }
  return "an unknown status";
}

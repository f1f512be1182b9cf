/* SPDX-License-Identifier: Apache-2.0 */
#include "core/session/path-mtu.h"

#include "core/session/params.h"

/* What common links leave for a datagram behind the headers of IPv4 and UDP, or IPv6 and UDP:
 * Ethernet, PPPoE, tunnels one in another. Ascending. */
static const uint16_t sizes[] = {1252, 1292, 1332, 1372, 1392, 1432, 1452, 1464};

void
rtmfp_path_mtu_begin (RtmfpPathMtu *mtu) {
  *mtu = (RtmfpPathMtu){.due_us = RTMFP_NEVER,
                        .pause_until_us = INT64_MIN,
                        .bytes = RTMFP_PATH_MTU_LEAST,
                        .path = (uint8_t)(mtu->path + 1)};
}

/* The next size worth a question; 0 = none. */
static uint16_t
next_size (const RtmfpPathMtu *mtu, size_t most) {
  if (mtu->too_long == 0) {
    return most > mtu->bytes ? (uint16_t)most : 0;
  }
  uint16_t between[sizeof sizes / sizeof *sizes];
  size_t count = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    if (sizes[i] > mtu->bytes && sizes[i] < mtu->too_long && sizes[i] <= most) {
      between[count++] = sizes[i];
    }
  }
  return count > 0 ? between[count / 2] : 0;
}

static void
ask_next (RtmfpPathMtu *mtu, size_t most, int64_t now_us) {
  mtu->probed = next_size (mtu, most);
  mtu->probes = 0;
  mtu->probe_waits = mtu->probed != 0;
  mtu->due_us = RTMFP_NEVER;
  if (mtu->probed == 0) {
    mtu->full_packets = 0;
    mtu->pause_until_us = now_us + RTMFP_PATH_MTU_AGAIN_US;
    mtu->too_long = 0; /* until then nothing is asked, and then perhaps it passes */
  }
}

void
rtmfp_path_mtu_filled (RtmfpPathMtu *mtu, size_t most, bool quiet, int64_t now_us) {
  if (mtu->probed != 0 || mtu->bytes >= most || now_us < mtu->pause_until_us) {
    return;
  }
  if (mtu->full_packets < RTMFP_PATH_MTU_FULL_PACKETS) {
    mtu->full_packets++;
  }
  if (mtu->full_packets == RTMFP_PATH_MTU_FULL_PACKETS && quiet) {
    ask_next (mtu, most, now_us);
  }
}

size_t
rtmfp_path_mtu_take_probe (RtmfpPathMtu *mtu, int64_t answer_us, int64_t now_us) {
  if (!mtu->probe_waits) {
    return 0;
  }
  mtu->probe_waits = false;
  mtu->probes++;
  mtu->due_us = now_us + answer_us;
  return mtu->probed;
}

bool
rtmfp_path_mtu_answered (RtmfpPathMtu *mtu, size_t bytes, uint8_t path, size_t most,
                         int64_t now_us) {
  if (mtu->probed == 0 || bytes != mtu->probed || path != mtu->path) {
    return false;
  }
  mtu->bytes = mtu->probed;
  mtu->unproved = 0;
  ask_next (mtu, most, now_us);
  return true;
}

void
rtmfp_path_mtu_advance (RtmfpPathMtu *mtu, size_t most, int64_t now_us) {
  if (now_us < mtu->due_us) {
    return;
  }
  if (mtu->probes < RTMFP_PATH_MTU_PROBES) {
    mtu->probe_waits = true;
    mtu->due_us = RTMFP_NEVER;
    return;
  }
  mtu->too_long = mtu->probed;
  ask_next (mtu, most, now_us);
}

void
rtmfp_path_mtu_long_left (RtmfpPathMtu *mtu, int64_t now_us) {
  if (mtu->unproved == 0) {
    mtu->unproved_us = now_us;
  }
  if (mtu->unproved < UINT16_MAX) {
    mtu->unproved++;
  }
}

void
rtmfp_path_mtu_long_arrived (RtmfpPathMtu *mtu) {
  mtu->unproved = 0;
}

bool
rtmfp_path_mtu_check (RtmfpPathMtu *mtu, int64_t patience_us, int64_t now_us) {
  if (mtu->bytes == RTMFP_PATH_MTU_LEAST || mtu->unproved < RTMFP_PATH_MTU_HOLE_PACKETS ||
      now_us - mtu->unproved_us < patience_us) {
    return false;
  }
  rtmfp_path_mtu_begin (mtu);
  mtu->pause_until_us = now_us + RTMFP_PATH_MTU_PAUSE_US;
  return true;
}

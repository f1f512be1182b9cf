/* SPDX-License-Identifier: Apache-2.0 */
#include "core/session/fragments.h"

#include "core/base/memory.h"
#include "core/session/params.h"

#include <stdlib.h>

struct RtmfpFragmentPacket {
  RtmfpFragmentKey key;
  int64_t first_us;
  int64_t progress_us;
  size_t size;     /* of all pieces so far */
  size_t received; /* pieces so far */
  size_t count;    /* of all pieces; 0 = the last one is not here yet */
  RtmfpBuffer pieces[RTMFP_FRAGMENT_PIECES_MAX];
};

static void
forget (RtmfpFragments *fragments, size_t at) {
  for (size_t i = 0; i < RTMFP_FRAGMENT_PIECES_MAX; i++) {
    rtmfp_buffer_clear (&fragments->packets[at].pieces[i]);
  }
  fragments->packets[at] = fragments->packets[--fragments->count];
}

void
rtmfp_fragments_clear (RtmfpFragments *fragments) {
  while (fragments->count > 0) {
    forget (fragments, fragments->count - 1);
  }
  free (fragments->packets);
  *fragments = (RtmfpFragments){0};
}

/* Those that stalled for a second, or took a minute, are given up (s3.4). */
static void
forget_stale (RtmfpFragments *fragments, int64_t now_us) {
  for (size_t i = fragments->count; i > 0; i--) {
    const RtmfpFragmentPacket *packet = &fragments->packets[i - 1];
    if (now_us - packet->progress_us > RTMFP_FRAGMENT_STALL_US ||
        now_us - packet->first_us > RTMFP_FRAGMENT_LIFE_US) {
      forget (fragments, i - 1);
    }
  }
}

static bool
same_key (const RtmfpFragmentKey *a, const RtmfpFragmentKey *b) {
  return a->packet_id == b->packet_id && a->session_id == b->session_id &&
         a->interface_id == b->interface_id && rtmfp_address_equal (&a->from, &b->from);
}

/* The packet's place; makes one. count when there is no room. */
static size_t
find_packet (RtmfpFragments *fragments, const RtmfpFragmentKey *key, int64_t now_us) {
  for (size_t i = 0; i < fragments->count; i++) {
    if (same_key (&fragments->packets[i].key, key)) {
      return i;
    }
  }
  forget_stale (fragments, now_us);
  if (fragments->count == RTMFP_FRAGMENT_PACKETS_MAX) {
    return fragments->count;
  }
  if (fragments->packets == NULL) {
    fragments->packets = (RtmfpFragmentPacket *)rtmfp_memory_new (RTMFP_FRAGMENT_PACKETS_MAX,
                                                                  sizeof (RtmfpFragmentPacket));
  }
  fragments->packets[fragments->count] =
      (RtmfpFragmentPacket){.key = *key, .first_us = now_us, .progress_us = now_us};
  return fragments->count++;
}

static bool
has_pieces_beyond_end (const RtmfpFragmentPacket *packet) {
  for (size_t i = packet->count; packet->count > 0 && i < RTMFP_FRAGMENT_PIECES_MAX; i++) {
    if (packet->pieces[i].size > 0) {
      return true;
    }
  }
  return false;
}

static void
join (RtmfpFragments *fragments, size_t at, RtmfpBuffer *whole) {
  RtmfpFragmentPacket *packet = &fragments->packets[at];
  for (size_t i = 0; i < packet->count; i++) {
    rtmfp_buffer_append (whole, rtmfp_buffer_bytes (&packet->pieces[i]));
  }
  forget (fragments, at);
}

RtmfpStatus
rtmfp_fragments_add (RtmfpFragments *fragments, const RtmfpFragmentKey *key, uint64_t index,
                     bool more, RtmfpBytes piece, int64_t now_us, RtmfpBuffer *whole) {
  if (piece.size == 0) {
    return RTMFP_MALFORMED;
  }
  if (index >= RTMFP_FRAGMENT_PIECES_MAX) {
    return RTMFP_LIMIT;
  }
  size_t at = find_packet (fragments, key, now_us);
  if (at == RTMFP_FRAGMENT_PACKETS_MAX) {
    return RTMFP_LIMIT;
  }
  RtmfpFragmentPacket *packet = &fragments->packets[at];
  if (packet->pieces[index].size > 0) {
    return RTMFP_OK; /* a duplicate */
  }
  if (packet->count > 0 && (!more || index >= packet->count)) {
    return RTMFP_MALFORMED;
  }
  if (packet->size + piece.size > RTMFP_FRAGMENT_BUFFER_BYTES) {
    forget (fragments, at);
    return RTMFP_LIMIT;
  }
  rtmfp_buffer_append (&packet->pieces[index], piece);
  packet->progress_us = now_us;
  packet->size += piece.size;
  packet->received++;
  if (!more) {
    packet->count = (size_t)index + 1;
  }
  if (has_pieces_beyond_end (packet)) {
    forget (fragments, at);
    return RTMFP_MALFORMED;
  }
  if (packet->received == packet->count) {
    join (fragments, at, whole);
  }
  return RTMFP_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What arrives for session id 0: from datagrams to chunks, RFC 7016 s3.4 and s3.5.1. */
#include "core/endpoint/endpoint-state.h"

#include "core/base/memory.h"
#include "core/crypto/epd.h"
#include "core/wire/startup-chunk.h"

#include <stdlib.h>
#include <string.h>

/* ---- Tables ---- */

static void
put_u64 (uint8_t *out, uint64_t value) {
  for (int i = 7; i >= 0; i--) {
    out[i] = (uint8_t)value;
    value >>= 8;
  }
}

void
rtmfp_path_key (const RtmfpPath *path, uint8_t *key) {
  memset (key, 0, RTMFP_INDEX_KEY_SIZE);
  put_u64 (key, (uint64_t)path->interface_id << 32 | (uint64_t)path->address.family << 16 |
                    path->address.port);
  memcpy (key + 8, path->address.ip, sizeof path->address.ip);
}

void
rtmfp_peer_key (RtmfpId identity, const RtmfpFingerprint *fingerprint, uint8_t *key) {
  put_u64 (key, identity);
  memcpy (key + 8, fingerprint->bytes, sizeof fingerprint->bytes);
}

RtmfpEntry *
rtmfp_endpoint_find_peer (const RtmfpEndpoint *endpoint, RtmfpId identity,
                          const RtmfpFingerprint *fingerprint, const RtmfpEntry *apart) {
  uint8_t key[RTMFP_INDEX_KEY_SIZE];
  rtmfp_peer_key (identity, fingerprint, key);
  RtmfpIndexNode *node = rtmfp_index_find (&endpoint->by_peer, rtmfp_endpoint_hash (endpoint, key));
  for (; node != NULL; node = rtmfp_index_next (node)) {
    RtmfpEntry *entry = RTMFP_OWNER_OF (node, RtmfpEntry, by_peer);
    if (entry != apart) {
      return entry;
    }
  }
  return NULL;
}

void
rtmfp_tag_key (const uint8_t *tag, uint8_t *key) {
  memset (key, 0, RTMFP_INDEX_KEY_SIZE);
  memcpy (key, tag, RTMFP_TAG_SIZE);
}

/* ---- Packets ---- */

static RtmfpStatus receive_packet (RtmfpEndpoint *endpoint, RtmfpBytes plain, const RtmfpPath *from,
                                   bool is_whole, int64_t now_us);

static RtmfpStatus
receive_fragment (RtmfpEndpoint *endpoint, RtmfpBytes payload, const RtmfpPath *from,
                  int64_t now_us) {
  RtmfpPacketFragment fragment;
  RtmfpStatus status = rtmfp_read_packet_fragment (payload, &fragment);
  if (status != RTMFP_OK) {
    return status;
  }
  const RtmfpFragmentKey key = {
      .from = from->address,
      .interface_id = from->interface_id,
      .packet_id = fragment.packet_id,
  };
  RtmfpBuffer whole = {0};
  status = rtmfp_fragments_add (&endpoint->fragments, &key, fragment.fragment_number,
                                fragment.more_fragments, fragment.data, now_us, &whole);
  if (status == RTMFP_OK && whole.size > 0) {
    endpoint->shared.counters.rule_packet_joined++;
    status = receive_packet (endpoint, rtmfp_buffer_bytes (&whole), from, true, now_us);
  }
  rtmfp_buffer_clear (&whole);
  return status;
}

static RtmfpStatus
receive_chunk (RtmfpEndpoint *endpoint, const RtmfpChunk *chunk, const RtmfpPath *from,
               size_t question_bytes, bool is_whole, int64_t now_us) {
  switch (chunk->type) {
  case RTMFP_CHUNK_FRAGMENT:
    return is_whole ? RTMFP_MALFORMED : receive_fragment (endpoint, chunk->payload, from, now_us);
  case RTMFP_CHUNK_INITIATOR_HELLO:
    return rtmfp_endpoint_receive_hello (endpoint, chunk->payload, from, question_bytes, now_us);
  case RTMFP_CHUNK_RESPONDER_HELLO:
    return rtmfp_endpoint_receive_responder_hello (endpoint, chunk->payload, from, now_us);
  case RTMFP_CHUNK_REDIRECT:
    return rtmfp_endpoint_receive_redirect (endpoint, chunk->payload, from, now_us);
  case RTMFP_CHUNK_INITIATOR_KEYING:
    return rtmfp_endpoint_receive_keying (endpoint, chunk->payload, from, now_us);
  default:
    return RTMFP_OK;
  }
}

/* One hello and one keying a packet, so that a packet full of them buys no amplification.
 * Deviation: s3.5.1.1.2 (SHOULD) would have each hello answered; an Initiator that packs several
 * asks again. What is malformed is as if it was not there (s2.3), and does not count. */
static RtmfpStatus
receive_packet (RtmfpEndpoint *endpoint, RtmfpBytes plain, const RtmfpPath *from, bool is_whole,
                int64_t now_us) {
  RtmfpReader reader = rtmfp_reader (plain.data, plain.size);
  RtmfpPacketHeader header;
  RtmfpStatus status = rtmfp_read_packet_header (&reader, &header);
  if (status != RTMFP_OK || header.mode != RTMFP_MODE_STARTUP) {
    return status != RTMFP_OK ? status : RTMFP_MALFORMED;
  }
  if (endpoint->shared.capture != NULL) {
    rtmfp_endpoint_capture_startup (endpoint, plain, from, is_whole);
  }
  /* Its datagram, or less when it came in several. */
  const size_t question_bytes = rtmfp_startup_datagram_size (plain.size);
  bool greeted = false, keyed = false;
  RtmfpChunk chunk;
  while (rtmfp_read_chunk (&reader, &chunk)) {
    const bool is_hello = chunk.type == RTMFP_CHUNK_INITIATOR_HELLO;
    const bool is_keying = chunk.type == RTMFP_CHUNK_INITIATOR_KEYING;
    if (!rtmfp_chunk_is_allowed (chunk.type, header.mode) || (is_hello && greeted) ||
        (is_keying && keyed)) {
      continue;
    }
    const RtmfpStatus one =
        receive_chunk (endpoint, &chunk, from, question_bytes, is_whole, now_us);
    const bool is_read = one != RTMFP_MALFORMED && one != RTMFP_TRUNCATED;
    greeted = greeted || (is_hello && is_read);
    keyed = keyed || (is_keying && is_read);
    status = status == RTMFP_OK ? one : status;
  }
  return status;
}

RtmfpStatus
rtmfp_endpoint_receive_startup (RtmfpEndpoint *endpoint, RtmfpBytes datagram, const RtmfpPath *from,
                                int64_t now_us) {
  RtmfpBytes plain;
  RtmfpStatus status =
      rtmfp_protection_open (&endpoint->shared.default_key, datagram, endpoint->scratch, &plain);
  return status == RTMFP_OK ? receive_packet (endpoint, plain, from, false, now_us) : status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Fetches what the next datagrams, timers and packets need, before their turn comes. Each step asks
 * for what all of them need next, so that their accesses to memory pass at the same time instead of
 * one after another. */
#include "core/base/prefetch.h"
#include "core/endpoint/endpoint-state.h"
#include "core/wire/multiplex.h"

/* With fewer sessions all is in the processor's caches. */
#define CROWD 200

static void
fetch_sessions (RtmfpEntry *const *entries, size_t count) {
  for (size_t i = 0; i < count; i++) {
    rtmfp_session_fetch (entries[i]->session);
  }
  for (int depth = 0; depth < RTMFP_SESSION_FETCH_DEPTH; depth++) {
    for (size_t i = 0; i < count; i++) {
      rtmfp_session_fetch_flows (entries[i]->session, depth);
    }
  }
}

static void
foresee_some (const RtmfpEndpoint *endpoint, const RtmfpBytes *datagrams, size_t count) {
  uint32_t ids[RTMFP_FORESEEN_MAX];
  RtmfpEntry *entries[RTMFP_FORESEEN_MAX];
  size_t known = 0, found = 0;
  for (size_t i = 0; i < count; i++) {
    if (rtmfp_multiplex_session_id (datagrams[i], &ids[known]) == RTMFP_OK) {
      rtmfp_index_fetch (&endpoint->by_near_id, ids[known++]);
    }
  }
  for (size_t i = 0; i < known; i++) {
    const RtmfpIndexNode *node = rtmfp_index_first (&endpoint->by_near_id, ids[i]);
    if (node != NULL) {
      rtmfp_prefetch (RTMFP_OWNER_OF (node, const RtmfpEntry, by_near_id), RTMFP_ENTRY_FETCH_BYTES);
    }
  }
  for (size_t i = 0; i < known; i++) {
    RtmfpEntry *entry = rtmfp_endpoint_find_near_id (endpoint, ids[i]);
    if (entry != NULL) {
      entries[found++] = entry;
    }
  }
  fetch_sessions (entries, found);
}

void
rtmfp_endpoint_foresee (const RtmfpEndpoint *endpoint, const RtmfpBytes *datagrams, size_t count) {
  if (endpoint->sessions.used < CROWD || count < 2) {
    return;
  }
  for (size_t at = 0; at < count; at += RTMFP_FORESEEN_MAX) {
    const size_t rest = count - at;
    foresee_some (endpoint, datagrams + at, rest < RTMFP_FORESEEN_MAX ? rest : RTMFP_FORESEEN_MAX);
  }
}

void
rtmfp_endpoint_fetch_entries (const RtmfpEndpoint *endpoint, RtmfpEntry *const *entries,
                              size_t count) {
  if (endpoint->sessions.used < CROWD) {
    return;
  }
  for (size_t i = 0; i < count; i++) {
    rtmfp_prefetch (entries[i], RTMFP_ENTRY_FETCH_BYTES);
  }
  fetch_sessions (entries, count);
}

/* Of a list of entries: the second is fetched when the first has its turn, and the session of one
 * whose entry was fetched so. */
void
rtmfp_endpoint_fetch_next (const RtmfpEndpoint *endpoint, const RtmfpEntry *next,
                           const RtmfpEntry *after) {
  if (endpoint->sessions.used < CROWD) {
    return;
  }
  if (next != NULL) {
    rtmfp_session_fetch (next->session);
  }
  if (after != NULL) {
    rtmfp_prefetch (after, RTMFP_ENTRY_FETCH_BYTES);
  }
}

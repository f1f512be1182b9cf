/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the endpoint room: what an endpoint is made of. Nobody outside includes this. */
#ifndef RTMFP_ENDPOINT_STATE_H
#define RTMFP_ENDPOINT_STATE_H

#include "core/base/buffer.h"
#include "core/base/wheel.h"
#include "core/endpoint/answer-limit.h"
#include "core/endpoint/endpoint.h"
#include "core/endpoint/index.h"
#include "core/endpoint/params.h"
#include "core/session/cookie.h"
#include "core/session/fragments.h"
#include "core/session/params.h"
#include "core/session/session.h"
#include "core/session/startup-packet.h"
#include "core/wire/packet.h"
#include "core/wire/params.h"
#include "core/wire/socket-address.h"

typedef struct {
  RtmfpFingerprint fingerprint;
  int64_t until_us;
} RtmfpExpected;

typedef struct RtmfpIdentity {
  LIST_ENTRY (RtmfpIdentity) link;
  RtmfpId id;
  RtmfpCredentials credentials;
  RtmfpKeyingPolicy policy;
  RtmfpSigner *signer; /* (owned) NULL = signs nothing, asks for nothing */
  RtmfpAccept accept;
  RtmfpExpected *expected; /* (owned) NULL until the first */
  size_t expected_count;
} RtmfpIdentity;

#define RTMFP_URGENCIES (RTMFP_PRIORITY_COUNT + 1)

/* One session and its places in the endpoint's tables; those of every packet first. */
typedef struct RtmfpEntry {
  RtmfpSession *session; /* (owned) */
  RtmfpId id;
  RtmfpIndexNode by_near_id; /* its hash is the id itself: we drew it */
  RtmfpSleeper deadline;
  TAILQ_ENTRY (RtmfpEntry) ready;    /* in ready[urgency] */
  TAILQ_ENTRY (RtmfpEntry) eventful; /* when is_eventful */
  int8_t urgency;                    /* -1 = in no ready list */
  uint8_t state;                     /* RtmfpSessionState as the tables know it */
  bool is_eventful;
  bool is_opening;                 /* an initiator that is not open yet */
  bool is_responding;              /* a responder that is not open yet */
  bool is_open;                    /* counted as such */
  RtmfpIndexNode by_path;          /* once it has a far address */
  RtmfpIndexNode by_peer;          /* once it knows the far fingerprint */
  RtmfpIndexNode by_tag;           /* when is_opening */
  LIST_ENTRY (RtmfpEntry) opening; /* when is_opening */
} RtmfpEntry;

/* Of an entry, what every packet touches. */
#define RTMFP_ENTRY_FETCH_BYTES offsetof (RtmfpEntry, by_path)

typedef TAILQ_HEAD (RtmfpEntries, RtmfpEntry) RtmfpEntries;

/* A startup answer that waits to be sent. */
typedef struct RtmfpOutgoing {
  STAILQ_ENTRY (RtmfpOutgoing) link;
  RtmfpStartupPacket packet;
} RtmfpOutgoing;

/* One more way out. */
typedef struct {
  uint32_t id;
  int64_t delay_us;
} RtmfpInterface;

/* A hello for the user. */
typedef struct {
  RtmfpBuffer bytes; /* epd, then tag */
  size_t epd_size;
  size_t question_bytes;
  RtmfpPath from;
} RtmfpHelloEvent;

static inline RtmfpBytes
rtmfp_hello_event_tag (const RtmfpHelloEvent *hello) {
  return rtmfp_bytes (hello->bytes.data + hello->epd_size, hello->bytes.size - hello->epd_size);
}

struct RtmfpEndpoint {
  RtmfpEndpointConfig config;
  RtmfpAddress elsewhere[RTMFP_REDIRECT_ADDRESSES_MAX];
  RtmfpShared shared;
  RtmfpHashKey hash_key;
  RtmfpCookieKey cookie_key;
  int64_t now_us; /* the newest time that came in */
  LIST_HEAD (, RtmfpIdentity) identity_list;
  RtmfpSlots identities;
  RtmfpSlots sessions; /* RtmfpEntry */
  RtmfpIndex by_near_id;
  RtmfpIndex by_path;
  RtmfpIndex by_peer;
  RtmfpIndex by_tag;
  LIST_HEAD (, RtmfpEntry) openings;
  RtmfpWheel deadlines;
  RtmfpEntries ready[RTMFP_URGENCIES];
  RtmfpEntries eventful;
  size_t responding_count;
  size_t open_count;
  RtmfpFragments fragments;
  RtmfpAnswerLimit answer_limit;
  RtmfpInterface interfaces[RTMFP_INTERFACES_MAX]; /* beside 0 */
  size_t interface_count;
  STAILQ_HEAD (, RtmfpOutgoing) outbox;
  size_t outbox_count;
  /* A ring: hellos first_hello .. first_hello + hello_count wait to be polled, those before were
   * polled. */
  RtmfpHelloEvent *hellos; /* (owned) NULL until the first */
  size_t first_hello, hello_count;
  uint8_t *event_memory; /* (owned) what the last event borrows from */
  uint8_t scratch[65536];
};

/* ---- endpoint.c ---- */
RtmfpIdentity *rtmfp_endpoint_find_identity (const RtmfpEndpoint *endpoint, RtmfpId id);
RtmfpNear rtmfp_identity_near (const RtmfpIdentity *identity);
bool rtmfp_identity_expects (const RtmfpIdentity *identity, const RtmfpFingerprint *fingerprint,
                             int64_t now_us);
RtmfpEntry *rtmfp_endpoint_find (const RtmfpEndpoint *endpoint, RtmfpId session);
RtmfpEntry *rtmfp_endpoint_find_near_id (const RtmfpEndpoint *endpoint, uint32_t near_id);
/* All of them, one after the other, see rtmfp_slots_next(). */
RtmfpEntry *rtmfp_endpoint_next_entry (const RtmfpEndpoint *endpoint, uint32_t *at);
/* The first of them; NULL when there is none. */
RtmfpEntry *rtmfp_endpoint_first_entry (const RtmfpEndpoint *endpoint);
/* The key that rtmfp_..._key() wrote, as the tables of this endpoint know it. */
uint64_t rtmfp_endpoint_hash (const RtmfpEndpoint *endpoint, const uint8_t *key);
/* A new session with a fresh near id; NULL when there are too many. */
RtmfpEntry *rtmfp_endpoint_add_entry (RtmfpEndpoint *endpoint);
/* After anything was done to a session: its deadline, lists and tables follow. May free it. */
void rtmfp_endpoint_touch (RtmfpEndpoint *endpoint, RtmfpEntry *entry);
void rtmfp_endpoint_remove_entry (RtmfpEndpoint *endpoint, RtmfpEntry *entry);
void rtmfp_endpoint_note_time (RtmfpEndpoint *endpoint, int64_t now_us);

/* ---- foresee.c ---- */
/* So many are looked at together; more would push each other out of the cache. */
#define RTMFP_FORESEEN_MAX 16
/* Entries whose turn comes next (count of them, at most RTMFP_FORESEEN_MAX). */
void rtmfp_endpoint_fetch_entries (const RtmfpEndpoint *endpoint, RtmfpEntry *const *entries,
                                   size_t count);
/* The two behind the one whose turn it is, in a list; either may be NULL. */
void rtmfp_endpoint_fetch_next (const RtmfpEndpoint *endpoint, const RtmfpEntry *next,
                                const RtmfpEntry *after);

/* ---- capture.c: to be called only while there is a capture ---- */
/* A startup packet came; is_whole: put together from fragments. */
void rtmfp_endpoint_capture_startup (RtmfpEndpoint *endpoint, RtmfpBytes plain,
                                     const RtmfpPath *from, bool is_whole);
/* What became of a datagram; before: the counters as they were. */
void rtmfp_endpoint_capture_drop (RtmfpEndpoint *endpoint, RtmfpStatus status, size_t size,
                                  const RtmfpPath *from, const RtmfpCounters *before);

/* ---- startup.c ---- */
void rtmfp_path_key (const RtmfpPath *path, uint8_t *key);
void rtmfp_tag_key (const uint8_t *tag, uint8_t *key);
void rtmfp_peer_key (RtmfpId identity, const RtmfpFingerprint *fingerprint, uint8_t *key);
size_t rtmfp_startup_datagram_size (size_t plain);
/* A datagram to session id 0. */
RtmfpStatus rtmfp_endpoint_receive_startup (RtmfpEndpoint *endpoint, RtmfpBytes datagram,
                                            const RtmfpPath *from, int64_t now_us);
/* ---- hello.c ---- */
RtmfpStatus rtmfp_endpoint_receive_hello (RtmfpEndpoint *endpoint, RtmfpBytes payload,
                                          const RtmfpPath *from, size_t question_bytes,
                                          int64_t now_us);
/* Redirect, of as many of the addresses as the question's length lets pass. */
void rtmfp_endpoint_answer_redirect (RtmfpEndpoint *endpoint, const RtmfpPath *to, RtmfpBytes tag,
                                     const RtmfpAddress *addresses, size_t count,
                                     size_t question_bytes);
/* A Forwarded Initiator Hello of an introducer that we reach at from. */
void rtmfp_endpoint_receive_forwarded (RtmfpEndpoint *endpoint, RtmfpBytes payload,
                                       const RtmfpPath *from, int64_t now_us);
/* An introducer in somebody's own network sees that one at its private address. To us outside it
 * may be where the introducer is, at the same port: most NATs keep it. Returns: whether there is
 * such an address, in out. */
bool rtmfp_endpoint_guess_outside (const RtmfpAddress *seen, const RtmfpPath *introducer,
                                   RtmfpPath *out);
/* ---- initiator.c ---- */
RtmfpStatus rtmfp_endpoint_receive_responder_hello (RtmfpEndpoint *endpoint, RtmfpBytes payload,
                                                    const RtmfpPath *from, int64_t now_us);
RtmfpStatus rtmfp_endpoint_receive_redirect (RtmfpEndpoint *endpoint, RtmfpBytes payload,
                                             const RtmfpPath *from, int64_t now_us);

/* ---- responder.c ---- */
RtmfpStatus rtmfp_endpoint_receive_keying (RtmfpEndpoint *endpoint, RtmfpBytes payload,
                                           const RtmfpPath *from, int64_t now_us);
/* A responder's keys are there: those that it replaces go. */
void rtmfp_endpoint_responder_opened (RtmfpEndpoint *endpoint, RtmfpEntry *entry, int64_t now_us);
/* The open or keying session with this far end under the identity, apart from one; NULL. */
RtmfpEntry *rtmfp_endpoint_find_peer (const RtmfpEndpoint *endpoint, RtmfpId identity,
                                      const RtmfpFingerprint *fingerprint, const RtmfpEntry *apart);
/* An empty answer in the outbox, or NULL when that is full. */
RtmfpStartupPacket *rtmfp_endpoint_add_answer (RtmfpEndpoint *endpoint, const RtmfpPath *to,
                                               uint32_t session_id);

#endif

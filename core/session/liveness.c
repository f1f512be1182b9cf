/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the far side still answers, and where: ping, keepalive and mobility, RFC 7016 s3.5.3 and
 * s3.5.4. */
#include "core/session/session-state.h"

#include "core/base/memory.h"
#include "core/session/params.h"
#include "core/wire/control-chunk.h"
#include "core/wire/packet.h"

#include <stdlib.h>
#include <string.h>

/* ---- The dark: nothing comes although something was asked ----
 *
 * The backoff of ERTO (s3.5.2.2) and of the Ping (s3.5.4.1) asks less and less often, up to every
 * 10 s: right for a path that is crowded, too slow for a voice whose path comes back. So a session
 * with probe_us asks each probe_us, by a Ping of some 60 bytes. The first packet that comes from
 * the far side ends the dark: what was in flight for longer than the measured timeout is lost and
 * gives its place in the window to what is said now. Both sides do so: of whom the probe gets
 * through first, the other hears it. */

static void
set_probe (RtmfpSession *session, int64_t now_us) {
  session->probe_due_us =
      rtmfp_after (now_us + session->rtt.srtt_us + 4 * session->rtt.rttvar_us, session->probe_us);
}

static void
advance_probe (RtmfpSession *session, int64_t now_us) {
  if (session->unanswered_since_us == RTMFP_NEVER) {
    session->probe_due_us = RTMFP_NEVER;
    return;
  }
  session->probe_due_us = rtmfp_after (now_us, session->probe_us);
  session->sends_ping = true;
  session->shared->counters.rule_probe++;
}

/* What was sent until then is lost; the path begins with a fresh window. */
static void
begin_path (RtmfpSession *session, int64_t sent_us) {
  session->rtt.erto_us = session->rtt.mrto_us;
  if (session->traffic != NULL && session->traffic->outstanding_bytes > 0) {
    rtmfp_session_lose (session, sent_us);
    rtmfp_congestion_timeout (&session->traffic->congestion, false);
    rtmfp_session_set_timeout (session);
  }
}

void
rtmfp_session_brighten (RtmfpSession *session, int64_t silence_us, int64_t now_us) {
  if (session->probe_us > 0 && silence_us > session->rtt.mrto_us) {
    begin_path (session, now_us - session->rtt.mrto_us);
  }
}

/* Something was sent that wants an answer. */
void
rtmfp_session_asked (RtmfpSession *session, int64_t now_us) {
  if (session->unanswered_since_us == RTMFP_NEVER) {
    session->unanswered_since_us = now_us;
  }
  if (session->probe_us > 0 && session->probe_due_us == RTMFP_NEVER) {
    set_probe (session, now_us);
  }
}

/* Something that wants an answer is on its way. */
static bool
is_waiting (const RtmfpSession *session) {
  return session->ping_outstanding ||
         (session->traffic != NULL && session->traffic->outstanding_bytes > 0);
}

/* An acknowledgement or a Ping Reply came. */
void
rtmfp_session_answered (RtmfpSession *session, int64_t now_us) {
  session->unanswered_since_us = is_waiting (session) ? now_us : RTMFP_NEVER;
}

/* An authentic packet came: the silence starts again. */
void
rtmfp_session_heard (RtmfpSession *session, int64_t now_us) {
  session->heard_us = now_us;
  if (session->probe_us > 0 && session->unanswered_since_us != RTMFP_NEVER) {
    set_probe (session, now_us);
  }
  if (!session->ping_outstanding) {
    session->ping_due_us =
        session->keepalive_us > 0 ? rtmfp_after (now_us, session->keepalive_us) : RTMFP_NEVER;
  }
}

static void
send_ping (RtmfpSession *session, int64_t now_us) {
  session->sends_ping = true;
  session->ping_outstanding = true;
  session->ping_due_us = now_us + session->rtt.erto_us;
  rtmfp_session_asked (session, now_us);
}

void
rtmfp_session_ping (RtmfpSession *session, int64_t now_us) {
  if (session->state == RTMFP_SESSION_OPEN) {
    send_ping (session, now_us);
  }
}

static void
advance_ping (RtmfpSession *session, int64_t now_us) {
  if (session->ping_outstanding) {
    rtmfp_rtt_back_off (&session->rtt);
  }
  session->shared->counters.rule_keepalive++;
  send_ping (session, now_us);
}

/* ---- Doubt: is it still there, now that another came from its address? ----
 *
 * A program that was killed comes back at once, often from the same port, while we still wait for
 * it in its old session. It cannot answer there: it has no keys. A live one can, so nobody ends its
 * session by keying from its address. */

#define DOUBT_MARK 'D'

void
rtmfp_session_free_doubt (RtmfpSession *session) {
  free (session->doubt);
  session->doubt = NULL;
}

/* Returns: whether the session goes on. */
static bool
advance_doubt (RtmfpSession *session, int64_t now_us) {
  RtmfpDoubt *doubt = session->doubt;
  if (doubt == NULL || now_us < doubt->due_us) {
    return true;
  }
  if (doubt->pings == RTMFP_DOUBT_PINGS) {
    session->shared->counters.rule_override++;
    rtmfp_session_drop (session, RTMFP_CLOSE_REPLACED);
    return false;
  }
  int64_t wait_us = session->rtt.erto_us;
  wait_us = wait_us < RTMFP_DOUBT_US_MIN ? RTMFP_DOUBT_US_MIN : wait_us;
  wait_us = wait_us > RTMFP_DOUBT_US_MAX ? RTMFP_DOUBT_US_MAX : wait_us;
  doubt->pings++;
  doubt->waits = true;
  doubt->due_us = now_us + wait_us;
  return true;
}

void
rtmfp_session_doubt (RtmfpSession *session, int64_t now_us) {
  if (session->state != RTMFP_SESSION_OPEN || session->doubt != NULL) {
    return;
  }
  session->doubt = RTMFP_NEW (RtmfpDoubt);
  session->doubt->message[0] = DOUBT_MARK;
  rtmfp_rng_fill (&session->shared->rng, session->doubt->message + 1, RTMFP_DOUBT_SIZE - 1);
  session->doubt->due_us = now_us;
  advance_doubt (session, now_us);
}

static bool
answers_doubt (const RtmfpSession *session, RtmfpBytes message) {
  return session->doubt != NULL &&
         rtmfp_bytes_equal (message, rtmfp_bytes (session->doubt->message, RTMFP_DOUBT_SIZE));
}

void
rtmfp_session_advance_liveness (RtmfpSession *session, int64_t now_us) {
  if (!advance_doubt (session, now_us)) {
    return;
  }
  if (session->unanswered_since_us != RTMFP_NEVER &&
      now_us - session->unanswered_since_us >= session->retransmit_limit_us) {
    if (!is_waiting (session)) {
      /* What was unanswered is lost and may not be sent again now (a closed window): a Ping tells
       * whether anybody is there. */
      session->unanswered_since_us = RTMFP_NEVER;
      advance_ping (session, now_us);
      return;
    }
    const bool only_pings = session->traffic == NULL || session->traffic->outstanding_bytes == 0;
    if (only_pings && session->heard_us > session->unanswered_since_us) {
      session->unanswered_since_us = session->heard_us; /* it lives: our Pings got lost so far */
    }
    if (now_us - session->unanswered_since_us >= session->retransmit_limit_us) {
      rtmfp_session_end (session, RTMFP_CLOSE_TIMEOUT);
      return;
    }
  }
  if (now_us >= session->ping_due_us) {
    advance_ping (session, now_us);
  }
  if (now_us >= session->probe_due_us) {
    advance_probe (session, now_us);
  }
}

static void
shrink (RtmfpBuffer *buffer) {
  if (buffer->size > 0 && buffer->capacity > buffer->size) {
    buffer->data = (uint8_t *)rtmfp_memory_resize (buffer->data, buffer->size, 1);
    buffer->capacity = buffer->size;
  }
}

static void
quiet_flows (RtmfpTraffic *traffic) {
  RtmfpFlow *flow;
  TAILQ_FOREACH (flow, &traffic->sending, link) {
    rtmfp_send_flow_become_quiet (flow->send);
  }
  TAILQ_FOREACH (flow, &traffic->receiving, link) {
    rtmfp_recv_flow_become_quiet (flow->recv);
  }
}

/* Most sessions of a server are idle: what can be made again is not kept for them. */
void
rtmfp_session_become_quiet (RtmfpSession *session) {
  session->quiet_us = RTMFP_NEVER;
  if (session->traffic != NULL) {
    quiet_flows (session->traffic);
  }
  shrink (&session->near_certificate);
  shrink (&session->far_certificate);
  shrink (&session->initiator_component);
  shrink (&session->responder_component);
  if (session->startup != NULL && !rtmfp_startup_packet_waits (session->startup)) {
    rtmfp_startup_packet_clear (session->startup);
    free (session->startup);
    session->startup = NULL;
  }
  if (session->mobility != NULL && !session->mobility->waits && !session->mobility->echo_waits &&
      !session->mobility->mirror_waits) {
    free (session->mobility);
    session->mobility = NULL;
  }
}

static RtmfpMobilityPing *
mobility_of (RtmfpSession *session) {
  if (session->mobility == NULL) {
    session->mobility = RTMFP_NEW (RtmfpMobilityPing);
    if (session->quiet_us == RTMFP_NEVER) {
      session->quiet_us = session->heard_us + RTMFP_QUIET_US; /* it goes then */
    }
  }
  return session->mobility;
}

/* Deviation: a challenge from another address than DESTADDR is answered there too (s3.5.4.1 knows
 * only DESTADDR). When both sides have moved at once, neither's DESTADDR is right, and no challenge
 * of s3.5.4.2 would ever be answered. Such an answer is as long as the question. An empty Ping is
 * no challenge: unanswered it is repeated, until we know where its sender is. */
static void
echo (RtmfpSession *session, RtmfpBytes message, const RtmfpPath *from) {
  if (message.size == 0 || message.size > RTMFP_ECHO_BYTES_MAX ||
      rtmfp_path_equal (from, &session->path)) {
    return;
  }
  RtmfpMobilityPing *mobility = mobility_of (session);
  mobility->echo_to = *from;
  mobility->echo_size = (uint8_t)message.size;
  memcpy (mobility->echo, message.data, message.size);
  mobility->echo_waits = true;
}

void
rtmfp_session_receive_ping (RtmfpSession *session, RtmfpBytes message, const RtmfpPath *from) {
  if (message.size == 0 && session->empty_replies < UINT8_MAX) {
    session->empty_replies++;
    return;
  }
  echo (session, message, from);
  size_t size = RTMFP_CHUNK_HEADER_BYTES + message.size;
  if (message.size > RTMFP_PING_BYTES_MAX ||
      session->replies.size + size > RTMFP_REPLIES_BYTES_MAX) {
    session->shared->counters.dropped_limit++;
    return;
  }
  RtmfpWriter writer = rtmfp_writer (rtmfp_buffer_reserve (&session->replies, size), size);
  if (rtmfp_write_ping_reply (&writer, message) == RTMFP_OK) {
    session->replies.size += size;
  }
}

/* ---- Mobility ---- */

#define MOBILITY_MARK 'M'
#define MOBILITY_SIZE 25 /* mark, time 8, hash 16 */

static void
put_u64 (uint8_t *out, uint64_t value) {
  for (int i = 7; i >= 0; i--) {
    out[i] = (uint8_t)value;
    value >>= 8;
  }
}

/* The mark, the time and a hash over both, the path and the session, under a key only we know. */
static void
write_challenge (const RtmfpSession *session, const RtmfpPath *path, int64_t at_us,
                 uint8_t *message) {
  message[0] = MOBILITY_MARK;
  put_u64 (message + 1, (uint64_t)at_us);
  uint8_t text[1 + 9 + 8 + 8 + sizeof path->address.ip];
  memcpy (text + 1, message, 9);
  put_u64 (text + 10, session->id);
  put_u64 (text + 18, (uint64_t)path->interface_id << 32 | (uint64_t)path->address.family << 16 |
                          path->address.port);
  memcpy (text + 26, path->address.ip, sizeof path->address.ip);
  for (uint8_t i = 0; i < 2; i++) {
    text[0] = i;
    put_u64 (message + 9 + 8 * i,
             rtmfp_hash (&session->shared->mobility_key, rtmfp_bytes (text, sizeof text)));
  }
}

static void
challenge (RtmfpSession *session, const RtmfpPath *path, int64_t now_us) {
  RtmfpMobilityPing *mobility = mobility_of (session);
  mobility->to = *path;
  mobility->waits = true;
  write_challenge (session, path, now_us, mobility->message);
}

/* Until the new address is verified, which takes a round trip, what is time critical goes to both:
 * to the unverified one no more bytes than came from there, so that nobody can turn our voice on
 * another. */
static void
credit_mirror (RtmfpSession *session, const RtmfpPath *from, size_t size, int64_t now_us) {
  RtmfpMobilityPing *mobility = mobility_of (session);
  if (!rtmfp_path_equal (from, &mobility->mirror_to) || now_us >= mobility->mirror_until_us) {
    mobility->mirror_to = *from;
    mobility->mirror_credit_bytes = 0;
  }
  mobility->mirror_credit_bytes += size;
  mobility->mirror_until_us = now_us + RTMFP_MIRROR_US;
}

void
rtmfp_session_mirror (RtmfpSession *session, const uint8_t *bytes, size_t size, int64_t now_us) {
  RtmfpMobilityPing *mobility = session->mobility;
  if (mobility == NULL || now_us >= mobility->mirror_until_us ||
      size > mobility->mirror_credit_bytes ||
      rtmfp_path_equal (&mobility->mirror_to, &session->path)) {
    return;
  }
  mobility->mirror_credit_bytes -= size;
  memcpy (mobility->mirror, bytes, size);
  mobility->mirror_size = size;
  mobility->mirror_waits = true;
}

/* Whether the path that the session is on was heard lately: then nothing that comes by a higher
 * interface (a relay) moves it. The first such packet begins to watch. */
static bool
is_path_alive (RtmfpSession *session, int64_t now_us) {
  RtmfpMobilityPing *mobility = mobility_of (session);
  if (mobility->path_heard_us == 0) {
    mobility->path_heard_us = now_us;
  }
  return now_us - mobility->path_heard_us < RTMFP_PATH_ALIVE_US;
}

/* A valid packet came from another address: asks that address, at most once a second, s3.5.4.2. */
void
rtmfp_session_check_mobility (RtmfpSession *session, const RtmfpPath *from, size_t size,
                              int64_t now_us) {
  if (session->state != RTMFP_SESSION_OPEN) {
    return;
  }
  if (rtmfp_path_equal (from, &session->path)) {
    if (session->mobility != NULL) {
      session->mobility->path_heard_us = now_us;
    }
    return;
  }
  if (from->interface_id > session->path.interface_id && is_path_alive (session, now_us)) {
    return;
  }
  credit_mirror (session, from, size, now_us);
  if ((session->mobility_tx_us != INT64_MIN &&
       now_us - session->mobility_tx_us < RTMFP_MOBILITY_CHECK_US)) {
    return;
  }
  session->mobility_tx_us = now_us;
  challenge (session, from, now_us);
}

void
rtmfp_session_probe (RtmfpSession *session, const RtmfpPath *path, int64_t now_us) {
  if (session->state == RTMFP_SESSION_OPEN) {
    challenge (session, path, now_us);
  }
}

/* Somebody who is believed says that the far side is there. Its own packets may not come through
 * before ours have opened the way, so it cannot earn the credit for the mirror. */
void
rtmfp_session_vouch (RtmfpSession *session, const RtmfpPath *path, int64_t now_us) {
  if (session->state != RTMFP_SESSION_OPEN || rtmfp_path_equal (path, &session->path)) {
    return;
  }
  challenge (session, path, now_us);
  if (now_us >= session->mobility->vouched_until_us) {
    session->mobility->vouched_until_us = now_us + RTMFP_MIRROR_US;
    credit_mirror (session, path, RTMFP_VOUCHED_BYTES, now_us);
  }
}

static int64_t
challenge_time (RtmfpBytes message) {
  uint64_t at = 0;
  for (size_t i = 1; i < 9; i++) {
    at = at << 8 | message.data[i];
  }
  return (int64_t)at;
}

static void
receive_challenge_reply (RtmfpSession *session, RtmfpBytes message, const RtmfpPath *from,
                         int64_t now_us) {
  int64_t at_us = challenge_time (message);
  if (at_us < 0 || at_us > now_us || now_us - at_us > RTMFP_MOBILITY_LIFE_US ||
      (session->mobility_rx_us != INT64_MIN && at_us <= session->mobility_rx_us)) {
    return;
  }
  uint8_t expected[MOBILITY_SIZE];
  write_challenge (session, from, at_us, expected);
  uint8_t different = 0;
  for (size_t i = 0; i < MOBILITY_SIZE; i++) {
    different |= expected[i] ^ message.data[i];
  }
  if (different != 0) {
    return;
  }
  session->mobility_rx_us = at_us;
  if (!rtmfp_path_equal (from, &session->path)) {
    session->path = *from;
    session->moved = true;
    session->tells_address = true;
    rtmfp_session_wake (session);
    if (session->traffic != NULL) {
      rtmfp_path_mtu_begin (&session->traffic->path_mtu);
      rtmfp_ecn_begin (&session->traffic->ecn);
      rtmfp_session_forget_path (session);
    }
    begin_path (session, now_us); /* what went to the old address is said again at the new one */
    session->shared->counters.rule_address_change++;
  }
}

/* Our padded Ping came back, s3.5.4.3. */
static void
receive_path_mtu_reply (RtmfpSession *session, RtmfpBytes message, int64_t now_us) {
  const size_t bytes = (size_t)message.data[1] << 8 | message.data[2];
  if (rtmfp_path_mtu_answered (&session->traffic->path_mtu, bytes, message.data[3],
                               rtmfp_session_path_mtu_most (session), now_us)) {
    session->shared->counters.rule_mtu_raise++;
  }
}

void
rtmfp_session_receive_ping_reply (RtmfpSession *session, RtmfpBytes message, const RtmfpPath *from,
                                  int64_t now_us) {
  if (message.size == MOBILITY_SIZE && message.data[0] == MOBILITY_MARK) {
    receive_challenge_reply (session, message, from, now_us);
    return;
  }
  if (message.size == RTMFP_PATH_MTU_MESSAGE && message.data[0] == RTMFP_PATH_MTU_MARK &&
      session->traffic != NULL) {
    receive_path_mtu_reply (session, message, now_us);
  }
  if (answers_doubt (session, message)) {
    rtmfp_session_free_doubt (session);
  }
  session->ping_outstanding = false;
  rtmfp_session_answered (session, now_us);
  rtmfp_session_heard (session, now_us);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What goes out of a session: one packet at a time, made when it can be sent, so that it carries
 * the newest acknowledgements and the most urgent data, RFC 7016 s3.5.2.3, s3.6.2.3, s3.6.3.4. */
#include "core/session/session-state.h"

#include "core/session/params.h"
#include "core/wire/control-chunk.h"
#include "core/wire/data-chunk.h"
#include "core/wire/packet.h"

#include <string.h>

/* The packet that is being made. */
typedef struct {
  RtmfpWriter writer;
  uint8_t *start; /* of the plain packet */
  RtmfpPacketHeader header;
  bool has_data;
  bool is_full;     /* something did not fit any more */
  bool is_too_long; /* for the path: holds a fragment cut for a longer one */
} Draft;

/* ---- What there is to send ---- */

static bool
wants_ack (const RtmfpTraffic *traffic) {
  const RtmfpFlow *flow;
  TAILQ_FOREACH (flow, &traffic->receiving, link) {
    if (rtmfp_recv_flow_should_ack (flow->recv)) {
      return true;
    }
  }
  return false;
}

/* The most urgent flow with something to send that the window allows; NULL = none. */
static RtmfpFlow *
pick_flow (RtmfpSession *session, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  rtmfp_congestion_advance (&traffic->congestion, now_us);
  const bool any = traffic->recovery.probe_waits ||
                   rtmfp_congestion_may_send (&traffic->congestion, traffic->outstanding_bytes);
  if (!any &&
      !rtmfp_congestion_may_send_critical (&traffic->congestion, traffic->outstanding_bytes)) {
    return NULL;
  }
  RtmfpFlow *flow, *best = NULL;
  TAILQ_FOREACH (flow, &traffic->sending, link) {
    if ((any || flow->priority >= RTMFP_PRIORITY_REALTIME) &&
        (best == NULL || flow->priority > best->priority) &&
        rtmfp_send_flow_is_ready (flow->send, now_us)) {
      best = flow;
    }
  }
  return best;
}

/* Copies that waited long enough for a packet to go with. */
static bool
may_send_copies (RtmfpTraffic *traffic, int64_t now_us) {
  rtmfp_congestion_advance (&traffic->congestion, now_us);
  return traffic->recovery.copy_waits &&
         rtmfp_congestion_may_send_critical (&traffic->congestion, traffic->outstanding_bytes);
}

static bool
wants_control (const RtmfpSession *session) {
  return session->sends_ping || session->sends_close || session->sends_close_ack ||
         session->empty_replies > 0 || session->replies.size > 0 || session->forwards.size > 0 ||
         (session->traffic != NULL && session->traffic->path_mtu.probe_waits) ||
         (session->doubt != NULL && session->doubt->waits) ||
         (session->mobility != NULL && (session->mobility->waits || session->mobility->echo_waits ||
                                        session->mobility->mirror_waits));
}

static int
open_urgency (RtmfpSession *session, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  if (wants_control (session)) {
    return RTMFP_PRIORITY_COUNT;
  }
  if (session->state != RTMFP_SESSION_OPEN || traffic == NULL || traffic->is_idle) {
    return -1;
  }
  if (traffic->sends_probes || (traffic->ack_now && wants_ack (traffic))) {
    return RTMFP_PRIORITY_COUNT;
  }
  const RtmfpFlow *flow = pick_flow (session, now_us);
  const int least = may_send_copies (traffic, now_us) ? RTMFP_PRIORITY_INTERACTIVE : -1;
  return flow != NULL && flow->priority > least ? flow->priority : least;
}

int
rtmfp_session_urgency (RtmfpSession *session, int64_t now_us) {
  if (session->startup != NULL && rtmfp_startup_packet_waits (session->startup)) {
    return RTMFP_PRIORITY_COUNT;
  }
  if (session->state == RTMFP_SESSION_HELLO_SENT) {
    return rtmfp_candidates_due (&session->opening->candidates, now_us) != NULL
               ? RTMFP_PRIORITY_COUNT
               : -1;
  }
  if (session->state == RTMFP_SESSION_CLOSED) {
    return session->sends_close_ack ? RTMFP_PRIORITY_COUNT : -1;
  }
  return rtmfp_session_is_connected (session) ? open_urgency (session, now_us) : -1;
}

/* ---- Chunks ---- */

/* Whole chunks that were made before; those that do not fit wait for the next packet. */
static void
write_ready_chunks (RtmfpWriter *writer, RtmfpBuffer *chunks) {
  size_t at = 0;
  while (at < chunks->size) {
    size_t size =
        RTMFP_CHUNK_HEADER_BYTES + ((size_t)chunks->data[at + 1] << 8 | chunks->data[at + 2]);
    if (rtmfp_writer_bytes (writer, rtmfp_bytes (chunks->data + at, size)) != RTMFP_OK) {
      break;
    }
    at += size;
  }
  if (at == chunks->size) {
    rtmfp_buffer_clear (chunks);
    return;
  }
  chunks->size -= at;
  memmove (chunks->data, chunks->data + at, chunks->size);
}

static bool make_room (const RtmfpSession *session, Draft *draft);

static void
write_control (RtmfpSession *session, Draft *draft) {
  RtmfpWriter *writer = &draft->writer;
  const size_t replies = session->replies.size;
  write_ready_chunks (writer, &session->replies);
  /* A Ping may have come by a longer way than goes back; its answer is as long (s3.5.4). */
  if (replies > 0 && session->replies.size == replies && make_room (session, draft)) {
    write_ready_chunks (writer, &session->replies);
  }
  while (session->empty_replies > 0 &&
         rtmfp_write_ping_reply (writer, rtmfp_bytes (NULL, 0)) == RTMFP_OK) {
    session->empty_replies--;
  }
  if (session->sends_ping && rtmfp_write_ping (writer, rtmfp_bytes (NULL, 0)) == RTMFP_OK) {
    session->sends_ping = false;
  }
  RtmfpDoubt *doubt = session->doubt;
  if (doubt != NULL && doubt->waits &&
      rtmfp_write_ping (writer, rtmfp_bytes (doubt->message, sizeof doubt->message)) == RTMFP_OK) {
    doubt->waits = false;
  }
  if (session->sends_close_ack && rtmfp_write_close_ack (writer) == RTMFP_OK) {
    session->sends_close_ack = false;
  }
  if (session->sends_close && rtmfp_write_close (writer) == RTMFP_OK) {
    session->sends_close = false;
  }
  write_ready_chunks (writer, &session->forwards);
}

/* Obligatory and opportunistic acknowledgements, s3.6.3.4.5 and 6. */
static void
write_acks (RtmfpTraffic *traffic, RtmfpWriter *writer, bool bitmap) {
  bool truncate = traffic->ack_now;
  bool all = true;
  RtmfpFlow *flow;
  TAILQ_FOREACH (flow, &traffic->receiving, link) {
    if (!rtmfp_recv_flow_should_ack (flow->recv)) {
      continue;
    }
    if (traffic->ecn.has_news &&
        rtmfp_write_ecn_report (writer, (uint8_t)traffic->ecn.ce_count) == RTMFP_OK) {
      traffic->ecn.has_news = false;
    }
    if (rtmfp_recv_flow_write_ack (flow->recv, writer, truncate, bitmap) != RTMFP_OK) {
      all = false;
      break;
    }
    truncate = false;
  }
  if (all) {
    traffic->ack_now = false;
    traffic->data_packets = traffic->alone_acks ? 1 : 0; /* the second packet has its own */
    traffic->alone_acks = false;
    traffic->delayed_ack_us = RTMFP_NEVER;
  }
}

static void
write_probes (RtmfpSession *session, RtmfpWriter *writer) {
  RtmfpTraffic *traffic = session->traffic;
  RtmfpFlow *flow;
  traffic->sends_probes = false;
  TAILQ_FOREACH (flow, &traffic->sending, link) {
    if (!flow->sends_probe) {
      continue;
    }
    if (rtmfp_write_buffer_probe (writer, rtmfp_send_flow_id (flow->send)) == RTMFP_OK) {
      flow->sends_probe = false;
      /* Not rtmfp_session_asked(): probes grow as rare as the limit for an answer is long, and the
       * loss of one would end a session whose receiver only pauses. Keepalive tells whether it
       * lives. */
      session->shared->counters.rule_buffer_probe++;
    } else {
      traffic->sends_probes = true;
    }
  }
}

/* The longest plain packet of a datagram of so many bytes, the same for every packet of the
 * session: as if its sequence number were long. */
static size_t
plain_bytes_max (const RtmfpSession *session, size_t datagram_bytes) {
  return rtmfp_protection_packet_bytes_max (&session->protection, datagram_bytes) +
         rtmfp_protection_head_bytes (&session->protection) - RTMFP_PROTECTION_HEAD_BYTES_MAX;
}

static size_t
path_mtu (const RtmfpSession *session) {
  return session->traffic != NULL ? session->traffic->path_mtu.bytes
         : session->rest != NULL  ? session->rest->path_mtu.bytes
                                  : RTMFP_PATH_MTU_LEAST;
}

/* A fragment that was cut for a longer path than there is now (black hole, mobility) cannot be cut
 * again, nor can the answer to a long Ping. It goes in a packet that has nothing else yet, and
 * routers may cut the datagram. */
static bool
make_room (const RtmfpSession *session, Draft *draft) {
  if (rtmfp_writer_size (&draft->writer) > rtmfp_packet_header_size (&draft->header) ||
      draft->is_too_long) {
    return false;
  }
  draft->is_too_long = true;
  draft->writer.end = draft->start + plain_bytes_max (session, RTMFP_DATAGRAM_BYTES_MAX);
  return true;
}

/* As many fragments as fit, the most urgent flow first; flows of one priority take turns. */
static void
write_data (RtmfpSession *session, Draft *draft, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  RtmfpSendCursor cursor = {.packet = ++traffic->next_packet,
                            .long_from = plain_bytes_max (session, RTMFP_PATH_MTU_LEAST)};
  RtmfpFlow *flow, *first = NULL;
  while ((flow = pick_flow (session, now_us)) != NULL) {
    size_t before = rtmfp_send_flow_outstanding_bytes (flow->send);
    const RtmfpStatus status =
        rtmfp_send_flow_write (flow->send, &draft->writer, &cursor, traffic->next_tsn, now_us);
    if (status == RTMFP_TRUNCATED && make_room (session, draft)) {
      continue;
    }
    if (status != RTMFP_OK) {
      draft->is_full = status == RTMFP_TRUNCATED;
      break;
    }
    traffic->next_tsn++;
    traffic->outstanding_bytes += rtmfp_send_flow_outstanding_bytes (flow->send) - before;
    draft->has_data = true;
    draft->header.time_critical =
        draft->header.time_critical || flow->priority >= RTMFP_PRIORITY_REALTIME;
    first = first == NULL ? flow : first;
    if (draft->is_too_long) {
      break;
    }
  }
  if (first != NULL) {
    TAILQ_REMOVE (&traffic->sending, first, link);
    TAILQ_INSERT_TAIL (&traffic->sending, first, link);
  }
}

/* At the start of a packet those that waited for it, or into one that has data. */
static void
write_copies (RtmfpSession *session, Draft *draft, bool first, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  RtmfpSendCursor cursor = {.packet = traffic->next_packet + first,
                            .long_from = plain_bytes_max (session, RTMFP_PATH_MTU_LEAST)};
  bool is_empty =
      first && rtmfp_writer_size (&draft->writer) == rtmfp_packet_header_size (&draft->header);
  RtmfpFlow *flow;
  TAILQ_FOREACH (flow, &traffic->sending, link) {
    const size_t copies =
        rtmfp_send_flow_write_copies (flow->send, &draft->writer, &cursor, is_empty, now_us);
    if (copies > 0) {
      session->shared->counters.rule_copy += copies;
      is_empty = false;
      draft->has_data = true;
      draft->header.time_critical =
          draft->header.time_critical || flow->priority >= RTMFP_PRIORITY_REALTIME;
    }
  }
  if (first) {
    traffic->recovery.copy_waits = false;
    rtmfp_session_set_timeout (session);
  }
}

static void
note_data_sent (RtmfpSession *session, const Draft *draft, size_t bytes, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  bool time_critical = draft->header.time_critical;
  rtmfp_congestion_sent (&traffic->congestion, bytes, time_critical, now_us);
  if (time_critical) {
    session->shared->time_critical_sent_us = now_us;
  }
  rtmfp_session_data_left (session, now_us);
  rtmfp_session_asked (session, now_us);
  rtmfp_session_stir (session, now_us);
}

static void
write_traffic (RtmfpSession *session, Draft *draft, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  if (session->state != RTMFP_SESSION_OPEN || traffic == NULL || traffic->is_idle) {
    return;
  }
  size_t bytes = rtmfp_writer_size (&draft->writer);
  const bool copies_first = may_send_copies (traffic, now_us);
  if (copies_first) {
    write_copies (session, draft, true, now_us);
  }
  bytes = rtmfp_writer_size (&draft->writer) - bytes;
  if (traffic->ack_now || pick_flow (session, now_us) != NULL) {
    write_acks (traffic, &draft->writer, session->peer_features & RTMFP_FEATURE_BITMAP_ACKS);
  }
  if (traffic->sends_probes) {
    write_probes (session, &draft->writer);
  }
  const size_t before = rtmfp_writer_size (&draft->writer);
  write_data (session, draft, now_us);
  if (draft->has_data && !copies_first && !draft->is_too_long) {
    write_copies (session, draft, false, now_us);
  }
  if (draft->has_data) {
    bytes += rtmfp_writer_size (&draft->writer) - before;
    note_data_sent (session, draft, bytes, now_us);
  }
}

/* ---- Packets ---- */

static RtmfpPacketHeader
make_header (RtmfpSession *session, int64_t now_us) {
  RtmfpPacketHeader header = {
      .mode = session->is_initiator ? RTMFP_MODE_INITIATOR : RTMFP_MODE_RESPONDER,
      .time_critical_reverse =
          rtmfp_shared_others_are_time_critical (session->shared, session->id, now_us),
  };
  header.has_timestamp = rtmfp_rtt_take_timestamp (&session->rtt, now_us, &header.timestamp);
  header.has_timestamp_echo = rtmfp_rtt_take_echo (&session->rtt, now_us, &header.timestamp_echo);
  return header;
}

/* The room for chunks is the same in every packet, whatever its header takes. */
static bool
begin_draft (RtmfpSession *session, int64_t now_us, uint8_t *buffer, size_t capacity,
             Draft *draft) {
  size_t head = rtmfp_protection_head_bytes (&session->protection);
  if (capacity < RTMFP_DATAGRAM_BYTES_MAX) {
    return false;
  }
  draft->start = buffer + head;
  draft->header = make_header (session, now_us);
  size_t header_size = rtmfp_packet_header_size (&draft->header);
  draft->writer = rtmfp_writer (draft->start, plain_bytes_max (session, path_mtu (session)) -
                                                  RTMFP_PACKET_HEADER_BYTES_MAX + header_size);
  return rtmfp_write_packet_header (&draft->writer, &draft->header) == RTMFP_OK;
}

static bool
end_draft (RtmfpSession *session, Draft *draft, const RtmfpPath *to, int64_t now_us,
           uint8_t *buffer, size_t capacity, RtmfpDatagram *datagram) {
  size_t size = rtmfp_writer_size (&draft->writer);
  RtmfpWriter again = rtmfp_writer (draft->start, RTMFP_PACKET_HEADER_BYTES_MAX);
  if (size <= rtmfp_packet_header_size (&draft->header) ||
      rtmfp_write_packet_header (&again, &draft->header) != RTMFP_OK) {
    return false;
  }
  *datagram = (RtmfpDatagram){.to = to->address, .interface_id = to->interface_id};
  if (session->shared->capture != NULL) {
    rtmfp_session_capture_packet (session, RTMFP_CAPTURE_PACKET_SENT, to,
                                  rtmfp_bytes (draft->start, size), 0);
  }
  if (rtmfp_protection_seal (&session->protection, session->far_id, buffer, capacity, size,
                             &datagram->size) != RTMFP_OK) {
    return false;
  }
  if (datagram->size > RTMFP_PATH_MTU_LEAST) {
    datagram->df = draft->is_too_long ? RTMFP_DF_CLEAR : RTMFP_DF_SET;
  }
  session->packets_sent++;
  if (session->quiet_us != RTMFP_NEVER) {
    session->quiet_us = now_us + RTMFP_QUIET_US;
  }
  session->bytes_sent += datagram->size;
  return true;
}

static bool
write_mobility_ping (RtmfpSession *session, int64_t now_us, uint8_t *buffer, size_t capacity,
                     RtmfpDatagram *datagram) {
  RtmfpMobilityPing *ping = session->mobility;
  Draft draft = {0};
  ping->waits = false;
  return begin_draft (session, now_us, buffer, capacity, &draft) &&
         rtmfp_write_ping (&draft.writer, rtmfp_bytes (ping->message, sizeof ping->message)) ==
             RTMFP_OK &&
         end_draft (session, &draft, &ping->to, now_us, buffer, capacity, datagram);
}

static bool
write_echo (RtmfpSession *session, int64_t now_us, uint8_t *buffer, size_t capacity,
            RtmfpDatagram *datagram) {
  RtmfpMobilityPing *ping = session->mobility;
  Draft draft = {0};
  ping->echo_waits = false;
  return begin_draft (session, now_us, buffer, capacity, &draft) &&
         rtmfp_write_ping_reply (&draft.writer, rtmfp_bytes (ping->echo, ping->echo_size)) ==
             RTMFP_OK &&
         end_draft (session, &draft, &ping->echo_to, now_us, buffer, capacity, datagram);
}

/* The datagram was sealed and counted when it went to DESTADDR: its number lets only one in. */
static bool
write_mirror (RtmfpSession *session, uint8_t *buffer, size_t capacity, RtmfpDatagram *datagram) {
  RtmfpMobilityPing *mobility = session->mobility;
  mobility->mirror_waits = false;
  if (capacity < mobility->mirror_size) {
    return false;
  }
  memcpy (buffer, mobility->mirror, mobility->mirror_size);
  *datagram = (RtmfpDatagram){.to = mobility->mirror_to.address,
                              .interface_id = mobility->mirror_to.interface_id,
                              .size = mobility->mirror_size};
  if (session->shared->capture != NULL) {
    rtmfp_session_capture_copy (session, &mobility->mirror_to);
  }
  session->bytes_sent += mobility->mirror_size;
  session->packets_sent++;
  return true;
}

/* ---- Path MTU discovery, s3.5.4.3 ---- */

size_t
rtmfp_session_path_mtu_most (const RtmfpSession *session) {
  return session->path.address.family == RTMFP_ADDRESS_IPV4 ? RTMFP_PATH_MTU_IPV4_MAX
                                                            : RTMFP_PATH_MTU_IPV6_MAX;
}

/* Padding and behind it a Ping, so that a datagram that was cut off is not answered. Its loss says
 * nothing of the crowd on the path: no window hears of it. */
static bool
write_path_mtu_probe (RtmfpSession *session, int64_t now_us, uint8_t *buffer, size_t capacity,
                      RtmfpDatagram *datagram) {
  RtmfpPathMtu *mtu = &session->traffic->path_mtu;
  int64_t answer_us = session->rtt.erto_us;
  answer_us = answer_us < RTMFP_PATH_MTU_ANSWER_US_MIN ? RTMFP_PATH_MTU_ANSWER_US_MIN : answer_us;
  answer_us = answer_us > RTMFP_PATH_MTU_ANSWER_US_MAX ? RTMFP_PATH_MTU_ANSWER_US_MAX : answer_us;
  const size_t bytes = rtmfp_path_mtu_take_probe (mtu, answer_us, now_us);
  Draft draft = {0};
  if (!begin_draft (session, now_us, buffer, capacity, &draft)) {
    return false;
  }
  const uint8_t message[RTMFP_PATH_MTU_MESSAGE] = {RTMFP_PATH_MTU_MARK, (uint8_t)(bytes >> 8),
                                                   (uint8_t)bytes, mtu->path};
  const size_t plain = rtmfp_protection_packet_bytes_max (&session->protection, bytes);
  const size_t rest =
      rtmfp_packet_header_size (&draft.header) + RTMFP_CHUNK_HEADER_BYTES + sizeof message;
  draft.writer.end = draft.start + plain;
  session->shared->counters.rule_mtu_probe++;
  return rtmfp_write_padding (&draft.writer, plain - rest) == RTMFP_OK &&
         rtmfp_write_ping (&draft.writer, rtmfp_bytes (message, sizeof message)) == RTMFP_OK &&
         end_draft (session, &draft, &session->path, now_us, buffer, capacity, datagram);
}

static void
check_path_mtu (RtmfpSession *session, int64_t now_us) {
  if (session->traffic != NULL &&
      rtmfp_path_mtu_check (&session->traffic->path_mtu, 2 * session->rtt.mrto_us, now_us)) {
    session->shared->counters.rule_mtu_black_hole++;
  }
}

/* Data is in the datagram. */
static void
mark_ecn (RtmfpSession *session, RtmfpDatagram *datagram, int64_t now_us) {
  RtmfpEcn *ecn = &session->traffic->ecn;
  const bool was_off = ecn->is_off;
  datagram->ecn = rtmfp_ecn_leave (ecn, 2 * session->rtt.mrto_us, now_us);
  session->shared->counters.rule_ecn_off += ecn->is_off && !was_off;
}

/* Data left in a datagram of that size. */
static void
note_path_mtu (RtmfpSession *session, const Draft *draft, size_t size, int64_t now_us) {
  RtmfpTraffic *traffic = session->traffic;
  if (size > RTMFP_PATH_MTU_LEAST && !draft->is_too_long) {
    rtmfp_path_mtu_long_left (&traffic->path_mtu, now_us);
  }
  if (draft->is_full) {
    const bool quiet = !rtmfp_congestion_is_time_critical (&traffic->congestion, now_us);
    rtmfp_path_mtu_filled (&traffic->path_mtu, rtmfp_session_path_mtu_most (session), quiet,
                           now_us);
  }
}

static bool
write_packet (RtmfpSession *session, int64_t now_us, uint8_t *buffer, size_t capacity,
              RtmfpDatagram *datagram) {
  Draft draft = {0};
  check_path_mtu (session, now_us);
  if (!begin_draft (session, now_us, buffer, capacity, &draft)) {
    return false;
  }
  write_control (session, &draft);
  write_traffic (session, &draft, now_us);
  if (!end_draft (session, &draft, &session->path, now_us, buffer, capacity, datagram)) {
    return false;
  }
  if (draft.has_data) {
    mark_ecn (session, datagram, now_us);
    note_path_mtu (session, &draft, datagram->size, now_us);
  }
  if (draft.header.time_critical) {
    rtmfp_session_mirror (session, buffer, datagram->size, now_us);
  }
  return true;
}

bool
rtmfp_session_poll_transmit (RtmfpSession *session, int64_t now_us, uint8_t *buffer,
                             size_t capacity, RtmfpDatagram *datagram) {
  if (rtmfp_session_urgency (session, now_us) < 0) {
    return false;
  }
  if (session->startup != NULL && rtmfp_startup_packet_waits (session->startup)) {
    return rtmfp_startup_packet_write (session->startup, session->shared, buffer, capacity,
                                       datagram);
  }
  if (session->state == RTMFP_SESSION_HELLO_SENT) {
    return rtmfp_session_write_hello (session, now_us, buffer, capacity, datagram);
  }
  if (session->mobility != NULL && session->state == RTMFP_SESSION_OPEN) {
    if (session->mobility->waits) {
      return write_mobility_ping (session, now_us, buffer, capacity, datagram);
    }
    if (session->mobility->echo_waits) {
      return write_echo (session, now_us, buffer, capacity, datagram);
    }
    if (session->mobility->mirror_waits) {
      return write_mirror (session, buffer, capacity, datagram);
    }
  }
  if (session->state == RTMFP_SESSION_OPEN && session->traffic != NULL &&
      session->traffic->path_mtu.probe_waits) {
    return write_path_mtu_probe (session, now_us, buffer, capacity, datagram);
  }
  return write_packet (session, now_us, buffer, capacity, datagram);
}

RtmfpStatus
rtmfp_session_forward_hello (RtmfpSession *session, const RtmfpForwardedHello *hello) {
  if (session->state != RTMFP_SESSION_OPEN) {
    return RTMFP_STATE;
  }
  size_t size = 64 + hello->epd.size + hello->tag.size;
  if (size > RTMFP_PACKET_BYTES - RTMFP_PACKET_HEADER_BYTES_MAX ||
      session->forwards.size + size > RTMFP_FORWARDS_BYTES_MAX) {
    return RTMFP_LIMIT;
  }
  RtmfpWriter writer = rtmfp_writer (rtmfp_buffer_reserve (&session->forwards, size), size);
  RtmfpStatus status = rtmfp_write_forwarded_hello (&writer, hello);
  if (status == RTMFP_OK) {
    session->forwards.size += rtmfp_writer_size (&writer);
  }
  return status;
}

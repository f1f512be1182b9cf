/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of an endpoint: sessions, flows and introductions, by id. */
#include "core/endpoint/endpoint-state.h"

#include "core/wire/startup-chunk.h"

/* ---- Sessions ---- */

/* A session with the wanted far end that is open, or being opened; NULL. */
static RtmfpEntry *
find_existing (RtmfpEndpoint *endpoint, RtmfpId identity, const RtmfpEpd *epd) {
  if (!epd->has_fingerprint) {
    return NULL;
  }
  RtmfpEntry *entry = rtmfp_endpoint_find_peer (endpoint, identity, &epd->fingerprint, NULL);
  if (entry != NULL && rtmfp_session_state (entry->session) != RTMFP_SESSION_RESPONDING) {
    return entry;
  }
  LIST_FOREACH (entry, &endpoint->openings, opening) {
    const RtmfpEpd *other = rtmfp_session_epd (entry->session);
    if (rtmfp_session_identity (entry->session) == identity && other->has_fingerprint &&
        rtmfp_fingerprint_equal (&other->fingerprint, &epd->fingerprint)) {
      return entry;
    }
  }
  return NULL;
}

static void
add_candidates (RtmfpEndpoint *endpoint, RtmfpEntry *entry, const RtmfpOpen *open) {
  for (size_t i = 0; i < open->candidate_count; i++) {
    const RtmfpPath path = {.address = open->candidates[i], .interface_id = open->interface_id};
    RtmfpStatus status = rtmfp_session_add_candidate (entry->session, &path, endpoint->now_us);
    (void)status; /* LIMIT: the first RTMFP_CANDIDATES_MAX are tried; STATE: no need any more */
  }
}

static RtmfpStatus
start_session (RtmfpEndpoint *endpoint, const RtmfpIdentity *identity, const RtmfpOpen *open,
               RtmfpId *session) {
  RtmfpEntry *entry = rtmfp_endpoint_add_entry (endpoint);
  if (entry == NULL) {
    return RTMFP_LIMIT;
  }
  const RtmfpNear near = rtmfp_identity_near (identity);
  int64_t give_up_us = open->give_up_after_us > 0 ? open->give_up_after_us : RTMFP_OPEN_GIVE_UP_US;
  RtmfpStatus status = rtmfp_session_start_initiator (entry->session, &near, open->epd,
                                                      rtmfp_after (endpoint->now_us, give_up_us));
  if (status != RTMFP_OK) {
    rtmfp_endpoint_remove_entry (endpoint, entry);
    return status == RTMFP_LIMIT ? RTMFP_LIMIT : RTMFP_MALFORMED;
  }
  add_candidates (endpoint, entry, open);
  endpoint->shared.counters.handshakes_started++;
  *session = entry->id;
  rtmfp_endpoint_touch (endpoint, entry);
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_endpoint_open (RtmfpEndpoint *endpoint, const RtmfpOpen *open, int64_t now_us,
                     RtmfpId *session) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  const RtmfpIdentity *identity = rtmfp_endpoint_find_identity (endpoint, open->identity);
  if (identity == NULL) {
    return RTMFP_STATE;
  }
  RtmfpEpd epd;
  if (rtmfp_epd_read (open->epd, &epd) != RTMFP_OK) {
    return RTMFP_MALFORMED;
  }
  RtmfpEntry *entry = find_existing (endpoint, open->identity, &epd);
  if (entry == NULL) {
    return start_session (endpoint, identity, open, session);
  }
  add_candidates (endpoint, entry, open);
  rtmfp_session_tell_open (entry->session);
  *session = entry->id;
  rtmfp_endpoint_touch (endpoint, entry);
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_endpoint_add_candidate (RtmfpEndpoint *endpoint, RtmfpId session, const RtmfpAddress *address,
                              uint32_t interface_id, int64_t now_us) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  RtmfpEntry *entry = rtmfp_endpoint_find (endpoint, session);
  if (entry == NULL) {
    return RTMFP_STATE;
  }
  const RtmfpPath path = {.address = *address, .interface_id = interface_id};
  RtmfpStatus status = rtmfp_session_add_candidate (entry->session, &path, endpoint->now_us);
  rtmfp_endpoint_touch (endpoint, entry);
  return status;
}

void
rtmfp_endpoint_close (RtmfpEndpoint *endpoint, RtmfpId session, bool abrupt, int64_t now_us) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  RtmfpEntry *entry = rtmfp_endpoint_find (endpoint, session);
  if (entry != NULL) {
    rtmfp_session_close (entry->session, abrupt, RTMFP_CLOSE_LOCAL, endpoint->now_us);
    rtmfp_endpoint_touch (endpoint, entry);
  }
}

void
rtmfp_endpoint_addresses_changed (RtmfpEndpoint *endpoint, int64_t now_us) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  RtmfpEntry *entry;
  uint32_t at = 0;
  while ((entry = rtmfp_endpoint_next_entry (endpoint, &at)) != NULL) {
    rtmfp_session_ping (entry->session, endpoint->now_us);
    rtmfp_endpoint_touch (endpoint, entry);
  }
}

void
rtmfp_endpoint_ping (RtmfpEndpoint *endpoint, RtmfpId session, int64_t now_us) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  RtmfpEntry *entry = rtmfp_endpoint_find (endpoint, session);
  if (entry != NULL) {
    rtmfp_session_ping (entry->session, endpoint->now_us);
    rtmfp_endpoint_touch (endpoint, entry);
  }
}

void
rtmfp_endpoint_probe_by (RtmfpEndpoint *endpoint, RtmfpId session, const RtmfpAddress *address,
                         uint32_t interface_id, int64_t now_us) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  RtmfpEntry *entry = rtmfp_endpoint_find (endpoint, session);
  if (entry != NULL) {
    const RtmfpPath path = {.address = *address, .interface_id = interface_id};
    rtmfp_session_probe (entry->session, &path, endpoint->now_us);
    rtmfp_endpoint_touch (endpoint, entry);
  }
}

void
rtmfp_endpoint_vouch (RtmfpEndpoint *endpoint, RtmfpId session, const RtmfpAddress *address,
                      uint32_t interface_id, int64_t now_us) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  RtmfpEntry *entry = rtmfp_endpoint_find (endpoint, session);
  if (entry != NULL) {
    const RtmfpPath path = {.address = *address, .interface_id = interface_id};
    rtmfp_session_vouch (entry->session, &path, endpoint->now_us);
    rtmfp_endpoint_touch (endpoint, entry);
  }
}

void
rtmfp_endpoint_keep_open (RtmfpEndpoint *endpoint, const RtmfpAddress *address,
                          uint32_t interface_id, int64_t now_us) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  const RtmfpPath to = {.address = *address, .interface_id = interface_id};
  RtmfpStartupPacket *packet = rtmfp_endpoint_add_answer (endpoint, &to, 0);
  if (packet != NULL) {
    const RtmfpWriter writer = rtmfp_startup_packet_begin (packet, 0);
    rtmfp_startup_packet_end (packet, &writer);
  }
}

/* ---- Interfaces ---- */

static RtmfpInterface *
find_interface (RtmfpEndpoint *endpoint, uint32_t interface_id) {
  for (size_t i = 0; i < endpoint->interface_count; i++) {
    if (endpoint->interfaces[i].id == interface_id) {
      return &endpoint->interfaces[i];
    }
  }
  return NULL;
}

RtmfpStatus
rtmfp_endpoint_add_interface (RtmfpEndpoint *endpoint, uint32_t interface_id, int64_t delay_us) {
  RtmfpInterface *known = find_interface (endpoint, interface_id);
  if (known == NULL) {
    if (endpoint->interface_count == RTMFP_INTERFACES_MAX) {
      return RTMFP_LIMIT;
    }
    known = &endpoint->interfaces[endpoint->interface_count++];
  }
  *known = (RtmfpInterface){.id = interface_id, .delay_us = delay_us};
  return RTMFP_OK;
}

void
rtmfp_endpoint_remove_interface (RtmfpEndpoint *endpoint, uint32_t interface_id) {
  RtmfpInterface *known = find_interface (endpoint, interface_id);
  if (known != NULL) {
    *known = endpoint->interfaces[--endpoint->interface_count];
  }
}

static RtmfpEntry *
find_open (const RtmfpEndpoint *endpoint, RtmfpId session) {
  RtmfpEntry *entry = rtmfp_endpoint_find (endpoint, session);
  return entry != NULL && rtmfp_session_state (entry->session) <= RTMFP_SESSION_OPEN ? entry : NULL;
}

RtmfpStatus
rtmfp_endpoint_set_session_options (RtmfpEndpoint *endpoint, RtmfpId session,
                                    const RtmfpSessionOptions *options, int64_t now_us) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  RtmfpEntry *entry = find_open (endpoint, session);
  if (entry == NULL) {
    return RTMFP_STATE;
  }
  rtmfp_session_set_options (entry->session, options, endpoint->now_us);
  rtmfp_endpoint_touch (endpoint, entry);
  return RTMFP_OK;
}

RtmfpStatus
rtmfp_endpoint_session_info (const RtmfpEndpoint *endpoint, RtmfpId session,
                             RtmfpSessionInfo *info) {
  const RtmfpEntry *entry = rtmfp_endpoint_find (endpoint, session);
  return entry != NULL ? rtmfp_session_info (entry->session, info) : RTMFP_STATE;
}

/* ---- Flows ---- */

static RtmfpFlow *
find_flow (const RtmfpEndpoint *endpoint, RtmfpId flow) {
  return rtmfp_flow_find (&endpoint->shared, flow);
}

static void
touch_flow (RtmfpEndpoint *endpoint, const RtmfpFlow *flow) {
  RtmfpEntry *entry = rtmfp_endpoint_find (endpoint, rtmfp_session_id (rtmfp_flow_session (flow)));
  rtmfp_endpoint_touch (endpoint, entry);
}

RtmfpStatus
rtmfp_endpoint_open_flow (RtmfpEndpoint *endpoint, RtmfpId session, const RtmfpFlowConfig *config,
                          RtmfpId *flow) {
  RtmfpEntry *entry = rtmfp_endpoint_find (endpoint, session);
  return entry != NULL ? rtmfp_session_open_flow (entry->session, config, flow) : RTMFP_STATE;
}

void
rtmfp_endpoint_set_flow_priority (RtmfpEndpoint *endpoint, RtmfpId id, RtmfpPriority priority) {
  RtmfpFlow *flow = find_flow (endpoint, id);
  if (flow != NULL) {
    rtmfp_flow_set_priority (flow, priority);
    touch_flow (endpoint, flow);
  }
}

RtmfpStatus
rtmfp_endpoint_send (RtmfpEndpoint *endpoint, RtmfpId id, RtmfpBytes message,
                     const RtmfpMessageOptions *options, int64_t now_us, uint64_t *number) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  RtmfpFlow *flow = find_flow (endpoint, id);
  if (flow == NULL) {
    return RTMFP_STATE;
  }
  rtmfp_flow_fetch (flow);
  RtmfpStatus status = rtmfp_flow_send (flow, message, options, endpoint->now_us, number);
  touch_flow (endpoint, flow);
  return status;
}

void
rtmfp_endpoint_close_flow (RtmfpEndpoint *endpoint, RtmfpId id, int64_t now_us) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  RtmfpFlow *flow = find_flow (endpoint, id);
  if (flow != NULL) {
    rtmfp_flow_close (flow, endpoint->now_us);
    touch_flow (endpoint, flow);
  }
}

RtmfpStatus
rtmfp_endpoint_accept_flow (RtmfpEndpoint *endpoint, RtmfpId id, RtmfpOrder order,
                            size_t window_bytes, int64_t now_us) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  RtmfpFlow *flow = find_flow (endpoint, id);
  if (flow == NULL) {
    return RTMFP_STATE;
  }
  RtmfpStatus status = rtmfp_flow_accept (flow, order, window_bytes);
  touch_flow (endpoint, flow);
  return status;
}

void
rtmfp_endpoint_reject_flow (RtmfpEndpoint *endpoint, RtmfpId id, uint64_t code, int64_t now_us) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  RtmfpFlow *flow = find_flow (endpoint, id);
  if (flow != NULL) {
    rtmfp_flow_reject (flow, code);
    touch_flow (endpoint, flow);
  }
}

void
rtmfp_endpoint_pause_flow (RtmfpEndpoint *endpoint, RtmfpId id, bool paused, int64_t now_us) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  RtmfpFlow *flow = find_flow (endpoint, id);
  if (flow != NULL) {
    rtmfp_flow_pause (flow, paused);
    touch_flow (endpoint, flow);
  }
}

/* ---- Introducing ---- */

/* How long the hello was that is answered now: it is among those polled lately, or counts as short.
 */
static size_t
question_size (const RtmfpEndpoint *endpoint, const RtmfpPath *asker, RtmfpBytes tag) {
  for (size_t i = 0; endpoint->hellos != NULL && i < RTMFP_HELLO_EVENTS_MAX; i++) {
    const RtmfpHelloEvent *hello = &endpoint->hellos[i];
    if (hello->bytes.size > 0 && hello->from.interface_id == asker->interface_id &&
        rtmfp_address_equal (&hello->from.address, &asker->address) &&
        rtmfp_bytes_equal (rtmfp_hello_event_tag (hello), tag)) {
      return hello->question_bytes;
    }
  }
  return RTMFP_HELLO_BYTES_MIN;
}

/* Bytes of its datagram, or a little more. */
static size_t
redirect_size (const RtmfpRedirect *redirect) {
  size_t plain = 1 + RTMFP_CHUNK_HEADER_BYTES + 1 + redirect->tag_echo.size;
  for (size_t i = 0; i < redirect->address_count; i++) {
    plain +=
        redirect->addresses[i].family == RTMFP_ADDRESS_IPV4 ? 7 : RTMFP_SOCKET_ADDRESS_SIZE_MAX;
  }
  return rtmfp_startup_datagram_size (plain);
}

void
rtmfp_endpoint_answer_redirect (RtmfpEndpoint *endpoint, const RtmfpPath *to, RtmfpBytes tag,
                                const RtmfpAddress *addresses, size_t count, size_t question) {
  RtmfpRedirect redirect = {.tag_echo = tag};
  for (size_t i = 0; i < count && i < RTMFP_REDIRECT_ADDRESSES_MAX; i++) {
    redirect.addresses[redirect.address_count++] = addresses[i];
    if (redirect_size (&redirect) > question * RTMFP_ANSWER_FACTOR_MAX) {
      redirect.address_count--;
      break;
    }
  }
  RtmfpStartupPacket *packet =
      rtmfp_answer_limit_take (&endpoint->answer_limit, &endpoint->hash_key, &to->address, question,
                               redirect_size (&redirect), endpoint->now_us)
          ? rtmfp_endpoint_add_answer (endpoint, to, 0)
          : NULL;
  if (packet == NULL) {
    endpoint->shared.counters.dropped_rate_limited++;
    return;
  }
  RtmfpWriter writer = rtmfp_startup_packet_begin (packet, redirect_size (&redirect));
  if (rtmfp_write_redirect (&writer, &redirect) == RTMFP_OK) {
    rtmfp_startup_packet_end (packet, &writer);
  }
}

void
rtmfp_endpoint_redirect (RtmfpEndpoint *endpoint, const RtmfpAddress *asker, uint32_t interface_id,
                         RtmfpBytes tag, const RtmfpAddress *addresses, size_t count) {
  const RtmfpPath to = {.address = *asker, .interface_id = interface_id};
  rtmfp_endpoint_answer_redirect (endpoint, &to, tag, addresses, count,
                                  question_size (endpoint, &to, tag));
}

RtmfpStatus
rtmfp_endpoint_forward_hello (RtmfpEndpoint *endpoint, RtmfpId session, RtmfpBytes epd,
                              RtmfpBytes tag, const RtmfpAddress *asker, int64_t now_us) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  RtmfpEntry *entry = rtmfp_endpoint_find (endpoint, session);
  if (entry == NULL) {
    return RTMFP_STATE;
  }
  RtmfpForwardedHello hello = {.epd = epd, .reply_address = *asker, .tag = tag};
  hello.reply_address.origin = RTMFP_ORIGIN_OBSERVED;
  RtmfpStatus status = rtmfp_session_forward_hello (entry->session, &hello);
  rtmfp_endpoint_touch (endpoint, entry);
  return status;
}

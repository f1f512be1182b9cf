/* SPDX-License-Identifier: Apache-2.0 */
/* The pumps of an endpoint: datagrams in and out, time, jobs and events. */
#include "core/endpoint/endpoint-state.h"

#include "core/base/memory.h"
#include "core/wire/multiplex.h"

#include <stdlib.h>

/* ---- In ---- */

static void
count_drop (RtmfpCounters *counters, RtmfpStatus status) {
  switch (status) {
  case RTMFP_OK:
    break;
  case RTMFP_AUTH:
    counters->dropped_auth++;
    break;
  case RTMFP_STATE:
    counters->dropped_replay++;
    break;
  case RTMFP_LIMIT:
  case RTMFP_FULL:
    counters->dropped_limit++;
    break;
  case RTMFP_UNSUPPORTED:
    counters->dropped_unknown_session++;
    break;
  default:
    counters->dropped_malformed++;
    break;
  }
}

static RtmfpStatus
receive_session (RtmfpEndpoint *endpoint, uint32_t near_id, RtmfpBytes datagram,
                 const RtmfpPath *from, uint8_t ecn, int64_t now_us) {
  RtmfpEntry *entry = rtmfp_endpoint_find_near_id (endpoint, near_id);
  if (entry == NULL) {
    return RTMFP_UNSUPPORTED;
  }
  rtmfp_endpoint_fetch_next (endpoint, entry, NULL);
  RtmfpStatus status =
      rtmfp_session_receive (entry->session, datagram, from, ecn & 3, endpoint->scratch, now_us);
  uint8_t *payload;
  size_t size;
  while (rtmfp_session_take_forwarded (entry->session, &payload, &size)) {
    rtmfp_endpoint_receive_forwarded (endpoint, rtmfp_bytes (payload, size),
                                      rtmfp_session_path (entry->session), now_us);
    free (payload);
  }
  rtmfp_endpoint_touch (endpoint, entry);
  return status;
}

RtmfpStatus
rtmfp_endpoint_receive (RtmfpEndpoint *endpoint, const uint8_t *bytes, size_t size,
                        uint32_t interface_id, const RtmfpAddress *from, uint8_t ecn,
                        int64_t now_us) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  RtmfpCounters *counters = &endpoint->shared.counters;
  counters->datagrams_in++;
  counters->bytes_in += size;
  const RtmfpBytes datagram = rtmfp_bytes (bytes, size);
  const RtmfpPath path = {.address = *from, .interface_id = interface_id};
  const bool is_captured = endpoint->shared.capture != NULL;
  const RtmfpCounters before = is_captured ? *counters : (RtmfpCounters){0};
  uint32_t near_id;
  RtmfpStatus status = size <= sizeof endpoint->scratch
                           ? rtmfp_multiplex_session_id (datagram, &near_id)
                           : RTMFP_LIMIT;
  if (status == RTMFP_OK && near_id == RTMFP_SESSION_ID_STARTUP) {
    status = rtmfp_endpoint_receive_startup (endpoint, datagram, &path, endpoint->now_us);
  } else if (status == RTMFP_OK) {
    status = receive_session (endpoint, near_id, datagram, &path, ecn, endpoint->now_us);
  }
  count_drop (counters, status);
  if (is_captured) {
    rtmfp_endpoint_capture_drop (endpoint, status, size, &path, &before);
  }
  return status;
}

/* ---- Time ---- */

/* Returns: how many. None of them frees another. */
static size_t
take_due (RtmfpEndpoint *endpoint, RtmfpEntry **due) {
  RtmfpSleeper *sleeper;
  size_t count = 0;
  while (count < RTMFP_FORESEEN_MAX &&
         (sleeper = rtmfp_wheel_take_due (&endpoint->deadlines, endpoint->now_us)) != NULL) {
    due[count++] = RTMFP_OWNER_OF (sleeper, RtmfpEntry, deadline);
  }
  return count;
}

void
rtmfp_endpoint_advance (RtmfpEndpoint *endpoint, int64_t now_us) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  RtmfpEntry *due[RTMFP_FORESEEN_MAX];
  size_t count;
  while ((count = take_due (endpoint, due)) > 0) {
    rtmfp_endpoint_fetch_entries (endpoint, due, count);
    for (size_t i = 0; i < count; i++) {
      rtmfp_session_advance (due[i]->session, endpoint->now_us);
      rtmfp_endpoint_touch (endpoint, due[i]);
    }
  }
}

int64_t
rtmfp_endpoint_deadline (const RtmfpEndpoint *endpoint) {
  return rtmfp_wheel_first (&endpoint->deadlines);
}

/* ---- Out ---- */

static bool
transmit_outbox (RtmfpEndpoint *endpoint, uint8_t *buffer, size_t capacity,
                 RtmfpDatagram *datagram) {
  while (!STAILQ_EMPTY (&endpoint->outbox)) {
    RtmfpOutgoing *outgoing = STAILQ_FIRST (&endpoint->outbox);
    bool written = rtmfp_startup_packet_write (&outgoing->packet, &endpoint->shared, buffer,
                                               capacity, datagram);
    if (!rtmfp_startup_packet_waits (&outgoing->packet)) {
      STAILQ_REMOVE_HEAD (&endpoint->outbox, link);
      endpoint->outbox_count--;
      rtmfp_startup_packet_clear (&outgoing->packet);
      free (outgoing);
    }
    if (written) {
      return true;
    }
  }
  return false;
}

/* The most urgent session makes one packet and goes behind the others of its urgency. */
static bool
transmit_session (RtmfpEndpoint *endpoint, RtmfpEntries *ready, uint8_t *buffer, size_t capacity,
                  RtmfpDatagram *datagram) {
  while (!TAILQ_EMPTY (ready)) {
    RtmfpEntry *entry = TAILQ_FIRST (ready);
    int urgency = entry->urgency;
    const RtmfpEntry *next = TAILQ_NEXT (entry, ready);
    rtmfp_endpoint_fetch_next (endpoint, next, next != NULL ? TAILQ_NEXT (next, ready) : NULL);
    TAILQ_REMOVE (ready, entry, ready);
    entry->urgency = -1;
    bool written =
        rtmfp_session_poll_transmit (entry->session, endpoint->now_us, buffer, capacity, datagram);
    if (!written && rtmfp_session_urgency (entry->session, endpoint->now_us) == urgency) {
      continue; /* it wants, but cannot: until something happens to it */
    }
    rtmfp_endpoint_touch (endpoint, entry);
    if (written) {
      return true;
    }
  }
  return false;
}

bool
rtmfp_endpoint_poll_transmit (RtmfpEndpoint *endpoint, int64_t now_us, uint8_t *buffer,
                              size_t capacity, RtmfpDatagram *datagram) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  if (capacity < RTMFP_DATAGRAM_BYTES_MAX) {
    return false;
  }
  bool written = transmit_outbox (endpoint, buffer, capacity, datagram);
  for (size_t i = RTMFP_URGENCIES; !written && i > 0; i--) {
    written = transmit_session (endpoint, &endpoint->ready[i - 1], buffer, capacity, datagram);
  }
  if (written) {
    if (endpoint->shared.capture != NULL) {
      rtmfp_capture_set_datagram_bytes (endpoint->shared.capture, datagram->size);
    }
    endpoint->shared.counters.datagrams_out++;
    endpoint->shared.counters.bytes_out += datagram->size;
  }
  return written;
}

/* ---- Jobs ---- */

RtmfpJob *
rtmfp_endpoint_poll_job (RtmfpEndpoint *endpoint) {
  return rtmfp_shared_poll_job (&endpoint->shared);
}

void
rtmfp_endpoint_complete_job (RtmfpEndpoint *endpoint, RtmfpJob *job, int64_t now_us) {
  rtmfp_endpoint_note_time (endpoint, now_us);
  if (job->pair != NULL) {
    rtmfp_key_pool_put (&endpoint->shared.key_pool, job->pair);
    job->pair = NULL;
    rtmfp_job_free (job);
    return;
  }
  RtmfpEntry *entry = rtmfp_endpoint_find (endpoint, job->session);
  if (entry == NULL) {
    rtmfp_job_free (job);
    return;
  }
  bool was_responding = rtmfp_session_state (entry->session) == RTMFP_SESSION_RESPONDING;
  rtmfp_session_complete_job (entry->session, job, endpoint->now_us);
  if (was_responding && rtmfp_session_state (entry->session) == RTMFP_SESSION_OPEN) {
    rtmfp_endpoint_responder_opened (endpoint, entry, endpoint->now_us);
  }
  rtmfp_endpoint_touch (endpoint, entry);
}

/* ---- Events ---- */

static bool
poll_hello (RtmfpEndpoint *endpoint, RtmfpEvent *event) {
  if (endpoint->hello_count == 0) {
    return false;
  }
  const RtmfpHelloEvent *hello = &endpoint->hellos[endpoint->first_hello];
  endpoint->first_hello = (endpoint->first_hello + 1) % RTMFP_HELLO_EVENTS_MAX;
  endpoint->hello_count--;
  *event = (RtmfpEvent){
      .type = RTMFP_EVENT_HELLO,
      .address = hello->from.address,
      .interface_id = hello->from.interface_id,
      .bytes = rtmfp_bytes (hello->bytes.data, hello->epd_size),
      .tag = rtmfp_hello_event_tag (hello),
  };
  return true;
}

bool
rtmfp_endpoint_poll_event (RtmfpEndpoint *endpoint, RtmfpEvent *event) {
  free (endpoint->event_memory);
  endpoint->event_memory = NULL;
  if (poll_hello (endpoint, event)) {
    return true;
  }
  while (!TAILQ_EMPTY (&endpoint->eventful)) {
    RtmfpEntry *entry = TAILQ_FIRST (&endpoint->eventful);
    const RtmfpEntry *next = TAILQ_NEXT (entry, eventful);
    rtmfp_endpoint_fetch_next (endpoint, next, next != NULL ? TAILQ_NEXT (next, eventful) : NULL);
    TAILQ_REMOVE (&endpoint->eventful, entry, eventful);
    entry->is_eventful = false;
    bool any = rtmfp_session_poll_event (entry->session, event, &endpoint->event_memory);
    rtmfp_endpoint_touch (endpoint, entry);
    if (any) {
      return true;
    }
  }
  return false;
}

void
rtmfp_endpoint_counters (const RtmfpEndpoint *endpoint, RtmfpCounters *counters) {
  *counters = endpoint->shared.counters;
  counters->sessions_open = endpoint->open_count;
  counters->key_pairs_taken = endpoint->shared.key_pool.handed_out;
  const RtmfpEntry *entry;
  uint32_t at = 0;
  while ((entry = rtmfp_endpoint_next_entry (endpoint, &at)) != NULL) {
    rtmfp_session_add_counters (entry->session, counters);
  }
}

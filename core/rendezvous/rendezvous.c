/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server as one machine: its life, its pumps, its timers, and what the operator may ask. */
#include "core/rendezvous/rendezvous.h"

#include "core/base/memory.h"
#include "core/base/registry.h"
#include "core/crypto/primitives.h"
#include "core/rendezvous/internal.h"

#include <stdlib.h>
#include <string.h>

/* ---- Life ---- */

static RtmfpNet *
make_net (RtmfpEndpoint *endpoint) {
  RtmfpNetConfig config;
  rtmfp_net_config_init (&config);
  config.server = true;
  config.gated = true;
  config.greeting_metadata =
      rtmfp_bytes (RTMFP_REGISTRY_GREETING_METADATA, strlen (RTMFP_REGISTRY_GREETING_METADATA));
  config.peer_options = (RtmfpSessionOptions){
      .keepalive_us = AHOY_SERVER_KEEPALIVE_US,
      .retransmit_limit_us = AHOY_SERVER_RETRANSMIT_LIMIT_US,
  };
  return rtmfp_net_new (endpoint, &config);
}

AhoyRendezvous *
ahoy_rendezvous_new (const AhoyRendezvousConfig *config, int64_t now_us) {
  AhoyRendezvous *r = RTMFP_NEW (AhoyRendezvous);
  r->rng = config->rng;
  r->log = config->log;
  r->host_count =
      config->host_count < AHOY_SERVER_HOSTS_MAX ? config->host_count : AHOY_SERVER_HOSTS_MAX;
  memcpy (r->hosts, config->hosts, r->host_count * sizeof r->hosts[0]);
  r->identity = config->identity;
  memcpy (r->secret, config->secret, sizeof r->secret);
  r->open_registration = config->open_registration;
  if (config->relays != NULL && ahoy_relay_servers_are_good (config->relays) &&
      config->relay_secret.size > 0 && config->relay_secret.size <= AHOY_RELAY_SECRET_BYTES_MAX) {
    strcpy (r->relays, config->relays);
    rtmfp_buffer_append (&r->relay_secret, config->relay_secret);
    r->relay_tls_port = config->relay_tls_port;
    if (config->relay_tls_key != NULL && ahoy_relay_tls_key_is_good (config->relay_tls_key)) {
      strcpy (r->relay_tls_key, config->relay_tls_key);
    }
  }
  r->relay_seconds = config->relay_seconds > 0 ? config->relay_seconds : AHOY_RELAY_SECONDS;
  r->grace_seconds = config->grace_seconds > 0 ? config->grace_seconds : AHOY_GRACE_S;
  r->last_job = &r->first_job;
  ahoy_rendezvous_set_wall (r, config->wall_ms, now_us);
  ahoy_registry_init (&r->registry, &r->rng);
  ahoy_call_table_init (&r->calls, &r->rng);
  ahoy_handle_table_init (&r->handles, &r->rng);
  ahoy_rates_init (&r->rates, &r->rng);
  const RtmfpEndpointConfig endpoint = {
      .rng = r->rng,
      .log = r->log,
      .reports_hellos = true,
      .slow_aes = config->slow_aes,
      .elsewhere = config->elsewhere,
      .key_pairs_ahead = AHOY_SERVER_KEY_PAIRS_AHEAD,
  };
  r->endpoint = rtmfp_endpoint_new (&endpoint, now_us);
  const RtmfpIdentityConfig certificate = {
      .accepts_ancillary_data = true,
      .accept = RTMFP_ACCEPT_ANYONE,
      .requires_hmac = true,
      .requires_sequence = true,
      .offers_hmac = true,
      .offers_sequence = true,
  };
  r->certificate = rtmfp_endpoint_add_identity (r->endpoint, &certificate, NULL);
  r->net = make_net (r->endpoint);
  return r;
}

void
ahoy_rendezvous_free (AhoyRendezvous *r) {
  if (r == NULL) {
    return;
  }
  AhoyPending *pending, *next;
  HASH_ITER (hh, r->pending, pending, next) {
    ahoy_rendezvous_forget_pending (r, pending);
  }
  AhoyStoreJob *job;
  while ((job = ahoy_rendezvous_poll_store (r)) != NULL) {
    ahoy_store_job_free (job);
  }
  rtmfp_deadlines_clear (&r->expecting);
  ahoy_rates_clear (&r->rates);
  ahoy_handle_table_clear (&r->handles);
  ahoy_call_table_clear (&r->calls);
  ahoy_registry_clear (&r->registry);
  rtmfp_net_free (r->net);
  rtmfp_endpoint_free (r->endpoint);
  rtmfp_buffer_clear (&r->out);
  ahoy_identity_clear (&r->identity);
  rtmfp_secret_wipe (r->secret, sizeof r->secret);
  if (r->relay_secret.size > 0) {
    rtmfp_secret_wipe (r->relay_secret.data, r->relay_secret.size);
  }
  rtmfp_buffer_clear (&r->relay_secret);
  free (r);
}

void
ahoy_rendezvous_set_wall (AhoyRendezvous *r, int64_t wall_ms, int64_t now_us) {
  r->wall_offset_ms = wall_ms - now_us / 1000;
}

int64_t
ahoy_rendezvous_wall_ms (const AhoyRendezvous *r, int64_t now_us) {
  return now_us / 1000 + r->wall_offset_ms;
}

/* ---- Events of the engine ---- */

static void
take_session (AhoyRendezvous *r, const RtmfpNetEvent *event, int64_t now_us) {
  const RtmfpEvent *from = &event->endpoint;
  AhoyVisitor *visitor = ahoy_registry_visitor (&r->registry, from->session);
  switch (from->type) {
  case RTMFP_EVENT_SESSION_OPEN:
    ahoy_rendezvous_greet (r, event, now_us);
    break;
  case RTMFP_EVENT_SESSION_CLOSED:
    if (visitor != NULL) {
      ahoy_rendezvous_leave (r, visitor, now_us);
      ahoy_registry_remove (&r->registry, visitor);
    }
    break;
  case RTMFP_EVENT_SESSION_ADDRESS:
    if (visitor != NULL) {
      visitor->address = from->address;
      ahoy_rendezvous_tell_moved (r, visitor, now_us);
    }
    break;
  case RTMFP_EVENT_HELLO:
    ahoy_rendezvous_take_hello (r, from, now_us);
    break;
  default:
    break;
  }
}

static void
take_peer_info (AhoyVisitor *visitor, const RtmfpNetEvent *event) {
  visitor->told_count = event->address_count < RTMFP_NET_PEER_ADDRESSES_MAX
                            ? event->address_count
                            : RTMFP_NET_PEER_ADDRESSES_MAX;
  for (size_t i = 0; i < visitor->told_count; i++) {
    visitor->told[i] = event->addresses[i];
  }
}

static void
take_visitor_event (AhoyRendezvous *r, AhoyVisitor *visitor, const RtmfpNetEvent *event,
                    int64_t now_us) {
  switch (event->type) {
  case RTMFP_NET_GREETING:
    ahoy_rendezvous_take_proof (r, visitor, event->bytes, now_us);
    break;
  case RTMFP_NET_CONNECT:
    ahoy_rendezvous_take_connect (r, visitor, event, now_us);
    break;
  case RTMFP_NET_DISCONNECTED:
    ahoy_rendezvous_close_visitor (r, visitor, now_us);
    break;
  case RTMFP_NET_PEER_INFO:
    take_peer_info (visitor, event);
    break;
  case RTMFP_NET_CALL:
    ahoy_rendezvous_take_call (r, visitor, event, now_us);
    break;
  case RTMFP_NET_CALL_WRITABLE:
    if (visitor->person != NULL) {
      ahoy_rendezvous_deliver (r, visitor, now_us);
    }
    break;
  default:
    break; /* plays are refused by the net: nothing is published here */
  }
}

static void
drain (AhoyRendezvous *r, int64_t now_us) {
  RtmfpNetEvent event;
  while (rtmfp_net_poll_event (r->net, now_us, &event)) {
    if (event.type == RTMFP_NET_SESSION) {
      take_session (r, &event, now_us);
      continue;
    }
    if (event.type == RTMFP_NET_RESULT || event.type == RTMFP_NET_ERROR) {
      ahoy_rendezvous_take_answer (r, &event, now_us);
      continue;
    }
    AhoyVisitor *visitor = ahoy_registry_visitor (&r->registry, event.session);
    if (visitor != NULL && !visitor->closing) {
      take_visitor_event (r, visitor, &event, now_us);
    }
  }
}

/* ---- The pumps ---- */

RtmfpStatus
ahoy_rendezvous_receive (AhoyRendezvous *r, const uint8_t *bytes, size_t size,
                         uint32_t interface_id, const RtmfpAddress *from, uint8_t ecn,
                         int64_t now_us) {
  const RtmfpStatus status =
      rtmfp_endpoint_receive (r->endpoint, bytes, size, interface_id, from, ecn, now_us);
  drain (r, now_us);
  return status;
}

void
ahoy_rendezvous_foresee (const AhoyRendezvous *r, const RtmfpBytes *datagrams, size_t count) {
  rtmfp_endpoint_foresee (r->endpoint, datagrams, count);
}

/* Introductions whose target did not answer in time. */
static void
expire_expecting (AhoyRendezvous *r, int64_t now_us) {
  RtmfpDeadline *due;
  while ((due = rtmfp_deadlines_take_due (&r->expecting, now_us)) != NULL) {
    AhoyPending *pending = RTMFP_OWNER_OF (due, AhoyPending, end);
    ahoy_rendezvous_expected (r, pending, "offline", now_us);
    ahoy_rendezvous_forget_pending (r, pending);
  }
}

void
ahoy_rendezvous_advance (AhoyRendezvous *r, int64_t now_us) {
  rtmfp_endpoint_advance (r->endpoint, now_us);
  drain (r, now_us);
  ahoy_handle_table_advance (&r->handles, now_us);
  expire_expecting (r, now_us);
  AhoyTableCall *call;
  while ((call = ahoy_call_table_take_due (&r->calls, now_us)) != NULL) {
    ahoy_rendezvous_call_due (r, call, now_us);
  }
  RtmfpDeadline *due;
  while ((due = rtmfp_deadlines_take_due (&r->registry.deadlines, now_us)) != NULL) {
    ahoy_rendezvous_visitor_due (r, RTMFP_OWNER_OF (due, AhoyVisitor, deadline), now_us);
  }
}

static int64_t
earlier (int64_t a_us, int64_t b_us) {
  return a_us < b_us ? a_us : b_us;
}

int64_t
ahoy_rendezvous_deadline (const AhoyRendezvous *r) {
  int64_t at_us = rtmfp_endpoint_deadline (r->endpoint);
  at_us = earlier (at_us, ahoy_handle_table_deadline (&r->handles));
  at_us = earlier (at_us, ahoy_call_table_deadline (&r->calls));
  at_us = earlier (at_us, rtmfp_deadlines_first (&r->expecting));
  return earlier (at_us, rtmfp_deadlines_first (&r->registry.deadlines));
}

bool
ahoy_rendezvous_poll_transmit (AhoyRendezvous *r, int64_t now_us, uint8_t *buffer, size_t capacity,
                               RtmfpDatagram *datagram) {
  return rtmfp_endpoint_poll_transmit (r->endpoint, now_us, buffer, capacity, datagram);
}

void
ahoy_rendezvous_start_capture (AhoyRendezvous *r, const RtmfpCaptureConfig *config) {
  rtmfp_endpoint_start_capture (r->endpoint, config);
}

bool
ahoy_rendezvous_poll_capture (AhoyRendezvous *r, RtmfpCaptureEvent *event) {
  return rtmfp_endpoint_poll_capture (r->endpoint, event);
}

RtmfpJob *
ahoy_rendezvous_poll_job (AhoyRendezvous *r) {
  return rtmfp_endpoint_poll_job (r->endpoint);
}

void
ahoy_rendezvous_complete_job (AhoyRendezvous *r, RtmfpJob *job, int64_t now_us) {
  rtmfp_endpoint_complete_job (r->endpoint, job, now_us);
  drain (r, now_us);
}

/* ---- The store ---- */

/* The count of a visitor's requests of that kind at the store, NULL when none is kept. */
static unsigned *
count_of (AhoyVisitor *visitor, AhoyStoreKind kind) {
  if (kind == AHOY_STORE_QUEUE_READ || kind == AHOY_STORE_QUEUE_CONFIRM) {
    return NULL; /* the server's own, bounded by the delivery window */
  }
  return kind == AHOY_STORE_MESSAGE_QUEUE ? &visitor->message_jobs : &visitor->jobs;
}

AhoyStoreJob *
ahoy_rendezvous_new_job (AhoyRendezvous *r, const AhoyVisitor *visitor, const AhoyCommand *command,
                         AhoyStoreKind kind) {
  AhoyStoreJob *job = ahoy_store_job_new (kind, ahoy_rendezvous_wall_ms (r, command->now_us));
  job->session = visitor->session;
  job->call = command->id;
  if (visitor->person != NULL) {
    memcpy (job->user, visitor->person->user, sizeof job->user);
    memcpy (job->device, visitor->device.bytes, sizeof job->device);
  }
  return job;
}

AhoyStoreJob *
ahoy_rendezvous_job (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command,
                     AhoyStoreKind kind) {
  if (visitor->jobs >= AHOY_STORE_JOBS_PER_VISITOR_MAX || r->jobs >= AHOY_STORE_JOBS_MAX) {
    ahoy_rendezvous_fail (r, visitor->session, command->id, "busy", command->now_us);
    return NULL;
  }
  visitor->jobs++;
  return ahoy_rendezvous_new_job (r, visitor, command, kind);
}

void
ahoy_rendezvous_submit (AhoyRendezvous *r, AhoyStoreJob *job) {
  job->next = NULL;
  *r->last_job = job;
  r->last_job = &job->next;
  r->jobs++;
}

AhoyStoreJob *
ahoy_rendezvous_poll_store (AhoyRendezvous *r) {
  AhoyStoreJob *job = r->first_job;
  if (job == NULL) {
    return NULL;
  }
  r->first_job = job->next;
  if (r->first_job == NULL) {
    r->last_job = &r->first_job;
  }
  job->next = NULL;
  return job;
}

void
ahoy_rendezvous_complete_store (AhoyRendezvous *r, AhoyStoreJob *job, int64_t now_us) {
  static AhoyDoneHandler *const done[AHOY_STORE_KIND_COUNT] = {
      [AHOY_STORE_ACCOUNT_READ] = ahoy_done_account_read,
      [AHOY_STORE_ACCOUNT_CREATE] = ahoy_done_account_create,
      [AHOY_STORE_DEVICE_ENTER] = ahoy_done_enter,
      [AHOY_STORE_DEVICE_FORGET] = ahoy_done_forget,
      [AHOY_STORE_CONTACT_ACT] = ahoy_done_contact,
      [AHOY_STORE_INVITE_MAKE] = ahoy_done_invite_make,
      [AHOY_STORE_INVITE_REDEEM] = ahoy_done_invite_redeem,
      [AHOY_STORE_MESSAGE_QUEUE] = ahoy_done_message,
      [AHOY_STORE_QUEUE_READ] = ahoy_done_queue_read,
      [AHOY_STORE_QUEUE_CONFIRM] = ahoy_done_queue_confirm,
  };
  AhoyVisitor *visitor = ahoy_registry_visitor (&r->registry, job->session);
  r->jobs--;
  unsigned *count = visitor == NULL ? NULL : count_of (visitor, job->kind);
  if (count != NULL) {
    *count -= 1;
  }
  if (job->status == AHOY_STORE_FAILED) {
    r->counters.store_failed++;
    if (r->log.write != NULL) {
      r->log.write (r->log.user, RTMFP_LOG_WARNING, "store", job->error);
    }
  }
  if (done[job->kind] != NULL) {
    done[job->kind](r, visitor != NULL && visitor->closing ? NULL : visitor, job, now_us);
  }
  ahoy_store_job_free (job);
  drain (r, now_us);
}

/* ---- For the operator ---- */

bool
ahoy_rendezvous_next_visitor (const AhoyRendezvous *r, RtmfpId *cursor, AhoyVisitorInfo *info) {
  const AhoyVisitor *before = *cursor == 0 ? NULL : ahoy_registry_visitor (&r->registry, *cursor);
  const AhoyVisitor *visitor = *cursor == 0     ? r->registry.visitors
                               : before == NULL ? NULL
                                                : before->hh.next;
  if (visitor == NULL) {
    return false;
  }
  *cursor = visitor->session;
  *info = (AhoyVisitorInfo){.address = visitor->address, .since_us = visitor->since_us};
  if (visitor->person != NULL) {
    memcpy (info->user, visitor->person->user, sizeof info->user);
    memcpy (info->label, visitor->label, sizeof info->label);
    memcpy (info->device, visitor->device.bytes, sizeof info->device);
    info->presence = visitor->presence;
  }
  RtmfpSessionInfo session;
  if (rtmfp_endpoint_session_info (r->endpoint, visitor->session, &session) == RTMFP_OK) {
    info->srtt_us = session.srtt_us;
    info->bytes_sent = session.bytes_sent;
    info->bytes_received = session.bytes_received;
  }
  return true;
}

void
ahoy_rendezvous_counters (const AhoyRendezvous *r, AhoyRendezvousCounters *counters) {
  *counters = r->counters;
  counters->visitors = ahoy_registry_visitor_count (&r->registry);
  counters->people = ahoy_registry_person_count (&r->registry);
  counters->calls = ahoy_call_table_count (&r->calls);
  counters->handles = ahoy_handle_table_count (&r->handles);
  counters->store_waiting = r->jobs;
  rtmfp_endpoint_counters (r->endpoint, &counters->endpoint);
  rtmfp_net_counters (r->net, &counters->net);
}

void
ahoy_rendezvous_expel (AhoyRendezvous *r, const char *user, int64_t now_us) {
  AhoyPerson *person;
  while ((person = ahoy_registry_person (&r->registry, user)) != NULL) {
    ahoy_rendezvous_close_visitor (r, TAILQ_FIRST (&person->devices), now_us);
  }
}

void
ahoy_rendezvous_stop (AhoyRendezvous *r, int64_t now_us) {
  r->stopping = true;
  rtmfp_endpoint_remove_identity (r->endpoint, r->certificate);
  AhoyVisitor *visitor, *next;
  HASH_ITER (hh, r->registry.visitors, visitor, next) {
    ahoy_rendezvous_close_visitor (r, visitor, now_us);
  }
}

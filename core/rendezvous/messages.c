/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages that wait at the server: taken once they are on disk, given until they are confirmed. */
#include "core/rendezvous/internal.h"

#include <string.h>

/* ---- message.send ---- */

static const char *
read_message (AhoyRendezvous *r, const AhoyVisitor *visitor, const AhoyCommand *command,
              AhoyStoreJob *job) {
  RtmfpBytes envelope;
  if (!ahoy_rendezvous_read_user (r, command->arg, "to", job->other)) {
    return "unknown";
  }
  if (strcmp (job->other, visitor->person->user) == 0) {
    return "notAllowed";
  }
  if (!rtmfp_amf_as_fixed (rtmfp_amf_get (command->arg, "id"), job->message.bytes,
                           sizeof job->message.bytes) ||
      !rtmfp_amf_as_bytes (rtmfp_amf_get (command->arg, "envelope"), &envelope) ||
      envelope.size == 0) {
    return "badRequest";
  }
  if (envelope.size > AHOY_ENVELOPE_BYTES_MAX) {
    return "limit";
  }
  rtmfp_buffer_append (&job->envelope, envelope);
  return NULL;
}

/* Refused for now: until it comes again, or for a while, nothing passes it by. */
static void
hold (AhoyTie *tie, const AhoyMessageId *by, int64_t now_us) {
  if (tie != NULL && !(tie->is_held && now_us < tie->held_until_us)) {
    tie->is_held = true;
    tie->held_by = *by;
    tie->held_until_us = now_us + AHOY_MESSAGE_HELD_US;
  }
}

/* Returns: NULL when this message may go now, or why not. */
static const char *
take_turn (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyTie *tie,
           const AhoyMessageId *message, int64_t now_us) {
  if (tie != NULL && tie->is_held && now_us < tie->held_until_us &&
      !ahoy_message_id_equal (&tie->held_by, message)) {
    return "busy";
  }
  if (!rtmfp_bucket_take (&visitor->messages, AHOY_MESSAGE_BURST, AHOY_MESSAGE_EVERY_US, now_us)) {
    r->counters.rate_limited++;
    return "slowDown";
  }
  if (visitor->message_jobs >= AHOY_MESSAGE_JOBS_PER_VISITOR_MAX ||
      r->jobs >= AHOY_STORE_JOBS_MAX) {
    return "busy";
  }
  return NULL;
}

/* Behind the one before it, which may fail yet. */
static void
queue_behind (AhoyTie *tie, AhoyStoreJob *job) {
  if (tie != NULL) {
    job->has_previous = tie->under_way > 0;
    job->previous = tie->newest;
    tie->newest = job->message;
    tie->under_way++;
    tie->is_held = false;
  }
}

void
ahoy_command_message (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyCommand *command) {
  AhoyStoreJob *job = ahoy_rendezvous_new_job (r, visitor, command, AHOY_STORE_MESSAGE_QUEUE);
  AhoyTie *tie = NULL;
  const char *code = read_message (r, visitor, command, job);
  if (code == NULL) {
    tie = ahoy_registry_find_tie (&r->registry, visitor->person, job->other);
    code = take_turn (r, visitor, tie, &job->message, command->now_us);
    if (code != NULL) {
      hold (tie, &job->message, command->now_us);
    }
  }
  if (code != NULL) {
    ahoy_store_job_free (job);
    ahoy_rendezvous_fail (r, visitor->session, command->id, code, command->now_us);
    return;
  }
  queue_behind (tie, job);
  visitor->message_jobs++;
  ahoy_rendezvous_submit (r, job);
}

static void
deliver_to_all (AhoyRendezvous *r, const char *user, int64_t now_us) {
  AhoyPerson *person = ahoy_registry_person (&r->registry, user);
  if (person == NULL) {
    return;
  }
  AhoyVisitor *visitor;
  TAILQ_FOREACH (visitor, &person->devices, sibling) {
    ahoy_rendezvous_deliver (r, visitor, now_us);
  }
}

/* The order of messages between these two, now that one has come back. */
static void
settle_order (AhoyRendezvous *r, const AhoyStoreJob *job, int64_t now_us) {
  const AhoyPerson *person = ahoy_registry_person (&r->registry, job->user);
  AhoyTie *tie = person == NULL ? NULL : ahoy_registry_find_tie (&r->registry, person, job->other);
  if (tie == NULL) {
    return;
  }
  if (tie->under_way > 0) {
    tie->under_way--;
  }
  if (job->status == AHOY_STORE_FAILED || job->status == AHOY_STORE_LIMIT) {
    hold (tie, &job->message, now_us);
  }
}

void
ahoy_done_message (AhoyRendezvous *r, AhoyVisitor *visitor, AhoyStoreJob *job, int64_t now_us) {
  settle_order (r, job, now_us);
  if (job->status == AHOY_STORE_OK) {
    r->counters.messages_stored++;
    deliver_to_all (r, job->other, now_us);
  }
  if (visitor == NULL) {
    return;
  }
  if (job->status == AHOY_STORE_OK) {
    ahoy_rendezvous_reply_nothing (r, job->session, job->call, now_us);
  } else {
    ahoy_rendezvous_fail_store (r, job, now_us);
  }
}

/* ---- Delivery ---- */

static AhoyStoreJob *
own_job (AhoyRendezvous *r, const AhoyVisitor *visitor, AhoyStoreKind kind, int64_t now_us) {
  AhoyStoreJob *job = ahoy_store_job_new (kind, ahoy_rendezvous_wall_ms (r, now_us));
  job->session = visitor->session;
  memcpy (job->user, visitor->person->user, sizeof job->user);
  memcpy (job->device, visitor->device.bytes, sizeof job->device);
  return job;
}

void
ahoy_rendezvous_deliver (AhoyRendezvous *r, AhoyVisitor *visitor, int64_t now_us) {
  AhoyDelivery *delivery = &visitor->delivery;
  delivery->more = true;
  if (delivery->reading || delivery->in_flight > AHOY_DELIVER_WINDOW / 2 ||
      delivery->retry_us != 0) {
    return;
  }
  AhoyStoreJob *job = own_job (r, visitor, AHOY_STORE_QUEUE_READ, now_us);
  job->after = delivery->sent;
  job->most_items = AHOY_DELIVER_WINDOW - delivery->in_flight;
  job->most_bytes = AHOY_DELIVER_BYTES_MAX;
  delivery->reading = true;
  delivery->more = false;
  ahoy_rendezvous_submit (r, job);
}

static bool
send_item (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyQueueItem *item, int64_t now_us) {
  char address[AHOY_NAME_TEXT_SIZE];
  ahoy_rendezvous_address (r, item->user, address);
  const bool is_message = item->kind == AHOY_QUEUE_MESSAGE;
  RtmfpBuffer *out = ahoy_rendezvous_begin (r);
  rtmfp_amf_member_text (out, is_message ? "from" : "to", address);
  rtmfp_amf_member_bytes (out, "id", rtmfp_bytes (item->message.bytes, sizeof item->message.bytes));
  if (is_message) {
    rtmfp_amf_member_bytes (out, "envelope", rtmfp_buffer_bytes (&item->envelope));
    rtmfp_amf_member_integer (out, "stored", item->stored_ms);
  }
  AhoyPending *pending = ahoy_rendezvous_ask (
      r, visitor, is_message ? "message.deliver" : "message.delivered", PENDING_DELIVER, now_us);
  if (pending == NULL) {
    return false;
  }
  pending->sequence = item->sequence;
  return true;
}

/* All of the queue again, in its order, after a while. */
static void
retry_later (AhoyRendezvous *r, AhoyVisitor *visitor, int64_t now_us) {
  visitor->delivery.retry_us = now_us + AHOY_DELIVER_RETRY_US;
  rtmfp_deadlines_set (&r->registry.deadlines, &visitor->deadline, visitor->delivery.retry_us);
}

void
ahoy_done_queue_read (AhoyRendezvous *r, AhoyVisitor *visitor, AhoyStoreJob *job, int64_t now_us) {
  if (visitor == NULL || visitor->person == NULL ||
      strcmp (visitor->person->user, job->user) != 0 ||
      memcmp (visitor->device.bytes, job->device, sizeof job->device) != 0) {
    return; /* gone, or somebody else in the same session */
  }
  AhoyDelivery *delivery = &visitor->delivery;
  delivery->reading = false;
  if (job->status != AHOY_STORE_OK) {
    retry_later (r, visitor, now_us);
    return;
  }
  for (size_t i = 0; i < job->item_count; i++) {
    if (!send_item (r, visitor, &job->items[i], now_us)) {
      delivery->more = true; /* the control flow is full: goes on when it is writable */
      return;
    }
    delivery->sent = job->items[i].sequence;
    delivery->in_flight++;
  }
  if (job->item_count > 0 || delivery->more) {
    ahoy_rendezvous_deliver (r, visitor, now_us);
  }
}

void
ahoy_rendezvous_delivered (AhoyRendezvous *r, AhoyVisitor *visitor, const AhoyPending *pending,
                           bool ok, int64_t now_us) {
  AhoyDelivery *delivery = &visitor->delivery;
  if (delivery->in_flight > 0) {
    delivery->in_flight--;
  }
  if (!ok) {
    retry_later (r, visitor, now_us);
    return;
  }
  AhoyStoreJob *job = own_job (r, visitor, AHOY_STORE_QUEUE_CONFIRM, now_us);
  job->sequence = pending->sequence;
  ahoy_rendezvous_submit (r, job);
  if (delivery->more) {
    ahoy_rendezvous_deliver (r, visitor, now_us);
  }
}

void
ahoy_done_queue_confirm (AhoyRendezvous *r, AhoyVisitor *visitor, AhoyStoreJob *job,
                         int64_t now_us) {
  (void)visitor;
  if (job->status == AHOY_STORE_OK && job->other[0] != '\0') {
    r->counters.messages_delivered++;
    deliver_to_all (r, job->other, now_us);
  }
}

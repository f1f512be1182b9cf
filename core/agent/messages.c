/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages: carries what each chat asks to be carried, straight or by the server, sealed to the
 * person. */
#include "core/agent/agent-private.h"

#include <stdlib.h>

static AhoyChat *
chat_of (Person *person) {
  if (person->chat == NULL) {
    person->chat = ahoy_chat_new ();
  }
  return person->chat;
}

static Link *
chat_link (AhoyAgent *agent, const Person *person) {
  Link *link;
  TAILQ_FOREACH (link, &agent->links, next) {
    if (link->person == person && link->is_ready && link->for_chat) {
      return link;
    }
  }
  return NULL;
}

/* ---- Carrying ---- */

static bool
seal (AhoyAgent *agent, const Person *person, const AhoyChatAction *action, RtmfpBuffer *envelope) {
  const AhoyMessage message = {.id = action->id,
                               .time_ms = action->time_ms,
                               .kind = action->kind,
                               .sender = agent->config.name,
                               .recipient = person->info.name,
                               .body = action->body};
  return person->info.pin.is_set && !person->info.key_changed &&
         ahoy_envelope_seal (&message, &agent->config.identity, &person->info.pin.key,
                             &agent->config.rng, envelope) == RTMFP_OK;
}

static void
write_message (const Person *person, const AhoyChatAction *action, RtmfpBytes envelope,
               bool by_server, RtmfpBuffer *args) {
  rtmfp_amf_begin_object (args);
  if (by_server) {
    rtmfp_amf_member_text (args, "to", person->key);
  }
  rtmfp_amf_member_bytes (args, "id", rtmfp_bytes (action->id.bytes, AHOY_MESSAGE_ID_SIZE));
  rtmfp_amf_member_bytes (args, "envelope", envelope);
  rtmfp_amf_end_object (args);
}

static void
send_message (AhoyAgent *agent, Person *person, const AhoyChatAction *action) {
  Link *link = chat_link (agent, person);
  const bool by_server = action->route == AHOY_CHAT_SERVER;
  RtmfpBuffer envelope = {0}, args = {0};
  /* Where it cannot be sealed or sent now the chat asks again after its time-out. */
  if ((by_server ? agent_server_is_online (agent) : link != NULL) &&
      seal (agent, person, action, &envelope)) {
    write_message (person, action, rtmfp_buffer_bytes (&envelope), by_server, &args);
    Request *request =
        by_server
            ? agent_request (agent, agent->server, REQUEST_MESSAGE, "message.send", &args)
            : agent_request (agent, link->session, REQUEST_DIRECT_MESSAGE, "chat.message", &args);
    if (request != NULL) {
      request->person = person;
      request->message = action->id;
    }
  }
  rtmfp_buffer_clear (&envelope);
}

static void
send_receipt (AhoyAgent *agent, const Person *person, const AhoyMessageId *id) {
  Incoming *incoming = TAILQ_FIRST (&agent->incoming);
  while (incoming != NULL) {
    Incoming *next = TAILQ_NEXT (incoming, next);
    if (incoming->person == person && ahoy_message_id_equal (&incoming->id, id)) {
      agent_answer (agent, incoming->session, incoming->call);
      TAILQ_REMOVE (&agent->incoming, incoming, next);
      agent->incoming_count--;
      free (incoming);
    }
    incoming = next;
  }
}

static void
tell_store (AhoyAgent *agent, const Person *person, const AhoyChatAction *action,
            AhoyAgentEventType type) {
  AgentEvent *event = agent_event (agent, type);
  event->event.name = person->info.name;
  event->event.message_id = action->id;
  event->event.kind = action->kind;
  event->event.time_ms = action->time_ms;
  event->event.chat_state = action->state;
  agent_event_body (event, action->body);
}

static void
send_typing (AhoyAgent *agent, const Person *person) {
  Link *link = chat_link (agent, person);
  if (link != NULL) {
    RtmfpBuffer args = {0};
    rtmfp_amf_begin_object (&args);
    rtmfp_amf_end_object (&args);
    agent_tell (agent, link->session, "chat.typing", &args);
  }
}

static void
show_typing (AhoyAgent *agent, Person *person) {
  AgentEvent *event = agent_event (agent, AHOY_AGENT_EVENT_TYPING);
  event->event.name = person->info.name;
  event->event.ok = ahoy_chat_far_is_typing (person->chat);
}

void
agent_messages_run (AhoyAgent *agent, Person *person) {
  AhoyChatAction action;
  while (person->chat != NULL && ahoy_chat_poll_action (person->chat, &action)) {
    switch (action.type) {
    case AHOY_CHAT_SAVE_OWN:
      tell_store (agent, person, &action, AHOY_AGENT_EVENT_SAVE_OWN);
      break;
    case AHOY_CHAT_SEND:
      send_message (agent, person, &action);
      break;
    case AHOY_CHAT_STATE:
      tell_store (agent, person, &action, AHOY_AGENT_EVENT_MESSAGE_STATE);
      break;
    case AHOY_CHAT_SAVE_RECEIVED:
      tell_store (agent, person, &action, AHOY_AGENT_EVENT_SAVE_RECEIVED);
      break;
    case AHOY_CHAT_SHOW:
      tell_store (agent, person, &action, AHOY_AGENT_EVENT_SHOW);
      break;
    case AHOY_CHAT_RECEIPT:
      send_receipt (agent, person, &action.id);
      break;
    case AHOY_CHAT_TYPING:
      send_typing (agent, person);
      break;
    case AHOY_CHAT_FAR_TYPING:
      show_typing (agent, person);
      break;
    }
  }
}

/* ---- Ways ---- */

/* With somebody one has talked to, messages go straight as soon as both are there. */
static void
want_link (AhoyAgent *agent, Person *person, int64_t now_us) {
  if (person->info.talked && person->info.presence != AHOY_PRESENCE_OFFLINE &&
      person->info.relation == AHOY_RELATION_BOTH && !person->info.key_changed &&
      !person->chat_link_asked && now_us >= person->chat_link_after_us &&
      chat_link (agent, person) == NULL && agent_server_is_online (agent)) {
    person->chat_link_after_us = now_us + AHOY_AGENT_CHAT_LINK_RETRY_US;
    agent_link_ask (agent, person, 0, true, now_us);
  }
}

void
agent_messages_routes (AhoyAgent *agent, Person *person, int64_t now_us) {
  if (person->chat == NULL) {
    return;
  }
  const bool may = person->info.relation == AHOY_RELATION_BOTH && !person->info.key_changed &&
                   person->info.pin.is_set;
  ahoy_chat_set_routes (person->chat, may && chat_link (agent, person) != NULL,
                        may && agent_server_is_online (agent), now_us);
  agent_messages_run (agent, person);
}

void
agent_messages_all_routes (AhoyAgent *agent, int64_t now_us) {
  Person *person, *next;
  HASH_ITER (hh, agent->people, person, next) {
    person->chat_link_asked = false;
    agent_messages_routes (agent, person, now_us);
  }
}

/* ---- What the person does ---- */

RtmfpStatus
ahoy_agent_send_message (AhoyAgent *agent, const AhoyName *to, uint8_t kind, RtmfpBytes body,
                         int64_t time_ms, int64_t now_us, AhoyMessageId *id) {
  agent->now_us = now_us;
  Person *person = agent_roster_find (agent, to);
  if (person == NULL) {
    return RTMFP_STATE;
  }
  RtmfpStatus status =
      ahoy_chat_send (chat_of (person), &agent->config.rng, kind, body, time_ms, now_us, id);
  if (status == RTMFP_OK) {
    agent_roster_talked (agent, person);
    agent_messages_routes (agent, person, now_us);
    want_link (agent, person, now_us);
  }
  return status;
}

RtmfpStatus
ahoy_agent_restore_message (AhoyAgent *agent, const AhoyName *to, const AhoyMessageId *id,
                            uint8_t kind, RtmfpBytes body, int64_t time_ms, AhoyChatState state,
                            int64_t now_us) {
  agent->now_us = now_us;
  Person *person = agent_roster_add (agent, to);
  if (person == NULL) {
    return RTMFP_LIMIT;
  }
  RtmfpStatus status = ahoy_chat_restore (chat_of (person), id, kind, body, time_ms, state, now_us);
  agent_messages_routes (agent, person, now_us);
  return status;
}

void
ahoy_agent_saved_own (AhoyAgent *agent, const AhoyName *to, const AhoyMessageId *id, bool ok,
                      int64_t now_us) {
  agent->now_us = now_us;
  Person *person = agent_roster_find (agent, to);
  if (person != NULL && person->chat != NULL) {
    ahoy_chat_saved_own (person->chat, id, ok, now_us);
    agent_messages_run (agent, person);
  }
}

void
ahoy_agent_saved_received (AhoyAgent *agent, const AhoyName *from, const AhoyMessageId *id, bool ok,
                           bool is_new, int64_t now_us) {
  agent->now_us = now_us;
  Person *person = agent_roster_find (agent, from);
  if (person != NULL && person->chat != NULL) {
    ahoy_chat_saved_received (person->chat, id, ok, is_new, now_us);
    agent_messages_run (agent, person);
  }
}

void
ahoy_agent_type (AhoyAgent *agent, const AhoyName *to, int64_t now_us) {
  agent->now_us = now_us;
  Person *person = agent_roster_find (agent, to);
  if (person != NULL) {
    ahoy_chat_type (chat_of (person), now_us);
    agent_messages_run (agent, person);
  }
}

/* ---- What comes ---- */

static void
fail (AhoyAgent *agent, const RtmfpNetEvent *event, const char *code, const char *text,
      int64_t now_us) {
  RtmfpStatus status = rtmfp_net_fail (agent->net, event->session, event->call, code, text, now_us);
  (void)status;
}

/* What cannot be opened: a changed key is the person's to judge, so the sender keeps the message;
 * the rest would never become readable, and is dropped with a warning. */
static void
refuse_envelope (AhoyAgent *agent, Person *person, const RtmfpNetEvent *event,
                 AhoyEnvelopeFault fault, int64_t now_us) {
  agent_warn (agent, person, ahoy_envelope_fault_text (fault));
  if (fault != AHOY_ENVELOPE_KEY_CHANGED) {
    agent_answer (agent, event->session, event->call);
    return;
  }
  if (!person->info.key_changed) {
    person->info.key_changed = true;
    agent_roster_tell (agent, person);
  }
  fail (agent, event, "keyChanged", "The sender has another key than before.", now_us);
}

static void
await_store (AhoyAgent *agent, Person *person, const RtmfpNetEvent *event,
             const AhoyMessageId *id) {
  Incoming *incoming = RTMFP_NEW (Incoming);
  *incoming =
      (Incoming){.session = event->session, .call = event->call, .id = *id, .person = person};
  TAILQ_INSERT_TAIL (&agent->incoming, incoming, next);
  agent->incoming_count++;
}

void
agent_messages_on_deliver (AhoyAgent *agent, const RtmfpNetEvent *event, Person *person,
                           AhoyChatRoute route, int64_t now_us) {
  const RtmfpAmfValue *value = event->value_count > 0 ? event->values[0].value : NULL;
  RtmfpBytes envelope;
  if (person == NULL || !rtmfp_amf_as_bytes (rtmfp_amf_get (value, "envelope"), &envelope)) {
    fail (agent, event, "badRequest", "This is no message.", now_us);
    return;
  }
  RtmfpBuffer plain = {0};
  AhoyMessage message;
  AhoyEnvelopeFault fault;
  if (ahoy_envelope_open (envelope, &agent->config.identity, &person->info.name,
                          &agent->config.name, &person->info.pin, &plain, &message, NULL,
                          &fault) != RTMFP_OK) {
    refuse_envelope (agent, person, event, fault, now_us);
  } else if (agent->incoming_count >= AHOY_AGENT_REQUESTS_MAX) {
    fail (agent, event, "limit", "Too many at once.", now_us);
  } else {
    await_store (agent, person, event, &message.id);
    if (ahoy_chat_receive (chat_of (person), route, &message, now_us) != RTMFP_OK) {
      Incoming *last = TAILQ_LAST (&agent->incoming, incoming_head);
      TAILQ_REMOVE (&agent->incoming, last, next);
      agent->incoming_count--;
      free (last);
      fail (agent, event, "limit", "Too many at once.", now_us);
    }
    agent_messages_run (agent, person);
  }
  rtmfp_buffer_clear (&plain);
}

void
agent_messages_on_delivered (AhoyAgent *agent, const RtmfpNetEvent *event, int64_t now_us) {
  const RtmfpAmfValue *value = event->value_count > 0 ? event->values[0].value : NULL;
  Person *person = agent_roster_of (agent, rtmfp_amf_get (value, "to"));
  AhoyMessageId id;
  if (person != NULL && person->chat != NULL &&
      rtmfp_amf_as_fixed (rtmfp_amf_get (value, "id"), id.bytes, sizeof id.bytes)) {
    ahoy_chat_confirm (person->chat, &id, AHOY_CHAT_DELIVERED, now_us);
    agent_messages_run (agent, person);
  }
  agent_answer (agent, event->session, event->call);
}

void
agent_messages_on_answer (AhoyAgent *agent, const Request *request, const char *code, bool ok,
                          int64_t now_us) {
  Person *person = request->person;
  if (person->chat == NULL) {
    return;
  }
  if (ok) {
    ahoy_chat_confirm (person->chat, &request->message,
                       request->kind == REQUEST_MESSAGE ? AHOY_CHAT_STORED : AHOY_CHAT_DELIVERED,
                       now_us);
  } else if (request->kind == REQUEST_MESSAGE &&
             (strcmp (code, "notAllowed") == 0 || strcmp (code, "badRequest") == 0)) {
    ahoy_chat_refuse (person->chat, &request->message, now_us);
  } /* any other failure passes: the chat asks again */
  agent_messages_run (agent, person);
}

void
agent_messages_session_gone (AhoyAgent *agent, RtmfpId session) {
  Incoming *incoming = TAILQ_FIRST (&agent->incoming);
  while (incoming != NULL) {
    Incoming *next = TAILQ_NEXT (incoming, next);
    if (incoming->session == session) {
      TAILQ_REMOVE (&agent->incoming, incoming, next);
      agent->incoming_count--;
      free (incoming);
    }
    incoming = next;
  }
}

/* ---- Time ---- */

void
agent_messages_advance (AhoyAgent *agent, int64_t now_us) {
  Person *person, *next;
  HASH_ITER (hh, agent->people, person, next) {
    if (person->chat != NULL && now_us >= ahoy_chat_deadline (person->chat)) {
      ahoy_chat_advance (person->chat, now_us);
      agent_messages_run (agent, person);
    }
  }
}

int64_t
agent_messages_deadline (const AhoyAgent *agent) {
  int64_t at_us = NEVER;
  for (const Person *person = agent->people; person != NULL; person = person->hh.next) {
    if (person->chat != NULL) {
      const int64_t due_us = ahoy_chat_deadline (person->chat);
      at_us = due_us < at_us ? due_us : at_us;
    }
  }
  return at_us;
}

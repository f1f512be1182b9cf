/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The people: what the server tells of them, pinned keys, their devices by number. */
#include "core/agent/agent-private.h"

#include <stdlib.h>

Person *
agent_roster_find (AhoyAgent *agent, const AhoyName *name) {
  char key[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format (name, key);
  Person *person;
  HASH_FIND_STR (agent->people, key, person);
  return person;
}

Person *
agent_roster_add (AhoyAgent *agent, const AhoyName *name) {
  Person *person = agent_roster_find (agent, name);
  if (person != NULL || HASH_COUNT (agent->people) >= AHOY_AGENT_CONTACTS_MAX) {
    return person;
  }
  person = RTMFP_NEW (Person);
  person->info.name = *name;
  ahoy_name_format (name, person->key);
  HASH_ADD_STR (agent->people, key, person);
  return person;
}

Person *
agent_roster_of (AhoyAgent *agent, const RtmfpAmfValue *address) {
  char text[AHOY_NAME_TEXT_SIZE];
  AhoyName name;
  return rtmfp_amf_as_text (address, text, sizeof text) && ahoy_name_parse (text, &name) == RTMFP_OK
             ? agent_roster_find (agent, &name)
             : NULL;
}

void
agent_roster_clear (AhoyAgent *agent) {
  Person *person, *next;
  HASH_ITER (hh, agent->people, person, next) {
    HASH_DEL (agent->people, person);
    ahoy_chat_free (person->chat);
    free (person);
  }
}

void
agent_roster_tell (AhoyAgent *agent, Person *person) {
  AgentEvent *event = agent_event (agent, AHOY_AGENT_EVENT_CONTACT);
  event->event.name = person->info.name;
  event->contact = person->info;
}

void
agent_roster_talked (AhoyAgent *agent, Person *person) {
  if (!person->info.talked) {
    person->info.talked = true;
    agent_roster_tell (agent, person);
  }
}

/* ---- What the server tells ---- */

static void
read_card (Person *person, const RtmfpAmfValue *entry) {
  AhoyKey key;
  if (rtmfp_amf_as_fixed (rtmfp_amf_get (entry, "card"), key.bytes, sizeof key.bytes)) {
    person->info.key_changed = ahoy_pin_learn (&person->info.pin, &key) == AHOY_PIN_CHANGED;
  }
}

static void
read_presence (Person *person, const RtmfpAmfValue *value) {
  char text[16];
  agent_text (value, text, sizeof text);
  if (ahoy_presence_parse (text, &person->info.presence) != RTMFP_OK) {
    person->info.presence = AHOY_PRESENCE_OFFLINE;
  }
}

/* Returns: (borrowed), or NULL when the entry makes no sense. */
static Person *
read_entry (AhoyAgent *agent, const RtmfpAmfValue *entry) {
  char text[AHOY_NAME_TEXT_SIZE], relation_text[16];
  AhoyName name;
  AhoyRelation relation;
  agent_text (rtmfp_amf_get (entry, "relation"), relation_text, sizeof relation_text);
  if (!rtmfp_amf_as_text (rtmfp_amf_get (entry, "address"), text, sizeof text) ||
      ahoy_name_parse (text, &name) != RTMFP_OK ||
      ahoy_relation_parse (relation_text, &relation) != RTMFP_OK) {
    return NULL;
  }
  Person *person = agent_roster_add (agent, &name);
  if (person == NULL) {
    return NULL;
  }
  person->info.relation = relation;
  person->on_roster = relation != AHOY_RELATION_NONE;
  agent_text (rtmfp_amf_get (entry, "displayName"), person->info.display_name,
              sizeof person->info.display_name);
  agent_text (rtmfp_amf_get (entry, "text"), person->info.text, sizeof person->info.text);
  read_presence (person, rtmfp_amf_get (entry, "presence"));
  read_card (person, entry);
  return person;
}

static void
close_links_of (AhoyAgent *agent, const Person *person, int64_t now_us) {
  Link *link = TAILQ_FIRST (&agent->links);
  while (link != NULL) {
    Link *next = TAILQ_NEXT (link, next);
    if (link->person == person) {
      agent_link_close (agent, link, now_us);
    }
    link = next;
  }
}

void
agent_roster_on_entry (AhoyAgent *agent, const RtmfpAmfValue *entry, int64_t now_us) {
  Person *person = read_entry (agent, entry);
  if (person == NULL) {
    return;
  }
  agent_roster_tell (agent, person);
  if (person->info.relation != AHOY_RELATION_BOTH) {
    /* The server revoked it: a direct session must not outlive that. */
    close_links_of (agent, person, now_us);
  }
  agent_messages_routes (agent, person, now_us);
}

void
agent_roster_on_enter (AhoyAgent *agent, const RtmfpAmfValue *roster, int64_t now_us) {
  Person *person, *next;
  HASH_ITER (hh, agent->people, person, next) {
    person->on_roster = false;
  }
  for (size_t i = 0; roster != NULL && i < roster->item_count; i++) {
    agent_roster_on_entry (agent, rtmfp_amf_item (roster, i), now_us);
  }
  HASH_ITER (hh, agent->people, person, next) {
    if (!person->on_roster && person->info.relation != AHOY_RELATION_NONE) {
      person->info.relation = AHOY_RELATION_NONE;
      person->info.presence = AHOY_PRESENCE_OFFLINE;
      agent_roster_tell (agent, person);
      close_links_of (agent, person, now_us);
    }
  }
  agent_event (agent, AHOY_AGENT_EVENT_ROSTER);
}

void
agent_roster_on_presence (AhoyAgent *agent, const RtmfpAmfValue *value, int64_t now_us) {
  Person *person = agent_roster_of (agent, rtmfp_amf_get (value, "address"));
  if (person != NULL) {
    read_presence (person, rtmfp_amf_get (value, "presence"));
    person->chat_link_after_us = 0;
    agent_roster_tell (agent, person);
    agent_messages_routes (agent, person, now_us);
  }
}

void
agent_roster_offline (AhoyAgent *agent) {
  Person *person, *next;
  HASH_ITER (hh, agent->people, person, next) {
    if (person->info.presence != AHOY_PRESENCE_OFFLINE) {
      person->info.presence = AHOY_PRESENCE_OFFLINE;
      agent_roster_tell (agent, person);
    }
  }
}

/* ---- What the person does ---- */

void
ahoy_agent_restore_contact (AhoyAgent *agent, const AhoyName *name, const AhoyPin *pin, bool talked,
                            int64_t now_us) {
  agent->now_us = now_us;
  Person *person = agent_roster_add (agent, name);
  if (person != NULL) {
    if (pin != NULL && pin->is_set) {
      person->info.pin = *pin;
    }
    person->info.talked = person->info.talked || talked;
  }
}

void
ahoy_agent_confirm_key (AhoyAgent *agent, const AhoyName *name, bool verified, int64_t now_us) {
  agent->now_us = now_us;
  Person *person = agent_roster_find (agent, name);
  if (person == NULL) {
    return;
  }
  if (person->info.key_changed) {
    /* The new key is learnt from the next entry or proof. */
    person->info.pin = (AhoyPin){0};
    person->info.key_changed = false;
    if (agent->server != 0) {
      agent_server_fail (agent, AHOY_FAULT_LOST, "", now_us);
      ahoy_agent_retry (agent, now_us);
    }
  } else {
    person->info.pin.is_verified = verified && person->info.pin.is_set;
  }
  agent_roster_tell (agent, person);
}

static uint64_t
ask_about (AhoyAgent *agent, RequestKind kind, const char *call, const AhoyName *name,
           RtmfpBuffer *args) {
  const uint64_t number = agent_number (agent);
  Request *request = agent_server_is_online (agent)
                         ? agent_request (agent, agent->server, kind, call, args)
                         : NULL;
  rtmfp_buffer_clear (args);
  if (request == NULL) {
    agent_person_answer (agent, number, false, "offline",
                         "There is no connection to the server now.");
    return number;
  }
  request->number = number;
  request->person = name != NULL ? agent_roster_add (agent, name) : NULL;
  return number;
}

uint64_t
ahoy_agent_request_contact (AhoyAgent *agent, const AhoyName *name, const char *text,
                            int64_t now_us) {
  agent->now_us = now_us;
  char address[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format (name, address);
  RtmfpBuffer args = {0};
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_member_text (&args, "address", address);
  rtmfp_amf_member_text (&args, "text", text != NULL ? text : "");
  rtmfp_amf_end_object (&args);
  return ask_about (agent, REQUEST_CONTACT, "contact.request", name, &args);
}

uint64_t
ahoy_agent_change_contact (AhoyAgent *agent, const AhoyName *name, AhoyContactAct act,
                           int64_t now_us) {
  static const char *const calls[] = {
      [AHOY_CONTACT_ACCEPT] = "contact.accept",   [AHOY_CONTACT_DECLINE] = "contact.decline",
      [AHOY_CONTACT_REMOVE] = "contact.remove",   [AHOY_CONTACT_BLOCK] = "contact.block",
      [AHOY_CONTACT_UNBLOCK] = "contact.unblock",
  };
  agent->now_us = now_us;
  char address[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format (name, address);
  RtmfpBuffer args = {0};
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_member_text (&args, "address", address);
  rtmfp_amf_end_object (&args);
  return ask_about (agent, REQUEST_CONTACT, calls[act], name, &args);
}

uint64_t
ahoy_agent_make_invite (AhoyAgent *agent, int64_t now_us) {
  agent->now_us = now_us;
  RtmfpBuffer args = {0};
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_end_object (&args);
  return ask_about (agent, REQUEST_INVITE, "invite.make", NULL, &args);
}

uint64_t
ahoy_agent_redeem_invite (AhoyAgent *agent, const AhoyInvite *invite, int64_t now_us) {
  agent->now_us = now_us;
  char token[AHOY_INVITE_TOKEN_TEXT_SIZE] = "";
  if (invite->has_token) {
    ahoy_invite_token_format (invite->token, token);
  }
  if (invite->has_inviter_key && invite->name.user[0] != '\0') {
    Person *person = agent_roster_add (agent, &invite->name);
    if (person != NULL &&
        ahoy_pin_learn (&person->info.pin, &invite->inviter_key) == AHOY_PIN_CHANGED) {
      person->info.key_changed = true;
      agent_roster_tell (agent, person);
    }
  }
  RtmfpBuffer args = {0};
  rtmfp_amf_begin_object (&args);
  rtmfp_amf_member_text (&args, "token", token);
  rtmfp_amf_end_object (&args);
  return ask_about (agent, REQUEST_REDEEM, "invite.redeem", &invite->name, &args);
}

static void
answer_invite (AhoyAgent *agent, const Request *request, const RtmfpAmfValue *result) {
  AhoyInvite invite = {.name = agent->config.name,
                       .has_token = true,
                       .has_server_key = agent->config.server.is_set,
                       .server_key = agent->config.server.key,
                       .has_inviter_key = true,
                       .inviter_key = agent->config.identity.key};
  char token[AHOY_INVITE_TOKEN_TEXT_SIZE], link[AHOY_INVITE_TEXT_SIZE];
  agent_text (rtmfp_amf_get (result, "token"), token, sizeof token);
  if (ahoy_invite_token_parse (token, invite.token) != RTMFP_OK) {
    agent_person_answer (agent, request->number, false, "badRequest",
                         "The server's answer makes no sense.");
    return;
  }
  (void)agent_relay_read (rtmfp_amf_get (result, "relay"), &invite.relay);
  ahoy_invite_format (&invite, link);
  agent_person_answer (agent, request->number, true, "", link);
}

void
agent_roster_on_answer (AhoyAgent *agent, const Request *request, const RtmfpNetEvent *event,
                        bool ok, int64_t now_us) {
  const RtmfpAmfValue *result = event->value_count > 0 ? event->values[0].value : NULL;
  if (!ok) {
    agent_person_answer (agent, request->number, false, event->code, event->text);
  } else if (request->kind == REQUEST_INVITE) {
    answer_invite (agent, request, result);
  } else {
    agent_roster_on_entry (agent, result,
                           now_us); /* nothing happens where the answer has no entry */
    agent_person_answer (agent, request->number, true, "", "");
  }
}

/* ---- Devices ---- */

uint64_t
agent_roster_device (AhoyAgent *agent, Person *person, const RtmfpAmfValue *id) {
  uint8_t bytes[AHOY_DEVICE_ID_SIZE];
  if (!rtmfp_amf_as_fixed (id, bytes, sizeof bytes)) {
    return 0;
  }
  Device *oldest = &agent->devices[0];
  for (size_t i = 0; i < AHOY_AGENT_DEVICES_MAX; i++) {
    Device *device = &agent->devices[i];
    if (device->number != 0 && device->person == person &&
        memcmp (device->id, bytes, sizeof bytes) == 0) {
      return device->number;
    }
    if (device->number < oldest->number) {
      oldest = device;
    }
  }
  oldest->number = agent->next_device++;
  oldest->person = person;
  memcpy (oldest->id, bytes, sizeof bytes);
  return oldest->number;
}

const Device *
agent_roster_device_of (const AhoyAgent *agent, uint64_t number) {
  for (size_t i = 0; number != 0 && i < AHOY_AGENT_DEVICES_MAX; i++) {
    if (agent->devices[i].number == number) {
      return &agent->devices[i];
    }
  }
  return NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/agent/world.h"

#include <string.h>

#define WALL_MS INT64_C (1750000000000)

typedef struct {
  int64_t at_us;
  RtmfpAddress from, to;
  gsize size;
  guint8 bytes[RTMFP_DATAGRAM_BYTES_MAX];
} Datagram;

/* ---- The wire ---- */

static gint
by_time (gconstpointer a, gconstpointer b, gpointer data) {
  (void)data;
  const int64_t x = ((const Datagram *)a)->at_us, y = ((const Datagram *)b)->at_us;
  return x < y ? -1 : x > y;
}

static gboolean
is_lost (World *world) {
  return world->loss > 0 && (double)test_rng_below (&world->rng, 1000000) / 1e6 < world->loss;
}

static gboolean
is_relay (const RtmfpAddress *address) {
  const RtmfpAddress relay = rtmfp_address_ipv4 (192, 0, 2, 9, 0);
  return rtmfp_address_same_ip (address, &relay);
}

void
world_fly (World *world, const RtmfpAddress *from, const RtmfpDatagram *out, const guint8 *bytes) {
  RtmfpAddress source = *from, target = out->to;
  Datagram *datagram = g_new0 (Datagram, 1);
  datagram->size = out->size;
  memcpy (datagram->bytes, bytes, out->size);
  const gboolean by_server = rtmfp_address_equal (&source, &world->server_address) ||
                             rtmfp_address_equal (&target, &world->server_address);
  *(by_server ? &world->server_bytes : &world->direct_bytes) += out->size;
  if (is_lost (world) ||
      (world->meddle != NULL &&
       !world->meddle (world, &source, &target, datagram->bytes, &datagram->size))) {
    g_free (datagram);
    return;
  }
  const int64_t extra_us =
      world->carry != NULL ? world->carry (world, &source, &target, out->size) : 0;
  if (extra_us < 0) {
    g_free (datagram);
    return;
  }
  datagram->from = source;
  datagram->to = target;
  const int hops = 1 + is_relay (&source) + is_relay (&target);
  datagram->at_us = world->now_us + hops * world->delay_us + extra_us;
  g_queue_insert_sorted (world->flying, datagram, by_time, NULL);
}

/* ---- The relay ---- */

static void
permit (WorldPerson *person, const RtmfpAddress *to) {
  for (guint i = 0; i < person->permitted_count; i++) {
    if (rtmfp_address_same_ip (&person->permitted[i], to)) {
      return;
    }
  }
  g_assert_cmpuint (person->permitted_count, <, G_N_ELEMENTS (person->permitted));
  person->permitted[person->permitted_count++] = *to;
}

static gboolean
is_permitted (const WorldPerson *person, const RtmfpAddress *from) {
  for (guint i = 0; i < person->permitted_count; i++) {
    if (rtmfp_address_same_ip (&person->permitted[i], from)) {
      return TRUE;
    }
  }
  return FALSE;
}

static void
give_relayed (WorldPerson *person) {
  static uint16_t port = 40000;
  person->permitted_count = 0;
  person->relayed = rtmfp_address_ipv4 (192, 0, 2, 9, port++);
  person->relayed.origin = RTMFP_ORIGIN_RELAY;
  ahoy_agent_relayed (person->agent, &person->relayed, person->world->now_us);
}

static void
want_relayed (WorldPerson *person, gboolean wanted) {
  person->relay_wanted = wanted;
  if (wanted && person->world->has_relay) {
    if (person->relayed.family == RTMFP_ADDRESS_NONE) {
      give_relayed (person);
    }
  } else {
    person->relayed.family = RTMFP_ADDRESS_NONE;
    ahoy_agent_relayed (person->agent, NULL, person->world->now_us);
  }
}

void
world_restart_relay (World *world) {
  for (guint i = 0; i < world->count; i++) {
    if (world->people[i].relayed.family != RTMFP_ADDRESS_NONE) {
      give_relayed (&world->people[i]);
    }
  }
}

void
world_add_relay (World *world) {
  world->has_relay = TRUE;
  world->server_config.relays = "192.0.2.9:3478";
  world->server_config.relay_secret = rtmfp_bytes ("a secret", 8);
  world_stop_server (world);
  world_start_server (world);
}

static gboolean
land_by_relay (World *world, const Datagram *datagram) {
  for (guint i = 0; i < world->count; i++) {
    WorldPerson *person = &world->people[i];
    if (person->agent != NULL && person->relayed.family != RTMFP_ADDRESS_NONE &&
        rtmfp_address_equal (&datagram->to, &person->relayed) &&
        is_permitted (person, &datagram->from)) {
      ahoy_agent_receive (person->agent, datagram->bytes, datagram->size,
                          AHOY_AGENT_RELAY_INTERFACE, &datagram->from, 0, world->now_us);
    }
  }
  return is_relay (&datagram->to);
}

static void
land (World *world, const Datagram *datagram) {
  if (land_by_relay (world, datagram)) {
    return;
  }
  if (world->extra_receive != NULL && rtmfp_address_equal (&datagram->to, &world->extra_address)) {
    world->extra_receive (world, &datagram->from, datagram->bytes, datagram->size);
    return;
  }
  if (rtmfp_address_equal (&datagram->to, &world->server_address)) {
    if (world->server != NULL && !world->server_frozen) {
      RtmfpStatus status = ahoy_rendezvous_receive (world->server, datagram->bytes, datagram->size,
                                                    0, &datagram->from, 0, world->now_us);
      (void)status;
    }
    return;
  }
  for (guint i = 0; i < world->count; i++) {
    WorldPerson *person = &world->people[i];
    if (person->agent != NULL && !person->asleep &&
        rtmfp_address_equal (&datagram->to, &person->address)) {
      ahoy_agent_receive (person->agent, datagram->bytes, datagram->size, 0, &datagram->from, 0,
                          world->now_us);
    }
  }
}

/* ---- The server ---- */

void
world_start_server (World *world) {
  world->server_config.wall_ms = WALL_MS + world->now_us / 1000;
  world->server = ahoy_rendezvous_new (&world->server_config, world->now_us);
}

void
world_stop_server (World *world) {
  ahoy_rendezvous_free (world->server);
  world->server = NULL;
}

static void
pump_server (World *world) {
  if (world->server == NULL || world->server_frozen) {
    return;
  }
  ahoy_rendezvous_advance (world->server, world->now_us);
  RtmfpJob *job;
  AhoyStoreJob *store;
  gboolean more = TRUE;
  while (more) {
    more = FALSE;
    while ((job = ahoy_rendezvous_poll_job (world->server)) != NULL) {
      rtmfp_job_run (job);
      ahoy_rendezvous_complete_job (world->server, job, world->now_us);
      more = TRUE;
    }
    while ((store = ahoy_rendezvous_poll_store (world->server)) != NULL) {
      if (store->kind == AHOY_STORE_MESSAGE_QUEUE) {
        g_byte_array_append (world->seen, store->envelope.data, (guint)store->envelope.size);
      }
      memory_store_run (world->store, store);
      ahoy_rendezvous_complete_store (world->server, store, world->now_us);
      more = TRUE;
    }
  }
  guint8 bytes[RTMFP_DATAGRAM_BYTES_MAX];
  RtmfpDatagram out;
  while (ahoy_rendezvous_poll_transmit (world->server, world->now_us, bytes, sizeof bytes, &out)) {
    world_fly (world, &world->server_address, &out, bytes);
  }
}

/* ---- A person's client ---- */

static char *
id_text (const AhoyMessageId *id) {
  char *text = g_malloc (AHOY_MESSAGE_ID_TEXT_SIZE);
  ahoy_message_id_format (id, text);
  return text;
}

static void
keep_contact (WorldPerson *person, const AhoyContactInfo *info) {
  for (guint i = 0; i < person->contacts->len; i++) {
    AhoyContactInfo *known = person->contacts->pdata[i];
    if (ahoy_name_equal (&known->name, &info->name)) {
      *known = *info;
      return;
    }
  }
  g_ptr_array_add (person->contacts, g_memdup2 (info, sizeof *info));
}

static void
derive (WorldPerson *person, const AhoyAgentEvent *event) {
  AhoyPasswordKeys keys;
  const uint64_t request = event->request;
  const RtmfpStatus status = ahoy_password_derive (
      rtmfp_bytes (event->password, strlen (event->password)), &event->params, &keys);
  ahoy_agent_derived (person->agent, request, status == RTMFP_OK ? &keys : NULL,
                      person->world->now_us);
}

static void
free_message (gpointer data) {
  g_free (((WorldMessage *)data)->text);
  g_free (data);
}

static void
save_own (WorldPerson *person, const AhoyAgentEvent *event) {
  WorldMessage *message = g_new0 (WorldMessage, 1);
  *message = (WorldMessage){.to = event->name,
                            .id = event->message_id,
                            .time_ms = event->time_ms,
                            .text = g_strndup ((const char *)event->body.data, event->body.size)};
  g_ptr_array_add (person->outbox, message);
}

static void
set_state (WorldPerson *person, const AhoyAgentEvent *event) {
  for (guint i = 0; i < person->outbox->len; i++) {
    WorldMessage *message = person->outbox->pdata[i];
    if (ahoy_message_id_equal (&message->id, &event->message_id)) {
      message->state = MAX (message->state, event->chat_state);
    }
  }
}

static void
save_received (WorldPerson *person, const AhoyAgentEvent *event) {
  const AhoyName from = event->name;
  const AhoyMessageId id = event->message_id;
  char *key = id_text (&id);
  const gboolean is_new = !g_hash_table_contains (person->stored, key);
  if (is_new && !person->disk_full) {
    g_ptr_array_add (person->received,
                     g_strndup ((const char *)event->body.data, event->body.size));
    g_ptr_array_add (person->senders, g_strdup (from.user));
    g_hash_table_add (person->stored, g_strdup (key));
  }
  g_free (key);
  ahoy_agent_saved_received (person->agent, &from, &id, !person->disk_full, is_new,
                             person->world->now_us);
}

static void
take_media (WorldPerson *person, const AhoyMedia *media) {
  if (person->world->on_media != NULL) {
    person->world->on_media (person, media);
    return;
  }
  /* Each frame of world_talk() begins with its time-stamp. */
  uint32_t stamp = 0;
  if (media->bytes.size >= sizeof stamp) {
    memcpy (&stamp, media->bytes.data, sizeof stamp);
  }
  person->bad_media += stamp != media->timestamp_ms;
  if (media->kind == AHOY_MEDIA_AUDIO) {
    person->audio_in++;
    person->last_audio_ms = media->timestamp_ms;
  } else {
    person->video_in++;
  }
}

static void
on_event (WorldPerson *person, const AhoyAgentEvent *event) {
  const int64_t now_us = person->world->now_us;
  const AhoyName name = event->name;
  const AhoyMessageId id = event->message_id;
  switch (event->type) {
  case AHOY_AGENT_EVENT_STATE:
    person->state = event->state;
    person->fault = event->fault;
    g_strlcpy (person->fault_text, event->text, sizeof person->fault_text);
    break;
  case AHOY_AGENT_EVENT_RESOLVE:
    ahoy_agent_server_addresses (person->agent, &person->world->server_address, 1, now_us);
    break;
  case AHOY_AGENT_EVENT_DERIVE:
    derive (person, event);
    break;
  case AHOY_AGENT_EVENT_IDENTITY:
    person->identity = *event->identity;
    person->server = event->server;
    person->has_identity = TRUE;
    break;
  case AHOY_AGENT_EVENT_RELAY:
    person->config.relay = *event->relay;
    person->relay_given++;
    break;
  case AHOY_AGENT_EVENT_RELAY_WANTED:
    want_relayed (person, event->ok);
    break;
  case AHOY_AGENT_EVENT_CONTACT:
    keep_contact (person, event->contact);
    break;
  case AHOY_AGENT_EVENT_ANSWER:
    person->answered = event->request;
    person->answer_ok = event->ok;
    g_strlcpy (person->answer_code, event->code, sizeof person->answer_code);
    g_strlcpy (person->answer_text, event->text, sizeof person->answer_text);
    break;
  case AHOY_AGENT_EVENT_SAVE_OWN:
    g_hash_table_insert (person->states, id_text (&id), GINT_TO_POINTER (AHOY_CHAT_UNSENT + 1));
    if (!person->disk_full) {
      save_own (person, event);
    }
    ahoy_agent_saved_own (person->agent, &name, &id, !person->disk_full, now_us);
    break;
  case AHOY_AGENT_EVENT_SAVE_RECEIVED:
    save_received (person, event);
    break;
  case AHOY_AGENT_EVENT_MESSAGE_STATE:
    set_state (person, event);
    g_hash_table_insert (person->states, id_text (&id), GINT_TO_POINTER (event->chat_state + 1));
    break;
  case AHOY_AGENT_EVENT_WARNING:
    g_ptr_array_add (person->warnings, g_strdup (event->text));
    break;
  case AHOY_AGENT_EVENT_MEDIA_START:
    person->media_on = TRUE;
    person->media_starts++;
    break;
  case AHOY_AGENT_EVENT_MEDIA_STOP:
    person->media_on = FALSE;
    break;
  case AHOY_AGENT_EVENT_MEDIA:
    take_media (person, &event->media);
    break;
  case AHOY_AGENT_EVENT_KEY_FRAME:
    person->key_frames++;
    break;
  case AHOY_AGENT_EVENT_REPORT:
    person->reports++;
    person->last_report = event->report;
    break;
  case AHOY_AGENT_EVENT_TYPING:
    person->far_types = event->ok;
    break;
  case AHOY_AGENT_EVENT_FAR_MUTED:
    person->far_muted = event->ok;
    break;
  default:
    break;
  }
}

static void
pump_person (WorldPerson *person) {
  World *world = person->world;
  if (person->agent == NULL || person->asleep) {
    return;
  }
  ahoy_agent_advance (person->agent, world->now_us);
  AhoyAgentEvent event;
  RtmfpJob *job;
  gboolean more = TRUE;
  while (more) {
    more = FALSE;
    while (ahoy_agent_poll_event (person->agent, world->now_us, &event)) {
      on_event (person, &event);
      more = TRUE;
    }
    while ((job = ahoy_agent_poll_job (person->agent)) != NULL) {
      rtmfp_job_run (job);
      ahoy_agent_complete_job (person->agent, job, world->now_us);
      more = TRUE;
    }
  }
  guint8 bytes[RTMFP_DATAGRAM_BYTES_MAX];
  RtmfpDatagram out;
  while (ahoy_agent_poll_transmit (person->agent, world->now_us, bytes, sizeof bytes, &out)) {
    const gboolean by_relay = out.interface_id == AHOY_AGENT_RELAY_INTERFACE;
    if (by_relay && person->relayed.family == RTMFP_ADDRESS_NONE) {
      continue;
    }
    if (by_relay) {
      permit (person, &out.to);
    } else if (!rtmfp_address_equal (&out.to, &world->server_address) && !is_relay (&out.to)) {
      world->straight++;
    }
    world_fly (world, by_relay ? &person->relayed : &person->address, &out, bytes);
  }
}

/* ---- Time ---- */

static int64_t
next_time (const World *world) {
  int64_t at_us = RTMFP_NEVER;
  const Datagram *first = g_queue_peek_head (world->flying);
  if (first != NULL) {
    at_us = first->at_us;
  }
  if (world->server != NULL && !world->server_frozen) {
    at_us = MIN (at_us, ahoy_rendezvous_deadline (world->server));
  }
  for (guint i = 0; i < world->count; i++) {
    if (world->people[i].agent != NULL && !world->people[i].asleep) {
      at_us = MIN (at_us, ahoy_agent_deadline (world->people[i].agent));
    }
  }
  return at_us;
}

static void
pump_all (World *world) {
  pump_server (world);
  if (world->extra_pump != NULL) {
    world->extra_pump (world);
  }
  for (guint i = 0; i < world->count; i++) {
    pump_person (&world->people[i]);
  }
}

gboolean
world_until (World *world, gboolean (*is) (gpointer data), gpointer data, int64_t for_us) {
  const int64_t end_us = world->now_us + for_us;
  int64_t stuck = 0;
  for (;;) {
    pump_all (world);
    if (is != NULL && is (data)) {
      return TRUE;
    }
    int64_t at_us = next_time (world);
    if (at_us > end_us) {
      world->now_us = end_us;
      pump_all (world);
      return is != NULL && is (data);
    }
    stuck = at_us <= world->now_us ? stuck + 1 : 0;
    g_assert_cmpint (stuck, <, 1000); /* a deadline that does not move: the loop would spin */
    world->now_us = MAX (world->now_us, at_us);
    Datagram *first;
    while ((first = g_queue_peek_head (world->flying)) != NULL && first->at_us <= world->now_us) {
      g_queue_pop_head (world->flying);
      land (world, first);
      g_free (first);
    }
  }
}

void
world_run (World *world, int64_t for_us) {
  world_until (world, NULL, NULL, for_us);
}

/* ---- Making and ending ---- */

World *
world_new (guint64 seed, gboolean open_registration) {
  World *world = g_new0 (World, 1);
  world->now_us = 1000 * WORLD_SECOND;
  world->delay_us = 20000;
  world->rng.state = seed;
  world->store = memory_store_new ();
  world->seen = g_byte_array_new ();
  world->flying = g_queue_new ();
  world->server_address = rtmfp_address_ipv4 (192, 0, 2, 1, 1935);
  g_assert_cmpint (ahoy_name_parse_host ("example.org", &world->host), ==, RTMFP_OK);
  world->server_config = (AhoyRendezvousConfig){.rng = test_rng (&world->rng),
                                                .hosts = &world->host,
                                                .host_count = 1,
                                                .open_registration = open_registration};
  ahoy_identity_make (&world->server_config.rng, &world->server_config.identity);
  world->server_config.rng.fill (world->server_config.rng.user, world->server_config.secret,
                                 sizeof world->server_config.secret);
  world_start_server (world);
  return world;
}

void
world_free (World *world) {
  for (guint i = 0; i < world->count; i++) {
    WorldPerson *person = &world->people[i];
    ahoy_agent_free (person->agent);
    g_ptr_array_unref (person->contacts);
    g_ptr_array_unref (person->received);
    g_ptr_array_unref (person->warnings);
    g_ptr_array_unref (person->outbox);
    g_ptr_array_unref (person->senders);
    g_hash_table_unref (person->stored);
    g_hash_table_unref (person->states);
  }
  if (world->server != NULL) {
    world_stop_server (world);
  }
  memory_store_free (world->store);
  g_byte_array_unref (world->seen);
  g_queue_free_full (world->flying, g_free);
  g_free (world);
}

static void
start_person (WorldPerson *person) {
  World *world = person->world;
  /* Each start has a fresh port: a killed program's old sessions do not stand in its way. */
  person->address = rtmfp_address_ipv4 (198, 51, 100, (uint8_t)(10 + person->index),
                                        (uint16_t)(1024 + test_rng_below (&world->rng, 60000)));
  person->relayed.family = RTMFP_ADDRESS_NONE;
  person->agent = ahoy_agent_new (&person->config, world->now_us);
  RtmfpAddress local = person->address;
  local.origin = RTMFP_ORIGIN_LOCAL;
  ahoy_agent_local_addresses (person->agent, &local, 1, world->now_us);
}

WorldPerson *
world_add (World *world, const char *user, AhoyEntry entry, const char *password) {
  g_assert_cmpuint (world->count, <, WORLD_PEOPLE_MAX);
  WorldPerson *person = &world->people[world->count];
  person->world = world;
  person->index = world->count++;
  g_strlcpy (person->user, user, sizeof person->user);
  person->contacts = g_ptr_array_new_with_free_func (g_free);
  person->received = g_ptr_array_new_with_free_func (g_free);
  person->warnings = g_ptr_array_new_with_free_func (g_free);
  person->outbox = g_ptr_array_new_with_free_func (free_message);
  person->senders = g_ptr_array_new_with_free_func (g_free);
  person->stored = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  person->states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  person->config = (AhoyAgentConfig){
      .rng = test_rng (&world->rng),
      .name = world_name (world, user),
      .display_name = person->user,
      .entry = entry,
      .password = password,
      .device_label = "a computer",
      .ring_early = true,
      .codecs = {.audio = {AHOY_CODEC_OPUS}, .video = {AHOY_CODEC_VP8}},
  };
  rtmfp_rng_fill (&person->config.rng, person->config.device, AHOY_DEVICE_ID_SIZE);
  if (entry == AHOY_ENTRY_CREATE) {
    ahoy_identity_make (&person->config.rng, &person->config.identity);
  }
  start_person (person);
  return person;
}

void
world_kill (WorldPerson *person) {
  ahoy_agent_free (person->agent);
  person->agent = NULL;
}

void
world_restart (WorldPerson *person) {
  world_kill (person);
  g_assert_true (person->has_identity);
  person->config.entry = AHOY_ENTRY_IDENTITY;
  person->config.identity = person->identity;
  person->config.server = person->server;
  person->media_on = FALSE;
  start_person (person);
  for (guint i = 0; i < person->contacts->len; i++) {
    const AhoyContactInfo *known = person->contacts->pdata[i];
    ahoy_agent_restore_contact (person->agent, &known->name, &known->pin, known->talked,
                                person->world->now_us);
  }
  for (guint i = 0; i < person->outbox->len; i++) {
    const WorldMessage *message = person->outbox->pdata[i];
    if (message->state < AHOY_CHAT_DELIVERED) {
      g_assert_cmpint (
          ahoy_agent_restore_message (person->agent, &message->to, &message->id, AHOY_BODY_TEXT,
                                      rtmfp_bytes (message->text, strlen (message->text)),
                                      message->time_ms, message->state, person->world->now_us),
          ==, RTMFP_OK);
    }
  }
}

AhoyName
world_name (World *world, const char *user) {
  AhoyName name = world->host;
  g_strlcpy (name.user, user, sizeof name.user);
  return name;
}

const AhoyContactInfo *
world_contact (WorldPerson *person, const char *user) {
  const AhoyName name = world_name (person->world, user);
  for (guint i = 0; i < person->contacts->len; i++) {
    const AhoyContactInfo *known = person->contacts->pdata[i];
    if (ahoy_name_equal (&known->name, &name)) {
      return known;
    }
  }
  return NULL;
}

AhoyCallInfo
world_call (WorldPerson *person) {
  AhoyCallInfo info;
  ahoy_agent_call_info (person->agent, &info);
  return info;
}

void
world_befriend (WorldPerson *a, WorldPerson *b) {
  World *world = a->world;
  const AhoyName name_a = world_name (world, a->user), name_b = world_name (world, b->user);
  ahoy_agent_request_contact (a->agent, &name_b, "It is me.", world->now_us);
  world_run (world, WORLD_SECOND);
  g_assert_nonnull (world_contact (b, a->user));
  g_assert_cmpint (world_contact (b, a->user)->relation, ==, AHOY_RELATION_ASKED);
  ahoy_agent_change_contact (b->agent, &name_a, AHOY_CONTACT_ACCEPT, world->now_us);
  world_run (world, WORLD_SECOND);
  g_assert_cmpint (world_contact (a, b->user)->relation, ==, AHOY_RELATION_BOTH);
  g_assert_cmpint (world_contact (b, a->user)->relation, ==, AHOY_RELATION_BOTH);
}

void
world_talk (WorldPerson *person, gboolean video, int64_t for_us) {
  World *world = person->world;
  const int64_t begin_us = world->now_us;
  guint8 frame[3000] = {0};
  for (int64_t at_us = 0; at_us < for_us; at_us += 20000) {
    const uint32_t stamp = (uint32_t)((begin_us + at_us - 1000 * WORLD_SECOND) / 1000);
    memcpy (frame, &stamp, sizeof stamp);
    AhoyMedia media = {.kind = AHOY_MEDIA_AUDIO,
                       .codec = AHOY_CODEC_OPUS,
                       .is_key = true,
                       .timestamp_ms = stamp,
                       .bytes = rtmfp_bytes (frame, 80)};
    RtmfpStatus status = ahoy_agent_send_media (person->agent, &media, world->now_us);
    (void)status; /* what did not go is missed at the other end, where it is counted */
    if (video && at_us % 40000 == 0) {
      media.kind = AHOY_MEDIA_VIDEO;
      media.codec = AHOY_CODEC_VP8;
      media.is_key = at_us % 1000000 == 0;
      media.bytes = rtmfp_bytes (frame, media.is_key ? sizeof frame : 1500);
      status = ahoy_agent_send_media (person->agent, &media, world->now_us);
    }
    world_run (world, 20000);
  }
}

gboolean
world_server_has_seen (const World *world, const char *text) {
  return memmem (world->seen->data, world->seen->len, text, strlen (text)) != NULL;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/netconnection/world.h"

#include "core/crypto/epd.h"

#include <string.h>

#define GREETING BYTES ("\0test.hello")

typedef struct {
  int64_t at_us;
  guint64 number;
  Peer *to;
  RtmfpAddress from;
  gsize size;
  guint8 bytes[2048];
} Datagram;

static void
fill (void *user, uint8_t *out, size_t size) {
  Peer *peer = user;
  for (size_t i = 0; i < size; i++) {
    peer->rng_state = peer->rng_state * 6364136223846793005u + 1442695040888963407u;
    out[i] = (uint8_t)(peer->rng_state >> 56);
  }
}

static void
make_peer (World *world, Peer *peer, guint8 last, bool bare, const RtmfpNetConfig *net) {
  const RtmfpIdentityConfig identity = {.groups = RTMFP_GROUP_X25519,
                                        .accept = RTMFP_ACCEPT_ANYONE,
                                        .requires_hmac = true,
                                        .requires_sequence = true,
                                        .offers_hmac = true,
                                        .offers_sequence = true};
  peer->world = world;
  peer->address = rtmfp_address_ipv4 (10, 0, 0, last, 1935);
  peer->rng_state = last;
  const RtmfpEndpointConfig config = {.rng = {.fill = fill, .user = peer}};
  peer->endpoint = rtmfp_endpoint_new (&config, world->now_us);
  peer->identity = rtmfp_endpoint_add_identity (peer->endpoint, &identity, &peer->fingerprint);
  peer->net = bare ? NULL : rtmfp_net_new (peer->endpoint, net);
  g_queue_init (&peer->told);
}

World *
world_new (const WorldOptions *given) {
  const WorldOptions options = given != NULL ? *given : (WorldOptions){0};
  World *world = g_new0 (World, 1);
  world->now_us = 1000000;
  world->delay_us = 10000;
  world->rand = g_rand_new_with_seed (7425);
  g_queue_init (&world->wire);
  RtmfpNetConfig config;
  rtmfp_net_config_init (&config);
  config.gated = options.gated;
  config.audio_order = options.audio_order;
  config.greeting_metadata = GREETING;
  make_peer (world, &world->a, 1, options.a_bare, &config);
  config.server = options.server;
  config.streams = options.streams;
  make_peer (world, &world->b, 2, options.b_bare, &config);
  if (!options.keeps_closed) {
    world_open (world);
  }
  return world;
}

void
world_open (World *world) {
  uint8_t bytes[64];
  RtmfpWriter writer = rtmfp_writer (bytes, sizeof bytes);
  assert_ok (rtmfp_epd_write_fingerprint (&writer, &world->b.fingerprint, NO_BYTES));
  const RtmfpOpen open = {.identity = world->a.identity,
                          .epd = rtmfp_bytes (bytes, rtmfp_writer_size (&writer)),
                          .candidates = &world->b.address,
                          .candidate_count = 1};
  assert_ok (rtmfp_endpoint_open (world->a.endpoint, &open, world->now_us, &world->a.session));
  Peer *peers[] = {&world->a, &world->b};
  for (int i = 0; i < 2; i++) {
    if (peers[i]->net == NULL) {
      RawTold *told = raw_expect (peers[i], RTMFP_EVENT_SESSION_OPEN);
      peers[i]->session = told->event.session;
      raw_free (told);
    } else {
      Told *told = expect (peers[i], RTMFP_NET_SESSION);
      g_assert_cmpint (told->event.endpoint.type, ==, RTMFP_EVENT_SESSION_OPEN);
      peers[i]->session = told->event.session;
      told_free (told);
    }
  }
}

static void
clear_peer (Peer *peer) {
  forget (peer);
  rtmfp_net_free (peer->net);
  rtmfp_endpoint_free (peer->endpoint);
}

void
world_free (World *world) {
  clear_peer (&world->a);
  clear_peer (&world->b);
  g_queue_clear_full (&world->wire, g_free);
  g_rand_free (world->rand);
  g_free (world);
}

/* ---- What was told ---- */

static const void *
keep (Told *told, const void *data, gsize size) {
  guint8 *copy = g_malloc0 (size + 1);
  if (size > 0) {
    memcpy (copy, data, size);
  }
  g_ptr_array_add (told->memory, copy);
  return copy;
}

static void
keep_object (Told *told, const RtmfpNetEvent *event) {
  if (event->object == NULL) {
    return;
  }
  RtmfpBuffer out = {0};
  assert_ok (rtmfp_amf_write_value (&out, event->object, RTMFP_AMF0, 1 << 22));
  const RtmfpBytes kept = rtmfp_bytes (keep (told, out.data, out.size), out.size);
  assert_ok (rtmfp_amf_read (&told->object, kept, RTMFP_AMF0));
  told->event.object = rtmfp_amf_at (&told->object, 0);
  rtmfp_buffer_clear (&out);
}

static void
keep_event (Peer *peer, const RtmfpNetEvent *event) {
  if (event->type == RTMFP_NET_MEDIA) {
    peer->media[event->kind]++;
    if (!peer->keeps_media) {
      return;
    }
  }
  Told *told = g_new0 (Told, 1);
  told->memory = g_ptr_array_new_with_free_func (g_free);
  told->event = *event;
  told->event.name = keep (told, event->name, strlen (event->name));
  told->event.code = keep (told, event->code, strlen (event->code));
  told->event.text = keep (told, event->text, strlen (event->text));
  told->event.bytes.data = keep (told, event->bytes.data, event->bytes.size);
  told->event.addresses =
      keep (told, event->addresses, event->address_count * sizeof *event->addresses);
  keep_object (told, event);
  told->event.values = NULL;
  if (event->value_count > 0) {
    assert_ok (rtmfp_amf_read (&told->arguments, told->event.bytes, RTMFP_AMF0));
    g_assert_cmpuint (told->arguments.count, ==, event->value_count);
    told->event.values = told->arguments.entries;
  }
  g_queue_push_tail (&peer->told, told);
}

void
told_free (Told *told) {
  rtmfp_amf_document_clear (&told->arguments);
  rtmfp_amf_document_clear (&told->object);
  g_ptr_array_unref (told->memory);
  g_free (told);
}

void
raw_free (RawTold *told) {
  g_bytes_unref (told->bytes);
  g_free (told);
}

void
forget (Peer *peer) {
  g_queue_clear_full (&peer->told,
                      peer->net != NULL ? (GDestroyNotify)told_free : (GDestroyNotify)raw_free);
}

static bool
poll_event (Peer *peer) {
  if (peer->net != NULL) {
    RtmfpNetEvent event;
    if (!rtmfp_net_poll_event (peer->net, peer->world->now_us, &event)) {
      return false;
    }
    keep_event (peer, &event);
    return true;
  }
  RtmfpEvent event;
  if (!rtmfp_endpoint_poll_event (peer->endpoint, &event)) {
    return false;
  }
  RawTold *told = g_new0 (RawTold, 1);
  told->event = event;
  told->bytes = g_bytes_new (event.bytes.data, event.bytes.size);
  told->event.bytes.data = g_bytes_get_data (told->bytes, NULL);
  g_queue_push_tail (&peer->told, told);
  return true;
}

/* ---- The pump ---- */

static gint
compare (gconstpointer a, gconstpointer b, gpointer user) {
  (void)user;
  const Datagram *x = a, *y = b;
  if (x->at_us != y->at_us) {
    return x->at_us < y->at_us ? -1 : 1;
  }
  return x->number < y->number ? -1 : 1;
}

static bool
transmit (Peer *peer) {
  World *world = peer->world;
  Datagram *datagram = g_new0 (Datagram, 1);
  RtmfpDatagram out;
  if (!rtmfp_endpoint_poll_transmit (peer->endpoint, world->now_us, datagram->bytes,
                                     sizeof datagram->bytes, &out)) {
    g_free (datagram);
    return false;
  }
  Peer *to = rtmfp_address_equal (&out.to, &world->a.address)   ? &world->a
             : rtmfp_address_equal (&out.to, &world->b.address) ? &world->b
                                                                : NULL;
  if (to == NULL || world->is_cut ||
      g_rand_int_range (world->rand, 0, 1000) < (gint32)world->loss_permille) {
    g_free (datagram);
    return true;
  }
  datagram->at_us = world->now_us + world->delay_us;
  datagram->number = world->next_number++;
  datagram->to = to;
  datagram->from = peer->address;
  datagram->size = out.size;
  g_queue_insert_sorted (&world->wire, datagram, compare, NULL);
  return true;
}

static bool
pump (Peer *peer) {
  bool any = false;
  RtmfpJob *job;
  while ((job = rtmfp_endpoint_poll_job (peer->endpoint)) != NULL) {
    rtmfp_job_run (job);
    rtmfp_endpoint_complete_job (peer->endpoint, job, peer->world->now_us);
    any = true;
  }
  while (poll_event (peer)) {
    any = true;
  }
  while (transmit (peer)) {
    any = true;
  }
  return any;
}

static bool
deliver (World *world) {
  Datagram *datagram = g_queue_peek_head (&world->wire);
  if (datagram == NULL || datagram->at_us > world->now_us) {
    return false;
  }
  g_queue_pop_head (&world->wire);
  if (!world->is_cut) {
    (void)rtmfp_endpoint_receive (datagram->to->endpoint, datagram->bytes, datagram->size, 0,
                                  &datagram->from, 0, world->now_us);
  }
  g_free (datagram);
  return true;
}

void
world_settle (World *world) {
  bool any = true;
  while (any) {
    rtmfp_endpoint_advance (world->a.endpoint, world->now_us);
    rtmfp_endpoint_advance (world->b.endpoint, world->now_us);
    any = pump (&world->a);
    any = pump (&world->b) || any;
    any = deliver (world) || any;
  }
}

static void
step (World *world, int64_t until_us) {
  world_settle (world);
  const Datagram *datagram = g_queue_peek_head (&world->wire);
  int64_t at_us = datagram != NULL ? datagram->at_us : RTMFP_NEVER;
  at_us = MIN (at_us, rtmfp_endpoint_deadline (world->a.endpoint));
  at_us = MIN (at_us, rtmfp_endpoint_deadline (world->b.endpoint));
  world->now_us = MIN (MAX (at_us, world->now_us), until_us);
  world_settle (world);
}

void
world_run (World *world, int64_t for_us) {
  const int64_t until_us = world->now_us + for_us;
  while (world->now_us < until_us) {
    step (world, until_us);
  }
  world_settle (world);
}

/* ---- Waiting ---- */

static gpointer
take (Peer *peer, int type) {
  for (GList *at = peer->told.head; at != NULL; at = at->next) {
    const int is = peer->net != NULL ? (int)((Told *)at->data)->event.type
                                     : (int)((RawTold *)at->data)->event.type;
    if (is == type) {
      gpointer told = at->data;
      g_queue_delete_link (&peer->told, at);
      return told;
    }
  }
  return NULL;
}

static gpointer
wait_for (Peer *peer, int type) {
  World *world = peer->world;
  const int64_t until_us = world->now_us + 30 * G_USEC_PER_SEC;
  gpointer told;
  world_settle (world);
  while ((told = take (peer, type)) == NULL && world->now_us < until_us) {
    step (world, until_us);
  }
  g_assert_nonnull (told);
  return told;
}

Told *
expect (Peer *peer, RtmfpNetEventType type) {
  g_assert_nonnull (peer->net);
  return wait_for (peer, (int)type);
}

RawTold *
raw_expect (Peer *peer, RtmfpEventType type) {
  g_assert_null (peer->net);
  return wait_for (peer, (int)type);
}

static guint
count_of (Peer *peer, int type) {
  guint count = 0;
  for (GList *at = peer->told.head; at != NULL; at = at->next) {
    const int is = peer->net != NULL ? (int)((Told *)at->data)->event.type
                                     : (int)((RawTold *)at->data)->event.type;
    count += is == type;
  }
  return count;
}

guint
told_count (Peer *peer, RtmfpNetEventType type) {
  return count_of (peer, (int)type);
}

guint
raw_count (Peer *peer, RtmfpEventType type) {
  return count_of (peer, (int)type);
}

void
expect_code (Peer *peer, RtmfpNetEventType type, const char *code) {
  Told *told = expect (peer, type);
  g_assert_cmpstr (told->event.code, ==, code);
  told_free (told);
}

void
expect_session (Peer *peer, RtmfpEventType type) {
  if (peer->net == NULL) {
    raw_free (raw_expect (peer, type));
    return;
  }
  Told *told = expect (peer, RTMFP_NET_SESSION);
  g_assert_cmpint (told->event.endpoint.type, ==, type);
  told_free (told);
}

/* ---- Bare peers ---- */

RtmfpId
raw_open (Peer *peer, RtmfpBytes metadata, RtmfpId associated) {
  const RtmfpFlowConfig config = {.metadata = metadata,
                                  .associated = associated,
                                  .priority = RTMFP_PRIORITY_ROUTINE,
                                  .buffer_bytes = 64 << 20};
  RtmfpId flow = 0;
  assert_ok (rtmfp_endpoint_open_flow (peer->endpoint, peer->session, &config, &flow));
  return flow;
}

void
raw_send (Peer *peer, RtmfpId flow, RtmfpBytes message) {
  assert_ok (rtmfp_endpoint_send (peer->endpoint, flow, message, NULL, peer->world->now_us, NULL));
}

void
raw_accept (Peer *peer, RtmfpId flow) {
  assert_ok (rtmfp_endpoint_accept_flow (peer->endpoint, flow, RTMFP_ORDER_SEQUENCE, 0,
                                         peer->world->now_us));
}

/* ---- AMF ---- */

static RtmfpBuffer scratch;

RtmfpBytes
amf_number (double value) {
  scratch.size = 0;
  rtmfp_amf_write_number (&scratch, value);
  return rtmfp_buffer_bytes (&scratch);
}

RtmfpBytes
amf_text (const char *text) {
  scratch.size = 0;
  rtmfp_amf_write_text (&scratch, text);
  return rtmfp_buffer_bytes (&scratch);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/endpoint/world.h"

#include "core/crypto/epd.h"

#include <string.h>

static void
fill (void *user, uint8_t *out, size_t size) {
  Node *node = user;
  for (size_t i = 0; i < size; i++) {
    node->rng_state += 0x9e3779b97f4a7c15u;
    uint64_t x = node->rng_state;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    out[i] = (uint8_t)(x ^ (x >> 31));
  }
}

RtmfpId
node_restart (Node *node, const RtmfpIdentityConfig *config) {
  const RtmfpEndpointConfig own = {.rng = {.fill = fill, .user = node}};
  node_release_jobs (node);
  rtmfp_endpoint_free (node->endpoint);
  node->endpoint = rtmfp_endpoint_new (&own, node->world->now_us);
  return rtmfp_endpoint_add_identity (node->endpoint, config, NULL);
}

World *
world_new (void) {
  World *world = g_new0 (World, 1);
  world->now_us = 1000000;
  world->delay_us = 10000;
  world->nodes = g_ptr_array_new ();
  g_queue_init (&world->wire);
  return world;
}

static void
node_free (Node *node) {
  node_release_jobs (node);
  g_queue_clear_full (&node->told, (GDestroyNotify)told_free);
  rtmfp_endpoint_free (node->endpoint);
  g_free (node);
}

void
world_free (World *world) {
  g_ptr_array_foreach (world->nodes, (GFunc)(void (*) (void))node_free, NULL);
  g_ptr_array_free (world->nodes, TRUE);
  g_queue_clear_full (&world->wire, g_free);
  g_free (world);
}

Node *
world_add_with (World *world, guint8 last, const RtmfpEndpointConfig *config) {
  Node *node = g_new0 (Node, 1);
  node->world = world;
  node->address = rtmfp_address_ipv4 (10, 0, 0, last, 1935);
  node->rng_state = (uint64_t)last << 32;
  g_queue_init (&node->told);
  g_queue_init (&node->jobs);
  RtmfpEndpointConfig own = *config;
  own.rng = (RtmfpRng){.fill = fill, .user = node};
  node->endpoint = rtmfp_endpoint_new (&own, world->now_us);
  g_ptr_array_add (world->nodes, node);
  return node;
}

Node *
world_add (World *world, guint8 last) {
  const RtmfpEndpointConfig config = {.reports_hellos = false};
  return world_add_with (world, last, &config);
}

/* ---- The pump ---- */

static gint
compare_datagrams (gconstpointer a, gconstpointer b, gpointer user) {
  (void)user;
  const Datagram *x = a, *y = b;
  if (x->at_us != y->at_us) {
    return x->at_us < y->at_us ? -1 : 1;
  }
  return x->number < y->number ? -1 : 1;
}

static void
put_on_wire (World *world, Datagram *datagram) {
  world->sent++;
  datagram->number = world->next_number++;
  datagram->at_us = world->now_us + world->delay_us;
  if (world->tap != NULL && !world->tap (world, datagram, world->tap_user)) {
    world->lost++;
    g_free (datagram);
    return;
  }
  g_queue_insert_sorted (&world->wire, datagram, compare_datagrams, NULL);
}

void
world_inject (World *world, const RtmfpAddress *from, const RtmfpAddress *to, gconstpointer bytes,
              gsize size) {
  Datagram *datagram = g_new0 (Datagram, 1);
  datagram->from = *from;
  datagram->to = *to;
  datagram->size = size;
  g_assert_cmpuint (size, <=, sizeof datagram->bytes);
  memcpy (datagram->bytes, bytes, size);
  datagram->number = world->next_number++;
  datagram->at_us = world->now_us;
  g_queue_insert_sorted (&world->wire, datagram, compare_datagrams, NULL);
}

static void
keep_event (Node *node, const RtmfpEvent *event) {
  Told *told = g_new0 (Told, 1);
  told->event = *event;
  told->bytes = g_bytes_new (event->bytes.data, event->bytes.size);
  told->tag = g_bytes_new (event->tag.data, event->tag.size);
  gsize size;
  told->event.bytes.data = g_bytes_get_data (told->bytes, &size);
  told->event.tag.data = g_bytes_get_data (told->tag, &size);
  g_queue_push_tail (&node->told, told);
}

static bool
pump_jobs (Node *node) {
  RtmfpJob *job = rtmfp_endpoint_poll_job (node->endpoint);
  if (job == NULL) {
    return false;
  }
  rtmfp_job_run (job);
  if (node->holds_jobs) {
    g_queue_push_tail (&node->jobs, job);
  } else {
    rtmfp_endpoint_complete_job (node->endpoint, job, node->world->now_us);
  }
  return true;
}

void
node_release_jobs (Node *node) {
  RtmfpJob *job;
  node->holds_jobs = false;
  while ((job = g_queue_pop_head (&node->jobs)) != NULL) {
    rtmfp_endpoint_complete_job (node->endpoint, job, node->world->now_us);
  }
}

static bool
pump_node (Node *node) {
  bool any = false;
  RtmfpEvent event;
  while (pump_jobs (node)) {
    any = true;
  }
  while (rtmfp_endpoint_poll_event (node->endpoint, &event)) {
    keep_event (node, &event);
    any = true;
  }
  for (;;) {
    Datagram *datagram = g_new0 (Datagram, 1);
    RtmfpDatagram out;
    if (!rtmfp_endpoint_poll_transmit (node->endpoint, node->world->now_us, datagram->bytes,
                                       sizeof datagram->bytes, &out)) {
      g_free (datagram);
      return any;
    }
    g_assert_cmpuint (out.size, <=, RTMFP_DATAGRAM_BYTES_MAX);
    datagram->from = node->address;
    datagram->to = out.to;
    datagram->from_interface = out.interface_id;
    datagram->size = out.size;
    datagram->df = out.df;
    datagram->ecn = out.ecn;
    put_on_wire (node->world, datagram);
    any = true;
  }
}

static Node *
find_node (World *world, const RtmfpAddress *address) {
  for (guint i = 0; i < world->nodes->len; i++) {
    Node *node = g_ptr_array_index (world->nodes, i);
    if (rtmfp_address_equal (&node->address, address)) {
      return node;
    }
  }
  return NULL;
}

static bool
deliver_due (World *world) {
  Datagram *datagram = g_queue_peek_head (&world->wire);
  if (datagram == NULL || datagram->at_us > world->now_us) {
    return false;
  }
  g_queue_pop_head (&world->wire);
  Node *node = find_node (world, &datagram->to);
  if (node != NULL) {
    (void)rtmfp_endpoint_receive (node->endpoint, datagram->bytes, datagram->size,
                                  node->interface_id, &datagram->from, datagram->ecn,
                                  world->now_us);
    pump_node (node);
  }
  g_free (datagram);
  return true;
}

void
world_settle (World *world) {
  bool any = true;
  while (any) {
    any = false;
    for (guint i = 0; i < world->nodes->len; i++) {
      Node *node = g_ptr_array_index (world->nodes, i);
      rtmfp_endpoint_advance (node->endpoint, world->now_us);
      any = pump_node (node) || any;
    }
    any = deliver_due (world) || any;
  }
}

static int64_t
next_time (World *world) {
  const Datagram *datagram = g_queue_peek_head (&world->wire);
  int64_t at_us = datagram != NULL ? datagram->at_us : RTMFP_NEVER;
  for (guint i = 0; i < world->nodes->len; i++) {
    const Node *node = g_ptr_array_index (world->nodes, i);
    at_us = MIN (at_us, rtmfp_endpoint_deadline (node->endpoint));
  }
  return at_us;
}

/* One step of time, at most to until_us. */
static void
world_step (World *world, int64_t until_us) {
  world_settle (world);
  world->now_us = MIN (MAX (next_time (world), world->now_us), until_us);
  world_settle (world);
}

void
world_run (World *world, int64_t for_us) {
  int64_t until_us = world->now_us + for_us;
  while (world->now_us < until_us) {
    world_step (world, until_us);
  }
  world_settle (world);
}

/* ---- Events ---- */

void
told_free (Told *told) {
  if (told != NULL) {
    g_bytes_unref (told->bytes);
    g_bytes_unref (told->tag);
    g_free (told);
  }
}

static Told *
take_told (Node *node, RtmfpEventType type) {
  for (GList *at = node->told.head; at != NULL; at = at->next) {
    Told *told = at->data;
    if (told->event.type == type) {
      g_queue_delete_link (&node->told, at);
      return told;
    }
  }
  return NULL;
}

bool
node_was_told (Node *node, RtmfpEventType type) {
  for (GList *at = node->told.head; at != NULL; at = at->next) {
    if (((const Told *)at->data)->event.type == type) {
      return true;
    }
  }
  return false;
}

Told *
node_wait (Node *node, RtmfpEventType type, int64_t for_us) {
  int64_t until_us = node->world->now_us + for_us;
  world_settle (node->world);
  Told *told = take_told (node, type);
  while (told == NULL && node->world->now_us < until_us) {
    world_step (node->world, until_us);
    told = take_told (node, type);
  }
  return told;
}

Told *
node_expect (Node *node, RtmfpEventType type) {
  Told *told = node_wait (node, type, 200 * G_USEC_PER_SEC);
  g_assert_nonnull (told);
  return told;
}

/* ---- Sessions and flows ---- */

RtmfpIdentityConfig
plain_identity (void) {
  return (RtmfpIdentityConfig){
      .groups = RTMFP_GROUP_X25519,
      .accept = RTMFP_ACCEPT_ANYONE,
      .accepts_ancillary_data = true,
      .requires_hmac = true,
      .requires_sequence = true,
      .offers_hmac = true,
      .offers_sequence = true,
  };
}

GBytes *
epd_of (const RtmfpFingerprint *fingerprint) {
  uint8_t bytes[64];
  RtmfpWriter writer = rtmfp_writer (bytes, sizeof bytes);
  RtmfpStatus status = rtmfp_epd_write_fingerprint (&writer, fingerprint, rtmfp_bytes (NULL, 0));
  g_assert_cmpint (status, ==, RTMFP_OK);
  return g_bytes_new (bytes, rtmfp_writer_size (&writer));
}

RtmfpId
open_to (Node *node, RtmfpId identity, const RtmfpFingerprint *fingerprint, const Node *target) {
  GBytes *epd = epd_of (fingerprint);
  const RtmfpOpen open = {
      .identity = identity,
      .epd = rtmfp_bytes (g_bytes_get_data (epd, NULL), g_bytes_get_size (epd)),
      .candidates = &target->address,
      .candidate_count = 1,
  };
  RtmfpId session = 0;
  RtmfpStatus status = rtmfp_endpoint_open (node->endpoint, &open, node->world->now_us, &session);
  g_assert_cmpint (status, ==, RTMFP_OK);
  g_bytes_unref (epd);
  return session;
}

void
pair_init_endpoints (Pair *pair, const RtmfpEndpointConfig *a_endpoint,
                     const RtmfpEndpointConfig *b_endpoint, const RtmfpIdentityConfig *a,
                     const RtmfpIdentityConfig *b) {
  memset (pair, 0, sizeof *pair);
  pair->world = world_new ();
  pair->a = world_add_with (pair->world, 1, a_endpoint);
  pair->b = world_add_with (pair->world, 2, b_endpoint);
  pair->a_identity = rtmfp_endpoint_add_identity (pair->a->endpoint, a, &pair->a_fingerprint);
  pair->b_identity = rtmfp_endpoint_add_identity (pair->b->endpoint, b, &pair->b_fingerprint);
  pair->a_session = open_to (pair->a, pair->a_identity, &pair->b_fingerprint, pair->b);
  Told *a_open = node_expect (pair->a, RTMFP_EVENT_SESSION_OPEN);
  Told *b_open = node_expect (pair->b, RTMFP_EVENT_SESSION_OPEN);
  g_assert_cmpuint (a_open->event.session, ==, pair->a_session);
  pair->b_session = b_open->event.session;
  told_free (a_open);
  told_free (b_open);
}

void
pair_init_with (Pair *pair, const RtmfpIdentityConfig *a, const RtmfpIdentityConfig *b) {
  static const RtmfpEndpointConfig config;
  pair_init_endpoints (pair, &config, &config, a, b);
}

void
pair_init (Pair *pair) {
  const RtmfpIdentityConfig config = plain_identity ();
  pair_init_with (pair, &config, &config);
}

void
pair_clear (Pair *pair) {
  world_free (pair->world);
}

void
send_text (Node *node, RtmfpId flow, const char *text) {
  RtmfpStatus status = rtmfp_endpoint_send (node->endpoint, flow, rtmfp_bytes (text, strlen (text)),
                                            NULL, node->world->now_us, NULL);
  g_assert_cmpint (status, ==, RTMFP_OK);
}

void
expect_text (Node *node, RtmfpId flow, const char *text) {
  Told *told = node_expect (node, RTMFP_EVENT_FLOW_MESSAGE);
  g_assert_cmpuint (told->event.flow, ==, flow);
  g_assert_cmpmem (told->event.bytes.data, told->event.bytes.size, text, strlen (text));
  told_free (told);
}

void
pair_open_flow (Pair *pair, RtmfpPriority priority, RtmfpId *sending, RtmfpId *receiving) {
  const RtmfpFlowConfig config = {.metadata = rtmfp_bytes ("test", 4), .priority = priority};
  RtmfpStatus status =
      rtmfp_endpoint_open_flow (pair->a->endpoint, pair->a_session, &config, sending);
  g_assert_cmpint (status, ==, RTMFP_OK);
  send_text (pair->a, *sending, "hello");
  Told *told = node_expect (pair->b, RTMFP_EVENT_FLOW_NEW);
  *receiving = told->event.flow;
  g_assert_cmpmem (told->event.bytes.data, told->event.bytes.size, "test", 4);
  told_free (told);
  status = rtmfp_endpoint_accept_flow (pair->b->endpoint, *receiving, RTMFP_ORDER_SEQUENCE, 0,
                                       pair->world->now_us);
  g_assert_cmpint (status, ==, RTMFP_OK);
  expect_text (pair->b, *receiving, "hello");
}

RtmfpCounters
counters_of (const Node *node) {
  RtmfpCounters counters;
  rtmfp_endpoint_counters (node->endpoint, &counters);
  return counters;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server that introduces both sides to a machine of its own, which relays between them: it must
 * fail to get into a call.
 *
 * The server is the product's own but for its introductions, which are built here a second time
 * with lies in the two places where a fingerprint is told. */
#include "tests/agent/world.h"

#include "core/base/registry.h"
#include "core/crypto/epd.h"
#include "core/net/net.h"
#include "core/rendezvous/internal.h"

#include <locale.h>
#include <string.h>

#define PASSWORD "correct horse battery"

/* ---- The machine in the middle ---- */

typedef struct {
  RtmfpEndpoint *endpoint;
  RtmfpNet *net;
  RtmfpId identity;
  RtmfpFingerprint fingerprint;
  RtmfpFingerprint told[2]; /* the true ones: the asker's, the target's */
  RtmfpId caller, callee;   /* sessions */
  RtmfpAddress target;
  gboolean lies;     /* the server works for it */
  gboolean impostor; /* proves a key of its own, in place of relaying */
  AhoyIdentity key;
  guint sessions, greetings, others;
} Mallory;

static Mallory mallory;

static void
hostile_member_bytes (RtmfpBuffer *out, const char *name, RtmfpBytes bytes) {
  if (mallory.lies && strcmp (name, "fingerprint") == 0) {
    const gboolean is_first = mallory.told[0].bytes[0] == 0 && mallory.told[0].bytes[1] == 0;
    memcpy (mallory.told[is_first ? 0 : 1].bytes, bytes.data, bytes.size);
    bytes = rtmfp_bytes (mallory.fingerprint.bytes, sizeof mallory.fingerprint.bytes);
  }
  rtmfp_amf_member_bytes (out, name, bytes);
}

#define rtmfp_amf_member_bytes hostile_member_bytes
#define ahoy_rendezvous_take_hello honest_take_hello
void honest_take_hello (AhoyRendezvous *r, const RtmfpEvent *event, int64_t now_us);
#include "core/rendezvous/introductions.c"
#undef rtmfp_amf_member_bytes
#undef ahoy_rendezvous_take_hello

static void
open_to_target (int64_t now_us) {
  guint8 epd[64];
  RtmfpWriter writer = rtmfp_writer (epd, sizeof epd);
  g_assert_cmpint (rtmfp_epd_write_fingerprint (&writer, &mallory.told[1], rtmfp_bytes (NULL, 0)),
                   ==, RTMFP_OK);
  const RtmfpOpen open = {.identity = mallory.identity,
                          .epd = rtmfp_bytes (epd, rtmfp_writer_size (&writer)),
                          .candidates = &mallory.target,
                          .candidate_count = 1};
  g_assert_cmpint (rtmfp_endpoint_open (mallory.endpoint, &open, now_us, &mallory.callee), ==,
                   RTMFP_OK);
}

void
ahoy_rendezvous_take_hello (AhoyRendezvous *r, const RtmfpEvent *event, int64_t now_us) {
  if (!mallory.lies) {
    honest_take_hello (r, event, now_us);
    return;
  }
  const RtmfpAddress to = rtmfp_address_ipv4 (203, 0, 113, 66, 6666);
  const RtmfpAddress asker = event->address;
  const uint32_t interface_id = event->interface_id;
  guint8 tag[256];
  const gsize size = MIN (event->tag.size, sizeof tag);
  memcpy (tag, event->tag.data, size);
  rtmfp_endpoint_redirect (r->endpoint, &asker, interface_id, rtmfp_bytes (tag, size), &to, 1);
}

static void
mallory_receive (World *world, const RtmfpAddress *from, const guint8 *bytes, gsize size) {
  RtmfpStatus status =
      rtmfp_endpoint_receive (mallory.endpoint, bytes, size, 0, from, 0, world->now_us);
  (void)status;
}

static void
prove_own_key (RtmfpId session, int64_t now_us) {
  RtmfpSessionInfo info;
  g_assert_cmpint (rtmfp_endpoint_session_info (mallory.endpoint, session, &info), ==, RTMFP_OK);
  const gboolean first = info.initiator;
  const AhoyBindingInput input = {
      .initiator = first,
      .initiator_certificate = first ? info.near_certificate : info.far_certificate,
      .responder_certificate = first ? info.far_certificate : info.near_certificate,
      .initiator_component = info.initiator_component,
      .responder_component = info.responder_component,
      .near_nonce = info.near_nonce,
      .far_nonce = info.far_nonce};
  AhoyBinding binding;
  RtmfpBuffer proof = {0};
  ahoy_binding_make (&input, &binding);
  ahoy_proof_write (&mallory.key, AHOY_SIDE_PEER, AHOY_FEATURES_NONE, &binding, &proof);
  g_assert_cmpint (
      rtmfp_net_send_greeting (mallory.net, session, rtmfp_buffer_bytes (&proof), now_us), ==,
      RTMFP_OK);
  rtmfp_buffer_clear (&proof);
}

static void
on_mallory_event (const RtmfpNetEvent *event, int64_t now_us) {
  if (event->type == RTMFP_NET_SESSION && event->endpoint.type == RTMFP_EVENT_SESSION_OPEN) {
    mallory.sessions++;
    if (event->endpoint.session != mallory.callee) {
      mallory.caller = event->endpoint.session;
      open_to_target (now_us);
    }
    if (mallory.impostor) {
      prove_own_key (event->endpoint.session, now_us);
    }
    rtmfp_net_open_gate (mallory.net, event->endpoint.session, now_us);
  } else if (event->type == RTMFP_NET_GREETING) {
    mallory.greetings++;
    const RtmfpId other = event->session == mallory.caller ? mallory.callee : mallory.caller;
    if (!mallory.impostor && other != 0) {
      guint8 bytes[1024];
      const gsize size = MIN (event->bytes.size, sizeof bytes);
      memcpy (bytes, event->bytes.data, size);
      RtmfpStatus status =
          rtmfp_net_send_greeting (mallory.net, other, rtmfp_bytes (bytes, size), now_us);
      (void)status; /* that session may not stand yet: then there is nothing to relay to */
    }
  } else if (event->type != RTMFP_NET_SESSION) {
    mallory.others++; /* a call, a play, media: it got in */
  }
}

static void
mallory_pump (World *world) {
  rtmfp_endpoint_advance (mallory.endpoint, world->now_us);
  RtmfpNetEvent event;
  RtmfpJob *job;
  while (rtmfp_net_poll_event (mallory.net, world->now_us, &event)) {
    on_mallory_event (&event, world->now_us);
  }
  while ((job = rtmfp_endpoint_poll_job (mallory.endpoint)) != NULL) {
    rtmfp_job_run (job);
    rtmfp_endpoint_complete_job (mallory.endpoint, job, world->now_us);
  }
  guint8 bytes[RTMFP_DATAGRAM_BYTES_MAX];
  RtmfpDatagram out;
  while (
      rtmfp_endpoint_poll_transmit (mallory.endpoint, world->now_us, bytes, sizeof bytes, &out)) {
    world_fly (world, &world->extra_address, &out, bytes);
  }
}

static void
mallory_join (World *world, WorldPerson *target) {
  memset (&mallory, 0, sizeof mallory);
  const RtmfpEndpointConfig config = {.rng = test_rng (&world->rng)};
  mallory.endpoint = rtmfp_endpoint_new (&config, world->now_us);
  const RtmfpIdentityConfig identity = {.groups = RTMFP_GROUP_X25519,
                                        .accept = RTMFP_ACCEPT_ANYONE,
                                        .requires_hmac = true,
                                        .requires_sequence = true};
  mallory.identity =
      rtmfp_endpoint_add_identity (mallory.endpoint, &identity, &mallory.fingerprint);
  RtmfpNetConfig net;
  rtmfp_net_config_init (&net);
  net.gated = true;
  net.greeting_metadata =
      rtmfp_bytes (RTMFP_REGISTRY_GREETING_METADATA, sizeof RTMFP_REGISTRY_GREETING_METADATA - 1);
  mallory.net = rtmfp_net_new (mallory.endpoint, &net);
  ahoy_identity_make (&config.rng, &mallory.key);
  mallory.target = target->address;
  world->extra_address = rtmfp_address_ipv4 (203, 0, 113, 66, 6666);
  world->extra_receive = mallory_receive;
  world->extra_pump = mallory_pump;
}

static void
mallory_leave (void) {
  rtmfp_net_free (mallory.net);
  rtmfp_endpoint_free (mallory.endpoint);
}

/* ---- The tests ---- */

static gboolean
is_online (gpointer data) {
  return ((WorldPerson *)data)->state == AHOY_AGENT_ONLINE;
}

static WorldPerson *
add_online (World *world, const char *user) {
  WorldPerson *person = world_add (world, user, AHOY_ENTRY_CREATE, PASSWORD);
  g_assert_true (world_until (world, is_online, person, 10 * WORLD_SECOND));
  return person;
}

static AhoyCallInfo
call_and_accept (WorldPerson *anna, WorldPerson *bert) {
  World *world = anna->world;
  const AhoyName name = world_name (world, bert->user);
  g_assert_cmpint (ahoy_agent_call (anna->agent, &name, true, world->now_us), ==, RTMFP_OK);
  world_run (world, 2 * WORLD_SECOND);
  g_assert_cmpint (ahoy_agent_accept (bert->agent, true, world->now_us), ==, RTMFP_OK);
  world_run (world, 40 * WORLD_SECOND);
  return world_call (anna);
}

static void
check_stopped (gboolean impostor) {
  World *world = world_new (77, true);
  WorldPerson *anna = add_online (world, "anna"), *bert = add_online (world, "bert");
  world_befriend (anna, bert);
  mallory_join (world, bert);
  mallory.lies = TRUE;
  mallory.impostor = impostor;
  const AhoyCallInfo call = call_and_accept (anna, bert);
  /* It was truly between them: sessions with both, and their proofs in its hands. */
  g_assert_cmpuint (mallory.sessions, ==, 2);
  g_assert_cmpuint (mallory.greetings, >=, 2);
  g_assert_cmpuint (mallory.others, ==, 0);
  g_assert_cmpint (call.state, ==, AHOY_CALL_ENDED);
  g_assert_cmpint (call.end, ==, AHOY_CALL_END_KEY_CHANGED);
  g_assert_cmpint (world_call (bert).state, ==, AHOY_CALL_ENDED);
  g_assert_cmpuint (anna->media_starts + bert->media_starts, ==, 0);
  g_assert_cmpuint (anna->warnings->len, >, 0);
  mallory_leave ();
  world_free (world);
}

static void
test_relay (void) {
  check_stopped (FALSE);
}

static void
test_impostor (void) {
  check_stopped (TRUE);
}

/* The same build without lies makes the call, so it is the lies that the others stop. */
static void
test_honest (void) {
  World *world = world_new (78, true);
  WorldPerson *anna = add_online (world, "anna"), *bert = add_online (world, "bert");
  world_befriend (anna, bert);
  mallory_join (world, bert);
  const AhoyCallInfo call = call_and_accept (anna, bert);
  g_assert_cmpint (call.state, ==, AHOY_CALL_SECURED);
  g_assert_cmpuint (mallory.sessions, ==, 0);
  mallory_leave ();
  world_free (world);
}

/* The server announces strangers without end: so many are expected, the rest is refused; the
 * devices it makes up push each other out, and a call still comes about. */
static void
test_announcements_are_bounded (void) {
  const guint announced = AHOY_AGENT_DEVICES_MAX + 50;
  World *world = world_new (79, true);
  WorldPerson *anna = add_online (world, "anna"), *bert = add_online (world, "bert");
  world_befriend (anna, bert);
  mallory_join (world, bert);
  const AhoyName name = world_name (world, "anna");
  AhoyMessageId id;
  g_assert_cmpint (ahoy_agent_send_message (bert->agent, &name, AHOY_BODY_TEXT,
                                            rtmfp_bytes ("hello", 5), 1, world->now_us, &id),
                   ==, RTMFP_OK);
  world_run (world, 2 * WORLD_SECOND);
  AhoyRendezvous *r = world->server;
  AhoyVisitor *target = TAILQ_FIRST (&ahoy_registry_person (&r->registry, "bert")->devices);
  AhoyVisitor *asker = TAILQ_FIRST (&ahoy_registry_person (&r->registry, "anna")->devices);
  const guint64 refused = r->counters.introductions_refused;
  for (guint i = 0; i < announced; i++) {
    guint8 bytes[RTMFP_FINGERPRINT_SIZE];
    rtmfp_rng_fill (&r->rng, bytes, sizeof bytes);
    RtmfpBuffer *out = ahoy_rendezvous_begin (r);
    rtmfp_amf_member_text (out, "from", "anna@example.org");
    rtmfp_amf_member_bytes (out, "device", rtmfp_bytes (bytes, AHOY_DEVICE_ID_SIZE));
    rtmfp_amf_member_bytes (out, "fingerprint", rtmfp_bytes (bytes, sizeof bytes));
    rtmfp_amf_member_text (out, "purpose", "chat");
    rtmfp_amf_member_integer (out, "seconds", 60);
    AhoyPending *pending = ahoy_rendezvous_ask (r, target, "expect", PENDING_EXPECT, world->now_us);
    g_assert_nonnull (pending);
    pending->asker = asker->session;
    world_run (world, 50000);
  }
  world_run (world, WORLD_SECOND);
  const guint64 now_refused = r->counters.introductions_refused - refused;
  g_assert_cmpuint (now_refused, >=, announced - AHOY_AGENT_LINKS_MAX - 1);
  g_assert_cmpuint (now_refused, <, announced);
  world_run (world, 100 * WORLD_SECOND); /* the announcements run out */
  g_assert_cmpint (call_and_accept (anna, bert).state, ==, AHOY_CALL_SECURED);
  mallory_leave ();
  world_free (world);
}

int
main (int argc, char **argv) {
  setlocale (LC_ALL, "C");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/agent/hostile-server/honest-without-lies", test_honest);
  g_test_add_func ("/agent/hostile-server/relay-of-proofs", test_relay);
  g_test_add_func ("/agent/hostile-server/impostor-with-own-key", test_impostor);
  g_test_add_func ("/agent/hostile-server/announcements-are-bounded",
                   test_announcements_are_bounded);
  return g_test_run ();
}

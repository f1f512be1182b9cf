/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls that go on: outages, NATs that rebind, addresses that change, on the virtual clock. */
#include "core/wire/multiplex.h"
#include "tests/agent/world.h"

#define ROUND_TRIP_US 40000
#define MS 1000
/* A startup packet without a chunk, as it keeps a router open. */
#define EMPTY_BYTES 20

/* A NAT that lets in only those addresses and ports that were sent to, and keeps one port for all.
 */
typedef struct {
  RtmfpAddress inside, outside;
  RtmfpAddress sent_to[64];
  guint count;
} Nat;

static Nat nats[2];
static gboolean is_dark;
static gboolean lets_all_in; /* full cones */
static gboolean is_six[2];   /* has IPv6 addresses only, beside the other's both */
static guint hellos;         /* datagrams of handshakes between the two, or tries */

static gboolean
has_sent (const Nat *nat, const RtmfpAddress *to) {
  for (guint i = 0; i < nat->count; i++) {
    if (rtmfp_address_equal (&nat->sent_to[i], to)) {
      return TRUE;
    }
  }
  return FALSE;
}

static RtmfpAddress
six_of (guint which) {
  return rtmfp_address_ipv6 ((const uint8_t[16]){0x20, 1, 0x0d, 0xb8, 0, (uint8_t)which, [15] = 2},
                             5000);
}

/* Both have IPv6 behind a router that lets in only whom they sent to. Returns: whether it was such
 * a datagram; *passes: whether it gets through. */
static gboolean
by_six (RtmfpAddress *from, RtmfpAddress *to, gboolean *passes) {
  static gboolean opened[2];
  if (to->family != RTMFP_ADDRESS_IPV6) {
    return FALSE;
  }
  const guint sender = rtmfp_address_equal (from, &nats[0].inside) ? 0 : 1;
  const RtmfpAddress wanted = six_of (1 - sender);
  opened[sender] = TRUE;
  *passes = opened[1 - sender] && rtmfp_address_equal (to, &wanted);
  *from = six_of (sender);
  *to = nats[1 - sender].inside;
  return TRUE;
}

static gboolean
by_nat (World *world, RtmfpAddress *from, RtmfpAddress *to, guint8 *bytes, gsize *size) {
  uint32_t session;
  if (!rtmfp_address_equal (from, &world->server_address) &&
      !rtmfp_address_equal (to, &world->server_address) &&
      rtmfp_multiplex_session_id (rtmfp_bytes (bytes, *size), &session) == RTMFP_OK &&
      session == 0 && *size > EMPTY_BYTES) {
    hellos++;
  }
  gboolean passes;
  if (by_six (from, to, &passes)) {
    return passes;
  }
  for (guint i = 0; i < 2; i++) {
    if (is_six[i] && (rtmfp_address_equal (from, &nats[i].inside) ||
                      rtmfp_address_equal (to, &nats[i].outside))) {
      return FALSE;
    }
  }
  if (is_dark && !rtmfp_address_equal (from, &world->server_address) &&
      !rtmfp_address_equal (to, &world->server_address)) {
    return FALSE;
  }
  for (guint i = 0; i < 2; i++) {
    if (rtmfp_address_equal (from, &nats[i].inside)) {
      if (!has_sent (&nats[i], to)) {
        g_assert_cmpuint (nats[i].count, <, G_N_ELEMENTS (nats[i].sent_to));
        nats[i].sent_to[nats[i].count++] = *to;
      }
      *from = nats[i].outside;
    }
  }
  for (guint i = 0; i < 2; i++) {
    if (rtmfp_address_equal (to, &nats[i].inside)) {
      return FALSE; /* nobody outside knows the way */
    }
    if (rtmfp_address_equal (to, &nats[i].outside)) {
      *to = nats[i].inside;
      return lets_all_in || has_sent (&nats[i], from);
    }
  }
  return TRUE;
}

static void
rebind (guint which) {
  nats[which].outside.port = (uint16_t)(nats[which].outside.port + 1000);
  nats[which].count = 0;
}

typedef struct {
  World *world;
  WorldPerson *people[2];
  guint64 heard[2];
  int64_t heard_us[2], gap_us[2]; /* the longest time between two frames that came */
} Pair;

static gboolean
is_online (gpointer data) {
  return ((WorldPerson *)data)->state == AHOY_AGENT_ONLINE;
}

/* Two people behind a NAT each, in a call. */
static Pair
make_call (guint64 seed) {
  static const char *const names[] = {"anna", "bert"};
  Pair pair = {.world = world_new (seed, true)};
  is_dark = lets_all_in = is_six[0] = is_six[1] = FALSE;
  hellos = 0;
  pair.world->meddle = by_nat;
  for (guint i = 0; i < 2; i++) {
    nats[i] = (Nat){0};
  }
  for (guint i = 0; i < 2; i++) {
    WorldPerson *person = world_add (pair.world, names[i], AHOY_ENTRY_CREATE, "correct horse");
    nats[i].inside = person->address;
    nats[i].outside = rtmfp_address_ipv4 (203, 0, 113, (uint8_t)(21 + i), 5000);
    g_assert_true (world_until (pair.world, is_online, person, 10 * WORLD_SECOND));
    pair.people[i] = person;
  }
  world_befriend (pair.people[0], pair.people[1]);
  const AhoyName bert = world_name (pair.world, "bert");
  g_assert_cmpint (ahoy_agent_call (pair.people[0]->agent, &bert, false, pair.world->now_us), ==,
                   RTMFP_OK);
  world_run (pair.world, WORLD_SECOND);
  g_assert_cmpint (ahoy_agent_accept (pair.people[1]->agent, false, pair.world->now_us), ==,
                   RTMFP_OK);
  world_run (pair.world, 2 * WORLD_SECOND);
  for (guint i = 0; i < 2; i++) {
    g_assert_cmpint (world_call (pair.people[i]).state, ==, AHOY_CALL_SECURED);
  }
  return pair;
}

static void
listen (Pair *pair) {
  for (guint i = 0; i < 2; i++) {
    const int64_t gap_us = pair->world->now_us - pair->heard_us[i];
    pair->gap_us[i] = MAX (pair->gap_us[i], gap_us);
    if (pair->people[i]->audio_in != pair->heard[i]) {
      pair->heard[i] = pair->people[i]->audio_in;
      pair->heard_us[i] = pair->world->now_us;
    }
  }
}

/* Both speak, a frame each 20 ms; looks each millisecond at what came. */
static bool
speaks (const WorldPerson *person) {
  return !person->asleep;
}

static void
talk (Pair *pair, int64_t for_us) {
  const guint8 frame[80] = {0};
  for (int64_t at_us = 0; at_us < for_us; at_us += MS) {
    for (guint i = 0; i < 2 && at_us % (20 * MS) == 0; i++) {
      if (!speaks (pair->people[i])) {
        continue;
      }
      const AhoyMedia media = {.kind = AHOY_MEDIA_AUDIO,
                               .codec = AHOY_CODEC_OPUS,
                               .is_key = true,
                               .timestamp_ms = (uint32_t)(pair->world->now_us / MS),
                               .bytes = rtmfp_bytes (frame, sizeof frame)};
      RtmfpStatus status =
          ahoy_agent_send_media (pair->people[i]->agent, &media, pair->world->now_us);
      (void)status; /* what did not go is missed at the other end */
    }
    world_run (pair->world, MS);
    listen (pair);
  }
}

/* From here on gaps count. */
static void
begin (Pair *pair) {
  pair->gap_us[0] = pair->gap_us[1] = 0;
  pair->heard_us[0] = pair->heard_us[1] = pair->world->now_us;
  talk (pair, 2 * WORLD_SECOND);
  g_assert_cmpint (MAX (pair->gap_us[0], pair->gap_us[1]), <=, 45 * MS);
  g_assert_cmpuint (hellos, >, 0); /* those of the beginning */
  hellos = 0;
}

/* The call stands, was silent for so long at most, and is in the session that it began in. */
static void
assert_gap (Pair *pair, int64_t most_us) {
  g_assert_cmpuint (hellos, ==, 0);
  for (guint i = 0; i < 2; i++) {
    g_test_message ("%s heard nothing for %d ms", pair->people[i]->user,
                    (int)(pair->gap_us[i] / MS));
    g_assert_cmpint (pair->gap_us[i], <=, most_us);
    g_assert_cmpint (world_call (pair->people[i]).state, ==, AHOY_CALL_SECURED);
    g_assert_false (world_call (pair->people[i]).reconnecting);
  }
}

/* Nothing passes between the two for so long: sound is back a round trip and 200 ms after the path.
 */
static void
test_outage (gconstpointer data) {
  const int64_t outage_us = GPOINTER_TO_INT (data) * MS;
  Pair pair = make_call (50);
  begin (&pair);
  is_dark = TRUE;
  talk (&pair, outage_us);
  const guint64 before[] = {pair.heard[0], pair.heard[1]};
  is_dark = FALSE;
  talk (&pair, 5 * WORLD_SECOND);
  assert_gap (&pair, outage_us + ROUND_TRIP_US + 200 * MS);
  for (guint i = 0; i < 2; i++) { /* 50 a second: what is older than 0.4 s is not played again */
    g_assert_cmpuint (pair.heard[i] - before[i], <=, 5 * 50 + 20);
  }
  world_free (pair.world);
}

/* After 65 s it is over, for both. */
static void
test_outage_ends_call (void) {
  Pair pair = make_call (51);
  begin (&pair);
  is_dark = TRUE;
  talk (&pair, 66 * WORLD_SECOND);
  for (guint i = 0; i < 2; i++) {
    g_assert_cmpint (world_call (pair.people[i]).end, ==, AHOY_CALL_END_LOST);
  }
  world_free (pair.world);
}

/* A person chose another time, before the call or in it; of the two sides' the shorter counts. */
static void
test_patience (gconstpointer data) {
  const int64_t chosen_s = GPOINTER_TO_INT (data);
  Pair pair = make_call (59);
  begin (&pair);
  for (guint i = 0; i < 2; i++) {
    ahoy_agent_set_patience (pair.people[i]->agent, chosen_s * WORLD_SECOND, pair.world->now_us);
  }
  is_dark = TRUE;
  talk (&pair, chosen_s * WORLD_SECOND);
  is_dark = FALSE;
  talk (&pair, 5 * WORLD_SECOND);
  assert_gap (&pair, chosen_s * WORLD_SECOND + ROUND_TRIP_US + 200 * MS);
  ahoy_agent_set_patience (pair.people[0]->agent, 600 * WORLD_SECOND, pair.world->now_us);
  is_dark = TRUE;
  talk (&pair, (chosen_s + 6) * WORLD_SECOND);
  g_assert_cmpint (world_call (pair.people[1]).end, ==, AHOY_CALL_END_LOST);
  g_assert_cmpint (world_call (pair.people[0]).state, ==, AHOY_CALL_ENDED); /* told by the server */
  world_free (pair.world);
}

/* Less than ten seconds, or more than ten minutes, nobody can choose. */
static void
test_patience_is_bounded (void) {
  Pair pair = make_call (60);
  begin (&pair);
  for (guint i = 0; i < 2; i++) {
    ahoy_agent_set_patience (pair.people[i]->agent, 1, pair.world->now_us);
  }
  is_dark = TRUE;
  talk (&pair, 10 * WORLD_SECOND);
  is_dark = FALSE;
  talk (&pair, 2 * WORLD_SECOND);
  g_assert_cmpint (world_call (pair.people[0]).state, ==, AHOY_CALL_SECURED);
  for (guint i = 0; i < 2; i++) {
    ahoy_agent_set_patience (pair.people[i]->agent, INT64_MAX, pair.world->now_us);
  }
  is_dark = TRUE;
  world_run (pair.world, 600 * WORLD_SECOND);
  g_assert_cmpint (world_call (pair.people[0]).state, ==, AHOY_CALL_SECURED);
  world_run (pair.world, 7 * WORLD_SECOND);
  for (guint i = 0; i < 2; i++) {
    g_assert_cmpint (world_call (pair.people[i]).end, ==, AHOY_CALL_END_LOST);
  }
  world_free (pair.world);
}

/* One NAT forgets its mapping; the other lets the new one in only when the server has told of it:
 * 60 ms of silence are noticed, the server asked, which asks there, tells, and a hole is made. */
static void
test_rebind (gconstpointer data) {
  Pair pair = make_call (52);
  begin (&pair);
  for (guint turn = 0; turn < 3; turn++) {
    rebind (GPOINTER_TO_UINT (data));
    talk (&pair, 5 * WORLD_SECOND);
  }
  assert_gap (&pair, 80 * MS + 2 * ROUND_TRIP_US);
  world_free (pair.world);
}

/* Nobody has to be asked: the first packet from the new address begins the proof, and sound is
 * mirrored there meanwhile. */
static void
test_rebind_full_cone (void) {
  Pair pair = make_call (55);
  lets_all_in = TRUE;
  begin (&pair);
  for (guint turn = 0; turn < 5; turn++) {
    rebind (turn % 2);
    talk (&pair, 3 * WORLD_SECOND + 7 * MS);
  }
  assert_gap (&pair, ROUND_TRIP_US + 30 * MS);
  world_free (pair.world);
}

static void
test_rebind_both (void) {
  Pair pair = make_call (53);
  begin (&pair);
  for (guint turn = 0; turn < 3; turn++) {
    rebind (0);
    rebind (1);
    talk (&pair, 5 * WORLD_SECOND);
  }
  assert_gap (&pair, 80 * MS + 2 * ROUND_TRIP_US);
  world_free (pair.world);
}

/* The host knows that it has moved: nobody waits for silence. */
static void
test_new_address (void) {
  Pair pair = make_call (54);
  begin (&pair);
  WorldPerson *anna = pair.people[0];
  rebind (0);
  const RtmfpAddress local[] = {rtmfp_address_ipv4 (10, 3, 0, 2, 5000)};
  ahoy_agent_local_addresses (anna->agent, local, 1, pair.world->now_us);
  const RtmfpAddress other[] = {rtmfp_address_ipv4 (10, 4, 0, 2, 5000)};
  ahoy_agent_local_addresses (anna->agent, other, 1, pair.world->now_us);
  talk (&pair, 5 * WORLD_SECOND);
  assert_gap (&pair, 60 * MS + ROUND_TRIP_US);
  world_free (pair.world);
}

/* One side loses its IPv4, and with it the server, which has none other: the call goes on by IPv6,
 * whose routers both have kept open. data: whether the host tells. */
static void
test_four_to_six (gconstpointer data) {
  const bool host_tells = data != NULL;
  Pair pair = make_call (56);
  for (guint i = 0; i < 2; i++) {
    const RtmfpAddress first[] = {nats[i].inside};
    const RtmfpAddress local[] = {nats[i].inside, six_of (i)};
    ahoy_agent_local_addresses (pair.people[i]->agent, first, 1, pair.world->now_us);
    ahoy_agent_local_addresses (pair.people[i]->agent, local, 2, pair.world->now_us);
  }
  begin (&pair);
  is_six[0] = TRUE;
  if (host_tells) {
    const RtmfpAddress left[] = {six_of (0)};
    ahoy_agent_local_addresses (pair.people[0]->agent, left, 1, pair.world->now_us);
  }
  talk (&pair, 5 * WORLD_SECOND);
  assert_gap (&pair, (host_tells ? 60 : 80) * MS + ROUND_TRIP_US);
  world_free (pair.world);
}

/* One lid is closed for half a minute in a call: it goes on as after any outage. */
static void
test_sleep_in_call (void) {
  Pair pair = make_call (57);
  begin (&pair);
  WorldPerson *anna = pair.people[0];
  anna->asleep = TRUE;
  talk (&pair, 30 * WORLD_SECOND);
  anna->asleep = FALSE;
  ahoy_agent_woke (anna->agent, pair.world->now_us);
  talk (&pair, 5 * WORLD_SECOND);
  assert_gap (&pair, 30 * WORLD_SECOND + ROUND_TRIP_US + 200 * MS);
  g_assert_cmpint (anna->state, ==, AHOY_AGENT_ONLINE);
  world_free (pair.world);
}

/* A night: the call is over for both, and the one who wakes is signed in again within seconds and
 * can be called. */
static void
test_sleep_a_night (void) {
  Pair pair = make_call (58);
  WorldPerson *anna = pair.people[0], *bert = pair.people[1];
  anna->asleep = TRUE;
  world_run (pair.world, 8 * 3600 * WORLD_SECOND);
  g_assert_cmpint (world_call (bert).end, ==, AHOY_CALL_END_LOST);
  anna->asleep = FALSE;
  ahoy_agent_woke (anna->agent, pair.world->now_us);
  world_run (pair.world, 5 * WORLD_SECOND);
  g_assert_cmpint (anna->state, ==, AHOY_AGENT_ONLINE);
  g_assert_cmpint (world_call (anna).end, ==, AHOY_CALL_END_LOST);
  const AhoyName name = world_name (pair.world, "anna");
  g_assert_cmpint (ahoy_agent_call (bert->agent, &name, false, pair.world->now_us), ==, RTMFP_OK);
  world_run (pair.world, 2 * WORLD_SECOND);
  g_assert_cmpint (world_call (anna).state, ==, AHOY_CALL_INCOMING);
  world_free (pair.world);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  static const int outages_ms[] = {200, 1000, 5000, 20000, 60000};
  for (guint i = 0; i < G_N_ELEMENTS (outages_ms); i++) {
    g_autofree char *path = g_strdup_printf ("/agent/moving/outage-of-%d-ms", outages_ms[i]);
    g_test_add_data_func (path, GINT_TO_POINTER (outages_ms[i]), test_outage);
  }
  g_test_add_func ("/agent/moving/sleep-of-30-s", test_sleep_in_call);
  g_test_add_func ("/agent/moving/sleep-of-a-night", test_sleep_a_night);
  g_test_add_func ("/agent/moving/outage-of-66-s-ends-the-call", test_outage_ends_call);
  g_test_add_data_func ("/agent/moving/patience-of-10-s", GINT_TO_POINTER (10), test_patience);
  g_test_add_data_func ("/agent/moving/patience-of-180-s", GINT_TO_POINTER (180), test_patience);
  g_test_add_func ("/agent/moving/patience-is-bounded", test_patience_is_bounded);
  g_test_add_data_func ("/agent/moving/nat-of-the-caller-rebinds", GUINT_TO_POINTER (0),
                        test_rebind);
  g_test_add_data_func ("/agent/moving/nat-of-the-callee-rebinds", GUINT_TO_POINTER (1),
                        test_rebind);
  g_test_add_func ("/agent/moving/full-cone-rebinds", test_rebind_full_cone);
  g_test_add_func ("/agent/moving/both-nats-rebind", test_rebind_both);
  g_test_add_func ("/agent/moving/new-address-of-the-host", test_new_address);
  g_test_add_data_func ("/agent/moving/from-ipv4-to-ipv6", GUINT_TO_POINTER (1), test_four_to_six);
  g_test_add_data_func ("/agent/moving/from-ipv4-to-ipv6-unnoticed", NULL, test_four_to_six);
  return g_test_run ();
}

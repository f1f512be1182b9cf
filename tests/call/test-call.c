/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Calls between two made-up people: every way a call goes, the table as a whole, random worlds. */
#include "core/call/call.h"
#include "core/call/table.h"
#include "tests/account/fixture.h"

#define SECOND INT64_C (1000000)
#define DEVICE_ADA 1
#define DEVICE_BOB 2
#define DEVICE_BOB_TABLET 3

static const AhoyCodecs codecs = {.audio = {AHOY_CODEC_OPUS},
                                  .video = {AHOY_CODEC_VP8, AHOY_CODEC_H264}};

/* One program and what it was told to do. */
typedef struct {
  AhoyCall call;
  uint64_t device;
  bool rings;
  bool media;
  unsigned opened, closed, sent, changed;
  uint64_t opened_device;
  AhoyCallSignal last;
  AhoyCallSignalType log[16];
} Phone;

typedef struct {
  Phone ada, bob, tablet;
  uint64_t seed;
  bool has_tablet;
  bool server_down; /* signals are lost */
  int64_t now_us;
} World;

static void drain (World *world, Phone *phone);

static void
deliver (World *world, Phone *to, const AhoyCallSignal *signal, Phone *from) {
  if (!world->server_down && to->device != 0) {
    (void)!ahoy_call_receive (&to->call, signal, from->device, world->now_us);
    drain (world, to);
  }
}

static void
send_signal (World *world, Phone *from, const AhoyCallAction *action) {
  from->last = action->signal;
  from->log[from->sent++ % G_N_ELEMENTS (from->log)] = action->signal.type;
  if (from != &world->ada) {
    deliver (world, &world->ada, &action->signal, from);
    return;
  }
  if (action->to_all || action->device == DEVICE_BOB) {
    deliver (world, &world->bob, &action->signal, from);
  }
  if (action->to_all || action->device == DEVICE_BOB_TABLET) {
    deliver (world, &world->tablet, &action->signal, from);
  }
}

static void
drain (World *world, Phone *phone) {
  AhoyCallAction action;
  while (ahoy_call_poll_action (&phone->call, &action)) {
    switch (action.type) {
    case AHOY_CALL_SEND:
      send_signal (world, phone, &action);
      break;
    case AHOY_CALL_OPEN_PATH:
      phone->opened++;
      phone->opened_device = action.device;
      break;
    case AHOY_CALL_RING_START:
      g_assert_false (phone->rings);
      phone->rings = true;
      break;
    case AHOY_CALL_RING_STOP:
      phone->rings = false;
      break;
    case AHOY_CALL_MEDIA_START:
      g_assert_false (phone->media);
      phone->media = true;
      break;
    case AHOY_CALL_MEDIA_STOP:
      g_assert_true (phone->media);
      phone->media = false;
      break;
    case AHOY_CALL_CLOSE_PATHS:
      phone->closed++;
      break;
    case AHOY_CALL_CHANGED:
      phone->changed++;
      break;
    }
  }
}

static World
make_world (bool early, bool has_tablet) {
  World world = {.seed = 3, .now_us = 100 * SECOND, .has_tablet = has_tablet};
  ahoy_call_init (&world.ada.call, &codecs, early);
  ahoy_call_init (&world.bob.call, &codecs, early);
  ahoy_call_init (&world.tablet.call, &codecs, early);
  world.ada.device = DEVICE_ADA;
  world.bob.device = DEVICE_BOB;
  world.tablet.device = has_tablet ? DEVICE_BOB_TABLET : 0;
  return world;
}

static void
dial (World *world, Phone *phone, bool video) {
  RtmfpRng rng = fixture_rng (&world->seed);
  g_assert_cmpint (ahoy_call_start (&phone->call, &rng, video, "Ada L.", world->now_us), ==,
                   RTMFP_OK);
  drain (world, phone);
}

static void
path (World *world, Phone *phone, AhoyCallInput input, uint64_t device) {
  ahoy_call_input (&phone->call, input, device, world->now_us);
  drain (world, phone);
}

static void
accept_call (World *world, Phone *phone, bool video) {
  g_assert_cmpint (ahoy_call_accept (&phone->call, video, world->now_us), ==, RTMFP_OK);
  drain (world, phone);
}

static void
hang_up (World *world, Phone *phone) {
  g_assert_cmpint (ahoy_call_hang_up (&phone->call, world->now_us), ==, RTMFP_OK);
  drain (world, phone);
}

static void
check (const Phone *phone, AhoyCallState state, AhoyCallEnd end) {
  g_assert_cmpstr (ahoy_call_state_text (phone->call.state), ==, ahoy_call_state_text (state));
  g_assert_cmpstr (ahoy_call_end_text (phone->call.end), ==, ahoy_call_end_text (end));
  if (state == AHOY_CALL_ENDED) {
    g_assert_false (phone->rings);
    g_assert_false (phone->media);
    g_assert_cmpint (ahoy_call_deadline (&phone->call), ==, RTMFP_NEVER);
  }
}

static void
check_both (const World *world, AhoyCallState state, AhoyCallEnd ada, AhoyCallEnd bob) {
  check (&world->ada, state, ada);
  check (&world->bob, state, bob);
}

static World
talking (bool early) {
  World world = make_world (early, false);
  dial (&world, &world.ada, true);
  accept_call (&world, &world.bob, false);
  path (&world, &world.ada, AHOY_CALL_PATH_READY, DEVICE_BOB);
  path (&world, &world.bob, AHOY_CALL_PATH_READY, DEVICE_ADA);
  check_both (&world, AHOY_CALL_SECURED, AHOY_CALL_END_NONE, AHOY_CALL_END_NONE);
  return world;
}

static void
whole_call (void) {
  World world = make_world (false, false);
  dial (&world, &world.ada, true);
  check (&world.ada, AHOY_CALL_RINGING, AHOY_CALL_END_NONE);
  check (&world.bob, AHOY_CALL_INCOMING, AHOY_CALL_END_NONE);
  g_assert_true (world.ada.rings && world.bob.rings);
  g_assert_true (world.bob.call.far_video);
  g_assert_cmpstr (world.bob.call.far_display_name, ==, "Ada L.");
  g_assert_cmpuint (world.ada.opened, ==, 0); /* no address by ringing */
  g_assert_false (ahoy_call_may_connect (&world.bob.call));
  world.now_us += 10 * SECOND;
  accept_call (&world, &world.bob, false);
  g_assert_true (ahoy_call_may_connect (&world.bob.call));
  check_both (&world, AHOY_CALL_CONNECTING, AHOY_CALL_END_NONE, AHOY_CALL_END_NONE);
  g_assert_cmpuint (world.ada.opened, ==, 1);
  g_assert_cmpuint (world.ada.opened_device, ==, DEVICE_BOB);
  g_assert_false (world.ada.rings || world.bob.rings || world.ada.media || world.bob.media);
  g_assert_cmpint (world.bob.last.codecs.audio[0], ==, AHOY_CODEC_OPUS);
  g_assert_cmpint (world.bob.last.codecs.video[0], ==, AHOY_CODEC_VP8);
  path (&world, &world.ada, AHOY_CALL_PATH_READY, DEVICE_BOB);
  path (&world, &world.bob, AHOY_CALL_PATH_READY, DEVICE_ADA);
  check_both (&world, AHOY_CALL_SECURED, AHOY_CALL_END_NONE, AHOY_CALL_END_NONE);
  g_assert_true (world.ada.media && world.bob.media);
  g_assert_true (world.ada.call.near_video && !world.ada.call.far_video);
  g_assert_true (world.bob.call.far_video && !world.bob.call.near_video);
  world.now_us += 3600 * SECOND;
  ahoy_call_advance (&world.ada.call, world.now_us); /* no limit on talking */
  hang_up (&world, &world.bob);
  check_both (&world, AHOY_CALL_ENDED, AHOY_CALL_END_FAR_HUNG_UP, AHOY_CALL_END_HUNG_UP);
  g_assert_cmpuint (world.ada.closed, ==, 1);
  g_assert_cmpint (ahoy_call_hang_up (&world.ada.call, world.now_us), ==, RTMFP_STATE);
}

/* The session is made while it rings; the media waits for "accept", and then needs no more
 * hand-shake. */
static void
early_path (void) {
  World world = make_world (true, false);
  dial (&world, &world.ada, false);
  g_assert_cmpuint (world.ada.opened, ==, 1);
  g_assert_true (ahoy_call_may_connect (&world.bob.call));
  path (&world, &world.ada, AHOY_CALL_PATH_READY, DEVICE_BOB);
  path (&world, &world.bob, AHOY_CALL_PATH_READY, DEVICE_ADA);
  check (&world.ada, AHOY_CALL_RINGING, AHOY_CALL_END_NONE);
  g_assert_false (world.ada.media || world.bob.media);
  accept_call (&world, &world.bob, false);
  check_both (&world, AHOY_CALL_SECURED, AHOY_CALL_END_NONE, AHOY_CALL_END_NONE);
  g_assert_true (world.ada.media && world.bob.media);

  /* One that failed or died while ringing is opened again after "accept". */
  world = make_world (true, false);
  dial (&world, &world.ada, false);
  path (&world, &world.ada, AHOY_CALL_PATH_READY, DEVICE_BOB);
  path (&world, &world.ada, AHOY_CALL_PATH_LOST, DEVICE_BOB);
  path (&world, &world.ada, AHOY_CALL_PATH_FAILED, DEVICE_BOB);
  check (&world.ada, AHOY_CALL_RINGING, AHOY_CALL_END_NONE);
  accept_call (&world, &world.bob, false);
  check (&world.ada, AHOY_CALL_CONNECTING, AHOY_CALL_END_NONE);
  g_assert_cmpuint (world.ada.opened, ==, 2);
}

static void
endings_before_answer (void) {
  World world = make_world (false, false);
  dial (&world, &world.ada, false);
  g_assert_cmpint (ahoy_call_decline (&world.ada.call, world.now_us), ==, RTMFP_STATE);
  g_assert_cmpint (ahoy_call_accept (&world.ada.call, false, world.now_us), ==, RTMFP_STATE);
  g_assert_cmpint (ahoy_call_decline (&world.bob.call, world.now_us), ==, RTMFP_OK);
  drain (&world, &world.bob);
  check_both (&world, AHOY_CALL_ENDED, AHOY_CALL_END_DECLINED, AHOY_CALL_END_DECLINED);

  world = make_world (false, false);
  dial (&world, &world.ada, false);
  hang_up (&world, &world.ada);
  check_both (&world, AHOY_CALL_ENDED, AHOY_CALL_END_CANCELLED, AHOY_CALL_END_CANCELLED);
  g_assert_cmpint (ahoy_call_accept (&world.bob.call, false, world.now_us), ==, RTMFP_STATE);

  world = make_world (false, false);
  dial (&world, &world.ada, false);
  hang_up (&world, &world.bob);
  check_both (&world, AHOY_CALL_ENDED, AHOY_CALL_END_DECLINED, AHOY_CALL_END_DECLINED);

  world = make_world (false, false);
  world.server_down = true;
  dial (&world, &world.ada, false);
  check (&world.ada, AHOY_CALL_REACHING, AHOY_CALL_END_NONE);
  path (&world, &world.ada, AHOY_CALL_OFFLINE, 0);
  check (&world.ada, AHOY_CALL_ENDED, AHOY_CALL_END_OFFLINE);

  /* All devices went away while it rang. */
  world = make_world (false, false);
  dial (&world, &world.ada, false);
  AhoyCallSignal gone = {.type = AHOY_CALL_SIGNAL_DECLINE,
                         .call = world.ada.call.id,
                         .reason = AHOY_CALL_REASON_OFFLINE};
  g_assert_cmpint (ahoy_call_receive (&world.ada.call, &gone, 0, world.now_us), ==, RTMFP_OK);
  drain (&world, &world.ada);
  check (&world.ada, AHOY_CALL_ENDED, AHOY_CALL_END_OFFLINE);

  world = make_world (false, false);
  dial (&world, &world.ada, false);
  AhoyCallSignal offer = {.type = AHOY_CALL_SIGNAL_OFFER, .call = world.ada.call.id}, busy;
  ahoy_call_busy_signal (&offer, &busy);
  g_assert_cmpint (ahoy_call_receive (&world.ada.call, &busy, DEVICE_BOB, world.now_us), ==,
                   RTMFP_OK);
  drain (&world, &world.ada);
  check (&world.ada, AHOY_CALL_ENDED, AHOY_CALL_END_BUSY);
}

static void
unanswered (void) {
  World world = make_world (false, false);
  dial (&world, &world.ada, false);
  world.now_us += AHOY_CALL_UNANSWERED_US - 1;
  ahoy_call_advance (&world.ada.call, world.now_us);
  check (&world.ada, AHOY_CALL_RINGING, AHOY_CALL_END_NONE);
  world.now_us = ahoy_call_deadline (&world.ada.call);
  ahoy_call_advance (&world.ada.call, world.now_us);
  drain (&world, &world.ada);
  check_both (&world, AHOY_CALL_ENDED, AHOY_CALL_END_UNANSWERED, AHOY_CALL_END_CANCELLED);

  /* The cancel was lost: the callee stops by itself, a little later. */
  world = make_world (false, false);
  dial (&world, &world.ada, false);
  world.server_down = true;
  world.now_us = ahoy_call_deadline (&world.bob.call);
  g_assert_cmpint (world.now_us, >, ahoy_call_deadline (&world.ada.call));
  ahoy_call_advance (&world.bob.call, world.now_us);
  drain (&world, &world.bob);
  check (&world.bob, AHOY_CALL_ENDED, AHOY_CALL_END_UNANSWERED);
}

static void
no_path (void) {
  World world = make_world (false, false);
  dial (&world, &world.ada, false);
  accept_call (&world, &world.bob, false);
  path (&world, &world.ada, AHOY_CALL_PATH_FAILED, DEVICE_BOB_TABLET); /* not the one we talk to */
  check (&world.ada, AHOY_CALL_CONNECTING, AHOY_CALL_END_NONE);
  path (&world, &world.ada, AHOY_CALL_PATH_FAILED, DEVICE_BOB);
  check_both (&world, AHOY_CALL_ENDED, AHOY_CALL_END_FAILED, AHOY_CALL_END_FAR_HUNG_UP);

  world = make_world (false, false);
  dial (&world, &world.ada, false);
  accept_call (&world, &world.bob, false);
  world.now_us += AHOY_CALL_CONNECT_US;
  ahoy_call_advance (&world.bob.call, world.now_us);
  drain (&world, &world.bob);
  check_both (&world, AHOY_CALL_ENDED, AHOY_CALL_END_FAR_HUNG_UP, AHOY_CALL_END_FAILED);
}

static void
key_changed (void) {
  World world = make_world (true, false);
  dial (&world, &world.ada, false);
  path (&world, &world.ada, AHOY_CALL_PATH_KEY_CHANGED, DEVICE_BOB);
  check_both (&world, AHOY_CALL_ENDED, AHOY_CALL_END_KEY_CHANGED, AHOY_CALL_END_CANCELLED);

  world = make_world (true, false);
  dial (&world, &world.ada, false);
  path (&world, &world.bob, AHOY_CALL_PATH_KEY_CHANGED, DEVICE_ADA);
  check_both (&world, AHOY_CALL_ENDED, AHOY_CALL_END_DECLINED, AHOY_CALL_END_KEY_CHANGED);

  world = make_world (false, false);
  dial (&world, &world.ada, false);
  accept_call (&world, &world.bob, false);
  path (&world, &world.ada, AHOY_CALL_PATH_KEY_CHANGED, DEVICE_BOB);
  check_both (&world, AHOY_CALL_ENDED, AHOY_CALL_END_KEY_CHANGED, AHOY_CALL_END_FAR_HUNG_UP);
  g_assert_false (world.ada.media || world.bob.media);
}

/* The server goes away in mid-call: nothing happens. The path dies: lost. */
static void
outages (void) {
  World world = talking (false);
  world.server_down = true;
  path (&world, &world.ada, AHOY_CALL_OFFLINE, 0);
  check (&world.ada, AHOY_CALL_SECURED, AHOY_CALL_END_NONE);
  path (&world, &world.ada, AHOY_CALL_PATH_LOST, DEVICE_BOB_TABLET);
  check (&world.ada, AHOY_CALL_SECURED, AHOY_CALL_END_NONE);
  path (&world, &world.ada, AHOY_CALL_PATH_LOST, DEVICE_BOB);
  check (&world.ada, AHOY_CALL_ENDED, AHOY_CALL_END_LOST);
}

static void
two_devices (void) {
  World world = make_world (true, true);
  dial (&world, &world.ada, false);
  g_assert_cmpuint (world.ada.opened, ==, 2);
  g_assert_true (world.bob.rings && world.tablet.rings);
  path (&world, &world.ada, AHOY_CALL_PATH_READY, DEVICE_BOB_TABLET);
  accept_call (&world, &world.bob, false); /* the other one has the path: not enough */
  check (&world.ada, AHOY_CALL_CONNECTING, AHOY_CALL_END_NONE);
  accept_call (&world, &world.tablet, false); /* too late */
  check (&world.tablet, AHOY_CALL_ENDED, AHOY_CALL_END_ELSEWHERE);
  hang_up (&world, &world.ada);
  check_both (&world, AHOY_CALL_ENDED, AHOY_CALL_END_HUNG_UP, AHOY_CALL_END_FAR_HUNG_UP);

  /* A device that is not our partner ends nothing. */
  world = talking (false);
  AhoyCallSignal hangup = {.type = AHOY_CALL_SIGNAL_HANGUP, .call = world.ada.call.id};
  g_assert_cmpint (ahoy_call_receive (&world.ada.call, &hangup, DEVICE_BOB_TABLET, world.now_us),
                   ==, RTMFP_OK);
  check (&world.ada, AHOY_CALL_SECURED, AHOY_CALL_END_NONE);

  /* The server says it first: answered, or declined, on another device. */
  world = make_world (false, true);
  dial (&world, &world.ada, false);
  AhoyCallSignal elsewhere = {.type = AHOY_CALL_SIGNAL_ELSEWHERE, .call = world.ada.call.id};
  g_assert_cmpint (ahoy_call_receive (&world.tablet.call, &elsewhere, 0, world.now_us), ==,
                   RTMFP_OK);
  drain (&world, &world.tablet);
  check (&world.tablet, AHOY_CALL_ENDED, AHOY_CALL_END_ELSEWHERE);
}

/* Accept and cancel cross on their way. */
static void
accept_meets_cancel (void) {
  World world = make_world (true, false);
  dial (&world, &world.ada, false);
  path (&world, &world.bob, AHOY_CALL_PATH_READY, DEVICE_ADA);
  world.server_down = true;
  accept_call (&world, &world.bob, false);
  check (&world.bob, AHOY_CALL_SECURED, AHOY_CALL_END_NONE);
  hang_up (&world, &world.ada);
  world.server_down = false;
  deliver (&world, &world.ada, &world.bob.last, &world.bob);
  deliver (&world, &world.bob, &world.ada.last, &world.ada);
  check_both (&world, AHOY_CALL_ENDED, AHOY_CALL_END_CANCELLED, AHOY_CALL_END_CANCELLED);
}

/* Both call each other before either offer arrives: one call comes of it, whatever the ids and the
 * order. */
static void
glare (void) {
  for (uint64_t seed = 1; seed <= 64; seed++) {
    World world = make_world ((seed & 1) != 0, false);
    world.seed = seed;
    world.server_down = true;
    dial (&world, &world.ada, true);
    dial (&world, &world.bob, false);
    const AhoyCallSignal from_ada = world.ada.last, from_bob = world.bob.last;
    world.server_down = false;
    if ((seed & 2) != 0) {
      deliver (&world, &world.bob, &from_ada, &world.ada);
      deliver (&world, &world.ada, &from_bob, &world.bob);
    } else {
      deliver (&world, &world.ada, &from_bob, &world.bob);
      deliver (&world, &world.bob, &from_ada, &world.ada);
    }
    check_both (&world, AHOY_CALL_CONNECTING, AHOY_CALL_END_NONE, AHOY_CALL_END_NONE);
    g_assert_cmpint (ahoy_call_id_compare (&world.ada.call.id, &world.bob.call.id), ==, 0);
    g_assert_true (world.ada.call.outgoing != world.bob.call.outgoing);
    bool ada_wins = ahoy_call_id_compare (&from_ada.call, &from_bob.call) < 0;
    g_assert_true (world.ada.call.outgoing == ada_wins);
    g_assert_true (world.ada.call.near_video && !world.ada.call.far_video);
    g_assert_true (world.bob.call.far_video && !world.bob.call.near_video);
    const Phone *loser = ada_wins ? &world.bob : &world.ada;
    g_assert_cmpint (loser->log[loser->sent - 2], ==, AHOY_CALL_SIGNAL_CANCEL);
    g_assert_cmpint (loser->log[loser->sent - 1], ==, AHOY_CALL_SIGNAL_ACCEPT);
    path (&world, &world.ada, AHOY_CALL_PATH_READY, DEVICE_BOB);
    path (&world, &world.bob, AHOY_CALL_PATH_READY, DEVICE_ADA);
    check_both (&world, AHOY_CALL_SECURED, AHOY_CALL_END_NONE, AHOY_CALL_END_NONE);
  }
}

static void
other_calls (void) {
  World world = talking (false);
  AhoyCallSignal offer = {.type = AHOY_CALL_SIGNAL_OFFER, .call = {{9}}};
  g_assert_cmpint (ahoy_call_receive (&world.bob.call, &offer, DEVICE_ADA, world.now_us), ==,
                   RTMFP_STATE);
  check (&world.bob, AHOY_CALL_SECURED, AHOY_CALL_END_NONE);
  /* Signals of another call change nothing, in no state. */
  for (int type = AHOY_CALL_SIGNAL_RINGING; type < AHOY_CALL_SIGNAL_COUNT; type++) {
    AhoyCallSignal signal = {.type = (AhoyCallSignalType)type, .call = {{9}}};
    g_assert_cmpint (ahoy_call_receive (&world.bob.call, &signal, DEVICE_ADA, world.now_us), ==,
                     RTMFP_OK);
    World fresh = make_world (true, false);
    g_assert_cmpint (ahoy_call_receive (&fresh.bob.call, &signal, DEVICE_ADA, fresh.now_us), ==,
                     RTMFP_OK);
    check (&fresh.bob, AHOY_CALL_IDLE, AHOY_CALL_END_NONE);
  }
  check (&world.bob, AHOY_CALL_SECURED, AHOY_CALL_END_NONE);
  World idle = make_world (true, false);
  g_assert_cmpint (ahoy_call_hang_up (&idle.ada.call, 0), ==, RTMFP_STATE);
}

/* A device that repeats itself without end neither grows anything nor crowds out the end of the
 * call. */
static void
repeats (void) {
  World world = make_world (true, false);
  dial (&world, &world.ada, false);
  AhoyCallSignal ringing = {.type = AHOY_CALL_SIGNAL_RINGING, .call = world.ada.call.id};
  for (uint64_t i = 0; i < 1000; i++) {
    g_assert_cmpint (ahoy_call_receive (&world.ada.call, &ringing, i, world.now_us), ==, RTMFP_OK);
    ahoy_call_input (&world.ada.call, AHOY_CALL_PATH_READY, i, world.now_us);
  }
  g_assert_cmpuint (world.ada.call.pending_count, ==, AHOY_CALL_ACTIONS_MAX / 2);
  g_assert_cmpuint (world.ada.call.ready_count, ==, AHOY_CALL_DEVICES_MAX);
  hang_up (&world, &world.ada);
  check_both (&world, AHOY_CALL_ENDED, AHOY_CALL_END_CANCELLED, AHOY_CALL_END_CANCELLED);
}

static void
whole_table (void) {
  for (int outgoing = 0; outgoing <= 1; outgoing++) {
    for (int input = 0; input <= AHOY_CALL_INPUT_COUNT; input++) {
      g_assert_false (ahoy_call_step (outgoing, AHOY_CALL_ENDED, (AhoyCallInput)input)->counts);
      for (int state = 0; state < AHOY_CALL_STATE_COUNT; state++) {
        const AhoyCallStep *step =
            ahoy_call_step (outgoing, (AhoyCallState)state, (AhoyCallInput)input);
        if (!step->counts) {
          continue;
        }
        bool ends = step->next == AHOY_CALL_ENDED;
        g_assert_true (ends == (step->end != AHOY_CALL_END_NONE));
        g_assert_true (ends == ((step->effects & AHOY_CALL_EFFECT_CLOSE_PATHS) != 0));
        /* Media runs in SECURED and nowhere else. */
        bool starts = state != AHOY_CALL_SECURED && step->next == AHOY_CALL_SECURED;
        bool stops = state == AHOY_CALL_SECURED && step->next != AHOY_CALL_SECURED;
        g_assert_true (starts == ((step->effects & AHOY_CALL_EFFECT_MEDIA_START) != 0));
        g_assert_true (stops == ((step->effects & AHOY_CALL_EFFECT_MEDIA_STOP) != 0));
        g_assert_true (!starts || input == AHOY_CALL_PATH_READY);
      }
    }
    /* A person can end the call in every state it can be in. */
    for (int state = AHOY_CALL_REACHING; state < AHOY_CALL_ENDED; state++) {
      bool reachable = outgoing ? state != AHOY_CALL_INCOMING : state >= AHOY_CALL_INCOMING;
      g_assert_true (reachable ==
                     ahoy_call_step (outgoing, (AhoyCallState)state, AHOY_CALL_DO_HANG_UP)->counts);
    }
  }
}

/* Anything in any order, from anyone: rings and media are balanced, states only go on, and it ends.
 */
static void
random_worlds (void) {
  unsigned reached[AHOY_CALL_STATE_COUNT] = {0};
  for (uint64_t seed = 1; seed <= 3000; seed++) {
    World world = make_world ((seed & 1) != 0, (seed & 2) != 0);
    world.seed = seed;
    g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32)seed);
    world.server_down = seed % 3 == 0;
    dial (&world, &world.ada, true);
    for (int i = 0; i < 60; i++) {
      Phone *phones[] = {&world.ada, &world.bob, &world.tablet};
      Phone *phone = phones[g_rand_int_range (rand, 0, world.has_tablet ? 3 : 2)];
      AhoyCallState before = phone->call.state;
      AhoyCallSignal signal = {.type = (AhoyCallSignalType)g_rand_int_range (rand, 0, 8),
                               .call = world.ada.call.id};
      uint64_t device = (uint64_t)g_rand_int_range (rand, 0, 4);
      world.server_down = g_rand_int_range (rand, 0, 4) == 0;
      world.now_us += g_rand_int_range (rand, 0, 3) * SECOND;
      switch (g_rand_int_range (rand, 0, 12)) {
      case 0:
        (void)!ahoy_call_receive (&phone->call, &signal, device, world.now_us);
        break;
      case 1:
        (void)!ahoy_call_accept (&phone->call, true, world.now_us);
        break;
      case 2:
        (void)!ahoy_call_decline (&phone->call, world.now_us);
        break;
      case 3:
        if (g_rand_int_range (rand, 0, 4) == 0) {
          (void)!ahoy_call_hang_up (&phone->call, world.now_us);
        }
        break;
      case 4:
        ahoy_call_advance (&phone->call, world.now_us);
        break;
      default:
        ahoy_call_input (&phone->call,
                         (AhoyCallInput)g_rand_int_range (rand, 0, AHOY_CALL_INPUT_COUNT + 1),
                         device, world.now_us);
      }
      drain (&world, phone);
      g_assert_true (before != AHOY_CALL_ENDED || phone->call.state == AHOY_CALL_ENDED);
      g_assert_true (phone->media == (phone->call.state == AHOY_CALL_SECURED));
      reached[phone->call.state]++;
    }
    world.now_us += 1000 * SECOND;
    ahoy_call_advance (&world.ada.call, world.now_us);
    drain (&world, &world.ada);
    g_assert_true (world.ada.call.state == AHOY_CALL_ENDED ||
                   world.ada.call.state == AHOY_CALL_SECURED);
  }
  for (int state = 0; state < AHOY_CALL_STATE_COUNT; state++) {
    g_test_message ("%s: %u", ahoy_call_state_text ((AhoyCallState)state), reached[state]);
    g_assert_cmpuint (reached[state], >, 0);
  }
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/call/whole-call", whole_call);
  g_test_add_func ("/call/early-path-waits-for-accept", early_path);
  g_test_add_func ("/call/endings-before-an-answer", endings_before_answer);
  g_test_add_func ("/call/unanswered-after-45-s", unanswered);
  g_test_add_func ("/call/no-path", no_path);
  g_test_add_func ("/call/key-changed-stops-it", key_changed);
  g_test_add_func ("/call/outages", outages);
  g_test_add_func ("/call/two-devices", two_devices);
  g_test_add_func ("/call/accept-meets-cancel", accept_meets_cancel);
  g_test_add_func ("/call/glare-makes-one-call", glare);
  g_test_add_func ("/call/other-calls-change-nothing", other_calls);
  g_test_add_func ("/call/repeats-are-bounded", repeats);
  g_test_add_func ("/call/whole-table", whole_table);
  g_test_add_func ("/call/random-worlds", random_worlds);
  return g_test_run ();
}

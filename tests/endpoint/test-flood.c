/* SPDX-License-Identifier: Apache-2.0 */
/* 1,000 strangers a second open sessions at an endpoint that one has a session with already, on a
 * clock that only we move: public-key work takes its time, on another thread. */
#include "tests/endpoint/world.h"

enum {
  STRANGERS = 40,
  SECOND_US = 1000000,
  STEP_US = 1000,   /* a hello each */
  JOB_US = 900,     /* of one thread that does them one after the other: nine tenths of it */
  SOUND_STEPS = 20, /* a message each */
};

typedef struct {
  int64_t free_us; /* when the thread is done with what it has */
  bool works;
  guint done;
} Worker;

/* What the other thread has finished by now comes back. */
static void
work (Worker *worker, Node *server) {
  const int64_t now_us = server->world->now_us;
  while (worker->works ? worker->free_us <= now_us : !g_queue_is_empty (&server->jobs)) {
    if (worker->works) {
      rtmfp_endpoint_complete_job (server->endpoint, g_queue_pop_head (&server->jobs), now_us);
      worker->done++;
      worker->works = false;
    } else {
      worker->works = true;
      worker->free_us = MAX (worker->free_us, now_us - STEP_US) + JOB_US;
    }
  }
}

/* Every sound is there when its way is over, and not later; and the strangers come in. */
static void
test_sound_beside_hellos (void) {
  Pair pair;
  RtmfpId sending, receiving;
  Node *strangers[STRANGERS];
  RtmfpIdentityConfig config = plain_identity ();
  Worker worker = {0};
  guint sounds = 0;
  pair_init (&pair);
  pair_open_flow (&pair, RTMFP_PRIORITY_IMMEDIATE, &sending, &receiving);
  for (guint8 i = 0; i < STRANGERS; i++) {
    strangers[i] = world_add (pair.world, (guint8)(10 + i));
  }
  const guint way_steps = (guint)(pair.world->delay_us / STEP_US);
  g_assert_cmpuint (way_steps, <, SOUND_STEPS);
  pair.b->holds_jobs = true;
  for (guint step = 0; step < SECOND_US / STEP_US; step++) {
    Node *stranger = strangers[step % STRANGERS];
    open_to (stranger, rtmfp_endpoint_add_identity (stranger->endpoint, &config, NULL),
             &pair.b_fingerprint, pair.b);
    if (step % SOUND_STEPS == 0) {
      send_text (pair.a, sending, "sound");
    }
    world_run (pair.world, STEP_US);
    work (&worker, pair.b);
    if (step % SOUND_STEPS == way_steps - 1) {
      g_assert_true (node_was_told (pair.b, RTMFP_EVENT_FLOW_MESSAGE));
      expect_text (pair.b, receiving, "sound");
      sounds++;
    }
  }
  g_assert_cmpuint (sounds, ==, SECOND_US / STEP_US / SOUND_STEPS);
  g_assert_cmpuint (worker.done, >=, 900);
  g_assert_cmpuint (counters_of (pair.b).handshakes_answered, >=, 900);
  node_release_jobs (pair.b);
  pair_clear (&pair);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/endpoint/flood/sound-beside-hellos", test_sound_beside_hellos);
  return g_test_run ();
}

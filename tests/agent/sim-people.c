/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seeded worlds of people who write, call, lose their line, are killed and come back, beside a
 * server that does the same. In the end everything is healed, and then: each message is there once,
 * in its sender's order; no call hangs; all are on line.
 *
 * sim-people [--seeds N] [--first S]: prints what happened how often, and the seed that fails. */
#include "tests/agent/world.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#define PEOPLE 3
#define STEPS 60
#define PASSWORD "correct horse battery"

typedef struct {
  guint64 messages, calls, answered, secured, kills, server_kills, freezes, losses, hang_ups,
      declines;
} Tally;

static Tally tally;
static const char *const users[PEOPLE] = {"anna", "bert", "carl"};

typedef struct {
  World *world;
  guint64 seed;
  guint next_text;
} Story;

static guint64
below (Story *story, guint64 most) {
  return test_rng_below (&story->world->rng, most);
}

static WorldPerson *
somebody (Story *story) {
  return &story->world->people[below (story, PEOPLE)];
}

static WorldPerson *
other_than (Story *story, const WorldPerson *person) {
  WorldPerson *other;
  do {
    other = somebody (story);
  } while (other == person);
  return other;
}

/* ---- What may happen ---- */

static void
write_message (Story *story) {
  WorldPerson *from = somebody (story), *to = other_than (story, from);
  if (from->agent == NULL) {
    return;
  }
  const AhoyName name = world_name (story->world, to->user);
  char text[32];
  AhoyMessageId id;
  g_snprintf (text, sizeof text, "%06u", story->next_text++);
  if (ahoy_agent_send_message (from->agent, &name, AHOY_BODY_TEXT,
                               rtmfp_bytes (text, strlen (text)), 1, story->world->now_us,
                               &id) == RTMFP_OK) {
    tally.messages++;
  }
}

static void
answer_call (Story *story) {
  for (guint i = 0; i < PEOPLE; i++) {
    WorldPerson *person = &story->world->people[i];
    if (person->agent == NULL || world_call (person).state != AHOY_CALL_INCOMING) {
      continue;
    }
    if (below (story, 5) == 0) {
      tally.declines += ahoy_agent_decline (person->agent, story->world->now_us) == RTMFP_OK;
    } else {
      tally.answered += ahoy_agent_accept (person->agent, true, story->world->now_us) == RTMFP_OK;
    }
  }
}

static void
place_call (Story *story) {
  WorldPerson *from = somebody (story), *to = other_than (story, from);
  const AhoyName name = world_name (story->world, to->user);
  if (from->agent != NULL && ahoy_agent_call (from->agent, &name, below (story, 2) == 0,
                                              story->world->now_us) == RTMFP_OK) {
    tally.calls++;
    world_run (story->world, (int64_t)(1000 + below (story, 3000000)));
    if (below (story, 3) > 0) {
      answer_call (story);
    }
  }
}

static void
hang_up (Story *story) {
  WorldPerson *person = somebody (story);
  if (person->agent != NULL) {
    tally.hang_ups += ahoy_agent_hang_up (person->agent, story->world->now_us) == RTMFP_OK;
  }
}

static void
kill_or_start (Story *story) {
  WorldPerson *person = somebody (story);
  if (person->agent == NULL) {
    world_restart (person);
  } else {
    world_kill (person);
    tally.kills++;
  }
}

static void
server_trouble (Story *story) {
  World *world = story->world;
  if (world->server == NULL) {
    world_start_server (world);
  } else if (below (story, 2) == 0) {
    world->server_frozen = !world->server_frozen;
    tally.freezes++;
  } else {
    world_stop_server (world);
    tally.server_kills++;
  }
}

static void
change_line (Story *story) {
  World *world = story->world;
  static const double losses[] = {0, 0, 0.02, 0.1, 0.3};
  world->loss = losses[below (story, G_N_ELEMENTS (losses))];
  world->delay_us = (int64_t)(1000 + below (story, 150000));
  tally.losses += world->loss > 0;
}

static void
talk (Story *story) {
  WorldPerson *person = somebody (story);
  if (person->agent != NULL && person->media_on) {
    world_talk (person, true, WORLD_SECOND);
  }
}

static void
step (Story *story) {
  static void (*const acts[]) (Story * story) = {
      write_message,  write_message, write_message, write_message, place_call,
      place_call,     answer_call,   answer_call,   hang_up,       kill_or_start,
      server_trouble, change_line,   talk,          talk};
  acts[below (story, G_N_ELEMENTS (acts))](story);
  world_run (story->world, (int64_t)(1000 + below (story, 4000000)));
  /* Nobody stays away for long. */
  if ((story->world->server == NULL || story->world->server_frozen) && below (story, 3) == 0) {
    story->world->server_frozen = FALSE;
    if (story->world->server == NULL) {
      world_start_server (story->world);
    }
  }
  for (guint i = 0; i < PEOPLE; i++) {
    WorldPerson *person = &story->world->people[i];
    if (person->agent == NULL && below (story, 3) == 0) {
      world_restart (person);
    }
    tally.secured += person->agent != NULL && world_call (person).state == AHOY_CALL_SECURED;
  }
}

/* ---- What must hold in the end ---- */

static gboolean
is_online (gpointer data) {
  return ((WorldPerson *)data)->state == AHOY_AGENT_ONLINE;
}

static void
heal (Story *story) {
  World *world = story->world;
  world->loss = 0;
  world->delay_us = 20000;
  world->server_frozen = FALSE;
  if (world->server == NULL) {
    world_start_server (world);
  }
  for (guint i = 0; i < PEOPLE; i++) {
    WorldPerson *person = &world->people[i];
    if (person->agent == NULL) {
      world_restart (person);
    }
    RtmfpStatus status = ahoy_agent_hang_up (person->agent, world->now_us);
    (void)status; /* who is in no call need not hang up */
  }
  world_run (world, 300 * WORLD_SECOND);
}

static void
check_messages (WorldPerson *from, WorldPerson *to) {
  guint next = 0;
  for (guint i = 0; i < from->outbox->len; i++) {
    const WorldMessage *message = from->outbox->pdata[i];
    if (!g_str_equal (message->to.user, to->user)) {
      continue;
    }
    if (message->state != AHOY_CHAT_DELIVERED) {
      char id[AHOY_MESSAGE_ID_TEXT_SIZE];
      ahoy_message_id_format (&message->id, id);
      g_error ("%s's message %s (%s) to %s is \"%s\"; they %s it", from->user, message->text, id,
               to->user, ahoy_chat_state_text (message->state),
               g_hash_table_contains (to->stored, id) ? "have" : "do not have");
    }
    while (next < to->received->len && !g_str_equal (to->senders->pdata[next], from->user)) {
      next++;
    }
    g_assert_cmpuint (next, <, to->received->len); /* it never came */
    g_assert_cmpstr (to->received->pdata[next], ==, message->text);
    next++;
  }
  while (next < to->received->len) {
    g_assert_cmpstr (to->senders->pdata[next], !=, from->user); /* a double */
    next++;
  }
}

static void
check (Story *story) {
  for (guint i = 0; i < PEOPLE; i++) {
    WorldPerson *person = &story->world->people[i];
    if (!is_online (person)) {
      g_error ("%s is not on line: state %d, fault %d (%s)", person->user, (int)person->state,
               (int)person->fault, person->fault_text);
    }
  }
  for (guint i = 0; i < PEOPLE; i++) {
    WorldPerson *person = &story->world->people[i];
    const AhoyCallState state = world_call (person).state;
    g_assert_true (state == AHOY_CALL_IDLE || state == AHOY_CALL_ENDED);
    g_assert_false (person->media_on);
    g_assert_cmpuint (person->bad_media, ==, 0);
    g_assert_cmpuint (person->warnings->len, ==, 0);
    for (guint k = 0; k < PEOPLE; k++) {
      if (k != i) {
        check_messages (person, &story->world->people[k]);
      }
    }
  }
}

/* ---- Running ---- */

static void
run_story (guint64 seed) {
  Story story = {.world = world_new (seed, true), .seed = seed};
  for (guint i = 0; i < PEOPLE; i++) {
    world_add (story.world, users[i], AHOY_ENTRY_CREATE, PASSWORD);
    g_assert_true (
        world_until (story.world, is_online, &story.world->people[i], 10 * WORLD_SECOND));
    for (guint k = 0; k < i; k++) {
      world_befriend (&story.world->people[i], &story.world->people[k]);
    }
  }
  for (guint i = 0; i < STEPS; i++) {
    step (&story);
  }
  heal (&story);
  check (&story);
  world_free (story.world);
}

int
main (int argc, char **argv) {
  gint seeds = 20, first = 1;
  const GOptionEntry entries[] = {{"seeds", 0, 0, G_OPTION_ARG_INT, &seeds, "How many worlds", "N"},
                                  {"first", 0, 0, G_OPTION_ARG_INT, &first, "The first seed", "S"},
                                  {NULL, 0, 0, 0, NULL, NULL, NULL}};
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  setlocale (LC_ALL, "C");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    fprintf (stderr, "%s\n", error->message);
    return 2;
  }
  for (gint seed = first; seed < first + seeds; seed++) {
    printf ("seed %d\n", seed);
    fflush (stdout);
    run_story ((guint64)seed);
  }
  printf ("%d worlds: %" G_GUINT64_FORMAT " messages, %" G_GUINT64_FORMAT
          " calls, %" G_GUINT64_FORMAT " answered, %" G_GUINT64_FORMAT
          " declined, %" G_GUINT64_FORMAT " hung up, %" G_GUINT64_FORMAT
          " steps in a call, %" G_GUINT64_FORMAT " kills, %" G_GUINT64_FORMAT
          " server kills, %" G_GUINT64_FORMAT " freezes, %" G_GUINT64_FORMAT " bad lines\n",
          seeds, tally.messages, tally.calls, tally.answered, tally.declines, tally.hang_ups,
          tally.secured, tally.kills, tally.server_kills, tally.freezes, tally.losses);
  const gboolean all = tally.messages > 0 && tally.calls > 0 && tally.answered > 0 &&
                       tally.declines > 0 && tally.secured > 0 && tally.kills > 0 &&
                       tally.server_kills > 0 && tally.freezes > 0 && tally.losses > 0;
  return all ? 0 : 1;
}

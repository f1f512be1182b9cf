/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ahoyd is killed at random points, again and again: no message that its sender was told is stored
 * is ever lost, none comes out of order, and each is confirmed to its sender in the end.
 *
 * test-rendezvousd-kill AHOYD POINTS */
#include "core/account/invite.h"
#include "core/rendezvous/params.h"
#include "tests/rendezvous/fixture.h"
#include "tests/rendezvous/town.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Messages under way from ann at once, and the octets of one. */
#define WINDOW 24
#define ENVELOPE_BYTES 700
/* Ann waits for bob with more than that, well below what ahoyd keeps for him. */
#define BACKLOG 3000
/* Ann sends no more in one life of ahoyd: a fast disk stores more than one session may send. */
#define LIFE_MESSAGES (AHOY_MESSAGE_BURST - 1)
/* A kill comes at the latest so long after the start of ahoyd. */
#define KILL_WITHIN_US 140000

static const char *ahoyd;
static int points;

typedef struct {
  char *folder;
  GRand *dice;
  Town *town;
  GPid pid;
  int port;
  AhoyKey key;
  AhoyIdentity ann, bob;
  Guest *ann_guest, *bob_guest; /* NULL while they are away */
  uint64_t next;                /* the next new message's number */
  GHashTable *told;             /* numbers that ann was told are stored */
  GHashTable *delivered;        /* that bob got */
  GHashTable *confirmed;        /* that ann was told bob got */
  GHashTable *sent;             /* call id -> number, of this session */
  uint64_t newest_delivered;
  guint doubles, kills, kills_before_serving;
} World;

/* ---- ahoyd ---- */

/* Starts it; waits until it serves unless kill_at_us comes first. Returns: whether it serves. */
static bool
start (World *w, int64_t kill_at_us) {
  g_autofree char *port = g_strdup_printf ("%d", w->port);
  const char *argv[] = {ahoyd,    "--data",          w->folder,
                        "--host", "localhost",       "--port",
                        port,     "--print-address", "--open-registration",
                        NULL};
  int out;
  g_assert_true (g_spawn_async_with_pipes (NULL, (char **)argv, NULL,
                                           G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDERR_TO_DEV_NULL,
                                           NULL, NULL, &w->pid, NULL, &out, NULL, NULL));
  g_autoptr (GString) line = g_string_new (NULL);
  while (line->len == 0 || line->str[line->len - 1] != '\n') {
    const int64_t left_us = kill_at_us - g_get_monotonic_time ();
    GPollFD poll = {.fd = out, .events = G_IO_IN};
    if (left_us <= 0 || g_poll (&poll, 1, (int)(left_us / 1000 + 1)) == 0) {
      close (out);
      return false;
    }
    char byte;
    g_assert_cmpint (read (out, &byte, 1), ==, 1); /* it ends by itself only with a fault */
    g_string_append_c (line, byte);
  }
  close (out);
  AhoyInvite link;
  g_assert_cmpint (ahoy_invite_parse (line->str, &link), ==, RTMFP_OK);
  w->port = link.name.port;
  w->key = link.server_key;
  return true;
}

static void
end_guest (Guest **guest) {
  if (*guest != NULL) {
    guest_remove (*guest);
    *guest = NULL;
  }
}

static void
reap (World *w, int signal_number) {
  int status;
  g_assert_cmpint (kill (w->pid, signal_number), ==, 0);
  g_assert_cmpint (waitpid (w->pid, &status, 0), ==, w->pid);
  g_spawn_close_pid (w->pid);
  if (signal_number == SIGKILL) {
    g_assert_true (WIFSIGNALED (status));
  } else {
    g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  }
}

/* ---- Two people ---- */

static uint64_t
number_of (const Word *word) {
  uint8_t id[AHOY_MESSAGE_ID_SIZE];
  uint64_t number;
  g_assert_true (rtmfp_amf_as_fixed (rtmfp_amf_get (word->value, "id"), id, sizeof id));
  memcpy (&number, id, sizeof number);
  return number;
}

static void
send_message (World *w, uint64_t number) {
  uint8_t id[AHOY_MESSAGE_ID_SIZE] = {0};
  memcpy (id, &number, sizeof number);
  RtmfpBuffer args = args_text ("to", "bob");
  rtmfp_amf_member_bytes (&args, "id", rtmfp_bytes (id, sizeof id));
  args_add_filled (&args, "envelope", (uint8_t)number, ENVELOPE_BYTES);
  RtmfpId call;
  guest_send (w->ann_guest, "message.send", &args, &call);
  g_hash_table_insert (w->sent, g_memdup2 (&call, sizeof call), g_memdup2 (&number, sizeof number));
}

static void
add_number (GHashTable *set, uint64_t number) {
  g_hash_table_add (set, g_memdup2 (&number, sizeof number));
}

/* A call that the session's end failed says nothing: the message goes again in the next session. */
static void
take_answers (World *w) {
  Word *word;
  while ((word = g_queue_pop_head (&w->ann_guest->answers)) != NULL) {
    const uint64_t *number = g_hash_table_lookup (w->sent, &word->call);
    if (word->ok && number != NULL) {
      add_number (w->told, *number);
    } else if (word->code != NULL) {
      g_assert_cmpstr (word->code, ==, "NetConnection.Connect.Closed");
    }
    g_hash_table_remove (w->sent, &word->call);
    word_free (word);
  }
}

static void
take_words (World *w) {
  Word *word;
  while (w->ann_guest != NULL && (word = g_queue_pop_head (&w->ann_guest->words)) != NULL) {
    if (strcmp (word->name, "message.delivered") == 0) {
      add_number (w->confirmed, number_of (word));
    }
    word_free (word);
  }
  while (w->bob_guest != NULL && (word = g_queue_pop_head (&w->bob_guest->words)) != NULL) {
    if (strcmp (word->name, "message.deliver") == 0) {
      const uint64_t number = number_of (word);
      if (g_hash_table_contains (w->delivered, &number)) {
        w->doubles++; /* delivered, and killed before that was on disk */
      } else {
        g_assert_cmpuint (number, ==, w->newest_delivered + 1);
        w->newest_delivered = number;
        add_number (w->delivered, number);
      }
    }
    word_free (word);
  }
}

/* Enters unless that takes longer than until_us. */
static Guest *
enter (World *w, const AhoyIdentity *identity, const char *user, uint8_t device, int64_t until_us) {
  Guest *guest = guest_new (w->town, device);
  guest->identity = *identity;
  guest_begin (guest);
  while (!guest->connected && g_get_monotonic_time () < until_us) {
    town_step (w->town, until_us);
  }
  if (!guest->connected) {
    guest_remove (guest);
    return NULL;
  }
  RtmfpBuffer args = args_text ("name", user);
  args_add_filled (&args, "device", device, AHOY_DEVICE_ID_SIZE);
  RtmfpId call;
  guest_send (guest, "enter", &args, &call);
  while (guest->answers.length == 0 && g_get_monotonic_time () < until_us) {
    town_step (w->town, until_us);
  }
  if (guest->answers.length == 0) {
    guest_remove (guest);
    return NULL;
  }
  word_ok (g_queue_pop_head (&guest->answers));
  return guest;
}

/* Lets time pass; ann keeps her window full, what was not told to be stored first and in order. */
static void
exchange (World *w, int64_t until_us) {
  uint64_t again = 1;
  unsigned left = LIFE_MESSAGES;
  while (g_get_monotonic_time () < until_us) {
    while (w->ann_guest != NULL && g_hash_table_size (w->sent) < WINDOW && left > 0 &&
           w->next - w->newest_delivered < BACKLOG) {
      while (again < w->next && g_hash_table_contains (w->told, &again)) {
        again++;
      }
      send_message (w, again < w->next ? again : w->next++);
      again++;
      left--;
    }
    town_step (w->town, until_us);
    if (w->ann_guest != NULL) {
      take_answers (w);
    }
    take_words (w);
  }
}

/* ---- One life of ahoyd ---- */

static void
live_and_be_killed (World *w) {
  const int64_t kill_at_us =
      g_get_monotonic_time () + g_rand_int_range (w->dice, 0, KILL_WITHIN_US);
  if (start (w, kill_at_us)) {
    const bool bob_comes = g_rand_boolean (w->dice) || w->next - w->newest_delivered > BACKLOG / 2;
    w->ann_guest = enter (w, &w->ann, "ann", 1, kill_at_us);
    w->bob_guest = bob_comes ? enter (w, &w->bob, "bob", 2, kill_at_us) : NULL;
    exchange (w, kill_at_us);
  } else {
    w->kills_before_serving++;
  }
  reap (w, SIGKILL);
  w->kills++;
  /* What ahoyd had said before it died was said. */
  town_step (w->town, 0);
  if (w->ann_guest != NULL) {
    take_answers (w);
  }
  take_words (w);
  end_guest (&w->ann_guest);
  end_guest (&w->bob_guest);
  g_hash_table_remove_all (w->sent);
}

/* Undisturbed at last: all arrives. */
static void
settle (World *w) {
  const int64_t until_us = g_get_monotonic_time () + 30 * SECOND;
  g_assert_true (start (w, until_us));
  w->ann_guest = enter (w, &w->ann, "ann", 1, until_us);
  w->bob_guest = enter (w, &w->bob, "bob", 2, until_us);
  g_assert_nonnull (w->ann_guest);
  g_assert_nonnull (w->bob_guest);
  for (uint64_t number = 1; number < w->next; number++) {
    if (!g_hash_table_contains (w->told, &number)) {
      send_message (w, number);
    }
  }
  while (g_hash_table_size (w->confirmed) + 1 < w->next && g_get_monotonic_time () < until_us) {
    town_step (w->town, until_us);
    take_answers (w);
    take_words (w);
  }
  end_guest (&w->ann_guest);
  end_guest (&w->bob_guest);
  reap (w, SIGTERM);
}

static void
make_people (World *w) {
  g_assert_true (start (w, g_get_monotonic_time () + 10 * SECOND));
  w->town = town_new_real ((uint16_t)w->port, &w->key);
  Guest *ann = guest_enter_new (w->town, 2, "ann", 1);
  Guest *bob = guest_enter_new (w->town, 3, "bob", 2);
  g_autofree char *ann_address = g_strdup_printf ("ann@localhost:%d", w->port);
  g_autofree char *bob_address = g_strdup_printf ("bob@localhost:%d", w->port);
  RtmfpBuffer args = args_text ("address", bob_address);
  word_ok (guest_ask (ann, "contact.request", &args));
  args = args_text ("address", ann_address);
  word_ok (guest_ask (bob, "contact.accept", &args));
  w->ann = ann->identity;
  w->bob = bob->identity;
  guest_remove (ann);
  guest_remove (bob);
  reap (w, SIGKILL);
}

static void
test_kill (void) {
  World w = {.next = 1};
  const guint32 seed = g_test_rand_int ();
  w.dice = g_rand_new_with_seed (seed);
  w.folder = g_dir_make_tmp ("ahoyd-kill-XXXXXX", NULL);
  w.told = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  w.delivered = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  w.confirmed = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  w.sent = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  make_people (&w);
  for (int i = 0; i < points; i++) {
    live_and_be_killed (&w);
  }
  const guint told = g_hash_table_size (w.told);
  settle (&w);
  g_test_message ("seed %u: %u kills (%u before it served), %u messages told stored while killing, "
                  "%" G_GUINT64_FORMAT " sent, %u delivered, %u confirmed, %u delivered again",
                  seed, w.kills, w.kills_before_serving, told, w.next - 1,
                  g_hash_table_size (w.delivered), g_hash_table_size (w.confirmed), w.doubles);
  GHashTableIter iter;
  gpointer number;
  g_hash_table_iter_init (&iter, w.told);
  while (g_hash_table_iter_next (&iter, &number, NULL)) {
    g_assert_true (g_hash_table_contains (w.delivered, number));
  }
  g_assert_cmpuint (g_hash_table_size (w.delivered), ==, w.next - 1);
  g_assert_cmpuint (g_hash_table_size (w.confirmed), ==, w.next - 1);
  g_assert_cmpuint (told, >, 20 * (guint)points); /* it was at work when it was killed */
  static const char *const files[] = {"server.db",  "server.db-wal", "server.db-shm",
                                      "server.key", "lock",          "control"};
  for (size_t i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (w.folder, files[i], NULL);
    (void)g_unlink (path);
  }
  g_rmdir (w.folder);
  g_free (w.folder);
  g_hash_table_unref (w.told);
  g_hash_table_unref (w.delivered);
  g_hash_table_unref (w.confirmed);
  g_hash_table_unref (w.sent);
  g_rand_free (w.dice);
  town_free (w.town);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  if (argc != 3) {
    g_printerr ("Usage: %s AHOYD POINTS\n", argv[0]);
    return 2;
  }
  ahoyd = argv[1];
  points = atoi (argv[2]);
  g_test_add_func ("/rendezvousd/killed-at-random-points/loses-no-stored-message", test_kill);
  return g_test_run ();
}

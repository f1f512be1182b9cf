/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the client keeps on disk: what comes back, what survives kill -9, what is said when it
 * fails. */
#include "app/store/client-schema.h"
#include "app/store/client-store-private.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- A folder of its own for each test ---- */

static char *
make_folder (void) {
  char *folder = g_dir_make_tmp ("ahoy-store-XXXXXX", NULL);
  g_assert_nonnull (folder);
  return folder;
}

static void
remove_folder (char *folder) {
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_unlink (path);
  }
  g_clear_pointer (&dir, g_dir_close);
  g_rmdir (folder);
  g_free (folder);
}

static AppClientStore *
open_store (const char *folder) {
  g_autoptr (GError) error = NULL;
  AppClientStore *store = app_client_store_open (folder, &error);
  g_assert_no_error (error);
  g_assert_nonnull (store);
  return store;
}

static AhoyName
name_of (const char *text) {
  AhoyName name;
  g_assert_cmpint (ahoy_name_parse (text, &name), ==, RTMFP_OK);
  return name;
}

static AppStoreAccount
account_of (const char *text, guint8 seed) {
  AppStoreAccount account = {.name = name_of (text), .server = {.is_set = true, .key = {{9}}}};
  guint8 bytes[AHOY_SEED_SIZE] = {seed};
  ahoy_identity_from_seed (bytes, &account.identity);
  g_strlcpy (account.display_name, "Ada L.", sizeof account.display_name);
  return account;
}

static void
sign_in (AppClientStore *store, const char *text) {
  g_autoptr (GError) error = NULL;
  AppStoreAccount account = account_of (text, 1);
  app_client_store_put_account (store, &account, &error);
  g_assert_no_error (error);
}

static AhoyMessageId
id_of (guint number) {
  AhoyMessageId id = {{0}};
  memcpy (id.bytes, &number, sizeof number);
  return id;
}

static void
put_own (AppClientStore *store, const char *to, guint number, const char *text) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  AhoyName name = name_of (to);
  AhoyMessageId id = id_of (number);
  app_client_store_put_own (store, &name, &id, AHOY_BODY_TEXT, body, 1000 + number, &error);
  g_assert_no_error (error);
}

static gboolean
put_received (AppClientStore *store, const char *from, guint number, const char *text) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = g_bytes_new (text, strlen (text));
  AhoyName name = name_of (from);
  AhoyMessageId id = id_of (number);
  gboolean is_new = 7;
  app_client_store_put_received (store, &name, &id, AHOY_BODY_TEXT, body, 1000 + number, &is_new,
                                 &error);
  g_assert_no_error (error);
  return is_new;
}

static void
collect (gpointer data, const AppStoreItem *item) {
  GString *line = (GString *)data;
  if (item->type == APP_STORE_CALL) {
    g_string_append_printf (line, "[call %s %us%s%s] ", item->end, item->duration_s,
                            item->with_video ? " video" : "", item->is_read ? "" : " unread");
  } else {
    gsize size;
    const char *text = (const char *)g_bytes_get_data (item->body, &size);
    g_string_append_printf (line, "%s%.*s/%s%s ", item->outgoing ? ">" : "<", (int)size,
                            text != NULL ? text : "", ahoy_chat_state_text (item->state),
                            item->is_read ? "" : "/unread");
  }
}

static void
expect_line (AppClientStore *store, const char *contact, guint most, const char *expected) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) line = g_string_new (NULL);
  AhoyName name = name_of (contact);
  app_client_store_each_item (store, &name, most, collect, line, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (line->str, ==, expected);
}

static void
set_state (AppClientStore *store, guint number, AhoyChatState state) {
  g_autoptr (GError) error = NULL;
  AhoyMessageId id = id_of (number);
  app_client_store_set_state (store, &id, state, &error);
  g_assert_no_error (error);
}

/* ---- What comes back ---- */

static void
account (void) {
  g_autoptr (GError) error = NULL;
  char *folder = make_folder ();
  AppClientStore *store = open_store (folder);
  AppStoreAccount got;
  g_assert_false (app_client_store_get_account (store, &got, &error));
  g_assert_no_error (error); /* nobody is signed in */
  guint8 device[APP_STORE_DEVICE_SIZE], again[APP_STORE_DEVICE_SIZE];
  app_client_store_device (store, device);
  AppStoreAccount ada = account_of ("ada@h:99", 5);
  g_assert_true (app_client_store_put_account (store, &ada, &error));
  app_client_store_free (store);

  store = open_store (folder);
  g_assert_true (app_client_store_get_account (store, &got, &error));
  g_assert_no_error (error);
  g_assert_true (ahoy_name_equal (&got.name, &ada.name));
  g_assert_cmpstr (got.display_name, ==, "Ada L.");
  g_assert_cmpmem (got.identity.seed, 32, ada.identity.seed, 32);
  g_assert_true (got.server.is_set && !got.server.is_verified);
  g_assert_true (ahoy_key_equal (&got.server.key, &ada.server.key));
  app_client_store_device (store, again);
  g_assert_cmpmem (device, sizeof device, again, sizeof again);
  g_assert_cmpmem (device, sizeof device, got.device, sizeof got.device);

  /* Nobody else may read any of it. */
  GDir *dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint files = 0;
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    GStatBuf info;
    g_assert_cmpint (g_stat (path, &info), ==, 0);
    g_assert_cmpint (info.st_mode & 0777, ==, 0600);
    files++;
  }
  g_dir_close (dir);
  g_assert_cmpuint (files, >=, 2);

  /* A new server key, seed as before. */
  got.server.key.bytes[0] = 77;
  got.server.is_verified = true;
  g_assert_true (app_client_store_put_account (store, &got, &error));
  g_assert_true (app_client_store_get_account (store, &got, &error));
  g_assert_cmpint (got.server.key.bytes[0], ==, 77);
  g_assert_true (got.server.is_verified);
  g_assert_cmpmem (got.identity.seed, 32, ada.identity.seed, 32);
  /* A new identity (the account was made anew). */
  AppStoreAccount other = account_of ("ada@h:99", 6);
  g_assert_true (app_client_store_put_account (store, &other, &error));
  g_assert_true (app_client_store_get_account (store, &got, &error));
  g_assert_cmpmem (got.identity.seed, 32, other.identity.seed, 32);
  app_client_store_free (store);
  remove_folder (folder);
}

static void
sign_out (void) {
  g_autoptr (GError) error = NULL;
  char *folder = make_folder ();
  AppClientStore *store = open_store (folder);
  sign_in (store, "ada@h");
  put_own (store, "bob@h", 1, "kept");
  g_autofree char *seed_file = g_build_filename (folder, "identity-1.key", NULL);
  g_assert_true (g_file_test (seed_file, G_FILE_TEST_EXISTS));
  g_assert_true (app_client_store_remove_account (store, FALSE, &error));
  g_assert_false (g_file_test (seed_file, G_FILE_TEST_EXISTS));
  AppStoreAccount got;
  g_assert_false (app_client_store_get_account (store, &got, &error));
  g_assert_no_error (error);
  AhoyName bob = name_of ("bob@h");
  GString *line = g_string_new (NULL);
  g_assert_false (app_client_store_each_item (store, &bob, 9, collect, line, &error));
  g_assert_error (error, APP_DATABASE_ERROR, APP_DATABASE_ERROR_NOBODY);
  g_clear_error (&error);
  g_string_free (line, TRUE);

  sign_in (store, "eve@h"); /* somebody else sees nothing of it */
  expect_line (store, "bob@h", 9, "");
  put_own (store, "bob@h", 1, "eve's");
  sign_in (store, "ada@h");
  expect_line (store, "bob@h", 9, ">kept/unsent ");
  g_assert_true (app_client_store_remove_account (store, TRUE, &error));
  sign_in (store, "ada@h");
  expect_line (store, "bob@h", 9, "");
  sign_in (store, "eve@h");
  expect_line (store, "bob@h", 9, ">eve's/unsent ");
  app_client_store_free (store);
  remove_folder (folder);
}

static void
settings (void) {
  g_autoptr (GError) error = NULL;
  char *folder = make_folder ();
  AppClientStore *store = open_store (folder);
  g_assert_null (app_client_store_get_setting (store, "camera"));
  g_assert_true (app_client_store_put_setting (store, "camera", "front", &error));
  g_assert_true (
      app_client_store_put_setting (store, "camera", "back'; DROP TABLE item; --", &error));
  app_client_store_free (store);
  store = open_store (folder);
  g_autofree char *value = app_client_store_get_setting (store, "camera");
  g_assert_cmpstr (value, ==, "back'; DROP TABLE item; --");
  g_assert_true (app_client_store_put_setting (store, "camera", NULL, &error));
  g_assert_null (app_client_store_get_setting (store, "camera"));
  app_client_store_free (store);
  remove_folder (folder);
}

static void
collect_contact (gpointer data, const AppStoreContact *contact) {
  g_string_append_printf ((GString *)data, "%s(%s,%s,%s,%d%d%d) ", contact->name.user,
                          contact->display_name, contact->nickname,
                          ahoy_relation_text (contact->relation), contact->pin.is_set,
                          contact->pin.is_verified, contact->talked);
}

static void
expect_contacts (AppClientStore *store, const char *expected) {
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) line = g_string_new (NULL);
  app_client_store_each_contact (store, collect_contact, line, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (line->str, ==, expected);
}

static void
contacts (void) {
  g_autoptr (GError) error = NULL;
  char *folder = make_folder ();
  AppClientStore *store = open_store (folder);
  AppStoreContact bob = {.name = name_of ("bob@h"), .relation = AHOY_RELATION_REQUESTED};
  g_assert_false (app_client_store_put_contact (store, &bob, &error));
  g_assert_error (error, APP_DATABASE_ERROR, APP_DATABASE_ERROR_NOBODY);
  g_clear_error (&error);
  sign_in (store, "ada@h");
  g_assert_true (app_client_store_put_contact (store, &bob, &error));
  AppStoreContact amy = {.name = name_of ("amy@[::1]:7"), .relation = AHOY_RELATION_BLOCKED};
  g_assert_true (app_client_store_put_contact (store, &amy, &error));
  expect_contacts (store, "amy(,,blocked,000) bob(,,requested,000) ");
  bob.relation = AHOY_RELATION_BOTH;
  bob.pin = (AhoyPin){.is_set = true, .is_verified = true, .key = {{3}}};
  bob.talked = TRUE;
  g_strlcpy (bob.display_name, "Bob", sizeof bob.display_name);
  g_strlcpy (bob.nickname, "B", sizeof bob.nickname);
  g_assert_true (app_client_store_put_contact (store, &bob, &error));
  app_client_store_free (store);
  store = open_store (folder);
  expect_contacts (store, "amy(,,blocked,000) bob(Bob,B,both,111) ");
  put_own (store, "bob@h", 1, "x");
  put_own (store, "amy@[::1]:7", 2, "y");
  expect_line (store, "bob@h", 9, ">x/unsent ");
  g_assert_true (app_client_store_wipe_history (store, &bob.name, &error));
  expect_line (store, "bob@h", 9, "");
  expect_line (store, "amy@[::1]:7", 9, ">y/unsent ");
  expect_contacts (store, "amy(,,blocked,000) bob(Bob,B,both,111) ");
  app_client_store_free (store);
  remove_folder (folder);
}

static void
line_of_time (void) {
  g_autoptr (GError) error = NULL;
  char *folder = make_folder ();
  AppClientStore *store = open_store (folder);
  sign_in (store, "ada@h");
  put_own (store, "bob@h", 1, "one");
  g_assert_true (put_received (store, "bob@h", 1, "two")); /* their ids are not ours */
  g_assert_false (put_received (store, "bob@h", 1, "again"));
  g_assert_true (put_received (store, "eve@h", 1, "eve")); /* nor each other's */
  put_own (store, "bob@h", 1, "again");
  AppStoreItem call = {.type = APP_STORE_CALL,
                       .contact = name_of ("bob@h"),
                       .id = id_of (1),
                       .time_ms = 5,
                       .end = "unanswered"};
  g_assert_true (app_client_store_put_call (store, &call, &error));
  call.with_video = TRUE;
  call.duration_s = 61;
  call.end = "hung-up";
  g_assert_true (app_client_store_put_call (store, &call, &error)); /* how it went on */
  put_own (store, "bob@h", 3, "");
  expect_line (store, "bob@h", 9,
               ">one/unsent <two/delivered/unread [call hung-up 61s video unread] >/unsent ");
  expect_line (store, "bob@h", 2, "[call hung-up 61s video unread] >/unsent ");
  AhoyName bob = name_of ("bob@h");
  g_assert_true (app_client_store_mark_read (store, &bob, &error));
  expect_line (store, "bob@h", 3, "<two/delivered [call hung-up 61s video] >/unsent ");
  expect_line (store, "eve@h", 3, "<eve/delivered/unread ");
  app_client_store_free (store);
  remove_folder (folder);
}

static void
states (void) {
  g_autoptr (GError) error = NULL;
  char *folder = make_folder ();
  AppClientStore *store = open_store (folder);
  sign_in (store, "ada@h");
  for (guint i = 1; i <= 4; i++) {
    put_own (store, i == 2 ? "eve@h" : "bob@h", i, "m");
  }
  g_assert_true (put_received (store, "bob@h", 9, "theirs"));
  set_state (store, 1, AHOY_CHAT_STORED);
  set_state (store, 3, AHOY_CHAT_DELIVERED);
  set_state (store, 3, AHOY_CHAT_STORED); /* never back */
  set_state (store, 3, AHOY_CHAT_REFUSED);
  set_state (store, 77, AHOY_CHAT_STORED); /* unknown */
  set_state (store, 9, AHOY_CHAT_REFUSED); /* not ours */
  expect_line (store, "bob@h", 9, ">m/stored >m/delivered >m/unsent <theirs/delivered/unread ");
  app_client_store_free (store);
  store = open_store (folder);
  g_autoptr (GString) waiting = g_string_new (NULL);
  g_assert_true (app_client_store_each_waiting (store, collect, waiting, &error));
  g_assert_cmpstr (waiting->str, ==, ">m/stored >m/unsent >m/unsent ");
  set_state (store, 4, AHOY_CHAT_REFUSED);
  g_string_truncate (waiting, 0);
  g_assert_true (app_client_store_each_waiting (store, collect, waiting, &error));
  g_assert_cmpstr (waiting->str, ==, ">m/stored >m/unsent ");
  app_client_store_free (store);
  remove_folder (folder);
}

/* ---- kill -9 ---- */

typedef struct {
  GHashTable *own, *states, *received;
} Found;

static void
note_found (gpointer data, const AppStoreItem *item) {
  Found *found = (Found *)data;
  guint number;
  memcpy (&number, item->id.bytes, sizeof number);
  g_autofree char *text = g_strdup_printf ("m%u", number);
  gsize size;
  const void *body = g_bytes_get_data (item->body, &size);
  g_assert_cmpmem (body, size, text, strlen (text));
  g_hash_table_add (item->outgoing ? found->own : found->received, GUINT_TO_POINTER (number));
  if (item->outgoing && item->state == AHOY_CHAT_STORED) {
    g_hash_table_add (found->states, GUINT_TO_POINTER (number));
  }
}

/* Writes on and on, and tells each thing that is on disk. */
static void
write_for_ever (const char *folder, int told, guint number) {
  AppClientStore *store = open_store (folder);
  for (;; number++) {
    g_autofree char *text = g_strdup_printf ("m%u", number);
    struct {
      char what;
      guint number;
    } note = {'o', number};
    put_own (store, "bob@h", number, text);
    g_assert_cmpint (write (told, &note, sizeof note), ==, sizeof note);
    set_state (store, number, AHOY_CHAT_STORED);
    note.what = 's';
    g_assert_cmpint (write (told, &note, sizeof note), ==, sizeof note);
    put_received (store, "bob@h", number, text);
    note.what = 'r';
    g_assert_cmpint (write (told, &note, sizeof note), ==, sizeof note);
  }
}

static void
survives_kill (void) {
  const int rounds = 40;
  char *folder = make_folder ();
  AppClientStore *store = open_store (folder);
  sign_in (store, "ada@h");
  app_client_store_free (store);
  g_autoptr (GHashTable) own = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) stored = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) received = g_hash_table_new (NULL, NULL);
  for (int round = 0; round < rounds; round++) {
    int pipe_ends[2];
    g_assert_cmpint (pipe (pipe_ends), ==, 0);
    pid_t child = fork ();
    if (child == 0) {
      close (pipe_ends[0]);
      write_for_ever (folder, pipe_ends[1], (guint)round * 100000 + 1);
      _exit (1);
    }
    close (pipe_ends[1]);
    g_usleep ((gulong)g_test_rand_int_range (3000, 60000));
    kill (child, SIGKILL);
    struct {
      char what;
      guint number;
    } note;
    while (read (pipe_ends[0], &note, sizeof note) == sizeof note) {
      GHashTable *set = note.what == 'o' ? own : note.what == 's' ? stored : received;
      g_hash_table_add (set, GUINT_TO_POINTER (note.number));
    }
    close (pipe_ends[0]);
    int status;
    g_assert_cmpint (waitpid (child, &status, 0), ==, child);
    g_assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
  }
  store = open_store (folder);
  Found found = {g_hash_table_new (NULL, NULL), g_hash_table_new (NULL, NULL),
                 g_hash_table_new (NULL, NULL)};
  AhoyName bob = name_of ("bob@h");
  g_autoptr (GError) error = NULL;
  app_client_store_each_item (store, &bob, G_MAXUINT, note_found, &found, &error);
  g_assert_no_error (error);
  g_test_message ("%u own, %u states, %u received told as saved; %u, %u, %u found",
                  g_hash_table_size (own), g_hash_table_size (stored), g_hash_table_size (received),
                  g_hash_table_size (found.own), g_hash_table_size (found.states),
                  g_hash_table_size (found.received));
  g_assert_cmpuint (g_hash_table_size (own), >, (guint)rounds / 2);
  GHashTable *pairs[][2] = {{own, found.own}, {stored, found.states}, {received, found.received}};
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++) {
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init (&iter, pairs[i][0]);
    while (g_hash_table_iter_next (&iter, &key, NULL)) {
      g_assert_true (g_hash_table_contains (pairs[i][1], key));
    }
    g_hash_table_unref (pairs[i][1]);
  }
  app_client_store_free (store);
  remove_folder (folder);
}

/* ---- What goes wrong ---- */

static void
expect_sentence (const GError *error, AppDatabaseError code, const char *words) {
  g_assert_error (error, APP_DATABASE_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, words));
}

static void
in_use (void) {
  char *folder = make_folder ();
  AppClientStore *store = open_store (folder);
  pid_t child = fork ();
  if (child == 0) {
    g_autoptr (GError) error = NULL;
    AppClientStore *second = app_client_store_open (folder, &error);
    _exit (second == NULL && g_error_matches (error, APP_DATABASE_ERROR, APP_DATABASE_ERROR_IN_USE)
               ? 0
               : 1);
  }
  int status;
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  app_client_store_free (store);
  app_client_store_free (open_store (folder));
  remove_folder (folder);
}

static void
damaged (void) {
  g_autoptr (GError) error = NULL;
  char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "ahoy.db", NULL);
  g_autofree char *junk = g_strnfill (8192, 'x');
  g_assert_true (g_file_set_contents (path, junk, 8192, NULL));
  g_assert_null (app_client_store_open (folder, &error));
  expect_sentence (error, APP_DATABASE_ERROR_DAMAGED, "damaged");
  g_clear_error (&error);
  remove_folder (folder);

  /* The seed is gone, or another one. */
  folder = make_folder ();
  AppClientStore *store = open_store (folder);
  sign_in (store, "ada@h");
  g_autofree char *seed_file = g_build_filename (folder, "identity-1.key", NULL);
  AppStoreAccount got;
  g_assert_true (g_file_set_contents (seed_file, junk, AHOY_SEED_SIZE, NULL));
  g_assert_false (app_client_store_get_account (store, &got, &error));
  expect_sentence (error, APP_DATABASE_ERROR_DAMAGED, "sign in again");
  g_clear_error (&error);
  g_assert_true (g_file_set_contents (seed_file, junk, AHOY_SEED_SIZE - 1, NULL));
  g_assert_false (app_client_store_get_account (store, &got, &error));
  expect_sentence (error, APP_DATABASE_ERROR_DAMAGED, "missing or damaged");
  g_clear_error (&error);
  g_unlink (seed_file);
  g_assert_false (app_client_store_get_account (store, &got, &error));
  expect_sentence (error, APP_DATABASE_ERROR_DAMAGED, "missing or damaged");
  app_client_store_free (store);
  remove_folder (folder);
}

static void
newer (void) {
  g_autoptr (GError) error = NULL;
  char *folder = make_folder ();
  AppClientStore *store = open_store (folder);
  g_autofree char *sql =
      g_strdup_printf ("INSERT INTO migration VALUES (%u, 0)", app_client_migration_count + 1);
  g_assert_true (app_database_execute (store->database, sql, &error));
  app_client_store_free (store);
  g_assert_null (app_client_store_open (folder, &error));
  expect_sentence (error, APP_DATABASE_ERROR_NEWER, "newer Ahoy");
  remove_folder (folder);
}

static void
denied (void) {
  g_autoptr (GError) error = NULL;
  g_assert_null (app_client_store_open ("/proc/ahoy", &error));
  expect_sentence (error, APP_DATABASE_ERROR_DENIED, "folder");
  g_clear_error (&error);
  char *folder = make_folder ();
  g_autofree char *path = g_build_filename (folder, "ahoy.db", NULL);
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0); /* root may write everywhere, but not into this */
  g_assert_null (app_client_store_open (folder, &error));
  expect_sentence (error, APP_DATABASE_ERROR_DENIED, "permissions");
  g_rmdir (path);
  remove_folder (folder);
}

/* The database may not grow: as when the disk is full. What was there stays, and goes on when there
 * is room. */
static void
full (void) {
  g_autoptr (GError) error = NULL;
  char *folder = make_folder ();
  AppClientStore *store = open_store (folder);
  sign_in (store, "ada@h");
  put_own (store, "bob@h", 1, "kept");
  g_assert_true (app_database_execute (store->database, "PRAGMA max_page_count = 1", &error));
  g_autofree char *large = g_strnfill (AHOY_BODY_BYTES_MAX, 'l');
  g_autoptr (GBytes) body = g_bytes_new (large, AHOY_BODY_BYTES_MAX);
  AhoyName bob = name_of ("bob@h");
  AhoyMessageId id = id_of (2);
  g_assert_false (app_client_store_put_own (store, &bob, &id, 1, body, 0, &error));
  expect_sentence (error, APP_DATABASE_ERROR_FULL, "disk is full");
  g_clear_error (&error);
  gboolean is_new;
  g_assert_false (app_client_store_put_received (store, &bob, &id, 1, body, 0, &is_new, &error));
  expect_sentence (error, APP_DATABASE_ERROR_FULL, "disk is full");
  g_clear_error (&error);
  expect_line (store, "bob@h", 9, ">kept/unsent ");
  g_assert_true (app_database_execute (store->database, "PRAGMA max_page_count = 100000", &error));
  g_assert_true (app_client_store_put_own (store, &bob, &id, 1, body, 0, &error));
  app_client_store_free (store);
  remove_folder (folder);
}

/* A folder that an older Ahoy wrote, at each of its versions, with a message in it. */
static void
migrations (void) {
  for (guint version = 1; version <= app_client_migration_count; version++) {
    g_autoptr (GError) error = NULL;
    char *folder = make_folder ();
    g_autofree char *path = g_build_filename (folder, "ahoy.db", NULL);
    AppDatabase *old = app_database_open (path, app_client_migrations, version, &error);
    g_assert_no_error (error);
    AhoyIdentity identity;
    guint8 seed[AHOY_SEED_SIZE] = {4};
    ahoy_identity_from_seed (seed, &identity);
    g_autoptr (GString) key = g_string_new (NULL);
    for (int i = 0; i < AHOY_KEY_SIZE; i++) {
      g_string_append_printf (key, "%02x", identity.key.bytes[i]);
    }
    g_autofree char *sql = g_strdup_printf (
        "INSERT INTO account VALUES (1, 'ada@h', 'Ada', x'%s', 1, NULL, 0, 1);"
        "INSERT INTO contact VALUES (1, 'bob@h', 'Bob', '', NULL, 0, 'both', 1);"
        "INSERT INTO item (account, contact, type, id, outgoing, time_ms, is_read, kind, state, "
        "body)"
        " VALUES (1, 'bob@h', 0, x'000102030405060708090a0b0c0d0e0f', 1, 7, 1, 1, 0, x'6869')",
        key->str);
    app_database_execute (old, sql, &error);
    g_assert_no_error (error);
    app_database_free (old);
    g_autofree char *seed_file = g_build_filename (folder, "identity-1.key", NULL);
    g_assert_true (g_file_set_contents (seed_file, (const char *)seed, sizeof seed, NULL));

    AppClientStore *store = open_store (folder);
    AppStoreAccount got;
    g_assert_true (app_client_store_get_account (store, &got, &error));
    g_assert_false (got.server.is_set);
    expect_contacts (store, "bob(Bob,,both,001) ");
    AppStoreItem call = {.contact = name_of ("bob@h"), .id = id_of (1), .end = "lost"};
    g_assert_true (app_client_store_put_call (store, &call, &error));
    expect_line (store, "bob@h", 9, ">hi/unsent [call lost 0s unread] ");
    app_client_store_free (store);
    app_client_store_free (open_store (folder)); /* nothing is applied twice */
    remove_folder (folder);
  }
}

int
main (int argc, char **argv) {
  /* These tests are about files; tests/store/keyring.sh is about the keyring. */
  g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
  g_setenv ("XDG_RUNTIME_DIR", "/nonexistent", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/client/account", account);
  g_test_add_func ("/store/client/sign-out-keeps-or-wipes", sign_out);
  g_test_add_func ("/store/client/settings", settings);
  g_test_add_func ("/store/client/contacts", contacts);
  g_test_add_func ("/store/client/line-of-time", line_of_time);
  g_test_add_func ("/store/client/states-never-go-back", states);
  g_test_add_func ("/store/client/survives-kill-9", survives_kill);
  g_test_add_func ("/store/client/one-program-at-a-time", in_use);
  g_test_add_func ("/store/client/damaged", damaged);
  g_test_add_func ("/store/client/newer", newer);
  g_test_add_func ("/store/client/denied", denied);
  g_test_add_func ("/store/client/full-disk", full);
  g_test_add_func ("/store/client/migrations", migrations);
  return g_test_run ();
}

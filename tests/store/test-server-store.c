/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's store on a real disk: the contract, doors that stay shut, a disk that is full, a
 * lock. */
#include "app/store/server-store.h"
#include "app/store/sqlite.h"
#include "tests/rendezvous/store-contract.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

typedef struct {
  char *folder;
  char *path;
  AppServerStore *store;
} Opened;

static Opened *
open_at (char *folder) {
  GError *error = NULL;
  Opened *opened = g_new0 (Opened, 1);
  opened->folder = folder;
  opened->path = g_build_filename (folder, "store.db", NULL);
  opened->store = app_server_store_open (opened->path, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  return opened;
}

static void *
open_store (void) {
  return open_at (g_dir_make_tmp ("ahoy-store-XXXXXX", NULL));
}

static AhoyStoreJob *
wait_for_answer (AppServerStore *store) {
  AhoyStoreJob *job;
  while ((job = app_server_store_pop (store)) == NULL) {
    g_usleep (50);
  }
  return job;
}

static void
run (void *data, AhoyStoreJob *job) {
  Opened *opened = data;
  app_server_store_push (opened->store, job);
  g_assert_true (wait_for_answer (opened->store) == job);
}

static void
remove_folder (Opened *opened) {
  static const char *const ends[] = {"", "-wal", "-shm"};
  for (size_t i = 0; i < G_N_ELEMENTS (ends); i++) {
    g_autofree char *path = g_strconcat (opened->path, ends[i], NULL);
    (void)g_unlink (path);
  }
  g_rmdir (opened->folder);
  g_free (opened->folder);
  g_free (opened->path);
  g_free (opened);
}

static void
close_store (void *data) {
  Opened *opened = data;
  app_server_store_free (opened->store);
  remove_folder (opened);
}

static const StoreUnderTest sqlite_store = {open_store, run, close_store};

static void
make_two (Opened *opened) {
  g_assert_cmpint (contract_create (&sqlite_store, opened, "ann"), ==, AHOY_STORE_OK);
  g_assert_cmpint (contract_create (&sqlite_store, opened, "bob"), ==, AHOY_STORE_OK);
  g_assert_cmpint (contract_enter (&sqlite_store, opened, "bob", 1), ==, AHOY_STORE_OK);
  g_assert_cmpint (contract_act (&sqlite_store, opened, "ann", AHOY_RELATION_ADD, "bob"), ==,
                   AHOY_STORE_OK);
  g_assert_cmpint (contract_act (&sqlite_store, opened, "bob", AHOY_RELATION_ACCEPT, "ann"), ==,
                   AHOY_STORE_OK);
}

static size_t
count_messages (Opened *opened) {
  AhoyStoreJob *job = contract_job (AHOY_STORE_QUEUE_READ, "bob", 1);
  job->most_items = 1000000;
  job->most_bytes = SIZE_MAX;
  run (opened, job);
  const size_t count = job->item_count;
  ahoy_store_job_free (job);
  return count;
}

static void
test_reopen (void) {
  Opened *opened = open_store ();
  make_two (opened);
  g_assert_cmpint (contract_send (&sqlite_store, opened, "ann", 1, "bob", 1, 100), ==,
                   AHOY_STORE_OK);
  app_server_store_free (opened->store);
  Opened *again = open_at (g_strdup (opened->folder));
  g_assert_cmpuint (count_messages (again), ==, 1);
  struct stat status;
  g_assert_cmpint (stat (again->path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);
  app_server_store_free (again->store);
  g_free (opened->folder);
  g_free (opened->path);
  g_free (opened);
  remove_folder (again);
}

/* What is pushed at once is written in few transactions, and answered in order. */
static void
test_batches (void) {
  Opened *opened = open_store ();
  make_two (opened);
  const uint64_t before = app_server_store_counters (opened->store).commits;
  for (uint64_t i = 0; i < 500; i++) {
    AhoyStoreJob *job = contract_job (AHOY_STORE_MESSAGE_QUEUE, "ann", 1);
    g_strlcpy (job->other, "bob", sizeof job->other);
    memcpy (job->message.bytes, &i, sizeof i);
    rtmfp_buffer_append (&job->envelope, rtmfp_bytes ("sealed", 6));
    job->tag = i;
    app_server_store_push (opened->store, job);
  }
  for (uint64_t i = 0; i < 500; i++) {
    AhoyStoreJob *job = wait_for_answer (opened->store);
    g_assert_cmpint (job->status, ==, AHOY_STORE_OK);
    g_assert_cmpuint (job->tag, ==, i);
    ahoy_store_job_free (job);
  }
  const uint64_t commits = app_server_store_counters (opened->store).commits - before;
  g_test_message ("500 messages in %" G_GUINT64_FORMAT " transactions", commits);
  g_assert_cmpuint (commits, <, 300);
  g_assert_cmpuint (count_messages (opened), ==, 500);
  close_store (opened);
}

static void
test_queue_full (void) {
  Opened *opened = open_store ();
  make_two (opened);
  for (uint64_t i = 0; i <= AHOY_QUEUE_ITEMS_MAX; i++) {
    AhoyStoreJob *job = contract_job (AHOY_STORE_MESSAGE_QUEUE, "ann", 1);
    g_strlcpy (job->other, "bob", sizeof job->other);
    memcpy (job->message.bytes, &i, sizeof i);
    rtmfp_buffer_append (&job->envelope, rtmfp_bytes ("sealed", 6));
    app_server_store_push (opened->store, job);
  }
  for (uint64_t i = 0; i <= AHOY_QUEUE_ITEMS_MAX; i++) {
    AhoyStoreJob *job = wait_for_answer (opened->store);
    g_assert_cmpint (job->status, ==, i < AHOY_QUEUE_ITEMS_MAX ? AHOY_STORE_OK : AHOY_STORE_LIMIT);
    ahoy_store_job_free (job);
  }
  close_store (opened);
}

/* The kernel refuses to let files grow, as a full disk does: each request fails with a sentence,
 * what was there stays, and all goes on once there is room. */
static void
test_disk_full (void) {
  Opened *opened = open_store ();
  make_two (opened);
  g_assert_cmpint (contract_send (&sqlite_store, opened, "ann", 1, "bob", 1, 100), ==,
                   AHOY_STORE_OK);
  struct rlimit whole;
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &whole), ==, 0);
  (void)signal (SIGXFSZ, SIG_IGN);
  const struct rlimit full = {.rlim_cur = 200000, .rlim_max = whole.rlim_max};
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &full), ==, 0);
  uint64_t stored = 1;
  AhoyStoreStatus status;
  do {
    status = contract_send (&sqlite_store, opened, "ann", 1, "bob", stored + 1, 16000);
    stored += status == AHOY_STORE_OK;
    g_assert_cmpuint (stored, <, 1000);
  } while (status == AHOY_STORE_OK);
  g_assert_cmpint (status, ==, AHOY_STORE_FAILED);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &whole), ==, 0);
  g_assert_cmpuint (count_messages (opened), ==, stored);
  g_assert_cmpint (contract_send (&sqlite_store, opened, "ann", 1, "bob", stored + 1, 16000), ==,
                   AHOY_STORE_OK);
  g_assert_cmpuint (count_messages (opened), ==, stored + 1);
  close_store (opened);
}

static void
test_locked (void) {
  Opened *opened = open_store ();
  make_two (opened);
  sqlite3 *other;
  g_assert_cmpint (sqlite3_open (opened->path, &other), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), ==, SQLITE_OK);
  AhoyStoreJob *job = contract_job (AHOY_STORE_MESSAGE_QUEUE, "ann", 1);
  g_strlcpy (job->other, "bob", sizeof job->other);
  rtmfp_buffer_append (&job->envelope, rtmfp_bytes ("sealed", 6));
  run (opened, job);
  g_assert_cmpint (job->status, ==, AHOY_STORE_FAILED);
  g_assert_nonnull (strstr (job->error, "locked"));
  ahoy_store_job_free (job);
  sqlite3_close (other);
  g_assert_cmpint (contract_send (&sqlite_store, opened, "ann", 1, "bob", 0, 6), ==, AHOY_STORE_OK);
  g_assert_cmpuint (count_messages (opened), ==, 1);
  close_store (opened);
}

static void
refuse (const char *path, AppStoreError code) {
  GError *error = NULL;
  g_assert_null (app_server_store_open (path, NULL, NULL, NULL, &error));
  g_assert_error (error, APP_STORE_ERROR, (int)code);
  g_test_message ("%s", error->message);
  g_error_free (error);
}

static void
test_shut_doors (void) {
  g_autofree char *folder = g_dir_make_tmp ("ahoy-store-XXXXXX", NULL);
  g_autofree char *missing = g_build_filename (folder, "no", "store.db", NULL);
  g_autofree char *junk = g_build_filename (folder, "junk.db", NULL);
  g_autofree char *foreign = g_build_filename (folder, "foreign.db", NULL);
  g_autofree char *newer = g_build_filename (folder, "newer.db", NULL);
  sqlite3 *db;
  refuse (missing, APP_STORE_ERROR_OPEN);
  refuse (folder, APP_STORE_ERROR_OPEN);
  g_assert_true (g_file_set_contents (junk, "This is no store, but it is long enough.", -1, NULL));
  refuse (junk, APP_STORE_ERROR_BROKEN);
  g_assert_cmpint (sqlite3_open (foreign, &db), ==, SQLITE_OK);
  g_assert_cmpint (
      sqlite3_exec (db, "PRAGMA user_version = 1; CREATE TABLE a (b)", NULL, NULL, NULL), ==,
      SQLITE_OK);
  sqlite3_close (db);
  refuse (foreign, APP_STORE_ERROR_BROKEN);
  AppServerStore *store = app_server_store_open (newer, NULL, NULL, NULL, NULL);
  g_assert_nonnull (store);
  app_server_store_free (store);
  g_assert_cmpint (sqlite3_open (newer, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "PRAGMA user_version = 99", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
  refuse (newer, APP_STORE_ERROR_NEWER);
  (void)g_unlink (junk);
  (void)g_unlink (foreign);
  (void)g_unlink (newer);
  g_rmdir (folder);
}

int
main (int argc, char **argv) {
  g_test_init (&argc, &argv, NULL);
  store_contract_add ("/store/server", &sqlite_store);
  g_test_add_func ("/store/server/keeps-all-when-opened-again", test_reopen);
  g_test_add_func ("/store/server/writes-what-waits-together-in-order", test_batches);
  g_test_add_func ("/store/server/queues-are-bounded-in-items", test_queue_full);
  g_test_add_func ("/store/server/loses-nothing-on-a-full-disk", test_disk_full);
  g_test_add_func ("/store/server/refuses-while-locked-and-goes-on", test_locked);
  g_test_add_func ("/store/server/says-why-it-cannot-be-opened", test_shut_doors);
  return g_test_run ();
}

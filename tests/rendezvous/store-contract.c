/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tests that every store has to pass. */
#include "tests/rendezvous/store-contract.h"

#include <glib.h>
#include <string.h>

#define NOW_MS (INT64_C (1800000000) * 1000)

typedef struct {
  const StoreUnderTest *under;
  void *store;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data) {
  f->under = data;
  f->store = f->under->open ();
}

static void
tear_down (Fixture *f, gconstpointer data) {
  (void)data;
  f->under->close (f->store);
}

/* ---- Requests in one line ---- */

AhoyStoreJob *
contract_job (AhoyStoreKind kind, const char *user, uint8_t device) {
  AhoyStoreJob *job = ahoy_store_job_new (kind, NOW_MS);
  g_strlcpy (job->user, user, sizeof job->user);
  memset (job->device, device, sizeof job->device);
  return job;
}

static AhoyStoreStatus
run_and_free (const StoreUnderTest *under, void *store, AhoyStoreJob *job) {
  under->run (store, job);
  const AhoyStoreStatus status = job->status;
  ahoy_store_job_free (job);
  return status;
}

/* Keys that are a function of the name. */
static AhoyStoreJob *
create_job (const char *user) {
  AhoyStoreJob *job = contract_job (AHOY_STORE_ACCOUNT_CREATE, user, 0);
  g_strlcpy (job->account.user, user, sizeof job->account.user);
  g_snprintf (job->account.display_name, sizeof job->account.display_name, "Name of %s", user);
  memset (&job->account.identity, user[0], sizeof job->account.identity);
  memset (&job->account.sign_in, user[0] + 1, sizeof job->account.sign_in);
  memset (job->account.wrapped, user[0] + 2, sizeof job->account.wrapped);
  job->account.password = (AhoyPasswordParams){
      .log2_n = AHOY_SCRYPT_LOG2_N, .r = AHOY_SCRYPT_R, .p = AHOY_SCRYPT_P, .salt = {1, 2, 3}};
  job->account.created_ms = NOW_MS;
  return job;
}

AhoyStoreStatus
contract_create (const StoreUnderTest *under, void *store, const char *user) {
  return run_and_free (under, store, create_job (user));
}

static AhoyStoreJob *
enter_job (const char *user, uint8_t device) {
  AhoyStoreJob *job = contract_job (AHOY_STORE_DEVICE_ENTER, user, device);
  memset (&job->key, user[0], sizeof job->key);
  g_strlcpy (job->label, "desk", sizeof job->label);
  return job;
}

AhoyStoreStatus
contract_enter (const StoreUnderTest *under, void *store, const char *user, uint8_t device) {
  return run_and_free (under, store, enter_job (user, device));
}

static AhoyStoreJob *
act_job (const char *user, AhoyRelationInput input, const char *other, const char *text) {
  AhoyStoreJob *job = contract_job (AHOY_STORE_CONTACT_ACT, user, 0);
  job->input = input;
  g_strlcpy (job->other, other, sizeof job->other);
  g_strlcpy (job->text, text, sizeof job->text);
  return job;
}

AhoyStoreStatus
contract_act (const StoreUnderTest *under, void *store, const char *user, AhoyRelationInput input,
              const char *other) {
  return run_and_free (under, store, act_job (user, input, other, ""));
}

AhoyStoreStatus
contract_send (const StoreUnderTest *under, void *store, const char *user, uint8_t device,
               const char *other, uint64_t number, size_t size) {
  AhoyStoreJob *job = contract_job (AHOY_STORE_MESSAGE_QUEUE, user, device);
  g_strlcpy (job->other, other, sizeof job->other);
  memcpy (job->message.bytes, &number, sizeof number);
  memset (rtmfp_buffer_reserve (&job->envelope, size), (int)(number % 251), size);
  job->envelope.size = size;
  return run_and_free (under, store, job);
}

static void
make_contacts (Fixture *f, const char *user, const char *other) {
  g_assert_cmpint (contract_act (f->under, f->store, user, AHOY_RELATION_ADD, other), ==,
                   AHOY_STORE_OK);
  g_assert_cmpint (contract_act (f->under, f->store, other, AHOY_RELATION_ACCEPT, user), ==,
                   AHOY_STORE_OK);
}

static void
make_people (Fixture *f) {
  static const char *const users[] = {"ann", "bob", "eve"};
  for (size_t i = 0; i < G_N_ELEMENTS (users); i++) {
    g_assert_cmpint (contract_create (f->under, f->store, users[i]), ==, AHOY_STORE_OK);
    g_assert_cmpint (contract_enter (f->under, f->store, users[i], 1), ==, AHOY_STORE_OK);
  }
}

static AhoyStoreJob *
read_queue (Fixture *f, const char *user, uint8_t device, uint64_t after, size_t most) {
  AhoyStoreJob *job = contract_job (AHOY_STORE_QUEUE_READ, user, device);
  job->after = after;
  job->most_items = most;
  job->most_bytes = 1000000;
  f->under->run (f->store, job);
  g_assert_cmpint (job->status, ==, AHOY_STORE_OK);
  return job;
}

static size_t
queue_length (Fixture *f, const char *user, uint8_t device) {
  AhoyStoreJob *job = read_queue (f, user, device, 0, SIZE_MAX / 4);
  const size_t count = job->item_count;
  ahoy_store_job_free (job);
  return count;
}

/* Confirms the first item; tells who is to get a receipt in to[]. */
static void
confirm_first (Fixture *f, const char *user, uint8_t device, char to[AHOY_USER_TEXT_SIZE]) {
  AhoyStoreJob *read = read_queue (f, user, device, 0, 1);
  g_assert_cmpuint (read->item_count, ==, 1);
  AhoyStoreJob *job = contract_job (AHOY_STORE_QUEUE_CONFIRM, user, device);
  job->sequence = read->items[0].sequence;
  f->under->run (f->store, job);
  g_assert_cmpint (job->status, ==, AHOY_STORE_OK);
  g_strlcpy (to, job->other, AHOY_USER_TEXT_SIZE);
  ahoy_store_job_free (job);
  ahoy_store_job_free (read);
}

/* ---- Accounts and devices ---- */

static void
test_accounts (Fixture *f, gconstpointer data) {
  (void)data;
  g_assert_cmpint (contract_create (f->under, f->store, "ann"), ==, AHOY_STORE_OK);
  g_assert_cmpint (contract_create (f->under, f->store, "ann"), ==, AHOY_STORE_OK);
  AhoyStoreJob *other = create_job ("ann");
  other->account.identity.bytes[0] ^= 1;
  g_assert_cmpint (run_and_free (f->under, f->store, other), ==, AHOY_STORE_TAKEN);
  AhoyStoreJob *read = contract_job (AHOY_STORE_ACCOUNT_READ, "ann", 0);
  f->under->run (f->store, read);
  AhoyStoreJob *made = create_job ("ann");
  g_assert_cmpint (read->status, ==, AHOY_STORE_OK);
  g_assert_cmpstr (read->account.display_name, ==, "Name of ann");
  g_assert_cmpmem (&read->account.sign_in, 32, &made->account.sign_in, 32);
  g_assert_cmpmem (read->account.wrapped, AHOY_WRAPPED_SIZE, made->account.wrapped,
                   AHOY_WRAPPED_SIZE);
  g_assert_cmpmem (read->account.password.salt, AHOY_SALT_SIZE, made->account.password.salt,
                   AHOY_SALT_SIZE);
  g_assert_cmpint (read->account.password.log2_n, ==, AHOY_SCRYPT_LOG2_N);
  ahoy_store_job_free (made);
  ahoy_store_job_free (read);
  g_assert_cmpint (
      run_and_free (f->under, f->store, contract_job (AHOY_STORE_ACCOUNT_READ, "bob", 0)), ==,
      AHOY_STORE_UNKNOWN);
  AhoyStoreJob *list = contract_job (AHOY_STORE_ACCOUNT_LIST, "", 0);
  f->under->run (f->store, list);
  g_assert_cmpuint (list->account_count, ==, 1);
  g_assert_cmpstr (list->accounts[0].user, ==, "ann");
  ahoy_store_job_free (list);
}

static void
test_enter (Fixture *f, gconstpointer data) {
  (void)data;
  g_assert_cmpint (contract_enter (f->under, f->store, "ann", 1), ==, AHOY_STORE_UNKNOWN);
  g_assert_cmpint (contract_create (f->under, f->store, "ann"), ==, AHOY_STORE_OK);
  AhoyStoreJob *job = enter_job ("ann", 1);
  job->key.bytes[5] ^= 1;
  g_assert_cmpint (run_and_free (f->under, f->store, job), ==, AHOY_STORE_NOT_ALLOWED);
  job = contract_job (AHOY_STORE_ACCOUNT_DISABLE, "ann", 0);
  job->disabled = true;
  g_assert_cmpint (run_and_free (f->under, f->store, job), ==, AHOY_STORE_OK);
  g_assert_cmpint (contract_enter (f->under, f->store, "ann", 1), ==, AHOY_STORE_DISABLED);
  job = contract_job (AHOY_STORE_ACCOUNT_DISABLE, "ann", 0);
  g_assert_cmpint (run_and_free (f->under, f->store, job), ==, AHOY_STORE_OK);
  g_assert_cmpint (contract_enter (f->under, f->store, "ann", 1), ==, AHOY_STORE_OK);
  job = contract_job (AHOY_STORE_ACCOUNT_DISABLE, "bob", 0);
  g_assert_cmpint (run_and_free (f->under, f->store, job), ==, AHOY_STORE_UNKNOWN);
}

static void
test_device_bound (Fixture *f, gconstpointer data) {
  (void)data;
  g_assert_cmpint (contract_create (f->under, f->store, "ann"), ==, AHOY_STORE_OK);
  for (uint8_t device = 1; device <= AHOY_DEVICES_MAX + 3; device++) {
    AhoyStoreJob *job = enter_job ("ann", device);
    job->now_ms += device;
    f->under->run (f->store, job);
    g_assert_cmpint (job->status, ==, AHOY_STORE_OK);
    g_assert_cmpuint (job->account.devices, ==, MIN (device, AHOY_DEVICES_MAX));
    ahoy_store_job_free (job);
  }
}

/* ---- Contacts and invites ---- */

static void
test_contacts (Fixture *f, gconstpointer data) {
  (void)data;
  make_people (f);
  AhoyStoreJob *job = act_job ("ann", AHOY_RELATION_ADD, "bob", "It is me");
  f->under->run (f->store, job);
  g_assert_cmpint (job->status, ==, AHOY_STORE_OK);
  g_assert_true (job->changed && job->far_changed);
  g_assert_cmpstr (job->entry.user, ==, "bob");
  g_assert_cmpint (job->entry.relation, ==, AHOY_RELATION_REQUESTED);
  g_assert_cmpstr (job->far_entry.user, ==, "ann");
  g_assert_cmpint (job->far_entry.relation, ==, AHOY_RELATION_ASKED);
  g_assert_cmpstr (job->far_entry.text, ==, "It is me");
  ahoy_store_job_free (job);
  g_assert_cmpint (contract_act (f->under, f->store, "ann", AHOY_RELATION_ACCEPT, "bob"), ==,
                   AHOY_STORE_NOT_ALLOWED);
  g_assert_cmpint (contract_act (f->under, f->store, "bob", AHOY_RELATION_ACCEPT, "ann"), ==,
                   AHOY_STORE_OK);
  g_assert_cmpint (contract_act (f->under, f->store, "ann", AHOY_RELATION_ADD, "zoe"), ==,
                   AHOY_STORE_UNKNOWN);
  g_assert_cmpint (contract_act (f->under, f->store, "ann", AHOY_RELATION_ADD, "ann"), ==,
                   AHOY_STORE_UNKNOWN);
  job = enter_job ("bob", 2);
  f->under->run (f->store, job);
  g_assert_cmpuint (job->roster_count, ==, 1);
  g_assert_cmpstr (job->roster[0].user, ==, "ann");
  g_assert_cmpstr (job->roster[0].display_name, ==, "Name of ann");
  g_assert_cmpint (job->roster[0].relation, ==, AHOY_RELATION_BOTH);
  g_assert_cmpstr (job->roster[0].text, ==, "");
  g_assert_cmpint (job->roster[0].identity.bytes[0], ==, 'a');
  ahoy_store_job_free (job);
  g_assert_cmpint (contract_act (f->under, f->store, "ann", AHOY_RELATION_REMOVE, "bob"), ==,
                   AHOY_STORE_OK);
  job = enter_job ("bob", 2);
  f->under->run (f->store, job);
  g_assert_cmpuint (job->roster_count, ==, 0);
  ahoy_store_job_free (job);
}

static void
test_contact_bounds (Fixture *f, gconstpointer data) {
  (void)data;
  g_assert_cmpint (contract_create (f->under, f->store, "ann"), ==, AHOY_STORE_OK);
  for (int i = 0; i < AHOY_CONTACTS_MAX + 1; i++) {
    g_autofree char *user = g_strdup_printf ("u%d", i);
    g_assert_cmpint (contract_create (f->under, f->store, user), ==, AHOY_STORE_OK);
    /* Those who wait for ann's answer are bounded before all are. */
    g_assert_cmpint (contract_act (f->under, f->store, user, AHOY_RELATION_ADD, "ann"), ==,
                     i < AHOY_ASKED_MAX ? AHOY_STORE_OK : AHOY_STORE_LIMIT);
    g_assert_cmpint (contract_act (f->under, f->store, "ann", AHOY_RELATION_BLOCK, user), ==,
                     i < AHOY_CONTACTS_MAX ? AHOY_STORE_OK : AHOY_STORE_LIMIT);
    if (i < AHOY_ASKED_MAX) { /* the queue of requests stays full with the first hundred */
      g_assert_cmpint (contract_act (f->under, f->store, "ann", AHOY_RELATION_UNBLOCK, user), ==,
                       AHOY_STORE_OK);
      g_assert_cmpint (contract_act (f->under, f->store, user, AHOY_RELATION_ADD, "ann"), ==,
                       AHOY_STORE_OK);
    }
  }
}

static AhoyStoreStatus
invite (Fixture *f, const char *user, uint8_t token, const char *reserved) {
  AhoyStoreJob *job = contract_job (AHOY_STORE_INVITE_MAKE, user, 0);
  memset (job->token_hash, token, sizeof job->token_hash);
  g_strlcpy (job->other, reserved, sizeof job->other);
  job->until_ms = NOW_MS + 1000;
  return run_and_free (f->under, f->store, job);
}

static AhoyStoreStatus
redeem (Fixture *f, const char *user, uint8_t token, int64_t late_ms) {
  AhoyStoreJob *job = contract_job (AHOY_STORE_INVITE_REDEEM, user, 0);
  memset (job->token_hash, token, sizeof job->token_hash);
  job->now_ms += late_ms;
  return run_and_free (f->under, f->store, job);
}

static AhoyStoreStatus
create_by (Fixture *f, const char *user, uint8_t token, bool needed) {
  AhoyStoreJob *job = create_job (user);
  job->has_token = token != 0;
  job->needs_invite = needed;
  memset (job->token_hash, token, sizeof job->token_hash);
  return run_and_free (f->under, f->store, job);
}

static void
test_invites (Fixture *f, gconstpointer data) {
  (void)data;
  make_people (f);
  g_assert_cmpint (invite (f, "ann", 7, ""), ==, AHOY_STORE_OK);
  g_assert_cmpint (redeem (f, "ann", 7, 0), ==, AHOY_STORE_NOT_ALLOWED);
  g_assert_cmpint (redeem (f, "bob", 7, 1000), ==, AHOY_STORE_UNKNOWN);
  g_assert_cmpint (redeem (f, "bob", 8, 0), ==, AHOY_STORE_UNKNOWN);
  g_assert_cmpint (redeem (f, "bob", 7, 0), ==, AHOY_STORE_OK);
  g_assert_cmpint (redeem (f, "eve", 7, 0), ==, AHOY_STORE_UNKNOWN);
  g_assert_cmpint (contract_send (f->under, f->store, "bob", 1, "ann", 1, 10), ==, AHOY_STORE_OK);
  g_assert_cmpint (contract_act (f->under, f->store, "ann", AHOY_RELATION_BLOCK, "eve"), ==,
                   AHOY_STORE_OK);
  g_assert_cmpint (invite (f, "ann", 9, ""), ==, AHOY_STORE_OK);
  g_assert_cmpint (redeem (f, "eve", 9, 0), ==, AHOY_STORE_NOT_ALLOWED);
}

static void
test_invited_accounts (Fixture *f, gconstpointer data) {
  (void)data;
  make_people (f);
  g_assert_cmpint (create_by (f, "kim", 0, true), ==, AHOY_STORE_NOT_ALLOWED);
  g_assert_cmpint (create_by (f, "kim", 3, true), ==, AHOY_STORE_NOT_ALLOWED);
  g_assert_cmpint (invite (f, "ann", 3, ""), ==, AHOY_STORE_OK);
  g_assert_cmpint (create_by (f, "kim", 3, true), ==, AHOY_STORE_OK);
  g_assert_cmpint (create_by (f, "kim", 3, true), ==, AHOY_STORE_OK); /* asked again, same keys */
  g_assert_cmpint (create_by (f, "lea", 3, true), ==, AHOY_STORE_NOT_ALLOWED);
  g_assert_cmpint (redeem (f, "kim", 3, 0), ==, AHOY_STORE_OK);
  /* The operator's own, for one name. */
  g_assert_cmpint (invite (f, "", 4, "max"), ==, AHOY_STORE_OK);
  g_assert_cmpint (create_by (f, "max", 0, false), ==, AHOY_STORE_TAKEN);
  g_assert_cmpint (create_by (f, "moe", 4, true), ==, AHOY_STORE_NOT_ALLOWED);
  g_assert_cmpint (create_by (f, "max", 4, true), ==, AHOY_STORE_OK);
  g_assert_cmpint (redeem (f, "ann", 4, 0), ==, AHOY_STORE_UNKNOWN);
  g_assert_cmpint (invite (f, "", 5, "max"), ==, AHOY_STORE_TAKEN);
}

static void
test_invite_bound (Fixture *f, gconstpointer data) {
  (void)data;
  make_people (f);
  for (uint8_t i = 0; i < AHOY_INVITES_MAX; i++) {
    g_assert_cmpint (invite (f, "ann", (uint8_t)(i + 1), ""), ==, AHOY_STORE_OK);
  }
  g_assert_cmpint (invite (f, "ann", 200, ""), ==, AHOY_STORE_LIMIT);
  g_assert_cmpint (invite (f, "bob", 201, ""), ==, AHOY_STORE_OK);
}

/* ---- Messages ---- */

static void
test_messages (Fixture *f, gconstpointer data) {
  (void)data;
  make_people (f);
  g_assert_cmpint (contract_send (f->under, f->store, "ann", 1, "bob", 1, 10), ==,
                   AHOY_STORE_NOT_ALLOWED);
  make_contacts (f, "ann", "bob");
  g_assert_cmpint (contract_enter (f->under, f->store, "bob", 2), ==, AHOY_STORE_OK);
  for (uint64_t i = 1; i <= 5; i++) {
    g_assert_cmpint (contract_send (f->under, f->store, "ann", 1, "bob", i, 10 + i), ==,
                     AHOY_STORE_OK);
    g_assert_cmpint (contract_send (f->under, f->store, "ann", 1, "bob", i, 10 + i), ==,
                     AHOY_STORE_OK); /* a double */
  }
  AhoyStoreJob *job = read_queue (f, "bob", 2, 0, 3);
  g_assert_cmpuint (job->item_count, ==, 3);
  const uint64_t after = job->items[2].sequence;
  ahoy_store_job_free (job);
  job = read_queue (f, "bob", 2, after, 100);
  g_assert_cmpuint (job->item_count, ==, 2);
  g_assert_cmpint (job->items[0].kind, ==, AHOY_QUEUE_MESSAGE);
  g_assert_cmpstr (job->items[0].user, ==, "ann");
  g_assert_cmpuint (job->items[0].message.bytes[0], ==, 4);
  g_assert_cmpuint (job->items[0].envelope.size, ==, 14);
  g_assert_cmpuint (job->items[0].envelope.data[13], ==, 4);
  g_assert_cmpint (job->items[0].stored_ms, ==, NOW_MS);
  g_assert_cmpuint (job->items[1].sequence, >, job->items[0].sequence);
  ahoy_store_job_free (job);
  g_assert_cmpuint (queue_length (f, "bob", 1), ==, 5);
}

static void
test_order (Fixture *f, gconstpointer data) {
  (void)data;
  make_people (f);
  make_contacts (f, "ann", "bob");
  for (int known = 0; known < 2; known++) {
    AhoyStoreJob *job = contract_job (AHOY_STORE_MESSAGE_QUEUE, "ann", 1);
    g_strlcpy (job->other, "bob", sizeof job->other);
    job->message.bytes[0] = 2;
    rtmfp_buffer_append (&job->envelope, rtmfp_bytes ("sealed", 6));
    job->has_previous = true;
    job->previous.bytes[0] = 1;
    g_assert_cmpint (run_and_free (f->under, f->store, job), ==,
                     known ? AHOY_STORE_OK : AHOY_STORE_LIMIT);
    g_assert_cmpint (contract_send (f->under, f->store, "ann", 1, "bob", 1, 10), ==, AHOY_STORE_OK);
  }
  g_assert_cmpuint (queue_length (f, "bob", 1), ==, 2);
}

static void
test_receipts (Fixture *f, gconstpointer data) {
  (void)data;
  char to[AHOY_USER_TEXT_SIZE];
  make_people (f);
  make_contacts (f, "ann", "bob");
  g_assert_cmpint (contract_enter (f->under, f->store, "bob", 2), ==, AHOY_STORE_OK);
  g_assert_cmpint (contract_send (f->under, f->store, "ann", 1, "bob", 1, 10), ==, AHOY_STORE_OK);
  confirm_first (f, "bob", 1, to);
  g_assert_cmpstr (to, ==, "ann");
  g_assert_cmpuint (queue_length (f, "bob", 1), ==, 0);
  g_assert_cmpuint (queue_length (f, "bob", 2), ==, 1);
  confirm_first (f, "bob", 2, to); /* the second device's is none */
  g_assert_cmpstr (to, ==, "");
  AhoyStoreJob *job = read_queue (f, "ann", 1, 0, 10);
  g_assert_cmpuint (job->item_count, ==, 1);
  g_assert_cmpint (job->items[0].kind, ==, AHOY_QUEUE_RECEIPT);
  g_assert_cmpstr (job->items[0].user, ==, "bob");
  g_assert_cmpuint (job->items[0].message.bytes[0], ==, 1);
  g_assert_cmpuint (job->items[0].envelope.size, ==, 0);
  ahoy_store_job_free (job);
  confirm_first (f, "ann", 1, to);
  g_assert_cmpstr (to, ==, "");
  g_assert_cmpuint (queue_length (f, "ann", 1), ==, 0);
  /* Delivered long ago, and sent again: nothing comes of it. */
  g_assert_cmpint (contract_send (f->under, f->store, "ann", 1, "bob", 1, 10), ==, AHOY_STORE_OK);
  g_assert_cmpuint (queue_length (f, "bob", 1), ==, 0);
}

static void
test_first_device (Fixture *f, gconstpointer data) {
  (void)data;
  make_people (f);
  g_assert_cmpint (contract_create (f->under, f->store, "kim"), ==, AHOY_STORE_OK);
  make_contacts (f, "ann", "kim");
  g_assert_cmpint (contract_send (f->under, f->store, "ann", 1, "kim", 1, 10), ==, AHOY_STORE_OK);
  g_assert_cmpint (contract_enter (f->under, f->store, "kim", 1), ==, AHOY_STORE_OK);
  g_assert_cmpuint (queue_length (f, "kim", 1), ==, 1);
  /* The last device signs out: what waited waits for the next one. */
  g_assert_cmpint (
      run_and_free (f->under, f->store, contract_job (AHOY_STORE_DEVICE_FORGET, "kim", 1)), ==,
      AHOY_STORE_OK);
  g_assert_cmpuint (queue_length (f, "kim", 1), ==, 0);
  g_assert_cmpint (contract_enter (f->under, f->store, "kim", 2), ==, AHOY_STORE_OK);
  g_assert_cmpuint (queue_length (f, "kim", 2), ==, 1);
}

static void
test_queue_bound (Fixture *f, gconstpointer data) {
  (void)data;
  make_people (f);
  make_contacts (f, "ann", "bob");
  const size_t size = AHOY_ENVELOPE_BYTES_MAX;
  const uint64_t most = AHOY_QUEUE_BYTES_MAX / size;
  for (uint64_t i = 1; i <= most; i++) {
    g_assert_cmpint (contract_send (f->under, f->store, "ann", 1, "bob", i, size), ==,
                     AHOY_STORE_OK);
  }
  g_assert_cmpint (contract_send (f->under, f->store, "ann", 1, "bob", most + 1, size), ==,
                   AHOY_STORE_LIMIT);
  /* A second device has room, and gets what the first one misses. */
  g_assert_cmpint (contract_enter (f->under, f->store, "bob", 2), ==, AHOY_STORE_OK);
  g_assert_cmpint (contract_send (f->under, f->store, "ann", 1, "bob", most + 1, size), ==,
                   AHOY_STORE_OK);
  g_assert_cmpuint (queue_length (f, "bob", 2), ==, 1);
}

void
store_contract_add (const char *path, const StoreUnderTest *store) {
  static const struct {
    const char *name;
    void (*run) (Fixture *f, gconstpointer data);
  } tests[] = {
      {"accounts/are-made-once-and-read", test_accounts},
      {"accounts/enter-with-the-right-key", test_enter},
      {"devices/forget-the-oldest-at-the-bound", test_device_bound},
      {"contacts/by-request-and-consent", test_contacts},
      {"contacts/are-bounded", test_contact_bounds},
      {"invites/make-contacts-once", test_invites},
      {"invites/make-accounts-once", test_invited_accounts},
      {"invites/are-bounded", test_invite_bound},
      {"messages/wait-for-each-device-in-order", test_messages},
      {"messages/do-not-pass-one-that-failed", test_order},
      {"messages/receipts-come-once", test_receipts},
      {"messages/wait-for-a-first-device", test_first_device},
      {"messages/queues-are-bounded", test_queue_bound},
  };
  for (size_t i = 0; i < G_N_ELEMENTS (tests); i++) {
    g_autofree char *whole = g_strdup_printf ("%s/%s", path, tests[i].name);
    g_test_add (whole, Fixture, store, set_up, tests[i].run, tear_down);
  }
}

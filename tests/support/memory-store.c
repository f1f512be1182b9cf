/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/memory-store.h"

#include "core/rendezvous/roster.h"

#include <glib.h>
#include <string.h>

typedef struct {
  char user[AHOY_USER_TEXT_SIZE];
  guint8 id[AHOY_DEVICE_ID_SIZE];
  guint64 next_sequence;
  GPtrArray *queue; /* of AhoyQueueItem */
} Device;

typedef struct {
  guint8 hash[AHOY_HASH_SIZE];
  char user[AHOY_USER_TEXT_SIZE], other[AHOY_USER_TEXT_SIZE];
  gint64 until_ms;
  gboolean used_for_account, used_for_contact;
} Invite;

typedef struct {
  char from[AHOY_USER_TEXT_SIZE], to[AHOY_USER_TEXT_SIZE];
  guint8 device[AHOY_DEVICE_ID_SIZE];
  AhoyMessageId id;
  gboolean confirmed;
} Message;

typedef struct {
  AhoyRelation relation; /* of the first to the second */
  char text[AHOY_REQUEST_TEXT_BYTES_MAX + 1];
} Side;

struct TestMemoryStore {
  GHashTable *accounts;  /* user -> AhoyAccountRecord */
  GHashTable *relations; /* "user\nother" -> Side */
  GPtrArray *devices, *invites, *messages;
  GByteArray *seen; /* every envelope, one after another */
  gboolean failing;
};

static void
free_item (gpointer data) {
  AhoyQueueItem *item = data;
  rtmfp_buffer_clear (&item->envelope);
  g_free (item);
}

static void
free_device (gpointer data) {
  g_ptr_array_unref (((Device *)data)->queue);
  g_free (data);
}

TestMemoryStore *
test_memory_store_new (void) {
  TestMemoryStore *store = g_new0 (TestMemoryStore, 1);
  store->accounts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  store->relations = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  store->devices = g_ptr_array_new_with_free_func (free_device);
  store->invites = g_ptr_array_new_with_free_func (g_free);
  store->messages = g_ptr_array_new_with_free_func (g_free);
  store->seen = g_byte_array_new ();
  return store;
}

void
test_memory_store_free (TestMemoryStore *store) {
  g_hash_table_unref (store->accounts);
  g_hash_table_unref (store->relations);
  g_ptr_array_unref (store->devices);
  g_ptr_array_unref (store->invites);
  g_ptr_array_unref (store->messages);
  g_byte_array_unref (store->seen);
  g_free (store);
}

void
test_memory_store_set_failing (TestMemoryStore *store, bool failing) {
  store->failing = failing;
}

bool
test_memory_store_has_seen (const TestMemoryStore *store, const char *text) {
  return memmem (store->seen->data, store->seen->len, text, strlen (text)) != NULL;
}

/* ---- Relations ---- */

static Side *
side (TestMemoryStore *store, const char *user, const char *other) {
  g_autofree char *key = g_strdup_printf ("%s\n%s", user, other);
  Side *found = g_hash_table_lookup (store->relations, key);
  if (found == NULL) {
    found = g_new0 (Side, 1);
    g_hash_table_insert (store->relations, g_steal_pointer (&key), found);
  }
  return found;
}

static void
fill_entry (TestMemoryStore *store, const char *user, const char *other, AhoyRosterRecord *entry) {
  const AhoyAccountRecord *account = g_hash_table_lookup (store->accounts, other);
  const Side *mine = side (store, user, other);
  memset (entry, 0, sizeof *entry);
  g_strlcpy (entry->user, other, sizeof entry->user);
  g_strlcpy (entry->display_name, account->display_name, sizeof entry->display_name);
  entry->identity = account->identity;
  entry->relation = mine->relation;
  g_strlcpy (entry->text, mine->text, sizeof entry->text);
}

static void
act (TestMemoryStore *store, AhoyStoreJob *job, AhoyRelationInput input) {
  Side *mine = side (store, job->user, job->other);
  Side *theirs = side (store, job->other, job->user);
  const AhoyRosterPair before = {.mine = mine->relation, .theirs = theirs->relation};
  AhoyRosterPair pair = before;
  if (ahoy_roster_act (&pair, input) != RTMFP_OK) {
    job->status = AHOY_STORE_NOT_ALLOWED;
    return;
  }
  mine->relation = pair.mine;
  theirs->relation = pair.theirs;
  if (input == AHOY_RELATION_ADD) {
    g_strlcpy (theirs->text, job->text, sizeof theirs->text);
  }
  job->changed = pair.mine != before.mine;
  job->far_changed = pair.theirs != before.theirs;
  fill_entry (store, job->user, job->other, &job->entry);
  fill_entry (store, job->other, job->user, &job->far_entry);
}

static void
contact_act (TestMemoryStore *store, AhoyStoreJob *job) {
  if (!g_hash_table_contains (store->accounts, job->other) || g_str_equal (job->user, job->other)) {
    job->status = AHOY_STORE_UNKNOWN;
    return;
  }
  act (store, job, job->input);
}

/* ---- Accounts and invites ---- */

static Invite *
find_invite (TestMemoryStore *store, const AhoyStoreJob *job) {
  for (guint i = 0; i < store->invites->len; i++) {
    Invite *invite = store->invites->pdata[i];
    if (memcmp (invite->hash, job->token_hash, AHOY_HASH_SIZE) == 0 &&
        job->now_ms < invite->until_ms) {
      return invite;
    }
  }
  return NULL;
}

static void
account_create (TestMemoryStore *store, AhoyStoreJob *job) {
  const AhoyAccountRecord *there = g_hash_table_lookup (store->accounts, job->account.user);
  Invite *invite = job->has_token ? find_invite (store, job) : NULL;
  if (there != NULL) {
    job->status = ahoy_key_equal (&there->identity, &job->account.identity) ? AHOY_STORE_OK
                                                                            : AHOY_STORE_TAKEN;
  } else if (job->needs_invite &&
             (invite == NULL || invite->used_for_account ||
              (invite->other[0] != '\0' && !g_str_equal (invite->other, job->account.user)))) {
    job->status = AHOY_STORE_NOT_ALLOWED;
  } else {
    if (invite != NULL) {
      invite->used_for_account = TRUE;
    }
    g_hash_table_insert (store->accounts, g_strdup (job->account.user),
                         g_memdup2 (&job->account, sizeof job->account));
  }
}

static void
invite_make (TestMemoryStore *store, AhoyStoreJob *job) {
  Invite *invite = g_new0 (Invite, 1);
  memcpy (invite->hash, job->token_hash, AHOY_HASH_SIZE);
  g_strlcpy (invite->user, job->user, sizeof invite->user);
  g_strlcpy (invite->other, job->other, sizeof invite->other);
  invite->until_ms = job->until_ms;
  g_ptr_array_add (store->invites, invite);
}

static void
invite_redeem (TestMemoryStore *store, AhoyStoreJob *job) {
  Invite *invite = find_invite (store, job);
  if (invite == NULL || invite->used_for_contact || invite->user[0] == '\0') {
    job->status = AHOY_STORE_UNKNOWN;
    return;
  }
  g_strlcpy (job->other, invite->user, sizeof job->other);
  if (g_str_equal (job->other, job->user)) {
    job->status = AHOY_STORE_NOT_ALLOWED;
    return;
  }
  act (store, job, AHOY_RELATION_REDEEM);
  invite->used_for_contact = job->status == AHOY_STORE_OK;
}

/* ---- Devices and queues ---- */

static Device *
find_device (TestMemoryStore *store, const char *user, const guint8 *id) {
  for (guint i = 0; i < store->devices->len; i++) {
    Device *device = store->devices->pdata[i];
    if (g_str_equal (device->user, user) && memcmp (device->id, id, AHOY_DEVICE_ID_SIZE) == 0) {
      return device;
    }
  }
  return NULL;
}

static void
device_enter (TestMemoryStore *store, AhoyStoreJob *job) {
  const AhoyAccountRecord *account = g_hash_table_lookup (store->accounts, job->user);
  if (account == NULL || !ahoy_key_equal (&account->identity, &job->key)) {
    job->status = account == NULL ? AHOY_STORE_UNKNOWN : AHOY_STORE_NOT_ALLOWED;
    return;
  }
  if (account->disabled) {
    job->status = AHOY_STORE_DISABLED;
    return;
  }
  if (find_device (store, job->user, job->device) == NULL) {
    Device *device = g_new0 (Device, 1);
    g_strlcpy (device->user, job->user, sizeof device->user);
    memcpy (device->id, job->device, sizeof device->id);
    device->queue = g_ptr_array_new_with_free_func (free_item);
    g_ptr_array_add (store->devices, device);
  }
  job->account = *account;
  GHashTableIter iter;
  gpointer other;
  g_hash_table_iter_init (&iter, store->accounts);
  while (g_hash_table_iter_next (&iter, &other, NULL)) {
    if (side (store, job->user, other)->relation != AHOY_RELATION_NONE) {
      fill_entry (store, job->user, other, ahoy_store_job_add_roster (job));
    }
  }
}

static void
push (Device *device, AhoyQueueKind kind, const char *user, const AhoyMessageId *id, gint64 now_ms,
      RtmfpBytes envelope) {
  AhoyQueueItem *item = g_new0 (AhoyQueueItem, 1);
  item->sequence = ++device->next_sequence;
  item->kind = kind;
  g_strlcpy (item->user, user, sizeof item->user);
  item->message = *id;
  item->stored_ms = now_ms;
  rtmfp_buffer_append (&item->envelope, envelope);
  g_ptr_array_add (device->queue, item);
}

static Message *
find_message (TestMemoryStore *store, const char *from, const char *to, const AhoyMessageId *id) {
  for (guint i = 0; i < store->messages->len; i++) {
    Message *message = store->messages->pdata[i];
    if (ahoy_message_id_equal (&message->id, id) && g_str_equal (message->from, from) &&
        g_str_equal (message->to, to)) {
      return message;
    }
  }
  return NULL;
}

static void
message_queue (TestMemoryStore *store, AhoyStoreJob *job) {
  if (!g_hash_table_contains (store->accounts, job->other)) {
    job->status = AHOY_STORE_UNKNOWN;
    return;
  }
  if (!ahoy_relation_may_meet (side (store, job->user, job->other)->relation,
                               side (store, job->other, job->user)->relation)) {
    job->status = AHOY_STORE_NOT_ALLOWED;
    return;
  }
  if (find_message (store, job->user, job->other, &job->message) != NULL) {
    return;
  }
  Message *message = g_new0 (Message, 1);
  g_strlcpy (message->from, job->user, sizeof message->from);
  g_strlcpy (message->to, job->other, sizeof message->to);
  memcpy (message->device, job->device, sizeof message->device);
  message->id = job->message;
  g_ptr_array_add (store->messages, message);
  g_byte_array_append (store->seen, job->envelope.data, (guint)job->envelope.size);
  for (guint i = 0; i < store->devices->len; i++) {
    Device *device = store->devices->pdata[i];
    if (g_str_equal (device->user, job->other)) {
      push (device, AHOY_QUEUE_MESSAGE, job->user, &job->message, job->now_ms,
            rtmfp_buffer_bytes (&job->envelope));
    }
  }
}

static void
queue_read (TestMemoryStore *store, AhoyStoreJob *job) {
  const Device *device = find_device (store, job->user, job->device);
  for (guint i = 0; device != NULL && i < device->queue->len && job->item_count < job->most_items;
       i++) {
    const AhoyQueueItem *item = device->queue->pdata[i];
    if (item->sequence > job->after) {
      AhoyQueueItem *copy = ahoy_store_job_add_item (job);
      *copy = *item;
      copy->envelope = (RtmfpBuffer){0};
      rtmfp_buffer_append (&copy->envelope, rtmfp_buffer_bytes (&item->envelope));
    }
  }
}

static void
queue_confirm (TestMemoryStore *store, AhoyStoreJob *job) {
  Device *device = find_device (store, job->user, job->device);
  job->other[0] = '\0';
  for (guint i = 0; device != NULL && i < device->queue->len; i++) {
    const AhoyQueueItem *item = device->queue->pdata[i];
    if (item->sequence != job->sequence) {
      continue;
    }
    Message *message = item->kind == AHOY_QUEUE_MESSAGE
                           ? find_message (store, item->user, job->user, &item->message)
                           : NULL;
    Device *sender = message != NULL && !message->confirmed
                         ? find_device (store, message->from, message->device)
                         : NULL;
    if (message != NULL) {
      message->confirmed = TRUE;
    }
    if (sender != NULL) {
      push (sender, AHOY_QUEUE_RECEIPT, job->user, &item->message, job->now_ms,
            rtmfp_bytes (NULL, 0));
      g_strlcpy (job->other, message->from, sizeof job->other);
    }
    g_ptr_array_remove_index (device->queue, i);
    return;
  }
}

static void
device_forget (TestMemoryStore *store, AhoyStoreJob *job) {
  Device *device = find_device (store, job->user, job->device);
  if (device != NULL) {
    g_ptr_array_remove (store->devices, device);
  }
}

static void
account_read (TestMemoryStore *store, AhoyStoreJob *job) {
  const AhoyAccountRecord *account = g_hash_table_lookup (store->accounts, job->user);
  if (account == NULL) {
    job->status = AHOY_STORE_UNKNOWN;
  } else {
    job->account = *account;
  }
}

static void
account_disable (TestMemoryStore *store, AhoyStoreJob *job) {
  AhoyAccountRecord *account = g_hash_table_lookup (store->accounts, job->user);
  if (account == NULL) {
    job->status = AHOY_STORE_UNKNOWN;
  } else {
    account->disabled = job->disabled;
  }
}

static void
account_list (TestMemoryStore *store, AhoyStoreJob *job) {
  GHashTableIter iter;
  gpointer account;
  g_hash_table_iter_init (&iter, store->accounts);
  while (g_hash_table_iter_next (&iter, NULL, &account)) {
    *ahoy_store_job_add_account (job) = *(const AhoyAccountRecord *)account;
  }
}

void
test_memory_store_run (TestMemoryStore *store, AhoyStoreJob *job) {
  static const struct {
    void (*run) (TestMemoryStore *store, AhoyStoreJob *job);
    gboolean writes;
  } table[AHOY_STORE_KIND_COUNT] = {
      [AHOY_STORE_ACCOUNT_READ] = {account_read, FALSE},
      [AHOY_STORE_ACCOUNT_CREATE] = {account_create, TRUE},
      [AHOY_STORE_ACCOUNT_DISABLE] = {account_disable, TRUE},
      [AHOY_STORE_ACCOUNT_LIST] = {account_list, FALSE},
      [AHOY_STORE_DEVICE_ENTER] = {device_enter, FALSE},
      [AHOY_STORE_DEVICE_FORGET] = {device_forget, TRUE},
      [AHOY_STORE_CONTACT_ACT] = {contact_act, TRUE},
      [AHOY_STORE_INVITE_MAKE] = {invite_make, TRUE},
      [AHOY_STORE_INVITE_REDEEM] = {invite_redeem, TRUE},
      [AHOY_STORE_MESSAGE_QUEUE] = {message_queue, TRUE},
      [AHOY_STORE_QUEUE_READ] = {queue_read, FALSE},
      [AHOY_STORE_QUEUE_CONFIRM] = {queue_confirm, TRUE},
  };
  job->status = AHOY_STORE_OK;
  if (store->failing && table[job->kind].writes) {
    job->status = AHOY_STORE_FAILED;
    g_strlcpy (job->error, "the disk is full", sizeof job->error);
    return;
  }
  table[job->kind].run (store, job);
}

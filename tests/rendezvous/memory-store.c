/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accounts, devices, relations, invites and queues as plain lists, walked from end to end. */
#include "tests/rendezvous/memory-store.h"

#include "core/base/memory.h"
#include "core/rendezvous/roster.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

typedef struct Account {
  AhoyAccountRecord record;
  TAILQ_ENTRY (Account) next;
} Account;

typedef struct Device {
  Account *account;
  uint8_t id[AHOY_DEVICE_ID_SIZE];
  int64_t seen_ms;
  TAILQ_ENTRY (Device) next;
} Device;

typedef struct Relation {
  Account *account;
  Account *other;
  AhoyRelation relation;
  char text[AHOY_REQUEST_TEXT_BYTES_MAX + 1];
  TAILQ_ENTRY (Relation) next;
} Relation;

typedef struct Invite {
  uint8_t token_hash[AHOY_HASH_SIZE];
  Account *account; /* NULL = the server's own */
  char reserved[AHOY_USER_TEXT_SIZE];
  int64_t until_ms;
  bool account_made, contact_made;
  TAILQ_ENTRY (Invite) next;
} Invite;

typedef struct Message {
  Account *sender, *recipient;
  uint8_t sender_device[AHOY_DEVICE_ID_SIZE];
  AhoyMessageId id;
  int64_t stored_ms;
  RtmfpBuffer envelope;
  bool delivered;
  TAILQ_ENTRY (Message) next;
} Message;

typedef struct Item {
  uint64_t sequence;
  Account *account;
  Device *device; /* NULL = the first to come */
  AhoyQueueKind kind;
  Message *message;
  TAILQ_ENTRY (Item) next;
} Item;

struct MemoryStore {
  TAILQ_HEAD (, Account) accounts;
  TAILQ_HEAD (, Device) devices;
  TAILQ_HEAD (, Relation) relations;
  TAILQ_HEAD (, Invite) invites;
  TAILQ_HEAD (, Message) messages;
  TAILQ_HEAD (, Item) items;
  uint64_t sequence;
  unsigned broken; /* requests that fail from now on */
};

MemoryStore *
memory_store_new (void) {
  MemoryStore *store = RTMFP_NEW (MemoryStore);
  TAILQ_INIT (&store->accounts);
  TAILQ_INIT (&store->devices);
  TAILQ_INIT (&store->relations);
  TAILQ_INIT (&store->invites);
  TAILQ_INIT (&store->messages);
  TAILQ_INIT (&store->items);
  return store;
}

#define FREE_ALL(type, head)                                                                       \
  while (!TAILQ_EMPTY (head)) {                                                                    \
    type *first = TAILQ_FIRST (head);                                                              \
    TAILQ_REMOVE (head, first, next);                                                              \
    free (first);                                                                                  \
  }

void
memory_store_free (MemoryStore *store) {
  Message *message;
  TAILQ_FOREACH (message, &store->messages, next) {
    rtmfp_buffer_clear (&message->envelope);
  }
  FREE_ALL (Item, &store->items)
  FREE_ALL (Message, &store->messages)
  FREE_ALL (Invite, &store->invites)
  FREE_ALL (Relation, &store->relations)
  FREE_ALL (Device, &store->devices)
  FREE_ALL (Account, &store->accounts)
  free (store);
}

void
memory_store_break (MemoryStore *store, bool broken) {
  store->broken = broken ? UINT_MAX : 0;
}

void
memory_store_fail_next (MemoryStore *store, unsigned count) {
  store->broken = count;
}

/* ---- Finding ---- */

static Account *
find_account (MemoryStore *store, const char *user) {
  Account *account;
  TAILQ_FOREACH (account, &store->accounts, next) {
    if (strcmp (account->record.user, user) == 0) {
      return account;
    }
  }
  return NULL;
}

static Device *
find_device (MemoryStore *store, const Account *account, const uint8_t *id) {
  Device *device;
  TAILQ_FOREACH (device, &store->devices, next) {
    if (device->account == account && memcmp (device->id, id, sizeof device->id) == 0) {
      return device;
    }
  }
  return NULL;
}

static uint32_t
count_devices (MemoryStore *store, const Account *account) {
  uint32_t count = 0;
  const Device *device;
  TAILQ_FOREACH (device, &store->devices, next) {
    count += device->account == account;
  }
  return count;
}

static Relation *
find_relation (MemoryStore *store, const Account *account, const Account *other) {
  Relation *relation;
  TAILQ_FOREACH (relation, &store->relations, next) {
    if (relation->account == account && relation->other == other) {
      return relation;
    }
  }
  return NULL;
}

static AhoyRelation
relation_of (MemoryStore *store, const Account *account, const Account *other) {
  const Relation *relation = find_relation (store, account, other);
  return relation == NULL ? AHOY_RELATION_NONE : relation->relation;
}

static Invite *
find_invite (MemoryStore *store, const uint8_t *token_hash, int64_t now_ms) {
  Invite *invite;
  TAILQ_FOREACH (invite, &store->invites, next) {
    if (memcmp (invite->token_hash, token_hash, AHOY_HASH_SIZE) == 0 && invite->until_ms > now_ms) {
      return invite;
    }
  }
  return NULL;
}

/* ---- Accounts ---- */

static void
account_read (MemoryStore *store, AhoyStoreJob *job) {
  const Account *account = find_account (store, job->user);
  if (account == NULL) {
    job->status = AHOY_STORE_UNKNOWN;
    return;
  }
  job->account = account->record;
}

static bool
is_reserved (MemoryStore *store, const AhoyStoreJob *job) {
  const Invite *invite;
  TAILQ_FOREACH (invite, &store->invites, next) {
    if (strcmp (invite->reserved, job->account.user) == 0 && !invite->account_made &&
        invite->until_ms > job->now_ms &&
        !(job->has_token && memcmp (invite->token_hash, job->token_hash, AHOY_HASH_SIZE) == 0)) {
      return true;
    }
  }
  return false;
}

static void
account_create (MemoryStore *store, AhoyStoreJob *job) {
  const Account *known = find_account (store, job->account.user);
  if (known != NULL) {
    if (!ahoy_key_equal (&known->record.identity, &job->account.identity) ||
        !ahoy_key_equal (&known->record.sign_in, &job->account.sign_in)) {
      job->status = AHOY_STORE_TAKEN;
    }
    return;
  }
  Invite *invite = job->has_token ? find_invite (store, job->token_hash, job->now_ms) : NULL;
  const bool invited =
      invite != NULL && !invite->account_made &&
      (invite->reserved[0] == '\0' || strcmp (invite->reserved, job->account.user) == 0);
  if (is_reserved (store, job)) {
    job->status = AHOY_STORE_TAKEN;
    return;
  }
  if (job->needs_invite && !invited) {
    job->status = AHOY_STORE_NOT_ALLOWED;
    return;
  }
  Account *account = RTMFP_NEW (Account);
  account->record = job->account;
  TAILQ_INSERT_TAIL (&store->accounts, account, next);
  if (invited) {
    invite->account_made = true;
  }
}

static void
account_disable (MemoryStore *store, AhoyStoreJob *job) {
  Account *account = find_account (store, job->user);
  if (account == NULL) {
    job->status = AHOY_STORE_UNKNOWN;
    return;
  }
  account->record.disabled = job->disabled;
}

static void
account_list (MemoryStore *store, AhoyStoreJob *job) {
  const Account *account;
  TAILQ_FOREACH (account, &store->accounts, next) {
    AhoyAccountRecord *record = ahoy_store_job_add_account (job);
    *record = account->record;
    record->devices = count_devices (store, account);
  }
}

/* ---- Devices ---- */

static void
forget_device (MemoryStore *store, Device *device) {
  const bool is_last = count_devices (store, device->account) == 1;
  Item *item = TAILQ_FIRST (&store->items);
  while (item != NULL) {
    Item *following = TAILQ_NEXT (item, next);
    if (item->device == device) {
      if (is_last && item->kind == AHOY_QUEUE_MESSAGE) {
        item->device = NULL;
      } else {
        TAILQ_REMOVE (&store->items, item, next);
        free (item);
      }
    }
    item = following;
  }
  TAILQ_REMOVE (&store->devices, device, next);
  free (device);
}

static void
forget_oldest (MemoryStore *store, const Account *account, const Device *but) {
  Device *oldest = NULL;
  Device *device;
  TAILQ_FOREACH (device, &store->devices, next) {
    if (device->account == account && device != but &&
        (oldest == NULL || device->seen_ms < oldest->seen_ms)) {
      oldest = device;
    }
  }
  forget_device (store, oldest);
}

static void
put_device (MemoryStore *store, Account *account, const AhoyStoreJob *job) {
  Device *device = find_device (store, account, job->device);
  if (device == NULL) {
    device = RTMFP_NEW (Device);
    device->account = account;
    memcpy (device->id, job->device, sizeof device->id);
    TAILQ_INSERT_TAIL (&store->devices, device, next);
  }
  device->seen_ms = job->now_ms;
  Item *item;
  TAILQ_FOREACH (item, &store->items, next) {
    if (item->account == account && item->device == NULL) {
      item->device = device;
    }
  }
  if (count_devices (store, account) > AHOY_DEVICES_MAX) {
    forget_oldest (store, account, device);
  }
}

static void
device_enter (MemoryStore *store, AhoyStoreJob *job) {
  Account *account = find_account (store, job->user);
  if (account == NULL) {
    job->status = AHOY_STORE_UNKNOWN;
    return;
  }
  if (!ahoy_key_equal (&account->record.identity, &job->key)) {
    job->status = AHOY_STORE_NOT_ALLOWED;
    return;
  }
  if (account->record.disabled) {
    job->status = AHOY_STORE_DISABLED;
    return;
  }
  put_device (store, account, job);
  job->account = account->record;
  job->account.devices = count_devices (store, account);
  const Relation *relation;
  TAILQ_FOREACH (relation, &store->relations, next) {
    if (relation->account == account && relation->relation != AHOY_RELATION_NONE) {
      AhoyRosterRecord *record = ahoy_store_job_add_roster (job);
      memcpy (record->user, relation->other->record.user, sizeof record->user);
      memcpy (record->display_name, relation->other->record.display_name,
              sizeof record->display_name);
      record->identity = relation->other->record.identity;
      record->relation = relation->relation;
      memcpy (record->text, relation->text, sizeof record->text);
    }
  }
}

static void
device_forget (MemoryStore *store, AhoyStoreJob *job) {
  const Account *account = find_account (store, job->user);
  Device *device = account == NULL ? NULL : find_device (store, account, job->device);
  if (device != NULL) {
    forget_device (store, device);
  }
}

/* ---- Contacts ---- */

static bool
has_room (MemoryStore *store, const Account *account, AhoyRelation before, AhoyRelation after) {
  size_t all = 0, asked = 0;
  const Relation *relation;
  TAILQ_FOREACH (relation, &store->relations, next) {
    if (relation->account == account) {
      all += relation->relation != AHOY_RELATION_NONE;
      asked += relation->relation == AHOY_RELATION_ASKED;
    }
  }
  return (before != AHOY_RELATION_NONE || after == AHOY_RELATION_NONE || all < AHOY_CONTACTS_MAX) &&
         (before == AHOY_RELATION_ASKED || after != AHOY_RELATION_ASKED || asked < AHOY_ASKED_MAX);
}

static bool
put_relation (MemoryStore *store, Account *account, Account *other, AhoyRelation after,
              const char *text, AhoyRosterRecord *entry) {
  Relation *relation = find_relation (store, account, other);
  if (relation == NULL) {
    relation = RTMFP_NEW (Relation);
    relation->account = account;
    relation->other = other;
    TAILQ_INSERT_TAIL (&store->relations, relation, next);
  }
  const bool is_request = after == AHOY_RELATION_REQUESTED || after == AHOY_RELATION_ASKED;
  memcpy (entry->user, other->record.user, sizeof entry->user);
  memcpy (entry->display_name, other->record.display_name, sizeof entry->display_name);
  entry->identity = other->record.identity;
  entry->relation = after;
  snprintf (entry->text, sizeof entry->text, "%s",
            !is_request    ? ""
            : text != NULL ? text
                           : relation->text);
  const bool changed = relation->relation != after || strcmp (relation->text, entry->text) != 0;
  relation->relation = after;
  memcpy (relation->text, entry->text, sizeof relation->text);
  return changed;
}

static void
act (MemoryStore *store, AhoyStoreJob *job, AhoyRelationInput input) {
  Account *me = find_account (store, job->user);
  Account *them = find_account (store, job->other);
  if (me == NULL || them == NULL || me == them) {
    job->status = AHOY_STORE_UNKNOWN;
    return;
  }
  const AhoyRosterPair before = {relation_of (store, me, them), relation_of (store, them, me)};
  AhoyRosterPair after = before;
  if (ahoy_roster_act (&after, input) != RTMFP_OK) {
    job->status = AHOY_STORE_NOT_ALLOWED;
    return;
  }
  if (!has_room (store, me, before.mine, after.mine) ||
      !has_room (store, them, before.theirs, after.theirs)) {
    job->status = AHOY_STORE_LIMIT;
    return;
  }
  const char *text = input == AHOY_RELATION_ADD ? job->text : NULL;
  job->changed = put_relation (store, me, them, after.mine, text, &job->entry);
  job->far_changed = put_relation (store, them, me, after.theirs, text, &job->far_entry);
}

static void
contact_act (MemoryStore *store, AhoyStoreJob *job) {
  act (store, job, job->input);
}

static void
invite_make (MemoryStore *store, AhoyStoreJob *job) {
  Account *account = find_account (store, job->user);
  size_t count = 0;
  Invite *invite;
  TAILQ_FOREACH (invite, &store->invites, next) {
    count += invite->account == account && invite->until_ms > job->now_ms && !invite->contact_made;
  }
  if (account != NULL && count >= AHOY_INVITES_MAX) {
    job->status = AHOY_STORE_LIMIT;
    return;
  }
  if (job->other[0] != '\0' && find_account (store, job->other) != NULL) {
    job->status = AHOY_STORE_TAKEN;
    return;
  }
  invite = RTMFP_NEW (Invite);
  invite->account = account;
  invite->until_ms = job->until_ms;
  memcpy (invite->token_hash, job->token_hash, sizeof invite->token_hash);
  memcpy (invite->reserved, job->other, sizeof invite->reserved);
  TAILQ_INSERT_TAIL (&store->invites, invite, next);
}

static void
invite_redeem (MemoryStore *store, AhoyStoreJob *job) {
  Invite *invite = find_invite (store, job->token_hash, job->now_ms);
  if (invite == NULL || invite->contact_made || invite->account == NULL) {
    job->status = AHOY_STORE_UNKNOWN;
    return;
  }
  memcpy (job->other, invite->account->record.user, sizeof job->other);
  if (strcmp (job->other, job->user) == 0) {
    job->status = AHOY_STORE_NOT_ALLOWED;
    return;
  }
  act (store, job, AHOY_RELATION_REDEEM);
  invite->contact_made = job->status == AHOY_STORE_OK;
}

/* ---- Messages ---- */

static bool
queue_has_room (MemoryStore *store, const Account *account, const Device *device, size_t bytes) {
  size_t items = 0;
  int64_t all = (int64_t)bytes;
  const Item *item;
  TAILQ_FOREACH (item, &store->items, next) {
    if (item->account == account && item->device == device) {
      items++;
      all += item->kind == AHOY_QUEUE_MESSAGE ? (int64_t)item->message->envelope.size : 0;
    }
  }
  return items < AHOY_QUEUE_ITEMS_MAX && all <= AHOY_QUEUE_BYTES_MAX;
}

static void
put_in_queue (MemoryStore *store, Account *account, Device *device, AhoyQueueKind kind,
              Message *message) {
  Item *item = RTMFP_NEW (Item);
  *item = (Item){.sequence = ++store->sequence,
                 .account = account,
                 .device = device,
                 .kind = kind,
                 .message = message};
  TAILQ_INSERT_TAIL (&store->items, item, next);
}

static Message *
add_message (MemoryStore *store, const AhoyStoreJob *job, Account *sender, Account *recipient) {
  Message *message = RTMFP_NEW (Message);
  message->sender = sender;
  message->recipient = recipient;
  message->id = job->message;
  message->stored_ms = job->now_ms;
  memcpy (message->sender_device, job->device, sizeof message->sender_device);
  rtmfp_buffer_append (&message->envelope, rtmfp_buffer_bytes (&job->envelope));
  TAILQ_INSERT_TAIL (&store->messages, message, next);
  return message;
}

/* In the queue of each device with room; of nobody's device when there is none. */
static void
put_in_queues (MemoryStore *store, AhoyStoreJob *job, Account *sender, Account *recipient) {
  const bool has_devices = count_devices (store, recipient) > 0;
  Message *message = NULL;
  Device *device = TAILQ_FIRST (&store->devices);
  do {
    const bool is_theirs = has_devices ? device->account == recipient : true;
    Device *to = has_devices ? device : NULL;
    if (is_theirs && queue_has_room (store, recipient, to, job->envelope.size)) {
      message = message != NULL ? message : add_message (store, job, sender, recipient);
      put_in_queue (store, recipient, to, AHOY_QUEUE_MESSAGE, message);
    }
    device = has_devices ? TAILQ_NEXT (device, next) : NULL;
  } while (device != NULL);
  if (message == NULL) {
    job->status = AHOY_STORE_LIMIT;
  }
}

static bool
is_known (MemoryStore *store, const Account *sender, const Account *recipient,
          const AhoyMessageId *id) {
  const Message *known;
  TAILQ_FOREACH (known, &store->messages, next) {
    if (known->sender == sender && known->recipient == recipient &&
        ahoy_message_id_equal (&known->id, id)) {
      return true;
    }
  }
  return false;
}

static void
message_queue (MemoryStore *store, AhoyStoreJob *job) {
  Account *sender = find_account (store, job->user);
  Account *recipient = find_account (store, job->other);
  if (sender == NULL || recipient == NULL) {
    job->status = AHOY_STORE_UNKNOWN;
    return;
  }
  if (is_known (store, sender, recipient, &job->message)) {
    return;
  }
  if (!ahoy_relation_may_meet (relation_of (store, sender, recipient),
                               relation_of (store, recipient, sender))) {
    job->status = AHOY_STORE_NOT_ALLOWED;
    return;
  }
  if (job->has_previous && !is_known (store, sender, recipient, &job->previous)) {
    job->status = AHOY_STORE_LIMIT;
    return;
  }
  put_in_queues (store, job, sender, recipient);
}

static void
queue_read (MemoryStore *store, AhoyStoreJob *job) {
  const Account *account = find_account (store, job->user);
  const Device *device = account == NULL ? NULL : find_device (store, account, job->device);
  size_t bytes = 0;
  const Item *item;
  TAILQ_FOREACH (item, &store->items, next) {
    if (device == NULL || item->device != device || item->sequence <= job->after) {
      continue;
    }
    const bool is_message = item->kind == AHOY_QUEUE_MESSAGE;
    const Message *message = item->message;
    bytes += is_message ? message->envelope.size : 0;
    if (job->item_count == job->most_items || (job->item_count > 0 && bytes > job->most_bytes)) {
      break;
    }
    AhoyQueueItem *out = ahoy_store_job_add_item (job);
    const Account *who = is_message ? message->sender : message->recipient;
    out->sequence = item->sequence;
    out->kind = item->kind;
    memcpy (out->user, who->record.user, sizeof out->user);
    out->message = message->id;
    out->stored_ms = message->stored_ms;
    if (is_message) {
      rtmfp_buffer_append (&out->envelope, rtmfp_buffer_bytes (&message->envelope));
    }
  }
}

static void
queue_confirm (MemoryStore *store, AhoyStoreJob *job) {
  const Account *account = find_account (store, job->user);
  const Device *device = account == NULL ? NULL : find_device (store, account, job->device);
  Item *item;
  job->other[0] = '\0';
  TAILQ_FOREACH (item, &store->items, next) {
    if (device != NULL && item->device == device && item->sequence == job->sequence) {
      break;
    }
  }
  if (item == NULL) {
    return;
  }
  Message *message = item->message;
  const bool is_first = item->kind == AHOY_QUEUE_MESSAGE && !message->delivered;
  TAILQ_REMOVE (&store->items, item, next);
  free (item);
  if (!is_first) {
    return;
  }
  message->delivered = true;
  Device *from = find_device (store, message->sender, message->sender_device);
  if (from != NULL) {
    put_in_queue (store, message->sender, from, AHOY_QUEUE_RECEIPT, message);
    memcpy (job->other, message->sender->record.user, sizeof job->other);
  }
}

void
memory_store_run (MemoryStore *store, AhoyStoreJob *job) {
  static void (*const runs[AHOY_STORE_KIND_COUNT]) (MemoryStore *, AhoyStoreJob *) = {
      [AHOY_STORE_ACCOUNT_READ] = account_read,       [AHOY_STORE_ACCOUNT_CREATE] = account_create,
      [AHOY_STORE_ACCOUNT_DISABLE] = account_disable, [AHOY_STORE_ACCOUNT_LIST] = account_list,
      [AHOY_STORE_DEVICE_ENTER] = device_enter,       [AHOY_STORE_DEVICE_FORGET] = device_forget,
      [AHOY_STORE_CONTACT_ACT] = contact_act,         [AHOY_STORE_INVITE_MAKE] = invite_make,
      [AHOY_STORE_INVITE_REDEEM] = invite_redeem,     [AHOY_STORE_MESSAGE_QUEUE] = message_queue,
      [AHOY_STORE_QUEUE_READ] = queue_read,           [AHOY_STORE_QUEUE_CONFIRM] = queue_confirm,
  };
  if (store->broken > 0) {
    store->broken -= store->broken != UINT_MAX;
    job->status = AHOY_STORE_FAILED;
    snprintf (job->error, sizeof job->error, "The store failed: database or disk is full.");
    return;
  }
  job->status = AHOY_STORE_OK;
  runs[job->kind](store, job);
}

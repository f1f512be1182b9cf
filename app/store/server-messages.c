/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests about messages: one row a message, one row in the queue of each device that has to get
 * it. */
#include "app/store/server-sql.h"

#include <string.h>

enum { MOST_QUEUES = AHOY_DEVICES_MAX + 1 };

static bool
is_known (AppSqlite *sqlite, const AhoyMessageId *message, int64_t sender, int64_t recipient) {
  sqlite3_stmt *find = app_sqlite_statement (sqlite, SQL_MESSAGE_FIND);
  app_sqlite_bind_int (find, 1, sender);
  app_sqlite_bind_int (find, 2, recipient);
  app_sqlite_bind_blob (find, 3, message->bytes, sizeof message->bytes);
  const bool found = app_sqlite_row (sqlite, find);
  sqlite3_reset (find);
  return found;
}

/* The recipient's devices, or 0 alone: the first to come. */
static size_t
list_devices (AppSqlite *sqlite, int64_t account, int64_t devices[MOST_QUEUES]) {
  size_t count = 0;
  sqlite3_stmt *list = app_sqlite_statement (sqlite, SQL_DEVICE_LIST);
  app_sqlite_bind_int (list, 1, account);
  while (count < MOST_QUEUES && app_sqlite_row (sqlite, list)) {
    devices[count++] = sqlite3_column_int64 (list, 0);
  }
  sqlite3_reset (list);
  if (count == 0) {
    devices[count++] = 0;
  }
  return count;
}

static bool
has_room (AppSqlite *sqlite, int64_t account, int64_t device, size_t bytes) {
  sqlite3_stmt *size = app_sqlite_statement (sqlite, SQL_QUEUE_SIZE);
  app_sqlite_bind_int (size, 1, account);
  app_sqlite_bind_int (size, 2, device);
  const bool has = app_sqlite_row (sqlite, size) &&
                   sqlite3_column_int64 (size, 0) < AHOY_QUEUE_ITEMS_MAX &&
                   sqlite3_column_int64 (size, 1) + (int64_t)bytes <= AHOY_QUEUE_BYTES_MAX;
  sqlite3_reset (size);
  return has;
}

static void
put_in_queue (AppSqlite *sqlite, int64_t account, int64_t device, AhoyQueueKind kind,
              int64_t message, size_t bytes) {
  sqlite3_stmt *insert = app_sqlite_statement (sqlite, SQL_QUEUE_INSERT);
  app_sqlite_bind_int (insert, 1, account);
  app_sqlite_bind_int (insert, 2, device);
  app_sqlite_bind_int (insert, 3, kind);
  app_sqlite_bind_int (insert, 4, message);
  app_sqlite_bind_int (insert, 5, (int64_t)bytes);
  (void)app_sqlite_done (sqlite, insert);
}

static int64_t
insert_message (AppSqlite *sqlite, const AhoyStoreJob *job, int64_t sender, int64_t recipient) {
  sqlite3_stmt *insert = app_sqlite_statement (sqlite, SQL_MESSAGE_INSERT);
  app_sqlite_bind_int (insert, 1, sender);
  app_sqlite_bind_int (insert, 2, recipient);
  app_sqlite_bind_blob (insert, 3, job->message.bytes, sizeof job->message.bytes);
  app_sqlite_bind_blob (insert, 4, job->device, sizeof job->device);
  app_sqlite_bind_int (insert, 5, job->now_ms);
  app_sqlite_bind_blob (insert, 6, job->envelope.data, job->envelope.size);
  (void)app_sqlite_done (sqlite, insert);
  return sqlite3_last_insert_rowid (sqlite->db);
}

void
app_server_message_queue (AppSqlite *sqlite, AhoyStoreJob *job) {
  const int64_t sender = app_server_account (sqlite, job->user, NULL);
  const int64_t recipient = app_server_account (sqlite, job->other, NULL);
  if (sender == 0 || recipient == 0) {
    job->status = AHOY_STORE_UNKNOWN;
    return;
  }
  if (is_known (sqlite, &job->message, sender, recipient)) {
    return;
  }
  if (!ahoy_relation_may_meet (app_server_relation (sqlite, sender, recipient, NULL),
                               app_server_relation (sqlite, recipient, sender, NULL))) {
    job->status = AHOY_STORE_NOT_ALLOWED;
    return;
  }
  if (job->has_previous && !is_known (sqlite, &job->previous, sender, recipient)) {
    job->status = AHOY_STORE_LIMIT;
    return;
  }
  int64_t devices[MOST_QUEUES];
  const size_t count = list_devices (sqlite, recipient, devices);
  int64_t message = 0;
  for (size_t i = 0; i < count; i++) {
    /* A device that is long away does not shut out the others. */
    if (has_room (sqlite, recipient, devices[i], job->envelope.size)) {
      message = message != 0 ? message : insert_message (sqlite, job, sender, recipient);
      put_in_queue (sqlite, recipient, devices[i], AHOY_QUEUE_MESSAGE, message, job->envelope.size);
    }
  }
  if (message == 0) {
    job->status = AHOY_STORE_LIMIT;
  }
}

void
app_server_queue_read (AppSqlite *sqlite, AhoyStoreJob *job) {
  const int64_t account = app_server_account (sqlite, job->user, NULL);
  const int64_t device = account == 0 ? 0 : app_server_device (sqlite, account, job->device);
  if (device == 0) {
    return;
  }
  sqlite3_stmt *read = app_sqlite_statement (sqlite, SQL_QUEUE_READ);
  app_sqlite_bind_int (read, 1, account);
  app_sqlite_bind_int (read, 2, device);
  app_sqlite_bind_int (read, 3, (int64_t)job->after);
  app_sqlite_bind_int (read, 4, (int64_t)job->most_items);
  size_t bytes = 0;
  while (app_sqlite_row (sqlite, read)) {
    const size_t size = (size_t)sqlite3_column_bytes (read, 5);
    if (job->item_count > 0 && bytes + size > job->most_bytes) {
      break;
    }
    bytes += size;
    AhoyQueueItem *item = ahoy_store_job_add_item (job);
    item->sequence = (uint64_t)sqlite3_column_int64 (read, 0);
    item->kind = sqlite3_column_int (read, 1) == 0 ? AHOY_QUEUE_MESSAGE : AHOY_QUEUE_RECEIPT;
    app_sqlite_column_text (read, 2, item->user, sizeof item->user);
    (void)app_sqlite_column_blob (read, 3, item->message.bytes, sizeof item->message.bytes);
    item->stored_ms = sqlite3_column_int64 (read, 4);
    rtmfp_buffer_append (&item->envelope, rtmfp_bytes (sqlite3_column_blob (read, 5), size));
  }
  sqlite3_reset (read);
}

/* A row of the queue that is done. */
typedef struct {
  bool is_message;
  bool was_delivered; /* by another device before */
  int64_t message;
  int64_t sender;
  uint8_t sender_device[AHOY_DEVICE_ID_SIZE];
  char user[AHOY_USER_TEXT_SIZE];
} Item;

static bool
get_item (AppSqlite *sqlite, const AhoyStoreJob *job, int64_t account, int64_t device, Item *item) {
  sqlite3_stmt *get = app_sqlite_statement (sqlite, SQL_QUEUE_GET);
  app_sqlite_bind_int (get, 1, (int64_t)job->sequence);
  app_sqlite_bind_int (get, 2, account);
  app_sqlite_bind_int (get, 3, device);
  if (!app_sqlite_row (sqlite, get)) {
    return false;
  }
  item->is_message = sqlite3_column_int (get, 0) == 0;
  item->message = sqlite3_column_int64 (get, 1);
  item->was_delivered = sqlite3_column_int (get, 2) != 0;
  item->sender = sqlite3_column_int64 (get, 3);
  const bool is_whole =
      app_sqlite_column_blob (get, 4, item->sender_device, sizeof item->sender_device);
  app_sqlite_column_text (get, 5, item->user, sizeof item->user);
  sqlite3_reset (get);
  return is_whole;
}

static void
run_on (AppSqlite *sqlite, AppServerSql which, int64_t id) {
  sqlite3_stmt *statement = app_sqlite_statement (sqlite, which);
  app_sqlite_bind_int (statement, 1, id);
  (void)app_sqlite_done (sqlite, statement);
}

void
app_server_queue_confirm (AppSqlite *sqlite, AhoyStoreJob *job) {
  Item item;
  const int64_t account = app_server_account (sqlite, job->user, NULL);
  const int64_t device = account == 0 ? 0 : app_server_device (sqlite, account, job->device);
  job->other[0] = '\0';
  if (device == 0 || !get_item (sqlite, job, account, device, &item)) {
    return;
  }
  run_on (sqlite, SQL_QUEUE_DELETE, (int64_t)job->sequence);
  if (!item.is_message) {
    return;
  }
  run_on (sqlite, SQL_MESSAGE_EMPTY, item.message);
  if (item.was_delivered) {
    return;
  }
  run_on (sqlite, SQL_MESSAGE_DELIVERED, item.message);
  const int64_t sender_device = app_server_device (sqlite, item.sender, item.sender_device);
  if (sender_device != 0) {
    put_in_queue (sqlite, item.sender, sender_device, AHOY_QUEUE_RECEIPT, item.message, 0);
    memcpy (job->other, item.user, sizeof job->other);
  }
}

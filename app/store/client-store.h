/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one person's program keeps on disk: the account, contacts with their pinned keys, messages,
 * calls, settings (SQLite: WAL, synchronous=FULL, numbered migrations), and the identity's seed
 * apart from them (libsecret, or a 0600 file).
 *
 * Synchronous; one thread at a time. When a function returns TRUE what it was given is on disk.
 * Every GError is one sentence for a person: disk full, no permission, damaged, made by a newer
 * Ahoy, used by another Ahoy. */
#ifndef APP_STORE_CLIENT_STORE_H
#define APP_STORE_CLIENT_STORE_H

#include "core/account/contact.h"
#include "core/account/envelope.h"
#include "core/account/identity.h"
#include "core/account/name.h"
#include "core/chat/chat.h"

#include <gio/gio.h>

typedef struct AppClientStore AppClientStore;

#define APP_STORE_DEVICE_SIZE 16

/* directory: made with mode 0700 when it is missing. The database in it is locked against a second
 * program. Returns: (owned) or NULL. */
AppClientStore *app_client_store_open (const char *directory, GError **error);
void app_client_store_free (AppClientStore *store);

/* ---- The account: none, or one ---- */

typedef struct {
  AhoyName name;
  char display_name[129];
  guint8 device[APP_STORE_DEVICE_SIZE]; /* made by the store at the first put, then kept */
  AhoyPin server;
  AhoyIdentity identity; /* its seed stands in the secret store */
} AppStoreAccount;

/* Returns: TRUE when there is one. FALSE without error: nobody is signed in. FALSE with error: it
 * cannot be read (also when the keyring is locked). Clear identity when done. */
gboolean app_client_store_get_account (AppClientStore *store, AppStoreAccount *account,
                                       GError **error);
/* Another name than before: contacts and messages of that other account stay on disk, apart. */
gboolean app_client_store_put_account (AppClientStore *store, const AppStoreAccount *account,
                                       GError **error);
/* Signs out: the identity's seed is gone from this computer; history stays unless wipe. */
gboolean app_client_store_remove_account (AppClientStore *store, gboolean wipe, GError **error);
/* The device's id, made when there is none yet; before an account exists. */
void app_client_store_device (AppClientStore *store, guint8 device[APP_STORE_DEVICE_SIZE]);

/* ---- Settings: text by key ---- */

char *app_client_store_get_setting (AppClientStore *store, const char *key); /* (owned) or NULL */
gboolean app_client_store_put_setting (AppClientStore *store, const char *key, const char *value,
                                       GError **error); /* value NULL removes */

/* ---- Contacts of the account ---- */

typedef struct {
  AhoyName name;
  char display_name[129]; /* as the server tells it */
  char nickname[129];     /* as this person calls them; "" = none */
  AhoyPin pin;
  AhoyRelation relation;
  gboolean talked;
} AppStoreContact;

/* each (borrowed during the call). */
typedef void (*AppStoreContactFunc) (gpointer data, const AppStoreContact *contact);
gboolean app_client_store_each_contact (AppClientStore *store, AppStoreContactFunc each,
                                        gpointer data, GError **error);
gboolean app_client_store_put_contact (AppClientStore *store, const AppStoreContact *contact,
                                       GError **error);
/* Deletes all that was written and called between the two; the contact and its key stay. */
gboolean app_client_store_wipe_history (AppClientStore *store, const AhoyName *name,
                                        GError **error);

/* ---- Messages and calls: one line of time for each contact ---- */

typedef enum { APP_STORE_MESSAGE, APP_STORE_CALL } AppStoreItemType;

typedef struct {
  AppStoreItemType type;
  AhoyName contact;
  AhoyMessageId id; /* CALL: of the call */
  gboolean outgoing;
  gint64 time_ms;
  gboolean is_read;
  /* MESSAGE */
  guint8 kind; /* AhoyBodyKind */
  AhoyChatState state;
  GBytes *body; /* (borrowed during the call) */
  /* CALL */
  gboolean with_video;
  guint duration_s;
  const char *end; /* ahoy_call_end_text() (borrowed during the call) */
} AppStoreItem;

/* An own message as UNSENT. Again with a known id: TRUE, nothing changes. */
gboolean app_client_store_put_own (AppClientStore *store, const AhoyName *to,
                                   const AhoyMessageId *id, guint8 kind, GBytes *body,
                                   gint64 time_ms, GError **error);
/* One of theirs, unread. is_new out: FALSE when it was there already (then nothing changes). */
gboolean app_client_store_put_received (AppClientStore *store, const AhoyName *from,
                                        const AhoyMessageId *id, guint8 kind, GBytes *body,
                                        gint64 time_ms, gboolean *is_new, GError **error);
/* A state never goes back (AhoyChatState); unknown ids are ignored. */
gboolean app_client_store_set_state (AppClientStore *store, const AhoyMessageId *id,
                                     AhoyChatState state, GError **error);
gboolean app_client_store_put_call (AppClientStore *store, const AppStoreItem *call,
                                    GError **error);
gboolean app_client_store_mark_read (AppClientStore *store, const AhoyName *contact,
                                     GError **error);

typedef void (*AppStoreItemFunc) (gpointer data, const AppStoreItem *item);
/* The newest `most` items with that person, oldest of them first, in the order in which they were
 * put. */
gboolean app_client_store_each_item (AppClientStore *store, const AhoyName *contact, guint most,
                                     AppStoreItemFunc each, gpointer data, GError **error);
/* Own messages that are UNSENT or STORED, oldest first, of everybody. */
gboolean app_client_store_each_waiting (AppClientStore *store, AppStoreItemFunc each, gpointer data,
                                        GError **error);

#endif

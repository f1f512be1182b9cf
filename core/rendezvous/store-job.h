/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the rendezvous asks of its store, each request one transaction: all of it is on disk before
 * its answer, or nothing of it.
 *
 * A job leaves by ahoy_rendezvous_poll_store() and comes back, answered, by
 * ahoy_rendezvous_complete_store(). A store runs jobs in the order in which they left and gives
 * them back in that order. Which of a person's acts is allowed is decided in
 * core/rendezvous/roster.h, which the store calls inside the transaction. */
#ifndef AHOY_RENDEZVOUS_STORE_JOB_H
#define AHOY_RENDEZVOUS_STORE_JOB_H

#include "core/account/contact.h"
#include "core/account/envelope.h"
#include "core/account/identity.h"
#include "core/account/invite.h"
#include "core/account/password.h"
#include "core/base/buffer.h"
#include "core/base/slots.h"
#include "core/rendezvous/params.h"

typedef enum {
  /* user -> account. */
  AHOY_STORE_ACCOUNT_READ,
  /* account; token_hash when has_token; needs_invite. The same user with the same identity and
   * sign-in keys again is OK. A name that an invite reserves is TAKEN but for that invite. With
   * needs_invite, an invite that is missing, unknown, expired, used for an account or for another
   * name is NOT_ALLOWED. Errors: TAKEN, NOT_ALLOWED. */
  AHOY_STORE_ACCOUNT_CREATE,
  /* user, disabled. Errors: UNKNOWN. */
  AHOY_STORE_ACCOUNT_DISABLE,
  /* -> accounts, by name. */
  AHOY_STORE_ACCOUNT_LIST,
  /* user, key (must be the account's, else NOT_ALLOWED), device, label. The device is known from
   * now on; what waited for a person without any device goes to it. -> account, roster. Errors:
   * UNKNOWN, NOT_ALLOWED, DISABLED. */
  AHOY_STORE_DEVICE_ENTER,
  /* user, device: forgotten, and its queue with it. Unknown ones are OK. */
  AHOY_STORE_DEVICE_FORGET,
  /* user does input to other, with text when it is ADD -> entry (user's side of it), far_entry
   * (other's side of it), changed, far_changed. Errors: UNKNOWN (no such other), NOT_ALLOWED (makes
   * no sense), LIMIT. */
  AHOY_STORE_CONTACT_ACT,
  /* token_hash, until_ms; user = the inviter, or "" for the server's own; other = the only name
   * that may be made with it, or "". Errors: LIMIT, TAKEN (the reserved name has an account). */
  AHOY_STORE_INVITE_MAKE,
  /* user uses token_hash -> other, entry, far_entry, changed, far_changed. Errors: UNKNOWN (used,
   * expired, false, the server's own), NOT_ALLOWED (one's own, or blocked), LIMIT. */
  AHOY_STORE_INVITE_REDEEM,
  /* user's device sends envelope as message to other: in the queue of each device of other (of a
   * person without devices: in that of the first to come). With has_previous, LIMIT when that
   * message is not known: it failed, and the order stays. A known id of the same two is OK and does
   * nothing. Errors: UNKNOWN and NOT_ALLOWED (no contacts), LIMIT (every queue is full; one
   * that is full alone misses it). */
  AHOY_STORE_MESSAGE_QUEUE,
  /* user, device, after (0 = from the start), most_items, most_bytes (at least one item comes) ->
   * items, ascending. */
  AHOY_STORE_QUEUE_READ,
  /* user, device, sequence: that item is done. The first confirmation of a message by any device
   * puts a receipt into the queue of the device that sent it, if it is still known -> other (the
   * sender, "" when there is nobody to be told). Unknown ones are OK. */
  AHOY_STORE_QUEUE_CONFIRM,
  AHOY_STORE_KIND_COUNT,
} AhoyStoreKind;

typedef enum {
  AHOY_STORE_OK,
  AHOY_STORE_UNKNOWN,
  AHOY_STORE_TAKEN,
  AHOY_STORE_NOT_ALLOWED,
  AHOY_STORE_DISABLED,
  AHOY_STORE_LIMIT,
  AHOY_STORE_FAILED, /* disk full, locked, broken: nothing was changed, error says why */
} AhoyStoreStatus;

#define AHOY_USER_TEXT_SIZE (AHOY_USER_CHARS_MAX + 1)

typedef struct {
  char user[AHOY_USER_TEXT_SIZE];
  char display_name[AHOY_DISPLAY_NAME_BYTES_MAX + 1];
  AhoyKey identity;
  AhoyKey sign_in;
  AhoyPasswordParams password;
  uint8_t wrapped[AHOY_WRAPPED_SIZE]; /* the identity's seed, for the person's other devices */
  bool disabled;
  int64_t created_ms;
  int64_t seen_ms;  /* the newest enter of any device; 0 = never (lists only) */
  uint32_t devices; /* known ones (lists only) */
} AhoyAccountRecord;

/* One side of what two people are to each other. */
typedef struct {
  char user[AHOY_USER_TEXT_SIZE]; /* the other person */
  char display_name[AHOY_DISPLAY_NAME_BYTES_MAX + 1];
  AhoyKey identity;
  AhoyRelation relation;
  char text[AHOY_REQUEST_TEXT_BYTES_MAX + 1]; /* of a request */
} AhoyRosterRecord;

typedef enum { AHOY_QUEUE_MESSAGE, AHOY_QUEUE_RECEIPT } AhoyQueueKind;

typedef struct {
  uint64_t sequence; /* grows within a device's queue, never 0 */
  AhoyQueueKind kind;
  char user[AHOY_USER_TEXT_SIZE]; /* MESSAGE: from; RECEIPT: to whom it was delivered */
  AhoyMessageId message;
  int64_t stored_ms;    /* MESSAGE */
  RtmfpBuffer envelope; /* MESSAGE (owned by the item) */
} AhoyQueueItem;

typedef struct AhoyStoreJob AhoyStoreJob;

struct AhoyStoreJob {
  AhoyStoreKind kind;
  /* Whose answer it is; the store leaves these alone. */
  RtmfpId session;
  RtmfpId call;
  uint64_t tag;
  AhoySignature signature;
  void *owner;        /* (borrowed) NULL = the rendezvous; else the program's own request */
  AhoyStoreJob *next; /* of whatever queue it stands in */

  /* Asked. */
  int64_t now_ms; /* Unix time */
  char user[AHOY_USER_TEXT_SIZE];
  char other[AHOY_USER_TEXT_SIZE]; /* also answered, see above */
  AhoyKey key;
  uint8_t device[AHOY_DEVICE_ID_SIZE];
  char label[AHOY_DEVICE_LABEL_BYTES_MAX + 1];
  AhoyRelationInput input;
  char text[AHOY_REQUEST_TEXT_BYTES_MAX + 1];
  bool disabled;
  bool needs_invite;
  bool has_token;
  uint8_t token_hash[AHOY_HASH_SIZE];
  int64_t until_ms;
  AhoyMessageId message;
  bool has_previous;
  AhoyMessageId previous; /* the message before it, of the same two */
  RtmfpBuffer envelope;   /* (owned) */
  uint64_t after;
  uint64_t sequence;
  size_t most_items;
  size_t most_bytes;

  /* Asked and answered. */
  AhoyAccountRecord account;

  /* Answered. */
  AhoyStoreStatus status;
  char error[160]; /* FAILED: one sentence for the log */
  AhoyRosterRecord entry, far_entry;
  bool changed, far_changed;
  AhoyRosterRecord *roster; /* (owned) */
  size_t roster_count;
  AhoyQueueItem *items; /* (owned) */
  size_t item_count;
  AhoyAccountRecord *accounts; /* (owned) */
  size_t account_count;
};

/* A job with all else zero. */
AhoyStoreJob *ahoy_store_job_new (AhoyStoreKind kind, int64_t now_ms);
void ahoy_store_job_free (AhoyStoreJob *job);

/* One more place at the end of the answer, zeroed (borrowed until the next). */
AhoyRosterRecord *ahoy_store_job_add_roster (AhoyStoreJob *job);
AhoyQueueItem *ahoy_store_job_add_item (AhoyStoreJob *job);
AhoyAccountRecord *ahoy_store_job_add_account (AhoyStoreJob *job);

/* What a store knows an invite by (SHA-256), so that a stolen store invites nobody. */
void ahoy_store_token_hash (const uint8_t token[AHOY_INVITE_TOKEN_SIZE],
                            uint8_t hash[AHOY_HASH_SIZE]);

#endif

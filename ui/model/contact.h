/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for one person one may talk to: address, name, presence, relation, key and conversation.
 */
#ifndef AHOY_UI_MODEL_CONTACT_H
#define AHOY_UI_MODEL_CONTACT_H

#include "ui/model/conversation.h"

G_BEGIN_DECLS

typedef enum {
  UI_PRESENCE_UNKNOWN, /* we are offline ourselves, or they did not consent */
  UI_PRESENCE_OFFLINE,
  UI_PRESENCE_ONLINE,
  UI_PRESENCE_BUSY, /* in a call */
} UiPresence;

typedef enum {
  UI_RELATION_ASKED,     /* we asked, they have not answered */
  UI_RELATION_REQUESTED, /* they asked, we have not answered */
  UI_RELATION_BOTH,      /* both agreed */
  UI_RELATION_BLOCKED,   /* we blocked them */
} UiRelation;

#define UI_TYPE_PRESENCE (ui_presence_get_type ())
#define UI_TYPE_RELATION (ui_relation_get_type ())
GType ui_presence_get_type (void);
GType ui_relation_get_type (void);

/* Properties: "address" (string name@host, construct only), "name" (string, never empty: the
 * address's name part where none is set), "presence", "relation", "key-changed" (bool: the person
 * shows another key than the pinned one: calls are stopped until it is confirmed),
 * "safety-number" (string or NULL: digits in groups, the same on both sides), "verified" (bool:
 * the numbers were compared), "typing" (bool), "conversation" (UiConversation). */
#define UI_TYPE_CONTACT (ui_contact_get_type ())
G_DECLARE_FINAL_TYPE (UiContact, ui_contact, UI, CONTACT, GObject)

/* address: (copied) name@host. name: (copied) or NULL. Returns: (owned), relation BOTH, presence
 * UNKNOWN. */
UiContact *ui_contact_new (const char *address, const char *name);

const char *ui_contact_get_address (UiContact *self); /* (borrowed, with self) */
const char *ui_contact_get_name (UiContact *self);    /* (borrowed, until set) */
UiPresence ui_contact_get_presence (UiContact *self);
UiRelation ui_contact_get_relation (UiContact *self);
gboolean ui_contact_get_key_changed (UiContact *self);
gboolean ui_contact_get_verified (UiContact *self);
gboolean ui_contact_get_typing (UiContact *self);
const char *ui_contact_get_safety_number (UiContact *self);    /* (borrowed, until set) or NULL */
UiConversation *ui_contact_get_conversation (UiContact *self); /* (borrowed, with self) */

void ui_contact_set_name (UiContact *self,
                          const char *name); /* NULL or "": back to the address's name */
void ui_contact_set_presence (UiContact *self, UiPresence presence);
void ui_contact_set_relation (UiContact *self, UiRelation relation);
void ui_contact_set_key_changed (UiContact *self, gboolean key_changed);
void ui_contact_set_verified (UiContact *self, gboolean verified);
void ui_contact_set_typing (UiContact *self, gboolean typing);
void ui_contact_set_safety_number (UiContact *self, const char *safety_number);

/* Returns: whether a call or a message may be begun (relation BOTH, key not changed). */
gboolean ui_contact_may_talk (UiContact *self);

G_END_DECLS

#endif

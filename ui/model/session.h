/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the whole of what the program shows: who one is, whether the server is reached,
 * the contacts, the call and the devices. The client writes it, the windows read it. */
#ifndef AHOY_UI_MODEL_SESSION_H
#define AHOY_UI_MODEL_SESSION_H

#include "ui/model/call.h"
#include "ui/model/contact.h"
#include "ui/model/device.h"

G_BEGIN_DECLS

typedef enum {
  UI_SESSION_SIGNED_OUT, /* nobody: the welcome page */
  UI_SESSION_SIGNING_IN, /* on the way, for the first time or after a restart */
  UI_SESSION_SIGNED_IN,  /* reachable */
  UI_SESSION_OFFLINE,    /* an account, but its server is not reached; tries again by itself */
} UiSessionState;

#define UI_TYPE_SESSION_STATE (ui_session_state_get_type ())
GType ui_session_state_get_type (void);

/* Properties: "state", "address" (string name@host or NULL), "name" (string or NULL),
 * "error" (string or NULL: one sentence that says what to do, shown while it is set; e.g. why one
 * is offline or was signed out), "serving" (bool: this computer is the server),
 * "server-address" (string or NULL: the address to give to others when serving),
 * "call" (UiCall or NULL: the one that rings, runs or just ended), "contacts" (GListStore of
 * UiContact, any order), "devices" (UiDevices). */
#define UI_TYPE_SESSION (ui_session_get_type ())
G_DECLARE_FINAL_TYPE (UiSession, ui_session, UI, SESSION, GObject)

UiSession *ui_session_new (void); /* Returns: (owned), SIGNED_OUT and empty */

UiSessionState ui_session_get_state (UiSession *self);
const char *ui_session_get_address (UiSession *self);        /* (borrowed, until set) or NULL */
const char *ui_session_get_name (UiSession *self);           /* (borrowed, until set) or NULL */
const char *ui_session_get_error (UiSession *self);          /* (borrowed, until set) or NULL */
const char *ui_session_get_server_address (UiSession *self); /* (borrowed, until set) or NULL */
gboolean ui_session_get_serving (UiSession *self);
UiCall *ui_session_get_call (UiSession *self);         /* (borrowed, until set) or NULL */
GListModel *ui_session_get_contacts (UiSession *self); /* (borrowed, with self) of UiContact */
UiDevices *ui_session_get_devices (UiSession *self);   /* (borrowed, with self) */

void ui_session_set_state (UiSession *self, UiSessionState state);
void ui_session_set_address (UiSession *self, const char *address);
void ui_session_set_name (UiSession *self, const char *name);
void ui_session_set_error (UiSession *self, const char *error);
void ui_session_set_server_address (UiSession *self, const char *server_address);
void ui_session_set_serving (UiSession *self, gboolean serving);
/* call: (copied reference) or NULL. The call page stays a moment on an ENDED call; set NULL or
 * the next call whenever there is one. */
void ui_session_set_call (UiSession *self, UiCall *call);

/* contact: (copied reference). An address that is there already is not added again. */
gboolean ui_session_add_contact (UiSession *self, UiContact *contact);
void ui_session_remove_contact (UiSession *self, UiContact *contact);
void ui_session_remove_all_contacts (UiSession *self);
/* Returns: (borrowed, until removed) or NULL. Addresses compare without regard to ASCII case. */
UiContact *ui_session_find_contact (UiSession *self, const char *address);

G_END_DECLS

#endif

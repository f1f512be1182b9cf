/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contacts: from the store and the server into the model, and a person's acts on them. */
#include "app/client/client-private.h"

#include <glib/gi18n.h>

gboolean
client_roster_name_of (UiContact *contact, AhoyName *name) {
  return ahoy_name_parse (ui_contact_get_address (contact), name) == RTMFP_OK;
}

/* What the store keeps of the contact beside the model. */
static AppStoreContact *
kept (UiContact *contact) {
  return g_object_get_data (G_OBJECT (contact), "ahoy-contact");
}

static UiRelation
relation_of (AhoyRelation relation) {
  switch (relation) {
  case AHOY_RELATION_REQUESTED:
    return UI_RELATION_ASKED; /* the model says it from our side */
  case AHOY_RELATION_ASKED:
    return UI_RELATION_REQUESTED;
  case AHOY_RELATION_BLOCKED:
    return UI_RELATION_BLOCKED;
  default:
    return UI_RELATION_BOTH;
  }
}

static UiPresence
presence_of (AhoyPresence presence) {
  return presence == AHOY_PRESENCE_ONLINE ? UI_PRESENCE_ONLINE
         : presence == AHOY_PRESENCE_BUSY ? UI_PRESENCE_BUSY
                                          : UI_PRESENCE_OFFLINE;
}

UiContact *
client_roster_ui (AppClient *self, const AhoyName *name) {
  char address[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format (name, address);
  return ui_session_find_contact (self->session, address);
}

/* Made, but not shown yet. */
static UiContact *
make (AppClient *self, const AppStoreContact *stored) {
  char address[AHOY_NAME_TEXT_SIZE];
  ahoy_name_format (&stored->name, address);
  UiContact *contact = ui_contact_new (address, NULL);
  g_object_set_data_full (G_OBJECT (contact), "ahoy-contact", g_memdup2 (stored, sizeof *stored),
                          g_free);
  ui_contact_set_presence (contact, UI_PRESENCE_UNKNOWN);
  client_chat_load (self, contact, &stored->name);
  return contact;
}

static void
show (AppClient *self, UiContact *contact) {
  const AppStoreContact *stored = kept (contact);
  char number[AHOY_SAFETY_NUMBER_TEXT_SIZE];
  ui_contact_set_name (contact,
                       stored->nickname[0] != '\0' ? stored->nickname : stored->display_name);
  ui_contact_set_relation (contact, relation_of (stored->relation));
  ui_contact_set_verified (contact, stored->pin.is_verified);
  if (stored->pin.is_set) {
    ahoy_safety_number (&self->account.identity.key, &stored->pin.key, number);
    ui_contact_set_safety_number (contact, number);
  }
}

static void
load_one (gpointer data, const AppStoreContact *stored) {
  AppClient *self = data;
  if (stored->relation != AHOY_RELATION_NONE && client_roster_ui (self, &stored->name) == NULL) {
    g_autoptr (UiContact) contact = make (self, stored);
    show (self, contact);
    ui_session_add_contact (self->session, contact);
  }
}

void
client_roster_load (AppClient *self) {
  GError *error = NULL;
  app_client_store_each_contact (self->store, load_one, self, &error);
  client_store_failed (self, error);
}

void
client_roster_offline (AppClient *self) {
  GListModel *contacts = ui_session_get_contacts (self->session);
  for (guint i = 0; i < g_list_model_get_n_items (contacts); i++) {
    g_autoptr (UiContact) contact = g_list_model_get_item (contacts, i);
    ui_contact_set_presence (contact, UI_PRESENCE_UNKNOWN);
  }
}

/* ---- What the network tells ---- */

/* Who removes somebody was told that the conversation goes too; who was removed keeps it. */
#define WIPES "ahoy-wipes"

static void
forget (AppClient *self, UiContact *contact, const AhoyContactInfo *info) {
  GError *error = NULL;
  AppStoreContact stored = *kept (contact);
  stored.relation = AHOY_RELATION_NONE;
  stored.pin = info->pin;
  stored.talked = info->talked;
  app_client_store_put_contact (self->store, &stored, &error);
  client_store_failed (self, error);
  if (g_object_get_data (G_OBJECT (contact), WIPES) != NULL) {
    error = NULL;
    app_client_store_wipe_history (self->store, &info->name, &error);
    client_store_failed (self, error);
  }
  ui_session_remove_contact (self->session, contact);
}

void
client_roster_on_contact (AppClient *self, const AhoyContactInfo *info) {
  UiContact *contact = client_roster_ui (self, &info->name);
  if (info->relation == AHOY_RELATION_NONE) {
    if (contact != NULL) {
      forget (self, contact, info);
    }
    return;
  }
  g_autoptr (UiContact) fresh = NULL;
  if (contact == NULL) {
    contact = fresh = make (self, &(AppStoreContact){.name = info->name});
  }
  AppStoreContact *stored = kept (contact);
  const AppStoreContact before = *stored;
  g_strlcpy (stored->display_name, info->display_name, sizeof stored->display_name);
  stored->relation = info->relation;
  stored->talked = info->talked;
  stored->pin = info->pin;
  if (memcmp (&before, stored, sizeof before) != 0) {
    GError *error = NULL;
    app_client_store_put_contact (self->store, stored, &error);
    client_store_failed (self, error);
  }
  show (self, contact);
  ui_contact_set_presence (contact, presence_of (info->presence));
  ui_contact_set_key_changed (contact, info->key_changed);
  if (fresh != NULL) {
    ui_session_add_contact (self->session, fresh);
  }
}

/* ---- What the person does ---- */

static void
add_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  ClientAct *act = data;
  client_await (act, ahoy_agent_request_contact (agent, &act->name, act->text, now_us));
}

void
client_roster_add (AppClient *self, const char *address, GTask *task) {
  ClientAct *act = client_act_new (self, NULL);
  act->task = task;
  /* Without a server part the person is at ours. */
  g_autofree char *whole =
      strchr (address, '@') == NULL && self->account.name.host[0] != '\0'
          ? g_strdup_printf ("%s@%s", g_strstrip (g_strdup (address)),
                             strchr (ui_session_get_address (self->session), '@') + 1)
          : g_strdup (address);
  if (ahoy_name_parse (whole, &act->name) != RTMFP_OK) {
    g_task_return_new_error (task, UI_INTENT_ERROR, UI_INTENT_ERROR_ADDRESS, "%s",
                             _ ("Write the address as name@server, for example anna@example.org."));
    g_object_unref (task);
    act->task = NULL;
    g_object_unref (act->client);
    g_free (act);
    return;
  }
  client_act_post (self, add_on_network, act);
}

static void
redeem_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  ClientAct *act = data;
  client_await (act, ahoy_agent_redeem_invite (agent, &act->invite, now_us));
}

void
client_roster_redeem (AppClient *self, const char *link, GTask *task) {
  ClientAct *act = client_act_new (self, NULL);
  act->task = task;
  if (ahoy_invite_parse (link, &act->invite) != RTMFP_OK) {
    g_task_return_new_error (task, UI_INTENT_ERROR, UI_INTENT_ERROR_INVITE, "%s",
                             _ ("This is not an invite link."));
    g_object_unref (task);
    g_object_unref (act->client);
    g_free (act);
    return;
  }
  if (act->invite.has_token) {
    client_act_post (self, redeem_on_network, act);
    return;
  }
  act->name = act->invite.name;
  client_act_post (self, add_on_network, act);
}

static void
invite_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  client_await (data, ahoy_agent_make_invite (agent, now_us));
}

void
client_roster_invite (AppClient *self, GTask *task) {
  ClientAct *act = client_act_new (self, NULL);
  g_task_set_source_tag (task, client_roster_invite);
  act->task = task;
  client_act_post (self, invite_on_network, act);
}

static void
act_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  ClientAct *act = data;
  ahoy_agent_change_contact (agent, &act->name, (AhoyContactAct)act->act, now_us);
}

void
client_roster_act (AppClient *self, UiContact *contact, AhoyContactAct what) {
  ClientAct *act = client_act_new (self, contact);
  act->act = (int)what;
  client_act_post (self, act_on_network, act);
}

void
client_roster_remove (AppClient *self, UiContact *contact) {
  g_object_set_data (G_OBJECT (contact), WIPES, contact);
  client_roster_act (self, contact,
                     ui_contact_get_relation (contact) == UI_RELATION_BLOCKED
                         ? AHOY_CONTACT_UNBLOCK
                         : AHOY_CONTACT_REMOVE);
}

void
client_roster_rename (AppClient *self, UiContact *contact, const char *name) {
  GError *error = NULL;
  AppStoreContact *stored = kept (contact);
  g_strlcpy (stored->nickname, name != NULL ? name : "", sizeof stored->nickname);
  app_client_store_put_contact (self->store, stored, &error);
  client_store_failed (self, error);
  show (self, contact);
}

static void
confirm_on_network (AhoyAgent *agent, int64_t now_us, gpointer data) {
  ClientAct *act = data;
  ahoy_agent_confirm_key (agent, &act->name, act->flag, now_us);
}

void
client_roster_confirm (AppClient *self, UiContact *contact, gboolean verified) {
  ClientAct *act = client_act_new (self, contact);
  act->flag = verified;
  client_act_post (self, confirm_on_network, act);
}

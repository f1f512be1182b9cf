/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the whole of what the program shows. */
#include "ui/model/session.h"
#include "ui/model/property.h"

struct _UiSession {
  GObject parent_instance;

  /* owned */
  char *address;
  char *name;
  char *error;
  char *server_address;
  UiCall *call;
  GListStore *contacts;
  UiDevices *devices;

  UiSessionState state;
  gboolean serving;
};

G_DEFINE_FINAL_TYPE (UiSession, ui_session, G_TYPE_OBJECT)

enum {
  PROP_STATE = 1,
  PROP_ADDRESS,
  PROP_NAME,
  PROP_ERROR,
  PROP_SERVING,
  PROP_SERVER_ADDRESS,
  PROP_CALL,
  PROP_CONTACTS,
  PROP_DEVICES,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

UiSession *
ui_session_new (void) {
  return g_object_new (UI_TYPE_SESSION, NULL);
}

UiSessionState
ui_session_get_state (UiSession *self) {
  g_return_val_if_fail (UI_IS_SESSION (self), UI_SESSION_SIGNED_OUT);
  return self->state;
}

const char *
ui_session_get_address (UiSession *self) {
  g_return_val_if_fail (UI_IS_SESSION (self), NULL);
  return self->address;
}

const char *
ui_session_get_name (UiSession *self) {
  g_return_val_if_fail (UI_IS_SESSION (self), NULL);
  return self->name;
}

const char *
ui_session_get_error (UiSession *self) {
  g_return_val_if_fail (UI_IS_SESSION (self), NULL);
  return self->error;
}

const char *
ui_session_get_server_address (UiSession *self) {
  g_return_val_if_fail (UI_IS_SESSION (self), NULL);
  return self->server_address;
}

gboolean
ui_session_get_serving (UiSession *self) {
  g_return_val_if_fail (UI_IS_SESSION (self), FALSE);
  return self->serving;
}

UiCall *
ui_session_get_call (UiSession *self) {
  g_return_val_if_fail (UI_IS_SESSION (self), NULL);
  return self->call;
}

GListModel *
ui_session_get_contacts (UiSession *self) {
  g_return_val_if_fail (UI_IS_SESSION (self), NULL);
  return G_LIST_MODEL (self->contacts);
}

UiDevices *
ui_session_get_devices (UiSession *self) {
  g_return_val_if_fail (UI_IS_SESSION (self), NULL);
  return self->devices;
}

void
ui_session_set_state (UiSession *self, UiSessionState state) {
  g_return_if_fail (UI_IS_SESSION (self));
  if (self->state != state) {
    self->state = state;
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_STATE]);
  }
}

void
ui_session_set_address (UiSession *self, const char *address) {
  g_return_if_fail (UI_IS_SESSION (self));
  ui_property_set_string (self, &self->address, address, props[PROP_ADDRESS]);
}

void
ui_session_set_name (UiSession *self, const char *name) {
  g_return_if_fail (UI_IS_SESSION (self));
  ui_property_set_string (self, &self->name, name, props[PROP_NAME]);
}

void
ui_session_set_error (UiSession *self, const char *error) {
  g_return_if_fail (UI_IS_SESSION (self));
  ui_property_set_string (self, &self->error, error, props[PROP_ERROR]);
}

void
ui_session_set_server_address (UiSession *self, const char *server_address) {
  g_return_if_fail (UI_IS_SESSION (self));
  ui_property_set_string (self, &self->server_address, server_address, props[PROP_SERVER_ADDRESS]);
}

void
ui_session_set_serving (UiSession *self, gboolean serving) {
  g_return_if_fail (UI_IS_SESSION (self));
  ui_property_set_boolean (self, &self->serving, serving, props[PROP_SERVING]);
}

void
ui_session_set_call (UiSession *self, UiCall *call) {
  g_return_if_fail (UI_IS_SESSION (self));
  g_return_if_fail (call == NULL || UI_IS_CALL (call));
  if (g_set_object (&self->call, call)) {
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_CALL]);
  }
}

UiContact *
ui_session_find_contact (UiSession *self, const char *address) {
  g_return_val_if_fail (UI_IS_SESSION (self), NULL);
  if (address == NULL) {
    return NULL;
  }
  const guint count = g_list_model_get_n_items (G_LIST_MODEL (self->contacts));
  for (guint i = 0; i < count; i++) {
    g_autoptr (UiContact) contact = g_list_model_get_item (G_LIST_MODEL (self->contacts), i);
    if (g_ascii_strcasecmp (ui_contact_get_address (contact), address) == 0) {
      return contact; /* the list still holds it */
    }
  }
  return NULL;
}

gboolean
ui_session_add_contact (UiSession *self, UiContact *contact) {
  g_return_val_if_fail (UI_IS_SESSION (self) && UI_IS_CONTACT (contact), FALSE);
  if (ui_session_find_contact (self, ui_contact_get_address (contact)) != NULL) {
    return FALSE;
  }
  g_list_store_append (self->contacts, contact);
  return TRUE;
}

void
ui_session_remove_contact (UiSession *self, UiContact *contact) {
  g_return_if_fail (UI_IS_SESSION (self));
  guint position = 0;
  if (g_list_store_find (self->contacts, contact, &position)) {
    g_list_store_remove (self->contacts, position);
  }
}

void
ui_session_remove_all_contacts (UiSession *self) {
  g_return_if_fail (UI_IS_SESSION (self));
  g_list_store_remove_all (self->contacts);
}

static void
ui_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec) {
  UiSession *self = UI_SESSION (object);
  switch (id) {
  case PROP_STATE:
    g_value_set_enum (value, (int)self->state);
    break;
  case PROP_ADDRESS:
    g_value_set_string (value, self->address);
    break;
  case PROP_NAME:
    g_value_set_string (value, self->name);
    break;
  case PROP_ERROR:
    g_value_set_string (value, self->error);
    break;
  case PROP_SERVING:
    g_value_set_boolean (value, self->serving);
    break;
  case PROP_SERVER_ADDRESS:
    g_value_set_string (value, self->server_address);
    break;
  case PROP_CALL:
    g_value_set_object (value, self->call);
    break;
  case PROP_CONTACTS:
    g_value_set_object (value, self->contacts);
    break;
  case PROP_DEVICES:
    g_value_set_object (value, self->devices);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
ui_session_finalize (GObject *object) {
  UiSession *self = UI_SESSION (object);
  g_free (self->address);
  g_free (self->name);
  g_free (self->error);
  g_free (self->server_address);
  g_clear_object (&self->call);
  g_object_unref (self->contacts);
  g_object_unref (self->devices);
  G_OBJECT_CLASS (ui_session_parent_class)->finalize (object);
}

static void
ui_session_class_init (UiSessionClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->get_property = ui_session_get_property;
  object_class->finalize = ui_session_finalize;

  props[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, UI_TYPE_SESSION_STATE,
                                         UI_SESSION_SIGNED_OUT, UI_READABLE);
  props[PROP_ADDRESS] = g_param_spec_string ("address", NULL, NULL, NULL, UI_READABLE);
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, UI_READABLE);
  props[PROP_ERROR] = g_param_spec_string ("error", NULL, NULL, NULL, UI_READABLE);
  props[PROP_SERVING] = g_param_spec_boolean ("serving", NULL, NULL, FALSE, UI_READABLE);
  props[PROP_SERVER_ADDRESS] =
      g_param_spec_string ("server-address", NULL, NULL, NULL, UI_READABLE);
  props[PROP_CALL] = g_param_spec_object ("call", NULL, NULL, UI_TYPE_CALL, UI_READABLE);
  props[PROP_CONTACTS] =
      g_param_spec_object ("contacts", NULL, NULL, G_TYPE_LIST_MODEL, UI_READABLE);
  props[PROP_DEVICES] = g_param_spec_object ("devices", NULL, NULL, UI_TYPE_DEVICES, UI_READABLE);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ui_session_init (UiSession *self) {
  self->contacts = g_list_store_new (UI_TYPE_CONTACT);
  self->devices = ui_devices_new ();
}

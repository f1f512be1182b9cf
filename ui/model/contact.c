/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for one person one may talk to. */
#include "ui/model/contact.h"
#include "ui/model/property.h"

struct _UiContact {
  GObject parent_instance;

  /* owned */
  char *address;
  char *name;
  char *safety_number;
  UiConversation *conversation;

  UiPresence presence;
  UiRelation relation;
  gboolean key_changed;
  gboolean verified;
  gboolean typing;
};

G_DEFINE_FINAL_TYPE (UiContact, ui_contact, G_TYPE_OBJECT)

enum {
  PROP_ADDRESS = 1,
  PROP_NAME,
  PROP_PRESENCE,
  PROP_RELATION,
  PROP_KEY_CHANGED,
  PROP_SAFETY_NUMBER,
  PROP_VERIFIED,
  PROP_TYPING,
  PROP_CONVERSATION,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

static char *
dup_name_or_local_part (const char *name, const char *address) {
  if (name != NULL && *name != '\0') {
    return g_utf8_make_valid (name, -1);
  }
  const char *at = strchr (address, '@');
  return at != NULL && at != address ? g_strndup (address, (gsize)(at - address))
                                     : g_strdup (address);
}

UiContact *
ui_contact_new (const char *address, const char *name) {
  g_return_val_if_fail (address != NULL, NULL);
  UiContact *self = g_object_new (UI_TYPE_CONTACT, NULL);
  self->address = g_strdup (address);
  self->name = dup_name_or_local_part (name, address);
  return self;
}

const char *
ui_contact_get_address (UiContact *self) {
  g_return_val_if_fail (UI_IS_CONTACT (self), "");
  return self->address;
}

const char *
ui_contact_get_name (UiContact *self) {
  g_return_val_if_fail (UI_IS_CONTACT (self), "");
  return self->name;
}

UiPresence
ui_contact_get_presence (UiContact *self) {
  g_return_val_if_fail (UI_IS_CONTACT (self), UI_PRESENCE_UNKNOWN);
  return self->presence;
}

UiRelation
ui_contact_get_relation (UiContact *self) {
  g_return_val_if_fail (UI_IS_CONTACT (self), UI_RELATION_BLOCKED);
  return self->relation;
}

gboolean
ui_contact_get_key_changed (UiContact *self) {
  g_return_val_if_fail (UI_IS_CONTACT (self), FALSE);
  return self->key_changed;
}

gboolean
ui_contact_get_verified (UiContact *self) {
  g_return_val_if_fail (UI_IS_CONTACT (self), FALSE);
  return self->verified;
}

gboolean
ui_contact_get_typing (UiContact *self) {
  g_return_val_if_fail (UI_IS_CONTACT (self), FALSE);
  return self->typing;
}

const char *
ui_contact_get_safety_number (UiContact *self) {
  g_return_val_if_fail (UI_IS_CONTACT (self), NULL);
  return self->safety_number;
}

UiConversation *
ui_contact_get_conversation (UiContact *self) {
  g_return_val_if_fail (UI_IS_CONTACT (self), NULL);
  return self->conversation;
}

void
ui_contact_set_name (UiContact *self, const char *name) {
  g_return_if_fail (UI_IS_CONTACT (self));
  g_autofree char *shown = dup_name_or_local_part (name, self->address);
  ui_property_set_string (self, &self->name, shown, props[PROP_NAME]);
}

void
ui_contact_set_presence (UiContact *self, UiPresence presence) {
  g_return_if_fail (UI_IS_CONTACT (self));
  if (self->presence != presence) {
    self->presence = presence;
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_PRESENCE]);
  }
}

void
ui_contact_set_relation (UiContact *self, UiRelation relation) {
  g_return_if_fail (UI_IS_CONTACT (self));
  if (self->relation != relation) {
    self->relation = relation;
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_RELATION]);
  }
}

void
ui_contact_set_key_changed (UiContact *self, gboolean key_changed) {
  g_return_if_fail (UI_IS_CONTACT (self));
  ui_property_set_boolean (self, &self->key_changed, key_changed, props[PROP_KEY_CHANGED]);
}

void
ui_contact_set_verified (UiContact *self, gboolean verified) {
  g_return_if_fail (UI_IS_CONTACT (self));
  ui_property_set_boolean (self, &self->verified, verified, props[PROP_VERIFIED]);
}

void
ui_contact_set_typing (UiContact *self, gboolean typing) {
  g_return_if_fail (UI_IS_CONTACT (self));
  ui_property_set_boolean (self, &self->typing, typing, props[PROP_TYPING]);
}

void
ui_contact_set_safety_number (UiContact *self, const char *safety_number) {
  g_return_if_fail (UI_IS_CONTACT (self));
  ui_property_set_string (self, &self->safety_number, safety_number, props[PROP_SAFETY_NUMBER]);
}

gboolean
ui_contact_may_talk (UiContact *self) {
  g_return_val_if_fail (UI_IS_CONTACT (self), FALSE);
  return self->relation == UI_RELATION_BOTH && !self->key_changed;
}

static void
ui_contact_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec) {
  UiContact *self = UI_CONTACT (object);
  switch (id) {
  case PROP_ADDRESS:
    g_value_set_string (value, self->address);
    break;
  case PROP_NAME:
    g_value_set_string (value, self->name);
    break;
  case PROP_PRESENCE:
    g_value_set_enum (value, (int)self->presence);
    break;
  case PROP_RELATION:
    g_value_set_enum (value, (int)self->relation);
    break;
  case PROP_KEY_CHANGED:
    g_value_set_boolean (value, self->key_changed);
    break;
  case PROP_SAFETY_NUMBER:
    g_value_set_string (value, self->safety_number);
    break;
  case PROP_VERIFIED:
    g_value_set_boolean (value, self->verified);
    break;
  case PROP_TYPING:
    g_value_set_boolean (value, self->typing);
    break;
  case PROP_CONVERSATION:
    g_value_set_object (value, self->conversation);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
ui_contact_finalize (GObject *object) {
  UiContact *self = UI_CONTACT (object);
  g_free (self->address);
  g_free (self->name);
  g_free (self->safety_number);
  g_object_unref (self->conversation);
  G_OBJECT_CLASS (ui_contact_parent_class)->finalize (object);
}

static void
ui_contact_class_init (UiContactClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->get_property = ui_contact_get_property;
  object_class->finalize = ui_contact_finalize;

  props[PROP_ADDRESS] = g_param_spec_string ("address", NULL, NULL, "", UI_READABLE);
  props[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "", UI_READABLE);
  props[PROP_PRESENCE] = g_param_spec_enum ("presence", NULL, NULL, UI_TYPE_PRESENCE,
                                            UI_PRESENCE_UNKNOWN, UI_READABLE);
  props[PROP_RELATION] =
      g_param_spec_enum ("relation", NULL, NULL, UI_TYPE_RELATION, UI_RELATION_BOTH, UI_READABLE);
  props[PROP_KEY_CHANGED] = g_param_spec_boolean ("key-changed", NULL, NULL, FALSE, UI_READABLE);
  props[PROP_SAFETY_NUMBER] = g_param_spec_string ("safety-number", NULL, NULL, NULL, UI_READABLE);
  props[PROP_VERIFIED] = g_param_spec_boolean ("verified", NULL, NULL, FALSE, UI_READABLE);
  props[PROP_TYPING] = g_param_spec_boolean ("typing", NULL, NULL, FALSE, UI_READABLE);
  props[PROP_CONVERSATION] =
      g_param_spec_object ("conversation", NULL, NULL, UI_TYPE_CONVERSATION, UI_READABLE);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ui_contact_init (UiContact *self) {
  self->relation = UI_RELATION_BOTH;
  self->conversation = ui_conversation_new ();
}

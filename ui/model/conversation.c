/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for what was said with one contact. */
#include "ui/model/conversation.h"
#include "ui/model/property.h"

struct _UiConversation {
  GObject parent_instance;

  /* owned */
  GPtrArray *messages; /* of UiMessage, oldest first */
  GHashTable *by_id;   /* borrowed id -> borrowed UiMessage */
  char *draft;
  guint unread;
};

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (UiConversation, ui_conversation, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

enum { PROP_DRAFT = 1, PROP_UNREAD, PROP_LAST, N_PROPS };
static GParamSpec *props[N_PROPS];

static GType
get_item_type (GListModel *model G_GNUC_UNUSED) {
  return UI_TYPE_MESSAGE;
}

static guint
get_n_items (GListModel *model) {
  return UI_CONVERSATION (model)->messages->len;
}

static gpointer
get_item (GListModel *model, guint position) {
  const GPtrArray *messages = UI_CONVERSATION (model)->messages;
  return position < messages->len ? g_object_ref (messages->pdata[position]) : NULL;
}

static void
list_model_init (GListModelInterface *iface) {
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* Most messages are the newest, so the search goes from the end. */
static guint
find_place (const UiConversation *self, gint64 time_us) {
  guint place = self->messages->len;
  while (place > 0 && ui_message_get_time_us (self->messages->pdata[place - 1]) > time_us) {
    place--;
  }
  return place;
}

gboolean
ui_conversation_add (UiConversation *self, UiMessage *message) {
  g_return_val_if_fail (UI_IS_CONVERSATION (self), FALSE);
  g_return_val_if_fail (UI_IS_MESSAGE (message), FALSE);

  const char *id = ui_message_get_id (message);
  if (id != NULL && g_hash_table_contains (self->by_id, id)) {
    return FALSE;
  }
  const guint place = find_place (self, ui_message_get_time_us (message));
  g_ptr_array_insert (self->messages, (int)place, g_object_ref (message));
  if (id != NULL) {
    g_hash_table_insert (self->by_id, (gpointer)id, message);
  }
  g_list_model_items_changed (G_LIST_MODEL (self), place, 0, 1);
  if (place + 1 == self->messages->len) {
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LAST]);
  }
  return TRUE;
}

UiMessage *
ui_conversation_find (UiConversation *self, const char *id) {
  g_return_val_if_fail (UI_IS_CONVERSATION (self), NULL);
  return id != NULL ? g_hash_table_lookup (self->by_id, id) : NULL;
}

void
ui_conversation_remove_all (UiConversation *self) {
  g_return_if_fail (UI_IS_CONVERSATION (self));
  const guint removed = self->messages->len;
  if (removed == 0) {
    return;
  }
  g_hash_table_remove_all (self->by_id);
  g_ptr_array_set_size (self->messages, 0);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, removed, 0);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LAST]);
}

UiMessage *
ui_conversation_get_last (UiConversation *self) {
  g_return_val_if_fail (UI_IS_CONVERSATION (self), NULL);
  return self->messages->len > 0 ? self->messages->pdata[self->messages->len - 1] : NULL;
}

guint
ui_conversation_get_unread (UiConversation *self) {
  g_return_val_if_fail (UI_IS_CONVERSATION (self), 0);
  return self->unread;
}

void
ui_conversation_set_unread (UiConversation *self, guint unread) {
  g_return_if_fail (UI_IS_CONVERSATION (self));
  ui_property_set_uint (self, &self->unread, unread, props[PROP_UNREAD]);
}

const char *
ui_conversation_get_draft (UiConversation *self) {
  g_return_val_if_fail (UI_IS_CONVERSATION (self), "");
  return self->draft;
}

void
ui_conversation_set_draft (UiConversation *self, const char *draft) {
  g_return_if_fail (UI_IS_CONVERSATION (self));
  ui_property_set_string (self, &self->draft, draft != NULL ? draft : "", props[PROP_DRAFT]);
}

UiConversation *
ui_conversation_new (void) {
  return g_object_new (UI_TYPE_CONVERSATION, NULL);
}

static void
ui_conversation_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec) {
  UiConversation *self = UI_CONVERSATION (object);
  switch (id) {
  case PROP_DRAFT:
    g_value_set_string (value, self->draft);
    break;
  case PROP_UNREAD:
    g_value_set_uint (value, self->unread);
    break;
  case PROP_LAST:
    g_value_set_object (value, ui_conversation_get_last (self));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
ui_conversation_finalize (GObject *object) {
  UiConversation *self = UI_CONVERSATION (object);
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->messages);
  g_free (self->draft);
  G_OBJECT_CLASS (ui_conversation_parent_class)->finalize (object);
}

static void
ui_conversation_class_init (UiConversationClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->get_property = ui_conversation_get_property;
  object_class->finalize = ui_conversation_finalize;

  props[PROP_DRAFT] = g_param_spec_string ("draft", NULL, NULL, "", UI_READABLE);
  props[PROP_UNREAD] = g_param_spec_uint ("unread", NULL, NULL, 0, G_MAXUINT, 0, UI_READABLE);
  props[PROP_LAST] = g_param_spec_object ("last", NULL, NULL, UI_TYPE_MESSAGE, UI_READABLE);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ui_conversation_init (UiConversation *self) {
  self->messages = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->draft = g_strdup ("");
}

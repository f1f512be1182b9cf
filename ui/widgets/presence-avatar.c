/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for a person's round mark with the dot that tells whether they can be reached. */
#include "ui/widgets/presence-avatar.h"

#include <glib/gi18n.h>

#define DOT_PIXELS 14 /* with its border, as in style.css */

struct _UiPresenceAvatar {
  AdwBin parent_instance;

  UiContact *contact; /* owned */
  /* borrowed: children */
  AdwAvatar *avatar;
  GtkWidget *dot;
};

G_DEFINE_FINAL_TYPE (UiPresenceAvatar, ui_presence_avatar, ADW_TYPE_BIN)

enum { PROP_SIZE = 1 };

const char *
ui_presence_describe (UiPresence presence) {
  switch (presence) {
  case UI_PRESENCE_ONLINE:
    return _ ("Online");
  case UI_PRESENCE_BUSY:
    return _ ("In a call");
  case UI_PRESENCE_OFFLINE:
    return _ ("Offline");
  default:
    return "";
  }
}

static void
update (UiPresenceAvatar *self) {
  const gboolean friends =
      self->contact != NULL && ui_contact_get_relation (self->contact) == UI_RELATION_BOTH;
  const UiPresence presence =
      friends ? ui_contact_get_presence (self->contact) : UI_PRESENCE_UNKNOWN;
  adw_avatar_set_text (self->avatar,
                       self->contact != NULL ? ui_contact_get_name (self->contact) : "");
  gtk_widget_set_visible (self->dot,
                          presence == UI_PRESENCE_ONLINE || presence == UI_PRESENCE_BUSY);
  if (presence == UI_PRESENCE_BUSY) {
    gtk_widget_add_css_class (self->dot, "busy");
  } else {
    gtk_widget_remove_css_class (self->dot, "busy");
  }
}

void
ui_presence_avatar_set_contact (UiPresenceAvatar *self, UiContact *contact) {
  g_return_if_fail (UI_IS_PRESENCE_AVATAR (self));
  if (self->contact != NULL) {
    g_signal_handlers_disconnect_by_data (self->contact, self);
  }
  g_set_object (&self->contact, contact);
  if (contact != NULL) {
    g_signal_connect_object (contact, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  }
  update (self);
}

static void
ui_presence_avatar_set_property (GObject *object, guint id, const GValue *value,
                                 GParamSpec *pspec) {
  if (id != PROP_SIZE) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  UiPresenceAvatar *self = UI_PRESENCE_AVATAR (object);
  const int size = g_value_get_int (value);
  /* The dot's middle lies on the circle's edge, half-way between right and bottom. */
  const int inset = MAX (0, (int)(0.146 * size) - DOT_PIXELS / 2);
  adw_avatar_set_size (self->avatar, size);
  gtk_widget_set_margin_end (self->dot, inset);
  gtk_widget_set_margin_bottom (self->dot, inset);
}

static void
ui_presence_avatar_dispose (GObject *object) {
  g_clear_object (&UI_PRESENCE_AVATAR (object)->contact);
  G_OBJECT_CLASS (ui_presence_avatar_parent_class)->dispose (object);
}

static void
ui_presence_avatar_class_init (UiPresenceAvatarClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->set_property = ui_presence_avatar_set_property;
  object_class->dispose = ui_presence_avatar_dispose;
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "presenceavatar");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_PRESENTATION);
  g_object_class_install_property (object_class, PROP_SIZE,
                                   g_param_spec_int ("size", NULL, NULL, -1, 512, 40,
                                                     G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS));
}

static void
ui_presence_avatar_init (UiPresenceAvatar *self) {
  GtkWidget *overlay = gtk_overlay_new ();
  self->avatar = ADW_AVATAR (adw_avatar_new (40, "", TRUE));
  gtk_overlay_set_child (GTK_OVERLAY (overlay), GTK_WIDGET (self->avatar));

  self->dot = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (self->dot, "presence-dot");
  gtk_widget_set_halign (self->dot, GTK_ALIGN_END);
  gtk_widget_set_valign (self->dot, GTK_ALIGN_END);
  gtk_widget_set_visible (self->dot, FALSE);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), self->dot);

  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_CENTER);
  adw_bin_set_child (ADW_BIN (self), overlay);
}

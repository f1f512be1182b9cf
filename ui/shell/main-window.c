/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the window of people and conversations, or the welcome while nobody is signed in. */
#include "ui/shell/main-window.h"
#include "ui/dialogs/add-contact-dialog.h"
#include "ui/dialogs/contact-dialog.h"
#include "ui/pages/contacts-page.h"
#include "ui/pages/conversation-page.h"
#include "ui/pages/welcome-page.h"
#include "ui/widgets/format.h"
#include "ui/widgets/notice-bar.h"

#include <glib/gi18n.h>

struct _UiMainWindow {
  AdwApplicationWindow parent_instance;

  /* owned */
  UiSession *session;
  UiIntents *intents;
  GSettings *settings;
  UiCall *call; /* the one the bar tells of */

  GtkWindow *dialog; /* borrowed, weak: the open one */

  /* template children */
  AdwToastOverlay *toasts;
  GtkStack *stack;
  UiWelcomePage *welcome_page;
  UiNoticeBar *call_bar;
  AdwLeaflet *leaflet;
  UiContactsPage *contacts_page;
  UiConversationPage *conversation_page;
};

G_DEFINE_FINAL_TYPE (UiMainWindow, ui_main_window, ADW_TYPE_APPLICATION_WINDOW)

enum { SHOW_CALL, N_SIGNALS };
static guint signals[N_SIGNALS];

static void
on_session (UiMainWindow *self) {
  if (self->session == NULL) {
    return;
  }
  const UiSessionState state = ui_session_get_state (self->session);
  const gboolean has_account = ui_session_get_address (self->session) != NULL;
  const gboolean inside =
      state == UI_SESSION_SIGNED_IN || (has_account && state != UI_SESSION_SIGNED_OUT);
  const gboolean welcome = !inside || ui_welcome_page_is_busy (self->welcome_page);
  const char *was = gtk_stack_get_visible_child_name (self->stack);
  if (state == UI_SESSION_SIGNED_OUT && g_strcmp0 (was, "main") == 0) {
    ui_main_window_open_contact (self, NULL);
    ui_welcome_page_reset (self->welcome_page);
    if (ui_session_get_error (self->session) != NULL) {
      ui_main_window_toast (self, ui_session_get_error (self->session));
    }
  }
  gtk_stack_set_visible_child_name (self->stack, welcome ? "welcome" : "main");
}

static void
update_actions (UiMainWindow *self) {
  UiContact *contact = ui_main_window_get_contact (self);
  const gboolean blocked =
      contact != NULL && ui_contact_get_relation (contact) == UI_RELATION_BLOCKED;
  GtkWidget *widget = GTK_WIDGET (self);
  gtk_widget_action_set_enabled (widget, "win.contact-details", contact != NULL);
  gtk_widget_action_set_enabled (widget, "win.remove-contact", contact != NULL);
  gtk_widget_action_set_enabled (widget, "win.block", contact != NULL && !blocked);
  gtk_widget_action_set_enabled (widget, "win.unblock", blocked);
  gtk_widget_action_set_enabled (widget, "win.voice-call", contact != NULL);
  gtk_widget_action_set_enabled (widget, "win.video-call", contact != NULL);
}

static void
update_call_bar (UiMainWindow *self) {
  if (self->call == NULL || ui_call_get_state (self->call) == UI_CALL_ENDED) {
    ui_notice_bar_hide (self->call_bar);
    return;
  }
  const char *name = ui_contact_get_name (ui_call_get_contact (self->call));
  g_autofree char *duration = ui_format_duration (ui_call_get_duration_s (self->call));
  g_autofree char *sentence = NULL;
  if (ui_call_is_ringing_here (self->call)) {
    sentence = g_strdup_printf (_ ("%s is calling"), name);
  } else if (ui_call_get_state (self->call) == UI_CALL_SECURED) {
    /* Translators: a person's name, and how long the call lasts. */
    sentence = g_strdup_printf (_ ("In a call with %s, %s"), name, duration);
  } else {
    sentence = g_strdup_printf (_ ("Calling %s…"), name);
  }
  ui_notice_bar_show (self->call_bar, UI_NOTICE_CALL, "call-start-symbolic", sentence,
                      _ ("Show Call"), NULL);
}

static void
on_call (UiMainWindow *self) {
  if (self->call != NULL) {
    g_signal_handlers_disconnect_by_data (self->call, self);
  }
  g_set_object (&self->call, ui_session_get_call (self->session));
  if (self->call != NULL) {
    g_signal_connect_object (self->call, "notify::state", G_CALLBACK (update_call_bar), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (self->call, "notify::duration-s", G_CALLBACK (update_call_bar), self,
                             G_CONNECT_SWAPPED);
  }
  update_call_bar (self);
}

static void
on_show_call (UiMainWindow *self) {
  g_signal_emit (self, signals[SHOW_CALL], 0);
}

static void
on_folded (UiMainWindow *self) {
  const gboolean folded = adw_leaflet_get_folded (self->leaflet);
  ui_contacts_page_set_folded (self->contacts_page, folded);
  ui_conversation_page_set_folded (self->conversation_page, folded);
}

void
ui_main_window_open_contact (UiMainWindow *self, UiContact *contact) {
  g_return_if_fail (UI_IS_MAIN_WINDOW (self));
  UiContact *before = ui_main_window_get_contact (self);
  if (before != NULL) {
    g_signal_handlers_disconnect_by_func (before, update_actions, self);
  }
  ui_conversation_page_set_contact (self->conversation_page, contact);
  ui_contacts_page_set_selected (self->contacts_page, contact);
  adw_leaflet_set_visible_child_name (self->leaflet, contact != NULL ? "talk" : "people");
  if (contact != NULL) {
    g_signal_connect_object (contact, "notify::relation", G_CALLBACK (update_actions), self,
                             G_CONNECT_SWAPPED);
    ui_conversation_page_focus_composer (self->conversation_page);
  }
  update_actions (self);
}

UiContact *
ui_main_window_get_contact (UiMainWindow *self) {
  g_return_val_if_fail (UI_IS_MAIN_WINDOW (self), NULL);
  return ui_conversation_page_get_contact (self->conversation_page);
}

gboolean
ui_main_window_is_looking_at (UiMainWindow *self, UiContact *contact) {
  g_return_val_if_fail (UI_IS_MAIN_WINDOW (self), FALSE);
  return gtk_window_is_active (GTK_WINDOW (self)) &&
         gtk_widget_get_mapped (GTK_WIDGET (self->conversation_page)) &&
         ui_main_window_get_contact (self) == contact;
}

void
ui_main_window_toast (UiMainWindow *self, const char *sentence) {
  g_return_if_fail (UI_IS_MAIN_WINDOW (self));
  g_autofree char *escaped = g_markup_escape_text (sentence, -1);
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (escaped));
}

/* A swipe back leaves the conversation, so that what comes in stays unread. */
static void
on_swiped (UiMainWindow *self) {
  if (self->session != NULL && adw_leaflet_get_folded (self->leaflet) &&
      !adw_leaflet_get_child_transition_running (self->leaflet) &&
      g_strcmp0 (adw_leaflet_get_visible_child_name (self->leaflet), "people") == 0 &&
      ui_main_window_get_contact (self) != NULL) {
    ui_main_window_open_contact (self, NULL);
  }
}

static void
on_selected (UiMainWindow *self, UiContact *contact) {
  ui_main_window_open_contact (self, contact);
}

static void
on_back (UiMainWindow *self) {
  ui_main_window_open_contact (self, NULL);
}

/* Somebody who was removed cannot stay open. */
static void
on_contacts_changed (UiMainWindow *self) {
  UiContact *open = ui_main_window_get_contact (self);
  if (open != NULL &&
      ui_session_find_contact (self->session, ui_contact_get_address (open)) != open) {
    ui_main_window_open_contact (self, NULL);
  }
}

static void
show_dialog (UiMainWindow *self, GtkWidget *dialog) {
  if (self->dialog != NULL) {
    gtk_window_close (self->dialog);
  }
  g_set_weak_pointer (&self->dialog, GTK_WINDOW (dialog));
  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (self));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_added (UiMainWindow *self, const char *text) {
  UiContact *contact = ui_session_find_contact (self->session, text);
  if (contact != NULL) {
    ui_main_window_open_contact (self, contact);
  }
}

void
ui_main_window_add_contact (UiMainWindow *self, const char *text) {
  g_return_if_fail (UI_IS_MAIN_WINDOW (self));
  GtkWidget *dialog = ui_add_contact_dialog_new (self->session, self->intents, text);
  g_signal_connect_object (dialog, "added", G_CALLBACK (on_added), self, G_CONNECT_SWAPPED);
  show_dialog (self, dialog);
}

void
ui_main_window_use_invite (UiMainWindow *self, const char *link) {
  g_return_if_fail (UI_IS_MAIN_WINDOW (self));
  ui_welcome_page_use_invite (self->welcome_page, link);
}

static void
on_details (UiMainWindow *self) {
  UiContact *contact = ui_main_window_get_contact (self);
  if (contact != NULL) {
    show_dialog (self, ui_contact_dialog_new (contact, self->intents));
  }
}

static void
act (GtkWidget *widget, const char *name, GVariant *parameter G_GNUC_UNUSED) {
  UiMainWindow *self = UI_MAIN_WINDOW (widget);
  UiContact *contact = ui_main_window_get_contact (self);
  if (g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), "main") != 0) {
    return;
  }
  if (g_str_equal (name, "win.search")) {
    adw_leaflet_set_visible_child_name (self->leaflet, "people");
    ui_contacts_page_start_search (self->contacts_page);
  } else if (g_str_equal (name, "win.next-contact")) {
    ui_contacts_page_step (self->contacts_page, 1);
  } else if (g_str_equal (name, "win.previous-contact")) {
    ui_contacts_page_step (self->contacts_page, -1);
  } else if (contact == NULL) {
    return;
  } else if (g_str_equal (name, "win.contact-details")) {
    on_details (self);
  } else if (g_str_equal (name, "win.block")) {
    ui_intents_set_blocked (self->intents, contact, TRUE);
  } else if (g_str_equal (name, "win.unblock")) {
    ui_intents_set_blocked (self->intents, contact, FALSE);
  } else if (g_str_equal (name, "win.remove-contact")) {
    ui_contact_dialog_ask_remove (GTK_WINDOW (self), contact, self->intents);
  } else if (g_str_equal (name, "win.voice-call")) {
    ui_conversation_page_call (self->conversation_page, FALSE);
  } else if (g_str_equal (name, "win.video-call")) {
    ui_conversation_page_call (self->conversation_page, TRUE);
  }
}

GtkWidget *
ui_main_window_new (GtkApplication *application, UiSession *session, UiIntents *intents,
                    GSettings *settings) {
  UiMainWindow *self = g_object_new (UI_TYPE_MAIN_WINDOW, "application", application, NULL);
  self->session = g_object_ref (session);
  self->intents = g_object_ref (intents);
  self->settings = settings != NULL ? g_object_ref (settings) : NULL;
  ui_welcome_page_set_up (self->welcome_page, session, intents);
  ui_contacts_page_set_up (self->contacts_page, session, intents);
  ui_conversation_page_set_up (self->conversation_page, session, intents);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (on_session), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::address", G_CALLBACK (on_session), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::call", G_CALLBACK (on_call), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (ui_session_get_contacts (session), "items-changed",
                           G_CALLBACK (on_contacts_changed), self, G_CONNECT_SWAPPED);
  if (settings != NULL) {
    g_settings_bind (settings, "window-width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
    g_settings_bind (settings, "window-height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
    g_settings_bind (settings, "window-maximized", self, "maximized", G_SETTINGS_BIND_DEFAULT);
  }
  on_session (self);
  on_call (self);
  on_folded (self);
  update_actions (self);
  return GTK_WIDGET (self);
}

static void
ui_main_window_dispose (GObject *object) {
  UiMainWindow *self = UI_MAIN_WINDOW (object);
  g_clear_weak_pointer (&self->dialog);
  if (self->session != NULL) {
    g_signal_handlers_disconnect_by_data (self->session, self);
    g_signal_handlers_disconnect_by_data (ui_session_get_contacts (self->session), self);
  }
  g_clear_object (&self->session);
  g_clear_object (&self->intents);
  g_clear_object (&self->settings);
  g_clear_object (&self->call);
  G_OBJECT_CLASS (ui_main_window_parent_class)->dispose (object);
}

static void
add_actions (GtkWidgetClass *widget_class) {
  static const struct {
    const char *action;
    guint key;
    GdkModifierType modifiers;
  } actions[] = {
      {"win.search", GDK_KEY_f, GDK_CONTROL_MASK},
      {"win.next-contact", GDK_KEY_Down, GDK_ALT_MASK},
      {"win.previous-contact", GDK_KEY_Up, GDK_ALT_MASK},
      {"win.contact-details", GDK_KEY_i, GDK_CONTROL_MASK},
      {"win.voice-call", GDK_KEY_C, GDK_CONTROL_MASK | GDK_SHIFT_MASK},
      {"win.video-call", GDK_KEY_Y, GDK_CONTROL_MASK | GDK_SHIFT_MASK},
      {"win.block", 0, 0},
      {"win.unblock", 0, 0},
      {"win.remove-contact", 0, 0},
  };
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++) {
    gtk_widget_class_install_action (widget_class, actions[i].action, NULL, act);
    if (actions[i].key != 0) {
      gtk_widget_class_add_binding_action (widget_class, actions[i].key, actions[i].modifiers,
                                           actions[i].action, NULL);
    }
  }
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_w, GDK_CONTROL_MASK, "window.close",
                                       NULL);
}

static void
ui_main_window_class_init (UiMainWindowClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = ui_main_window_dispose;
  signals[SHOW_CALL] = g_signal_new ("show-call", UI_TYPE_MAIN_WINDOW, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 0);
  add_actions (widget_class);

  g_type_ensure (UI_TYPE_WELCOME_PAGE);
  g_type_ensure (UI_TYPE_CONTACTS_PAGE);
  g_type_ensure (UI_TYPE_CONVERSATION_PAGE);
  g_type_ensure (UI_TYPE_NOTICE_BAR);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ahoycall/Ahoy/shell/main-window.ui");
  gtk_widget_class_bind_template_child (widget_class, UiMainWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, UiMainWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, UiMainWindow, welcome_page);
  gtk_widget_class_bind_template_child (widget_class, UiMainWindow, call_bar);
  gtk_widget_class_bind_template_child (widget_class, UiMainWindow, leaflet);
  gtk_widget_class_bind_template_child (widget_class, UiMainWindow, contacts_page);
  gtk_widget_class_bind_template_child (widget_class, UiMainWindow, conversation_page);
  gtk_widget_class_bind_template_callback (widget_class, on_session);
  gtk_widget_class_bind_template_callback (widget_class, on_show_call);
  gtk_widget_class_bind_template_callback (widget_class, on_folded);
  gtk_widget_class_bind_template_callback (widget_class, on_swiped);
  gtk_widget_class_bind_template_callback (widget_class, on_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_back);
  gtk_widget_class_bind_template_callback (widget_class, on_details);
}

static void
ui_main_window_init (UiMainWindow *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

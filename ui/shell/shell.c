/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the program as a person meets it. */
#include "ui/shell/shell.h"
#include "ui/dialogs/preferences-window.h"
#include "ui/shell/autostart.h"
#include "ui/shell/call-window.h"
#include "ui/shell/init.h"
#include "ui/shell/main-window.h"
#include "ui/shell/notifier.h"

#include <glib/gi18n.h>

struct _UiShell {
  GObject parent_instance;

  /* owned */
  UiSession *session;
  UiIntents *intents;
  GSettings *settings;
  UiNotifier *notifier;
  char *version;

  /* borrowed */
  AdwApplication *application;
  UiMainWindow *main_window; /* weak */
  GtkWindow *call_window;    /* weak */
  GtkWindow *preferences;    /* weak */
  GtkWindow *shortcuts;      /* weak */

  gboolean holding;
};

G_DEFINE_FINAL_TYPE (UiShell, ui_shell, G_TYPE_OBJECT)

static void
update_hold (UiShell *self) {
  const gboolean hold = ui_session_get_state (self->session) != UI_SESSION_SIGNED_OUT &&
                        g_settings_get_boolean (self->settings, "stay-reachable");
  if (hold && !self->holding) {
    g_application_hold (G_APPLICATION (self->application));
  } else if (!hold && self->holding) {
    g_application_release (G_APPLICATION (self->application));
  }
  self->holding = hold;
}

static gboolean
is_in_call (UiShell *self) {
  UiCall *call = ui_session_get_call (self->session);
  return call != NULL && ui_call_get_state (call) != UI_CALL_ENDED;
}

static void
quit_now (UiShell *self) {
  ui_intents_quit (self->intents);
}

static void
on_quit_answer (UiShell *self, const char *response) {
  if (g_str_equal (response, "quit")) {
    quit_now (self);
  }
}

static void
ask_quit (UiShell *self) {
  GtkWidget *dialog = adw_message_dialog_new (
      gtk_application_get_active_window (GTK_APPLICATION (self->application)),
      _ ("Hang Up and Quit?"), _ ("You are in a call. Quitting ends it."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"), "quit",
                                    _ ("Hang Up and _Quit"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "quit",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_quit_answer), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
quit (UiShell *self) {
  if (is_in_call (self)) {
    ask_quit (self);
  } else {
    quit_now (self);
  }
}

/* With somebody signed in the window only goes out of sight. */
static gboolean
on_close_request (UiShell *self) {
  const gboolean reachable = ui_session_get_state (self->session) != UI_SESSION_SIGNED_OUT &&
                             g_settings_get_boolean (self->settings, "stay-reachable");
  if (reachable) {
    gtk_widget_set_visible (GTK_WIDGET (self->main_window), FALSE);
    ui_notifier_tell_background (self->notifier);
  } else {
    quit (self);
  }
  return GDK_EVENT_STOP;
}

static void
show_call (UiShell *self) {
  if (self->call_window == NULL) {
    GtkWidget *window =
        ui_call_window_new (GTK_APPLICATION (self->application), self->session, self->intents);
    g_set_weak_pointer (&self->call_window, GTK_WINDOW (window));
  }
  if (is_in_call (self)) {
    gtk_window_present (self->call_window);
  }
}

static void
on_call (UiShell *self) {
  if (ui_session_get_call (self->session) != NULL && self->call_window == NULL) {
    show_call (self);
  }
}

static void
make_main_window (UiShell *self) {
  GtkWidget *window = ui_main_window_new (GTK_APPLICATION (self->application), self->session,
                                          self->intents, self->settings);
  g_set_weak_pointer (&self->main_window, UI_MAIN_WINDOW (window));
  g_signal_connect_object (window, "close-request", G_CALLBACK (on_close_request), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (window, "show-call", G_CALLBACK (show_call), self, G_CONNECT_SWAPPED);
  ui_notifier_set_window (self->notifier, self->main_window);
}

void
ui_shell_present (UiShell *self) {
  g_return_if_fail (UI_IS_SHELL (self));
  if (self->main_window == NULL) {
    make_main_window (self);
  }
  gtk_window_present (GTK_WINDOW (self->main_window));
  g_application_withdraw_notification (G_APPLICATION (self->application), "background");
}

void
ui_shell_open_uri (UiShell *self, const char *uri) {
  g_return_if_fail (UI_IS_SHELL (self));
  ui_shell_present (self);
  if (ui_session_get_state (self->session) == UI_SESSION_SIGNED_OUT) {
    ui_main_window_use_invite (self->main_window, uri);
  } else {
    ui_main_window_add_contact (self->main_window, uri);
  }
}

void
ui_shell_toast (UiShell *self, const char *sentence) {
  g_return_if_fail (UI_IS_SHELL (self));
  if (self->main_window != NULL) {
    ui_main_window_toast (self->main_window, sentence);
  }
}

GtkWindow *
ui_shell_get_main_window (UiShell *self) {
  return self->main_window != NULL ? GTK_WINDOW (self->main_window) : NULL;
}

GtkWindow *
ui_shell_get_call_window (UiShell *self) {
  return self->call_window;
}

/* Returns: (borrowed) the call a notification spoke of, NULL if it is another one by now. */
static UiCall *
find_call (UiShell *self, GVariant *id) {
  UiCall *call = ui_session_get_call (self->session);
  return call != NULL && ui_call_is_ringing_here (call) &&
                 g_str_equal (ui_call_get_id (call), g_variant_get_string (id, NULL))
             ? call
             : NULL;
}

static void
act_answer (GSimpleAction *action, GVariant *parameter, gpointer data) {
  UiShell *self = data;
  UiCall *call = find_call (self, parameter);
  const char *name = g_action_get_name (G_ACTION (action));
  if (call == NULL) {
    return;
  }
  if (g_str_equal (name, "decline")) {
    ui_intents_decline_call (self->intents, call);
    return;
  }
  const gboolean with_video = ui_call_get_with_video (call) && g_str_equal (name, "answer");
  ui_intents_accept_call (self->intents, call, with_video);
  show_call (self);
}

static void
act_show_call (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
               gpointer data) {
  show_call (data);
}

static void
act_open_contact (GSimpleAction *action, GVariant *parameter, gpointer data) {
  UiShell *self = data;
  UiContact *contact =
      ui_session_find_contact (self->session, g_variant_get_string (parameter, NULL));
  ui_shell_present (self);
  if (contact == NULL) {
    return;
  }
  ui_main_window_open_contact (self->main_window, contact);
  if (g_str_equal (g_action_get_name (G_ACTION (action)), "call-back") &&
      ui_contact_may_talk (contact) && !is_in_call (self)) {
    ui_intents_start_call (self->intents, contact, FALSE);
  }
}

static void
act_present (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
             gpointer data) {
  ui_shell_present (data);
}

static void
act_add_contact (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
                 gpointer data) {
  UiShell *self = data;
  ui_shell_present (self);
  ui_main_window_add_contact (self->main_window, NULL);
}

static void
copy (UiShell *self, const char *text, const char *toast) {
  gdk_clipboard_set_text (gdk_display_get_clipboard (gdk_display_get_default ()), text);
  ui_shell_toast (self, toast);
}

static void
on_invite (GObject *source, GAsyncResult *result, gpointer data) {
  g_autoptr (UiShell) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *link = ui_intents_finish_invite (UI_INTENTS (source), result, &error);
  if (link != NULL) {
    copy (self, link, _ ("Invite copied. Send it to one person; it is good for seven days."));
  } else {
    ui_shell_toast (self, error->message);
  }
}

static void
act_copy_invite (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
                 gpointer data) {
  UiShell *self = data;
  ui_intents_make_invite_async (self->intents, NULL, on_invite, g_object_ref (self));
}

static void
act_copy_server_address (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
                         gpointer data) {
  UiShell *self = data;
  const char *address = ui_session_get_server_address (self->session);
  if (address != NULL) {
    copy (self, address, _ ("Server address copied"));
  }
}

static void
act_preferences (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
                 gpointer data) {
  UiShell *self = data;
  ui_shell_present (self);
  if (self->preferences == NULL) {
    GtkWidget *window = ui_preferences_window_new (ui_session_get_devices (self->session),
                                                   self->intents, self->settings);
    g_set_weak_pointer (&self->preferences, GTK_WINDOW (window));
    gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (self->main_window));
  }
  gtk_window_present (self->preferences);
}

static void
act_shortcuts (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
               gpointer data) {
  UiShell *self = data;
  ui_shell_present (self);
  if (self->shortcuts == NULL) {
    g_autoptr (GtkBuilder) builder =
        gtk_builder_new_from_resource (UI_RESOURCE_PATH "/shell/shortcuts.ui");
    GObject *window = gtk_builder_get_object (builder, "shortcuts");
    g_set_weak_pointer (&self->shortcuts, GTK_WINDOW (window));
    gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (self->main_window));
  }
  gtk_window_present (self->shortcuts);
}

static void
act_about (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data) {
  static const char *const developers[] = {"The Ahoy contributors", NULL};
  UiShell *self = data;
  ui_shell_present (self);
  adw_show_about_window (
      GTK_WINDOW (self->main_window), "application-name", "Ahoy", "application-icon",
      UI_APPLICATION_ID, "version", self->version, "developer-name", _ ("The Ahoy contributors"),
      "developers", developers, "copyright", "© 2026 The Ahoy contributors", "license-type",
      GTK_LICENSE_GPL_3_0, "comments",
      _ ("Video calls, voice calls and messages, straight between two computers and encrypted all "
         "the way."),
      /* Translators: your name and address, one line for each translator. */
      "translator-credits", _ ("translator-credits"), NULL);
}

static void
on_sign_out_answer (UiShell *self, const char *response) {
  if (g_str_equal (response, "sign-out")) {
    ui_intents_sign_out (self->intents);
  }
}

static void
act_sign_out (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED,
              gpointer data) {
  UiShell *self = data;
  ui_shell_present (self);
  GtkWidget *dialog = adw_message_dialog_new (
      GTK_WINDOW (self->main_window), _ ("Sign Out?"),
      ui_session_get_serving (self->session)
          ? _ ("Calls and messages will no longer reach you here, and the server on this computer "
               "stops for everybody.")
          : _ ("Calls and messages will no longer reach you on this computer. To come back you "
               "need your password."));
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _ ("_Cancel"),
                                    "sign-out", _ ("_Sign Out"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "sign-out",
                                              ADW_RESPONSE_DESTRUCTIVE);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_sign_out_answer), self,
                           G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
act_quit (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data) {
  quit (data);
}

static void
enable (UiShell *self, const char *name, gboolean enabled) {
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->application), name);
  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

static void
on_session (UiShell *self) {
  const UiSessionState state = ui_session_get_state (self->session);
  const gboolean online = state == UI_SESSION_SIGNED_IN;
  update_hold (self);
  enable (self, "add-contact", online);
  enable (self, "copy-invite", online);
  enable (self, "sign-out", state != UI_SESSION_SIGNED_OUT);
  enable (self, "copy-server-address",
          ui_session_get_serving (self->session) &&
              ui_session_get_server_address (self->session) != NULL);
}

static void
add_actions (UiShell *self) {
  static const GActionEntry entries[] = {
      {.name = "answer", .activate = act_answer, .parameter_type = "s"},
      {.name = "answer-audio", .activate = act_answer, .parameter_type = "s"},
      {.name = "decline", .activate = act_answer, .parameter_type = "s"},
      {.name = "open-contact", .activate = act_open_contact, .parameter_type = "s"},
      {.name = "call-back", .activate = act_open_contact, .parameter_type = "s"},
      {.name = "show-call", .activate = act_show_call},
      {.name = "present", .activate = act_present},
      {.name = "add-contact", .activate = act_add_contact},
      {.name = "copy-invite", .activate = act_copy_invite},
      {.name = "copy-server-address", .activate = act_copy_server_address},
      {.name = "preferences", .activate = act_preferences},
      {.name = "shortcuts", .activate = act_shortcuts},
      {.name = "about", .activate = act_about},
      {.name = "sign-out", .activate = act_sign_out},
      {.name = "quit", .activate = act_quit},
  };
  static const struct {
    const char *action;
    const char *keys[2];
  } accels[] = {
      {"app.add-contact", {"<Control>n", NULL}},
      {"app.copy-invite", {"<Control><Shift>i", NULL}},
      {"app.preferences", {"<Control>comma", NULL}},
      {"app.shortcuts", {"<Control>question", NULL}},
      {"app.quit", {"<Control>q", NULL}},
  };
  g_action_map_add_action_entries (G_ACTION_MAP (self->application), entries,
                                   G_N_ELEMENTS (entries), self);
  for (gsize i = 0; i < G_N_ELEMENTS (accels); i++) {
    gtk_application_set_accels_for_action (GTK_APPLICATION (self->application), accels[i].action,
                                           accels[i].keys);
  }
}

static void
on_autostart (UiShell *self) {
  g_autoptr (GError) error = NULL;
  const gboolean on = g_settings_get_boolean (self->settings, "start-in-background");
  if (!ui_autostart_set (g_get_user_config_dir (), on, &error)) {
    g_warning ("Autostart: %s", error->message);
    ui_shell_toast (self, _ ("Starting with the computer could not be changed."));
  }
}

UiShell *
ui_shell_new (AdwApplication *application, UiSession *session, UiIntents *intents,
              GSettings *settings, const char *version) {
  UiShell *self = g_object_new (UI_TYPE_SHELL, NULL);
  self->application = application;
  self->session = g_object_ref (session);
  self->intents = g_object_ref (intents);
  self->settings = g_object_ref (settings);
  self->version = g_strdup (version);
  self->notifier = ui_notifier_new (G_APPLICATION (application), session, settings);
  add_actions (self);
  g_signal_connect_object (session, "notify", G_CALLBACK (on_session), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::call", G_CALLBACK (on_call), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "changed::stay-reachable", G_CALLBACK (update_hold), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (settings, "changed::start-in-background", G_CALLBACK (on_autostart),
                           self, G_CONNECT_SWAPPED);
  on_session (self);
  on_call (self);
  return self;
}

static void
ui_shell_finalize (GObject *object) {
  UiShell *self = UI_SHELL (object);
  if (self->holding) {
    g_application_release (G_APPLICATION (self->application));
  }
  g_clear_weak_pointer (&self->main_window);
  g_clear_weak_pointer (&self->call_window);
  g_clear_weak_pointer (&self->preferences);
  g_clear_weak_pointer (&self->shortcuts);
  g_clear_object (&self->notifier);
  g_clear_object (&self->session);
  g_clear_object (&self->intents);
  g_clear_object (&self->settings);
  g_free (self->version);
  G_OBJECT_CLASS (ui_shell_parent_class)->finalize (object);
}

static void
ui_shell_class_init (UiShellClass *klass) {
  G_OBJECT_CLASS (klass)->finalize = ui_shell_finalize;
}

static void
ui_shell_init (UiShell *self G_GNUC_UNUSED) {
}

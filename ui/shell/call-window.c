/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the window in which a call rings and runs. */
#include "ui/shell/call-window.h"
#include "ui/pages/call-page.h"

#include <glib/gi18n.h>

struct _UiCallWindow {
  AdwApplicationWindow parent_instance;

  /* owned */
  UiSession *session;
  UiIntents *intents;
  UiCall *call; /* the one shown */

  UiCallPage *page; /* borrowed: the content */
};

G_DEFINE_FINAL_TYPE (UiCallWindow, ui_call_window, ADW_TYPE_APPLICATION_WINDOW)

static void
update_title (UiCallWindow *self) {
  if (self->call != NULL) {
    /* Translators: the title of the window of a call; %s is a person's name. */
    g_autofree char *title = g_strdup_printf (
        _ ("Call with %s"), ui_contact_get_name (ui_call_get_contact (self->call)));
    gtk_window_set_title (GTK_WINDOW (self), title);
  }
}

static void
on_call (UiCallWindow *self) {
  UiCall *call = self->session != NULL ? ui_session_get_call (self->session) : NULL;
  if (call == NULL || call == self->call) {
    return; /* an ended call stays until it was read */
  }
  if (ui_call_get_state (call) == UI_CALL_ENDED && ui_call_get_end_reason (call) == NULL) {
    return;
  }
  g_set_object (&self->call, call);
  ui_call_page_set_call (self->page, call);
  update_title (self);
  gtk_window_present (GTK_WINDOW (self));
}

/* The shell makes another one for the next call: GTK 4.8 ends the program when a screen reader asks
 * for a window that was only hidden. */
static void
close_quietly (UiCallWindow *self) {
  ui_call_page_set_call (self->page, NULL);
  g_clear_object (&self->call);
  gtk_window_destroy (GTK_WINDOW (self));
}

static gboolean
ui_call_window_close_request (GtkWindow *window) {
  UiCallWindow *self = UI_CALL_WINDOW (window);
  if (self->call == NULL || ui_call_get_state (self->call) == UI_CALL_ENDED) {
    close_quietly (self);
  } else if (ui_call_is_ringing_here (self->call)) {
    ui_intents_silence_call (self->intents, self->call);
    gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  } else {
    ui_call_page_leave (self->page);
  }
  return GDK_EVENT_STOP;
}

static void
toggle_fullscreen (UiCallWindow *self) {
  if (gtk_window_is_fullscreen (GTK_WINDOW (self))) {
    gtk_window_unfullscreen (GTK_WINDOW (self));
  } else {
    gtk_window_fullscreen (GTK_WINDOW (self));
  }
}

static void
on_fullscreened (UiCallWindow *self) {
  ui_call_page_set_fullscreen (self->page, gtk_window_is_fullscreen (GTK_WINDOW (self)));
}

static void
act_mute (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED) {
  UiCallWindow *self = UI_CALL_WINDOW (widget);
  if (self->call != NULL && ui_call_get_has_microphone (self->call)) {
    ui_intents_set_muted (self->intents, self->call, !ui_call_get_muted (self->call));
  }
}

static void
act_camera (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED) {
  UiCallWindow *self = UI_CALL_WINDOW (widget);
  if (self->call != NULL && ui_call_get_has_camera (self->call)) {
    ui_intents_set_camera (self->intents, self->call, !ui_call_get_camera_on (self->call));
  }
}

static void
act_hang_up (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED) {
  UiCallWindow *self = UI_CALL_WINDOW (widget);
  if (self->call != NULL && !ui_call_is_ringing_here (self->call)) {
    ui_call_page_leave (self->page);
  }
}

static void
act_answer (GtkWidget *widget, const char *name, GVariant *parameter G_GNUC_UNUSED) {
  UiCallWindow *self = UI_CALL_WINDOW (widget);
  if (self->call == NULL || !ui_call_is_ringing_here (self->call)) {
    return;
  }
  if (g_str_equal (name, "call.decline")) {
    ui_call_page_leave (self->page);
  } else {
    const gboolean with_video =
        ui_call_get_with_video (self->call) && g_str_equal (name, "call.accept");
    ui_intents_accept_call (self->intents, self->call, with_video);
  }
}

static void
act_fullscreen (GtkWidget *widget, const char *name G_GNUC_UNUSED,
                GVariant *parameter G_GNUC_UNUSED) {
  toggle_fullscreen (UI_CALL_WINDOW (widget));
}

static void
act_move (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED) {
  ui_call_page_move_local_view (UI_CALL_WINDOW (widget)->page);
}

/* Escape leaves the whole screen, then stops the ring tone; it never ends a call. */
static void
act_escape (GtkWidget *widget, const char *name G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED) {
  UiCallWindow *self = UI_CALL_WINDOW (widget);
  if (gtk_window_is_fullscreen (GTK_WINDOW (self))) {
    gtk_window_unfullscreen (GTK_WINDOW (self));
  } else if (self->call != NULL && ui_call_is_ringing_here (self->call)) {
    ui_intents_silence_call (self->intents, self->call);
  } else if (self->call != NULL && ui_call_get_state (self->call) == UI_CALL_ENDED) {
    close_quietly (self);
  }
}

GtkWidget *
ui_call_window_new (GtkApplication *application, UiSession *session, UiIntents *intents) {
  UiCallWindow *self = g_object_new (UI_TYPE_CALL_WINDOW, "application", application, NULL);
  self->session = g_object_ref (session);
  self->intents = g_object_ref (intents);
  ui_call_page_set_up (self->page, ui_session_get_devices (session), intents);
  g_signal_connect_object (session, "notify::call", G_CALLBACK (on_call), self, G_CONNECT_SWAPPED);
  on_call (self);
  return GTK_WIDGET (self);
}

static void
ui_call_window_dispose (GObject *object) {
  UiCallWindow *self = UI_CALL_WINDOW (object);
  g_clear_object (&self->session);
  g_clear_object (&self->intents);
  g_clear_object (&self->call);
  G_OBJECT_CLASS (ui_call_window_parent_class)->dispose (object);
}

static void
add_keys (GtkWidgetClass *widget_class) {
  static const struct {
    guint key;
    GdkModifierType modifiers;
    const char *action;
  } keys[] = {
      {GDK_KEY_m, 0, "call.mute"},
      {GDK_KEY_d, GDK_CONTROL_MASK, "call.mute"},
      {GDK_KEY_v, 0, "call.camera"},
      {GDK_KEY_e, GDK_CONTROL_MASK, "call.camera"},
      {GDK_KEY_h, GDK_CONTROL_MASK, "call.hang-up"},
      {GDK_KEY_F11, 0, "call.fullscreen"},
      {GDK_KEY_p, 0, "call.move-picture"},
      {GDK_KEY_Escape, 0, "call.escape"},
      {GDK_KEY_A, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "call.accept"},
      {GDK_KEY_V, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "call.accept-audio"},
      {GDK_KEY_D, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "call.decline"},
      {GDK_KEY_w, GDK_CONTROL_MASK, "window.close"},
  };
  gtk_widget_class_install_action (widget_class, "call.mute", NULL, act_mute);
  gtk_widget_class_install_action (widget_class, "call.camera", NULL, act_camera);
  gtk_widget_class_install_action (widget_class, "call.hang-up", NULL, act_hang_up);
  gtk_widget_class_install_action (widget_class, "call.accept", NULL, act_answer);
  gtk_widget_class_install_action (widget_class, "call.accept-audio", NULL, act_answer);
  gtk_widget_class_install_action (widget_class, "call.decline", NULL, act_answer);
  gtk_widget_class_install_action (widget_class, "call.fullscreen", NULL, act_fullscreen);
  gtk_widget_class_install_action (widget_class, "call.move-picture", NULL, act_move);
  gtk_widget_class_install_action (widget_class, "call.escape", NULL, act_escape);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++) {
    gtk_widget_class_add_binding_action (widget_class, keys[i].key, keys[i].modifiers,
                                         keys[i].action, NULL);
  }
}

static void
ui_call_window_class_init (UiCallWindowClass *klass) {
  G_OBJECT_CLASS (klass)->dispose = ui_call_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = ui_call_window_close_request;
  add_keys (GTK_WIDGET_CLASS (klass));
}

static void
ui_call_window_init (UiCallWindow *self) {
  self->page = g_object_new (UI_TYPE_CALL_PAGE, NULL);
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (self), GTK_WIDGET (self->page));
  gtk_window_set_default_size (GTK_WINDOW (self), 720, 540);
  gtk_widget_set_size_request (GTK_WIDGET (self), 340, 420);
  gtk_widget_add_css_class (GTK_WIDGET (self), "call-window");
  g_signal_connect_object (self->page, "close", G_CALLBACK (close_quietly), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->page, "toggle-fullscreen", G_CALLBACK (toggle_fullscreen), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect (self, "notify::fullscreened", G_CALLBACK (on_fullscreened), NULL);
}

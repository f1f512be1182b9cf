/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ahoy: the program with windows. Introduces the client to the windows, and is what the desktop
 * starts, activates, hands links to and ends. */
#include "app/client/client.h"
#include "app/desktop/fault-window.h"
#include "app/desktop/places.h"
#include "ui/shell/init.h"
#include "ui/shell/shell.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <signal.h>

typedef struct {
  AppPlaces places;
  AdwApplication *application; /* (owned) */
  GSettings *settings;         /* (owned) NULL where the schema is not installed */
  AppClient *client;           /* (owned) NULL when it could not be made */
  UiShell *shell;              /* (owned) likewise */
  char *fault;                 /* (owned) why it could not */
  guint signals[2];            /* sources: SIGTERM, SIGINT */
  gboolean ending;
} Desktop;

/* ---- The end ---- */

/* Signing off may take a moment; by now no window shows it. */
static gboolean
on_end (gpointer data) {
  Desktop *desktop = data;
  app_client_close (desktop->client);
  g_application_quit (G_APPLICATION (desktop->application));
  return G_SOURCE_REMOVE;
}

static void
end (Desktop *desktop) {
  if (desktop->ending) {
    return;
  }
  desktop->ending = TRUE;
  for (GList *item = gtk_application_get_windows (GTK_APPLICATION (desktop->application));
       item != NULL; item = item->next) {
    gtk_widget_set_visible (GTK_WIDGET (item->data), FALSE);
  }
  g_timeout_add (50, on_end, desktop);
}

static void
on_quit (AppClient *client G_GNUC_UNUSED, gpointer data) {
  end (data);
}

static gboolean
on_signal (gpointer data) {
  Desktop *desktop = data;
  if (desktop->client != NULL) {
    end (desktop);
  } else {
    g_application_quit (G_APPLICATION (desktop->application));
  }
  return G_SOURCE_CONTINUE;
}

/* ---- The beginning ---- */

static void
apply_settings (Desktop *desktop) {
  g_autofree char *resolution = g_settings_get_string (desktop->settings, "video-resolution");
  app_client_set_large_picture (desktop->client, g_str_equal (resolution, "1280x720"));
  app_client_set_privacy (desktop->client,
                          g_settings_get_boolean (desktop->settings, "always-relay"),
                          g_settings_get_boolean (desktop->settings, "address-after-accept"));
  app_client_set_patience (desktop->client,
                           (guint)g_settings_get_int (desktop->settings, "patience"));
  app_client_set_ringing (desktop->client, g_settings_get_boolean (desktop->settings, "ring"));
}

static gboolean
start (Desktop *desktop, GError **error) {
  const AppClientConfig config = {.directory = desktop->places.account,
                                  .sounds = desktop->places.sounds,
                                  .server_program = desktop->places.server_program,
                                  .control_program = desktop->places.control_program,
                                  .camera = "default",
                                  .microphone = "default",
                                  .speaker = "default"};
  desktop->settings = app_places_settings (UI_APPLICATION_ID, error);
  if (desktop->settings == NULL) {
    return FALSE;
  }
  desktop->client = app_client_new (&config, error);
  if (desktop->client == NULL) {
    return FALSE;
  }
  g_signal_connect (desktop->client, "quit", G_CALLBACK (on_quit), desktop);
  apply_settings (desktop);
  g_signal_connect_swapped (desktop->settings, "changed", G_CALLBACK (apply_settings), desktop);
  desktop->shell = ui_shell_new (desktop->application, app_client_get_session (desktop->client),
                                 UI_INTENTS (desktop->client), desktop->settings, AHOY_VERSION);
  app_client_resume (desktop->client);
  return TRUE;
}

static void
on_startup (Desktop *desktop) {
  g_autoptr (GError) error = NULL;
  ui_init_display ();
  if (!start (desktop, &error)) {
    g_warning ("%s", error->message);
    desktop->fault = g_strdup (error->message);
  }
}

static void
show_fault (Desktop *desktop) {
  GtkApplication *application = GTK_APPLICATION (desktop->application);
  GtkWindow *window = gtk_application_get_active_window (application);
  gtk_window_present (
      window != NULL ? window : GTK_WINDOW (app_fault_window_new (application, desktop->fault)));
}

static void
on_activate (Desktop *desktop) {
  if (desktop->shell != NULL) {
    ui_shell_present (desktop->shell);
  } else {
    show_fault (desktop);
  }
}

static void
on_open (Desktop *desktop, GFile **files, int count, const char *hint G_GNUC_UNUSED) {
  on_activate (desktop);
  for (int i = 0; i < count && desktop->shell != NULL; i++) {
    g_autofree char *uri = g_file_get_uri (files[i]);
    ui_shell_open_uri (desktop->shell, uri);
  }
}

static void
on_shutdown (Desktop *desktop) {
  if (desktop->client != NULL) {
    app_client_close (desktop->client);
  }
  g_clear_object (&desktop->shell);
  g_clear_object (&desktop->client);
  g_clear_object (&desktop->settings);
}

int
main (int argc, char **argv) {
  Desktop desktop = {0};
  app_places_init (&desktop.places);
  ui_init (desktop.places.locales);
  g_set_application_name ("Ahoy");
  (void)signal (SIGPIPE, SIG_IGN);
  desktop.application = adw_application_new (UI_APPLICATION_ID, G_APPLICATION_HANDLES_OPEN);
  g_signal_connect_swapped (desktop.application, "startup", G_CALLBACK (on_startup), &desktop);
  g_signal_connect_swapped (desktop.application, "activate", G_CALLBACK (on_activate), &desktop);
  g_signal_connect_swapped (desktop.application, "open", G_CALLBACK (on_open), &desktop);
  g_signal_connect_swapped (desktop.application, "shutdown", G_CALLBACK (on_shutdown), &desktop);
  desktop.signals[0] = g_unix_signal_add (SIGTERM, on_signal, &desktop);
  desktop.signals[1] = g_unix_signal_add (SIGINT, on_signal, &desktop);
  const int status = g_application_run (G_APPLICATION (desktop.application), argc, argv);
  g_source_remove (desktop.signals[0]);
  g_source_remove (desktop.signals[1]);
  g_object_unref (desktop.application);
  g_free (desktop.fault);
  app_places_clear (&desktop.places);
  return status;
}

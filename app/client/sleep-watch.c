/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/client/sleep-watch.h"

struct AppSleepWatch {
  GDBusConnection *bus; /* (referenced) */
  guint subscription;
  void (*woke) (gpointer data);
  gpointer data;
};

static void
on_signal (GDBusConnection *bus, const char *sender, const char *path, const char *interface,
           const char *signal, GVariant *parameters, gpointer data) {
  const AppSleepWatch *watch = data;
  (void)bus, (void)sender, (void)path, (void)interface, (void)signal;
  gboolean goes_to_sleep = TRUE;
  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)"))) {
    g_variant_get (parameters, "(b)", &goes_to_sleep);
  }
  if (!goes_to_sleep) {
    watch->woke (watch->data);
  }
}

AppSleepWatch *
app_sleep_watch_new (GDBusConnection *bus, void (*woke) (gpointer data), gpointer data) {
  AppSleepWatch *watch = g_new0 (AppSleepWatch, 1);
  *watch = (AppSleepWatch){.bus = g_object_ref (bus), .woke = woke, .data = data};
  watch->subscription = g_dbus_connection_signal_subscribe (
      bus, "org.freedesktop.login1", "org.freedesktop.login1.Manager", "PrepareForSleep",
      "/org/freedesktop/login1", NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_signal, watch, NULL);
  return watch;
}

void
app_sleep_watch_free (AppSleepWatch *watch) {
  if (watch != NULL) {
    g_dbus_connection_signal_unsubscribe (watch->bus, watch->subscription);
    g_object_unref (watch->bus);
    g_free (watch);
  }
}

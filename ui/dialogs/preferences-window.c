/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for what a person can set. */
#include "ui/dialogs/preferences-window.h"
#include "ui/video/video-view.h"
#include "ui/widgets/level-meter.h"

#include <glib/gi18n.h>

struct _UiPreferencesWindow {
  AdwPreferencesWindow parent_instance;

  /* owned */
  UiDevices *devices;
  UiIntents *intents;
  GSettings *settings;

  gboolean updating; /* rows are being set from the model */

  /* template children */
  UiVideoView *preview;
  GtkWidget *no_preview;
  UiLevelMeter *meter;
  AdwComboRow *camera_row;
  AdwComboRow *microphone_row;
  AdwComboRow *speaker_row;
  AdwComboRow *resolution_row;
  AdwComboRow *patience_row;
  GtkSwitch *autostart_switch;
  GtkSwitch *background_switch;
  GtkSwitch *ring_switch;
  GtkSwitch *preview_switch;
  GtkSwitch *accept_switch;
  GtkSwitch *relay_switch;
};

G_DEFINE_FINAL_TYPE (UiPreferencesWindow, ui_preferences_window, ADW_TYPE_PREFERENCES_WINDOW)

static const char *const resolutions[] = {"640x480", "1280x720"};
static const int patiences_s[] = {10, 60, 180, 600};

static AdwComboRow *
row_of (UiPreferencesWindow *self, UiDeviceKind kind) {
  AdwComboRow *const rows[UI_DEVICE_KINDS] = {self->camera_row, self->microphone_row,
                                              self->speaker_row};
  return rows[kind];
}

static void
update_row (UiPreferencesWindow *self, UiDeviceKind kind) {
  GListModel *list = ui_devices_get_list (self->devices, kind);
  const char *chosen = ui_devices_get_chosen (self->devices, kind);
  const guint count = g_list_model_get_n_items (list);
  AdwComboRow *row = row_of (self, kind);
  self->updating = TRUE;
  for (guint i = 0; i < count; i++) {
    g_autoptr (UiDevice) device = g_list_model_get_item (list, i);
    if (g_strcmp0 (ui_device_get_id (device), chosen) == 0) {
      adw_combo_row_set_selected (row, i);
    }
  }
  gtk_widget_set_sensitive (GTK_WIDGET (row), count > 0);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), count > 0 ? "" : _ ("None is plugged in"));
  self->updating = FALSE;
}

static void
update (UiPreferencesWindow *self) {
  for (int kind = 0; kind < UI_DEVICE_KINDS; kind++) {
    update_row (self, (UiDeviceKind)kind);
  }
  ui_level_meter_set_level_permille (self->meter, ui_devices_get_level_permille (self->devices));
}

static void
on_preview (UiPreferencesWindow *self) {
  gtk_widget_set_visible (self->no_preview, !ui_video_view_get_has_picture (self->preview));
}

static void
on_level (UiPreferencesWindow *self) {
  ui_level_meter_set_level_permille (self->meter, ui_devices_get_level_permille (self->devices));
}

static void
on_selected (AdwComboRow *row, GParamSpec *pspec G_GNUC_UNUSED, UiPreferencesWindow *self) {
  UiDevice *device = adw_combo_row_get_selected_item (row);
  if (!self->updating && device != NULL) {
    ui_intents_choose_device (self->intents, ui_device_get_kind (device),
                              ui_device_get_id (device));
  }
}

static void
on_resolution (UiPreferencesWindow *self) {
  const guint selected = adw_combo_row_get_selected (self->resolution_row);
  if (selected < G_N_ELEMENTS (resolutions)) {
    g_settings_set_string (self->settings, "video-resolution", resolutions[selected]);
  }
}

static void
on_patience (UiPreferencesWindow *self) {
  const guint selected = adw_combo_row_get_selected (self->patience_row);
  if (selected < G_N_ELEMENTS (patiences_s)) {
    g_settings_set_int (self->settings, "patience", patiences_s[selected]);
  }
}

static void
on_test_sound (UiPreferencesWindow *self) {
  ui_intents_play_test_sound (self->intents);
}

static void
bind_devices (UiPreferencesWindow *self) {
  static const char *const signals[UI_DEVICE_KINDS] = {"notify::camera", "notify::microphone",
                                                       "notify::speaker"};
  for (int kind = 0; kind < UI_DEVICE_KINDS; kind++) {
    AdwComboRow *row = row_of (self, (UiDeviceKind)kind);
    GListModel *list = ui_devices_get_list (self->devices, (UiDeviceKind)kind);
    g_autoptr (GtkExpression) name = gtk_property_expression_new (UI_TYPE_DEVICE, NULL, "name");
    adw_combo_row_set_expression (row, name);
    self->updating = TRUE;
    adw_combo_row_set_model (row, list);
    self->updating = FALSE;
    g_signal_connect_object (list, "items-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    g_signal_connect_object (self->devices, signals[kind], G_CALLBACK (update), self,
                             G_CONNECT_SWAPPED);
    g_signal_connect_object (row, "notify::selected", G_CALLBACK (on_selected), self, 0);
  }
}

static void
bind_settings (UiPreferencesWindow *self) {
  const GSettingsBindFlags flags = G_SETTINGS_BIND_DEFAULT;
  g_settings_bind (self->settings, "start-in-background", self->autostart_switch, "active", flags);
  g_settings_bind (self->settings, "stay-reachable", self->background_switch, "active", flags);
  g_settings_bind (self->settings, "ring", self->ring_switch, "active", flags);
  g_settings_bind (self->settings, "notify-with-text", self->preview_switch, "active", flags);
  g_settings_bind (self->settings, "address-after-accept", self->accept_switch, "active", flags);
  g_settings_bind (self->settings, "always-relay", self->relay_switch, "active", flags);

  g_autofree char *resolution = g_settings_get_string (self->settings, "video-resolution");
  for (guint i = 0; i < G_N_ELEMENTS (resolutions); i++) {
    if (g_strcmp0 (resolution, resolutions[i]) == 0) {
      adw_combo_row_set_selected (self->resolution_row, i);
    }
  }
  g_signal_connect_object (self->resolution_row, "notify::selected", G_CALLBACK (on_resolution),
                           self, G_CONNECT_SWAPPED);
  const int patience_s = g_settings_get_int (self->settings, "patience");
  for (guint i = 0; i < G_N_ELEMENTS (patiences_s) && patiences_s[i] <= patience_s; i++) {
    adw_combo_row_set_selected (self->patience_row, i);
  }
  g_signal_connect_object (self->patience_row, "notify::selected", G_CALLBACK (on_patience), self,
                           G_CONNECT_SWAPPED);
}

GtkWidget *
ui_preferences_window_new (UiDevices *devices, UiIntents *intents, GSettings *settings) {
  UiPreferencesWindow *self = g_object_new (UI_TYPE_PREFERENCES_WINDOW, NULL);
  self->devices = g_object_ref (devices);
  self->intents = g_object_ref (intents);
  self->settings = g_object_ref (settings);
  g_signal_connect_object (self->preview, "notify::has-picture", G_CALLBACK (on_preview), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (devices, "notify::level-permille", G_CALLBACK (on_level), self,
                           G_CONNECT_SWAPPED);
  ui_video_view_set_slot (self->preview, ui_devices_get_preview_frames (devices));
  bind_devices (self);
  bind_settings (self);
  update (self);
  on_preview (self);
  return GTK_WIDGET (self);
}

static void
ui_preferences_window_map (GtkWidget *widget) {
  GTK_WIDGET_CLASS (ui_preferences_window_parent_class)->map (widget);
  ui_intents_set_preview (UI_PREFERENCES_WINDOW (widget)->intents, TRUE);
}

static void
ui_preferences_window_unmap (GtkWidget *widget) {
  ui_intents_set_preview (UI_PREFERENCES_WINDOW (widget)->intents, FALSE);
  GTK_WIDGET_CLASS (ui_preferences_window_parent_class)->unmap (widget);
}

static void
ui_preferences_window_dispose (GObject *object) {
  UiPreferencesWindow *self = UI_PREFERENCES_WINDOW (object);
  self->updating = TRUE;
  G_OBJECT_CLASS (ui_preferences_window_parent_class)->dispose (object);
}

static void
ui_preferences_window_finalize (GObject *object) {
  UiPreferencesWindow *self = UI_PREFERENCES_WINDOW (object);
  g_clear_object (&self->devices);
  g_clear_object (&self->intents);
  g_clear_object (&self->settings);
  G_OBJECT_CLASS (ui_preferences_window_parent_class)->finalize (object);
}

static void
ui_preferences_window_class_init (UiPreferencesWindowClass *klass) {
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  G_OBJECT_CLASS (klass)->dispose = ui_preferences_window_dispose;
  G_OBJECT_CLASS (klass)->finalize = ui_preferences_window_finalize;
  widget_class->map = ui_preferences_window_map;
  widget_class->unmap = ui_preferences_window_unmap;

  g_type_ensure (UI_TYPE_VIDEO_VIEW);
  g_type_ensure (UI_TYPE_LEVEL_METER);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/ahoycall/Ahoy/dialogs/preferences-window.ui");
  gtk_widget_class_bind_template_child (widget_class, UiPreferencesWindow, preview);
  gtk_widget_class_bind_template_child (widget_class, UiPreferencesWindow, no_preview);
  gtk_widget_class_bind_template_child (widget_class, UiPreferencesWindow, meter);
  gtk_widget_class_bind_template_child (widget_class, UiPreferencesWindow, camera_row);
  gtk_widget_class_bind_template_child (widget_class, UiPreferencesWindow, microphone_row);
  gtk_widget_class_bind_template_child (widget_class, UiPreferencesWindow, speaker_row);
  gtk_widget_class_bind_template_child (widget_class, UiPreferencesWindow, resolution_row);
  gtk_widget_class_bind_template_child (widget_class, UiPreferencesWindow, patience_row);
  gtk_widget_class_bind_template_child (widget_class, UiPreferencesWindow, autostart_switch);
  gtk_widget_class_bind_template_child (widget_class, UiPreferencesWindow, background_switch);
  gtk_widget_class_bind_template_child (widget_class, UiPreferencesWindow, ring_switch);
  gtk_widget_class_bind_template_child (widget_class, UiPreferencesWindow, preview_switch);
  gtk_widget_class_bind_template_child (widget_class, UiPreferencesWindow, accept_switch);
  gtk_widget_class_bind_template_child (widget_class, UiPreferencesWindow, relay_switch);
  gtk_widget_class_bind_template_callback (widget_class, on_test_sound);
}

static void
ui_preferences_window_init (UiPreferencesWindow *self) {
  gtk_widget_init_template (GTK_WIDGET (self));
}

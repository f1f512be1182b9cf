/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for choosing devices in the middle of a call. */
#include "ui/widgets/device-list.h"

#include <glib/gi18n.h>

/* What hangs on the box of one kind. */
typedef struct {
  UiDevices *devices; /* owned */
  UiIntents *intents; /* owned */
  UiDeviceKind kind;
  GtkWidget *box; /* borrowed: it owns this */
} Section;

static void
section_free (gpointer data) {
  Section *section = data;
  g_object_unref (section->devices);
  g_object_unref (section->intents);
  g_free (section);
}

static const char *
title_of (UiDeviceKind kind) {
  switch (kind) {
  case UI_DEVICE_CAMERA:
    return _ ("Camera");
  case UI_DEVICE_MICROPHONE:
    return _ ("Microphone");
  default:
    return _ ("Speaker");
  }
}

static const char *
absence_of (UiDeviceKind kind) {
  switch (kind) {
  case UI_DEVICE_CAMERA:
    return _ ("No camera is plugged in");
  case UI_DEVICE_MICROPHONE:
    return _ ("No microphone is plugged in");
  default:
    return _ ("No speaker is plugged in");
  }
}

static void
on_toggled (GtkCheckButton *button, gpointer data) {
  Section *section = data;
  if (gtk_check_button_get_active (button)) {
    ui_intents_choose_device (section->intents, section->kind,
                              g_object_get_data (G_OBJECT (button), "device-id"));
  }
}

static GtkWidget *
make_label (const char *text, const char *css_class) {
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

static GtkWidget *
make_choice (Section *section, UiDevice *device, GtkWidget *group) {
  GtkWidget *button = gtk_check_button_new_with_label (ui_device_get_name (device));
  gtk_check_button_set_group (GTK_CHECK_BUTTON (button), GTK_CHECK_BUTTON (group));
  g_object_set_data_full (G_OBJECT (button), "device-id", g_strdup (ui_device_get_id (device)),
                          g_free);
  gtk_check_button_set_active (GTK_CHECK_BUTTON (button),
                               g_strcmp0 (ui_devices_get_chosen (section->devices, section->kind),
                                          ui_device_get_id (device)) == 0);
  g_signal_connect (button, "toggled", G_CALLBACK (on_toggled), section);
  return button;
}

static void
clear (GtkWidget *box) {
  GtkWidget *child;
  while ((child = gtk_widget_get_first_child (box)) != NULL) {
    gtk_box_remove (GTK_BOX (box), child);
  }
}

static void
rebuild (GtkWidget *box) {
  Section *section = g_object_get_data (G_OBJECT (box), "section");
  clear (box);
  gtk_box_append (GTK_BOX (box), make_label (title_of (section->kind), "heading"));
  GListModel *list = ui_devices_get_list (section->devices, section->kind);
  const guint count = g_list_model_get_n_items (list);
  GtkWidget *group = NULL;
  for (guint i = 0; i < count; i++) {
    g_autoptr (UiDevice) device = g_list_model_get_item (list, i);
    GtkWidget *choice = make_choice (section, device, group);
    gtk_box_append (GTK_BOX (box), choice);
    group = choice;
  }
  if (count == 0) {
    gtk_box_append (GTK_BOX (box), make_label (absence_of (section->kind), "dim-label"));
  }
}

/* Another one was chosen, here or elsewhere: only the marks move, so that the focus stays. */
static void
mark_chosen (GtkWidget *box) {
  Section *section = g_object_get_data (G_OBJECT (box), "section");
  const char *chosen = ui_devices_get_chosen (section->devices, section->kind);
  for (GtkWidget *child = gtk_widget_get_first_child (box); child != NULL;
       child = gtk_widget_get_next_sibling (child)) {
    const char *id = g_object_get_data (G_OBJECT (child), "device-id");
    if (id != NULL && g_strcmp0 (id, chosen) == 0) {
      gtk_check_button_set_active (GTK_CHECK_BUTTON (child), TRUE);
    }
  }
}

static GtkWidget *
make_section (UiDevices *devices, UiIntents *intents, UiDeviceKind kind) {
  static const char *const signals[UI_DEVICE_KINDS] = {"notify::camera", "notify::microphone",
                                                       "notify::speaker"};
  Section *section = g_new0 (Section, 1);
  section->devices = g_object_ref (devices);
  section->intents = g_object_ref (intents);
  section->kind = kind;
  section->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  g_object_set_data_full (G_OBJECT (section->box), "section", section, section_free);

  g_signal_connect_object (ui_devices_get_list (devices, kind), "items-changed",
                           G_CALLBACK (rebuild), section->box, G_CONNECT_SWAPPED);
  g_signal_connect_object (devices, signals[kind], G_CALLBACK (mark_chosen), section->box,
                           G_CONNECT_SWAPPED);
  rebuild (section->box);
  return section->box;
}

GtkWidget *
ui_device_list_new (UiDevices *devices, UiIntents *intents) {
  g_return_val_if_fail (UI_IS_DEVICES (devices) && UI_IS_INTENTS (intents), NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 14);
  gtk_widget_add_css_class (box, "device-list");
  for (int kind = 0; kind < UI_DEVICE_KINDS; kind++) {
    gtk_box_append (GTK_BOX (box), make_section (devices, intents, (UiDeviceKind)kind));
  }
  return box;
}

/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers for the devices one can choose from. */
#include "ui/model/device.h"
#include "ui/model/property.h"

struct _UiDevice {
  GObject parent_instance;

  UiDeviceKind kind;
  char *id;   /* owned */
  char *name; /* owned */
};

G_DEFINE_FINAL_TYPE (UiDevice, ui_device, G_TYPE_OBJECT)

enum { PROP_KIND = 1, PROP_ID, PROP_NAME, N_DEVICE_PROPS };

UiDevice *
ui_device_new (UiDeviceKind kind, const char *id, const char *name) {
  return g_object_new (UI_TYPE_DEVICE, "kind", kind, "id", id, "name", name, NULL);
}

UiDeviceKind
ui_device_get_kind (UiDevice *self) {
  g_return_val_if_fail (UI_IS_DEVICE (self), UI_DEVICE_CAMERA);
  return self->kind;
}

const char *
ui_device_get_id (UiDevice *self) {
  g_return_val_if_fail (UI_IS_DEVICE (self), "");
  return self->id;
}

const char *
ui_device_get_name (UiDevice *self) {
  g_return_val_if_fail (UI_IS_DEVICE (self), "");
  return self->name;
}

static void
ui_device_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec) {
  UiDevice *self = UI_DEVICE (object);
  switch (id) {
  case PROP_KIND:
    g_value_set_enum (value, (int)self->kind);
    break;
  case PROP_ID:
    g_value_set_string (value, self->id);
    break;
  case PROP_NAME:
    g_value_set_string (value, self->name);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
ui_device_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec) {
  UiDevice *self = UI_DEVICE (object);
  switch (id) {
  case PROP_KIND:
    self->kind = (UiDeviceKind)g_value_get_enum (value);
    break;
  case PROP_ID:
    self->id = g_value_dup_string (value);
    break;
  case PROP_NAME:
    self->name = g_value_dup_string (value);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
ui_device_finalize (GObject *object) {
  UiDevice *self = UI_DEVICE (object);
  g_free (self->id);
  g_free (self->name);
  G_OBJECT_CLASS (ui_device_parent_class)->finalize (object);
}

static void
ui_device_class_init (UiDeviceClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->get_property = ui_device_get_property;
  object_class->set_property = ui_device_set_property;
  object_class->finalize = ui_device_finalize;
  g_object_class_install_property (
      object_class, PROP_KIND,
      g_param_spec_enum ("kind", NULL, NULL, UI_TYPE_DEVICE_KIND, UI_DEVICE_CAMERA, UI_FIXED));
  g_object_class_install_property (object_class, PROP_ID,
                                   g_param_spec_string ("id", NULL, NULL, "", UI_FIXED));
  g_object_class_install_property (object_class, PROP_NAME,
                                   g_param_spec_string ("name", NULL, NULL, "", UI_FIXED));
}

static void
ui_device_init (UiDevice *self G_GNUC_UNUSED) {
}

struct _UiDevices {
  GObject parent_instance;

  /* owned */
  GListStore *lists[UI_DEVICE_KINDS];
  char *chosen[UI_DEVICE_KINDS];
  UiFrameSlot *preview_frames;

  guint level_permille;
};

G_DEFINE_FINAL_TYPE (UiDevices, ui_devices, G_TYPE_OBJECT)

/* The first three are UiDeviceKind + 1. */
enum {
  PROP_CAMERA = 1,
  PROP_MICROPHONE,
  PROP_SPEAKER,
  PROP_LEVEL_PERMILLE,
  PROP_PREVIEW_FRAMES,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

UiDevices *
ui_devices_new (void) {
  return g_object_new (UI_TYPE_DEVICES, NULL);
}

GListModel *
ui_devices_get_list (UiDevices *self, UiDeviceKind kind) {
  g_return_val_if_fail (UI_IS_DEVICES (self) && (guint)kind < UI_DEVICE_KINDS, NULL);
  return G_LIST_MODEL (self->lists[kind]);
}

static gboolean
find_device (GListStore *list, const char *id, guint *position) {
  const guint count = g_list_model_get_n_items (G_LIST_MODEL (list));
  for (guint i = 0; i < count; i++) {
    g_autoptr (UiDevice) device = g_list_model_get_item (G_LIST_MODEL (list), i);
    if (g_strcmp0 (device->id, id) == 0) {
      *position = i;
      return TRUE;
    }
  }
  return FALSE;
}

void
ui_devices_add (UiDevices *self, UiDevice *device) {
  g_return_if_fail (UI_IS_DEVICES (self) && UI_IS_DEVICE (device));
  GListStore *list = self->lists[device->kind];
  guint position = 0;
  if (find_device (list, device->id, &position)) {
    g_list_store_splice (list, position, 1, (gpointer *)&device, 1);
  } else {
    g_list_store_append (list, device);
  }
}

void
ui_devices_remove (UiDevices *self, UiDeviceKind kind, const char *id) {
  g_return_if_fail (UI_IS_DEVICES (self) && (guint)kind < UI_DEVICE_KINDS);
  guint position = 0;
  if (find_device (self->lists[kind], id, &position)) {
    g_list_store_remove (self->lists[kind], position);
  }
}

const char *
ui_devices_get_chosen (UiDevices *self, UiDeviceKind kind) {
  g_return_val_if_fail (UI_IS_DEVICES (self) && (guint)kind < UI_DEVICE_KINDS, NULL);
  return self->chosen[kind];
}

void
ui_devices_set_chosen (UiDevices *self, UiDeviceKind kind, const char *id) {
  g_return_if_fail (UI_IS_DEVICES (self) && (guint)kind < UI_DEVICE_KINDS);
  ui_property_set_string (self, &self->chosen[kind], id, props[kind + 1]);
}

guint
ui_devices_get_level_permille (UiDevices *self) {
  g_return_val_if_fail (UI_IS_DEVICES (self), 0);
  return self->level_permille;
}

void
ui_devices_set_level_permille (UiDevices *self, guint level) {
  g_return_if_fail (UI_IS_DEVICES (self));
  ui_property_set_uint (self, &self->level_permille, MIN (level, 1000), props[PROP_LEVEL_PERMILLE]);
}

UiFrameSlot *
ui_devices_get_preview_frames (UiDevices *self) {
  g_return_val_if_fail (UI_IS_DEVICES (self), NULL);
  return self->preview_frames;
}

static void
ui_devices_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec) {
  UiDevices *self = UI_DEVICES (object);
  switch (id) {
  case PROP_CAMERA:
  case PROP_MICROPHONE:
  case PROP_SPEAKER:
    g_value_set_string (value, self->chosen[id - 1]);
    break;
  case PROP_LEVEL_PERMILLE:
    g_value_set_uint (value, self->level_permille);
    break;
  case PROP_PREVIEW_FRAMES:
    g_value_set_object (value, self->preview_frames);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
ui_devices_finalize (GObject *object) {
  UiDevices *self = UI_DEVICES (object);
  for (guint i = 0; i < UI_DEVICE_KINDS; i++) {
    g_object_unref (self->lists[i]);
    g_free (self->chosen[i]);
  }
  g_object_unref (self->preview_frames);
  G_OBJECT_CLASS (ui_devices_parent_class)->finalize (object);
}

static void
ui_devices_class_init (UiDevicesClass *klass) {
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  object_class->get_property = ui_devices_get_property;
  object_class->finalize = ui_devices_finalize;

  props[PROP_CAMERA] = g_param_spec_string ("camera", NULL, NULL, NULL, UI_READABLE);
  props[PROP_MICROPHONE] = g_param_spec_string ("microphone", NULL, NULL, NULL, UI_READABLE);
  props[PROP_SPEAKER] = g_param_spec_string ("speaker", NULL, NULL, NULL, UI_READABLE);
  props[PROP_LEVEL_PERMILLE] =
      g_param_spec_uint ("level-permille", NULL, NULL, 0, 1000, 0, UI_READABLE);
  props[PROP_PREVIEW_FRAMES] =
      g_param_spec_object ("preview-frames", NULL, NULL, UI_TYPE_FRAME_SLOT, UI_READABLE);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
ui_devices_init (UiDevices *self) {
  for (guint i = 0; i < UI_DEVICE_KINDS; i++) {
    self->lists[i] = g_list_store_new (UI_TYPE_DEVICE);
  }
  self->preview_frames = ui_frame_slot_new ();
}

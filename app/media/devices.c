/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "app/media/devices.h"

#include "app/media/devices-private.h"

#include <string.h>

typedef struct {
  GstDevice *device; /* (owned) */
  AppDevice public;  /* id and name owned */
  char *v4l2_path;   /* (owned) the kernel's device behind a camera, or NULL */
  bool is_v4l2;
  bool visible; /* listeners know of it */
} Entry;

typedef struct {
  guint id;
  AppDevicesListener listener;
} Listening;

struct AppDevices {
  GMainContext *context; /* owned */
  GstDeviceMonitor *monitor;
  GSource *watch;
  GPtrArray *entries; /* of Entry */
  GArray *listeners;  /* of Listening */
  guint last_listener;
};

static void
free_entry (void *data) {
  Entry *entry = data;
  gst_object_unref (entry->device);
  g_free ((char *)entry->public.id);
  g_free ((char *)entry->public.name);
  g_free (entry->v4l2_path);
  g_free (entry);
}

static char *
take_text (const GstStructure *properties, const char *name) {
  return properties != NULL ? g_strdup (gst_structure_get_string (properties, name)) : NULL;
}

/* Sound: only what the sound server names, for PipeWire's own elements for sound are not to be
 * trusted (they crash in 0.3.65), and the same device would stand there twice. The monitor of a
 * speaker is no microphone. */
static bool
read_pulse (Entry *entry, const char *class, const GstStructure *properties) {
  const char *device_class =
      properties != NULL ? gst_structure_get_string (properties, "device.class") : NULL;
  if (g_strcmp0 (device_class, "monitor") == 0) {
    return false;
  }
  entry->public.kind =
      strcmp (class, "Audio/Source") == 0 ? APP_DEVICE_MICROPHONE : APP_DEVICE_SPEAKER;
  g_autofree char *internal = NULL;
  g_object_get (entry->device, "internal-name", &internal, NULL);
  entry->public.id = g_strconcat ("pulse:", internal, NULL);
  gboolean is_default = FALSE;
  if (properties != NULL && gst_structure_get_boolean (properties, "is-default", &is_default)) {
    entry->public.is_default = is_default;
  }
  return internal != NULL;
}

static bool
read_camera (Entry *entry, const char *type, const GstStructure *properties) {
  entry->public.kind = APP_DEVICE_CAMERA;
  entry->is_v4l2 = strcmp (type, "GstV4l2Device") == 0;
  if (entry->is_v4l2) {
    entry->v4l2_path = take_text (properties, "device.path");
    entry->public.id = g_strconcat ("v4l2:", entry->v4l2_path, NULL);
    return entry->v4l2_path != NULL;
  }
  entry->v4l2_path = take_text (properties, "api.v4l2.path");
  g_autofree char *node = take_text (properties, "node.name");
  entry->public.id = g_strconcat ("pipewire:", node, NULL);
  return node != NULL;
}

/* Returns NULL for what is not ours to list. */
static Entry *
new_entry (GstDevice *device) {
  Entry *entry = g_new0 (Entry, 1);
  entry->device = gst_object_ref (device);
  entry->public.name = gst_device_get_display_name (device);
  g_autofree char *class = gst_device_get_device_class (device);
  const char *type = G_OBJECT_TYPE_NAME (device);
  GstStructure *properties = gst_device_get_properties (device);
  bool ours = false;
  if (strcmp (type, "GstPulseDevice") == 0 && g_str_has_prefix (class, "Audio/")) {
    ours = read_pulse (entry, class, properties);
  } else if (strcmp (class, "Video/Source") == 0) {
    ours = (strcmp (type, "GstPipeWireDevice") == 0 || strcmp (type, "GstV4l2Device") == 0) &&
           read_camera (entry, type, properties);
  }
  g_clear_pointer (&properties, gst_structure_free);
  if (!ours) {
    free_entry (entry);
    return NULL;
  }
  return entry;
}

typedef void (*Tell) (void *data, const AppDevice *device);

static void
tell (AppDevices *devices, const AppDevice *device, size_t which) {
  g_autoptr (GArray) listeners = g_array_copy (devices->listeners);
  for (guint i = 0; i < listeners->len; i++) {
    const AppDevicesListener *listener = &g_array_index (listeners, Listening, i).listener;
    Tell function;
    memcpy (&function, (const char *)listener + which, sizeof function);
    if (function != NULL) {
      function (listener->data, device);
    }
  }
}

#define TELL(devices, device, what) tell (devices, device, offsetof (AppDevicesListener, what))

/* A camera that PipeWire offers hides the kernel's device behind it. */
static bool
should_be_visible (AppDevices *devices, const Entry *entry) {
  for (guint i = 0; entry->is_v4l2 && i < devices->entries->len; i++) {
    const Entry *other = devices->entries->pdata[i];
    if (!other->is_v4l2 && g_strcmp0 (other->v4l2_path, entry->v4l2_path) == 0) {
      return false;
    }
  }
  return true;
}

static void
refresh (AppDevices *devices) {
  for (guint i = 0; i < devices->entries->len; i++) {
    Entry *entry = devices->entries->pdata[i];
    const bool visible = should_be_visible (devices, entry);
    if (visible == entry->visible) {
      continue;
    }
    entry->visible = visible;
    if (visible) {
      TELL (devices, &entry->public, added);
    } else {
      TELL (devices, &entry->public, removed);
    }
  }
}

static bool
find_same (AppDevices *devices, const AppDevice *device, guint *index) {
  for (guint i = 0; i < devices->entries->len; i++) {
    const Entry *entry = devices->entries->pdata[i];
    if (entry->public.kind == device->kind && strcmp (entry->public.id, device->id) == 0) {
      *index = i;
      return true;
    }
  }
  return false;
}

static void
add (AppDevices *devices, GstDevice *device) {
  Entry *entry = new_entry (device);
  if (entry == NULL) {
    return;
  }
  guint index;
  if (!find_same (devices, &entry->public, &index)) {
    g_ptr_array_add (devices->entries, entry);
    refresh (devices);
    return;
  }
  Entry *old = devices->entries->pdata[index];
  const bool differs = old->public.is_default != entry->public.is_default ||
                       g_strcmp0 (old->public.name, entry->public.name) != 0;
  entry->visible = old->visible;
  devices->entries->pdata[index] = entry;
  free_entry (old);
  if (differs && entry->visible) {
    TELL (devices, &entry->public, changed);
  }
}

static void
take_away (AppDevices *devices, GstDevice *device) {
  for (guint i = 0; i < devices->entries->len; i++) {
    Entry *entry = devices->entries->pdata[i];
    if (entry->device != device) {
      continue;
    }
    g_ptr_array_steal_index (devices->entries, i);
    refresh (devices);
    if (entry->visible) {
      TELL (devices, &entry->public, removed);
    }
    free_entry (entry);
    return;
  }
}

static gboolean
on_message (GstBus *bus, GstMessage *message, void *data) {
  (void)bus;
  AppDevices *devices = data;
  g_autoptr (GstDevice) device = NULL;
  switch (GST_MESSAGE_TYPE (message)) {
  case GST_MESSAGE_DEVICE_ADDED:
    gst_message_parse_device_added (message, &device);
    add (devices, device);
    break;
  case GST_MESSAGE_DEVICE_CHANGED:
    gst_message_parse_device_changed (message, &device, NULL);
    add (devices, device);
    break;
  case GST_MESSAGE_DEVICE_REMOVED:
    gst_message_parse_device_removed (message, &device);
    take_away (devices, device);
    break;
  default:
    break;
  }
  return G_SOURCE_CONTINUE;
}

AppDevices *
app_devices_new (GMainContext *context) {
  AppDevices *devices = g_new0 (AppDevices, 1);
  devices->context =
      context != NULL ? g_main_context_ref (context) : g_main_context_ref_thread_default ();
  devices->entries = g_ptr_array_new_with_free_func (free_entry);
  devices->listeners = g_array_new (FALSE, FALSE, sizeof (Listening));
  devices->monitor = gst_device_monitor_new ();
  gst_device_monitor_add_filter (devices->monitor, "Video/Source", NULL);
  gst_device_monitor_add_filter (devices->monitor, "Audio/Source", NULL);
  gst_device_monitor_add_filter (devices->monitor, "Audio/Sink", NULL);
  g_autoptr (GstBus) bus = gst_device_monitor_get_bus (devices->monitor);
  devices->watch = gst_bus_create_watch (bus);
  g_source_set_callback (devices->watch, G_SOURCE_FUNC (on_message), devices, NULL);
  g_source_attach (devices->watch, devices->context);
  if (gst_device_monitor_start (devices->monitor)) {
    GList *there = gst_device_monitor_get_devices (devices->monitor);
    for (GList *link = there; link != NULL; link = link->next) {
      add (devices, link->data);
    }
    g_list_free_full (there, gst_object_unref);
  }
  return devices;
}

void
app_devices_free (AppDevices *devices) {
  if (devices == NULL) {
    return;
  }
  g_source_destroy (devices->watch);
  g_source_unref (devices->watch);
  /* The monitor is silenced, but runs on until the process ends: stopping PipeWire's device
   * provider (0.3.65) now and then corrupts the heap, and its connection is the one that cameras
   * share. */
  g_autoptr (GstBus) bus = gst_device_monitor_get_bus (devices->monitor);
  gst_bus_set_flushing (bus, TRUE);
  g_ptr_array_unref (devices->entries);
  g_array_unref (devices->listeners);
  g_main_context_unref (devices->context);
  g_free (devices);
}

guint
app_devices_listen (AppDevices *devices, const AppDevicesListener *listener) {
  const Listening listening = {.id = ++devices->last_listener, .listener = *listener};
  g_array_append_val (devices->listeners, listening);
  for (guint i = 0; i < devices->entries->len && listener->added != NULL; i++) {
    const Entry *entry = devices->entries->pdata[i];
    if (entry->visible) {
      listener->added (listener->data, &entry->public);
    }
  }
  return listening.id;
}

void
app_devices_unlisten (AppDevices *devices, guint listener) {
  for (guint i = 0; i < devices->listeners->len; i++) {
    if (g_array_index (devices->listeners, Listening, i).id == listener) {
      g_array_remove_index (devices->listeners, i);
      return;
    }
  }
}

static const Entry *
nth (AppDevices *devices, AppDeviceKind kind, guint index) {
  for (guint i = 0; i < devices->entries->len; i++) {
    const Entry *entry = devices->entries->pdata[i];
    if (entry->visible && entry->public.kind == kind && index-- == 0) {
      return entry;
    }
  }
  return NULL;
}

guint
app_devices_count (AppDevices *devices, AppDeviceKind kind) {
  guint count = 0;
  while (nth (devices, kind, count) != NULL) {
    count++;
  }
  return count;
}

static const Entry *
find (AppDevices *devices, AppDeviceKind kind, const char *id) {
  const bool any = g_strcmp0 (id, APP_DEVICE_DEFAULT) == 0;
  const Entry *found = any ? nth (devices, kind, 0) : NULL;
  for (guint i = 0; i < devices->entries->len; i++) {
    const Entry *entry = devices->entries->pdata[i];
    if (entry->visible && entry->public.kind == kind &&
        (any ? entry->public.is_default : g_strcmp0 (entry->public.id, id) == 0)) {
      return entry;
    }
  }
  return found;
}

bool
app_devices_find (AppDevices *devices, AppDeviceKind kind, const char *id, AppDevice *device) {
  const Entry *entry = find (devices, kind, id);
  if (entry != NULL) {
    *device = entry->public;
  }
  return entry != NULL;
}

GstDevice *
app_devices_ref_device (AppDevices *devices, AppDeviceKind kind, const char *id) {
  const Entry *entry = find (devices, kind, id);
  return entry != NULL ? gst_object_ref (entry->device) : NULL;
}
